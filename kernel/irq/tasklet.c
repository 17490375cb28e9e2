/* SPDX-License-Identifier: MIT */
/*
 * tasklet.c -- a function to be run once, soon, in a softirq
 *
 * PROMISE.  However often a tasklet is scheduled before it runs, it runs once;
 * scheduled while it runs, once more; never on two CPUs at once; tasklets of a
 * CPU run in the order of scheduling, the hi ones first.
 *
 * IDEA.  Two bits.  SCHED: it is in some CPU's list (who sets it, puts it
 * there).  RUN: some CPU is in its function (a lock, taken by trying).
 *
 *	schedule: set SCHED, append     run: take the list; each: try RUN;
 *	                                disabled or RUN held? append again;
 *	                                else clear SCHED, call, clear RUN
 *
 * SCHED is cleared before the call, so that a schedule during it counts.
 *
 * LOCKING.  The lists belong to their CPU, irqs off.
 */

#include <kernel/interrupt.h>

#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>

struct tasklet_list {
	struct tasklet_struct *head;
	struct tasklet_struct **tail; /* of the last link; set up at boot */
};

static DEFINE_PER_CPU(struct tasklet_list, tasklets);
static DEFINE_PER_CPU(struct tasklet_list, hi_tasklets);

/* Irqs off, on the list's CPU. */
static void append(struct tasklet_list *list, struct tasklet_struct *t,
		   unsigned int softirq)
{
	t->next = NULL;
	*list->tail = t;
	list->tail = &t->next;
	raise_softirq_irqoff(softirq);
}

static void schedule_on(struct tasklet_struct *t,
			struct tasklet_list *which, unsigned int softirq)
{
	unsigned long flags;

	if (test_and_set_bit(TASKLET_STATE_SCHED, &t->state))
		return;
	local_irq_save(flags);
	append(this_cpu_ptr(which), t, softirq);
	local_irq_restore(flags);
}

void tasklet_schedule(struct tasklet_struct *t)
{
	schedule_on(t, &tasklets, TASKLET_SOFTIRQ);
}
EXPORT_SYMBOL(tasklet_schedule);

void tasklet_hi_schedule(struct tasklet_struct *t)
{
	schedule_on(t, &hi_tasklets, HI_SOFTIRQ);
}
EXPORT_SYMBOL(tasklet_hi_schedule);

/* True if it ran; false if it is disabled or runs on another CPU. */
static bool try_run(struct tasklet_struct *t)
{
	if (test_and_set_bit_lock(TASKLET_STATE_RUN, &t->state))
		return false;
	if (atomic_read(&t->count)) {
		clear_bit_unlock(TASKLET_STATE_RUN, &t->state);
		return false;
	}
	clear_bit(TASKLET_STATE_SCHED, &t->state);
	if (t->use_callback)
		t->callback(t);
	else
		t->func(t->data);
	clear_bit_unlock(TASKLET_STATE_RUN, &t->state);
	return true;
}

static void run_list(struct tasklet_list *list, unsigned int softirq)
{
	struct tasklet_struct *t;

	local_irq_disable();
	t = list->head;
	list->head = NULL;
	list->tail = &list->head;
	local_irq_enable();
	while (t) {
		struct tasklet_struct *next = t->next;

		if (!try_run(t)) {
			local_irq_disable();
			append(list, t, softirq);
			local_irq_enable();
		}
		t = next;
	}
}

static void run_tasklets(struct softirq_action *a)
{
	run_list(this_cpu_ptr(&tasklets), TASKLET_SOFTIRQ);
}

static void run_hi_tasklets(struct softirq_action *a)
{
	run_list(this_cpu_ptr(&hi_tasklets), HI_SOFTIRQ);
}

void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long),
		  unsigned long data)
{
	memset(t, 0, sizeof(*t));
	t->func = func;
	t->data = data;
}

void tasklet_setup(struct tasklet_struct *t,
		   void (*callback)(struct tasklet_struct *))
{
	memset(t, 0, sizeof(*t));
	t->callback = callback;
	t->use_callback = true;
}

static void wait_while_running(struct tasklet_struct *t)
{
	while (test_bit(TASKLET_STATE_RUN, &t->state))
		cpu_relax();
	smp_mb();
}

void tasklet_disable_nosync(struct tasklet_struct *t)
{
	atomic_inc(&t->count);
	smp_mb__after_atomic();
}

void tasklet_disable(struct tasklet_struct *t)
{
	tasklet_disable_nosync(t);
	wait_while_running(t);
}

void tasklet_enable(struct tasklet_struct *t)
{
	smp_mb__before_atomic();
	atomic_dec(&t->count);
}

/* Wait until it is neither scheduled nor running; must be enabled. */
void tasklet_kill(struct tasklet_struct *t)
{
	might_sleep();
	while (test_and_set_bit(TASKLET_STATE_SCHED, &t->state))
		schedule_timeout_uninterruptible(1);
	wait_while_running(t);
	clear_bit(TASKLET_STATE_SCHED, &t->state);
}

void tasklet_subsys_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		per_cpu(tasklets, cpu).tail = &per_cpu(tasklets, cpu).head;
		per_cpu(hi_tasklets, cpu).tail =
			&per_cpu(hi_tasklets, cpu).head;
	}
	open_softirq(TASKLET_SOFTIRQ, run_tasklets);
	open_softirq(HI_SOFTIRQ, run_hi_tasklets);
}
