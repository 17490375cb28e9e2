/* SPDX-License-Identifier: MIT */
/* crowd_test.c -- threads for the tests of this folder; see crowd.h */

#include "crowd.h"

#include <kernel/bug.h>
#include <kernel/completion.h>
#include <kernel/cpumask.h>
#include <kernel/err.h>
#include <kernel/jiffies.h>
#include <kernel/kthread.h>
#include <kernel/sched.h>
#include <mm/slab.h>

struct member {
	void (*fn)(int me);
	int me;
	struct completion done;
};

static int member_main(void *data)
{
	struct member *m = data;

	m->fn(m->me);
	complete(&m->done);
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static unsigned int nth_online(int n)
{
	unsigned int cpu = cpumask_first(cpu_online_mask);

	for (n %= (int)num_online_cpus(); n > 0; n--)
		cpu = cpumask_next(cpu, cpu_online_mask);
	return cpu;
}

struct task_struct *crowd_start(void (*fn)(int me), int me)
{
	struct member *m = kmalloc(sizeof(*m), GFP_KERNEL);
	struct task_struct *t;

	BUG_ON(!m);
	m->fn = fn;
	m->me = me;
	init_completion(&m->done);
	t = kthread_create(member_main, m, "crowd/%d", me);
	BUG_ON(IS_ERR(t));
	kthread_bind(t, nth_online(me));
	get_task_struct(t);
	wake_up_process(t);
	return t;
}

void crowd_join(struct task_struct *t)
{
	struct member *m = kthread_data(t);

	wait_for_completion(&m->done);
	kthread_stop(t);
	kfree(m);
	put_task_struct(t);
}

void crowd_run(int n, void (*fn)(int me))
{
	struct task_struct *t[16];

	BUG_ON(n > (int)ARRAY_SIZE(t));
	for (int i = 0; i < n; i++)
		t[i] = crowd_start(fn, i);
	for (int i = 0; i < n; i++)
		crowd_join(t[i]);
}

void crowd_until_asleep(struct task_struct *t)
{
	unsigned long limit = jiffies + HZ;

	while (READ_ONCE(t->state) == TASK_RUNNING || READ_ONCE(t->on_cpu)) {
		if (time_after(jiffies, limit))
			return;
		/* Off the CPU: who spins for a mutex of ours shall give up. */
		schedule_timeout_uninterruptible(1);
	}
}

void crowd_signal(struct task_struct *t)
{
	set_ti_flag(t, TIF_SIGPENDING);
	wake_up_state(t, TASK_INTERRUPTIBLE);
}
