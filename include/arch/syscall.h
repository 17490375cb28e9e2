/* SPDX-License-Identifier: MIT */
#ifndef ARCH_SYSCALL_H
#define ARCH_SYSCALL_H
/*
 * syscall.h -- a system call as its registers hold it
 *
 * x86-64: number in rax; arguments in rdi rsi rdx r10 r8 r9; result in rax.
 * The number is kept in orig_ax, for a restart needs it when ax is the result.
 */

#include <arch/ptrace.h>
#include <kernel/types.h>

/*
 * Upward doors (kernel/syscall/).  Irqs on, preemption on, on the task's own
 * kernel stack.  do_syscall() runs call regs->orig_ax and leaves the result
 * in regs->ax.  do_int80() does the same by the i386 numbers and registers
 * (eax; ebx ecx edx esi edi ebp), each argument's low 32 bits.
 */
void do_syscall(struct pt_regs *regs);
void do_int80(struct pt_regs *regs);

/*
 * Upward (kernel/proc/): called with irqs off before a return to user mode
 * with work in ti_flags; reschedules, delivers signals, and loops until
 * no work is left.  Returns with irqs off.
 */
void exit_to_user_mode_work(struct pt_regs *regs, unsigned long ti_flags);

struct task_struct;

static inline long syscall_get_nr(const struct pt_regs *regs)
{
	return (int)regs->orig_ax;
}

static inline bool in_syscall(const struct pt_regs *regs)
{
	return (long)regs->orig_ax >= 0;
}

static inline long syscall_get_return_value(const struct pt_regs *regs)
{
	return regs->ax;
}

static inline void syscall_set_return_value(struct pt_regs *regs, long val)
{
	regs->ax = val;
}

/* Make the interrupted call (a 2-byte instruction) run once more as `nr`. */
static inline void syscall_restart(struct pt_regs *regs, long nr)
{
	regs->ax = nr;
	regs->ip -= 2;
}

static inline void syscall_get_arguments(const struct pt_regs *regs,
					 unsigned long args[6])
{
	args[0] = regs->di;
	args[1] = regs->si;
	args[2] = regs->dx;
	args[3] = regs->r10;
	args[4] = regs->r8;
	args[5] = regs->r9;
}

/* The vector by which an exception or int 0x80 came in; orig_ax stays. */
#define AUDIT_ARCH_X86_64 0xc000003e

#endif
