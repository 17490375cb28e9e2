/* SPDX-License-Identifier: MIT */
/*
 * entry.c -- from a vector to whoever handles it, on the interrupt stack
 *
 * IDEA.  A vector says "line so-and-so wants attention" (vectors below 0xf0)
 * or "your local APIC or another CPU does" (0xf0 and above).  The first kind
 * goes to the generic layer by irq number, the second to a table here.
 *
 * Each CPU has one interrupt stack.  The first interrupt moves onto it, so
 * that a task's 16 KiB need not hold the deepest softirq on top of the deepest
 * system call.  Interrupts that arrive while it is in use (softirqs run with
 * irqs on) nest on it:
 *
 *	task stack:  syscall ... | pt_regs |            softirq runs, irqs on
 *	irq stack:               do_irq -> irq_exit -> softirq | pt_regs | do_irq
 *
 * Nobody sleeps or is preempted on it: the check for that is made after we
 * are back on the task's stack.
 *
 * LOCKING.  Irqs off; irq_stack_busy belongs to its CPU.
 */

#include "irq.h"

#include "../entry/entry.h"

#include <arch/irqflags.h>
#include <kernel/hardirq.h>
#include <kernel/irq.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/sections.h>
#include <kernel/smp.h>

#define IRQ_STACK_SIZE THREAD_SIZE
#define FIRST_SYSTEM_VECTOR (LAST_DEVICE_VECTOR + 1)

static DEFINE_PER_CPU(unsigned long, irq_stack_top);
static DEFINE_PER_CPU(int, irq_stack_busy);
DEFINE_PER_CPU(u8, irq_last_vector);

static u8 boot_irq_stack[IRQ_STACK_SIZE] __aligned(4096);
static void (*system_vectors[NR_VECTORS - FIRST_SYSTEM_VECTOR])
	(struct pt_regs *regs);

void set_system_vector(u8 vector, void (*fn)(struct pt_regs *regs))
{
	system_vectors[vector - FIRST_SYSTEM_VECTOR] = fn;
}

void irq_stack_set(int cpu, void *stack)
{
	if (!stack)
		stack = boot_irq_stack;
	per_cpu(irq_stack_top, cpu) = (unsigned long)stack + IRQ_STACK_SIZE;
}

bool irq_stack_of(unsigned long addr, unsigned long *low, unsigned long *high)
{
	*high = this_cpu_read(irq_stack_top);
	*low = *high - IRQ_STACK_SIZE;
	return *high && addr >= *low && addr < *high;
}

bool on_irq_stack(unsigned long addr)
{
	unsigned long low, high;

	return irq_stack_of(addr, &low, &high);
}

static void spurious(struct pt_regs *regs)
{
	inc_irq_stat(SPU);
	if (apic_available())
		apic_eoi();
}

/* Interrupts that are not the generic layer's count themselves in and out. */
static void system_interrupt(u8 vector, struct pt_regs *regs)
{
	void (*fn)(struct pt_regs *) =
		system_vectors[vector - FIRST_SYSTEM_VECTOR];
	struct pt_regs *old;

	irq_enter();
	old = set_irq_regs(regs);
	if (fn)
		fn(regs);
	else
		spurious(regs);
	set_irq_regs(old);
	irq_exit();
}

static void dispatch(struct pt_regs *regs)
{
	u8 vector = ~regs->orig_ax;
	int irq;

	if (vector >= FIRST_SYSTEM_VECTOR) {
		system_interrupt(vector, regs);
		return;
	}
	irq = vector_to_irq(vector);
	if (irq < 0 || (vector < FIRST_ALLOC_VECTOR && !pic_irq_real(irq)))
		spurious(regs);
	else
		do_irq(irq, regs);
}

/*
 * The reschedule interrupt does nothing but arrive: its sender has set
 * TIF_NEED_RESCHED, and the way out looks.  The wish must also be put where
 * preempt_enable() looks, in the preemption count.
 */
static void reschedule_interrupt(void)
{
	apic_eoi();
	inc_irq_stat(RES);
	if (need_resched())
		set_preempt_need_resched();
}

/* From common_irq (traps.S); the vector is in orig_ax, sign-extended. */
void irq_entry(struct pt_regs *regs)
{
	u8 vector = regs->orig_ax;

	regs->orig_ax = ~(unsigned long)vector;
	this_cpu_write(irq_last_vector, vector);
	if (vector == RESCHEDULE_VECTOR && apic_available()) {
		reschedule_interrupt();
	} else if (this_cpu_read(irq_stack_busy) ||
		   !this_cpu_read(irq_stack_top)) {
		dispatch(regs);
	} else {
		this_cpu_write(irq_stack_busy, 1);
		call_on_stack(regs, (void *)this_cpu_read(irq_stack_top),
			      dispatch);
		this_cpu_write(irq_stack_busy, 0);
	}
	trap_leave(regs);
}
