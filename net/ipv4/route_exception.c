/* SPDX-License-Identifier: MIT */
/*
 * route_exception.c -- what ICMP taught us of one destination
 *
 * A router that had to drop a packet because it was too big says how big one
 * may be (RFC 1191); one that knows a shorter way says so (redirect). Both are
 * kept by destination for mtu_expires seconds, and each route to there is made
 * anew with them.
 *
 * BAD INPUT.  Anybody may send ICMP: an MTU below min_pmtu locks it there
 * instead; a redirect must come from the gateway in use and name a neighbour;
 * the table keeps FNHE_DEPTH entries a bucket and drops the oldest.
 *
 * LOCKING.  fnhe_lock, bh off; entries are copied out under it.
 */

#include "route_impl.h"

#include <kernel/hash.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/icmp.h>
#include <net/ip.h>

#define FNHE_DEPTH 5

struct fnhe_entry {
	struct hlist_node hash;
	unsigned long stamp;
	struct fnhe f;
};

static struct hlist_head *bucket(struct net *net, __be32 daddr)
{
	return &net->ipv4.fnhe[hash_32(daddr, 8)];
}

bool rt_find_exception(struct net *net, __be32 daddr, struct fnhe *out)
{
	struct fnhe_entry *e;
	bool found = false;

	if (likely(!READ_ONCE(net->ipv4.fnhe_count)))
		return false;
	spin_lock_bh(&net->ipv4.fnhe_lock);
	hlist_for_each_entry(e, bucket(net, daddr), hash) {
		if (e->f.daddr != daddr)
			continue;
		if (e->f.expires && time_after(jiffies, e->f.expires)) {
			hlist_del(&e->hash);
			net->ipv4.fnhe_count--;
			kfree(e);
			break;
		}
		*out = e->f;
		found = true;
		break;
	}
	spin_unlock_bh(&net->ipv4.fnhe_lock);
	return found;
}

void rt_apply_exception(struct rtable *rt, const struct fnhe *f)
{
	if (f->pmtu) {
		rt->rt_pmtu = min(f->pmtu, READ_ONCE(rt->dst.dev->mtu));
		rt->rt_mtu_locked = f->mtu_locked;
		if (f->mtu_locked)
			rt->dst.metrics[RTAX_LOCK - 1] |= 1u << RTAX_MTU;
		rt->dst.expires = f->expires;
	}
	if (f->gw) {
		rt->rt_gw_family = AF_INET;
		rt->rt_gw4 = f->gw;
		rt->rt_uses_gateway = 1;
	}
}

/* The entry of daddr, new or there; lock held; NULL: no memory. */
static struct fnhe_entry *get_entry(struct net *net, __be32 daddr)
{
	struct fnhe_entry *e, *oldest = NULL;
	int depth = 0;

	hlist_for_each_entry(e, bucket(net, daddr), hash) {
		if (e->f.daddr == daddr)
			return e;
		depth++;
		if (!oldest || time_before(e->stamp, oldest->stamp))
			oldest = e;
	}
	if (depth >= FNHE_DEPTH) {
		hlist_del(&oldest->hash);
		e = oldest;
		memset(e, 0, sizeof(*e));
	} else {
		e = kzalloc(sizeof(*e), GFP_ATOMIC);
		if (!e)
			return NULL;
		net->ipv4.fnhe_count++;
	}
	e->f.daddr = daddr;
	hlist_add_head(&e->hash, bucket(net, daddr));
	return e;
}

static void learn(struct net *net, __be32 daddr, u32 pmtu, bool lock, __be32 gw)
{
	struct fnhe_entry *e;

	spin_lock_bh(&net->ipv4.fnhe_lock);
	e = get_entry(net, daddr);
	if (e) {
		e->stamp = jiffies;
		if (pmtu) {
			e->f.pmtu = pmtu;
			e->f.mtu_locked = lock;
			e->f.expires = max(jiffies +
					   net->ipv4.sysctl_mtu_expires, 1ul);
		}
		if (gw)
			e->f.gw = gw;
	}
	spin_unlock_bh(&net->ipv4.fnhe_lock);
}

static void learn_pmtu(struct net *net, struct rtable *rt, __be32 daddr,
		       u32 mtu)
{
	u32 old = ipv4_is_lbcast(daddr) ? 0 : dst_mtu(&rt->dst);
	u32 least = READ_ONCE(net->ipv4.sysctl_min_pmtu);
	bool lock = false;

	if (old <= mtu || dst_metric_locked(&rt->dst, RTAX_MTU))
		return;
	if (mtu < least) {
		lock = true;
		mtu = min(old, least);
	}
	if (rt->rt_pmtu == mtu && !lock)
		return;
	learn(net, daddr, mtu, lock, 0);
	/* Who holds this route shall ask again. */
	rt->dst.obsolete = DST_OBSOLETE_KILL;
}

void ip_rt_update_pmtu(struct dst_entry *dst, struct sock *sk,
		       struct sk_buff *skb, u32 mtu, bool confirm_neigh)
{
	struct rtable *rt = container_of(dst, struct rtable, dst);
	__be32 daddr = sk && inet_sk(sk)->inet_daddr ? inet_sk(sk)->inet_daddr
						    : ip_hdr(skb)->daddr;

	learn_pmtu(dev_net(dst->dev), rt, daddr, mtu);
}

/* The route that the quoted packet at skb->data took, as of now; NULL. */
static struct rtable *route_of_quoted(struct sk_buff *skb, struct net *net,
				      int oif, u8 protocol)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct flowi4 fl4 = {
		.flowi4_oif = oif, .flowi4_tos = iph->tos & IPTOS_TOS_MASK,
		.flowi4_proto = protocol, .daddr = iph->daddr,
		.saddr = iph->saddr, .flowi4_flags = FLOWI_FLAG_ANYSRC,
	};
	struct rtable *rt = ip_route_output_key(net, &fl4);

	return IS_ERR(rt) ? NULL : rt;
}

void ipv4_update_pmtu(struct sk_buff *skb, struct net *net, u32 mtu, int oif,
		      u8 protocol)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct rtable *rt = route_of_quoted(skb, net, oif, protocol);

	if (rt) {
		learn_pmtu(net, rt, iph->daddr, mtu);
		ip_rt_put(rt);
	}
}

/* The next sender on sk looks its route up again: it is obsolete now. */
void ipv4_sk_update_pmtu(struct sk_buff *skb, struct sock *sk, u32 mtu)
{
	struct rtable *held = (struct rtable *)sk_dst_get(sk);

	if (!ip_sk_accept_pmtu(sk))
		goto out;
	ipv4_update_pmtu(skb, sock_net(sk), mtu, sk->sk_bound_dev_if,
			 sk->sk_protocol);
	if (held && dst_mtu(&held->dst) > mtu)
		held->dst.obsolete = DST_OBSOLETE_KILL;
out:
	if (held)
		ip_rt_put(held);
}

/* skb: the ICMP message, its quoted packet at skb->data. */
void ip_do_redirect(struct dst_entry *dst, struct sock *sk, struct sk_buff *skb)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	struct rtable *rt = container_of(dst, struct rtable, dst);
	__be32 new_gw = icmp_hdr(skb)->un.gateway, from = ip_hdr(skb)->saddr;
	struct in_device *in_dev = __in_dev_get_rcu(skb->dev);
	struct net *net = dev_net(skb->dev);

	if ((icmp_hdr(skb)->code & 7) > 3 || !in_dev ||
	    rt->rt_gw_family != AF_INET || rt->rt_gw4 != from)
		return;
	if (!IN_DEV_ORCONF(in_dev, ACCEPT_REDIRECTS) || new_gw == from ||
	    ipv4_is_multicast(new_gw) || ipv4_is_lbcast(new_gw) ||
	    ipv4_is_zeronet(new_gw) || IN_DEV_FORWARD(in_dev))
		return;
	if (!inet_addr_onlink(in_dev, new_gw, from) ||
	    inet_addr_type(net, new_gw) != RTN_UNICAST)
		return;
	learn(net, iph->daddr, 0, false, new_gw);
	rt->dst.obsolete = DST_OBSOLETE_KILL;
}

void ipv4_redirect(struct sk_buff *skb, struct net *net, int oif, u8 protocol)
{
	struct rtable *rt = route_of_quoted(skb, net, oif, protocol);

	if (rt) {
		ip_do_redirect(&rt->dst, NULL, skb);
		ip_rt_put(rt);
	}
}

void ipv4_sk_redirect(struct sk_buff *skb, struct sock *sk)
{
	ipv4_redirect(skb, sock_net(sk), sk->sk_bound_dev_if, sk->sk_protocol);
}

int rt_exception_net_init(struct net *net)
{
	spin_lock_init(&net->ipv4.fnhe_lock);
	net->ipv4.fnhe = kcalloc(FNHE_HASHSZ, sizeof(struct hlist_head),
				 GFP_KERNEL);
	return net->ipv4.fnhe ? 0 : -ENOMEM;
}

void rt_exception_net_exit(struct net *net)
{
	struct hlist_node *next;
	struct fnhe_entry *e;

	for (int i = 0; net->ipv4.fnhe && i < FNHE_HASHSZ; i++)
		hlist_for_each_entry_safe(e, next, &net->ipv4.fnhe[i], hash)
			kfree(e);
	kfree(net->ipv4.fnhe);
}
