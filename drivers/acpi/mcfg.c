/* SPDX-License-Identifier: MIT */
/*
 * mcfg.c -- where PCI Express configuration space shows in memory
 *
 * One entry for each range of buses: base + (bus << 20 | devfn << 12 | byte).
 *
 * SEE PCI Firmware Specification 3.2, 4.1.2.
 */

#include <drivers/acpi.h>

#include "tables.h"

#include <kernel/printk.h>

struct mcfg_entry {
	u64 base;
	u16 segment;
	u8 first_bus, last_bus;
	u32 reserved;
} __packed;

struct acpi_mcfg {
	struct acpi_header header;
	u64 reserved;
	struct mcfg_entry entries[];
} __packed;

bool acpi_find_ecam(phys_addr_t *base, u8 *first_bus, u8 *last_bus)
{
	const struct acpi_mcfg *mcfg =
		(const struct acpi_mcfg *)acpi_find_table("MCFG");
	u32 n;

	if (!mcfg || mcfg->header.length < sizeof(*mcfg))
		return false;
	n = (mcfg->header.length - sizeof(*mcfg)) / sizeof(mcfg->entries[0]);
	for (u32 i = 0; i < n; i++) {
		const struct mcfg_entry *e = &mcfg->entries[i];

		if (e->segment || !e->base || e->first_bus > e->last_bus)
			continue;
		*base = e->base;
		*first_bus = e->first_bus;
		*last_bus = e->last_bus;
		return true;
	}
	return false;
}
