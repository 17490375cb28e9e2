/* SPDX-License-Identifier: MIT */
/*
 * tcp_rtt.c -- how long a round trip takes, and how long to wait for it
 *
 * IDEA.  RFC 6298: a smoothed round trip and its mean deviation,
 *
 *	srtt += (m - srtt) / 8      mdev += (|m - srtt| - mdev) / 4
 *	RTO = srtt + 4 * mdev, at least 200 ms
 *
 * kept in microseconds times 8 and 4.  rttvar is the largest mdev within a
 * round trip and decays slowly, so that one quiet moment does not make the
 * timer hasty.  A packet that was sent twice is no sample (Karn), unless the
 * time stamp that comes back says which sending is answered (RFC 7323 4).
 */

#include "tcp_impl.h"

#define MIN_RTT_WINDOW (300 * HZ)

static void estimate(struct tcp_sock *tp, u32 rtt_us)
{
	s32 m = rtt_us;

	if (!tp->srtt_us) {
		tp->srtt_us = rtt_us << 3;
		tp->mdev_us = rtt_us << 1;
		tp->rttvar_us = max(tp->mdev_us, HZ_TO_US(TCP_RTO_MIN));
		tp->mdev_max_us = tp->rttvar_us;
		tp->rtt_seq = tp->snd_nxt;
		return;
	}
	m -= tp->srtt_us >> 3;
	tp->srtt_us = max_t(s32, (s32)tp->srtt_us + m, 1);
	if (m < 0) {
		m = -m - (s32)(tp->mdev_us >> 2);
		if (m > 0)            /* falling fast is no reason to wait */
			m >>= 3;
	} else {
		m -= tp->mdev_us >> 2;
	}
	tp->mdev_us += m;
	if (tp->mdev_us > tp->mdev_max_us) {
		tp->mdev_max_us = tp->mdev_us;
		if (tp->mdev_max_us > tp->rttvar_us)
			tp->rttvar_us = tp->mdev_max_us;
	}
	if (after(tp->snd_una, tp->rtt_seq)) {
		if (tp->mdev_max_us < tp->rttvar_us)
			tp->rttvar_us -= (tp->rttvar_us - tp->mdev_max_us) >> 2;
		tp->rtt_seq = tp->snd_nxt;
		tp->mdev_max_us = HZ_TO_US(TCP_RTO_MIN);
	}
}

void tcp_set_rto(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 rto = usecs_to_jiffies((tp->srtt_us >> 3) + tp->rttvar_us);

	inet_csk(sk)->icsk_rto = clamp(rto, TCP_RTO_MIN, TCP_RTO_MAX);
}

static void note_min(struct tcp_sock *tp, u32 rtt_us)
{
	if (rtt_us <= tp->rtt_min.value ||
	    time_after(jiffies, tp->rtt_min.stamp + MIN_RTT_WINDOW)) {
		tp->rtt_min.value = max(rtt_us, 1u);
		tp->rtt_min.stamp = jiffies;
	}
}

u32 tcp_min_rtt(const struct tcp_sock *tp)
{
	return tp->rtt_min.value;
}

/* How long ago was the segment sent that this ACK answers, by its time
 * stamp? */
static s32 rtt_by_timestamp(const struct tcp_sock *tp)
{
	u32 delta;

	if (!tp->rx_opt.saw_tstamp || !tp->rx_opt.rcv_tsecr)
		return -1;
	delta = tcp_time_stamp(tp) + tp->tsoffset - tp->rx_opt.rcv_tsecr;
	if (delta > INT_MAX / USEC_PER_MSEC)
		return -1;
	return max_t(u32, delta, 1) * USEC_PER_MSEC;
}

void tcp_rtt_sample(struct sock *sk, s32 seq_rtt_us, s32 sack_rtt_us,
		    bool flag_acked, struct tcp_ack_state *st)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (seq_rtt_us < 0)
		seq_rtt_us = sack_rtt_us;
	if (seq_rtt_us < 0 && flag_acked)
		seq_rtt_us = rtt_by_timestamp(tp);
	st->ca_rtt_us = seq_rtt_us;
	if (seq_rtt_us < 0)
		return;
	note_min(tp, seq_rtt_us);
	estimate(tp, seq_rtt_us);
	tcp_set_rto(sk);
	inet_csk(sk)->icsk_backoff = 0;
}

/* A child's first: the SYN-ACK's round trip, if it was sent once. */
void tcp_synack_rtt(struct sock *sk, struct request_sock *req)
{
	struct tcp_ack_state st = { .ca_rtt_us = -1 };
	s32 rtt = -1;

	if (req->snt_synack_us)
		rtt = max_t(s64, tcp_clock_us() - req->snt_synack_us, 1);
	tcp_rtt_sample(sk, rtt, -1, false, &st);
}
