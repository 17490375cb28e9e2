/* SPDX-License-Identifier: MIT */
/*
 * hrtimer.c -- calling a function at a given nanosecond
 *
 * PROMISE.  The function is called at or after its time, as soon as the device
 * and interrupts-off sections allow; timers of one clock in order of time.
 *
 * IDEA.  Each CPU has, for each clock, a tree ordered by expiry, and one
 * device that it programs for the earliest of all.
 *
 *	this CPU   MONOTONIC [t1 t4 t9]  REALTIME [t3]  ...  (hard)
 *	           MONOTONIC [t2]        REALTIME [ ]   ...  (soft)
 *	           expires_next = min -> clock event device
 *
 * Four clocks, twice: timers of the second set run in the HRTIMER softirq,
 * where interrupts are on.  A clock other than the monotonic one is that plus
 * an offset, which can change (clock_was_set): so expiry is kept in the
 * clock's own time, and the offset is added when looking.
 *
 * A timer is armed on the CPU that arms it.  Re-armed elsewhere it moves,
 * unless its function is just running on the old CPU.
 *
 * INVARIANTS, while cpu_base->lock is free:
 *   H1  each tree is ordered by expires.
 *   H2  expires_next is not later than the earliest hard timer (outside of
 *       hrtimer_interrupt, which recomputes it).
 *   H3  timer->queued if and only if it is in timer->base's tree.
 *
 * LOCKING.  cpu_base->lock, irqs off; dropped around each function.  The
 * timer's base tells which: taken, then compared again, for a timer may move
 * (base is NULL on the way).
 *
 * RACES.  Cancelling: hrtimer_try_to_cancel() says -1 while the function runs
 * (base->running), for it may re-arm after we look; hrtimer_cancel() repeats.
 * A function that returned NORESTART may have freed the timer: it is not
 * touched any more.
 *
 * SEE docs/44-time-and-timers.md.
 */

#include <kernel/hrtimer.h>

#include <kernel/clockchips.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/interrupt.h>
#include <kernel/kernel.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/timekeeping.h>

#include "tick_internal.h"
#include "timekeeping_internal.h"

enum { BASE_MONO, BASE_REAL, BASE_BOOT, BASE_TAI, NR_CLOCKS };

struct hrtimer_clock_base {
	struct hrtimer_cpu_base *cpu_base; /* constant */
	clockid_t clock;              /* constant */
	struct rb_root_cached active; /* H1 */
	struct hrtimer *running;      /* its function runs now, unlocked */
};

struct hrtimer_cpu_base {
	spinlock_t lock;
	bool in_irq;                  /* hrtimer_interrupt() will reprogram */
	bool soft_raised;             /* the softirq will look at soft timers */
	ktime_t expires_next;         /* H2; monotonic */
	struct hrtimer_clock_base hard[NR_CLOCKS], soft[NR_CLOCKS];
};

static DEFINE_PER_CPU_ALIGNED(struct hrtimer_cpu_base, hrtimer_bases);

static const clockid_t base_clock[NR_CLOCKS] = {
	[BASE_MONO] = CLOCK_MONOTONIC,
	[BASE_REAL] = CLOCK_REALTIME,
	[BASE_BOOT] = CLOCK_BOOTTIME,
	[BASE_TAI] = CLOCK_TAI,
};

static int base_index(clockid_t clock)
{
	for (int i = 0; i < NR_CLOCKS; i++)
		if (base_clock[i] == clock)
			return i;
	WARN_ONCE(1, "hrtimer: unknown clock %d\n", clock);
	return BASE_MONO;
}

static struct hrtimer *first_timer(struct hrtimer_clock_base *base)
{
	struct rb_node *node = rb_first_cached(&base->active);

	return node ? rb_entry(node, struct hrtimer, node) : NULL;
}

static ktime_t mono_expires(struct hrtimer *t)
{
	ktime_t offset = ktime_clock_offset(t->base->clock);
	ktime_t e = t->expires - offset;

	return e < 0 ? 0 : e;
}

static ktime_t earliest_of(struct hrtimer_clock_base *bases, ktime_t best)
{
	for (int i = 0; i < NR_CLOCKS; i++) {
		struct hrtimer *t = first_timer(&bases[i]);

		if (t)
			best = min(best, mono_expires(t));
	}
	return best;
}

/* When this CPU must be interrupted; lock held. */
static ktime_t next_event(struct hrtimer_cpu_base *cb)
{
	ktime_t best = earliest_of(cb->hard, KTIME_MAX);

	return cb->soft_raised ? best : earliest_of(cb->soft, best);
}

/* Lock the base that t is on; t may be moving. */
static struct hrtimer_clock_base *lock_base(struct hrtimer *t,
					    unsigned long *flags)
{
	for (;;) {
		struct hrtimer_clock_base *base = READ_ONCE(t->base);

		if (likely(base)) {
			spin_lock_irqsave(&base->cpu_base->lock, *flags);
			if (likely(base == t->base))
				return base;
			spin_unlock_irqrestore(&base->cpu_base->lock, *flags);
		}
		cpu_relax();
	}
}

static void unlock_base(struct hrtimer_clock_base *base, unsigned long *flags)
{
	spin_unlock_irqrestore(&base->cpu_base->lock, *flags);
}

static bool timer_before(struct rb_node *a, const struct rb_node *b)
{
	return rb_entry(a, struct hrtimer, node)->expires <
	       rb_entry(b, struct hrtimer, node)->expires;
}

/* True if t is now the first of its tree. */
static bool enqueue_hrtimer(struct hrtimer *t, struct hrtimer_clock_base *base)
{
	WRITE_ONCE(t->queued, true);
	return rb_add_cached(&t->node, &base->active, timer_before);
}

static void dequeue_hrtimer(struct hrtimer *t)
{
	rb_erase_cached(&t->node, &t->base->active);
	WRITE_ONCE(t->queued, false);
}

/* The first timer of this CPU changed: tell the device.  Lock held. */
static void reprogram(struct hrtimer_cpu_base *cb, ktime_t expires)
{
	if (cb != this_cpu_ptr(&hrtimer_bases) || cb->in_irq)
		return;
	cb->expires_next = expires;
	tick_program_event(expires, true);
}

/* Move t, which is not queued, to this CPU's base; returns it locked. */
static struct hrtimer_clock_base *
switch_base(struct hrtimer *t, struct hrtimer_clock_base *base)
{
	struct hrtimer_cpu_base *here = this_cpu_ptr(&hrtimer_bases);
	struct hrtimer_clock_base *new;

	if (base->cpu_base == here || base->running == t)
		return base;
	new = t->is_soft ? &here->soft[base_index(base->clock)]
			 : &here->hard[base_index(base->clock)];
	WRITE_ONCE(t->base, NULL);
	spin_unlock(&base->cpu_base->lock);
	spin_lock(&here->lock);
	WRITE_ONCE(t->base, new);
	return new;
}

static ktime_t clock_now(struct hrtimer_clock_base *base)
{
	return ktime_get() + ktime_clock_offset(base->clock);
}

void hrtimer_init(struct hrtimer *t, clockid_t clock, enum hrtimer_mode mode)
{
	struct hrtimer_cpu_base *cb = raw_cpu_ptr(&hrtimer_bases);
	int i;

	memset(t, 0, sizeof(*t));
	RB_CLEAR_NODE(&t->node);
	/* A relative time on a clock that can step means "from now". */
	if (clock == CLOCK_REALTIME && (mode & HRTIMER_MODE_REL))
		clock = CLOCK_MONOTONIC;
	i = base_index(clock);
	t->is_soft = mode & HRTIMER_MODE_SOFT;
	t->is_hard = mode & HRTIMER_MODE_HARD;
	t->base = t->is_soft ? &cb->soft[i] : &cb->hard[i];
}
EXPORT_SYMBOL(hrtimer_init);

void hrtimer_start_range_ns(struct hrtimer *t, ktime_t tim, u64 slack_ns,
			    enum hrtimer_mode mode)
{
	unsigned long flags;
	struct hrtimer_clock_base *base = lock_base(t, &flags);
	bool was_first = false;

	if (t->queued) {
		was_first = first_timer(base) == t;
		dequeue_hrtimer(t);
	}
	if (mode & HRTIMER_MODE_REL)
		tim = ktime_add_safe(tim, clock_now(base));
	t->_softexpires = tim;
	t->expires = ktime_add_safe(tim, slack_ns);
	if (was_first && base->cpu_base == this_cpu_ptr(&hrtimer_bases)) {
		/* The device is set for the old time; the new may be later. */
		enqueue_hrtimer(t, base);
		reprogram(base->cpu_base, next_event(base->cpu_base));
	} else {
		base = switch_base(t, base);
		if (enqueue_hrtimer(t, base) &&
		    mono_expires(t) < base->cpu_base->expires_next)
			reprogram(base->cpu_base, mono_expires(t));
	}
	unlock_base(base, &flags);
}
EXPORT_SYMBOL(hrtimer_start_range_ns);

int hrtimer_try_to_cancel(struct hrtimer *t)
{
	unsigned long flags;
	struct hrtimer_clock_base *base = lock_base(t, &flags);
	int ret = 0;

	if (base->running == t) {
		ret = -1;
	} else if (t->queued) {
		dequeue_hrtimer(t);
		ret = 1;
		/* The device may fire for nothing: cheaper than setting it. */
	}
	unlock_base(base, &flags);
	return ret;
}
EXPORT_SYMBOL(hrtimer_try_to_cancel);

int hrtimer_cancel(struct hrtimer *t)
{
	int ret;

	while ((ret = hrtimer_try_to_cancel(t)) < 0)
		cpu_relax();
	return ret;
}
EXPORT_SYMBOL(hrtimer_cancel);

bool hrtimer_active(const struct hrtimer *timer)
{
	struct hrtimer *t = (struct hrtimer *)timer;
	unsigned long flags;
	struct hrtimer_clock_base *base = lock_base(t, &flags);
	bool active = t->queued || base->running == t;

	unlock_base(base, &flags);
	return active;
}

ktime_t hrtimer_cb_get_time(const struct hrtimer *t)
{
	return clock_now(t->base);
}

ktime_t hrtimer_get_remaining(const struct hrtimer *timer)
{
	struct hrtimer *t = (struct hrtimer *)timer;
	unsigned long flags;
	struct hrtimer_clock_base *base = lock_base(t, &flags);
	ktime_t left = t->expires - clock_now(base);

	unlock_base(base, &flags);
	return left;
}

u64 hrtimer_forward(struct hrtimer *t, ktime_t now, ktime_t interval)
{
	s64 late = now - t->expires;
	u64 overruns = 1;

	if (late < 0 || WARN_ON(t->queued))
		return 0;
	interval = max(interval, (ktime_t)1);
	if (late >= interval) {
		overruns = late / interval;
		hrtimer_add_expires_ns(t, interval * overruns);
		if (t->expires > now)
			return overruns;
		overruns++;
	}
	hrtimer_add_expires_ns(t, interval);
	return overruns;
}

u64 hrtimer_forward_now(struct hrtimer *t, ktime_t interval)
{
	return hrtimer_forward(t, hrtimer_cb_get_time(t), interval);
}

/* Call t's function, the lock dropped around it. */
static void run_one(struct hrtimer_clock_base *base, struct hrtimer *t,
		    unsigned long *flags)
{
	enum hrtimer_restart again;

	base->running = t;
	dequeue_hrtimer(t);
	unlock_base(base, flags);
	again = t->function(t);
	spin_lock_irqsave(&base->cpu_base->lock, *flags);
	if (again == HRTIMER_RESTART && !t->queued)
		enqueue_hrtimer(t, base);
	base->running = NULL;
}

/* Run what is due of four clocks.  Lock held. */
static void run_due(struct hrtimer_clock_base *bases, ktime_t now,
		    unsigned long *flags)
{
	for (int i = 0; i < NR_CLOCKS; i++) {
		struct hrtimer_clock_base *base = &bases[i];
		ktime_t base_now = now + ktime_clock_offset(base->clock);
		struct hrtimer *t;

		while ((t = first_timer(base)) && t->_softexpires <= base_now)
			run_one(base, t, flags);
	}
}

/* HRTIMER softirq. */
static void hrtimer_run_softirq(struct softirq_action *a)
{
	struct hrtimer_cpu_base *cb = this_cpu_ptr(&hrtimer_bases);
	unsigned long flags;

	spin_lock_irqsave(&cb->lock, flags);
	run_due(cb->soft, ktime_get(), &flags);
	cb->soft_raised = false;
	reprogram(cb, next_event(cb));
	spin_unlock_irqrestore(&cb->lock, flags);
}

/*
 * The device fired.  Functions may take long: look again until the next time
 * is in the future, but not for ever.
 */
void hrtimer_interrupt(struct clock_event_device *dev)
{
	struct hrtimer_cpu_base *cb = this_cpu_ptr(&hrtimer_bases);
	unsigned long flags;

	for (int round = 0;; round++) {
		ktime_t next, now;

		spin_lock_irqsave(&cb->lock, flags);
		now = ktime_get();
		cb->in_irq = true;
		cb->expires_next = KTIME_MAX;
		if (!cb->soft_raised &&
		    earliest_of(cb->soft, KTIME_MAX) <= now) {
			cb->soft_raised = true;
			raise_softirq_irqoff(HRTIMER_SOFTIRQ);
		}
		run_due(cb->hard, now, &flags);
		next = next_event(cb);
		cb->expires_next = next;
		cb->in_irq = false;
		spin_unlock_irqrestore(&cb->lock, flags);
		if (tick_program_event(next, round >= 3) == 0)
			return;
	}
}

/* Each CPU: offsets have changed. */
static void retrigger(void *unused)
{
	struct hrtimer_cpu_base *cb = this_cpu_ptr(&hrtimer_bases);
	unsigned long flags;

	spin_lock_irqsave(&cb->lock, flags);
	reprogram(cb, next_event(cb));
	spin_unlock_irqrestore(&cb->lock, flags);
}

static void (*tell_timerfd)(void) __ro_after_init;

void on_clock_was_set(void (*fn)(void))
{
	tell_timerfd = fn;
}

void clock_was_set(void)
{
	on_each_cpu(retrigger, NULL, 1);
	if (tell_timerfd)
		tell_timerfd();
}

static enum hrtimer_restart wake_sleeper(struct hrtimer *t)
{
	struct hrtimer_sleeper *sl = container_of(t, struct hrtimer_sleeper,
						  timer);
	struct task_struct *task = sl->task;

	WRITE_ONCE(sl->task, NULL);
	if (task)
		wake_up_process(task);
	return HRTIMER_NORESTART;
}

void hrtimer_init_sleeper(struct hrtimer_sleeper *sl, clockid_t clock,
			  enum hrtimer_mode mode)
{
	hrtimer_init(&sl->timer, clock, mode);
	sl->timer.function = wake_sleeper;
	sl->task = current;
}

void hrtimer_sleeper_start_expires(struct hrtimer_sleeper *sl,
				   enum hrtimer_mode mode)
{
	ktime_t soft = sl->timer._softexpires;

	hrtimer_start_range_ns(&sl->timer, soft, sl->timer.expires - soft,
			       mode);
}

/* The current task's state is set: sleep until then or until woken. */
int schedule_hrtimeout_range_clock(ktime_t *expires, u64 delta,
				   enum hrtimer_mode mode, clockid_t clock)
{
	struct hrtimer_sleeper sl;

	if (expires && *expires == 0) {
		__set_current_state(TASK_RUNNING);
		return 0;
	}
	if (!expires) {
		schedule();
		return -EINTR;
	}
	hrtimer_init_sleeper(&sl, clock, mode);
	hrtimer_start_range_ns(&sl.timer, *expires, delta, mode);
	if (likely(READ_ONCE(sl.task)))
		schedule();
	hrtimer_cancel(&sl.timer);
	__set_current_state(TASK_RUNNING);
	return sl.task ? -EINTR : 0;
}

int schedule_hrtimeout_range(ktime_t *expires, u64 delta,
			     enum hrtimer_mode mode)
{
	return schedule_hrtimeout_range_clock(expires, delta, mode,
					      CLOCK_MONOTONIC);
}

int schedule_hrtimeout(ktime_t *expires, enum hrtimer_mode mode)
{
	return schedule_hrtimeout_range(expires, 0, mode);
}

ktime_t hrtimer_next_event(void)
{
	return this_cpu_ptr(&hrtimer_bases)->expires_next;
}

void hrtimers_cpu_init(int cpu)
{
	struct hrtimer_cpu_base *cb = &per_cpu(hrtimer_bases, cpu);

	spin_lock_init(&cb->lock);
	cb->expires_next = KTIME_MAX;
	for (int i = 0; i < NR_CLOCKS; i++) {
		cb->hard[i].cpu_base = cb->soft[i].cpu_base = cb;
		cb->hard[i].clock = cb->soft[i].clock = base_clock[i];
		cb->hard[i].active = cb->soft[i].active = RB_ROOT_CACHED;
	}
}

void hrtimers_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		hrtimers_cpu_init(cpu);
	open_softirq(HRTIMER_SOFTIRQ, hrtimer_run_softirq);
}
