/* SPDX-License-Identifier: MIT */
#ifndef NET_WORLD_H
#define NET_WORLD_H
/* net_world.h -- the whole network in a Unix process: net_world.c */

/* The initcalls of the files that are linked; once. */
void world_begin(void);
/* Softirqs, then the end of a grace period. */
void world_settle(void);
/* So many jiffies pass, and timers run. */
void world_wait(unsigned long ticks);

#endif
