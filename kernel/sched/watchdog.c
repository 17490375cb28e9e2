/* SPDX-License-Identifier: MIT */
/*
 * watchdog.c -- a CPU that was asked to reschedule and does not
 *
 * The debug build's tick looks: has somebody wanted this CPU for ten seconds
 * without one switch?  Then some kernel code loops with preemption off, and
 * the registers that the tick interrupted say where.  A CPU with interrupts
 * off is not seen: it has no tick.
 */

#include "sched.h"

#include <arch/stacktrace.h>
#include <kernel/hardirq.h>
#include <kernel/kernel.h>

#define SOFT_LOCKUP_NS 10000000000LL

struct watchdog {
	u64 switches;                 /* of the queue, when last seen to change */
	u64 since;                    /* ns; 0: nobody waits */
};

static DEFINE_PER_CPU(struct watchdog, watchdog);

/* Tick, irqs off. */
void watchdog_tick(struct rq *rq)
{
	struct watchdog *w = this_cpu_ptr(&watchdog);

	if (!IS_ENABLED(LANTERN_DEBUG))
		return;
	if (!need_resched() || w->switches != rq->nr_switches || !w->since) {
		w->switches = rq->nr_switches;
		w->since = need_resched() ? rq->clock : 0;
		return;
	}
	if ((s64)(rq->clock - w->since) < SOFT_LOCKUP_NS)
		return;
	pr_err("BUG: soft lockup: CPU %d stuck for 10 s in %s/%d\n", rq->cpu,
	       current->comm, current->pid);
	if (get_irq_regs())
		show_regs(get_irq_regs());
	w->since = 0;
}
