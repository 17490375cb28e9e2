/* SPDX-License-Identifier: MIT */
#ifndef NET_CORE_RTNL_IMPL_H
#define NET_CORE_RTNL_IMPL_H
/* rtnl_impl.h -- what the files of RTM_*LINK know of each other */

#include <net/netdevice.h>
#include <net/netlink.h>
#include <net/rtnetlink.h>
#include <uapi/if_link.h>

/* A message that is written: to whom, about which question. */
struct rtnl_msg {
	u32 portid, seq;
	int type, flags;
};

extern const struct nla_policy rtnl_link_policy[IFLA_MAX + 1];

struct net_device *rtnl_find_dev(struct net *net, struct nlmsghdr *nlh,
				 struct nlattr **tb, int *err);
int rtnl_setlink(struct sk_buff *skb, struct nlmsghdr *nlh,
		 struct netlink_ext_ack *extack);
int rtnl_newlink(struct sk_buff *skb, struct nlmsghdr *nlh,
		 struct netlink_ext_ack *extack);
int rtnl_dellink(struct sk_buff *skb, struct nlmsghdr *nlh,
		 struct netlink_ext_ack *extack);

#endif
