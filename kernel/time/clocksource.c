/* SPDX-License-Identifier: MIT */
/*
 * clocksource.c -- the counters that a clock can be made of
 *
 * IDEA.  A counter of f ticks per second is turned into nanoseconds by
 * ns = ticks * mult >> shift, with mult/2^shift = 10^9/f: a multiplication
 * where a division would be slow.  The larger the shift, the more exact; the
 * limit is that ticks * mult must not overflow for the longest time between
 * two looks.
 *
 * LOCKING.  clocksource_lock guards the list and the choice.
 */

#include <kernel/clocksource.h>

#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <kernel/spinlock.h>
#include <kernel/timekeeping.h>

#define MAX_SECONDS_BETWEEN_LOOKS 600

static DEFINE_SPINLOCK(clocksource_lock);
static LIST_HEAD(clocksource_list);

/* to = from * mult >> shift, exact for up to maxsec seconds of `from`. */
void clocks_calc_mult_shift(u32 *mult, u32 *shift, u32 from, u32 to,
			    u32 maxsec)
{
	/* A bit stays free: the clock may be told to run faster. */
	unsigned int accurate_bits = 31 - fls64(((u64)maxsec * from) >> 32);
	u64 m = 0;
	u32 s;

	for (s = 32; s > 0; s--) {
		m = (((u64)to << s) + from / 2) / from;
		if ((m >> accurate_bits) == 0)
			break;
	}
	*mult = m;
	*shift = s;
}

static bool usable(const struct clocksource *cs)
{
	return !(cs->flags & CLOCK_SOURCE_UNSTABLE);
}

/* clocksource_lock held. */
static struct clocksource *best_clocksource(void)
{
	struct clocksource *cs, *best = NULL;

	list_for_each_entry(cs, &clocksource_list, list)
		if (usable(cs) && (!best || cs->rating > best->rating))
			best = cs;
	return best;
}

static void select_clocksource(void)
{
	struct clocksource *best;
	unsigned long flags;

	spin_lock_irqsave(&clocksource_lock, flags);
	best = best_clocksource();
	spin_unlock_irqrestore(&clocksource_lock, flags);
	if (best)
		timekeeping_notify(best);
}

int clocksource_register_hz(struct clocksource *cs, u64 hz)
{
	u64 max_cycles;
	unsigned long flags;
	u32 from = hz, to = NSEC_PER_SEC;

	if (!hz || !cs->read)
		return -EINVAL;
	if (hz > U32_MAX) {           /* keep the ratio in 32 bits */
		from = hz / 1000;
		to = NSEC_PER_SEC / 1000;
	}
	clocks_calc_mult_shift(&cs->mult, &cs->shift, from, to,
			       MAX_SECONDS_BETWEEN_LOOKS);
	max_cycles = min(cs->mask, U64_MAX / cs->mult);
	cs->max_idle_ns = ((unsigned __int128)max_cycles * cs->mult) >>
			  cs->shift;
	cs->max_idle_ns -= cs->max_idle_ns >> 3;
	spin_lock_irqsave(&clocksource_lock, flags);
	list_add(&cs->list, &clocksource_list);
	spin_unlock_irqrestore(&clocksource_lock, flags);
	select_clocksource();
	return 0;
}

void clocksource_mark_unstable(struct clocksource *cs)
{
	unsigned long flags;

	spin_lock_irqsave(&clocksource_lock, flags);
	cs->flags |= CLOCK_SOURCE_UNSTABLE;
	spin_unlock_irqrestore(&clocksource_lock, flags);
	pr_warn("clocksource: %s is unstable\n", cs->name);
	select_clocksource();
}
