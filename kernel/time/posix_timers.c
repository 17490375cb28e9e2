/* SPDX-License-Identifier: MIT */
/*
 * posix_timers.c -- timer_create() and its family
 *
 * PROMISE.  Each timer has at most one signal waiting; what else it would have
 * sent is counted and told with it.  A timer's signal is never lost, however
 * many others with its number wait, and costs an interrupt only once per signal
 * taken.
 *
 * IDEA.  A timer is an hrtimer and an entry for the signal queue (sigqueue.c),
 * both made beforehand.  A periodic one is not started again when it fires, but
 * when its signal is taken: dequeue_signal() calls posix_timer_taken(), which
 * moves the expiry beyond now by whole intervals and so knows how many were
 * missed.  So an interval of a nanosecond is no attack:
 *
 *	fires -> signal queued ......... taken: overrun = 3
 *	E        E+i     E+2i    E+3i    |       E+4i: armed for this one
 *
 * If nobody wants the signal (it is ignored) the timer goes on by itself, a
 * tick apart at least.  SIGEV_NONE arms nothing: what is left can be reckoned.
 *
 * A timer on a CPU-time clock, of whatever process, has a struct cpu_timer in
 * place of the hrtimer (cpu_timers.c): a tick finds it due, however short its
 * interval.
 *
 * The timers of a process hang in a list off its signal_struct; numbers are
 * given out in order; their number is bounded by RLIMIT_SIGPENDING.
 *
 * INVARIANTS.  I1 A timer that is not in the list is not armed again.
 *
 * LOCKING.  The table's mutex guards the list, and is held by who sets a timer.
 * posix_timer_taken() has siglock and may not sleep: list_lock guards the list
 * and the timer's state against it.  Order: mutex, siglock, list_lock.
 *
 * SEE timer_create(2), timer_getoverrun(2).
 *
 * EXERCISES.  1. What would a program see if an expiry during execve() stayed
 * in the queue?  2. Why does a relative timer of CLOCK_REALTIME run on another
 * clock?
 */

#include <kernel/itimer.h>

#include <arch/uaccess.h>
#include <kernel/errno.h>
#include <kernel/hrtimer.h>
#include <kernel/jiffies.h>
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

/*
 * Field keys:  [c] constant  [m] the table's mutex  [l] list_lock
 *   [f] its function while that runs, else [l]  [S] siglock of the process
 */
struct posix_timer {
	struct hrtimer timer;         /* [f] */
	struct cpu_timer cpu;         /* instead, if on_cpu_clock */
	bool on_cpu_clock;            /* [c] */
	struct list_head list;        /* [l] */
	int id;                       /* [c] */
	clockid_t clock;              /* [c] */
	clockid_t base;               /* [m] the hrtimer's */
	int notify;                   /* [c] SIGEV_* */
	struct sigqueue *sigq;        /* [c] ours; NULL: SIGEV_NONE */
	struct pid *pid;              /* [c] a reference: who gets the signal */
	ktime_t interval;             /* [l] 0: once */
	bool rearm;                   /* [f] when its signal is taken */
	s64 overrun;                  /* [f] since the last signal taken */
	int overrun_last;             /* [l] told with it */
};

struct posix_timer_table {
	struct mutex lock;
	spinlock_t list_lock;
	struct list_head timers;      /* lock, and list_lock to change */
	int next_id;
};

static enum pid_type target_type(const struct posix_timer *pt)
{
	return pt->notify == SIGEV_THREAD_ID ? PIDTYPE_PID : PIDTYPE_TGID;
}

/*
 * 0: the signal waits to be taken; 1: nobody wants it.  A CPU clock's timer
 * was due `times` since it was looked at last.  Hard irq.
 */
static int send(struct posix_timer *pt, u64 times)
{
	struct task_struct *t;
	unsigned long flags;
	int unwanted = 1;

	rcu_read_lock();
	t = pid_task(pt->pid, target_type(pt));
	if (t && lock_task_sighand(t, &flags)) {
		pt->overrun += times;
		unwanted = send_sigqueue(pt->sigq, t, target_type(pt));
		unlock_task_sighand(t, &flags);
	}
	rcu_read_unlock();
	return unwanted;
}

static enum hrtimer_restart posix_fire(struct hrtimer *t)
{
	struct posix_timer *pt = container_of(t, struct posix_timer, timer);
	ktime_t interval = pt->interval;

	pt->rearm = interval != 0;    /* seen by who takes it, under siglock */
	if (!send(pt, 0) || !interval)
		return HRTIMER_NORESTART;
	pt->rearm = false;
	pt->overrun += hrtimer_forward_now(t, max(interval,
						  (ktime_t)TICK_NSEC));
	return HRTIMER_RESTART;
}

static void cpu_fire(struct cpu_timer *ct, u64 more)
{
	struct posix_timer *pt = container_of(ct, struct posix_timer, cpu);

	if (pt->notify != SIGEV_NONE)
		send(pt, more + 1);
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
	tab = cmpxchg(&current->signal->posix_timers, NULL, (void *)new);
	if (!tab)
		return new;
	kfree(new);
	return tab;
}

/* It is in no list, and not armed. */
static void destroy_timer(struct posix_timer *pt)
{
	if (pt->sigq)
		sigqueue_release(pt->sigq);
	put_pid(pt->pid);
	kfree(pt);
}

/* A signal that waits stays, with nobody to be told of. */
static void free_timer(struct posix_timer_table *tab, struct posix_timer *pt)
{
	spin_lock_irq(&tab->list_lock);
	list_del(&pt->list);                                       /* I1 */
	spin_unlock_irq(&tab->list_lock);
	if (pt->on_cpu_clock)
		cpu_timer_free(&pt->cpu);
	else
		hrtimer_cancel(&pt->timer);
	destroy_timer(pt);
}

void exit_posix_timers(struct task_struct *t)
{
	struct posix_timer_table *tab = t->signal->posix_timers;
	struct posix_timer *pt, *next;

	if (!tab)
		return;
	list_for_each_entry_safe(pt, next, &tab->timers, list)
		free_timer(tab, pt);
	spin_lock_irq(&t->sighand->siglock);
	flush_timer_signals(t);
	t->signal->posix_timers = NULL;
	spin_unlock_irq(&t->sighand->siglock);
	kfree(tab);
}

/* list_lock held.  The expiry goes beyond now, and who missed one is
 * counted. */
static void tell_overrun(struct posix_timer *pt, siginfo_t *info)
{
	if (pt->on_cpu_clock ? !pt->interval : !pt->rearm)
		return;
	if (!pt->on_cpu_clock) {
		pt->rearm = false;
		pt->overrun += hrtimer_forward_now(&pt->timer, pt->interval);
		hrtimer_restart(&pt->timer);
	}
	pt->overrun_last = clamp(pt->overrun, (s64)0, (s64)DELAYTIMER_MAX);
	pt->overrun = -1;             /* the next one is no overrun */
	info->si_overrun = pt->overrun_last;
}

/*
 * A timer's signal is being taken by a thread of current's process: tell how
 * many more there would have been, and go on.  siglock held.
 */
void posix_timer_taken(siginfo_t *info)
{
	struct posix_timer_table *tab = current->signal->posix_timers;
	struct posix_timer *pt;

	if (!tab)
		return;
	spin_lock(&tab->list_lock);
	list_for_each_entry(pt, &tab->timers, list) {
		if (pt->id == info->si_tid) {
			tell_overrun(pt, info);
			break;
		}
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

static bool clock_has_timers(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC ||
	       clock == CLOCK_BOOTTIME || clock == CLOCK_TAI;
}

/* 0, -EINVAL for the clock or the event, -EAGAIN over the limit. */
static int init_timer(struct posix_timer *pt, clockid_t clock,
		      const struct sigevent_abi *ev)
{
	int err;

	pt->clock = clock;
	pt->notify = ev->sigev_notify;
	pt->overrun = -1;
	pt->on_cpu_clock = is_cpu_clock(clock);
	pt->pid = event_target(ev);
	if (!pt->pid)
		return -EINVAL;
	if (pt->notify != SIGEV_NONE) {
		pt->sigq = sigqueue_keep();
		if (!pt->sigq)
			return -EAGAIN;
		pt->sigq->info.si_signo = ev->sigev_signo;
		pt->sigq->info.si_code = SI_TIMER;
	}
	if (pt->on_cpu_clock) {
		err = cpu_timer_init(&pt->cpu, clock);
		pt->cpu.fire = cpu_fire;
		return err;
	}
	pt->base = clock;
	hrtimer_setup(&pt->timer, posix_fire, clock, HRTIMER_MODE_ABS);
	return 0;
}

/* Its number is told before it can be found: who cannot be told has none. */
static int publish_timer(struct posix_timer_table *tab, struct posix_timer *pt,
			 const u64 *value, int __user *idp)
{
	int err = 0;

	mutex_lock(&tab->lock);
	pt->id = tab->next_id++;
	if (pt->sigq) {
		pt->sigq->info.si_tid = pt->id;
		pt->sigq->info.si_value.sival_ptr =
			(void *)(value ? *value : (u64)pt->id);
	}
	if (put_user(pt->id, idp)) {
		err = -EFAULT;
	} else {
		spin_lock_irq(&tab->list_lock);
		list_add_tail(&pt->list, &tab->timers);
		spin_unlock_irq(&tab->list_lock);
	}
	mutex_unlock(&tab->lock);
	return err;
}

SYSCALL_DEFINE3(timer_create, clockid_t, clock,
		struct sigevent_abi __user *, uev, int __user *, idp)
{
	struct sigevent_abi ev = { .sigev_signo = SIGALRM };
	struct posix_timer_table *tab = get_table();
	struct posix_timer *pt;
	ktime_t now;
	int err;

	if (is_device_clock(clock))
		return -EOPNOTSUPP;
	if (!is_cpu_clock(clock) && !clock_has_timers(clock))
		return ktime_get_clock(clock, &now) ? -EINVAL : -EOPNOTSUPP;
	if (uev && copy_from_user(&ev, uev, sizeof(ev)))
		return -EFAULT;
	pt = tab ? kzalloc(sizeof(*pt), GFP_KERNEL) : NULL;
	if (!pt)
		return -EAGAIN;
	err = init_timer(pt, clock, &ev);
	if (!err) {
		err = publish_timer(tab, pt, uev ? &ev.sigev_value : NULL, idp);
		if (err && pt->on_cpu_clock)
			cpu_timer_free(&pt->cpu);
	}
	if (err)
		destroy_timer(pt);
	return err;
}

/* An armed hrtimer's time to go; SIGEV_NONE's is reckoned.  list_lock held. */
static ktime_t time_left(struct posix_timer *pt)
{
	ktime_t now, left;

	if (!hrtimer_get_expires(&pt->timer))
		return 0;             /* never set, or disarmed */
	now = hrtimer_cb_get_time(&pt->timer);
	if (pt->interval && !hrtimer_active(&pt->timer))
		pt->overrun += hrtimer_forward(&pt->timer, now, pt->interval);
	left = hrtimer_get_expires(&pt->timer) - now;
	if (left > 0)
		return left;
	/* Fired, once: nothing is left.  On its way: not yet 0. */
	return pt->notify == SIGEV_NONE || !hrtimer_active(&pt->timer) ? 0 : 1;
}

static void get_setting(struct posix_timer_table *tab, struct posix_timer *pt,
			struct itimerspec64 *its)
{
	ktime_t left;

	if (pt->on_cpu_clock) {
		left = cpu_timer_left(&pt->cpu);
	} else {
		spin_lock_irq(&tab->list_lock);
		left = time_left(pt);
		spin_unlock_irq(&tab->list_lock);
	}
	its->it_value = ns_to_timespec64(left);
	its->it_interval = ns_to_timespec64(pt->interval);
}

/* Takes list_lock with the timer idle, and nobody to start it again. */
static void lock_stopped(struct posix_timer_table *tab, struct posix_timer *pt)
{
	if (pt->on_cpu_clock)
		cpu_timer_stop(&pt->cpu);
	for (;;) {
		spin_lock_irq(&tab->list_lock);
		if (pt->on_cpu_clock || hrtimer_try_to_cancel(&pt->timer) >= 0)
			break;
		spin_unlock_irq(&tab->list_lock);
		cpu_relax();
	}
	pt->rearm = false;
}

/*
 * A relative time of the real-time clock is a span: it shall not change when
 * somebody sets the clock.
 */
static void arm(struct posix_timer *pt, int flags, ktime_t value)
{
	pt->base = pt->clock;
	if (pt->clock == CLOCK_REALTIME && !(flags & TIMER_ABSTIME))
		pt->base = CLOCK_MONOTONIC;
	hrtimer_setup(&pt->timer, posix_fire, pt->base, HRTIMER_MODE_ABS);
	if (!value) {
		hrtimer_set_expires(&pt->timer, 0);
		return;
	}
	if (!(flags & TIMER_ABSTIME))
		value = ktime_add_safe(hrtimer_cb_get_time(&pt->timer), value);
	hrtimer_set_expires(&pt->timer, value);
	if (pt->notify != SIGEV_NONE)
		hrtimer_start_expires(&pt->timer, HRTIMER_MODE_ABS);
}

/* 0, or -ESRCH: the process whose time it counts is gone. */
static int set_timer(struct posix_timer_table *tab, struct posix_timer *pt,
		     int flags, const struct itimerspec64 *its)
{
	ktime_t value = timespec64_to_ktime(its->it_value);

	lock_stopped(tab, pt);
	pt->interval = value ? timespec64_to_ktime(its->it_interval) : 0;
	pt->overrun = -1;
	pt->overrun_last = 0;
	if (!pt->on_cpu_clock)
		arm(pt, flags, value);
	spin_unlock_irq(&tab->list_lock);
	return !pt->on_cpu_clock ? 0 :
	       cpu_timer_set(&pt->cpu, flags & TIMER_ABSTIME, value,
			     pt->interval);
}

SYSCALL_DEFINE4(timer_settime, int, id, int, flags,
		const struct itimerspec64 __user *, new,
		struct itimerspec64 __user *, old)
{
	struct itimerspec64 its, was;
	struct posix_timer_table *tab;
	struct posix_timer *pt;
	int err;

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
	get_setting(tab, pt, &was);
	err = set_timer(tab, pt, flags, &its);
	mutex_unlock(&tab->lock);
	if (err)
		return err;
	return old && copy_to_user(old, &was, sizeof(was)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(timer_gettime, int, id, struct itimerspec64 __user *, setting)
{
	struct itimerspec64 its;
	struct posix_timer_table *tab;
	struct posix_timer *pt = lock_timer(id, &tab);

	if (!pt)
		return -EINVAL;
	get_setting(tab, pt, &its);
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
