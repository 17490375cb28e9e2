/* SPDX-License-Identifier: MIT */
/*
 * balance.c -- moving runnable tasks from CPUs with many to CPUs with few
 *
 * PROMISE.  No CPU stays idle while another has a task waiting that may run
 * there; N equal hogs on N CPUs get one each.
 *
 * IDEA.  Pulling, never pushing: who has time does the work.
 *
 *	newidle   schedule() found nothing: look at once, in front of the
 *	          idle task
 *	periodic  the tick raises the SCHED softirq: compare loads, pull
 *	          half of the difference
 *	kick      an idle CPU has no tick to remind it, so a busy CPU with
 *	          a waiting task wakes one that sleeps
 *
 * A move takes the tasks off the busiest queue under its lock, marked
 * TASK_ON_RQ_MIGRATING, drops that lock, takes ours, puts them on:
 *
 *	busiest  lock .. dequeue [A][B] .. unlock
 *	in hand                              [A][B]  on no queue, not asleep
 *	this                                   lock .. enqueue .. unlock
 *
 * so two rq locks are never held together and need no order.  Who wants to
 * change a task in hand waits: __task_rq_lock() spins while it is marked.
 *
 * What is not moved: the running task, and tasks whose mask forbids it.
 *
 * LOCKING.  As above; irqs off throughout a move.  Loads of other queues are
 * read without lock: a guess, checked again under the lock.
 *
 * NOT DONE.  Domains (SMT, cores, nodes): all CPUs are one domain.
 *
 * SEE docs/42-load-balancing.md.
 */

#include "sched.h"

#include <kernel/interrupt.h>
#include <kernel/kernel.h>

#define BALANCE_INTERVAL_BUSY (HZ / 8)  /* ticks between looks of a busy CPU */
#define MAX_MOVE 32                     /* tasks per look: bounds irqs-off */

static unsigned long load_of(struct rq *rq)
{
	return READ_ONCE(rq->cfs.load.weight);
}

/* The queue most worth pulling from, or NULL. */
static struct rq *find_busiest(struct rq *this)
{
	unsigned long max = 0;
	struct rq *busiest = NULL;
	int cpu;

	for_each_online_cpu(cpu) {
		struct rq *rq = cpu_rq(cpu);

		/* A single task runs: there is nothing to take. */
		if (rq == this || READ_ONCE(rq->nr_running) < 2 ||
		    READ_ONCE(rq->cfs.nr_running) == 0)
			continue;
		if (load_of(rq) > max) {
			max = load_of(rq);
			busiest = rq;
		}
	}
	return busiest;
}

static bool can_migrate(struct rq *src, struct task_struct *p, int dst_cpu)
{
	return !task_current(src, p) && !READ_ONCE(p->on_cpu) &&
	       cpumask_test_cpu(dst_cpu, &p->cpus_mask);
}

/*
 * Take tasks of about `want` load off src and put them on `hand`.  src->lock
 * held.  The tree's right end first: they would have waited longest.
 */
static unsigned int detach_tasks(struct rq *src, int dst_cpu,
				 unsigned long want, struct list_head *hand)
{
	struct rb_node *node = rb_last(&src->cfs.tasks_timeline.rb_root), *prev;
	unsigned int moved = 0;

	for (; node && moved < MAX_MOVE; node = prev) {
		struct task_struct *p;
		unsigned long load;

		prev = rb_prev(node);
		p = task_of(rb_entry(node, struct sched_entity, run_node));
		load = p->se.load.weight;
		if (!can_migrate(src, p, dst_cpu))
			continue;
		/* Half a task too much is as near as half too little. */
		if (load / 2 > want)
			continue;
		deactivate_task(src, p, 0);
		set_task_cpu(p, dst_cpu);
		list_add(&p->rt_node, hand);
		moved++;
		src->pushed++;
		if (load >= want)
			break;
		want -= load;
	}
	return moved;
}

static void attach_tasks(struct rq *dst, struct list_head *hand)
{
	while (!list_empty(hand)) {
		struct task_struct *p = list_first_entry(hand,
					struct task_struct, rt_node);

		list_del_init(&p->rt_node);
		activate_task(dst, p, 0);
		check_preempt_curr(dst, p, 0);
		dst->pulled++;
	}
}

/*
 * How much load to pull.  An idle CPU takes at least one task; otherwise only
 * a difference of more than a quarter is worth a cold cache.
 */
static unsigned long imbalance(struct rq *this, struct rq *busiest, bool idle)
{
	unsigned long here = load_of(this), there = load_of(busiest);

	if (there <= here)
		return 0;
	if (!idle && (there - here) * 4 <= there)
		return 0;
	return (there - here) / 2;
}

/* Pull from the busiest; no rq lock held, irqs off.  How many came. */
static unsigned int load_balance(struct rq *this, bool idle)
{
	struct rq *busiest = find_busiest(this);
	unsigned int moved = 0;
	unsigned long want;
	LIST_HEAD(hand);

	if (!busiest)
		return 0;
	spin_lock(&busiest->lock);
	update_rq_clock(busiest);
	want = imbalance(this, busiest, idle);
	if (want && busiest->nr_running > 1) {
		moved = detach_tasks(busiest, this->cpu, want, &hand);
		if (!moved && idle)
			moved = detach_tasks(busiest, this->cpu, ULONG_MAX / 4,
					     &hand);
	}
	spin_unlock(&busiest->lock);
	if (moved) {
		spin_lock(&this->lock);
		attach_tasks(this, &hand);
		spin_unlock(&this->lock);
	}
	return moved;
}

/*
 * schedule() is about to run the idle task.  rq->lock is dropped while we
 * look: prev is still rq->curr, and wake-ups may queue tasks here meanwhile,
 * which the caller's pick then finds.
 */
bool newidle_balance(struct rq *rq)
{
	bool pulled;

	if (!cpu_online(rq->cpu) || num_online_cpus() == 1)
		return false;
	if (pull_urgent_task(rq))
		return true;
	spin_unlock_no_resched(&rq->lock);
	pulled = load_balance(rq, true);
	spin_lock(&rq->lock);
	update_rq_clock(rq);
	return pulled;
}

/* SCHED softirq: this CPU's periodic look. */
static void run_rebalance(struct softirq_action *a)
{
	struct rq *rq;

	local_irq_disable();
	rq = this_rq();
	load_balance(rq, rq->curr == rq->idle);
	local_irq_enable();
}

/* A task waits here: is there a CPU asleep that it may use? */
static void kick_idle_cpu(struct rq *rq)
{
	int cpu;

	for_each_online_cpu(cpu) {
		if (cpu == rq->cpu || !cpu_is_idle(cpu))
			continue;
		if (xchg(&cpu_rq(cpu)->nohz_kick, 1) == 0)
			smp_send_reschedule(cpu);
		return;
	}
}

/* Tick, irqs off. */
void trigger_load_balance(struct rq *rq)
{
	if (num_online_cpus() == 1)
		return;
	if (READ_ONCE(rq->nr_running) > 1)
		kick_idle_cpu(rq);
	if (time_before(jiffies, rq->next_balance))
		return;
	rq->next_balance = jiffies + BALANCE_INTERVAL_BUSY + rq->cpu;
	raise_softirq_irqoff(SCHED_SOFTIRQ);
}

/* The allowed CPU with the least to do, `cpu` if it is one of them. */
int find_idlest_cpu(struct task_struct *p, int cpu)
{
	unsigned int min = UINT_MAX;
	int i, best = cpu;

	if (cpumask_test_cpu(cpu, &p->cpus_mask))
		min = READ_ONCE(cpu_rq(cpu)->nr_running);
	for_each_cpu_and(i, &p->cpus_mask, cpu_online_mask) {
		unsigned int nr = READ_ONCE(cpu_rq(i)->nr_running);

		if (nr < min) {
			min = nr;
			best = i;
		}
	}
	return best;
}

void sched_balance_init(void)
{
	open_softirq(SCHED_SOFTIRQ, run_rebalance);
}
