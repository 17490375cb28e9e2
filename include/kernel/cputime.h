/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_CPUTIME_H
#define KERNEL_CPUTIME_H
/* cputime.h -- where each CPU's and each task's time went */

#include <arch/percpu.h>
#include <kernel/types.h>

struct task_struct;

/* The columns of a cpu line in /proc/stat. */
enum cpu_usage_stat {
	CPUTIME_USER,
	CPUTIME_NICE,
	CPUTIME_SYSTEM,
	CPUTIME_IDLE,
	CPUTIME_IOWAIT,
	CPUTIME_IRQ,
	CPUTIME_SOFTIRQ,
	CPUTIME_STEAL,
	CPUTIME_GUEST,
	CPUTIME_GUEST_NICE,
	NR_STATS
};

/* ns of `which` on `cpu`; idle includes the sleep going on.  Any context. */
u64 kcpustat_field(int cpu, enum cpu_usage_stat which);

/* ns in user and kernel mode: split as the ticks were, summing to what the
 * scheduler measured.  Any context. */
void task_cputime_adjusted(struct task_struct *t, u64 *utime, u64 *stime);
/* Of all threads, the dead ones included; takes rcu_read_lock. */
void thread_group_cputime_adjusted(struct task_struct *t, u64 *utime,
				   u64 *stime);
#define task_cputime(t, ut, st) task_cputime_adjusted(t, ut, st)
#define thread_group_cputime(t, ut, st) \
	thread_group_cputime_adjusted(t, ut, st)
/* ns on a CPU, up to now. */
u64 task_sched_runtime(struct task_struct *t);
u64 thread_group_sched_runtime(struct task_struct *t);

/* Tick: charge `ns` to current by what was interrupted; irqs off. */
void account_process_tick(struct task_struct *t, bool user, u64 ns);
void account_idle_ns(u64 ns);

#endif
