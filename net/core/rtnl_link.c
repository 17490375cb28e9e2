/* SPDX-License-Identifier: MIT */
/*
 * rtnl_link.c -- RTM_*LINK: network devices, listed, changed, made and removed
 *
 *	ip link                       RTM_GETLINK dump
 *	ip link set eth0 up mtu 1400  RTM_NEWLINK, no NLM_F_CREATE
 *	ip link add v0 type veth ...  RTM_NEWLINK with NLM_F_CREATE, IFLA_LINKINFO
 *	ip link del v0                RTM_DELLINK
 *
 * A change is checked whole before the first part of it is made, as far as one
 * can; what fails then (a driver refuses) leaves the parts before it made.
 * Whatever the way, the device tells its notifiers, and one of them here tells
 * the listeners of RTNLGRP_LINK.
 *
 * LOCKING.  rtnl_mutex, by the caller.  Dumps note the last index shown, so
 * that devices may come and go between two pieces of a list.
 *
 * SEE rtnetlink(7); rtnl_newlink.c makes devices.
 */

#include "rtnl_impl.h"

#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/sch_generic.h>
#include <net/sock.h>

const struct nla_policy rtnl_link_policy[IFLA_MAX + 1] = {
	[IFLA_IFNAME] = { NLA_STRING, IFNAMSIZ - 1 },
	[IFLA_ADDRESS] = { NLA_BINARY, MAX_ADDR_LEN },
	[IFLA_BROADCAST] = { NLA_BINARY, MAX_ADDR_LEN },
	[IFLA_MTU] = { NLA_U32, 0 },
	[IFLA_LINK] = { NLA_U32, 0 },
	[IFLA_MASTER] = { NLA_U32, 0 },
	[IFLA_TXQLEN] = { NLA_U32, 0 },
	[IFLA_CARRIER] = { NLA_U8, 0 },
	[IFLA_OPERSTATE] = { NLA_U8, 0 },
	[IFLA_LINKMODE] = { NLA_U8, 0 },
	[IFLA_LINKINFO] = { NLA_NESTED, 0 },
	[IFLA_NET_NS_PID] = { NLA_U32, 0 },
	[IFLA_NET_NS_FD] = { NLA_U32, 0 },
	[IFLA_IFALIAS] = { NLA_STRING, 255 },
	[IFLA_GROUP] = { NLA_U32, 0 },
	[IFLA_EXT_MASK] = { NLA_U32, 0 },
	[IFLA_PROMISCUITY] = { NLA_U32, 0 },
	[IFLA_NUM_TX_QUEUES] = { NLA_U32, 0 },
	[IFLA_NUM_RX_QUEUES] = { NLA_U32, 0 },
	[IFLA_ALT_IFNAME] = { NLA_STRING, 127 },
};

/* ---- writing what a device is ---- */

static int put_numbers(struct sk_buff *skb, struct net_device *dev)
{
	const struct {
		int attr;
		u32 value;
	} numbers[] = {
		{ IFLA_TXQLEN, dev->tx_queue_len },
		{ IFLA_MTU, dev->mtu },
		{ IFLA_MIN_MTU, dev->min_mtu },
		{ IFLA_MAX_MTU, dev->max_mtu },
		{ IFLA_GROUP, dev->group },
		{ IFLA_PROMISCUITY, dev->promiscuity },
		{ IFLA_NUM_TX_QUEUES, dev->num_tx_queues },
		{ IFLA_GSO_MAX_SEGS, dev->gso_max_segs },
		{ IFLA_GSO_MAX_SIZE, dev->gso_max_size },
		{ IFLA_NUM_RX_QUEUES, dev->num_rx_queues },
		{ IFLA_CARRIER_CHANGES, atomic_read(&dev->carrier_up_count) +
				atomic_read(&dev->carrier_down_count) },
		{ IFLA_CARRIER_UP_COUNT, atomic_read(&dev->carrier_up_count) },
		{ IFLA_CARRIER_DOWN_COUNT,
		  atomic_read(&dev->carrier_down_count) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (nla_put_u32(skb, numbers[i].attr, numbers[i].value))
			return -EMSGSIZE;
	return 0;
}

static int put_stats(struct sk_buff *skb, struct net_device *dev)
{
	struct rtnl_link_stats64 s;
	u32 old[RTNL_LINK_STATS_FIELDS];
	const u64 *p = (const u64 *)&s;

	memset(&s, 0, sizeof(s));
	dev_get_stats(dev, &s);
	for (int i = 0; i < RTNL_LINK_STATS_FIELDS; i++)
		old[i] = p[i];
	if (nla_put_64bit(skb, IFLA_STATS64, sizeof(s), &s, IFLA_PAD))
		return -EMSGSIZE;
	return nla_put(skb, IFLA_STATS, sizeof(old), old);
}

static int put_addresses(struct sk_buff *skb, struct net_device *dev)
{
	struct rtnl_link_ifmap map = { 0 };

	if (nla_put_64bit(skb, IFLA_MAP, sizeof(map), &map, IFLA_PAD))
		return -EMSGSIZE;
	if (!dev->addr_len)
		return 0;
	if (nla_put(skb, IFLA_ADDRESS, dev->addr_len, dev->dev_addr) ||
	    nla_put(skb, IFLA_BROADCAST, dev->addr_len, dev->broadcast))
		return -EMSGSIZE;
	return 0;
}

/* What kind it is, if `ip link add` could have made it. */
static int put_linkinfo(struct sk_buff *skb, struct net_device *dev)
{
	const struct rtnl_link_ops *ops = dev->rtnl_link_ops;
	struct nlattr *info, *data;

	if (!ops)
		return 0;
	info = nla_nest_start_noflag(skb, IFLA_LINKINFO);
	if (!info || nla_put_string(skb, IFLA_INFO_KIND, ops->kind))
		return -EMSGSIZE;
	if (ops->fill_info) {
		data = nla_nest_start_noflag(skb, IFLA_INFO_DATA);
		if (!data || ops->fill_info(skb, dev))
			return -EMSGSIZE;
		nla_nest_end(skb, data);
	}
	nla_nest_end(skb, info);
	return 0;
}

/* What it leads to, and that its number is another network's, if so: networks
 * have no names for each other, so which one is "unknown". */
static int put_link(struct sk_buff *skb, struct net_device *dev)
{
	const struct rtnl_link_ops *ops = dev->rtnl_link_ops;

	if (!dev->netdev_ops->ndo_get_iflink)
		return 0;
	if (nla_put_u32(skb, IFLA_LINK, dev->netdev_ops->ndo_get_iflink(dev)))
		return -EMSGSIZE;
	if (!ops || !ops->get_link_net || ops->get_link_net(dev) == dev_net(dev))
		return 0;
	return nla_put_u32(skb, IFLA_LINK_NETNSID, (u32)-1);
}

static int put_attributes(struct sk_buff *skb, struct net_device *dev,
			  u32 ext_mask)
{
	int master = dev->master_ifindex;

	if (nla_put_string(skb, IFLA_IFNAME, dev->name) ||
	    nla_put_u8(skb, IFLA_OPERSTATE, netif_running(dev) ?
		       dev->operstate : IF_OPER_DOWN) ||
	    nla_put_u8(skb, IFLA_LINKMODE, dev->link_mode) ||
	    put_numbers(skb, dev) ||
	    nla_put_u8(skb, IFLA_CARRIER, netif_carrier_ok(dev)) ||
	    nla_put_string(skb, IFLA_QDISC, dev_qdisc_name(dev)) ||
	    nla_put_u8(skb, IFLA_PROTO_DOWN, 0) ||
	    put_addresses(skb, dev) ||
	    (master && nla_put_u32(skb, IFLA_MASTER, master)) ||
	    (!(ext_mask & RTEXT_FILTER_SKIP_STATS) && put_stats(skb, dev)) ||
	    put_linkinfo(skb, dev))
		return -EMSGSIZE;
	return put_link(skb, dev);
}

/* One message about dev; 0 or -EMSGSIZE. */
static int fill_link(struct sk_buff *skb, struct net_device *dev,
		     const struct rtnl_msg *m, u32 change, u32 ext_mask)
{
	struct nlmsghdr *nlh = nlmsg_put(skb, m->portid, m->seq, m->type,
					 sizeof(struct ifinfomsg), m->flags);
	struct ifinfomsg *ifm;

	if (!nlh)
		return -EMSGSIZE;
	ifm = nlmsg_data(nlh);
	*ifm = (struct ifinfomsg){
		.ifi_family = AF_UNSPEC, .ifi_type = dev->type,
		.ifi_index = dev->ifindex, .ifi_flags = dev_get_flags(dev),
		.ifi_change = change };
	if (put_attributes(skb, dev, ext_mask)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return 0;
}

/* ---- telling ---- */

void rtmsg_ifinfo(int type, struct net_device *dev, unsigned int change,
		  gfp_t gfp)
{
	struct rtnl_msg m = { .type = type };
	struct net *net = dev_net(dev);
	struct sk_buff *skb;

	if (!net->rtnl || !netlink_has_listeners(net->rtnl, RTNLGRP_LINK))
		return;
	skb = nlmsg_new(NLMSG_DEFAULT_SIZE, gfp);
	if (!skb || fill_link(skb, dev, &m, change, 0)) {
		kfree_skb(skb);
		rtnl_set_sk_err(net, RTNLGRP_LINK, -ENOBUFS);
		return;
	}
	rtnl_notify(skb, net, 0, RTNLGRP_LINK, NULL, gfp);
}

static int link_event(struct notifier_block *nb, unsigned long event,
		      void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);

	switch (event) {
	case NETDEV_UNREGISTER:
		rtmsg_ifinfo(RTM_DELLINK, dev, ~0u, GFP_KERNEL);
		break;
	case NETDEV_UP:
	case NETDEV_DOWN:
		rtmsg_ifinfo(RTM_NEWLINK, dev, IFF_UP, GFP_KERNEL);
		break;
	case NETDEV_REGISTER:
	case NETDEV_CHANGE:
	case NETDEV_CHANGEMTU:
	case NETDEV_CHANGEADDR:
	case NETDEV_CHANGENAME:
	case NETDEV_FEAT_CHANGE:
	case NETDEV_CHANGEUPPER:
	case NETDEV_CHANGE_TX_QUEUE_LEN:
		rtmsg_ifinfo(RTM_NEWLINK, dev, 0, GFP_KERNEL);
		break;
	}
	return NOTIFY_DONE;
}

static struct notifier_block link_notifier = { .notifier_call = link_event };

/* ---- RTM_GETLINK ---- */

/* The device that a message names; NULL with *err. */
struct net_device *rtnl_find_dev(struct net *net, struct nlmsghdr *nlh,
				 struct nlattr **tb, int *err)
{
	struct ifinfomsg *ifm = nlmsg_data(nlh);
	struct net_device *dev = NULL;
	char name[128];

	*err = -EINVAL;
	if (ifm->ifi_index < 0)
		return NULL;
	*err = -ENODEV;
	if (ifm->ifi_index > 0) {
		dev = __dev_get_by_index(net, ifm->ifi_index);
	} else if (tb[IFLA_IFNAME] || tb[IFLA_ALT_IFNAME]) {
		nla_strscpy(name, tb[IFLA_IFNAME] ? tb[IFLA_IFNAME] :
			    tb[IFLA_ALT_IFNAME], sizeof(name));
		dev = strlen(name) < IFNAMSIZ ? __dev_get_by_name(net, name)
					      : NULL;
	} else {
		*err = -EINVAL;
	}
	if (dev)
		*err = 0;
	return dev;
}

static int rtnl_getlink(struct sk_buff *in, struct nlmsghdr *nlh,
			struct netlink_ext_ack *extack)
{
	struct net *net = sock_net(NETLINK_CB(in).sk);
	struct rtnl_msg m = { NETLINK_CB(in).portid, nlh->nlmsg_seq,
			      RTM_NEWLINK, 0 };
	struct nlattr *tb[IFLA_MAX + 1];
	struct net_device *dev;
	struct sk_buff *skb;
	u32 ext_mask = 0;
	int err;

	err = nlmsg_parse(nlh, sizeof(struct ifinfomsg), tb, IFLA_MAX,
			  rtnl_link_policy, extack);
	if (err)
		return err;
	if (tb[IFLA_EXT_MASK])
		ext_mask = nla_get_u32(tb[IFLA_EXT_MASK]);
	dev = rtnl_find_dev(net, nlh, tb, &err);
	if (!dev)
		return err;
	skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return -ENOBUFS;
	err = fill_link(skb, dev, &m, 0, ext_mask);
	if (WARN_ON_ONCE(err)) {
		kfree_skb(skb);
		return err;
	}
	return rtnl_unicast(skb, net, m.portid);
}

static bool is_of_kind(const struct net_device *dev, const struct nlattr *info)
{
	struct nlattr *tb[IFLA_INFO_MAX + 1];

	if (!info || nla_parse_nested(tb, IFLA_INFO_MAX, info, NULL, NULL) ||
	    !tb[IFLA_INFO_KIND])
		return true;
	return dev->rtnl_link_ops &&
	       !nla_strcmp(tb[IFLA_INFO_KIND], dev->rtnl_link_ops->kind);
}

static bool is_wanted(const struct net_device *dev, struct nlattr **tb)
{
	if (tb[IFLA_MASTER] &&
	    dev->master_ifindex != (int)nla_get_u32(tb[IFLA_MASTER]))
		return false;
	return is_of_kind(dev, tb[IFLA_LINKINFO]);
}

/* args[1]: the index of the next device to show. */
static int rtnl_dump_links(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net *net = sock_net(skb->sk);
	struct rtnl_msg m = { NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			      RTM_NEWLINK, NLM_F_MULTI };
	struct nlattr *tb[IFLA_MAX + 1] = { NULL };
	struct net_device *dev;
	u32 ext_mask = 0;

	/* Old programs send a struct rtgenmsg, without attributes. */
	if (!nlmsg_parse(cb->nlh, sizeof(struct ifinfomsg), tb, IFLA_MAX,
			 rtnl_link_policy, NULL)) {
		if (tb[IFLA_EXT_MASK])
			ext_mask = nla_get_u32(tb[IFLA_EXT_MASK]);
		if (tb[IFLA_MASTER] || tb[IFLA_LINKINFO])
			m.flags |= NLM_F_DUMP_FILTERED;
	}
	cb->seq = net->dev_base_seq;
	for_each_netdev(net, dev) {
		if (dev->ifindex < cb->args[1] || !is_wanted(dev, tb))
			continue;
		if (fill_link(skb, dev, &m, 0, ext_mask)) {
			if (!skb->len)
				return -EMSGSIZE;
			return skb->len;
		}
		cb->args[1] = dev->ifindex + 1;
	}
	return 0;
}

static int rtnl_link_init(void)
{
	rtnl_register(PF_UNSPEC, RTM_GETLINK, rtnl_getlink, rtnl_dump_links, 0);
	rtnl_register(PF_UNSPEC, RTM_SETLINK, rtnl_setlink, NULL, 0);
	rtnl_register(PF_UNSPEC, RTM_NEWLINK, rtnl_newlink, NULL, 0);
	rtnl_register(PF_UNSPEC, RTM_DELLINK, rtnl_dellink, NULL, 0);
	return register_netdevice_notifier(&link_notifier);
}
fs_initcall(rtnl_link_init);
