/* SPDX-License-Identifier: MIT */
/*
 * sch_fifo.c -- pfifo and bfifo: first in, first out, so many packets or bytes
 *
 * What finds the queue full is dropped: a "tail drop", which hits bursts of
 * all flows at once and lets a standing queue stand.  CoDel does better.
 */

#include <net/sch_generic.h>

#include <kernel/init.h>
#include <kernel/kernel.h>
#include <net/netlink.h>
#include <uapi/pkt_sched.h>

struct fifo_priv {
	struct sk_buff_head q;
};

static bool counts_bytes(const struct Qdisc *q)
{
	return q->ops == &bfifo_qdisc_ops;
}

static int fifo_enqueue(struct sk_buff *skb, struct Qdisc *q,
			struct sk_buff **to_free)
{
	struct fifo_priv *p = qdisc_priv(q);

	if (counts_bytes(q) ? q->backlog + skb->len > q->limit
			    : q->qlen >= q->limit)
		return qdisc_drop(skb, q, to_free);
	__skb_queue_tail(&p->q, skb);
	qdisc_qlen_inc(q, skb);
	return NET_XMIT_SUCCESS;
}

static struct sk_buff *fifo_dequeue(struct Qdisc *q)
{
	struct fifo_priv *p = qdisc_priv(q);
	struct sk_buff *skb = __skb_dequeue(&p->q);

	if (skb)
		qdisc_qlen_dec(q, skb);
	return skb;
}

static struct sk_buff *fifo_peek(struct Qdisc *q)
{
	return skb_peek(&((struct fifo_priv *)qdisc_priv(q))->q);
}

static int fifo_change(struct Qdisc *q, struct nlattr *opt,
		       struct netlink_ext_ack *extack)
{
	struct tc_fifo_qopt ctl;

	if (nla_len(opt) < (int)sizeof(ctl))
		return -EINVAL;
	nla_memcpy(&ctl, opt, sizeof(ctl));
	WRITE_ONCE(q->limit, ctl.limit);
	return 0;
}

static int fifo_init(struct Qdisc *q, struct nlattr *opt,
		     struct netlink_ext_ack *extack)
{
	struct fifo_priv *p = qdisc_priv(q);

	skb_queue_head_init(&p->q);
	if (opt)
		return fifo_change(q, opt, extack);
	if (counts_bytes(q))
		q->limit *= psched_mtu(qdisc_dev(q));
	return 0;
}

static void fifo_reset(struct Qdisc *q)
{
	__skb_queue_purge(&((struct fifo_priv *)qdisc_priv(q))->q);
}

static int fifo_dump(struct Qdisc *q, struct sk_buff *skb)
{
	struct tc_fifo_qopt opt = { .limit = q->limit };

	return nla_put(skb, TCA_OPTIONS, sizeof(opt), &opt);
}

#define FIFO_OPS(name)							\
	.id = name, .priv_size = sizeof(struct fifo_priv),		\
	.can_bypass = true, .enqueue = fifo_enqueue,			\
	.dequeue = fifo_dequeue, .peek = fifo_peek, .init = fifo_init,	\
	.change = fifo_change, .reset = fifo_reset, .dump = fifo_dump

struct Qdisc_ops pfifo_qdisc_ops = { FIFO_OPS("pfifo") };
struct Qdisc_ops bfifo_qdisc_ops = { FIFO_OPS("bfifo") };

static int sch_fifo_init(void)
{
	int err = register_qdisc(&pfifo_qdisc_ops);

	return err ? err : register_qdisc(&bfifo_qdisc_ops);
}
device_initcall(sch_fifo_init);
