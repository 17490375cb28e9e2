/* SPDX-License-Identifier: MIT */
/*
 * signal_calls.c -- the system calls that set, send and wait for signals
 *
 * Decode, check, and call kernel/task/signal.c.
 *
 * SEE sigaction(2), kill(2), sigqueue(3), sigtimedwait(2), sigaltstack(2).
 */

#include <kernel/signal.h>

#include <arch/ptrace.h>
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/hrtimer.h>
#include <kernel/ktime.h>
#include <kernel/pid.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <kernel/task.h>

static bool valid_signal(int sig)
{
	return sig >= 1 && sig <= NSIG;
}

SYSCALL_DEFINE4(rt_sigaction, int, sig, const struct sigaction __user *, act,
		struct sigaction __user *, oact, size_t, sigsetsize)
{
	struct k_sigaction new, old;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (act && copy_from_user(&new.sa, act, sizeof(new.sa)))
		return -EFAULT;
	if (!valid_signal(sig) || (act && (sig == SIGKILL || sig == SIGSTOP)))
		return -EINVAL;
	do_sigaction_set(sig, act ? &new : NULL, &old);
	if (oact && copy_to_user(oact, &old.sa, sizeof(old.sa)))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE4(rt_sigprocmask, int, how, sigset_t __user *, nset,
		sigset_t __user *, oset, size_t, sigsetsize)
{
	sigset_t old = current->blocked, new;
	int err;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (nset) {
		if (copy_from_user(&new, nset, sizeof(new)))
			return -EFAULT;
		err = sigprocmask(how, &new, NULL);
		if (err)
			return err;
	}
	if (oset && copy_to_user(oset, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}

SYSCALL_DEFINE2(rt_sigpending, sigset_t __user *, uset, size_t, sigsetsize)
{
	sigset_t set;

	if (sigsetsize > sizeof(sigset_t))
		return -EINVAL;
	spin_lock_irq(&current->sighand->siglock);
	set.sig = (current->pending.signal.sig |
		   current->signal->shared_pending.signal.sig) &
		  current->blocked.sig;
	spin_unlock_irq(&current->sighand->siglock);
	return copy_to_user(uset, &set, sigsetsize) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(rt_sigsuspend, const sigset_t __user *, unewset,
		size_t, sigsetsize)
{
	sigset_t mask;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (copy_from_user(&mask, unewset, sizeof(mask)))
		return -EFAULT;
	current->saved_sigmask = current->blocked;
	set_current_blocked(&mask);
	while (!signal_pending(current)) {
		__set_current_state(TASK_INTERRUPTIBLE);
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	current->restore_sigmask = true;
	return -ERESTARTNOHAND;
}

SYSCALL_DEFINE0(pause)
{
	while (!signal_pending(current)) {
		__set_current_state(TASK_INTERRUPTIBLE);
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return -ERESTARTNOHAND;
}

/* Wait for one of `which`, unblocking them meanwhile; timeout NULL: for
 * ever. */
static int do_sigtimedwait(const sigset_t *which, siginfo_t *info,
			   const ktime_t *timeout)
{
	sigset_t mask = { ~which->sig };
	struct task_struct *t = current;
	int sig, err = 0;

	/* These two are never handed out: who waits for all still dies. */
	sigaddset(&mask, SIGKILL);
	sigaddset(&mask, SIGSTOP);
	spin_lock_irq(&t->sighand->siglock);
	sig = dequeue_signal(t, &mask, info);
	if (!sig && (!timeout || *timeout)) {
		ktime_t left = timeout ? *timeout : 0;

		/* The marked ones wake us though they are blocked otherwise. */
		t->real_blocked = t->blocked;
		t->blocked.sig &= mask.sig;
		recalc_sigpending();
		spin_unlock_irq(&t->sighand->siglock);
		__set_current_state(TASK_INTERRUPTIBLE);
		err = schedule_hrtimeout(timeout ? &left : NULL,
					 HRTIMER_MODE_REL);
		spin_lock_irq(&t->sighand->siglock);
		t->blocked = t->real_blocked;
		sigemptyset(&t->real_blocked);
		sig = dequeue_signal(t, &mask, info);
	}
	spin_unlock_irq(&t->sighand->siglock);
	if (sig)
		return sig;
	return err ? -EINTR : -EAGAIN;
}

SYSCALL_DEFINE4(rt_sigtimedwait, const sigset_t __user *, uthese,
		siginfo_t __user *, uinfo, const struct timespec64 __user *, uts,
		size_t, sigsetsize)
{
	struct timespec64 ts;
	siginfo_t info;
	sigset_t these;
	ktime_t timeout = 0;
	int sig;

	if (sigsetsize != sizeof(sigset_t))
		return -EINVAL;
	if (copy_from_user(&these, uthese, sizeof(these)))
		return -EFAULT;
	if (uts) {
		if (copy_from_user(&ts, uts, sizeof(ts)))
			return -EFAULT;
		if (!timespec64_valid(&ts))
			return -EINVAL;
		timeout = timespec64_to_ktime(ts);
	}
	sig = do_sigtimedwait(&these, &info, uts ? &timeout : NULL);
	if (sig > 0 && uinfo && copy_to_user(uinfo, &info, sizeof(info)))
		return -EFAULT;
	return sig;
}

static void user_siginfo(siginfo_t *info, int sig, int code)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_code = code;
	info->si_pid = task_tgid_vnr(current);
	info->si_uid = current_uid();
}

/* kill(-1): everybody but init and ourselves. */
static int kill_everybody(int sig, siginfo_t *info)
{
	struct task_struct *p;
	int err = -ESRCH;
	bool success = false;

	read_lock(&tasklist_lock);
	for_each_process(p) {
		int e;

		if (task_pid_vnr(p) <= 1 || same_thread_group(p, current))
			continue;
		e = group_send_sig_info(sig, info, p, PIDTYPE_MAX);
		if (e != -EPERM)
			success = true;
		err = e;
	}
	read_unlock(&tasklist_lock);
	return success ? 0 : err;
}

SYSCALL_DEFINE2(kill, pid_t, nr, int, sig)
{
	struct pid *pid;
	siginfo_t info;
	int err;

	user_siginfo(&info, sig, SI_USER);
	if (nr == -1)
		return kill_everybody(sig, &info);
	if (nr == INT_MIN)
		return -ESRCH;
	if (nr == 0)
		pid = get_task_pid(current, PIDTYPE_PGID);
	else
		pid = find_get_pid(nr < 0 ? -nr : nr);
	err = nr > 0 ? kill_pid_info(sig, &info, pid) :
		kill_pgrp_info(sig, &info, pid);
	put_pid(pid);
	return err;
}

static int do_tkill(pid_t tgid, pid_t nr, int sig, siginfo_t *info)
{
	struct task_struct *t;
	int err = -ESRCH;

	t = find_get_task_by_vpid(nr);
	if (!t)
		return -ESRCH;
	if (tgid <= 0 || task_tgid_vnr(t) == tgid)
		err = group_send_sig_info(sig, info, t, PIDTYPE_PID);
	put_task_struct(t);
	/* A thread that is just ending took the signal with it. */
	return err;
}

SYSCALL_DEFINE3(tgkill, pid_t, tgid, pid_t, pid, int, sig)
{
	siginfo_t info;

	if (pid <= 0 || tgid <= 0)
		return -EINVAL;
	user_siginfo(&info, sig, SI_TKILL);
	return do_tkill(tgid, pid, sig, &info);
}

SYSCALL_DEFINE2(tkill, pid_t, pid, int, sig)
{
	siginfo_t info;

	if (pid <= 0)
		return -EINVAL;
	user_siginfo(&info, sig, SI_TKILL);
	return do_tkill(0, pid, sig, &info);
}

/* Only the kernel may claim to be the kernel, or another's kill(). */
static int decode_queued_info(siginfo_t *info, int sig,
			      siginfo_t __user *uinfo, pid_t target)
{
	if (copy_from_user(info, uinfo, sizeof(*info)))
		return -EFAULT;
	info->si_signo = sig;
	if ((info->si_code >= 0 || info->si_code == SI_TKILL) &&
	    task_tgid_vnr(current) != target)
		return -EPERM;
	return 0;
}

SYSCALL_DEFINE3(rt_sigqueueinfo, pid_t, nr, int, sig,
		siginfo_t __user *, uinfo)
{
	siginfo_t info;
	struct pid *pid;
	int err = decode_queued_info(&info, sig, uinfo, nr);

	if (err)
		return err;
	pid = find_get_pid(nr);
	err = kill_pid_info(sig, &info, pid);
	put_pid(pid);
	return err;
}

SYSCALL_DEFINE4(rt_tgsigqueueinfo, pid_t, tgid, pid_t, nr, int, sig,
		siginfo_t __user *, uinfo)
{
	siginfo_t info;
	int err = decode_queued_info(&info, sig, uinfo, nr);

	if (err)
		return err;
	if (nr <= 0 || tgid <= 0)
		return -EINVAL;
	return do_tkill(tgid, nr, sig, &info);
}

static bool on_alt_stack(unsigned long sp)
{
	return current->sas_ss_size && sp > current->sas_ss_sp &&
	       sp - current->sas_ss_sp <= current->sas_ss_size;
}

static int set_alt_stack(const stack_t *ss, unsigned long sp)
{
	int mode = ss->ss_flags & ~SS_AUTODISARM;

	if (on_alt_stack(sp))
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		current->sas_ss_sp = 0;
		current->sas_ss_size = 0;
	} else {
		if (ss->ss_size < MINSIGSTKSZ)
			return -ENOMEM;
		current->sas_ss_sp = (unsigned long)ss->ss_sp;
		current->sas_ss_size = ss->ss_size;
	}
	current->sas_ss_flags = ss->ss_flags;
	return 0;
}

SYSCALL_DEFINE2(sigaltstack, const stack_t __user *, uss, stack_t __user *, uoss)
{
	unsigned long sp = user_stack_pointer(task_pt_regs(current));
	stack_t new, old = { 0 };
	int err;

	if (uss && copy_from_user(&new, uss, sizeof(new)))
		return -EFAULT;
	old.ss_sp = (void *)current->sas_ss_sp;
	old.ss_size = current->sas_ss_size;
	old.ss_flags = !current->sas_ss_size ? SS_DISABLE :
		on_alt_stack(sp) ? SS_ONSTACK : 0;
	if (uss) {
		err = set_alt_stack(&new, sp);
		if (err)
			return err;
	}
	if (uoss && copy_to_user(uoss, &old, sizeof(old)))
		return -EFAULT;
	return 0;
}
