/* SPDX-License-Identifier: MIT */
/*
 * adjtimex.c -- the door for time daemons
 *
 * What is asked for is checked here and done in ntp.c; the clock is stepped
 * (ADJ_SETOFFSET) and the TAI offset set in timekeeping.c.  Reading is for all,
 * each change for CAP_SYS_TIME.  adjtime() comes in by ADJ_ADJTIME, which is no
 * bit like the others: with it, the rest has another meaning.
 *
 * SEE adjtimex(2), docs/115-clock-discipline.md.
 */

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>

#include "ntp.h"
#include "timekeeping_internal.h"

#define TICK_MIN_US (900000 / USER_HZ)        /* 10 % are too far off */
#define TICK_MAX_US (1100000 / USER_HZ)
#define PPM_SCALE (1000LL << 16)              /* freq's unit in ns >> 32 */

static int step_clock(const struct timex *tx)
{
	s64 sub = tx->time.tv_usec;
	struct timespec64 ts;

	if (!(tx->modes & ADJ_NANO))
		sub *= NSEC_PER_USEC;
	ts = ns_to_timespec64(ktime_get_real() +
			      tx->time.tv_sec * NSEC_PER_SEC + sub);
	return do_settimeofday64(&ts);
}

/* adjtime(): alone, and to read it needs no privilege. */
static int check_adjtime(const struct timex *tx)
{
	if (!(tx->modes & ADJ_OFFSET))
		return -EINVAL;
	if (!(tx->modes & ADJ_OFFSET_READONLY) && !capable(CAP_SYS_TIME))
		return -EPERM;
	return 0;
}

static int check_modes(const struct timex *tx)
{
	if (tx->modes && !capable(CAP_SYS_TIME))
		return -EPERM;
	if ((tx->modes & ADJ_TICK) &&
	    (tx->tick < TICK_MIN_US || tx->tick > TICK_MAX_US))
		return -EINVAL;
	return 0;
}

static int check(const struct timex *tx)
{
	int err = tx->modes & ADJ_ADJTIME ? check_adjtime(tx)
					  : check_modes(tx);

	if (err)
		return err;
	if (tx->modes & ADJ_SETOFFSET) {
		if (!capable(CAP_SYS_TIME))
			return -EPERM;
		if (tx->time.tv_usec < 0 ||
		    tx->time.tv_usec >= (tx->modes & ADJ_NANO ? NSEC_PER_SEC
							      : USEC_PER_SEC))
			return -EINVAL;
	}
	if ((tx->modes & ADJ_FREQUENCY) &&
	    (tx->freq < -(S64_MAX / PPM_SCALE) || tx->freq > S64_MAX / PPM_SCALE))
		return -EINVAL;
	return 0;
}

static long do_adjtimex(struct timex __user *utx)
{
	struct timex tx;
	s32 new_tai;
	ktime_t now;
	bool set_tai;
	int state, err;

	if (copy_from_user(&tx, utx, sizeof(tx)))
		return -EFAULT;
	err = check(&tx);
	if (!err && (tx.modes & ADJ_SETOFFSET))
		err = step_clock(&tx);
	if (err)
		return err;
	update_wall_time();           /* seconds that have begun meanwhile */
	new_tai = tx.constant;
	state = ntp_adjtimex(&tx, ktime_get_real_seconds(), ktime_get(),
			     &set_tai);
	if (tx.modes)
		timekeeping_update_rate();
	tx.tai = timekeeping_tai(set_tai ? &new_tai : NULL);
	now = ktime_get_real();
	tx.time = ns_to_timeval(now);
	if (tx.status & STA_NANO)
		tx.time.tv_usec = now % NSEC_PER_SEC;
	return copy_to_user(utx, &tx, sizeof(tx)) ? -EFAULT : state;
}

SYSCALL_DEFINE1(adjtimex, struct timex __user *, utx)
{
	return do_adjtimex(utx);
}

SYSCALL_DEFINE2(clock_adjtime, clockid_t, clock, struct timex __user *, utx)
{
	ktime_t now;

	if (clock != CLOCK_REALTIME)
		return posix_clock_get(clock, &now) ? -EINVAL : -EOPNOTSUPP;
	return do_adjtimex(utx);
}
