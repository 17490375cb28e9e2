/* SPDX-License-Identifier: MIT */
/*
 * fire.S -- for the self-test: INT n with every register known before it
 *
 * u64 irq_test_fire(void (*stub)(void)): a mask of registers that came back
 * changed, 0 if none.  stub is irq_test_stubs + 4 * (vector - 0x20).
 */

#include "../entry/calling.h"

#define PATTERN 0x5a5a0000

	.text

.macro FILL reg, n
	movq	$(PATTERN + \n), \reg
.endm

.macro CHECK reg, n
	cmpq	$(PATTERN + \n), \reg
	je	1f
	orq	$(1 << \n), (%rsp)
1:
.endm

FUNC(irq_test_fire)
	pushq	%rbp
	movq	%rsp, %rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rdi                    /* the stub */
	pushq	$0                      /* the mask */
	FILL %rax, 0
	FILL %rbx, 1
	FILL %rcx, 2
	FILL %rdx, 3
	FILL %rsi, 4
	FILL %rdi, 5
	FILL %r8, 8
	FILL %r9, 9
	FILL %r10, 10
	FILL %r11, 11
	FILL %r12, 12
	FILL %r13, 13
	FILL %r14, 14
	FILL %r15, 15
	call	*8(%rsp)
	CHECK %rax, 0
	CHECK %rbx, 1
	CHECK %rcx, 2
	CHECK %rdx, 3
	CHECK %rsi, 4
	CHECK %rdi, 5
	CHECK %r8, 8
	CHECK %r9, 9
	CHECK %r10, 10
	CHECK %r11, 11
	CHECK %r12, 12
	CHECK %r13, 13
	CHECK %r14, 14
	CHECK %r15, 15
	popq	%rax
	popq	%rdi
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
END(irq_test_fire)

	.balign	4
	.globl	irq_test_stubs
irq_test_stubs:
	.set	vector, 0x20
	.rept	256 - 0x20
	.byte	0xcd, vector            /* int $vector */
	ret
	.balign	4
	.set	vector, vector + 1
	.endr
