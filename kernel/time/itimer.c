/* SPDX-License-Identifier: MIT */
/*
 * itimer.c -- the three interval timers of a process, and its CPU time limit
 *
 *	ITIMER_REAL     time passes           SIGALRM    an hrtimer
 *	ITIMER_VIRTUAL  it runs, user mode    SIGVTALRM  looked at each tick
 *	ITIMER_PROF     it runs               SIGPROF    looked at each tick
 *
 * The state is made at the first use: most processes have none.  The hrtimer's
 * function runs in hard irq context and sends to the process's struct pid,
 * which outlives the process; exit_itimers() stops it when the last thread
 * leaves.
 *
 * LOCKING.  sighand->siglock guards all but the hrtimer itself, which is
 * cancelled without it, for its function's signal takes it.
 */

#include <kernel/itimer.h>

#include <arch/uaccess.h>
#include <kernel/cputime.h>
#include <kernel/errno.h>
#include <kernel/hrtimer.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>

#include "cpu_timers.h"
#include "timekeeping_internal.h"

struct cpu_itimer {
	u64 expires;                  /* ns of CPU time; 0: off */
	u64 interval;
};

struct itimers {
	struct hrtimer real;
	ktime_t real_interval;        /* 0: once */
	struct pid *pid;              /* with a reference */
	struct cpu_itimer virt, prof;
};

static enum hrtimer_restart real_fire(struct hrtimer *t)
{
	struct itimers *it = container_of(t, struct itimers, real);

	kill_pid_info(SIGALRM, SEND_SIG_PRIV, it->pid);
	if (!it->real_interval)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(t, it->real_interval);
	return HRTIMER_RESTART;
}

/* The process's timers, made if need be.  May sleep; NULL: no memory. */
static struct itimers *get_itimers(struct task_struct *t)
{
	struct itimers *it = READ_ONCE(t->signal->itimers), *new;

	if (it)
		return it;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return NULL;
	hrtimer_init(&new->real, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	new->real.function = real_fire;
	new->pid = get_pid(task_tgid(t));
	it = cmpxchg(&t->signal->itimers, NULL, (void *)new);
	if (!it)
		return new;
	put_pid(new->pid);            /* another thread was faster */
	kfree(new);
	return it;
}

/* The last thread exits: nobody else looks.  May sleep. */
void exit_itimers(struct task_struct *t)
{
	struct signal_struct *sig = t->signal;
	struct itimers *it = sig->itimers;

	exit_posix_timers(t);
	if (!it)
		return;
	hrtimer_cancel(&it->real);
	sig->itimers = NULL;
	put_pid(it->pid);
	kfree(it);
}

static void get_real(struct itimers *it, struct itimerval *v)
{
	ktime_t left = 0;

	if (hrtimer_active(&it->real)) {
		left = hrtimer_get_remaining(&it->real);
		/* Armed means not zero, even when it is due. */
		left = max(left, (ktime_t)NSEC_PER_USEC);
	}
	v->it_value = ns_to_timeval(left);
	v->it_interval = ns_to_timeval(it->real_interval);
}

static u64 cpu_now(struct task_struct *t, bool virt)
{
	u64 ut, st;

	thread_group_cputime(t, &ut, &st);
	return virt ? ut : ut + st;
}

static void get_cpu(struct cpu_itimer *ci, u64 now, struct itimerval *v)
{
	u64 left = 0;

	if (ci->expires)
		left = ci->expires > now ? ci->expires - now : TICK_NSEC;
	v->it_value = ns_to_timeval(left);
	v->it_interval = ns_to_timeval(ci->interval);
}

static int do_getitimer(int which, struct itimerval *v)
{
	struct itimers *it = READ_ONCE(current->signal->itimers);
	bool virt = which == ITIMER_VIRTUAL;

	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	memset(v, 0, sizeof(*v));
	if (!it)
		return 0;
	if (which == ITIMER_REAL)
		get_real(it, v);
	else
		get_cpu(virt ? &it->virt : &it->prof, cpu_now(current, virt),
			v);
	return 0;
}

static void set_real(struct itimers *it, const struct itimerval *v)
{
	ktime_t value = timeval_to_ktime(v->it_value);

	hrtimer_cancel(&it->real);
	it->real_interval = timeval_to_ktime(v->it_interval);
	if (value)
		hrtimer_start(&it->real, value, HRTIMER_MODE_REL);
	else
		it->real_interval = 0;
}

static void set_cpu(struct cpu_itimer *ci, u64 now, const struct itimerval *v)
{
	ktime_t value = timeval_to_ktime(v->it_value);

	spin_lock_irq(&current->sighand->siglock);
	ci->interval = timeval_to_ktime(v->it_interval);
	/* A tick more: the sample that reaches it may just have been taken. */
	ci->expires = value ? now + value + TICK_NSEC : 0;
	spin_unlock_irq(&current->sighand->siglock);
}

/* Process context, may sleep.  -EINVAL, -ENOMEM or 0. */
static int do_setitimer(int which, const struct itimerval *v,
			struct itimerval *old)
{
	struct itimers *it;
	bool virt = which == ITIMER_VIRTUAL;
	int err;

	if (!timeval_valid(&v->it_value) || !timeval_valid(&v->it_interval))
		return -EINVAL;
	err = do_getitimer(which, old);
	if (err)
		return err;
	it = get_itimers(current);
	if (!it)
		return -ENOMEM;
	if (which == ITIMER_REAL)
		set_real(it, v);
	else
		set_cpu(virt ? &it->virt : &it->prof, cpu_now(current, virt),
			v);
	return 0;
}

SYSCALL_DEFINE2(getitimer, int, which, struct itimerval __user *, value)
{
	struct itimerval v;
	int err = do_getitimer(which, &v);

	if (err)
		return err;
	return copy_to_user(value, &v, sizeof(v)) ? -EFAULT : 0;
}

/* A NULL value disarms: Linux warns about it, but does it. */
SYSCALL_DEFINE3(setitimer, int, which, struct itimerval __user *, value,
		struct itimerval __user *, ovalue)
{
	struct itimerval v = { 0 }, old;
	int err;

	if (value && copy_from_user(&v, value, sizeof(v)))
		return -EFAULT;
	err = do_setitimer(which, &v, &old);
	if (err || !ovalue)
		return err;
	return copy_to_user(ovalue, &old, sizeof(old)) ? -EFAULT : 0;
}

SYSCALL_DEFINE1(alarm, unsigned int, seconds)
{
	struct itimerval v = { 0 }, old;

	v.it_value.tv_sec = min(seconds, (unsigned int)INT_MAX);
	if (do_setitimer(ITIMER_REAL, &v, &old))
		return 0;
	/* Never 0 while armed; the nearest second otherwise. */
	if ((!old.it_value.tv_sec && old.it_value.tv_usec) ||
	    old.it_value.tv_usec >= USEC_PER_SEC / 2)
		old.it_value.tv_sec++;
	return old.it_value.tv_sec;
}

/* siglock held. */
static bool cpu_itimer_due(struct cpu_itimer *ci, u64 now)
{
	if (!ci->expires || now < ci->expires)
		return false;
	ci->expires = ci->interval ? ci->expires + ci->interval : 0;
	return true;
}

/* RLIMIT_CPU: SIGXCPU each second past the soft limit, then SIGKILL. */
static void check_cpu_limit(struct task_struct *t)
{
	struct rlimit *lim = &t->signal->rlim[RLIMIT_CPU];
	u64 secs;

	if (likely(READ_ONCE(lim->rlim_cur) == RLIM_INFINITY))
		return;
	secs = thread_group_sched_runtime(t) / NSEC_PER_SEC;
	if (secs >= lim->rlim_max) {
		send_sig_info(SIGKILL, SEND_SIG_PRIV, t);
	} else if (secs >= lim->rlim_cur) {
		WRITE_ONCE(lim->rlim_cur, secs + 1);
		group_send_sig_info(SIGXCPU, SEND_SIG_PRIV, t, PIDTYPE_TGID);
	}
}

/* RLIMIT_RTTIME: microseconds that a real-time task may run without
 * sleeping. */
static void check_rt_limit(struct task_struct *t)
{
	struct rlimit *lim = &t->signal->rlim[RLIMIT_RTTIME];
	u64 us;

	if (t->policy != SCHED_FIFO && t->policy != SCHED_RR)
		return;
	if (likely(READ_ONCE(lim->rlim_cur) == RLIM_INFINITY))
		return;
	us = ++t->rt_ticks * (TICK_NSEC / NSEC_PER_USEC);
	if (us >= lim->rlim_max) {
		send_sig_info(SIGKILL, SEND_SIG_PRIV, t);
	} else if (us >= lim->rlim_cur) {
		WRITE_ONCE(lim->rlim_cur, lim->rlim_cur + USEC_PER_SEC);
		group_send_sig_info(SIGXCPU, SEND_SIG_PRIV, t, PIDTYPE_TGID);
	}
}

/* Tick, irqs off; t is current. */
void run_cpu_timers(struct task_struct *t, bool user)
{
	struct itimers *it;
	u64 ut, st;
	bool virt, prof;

	if ((t->flags & (PF_KTHREAD | PF_EXITING)) || !t->sighand)
		return;
	check_cpu_limit(t);
	check_rt_limit(t);
	run_posix_cpu_timers(t);
	it = READ_ONCE(t->signal->itimers);
	if (!it || (!it->virt.expires && !it->prof.expires))
		return;
	thread_group_cputime(t, &ut, &st);
	spin_lock(&t->sighand->siglock);
	virt = cpu_itimer_due(&it->virt, ut);
	prof = cpu_itimer_due(&it->prof, ut + st);
	spin_unlock(&t->sighand->siglock);
	if (virt)
		group_send_sig_info(SIGVTALRM, SEND_SIG_PRIV, t, PIDTYPE_TGID);
	if (prof)
		group_send_sig_info(SIGPROF, SEND_SIG_PRIV, t, PIDTYPE_TGID);
}
