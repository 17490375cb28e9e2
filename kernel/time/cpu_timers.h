/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_TIME_CPU_TIMERS_H
#define KERNEL_TIME_CPU_TIMERS_H
/* cpu_timers.h -- between posix_timers.c, itimer.c and cpu_timers.c */

#include <kernel/list.h>
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

/* Field keys: [c] constant  [S] siglock of the process whose clock it is */
struct cpu_timer {
	struct list_head list;        /* [S] among the armed; empty: not armed */
	u64 expires;                  /* [S] ns on its clock */
	u64 interval;                 /* [S] 0: once */
	int kind;                     /* [c] 0 user + system, 1 user, 2 exact */
	bool thread;                  /* [c] of one thread, or of all */
	struct pid *target;           /* [c] whose clock; counted */
	/* It is due, and would have been `more` times beside; siglock held. */
	void (*fire)(struct cpu_timer *ct, struct task_struct *t, u64 more);
};

/* Is `clock` a CPU clock of current's process? Fills the constant fields. */
int cpu_timer_init(struct cpu_timer *ct, clockid_t clock);
void cpu_timer_free(struct cpu_timer *ct);
/* expires 0: disarm. Process context. */
void cpu_timer_set(struct cpu_timer *ct, struct list_head *armed, bool absolute,
		   u64 expires, u64 interval);
/* ns left, 0 if it is not armed. */
u64 cpu_timer_left(struct cpu_timer *ct);
/* Tick, irqs off, siglock held: t runs, and these are its process's timers. */
void cpu_timers_tick(struct list_head *armed, struct task_struct *t);
/* posix_timers.c: the same for the timers that t's process has. */
void run_posix_cpu_timers(struct task_struct *t);
/* clock_calls.c */
u64 cpu_clock_of(struct task_struct *t, bool thread, int kind);

#endif
