/* SPDX-License-Identifier: MIT */
/*
 * core.c -- run queues, and schedule(): giving the CPU to somebody else
 *
 * PROMISE.  schedule() runs the best runnable task of this CPU's queue and
 * returns when the caller has been chosen again.  A task that set a sleeping
 * state before runs again only after a wake-up for that state.
 *
 * IDEA.  One queue per CPU, so that the usual case touches no other CPU's
 * cache lines.  What "best" means is asked of a table of classes in order:
 * the first that has a task wins.
 *
 *	schedule():  lock -> [state says sleep? leave the queue] -> pick ->
 *	             switch page tables -> switch stacks -> (other task) unlock
 *
 * The lock is taken by the old task and dropped by the new one: between the
 * two the queue says "next runs" while the CPU still stands on prev's stack.
 *
 * INVARIANTS, while rq->lock is free (check.c asserts them, Q1-Q6 there).
 *
 * LOCKING.  p->pi_lock, then rq->lock; of two rq locks never both at once:
 * balance.c carries tasks from one to the other in its hand, marked
 * TASK_ON_RQ_MIGRATING.  Irqs are off under both.
 *
 *	p->state    written by p itself, or by a waker under pi_lock
 *	p->on_rq    rq->lock
 *	p->cpu      pi_lock when p is on no queue, else rq->lock
 *	p->on_cpu   set by the CPU that switches to p, cleared by the CPU
 *	            that has left p's stack
 *
 * RACES.  Sleep against wake-up:
 *
 *	sleeper                          waker
 *	state = TASK_INTERRUPTIBLE [a]   condition = true       [c]
 *	full barrier                     full barrier (pi_lock)
 *	look at the condition      [b]   look at p->state       [d]
 *	schedule() leaves queue          on queue? put it back
 *
 * Each side writes, then reads what the other wrote: at least one of them
 * sees the other, [b] the condition or [d] the state.
 *
 * Asleep but still on its stack:
 *
 *	CPU 0 schedule()                 CPU 1 try_to_wake_up(p)
 *	p->on_rq = 0               [e]   on_rq is 0, so p is ours  [h]
 *	pick, switch_to(p, next)   [f]   queue p on CPU 1, run it:
 *	p->on_cpu = 0              [g]   both CPUs stand on one stack!
 *
 * So [h] is followed by a wait until on_cpu is 0: [g] is a release, the wait
 * an acquire, and what CPU 0 saved at [f] is seen by CPU 1.  CPU 0 holds its
 * rq lock with irqs off from [e] to [g], so the wait is short.
 *
 * The task dies: do_task_dead() sets TASK_DEAD under pi_lock and calls
 * schedule(), which never returns there.  Whoever runs next sees the state
 * of prev in finish_task_switch() and drops the scheduler's reference: only
 * then does nobody stand on that stack.  The state is read before on_cpu is
 * cleared: afterwards p could be woken and change it.  Preemption is off [k]
 * before the state is set: a task preempted in that state, still queued and
 * about to run again, would be taken for dead, and its reference dropped twice.
 *
 * SEE docs/40-scheduling.md.
 *
 * EXERCISES.  1. Clear on_cpu before switch_to(): which picture above comes
 * true?  2. Why may schedule() read prev->state only after taking rq->lock?
 */

#include "sched.h"

#include <arch/mmu.h>
#include <arch/switch_to.h>
#include <arch/uaccess.h>
#include <kernel/cputime.h>
#include <kernel/export.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/loadavg.h>
#include <kernel/pid.h>
#include <kernel/rcupdate.h>
#include <kernel/rseq.h>
#include <kernel/signal.h>
#include <kernel/trace_events.h>
#include <kernel/workqueue.h>
#include <mm/mm.h>

DEFINE_PER_CPU_ALIGNED(struct rq, runqueues);

const struct sched_class *const sched_classes[NR_SCHED_CLASSES] = {
	&stop_sched_class, &dl_sched_class, &rt_sched_class, &fair_sched_class,
	&idle_sched_class,
};

/*
 * Bring the queue's clock up to date.  CPUs' counters may differ by some ns:
 * a step back is ignored.
 */
void update_rq_clock(struct rq *rq)
{
	s64 delta = sched_clock() - rq->clock;

	if (delta > 0)
		rq->clock += delta;
}

/* Lock the queue p is on; p->pi_lock held.  p may move until we have it. */
struct rq *__task_rq_lock(struct task_struct *p)
{
	for (;;) {
		struct rq *rq = task_rq(p);

		spin_lock(&rq->lock);
		if (likely(rq == task_rq(p) && !task_on_rq_migrating(p)))
			return rq;
		spin_unlock(&rq->lock);
		while (unlikely(task_on_rq_migrating(p)))
			cpu_relax();
	}
}

struct rq *task_rq_lock(struct task_struct *p, unsigned long *flags)
{
	spin_lock_irqsave(&p->pi_lock, *flags);
	return __task_rq_lock(p);
}

void task_rq_unlock(struct rq *rq, struct task_struct *p,
		    unsigned long *flags)
{
	spin_unlock(&rq->lock);
	spin_unlock_irqrestore(&p->pi_lock, *flags);
}

void enqueue_task(struct rq *rq, struct task_struct *p, int flags)
{
	update_rq_clock(rq);
	p->sched_class->enqueue_task(rq, p, flags);
	rq->nr_running++;
}

void dequeue_task(struct rq *rq, struct task_struct *p, int flags)
{
	update_rq_clock(rq);
	p->sched_class->dequeue_task(rq, p, flags);
	rq->nr_running--;
}

void activate_task(struct rq *rq, struct task_struct *p, int flags)
{
	enqueue_task(rq, p, flags);
	p->on_rq = TASK_ON_RQ_QUEUED;
}

void deactivate_task(struct rq *rq, struct task_struct *p, int flags)
{
	WRITE_ONCE(p->on_rq,
		   flags & DEQUEUE_SLEEP ? 0 : TASK_ON_RQ_MIGRATING); /* [e] */
	dequeue_task(rq, p, flags);
}

/*
 * Ask the running task of this queue to give way: its CPU looks at the next
 * interrupt exit, preempt_enable() or return to user mode.  rq->lock held.
 */
void resched_curr(struct rq *rq)
{
	struct task_struct *curr = rq->curr;

	if (test_ti_flag(curr, TIF_NEED_RESCHED))
		return;
	if (rq->cpu == smp_processor_id()) {
		set_ti_flag(curr, TIF_NEED_RESCHED);
		set_preempt_need_resched();
		return;
	}
	if (set_nr_and_not_polling(curr))
		smp_send_reschedule(rq->cpu);
}

void resched_cpu(int cpu)
{
	struct rq *rq = cpu_rq(cpu);
	unsigned long flags;

	spin_lock_irqsave(&rq->lock, flags);
	resched_curr(rq);
	spin_unlock_irqrestore(&rq->lock, flags);
}

/* p has become runnable: is it to run at once? */
void check_preempt_curr(struct rq *rq, struct task_struct *p, int flags)
{
	const struct sched_class *running = rq->curr->sched_class;

	if (p->sched_class == running)
		running->check_preempt_curr(rq, p, flags);
	else if (p->sched_class->rank < running->rank)
		resched_curr(rq);
}

/* Phase 1: a voluntary call with a sleeping state leaves the queue. */
static void try_to_block_task(struct rq *rq, struct task_struct *prev,
			      unsigned int state)
{
	if (signal_pending_state(state, prev)) {
		WRITE_ONCE(prev->state, TASK_RUNNING);
		return;
	}
	prev->sched_contributes_to_load =
		(state & TASK_UNINTERRUPTIBLE) && !(state & TASK_NOLOAD);
	if (prev->sched_contributes_to_load)
		rq->nr_uninterruptible++;
	if (prev->in_iowait)
		atomic_inc(&rq->nr_iowait);
	deactivate_task(rq, prev, DEQUEUE_SLEEP);
}

/* Phase 3: the first class that has a task gives the next one. */
static struct task_struct *pick_next_task(struct rq *rq,
					  struct task_struct *prev)
{
	struct task_struct *next = NULL;

	/* Less urgent work follows: somebody may wait elsewhere. */
	if (prev->prio < MAX_RT_PRIO && num_online_cpus() > 1 &&
	    prev->sched_class != &stop_sched_class)
		pull_urgent_task(rq);
	/* Nothing but the idle task is left here: look at other CPUs. */
	if (rq->nr_running == 0)
		newidle_balance(rq);
	for (int i = 0; !next; i++)
		next = sched_classes[i]->pick_task(rq);
	if (next == prev)
		return next;
	prev->sched_class->put_prev_task(rq, prev);
	next->sched_class->set_next_task(rq, next);
	return next;
}

/*
 * First thing on next's stack: let go of prev, drop the lock.  Returns with
 * irqs on and preemption still disabled once, by schedule()'s caller side.
 */
static void finish_task_switch(struct task_struct *prev)
{
	struct rq *rq = this_rq();
	struct mm_struct *mm = rq->prev_mm;
	unsigned int prev_state = READ_ONCE(prev->state);

	rq->prev_mm = NULL;
	smp_store_release(&prev->on_cpu, 0);                     /* [g] */
	rq_lock_take_over(&rq->lock);
	spin_unlock_irq(&rq->lock);
	if (mm)
		mmdrop(mm);
	if (num_online_cpus() > 1)
		push_urgent_tasks(rq);
	if (unlikely(prev_state == TASK_DEAD)) {
		dl_task_dead(prev);
		put_task_struct(prev);
	}
}

/*
 * Phase 4: page tables, then stacks.  A kernel thread has no address space of
 * its own: it borrows prev's, which saves a flush now and, if prev runs next,
 * another one.
 */
static void context_switch(struct rq *rq, struct task_struct *prev,
			   struct task_struct *next)
{
	rseq_note_event(prev);
	WRITE_ONCE(next->on_cpu, 1);
	if (!next->mm) {
		enter_lazy_tlb(prev->active_mm, next);
		next->active_mm = prev->active_mm;
		if (prev->mm)
			mmgrab(prev->active_mm);
		else
			prev->active_mm = NULL;
	} else {
		switch_mm_irqs_off(prev->active_mm, next->mm, next);
		if (!prev->mm) {
			rq->prev_mm = prev->active_mm;
			prev->active_mm = NULL;
		}
	}
	rq_lock_hand_over(&rq->lock);
	switch_to(prev, next, prev);                             /* [f] */
	barrier();
	finish_task_switch(prev);
}

/* The caller broke the rule that sleeping needs preemption on. */
static void schedule_debug(struct task_struct *prev)
{
	if (likely(preempt_count() == PREEMPT_DISABLE_OFFSET))
		return;
	if (prev->state != TASK_DEAD) {
		pr_err("BUG: scheduling while atomic: %s/%d/%08x\n",
		       prev->comm, prev->pid, preempt_count());
		WARN_ON_ONCE(1);
	}
	preempt_count_set(PREEMPT_DISABLE_OFFSET);
}

/*
 * The scheduler proper.  preempt: prev did not ask, so its state, whatever
 * it is just about to do with it, must not put it to sleep.  Preemption is
 * disabled once.
 */
static void __schedule(bool preempt)
{
	struct rq *rq = this_rq();
	struct task_struct *prev = rq->curr, *next;
	unsigned long *switch_count = &prev->nivcsw;
	unsigned int state;

	schedule_debug(prev);
	local_irq_disable();
	rcu_note_context_switch();
	spin_lock(&rq->lock);
	smp_mb__after_spinlock();                  /* state [a], then [h] */
	update_rq_clock(rq);
	state = READ_ONCE(prev->state);
	if (!preempt && state) {
		try_to_block_task(rq, prev, state);
		switch_count = &prev->nvcsw;
	}
	next = pick_next_task(rq, prev);
	clear_ti_flag(prev, TIF_NEED_RESCHED);
	clear_preempt_need_resched();
	if (next == prev) {
		spin_unlock_irq(&rq->lock);
		return;
	}
	rq->nr_switches++;
	++*switch_count;
	WRITE_ONCE(rq->curr, next);
	trace_sched_switch(prev, next, preempt ? TASK_RUNNING : state);
	context_switch(rq, prev, next);
}

/* Give up the CPU; if the state was set, until woken.  May sleep. */
void schedule(void)
{
	struct task_struct *tsk = current;

	if (tsk->state) {
		if (tsk->flags & PF_WQ_WORKER)
			wq_worker_sleeping(tsk);
		/* A sleeper holds no I/O back, its own least of all. */
		if (unlikely(tsk->plug))
			blk_flush_plug(tsk->plug, true);
	}
	do {
		preempt_disable();
		__schedule(false);
		preempt_enable_no_resched();
	} while (need_resched());
	if (tsk->flags & PF_WQ_WORKER)
		wq_worker_running(tsk);
}
EXPORT_SYMBOL(schedule);

/* The idle loop's: preemption stays off around it. */
void schedule_preempt_disabled(void)
{
	preempt_enable_no_resched();
	schedule();
	preempt_disable();
}

/* The idle task never sleeps, so its state is not looked at. */
void schedule_idle(void)
{
	do {
		__schedule(true);
	} while (need_resched());
}

static void preempt_schedule_common(void)
{
	do {
		preempt_disable();
		__schedule(true);
		preempt_enable_no_resched();
	} while (need_resched());
}

/* preempt_enable() brought the count to 0 and a reschedule is wanted. */
void preempt_schedule(void)
{
	if (likely(preempt_count() == 0 && !irqs_disabled()))
		preempt_schedule_common();
}
EXPORT_SYMBOL(preempt_schedule);

/*
 * An interrupt returns to kernel code that may be preempted.  Irqs off on
 * entry and return.
 */
void preempt_schedule_irq(void)
{
	do {
		preempt_disable();
		local_irq_enable();
		__schedule(true);
		local_irq_disable();
		preempt_enable_no_resched();
	} while (need_resched());
}

/*
 * First C function of a new task, on its own stack: finish the switch that
 * brought us here, and open preemption (the count was FORK_PREEMPT_COUNT).
 */
void schedule_tail(struct task_struct *prev)
{
	finish_task_switch(prev);
	preempt_enable();
	/* A child that unmapped the word meanwhile gets no number: as Linux. */
	if (current->set_child_tid &&
	    put_user(task_pid_vnr(current), current->set_child_tid))
		current->set_child_tid = NULL;
}

/* For loops in process context that may run long: let others in. */
int __cond_resched(void)
{
	if (should_resched(0)) {
		preempt_schedule_common();
		return 1;
	}
	return 0;
}
EXPORT_SYMBOL(__cond_resched);

/* Let equals run first; the caller stays runnable.  Process context. */
void yield(void)
{
	struct rq *rq;

	set_current_state(TASK_RUNNING);
	local_irq_disable();
	rq = this_rq();
	spin_lock(&rq->lock);
	update_rq_clock(rq);
	if (current->sched_class->yield_task)
		current->sched_class->yield_task(rq);
	preempt_disable();
	spin_unlock_irq(&rq->lock);
	preempt_enable_no_resched();
	schedule();
}
EXPORT_SYMBOL(yield);

/* Sleep for a disk: counted as iowait, not as idle.  May sleep. */
void io_schedule(void)
{
	unsigned int old = current->in_iowait;

	if (current->plug)
		blk_flush_plug(current->plug, false);
	current->in_iowait = 1;
	schedule();
	current->in_iowait = old;
}

long io_schedule_timeout(long timeout)
{
	unsigned int old = current->in_iowait;

	current->in_iowait = 1;
	timeout = schedule_timeout(timeout);
	current->in_iowait = old;
	return timeout;
}

void do_task_dead(void)
{
	current->flags |= PF_NOFREEZE;
	preempt_disable();                                       /* [k] */
	set_special_state(TASK_DEAD);
	__schedule(false);
	BUG();
}

/* The heartbeat: account, ask the class, balance.  Hard irq, irqs off. */
void scheduler_tick(void)
{
	struct rq *rq = this_rq();
	struct task_struct *curr;

	spin_lock(&rq->lock);
	curr = rq->curr;
	update_rq_clock(rq);
	curr->sched_class->task_tick(rq, curr);
	calc_global_load_tick(rq);
	spin_unlock(&rq->lock);
	if (unlikely(curr->dl.overrun)) {
		curr->dl.overrun = false;
		send_sig_info(SIGXCPU, SEND_SIG_PRIV, curr);
	}
	watchdog_tick(rq);
	trigger_load_balance(rq);
}

int idle_cpu(int cpu)
{
	return cpu_is_idle(cpu);
}

bool task_curr(const struct task_struct *t)
{
	return cpu_rq(task_cpu(t))->curr == t;
}

unsigned long nr_running(void)
{
	unsigned long sum = 0;
	int cpu;

	for_each_online_cpu(cpu)
		sum += READ_ONCE(cpu_rq(cpu)->nr_running);
	return sum;
}

unsigned long nr_iowait(void)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += atomic_read(&cpu_rq(cpu)->nr_iowait);
	return sum < 0 ? 0 : sum;
}

u64 nr_context_switches(void)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(cpu_rq(cpu)->nr_switches);
	return sum;
}

/* Boot, once, irqs off: every queue empty, the boot thread is CPU 0's idle. */
void sched_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct rq *rq = cpu_rq(cpu);

		spin_lock_init(&rq->lock);
		rq->cpu = cpu;
		init_cfs_rq(&rq->cfs);
		init_dl_rq(&rq->dl);
		init_rt_rq(&rq->rt);
		atomic_set(&rq->nr_iowait, 0);
		rq->next_balance = jiffies;
	}
	fair_tune(num_possible_cpus());
	set_load_weight(&init_task);
	init_idle(current, smp_processor_id());
	sched_balance_init();
}
