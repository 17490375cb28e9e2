/* SPDX-License-Identifier: MIT */
/*
 * ntp.c -- the clock discipline: how a time daemon's corrections are carried
 * out, second by second
 *
 * PROMISE.  A correction never makes the clock jump or go back: it runs a
 * little faster or slower until the correction is used up.  Leap seconds come
 * at midnight UTC, though no daemon runs then.
 *
 * IDEA.  Once a second of the wall clock the tick asks ntp_second() how fast
 * the next one shall pass.  Four parts make up the answer, in ns a second:
 *
 *	tick        the length of 10 ms, if the hardware is far off
 *	freq        what the daemon, or the loop below, found out
 *	slew        of an offset: 1/2^(2 + constant) of what is left
 *	adjust      of adjtime(): 500 us a second at most
 *
 * The loop (RFC 5905, A.5.6.6; RFC 1589) is closed by ADJ_OFFSET: the daemon
 * measures the offset, the kernel removes it with the time constant that the
 * daemon chose, and takes a little of it into the frequency: offset * seconds
 * since the last one (phase lock), or, if that is long ago, offset / seconds
 * (frequency lock).
 *
 *	offset --+--> left --> slew ----------------+--> rate of the clock
 *	         |                                  |
 *	         +--> * secs >> 2(4+constant) --> freq
 *
 * What is left is reckoned by the time that really passed with a rate, for the
 * second's tick may be late, and on an idle machine comes only if something is
 * to be done in it (ntp_active).
 *
 * Leap seconds: OK -> INS at STA_INS -> at midnight the clock is put back one
 * second, OOP -> WAIT until the daemon clears STA_INS -> OK.  DEL leaves the
 * last second of the day out.
 *
 * LOCKING.  ntp_lock, any context; timekeeping.c's lock may be held around it.
 *
 * NOT DONE.  Pulses (PPS); writing the RTC every 11 minutes.
 *
 * SEE adjtimex(2), docs/115-clock-discipline.md.
 *
 * EXERCISES.  1. Why does the loop divide by 2^(2*constant) in one place and
 * by 2^constant in the other?  2. Let an idle machine sleep while it slews:
 * by how much does an offset of 10 ms overshoot after an hour?
 */

#include "ntp.h"

#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/spinlock.h>


#define NS_SHIFT 32                   /* a rate, an offset: ns << 32 */
#define PHASE_LIMIT_US 16000000
#define MAX_PHASE_NS (NSEC_PER_SEC / 2)
#define MAX_FREQ_PPM 500
#define MAX_FREQ_NS ((s64)(MAX_FREQ_PPM * 1000) << NS_SHIFT)
#define MAX_RATE_NS ((s64)(200 * NSEC_PER_MSEC) << NS_SHIFT)
#define MAX_ADJUST_US 500             /* adjtime(), a second */
#define MAX_CONSTANT 10
#define MAX_TAI 100000
#define SLEW_SHIFT 2
#define LOOP_SHIFT 4
#define FLL_SHIFT 2
#define FLL_MIN 256                   /* s: below it never, above the other */
#define FLL_MAX 2048                  /* always */
#define SECS_PER_DAY 86400
#define NEVER S64_MAX

/* Guarded by ntp_lock, all of it. */
static DEFINE_SPINLOCK(ntp_lock);
static struct {
	int state, status;
	long constant, maxerror, esterror;
	long tick_us;
	s64 freq;                     /* ns << 32 a second */
	s64 offset;                   /* ns << 32, still to be made good */
	s64 adjust;                   /* the same, for adjtime() */
	s64 slew, adjust_slew;        /* a second, since then: */
	ktime_t since;                /* monotonic */
	s64 reference;                /* s: when the offset was told last */
	s64 next_leap;                /* s: it begins, NEVER */
} ntp = {
	.status = STA_UNSYNC,
	.constant = 2,
	.maxerror = PHASE_LIMIT_US,
	.esterror = PHASE_LIMIT_US,
	.tick_us = USEC_PER_SEC / USER_HZ,
	.next_leap = NEVER,
};

/* Rounds towards zero, that what is left gets there. */
static s64 shift_right(s64 x, unsigned int n)
{
	return x < 0 ? -(-x >> n) : x >> n;
}

/* ns << 32 a second, all parts; any context. */
s64 ntp_rate(void)
{
	unsigned long flags;
	s64 rate;

	spin_lock_irqsave(&ntp_lock, flags);
	rate = ((ntp.tick_us * USER_HZ - (s64)USEC_PER_SEC) *
		NSEC_PER_USEC) << NS_SHIFT;
	rate += ntp.freq + ntp.slew + ntp.adjust_slew;
	spin_unlock_irqrestore(&ntp_lock, flags);
	return clamp(rate, -MAX_RATE_NS, MAX_RATE_NS);
}

/* Must a tick come with each second? */
bool ntp_active(void)
{
	return READ_ONCE(ntp.offset) || READ_ONCE(ntp.adjust) ||
	       READ_ONCE(ntp.state) != TIME_OK ||
	       (READ_ONCE(ntp.status) & (STA_INS | STA_DEL));
}

/* The rest with locked.  How much of a rate has been used since `since`. */
static s64 used(s64 rate, ktime_t now)
{
	u64 part = ((u64)(now - ntp.since) << 24) / NSEC_PER_SEC;

	return (s64)(((__int128)rate * part) >> 24);
}

static s64 without(s64 left, s64 rate, ktime_t now)
{
	left -= used(rate, now);
	/* Under a nanosecond is nothing. */
	return left >> NS_SHIFT == 0 || left >> NS_SHIFT == -1 ? 0 : left;
}

/* What was slewed up to now is no longer left. */
static void charge(ktime_t now)
{
	if (ntp.offset)
		ntp.offset = without(ntp.offset, ntp.slew, now);
	if (ntp.adjust)
		ntp.adjust = without(ntp.adjust, ntp.adjust_slew, now);
	ntp.since = now;
}

/* The slew from now on. */
static void set_slew(ktime_t now)
{
	s64 most = (s64)(MAX_ADJUST_US * NSEC_PER_USEC) << NS_SHIFT;

	charge(now);
	ntp.slew = shift_right(ntp.offset, SLEW_SHIFT + ntp.constant);
	ntp.adjust_slew = clamp(ntp.adjust, -most, most);
}

/* 1: the second `secs` that begins is left out; -1: it comes once more. */
static int leap_step(s64 secs)
{
	int wanted = ntp.state == TIME_INS ? STA_INS : STA_DEL;

	switch (ntp.state) {
	case TIME_OK:
		if (ntp.status & STA_INS) {
			ntp.state = TIME_INS;
			ntp.next_leap = secs + SECS_PER_DAY -
					secs % SECS_PER_DAY;
		} else if (ntp.status & STA_DEL) {
			ntp.state = TIME_DEL;
			ntp.next_leap = secs + SECS_PER_DAY -
					(secs + 1) % SECS_PER_DAY;
		}
		return 0;
	case TIME_INS:
	case TIME_DEL:
		if (!(ntp.status & wanted)) {
			ntp.state = TIME_OK;
			return 0;
		}
		if (secs != ntp.next_leap)
			return 0;
		ntp.state = wanted == STA_INS ? TIME_OOP : TIME_WAIT;
		return wanted == STA_INS ? -1 : 1;
	case TIME_OOP:
		ntp.state = TIME_WAIT;
		return 0;
	default:
		if (!(ntp.status & (STA_INS | STA_DEL)))
			ntp.state = TIME_OK;
		return 0;
	}
}

/*
 * Second `secs` of the wall clock begins (`more` before it were slept
 * through); mono is now.  The clock's rate may change, and the result is the
 * leap.  Tick, tk_lock held.
 */
int ntp_second(s64 secs, u64 more, ktime_t mono)
{
	unsigned long flags;
	int leap;

	spin_lock_irqsave(&ntp_lock, flags);
	leap = leap_step(secs);
	ntp.maxerror += MAX_FREQ_PPM * (1 + min(more, (u64)PHASE_LIMIT_US));
	if (ntp.maxerror > PHASE_LIMIT_US) {
		ntp.maxerror = PHASE_LIMIT_US;
		ntp.status |= STA_UNSYNC;
	}
	set_slew(mono);
	spin_unlock_irqrestore(&ntp_lock, flags);
	return leap;
}

/* Somebody has set the clock: what was known of its error is void. */
void ntp_clear(void)
{
	unsigned long flags;

	spin_lock_irqsave(&ntp_lock, flags);
	ntp.offset = ntp.adjust = ntp.slew = ntp.adjust_slew = 0;
	ntp.status |= STA_UNSYNC;
	ntp.maxerror = ntp.esterror = PHASE_LIMIT_US;
	ntp.next_leap = NEVER;
	if (ntp.state == TIME_INS || ntp.state == TIME_DEL)
		ntp.state = TIME_OK;  /* the next second finds midnight anew */
	spin_unlock_irqrestore(&ntp_lock, flags);
}

/* The frequency from an offset told `secs` after the last one, far apart. */
static s64 frequency_lock(s64 offset, long secs)
{
	ntp.status &= ~STA_MODE;
	if (secs < FLL_MIN || (!(ntp.status & STA_FLL) && secs <= FLL_MAX))
		return 0;
	ntp.status |= STA_MODE;
	return (offset << (NS_SHIFT - FLL_SHIFT)) / secs;
}

static void update_offset(s64 offset, s64 now, ktime_t mono)
{
	s64 secs = ntp.status & STA_FREQHOLD ? 0 : now - ntp.reference;
	s64 freq;

	if (!(ntp.status & STA_PLL))
		return;
	if (!(ntp.status & STA_NANO))
		offset = clamp(offset, -(s64)USEC_PER_SEC, (s64)USEC_PER_SEC) *
			 NSEC_PER_USEC;
	offset = clamp(offset, -(s64)MAX_PHASE_NS, (s64)MAX_PHASE_NS);
	ntp.reference = now;
	freq = frequency_lock(offset, secs);
	/* After a gap, as one that came in time. */
	secs = min(secs, (s64)1 << (SLEW_SHIFT + 1 + ntp.constant));
	freq += offset * secs * (1LL << (NS_SHIFT -
					 2 * (LOOP_SHIFT + ntp.constant)));
	ntp.freq = clamp(ntp.freq + freq, -MAX_FREQ_NS, MAX_FREQ_NS);
	charge(mono);
	ntp.offset = offset * (1LL << NS_SHIFT);
	ntp.slew = 0;                 /* from the next second on */
}

static void update_status(int status, s64 now)
{
	if ((ntp.status & STA_PLL) && !(status & STA_PLL)) {
		ntp.state = TIME_OK;
		ntp.status = STA_UNSYNC;
		ntp.next_leap = NEVER;
	}
	if (!(ntp.status & STA_PLL) && (status & STA_PLL))
		ntp.reference = now;
	ntp.status = (ntp.status & STA_RONLY) | (status & ~STA_RONLY);
}

/* What ADJ_* ask for, in Linux's order; true if the TAI offset changes. */
static bool update(const struct timex *tx, s64 now, ktime_t mono)
{
	unsigned int modes = tx->modes;

	if (modes & ADJ_STATUS)
		update_status(tx->status, now);
	if (modes & ADJ_NANO)
		ntp.status |= STA_NANO;
	if (modes & ADJ_MICRO)
		ntp.status &= ~STA_NANO;
	if (modes & ADJ_FREQUENCY)
		ntp.freq = clamp((s64)tx->freq, -((s64)MAX_FREQ_PPM << 16),
				 (s64)MAX_FREQ_PPM << 16) * 1000 *
			   (1LL << (NS_SHIFT - 16));
	if (modes & ADJ_MAXERROR)
		ntp.maxerror = tx->maxerror;
	if (modes & ADJ_ESTERROR)
		ntp.esterror = tx->esterror;
	if (modes & ADJ_TIMECONST) {
		ntp.constant = tx->constant;
		if (!(ntp.status & STA_NANO))
			ntp.constant += 4;
		ntp.constant = clamp(ntp.constant, 0L, (long)MAX_CONSTANT);
	}
	if (modes & ADJ_OFFSET)
		update_offset(tx->offset, now, mono);
	if (modes & ADJ_TICK)
		ntp.tick_us = tx->tick;
	return (modes & ADJ_TAI) && tx->constant >= 0 &&
	       tx->constant <= MAX_TAI;
}

/* adjtime(): what is left is told, and perhaps replaced; us. */
static void adjtime(struct timex *tx, ktime_t mono)
{
	long left = shift_right(ntp.adjust - ntp.adjust_slew, NS_SHIFT) /
		    (long)NSEC_PER_USEC;
	/* An s64 of ns << 32 holds two seconds; more takes over an hour. */
	s64 us = clamp((s64)tx->offset, -2000000LL, 2000000LL);

	if (!(tx->modes & ADJ_OFFSET_READONLY)) {
		charge(mono);
		ntp.adjust = us * NSEC_PER_USEC * (1LL << NS_SHIFT);
		ntp.adjust_slew = 0;  /* from the next second on */
	}
	tx->offset = left;
}

/* What this second's slew will remove is told as done, by both. */
static void report(struct timex *tx)
{
	s64 offset = shift_right(ntp.offset - ntp.slew, NS_SHIFT);

	if (!(tx->modes & ADJ_ADJTIME))
		tx->offset = ntp.status & STA_NANO ? offset
						   : offset / (s64)NSEC_PER_USEC;
	tx->freq = shift_right(ntp.freq, NS_SHIFT - 16) / 1000;
	tx->maxerror = ntp.maxerror;
	tx->esterror = ntp.esterror;
	tx->status = ntp.status;
	tx->constant = ntp.constant;
	tx->precision = 1;
	tx->tolerance = (long)MAX_FREQ_PPM << 16;
	tx->tick = ntp.tick_us;
	tx->ppsfreq = tx->jitter = tx->stabil = 0;
	tx->jitcnt = tx->calcnt = tx->errcnt = tx->stbcnt = 0;
	tx->shift = 0;
}

int ntp_adjtimex(struct timex *tx, s64 now, ktime_t mono, bool *tai)
{
	unsigned long flags;
	int state;

	spin_lock_irqsave(&ntp_lock, flags);
	*tai = false;
	if (tx->modes & ADJ_ADJTIME)
		adjtime(tx, mono);
	else
		*tai = update(tx, now, mono);
	report(tx);
	state = ntp.status & STA_UNSYNC ? TIME_ERROR : ntp.state;
	spin_unlock_irqrestore(&ntp_lock, flags);
	return state;
}
