/* SPDX-License-Identifier: MIT */
/*
 * ip_input.c -- an IPv4 packet comes in
 *
 *	ip_rcv: is it a packet at all?  -> PRE_ROUTING
 *	ip_rcv_finish: whose is it (route)?  options  -> ip_forward
 *	ip_local_deliver: whole (ip_defrag)  -> LOCAL_IN
 *	ip_protocol_deliver_rcu: raw sockets, then TCP, UDP, ICMP
 *
 * BAD INPUT.  Nothing of the header is believed before it is checked: there
 * are ihl * 4 bytes, the checksum is right, tot_len is not more than came.
 * What is wrong is counted (InHdrErrors ...) and dropped.
 *
 * CONTEXT.  Softirq, under RCU.
 */

#include <net/ip.h>

#include <kernel/kernel.h>
#include <net/icmp.h>
#include <net/offload.h>
#include <net/protocol.h>

const struct net_protocol *inet_protos[MAX_INET_PROTOS];
const struct net_offload *inet_offloads[MAX_INET_PROTOS];

int inet_add_protocol(const struct net_protocol *prot, unsigned char num)
{
	return cmpxchg(&inet_protos[num], NULL, prot) ? -1 : 0;
}

int inet_del_protocol(const struct net_protocol *prot, unsigned char num)
{
	int ret = cmpxchg(&inet_protos[num], prot, NULL) == prot ? 0 : -1;

	synchronize_rcu();
	return ret;
}

int inet_add_offload(const struct net_offload *prot, unsigned char num)
{
	return cmpxchg(&inet_offloads[num], NULL, prot) ? -1 : 0;
}

/* ---- up ---- */

/* skb->data at the transport header. */
void ip_protocol_deliver_rcu(struct net *net, struct sk_buff *skb, int protocol)
{
	const struct net_protocol *p;
	int raw, ret;

	do {
		raw = raw_local_deliver(skb, protocol);
		p = rcu_dereference(inet_protos[protocol]);
		if (!p)
			break;
		ret = p->handler(skb);
		protocol = -ret;      /* < 0: it was a wrapping, go on */
	} while (ret < 0);
	if (p) {
		IP_INC_STATS(net, INDELIVERS);
		return;
	}
	if (raw) {
		IP_INC_STATS(net, INDELIVERS);
		consume_skb(skb);
		return;
	}
	IP_INC_STATS(net, INUNKNOWNPROTOS);
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0);
	kfree_skb(skb);
}

static int ip_local_deliver_finish(struct net *net, struct sock *sk,
				   struct sk_buff *skb)
{
	int protocol = ip_hdr(skb)->protocol;

	__skb_pull(skb, ip_hdrlen(skb));
	skb_reset_transport_header(skb);
	rcu_read_lock();
	ip_protocol_deliver_rcu(net, skb, protocol);
	rcu_read_unlock();
	return 0;
}

int ip_local_deliver(struct sk_buff *skb)
{
	struct net *net = dev_net(skb->dev);

	if (ip_is_fragment(ip_hdr(skb)) &&
	    ip_defrag(net, skb, IP_DEFRAG_LOCAL_DELIVER))
		return 0;
	return NF_HOOK(NFPROTO_IPV4, NF_INET_LOCAL_IN, net, NULL, skb, skb->dev,
		       NULL, ip_local_deliver_finish);
}

/* ---- in ---- */

/* Options of a received header.  true: drop. */
static bool bad_options(struct sk_buff *skb, struct net_device *dev)
{
	struct ip_options *opt = &IPCB(skb)->opt;
	struct in_device *in_dev;

	if (skb_cow(skb, skb_headroom(skb)))
		return true;
	opt->optlen = ip_hdrlen(skb) - sizeof(struct iphdr);
	if (ip_options_compile(dev_net(dev), opt, skb)) {
		IP_INC_STATS(dev_net(dev), INHDRERRORS);
		return true;
	}
	if (!opt->srr)
		return false;
	/* Source routes are for those who ask for trouble. */
	in_dev = __in_dev_get_rcu(dev);
	return !in_dev || !IN_DEV_ANDCONF(in_dev, ACCEPT_SOURCE_ROUTE);
}

static void count_cast(struct net *net, struct sk_buff *skb)
{
	const struct rtable *rt = skb_rtable(skb);

	if (rt->rt_type == RTN_MULTICAST) {
		IP_INC_STATS(net, INMCASTPKTS);
	} else if (rt->rt_type == RTN_BROADCAST) {
		IP_INC_STATS(net, INBCASTPKTS);
	}
}

static int ip_rcv_finish(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct net_device *dev = skb->dev;
	const struct iphdr *iph = ip_hdr(skb);

	if (!skb_dst(skb) &&
	    ip_route_input_noref(skb, iph->daddr, iph->saddr, iph->tos, dev)) {
		IP_INC_STATS(net, INADDRERRORS);
		goto drop;
	}
	if (iph->ihl > 5 && bad_options(skb, dev))
		goto drop;
	count_cast(net, skb);
	return dst_input(skb);
drop:
	kfree_skb(skb);
	return NET_RX_DROP;
}

/* Is it an IPv4 header, and all of the packet here?  Trims what follows. */
static bool header_ok(struct sk_buff *skb, struct net *net)
{
	const struct iphdr *iph;
	u32 len;

	if (!pskb_may_pull(skb, sizeof(struct iphdr)))
		goto error;
	iph = ip_hdr(skb);
	if (iph->ihl < 5 || iph->version != 4)
		goto error;
	if (!pskb_may_pull(skb, iph->ihl * 4))
		goto error;
	iph = ip_hdr(skb);
	if (ip_fast_csum(iph, iph->ihl)) {
		IP_INC_STATS(net, CSUMERRORS);
		goto error;
	}
	len = ntohs(iph->tot_len);
	if (skb->len < len) {
		IP_INC_STATS(net, INTRUNCATEDPKTS);
		return false;
	}
	if (len < iph->ihl * 4u)
		goto error;
	if (pskb_trim_rcsum(skb, len)) {
		IP_INC_STATS(net, INDISCARDS);
		return false;
	}
	return true;
error:
	IP_INC_STATS(net, INHDRERRORS);
	return false;
}

int ip_rcv(struct sk_buff *skb, struct net_device *dev, struct packet_type *pt,
	   struct net_device *orig_dev)
{
	struct net *net = dev_net(dev);

	if (skb->pkt_type == PACKET_OTHERHOST)
		goto drop;
	IP_INC_STATS(net, INPKTS);
	IP_ADD_STATS(net, INOCTETS, skb->len);
	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb) {
		IP_INC_STATS(net, INDISCARDS);
		return NET_RX_DROP;
	}
	if (!header_ok(skb, net))
		goto drop;
	skb->transport_header = skb->network_header + ip_hdrlen(skb);
	memset(IPCB(skb), 0, sizeof(struct inet_skb_parm));
	IPCB(skb)->iif = skb->skb_iif;
	skb_orphan(skb);
	return NF_HOOK(NFPROTO_IPV4, NF_INET_PRE_ROUTING, net, NULL, skb, dev,
		       NULL, ip_rcv_finish);
drop:
	kfree_skb(skb);
	return NET_RX_DROP;
}

/* ---- somebody else's packet ---- */

static int ip_forward_finish(struct net *net, struct sock *sk,
			     struct sk_buff *skb)
{
	IP_INC_STATS(net, OUTFORWDATAGRAMS);
	skb->tstamp = 0;
	return dst_output(net, sk, skb);
}

static bool too_big(const struct sk_buff *skb, unsigned int mtu)
{
	if (skb->len <= mtu || skb->ignore_df ||
	    !(ip_hdr(skb)->frag_off & htons(IP_DF)))
		return false;
	return !skb_is_gso(skb) || !skb_gso_validate_network_len(skb, mtu);
}

int ip_forward(struct sk_buff *skb)
{
	struct rtable *rt = skb_rtable(skb);
	struct net *net = dev_net(rt->dst.dev);
	unsigned int mtu = dst_mtu(&rt->dst);
	struct iphdr *iph;

	if (skb->pkt_type != PACKET_HOST || skb->sk)
		goto drop;
	if (ip_hdr(skb)->ttl <= 1) {
		IP_INC_STATS(net, INHDRERRORS);
		icmp_send(skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
		goto drop;
	}
	if (IPCB(skb)->opt.is_strictroute && rt->rt_uses_gateway)
		goto unreachable;
	IPCB(skb)->flags |= IPSKB_FORWARDED;
	if (too_big(skb, mtu)) {
		IP_INC_STATS(net, FRAGFAILS);
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
		goto drop;
	}
	if (skb_cow(skb, LL_RESERVED_SPACE(rt->dst.dev)))
		goto drop;
	iph = ip_hdr(skb);
	csum_replace2(&iph->check, htons(iph->ttl << 8),
		      htons((iph->ttl - 1) << 8));
	iph->ttl--;
	return NF_HOOK(NFPROTO_IPV4, NF_INET_FORWARD, net, NULL, skb, skb->dev,
		       rt->dst.dev, ip_forward_finish);
unreachable:
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_SR_FAILED, 0);
drop:
	kfree_skb(skb);
	return NET_RX_DROP;
}
