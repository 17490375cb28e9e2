/* SPDX-License-Identifier: MIT */
#ifndef ARCH_X86_64_ENTRY_CALLING_H
#define ARCH_X86_64_ENTRY_CALLING_H
/*
 * calling.h -- macros that the assembly of this folder shares
 *
 * STAC and CLAC are 3-byte instructions of CPUs with SMAP.  The assembler
 * places a 3-byte no-op and notes where; lib/smap.c writes the real one.
 */

.macro SMAP_SITE kind
661:	.byte 0x0f, 0x1f, 0x00
	.pushsection smap_patch, "aw"
	.balign 8
	.quad 661b, \kind
	.popsection
.endm

#define ASM_CLAC SMAP_SITE 0
#define ASM_STAC SMAP_SITE 1

/* Finish the pt_regs: orig_ax and the CPU's part are on the stack already. */
.macro PUSH_REGS ax=%rax
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	\ax
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
.endm

/* The inverse; leaves rsp at orig_ax. */
.macro POP_REGS
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
.endm

/*
 * Say to debuggers what the mark says: rbp is the address of a pt_regs plus
 * one, and there is everything that the interrupted code had.  As a "signal
 * frame", so that GDB accepts a user stack below a kernel stack.  From here to
 * END().
 */
	.cfi_sections .debug_frame
	.set	describing_frame, 0
.macro DESCRIBE_FRAME
	.if describing_frame == 0
	.cfi_startproc simple
	.cfi_signal_frame
	.set	describing_frame, 1
	.endif
	.cfi_def_cfa rbp, PT_SIZE - 1
	.cfi_offset r15, 0 - PT_SIZE
	.cfi_offset r14, 8 - PT_SIZE
	.cfi_offset r13, 16 - PT_SIZE
	.cfi_offset r12, 24 - PT_SIZE
	.cfi_offset rbp, 32 - PT_SIZE
	.cfi_offset rbx, 40 - PT_SIZE
	.cfi_offset rip, PT_IP - PT_SIZE
	.cfi_offset rsp, PT_SP - PT_SIZE
.endm

.macro END_DESCRIPTION
	.if describing_frame
	.cfi_endproc
	.set	describing_frame, 0
	.endif
.endm

/*
 * Let the stack walker find the pt_regs at rsp: a frame pointer is even, so
 * an odd one is the address of a pt_regs, plus one (see lib/stacktrace.c).
 */
.macro MARK_FRAME
	leaq	1(%rsp), %rbp
	DESCRIBE_FRAME
.endm

/* pt_regs has an odd number of words: keep calls on 16-byte stacks. */
.macro CALL_C fn
	subq	$8, %rsp
	call	\fn
	addq	$8, %rsp
.endm

#define FUNC(name) .globl name; .type name, @function; .balign 16; name:
#define END(name) END_DESCRIPTION; .size name, . - name

#endif
