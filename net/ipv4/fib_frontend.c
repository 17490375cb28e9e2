/* SPDX-License-Identifier: MIT */
/*
 * fib_frontend.c -- who fills the routing tables, and what is asked of them
 *
 * Two tables of a network are asked, in this order, unless somebody has made
 * rules of his own (fib_rules.c):
 *
 *	local	what is ours: an address of ours -> deliver; broadcasts
 *	main	what the links give (10.0.2.0/24 dev eth0), and what an
 *		administrator or DHCP adds (default via 10.0.2.2)
 *
 * An address that comes makes local and link routes; one that goes takes them
 * along, unless another address stands behind them.
 *
 * LOCKING.  rtnl for changes, RCU for questions.
 */

#include <net/ip_fib.h>

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/arp.h>
#include <net/inetdevice.h>
#include <net/ip.h>
#include <net/route.h>

#include "fib.h"

/* ---- tables ---- */

struct fib_table *fib_get_table(struct net *net, u32 id)
{
	struct fib_table *tb;

	if (!id)
		id = RT_TABLE_MAIN;
	hlist_for_each_entry_rcu(tb, &net->ipv4.fib_table_hash
				 [id & (FIB_TABLE_HASHSZ - 1)], tb_hlist)
		if (tb->tb_id == id)
			return tb;
	return NULL;
}

struct fib_table *fib_new_table(struct net *net, u32 id)
{
	struct fib_table *tb = fib_get_table(net, id);

	if (tb)
		return tb;
	if (!id)
		id = RT_TABLE_MAIN;
	tb = fib_alloc_table(net, id);
	if (!tb)
		return NULL;
	hlist_add_head_rcu(&tb->tb_hlist, &net->ipv4.fib_table_hash
			   [id & (FIB_TABLE_HASHSZ - 1)]);
	if (id == RT_TABLE_MAIN)
		rcu_assign_pointer(net->ipv4.fib_main, tb);
	if (id == RT_TABLE_LOCAL)
		rcu_assign_pointer(net->ipv4.fib_local, tb);
	return tb;
}

int fib_for_each_table(struct net *net,
		       int (*fn)(struct fib_table *tb, void *arg), void *arg)
{
	struct fib_table *tb;

	for (int i = 0; i < FIB_TABLE_HASHSZ; i++) {
		hlist_for_each_entry_rcu(tb, &net->ipv4.fib_table_hash[i],
					 tb_hlist) {
			int err = fn(tb, arg);

			if (err)
				return err;
		}
	}
	return 0;
}

static int flush_table(struct fib_table *tb, void *n)
{
	*(int *)n += fib_table_flush(tb->net, tb);
	return 0;
}

void fib_flush(struct net *net)
{
	int n = 0;

	fib_for_each_table(net, flush_table, &n);
	if (n)
		rt_cache_flush(net);
}

int fib_lookup(struct net *net, struct flowi4 *flp, struct fib_result *res,
	       unsigned int flags)
{
	struct fib_table *tb = rcu_dereference(net->ipv4.fib_local);
	int err = -EAGAIN;

	if (unlikely(READ_ONCE(net->ipv4.fib_has_rules)))
		return fib_rules_lookup(net, flp, res, flags);
	if (tb)
		err = fib_table_lookup(tb, flp, res, flags);
	tb = rcu_dereference(net->ipv4.fib_main);
	if (err == -EAGAIN && tb)
		err = fib_table_lookup(tb, flp, res, flags);
	return err == -EAGAIN ? -ENETUNREACH : err;
}

/* ---- questions ---- */

static unsigned int addr_type(struct net *net, const struct net_device *dev,
			      __be32 addr)
{
	struct flowi4 fl4 = { .daddr = addr };
	unsigned int type = RTN_BROADCAST;
	struct fib_result res;
	struct fib_table *tb;

	if (ipv4_is_zeronet(addr) || ipv4_is_lbcast(addr))
		return RTN_BROADCAST;
	if (ipv4_is_multicast(addr))
		return RTN_MULTICAST;
	rcu_read_lock();
	tb = rcu_dereference(net->ipv4.fib_local);
	type = RTN_UNICAST;
	if (tb && !fib_table_lookup(tb, &fl4, &res, 0) &&
	    (!dev || dev == FIB_RES_DEV(res)))
		type = res.type;
	rcu_read_unlock();
	return type;
}

unsigned int inet_addr_type(struct net *net, __be32 addr)
{
	return addr_type(net, NULL, addr);
}

unsigned int inet_dev_addr_type(struct net *net, const struct net_device *dev,
				__be32 addr)
{
	return addr_type(net, dev, addr);
}

/* With rp_filter: would an answer to src leave by dev (1), or by any (2)? */
static int check_reverse(struct net_device *dev, struct net *net, __be32 src,
			 __be32 dst, u8 tos, int rpf)
{
	struct flowi4 fl4 = {
		.daddr = src, .saddr = dst, .flowi4_tos = tos,
		.flowi4_iif = net->loopback_dev->ifindex,
	};
	struct fib_result res;

	if (fib_lookup(net, &fl4, &res, 0))
		return -EXDEV;
	if (res.type != RTN_UNICAST)
		return -EINVAL;
	if (FIB_RES_DEV(res) == dev)
		return FIB_RES_NH(res)->fib_nh_scope >= RT_SCOPE_HOST;
	return rpf == 1 ? -EXDEV : 0;
}

int fib_validate_source(struct sk_buff *skb, __be32 src, __be32 dst, u8 tos,
			int oif, struct net_device *dev,
			struct in_device *idev, u32 *itag)
{
	struct net *net = dev_net(dev);
	int rpf = IN_DEV_MAXCONF(idev, RP_FILTER);

	*itag = 0;
	/* Nobody else may use an address of ours. */
	if (!IN_DEV_ORCONF(idev, ACCEPT_LOCAL) &&
	    !(dev->flags & IFF_LOOPBACK) && inet_lookup_ifaddr_rcu(net, src))
		return -EINVAL;
	if (!rpf || (dev->flags & IFF_LOOPBACK))
		return 0;
	return check_reverse(dev, net, src, dst, tos, rpf);
}

/* ---- routes that come with addresses; rtnl ---- */

static void fib_magic(int cmd, int type, __be32 dst, int dst_len,
		      struct in_ifaddr *ifa, u32 priority)
{
	struct net_device *dev = ifa->ifa_dev->dev;
	struct net *net = dev_net(dev);
	u32 id = type == RTN_UNICAST ? RT_TABLE_MAIN : RT_TABLE_LOCAL;
	struct fib_table *tb = fib_new_table(net, id);
	struct fib_config cfg = {
		.fc_protocol = RTPROT_KERNEL, .fc_type = type,
		.fc_dst = dst, .fc_dst_len = dst_len, .fc_priority = priority,
		.fc_prefsrc = ifa->ifa_local, .fc_oif = dev->ifindex,
		.fc_nlflags = FIB_NLM_F_CREATE | FIB_NLM_F_APPEND,
		.fc_table = id,
		.fc_scope = type == RTN_LOCAL ? RT_SCOPE_HOST : RT_SCOPE_LINK,
	};

	if (!tb)
		return;
	if (cmd == RTM_NEWROUTE)
		fib_table_insert(net, tb, &cfg, NULL);
	else
		fib_table_delete(net, tb, &cfg, NULL);
}

static __be32 prefix_of(const struct in_ifaddr *ifa)
{
	return ifa->ifa_address & ifa->ifa_mask;
}

static int prefix_type(const struct net_device *dev)
{
	return dev->flags & IFF_LOOPBACK ? RTN_LOCAL : RTN_UNICAST;
}

static bool has_prefix_route(const struct in_ifaddr *ifa)
{
	return !ipv4_is_zeronet(prefix_of(ifa)) &&
	       !(ifa->ifa_flags & (IFA_F_SECONDARY | IFA_F_NOPREFIXROUTE)) &&
	       (prefix_of(ifa) != ifa->ifa_local || ifa->ifa_prefixlen < 32);
}

void fib_add_ifaddr(struct in_ifaddr *ifa)
{
	struct net_device *dev = ifa->ifa_dev->dev;
	__be32 prefix = prefix_of(ifa), bcast = prefix | ~ifa->ifa_mask;

	fib_magic(RTM_NEWROUTE, RTN_LOCAL, ifa->ifa_local, 32, ifa, 0);
	if (!(dev->flags & IFF_UP))
		return;
	if (ifa->ifa_broadcast && ifa->ifa_broadcast != htonl(INADDR_BROADCAST))
		fib_magic(RTM_NEWROUTE, RTN_BROADCAST, ifa->ifa_broadcast, 32,
			  ifa, 0);
	if (!has_prefix_route(ifa))
		return;
	fib_magic(RTM_NEWROUTE, prefix_type(dev), prefix, ifa->ifa_prefixlen,
		  ifa, ifa->ifa_rt_priority);
	if (ifa->ifa_prefixlen < 31 && bcast != ifa->ifa_broadcast)
		fib_magic(RTM_NEWROUTE, RTN_BROADCAST, bcast, 32, ifa, 0);
}

/* Does another address of the device stand for the same? */
static bool other_local(struct in_ifaddr *ifa)
{
	struct in_ifaddr *o;

	in_dev_for_each_ifa_rtnl(o, ifa->ifa_dev)
		if (o != ifa && o->ifa_local == ifa->ifa_local)
			return true;
	return false;
}

static bool other_broadcast(struct in_ifaddr *ifa, __be32 bcast)
{
	struct in_ifaddr *o;

	in_dev_for_each_ifa_rtnl(o, ifa->ifa_dev)
		if (o != ifa && (o->ifa_broadcast == bcast ||
				 (prefix_of(o) | ~o->ifa_mask) == bcast))
			return true;
	return false;
}

void fib_del_ifaddr(struct in_ifaddr *ifa)
{
	struct net_device *dev = ifa->ifa_dev->dev;
	__be32 prefix = prefix_of(ifa), bcast = prefix | ~ifa->ifa_mask;

	if (has_prefix_route(ifa)) {
		fib_magic(RTM_DELROUTE, prefix_type(dev), prefix,
			  ifa->ifa_prefixlen, ifa, ifa->ifa_rt_priority);
		if (ifa->ifa_prefixlen < 31 && !other_broadcast(ifa, bcast))
			fib_magic(RTM_DELROUTE, RTN_BROADCAST, bcast, 32, ifa,
				  0);
	}
	if (ifa->ifa_broadcast && ifa->ifa_broadcast != bcast &&
	    !other_broadcast(ifa, ifa->ifa_broadcast))
		fib_magic(RTM_DELROUTE, RTN_BROADCAST, ifa->ifa_broadcast, 32,
			  ifa, 0);
	if (!other_local(ifa)) {
		fib_magic(RTM_DELROUTE, RTN_LOCAL, ifa->ifa_local, 32, ifa, 0);
		if (fib_sync_down_addr(dev, ifa->ifa_local))
			fib_flush(dev_net(dev));
	}
}

static void disable_ip(struct net_device *dev, bool force)
{
	if (fib_sync_down_dev(dev, force))
		fib_flush(dev_net(dev));
	else
		rt_cache_flush(dev_net(dev));
	neigh_ifdown(&arp_tbl, dev);
}

static int fib_inetaddr_event(struct notifier_block *nb, unsigned long event,
			      void *ptr)
{
	struct in_ifaddr *ifa = ptr;
	struct net_device *dev = ifa->ifa_dev->dev;
	struct net *net = dev_net(dev);

	atomic_inc(&net->ipv4.dev_addr_genid);
	if (event == NETDEV_UP) {
		fib_add_ifaddr(ifa);
	} else if (event == NETDEV_DOWN) {
		fib_del_ifaddr(ifa);
		if (!ifa->ifa_dev->ifa_list)
			disable_ip(dev, true);
	}
	rt_cache_flush(net);
	return NOTIFY_DONE;
}

static int fib_netdev_event(struct notifier_block *nb, unsigned long event,
			    void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct in_device *in_dev = __in_dev_get_rtnl(dev);
	struct in_ifaddr *ifa;

	if (event == NETDEV_UNREGISTER) {
		disable_ip(dev, true);
		rt_flush_dev(dev);
		ip_frag_flush(dev_net(dev));
		return NOTIFY_DONE;
	}
	if (!in_dev)
		return NOTIFY_DONE;
	switch (event) {
	case NETDEV_UP:
		in_dev_for_each_ifa_rtnl(ifa, in_dev)
			fib_add_ifaddr(ifa);
		atomic_inc(&dev_net(dev)->ipv4.dev_addr_genid);
		rt_cache_flush(dev_net(dev));
		break;
	case NETDEV_DOWN:
		disable_ip(dev, false);
		break;
	case NETDEV_CHANGE:
	case NETDEV_CHANGEMTU:
		rt_cache_flush(dev_net(dev));
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block fib_inetaddr_notifier = {
	.notifier_call = fib_inetaddr_event,
};

static struct notifier_block fib_netdev_notifier = {
	.notifier_call = fib_netdev_event,
};

/* ---- a network of its own ---- */

static void fib_net_exit(struct net *net)
{
	struct hlist_node *next;
	struct fib_table *tb;

	rtnl_lock();
	for (int i = 0; i < FIB_TABLE_HASHSZ; i++) {
		hlist_for_each_entry_safe(tb, next,
					  &net->ipv4.fib_table_hash[i],
					  tb_hlist) {
			hlist_del_rcu(&tb->tb_hlist);
			fib_free_table(tb);
		}
	}
	fib_rules_exit(net);
	rtnl_unlock();
}

static int fib_net_init(struct net *net)
{
	int err = fib_rules_init(net);

	if (err)
		return err;
	INIT_LIST_HEAD(&net->ipv4.fib_infos);
	if (!fib_new_table(net, RT_TABLE_LOCAL) ||
	    !fib_new_table(net, RT_TABLE_MAIN)) {
		fib_net_exit(net);
		return -ENOMEM;
	}
	return 0;
}

static struct pernet_operations fib_net_ops = {
	.init = fib_net_init,
	.exit = fib_net_exit,
};

int fib_frontend_init(void)
{
	int err = register_pernet_subsys(&fib_net_ops);

	if (err)
		return err;
	register_inetaddr_notifier(&fib_inetaddr_notifier);
	return register_netdevice_notifier(&fib_netdev_notifier);
}
