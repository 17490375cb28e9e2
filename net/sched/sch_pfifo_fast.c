/* SPDX-License-Identifier: MIT */
/*
 * sch_pfifo_fast.c -- three bands, first in first out in each
 *
 * skb->priority (from IP's type of service, or SO_PRIORITY) chooses the band;
 * a lower one is emptied before a higher one is looked at.  The limit is the
 * device's tx_queue_len, over all bands.
 */

#include <net/sch_generic.h>

#include <kernel/kernel.h>
#include <net/netlink.h>
#include <uapi/pkt_sched.h>

#define BANDS 3

struct pfifo_fast_priv {
	struct sk_buff_head q[BANDS];
};

static const u8 prio2band[TC_PRIO_MAX + 1] = {
	1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1
};

static int pfifo_fast_init(struct Qdisc *q, struct nlattr *opt,
			   struct netlink_ext_ack *extack)
{
	struct pfifo_fast_priv *p = qdisc_priv(q);

	for (int i = 0; i < BANDS; i++)
		skb_queue_head_init(&p->q[i]);
	return 0;
}

static int pfifo_fast_enqueue(struct sk_buff *skb, struct Qdisc *q,
			      struct sk_buff **to_free)
{
	struct pfifo_fast_priv *p = qdisc_priv(q);

	if (q->qlen >= q->limit)
		return qdisc_drop(skb, q, to_free);
	__skb_queue_tail(&p->q[prio2band[skb->priority & TC_PRIO_MAX]], skb);
	q->qlen++;
	q->backlog += skb->len;
	return NET_XMIT_SUCCESS;
}

static struct sk_buff *pfifo_fast_dequeue(struct Qdisc *q)
{
	struct pfifo_fast_priv *p = qdisc_priv(q);

	for (int i = 0; i < BANDS; i++) {
		struct sk_buff *skb = __skb_dequeue(&p->q[i]);

		if (skb) {
			q->qlen--;
			q->backlog -= skb->len;
			return skb;
		}
	}
	return NULL;
}

static struct sk_buff *pfifo_fast_peek(struct Qdisc *q)
{
	struct pfifo_fast_priv *p = qdisc_priv(q);

	for (int i = 0; i < BANDS; i++)
		if (!skb_queue_empty(&p->q[i]))
			return skb_peek(&p->q[i]);
	return NULL;
}

static void pfifo_fast_reset(struct Qdisc *q)
{
	struct pfifo_fast_priv *p = qdisc_priv(q);

	for (int i = 0; i < BANDS; i++)
		__skb_queue_purge(&p->q[i]);
}

static int pfifo_fast_dump(struct Qdisc *q, struct sk_buff *skb)
{
	struct tc_prio_qopt opt = { .bands = BANDS };

	memcpy(opt.priomap, prio2band, sizeof(opt.priomap));
	return nla_put(skb, TCA_OPTIONS, sizeof(opt), &opt);
}

struct Qdisc_ops pfifo_fast_ops = {
	.id = "pfifo_fast",
	.priv_size = sizeof(struct pfifo_fast_priv),
	.enqueue = pfifo_fast_enqueue,
	.dequeue = pfifo_fast_dequeue,
	.peek = pfifo_fast_peek,
	.init = pfifo_fast_init,
	.reset = pfifo_fast_reset,
	.dump = pfifo_fast_dump,
	.can_bypass = true,
};
