/* SPDX-License-Identifier: MIT */
/*
 * ipip.c -- an IP packet as another's load: tunnels (RFC 2003)
 *
 * PROMISE.  `ip link add t0 type ipip local A remote B` makes a device.  What
 * is routed to it gets a second header from A to B in front and is sent on its
 * way; what comes from B to A with protocol 4 loses the first header and comes
 * in by the device.  Remote may be left out: each packet then goes to its
 * route's gateway.
 *
 * IDEA.  The device's ndo_start_xmit is a small IP sender: it looks up a route
 * of its own, pushes a header and calls ip_local_out().  Reception is a
 * protocol handler like TCP's, which gives the rest of the packet back to
 * netif_rx().
 *
 *	socket -> route by t0 -> ipip_xmit -> route by eth0 -> ip_local_out
 *	ip_local_deliver -> ipip_rcv -> netif_rx (dev = t0) -> ip_rcv
 *
 * WHAT PASSES THE BORDER.  Congestion: the outer header starts with the inner
 * one's ECN bits, and a mark that it got on the way goes inside (RFC 6040; a
 * marked packet whose ends do not speak ECN is dropped).  "Do not fragment":
 * copied outwards, and the path's MTU, less the header, is told to the inner
 * sender.  The time to live is the tunnel's, or the inner one's.
 *
 * BAD INPUT.  A tunnel whose far end is routed into the tunnel itself drops;
 * longer rings end at dev_queue_xmit's depth.
 *
 * LOCKING.  rtnl makes and breaks tunnels; packets find theirs under RCU.
 *
 * SEE docs/109-veth-and-bridge.md; ip-link(8).
 *
 * EXERCISE.  Why is the inner packet's checksum computed before it gets here,
 * though the card below could do it?
 */

#include <net/ip.h>

#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/icmp.h>
#include <net/inet_ecn.h>
#include <net/netlink.h>
#include <net/protocol.h>
#include <net/rtnetlink.h>
#include <uapi/if_arp.h>
#include <uapi/if_ether.h>
#include <uapi/if_link.h>

#define IP_MAX_MTU 0xffffu

/* Field keys: [c] constant   [R] rtnl, RCU or READ_ONCE to read */
struct ip_tunnel {
	struct hlist_node node;       /* [R] in net->ipv4.ipip[] */
	struct net_device *dev;       /* [c] */
	struct net *net;              /* [c] where the outer packets are */
	__be32 local, remote;         /* [R] 0: any */
	int link;                     /* [R] ifindex to go by; 0: any */
	u8 ttl, tos;                  /* [R] ttl 0, tos 1: the inner one's */
	bool pmtudisc;                /* [R] outer packets are not fragmented */
};

static int tunnels;                   /* rtnl: the handler stands while > 0 */

static struct hlist_head *bucket(struct net *net, __be32 remote)
{
	u32 h = ntohl(remote);

	return &net->ipv4.ipip[(h ^ (h >> 8)) % IPIP_HASHSZ];
}

/* The tunnel of just this name: what may not be made twice.  rtnl or RCU. */
static struct ip_tunnel *find_exact(struct net *net, __be32 local,
				    __be32 remote, int link)
{
	struct ip_tunnel *t;

	hlist_for_each_entry_rcu(t, bucket(net, remote), node)
		if (t->local == local && t->remote == remote && t->link == link)
			return t;
	return NULL;
}

/* Whose is a packet from remote to local that came by link?  The most exact
 * one that is up.  RCU. */
static struct ip_tunnel *find(struct net *net, __be32 local, __be32 remote,
			      int link)
{
	const __be32 from[] = { remote, 0 }, to[] = { local, 0 };
	const int by[] = { link, 0 };
	struct ip_tunnel *t;

	for (int i = 0; i < 8; i++) {
		t = find_exact(net, to[(i >> 1) & 1], from[i >> 2], by[i & 1]);
		if (t && (t->dev->flags & IFF_UP))
			return t;
	}
	return NULL;
}

/* ---- in ---- */

/* Congestion that the outer header tells of; false: drop. */
static bool decapsulate_ecn(u8 outer_tos, struct sk_buff *skb)
{
	return (outer_tos & INET_ECN_MASK) != INET_ECN_CE ||
	       INET_ECN_set_ce(skb);
}

static int ipip_rcv(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct ip_tunnel *t = find(dev_net(skb->dev), iph->daddr, iph->saddr,
				   skb->dev->ifindex);
	struct pcpu_sw_netstats *st;
	u8 tos = iph->tos;

	if (!t) {
		icmp_send(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0);
		goto drop;
	}
	if (!pskb_may_pull(skb, sizeof(struct iphdr)))
		goto drop;
	skb_reset_network_header(skb);
	skb_reset_mac_header(skb);
	skb->protocol = htons(ETH_P_IP);
	skb->pkt_type = PACKET_HOST;
	skb->dev = t->dev;
	skb->skb_iif = 0;
	skb_dst_drop(skb);
	if (ip_hdr(skb)->version != 4 || !decapsulate_ecn(tos, skb)) {
		atomic_long_inc(&t->dev->rx_dropped);
		goto drop;
	}
	st = this_cpu_ptr(t->dev->tstats);
	st->rx_packets++;
	st->rx_bytes += skb->len;
	netif_rx(skb);
	return 0;
drop:
	kfree_skb(skb);
	return 0;
}

/* Somebody on the way refused an outer packet of ours: skb->data is at it. */
static int ipip_err(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct net *net = dev_net(skb->dev);
	struct ip_tunnel *t = find(net, iph->saddr, iph->daddr,
				   skb->dev->ifindex);

	if (!t)
		return -ENOENT;
	if (icmp_hdr(skb)->type == ICMP_DEST_UNREACH &&
	    icmp_hdr(skb)->code == ICMP_FRAG_NEEDED)
		ipv4_update_pmtu(skb, net, info, t->link, IPPROTO_IPIP);
	else if (icmp_hdr(skb)->type == ICMP_REDIRECT)
		ipv4_redirect(skb, net, t->link, IPPROTO_IPIP);
	return 0;
}

static const struct net_protocol ipip_protocol = {
	.handler = ipip_rcv,
	.err_handler = ipip_err,
};

/* ---- out ---- */

/* Where the outer packet goes: the far end, or the inner route's gateway. */
static __be32 far_end(const struct ip_tunnel *t, const struct sk_buff *skb)
{
	const struct rtable *rt = skb_rtable(skb);

	if (t->remote)
		return t->remote;
	return rt ? rt_nexthop(rt, ip_hdr(skb)->daddr) : 0;
}

/* What fits through; the inner sender is told.  false: skb does not. */
static bool fits(struct sk_buff *skb, const struct rtable *rt, __be16 df)
{
	u32 mtu = dst_mtu(&rt->dst) - sizeof(struct iphdr);

	if (!df)
		return true;
	skb_dst_update_pmtu(skb, mtu);
	if (skb->len <= mtu || !(ip_hdr(skb)->frag_off & htons(IP_DF)))
		return true;
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
	return false;
}

/* The second header in front; skb has the room. */
static void push_header(struct net *net, const struct ip_tunnel *t,
			struct sk_buff *skb, const struct flowi4 *fl4, __be16 df)
{
	const struct iphdr *inner = ip_hdr(skb);
	u8 tos = t->tos & 1 ? inner->tos : t->tos;
	u8 ecn = inner->tos & INET_ECN_MASK;
	u8 ttl = t->ttl ? t->ttl : inner->ttl;
	struct iphdr *iph;

	iph = skb_push(skb, sizeof(*iph));
	skb_reset_network_header(skb);
	memset(IPCB(skb), 0, sizeof(struct inet_skb_parm));
	*iph = (struct iphdr){
		.version = 4, .ihl = 5, .ttl = ttl, .protocol = IPPROTO_IPIP,
		.tos = (tos & ~INET_ECN_MASK) |
		       (ecn == INET_ECN_CE ? INET_ECN_ECT_0 : ecn),
		.frag_off = df, .saddr = fl4->saddr, .daddr = fl4->daddr,
	};
	__ip_select_ident(net, iph, 1);
	skb->transport_header = skb->network_header + sizeof(*iph);
}

static struct rtable *outer_route(const struct ip_tunnel *t,
				  const struct sk_buff *skb, struct flowi4 *fl4)
{
	*fl4 = (struct flowi4){
		.daddr = far_end(t, skb), .saddr = t->local,
		.flowi4_oif = t->link, .flowi4_proto = IPPROTO_IPIP,
		.flowi4_tos = t->tos & IPTOS_TOS_MASK & ~1,
	};
	if (!fl4->daddr)
		return ERR_PTR(-EHOSTUNREACH);
	return ip_route_output_key(t->net, fl4);
}

static netdev_tx_t ipip_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct ip_tunnel *t = netdev_priv(dev);
	struct pcpu_sw_netstats *st = this_cpu_ptr(dev->tstats);
	unsigned int len = skb->len;
	struct flowi4 fl4;
	struct rtable *rt;
	__be16 df;
	int err;

	if (skb->protocol != htons(ETH_P_IP) ||
	    !pskb_may_pull(skb, sizeof(struct iphdr)))
		goto drop;
	rt = outer_route(t, skb, &fl4);
	if (IS_ERR(rt))
		goto drop;
	df = t->pmtudisc ? htons(IP_DF) : ip_hdr(skb)->frag_off & htons(IP_DF);
	if (rt->dst.dev == dev || !fits(skb, rt, df) ||
	    skb_cow_head(skb, LL_RESERVED_SPACE(rt->dst.dev) +
			 sizeof(struct iphdr))) {
		ip_rt_put(rt);
		goto drop;
	}
	skb_dst_drop(skb);
	skb_dst_set(skb, &rt->dst);
	push_header(t->net, t, skb, &fl4, df);
	err = ip_local_out(t->net, NULL, skb);
	if (err == 0 || err == NET_XMIT_CN) {
		st->tx_packets++;
		st->tx_bytes += len;
	}
	return NETDEV_TX_OK;
drop:
	atomic_long_inc(&dev->tx_dropped);
	kfree_skb(skb);
	return NETDEV_TX_OK;
}

/* ---- made, changed, ended; rtnl ---- */

static int ipip_init(struct net_device *dev)
{
	dev->tstats = alloc_percpu(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
}

static int ipip_iflink(const struct net_device *dev)
{
	struct ip_tunnel *t = netdev_priv(dev);

	return t->link;
}

static const struct net_device_ops ipip_ops = {
	.ndo_init = ipip_init,
	.ndo_start_xmit = ipip_xmit,
	.ndo_get_iflink = ipip_iflink,
};

static void ipip_setup(struct net_device *dev)
{
	dev->netdev_ops = &ipip_ops;
	dev->type = ARPHRD_TUNNEL;
	dev->flags = IFF_NOARP;
	dev->addr_len = sizeof(__be32);
	dev->mtu = ETH_DATA_LEN - sizeof(struct iphdr);
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = IP_MAX_MTU - sizeof(struct iphdr);
	dev->needed_headroom = LL_MAX_HEADER + sizeof(struct iphdr);
	dev->priv_flags |= IFF_NO_QUEUE;
	netif_keep_dst(dev);          /* far_end(), fits() look at it */
	dev->features |= NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HIGHDMA |
			 NETIF_F_LLTX;
}

static int ipip_validate(struct nlattr *tb[], struct nlattr *data[],
			 struct netlink_ext_ack *extack)
{
	static const u8 lengths[] = {
		[IFLA_IPTUN_LINK] = 4, [IFLA_IPTUN_LOCAL] = 4,
		[IFLA_IPTUN_REMOTE] = 4, [IFLA_IPTUN_TTL] = 1,
		[IFLA_IPTUN_TOS] = 1, [IFLA_IPTUN_PROTO] = 1,
		[IFLA_IPTUN_PMTUDISC] = 1,
	};

	for (unsigned int i = 0; data && i < ARRAY_SIZE(lengths); i++)
		if (data[i] && nla_len(data[i]) < lengths[i])
			return -ERANGE;
	if (data && data[IFLA_IPTUN_PROTO] &&
	    nla_get_u8(data[IFLA_IPTUN_PROTO]) != IPPROTO_IPIP &&
	    nla_get_u8(data[IFLA_IPTUN_PROTO]) != 0)
		return -EINVAL;
	if (data && (data[IFLA_IPTUN_COLLECT_METADATA] ||
		     data[IFLA_IPTUN_FWMARK]) &&
	    (!data[IFLA_IPTUN_FWMARK] ||
	     nla_get_u32(data[IFLA_IPTUN_FWMARK]) != 0))
		return -EOPNOTSUPP;
	return 0;
}

/* What data asks for, over what t has.  0 or -EINVAL: a fixed time to live
 * and fragments do not go together, path MTU discovery would not work. */
static int parse(const struct ip_tunnel *t, struct nlattr *data[],
		 struct ip_tunnel *want)
{
	*want = *t;
	if (!data)
		return 0;
	if (data[IFLA_IPTUN_LINK])
		want->link = (int)nla_get_u32(data[IFLA_IPTUN_LINK]);
	if (data[IFLA_IPTUN_LOCAL])
		want->local = nla_get_u32(data[IFLA_IPTUN_LOCAL]);
	if (data[IFLA_IPTUN_REMOTE])
		want->remote = nla_get_u32(data[IFLA_IPTUN_REMOTE]);
	if (data[IFLA_IPTUN_TTL])
		want->ttl = nla_get_u8(data[IFLA_IPTUN_TTL]);
	if (data[IFLA_IPTUN_TOS])
		want->tos = nla_get_u8(data[IFLA_IPTUN_TOS]);
	if (data[IFLA_IPTUN_PMTUDISC])
		want->pmtudisc = nla_get_u8(data[IFLA_IPTUN_PMTUDISC]);
	return want->ttl && !want->pmtudisc ? -EINVAL : 0;
}

/* t becomes what was asked for, and can be found. */
static void take(struct ip_tunnel *t, const struct ip_tunnel *want)
{
	t->local = want->local;
	t->remote = want->remote;
	t->link = want->link;
	t->ttl = want->ttl;
	t->tos = want->tos;
	t->pmtudisc = want->pmtudisc;
	memcpy(t->dev->dev_addr, &t->local, sizeof(t->local));
	memcpy(t->dev->broadcast, &t->remote, sizeof(t->remote));
	if (t->remote)
		t->dev->flags |= IFF_POINTOPOINT;
	else
		t->dev->flags &= ~IFF_POINTOPOINT;
	hlist_add_head_rcu(&t->node, bucket(t->net, t->remote));
}

/* As much as fits through the card below, if it is known. */
static unsigned int mtu_below(const struct ip_tunnel *t)
{
	struct flowi4 fl4 = { .daddr = t->remote, .saddr = t->local,
			      .flowi4_oif = t->link };
	unsigned int mtu = ETH_DATA_LEN;
	struct rtable *rt;

	if (!t->remote)
		return mtu - sizeof(struct iphdr);
	rt = ip_route_output_key(t->net, &fl4);
	if (!IS_ERR(rt)) {
		if (rt->dst.dev != t->dev)
			mtu = rt->dst.dev->mtu;
		ip_rt_put(rt);
	}
	mtu = min_t(unsigned int, mtu, IP_MAX_MTU) - sizeof(struct iphdr);
	return max_t(unsigned int, mtu, t->dev->min_mtu);
}

static int ipip_newlink(struct net *src_net, struct net_device *dev,
			struct nlattr *tb[], struct nlattr *data[],
			struct netlink_ext_ack *extack)
{
	struct ip_tunnel *t = netdev_priv(dev), want;
	int err;

	t->dev = dev;
	t->net = dev_net(dev);
	t->pmtudisc = true;
	err = parse(t, data, &want);
	if (err)
		return err;
	if (find_exact(t->net, want.local, want.remote, want.link))
		return -EEXIST;
	err = register_netdevice(dev);
	if (err)
		return err;
	take(t, &want);
	if (!tb[IFLA_MTU])
		dev->mtu = mtu_below(t);
	if (tunnels++ == 0)
		inet_add_protocol(&ipip_protocol, IPPROTO_IPIP);
	return 0;
}

static int ipip_changelink(struct net_device *dev, struct nlattr *tb[],
			   struct nlattr *data[],
			   struct netlink_ext_ack *extack)
{
	struct ip_tunnel *t = netdev_priv(dev), *other, want;
	int err = parse(t, data, &want);

	if (err)
		return err;
	other = find_exact(t->net, want.local, want.remote, want.link);
	if (other && other != t)
		return -EEXIST;
	if (!want.remote != !t->remote)
		return -EINVAL;       /* another kind of device altogether */
	hlist_del_rcu(&t->node);
	synchronize_rcu();
	take(t, &want);
	return 0;
}

static void ipip_dellink(struct net_device *dev, struct list_head *head)
{
	struct ip_tunnel *t = netdev_priv(dev);

	hlist_del_rcu(&t->node);
	if (--tunnels == 0)
		inet_del_protocol(&ipip_protocol, IPPROTO_IPIP);
	unregister_netdevice(dev);
	free_netdev(dev);             /* when rtnl is dropped */
}

static int ipip_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	const struct ip_tunnel *t = netdev_priv(dev);

	if (nla_put_u32(skb, IFLA_IPTUN_LINK, t->link) ||
	    nla_put_u32(skb, IFLA_IPTUN_LOCAL, t->local) ||
	    nla_put_u32(skb, IFLA_IPTUN_REMOTE, t->remote) ||
	    nla_put_u8(skb, IFLA_IPTUN_TTL, t->ttl) ||
	    nla_put_u8(skb, IFLA_IPTUN_TOS, t->tos) ||
	    nla_put_u8(skb, IFLA_IPTUN_PROTO, IPPROTO_IPIP) ||
	    nla_put_u8(skb, IFLA_IPTUN_PMTUDISC, t->pmtudisc))
		return -EMSGSIZE;
	return 0;
}

static struct rtnl_link_ops ipip_link_ops = {
	.kind = "ipip",
	.priv_size = sizeof(struct ip_tunnel),
	.setup = ipip_setup,
	.validate = ipip_validate,
	.newlink = ipip_newlink,
	.changelink = ipip_changelink,
	.dellink = ipip_dellink,
	.fill_info = ipip_fill_info,
	.maxtype = IFLA_IPTUN_MAX,
};

/* The network of the outer packets ends: so do tunnels whose device has moved
 * elsewhere. */
static void ipip_net_exit(struct net *net)
{
	struct hlist_node *next;
	struct ip_tunnel *t;

	rtnl_lock();
	for (int i = 0; i < IPIP_HASHSZ; i++)
		hlist_for_each_entry_safe(t, next, &net->ipv4.ipip[i], node)
			ipip_dellink(t->dev, NULL);
	rtnl_unlock();
}

static struct pernet_operations ipip_net_ops = {
	.exit = ipip_net_exit,
};

static int ipip_module_init(void)
{
	int err = register_pernet_device(&ipip_net_ops);

	return err ? err : rtnl_link_register(&ipip_link_ops);
}
module_init(ipip_module_init);
