/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_DELAY_H
#define KERNEL_DELAY_H
/* delay.h -- waiting: burning the CPU (arch), or asleep (time/sleep.c) */

#include <arch/delay.h>

/* May sleep; at least that long. */
void msleep(unsigned int msecs);
/* Milliseconds left if a signal came. */
unsigned long msleep_interruptible(unsigned int msecs);
void usleep_range(unsigned long min, unsigned long max);
void ssleep(unsigned int secs);
#define fsleep(us) usleep_range(us, 2 * (us))

#endif
