/* SPDX-License-Identifier: MIT */
/*
 * pit.c -- the 8254: three 16-bit counters at 1.193182 MHz, since 1981
 *
 * Channel 0 raises IRQ 0, channel 2 can be watched and gated through port 0x61.
 * We use channel 2 as the known rate against which the TSC is measured, and
 * channel 0 only where no CPU has a timer of its own.
 *
 * SEE Intel 8254 data sheet.
 */

#include "time.h"

#include <arch/io.h>
#include <kernel/clockchips.h>
#include <kernel/cpumask.h>
#include <kernel/interrupt.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>

#define PIT_CH0 0x40
#define PIT_CH2 0x42
#define PIT_MODE 0x43
#define PIT_GATE 0x61           /* bit 0: gate of channel 2, bit 1: speaker */
#define MODE_CH0_ONESHOT 0x30   /* both bytes, mode 0 */
#define MODE_CH0_RATE 0x34      /* both bytes, mode 2 */
#define MODE_CH2_ONESHOT 0xb0
#define MODE_CH2_LATCH 0x80

static DEFINE_RAW_SPINLOCK(pit_lock);

void pit_channel2_start(void)
{
	outb((inb(PIT_GATE) & ~2) | 1, PIT_GATE);
	outb(MODE_CH2_ONESHOT, PIT_MODE);
	outb(0xff, PIT_CH2);
	outb(0xff, PIT_CH2);
}

u16 pit_channel2_read(void)
{
	u16 v;

	outb(MODE_CH2_LATCH, PIT_MODE);
	v = inb(PIT_CH2);
	return v | inb(PIT_CH2) << 8;
}

static void program(u8 mode, unsigned long ticks)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pit_lock, flags);
	outb(mode, PIT_MODE);
	outb(ticks, PIT_CH0);
	outb(ticks >> 8, PIT_CH0);
	raw_spin_unlock_irqrestore(&pit_lock, flags);
}

static int pit_next_event(unsigned long ticks, struct clock_event_device *dev)
{
	program(MODE_CH0_ONESHOT, ticks);
	return 0;
}

static int pit_periodic(struct clock_event_device *dev)
{
	program(MODE_CH0_RATE, (PIT_HZ + 50) / 100);
	return 0;
}

/* A count that is never finished: the largest, in mode 0, once. */
static int pit_shutdown(struct clock_event_device *dev)
{
	program(MODE_CH0_ONESHOT, 0);
	return 0;
}

static struct clock_event_device pit_device = {
	.name = "pit",
	.features = CLOCK_EVT_FEAT_ONESHOT | CLOCK_EVT_FEAT_PERIODIC,
	.rating = 110,
	.set_next_event = pit_next_event,
	.set_state_periodic = pit_periodic,
	.set_state_shutdown = pit_shutdown,
};

static irqreturn_t pit_interrupt(int irq, void *dev)
{
	if (pit_device.event_handler)
		pit_device.event_handler(&pit_device);
	return IRQ_HANDLED;
}

void pit_clockevent_register(void)
{
	unsigned long flags;

	pit_device.cpumask = cpumask_of(0);
	if (request_irq(0, pit_interrupt, IRQF_TIMER | IRQF_NO_THREAD, "timer",
			&pit_device))
		pr_err("pit: IRQ 0 is taken\n");
	local_irq_save(flags);
	clockevents_config_and_register(&pit_device, PIT_HZ, 0xf, 0xffff);
	local_irq_restore(flags);
}
