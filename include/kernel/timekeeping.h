/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_TIMEKEEPING_H
#define KERNEL_TIMEKEEPING_H
/*
 * timekeeping.h -- what time it is (kernel/time/timekeeping.c)
 *
 * Readers: any context but the NMI that broke into the writer; lock-free.
 *
 *	MONOTONIC  since boot; never steps       ktime_get
 *	REALTIME   since 1970; may be set        ktime_get_real
 *	BOOTTIME   monotonic + time suspended    ktime_get_boottime
 *	RAW        monotonic without frequency correction
 *	TAI        real + leap seconds
 */

#include <kernel/ktime.h>

struct clocksource;

ktime_t ktime_get(void);
ktime_t ktime_get_real(void);
ktime_t ktime_get_boottime(void);
ktime_t ktime_get_raw(void);
ktime_t ktime_get_clocktai(void);
/* As of the last tick: cheap, up to TICK_NSEC old. */
ktime_t ktime_get_coarse(void);
ktime_t ktime_get_coarse_real(void);
#define ktime_get_ns() ((u64)ktime_get())
#define ktime_get_real_ns() ((u64)ktime_get_real())
#define ktime_get_boottime_ns() ((u64)ktime_get_boottime())
#define ktime_get_raw_ns() ((u64)ktime_get_raw())
#define ktime_get_mono_fast_ns() ktime_get_ns()
time64_t ktime_get_seconds(void);
time64_t ktime_get_real_seconds(void);
void ktime_get_ts64(struct timespec64 *ts);
void ktime_get_real_ts64(struct timespec64 *ts);
void ktime_get_coarse_real_ts64(struct timespec64 *ts);
void ktime_get_boottime_ts64(struct timespec64 *ts);
/* Offset to add to monotonic time to get the clock; any context. */
ktime_t ktime_mono_to_any(ktime_t mono, clockid_t clock);
/* Now on any of the system-wide clocks; -EINVAL for others. */
int ktime_get_clock(clockid_t clock, ktime_t *now);

/* Boot: before the first reader that wants real time. */
void timekeeping_init(void);
/* Set the wall clock; process context. 0 or -EINVAL. */
int do_settimeofday64(const struct timespec64 *ts);
/* A better clocksource was registered; process context or boot. */
void timekeeping_notify(struct clocksource *cs);
/* Fold what has passed into the base; tick, any CPU, irqs off. */
void update_wall_time(void);

/*
 * What a vDSO needs to tell time without a system call.  Written under an
 * even/odd sequence: odd while it is being changed.
 */
struct vdso_data {
	u32 seq;
	u32 clock_mode;               /* 0: none, 1: TSC */
	u64 cycle_last;
	u64 mask;
	u32 mult;
	u32 shift;
	/* Seconds and nanoseconds << shift at cycle_last. */
	u64 wall_sec, wall_snsec;
	u64 mono_sec, mono_snsec;
	u64 boot_sec, boot_snsec;
	u64 wall_coarse_sec, wall_coarse_nsec;
	u64 mono_coarse_sec, mono_coarse_nsec;
	s32 tz_minuteswest, tz_dsttime;
	u32 has_rdtscp;               /* [c] rdtscp tells the CPU's number */
} __aligned(4096);                    /* a page: user space sees all of it */
extern struct vdso_data vdso_data;

extern struct timezone sys_tz;

#endif
