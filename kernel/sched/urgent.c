/* SPDX-License-Identifier: MIT */
/*
 * urgent.c -- deadline and real-time tasks on several CPUs
 *
 * PROMISE.  Of all runnable deadline and real-time tasks, those that run are
 * the N most urgent on N CPUs, as far as their masks allow; but for the moments
 * in which this is being repaired.
 *
 * IDEA.  Three repairs, each by who is there anyway:
 *
 *	wake-up   goes to a CPU that runs something less urgent
 *	push      a CPU that has just switched gives a waiting one away
 *	pull      a CPU about to run something less urgent than before looks
 *	          whether elsewhere a more urgent one waits
 *
 * "Urgent" is one number and a tie-break: prio, -1 for the deadline class,
 * 0..98 real-time; and among deadline tasks the deadline.
 *
 * A CPU whose real-time share is used up (rt.c) is none for such a task: it is
 * pushed or pulled away to one that has some left, and goes where it wakes.
 *
 * A task is carried from queue to queue in the hand, as in balance.c: never two
 * rq locks at once.
 *
 * RACES.  What another CPU runs is read without its lock, so a task may land
 * where it must wait: then that CPU, when it switches next, pushes it on.
 */

#include "sched.h"

#include <kernel/kernel.h>

#define MAX_PUSH 4                    /* per switch: bounds the time */

/* Does (prio, deadline) come before q? */
static bool more_urgent(int prio, u64 deadline, const struct task_struct *q)
{
	int other = READ_ONCE(q->prio);

	if (prio != other)
		return prio < other;
	return dl_prio(prio) && dl_time_before(deadline,
					       dl_deadline_in_force(&q->dl));
}

/* Would p wait there for the end of a period, though nobody more urgent
 * runs? */
static bool throttled_for(int cpu, const struct task_struct *p)
{
	return !dl_prio(p->prio) && READ_ONCE(cpu_rq(cpu)->rt.throttled);
}

/* The allowed CPU that runs the least urgent task; -1: all are as urgent. */
int find_less_urgent_cpu(struct task_struct *p)
{
	u64 deadline = dl_deadline_in_force(&p->dl);
	struct task_struct *worst = NULL;
	int cpu, best = -1;

	cpu = task_cpu(p);
	if (cpumask_test_cpu(cpu, &p->cpus_mask) && cpu_online(cpu) &&
	    !throttled_for(cpu, p)) {
		struct task_struct *curr = READ_ONCE(cpu_rq(cpu)->curr);

		/* Where its cache is, unless somebody real-time runs there. */
		if (curr->prio >= MAX_RT_PRIO)
			return cpu;
	}
	for_each_cpu_and(cpu, &p->cpus_mask, cpu_online_mask) {
		struct task_struct *curr = READ_ONCE(cpu_rq(cpu)->curr);

		if (throttled_for(cpu, p) ||
		    !more_urgent(p->prio, deadline, curr))
			continue;
		if (worst && !more_urgent(worst->prio,
					  dl_deadline_in_force(&worst->dl),
					  curr))
			continue;
		worst = curr;
		best = cpu;
	}
	return best;
}

static bool may_go(struct rq *src, struct task_struct *p, int dst)
{
	return !task_current(src, p) && !READ_ONCE(p->on_cpu) &&
	       (dst < 0 ? cpumask_weight(&p->cpus_mask) > 1
			: cpumask_test_cpu(dst, &p->cpus_mask));
}

/* The most urgent that waits here and may go to dst (-1: anywhere). */
static struct task_struct *first_waiting(struct rq *src, int dst)
{
	struct rb_node *node = rb_first_cached(&src->dl.root);
	struct task_struct *p;
	int prio;

	for (; node; node = rb_next(node)) {
		p = container_of(rb_entry(node, struct sched_dl_entity, rb_node),
				 struct task_struct, dl);
		if (may_go(src, p, dst))
			return p;
	}
	if (dst >= 0 && READ_ONCE(cpu_rq(dst)->rt.throttled))
		return NULL;          /* there it would wait as well */
	for_each_set_bit(prio, src->rt.bitmap, MAX_RT_PRIO)
		list_for_each_entry(p, &src->rt.queue[prio], rt_node)
			if (may_go(src, p, dst))
				return p;
	return NULL;
}

/* In hand: off src's queue, its CPU already dst.  src->lock held. */
static void take(struct rq *src, struct task_struct *p, int dst)
{
	deactivate_task(src, p, 0);
	set_task_cpu(p, dst);
}

static void put_down(struct rq *dst, struct task_struct *p)
{
	spin_lock(&dst->lock);
	update_rq_clock(dst);
	activate_task(dst, p, 0);
	check_preempt_curr(dst, p, 0);
	spin_unlock(&dst->lock);
}

/* This CPU has switched: waiting urgent tasks go where they can run.
 * Preemption off, no lock held. */
void __push_urgent_tasks(struct rq *rq)
{
	unsigned long flags;

	for (int i = 0; i < MAX_PUSH; i++) {
		struct task_struct *p;
		int cpu = -1;

		spin_lock_irqsave(&rq->lock, flags);
		p = first_waiting(rq, -1);
		if (p)
			cpu = find_less_urgent_cpu(p);
		if (cpu < 0 || cpu == rq->cpu) {
			spin_unlock_irqrestore(&rq->lock, flags);
			return;
		}
		update_rq_clock(rq);
		take(rq, p, cpu);
		spin_unlock(&rq->lock);
		put_down(cpu_rq(cpu), p);
		local_irq_restore(flags);
	}
}

/* The best that could run here next: its urgency, MAX_PRIO if none. */
static int best_here(struct rq *rq, u64 *deadline)
{
	struct rb_node *first = rb_first_cached(&rq->dl.root);
	int prio;

	if (first) {
		*deadline = dl_deadline_in_force(
			rb_entry(first, struct sched_dl_entity, rb_node));
		return -1;
	}
	*deadline = 0;
	prio = rq->rt.throttled ? MAX_RT_PRIO : rt_highest_prio(&rq->rt);
	return prio < MAX_RT_PRIO ? prio : MAX_PRIO;
}

/* Take src's first waiting task if it is more urgent than what we have. */
static bool pull_from(struct rq *this, struct rq *src, int prio, u64 deadline)
{
	struct task_struct *p;

	spin_lock(&src->lock);
	p = first_waiting(src, this->cpu);
	if (p && (p->prio < prio ||
		  (p->prio == prio && dl_prio(prio) &&
		   dl_time_before(dl_deadline_in_force(&p->dl), deadline)))) {
		update_rq_clock(src);
		take(src, p, this->cpu);
	} else {
		p = NULL;
	}
	spin_unlock(&src->lock);
	if (!p)
		return false;
	spin_lock(&this->lock);
	update_rq_clock(this);
	activate_task(this, p, 0);
	spin_unlock(&this->lock);
	return true;
}

/* schedule() is about to pick.  rq->lock is dropped while we look. */
bool pull_urgent_task(struct rq *rq)
{
	bool pulled = false;
	u64 deadline;
	int cpu, prio;

	for_each_online_cpu(cpu) {
		struct rq *src = cpu_rq(cpu);

		if (src == rq || !urgent_task_waits(src))
			continue;
		prio = best_here(rq, &deadline);
		spin_unlock_no_resched(&rq->lock);
		pulled |= pull_from(rq, src, prio, deadline);
		spin_lock(&rq->lock);
		update_rq_clock(rq);
	}
	return pulled;
}
