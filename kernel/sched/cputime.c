/* SPDX-License-Identifier: MIT */
/*
 * cputime.c -- where the time went: per CPU and per task, user and kernel
 *
 * IDEA.  Two sources.  The scheduler knows exactly how long a task ran
 * (sum_exec_runtime), but not in which mode; the tick sees in which mode it
 * hits, but only samples.  So the ticks give the proportion, and the exact sum
 * is split by it.
 *
 *	sum_exec_runtime  |=====================|  exact
 *	ticks             utime : stime = 3 : 1    samples
 *	told              |user          |kernel|  sum exact, split sampled
 *
 * What a task was told never goes back (P1): when a new sample changes the
 * proportion, the smaller part waits until the larger has caught up.
 *
 * A CPU's idle time is not sampled, for an idle CPU has no tick: it is the
 * length of the halts (kernel/time/tick.c).
 *
 * LOCKING.  kernel_cpustat is written by its own CPU, irqs off, and read by
 * all.  prev_utime, prev_stime: a spinlock.
 */

#include <kernel/cputime.h>

#include "sched.h"

#include <kernel/hardirq.h>
#include <kernel/kernel.h>
#include <kernel/softirq.h>
#include <kernel/task.h>
#include <kernel/tick.h>

struct kernel_cpustat {
	u64 ns[NR_STATS];
};

static DEFINE_PER_CPU(struct kernel_cpustat, kernel_cpustat);
static DEFINE_SPINLOCK(prev_lock);

static void charge(enum cpu_usage_stat which, u64 ns)
{
	this_cpu_add(kernel_cpustat.ns[which], ns);
}

/*
 * A tick interrupted t, in user mode or not, `ns` after the last one: usually
 * TICK_NSEC, more where a hypervisor took the CPU away.  Hard irq, irqs off.
 */
void account_process_tick(struct task_struct *t, bool user, u64 ns)
{
	if (user) {
		t->utime += ns;
		charge(task_nice(t) > 0 ? CPUTIME_NICE : CPUTIME_USER, ns);
		return;
	}
	if (hardirq_count() > HARDIRQ_OFFSET) {
		charge(CPUTIME_IRQ, ns);
	} else if (in_serving_softirq()) {
		charge(CPUTIME_SOFTIRQ, ns);
	} else if (t->flags & PF_IDLE) {
		return;               /* the halts are measured */
	} else {
		charge(CPUTIME_SYSTEM, ns);
		t->stime += ns;
		return;
	}
	if (!(t->flags & PF_IDLE))
		t->stime += ns;
}

/* This CPU was halted for ns.  Irqs off. */
void account_idle_ns(u64 ns)
{
	bool iowait = atomic_read(&this_rq()->nr_iowait) > 0;

	charge(iowait ? CPUTIME_IOWAIT : CPUTIME_IDLE, ns);
}

u64 kcpustat_field(int cpu, enum cpu_usage_stat which)
{
	bool iowait = atomic_read(&cpu_rq(cpu)->nr_iowait) > 0;
	unsigned int seq;
	u64 ns;

	do {
		seq = read_seqcount_begin(tick_idle_seq(cpu));
		ns = READ_ONCE(per_cpu(kernel_cpustat, cpu).ns[which]);
		if (which == (iowait ? CPUTIME_IOWAIT : CPUTIME_IDLE))
			ns += get_cpu_idle_time_ns(cpu);
	} while (read_seqcount_retry(tick_idle_seq(cpu), seq));
	return ns;
}

/* With what the running stint has used so far. */
u64 task_sched_runtime(struct task_struct *t)
{
	unsigned long flags;
	struct rq *rq = task_rq_lock(t, &flags);
	u64 ns;

	if (task_current(rq, t) && t->sched_class->update_curr) {
		update_rq_clock(rq);
		t->sched_class->update_curr(rq);
	}
	ns = t->se.sum_exec_runtime;
	task_rq_unlock(rq, t, &flags);
	return ns;
}

/* Split `total` as utime : stime; then make neither go back.  P1 */
static void split_runtime(u64 total, u64 *utime, u64 *stime, u64 *prev_utime,
			  u64 *prev_stime)
{
	u64 ut = *utime, st = *stime;
	unsigned long flags;

	spin_lock_irqsave(&prev_lock, flags);
	if (total > *prev_utime + *prev_stime) {
		if (st == 0)
			ut = total;
		else if (ut == 0)
			st = total;
		else
			st = mul_u64_u64_div_u64(st, total, ut + st);
		st = max(st, *prev_stime);
		ut = total > st ? total - st : 0;
		if (st == 0 || ut < *prev_utime) {
			ut = max(ut, *prev_utime);
			st = total > ut ? total - ut : 0;
		}
		*prev_utime = ut;
		*prev_stime = max(st, *prev_stime);
	}
	*utime = *prev_utime;
	*stime = *prev_stime;
	spin_unlock_irqrestore(&prev_lock, flags);
}

void task_cputime_adjusted(struct task_struct *t, u64 *utime, u64 *stime)
{
	*utime = READ_ONCE(t->utime);
	*stime = READ_ONCE(t->stime);
	split_runtime(task_sched_runtime(t), utime, stime, &t->prev_utime,
		      &t->prev_stime);
}

/* All threads of t's group and, in its signal_struct, those that died. */
void thread_group_cputime_adjusted(struct task_struct *t, u64 *utime,
				   u64 *stime)
{
	struct signal_struct *sig = t->signal;
	struct task_struct *thread;
	u64 ut, st;

	*utime = READ_ONCE(sig->utime);
	*stime = READ_ONCE(sig->stime);
	rcu_read_lock();
	for_each_thread(t, thread) {
		task_cputime_adjusted(thread, &ut, &st);
		*utime += ut;
		*stime += st;
	}
	rcu_read_unlock();
}

u64 thread_group_sched_runtime(struct task_struct *t)
{
	struct task_struct *thread;
	u64 sum = READ_ONCE(t->signal->sum_sched_runtime);

	rcu_read_lock();
	for_each_thread(t, thread)
		sum += task_sched_runtime(thread);
	rcu_read_unlock();
	return sum;
}
