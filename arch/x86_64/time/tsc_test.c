/* SPDX-License-Identifier: MIT */
/* tsc_test.c -- time goes forward, on and between CPUs, at the right rate */

#include "time.h"

#include <arch/delay.h>
#include <arch/msr.h>
#include <arch/time.h>
#include <kernel/cpumask.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>

static void read_tsc(void *info)
{
	*(u64 *)info = rdtsc_ordered();
}

/* Each read is caused by the one before: it must not be smaller. */
SELFTEST(tsc_is_monotonic_across_cpus)
{
	u64 last = rdtsc_ordered();
	unsigned cpu;

	if (!tsc_reliable) {
		selftest_skip("the TSCs are known to differ");
		return;
	}
	for (int i = 0; i < 20; i++) {
		for_each_online_cpu(cpu) {
			u64 now = 0;

			smp_call_function_single(cpu, read_tsc, &now, 1);
			EXPECT(now >= last);
			last = now;
		}
	}
}

SELFTEST(sched_clock_never_goes_back)
{
	u64 last, now;

	preempt_disable();
	last = native_sched_clock();
	for (int i = 0; i < 1000; i++) {
		now = native_sched_clock();
		EXPECT(now >= last);
		last = now;
	}
	preempt_enable();
}

SELFTEST(udelay_waits_as_long_as_asked)
{
	u64 start = native_sched_clock();

	udelay(500);
	EXPECT(native_sched_clock() - start >= 499 * 1000);
}

/* The PIT's 20 ms, in nanoseconds of the TSC: within 1 %. */
SELFTEST_SLOW(tsc_rate_agrees_with_the_pit)
{
	u64 start, ns;
	u16 from;

	preempt_disable();
	pit_channel2_start();
	from = pit_channel2_read();
	start = native_sched_clock();
	while ((u16)(from - pit_channel2_read()) < PIT_HZ / 50)
		;
	ns = native_sched_clock() - start;
	preempt_enable();
	EXPECT(ns > 19800000 && ns < 20200000);
}
