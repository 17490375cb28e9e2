/* SPDX-License-Identifier: MIT */
#ifndef ARCH_TIME_H
#define ARCH_TIME_H
/* time.h -- clocks of a PC: TSC, HPET, PIT, local APIC timer, CMOS */

#include <kernel/types.h>
#include <uapi/time.h>

/* TSC ticks per millisecond; 0 until calibrated. */
extern unsigned int tsc_khz;
/* All CPUs' TSCs are in step and the rate is constant: it is the clock. */
extern bool tsc_reliable;

/*
 * Register clock sources; once, after ACPI's tables (HPET address) are known
 * and kernel/time is initialised.
 */
void time_init(void);
/*
 * Calibrate the TSC: early, so that the log has time stamps and udelay()
 * works.
 */
void tsc_early_init(void);
/* Register this CPU's clock event device; each CPU, irqs off. */
void setup_local_timer(void);
/* Nanoseconds since the TSC was calibrated; any context.  0 before. */
u64 native_sched_clock(void);
/* The TSCs turned out to differ between CPUs; says why once. */
void tsc_mark_unstable(const char *why);
/* Wall-clock time from the CMOS clock, UTC; up to a second of waiting. */
void read_persistent_clock64(struct timespec64 *ts);
/* ACPI tells where the HPET is. */
void arch_register_hpet(phys_addr_t phys);
/* Entropy for seeding: the CPU's generator if it has one. */
bool arch_get_random_long(unsigned long *v);
static __always_inline unsigned long arch_get_cycles(void)
{
	u32 low, high;

	__asm__ __volatile__("rdtsc" : "=a"(low), "=d"(high));
	return low | (unsigned long)high << 32;
}
#define get_cycles() arch_get_cycles()

#endif
