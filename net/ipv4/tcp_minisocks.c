/* SPDX-License-Identifier: MIT */
/*
 * tcp_minisocks.c -- the end that is TIME_WAIT, and a request's last packet
 *
 * TIME_WAIT answers (RFC 9293 3.10.7, RFC 1337, RFC 6191):
 *
 *	RST                       ignored, if rfc1337 says so; else it ends
 *	SYN, clearly newer        a new connection may begin: the listener's
 *	FIN again, data           ACK; the minute begins again
 *	anything else             nothing, or an ACK at most every half second
 *
 * A mini sock whose substate is FIN_WAIT2 still waits for the FIN: data then is
 * answered by a reset, since nobody will read it.
 *
 * A REQUEST (SYN_RECV on our side) takes a SYN again (the SYN-ACK is repeated),
 * a RST (it ends), and the ACK that completes it: then a sock is made.
 */

#include "tcp_impl.h"

#include <kernel/random.h>
#include <net/filter.h>
#include <net/ip.h>

/* The sock is over; its four numbers are kept busy for a while.  timeo: of
 * FIN_WAIT2, else 0. */
void tcp_time_wait(struct sock *sk, int state, int timeo)
{
	struct inet_timewait_sock *tw = inet_twsk_alloc(sk, state);
	struct tcp_sock *tp = tcp_sk(sk);
	int rto = (inet_csk(sk)->icsk_rto << 2) - (inet_csk(sk)->icsk_rto >> 1);

	if (tw) {
		tw->tw_rcv_wscale = tp->rx_opt.rcv_wscale;
		tw->tw_rcv_nxt = tp->rcv_nxt;
		tw->tw_snd_nxt = tp->snd_nxt;
		tw->tw_rcv_wnd = tcp_receive_window(tp);
		tw->tw_ts_ok = tp->rx_opt.tstamp_ok;
		tw->tw_ts_recent = tp->rx_opt.ts_recent;
		tw->tw_ts_recent_stamp = tp->rx_opt.ts_recent_stamp;
		tw->tw_ts_offset = tp->tsoffset;
		if (timeo < rto)
			timeo = rto;
		if (state == TCP_TIME_WAIT)
			timeo = TCP_TIMEWAIT_LEN;
		local_bh_disable();
		inet_twsk_hashdance(tw, sk, timeo);
		local_bh_enable();
	}
	tcp_done(sk);
}

static bool in_window(u32 seq, u32 end_seq, u32 s_win, u32 e_win)
{
	if (seq == s_win)
		return true;
	if (after(end_seq, s_win) && before(seq, e_win))
		return true;
	return seq == e_win && seq == end_seq;
}

/* An ACK, unless the last was a moment ago. */
static enum tcp_tw_status ack_limited(struct inet_timewait_sock *tw,
				      const struct sk_buff *skb)
{
	return tcp_oow_rate_limited(tw->tw_net, skb, &tw->tw_last_oow_ack_time) ?
	       TCP_TW_SUCCESS : TCP_TW_ACK;
}

static void store_stamp(struct inet_timewait_sock *tw,
			const struct tcp_options_received *o)
{
	if (o->saw_tstamp) {
		tw->tw_ts_recent = o->rcv_tsval;
		tw->tw_ts_recent_stamp = ktime_get_seconds();
	}
}

static enum tcp_tw_status fin_wait2(struct inet_timewait_sock *tw,
				    struct sk_buff *skb,
				    const struct tcp_options_received *o,
				    bool paws_reject)
{
	const struct tcphdr *th = tcp_hdr(skb);
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

	if (paws_reject || !in_window(cb->seq, cb->end_seq, tw->tw_rcv_nxt,
				      tw->tw_rcv_nxt + tw->tw_rcv_wnd))
		return ack_limited(tw, skb);
	if (th->rst)
		return TCP_TW_GONE;
	if (th->syn && !before(cb->seq, tw->tw_rcv_nxt))
		return TCP_TW_RST;
	if (!th->ack || !after(cb->end_seq, tw->tw_rcv_nxt) ||
	    cb->end_seq == cb->seq)
		return TCP_TW_SUCCESS;
	if (!th->fin || cb->end_seq != tw->tw_rcv_nxt + 1)
		return TCP_TW_RST;    /* data for nobody */
	tw->tw_substate = TCP_TIME_WAIT;
	tw->tw_rcv_nxt = cb->end_seq;
	store_stamp(tw, o);
	inet_twsk_reschedule(tw, TCP_TIMEWAIT_LEN);
	return TCP_TW_ACK;
}

static enum tcp_tw_status time_wait(struct inet_timewait_sock *tw,
				    struct sk_buff *skb,
				    const struct tcp_options_received *o,
				    bool paws_reject, u32 *isn)
{
	const struct tcphdr *th = tcp_hdr(skb);
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);

	if (!paws_reject && cb->seq == tw->tw_rcv_nxt &&
	    (cb->seq == cb->end_seq || th->rst)) {
		if (th->rst) {
			if (!READ_ONCE(tw->tw_net->ipv4.tcp.rfc1337))
				return TCP_TW_GONE;
			return TCP_TW_SUCCESS;
		}
		store_stamp(tw, o);
		return TCP_TW_SUCCESS; /* an old ACK */
	}
	if (th->syn && !th->rst && !th->ack && !paws_reject &&
	    (after(cb->seq, tw->tw_rcv_nxt) ||
	     (o->saw_tstamp && (s32)(tw->tw_ts_recent - o->rcv_tsval) < 0))) {
		*isn = tw->tw_snd_nxt + 65535 + 2;
		if (!*isn)
			*isn = 1;
		return TCP_TW_SYN;
	}
	if (th->rst)
		return TCP_TW_SUCCESS;
	if (paws_reject || th->ack)
		inet_twsk_reschedule(tw, TCP_TIMEWAIT_LEN);
	return ack_limited(tw, skb);
}

/* Where tw ends, its reference is consumed.  TCP_TW_SYN: it ends if somebody
 * listens, whose number *isn is. */
enum tcp_tw_status tcp_timewait_state_process(struct inet_timewait_sock *tw,
					      struct sk_buff *skb, u32 *isn)
{
	struct tcp_options_received o = { .tstamp_ok = tw->tw_ts_ok };
	enum tcp_tw_status status;
	bool paws_reject = false;

	spin_lock(&tw->tw_lock);
	if (tw->tw_ts_ok)
		tcp_parse_options(tcp_hdr(skb), &o, true);
	if (o.saw_tstamp) {
		o.ts_recent = tw->tw_ts_recent;
		o.ts_recent_stamp = tw->tw_ts_recent_stamp;
		paws_reject = !tcp_paws_check(&o, TCP_PAWS_WINDOW);
	}
	if (tw->tw_substate == TCP_FIN_WAIT2)
		status = fin_wait2(tw, skb, &o, paws_reject);
	else
		status = time_wait(tw, skb, &o, paws_reject, isn);
	spin_unlock(&tw->tw_lock);
	if (status == TCP_TW_SUCCESS || status == TCP_TW_ACK ||
	    status == TCP_TW_SYN)
		return status;        /* the caller still wants it */
	inet_twsk_deschedule_put(tw);
	return status;
}

/* ---- a child ---- */

/* Flags that a listener's children inherit. */
#define INHERITED_FLAGS (1ul << SOCK_URGINLINE | 1ul << SOCK_KEEPOPEN | \
			 1ul << SOCK_LINGER | 1ul << SOCK_DBG |		\
			 1ul << SOCK_RCVTSTAMP | 1ul << SOCK_RCVTSTAMPNS | \
			 1ul << SOCK_LOCALROUTE | 1ul << SOCK_TSTAMP_NEW)

static void inherit_sock(struct sock *child, const struct sock *sk)
{
	child->sk_flags |= sk->sk_flags & INHERITED_FLAGS;
	child->sk_type = sk->sk_type;
	child->sk_protocol = sk->sk_protocol;
	child->sk_reuse = sk->sk_reuse;
	child->sk_reuseport = sk->sk_reuseport;
	child->sk_bound_dev_if = sk->sk_bound_dev_if;
	child->sk_lingertime = sk->sk_lingertime;
	child->sk_rcvbuf = sk->sk_rcvbuf;
	child->sk_sndbuf = sk->sk_sndbuf;
	child->sk_userlocks = sk->sk_userlocks & ~SOCK_BINDPORT_LOCK;
	child->sk_rcvlowat = sk->sk_rcvlowat;
	child->sk_rcvtimeo = sk->sk_rcvtimeo;
	child->sk_sndtimeo = sk->sk_sndtimeo;
	child->sk_priority = sk->sk_priority;
	child->sk_mark = sk->sk_mark;
	child->sk_uid = sk->sk_uid;
	child->sk_gso_type = sk->sk_gso_type;
	child->sk_destruct = sk->sk_destruct;
	child->sk_filter = sk->sk_filter;
	sk_filter_share(child);
}

static void inherit_inet(struct sock *child, const struct sock *sk,
			 const struct request_sock *req)
{
	struct inet_sock *to = inet_sk(child), *from = inet_sk(sk);

	memcpy((char *)to + sizeof(struct sock),
	       (char *)from + sizeof(struct sock),
	       sizeof(*to) - sizeof(struct sock));
	to->inet_opt = NULL;
	to->mc_list = NULL;
	memset(&to->cork, 0, sizeof(to->cork));
	to->inet_daddr = ireq_rmt_addr(req);
	to->inet_rcv_saddr = to->inet_saddr = ireq_loc_addr(req);
	to->inet_dport = ireq_rmt_port(req);
	to->inet_num = ireq_loc_port(req);
	to->inet_sport = cpu_to_be16(to->inet_num);
	to->inet_id = get_random_u32();
	if (req->ir_mark)
		child->sk_mark = req->ir_mark;
}

static void inherit_tcp(struct sock *child, const struct sock *sk)
{
	struct tcp_sock *to = tcp_sk(child), *from = tcp_sk(sk);

	to->nonagle = from->nonagle & ~TCP_NAGLE_PUSH;
	to->keepalive_time = from->keepalive_time;
	to->keepalive_intvl = from->keepalive_intvl;
	to->keepalive_probes = from->keepalive_probes;
	to->linger2 = from->linger2;
	to->notsent_lowat = from->notsent_lowat;
	to->recvmsg_inq = from->recvmsg_inq;
	to->rx_opt.user_mss = from->rx_opt.user_mss;
	inet_csk(child)->icsk_user_timeout = inet_csk(sk)->icsk_user_timeout;
	inet_csk(child)->icsk_syn_retries = inet_csk(sk)->icsk_syn_retries;
	inet_csk(child)->icsk_ca_ops = inet_csk(sk)->icsk_ca_ops;
	inet_csk(child)->icsk_af_ops = inet_csk(sk)->icsk_af_ops;
	inet_csk(child)->icsk_ack.lrcvtime = jiffies;
}

/* The stream's state after SYN and SYN-ACK. */
static void init_stream(struct sock *child, const struct request_sock *req)
{
	struct tcp_options_received *o = &tcp_sk(child)->rx_opt;
	struct tcp_sock *tp = tcp_sk(child);

	tp->rcv_nxt = tp->rcv_wup = tp->copied_seq = req->rcv_isn + 1;
	tp->snd_una = tp->snd_nxt = tp->snd_sml = tp->snd_up =
		tp->write_seq = tp->pushed_seq = req->snt_isn + 1;
	tp->snd_wl1 = req->rcv_isn;
	tp->window_clamp = req->rsk_window_clamp;
	tp->rcv_ssthresh = tp->rcv_wnd = req->rsk_rcv_wnd;
	tp->tsoffset = req->ts_off;
	tp->high_seq = tp->undo_marker = 0;
	o->tstamp_ok = req->tstamp_ok;
	o->sack_ok = req->sack_ok;
	o->wscale_ok = req->wscale_ok;
	tp->ecn_ok = req->ecn_ok;
	if (o->wscale_ok) {
		o->snd_wscale = req->snd_wscale;
		o->rcv_wscale = req->rcv_wscale;
	} else {
		tp->window_clamp = min(tp->window_clamp, 65535u);
	}
	tp->tcp_header_len = sizeof(struct tcphdr);
	if (o->tstamp_ok) {
		o->ts_recent = req->ts_recent;
		o->ts_recent_stamp = ktime_get_seconds();
		tp->tcp_header_len += TCPOLEN_TSTAMP_ALIGNED;
	}
	o->mss_clamp = req->mss;
	tp->advmss = req->rsk_advmss -
		     (o->tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0);
	tp->lsndtime = jiffies;
	tp->rcv_tstamp = jiffies;
	tcp_mstamp_refresh(tp);
	tp->retrans_stamp = 0;
	tp->total_retrans = req->num_timeout;
}

static void kill_child(struct sock *child)
{
	inet_csk_prepare_forced_close(child);
	tcp_done(child);
}

/*
 * A sock for the completed request, in its place in ehash, its lock held (bh
 * off) and one reference the caller's; the other is the accept queue's.  NULL:
 * no room, no memory, or somebody was faster.
 */
struct sock *tcp_create_child(struct sock *sk, struct sk_buff *skb,
			      struct request_sock *req)
{
	struct sock *child;

	if (sk_acceptq_is_full(sk)) {
		NET_INC_STATS(sock_net(sk), LISTENOVERFLOWS);
		NET_INC_STATS(sock_net(sk), LISTENDROPS);
		return NULL;
	}
	child = sk_alloc(sock_net(sk), AF_INET, GFP_ATOMIC, sk->sk_prot, 0);
	if (!child)
		return NULL;
	sock_init_data(NULL, child);
	sock_reset_flag(child, SOCK_ZAPPED);
	tcp_init_sock(child);
	inherit_sock(child, sk);
	inherit_inet(child, sk, req);
	inherit_tcp(child, sk);
	init_stream(child, req);
	child->sk_state = TCP_SYN_RECV;
	tcp_v4_child_route(child, req);
	tcp_initialize_rcv_mss(child);
	tcp_synack_rtt(child, req);
	sock_hold(child);
	bh_lock_sock(child);
	if (inet_inherit_port(sk, child) ||
	    !inet_ehash_insert(child, req->from_cookie ? NULL :
			       req_to_sk(req))) {
		kill_child(child);
		return NULL;
	}
	if (!req->from_cookie)
		inet_csk_reqsk_unlinked(sk, req, true);
	TCP_INC_STATS(sock_net(sk), PASSIVEOPENS);
	return child;
}

/* Give the child its first segment; drops lock and reference. */
int tcp_child_process(struct sock *parent, struct sock *child,
		      struct sk_buff *skb)
{
	int state = child->sk_state, err = 0;

	if (!sock_owned_by_user(child)) {
		err = tcp_rcv_state_process(child, skb);
		if (state == TCP_SYN_RECV && child->sk_state != state)
			parent->sk_data_ready(parent);
	} else {
		tcp_add_backlog(child, skb);
	}
	bh_unlock_sock(child);
	sock_put(child);
	return err;
}

/* ---- a request ---- */

/* Not in the window, or an old stamp: say where we stand. */
static void request_ack(struct sock *sk, const struct sk_buff *skb,
			struct request_sock *req)
{
	struct tcp_reply r = {
		.saddr = ireq_loc_addr(req), .daddr = ireq_rmt_addr(req),
		.sport = cpu_to_be16(ireq_loc_port(req)),
		.dport = ireq_rmt_port(req), .seq = req->snt_isn + 1,
		.ack = req->rcv_nxt, .flags = TCPHDR_ACK, .tos = req->ir_tos,
		.window = req->rsk_rcv_wnd >> req->rcv_wscale,
		.oif = sk->sk_bound_dev_if, .mark = req->ir_mark,
	};

	if (tcp_oow_rate_limited(sock_net(sk), skb, &req->last_oow_ack_time))
		return;
	r.opts.has_ts = req->tstamp_ok;
	r.opts.tsval = (u32)(tcp_clock_us() / USEC_PER_MSEC) + req->ts_off;
	r.opts.tsecr = req->ts_recent;
	tcp_v4_send_reply(sock_net(sk), &r);
}

/* A reset, or a SYN that is none of this request's: ends it, or is challenged
 * (RFC 5961 3.2).  NULL: it is dealt with; sk: answer with a reset. */
static struct sock *request_ends(struct sock *sk, struct sk_buff *skb,
				 struct request_sock *req)
{
	bool rst = tcp_hdr(skb)->rst;

	if (rst && TCP_SKB_CB(skb)->seq != req->rcv_nxt) {
		request_ack(sk, skb, req);
		return NULL;
	}
	inet_csk_reqsk_queue_drop(sk, req);
	return rst ? NULL : sk;
}

/* The handshake's last packet, or what else it is.  A child; sk: answer with a
 * reset; NULL: it is dealt with, drop skb. */
struct sock *tcp_check_req(struct sock *sk, struct sk_buff *skb,
			   struct request_sock *req)
{
	struct tcp_options_received o = { .tstamp_ok = req->tstamp_ok };
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	bool paws_reject = false;
	struct sock *child;

	tcp_parse_options(th, &o, true);
	if (o.saw_tstamp) {
		o.ts_recent = req->ts_recent;
		o.ts_recent_stamp = ktime_get_seconds();
		paws_reject = !tcp_paws_check(&o, TCP_PAWS_WINDOW);
	}
	if (cb->seq == req->rcv_isn && th->syn && !th->ack && !th->rst &&
	    !paws_reject) {               /* the SYN once more */
		if (!tcp_oow_rate_limited(sock_net(sk), skb,
					  &req->last_oow_ack_time))
			tcp_rtx_synack(sk, req);
		return NULL;
	}
	if (th->ack && cb->ack_seq != req->snt_isn + 1)
		return sk;
	if (paws_reject || !in_window(cb->seq, cb->end_seq, req->rcv_nxt,
				      req->rcv_nxt + req->rsk_rcv_wnd)) {
		if (!th->rst)
			request_ack(sk, skb, req);
		return NULL;
	}
	if (o.saw_tstamp && !after(cb->seq, req->rcv_nxt))
		req->ts_recent = o.rcv_tsval;
	if (th->rst || (th->syn && cb->seq != req->rcv_isn))
		return request_ends(sk, skb, req);
	if (!th->ack)
		return NULL;
	if (req->num_timeout <
	    inet_csk(sk)->icsk_accept_queue.rskq_defer_accept &&
	    cb->end_seq == req->rcv_isn + 1) {
		req->acked = 1;       /* TCP_DEFER_ACCEPT: wait for data */
		return NULL;
	}
	child = tcp_create_child(sk, skb, req);
	if (!child) {
		req->acked = 1;
		if (READ_ONCE(tcp_net(sk)->abort_on_overflow)) {
			inet_csk_reqsk_queue_drop(sk, req);
			return sk;
		}
		return NULL;          /* the SYN-ACK's timer tries again */
	}
	if (!inet_csk_reqsk_queue_add(sk, req, child)) {
		kill_child(child);
		return NULL;
	}
	return child;
}
