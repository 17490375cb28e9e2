/* SPDX-License-Identifier: MIT */
/*
 * signal_parent.c -- a child's end, stop or continuation becomes SIGCHLD
 *
 * PROMISE.  The parent gets a signal that says which child and why, and whoever
 * of its group sleeps in wait4() is woken after the change can be seen.
 *
 * LOCKING.  The caller holds tasklist_lock, which keeps the parent in place;
 * its siglock is taken here.
 *
 * SEE sigaction(2) "SIGCHLD", kernel/proc/wait.c for the other side.
 */

#include "signal_internal.h"

#include <kernel/cred.h>
#include <kernel/pid.h>
#include <kernel/string.h>
#include <kernel/task.h>

static u64 ns_to_clock(u64 ns)
{
	return ns / (1000000000 / 100);       /* USER_HZ is 100 */
}

/* What SIGCHLD says of t, whose state became `why` (CLD_*). */
static void fill_child_info(siginfo_t *info, struct task_struct *t, int sig,
			    int why, int status, struct task_struct *parent)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_code = why;
	info->si_pid = task_pid_nr_ns(t, task_active_pid_ns(parent));
	info->si_uid = task_uid(t);
	info->si_status = status;
	info->si_utime = ns_to_clock(t->utime + t->signal->utime);
	info->si_stime = ns_to_clock(t->stime + t->signal->stime);
}

/*
 * Tell t's parent that it ended; tasklist_lock held for writing.  True if the
 * parent does not care: t may be reaped at once (POSIX: SIGCHLD ignored, or
 * SA_NOCLDWAIT).
 */
bool do_notify_parent(struct task_struct *t, int sig)
{
	struct task_struct *parent = t->parent;
	struct sighand_struct *psig = parent->sighand;
	int code = t->exit_code;
	bool autoreap = false;
	siginfo_t info;
	unsigned long flags;

	fill_child_info(&info, t, sig, code & 0x7f ?
			(code & 0x80 ? CLD_DUMPED : CLD_KILLED) : CLD_EXITED,
			code & 0x7f ? code & 0x7f : code >> 8, parent);
	spin_lock_irqsave(&psig->siglock, flags);
	if (sig == SIGCHLD && !t->ptrace) {
		struct sigaction *sa = &psig->action[SIGCHLD - 1].sa;

		autoreap = sa->sa_handler == SIG_IGN ||
			   (sa->sa_flags & SA_NOCLDWAIT);
		if (sa->sa_handler == SIG_IGN)
			sig = 0;
	}
	if (sig > 0 && sig <= NSIG)             /* clone() takes up to 255 */
		send_signal_locked(sig, &info, parent, PIDTYPE_TGID);
	spin_unlock_irqrestore(&psig->siglock, flags);
	wake_up_interruptible_sync(&parent->signal->wait_chldexit);
	wake_up_all(&task_pid(t)->wait_pidfd);
	return autoreap;
}

static int status_of(struct task_struct *t, int why)
{
	if (why == CLD_CONTINUED)
		return SIGCONT;
	if (why == CLD_TRAPPED)
		return t->exit_code & 0x7f;
	return t->signal->group_exit_code & 0x7f;
}

/*
 * The parent learns that t's group stopped or goes on; or t's tracer, that t
 * did. tasklist_lock held.
 */
void do_notify_parent_cldstop(struct task_struct *t, bool for_ptracer, int why)
{
	struct task_struct *parent;
	struct sighand_struct *sighand;
	struct sigaction *sa;
	siginfo_t info;
	unsigned long flags;

	if (for_ptracer) {
		parent = t->parent;
	} else {
		t = t->group_leader;
		parent = t->real_parent;
	}
	fill_child_info(&info, t, SIGCHLD, why, status_of(t, why), parent);
	sighand = parent->sighand;
	spin_lock_irqsave(&sighand->siglock, flags);
	sa = &sighand->action[SIGCHLD - 1].sa;
	if (sa->sa_handler != SIG_IGN && !(sa->sa_flags & SA_NOCLDSTOP))
		send_signal_locked(SIGCHLD, &info, parent, PIDTYPE_TGID);
	wake_up_interruptible_sync(&parent->signal->wait_chldexit);
	spin_unlock_irqrestore(&sighand->siglock, flags);
}
