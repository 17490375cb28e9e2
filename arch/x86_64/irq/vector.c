/* SPDX-License-Identifier: MIT */
/*
 * vector.c -- which irq is behind a vector
 *
 * An I/O APIC input or an MSI needs a vector: the number under which its
 * interrupt enters the CPU.  A vector is given to one irq on all CPUs at once,
 * so that moving an irq to another CPU is a matter of its destination alone.
 * 190 lines are enough for the machines that we know; Linux gives them per CPU.
 *
 * LOCKING.  vector_lock for the map of used ones; the per-CPU tables are
 * written under it and read by interrupts without: an int is read whole.
 */

#include "irq.h"

#include <kernel/bitmap.h>
#include <kernel/cpumask.h>
#include <kernel/errno.h>
#include <kernel/percpu.h>
#include <kernel/spinlock.h>

static DEFINE_PER_CPU(short, vector_irq[NR_VECTORS]);  /* irq + 1; 0: none */
static unsigned long used_vectors[NR_VECTORS / BITS_PER_LONG];
static DEFINE_SPINLOCK(vector_lock);

static void bind(int vector, int irq)
{
	unsigned cpu;

	__set_bit(vector, used_vectors);
	for_each_possible_cpu(cpu)
		WRITE_ONCE(per_cpu(vector_irq[vector], cpu), irq + 1);
}

void vector_bind(int vector, unsigned int irq)
{
	unsigned long flags;

	spin_lock_irqsave(&vector_lock, flags);
	bind(vector, irq);
	spin_unlock_irqrestore(&vector_lock, flags);
}

int vector_alloc(unsigned int irq)
{
	unsigned long flags;
	int found = -ENOSPC;

	spin_lock_irqsave(&vector_lock, flags);
	for (int v = FIRST_ALLOC_VECTOR; v <= LAST_DEVICE_VECTOR; v++) {
		if (v == INT80_VECTOR || test_bit(v, used_vectors))
			continue;
		bind(v, irq);
		found = v;
		break;
	}
	spin_unlock_irqrestore(&vector_lock, flags);
	return found;
}

void vector_free(int vector)
{
	unsigned long flags;

	spin_lock_irqsave(&vector_lock, flags);
	bind(vector, -1);
	__clear_bit(vector, used_vectors);
	spin_unlock_irqrestore(&vector_lock, flags);
}

int vector_to_irq(u8 vector)
{
	return this_cpu_read(vector_irq[vector]) - 1;
}
