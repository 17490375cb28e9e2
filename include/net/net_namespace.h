/* SPDX-License-Identifier: MIT */
#ifndef NET_NET_NAMESPACE_H
#define NET_NET_NAMESPACE_H
/*
 * net_namespace.h -- one network: its devices, routes, tables and settings
 *
 * Hangs off nsproxy.  Nothing of the network is global: what a protocol keeps
 * per network is a field here (or a pointer that its pernet init fills).
 */

#include <kernel/bug.h>
#include <kernel/list.h>
#include <kernel/mutex.h>
#include <kernel/nsproxy.h>
#include <kernel/refcount.h>
#include <kernel/types.h>

struct net_device;
struct netlink_table;
struct proc_dir_entry;
struct sock;
struct user_namespace;

/* net/core */
struct netns_core {
	int sysctl_somaxconn;
};

/* net/unix */
struct unix_bucket;

struct netns_unix {
	int sysctl_max_dgram_qlen;
	struct unix_bucket *table;    /* [c] all socks by name */
};

/* Field keys:  [c] constant   [a] atomic   [R] rtnl_mutex, RCU to read */
struct net {
	refcount_t count;             /* [a] sockets and nsproxies */
	struct list_head list;        /* [R] in net_namespace_list */
	struct user_namespace *user_ns; /* [c] */
	unsigned int inum;            /* [c] its number in /proc/PID/ns/net */
	u64 net_cookie;               /* [c] */
	struct proc_dir_entry *proc_net; /* [c] /proc/PID/net */

	struct list_head dev_base_head;  /* [R] devices, oldest first */
	struct hlist_head *dev_name_head;  /* [R] by name */
	struct hlist_head *dev_index_head; /* [R] by number */
	int ifindex;                  /* [R] the last number given out */
	unsigned int dev_base_seq;    /* [R] changes with the set of devices */
	struct net_device *loopback_dev; /* [c] after init */

	struct netlink_table *netlink_tables; /* [c] one of each protocol */
	struct sock *rtnl;            /* [c] the kernel's end of rtnetlink */
	struct sock *diag_nlsk;       /* [c] and of sock_diag */

	struct netns_core core;
	struct netns_unix unx;
};

extern struct net init_net;

static inline struct net *get_net(struct net *net)
{
	refcount_inc(&net->count);
	return net;
}

static inline void put_net(struct net *net)
{
	/* The initial one never ends; others come with CLONE_NEWNET. */
	WARN_ON_ONCE(refcount_dec_and_test(&net->count));
}

#define current_net() (current->nsproxy->net_ns)

#endif
