/* SPDX-License-Identifier: MIT */
/*
 * msi.c -- interrupts that a PCI device makes by writing to memory
 *
 * A write of the vector to 0xfee00000 + (APIC id << 12) never reaches RAM: the
 * local APIC of that id takes it.  So there is no line, nothing to share and
 * nothing to mask but in the device itself; the interrupt is an edge.
 *
 * Moving one to another CPU: bind a vector there first, then change the
 * message.  What was sent before the change still arrives at the old CPU, so
 * its vector stays bound until the next move: by then it is long silent.
 *
 * A message that can be torn (plain MSI: address and data are two registers)
 * must not change its data: it has its vector on all CPUs.
 *
 * LOCKING.  messages[irq]: whoever made the irq; moves under its desc->lock.
 *
 * SEE Intel SDM 3A, 11.11.
 */

#include "irq.h"

#include <arch/smp.h>
#include <kernel/cpumask.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/threads.h>

#define MSI_ADDRESS 0xfee00000
#define FIRST_MSI_IRQ 64

static struct message {
	u8 vector, old_vector;      /* 0: none */
	u8 cpu, old_cpu;
	bool movable;
} messages[NR_IRQS];

static void compose(const struct message *m, struct msi_msg *msg)
{
	msg->address = MSI_ADDRESS | (u64)cpu_physical_id(m->cpu) << 12;
	msg->data = m->vector;
}

int arch_alloc_msi(struct msi_msg *msg, unsigned int cpu, bool movable)
{
	int irq, vector;

	if (!apic_available())
		return -ENODEV;
	irq = irq_alloc_desc(FIRST_MSI_IRQ);
	if (irq < 0)
		return irq;
	vector = movable ? vector_alloc_on(irq, cpumask_of(cpu))
			 : vector_alloc(irq);
	if (vector < 0) {
		irq_free_desc(irq);
		return vector;
	}
	messages[irq] = (struct message){
		.vector = vector, .cpu = cpu, .movable = movable };
	compose(&messages[irq], msg);
	return irq;
}

static void free_old(struct message *m)
{
	if (m->old_vector)
		vector_free_on(m->old_vector, cpumask_of(m->old_cpu));
	m->old_vector = 0;
}

void arch_free_msi(int irq)
{
	struct message *m = &messages[irq];

	free_old(m);
	if (m->movable)
		vector_free_on(m->vector, cpumask_of(m->cpu));
	else
		vector_free(m->vector);
	m->vector = 0;
	irq_free_desc(irq);
}

int arch_move_msi(unsigned int irq, unsigned int cpu, struct msi_msg *msg)
{
	struct message *m = &messages[irq];
	int vector;

	if (m->movable && cpu != m->cpu) {
		vector = vector_alloc_on(irq, cpumask_of(cpu));
		if (vector < 0)
			return vector;
		free_old(m);
		m->old_vector = m->vector;
		m->old_cpu = m->cpu;
		m->vector = vector;
	}
	m->cpu = cpu;
	compose(m, msg);
	return 0;
}

void arch_msi_ack(struct irq_data *d)
{
	apic_eoi();
}

int arch_msi_retrigger(struct irq_data *d)
{
	const struct message *m = &messages[d->irq];

	lapic_send_ipi(cpu_physical_id(m->cpu), DELIVER_FIXED | m->vector);
	return 1;
}
