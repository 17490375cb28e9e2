/* SPDX-License-Identifier: MIT */
/*
 * msi.c -- interrupts that a PCI device makes by writing to memory
 *
 * A write of the vector to 0xfee00000 + (APIC id << 12) never reaches RAM: the
 * local APIC of that id takes it.  So there is no line, nothing to share and
 * nothing to mask but in the device itself; the interrupt is an edge.
 */

#include "irq.h"

#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/threads.h>

#define MSI_ADDRESS 0xfee00000
#define FIRST_MSI_IRQ 64

static u8 msi_vector[NR_IRQS];

static void msi_ack(struct irq_data *d)
{
	apic_eoi();
}

static const struct irq_chip msi_chip = {
	.name = "PCI-MSI",
	.irq_ack = msi_ack,
};

int arch_alloc_msi(struct msi_msg *msg, const char *name)
{
	int irq, vector;

	if (!apic_available())
		return -ENODEV;
	irq = irq_alloc_desc(FIRST_MSI_IRQ);
	if (irq < 0)
		return irq;
	vector = vector_alloc(irq);
	if (vector < 0) {
		irq_free_desc(irq);
		return vector;
	}
	msi_vector[irq] = vector;
	irq_set_chip_and_handler_name(irq, &msi_chip, handle_edge_irq, "edge");
	msg->address = MSI_ADDRESS | (u64)apic_id_self() << 12;
	msg->data = vector;
	return irq;
}

void arch_free_msi(int irq)
{
	vector_free(msi_vector[irq]);
	msi_vector[irq] = 0;
	irq_free_desc(irq);
}
