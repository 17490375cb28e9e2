/* SPDX-License-Identifier: MIT */
/*
 * rtnl_neigh.c -- RTM_*NEIGH and /proc/net/arp: the neighbours on our links
 *
 *	ip neigh                                     RTM_GETNEIGH dump
 *	ip neigh add 10.0.2.9 lladdr 52:.. dev eth0  RTM_NEWNEIGH
 *
 * LOCKING.  rtnl_mutex; the table's own lock while it is walked, so a walk only
 * writes into the skb.
 *
 * SEE rtnetlink(7); net/core/neighbour.c.
 */

#include <net/arp.h>

#include <fs/proc_fs.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <net/netlink.h>
#include <net/rtnetlink.h>
#include <net/sock.h>

static const struct nla_policy nda_policy[NDA_MAX + 1] = {
	[NDA_DST] = { NLA_U32, 0 },
	[NDA_LLADDR] = { NLA_BINARY, MAX_ADDR_LEN },
	[NDA_IFINDEX] = { NLA_U32, 0 },
	[NDA_MASTER] = { NLA_U32, 0 },
};

/* ---- RTM_NEWNEIGH, RTM_DELNEIGH ---- */

struct neigh_request {
	struct ndmsg *ndm;
	struct net_device *dev;
	__be32 addr;
	const u8 *lladdr;             /* NULL: none given */
};

static int parse_request(struct net *net, struct nlmsghdr *nlh,
			 struct neigh_request *r,
			 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[NDA_MAX + 1];
	int err = nlmsg_parse(nlh, sizeof(struct ndmsg), tb, NDA_MAX,
			      nda_policy, extack);

	if (err)
		return err;
	r->ndm = nlmsg_data(nlh);
	if (!tb[NDA_DST]) {
		NL_SET_ERR_MSG(extack, "Network address not specified");
		return -EINVAL;
	}
	if (!r->ndm->ndm_ifindex)
		return -EINVAL;
	r->dev = __dev_get_by_index(net, r->ndm->ndm_ifindex);
	if (!r->dev)
		return -ENODEV;
	r->addr = nla_get_in_addr(tb[NDA_DST]);
	r->lladdr = NULL;
	if (tb[NDA_LLADDR]) {
		if (nla_len(tb[NDA_LLADDR]) < r->dev->addr_len) {
			NL_SET_ERR_MSG(extack,
				       "Invalid link address");
			return -EINVAL;
		}
		r->lladdr = nla_data(tb[NDA_LLADDR]);
	}
	return 0;
}

static int arp_rtm_new(struct sk_buff *skb, struct nlmsghdr *nlh,
		       struct netlink_ext_ack *extack)
{
	u32 flags = NEIGH_UPDATE_F_OVERRIDE | NEIGH_UPDATE_F_ADMIN;
	struct neigh_request r;
	struct neighbour *n;
	int err;

	err = parse_request(sock_net(NETLINK_CB(skb).sk), nlh, &r, extack);
	if (err)
		return err;
	if (r.ndm->ndm_flags & NTF_PROXY)
		return -EOPNOTSUPP;
	n = neigh_lookup(&arp_tbl, &r.addr, r.dev);
	if (!n) {
		if (!(nlh->nlmsg_flags & NLM_F_CREATE))
			return -ENOENT;
		n = __neigh_lookup(&arp_tbl, &r.addr, r.dev, 1);
		if (IS_ERR_OR_NULL(n))
			return n ? PTR_ERR(n) : -ENOBUFS;
	} else {
		if (nlh->nlmsg_flags & NLM_F_EXCL) {
			neigh_release(n);
			return -EEXIST;
		}
		if (!(nlh->nlmsg_flags & NLM_F_REPLACE))
			flags &= ~NEIGH_UPDATE_F_OVERRIDE;
	}
	err = neigh_update(n, r.lladdr, r.ndm->ndm_state, flags,
			   NETLINK_CB(skb).portid);
	neigh_release(n);
	return err;
}

static int arp_rtm_del(struct sk_buff *skb, struct nlmsghdr *nlh,
		       struct netlink_ext_ack *extack)
{
	struct neigh_request r;
	struct neighbour *n;
	int err;

	err = parse_request(sock_net(NETLINK_CB(skb).sk), nlh, &r, extack);
	if (err)
		return err;
	n = neigh_lookup(&arp_tbl, &r.addr, r.dev);
	if (!n)
		return -ENOENT;
	err = neigh_update(n, NULL, NUD_FAILED, NEIGH_UPDATE_F_OVERRIDE |
			   NEIGH_UPDATE_F_ADMIN, NETLINK_CB(skb).portid);
	neigh_remove_one(n, &arp_tbl);
	neigh_release(n);
	return err;
}

/* ---- RTM_GETNEIGH ---- */

struct neigh_dump {
	struct sk_buff *skb;
	u32 portid, seq;
	int flags;
	int only;                     /* a device's index, or 0 */
	u8 family;
	long skip, shown;
	bool full;
};

static u32 ago(unsigned long stamp)
{
	return (jiffies - stamp) * 100 / HZ;
}

static int fill_neigh(struct neigh_dump *d, struct neighbour *n)
{
	unsigned char ha[MAX_ADDR_LEN];
	u8 state = neigh_snapshot(n, ha);
	struct nda_cacheinfo ci = {
		.ndm_confirmed = ago(READ_ONCE(n->confirmed)),
		.ndm_used = ago(READ_ONCE(n->used)),
		.ndm_updated = ago(READ_ONCE(n->updated)),
		.ndm_refcnt = refcount_read(&n->refcnt) - 1 };
	struct nlmsghdr *nlh;
	struct ndmsg *ndm;

	nlh = nlmsg_put(d->skb, d->portid, d->seq, RTM_NEWNEIGH, sizeof(*ndm),
			d->flags);
	if (!nlh)
		return -EMSGSIZE;
	ndm = nlmsg_data(nlh);
	*ndm = (struct ndmsg){ .ndm_family = AF_INET, .ndm_flags = n->flags,
			       .ndm_type = n->type, .ndm_state = state,
			       .ndm_ifindex = n->dev->ifindex };
	if (nla_put(d->skb, NDA_DST, 4, n->primary_key) ||
	    ((state & NUD_VALID) &&
	     nla_put(d->skb, NDA_LLADDR, n->dev->addr_len, ha)) ||
	    nla_put_u32(d->skb, NDA_PROBES, atomic_read(&n->probes)) ||
	    nla_put(d->skb, NDA_CACHEINFO, sizeof(ci), &ci)) {
		nlmsg_cancel(d->skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(d->skb, nlh);
	return 0;
}

static void dump_one(struct neighbour *n, void *arg)
{
	struct neigh_dump *d = arg;

	if (d->full || dev_net(n->dev) != sock_net(d->skb->sk) ||
	    (d->only && n->dev->ifindex != d->only) || d->shown++ < d->skip)
		return;
	if (fill_neigh(d, n)) {
		d->full = true;
		d->shown--;
	}
}

/* args[1]: entries that were shown. */
static int neigh_dump_info(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct neigh_dump d = { .skb = skb, .flags = NLM_F_MULTI,
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq, .skip = cb->args[1] };
	struct nlattr *tb[NDA_MAX + 1];
	struct ndmsg *ndm = nlmsg_data(cb->nlh);

	if (nlmsg_len(cb->nlh) >= (int)sizeof(*ndm)) {
		if (ndm->ndm_flags & NTF_PROXY)
			return 0;     /* nobody is answered for */
		if (!nlmsg_parse(cb->nlh, sizeof(*ndm), tb, NDA_MAX,
				 nda_policy, NULL) && tb[NDA_IFINDEX])
			d.only = nla_get_u32(tb[NDA_IFINDEX]);
		if (ndm->ndm_family != AF_UNSPEC && ndm->ndm_family != AF_INET)
			return 0;
	}
	if (d.only)
		d.flags |= NLM_F_DUMP_FILTERED;
	neigh_for_each(&arp_tbl, dump_one, &d);
	cb->args[1] = d.shown;
	return d.full ? (int)skb->len : 0;
}

/* ---- /proc/net/arp ---- */

static unsigned int arp_flags(u8 state)
{
	if (state & NUD_PERMANENT)
		return ATF_PERM | ATF_COM;
	return state & NUD_VALID ? ATF_COM : 0;
}

static void show_one(struct neighbour *n, void *arg)
{
	struct seq_file *m = arg;
	unsigned char ha[MAX_ADDR_LEN], *a = n->primary_key;
	u8 state = neigh_snapshot(n, ha);
	char ip[16];

	if (!(state & ~NUD_NOARP) || dev_net(n->dev) != seq_file_net(m))
		return;
	if (!(state & NUD_VALID))
		memset(ha, 0, sizeof(ha));
	snprintf(ip, sizeof(ip), "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
	seq_printf(m, "%-16s 0x%-10x0x%-10x"
		   "%02x:%02x:%02x:%02x:%02x:%02x     *        %s\n",
		   ip, n->dev->type, arp_flags(state), ha[0], ha[1], ha[2],
		   ha[3], ha[4], ha[5], n->dev->name);
}

static int arp_proc_show(struct seq_file *m, void *v)
{
	seq_puts(m, "IP address       HW type     Flags       HW address"
		 "            Mask     Device\n");
	neigh_for_each(&arp_tbl, show_one, m);
	return 0;
}

static int rtnl_neigh_init(void)
{
	rtnl_register(PF_UNSPEC, RTM_GETNEIGH, NULL, neigh_dump_info, 0);
	rtnl_register(PF_UNSPEC, RTM_NEWNEIGH, arp_rtm_new, NULL, 0);
	rtnl_register(PF_UNSPEC, RTM_DELNEIGH, arp_rtm_del, NULL, 0);
	return proc_create_single("arp", 0444, init_net.proc_net,
				  arp_proc_show) ? 0 : -ENOMEM;
}
fs_initcall(rtnl_neigh_init);
