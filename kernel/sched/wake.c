/* SPDX-License-Identifier: MIT */
/*
 * wake.c -- how a task becomes runnable: woken, or new
 *
 * PROMISE.  try_to_wake_up(p, state) makes p runnable if p sleeps in one of
 * the states, and says whether it did.  What the waker wrote before is seen by
 * p after.  Two wakers at once: one of them wakes it.
 *
 * IDEA.  Three cases, told apart under p->pi_lock, which serialises wakers:
 *
 *	p is still on its queue    it set a state but has not slept yet:
 *	                           set it running again, that is all
 *	p left the queue           choose a CPU, put p on that queue
 *	p is current               no lock: nobody else can change us
 *
 * Between leaving the queue and being placed, p has state TASK_WAKING and no
 * other waker touches it.
 *
 * RACES.  See core.c: [d] and [h] are below.  A third one: on_rq must be
 * read after state.
 *
 *	p: schedule()                    waker
 *	(earlier wait) on_rq = 1         reads on_rq == 0 (stale)
 *	state = INTERRUPTIBLE            reads state == INTERRUPTIBLE
 *
 * would enqueue a task that is queued already.  The barrier at [i] orders
 * the two reads as schedule() orders the two writes.
 *
 * Which CPU: the one it ran on if that is idle, for its cache is there; else
 * the waker's if the waker is about to sleep (WF_SYNC); else any idle one;
 * each only if p's mask allows it.
 *
 * SEE docs/40-scheduling.md.
 */

#include "sched.h"

#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/rtmutex.h>
#include <kernel/trace_events.h>

bool cpu_is_idle(int cpu)
{
	struct rq *rq = cpu_rq(cpu);

	return READ_ONCE(rq->curr) == rq->idle &&
	       READ_ONCE(rq->nr_running) == 0;
}

/*
 * p, on no queue, belongs to another CPU from now on.  pi_lock held, or the
 * lock of the queue it was just taken from.
 */
void set_task_cpu(struct task_struct *p, int new_cpu)
{
	if (task_cpu(p) == new_cpu)
		return;
	if (p->sched_class->migrate_task_rq)
		p->sched_class->migrate_task_rq(p, new_cpu);
	p->se.nr_migrations++;
	p->wake_cpu = new_cpu;
	WRITE_ONCE(p->cpu, new_cpu);
}

/* The wish `cpu` is not allowed or not there: any that is. */
int select_fallback_cpu(struct task_struct *p, int cpu)
{
	unsigned int any;

	if (cpumask_test_cpu(cpu, &p->cpus_mask) && cpu_online(cpu))
		return cpu;
	any = cpumask_any_and(&p->cpus_mask, cpu_online_mask);
	if (any < nr_cpu_ids)
		return any;
	/* Bound to a CPU that is not up yet: wait there if it can come. */
	any = cpumask_first(&p->cpus_mask);
	return any < nr_cpu_ids && cpu_online(any) ? any : smp_processor_id();
}

static int select_task_rq(struct task_struct *p, int cpu, int flags)
{
	if (cpumask_weight(&p->cpus_mask) > 1 &&
	    p->sched_class->select_task_rq)
		cpu = p->sched_class->select_task_rq(p, cpu, flags);
	return select_fallback_cpu(p, cpu);
}

/* Placed: put p on `cpu`'s queue.  pi_lock held. */
static void ttwu_queue(struct task_struct *p, int cpu, int flags)
{
	struct rq *rq = cpu_rq(cpu);

	spin_lock(&rq->lock);
	if (p->sched_contributes_to_load)
		rq->nr_uninterruptible--;
	activate_task(rq, p, ENQUEUE_WAKEUP);
	check_preempt_curr(rq, p, flags);
	smp_store_release(&p->state, TASK_RUNNING);
	spin_unlock(&rq->lock);
}

/* p set a state but is still on its queue: true, and it goes on running. */
static bool ttwu_runnable(struct task_struct *p, int flags)
{
	struct rq *rq = __task_rq_lock(p);
	bool queued = task_on_rq_queued(p);

	if (queued) {
		if (!p->on_cpu) {
			update_rq_clock(rq);
			check_preempt_curr(rq, p, flags);
		}
		WRITE_ONCE(p->state, TASK_RUNNING);
	}
	spin_unlock(&rq->lock);
	return queued;
}

/* p has left its queue; pi_lock held. */
static void ttwu_place(struct task_struct *p, int flags)
{
	int cpu;

	WRITE_ONCE(p->state, TASK_WAKING);
	smp_cond_load_acquire(&p->on_cpu, !VAL);                 /* [h] */
	if (p->in_iowait)
		atomic_dec(&task_rq(p)->nr_iowait);
	cpu = select_task_rq(p, p->wake_cpu, flags | WF_TTWU);
	set_task_cpu(p, cpu);
	ttwu_queue(p, cpu, flags | WF_TTWU);
}

/*
 * Wake p if it sleeps in one of `state`.  1 if it did, else 0.  Any context;
 * p must not vanish: the caller holds a reference, a lock or RCU.
 */
int try_to_wake_up(struct task_struct *p, unsigned int state, int flags)
{
	unsigned long irqflags;
	int success = 0;

	preempt_disable();
	if (p == current) {
		if (READ_ONCE(p->state) & state) {
			WRITE_ONCE(p->state, TASK_RUNNING);
			success = 1;
		}
		goto out;
	}
	spin_lock_irqsave(&p->pi_lock, irqflags);
	smp_mb__after_spinlock();
	if (READ_ONCE(p->state) & state) {                       /* [d] */
		success = 1;
		smp_rmb();                                       /* [i] */
		if (!READ_ONCE(p->on_rq) || !ttwu_runnable(p, flags))
			ttwu_place(p, flags);
		trace_sched_wakeup(p, task_cpu(p));
	}
	spin_unlock_irqrestore(&p->pi_lock, irqflags);
out:
	preempt_enable();
	return success;
}
EXPORT_SYMBOL(try_to_wake_up);

int wake_up_process(struct task_struct *t)
{
	return try_to_wake_up(t, TASK_NORMAL, 0);
}
EXPORT_SYMBOL(wake_up_process);

int wake_up_state(struct task_struct *t, unsigned int state)
{
	return try_to_wake_up(t, state, 0);
}

/* Make t pass the way back to user mode, where it looks for signals. */
void kick_process(struct task_struct *t)
{
	preempt_disable();
	if (task_cpu(t) != smp_processor_id() && task_curr(t))
		smp_send_reschedule(task_cpu(t));
	preempt_enable();
}

/* The child's priority after SCHED_RESET_ON_FORK. */
static void reset_policy_on_fork(struct task_struct *p)
{
	if (rt_policy(p->policy) || dl_policy(p->policy)) {
		p->policy = SCHED_NORMAL;
		p->static_prio = NICE_TO_PRIO(0);
		p->rt_priority = 0;
	} else if (p->static_prio < NICE_TO_PRIO(0)) {
		p->static_prio = NICE_TO_PRIO(0);
	}
	p->prio = p->normal_prio = normal_prio(p);
	p->sched_reset_on_fork = false;
}

/*
 * fork: make the copy of current's descriptor a task that nobody can wake
 * before wake_up_new_task().  Process context; 0 or -EAGAIN.
 */
int sched_fork(unsigned long clone_flags, struct task_struct *p)
{
	/* Bandwidth was promised to one task, not to its children. */
	if (dl_policy(p->policy) && !p->sched_reset_on_fork)
		return -EAGAIN;
	p->on_cpu = 0;
	p->on_rq = 0;
	p->state = TASK_NEW;
	p->in_iowait = 0;
	p->migrations_pending = 0;
	p->sched_contributes_to_load = 0;
	p->nvcsw = p->nivcsw = 0;
	p->utime = p->stime = p->prev_utime = p->prev_stime = 0;
	p->ti_flags &= ~(_TIF(TIF_NEED_RESCHED) | _TIF(TIF_POLLING_NRFLAG));
	/* Its own: not what current is lent, nor the idle task's. */
	p->prio = p->normal_prio = normal_prio(p);
	p->time_slice = RR_TIMESLICE;
	p->worker_private = NULL;
	p->flags &= ~(PF_WQ_WORKER | PF_IDLE | PF_NO_SETAFFINITY);
	memset(&p->se, 0, sizeof(p->se));
	init_dl_task(p);
	RB_CLEAR_NODE(&p->se.run_node);
	INIT_LIST_HEAD(&p->rt_node);
	rt_mutex_init_task(p);
	if (unlikely(p->sched_reset_on_fork))
		reset_policy_on_fork(p);
	p->sched_class = class_of_prio(p->prio, p->policy);
	set_load_weight(p);
	p->cpu = p->wake_cpu = task_cpu(current);
	return 0;
}

/* First time on a queue.  Process context. */
void wake_up_new_task(struct task_struct *p)
{
	unsigned long flags;
	struct rq *rq;

	spin_lock_irqsave(&p->pi_lock, flags);
	WRITE_ONCE(p->state, TASK_RUNNING);
	p->cpu = p->wake_cpu = select_task_rq(p, task_cpu(p), WF_FORK);
	rq = __task_rq_lock(p);
	activate_task(rq, p, ENQUEUE_INITIAL);
	check_preempt_curr(rq, p, WF_FORK);
	task_rq_unlock(rq, p, &flags);
}

/*
 * Wait until p, which goes to sleep in `state` (0: any), has left its CPU.
 * False if it did not stay there.  May sleep; p must not be current.
 */
bool wait_task_inactive(struct task_struct *p, unsigned int state)
{
	for (int tries = 0;; tries++) {
		bool busy, same;
		unsigned long flags;
		struct rq *rq = task_rq_lock(p, &flags);

		busy = task_current(rq, p) || task_on_rq_queued(p) ||
		       READ_ONCE(p->on_cpu);
		same = !state || READ_ONCE(p->state) == state;
		task_rq_unlock(rq, p, &flags);
		if (!same || !busy)
			return same;
		/* Usually it is in the middle of schedule(). */
		if (tries < 64)
			yield();
		else
			schedule_timeout_uninterruptible(1);
	}
}
