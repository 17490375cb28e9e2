/* SPDX-License-Identifier: MIT */
/*
 * syscalls.c -- the scheduler's door for programs
 *
 * Each call decodes (copies, checks, finds the task), then performs with
 * priority.c.  A task found by number is held by a reference, taken under
 * RCU; it may be dead by the time it is changed, which harms nobody.
 *
 * LOCKING.  attr_lock: what is there, whether the new may be, the booking of
 * bandwidth and the change itself are one step.  Outside of all others.  It
 * spins, though all of the machine's tasks share it: who held a lock that sleeps
 * might be made to wait behind a real-time task, and with it whoever wants
 * another priority or CPU.  So also a move to another CPU is awaited without it.
 *
 * SEE sched(7), sched_setattr(2), getpriority(2); docs/40-scheduling.md.
 */

#include "sched.h"

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <kernel/spinlock.h>
#include <kernel/syscall.h>
#include <kernel/task.h>

static DEFINE_SPINLOCK(attr_lock);

struct sched_param {
	int sched_priority;
};

#define PRIO_PROCESS 0
#define PRIO_PGRP 1
#define PRIO_USER 2

/* pid 0 is current.  With a reference; NULL: nobody. */
static struct task_struct *get_task_by_pid(pid_t pid)
{
	struct task_struct *p;

	rcu_read_lock();
	p = pid ? find_task_by_vpid(pid) : current;
	if (p)
		get_task_struct(p);
	rcu_read_unlock();
	return p;
}

/* May current change p?  Its owner, by effective user, or privileged. */
static bool same_owner(struct task_struct *p)
{
	uid_t euid = current_euid();
	bool same;

	rcu_read_lock();
	same = euid == __task_cred(p)->euid || euid == __task_cred(p)->uid;
	rcu_read_unlock();
	return same;
}

/* Without CAP_SYS_NICE: what a user may give its own tasks. */
static int may_set(struct task_struct *p, int policy,
		   const struct sched_attr *attr)
{
	if (capable(CAP_SYS_NICE))
		return 0;
	if (fair_policy(policy) && attr->sched_nice < task_nice(p) &&
	    !can_nice(p, attr->sched_nice))
		return -EPERM;
	if (rt_policy(policy)) {
		unsigned long limit = task_rlimit(p, RLIMIT_RTPRIO);

		if (policy != p->policy && !limit)
			return -EPERM;
		if (attr->sched_priority > p->rt_priority &&
		    attr->sched_priority > limit)
			return -EPERM;
	}
	if (dl_policy(policy))
		return -EPERM;
	/* Leaving SCHED_IDLE needs what raising the nice value needs. */
	if (task_has_idle_policy(p) && policy != SCHED_IDLE &&
	    !can_nice(p, task_nice(p)))
		return -EPERM;
	if (!same_owner(p))
		return -EPERM;
	if (p->sched_reset_on_fork &&
	    !(attr->sched_flags & SCHED_FLAG_RESET_ON_FORK))
		return -EPERM;
	return 0;
}

static bool attr_valid(const struct sched_attr *attr)
{
	int policy = attr->sched_policy;

	if (!rt_policy(policy) && !fair_policy(policy) && !dl_policy(policy))
		return false;
	if (attr->sched_flags & ~(u64)SCHED_FLAG_ALL)
		return false;
	if (dl_policy(policy) && !dl_params_valid(attr))
		return false;
	return attr->sched_priority < MAX_RT_PRIO &&
	       rt_policy(policy) == (attr->sched_priority != 0);
}

/* KEEP_PARAMS: the policy may change, what p has of it already stays. */
static void keep_params(struct task_struct *p, struct sched_attr *attr)
{
	if (dl_policy(p->policy)) {
		attr->sched_runtime = p->dl.dl_runtime;
		attr->sched_deadline = p->dl.dl_deadline;
		attr->sched_period = p->dl.dl_period;
	} else if (rt_policy(p->policy)) {
		attr->sched_priority = p->rt_priority;
	} else {
		attr->sched_nice = task_nice(p);
	}
}

/* attr_lock held. */
static int setscheduler(struct task_struct *p, const struct sched_attr *attr)
{
	int policy = attr->sched_policy, err;

	if (!attr_valid(attr))
		return -EINVAL;
	err = may_set(p, policy, attr);
	if (err)
		return err;
	if (p == cpu_rq(task_cpu(p))->stop)
		return -EINVAL;
	if (attr->sched_flags & SCHED_FLAG_UTIL_CLAMP)
		return -EOPNOTSUPP;
	/* Admission is for all CPUs, so the task must be able to use all. */
	if (dl_policy(policy) &&
	    !cpumask_subset(cpu_online_mask, &p->cpus_mask))
		return -EPERM;
	if (dl_policy(policy) && READ_ONCE(p->exit_state))
		return -ESRCH;
	err = dl_bw_change(p, attr);
	if (err)
		return err;
	p->sched_reset_on_fork = attr->sched_flags & SCHED_FLAG_RESET_ON_FORK;
	set_task_attr(p, attr);
	return 0;
}

/* policy < 0: keep it. */
static long do_setscheduler(pid_t pid, int policy,
			    struct sched_param __user *param)
{
	struct sched_attr attr = { 0 };
	struct sched_param sp;
	struct task_struct *p;
	long err;

	if (!param || pid < 0)
		return -EINVAL;
	if (copy_from_user(&sp, param, sizeof(sp)))
		return -EFAULT;
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	spin_lock(&attr_lock);
	if (policy < 0) {
		policy = p->policy;
		attr.sched_flags = p->sched_reset_on_fork;
	} else if (policy & SCHED_RESET_ON_FORK) {
		policy &= ~SCHED_RESET_ON_FORK;
		attr.sched_flags = SCHED_FLAG_RESET_ON_FORK;
	}
	attr.sched_policy = policy;
	attr.sched_priority = sp.sched_priority;
	attr.sched_nice = task_nice(p);
	err = setscheduler(p, &attr);
	spin_unlock(&attr_lock);
	put_task_struct(p);
	return err;
}

SYSCALL_DEFINE3(sched_setscheduler, pid_t, pid, int, policy,
		struct sched_param __user *, param)
{
	if (policy < 0)
		return -EINVAL;
	return do_setscheduler(pid, policy, param);
}

SYSCALL_DEFINE2(sched_setparam, pid_t, pid, struct sched_param __user *, param)
{
	return do_setscheduler(pid, -1, param);
}

SYSCALL_DEFINE1(sched_getscheduler, pid_t, pid)
{
	struct task_struct *p;
	long policy;

	if (pid < 0)
		return -EINVAL;
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	policy = p->policy;
	if (p->sched_reset_on_fork)
		policy |= SCHED_RESET_ON_FORK;
	put_task_struct(p);
	return policy;
}

SYSCALL_DEFINE2(sched_getparam, pid_t, pid, struct sched_param __user *, param)
{
	struct sched_param sp = { 0 };
	struct task_struct *p;

	if (!param || pid < 0)
		return -EINVAL;
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	if (rt_policy(p->policy))
		sp.sched_priority = p->rt_priority;
	put_task_struct(p);
	return copy_to_user(param, &sp, sizeof(sp)) ? -EFAULT : 0;
}

/* Copy a user's structure of another size: what we do not know must be 0. */
static long copy_attr(struct sched_attr __user *uattr, struct sched_attr *attr)
{
	u32 size;
	u8 byte;

	if (get_user(size, &uattr->size))
		return -EFAULT;
	if (!size)
		size = SCHED_ATTR_SIZE_VER0;
	if (size < SCHED_ATTR_SIZE_VER0 || size > 4096) {
		(void)put_user((u32)sizeof(*attr), &uattr->size);
		return -E2BIG;
	}
	for (u32 i = sizeof(*attr); i < size; i++) {
		if (get_user(byte, (u8 __user *)uattr + i))
			return -EFAULT;
		if (byte) {
			(void)put_user((u32)sizeof(*attr), &uattr->size);
			return -E2BIG;
		}
	}
	memset(attr, 0, sizeof(*attr));
	if (copy_from_user(attr, uattr, min_t(u32, size, sizeof(*attr))))
		return -EFAULT;
	attr->sched_nice = clamp(attr->sched_nice, MIN_NICE, MAX_NICE);
	return 0;
}

SYSCALL_DEFINE3(sched_setattr, pid_t, pid, struct sched_attr __user *, uattr,
		unsigned int, flags)
{
	struct sched_attr attr;
	struct task_struct *p;
	long err;

	if (!uattr || pid < 0 || flags)
		return -EINVAL;
	err = copy_attr(uattr, &attr);
	if (err)
		return err;
	if ((int)attr.sched_policy < 0)
		return -EINVAL;
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	spin_lock(&attr_lock);
	if (attr.sched_flags & SCHED_FLAG_KEEP_POLICY)
		attr.sched_policy = p->policy;
	if (attr.sched_flags & SCHED_FLAG_KEEP_PARAMS)
		keep_params(p, &attr);
	attr.sched_flags &= ~(u64)(SCHED_FLAG_KEEP_POLICY |
				   SCHED_FLAG_KEEP_PARAMS);
	err = setscheduler(p, &attr);
	spin_unlock(&attr_lock);
	put_task_struct(p);
	return err;
}

SYSCALL_DEFINE4(sched_getattr, pid_t, pid, struct sched_attr __user *, uattr,
		unsigned int, usize, unsigned int, flags)
{
	struct sched_attr attr = { 0 };
	struct task_struct *p;

	if (!uattr || pid < 0 || usize > 4096 ||
	    usize < SCHED_ATTR_SIZE_VER0 || flags)
		return -EINVAL;
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	attr.size = min_t(u32, usize, sizeof(attr));
	attr.sched_policy = p->policy;
	if (p->sched_reset_on_fork)
		attr.sched_flags = SCHED_FLAG_RESET_ON_FORK;
	keep_params(p, &attr);
	if (dl_policy(p->policy))
		attr.sched_flags |= p->dl.flags;
	put_task_struct(p);
	return copy_to_user(uattr, &attr, attr.size) ? -EFAULT : 0;
}

SYSCALL_DEFINE1(sched_get_priority_max, int, policy)
{
	if (rt_policy(policy))
		return MAX_RT_PRIO - 1;
	return fair_policy(policy) || policy == SCHED_DEADLINE ? 0 : -EINVAL;
}

SYSCALL_DEFINE1(sched_get_priority_min, int, policy)
{
	if (rt_policy(policy))
		return 1;
	return fair_policy(policy) || policy == SCHED_DEADLINE ? 0 : -EINVAL;
}

SYSCALL_DEFINE2(sched_rr_get_interval, pid_t, pid,
		struct timespec64 __user *, interval)
{
	struct timespec64 ts;
	struct task_struct *p;
	unsigned int slice = 0;
	unsigned long flags;
	struct rq *rq;

	if (pid < 0)
		return -EINVAL;
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	rq = task_rq_lock(p, &flags);
	if (p->sched_class->get_rr_interval)
		slice = p->sched_class->get_rr_interval(rq, p);
	task_rq_unlock(rq, p, &flags);
	put_task_struct(p);
	ts = ns_to_timespec64(jiffies_to_nsecs(slice));
	return put_timespec64(&ts, interval);
}

SYSCALL_DEFINE0(sched_yield)
{
	yield();
	return 0;
}

SYSCALL_DEFINE3(sched_setaffinity, pid_t, pid, unsigned int, len,
		unsigned long __user *, user_mask)
{
	struct cpumask mask = { { 0 } };
	struct task_struct *p;
	int cpu;
	long err;

	if (copy_from_user(&mask, user_mask, min_t(unsigned, len, sizeof(mask))))
		return -EFAULT;
	cpumask_and(&mask, &mask, cpu_possible_mask);
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	spin_lock(&attr_lock);
	if (p->flags & PF_NO_SETAFFINITY)
		err = -EINVAL;
	else if (!same_owner(p) && !capable(CAP_SYS_NICE))
		err = -EPERM;
	else if (dl_policy(p->policy) &&
		 !cpumask_subset(cpu_online_mask, &mask))
		err = -EBUSY;
	else
		err = set_cpus_allowed_begin(p, &mask, &cpu);
	spin_unlock(&attr_lock);
	if (err > 0)
		err = set_cpus_allowed_end(p, cpu);
	put_task_struct(p);
	return err;
}

/* Returns how many bytes it wrote: the C library fills the rest with 0. */
SYSCALL_DEFINE3(sched_getaffinity, pid_t, pid, unsigned int, len,
		unsigned long __user *, user_mask)
{
	struct cpumask mask;
	struct task_struct *p;

	if (len * 8 < nr_cpu_ids || (len & (sizeof(unsigned long) - 1)))
		return -EINVAL;
	p = get_task_by_pid(pid);
	if (!p)
		return -ESRCH;
	cpumask_and(&mask, &p->cpus_mask, cpu_online_mask);
	put_task_struct(p);
	len = min_t(unsigned int, len, sizeof(mask));
	return copy_to_user(user_mask, &mask, len) ? -EFAULT : (long)len;
}

SYSCALL_DEFINE3(getcpu, unsigned int __user *, cpup,
		unsigned int __user *, nodep, void __user *, unused)
{
	unsigned int cpu = raw_smp_processor_id();

	if (cpup && put_user(cpu, cpup))
		return -EFAULT;
	if (nodep && put_user(0U, nodep))
		return -EFAULT;
	return 0;
}

/* One task of setpriority(): -EPERM, -EACCES (raising), or 0. */
static int set_one_prio(struct task_struct *p, int *to)
{
	int nice = *to;

	if (!same_owner(p) && !capable(CAP_SYS_NICE))
		return -EPERM;
	if (nice < task_nice(p) && !can_nice(p, nice))
		return -EACCES;
	set_user_nice(p, nice);
	return 0;
}

/*
 * Call fn for each thread that (which, who) names: 0 or the last error, and
 * -ESRCH if there is none.
 */
static long for_each_selected(int which, int who,
			      int (*fn)(struct task_struct *, int *), int *arg)
{
	struct task_struct *g, *p;
	struct pid *pgrp;
	uid_t uid = who ? (uid_t)who : current_uid();
	long err = -ESRCH;

	rcu_read_lock();
	read_lock(&tasklist_lock);
	pgrp = who ? find_vpid(who) : task_pgrp(current);
	if (which == PRIO_PROCESS) {
		p = who ? find_task_by_vpid(who) : current;
		if (p)
			err = fn(p, arg);
		goto out;
	}
	for_each_process_thread(g, p) {
		int e;

		if (which == PRIO_PGRP ? task_pgrp(p) != pgrp
				       : task_uid(p) != uid)
			continue;
		e = fn(p, arg);
		err = e ? e : err == -ESRCH ? 0 : err;
	}
out:
	read_unlock(&tasklist_lock);
	rcu_read_unlock();
	return err;
}

SYSCALL_DEFINE3(setpriority, int, which, int, who, int, nice)
{
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	nice = clamp(nice, MIN_NICE, MAX_NICE);
	return for_each_selected(which, who, set_one_prio, &nice);
}

/* The smallest nice value, as 20 - nice: 1..40, for errors are negative. */
static int note_best_prio(struct task_struct *p, int *best)
{
	*best = max(*best, MAX_NICE - task_nice(p) + 1);
	return 0;
}

SYSCALL_DEFINE2(getpriority, int, which, int, who)
{
	int best = 0;
	long err;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	err = for_each_selected(which, who, note_best_prio, &best);
	return err ? err : best;
}
