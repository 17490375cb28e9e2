/* SPDX-License-Identifier: MIT */
/*
 * hung_task.c -- tasks that sleep where no signal wakes them, for too long
 *
 * PROMISE.  A task that stays in uninterruptible sleep for
 * hung_task_timeout_secs is named in the log with the call chain it sleeps in.
 *
 * IDEA.  The thread khungtaskd looks at all tasks a few times in that period.
 * A task that has not been switched to since it was first seen asleep has the
 * same count of switches; its first sighting is remembered in the task itself:
 *
 *	look 1: D, 17 switches        remember 17 and when
 *	look 2: D, 17 switches        still the same sleep; long enough? report
 *	look 3: D, 18 switches        another sleep: remember anew
 *
 * TASK_KILLABLE and TASK_IDLE sleepers are left out: those can be ended, these
 * wait for work.  A host that stops us for minutes makes one long interval of
 * our time too, so a report needs several looks, each after a sleep of ours.
 *
 * LOCKING.  RCU for the list; the two fields of a task are khungtaskd's own, or
 * a self-test's, one at a time (round_lock).
 *
 * SEE docs/94-watchdogs.md
 */

#include "sched.h"

#include <arch/stacktrace.h>
#include <kernel/init.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/kthread.h>
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <kernel/rcupdate.h>
#include <kernel/task.h>
#include <kernel/timer.h>
#include <kernel/watchdog.h>

#define LOOKS 4                  /* in one timeout */
#define DEPTH 24

int hung_task_timeout_secs = 120;
int hung_task_warnings = 10;
int hung_task_panic;
int hung_task_check_count = 32768;

static DEFINE_MUTEX(round_lock);
static struct task_struct *khungtaskd;

static void print_hung(struct task_struct *t, unsigned long age)
{
	unsigned long chain[DEPTH];
	unsigned int n = stack_trace_save_tsk(t, chain, DEPTH, 0);

	pr_err("INFO: task %s:%d blocked for more than %lu seconds.\n",
	       t->comm, t->pid, age / HZ);
	pr_err("task:%-15s state:D pid:%d\n", t->comm, t->pid);
	for (unsigned int i = 0; i < n; i++)
		pr_err(" %pS\n", (void *)chain[i]);
	debug_show_held_locks(t);
}

/* Has t slept since the first of at least two looks, `limit` jiffies ago? */
static bool is_hung(struct task_struct *t, unsigned long limit)
{
	unsigned long switches = t->nvcsw + t->nivcsw;

	if (READ_ONCE(t->state) != TASK_UNINTERRUPTIBLE || !switches)
		return false;
	if (t->hung_switches != switches) {
		t->hung_switches = switches;
		t->hung_since = jiffies;
		t->hung_looks = 0;
		return false;
	}
	return ++t->hung_looks >= LOOKS - 1 &&
	       time_after_eq(jiffies, t->hung_since + limit);
}

int hung_task_round(unsigned long limit, bool print)
{
	struct task_struct *p, *t;
	int hung = 0, left = hung_task_check_count;

	mutex_lock(&round_lock);
	rcu_read_lock();
	for_each_process_thread(p, t) {
		if (left-- <= 0)
			goto out;
		if (!is_hung(t, limit))
			continue;
		hung++;
		if (!print || !hung_task_warnings)
			continue;
		if (hung_task_warnings > 0)
			hung_task_warnings--;
		print_hung(t, jiffies - t->hung_since);
	}
out:
	rcu_read_unlock();
	mutex_unlock(&round_lock);
	if (hung && print && hung_task_panic)
		panic("hung_task: blocked tasks");
	return hung;
}

void hung_task_changed(void)
{
	if (khungtaskd)
		wake_up_process(khungtaskd);
}

static int watch(void *unused)
{
	for (;;) {
		int seconds = READ_ONCE(hung_task_timeout_secs);
		long wait = seconds ? (long)seconds * HZ / LOOKS
				    : MAX_SCHEDULE_TIMEOUT;

		/* Changed, or asked to look early: begin with a new sleep. */
		if (schedule_timeout_interruptible(wait))
			continue;
		if (READ_ONCE(hung_task_timeout_secs))
			hung_task_round((unsigned long)seconds * HZ *
					(LOOKS - 1) / LOOKS, true);
	}
	return 0;
}

static int hung_task_init(void)
{
	struct task_struct *t = kthread_run(watch, NULL, "khungtaskd");

	if (IS_ERR(t))
		return PTR_ERR(t);
	khungtaskd = t;
	return 0;
}
late_initcall(hung_task_init);
