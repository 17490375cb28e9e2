/* SPDX-License-Identifier: MIT */
/*
 * common.c -- the C half of entering and leaving the kernel
 *
 * PROMISE.  User code is resumed with irqs off until the very last
 * instruction, and never with a signal or a reschedule left undone.
 *
 * IDEA.  The look at ti_flags and the return must not be separable: whoever
 * sets a flag also sends an interrupt if the task runs elsewhere.  With irqs
 * off from the look to iretq (which turns them on), that interrupt arrives
 * right after the return, and its own exit looks again.
 *
 *	this CPU                        another CPU
 *	irqs off
 *	look: no work         [a]
 *	                                set TIF_SIGPENDING, send IPI
 *	iretq, irqs on        [b]
 *	IPI: look: work       [c]
 *
 * In the kernel the counterpart is preemption: an interrupt that finds the
 * preempt count zero and a reschedule wanted calls the scheduler before it
 * goes back.
 *
 * SEE docs/06-system-call-entry.md.
 */

#include "entry.h"

#include <arch/syscall.h>
#include <kernel/percpu.h>
#include <kernel/preempt.h>
#include <kernel/sched.h>
#include <kernel/string.h>

/* The user's stack pointer for the three instructions that need it. */
DEFINE_PER_CPU(unsigned long, user_rsp);

/* The last thing before a return to ring 3; irqs off [a]. */
static __always_inline void leave_to_user(struct pt_regs *regs)
{
	unsigned long work = READ_ONCE(current->ti_flags);

	if (unlikely(work & _TIF_WORK_MASK))
		exit_to_user_mode_work(regs, work);
}

/*
 * May sysret take us back?  It loads rip from rcx and rflags from r11, always
 * to our flat user segments; RF it clears, and with TF set it would trap one
 * instruction early.  A rip that is not canonical would fault in ring 0.
 */
static __always_inline bool sysret_fits(const struct pt_regs *regs)
{
	return regs->cx == regs->ip && regs->r11 == regs->flags &&
	       regs->cs == __USER_CS && regs->ss == __USER_DS &&
	       regs->ip < TASK_SIZE_MAX &&
	       !(regs->flags & (X86_EFLAGS_RF | X86_EFLAGS_TF));
}

/* A `syscall`: irqs off in and out; true if sysret may be used. */
bool syscall_enter(struct pt_regs *regs)
{
	local_irq_enable();
	do_syscall(regs);
	local_irq_disable();
	leave_to_user(regs);
	return sysret_fits(regs);
}

/* An `int 0x80`; from ring 0 it is nobody's and does nothing. */
void int80_enter(struct pt_regs *regs)
{
	if (!user_mode(regs))
		return;
	local_irq_enable();
	do_int80(regs);
	local_irq_disable();
	leave_to_user(regs);
}

/* After an exception or interrupt, irqs off. */
void trap_leave(struct pt_regs *regs)
{
	if (user_mode(regs))
		leave_to_user(regs);
	else if (should_resched(0) && !regs_irqs_disabled(regs))
		preempt_schedule_irq();
}

/* A new task's first way out to ring 3; irqs on at entry. */
void fork_leave(struct pt_regs *regs)
{
	local_irq_disable();
	leave_to_user(regs);
}

/*
 * An IST entry that came from ring 3: the task's kernel stack is empty, so go
 * on there, where sleeping and signals are possible.  Returns the copy.
 */
struct pt_regs *move_regs_to_task_stack(struct pt_regs *regs)
{
	struct pt_regs *to = (struct pt_regs *)
		this_cpu_read(cpu_current_top_of_stack) - 1;

	*to = *regs;
	return to;
}

/*
 * iretq to ring 3 faulted with *bad on the stack that iretq was popping: behind
 * bad->sp lie the five words it could not take.  Make a pt_regs that says: the
 * user was there, and faulted.  The other registers are the user's already.
 */
struct pt_regs *fixup_bad_iret(struct pt_regs *bad)
{
	struct pt_regs *to = (struct pt_regs *)
		this_cpu_read(cpu_current_top_of_stack) - 1;
	struct pt_regs tmp = *bad;
	const unsigned long *frame = (const unsigned long *)bad->sp;

	tmp.orig_ax = -1;
	tmp.ip = frame[0];
	tmp.cs = frame[1] | 3;
	tmp.flags = frame[2];
	tmp.sp = frame[3];
	tmp.ss = frame[4];
	*to = tmp;
	return to;
}
