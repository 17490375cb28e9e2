/* SPDX-License-Identifier: MIT */
#ifndef NET_SCH_GENERIC_H
#define NET_SCH_GENERIC_H
/*
 * sch_generic.h -- queueing disciplines: what waits for a device, and in
 * which order it goes.  Theory: net/sched/sch_generic.c.
 */

#include <kernel/hrtimer.h>
#include <net/netdevice.h>

struct Qdisc;
struct netlink_ext_ack;
struct nlattr;

/*
 * enqueue takes over skb: NET_XMIT_SUCCESS, _CN (another was dropped), _DROP
 * (this one; put on *to_free).  dequeue: NULL: nothing that may go now.  These
 * and peek, reset with q->lock held; init, change, dump with rtnl.
 */
struct Qdisc_ops {
	const char *id;
	size_t priv_size;
	bool can_bypass;              /* what finds it empty need not queue */
	int (*enqueue)(struct sk_buff *skb, struct Qdisc *q,
		       struct sk_buff **to_free);
	struct sk_buff *(*dequeue)(struct Qdisc *q);
	struct sk_buff *(*peek)(struct Qdisc *q);
	/* opt: TCA_OPTIONS, NULL: none were given.  May sleep. */
	int (*init)(struct Qdisc *q, struct nlattr *opt,
		    struct netlink_ext_ack *extack);
	int (*change)(struct Qdisc *q, struct nlattr *opt,
		      struct netlink_ext_ack *extack);
	void (*reset)(struct Qdisc *q);
	void (*destroy)(struct Qdisc *q); /* any context; init may have failed */
	/* RTM_GETQDISC's TCA_OPTIONS; NULL: none.  -EMSGSIZE. */
	int (*dump)(struct Qdisc *q, struct sk_buff *skb);
	/* Statistics of its own, at most size bytes of xstats: how many. */
	int (*dump_stats)(struct Qdisc *q, void *xstats, int size);
	struct list_head list;        /* register_qdisc() */
};

struct gnet_stats_queue {
	u32 qlen, backlog, drops, requeues, overlimits;
};

enum { __QDISC_STATE_SCHED, __QDISC_STATE_DEACTIVATED };

/* Field keys:  [c] constant   [L] .lock   [a] atomic bits */
struct Qdisc {
	const struct Qdisc_ops *ops;  /* [c] */
	struct netdev_queue *dev_queue; /* [c] the queue it sends by */
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
extern struct Qdisc_ops pfifo_fast_ops, noqueue_qdisc_ops, fq_codel_ops,
	netem_qdisc_ops, pfifo_qdisc_ops, bfifo_qdisc_ops;

/* ERR_PTR.  rtnl. */
struct Qdisc *qdisc_alloc(struct netdev_queue *txq, const struct Qdisc_ops *ops,
			  struct nlattr *opt, struct netlink_ext_ack *extack);
void qdisc_put(struct Qdisc *q);
void qdisc_reset(struct Qdisc *q);
const struct Qdisc_ops *qdisc_lookup_ops(const char *id); /* NULL */
int register_qdisc(struct Qdisc_ops *ops); /* 0, -EEXIST; initcalls */
/*
 * Another root for the device, in front of all its queues; NULL: the default,
 * one before each queue.  Takes over the caller's reference.  rtnl; may sleep.
 */
int dev_graft_root(struct net_device *dev, struct Qdisc *q);
/* Has each of several queues a discipline of its own ("mq")?  rtnl. */
bool dev_qdisc_is_mq(const struct net_device *dev);
const char *dev_qdisc_name(const struct net_device *dev);

void dev_init_scheduler(struct net_device *dev);  /* rtnl, all of these */
void dev_activate(struct net_device *dev);
void dev_deactivate(struct net_device *dev);
void dev_shutdown(struct net_device *dev);

/* Send what q has, as long as it is fair; bh off. */
void __qdisc_run(struct Qdisc *q);
/* dev_queue_xmit()'s part with a queue. */
int dev_xmit_skb(struct sk_buff *skb, struct Qdisc *q, struct net_device *dev,
		 struct netdev_queue *txq);

/* Link and payload: what a packet of the device may weigh. */
static inline unsigned int psched_mtu(const struct net_device *dev)
{
	return dev->mtu + dev->hard_header_len;
}

static inline void qdisc_qlen_inc(struct Qdisc *q, const struct sk_buff *skb)
{
	q->qlen++;
	q->backlog += skb->len;
}

static inline void qdisc_qlen_dec(struct Qdisc *q, const struct sk_buff *skb)
{
	q->qlen--;
	q->backlog -= skb->len;
}

/* What a discipline notes in a packet that waits. */
struct qdisc_skb_cb {
	u64 time;                     /* ns: came at (CoDel), may go at (netem) */
	u32 truesize;                 /* when it came */
};

static inline struct qdisc_skb_cb *qdisc_skb_cb(struct sk_buff *skb)
{
	return (struct qdisc_skb_cb *)skb->cb;
}

/* "Ask me again at that time", for who has packets that may not go yet. */
struct qdisc_watchdog {
	struct hrtimer timer;
	struct Qdisc *qdisc;
};

void qdisc_watchdog_init(struct qdisc_watchdog *wd, struct Qdisc *q);
void qdisc_watchdog_schedule_ns(struct qdisc_watchdog *wd, u64 expires);
void qdisc_watchdog_cancel(struct qdisc_watchdog *wd);


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
