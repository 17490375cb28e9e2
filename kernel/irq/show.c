/* SPDX-License-Identifier: MIT */
/*
 * show.c -- /proc/interrupts: who interrupted which CPU, how often
 *
 *	           CPU0       CPU1
 *	  1:         12          0   IO-APIC   1-edge      i8042
 *	LOC:       1042        997   Local timer interrupts
 */

#include "internals.h"

#include <arch/irq.h>
#include <kernel/kernel.h>

unsigned int kstat_irqs_cpu(unsigned int irq, int cpu)
{
	struct irq_desc *desc = irq_to_desc(irq);

	return desc ? READ_ONCE(desc->kstat_irqs[cpu]) : 0;
}

u64 kstat_irqs_sum_cpu(int cpu)
{
	const char *text;
	u64 sum = 0;

	for (unsigned int irq = 0; irq < NR_IRQS; irq++)
		sum += kstat_irqs_cpu(irq, cpu);
	for (int i = 0; arch_irq_stat_name(i, &text); i++)
		sum += arch_irq_stat_count(i, cpu);
	return sum;
}

/* A line that was never used and has no handler is not shown. */
static bool worth_showing(struct irq_desc *desc)
{
	int cpu;

	if (desc->action)
		return true;
	for_each_online_cpu(cpu)
		if (desc->kstat_irqs[cpu])
			return true;
	return false;
}

/* desc->lock held. */
static size_t show_line(struct irq_desc *desc, char *buf, size_t size)
{
	unsigned int irq = desc->irq_data.irq;
	struct irqaction *action;
	size_t n = scnprintf(buf, size, "%3u: ", irq);
	int cpu;

	for_each_online_cpu(cpu)
		n += scnprintf(buf + n, size - n, "%10u ",
			       desc->kstat_irqs[cpu]);
	n += scnprintf(buf + n, size - n, "  %8s %4u-%-8s",
		       desc->irq_data.chip ? desc->irq_data.chip->name : "None",
		       irq, desc->name ? desc->name : "");
	for (action = desc->action; action; action = action->next)
		n += scnprintf(buf + n, size - n, "%s%s",
			       action == desc->action ? "  " : ", ",
			       action->name);
	return n + scnprintf(buf + n, size - n, "\n");
}

static size_t show_arch_rows(char *buf, size_t size)
{
	const char *label, *text;
	size_t n = 0;
	int cpu;

	for (int i = 0; (label = arch_irq_stat_name(i, &text)); i++) {
		n += scnprintf(buf + n, size - n, "%3s: ", label);
		for_each_online_cpu(cpu)
			n += scnprintf(buf + n, size - n, "%10lu ",
				       arch_irq_stat_count(i, cpu));
		n += scnprintf(buf + n, size - n, "  %s\n", text);
	}
	return n;
}

size_t show_interrupts(char *buf, size_t size)
{
	size_t n = scnprintf(buf, size, "     ");
	int cpu;

	for_each_online_cpu(cpu)
		n += scnprintf(buf + n, size - n, "      CPU%-2d", cpu);
	n += scnprintf(buf + n, size - n, "\n");
	for (unsigned int irq = 0; irq < NR_IRQS; irq++) {
		struct irq_desc *desc = irq_to_desc(irq);
		unsigned long flags;

		spin_lock_irqsave(&desc->lock, flags);
		if (worth_showing(desc))
			n += show_line(desc, buf + n, size - n);
		spin_unlock_irqrestore(&desc->lock, flags);
	}
	return n + show_arch_rows(buf + n, size - n);
}
