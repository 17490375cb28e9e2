/* SPDX-License-Identifier: MIT */
/*
 * backtrace.c -- what another CPU is doing, even with interrupts off
 *
 * IDEA.  An NMI asks the CPU to write its call chain down; whoever asked prints
 * it.  The NMI itself takes no lock and prints nothing: it may have struck the
 * log's own code.
 *
 * LOCKING.  `asking` is held by the one asker; `wanted` names the CPU that is
 * asked, and that CPU clears it when `chain` is written.
 */

#include "../cpu/traps.h"
#include "../irq/irq.h"

#include <arch/irqflags.h>
#include <arch/processor.h>
#include <arch/ptrace.h>
#include <arch/smp.h>
#include <arch/stacktrace.h>
#include <kernel/delay.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>

#define DEPTH 24
#define ANSWER_US 500000         /* a CPU of a busy host may need this long */

static bool asking;
static int wanted;               /* CPU + 1; 0: nobody */
static unsigned long chain[DEPTH];
static unsigned int chain_len;
static bool chain_irqs_off;
static pid_t chain_pid;
static char chain_comm[sizeof(current->comm)];

void nmi_backtrace_check(struct pt_regs *regs)
{
	if (READ_ONCE(wanted) != raw_smp_processor_id() + 1)
		return;
	chain_len = user_mode(regs) ? 0 :
		    stack_trace_save_regs(regs, chain, DEPTH, 0);
	chain_irqs_off = !(regs->flags & X86_EFLAGS_IF);
	/* By the time that this is printed the task may be gone. */
	chain_pid = current->pid;
	memcpy(chain_comm, current->comm, sizeof(chain_comm));
	smp_store_release(&wanted, 0);
}

static bool wait_for_answer(void)
{
	for (int us = 0; us < ANSWER_US; us += 10) {
		if (!smp_load_acquire(&wanted))
			return true;
		udelay(10);
	}
	/* Withdrawn; unless the answer is just being written. */
	return __atomic_exchange_n(&wanted, 0, __ATOMIC_ACQ_REL) == 0;
}

bool arch_cpu_backtrace(int cpu, bool only_irqs_off)
{
	bool answered;

	if (cpu == raw_smp_processor_id() || !apic_available() ||
	    __atomic_test_and_set(&asking, __ATOMIC_ACQUIRE))
		return false;
	smp_store_release(&wanted, cpu + 1);
	lapic_send_ipi(cpu_physical_id(cpu), DELIVER_NMI);
	answered = wait_for_answer();
	if (!answered) {
		pr_err("CPU: %d does not answer an NMI\n", cpu);
	} else if (only_irqs_off && !chain_irqs_off) {
		answered = false;
	} else {
		pr_err("CPU: %d PID: %d Comm: %.16s irqs %s\n", cpu,
		       chain_pid, chain_comm,
		       chain_irqs_off ? "off" : "on");
		for (unsigned int i = 0; i < chain_len; i++)
			pr_err(" %pS\n", (void *)chain[i]);
	}
	__atomic_clear(&asking, __ATOMIC_RELEASE);
	return answered;
}
