/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_JIFFIES_H
#define KERNEL_JIFFIES_H
/*
 * jiffies.h -- the coarse clock of the timer wheel: HZ steps a second
 *
 * jiffies starts five minutes before it wraps at 32 bits, so that code which
 * compares with < instead of time_before() fails in its first test, not in
 * its seventh week.
 */

#include <kernel/types.h>

#define HZ 250
#define USER_HZ 100             /* unit of times(2) and of /proc */
#define TICK_NSEC (1000000000L / HZ)
#define INITIAL_JIFFIES ((unsigned long)(unsigned int)(-300 * HZ))
#define MAX_JIFFY_OFFSET ((LONG_MAX >> 1) - 1)

extern unsigned long volatile jiffies;   /* kernel/time/tick.c */
#define jiffies_64 ((u64)jiffies)
#define get_jiffies_64() ((u64)jiffies)

/* a is later than b; right across a wrap if less than half a turn apart. */
#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)
#define time_in_range(a, b, c) (time_after_eq(a, b) && time_before_eq(a, c))
#define time_is_before_jiffies(a) time_after(jiffies, a)
#define time_is_after_jiffies(a) time_before(jiffies, a)

/* Conversions to jiffies round up: a wait is never shorter than asked for. */
static inline unsigned long msecs_to_jiffies(unsigned int m)
{
	if ((int)m < 0)
		return MAX_JIFFY_OFFSET;
	return ((unsigned long)m * HZ + 999) / 1000;
}

static inline unsigned long usecs_to_jiffies(unsigned long us)
{
	return (us + 1000000 / HZ - 1) / (1000000 / HZ);
}

static inline unsigned long nsecs_to_jiffies(u64 ns)
{
	return ns / TICK_NSEC;
}

#define jiffies_to_msecs(j) ((unsigned int)((unsigned long)(j) * (1000 / HZ)))
#define jiffies_to_usecs(j) ((unsigned long)(j) * (1000000 / HZ))
#define jiffies_to_nsecs(j) ((u64)(j) * TICK_NSEC)
#define jiffies_to_clock_t(j) ((long)((j) * USER_HZ / HZ))
#define nsec_to_clock_t(ns) ((u64)(ns) / (1000000000UL / USER_HZ))

#endif
