/* SPDX-License-Identifier: MIT */
/*
 * clock_calls.c -- programs ask what time it is, set it, and sleep
 *
 * Clock numbers below zero name CPU clocks of processes and threads, with the
 * pid in them: (~pid << 3) | thread << 2 | kind (cpu_timers.c).
 *
 * A sleep that a signal breaks: a handler runs and the call fails with EINTR
 * and the time left; if there is none to run, it goes on.  Absolute sleeps are
 * simply made again (-ERESTARTNOHAND); relative ones must not begin anew, so
 * restart_block keeps the absolute end and sys_restart_syscall comes back here.
 *
 * SEE clock_gettime(2), clock_nanosleep(2).
 */

#include <arch/uaccess.h>
#include <kernel/cputime.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/hrtimer.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/timekeeping.h>

#include "cpu_timers.h"
#include "timekeeping_internal.h"


int get_timespec64(struct timespec64 *ts, const struct timespec64 __user *u)
{
	return copy_from_user(ts, u, sizeof(*ts)) ? -EFAULT : 0;
}

int put_timespec64(const struct timespec64 *ts, struct timespec64 __user *u)
{
	return copy_to_user(u, ts, sizeof(*ts)) ? -EFAULT : 0;
}

int get_timeval(struct timeval *tv, const struct timeval __user *u)
{
	return copy_from_user(tv, u, sizeof(*tv)) ? -EFAULT : 0;
}

int put_timeval(const struct timeval *tv, struct timeval __user *u)
{
	return copy_to_user(u, tv, sizeof(*tv)) ? -EFAULT : 0;
}

int posix_clock_get(clockid_t clock, ktime_t *now)
{
	return is_cpu_clock(clock) ? cpu_clock_get(clock, now)
				   : ktime_get_clock(clock, now);
}

static bool clock_exists(clockid_t clock)
{
	ktime_t now;

	return is_cpu_clock(clock) ? cpu_clock_exists(clock)
				   : !ktime_get_clock(clock, &now);
}

SYSCALL_DEFINE2(clock_gettime, clockid_t, clock, struct timespec64 __user *, tp)
{
	struct timespec64 ts;
	ktime_t now;
	int err = posix_clock_get(clock, &now);

	if (err)
		return err;
	ts = ns_to_timespec64(now);
	return put_timespec64(&ts, tp);
}

SYSCALL_DEFINE2(clock_getres, clockid_t, clock, struct timespec64 __user *, tp)
{
	struct timespec64 ts = { 0, 1 };

	if (!clock_exists(clock))
		return -EINVAL;
	if (clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE ||
	    (clock < 0 && CPUCLOCK_KIND(clock) != 2))
		ts.tv_nsec = TICK_NSEC;
	return tp ? put_timespec64(&ts, tp) : 0;
}

SYSCALL_DEFINE2(clock_settime, clockid_t, clock,
		const struct timespec64 __user *, tp)
{
	struct timespec64 ts;

	if (!clock_exists(clock))
		return -EINVAL;
	if (clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID ||
	    clock == CLOCK_THREAD_CPUTIME_ID)
		return clock < 0 ? -EPERM : -EINVAL;
	if (clock != CLOCK_REALTIME)
		return -EINVAL;
	if (get_timespec64(&ts, tp))
		return -EFAULT;
	if (!timespec64_valid(&ts))
		return -EINVAL;
	return capable(CAP_SYS_TIME) ? do_settimeofday64(&ts) : -EPERM;
}

SYSCALL_DEFINE2(gettimeofday, struct timeval __user *, tv,
		struct timezone __user *, tz)
{
	if (tv) {
		struct timeval now = ns_to_timeval(ktime_get_real());

		if (put_timeval(&now, tv))
			return -EFAULT;
	}
	if (tz && copy_to_user(tz, &sys_tz, sizeof(sys_tz)))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE2(settimeofday, struct timeval __user *, utv,
		struct timezone __user *, utz)
{
	struct timezone tz = sys_tz;
	struct timeval tv;
	struct timespec64 ts;

	if (utv) {
		if (get_timeval(&tv, utv))
			return -EFAULT;
		if (!timeval_valid(&tv))
			return -EINVAL;
	}
	if (utz && copy_from_user(&tz, utz, sizeof(tz)))
		return -EFAULT;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (tz.tz_minuteswest > 15 * 60 || tz.tz_minuteswest < -15 * 60)
		return -EINVAL;
	sys_tz = tz;
	if (!utv)
		return 0;
	ts = (struct timespec64){ tv.tv_sec, tv.tv_usec * NSEC_PER_USEC };
	return do_settimeofday64(&ts);
}

SYSCALL_DEFINE1(time, long __user *, tloc)
{
	long now = ktime_get_real_seconds();

	if (tloc && put_user(now, tloc))
		return -EFAULT;
	return now;
}

/* Tell how much was left; the result is `err`, or -EFAULT. */
static long report_left(ktime_t expires, clockid_t clock,
			struct timespec64 __user *rmtp, long err)
{
	struct timespec64 ts;
	ktime_t now, left;

	if (!rmtp)
		return err;
	left = posix_clock_get(clock, &now) ? 0 : expires - now;
	if (left <= 0)
		return 0;
	ts = ns_to_timespec64(left);
	return put_timespec64(&ts, rmtp) ? -EFAULT : err;
}

/* Sleep until `expires` on `clock`; 0, -EINTR, -EINVAL for a CPU clock. */
static int sleep_until(ktime_t expires, clockid_t clock, u64 slack)
{
	if (is_cpu_clock(clock))
		return cpu_clock_sleep(clock, expires);
	do {
		int ret;

		set_current_state(TASK_INTERRUPTIBLE);
		ret = schedule_hrtimeout_range_clock(&expires, slack,
						     HRTIMER_MODE_ABS, clock);
		if (!ret)
			return 0;
	} while (!signal_pending(current));
	return -EINTR;
}

static u64 slack_of(struct task_struct *t)
{
	return t->policy == SCHED_FIFO || t->policy == SCHED_RR
		       ? 0 : t->timer_slack_ns;
}

static long nanosleep_restart(struct restart_block *rb)
{
	ktime_t expires = rb->nanosleep.expires;
	clockid_t clock = rb->nanosleep.clockid;

	int err = sleep_until(expires, clock, slack_of(current));

	if (err != -EINTR)
		return err;
	return report_left(expires, clock, rb->nanosleep.rmtp,
			   -ERESTART_RESTARTBLOCK);
}

static long do_nanosleep(clockid_t clock, bool absolute, ktime_t when,
			 struct timespec64 __user *rmtp)
{
	struct restart_block *rb = &current->restart_block;
	ktime_t now;
	int err;

	if (!absolute) {
		/* "From now" does not move when somebody sets the clock. */
		if (clock == CLOCK_REALTIME)
			clock = CLOCK_MONOTONIC;
		err = posix_clock_get(clock, &now);
		if (err)
			return err;
		when = ktime_add_safe(now, when);
	}
	err = sleep_until(when, clock, slack_of(current));
	if (err != -EINTR)
		return err;
	if (absolute)
		return -ERESTARTNOHAND;
	rb->fn = nanosleep_restart;
	rb->nanosleep.clockid = clock;
	rb->nanosleep.rmtp = rmtp;
	rb->nanosleep.expires = when;
	return report_left(when, clock, rmtp, -ERESTART_RESTARTBLOCK);
}

SYSCALL_DEFINE2(nanosleep, struct timespec64 __user *, rqtp,
		struct timespec64 __user *, rmtp)
{
	struct timespec64 ts;

	if (get_timespec64(&ts, rqtp))
		return -EFAULT;
	if (!timespec64_valid(&ts))
		return -EINVAL;
	return do_nanosleep(CLOCK_MONOTONIC, false, timespec64_to_ktime(ts),
			    rmtp);
}

SYSCALL_DEFINE4(clock_nanosleep, clockid_t, clock, int, flags,
		const struct timespec64 __user *, rqtp,
		struct timespec64 __user *, rmtp)
{
	struct timespec64 ts;
	ktime_t now;

	if (!is_cpu_clock(clock) && posix_clock_get(clock, &now))
		return -EINVAL;
	if (clock == CLOCK_THREAD_CPUTIME_ID || is_device_clock(clock))
		return -EOPNOTSUPP;
	if (!is_cpu_clock(clock) && clock != CLOCK_REALTIME &&
	    clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME &&
	    clock != CLOCK_TAI)
		return -EOPNOTSUPP;
	if (get_timespec64(&ts, rqtp))
		return -EFAULT;
	if (!timespec64_valid(&ts))
		return -EINVAL;
	/* A thread that sleeps would wait for itself for ever. */
	if (clock < 0 && (clock & CPUCLOCK_PERTHREAD) &&
	    (!CPUCLOCK_PID(clock) ||
	     CPUCLOCK_PID(clock) == task_pid_vnr(current)))
		return -EINVAL;
	return do_nanosleep(clock, flags & TIMER_ABSTIME,
			    timespec64_to_ktime(ts), rmtp);
}
