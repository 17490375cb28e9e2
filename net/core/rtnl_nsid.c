/* SPDX-License-Identifier: MIT */
/*
 * rtnl_nsid.c -- RTM_GETNSID: which number has that network, as seen from ours
 *
 * Networks give each other no numbers here, so the answer is always Linux's for
 * one that has none yet: -1.  `ip netns` asks before it lists.
 */

#include <net/rtnetlink.h>

#include <kernel/err.h>
#include <kernel/init.h>
#include <net/net_namespace.h>
#include <net/netlink.h>
#include <net/sock.h>

enum { NETNSA_NSID = 1, NETNSA_PID, NETNSA_FD, NETNSA_MAX = NETNSA_FD };

static const struct nla_policy nsid_policy[NETNSA_MAX + 1] = {
	[NETNSA_NSID] = { NLA_U32, 0 },
	[NETNSA_PID] = { NLA_U32, 0 },
	[NETNSA_FD] = { NLA_U32, 0 },
};

static int rtnl_getnsid(struct sk_buff *in, struct nlmsghdr *nlh,
			struct netlink_ext_ack *extack)
{
	struct nlattr *tb[NETNSA_MAX + 1];
	struct nlmsghdr *answer;
	struct sk_buff *skb;
	struct net *net;
	int err = nlmsg_parse(nlh, sizeof(struct rtgenmsg), tb, NETNSA_MAX,
			      nsid_policy, extack);

	if (err)
		return err;
	if (!tb[NETNSA_PID] && !tb[NETNSA_FD])
		return -EINVAL;
	net = tb[NETNSA_PID] ? get_net_ns_by_pid(nla_get_u32(tb[NETNSA_PID]))
			     : get_net_ns_by_fd(nla_get_u32(tb[NETNSA_FD]));
	if (IS_ERR(net))
		return PTR_ERR(net);
	put_net(net);
	skb = nlmsg_new(NLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	answer = nlmsg_put(skb, NETLINK_CB(in).portid, nlh->nlmsg_seq,
			   RTM_NEWNSID, sizeof(struct rtgenmsg), 0);
	((struct rtgenmsg *)nlmsg_data(answer))->rtgen_family = AF_UNSPEC;
	nla_put_u32(skb, NETNSA_NSID, (u32)-1);
	nlmsg_end(skb, answer);
	return rtnl_unicast(skb, sock_net(NETLINK_CB(in).sk),
			    NETLINK_CB(in).portid);
}

static int rtnl_nsid_init(void)
{
	rtnl_register(PF_UNSPEC, RTM_GETNSID, rtnl_getnsid, NULL, 0);
	return 0;
}
fs_initcall(rtnl_nsid_init);
