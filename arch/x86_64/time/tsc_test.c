/* SPDX-License-Identifier: MIT */
/* tsc_test.c -- time goes forward, on and between CPUs, at the right rate */

#include "time.h"

#include <arch/delay.h>
#include <arch/msr.h>
#include <arch/time.h>
#include <kernel/cpumask.h>
#include <kernel/sched.h>
#include <arch/irqflags.h>
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

SELFTEST_SLOW(udelay_waits_as_long_as_asked)
{
	u64 start = native_sched_clock();

	udelay(500);
	EXPECT(native_sched_clock() - start >= 499 * 1000);
}

/* The PIT's 20 ms, in nanoseconds of the TSC: within 1 %. */
/* One look at both clocks, so close together that neither moved on. */
struct both_clocks {
	u64 ns;
	u16 pit;
};

/* A virtual CPU may lose its host between two reads: look again then. */
static struct both_clocks read_both_clocks(void)
{
	struct both_clocks c;
	unsigned long flags;
	u64 after;

	do {
		local_irq_save(flags);
		c.ns = native_sched_clock();
		c.pit = pit_channel2_read();
		after = native_sched_clock();
		local_irq_restore(flags);
	} while (after - c.ns > 50000);
	return c;
}

SELFTEST_SLOW(tsc_rate_agrees_with_the_pit)
{
	struct both_clocks from, to;
	u64 tsc_ns, pit_ns;

	do {
		pit_channel2_start();
		from = read_both_clocks();
		mdelay(20);
		to = read_both_clocks();
		tsc_ns = to.ns - from.ns;
	} while (tsc_ns > 50000000);            /* the PIT has wrapped */
	pit_ns = (u64)(u16)(from.pit - to.pit) * 1000000000 / PIT_HZ;
	EXPECT(tsc_ns > pit_ns - pit_ns / 100 && tsc_ns < pit_ns + pit_ns / 100);
}
