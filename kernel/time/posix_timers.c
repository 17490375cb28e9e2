/* SPDX-License-Identifier: MIT */
/*
 * posix_timers.c -- timer_create() and its family
 *
 * IDEA.  A timer of a process is an hrtimer that sends a signal, to the process
 * or to one thread.  At most one signal per timer is on its way: expiries
 * while it is still pending are counted, and told when the signal is taken:
 * dequeue_signal() calls posix_timer_taken().
 *
 * The timers of a process hang in a list off its signal_struct; numbers are
 * given out in order.  A timer on a CPU-time clock has a struct cpu_timer in
 * place of the hrtimer (cpu_timers.c).
 *
 * LOCKING.  The table's mutex guards the list and arming; the expiry function
 * (hard irq) uses only what is constant, `interval` and `overrun`.  The list
 * changes under its spinlock too, for posix_timer_taken() has siglock and may
 * not sleep.  Order: mutex, siglock, list_lock.
 *
 * SEE timer_create(2).
 */

#include <kernel/itimer.h>

#include <arch/uaccess.h>
#include <kernel/errno.h>
#include <kernel/hrtimer.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>

#include "cpu_timers.h"

#define SIGEV_SIGNAL 0
#define SIGEV_NONE 1
#define SIGEV_THREAD_ID 4
#define DELAYTIMER_MAX INT_MAX

struct sigevent_abi {
	u64 sigev_value;
	int sigev_signo;
	int sigev_notify;
	int tid;
	int pad[11];
};
static_assert(sizeof(struct sigevent_abi) == 64, "Linux ABI");

struct posix_timer {
	struct hrtimer timer;
	struct cpu_timer cpu;         /* instead, if on_cpu_clock */
	bool on_cpu_clock;
	struct list_head list;
	int id;
	clockid_t clock;
	int notify, signo;
	u64 value;
	struct pid *pid;              /* constant; a reference */
	ktime_t interval;
	bool armed;
	int overrun, overrun_last;
};

struct posix_timer_table {
	struct mutex lock;
	spinlock_t list_lock;
	struct list_head timers;
	struct list_head cpu_armed;   /* siglock */
	int next_id;
};

/* Is the last signal still not taken?  Hard irq. */
static bool signal_is_pending(struct task_struct *t, struct posix_timer *pt)
{
	unsigned long flags;
	bool pending;
	struct sighand_struct *sighand = lock_task_sighand(t, &flags);

	if (!sighand)
		return true;
	pending = sigismember(pt->notify == SIGEV_THREAD_ID
				      ? &t->pending.signal
				      : &t->signal->shared_pending.signal,
			      pt->signo);
	unlock_task_sighand(t, &flags);
	return pending;
}

static void send(struct posix_timer *pt)
{
	bool thread = pt->notify == SIGEV_THREAD_ID;
	siginfo_t info = { 0 };
	struct task_struct *t;

	rcu_read_lock();
	t = pid_task(pt->pid, thread ? PIDTYPE_PID : PIDTYPE_TGID);
	if (t && signal_is_pending(t, pt)) {
		if (pt->overrun < DELAYTIMER_MAX)
			pt->overrun++;
	} else if (t) {
		info.si_signo = pt->signo;
		info.si_code = SI_TIMER;
		info.si_tid = pt->id;
		info.si_value.sival_ptr = (void *)pt->value;
		group_send_sig_info(pt->signo, &info, t,
				    thread ? PIDTYPE_PID : PIDTYPE_TGID);
	}
	rcu_read_unlock();
}

static enum hrtimer_restart posix_fire(struct hrtimer *t)
{
	struct posix_timer *pt = container_of(t, struct posix_timer, timer);

	if (pt->notify != SIGEV_NONE)
		send(pt);
	if (!pt->interval) {
		pt->armed = false;
		return HRTIMER_NORESTART;
	}
	pt->overrun += hrtimer_forward_now(t, pt->interval) - 1;
	return HRTIMER_RESTART;
}

/* cpu_timer's fire: siglock of t, whose process's clock it is, is held. */
static void cpu_fire(struct cpu_timer *ct, struct task_struct *t, u64 more)
{
	struct posix_timer *pt = container_of(ct, struct posix_timer, cpu);
	bool thread = pt->notify == SIGEV_THREAD_ID;
	siginfo_t info = { 0 };

	pt->overrun = min((u64)pt->overrun + more, (u64)DELAYTIMER_MAX);
	if (pt->notify == SIGEV_NONE)
		return;
	if (thread)
		t = pid_task(pt->pid, PIDTYPE_PID);
	if (!t)
		return;
	if (sigismember(thread ? &t->pending.signal :
			&t->signal->shared_pending.signal, pt->signo)) {
		if (pt->overrun < DELAYTIMER_MAX)
			pt->overrun++;
		return;
	}
	info.si_signo = pt->signo;
	info.si_code = SI_TIMER;
	info.si_tid = pt->id;
	info.si_value.sival_ptr = (void *)pt->value;
	send_signal_locked(pt->signo, &info, t,
			   thread ? PIDTYPE_PID : PIDTYPE_TGID);
}

void run_posix_cpu_timers(struct task_struct *t)
{
	struct posix_timer_table *tab = READ_ONCE(t->signal->posix_timers);

	if (!tab || list_empty(&tab->cpu_armed))
		return;
	rcu_read_lock();
	spin_lock(&t->sighand->siglock);
	tab = t->signal->posix_timers;
	if (tab)
		cpu_timers_tick(&tab->cpu_armed, t);
	spin_unlock(&t->sighand->siglock);
	rcu_read_unlock();
}

/* May sleep; NULL: no memory. */
static struct posix_timer_table *get_table(void)
{
	struct posix_timer_table *tab = READ_ONCE(current->signal->posix_timers);
	struct posix_timer_table *new;

	if (tab)
		return tab;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return NULL;
	mutex_init(&new->lock);
	spin_lock_init(&new->list_lock);
	INIT_LIST_HEAD(&new->timers);
	INIT_LIST_HEAD(&new->cpu_armed);
	tab = cmpxchg(&current->signal->posix_timers, NULL, (void *)new);
	if (!tab)
		return new;
	kfree(new);
	return tab;
}

static void free_timer(struct posix_timer_table *tab, struct posix_timer *pt)
{
	if (pt->on_cpu_clock)
		cpu_timer_free(&pt->cpu);
	else
		hrtimer_cancel(&pt->timer);
	spin_lock_irq(&tab->list_lock);
	list_del(&pt->list);
	spin_unlock_irq(&tab->list_lock);
	put_pid(pt->pid);
	kfree(pt);
}

void exit_posix_timers(struct task_struct *t)
{
	struct posix_timer_table *tab = t->signal->posix_timers;
	struct posix_timer *pt, *next;

	if (!tab)
		return;
	list_for_each_entry_safe(pt, next, &tab->timers, list)
		free_timer(tab, pt);
	/* A tick looks at it with this lock: after it, no more. */
	spin_lock_irq(&t->sighand->siglock);
	t->signal->posix_timers = NULL;
	spin_unlock_irq(&t->sighand->siglock);
	kfree(tab);
}

/*
 * A timer's signal is being taken by a thread of current's process: tell how
 * many more there would have been.  siglock held.
 */
void posix_timer_taken(siginfo_t *info)
{
	struct posix_timer_table *tab = current->signal->posix_timers;
	struct posix_timer *pt;

	if (!tab)
		return;
	spin_lock(&tab->list_lock);
	list_for_each_entry(pt, &tab->timers, list) {
		if (pt->id != info->si_tid)
			continue;
		pt->overrun_last = pt->overrun;
		pt->overrun = 0;
		info->si_overrun = pt->overrun_last;
	}
	spin_unlock(&tab->list_lock);
}

/* Find timer `id` of current with its table locked; NULL: none, unlocked. */
static struct posix_timer *lock_timer(int id, struct posix_timer_table **tabp)
{
	struct posix_timer_table *tab = READ_ONCE(current->signal->posix_timers);
	struct posix_timer *pt;

	*tabp = tab;
	if (!tab)
		return NULL;
	mutex_lock(&tab->lock);
	list_for_each_entry(pt, &tab->timers, list)
		if (pt->id == id)
			return pt;
	mutex_unlock(&tab->lock);
	return NULL;
}

/* Who gets the signal: with a reference, NULL if the event makes no sense. */
static struct pid *event_target(const struct sigevent_abi *ev)
{
	struct task_struct *t;
	struct pid *pid = NULL;

	if (ev->sigev_notify == SIGEV_NONE)
		return get_pid(task_tgid(current));
	if (ev->sigev_signo <= 0 || ev->sigev_signo > NSIG)
		return NULL;
	if (ev->sigev_notify == SIGEV_SIGNAL)
		return get_pid(task_tgid(current));
	if (ev->sigev_notify != SIGEV_THREAD_ID)
		return NULL;
	rcu_read_lock();
	t = find_task_by_vpid(ev->tid);
	if (t && same_thread_group(t, current))
		pid = get_pid(task_pid(t));
	rcu_read_unlock();
	return pid;
}

/* CPU clocks are below 0, or the two that name the caller's own. */
static bool is_cpu_clock(clockid_t clock)
{
	return clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID ||
	       clock == CLOCK_THREAD_CPUTIME_ID;
}

static bool clock_has_timers(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC ||
	       clock == CLOCK_BOOTTIME || clock == CLOCK_TAI;
}

SYSCALL_DEFINE3(timer_create, clockid_t, clock,
		struct sigevent_abi __user *, uev, int __user *, idp)
{
	struct sigevent_abi ev = { .sigev_signo = SIGALRM };
	struct posix_timer_table *tab = get_table();
	struct posix_timer *pt;

	if (!is_cpu_clock(clock) && !clock_has_timers(clock))
		return -EINVAL;
	if (uev && copy_from_user(&ev, uev, sizeof(ev)))
		return -EFAULT;
	pt = tab ? kzalloc(sizeof(*pt), GFP_KERNEL) : NULL;
	if (!pt)
		return -EAGAIN;
	pt->pid = event_target(&ev);
	if (!pt->pid) {
		kfree(pt);
		return -EINVAL;
	}
	pt->clock = clock;
	pt->notify = ev.sigev_notify;
	pt->signo = ev.sigev_signo;
	if (is_cpu_clock(clock)) {
		pt->on_cpu_clock = true;
		pt->cpu.fire = cpu_fire;
		if (cpu_timer_init(&pt->cpu, clock)) {
			put_pid(pt->pid);
			kfree(pt);
			return -EINVAL;
		}
	} else {
		hrtimer_init(&pt->timer, clock, HRTIMER_MODE_ABS);
		pt->timer.function = posix_fire;
	}
	mutex_lock(&tab->lock);
	pt->id = tab->next_id++;
	pt->value = uev ? ev.sigev_value : (u64)pt->id;
	spin_lock_irq(&tab->list_lock);
	list_add_tail(&pt->list, &tab->timers);
	spin_unlock_irq(&tab->list_lock);
	mutex_unlock(&tab->lock);
	return put_user(pt->id, idp);
}

static void get_setting(struct posix_timer *pt, struct itimerspec64 *its)
{
	ktime_t left = 0;

	if (pt->on_cpu_clock)
		left = cpu_timer_left(&pt->cpu);
	else if (hrtimer_active(&pt->timer))
		left = max(hrtimer_get_remaining(&pt->timer), (ktime_t)1);
	its->it_value = ns_to_timespec64(left);
	its->it_interval = ns_to_timespec64(pt->interval);
}

static void set_timer(struct posix_timer *pt, struct list_head *armed, int flags,
		      const struct itimerspec64 *its)
{
	ktime_t value = timespec64_to_ktime(its->it_value), now;

	if (!pt->on_cpu_clock)
		hrtimer_cancel(&pt->timer);
	pt->interval = timespec64_to_ktime(its->it_interval);
	pt->overrun = pt->overrun_last = 0;
	pt->armed = value != 0;
	if (pt->on_cpu_clock) {
		cpu_timer_set(&pt->cpu, armed, flags & TIMER_ABSTIME, value,
			      pt->interval);
		return;
	}
	if (!value)
		return;
	if (!(flags & TIMER_ABSTIME)) {
		ktime_get_clock(pt->clock, &now);
		value = ktime_add_safe(now, value);
	}
	hrtimer_start(&pt->timer, value, HRTIMER_MODE_ABS);
}

SYSCALL_DEFINE4(timer_settime, int, id, int, flags,
		const struct itimerspec64 __user *, new,
		struct itimerspec64 __user *, old)
{
	struct itimerspec64 its, was;
	struct posix_timer_table *tab;
	struct posix_timer *pt;

	if (!new)
		return -EINVAL;
	if (copy_from_user(&its, new, sizeof(its)))
		return -EFAULT;
	if (!timespec64_valid(&its.it_value) ||
	    !timespec64_valid(&its.it_interval))
		return -EINVAL;
	pt = lock_timer(id, &tab);
	if (!pt)
		return -EINVAL;
	get_setting(pt, &was);
	set_timer(pt, &tab->cpu_armed, flags, &its);
	mutex_unlock(&tab->lock);
	return old && copy_to_user(old, &was, sizeof(was)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(timer_gettime, int, id, struct itimerspec64 __user *, setting)
{
	struct itimerspec64 its;
	struct posix_timer_table *tab;
	struct posix_timer *pt = lock_timer(id, &tab);

	if (!pt)
		return -EINVAL;
	get_setting(pt, &its);
	mutex_unlock(&tab->lock);
	return copy_to_user(setting, &its, sizeof(its)) ? -EFAULT : 0;
}

SYSCALL_DEFINE1(timer_getoverrun, int, id)
{
	struct posix_timer_table *tab;
	struct posix_timer *pt = lock_timer(id, &tab);
	int overrun;

	if (!pt)
		return -EINVAL;
	overrun = pt->overrun_last;
	mutex_unlock(&tab->lock);
	return overrun;
}

SYSCALL_DEFINE1(timer_delete, int, id)
{
	struct posix_timer_table *tab;
	struct posix_timer *pt = lock_timer(id, &tab);

	if (!pt)
		return -EINVAL;
	free_timer(tab, pt);
	mutex_unlock(&tab->lock);
	return 0;
}
