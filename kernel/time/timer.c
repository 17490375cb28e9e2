/* SPDX-License-Identifier: MIT */
/*
 * timer.c -- the wheel: timeouts that usually do not happen
 *
 * PROMISE.  The function is called in the TIMER softirq, never before
 * `expires`, and late by at most a tick plus an eighth of the time asked for.
 * Arming and deleting take constant time.
 *
 * IDEA.  A timeout of a minute need not be exact to 4 ms.  So there are
 * LVL_DEPTH levels of 64 buckets, each level eight times as coarse as the one
 * before; a timer goes to the level that its distance asks for, rounded *up*
 * to that level's grain, and stays there until it fires.  (The classic wheel
 * moves timers to finer levels as they come near, to be exact; nearly all are
 * deleted before, so that work would be wasted.)
 *
 *	level  grain        reach at HZ 250
 *	  0    1 tick       4 ms steps up to 252 ms
 *	  1    8 ticks      32 ms steps up to 2 s
 *	  2    64           256 ms steps up to 16 s
 *	  ...               8: 18 h steps up to 49 days
 *
 *	bucket(level, t) = (t >> 3*level) & 63; a bit per bucket: "not empty"
 *
 * INVARIANTS, while base->lock is free:
 *   W1  a bucket's bit is set if and only if it has a timer.
 *   W2  each timer's bucket time is at least base->clk and at most 63 grains
 *       of its level ahead of it.
 *   W3  next_expiry is not later than the earliest bucket time.
 *
 * LOCKING.  base->lock, irqs off, dropped around each function.  A timer's
 * flags name its CPU; changed with the old base locked and marked MIGRATING.
 *
 * RACES.  del_timer_sync() waits while base->running is the timer.  The
 * caller must not hold a lock that the function takes: both would wait.
 *
 * SEE docs/44-time-and-timers.md.
 *
 * EXERCISES.  1. Which timers would fire early if buckets were rounded down?
 */

#include <kernel/timer.h>

#include <kernel/bitmap.h>
#include <kernel/export.h>
#include <kernel/interrupt.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>

#define LVL_BITS 6
#define LVL_SIZE (1U << LVL_BITS)
#define LVL_MASK (LVL_SIZE - 1)
#define LVL_CLK_SHIFT 3
#define LVL_DEPTH 9
#define LVL_SHIFT(n) ((n) * LVL_CLK_SHIFT)
#define LVL_GRAIN(n) (1UL << LVL_SHIFT(n))
/* Distances from here on belong to level n: 63 grains of the level before. */
#define LVL_START(n) ((unsigned long)(LVL_SIZE - 1) << LVL_SHIFT((n) - 1))
#define WHEEL_SIZE (LVL_SIZE * LVL_DEPTH)
#define WHEEL_MAX (LVL_START(LVL_DEPTH) - LVL_GRAIN(LVL_DEPTH - 1))
#define NO_TIMER_DISTANCE ((1UL << 30) - 1)

struct timer_base {
	spinlock_t lock;
	struct timer_list *running;   /* its function runs now, unlocked */
	unsigned long clk;            /* jiffy to be looked at next */
	unsigned long next_expiry;    /* W3 */
	bool idle;                    /* its CPU sleeps until next_expiry */
	int cpu;                      /* constant */
	unsigned long pending[BITS_TO_LONGS(WHEEL_SIZE)]; /* W1 */
	struct hlist_head buckets[WHEEL_SIZE];
};

static DEFINE_PER_CPU_ALIGNED(struct timer_base, timer_bases);

static struct timer_base *base_of(u32 flags)
{
	return &per_cpu(timer_bases, flags & TIMER_CPUMASK);
}

/* Lock the base that t is on; t may be moving. */
static struct timer_base *lock_timer_base(struct timer_list *t,
					  unsigned long *flags)
{
	for (;;) {
		u32 tf = READ_ONCE(t->flags);

		if (!(tf & TIMER_MIGRATING)) {
			struct timer_base *base = base_of(tf);

			spin_lock_irqsave(&base->lock, *flags);
			if (t->flags == tf)
				return base;
			spin_unlock_irqrestore(&base->lock, *flags);
		}
		cpu_relax();
	}
}

/* The bucket of `expires` seen from clk, and the jiffy at which it is due. */
static unsigned int wheel_index(unsigned long expires, unsigned long clk,
				unsigned long *due)
{
	unsigned long delta = expires - clk, slot;
	unsigned int level = 0;

	if ((long)delta < 0) {        /* past already: the next look */
		*due = clk;
		return clk & LVL_MASK;
	}
	if (delta > WHEEL_MAX) {
		delta = WHEEL_MAX;
		expires = clk + delta;
	}
	while (level < LVL_DEPTH - 1 && delta >= LVL_START(level + 1))
		level++;
	/* Up to the next grain: jiffies may be just about to advance. */
	slot = (expires + LVL_GRAIN(level)) >> LVL_SHIFT(level);
	*due = slot << LVL_SHIFT(level);
	return level * LVL_SIZE + (slot & LVL_MASK);
}

/* A sleeping CPU is woken to see its earlier timer; base->lock held. */
static void enqueue_timer(struct timer_base *base, struct timer_list *t)
{
	unsigned long due;
	unsigned int i = wheel_index(t->expires, base->clk, &due);

	hlist_add_head(&t->entry, &base->buckets[i]);
	__set_bit(i, base->pending);
	t->flags = (t->flags & ((1U << TIMER_ARRAYSHIFT) - 1)) |
		   i << TIMER_ARRAYSHIFT;
	if (time_before(due, base->next_expiry)) {
		base->next_expiry = due;
		if (base->idle && base->cpu != smp_processor_id())
			smp_send_reschedule(base->cpu);
	}
}

static void detach_timer(struct timer_base *base, struct timer_list *t)
{
	unsigned int i = t->flags >> TIMER_ARRAYSHIFT;

	__hlist_del(&t->entry);
	t->entry.pprev = NULL;
	t->entry.next = NULL;
	if (hlist_empty(&base->buckets[i]))
		__clear_bit(i, base->pending);
}

/* The earliest due jiffy of all buckets; base->lock held. */
static unsigned long find_next_expiry(struct timer_base *base)
{
	unsigned long next = base->clk + NO_TIMER_DISTANCE;

	for (unsigned int level = 0; level < LVL_DEPTH; level++) {
		/* The first slot of this level that is not before clk. */
		unsigned long slot = (base->clk + LVL_GRAIN(level) - 1) >>
				     LVL_SHIFT(level);
		unsigned long word = base->pending[level];
		unsigned int rotate = slot & LVL_MASK;
		unsigned long due;

		if (!word)
			continue;
		if (rotate)
			word = word >> rotate | word << (LVL_SIZE - rotate);
		due = (slot + __ffs(word)) << LVL_SHIFT(level);
		if (time_before(due, next))
			next = due;
	}
	return next;
}

static_assert(LVL_SIZE == BITS_PER_LONG, "a level's bits are one word");

/*
 * A base whose CPU slept is behind: catch up, or distances would be measured
 * from long ago and put timers on too coarse a level.
 */
static void forward_base(struct timer_base *base)
{
	unsigned long now = jiffies;

	if ((long)(now - base->clk) < 1)
		return;
	if (time_after(base->next_expiry, now))
		base->clk = now;
	else if (time_after(base->next_expiry, base->clk))
		base->clk = base->next_expiry;
}

void timer_setup(struct timer_list *t, void (*fn)(struct timer_list *),
		 unsigned int flags)
{
	t->entry.pprev = NULL;
	t->entry.next = NULL;
	t->function = fn;
	t->flags = flags | raw_smp_processor_id();
}
EXPORT_SYMBOL(timer_setup);

/* Move t, which is on no bucket, to another base; returns that, locked. */
static struct timer_base *move_timer(struct timer_base *base,
				     struct timer_list *t, int cpu)
{
	struct timer_base *new = &per_cpu(timer_bases, cpu);

	if (base == new || base->running == t)
		return base;
	WRITE_ONCE(t->flags, t->flags | TIMER_MIGRATING);
	spin_unlock(&base->lock);
	spin_lock(&new->lock);
	WRITE_ONCE(t->flags, (t->flags & ~(TIMER_CPUMASK | TIMER_MIGRATING)) |
			     cpu);
	return new;
}

/* Was it pending?  pending_only: one that is not stays so. */
static int __mod_timer(struct timer_list *t, unsigned long expires,
		       bool pending_only)
{
	unsigned long flags;
	struct timer_base *base = lock_timer_base(t, &flags);
	int pending = timer_pending(t);

	if (pending ? t->expires == expires : pending_only)
		goto out;
	if (pending)
		detach_timer(base, t);
	if (!(t->flags & TIMER_PINNED))
		base = move_timer(base, t, smp_processor_id());
	forward_base(base);
	t->expires = expires;
	enqueue_timer(base, t);
out:
	spin_unlock_irqrestore(&base->lock, flags);
	return pending;
}

int mod_timer(struct timer_list *t, unsigned long expires)
{
	return __mod_timer(t, expires, false);
}
EXPORT_SYMBOL(mod_timer);

int mod_timer_pending(struct timer_list *t, unsigned long expires)
{
	return __mod_timer(t, expires, true);
}

void add_timer(struct timer_list *t)
{
	WARN_ON_ONCE(timer_pending(t));
	mod_timer(t, t->expires);
}
EXPORT_SYMBOL(add_timer);

void add_timer_on(struct timer_list *t, int cpu)
{
	unsigned long flags;
	struct timer_base *base = lock_timer_base(t, &flags);

	if (!WARN_ON_ONCE(timer_pending(t))) {
		base = move_timer(base, t, cpu);
		forward_base(base);
		enqueue_timer(base, t);
	}
	spin_unlock_irqrestore(&base->lock, flags);
}

int del_timer(struct timer_list *t)
{
	unsigned long flags;
	struct timer_base *base;
	int pending;

	if (!timer_pending(t))
		return 0;
	base = lock_timer_base(t, &flags);
	pending = timer_pending(t);
	if (pending)
		detach_timer(base, t);
	spin_unlock_irqrestore(&base->lock, flags);
	return pending;
}
EXPORT_SYMBOL(del_timer);

/* -1 if the function runs right now. */
int try_to_del_timer_sync(struct timer_list *t)
{
	unsigned long flags;
	struct timer_base *base = lock_timer_base(t, &flags);
	int ret = -1;

	if (base->running != t) {
		ret = timer_pending(t);
		if (ret)
			detach_timer(base, t);
	}
	spin_unlock_irqrestore(&base->lock, flags);
	return ret;
}

int del_timer_sync(struct timer_list *t)
{
	int ret;

	while ((ret = try_to_del_timer_sync(t)) < 0)
		cpu_relax();
	return ret;
}
EXPORT_SYMBOL(del_timer_sync);

/* Base unlocked, irqs on unless the timer wants them off: the function runs. */
static void call_timer(struct timer_base *base, struct timer_list *t)
{
	void (*fn)(struct timer_list *) = t->function;

	if (t->flags & TIMER_IRQSAFE) {
		spin_unlock(&base->lock);
		fn(t);
		spin_lock(&base->lock);
	} else {
		spin_unlock_irq(&base->lock);
		fn(t);
		spin_lock_irq(&base->lock);
	}
}

/* Call what is in one bucket; base->lock held, dropped around each call. */
static void expire_bucket(struct timer_base *base, struct hlist_head *head)
{
	while (!hlist_empty(head)) {
		struct timer_list *t = hlist_entry(head->first,
						   struct timer_list, entry);

		detach_timer(base, t);
		base->running = t;
		call_timer(base, t);
		base->running = NULL;
	}
}

/*
 * Take what is due at clk, one bucket on each level whose grain clk meets, and
 * call it.  clk moves on before the calls: what they arm for "at once" goes to
 * a bucket that is still ahead (W2).
 */
static void expire_at_clk(struct timer_base *base)
{
	struct hlist_head due[LVL_DEPTH];
	unsigned long clk = base->clk;
	unsigned int level, levels = 0;

	for (level = 0; level < LVL_DEPTH; level++) {
		unsigned int i = level * LVL_SIZE +
				 ((clk >> LVL_SHIFT(level)) & LVL_MASK);

		if (clk & (LVL_GRAIN(level) - 1))
			break;
		hlist_move_list(&base->buckets[i], &due[levels++]);
		__clear_bit(i, base->pending);
	}
	base->clk++;
	for (level = 0; level < levels; level++)
		expire_bucket(base, &due[level]);
}

/* TIMER softirq. */
static void run_timer_softirq(struct softirq_action *a)
{
	struct timer_base *base = this_cpu_ptr(&timer_bases);

	spin_lock_irq(&base->lock);
	while (time_after_eq(jiffies, base->clk) &&
	       time_after_eq(jiffies, base->next_expiry)) {
		if (time_after(base->next_expiry, base->clk))
			base->clk = base->next_expiry;
		expire_at_clk(base);
		base->next_expiry = find_next_expiry(base);
	}
	spin_unlock_irq(&base->lock);
}

void run_local_timers(void)
{
	struct timer_base *base = this_cpu_ptr(&timer_bases);

	if (time_after_eq(jiffies, READ_ONCE(base->next_expiry)))
		raise_softirq_irqoff(TIMER_SOFTIRQ);
}

/* Idle, irqs off: also marks the base, so that remote arming wakes us. */
ktime_t get_next_timer_interrupt(unsigned long basej, ktime_t basem)
{
	struct timer_base *base = this_cpu_ptr(&timer_bases);
	unsigned long next;

	spin_lock(&base->lock);
	next = base->next_expiry = find_next_expiry(base);
	base->idle = true;
	forward_base(base);
	spin_unlock(&base->lock);
	if (time_before_eq(next, basej))
		return basem;
	if (next - basej >= NO_TIMER_DISTANCE / 2)
		return KTIME_MAX;
	return basem + (ktime_t)(next - basej) * TICK_NSEC;
}

void timer_clear_idle(void)
{
	WRITE_ONCE(this_cpu_ptr(&timer_bases)->idle, false);
}

/* To full seconds, so that unimportant timers share a wake-up. */
unsigned long round_jiffies(unsigned long j)
{
	unsigned long rem = j % HZ, rounded;

	rounded = rem < HZ / 4 ? j - rem : j - rem + HZ;
	return time_is_after_jiffies(rounded) ? rounded : j;
}

unsigned long round_jiffies_relative(unsigned long j)
{
	unsigned long now = jiffies;

	return round_jiffies(j + now) - now;
}

void timers_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct timer_base *base = &per_cpu(timer_bases, cpu);

		spin_lock_init(&base->lock);
		base->cpu = cpu;
		base->clk = jiffies;
		base->next_expiry = base->clk + NO_TIMER_DISTANCE;
	}
	open_softirq(TIMER_SOFTIRQ, run_timer_softirq);
}
