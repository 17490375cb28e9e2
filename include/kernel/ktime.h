/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_KTIME_H
#define KERNEL_KTIME_H
/*
 * ktime.h -- points in time and spans, as signed nanoseconds
 *
 * 63 bits of nanoseconds last 292 years, so sums saturate only for nonsense
 * that user space asks for: ktime_add_safe() keeps that in range.
 */

#include <kernel/types.h>
#include <uapi/time.h>

#define NSEC_PER_SEC 1000000000L
#define NSEC_PER_MSEC 1000000L
#define NSEC_PER_USEC 1000L
#define USEC_PER_SEC 1000000L
#define USEC_PER_MSEC 1000L
#define MSEC_PER_SEC 1000L
#define KTIME_MAX S64_MAX
#define KTIME_MIN (-KTIME_MAX - 1)
#define KTIME_SEC_MAX (KTIME_MAX / NSEC_PER_SEC)

#define ktime_add(a, b) ((ktime_t)((a) + (b)))
#define ktime_sub(a, b) ((ktime_t)((a) - (b)))
#define ktime_add_ns(t, ns) ((ktime_t)((t) + (s64)(ns)))
#define ktime_sub_ns(t, ns) ((ktime_t)((t) - (s64)(ns)))
#define ktime_add_us(t, us) ktime_add_ns(t, (s64)(us) * NSEC_PER_USEC)
#define ktime_add_ms(t, ms) ktime_add_ns(t, (s64)(ms) * NSEC_PER_MSEC)
#define ktime_to_ns(t) ((s64)(t))
#define ns_to_ktime(ns) ((ktime_t)(ns))
#define us_to_ktime(us) ((ktime_t)((s64)(us) * NSEC_PER_USEC))
#define ms_to_ktime(ms) ((ktime_t)((s64)(ms) * NSEC_PER_MSEC))
#define ktime_to_us(t) ((s64)(t) / NSEC_PER_USEC)
#define ktime_to_ms(t) ((s64)(t) / NSEC_PER_MSEC)
#define ktime_before(a, b) ((a) < (b))
#define ktime_after(a, b) ((a) > (b))
#define ktime_us_delta(later, earlier) ktime_to_us((later) - (earlier))
#define ktime_ms_delta(later, earlier) ktime_to_ms((later) - (earlier))

static inline int ktime_compare(ktime_t a, ktime_t b)
{
	return a < b ? -1 : a > b;
}

static inline ktime_t ktime_set(s64 secs, unsigned long nsecs)
{
	if (secs >= KTIME_SEC_MAX)
		return KTIME_MAX;
	return secs * NSEC_PER_SEC + (s64)nsecs;
}

static inline ktime_t ktime_add_safe(ktime_t a, ktime_t b)
{
	ktime_t sum;

	return __builtin_add_overflow(a, b, &sum) ? KTIME_MAX : sum;
}

/* Sums that are known to be in range already: seconds and 0..999999999 ns. */
static inline bool timespec64_valid(const struct timespec64 *ts)
{
	return ts->tv_sec >= 0 && (unsigned long)ts->tv_nsec < NSEC_PER_SEC;
}

static inline ktime_t timespec64_to_ktime(struct timespec64 ts)
{
	return ktime_set(ts.tv_sec, ts.tv_nsec);
}

/* Rounds towards the past, so that tv_nsec is never negative. */
static inline struct timespec64 ns_to_timespec64(s64 ns)
{
	struct timespec64 ts = { ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };

	if (ts.tv_nsec < 0) {
		ts.tv_sec--;
		ts.tv_nsec += NSEC_PER_SEC;
	}
	return ts;
}

#define ktime_to_timespec64(t) ns_to_timespec64(t)
#define timespec64_to_ns(ts) ((s64)timespec64_to_ktime(*(ts)))

static inline struct timeval ns_to_timeval(s64 ns)
{
	struct timespec64 ts = ns_to_timespec64(ns);

	return (struct timeval){ ts.tv_sec, ts.tv_nsec / NSEC_PER_USEC };
}

static inline bool timeval_valid(const struct timeval *tv)
{
	return tv->tv_sec >= 0 && (unsigned long)tv->tv_usec < USEC_PER_SEC;
}

static inline ktime_t timeval_to_ktime(struct timeval tv)
{
	return ktime_set(tv.tv_sec, tv.tv_usec * NSEC_PER_USEC);
}

static inline int timespec64_compare(const struct timespec64 *a,
				     const struct timespec64 *b)
{
	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec ? -1 : 1;
	return a->tv_nsec < b->tv_nsec ? -1 : a->tv_nsec > b->tv_nsec;
}

/* User copies; 0 or -EFAULT.  Process context. */
int get_timespec64(struct timespec64 *ts, const struct timespec64 __user *u);
int put_timespec64(const struct timespec64 *ts, struct timespec64 __user *u);
int get_timeval(struct timeval *tv, const struct timeval __user *u);
int put_timeval(const struct timeval *tv, struct timeval __user *u);

#endif
