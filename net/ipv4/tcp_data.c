/* SPDX-License-Identifier: MIT */
/*
 * tcp_data.c -- bytes that came: into order, to the user; FIN; urgent; and when
 * to acknowledge
 *
 * IDEA.  What begins at rcv_nxt is appended to the receive queue, and what then
 * fits from the out-of-order tree follows it.  What lies beyond goes into the
 * tree (tcp_ofo.c); what lies before is a duplicate.  Each costs memory: no
 * room, no acceptance, and no ACK, so that it comes again.
 *
 * WHEN TO ACK (RFC 9293 3.8.6.3): every second full segment, or what is out of
 * order, at once; otherwise after `ato`, which follows the peer's pace, in the
 * hope that our data will carry it.
 */

#include "tcp_impl.h"

#include <fs/poll.h>
#include <kernel/signal.h>
#include <net/dst.h>
#include <net/inet_ecn.h>

/* ---- memory ---- */

bool tcp_try_rmem_schedule(struct sock *sk, struct sk_buff *skb)
{
	for (int tries = 0; tries < 2; tries++) {
		if (sk_rmem_alloc_get(sk) <= READ_ONCE(sk->sk_rcvbuf) &&
		    tcp_rmem_schedule(sk, skb->truesize))
			return true;
		tcp_clamp_window(sk);
		if (sk_rmem_alloc_get(sk) > READ_ONCE(sk->sk_rcvbuf) &&
		    !tcp_ofo_prune(sk))
			return false;
	}
	return sk_rmem_alloc_get(sk) <= READ_ONCE(sk->sk_rcvbuf) &&
	       tcp_rmem_schedule(sk, skb->truesize);
}

/* ---- when to acknowledge ---- */

static void measure_rcv_mss(struct sock *sk, const struct sk_buff *skb)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	u32 len = skb_shinfo(skb)->gso_size ? skb_shinfo(skb)->gso_size :
		  skb->len;

	icsk->icsk_ack.last_seg_size = min(len, 65535u);
	if (len >= icsk->icsk_ack.rcv_mss) {
		icsk->icsk_ack.rcv_mss = min_t(u32, len, tcp_sk(sk)->advmss);
		if (skb->len >= len && (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_PSH))
			icsk->icsk_ack.pending |= ICSK_ACK_PUSHED;
	} else {
		if (icsk->icsk_ack.pending & ICSK_ACK_PUSHED)
			icsk->icsk_ack.pending |= ICSK_ACK_PUSHED2;
		icsk->icsk_ack.pending |= ICSK_ACK_PUSHED;
	}
}

/* The next few ACKs go at once, unless the user is known to answer. */
static void more_quickacks(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	u32 n = tcp_sk(sk)->rcv_wnd / (2 * max_t(u32, icsk->icsk_ack.rcv_mss,
						 1));

	icsk->icsk_ack.quick = max_t(u32, icsk->icsk_ack.quick,
				     clamp_t(u32, n, 2, TCP_MAX_QUICKACKS));
}

/* RFC 3168 6.1.3: a router marked it; say so until the peer has heard. */
static void check_ce(struct sock *sk, const struct sk_buff *skb)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u8 ecn = TCP_SKB_CB(skb)->ip_dsfield & INET_ECN_MASK;
	bool ack_soon = false;

	if (ecn == INET_ECN_NOT_ECT) {
		ack_soon = tp->ecn_seen; /* sent again: a loss over there */
	} else {
		tp->ecn_seen = true;
		if (ecn == INET_ECN_CE && !tp->ecn_demand_cwr)
			ack_soon = tp->ecn_demand_cwr = true;
	}
	if (!ack_soon)
		return;
	icsk->icsk_ack.quick = max_t(u32, icsk->icsk_ack.quick, 2);
	icsk->icsk_ack.pingpong = 0;
	icsk->icsk_ack.ato = TCP_ATO_MIN;
}

/* The peer has slowed down. */
static void accept_cwr(struct sock *sk, struct sk_buff *skb)
{
	tcp_sk(sk)->ecn_demand_cwr = false;
	if (TCP_SKB_CB(skb)->seq != TCP_SKB_CB(skb)->end_seq)
		inet_csk(sk)->icsk_ack.pending |= ICSK_ACK_NOW;
}

/* New data came: adapt to the peer's pace. */
void tcp_event_data_recv(struct sock *sk, struct sk_buff *skb)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 now = jiffies, gap = now - icsk->icsk_ack.lrcvtime;

	inet_csk_schedule_ack(sk);
	measure_rcv_mss(sk, skb);
	tcp_rcv_rtt_measure(tp);
	if (!icsk->icsk_ack.ato) {
		more_quickacks(sk);   /* the first: help slow start */
		icsk->icsk_ack.ato = TCP_ATO_MIN;
	} else if (gap <= TCP_ATO_MIN / 2) {
		icsk->icsk_ack.ato = (icsk->icsk_ack.ato >> 1) +
				     TCP_ATO_MIN / 2;
	} else if (gap < icsk->icsk_ack.ato) {
		icsk->icsk_ack.ato = min((icsk->icsk_ack.ato >> 1) + gap,
					 icsk->icsk_rto);
	} else if (gap > icsk->icsk_rto) {
		more_quickacks(sk);   /* after a pause */
	}
	icsk->icsk_ack.lrcvtime = now;
	if (tp->ecn_ok)
		check_ce(sk, skb);
	if (skb->len >= 128)
		tcp_grow_window(sk, skb);
}

static void send_delayed_ack(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	u32 ato = icsk->icsk_ack.ato, max_ato = HZ / 2;
	unsigned long timeout;

	if (ato > TCP_DELACK_MIN) {
		if (icsk->icsk_ack.pingpong ||
		    (icsk->icsk_ack.pending & ICSK_ACK_PUSHED))
			max_ato = TCP_DELACK_MAX;
		if (tcp_sk(sk)->srtt_us)
			max_ato = min(max_ato, max((u32)usecs_to_jiffies(
				tcp_sk(sk)->srtt_us >> 3), TCP_DELACK_MIN));
		ato = min(ato, max_ato);
	}
	timeout = jiffies + min(ato, TCP_DELACK_MAX);
	if (icsk->icsk_ack.pending & ICSK_ACK_TIMER) {
		/* It runs already; nearly due: now then. */
		if (time_before_eq(icsk->icsk_ack.timeout,
				   jiffies + (ato >> 2))) {
			tcp_send_ack(sk);
			return;
		}
		if (!time_before(timeout, icsk->icsk_ack.timeout))
			timeout = icsk->icsk_ack.timeout;
	}
	icsk->icsk_ack.pending |= ICSK_ACK_SCHED | ICSK_ACK_TIMER;
	icsk->icsk_ack.timeout = timeout;
	sk_reset_timer(sk, &icsk->icsk_delack_timer, timeout);
}

void tcp_ack_snd_check(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	if (!inet_csk_ack_scheduled(sk))
		return;
	if ((tp->rcv_nxt - tp->rcv_wup > icsk->icsk_ack.rcv_mss &&
	     (tp->rcv_nxt - tp->copied_seq < (u32)sk->sk_rcvlowat ||
	      tcp_new_window(sk) >= tp->rcv_wnd)) ||
	    (icsk->icsk_ack.quick && !icsk->icsk_ack.pingpong) ||
	    (icsk->icsk_ack.pending & ICSK_ACK_NOW) ||
	    !RB_EMPTY_ROOT(&tp->out_of_order_queue))
		tcp_send_ack(sk);
	else
		send_delayed_ack(sk);
}

/* An ACK may have made room to send. */
void tcp_data_snd_check(struct sock *sk)
{
	if (tcp_send_head(sk))
		tcp_push_pending_frames(sk, tcp_current_mss(sk),
					tcp_sk(sk)->nonagle);
	tcp_check_space(sk);
}

/* ---- FIN ---- */

void tcp_fin(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	inet_csk_schedule_ack(sk);
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
	sock_set_flag(sk, SOCK_DONE);
	switch (sk->sk_state) {
	case TCP_SYN_RECV:
	case TCP_ESTABLISHED:
		tcp_set_state(sk, TCP_CLOSE_WAIT);
		inet_csk(sk)->icsk_ack.pingpong = 1;
		break;
	case TCP_FIN_WAIT1:
		tcp_send_ack(sk);
		tcp_set_state(sk, TCP_CLOSING);
		break;
	case TCP_FIN_WAIT2:
		tcp_send_ack(sk);
		tcp_ofo_purge(tp);
		tcp_time_wait(sk, TCP_TIME_WAIT, 0);
		return;
	default:
		break;                /* a FIN again, in a later state */
	}
	tcp_ofo_purge(tp);
	tp->rx_opt.num_sacks = 0;
	if (sock_flag(sk, SOCK_DEAD))
		return;
	sk->sk_state_change(sk);
	if (sk->sk_shutdown == SHUTDOWN_MASK || sk->sk_state == TCP_CLOSE)
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_HUP);
	else
		sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
}

/* ---- the receive queue ---- */

/* Append; false: its bytes were added to the last one's, and skb is freed. */
bool tcp_queue_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);
	struct tcp_sock *tp = tcp_sk(sk);
	bool stolen;
	int delta;

	WRITE_ONCE(tp->rcv_nxt, TCP_SKB_CB(skb)->end_seq);
	tp->bytes_received += skb->len;
	if (tail && skb->len &&
	    TCP_SKB_CB(tail)->end_seq == TCP_SKB_CB(skb)->seq &&
	    !(TCP_SKB_CB(tail)->tcp_flags & (TCPHDR_FIN | TCPHDR_URG)) &&
	    skb_try_coalesce(tail, skb, &stolen, &delta)) {
		if (delta) {
			tcp_rmem_schedule(sk, delta);
			atomic_add(delta, &sk->sk_rmem_alloc);
			sk->sk_forward_alloc -= delta;
		}
		TCP_SKB_CB(tail)->end_seq = TCP_SKB_CB(skb)->end_seq;
		TCP_SKB_CB(tail)->tcp_flags |= TCP_SKB_CB(skb)->tcp_flags;
		kfree_skb(skb);
		return false;
	}
	__skb_queue_tail(&sk->sk_receive_queue, skb);
	if (!skb->sk)
		tcp_set_owner_r(skb, sk);
	return true;
}

static void data_ready(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 avail = tp->rcv_nxt - tp->copied_seq;

	if (sock_flag(sk, SOCK_DEAD))
		return;
	if (avail >= (u32)sk->sk_rcvlowat || sock_flag(sk, SOCK_DONE) ||
	    sk_rmem_alloc_get(sk) > READ_ONCE(sk->sk_rcvbuf) ||
	    tcp_receive_window(tp) <= inet_csk(sk)->icsk_ack.rcv_mss)
		sk->sk_data_ready(sk);
}

/* The next in order. */
static void queue_in_order(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool fin = TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN;
	bool first = skb_queue_empty(&sk->sk_receive_queue);

	if (!tcp_try_rmem_schedule(sk, skb) && !first) {
		inet_csk(sk)->icsk_ack.pending |= ICSK_ACK_NOW | ICSK_ACK_SCHED;
		sk->sk_data_ready(sk);
		kfree_skb(skb);
		return;
	}
	tp->data_segs_in += max_t(u16, skb_shinfo(skb)->gso_segs, 1);
	if (skb->len)
		tcp_event_data_recv(sk, skb);
	tcp_queue_rcv(sk, skb);
	if (fin)
		tcp_fin(sk);
	if (sk->sk_state == TCP_CLOSE)
		return;
	if (!RB_EMPTY_ROOT(&tp->out_of_order_queue)) {
		tcp_ofo_drain(sk);
		/* RFC 5681 4.2: at once when all or part of a gap is filled */
		if (RB_EMPTY_ROOT(&tp->out_of_order_queue))
			inet_csk(sk)->icsk_ack.pending |= ICSK_ACK_NOW;
	}
	if (tp->rx_opt.num_sacks)
		tcp_sack_remove(tp);
	if (sk->sk_state != TCP_CLOSE)
		data_ready(sk);
}

/* Nothing new in it, or beyond the window: acknowledge at once. */
static void reject(struct sock *sk, struct sk_buff *skb, bool duplicate)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (duplicate && tcp_is_sack(tp) && READ_ONCE(tcp_net(sk)->dsack))
		tcp_dsack_set(sk, TCP_SKB_CB(skb)->seq,
			      TCP_SKB_CB(skb)->end_seq);
	inet_csk(sk)->icsk_ack.quick = TCP_MAX_QUICKACKS;
	inet_csk(sk)->icsk_ack.pingpong = 0;
	inet_csk_schedule_ack(sk);
	kfree_skb(skb);
}

/* Consumes skb, which begins with the TCP header. */
void tcp_data_queue(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	struct tcp_sock *tp = tcp_sk(sk);

	if (cb->seq == cb->end_seq) {
		kfree_skb(skb);
		return;
	}
	__skb_pull(skb, tcp_hdrlen(skb));
	tp->rx_opt.dsack = false;
	if (cb->tcp_flags & TCPHDR_CWR)
		accept_cwr(sk, skb);
	if (cb->seq == tp->rcv_nxt) {
		if (!tcp_receive_window(tp) &&
		    !(cb->tcp_flags & TCPHDR_FIN && !skb->len))
			reject(sk, skb, false);
		else
			queue_in_order(sk, skb);
	} else if (!after(cb->end_seq, tp->rcv_nxt)) {
		reject(sk, skb, true);
	} else if (!before(cb->seq, tp->rcv_nxt + tcp_receive_window(tp))) {
		reject(sk, skb, false);
	} else if (before(cb->seq, tp->rcv_nxt)) {
		/* Its first part we have; the reader skips it. */
		tcp_dsack_set(sk, cb->seq, tp->rcv_nxt);
		if (tcp_receive_window(tp))
			queue_in_order(sk, skb);
		else
			reject(sk, skb, false);
	} else {
		if (tp->ecn_ok)
			check_ce(sk, skb);
		tcp_ofo_insert(sk, skb);
	}
}

/* ---- urgent data: RFC 9293 3.8.5, RFC 6093 ---- */

/* The pointer names the byte itself, as BSD and all since take it. */
static void note_urgent(struct sock *sk, const struct sk_buff *skb,
			const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = be16_to_cpu(th->urg_ptr);

	if (seq)
		seq--;
	seq += TCP_SKB_CB(skb)->seq;
	if (after(tp->copied_seq, seq) || before(seq, tp->rcv_nxt))
		return;               /* read, or passed */
	if (tp->urg_data && !after(seq, tp->urg_seq))
		return;
	sk_send_sigurg(sk);
	/* A new one while the old was not read: the old becomes normal. */
	if (tp->urg_seq == tp->copied_seq && tp->urg_data &&
	    !sock_flag(sk, SOCK_URGINLINE) && tp->copied_seq != tp->rcv_nxt) {
		struct sk_buff *head = skb_peek(&sk->sk_receive_queue);

		WRITE_ONCE(tp->copied_seq, tp->copied_seq + 1);
		if (head && !before(tp->copied_seq, TCP_SKB_CB(head)->end_seq)) {
			__skb_unlink(head, &sk->sk_receive_queue);
			__kfree_skb(head);
		}
	}
	WRITE_ONCE(tp->urg_seq, seq);
	WRITE_ONCE(tp->urg_data, TCP_URG_NOTYET);
}

void tcp_urg(struct sock *sk, struct sk_buff *skb, const struct tcphdr *th)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 off;
	u8 byte;

	if (unlikely(th->urg))
		note_urgent(sk, skb, th);
	if (likely(tp->urg_data != TCP_URG_NOTYET))
		return;
	off = tp->urg_seq - TCP_SKB_CB(skb)->seq + th->doff * 4 - th->syn;
	if (off >= skb->len || skb_copy_bits(skb, off, &byte, 1))
		return;
	WRITE_ONCE(tp->urg_data, TCP_URG_VALID | byte);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
}
