/* SPDX-License-Identifier: MIT */
/*
 * trap_stubs.S -- 32 entries of 16 bytes that all end in early_trap()
 *
 * Each pushes a zero where the CPU pushes no error code, and its vector, so that
 * struct early_frame fits every exception.
 */

#define HAS_ERROR_CODE 0x60227d00   /* vectors 8, 10-14, 17, 21, 29, 30 */

	.text
	.balign 16
	.globl early_trap_stubs
early_trap_stubs:
	.set vector, 0
	.rept 32
	.balign 16
	.if ((HAS_ERROR_CODE >> vector) & 1) == 0
	pushq $0
	.endif
	pushq $vector
	jmp common
	.set vector, vector + 1
	.endr

common:
	.irp r, rdi, rsi, rdx, rcx, rax, r8, r9, r10, r11, rbx, rbp, r12, r13, \
		r14, r15
	pushq %\r
	.endr
	movq %rsp, %rdi
	cld
	call early_trap
1:	cli
	hlt
	jmp 1b
