/* SPDX-License-Identifier: MIT */
/*
 * sch_api.c -- RTM_*QDISC: `tc qdisc` shows, adds, changes, deletes
 *
 * IDEA.  A device has one root.  By default it is "mq" with one discipline for
 * each queue (or that discipline itself, if there is one queue), handle 0; what
 * an administrator puts in its place has a handle of its own and stands before
 * all queues.  Classes and filters there are none: their lists are empty.
 *
 * LOCKING.  rtnl for everything; q->lock around a change of a running one's
 * numbers is the discipline's.
 *
 * SEE tc(8), rtnetlink(7); docs/110-qdiscs-fq-codel.md.
 */

#include <net/sch_generic.h>

#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/netlink.h>
#include <net/sock.h>
#include <uapi/pkt_sched.h>

#define XSTATS_ROOM 64
#define FIRST_AUTO_HANDLE 0x80010000u

static const struct nla_policy tca_policy[TCA_MAX + 1] = {
	[TCA_KIND] = { NLA_STRING, 0 },
	[TCA_RATE] = { NLA_BINARY, 64 },
};

/* ---- writing ---- */

struct qdisc_sums {
	u64 bytes, packets;
	struct gnet_stats_queue queue;
};

static void add_stats(struct qdisc_sums *s, struct Qdisc *q)
{
	if (!q->ops->enqueue)
		return;
	spin_lock_bh(&q->lock);
	s->bytes += q->bytes;
	s->packets += q->packets;
	s->queue.qlen += q->qlen;
	s->queue.backlog += q->backlog;
	s->queue.drops += q->qstats.drops;
	s->queue.requeues += q->qstats.requeues;
	s->queue.overlimits += q->qstats.overlimits;
	spin_unlock_bh(&q->lock);
}

static int put_stats(struct sk_buff *skb, const struct qdisc_sums *s,
		     const void *xstats, int xlen)
{
	struct gnet_stats_basic basic = { s->bytes, s->packets };
	struct tc_stats old = {
		.bytes = s->bytes, .packets = s->packets,
		.drops = s->queue.drops, .overlimits = s->queue.overlimits,
		.qlen = s->queue.qlen, .backlog = s->queue.backlog };
	struct nlattr *nest = nla_nest_start_noflag(skb, TCA_STATS2);

	if (!nest ||
	    nla_put_64bit(skb, TCA_STATS_BASIC, sizeof(basic), &basic,
			  TCA_STATS_PAD) ||
	    nla_put(skb, TCA_STATS_QUEUE, sizeof(s->queue), &s->queue) ||
	    (xlen && nla_put(skb, TCA_STATS_APP, xlen, xstats)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	if (nla_put_64bit(skb, TCA_STATS, sizeof(old), &old, TCA_PAD))
		return -EMSGSIZE;
	return xlen ? nla_put(skb, TCA_XSTATS, xlen, xstats) : 0;
}

/* One line of `tc qdisc`: q, or the whole device's as mq (q == NULL). */
struct qdisc_line {
	struct net_device *dev;
	struct Qdisc *q;
	u32 portid, seq;
	int type, flags;
};

static int put_line(struct sk_buff *skb, const struct qdisc_line *l)
{
	struct net_device *dev = l->dev;
	struct qdisc_sums sums = { 0 };
	char xstats[XSTATS_ROOM];
	int xlen = 0;

	if (nla_put_string(skb, TCA_KIND, l->q ? l->q->ops->id : "mq"))
		return -EMSGSIZE;
	if (l->q && l->q->ops->dump && l->q->ops->dump(l->q, skb))
		return -EMSGSIZE;
	if (nla_put_u8(skb, TCA_HW_OFFLOAD, 0))
		return -EMSGSIZE;
	if (l->q) {
		add_stats(&sums, l->q);
		if (l->q->ops->dump_stats)
			xlen = l->q->ops->dump_stats(l->q, xstats,
						     sizeof(xstats));
	} else {
		for (unsigned int i = 0; i < dev->num_tx_queues; i++)
			add_stats(&sums, dev->_tx[i].qdisc_sleeping);
	}
	return put_stats(skb, &sums, xstats, xlen);
}

/* How many hold it, as Linux counts: the device, and each queue. */
static u32 shown_refs(const struct qdisc_line *l)
{
	if (l->q && l->q->parent != TC_H_ROOT)
		return 1;
	return 1 + (l->q ? l->dev->num_tx_queues : 0);
}

static int fill_line(struct sk_buff *skb, const struct qdisc_line *l)
{
	struct nlmsghdr *nlh;
	struct tcmsg *tcm;

	nlh = nlmsg_put(skb, l->portid, l->seq, l->type, sizeof(*tcm),
			l->flags);
	if (!nlh)
		return -EMSGSIZE;
	tcm = nlmsg_data(nlh);
	*tcm = (struct tcmsg){
		.tcm_ifindex = l->dev->ifindex,
		.tcm_handle = l->q ? l->q->handle : 0,
		.tcm_parent = l->q ? l->q->parent : TC_H_ROOT,
		.tcm_info = shown_refs(l) };
	if (put_line(skb, l)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return 0;
}

static void notify(struct sk_buff *in, const struct nlmsghdr *nlh,
		   const struct qdisc_line *l)
{
	struct net *net = dev_net(l->dev);
	struct sk_buff *skb = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);

	if (!skb)
		return;
	memset(&NETLINK_CB(skb), 0, sizeof(NETLINK_CB(skb)));
	if (fill_line(skb, l))
		kfree_skb(skb);
	else
		rtnl_notify(skb, net, NETLINK_CB(in).portid, RTNLGRP_TC, nlh,
			    GFP_KERNEL);
}

/* ---- lists ---- */

/* The n-th line of a device; false: it has fewer. */
static bool nth_line(struct net_device *dev, unsigned int n,
		     struct qdisc_line *l)
{
	bool mq = dev_qdisc_is_mq(dev);

	l->dev = dev;
	l->q = mq ? NULL : dev->qdisc;
	if (!n)
		return mq || l->q != &noop_qdisc;
	if (!mq || n > dev->num_tx_queues)
		return false;
	l->q = dev->_tx[n - 1].qdisc_sleeping;
	return true;
}

/* args[0]: device's place, [1]: line of it. */
static int dump_qdiscs(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct qdisc_line l = {
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq, .type = RTM_NEWQDISC,
		.flags = NLM_F_MULTI };
	struct net_device *dev;
	long place = 0;

	for_each_netdev(sock_net(skb->sk), dev) {
		if (place++ < cb->args[0])
			continue;
		for (; nth_line(dev, cb->args[1], &l); cb->args[1]++)
			if (fill_line(skb, &l))
				return skb->len;
		cb->args[0] = place;
		cb->args[1] = 0;
	}
	return 0;
}

static int dump_none(struct sk_buff *skb, struct netlink_callback *cb)
{
	return 0;
}

/* ---- requests ---- */

struct qdisc_request {
	struct net_device *dev;
	const struct tcmsg *tcm;
	struct nlattr *tca[TCA_MAX + 1];
	struct netlink_ext_ack *extack;
	unsigned int flags;
};

static int fail(struct qdisc_request *r, int err, const char *why)
{
	NL_SET_ERR_MSG(r->extack, why);
	return err;
}

static int parse(struct sk_buff *skb, struct nlmsghdr *nlh,
		 struct netlink_ext_ack *extack, struct qdisc_request *r)
{
	int err = nlmsg_parse(nlh, sizeof(*r->tcm), r->tca, TCA_MAX,
			      tca_policy, extack);

	if (err)
		return err;
	r->tcm = nlmsg_data(nlh);
	r->extack = extack;
	r->flags = nlh->nlmsg_flags;
	r->dev = __dev_get_by_index(sock_net(NETLINK_CB(skb).sk),
				    r->tcm->tcm_ifindex);
	return r->dev ? 0 : -ENODEV;
}

/* The root, if somebody put it there. */
static struct Qdisc *own_root(struct net_device *dev)
{
	struct Qdisc *q = dev_qdisc_is_mq(dev) ? NULL : dev->qdisc;

	return q && q != &noop_qdisc && q->handle ? q : NULL;
}

static bool kind_differs(const struct qdisc_request *r, const struct Qdisc *q)
{
	return r->tca[TCA_KIND] && nla_strcmp(r->tca[TCA_KIND], q->ops->id);
}

static u32 auto_handle(void)
{
	static u32 last = FIRST_AUTO_HANDLE - 0x10000;   /* rtnl */

	last += 0x10000;
	if (last < FIRST_AUTO_HANDLE)
		last = FIRST_AUTO_HANDLE;
	return last;
}

static int create(struct qdisc_request *r, struct Qdisc **made)
{
	const struct Qdisc_ops *ops = NULL;
	char kind[IFNAMSIZ];
	struct Qdisc *q;

	if (!(r->flags & NLM_F_CREATE))
		return fail(r, -ENOENT, "Qdisc not found. To create specify "
			    "NLM_F_CREATE flag");
	if (r->tca[TCA_KIND]) {
		if (nla_strscpy(kind, r->tca[TCA_KIND], sizeof(kind)) < 0)
			return fail(r, -EINVAL, "Invalid TCA_KIND");
		ops = qdisc_lookup_ops(kind);
	}
	if (!ops)
		return fail(r, -ENOENT, "Specified qdisc kind is unknown");
	q = qdisc_alloc(&r->dev->_tx[0], ops, r->tca[TCA_OPTIONS], r->extack);
	if (IS_ERR(q))
		return PTR_ERR(q);
	q->handle = r->tcm->tcm_handle ? r->tcm->tcm_handle : auto_handle();
	q->parent = TC_H_ROOT;
	*made = q;
	return dev_graft_root(r->dev, q);
}

static int change(struct qdisc_request *r, struct Qdisc *q)
{
	if (!q)
		return fail(r, -ENOENT, "Specified qdisc not found");
	if (r->flags & NLM_F_EXCL)
		return fail(r, -EEXIST,
			    "Exclusivity flag on, cannot modify");
	if (kind_differs(r, q))
		return fail(r, -EINVAL, "Invalid qdisc name");
	if (!r->tca[TCA_OPTIONS])
		return 0;
	if (!q->ops->change)
		return fail(r, -EINVAL,
			    "Change operation not supported by specified qdisc");
	return q->ops->change(q, r->tca[TCA_OPTIONS], r->extack);
}

/* Shall a new one be made (1), or q changed (0); or -errno. */
static int wants_new(struct qdisc_request *r, struct Qdisc *q)
{
	u32 handle = r->tcm->tcm_handle;
	unsigned int replace = NLM_F_CREATE | NLM_F_REPLACE;

	if (q && handle && q->handle == handle)
		return 0;
	if (!handle)
		return !q || ((r->flags & replace) == replace &&
			      ((r->flags & NLM_F_EXCL) || kind_differs(r, q)));
	if (q && !(r->flags & NLM_F_REPLACE))
		return fail(r, -EEXIST, "NLM_F_REPLACE needed to override");
	return TC_H_MIN(handle) ? fail(r, -EINVAL, "Invalid minor handle") : 1;
}

static int tc_modify_qdisc(struct sk_buff *skb, struct nlmsghdr *nlh,
			   struct netlink_ext_ack *extack)
{
	struct qdisc_request r = { 0 };
	struct Qdisc *q;
	int err = parse(skb, nlh, extack, &r);

	if (err)
		return err;
	if (r.tcm->tcm_parent && r.tcm->tcm_parent != TC_H_ROOT)
		return fail(&r, -ENOENT, "Failed to find specified qdisc");
	q = own_root(r.dev);
	if (r.tcm->tcm_parent == TC_H_ROOT) {
		err = wants_new(&r, q);
		if (err < 0)
			return err;
	} else if (!q || q->handle != r.tcm->tcm_handle) {
		return fail(&r, -ENOENT, "Specified qdisc not found");
	}
	err = err ? create(&r, &q) : change(&r, q);
	if (!err)
		notify(skb, nlh, &(struct qdisc_line){
			.dev = r.dev, .q = q, .seq = nlh->nlmsg_seq,
			.portid = NETLINK_CB(skb).portid,
			.type = RTM_NEWQDISC });
	return err;
}

/* The one that a GET or DEL names, into l: 0 or -errno. */
static int find_named(struct qdisc_request *r, struct qdisc_line *l)
{
	u32 parent = r->tcm->tcm_parent, handle = r->tcm->tcm_handle;

	if (parent && parent != TC_H_ROOT)
		return fail(r, -ENOENT, "Failed to find specified qdisc");
	if (!nth_line(r->dev, 0, l))
		return fail(r, -ENOENT, "Cannot find specified qdisc on "
			    "specified device");
	if (handle && (!l->q || l->q->handle != handle))
		return parent ? fail(r, -EINVAL, "Invalid handle") :
		       fail(r, -ENOENT, "Failed to find qdisc with specified "
			    "handle");
	if (l->q && kind_differs(r, l->q))
		return fail(r, -EINVAL, "Invalid qdisc name");
	return 0;
}

static int tc_del_qdisc(struct sk_buff *skb, struct nlmsghdr *nlh,
			struct netlink_ext_ack *extack)
{
	struct qdisc_line l = { .seq = nlh->nlmsg_seq, .type = RTM_DELQDISC,
				.portid = NETLINK_CB(skb).portid };
	struct qdisc_request r = { 0 };
	int err = parse(skb, nlh, extack, &r);

	if (!err)
		err = find_named(&r, &l);
	if (err)
		return err;
	if (!r.tcm->tcm_parent)
		return fail(&r, -EINVAL, "Classid cannot be zero");
	if (!l.q || !l.q->handle)
		return fail(&r, -ENOENT,
			    "Cannot delete qdisc with handle of zero");
	notify(skb, nlh, &l);
	return dev_graft_root(r.dev, NULL);
}

/* The answer goes to the group, and to who asks with NLM_F_ECHO: the ABI. */
static int tc_get_qdisc(struct sk_buff *skb, struct nlmsghdr *nlh,
			struct netlink_ext_ack *extack)
{
	struct qdisc_line l = { .seq = nlh->nlmsg_seq, .type = RTM_NEWQDISC,
				.portid = NETLINK_CB(skb).portid };
	struct qdisc_request r = { 0 };
	int err = parse(skb, nlh, extack, &r);

	if (!err)
		err = find_named(&r, &l);
	if (!err)
		notify(skb, nlh, &l);
	return err;
}

static int pktsched_init(void)
{
	rtnl_register(PF_UNSPEC, RTM_NEWQDISC, tc_modify_qdisc, NULL, 0);
	rtnl_register(PF_UNSPEC, RTM_DELQDISC, tc_del_qdisc, NULL, 0);
	rtnl_register(PF_UNSPEC, RTM_GETQDISC, tc_get_qdisc, dump_qdiscs, 0);
	rtnl_register(PF_UNSPEC, RTM_GETTCLASS, NULL, dump_none, 0);
	rtnl_register(PF_UNSPEC, RTM_GETTFILTER, NULL, dump_none, 0);
	return 0;
}
device_initcall(pktsched_init);
