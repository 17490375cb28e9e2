/* SPDX-License-Identifier: MIT */
/*
 * rt.c -- the real-time class: the highest priority runs, for as long as it wants
 *
 * PROMISE.  A runnable SCHED_FIFO or SCHED_RR task runs before every task of a
 * lower priority on its CPU and before all fair ones.  FIFO gives way only to
 * higher priorities, by sleeping or by sched_yield(); RR also to its equals,
 * each RR_TIMESLICE ticks.
 *
 * IDEA.  A list per priority and a bitmap of the lists that are not empty:
 * picking is find-first-bit.  The running task stays in its list, at the head
 * unless it gave up its turn; so yielding is "move to the tail".
 *
 *	bitmap  0 0 1 0 ... 1 0        prio = 99 - rt_priority
 *	            |       |
 *	          [A][B]   [C]         A runs; RR: at its slice's end [B][A]
 *
 * INVARIANTS, while rq->lock is free:
 *   R1  bit p is set if and only if list p is not empty.
 *   R2  nr_running is the number of tasks in all lists.
 *
 * NOT DONE.  Throttling: a real-time task in an endless loop keeps its CPU, as
 * on Linux with sched_rt_runtime_us = -1.  Setting the policy needs privilege.
 *
 * SEE docs/40-scheduling.md.
 */

#include "sched.h"

#include <kernel/kernel.h>

void init_rt_rq(struct rt_rq *rt)
{
	bitmap_zero(rt->bitmap, MAX_RT_PRIO);
	for (int i = 0; i < MAX_RT_PRIO; i++)
		INIT_LIST_HEAD(&rt->queue[i]);
	rt->nr_running = 0;
}

/* MAX_RT_PRIO if there is none. */
int rt_highest_prio(const struct rt_rq *rt)
{
	return find_first_bit(rt->bitmap, MAX_RT_PRIO);
}

static void update_curr_rt(struct rq *rq)
{
	struct sched_entity *se = &rq->curr->se;
	s64 delta = rq->clock - se->exec_start;

	if (rq->curr->sched_class != &rt_sched_class || delta <= 0)
		return;
	se->sum_exec_runtime += delta;
	se->exec_start = rq->clock;
}

static void enqueue_task_rt(struct rq *rq, struct task_struct *p, int flags)
{
	struct list_head *queue = &rq->rt.queue[p->prio];

	if (flags & ENQUEUE_HEAD)
		list_add(&p->rt_node, queue);
	else
		list_add_tail(&p->rt_node, queue);
	if (flags & ENQUEUE_WAKEUP)
		p->rt_ticks = 0;      /* it slept: RLIMIT_RTTIME starts anew */
	__set_bit(p->prio, rq->rt.bitmap);
	rq->rt.nr_running++;
}

static void dequeue_task_rt(struct rq *rq, struct task_struct *p, int flags)
{
	update_curr_rt(rq);
	list_del_init(&p->rt_node);
	if (list_empty(&rq->rt.queue[p->prio]))
		__clear_bit(p->prio, rq->rt.bitmap);
	rq->rt.nr_running--;
}

static void requeue_at_tail(struct rq *rq, struct task_struct *p)
{
	list_move_tail(&p->rt_node, &rq->rt.queue[p->prio]);
}

static void yield_task_rt(struct rq *rq)
{
	requeue_at_tail(rq, rq->curr);
}

static void check_preempt_rt(struct rq *rq, struct task_struct *p, int flags)
{
	if (p->prio < rq->curr->prio)
		resched_curr(rq);
}

static struct task_struct *pick_task_rt(struct rq *rq)
{
	int prio = rt_highest_prio(&rq->rt);

	if (prio >= MAX_RT_PRIO)
		return NULL;
	return list_first_entry(&rq->rt.queue[prio], struct task_struct,
				rt_node);
}

static void set_next_task_rt(struct rq *rq, struct task_struct *p)
{
	p->se.exec_start = rq->clock;
}

static void put_prev_task_rt(struct rq *rq, struct task_struct *p)
{
	update_curr_rt(rq);
}

/* RR: at the end of the slice behind the equals, if there are any. */
static void task_tick_rt(struct rq *rq, struct task_struct *p)
{
	update_curr_rt(rq);
	if (p->policy != SCHED_RR)
		return;
	if (p->time_slice > 1) {
		p->time_slice--;
		return;
	}
	p->time_slice = RR_TIMESLICE;
	if (!list_is_singular(&rq->rt.queue[p->prio])) {
		requeue_at_tail(rq, p);
		resched_curr(rq);
	}
}

/* A CPU whose running task is less urgent than p; prev if that is one. */
static int select_task_rq_rt(struct task_struct *p, int prev, int flags)
{
	int cpu, best = prev;
	int lowest = -1;

	if (cpumask_test_cpu(prev, &p->cpus_mask) &&
	    p->prio < READ_ONCE(cpu_rq(prev)->curr)->prio)
		return prev;
	for_each_cpu_and(cpu, &p->cpus_mask, cpu_online_mask) {
		int prio = READ_ONCE(cpu_rq(cpu)->curr)->prio;

		if (p->prio < prio && prio > lowest) {
			lowest = prio;
			best = cpu;
		}
	}
	return best;
}

static unsigned int get_rr_interval_rt(struct rq *rq, struct task_struct *p)
{
	return p->policy == SCHED_RR ? RR_TIMESLICE : 0;
}

const struct sched_class rt_sched_class = {
	.name = "rt",
	.rank = 1,
	.enqueue_task = enqueue_task_rt,
	.dequeue_task = dequeue_task_rt,
	.yield_task = yield_task_rt,
	.check_preempt_curr = check_preempt_rt,
	.pick_task = pick_task_rt,
	.put_prev_task = put_prev_task_rt,
	.set_next_task = set_next_task_rt,
	.select_task_rq = select_task_rq_rt,
	.task_tick = task_tick_rt,
	.update_curr = update_curr_rt,
	.get_rr_interval = get_rr_interval_rt,
};
