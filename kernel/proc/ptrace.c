/* SPDX-License-Identifier: MIT */
/*
 * ptrace.c -- what a tracer asks for
 *
 * PROMISE.  A request is carried out while the tracee is stopped and stays so;
 * else ESRCH, and nothing was changed. KILL, INTERRUPT and the attaching ones
 * take a running tracee.
 *
 * IDEA.  sys_ptrace finds the tracee, holds it still, carries out one request,
 * lets it go:
 *
 *	hold_still()      ours? TRACED? then PTRACE_FROZEN: SIGKILL waits
 *	wait_task_inactive()  its registers are in memory
 *	request
 *	let_go()          clear FROZEN; a SIGKILL that came meanwhile works now
 *
 * INVARIANTS.
 *   I1  A FROZEN task is in TASK_TRACED and does not run.
 *   I2  FROZEN is set and cleared by the tracer alone, within one call.
 *
 * LOCKING.  tasklist_lock for who traces whom; the tracee's siglock for its
 * jobctl, stop code and siginfo.
 *
 * RACES.  A request against SIGKILL:
 *
 *	tracer				killer
 *	[a] siglock: TRACED, no SIGKILL	[c] siglock: pending SIGKILL
 *	    -> FROZEN			    FROZEN? leave it asleep
 *	[b] read registers
 *	    siglock: clear FROZEN;
 *	    SIGKILL pending? wake
 *
 * Without FROZEN the tracee would run between [a] and [b], and its stack change
 * under the tracer's eyes.
 *
 * SEE ptrace(2), docs/67-ptrace.md.
 *
 * EXERCISES.  1. Why must PTRACE_KILL not wait for the stop?  2. What would a
 * debugger see without JOBCTL_TRAPPING when it attaches to a stopped shell job?
 */

#include <kernel/ptrace.h>

#include "ptrace_internal.h"

#include <arch/regset.h>
#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/errno.h>
#include <kernel/pid.h>
#include <kernel/proc.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <mm/mm.h>

/* ---- holding a tracee still ---------------------------------------------- */

static bool freeze_traced(struct task_struct *t)
{
	bool ok = false;

	spin_lock_irq(&t->sighand->siglock);
	if (task_is_traced(t) && !(t->jobctl & JOBCTL_LISTENING) &&
	    !fatal_signal_pending(t)) {
		t->jobctl |= JOBCTL_PTRACE_FROZEN;                 /* [a] */
		ok = true;
	}
	spin_unlock_irq(&t->sighand->siglock);
	return ok;
}

static void let_go(struct task_struct *t)
{
	unsigned long flags;

	if (!lock_task_sighand(t, &flags))
		return;
	if (t->jobctl & JOBCTL_PTRACE_FROZEN) {
		t->jobctl &= ~JOBCTL_PTRACE_FROZEN;                /* [b] I2 */
		if (fatal_signal_pending(t))
			wake_up_state(t, __TASK_TRACED);
	}
	unlock_task_sighand(t, &flags);
}

/* 0: t is traced by current and, unless `running` will do, frozen. */
static int hold_still(struct task_struct *t, bool running)
{
	int err = -ESRCH;

	read_lock(&tasklist_lock);
	if (t->ptrace && t->parent == current &&
	    (running || freeze_traced(t)))
		err = 0;
	read_unlock(&tasklist_lock);
	if (!err && !running && !wait_task_inactive(t, TASK_TRACED)) {
		let_go(t);
		err = -ESRCH;
	}
	return err;
}

/* ---- beginning and end --------------------------------------------------- */

static int ptrace_traceme(void)
{
	struct task_struct *parent;
	int err = -EPERM;

	write_lock_irq(&tasklist_lock);
	parent = current->real_parent;
	if (!current->ptrace && ptrace_may_traceme(parent)) {
		err = 0;
		if (!(parent->flags & PF_EXITING)) {
			current->ptrace = PT_PTRACED;
			ptrace_link(current, parent, __task_cred(parent));
		}
	}
	write_unlock_irq(&tasklist_lock);
	return err;
}

/* A task in a group stop changes over to a traced stop; siglock taken here. */
static bool trap_if_stopped(struct task_struct *t)
{
	bool trapping = false;

	spin_lock(&t->sighand->siglock);
	if (task_is_stopped(t) &&
	    task_set_jobctl_pending(t, JOBCTL_TRAP_STOP | JOBCTL_TRAPPING)) {
		set_ti_flag(t, TIF_SIGPENDING);
		wake_up_state(t, __TASK_STOPPED);
		trapping = true;
	}
	spin_unlock(&t->sighand->siglock);
	return trapping;
}

/* cred_guard_mutex held.  *trapping: it is on its way from stop to trap. */
static int take_hold(struct task_struct *t, unsigned int flags, bool *trapping)
{
	int err = -EPERM;

	if (!ptrace_may_access(t, PTRACE_MODE_ATTACH | PTRACE_MODE_REALCREDS))
		return -EPERM;
	write_lock_irq(&tasklist_lock);
	if (!t->exit_state && !t->ptrace) {
		t->ptrace = flags;
		ptrace_link(t, current, current_cred());
		if (!(flags & PT_SEIZED))
			send_sig_info(SIGSTOP, SEND_SIG_PRIV, t);
		*trapping = trap_if_stopped(t);
		err = 0;
	}
	write_unlock_irq(&tasklist_lock);
	return err;
}

static int ptrace_attach(struct task_struct *t, bool seize, unsigned long addr,
			 unsigned long options)
{
	unsigned int flags = PT_PTRACED;
	bool trapping;
	int err;

	if (seize) {
		if (addr || (options & ~(unsigned long)PTRACE_O_MASK))
			return -EIO;
		flags |= PT_SEIZED | options << PT_OPT_FLAG_SHIFT;
	}
	if ((t->flags & PF_KTHREAD) || same_thread_group(t, current))
		return -EPERM;
	/* What t is now it shall be until we have hold of it: exec_cred.c. */
	if (mutex_lock_interruptible(&t->signal->cred_guard_mutex))
		return -ERESTARTNOINTR;
	err = take_hold(t, flags, &trapping);
	mutex_unlock(&t->signal->cred_guard_mutex);
	if (err)
		return err;
	/* Nobody shall see it run on its way from one stop to the other. */
	while (trapping && (READ_ONCE(t->jobctl) & JOBCTL_TRAPPING) &&
	       !fatal_signal_pending(current))
		schedule_timeout_killable(1);
	return 0;
}

static int ptrace_detach(struct task_struct *t, unsigned long sig)
{
	bool dead;

	if (sig > NSIG)
		return -EIO;
	user_disable_single_step(t);
	write_lock_irq(&tasklist_lock);
	t->exit_code = sig;
	dead = ptrace_forget(current, t);
	write_unlock_irq(&tasklist_lock);
	if (dead)
		release_task(t);
	return 0;
}

/* ---- going on ------------------------------------------------------------ */

static void set_flag_if(struct task_struct *t, int bit, bool on)
{
	if (on)
		set_ti_flag(t, bit);
	else
		clear_ti_flag(t, bit);
}

static int ptrace_resume(struct task_struct *t, long request,
			 unsigned long sig)
{
	bool emu = request == PTRACE_SYSEMU ||
		   request == PTRACE_SYSEMU_SINGLESTEP;

	if (sig > NSIG)
		return -EIO;
	set_flag_if(t, TIF_SYSCALL_TRACE, request == PTRACE_SYSCALL);
	set_flag_if(t, TIF_SYSCALL_EMU, emu);
	if (request == PTRACE_SINGLESTEP ||
	    request == PTRACE_SYSEMU_SINGLESTEP)
		user_enable_single_step(t);
	else
		user_disable_single_step(t);
	spin_lock_irq(&t->sighand->siglock);
	t->exit_code = sig;
	t->jobctl &= ~JOBCTL_PTRACE_FROZEN;
	wake_up_state(t, __TASK_TRACED);
	spin_unlock_irq(&t->sighand->siglock);
	return 0;
}

static int ptrace_interrupt(struct task_struct *t)
{
	unsigned long flags;

	if (!(t->ptrace & PT_SEIZED))
		return -EIO;
	if (!lock_task_sighand(t, &flags))
		return -ESRCH;
	if (task_set_jobctl_pending(t, JOBCTL_TRAP_STOP))
		ptrace_signal_wake_up(t, t->jobctl & JOBCTL_LISTENING);
	unlock_task_sighand(t, &flags);
	return 0;
}

/* Stay in the group stop, but do not count as stopped for us. */
static int ptrace_listen(struct task_struct *t)
{
	siginfo_t *info;
	int err = -EIO;

	if (!(t->ptrace & PT_SEIZED))
		return -EIO;
	spin_lock_irq(&t->sighand->siglock);
	info = t->last_siginfo;
	if (info && info->si_code >> 8 == PTRACE_EVENT_STOP) {
		t->jobctl |= JOBCTL_LISTENING;
		if (t->jobctl & JOBCTL_TRAP_NOTIFY)
			ptrace_signal_wake_up(t, true);
		err = 0;
	}
	spin_unlock_irq(&t->sighand->siglock);
	return err;
}

static int ptrace_setoptions(struct task_struct *t, unsigned long data)
{
	const unsigned int all = (unsigned int)PTRACE_O_MASK <<
				 PT_OPT_FLAG_SHIFT;

	if (data & ~(unsigned long)PTRACE_O_MASK)
		return -EINVAL;
	t->ptrace = (t->ptrace & ~all) | data << PT_OPT_FLAG_SHIFT;
	return 0;
}

/* ---- memory -------------------------------------------------------------- */

/*
 * A program that its user may not read, or that runs as somebody else, is not
 * read through a tracee either, unless the tracer may everything.
 */
static bool may_touch_memory(struct task_struct *t)
{
	bool ok;

	task_lock(t);
	ok = t->mm && (t->mm->dumpable == 1 ||
		       ptracer_capable(t, CAP_SYS_PTRACE));
	task_unlock(t);
	return ok;
}

static int peek_word(struct task_struct *t, unsigned long addr,
		     unsigned long __user *to)
{
	unsigned long word;

	if (!may_touch_memory(t) ||
	    access_process_vm(t, addr, &word, sizeof(word), FOLL_FORCE) !=
	    sizeof(word))
		return -EIO;
	return put_user(word, to);
}

static int poke_word(struct task_struct *t, unsigned long addr,
		     unsigned long word)
{
	return may_touch_memory(t) &&
	       access_process_vm(t, addr, &word, sizeof(word),
				 FOLL_FORCE | FOLL_WRITE) == sizeof(word) ?
		0 : -EIO;
}

/* ---- the call ------------------------------------------------------------ */

static long ptrace_request(struct task_struct *t, long request,
			   unsigned long addr, unsigned long data)
{
	unsigned long word;
	int err;

	switch (request) {
	case PTRACE_PEEKTEXT:
	case PTRACE_PEEKDATA:
		return peek_word(t, addr, (unsigned long __user *)data);
	case PTRACE_POKETEXT:
	case PTRACE_POKEDATA:
		return poke_word(t, addr, data);
	case PTRACE_PEEKUSR:
		err = arch_peek_user(t, addr, &word);
		return err ? err : put_user(word, (unsigned long __user *)data);
	case PTRACE_POKEUSR:
		return arch_poke_user(t, addr, data);
	case PTRACE_ARCH_PRCTL:
		return arch_ptrace_prctl(t, data, addr);
	case PTRACE_CONT:
	case PTRACE_SYSCALL:
	case PTRACE_SINGLESTEP:
	case PTRACE_SYSEMU:
	case PTRACE_SYSEMU_SINGLESTEP:
		return ptrace_resume(t, request, data);
	case PTRACE_KILL:
		return t->exit_state ? 0 :
			send_sig_info(SIGKILL, SEND_SIG_NOINFO, t);
	case PTRACE_DETACH:
		return ptrace_detach(t, data);
	case PTRACE_INTERRUPT:
		return ptrace_interrupt(t);
	case PTRACE_LISTEN:
		return ptrace_listen(t);
	case PTRACE_SETOPTIONS:
	case PTRACE_OLDSETOPTIONS:
		return ptrace_setoptions(t, data);
	}
	return ptrace_look(t, request, addr, data);
}

SYSCALL_DEFINE4(ptrace, long, request, long, pid, unsigned long, addr,
		unsigned long, data)
{
	struct task_struct *t;
	long err;

	if (request == PTRACE_TRACEME)
		return ptrace_traceme();
	t = find_get_task_by_vpid(pid);
	if (!t)
		return -ESRCH;
	if (request == PTRACE_ATTACH || request == PTRACE_SEIZE) {
		err = ptrace_attach(t, request == PTRACE_SEIZE, addr, data);
		goto out;
	}
	err = hold_still(t, request == PTRACE_KILL ||
			    request == PTRACE_INTERRUPT);
	if (err)
		goto out;
	err = ptrace_request(t, request, addr, data);
	/* Detached: it may be another's by now. */
	if (request != PTRACE_DETACH || err)
		let_go(t);
out:
	put_task_struct(t);
	return err;
}
