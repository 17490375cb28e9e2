/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_TIME_CPU_TIMERS_H
#define KERNEL_TIME_CPU_TIMERS_H
/* cpu_timers.h -- between posix_timers.c, clock_calls.c and cpu_timers.c */

#include <kernel/list.h>
#include <kernel/rbtree.h>
#include <kernel/signal.h>

struct pid;

/* A negative clock id: whose CPU time, and which. */
#define CPUCLOCK_PERTHREAD 4
#define CPUCLOCK_KIND(c) ((c) & 3)    /* 0 prof, 1 virt, 2 sched */
#define CPUCLOCK_PID(c) ((pid_t)~((c) >> 3))
#define CPUCLOCK_SCHED 2

/* CPU clocks are below 0, or the two that name the caller's own. */
static inline bool is_cpu_clock(clockid_t clock)
{
	return clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID ||
	       clock == CLOCK_THREAD_CPUTIME_ID;
}

/* The clock of an open device, were there one: -EOPNOTSUPP or -EINVAL. */
static inline bool is_device_clock(clockid_t clock)
{
	return clock < 0 && (clock & 7) == 3;
}

/*
 * Field keys:  [c] constant  [S] siglock of the process whose clock it is
 *   [f] whoever set `firing`
 */
struct cpu_timer {
	struct rb_node node;          /* [S] in a queue of that process, if */
	bool armed;                   /* [S] this */
	bool firing;                  /* [S] to set; its function is to run */
	struct list_head due;         /* [f] */
	u64 more;                     /* [f] times that were missed */
	u64 expires;                  /* [S] ns on its clock */
	u64 interval;                 /* [S] 0: once */
	int kind;                     /* [c] 0 user + system, 1 user, 2 exact */
	bool thread;                  /* [c] of one thread, or of all */
	struct pid *target;           /* [c] whose clock; counted */
	/* It is due, and would have been `more` times beside.  Irqs off, no
	 * lock held. */
	void (*fire)(struct cpu_timer *ct, u64 more);
};

/* 0, or -EINVAL: no such clock.  Fills all but `fire`. */
int cpu_timer_init(struct cpu_timer *ct, clockid_t clock);
/* Disarm; its function does not run any more.  Process context. */
void cpu_timer_stop(struct cpu_timer *ct);
void cpu_timer_free(struct cpu_timer *ct);
/* Of a stopped timer; expires 0: leave it so.  -ESRCH: whose clock it was is
 * gone.  Process context. */
int cpu_timer_set(struct cpu_timer *ct, bool absolute, u64 expires,
		  u64 interval);
/* ns left, 0 if it is not armed. */
u64 cpu_timer_left(struct cpu_timer *ct);
/* Tick, irqs off; t is current. */
void run_posix_cpu_timers(struct task_struct *t);
/* Now on a clock that is_cpu_clock(); 0 or -EINVAL. */
int cpu_clock_get(clockid_t clock, ktime_t *now);
/* May there be a timer on it, too? */
bool cpu_clock_exists(clockid_t clock);
/* Sleep until it says `expires`: 0, -EINTR or -EINVAL. */
int cpu_clock_sleep(clockid_t clock, ktime_t expires);

#endif
