/* SPDX-License-Identifier: MIT */
/*
 * watchdog.c -- CPUs that somebody holds on to for too long
 *
 * PROMISE.  A CPU whose kernel code lets nobody else in for 2 * watchdog_thresh
 * seconds is reported with the code that it runs: a soft lockup if interrupts
 * still come, a hard lockup if not.
 *
 * IDEA.  Nothing here looks at the wall clock.  A virtual CPU may stand still
 * for seconds because its host is busy: that is nobody's bug.  So time is
 * counted in ticks that were really taken:
 *
 *	soft	each CPU in its own ticks: this tick, like the last N, struck
 *		kernel code that cannot be preempted, or that does not yield
 *		although somebody wants the CPU; and no switch between
 *	hard	each CPU counts its neighbour's ticks, the next CPU in a ring,
 *		in its own: N of mine and none of yours, though you do not idle
 *
 *	CPU 0 --looks at--> CPU 1 --looks at--> CPU 2 --looks at--> CPU 0
 *
 * The neighbour is asked by an NMI what it does, which it answers even with
 * interrupts off.  If they turn out to be on, it was only slow.
 *
 * CONTEXT.  The tick, irqs off.  Each CPU writes its own struct only.
 *
 * NOT DONE.  One CPU alone has nobody who sees it with interrupts off: that
 * needs a counter that overflows into an NMI, which TCG does not have.
 *
 * SEE docs/94-watchdogs.md
 */

#include "sched.h"

#include <arch/smp.h>
#include <arch/stacktrace.h>
#include <kernel/hardirq.h>
#include <kernel/kernel.h>
#include <kernel/watchdog.h>

struct watchdog {
	u64 switches;                 /* of the queue, when last seen to change */
	unsigned int stuck;           /* ticks since then */
	bool reported;
	unsigned long ticks;          /* all; read by the CPU in front */
	unsigned long seen;           /* of the neighbour's, when they changed */
	unsigned int still;           /* my ticks since then */
	bool told;                    /* of the neighbour */
};

static DEFINE_PER_CPU(struct watchdog, watchdog);

int watchdog_thresh = 10;
struct watchdog_trap watchdog_trap;

static unsigned int limit_ticks(void)
{
	int seconds = READ_ONCE(watchdog_thresh);

	if (READ_ONCE(watchdog_trap.limit))
		return watchdog_trap.limit;
	return seconds > 0 ? 2U * seconds * HZ : 0;
}

/* A test provoked it?  Then it is noted, not printed. */
static bool trapped(int cpu, bool hard)
{
	if (!READ_ONCE(watchdog_trap.limit))
		return false;
	watchdog_trap.pid = READ_ONCE(cpu_rq(cpu)->curr)->pid;
	watchdog_trap.cpu = cpu;
	if (hard)
		WRITE_ONCE(watchdog_trap.hard, watchdog_trap.hard + 1);
	else
		WRITE_ONCE(watchdog_trap.soft, watchdog_trap.soft + 1);
	return true;
}

/* Did this tick strike code that keeps others out? */
static bool keeps_others_out(const struct rq *rq)
{
	struct pt_regs *regs = get_irq_regs();

	if (!regs || user_mode(regs) || current == rq->idle)
		return false;
	return need_resched() || preempt_count() != HARDIRQ_OFFSET;
}

static void report_soft(struct rq *rq, unsigned int ticks)
{
	if (trapped(rq->cpu, false))
		return;
	pr_err("watchdog: BUG: soft lockup - CPU#%d stuck for %us! [%s:%d]\n",
	       rq->cpu, ticks / HZ, current->comm, current->pid);
	show_regs(get_irq_regs());
	dump_stack();
}

static void check_soft(struct rq *rq, struct watchdog *w, unsigned int limit)
{
	if (w->switches != rq->nr_switches || !keeps_others_out(rq)) {
		w->switches = rq->nr_switches;
		w->stuck = 0;
		w->reported = false;
		return;
	}
	if (++w->stuck >= limit && !w->reported) {
		w->reported = true;
		report_soft(rq, w->stuck);
	}
}

static int neighbour_of(int cpu)
{
	int next = cpumask_next(cpu, cpu_online_mask);

	return next < (int)nr_cpu_ids ? next : (int)cpumask_first(cpu_online_mask);
}

static void report_hard(int cpu)
{
	if (trapped(cpu, true))
		return;
	pr_err("watchdog: CPU%d takes no interrupts:\n", cpu);
	if (arch_cpu_backtrace(cpu, true))
		pr_err("watchdog: BUG: hard lockup on CPU %d\n", cpu);
	else
		pr_err("watchdog: CPU%d was only slow\n", cpu);
}

static void check_hard(struct rq *rq, struct watchdog *w, unsigned int limit)
{
	int cpu = neighbour_of(rq->cpu);
	unsigned long ticks;

	if (cpu == rq->cpu)
		return;
	ticks = READ_ONCE(per_cpu(watchdog, cpu).ticks);
	if (ticks != w->seen || idle_cpu(cpu)) {
		w->seen = ticks;
		w->still = 0;
		w->told = false;
		return;
	}
	if (++w->still >= limit && !w->told) {
		w->told = true;
		report_hard(cpu);
	}
}

/* Tick, irqs off. */
void watchdog_tick(struct rq *rq)
{
	struct watchdog *w = this_cpu_ptr(&watchdog);
	unsigned int limit = limit_ticks();

	WRITE_ONCE(w->ticks, w->ticks + 1);
	if (!limit)
		return;
	check_soft(rq, w, limit);
	check_hard(rq, w, limit);
}
