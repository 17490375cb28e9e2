/* SPDX-License-Identifier: MIT */
/*
 * trampoline.S -- from the real mode in which an AP wakes to 64-bit C
 *
 * A start-up IPI makes the CPU execute at physical vector << 12 with CS set
 * to that, 16-bit, no stack.  So this code is copied to a page below 1 MiB
 * (TRAMPOLINE_PHYS) and runs there:
 *
 *	16-bit   own GDT, CR0.PE
 *	32-bit   CR4.PAE, CR3 = trampoline tables (low 2 MiB one to one, and the
 *	         kernel's half), EFER.LME, CR0.PG: long mode
 *	64-bit   stack, GS base, jump to the kernel's own addresses
 *
 * What differs between CPUs is written into tr_* by the CPU that starts it,
 * one at a time.  SEE Intel SDM vol. 3 8.4, 9.8.5; docs/07-smp.md.
 */

#include <arch/cpu.h>
#include <arch/kernel-layout.h>
#include <arch/msr.h>

#include "trampoline.h"

/* The address at run time of something in here. */
#define TR(sym) (sym - trampoline_start + TRAMPOLINE_PHYS)

	.section .rodata
	.balign	16
	.globl	trampoline_start, trampoline_end
trampoline_start:
	.code16
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	tr_gdt_ptr - trampoline_start
	movl	$X86_CR0_PE, %eax
	movl	%eax, %cr0
	ljmpl	$0x08, $TR(1f)

	.code32
1:	movw	$0x10, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movl	$(X86_CR4_PAE | X86_CR4_PGE), %eax
	movl	%eax, %cr4
	movl	TR(tr_cr3), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	movl	$(EFER_SCE | EFER_LME | EFER_NX), %eax
	xorl	%edx, %edx
	wrmsr
	movl	$(X86_CR0_PG | X86_CR0_WP | X86_CR0_NE | X86_CR0_ET | X86_CR0_MP | X86_CR0_PE), %eax
	movl	%eax, %cr0
	ljmpl	$0x18, $TR(2f)

	.code64
2:	movl	$MSR_GS_BASE, %ecx
	movl	TR(tr_gs_base), %eax
	movl	TR(tr_gs_base) + 4, %edx
	wrmsr
	movq	TR(tr_stack), %rsp
	xorl	%ebp, %ebp
	movq	TR(tr_entry), %rax
	pushq	$0                      /* no return address: end of stack */
	jmp	*%rax

	.balign	8
tr_gdt:	.quad	0
	.quad	0x00cf9b000000ffff      /* 0x08: 32-bit code, flat */
	.quad	0x00cf93000000ffff      /* 0x10: data, flat */
	.quad	0x00af9b000000ffff      /* 0x18: 64-bit code */
tr_gdt_ptr:
	.word	4 * 8 - 1
	.long	TR(tr_gdt)
	.balign	8
	.globl	tr_cr3, tr_stack, tr_gs_base, tr_entry
tr_cr3:	.quad	0
tr_stack:
	.quad	0
tr_gs_base:
	.quad	0
tr_entry:
	.quad	0
trampoline_end:
