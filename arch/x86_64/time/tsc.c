/* SPDX-License-Identifier: MIT */
/*
 * tsc.c -- the CPU's time-stamp counter: how fast it is, and using it
 *
 * IDEA.  Reading the TSC is one instruction without leaving the CPU; every
 * other clock of a PC is a device access, a hundred times slower.  But it does
 * not say its rate, so the rate is measured against the PIT's, which is fixed:
 *
 *	(tsc, pit) at the start ---- 10 ms ---- (tsc, pit) at the end
 *
 * What spoils such a measurement is being held up between the two reads of a
 * pair (by firmware, or by the host that runs this virtual machine).  So each
 * pair is read several times with the TSC on both sides of the PIT, and the
 * one that took least counts: its TSC is known to within half of that.
 *
 * The TSC is the clock only if all CPUs' are in step: tsc_sync.c.
 *
 * LOCKING.  Boot CPU, irqs off, one time; constant afterwards.
 */

#include "time.h"

#include <arch/cpufeature.h>
#include <arch/delay.h>
#include <arch/irqflags.h>
#include <arch/msr.h>
#include <arch/processor.h>
#include <arch/time.h>
#include <kernel/clocksource.h>
#include <kernel/printk.h>

#define CALIBRATION_TICKS (PIT_HZ / 100)        /* 10 ms */
#define PAIR_TRIES 5
#define ROUNDS 3

unsigned int tsc_khz __ro_after_init;
bool tsc_reliable = true;

struct pair {
	u64 tsc, spread;
	u16 pit;
};

static struct pair read_pair(void)
{
	struct pair best = { .spread = U64_MAX };

	for (int i = 0; i < PAIR_TRIES; i++) {
		u64 before = rdtsc_ordered(), after;
		u16 pit = pit_channel2_read();

		after = rdtsc_ordered();
		if (after - before < best.spread)
			best = (struct pair){ before + (after - before) / 2,
					      after - before, pit };
	}
	return best;
}

/* kHz of one measurement, and how unsure it is, in TSC ticks. */
static u64 measure(u64 *spread)
{
	struct pair start, end;

	pit_channel2_start();
	start = read_pair();
	while ((u16)(start.pit - pit_channel2_read()) < CALIBRATION_TICKS)
		cpu_relax();
	end = read_pair();
	*spread = start.spread + end.spread;
	return (end.tsc - start.tsc) * PIT_HZ /
	       ((u16)(start.pit - end.pit) * 1000UL);
}

/* The surest of a few; one is enough when it is good to 1 in 5000. */
static unsigned int calibrate(void)
{
	u64 best_spread = U64_MAX;
	u64 khz = 0;

	for (int i = 0; i < ROUNDS; i++) {
		u64 spread, k = measure(&spread);

		if (spread < best_spread) {
			best_spread = spread;
			khz = k;
		}
		if (best_spread < khz * 10 / 5000)
			break;
	}
	return khz;
}

void tsc_spin(u64 ticks)
{
	u64 start = rdtsc();

	while (rdtsc() - start < ticks)
		cpu_relax();
}

/* Nanoseconds are ticks * ns_mult / 2^32, counted from the calibration on. */
static u64 tsc_base __ro_after_init, ns_mult __ro_after_init;

u64 native_sched_clock(void)
{
	return (unsigned __int128)(rdtsc() - tsc_base) * ns_mult >> 32;
}

/* Any context; before the calibration it returns at once. */
static void delay_ns(u64 ns)
{
	tsc_spin(ns * tsc_khz / 1000000 + 1);
}

void udelay(unsigned long usecs)
{
	delay_ns(usecs * 1000);
}

void mdelay(unsigned long msecs)
{
	while (msecs--)
		delay_ns(1000000);
}

static u64 tsc_read(struct clocksource *cs)
{
	return rdtsc_ordered();
}

static struct clocksource tsc_clocksource = {
	.name = "tsc",
	.read = tsc_read,
	.mask = CLOCKSOURCE_MASK(64),
	.rating = 300,
	.flags = CLOCK_SOURCE_IS_CONTINUOUS | CLOCK_SOURCE_VALID_FOR_VDSO,
};

void tsc_early_init(void)
{
	unsigned long flags;

	local_irq_save(flags);
	tsc_khz = boot_cpu_data.tsc_khz;
	if (!tsc_khz)
		tsc_khz = calibrate();
	local_irq_restore(flags);
	ns_mult = (1000000ULL << 32) / tsc_khz;
	tsc_base = rdtsc();
	pr_info("tsc: %u.%03u MHz\n", tsc_khz / 1000, tsc_khz % 1000);
}

void time_init(void)
{
	hpet_init();
	clocksource_register_khz(&tsc_clocksource, tsc_khz);
}

void tsc_mark_unstable(const char *why)
{
	if (!tsc_reliable)
		return;
	tsc_reliable = false;
	pr_warn("tsc: %s: another clock is used\n", why);
	clocksource_mark_unstable(&tsc_clocksource);
}
