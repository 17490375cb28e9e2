/* SPDX-License-Identifier: MIT */
/*
 * return_trampoline.S -- where a probed function returns to
 *
 * Its return address was replaced by this one's (kprobe.c).  Nothing may be
 * lost: rax and rdx hold what it returns, and the rest is its caller's.
 */

#include "../entry/calling.h"

	.text

FUNC(return_trampoline)
	pushq	%rax                    /* room for the true address */
	pushfq
	pushq	%rax
	pushq	%rdx
	pushq	%rcx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbp
	movq	%rsp, %rbp
	movq	%rax, %rdi
	leaq	88(%rsp), %rsi          /* where the address was */
	andq	$~15, %rsp
	call	return_hooked
	movq	%rbp, %rsp
	movq	%rax, 88(%rsp)
	popq	%rbp
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rcx
	popq	%rdx
	popq	%rax
	popfq
	ret
END(return_trampoline)
