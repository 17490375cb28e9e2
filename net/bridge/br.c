/* SPDX-License-Identifier: MIT */
/*
 * br.c -- bridges and their ports: made, joined, left, ended
 *
 * IDEA.  A bridge is a device without hardware.  A device becomes its port by
 * getting an rx_handler, which takes every frame before the protocols see it,
 * and by listening to all addresses (promiscuous).  What is for the machine
 * itself comes in by the bridge, so addresses belong to the bridge, not to
 * ports.
 *
 * A port forwards while it and the bridge are up and it has a carrier; the
 * bridge has a carrier while any port forwards.  Its address is the smallest of
 * its ports' unless somebody set one, its MTU the smallest of theirs.
 *
 * LOCKING.  rtnl.  A port that left is freed after the frames that still saw
 * it.
 *
 * SEE IEEE 802.1D; br_forward.c; docs/109-veth-and-bridge.md.
 */

#include "bridge.h"

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/net_namespace.h>
#include <net/netlink.h>
#include <net/rtnetlink.h>
#include <net/tx_queue.h>
#include <uapi/if_link.h>
#include <uapi/sockios.h>

/* ---- what follows from the ports ---- */

static void follow_carrier(struct net_bridge *br)
{
	struct net_bridge_port *p;

	list_for_each_entry(p, &br->port_list, list) {
		if (p->state == BR_STATE_FORWARDING ||
		    p->state == BR_STATE_LEARNING) {
			netif_carrier_on(br->dev);
			return;
		}
	}
	netif_carrier_off(br->dev);
}

void br_set_state(struct net_bridge_port *p, u8 state)
{
	if (p->state == state)
		return;
	WRITE_ONCE(p->state, state);
	if (state == BR_STATE_DISABLED)
		br_fdb_flush(p->br, p, true);
	follow_carrier(p->br);
	rtmsg_ifinfo(RTM_NEWLINK, p->dev, 0, GFP_KERNEL);
}

/* Its device or the bridge went up or down. */
static void follow_state(struct net_bridge_port *p)
{
	bool live = (p->dev->flags & IFF_UP) && netif_carrier_ok(p->dev) &&
		    (p->br->dev->flags & IFF_UP);

	if (!live)
		br_set_state(p, BR_STATE_DISABLED);
	else if (p->state == BR_STATE_DISABLED)
		br_set_state(p, BR_STATE_FORWARDING);
}

static void set_own_address(struct net_bridge *br, const u8 *addr)
{
	struct net_device *dev = br->dev;

	struct net_bridge_port *p;

	br_fdb_delete(br, dev->dev_addr);
	eth_hw_addr_set(dev, addr);
	list_for_each_entry(p, &br->port_list, list)
		br_fdb_add(br, p, p->dev->dev_addr, true, true);
	br_fdb_add(br, NULL, addr, true, true);
}

/* The smallest address of a port, unless one was given. */
static void follow_address(struct net_bridge *br)
{
	struct net_bridge_port *p;
	const u8 *min = NULL;

	if (br->dev->addr_assign_type == NET_ADDR_SET)
		return;
	list_for_each_entry(p, &br->port_list, list)
		if (!min || memcmp(p->dev->dev_addr, min, ETH_ALEN) < 0)
			min = p->dev->dev_addr;
	if (!min || ether_addr_equal(min, br->dev->dev_addr))
		return;
	set_own_address(br, min);
	call_netdevice_notifiers(NETDEV_CHANGEADDR, br->dev);
}

static void follow_mtu(struct net_bridge *br)
{
	unsigned int mtu = ETH_MAX_MTU;
	struct net_bridge_port *p;

	if (list_empty(&br->port_list))
		return;
	list_for_each_entry(p, &br->port_list, list)
		mtu = min(mtu, p->dev->mtu);
	dev_set_mtu(br->dev, mtu);
}

/* ---- ports ---- */

static void free_port(struct rcu_head *head)
{
	struct net_bridge_port *p = container_of(head, struct net_bridge_port,
						 rcu);

	dev_put(p->dev);
	kfree(p);
}

static void del_port(struct net_bridge_port *p)
{
	struct net_bridge *br = p->br;
	struct net_device *dev = p->dev;

	dev->priv_flags &= ~IFF_BRIDGE_PORT;
	netdev_rx_handler_unregister(dev);
	list_del_rcu(&p->list);
	WRITE_ONCE(p->state, BR_STATE_DISABLED);
	__clear_bit(p->port_no - 1, (unsigned long *)br->ports);
	br_fdb_flush(br, p, false);
	dev->master_ifindex = 0;
	dev_set_promiscuity(dev, -1);
	/* An address that it shared with the bridge is still the bridge's. */
	br_fdb_add(br, NULL, br->dev->dev_addr, true, true);
	follow_carrier(br);
	follow_address(br);
	follow_mtu(br);
	call_netdevice_notifiers(NETDEV_CHANGEUPPER, dev);
	call_rcu(&p->rcu, free_port);
}

static struct net_bridge_port *new_port(struct net_bridge *br,
					struct net_device *dev)
{
	unsigned long n = find_first_zero_bit((unsigned long *)br->ports,
					      BR_MAX_PORTS);
	struct net_bridge_port *p;

	if (n == BR_MAX_PORTS)
		return ERR_PTR(-EXFULL);
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return ERR_PTR(-ENOMEM);
	__set_bit(n, (unsigned long *)br->ports);
	p->br = br;
	p->dev = dev;
	dev_hold(dev);
	p->port_no = n + 1;
	p->flags = BR_LEARNING | BR_FLOOD;
	p->state = BR_STATE_DISABLED;
	return p;
}

static int br_add_port(struct net_device *br_dev, struct net_device *dev,
		       void *extack)
{
	struct net_bridge *br = br_of(br_dev);
	struct net_bridge_port *p;
	int err;

	if ((dev->flags & IFF_LOOPBACK) || dev->type != br_dev->type ||
	    dev->addr_len != ETH_ALEN || !is_valid_ether_addr(dev->dev_addr))
		return -EINVAL;
	if (netif_is_bridge_master(dev))
		return -ELOOP;
	if (dev->master_ifindex || dev->rx_handler)
		return -EBUSY;
	p = new_port(br, dev);
	if (IS_ERR(p))
		return PTR_ERR(p);
	err = dev_set_promiscuity(dev, 1);
	if (err)
		goto out_port;
	err = netdev_rx_handler_register(dev, br_handle_frame, p);
	if (err)
		goto out_promisc;
	dev->priv_flags |= IFF_BRIDGE_PORT;
	dev->master_ifindex = br_dev->ifindex;
	list_add_rcu(&p->list, &br->port_list);
	br_fdb_add(br, p, dev->dev_addr, true, true);
	follow_address(br);
	follow_mtu(br);
	follow_state(p);
	call_netdevice_notifiers(NETDEV_CHANGEUPPER, dev);
	return 0;
out_promisc:
	dev_set_promiscuity(dev, -1);
out_port:
	__clear_bit(p->port_no - 1, (unsigned long *)br->ports);
	dev_put(dev);
	kfree(p);
	return err;
}

static int br_del_port(struct net_device *br_dev, struct net_device *dev)
{
	struct net_bridge_port *p = br_port_get(dev);

	if (!p || p->br != br_of(br_dev))
		return -EINVAL;
	del_port(p);
	return 0;
}

/* ---- the device ---- */

static int br_init(struct net_device *dev)
{
	dev->tstats = alloc_percpu(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
}

static int br_open(struct net_device *dev)
{
	struct net_bridge *br = br_of(dev);

	netif_tx_start_all_queues(dev);
	mod_timer(&br->gc_timer, jiffies + 10 * HZ);
	return 0;
}

static int br_stop(struct net_device *dev)
{
	netif_tx_stop_all_queues(dev);
	del_timer_sync(&br_of(dev)->gc_timer);
	return 0;
}

static int br_set_mac_address(struct net_device *dev, void *p)
{
	struct sockaddr *sa = p;

	if (!is_valid_ether_addr((u8 *)sa->sa_data))
		return -EADDRNOTAVAIL;
	set_own_address(br_of(dev), (u8 *)sa->sa_data);
	return 0;
}

static const struct net_device_ops br_ops = {
	.ndo_init = br_init,
	.ndo_open = br_open,
	.ndo_stop = br_stop,
	.ndo_start_xmit = br_dev_xmit,
	.ndo_set_mac_address = br_set_mac_address,
	.ndo_add_slave = br_add_port,
	.ndo_del_slave = br_del_port,
};

static void br_setup(struct net_device *dev)
{
	struct net_bridge *br = br_of(dev);

	ether_setup(dev);
	dev->netdev_ops = &br_ops;
	dev->priv_flags |= IFF_EBRIDGE | IFF_NO_QUEUE;
	dev->features = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HIGHDMA |
			NETIF_F_GSO_SOFTWARE | NETIF_F_HW_CSUM | NETIF_F_LLTX |
			NETIF_F_NETNS_LOCAL;
	dev->hw_features = NETIF_F_SG | NETIF_F_GSO_SOFTWARE | NETIF_F_HW_CSUM;
	dev->max_mtu = ETH_MAX_MTU;
	br->dev = dev;
	INIT_LIST_HEAD(&br->port_list);
	br_fdb_init(br);
}

/* ---- by rtnetlink ---- */

static int set_options(struct net_bridge *br, struct nlattr *data[])
{
	if (!data)
		return 0;
	if (data[IFLA_BR_STP_STATE] && nla_get_u32(data[IFLA_BR_STP_STATE]))
		return -EOPNOTSUPP;
	if (data[IFLA_BR_VLAN_FILTERING] &&
	    nla_get_u8(data[IFLA_BR_VLAN_FILTERING]))
		return -EOPNOTSUPP;
	if (data[IFLA_BR_AGEING_TIME])
		WRITE_ONCE(br->ageing_time,
			   nla_get_u32(data[IFLA_BR_AGEING_TIME]) * HZ / 100);
	if (data[IFLA_BR_FDB_FLUSH])
		br_fdb_flush(br, NULL, true);
	return 0;
}

static int br_validate(struct nlattr *tb[], struct nlattr *data[],
		       struct netlink_ext_ack *extack)
{
	if (tb[IFLA_ADDRESS] &&
	    (nla_len(tb[IFLA_ADDRESS]) != ETH_ALEN ||
	     !is_valid_ether_addr(nla_data(tb[IFLA_ADDRESS]))))
		return -EADDRNOTAVAIL;
	for (int i = 1; data && i <= IFLA_BR_MAX; i++)
		if ((i == IFLA_BR_STP_STATE || i == IFLA_BR_AGEING_TIME) &&
		    data[i] && nla_len(data[i]) < 4)
			return -EINVAL;
	if (data && data[IFLA_BR_VLAN_FILTERING] &&
	    nla_len(data[IFLA_BR_VLAN_FILTERING]) < 1)
		return -EINVAL;
	return 0;
}

static int br_newlink(struct net *src_net, struct net_device *dev,
		      struct nlattr *tb[], struct nlattr *data[],
		      struct netlink_ext_ack *extack)
{
	int err;

	if (tb[IFLA_ADDRESS])
		dev->addr_assign_type = NET_ADDR_SET;
	else
		eth_hw_addr_random(dev);
	err = set_options(br_of(dev), data);
	if (err)
		return err;
	netif_carrier_off(dev);
	err = register_netdevice(dev);
	if (!err)
		br_fdb_add(br_of(dev), NULL, dev->dev_addr, true, true);
	return err;
}

static int br_changelink(struct net_device *dev, struct nlattr *tb[],
			 struct nlattr *data[],
			 struct netlink_ext_ack *extack)
{
	return set_options(br_of(dev), data);
}

static void br_dellink(struct net_device *dev, struct list_head *head)
{
	struct net_bridge *br = br_of(dev);
	struct net_bridge_port *p, *next;

	list_for_each_entry_safe(p, next, &br->port_list, list)
		del_port(p);
	unregister_netdevice(dev);
	br_fdb_flush(br, NULL, false);
	free_netdev(dev);             /* when rtnl is dropped */
}

static int br_fill_info(struct sk_buff *skb, const struct net_device *dev)
{
	const struct net_bridge *br = br_of(dev);

	if (nla_put_u32(skb, IFLA_BR_FORWARD_DELAY, 0) ||
	    nla_put_u32(skb, IFLA_BR_AGEING_TIME, br->ageing_time * 100 / HZ) ||
	    nla_put_u32(skb, IFLA_BR_STP_STATE, 0) ||
	    nla_put_u8(skb, IFLA_BR_VLAN_FILTERING, 0))
		return -EMSGSIZE;
	return 0;
}

struct rtnl_link_ops br_link_ops = {
	.kind = "bridge",
	.priv_size = sizeof(struct net_bridge),
	.setup = br_setup,
	.validate = br_validate,
	.newlink = br_newlink,
	.changelink = br_changelink,
	.dellink = br_dellink,
	.fill_info = br_fill_info,
	.maxtype = IFLA_BR_MAX,
};

/* ---- by ioctls: brctl(8) ---- */

static int make_bridge(struct net *net, const char *name)
{
	struct net_device *dev;
	int err;

	if (!dev_valid_name(name))
		return -EINVAL;
	dev = alloc_netdev(sizeof(struct net_bridge), name, NET_NAME_USER,
			   br_setup);
	if (!dev)
		return -ENOMEM;
	dev->nd_net = net;
	dev->rtnl_link_ops = &br_link_ops;
	eth_hw_addr_random(dev);
	netif_carrier_off(dev);
	err = register_netdevice(dev);
	if (err) {
		free_netdev(dev);
		return err;
	}
	return br_fdb_add(br_of(dev), NULL, dev->dev_addr, true, true);
}

static int end_bridge(struct net *net, const char *name)
{
	struct net_device *dev = __dev_get_by_name(net, name);

	if (!dev)
		return -ENXIO;
	if (!netif_is_bridge_master(dev))
		return -EPERM;
	if (dev->flags & IFF_UP)
		return -EBUSY;
	br_dellink(dev, NULL);
	return 0;
}

static int change_ports(struct net *net, unsigned int cmd,
			const struct ifreq *ifr)
{
	struct net_device *br = __dev_get_by_name(net, ifr->ifr_name);
	struct net_device *dev = __dev_get_by_index(net, ifr->ifr_ifindex);

	if (!br)
		return -ENODEV;
	if (!netif_is_bridge_master(br))
		return -EOPNOTSUPP;
	if (!dev)
		return -EINVAL;
	return cmd == SIOCBRADDIF ? br_add_port(br, dev, NULL)
				  : br_del_port(br, dev);
}

static int br_ioctl(struct net *net, unsigned int cmd, void __user *arg)
{
	bool whole = cmd == SIOCBRADDIF || cmd == SIOCBRDELIF;
	struct ifreq ifr = { 0 };
	int err;

	if (!ns_capable(net->user_ns, CAP_NET_ADMIN))
		return -EPERM;
	if (copy_from_user(&ifr, arg, whole ? sizeof(ifr) : IFNAMSIZ))
		return -EFAULT;
	ifr.ifr_name[IFNAMSIZ - 1] = '\0';
	rtnl_lock();
	if (whole)
		err = change_ports(net, cmd, &ifr);
	else
		err = cmd == SIOCBRADDBR ? make_bridge(net, ifr.ifr_name)
					 : end_bridge(net, ifr.ifr_name);
	rtnl_unlock();
	return err;
}

/* ---- what happens to devices ---- */

static void bridge_changed(struct net_bridge *br)
{
	struct net_bridge_port *p;

	list_for_each_entry(p, &br->port_list, list)
		follow_state(p);
}

static void port_changed(struct net_bridge_port *p, unsigned long event)
{
	switch (event) {
	case NETDEV_UP:
	case NETDEV_DOWN:
	case NETDEV_CHANGE:
		follow_state(p);
		break;
	case NETDEV_CHANGEMTU:
		follow_mtu(p->br);
		break;
	case NETDEV_CHANGEADDR:
		br_fdb_flush(p->br, p, false);
		br_fdb_add(p->br, p, p->dev->dev_addr, true, true);
		follow_address(p->br);
		break;
	case NETDEV_UNREGISTER:
		del_port(p);
		break;
	}
}

static int br_device_event(struct notifier_block *nb, unsigned long event,
			   void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);
	struct net_bridge_port *p = br_port_get(dev);

	if (p)
		port_changed(p, event);
	else if (dev->netdev_ops == &br_ops &&
		 (event == NETDEV_UP || event == NETDEV_DOWN))
		bridge_changed(br_of(dev));
	return NOTIFY_DONE;
}

static struct notifier_block br_notifier = { .notifier_call = br_device_event };

static int br_module_init(void)
{
	int err = register_netdevice_notifier(&br_notifier);

	if (err)
		return err;
	brioctl_set(br_ioctl);
	br_netlink_init();
	return rtnl_link_register(&br_link_ops);
}
module_init(br_module_init);
