/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_HARDIRQ_H
#define KERNEL_HARDIRQ_H
/*
 * hardirq.h -- entering and leaving interrupt context
 *
 * Arch brackets each interrupt that it does not give to do_irq() (IPIs, the
 * local timer) with irq_enter() and irq_exit(), irqs off.  irq_exit() runs
 * pending softirqs when the outermost interrupt ends.
 */

#include <kernel/percpu.h>
#include <kernel/preempt.h>
#include <kernel/types.h>

struct pt_regs;

void irq_enter(void);
void irq_exit(void);
/* As above for those that must not run softirqs or touch timers. */
void irq_enter_rcu(void);
void irq_exit_rcu(void);

/* The registers that the current interrupt interrupted; NULL outside. */
DECLARE_PER_CPU(struct pt_regs *, __irq_regs);
static inline struct pt_regs *get_irq_regs(void)
{
	return this_cpu_read(__irq_regs);
}

static inline struct pt_regs *set_irq_regs(struct pt_regs *regs)
{
	struct pt_regs *old = this_cpu_read(__irq_regs);

	this_cpu_write(__irq_regs, regs);
	return old;
}

#endif
