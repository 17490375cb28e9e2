/* SPDX-License-Identifier: MIT */
/*
 * fib_rules.c -- which table is asked: `ip rule`
 *
 * PROMISE.  The rules are tried by their priority, the lowest number first.
 * One whose conditions all hold names a table, which answers or not ("throw",
 * or no route there: the next rule's turn), or says no.
 *
 *	    0:  from all lookup local
 *	 1000:  from 10.1.0.0/16 fwmark 7 lookup 100     ip rule add ...
 *	32766:  from all lookup main
 *	32767:  from all lookup default
 *
 * IDEA.  Nearly every machine has just the three that it began with.  Then
 * fib_lookup() asks the two tables by their pointers and never comes here;
 * the first change of the rules sets fib_has_rules, for good.
 *
 * LOCKING.  rtnl for changes, RCU for lookups.
 *
 * SEE ip-rule(8); fib_frontend.c; docs/118-policy-routing.md.
 */

#include <net/ip_fib.h>

#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <net/inetdevice.h>
#include <net/netlink.h>
#include <net/route.h>
#include <net/rtnetlink.h>
#include <net/sock.h>
#include <uapi/fib_rules.h>

#include "fib.h"

/* [c] all, but list. */
struct fib_rule {
	struct list_head list;        /* [R] by priority */
	u32 priority, table, mark, mask;
	__be32 src, dst;
	u8 src_len, dst_len, tos, action, protocol, ip_proto;
	bool invert;
	int suppress_plen;            /* -1: none */
	struct fib_rule_port_range sport, dport;
	char iif[IFNAMSIZ], oif[IFNAMSIZ];
	struct rcu_head rcu;
};

static const struct nla_policy rule_policy[FRA_MAX + 1] = {
	[FRA_DST] = { NLA_U32, 0 },
	[FRA_SRC] = { NLA_U32, 0 },
	[FRA_IIFNAME] = { NLA_STRING, IFNAMSIZ - 1 },
	[FRA_OIFNAME] = { NLA_STRING, IFNAMSIZ - 1 },
	[FRA_PRIORITY] = { NLA_U32, 0 },
	[FRA_FWMARK] = { NLA_U32, 0 },
	[FRA_FWMASK] = { NLA_U32, 0 },
	[FRA_TABLE] = { NLA_U32, 0 },
	[FRA_SUPPRESS_PREFIXLEN] = { NLA_U32, 0 },
	[FRA_PROTOCOL] = { NLA_U8, 0 },
	[FRA_IP_PROTO] = { NLA_U8, 0 },
	[FRA_SPORT_RANGE] = { NLA_UNSPEC, sizeof(struct fib_rule_port_range) },
	[FRA_DPORT_RANGE] = { NLA_UNSPEC, sizeof(struct fib_rule_port_range) },
};

/* ---- asking ---- */

static bool is_device(struct net *net, const char *name, int index)
{
	struct net_device *dev = index ? dev_get_by_index_rcu(net, index)
				       : NULL;

	return !name[0] || (dev && !strcmp(dev->name, name));
}

static bool in_range(const struct fib_rule_port_range *r, __be16 port)
{
	return !r->end || (ntohs(port) >= r->start && ntohs(port) <= r->end);
}

static bool rule_holds(struct net *net, const struct fib_rule *r,
		       const struct flowi4 *fl4)
{
	bool holds =
		!((fl4->saddr ^ r->src) & inet_make_mask(r->src_len)) &&
		!((fl4->daddr ^ r->dst) & inet_make_mask(r->dst_len)) &&
		!((fl4->flowi4_mark ^ r->mark) & r->mask) &&
		(!r->tos || r->tos == fl4->flowi4_tos) &&
		(!r->ip_proto || r->ip_proto == fl4->flowi4_proto) &&
		in_range(&r->sport, fl4->fl4_sport) &&
		in_range(&r->dport, fl4->fl4_dport) &&
		is_device(net, r->iif, fl4->flowi4_iif) &&
		is_device(net, r->oif, fl4->flowi4_oif);

	return holds != r->invert;
}

/* What the rule's table says; -EAGAIN: the next rule. */
static int ask(struct net *net, const struct fib_rule *r,
	       const struct flowi4 *fl4, struct fib_result *res, int flags)
{
	struct fib_table *tb;
	int err = -EAGAIN;

	switch (r->action) {
	case FR_ACT_TO_TBL:
		break;
	case FR_ACT_UNREACHABLE:
		return -ENETUNREACH;
	case FR_ACT_PROHIBIT:
		return -EACCES;
	default:
		return -EINVAL;
	}
	tb = fib_get_table(net, r->table);
	if (tb)
		err = fib_table_lookup(tb, fl4, res, flags);
	if (!err && res->prefixlen <= r->suppress_plen)
		err = -EAGAIN;
	return err;
}

int fib_rules_lookup(struct net *net, const struct flowi4 *fl4,
		     struct fib_result *res, int flags)
{
	struct fib_rule *r;

	list_for_each_entry_rcu(r, &net->ipv4.fib_rules, list) {
		int err = rule_holds(net, r, fl4) ? ask(net, r, fl4, res, flags)
						  : -EAGAIN;

		if (err != -EAGAIN)
			return err;
	}
	return -ENETUNREACH;
}

/* ---- writing one ---- */

static int put_name(struct sk_buff *skb, struct net *net, int attr,
		    const char *name, u32 *flags, u32 detached)
{
	if (!name[0])
		return 0;
	if (!__dev_get_by_name(net, name))
		*flags |= detached;
	return nla_put_string(skb, attr, name);
}

static int put_range(struct sk_buff *skb, int attr,
		     const struct fib_rule_port_range *r)
{
	return r->end ? nla_put(skb, attr, sizeof(*r), r) : 0;
}

static int put_conditions(struct sk_buff *skb, struct net *net,
			  const struct fib_rule *r, u32 *flags)
{
	return (r->src_len && nla_put_in_addr(skb, FRA_SRC, r->src)) ||
	       (r->dst_len && nla_put_in_addr(skb, FRA_DST, r->dst)) ||
	       put_name(skb, net, FRA_IIFNAME, r->iif, flags,
			FIB_RULE_IIF_DETACHED) ||
	       put_name(skb, net, FRA_OIFNAME, r->oif, flags,
			FIB_RULE_OIF_DETACHED) ||
	       (r->mask && (nla_put_u32(skb, FRA_FWMARK, r->mark) ||
			    nla_put_u32(skb, FRA_FWMASK, r->mask))) ||
	       (r->ip_proto && nla_put_u8(skb, FRA_IP_PROTO, r->ip_proto)) ||
	       put_range(skb, FRA_SPORT_RANGE, &r->sport) ||
	       put_range(skb, FRA_DPORT_RANGE, &r->dport);
}

static int fill_rule(struct sk_buff *skb, struct net *net,
		     const struct fib_rule *r, struct nlmsghdr *nlh)
{
	struct fib_rule_hdr *frh;
	u32 flags = r->invert ? FIB_RULE_INVERT : 0;

	if (!nlh)
		return -EMSGSIZE;
	frh = nlmsg_data(nlh);
	*frh = (struct fib_rule_hdr){
		.family = AF_INET, .action = r->action, .tos = r->tos,
		.table = r->table < 256 ? r->table : RT_TABLE_COMPAT,
		.src_len = r->src_len, .dst_len = r->dst_len };
	if (nla_put_u32(skb, FRA_TABLE, r->table) ||
	    nla_put_u32(skb, FRA_SUPPRESS_PREFIXLEN, r->suppress_plen) ||
	    nla_put_u8(skb, FRA_PROTOCOL, r->protocol) ||
	    (r->priority && nla_put_u32(skb, FRA_PRIORITY, r->priority)) ||
	    put_conditions(skb, net, r, &flags)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	frh->flags = flags;
	nlmsg_end(skb, nlh);
	return 0;
}

static void tell(struct net *net, const struct fib_rule *r, int type)
{
	struct sk_buff *skb;

	if (!netlink_has_listeners(net->rtnl, RTNLGRP_IPV4_RULE))
		return;
	skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb || fill_rule(skb, net, r, nlmsg_put(skb, 0, 0, type,
					sizeof(struct fib_rule_hdr), 0))) {
		kfree_skb(skb);
		rtnl_set_sk_err(net, RTNLGRP_IPV4_RULE, -ENOBUFS);
		return;
	}
	rtnl_notify(skb, net, 0, RTNLGRP_IPV4_RULE, NULL, GFP_KERNEL);
}

/* args[1]: rules that were shown. */
static int dump_rules(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net *net = sock_net(skb->sk);
	struct fib_rule *r;
	long n = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(r, &net->ipv4.fib_rules, list) {
		if (n++ < cb->args[1])
			continue;
		if (fill_rule(skb, net, r, nlmsg_put_answer(skb, cb,
				RTM_NEWRULE, sizeof(struct fib_rule_hdr),
				NLM_F_MULTI)))
			break;
		cb->args[1] = n;
	}
	rcu_read_unlock();
	return skb->len;
}

/* ---- reading one ---- */

static int read_range(struct fib_rule_port_range *to, const struct nlattr *nla)
{
	if (!nla)
		return 0;
	memcpy(to, nla_data(nla), sizeof(*to));
	return to->start && to->start <= to->end && to->end < 0xffff ? 0
								     : -EINVAL;
}

static int read_numbers(struct fib_rule *r, struct nlattr **tb)
{
	if (tb[FRA_PRIORITY])
		r->priority = nla_get_u32(tb[FRA_PRIORITY]);
	if (tb[FRA_TABLE])
		r->table = nla_get_u32(tb[FRA_TABLE]);
	if (tb[FRA_SUPPRESS_PREFIXLEN])
		r->suppress_plen = nla_get_u32(tb[FRA_SUPPRESS_PREFIXLEN]);
	if (tb[FRA_PROTOCOL])
		r->protocol = nla_get_u8(tb[FRA_PROTOCOL]);
	if (tb[FRA_IP_PROTO])
		r->ip_proto = nla_get_u8(tb[FRA_IP_PROTO]);
	if (tb[FRA_FWMARK]) {
		r->mark = nla_get_u32(tb[FRA_FWMARK]);
		r->mask = 0xffffffff;
	}
	if (tb[FRA_FWMASK])
		r->mask = nla_get_u32(tb[FRA_FWMASK]);
	return read_range(&r->sport, tb[FRA_SPORT_RANGE]) ?:
	       read_range(&r->dport, tb[FRA_DPORT_RANGE]);
}

static int read_rule(struct nlmsghdr *nlh, struct fib_rule *r,
		     struct nlattr **tb, struct netlink_ext_ack *extack)
{
	const struct fib_rule_hdr *frh = nlmsg_data(nlh);
	int err = nlmsg_parse(nlh, sizeof(*frh), tb, FRA_MAX, rule_policy,
			      extack);

	if (err)
		return err;
	if (tb[FRA_GOTO] || tb[FRA_FLOW] || tb[FRA_TUN_ID] || tb[FRA_L3MDEV] ||
	    tb[FRA_UID_RANGE] || frh->action == FR_ACT_GOTO ||
	    frh->action == FR_ACT_NOP) {
		NL_SET_ERR_MSG(extack, "Kind of rule is not supported");
		return -EOPNOTSUPP;
	}
	if (frh->src_len > 32 || frh->dst_len > 32 ||
	    (frh->src_len && !tb[FRA_SRC]) || (frh->dst_len && !tb[FRA_DST]) ||
	    (frh->tos & ~IPTOS_TOS_MASK) || frh->action > FR_ACT_MAX)
		return -EINVAL;
	r->action = frh->action;
	r->tos = frh->tos;
	r->table = frh->table;
	r->invert = frh->flags & FIB_RULE_INVERT;
	r->src_len = frh->src_len;
	r->dst_len = frh->dst_len;
	r->suppress_plen = -1;
	if (tb[FRA_SRC])
		r->src = nla_get_in_addr(tb[FRA_SRC]);
	if (tb[FRA_DST])
		r->dst = nla_get_in_addr(tb[FRA_DST]);
	if (tb[FRA_IIFNAME])
		nla_strscpy(r->iif, tb[FRA_IIFNAME], IFNAMSIZ);
	if (tb[FRA_OIFNAME])
		nla_strscpy(r->oif, tb[FRA_OIFNAME], IFNAMSIZ);
	return read_numbers(r, tb);
}

/* ---- changes: rtnl ---- */

static void link_rule(struct net *net, struct fib_rule *new)
{
	struct list_head *at = &net->ipv4.fib_rules;
	struct fib_rule *r;

	list_for_each_entry(r, &net->ipv4.fib_rules, list) {
		if (r->priority > new->priority)
			break;
		at = &r->list;
	}
	list_add_rcu(&new->list, at);
}

static bool same_range(const struct fib_rule_port_range *a,
		       const struct fib_rule_port_range *b)
{
	return a->start == b->start && a->end == b->end;
}

static bool same_conditions(const struct fib_rule *a, const struct fib_rule *b)
{
	return a->action == b->action && a->table == b->table &&
	       a->mark == b->mark && a->mask == b->mask && a->tos == b->tos &&
	       a->src == b->src && a->src_len == b->src_len &&
	       a->dst == b->dst && a->dst_len == b->dst_len &&
	       a->ip_proto == b->ip_proto && a->invert == b->invert &&
	       a->suppress_plen == b->suppress_plen &&
	       same_range(&a->sport, &b->sport) &&
	       same_range(&a->dport, &b->dport) &&
	       !strcmp(a->iif, b->iif) && !strcmp(a->oif, b->oif);
}

static bool exists(struct net *net, const struct fib_rule *new)
{
	struct fib_rule *r;

	list_for_each_entry(r, &net->ipv4.fib_rules, list)
		if (r->priority == new->priority && same_conditions(r, new))
			return true;
	return false;
}

/* One that names no priority goes before the second there is. */
static u32 free_priority(struct net *net)
{
	struct fib_rule *r;
	int n = 0;

	list_for_each_entry(r, &net->ipv4.fib_rules, list)
		if (n++ == 1 && r->priority)
			return r->priority - 1;
	return 0;
}

static int fib_newrule(struct sk_buff *skb, struct nlmsghdr *nlh,
		       struct netlink_ext_ack *extack)
{
	struct net *net = sock_net(NETLINK_CB(skb).sk);
	struct fib_rule *r = kzalloc(sizeof(*r), GFP_KERNEL);
	struct nlattr *tb[FRA_MAX + 1];
	int err = r ? read_rule(nlh, r, tb, extack) : -ENOMEM;

	if (!err && (!r->action || (r->action == FR_ACT_TO_TBL && !r->table)))
		err = -EINVAL;
	if (!err && !tb[FRA_PRIORITY])
		r->priority = free_priority(net);
	if (!err && (nlh->nlmsg_flags & NLM_F_EXCL) && exists(net, r))
		err = -EEXIST;
	if (err) {
		kfree(r);
		return err;
	}
	link_rule(net, r);
	WRITE_ONCE(net->ipv4.fib_has_rules, true);
	rt_cache_flush(net);
	tell(net, r, RTM_NEWRULE);
	return 0;
}

/* Is r what was asked for?  What was not named may be anything. */
static bool meant(const struct fib_rule *r, const struct fib_rule *asked,
		  struct nlattr **tb)
{
	return (!asked->action || r->action == asked->action) &&
	       (!asked->table || r->table == asked->table) &&
	       (!asked->tos || r->tos == asked->tos) &&
	       (!tb[FRA_PRIORITY] || r->priority == asked->priority) &&
	       (!tb[FRA_SRC] || (r->src == asked->src &&
				 r->src_len == asked->src_len)) &&
	       (!tb[FRA_DST] || (r->dst == asked->dst &&
				 r->dst_len == asked->dst_len)) &&
	       (!tb[FRA_FWMARK] || r->mark == asked->mark) &&
	       (!tb[FRA_FWMASK] || r->mask == asked->mask) &&
	       (!tb[FRA_IIFNAME] || !strcmp(r->iif, asked->iif)) &&
	       (!tb[FRA_OIFNAME] || !strcmp(r->oif, asked->oif)) &&
	       (!tb[FRA_IP_PROTO] || r->ip_proto == asked->ip_proto) &&
	       (!tb[FRA_PROTOCOL] || r->protocol == asked->protocol) &&
	       (!tb[FRA_SPORT_RANGE] || same_range(&r->sport, &asked->sport)) &&
	       (!tb[FRA_DPORT_RANGE] || same_range(&r->dport, &asked->dport)) &&
	       r->invert == asked->invert;
}

static int fib_delrule(struct sk_buff *skb, struct nlmsghdr *nlh,
		       struct netlink_ext_ack *extack)
{
	struct net *net = sock_net(NETLINK_CB(skb).sk);
	struct nlattr *tb[FRA_MAX + 1];
	struct fib_rule asked = { 0 }, *r;
	int err = read_rule(nlh, &asked, tb, extack);

	if (err)
		return err;
	list_for_each_entry(r, &net->ipv4.fib_rules, list) {
		if (!meant(r, &asked, tb))
			continue;
		list_del_rcu(&r->list);
		WRITE_ONCE(net->ipv4.fib_has_rules, true);
		rt_cache_flush(net);
		tell(net, r, RTM_DELRULE);
		kfree_rcu(r, rcu);
		return 0;
	}
	return -ENOENT;
}

/* ---- a network of its own ---- */

void fib_rules_exit(struct net *net)
{
	struct fib_rule *r, *next;

	list_for_each_entry_safe(r, next, &net->ipv4.fib_rules, list) {
		list_del_rcu(&r->list);
		kfree_rcu(r, rcu);
	}
}

int fib_rules_init(struct net *net)
{
	static const u32 first[][2] = { { 0, RT_TABLE_LOCAL },
		{ 32766, RT_TABLE_MAIN }, { 32767, RT_TABLE_DEFAULT } };

	INIT_LIST_HEAD(&net->ipv4.fib_rules);
	for (unsigned int i = 0; i < ARRAY_SIZE(first); i++) {
		struct fib_rule *r = kzalloc(sizeof(*r), GFP_KERNEL);

		if (!r) {
			fib_rules_exit(net);
			return -ENOMEM;
		}
		r->priority = first[i][0];
		r->table = first[i][1];
		r->action = FR_ACT_TO_TBL;
		r->protocol = RTPROT_KERNEL;
		r->suppress_plen = -1;
		list_add_tail(&r->list, &net->ipv4.fib_rules);
	}
	return 0;
}

static int rules_register(void)
{
	rtnl_register(PF_INET, RTM_NEWRULE, fib_newrule, NULL, 0);
	rtnl_register(PF_INET, RTM_DELRULE, fib_delrule, NULL, 0);
	rtnl_register(PF_INET, RTM_GETRULE, NULL, dump_rules, 0);
	return 0;
}
fs_initcall(rules_register);
