/* SPDX-License-Identifier: MIT */
/*
 * tcp_ack.c -- an ACK: what has arrived, and what follows from it
 *
 * IDEA.  In this order, each step noting what it found in tcp_ack_state:
 *
 *	is it one at all (RFC 5961 5)?  the peer's window
 *	SACK blocks -> marks                         tcp_sack.c
 *	what is acked leaves rtx_queue               clean_rtx_queue
 *	round-trip samples                           tcp_rtt.c
 *	what is lost; the state of recovery          tcp_recovery.c
 *	the congestion window                        tcp_cong.c
 *	what may be sent again                       tcp_retransmit.c
 *
 * SEE RFC 9293 3.10.7.4, "fifth, check the ACK field".
 */

#include "tcp_impl.h"

#include <net/dst.h>

/* ---- the window ---- */

/* Is this segment newer than the one whose window we know? */
bool tcp_may_update_window(const struct tcp_sock *tp, u32 ack, u32 ack_seq,
			   u32 window)
{
	return after(ack, tp->snd_una) || after(ack_seq, tp->snd_wl1) ||
	       (ack_seq == tp->snd_wl1 && window > tp->snd_wnd);
}

static void update_window(struct sock *sk, const struct sk_buff *skb,
			  struct tcp_ack_state *st)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 window = be16_to_cpu(th->window);

	if (!th->syn)
		window <<= tp->rx_opt.snd_wscale;
	if (tcp_may_update_window(tp, st->ack, st->ack_seq, window)) {
		st->win_updated = true;
		tp->snd_wl1 = st->ack_seq;
		if (tp->snd_wnd != window) {
			tp->snd_wnd = window;
			if (window > tp->max_window) {
				tp->max_window = window;
				tcp_sync_mss(sk, inet_csk(sk)->icsk_pmtu_cookie);
			}
		}
	}
	tp->bytes_acked += st->ack - tp->snd_una;
	WRITE_ONCE(tp->snd_una, st->ack);
	if (between(tp->snd_up, st->prior_snd_una, st->ack))
		tp->snd_up = st->ack;
}

/* Nothing is under way: the window opened, or is still shut. */
static void ack_probe(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct sk_buff *head = tcp_send_head(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	if (!head)
		return;
	if (!after(TCP_SKB_CB(head)->end_seq, tcp_wnd_end(tp))) {
		icsk->icsk_backoff = 0;
		icsk->icsk_probes_tstamp = 0;
		inet_csk_clear_xmit_timer(sk, ICSK_TIME_PROBE0);
	} else {
		inet_csk_reset_xmit_timer(sk, ICSK_TIME_PROBE0,
					  tcp_probe0_when(sk), TCP_RTO_MAX);
	}
}

/* ---- what is acked ---- */

/* skb has arrived: the newest sending so far that has? */
void tcp_rate_delivered(struct sock *sk, struct sk_buff *skb,
			struct tcp_ack_state *st)
{
	u64 sent = tcp_skb_sent_us(skb);
	u32 end = TCP_SKB_CB(skb)->end_seq;

	if (st->newest_us && !tcp_rack_sent_after(sent, st->newest_us, end,
						  st->newest_end_seq))
		return;
	st->newest_us = sent;
	st->newest_end_seq = end;
	st->newest_retrans = TCP_SKB_CB(skb)->sacked & TCPCB_EVER_RETRANS;
}

/* Count skb's n segments out of everything. */
static void account_acked(struct sock *sk, struct sk_buff *skb, u32 n,
			  struct tcp_ack_state *st)
{
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	struct tcp_sock *tp = tcp_sk(sk);
	u8 sacked = cb->sacked;

	if (sacked & TCPCB_EVER_RETRANS) {
		st->retrans_acked = true;
	} else if (!(sacked & TCPCB_SACKED_ACKED)) {
		u64 sent = tcp_skb_sent_us(skb);

		/* The oldest is the sample: delayed ACKs and all. */
		if (st->seq_rtt_us < 0)
			st->seq_rtt_us = max_t(s64, tp->tcp_mstamp - sent, 1);
		if (tp->sacked_out && before(cb->seq, tp->highest_sack) &&
		    before(cb->seq, st->reord))
			st->reord = cb->seq;
		if (!after(cb->end_seq, tp->high_seq))
			st->orig_sacked = true;
	}
	if (!(sacked & TCPCB_SACKED_ACKED)) {
		tp->delivered += n;
		tcp_rate_delivered(sk, skb, st);
	}
	st->pkts_acked += n;
}

static void forget_counts(struct tcp_sock *tp, u8 sacked, u32 n)
{
	if (sacked & TCPCB_SACKED_RETRANS)
		tp->retrans_out -= n;
	if (sacked & TCPCB_SACKED_ACKED)
		tp->sacked_out -= n;
	if (sacked & TCPCB_LOST)
		tp->lost_out -= n;
	tp->packets_out -= n;
}

/* Some of skb's segments are acked: false if that cannot be noted now. */
static bool ack_partly(struct sock *sk, struct sk_buff *skb,
		       struct tcp_ack_state *st)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 old = tcp_skb_pcount(skb), n;

	if (old == 1 || !after(tp->snd_una, TCP_SKB_CB(skb)->seq))
		return false;
	n = tp->snd_una - TCP_SKB_CB(skb)->seq;
	if (n < tcp_skb_mss(skb))
		return false;
	if (tcp_trim_head(sk, skb, n))
		return false;
	n = old - tcp_skb_pcount(skb);
	if (n)
		account_acked(sk, skb, n, st);
	st->data_acked = true;
	return true;
}

static void clean_rtx_queue(struct sock *sk, struct tcp_ack_state *st)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;

	while ((skb = skb_peek(&tp->rtx_queue))) {
		struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
		u32 n = tcp_skb_pcount(skb);

		if (after(cb->end_seq, tp->snd_una)) {
			ack_partly(sk, skb, st);
			break;
		}
		account_acked(sk, skb, n, st);
		forget_counts(tp, cb->sacked, n);
		if (cb->tcp_flags & TCPHDR_SYN) {
			st->syn_acked = true;
			tp->retrans_stamp = 0;
		} else {
			st->data_acked = true;
		}
		__skb_unlink(skb, &tp->rtx_queue);
		tcp_wmem_free_skb(sk, skb);
	}
	if (!tp->packets_out)
		tp->sacked_out = tp->lost_out = tp->retrans_out = 0;
}

/* Round trips, the timer, and what the congestion control wants to know. */
static void after_cleaning(struct sock *sk, struct tcp_ack_state *st)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	bool acked = st->data_acked || st->syn_acked;

	tcp_rtt_sample(sk, st->retrans_acked ? -1 : st->seq_rtt_us,
		       st->sack_rtt_us, acked, st);
	if (acked) {
		tcp_rearm_rto(sk);
		if (!tcp_is_sack(tp) && tp->sacked_out)
			tp->sacked_out -= min(tp->sacked_out,
					      max(st->pkts_acked, 1u) - 1);
		else if (before(st->reord, st->prior_snd_una + 0) ||
			 before(st->reord, tp->snd_una))
			tcp_check_reordering(sk, st->reord, false);
	}
	if (icsk->icsk_ca_ops->pkts_acked) {
		struct ack_sample sample = {
			.pkts_acked = st->pkts_acked,
			.rtt_us = st->ca_rtt_us,
		};

		icsk->icsk_ca_ops->pkts_acked(sk, &sample);
	}
}

/* ---- the tail loss probe's end ---- */

static void process_tlp_ack(struct sock *sk, struct tcp_ack_state *st)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (before(st->ack, tp->tlp_high_seq))
		return;
	if (st->dsack || after(st->ack, tp->tlp_high_seq)) {
		tp->tlp_high_seq = 0; /* the probe was a duplicate, or new */
	} else if (!(st->win_updated && !st->snd_una_advanced)) {
		/* The probe repaired a loss that nothing else showed. */
		tp->tlp_high_seq = 0;
		if (st->retrans_acked) {
			tcp_enter_cwr(sk);
			if (inet_csk(sk)->icsk_ca_state == TCP_CA_CWR &&
			    !before(tp->snd_una, tp->high_seq))
				tcp_set_ca_state(sk, TCP_CA_Open);
		}
	}
}

/* ---- all of it ---- */

static bool ack_is_dubious(const struct sock *sk,
			   const struct tcp_ack_state *st)
{
	return !(st->data_acked || st->syn_acked || st->win_updated) ||
	       st->data_sacked || st->ece || st->dsack ||
	       inet_csk(sk)->icsk_ca_state != TCP_CA_Open;
}

static void begin(struct sock *sk, struct sk_buff *skb,
		  struct tcp_ack_state *st)
{
	struct tcp_sock *tp = tcp_sk(sk);

	*st = (struct tcp_ack_state){
		.ack = TCP_SKB_CB(skb)->ack_seq,
		.ack_seq = TCP_SKB_CB(skb)->seq,
		.prior_snd_una = tp->snd_una,
		.prior_packets = tp->packets_out,
		.prior_in_flight = tcp_packets_in_flight(tp),
		.prior_delivered = tp->delivered,
		.lost_before = tp->lost,
		.ece = tp->ecn_ok && tcp_hdr(skb)->ece && !tcp_hdr(skb)->syn,
		.seq_rtt_us = -1, .sack_rtt_us = -1, .ca_rtt_us = -1,
		.reord = tp->snd_nxt,
	};
}

/* Not new, but its SACKs may be. */
static int old_ack(struct sock *sk, struct sk_buff *skb,
		   struct tcp_ack_state *st)
{
	if (!tcp_sk(sk)->rx_opt.sack_off)
		return 0;
	st->ack = tcp_sk(sk)->snd_una;
	tcp_sacktag(sk, skb, st);
	tcp_fastretrans_alert(sk, st);
	tcp_xmit_retransmit_queue(sk);
	return 0;
}

static void process_queue(struct sock *sk, struct sk_buff *skb,
			  struct tcp_ack_state *st)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (tp->rx_opt.sack_off)
		tcp_sacktag(sk, skb, st);
	clean_rtx_queue(sk, st);
	tcp_rack_update(sk, st);
	after_cleaning(sk, st);
	if (tp->tlp_high_seq)
		process_tlp_ack(sk, st);
	st->acked_sacked = tp->delivered - st->prior_delivered;
	if (ack_is_dubious(sk, st)) {
		/* A duplicate: no data, no news but that something came. */
		if (!st->snd_una_advanced && !st->win_updated &&
		    TCP_SKB_CB(skb)->seq == TCP_SKB_CB(skb)->end_seq)
			st->fack_rexmit_end = 1;
		tcp_fastretrans_alert(sk, st);
	}
	st->acked_sacked = tp->delivered - st->prior_delivered;
	tcp_cong_control(sk, st);
	tcp_xmit_retransmit_queue(sk);
}

/* The stamp of what is next in order, or acknowledged already (RFC 7323 4.3);
 * not before the ACK was believed, or a blind attacker would set our clock. */
static void note_stamp(struct tcp_sock *tp, u32 seq)
{
	if (tp->rx_opt.saw_tstamp && !after(seq, tp->rcv_wup) &&
	    tcp_paws_check(&tp->rx_opt, 0))
		tcp_store_ts_recent(tp);
}

/*
 * 1: fine.  0: old, its data may still be good.  -1: not acceptable (the caller
 * drops the segment; a challenge was sent where one is due).
 */
int tcp_ack(struct sock *sk, struct sk_buff *skb, bool slowpath)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_ack_state st;

	begin(sk, skb, &st);
	if (before(st.ack, tp->snd_una)) {
		/* Nor can it be older than all that was ever acked. */
		if (before(st.ack, tp->snd_una -
			   (u32)min_t(u64, tp->max_window, tp->bytes_acked))) {
			tcp_send_challenge_ack(sk); /* RFC 5961 5.2 */
			return -1;
		}
		return old_ack(sk, skb, &st);
	}
	if (after(st.ack, tp->snd_nxt))
		return -1;
	if (after(st.ack, tp->snd_una)) {
		st.snd_una_advanced = true;
		icsk->icsk_retransmits = 0;
	}
	note_stamp(tp, st.ack_seq);
	update_window(sk, skb, &st);
	sk->sk_err_soft = 0;
	icsk->icsk_probes_out = 0;
	tp->rcv_tstamp = jiffies;
	if (!st.prior_packets) {
		ack_probe(sk);
		return 1;
	}
	process_queue(sk, skb, &st);
	if (tcp_send_head(sk) && !tp->packets_out)
		ack_probe(sk);
	return 1;
}
