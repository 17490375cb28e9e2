/* SPDX-License-Identifier: MIT */
#ifndef NET_IP_FIB_H
#define NET_IP_FIB_H
/*
 * ip_fib.h -- the routing tables: from a prefix to a next hop
 *
 *	fib_table -> fib_alias (prefix/len, tos, priority, type) -> fib_info
 *	             (shared by routes with the same next hop: fib_nh)
 *
 * Changed under rtnl, read under RCU.  Theory: net/ipv4/fib_table.c (longest
 * prefix), fib_semantics.c (next hops), fib_frontend.c (who makes routes).
 */

#include <net/flow.h>
#include <net/netdevice.h>
#include <uapi/rtnetlink.h>

struct rtable;

/* What RTM_NEWROUTE, SIOCADDRT and the kernel itself ask for. */
struct fib_config {
	u8 fc_dst_len, fc_tos, fc_protocol, fc_scope, fc_type, fc_gw_family;
	u32 fc_table;                 /* RT_TABLE_*; 0: main */
	__be32 fc_dst;                /* host bits clear, or -EINVAL */
	__be32 fc_gw4;                /* with fc_gw_family AF_INET */
	int fc_oif;                   /* 0: found from fc_gw4 */
	u32 fc_flags;                 /* RTNH_F_* */
	u32 fc_priority;              /* metric; the lower goes first */
	__be32 fc_prefsrc;
	u32 fc_mx[RTAX_MAX];          /* RTAX_x at [x - 1], 0: none */
	u32 fc_nlflags;               /* NLM_F_* below */
};

#define FIB_NLM_F_REPLACE 0x100       /* NLM_F_*, by value */
#define FIB_NLM_F_EXCL 0x200
#define FIB_NLM_F_CREATE 0x400
#define FIB_NLM_F_APPEND 0x800

/* Field keys:  [c] constant   [R] rtnl   [a] atomic */
struct fib_nh {
	struct net_device *fib_nh_dev; /* [c] counted; NULL: blackhole etc. */
	int fib_nh_oif;               /* [c] */
	u8 fib_nh_gw_family;          /* [c] AF_INET: has a gateway */
	u8 fib_nh_scope;              /* [c] */
	unsigned int fib_nh_flags;    /* [R] RTNH_F_* */
	__be32 fib_nh_gw4;            /* [c] */
	__be32 nh_saddr;              /* [a] our address for it */
	int nh_saddr_genid;           /* [a] ... as of then */
	struct rtable *nh_rth_input, *nh_rth_output; /* [a] xchg; RCU */
};

struct fib_info {
	struct hlist_node fib_hash;   /* [R] */
	struct list_head fib_list;    /* [R] all of a net */
	struct net *fib_net;          /* [c] */
	refcount_t fib_clntref;       /* [a] aliases and routes */
	unsigned int fib_treeref;     /* [R] aliases */
	unsigned char fib_dead;       /* [R] */
	unsigned char fib_protocol, fib_scope, fib_type; /* [c] */
	__be32 fib_prefsrc;           /* [c] */
	u32 fib_priority;             /* [c] */
	u32 fib_mx[RTAX_MAX];         /* [c] */
	struct fib_nh fib_nh;
	struct rcu_head rcu;
};

struct fib_alias {
	struct hlist_node fa_list;    /* [R] in its prefix, best first */
	struct fib_info *fa_info;     /* [R] counted */
	u8 fa_tos, fa_type;           /* [c] */
	u32 tb_id;                    /* [c] */
	struct rcu_head rcu;
};

#define FIB_HASH_BITS 10

/* A prefix that has routes. */
struct fib_prefix {
	struct hlist_node hash;       /* [R] */
	__be32 key;                   /* [c] */
	u8 plen;                      /* [c] */
	struct hlist_head aliases;    /* [R] */
	struct rcu_head rcu;
};

struct fib_table {
	struct hlist_node tb_hlist;   /* [R] in its net */
	u32 tb_id;                    /* [c] */
	struct net *net;              /* [c] */
	unsigned int nr_prefixes;     /* [R] */
	unsigned int plen_count[33];  /* [R] prefixes of each length */
	u64 plens;                    /* [R] lengths in use, a bit each */
	struct hlist_head *hash;      /* [c] by prefix and length; RCU */
	struct rcu_head rcu;
};

struct fib_result {
	__be32 prefix;
	unsigned char prefixlen, type, scope;
	struct fib_info *fi;          /* under RCU */
	struct fib_table *table;
};

#define FIB_RES_NH(res) (&(res).fi->fib_nh)
#define FIB_RES_DEV(res) ((res).fi->fib_nh.fib_nh_dev)

/* ---- rtnl held, may sleep ---- */

struct fib_table *fib_new_table(struct net *net, u32 id); /* found or made */
struct fib_table *fib_get_table(struct net *net, u32 id); /* NULL */
/* 0, -EEXIST, -ENETUNREACH (gateway), -ENETDOWN, -ENODEV, -EINVAL, -ENOBUFS;
 * extack may be NULL. */
int fib_table_insert(struct net *net, struct fib_table *tb,
		     struct fib_config *cfg, void *extack);
/* Fields of cfg that are 0 match anything: 0, -ESRCH. */
int fib_table_delete(struct net *net, struct fib_table *tb,
		     struct fib_config *cfg, void *extack);
int fib_table_flush(struct net *net, struct fib_table *tb);
/* Remove routes by a device that went away (force) or down: how many. */
int fib_sync_down_dev(struct net_device *dev, bool force);
int fib_sync_down_addr(struct net_device *dev, __be32 local);
void fib_flush(struct net *net);

/* Each route in order (0: go on); rtnl or RCU.  For dumps and /proc. */
int fib_table_walk(struct fib_table *tb,
		   int (*fn)(struct fib_table *tb, __be32 dst, int plen,
			     struct fib_alias *fa, void *arg), void *arg);
int fib_for_each_table(struct net *net,
		       int (*fn)(struct fib_table *tb, void *arg), void *arg);

/* ---- under RCU ---- */

/* 0 with res, or -ENETUNREACH, -EHOSTUNREACH, -EACCES, -EINVAL. */
int fib_table_lookup(struct fib_table *tb, const struct flowi4 *flp,
		     struct fib_result *res, int fib_flags);
int fib_lookup(struct net *net, struct flowi4 *flp, struct fib_result *res,
	       unsigned int flags);
__be32 fib_result_prefsrc(struct net *net, struct fib_result *res);
/* Reverse path: 0 or 1 (not on link), -EINVAL, -EXDEV: no sender's. */
int fib_validate_source(struct sk_buff *skb, __be32 src, __be32 dst, u8 tos,
			int oif, struct net_device *dev,
			struct in_device *idev, u32 *itag);

/* RTN_LOCAL, RTN_BROADCAST, ... of an address. */
unsigned int inet_addr_type(struct net *net, __be32 addr);
unsigned int inet_dev_addr_type(struct net *net, const struct net_device *dev,
				__be32 addr);
#define inet_addr_type_table(net, addr, tb) inet_addr_type(net, addr)
#define inet_addr_type_dev_table(net, dev, addr) inet_addr_type(net, addr)

void fib_release_info(struct fib_info *fi);   /* rtnl */
void free_fib_info(struct fib_info *fi);

static inline void fib_info_put(struct fib_info *fi)
{
	if (refcount_dec_and_test(&fi->fib_clntref))
		free_fib_info(fi);
}

/* Told of each change: rtnetlink's RTM_NEWROUTE and RTM_DELROUTE. */
struct fib_entry_info {
	struct fib_table *tb;
	__be32 dst;
	int dst_len;
	struct fib_alias *fa;
};
#define FIB_EVENT_ENTRY_ADD 1
#define FIB_EVENT_ENTRY_DEL 2
int register_fib_notifier(struct notifier_block *nb);
int unregister_fib_notifier(struct notifier_block *nb);

#endif
