/* SPDX-License-Identifier: MIT */
/*
 * tcp_window.c -- what we let the peer send: windows and buffer autotuning
 *
 * PROMISE.  We never offer what we could not keep, never take an offer back
 * (RFC 9293 3.8.6.2.2), and never offer a silly little (SWS avoidance): a full
 * segment, or nothing.
 *
 * IDEA.  A buffer of so many bytes holds about half as many of data: the rest
 * is descriptors and partly filled pages.  rcv_ssthresh is what is safe to
 * offer; it grows with each packet that uses its memory well.  When the reader
 * drains the buffer within a round trip, the buffer is what holds the sender
 * back, and is enlarged (up to tcp_rmem[2]) to twice what was read.
 *
 *	rcv_wup          rcv_nxt                   rcv_wup + rcv_wnd
 *	   |  come since    |  receive window now        |
 *
 * SEE RFC 7323 2 (scaling).
 */

#include "tcp_impl.h"

/* At most this much of it is offered before anything came. */
#define INIT_RCV_SEGMENTS 10

void tcp_select_initial_window(const struct sock *sk, int space, u32 mss,
			       u32 *rcv_wnd, u32 *window_clamp, bool scaling,
			       u8 *scale)
{
	u32 clamp = *window_clamp ? *window_clamp : 65535u << TCP_MAX_WSCALE;
	u32 largest;

	space = space < 0 ? 0 : space;
	space = min_t(u32, clamp, space);
	if (space > (int)mss)
		space -= space % (int)mss;
	*rcv_wnd = min(space, 65535);
	*scale = 0;
	if (scaling) {
		largest = max_t(u32, space, READ_ONCE(tcp_net(sk)->rmem[2]));
		largest = min(max(largest, READ_ONCE(sysctl_rmem_max)), clamp);
		while (largest > 65535 && *scale < TCP_MAX_WSCALE) {
			largest >>= 1;
			(*scale)++;
		}
	}
	*window_clamp = min(clamp, 65535u << *scale);
}

/* Bytes beyond rcv_nxt that we could take now. */
u32 tcp_new_window(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	int mss = icsk->icsk_ack.rcv_mss, window;
	int allowed = tcp_full_space(sk), full = min_t(int, tp->window_clamp,
						       allowed);
	int free = max(tcp_space(sk), 0);

	if (mss > full)
		mss = full;
	if (mss <= 0)
		return 0;
	if (free < full >> 1) {
		icsk->icsk_ack.quick = 0;
		if (tcp_under_memory_pressure())
			tp->rcv_ssthresh = min(tp->rcv_ssthresh,
					       4u * tp->advmss);
		/* Nearly nothing: say nothing, and wait for a segment's room */
		if (free < allowed >> 4 || free < mss)
			return 0;
	}
	free = min_t(int, free, tp->rcv_ssthresh);
	if (tp->rx_opt.rcv_wscale) {
		int unit = 1 << tp->rx_opt.rcv_wscale;

		return (free + unit - 1) & ~(unit - 1);
	}
	window = tp->rcv_wnd;
	if (window <= free - mss || window > free)
		window = free - free % mss;
	else if (mss == full && free > window + (full >> 1))
		window = free;
	return window;
}

/* For a header: notes what is offered. */
u16 tcp_select_window(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 now = tcp_receive_window(tp), new = tcp_new_window(sk);

	if (new < now) {
		u32 unit = 1u << tp->rx_opt.rcv_wscale;

		new = (now + unit - 1) & ~(unit - 1); /* no taking back */
	}
	tp->rcv_wnd = new;
	tp->rcv_wup = tp->rcv_nxt;
	if (!tp->rx_opt.rcv_wscale)
		return min(new, 32767u > tp->window_clamp ? 32767u : 65535u);
	return min(new >> tp->rx_opt.rcv_wscale, 65535u);
}

/* ---- autotuning ---- */

/* A packet in order came: does what it costs let us offer more? */
void tcp_grow_window(struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int room = min_t(int, tp->window_clamp, tcp_space(sk)) -
		   (int)tp->rcv_ssthresh;
	u32 incr;

	if (room <= 0 || tcp_under_memory_pressure())
		return;
	if (tcp_win_from_space(sk, skb->truesize) <= (int)skb->len)
		incr = 2 * tp->advmss;
	else if (skb->len > skb->truesize / 4)
		incr = max(2u * inet_csk(sk)->icsk_ack.rcv_mss, skb->len);
	else
		return;
	tp->rcv_ssthresh += min_t(u32, room, max(incr, 2 * skb->len));
	inet_csk(sk)->icsk_ack.quick |= 1;
}

/* The connection is there: what we begin with. */
void tcp_init_buffer_space(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int full = tcp_full_space(sk);

	tcp_sndbuf_expand(sk);
	tcp_mstamp_refresh(tp);
	tp->rcvq_space.time = tp->tcp_mstamp;
	tp->rcvq_space.seq = tp->copied_seq;
	tp->rcvq_space.space = min3(tp->rcv_ssthresh, tp->rcv_wnd,
				    (u32)INIT_RCV_SEGMENTS * tp->advmss);
	if (tp->window_clamp >= (u32)full)
		tp->window_clamp = full;
	tp->rcv_ssthresh = min(tp->rcv_ssthresh, tp->window_clamp);
}

/* The peer fills more than we can keep: a bigger buffer if there may be one,
 * and a smaller window. */
void tcp_clamp_window(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int max = READ_ONCE(tcp_net(sk)->rmem[2]);

	inet_csk(sk)->icsk_ack.quick = 0;
	if (sk->sk_rcvbuf < max && !(sk->sk_userlocks & SOCK_RCVBUF_LOCK) &&
	    !tcp_under_memory_pressure())
		WRITE_ONCE(sk->sk_rcvbuf, min(sk_rmem_alloc_get(sk), max));
	if (sk_rmem_alloc_get(sk) > sk->sk_rcvbuf)
		tp->rcv_ssthresh = min(tp->window_clamp, 2u * tp->advmss);
}

/* A receiver without time stamps: a window is filled in a round trip. */
void tcp_rcv_rtt_measure(struct tcp_sock *tp)
{
	u32 rtt;

	if (tp->rcv_rtt_est.time) {
		if (before(tp->rcv_nxt, tp->rcv_rtt_est.seq))
			return;
		rtt = max_t(u32, tp->tcp_mstamp - tp->rcv_rtt_est.time, 1);
		if (!tp->rcv_rtt_est.rtt_us ||
		    rtt * 8 < tp->rcv_rtt_est.rtt_us)
			tp->rcv_rtt_est.rtt_us = rtt * 8;
	}
	tp->rcv_rtt_est.seq = tp->rcv_nxt + tp->rcv_wnd;
	tp->rcv_rtt_est.time = tp->tcp_mstamp;
}

static void enlarge_rcvbuf(struct sock *sk, u32 copied)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u64 want = 2 * (u64)copied + 16 * tp->advmss, bytes;

	/* It grew by so much in this round trip: expect the same growth. */
	want += want * (copied - tp->rcvq_space.space) /
		max(tp->rcvq_space.space, 1u);
	bytes = min_t(u64, want * 2, READ_ONCE(tcp_net(sk)->rmem[2]));
	if ((s64)bytes > sk->sk_rcvbuf) {
		WRITE_ONCE(sk->sk_rcvbuf, (int)bytes);
		tp->window_clamp = tcp_win_from_space(sk, bytes);
	}
}

/* The user has read: once a round trip, see how much. */
void tcp_rcv_space_adjust(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 copied, elapsed;

	tcp_mstamp_refresh(tp);
	elapsed = tp->tcp_mstamp - tp->rcvq_space.time;
	if (elapsed < tp->rcv_rtt_est.rtt_us >> 3 || !tp->rcv_rtt_est.rtt_us)
		return;
	copied = tp->copied_seq - tp->rcvq_space.seq;
	if (copied > tp->rcvq_space.space) {
		if (READ_ONCE(tcp_net(sk)->moderate_rcvbuf) &&
		    !(sk->sk_userlocks & SOCK_RCVBUF_LOCK))
			enlarge_rcvbuf(sk, copied);
		tp->rcvq_space.space = copied;
	}
	tp->rcvq_space.seq = tp->copied_seq;
	tp->rcvq_space.time = tp->tcp_mstamp;
}

/* The user has read copied bytes (0: is about to wait): must the peer know? */
void tcp_cleanup_rbuf(struct sock *sk, int copied)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	bool now = false;

	if (inet_csk_ack_scheduled(sk))
		now = tp->rcv_nxt - tp->rcv_wup > icsk->icsk_ack.rcv_mss ||
		      (copied > 0 && !sk_rmem_alloc_get(sk) &&
		       ((icsk->icsk_ack.pending & ICSK_ACK_PUSHED2) ||
			((icsk->icsk_ack.pending & ICSK_ACK_PUSHED) &&
			 !icsk->icsk_ack.pingpong)));
	if (copied > 0 && !now && !(sk->sk_shutdown & RCV_SHUTDOWN)) {
		u32 window = tcp_receive_window(tp);

		/* The window has at least doubled: tell. */
		if (2 * window <= tp->window_clamp) {
			u32 new = tcp_new_window(sk);

			now = new && new >= 2 * window;
		}
	}
	if (now) {
		tcp_mstamp_refresh(tp);
		tcp_send_ack(sk);
	}
}
