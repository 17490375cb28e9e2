/* SPDX-License-Identifier: MIT */
#ifndef NET_NEIGHBOUR_H
#define NET_NEIGHBOUR_H
/*
 * neighbour.h -- the machines on our links and their link addresses
 *
 * Theory, and the picture of the states: net/core/neighbour.c.  The protocol
 * that asks (ARP) is behind neigh_table.solicit.
 */

#include <kernel/refcount.h>
#include <kernel/rwlock.h>
#include <kernel/seqlock.h>
#include <kernel/timer.h>
#include <net/netdevice.h>
#include <uapi/neighbour.h>
#include <uapi/rtnetlink.h>

#define NUD_IN_TIMER (NUD_INCOMPLETE | NUD_REACHABLE | NUD_DELAY | NUD_PROBE)
#define NUD_VALID (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | \
		   NUD_STALE | NUD_DELAY)
#define NUD_CONNECTED (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE)

struct neigh_table;

/* Field keys: [c] constant [L] .lock [T] its table's lock, RCU to read
 * [s] ha_lock  [a] atomic */
struct neighbour {
	struct hlist_node hash;       /* [T] */
	struct neigh_table *tbl;      /* [c] */
	struct net_device *dev;       /* [c] counted */
	unsigned long confirmed;      /* jiffies: an answer was seen */
	unsigned long updated;        /* [L] the state changed */
	unsigned long used;           /* a packet was sent */
	rwlock_t lock;
	refcount_t refcnt;            /* [a] the table's, its timer's, users' */
	struct sk_buff_head arp_queue; /* [L] wait for the address */
	unsigned int arp_queue_len_bytes; /* [L] */
	struct timer_list timer;      /* [L] */
	atomic_t probes;              /* [L] asked so often */
	u8 nud_state;                 /* [L] READ_ONCE without */
	u8 type;                      /* [c] RTN_* of its address */
	u8 dead;                      /* [L] out of the table */
	u8 protocol;                  /* [L] */
	u32 flags;                    /* [L] NTF_* */
	seqlock_t ha_lock;
	unsigned char ha[MAX_ADDR_LEN]; /* [s] */
	struct rcu_head rcu;
	u8 primary_key[4];            /* [c] the IP address */
};

/* /proc/sys/net/ipv4/neigh/default; times in jiffies */
struct neigh_parms {
	int mcast_probes, ucast_probes, app_probes;
	int queue_len_bytes;
	int base_reachable_time, retrans_time, gc_staletime;
	int delay_probe_time;
	int gc_thresh1, gc_thresh2, gc_thresh3; /* entries */
};

#define NEIGH_HASH_BITS 8

struct neigh_table {
	int family;
	unsigned int key_len;
	__be16 protocol;
	/* 0, or -EINVAL: no neighbour can have this key. */
	int (*constructor)(struct neighbour *n);
	void (*solicit)(struct neighbour *n, struct sk_buff *skb);
	void (*error_report)(struct neighbour *n, struct sk_buff *skb);
	struct neigh_parms parms;
	atomic_t entries;
	spinlock_t lock;              /* bh off */
	struct hlist_head buckets[1 << NEIGH_HASH_BITS];
	u32 hash_rnd;
	struct timer_list gc_timer;
};

void neigh_table_init(struct neigh_table *tbl);
/* Counted; NULL / ERR_PTR(-ENOBUFS, -EINVAL).  Any context but hard irq. */
struct neighbour *neigh_lookup(struct neigh_table *tbl, const void *key,
			       struct net_device *dev);
struct neighbour *neigh_create(struct neigh_table *tbl, const void *key,
			       struct net_device *dev);
struct neighbour *__neigh_lookup(struct neigh_table *tbl, const void *key,
				 struct net_device *dev, int creat);
/* Under rcu_read_lock(), not counted; NULL. */
struct neighbour *__neigh_lookup_noref(struct neigh_table *tbl,
				       const void *key,
				       struct net_device *dev);
void neigh_destroy(struct rcu_head *head);

#define NEIGH_UPDATE_F_OVERRIDE 1     /* another address may replace one */
#define NEIGH_UPDATE_F_WEAK_OVERRIDE 2
#define NEIGH_UPDATE_F_ADMIN 0x80000000u
/* What was heard or configured: 0, -EINVAL, -EPERM.  lladdr may be NULL. */
int neigh_update(struct neighbour *n, const u8 *lladdr, u8 new_state, u32 flags,
		 u32 nlmsg_pid);
/* A request from that neighbour was seen: made or refreshed, STALE. */
struct neighbour *neigh_event_ns(struct neigh_table *tbl, u8 *lladdr,
				 void *saddr, struct net_device *dev);
/* Take it out of the table: RTM_DELNEIGH. */
bool neigh_remove_one(struct neighbour *n, struct neigh_table *tbl);
/* Send skb (network header on, dev set), asking first if need be. */
int neigh_output(struct neighbour *n, struct sk_buff *skb);
/* The link is down (or another address): forget what we know. */
int neigh_ifdown(struct neigh_table *tbl, struct net_device *dev);
void neigh_changeaddr(struct neigh_table *tbl, struct net_device *dev);
/* Each entry, under the table's lock: what rtnetlink and /proc show. */
void neigh_for_each(struct neigh_table *tbl,
		    void (*cb)(struct neighbour *n, void *arg), void *arg);
/* The address as it is now: NUD state returned, ha copied. */
u8 neigh_snapshot(struct neighbour *n, unsigned char *ha);

static inline struct neighbour *neigh_clone(struct neighbour *n)
{
	if (n)
		refcount_inc(&n->refcnt);
	return n;
}

static inline void neigh_release(struct neighbour *n)
{
	if (refcount_dec_and_test(&n->refcnt))
		call_rcu(&n->rcu, neigh_destroy);
}

/* A higher layer heard from it: no need to ask. */
static inline void neigh_confirm(struct neighbour *n)
{
	if (n && READ_ONCE(n->confirmed) != jiffies)
		WRITE_ONCE(n->confirmed, jiffies);
}

#endif
