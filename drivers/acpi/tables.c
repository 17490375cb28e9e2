/* SPDX-License-Identifier: MIT */
/*
 * tables.c -- find the firmware's tables and believe none unchecked
 *
 * IDEA.  The loader gives the RSDP (or a copy); else BIOS puts it on a 16-byte
 * boundary in e0000-fffff.  It names the XSDT (64-bit pointers) or the RSDT
 * (32-bit), which lists all other tables:
 *
 *	RSDP -> XSDT -> MADT (CPUs, interrupt controllers)
 *	             -> FADT -> DSDT (bytecode: how to sleep)
 *	             -> HPET, ...
 *
 * PROMISE.  A table is used only if its length is sane and its bytes sum to 0;
 * without tables the machine runs on one CPU and the 8259.
 *
 * CONTEXT.  acpi_early_init(): boot CPU, irqs off, direct map up, no allocator.
 * Mappings are kept: tables are small and few.
 *
 * SEE ACPI 6.4 chapter 5, docs/62-acpi.md.
 */

#include "tables.h"

#include <arch/apic.h>
#include <arch/boot.h>
#include <arch/io.h>
#include <arch/page.h>
#include <arch/time.h>
#include <drivers/acpi.h>
#include <kernel/kernel.h>
#include <kernel/params.h>
#include <kernel/printk.h>
#include <kernel/string.h>

#define BIOS_START 0xe0000
#define BIOS_END 0x100000
#define MAX_TABLE (1u << 20)

/* The list of tables: 64-bit pointers (XSDT), or 32-bit. */
static const struct acpi_header *root_table;
static bool root_is_xsdt;
static bool disabled;

static int set_acpi(char *value)
{
	disabled = !strcmp(value, "off");
	return 0;
}
__setup("acpi=", set_acpi);

bool acpi_checksum_ok(const void *p, size_t len)
{
	const u8 *bytes = p;
	u8 sum = 0;

	while (len--)
		sum += *bytes++;
	return sum == 0;
}

static bool rsdp_ok(const struct acpi_rsdp *r)
{
	return !memcmp(r->signature, "RSD PTR ", 8) && acpi_checksum_ok(r, 20);
}

static const struct acpi_rsdp *scan_bios(void)
{
	const u8 *p = memremap(BIOS_START, BIOS_END - BIOS_START);

	for (u32 off = 0; p && off < BIOS_END - BIOS_START; off += 16)
		if (rsdp_ok((const struct acpi_rsdp *)(p + off)))
			return (const struct acpi_rsdp *)(p + off);
	return NULL;
}

static const struct acpi_rsdp *find_rsdp(void)
{
	const struct acpi_rsdp *r = (const void *)boot_info.rsdp_copy;

	if (rsdp_ok(r))
		return r;
	if (boot_info.rsdp) {
		r = memremap(boot_info.rsdp, sizeof(*r));
		if (r && rsdp_ok(r))
			return r;
	}
	return scan_bios();
}

const struct acpi_header *acpi_map_table(phys_addr_t phys)
{
	const struct acpi_header *h = memremap(phys, sizeof(*h));
	u32 length;

	if (!h)
		return NULL;
	length = h->length;
	if (length < sizeof(*h) || length > MAX_TABLE) {
		pr_warn("ACPI: table at %#lx has length %u\n", phys, length);
		return NULL;
	}
	h = memremap(phys, length);
	if (!h || !acpi_checksum_ok(h, length)) {
		pr_warn("ACPI: table at %#lx is damaged\n", phys);
		return NULL;
	}
	return h;
}

static phys_addr_t root_entry(u32 i)
{
	const u8 *entries = (const u8 *)(root_table + 1);
	u64 wide;
	u32 narrow;

	if (root_is_xsdt) {
		memcpy(&wide, entries + i * sizeof(wide), sizeof(wide));
		return wide;
	}
	memcpy(&narrow, entries + i * sizeof(narrow), sizeof(narrow));
	return narrow;
}

static u32 nr_root_entries(void)
{
	return (root_table->length - sizeof(*root_table)) /
	       (root_is_xsdt ? sizeof(u64) : sizeof(u32));
}

const struct acpi_header *acpi_find_table(const char signature[4])
{
	if (!root_table)
		return NULL;
	for (u32 i = 0; i < nr_root_entries(); i++) {
		const struct acpi_header *h = memremap(root_entry(i),
						       sizeof(*h));

		if (h && !memcmp(h->signature, signature, 4))
			return acpi_map_table(root_entry(i));
	}
	return NULL;
}

u32 acpi_nr_tables(void)
{
	return root_table ? nr_root_entries() : 0;
}

const struct acpi_header *acpi_table_at(u32 i)
{
	return acpi_map_table(root_entry(i));
}

const struct acpi_header *acpi_find_dsdt(void)
{
	const struct acpi_fadt *f = (const void *)acpi_find_table("FACP");
	phys_addr_t phys;

	if (!f || f->header.length < offsetof(struct acpi_fadt, reserved0))
		return NULL;
	phys = f->dsdt;
	if (f->header.length >= sizeof(*f) && f->x_dsdt)
		phys = f->x_dsdt;
	return phys ? acpi_map_table(phys) : NULL;
}

static void find_root_table(void)
{
	const struct acpi_rsdp *r = find_rsdp();

	if (!r) {
		pr_info("ACPI: no tables\n");
		return;
	}
	if (r->revision >= 2 && r->xsdt) {
		root_table = acpi_map_table(r->xsdt);
		root_is_xsdt = true;
	}
	if (!root_table) {
		root_table = acpi_map_table(r->rsdt);
		root_is_xsdt = false;
	}
	if (root_table)
		pr_info("ACPI: %.6s, %u tables\n", r->oem_id,
			nr_root_entries());
}

void acpi_early_init(void)
{
	const struct acpi_header *h;

	if (disabled)
		return;
	find_root_table();
	h = acpi_find_table("APIC");
	if (h && h->length >= sizeof(struct acpi_madt))
		acpi_parse_madt((const struct acpi_madt *)h);
	h = acpi_find_table("HPET");
	if (h && h->length >= sizeof(struct acpi_hpet)) {
		const struct acpi_hpet *hpet = (const void *)h;

		if (hpet->address.space == ACPI_SPACE_MEMORY)
			arch_register_hpet(hpet->address.address);
	}
	acpi_power_init();
}
