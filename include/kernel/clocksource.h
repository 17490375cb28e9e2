/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_CLOCKSOURCE_H
#define KERNEL_CLOCKSOURCE_H
/*
 * clocksource.h -- a counter that runs at a constant rate
 *
 * ns = (cycles & mask) * mult >> shift.  The timekeeper uses the registered
 * source with the highest rating that is not marked unstable.
 */

#include <kernel/list.h>
#include <kernel/types.h>

/* The low `bits` bits, 1 to 64. */
#define CLOCKSOURCE_MASK(bits) (~0ULL >> (64 - (bits)))
#define CLOCK_SOURCE_IS_CONTINUOUS 0x01  /* never stops: good for NO_HZ */
#define CLOCK_SOURCE_VALID_FOR_VDSO 0x02 /* user space may read it: the TSC */
#define CLOCK_SOURCE_UNSTABLE 0x40

struct clocksource {
	u64 (*read)(struct clocksource *cs);  /* any context */
	u64 mask;
	u32 mult, shift;              /* filled in by registration */
	u64 max_idle_ns;              /* filled in: longest gap between reads */
	int rating;                   /* 1 bad .. 499 perfect */
	unsigned long flags;          /* CLOCK_SOURCE_* */
	const char *name;
	struct list_head list;        /* clocksource_lock */
};

/* Compute mult and shift for hz and start using it if it is the best. */
int clocksource_register_hz(struct clocksource *cs, u64 hz);
#define clocksource_register_khz(cs, khz) \
	clocksource_register_hz(cs, (u64)(khz) * 1000)
/* A watchdog found that it drifts or differs between CPUs; process context. */
void clocksource_mark_unstable(struct clocksource *cs);
/* mult and shift such that cycles up to maxsec seconds do not overflow. */
void clocks_calc_mult_shift(u32 *mult, u32 *shift, u32 from, u32 to,
			    u32 maxsec);

#endif
