/* SPDX-License-Identifier: MIT */
#ifndef IRQ_INTERNALS_H
#define IRQ_INTERNALS_H
/* internals.h -- private to kernel/irq */

#include <kernel/irq.h>
#include <kernel/irqdesc.h>
#include <kernel/percpu.h>

/* Chip operations that fall back on others; desc->lock held. */
void irq_startup(struct irq_desc *desc);
void irq_shutdown(struct irq_desc *desc);
void irq_chip_mask(struct irq_desc *desc);
void irq_chip_unmask(struct irq_desc *desc);

/* Call the chain; desc->lock held, dropped around the calls. */
irqreturn_t handle_irq_event(struct irq_desc *desc);
/* Wake or run the threaded half; hard irq. */
void irq_wake_thread(struct irq_desc *desc, struct irqaction *action);
/* Count `ret`, and shut off a line that nobody wants; desc->lock held. */
void note_interrupt(struct irq_desc *desc, irqreturn_t ret);

#endif
