/* SPDX-License-Identifier: MIT */
/*
 * traps.c -- what becomes of an exception
 *
 * PROMISE.  A user program's mistake becomes the signal that Linux sends, with
 * the same si_code and si_addr.  The kernel's own mistake is looked up in the
 * exception table; if nobody expected it, it is an oops that kills the current
 * task and nobody else.
 *
 *	ring 3                       ring 0
 *	force_sig_fault(...)         fixup_exception() or die() + do_exit()
 *
 * LOCKING.  Entered with irqs off; those that may sleep turn them on if the
 * interrupted code had them on, and off again before they return.
 *
 * SEE Intel SDM vol. 3 ch. 6; docs/05-interrupts.md; #PF is in fault.c.
 */

#include "traps.h"

#include "../entry/entry.h"

#include <arch/cpu.h>
#include <arch/fpu.h>
#include <arch/ioport.h>
#include <arch/irqflags.h>
#include <arch/uaccess.h>
#include <kernel/hardirq.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/uprobes.h>

enum trap_nr {
	TRAP_DE = 0, TRAP_DB = 1, TRAP_NMI = 2, TRAP_BP = 3, TRAP_OF = 4,
	TRAP_BR = 5, TRAP_UD = 6, TRAP_NM = 7, TRAP_DF = 8, TRAP_OLD_MF = 9,
	TRAP_TS = 10, TRAP_NP = 11, TRAP_SS = 12, TRAP_GP = 13, TRAP_PF = 14,
	TRAP_MF = 16, TRAP_AC = 17, TRAP_MC = 18, TRAP_XF = 19, TRAP_CP = 21,
};

#define SEGV_CPERR 10

void kernel_oops(const char *what, struct pt_regs *regs, unsigned long err)
{
	if (fixup_exception(regs))
		return;
	die(what, regs, err);
	local_irq_enable();
	do_exit(SIGSEGV);
}

void trap_irqs_on(struct pt_regs *regs)
{
	if (!regs_irqs_disabled(regs))
		local_irq_enable();
}

/* code 0: no si_code of its own, the kernel says so (SI_KERNEL). */
static void do_trap(struct pt_regs *regs, unsigned long err, enum trap_nr nr,
		    const char *what, int sig, int code)
{
	if (!user_mode(regs)) {
		kernel_oops(what, regs, err);
		return;
	}
	trap_irqs_on(regs);
	if (unlikely(current->utask))
		uprobe_faulted(regs);
	current->thread.trap_nr = nr;
	current->thread.error_code = err == -1UL ? 0 : err;
	if (code)
		force_sig_fault(sig, code, (void __user *)regs->ip);
	else
		force_sig(sig);
	local_irq_disable();
}

#define SIMPLE_TRAP(name, nr, what, sig, code)				\
void exc_##name(struct pt_regs *regs, unsigned long error_code)		\
{									\
	do_trap(regs, error_code, nr, what, sig, code);			\
}

SIMPLE_TRAP(divide_error, TRAP_DE, "divide error", SIGFPE, FPE_INTDIV)
SIMPLE_TRAP(overflow, TRAP_OF, "overflow", SIGSEGV, 0)
SIMPLE_TRAP(bounds, TRAP_BR, "bounds", SIGSEGV, 0)
SIMPLE_TRAP(invalid_op, TRAP_UD, "invalid opcode", SIGILL, ILL_ILLOPN)
SIMPLE_TRAP(coproc_segment_overrun, TRAP_OLD_MF,
	    "coprocessor segment overrun", SIGFPE, 0)
SIMPLE_TRAP(invalid_tss, TRAP_TS, "invalid TSS", SIGSEGV, 0)
SIMPLE_TRAP(segment_not_present, TRAP_NP, "segment not present", SIGBUS, 0)
SIMPLE_TRAP(stack_segment, TRAP_SS, "stack segment", SIGBUS, 0)
SIMPLE_TRAP(control_protection, TRAP_CP, "control protection fault", SIGSEGV,
	    SEGV_CPERR)
SIMPLE_TRAP(reserved, TRAP_UD, "reserved trap", SIGILL, ILL_ILLOPN)

void exc_general_protection(struct pt_regs *regs, unsigned long error_code)
{
	if (user_mode(regs) && unlikely(current->thread.io_ports)) {
		bool skipped;

		trap_irqs_on(regs);
		skipped = io_ports_skip_cli(regs);
		local_irq_disable();
		if (skipped)
			return;
	}
	do_trap(regs, error_code, TRAP_GP, "general protection fault", SIGSEGV,
		0);
}

/* In a program: a probe of the kernel's, which may sleep, or a debugger's. */
static bool user_int3(struct pt_regs *regs)
{
	bool ours;

	trap_irqs_on(regs);
	ours = regs->cs == __USER_CS && uprobe_int3(regs);
	local_irq_disable();
	return ours;
}

/* A breakpoint: a debugger's, or a probe's. */
void exc_int3(struct pt_regs *regs, unsigned long error_code)
{
	if (user_mode(regs) ? user_int3(regs) : kprobe_int3(regs))
		return;
	do_trap(regs, error_code, TRAP_BP, "int3", SIGTRAP, 0);
}

/* Only with CR0.AM and EFLAGS.AC, which the kernel never sets for itself. */
void exc_alignment_check(struct pt_regs *regs, unsigned long error_code)
{
	if (!user_mode(regs)) {
		kernel_oops("alignment check", regs, error_code);
		return;
	}
	trap_irqs_on(regs);
	current->thread.trap_nr = TRAP_AC;
	current->thread.error_code = 0;
	force_sig_fault(SIGBUS, BUS_ADRALN, NULL);
	local_irq_disable();
}

/* CR0.TS is never set: somebody switched the FPU off behind our back. */
void exc_device_not_available(struct pt_regs *regs, unsigned long error_code)
{
	unsigned long cr0 = read_cr0();

	if (cr0 & X86_CR0_TS)
		write_cr0(cr0 & ~X86_CR0_TS);
	else
		kernel_oops("no FPU", regs, error_code);
}

/*
 * x87 and SSE report an exception as flags in the low six bits: invalid,
 * denormal, division, overflow, underflow, precision.  Those masked do not
 * count; the first of the rest names the signal's code.
 */
static int fpe_code(unsigned status, unsigned mask)
{
	unsigned err = status & ~mask;

	if (err & 0x01)
		return FPE_FLTINV;
	if (err & 0x04)
		return FPE_FLTDIV;
	if (err & 0x08)
		return FPE_FLTOVF;
	if (err & 0x12)
		return FPE_FLTUND;
	if (err & 0x20)
		return FPE_FLTRES;
	return 0;                       /* spurious */
}

static void math_error(struct pt_regs *regs, enum trap_nr nr, const char *what)
{
	struct fxregs_state *fx;
	int code;

	if (!user_mode(regs)) {
		kernel_oops(what, regs, 0);
		return;
	}
	trap_irqs_on(regs);
	if (unlikely(current->utask))
		uprobe_faulted(regs);
	fx = &fpu_sync_current()->fx;
	if (nr == TRAP_MF)
		code = fpe_code(fx->swd, fx->cwd);
	else
		code = fpe_code(fx->mxcsr, fx->mxcsr >> 7);
	fpu_load_current();
	current->thread.trap_nr = nr;
	current->thread.error_code = 0;
	if (code)
		force_sig_fault(SIGFPE, code, (void __user *)regs->ip);
	local_irq_disable();
}

void exc_coprocessor_error(struct pt_regs *regs, unsigned long error_code)
{
	math_error(regs, TRAP_MF, "fpu exception");
}

void exc_simd_error(struct pt_regs *regs, unsigned long error_code)
{
	math_error(regs, TRAP_XF, "simd exception");
}

#define DR6_STEP (1 << 14)
#define DR6_TRAP_BITS 0xf
#define DR6_RESERVED 0xffff0ff0UL
#define DR7_TYPE(dr7, n) (((dr7) >> (16 + 4 * (n))) & 3)

/* A breakpoint that was hit would be hit again: RF lets one instruction by. */
static bool hit_execution(unsigned long dr6)
{
	for (int n = 0; n < 4; n++)
		if ((dr6 & (1 << n)) &&
		    !DR7_TYPE(current->thread.debugctl, n))
			return true;
	return false;
}

static int debug_code(unsigned long dr6)
{
	if (dr6 & DR6_STEP)
		return TRAP_TRACE;
	return dr6 & DR6_TRAP_BITS ? TRAP_HWBKPT : TRAP_BRKPT;
}

/*
 * #DB.  On an IST stack if the kernel was interrupted: then it is a stray
 * single step or a user's watchpoint that copy_to_user() ran into, and we go
 * on.
 */
void exc_debug(struct pt_regs *regs, unsigned long error_code)
{
	unsigned long dr6;

	__asm__ __volatile__("mov %%db6, %0" : "=r"(dr6));
	__asm__ __volatile__("mov %0, %%db6" :: "r"(DR6_RESERVED));
	dr6 ^= DR6_RESERVED;
	if (!user_mode(regs)) {
		regs->flags &= ~X86_EFLAGS_TF;
		return;
	}
	local_irq_enable();
	if ((dr6 & DR6_STEP) && unlikely(current->utask) &&
	    uprobe_stepped(regs)) {
		dr6 &= ~DR6_STEP;
		if (!(dr6 & DR6_TRAP_BITS)) {
			local_irq_disable();
			return;
		}
	}
	if (hit_execution(dr6))
		regs->flags |= X86_EFLAGS_RF;
	current->thread.debug_status = dr6;
	current->thread.trap_nr = TRAP_DB;
	current->thread.error_code = 0;
	force_sig_fault(SIGTRAP, debug_code(dr6), (void __user *)regs->ip);
	local_irq_disable();
}

/*
 * NMI: on its IST stack from ring 0, never touching a lock.  Nobody but
 * smp_send_stop() and arch_cpu_backtrace() send them here; others are a broken
 * machine's, and counted.
 * Nothing in here may fault: iretq of a nested trap would let the next NMI in.
 */
void exc_nmi(struct pt_regs *regs, unsigned long error_code)
{
	preempt_count_add(NMI_OFFSET + HARDIRQ_OFFSET);
	inc_irq_stat(NMI);
	nmi_stop_check();
	nmi_backtrace_check(regs);
	preempt_count_sub(NMI_OFFSET + HARDIRQ_OFFSET);
}

/* Where a task whose stack overflowed goes on: on that stack, emptied. */
static __noreturn void exit_after_overflow(void)
{
	local_irq_enable();
	do_exit(SIGSEGV);
}

/*
 * #DF.  Nearly always a kernel stack that ran into its guard page: the page
 * fault had no room for its frame.  The task is lost, its stack is not needed
 * any more: leave this IST stack with rsp at the top of the empty task stack.
 */
void exc_double_fault(struct pt_regs *regs, unsigned long error_code)
{
	unsigned long low = (unsigned long)current->stack;
	unsigned long cr2 = read_cr2();

	if (cr2 >= low || cr2 < low - PAGE_SIZE)
		panic("double fault: ip %lx sp %lx cr2 %lx", regs->ip,
		      regs->sp, cr2);
	pr_emerg("kernel stack overflow: %s[%d], sp %lx below stack %lx\n",
		 current->comm, current->pid, regs->sp, low);
	die("kernel stack overflow", regs, 0);
	regs->ip = (unsigned long)exit_after_overflow;
	regs->sp = low + THREAD_SIZE - sizeof(struct pt_regs) - 8;
	regs->bp = 0;
	regs->flags = X86_EFLAGS_FIXED;
}

/* The machine says that it is broken, and it may be right. */
void exc_machine_check(struct pt_regs *regs, unsigned long error_code)
{
	panic("machine check: ip %lx, status %lx", regs->ip,
	      (unsigned long)rdmsrl(0x17a));
}
