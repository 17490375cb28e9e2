/* SPDX-License-Identifier: MIT */
/*
 * rtnl_route.c -- RTM_*ROUTE: the routing tables
 *
 *	ip route add default via 10.0.2.2    RTM_NEWROUTE
 *	ip route                             RTM_GETROUTE dump, table main
 *	ip route get 1.1.1.1                 RTM_GETROUTE, one answer
 *
 * What a route is made of is fib_semantics.c's; here it is translated, from
 * messages to a fib_config and from fib_alias to messages.
 *
 * LOCKING.  rtnl_mutex; a notifier tells of each route that came or went.
 *
 * SEE rtnetlink(7).
 */

#include <net/route.h>

#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/ip_fib.h>
#include <net/netlink.h>
#include <net/rtnetlink.h>
#include <net/sock.h>

static const struct nla_policy rta_policy[RTA_MAX + 1] = {
	[RTA_DST] = { NLA_U32, 0 },
	[RTA_SRC] = { NLA_U32, 0 },
	[RTA_IIF] = { NLA_U32, 0 },
	[RTA_OIF] = { NLA_U32, 0 },
	[RTA_GATEWAY] = { NLA_U32, 0 },
	[RTA_PRIORITY] = { NLA_U32, 0 },
	[RTA_PREFSRC] = { NLA_U32, 0 },
	[RTA_METRICS] = { NLA_NESTED, 0 },
	[RTA_MULTIPATH] = { NLA_UNSPEC, sizeof(struct rtnexthop) },
	[RTA_TABLE] = { NLA_U32, 0 },
	[RTA_MARK] = { NLA_U32, 0 },
	[RTA_UID] = { NLA_U32, 0 },
	[RTA_IP_PROTO] = { NLA_U8, 0 },
	[RTA_SPORT] = { NLA_U16, 0 },
	[RTA_DPORT] = { NLA_U16, 0 },
};

/* A message that is written: to whom, about which question. */
struct route_msg {
	u32 portid, seq;
	int type, flags;
};

/* ---- writing a route ---- */

static int put_metrics(struct sk_buff *skb, const u32 *mx)
{
	struct nlattr *nest = NULL;

	for (int i = 0; i < RTAX_MAX; i++) {
		if (!mx[i])
			continue;
		if (!nest)
			nest = nla_nest_start_noflag(skb, RTA_METRICS);
		if (!nest || nla_put_u32(skb, i + 1, mx[i]))
			return -EMSGSIZE;
	}
	if (nest)
		nla_nest_end(skb, nest);
	return 0;
}

static int put_nexthop(struct sk_buff *skb, const struct fib_nh *nh)
{
	if (nh->fib_nh_gw_family == AF_INET &&
	    nla_put_in_addr(skb, RTA_GATEWAY, nh->fib_nh_gw4))
		return -EMSGSIZE;
	if (nh->fib_nh_oif && nla_put_u32(skb, RTA_OIF, nh->fib_nh_oif))
		return -EMSGSIZE;
	return 0;
}

static int fill_route(struct sk_buff *skb, const struct fib_entry_info *e,
		      const struct route_msg *m)
{
	struct fib_info *fi = e->fa->fa_info;
	struct nlmsghdr *nlh = nlmsg_put(skb, m->portid, m->seq, m->type,
					 sizeof(struct rtmsg), m->flags);
	struct rtmsg *rtm;

	if (!nlh)
		return -EMSGSIZE;
	rtm = nlmsg_data(nlh);
	*rtm = (struct rtmsg){
		.rtm_family = AF_INET, .rtm_dst_len = e->dst_len,
		.rtm_tos = e->fa->fa_tos, .rtm_type = e->fa->fa_type,
		.rtm_table = e->tb->tb_id < 256 ? e->tb->tb_id
						: RT_TABLE_COMPAT,
		.rtm_protocol = fi->fib_protocol, .rtm_scope = fi->fib_scope,
		.rtm_flags = READ_ONCE(fi->fib_nh.fib_nh_flags) };
	if (nla_put_u32(skb, RTA_TABLE, e->tb->tb_id) ||
	    (e->dst_len && nla_put_in_addr(skb, RTA_DST, e->dst)) ||
	    (fi->fib_priority &&
	     nla_put_u32(skb, RTA_PRIORITY, fi->fib_priority)) ||
	    put_metrics(skb, fi->fib_mx) ||
	    (fi->fib_prefsrc &&
	     nla_put_in_addr(skb, RTA_PREFSRC, fi->fib_prefsrc)) ||
	    put_nexthop(skb, &fi->fib_nh)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return 0;
}

static int route_event(struct notifier_block *nb, unsigned long event,
		       void *ptr)
{
	struct fib_entry_info *e = ptr;
	struct route_msg m = { .type = event == FIB_EVENT_ENTRY_DEL ?
				       RTM_DELROUTE : RTM_NEWROUTE };
	struct net *net = e->tb->net;
	struct sk_buff *skb;

	if (!net->rtnl || !netlink_has_listeners(net->rtnl,
						 RTNLGRP_IPV4_ROUTE))
		return NOTIFY_DONE;
	skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb || fill_route(skb, e, &m)) {
		kfree_skb(skb);
		rtnl_set_sk_err(net, RTNLGRP_IPV4_ROUTE, -ENOBUFS);
		return NOTIFY_DONE;
	}
	rtnl_notify(skb, net, 0, RTNLGRP_IPV4_ROUTE, NULL, GFP_KERNEL);
	return NOTIFY_DONE;
}

static struct notifier_block route_notifier = { .notifier_call = route_event };

/* ---- RTM_NEWROUTE, RTM_DELROUTE ---- */

static int parse_metrics(struct fib_config *cfg, const struct nlattr *nest)
{
	struct nlattr *nla;
	int rem;

	nla_for_each_nested(nla, nest, rem) {
		int type = nla_type(nla);

		if (!type)
			continue;
		if (type > RTAX_MAX || type == RTAX_CC_ALGO)
			return -EINVAL;
		if (nla_len(nla) < (int)sizeof(u32))
			return -EINVAL;
		cfg->fc_mx[type - 1] = nla_get_u32(nla);
	}
	return 0;
}

/* One next hop is what there is: the list may hold just that. */
static int parse_multipath(struct fib_config *cfg, const struct nlattr *nla,
			   struct netlink_ext_ack *extack)
{
	const struct rtnexthop *nh = nla_data(nla);
	const struct nlattr *gw;
	int len = nla_len(nla);

	if (nh->rtnh_len < sizeof(*nh) || nh->rtnh_len > len)
		return -EINVAL;
	if (NLMSG_ALIGN(nh->rtnh_len) < (unsigned int)len) {
		NL_SET_ERR_MSG(extack, "One next hop a route is supported");
		return -EOPNOTSUPP;
	}
	cfg->fc_oif = nh->rtnh_ifindex;
	cfg->fc_flags |= nh->rtnh_flags;
	gw = nla_find((struct nlattr *)(nh + 1), nh->rtnh_len - sizeof(*nh),
		      RTA_GATEWAY);
	if (gw && nla_len(gw) >= 4) {
		cfg->fc_gw4 = nla_get_in_addr(gw);
		cfg->fc_gw_family = cfg->fc_gw4 ? AF_INET : 0;
	}
	return 0;
}

static int parse_attrs(struct fib_config *cfg, struct nlattr **tb,
		       struct netlink_ext_ack *extack)
{
	if (tb[RTA_VIA] || tb[RTA_ENCAP_TYPE] || tb[RTA_NH_ID]) {
		NL_SET_ERR_MSG(extack, "Kind of next hop is not supported");
		return -EOPNOTSUPP;
	}
	if (tb[RTA_DST])
		cfg->fc_dst = nla_get_in_addr(tb[RTA_DST]);
	if (tb[RTA_OIF])
		cfg->fc_oif = nla_get_u32(tb[RTA_OIF]);
	if (tb[RTA_GATEWAY]) {
		cfg->fc_gw4 = nla_get_in_addr(tb[RTA_GATEWAY]);
		cfg->fc_gw_family = cfg->fc_gw4 ? AF_INET : 0;
	}
	if (tb[RTA_PRIORITY])
		cfg->fc_priority = nla_get_u32(tb[RTA_PRIORITY]);
	if (tb[RTA_PREFSRC])
		cfg->fc_prefsrc = nla_get_in_addr(tb[RTA_PREFSRC]);
	if (tb[RTA_TABLE])
		cfg->fc_table = nla_get_u32(tb[RTA_TABLE]);
	if (tb[RTA_METRICS] && parse_metrics(cfg, tb[RTA_METRICS]))
		return -EINVAL;
	if (tb[RTA_MULTIPATH])
		return parse_multipath(cfg, tb[RTA_MULTIPATH], extack);
	return 0;
}

static int parse_route(struct nlmsghdr *nlh, struct fib_config *cfg,
		       struct netlink_ext_ack *extack)
{
	struct nlattr *tb[RTA_MAX + 1];
	struct rtmsg *rtm;
	int err;

	err = nlmsg_parse(nlh, sizeof(*rtm), tb, RTA_MAX, rta_policy, extack);
	if (err)
		return err;
	rtm = nlmsg_data(nlh);
	memset(cfg, 0, sizeof(*cfg));
	cfg->fc_dst_len = rtm->rtm_dst_len;
	cfg->fc_tos = rtm->rtm_tos;
	cfg->fc_table = rtm->rtm_table;
	cfg->fc_protocol = rtm->rtm_protocol;
	cfg->fc_scope = rtm->rtm_scope;
	cfg->fc_type = rtm->rtm_type;
	cfg->fc_flags = rtm->rtm_flags;
	cfg->fc_nlflags = nlh->nlmsg_flags;
	if (rtm->rtm_dst_len > 32 || rtm->rtm_type > RTN_MAX) {
		NL_SET_ERR_MSG(extack, rtm->rtm_dst_len > 32 ?
			       "Invalid prefix length" : "Invalid route type");
		return -EINVAL;
	}
	return parse_attrs(cfg, tb, extack);
}

static int inet_rtm_newroute(struct sk_buff *skb, struct nlmsghdr *nlh,
			     struct netlink_ext_ack *extack)
{
	struct net *net = sock_net(NETLINK_CB(skb).sk);
	struct fib_config cfg;
	struct fib_table *tb;
	int err = parse_route(nlh, &cfg, extack);

	if (err)
		return err;
	tb = fib_new_table(net, cfg.fc_table ? cfg.fc_table : RT_TABLE_MAIN);
	return tb ? fib_table_insert(net, tb, &cfg, extack) : -ENOBUFS;
}

static int inet_rtm_delroute(struct sk_buff *skb, struct nlmsghdr *nlh,
			     struct netlink_ext_ack *extack)
{
	struct net *net = sock_net(NETLINK_CB(skb).sk);
	struct fib_config cfg;
	struct fib_table *tb;
	int err = parse_route(nlh, &cfg, extack);

	if (err)
		return err;
	tb = fib_get_table(net, cfg.fc_table ? cfg.fc_table : RT_TABLE_MAIN);
	if (!tb) {
		NL_SET_ERR_MSG(extack, "FIB table does not exist");
		return -ESRCH;
	}
	return fib_table_delete(net, tb, &cfg, extack);
}

/* ---- RTM_GETROUTE: all ---- */

struct route_dump {
	struct sk_buff *skb;
	struct route_msg m;
	u32 table;                    /* 0: all */
	u8 protocol, type;            /* 0: all */
	int oif;
	long skip, shown;
};

static int dump_one(struct fib_table *tb, __be32 dst, int plen,
		    struct fib_alias *fa, void *arg)
{
	struct fib_entry_info e = { tb, dst, plen, fa };
	struct route_dump *d = arg;

	if ((d->protocol && fa->fa_info->fib_protocol != d->protocol) ||
	    (d->type && fa->fa_type != d->type) ||
	    (d->oif && fa->fa_info->fib_nh.fib_nh_oif != d->oif))
		return 0;
	if (d->shown < d->skip) {
		d->shown++;
		return 0;
	}
	if (fill_route(d->skb, &e, &d->m))
		return -EMSGSIZE;
	d->shown++;
	return 0;
}

static int dump_table(struct fib_table *tb, void *arg)
{
	struct route_dump *d = arg;

	if (d->table && tb->tb_id != d->table)
		return 0;
	return fib_table_walk(tb, dump_one, d);
}

/* What a strict program asks for; 0 or -errno. */
static int dump_filter(struct route_dump *d, struct net *net,
		       struct netlink_callback *cb)
{
	struct nlattr *tb[RTA_MAX + 1];
	struct rtmsg *rtm;
	int err;

	err = nlmsg_parse(cb->nlh, sizeof(*rtm), tb, RTA_MAX, rta_policy,
			  cb->extack);
	if (err)
		return err;
	rtm = nlmsg_data(cb->nlh);
	d->table = tb[RTA_TABLE] ? nla_get_u32(tb[RTA_TABLE])
				 : rtm->rtm_table;
	d->protocol = rtm->rtm_protocol;
	d->type = rtm->rtm_type;
	if (tb[RTA_OIF]) {
		d->oif = nla_get_u32(tb[RTA_OIF]);
		if (!__dev_get_by_index(net, d->oif))
			return -ENODEV;
	}
	if (d->table || d->protocol || d->type || d->oif)
		d->m.flags |= NLM_F_DUMP_FILTERED;
	if (d->table && !fib_get_table(net, d->table)) {
		NL_SET_ERR_MSG(cb->extack, "ipv4: FIB table does not exist");
		return -ENOENT;
	}
	return 0;
}

/* args[1]: routes that were shown. */
static int inet_dump_fib(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct net *net = sock_net(skb->sk);
	struct route_dump d = { .skb = skb, .skip = cb->args[1] };
	struct rtmsg *rtm = nlmsg_data(cb->nlh);
	int err;

	d.m = (struct route_msg){ NETLINK_CB(cb->skb).portid,
				  cb->nlh->nlmsg_seq, RTM_NEWROUTE,
				  NLM_F_MULTI };
	if (cb->strict_check) {
		err = dump_filter(&d, net, cb);
		if (err)
			return err;
	}
	/* Routes that sockets use on their way are not listed. */
	if (nlmsg_len(cb->nlh) >= (int)sizeof(*rtm) &&
	    (rtm->rtm_flags & RTM_F_CLONED))
		return 0;
	err = fib_for_each_table(net, dump_table, &d);
	cb->args[1] = d.shown;
	return err == -EMSGSIZE && skb->len ? (int)skb->len : err;
}

/* ---- RTM_GETROUTE: which way would a packet go? ---- */

/* Whose answer it was: the question is asked once more. */
static u32 table_of(struct net *net, const struct rtable *rt,
		    struct flowi4 question)
{
	struct fib_result res;
	u32 id = rt->rt_type == RTN_LOCAL ? RT_TABLE_LOCAL : RT_TABLE_MAIN;

	question.flowi4_iif = net->loopback_dev->ifindex;
	rcu_read_lock();
	if (!fib_lookup(net, &question, &res, 0))
		id = res.table->tb_id;
	rcu_read_unlock();
	return id;
}

static int fill_lookup(struct sk_buff *skb, struct rtable *rt, u32 table,
		       const struct flowi4 *fl4, const struct route_msg *m)
{
	struct nlmsghdr *nlh = nlmsg_put(skb, m->portid, m->seq, RTM_NEWROUTE,
					 sizeof(struct rtmsg), 0);
	struct rta_cacheinfo ci = { 0 };
	struct rtmsg *rtm;

	if (!nlh)
		return -EMSGSIZE;
	rtm = nlmsg_data(nlh);
	*rtm = (struct rtmsg){
		.rtm_family = AF_INET, .rtm_dst_len = 32,
		.rtm_table = table < 256 ? table : RT_TABLE_COMPAT,
		.rtm_protocol = RTPROT_UNSPEC, .rtm_type = rt->rt_type,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_flags = RTM_F_CLONED | (rt->rt_flags & ~0xffff) };
	if (nla_put_in_addr(skb, RTA_DST, fl4->daddr) ||
	    nla_put_u32(skb, RTA_TABLE, table) ||
	    (fl4->flowi4_mark &&
	     nla_put_u32(skb, RTA_MARK, fl4->flowi4_mark)) ||
	    (rt->dst.dev &&
	     nla_put_u32(skb, RTA_OIF, rt->dst.dev->ifindex)) ||
	    (fl4->saddr && nla_put_in_addr(skb, RTA_PREFSRC, fl4->saddr)) ||
	    (rt->rt_gw_family == AF_INET && rt->rt_uses_gateway &&
	     nla_put_in_addr(skb, RTA_GATEWAY, rt->rt_gw4)) ||
	    nla_put_u32(skb, RTA_UID, current_uid()) ||
	    nla_put(skb, RTA_CACHEINFO, sizeof(ci), &ci)) {
		nlmsg_cancel(skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(skb, nlh);
	return 0;
}

static int inet_rtm_getroute(struct sk_buff *in, struct nlmsghdr *nlh,
			     struct netlink_ext_ack *extack)
{
	struct net *net = sock_net(NETLINK_CB(in).sk);
	struct route_msg m = { NETLINK_CB(in).portid, nlh->nlmsg_seq, 0, 0 };
	struct nlattr *tb[RTA_MAX + 1];
	struct flowi4 fl4 = { 0 }, question;
	struct sk_buff *skb;
	struct rtable *rt;
	int err;

	err = nlmsg_parse(nlh, sizeof(struct rtmsg), tb, RTA_MAX, rta_policy,
			  extack);
	if (err)
		return err;
	if (tb[RTA_IIF])
		return -EOPNOTSUPP;   /* as if it had come in by a device */
	if (tb[RTA_DST])
		fl4.daddr = nla_get_in_addr(tb[RTA_DST]);
	if (tb[RTA_SRC])
		fl4.saddr = nla_get_in_addr(tb[RTA_SRC]);
	if (tb[RTA_OIF])
		fl4.flowi4_oif = nla_get_u32(tb[RTA_OIF]);
	if (tb[RTA_MARK])
		fl4.flowi4_mark = nla_get_u32(tb[RTA_MARK]);
	question = fl4;
	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	err = skb ? fill_lookup(skb, rt, table_of(net, rt, question), &fl4, &m)
		  : -ENOBUFS;
	ip_rt_put(rt);
	if (err) {
		kfree_skb(skb);
		return err;
	}
	return rtnl_unicast(skb, net, m.portid);
}

static int rtnl_route_init(void)
{
	rtnl_register(PF_INET, RTM_NEWROUTE, inet_rtm_newroute, NULL, 0);
	rtnl_register(PF_INET, RTM_DELROUTE, inet_rtm_delroute, NULL, 0);
	rtnl_register(PF_INET, RTM_GETROUTE, inet_rtm_getroute, inet_dump_fib,
		      0);
	return register_fib_notifier(&route_notifier);
}
fs_initcall(rtnl_route_init);
