/* SPDX-License-Identifier: MIT */
/*
 * handle.c -- what is to be done with the chip, and then with the drivers
 *
 * PROMISE.  Each interrupt that a line raises while it is enabled leads to at
 * least one call of each of its handlers after it; the handlers of one line
 * never run on two CPUs at once (but for percpu lines).
 *
 * IDEA.  Kinds of lines differ in what may get lost and what may storm:
 *
 *	level   stays up until the device is served: mask it, or it would
 *	        interrupt again before we have served it
 *	edge    a moment: acknowledge at once; one that comes while we handle
 *	        is remembered (PENDING) and handled after
 *	fasteoi the controller holds it back until told: end of interrupt last
 *	simple  no protocol; percpu: each CPU its own, no lock needed
 *
 *	edge:   ack . run . [PENDING? again] .           level:  mask ack . run . unmask
 *
 * INVARIANTS, while desc->lock is free:
 *   L1  IRQS_INPROGRESS: exactly one CPU is in the chain.
 *   L2  depth > 0 if and only if IRQS_DISABLED.
 *
 * RACES.  Disabled and in progress elsewhere look the same to a flow handler:
 * it may not run now.  An edge is then noted as PENDING: the CPU in the chain,
 * or enable_irq(), makes up for it.  A level needs no note: it is still up
 * when unmasked.
 *
 * A line that nobody admits to is counted; 99,900 of 100,000 unhandled, and it
 * is shut off with a message, for it would keep the CPU for itself.
 *
 * SEE docs/46-generic-irq.md.
 */

#include "internals.h"

#include <kernel/hardirq.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/random.h>
#include <kernel/trace_events.h>

#define SPURIOUS_WINDOW 100000
#define SPURIOUS_LIMIT 99900

static const struct irq_chip *chip_of(struct irq_desc *desc)
{
	return desc->irq_data.chip;
}

void irq_chip_mask(struct irq_desc *desc)
{
	if (chip_of(desc) && chip_of(desc)->irq_mask)
		chip_of(desc)->irq_mask(&desc->irq_data);
	desc->istate |= IRQS_MASKED;
}

void irq_chip_unmask(struct irq_desc *desc)
{
	if (chip_of(desc) && chip_of(desc)->irq_unmask)
		chip_of(desc)->irq_unmask(&desc->irq_data);
	desc->istate &= ~IRQS_MASKED;
}

static void chip_ack(struct irq_desc *desc)
{
	if (chip_of(desc) && chip_of(desc)->irq_ack)
		chip_of(desc)->irq_ack(&desc->irq_data);
}

static void chip_eoi(struct irq_desc *desc)
{
	if (chip_of(desc) && chip_of(desc)->irq_eoi)
		chip_of(desc)->irq_eoi(&desc->irq_data);
}

static void chip_mask_ack(struct irq_desc *desc)
{
	if (chip_of(desc) && chip_of(desc)->irq_mask_ack) {
		chip_of(desc)->irq_mask_ack(&desc->irq_data);
		desc->istate |= IRQS_MASKED;
		return;
	}
	irq_chip_mask(desc);
	chip_ack(desc);
}

static void count(struct irq_desc *desc)
{
	desc->kstat_irqs[smp_processor_id()]++;
}

/* Nobody home, or somebody else is at it. */
static bool may_run(struct irq_desc *desc)
{
	return desc->action &&
	       !(desc->istate & (IRQS_DISABLED | IRQS_INPROGRESS));
}

/* May the line be let in again after the chain has run? */
static bool may_unmask(struct irq_desc *desc)
{
	return !(desc->istate & IRQS_DISABLED) &&
	       (desc->istate & IRQS_MASKED) &&
	       !((desc->istate & IRQS_ONESHOT) &&
		 atomic_read(&desc->threads_active));
}

void note_interrupt(struct irq_desc *desc, irqreturn_t ret)
{
	if (likely(ret != IRQ_NONE)) {
		desc->irqs_unhandled = 0;
	} else {
		desc->irqs_unhandled++;
	}
	if (++desc->irq_count < SPURIOUS_WINDOW)
		return;
	desc->irq_count = 0;
	if (desc->irqs_unhandled > SPURIOUS_LIMIT) {
		pr_err("irq %u: nobody cared, disabling\n",
		       desc->irq_data.irq);
		desc->istate |= IRQS_DISABLED | IRQS_SPURIOUS_DISABLED;
		desc->depth++;
		irq_chip_mask(desc);
	}
	desc->irqs_unhandled = 0;
}

static irqreturn_t call_chain(struct irq_desc *desc)
{
	irqreturn_t result = IRQ_NONE;
	struct irqaction *action;

	for (action = desc->action; action; action = action->next) {
		irqreturn_t ret;

		trace_irq_handler_entry(action->irq, action->name);
		ret = action->handler(action->irq, action->dev_id);
		trace_irq_handler_exit(action->irq, ret);

		if (WARN_ONCE(!irqs_disabled(), "irq %u: %s enabled irqs\n",
			      action->irq, action->name))
			local_irq_disable();
		if (ret == IRQ_WAKE_THREAD)
			irq_wake_thread(desc, action);
		result |= ret;
	}
	return result;
}

/*
 * The chain only grows at its end while INPROGRESS is not waited for, and an
 * action is freed only after a wait for it to clear: so it may be walked
 * without the lock.
 */
irqreturn_t handle_irq_event(struct irq_desc *desc)
{
	irqreturn_t ret;

	desc->istate = (desc->istate & ~IRQS_PENDING) | IRQS_INPROGRESS;
	spin_unlock(&desc->lock);
	ret = call_chain(desc);
	spin_lock(&desc->lock);
	desc->istate &= ~IRQS_INPROGRESS;                        /* L1 */
	note_interrupt(desc, ret);
	return ret;
}

void handle_bad_irq(struct irq_desc *desc)
{
	count(desc);
	pr_warn_once("irq %u: unexpected\n", desc->irq_data.irq);
	spin_lock(&desc->lock);
	chip_ack(desc);
	chip_eoi(desc);
	spin_unlock(&desc->lock);
}

void handle_simple_irq(struct irq_desc *desc)
{
	spin_lock(&desc->lock);
	count(desc);
	if (may_run(desc))
		handle_irq_event(desc);
	else
		desc->istate |= IRQS_PENDING;
	spin_unlock(&desc->lock);
}

void handle_level_irq(struct irq_desc *desc)
{
	spin_lock(&desc->lock);
	chip_mask_ack(desc);
	count(desc);
	if (may_run(desc)) {
		handle_irq_event(desc);
		if (may_unmask(desc))
			irq_chip_unmask(desc);
	} else {
		desc->istate |= IRQS_PENDING;
	}
	spin_unlock(&desc->lock);
}

void handle_fasteoi_irq(struct irq_desc *desc)
{
	spin_lock(&desc->lock);
	count(desc);
	if (!may_run(desc)) {
		desc->istate |= IRQS_PENDING;
		irq_chip_mask(desc);
		chip_eoi(desc);
		spin_unlock(&desc->lock);
		return;
	}
	if (desc->istate & IRQS_ONESHOT)
		irq_chip_mask(desc);
	handle_irq_event(desc);
	if (may_unmask(desc))
		irq_chip_unmask(desc);
	chip_eoi(desc);
	spin_unlock(&desc->lock);
}

void handle_edge_irq(struct irq_desc *desc)
{
	spin_lock(&desc->lock);
	count(desc);
	if (!may_run(desc)) {
		/* Masked so that it cannot storm; unmasked by who is at it. */
		desc->istate |= IRQS_PENDING;
		chip_mask_ack(desc);
		spin_unlock(&desc->lock);
		return;
	}
	chip_ack(desc);
	do {
		if (may_unmask(desc))
			irq_chip_unmask(desc);
		handle_irq_event(desc);
	} while ((desc->istate & IRQS_PENDING) &&
		 !(desc->istate & IRQS_DISABLED) && desc->action);
	if (may_unmask(desc))
		irq_chip_unmask(desc);
	spin_unlock(&desc->lock);
}

void handle_percpu_irq(struct irq_desc *desc)
{
	count(desc);
	chip_ack(desc);
	call_chain(desc);
	chip_eoi(desc);
}

/* Behind another interrupt's thread: process context, may sleep. */
void handle_nested_irq(unsigned int irq)
{
	struct irq_desc *desc = irq_to_desc(irq);
	struct irqaction *action;

	might_sleep();
	if (!desc)
		return;
	spin_lock_irq(&desc->lock);
	count(desc);
	action = may_run(desc) ? desc->action : NULL;
	if (action)
		desc->istate |= IRQS_INPROGRESS;
	else
		desc->istate |= IRQS_PENDING;
	spin_unlock_irq(&desc->lock);
	if (!action)
		return;
	for (; action; action = action->next)
		if (action->thread_fn)
			action->thread_fn(action->irq, action->dev_id);
	spin_lock_irq(&desc->lock);
	desc->istate &= ~IRQS_INPROGRESS;
	spin_unlock_irq(&desc->lock);
}

int generic_handle_irq(unsigned int irq)
{
	struct irq_desc *desc = irq_to_desc(irq);

	if (unlikely(!desc))
		return -EINVAL;
	desc->handle_irq(desc);
	return 0;
}

void do_irq(unsigned int irq, struct pt_regs *regs)
{
	struct pt_regs *old;

	irq_enter();
	old = set_irq_regs(regs);
	if (generic_handle_irq(irq))
		inc_irq_stat(SPU);
	add_interrupt_randomness(irq);
	set_irq_regs(old);
	irq_exit();
}
