/* SPDX-License-Identifier: MIT */
/*
 * fair.c -- the fair class: everybody's share of the CPU, by weight
 *
 * PROMISE.  Tasks that want one CPU all the time get it in proportion to
 * their weights: nice n has about 1.25 times the weight of nice n+1.  A task
 * that slept runs soon, but cannot save up the time that it did not use.
 *
 * IDEA.  An ideal CPU would run all tasks at once, each at weight/total of its
 * speed.  The real one runs one; so each task has a clock, vruntime, which
 * while it runs goes at 1024/weight of real time: slowly for the heavy.  The
 * ideal CPU would keep all these clocks equal; we always run the task whose
 * clock is furthest behind.
 *
 *	          smallest vruntime: next            largest: just ran
 *	curr        |                                      |
 *	 o     [A 10.1]  [B 10.4]  [C 12.0] ... ordered in a red-black tree
 *	  \_ its clock runs; is it a granule ahead of A's?  then A's turn
 *
 * min_vruntime follows the smallest clock and never goes back: newcomers and
 * sleepers are placed by it.  Vruntimes are compared by their difference, so
 * a wrap-around of 64 bits would be harmless.
 *
 * There is no fixed slice: within one period of `latency` everybody is to run
 * once, each for its weight's part, but not shorter than min_granularity.
 *
 * INVARIANTS, while rq->lock is free:
 *   F1  load.weight is the sum of the weights of all queued fair tasks.
 *   F2  min_vruntime never decreases.
 *   F3  the running task is not in the tree, all other queued ones are.
 *   F4  the tree is ordered by vruntime, leftmost cached.
 *
 * LOCKING.  rq->lock for all; migrate_task_rq() reads two min_vruntimes
 * without: an error of some microseconds in a place.
 *
 * NOT DONE.  Group scheduling, bandwidth limits, load tracking with decay.
 *
 * SEE docs/41-fair-class.md.
 *
 * EXERCISES.  1. Why is a sleeper placed at min_vruntime minus something and
 * not at its own vruntime?  2. Give curr its place in the tree back: which
 * function becomes wrong first?
 */

#include "sched.h"

#include <kernel/kernel.h>

/*
 * Weight of nice -20..19: each step about a factor 1.25, so that one step
 * changes the share of two competitors by about 10 %.  nice 0 is 1024.
 */
const int sched_prio_to_weight[40] = {
	88761, 71755, 56483, 46273, 36291,
	29154, 23254, 18705, 14949, 11916,
	 9548,  7620,  6100,  4904,  3906,
	 3121,  2501,  1991,  1586,  1277,
	 1024,   820,   655,   526,   423,
	  335,   272,   215,   172,   137,
	  110,    87,    70,    56,    45,
	   36,    29,    23,    18,    15,
};

/* 2^32 / weight: a multiplication instead of a division at each tick. */
const u32 sched_prio_to_wmult[40] = {
	    48388,     59856,     76040,     92818,    118348,
	   147320,    184698,    229616,    287308,    360437,
	   449829,    563644,    704093,    875809,   1099582,
	  1376151,   1717300,   2157191,   2708050,   3363326,
	  4194304,   5237765,   6557202,   8165337,  10153587,
	 12820798,  15790321,  19976592,  24970740,  31350126,
	 39045157,  49367440,  61356676,  76695844,  95443717,
	119304647, 148102320, 186737708, 238609294, 286331153,
};
#define WMULT_IDLEPRIO 1431655765U

/* ns; grown by fair_tune() with the number of CPUs. */
static u64 sched_latency = 6000000;
static u64 sched_min_granularity = 750000;
static u64 sched_wakeup_granularity = 1000000;

/*
 * More CPUs hide more latency, so each may switch less: times 1 + log2(cpus),
 * at most 4.
 */
void fair_tune(unsigned int cpus)
{
	unsigned int factor = 1 + fls(cpus < 8 ? cpus : 8) - 1;

	sched_latency = 6000000ULL * factor;
	sched_min_granularity = 750000ULL * factor;
	sched_wakeup_granularity = 1000000ULL * factor;
}

void set_load_weight(struct task_struct *p)
{
	int i = p->static_prio - MAX_RT_PRIO;

	if (task_has_idle_policy(p)) {
		p->se.load.weight = WEIGHT_IDLEPRIO;
		p->se.load.inv_weight = WMULT_IDLEPRIO;
		return;
	}
	p->se.load.weight = sched_prio_to_weight[i];
	p->se.load.inv_weight = sched_prio_to_wmult[i];
}

void init_cfs_rq(struct cfs_rq *cfs)
{
	cfs->tasks_timeline = RB_ROOT_CACHED;
	cfs->min_vruntime = (u64)-(1LL << 20); /* wraps early: finds bugs */
}

/* delta * weight / lw, by lw's inverse. */
static u64 calc_delta(u64 delta, unsigned long weight, struct load_weight *lw)
{
	if (!lw->inv_weight)
		lw->inv_weight = lw->weight > U32_MAX ? 1 :
				 lw->weight ? U32_MAX / lw->weight : U32_MAX;
	return ((unsigned __int128)delta * weight * lw->inv_weight) >> 32;
}

static u64 calc_delta_fair(u64 delta, struct sched_entity *se)
{
	if (likely(se->load.weight == NICE_0_LOAD))
		return delta;
	return calc_delta(delta, NICE_0_LOAD, &se->load);
}

static void load_add(struct load_weight *lw, unsigned long weight)
{
	lw->weight += weight;
	lw->inv_weight = 0;           /* computed when next needed */
}

static void load_sub(struct load_weight *lw, unsigned long weight)
{
	lw->weight -= weight;
	lw->inv_weight = 0;
}

static bool entity_before(const struct sched_entity *a,
			  const struct sched_entity *b)
{
	return (s64)(a->vruntime - b->vruntime) < 0;
}

static u64 max_vruntime(u64 a, u64 b)
{
	return (s64)(b - a) > 0 ? b : a;
}

static bool node_before(struct rb_node *a, const struct rb_node *b)
{
	return entity_before(rb_entry(a, struct sched_entity, run_node),
			     rb_entry(b, struct sched_entity, run_node));
}

static struct sched_entity *leftmost(struct cfs_rq *cfs)
{
	struct rb_node *node = rb_first_cached(&cfs->tasks_timeline);

	return node ? rb_entry(node, struct sched_entity, run_node) : NULL;
}

static void tree_add(struct cfs_rq *cfs, struct sched_entity *se)
{
	rb_add_cached(&se->run_node, &cfs->tasks_timeline, node_before);
}

static void tree_remove(struct cfs_rq *cfs, struct sched_entity *se)
{
	rb_erase_cached(&se->run_node, &cfs->tasks_timeline);
	RB_CLEAR_NODE(&se->run_node);
}

/* The smallest clock of curr and the tree, unless that went back (F2). */
static void update_min_vruntime(struct cfs_rq *cfs)
{
	struct sched_entity *left = leftmost(cfs);
	u64 v = cfs->min_vruntime;

	if (cfs->curr && cfs->curr->on_rq) {
		v = cfs->curr->vruntime;
		if (left && entity_before(left, cfs->curr))
			v = left->vruntime;
	} else if (left) {
		v = left->vruntime;
	}
	WRITE_ONCE(cfs->min_vruntime, max_vruntime(cfs->min_vruntime, v));
}

/* Charge the running task for the time since the last charge. */
static void update_curr(struct cfs_rq *cfs)
{
	struct sched_entity *curr = cfs->curr;
	u64 now = rq_of(cfs)->clock;
	s64 delta;

	if (!curr)
		return;
	delta = now - curr->exec_start;
	if (unlikely(delta <= 0))
		return;
	curr->exec_start = now;
	curr->sum_exec_runtime += delta;
	curr->vruntime += calc_delta_fair(delta, curr);
	update_min_vruntime(cfs);
}

static void update_curr_fair(struct rq *rq)
{
	update_curr(&rq->cfs);
}

/* How long until everybody has run once. */
static u64 sched_period(unsigned int nr)
{
	if (nr > sched_latency / sched_min_granularity)
		return nr * sched_min_granularity;
	return sched_latency;
}

/* se's part of the period, real ns. */
u64 sched_slice_ns(struct cfs_rq *cfs, struct sched_entity *se)
{
	struct load_weight load = cfs->load;
	unsigned int nr = cfs->nr_running;

	if (!se->on_rq) {
		load_add(&load, se->load.weight);
		nr++;
	}
	return calc_delta(sched_period(nr), se->load.weight, &load);
}

/*
 * Where a task starts.  A new one waits for one slice of its own, so that
 * forking wins nothing; a sleeper gets a small head start, but its old clock
 * counts if that is later, so that sleeping briefly wins nothing either.
 */
static void place_entity(struct cfs_rq *cfs, struct sched_entity *se,
			 bool initial)
{
	u64 v = cfs->min_vruntime;

	if (initial) {
		se->vruntime = v + calc_delta_fair(sched_slice_ns(cfs, se), se);
		return;
	}
	v -= sched_latency / 2;
	se->vruntime = max_vruntime(se->vruntime, v);
}

static void enqueue_task_fair(struct rq *rq, struct task_struct *p, int flags)
{
	struct cfs_rq *cfs = &rq->cfs;
	struct sched_entity *se = &p->se;

	update_curr(cfs);
	if (flags & (ENQUEUE_WAKEUP | ENQUEUE_INITIAL))
		place_entity(cfs, se, flags & ENQUEUE_INITIAL);
	load_add(&cfs->load, se->load.weight);
	cfs->nr_running++;
	if (cfs->curr != se)
		tree_add(cfs, se);
	se->on_rq = true;
}

static void dequeue_task_fair(struct rq *rq, struct task_struct *p, int flags)
{
	struct cfs_rq *cfs = &rq->cfs;
	struct sched_entity *se = &p->se;

	update_curr(cfs);
	if (cfs->curr != se)
		tree_remove(cfs, se);
	se->on_rq = false;
	load_sub(&cfs->load, se->load.weight);
	cfs->nr_running--;
	update_min_vruntime(cfs);
}

/* Let the others of my clock's neighbourhood run before me. */
static void yield_task_fair(struct rq *rq)
{
	struct cfs_rq *cfs = &rq->cfs;
	struct sched_entity *left, *curr = cfs->curr;

	update_curr(cfs);
	left = leftmost(cfs);
	if (left)
		curr->vruntime = max_vruntime(curr->vruntime,
					      left->vruntime + 1);
}

static struct task_struct *pick_task_fair(struct rq *rq)
{
	struct cfs_rq *cfs = &rq->cfs;
	struct sched_entity *left = leftmost(cfs), *curr = cfs->curr;

	if (curr && curr->on_rq) {
		update_curr(cfs);
		if (!left || entity_before(curr, left)) {
			/* A new slice begins. */
			curr->prev_sum_exec_runtime = curr->sum_exec_runtime;
			return task_of(curr);
		}
	}
	return left ? task_of(left) : NULL;
}

static void put_prev_task_fair(struct rq *rq, struct task_struct *p)
{
	struct cfs_rq *cfs = &rq->cfs;

	if (p->se.on_rq) {
		update_curr(cfs);
		tree_add(cfs, &p->se);
	}
	cfs->curr = NULL;
}

static void set_next_task_fair(struct rq *rq, struct task_struct *p)
{
	struct cfs_rq *cfs = &rq->cfs;

	if (p->se.on_rq)
		tree_remove(cfs, &p->se);
	p->se.exec_start = rq->clock;
	p->se.prev_sum_exec_runtime = p->se.sum_exec_runtime;
	cfs->curr = &p->se;
}

/*
 * A waking task pushes the running one aside if its clock is more than a
 * granule behind; the granule is the waking task's own, so that a light one
 * pushes less.
 */
static void check_preempt_fair(struct rq *rq, struct task_struct *p, int flags)
{
	struct task_struct *curr = rq->curr;
	s64 vdiff, gran;

	if (p == curr || test_ti_flag(curr, TIF_NEED_RESCHED))
		return;
	if (task_has_idle_policy(curr) && !task_has_idle_policy(p)) {
		resched_curr(rq);
		return;
	}
	if (p->policy != SCHED_NORMAL)
		return;               /* BATCH and IDLE never push */
	update_curr(&rq->cfs);
	vdiff = curr->se.vruntime - p->se.vruntime;
	gran = calc_delta_fair(sched_wakeup_granularity, &p->se);
	if (vdiff > gran)
		resched_curr(rq);
}

/* Has the running task had its slice, or run too far ahead? */
static void check_preempt_tick(struct rq *rq, struct cfs_rq *cfs)
{
	struct sched_entity *left, *curr = cfs->curr;
	u64 ideal = sched_slice_ns(cfs, curr);
	u64 ran = curr->sum_exec_runtime - curr->prev_sum_exec_runtime;

	if (ran > ideal) {
		resched_curr(rq);
		return;
	}
	if (ran < sched_min_granularity)
		return;
	left = leftmost(cfs);
	if (left && (s64)(curr->vruntime - left->vruntime) > (s64)ideal)
		resched_curr(rq);
}

static void task_tick_fair(struct rq *rq, struct task_struct *p)
{
	update_curr(&rq->cfs);
	if (rq->cfs.nr_running > 1)
		check_preempt_tick(rq, &rq->cfs);
}

/* Keep the distance to the queue's own time, not the absolute value. */
static void migrate_task_fair(struct task_struct *p, int new_cpu)
{
	p->se.vruntime += READ_ONCE(cpu_rq(new_cpu)->cfs.min_vruntime) -
			  READ_ONCE(task_rq(p)->cfs.min_vruntime);
}

/* May p use `cpu` at once? */
static bool allowed_idle(struct task_struct *p, int cpu)
{
	return cpumask_test_cpu(cpu, &p->cpus_mask) && cpu_online(cpu) &&
	       cpu_is_idle(cpu);
}

static int select_task_rq_fair(struct task_struct *p, int prev, int flags)
{
	int this_cpu = smp_processor_id(), cpu;

	if (flags & WF_FORK)
		return find_idlest_cpu(p, this_cpu);
	if ((flags & WF_SYNC) && READ_ONCE(this_rq()->nr_running) == 1 &&
	    cpumask_test_cpu(this_cpu, &p->cpus_mask))
		return this_cpu;
	if (allowed_idle(p, prev))
		return prev;
	for_each_cpu_and(cpu, &p->cpus_mask, cpu_online_mask)
		if (cpu_is_idle(cpu))
			return cpu;
	return prev;
}

static unsigned int get_rr_interval_fair(struct rq *rq, struct task_struct *p)
{
	if (!rq->cfs.load.weight)
		return 0;
	return nsecs_to_jiffies(sched_slice_ns(&rq->cfs, &p->se));
}

const struct sched_class fair_sched_class = {
	.name = "fair",
	.rank = 3,
	.enqueue_task = enqueue_task_fair,
	.dequeue_task = dequeue_task_fair,
	.yield_task = yield_task_fair,
	.check_preempt_curr = check_preempt_fair,
	.pick_task = pick_task_fair,
	.put_prev_task = put_prev_task_fair,
	.set_next_task = set_next_task_fair,
	.select_task_rq = select_task_rq_fair,
	.migrate_task_rq = migrate_task_fair,
	.task_tick = task_tick_fair,
	.update_curr = update_curr_fair,
	.get_rr_interval = get_rr_interval_fair,
};
