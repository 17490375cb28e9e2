/* SPDX-License-Identifier: MIT */
/*
 * clock.c -- telling the time without entering the kernel
 *
 * This is user code: a small shared library that the kernel maps into every
 * process and that the C library finds by AT_SYSINFO_EHDR.  The page in front
 * of it (`vvar`) is the kernel's, read-only here: the time at the last tick,
 * and how to turn TSC ticks since then into nanoseconds.
 *
 *	reader                              kernel/time/timekeeping.c
 *	s = seq, even?            [a]       seq++ (odd)
 *	read the fields, the TSC  [b]       change the fields
 *	seq still s?              [c]       seq++ (even)
 *
 * If the kernel wrote during [b], seq was odd at [a] or differs at [c], and
 * the reader starts again: it never waits for anybody, and never locks.
 *
 * Where the clock is not the TSC, or for clocks that are not in the page, the
 * system call is made as if there were no vDSO.  SEE vdso(7).
 */

#include "vvar.h"

#include <uapi/asm/unistd.h>
#include <uapi/time.h>

/*
 * In this order: whose pointer is wild gets SIGSEGV with its own address in
 * si_addr, as from Linux's, and not that of the second field.
 */
#define STORE(place, value) (*(volatile __typeof__(place) *)&(place) = (value))

#define NSEC_PER_SEC_ULL 1000000000ULL

struct sum {
	u64 sec, ns;
};

static inline long syscall2(long nr, long a, long b)
{
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "0"(nr), "D"(a), "S"(b)
			 : "rcx", "r11", "memory");
	return ret;
}

static inline u64 read_tsc(void)
{
	u32 low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) :: "memory");
	return low | (u64)high << 32;
}

static inline u32 read_begin(void)
{
	u32 seq;

	while ((seq = READ_ONCE(vvar.seq)) & 1)
		__asm__ volatile("pause");
	barrier();
	return seq;
}

static inline bool read_retry(u32 seq)
{
	barrier();
	return READ_ONCE(vvar.seq) != seq;
}

/* Nanoseconds since the second of the base that *sec and *snsec name.  Inlined
 * for each clock: its two fields are then plain constants. */
static __always_inline bool read_fine(const u64 *sec, const u64 *snsec,
				      struct timespec64 *ts)
{
	u64 s, ns, delta;
	u32 seq;

	do {
		seq = read_begin();
		if (vvar.clock_mode == 0)
			return false;
		delta = (read_tsc() - vvar.cycle_last) & vvar.mask;
		if (delta >> 63)
			delta = 0;      /* a little behind the writer */
		s = *sec;
		ns = ((unsigned __int128)delta * vvar.mult + *snsec) >>
		     vvar.shift;
	} while (read_retry(seq));
	while (ns >= NSEC_PER_SEC_ULL) {
		ns -= NSEC_PER_SEC_ULL;
		s++;
	}
	STORE(ts->tv_sec, s);
	STORE(ts->tv_nsec, ns);
	return true;
}

static void read_coarse(const u64 *sec, const u64 *nsec, struct timespec64 *ts)
{
	u32 seq;

	do {
		seq = read_begin();
		STORE(ts->tv_sec, *sec);
		STORE(ts->tv_nsec, *nsec);
	} while (read_retry(seq));
}

/* False: not from here. */
static __always_inline bool read_clock(clockid_t clock, struct timespec64 *ts)
{
	switch (clock) {
	case CLOCK_REALTIME:
		return read_fine(&vvar.wall_sec, &vvar.wall_snsec, ts);
	case CLOCK_MONOTONIC:
		return read_fine(&vvar.mono_sec, &vvar.mono_snsec, ts);
	case CLOCK_BOOTTIME:
		return read_fine(&vvar.boot_sec, &vvar.boot_snsec, ts);
	case CLOCK_REALTIME_COARSE:
		read_coarse(&vvar.wall_coarse_sec, &vvar.wall_coarse_nsec, ts);
		return true;
	case CLOCK_MONOTONIC_COARSE:
		read_coarse(&vvar.mono_coarse_sec, &vvar.mono_coarse_nsec, ts);
		return true;
	default:
		return false;
	}
}

int __vdso_clock_gettime(clockid_t clock, struct timespec64 *ts);
int __vdso_gettimeofday(struct timeval *tv, struct timezone *tz);
long __vdso_time(long *t);
int __vdso_clock_getres(clockid_t clock, struct timespec64 *res);
long __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused);

int __vdso_clock_gettime(clockid_t clock, struct timespec64 *ts)
{
	if (read_clock(clock, ts))
		return 0;
	return syscall2(__NR_clock_gettime, clock, (long)ts);
}

int __vdso_gettimeofday(struct timeval *tv, struct timezone *tz)
{
	struct timespec64 ts;

	if (tz || !tv || !read_clock(CLOCK_REALTIME, &ts))
		return syscall2(__NR_gettimeofday, (long)tv, (long)tz);
	STORE(tv->tv_sec, ts.tv_sec);
	STORE(tv->tv_usec, ts.tv_nsec / 1000);
	return 0;
}

long __vdso_time(long *t)
{
	struct timespec64 ts;

	read_coarse(&vvar.wall_coarse_sec, &vvar.wall_coarse_nsec, &ts);
	if (t)
		*t = ts.tv_sec;
	return ts.tv_sec;
}

int __vdso_clock_getres(clockid_t clock, struct timespec64 *res)
{
	return syscall2(__NR_clock_getres, clock, (long)res);
}

/* The kernel keeps the CPU's number where rdtscp reads it. */
long __vdso_getcpu(unsigned *cpu, unsigned *node,
		   void *unused __maybe_unused)
{
	u32 low, high, number;

	if (!vvar.has_rdtscp)
		return syscall2(__NR_getcpu, (long)cpu, (long)node);
	__asm__ volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(number));
	if (cpu)
		*cpu = number;
	if (node)
		*node = 0;
	return 0;
}

int clock_gettime(clockid_t, struct timespec64 *)
	__attribute__((weak, alias("__vdso_clock_gettime")));
int gettimeofday(struct timeval *, struct timezone *)
	__attribute__((weak, alias("__vdso_gettimeofday")));
long time(long *) __attribute__((weak, alias("__vdso_time")));
int clock_getres(clockid_t, struct timespec64 *)
	__attribute__((weak, alias("__vdso_clock_getres")));
long getcpu(unsigned *, unsigned *, void *)
	__attribute__((weak, alias("__vdso_getcpu")));
