/* SPDX-License-Identifier: MIT */
#ifndef NET_BRIDGE_BRIDGE_H
#define NET_BRIDGE_BRIDGE_H
/* bridge.h -- what the files of net/bridge know of each other */

#include <net/etherdevice.h>
#include <net/netdevice.h>
#include <uapi/if_bridge.h>

#define BR_HASH_BITS 8
#define BR_HASH_SIZE (1 << BR_HASH_BITS)
#define BR_MAX_PORTS 1024
#define BR_MAX_LEARNED 65536          /* entries of one bridge */

#define BR_LEARNING 1                 /* of net_bridge_port.flags */
#define BR_FLOOD 2                    /* frames for nobody known */

/* Field keys:  [c] constant   [R] rtnl   [RCU] rtnl to change, RCU to read
 *   [L] .hash_lock, bottom halves off; RCU to read   [a] atomic */
struct net_bridge {
	struct net_device *dev;       /* [c] */
	struct list_head port_list;   /* [RCU] */
	spinlock_t hash_lock;
	struct hlist_head hash[BR_HASH_SIZE]; /* [L] who is where */
	int learned;                  /* [L] entries that may age */
	unsigned long ageing_time;    /* [R] jiffies */
	struct timer_list gc_timer;
	u64 ports[BITS_TO_LONGS(BR_MAX_PORTS)]; /* [R] numbers in use */
};

struct net_bridge_port {
	struct net_bridge *br;        /* [c] */
	struct net_device *dev;       /* [c] counted */
	struct list_head list;        /* [RCU] */
	u16 port_no;                  /* [c] from 1 */
	u8 state;                     /* [R] BR_STATE_* */
	u32 flags;                    /* [R] BR_LEARNING ... */
	struct rcu_head rcu;
};

struct net_bridge_fdb_entry {
	struct hlist_node node;       /* [L] */
	u8 addr[ETH_ALEN];            /* [c] */
	bool is_local;                /* [c] ours: not to be forwarded */
	bool is_static;               /* [c] by an administrator: stays */
	struct net_bridge_port *dst;  /* [L] NULL: the bridge itself */
	unsigned long updated, used;  /* jiffies; by whom sees a frame */
	struct rcu_head rcu;
};

static inline struct net_bridge *br_of(const struct net_device *dev)
{
	return netdev_priv(dev);
}

/* RCU; NULL: dev is nobody's port. */
static inline struct net_bridge_port *br_port_get(const struct net_device *dev)
{
	return dev->priv_flags & IFF_BRIDGE_PORT
	       ? rcu_dereference(dev->rx_handler_data) : NULL;
}

/* br.c */
void br_set_state(struct net_bridge_port *p, u8 state); /* rtnl */
extern struct rtnl_link_ops br_link_ops;

/* br_fdb.c */
void br_fdb_init(struct net_bridge *br);
/* RCU; NULL. */
struct net_bridge_fdb_entry *br_fdb_find(struct net_bridge *br, const u8 *addr);
/* A frame came from addr by p.  Softirq. */
void br_fdb_learn(struct net_bridge_port *p, const u8 *addr);
/* Ours, or an administrator's.  0, -EEXIST, -ENOMEM. */
int br_fdb_add(struct net_bridge *br, struct net_bridge_port *p, const u8 *addr,
	       bool local, bool replace);
int br_fdb_delete(struct net_bridge *br, const u8 *addr); /* 0, -ENOENT */
/* All of a port (NULL: of all), or only what was learned. */
void br_fdb_flush(struct net_bridge *br, const struct net_bridge_port *p,
		  bool learned_only);

/* br_forward.c */
rx_handler_result_t br_handle_frame(struct sk_buff **pskb);
netdev_tx_t br_dev_xmit(struct sk_buff *skb, struct net_device *dev);

/* br_netlink.c */
void br_netlink_init(void);

#endif
