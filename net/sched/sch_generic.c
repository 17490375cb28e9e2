/* SPDX-License-Identifier: MIT */
/*
 * sch_generic.c -- queues in front of devices, and who empties them
 *
 * PROMISE.  Packets that a device has no room for wait, within a limit, and go
 * in the order that the discipline says; one CPU at a time sends from a queue.
 *
 * IDEA.  enqueue puts the packet in; then, if nobody is `running` the queue,
 * this CPU does: it takes packets out and hands them to the driver until there
 * are none, or the driver is full, or it has sent its share (dev_weight) and
 * leaves the rest to NET_TX_SOFTIRQ.
 *
 *	CPU 0				CPU 1
 *	lock; enqueue; running = true
 *	  dequeue; unlock; send		lock; enqueue; running already:
 *	  lock; dequeue ...		unlock, and CPU 0 will send it
 *
 * An empty queue is bypassed.  A packet that the driver refused (BUSY) waits
 * in gso_skb, before all others.
 *
 * LOCKING.  q->lock (bh off) for the queue; txq->_xmit_lock for the driver,
 * never taken while q->lock is held.
 *
 * INVARIANTS
 *   I1  Who sets running clears it, under q->lock, having seen no more work
 *       or having scheduled the softirq.
 *   I2  qlen is what ops hold, and 1 for each packet of gso_skb.
 */

#include <net/sch_generic.h>

#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <mm/slab.h>
#include <net/dst.h>
#include <net/offload.h>
#include <net/tx_queue.h>
#include <uapi/pkt_sched.h>

char net_default_qdisc[16] = "pfifo_fast";

static int noop_enqueue(struct sk_buff *skb, struct Qdisc *q,
			struct sk_buff **to_free)
{
	return qdisc_drop(skb, q, to_free);
}

static struct sk_buff *noop_dequeue(struct Qdisc *q)
{
	return NULL;
}

/* A device that is down. */
static struct Qdisc_ops noop_qdisc_ops = {
	.id = "noop",
	.enqueue = noop_enqueue,
	.dequeue = noop_dequeue,
	.peek = noop_dequeue,
};

static struct netdev_queue noop_netdev_queue;

struct Qdisc noop_qdisc = {
	.ops = &noop_qdisc_ops,
	.dev_queue = &noop_netdev_queue,
	.lock = __SPIN_LOCK_UNLOCKED(noop_qdisc.lock),
	.refcnt = REFCOUNT_INIT(1),
};

/* A device that needs no queue. */
struct Qdisc_ops noqueue_qdisc_ops = { .id = "noqueue" };

/* ---- life ---- */

static LIST_HEAD(qdisc_kinds);                /* rtnl */

const struct Qdisc_ops *qdisc_lookup_ops(const char *id)
{
	struct Qdisc_ops *ops;

	list_for_each_entry(ops, &qdisc_kinds, list)
		if (!strcmp(ops->id, id))
			return ops;
	return NULL;
}

int register_qdisc(struct Qdisc_ops *ops)
{
	int err = -EEXIST;

	rtnl_lock();
	if (!qdisc_lookup_ops(ops->id)) {
		list_add_tail(&ops->list, &qdisc_kinds);
		err = 0;
	}
	rtnl_unlock();
	return err;
}

struct Qdisc *qdisc_alloc(struct netdev_queue *txq, const struct Qdisc_ops *ops,
			  struct nlattr *opt, struct netlink_ext_ack *extack)
{
	struct Qdisc *q = kzalloc(sizeof(*q) + ops->priv_size, GFP_KERNEL);
	int err;

	if (!q)
		return ERR_PTR(-ENOMEM);
	q->ops = ops;
	q->dev_queue = txq;
	q->limit = max(READ_ONCE(txq->dev->tx_queue_len), 1u);
	spin_lock_init(&q->lock);
	refcount_set(&q->refcnt, 1);
	set_bit(__QDISC_STATE_DEACTIVATED, &q->state);
	err = ops->init ? ops->init(q, opt, extack) : 0;
	if (err) {
		if (ops->destroy)
			ops->destroy(q);
		kfree(q);
		return ERR_PTR(err);
	}
	dev_hold(txq->dev);
	return q;
}

void qdisc_reset(struct Qdisc *q)
{
	spin_lock_bh(&q->lock);
	if (q->ops->reset)
		q->ops->reset(q);
	kfree_skb_list(q->gso_skb);
	q->gso_skb = NULL;
	q->qlen = q->backlog = 0;
	spin_unlock_bh(&q->lock);
}

static void qdisc_free_rcu(struct rcu_head *head)
{
	struct Qdisc *q = container_of(head, struct Qdisc, rcu);

	if (q->ops->destroy)
		q->ops->destroy(q);
	dev_put(q->dev_queue->dev);
	kfree(q);
}

void qdisc_put(struct Qdisc *q)
{
	if (q == &noop_qdisc || !refcount_dec_and_test(&q->refcnt))
		return;
	qdisc_reset(q);
	call_rcu(&q->rcu, qdisc_free_rcu);
}

/* ---- sending ---- */

static void keep_for_later(struct Qdisc *q, struct sk_buff *skb)
{
	for (struct sk_buff *s = skb; s; s = s->next) {
		q->qlen++;
		q->backlog += s->len;
		q->qstats.requeues++;
		if (!s->next) {
			s->next = q->gso_skb;
			break;
		}
	}
	q->gso_skb = skb;
}

static void count_sent(struct Qdisc *q, const struct sk_buff *skb)
{
	q->bytes += skb->len;
	q->packets += skb_is_gso(skb) ? max(skb_shinfo(skb)->gso_segs, 1) : 1;
}

/* The next packet to go; q->lock held. */
static struct sk_buff *dequeue_skb(struct Qdisc *q)
{
	struct sk_buff *skb = q->gso_skb;

	if (!skb) {
		skb = q->ops->dequeue(q);
		if (skb)
			count_sent(q, skb);
		return skb;
	}
	q->gso_skb = skb->next;
	skb->next = NULL;
	q->qlen--;
	q->backlog -= skb->len;
	return skb;
}

/* q->lock held, dropped meanwhile.  false: the driver is full. */
static bool sch_direct_xmit(struct sk_buff *skb, struct Qdisc *q,
			    struct net_device *dev, struct netdev_queue *txq)
{
	int rc = NETDEV_TX_BUSY;

	spin_unlock(&q->lock);
	if (!skb->next)
		skb = validate_xmit_skb(skb, dev);
	if (skb) {
		__netif_tx_lock(txq, smp_processor_id());
		if (!netif_xmit_frozen_or_stopped(txq))
			skb = dev_hard_start_xmit(skb, dev, txq, &rc);
		__netif_tx_unlock(txq);
	}
	spin_lock(&q->lock);
	if (!skb)
		return true;
	keep_for_later(q, skb);
	return false;
}

static bool txq_full(const struct Qdisc *q)
{
	return netif_xmit_frozen_or_stopped(q->dev_queue);
}

/*
 * q->lock held, we are the runner.  That dequeue has nothing for now is its
 * own affair: a packet that must wait has a watchdog.
 */
static void run_locked(struct Qdisc *q)
{
	struct netdev_queue *txq = q->dev_queue;
	int quota = READ_ONCE(dev_weight);
	bool more = true;
	struct sk_buff *skb;

	while (more && !txq_full(q) && --quota > 0) {
		skb = dequeue_skb(q);
		if (!skb) {
			more = false;
		} else if (!sch_direct_xmit(skb, q, txq->dev, txq)) {
			break;
		}
	}
	q->running = false;           /* I1 */
	if (more && q->qlen && !txq_full(q))
		__netif_schedule(q);
}

void __qdisc_run(struct Qdisc *q)
{
	spin_lock(&q->lock);
	if (!q->running && !test_bit(__QDISC_STATE_DEACTIVATED, &q->state)) {
		q->running = true;
		run_locked(q);
	}
	spin_unlock(&q->lock);
}

int dev_xmit_skb(struct sk_buff *skb, struct Qdisc *q, struct net_device *dev,
		 struct netdev_queue *txq)
{
	struct sk_buff *to_free = NULL;
	int rc = NET_XMIT_SUCCESS;

	if (unlikely(txq != q->dev_queue) && q != &noop_qdisc) {
		txq = q->dev_queue;   /* one root for many queues */
		skb->queue_mapping = txq - dev->_tx;
	}
	spin_lock(&q->lock);
	if (test_bit(__QDISC_STATE_DEACTIVATED, &q->state)) {
		rc = qdisc_drop(skb, q, &to_free);
	} else if (q->ops->can_bypass && !q->qlen && !q->running) {
		q->running = true;
		count_sent(q, skb);
		sch_direct_xmit(skb, q, dev, txq);
		run_locked(q);
	} else {
		rc = q->ops->enqueue(skb, q, &to_free);
		if (!q->running) {
			q->running = true;
			run_locked(q);
		}
	}
	spin_unlock(&q->lock);
	if (unlikely(to_free))
		kfree_skb_list(to_free);
	return rc;
}

/* Any context: the softirq shall run q. */
void __netif_schedule(struct Qdisc *q)
{
	struct softnet_data *sd;
	unsigned long flags;

	if (test_and_set_bit(__QDISC_STATE_SCHED, &q->state))
		return;
	local_irq_save(flags);
	sd = this_cpu_ptr(&softnet_data);
	q->next_sched = NULL;
	*sd->output_queue_tailp = q;
	sd->output_queue_tailp = &q->next_sched;
	if (q != &noop_qdisc)
		refcount_inc(&q->refcnt);
	raise_softirq_irqoff(NET_TX_SOFTIRQ);
	local_irq_restore(flags);
}

void netif_schedule_queue(struct netdev_queue *txq)
{
	rcu_read_lock();
	__netif_schedule(rcu_dereference(txq->qdisc));
	rcu_read_unlock();
}

/* ---- with the device's life; rtnl ---- */

static const struct Qdisc_ops *default_ops(struct net_device *dev)
{
	const struct Qdisc_ops *ops;

	if (dev->priv_flags & IFF_NO_QUEUE)
		return &noqueue_qdisc_ops;
	ops = qdisc_lookup_ops(net_default_qdisc);
	return ops ? ops : &pfifo_fast_ops;
}

void dev_init_scheduler(struct net_device *dev)
{
	for (unsigned int i = 0; i < dev->num_tx_queues; i++) {
		rcu_assign_pointer(dev->_tx[i].qdisc, &noop_qdisc);
		dev->_tx[i].qdisc_sleeping = &noop_qdisc;
	}
	dev->qdisc = &noop_qdisc;
}

void dev_activate(struct net_device *dev)
{
	if (!netif_carrier_ok(dev))
		return;               /* linkwatch comes back */
	for (unsigned int i = 0; i < dev->num_tx_queues; i++) {
		struct netdev_queue *txq = &dev->_tx[i];
		struct Qdisc *q = txq->qdisc_sleeping;

		if (q == &noop_qdisc) {
			q = qdisc_alloc(txq, default_ops(dev), NULL, NULL);
			if (IS_ERR(q)) {
				pr_warn("%s: no queue: %ld\n", dev->name,
					PTR_ERR(q));
				continue;
			}
			q->parent = dev->num_tx_queues > 1 ? i + 1 : TC_H_ROOT;
			txq->qdisc_sleeping = q;
		}
		clear_bit(__QDISC_STATE_DEACTIVATED, &q->state);
		WRITE_ONCE(txq->trans_start, jiffies);
		rcu_assign_pointer(txq->qdisc, q);
	}
	dev->qdisc = dev->_tx[0].qdisc_sleeping;
}

/* Afterwards no packet of ours is on its way to the driver. */
void dev_deactivate(struct net_device *dev)
{
	for (unsigned int i = 0; i < dev->num_tx_queues; i++) {
		struct netdev_queue *txq = &dev->_tx[i];
		struct Qdisc *q = txq->qdisc_sleeping;

		rcu_assign_pointer(txq->qdisc, &noop_qdisc);
		if (q != &noop_qdisc)
			set_bit(__QDISC_STATE_DEACTIVATED, &q->state);
	}
	synchronize_rcu();
	for (unsigned int i = 0; i < dev->num_tx_queues; i++) {
		struct Qdisc *q = dev->_tx[i].qdisc_sleeping;

		if (q != &noop_qdisc)
			qdisc_reset(q);
	}
}

void dev_shutdown(struct net_device *dev)
{
	for (unsigned int i = 0; i < dev->num_tx_queues; i++) {
		struct netdev_queue *txq = &dev->_tx[i];
		struct Qdisc *q = txq->qdisc_sleeping;

		rcu_assign_pointer(txq->qdisc, &noop_qdisc);
		txq->qdisc_sleeping = &noop_qdisc;
		qdisc_put(q);
	}
	dev->qdisc = &noop_qdisc;
}

bool dev_qdisc_is_mq(const struct net_device *dev)
{
	return dev->num_tx_queues > 1 && dev->_tx[0].qdisc_sleeping !=
					 dev->_tx[1].qdisc_sleeping;
}

const char *dev_qdisc_name(const struct net_device *dev)
{
	if (!dev->qdisc)
		return "noop";
	return dev_qdisc_is_mq(dev) ? "mq" : dev->qdisc->ops->id;
}

int dev_graft_root(struct net_device *dev, struct Qdisc *q)
{
	bool up = dev->flags & IFF_UP;

	ASSERT_RTNL();
	if (up)
		dev_deactivate(dev);
	dev_shutdown(dev);
	for (unsigned int i = 0; q && i < dev->num_tx_queues; i++) {
		dev->_tx[i].qdisc_sleeping = q;
		if (i)
			refcount_inc(&q->refcnt);
	}
	dev->qdisc = dev->_tx[0].qdisc_sleeping;
	if (up)
		dev_activate(dev);
	return 0;
}

/* ---- the watchdog ---- */

static enum hrtimer_restart qdisc_watchdog(struct hrtimer *timer)
{
	struct qdisc_watchdog *wd = container_of(timer, struct qdisc_watchdog,
						 timer);

	__netif_schedule(wd->qdisc);
	return HRTIMER_NORESTART;
}

void qdisc_watchdog_init(struct qdisc_watchdog *wd, struct Qdisc *q)
{
	hrtimer_setup(&wd->timer, qdisc_watchdog, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_PINNED);
	wd->qdisc = q;
}

/* q->lock held, q active: so it is cancelled by reset before q goes. */
void qdisc_watchdog_schedule_ns(struct qdisc_watchdog *wd, u64 expires)
{
	if (hrtimer_is_queued(&wd->timer) &&
	    (u64)hrtimer_get_expires(&wd->timer) == expires)
		return;
	hrtimer_start(&wd->timer, expires, HRTIMER_MODE_ABS_PINNED);
}

void qdisc_watchdog_cancel(struct qdisc_watchdog *wd)
{
	hrtimer_cancel(&wd->timer);
}

static int sch_generic_init(void)
{
	int err = register_qdisc(&pfifo_fast_ops);

	return err ? err : register_qdisc(&noqueue_qdisc_ops);
}
subsys_initcall(sch_generic_init);
