/* SPDX-License-Identifier: MIT */
/*
 * syscall.S -- the way in by `syscall` and `int 0x80`, and all ways back out
 *
 * PROMISE.  User code sees all its registers unchanged but rax (the result),
 * rcx and r11, which the instruction itself destroys.
 *
 * IDEA.  `syscall` changes almost nothing: it puts rip in rcx, rflags in r11,
 * clears the flags that MSR_SYSCALL_MASK names (IF among them) and jumps to
 * MSR_LSTAR in ring 0, *on the user's stack and with the user's GS*.  So the
 * first three instructions get us onto ground of our own:
 *
 *	swapgs                      GS now reaches this CPU's variables
 *	rsp -> user_rsp             park the user's stack pointer
 *	cpu_current_top_of_stack -> rsp
 *
 * and the pushes then build the same struct pt_regs that the CPU and the
 * stubs build for interrupts.  C code never knows which way we came.
 *
 * An NMI or machine check may hit between `syscall` and swapgs: in ring 0 with
 * the user's GS.  Those use stacks of their own (IST) and never trust GS: see
 * the paranoid entry in traps.S.
 *
 * THE WAY BACK.  sysret is quick but restores rip and rflags only from rcx and
 * r11, and on Intel faults *in ring 0 on the user's stack* if rcx is not
 * canonical.  syscall_leave() (common.c) allows it only if the saved values
 * fit; everything else goes by iretq.
 *
 * SEE Intel SDM vol. 2 SYSCALL, SYSRET, IRET; docs/06-system-call-entry.md.
 */

#include <arch/kernel-layout.h>
#include <arch/ptrace.h>

#include "calling.h"

	.text

FUNC(entry_syscall)
	swapgs
	movq	%rsp, %gs:user_rsp
	movq	%gs:cpu_current_top_of_stack, %rsp
	pushq	$__USER_DS
	pushq	%gs:user_rsp
	pushq	%r11
	pushq	$__USER_CS
	pushq	%rcx
	pushq	%rax                    /* orig_ax: the number */
	PUSH_REGS ax=$-38               /* until said otherwise: -ENOSYS */
	MARK_FRAME
	movq	%rsp, %rdi
	CALL_C	syscall_enter
	testb	%al, %al
	jz	return_by_iret

	/* Quick way: ip == cx and flags == r11 hold, so pop them from there. */
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
	movq	(PT_SP - PT_ORIG_AX)(%rsp), %rsp
	swapgs
	sysretq
END(entry_syscall)

/* int 0x80: an interrupt gate that ring 3 may use. */
FUNC(entry_int80)
	cld
	ASM_CLAC
	pushq	%rax                    /* orig_ax: the i386 number */
	testb	$3, 16(%rsp)
	jz	1f
	swapgs
1:	PUSH_REGS ax=$-38
	MARK_FRAME
	movq	%rsp, %rdi
	CALL_C	int80_enter
	jmp	return_by_iret
END(entry_int80)

/*
 * Every return by iret: irqs off, rsp at a pt_regs, exit work done.  To the
 * user the GS are swapped back, to the kernel not.
 */
FUNC(return_by_iret)
	testb	$3, PT_CS(%rsp)
	jz	1f
	POP_REGS
	addq	$8, %rsp                /* orig_ax */
	swapgs
	.globl	user_iret
user_iret:
	iretq                           /* may fault: see fixup_bad_iret() */
1:	POP_REGS
	addq	$8, %rsp
	iretq
END(return_by_iret)
