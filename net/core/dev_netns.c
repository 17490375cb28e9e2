/* SPDX-License-Identifier: MIT */
/*
 * dev_netns.c -- a device moves to another network, or loses the one it is in
 *
 * IDEA.  Moving is an end and a birth without freeing: the device goes down and
 * off the lists, all subscribers are told that it unregisters (so that its
 * addresses, routes, neighbours, taps and bridge let go), then it gets the
 * other network, a name and a number that are free there, and is told as new.
 * Its driver notices nothing.
 *
 * When a network ends, devices that somebody made (veth, bridge ...) end with
 * it; those that stand for hardware return to the first network.  lo never
 * moves.
 *
 * LOCKING.  rtnl_mutex.
 */

#include "dev.h"

#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/panic.h>
#include <net/rtnetlink.h>
#include <net/sch_generic.h>

/* A name that is free in net: its own, or one by the pattern; 0, -EEXIST. */
static int name_in(struct net *net, const struct net_device *dev,
		   const char *pattern, char name[IFNAMSIZ])
{
	if (pattern)
		return dev_alloc_name(net, pattern, name);
	strscpy(name, dev->name, IFNAMSIZ);
	return __dev_get_by_name(net, name) ? -EEXIST : 0;
}

static void leave(struct net_device *dev)
{
	dev_close(dev);
	dev_unlist(dev);
	synchronize_rcu();
	flush_backlog(dev);
	dev_shutdown(dev);
	call_netdevice_notifiers(NETDEV_UNREGISTER, dev);
	dev_addr_flush(dev);
	synchronize_rcu();            /* lookups by what was just torn down */
}

/* pattern: the name there, or NULL: as here.  0, -EINVAL, -EEXIST, ... */
int dev_change_net_namespace(struct net_device *dev, struct net *net,
			     const char *pattern)
{
	char name[IFNAMSIZ];
	int err;

	ASSERT_RTNL();
	if ((dev->features & NETIF_F_NETNS_LOCAL) ||
	    dev->reg_state != NETREG_REGISTERED)
		return -EINVAL;
	if (net_eq(dev_net(dev), net))
		return 0;
	err = name_in(net, dev, pattern, name);
	if (err)
		return err;
	leave(dev);
	WRITE_ONCE(dev->nd_net, net);
	memcpy(dev->name, name, IFNAMSIZ);
	if (__dev_get_by_index(net, dev->ifindex))
		dev->ifindex = dev_new_index(net);
	dev_list(dev);
	call_netdevice_notifiers(NETDEV_REGISTER, dev);
	return 0;
}

/* ---- a network ends ---- */

/* One that is still there, but lo; NULL: none. */
static struct net_device *remaining(struct net *net)
{
	struct net_device *dev;

	for_each_netdev(net, dev)
		if (!(dev->features & NETIF_F_NETNS_LOCAL) ||
		    dev->rtnl_link_ops)
			return dev;
	return NULL;
}

/* dellink may take a peer along: look anew each time. */
static void netdev_default_exit(struct net *net)
{
	struct net_device *dev;

	rtnl_lock();
	while ((dev = remaining(net))) {
		if (dev->rtnl_link_ops && dev->rtnl_link_ops->dellink)
			dev->rtnl_link_ops->dellink(dev, NULL);
		else if (dev_change_net_namespace(dev, &init_net,
						  __dev_get_by_name(&init_net,
						  dev->name) ? "dev%d" : NULL))
			panic("%s: no way out of its network", dev->name);
	}
	rtnl_unlock();
}

static struct pernet_operations netdev_default_ops = {
	.exit = netdev_default_exit,
};

/* After lo, so that it is the last to go. */
static int netdev_default_init(void)
{
	return register_pernet_device(&netdev_default_ops);
}
device_initcall(netdev_default_init);
