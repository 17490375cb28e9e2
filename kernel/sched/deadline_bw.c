/* SPDX-License-Identifier: MIT */
/*
 * deadline_bw.c -- admission: promise only what can be kept
 *
 * IDEA.  Each deadline task asks for runtime / period of a CPU.  The sum over
 * all may not pass the share that real-time work may have at all
 * (sched_rt_runtime_us / sched_rt_period_us, 95 %) times the number of CPUs.
 * Global EDF keeps lateness bounded below that, though not zero.
 *
 * LOCKING.  bw_lock, irqs off: dead tasks are freed in softirqs; outside of the
 * run queues' locks.
 *
 * SEE sched(7), docs/36-deadline-class.md.
 */

#include "sched.h"

#include <kernel/errno.h>
#include <kernel/kernel.h>

#define BW_SHIFT 20
#define MIN_RUNTIME 1024              /* ns: finer than any clock */
#define MIN_PERIOD 100000ULL          /* ns */
#define MAX_PERIOD (4194304ULL * 1000)

static DEFINE_SPINLOCK(bw_lock);
static u64 total_bw;                  /* bw_lock */

/* Both below 2^43 ns: checked, or a setting in us. */
static u64 ratio(u64 runtime, u64 period)
{
	return period ? (runtime << BW_SHIFT) / period : 0;
}

/* Is what sched_setattr() got a sensible triple? */
bool dl_params_valid(const struct sched_attr *a)
{
	u64 period = a->sched_period ? a->sched_period : a->sched_deadline;

	if (!a->sched_deadline || a->sched_runtime < MIN_RUNTIME)
		return false;
	if ((a->sched_deadline | a->sched_period) & (1ULL << 63))
		return false;
	if (period < a->sched_deadline || a->sched_deadline < a->sched_runtime)
		return false;
	return period >= MIN_PERIOD && period <= MAX_PERIOD;
}

/*
 * p wants to be what attr says: book it.  -EBUSY: not enough left.  What p had
 * booked before is given back in the same step.
 */
int dl_bw_change(struct task_struct *p, const struct sched_attr *attr)
{
	u64 period = attr->sched_period ? attr->sched_period
					: attr->sched_deadline;
	u64 want = attr->sched_policy == SCHED_DEADLINE ?
		   ratio(attr->sched_runtime, period) : 0;
	u64 cap = num_online_cpus() *
		  ratio(sysctl_sched_rt_runtime, sysctl_sched_rt_period);
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&bw_lock, flags);
	if (want && sysctl_sched_rt_runtime >= 0 &&
	    total_bw - p->dl.dl_bw + want > cap) {
		err = -EBUSY;
	} else {
		total_bw += want - p->dl.dl_bw;
		p->dl.dl_bw = want;
	}
	spin_unlock_irqrestore(&bw_lock, flags);
	return err;
}

/*
 * p ended: at its last switch, and once more when its memory goes, for between
 * the two sched_setattr() may still have found it.
 */
void dl_task_dead(struct task_struct *p)
{
	unsigned long flags;

	if (likely(!p->dl.dl_bw))
		return;
	spin_lock_irqsave(&bw_lock, flags);
	total_bw -= p->dl.dl_bw;
	p->dl.dl_bw = 0;
	spin_unlock_irqrestore(&bw_lock, flags);
}

/* The values of /proc/sys/kernel/sched_rt_*_us may not break promises given. */
int dl_bw_check_limit(long runtime_us, long period_us)
{
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&bw_lock, flags);
	if (runtime_us >= 0 &&
	    num_online_cpus() * ratio(runtime_us, period_us) < total_bw)
		err = -EBUSY;
	spin_unlock_irqrestore(&bw_lock, flags);
	return err;
}
