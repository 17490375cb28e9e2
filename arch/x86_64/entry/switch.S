/* SPDX-License-Identifier: MIT */
/*
 * switch.S -- one task's registers for another's, and a new task's first steps
 *
 * IDEA.  To switch tasks is to switch stacks.  A task that does not run has
 * the registers that a C function must preserve (rbx rbp r12-r15) on its kernel
 * stack, and the address where it will go on above them; thread.sp points at
 * them.  All other registers were saved by the compiler, or at the
 * entry from user mode.
 *
 *	prev's stack                     next's stack
 *	  return address                   return address   <- goes on here
 *	  rbp rbx r12 r13 r14 r15          rbp rbx r12 ...
 *	  ^ thread.sp (saved)              ^ thread.sp (loaded into rsp)
 *
 * A new task has been given such a frame by copy_thread(), whose return
 * address is ret_from_fork, rbx the function of a kernel task (0: a user task)
 * and r12 its argument.  See docs/08-context-switch.md.
 */

#include <arch/ptrace.h>

#include "calling.h"

	.text

/*
 * struct task_struct *__switch_to_asm(unsigned long *prev_sp,
 *	unsigned long next_sp, prev, next); returns the task that ran last.
 */
FUNC(__switch_to_asm)
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	movq	%rdx, %rdi
	movq	%rcx, %rsi
	jmp	__switch_to             /* C, on next's stack; it returns prev */
END(__switch_to_asm)

FUNC(ret_from_fork)
	movq	%rax, %rdi              /* prev, for schedule_tail() */
	CALL_C	schedule_tail           /* irqs on after it */
	testq	%rbx, %rbx
	jnz	1f
2:	movq	%rsp, %rdi
	CALL_C	fork_leave              /* exit work; irqs off after it */
	jmp	return_by_iret
1:	movq	%r12, %rdi
	CALL_C	*%rbx
	/* A kernel task that returns has become a user program (init). */
	movq	$0, PT_AX(%rsp)
	jmp	2b
END(ret_from_fork)
