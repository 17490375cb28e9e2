/* SPDX-License-Identifier: MIT */
/*
 * tcp_input.c -- a segment for a connection: acceptable? and then by its state
 *
 * PROMISE.  A segment that is not within the window changes nothing; whoever
 * cannot see the connection's segments cannot end it, nor put bytes into it
 * (RFC 5961: a RST must hit rcv_nxt exactly, a SYN gets a challenge ACK, an ACK
 * must be of something recent).
 *
 * IDEA.  The order of RFC 9293 3.10.7.4: sequence number, RST, SYN, ACK, URG,
 * data, FIN.  tcp_rcv_established() is that for the usual state, and
 * tcp_rcv_state_process() for all others but LISTEN (tcp_listen.c) and
 * TIME_WAIT (tcp_minisocks.c).  Each step may end it by dropping the segment.
 *
 * CONTEXT.  The sock's lock: softirq, or release_sock()'s backlog.
 */

#include "tcp_impl.h"

#include <kernel/random.h>
#include <kernel/signal.h>
#include <net/ip.h>

/* ---- time stamps: RFC 7323 5 ---- */

/* Is the segment's stamp not older than the last good one (by win)? */
bool tcp_paws_check(const struct tcp_options_received *o, int win)
{
	if ((s32)(o->ts_recent - o->rcv_tsval) <= win)
		return true;
	/* After 24 days the peer's clock says nothing any more. */
	if (ktime_get_seconds() > o->ts_recent_stamp + TCP_PAWS_24DAYS)
		return true;
	return !o->ts_recent;
}

void tcp_store_ts_recent(struct tcp_sock *tp)
{
	tp->rx_opt.ts_recent = tp->rx_opt.rcv_tsval;
	tp->rx_opt.ts_recent_stamp = ktime_get_seconds();
}

/* An ACK that was overtaken by others has an older stamp, and no fault. */
static bool disordered_ack(const struct sock *sk, const struct sk_buff *skb)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = TCP_SKB_CB(skb)->seq, ack = TCP_SKB_CB(skb)->ack_seq;
	u32 window = be16_to_cpu(tcp_hdr(skb)->window);

	return tcp_hdr(skb)->ack && seq == TCP_SKB_CB(skb)->end_seq &&
	       seq == tp->rcv_nxt && ack == tp->snd_una &&
	       !tcp_may_update_window(tp, ack, seq,
				      window << tp->rx_opt.snd_wscale) &&
	       (s32)(tp->rx_opt.ts_recent - tp->rx_opt.rcv_tsval) <=
	       (s32)jiffies_to_msecs(inet_csk(sk)->icsk_rto);
}

/* ---- answers to what is not acceptable ---- */

/* Not more often than tcp_invalid_ratelimit ms: two such ends would otherwise
 * talk for ever.  Bytes are no part of such a talk. */
static bool limited(const struct net *net, u32 *last)
{
	u32 now = (u32)(ktime_get_ns() / NSEC_PER_MSEC);
	s32 elapsed = (s32)(now - *last);

	if (*last && elapsed >= 0 &&
	    elapsed < READ_ONCE(net->ipv4.tcp.invalid_ratelimit))
		return true;
	*last = now ? now : 1;
	return false;
}

bool tcp_oow_rate_limited(const struct net *net, const struct sk_buff *skb,
			  u32 *last)
{
	if (TCP_SKB_CB(skb)->seq != TCP_SKB_CB(skb)->end_seq &&
	    !tcp_hdr(skb)->syn)
		return false;
	return limited(net, last);
}

/* RFC 5961 7: so many a second for the whole machine; nobody shall count them
 * to learn about others' connections, so the limit varies. */
static bool challenge_allowed(const struct sock *sk)
{
	static DEFINE_SPINLOCK(lock);
	static u32 second, left;
	u32 now = (u32)ktime_get_seconds(), limit;
	bool ok = true;

	limit = READ_ONCE(tcp_net(sk)->challenge_ack_limit);
	if (limit == INT_MAX)
		return true;
	spin_lock_bh(&lock);
	if (second != now) {
		second = now;
		left = limit / 2 + get_random_u32_below(max(limit, 1u));
	}
	if (left)
		left--;
	else
		ok = false;
	spin_unlock_bh(&lock);
	return ok;
}

void tcp_send_challenge_ack(struct sock *sk)
{
	if (!limited(sock_net(sk), &tcp_sk(sk)->last_oow_ack_time) &&
	    challenge_allowed(sk))
		tcp_send_ack(sk);
}

/* Bytes that we have had, or cannot take: say where we stand. */
static void send_dupack(struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

	if (cb->end_seq != cb->seq && before(cb->seq, tp->rcv_nxt)) {
		inet_csk(sk)->icsk_ack.quick = TCP_MAX_QUICKACKS;
		if (tcp_is_sack(tp) && READ_ONCE(tcp_net(sk)->dsack))
			tcp_dsack_set(sk, cb->seq,
				      after(cb->end_seq, tp->rcv_nxt) ?
				      tp->rcv_nxt : cb->end_seq);
	}
	tcp_send_ack(sk);
}

/* Is any of it within the window? */
static bool sequence_ok(const struct tcp_sock *tp, u32 seq, u32 end_seq)
{
	return !before(end_seq, tp->rcv_wup) &&
	       !after(seq, tp->rcv_nxt + tcp_receive_window(tp));
}

/* Some peers reset from one before rcv_nxt, after their FIN. */
static bool reset_behind_fin(const struct sock *sk, const struct sk_buff *skb)
{
	return TCP_SKB_CB(skb)->seq == tcp_sk(sk)->rcv_nxt - 1 &&
	       ((1 << sk->sk_state) & (1 << TCP_CLOSE_WAIT |
				       1 << TCP_LAST_ACK | 1 << TCP_CLOSING));
}

/* RFC 5961 3.2, and a RST behind all that we hold out of order. */
static bool reset_is_exact(const struct sock *sk, const struct sk_buff *skb)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 seq = TCP_SKB_CB(skb)->seq, max_end;

	if (seq == tp->rcv_nxt || reset_behind_fin(sk, skb))
		return true;
	if (!tcp_is_sack(tp) || !tp->rx_opt.num_sacks)
		return false;
	max_end = tp->selective_acks[0].end_seq;
	for (int i = 1; i < tp->rx_opt.num_sacks; i++) {
		if (after(tp->selective_acks[i].end_seq, max_end))
			max_end = tp->selective_acks[i].end_seq;
	}
	return seq == max_end;
}

/* First to fourth of RFC 9293 3.10.7.4.  False: done with it. */
static bool validate(struct sock *sk, struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_parse_options(th, &tp->rx_opt, true);
	if (unlikely(tp->rx_opt.saw_md5))
		return false;
	if (tp->rx_opt.saw_tstamp && !th->rst &&
	    !tcp_paws_check(&tp->rx_opt, TCP_PAWS_WINDOW) &&
	    !disordered_ack(sk, skb)) {
		if (!tcp_oow_rate_limited(sock_net(sk), skb,
					  &tp->last_oow_ack_time))
			send_dupack(sk, skb);
		return false;
	}
	if (!sequence_ok(tp, cb->seq, cb->end_seq)) {
		if (th->rst) {
			if (reset_behind_fin(sk, skb))
				tcp_reset(sk);
		} else if (th->syn) {
			tcp_send_challenge_ack(sk);
		} else if (!tcp_oow_rate_limited(sock_net(sk), skb,
						 &tp->last_oow_ack_time)) {
			send_dupack(sk, skb);
		}
		return false;
	}
	if (th->rst) {
		if (reset_is_exact(sk, skb))
			tcp_reset(sk);
		else
			tcp_send_challenge_ack(sk);
		return false;
	}
	if (th->syn) {
		/* Both have opened: the other's SYN-ACK completes it. */
		if (sk->sk_state == TCP_SYN_RECV && th->ack &&
		    cb->seq + 1 == tp->rcv_nxt && cb->end_seq == tp->rcv_nxt &&
		    cb->ack_seq == tp->snd_nxt)
			return true;
		tcp_send_challenge_ack(sk);
		return false;
	}
	return th->ack;
}

/* A receiver's round trip: our stamp came back with data. */
static void rcv_rtt_by_stamp(struct sock *sk, const struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 delta, rtt;

	if (!tp->rx_opt.rcv_tsecr || !tp->rx_opt.saw_tstamp ||
	    skb->len < inet_csk(sk)->icsk_ack.rcv_mss)
		return;
	delta = tcp_time_stamp(tp) + tp->tsoffset - tp->rx_opt.rcv_tsecr;
	if (delta > INT_MAX / USEC_PER_MSEC / 8)
		return;
	rtt = max(delta, 1u) * USEC_PER_MSEC * 8;
	if (!tp->rcv_rtt_est.rtt_us)
		tp->rcv_rtt_est.rtt_us = rtt;
	else
		tp->rcv_rtt_est.rtt_us += ((s32)rtt / 8) -
					  (s32)(tp->rcv_rtt_est.rtt_us / 8);
}

/* ---- ESTABLISHED ---- */

/* Consumes skb. */
void tcp_rcv_established(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_mstamp_refresh(tp);
	tp->segs_in += max_t(u16, skb_shinfo(skb)->gso_segs, 1);
	if (!validate(sk, skb) || tcp_ack(sk, skb, true) < 0) {
		kfree_skb(skb);
		return;
	}
	rcv_rtt_by_stamp(sk, skb);
	tcp_urg(sk, skb, tcp_hdr(skb));
	tcp_data_queue(sk, skb);
	if (sk->sk_state == TCP_CLOSE)
		return;
	tcp_data_snd_check(sk);
	tcp_ack_snd_check(sk);
}

/* ---- becoming established ---- */

void tcp_initialize_rcv_mss(struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 hint = min(tp->advmss ? tp->advmss : TCP_MSS_DEFAULT,
		       tp->mss_cache);

	hint = min(hint, tp->rcv_wnd / 2);
	hint = min(hint, (u32)TCP_MSS_DEFAULT);
	inet_csk(sk)->icsk_ack.rcv_mss = max(hint, (u32)TCP_MIN_MSS);
}

/* Both directions are open: windows and buffers begin. */
void tcp_init_transfer(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	inet_csk(sk)->icsk_af_ops->rebuild_header(sk);
	/* A SYN that had to be sent again is a loss: RFC 5681 3.1. */
	if (tp->total_retrans > 1 && tp->undo_marker)
		tp->snd_cwnd = 1;
	else
		tp->snd_cwnd = TCP_INIT_CWND;
	tp->snd_cwnd_stamp = jiffies;
	tcp_init_congestion_control(sk);
	tcp_init_buffer_space(sk);
}

void tcp_finish_connect(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_set_state(sk, TCP_ESTABLISHED);
	icsk->icsk_ack.lrcvtime = jiffies;
	tcp_init_transfer(sk);
	tp->lsndtime = jiffies;
	if (sock_flag(sk, SOCK_KEEPOPEN))
		inet_csk_reset_keepalive_timer(sk, keepalive_time_when(tp));
}

/* What both ends' SYNs agreed on. */
static void adopt_options(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!tp->rx_opt.wscale_ok || !tcp_net(sk)->window_scaling) {
		tp->rx_opt.wscale_ok = false;
		tp->rx_opt.snd_wscale = tp->rx_opt.rcv_wscale = 0;
		tp->window_clamp = min(tp->window_clamp, 65535u);
	}
	tp->rx_opt.sack_ok = tp->rx_opt.sack_ok && tcp_net(sk)->sack;
	tp->rx_opt.tstamp_ok = tp->rx_opt.saw_tstamp && tcp_net(sk)->timestamps;
	tp->tcp_header_len = sizeof(struct tcphdr);
	if (tp->rx_opt.tstamp_ok) {
		tp->tcp_header_len += TCPOLEN_TSTAMP_ALIGNED;
		tp->advmss -= TCPOLEN_TSTAMP_ALIGNED;
		tcp_store_ts_recent(tp);
	}
	tcp_sync_mss(sk, inet_csk(sk)->icsk_pmtu_cookie);
	tcp_initialize_rcv_mss(sk);
}

/* Is the ACK in answer to our SYN one that we could have caused? */
static bool synack_plausible(const struct tcp_sock *tp,
			     const struct sk_buff *skb)
{
	u32 ack = TCP_SKB_CB(skb)->ack_seq;

	if (!after(ack, tp->snd_una) || after(ack, tp->snd_nxt))
		return false;
	return !tp->rx_opt.saw_tstamp || !tp->rx_opt.rcv_tsecr ||
	       between(tp->rx_opt.rcv_tsecr - tp->tsoffset, tp->retrans_stamp,
		       tcp_time_stamp(tp));
}

static void begin_receiving(struct tcp_sock *tp, u32 seq)
{
	tp->rcv_nxt = tp->rcv_wup = seq + 1;
	WRITE_ONCE(tp->copied_seq, tp->rcv_nxt);
	tp->rcv_ssthresh = tp->rcv_wnd;
}

static void got_synack(struct sock *sk, struct sk_buff *skb)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	struct sk_buff *syn = tcp_rtx_head(sk);

	tp->ecn_ok = syn && (TCP_SKB_CB(syn)->tcp_flags & TCPHDR_ECE) &&
		     tcp_hdr(skb)->ece && !tcp_hdr(skb)->cwr;
	tp->snd_wl1 = TCP_SKB_CB(skb)->seq;
	begin_receiving(tp, TCP_SKB_CB(skb)->seq);
	tcp_ack(sk, skb, true);
	tp->snd_wnd = be16_to_cpu(tcp_hdr(skb)->window);
	adopt_options(sk);
	smp_mb();
	tcp_finish_connect(sk);
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_state_change(sk);
		sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
	}
	if (sk->sk_write_pending || icsk->icsk_accept_queue.rskq_defer_accept ||
	    icsk->icsk_ack.pingpong) {
		/* Data follows soon and brings the ACK along. */
		inet_csk_schedule_ack(sk);
		icsk->icsk_ack.quick = TCP_MAX_QUICKACKS;
		icsk->icsk_ack.ato = TCP_ATO_MIN;
		inet_csk_reset_xmit_timer(sk, ICSK_TIME_DACK, TCP_DELACK_MAX,
					  TCP_RTO_MAX);
	} else {
		tcp_send_ack(sk);
	}
}

/* The peer's SYN crossed ours (RFC 9293 3.5, figure 8). */
static void simultaneous_open(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tcp_set_state(sk, TCP_SYN_RECV);
	begin_receiving(tp, TCP_SKB_CB(skb)->seq);
	tp->snd_wl1 = TCP_SKB_CB(skb)->seq;
	tp->snd_wnd = tp->max_window = be16_to_cpu(tcp_hdr(skb)->window);
	adopt_options(sk);
	tcp_send_synack(sk);
}

/* RFC 9293 3.10.7.3.  1: answer with a reset. */
static int synsent(struct sock *sk, struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcp_sock *tp = tcp_sk(sk);
	u16 clamp = tp->rx_opt.mss_clamp;

	tp->rx_opt.sack_ok = tp->rx_opt.wscale_ok = false;
	tcp_parse_options(th, &tp->rx_opt, false);
	if (th->ack && !synack_plausible(tp, skb)) {
		tp->rx_opt.mss_clamp = clamp;
		/* Of an older connection: after our reset, try again soon. */
		if (!inet_csk(sk)->icsk_retransmits)
			inet_csk_reset_xmit_timer(sk, ICSK_TIME_RETRANS,
						  TCP_TIMEOUT_MIN, TCP_RTO_MAX);
		return 1;
	}
	if (th->rst) {
		if (th->ack)
			tcp_reset(sk);
	} else if (th->syn && th->ack) {
		got_synack(sk, skb);
		tcp_urg(sk, skb, th);
		tcp_data_snd_check(sk);
	} else if (th->syn) {
		simultaneous_open(sk, skb);
	}
	kfree_skb(skb);
	return 0;
}

/* SYN_RECV: the handshake's last ACK has come. */
static void established(struct sock *sk, struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcp_sock *tp = tcp_sk(sk);

	tp->snd_una = TCP_SKB_CB(skb)->ack_seq;
	tp->snd_wnd = (u32)be16_to_cpu(th->window) << tp->rx_opt.snd_wscale;
	tp->max_window = max(tp->max_window, tp->snd_wnd);
	tp->snd_wl1 = TCP_SKB_CB(skb)->seq;
	if (!tp->srtt_us && tp->rx_opt.saw_tstamp) {
		struct tcp_ack_state st = { .ca_rtt_us = -1 };

		tcp_rtt_sample(sk, -1, -1, true, &st);
	}
	tcp_set_state(sk, TCP_ESTABLISHED);
	tp->lsndtime = jiffies;
	inet_csk(sk)->icsk_ack.lrcvtime = jiffies;
	tp->rcv_tstamp = jiffies;
	tcp_initialize_rcv_mss(sk);
	tcp_init_transfer(sk);
	if (sock_flag(sk, SOCK_KEEPOPEN))
		inet_csk_reset_keepalive_timer(sk, keepalive_time_when(tp));
	sk->sk_state_change(sk);
	if (sk->sk_socket)
		sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
}

/* ---- the other states ---- */

/* Bytes (not only a FIN) behind rcv_nxt that nobody will read. */
static bool data_for_nobody(const struct sock *sk, const struct sk_buff *skb)
{
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

	return cb->end_seq != cb->seq &&
	       after(cb->end_seq - tcp_hdr(skb)->fin, tcp_sk(sk)->rcv_nxt);
}

enum fate { GO_ON, GONE, RESET };

/* Our FIN is acknowledged. */
static enum fate fin_acked(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int timeo;

	tcp_set_state(sk, TCP_FIN_WAIT2);
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | SEND_SHUTDOWN);
	if (!sock_flag(sk, SOCK_DEAD)) {
		sk->sk_state_change(sk);
		return GO_ON;
	}
	if (tp->linger2 < 0 || data_for_nobody(sk, skb)) {
		tcp_done(sk);
		return RESET;
	}
	timeo = tcp_fin_time(sk);
	if (timeo > TCP_TIMEWAIT_LEN) {
		inet_csk_reset_keepalive_timer(sk, timeo - TCP_TIMEWAIT_LEN);
	} else if (tcp_hdr(skb)->fin || sock_owned_by_user(sk)) {
		/* The FIN is here too, or somebody looks: no mini sock yet. */
		inet_csk_reset_keepalive_timer(sk, timeo);
	} else {
		tcp_time_wait(sk, TCP_FIN_WAIT2, timeo);
		return GONE;
	}
	return GO_ON;
}

static enum fate ack_by_state(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool all = tp->snd_una == tp->write_seq;

	switch (sk->sk_state) {
	case TCP_SYN_RECV:
		established(sk, skb);
		break;
	case TCP_FIN_WAIT1:
		if (all)
			return fin_acked(sk, skb);
		break;
	case TCP_CLOSING:
		if (all) {
			tcp_time_wait(sk, TCP_TIME_WAIT, 0);
			return GONE;
		}
		break;
	case TCP_LAST_ACK:
		if (all) {
			tcp_done(sk);
			return GONE;
		}
		break;
	}
	return GO_ON;
}

/* May this state still take data?  RESET: it may not, and there is some. */
static enum fate data_by_state(struct sock *sk, struct sk_buff *skb)
{
	switch (sk->sk_state) {
	case TCP_CLOSE_WAIT:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		if (!before(TCP_SKB_CB(skb)->seq, tcp_sk(sk)->rcv_nxt))
			return GONE;
		return GO_ON;
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
		/* Nobody will read it: the peer must not think otherwise. */
		if ((sk->sk_shutdown & RCV_SHUTDOWN) &&
		    sock_flag(sk, SOCK_DEAD) && data_for_nobody(sk, skb)) {
			tcp_reset(sk);
			return RESET;
		}
		return GO_ON;
	case TCP_ESTABLISHED:
		return GO_ON;
	}
	return GONE;
}

/* All states but LISTEN.  0: skb is consumed; 1: answer it with a reset. */
int tcp_rcv_state_process(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	enum fate fate = GONE;
	int acked;

	if (sk->sk_state == TCP_CLOSE)
		goto drop;
	tcp_mstamp_refresh(tp);
	tp->segs_in++;
	if (sk->sk_state == TCP_SYN_SENT)
		return synsent(sk, skb);
	if (!validate(sk, skb))
		goto drop;
	acked = tcp_ack(sk, skb, true);
	if (acked <= 0) {
		if (sk->sk_state == TCP_SYN_RECV)
			return 1;
		if (acked < 0) {
			tcp_send_challenge_ack(sk);
			goto drop;
		}
	}
	fate = ack_by_state(sk, skb);
	if (fate == GO_ON) {
		tcp_urg(sk, skb, tcp_hdr(skb));
		fate = data_by_state(sk, skb);
	}
	if (fate == RESET)
		return 1;
	if (fate == GO_ON) {
		tcp_data_queue(sk, skb);
		skb = NULL;
	}
	if (sk->sk_state != TCP_CLOSE) {
		tcp_data_snd_check(sk);
		tcp_ack_snd_check(sk);
	}
drop:
	kfree_skb(skb);
	return 0;
}
