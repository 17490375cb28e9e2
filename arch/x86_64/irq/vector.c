/* SPDX-License-Identifier: MIT */
/*
 * vector.c -- which irq is behind a vector
 *
 * An I/O APIC input or a message (MSI) needs a vector: the number under which
 * its interrupt enters a CPU.  There are 190 of them on each CPU, so two irqs
 * may have the same number on different CPUs:
 *
 *	everywhere  the same vector on all CPUs: moving the irq is a matter of
 *	            its destination alone, one register (I/O APIC, plain MSI)
 *	on one CPU  for messages that can be rewritten while masked (MSI-X):
 *	            these are the many, and they scale with the CPUs
 *
 * LOCKING.  vector_lock for giving out; interrupts read the tables without it:
 * a short is read whole.
 */

#include "irq.h"

#include <kernel/cpumask.h>
#include <kernel/errno.h>
#include <kernel/percpu.h>
#include <kernel/spinlock.h>

static DEFINE_PER_CPU(short, vector_irq[NR_VECTORS]);  /* irq + 1; 0: none */
static DEFINE_SPINLOCK(vector_lock);

static void bind(const struct cpumask *cpus, int vector, int irq)
{
	unsigned cpu;

	for_each_cpu(cpu, cpus)
		WRITE_ONCE(per_cpu(vector_irq[vector], cpu), irq + 1);
}

static bool is_free(const struct cpumask *cpus, int vector)
{
	unsigned cpu;

	for_each_cpu(cpu, cpus)
		if (per_cpu(vector_irq[vector], cpu))
			return false;
	return true;
}

void vector_bind(int vector, unsigned int irq)
{
	unsigned long flags;

	spin_lock_irqsave(&vector_lock, flags);
	bind(cpu_possible_mask, vector, irq);
	spin_unlock_irqrestore(&vector_lock, flags);
}

int vector_alloc_on(unsigned int irq, const struct cpumask *cpus)
{
	unsigned long flags;
	int found = -ENOSPC;

	spin_lock_irqsave(&vector_lock, flags);
	for (int v = FIRST_ALLOC_VECTOR; v <= LAST_DEVICE_VECTOR; v++) {
		if (v == INT80_VECTOR || !is_free(cpus, v))
			continue;
		bind(cpus, v, irq);
		found = v;
		break;
	}
	spin_unlock_irqrestore(&vector_lock, flags);
	return found;
}

int vector_alloc(unsigned int irq)
{
	return vector_alloc_on(irq, cpu_possible_mask);
}

void vector_free_on(int vector, const struct cpumask *cpus)
{
	unsigned long flags;

	spin_lock_irqsave(&vector_lock, flags);
	bind(cpus, vector, -1);
	spin_unlock_irqrestore(&vector_lock, flags);
}

void vector_free(int vector)
{
	vector_free_on(vector, cpu_possible_mask);
}

int vector_to_irq(u8 vector)
{
	return this_cpu_read(vector_irq[vector]) - 1;
}
