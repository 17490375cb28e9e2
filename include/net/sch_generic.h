/* SPDX-License-Identifier: MIT */
#ifndef NET_SCH_GENERIC_H
#define NET_SCH_GENERIC_H
/*
 * sch_generic.h -- queueing disciplines: what waits for a device, and in
 * which order it goes.  Theory: net/sched/sch_generic.c.
 */

#include <net/netdevice.h>

struct Qdisc;

/* enqueue takes over skb: NET_XMIT_SUCCESS, _CN (another was dropped), _DROP
 * (this one; put on *to_free).  All but init and destroy with q->lock held. */
struct Qdisc_ops {
	const char *id;
	size_t priv_size;
	int (*enqueue)(struct sk_buff *skb, struct Qdisc *q,
		       struct sk_buff **to_free);
	struct sk_buff *(*dequeue)(struct Qdisc *q);
	struct sk_buff *(*peek)(struct Qdisc *q);
	int (*init)(struct Qdisc *q);
	void (*reset)(struct Qdisc *q);
	void (*destroy)(struct Qdisc *q);
	/* RTM_GETQDISC's options; NULL: none. */
	int (*dump)(struct Qdisc *q, struct sk_buff *skb);
};

struct gnet_stats_queue {
	u32 qlen, backlog, drops, requeues, overlimits;
};

enum { __QDISC_STATE_SCHED, __QDISC_STATE_DEACTIVATED };

/* Field keys:  [c] constant   [L] .lock   [a] atomic bits */
struct Qdisc {
	const struct Qdisc_ops *ops;  /* [c] */
	struct netdev_queue *dev_queue; /* [c] */
	u32 handle, parent;           /* [c] */
	u32 limit;                    /* [L] packets */
	unsigned long state;          /* [a] */
	bool running;                 /* [L] somebody sends from it */
	spinlock_t lock;
	struct sk_buff *gso_skb;      /* [L] the device had no room for it */
	u32 qlen, backlog;            /* [L] packets, bytes */
	u64 bytes, packets;           /* [L] sent */
	struct gnet_stats_queue qstats; /* [L] */
	struct Qdisc *next_sched;     /* the CPU's output_queue */
	refcount_t refcnt;
	struct rcu_head rcu;
	unsigned long priv[];
};

#define qdisc_priv(q) ((void *)(q)->priv)

static inline struct net_device *qdisc_dev(const struct Qdisc *q)
{
	return q->dev_queue->dev;
}

extern struct Qdisc noop_qdisc;
extern const struct Qdisc_ops pfifo_fast_ops, noqueue_qdisc_ops, fq_codel_ops;

struct Qdisc *qdisc_alloc(struct netdev_queue *txq, const struct Qdisc_ops *ops);
void qdisc_put(struct Qdisc *q);
const struct Qdisc_ops *qdisc_lookup_ops(const char *id); /* NULL */
int register_qdisc(const struct Qdisc_ops *ops, struct list_head *node);
/* Another discipline for the device; NULL: the default.  rtnl; may sleep. */
int dev_set_qdisc(struct net_device *dev, const struct Qdisc_ops *ops);

void dev_init_scheduler(struct net_device *dev);  /* rtnl, all of these */
void dev_activate(struct net_device *dev);
void dev_deactivate(struct net_device *dev);
void dev_shutdown(struct net_device *dev);

/* Send what q has, as long as it is fair; bh off. */
void __qdisc_run(struct Qdisc *q);
/* dev_queue_xmit()'s part with a queue. */
int dev_xmit_skb(struct sk_buff *skb, struct Qdisc *q, struct net_device *dev,
		 struct netdev_queue *txq);

static inline int qdisc_drop(struct sk_buff *skb, struct Qdisc *q,
			     struct sk_buff **to_free)
{
	skb->next = *to_free;
	*to_free = skb;
	q->qstats.drops++;
	return NET_XMIT_DROP;
}

extern char net_default_qdisc[16];            /* /proc/sys/net/core */

#endif
