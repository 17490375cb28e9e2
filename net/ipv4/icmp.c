/* SPDX-License-Identifier: MIT */
/*
 * icmp.c -- ICMP: what went wrong, and are you there
 *
 * SENDING an error: never about an ICMP error, a broadcast, a fragment but the
 * first (RFC 1122 3.2.2); a token bucket for the machine and one interval per
 * destination bound how many. The error quotes as much of the packet as fits
 * in 576 bytes (RFC 1812).
 *
 * RECEIVING.  An echo is answered; an error is handed to the protocol of the
 * packet that it quotes, after that packet's header was checked as any other.
 *
 * All leave by one kernel socket of the network, whose lock is tried, not
 * waited for: an error caused by sending an error is lost.
 *
 * CONTEXT.  Softirq or process, bh off inside.
 *
 * SEE RFC 792, RFC 1122 3.2.2, RFC 1191.
 */

#include <net/icmp.h>

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/timekeeping.h>
#include <net/inet_common.h>
#include <net/protocol.h>

#include "internal.h"
#include "udp_impl.h"

#define ICMP_MAX_QUOTED 576

const struct icmp_err icmp_err_convert[] = {
	{ ENETUNREACH, 0 }, { EHOSTUNREACH, 0 }, { ENOPROTOOPT, 1 },
	{ ECONNREFUSED, 1 }, { EMSGSIZE, 0 }, { EOPNOTSUPP, 0 },
	{ ENETUNREACH, 1 }, { EHOSTDOWN, 1 }, { ENONET, 1 },
	{ ENETUNREACH, 1 }, { EHOSTUNREACH, 1 }, { ENETUNREACH, 0 },
	{ EHOSTUNREACH, 0 }, { EHOSTUNREACH, 1 }, { EHOSTUNREACH, 1 },
	{ EHOSTUNREACH, 1 },
};

bool icmp_error_meaning(const struct sk_buff *skb, int type, int code, int *err,
			int *harderr)
{
	*err = EHOSTUNREACH;
	*harderr = 0;
	switch (type) {
	case ICMP_SOURCE_QUENCH:
		return false;
	case ICMP_PARAMETERPROB:
		*err = EPROTO;
		*harderr = 1;
		break;
	case ICMP_DEST_UNREACH:
		if (code > NR_ICMP_UNREACH)
			return true;
		*err = icmp_err_convert[code].errno;
		*harderr = icmp_err_convert[code].fatal;
		break;
	}
	return true;
}

void icmp_out_count(struct net *net, unsigned char type)
{
	ICMP_INC_STATS(net, OUTMSGS);
	atomic_long_inc(&net->mib_icmpmsg[256 + type]);
}

/* Softirqs off: this CPU is in icmp_send() already. */
static DEFINE_PER_CPU(int, icmp_busy);

/* ---- how many ---- */

/* 1000 a second, 50 at once, from the whole machine. */
bool icmp_global_allow(void)
{
	static DEFINE_SPINLOCK(lock);
	static unsigned long stamp;
	static unsigned int credit = 50;
	unsigned int fresh;
	bool ok;

	spin_lock_bh(&lock);
	fresh = (jiffies - stamp) * 1000 / HZ;
	if (fresh) {
		credit = min_t(unsigned long, (unsigned long)credit + fresh,
			       50ul);
		stamp = jiffies;
	}
	ok = credit > 0;
	if (ok)
		credit--;
	spin_unlock_bh(&lock);
	return ok;
}

#define RATE_SLOTS 256

/* One per icmp_ratelimit milliseconds to each slot of destinations. */
static bool dest_allow(struct net *net, __be32 daddr, int type)
{
	static unsigned long last[RATE_SLOTS];
	unsigned long *slot = &last[hash_32(daddr, 8)];
	int limit = READ_ONCE(net->ipv4.sysctl_icmp_ratelimit);

	if (type > NR_ICMP_TYPES ||
	    !(READ_ONCE(net->ipv4.sysctl_icmp_ratemask) & (1 << type)))
		return true;
	if (!limit || ipv4_is_loopback(daddr))
		return true;
	if (READ_ONCE(*slot) &&
	    time_before(jiffies, READ_ONCE(*slot) + msecs_to_jiffies(limit) / 6))
		return false;
	WRITE_ONCE(*slot, jiffies | 1);
	return true;
}

/* ---- sending ---- */

/* A message by the kernel's socket: head, then len bytes of quoted at off. */
struct icmp_out {
	struct icmphdr head;
	const struct sk_buff *quoted;
	int off, len;
	struct ip_options_data opt;
};

/* The quoted bytes; off is negative if headers were pulled already. */
static int copy_quoted(const struct icmp_out *o, u8 *to)
{
	int before = o->off < 0 ? min(-o->off, o->len) : 0;

	if (before)
		memcpy(to, o->quoted->data + o->off, before);
	if (o->len == before)
		return 0;
	return skb_copy_bits(o->quoted, max(o->off, 0), to + before,
			     o->len - before);
}

static struct sk_buff *build(struct sock *sk, struct icmp_out *o,
			     struct flowi4 *fl4, struct rtable *rt, u8 tos)
{
	int optlen = o->opt.opt.opt.optlen;
	int hdr = LL_RESERVED_SPACE(rt->dst.dev) + 20 + optlen;
	int len = sizeof(o->head) + o->len;
	struct sk_buff *skb = alloc_skb(hdr + len, GFP_ATOMIC);
	struct icmphdr *icmph;
	struct iphdr *iph;

	if (!skb)
		return NULL;
	skb_reserve(skb, hdr);
	icmph = skb_put_data(skb, &o->head, sizeof(o->head));
	skb_reset_transport_header(skb);
	if (copy_quoted(o, skb_put(skb, o->len))) {
		kfree_skb(skb);
		return NULL;
	}
	icmph->checksum = 0;
	icmph->checksum = ip_compute_csum(icmph, len);
	iph = skb_push(skb, sizeof(*iph) + optlen);
	skb_reset_network_header(skb);
	*iph = (struct iphdr){
		.version = 4, .ihl = 5 + optlen / 4, .tos = tos,
		.ttl = ip4_dst_hoplimit(&rt->dst), .protocol = IPPROTO_ICMP,
		.saddr = fl4->saddr, .daddr = fl4->daddr,
	};
	dst_hold(&rt->dst);
	skb_dst_set(skb, &rt->dst);
	if (optlen)
		ip_options_build(skb, &o->opt.opt.opt, fl4->daddr, rt);
	return skb;
}

static void push_out(struct sock *sk, struct icmp_out *o, struct flowi4 *fl4,
		     struct rtable *rt, u8 tos, u32 mark)
{
	struct net *net = sock_net(sk);
	struct sk_buff *skb = build(sk, o, fl4, rt, tos);

	if (!skb) {
		ICMP_INC_STATS(net, OUTERRORS);
		return;
	}
	skb->mark = mark;
	__ip_select_ident(net, ip_hdr(skb), 1);
	icmp_out_count(net, o->head.type);
	ip_local_out(net, sk, skb);
}

/* The kernel's socket, if nobody on this CPU is in here already; bh off. */
static struct sock *icmp_xmit_lock(struct net *net)
{
	struct sock *sk = net->ipv4.icmp_sk;

	local_bh_disable();
	if (sk && this_cpu_read(icmp_busy) == 0) {
		this_cpu_write(icmp_busy, 1);
		return sk;
	}
	local_bh_enable();
	return NULL;
}

static void icmp_xmit_unlock(void)
{
	this_cpu_write(icmp_busy, 0);
	local_bh_enable();
}

/* An answer to skb, whose payload behind the ICMP header is echoed. */
static void icmp_reply(struct icmp_out *o, struct sk_buff *skb)
{
	struct rtable *in = skb_rtable(skb);
	struct net *net = dev_net(skb->dev);
	struct flowi4 fl4 = {
		.daddr = ip_hdr(skb)->saddr,
		.flowi4_tos = ip_hdr(skb)->tos & IPTOS_TOS_MASK,
		.flowi4_proto = IPPROTO_ICMP,
	};
	struct rtable *rt;
	struct sock *sk;

	if (__ip_options_echo(net, &o->opt.opt.opt, skb, &IPCB(skb)->opt))
		return;
	if (!(in->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)))
		fl4.saddr = ip_hdr(skb)->daddr;
	sk = icmp_xmit_lock(net);
	if (!sk)
		return;
	if (o->opt.opt.opt.optlen && o->opt.opt.opt.srr)
		fl4.daddr = o->opt.opt.opt.faddr;
	rt = ip_route_output_key(net, &fl4);
	if (!IS_ERR(rt)) {
		if (dest_allow(net, fl4.daddr, o->head.type) &&
		    (ipv4_is_loopback(fl4.daddr) ||
		     o->head.type == ICMP_ECHOREPLY || icmp_global_allow()))
			push_out(sk, o, &fl4, rt, ip_hdr(skb)->tos, skb->mark);
		ip_rt_put(rt);
	}
	icmp_xmit_unlock();
}

/* May anybody be told about this packet?  RFC 1122 3.2.2 */
static bool may_complain(struct sk_buff *skb, int type)
{
	const struct rtable *rt = skb_rtable(skb);
	const struct iphdr *iph = ip_hdr(skb);
	u8 buf, *inner;

	if ((u8 *)iph < skb->head || (u8 *)(iph + 1) > skb_tail_pointer(skb))
		return false;
	if (skb->pkt_type != PACKET_HOST)
		return false;
	if (!rt || (rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)))
		return false;
	if (iph->frag_off & htons(IP_OFFSET))
		return false;
	if (ipv4_is_multicast(iph->saddr) || ipv4_is_lbcast(iph->saddr) ||
	    ipv4_is_zeronet(iph->saddr))
		return false;
	if (type > NR_ICMP_TYPES || iph->protocol != IPPROTO_ICMP)
		return true;
	/* Not about an ICMP error. */
	inner = skb_header_pointer(skb, skb_network_offset(skb) + iph->ihl * 4,
				   sizeof(buf), &buf);
	return inner && (*inner == ICMP_ECHO || *inner == ICMP_ECHOREPLY ||
			 *inner == ICMP_TIMESTAMP ||
			 *inner == ICMP_TIMESTAMPREPLY);
}

static struct rtable *error_route(struct net *net, struct flowi4 *fl4,
				  struct sk_buff *skb)
{
	const struct rtable *in = skb_rtable(skb);
	const struct iphdr *iph = ip_hdr(skb);

	*fl4 = (struct flowi4){
		.daddr = iph->saddr, .flowi4_proto = IPPROTO_ICMP,
		.flowi4_tos = ((iph->tos & IPTOS_TOS_MASK) | 0xc0) &
			      IPTOS_TOS_MASK,
	};
	/* From the address it was sent to, if that is ours. */
	if (in->rt_flags & RTCF_LOCAL)
		fl4->saddr = iph->daddr;
	return ip_route_output_key(net, fl4);
}

/* How much of skb, from its IP header on, is quoted. */
static int quote_len(const struct sk_buff *skb, const struct rtable *rt,
		     int optlen)
{
	int room = min_t(int, dst_mtu(&rt->dst), ICMP_MAX_QUOTED);
	int have = skb->len - skb_network_offset(skb);

	room -= sizeof(struct iphdr) + optlen + sizeof(struct icmphdr);
	return min(room, have);
}

void icmp_send(struct sk_buff *skb_in, int type, int code, __be32 info)
{
	struct icmp_out o;
	struct flowi4 fl4;
	struct rtable *rt;
	struct sock *sk;
	struct net *net;

	if (!skb_rtable(skb_in) || !may_complain(skb_in, type))
		return;
	net = dev_net(skb_rtable(skb_in)->dst.dev);
	sk = icmp_xmit_lock(net);
	if (!sk)
		return;
	rt = error_route(net, &fl4, skb_in);
	if (IS_ERR(rt))
		goto out;
	if (!dest_allow(net, fl4.daddr, type) ||
	    (!ipv4_is_loopback(fl4.daddr) && !icmp_global_allow()))
		goto put;
	memset(&o, 0, sizeof(o));
	o.head.type = type;
	o.head.code = code;
	o.head.un.gateway = info;
	o.quoted = skb_in;
	o.off = skb_network_offset(skb_in);
	o.len = quote_len(skb_in, rt, 0);
	if (o.len > (int)sizeof(struct iphdr))
		push_out(sk, &o, &fl4, rt, (ip_hdr(skb_in)->tos & 0x1e) | 0xc0,
			 skb_in->mark);
put:
	ip_rt_put(rt);
out:
	icmp_xmit_unlock();
}

/* ---- receiving ---- */

/* To the protocol of the packet that was quoted. */
static bool socket_deliver(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	int protocol = iph->protocol;
	const struct net_protocol *p;

	if (!pskb_may_pull(skb, iph->ihl * 4 + 8))
		return false;
	raw_icmp_error(skb, protocol, info);
	p = rcu_dereference(inet_protos[protocol]);
	if (p && p->err_handler)
		p->err_handler(skb, info);
	return true;
}

/* skb->data at the quoted header; info: MTU or pointer. */
static bool icmp_unreach(struct sk_buff *skb)
{
	struct icmphdr *icmph = icmp_hdr(skb);
	struct net *net = dev_net(skb->dev);
	const struct iphdr *iph;
	u32 info = 0;

	if (!pskb_may_pull(skb, sizeof(struct iphdr)))
		goto bad;
	icmph = icmp_hdr(skb);
	iph = (const struct iphdr *)skb->data;
	if (iph->ihl < 5 || !pskb_may_pull(skb, iph->ihl * 4))
		goto bad;
	icmph = icmp_hdr(skb);
	if (icmph->type == ICMP_DEST_UNREACH) {
		if (icmph->code > NR_ICMP_UNREACH)
			return true;
		if (icmph->code == ICMP_FRAG_NEEDED) {
			info = ntohs(icmph->un.frag.mtu);
			if (READ_ONCE(net->ipv4.sysctl_ip_no_pmtu_disc) == 2)
				return true;
		}
	} else if (icmph->type == ICMP_PARAMETERPROB) {
		info = ntohl(icmph->un.gateway) >> 24;
	}
	return socket_deliver(skb, info);
bad:
	ICMP_INC_STATS(net, INERRORS);
	return false;
}

static bool icmp_redirect(struct sk_buff *skb)
{
	if (skb->len < sizeof(struct iphdr) ||
	    !pskb_may_pull(skb, sizeof(struct iphdr)))
		return false;
	return socket_deliver(skb, icmp_hdr(skb)->un.gateway);
}

static bool icmp_echo(struct sk_buff *skb)
{
	struct net *net = dev_net(skb->dev);
	struct icmp_out o;

	if (READ_ONCE(net->ipv4.sysctl_icmp_echo_ignore_all))
		return true;
	memset(&o, 0, sizeof(o));
	o.head = *icmp_hdr(skb);
	o.head.type = ICMP_ECHOREPLY;
	o.quoted = skb;
	o.len = skb->len;
	icmp_reply(&o, skb);
	return true;
}

static bool icmp_timestamp(struct sk_buff *skb)
{
	struct icmp_out o;
	struct timespec64 now;
	__be32 times[3];
	u32 ms;

	if (skb->len < 4 || skb_copy_bits(skb, 0, &times[0], 4))
		return false;
	ktime_get_real_ts64(&now);
	ms = (now.tv_sec % 86400) * 1000 + now.tv_nsec / 1000000;
	times[1] = times[2] = htonl(ms);
	memset(&o, 0, sizeof(o));
	o.head = *icmp_hdr(skb);
	o.head.type = ICMP_TIMESTAMPREPLY;
	o.head.code = 0;
	if (skb->len >= 12 && !skb_ensure_writable(skb, 12)) {
		memcpy(skb->data, times, 12);
		o.quoted = skb;
		o.len = 12;
		icmp_reply(&o, skb);
	}
	return true;
}

/* An echo or timestamp to many: by default not answered. */
static bool to_many_refused(struct sk_buff *skb)
{
	const struct rtable *rt = skb_rtable(skb);
	struct net *net = dev_net(skb->dev);
	u8 type = icmp_hdr(skb)->type;

	if (!(rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)))
		return false;
	if ((type == ICMP_ECHO || type == ICMP_TIMESTAMP) &&
	    READ_ONCE(net->ipv4.sysctl_icmp_echo_ignore_broadcasts))
		return true;
	return type != ICMP_ECHO && type != ICMP_TIMESTAMP &&
	       type != ICMP_ADDRESS && type != ICMP_ADDRESSREPLY;
}

static bool dispatch(struct sk_buff *skb)
{
	switch (icmp_hdr(skb)->type) {
	case ICMP_ECHO:
		return icmp_echo(skb);
	case ICMP_ECHOREPLY:
		ping_rcv(skb);
		return true;
	case ICMP_DEST_UNREACH:
	case ICMP_SOURCE_QUENCH:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		return icmp_unreach(skb);
	case ICMP_REDIRECT:
		return icmp_redirect(skb);
	case ICMP_TIMESTAMP:
		return icmp_timestamp(skb);
	default:
		return true;
	}
}

int icmp_rcv(struct sk_buff *skb)
{
	struct net *net = dev_net(skb->dev);

	ICMP_INC_STATS(net, INMSGS);
	skb->csum = 0;
	if (!skb_csum_unnecessary(skb) || skb->ip_summed == CHECKSUM_COMPLETE) {
		skb->ip_summed = CHECKSUM_NONE;
		if (__skb_checksum_complete(skb)) {
			ICMP_INC_STATS(net, CSUMERRORS);
			goto error;
		}
	}
	if (!pskb_may_pull(skb, sizeof(struct icmphdr)))
		goto error;
	skb_reset_transport_header(skb);
	__skb_pull(skb, sizeof(struct icmphdr));
	atomic_long_inc(&net->mib_icmpmsg[icmp_hdr(skb)->type]);
	if (icmp_hdr(skb)->type > NR_ICMP_TYPES || to_many_refused(skb)) {
		kfree_skb(skb);
		return 0;
	}
	if (dispatch(skb)) {
		consume_skb(skb);
		return 0;
	}
error:
	ICMP_INC_STATS(net, INERRORS);
	kfree_skb(skb);
	return 0;
}

static int icmp_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	int offset = iph->ihl * 4, type = icmp_hdr(skb)->type;
	struct icmphdr *quoted = (struct icmphdr *)(skb->data + offset);
	struct net *net = dev_net(skb->dev);

	if (quoted->type != ICMP_ECHOREPLY) {
		ping_err(skb, offset, info);
		return 0;
	}
	if (type == ICMP_DEST_UNREACH &&
	    icmp_hdr(skb)->code == ICMP_FRAG_NEEDED)
		ipv4_update_pmtu(skb, net, info, 0, IPPROTO_ICMP);
	else if (type == ICMP_REDIRECT)
		ipv4_redirect(skb, net, 0, IPPROTO_ICMP);
	return 0;
}

static const struct net_protocol icmp_protocol = {
	.handler = icmp_rcv,
	.err_handler = icmp_err,
};

static int icmp_net_init(struct net *net)
{
	int err = inet_ctl_sock_create(&net->ipv4.icmp_sk, PF_INET, SOCK_RAW,
				       IPPROTO_ICMP, net);

	if (!err)
		inet_sk(net->ipv4.icmp_sk)->pmtudisc = IP_PMTUDISC_DONT;
	return err;
}

static void icmp_net_exit(struct net *net)
{
	struct sock *sk = net->ipv4.icmp_sk;

	net->ipv4.icmp_sk = NULL;
	synchronize_rcu();
	sock_release(sk->sk_socket);
}

static struct pernet_operations icmp_net_ops = {
	.init = icmp_net_init,
	.exit = icmp_net_exit,
};

int icmp_init(void)
{
	inet_add_protocol(&icmp_protocol, IPPROTO_ICMP);
	return register_pernet_subsys(&icmp_net_ops);
}
