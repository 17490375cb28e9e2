/* SPDX-License-Identifier: MIT */
#ifndef ARCH_X86_64_TIME_TIME_H
#define ARCH_X86_64_TIME_TIME_H
/* time.h -- the clocks of this folder among themselves */

#include <kernel/types.h>

#define PIT_HZ 1193182UL

/* pit.c */
/* Let channel 2 count down from 65535 without a sound; then read it. */
void pit_channel2_start(void);
u16 pit_channel2_read(void);
/* Channel 0 as the clock event device of a machine without local APIC. */
void pit_clockevent_register(void);

/* hpet.c: false if there is none. */
bool hpet_init(void);

/* tsc.c: spin for that many TSC ticks. */
void tsc_spin(u64 ticks);

#endif
