/* SPDX-License-Identifier: MIT */
/*
 * priority.c -- policy, nice value, affinity: what may be changed of a task
 *
 * IDEA.  A queue is ordered by these attributes, so a queued task is taken
 * off, changed, and put back, under its queue's lock:
 *
 *	c = sched_change_begin(p);  ...change...  sched_change_end(p, &c);
 *
 * Priorities.  static_prio is 100..139, nice + 120.  normal_prio is that, or
 * 99 - rt_priority for the real-time policies, or -1 for all of the deadline
 * class: smaller runs first.  prio is
 * the one in force.
 *
 * A task may be lent a better priority by one that waits for it (rt_mutex.c):
 * pi_top_task names the lender, and prio is the better of normal_prio and the
 * lender's.  Among deadline tasks, whose prio is one, the deadline says who is
 * better, and a lent one stands beside the task's own.  All that changes a
 * priority goes through set_prio_in_force().
 *
 * A change of affinity must also move: a sleeper is placed at its wake-up, a
 * waiting task is moved between the queues here, and a running one by the
 * stop thread of its CPU, in whose presence it does not run.  That looks again
 * at the mask: of two changes at once the last one counts, whoever moves.
 *
 * LOCKING.  pi_lock and rq->lock together to write, either to read.
 */

#include "sched.h"

#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/rtmutex.h>
#include <kernel/signal.h>

int normal_prio(const struct task_struct *p)
{
	if (dl_policy(p->policy))
		return -1;
	if (rt_policy(p->policy))
		return MAX_RT_PRIO - 1 - p->rt_priority;
	return p->static_prio;
}

const struct sched_class *class_of_prio(int prio, int policy)
{
	if (dl_prio(prio))
		return &dl_sched_class;
	return rt_prio(prio) ? &rt_sched_class : &fair_sched_class;
}

struct sched_change sched_change_begin(struct task_struct *p)
{
	struct sched_change c;

	c.rq = task_rq_lock(p, &c.flags);
	c.flags_on = 0;
	update_rq_clock(c.rq);
	c.queued = task_on_rq_queued(p);
	c.running = task_current(c.rq, p);
	if (c.queued)
		dequeue_task(c.rq, p, DEQUEUE_SAVE);
	if (c.running)
		p->sched_class->put_prev_task(c.rq, p);
	return c;
}

/* The changed task may have to go, or to be run at once. */
static void check_after_change(struct rq *rq, struct task_struct *p)
{
	if (task_current(rq, p))
		resched_curr(rq);
	else
		check_preempt_curr(rq, p, 0);
}

void sched_change_end(struct task_struct *p, struct sched_change *c)
{
	if (c->queued)
		enqueue_task(c->rq, p, ENQUEUE_RESTORE | c->flags_on);
	if (c->running)
		p->sched_class->set_next_task(c->rq, p);
	if (c->queued)
		check_after_change(c->rq, p);
	task_rq_unlock(c->rq, p, &c->flags);
}

/*
 * Is donor more urgent than p is by itself?  One that has used up its runtime
 * is the least urgent of the deadline class.
 */
static bool lends(const struct task_struct *p, const struct task_struct *donor)
{
	if (donor->prio != p->normal_prio)
		return donor->prio < p->normal_prio;
	return dl_prio(donor->prio) &&
	       (p->dl.throttled ||
		dl_time_before(dl_deadline_in_force(&donor->dl),
			       p->dl.deadline));
}

/*
 * normal_prio or pi_top_task changed: what follows for prio and class.  p is
 * off its queue, between sched_change_begin() and _end().
 */
static void set_prio_in_force(struct task_struct *p, struct sched_change *c)
{
	const struct sched_class *old = p->sched_class;
	struct task_struct *donor = p->pi_top_task;
	bool lent = donor && lends(p, donor);
	int prio = lent ? donor->prio : p->normal_prio;

	if (lent && dl_prio(prio))
		dl_boost(p, donor);
	else if (p->dl.boosted)
		dl_boost_ends(c->rq, p);
	/* Whoever falls back to its own priority has not had its turn there. */
	if (prio > p->prio)
		c->flags_on = ENQUEUE_HEAD;
	p->prio = prio;
	p->sched_class = class_of_prio(prio, p->policy);
	if (p->sched_class != &dl_sched_class)
		p->dl.throttled = false;      /* a timer that fires does nothing */
	/* Its clock stood still in the other class. */
	if (old != p->sched_class && p->sched_class == &fair_sched_class)
		p->se.vruntime = c->rq->cfs.min_vruntime;
}

/* A task of no fair policy only notes the value: true. */
static bool nice_is_for_later(struct task_struct *p, long nice)
{
	unsigned long flags;
	struct rq *rq = task_rq_lock(p, &flags);
	bool later = !fair_policy(p->policy);

	if (later)
		p->static_prio = NICE_TO_PRIO(nice);
	task_rq_unlock(rq, p, &flags);
	return later;
}

void set_user_nice(struct task_struct *p, long nice)
{
	struct sched_change c;

	if (nice < MIN_NICE || nice > MAX_NICE || task_nice(p) == nice ||
	    nice_is_for_later(p, nice))
		return;
	c = sched_change_begin(p);
	p->static_prio = NICE_TO_PRIO(nice);
	p->normal_prio = normal_prio(p);
	set_load_weight(p);
	set_prio_in_force(p, &c);
	sched_change_end(p, &c);
}

static void set_deadline_params(struct sched_dl_entity *dl,
				const struct sched_attr *attr)
{
	dl->dl_runtime = attr->sched_runtime;
	dl->dl_deadline = attr->sched_deadline;
	dl->dl_period = attr->sched_period ? attr->sched_period
					   : attr->sched_deadline;
	dl->flags = attr->sched_flags;
	/* The first instance starts when it is queued. */
	dl->runtime = 0;
	dl->deadline = 0;
	dl->throttled = false;
	dl->yielded = false;
}

/* All attributes are valid and permitted.  Process context. */
void set_task_attr(struct task_struct *p, const struct sched_attr *attr)
{
	int policy = attr->sched_policy;
	struct sched_change c = sched_change_begin(p);

	p->policy = policy;
	if (fair_policy(policy))
		p->static_prio = NICE_TO_PRIO(attr->sched_nice);
	if (dl_policy(policy))
		set_deadline_params(&p->dl, attr);
	p->rt_priority = rt_policy(policy) ? attr->sched_priority : 0;
	p->normal_prio = normal_prio(p);
	set_load_weight(p);
	set_prio_in_force(p, &c);
	sched_change_end(p, &c);
	rt_mutex_adjust_pi(p);
}

void set_task_policy(struct task_struct *p, int policy, int nice,
		     unsigned int rt_priority)
{
	struct sched_attr attr = {
		.sched_policy = policy,
		.sched_nice = nice,
		.sched_priority = rt_priority,
	};

	set_task_attr(p, &attr);
}

/* Would lending change nothing?  A look without taking p off its queue. */
static bool lending_is_idle(struct task_struct *p, struct task_struct *donor)
{
	unsigned long flags;
	struct rq *rq = task_rq_lock(p, &flags);
	int prio = p->normal_prio;
	bool same;

	if (donor && lends(p, donor))
		prio = donor->prio;
	same = prio == p->prio && !dl_prio(prio);
	if (same)
		p->pi_top_task = donor;
	task_rq_unlock(rq, p, &flags);
	return same;
}

void rt_mutex_setprio(struct task_struct *p, struct task_struct *donor)
{
	struct sched_change c;

	if (lending_is_idle(p, donor))
		return;
	c = sched_change_begin(p);
	p->pi_top_task = donor;
	set_prio_in_force(p, &c);
	sched_change_end(p, &c);
}

int task_nice(const struct task_struct *t)
{
	return PRIO_TO_NICE(t->static_prio);
}

/* As /proc/PID/stat shows it: 0..39, real-time negative. */
int task_prio(const struct task_struct *t)
{
	return t->prio - MAX_RT_PRIO;
}

/* May t raise itself to `nice`?  RLIMIT_NICE counts 1..40 for 19..-20. */
int can_nice(const struct task_struct *t, int nice)
{
	unsigned long as_limit = MAX_NICE - nice + 1;

	return as_limit <= task_rlimit(t, RLIMIT_NICE) ||
	       capable(CAP_SYS_NICE);
}

/* Put p, queued but not running on rq, on dest.  Locks as __task_rq_lock. */
static void move_queued_task(struct rq *rq, struct task_struct *p, int dest)
{
	deactivate_task(rq, p, 0);
	set_task_cpu(p, dest);
	spin_unlock(&rq->lock);
	rq = cpu_rq(dest);
	spin_lock(&rq->lock);
	activate_task(rq, p, 0);
	check_preempt_curr(rq, p, 0);
	spin_unlock(&rq->lock);
}

/* Runs as migration/N: the task that was running here does not now. */
static int migration_cpu_stop(void *data)
{
	struct task_struct *p = data;
	unsigned long flags;
	struct rq *rq = task_rq_lock(p, &flags);
	unsigned int dest = cpumask_any_and(&p->cpus_mask, cpu_online_mask);

	p->migrations_pending--;
	/* It may have slept, moved, or been given another mask meanwhile. */
	if (rq == this_rq() && task_on_rq_queued(p) &&
	    !cpumask_test_cpu(rq->cpu, &p->cpus_mask) && dest < nr_cpu_ids)
		move_queued_task(rq, p, dest);
	else
		spin_unlock(&rq->lock);
	spin_unlock_irqrestore(&p->pi_lock, flags);
	return 0;
}

/*
 * The first half of set_cpus_allowed_ptr(): the mask holds for all to come.
 * 0, -EINVAL, or 1: p runs on *cpu, and the second half makes it leave.  Any
 * task context.
 */
int set_cpus_allowed_begin(struct task_struct *p, const struct cpumask *mask,
			   int *cpu)
{
	struct cpumask valid;
	unsigned long flags;
	struct rq *rq;
	int ret = 0;

	if (!cpumask_and(&valid, mask, cpu_online_mask))
		return -EINVAL;
	rq = task_rq_lock(p, &flags);
	cpumask_copy(&p->cpus_mask, mask);
	*cpu = rq->cpu;
	if (!cpumask_test_cpu(*cpu, mask) &&
	    (task_on_rq_queued(p) || p->on_cpu)) {
		if (!p->on_cpu && !task_current(rq, p)) {
			update_rq_clock(rq);
			move_queued_task(rq, p, cpumask_any(&valid));
			spin_unlock_irqrestore(&p->pi_lock, flags);
			return 0;
		}
		p->migrations_pending++;
		ret = 1;
	}
	task_rq_unlock(rq, p, &flags);
	return ret;
}

/* May sleep.  0. */
int set_cpus_allowed_end(struct task_struct *p, int cpu)
{
	unsigned long flags;
	struct rq *rq;

	if (!stop_one_cpu(cpu, migration_cpu_stop, p))
		return 0;
	rq = task_rq_lock(p, &flags); /* no stop thread yet: at its next sleep */
	p->migrations_pending--;
	task_rq_unlock(rq, p, &flags);
	return 0;
}

int set_cpus_allowed_ptr(struct task_struct *p, const struct cpumask *mask)
{
	int cpu, ret = set_cpus_allowed_begin(p, mask, &cpu);

	return ret > 0 ? set_cpus_allowed_end(p, cpu) : ret;
}
