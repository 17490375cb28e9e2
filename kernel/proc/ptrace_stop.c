/* SPDX-License-Identifier: MIT */
/*
 * ptrace_stop.c -- a traced task stops, tells its tracer, and waits for orders
 *
 * PROMISE.  A stop is reported once, by SIGCHLD and by wait4(); while it lasts
 * the tracer may read and write everything; SIGKILL ends it.
 *
 * IDEA.  All stops are one function, ptrace_stop(), and differ in their code,
 * which wait4() returns in the status' second byte and above:
 *
 *	a signal is about to be delivered   sig
 *	group stop                          SIGSTOP and kin
 *	                      (seized)      sig | PTRACE_EVENT_STOP << 8
 *	entry to, exit from a system call   SIGTRAP, with SYSGOOD | 0x80
 *	an event (fork, exec, exit ...)     SIGTRAP | event << 8
 *
 * The tracer answers with a signal number in exit_code: what to deliver in the
 * first case, to send in the others.
 *
 * INVARIANTS.  I1 state is TRACED only between [a] and the wake-up, and
 * exit_code, ptrace_message and last_siginfo describe the stop by then.
 *
 * LOCKING.  siglock; tasklist_lock for telling the tracer.
 *
 * RACES.	tracee				tracer exits
 *	[a] siglock: ptrace set? TRACED		[c] siglock: ptrace = 0
 *	[b] tasklist: tell the tracer		    TRACED? wake
 *	    schedule()
 * [c] before [a]: the tracee does not stop. After: it is woken, and since the
 * state was set under the lock the wake-up cannot be lost.
 *
 * SEE ptrace(2), docs/67-ptrace.md.
 */

#include <kernel/ptrace.h>

#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <kernel/task_work.h>

#include "signal_stop.h"

/* Tell tracer and, if this was the last thread to stop, the real parent. */
static void tell_of_stop(int why, bool group_stopped)
{
	read_lock(&tasklist_lock);
	if (current->ptrace)
		do_notify_parent_cldstop(current, true, why);
	if (group_stopped && (!current->ptrace || ptrace_reparented(current)))
		do_notify_parent_cldstop(current, false, CLD_STOPPED);
	read_unlock(&tasklist_lock);
}

/*
 * Look for signals that came meanwhile. The flag is never cleared here: it may
 * be what made the system call return -ERESTART*, which only get_signal() turns
 * into what the program may see. siglock held.
 */
static void keep_sigpending(void)
{
	bool was_set = test_ti_flag(current, TIF_SIGPENDING);

	recalc_sigpending();
	if (was_set)
		set_ti_flag(current, TIF_SIGPENDING);
}

/*
 * Stop until the tracer says how to go on; siglock held, dropped meanwhile.
 * Returns the signal that it injects: `code` itself if nobody traces us.
 */
int ptrace_stop(int code, int why, unsigned long message, siginfo_t *info)
{
	struct sighand_struct *sighand = current->sighand;
	bool group_stopped = false;

	if (!current->ptrace || fatal_signal_pending(current)) {
		current->jobctl &= ~JOBCTL_TRAPPING;
		return code;
	}
	current->ptrace_message = message;
	current->last_siginfo = info;
	current->exit_code = code;
	set_special_state(TASK_TRACED);                            /* I1 [a] */
	if (why == CLD_STOPPED && (current->jobctl & JOBCTL_STOP_PENDING))
		group_stopped = participate_group_stop();
	task_clear_jobctl_pending(current, JOBCTL_TRAP_STOP);
	if (info && info->si_code >> 8 == PTRACE_EVENT_STOP)
		task_clear_jobctl_pending(current, JOBCTL_TRAP_NOTIFY);
	current->jobctl &= ~JOBCTL_TRAPPING;
	spin_unlock_irq(&sighand->siglock);
	tell_of_stop(why, group_stopped);                          /* [b] */
	schedule();
	spin_lock_irq(&sighand->siglock);
	code = current->exit_code;
	current->exit_code = 0;
	current->last_siginfo = NULL;
	current->ptrace_message = 0;
	current->jobctl &= ~JOBCTL_LISTENING;
	keep_sigpending();
	return code;
}

/* siglock held: a stop that is no signal's, described by a siginfo. */
static int do_notify(int sig, int code, int why, unsigned long message)
{
	siginfo_t info;

	if (!current->ptrace)
		return 0;
	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = code;
	info.si_pid = task_pid_vnr(current);
	info.si_uid = current_uid();
	return ptrace_stop(code, why, message, &info);
}

/* current stops with SIGTRAP | ...; the signal that the tracer injects. */
int ptrace_notify(int code, unsigned long message)
{
	int sig;

	/* A file that was closed is closed by the time the tracer looks. */
	if (READ_ONCE(current->task_works))
		task_work_run();
	spin_lock_irq(&current->sighand->siglock);
	sig = do_notify(SIGTRAP, code, CLD_TRAPPED, message);
	spin_unlock_irq(&current->sighand->siglock);
	return sig;
}

void ptrace_event(int event, unsigned long message)
{
	if (unlikely(ptrace_event_enabled(current, event)))
		ptrace_notify((event << 8) | SIGTRAP, message);
	else if (event == PTRACE_EVENT_EXEC &&
		 (current->ptrace & (PT_PTRACED | PT_SEIZED)) == PT_PTRACED)
		send_sig(SIGTRAP, current, 0);   /* as it was before options */
}

/* Who injected another signal than came: the tracer. */
static void info_from_tracer(siginfo_t *info, int sig)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_code = SI_USER;
	rcu_read_lock();
	info->si_pid = task_pid_vnr(current->parent);
	info->si_uid = task_uid(current->parent);
	rcu_read_unlock();
}

int ptrace_signal(int sig, siginfo_t *info)
{
	/* SIGCONT while we wait calls a stop off, as without a tracer. */
	current->jobctl |= JOBCTL_STOP_DEQUEUED;
	sig = ptrace_stop(sig, CLD_TRAPPED, 0, info);
	if (!sig)
		return 0;
	if (sig != info->si_signo)
		info_from_tracer(info, sig);
	/* Blocked by now, or about to die: later. */
	if (sigismember(&current->blocked, sig) ||
	    fatal_signal_pending(current)) {
		send_signal_locked(sig, info, current, PIDTYPE_PID);
		return 0;
	}
	return sig;
}

/* JOBCTL_TRAP_*: a group stop, or PTRACE_INTERRUPT; siglock held. */
void do_jobctl_trap(void)
{
	struct signal_struct *s = current->signal;
	int sig = current->jobctl & JOBCTL_STOP_SIGMASK;

	if (current->ptrace & PT_SEIZED) {
		if (!s->group_stop_count && !(s->flags & SIGNAL_STOP_STOPPED))
			sig = SIGTRAP;
		do_notify(sig, sig | (PTRACE_EVENT_STOP << 8), CLD_STOPPED, 0);
	} else {
		ptrace_stop(sig, CLD_STOPPED, 0, NULL);
	}
}
