/* SPDX-License-Identifier: MIT */
/* watchdog_test.c -- lockups and sleepers on purpose, with limits of few
 * ticks */

#include <arch/irqflags.h>
#include <arch/smp.h>
#include <kernel/completion.h>
#include <kernel/cpumask.h>
#include <kernel/delay.h>
#include <kernel/jiffies.h>
#include <kernel/kthread.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/timer.h>
#include <kernel/watchdog.h>

#define LIMIT 5                  /* ticks */
#define PATIENCE_US 900000

/* Spin for the report; true if it came. */
static bool spin_until(const unsigned int *count)
{
	for (int us = 0; us < PATIENCE_US; us += 50) {
		if (READ_ONCE(*count))
			return true;
		udelay(50);
	}
	return false;
}

static void trap(void)
{
	watchdog_trap = (struct watchdog_trap){ .pid = -1, .cpu = -1 };
	WRITE_ONCE(watchdog_trap.limit, LIMIT);
}

SELFTEST_SLOW(watchdog_names_a_soft_lockup)
{
	int cpu;
	bool came;

	preempt_disable();
	cpu = smp_processor_id();
	trap();
	came = spin_until(&watchdog_trap.soft);
	WRITE_ONCE(watchdog_trap.limit, 0);
	preempt_enable();
	EXPECT(came);
	/* Under a slow host another CPU may be caught as well, and last. */
	EXPECT(watchdog_trap.soft > 1 || (watchdog_trap.pid == current->pid &&
					  watchdog_trap.cpu == cpu));
}

SELFTEST_SLOW(watchdog_leaves_preemptible_loops_alone)
{
	unsigned long end = jiffies + 4 * LIMIT;

	trap();
	while (time_before(jiffies, end) && watchdog_trap.limit)
		udelay(20);
	WRITE_ONCE(watchdog_trap.limit, 0);
	EXPECT(watchdog_trap.soft == 0 || watchdog_trap.pid != current->pid);
}

struct culprit {
	struct completion ready;
	bool came;
	int cpu;
};

static int sit_on_cpu(void *data)
{
	struct culprit *c = data;
	unsigned long flags;

	c->cpu = smp_processor_id();
	local_irq_save(flags);
	c->came = spin_until(&watchdog_trap.hard);
	local_irq_restore(flags);
	complete(&c->ready);
	return 0;
}

SELFTEST_SLOW(watchdog_sees_a_neighbour_without_interrupts)
{
	struct culprit c = { .came = false };
	struct task_struct *t;
	unsigned int cpu;

	if (num_online_cpus() < 2) {
		selftest_skip("needs two CPUs");
		return;
	}
	init_completion(&c.ready);
	/* Its witness is the CPU in front of it: we keep that one ticking. */
	set_cpus_allowed_ptr(current, cpumask_of(raw_smp_processor_id()));
	cpu = cpumask_next(raw_smp_processor_id(), cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first(cpu_online_mask);
	trap();
	t = kthread_create_on_cpu(sit_on_cpu, &c, cpu, "culprit/%u");
	REQUIRE(!IS_ERR(t));
	wake_up_process(t);
	while (!try_wait_for_completion(&c.ready))
		udelay(50);
	WRITE_ONCE(watchdog_trap.limit, 0);
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	EXPECT(c.came);
}

static int sleep_deeply(void *data)
{
	struct culprit *c = data;

	complete(&c->ready);
	set_current_state(TASK_UNINTERRUPTIBLE);
	while (!READ_ONCE(c->came)) {
		schedule();
		set_current_state(TASK_UNINTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

SELFTEST_SLOW(hung_task_is_found_by_its_switches)
{
	struct culprit c = { .came = false };
	struct task_struct *t;
	int before, after = 0;

	init_completion(&c.ready);
	before = hung_task_round(1000 * HZ, false);
	t = kthread_create(sleep_deeply, &c, "sleeper");
	REQUIRE(!IS_ERR(t));
	get_task_struct(t);
	wake_up_process(t);
	wait_for_completion(&c.ready);
	while (READ_ONCE(t->state) != TASK_UNINTERRUPTIBLE || t->on_cpu)
		schedule_timeout_uninterruptible(1);
	for (int i = 0; i < 5; i++) {
		after = hung_task_round(2, false);
		schedule_timeout_interruptible(1);
	}
	EXPECT(before == 0 && after >= 1);
	WRITE_ONCE(c.came, true);
	wake_up_process(t);
	kthread_stop(t);
	put_task_struct(t);
}
