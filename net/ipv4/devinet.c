/* SPDX-License-Identifier: MIT */
/*
 * devinet.c -- the IPv4 addresses of a device
 *
 * A device has any number of addresses: the first of a subnet is its primary,
 * others of the same subnet are secondaries and go with it (or, with
 * promote_secondaries, the next takes its place). Primaries stand before the
 * secondaries in ifa_list.
 *
 * 127.0.0.1/8 comes by itself when a loopback device comes up.
 *
 * LOCKING.  rtnl for changes, RCU for questions.
 */

#include <net/inetdevice.h>

#include <kernel/err.h>
#include <kernel/hash.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/arp.h>
#include <net/igmp.h>
#include <net/ip.h>
#include <net/route.h>

#include "fib.h"

#define IN4_ADDR_BITS 8

static_assert((int)IPV4_DEVCONF_MAX == IPV4_DEVCONF_COUNT,
	      "net_namespace.h repeats it");

static BLOCKING_NOTIFIER_HEAD(inetaddr_chain);

int register_inetaddr_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_register(&inetaddr_chain, nb);
}

int unregister_inetaddr_notifier(struct notifier_block *nb)
{
	return blocking_notifier_chain_unregister(&inetaddr_chain, nb);
}

static struct hlist_head *addr_bucket(struct net *net, __be32 addr)
{
	return &net->ipv4.inet_addr_lst[hash_32(addr, IN4_ADDR_BITS)];
}

/* ---- questions ---- */

struct in_ifaddr *inet_lookup_ifaddr_rcu(struct net *net, __be32 addr)
{
	struct in_ifaddr *ifa;

	hlist_for_each_entry_rcu(ifa, addr_bucket(net, addr), hash)
		if (ifa->ifa_local == addr)
			return ifa;
	return NULL;
}

struct net_device *__ip_dev_find(struct net *net, __be32 addr, bool devref)
{
	struct net_device *dev = NULL;
	struct in_ifaddr *ifa;

	rcu_read_lock();
	ifa = inet_lookup_ifaddr_rcu(net, addr);
	if (ifa) {
		dev = ifa->ifa_dev->dev;
	} else {
		/* All of 127/8 is ours, though only one address is set. */
		struct flowi4 fl4 = { .daddr = addr };
		struct fib_table *tb = fib_get_table(net, RT_TABLE_LOCAL);
		struct fib_result res;

		if (tb && !fib_table_lookup(tb, &fl4, &res, 0) &&
		    res.type == RTN_LOCAL)
			dev = FIB_RES_DEV(res);
	}
	if (devref)
		dev_hold(dev);
	rcu_read_unlock();
	return dev;
}

static __be32 select_on(const struct in_device *in_dev, __be32 dst, int scope)
{
	const struct in_ifaddr *ifa;
	__be32 addr = 0;

	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		if (ifa->ifa_flags & IFA_F_SECONDARY)
			continue;
		if (min_t(int, ifa->ifa_scope, RT_SCOPE_LINK) > scope)
			continue;
		if (!dst || inet_ifa_match(dst, ifa))
			return ifa->ifa_local;
		if (!addr)
			addr = ifa->ifa_local;
	}
	return addr;
}

__be32 inet_select_addr(const struct net_device *dev, __be32 dst, int scope)
{
	struct net *net = dev_net(dev);
	struct in_device *in_dev;
	struct net_device *d;
	__be32 addr = 0;

	rcu_read_lock();
	in_dev = __in_dev_get_rcu(dev);
	if (in_dev)
		addr = select_on(in_dev, dst, scope);
	if (!addr) {
		for_each_netdev_rcu(net, d) {
			in_dev = __in_dev_get_rcu(d);
			if (!in_dev)
				continue;
			addr = select_on(in_dev, 0, min(scope, RT_SCOPE_LINK));
			if (addr && (scope >= RT_SCOPE_LINK ||
				     !ipv4_is_loopback(addr)))
				break;
			addr = 0;
		}
	}
	rcu_read_unlock();
	return addr;
}

bool inet_addr_onlink(struct in_device *in_dev, __be32 a, __be32 b)
{
	const struct in_ifaddr *ifa;
	bool found = false;

	rcu_read_lock();
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		if (inet_ifa_match(a, ifa) && (!b || inet_ifa_match(b, ifa))) {
			found = true;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

__be32 inet_confirm_addr(struct net *net, struct in_device *in_dev, __be32 dst,
			 __be32 local, int scope)
{
	const struct in_ifaddr *ifa;

	if (!in_dev)
		return 0;
	in_dev_for_each_ifa_rcu(ifa, in_dev) {
		if (ifa->ifa_scope > scope)
			continue;
		if ((!local || local == ifa->ifa_local) &&
		    (!dst || inet_ifa_match(dst, ifa)))
			return ifa->ifa_local;
	}
	return 0;
}

struct in_ifaddr *inet_ifa_byprefix(struct in_device *in_dev, __be32 prefix,
				    __be32 mask)
{
	struct in_ifaddr *ifa;

	in_dev_for_each_ifa_rtnl(ifa, in_dev)
		if (ifa->ifa_mask == mask && inet_ifa_match(prefix, ifa))
			return ifa;
	return NULL;
}

struct in_ifaddr *inet_find_ifa(struct in_device *in_dev, __be32 local,
				__be32 mask)
{
	struct in_ifaddr *ifa;

	in_dev_for_each_ifa_rtnl(ifa, in_dev)
		if (ifa->ifa_local == local && ifa->ifa_mask == mask)
			return ifa;
	return NULL;
}

/* ---- a device's IPv4 part ---- */

struct in_device *inetdev_init(struct net_device *dev)
{
	struct in_device *in_dev = kzalloc(sizeof(*in_dev), GFP_KERNEL);

	if (!in_dev)
		return ERR_PTR(-ENOMEM);
	memcpy(&in_dev->cnf, &dev_net(dev)->ipv4.devconf_dflt,
	       sizeof(in_dev->cnf));
	in_dev->dev = dev;
	dev_hold(dev);
	refcount_set(&in_dev->refcnt, 1);
	ip_mc_init_dev(in_dev);
	rcu_assign_pointer(dev->ip_ptr, in_dev);
	if (dev->flags & IFF_UP)
		ip_mc_up(in_dev);
	return in_dev;
}

void in_dev_finish_destroy(struct in_device *idev)
{
	dev_put(idev->dev);
	kfree_rcu(idev, rcu_head);
}

static void inetdev_destroy(struct in_device *in_dev)
{
	struct net_device *dev = in_dev->dev;

	in_dev->dead = 1;
	ip_mc_destroy_dev(in_dev);
	while (in_dev->ifa_list)
		inet_del_ifa(in_dev, in_dev->ifa_list);
	RCU_INIT_POINTER(dev->ip_ptr, NULL);
	neigh_ifdown(&arp_tbl, dev);
	synchronize_rcu();
	in_dev_put(in_dev);
}

/* ---- addresses come and go; rtnl ---- */

struct in_ifaddr *inet_alloc_ifa(void)
{
	struct in_ifaddr *ifa = kzalloc(sizeof(*ifa), GFP_KERNEL);

	if (ifa) {
		ifa->ifa_valid_lft = INFINITY_LIFE_TIME;
		ifa->ifa_preferred_lft = INFINITY_LIFE_TIME;
		ifa->ifa_flags = IFA_F_PERMANENT;
		ifa->ifa_cstamp = ifa->ifa_tstamp = jiffies;
	}
	return ifa;
}

static void free_ifa_rcu(struct rcu_head *head)
{
	struct in_ifaddr *ifa = container_of(head, struct in_ifaddr, rcu_head);

	if (ifa->ifa_dev)
		in_dev_put(ifa->ifa_dev);
	kfree(ifa);
}

void inet_free_ifa(struct in_ifaddr *ifa)
{
	call_rcu(&ifa->rcu_head, free_ifa_rcu);
}

/* Is there one already?  Sets IFA_F_SECONDARY if it has a primary. */
static int meet_others(struct in_device *in_dev, struct in_ifaddr *ifa)
{
	struct in_ifaddr *o;

	ifa->ifa_flags &= ~IFA_F_SECONDARY;
	in_dev_for_each_ifa_rtnl(o, in_dev) {
		if (o->ifa_mask != ifa->ifa_mask ||
		    !inet_ifa_match(o->ifa_address, ifa))
			continue;
		if (o->ifa_local == ifa->ifa_local)
			return -EEXIST;
		if (o->ifa_scope != ifa->ifa_scope)
			return -EINVAL;
		ifa->ifa_flags |= IFA_F_SECONDARY;
	}
	return 0;
}

static void link_ifa(struct in_device *in_dev, struct in_ifaddr *ifa)
{
	struct in_ifaddr **at = &in_dev->ifa_list;

	/* A primary behind the primaries, a secondary at the end. */
	while (*at && ((ifa->ifa_flags & IFA_F_SECONDARY) ||
		       !((*at)->ifa_flags & IFA_F_SECONDARY)))
		at = &(*at)->ifa_next;
	ifa->ifa_next = *at;
	rcu_assign_pointer(*at, ifa);
}

int inet_insert_ifa(struct in_device *in_dev, struct in_ifaddr *ifa)
{
	int err;

	ASSERT_RTNL();
	err = ifa->ifa_local ? meet_others(in_dev, ifa) : -EINVAL;
	if (err) {
		inet_free_ifa(ifa);
		return err;
	}
	refcount_inc(&in_dev->refcnt);
	ifa->ifa_dev = in_dev;
	if (!ifa->ifa_label[0])
		strscpy(ifa->ifa_label, in_dev->dev->name, IFNAMSIZ);
	link_ifa(in_dev, ifa);
	hlist_add_head_rcu(&ifa->hash, addr_bucket(dev_net(in_dev->dev),
						   ifa->ifa_local));
	blocking_notifier_call_chain(&inetaddr_chain, NETDEV_UP, ifa);
	return 0;
}

static void unlink_ifa(struct in_device *in_dev, struct in_ifaddr *ifa)
{
	struct in_ifaddr **at = &in_dev->ifa_list;

	while (*at != ifa)
		at = &(*at)->ifa_next;
	rcu_assign_pointer(*at, ifa->ifa_next);
	hlist_del_rcu(&ifa->hash);
}

static void drop_ifa(struct in_device *in_dev, struct in_ifaddr *ifa)
{
	unlink_ifa(in_dev, ifa);
	blocking_notifier_call_chain(&inetaddr_chain, NETDEV_DOWN, ifa);
	inet_free_ifa(ifa);
}

static struct in_ifaddr *find_secondary(struct in_device *in_dev,
					const struct in_ifaddr *of)
{
	struct in_ifaddr *ifa;

	in_dev_for_each_ifa_rtnl(ifa, in_dev)
		if ((ifa->ifa_flags & IFA_F_SECONDARY) &&
		    ifa->ifa_mask == of->ifa_mask &&
		    inet_ifa_match(of->ifa_address, ifa))
			return ifa;
	return NULL;
}

/* The first secondary becomes a primary: taken out and put in again. */
static void promote(struct in_device *in_dev, struct in_ifaddr *ifa)
{
	unlink_ifa(in_dev, ifa);
	blocking_notifier_call_chain(&inetaddr_chain, NETDEV_DOWN, ifa);
	ifa->ifa_flags &= ~IFA_F_SECONDARY;
	synchronize_rcu();
	link_ifa(in_dev, ifa);
	hlist_add_head_rcu(&ifa->hash, addr_bucket(dev_net(in_dev->dev),
						   ifa->ifa_local));
	blocking_notifier_call_chain(&inetaddr_chain, NETDEV_UP, ifa);
}

void inet_del_ifa(struct in_device *in_dev, struct in_ifaddr *ifa)
{
	bool promotes = !in_dev->dead && IN_DEV_ORCONF(in_dev,
						       PROMOTE_SECONDARIES);
	struct in_ifaddr *sec = NULL;

	ASSERT_RTNL();
	if (!(ifa->ifa_flags & IFA_F_SECONDARY)) {
		while ((sec = find_secondary(in_dev, ifa)) && !promotes)
			drop_ifa(in_dev, sec);
	}
	drop_ifa(in_dev, ifa);
	if (sec)
		promote(in_dev, sec);
}

static void add_loopback_address(struct in_device *in_dev)
{
	struct in_ifaddr *ifa;

	if (in_dev->ifa_list)
		return;
	ifa = inet_alloc_ifa();
	if (!ifa)
		return;
	ifa->ifa_local = ifa->ifa_address = htonl(INADDR_LOOPBACK);
	ifa->ifa_prefixlen = 8;
	ifa->ifa_mask = inet_make_mask(8);
	ifa->ifa_scope = RT_SCOPE_HOST;
	inet_insert_ifa(in_dev, ifa);
}

static int inetdev_event(struct notifier_block *nb, unsigned long event,
			 void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct in_device *in_dev = __in_dev_get_rtnl(dev);

	if (!in_dev) {
		if (event != NETDEV_REGISTER)
			return NOTIFY_DONE;
		in_dev = inetdev_init(dev);
		return IS_ERR(in_dev) ? notifier_from_errno(PTR_ERR(in_dev))
				      : NOTIFY_OK;
	}
	switch (event) {
	case NETDEV_UP:
		if (dev->flags & IFF_LOOPBACK)
			add_loopback_address(in_dev);
		ip_mc_up(in_dev);
		break;
	case NETDEV_DOWN:
		ip_mc_down(in_dev);
		break;
	case NETDEV_CHANGEADDR:
		neigh_changeaddr(&arp_tbl, dev);
		break;
	case NETDEV_UNREGISTER:
		inetdev_destroy(in_dev);
		break;
	}
	return NOTIFY_DONE;
}

/* After the routes' own: they add for addresses that were there before. */
static struct notifier_block inetdev_notifier = {
	.notifier_call = inetdev_event,
};

/* ---- a network of its own ---- */

static int devinet_net_init(struct net *net)
{
	int *all = net->ipv4.devconf_all.data;
	int *dflt = net->ipv4.devconf_dflt.data;

	net->ipv4.inet_addr_lst = kcalloc(1 << IN4_ADDR_BITS,
					  sizeof(struct hlist_head), GFP_KERNEL);
	if (!net->ipv4.inet_addr_lst)
		return -ENOMEM;
	all[IPV4_DEVCONF_ACCEPT_REDIRECTS] = dflt[IPV4_DEVCONF_ACCEPT_REDIRECTS] = 1;
	all[IPV4_DEVCONF_SECURE_REDIRECTS] = dflt[IPV4_DEVCONF_SECURE_REDIRECTS] = 1;
	all[IPV4_DEVCONF_SEND_REDIRECTS] = dflt[IPV4_DEVCONF_SEND_REDIRECTS] = 1;
	all[IPV4_DEVCONF_SHARED_MEDIA] = dflt[IPV4_DEVCONF_SHARED_MEDIA] = 1;
	dflt[IPV4_DEVCONF_ACCEPT_SOURCE_ROUTE] = 1;
	return 0;
}

static void devinet_net_exit(struct net *net)
{
	kfree(net->ipv4.inet_addr_lst);
}

static struct pernet_operations devinet_net_ops = {
	.init = devinet_net_init,
	.exit = devinet_net_exit,
};

void devinet_init(void)
{
	register_pernet_subsys(&devinet_net_ops);
	register_netdevice_notifier(&inetdev_notifier);
}
