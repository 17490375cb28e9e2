/* SPDX-License-Identifier: MIT */
/*
 * route.c -- from a question (struct flowi4, or a packet) to a route
 *
 * IDEA.  A lookup in the tables gives a next hop; the rtable made from it is
 * cached there, since it says nothing that the next hop does not: one for
 * packets that leave by it, one for packets that came to us. What is different
 * for one destination (a smaller MTU learnt by ICMP, a redirect) is an
 * exception, kept in a table of its own and made into an rtable of its own.
 *
 * STALE.  rt_cache_flush() counts net->ipv4.rt_genid up; an rtable remembers
 * the count it was made at, and dst_check() compares.
 *
 * BOUNDS.  Exceptions: FNHE_DEPTH per bucket of FNHE_HASHSZ, the oldest goes;
 * each ends after mtu_expires.
 *
 * LOCKING.  Lookups under RCU; fnhe_lock for exceptions; rt_list_lock for the
 * list of all rtables, which a device that goes away needs.
 *
 * SEE fib_table.c; RFC 1122 3.3.1, RFC 1191 (PMTU).
 */

#include <net/route.h>

#include <kernel/err.h>
#include <kernel/hash.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/arp.h>
#include <net/icmp.h>
#include <net/igmp.h>
#include <net/ip.h>

#include "fib.h"
#include "route_impl.h"

static struct kmem_cache *rt_cache;
static DEFINE_SPINLOCK(rt_list_lock);
static LIST_HEAD(rt_list);

/* ---- an rtable ---- */

static bool rt_is_expired(const struct rtable *rt)
{
	unsigned long expires = READ_ONCE(rt->dst.expires);

	return rt->rt_genid !=
	       atomic_read(&dev_net(rt->dst.dev)->ipv4.rt_genid) ||
	       (expires && time_after(jiffies, expires));
}

static struct dst_entry *ipv4_dst_check(struct dst_entry *dst, u32 cookie)
{
	struct rtable *rt = container_of(dst, struct rtable, dst);

	return dst->obsolete != DST_OBSOLETE_FORCE_CHK || rt_is_expired(rt)
	       ? NULL : dst;
}

static unsigned int ipv4_mtu(const struct dst_entry *dst)
{
	const struct rtable *rt = container_of(dst, struct rtable, dst);
	u32 mtu = rt->rt_pmtu;

	if (!mtu)
		mtu = dst_metric_raw(dst, RTAX_MTU);
	if (!mtu)
		mtu = READ_ONCE(dst->dev->mtu);
	return min(mtu, 0xffffu);
}

static unsigned int ipv4_default_advmss(const struct dst_entry *dst)
{
	struct net *net = dev_net(dst->dev);
	unsigned int mss = max_t(unsigned int, ipv4_mtu(dst) - 40,
				 net->ipv4.sysctl_min_adv_mss);

	return min(mss, 65535u - 40);
}

static void ipv4_dst_destroy(struct dst_entry *dst)
{
	struct rtable *rt = container_of(dst, struct rtable, dst);

	spin_lock_bh(&rt_list_lock);
	list_del(&rt->rt_list);
	spin_unlock_bh(&rt_list_lock);
	dev_put(dst->dev);
	kmem_cache_free(rt_cache, rt);
}

static struct dst_entry *ipv4_negative_advice(struct dst_entry *dst)
{
	struct rtable *rt = container_of(dst, struct rtable, dst);

	if (dst->obsolete > 0 || dst->expires || rt->rt_pmtu) {
		ip_rt_put(rt);
		return NULL;
	}
	return dst;
}

static void ipv4_link_failure(struct sk_buff *skb)
{
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0);
}

static struct neighbour *ipv4_neigh_lookup(const struct dst_entry *dst,
					   struct sk_buff *skb,
					   const void *daddr)
{
	const struct rtable *rt = container_of(dst, struct rtable, dst);
	__be32 key = rt_nexthop(rt, daddr ? *(const __be32 *)daddr
					  : ip_hdr(skb)->daddr);

	return __neigh_lookup(&arp_tbl, &key, dst->dev, 1);
}

static struct dst_ops ipv4_dst_ops = {
	.family = AF_INET,
	.check = ipv4_dst_check,
	.default_advmss = ipv4_default_advmss,
	.mtu = ipv4_mtu,
	.destroy = ipv4_dst_destroy,
	.negative_advice = ipv4_negative_advice,
	.link_failure = ipv4_link_failure,
	.update_pmtu = ip_rt_update_pmtu,
	.redirect = ip_do_redirect,
	.neigh_lookup = ipv4_neigh_lookup,
};

struct rtable *rt_dst_alloc(struct net_device *dev, unsigned int flags,
			    u16 type)
{
	struct rtable *rt = kmem_cache_zalloc(rt_cache, GFP_ATOMIC);

	if (!rt)
		return NULL;
	dst_init(&rt->dst, &ipv4_dst_ops, dev, 1, DST_OBSOLETE_FORCE_CHK, 0);
	rt->rt_genid = atomic_read(&dev_net(dev)->ipv4.rt_genid);
	rt->rt_flags = flags;
	rt->rt_type = type;
	rt->dst.output = ip_output;
	if (flags & RTCF_LOCAL)
		rt->dst.input = ip_local_deliver;
	spin_lock_bh(&rt_list_lock);
	list_add(&rt->rt_list, &rt_list);
	spin_unlock_bh(&rt_list_lock);
	return rt;
}

void rt_cache_flush(struct net *net)
{
	atomic_inc(&net->ipv4.rt_genid);
}

/* dev goes: who still holds a route by it holds it by lo from now on, or, when
 * it is lo that goes, by the first network's. */
void rt_flush_dev(struct net_device *dev)
{
	struct net_device *lo = dev_net(dev)->loopback_dev;
	struct rtable *rt;

	rt_cache_flush(dev_net(dev));
	if (!lo || dev == lo)
		lo = init_net.loopback_dev;
	spin_lock_bh(&rt_list_lock);
	list_for_each_entry(rt, &rt_list, rt_list) {
		if (rt->dst.dev != dev)
			continue;
		rt->dst.obsolete = DST_OBSOLETE_DEAD;
		rt->dst.input = dst_discard;
		rt->dst.output = dst_discard_out;
		dev_hold(lo);
		WRITE_ONCE(rt->dst.dev, lo);
		dev_put(dev);
	}
	spin_unlock_bh(&rt_list_lock);
}

int ip4_dst_hoplimit(const struct dst_entry *dst)
{
	int hops = dst_metric_raw(dst, RTAX_HOPLIMIT);

	return hops ? hops
		    : READ_ONCE(dev_net(dst->dev)->ipv4.sysctl_ip_default_ttl);
}

/* What the next hop says; and its device's routes of that kind are this. */
static void set_nexthop(struct rtable *rt, struct fib_result *res)
{
	struct fib_info *fi = res->fi;
	struct fib_nh *nh;

	if (!fi)
		return;
	nh = &fi->fib_nh;
	if (nh->fib_nh_gw_family && nh->fib_nh_scope == RT_SCOPE_LINK) {
		rt->rt_uses_gateway = 1;
		rt->rt_gw_family = AF_INET;
		rt->rt_gw4 = nh->fib_nh_gw4;
	}
	memcpy(rt->dst.metrics, fi->fib_mx, sizeof(rt->dst.metrics));
}

/* Keep rt at *slot for the next one who asks.  (A route does not hold its
 * fib_info, so that the two do not hold each other.) */
static void cache_route(struct fib_info *fi, struct rtable **slot,
			struct rtable *rt)
{
	struct rtable *old = READ_ONCE(*slot);

	if (fi->fib_dead)
		return;
	dst_hold(&rt->dst);
	if (cmpxchg(slot, old, rt) != old) {
		dst_release(&rt->dst);
		return;
	}
	if (old)
		dst_release(&old->dst);
}

/* A cached one that still holds, counted; NULL. */
static struct rtable *cached_route(struct rtable **slot, bool noref)
{
	struct rtable *rt = rcu_dereference(*slot);

	if (!rt || rt->dst.obsolete != DST_OBSOLETE_FORCE_CHK ||
	    rt_is_expired(rt))
		return NULL;
	return noref || dst_hold_safe(&rt->dst) ? rt : NULL;
}

/* ---- the way out ---- */

/* Flags and type of a packet to daddr by dev; -EINVAL. */
static int output_flags(struct fib_result *res, const struct flowi4 *fl4,
			struct net_device *dev, unsigned int *flags)
{
	struct in_device *in_dev = __in_dev_get_rcu(dev);

	if (!in_dev)
		return -EINVAL;
	if (!(dev->flags & IFF_LOOPBACK) && ipv4_is_loopback(fl4->saddr) &&
	    !IN_DEV_ORCONF(in_dev, ROUTE_LOCALNET))
		return -EINVAL;
	if (ipv4_is_lbcast(fl4->daddr))
		res->type = RTN_BROADCAST;
	else if (ipv4_is_multicast(fl4->daddr))
		res->type = RTN_MULTICAST;
	else if (ipv4_is_zeronet(fl4->daddr))
		return -EINVAL;
	if (dev->flags & IFF_LOOPBACK)
		*flags |= RTCF_LOCAL;
	if (res->type == RTN_BROADCAST) {
		*flags |= RTCF_BROADCAST | RTCF_LOCAL;
		res->fi = NULL;
	} else if (res->type == RTN_MULTICAST) {
		*flags |= RTCF_MULTICAST | RTCF_LOCAL;
		if (!ip_check_mc_rcu(in_dev, fl4->daddr, fl4->saddr,
				     fl4->flowi4_proto))
			*flags &= ~RTCF_LOCAL;
		if (res->fi && res->prefixlen < 4)
			res->fi = NULL;
	}
	return 0;
}

static struct rtable *mkroute_output(struct fib_result *res,
				     const struct flowi4 *fl4, int orig_oif,
				     struct net_device *dev, unsigned int flags)
{
	struct fnhe fnhe = { 0 };
	struct rtable *rt;
	bool cache;
	int err = output_flags(res, fl4, dev, &flags);

	if (err)
		return ERR_PTR(err);
	cache = res->fi && !(flags & RTCF_MULTICAST) &&
		!rt_find_exception(dev_net(dev), fl4->daddr, &fnhe);
	if (cache) {
		rt = cached_route(&res->fi->fib_nh.nh_rth_output, false);
		if (rt)
			return rt;
	}
	rt = rt_dst_alloc(dev, flags, res->type);
	if (!rt)
		return ERR_PTR(-ENOBUFS);
	rt->rt_iif = orig_oif;
	if (flags & (RTCF_BROADCAST | RTCF_MULTICAST) &&
	    !(dev->flags & IFF_LOOPBACK))
		rt->dst.output = ip_mc_output;
	set_nexthop(rt, res);
	rt_apply_exception(rt, &fnhe);
	if (cache)
		cache_route(res->fi, &res->fi->fib_nh.nh_rth_output, rt);
	return rt;
}

/* A source was named: -EINVAL if it is not ours. */
static int check_source(struct net *net, struct flowi4 *fl4,
			struct net_device **dev)
{
	*dev = NULL;
	if (!fl4->saddr)
		return 0;
	if (ipv4_is_multicast(fl4->saddr) || ipv4_is_lbcast(fl4->saddr))
		return -EINVAL;
	if (!fl4->flowi4_oif && (ipv4_is_multicast(fl4->daddr) ||
				 ipv4_is_lbcast(fl4->daddr))) {
		/* To many, by the device whose address it is. */
		*dev = __ip_dev_find(net, fl4->saddr, false);
		if (!*dev)
			return -EINVAL;
		fl4->flowi4_oif = (*dev)->ifindex;
		return 0;
	}
	if (!(fl4->flowi4_flags & FLOWI_FLAG_ANYSRC) &&
	    !__ip_dev_find(net, fl4->saddr, false))
		return -EINVAL;
	return 0;
}

/* A device was named.  1: no lookup needed; 0; -errno. */
static int check_oif(struct net *net, struct flowi4 *fl4,
		     struct net_device **dev)
{
	struct net_device *d = dev_get_by_index_rcu(net, fl4->flowi4_oif);

	if (!d)
		return -ENODEV;
	if (!(d->flags & IFF_UP) || !__in_dev_get_rcu(d))
		return -ENETUNREACH;
	*dev = d;
	if (ipv4_is_local_multicast(fl4->daddr) || ipv4_is_lbcast(fl4->daddr) ||
	    fl4->flowi4_proto == IPPROTO_IGMP) {
		if (!fl4->saddr)
			fl4->saddr = inet_select_addr(d, 0, RT_SCOPE_LINK);
		return 1;
	}
	if (!fl4->saddr) {
		if (ipv4_is_multicast(fl4->daddr))
			fl4->saddr = inet_select_addr(d, 0, fl4->flowi4_scope);
		else if (!fl4->daddr)
			fl4->saddr = inet_select_addr(d, 0, RT_SCOPE_HOST);
	}
	return 0;
}

/* Ask the tables: the device; ERR_PTR. */
static struct net_device *lookup_out(struct net *net, struct flowi4 *fl4,
				     struct fib_result *res,
				     struct net_device *dev)
{
	int err = fib_lookup(net, fl4, res, 0);

	if (err) {
		res->fi = NULL;
		if (!fl4->flowi4_oif || err != -ENETUNREACH)
			return ERR_PTR(err);
		/* No route, but the device is known: it must be a neighbour. */
		if (!fl4->saddr)
			fl4->saddr = inet_select_addr(dev, 0, RT_SCOPE_LINK);
		res->type = RTN_UNICAST;
		return dev;
	}
	if (res->type == RTN_LOCAL) {
		if (!fl4->saddr)
			fl4->saddr = res->fi->fib_prefsrc ? res->fi->fib_prefsrc
							  : fl4->daddr;
		return net->loopback_dev;
	}
	if (!fl4->saddr)
		fl4->saddr = fib_result_prefsrc(net, res);
	return FIB_RES_DEV(*res);
}

static struct rtable *output_key_rcu(struct net *net, struct flowi4 *fl4)
{
	struct fib_result res = { .type = RTN_UNSPEC };
	int orig_oif = fl4->flowi4_oif, err;
	struct net_device *dev;
	unsigned int flags = 0;

	fl4->flowi4_iif = net->loopback_dev->ifindex;
	if (fl4->flowi4_tos & RTO_ONLINK) {
		fl4->flowi4_scope = RT_SCOPE_LINK;
		fl4->flowi4_tos &= ~RTO_ONLINK;
	}
	err = check_source(net, fl4, &dev);
	if (err)
		return ERR_PTR(err);
	if (!dev && fl4->flowi4_oif) {
		err = check_oif(net, fl4, &dev);
		if (err < 0)
			return ERR_PTR(err);
		if (err)
			goto make;
	} else if (dev) {
		goto make;
	}
	if (!fl4->daddr) {
		fl4->daddr = fl4->saddr;
		if (!fl4->daddr)
			fl4->daddr = fl4->saddr = htonl(INADDR_LOOPBACK);
		dev = net->loopback_dev;
		res.type = RTN_LOCAL;
		flags |= RTCF_LOCAL;
		goto make;
	}
	dev = lookup_out(net, fl4, &res, dev);
	if (IS_ERR(dev))
		return ERR_CAST(dev);
	if (res.type == RTN_LOCAL)
		flags |= RTCF_LOCAL;
make:
	fl4->flowi4_oif = dev->ifindex;
	return mkroute_output(&res, fl4, orig_oif, dev, flags);
}

struct rtable *ip_route_output_key(struct net *net, struct flowi4 *flp)
{
	struct rtable *rt;

	rcu_read_lock();
	rt = output_key_rcu(net, flp);
	rcu_read_unlock();
	return rt;
}

struct rtable *ip_route_output_flow(struct net *net, struct flowi4 *flp,
				    const struct sock *sk)
{
	return ip_route_output_key(net, flp);
}

struct rtable *ip_route_output(struct net *net, __be32 daddr, __be32 saddr,
			       u8 tos, int oif)
{
	struct flowi4 fl4 = {
		.flowi4_oif = oif, .flowi4_tos = tos,
		.daddr = daddr, .saddr = saddr,
	};

	return ip_route_output_key(net, &fl4);
}

struct rtable *ip_route_output_ports(struct net *net, struct flowi4 *fl4,
				     struct sock *sk, __be32 daddr,
				     __be32 saddr, __be16 dport, __be16 sport,
				     u8 proto, u8 tos, int oif)
{
	flowi4_init_output(fl4, oif, sk ? sk->sk_mark : 0, tos,
			   RT_SCOPE_UNIVERSE, proto,
			   sk ? inet_sk_flowi_flags(sk) : 0, daddr, saddr,
			   dport, sport);
	return ip_route_output_flow(net, fl4, sk);
}

struct rtable *ip_route_connect(struct flowi4 *fl4, __be32 dst, __be32 src,
				int oif, u8 protocol, __be16 sport,
				__be16 dport, const struct sock *sk)
{
	struct rtable *rt;

	flowi4_init_output(fl4, oif, sk->sk_mark, ip_sock_rt_tos(sk),
			   ip_sock_rt_scope(sk), protocol,
			   inet_sk_flowi_flags(sk), dst, src, dport, sport);
	rt = ip_route_output_flow(sock_net(sk), fl4, sk);
	if (src || IS_ERR(rt) || !READ_ONCE(sock_net(sk)->ipv4.fib_has_rules))
		return rt;
	/* A rule may look at the source, which is known only now. */
	ip_rt_put(rt);
	fl4->flowi4_oif = oif;
	return ip_route_output_flow(sock_net(sk), fl4, sk);
}

struct rtable *ip_route_newports(struct flowi4 *fl4, struct rtable *rt,
				 __be16 orig_sport, __be16 orig_dport,
				 __be16 sport, __be16 dport, struct sock *sk)
{
	fl4->fl4_sport = sport;
	fl4->fl4_dport = dport;
	return rt;                    /* no rule looks at ports */
}

/* ---- the way in ---- */

/* The input of a route that is none: say so, if anybody may be told. */
static int ip_error(struct sk_buff *skb)
{
	int code = ICMP_HOST_UNREACH;

	switch (skb_dst(skb)->error) {
	case ENETUNREACH:
		code = ICMP_NET_UNREACH;
		break;
	case EACCES:
		code = ICMP_PKT_FILTERED;
		break;
	}
	if (skb_dst(skb)->error != EINVAL)
		icmp_send(skb, ICMP_DEST_UNREACH, code, 0);
	kfree_skb(skb);
	return 0;
}

static int rt_bug(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	kfree_skb(skb);
	WARN_ON_ONCE(1);
	return -EINVAL;
}

/* Ours: deliver.  err: nobody's: answer with it. */
static int make_local(struct sk_buff *skb, struct net_device *dev,
		      struct fib_result *res, unsigned int flags, int err)
{
	struct fib_info *fi = err || (flags & (RTCF_BROADCAST |
				      RTCF_MULTICAST)) ? NULL : res->fi;
	struct rtable *rt;

	if (fi) {
		rt = cached_route(&fi->fib_nh.nh_rth_input, true);
		if (rt) {
			skb_dst_set_noref(skb, &rt->dst);
			return 0;
		}
	}
	rt = rt_dst_alloc(dev_net(dev)->loopback_dev,
			  err ? flags : flags | RTCF_LOCAL, res->type);
	if (!rt)
		return -ENOBUFS;
	rt->rt_is_input = 1;
	rt->dst.output = rt_bug;
	if (err) {
		rt->dst.input = ip_error;
		rt->dst.error = -err;
		rt->rt_type = RTN_UNREACHABLE;
	}
	if (fi)
		cache_route(fi, &fi->fib_nh.nh_rth_input, rt);
	skb_dst_set(skb, &rt->dst);
	return 0;
}

/* Somebody else's: forward it. */
static int make_forward(struct sk_buff *skb, struct net_device *dev,
			struct fib_result *res, __be32 daddr)
{
	struct fnhe fnhe = { 0 };
	struct rtable *rt;

	rt_find_exception(dev_net(dev), daddr, &fnhe);
	rt = rt_dst_alloc(FIB_RES_DEV(*res), 0, res->type);
	if (!rt)
		return -ENOBUFS;
	rt->rt_is_input = 1;
	rt->rt_iif = dev->ifindex;
	rt->dst.input = ip_forward;
	set_nexthop(rt, res);
	rt_apply_exception(rt, &fnhe);
	skb_dst_set(skb, &rt->dst);
	return 0;
}

static int input_multicast(struct sk_buff *skb, __be32 daddr, __be32 saddr,
			   u8 tos, struct net_device *dev,
			   struct in_device *in_dev)
{
	struct fib_result res = { .type = RTN_MULTICAST };
	u32 itag;
	int err;

	if (!ip_check_mc_rcu(in_dev, daddr, saddr, ip_hdr(skb)->protocol))
		return -EINVAL;
	if (ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr) ||
	    (ipv4_is_loopback(saddr) && !(dev->flags & IFF_LOOPBACK)))
		return -EINVAL;
	if (ipv4_is_zeronet(saddr)) {
		if (!ipv4_is_local_multicast(daddr) &&
		    ip_hdr(skb)->protocol != IPPROTO_IGMP)
			return -EINVAL;
	} else if (skb->pkt_type != PACKET_LOOPBACK) {
		err = fib_validate_source(skb, saddr, 0, tos, 0, dev, in_dev,
					  &itag);
		if (err < 0)
			return err;
	}
	return make_local(skb, dev, &res, RTCF_MULTICAST, 0);
}

static int input_broadcast(struct sk_buff *skb, __be32 saddr, u8 tos,
			   struct net_device *dev, struct in_device *in_dev)
{
	struct fib_result res = { .type = RTN_BROADCAST };
	u32 itag;
	int err;

	if (skb->protocol != htons(ETH_P_IP))
		return -EINVAL;
	if (!ipv4_is_zeronet(saddr) && skb->pkt_type != PACKET_LOOPBACK) {
		err = fib_validate_source(skb, saddr, 0, tos, 0, dev, in_dev,
					  &itag);
		if (err < 0)
			return err;
	}
	return make_local(skb, dev, &res, RTCF_BROADCAST, 0);
}

/* Addresses that nobody may send from or to on a wire. */
static bool martian(struct sk_buff *skb, __be32 daddr, __be32 saddr,
		    struct net_device *dev, struct in_device *in_dev)
{
	if (ipv4_is_multicast(saddr) || ipv4_is_lbcast(saddr))
		return true;
	if ((ipv4_is_loopback(daddr) || ipv4_is_loopback(saddr)) &&
	    !(dev->flags & IFF_LOOPBACK) &&
	    !IN_DEV_ORCONF(in_dev, ROUTE_LOCALNET))
		return true;
	return false;
}

static int input_slow(struct sk_buff *skb, __be32 daddr, __be32 saddr, u8 tos,
		      struct net_device *dev, struct in_device *in_dev)
{
	struct net *net = dev_net(dev);
	struct flowi4 fl4 = {
		.flowi4_iif = dev->ifindex, .flowi4_tos = tos,
		.flowi4_mark = skb->mark, .flowi4_proto = ip_hdr(skb)->protocol,
		.daddr = daddr, .saddr = saddr,
	};
	struct fib_result res = { .type = RTN_UNREACHABLE };
	u32 itag;
	int err;

	if (martian(skb, daddr, saddr, dev, in_dev))
		return -EINVAL;
	if (ipv4_is_lbcast(daddr) || (!saddr && !daddr))
		return input_broadcast(skb, saddr, tos, dev, in_dev);
	if (ipv4_is_zeronet(saddr) || ipv4_is_zeronet(daddr))
		return -EINVAL;
	err = fib_lookup(net, &fl4, &res, 0);
	if (err)
		return make_local(skb, dev, &res, 0, IN_DEV_FORWARD(in_dev)
				  ? err : -EHOSTUNREACH);
	if (res.type == RTN_BROADCAST)
		return input_broadcast(skb, saddr, tos, dev, in_dev);
	err = fib_validate_source(skb, saddr, daddr, tos, 0, dev, in_dev, &itag);
	if (err < 0)
		return err;
	if (res.type == RTN_LOCAL)
		return make_local(skb, dev, &res, 0, 0);
	if (!IN_DEV_FORWARD(in_dev))
		return make_local(skb, dev, &res, 0, -EHOSTUNREACH);
	return res.type == RTN_UNICAST ? make_forward(skb, dev, &res, daddr)
				       : -EINVAL;
}

/* Under RCU. */
int ip_route_input_noref(struct sk_buff *skb, __be32 dst, __be32 src, u8 tos,
			 struct net_device *devin)
{
	struct in_device *in_dev = __in_dev_get_rcu(devin);

	if (!in_dev)
		return -EINVAL;
	tos &= IPTOS_TOS_MASK;
	if (ipv4_is_multicast(dst))
		return input_multicast(skb, dst, src, tos, devin, in_dev);
	return input_slow(skb, dst, src, tos, devin, in_dev);
}

int ip_route_input(struct sk_buff *skb, __be32 dst, __be32 src, u8 tos,
		   struct net_device *devin)
{
	int err;

	rcu_read_lock();
	err = ip_route_input_noref(skb, dst, src, tos, devin);
	if (!err && !skb_dst_force(skb))
		err = -EINVAL;
	rcu_read_unlock();
	return err;
}

void ip_rt_init(void)
{
	rt_cache = kmem_cache_create("ip_dst_cache", sizeof(struct rtable), 0,
				     SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
}
