/* SPDX-License-Identifier: MIT */
/*
 * tcp_output.c -- when to send what is queued, and handing it to IP
 *
 * PROMISE.  No more is in the network than the congestion window says and no
 * more sent than the peer's window says; small packets wait while others are
 * unacknowledged (Nagle, RFC 9293 3.7.4), unless the user wants it otherwise.
 *
 * IDEA.  The write queue holds packets of up to 64 KiB of payload, whose
 * gso_size says how the device (or the last moment before it) shall cut them.
 * Windows and counts are in segments of that size.  A packet that is sent moves
 * to rtx_queue; what goes down is a clone, which shares the bytes:
 *
 *	write_queue: [E][F]   rtx_queue: [A][B][C][D] -> clones in the network
 *
 * RACES.  A clone's header lies in the same memory as the original's headroom.
 * While some clone is still under way (skb_cloned()), the next transmission
 * gets a copy of the headroom instead: the bytes in pages are shared all the
 * same.
 *
 * SEE tcp_segment.c (cutting), tcp_window.c (what we offer), tcp_retransmit.c.
 */

#include "tcp_impl.h"

#include <net/ip.h>

/* ---- one packet ---- */

/* The SACK blocks to send, a duplicate's first (RFC 2883). */
static void fill_sacks(struct tcp_sock *tp, struct tcp_out_options *o)
{
	unsigned int room = TCP_MAX_OPTIONS - TCPOLEN_SACK_BASE_ALIGNED -
			    (o->has_ts ? TCPOLEN_TSTAMP_ALIGNED : 0);
	unsigned int max = room / TCPOLEN_SACK_PERBLOCK;

	if (tp->rx_opt.dsack)
		o->sacks[o->num_sack_blocks++] = tp->duplicate_sack;
	for (int i = 0; i < tp->rx_opt.num_sacks && o->num_sack_blocks < max;
	     i++)
		o->sacks[o->num_sack_blocks++] = tp->selective_acks[i];
	tp->rx_opt.dsack = false;
}

/* All that we can do; of a SYN-ACK too, which answers a SYN that crossed ours:
 * the peer takes what it offered. */
static void syn_options(struct sock *sk, struct tcp_out_options *o, bool ack)
{
	struct tcp_sock *tp = tcp_sk(sk);

	o->mss = tp->advmss +
		 (ack && tp->rx_opt.tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0);
	o->has_ts = tcp_net(sk)->timestamps;
	o->has_ws = tcp_net(sk)->window_scaling;
	o->ws = tp->rx_opt.rcv_wscale;
	o->sack_perm = tcp_net(sk)->sack;
}

static void out_options(struct sock *sk, const struct tcp_skb_cb *cb,
			struct tcp_out_options *o)
{
	struct tcp_sock *tp = tcp_sk(sk);

	memset(o, 0, offsetof(struct tcp_out_options, sacks));
	if (cb->tcp_flags & TCPHDR_SYN) {
		syn_options(sk, o, cb->tcp_flags & TCPHDR_ACK);
	} else {
		o->has_ts = tp->rx_opt.tstamp_ok;
		if (tp->rx_opt.num_sacks || tp->rx_opt.dsack)
			fill_sacks(tp, o);
	}
	if (o->has_ts) {
		o->tsval = tcp_time_stamp(tp) + tp->tsoffset;
		o->tsecr = tp->rx_opt.ts_recent;
	}
}

/*
 * RFC 3168 6.1: new data may be marked by routers (ECT); the first of it after
 * a reduction says so (CWR); and until the peer says that, our ACKs echo its
 * mark. Nothing that is sent again is marked, nor a bare ACK.
 */
static u8 ecn_flags(struct sock *sk, struct sk_buff *skb,
		    const struct tcp_skb_cb *cb)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u8 flags = 0;

	tp->ecn_mark = false;
	if (!tp->ecn_ok || (cb->tcp_flags & TCPHDR_SYN))
		return 0;
	if (cb->end_seq != cb->seq && !before(cb->seq, tp->snd_nxt)) {
		tp->ecn_mark = true;
		if (tp->ecn_queue_cwr) {
			tp->ecn_queue_cwr = false;
			flags |= TCPHDR_CWR;
		}
	}
	if (tp->ecn_demand_cwr)
		flags |= TCPHDR_ECE;
	return flags;
}

/* Push the header in front of skb (a clone). */
static void put_header(struct sock *sk, struct sk_buff *skb, u32 rcv_nxt)
{
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	struct tcp_sock *tp = tcp_sk(sk);
	struct tcp_out_options o;
	unsigned int size;
	struct tcphdr *th;

	out_options(sk, cb, &o);
	size = sizeof(*th) + tcp_options_size(&o);
	skb_push(skb, size);
	skb_reset_transport_header(skb);
	th = tcp_hdr(skb);
	memset(th, 0, sizeof(*th));
	th->source = inet_sk(sk)->inet_sport;
	th->dest = inet_sk(sk)->inet_dport;
	th->seq = cpu_to_be32(cb->seq);
	th->ack_seq = cb->tcp_flags & TCPHDR_ACK ? cpu_to_be32(rcv_nxt) : 0;
	((u8 *)th)[12] = (size / 4) << 4;
	((u8 *)th)[13] = cb->tcp_flags | ecn_flags(sk, skb, cb);
	if (cb->tcp_flags & TCPHDR_SYN)       /* never scaled: 7323 2.2 */
		th->window = cpu_to_be16(min(tp->rcv_wnd, 65535u));
	else
		th->window = cpu_to_be16(tcp_select_window(sk));
	if (tcp_urg_mode(tp) && before(cb->seq, tp->snd_up)) {
		if (before(tp->snd_up, cb->seq + 0x10000)) {
			th->urg_ptr = cpu_to_be16(tp->snd_up - cb->seq);
			th->urg = 1;
		} else if (after(cb->seq + 0xffff, tp->snd_nxt)) {
			th->urg_ptr = cpu_to_be16(0xffff);
			th->urg = 1;
		}
	}
	tcp_options_write((u8 *)(th + 1), &o);
	inet_csk(sk)->icsk_af_ops->send_check(sk, skb);
}

static void note_ack_sent(struct sock *sk)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	if (icsk->icsk_ack.quick) {
		icsk->icsk_ack.quick--;
		if (!icsk->icsk_ack.quick)
			icsk->icsk_ack.ato = TCP_ATO_MIN;
	}
	inet_csk_clear_xmit_timer(sk, ICSK_TIME_DACK);
}

static void note_data_sent(struct sock *sk, u32 bytes, u32 segs)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 now = jiffies;

	if (!tp->packets_out)
		tcp_ca_event(sk, CA_EVENT_TX_START);
	tp->lsndtime = now;
	/* An answer within the delayed-ACK time: an interactive peer. */
	if ((u32)(now - icsk->icsk_ack.lrcvtime) < icsk->icsk_ack.ato)
		icsk->icsk_ack.pingpong = 1;
	tp->data_segs_out += segs;
	tp->bytes_sent += bytes;
}

/* What goes down: skb itself, or a clone of it, or a copy with shared pages. */
static struct sk_buff *for_the_wire(struct sk_buff *skb, bool clone, gfp_t gfp)
{
	if (!clone)
		return skb;
	return skb_cloned(skb) ? __pskb_copy(skb, MAX_TCP_HEADER, gfp) :
				 skb_clone(skb, gfp);
}

static int transmit(struct sock *sk, struct sk_buff *skb, bool clone, gfp_t gfp,
		    u32 rcv_nxt)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 bytes = skb->len, segs = max(tcp_skb_pcount(skb), 1u);
	u8 flags = TCP_SKB_CB(skb)->tcp_flags;
	struct sk_buff *out;

	tp->tcp_mstamp = max(tp->tcp_mstamp, tcp_clock_us());
	skb->skb_mstamp_ns = tp->tcp_mstamp * NSEC_PER_USEC;
	out = for_the_wire(skb, clone, gfp);
	if (unlikely(!out))
		return -ENOBUFS;
	put_header(sk, out, rcv_nxt);
	if (flags & TCPHDR_ACK)
		note_ack_sent(sk);
	if (bytes)
		note_data_sent(sk, bytes, segs);
	tp->segs_out += segs;
	TCP_ADD_STATS(sock_net(sk), OUTSEGS, segs);
	skb_shinfo(out)->gso_type = segs > 1 ? SKB_GSO_TCPV4 : 0;
	if (segs == 1)
		skb_shinfo(out)->gso_size = 0;
	memset(out->cb, 0, sizeof(out->cb));
	skb_set_owner_w(out, sk);
	return icsk->icsk_af_ops->queue_xmit(sk, out, NULL);
}

/* Consumes skb unless it is cloned.  0, or what the network said. */
int tcp_transmit_skb(struct sock *sk, struct sk_buff *skb, bool clone,
		     gfp_t gfp)
{
	int err = transmit(sk, skb, clone, gfp, tcp_sk(sk)->rcv_nxt);

	/* Congestion here is congestion. */
	if (unlikely(err > 0)) {
		tcp_enter_cwr(sk);
		err = 0;
	}
	return err;
}

/* ---- the queue ---- */

/* skb, the first of the write queue, was sent: it waits for its ACK. */
void tcp_event_new_data_sent(struct sock *sk, struct sk_buff *skb)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 before_this = tp->packets_out;

	WRITE_ONCE(tp->snd_nxt, TCP_SKB_CB(skb)->end_seq);
	__skb_unlink(skb, &sk->sk_write_queue);
	__skb_queue_tail(&tp->rtx_queue, skb);
	tp->packets_out += tcp_skb_pcount(skb);
	if (!before_this || icsk->icsk_pending == ICSK_TIME_LOSS_PROBE)
		tcp_rearm_rto(sk);
}

/* What delivery rates are measured by: the state when it was sent. */
static void rate_skb_sent(struct tcp_sock *tp, struct sk_buff *skb)
{
	if (!tp->packets_out)
		tp->first_tx_mstamp = tp->delivered_mstamp = tp->tcp_mstamp;
	TCP_SKB_CB(skb)->first_tx_mstamp = tp->first_tx_mstamp;
	TCP_SKB_CB(skb)->delivered_mstamp = tp->delivered_mstamp;
	TCP_SKB_CB(skb)->delivered = tp->delivered;
}

/* Minshall's Nagle: a small packet waits while another small one is out. */
static bool nagle_test(const struct tcp_sock *tp, const struct sk_buff *skb,
		       unsigned int mss, int nonagle)
{
	if (nonagle & TCP_NAGLE_PUSH)
		return true;
	if (tcp_urg_mode(tp) || (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN))
		return true;
	if (skb->len >= mss)
		return true;
	if (nonagle & TCP_NAGLE_CORK)
		return false;
	if (nonagle & TCP_NAGLE_OFF)
		return true;
	return !tp->packets_out || !after(tp->snd_sml, tp->snd_una) ||
	       after(tp->snd_sml, tp->snd_nxt);
}

/* How many bytes of skb may go now: a multiple of mss, or all. */
static u32 bytes_to_send(const struct tcp_sock *tp, const struct sk_buff *skb,
			 unsigned int mss, u32 quota, int nonagle)
{
	u32 window = tcp_wnd_end(tp) - TCP_SKB_CB(skb)->seq;
	u32 limit = mss * min(quota, TCP_GSO_MAX_SIZE / mss ?: 1u);
	u32 needed;

	if (limit <= window && skb->len > limit)
		return limit;
	needed = min(skb->len, window);
	if (limit <= needed)
		return limit;
	/* The odd rest at the end waits if Nagle says so. */
	if (needed == skb->len && (needed <= mss ||
	    nagle_test(tp, skb, mss * (needed / mss + 1), nonagle)))
		return needed;
	return needed > mss ? needed - needed % mss : needed;
}

/* A window smaller than wanted, and an ACK soon: wait for a bigger packet. */
static bool should_defer(const struct sock *sk, const struct sk_buff *skb,
			 unsigned int mss, u32 limit)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct sk_buff *first = tcp_rtx_head(sk);
	const struct sk_buff *last = skb_peek_tail(&tp->rtx_queue);
	u32 cwnd, window;

	if (inet_csk(sk)->icsk_ca_state >= TCP_CA_Recovery ||
	    (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_FIN) || tcp_urg_mode(tp))
		return false;
	/* Only within a burst, and if an ACK is due in less than half a round
	 * trip: there may be none that comes later. */
	if (!first || tp->tcp_mstamp > tcp_skb_sent_us(last) + USEC_PER_MSEC ||
	    tp->tcp_mstamp < tcp_skb_sent_us(first) + (tp->srtt_us >> 4))
		return false;
	cwnd = (tp->snd_cwnd - min(tp->snd_cwnd, tcp_packets_in_flight(tp))) *
	       mss;
	window = tcp_wnd_end(tp) - TCP_SKB_CB(skb)->seq;
	limit = min(limit, min(cwnd, window));
	if (limit >= skb->len && skb != skb_peek_tail(&sk->sk_write_queue))
		return false;
	return limit < min(skb->len, max(tp->snd_cwnd * mss / 3, mss)) &&
	       limit < (u32)TCP_GSO_MAX_SIZE / 2;
}

/* Send the first packet of the queue (its limit bytes): false: could not. */
static bool send_head(struct sock *sk, struct sk_buff *skb, u32 limit,
		      unsigned int mss, gfp_t gfp)
{
	struct tcp_sock *tp = tcp_sk(sk);

	if (skb->len > limit &&
	    tcp_fragment(sk, &sk->sk_write_queue, skb, limit, mss, gfp))
		return false;
	rate_skb_sent(tp, skb);
	if (tcp_transmit_skb(sk, skb, true, gfp))
		return false;
	if (skb->len < tcp_skb_pcount(skb) * mss)
		tp->snd_sml = TCP_SKB_CB(skb)->end_seq;
	tcp_event_new_data_sent(sk, skb);
	return true;
}

/*
 * Send what may be sent.  push_one 1: one packet; 2: one, windows or not (a
 * probe).  True: there is something to send, nothing under way and nothing that
 * would start us again, so a window probe is needed.
 */
bool tcp_write_xmit(struct sock *sk, unsigned int mss, int nonagle,
		    int push_one, gfp_t gfp)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool cwnd_limited = false, sent = false;
	struct sk_buff *skb;

	tcp_mstamp_refresh(tp);
	while ((skb = tcp_send_head(sk))) {
		u32 in_flight = tcp_packets_in_flight(tp), quota, limit;

		tcp_set_skb_tso_segs(skb, mss);
		quota = tp->snd_cwnd > in_flight ? tp->snd_cwnd - in_flight : 0;
		if (!quota) {
			cwnd_limited = true;
			if (push_one != 2)
				break;
			quota = 1;
		}
		if (!snd_wnd_room(tp, skb, mss))
			break;
		if (tcp_skb_pcount(skb) == 1) {
			if (!push_one && !nagle_test(tp, skb, mss,
				skb == skb_peek_tail(&sk->sk_write_queue) ?
				nonagle : TCP_NAGLE_PUSH))
				break;
			limit = mss;
		} else if (!tcp_can_tso(sk)) {
			limit = mss;
		} else {
			limit = bytes_to_send(tp, skb, mss, quota, nonagle);
			if (!push_one && should_defer(sk, skb, mss, limit)) {
				cwnd_limited = true;
				break;
			}
		}
		if (!send_head(sk, skb, max(limit, 1u), mss, gfp))
			break;
		sent = true;
		if (push_one)
			break;
	}
	if (sent) {
		if (inet_csk(sk)->icsk_ca_state >= TCP_CA_CWR)
			tp->prr_out++;
		cwnd_limited |= tcp_packets_in_flight(tp) >= tp->snd_cwnd;
		if (push_one != 2)
			tcp_schedule_loss_probe(sk);
		tcp_cwnd_validate(sk, cwnd_limited);
		return false;
	}
	return !tp->packets_out && tcp_send_head(sk);
}

void tcp_push_pending_frames(struct sock *sk, unsigned int mss, int nonagle)
{
	if (unlikely(sk->sk_state == TCP_CLOSE) || !tcp_send_head(sk))
		return;
	if (tcp_write_xmit(sk, mss, nonagle, 0, GFP_ATOMIC))
		tcp_check_probe_timer(sk);
}

/* Send the first packet, which is full. */
void tcp_push_one(struct sock *sk, unsigned int mss)
{
	tcp_write_xmit(sk, mss, TCP_NAGLE_PUSH, 1, sk->sk_allocation);
}

/* ---- segments without data ---- */

static struct sk_buff *control_skb(u32 seq, u8 flags, gfp_t gfp)
{
	struct sk_buff *skb = alloc_skb(MAX_TCP_HEADER, gfp);

	if (!skb)
		return NULL;
	skb_reserve(skb, MAX_TCP_HEADER);
	skb->ip_summed = CHECKSUM_PARTIAL;
	memset(skb->cb, 0, sizeof(skb->cb));
	TCP_SKB_CB(skb)->tcp_flags = flags;
	TCP_SKB_CB(skb)->seq = TCP_SKB_CB(skb)->end_seq = seq;
	if (flags & (TCPHDR_SYN | TCPHDR_FIN))
		TCP_SKB_CB(skb)->end_seq++;
	skb_shinfo(skb)->gso_segs = 1;
	return skb;
}

/* A sequence number that the peer finds in its window, even if it shrank. */
static u32 acceptable_seq(const struct tcp_sock *tp)
{
	if (!before(tcp_wnd_end(tp), tp->snd_nxt) ||
	    (tp->rx_opt.wscale_ok &&
	     tp->snd_nxt - tcp_wnd_end(tp) < (1u << tp->rx_opt.rcv_wscale)))
		return tp->snd_nxt;
	return tcp_wnd_end(tp);
}

void tcp_send_ack_at(struct sock *sk, u32 rcv_nxt)
{
	struct sk_buff *skb;

	if (sk->sk_state == TCP_CLOSE)
		return;
	skb = control_skb(acceptable_seq(tcp_sk(sk)), TCPHDR_ACK,
			  GFP_ATOMIC | __GFP_NOWARN);
	if (unlikely(!skb)) {         /* later then */
		inet_csk_schedule_ack(sk);
		inet_csk(sk)->icsk_ack.ato = TCP_ATO_MIN;
		inet_csk_reset_xmit_timer(sk, ICSK_TIME_DACK, TCP_DELACK_MAX,
					  TCP_RTO_MAX);
		return;
	}
	transmit(sk, skb, false, GFP_ATOMIC, rcv_nxt);
}

void tcp_send_ack(struct sock *sk)
{
	tcp_send_ack_at(sk, tcp_sk(sk)->rcv_nxt);
}

/* We end it against the peer's will (RFC 2525 2.17, SO_LINGER 0). */
void tcp_send_active_reset(struct sock *sk, gfp_t gfp)
{
	struct sk_buff *skb = control_skb(acceptable_seq(tcp_sk(sk)),
					  TCPHDR_ACK | TCPHDR_RST, gfp);

	TCP_INC_STATS(sock_net(sk), OUTRSTS);
	if (skb)
		tcp_transmit_skb(sk, skb, false, gfp);
}

/* An ACK whose sequence number lies just outside: the peer must answer. */
static int send_probe(struct sock *sk, bool urgent)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = control_skb(tp->snd_una - !urgent, TCPHDR_ACK,
					  GFP_ATOMIC | __GFP_NOWARN);

	if (!skb)
		return -ENOBUFS;
	tcp_mstamp_refresh(tp);
	return tcp_transmit_skb(sk, skb, false, GFP_ATOMIC);
}

/* Make the peer say where it stands: with data if its window lets us. */
int tcp_write_wakeup(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = tcp_send_head(sk);

	if (sk->sk_state == TCP_CLOSE)
		return -1;
	if (skb && before(TCP_SKB_CB(skb)->seq, tcp_wnd_end(tp))) {
		unsigned int mss = tcp_current_mss(sk);
		u32 room = tcp_wnd_end(tp) - TCP_SKB_CB(skb)->seq;

		TCP_SKB_CB(skb)->tcp_flags |= TCPHDR_PSH;
		tcp_set_skb_tso_segs(skb, mss);
		return send_head(sk, skb, min3(room, mss, max(skb->len, 1u)),
				 mss, GFP_ATOMIC) ? 0 : -ENOBUFS;
	}
	if (between(tp->snd_up, tp->snd_una + 1, tp->snd_una + 0xffff))
		send_probe(sk, true);
	return send_probe(sk, false);
}

/* ---- SYN and FIN ---- */

/* The last packet carries the FIN if it can still be changed. */
void tcp_send_fin(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb = tcp_write_queue_tail(sk);

	if (skb) {
		TCP_SKB_CB(skb)->tcp_flags |= TCPHDR_FIN;
		TCP_SKB_CB(skb)->end_seq++;
		tp->write_seq++;
	} else {
		skb = alloc_skb_fclone(MAX_TCP_HEADER, sk->sk_allocation |
				       __GFP_NOWARN);
		if (!skb)
			return;       /* the orphan's timers end it */
		skb_reserve(skb, MAX_TCP_HEADER);
		skb->ip_summed = CHECKSUM_PARTIAL;
		memset(skb->cb, 0, sizeof(skb->cb));
		skb_shinfo(skb)->gso_segs = 1;
		TCP_SKB_CB(skb)->tcp_flags = TCPHDR_ACK | TCPHDR_FIN;
		TCP_SKB_CB(skb)->seq = tp->write_seq;
		TCP_SKB_CB(skb)->end_seq = ++tp->write_seq;
		__skb_queue_tail(&sk->sk_write_queue, skb);
		tcp_wmem_queued_add(sk, skb->truesize);
	}
	tcp_push_pending_frames(sk, tcp_current_mss(sk), TCP_NAGLE_OFF);
}

/* What the SYN says, and where the sequence numbers begin. */
static void connect_init(struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	u32 mtu = dst ? dst_mtu(dst) : 65535;
	u8 wscale = 0;

	tp->tcp_header_len = sizeof(struct tcphdr) +
		(tcp_net(sk)->timestamps ? TCPOLEN_TSTAMP_ALIGNED : 0);
	if (tp->rx_opt.user_mss)
		tp->rx_opt.mss_clamp = tp->rx_opt.user_mss;
	tp->max_window = 0;
	tcp_sync_mss(sk, mtu);
	tp->advmss = min_t(u32, dst ? dst_metric_advmss(dst) : 65495, 65535);
	if (tp->rx_opt.user_mss && tp->rx_opt.user_mss < tp->advmss)
		tp->advmss = tp->rx_opt.user_mss;
	tcp_initialize_rcv_mss(sk);
	tcp_select_initial_window(sk, tcp_full_space(sk), tp->advmss,
				  &tp->rcv_wnd, &tp->window_clamp,
				  tcp_net(sk)->window_scaling, &wscale);
	tp->rx_opt.rcv_wscale = wscale;
	tp->rcv_ssthresh = tp->rcv_wnd;
	sk->sk_err = 0;
	sock_reset_flag(sk, SOCK_DONE);
	tp->snd_wnd = 0;
	tp->snd_wl1 = 0;
	tp->snd_una = tp->snd_sml = tp->snd_up = tp->write_seq;
	WRITE_ONCE(tp->snd_nxt, tp->write_seq);
	tp->rcv_wup = tp->copied_seq = tp->rcv_nxt = 0;
	inet_csk(sk)->icsk_rto = TCP_TIMEOUT_INIT;
	inet_csk(sk)->icsk_retransmits = 0;
	tcp_clear_retrans(tp);
}

/* Send the SYN: 0 or -ENOBUFS. */
int tcp_connect(struct sock *sk)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct sk_buff *skb;
	int err;

	connect_init(sk);
	skb = tcp_stream_alloc_skb(sk, sk->sk_allocation);
	if (!skb)
		return -ENOBUFS;
	TCP_SKB_CB(skb)->tcp_flags = TCPHDR_SYN;
	if (READ_ONCE(tcp_net(sk)->ecn) == 1)
		TCP_SKB_CB(skb)->tcp_flags |= TCPHDR_ECE | TCPHDR_CWR;
	TCP_SKB_CB(skb)->seq = tp->write_seq;
	TCP_SKB_CB(skb)->end_seq = ++tp->write_seq;
	tcp_mstamp_refresh(tp);
	tp->retrans_stamp = tcp_time_stamp(tp);
	tcp_wmem_queued_add(sk, skb->truesize);
	__skb_queue_tail(&tp->rtx_queue, skb);
	tp->packets_out++;
	tp->pushed_seq = tp->write_seq;
	WRITE_ONCE(tp->snd_nxt, tp->write_seq);
	err = tcp_transmit_skb(sk, skb, true, sk->sk_allocation);
	if (err == -ECONNREFUSED)
		return err;
	TCP_INC_STATS(sock_net(sk), ACTIVEOPENS);
	inet_csk_reset_xmit_timer(sk, ICSK_TIME_RETRANS,
				  inet_csk(sk)->icsk_rto, TCP_RTO_MAX);
	return 0;
}

/* Both sides connected at once: our SYN goes out again as a SYN-ACK. */
int tcp_send_synack(struct sock *sk)
{
	struct sk_buff *skb = tcp_rtx_head(sk);

	if (!skb || !(TCP_SKB_CB(skb)->tcp_flags & TCPHDR_SYN))
		return -EFAULT;
	TCP_SKB_CB(skb)->tcp_flags = TCPHDR_SYN | TCPHDR_ACK;
	return tcp_transmit_skb(sk, skb, true, GFP_ATOMIC);
}
