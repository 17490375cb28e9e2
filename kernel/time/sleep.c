/* SPDX-License-Identifier: MIT */
/*
 * sleep.c -- sleeping for a time, inside the kernel
 *
 * The caller sets its state, then calls one of these: schedule_timeout() by the
 * wheel (jiffies, coarse, cheap), usleep_range() by an hrtimer.  A wake-up
 * before the time ends the sleep, as it would end schedule().
 */

#include <kernel/delay.h>
#include <kernel/export.h>
#include <kernel/hrtimer.h>
#include <kernel/kernel.h>
#include <kernel/timekeeping.h>
#include <kernel/sched.h>
#include <kernel/timer.h>

struct process_timer {
	struct timer_list timer;
	struct task_struct *task;
};

static void wake_process(struct timer_list *t)
{
	struct process_timer *pt = from_timer(pt, t, timer);

	wake_up_process(pt->task);
}

/* Jiffies left if woken early, else 0. */
long schedule_timeout(long timeout)
{
	struct process_timer pt = { .task = current };
	unsigned long expire;

	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		schedule();
		return timeout;
	}
	if (WARN_ON_ONCE(timeout < 0)) {
		__set_current_state(TASK_RUNNING);
		return 0;
	}
	expire = timeout + jiffies;
	timer_setup_on_stack(&pt.timer, wake_process, 0);
	mod_timer(&pt.timer, expire);
	schedule();
	del_timer_sync(&pt.timer);
	destroy_timer_on_stack(&pt.timer);
	timeout = expire - jiffies;
	return timeout < 0 ? 0 : timeout;
}
EXPORT_SYMBOL(schedule_timeout);

long schedule_timeout_interruptible(long timeout)
{
	__set_current_state(TASK_INTERRUPTIBLE);
	return schedule_timeout(timeout);
}

long schedule_timeout_uninterruptible(long timeout)
{
	__set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(timeout);
}

long schedule_timeout_killable(long timeout)
{
	__set_current_state(TASK_KILLABLE);
	return schedule_timeout(timeout);
}

void msleep(unsigned int msecs)
{
	long timeout = msecs_to_jiffies(msecs);

	while (timeout)
		timeout = schedule_timeout_uninterruptible(timeout);
}
EXPORT_SYMBOL(msleep);

unsigned long msleep_interruptible(unsigned int msecs)
{
	long timeout = msecs_to_jiffies(msecs);

	while (timeout && !signal_pending(current))
		timeout = schedule_timeout_interruptible(timeout);
	return jiffies_to_msecs(timeout);
}

void ssleep(unsigned int secs)
{
	msleep(secs * 1000);
}

void usleep_range(unsigned long min, unsigned long max)
{
	ktime_t until = ktime_get() + min * NSEC_PER_USEC;
	u64 delta = (u64)(max - min) * NSEC_PER_USEC;

	do {
		__set_current_state(TASK_UNINTERRUPTIBLE);
	} while (schedule_hrtimeout_range(&until, delta, HRTIMER_MODE_ABS));
}
EXPORT_SYMBOL(usleep_range);
