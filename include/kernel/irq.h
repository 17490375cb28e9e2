/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_IRQ_H
#define KERNEL_IRQ_H
/*
 * irq.h -- what an interrupt controller gives to the generic layer
 *
 * irq numbers name lines of the whole machine: 0..15 ISA, 16.. IOAPIC pins,
 * then dynamic ones (MSI).  Arch maps CPU vectors to irqs and calls do_irq().
 */

#include <arch/irq.h>
#include <kernel/irqdesc.h>
#include <kernel/types.h>

struct cpumask;
struct pt_regs;

/*
 * do_irq(irq, regs), declared by arch/irq.h, is one interrupt from the device
 * `irq`: irqs off, on the irq stack.  It does irq_enter(), the flow handler,
 * irq_exit().  A number without a handler is counted as spurious.
 */
/* The same without enter and exit: from a chained handler. */
int generic_handle_irq(unsigned int irq);

/* Flow handlers: the protocol between line, chip and handlers. */
void handle_simple_irq(struct irq_desc *desc);   /* nothing to tell the chip */
void handle_level_irq(struct irq_desc *desc);    /* mask+ack, run, unmask */
void handle_edge_irq(struct irq_desc *desc);     /* ack, run, again if more */
void handle_fasteoi_irq(struct irq_desc *desc);  /* run, eoi */
void handle_percpu_irq(struct irq_desc *desc);   /* no lock: never shared */
void handle_nested_irq(unsigned int irq);        /* from a threaded handler */
void handle_bad_irq(struct irq_desc *desc);

/* Boot or process context. */
void irq_set_chip_and_handler_name(unsigned int irq,
				   const struct irq_chip *chip,
				   void (*handler)(struct irq_desc *),
				   const char *name);
#define irq_set_chip_and_handler(irq, chip, h) \
	irq_set_chip_and_handler_name(irq, chip, h, NULL)
int irq_set_chip_data(unsigned int irq, void *data);
void *irq_get_chip_data(unsigned int irq);
int irq_set_irq_type(unsigned int irq, unsigned int type);
/* A free irq number at or above `from`, reserved; or -ENOSPC. */
int irq_alloc_desc(unsigned int from);
void irq_free_desc(unsigned int irq);
void irq_init(void);                     /* boot, once: before arch's chips */

/* From above (/proc/irq): called for each line in use, and for each that gets a
 * handler, again if it gets another.  Process context, may sleep. */
void irq_set_observer(void (*requested)(unsigned int irq));

/* /proc/interrupts and /proc/stat. */
unsigned int kstat_irqs_cpu(unsigned int irq, int cpu);
u64 kstat_irqs_sum_cpu(int cpu);         /* with what arch counts itself */
/* Fill buf with the text of /proc/interrupts; bytes written. */
size_t show_interrupts(char *buf, size_t size);

#endif
