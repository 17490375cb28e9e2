/* SPDX-License-Identifier: MIT */
/*
 * stop.c -- the stop class: one thread per CPU that nobody keeps waiting
 *
 * PROMISE.  stop_one_cpu(cpu, fn, arg) runs fn on that CPU, in place of
 * whatever ran there, and returns what it returned.
 *
 * IDEA.  A running task can be moved only when it does not run.  So its own
 * CPU must run something else: the thread migration/N, of a class above all
 * others.  It sleeps until given a work, and runs works in order.
 *
 * LOCKING.  stopper->lock guards its list; then p->pi_lock by the wake-up.
 */

#include "sched.h"

#include <kernel/completion.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/kthread.h>

struct stop_work {
	struct list_head list;        /* [L] */
	cpu_stop_fn_t fn;
	void *arg;
	int ret;
	struct completion done;
};

struct cpu_stopper {
	spinlock_t lock;
	struct list_head works;       /* [L] oldest first */
	struct task_struct *thread;
};

static DEFINE_PER_CPU(struct cpu_stopper, cpu_stopper);

static struct stop_work *next_work(struct cpu_stopper *s)
{
	struct stop_work *w;

	spin_lock_irq(&s->lock);
	w = list_first_entry_or_null(&s->works, struct stop_work, list);
	if (w)
		list_del_init(&w->list);
	spin_unlock_irq(&s->lock);
	return w;
}

static int stopper_thread(void *data)
{
	struct cpu_stopper *s = data;

	for (;;) {
		struct stop_work *w;

		set_current_state(TASK_INTERRUPTIBLE);
		w = next_work(s);
		if (!w) {
			if (kthread_should_stop())
				break;
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		w->ret = w->fn(w->arg);
		complete(&w->done);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* May sleep.  -ENOENT: that CPU has no stopper (yet). */
int stop_one_cpu(int cpu, cpu_stop_fn_t fn, void *arg)
{
	struct cpu_stopper *s = per_cpu_ptr(&cpu_stopper, cpu);
	struct stop_work work = { .fn = fn, .arg = arg };

	if (!s->thread)
		return -ENOENT;
	init_completion(&work.done);
	spin_lock_irq(&s->lock);
	list_add_tail(&work.list, &s->works);
	spin_unlock_irq(&s->lock);
	wake_up_process(s->thread);
	wait_for_completion(&work.done);
	return work.ret;
}

/* Give t the stop class; t sleeps in its creation. */
static void set_stop_task(int cpu, struct task_struct *t)
{
	struct sched_change c = sched_change_begin(t);

	t->sched_class = &stop_sched_class;
	t->policy = SCHED_FIFO;
	t->rt_priority = MAX_RT_PRIO - 1;
	t->prio = t->normal_prio = 0;
	cpu_rq(cpu)->stop = t;
	sched_change_end(t, &c);
}

static int start_stopper(int cpu)
{
	struct cpu_stopper *s = per_cpu_ptr(&cpu_stopper, cpu);
	struct task_struct *t;

	spin_lock_init(&s->lock);
	INIT_LIST_HEAD(&s->works);
	t = kthread_create_on_cpu(stopper_thread, s, cpu, "migration/%u");
	if (IS_ERR(t))
		return PTR_ERR(t);
	set_stop_task(cpu, t);
	s->thread = t;
	wake_up_process(t);
	return 0;
}

static int stop_init(void)
{
	int cpu, err = 0;

	for_each_online_cpu(cpu)
		err = err ? err : start_stopper(cpu);
	return err;
}
core_initcall(stop_init);

static struct task_struct *pick_task_stop(struct rq *rq)
{
	struct task_struct *stop = rq->stop;

	return stop && task_on_rq_queued(stop) ? stop : NULL;
}

static void start_charge(struct rq *rq, struct task_struct *p)
{
	p->se.exec_start = rq->clock;
}

static void charge(struct rq *rq)
{
	s64 delta = rq->clock - rq->curr->se.exec_start;

	if (delta > 0) {
		rq->curr->se.sum_exec_runtime += delta;
		rq->curr->se.exec_start = rq->clock;
	}
}

static void put_prev_stop(struct rq *rq, struct task_struct *p)
{
	charge(rq);
}

/* Queued is all there is to know of the one stop task: on_rq says it. */
static void nothing_to_queue(struct rq *rq, struct task_struct *p, int flags)
{
}

static void nothing_at_tick(struct rq *rq, struct task_struct *p)
{
}

const struct sched_class stop_sched_class = {
	.name = "stop",
	.rank = 0,
	.enqueue_task = nothing_to_queue,
	.dequeue_task = nothing_to_queue,
	.check_preempt_curr = nothing_to_queue,
	.pick_task = pick_task_stop,
	.put_prev_task = put_prev_stop,
	.set_next_task = start_charge,
	.task_tick = nothing_at_tick,
	.update_curr = charge,
};
