/* SPDX-License-Identifier: MIT */
/*
 * fault.c -- the page-fault exception, decoded
 *
 * Who touched what decides:
 *
 *	user   touched user half     mm_handle_fault(): page in, or SIGSEGV
 *	user   touched kernel half   SIGSEGV
 *	CPU, for the user's code     SIGSEGV: it reads descriptors as the kernel
 *	                             (QEMU's TCG also the frame of a user's iret,
 *	                             which SMAP refuses for ever)
 *	kernel touched user half     only where the exception table has an entry:
 *	                             mm_handle_fault(), and the fixup if it fails
 *	kernel touched kernel half   the fixup, or an oops
 *
 * The table is asked *before* the address space is: a kernel bug that follows
 * a wild pointer must not page in user memory, nor wait for a lock that the
 * broken code itself holds.
 *
 * The kernel's own tables are shared by all address spaces from boot on, so
 * there is no "kernel page missing in this mm" to repair here.
 */

#include "traps.h"

#include "../entry/entry.h"

#include <arch/cpu.h>
#include <arch/cpufeature.h>
#include <arch/fault.h>
#include <arch/irqflags.h>
#include <arch/uaccess.h>
#include <kernel/panic.h>
#include <kernel/preempt.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <mm/mm.h>

#define TRAP_PF 14

void pagefault_disable(void)
{
	current->pagefault_disabled++;
	barrier();
}

void pagefault_enable(void)
{
	barrier();
	current->pagefault_disabled--;
}

/* The kernel broke: say where it reached, then oops (or take the fixup). */
static void kernel_fault(struct pt_regs *regs, unsigned long err,
			 unsigned long addr)
{
	if (fixup_exception(regs))
		return;
	pr_emerg("BUG: %s at address %016lx: %s%s%s\n",
		 addr < PAGE_SIZE ? "kernel NULL pointer dereference"
				  : "unable to handle page fault",
		 addr, err & X86_PF_INSTR ? "executing"
		 : err & X86_PF_WRITE ? "writing" : "reading",
		 err & X86_PF_PROT ? ", no right" : ", not present",
		 err & X86_PF_RSVD ? ", corrupted page table" : "");
	kernel_oops("Oops", regs, err);
}

/* Not between STAC and CLAC: making the page present would change nothing. */
static bool smap_violation(const struct pt_regs *regs)
{
	return boot_cpu_has(X86_FEATURE_SMAP) &&
	       !(regs->flags & X86_EFLAGS_AC);
}

/* A fault at a user address that the kernel made, and may make. */
static bool user_access_allowed(struct pt_regs *regs)
{
	return !smap_violation(regs) && current->mm &&
	       !current->pagefault_disabled && !in_atomic() &&
	       !regs_irqs_disabled(regs) && search_exception_table(regs->ip);
}

static unsigned int fault_flags(unsigned long err)
{
	unsigned int flags = 0;

	if (err & X86_PF_WRITE)
		flags |= FAULT_FLAG_WRITE;
	if (err & X86_PF_INSTR)
		flags |= FAULT_FLAG_INSTRUCTION;
	return flags;
}

static void user_fault(struct pt_regs *regs, unsigned long err,
		       unsigned long addr)
{
	local_irq_enable();
	current->thread.cr2 = addr;
	current->thread.error_code = err;
	current->thread.trap_nr = TRAP_PF;
	if (addr >= TASK_SIZE_MAX || !current->mm || !(err & X86_PF_USER))
		force_sig_fault(SIGSEGV, SEGV_MAPERR, (void __user *)addr);
	else
		mm_handle_fault(regs, addr, fault_flags(err) | FAULT_FLAG_USER);
	local_irq_disable();
}

/* cr2 is read first: a nested fault would overwrite it. */
void exc_page_fault(struct pt_regs *regs, unsigned long error_code)
{
	unsigned long addr = read_cr2();

	if (user_mode(regs)) {
		user_fault(regs, error_code, addr);
		return;
	}
	if (addr >= TASK_SIZE_MAX || (error_code & X86_PF_RSVD) ||
	    !user_access_allowed(regs)) {
		kernel_fault(regs, error_code, addr);
		return;
	}
	local_irq_enable();
	if (mm_handle_fault(regs, addr, fault_flags(error_code)) != 0)
		kernel_fault(regs, error_code, addr);
	local_irq_disable();
}
