/* SPDX-License-Identifier: MIT */
/*
 * signal_force.c -- signals that current cannot escape: its own faults
 *
 * A fault that is blocked or ignored would happen again at once and for ever;
 * so these reset the handler and the mask where they stand in the way.
 *
 * LOCKING.  siglock of current. Any context in which current is the culprit.
 *
 * SEE signal.c, signal(7).
 */

#include "signal_internal.h"

#include <kernel/string.h>
#include <kernel/task.h>

/*
 * A fault of current's own: if it is blocked or ignored there is no way to go
 * on, so the handler is reset and the default action kills.
 */
void force_sig_info(siginfo_t *info)
{
	struct task_struct *t = current;
	int sig = info->si_signo;
	struct k_sigaction *action = t->sighand->action + (sig - 1);
	unsigned long flags;

	spin_lock_irqsave(&t->sighand->siglock, flags);
	if (sigismember(&t->blocked, sig) ||
	    action->sa.sa_handler == SIG_IGN) {
		action->sa.sa_handler = SIG_DFL;
		sigdelset(&t->blocked, sig);
	}
	if (action->sa.sa_handler == SIG_DFL)
		t->signal->flags &= ~SIGNAL_UNKILLABLE;
	send_signal_locked(sig, info, t, PIDTYPE_PID);
	recalc_sigpending();
	spin_unlock_irqrestore(&t->sighand->siglock, flags);
}

void force_sig_fault(int sig, int code, void __user *addr)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = code;
	info.si_addr = addr;
	force_sig_info(&info);
}

void force_sig(int sig)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = SI_KERNEL;
	force_sig_info(&info);
}

void force_fatal_sig(int sig)
{
	unsigned long flags;

	spin_lock_irqsave(&current->sighand->siglock, flags);
	current->sighand->action[sig - 1].sa.sa_handler = SIG_DFL;
	spin_unlock_irqrestore(&current->sighand->siglock, flags);
	force_sig(sig);
}

/* The frame for `sig` could not be written: a SIGSEGV handler cannot help. */
void force_sigsegv(int sig)
{
	if (sig == SIGSEGV)
		force_fatal_sig(SIGSEGV);
	else
		force_sig(SIGSEGV);
}
