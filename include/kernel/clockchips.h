/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_CLOCKCHIPS_H
#define KERNEL_CLOCKCHIPS_H
/*
 * clockchips.h -- a device that interrupts at a time asked for
 *
 * Each CPU has one of its own (the LAPIC timer); arch registers it on that CPU
 * with irqs off, and calls dev->event_handler(dev) from its interrupt, between
 * irq_enter() and irq_exit(), with set_irq_regs() done.
 */

#include <kernel/ktime.h>
#include <kernel/types.h>

struct cpumask;

#define CLOCK_EVT_FEAT_PERIODIC 0x01
#define CLOCK_EVT_FEAT_ONESHOT 0x02
#define CLOCK_EVT_FEAT_C3STOP 0x08

enum clock_event_state {
	CLOCK_EVT_STATE_DETACHED,
	CLOCK_EVT_STATE_SHUTDOWN,
	CLOCK_EVT_STATE_PERIODIC,
	CLOCK_EVT_STATE_ONESHOT,
};

struct clock_event_device {
	void (*event_handler)(struct clock_event_device *dev);
	/* Interrupt in `evt` device ticks; 0 or -ETIME; irqs off. */
	int (*set_next_event)(unsigned long evt,
			      struct clock_event_device *dev);
	int (*set_state_oneshot)(struct clock_event_device *dev);
	int (*set_state_periodic)(struct clock_event_device *dev);
	int (*set_state_shutdown)(struct clock_event_device *dev);
	ktime_t next_event;
	u64 max_delta_ns, min_delta_ns; /* filled in by registration */
	u32 mult, shift;              /* ns -> ticks: ns * mult >> shift */
	enum clock_event_state state;
	unsigned int features;        /* CLOCK_EVT_FEAT_* */
	const char *name;
	int rating;
	int irq;
	const struct cpumask *cpumask;
};

/* Register for the calling CPU (irqs off); deltas in device ticks. */
void clockevents_config_and_register(struct clock_event_device *dev, u32 freq,
				     unsigned long min_delta,
				     unsigned long max_delta);
/* Program for absolute monotonic `expires`; force: at once if it is past. */
int clockevents_program_event(struct clock_event_device *dev, ktime_t expires,
			      bool force);

#endif
