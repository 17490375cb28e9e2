/* SPDX-License-Identifier: MIT */
/*
 * tcp_listen.c -- a listener's segments: SYNs, and the ACKs that complete them
 *
 * PROMISE.  No more requests than listen()'s backlog wait half open; beyond
 * that SYNs are answered with cookies (tcp_syncookies.c), which cost nothing to
 * remember, and a full accept queue makes SYNs unheard: the peer comes again.
 *
 * IDEA.  The listener's lock is held for all of it.  A segment is looked up in
 * ehash once more under it: the request may have become a child, or gone, since
 * the softirq found it, or while the segment waited in the backlog.
 *
 *	SYN            -> request in ehash, SYN-ACK, timer (1 s, 2 s, 4 s ...)
 *	ACK, request   -> tcp_check_req -> child
 *	ACK, nothing   -> a cookie? -> child; else a reset
 *
 * CONTEXT.  Softirq, or release_sock()'s backlog: bottom halves are off here.
 */

#include "tcp_impl.h"

#include <net/inet_ecn.h>
#include <net/ip.h>

/* ---- the SYN-ACK ---- */

static bool send_synack(struct sock *sk, struct request_sock *req)
{
	u32 now_ms = (u32)(tcp_clock_us() / USEC_PER_MSEC);
	struct tcp_reply r = {
		.saddr = ireq_loc_addr(req), .daddr = ireq_rmt_addr(req),
		.sport = cpu_to_be16(ireq_loc_port(req)),
		.dport = ireq_rmt_port(req), .seq = req->snt_isn,
		.ack = req->rcv_nxt, .flags = TCPHDR_SYN | TCPHDR_ACK,
		.tos = req->ir_tos, .window = min(req->rsk_rcv_wnd, 65535u),
		.oif = sk->sk_bound_dev_if, .mark = req->ir_mark,
	};

	if (req->ecn_ok)
		r.flags |= TCPHDR_ECE;
	r.opts.mss = req->rsk_advmss;
	r.opts.has_ts = req->tstamp_ok;
	r.opts.sack_perm = req->sack_ok;
	r.opts.has_ws = req->wscale_ok;
	r.opts.ws = req->rcv_wscale;
	r.opts.tsval = (req->from_cookie ? tcp_cookie_ts(req, now_ms) :
			now_ms) + req->ts_off;
	r.opts.tsecr = req->ts_recent;
	return tcp_v4_send_reply(sock_net(sk), &r) == 0;
}

bool tcp_rtx_synack(struct sock *sk, struct request_sock *req)
{
	req->snt_synack_us = 0;       /* ambiguous now: Karn */
	return send_synack(sk, req);
}

static unsigned long synack_timeout(const struct request_sock *req)
{
	return min_t(unsigned long,
		     (unsigned long)TCP_TIMEOUT_INIT << min(req->num_timeout, 7),
		     TCP_RTO_MAX);
}

/* Again, or give up.  Under TCP_DEFER_ACCEPT an acknowledged one is not asked
 * again until its time is over. */
static void request_timeout(struct sock *sk, struct request_sock *req)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	int max = icsk->icsk_syn_retries ? icsk->icsk_syn_retries :
		  READ_ONCE(tcp_net(sk)->synack_retries);
	int defer = icsk->icsk_accept_queue.rskq_defer_accept;
	bool resend, expire;

	if (sk->sk_state != TCP_LISTEN) {
		inet_csk_reqsk_queue_drop(sk, req);
		return;
	}
	if (!defer) {
		expire = req->num_timeout >= max;
		resend = true;
	} else {
		expire = req->num_timeout >= max &&
			 (!req->acked || req->num_timeout >= defer);
		resend = !req->acked || req->num_timeout >= defer - 1;
	}
	if (expire) {
		inet_csk_reqsk_queue_drop(sk, req);
		return;
	}
	req->num_timeout++;
	if (resend)
		tcp_rtx_synack(sk, req);
	reqsk_get(req);
	if (mod_timer(&req->rsk_timer, jiffies + synack_timeout(req)))
		reqsk_put(req);
}

void tcp_reqsk_timer(struct timer_list *t)
{
	struct request_sock *req = from_timer(req, t, rsk_timer);
	struct sock *sk = req->rsk_listener;

	sock_hold(sk);
	bh_lock_sock(sk);
	if (sk_unhashed(req_to_sk(req))) {
		;                     /* completed or dropped meanwhile */
	} else if (sock_owned_by_user(sk) && sk->sk_state == TCP_LISTEN) {
		reqsk_get(req);
		if (mod_timer(&req->rsk_timer, jiffies + HZ / 20))
			reqsk_put(req);
	} else {
		request_timeout(sk, req);
	}
	bh_unlock_sock(sk);
	sock_put(sk);
	reqsk_put(req);
}

/* ---- a SYN ---- */

/* What the SYN says, and what we shall.  False: it is signed (RFC 2385), and we
 * have no key to check it by. */
static bool fill_request(struct request_sock *req, const struct sock *sk,
			 const struct sk_buff *skb, bool cookie)
{
	struct tcp_options_received o = { .mss_clamp = TCP_MSS_DEFAULT,
		.user_mss = tcp_sk(sk)->rx_opt.user_mss };
	const struct tcphdr *th = tcp_hdr(skb);
	const struct iphdr *iph = ip_hdr(skb);

	tcp_parse_options(th, &o, false);
	if (o.saw_md5)
		return false;
	if (cookie && !o.saw_tstamp)
		o.sack_ok = o.wscale_ok = false; /* nowhere to keep them */
	req->__req_common.skc_daddr = iph->saddr;
	req->__req_common.skc_rcv_saddr = iph->daddr;
	req->__req_common.skc_dport = th->source;
	req->__req_common.skc_num = be16_to_cpu(th->dest);
	req->rcv_isn = TCP_SKB_CB(skb)->seq;
	req->rcv_nxt = req->rcv_isn + 1;
	req->mss = max_t(u16, o.mss_clamp, TCP_MIN_SND_MSS);
	req->tstamp_ok = o.saw_tstamp && tcp_net(sk)->timestamps;
	req->sack_ok = o.sack_ok && tcp_net(sk)->sack;
	req->wscale_ok = o.wscale_ok && tcp_net(sk)->window_scaling;
	req->snd_wscale = o.snd_wscale;
	req->ts_recent = o.saw_tstamp ? o.rcv_tsval : 0;
	req->ir_iif = skb->skb_iif;
	req->ir_tos = inet_sk(sk)->tos;
	req->ir_mark = sk->sk_mark;
	req->from_cookie = cookie;
	/* A mark on the SYN itself would be an attack, or a mangled packet. */
	req->ecn_ok = READ_ONCE(tcp_net(sk)->ecn) && th->ece && th->cwr &&
		      !(iph->tos & INET_ECN_MASK) && !cookie;
	if (req->tstamp_ok)
		req->ts_off = tcp_v4_init_ts_off(sock_net(sk), iph->daddr,
						 iph->saddr);
	return true;
}

/* The MSS that we announce, and the window that we begin with. */
void tcp_request_window(struct sock *sk, struct request_sock *req)
{
	u32 mtu = tcp_v4_route_mtu(sock_net(sk), req);
	u32 mss = mtu > 40 ? mtu - 40 : TCP_MSS_DEFAULT, clamp = 0;
	u8 wscale = 0;

	if (tcp_sk(sk)->rx_opt.user_mss && tcp_sk(sk)->rx_opt.user_mss < mss)
		mss = tcp_sk(sk)->rx_opt.user_mss;
	req->rsk_advmss = min(mss, 65535u);
	if (tcp_sk(sk)->window_clamp)
		clamp = tcp_sk(sk)->window_clamp;
	if ((sk->sk_userlocks & SOCK_RCVBUF_LOCK) &&
	    (!clamp || clamp > (u32)tcp_full_space(sk)))
		clamp = tcp_full_space(sk);
	tcp_select_initial_window(sk, tcp_full_space(sk), mss -
				  (req->tstamp_ok ? TCPOLEN_TSTAMP_ALIGNED : 0),
				  &req->rsk_rcv_wnd, &clamp, req->wscale_ok,
				  &wscale);
	req->rsk_window_clamp = clamp;
	req->rcv_wscale = wscale;
}

static void connection_request(struct sock *sk, struct sk_buff *skb)
{
	struct request_sock *req;
	bool cookie = false;

	if (tcp_cookies_wanted(sk)) {
		if (!READ_ONCE(tcp_net(sk)->syncookies))
			return;
		cookie = true;
	}
	if (sk_acceptq_is_full(sk)) {
		NET_INC_STATS(sock_net(sk), LISTENOVERFLOWS);
		NET_INC_STATS(sock_net(sk), LISTENDROPS);
		return;
	}
	req = reqsk_alloc(sk);
	if (!req)
		return;
	if (!fill_request(req, sk, skb, cookie)) {
		reqsk_put(req);
		return;
	}
	tcp_request_window(sk, req);
	if (cookie) {
		u16 mss = req->mss;

		tcp_cookies_sent();
		req->snt_isn = tcp_cookie_make(skb, &mss);
	} else {
		req->snt_isn = TCP_SKB_CB(skb)->tw_isn ?
			       TCP_SKB_CB(skb)->tw_isn : tcp_v4_init_seq(skb);
		req->snt_synack_us = tcp_clock_us();
		inet_csk_reqsk_queue_hash_add(sk, req, TCP_TIMEOUT_INIT);
	}
	if (!send_synack(sk, req))
		req->snt_synack_us = 0;
	reqsk_put(req);
}

/* ---- all of a listener's segments ---- */

/* Somebody is there already: deliver.  Consumes the reference. */
static int deliver(struct sock *sk, struct sock *other, struct sk_buff *skb)
{
	struct sock *child;
	int err = 0;

	if (other->sk_state == TCP_NEW_SYN_RECV) {
		child = inet_reqsk(other)->rsk_listener == sk ?
			tcp_check_req(sk, skb, inet_reqsk(other)) : NULL;
		reqsk_put(inet_reqsk(other));
		if (child == sk)
			return 1;
		if (child)
			return tcp_child_process(sk, child, skb);
		kfree_skb(skb);
	} else if (other->sk_state == TCP_TIME_WAIT) {
		inet_twsk_put(inet_twsk(other));
		kfree_skb(skb);
	} else {
		bh_lock_sock(other);
		if (!sock_owned_by_user(other))
			err = tcp_v4_do_rcv(other, skb);
		else
			tcp_add_backlog(other, skb);
		bh_unlock_sock(other);
		sock_put(other);
	}
	return err;
}

static int listen_rcv(struct sock *sk, struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct inet_tuple t = { .daddr = ip_hdr(skb)->saddr,
		.dport = th->source, .saddr = ip_hdr(skb)->daddr,
		.num = be16_to_cpu(th->dest) };
	struct sock *other = __inet_lookup_established(sock_net(sk),
						       &tcp_hashinfo, &t,
						       skb->skb_iif), *child;

	if (other)
		return deliver(sk, other, skb);
	if (th->rst)
		goto drop;
	if (th->ack) {
		child = th->syn ? sk : tcp_cookie_ack(sk, skb);
		if (child == sk)
			return 1;
		if (child)
			return tcp_child_process(sk, child, skb);
		goto drop;
	}
	if (th->syn && !th->fin)
		connection_request(sk, skb);
drop:
	kfree_skb(skb);
	return 0;
}

/* 0: skb is consumed; 1: answer it with a reset. */
int tcp_listen_rcv(struct sock *sk, struct sk_buff *skb)
{
	int err;

	local_bh_disable();
	err = listen_rcv(sk, skb);
	local_bh_enable();
	return err;
}
