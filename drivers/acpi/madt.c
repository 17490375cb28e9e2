/* SPDX-License-Identifier: MIT */
/*
 * madt.c -- which CPUs and interrupt controllers there are
 *
 * The MADT is a list of entries of type and length.  Each known type is handed
 * to arch; an entry that is shorter than its type, or leaves the table, ends
 * the reading.
 *
 * SEE ACPI 6.4, 5.2.12.
 */

#include "tables.h"

#include <arch/apic.h>
#include <kernel/printk.h>

#define LAPIC_ENABLED 1
#define LAPIC_ONLINE_CAPABLE 2

/* Bytes that an entry of this type has at least. */
static u8 entry_size(u8 type)
{
	switch (type) {
	case MADT_LAPIC: return sizeof(struct madt_lapic);
	case MADT_IOAPIC: return sizeof(struct madt_ioapic);
	case MADT_OVERRIDE: return sizeof(struct madt_override);
	case MADT_LAPIC_NMI: return sizeof(struct madt_lapic_nmi);
	case MADT_LAPIC_ADDRESS: return sizeof(struct madt_lapic_address);
	case MADT_X2APIC: return sizeof(struct madt_x2apic);
	}
	return sizeof(struct madt_entry);
}

static void use_entry(const struct madt_entry *e)
{
	switch (e->type) {
	case MADT_LAPIC: {
		const struct madt_lapic *l = (const void *)e;

		arch_register_lapic(l->acpi_id, l->apic_id,
				    l->flags & LAPIC_ENABLED);
		break;
	}
	case MADT_X2APIC: {
		const struct madt_x2apic *l = (const void *)e;

		arch_register_lapic(l->acpi_id, l->apic_id,
				    l->flags & LAPIC_ENABLED);
		break;
	}
	case MADT_IOAPIC: {
		const struct madt_ioapic *io = (const void *)e;

		arch_register_ioapic(io->id, io->address, io->gsi_base);
		break;
	}
	case MADT_OVERRIDE: {
		const struct madt_override *o = (const void *)e;

		arch_register_irq_override(o->irq, o->gsi, o->flags);
		break;
	}
	case MADT_LAPIC_NMI: {
		const struct madt_lapic_nmi *n = (const void *)e;

		arch_register_lapic_nmi(n->acpi_id, n->flags, n->lint);
		break;
	}
	case MADT_LAPIC_ADDRESS:
		arch_register_lapic_base(
			((const struct madt_lapic_address *)e)->address);
		break;
	}
}

void acpi_parse_madt(const struct acpi_madt *madt)
{
	u32 left = madt->header.length - sizeof(*madt);
	const u8 *p = madt->entries;

	arch_register_lapic_base(madt->lapic_address);
	while (left >= sizeof(struct madt_entry)) {
		const struct madt_entry *e = (const void *)p;

		if (e->length < sizeof(*e) || e->length > left ||
		    e->length < entry_size(e->type)) {
			pr_warn("ACPI: MADT entry of type %u has length %u\n",
				e->type, e->length);
			return;
		}
		use_entry(e);
		p += e->length;
		left -= e->length;
	}
}
