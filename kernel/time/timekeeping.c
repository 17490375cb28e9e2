/* SPDX-License-Identifier: MIT */
/*
 * timekeeping.c -- what time it is
 *
 * PROMISE.  The monotonic clock never goes back on any CPU and runs at the
 * rate of real time; reading takes no lock.
 *
 * IDEA.  One point is known: at counter value cycle_last it was mono_ns.  Now
 * is that plus what the counter has advanced since.  The tick moves the point
 * forward, so that the product stays small and a wrapping counter is seen in
 * time.  All other clocks are the monotonic one plus an offset.
 *
 *	ns |            . now = mono_ns + (delta * mult + frac >> shift)
 *	   |        .
 *	   |    o  (cycle_last, mono_ns.frac)
 *	   +----|-------|----- counter
 *	          delta
 *
 * frac keeps the part of a nanosecond that the shift would cut off, in units
 * of 2^-shift ns: without it each move would lose half of one on average.
 *
 * INVARIANTS.
 *   T1  Moving the point does not change what readers compute.
 *   T2  frac < 2^shift.
 *
 * LOCKING.  tk_lock serialises writers, irqs off; readers use the sequence
 * count.  CPUs whose counters differ a little could read below cycle_last:
 * a negative delta counts as 0.
 *
 * SEE docs/44-time-and-timers.md.
 */

#include <kernel/timekeeping.h>

#include <arch/time.h>
#include <kernel/clocksource.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/hrtimer.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/seqlock.h>
#include <kernel/workqueue.h>

#include "ntp.h"
#include "timekeeping_internal.h"

/* After a long sleep the seconds before these are only counted. */
#define MAX_SECONDS_IN_TURN 64

struct timekeeper {
	struct clocksource *cs;
	u64 cycle_last;
	u32 mult;                     /* as disciplined by adjtimex */
	u32 shift;
	u64 frac;                     /* T2 */
	u64 mono_ns;                  /* at cycle_last */
	u64 raw_ns, raw_frac;         /* the same with the undisciplined mult */
	u64 offs_real;                /* to add to mono_ns */
	u64 offs_boot;
	s32 tai_offset;               /* s */
	s64 wall_sec;                 /* the discipline has seen it begin */
};

/* jiffies as a counter, until a real one is registered. */
static u64 jiffies_read(struct clocksource *cs)
{
	return jiffies;
}

static struct clocksource clocksource_jiffies = {
	.name = "jiffies",
	.rating = 1,
	.read = jiffies_read,
	.mask = CLOCKSOURCE_MASK(32),
	.mult = TICK_NSEC << 8,
	.shift = 8,
	.max_idle_ns = TICK_NSEC,
};

static DEFINE_SPINLOCK(tk_lock);
static seqcount_t tk_seq;
static struct timekeeper tk = {
	.cs = &clocksource_jiffies,
	.mult = TICK_NSEC << 8,
	.shift = 8,
};
struct vdso_data vdso_data;
struct timezone sys_tz;

u64 sched_clock(void)
{
	return native_sched_clock();
}

static u64 cycles_since_last(void)
{
	u64 delta = (tk.cs->read(tk.cs) - tk.cycle_last) & tk.cs->mask;

	/* More than half of the range: a step back. */
	return delta & ~(tk.cs->mask >> 1) ? 0 : delta;
}

static u64 scale(u64 cycles, u32 mult, u64 frac, u32 shift)
{
	return ((unsigned __int128)cycles * mult + frac) >> shift;
}

static ktime_t read_clock(const u64 *offset)
{
	unsigned int seq;
	u64 ns;

	do {
		seq = read_seqcount_begin(&tk_seq);
		ns = tk.mono_ns + (offset ? *offset : 0) +
		     scale(cycles_since_last(), tk.mult, tk.frac, tk.shift);
	} while (read_seqcount_retry(&tk_seq, seq));
	return ns;
}

ktime_t ktime_get(void)
{
	return read_clock(NULL);
}
EXPORT_SYMBOL(ktime_get);

ktime_t ktime_get_real(void)
{
	return read_clock(&tk.offs_real);
}
EXPORT_SYMBOL(ktime_get_real);

ktime_t ktime_get_boottime(void)
{
	return read_clock(&tk.offs_boot);
}

ktime_t ktime_get_clocktai(void)
{
	return ktime_get_real() + READ_ONCE(tk.tai_offset) * NSEC_PER_SEC;
}

ktime_t ktime_get_raw(void)
{
	unsigned int seq;
	u64 ns;

	do {
		seq = read_seqcount_begin(&tk_seq);
		ns = tk.raw_ns + scale(cycles_since_last(), tk.cs->mult,
				       tk.raw_frac, tk.shift);
	} while (read_seqcount_retry(&tk_seq, seq));
	return ns;
}

ktime_t ktime_get_coarse(void)
{
	unsigned int seq;
	u64 ns;

	do {
		seq = read_seqcount_begin(&tk_seq);
		ns = tk.mono_ns;
	} while (read_seqcount_retry(&tk_seq, seq));
	return ns;
}

ktime_t ktime_get_coarse_real(void)
{
	unsigned int seq;
	u64 ns;

	do {
		seq = read_seqcount_begin(&tk_seq);
		ns = tk.mono_ns + tk.offs_real;
	} while (read_seqcount_retry(&tk_seq, seq));
	return ns;
}

time64_t ktime_get_seconds(void)
{
	return ktime_get_coarse() / NSEC_PER_SEC;
}

time64_t ktime_get_real_seconds(void)
{
	return ktime_get_coarse_real() / NSEC_PER_SEC;
}

void ktime_get_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(ktime_get());
}

void ktime_get_real_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(ktime_get_real());
}

void ktime_get_coarse_real_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(ktime_get_coarse_real());
}

void ktime_get_boottime_ts64(struct timespec64 *ts)
{
	*ts = ns_to_timespec64(ktime_get_boottime());
}

/* What turns monotonic time into that of `clock`. */
ktime_t ktime_clock_offset(clockid_t clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
		return READ_ONCE(tk.offs_real);
	case CLOCK_BOOTTIME:
		return READ_ONCE(tk.offs_boot);
	case CLOCK_TAI:
		return READ_ONCE(tk.offs_real) +
		       READ_ONCE(tk.tai_offset) * NSEC_PER_SEC;
	default:
		return 0;
	}
}

ktime_t ktime_mono_to_any(ktime_t mono, clockid_t clock)
{
	return mono + ktime_clock_offset(clock);
}

int ktime_get_clock(clockid_t clock, ktime_t *now)
{
	switch (clock) {
	case CLOCK_REALTIME:
		*now = ktime_get_real();
		return 0;
	case CLOCK_MONOTONIC:
		*now = ktime_get();
		return 0;
	case CLOCK_MONOTONIC_RAW:
		*now = ktime_get_raw();
		return 0;
	case CLOCK_REALTIME_COARSE:
		*now = ktime_get_coarse_real();
		return 0;
	case CLOCK_MONOTONIC_COARSE:
		*now = ktime_get_coarse();
		return 0;
	case CLOCK_BOOTTIME:
		*now = ktime_get_boottime();
		return 0;
	case CLOCK_TAI:
		*now = ktime_get_clocktai();
		return 0;
	default:
		return -EINVAL;
	}
}

/* Seconds, and nanoseconds << shift, of `ns` and the fraction. */
static void vdso_split(u64 ns, u64 *sec, u64 *snsec)
{
	*sec = ns / NSEC_PER_SEC;
	*snsec = ((ns % NSEC_PER_SEC) << tk.shift) + tk.frac;
}

/* tk_lock held. */
static void update_vdso(void)
{
	struct vdso_data *v = &vdso_data;

	WRITE_ONCE(v->seq, v->seq + 1);
	smp_wmb();
	v->clock_mode = !!(tk.cs->flags & CLOCK_SOURCE_VALID_FOR_VDSO);
	v->cycle_last = tk.cycle_last;
	v->mask = tk.cs->mask;
	v->mult = tk.mult;
	v->shift = tk.shift;
	vdso_split(tk.mono_ns, &v->mono_sec, &v->mono_snsec);
	vdso_split(tk.mono_ns + tk.offs_real, &v->wall_sec, &v->wall_snsec);
	vdso_split(tk.mono_ns + tk.offs_boot, &v->boot_sec, &v->boot_snsec);
	v->wall_coarse_sec = v->wall_sec;
	v->wall_coarse_nsec = v->wall_snsec >> tk.shift;
	v->mono_coarse_sec = v->mono_sec;
	v->mono_coarse_nsec = v->mono_snsec >> tk.shift;
	v->tz_minuteswest = sys_tz.tz_minuteswest;
	v->tz_dsttime = sys_tz.tz_dsttime;
	smp_wmb();
	WRITE_ONCE(v->seq, v->seq + 1);
}

static unsigned long tk_write_begin(void)
{
	unsigned long flags;

	spin_lock_irqsave(&tk_lock, flags);
	raw_write_seqcount_begin(&tk_seq);
	return flags;
}

static void tk_write_end(unsigned long flags)
{
	update_vdso();
	raw_write_seqcount_end(&tk_seq);
	spin_unlock_irqrestore(&tk_lock, flags);
}

/* Move the known point to now.  Between tk_write_begin and _end.  T1 */
static void accumulate(void)
{
	u64 mask = (1ULL << tk.shift) - 1;
	u64 cycles = cycles_since_last();
	unsigned __int128 s;

	s = (unsigned __int128)cycles * tk.mult + tk.frac;
	tk.mono_ns += s >> tk.shift;
	tk.frac = (u64)s & mask;
	s = (unsigned __int128)cycles * tk.cs->mult + tk.raw_frac;
	tk.raw_ns += s >> tk.shift;
	tk.raw_frac = (u64)s & mask;
	tk.cycle_last = (tk.cycle_last + cycles) & tk.cs->mask;
}

static s64 wall_seconds(void)
{
	return (s64)(tk.mono_ns + tk.offs_real) / (s64)NSEC_PER_SEC;
}

/* As fast as the discipline wants it.  Between tk_write_begin and _end. */
static void set_rate(void)
{
	s64 ratio = ntp_rate() / (s64)NSEC_PER_SEC;    /* << 32 */

	tk.mult = tk.cs->mult + ((s64)tk.cs->mult * ratio >> 32);
}

/* Seconds have begun: tell the discipline; true if the clock leapt. */
static bool begin_seconds(s64 now)
{
	u64 more = now - tk.wall_sec > MAX_SECONDS_IN_TURN
		 ? now - tk.wall_sec - MAX_SECONDS_IN_TURN : 0;
	bool leapt = false;

	tk.wall_sec += more;
	while (tk.wall_sec < now) {
		int leap = ntp_second(++tk.wall_sec, more, tk.mono_ns);

		more = 0;
		if (!leap)
			continue;
		tk.offs_real += leap * (s64)NSEC_PER_SEC;
		tk.tai_offset -= leap;
		tk.wall_sec += leap;
		now += leap;
		leapt = true;
	}
	set_rate();
	return leapt;
}

/* clock_was_set() sends to all CPUs and waits: not from a tick. */
static void after_leap(struct work_struct *work)
{
	clock_was_set();
}

static DECLARE_WORK(leap_work, after_leap);

void update_wall_time(void)
{
	unsigned long flags = tk_write_begin();
	bool leapt = false;
	s64 now;

	accumulate();
	now = wall_seconds();
	if (now != tk.wall_sec)
		leapt = begin_seconds(now);
	tk_write_end(flags);
	if (leapt) {
		pr_info("clock: a leap second\n");
		schedule_work(&leap_work);
	}
}

void timekeeping_notify(struct clocksource *cs)
{
	unsigned long flags;

	if (tk.cs == cs)
		return;
	flags = tk_write_begin();
	accumulate();
	tk.cs = cs;
	tk.cycle_last = cs->read(cs) & cs->mask;
	tk.shift = cs->shift;
	tk.frac = tk.raw_frac = 0;
	set_rate();
	tk_write_end(flags);
	pr_info("clocksource: %s\n", cs->name);
}

/*
 * ns an idle CPU may sleep before the counter must be read again, or a second
 * begins for which the discipline has plans.
 */
u64 timekeeping_max_deferment(void)
{
	u64 ns = READ_ONCE(tk.cs)->max_idle_ns;

	if (!ntp_active())
		return ns;
	return min(ns, NSEC_PER_SEC - (u64)ktime_get_real() % NSEC_PER_SEC);
}

int do_settimeofday64(const struct timespec64 *ts)
{
	unsigned long flags;

	if (!timespec64_valid(ts) || ts->tv_sec >= KTIME_SEC_MAX)
		return -EINVAL;
	flags = tk_write_begin();
	accumulate();
	tk.offs_real = timespec64_to_ktime(*ts) - tk.mono_ns;
	tk.wall_sec = wall_seconds();
	ntp_clear();
	set_rate();
	tk_write_end(flags);
	clock_was_set();
	return 0;
}

void timekeeping_update_rate(void)
{
	unsigned long flags = tk_write_begin();

	accumulate();
	set_rate();
	tk_write_end(flags);
}

s32 timekeeping_tai(const s32 *set)
{
	if (set) {
		unsigned long flags = tk_write_begin();

		tk.tai_offset = *set;
		tk_write_end(flags);
	}
	return READ_ONCE(tk.tai_offset);
}

void timekeeping_init(void)
{
	struct timespec64 wall = { 0, 0 };
	unsigned long flags;

	read_persistent_clock64(&wall);
	flags = tk_write_begin();
	tk.cycle_last = tk.cs->read(tk.cs) & tk.cs->mask;
	tk.offs_real = timespec64_to_ktime(wall);
	tk.wall_sec = wall_seconds();
	tk_write_end(flags);
}
