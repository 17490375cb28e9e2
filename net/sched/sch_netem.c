/* SPDX-License-Identifier: MIT */
/*
 * sch_netem.c -- a bad wire: what protocols must survive, made to order
 *
 * PROMISE.  Packets are lost, doubled, broken, delayed and reordered with the
 * probabilities that were asked for, and never more than `limit` wait.
 *
 * IDEA.  A packet that comes in throws dice, in this order:
 *
 *	duplicate?  lose? (both: one copy stays)   corrupt? one bit flips
 *	reorder? -> goes at once, before all that wait
 *	else     -> may go at  now + latency +- jitter (and behind `rate`)
 *
 * What waits stands in a tree by the time it may go; a watchdog asks again at
 * the earliest of them.  So jitter alone reorders, as it does on real roads.
 *
 * The dice are a repeatable generator: TCA_NETEM_PRNG_SEED gives its seed.
 *
 * A packet that the wire loses was sent, so its sender hears SUCCESS.
 *
 * LOCKING.  q->lock for all; change takes it.
 *
 * NOT DONE.  Loss models with states, slots, cells of a rate: EOPNOTSUPP.
 *
 * SEE tc-netem(8); docs/111-netem.md.
 */

#include <net/sch_generic.h>

#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <kernel/math.h>
#include <kernel/random.h>
#include <kernel/rbtree.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>
#include <net/checksum.h>
#include <net/inet_ecn.h>
#include <net/netlink.h>
#include <net/offload.h>
#include <net/sock.h>
#include <uapi/pkt_sched.h>

#define TICK_SHIFT 6                  /* a tick of tc's is 64 ns */

/* Dice that remember: each throw is rho parts the last one. */
struct crandom {
	u32 last, rho;
};

struct disttable {
	u32 size;
	s16 table[];
};

/* All with q->lock. */
struct netem_priv {
	struct rb_root tree;          /* what waits, by time */
	struct sk_buff *latest;       /* its last */
	struct sk_buff_head now;      /* what overtakes */
	struct qdisc_watchdog watchdog;
	s64 latency, jitter;          /* ns */
	u32 loss, duplicate, reorder, corrupt; /* of 2^32 */
	u32 gap, counter;             /* each gap-th may overtake */
	bool ecn;                     /* mark instead of losing */
	u64 rate;                     /* bytes a second; 0: any */
	s32 packet_overhead;
	u64 seed;                     /* 0: none was given */
	struct rnd_state dice;
	struct crandom delay_cor, loss_cor, dup_cor, reorder_cor, corrupt_cor;
	struct disttable *dist;       /* NULL: even */
};

static u32 throw(struct netem_priv *p, struct crandom *c)
{
	u64 value = prandom_u32_state(&p->dice), rho;

	if (!c->rho)
		return value;
	rho = (u64)c->rho + 1;
	c->last = (value * ((1ull << 32) - rho) + c->last * rho) >> 32;
	return c->last;
}

/* Probability p->x, of which 2^32 - 1 is always. */
static bool happens(struct netem_priv *p, u32 chance, struct crandom *c)
{
	return chance && chance >= throw(p, c);
}

/* latency, give or take jitter. */
static s64 draw_delay(struct netem_priv *p)
{
	s64 t, x, sigma = p->jitter;
	u32 r;

	if (!sigma)
		return p->latency;
	r = throw(p, &p->delay_cor);
	if (!p->dist)
		return p->latency + (s64)(r % (u64)(2 * sigma)) - sigma;
	t = p->dist->table[r % p->dist->size];
	x = sigma % NETEM_DIST_SCALE * t;
	x += x >= 0 ? NETEM_DIST_SCALE / 2 : -NETEM_DIST_SCALE / 2;
	return p->latency + x / NETEM_DIST_SCALE +
	       sigma / NETEM_DIST_SCALE * t;
}

/* ---- the tree of those that wait ---- */

#define rb_skb(n) rb_entry(n, struct sk_buff, rbnode)

static void tree_insert(struct netem_priv *p, struct sk_buff *skb)
{
	struct rb_node **at = &p->tree.rb_node, *parent = NULL;
	u64 time = qdisc_skb_cb(skb)->time;

	if (p->latest && qdisc_skb_cb(p->latest)->time <= time) {
		parent = &p->latest->rbnode;
		at = &parent->rb_right;
		p->latest = skb;
	} else {
		while (*at) {
			parent = *at;
			at = qdisc_skb_cb(rb_skb(parent))->time <= time ?
			     &parent->rb_right : &parent->rb_left;
		}
		if (!p->latest)
			p->latest = skb;
	}
	rb_link_node(&skb->rbnode, parent, at);
	rb_insert_color(&skb->rbnode, &p->tree);
}

static void tree_remove(struct netem_priv *p, struct sk_buff *skb)
{
	if (p->latest == skb) {
		struct rb_node *prev = rb_prev(&skb->rbnode);

		p->latest = prev ? rb_skb(prev) : NULL;
	}
	rb_erase(&skb->rbnode, &p->tree);
	skb->next = skb->prev = NULL;
	skb->dev = NULL;
}

static struct sk_buff *tree_first(struct netem_priv *p)
{
	struct rb_node *n = rb_first(&p->tree);

	return n ? rb_skb(n) : NULL;
}

/* ---- coming in ---- */

static u64 transmit_time(const struct netem_priv *p, const struct sk_buff *skb)
{
	s64 len = (s64)skb->len + p->packet_overhead;

	return max(len, (s64)0) * NSEC_PER_SEC / p->rate;
}

/* When skb may go, at a rate: behind the last one. */
static u64 time_at_rate(struct netem_priv *p, const struct sk_buff *skb,
			u64 now, s64 delay)
{
	u64 last = p->latest ? qdisc_skb_cb(p->latest)->time : 0;

	if (last > now) {
		delay = max(delay - (s64)(last - now), (s64)0);
		now = last;
	}
	return now + delay + transmit_time(p, skb);
}

static void queue_one(struct sk_buff *skb, struct Qdisc *q)
{
	struct netem_priv *p = qdisc_priv(q);
	u64 now = ktime_get_ns();
	s64 delay;

	qdisc_qlen_inc(q, skb);
	if (p->gap && p->counter >= p->gap - 1 &&
	    happens(p, p->reorder, &p->reorder_cor)) {
		p->counter = 0;
		q->qstats.requeues++;
		__skb_queue_tail(&p->now, skb);
		return;
	}
	p->counter++;
	delay = draw_delay(p);
	qdisc_skb_cb(skb)->time = p->rate ? time_at_rate(p, skb, now, delay) :
				  now + max(delay, (s64)0);
	tree_insert(p, skb);
}

/* One bit of it becomes wrong.  NULL: it is lost instead. */
static struct sk_buff *break_bit(struct netem_priv *p, struct sk_buff *skb)
{
	skb = skb_unshare(skb, GFP_ATOMIC);
	if (!skb)
		return NULL;
	if ((skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb)) ||
	    skb_linearize(skb)) {
		kfree_skb(skb);
		return NULL;
	}
	skb->data[prandom_u32_state(&p->dice) % skb_headlen(skb)] ^=
		1 << prandom_u32_state(&p->dice) % 8;
	return skb;
}

/*
 * A large packet is many on the wire: cut it, and break a bit of its first.
 * Returns what is to be queued, chained by next; NULL: all was lost.
 */
static struct sk_buff *corrupt(struct Qdisc *q, struct sk_buff *skb)
{
	struct netem_priv *p = qdisc_priv(q);
	struct sk_buff *segs, *rest = NULL;

	if (skb_is_gso(skb)) {
		segs = skb_gso_segment(skb, skb->dev->features &
					    ~(NETIF_F_GSO_SOFTWARE |
					      NETIF_F_CSUM_MASK | NETIF_F_SG));
		if (IS_ERR_OR_NULL(segs)) {
			kfree_skb(skb);
			return NULL;
		}
		consume_skb(skb);
		skb = segs;
		rest = segs->next;
		skb->next = NULL;
	}
	skb = break_bit(p, skb);
	if (!skb) {
		q->qstats.drops++;
		return rest;
	}
	skb->next = rest;
	return skb;
}

static void enqueue_chain(struct sk_buff *skb, struct Qdisc *q,
			  struct sk_buff **to_free)
{
	while (skb) {
		struct sk_buff *next = skb->next;

		skb->next = NULL;
		if (q->qlen >= q->limit)
			qdisc_drop(skb, q, to_free);
		else
			queue_one(skb, q);
		skb = next;
	}
}

static int netem_enqueue(struct sk_buff *skb, struct Qdisc *q,
			 struct sk_buff **to_free)
{
	struct netem_priv *p = qdisc_priv(q);
	struct sk_buff *twin;
	int count = 1;

	if (happens(p, p->duplicate, &p->dup_cor))
		count++;
	if (happens(p, p->loss, &p->loss_cor) &&
	    !(p->ecn && INET_ECN_set_ce(skb)))
		count--;
	if (!count) {
		qdisc_drop(skb, q, to_free);
		return NET_XMIT_SUCCESS;
	}
	if (q->qlen >= q->limit)
		return qdisc_drop(skb, q, to_free);
	/* What waits for long is not to hold up its sender's buffer. */
	if (p->latency || p->jitter || p->rate)
		skb_orphan(skb);
	twin = count > 1 ? skb_clone(skb, GFP_ATOMIC) : NULL;
	if (happens(p, p->corrupt, &p->corrupt_cor))
		skb = corrupt(q, skb);
	enqueue_chain(skb, q, to_free);
	if (twin)
		enqueue_chain(twin, q, to_free);
	return NET_XMIT_SUCCESS;
}

/* ---- going out ---- */

static struct sk_buff *netem_dequeue(struct Qdisc *q)
{
	struct netem_priv *p = qdisc_priv(q);
	struct sk_buff *skb = __skb_dequeue(&p->now);
	u64 now;

	if (!skb) {
		skb = tree_first(p);
		if (!skb)
			return NULL;
		now = ktime_get_ns();
		if (qdisc_skb_cb(skb)->time > now) {
			qdisc_watchdog_schedule_ns(&p->watchdog,
						   qdisc_skb_cb(skb)->time);
			return NULL;
		}
		tree_remove(p, skb);
		skb->dev = qdisc_dev(q);
	}
	qdisc_qlen_dec(q, skb);
	return skb;
}

static struct sk_buff *netem_peek(struct Qdisc *q)
{
	struct netem_priv *p = qdisc_priv(q);
	struct sk_buff *skb = skb_peek(&p->now);

	return skb ? skb : tree_first(p);
}

static void netem_reset(struct Qdisc *q)
{
	struct netem_priv *p = qdisc_priv(q);
	struct sk_buff *skb;

	qdisc_watchdog_cancel(&p->watchdog);
	__skb_queue_purge(&p->now);
	while ((skb = tree_first(p))) {
		tree_remove(p, skb);
		kfree_skb(skb);
	}
}

/* ---- settings ---- */

static const struct nla_policy netem_policy[TCA_NETEM_MAX + 1] = {
	[TCA_NETEM_CORR] = { NLA_UNSPEC, sizeof(struct tc_netem_corr) },
	[TCA_NETEM_REORDER] = { NLA_UNSPEC, sizeof(struct tc_netem_reorder) },
	[TCA_NETEM_CORRUPT] = { NLA_UNSPEC, sizeof(struct tc_netem_corrupt) },
	[TCA_NETEM_RATE] = { NLA_UNSPEC, sizeof(struct tc_netem_rate) },
	[TCA_NETEM_ECN] = { NLA_U32, 0 },
	[TCA_NETEM_RATE64] = { NLA_U64, 0 },
	[TCA_NETEM_LATENCY64] = { NLA_U64, 0 },
	[TCA_NETEM_JITTER64] = { NLA_U64, 0 },
	[TCA_NETEM_PRNG_SEED] = { NLA_U64, 0 },
};

/* ERR_PTR. */
static struct disttable *read_dist(const struct nlattr *nla)
{
	size_t n = nla_len(nla) / sizeof(s16);
	struct disttable *d;

	if (!n || n > NETEM_DIST_MAX)
		return ERR_PTR(-EINVAL);
	d = kvmalloc(sizeof(*d) + n * sizeof(s16), GFP_KERNEL);
	if (!d)
		return ERR_PTR(-ENOMEM);
	d->size = n;
	memcpy(d->table, nla_data(nla), n * sizeof(s16));
	return d;
}

static void set_cor(struct crandom *c, u32 rho)
{
	*c = (struct crandom){ .rho = rho, .last = get_random_u32() };
}

static void take_extras(struct netem_priv *p, struct nlattr **tb)
{
	struct tc_netem_corr cor = { 0 };
	struct tc_netem_reorder re = { 0 };
	struct tc_netem_corrupt co = { 0 };
	struct tc_netem_rate rate = { 0 };

	if (tb[TCA_NETEM_CORR])
		nla_memcpy(&cor, tb[TCA_NETEM_CORR], sizeof(cor));
	set_cor(&p->delay_cor, cor.delay_corr);
	set_cor(&p->loss_cor, cor.loss_corr);
	set_cor(&p->dup_cor, cor.dup_corr);
	if (tb[TCA_NETEM_REORDER]) {
		nla_memcpy(&re, tb[TCA_NETEM_REORDER], sizeof(re));
		p->reorder = re.probability;
		set_cor(&p->reorder_cor, re.correlation);
	}
	if (tb[TCA_NETEM_CORRUPT]) {
		nla_memcpy(&co, tb[TCA_NETEM_CORRUPT], sizeof(co));
		p->corrupt = co.probability;
		set_cor(&p->corrupt_cor, co.correlation);
	}
	if (tb[TCA_NETEM_RATE]) {
		nla_memcpy(&rate, tb[TCA_NETEM_RATE], sizeof(rate));
		p->rate = rate.rate;
		p->packet_overhead = rate.packet_overhead;
		if (tb[TCA_NETEM_RATE64])
			p->rate = max_t(u64, p->rate,
					nla_get_u64(tb[TCA_NETEM_RATE64]));
	}
	if (tb[TCA_NETEM_LATENCY64])
		p->latency = nla_get_u64(tb[TCA_NETEM_LATENCY64]);
	if (tb[TCA_NETEM_JITTER64])
		p->jitter = nla_get_u64(tb[TCA_NETEM_JITTER64]);
	if (tb[TCA_NETEM_ECN])
		p->ecn = nla_get_u32(tb[TCA_NETEM_ECN]);
	p->seed = tb[TCA_NETEM_PRNG_SEED] ?
		  nla_get_u64(tb[TCA_NETEM_PRNG_SEED]) : 0;
	prandom_seed_state(&p->dice, p->seed ? p->seed : get_random_u64());
}

/* Times that leave room for sums, 0 or -EINVAL. */
static int check_times(const struct netem_priv *p)
{
	return p->latency < 0 || p->latency > S64_MAX / 4 || p->jitter < 0 ||
	       p->jitter > INT_MAX * (s64)NETEM_DIST_SCALE / 8 ? -EINVAL : 0;
}

static int parse_options(struct nlattr *opt, struct nlattr **tb,
			 struct netlink_ext_ack *extack)
{
	int head = NLA_ALIGN(sizeof(struct tc_netem_qopt));
	int err;

	if (nla_len(opt) < head)
		return -EINVAL;
	err = nla_parse(tb, TCA_NETEM_MAX,
			(struct nlattr *)((char *)nla_data(opt) + head),
			nla_len(opt) - head, netem_policy, extack);
	if (!err && (tb[TCA_NETEM_LOSS] || tb[TCA_NETEM_SLOT])) {
		NL_SET_ERR_MSG(extack, "No loss models, no slots");
		err = -EOPNOTSUPP;
	}
	return err;
}

static int netem_change(struct Qdisc *q, struct nlattr *opt,
			struct netlink_ext_ack *extack)
{
	struct netem_priv *p = qdisc_priv(q), next = *p;
	struct nlattr *tb[TCA_NETEM_MAX + 1];
	struct disttable *dist = NULL;
	struct tc_netem_qopt qopt;
	int err;

	if (!opt)
		return -EINVAL;
	err = parse_options(opt, tb, extack);
	if (err)
		return err;
	nla_memcpy(&qopt, opt, sizeof(qopt));
	if (tb[TCA_NETEM_DELAY_DIST]) {
		dist = read_dist(tb[TCA_NETEM_DELAY_DIST]);
		if (IS_ERR(dist))
			return PTR_ERR(dist);
	}
	next.latency = (s64)qopt.latency << TICK_SHIFT;
	next.jitter = (s64)qopt.jitter << TICK_SHIFT;
	take_extras(&next, tb);
	err = check_times(&next);
	if (err) {
		kvfree(dist);
		return err;
	}
	spin_lock_bh(&q->lock);
	q->limit = qopt.limit;
	p->latency = next.latency;
	p->jitter = next.jitter;
	p->gap = qopt.gap;
	p->counter = 0;
	p->loss = qopt.loss;
	p->duplicate = qopt.duplicate;
	/* A gap alone: each gap-th overtakes for certain. */
	p->reorder = p->gap && !tb[TCA_NETEM_REORDER] ? ~0u : next.reorder;
	p->corrupt = next.corrupt;
	p->ecn = next.ecn;
	p->rate = next.rate;
	p->packet_overhead = next.packet_overhead;
	p->seed = next.seed;
	p->dice = next.dice;
	p->delay_cor = next.delay_cor;
	p->loss_cor = next.loss_cor;
	p->dup_cor = next.dup_cor;
	p->reorder_cor = next.reorder_cor;
	p->corrupt_cor = next.corrupt_cor;
	if (dist)
		swap(p->dist, dist);
	spin_unlock_bh(&q->lock);
	kvfree(dist);
	return 0;
}

static int netem_init(struct Qdisc *q, struct nlattr *opt,
		      struct netlink_ext_ack *extack)
{
	struct netem_priv *p = qdisc_priv(q);

	skb_queue_head_init(&p->now);
	qdisc_watchdog_init(&p->watchdog, q);
	return netem_change(q, opt, extack);
}

static void netem_destroy(struct Qdisc *q)
{
	kvfree(((struct netem_priv *)qdisc_priv(q))->dist);
}

static u32 to_ticks(s64 ns)
{
	return min_t(u64, (u64)ns >> TICK_SHIFT, U32_MAX);
}

static int put_extras(struct sk_buff *skb, const struct netem_priv *p)
{
	struct tc_netem_corr cor = { p->delay_cor.rho, p->loss_cor.rho,
				     p->dup_cor.rho };
	struct tc_netem_reorder re = { p->reorder, p->reorder_cor.rho };
	struct tc_netem_corrupt co = { p->corrupt, p->corrupt_cor.rho };
	struct tc_netem_rate rate = {
		.rate = min_t(u64, p->rate, U32_MAX),
		.packet_overhead = p->packet_overhead };

	if (nla_put(skb, TCA_NETEM_LATENCY64, sizeof(s64), &p->latency) ||
	    nla_put(skb, TCA_NETEM_JITTER64, sizeof(s64), &p->jitter) ||
	    nla_put(skb, TCA_NETEM_CORR, sizeof(cor), &cor) ||
	    nla_put(skb, TCA_NETEM_REORDER, sizeof(re), &re) ||
	    nla_put(skb, TCA_NETEM_CORRUPT, sizeof(co), &co))
		return -EMSGSIZE;
	if (p->rate > U32_MAX &&
	    nla_put_64bit(skb, TCA_NETEM_RATE64, sizeof(u64), &p->rate,
			  TCA_NETEM_PAD))
		return -EMSGSIZE;
	if (nla_put(skb, TCA_NETEM_RATE, sizeof(rate), &rate) ||
	    (p->ecn && nla_put_u32(skb, TCA_NETEM_ECN, 1)))
		return -EMSGSIZE;
	return p->seed ? nla_put_64bit(skb, TCA_NETEM_PRNG_SEED, sizeof(u64),
				       &p->seed, TCA_NETEM_PAD) : 0;
}

static int netem_dump(struct Qdisc *q, struct sk_buff *skb)
{
	const struct netem_priv *p = qdisc_priv(q);
	struct tc_netem_qopt qopt = {
		.latency = to_ticks(p->latency), .limit = q->limit,
		.loss = p->loss, .gap = p->gap, .duplicate = p->duplicate,
		.jitter = to_ticks(p->jitter) };
	struct nlattr *opts = (struct nlattr *)skb_tail_pointer(skb);

	if (nla_put(skb, TCA_OPTIONS, sizeof(qopt), &qopt) ||
	    put_extras(skb, p))
		return -EMSGSIZE;
	nla_nest_end(skb, opts);
	return 0;
}

struct Qdisc_ops netem_qdisc_ops = {
	.id = "netem",
	.priv_size = sizeof(struct netem_priv),
	.enqueue = netem_enqueue,
	.dequeue = netem_dequeue,
	.peek = netem_peek,
	.init = netem_init,
	.change = netem_change,
	.reset = netem_reset,
	.destroy = netem_destroy,
	.dump = netem_dump,
};

static int sch_netem_init(void)
{
	return register_qdisc(&netem_qdisc_ops);
}
device_initcall(sch_netem_init);
