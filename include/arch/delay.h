/* SPDX-License-Identifier: MIT */
#ifndef ARCH_DELAY_H
#define ARCH_DELAY_H
/* delay.h -- waiting by spinning: any context, at least as long as asked */

void udelay(unsigned long usecs);
void mdelay(unsigned long msecs);

#endif
