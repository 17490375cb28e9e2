/* SPDX-License-Identifier: MIT */
/*
 * tcp_sack.c -- what the peer has beyond its ACK: the sender's scoreboard
 *
 * IDEA.  A SACK option lists up to four ranges that the peer holds.  Each
 * packet of rtx_queue that lies in one is marked SACKED and counted; one that
 * is only partly covered is cut at a segment's border first.  A first block
 * that lies below the ACK, or within the second, reports a duplicate (DSACK,
 * RFC 2883): a retransmission was needless.
 *
 * A mark is advice (RFC 2018 8): the peer may take it back, so no packet is
 * freed for it; a timeout forgets all marks if the first packet bears one.
 *
 * A block that is not within what we have sent and what the peer may still
 * report is ignored: forged, or very old.
 */

#include "tcp_impl.h"

static bool is_dsack(struct sock *sk, const struct tcp_sack_block *b, int n,
		     u32 ack)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool dup = before(b[0].start_seq, ack) ||
		   (n > 1 && !after(b[0].end_seq, b[1].end_seq) &&
		    !before(b[0].start_seq, b[1].start_seq));

	if (!dup)
		return false;
	tp->dsack_dups++;
	tp->rack.dsack_seen = true;
	if (tp->undo_marker && tp->undo_retrans > 0 &&
	    !after(b[0].end_seq, tp->high_seq) &&
	    after(b[0].end_seq, tp->undo_marker))
		tp->undo_retrans--;
	return true;
}

static bool block_is_sane(const struct tcp_sock *tp,
			  const struct tcp_sack_block *b, u32 ack)
{
	if (!before(b->start_seq, b->end_seq) ||
	    after(b->end_seq, tp->snd_nxt))
		return false;
	return !before(b->start_seq, ack) && after(b->end_seq, tp->snd_una);
}

/* Sort the (up to four) blocks by their start. */
static void sort_blocks(struct tcp_sack_block *b, int n)
{
	for (int i = 1; i < n; i++) {
		for (int j = i; j > 0 &&
		     before(b[j].start_seq, b[j - 1].start_seq); j--) {
			struct tcp_sack_block t = b[j];

			b[j] = b[j - 1];
			b[j - 1] = t;
		}
	}
}

/*
 * Does the block cover skb?  Where it covers a part, skb is cut so that it
 * covers the first packet wholly or not at all.
 */
static bool match(struct sock *sk, struct sk_buff *skb,
		  const struct tcp_sack_block *b)
{
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	unsigned int mss = tcp_skb_mss(skb), len;
	bool in = !after(b->start_seq, cb->seq) &&
		  !before(b->end_seq, cb->end_seq);

	if (in || tcp_skb_pcount(skb) < 2 || !mss ||
	    !after(cb->end_seq, b->start_seq))
		return in;
	if (after(b->start_seq, cb->seq)) {   /* its first part is missing */
		len = (b->start_seq - cb->seq + mss - 1) / mss * mss;
		if (len < skb->len)
			tcp_fragment(sk, &tcp_sk(sk)->rtx_queue, skb, len, mss,
				     GFP_ATOMIC);
		return false;
	}
	len = (b->end_seq - cb->seq) / mss * mss;
	if (!len || len >= skb->len)
		return false;
	return tcp_fragment(sk, &tcp_sk(sk)->rtx_queue, skb, len, mss,
			    GFP_ATOMIC) == 0;
}

/* The peer has skb. */
static void mark(struct sock *sk, struct sk_buff *skb, struct tcp_ack_state *st)
{
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 n = tcp_skb_pcount(skb);

	if (cb->sacked & TCPCB_SACKED_ACKED)
		return;
	tcp_rate_delivered(sk, skb, st);
	if (!(cb->sacked & TCPCB_SACKED_RETRANS)) {
		/* The first sending arrived, after later ones had. */
		if (tp->sacked_out && before(cb->seq, tp->highest_sack) &&
		    before(cb->seq, st->reord))
			st->reord = cb->seq;
		if (!after(cb->end_seq, tp->high_seq))
			st->orig_sacked = true;
		st->sack_rtt_us = tp->tcp_mstamp - tcp_skb_sent_us(skb);
	}
	if (cb->sacked & TCPCB_LOST)
		tp->lost_out -= n;
	if (cb->sacked & TCPCB_SACKED_RETRANS)
		tp->retrans_out -= n;
	cb->sacked &= ~(TCPCB_LOST | TCPCB_SACKED_RETRANS);
	cb->sacked |= TCPCB_SACKED_ACKED;
	st->data_sacked = true;
	tp->sacked_out += n;
	tp->delivered += n;
	if (tp->sacked_out == n || after(cb->end_seq, tp->highest_sack))
		tp->highest_sack = cb->end_seq;
}

/* Sorted blocks against the queue, both from low to high. */
static void walk(struct sock *sk, const struct tcp_sack_block *b, int n,
		 struct tcp_ack_state *st)
{
	struct sk_buff_head *q = &tcp_sk(sk)->rtx_queue;
	struct sk_buff *skb;
	int i = 0;

	for (skb = skb_peek(q); skb && i < n; skb = skb_peek_next(skb, q)) {
		while (i < n && !after(b[i].end_seq, TCP_SKB_CB(skb)->seq))
			i++;
		if (i < n && match(sk, skb, &b[i]))
			mark(sk, skb, st);
	}
}

void tcp_sacktag(struct sock *sk, struct sk_buff *skb,
		 struct tcp_ack_state *st)
{
	struct tcp_sack_block b[TCP_NUM_SACKS];
	struct tcp_sock *tp = tcp_sk(sk);
	int n = tcp_read_sacks(tcp_hdr(skb), tp->rx_opt.sack_off, b), used = 0;

	st->dsack = is_dsack(sk, b, n, st->ack);
	for (int i = st->dsack ? 1 : 0; i < n; i++) {
		if (block_is_sane(tp, &b[i], st->ack))
			b[used++] = b[i];
	}
	sort_blocks(b, used);
	walk(sk, b, used, st);
}
