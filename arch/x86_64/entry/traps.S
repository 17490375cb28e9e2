/* SPDX-License-Identifier: MIT */
/*
 * traps.S -- the first instructions of exceptions and interrupts
 *
 * The CPU has pushed ss, rsp, rflags, cs, rip and, for some exceptions, an
 * error code; when it came from ring 3 it did so on the task's kernel stack
 * (TSS.rsp0).  A stub pads the error code (or, for an interrupt, the vector)
 * into orig_ax's place, saves the other registers and calls C.
 *
 *	three kinds:
 *	  TRAP      on the current kernel stack; swapgs if we came from ring 3
 *	  PARANOID  on an IST stack; GS may be the user's although CS is ours
 *	  IRQ       as TRAP, all into one C function
 *
 * PARANOID.  NMI, #DF, #MC and #DB can arrive at any instruction, between
 * `syscall` and its swapgs too.  With FSGSBASE a user program can put any
 * value into GS, so looking at it proves nothing.  Instead each IST stack
 * carries this CPU's per-CPU offset in its top word: the stack pointer alone
 * leads to it.  The old GS base is kept in r14 and put back before iretq.
 *
 *	IST stack (IST_SIZE, aligned)  [ ........ frames grow down | pad | offset ]
 */

#include <arch/kernel-layout.h>
#include <arch/msr.h>
#include <arch/ptrace.h>

#include "calling.h"
#include "ist.h"

	.text

/* After a C handler: irqs are off, rsp at the pt_regs. */
FUNC(return_from_trap)
	DESCRIBE_FRAME                  /* the mark is still in rbp */
	movq	%rsp, %rdi
	CALL_C	trap_leave
	jmp	return_by_iret
END(return_from_trap)

/*
 * The iretq to ring 3 faulted: the CPU is in ring 0, but GS is the user's
 * already.  fixup_bad_iret() rebuilds the pt_regs as if the fault had come from
 * the user instruction, and the user gets a SIGSEGV.
 */
FUNC(bad_iret)
	swapgs
	PUSH_REGS
	movq	%rsp, %rdi
	CALL_C	fixup_bad_iret
	movq	%rax, %rsp
	MARK_FRAME
	movq	%rsp, %rdi
	xorl	%esi, %esi
	CALL_C	exc_general_protection
	jmp	return_from_trap
END(bad_iret)

.macro TRAP name, has_error
FUNC(trap_\name)
	.if \has_error == 0
	pushq	$-1
	.endif
	cld
	ASM_CLAC
	testb	$3, 16(%rsp)
	jz	1f
	swapgs
	jmp	2f
1:	cmpq	$user_iret, 8(%rsp)
	je	bad_iret
2:	PUSH_REGS
	MARK_FRAME
	movq	%rsp, %rdi
	movq	PT_ORIG_AX(%rsp), %rsi
	movq	$-1, PT_ORIG_AX(%rsp)
	CALL_C	exc_\name
	jmp	return_from_trap
END(trap_\name)
.endm

.macro PARANOID name, has_error
FUNC(trap_\name)
	.if \has_error == 0
	pushq	$-1
	.endif
	cld
	ASM_CLAC
	PUSH_REGS
	MARK_FRAME
	testb	$3, PT_CS(%rsp)
	jnz	1f

	movl	$MSR_GS_BASE, %ecx
	rdmsr
	movl	%eax, %r14d
	movl	%edx, %r15d
	movq	%rsp, %rbx
	orq	$(IST_SIZE - 1), %rbx
	movq	-7(%rbx), %rax          /* the top word: per-CPU offset */
	movq	%rax, %rdx
	shrq	$32, %rdx
	wrmsr
	movq	%rsp, %rdi
	movq	PT_ORIG_AX(%rsp), %rsi
	movq	$-1, PT_ORIG_AX(%rsp)
	CALL_C	exc_\name
	movl	$MSR_GS_BASE, %ecx
	movl	%r14d, %eax
	movl	%r15d, %edx
	wrmsr
	POP_REGS
	addq	$8, %rsp
	iretq

	/* From ring 3 GS is the user's for sure; go on on the task's stack. */
1:	swapgs
	movq	%rsp, %rdi
	CALL_C	move_regs_to_task_stack
	movq	%rax, %rsp
	MARK_FRAME
	movq	%rsp, %rdi
	movq	PT_ORIG_AX(%rsp), %rsi
	movq	$-1, PT_ORIG_AX(%rsp)
	CALL_C	exc_\name
	jmp	return_from_trap
END(trap_\name)
.endm

	TRAP	divide_error 0
	PARANOID debug 0
	PARANOID nmi 0
	TRAP	int3 0
	TRAP	overflow 0
	TRAP	bounds 0
	TRAP	invalid_op 0
	TRAP	device_not_available 0
	PARANOID double_fault 1
	TRAP	coproc_segment_overrun 0
	TRAP	invalid_tss 1
	TRAP	segment_not_present 1
	TRAP	stack_segment 1
	TRAP	general_protection 1
	TRAP	page_fault 1
	TRAP	coprocessor_error 0
	TRAP	alignment_check 1
	PARANOID machine_check 0
	TRAP	simd_error 0
	TRAP	control_protection 1
	TRAP	reserved 0

/*
 * One 8-byte stub for each vector from 0x20: push it (sign-extended: only the
 * low byte counts) and go to the common part.
 */
	.balign 8
	.globl	irq_stubs
irq_stubs:
	.set	vector, 0x20
	.rept	256 - 0x20
	.balign	8
	.byte	0x6a, vector            /* pushq $vector */
	jmp	common_irq
	.set	vector, vector + 1
	.endr

FUNC(common_irq)
	cld
	ASM_CLAC
	testb	$3, 16(%rsp)
	jz	1f
	swapgs
1:	PUSH_REGS
	MARK_FRAME
	movq	%rsp, %rdi
	CALL_C	irq_entry
	jmp	return_by_iret
END(common_irq)

/*
 * void call_on_stack(struct pt_regs *regs, void *top,
 *		      void (*fn)(struct pt_regs *));
 * The saved rbp ties the frames on the new stack to those on the old one.
 */
FUNC(call_on_stack)
	pushq	%rbp
	movq	%rsp, %rbp
	movq	%rsi, %rsp
	call	*%rdx
	leave
	ret
END(call_on_stack)
