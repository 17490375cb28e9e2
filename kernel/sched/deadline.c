/* SPDX-License-Identifier: MIT */
/*
 * deadline.c -- the deadline class: so much time in every period, by its end
 *
 * PROMISE.  A task admitted with (runtime, deadline, period) gets `runtime` in
 * each period before its deadline, whatever other tasks do; and no more, so
 * that one which lies about its needs harms only itself.
 *
 * IDEA.  Of all queued tasks the one with the earliest absolute deadline runs.
 * That meets every deadline that can be met on one CPU, as long as the sum of
 * runtime / period is at most 1: admission sees to that (deadline_bw.c).
 *
 * A constant-bandwidth server makes each task keep its word:
 *
 *	runtime  |\        |\             used up before the deadline:
 *	left     | \___    | \            throttled, until the timer gives it
 *	         |     \   |  \           the next period's runtime and deadline
 *	         +------\--+---\----
 *	         ^ wakes   ^ deadline = old + period
 *
 * At a wake-up the old pair may be used further only if what is left fits:
 * runtime / (deadline - now) <= dl_runtime / dl_deadline.  Else a new pair
 * starts now: the task cannot save up time by sleeping.
 *
 * A task boosted by a waiter of this class runs by the waiter's deadline, and
 * is not charged: the lock's section is short, and to stop it would stop both.
 * If it is of this class itself, its own pair stands still beside the lent
 * deadline, and counts again afterwards.  One that used its runtime up while
 * somebody of this class waits for it is boosted instead of stopped.
 *
 * INVARIANTS, while rq->lock is free:
 *   D1  queued tasks are in the tree, ordered by the deadline in force, leftmost
 *       cached.
 *   D2  nr_running is the number of tasks in the tree.
 *   D3  a throttled task, not boosted, is out of the tree, not in rq->nr_running,
 *       though it is "on the queue" (p->on_rq): its timer will put it back.
 *
 * LOCKING.  rq->lock.  The timer takes pi_lock and rq->lock like a wake-up; it
 * holds a reference to the task, dropped when its function has run.
 *
 * NOT DONE.  Enforcement between ticks: a task may overrun by one tick, which
 * is taken off its next runtime.  Reclaiming of unused bandwidth.
 *
 * SEE sched(7), docs/36-deadline-class.md.
 *
 * EXERCISES.  1. What could a task gain by sleeping if the wake-up rule were
 * left out?  2. Why does EDF miss deadlines on two CPUs below a load of 2?
 */

#include "sched.h"

#include <kernel/hrtimer.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <kernel/timekeeping.h>

static struct task_struct *dl_task_of(struct sched_dl_entity *dl)
{
	return container_of(dl, struct task_struct, dl);
}

static struct sched_dl_entity *dl_first(const struct dl_rq *q)
{
	struct rb_node *first = rb_first_cached(&q->root);

	return first ? rb_entry(first, struct sched_dl_entity, rb_node) : NULL;
}

static bool deadline_before(struct rb_node *a, const struct rb_node *b)
{
	const struct sched_dl_entity *x =
		rb_entry(a, struct sched_dl_entity, rb_node);
	const struct sched_dl_entity *y =
		rb_entry(b, struct sched_dl_entity, rb_node);

	return dl_time_before(dl_deadline_in_force(x), dl_deadline_in_force(y));
}

void init_dl_rq(struct dl_rq *q)
{
	q->root = RB_ROOT_CACHED;
	q->nr_running = 0;
}

static void tree_add(struct rq *rq, struct sched_dl_entity *dl)
{
	rb_add_cached(&dl->rb_node, &rq->dl.root, deadline_before);
	dl->queued = true;
	rq->dl.nr_running++;
}

static void tree_remove(struct rq *rq, struct sched_dl_entity *dl)
{
	rb_erase_cached(&dl->rb_node, &rq->dl.root);
	dl->queued = false;
	rq->dl.nr_running--;
}

/* A new pair, from now on. */
static void start_instance(struct rq *rq, struct sched_dl_entity *dl)
{
	dl->deadline = rq->clock + dl->dl_deadline;
	dl->runtime = dl->dl_runtime;
}

/* Would the rest of the old pair ask for more than the task's share? */
static bool pair_overflows(const struct rq *rq, const struct sched_dl_entity *dl)
{
	unsigned __int128 left, right;

	left = (unsigned __int128)dl->dl_deadline * dl->runtime;
	right = (unsigned __int128)(dl->deadline - rq->clock) * dl->dl_runtime;
	return left > right;
}

static void update_at_wakeup(struct rq *rq, struct sched_dl_entity *dl)
{
	if (dl->runtime <= 0 || !dl_time_before(rq->clock, dl->deadline) ||
	    pair_overflows(rq, dl))
		start_instance(rq, dl);
}

/* The next period's runtime; debts are paid from it. */
static void replenish(struct rq *rq, struct sched_dl_entity *dl)
{
	if (dl->yielded && dl->runtime > 0)
		dl->runtime = 0;
	dl->yielded = false;
	while (dl->runtime <= 0) {
		dl->deadline += dl->dl_period;
		dl->runtime += dl->dl_runtime;
	}
	if (dl_time_before(dl->deadline, rq->clock))
		start_instance(rq, dl);       /* far too late: begin anew */
	dl->throttled = false;
}

/* Throttled until its next period begins, if that is not now. */
static bool start_timer(struct rq *rq, struct sched_dl_entity *dl)
{
	u64 next = dl->deadline - dl->dl_deadline + dl->dl_period;
	s64 delta = next - rq->clock;

	if (delta <= 0)
		return false;
	if (!hrtimer_is_queued(&dl->timer))
		get_task_struct(dl_task_of(dl));
	hrtimer_start(&dl->timer, ktime_get() + delta, HRTIMER_MODE_ABS_HARD);
	return true;
}

void dl_boost(struct task_struct *p, const struct task_struct *donor)
{
	p->dl.boosted = true;
	p->dl.lent_deadline = dl_deadline_in_force(&donor->dl);
}

void dl_boost_ends(struct rq *rq, struct task_struct *p)
{
	p->dl.boosted = false;
	/* It may have slept while its own pair stood still. */
	if (dl_policy(p->policy) && !p->dl.throttled)
		update_at_wakeup(rq, &p->dl);
}

static void throttle(struct rq *rq, struct sched_dl_entity *dl)
{
	struct task_struct *p = dl_task_of(dl), *waiter = p->pi_top_task;

	dl->throttled = true;                                      /* D3 */
	tree_remove(rq, dl);
	if (!start_timer(rq, dl)) {
		replenish(rq, dl);
	} else if (waiter && dl_prio(waiter->prio)) {
		dl_boost(p, waiter);
	} else {
		rq->nr_running--;
		return;
	}
	tree_add(rq, dl);
}

static void update_curr_dl(struct rq *rq)
{
	struct task_struct *p = rq->curr;
	struct sched_dl_entity *dl = &p->dl;
	s64 delta = rq->clock - p->se.exec_start;

	if (p->sched_class != &dl_sched_class)
		return;
	if (delta > 0) {
		p->se.sum_exec_runtime += delta;
		p->se.exec_start = rq->clock;
		if (!dl->boosted)
			dl->runtime -= delta;
	}
	if (dl->boosted || !dl->queued || (dl->runtime > 0 && !dl->yielded))
		return;
	if (dl->runtime < 0 && (dl->flags & SCHED_FLAG_DL_OVERRUN))
		dl->overrun = true;
	throttle(rq, dl);
	resched_curr(rq);
}

/* hrtimer, hard irq: p's next period begins. */
static enum hrtimer_restart dl_timer_fire(struct hrtimer *timer)
{
	struct sched_dl_entity *dl = container_of(timer, struct sched_dl_entity,
						  timer);
	struct task_struct *p = dl_task_of(dl);
	unsigned long flags;
	struct rq *rq = task_rq_lock(p, &flags);

	update_rq_clock(rq);
	if (p->sched_class == &dl_sched_class && dl->throttled) {
		replenish(rq, dl);
		if (task_on_rq_queued(p) && !dl->queued) {
			tree_add(rq, dl);
			rq->nr_running++;
			if (p != rq->curr)
				check_preempt_curr(rq, p, 0);
		}
	}
	task_rq_unlock(rq, p, &flags);
	put_task_struct(p);
	return HRTIMER_NORESTART;
}

void init_dl_task(struct task_struct *p)
{
	memset(&p->dl, 0, sizeof(p->dl));
	hrtimer_setup(&p->dl.timer, dl_timer_fire, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_HARD);
}

static void enqueue_task_dl(struct rq *rq, struct task_struct *p, int flags)
{
	struct sched_dl_entity *dl = &p->dl;

	if (!dl->boosted) {
		if (dl->throttled) {
			rq->nr_running--;     /* core.c counts it: D3 */
			return;
		}
		if (flags & (ENQUEUE_WAKEUP | ENQUEUE_INITIAL))
			update_at_wakeup(rq, dl);
		else if (!dl->deadline)
			start_instance(rq, dl);   /* of this class since now */
	}
	tree_add(rq, dl);
}

static void dequeue_task_dl(struct rq *rq, struct task_struct *p, int flags)
{
	if (p == rq->curr)
		update_curr_dl(rq);
	if (p->dl.queued)
		tree_remove(rq, &p->dl);
	else
		rq->nr_running++;             /* core.c discounts it: D3 */
}

/* "Done for this period." */
static void yield_task_dl(struct rq *rq)
{
	rq->curr->dl.yielded = true;
	update_curr_dl(rq);
}

static void check_preempt_dl(struct rq *rq, struct task_struct *p, int flags)
{
	if (dl_time_before(dl_deadline_in_force(&p->dl),
			   dl_deadline_in_force(&rq->curr->dl)))
		resched_curr(rq);
}

static struct task_struct *pick_task_dl(struct rq *rq)
{
	struct sched_dl_entity *first = dl_first(&rq->dl);

	return first ? dl_task_of(first) : NULL;
}

static void set_next_task_dl(struct rq *rq, struct task_struct *p)
{
	p->se.exec_start = rq->clock;
}

static void put_prev_task_dl(struct rq *rq, struct task_struct *p)
{
	update_curr_dl(rq);
}

static void task_tick_dl(struct rq *rq, struct task_struct *p)
{
	update_curr_dl(rq);
	if (dl_first(&rq->dl) != &p->dl)
		resched_curr(rq);
}

static int select_task_rq_dl(struct task_struct *p, int prev, int flags)
{
	int cpu = find_less_urgent_cpu(p);

	return cpu >= 0 ? cpu : prev;
}

const struct sched_class dl_sched_class = {
	.name = "deadline",
	.rank = 1,
	.enqueue_task = enqueue_task_dl,
	.dequeue_task = dequeue_task_dl,
	.yield_task = yield_task_dl,
	.check_preempt_curr = check_preempt_dl,
	.pick_task = pick_task_dl,
	.put_prev_task = put_prev_task_dl,
	.set_next_task = set_next_task_dl,
	.select_task_rq = select_task_rq_dl,
	.task_tick = task_tick_dl,
	.update_curr = update_curr_dl,
};
