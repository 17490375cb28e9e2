/* SPDX-License-Identifier: MIT */
/*
 * tcp_ipv4.c -- TCP over IPv4: connect, segments in, ICMP errors, answers
 *
 * IDEA.  The only file that knows addresses of four bytes; IPv6 would be
 * another beside it (icsk_af_ops).  A segment in:
 *
 *	tcp_v4_rcv: header whole? checksum? -> fill tcp_skb_cb -> look up
 *	  nobody         a reset
 *	  TIME_WAIT      tcp_minisocks.c
 *	  a request      its listener
 *	  a sock         lock; owned by a process? the backlog : tcp_v4_do_rcv
 *
 * RACES.  A sock that connects again is hashed in another chain while readers
 * may stand on it: connect() waits for a grace period first [a].
 *
 * SEE RFC 9293 3.10, RFC 1122 4.2.3.9 (ICMP), RFC 6528 (sequence numbers).
 */

#include "tcp_impl.h"

#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/random.h>
#include <net/icmp.h>
#include <net/inet_common.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/protocol.h>
#include <net/route.h>

struct inet_hashinfo tcp_hashinfo;
struct sk_buff *(*tcp_test_lossy_hook)(struct sk_buff *skb);

/* skb came over a device of this network. */
static struct net *net_of(const struct sk_buff *skb)
{
	return dev_net(skb->dev ? skb->dev : skb_dst(skb)->dev);
}

/* ---- numbers that nobody can guess: RFC 6528 ---- */

static u32 secrets[2][8];

static u32 keyed(int which, u32 a, u32 b, u32 c)
{
	u32 state[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	u8 out[64];
	u32 word;

	memcpy(&state[4], secrets[which], sizeof(secrets[which]));
	state[12] = a;
	state[13] = b;
	state[14] = c;
	chacha20_block(state, out);
	memcpy(&word, out, sizeof(word));
	return word;
}

/* A clock of 64 ns for each four numbers, from its own beginning. */
static u32 init_seq(__be32 saddr, __be32 daddr, __be16 sport, __be16 dport)
{
	return keyed(0, saddr, daddr, ((u32)(u16)sport << 16) | (u16)dport) +
	       (u32)(ktime_get_ns() >> 6);
}

u32 tcp_v4_init_seq(const struct sk_buff *skb)
{
	return init_seq(ip_hdr(skb)->daddr, ip_hdr(skb)->saddr,
			tcp_hdr(skb)->dest, tcp_hdr(skb)->source);
}

u32 tcp_v4_init_ts_off(const struct net *net, __be32 saddr, __be32 daddr)
{
	if (READ_ONCE(net->ipv4.tcp.timestamps) != 1)
		return 0;
	return keyed(1, saddr, daddr, 0);
}

/* ---- out ---- */

static void send_check(struct sock *sk, struct sk_buff *skb)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct tcphdr *th = tcp_hdr(skb);

	th->check = tcp_udp_v4_pseudo(inet->inet_saddr, inet->inet_daddr,
				      skb->len, IPPROTO_TCP);
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct tcphdr, check);
}

/* A route that went stale is looked up again, by the flow in the socket. */
static int queue_xmit(struct sock *sk, struct sk_buff *skb, struct flowi *fl)
{
	struct inet_sock *inet = inet_sk(sk);

	(void)fl;
	skb->protocol = cpu_to_be16(ETH_P_IP);
	return __ip_queue_xmit(sk, skb, &inet->cork.fl, inet->tos |
			       (tcp_sk(sk)->ecn_mark ? INET_ECN_ECT_0 : 0));
}

const struct inet_connection_sock_af_ops tcp_ipv4_ops = {
	.queue_xmit = queue_xmit,
	.send_check = send_check,
	.rebuild_header = inet_sk_rebuild_header,
	.net_header_len = sizeof(struct iphdr),
};

static struct sk_buff *build_reply(const struct tcp_reply *r)
{
	unsigned int size = sizeof(struct tcphdr) + tcp_options_size(&r->opts);
	struct sk_buff *skb = alloc_skb(MAX_TCP_HEADER, GFP_ATOMIC |
						        __GFP_NOWARN);
	struct tcphdr *th;

	if (!skb)
		return NULL;
	skb_reserve(skb, MAX_TCP_HEADER);
	th = skb_push(skb, size);
	skb_reset_transport_header(skb);
	memset(th, 0, sizeof(*th));
	th->source = r->sport;
	th->dest = r->dport;
	th->seq = cpu_to_be32(r->seq);
	th->ack_seq = cpu_to_be32(r->ack);
	((u8 *)th)[12] = (size / 4) << 4;
	((u8 *)th)[13] = r->flags;
	th->window = cpu_to_be16(r->window);
	tcp_options_write((u8 *)(th + 1), &r->opts);
	th->check = csum_tcpudp_magic(r->saddr, r->daddr, size, IPPROTO_TCP,
				      csum_partial(th, size, 0));
	skb->ip_summed = CHECKSUM_NONE;
	skb->protocol = cpu_to_be16(ETH_P_IP);
	skb->mark = r->mark;
	return skb;
}

static struct rtable *route_from(struct net *net, __be32 saddr, __be32 daddr,
				 __be16 sport, __be16 dport, int oif, u32 mark,
				 u8 tos)
{
	struct flowi4 fl4;

	flowi4_init_output(&fl4, oif, mark, tos & IPTOS_TOS_MASK,
			   RT_SCOPE_UNIVERSE, IPPROTO_TCP, FLOWI_FLAG_ANYSRC,
			   daddr, saddr, dport, sport);
	return ip_route_output_key(net, &fl4);
}

/* Any context but hard irq.  0 or -errno. */
int tcp_v4_send_reply(struct net *net, const struct tcp_reply *r)
{
	struct rtable *rt = route_from(net, r->saddr, r->daddr, r->sport,
				       r->dport, r->oif, r->mark, r->tos);
	struct sk_buff *skb;
	struct iphdr *iph;
	int err;

	if (IS_ERR(rt))
		return PTR_ERR(rt);
	skb = build_reply(r);
	if (!skb) {
		ip_rt_put(rt);
		return -ENOBUFS;
	}
	skb_dst_set(skb, &rt->dst);
	iph = skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	*iph = (struct iphdr){
		.version = 4, .ihl = 5, .tos = r->tos,
		.frag_off = cpu_to_be16(IP_DF), .protocol = IPPROTO_TCP,
		.ttl = ip4_dst_hoplimit(&rt->dst),
		.saddr = r->saddr, .daddr = r->daddr,
	};
	local_bh_disable();
	err = ip_local_out(net, NULL, skb);
	local_bh_enable();
	return err > 0 ? 0 : err;
}

/* RFC 9293 3.10.7.1.  What waited in a backlog may have outlived its device. */
void tcp_v4_send_reset(const struct sock *sk, struct sk_buff *skb)
{
	struct net *net = sk ? sock_net(sk) : net_of(skb);
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcp_reply r = {
		.saddr = ip_hdr(skb)->daddr, .daddr = ip_hdr(skb)->saddr,
		.sport = th->dest, .dport = th->source, .flags = TCPHDR_RST,
		.oif = sk ? sk->sk_bound_dev_if : 0,
		.tos = ip_hdr(skb)->tos & ~3,
	};

	if (th->rst)
		return;
	TCP_INC_STATS(net, OUTRSTS);
	if (th->ack) {
		r.seq = be32_to_cpu(th->ack_seq);
	} else {
		r.flags |= TCPHDR_ACK;
		r.ack = be32_to_cpu(th->seq) + th->syn + th->fin + skb->len -
			th->doff * 4;
	}
	tcp_v4_send_reply(net, &r);
}

static void timewait_ack(struct inet_timewait_sock *tw,
			 const struct sk_buff *skb)
{
	struct tcp_reply r = {
		.saddr = tw->tw_rcv_saddr, .daddr = tw->tw_daddr,
		.sport = cpu_to_be16(tw->tw_num), .dport = tw->tw_dport,
		.seq = tw->tw_snd_nxt, .ack = tw->tw_rcv_nxt,
		.flags = TCPHDR_ACK, .tos = tw->tw_tos, .mark = tw->tw_mark,
		.window = tw->tw_rcv_wnd >> tw->tw_rcv_wscale,
	};

	if (tw->tw_ts_ok) {
		r.opts.has_ts = true;
		r.opts.tsval = (u32)(tcp_clock_us() / USEC_PER_MSEC) +
			       tw->tw_ts_offset;
		r.opts.tsecr = tw->tw_ts_recent;
	}
	tcp_v4_send_reply(tw->tw_net, &r);
}

u32 tcp_v4_route_mtu(struct net *net, const struct request_sock *req)
{
	struct rtable *rt = route_from(net, ireq_loc_addr(req),
				       ireq_rmt_addr(req),
				       cpu_to_be16(ireq_loc_port(req)),
				       ireq_rmt_port(req), 0, req->ir_mark,
				       req->ir_tos);
	u32 mtu = TCP_MSS_DEFAULT + 40;

	if (!IS_ERR(rt)) {
		mtu = dst_mtu(&rt->dst);
		ip_rt_put(rt);
	}
	return mtu;
}

/* A child knows its route from the start, if there is one. */
void tcp_v4_child_route(struct sock *child, struct request_sock *req)
{
	struct rtable *rt = route_from(sock_net(child), ireq_loc_addr(req),
				       ireq_rmt_addr(req),
				       inet_sk(child)->inet_sport,
				       ireq_rmt_port(req),
				       child->sk_bound_dev_if, child->sk_mark,
				       inet_sk(child)->tos);

	if (IS_ERR(rt)) {
		tcp_sync_mss(child, TCP_MSS_DEFAULT + 40);
		return;
	}
	sk_dst_set(child, &rt->dst);
	tcp_sync_mss(child, dst_mtu(&rt->dst));
}

/* ---- connect() ---- */

/* The route, and our address if it is not bound; ERR_PTR. */
static struct rtable *connect_route(struct sock *sk, struct flowi4 *fl4,
				    const struct sockaddr_in *to)
{
	struct inet_sock *inet = inet_sk(sk);
	struct rtable *rt = ip_route_connect(fl4, to->sin_addr.s_addr,
					     inet->inet_saddr,
					     sk->sk_bound_dev_if, IPPROTO_TCP,
					     inet->inet_sport, to->sin_port,
					     sk);

	if (!IS_ERR(rt) && (rt->rt_flags & (RTCF_MULTICAST | RTCF_BROADCAST))) {
		ip_rt_put(rt);
		return ERR_PTR(-ENETUNREACH);
	}
	return rt;
}

static void take_addresses(struct sock *sk, const struct flowi4 *fl4,
			   __be16 dport)
{
	struct inet_sock *inet = inet_sk(sk);
	struct tcp_sock *tp = tcp_sk(sk);

	if (!inet->inet_saddr)
		inet->inet_saddr = fl4->saddr;
	inet->inet_rcv_saddr = inet->inet_saddr;
	if (tp->rx_opt.ts_recent_stamp && inet->inet_daddr != fl4->daddr) {
		tp->rx_opt.ts_recent = 0;
		tp->rx_opt.ts_recent_stamp = 0;
	}
	tp->write_seq = 0;
	tp->rx_opt.mss_clamp = TCP_MSS_DEFAULT;
	inet->inet_dport = dport;
	inet->inet_daddr = fl4->daddr;
	inet_csk(sk)->icsk_ext_hdr_len = inet->inet_opt ?
					 inet->inet_opt->opt.optlen : 0;
}

/* proto.connect: begins it.  lock_sock; 0 or -errno. */
int tcp_v4_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len)
{
	struct sockaddr_in *to = (struct sockaddr_in *)uaddr;
	struct inet_sock *inet = inet_sk(sk);
	struct tcp_sock *tp = tcp_sk(sk);
	struct flowi4 fl4;
	struct rtable *rt;
	int err;

	if (addr_len < (int)sizeof(*to))
		return -EINVAL;
	if (to->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	rt = connect_route(sk, &fl4, to);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	take_addresses(sk, &fl4, to->sin_port);
	if (inet_csk(sk)->icsk_rehashing)
		synchronize_rcu();                             /* [a] */
	inet_csk(sk)->icsk_rehashing = true;
	tcp_set_state(sk, TCP_SYN_SENT);
	err = inet_hash_connect(sk);
	if (err)
		goto fail;
	inet->inet_sport = cpu_to_be16(inet->inet_num);
	sk_dst_set(sk, &rt->dst);
	rt = NULL;
	if (!tp->write_seq)
		tp->write_seq = init_seq(inet->inet_saddr, inet->inet_daddr,
					 inet->inet_sport, to->sin_port);
	tp->tsoffset = tcp_v4_init_ts_off(sock_net(sk), inet->inet_saddr,
					  inet->inet_daddr);
	inet->inet_id = get_random_u32();
	err = tcp_connect(sk);
	if (!err)
		return 0;
fail:
	tcp_set_state(sk, TCP_CLOSE);
	if (rt)
		ip_rt_put(rt);
	inet->inet_dport = 0;
	return err;
}

/* ---- in ---- */

/* The sock's lock: softirq, or the backlog.  Consumes skb. */
int tcp_v4_do_rcv(struct sock *sk, struct sk_buff *skb)
{
	int err = 0;

	if (sk->sk_state == TCP_ESTABLISHED)
		tcp_rcv_established(sk, skb);
	else if (sk->sk_state == TCP_LISTEN)
		err = tcp_listen_rcv(sk, skb);
	else
		err = tcp_rcv_state_process(sk, skb);
	if (err) {
		tcp_v4_send_reset(sk, skb);
		kfree_skb(skb);
	}
	return 0;
}

/* As much as both buffers may hold, and a little for what frees them. */
void tcp_add_backlog(struct sock *sk, struct sk_buff *skb)
{
	u32 limit = READ_ONCE(sk->sk_rcvbuf) + READ_ONCE(sk->sk_sndbuf) +
		    64 * 1024;
	/* All handshakes of a listener meet here: what its queue may hold. */
	if (sk->sk_state == TCP_LISTEN)
		limit += min(READ_ONCE(sk->sk_max_ack_backlog), 4096u) * 4096;
	if ((u32)sk->sk_backlog.len + sk_rmem_alloc_get(sk) > limit) {
		atomic_inc(&sk->sk_drops);
		kfree_skb(skb);
		return;
	}
	skb->next = NULL;
	if (!sk->sk_backlog.tail)
		sk->sk_backlog.head = skb;
	else
		sk->sk_backlog.tail->next = skb;
	sk->sk_backlog.tail = skb;
	sk->sk_backlog.len += skb->truesize;
}

static void fill_cb(struct sk_buff *skb, int iif)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	u8 tos = ip_hdr(skb)->tos;

	memset(cb, 0, sizeof(*cb));
	skb->skb_iif = iif;
	cb->seq = be32_to_cpu(th->seq);
	cb->end_seq = cb->seq + th->syn + th->fin + skb->len - th->doff * 4;
	cb->ack_seq = be32_to_cpu(th->ack_seq);
	cb->tcp_flags = ((const u8 *)th)[13];
	cb->ip_dsfield = tos;
}

/* Is it a whole TCP segment with a right checksum, for one of our addresses?
 * A wrong one is dropped without a word. */
static bool well_formed(struct sk_buff *skb)
{
	const struct rtable *rt = skb_rtable(skb);
	unsigned int doff;

	if (skb->pkt_type != PACKET_HOST ||
	    (rt && (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST))))
		return false;
	if (!pskb_may_pull(skb, sizeof(struct tcphdr)))
		return false;
	doff = tcp_hdrlen(skb);
	if (doff < sizeof(struct tcphdr) || !pskb_may_pull(skb, doff))
		return false;
	if (skb_checksum_init(skb, csum_tcpudp_nofold(ip_hdr(skb)->saddr,
				ip_hdr(skb)->daddr, skb->len, IPPROTO_TCP, 0)))
		return false;
	if (!skb_checksum_complete(skb))
		return true;
	TCP_INC_STATS(net_of(skb), CSUMERRORS);
	return false;
}

/* TIME_WAIT's answer.  The listener that shall take it instead, or NULL. */
static struct sock *do_time_wait(struct net *net, struct sock *sk,
				 struct sk_buff *skb)
{
	struct inet_timewait_sock *tw = inet_twsk(sk);
	struct inet_tuple t = { .daddr = ip_hdr(skb)->saddr,
		.dport = tcp_hdr(skb)->source, .saddr = ip_hdr(skb)->daddr,
		.num = be16_to_cpu(tcp_hdr(skb)->dest) };
	struct sock *listener;
	u32 isn = 0;

	switch (tcp_timewait_state_process(tw, skb, &isn)) {
	case TCP_TW_SYN:
		listener = __inet_lookup_listener(net, &tcp_hashinfo, &t,
						  skb->skb_iif);
		if (listener) {
			TCP_SKB_CB(skb)->tw_isn = isn;
			inet_twsk_deschedule_put(tw);
			return listener;
		}
		fallthrough;
	case TCP_TW_ACK:
		timewait_ack(tw, skb);
		inet_twsk_put(tw);
		break;
	case TCP_TW_SUCCESS:
		inet_twsk_put(tw);
		break;
	case TCP_TW_RST:
		tcp_v4_send_reset(NULL, skb);
		break;
	case TCP_TW_GONE:
		break;
	}
	return NULL;
}

/* A request's segment is its listener's, if that still listens. */
static struct sock *listener_of(struct request_sock *req)
{
	struct sock *sk = req->rsk_listener;

	if (READ_ONCE(sk->sk_state) == TCP_LISTEN) {
		sock_hold(sk);
	} else {
		inet_csk_reqsk_queue_drop(sk, req);
		sk = NULL;
	}
	reqsk_put(req);
	return sk;
}

/* The full sock that skb is for, counted; NULL: it is dealt with. */
static struct sock *find_sock(struct net *net, struct sk_buff *skb)
{
	struct sock *sk;

	for (;;) {
		sk = inet_lookup(net, &tcp_hashinfo, ip_hdr(skb)->saddr,
				 tcp_hdr(skb)->source, ip_hdr(skb)->daddr,
				 tcp_hdr(skb)->dest, skb->skb_iif);
		if (!sk) {
			tcp_v4_send_reset(NULL, skb);
			return NULL;
		}
		if (sk->sk_state == TCP_TIME_WAIT)
			return do_time_wait(net, sk, skb);
		if (sk->sk_state != TCP_NEW_SYN_RECV)
			return sk;
		sk = listener_of(inet_reqsk(sk));
		if (sk)
			return sk;
	}
}

static int deliver(struct net *net, struct sk_buff *skb)
{
	struct sock *sk = find_sock(net, skb);

	if (!sk)
		goto drop;
	if (inet_sk(sk)->min_ttl > ip_hdr(skb)->ttl || sk_filter(sk, skb)) {
		sock_put(sk);
		goto drop;
	}
	bh_lock_sock_nested(sk);
	if (!sock_owned_by_user(sk))
		tcp_v4_do_rcv(sk, skb);
	else
		tcp_add_backlog(sk, skb);
	bh_unlock_sock(sk);
	sock_put(sk);
	return 0;
drop:
	kfree_skb(skb);
	return 0;
}

static int deliver_as_hook_says(struct net *net, struct sk_buff *skb)
{
	struct sk_buff *next;

	for (skb = tcp_test_lossy_hook(skb); skb; skb = next) {
		next = skb->next;
		skb->next = NULL;
		deliver(net, skb);
	}
	return 0;
}

int tcp_v4_rcv(struct sk_buff *skb)
{
	struct net *net = net_of(skb);
	int iif = skb->dev ? skb->dev->ifindex : 0;

	TCP_ADD_STATS(net, INSEGS, max_t(u16, skb_shinfo(skb)->gso_segs, 1));
	if (!well_formed(skb)) {
		TCP_INC_STATS(net, INERRS);
		kfree_skb(skb);
		return 0;
	}
	skb_orphan(skb);
	skb_dst_drop(skb);
	fill_cb(skb, iif);
	if (unlikely(READ_ONCE(tcp_test_lossy_hook)))
		return deliver_as_hook_says(net, skb);
	return deliver(net, skb);
}

/* ---- ICMP about a packet of ours ---- */

/* A router takes only smaller packets. */
static void mtu_reduced(struct sock *sk, struct sk_buff *skb, u32 info)
{
	u32 mtu;

	ipv4_sk_update_pmtu(skb, sk, info);
	/* The route that knows it replaces the one in the socket. */
	if (inet_csk(sk)->icsk_af_ops->rebuild_header(sk))
		return;
	mtu = dst_mtu(__sk_dst_get(sk));
	if (inet_csk(sk)->icsk_pmtu_cookie > mtu && ip_sk_accept_pmtu(sk)) {
		tcp_sync_mss(sk, mtu);
		tcp_simple_retransmit(sk);
	}
}

static int icmp_errno(int type, int code)
{
	switch (type) {
	case ICMP_PARAMETERPROB:
		return EPROTO;
	case ICMP_TIME_EXCEEDED:
		return EHOSTUNREACH;
	case ICMP_DEST_UNREACH:
		return code <= NR_ICMP_UNREACH ? icmp_err_convert[code].errno :
						 0;
	}
	return 0;
}

/* A hard error ends what is being connected; later it is only remembered: it
 * may be forged, or pass (RFC 1122 4.2.3.9, RFC 5461). */
static void report(struct sock *sk, int err)
{
	if ((1 << sk->sk_state) & (1 << TCP_SYN_SENT | 1 << TCP_SYN_RECV)) {
		if (!sock_owned_by_user(sk))
			tcp_send_error(sk, err);
		else
			sk->sk_err_soft = err;
	} else if (!sock_owned_by_user(sk) && inet_sk(sk)->recverr) {
		WRITE_ONCE(sk->sk_err, err);
		sk_error_report(sk);
	} else {
		sk->sk_err_soft = err;
	}
}

/* The peer of a half-open connection cannot be reached: give it up, or a flood
 * from forged addresses stays longer than it must.  Consumes the reference. */
static void request_err(struct request_sock *req, const struct icmphdr *icmp,
			u32 seq)
{
	struct sock *lsk = req->rsk_listener;

	if (seq == req->snt_isn && icmp->type == ICMP_DEST_UNREACH &&
	    (icmp->code == ICMP_NET_UNREACH || icmp->code == ICMP_HOST_UNREACH))
		inet_csk_reqsk_queue_drop(lsk, req);
	reqsk_put(req);
}

int tcp_v4_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct tcphdr *th = (const void *)(skb->data + iph->ihl * 4);
	const struct icmphdr *icmp = (const void *)skb_transport_header(skb);
	struct net *net = net_of(skb);
	struct inet_tuple t = { .daddr = iph->daddr, .dport = th->dest,
		.saddr = iph->saddr, .num = be16_to_cpu(th->source) };
	struct sock *sk = __inet_lookup_established(net, &tcp_hashinfo, &t,
						skb->dev ? skb->dev->ifindex :
						0);
	u32 seq = be32_to_cpu(th->seq);
	int err;

	if (!sk)
		return -ENOENT;
	if (sk->sk_state == TCP_NEW_SYN_RECV) {
		request_err(inet_reqsk(sk), icmp, seq);
		return 0;
	}
	if (sk->sk_state == TCP_TIME_WAIT) {
		sock_gen_put(sk);
		return 0;
	}
	bh_lock_sock(sk);
	/* Only one who sees our segments can quote what is under way. */
	if (sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN ||
	    !between(seq, tcp_sk(sk)->snd_una, tcp_sk(sk)->snd_nxt))
		goto out;
	if (icmp->type == ICMP_DEST_UNREACH &&
	    icmp->code == ICMP_FRAG_NEEDED) {
		if (!sock_owned_by_user(sk))
			mtu_reduced(sk, skb, info);
		goto out;
	}
	err = icmp_errno(icmp->type, icmp->code);
	if (err)
		report(sk, err);
out:
	bh_unlock_sock(sk);
	sock_put(sk);
	return 0;
}

/* ---- boot ---- */

static const struct net_protocol tcp_protocol = {
	.handler = tcp_v4_rcv,
	.err_handler = tcp_v4_err,
	.no_policy = 1,
	.icmp_strict_tag_validation = 1,
};

static int set_peek_off(struct sock *sk, int val)
{
	WRITE_ONCE(sk->sk_peek_off, val);
	return 0;
}

static const struct proto_ops tcp_stream_ops = {
	.family = PF_INET,
	.release = inet_release,
	.bind = inet_bind,
	.connect = inet_stream_connect,
	.socketpair = sock_no_socketpair,
	.accept = inet_accept,
	.getname = inet_getname,
	.poll = tcp_poll,
	.ioctl = inet_ioctl,
	.listen = inet_listen,
	.shutdown = inet_shutdown,
	.setsockopt = sock_common_setsockopt,
	.getsockopt = sock_common_getsockopt,
	.sendmsg = inet_sendmsg,
	.recvmsg = inet_recvmsg,
	.sendpages = tcp_sendpages,
	.splice_read = tcp_splice_read,
	.mmap = sock_no_mmap,
	.set_peek_off = set_peek_off,
};

static struct inet_protosw tcp_protosw = {
	.type = SOCK_STREAM,
	.protocol = IPPROTO_TCP,
	.prot = &tcp_prot,
	.ops = &tcp_stream_ops,
	.flags = INET_PROTOSW_PERMANENT | INET_PROTOSW_ICSK,
};

static int tcp_init(void)
{
	get_random_bytes(secrets, sizeof(secrets));
	if (tcp_net_register() || inet_hashtables_init(&tcp_hashinfo) ||
	    proto_register(&tcp_prot, 1))
		panic("tcp: no memory for its tables");
	inet_add_protocol(&tcp_protocol, IPPROTO_TCP);
	inet_register_protosw(&tcp_protosw);
	return 0;
}
device_initcall(tcp_init);
