/* SPDX-License-Identifier: MIT */
/*
 * tcp_timer.c -- what happens when nothing happens
 *
 * Three timers a sock: one for what was sent (icsk_pending says what for), one
 * for the ACK that we owe, and sk_timer for the connection as a whole.
 *
 *	RETRANS      nothing acked for an RTO: send the first again, wait twice
 *	             as long (RFC 6298 5); give up after tcp_retries2, about 15
 *	             minutes, or TCP_USER_TIMEOUT
 *	PROBE0       the peer's window is shut: ask, ever more rarely; it lives
 *	             as long as it answers (RFC 9293 3.8.6.1)
 *	LOSS_PROBE, REO_TIMEOUT    see tcp_retransmit.c, tcp_recovery.c
 *	delayed ACK  40 to 200 ms
 *	sk_timer     keepalive probes; the end of an orphan's FIN_WAIT2
 *
 * CONTEXT.  The timer softirq, the sock's lock held (inet_connection_sock.c).
 */

#include "tcp_impl.h"

#include <net/dst.h>

static void write_err(struct sock *sk)
{
	tcp_send_error(sk, sk->sk_err_soft ? sk->sk_err_soft : ETIMEDOUT);
}

/* Would an orphan's retrying cost what others need?  It is ended then. */
static bool out_of_resources(struct sock *sk, bool reset)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int shift = 0;

	if ((s32)((u32)jiffies - tp->lsndtime) > (s32)(2 * TCP_RTO_MAX) ||
	    !reset)
		shift++;
	if (sk->sk_err_soft)
		shift++;
	if (!tcp_check_oom(sk, shift))
		return false;
	if ((s32)((u32)jiffies - tp->lsndtime) <= (s32)TCP_TIMEWAIT_LEN ||
	    (!tp->snd_wnd && !tp->packets_out))
		reset = true;
	if (reset)
		tcp_send_active_reset(sk, GFP_ATOMIC);
	tcp_done(sk);
	return true;
}

static int orphan_retries(const struct sock *sk, bool alive)
{
	int retries = READ_ONCE(tcp_net(sk)->orphan_retries);

	if (sk->sk_err_soft && !alive)
		return 0;
	return retries || !alive ? retries : 8;
}

/* The time that `boundary` doublings of the first RTO take, jiffies. */
static unsigned long backoff_sum(unsigned int boundary, unsigned int rto)
{
	unsigned int thresh = ilog2(TCP_RTO_MAX / rto);

	if (boundary <= thresh)
		return ((2ul << boundary) - 1) * rto;
	return ((2ul << thresh) - 1) * rto +
	       (boundary - thresh) * (unsigned long)TCP_RTO_MAX;
}

/* Has it been retried for too long? */
static bool timed_out(struct sock *sk, unsigned int boundary, u32 user_ms)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	unsigned long limit;
	u32 start = tp->retrans_stamp;

	if (!icsk->icsk_retransmits)
		return false;
	if (!start && tcp_rtx_head(sk))
		start = (u32)(tcp_skb_sent_us(tcp_rtx_head(sk)) /
			      USEC_PER_MSEC);
	limit = user_ms;
	if (!limit) {
		unsigned int rto = (1 << sk->sk_state) &
				   (1 << TCP_SYN_SENT | 1 << TCP_SYN_RECV) ?
				   TCP_TIMEOUT_INIT : TCP_RTO_MIN;

		limit = jiffies_to_msecs(backoff_sum(boundary, rto));
	}
	return (s32)(tcp_time_stamp(tp) - start - (u32)limit) >= 0;
}

/* Time to give up?  Then the connection is gone. */
static bool write_timeout(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	int retries;

	if ((1 << sk->sk_state) & (1 << TCP_SYN_SENT | 1 << TCP_SYN_RECV)) {
		retries = icsk->icsk_syn_retries ? icsk->icsk_syn_retries :
			  READ_ONCE(tcp_net(sk)->syn_retries);
		if (icsk->icsk_retransmits < retries)
			return false;
		write_err(sk);
		return true;
	}
	retries = READ_ONCE(tcp_net(sk)->retries2);
	if (sock_flag(sk, SOCK_DEAD)) {
		bool alive = icsk->icsk_rto < TCP_RTO_MAX;

		retries = orphan_retries(sk, alive);
		if (out_of_resources(sk, alive || !timed_out(sk, retries, 0)))
			return true;
	}
	if (!timed_out(sk, retries, icsk->icsk_user_timeout))
		return false;
	write_err(sk);
	return true;
}

/* Until the retransmission, but not past TCP_USER_TIMEOUT. */
static u32 rto_within_user_timeout(const struct sock *sk)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	s32 left;

	if (!icsk->icsk_user_timeout)
		return icsk->icsk_rto;
	left = (s32)icsk->icsk_user_timeout -
	       (s32)(tcp_time_stamp(tp) - tp->retrans_stamp);
	if (left <= 0)
		return 1;
	return min_t(u32, icsk->icsk_rto, max(msecs_to_jiffies(left), 1ul));
}

/* RTO of the oldest packet, from when it was sent. */
void tcp_rearm_rto(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 rto = icsk->icsk_rto;

	if (!tp->packets_out) {
		inet_csk_clear_xmit_timer(sk, ICSK_TIME_RETRANS);
		return;
	}
	if (icsk->icsk_pending == ICSK_TIME_REO_TIMEOUT ||
	    icsk->icsk_pending == ICSK_TIME_LOSS_PROBE) {
		struct sk_buff *skb = tcp_rtx_head(sk);
		u64 due = tcp_skb_sent_us(skb) + HZ_TO_US((u64)rto);

		rto = due > tp->tcp_mstamp ?
		      usecs_to_jiffies((unsigned int)
			min_t(u64, due - tp->tcp_mstamp, UINT_MAX)) : 0;
		rto = max(rto, 1u);
	}
	inet_csk_reset_xmit_timer(sk, ICSK_TIME_RETRANS, rto, TCP_RTO_MAX);
}

/* A peer that shut its window and then never answered again: a retransmission
 * probes it. */
static void retransmit_into_zero_window(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if ((u32)((u32)jiffies - tp->rcv_tstamp) > TCP_RTO_MAX) {
		write_err(sk);
		return;
	}
	tcp_enter_loss(sk);
	tcp_retransmit_skb(sk, tcp_rtx_head(sk), 1);
	__sk_dst_reset(sk);
}

void tcp_retransmit_timer(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = tcp_rtx_head(sk);

	if (!tp->packets_out || WARN_ON_ONCE(!skb))
		return;
	if (!tp->snd_wnd && !sock_flag(sk, SOCK_DEAD) &&
	    !((1 << sk->sk_state) & (1 << TCP_SYN_SENT | 1 << TCP_SYN_RECV))) {
		retransmit_into_zero_window(sk);
		if (sk->sk_state == TCP_CLOSE)
			return;
		goto backoff;
	}
	if (write_timeout(sk))
		return;
	NET_INC_STATS(sock_net(sk), TCPTIMEOUTS);
	tcp_enter_loss(sk);
	icsk->icsk_retransmits = min(icsk->icsk_retransmits + 1, 255);
	if (tcp_retransmit_skb(sk, skb, 1)) {
		/* The way down is blocked: that is no fault of the peer. */
		inet_csk_reset_xmit_timer(sk, ICSK_TIME_RETRANS,
					  min(icsk->icsk_rto, (u32)HZ / 2),
					  TCP_RTO_MAX);
		return;
	}
backoff:
	icsk->icsk_backoff = min(icsk->icsk_backoff + 1, 255);
	icsk->icsk_rto = min(icsk->icsk_rto << 1, TCP_RTO_MAX);
	inet_csk_reset_xmit_timer(sk, ICSK_TIME_RETRANS,
				  rto_within_user_timeout(sk), TCP_RTO_MAX);
	if (icsk->icsk_retransmits > READ_ONCE(tcp_net(sk)->retries1))
		__sk_dst_reset(sk);
}

/* ---- a shut window ---- */

unsigned long tcp_probe0_when(const struct sock *sk)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	unsigned int rto = max(icsk->icsk_rto, TCP_RTO_MIN);
	unsigned int shift = min_t(unsigned int, ilog2(TCP_RTO_MAX / rto) + 1,
				   icsk->icsk_backoff);

	return min_t(u64, (u64)rto << shift, TCP_RTO_MAX);
}

/* There is something to send, and nothing that will come by itself. */
void tcp_check_probe_timer(struct sock *sk)
{
	if (!tcp_sk(sk)->packets_out && !inet_csk(sk)->icsk_pending)
		inet_csk_reset_xmit_timer(sk, ICSK_TIME_PROBE0,
					  max(inet_csk(sk)->icsk_rto,
					      TCP_RTO_MIN), TCP_RTO_MAX);
}

void tcp_send_probe0(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	unsigned long when;
	int err = tcp_write_wakeup(sk);

	if (tp->packets_out || !tcp_send_head(sk)) {
		icsk->icsk_probes_out = icsk->icsk_backoff = 0;
		icsk->icsk_probes_tstamp = 0;
		return;
	}
	icsk->icsk_probes_out = min(icsk->icsk_probes_out + 1, 255);
	if (err <= 0) {
		if (icsk->icsk_backoff < READ_ONCE(tcp_net(sk)->retries2))
			icsk->icsk_backoff++;
		when = tcp_probe0_when(sk);
	} else {
		when = HZ / 2;
	}
	inet_csk_reset_xmit_timer(sk, ICSK_TIME_PROBE0, when, TCP_RTO_MAX);
}

static void probe_timer(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	int max_probes = READ_ONCE(tcp_net(sk)->retries2);

	if (tp->packets_out || !tcp_send_head(sk)) {
		icsk->icsk_probes_out = 0;
		icsk->icsk_probes_tstamp = 0;
		return;
	}
	if (!icsk->icsk_probes_tstamp)
		icsk->icsk_probes_tstamp = jiffies;
	else if (icsk->icsk_user_timeout &&
		 jiffies - icsk->icsk_probes_tstamp >=
		 msecs_to_jiffies(icsk->icsk_user_timeout))
		goto give_up;
	if (sock_flag(sk, SOCK_DEAD)) {
		bool alive = tcp_probe0_when(sk) < TCP_RTO_MAX;

		max_probes = orphan_retries(sk, alive);
		if (!alive && icsk->icsk_backoff >= max_probes)
			goto give_up;
		if (out_of_resources(sk, true))
			return;
	}
	if (icsk->icsk_probes_out < max_probes) {
		tcp_send_probe0(sk);
		return;
	}
give_up:
	write_err(sk);
}

/* ---- dispatch ---- */

void tcp_write_timer_handler(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	int event = icsk->icsk_pending;

	if (((1 << sk->sk_state) & (1 << TCP_CLOSE | 1 << TCP_LISTEN)) ||
	    !event)
		return;
	if (time_after(icsk->icsk_timeout, jiffies)) {
		sk_reset_timer(sk, &icsk->icsk_retransmit_timer,
			       icsk->icsk_timeout);
		return;
	}
	tcp_mstamp_refresh(tcp_sk(sk));
	switch (event) {
	case ICSK_TIME_REO_TIMEOUT:
		tcp_rack_reo_timeout(sk);
		break;
	case ICSK_TIME_LOSS_PROBE:
		tcp_send_loss_probe(sk);
		break;
	case ICSK_TIME_RETRANS:
		icsk->icsk_pending = 0;
		tcp_retransmit_timer(sk);
		break;
	case ICSK_TIME_PROBE0:
		icsk->icsk_pending = 0;
		probe_timer(sk);
		break;
	}
}

void tcp_delack_timer_handler(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	if (((1 << sk->sk_state) & (1 << TCP_CLOSE | 1 << TCP_LISTEN)) ||
	    !(icsk->icsk_ack.pending & ICSK_ACK_TIMER))
		return;
	if (time_after(icsk->icsk_ack.timeout, jiffies)) {
		sk_reset_timer(sk, &icsk->icsk_delack_timer,
			       icsk->icsk_ack.timeout);
		return;
	}
	icsk->icsk_ack.pending &= ~ICSK_ACK_TIMER;
	if (!inet_csk_ack_scheduled(sk))
		return;
	if (!icsk->icsk_ack.pingpong) { /* wait longer next time */
		icsk->icsk_ack.ato = min(icsk->icsk_ack.ato << 1,
					 icsk->icsk_rto);
	} else {                        /* no answer came: not interactive */
		icsk->icsk_ack.pingpong = 0;
		icsk->icsk_ack.ato = TCP_ATO_MIN;
	}
	tcp_mstamp_refresh(tcp_sk(sk));
	tcp_send_ack(sk);
}

/* ---- the connection as a whole ---- */

/* Jiffies until the next look; 0: the connection is gone. */
static unsigned long keepalive_probe(struct sock *sk, u32 elapsed)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	int probes = tp->keepalive_probes ? tp->keepalive_probes :
		     READ_ONCE(tcp_net(sk)->keepalive_probes);
	unsigned long user = msecs_to_jiffies(icsk->icsk_user_timeout);

	if ((user && elapsed >= user && icsk->icsk_probes_out > 0) ||
	    (!user && icsk->icsk_probes_out >= probes)) {
		tcp_send_active_reset(sk, GFP_ATOMIC);
		write_err(sk);
		return 0;
	}
	if (tcp_write_wakeup(sk) > 0)
		return HZ / 2;
	icsk->icsk_probes_out++;
	return keepalive_intvl_when(tp);
}

static void keepalive(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	unsigned long next = keepalive_time_when(tp);
	u32 elapsed;

	if (!sock_flag(sk, SOCK_KEEPOPEN) || sk->sk_state == TCP_CLOSE ||
	    sk->sk_state == TCP_SYN_SENT)
		return;
	if (!tp->packets_out && !tcp_send_head(sk)) {
		elapsed = min((u32)jiffies - inet_csk(sk)->icsk_ack.lrcvtime,
			      (u32)jiffies - tp->rcv_tstamp);
		if (elapsed >= (u32)keepalive_time_when(tp))
			next = keepalive_probe(sk, elapsed);
		else
			next = keepalive_time_when(tp) - elapsed;
	}
	if (next)
		inet_csk_reset_keepalive_timer(sk, next);
}

static void orphan_fin_wait2_ends(struct sock *sk)
{
	if (tcp_sk(sk)->linger2 >= 0) {
		int left = tcp_fin_time(sk) - TCP_TIMEWAIT_LEN;

		if (left > 0) {
			tcp_time_wait(sk, TCP_FIN_WAIT2, left);
			return;
		}
	}
	tcp_send_active_reset(sk, GFP_ATOMIC);
	tcp_done(sk);
}

static void keepalive_timer(struct timer_list *t)
{
	struct sock *sk = from_timer(sk, t, sk_timer);

	bh_lock_sock(sk);
	if (sock_owned_by_user(sk)) {
		inet_csk_reset_keepalive_timer(sk, HZ / 20);
	} else if (sk->sk_state != TCP_LISTEN) {
		tcp_mstamp_refresh(tcp_sk(sk));
		if (sk->sk_state == TCP_FIN_WAIT2 && sock_flag(sk, SOCK_DEAD))
			orphan_fin_wait2_ends(sk);
		else
			keepalive(sk);
	}
	bh_unlock_sock(sk);
	sock_put(sk);
}

/* SO_KEEPALIVE was switched. */
void tcp_set_keepalive(struct sock *sk, int val)
{
	if ((1 << sk->sk_state) & (1 << TCP_CLOSE | 1 << TCP_LISTEN))
		return;
	if (val && !sock_flag(sk, SOCK_KEEPOPEN))
		inet_csk_reset_keepalive_timer(sk,
				keepalive_time_when(tcp_sk(sk)));
	else if (!val)
		inet_csk_delete_keepalive_timer(sk);
}

void tcp_init_xmit_timers(struct sock *sk)
{
	inet_csk_init_xmit_timers(sk);
	timer_setup(&sk->sk_timer, keepalive_timer, 0);
}
