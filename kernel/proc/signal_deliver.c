/* SPDX-License-Identifier: MIT */
/*
 * signal_deliver.c -- a task takes its signals, on the way back to user mode
 *
 * PROMISE.  No instruction of user code runs while an unblocked signal waits.
 * A system call that a signal broke is finished as its errno and the handler's
 * SA_RESTART say.
 *
 * IDEA.  exit_to_user_mode_work() runs at every return to user mode that has
 * TIF work.  get_signal() takes signals one at a time and carries out the
 * default actions; the first with a handler is given to arch code, which writes
 * a frame on the user's stack so that the handler runs next and then comes back
 * through rt_sigreturn().
 *
 *	return to user --> get_signal() --> none: restart the call if need be
 *	                       |----------> stop: sleep here until SIGCONT
 *	                       |----------> terminate: do_group_exit()
 *	                       `----------> handler: frame, mask, return
 *
 * INVARIANTS.
 *   I1  A stopped thread holds no lock and waits here only.
 *   I2  group_stop_count is the number of threads that still must stop; the one
 *       that brings it to 0 tells the parent.
 *
 * LOCKING.  siglock, except while sleeping; tasklist_lock for telling parents.
 *
 * SEE POSIX 2.4.4, signal(7) "Interruption of system calls",
 * docs/48-signals.md.
 */

#include <kernel/rseq.h>
#include <kernel/signal.h>

#include "signal_stop.h"

#include <arch/regset.h>
#include <arch/syscall.h>
#include <arch/uaccess.h>
#include <kernel/bug.h>
#include <kernel/coredump.h>
#include <kernel/cred.h>
#include <kernel/proc.h>
#include <kernel/ptrace.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/task_work.h>
#include <kernel/trace_events.h>
#include <kernel/uprobes.h>

#define SIGNAL_WORK (_TIF(TIF_SIGPENDING) | _TIF(TIF_NOTIFY_SIGNAL))
#define CORE_MASK (sigmask(SIGQUIT) | sigmask(SIGILL) | sigmask(SIGTRAP) | \
		   sigmask(SIGABRT) | sigmask(SIGFPE) | sigmask(SIGSEGV) | \
		   sigmask(SIGBUS) | sigmask(SIGSYS) | sigmask(SIGXCPU) | \
		   sigmask(SIGXFSZ))

/* Tell the parent of a stop or continue; siglock not held. */
static void notify_cldstop(int why)
{
	struct task_struct *leader = current->group_leader;

	read_lock(&tasklist_lock);
	do_notify_parent_cldstop(current, false, why);
	/* A tracer of the leader, who is another, sees the group go on. */
	if (why == CLD_CONTINUED && leader->ptrace && ptrace_reparented(leader))
		do_notify_parent_cldstop(leader, true, why);
	read_unlock(&tasklist_lock);
}

/* Ask every live thread to stop; siglock held. */
static void start_group_stop(int sig)
{
	unsigned int stop = sig | JOBCTL_STOP_PENDING | JOBCTL_STOP_CONSUME;
	struct signal_struct *s = current->signal;
	struct task_struct *t;

	/* A stop that one thread, let go by its tracer, makes again. */
	if (!(s->flags & SIGNAL_STOP_STOPPED))
		s->group_exit_code = sig;
	s->group_stop_count = 0;
	for_each_thread(current, t) {
		if ((t != current && task_is_stopped(t)) ||
		    !task_set_jobctl_pending(t, stop))
			continue;
		s->group_stop_count++;                             /* I2 */
		if (t == current)
			continue;
		if (t->ptrace & PT_SEIZED) {
			task_set_jobctl_pending(t, JOBCTL_TRAP_NOTIFY);
			ptrace_signal_wake_up(t, t->jobctl &
						 JOBCTL_LISTENING);
		} else {
			signal_wake_up(t, false);
		}
	}
}

bool participate_group_stop(void)
{
	struct signal_struct *s = current->signal;
	bool consume = current->jobctl & JOBCTL_STOP_CONSUME;

	if (!(current->jobctl & JOBCTL_STOP_PENDING))
		return false;
	task_clear_jobctl_pending(current, JOBCTL_STOP_PENDING);
	if (!consume)
		return false;
	if (s->group_stop_count > 0)
		s->group_stop_count--;
	if (s->group_stop_count || (s->flags & SIGNAL_STOP_STOPPED))
		return false;
	s->flags = (s->flags & ~SIGNAL_STOP_CONTINUED) | SIGNAL_STOP_STOPPED;
	return true;
}

/*
 * Sleep until SIGCONT or SIGKILL; siglock held, dropped, taken again. A traced
 * task stops for its tracer instead, in get_signal().
 */
static void do_signal_stop(int sig)
{
	struct sighand_struct *sighand = current->sighand;
	bool last;

	if (!(current->jobctl & JOBCTL_STOP_PENDING)) {
		/* SIGCONT may have come since the signal was taken. */
		if (!(current->jobctl & JOBCTL_STOP_DEQUEUED) ||
		    (current->signal->flags & SIGNAL_GROUP_EXIT) ||
		    current->signal->group_exit_task)
			return;
		start_group_stop(sig);
	}
	if (current->ptrace) {
		task_set_jobctl_pending(current, JOBCTL_TRAP_STOP);
		return;
	}
	set_special_state(TASK_STOPPED);
	last = participate_group_stop();
	spin_unlock_irq(&sighand->siglock);
	if (last)
		notify_cldstop(CLD_STOPPED);
	schedule();                                                /* I1 */
	spin_lock_irq(&sighand->siglock);
}

/* siglock held on entry; true if it was dropped and something was told. */
static bool report_continue(void)
{
	struct signal_struct *s = current->signal;
	int why;

	if (!(s->flags & (SIGNAL_CLD_STOPPED | SIGNAL_CLD_CONTINUED)))
		return false;
	why = s->flags & SIGNAL_CLD_CONTINUED ? CLD_CONTINUED : CLD_STOPPED;
	s->flags &= ~(SIGNAL_CLD_STOPPED | SIGNAL_CLD_CONTINUED);
	spin_unlock_irq(&current->sighand->siglock);
	notify_cldstop(why);
	return true;
}

static void __noreturn die_of_signal(struct ksignal *ksig)
{
	int code = ksig->sig;

	current->flags |= PF_SIGNALED;
	if (sigmask(code) & CORE_MASK)
		do_coredump(&ksig->info);
	do_group_exit(code);
}

/* An unhandled signal: true if the next one should be looked at. */
static void default_action(struct ksignal *ksig)
{
	int sig = ksig->sig;

	if (sigmask(sig) & SIG_KERNEL_IGNORE_MASK)
		return;
	if ((current->signal->flags & SIGNAL_UNKILLABLE) &&
	    !(sigmask(sig) & (sigmask(SIGKILL))))
		return;
	if (sigmask(sig) & SIG_KERNEL_STOP_MASK) {
		if (sig != SIGSTOP) {
			bool orphaned;

			spin_unlock_irq(&current->sighand->siglock);
			orphaned = is_current_pgrp_orphaned();
			spin_lock_irq(&current->sighand->siglock);
			if (orphaned)
				return;
		}
		do_signal_stop(sig);
		return;
	}
	spin_unlock_irq(&current->sighand->siglock);
	die_of_signal(ksig);
}

/* SIGKILL, or another thread ended the group: siglock held, dropped. */
static void __noreturn die_of_kill(struct ksignal *ksig)
{
	/* From here on only a new SIGKILL ends a stop for the tracer. */
	sigdelset(&current->pending.signal, SIGKILL);
	recalc_sigpending();
	spin_unlock_irq(&current->sighand->siglock);
	ksig->sig = SIGKILL;
	die_of_signal(ksig);
}

/*
 * What comes before signals: 1: look again from the start; 0: go on. siglock
 * held, also on return.
 */
static bool stop_if_asked(void)
{
	if (current->jobctl & JOBCTL_STOP_PENDING) {
		bool traced = current->ptrace;

		do_signal_stop(0);
		if (!traced)
			return true;
	}
	if (current->jobctl & JOBCTL_TRAP_MASK) {
		do_jobctl_trap();
		return true;
	}
	return false;
}

bool get_signal(struct ksignal *ksig)
{
	struct sighand_struct *sighand = current->sighand;

relock:
	spin_lock_irq(&sighand->siglock);
	if (report_continue())
		goto relock;
	for (;;) {
		struct k_sigaction *ka;

		if (current->signal->flags & SIGNAL_GROUP_EXIT ||
		    sigismember(&current->pending.signal, SIGKILL))
			die_of_kill(ksig);
		if (stop_if_asked()) {
			spin_unlock_irq(&sighand->siglock);
			goto relock;
		}
		ksig->sig = dequeue_signal(current, &current->blocked,
					   &ksig->info);
		if (!ksig->sig)
			break;
		if (current->ptrace && ksig->sig != SIGKILL) {
			ksig->sig = ptrace_signal(ksig->sig, &ksig->info);
			if (!ksig->sig)
				continue;
		}
		trace_signal_deliver(ksig->sig);
		ka = &sighand->action[ksig->sig - 1];
		if (ka->sa.sa_handler == SIG_IGN)
			continue;
		if (ka->sa.sa_handler != SIG_DFL) {
			ksig->ka = *ka;
			if (ka->sa.sa_flags & SA_RESETHAND)
				ka->sa.sa_handler = SIG_DFL;
			break;
		}
		default_action(ksig);
	}
	spin_unlock_irq(&sighand->siglock);
	return ksig->sig > 0;
}

/* The mask that holds while the handler runs. */
static void block_for_handler(struct ksignal *ksig)
{
	sigset_t mask = current->blocked;

	current->restore_sigmask = false;
	mask.sig |= ksig->ka.sa.sa_mask;
	if (!(ksig->ka.sa.sa_flags & SA_NODEFER))
		sigaddset(&mask, ksig->sig);
	set_current_blocked(&mask);
}

/* A call that the signal broke: shall the handler's return run it again? */
static void prepare_restart(struct ksignal *ksig, struct pt_regs *regs)
{
	if (!in_syscall(regs))
		return;
	switch (syscall_get_return_value(regs)) {
	case -ERESTART_RESTARTBLOCK:
	case -ERESTARTNOHAND:
		syscall_set_return_value(regs, -EINTR);
		break;
	case -ERESTARTSYS:
		if (!(ksig->ka.sa.sa_flags & SA_RESTART)) {
			syscall_set_return_value(regs, -EINTR);
			break;
		}
		fallthrough;
	case -ERESTARTNOINTR:
		syscall_restart(regs, syscall_get_nr(regs));
		break;
	}
}

static void handle_signal(struct ksignal *ksig, struct pt_regs *regs)
{
	bool stepping = test_ti_flag(current, TIF_SINGLESTEP);

	prepare_restart(ksig, regs);
	rseq_handle_notify_resume(ksig, regs);
	/* The debugger's TF must not get into the frame. */
	if (stepping)
		user_disable_single_step(current);
	if (arch_setup_rt_frame(ksig, regs)) {
		force_sigsegv(ksig->sig);
		return;
	}
	block_for_handler(ksig);
	if (stepping)
		ptrace_notify(SIGTRAP, 0);    /* at the handler's first one */
}

/* No handler ran: the call goes on as if nothing had happened. */
static void restart_without_handler(struct pt_regs *regs)
{
	if (in_syscall(regs)) {
		switch (syscall_get_return_value(regs)) {
		case -ERESTARTNOHAND:
		case -ERESTARTSYS:
		case -ERESTARTNOINTR:
			syscall_restart(regs, syscall_get_nr(regs));
			break;
		case -ERESTART_RESTARTBLOCK:
			syscall_restart(regs, __NR_restart_syscall);
			break;
		}
	}
	restore_saved_sigmask();
}

static void do_signal(struct pt_regs *regs)
{
	struct ksignal ksig;

	if (get_signal(&ksig))
		handle_signal(&ksig, regs);
	else
		restart_without_handler(regs);
}

/* A thread in the middle of a probed instruction takes no signal yet. */
static unsigned long work_to_do(struct pt_regs *regs, unsigned long ti_flags)
{
	if ((ti_flags & SIGNAL_WORK) && unlikely(current->utask) &&
	    uprobe_deny_signal(regs))
		ti_flags &= ~SIGNAL_WORK;
	return ti_flags & _TIF_WORK_MASK;
}

/*
 * Work before the return to user mode.  Interrupts are off on entry and exit,
 * on in between; repeats until no work is left, so that nothing that arrives
 * while it runs is missed.
 */
void exit_to_user_mode_work(struct pt_regs *regs, unsigned long ti_flags)
{
	while ((ti_flags = work_to_do(regs, ti_flags)) != 0) {
		local_irq_enable();
		if (ti_flags & _TIF(TIF_NEED_RESCHED))
			schedule();
		if (ti_flags & SIGNAL_WORK)
			do_signal(regs);
		if (ti_flags & _TIF(TIF_NOTIFY_RESUME)) {
			clear_ti_flag(current, TIF_NOTIFY_RESUME);
			task_work_run();
			rseq_handle_notify_resume(NULL, regs);
		}
		local_irq_disable();
		ti_flags = READ_ONCE(current->ti_flags);
	}
}

SYSCALL_DEFINE0(restart_syscall)
{
	struct restart_block *restart = &current->restart_block;

	return restart->fn ? restart->fn(restart) : -EINTR;
}
