/* SPDX-License-Identifier: MIT */
/*
 * rtnetlink.c -- NETLINK_ROUTE: who answers which message
 *
 * IDEA.  Message types come in fours (NEW, DEL, GET, SET); a subsystem
 * registers a function for each type and address family.  Everything but GET
 * changes the network and wants CAP_NET_ADMIN; a GET with NLM_F_DUMP is a list.
 * A family that registered nothing is served by PF_UNSPEC, which for lists
 * means: ask all families in turn.
 *
 *	ip addr add ... -> RTM_NEWADDR, AF_INET -> inet_rtm_newaddr
 *	ip addr         -> RTM_GETADDR dump     -> inet_dump_ifaddr
 *
 * LOCKING.  All handlers run with rtnl_mutex held.  The table is written by
 * initcalls only.
 *
 * SEE rtnetlink(7); rtnl_link.c, net/ipv4/rtnl_*.c.
 */

#include <net/rtnetlink.h>

#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/panic.h>
#include <mm/slab.h>
#include <net/netlink.h>
#include <net/sock.h>

struct rtnl_handler {
	rtnl_doit_func doit;
	rtnl_dumpit_func dumpit;
};

#define RTNL_FAMILIES (AF_PACKET + 1)

static struct rtnl_handler *handlers[RTNL_FAMILIES];

void rtnl_register(int family, int msgtype, rtnl_doit_func doit,
		   rtnl_dumpit_func dumpit, unsigned int flags)
{
	struct rtnl_handler *h;

	if (WARN_ON(family >= RTNL_FAMILIES || msgtype < RTM_BASE ||
		    msgtype > RTM_MAX))
		return;
	if (!handlers[family]) {
		h = kcalloc(RTM_NR_MSGTYPES, sizeof(*h), GFP_KERNEL);
		if (!h)
			panic("rtnetlink: no memory at boot");
		smp_store_release(&handlers[family], h);
	}
	h = &handlers[family][msgtype - RTM_BASE];
	if (doit)
		h->doit = doit;
	if (dumpit)
		h->dumpit = dumpit;
}

/* Who answers type; NULL: nobody.  `dump`: who lists it. */
static const struct rtnl_handler *find(int family, int type, bool dump)
{
	const struct rtnl_handler *h = NULL;

	if (family < RTNL_FAMILIES && handlers[family])
		h = &handlers[family][type];
	if (h && (dump ? (void *)h->dumpit : (void *)h->doit))
		return h;
	h = handlers[PF_UNSPEC] ? &handlers[PF_UNSPEC][type] : NULL;
	return h && (dump ? (void *)h->dumpit : (void *)h->doit) ? h : NULL;
}

/* ---- what a list of all families is ---- */

/* args[0]: which one we are in; its own notes are behind. */
static int dump_all(struct sk_buff *skb, struct netlink_callback *cb)
{
	int type = cb->nlh->nlmsg_type - RTM_BASE;
	int wanted = ((struct rtgenmsg *)nlmsg_data(cb->nlh))->rtgen_family;
	int err = 0;

	for (int f = max_t(int, cb->args[0], 1); f < RTNL_FAMILIES; f++) {
		if (f == PF_PACKET || (wanted && f != wanted) ||
		    !handlers[f] || !handlers[f][type].dumpit)
			continue;
		if (f != cb->args[0]) {
			memset(&cb->args[1], 0,
			       sizeof(cb->args) - sizeof(cb->args[0]));
			cb->prev_seq = cb->seq = 0;
			cb->args[0] = f;
		}
		err = handlers[f][type].dumpit(skb, cb);
		if (err)
			return err;
		cb->args[0] = f + 1;
		memset(&cb->args[1], 0,
		       sizeof(cb->args) - sizeof(cb->args[0]));
	}
	return err;
}

static int locked_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	rtnl_dumpit_func dumpit = cb->data;
	int err;

	rtnl_lock();
	err = dumpit(skb, cb);
	rtnl_unlock();
	return err;
}

/* ---- requests ---- */

enum { KIND_NEW, KIND_DEL, KIND_GET, KIND_SET };

static int rtnetlink_rcv_msg(struct sk_buff *skb, struct nlmsghdr *nlh,
			     struct netlink_ext_ack *extack)
{
	struct net *net = sock_net(NETLINK_CB(skb).sk);
	int type = nlh->nlmsg_type - RTM_BASE, kind = type & 3, family, err;
	struct netlink_dump_control c = { .dump = locked_dump };
	const struct rtnl_handler *h;

	if (type < 0 || nlh->nlmsg_type > RTM_MAX)
		return -EOPNOTSUPP;
	if (nlmsg_len(nlh) < (int)sizeof(struct rtgenmsg))
		return 0;
	family = ((struct rtgenmsg *)nlmsg_data(nlh))->rtgen_family;
	if (kind != KIND_GET && !netlink_net_capable(skb, CAP_NET_ADMIN))
		return -EPERM;
	if (kind == KIND_GET && (nlh->nlmsg_flags & NLM_F_DUMP)) {
		h = find(family, type, true);
		if (!h)
			return -EOPNOTSUPP;
		c.data = h->dumpit;
		return netlink_dump_start(net->rtnl, skb, nlh, &c);
	}
	h = find(family, type, false);
	if (!h)
		return -EOPNOTSUPP;
	rtnl_lock();
	err = h->doit(skb, nlh, extack);
	rtnl_unlock();
	return err;
}

static void rtnetlink_rcv(struct sk_buff *skb)
{
	netlink_rcv_skb(skb, rtnetlink_rcv_msg);
}

/* ---- telling ---- */

void rtnl_notify(struct sk_buff *skb, struct net *net, u32 portid, u32 group,
		 const struct nlmsghdr *nlh, gfp_t gfp)
{
	bool echo = nlh && (nlh->nlmsg_flags & NLM_F_ECHO);

	if (echo)
		refcount_inc(&skb->users);
	netlink_broadcast(net->rtnl, skb, portid, group, gfp);
	if (echo)
		netlink_unicast(net->rtnl, skb, portid, MSG_DONTWAIT);
}

void rtnl_set_sk_err(struct net *net, u32 group, int error)
{
	netlink_set_err(net->rtnl, 0, group, error);
}

int rtnl_unicast(struct sk_buff *skb, struct net *net, u32 portid)
{
	int err = netlink_unicast(net->rtnl, skb, portid, MSG_DONTWAIT);

	return err > 0 ? 0 : err;
}

/* ---- the kernel's end, one of each network ---- */

static int rtnetlink_net_init(struct net *net)
{
	struct netlink_kernel_cfg cfg = {
		.groups = RTNLGRP_MAX, .input = rtnetlink_rcv,
		.flags = NL_CFG_F_NONROOT_RECV };

	net->rtnl = netlink_kernel_create(net, NETLINK_ROUTE, &cfg);
	return net->rtnl ? 0 : -ENOMEM;
}

static void rtnetlink_net_exit(struct net *net)
{
	netlink_kernel_release(net->rtnl);
	net->rtnl = NULL;
}

static struct pernet_operations rtnetlink_net_ops = {
	.init = rtnetlink_net_init,
	.exit = rtnetlink_net_exit,
};

static int rtnetlink_init(void)
{
	static const int lists[] = { RTM_GETADDR, RTM_GETROUTE, RTM_GETRULE,
				     RTM_GETNETCONF };

	for (unsigned int i = 0; i < ARRAY_SIZE(lists); i++)
		rtnl_register(PF_UNSPEC, lists[i], NULL, dump_all, 0);
	return register_pernet_subsys(&rtnetlink_net_ops);
}
/* Behind netlink itself, before the devices come. */
fs_initcall(rtnetlink_init);
