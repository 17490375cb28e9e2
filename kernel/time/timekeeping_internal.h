/* SPDX-License-Identifier: MIT */
#ifndef TIMEKEEPING_INTERNAL_H
#define TIMEKEEPING_INTERNAL_H
/* timekeeping_internal.h -- private to kernel/time */

#include <kernel/ktime.h>

ktime_t ktime_clock_offset(clockid_t clock);
u64 timekeeping_max_deferment(void);
/* The discipline (ntp.c) has another rate in mind; any context. */
void timekeeping_update_rate(void);
/* TAI - UTC in seconds; sets it first if `set` is not NULL. */
s32 timekeeping_tai(const s32 *set);

struct task_struct;
/* Tick: interval timers and limits on CPU time; irqs off. */
void run_cpu_timers(struct task_struct *t, bool user);
/* Now on `clock`, also a process's or thread's CPU clock.  0 or -EINVAL. */
int posix_clock_get(clockid_t clock, ktime_t *now);

#endif
