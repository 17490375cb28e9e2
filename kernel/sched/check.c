/* SPDX-License-Identifier: MIT */
/*
 * check.c -- the run queue's invariants, as a function
 *
 * Called by the self-tests on every queue while the machine runs; each
 * invariant has a name, and the test says which one is broken.
 *
 *	Q1  nr_running is what the classes together hold
 *	Q2  curr is queued, or is on its way to sleep or is the idle task
 *	Q3  every queued task names this CPU as its own, and is allowed here
 *	F1  the fair load is the sum of the queued weights
 *	F2  no queued clock is far behind min_vruntime
 *	F3  the running fair task is not in the tree
 *	F4  the tree is ordered, its leftmost is the cached one
 *	R1  a priority's bit is set if and only if its list has a task
 *	R2  rt.nr_running is the number of tasks in the lists
 *	D1  the deadline tree is ordered
 *	D2  dl.nr_running is the number of tasks in it
 *	D3  who is in the tree knows it, and is boosted if it is throttled
 */

#include "sched.h"

#include <kernel/kernel.h>

/* A sleeper is placed half a latency behind; nothing is ever further. */
#define MAX_BEHIND_NS 1000000000LL

/*
 * Q3.  A task whose mask changed while it ran stays until the stop thread
 * comes; one bound to CPUs that are not up may be anywhere.
 */
static bool belongs_here(const struct rq *rq, const struct task_struct *p)
{
	if (task_cpu(p) != rq->cpu || !task_on_rq_queued(p))
		return false;
	return cpumask_test_cpu(rq->cpu, &p->cpus_mask) ||
	       p->migrations_pending ||
	       !cpumask_intersects(&p->cpus_mask, cpu_online_mask);
}

static const char *check_tree(struct rq *rq, unsigned int *nr,
			      unsigned long *weight)
{
	struct cfs_rq *cfs = &rq->cfs;
	struct rb_node *node = rb_first(&cfs->tasks_timeline.rb_root);
	struct sched_entity *last = NULL;

	if (node != rb_first_cached(&cfs->tasks_timeline))
		return "F4: leftmost is not the first of the tree";
	for (; node; node = rb_next(node)) {
		struct sched_entity *se =
			rb_entry(node, struct sched_entity, run_node);
		struct task_struct *p = task_of(se);

		if (se == cfs->curr)
			return "F3: the running task is in the tree";
		if (last && (s64)(se->vruntime - last->vruntime) < 0)
			return "F4: the tree is not ordered by vruntime";
		if ((s64)(cfs->min_vruntime - se->vruntime) > MAX_BEHIND_NS)
			return "F2: a clock is far behind min_vruntime";
		if (!belongs_here(rq, p))
			return "Q3: a queued task belongs to another queue";
		++*nr;
		*weight += se->load.weight;
		last = se;
	}
	return NULL;
}

static const char *check_fair(struct rq *rq)
{
	struct cfs_rq *cfs = &rq->cfs;
	unsigned int nr = 0;
	unsigned long weight = 0;
	const char *bad = check_tree(rq, &nr, &weight);

	if (bad)
		return bad;
	if (cfs->curr && cfs->curr->on_rq) {
		nr++;
		weight += cfs->curr->load.weight;
	}
	if (nr != cfs->nr_running)
		return "Q1: cfs.nr_running is not the number of fair tasks";
	if (weight != cfs->load.weight)
		return "F1: the load is not the sum of the weights";
	return NULL;
}

static const char *check_rt(struct rq *rq)
{
	unsigned int nr = 0;

	for (int prio = 0; prio < MAX_RT_PRIO; prio++) {
		struct task_struct *p;

		if (test_bit(prio, rq->rt.bitmap) ==
		    (bool)list_empty(&rq->rt.queue[prio]))
			return "R1: bitmap and lists disagree";
		list_for_each_entry(p, &rq->rt.queue[prio], rt_node) {
			if (!belongs_here(rq, p) || p->prio != prio)
				return "Q3: a queued task belongs elsewhere";
			nr++;
		}
	}
	return nr == rq->rt.nr_running ? NULL
				       : "R2: rt.nr_running is wrong";
}

static const char *check_dl(struct rq *rq)
{
	struct sched_dl_entity *last = NULL;
	unsigned int nr = 0;

	for (struct rb_node *node = rb_first_cached(&rq->dl.root); node;
	     node = rb_next(node)) {
		struct sched_dl_entity *dl =
			rb_entry(node, struct sched_dl_entity, rb_node);

		if (last && dl_time_before(dl_deadline_in_force(dl),
					   dl_deadline_in_force(last)))
			return "D1: the tree is not ordered by deadline";
		if (!dl->queued || (dl->throttled && !dl->boosted))
			return "D3: a task is in the tree and does not know";
		if (!belongs_here(rq, container_of(dl, struct task_struct, dl)))
			return "Q3: a queued task belongs elsewhere";
		nr++;
		last = dl;
	}
	return nr == rq->dl.nr_running ? NULL
				       : "D2: dl.nr_running is wrong";
}

/* rq->lock held, irqs off. */
const char *rq_check(struct rq *rq)
{
	unsigned int stop = rq->stop && task_on_rq_queued(rq->stop);
	const char *bad = check_fair(rq);

	if (!bad)
		bad = check_rt(rq);
	if (!bad)
		bad = check_dl(rq);
	if (bad)
		return bad;
	if (rq->nr_running != rq->cfs.nr_running + rq->dl.nr_running + stop +
			      (rq->rt.throttled ? 0 : rq->rt.nr_running))
		return "Q1: nr_running is not the sum of the classes";
	if (rq->curr != rq->idle && !task_on_rq_queued(rq->curr) &&
	    !READ_ONCE(rq->curr->state))
		return "Q2: the running task is on no queue";
	return NULL;
}
