/* SPDX-License-Identifier: MIT */
/*
 * tcp_ofo.c -- what came too early, and telling the peer about it
 *
 * IDEA.  A tree of packets by sequence number, beyond rcv_nxt.  No packet lies
 * wholly within another; they may overlap at their edges, and the reader skips
 * what it has.  selective_acks[] holds the four ranges that changed last, the
 * newest first (RFC 2018 4); a range that was received twice is reported once,
 * in front of them (RFC 2883).
 *
 * BOUND.  Its packets are charged to sk_rcvbuf like all others.  When there is
 * no room the highest go first (tcp_ofo_prune): the gap's bytes matter more.
 * A peer that sends a packet for each byte pays for descriptors, too.
 */

#include "tcp_impl.h"

static struct sk_buff *rb_to_skb(struct rb_node *n)
{
	return n ? rb_entry(n, struct sk_buff, rbnode) : NULL;
}

/* ---- ranges ---- */

/* Ranges that touch become one. */
static bool extend(struct tcp_sack_block *b, u32 seq, u32 end_seq)
{
	if (after(seq, b->end_seq) || after(b->start_seq, end_seq))
		return false;
	if (before(seq, b->start_seq))
		b->start_seq = seq;
	if (after(end_seq, b->end_seq))
		b->end_seq = end_seq;
	return true;
}

void tcp_dsack_set(struct sock *sk, u32 seq, u32 end_seq)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tcp_is_sack(tp) || !READ_ONCE(tcp_net(sk)->dsack))
		return;
	if (tp->rx_opt.dsack && extend(&tp->duplicate_sack, seq, end_seq))
		return;
	tp->rx_opt.dsack = true;
	tp->duplicate_sack = (struct tcp_sack_block){ seq, end_seq };
}

static void remove_block(struct tcp_sock *tp, int i)
{
	int n = --tp->rx_opt.num_sacks;

	memmove(&tp->selective_acks[i], &tp->selective_acks[i + 1],
		(n - i) * sizeof(struct tcp_sack_block));
}

/* [seq, end_seq) is there now. */
void tcp_sack_new(struct sock *sk, u32 seq, u32 end_seq)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_sack_block new = { seq, end_seq };

	if (!tcp_is_sack(tp))
		return;
	for (int i = 0; i < tp->rx_opt.num_sacks; ) {
		struct tcp_sack_block *b = &tp->selective_acks[i];

		if (extend(&new, b->start_seq, b->end_seq))
			remove_block(tp, i);
		else
			i++;
	}
	if (tp->rx_opt.num_sacks == TCP_NUM_SACKS)
		tp->rx_opt.num_sacks--;
	memmove(&tp->selective_acks[1], &tp->selective_acks[0],
		tp->rx_opt.num_sacks * sizeof(struct tcp_sack_block));
	tp->selective_acks[0] = new;
	tp->rx_opt.num_sacks++;
}

/* rcv_nxt has moved: what it passed is no news. */
void tcp_sack_remove(struct tcp_sock *tp)
{
	if (RB_EMPTY_ROOT(&tp->out_of_order_queue)) {
		tp->rx_opt.num_sacks = 0;
		return;
	}
	for (int i = 0; i < tp->rx_opt.num_sacks; ) {
		if (!before(tp->rcv_nxt, tp->selective_acks[i].start_seq))
			remove_block(tp, i);
		else
			i++;
	}
}

/* ---- the tree ---- */

static void erase(struct tcp_sock *tp, struct sk_buff *skb)
{
	if (skb == tp->ooo_last_skb)
		tp->ooo_last_skb = rb_to_skb(rb_prev(&skb->rbnode));
	rb_erase(&skb->rbnode, &tp->out_of_order_queue);
	skb->next = skb->prev = NULL;
	skb->dev = NULL;
}

void tcp_ofo_purge(struct tcp_sock *tp)
{
	struct rb_node *n;

	while ((n = rb_last(&tp->out_of_order_queue))) {
		struct sk_buff *skb = rb_to_skb(n);

		erase(tp, skb);
		__kfree_skb(skb);
	}
	tp->ooo_last_skb = NULL;
}

/* Where skb belongs: the link to it, and its parent.  False: all of it is
 * there already. */
static bool find_place(struct tcp_sock *tp, const struct sk_buff *skb,
		       struct rb_node ***link, struct rb_node **parent)
{
	u32 seq = TCP_SKB_CB(skb)->seq, end = TCP_SKB_CB(skb)->end_seq;
	struct rb_node **p = &tp->out_of_order_queue.rb_node;

	*parent = NULL;
	if (tp->ooo_last_skb &&       /* usually it is the highest */
	    !before(seq, TCP_SKB_CB(tp->ooo_last_skb)->end_seq)) {
		*parent = &tp->ooo_last_skb->rbnode;
		*link = &(*parent)->rb_right;
		return true;
	}
	while (*p) {
		struct tcp_skb_cb *cb = TCP_SKB_CB(rb_to_skb(*p));

		if (!before(seq, cb->seq) && !after(end, cb->end_seq))
			return false;
		*parent = *p;
		p = before(seq, cb->seq) ||
		    (seq == cb->seq && before(end, cb->end_seq)) ?
		    &(*p)->rb_left : &(*p)->rb_right;
	}
	*link = p;
	return true;
}

/* What skb covers wholly goes; what it overlaps was sent twice. */
static void clear_behind(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *other;

	while ((other = rb_to_skb(rb_next(&skb->rbnode)))) {
		struct tcp_skb_cb *cb = TCP_SKB_CB(other);

		if (!after(TCP_SKB_CB(skb)->end_seq, cb->seq))
			return;
		if (before(TCP_SKB_CB(skb)->end_seq, cb->end_seq)) {
			tcp_dsack_set(sk, cb->seq, TCP_SKB_CB(skb)->end_seq);
			return;
		}
		tcp_dsack_set(sk, cb->seq, cb->end_seq);
		erase(tp, other);
		__kfree_skb(other);
	}
}

/* Its beginning may be the end of the one before it. */
static void report_overlap_before(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *prev = rb_to_skb(rb_prev(&skb->rbnode));

	if (prev && before(TCP_SKB_CB(skb)->seq, TCP_SKB_CB(prev)->end_seq))
		tcp_dsack_set(sk, TCP_SKB_CB(skb)->seq,
			      TCP_SKB_CB(prev)->end_seq);
}

/* skb lies beyond rcv_nxt, within the window; consumed. */
void tcp_ofo_insert(struct sock *sk, struct sk_buff *skb)
{
	u32 seq = TCP_SKB_CB(skb)->seq, end = TCP_SKB_CB(skb)->end_seq;
	struct tcp_sock *tp = tcp_sk(sk);
	struct rb_node **link, *parent;

	inet_csk_schedule_ack(sk);
	inet_csk(sk)->icsk_ack.pingpong = 0;
	/* Bytes behind a FIN do not exist. */
	if (!tcp_try_rmem_schedule(sk, skb) || sock_flag(sk, SOCK_DONE)) {
		kfree_skb(skb);
		return;
	}
	tp->rcv_ooopack += max_t(u16, 1, skb_shinfo(skb)->gso_segs);
	if (!find_place(tp, skb, &link, &parent)) {
		tcp_dsack_set(sk, seq, end);
		kfree_skb(skb);
		return;
	}
	rb_link_node(&skb->rbnode, parent, link);
	rb_insert_color(&skb->rbnode, &tp->out_of_order_queue);
	if (!tp->ooo_last_skb || !rb_next(&skb->rbnode))
		tp->ooo_last_skb = skb;
	report_overlap_before(sk, skb);
	clear_behind(sk, skb);
	if (!rb_next(&skb->rbnode))
		tp->ooo_last_skb = skb;
	tcp_set_owner_r(skb, sk);
	tcp_sack_new(sk, seq, end);
}

/* rcv_nxt has moved: what follows now goes to the reader. */
void tcp_ofo_drain(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 twice = tp->rcv_nxt;      /* up to here we had it already */
	struct rb_node *n;

	while ((n = rb_first(&tp->out_of_order_queue))) {
		struct sk_buff *skb = rb_to_skb(n);
		bool fin = TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN;

		if (after(TCP_SKB_CB(skb)->seq, tp->rcv_nxt))
			break;
		if (before(TCP_SKB_CB(skb)->seq, twice)) {
			u32 from = twice;

			if (before(TCP_SKB_CB(skb)->end_seq, twice))
				from = TCP_SKB_CB(skb)->end_seq;
			tcp_dsack_set(sk, TCP_SKB_CB(skb)->seq, from);
		}
		erase(tp, skb);
		if (!after(TCP_SKB_CB(skb)->end_seq, tp->rcv_nxt)) {
			__kfree_skb(skb);
			continue;
		}
		tcp_queue_rcv(sk, skb);
		if (fin) {
			tcp_fin(sk);  /* empties the tree */
			break;
		}
	}
}

/* Make room: the highest go.  False: there was nothing to give. */
bool tcp_ofo_prune(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int goal = READ_ONCE(sk->sk_rcvbuf) >> 3;
	struct rb_node *n = rb_last(&tp->out_of_order_queue);

	if (!n)
		return false;
	while (n && goal > 0) {
		struct sk_buff *skb = rb_to_skb(n);

		goal -= skb->truesize;
		n = rb_prev(n);
		erase(tp, skb);
		__kfree_skb(skb);
	}
	/* What we have promised by SACK is gone: promise nothing now, the
	 * peer copes (RFC 2018 8). */
	tp->rx_opt.num_sacks = 0;
	return true;
}
