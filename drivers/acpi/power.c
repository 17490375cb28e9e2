/* SPDX-License-Identifier: MIT */
/*
 * power.c -- power off and reset as the firmware describes them
 *
 * Off: write SLP_TYP (from \_S5_ in the DSDT) and SLP_EN to PM1 control.
 * Reset: write the FADT's value to its reset register.  Both are handed to arch
 * as hooks, which it tries before its own ways.
 *
 * CONTEXT.  The hooks run last of all: any context, other CPUs stopped.
 *
 * SEE ACPI 6.4, 4.8.3.2 (PM1 control), 4.8.3.6 (reset register).
 */

#include "tables.h"

#include <arch/io.h>
#include <arch/reboot.h>
#include <kernel/printk.h>

#define PM1_SCI_EN 1
#define PM1_SLP_TYP_SHIFT 10
#define PM1_SLP_EN (1 << 13)

static const struct acpi_fadt *fadt;
static u8 s5_type_a, s5_type_b;
static u8 *reset_memory;              /* mapped, if it is no port */

static void power_off(void)
{
	/* The chip obeys only in ACPI mode; firmware may have left it off. */
	if (!(inw(fadt->pm1a_control) & PM1_SCI_EN) && fadt->smi_command)
		outb(fadt->acpi_enable, fadt->smi_command);
	outw(s5_type_a << PM1_SLP_TYP_SHIFT | PM1_SLP_EN, fadt->pm1a_control);
	if (fadt->pm1b_control)
		outw(s5_type_b << PM1_SLP_TYP_SHIFT | PM1_SLP_EN,
		     fadt->pm1b_control);
}

static void reset(void)
{
	if (reset_memory)
		writeb(fadt->reset_value, reset_memory);
	else
		outb(fadt->reset_value, fadt->reset_register.address);
}

static void init_reset(void)
{
	if (fadt->header.length < offsetof(struct acpi_fadt, arm_flags) ||
	    !(fadt->flags & FADT_RESET_REGISTER))
		return;
	if (fadt->reset_register.space == ACPI_SPACE_MEMORY)
		reset_memory = ioremap(fadt->reset_register.address, 1);
	else if (fadt->reset_register.space != ACPI_SPACE_IO)
		return;
	acpi_reset_hook = reset;
}

void acpi_power_init(void)
{
	const struct acpi_header *dsdt;
	phys_addr_t phys;

	fadt = (const struct acpi_fadt *)acpi_find_table("FACP");
	if (!fadt || fadt->header.length < offsetof(struct acpi_fadt, flags))
		return;
	init_reset();
	phys = fadt->dsdt;
	if (!phys && fadt->header.length >= sizeof(*fadt))
		phys = fadt->x_dsdt;
	dsdt = phys ? acpi_map_table(phys) : NULL;
	if (!dsdt || !fadt->pm1a_control ||
	    !acpi_find_s5((const u8 *)(dsdt + 1),
			  dsdt->length - sizeof(*dsdt), &s5_type_a,
			  &s5_type_b)) {
		pr_warn("ACPI: no way to power off\n");
		return;
	}
	acpi_power_off_hook = power_off;
}
