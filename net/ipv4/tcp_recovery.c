/* SPDX-License-Identifier: MIT */
/*
 * tcp_recovery.c -- what is lost, and how we behave until it is repaired
 *
 * IDEA.  The states of recovery:
 *
 *	Open      all is well
 *	Disorder  something came out of order: wait a little
 *	CWR       the window is being reduced without a loss (ECN, a full queue)
 *	Recovery  something is lost: it is sent again
 *	Loss      the timer has fired: everything may be lost
 *
 * WHAT IS LOST is told by time (RACK, RFC 8985): a packet that was sent longer
 * than a reordering window before one that has arrived.  Until reordering was
 * ever seen that window is zero as soon as three segments above were SACKed,
 * which is RFC 6675's rule.  A peer without SACK: three duplicate ACKs mark the
 * first packet, and each partial ACK the next (RFC 6582).
 *
 * HOW MUCH MAY GO while the window shrinks: proportional rate reduction (RFC
 * 6937), so that at the end as much is in the network as ssthresh says.
 *
 * UNDO.  If all retransmissions prove needless (DSACKs, or a time stamp from
 * before them: Eifel, RFC 3522), the window is restored: it was reordering, or
 * the timer was hasty.  F-RTO (RFC 5682) finds the latter by sending new data
 * after a timeout and looking who answers.
 *
 * INVARIANT.  I1: lost_out, retrans_out, sacked_out count the segments of the
 * packets in rtx_queue that bear the mark; LOST and SACKED exclude each other.
 */

#include "tcp_impl.h"

/* ---- marks ---- */

void tcp_mark_skb_lost(struct sock *sk, struct sk_buff *skb)
{
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 n = tcp_skb_pcount(skb);

	if (cb->sacked & TCPCB_SACKED_ACKED)
		return;
	if (cb->sacked & TCPCB_LOST) {
		if (cb->sacked & TCPCB_SACKED_RETRANS) {
			cb->sacked &= ~TCPCB_SACKED_RETRANS;
			tp->retrans_out -= n;
			tp->lost += n;
		}
		return;
	}
	if (cb->sacked & TCPCB_SACKED_RETRANS) {
		cb->sacked &= ~TCPCB_SACKED_RETRANS;
		tp->retrans_out -= n;
	}
	tp->lost_out += n;
	tp->lost += n;
	cb->sacked |= TCPCB_LOST;
}

/* A late first sending shows by how much the network reorders. */
void tcp_check_reordering(struct sock *sk, u32 low_seq, bool ts)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 mss = max(tp->mss_cache, 1u), metric;

	if (!tp->sacked_out || !before(low_seq, tp->highest_sack))
		return;
	metric = (tp->highest_sack - low_seq + mss - 1) / mss;
	if (metric > tp->reordering)
		tp->reordering = min(metric, (u32)TCP_MAX_REORDERING);
	tp->reord_seen++;
}

/* ---- RACK ---- */

bool tcp_rack_sent_after(u64 t1, u64 t2, u32 end1, u32 end2)
{
	return t1 > t2 || (t1 == t2 && after(end1, end2));
}

void tcp_rack_update(struct sock *sk, const struct tcp_ack_state *st)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 rtt;

	if (!st->newest_us)
		return;
	rtt = tp->tcp_mstamp - st->newest_us;
	/* Faster than ever possible: the ACK was for the first sending. */
	if (st->newest_retrans && rtt < tcp_min_rtt(tp))
		return;
	tp->rack.advanced = true;
	tp->rack.rtt_us = rtt;
	if (tcp_rack_sent_after(st->newest_us, tp->rack.mstamp,
				st->newest_end_seq, tp->rack.end_seq)) {
		tp->rack.mstamp = st->newest_us;
		tp->rack.end_seq = st->newest_end_seq;
	}
}

/* How long reordering may take, us.  Each DSACK shows that it was too short. */
static u32 reordering_window(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->rack.dsack_seen) {
		tp->rack.dsack_seen = false;
		if (tp->rack.reo_wnd_steps < 255)
			tp->rack.reo_wnd_steps++;
	}
	if (!tp->reord_seen &&
	    (inet_csk(sk)->icsk_ca_state >= TCP_CA_Recovery ||
	     tp->sacked_out >= tp->reordering))
		return 0;
	return min((tcp_min_rtt(tp) >> 2) * tp->rack.reo_wnd_steps,
		   tp->srtt_us >> 3);
}

/* Mark what is overdue; us until the next will be, 0: none. */
static u32 rack_detect(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 reo = reordering_window(sk), wait = 0;
	struct sk_buff *skb;

	skb_queue_walk(&tp->rtx_queue, skb) {
		struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
		u64 sent = tcp_skb_sent_us(skb);
		s64 left;

		if ((cb->sacked & TCPCB_SACKED_ACKED) ||
		    ((cb->sacked & TCPCB_LOST) &&
		     !(cb->sacked & TCPCB_SACKED_RETRANS)))
			continue;
		if (!tcp_rack_sent_after(tp->rack.mstamp, sent,
					 tp->rack.end_seq, cb->end_seq))
			continue;
		left = (s64)(sent + tp->rack.rtt_us + reo) -
		       (s64)tp->tcp_mstamp;
		if (left <= 0)
			tcp_mark_skb_lost(sk, skb);
		else
			wait = max_t(u32, wait, left);
	}
	return wait;
}

/* True: a timer runs for what is not overdue yet. */
bool tcp_rack_mark_lost(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 wait;

	if (!tp->rack.advanced)
		return false;
	tp->rack.advanced = false;
	wait = rack_detect(sk);
	if (wait)
		inet_csk_reset_xmit_timer(sk, ICSK_TIME_REO_TIMEOUT,
					  usecs_to_jiffies(wait) + 1,
					  inet_csk(sk)->icsk_rto);
	return wait;
}

/* That timer: what was overdue then is lost now. */
void tcp_rack_reo_timeout(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 in_flight = tcp_packets_in_flight(tp);

	rack_detect(sk);
	if (in_flight != tcp_packets_in_flight(tp)) {
		if (inet_csk(sk)->icsk_ca_state < TCP_CA_Recovery)
			tcp_enter_recovery(sk);
		if (inet_csk(sk)->icsk_ca_state == TCP_CA_Recovery &&
		    tcp_packets_in_flight(tp) >= tp->snd_cwnd)
			tp->snd_cwnd = tcp_packets_in_flight(tp) + 1;
		tcp_xmit_retransmit_queue(sk);
	}
	if (inet_csk(sk)->icsk_pending != ICSK_TIME_RETRANS)
		tcp_rearm_rto(sk);
}

/* ---- entering and leaving ---- */

void tcp_clear_retrans(struct tcp_sock *tp)
{
	tp->retrans_out = tp->lost_out = tp->sacked_out = 0;
	tp->undo_marker = 0;
	tp->undo_retrans = -1;
}

static void begin_reduction(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->high_seq = tp->snd_nxt;
	tp->tlp_high_seq = 0;
	tp->snd_cwnd_cnt = 0;
	tp->prior_cwnd = tp->snd_cwnd;
	tp->prr_delivered = tp->prr_out = 0;
	tp->snd_ssthresh = inet_csk(sk)->icsk_ca_ops->ssthresh(sk);
	tp->ecn_queue_cwr = tp->ecn_ok;
}

static void end_reduction(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->snd_ssthresh < TCP_INFINITE_SSTHRESH &&
	    (inet_csk(sk)->icsk_ca_state == TCP_CA_CWR || tp->undo_marker)) {
		tp->snd_cwnd = tp->snd_ssthresh;
		tp->snd_cwnd_stamp = jiffies;
	}
	tcp_ca_event(sk, CA_EVENT_COMPLETE_CWR);
}

static void init_undo(struct tcp_sock *tp)
{
	tp->undo_marker = tp->snd_una;
	tp->undo_retrans = tp->retrans_out ? (int)tp->retrans_out : -1;
}

void tcp_enter_cwr(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->prior_ssthresh = 0;
	if (inet_csk(sk)->icsk_ca_state < TCP_CA_CWR) {
		tp->undo_marker = 0;
		begin_reduction(sk);
		tcp_set_ca_state(sk, TCP_CA_CWR);
	}
}

static u32 current_ssthresh(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (inet_csk(sk)->icsk_ca_state == TCP_CA_CWR ||
	    inet_csk(sk)->icsk_ca_state == TCP_CA_Recovery)
		return tp->snd_ssthresh;
	return max(tp->snd_ssthresh,
		   (tp->snd_cwnd >> 1) + (tp->snd_cwnd >> 2));
}

void tcp_enter_recovery(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	tp->prior_ssthresh = 0;
	init_undo(tp);
	if (inet_csk(sk)->icsk_ca_state < TCP_CA_CWR) {
		tp->prior_ssthresh = current_ssthresh(sk);
		begin_reduction(sk);
	}
	tp->high_seq = tp->snd_nxt;
	tcp_set_ca_state(sk, TCP_CA_Recovery);
}

/* The timer fired: believe that all is lost, but what the peer said it has. */
static void mark_all_lost(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = tcp_rtx_head(sk);
	bool reneged = skb && (TCP_SKB_CB(skb)->sacked & TCPCB_SACKED_ACKED);

	if (reneged)
		tp->sacked_out = 0;
	skb_queue_walk(&tp->rtx_queue, skb) {
		if (reneged)
			TCP_SKB_CB(skb)->sacked &= ~TCPCB_SACKED_ACKED;
		tcp_mark_skb_lost(sk, skb);
	}
}

void tcp_enter_loss(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	bool new = icsk->icsk_ca_state < TCP_CA_Recovery;

	if (!tcp_is_sack(tp))
		tp->sacked_out = 0;
	mark_all_lost(sk);
	if (icsk->icsk_ca_state <= TCP_CA_Disorder ||
	    !after(tp->high_seq, tp->snd_una) ||
	    (icsk->icsk_ca_state == TCP_CA_Loss && !icsk->icsk_retransmits)) {
		tp->prior_ssthresh = current_ssthresh(sk);
		tp->prior_cwnd = tp->snd_cwnd;
		tp->snd_ssthresh = icsk->icsk_ca_ops->ssthresh(sk);
		tcp_ca_event(sk, CA_EVENT_LOSS);
		init_undo(tp);
	}
	tp->snd_cwnd = tcp_packets_in_flight(tp) + 1;
	tp->snd_cwnd_cnt = 0;
	tp->snd_cwnd_stamp = jiffies;
	tp->reordering = min(tp->reordering,
			     (u32)READ_ONCE(tcp_net(sk)->reordering));
	tcp_set_ca_state(sk, TCP_CA_Loss);
	tp->high_seq = tp->snd_nxt;
	tp->tlp_high_seq = 0;
	tp->frto = READ_ONCE(tcp_net(sk)->frto) &&
		   (new || icsk->icsk_retransmits);
}

/* The path takes only smaller packets: what is too big goes again, and that is
 * no congestion. */
void tcp_simple_retransmit(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	unsigned int mss = tcp_current_mss(sk);
	struct sk_buff *skb;

	skb_queue_walk(&tp->rtx_queue, skb) {
		if ((tcp_skb_pcount(skb) == 1 ? skb->len : tcp_skb_mss(skb)) >
		    mss)
			tcp_mark_skb_lost(sk, skb);
	}
	if (!tp->lost_out)
		return;
	if (inet_csk(sk)->icsk_ca_state != TCP_CA_Loss) {
		tp->high_seq = tp->snd_nxt;
		tp->snd_ssthresh = current_ssthresh(sk);
		tp->prior_ssthresh = 0;
		tp->undo_marker = 0;
		tcp_set_ca_state(sk, TCP_CA_Loss);
	}
	tcp_xmit_retransmit_queue(sk);
}

/* ---- undo ---- */

/* Does the ACK answer something that was sent before we sent anything again? */
static bool packet_was_delayed(const struct tcp_sock *tp)
{
	return tp->retrans_stamp && tp->rx_opt.saw_tstamp &&
	       tp->rx_opt.rcv_tsecr &&
	       before(tp->rx_opt.rcv_tsecr - tp->tsoffset, tp->retrans_stamp);
}

static bool may_undo(const struct tcp_sock *tp)
{
	return tp->undo_marker && (!tp->undo_retrans || packet_was_delayed(tp));
}

static void undo_reduction(struct sock *sk, bool unmark_lost)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;

	if (unmark_lost) {
		skb_queue_walk(&tp->rtx_queue, skb)
			TCP_SKB_CB(skb)->sacked &= ~TCPCB_LOST;
		tp->lost_out = 0;
	}
	if (tp->prior_ssthresh) {
		tp->snd_cwnd = inet_csk(sk)->icsk_ca_ops->undo_cwnd(sk);
		tp->snd_ssthresh = max(tp->snd_ssthresh, tp->prior_ssthresh);
		tp->ecn_queue_cwr = false;
	}
	tp->snd_cwnd_stamp = jiffies;
	tp->undo_marker = 0;
	tp->rack.advanced = true;
}

/* May an ACK of something that was sent again still come? */
static bool any_retrans_left(const struct sock *sk)
{
	const struct sk_buff *head = tcp_rtx_head(sk);

	return tcp_sk(sk)->retrans_out ||
	       (head && (TCP_SKB_CB(head)->sacked & TCPCB_EVER_RETRANS));
}

/* All that was lost is repaired.  True: stay for the ACKs of duplicates. */
static bool try_undo_recovery(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (may_undo(tp))
		undo_reduction(sk, false);
	if (tp->snd_una == tp->high_seq && !tcp_is_sack(tp)) {
		/* RFC 6582: duplicates of old retransmissions may follow. */
		if (!any_retrans_left(sk))
			tp->retrans_stamp = 0;
		return true;
	}
	tcp_set_ca_state(sk, TCP_CA_Open);
	return false;
}

static void try_undo_dsack(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->undo_marker && !tp->undo_retrans)
		undo_reduction(sk, false);
}

static bool try_undo_loss(struct sock *sk, bool frto)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (!frto && !may_undo(tp))
		return false;
	undo_reduction(sk, true);
	inet_csk(sk)->icsk_retransmits = 0;
	if (frto || tcp_is_sack(tp)) {
		tcp_set_ca_state(sk, TCP_CA_Open);
		tp->frto = false;
	}
	return true;
}

/* ---- the machine ---- */

static void try_keep_open(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	int state = tp->sacked_out || tp->lost_out || any_retrans_left(sk) ?
		    TCP_CA_Disorder : TCP_CA_Open;

	if (inet_csk(sk)->icsk_ca_state != state) {
		tcp_set_ca_state(sk, state);
		tp->high_seq = tp->snd_nxt;
	}
}

/* A peer without SACK: each duplicate ACK is a segment that has arrived. */
static void count_duplicate(struct tcp_sock *tp, struct tcp_ack_state *st)
{
	if (tcp_is_sack(tp) || !st->fack_rexmit_end)
		return;
	/* At least one has not arrived, or there were no duplicates. */
	if (tp->sacked_out + max(tp->lost_out, 1u) < tp->packets_out) {
		tp->sacked_out++;
		tp->delivered++;
	}
}

static void find_losses(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *head = tcp_rtx_head(sk);

	if (tcp_is_sack(tp)) {
		tcp_rack_mark_lost(sk);
	} else if (head && !(TCP_SKB_CB(head)->sacked & TCPCB_LOST) &&
		   (tp->sacked_out >= tp->reordering ||
		    inet_csk(sk)->icsk_ca_state >= TCP_CA_Recovery)) {
		if (tcp_skb_pcount(head) > 1)
			tcp_fragment(sk, &tp->rtx_queue, head,
				     tcp_skb_mss(head), tcp_skb_mss(head),
				     GFP_ATOMIC);
		tcp_mark_skb_lost(sk, head);
	}
}

/* In Loss: was the timer hasty (F-RTO)?  Is all repaired? */
static void process_loss(struct sock *sk, struct tcp_ack_state *st)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool recovered = !before(tp->snd_una, tp->high_seq);

	if (st->snd_una_advanced && try_undo_loss(sk, false))
		return;
	if (tp->frto) {
		/* Something that we did not send again has arrived. */
		if (st->orig_sacked && try_undo_loss(sk, true))
			return;
		if (after(tp->snd_nxt, tp->high_seq)) {
			if (st->data_sacked || st->fack_rexmit_end)
				tp->frto = false;
		} else if (st->snd_una_advanced && !recovered) {
			tp->high_seq = tp->snd_nxt;
		}
	}
	if (recovered)
		try_undo_recovery(sk);
	else if (!tcp_is_sack(tp) && st->snd_una_advanced)
		tp->sacked_out = 0;
}

/* The point where recovery began is acked: it ends. */
static bool state_expires(struct sock *sk, struct tcp_ack_state *st)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (before(tp->snd_una, tp->high_seq))
		return false;
	switch (inet_csk(sk)->icsk_ca_state) {
	case TCP_CA_CWR:
		if (tp->snd_una != tp->high_seq) {
			end_reduction(sk);
			tcp_set_ca_state(sk, TCP_CA_Open);
		}
		return false;
	case TCP_CA_Recovery:
		if (!tcp_is_sack(tp))
			tp->sacked_out = 0;
		if (try_undo_recovery(sk))
			return true;
		end_reduction(sk);
		return false;
	}
	return false;
}

/* The first unacked is SACKed, and the ACK stops before it: the peer has thrown
 * it away (RFC 2018 8).  Wait a moment for an ACK that was overtaken, then
 * believe nothing: tcp_enter_loss(). */
static bool peer_reneges(struct sock *sk, const struct tcp_ack_state *st)
{
	const struct sk_buff *head = tcp_rtx_head(sk);
	unsigned int wait = usecs_to_jiffies(tcp_sk(sk)->srtt_us >> 4);

	if (!st->snd_una_advanced || !head ||
	    !(TCP_SKB_CB(head)->sacked & TCPCB_SACKED_ACKED))
		return false;
	inet_csk_reset_xmit_timer(sk, ICSK_TIME_RETRANS,
				  max_t(unsigned int, wait, HZ / 100 + 1),
				  TCP_RTO_MAX);
	return true;
}

void tcp_fastretrans_alert(struct sock *sk, struct tcp_ack_state *st)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	if (st->ece)
		tp->prior_ssthresh = 0; /* no undoing of this one */
	if (peer_reneges(sk, st))
		return;
	if (icsk->icsk_ca_state == TCP_CA_Open)
		tp->retrans_stamp = 0;
	else if (state_expires(sk, st))
		return;
	switch (icsk->icsk_ca_state) {
	case TCP_CA_Recovery:
		count_duplicate(tp, st);
		try_undo_dsack(sk);
		find_losses(sk);
		return;
	case TCP_CA_Loss:
		process_loss(sk, st);
		find_losses(sk);
		return;
	}
	count_duplicate(tp, st);
	if (icsk->icsk_ca_state == TCP_CA_Disorder)
		try_undo_dsack(sk);
	find_losses(sk);
	if (tp->lost_out) {
		tcp_enter_recovery(sk);
		return;
	}
	if (st->ece)                  /* a router is full: as if it were lost */
		tcp_enter_cwr(sk);
	if (icsk->icsk_ca_state != TCP_CA_CWR)
		try_keep_open(sk);
}
