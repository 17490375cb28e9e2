/* SPDX-License-Identifier: MIT */
/*
 * rtnl_addr.c -- RTM_*ADDR: the IPv4 addresses of devices
 *
 *	ip addr add 10.0.2.15/24 dev eth0    RTM_NEWADDR
 *	ip addr [show dev eth0]              RTM_GETADDR dump
 *
 * What an address brings with it (routes, scope, secondaries) is devinet.c's;
 * this file only translates.  A notifier there tells of each address that came
 * or went, whoever did it, and we tell the listeners.
 *
 * LOCKING.  rtnl_mutex.
 *
 * SEE rtnetlink(7).
 */

#include <net/inetdevice.h>

#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <net/ip_fib.h>
#include <net/netlink.h>
#include <net/rtnetlink.h>
#include <net/sock.h>

static const struct nla_policy ifa_policy[IFA_MAX + 1] = {
	[IFA_LOCAL] = { NLA_U32, 0 },
	[IFA_ADDRESS] = { NLA_U32, 0 },
	[IFA_BROADCAST] = { NLA_U32, 0 },
	[IFA_LABEL] = { NLA_STRING, IFNAMSIZ - 1 },
	[IFA_CACHEINFO] = { NLA_UNSPEC, sizeof(struct ifa_cacheinfo) },
	[IFA_FLAGS] = { NLA_U32, 0 },
	[IFA_RT_PRIORITY] = { NLA_U32, 0 },
	[IFA_PROTO] = { NLA_U8, 0 },
};

/* A message that is written: to whom, about which question. */
struct addr_msg {
	u32 portid, seq;
	int type, flags;
};

/* ---- writing ---- */

static u32 hundredths(unsigned long stamp)
{
	return (stamp - INITIAL_JIFFIES) * 100 / HZ;
}

static int put_cacheinfo(struct sk_buff *skb, const struct in_ifaddr *ifa)
{
	struct ifa_cacheinfo ci = {
		.ifa_prefered = INFINITY_LIFE_TIME,
		.ifa_valid = INFINITY_LIFE_TIME,
		.cstamp = hundredths(ifa->ifa_cstamp),
		.tstamp = hundredths(ifa->ifa_tstamp) };
	u32 age = (jiffies - ifa->ifa_tstamp) / HZ;

	if (!(ifa->ifa_flags & IFA_F_PERMANENT)) {
		ci.ifa_prefered = ifa->ifa_preferred_lft;
		ci.ifa_valid = ifa->ifa_valid_lft;
		if (ci.ifa_prefered != INFINITY_LIFE_TIME)
			ci.ifa_prefered -= min(ci.ifa_prefered, age);
		if (ci.ifa_valid != INFINITY_LIFE_TIME)
			ci.ifa_valid -= min(ci.ifa_valid, age);
	}
	return nla_put(skb, IFA_CACHEINFO, sizeof(ci), &ci);
}

static int fill_ifaddr(struct sk_buff *skb, const struct in_ifaddr *ifa,
		       const struct addr_msg *m)
{
	struct nlmsghdr *nlh = nlmsg_put(skb, m->portid, m->seq, m->type,
					 sizeof(struct ifaddrmsg), m->flags);
	struct ifaddrmsg *ifm;

	if (!nlh)
		return -EMSGSIZE;
	ifm = nlmsg_data(nlh);
	*ifm = (struct ifaddrmsg){
		.ifa_family = AF_INET, .ifa_prefixlen = ifa->ifa_prefixlen,
		.ifa_flags = ifa->ifa_flags, .ifa_scope = ifa->ifa_scope,
		.ifa_index = ifa->ifa_dev->dev->ifindex };
	if ((ifa->ifa_address &&
	     nla_put_in_addr(skb, IFA_ADDRESS, ifa->ifa_address)) ||
	    (ifa->ifa_local &&
	     nla_put_in_addr(skb, IFA_LOCAL, ifa->ifa_local)) ||
	    (ifa->ifa_broadcast &&
	     nla_put_in_addr(skb, IFA_BROADCAST, ifa->ifa_broadcast)) ||
	    (ifa->ifa_label[0] &&
	     nla_put_string(skb, IFA_LABEL, ifa->ifa_label)) ||
	    (ifa->ifa_proto && nla_put_u8(skb, IFA_PROTO, ifa->ifa_proto)) ||
	    nla_put_u32(skb, IFA_FLAGS, ifa->ifa_flags) ||
	    (ifa->ifa_rt_priority &&
	     nla_put_u32(skb, IFA_RT_PRIORITY, ifa->ifa_rt_priority)) ||
	    put_cacheinfo(skb, ifa)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return 0;
}

/* Tell the listeners of an address that came (NETDEV_UP) or went. */
static int address_event(struct notifier_block *nb, unsigned long event,
			 void *ptr)
{
	struct in_ifaddr *ifa = ptr;
	struct net *net = dev_net(ifa->ifa_dev->dev);
	struct addr_msg m = { .type = event == NETDEV_DOWN ? RTM_DELADDR
							   : RTM_NEWADDR };
	struct sk_buff *skb;

	if (!net->rtnl || !netlink_has_listeners(net->rtnl,
						 RTNLGRP_IPV4_IFADDR))
		return NOTIFY_DONE;
	skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb || fill_ifaddr(skb, ifa, &m)) {
		kfree_skb(skb);
		rtnl_set_sk_err(net, RTNLGRP_IPV4_IFADDR, -ENOBUFS);
		return NOTIFY_DONE;
	}
	rtnl_notify(skb, net, 0, RTNLGRP_IPV4_IFADDR, NULL, GFP_KERNEL);
	return NOTIFY_DONE;
}

static struct notifier_block address_notifier = {
	.notifier_call = address_event };

/* ---- RTM_NEWADDR ---- */

static void set_lifetimes(struct in_ifaddr *ifa, const struct nlattr *nla)
{
	struct ifa_cacheinfo ci = { INFINITY_LIFE_TIME, INFINITY_LIFE_TIME,
				    0, 0 };

	if (nla)
		nla_memcpy(&ci, nla, sizeof(ci));
	ifa->ifa_valid_lft = ci.ifa_valid;
	ifa->ifa_preferred_lft = ci.ifa_prefered;
	if (ci.ifa_valid == INFINITY_LIFE_TIME)
		ifa->ifa_flags |= IFA_F_PERMANENT;
	else
		ifa->ifa_flags &= ~IFA_F_PERMANENT;
	if (ci.ifa_prefered == 0)
		ifa->ifa_flags |= IFA_F_DEPRECATED;
	else
		ifa->ifa_flags &= ~IFA_F_DEPRECATED;
	ifa->ifa_tstamp = jiffies;
	if (!ifa->ifa_cstamp)
		ifa->ifa_cstamp = ifa->ifa_tstamp;
}

static bool lifetimes_ok(const struct nlattr *nla)
{
	struct ifa_cacheinfo ci;

	if (!nla)
		return true;
	nla_memcpy(&ci, nla, sizeof(ci));
	return ci.ifa_valid && ci.ifa_prefered <= ci.ifa_valid;
}

/* What the message asks for; ERR_PTR. */
static struct in_ifaddr *parse_ifaddr(const struct ifaddrmsg *ifm,
				      struct nlattr **tb,
				      struct net_device *dev)
{
	struct in_ifaddr *ifa = inet_alloc_ifa();

	if (!ifa)
		return ERR_PTR(-ENOBUFS);
	ifa->ifa_prefixlen = ifm->ifa_prefixlen;
	ifa->ifa_mask = inet_make_mask(ifm->ifa_prefixlen);
	ifa->ifa_flags = tb[IFA_FLAGS] ? nla_get_u32(tb[IFA_FLAGS])
				       : ifm->ifa_flags;
	ifa->ifa_scope = ifm->ifa_scope;
	ifa->ifa_local = nla_get_in_addr(tb[IFA_LOCAL]);
	ifa->ifa_address = tb[IFA_ADDRESS] ? nla_get_in_addr(tb[IFA_ADDRESS])
					   : ifa->ifa_local;
	if (tb[IFA_BROADCAST])
		ifa->ifa_broadcast = nla_get_in_addr(tb[IFA_BROADCAST]);
	if (tb[IFA_LABEL])
		nla_strscpy(ifa->ifa_label, tb[IFA_LABEL], IFNAMSIZ);
	else
		memcpy(ifa->ifa_label, dev->name, IFNAMSIZ);
	if (tb[IFA_RT_PRIORITY])
		ifa->ifa_rt_priority = nla_get_u32(tb[IFA_RT_PRIORITY]);
	if (tb[IFA_PROTO])
		ifa->ifa_proto = nla_get_u8(tb[IFA_PROTO]);
	return ifa;
}

/* The device that a message means, if what it says makes sense; ERR_PTR. */
static struct in_device *target(struct net *net, const struct ifaddrmsg *ifm,
				struct nlattr **tb,
				struct netlink_ext_ack *extack)
{
	struct net_device *dev;
	struct in_device *in_dev;

	if (ifm->ifa_prefixlen > 32) {
		NL_SET_ERR_MSG(extack, "ipv4: Invalid prefix length");
		return ERR_PTR(-EINVAL);
	}
	if (!tb[IFA_LOCAL]) {
		NL_SET_ERR_MSG(extack, "ipv4: Local address is not supplied");
		return ERR_PTR(-EINVAL);
	}
	dev = __dev_get_by_index(net, ifm->ifa_index);
	if (!dev) {
		NL_SET_ERR_MSG(extack, "ipv4: Device not found");
		return ERR_PTR(-ENODEV);
	}
	in_dev = __in_dev_get_rtnl(dev);
	return in_dev ? in_dev : ERR_PTR(-ENOBUFS);
}

/* The same address once more: NLM_F_REPLACE gives it new lifetimes. */
static struct in_ifaddr *find_same(struct in_device *in_dev,
				   const struct in_ifaddr *new)
{
	struct in_ifaddr *ifa;

	in_dev_for_each_ifa_rtnl(ifa, in_dev)
		if (ifa->ifa_mask == new->ifa_mask &&
		    inet_ifa_match(new->ifa_address, ifa) &&
		    ifa->ifa_local == new->ifa_local)
			return ifa;
	return NULL;
}

static int inet_rtm_newaddr(struct sk_buff *skb, struct nlmsghdr *nlh,
			    struct netlink_ext_ack *extack)
{
	struct ifaddrmsg *ifm = nlmsg_data(nlh);
	struct nlattr *tb[IFA_MAX + 1];
	struct in_ifaddr *ifa, *old;
	struct in_device *in_dev;
	int err;

	err = nlmsg_parse(nlh, sizeof(*ifm), tb, IFA_MAX, ifa_policy, extack);
	if (err)
		return err;
	in_dev = target(sock_net(NETLINK_CB(skb).sk), ifm, tb, extack);
	if (IS_ERR(in_dev))
		return PTR_ERR(in_dev);
	if (!lifetimes_ok(tb[IFA_CACHEINFO]))
		return -EINVAL;
	ifa = parse_ifaddr(ifm, tb, in_dev->dev);
	if (IS_ERR(ifa))
		return PTR_ERR(ifa);
	old = find_same(in_dev, ifa);
	if (!old) {
		set_lifetimes(ifa, tb[IFA_CACHEINFO]);
		return inet_insert_ifa(in_dev, ifa);
	}
	inet_free_ifa(ifa);
	if ((nlh->nlmsg_flags & NLM_F_EXCL) ||
	    !(nlh->nlmsg_flags & NLM_F_REPLACE))
		return -EEXIST;
	set_lifetimes(old, tb[IFA_CACHEINFO]);
	address_event(NULL, NETDEV_UP, old);
	return 0;
}

/* ---- RTM_DELADDR ---- */

static bool is_meant(const struct in_ifaddr *ifa, const struct ifaddrmsg *ifm,
		     struct nlattr **tb)
{
	if (tb[IFA_LOCAL] && ifa->ifa_local != nla_get_in_addr(tb[IFA_LOCAL]))
		return false;
	if (tb[IFA_LABEL] && nla_strcmp(tb[IFA_LABEL], ifa->ifa_label))
		return false;
	return !tb[IFA_ADDRESS] ||
	       (ifm->ifa_prefixlen == ifa->ifa_prefixlen &&
		inet_ifa_match(nla_get_in_addr(tb[IFA_ADDRESS]), ifa));
}

static int inet_rtm_deladdr(struct sk_buff *skb, struct nlmsghdr *nlh,
			    struct netlink_ext_ack *extack)
{
	struct net *net = sock_net(NETLINK_CB(skb).sk);
	struct ifaddrmsg *ifm = nlmsg_data(nlh);
	struct nlattr *tb[IFA_MAX + 1];
	struct in_device *in_dev;
	struct net_device *dev;
	struct in_ifaddr *ifa;
	int err;

	err = nlmsg_parse(nlh, sizeof(*ifm), tb, IFA_MAX, ifa_policy, extack);
	if (err)
		return err;
	dev = __dev_get_by_index(net, ifm->ifa_index);
	in_dev = dev ? __in_dev_get_rtnl(dev) : NULL;
	if (!in_dev) {
		NL_SET_ERR_MSG(extack, "ipv4: Device not found");
		return -ENODEV;
	}
	in_dev_for_each_ifa_rtnl(ifa, in_dev) {
		if (!is_meant(ifa, ifm, tb))
			continue;
		inet_del_ifa(in_dev, ifa);
		return 0;
	}
	NL_SET_ERR_MSG(extack, "ipv4: Address not found");
	return -EADDRNOTAVAIL;
}

/* ---- RTM_GETADDR ---- */

/* The n-th and later addresses of dev; *n: how far it came. */
static int dump_dev(struct sk_buff *skb, struct net_device *dev,
		    const struct addr_msg *m, long *n)
{
	struct in_device *in_dev = __in_dev_get_rtnl(dev);
	struct in_ifaddr *ifa;
	long i = 0;

	if (!in_dev)
		return 0;
	in_dev_for_each_ifa_rtnl(ifa, in_dev) {
		if (i++ < *n)
			continue;
		if (fill_ifaddr(skb, ifa, m))
			return -EMSGSIZE;
		*n = i;
	}
	return 0;
}

/* args[1]: the device's index; args[2]: addresses of it that were shown. */
static int inet_dump_ifaddr(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net *net = sock_net(skb->sk);
	struct addr_msg m = { NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			      RTM_NEWADDR, NLM_F_MULTI };
	struct ifaddrmsg *ifm = nlmsg_data(cb->nlh);
	struct net_device *dev;
	int only = 0;

	if (cb->strict_check) {
		if (nlmsg_len(cb->nlh) < (int)sizeof(*ifm))
			return -EINVAL;
		only = ifm->ifa_index;
		if (only && !__dev_get_by_index(net, only))
			return -ENODEV;
		if (only)
			m.flags |= NLM_F_DUMP_FILTERED;
	}
	cb->seq = atomic_read(&net->ipv4.dev_addr_genid) ^ net->dev_base_seq;
	for_each_netdev(net, dev) {
		if (dev->ifindex < cb->args[1] || (only && dev->ifindex != only))
			continue;
		if (dev->ifindex != cb->args[1])
			cb->args[2] = 0;
		cb->args[1] = dev->ifindex;
		if (dump_dev(skb, dev, &m, &cb->args[2]))
			return skb->len;
		cb->args[1] = dev->ifindex + 1;
		cb->args[2] = 0;
	}
	return 0;
}

static int rtnl_addr_init(void)
{
	rtnl_register(PF_INET, RTM_NEWADDR, inet_rtm_newaddr, NULL, 0);
	rtnl_register(PF_INET, RTM_DELADDR, inet_rtm_deladdr, NULL, 0);
	rtnl_register(PF_INET, RTM_GETADDR, NULL, inet_dump_ifaddr, 0);
	return register_inetaddr_notifier(&address_notifier);
}
fs_initcall(rtnl_addr_init);
