/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_LOADAVG_H
#define KERNEL_LOADAVG_H
/*
 * loadavg.h -- 1, 5 and 15 minute averages of running + uninterruptible tasks
 *
 * Fixed point with 11 bits behind the point, folded every 5 s + 1 tick.
 */

#include <kernel/jiffies.h>
#include <kernel/types.h>

#define FSHIFT 11
#define FIXED_1 (1 << FSHIFT)
#define LOAD_FREQ (5 * HZ + 1)
#define EXP_1 1884
#define EXP_5 2014
#define EXP_15 2037
#define LOAD_INT(x) ((x) >> FSHIFT)
#define LOAD_FRAC(x) LOAD_INT(((x) & (FIXED_1 - 1)) * 100)

void get_avenrun(unsigned long loads[3]);     /* any context */
void calc_global_load(void);                  /* tick, one CPU */
void calc_load_idle(void);                    /* the tick stops here */

#endif
