/* SPDX-License-Identifier: MIT */
/*
 * idle.c -- what a CPU does when there is nothing to do
 *
 * PROMISE.  An idle CPU takes no host time: no tick, halted until an interrupt.
 * A wake-up is never slept through.
 *
 * IDEA.  Each CPU has an idle task of the lowest class, always runnable, never
 * queued.  Its loop halts until somebody wants the CPU.
 *
 * RACES.  A wake-up between the last look and the halt:
 *
 *	idle loop                        waker on another CPU
 *	need_resched()? no               set NEED_RESCHED, send IPI
 *	halt: who wakes us?
 *
 * The look [b] happens with irqs off, and safe_halt() lets interrupts in only
 * together with the halt: the IPI then ends the halt at once.
 *
 * A CPU that is looking anyway needs no IPI, and an IPI is dear: so the loop
 * sets POLLING while it looks, and the waker skips the IPI if it finds the bit
 * in the same atomic operation that sets NEED_RESCHED:
 *
 *	clear POLLING, full barrier [a]    set NEED_RESCHED, read POLLING [c]
 *	look at NEED_RESCHED [b]           POLLING was clear: IPI
 *
 * If [c] still saw POLLING, then [a] is later and [b] sees NEED_RESCHED.
 */

#include "sched.h"

#include <arch/irqflags.h>
#include <kernel/kernel.h>
#include <kernel/rcupdate.h>
#include <kernel/softirq.h>
#include <kernel/tick.h>

/* Ask p to reschedule; true if its CPU must be told by an IPI. */
bool set_nr_and_not_polling(struct task_struct *p)
{
	unsigned long old = __atomic_fetch_or(&p->ti_flags,     /* [c] */
					      _TIF(TIF_NEED_RESCHED),
					      __ATOMIC_SEQ_CST);

	return !(old & _TIF(TIF_POLLING_NRFLAG));
}

/* Halt once.  Irqs off on entry, on at return. */
static void idle_halt(void)
{
	clear_ti_flag(current, TIF_POLLING_NRFLAG);              /* [a] */
	if (need_resched()) {                                    /* [b] */
		local_irq_enable();
		return;
	}
	if (local_softirq_pending()) {
		/* An interrupt's end noticed it, behind its softirqs: RCU does
		 * when it goes back to idle.  No other interrupt may come. */
		local_irq_enable();
		do_softirq();
		return;
	}
	tick_nohz_idle_stop_tick();
	rcu_idle_enter();
	safe_halt();
	local_irq_disable();
	rcu_idle_exit();
	local_irq_enable();
}

static void do_idle(void)
{
	struct rq *rq = this_rq();

	set_ti_flag(current, TIF_POLLING_NRFLAG);
	tick_nohz_idle_enter();
	while (!need_resched()) {
		local_irq_disable();
		idle_halt();
		set_ti_flag(current, TIF_POLLING_NRFLAG);
		/* Somebody has more than it can run: schedule() pulls. */
		if (xchg(&rq->nohz_kick, 0))
			break;
	}
	tick_nohz_idle_exit();
	clear_ti_flag(current, TIF_POLLING_NRFLAG);
	schedule_idle();
}

/* The end of a CPU's boot: from here its boot thread is the idle task. */
void cpu_startup_entry(void)
{
	local_irq_enable();
	for (;;)
		do_idle();
}

/*
 * Make `idle` the idle task of `cpu` and its running task.  Boot, or by the
 * CPU that starts it, before it runs.
 */
void init_idle(struct task_struct *idle, int cpu)
{
	struct rq *rq = cpu_rq(cpu);
	unsigned long flags;

	spin_lock_irqsave(&rq->lock, flags);
	idle->state = TASK_RUNNING;
	idle->flags |= PF_IDLE | PF_KTHREAD | PF_NO_SETAFFINITY;
	idle->sched_class = &idle_sched_class;
	idle->policy = SCHED_NORMAL;
	idle->prio = idle->normal_prio = MAX_PRIO;
	/* Its first child, init, inherits this: nice 0. */
	idle->static_prio = DEFAULT_PRIO;
	idle->cpu = idle->wake_cpu = cpu;
	cpumask_copy(&idle->cpus_mask, cpumask_of(cpu));
	idle->on_rq = TASK_ON_RQ_QUEUED;
	idle->on_cpu = 1;
	idle->se.exec_start = sched_clock();
	rq->idle = idle;
	rq->curr = idle;
	spin_unlock_irqrestore(&rq->lock, flags);
	snprintf(idle->comm, sizeof(idle->comm), "swapper/%d", cpu);
}

static struct task_struct *pick_task_idle(struct rq *rq)
{
	return rq->idle;
}

static void check_preempt_idle(struct rq *rq, struct task_struct *p, int flags)
{
	resched_curr(rq);
}

static void nothing(struct rq *rq, struct task_struct *p)
{
}

static void never_queued(struct rq *rq, struct task_struct *p, int flags)
{
	BUG();
}

const struct sched_class idle_sched_class = {
	.name = "idle",
	.rank = 4,
	.enqueue_task = never_queued,
	.dequeue_task = never_queued,
	.check_preempt_curr = check_preempt_idle,
	.pick_task = pick_task_idle,
	.put_prev_task = nothing,
	.set_next_task = nothing,
	.task_tick = nothing,
};
