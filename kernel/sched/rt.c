/* SPDX-License-Identifier: MIT */
/*
 * rt.c -- the real-time class: the highest priority runs, for as long as it
 * wants
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
 *   R3  while throttled nobody of this class is picked, and rq->nr_running does
 *       not count its tasks.
 *
 * Throttling: in each period (1 s) the class may use 950 ms of a CPU; then its
 * tasks wait until the period ends, so that a shell can still kill the one that
 * loops.  The time is counted as it is charged; the timer exists only while
 * somebody is throttled.
 *
 * SEE docs/40-scheduling.md.
 */

#include "sched.h"

#include <kernel/hrtimer.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>
#include <kernel/timekeeping.h>

int sysctl_sched_rt_period = 1000000;
int sysctl_sched_rt_runtime = 950000;
int sysctl_sched_rr_timeslice = RR_TIMESLICE * 1000 / HZ;

static struct rq *rq_of_rt(struct rt_rq *rt)
{
	return container_of(rt, struct rq, rt);
}

static u64 rt_period_ns(void)
{
	return READ_ONCE(sysctl_sched_rt_period) * 1000ULL;
}

static u64 rt_runtime_ns(void)
{
	return READ_ONCE(sysctl_sched_rt_runtime) * 1000ULL;
}

/* Periods that have ended give their runtime back. */
static void pass_periods(struct rt_rq *rt, u64 now)
{
	u64 period = rt_period_ns(), n = (now - rt->period_start) / period;

	if (!n)
		return;
	rt->period_start += n * period;
	rt->time -= min(rt->time, n * rt_runtime_ns());
}

static void unthrottle(struct rq *rq)
{
	rq->rt.throttled = false;                                  /* R3 */
	rq->nr_running += rq->rt.nr_running;
	if (rq->rt.nr_running)
		resched_curr(rq);
}

/* hrtimer, hard irq, any CPU: the period ended. */
static enum hrtimer_restart rt_period_ends(struct hrtimer *timer)
{
	struct rt_rq *rt = container_of(timer, struct rt_rq, timer);
	struct rq *rq = rq_of_rt(rt);
	enum hrtimer_restart again = HRTIMER_NORESTART;
	unsigned long flags;

	spin_lock_irqsave(&rq->lock, flags);
	update_rq_clock(rq);
	pass_periods(rt, rq->clock);
	if (rt->throttled && (READ_ONCE(sysctl_sched_rt_runtime) < 0 ||
			      rt->time < rt_runtime_ns())) {
		unthrottle(rq);
	} else if (rt->throttled) {
		hrtimer_forward_now(timer, rt_period_ns());
		again = HRTIMER_RESTART;
	}
	spin_unlock_irqrestore(&rq->lock, flags);
	/* Not where it began: printk() may want the lock that was held. */
	pr_info_once("sched: RT throttling activated\n");
	return again;
}

/* rq's real-time task ran for delta ns; has the class had its share? */
static void charge_bandwidth(struct rq *rq, u64 delta)
{
	struct rt_rq *rt = &rq->rt;

	if (READ_ONCE(sysctl_sched_rt_runtime) < 0 || rt->throttled)
		return;
	pass_periods(rt, rq->clock);
	rt->time += delta;
	if (rt->time <= rt_runtime_ns() || rt_runtime_ns() >= rt_period_ns())
		return;
	rt->throttled = true;                                      /* R3 */
	rq->nr_running -= rt->nr_running;
	hrtimer_start(&rt->timer, ktime_get() + rt->period_start +
		      rt_period_ns() - rq->clock, HRTIMER_MODE_ABS_HARD);
	resched_curr(rq);
}

void init_rt_rq(struct rt_rq *rt)
{
	hrtimer_setup(&rt->timer, rt_period_ends, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_HARD);
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
	charge_bandwidth(rq, delta);
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
	if (rq->rt.throttled)
		rq->nr_running--;     /* core.c counts it: R3 */
}

static void dequeue_task_rt(struct rq *rq, struct task_struct *p, int flags)
{
	update_curr_rt(rq);
	list_del_init(&p->rt_node);
	if (list_empty(&rq->rt.queue[p->prio]))
		__clear_bit(p->prio, rq->rt.bitmap);
	rq->rt.nr_running--;
	if (rq->rt.throttled)
		rq->nr_running++;     /* core.c discounts it: R3 */
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

	if (prio >= MAX_RT_PRIO || rq->rt.throttled)
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

/* Ticks of a slice, by /proc/sys/kernel/sched_rr_timeslice_ms; 0: the usual. */
static unsigned int rr_timeslice(void)
{
	int ms = READ_ONCE(sysctl_sched_rr_timeslice);

	return ms ? max(1, ms * HZ / 1000) : RR_TIMESLICE;
}

/* RR: at the end of the slice behind the equals, if there are any. */
static void task_tick_rt(struct rq *rq, struct task_struct *p)
{
	update_curr_rt(rq);
	/* Used up while it was being switched to: then nobody has told it. */
	if (rq->rt.throttled)
		resched_curr(rq);
	if (p->policy != SCHED_RR)
		return;
	if (p->time_slice > 1) {
		p->time_slice--;
		return;
	}
	p->time_slice = rr_timeslice();
	if (!list_is_singular(&rq->rt.queue[p->prio])) {
		requeue_at_tail(rq, p);
		resched_curr(rq);
	}
}

static int select_task_rq_rt(struct task_struct *p, int prev, int flags)
{
	int cpu = find_less_urgent_cpu(p);

	return cpu >= 0 ? cpu : prev;
}

static unsigned int get_rr_interval_rt(struct rq *rq, struct task_struct *p)
{
	return p->policy == SCHED_RR ? rr_timeslice() : 0;
}

const struct sched_class rt_sched_class = {
	.name = "rt",
	.rank = 2,
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
