/* SPDX-License-Identifier: MIT */
/*
 * adjtimex.c -- the door for time daemons
 *
 * Reading works wholly.  Of the ways to change the clock there are the
 * frequency, stepping it (ADJ_SETOFFSET), the TAI offset and the plain
 * variables; the kernel PLL and gradual correction (adjtime) are left out, and
 * asking for them is -EINVAL.  What is left of a gradual correction is thus 0.
 *
 * SEE adjtimex(2).
 */

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>

#include "timekeeping_internal.h"

struct timex {
	unsigned int modes;
	long offset, freq, maxerror, esterror;
	int status;
	long constant, precision, tolerance;
	struct timeval time;
	long tick, ppsfreq, jitter;
	int shift;
	long stabil, jitcnt, calcnt, errcnt, stbcnt;
	int tai;
	int reserved[11];
};
static_assert(sizeof(struct timex) == 208, "Linux ABI");

#define ADJ_FREQUENCY 0x0002
#define ADJ_MAXERROR 0x0004
#define ADJ_ESTERROR 0x0008
#define ADJ_STATUS 0x0010
#define ADJ_TIMECONST 0x0020
#define ADJ_TAI 0x0080
#define ADJ_SETOFFSET 0x0100
#define ADJ_NANO 0x2000
#define ADJ_OFFSET_SINGLESHOT 0x8001    /* alone: adjtime(), here only by 0 */
#define ADJ_OFFSET_SS_READ 0xa001       /* alone: read what adjtime() left */
#define ADJ_KNOWN (ADJ_FREQUENCY | ADJ_MAXERROR | ADJ_ESTERROR | ADJ_STATUS | \
		   ADJ_TIMECONST | ADJ_TAI | ADJ_SETOFFSET | ADJ_NANO)
#define STA_UNSYNC 0x0040
#define STA_NANO 0x2000
#define STA_RONLY 0xff00
#define TIME_OK 0
#define TIME_ERROR 5
#define MAXFREQ (500LL << 16)
#define MAX_ERROR_US 16000000

/* Guarded by being set by one privileged daemon; readers take what is there. */
static struct timex state = {
	.maxerror = MAX_ERROR_US,
	.esterror = MAX_ERROR_US,
	.status = STA_UNSYNC,
	.constant = 2,
	.precision = 1,
	.tolerance = MAXFREQ,
	.tick = USEC_PER_SEC / USER_HZ,
};

static int step_clock(const struct timex *tx)
{
	s64 sub = tx->time.tv_usec;
	struct timespec64 ts;

	if (sub < 0 || sub >= (tx->modes & ADJ_NANO ? NSEC_PER_SEC
						    : USEC_PER_SEC))
		return -EINVAL;
	if (!(tx->modes & ADJ_NANO))
		sub *= NSEC_PER_USEC;
	ts = ns_to_timespec64(ktime_get_real() +
			      tx->time.tv_sec * NSEC_PER_SEC + sub);
	return do_settimeofday64(&ts);
}

static int apply(struct timex *tx)
{
	if (tx->modes == ADJ_OFFSET_SINGLESHOT && !tx->offset)
		return 0;
	if (tx->modes & ~ADJ_KNOWN)
		return -EINVAL;
	if (tx->modes & ADJ_SETOFFSET) {
		int err = step_clock(tx);

		if (err)
			return err;
	}
	if (tx->modes & ADJ_FREQUENCY) {
		state.freq = clamp((s64)tx->freq, -(s64)MAXFREQ, (s64)MAXFREQ);
		timekeeping_set_freq(state.freq);
	}
	if (tx->modes & ADJ_MAXERROR)
		state.maxerror = tx->maxerror;
	if (tx->modes & ADJ_ESTERROR)
		state.esterror = tx->esterror;
	if (tx->modes & ADJ_STATUS)
		state.status = (state.status & STA_RONLY) |
			       (tx->status & ~STA_RONLY);
	if (tx->modes & ADJ_TAI) {
		s32 tai = tx->constant;

		timekeeping_tai(&tai);
	} else if (tx->modes & ADJ_TIMECONST) {
		state.constant = tx->constant;
	}
	if (tx->modes & ADJ_NANO)
		state.status |= STA_NANO;
	return 0;
}

static long do_adjtimex(struct timex __user *utx)
{
	struct timex tx;
	unsigned int modes;
	int err;

	if (copy_from_user(&tx, utx, sizeof(tx)))
		return -EFAULT;
	if (tx.modes == ADJ_OFFSET_SS_READ)
		tx.modes = 0;
	if (tx.modes && !capable(CAP_SYS_TIME))
		return -EPERM;
	err = apply(&tx);
	if (err)
		return err;
	modes = tx.modes;
	tx = state;
	tx.modes = modes;
	tx.tai = timekeeping_tai(NULL);
	tx.time = ns_to_timeval(ktime_get_real());
	if (tx.status & STA_NANO)
		tx.time.tv_usec = ktime_get_real() % NSEC_PER_SEC;
	if (copy_to_user(utx, &tx, sizeof(tx)))
		return -EFAULT;
	return state.status & STA_UNSYNC ? TIME_ERROR : TIME_OK;
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
