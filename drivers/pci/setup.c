/* SPDX-License-Identifier: MIT */
/*
 * setup.c -- addresses for BARs and bridge windows
 *
 * PROMISE.  A BAR that has a resource in the tree (r->parent) decodes exactly
 * that range and nothing else does; one that has not is not enabled.
 *
 * IDEA.  What the firmware placed is kept: first each bridge's windows, then
 * the BARs inside them, are claimed in the tree of resources; a claim that
 * fails loses its address.  Then whatever has none (firmware that leaves it
 * out, a device plugged in later) is given a place in a window of its bus.  A
 * bridge without a window gets one that holds what lies behind it.
 *
 *	iomem_resource
 *	  fe800000-fe9fffff  PCI Bus 0000:01     window of 02.0
 *	    fe800000-fe803fff  0000:01:00.0      BAR 4 of the disk behind
 *
 * LOCKING.  pci_lock_rescan_remove.
 *
 * SEE PCI-to-PCI Bridge 1.2, 3.2.5.
 */

#include "pci_impl.h"

#include <kernel/kernel.h>
#include <kernel/printk.h>

#define MIN_IO 0x1000
#define MAX_IO 0xffff
#define MIN_MEM 0xc0000000ull         /* below it machines may have RAM */
#define MAX_MEM 0xfebfffffull         /* above it: APICs, firmware */
#define IO_GRANULE 0x1000
#define MEM_GRANULE 0x100000
#define HOTPLUG_IO 0x1000             /* room kept behind an empty slot */
#define HOTPLUG_MEM 0x200000

enum window { WIN_IO, WIN_MEM, WIN_PREF };

static u16 read_word(struct pci_dev *dev, int where)
{
	u16 v;

	pci_read_config_word(dev, where, &v);
	return v;
}

static void set_window(struct resource *r, u64 base, u64 limit,
		       unsigned long flags)
{
	if (!base || base > limit)
		return;
	r->flags = flags | IORESOURCE_WINDOW;
	r->start = base;
	r->end = limit;
}

void pci_read_bridge_windows(struct pci_dev *dev)
{
	struct resource *r = &dev->resource[PCI_BRIDGE_RESOURCES];
	u64 base, limit;
	u16 io = read_word(dev, PCI_IO_BASE);
	u32 hi_base = 0, hi_limit = 0;

	base = (io & 0xf0) << 8;
	limit = (io & 0xf000) | 0xfff;
	if ((io & 0x0f) == PCI_IO_RANGE_TYPE_32) {
		base |= (u64)read_word(dev, PCI_IO_BASE_UPPER16) << 16;
		limit |= (u64)read_word(dev, PCI_IO_LIMIT_UPPER16) << 16;
	}
	set_window(&r[WIN_IO], base, limit, IORESOURCE_IO);

	base = (u64)(read_word(dev, PCI_MEMORY_BASE) & 0xfff0) << 16;
	limit = (u64)(read_word(dev, PCI_MEMORY_LIMIT) & 0xfff0) << 16 |
		(MEM_GRANULE - 1);
	set_window(&r[WIN_MEM], base, limit, IORESOURCE_MEM);

	base = read_word(dev, PCI_PREF_MEMORY_BASE);
	limit = read_word(dev, PCI_PREF_MEMORY_LIMIT);
	if ((base & 0x0f) == PCI_PREF_RANGE_TYPE_64) {
		pci_read_config_dword(dev, PCI_PREF_BASE_UPPER32, &hi_base);
		pci_read_config_dword(dev, PCI_PREF_LIMIT_UPPER32, &hi_limit);
	}
	base = (base & 0xfff0) << 16 | (u64)hi_base << 32;
	limit = (limit & 0xfff0) << 16 | (u64)hi_limit << 32 |
		(MEM_GRANULE - 1);
	set_window(&r[WIN_PREF], base, limit,
		   IORESOURCE_MEM | IORESOURCE_PREFETCH);
}

static void write_io_window(struct pci_dev *dev, const struct resource *r)
{
	pci_write_config_word(dev, PCI_IO_BASE, (r->start >> 8 & 0xf0) |
			      (r->end & 0xf000));
	pci_write_config_word(dev, PCI_IO_BASE_UPPER16, r->start >> 16);
	pci_write_config_word(dev, PCI_IO_LIMIT_UPPER16, r->end >> 16);
}

static void write_mem_window(struct pci_dev *dev, const struct resource *r)
{
	pci_write_config_word(dev, PCI_MEMORY_BASE, r->start >> 16 & 0xfff0);
	pci_write_config_word(dev, PCI_MEMORY_LIMIT, r->end >> 16 & 0xfff0);
}

/* Tell the function what r says. */
static void write_bar(struct pci_dev *dev, int bar)
{
	const struct resource *r = &dev->resource[bar];
	int where = PCI_BASE_ADDRESS_0 + 4 * bar;

	if (bar == PCI_ROM_RESOURCE) {
		where = pci_is_bridge(dev) ? PCI_ROM_ADDRESS1
					   : PCI_ROM_ADDRESS;
		pci_write_config_dword(dev, where, r->start);
		return;
	}
	pci_write_config_dword(dev, where, r->start);
	if (r->flags & IORESOURCE_MEM_64)
		pci_write_config_dword(dev, where + 4, r->start >> 32);
}

/* --- Claiming ------------------------------------------------------------ */

/* Put r where its range lies among the windows of its bus. */
static bool claim_in(struct pci_bus *bus, struct resource *r)
{
	for (int i = 0; i < 3; i++) {
		struct resource *win = bus->resource[i];

		if (!win || !win->flags || !resource_contains(win, r))
			continue;
		if (bus->self && !win->parent)
			continue;
		if (!request_resource(win, r))
			return true;
	}
	return false;
}

static bool is_placed(const struct resource *r)
{
	return r->flags && !(r->flags & IORESOURCE_UNSET);
}

static void claim(struct pci_dev *dev, int i)
{
	struct resource *r = &dev->resource[i];

	if (!is_placed(r) || r->parent || claim_in(dev->bus, r))
		return;
	if (i != PCI_ROM_RESOURCE)
		pr_warn("pci %s: region %d at %#llx-%#llx is taken\n",
			pci_name(dev), i, (unsigned long long)r->start,
			(unsigned long long)r->end);
	r->end -= r->start;
	r->start = 0;
	r->flags |= IORESOURCE_UNSET;
}

static void claim_bus(struct pci_bus *bus)
{
	struct pci_dev *dev;

	list_for_each_entry(dev, &bus->devices, bus_list)
		for (int i = PCI_BRIDGE_RESOURCES; i < PCI_NUM_RESOURCES; i++)
			claim(dev, i);
	list_for_each_entry(dev, &bus->devices, bus_list)
		for (int i = 0; i <= PCI_ROM_RESOURCE; i++)
			claim(dev, i);
	list_for_each_entry(dev, &bus->devices, bus_list)
		if (dev->subordinate)
			claim_bus(dev->subordinate);
}

/* --- Placing ------------------------------------------------------------- */

/* Allocate r in window `win` of a bus, within what its registers can hold. */
static bool place_in(struct pci_bus *bus, struct resource *win,
		     struct resource *r, u64 size, u64 align)
{
	bool io = r->flags & IORESOURCE_IO;
	u64 lo = io ? MIN_IO : MIN_MEM, hi = io ? MAX_IO : MAX_MEM;
	struct resource was = *r;

	if (bus->self) {
		if (!win->parent)
			return false;
		lo = win->start;
		hi = win->end;
		if (!(r->flags & IORESOURCE_MEM_64))
			hi = min(hi, (u64)0xffffffff);
	}
	r->flags &= ~IORESOURCE_UNSET;
	if (!allocate_resource(win, r, size, lo, hi, align))
		return true;
	*r = was;
	return false;
}

static bool place(struct pci_bus *bus, struct resource *r, u64 size, u64 align)
{
	/* A prefetchable region may lie in either memory window. */
	for (int i = 2; i >= 0; i--) {
		struct resource *win = bus->resource[i];

		if (!win || !win->flags ||
		    resource_type(win) != resource_type(r))
			continue;
		if ((win->flags & IORESOURCE_PREFETCH) &&
		    !(r->flags & IORESOURCE_PREFETCH))
			continue;
		if (place_in(bus, win, r, size, align))
			return true;
	}
	return false;
}

static bool is_hotplug_slot(struct pci_dev *bridge)
{
	u32 cap;

	if (!(bridge->pcie_flags_reg & PCI_EXP_FLAGS_SLOT))
		return false;
	pcie_capability_read_dword(bridge, PCI_EXP_SLTCAP, &cap);
	return cap & PCI_EXP_SLTCAP_HPC;
}

/* Bytes that the regions of this type behind a bridge need, with padding. */
static u64 needed(struct pci_bus *bus, unsigned long type, u64 granule)
{
	struct pci_dev *dev;
	u64 sum = 0;

	list_for_each_entry(dev, &bus->devices, bus_list) {
		for (int i = 0; i <= PCI_ROM_RESOURCE; i++) {
			struct resource *r = &dev->resource[i];

			if (resource_type(r) == type)
				sum = ALIGN(sum, resource_size(r)) +
				      resource_size(r);
		}
		if (dev->subordinate)
			sum = ALIGN(sum, granule) +
			      needed(dev->subordinate, type, granule);
	}
	return ALIGN(sum, granule);
}

static void make_window(struct pci_dev *bridge, enum window w,
			unsigned long type, u64 granule, u64 reserve)
{
	struct resource *r = &bridge->resource[PCI_BRIDGE_RESOURCES + w];
	u64 size = needed(bridge->subordinate, type, granule);

	if (r->parent)
		return;
	if (is_hotplug_slot(bridge))
		size = max(size, reserve);
	if (!size)
		return;
	r->flags = type | IORESOURCE_WINDOW;
	if (!place(bridge->bus, r, size, granule)) {
		pr_warn("pci %s: no room for a window of %#llx\n",
			pci_name(bridge), (unsigned long long)size);
		r->flags = 0;
		return;
	}
	if (w == WIN_IO)
		write_io_window(bridge, r);
	else
		write_mem_window(bridge, r);
}

static void place_bars(struct pci_dev *dev)
{
	for (int i = 0; i < PCI_ROM_RESOURCE; i++) {
		struct resource *r = &dev->resource[i];
		u64 size = resource_size(r);

		if (!(r->flags & IORESOURCE_UNSET))
			continue;
		if (place(dev->bus, r, size, max(size, (u64)4)))
			write_bar(dev, i);
		else
			pr_warn("pci %s: no room for BAR %d, %#llx bytes\n",
				pci_name(dev), i, (unsigned long long)size);
	}
}

/* Windows before BARs, outside before inside: a window holds what is in it. */
static void place_bus(struct pci_bus *bus)
{
	struct pci_dev *dev;

	list_for_each_entry(dev, &bus->devices, bus_list) {
		if (!dev->subordinate)
			continue;
		make_window(dev, WIN_IO, IORESOURCE_IO, IO_GRANULE,
			    HOTPLUG_IO);
		make_window(dev, WIN_MEM, IORESOURCE_MEM, MEM_GRANULE,
			    HOTPLUG_MEM);
	}
	list_for_each_entry(dev, &bus->devices, bus_list)
		place_bars(dev);
	list_for_each_entry(dev, &bus->devices, bus_list)
		if (dev->subordinate)
			place_bus(dev->subordinate);
}

void pci_assign_bus(struct pci_bus *bus)
{
	claim_bus(bus);
	place_bus(bus);
}

void pci_release_device_resources(struct pci_dev *dev)
{
	for (int i = 0; i < PCI_NUM_RESOURCES; i++)
		if (dev->resource[i].parent)
			release_resource(&dev->resource[i]);
}
