/* SPDX-License-Identifier: MIT */
/*
 * clockevents.c -- each CPU's device that interrupts at a time asked for
 *
 * The device counts ticks of its own from now; we ask in absolute monotonic
 * time.  Too near is made min_delta, too far max_delta: the interrupt then
 * comes early, finds nothing due, and asks again.
 *
 * Irqs off; each device is used by its own CPU only, so there is no lock.
 */

#include <kernel/clockchips.h>

#include <kernel/clocksource.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/tick.h>
#include <kernel/timekeeping.h>

#define MAX_SECONDS_AHEAD 600

/* ticks and shift are at most 32 bits, so that nothing is lost. */
static u64 delta_to_ns(unsigned long ticks, struct clock_event_device *dev)
{
	return ((u64)(u32)ticks << dev->shift) / dev->mult;
}

void clockevents_config_and_register(struct clock_event_device *dev, u32 freq,
				     unsigned long min_delta,
				     unsigned long max_delta)
{
	clocks_calc_mult_shift(&dev->mult, &dev->shift, NSEC_PER_SEC, freq,
			       MAX_SECONDS_AHEAD);
	dev->min_delta_ns = max(delta_to_ns(min_delta, dev), (u64)1000);
	dev->max_delta_ns = delta_to_ns(min(max_delta, (unsigned long)U32_MAX), dev);
	dev->next_event = KTIME_MAX;
	tick_setup_device(dev);
}

int clockevents_program_event(struct clock_event_device *dev, ktime_t expires,
			      bool force)
{
	s64 delta;

	dev->next_event = expires;
	if (expires == KTIME_MAX || dev->state != CLOCK_EVT_STATE_ONESHOT)
		return 0;
	delta = expires - ktime_get();
	if (delta <= 0 && !force)
		return -ETIME;
	delta = clamp(delta, (s64)dev->min_delta_ns, (s64)dev->max_delta_ns);
	return dev->set_next_event(((unsigned __int128)delta * dev->mult) >>
				   dev->shift, dev);
}
