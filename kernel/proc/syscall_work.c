/* SPDX-License-Identifier: MIT */
/*
 * syscall_work.c -- what happens around a system call that somebody watches
 *
 * Before: the tracer stops it (PTRACE_SYSCALL, SYSEMU) and may change its
 * number and arguments, or forbid it by -1; then the filter judges what is
 * left. After: the tracer stops it again; or, when it steps single
 * instructions, sees the system call as the one instruction that it is.
 *
 * Tested by one look at ti_flags: an unwatched call pays nothing else.
 *
 * SEE docs/67-ptrace.md, docs/69-seccomp.md.
 */

#include <kernel/ptrace.h>

#include <arch/syscall.h>
#include <kernel/seccomp.h>

static void report(unsigned long message)
{
	int sysgood, sig;

	if (!(current->ptrace & PT_PTRACED))
		return;
	sysgood = current->ptrace & PT_TRACESYSGOOD ? 0x80 : 0;
	sig = ptrace_notify(SIGTRAP | sysgood, message);
	if (sig > 0 && sig <= NSIG)
		send_sig(sig, current, 1);
}

long syscall_trace_enter(struct pt_regs *regs)
{
	unsigned long work = READ_ONCE(current->ti_flags);

	if (work & (_TIF(TIF_SYSCALL_TRACE) | _TIF(TIF_SYSCALL_EMU))) {
		report(PTRACE_EVENTMSG_SYSCALL_ENTRY);
		if (fatal_signal_pending(current) ||
		    (work & _TIF(TIF_SYSCALL_EMU)))
			return -1;
	}
	if ((work & _TIF(TIF_SECCOMP)) && secure_computing(regs))
		return -1;
	return syscall_get_nr(regs);
}

void syscall_trace_exit(struct pt_regs *regs)
{
	unsigned long work = READ_ONCE(current->ti_flags);

	if (work & _TIF(TIF_SYSCALL_EMU))
		return;
	if (work & _TIF(TIF_SINGLESTEP))
		force_sig_fault(SIGTRAP, TRAP_BRKPT, (void __user *)regs->ip);
	else if (work & _TIF(TIF_SYSCALL_TRACE))
		report(PTRACE_EVENTMSG_SYSCALL_EXIT);
}
