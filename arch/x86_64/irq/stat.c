/* SPDX-License-Identifier: MIT */
/* stat.c -- the rows of /proc/interrupts that belong to no line */

#include "irq.h"

#include <kernel/percpu.h>

DEFINE_PER_CPU(struct irq_cpu_stat, irq_stat);

static const struct {
	const char *name, *text;
} rows[NR_IRQ_STATS] = {
	[IRQ_STAT_NMI] = { "NMI", "Non-maskable interrupts" },
	[IRQ_STAT_LOC] = { "LOC", "Local timer interrupts" },
	[IRQ_STAT_SPU] = { "SPU", "Spurious interrupts" },
	[IRQ_STAT_RES] = { "RES", "Rescheduling interrupts" },
	[IRQ_STAT_CAL] = { "CAL", "Function call interrupts" },
	[IRQ_STAT_TLB] = { "TLB", "TLB shootdowns" },
	[IRQ_STAT_TRM] = { "TRM", "Thermal event interrupts" },
	[IRQ_STAT_MCE] = { "MCE", "Machine check exceptions" },
	[IRQ_STAT_ERR] = { "ERR", "Local APIC errors" },
};

const char *arch_irq_stat_name(int i, const char **text)
{
	if (i < 0 || i >= NR_IRQ_STATS)
		return NULL;
	if (text)
		*text = rows[i].text;
	return rows[i].name;
}

/* Approximate while that CPU counts. */
unsigned long arch_irq_stat_count(int i, int cpu)
{
	return READ_ONCE(per_cpu(irq_stat.count[i], cpu));
}
