/* SPDX-License-Identifier: MIT */
/*
 * setup.c -- which interrupt controllers this machine has, and brings into use
 *
 *	local APIC and I/O APIC    the normal case
 *	local APIC alone           8259 through LINT0 of the boot CPU
 *	neither                    8259, one CPU
 */

#include "irq.h"

#include <kernel/irq.h>
#include <kernel/printk.h>

static bool have_ioapic;

void arch_irq_init(void)
{
	irq_stack_set(0, NULL);
	pic_init();
	if (lapic_setup())
		have_ioapic = ioapic_setup();
	if (!have_ioapic && apic_available())
		lapic_accept_extint();
	if (!have_ioapic)
		pr_info("irq: 8259 interrupt controllers\n");
}

void arch_irq_setup_lines(void)
{
	if (have_ioapic)
		ioapic_setup_lines();
	else
		pic_setup_lines();
}
