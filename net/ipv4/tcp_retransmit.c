/* SPDX-License-Identifier: MIT */
/*
 * tcp_retransmit.c -- sending again, and probing for a lost tail
 *
 * IDEA.  tcp_xmit_retransmit_queue() sends again what is marked lost and was
 * not sent since, lowest first, as far as the congestion window has room: the
 * windows are the same for old data and new.
 *
 * TAIL LOSS PROBE (RFC 8985 7).  When the last segments of a burst are lost
 * nothing comes that could tell.  Two round trips after the last sending one
 * more segment goes out (new, or the last again), and its ACK shows the hole
 * long before the retransmission timer would.
 *
 * SEE tcp_recovery.c (what is lost), tcp_timer.c (when all is).
 */

#include "tcp_impl.h"

#include <net/ip.h>

/* A smaller path than when it was cut: fit it.  0 or -ENOMEM. */
static int fit(struct sock *sk, struct sk_buff *skb, unsigned int mss, int segs)
{
	u32 len = mss * segs;

	if (skb->len > len)
		return tcp_fragment(sk, &tcp_sk(sk)->rtx_queue, skb, len, mss,
				    GFP_ATOMIC);
	if (skb->len > mss && (tcp_skb_pcount(skb) == 1 ||
			       tcp_skb_mss(skb) > mss)) {
		int old = tcp_skb_pcount(skb), diff;

		/* A clone that waits in a queue is cut by the same numbers. */
		if (skb_cloned(skb) && pskb_expand_head(skb, 0, 0, GFP_ATOMIC))
			return -ENOMEM;
		tcp_set_skb_tso_segs(skb, mss);
		diff = (int)tcp_skb_pcount(skb) - old;
		tcp_sk(sk)->packets_out += diff;
		if (TCP_SKB_CB(skb)->sacked & TCPCB_LOST)
			tcp_sk(sk)->lost_out += diff;
	}
	return 0;
}

/* Send skb's first segs segments again: 0, or why not. */
int tcp_retransmit_skb(struct sock *sk, struct sk_buff *skb, int segs)
{
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	struct tcp_sock *tp = tcp_sk(sk);
	unsigned int mss;
	int err;

	if (before(cb->seq, tp->snd_una) && !(cb->tcp_flags & TCPHDR_SYN) &&
	    tcp_trim_head(sk, skb, tp->snd_una - cb->seq))
		return -ENOMEM;
	if (inet_csk(sk)->icsk_af_ops->rebuild_header(sk))
		return -EHOSTUNREACH;
	/* Not into a window that was closed: the probe timer's business. */
	if (!before(cb->seq, tcp_wnd_end(tp)) && cb->seq != tp->snd_una)
		return -EAGAIN;
	mss = tcp_current_mss(sk);
	err = fit(sk, skb, mss, tcp_can_tso(sk) ? max(segs, 1) : 1);
	if (err)
		return err;
	/* Somebody on the way may drop what asks for ECN: RFC 3168 6.1.1.1. */
	if (cb->tcp_flags & TCPHDR_SYN)
		cb->tcp_flags &= ~(TCPHDR_ECE | TCPHDR_CWR);
	cb->delivered = tp->delivered;
	err = tcp_transmit_skb(sk, skb, true, GFP_ATOMIC);
	if (err)
		return err;
	tp->bytes_retrans += skb->len;
	tp->total_retrans += tcp_skb_pcount(skb);
	TCP_ADD_STATS(sock_net(sk), RETRANSSEGS, tcp_skb_pcount(skb));
	if (!(cb->sacked & TCPCB_SACKED_RETRANS))
		tp->retrans_out += tcp_skb_pcount(skb);
	cb->sacked |= TCPCB_SACKED_RETRANS | TCPCB_EVER_RETRANS;
	if (!tp->retrans_stamp)
		tp->retrans_stamp = tcp_time_stamp(tp);
	if (tp->undo_retrans < 0)
		tp->undo_retrans = 0;
	tp->undo_retrans += tcp_skb_pcount(skb);
	return 0;
}

static int quota(const struct tcp_sock *tp)
{
	return (int)tp->snd_cwnd - (int)tcp_packets_in_flight(tp);
}

void tcp_xmit_retransmit_queue(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb, *next;
	bool rearm = false;

	if (!tp->packets_out || tp->lost_out <= tp->retrans_out)
		return;
	skb_queue_walk_safe(&tp->rtx_queue, skb, next) {
		struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
		int segs = quota(tp);

		if (segs <= 0 || tp->lost_out <= tp->retrans_out)
			break;
		if ((cb->sacked & (TCPCB_LOST | TCPCB_SACKED_ACKED |
				   TCPCB_SACKED_RETRANS)) != TCPCB_LOST)
			continue;
		if (tcp_retransmit_skb(sk, skb, segs))
			break;
		tp->prr_out += tcp_skb_pcount(skb);
		if (skb == tcp_rtx_head(sk) &&
		    inet_csk(sk)->icsk_pending != ICSK_TIME_REO_TIMEOUT)
			rearm = true;
		next = skb->next;             /* it may have been cut */
	}
	if (rearm)
		inet_csk_reset_xmit_timer(sk, ICSK_TIME_RETRANS,
					  inet_csk(sk)->icsk_rto, TCP_RTO_MAX);
}

/* ---- the tail loss probe ---- */

/* May one be sent, and when?  False: the usual timer runs. */
bool tcp_schedule_loss_probe(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	unsigned long timeout;
	long left;

	if (!READ_ONCE(tcp_net(sk)->early_retrans) || !tp->packets_out ||
	    !tcp_is_sack(tp) || icsk->icsk_ca_state > TCP_CA_Disorder ||
	    sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV)
		return false;
	timeout = TCP_TIMEOUT_INIT;
	if (tp->srtt_us) {
		timeout = usecs_to_jiffies(tp->srtt_us >> 2);
		if (tp->packets_out == 1)
			timeout += TCP_RTO_MIN; /* the peer's delayed ACK */
		else
			timeout += 2;
	}
	left = (long)(icsk->icsk_timeout - jiffies);
	if (icsk->icsk_pending == ICSK_TIME_RETRANS && left > 0)
		timeout = min_t(unsigned long, timeout, left);
	inet_csk_reset_xmit_timer(sk, ICSK_TIME_LOSS_PROBE, timeout,
				  TCP_RTO_MAX);
	return true;
}

/* Is a copy of skb still on its way down here?  Then it is not lost. */
static bool still_in_host(const struct sk_buff *skb)
{
	return skb_cloned(skb);
}

void tcp_send_loss_probe(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	unsigned int mss = tcp_current_mss(sk);
	struct sk_buff *skb = tcp_send_head(sk);

	if (tp->tlp_high_seq)
		goto rearm;
	if (skb && snd_wnd_room(tp, skb, mss)) {
		u32 before_this = tp->packets_out;

		tcp_write_xmit(sk, mss, TCP_NAGLE_OFF, 2, GFP_ATOMIC);
		if (tp->packets_out > before_this)
			goto probe_sent;
		goto rearm;
	}
	skb = skb_peek_tail(&tp->rtx_queue);
	if (!skb || still_in_host(skb))
		goto rearm;
	if (skb->len > mss && tcp_skb_pcount(skb) > 1) {
		u32 keep = (tcp_skb_pcount(skb) - 1) * mss;

		if (keep < skb->len &&
		    tcp_fragment(sk, &tp->rtx_queue, skb, keep, mss,
				 GFP_ATOMIC))
			goto rearm;
		skb = skb_peek_tail(&tp->rtx_queue);
	}
	if (tcp_retransmit_skb(sk, skb, 1))
		goto rearm;
probe_sent:
	tp->tlp_high_seq = tp->snd_nxt;
rearm:
	inet_csk_reset_xmit_timer(sk, ICSK_TIME_RETRANS,
				  inet_csk(sk)->icsk_rto, TCP_RTO_MAX);
}
