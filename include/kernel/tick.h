/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_TICK_H
#define KERNEL_TICK_H
/*
 * tick.h -- the scheduler's heartbeat, and its silence (kernel/time/tick.c)
 *
 * The tick is an hrtimer per CPU, HZ a second while the CPU has work.  The
 * idle loop stops it for as long as no timer is due.
 */

#include <kernel/ktime.h>
#include <kernel/seqlock.h>

struct clock_event_device;

void tick_init(void);                 /* boot, once */
/* A CPU got its clock event device: start its tick; that CPU, irqs off. */
void tick_setup_device(struct clock_event_device *dev);
/* Idle loop, irqs off: stop the tick if nothing needs it; start it again. */
void tick_nohz_idle_enter(void);
void tick_nohz_idle_stop_tick(void);
void tick_nohz_idle_exit(void);
/* An interrupt woke an idle CPU: jiffies must be right for its handlers. */
void tick_irq_enter(void);
u64 get_cpu_idle_time_ns(int cpu);   /* of the halt going on */
/* Odd while a halt is being added to the CPU's idle time. */
seqcount_t *tick_idle_seq(int cpu);

#endif
