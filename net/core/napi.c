/* SPDX-License-Identifier: MIT */
/*
 * napi.c -- packets come in: polling with a budget, and handing them up
 *
 * PROMISE.  However fast packets come, the softirq lets go after
 * netdev_budget packets or netdev_budget_usecs, and tasks run; what a CPU
 * holds for netif_rx() is bounded by netdev_max_backlog.
 *
 * IDEA.  A device's first packet makes an interrupt; its handler masks it and
 * puts the device's napi on this CPU's poll list.  The softirq calls poll()
 * of each in turn, a weight at a time.  A poll that found less than its weight
 * calls napi_complete_done() and unmasks; one that found more stays on the
 * list.  So interrupts are for idle devices, polling for busy ones.
 *
 *	state SCHED: on a list, or being polled, or disabled; who sets it owns
 *	the napi.  MISSED: scheduled again meanwhile, so poll once more.
 *
 * netif_rx() (loopback, veth) puts packets on the CPU's own queue, whose poll
 * is process_backlog().
 *
 * HANDING UP.  Taps (ETH_P_ALL) get clones, a bridge may take the packet, then
 * whoever registered for its protocol.  All under rcu_read_lock().
 *
 * LOCKING.  poll_list: irqs off, this CPU.  input_pkt_queue: its lock, irqs
 * off.  ptype lists: ptype_lock to change, RCU to read.
 */

#include "dev.h"

#include <kernel/delay.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>
#include <net/dst.h>
#include <net/sch_generic.h>

#define PTYPE_HASH_SIZE 16

DEFINE_PER_CPU(struct softnet_data, softnet_data);
int netdev_max_backlog = 1000, netdev_budget = 300, dev_weight = 64;
unsigned int netdev_budget_usecs = 8000;

static DEFINE_SPINLOCK(ptype_lock);
static LIST_HEAD(ptype_all);
static struct list_head ptype_base[PTYPE_HASH_SIZE];

/* ---- who takes packets ---- */

static struct list_head *ptype_head(const struct packet_type *pt)
{
	if (pt->type == htons(ETH_P_ALL))
		return pt->dev ? &pt->dev->ptype_all : &ptype_all;
	return pt->dev ? &pt->dev->ptype_specific
		       : &ptype_base[ntohs(pt->type) % PTYPE_HASH_SIZE];
}

void ptype_for_each(void (*fn)(const struct packet_type *pt, void *arg),
		    void *arg)
{
	struct packet_type *pt;

	rcu_read_lock();
	list_for_each_entry_rcu(pt, &ptype_all, list)
		fn(pt, arg);
	for (int i = 0; i < PTYPE_HASH_SIZE; i++)
		list_for_each_entry_rcu(pt, &ptype_base[i], list)
			fn(pt, arg);
	rcu_read_unlock();
}

void dev_add_pack(struct packet_type *pt)
{
	spin_lock_bh(&ptype_lock);
	list_add_rcu(&pt->list, ptype_head(pt));
	spin_unlock_bh(&ptype_lock);
}

void __dev_remove_pack(struct packet_type *pt)
{
	struct packet_type *p;

	spin_lock_bh(&ptype_lock);
	list_for_each_entry(p, ptype_head(pt), list) {
		if (p == pt) {
			list_del_rcu(&pt->list);
			break;
		}
	}
	spin_unlock_bh(&ptype_lock);
}

void dev_remove_pack(struct packet_type *pt)
{
	__dev_remove_pack(pt);
	synchronize_rcu();
}

static bool tap_wants(struct packet_type *pt, struct sk_buff *skb)
{
	if (pt->af_packet_net && !net_eq(pt->af_packet_net, dev_net(skb->dev)))
		return false;
	if (!pt->af_packet_priv || !skb->sk)
		return true;
	return pt->id_match ? !pt->id_match(pt, skb->sk)
			    : pt->af_packet_priv != skb->sk;
}

static void nit_list(struct sk_buff *skb, struct net_device *dev,
		     struct list_head *taps)
{
	struct packet_type *pt;

	list_for_each_entry_rcu(pt, taps, list) {
		struct sk_buff *clone;

		if (pt->ignore_outgoing || !tap_wants(pt, skb))
			continue;
		clone = skb_clone(skb, GFP_ATOMIC);
		if (!clone)
			return;
		if (!clone->tstamp)
			clone->tstamp = ktime_get_real();
		skb_reset_mac_header(clone);
		if (skb_network_header(clone) < clone->data ||
		    skb_network_header(clone) > skb_tail_pointer(clone))
			skb_reset_network_header(clone);
		clone->transport_header = clone->network_header;
		clone->pkt_type = PACKET_OUTGOING;
		pt->func(clone, dev, pt, dev);
	}
}

/* Taps see what is about to leave by dev; bh off. */
void dev_queue_xmit_nit(struct sk_buff *skb, struct net_device *dev)
{
	if (list_empty(&ptype_all) && list_empty(&dev->ptype_all))
		return;
	rcu_read_lock();
	nit_list(skb, dev, &ptype_all);
	nit_list(skb, dev, &dev->ptype_all);
	rcu_read_unlock();
}

/* ---- handing up ---- */

/*
 * The packet goes to all of the list that match; *last is the one that has
 * not got it yet, so that the last gets the packet itself and not a clone.
 */
static void deliver_list(struct sk_buff *skb, struct packet_type **last,
			 struct list_head *list, __be16 type,
			 struct net_device *orig_dev)
{
	struct packet_type *pt;

	list_for_each_entry_rcu(pt, list, list) {
		if (pt->type != type)
			continue;
		if (pt->af_packet_net &&
		    !net_eq(pt->af_packet_net, dev_net(skb->dev)))
			continue;
		if (*last) {
			refcount_inc(&skb->users);
			(*last)->func(skb, skb->dev, *last, orig_dev);
		}
		*last = pt;
	}
}

/* true: somebody below the protocols took it (*pskb NULL) or changed it. */
static bool rx_handler_took(struct sk_buff **pskb, struct packet_type **last,
			    struct net_device *orig_dev, bool *again)
{
	struct sk_buff *skb = *pskb;
	rx_handler_func_t *handler = rcu_dereference(skb->dev->rx_handler);

	*again = false;
	if (!handler)
		return false;
	if (*last) {
		refcount_inc(&skb->users);
		(*last)->func(skb, skb->dev, *last, orig_dev);
		*last = NULL;
	}
	switch (handler(pskb)) {
	case RX_HANDLER_CONSUMED:
		return true;
	case RX_HANDLER_ANOTHER:
		*again = true;
		return false;
	default:
		return false;
	}
}

static int receive_skb_core(struct sk_buff *skb)
{
	struct net_device *orig_dev = skb->dev;
	struct packet_type *last = NULL;
	__be16 type;
	bool again;

	skb_reset_network_header(skb);
	if (!skb_transport_header_was_set(skb))
		skb_reset_transport_header(skb);
	skb->mac_len = skb->network_header - skb->mac_header;
	do {
		skb->skb_iif = skb->dev->ifindex;
		this_cpu_inc(softnet_data.processed);
		deliver_list(skb, &last, &ptype_all, htons(ETH_P_ALL), orig_dev);
		deliver_list(skb, &last, &skb->dev->ptype_all,
			     htons(ETH_P_ALL), orig_dev);
		if (rx_handler_took(&skb, &last, orig_dev, &again))
			return NET_RX_SUCCESS;
	} while (again);
	type = skb->protocol;
	deliver_list(skb, &last, &ptype_base[ntohs(type) % PTYPE_HASH_SIZE],
		     type, orig_dev);
	deliver_list(skb, &last, &skb->dev->ptype_specific, type, orig_dev);
	if (last)
		return last->func(skb, skb->dev, last, orig_dev);
	atomic_long_inc(&skb->dev->rx_nohandler);
	kfree_skb(skb);
	return NET_RX_DROP;
}

int netif_receive_skb(struct sk_buff *skb)
{
	int ret;

	rcu_read_lock();
	ret = receive_skb_core(skb);
	rcu_read_unlock();
	return ret;
}

void netif_receive_skb_list(struct list_head *head)
{
	struct sk_buff *skb, *next;

	rcu_read_lock();
	list_for_each_entry_safe(skb, next, head, list) {
		list_del(&skb->list);
		skb->next = NULL;
		receive_skb_core(skb);
	}
	rcu_read_unlock();
}

/* ---- this CPU's own queue ---- */

static int enqueue_to_backlog(struct sk_buff *skb)
{
	struct softnet_data *sd;
	unsigned long flags;

	local_irq_save(flags);
	sd = this_cpu_ptr(&softnet_data);
	spin_lock(&sd->input_pkt_queue.lock);
	if (!netif_running(skb->dev) || skb_queue_len(&sd->input_pkt_queue) >
	    READ_ONCE(netdev_max_backlog)) {
		spin_unlock(&sd->input_pkt_queue.lock);
		atomic_inc(&sd->dropped);
		local_irq_restore(flags);
		atomic_long_inc(&skb->dev->rx_dropped);
		dev_kfree_skb_any(skb);
		return NET_RX_DROP;
	}
	__skb_queue_tail(&sd->input_pkt_queue, skb);
	spin_unlock(&sd->input_pkt_queue.lock);
	if (napi_schedule_prep(&sd->backlog))
		__napi_schedule(&sd->backlog);
	local_irq_restore(flags);
	return NET_RX_SUCCESS;
}

/* From a task, the packet is handled before this returns. */
int netif_rx(struct sk_buff *skb)
{
	bool task = !in_interrupt() && !irqs_disabled();
	int ret;

	if (task)
		local_bh_disable();
	ret = enqueue_to_backlog(skb);
	if (task)
		local_bh_enable();
	return ret;
}

static int process_backlog(struct napi_struct *napi, int quota)
{
	struct softnet_data *sd = container_of(napi, struct softnet_data,
					       backlog);
	struct sk_buff *skb;
	int work = 0;

	for (;;) {
		while (work < quota && (skb = __skb_dequeue(&sd->process_queue))) {
			netif_receive_skb(skb);
			work++;
		}
		if (work >= quota)
			return work;
		spin_lock_irq(&sd->input_pkt_queue.lock);
		if (skb_queue_empty(&sd->input_pkt_queue)) {
			napi->state = 0;  /* nobody else's: no MISSED here */
			spin_unlock_irq(&sd->input_pkt_queue.lock);
			return work;
		}
		skb_queue_splice_tail_init(&sd->input_pkt_queue,
					   &sd->process_queue);
		spin_unlock_irq(&sd->input_pkt_queue.lock);
	}
}

static void drop_of_dev(struct sk_buff_head *q, struct net_device *dev,
			struct sk_buff **dropped)
{
	struct sk_buff *skb, *next;

	skb_queue_walk_safe(q, skb, next) {
		if (skb->dev == dev) {
			__skb_unlink(skb, q);
			skb->next = *dropped;
			*dropped = skb;
		}
	}
}

/* process_queue is its CPU's own: what is there goes within this RCU turn. */
void flush_backlog(struct net_device *dev)
{
	struct sk_buff *dropped = NULL;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct softnet_data *sd = per_cpu_ptr(&softnet_data, cpu);

		spin_lock_irq(&sd->input_pkt_queue.lock);
		drop_of_dev(&sd->input_pkt_queue, dev, &dropped);
		spin_unlock_irq(&sd->input_pkt_queue.lock);
	}
	kfree_skb_list(dropped);
	for_each_possible_cpu(cpu) {
		struct softnet_data *sd = per_cpu_ptr(&softnet_data, cpu);

		while (!skb_queue_empty_lockless(&sd->process_queue))
			msleep(1);
	}
}

/* ---- NAPI ---- */

bool napi_schedule_prep(struct napi_struct *n)
{
	unsigned long old, new;

	do {
		old = READ_ONCE(n->state);
		if (old & BIT(NAPI_STATE_DISABLE))
			return false;
		new = old | BIT(NAPI_STATE_SCHED);
		if (old & BIT(NAPI_STATE_SCHED))
			new |= BIT(NAPI_STATE_MISSED);
	} while (cmpxchg(&n->state, old, new) != old);
	return !(old & BIT(NAPI_STATE_SCHED));
}

void __napi_schedule(struct napi_struct *n)
{
	unsigned long flags;

	local_irq_save(flags);
	list_add_tail(&n->poll_list, &this_cpu_ptr(&softnet_data)->poll_list);
	raise_softirq_irqoff(NET_RX_SOFTIRQ);
	local_irq_restore(flags);
}

bool napi_complete_done(struct napi_struct *n, int work_done)
{
	unsigned long old, new;

	napi_gro_flush(n, false);
	do {
		old = READ_ONCE(n->state);
		new = old & ~(BIT(NAPI_STATE_MISSED) | BIT(NAPI_STATE_SCHED));
		if (old & BIT(NAPI_STATE_MISSED))
			new |= BIT(NAPI_STATE_SCHED);
	} while (cmpxchg(&n->state, old, new) != old);
	if (old & BIT(NAPI_STATE_MISSED)) {
		__napi_schedule(n);
		return false;
	}
	return true;
}

void netif_napi_add_weight(struct net_device *dev, struct napi_struct *napi,
			   int (*poll)(struct napi_struct *, int), int weight)
{
	static atomic_t ids = ATOMIC_INIT(0);

	INIT_LIST_HEAD(&napi->poll_list);
	for (int i = 0; i < GRO_HASH_BUCKETS; i++) {
		INIT_LIST_HEAD(&napi->gro_hash[i].list);
		napi->gro_hash[i].count = 0;
	}
	INIT_LIST_HEAD(&napi->rx_list);
	napi->gro_bitmask = 0;
	napi->poll = poll;
	napi->weight = weight;
	napi->dev = dev;
	napi->napi_id = atomic_inc_return(&ids) + NR_CPUS;
	/* Off until napi_enable(). */
	napi->state = BIT(NAPI_STATE_SCHED) | BIT(NAPI_STATE_NPSVC);
	list_add_tail(&napi->dev_list, &dev->napi_list);
}

void napi_enable(struct napi_struct *n)
{
	clear_bit(NAPI_STATE_NPSVC, &n->state);
	smp_mb();
	clear_bit(NAPI_STATE_DISABLE, &n->state);
	clear_bit(NAPI_STATE_MISSED, &n->state);
	clear_bit(NAPI_STATE_SCHED, &n->state);
}

void napi_disable(struct napi_struct *n)
{
	might_sleep();
	set_bit(NAPI_STATE_DISABLE, &n->state);
	while (test_and_set_bit(NAPI_STATE_SCHED, &n->state))
		msleep(1);
	set_bit(NAPI_STATE_NPSVC, &n->state);
	clear_bit(NAPI_STATE_DISABLE, &n->state);
}

void netif_napi_del(struct napi_struct *napi)
{
	list_del_init(&napi->dev_list);
}

struct sk_buff *napi_alloc_skb(struct napi_struct *napi, unsigned int length)
{
	return __netdev_alloc_skb(napi->dev, length, GFP_ATOMIC);
}

/* One turn of one napi.  true: it has more to do. */
static bool napi_poll_one(struct napi_struct *n, int *budget)
{
	int work = 0;

	if (test_bit(NAPI_STATE_SCHED, &n->state))
		work = n->poll(n, n->weight);
	*budget -= work;
	if (work < n->weight)
		return false;
	if (test_bit(NAPI_STATE_DISABLE, &n->state)) {
		napi_complete_done(n, work);
		return false;
	}
	napi_gro_flush(n, true);
	return true;
}

static void net_rx_action(struct softirq_action *h)
{
	struct softnet_data *sd = this_cpu_ptr(&softnet_data);
	unsigned long end = jiffies +
			    usecs_to_jiffies(READ_ONCE(netdev_budget_usecs));
	int budget = READ_ONCE(netdev_budget);
	LIST_HEAD(again);
	LIST_HEAD(list);

	local_irq_disable();
	list_splice_init(&sd->poll_list, &list);
	local_irq_enable();
	while (!list_empty(&list)) {
		struct napi_struct *n = list_first_entry(&list,
					struct napi_struct, poll_list);

		list_del_init(&n->poll_list);
		if (napi_poll_one(n, &budget))
			list_add_tail(&n->poll_list, &again);
		if (budget <= 0 || time_after(jiffies, end)) {
			sd->time_squeeze++;
			break;
		}
	}
	local_irq_disable();
	list_splice_tail_init(&sd->poll_list, &list);
	list_splice_tail_init(&again, &list);
	list_splice_init(&list, &sd->poll_list);
	if (!list_empty(&sd->poll_list))
		__raise_softirq_irqoff(NET_RX_SOFTIRQ);
	local_irq_enable();
}

/* ---- the transmit softirq: queues to run, packets to free ---- */

void dev_kfree_skb_any(struct sk_buff *skb)
{
	unsigned long flags;

	if (!skb)
		return;
	if (!in_hardirq() && !irqs_disabled()) {
		consume_skb(skb);
		return;
	}
	if (!skb_unref(skb))
		return;
	refcount_set(&skb->users, 1);
	local_irq_save(flags);
	skb->next = this_cpu_read(softnet_data.completion_queue);
	this_cpu_write(softnet_data.completion_queue, skb);
	raise_softirq_irqoff(NET_TX_SOFTIRQ);
	local_irq_restore(flags);
}

static void net_tx_action(struct softirq_action *h)
{
	struct softnet_data *sd = this_cpu_ptr(&softnet_data);
	struct sk_buff *skb;
	struct Qdisc *q;

	local_irq_disable();
	skb = sd->completion_queue;
	sd->completion_queue = NULL;
	q = sd->output_queue;
	sd->output_queue = NULL;
	sd->output_queue_tailp = &sd->output_queue;
	local_irq_enable();
	kfree_skb_list(skb);
	while (q) {
		struct Qdisc *next = q->next_sched;

		clear_bit(__QDISC_STATE_SCHED, &q->state);
		smp_mb__after_atomic();
		__qdisc_run(q);
		qdisc_put(q);
		q = next;
	}
}

void napi_init(void)
{
	int cpu;

	for (int i = 0; i < PTYPE_HASH_SIZE; i++)
		INIT_LIST_HEAD(&ptype_base[i]);
	for_each_possible_cpu(cpu) {
		struct softnet_data *sd = per_cpu_ptr(&softnet_data, cpu);

		INIT_LIST_HEAD(&sd->poll_list);
		skb_queue_head_init(&sd->input_pkt_queue);
		skb_queue_head_init(&sd->process_queue);
		sd->output_queue_tailp = &sd->output_queue;
		sd->backlog.poll = process_backlog;
		sd->backlog.weight = dev_weight;
		INIT_LIST_HEAD(&sd->backlog.poll_list);
		for (int i = 0; i < GRO_HASH_BUCKETS; i++)
			INIT_LIST_HEAD(&sd->backlog.gro_hash[i].list);
	}
	open_softirq(NET_TX_SOFTIRQ, net_tx_action);
	open_softirq(NET_RX_SOFTIRQ, net_rx_action);
}
