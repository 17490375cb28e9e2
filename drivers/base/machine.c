/* SPDX-License-Identifier: MIT */
/*
 * machine.c -- whose addresses are taken before any driver comes
 *
 * The loader's memory map, the kernel's own image, the interrupt controllers
 * and timers that arch/ runs, and the ports of a PC that are where they have
 * always been.  Drivers below drivers/ claim theirs by request_region().
 */

#include <kernel/ioport.h>

#include "../acpi/tables.h"

#include <arch/boot.h>
#include <arch/page.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/sections.h>
#include <mm/slab.h>

#define PORT_PIC1 0x20
#define PORT_PIT 0x40
#define PORT_CMOS 0x70
#define PORT_PIC2 0xa0
#define LAPIC_SIZE 0x1000
#define IOAPIC_SIZE 0x400
#define HPET_SIZE 0x400

static void add(struct resource *root, u64 start, u64 end, const char *name,
		unsigned long flags)
{
	struct resource *r = kzalloc(sizeof(*r), GFP_KERNEL);

	if (!r)
		return;
	r->start = start;
	r->end = end - 1;
	r->name = name;
	r->flags = flags;
	if (insert_resource(root, r)) {
		pr_warn("resource: %s at %lx overlaps another\n", name,
			(unsigned long)start);
		kfree(r);
	}
}

static void add_mmio(u64 start, u64 size, const char *name)
{
	add(&iomem_resource, start, start + size, name,
	    IORESOURCE_MEM | IORESOURCE_BUSY);
}

/* ---- memory ---- */

static void add_map(void)
{
	static const char *const names[] = {
		[MEM_USABLE] = "System RAM", [MEM_RESERVED] = "Reserved",
		[MEM_ACPI] = "ACPI Tables",
		[MEM_NVS] = "ACPI Non-volatile Storage",
		[MEM_BAD] = "Unusable memory",
	};

	for (u32 i = 0; i < boot_info.nr_ranges; i++) {
		const struct mem_range *m = &boot_info.ranges[i];
		unsigned long flags = IORESOURCE_MEM;

		/* A bus may forward what the firmware reserved. */
		if (m->type != MEM_RESERVED)
			flags |= IORESOURCE_BUSY;
		if (m->type == MEM_USABLE)
			flags |= IORESOURCE_SYSTEM_RAM;
		if (m->type < ARRAY_SIZE(names) && names[m->type])
			add(&iomem_resource, m->start, m->end, names[m->type],
			    flags);
	}
}

static void add_image_part(const char *from, const char *to, const char *name)
{
	add(&iomem_resource, __pa(from), __pa(to), name,
	    IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY);
}

static void add_image(void)
{
	add_image_part(_text, _etext, "Kernel code");
	add_image_part(_rodata, _erodata, "Kernel rodata");
	add_image_part(_data, _edata, "Kernel data");
	add_image_part(__bss_start, __bss_stop, "Kernel bss");
}

/* ---- what the firmware's tables tell ---- */

static void add_apics(void)
{
	static const char *const names[] = {
		"IOAPIC 0", "IOAPIC 1", "IOAPIC 2", "IOAPIC 3",
	};
	const struct acpi_madt *madt = (const void *)acpi_find_table("APIC");
	unsigned int n = 0, at = 0, room;

	if (!madt || madt->header.length < sizeof(*madt))
		return;
	add_mmio(madt->lapic_address, LAPIC_SIZE, "Local APIC");
	room = madt->header.length - sizeof(*madt);
	while (at + sizeof(struct madt_entry) <= room) {
		const struct madt_ioapic *io = (const void *)(madt->entries + at);

		if (io->e.length < sizeof(struct madt_entry) ||
		    at + io->e.length > room)
			break;
		if (io->e.type == MADT_IOAPIC &&
		    io->e.length >= sizeof(*io) && n < ARRAY_SIZE(names))
			add_mmio(io->address, IOAPIC_SIZE, names[n++]);
		at += io->e.length;
	}
}

static void add_hpet(void)
{
	const struct acpi_hpet *hpet = (const void *)acpi_find_table("HPET");

	if (hpet && hpet->header.length >= sizeof(*hpet) &&
	    hpet->address.space == ACPI_SPACE_MEMORY)
		add_mmio(hpet->address.address, HPET_SIZE, "HPET 0");
}

static void add_port(u16 start, u16 size, const char *name)
{
	if (start && size)
		add(&ioport_resource, start, start + size, name,
		    IORESOURCE_IO | IORESOURCE_BUSY);
}

static void add_power(void)
{
	const struct acpi_fadt *f = (const void *)acpi_find_table("FACP");

	if (!f || f->header.length < offsetof(struct acpi_fadt, minor))
		return;
	add_port(f->pm1a_event, f->pm1_event_len, "ACPI PM1a_EVT_BLK");
	add_port(f->pm1a_control, f->pm1_control_len, "ACPI PM1a_CNT_BLK");
	add_port(f->pm_timer, f->pm_timer_len, "ACPI PM_TMR");
	add_port(f->gpe0, f->gpe0_len, "ACPI GPE0_BLK");
}

static int machine_resources_init(void)
{
	add_map();
	add_image();
	add_apics();
	add_hpet();
	add_power();
	add_port(PORT_PIC1, 2, "pic1");
	add_port(PORT_PIT, 4, "timer0");
	add_port(PORT_CMOS, 2, "rtc_cmos");
	add_port(PORT_PIC2, 2, "pic2");
	return 0;
}
core_initcall(machine_resources_init);
