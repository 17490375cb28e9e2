/* SPDX-License-Identifier: MIT */
/*
 * cpu_timers.c -- timers on the time that a process has computed
 *
 * IDEA.  A clock that only goes while somebody runs needs no hardware timer:
 * whoever runs looks at each tick. An armed timer hangs in a list of its
 * process; the tick that finds it due fires it, up to one tick late.
 *
 * Only clocks of the caller's own process and its threads: one siglock guards
 * the list, the clock and the signal.
 *
 * LOCKING.  siglock. The tick takes the run queues' locks inside it, as sending
 * a signal does.
 *
 * SEE timer_create(2), clock_getcpuclockid(3).
 */

#include "cpu_timers.h"

#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/task.h>


int cpu_timer_init(struct cpu_timer *ct, clockid_t clock)
{
	pid_t nr = clock < 0 ? CPUCLOCK_PID(clock) : 0;
	struct task_struct *t;
	int err = -EINVAL;

	ct->kind = clock < 0 ? CPUCLOCK_KIND(clock) : CPUCLOCK_SCHED;
	ct->thread = clock < 0 ? clock & CPUCLOCK_PERTHREAD :
		     clock == CLOCK_THREAD_CPUTIME_ID;
	INIT_LIST_HEAD(&ct->list);
	if (ct->kind > CPUCLOCK_SCHED)
		return -EINVAL;
	rcu_read_lock();
	t = nr ? find_task_by_vpid(nr) : current;
	if (t && same_thread_group(t, current)) {
		ct->target = get_pid(ct->thread ? task_pid(t) : task_tgid(t));
		err = 0;
	}
	rcu_read_unlock();
	return err;
}

void cpu_timer_free(struct cpu_timer *ct)
{
	spin_lock_irq(&current->sighand->siglock);
	list_del_init(&ct->list);
	spin_unlock_irq(&current->sighand->siglock);
	put_pid(ct->target);
}

/* What the timer's clock says now; its thread may be gone: 0. */
static u64 clock_now(struct cpu_timer *ct)
{
	struct task_struct *t = current;
	u64 now = 0;

	rcu_read_lock();
	if (ct->thread)
		t = pid_task(ct->target, PIDTYPE_PID);
	if (t)
		now = cpu_clock_of(t, ct->thread, ct->kind);
	rcu_read_unlock();
	return now;
}

void cpu_timer_set(struct cpu_timer *ct, struct list_head *armed, bool absolute,
		   u64 expires, u64 interval)
{
	u64 now = clock_now(ct);

	spin_lock_irq(&current->sighand->siglock);
	list_del_init(&ct->list);
	ct->interval = interval;
	if (expires) {
		ct->expires = absolute ? expires : now + expires;
		list_add_tail(&ct->list, armed);
	}
	spin_unlock_irq(&current->sighand->siglock);
}

u64 cpu_timer_left(struct cpu_timer *ct)
{
	u64 now = clock_now(ct), left = 0;

	spin_lock_irq(&current->sighand->siglock);
	if (!list_empty(&ct->list))
		left = ct->expires > now ? ct->expires - now : 1;
	spin_unlock_irq(&current->sighand->siglock);
	return left;
}

void cpu_timers_tick(struct list_head *armed, struct task_struct *t)
{
	struct cpu_timer *ct, *next;

	list_for_each_entry_safe(ct, next, armed, list) {
		u64 now, more = 0;

		if (ct->thread && ct->target != task_pid(t))
			continue;
		now = cpu_clock_of(t, ct->thread, ct->kind);
		if (now < ct->expires)
			continue;
		if (ct->interval) {
			more = (now - ct->expires) / ct->interval;
			ct->expires += (more + 1) * ct->interval;
		} else {
			list_del_init(&ct->list);
		}
		ct->fire(ct, t, more);
	}
}
