/* SPDX-License-Identifier: MIT */
#ifndef ARCH_PTRACE_H
#define ARCH_PTRACE_H
/*
 * ptrace.h -- the registers of whoever was interrupted, as the entry saves them
 *
 * The order is Linux's, for ptrace and core dumps show it to user programs.
 * The CPU itself pushes the last five; the entry stubs the rest.  orig_ax is
 * the system-call number, the CPU's error code, or -1 for an interrupt.
 */

#include <arch/kernel-layout.h>

#ifndef __ASSEMBLY__
#include <arch/irqflags.h>
#include <kernel/types.h>

struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx;
	unsigned long r11, r10, r9, r8, ax, cx, dx, si, di;
	unsigned long orig_ax;
	unsigned long ip, cs, flags, sp, ss;
};

_Static_assert(sizeof(struct pt_regs) == 168, "pt_regs is an ABI");

static __always_inline bool user_mode(const struct pt_regs *regs)
{
	return regs->cs & 3;
}

#define instruction_pointer(regs) ((regs)->ip)
#define instruction_pointer_set(regs, val) ((regs)->ip = (val))
#define user_stack_pointer(regs) ((regs)->sp)
#define kernel_stack_pointer(regs) ((regs)->sp)
#define frame_pointer(regs) ((regs)->bp)
#define regs_return_value(regs) ((regs)->ax)

static __always_inline bool regs_irqs_disabled(const struct pt_regs *regs)
{
	return !(regs->flags & X86_EFLAGS_IF);
}

/* The pt_regs of task t's last entry from user mode. */
#define task_pt_regs(t) \
	((struct pt_regs *)((unsigned long)(t)->stack + THREAD_SIZE) - 1)
#define current_pt_regs() task_pt_regs(current)

#endif

/* Byte offsets in struct pt_regs, for assembly; checked in entry/offsets.c. */
#define PT_R15 0
#define PT_R14 8
#define PT_R13 16
#define PT_R12 24
#define PT_BP 32
#define PT_BX 40
#define PT_R11 48
#define PT_R10 56
#define PT_R9 64
#define PT_R8 72
#define PT_AX 80
#define PT_CX 88
#define PT_DX 96
#define PT_SI 104
#define PT_DI 112
#define PT_ORIG_AX 120
#define PT_IP 128
#define PT_CS 136
#define PT_FLAGS 144
#define PT_SP 152
#define PT_SS 160
#define PT_SIZE 168

#endif
