/* SPDX-License-Identifier: MIT */
/*
 * tick.c -- the heartbeat: HZ times a second where there is work, never where
 * not
 *
 * PROMISE.  A CPU that runs a task gets a tick each TICK_NSEC; jiffies is right
 * wherever it is read by code that a CPU runs; an idle CPU is left alone until
 * something is due.
 *
 * IDEA.  The tick is one hrtimer per CPU.  Each tick
 *
 *	- moves jiffies and the wall clock on, if no other CPU has yet
 *	- accounts the time to who was interrupted
 *	- lets wheel timers, RCU and the scheduler look
 *
 * Before halting, the idle loop asks what is due next: the wheel's timer, or
 * RCU, or the counter's wrap-around.  If that is further away than the next
 * tick, the hrtimer is set for then, or cancelled.
 *
 *	tick |  |  |  |  |  (idle ............................)  |  |  |
 *	                  ^ stop: next timer in 90 ticks       ^ exit: again
 *
 * While all CPUs sleep nobody moves jiffies on; so the first interrupt of a
 * sleeping CPU does, before its handlers look (tick_irq_enter).
 *
 * INVARIANTS.
 *   K1  last_update is a multiple of TICK_NSEC behind the first tick, and
 *       jiffies has advanced by just as many.
 *
 * LOCKING.  jiffies_lock for jiffies and last_update; the rest belongs to its
 * CPU, irqs off, but for idle_entry, read by others under idle_seq.
 *
 * SEE docs/44-time-and-timers.md.
 */

#include <kernel/tick.h>

#include <kernel/clockchips.h>
#include <kernel/cputime.h>
#include <kernel/hardirq.h>
#include <kernel/hrtimer.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/loadavg.h>
#include <kernel/percpu.h>
#include <kernel/rcupdate.h>
#include <kernel/sched.h>
#include <kernel/seqlock.h>
#include <kernel/softirq.h>
#include <kernel/timekeeping.h>
#include <kernel/timer.h>
#include <arch/ptrace.h>

#include "tick_internal.h"
#include "timekeeping_internal.h"

unsigned long volatile jiffies = INITIAL_JIFFIES;

static DEFINE_SEQLOCK(jiffies_lock);
static ktime_t last_update;           /* monotonic time of the last jiffy */

struct tick_cpu {
	struct clock_event_device *dev;
	struct hrtimer timer;
	bool stopped;                 /* idle, the timer set far ahead or off */
	bool idle;                    /* in the idle loop */
	ktime_t last_account;         /* up to here time is charged to somebody */
	ktime_t idle_entry;           /* halted since; 0: not halted */
	seqcount_t idle_seq;
};

static DEFINE_PER_CPU(struct tick_cpu, tick_cpu);

int tick_program_event(ktime_t expires, bool force)
{
	struct clock_event_device *dev = this_cpu_ptr(&tick_cpu)->dev;

	return dev ? clockevents_program_event(dev, expires, force) : 0;
}

/* Bring jiffies up to `now`; the first CPU to notice does it for all. */
static void update_jiffies(ktime_t now)
{
	unsigned long flags, ticks;

	if (now - READ_ONCE(last_update) < TICK_NSEC)
		return;
	write_seqlock_irqsave(&jiffies_lock, flags);
	ticks = now > last_update ? (now - last_update) / TICK_NSEC : 0;
	if (ticks) {
		WRITE_ONCE(last_update, last_update + ticks * TICK_NSEC); /* K1 */
		jiffies += ticks;
		calc_global_load();
	}
	write_sequnlock_irqrestore(&jiffies_lock, flags);
	if (ticks)
		update_wall_time();
}

static bool is_idle_task(const struct task_struct *t)
{
	return t->flags & PF_IDLE;
}

/* What a tick does; hard irq. */
static void update_process_times(bool user, u64 ns)
{
	struct task_struct *curr = current;
	bool idle = is_idle_task(curr) && !in_softirq() &&
		    hardirq_count() <= HARDIRQ_OFFSET;

	account_process_tick(curr, user, ns);
	run_local_timers();
	rcu_sched_clock_irq(user || idle);
	scheduler_tick();
	run_cpu_timers(curr, user);
}

static enum hrtimer_restart tick_fire(struct hrtimer *timer)
{
	struct tick_cpu *tc = this_cpu_ptr(&tick_cpu);
	struct pt_regs *regs = get_irq_regs();
	ktime_t now = ktime_get();

	update_jiffies(now);
	update_process_times(regs && user_mode(regs), now - tc->last_account);
	tc->last_account = now;
	if (tc->stopped)
		return HRTIMER_NORESTART;
	hrtimer_forward(timer, now, TICK_NSEC);
	return HRTIMER_RESTART;
}

/* The next multiple of the tick after now, spread over the CPUs. */
static ktime_t next_tick(void)
{
	ktime_t now = ktime_get(), base = READ_ONCE(last_update);
	ktime_t skew = TICK_NSEC / NR_CPUS * smp_processor_id();

	if (now < base)
		return base + TICK_NSEC + skew;
	return base + ((now - base) / TICK_NSEC + 1) * TICK_NSEC + skew;
}

static void start_tick(struct tick_cpu *tc)
{
	hrtimer_start(&tc->timer, next_tick(), HRTIMER_MODE_ABS_PINNED_HARD);
}

/* Devices that can only beat regularly: each beat looks at the timers. */
static void periodic_beat(struct clock_event_device *dev)
{
	hrtimer_interrupt(dev);
}

void tick_setup_device(struct clock_event_device *dev)
{
	struct tick_cpu *tc = this_cpu_ptr(&tick_cpu);

	if (tc->dev && tc->dev->rating >= dev->rating)
		return;
	if (tc->dev && tc->dev->set_state_shutdown)
		tc->dev->set_state_shutdown(tc->dev);
	if (dev->features & CLOCK_EVT_FEAT_ONESHOT) {
		dev->event_handler = hrtimer_interrupt;
		dev->state = CLOCK_EVT_STATE_ONESHOT;
		if (dev->set_state_oneshot)
			dev->set_state_oneshot(dev);
	} else {
		dev->event_handler = periodic_beat;
		dev->state = CLOCK_EVT_STATE_PERIODIC;
		if (dev->set_state_periodic)
			dev->set_state_periodic(dev);
	}
	tc->dev = dev;
	tc->last_account = ktime_get();
	start_tick(tc);
	tick_program_event(hrtimer_next_event(), true);
}

/* When this idle CPU must wake by itself; irqs off. */
static ktime_t next_wakeup(void)
{
	unsigned long basej;
	unsigned int seq;
	ktime_t basem, next;

	do {
		seq = read_seqbegin(&jiffies_lock);
		basej = jiffies;
		basem = last_update;
	} while (read_seqretry(&jiffies_lock, seq));
	if (rcu_needs_cpu() || local_softirq_pending())
		return basem + TICK_NSEC;
	next = get_next_timer_interrupt(basej, basem);
	return min(next, (ktime_t)(basem + timekeeping_max_deferment()));
}

void tick_nohz_idle_enter(void)
{
	this_cpu_ptr(&tick_cpu)->idle = true;
}

static void note_idle_entry(struct tick_cpu *tc, ktime_t when)
{
	raw_write_seqcount_begin(&tc->idle_seq);
	if (tc->idle_entry)
		account_idle_ns(max(when, ktime_get()) - tc->idle_entry);
	tc->idle_entry = when;
	raw_write_seqcount_end(&tc->idle_seq);
}

/* About to halt; irqs off. */
void tick_nohz_idle_stop_tick(void)
{
	struct tick_cpu *tc = this_cpu_ptr(&tick_cpu);
	ktime_t next, now = ktime_get();

	note_idle_entry(tc, now);
	if (!tc->dev || tc->dev->state != CLOCK_EVT_STATE_ONESHOT)
		return;
	next = next_wakeup();
	if (next <= now + TICK_NSEC) {
		if (tc->stopped) {
			tc->stopped = false;
			timer_clear_idle();
			start_tick(tc);
		}
		return;
	}
	if (!tc->stopped)
		calc_load_idle();
	tc->stopped = true;
	if (next == KTIME_MAX)
		hrtimer_cancel(&tc->timer);
	else if (hrtimer_get_expires(&tc->timer) != next ||
		 !hrtimer_is_queued(&tc->timer))
		hrtimer_start(&tc->timer, next, HRTIMER_MODE_ABS_PINNED_HARD);
}

/* An interrupt ended the halt (or nested into its handlers). */
void tick_irq_enter(void)
{
	struct tick_cpu *tc = this_cpu_ptr(&tick_cpu);

	if (!tc->idle)
		return;
	if (tc->idle_entry)
		note_idle_entry(tc, 0);
	if (tc->stopped)
		update_jiffies(ktime_get());
}

/* The CPU gets a task: the tick beats again. */
void tick_nohz_idle_exit(void)
{
	struct tick_cpu *tc = this_cpu_ptr(&tick_cpu);

	local_irq_disable();
	if (tc->idle_entry)
		note_idle_entry(tc, 0);
	tc->idle = false;
	tc->last_account = ktime_get();
	if (tc->stopped) {
		tc->stopped = false;
		update_jiffies(ktime_get());
		start_tick(tc);
	}
	timer_clear_idle();
	local_irq_enable();
}

u64 get_cpu_idle_time_ns(int cpu)
{
	struct tick_cpu *tc = &per_cpu(tick_cpu, cpu);
	ktime_t entry = READ_ONCE(tc->idle_entry), now = ktime_get();

	return entry && now > entry ? now - entry : 0;
}

seqcount_t *tick_idle_seq(int cpu)
{
	return &per_cpu(tick_cpu, cpu).idle_seq;
}

void tick_init(void)
{
	int cpu;

	last_update = ktime_get();
	for_each_possible_cpu(cpu) {
		struct tick_cpu *tc = &per_cpu(tick_cpu, cpu);

		hrtimer_init(&tc->timer, CLOCK_MONOTONIC,
			     HRTIMER_MODE_ABS_PINNED_HARD);
		tc->timer.function = tick_fire;
	}
}
