/* SPDX-License-Identifier: MIT */
/*
 * br_netlink.c -- rtnetlink of family AF_BRIDGE: `bridge fdb`, `bridge link`
 *
 *	RTM_GETNEIGH	who is behind which port	bridge fdb show
 *	RTM_NEWNEIGH, RTM_DELNEIGH, NTF_MASTER		bridge fdb add .. master
 *	RTM_GETLINK	ports and their states		bridge link show
 *	RTM_SETLINK, IFLA_PROTINFO			bridge link set dev .. state
 *
 * LOCKING.  rtnl.  A list notes how many entries it has shown.
 */

#include "bridge.h"

#include <kernel/kernel.h>
#include <net/neighbour.h>
#include <net/netlink.h>
#include <net/rtnetlink.h>
#include <net/sock.h>
#include <uapi/if_link.h>

struct br_dump {
	struct sk_buff *skb;
	u32 portid, seq;
	long skip, shown;
};

/* ---- who is where ---- */

static int fdb_state(const struct net_bridge *br,
		     const struct net_bridge_fdb_entry *f)
{
	if (f->is_local)
		return NUD_PERMANENT;
	if (f->is_static)
		return NUD_NOARP;
	return time_after(jiffies, f->updated + br->ageing_time)
	       ? NUD_STALE : NUD_REACHABLE;
}

static int fill_fdb(const struct br_dump *d, const struct net_bridge *br,
		    const struct net_bridge_fdb_entry *f)
{
	const struct net_bridge_port *p = READ_ONCE(f->dst);
	struct nda_cacheinfo ci = {
		.ndm_used = (jiffies - f->used) * 100 / HZ,
		.ndm_updated = (jiffies - f->updated) * 100 / HZ };
	struct nlmsghdr *nlh = nlmsg_put(d->skb, d->portid, d->seq,
					 RTM_NEWNEIGH, sizeof(struct ndmsg),
					 NLM_F_MULTI);

	if (!nlh)
		return -EMSGSIZE;
	*(struct ndmsg *)nlmsg_data(nlh) = (struct ndmsg){
		.ndm_family = AF_BRIDGE, .ndm_state = fdb_state(br, f),
		.ndm_ifindex = p ? p->dev->ifindex : br->dev->ifindex };
	if (nla_put(d->skb, NDA_LLADDR, ETH_ALEN, f->addr) ||
	    nla_put_u32(d->skb, NDA_MASTER, br->dev->ifindex) ||
	    nla_put(d->skb, NDA_CACHEINFO, sizeof(ci), &ci)) {
		nlmsg_cancel(d->skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(d->skb, nlh);
	return 0;
}

static int dump_fdb(struct br_dump *d, const struct net_bridge *br)
{
	const struct net_bridge_fdb_entry *f;

	for (int i = 0; i < BR_HASH_SIZE; i++) {
		hlist_for_each_entry_rcu(f, &br->hash[i], node) {
			if (d->shown >= d->skip && fill_fdb(d, br, f))
				return -EMSGSIZE;
			d->shown++;
		}
	}
	return 0;
}

/* ---- ports ---- */

static int put_u16(struct sk_buff *skb, int attr, u16 value)
{
	return nla_put(skb, attr, sizeof(value), &value);
}

static int put_port(struct sk_buff *skb, const struct net_bridge_port *p)
{
	struct nlattr *info = nla_nest_start(skb, IFLA_PROTINFO);

	if (!info || nla_put_u8(skb, IFLA_BRPORT_STATE, p->state) ||
	    put_u16(skb, IFLA_BRPORT_PRIORITY, 32) ||
	    nla_put_u32(skb, IFLA_BRPORT_COST, 2) ||
	    nla_put_u8(skb, IFLA_BRPORT_LEARNING,
		       !!(p->flags & BR_LEARNING)) ||
	    nla_put_u8(skb, IFLA_BRPORT_UNICAST_FLOOD,
		       !!(p->flags & BR_FLOOD)) ||
	    put_u16(skb, IFLA_BRPORT_NO, p->port_no))
		return -EMSGSIZE;
	nla_nest_end(skb, info);
	return 0;
}

static int fill_port(const struct br_dump *d, const struct net_bridge_port *p)
{
	struct net_device *dev = p->dev;
	struct nlmsghdr *nlh = nlmsg_put(d->skb, d->portid, d->seq,
					 RTM_NEWLINK, sizeof(struct ifinfomsg),
					 NLM_F_MULTI);

	if (!nlh)
		return -EMSGSIZE;
	*(struct ifinfomsg *)nlmsg_data(nlh) = (struct ifinfomsg){
		.ifi_family = AF_BRIDGE, .ifi_type = dev->type,
		.ifi_index = dev->ifindex, .ifi_flags = dev_get_flags(dev) };
	if (nla_put_string(d->skb, IFLA_IFNAME, dev->name) ||
	    nla_put_u32(d->skb, IFLA_MASTER, p->br->dev->ifindex) ||
	    nla_put_u32(d->skb, IFLA_MTU, dev->mtu) ||
	    nla_put_u8(d->skb, IFLA_OPERSTATE, dev->operstate) ||
	    nla_put(d->skb, IFLA_ADDRESS, ETH_ALEN, dev->dev_addr) ||
	    put_port(d->skb, p)) {
		nlmsg_cancel(d->skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(d->skb, nlh);
	return 0;
}

static int dump_ports(struct br_dump *d, const struct net_bridge *br)
{
	const struct net_bridge_port *p;

	list_for_each_entry(p, &br->port_list, list) {
		if (d->shown >= d->skip && fill_port(d, p))
			return -EMSGSIZE;
		d->shown++;
	}
	return 0;
}

/* args[1]: how much was shown. */
static int dump(struct sk_buff *skb, struct netlink_callback *cb,
		int (*one)(struct br_dump *d, const struct net_bridge *br))
{
	struct br_dump d = { .skb = skb, .portid = NETLINK_CB(cb->skb).portid,
			     .seq = cb->nlh->nlmsg_seq, .skip = cb->args[1] };
	struct net_device *dev;
	int err = 0;

	rcu_read_lock();
	for_each_netdev_rcu(sock_net(skb->sk), dev) {
		if (netif_is_bridge_master(dev))
			err = one(&d, br_of(dev));
		if (err)
			break;
	}
	rcu_read_unlock();
	cb->args[1] = d.shown;
	return err ? (int)skb->len : 0;
}

static int br_dump_fdb(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump(skb, cb, dump_fdb);
}

static int br_dump_ports(struct sk_buff *skb, struct netlink_callback *cb)
{
	return dump(skb, cb, dump_ports);
}

/* ---- changes ---- */

static const struct nla_policy fdb_policy[NDA_MAX + 1] = {
	[NDA_LLADDR] = { NLA_BINARY, MAX_ADDR_LEN },
};

/* The port and address that a request names: 0 or -errno. */
static int parse_fdb(struct sk_buff *skb, struct nlmsghdr *nlh,
		     struct net_bridge_port **port, const u8 **addr,
		     struct netlink_ext_ack *extack)
{
	struct ndmsg *ndm = nlmsg_data(nlh);
	struct nlattr *tb[NDA_MAX + 1];
	struct net_device *dev;
	int err = nlmsg_parse(nlh, sizeof(*ndm), tb, NDA_MAX, fdb_policy,
			      extack);

	if (err)
		return err;
	if (!ndm->ndm_ifindex)
		return -EINVAL;
	dev = __dev_get_by_index(sock_net(NETLINK_CB(skb).sk),
				 ndm->ndm_ifindex);
	if (!dev)
		return -ENODEV;
	if (!tb[NDA_LLADDR] || nla_len(tb[NDA_LLADDR]) != ETH_ALEN)
		return -EINVAL;
	*addr = nla_data(tb[NDA_LLADDR]);
	*port = br_port_get(dev);
	if (!(ndm->ndm_flags & NTF_MASTER) || !*port)
		return -EOPNOTSUPP;   /* the card's own list */
	return 0;
}

static int br_fdb_new(struct sk_buff *skb, struct nlmsghdr *nlh,
		      struct netlink_ext_ack *extack)
{
	struct net_bridge_port *p;
	const struct ndmsg *ndm = nlmsg_data(nlh);
	const u8 *addr;
	int err = parse_fdb(skb, nlh, &p, &addr, extack);

	if (err)
		return err;
	if (!(ndm->ndm_state & (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE)))
		return -EINVAL;
	return br_fdb_add(p->br, p, addr, ndm->ndm_state & NUD_PERMANENT,
			  nlh->nlmsg_flags & NLM_F_REPLACE);
}

static int br_fdb_del(struct sk_buff *skb, struct nlmsghdr *nlh,
		      struct netlink_ext_ack *extack)
{
	struct net_bridge_port *p;
	const u8 *addr;
	int err = parse_fdb(skb, nlh, &p, &addr, extack);

	return err ? err : br_fdb_delete(p->br, addr);
}

static void set_flag(struct net_bridge_port *p, const struct nlattr *nla,
		     u32 flag)
{
	if (nla)
		WRITE_ONCE(p->flags, nla_get_u8(nla) ? p->flags | flag
						     : p->flags & ~flag);
}

static int set_port(struct net_bridge_port *p, struct nlattr **tb)
{
	u8 state;

	set_flag(p, tb[IFLA_BRPORT_LEARNING], BR_LEARNING);
	set_flag(p, tb[IFLA_BRPORT_UNICAST_FLOOD], BR_FLOOD);
	if (!tb[IFLA_BRPORT_STATE])
		return 0;
	state = nla_get_u8(tb[IFLA_BRPORT_STATE]);
	if (state > BR_STATE_BLOCKING)
		return -EINVAL;
	if (state != BR_STATE_DISABLED && !(netif_running(p->dev) &&
					    netif_carrier_ok(p->dev)))
		return -ENETDOWN;
	br_set_state(p, state);
	return 0;
}

static const struct nla_policy port_policy[IFLA_BRPORT_MAX + 1] = {
	[IFLA_BRPORT_STATE] = { NLA_U8, 0 },
	[IFLA_BRPORT_LEARNING] = { NLA_U8, 0 },
	[IFLA_BRPORT_UNICAST_FLOOD] = { NLA_U8, 0 },
};

static int br_setlink(struct sk_buff *skb, struct nlmsghdr *nlh,
		      struct netlink_ext_ack *extack)
{
	struct ifinfomsg *ifm = nlmsg_data(nlh);
	struct nlattr *tb[IFLA_BRPORT_MAX + 1], *info;
	struct net_bridge_port *p;
	struct net_device *dev;
	int err;

	if (nlmsg_len(nlh) < (int)sizeof(*ifm))
		return -EINVAL;
	dev = __dev_get_by_index(sock_net(NETLINK_CB(skb).sk), ifm->ifi_index);
	if (!dev)
		return -ENODEV;
	p = br_port_get(dev);
	info = nla_find(nlmsg_data(nlh) + NLMSG_ALIGN(sizeof(*ifm)),
			nlmsg_len(nlh) - NLMSG_ALIGN(sizeof(*ifm)),
			IFLA_PROTINFO);
	if (!p || !info)
		return -EOPNOTSUPP;
	err = nla_parse_nested(tb, IFLA_BRPORT_MAX, info, port_policy, extack);
	return err ? err : set_port(p, tb);
}

void br_netlink_init(void)
{
	rtnl_register(AF_BRIDGE, RTM_GETNEIGH, NULL, br_dump_fdb, 0);
	rtnl_register(AF_BRIDGE, RTM_NEWNEIGH, br_fdb_new, NULL, 0);
	rtnl_register(AF_BRIDGE, RTM_DELNEIGH, br_fdb_del, NULL, 0);
	rtnl_register(AF_BRIDGE, RTM_GETLINK, NULL, br_dump_ports, 0);
	rtnl_register(AF_BRIDGE, RTM_SETLINK, br_setlink, NULL, 0);
}
