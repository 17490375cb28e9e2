/* SPDX-License-Identifier: MIT */
#ifndef NET_RTNETLINK_H
#define NET_RTNETLINK_H
/*
 * rtnetlink.h -- the lock of all network configuration, and its messages
 *
 * rtnl_mutex serialises every change of devices, addresses, routes and
 * neighbour tables of all networks; readers use RCU.  It may be held over
 * sleeps and is taken before every other lock of net/.
 *
 * A subsystem registers what answers a message type (rtnl_register) and tells
 * listeners of changes (rtnl_notify).  Theory: net/core/rtnl.c.
 */

#include <kernel/bug.h>
#include <kernel/list.h>
#include <kernel/rcupdate.h>
#include <kernel/types.h>
#include <mm/gfp.h>
#include <uapi/rtnetlink.h>

struct net;
struct net_device;
struct netlink_callback;
struct netlink_ext_ack;
struct nlattr;
struct nlmsghdr;
struct sk_buff;

/* Process context, may sleep. */
void rtnl_lock(void);
void rtnl_unlock(void);
int rtnl_trylock(void);               /* 1: taken */
int rtnl_lock_killable(void);         /* 0 or -EINTR */
bool rtnl_is_locked(void);

#define ASSERT_RTNL() WARN_ON_ONCE(!rtnl_is_locked())
#define rtnl_dereference(p) rcu_dereference_protected(p, rtnl_is_locked())

typedef int (*rtnl_doit_func)(struct sk_buff *skb, struct nlmsghdr *nlh,
			      struct netlink_ext_ack *extack);
typedef int (*rtnl_dumpit_func)(struct sk_buff *skb,
				struct netlink_callback *cb);

/*
 * Who answers msgtype of an address family (PF_UNSPEC: of all others).  doit
 * and dumpit run with rtnl_mutex held.  From initcalls.
 */
void rtnl_register(int family, int msgtype, rtnl_doit_func doit,
		   rtnl_dumpit_func dumpit, unsigned int flags);
/* Tell a group's listeners (and, of nlh, who asked with NLM_F_ECHO) of a
 * change; consumes skb.  portid: who made it. */
void rtnl_notify(struct sk_buff *skb, struct net *net, u32 portid, u32 group,
		 const struct nlmsghdr *nlh, gfp_t gfp);
/* Somebody should have been told, and could not be: ENOBUFS to all. */
void rtnl_set_sk_err(struct net *net, u32 group, int error);
/* The answer to portid's question; consumes skb. */
int rtnl_unicast(struct sk_buff *skb, struct net *net, u32 portid);

/* A device came, changed (change: which IFF_* bits) or goes; rtnl held. */
void rtmsg_ifinfo(int type, struct net_device *dev, unsigned int change,
		  gfp_t gfp);

/*
 * A kind of device that RTM_NEWLINK makes by name (`ip link add type KIND`).
 * All with rtnl held.
 */
struct rtnl_link_ops {
	struct list_head list;
	const char *kind;
	size_t priv_size;
	void (*setup)(struct net_device *dev);
	int (*validate)(struct nlattr *tb[], struct nlattr *data[],
			struct netlink_ext_ack *extack);
	int (*newlink)(struct net *src_net, struct net_device *dev,
		       struct nlattr *tb[], struct nlattr *data[],
		       struct netlink_ext_ack *extack);
	int (*changelink)(struct net_device *dev, struct nlattr *tb[],
			  struct nlattr *data[],
			  struct netlink_ext_ack *extack);
	void (*dellink)(struct net_device *dev, struct list_head *head);
	int (*fill_info)(struct sk_buff *skb, const struct net_device *dev);
	struct net *(*get_link_net)(const struct net_device *dev);
	unsigned int maxtype;         /* of IFLA_INFO_DATA's attributes */
	unsigned int num_tx_queues, num_rx_queues; /* 0: one */
};

int rtnl_link_register(struct rtnl_link_ops *ops);
void rtnl_link_unregister(struct rtnl_link_ops *ops);

/* What a newlink needs to make a second device: a veth's other end.  rtnl. */
struct ifinfomsg;
/* The network that IFLA_NET_NS_* say, or src_net; counted; ERR_PTR. */
struct net *rtnl_link_get_net(struct net *src_net, struct nlattr *tb[]);
/* A device that is not registered yet; ERR_PTR. */
struct net_device *rtnl_create_link(struct net *net, const char *name,
				    const struct rtnl_link_ops *ops,
				    struct nlattr **tb);
int rtnl_configure_link(struct net_device *dev, const struct ifinfomsg *ifm);
/* Attributes of a link, as many as fit in len: tb[IFLA_MAX + 1]. */
int rtnl_nla_parse_ifla(struct nlattr **tb, const struct nlattr *head, int len,
			struct netlink_ext_ack *extack);

#endif
