/* SPDX-License-Identifier: MIT */
/*
 * init.c -- what each CPU is told before it runs tasks
 *
 * The boot CPU runs trap_init() first of all, so that a mistake in the next
 * line prints an oops instead of resetting the machine.  Every other CPU runs
 * cpu_init() when the trampoline has brought it to C.
 */

#include "cpu.h"

#include "../entry/entry.h"

#include <arch/cpufeature.h>
#include <arch/fpu.h>
#include <arch/irqflags.h>
#include <arch/msr.h>
#include <arch/processor.h>
#include <arch/smp.h>
#include <arch/uaccess.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>

DEFINE_PER_CPU(unsigned int, cpu_number);

/* RFLAGS that `syscall` clears: IF, and all that would disturb the kernel. */
#define SYSCALL_FLAGS_CLEARED						\
	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | \
	 X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_IF | X86_EFLAGS_DF | \
	 X86_EFLAGS_OF | X86_EFLAGS_IOPL | X86_EFLAGS_NT | X86_EFLAGS_RF | \
	 X86_EFLAGS_AC | X86_EFLAGS_ID)

/*
 * STAR: syscall loads CS from bits 32-47, SS from that plus 8; sysretq CS from
 * bits 48-63 plus 16, SS from those plus 8, with RPL 3.
 */
void syscall_init(void)
{
	static_assert(__KERNEL_DS == __KERNEL_CS + 8, "syscall's order");
	static_assert(__USER_DS == __USER32_CS + 8 &&
		      __USER_CS == __USER32_CS + 16, "sysret's order");

	wrmsrl(MSR_STAR, (u64)__USER32_CS << 48 | (u64)__KERNEL_CS << 32);
	wrmsrl(MSR_LSTAR, (u64)entry_syscall);
	wrmsrl(MSR_CSTAR, (u64)entry_syscall);
	wrmsrl(MSR_SYSCALL_MASK, SYSCALL_FLAGS_CLEARED);
	wrmsrl(MSR_IA32_SYSENTER_CS, 0);        /* sysenter: #GP */
	wrmsrl(MSR_EFER, rdmsrl(MSR_EFER) | EFER_SCE);
}

void cpu_init(void)
{
	unsigned long top = (unsigned long)current->stack + THREAD_SIZE;

	this_cpu_write(cpu_current_top_of_stack, top);
	gdt_init(top);
	idt_load();
	syscall_init();
	if (boot_cpu_has(X86_FEATURE_RDTSCP))
		wrmsrl(MSR_TSC_AUX, raw_smp_processor_id());    /* for getcpu */
}

void trap_init(void)
{
	idt_init();
	cpu_init();
	uaccess_init();
}
