/* SPDX-License-Identifier: MIT */
/*
 * softirq_test.c -- softirqs, tasklets and workqueues keep their order
 *
 * Order is seen by a number: each function appends its digit to trace_log, and
 * bottom halves are disabled until everything is raised.
 */

#include <kernel/interrupt.h>

#include <kernel/completion.h>
#include <kernel/delay.h>
#include <kernel/kernel.h>
#include <kernel/kthread.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/workqueue.h>

#include "wq_internal.h"

static int trace_log;

static void note(int what)
{
	trace_log = trace_log * 10 + what;
}

static void note_irq_poll(struct softirq_action *a)
{
	note(5);
}

static void note_one(struct tasklet_struct *t)
{
	note(1);
}

static void note_two(struct tasklet_struct *t)
{
	note(2);
}

SELFTEST(there_are_ten_softirqs_in_linux_order)
{
	static const char *const names[] = {
		"HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL",
		"TASKLET", "SCHED", "HRTIMER", "RCU"
	};

	EXPECT(NR_SOFTIRQS == 10);
	for (int i = 0; i < NR_SOFTIRQS; i++)
		EXPECT(!strcmp(softirq_to_name[i], names[i]));
}

SELFTEST(the_lowest_softirq_runs_first)
{
	static struct tasklet_struct hi;
	unsigned int before;

	tasklet_setup(&hi, note_one);
	open_softirq(IRQ_POLL_SOFTIRQ, note_irq_poll);
	trace_log = 0;
	local_bh_disable();
	before = kstat_softirqs_cpu(IRQ_POLL_SOFTIRQ, smp_processor_id());
	raise_softirq(IRQ_POLL_SOFTIRQ);
	raise_softirq(IRQ_POLL_SOFTIRQ);
	tasklet_hi_schedule(&hi);
	EXPECT(trace_log == 0);
	preempt_disable();
	local_bh_enable();            /* serves: 0 first, 5 once */
	EXPECT(trace_log == 15);
	EXPECT(kstat_softirqs_cpu(IRQ_POLL_SOFTIRQ, smp_processor_id()) ==
	       before + 1);
	preempt_enable();
}

SELFTEST(a_tasklet_runs_once_per_schedule_and_in_order)
{
	static struct tasklet_struct a, b;

	tasklet_setup(&a, note_one);
	tasklet_setup(&b, note_two);
	trace_log = 0;
	local_bh_disable();
	tasklet_schedule(&b);
	tasklet_schedule(&a);
	tasklet_schedule(&a);
	tasklet_schedule(&b);
	local_bh_enable();
	EXPECT(trace_log == 21);
	trace_log = 0;
	local_bh_disable();
	tasklet_schedule(&b);
	tasklet_hi_schedule(&a);
	local_bh_enable();
	EXPECT(trace_log == 12);
}

SELFTEST_SLOW(a_disabled_tasklet_waits)
{
	static struct tasklet_struct t;

	tasklet_setup(&t, note_one);
	trace_log = 0;
	tasklet_disable(&t);
	tasklet_schedule(&t);
	usleep_range(200, 300);
	EXPECT(trace_log == 0);
	tasklet_enable(&t);
	tasklet_kill(&t);
	EXPECT(trace_log == 1);
}

struct cpu_work {
	struct work_struct work;
	int cpu;
	bool could_sleep;
};

static void note_work_cpu(struct work_struct *work)
{
	struct cpu_work *w = container_of(work, struct cpu_work, work);

	w->cpu = raw_smp_processor_id();
	w->could_sleep = in_task() && !in_atomic();
}

SELFTEST_SLOW(a_work_runs_on_the_cpu_asked_for_and_may_sleep)
{
	int cpu;

	for_each_online_cpu(cpu) {
		struct cpu_work w = { .cpu = -1 };

		INIT_WORK_ONSTACK(&w.work, note_work_cpu);
		EXPECT(queue_work_on(cpu, system_wq, &w.work));
		flush_work(&w.work);
		EXPECT(w.cpu == cpu);
		EXPECT(w.could_sleep);
	}
}

static atomic_t inside, most_inside, done;

static void overlap(struct work_struct *work)
{
	int now = atomic_inc_return(&inside);

	if (now > atomic_read(&most_inside))
		atomic_set(&most_inside, now);
	usleep_range(100, 150);
	atomic_dec(&inside);
	atomic_inc(&done);
}

static int most_at_once(unsigned int flags, int max_active)
{
	struct workqueue_struct *wq = alloc_workqueue("wqtest", flags,
						      max_active);
	static struct work_struct works[3];

	if (!wq)
		return -1;
	atomic_set(&inside, 0);
	atomic_set(&most_inside, 0);
	atomic_set(&done, 0);
	for (int i = 0; i < 3; i++) {
		INIT_WORK(&works[i], overlap);
		queue_work_on(cpumask_first(cpu_online_mask), wq, &works[i]);
	}
	flush_workqueue(wq);
	EXPECT(atomic_read(&done) == 3);
	destroy_workqueue(wq);
	return atomic_read(&most_inside);
}

SELFTEST_SLOW(max_active_one_serialises)
{
	EXPECT(most_at_once(0, 1) == 1);
	EXPECT(most_at_once(WQ_UNBOUND, 1) == 1);
}

static struct completion both_in;

/* The first to come waits for the second: alone it would wait for ever. */
static void meet(struct work_struct *work)
{
	if (atomic_inc_return(&inside) == 2)
		complete_all(&both_in);
	else
		wait_for_completion_timeout(&both_in, 5 * HZ);
}

SELFTEST_SLOW(a_sleeping_work_does_not_hold_back_the_next)
{
	struct work_struct a, b;
	int cpu = cpumask_first(cpu_online_mask);

	INIT_WORK_ONSTACK(&a, meet);
	INIT_WORK_ONSTACK(&b, meet);
	init_completion(&both_in);
	atomic_set(&inside, 0);
	queue_work_on(cpu, system_wq, &a);
	queue_work_on(cpu, system_wq, &b);
	flush_work(&a);
	EXPECT(atomic_read(&inside) == 2);
	flush_work(&b);
}

static int counted;

static void count_work(struct work_struct *work)
{
	counted++;
}

SELFTEST_SLOW(a_pending_work_is_queued_once_and_can_be_cancelled)
{
	struct delayed_work dw;

	counted = 0;
	INIT_DELAYED_WORK(&dw, count_work);
	EXPECT(schedule_delayed_work(&dw, HZ));
	EXPECT(!schedule_delayed_work(&dw, HZ));
	EXPECT(cancel_delayed_work_sync(&dw));
	EXPECT(!cancel_delayed_work_sync(&dw));
	EXPECT(counted == 0);
	EXPECT(!mod_delayed_work(system_wq, &dw, 1));
	flush_delayed_work(&dw);
	EXPECT(counted == 1);
	EXPECT(!work_pending(&dw.work));
}

static struct completion gate;

static void wait_at_gate(struct work_struct *work)
{
	wait_for_completion(&gate);
}

/* The pool's only idle worker blocks, and no other can be made. */
SELFTEST_SLOW(the_rescuer_finishes_work_when_no_worker_can_be_made)
{
	struct workqueue_struct *wq = alloc_workqueue("rescued",
						      WQ_MEM_RECLAIM, 0);
	static struct work_struct blockers[8], work;
	int cpu = cpumask_first(cpu_online_mask);

	REQUIRE(wq);
	init_completion(&gate);
	counted = 0;
	WRITE_ONCE(wq_fail_worker_creation, true);
	for (int i = 0; i < 8; i++) {
		INIT_WORK(&blockers[i], wait_at_gate);
		queue_work_on(cpu, system_wq, &blockers[i]);
	}
	INIT_WORK(&work, count_work);
	queue_work_on(cpu, wq, &work);
	for (int i = 0; i < 100 && !READ_ONCE(counted); i++)
		msleep(20);
	EXPECT(counted == 1);
	WRITE_ONCE(wq_fail_worker_creation, false);
	complete_all(&gate);
	for (int i = 0; i < 8; i++)
		flush_work(&blockers[i]);
	destroy_workqueue(wq);
}
