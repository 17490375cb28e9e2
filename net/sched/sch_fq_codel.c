/* SPDX-License-Identifier: MIT */
/*
 * sch_fq_codel.c -- a fair queue for each flow, each kept short (RFC 8290)
 *
 * PROMISE.  Flows share the device byte for byte; one that sends little does
 * not wait behind one that sends much; no flow keeps a standing queue.
 *
 * IDEA.  A hash of addresses and ports chooses one of 1024 queues.  Two lists
 * of queues that have packets are served in rounds, `quantum` bytes a turn
 * (deficit round robin); a queue that just became busy stands in the first
 * list, so a key stroke or a DNS question overtakes the download:
 *
 *	new: [ssh] -> [dns]			served first
 *	old: [download] -> [upload] -> ...	then these, in turn
 *
 *	deficit used up: to the end of old, with a new quantum
 *	empty: from new to the end of old (it cannot come back to new at once
 *	       and so starve the others); from old: out
 *
 * Which packets of a queue go, and which are dropped, is CoDel's (codel.h).
 *
 * LIMITS.  `limit` packets and `memory_limit` bytes in all; beyond, the queue
 * with most bytes loses half of them or 64 packets, so that a flood does not
 * cost a search for each packet.
 *
 * LOCKING.  q->lock.
 *
 * SEE RFC 8290, 8289; docs/110-qdiscs-fq-codel.md.
 */

#include <net/sch_generic.h>

#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>
#include <net/codel.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/netlink.h>
#include <uapi/pkt_sched.h>

#define DEFAULT_FLOWS 1024
#define MAX_FLOWS 65536
#define DEFAULT_LIMIT 10240
#define DEFAULT_MEMORY (32u << 20)
#define DEFAULT_BATCH 64
#define MIN_QUANTUM 256

struct fq_flow {
	struct sk_buff *head, *tail;
	struct list_head list;        /* in new, in old; or empty */
	s32 deficit;                  /* bytes it may still send this turn */
	u32 backlog;                  /* bytes in it */
	struct codel_vars vars;
};

struct fq_codel_priv {
	struct fq_flow *flows;        /* flows_cnt */
	u32 flows_cnt, quantum, batch, memory_limit, seed;
	bool ecn;
	struct codel_params params;
	struct list_head new_flows, old_flows;
	u32 memory;                   /* truesize of all */
	u32 maxpacket, ecn_mark, new_flow_count, overlimit, overmemory;
};

/* ---- which flow ---- */

static u32 mix(u32 h, u32 v)
{
	h = (h ^ v) * 0x9e3779b1u;
	return h ^ h >> 15;
}

/* Addresses, protocol and ports of IPv4; else the protocol. */
static u32 flow_hash(const struct sk_buff *skb, u32 seed)
{
	int at = skb_network_offset(skb);
	struct iphdr iph;
	u32 ports, h = mix(seed, skb->protocol);

	if (skb->protocol != htons(ETH_P_IP) ||
	    skb_copy_bits(skb, at, &iph, sizeof(iph)))
		return h;
	h = mix(mix(mix(h, iph.saddr), iph.daddr), iph.protocol);
	if (!ip_is_fragment(&iph) &&
	    (iph.protocol == IPPROTO_TCP || iph.protocol == IPPROTO_UDP) &&
	    !skb_copy_bits(skb, at + iph.ihl * 4, &ports, sizeof(ports)))
		h = mix(h, ports);
	return h;
}

static struct fq_flow *flow_of(struct fq_codel_priv *p,
			       const struct sk_buff *skb)
{
	return &p->flows[(u64)flow_hash(skb, p->seed) * p->flows_cnt >> 32];
}

/* ---- a flow's own queue ---- */

static void flow_add(struct fq_flow *f, struct sk_buff *skb)
{
	skb->next = NULL;
	if (f->head)
		f->tail->next = skb;
	else
		f->head = skb;
	f->tail = skb;
	f->backlog += skb->len;
}

static struct sk_buff *flow_take(struct Qdisc *q, struct fq_flow *f)
{
	struct fq_codel_priv *p = qdisc_priv(q);
	struct sk_buff *skb = f->head;

	if (!skb)
		return NULL;
	f->head = skb->next;
	skb->next = NULL;
	f->backlog -= skb->len;
	p->memory -= qdisc_skb_cb(skb)->truesize;
	qdisc_qlen_dec(q, skb);
	return skb;
}

/* ---- coming in ---- */

static struct fq_flow *fattest(struct fq_codel_priv *p)
{
	struct fq_flow *max = &p->flows[0];

	for (u32 i = 1; i < p->flows_cnt; i++)
		if (p->flows[i].backlog > max->backlog)
			max = &p->flows[i];
	return max;
}

/* From the head of the fattest flow: half of it, or a batch. */
static struct fq_flow *drop_from_fattest(struct Qdisc *q,
					 struct sk_buff **to_free)
{
	struct fq_codel_priv *p = qdisc_priv(q);
	struct fq_flow *f = fattest(p);
	u32 half = f->backlog / 2, n = 0;

	do {
		struct sk_buff *skb = flow_take(q, f);

		if (!skb)
			break;
		qdisc_drop(skb, q, to_free);
	} while (++n < p->batch && f->backlog > half);
	f->vars.count += n;           /* CoDel need not find out by itself */
	p->overlimit += n;
	return f;
}

static int fq_codel_enqueue(struct sk_buff *skb, struct Qdisc *q,
			    struct sk_buff **to_free)
{
	struct fq_codel_priv *p = qdisc_priv(q);
	struct fq_flow *f = flow_of(p, skb);
	bool over_memory;

	qdisc_skb_cb(skb)->time = ktime_get_ns();
	qdisc_skb_cb(skb)->truesize = skb->truesize;
	p->maxpacket = max(p->maxpacket, skb->len);
	flow_add(f, skb);
	qdisc_qlen_inc(q, skb);
	p->memory += skb->truesize;
	if (list_empty(&f->list)) {
		list_add_tail(&f->list, &p->new_flows);
		p->new_flow_count++;
		f->deficit = p->quantum;
	}
	over_memory = p->memory > p->memory_limit;
	if (q->qlen <= q->limit && !over_memory)
		return NET_XMIT_SUCCESS;
	p->overmemory += over_memory;
	return drop_from_fattest(q, to_free) == f ? NET_XMIT_CN :
	       NET_XMIT_SUCCESS;
}

/* ---- going out ---- */

/* The next of f that CoDel lets go; NULL: f is empty. */
static struct sk_buff *flow_dequeue(struct Qdisc *q, struct fq_flow *f)
{
	struct fq_codel_priv *p = qdisc_priv(q);
	codel_time_t now = NS_TO_CODEL(ktime_get_ns());
	struct sk_buff *skb;
	bool should;

	while ((skb = flow_take(q, f))) {
		should = codel_should_drop(&f->vars, &p->params,
			now - NS_TO_CODEL(qdisc_skb_cb(skb)->time),
			f->backlog, now);
		if (codel_decide(&f->vars, &p->params, should, now) == CODEL_SEND)
			return skb;
		if (p->ecn && INET_ECN_set_ce(skb)) {
			p->ecn_mark++;
			return skb;
		}
		q->qstats.drops++;
		kfree_skb(skb);
	}
	f->vars.first_above_time = 0;
	f->vars.dropping = false;
	return NULL;
}

static struct sk_buff *fq_codel_dequeue(struct Qdisc *q)
{
	struct fq_codel_priv *p = qdisc_priv(q);
	struct list_head *list;
	struct fq_flow *f;
	struct sk_buff *skb;

	for (;;) {
		list = list_empty(&p->new_flows) ? &p->old_flows
						 : &p->new_flows;
		if (list_empty(list))
			return NULL;
		f = list_first_entry(list, struct fq_flow, list);
		if (f->deficit <= 0) {
			f->deficit += p->quantum;
			list_move_tail(&f->list, &p->old_flows);
			continue;
		}
		skb = flow_dequeue(q, f);
		if (skb)
			break;
		if (list == &p->new_flows && !list_empty(&p->old_flows))
			list_move_tail(&f->list, &p->old_flows);
		else
			list_del_init(&f->list);
	}
	f->deficit -= skb->len;
	return skb;
}

static void fq_codel_reset(struct Qdisc *q)
{
	struct fq_codel_priv *p = qdisc_priv(q);

	for (u32 i = 0; i < p->flows_cnt; i++) {
		struct fq_flow *f = &p->flows[i];

		kfree_skb_list(f->head);
		*f = (struct fq_flow){ .list = LIST_HEAD_INIT(f->list) };
	}
	INIT_LIST_HEAD(&p->new_flows);
	INIT_LIST_HEAD(&p->old_flows);
	p->memory = 0;
}

/* ---- settings ---- */

static const struct nla_policy fq_codel_policy[TCA_FQ_CODEL_MAX + 1] = {
	[TCA_FQ_CODEL_TARGET] = { NLA_U32, 0 },
	[TCA_FQ_CODEL_LIMIT] = { NLA_U32, 0 },
	[TCA_FQ_CODEL_INTERVAL] = { NLA_U32, 0 },
	[TCA_FQ_CODEL_ECN] = { NLA_U32, 0 },
	[TCA_FQ_CODEL_FLOWS] = { NLA_U32, 0 },
	[TCA_FQ_CODEL_QUANTUM] = { NLA_U32, 0 },
	[TCA_FQ_CODEL_CE_THRESHOLD] = { NLA_U32, 0 },
	[TCA_FQ_CODEL_DROP_BATCH_SIZE] = { NLA_U32, 0 },
	[TCA_FQ_CODEL_MEMORY_LIMIT] = { NLA_U32, 0 },
};

static int fq_codel_parse(struct nlattr *opt, struct nlattr **tb,
			  struct netlink_ext_ack *extack)
{
	int err = nla_parse_nested(tb, TCA_FQ_CODEL_MAX, opt, fq_codel_policy,
				   extack);

	if (!err && tb[TCA_FQ_CODEL_QUANTUM] &&
	    nla_get_u32(tb[TCA_FQ_CODEL_QUANTUM]) > 1 << 20) {
		NL_SET_ERR_MSG(extack, "invalid quantum");
		err = -EINVAL;
	}
	return err;
}

/* Numbers that were checked; q->lock held, or nobody has q yet. */
static void take_numbers(struct Qdisc *q, struct nlattr **tb)
{
	struct fq_codel_priv *p = qdisc_priv(q);

	if (tb[TCA_FQ_CODEL_TARGET])
		p->params.target =
			US_TO_CODEL(nla_get_u32(tb[TCA_FQ_CODEL_TARGET]));
	if (tb[TCA_FQ_CODEL_INTERVAL])
		p->params.interval =
			US_TO_CODEL(nla_get_u32(tb[TCA_FQ_CODEL_INTERVAL]));
	if (tb[TCA_FQ_CODEL_LIMIT])
		q->limit = nla_get_u32(tb[TCA_FQ_CODEL_LIMIT]);
	if (tb[TCA_FQ_CODEL_ECN])
		p->ecn = nla_get_u32(tb[TCA_FQ_CODEL_ECN]);
	if (tb[TCA_FQ_CODEL_QUANTUM])
		p->quantum = max(nla_get_u32(tb[TCA_FQ_CODEL_QUANTUM]),
				 (u32)MIN_QUANTUM);
	if (tb[TCA_FQ_CODEL_DROP_BATCH_SIZE])
		p->batch = max(nla_get_u32(tb[TCA_FQ_CODEL_DROP_BATCH_SIZE]),
			       1u);
	if (tb[TCA_FQ_CODEL_MEMORY_LIMIT])
		p->memory_limit = min(
			nla_get_u32(tb[TCA_FQ_CODEL_MEMORY_LIMIT]),
			(u32)INT_MAX);
}

static int fq_codel_change(struct Qdisc *q, struct nlattr *opt,
			   struct netlink_ext_ack *extack)
{
	struct fq_codel_priv *p = qdisc_priv(q);
	struct nlattr *tb[TCA_FQ_CODEL_MAX + 1];
	struct sk_buff *to_free = NULL;
	int err = fq_codel_parse(opt, tb, extack);

	if (err)
		return err;
	if (tb[TCA_FQ_CODEL_FLOWS])
		return -EINVAL;       /* the table stays as it is */
	spin_lock_bh(&q->lock);
	take_numbers(q, tb);
	while (q->qlen && (q->qlen > q->limit || p->memory > p->memory_limit))
		drop_from_fattest(q, &to_free);
	spin_unlock_bh(&q->lock);
	kfree_skb_list(to_free);
	return 0;
}

static int fq_codel_init(struct Qdisc *q, struct nlattr *opt,
			 struct netlink_ext_ack *extack)
{
	struct fq_codel_priv *p = qdisc_priv(q);
	struct nlattr *tb[TCA_FQ_CODEL_MAX + 1] = { NULL };
	unsigned int mtu = psched_mtu(qdisc_dev(q));
	int err = opt ? fq_codel_parse(opt, tb, extack) : 0;

	if (err)
		return err;
	q->limit = DEFAULT_LIMIT;
	p->flows_cnt = tb[TCA_FQ_CODEL_FLOWS] ?
		       nla_get_u32(tb[TCA_FQ_CODEL_FLOWS]) : DEFAULT_FLOWS;
	if (!p->flows_cnt || p->flows_cnt > MAX_FLOWS)
		return -EINVAL;
	p->quantum = mtu;
	p->batch = DEFAULT_BATCH;
	p->memory_limit = DEFAULT_MEMORY;
	p->ecn = true;
	p->seed = get_random_u32();
	p->params = (struct codel_params){ .target = US_TO_CODEL(5000),
		.interval = US_TO_CODEL(100000), .mtu = mtu };
	take_numbers(q, tb);
	p->flows = kvcalloc(p->flows_cnt, sizeof(*p->flows), GFP_KERNEL);
	if (!p->flows)
		return -ENOMEM;
	fq_codel_reset(q);
	return 0;
}

static void fq_codel_destroy(struct Qdisc *q)
{
	kvfree(((struct fq_codel_priv *)qdisc_priv(q))->flows);
}

static int fq_codel_dump(struct Qdisc *q, struct sk_buff *skb)
{
	const struct fq_codel_priv *p = qdisc_priv(q);
	struct nlattr *opts = nla_nest_start_noflag(skb, TCA_OPTIONS);

	if (!opts ||
	    nla_put_u32(skb, TCA_FQ_CODEL_TARGET,
			CODEL_TO_US(p->params.target)) ||
	    nla_put_u32(skb, TCA_FQ_CODEL_LIMIT, q->limit) ||
	    nla_put_u32(skb, TCA_FQ_CODEL_INTERVAL,
			CODEL_TO_US(p->params.interval)) ||
	    nla_put_u32(skb, TCA_FQ_CODEL_ECN, p->ecn) ||
	    nla_put_u32(skb, TCA_FQ_CODEL_QUANTUM, p->quantum) ||
	    nla_put_u32(skb, TCA_FQ_CODEL_DROP_BATCH_SIZE, p->batch) ||
	    nla_put_u32(skb, TCA_FQ_CODEL_MEMORY_LIMIT, p->memory_limit) ||
	    nla_put_u32(skb, TCA_FQ_CODEL_FLOWS, p->flows_cnt))
		return -EMSGSIZE;
	nla_nest_end(skb, opts);
	return 0;
}

static int fq_codel_dump_stats(struct Qdisc *q, void *xstats, int size)
{
	const struct fq_codel_priv *p = qdisc_priv(q);
	struct tc_fq_codel_xstats st = { .type = 0 };
	struct list_head *pos;

	spin_lock_bh(&q->lock);
	st.maxpacket = p->maxpacket;
	st.drop_overlimit = p->overlimit;
	st.drop_overmemory = p->overmemory;
	st.ecn_mark = p->ecn_mark;
	st.new_flow_count = p->new_flow_count;
	st.memory_usage = p->memory;
	list_for_each(pos, &p->new_flows)
		st.new_flows_len++;
	list_for_each(pos, &p->old_flows)
		st.old_flows_len++;
	spin_unlock_bh(&q->lock);
	memcpy(xstats, &st, sizeof(st));
	return sizeof(st);
}

struct Qdisc_ops fq_codel_ops = {
	.id = "fq_codel",
	.priv_size = sizeof(struct fq_codel_priv),
	.can_bypass = true,
	.enqueue = fq_codel_enqueue,
	.dequeue = fq_codel_dequeue,
	.init = fq_codel_init,
	.change = fq_codel_change,
	.reset = fq_codel_reset,
	.destroy = fq_codel_destroy,
	.dump = fq_codel_dump,
	.dump_stats = fq_codel_dump_stats,
};

static int sch_fq_codel_init(void)
{
	return register_qdisc(&fq_codel_ops);
}
device_initcall(sch_fq_codel_init);
