/* SPDX-License-Identifier: MIT */
/*
 * irqdesc.c -- the table of interrupt lines
 *
 * All NR_IRQS descriptors exist from the start; a line without a chip is
 * nobody's.  Arch sets chips for the lines it knows; irq_alloc_desc() gives
 * numbers to interrupts without a line (MSI).
 *
 * LOCKING.  desc->lock for one line; alloc_lock for giving out numbers.
 */

#include "internals.h"

#include <kernel/errno.h>
#include <kernel/kernel.h>

static struct irq_desc irq_descs[NR_IRQS];
static DEFINE_SPINLOCK(alloc_lock);

struct irq_desc *irq_to_desc(unsigned int irq)
{
	return irq < NR_IRQS ? &irq_descs[irq] : NULL;
}

void irq_init(void)
{
	for (unsigned int i = 0; i < NR_IRQS; i++) {
		struct irq_desc *desc = &irq_descs[i];

		desc->irq_data.irq = i;
		desc->handle_irq = handle_bad_irq;
		desc->depth = 1;
		desc->istate = IRQS_DISABLED | IRQS_MASKED;
		cpumask_setall(&desc->irq_data.affinity);
		spin_lock_init(&desc->lock);
		init_waitqueue_head(&desc->wait_for_threads);
	}
}

int irq_alloc_desc(unsigned int from)
{
	unsigned long flags;
	int irq = -ENOSPC;

	spin_lock_irqsave(&alloc_lock, flags);
	for (unsigned int i = from; i < NR_IRQS; i++) {
		if (irq_descs[i].reserved || irq_descs[i].irq_data.chip)
			continue;
		irq_descs[i].reserved = true;
		irq = i;
		break;
	}
	spin_unlock_irqrestore(&alloc_lock, flags);
	return irq;
}

void irq_free_desc(unsigned int irq)
{
	struct irq_desc *desc = irq_to_desc(irq);
	unsigned long flags;

	if (!desc || WARN_ON(desc->action))
		return;
	irq_set_chip_and_handler(irq, NULL, handle_bad_irq);
	memset(desc->kstat_irqs, 0, sizeof(desc->kstat_irqs));
	cpumask_setall(&desc->irq_data.affinity);
	spin_lock_irqsave(&alloc_lock, flags);
	desc->reserved = false;
	spin_unlock_irqrestore(&alloc_lock, flags);
}

void irq_set_chip_and_handler_name(unsigned int irq,
				   const struct irq_chip *chip,
				   void (*handler)(struct irq_desc *),
				   const char *name)
{
	struct irq_desc *desc = irq_to_desc(irq);
	unsigned long flags;

	if (!desc)
		return;
	spin_lock_irqsave(&desc->lock, flags);
	desc->irq_data.chip = chip;
	desc->handle_irq = handler;
	desc->name = name;
	spin_unlock_irqrestore(&desc->lock, flags);
}

int irq_set_chip_data(unsigned int irq, void *data)
{
	struct irq_desc *desc = irq_to_desc(irq);

	if (!desc)
		return -EINVAL;
	desc->irq_data.chip_data = data;
	return 0;
}

void *irq_get_chip_data(unsigned int irq)
{
	struct irq_desc *desc = irq_to_desc(irq);

	return desc ? desc->irq_data.chip_data : NULL;
}

int irq_set_irq_type(unsigned int irq, unsigned int type)
{
	struct irq_desc *desc = irq_to_desc(irq);
	unsigned long flags;
	int err = 0;

	if (!desc || !desc->irq_data.chip)
		return -EINVAL;
	spin_lock_irqsave(&desc->lock, flags);
	if (desc->irq_data.chip->irq_set_type)
		err = desc->irq_data.chip->irq_set_type(&desc->irq_data,
						type & IRQF_TRIGGER_MASK);
	if (!err)
		desc->trigger = type & IRQF_TRIGGER_MASK;
	spin_unlock_irqrestore(&desc->lock, flags);
	return err;
}
