/* SPDX-License-Identifier: MIT */
/*
 * probe.c -- which functions there are, and what they want
 *
 * PROMISE.  After pci_init() each function that answers has a struct pci_dev
 * in the tree of buses, its BARs sized, and is on pci_bus_type.
 *
 * IDEA.  Ask.  A bus has 32 slots of up to 8 functions each; a read of the
 * vendor id says whether somebody is home.  A function of header type 1 is a
 * bridge: behind it lies another bus, whose number the firmware gave (we give
 * one where it did not).  So the walk goes depth first:
 *
 *	bus 0 -- 00.0 host bridge
 *	      -- 01.0 VGA
 *	      -- 02.0 root port ---- bus 1 -- 00.0 disk
 *	      -- 1f.0 ISA bridge, 1f.2 SATA, 1f.3 SMBus   (one multi-function slot)
 *
 * A BAR's size is found by writing ones: bits that stay zero are below the
 * size.  While that is done the function must not decode the address.
 *
 * LOCKING.  rescan_lock (a mutex, by pci_lock_rescan_remove) for everything
 * that changes the tree; pci_bus_sem, within it, for the lists themselves,
 * taken for reading by those who only look.
 *
 * SEE PCI Local Bus 3.0, 6.2.5.1; PCI-to-PCI Bridge 1.2, chapter 3.
 */

#include "pci_impl.h"

#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/sprintf.h>
#include <mm/slab.h>

#define SLOTS 32
#define FUNCTIONS 8
#define MAX_BUS 255
#define HOTPLUG_BUSES 1               /* numbers kept behind a new bridge */

DECLARE_RWSEM(pci_bus_sem);
LIST_HEAD(pci_root_buses);
static DEFINE_MUTEX(rescan_lock);
static struct device *root_device;

void pci_lock_rescan_remove(void)
{
	mutex_lock(&rescan_lock);
}

void pci_unlock_rescan_remove(void)
{
	mutex_unlock(&rescan_lock);
}

/* --- What one function is ------------------------------------------------ */

static u32 read_cfg(struct pci_dev *dev, int where)
{
	u32 v;

	pci_read_config_dword(dev, where, &v);
	return v;
}

/* What the register reads after ones were written; restored. */
static u32 probe_bits(struct pci_dev *dev, int where, u32 ones)
{
	u32 old = read_cfg(dev, where), sz;

	pci_write_config_dword(dev, where, ones);
	sz = read_cfg(dev, where);
	pci_write_config_dword(dev, where, old);
	return sz;
}

static void set_range(struct resource *r, u64 start, u64 size)
{
	r->start = start;
	r->end = start + size - 1;
	if (!start || r->end < start) {
		r->flags |= IORESOURCE_UNSET;
		r->start = 0;
		r->end = size - 1;
	}
}

/* One BAR into its resource; how many registers it took (1 or 2). */
static int read_bar(struct pci_dev *dev, int bar)
{
	int where = PCI_BASE_ADDRESS_0 + 4 * bar;
	u32 low = read_cfg(dev, where), sz = probe_bits(dev, where, ~0u);
	struct resource *r = &dev->resource[bar];
	u64 start, size, mask;

	r->name = pci_name(dev);
	if (!sz || sz == ~0u)
		return 1;
	if (sz & PCI_BASE_ADDRESS_SPACE_IO) {
		size = pci_bar_size(sz & PCI_BASE_ADDRESS_IO_MASK & 0xffff,
				    PCI_BASE_ADDRESS_IO_MASK & 0xffff);
		if (!size)
			return 1;
		r->flags = IORESOURCE_IO |
			   (sz & ~PCI_BASE_ADDRESS_IO_MASK);
		set_range(r, low & PCI_BASE_ADDRESS_IO_MASK, size);
		return 1;
	}
	r->flags = IORESOURCE_MEM | (sz & ~PCI_BASE_ADDRESS_MEM_MASK);
	if (sz & PCI_BASE_ADDRESS_MEM_PREFETCH)
		r->flags |= IORESOURCE_PREFETCH;
	start = low & PCI_BASE_ADDRESS_MEM_MASK;
	if ((sz & PCI_BASE_ADDRESS_MEM_TYPE_MASK) ==
	    PCI_BASE_ADDRESS_MEM_TYPE_64 && bar < PCI_STD_RESOURCE_END) {
		r->flags |= IORESOURCE_MEM_64;
		start |= (u64)read_cfg(dev, where + 4) << 32;
		mask = ~0ull << 4;
		size = pci_bar_size((u64)probe_bits(dev, where + 4, ~0u) << 32 |
				    sz, mask);
	} else {
		mask = PCI_BASE_ADDRESS_MEM_MASK;
		size = pci_bar_size(sz, mask);
	}
	if (size)
		set_range(r, start, size);
	else
		r->flags = 0;
	return mask >> 32 ? 2 : 1;
}

static void read_rom(struct pci_dev *dev, int where)
{
	struct resource *r = &dev->resource[PCI_ROM_RESOURCE];
	u32 sz = probe_bits(dev, where, PCI_ROM_ADDRESS_MASK);
	u64 size = pci_bar_size(sz, PCI_ROM_ADDRESS_MASK);

	r->name = pci_name(dev);
	if (!size || sz == ~0u)
		return;
	r->flags = IORESOURCE_MEM | IORESOURCE_PREFETCH | IORESOURCE_READONLY |
		   (read_cfg(dev, where) & PCI_ROM_ADDRESS_ENABLE ? 1 : 0);
	set_range(r, read_cfg(dev, where) & PCI_ROM_ADDRESS_MASK, size);
}

/* Size all BARs, the function not decoding meanwhile. */
static void read_bars(struct pci_dev *dev, int nr, int rom)
{
	u16 command;

	pci_read_config_word(dev, PCI_COMMAND, &command);
	if (command & (PCI_COMMAND_IO | PCI_COMMAND_MEMORY))
		pci_write_config_word(dev, PCI_COMMAND, command &
				      ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
	for (int bar = 0; bar < nr; )
		bar += read_bar(dev, bar);
	if (rom)
		read_rom(dev, rom);
	if (command & (PCI_COMMAND_IO | PCI_COMMAND_MEMORY))
		pci_write_config_word(dev, PCI_COMMAND, command);
}

static int read_header(struct pci_dev *dev)
{
	u32 v = read_cfg(dev, PCI_CLASS_REVISION);
	int pos;

	dev->class = v >> 8;
	dev->revision = v;
	pci_read_config_byte(dev, PCI_INTERRUPT_PIN, &dev->pin);
	if (dev->pin > 4)
		dev->pin = 0;
	dev->pcie_cap = pci_find_capability(dev, PCI_CAP_ID_EXP);
	dev->cfg_size = PCI_CFG_SPACE_SIZE;
	if (dev->pcie_cap) {
		pcie_capability_read_word(dev, PCI_EXP_FLAGS,
					  &dev->pcie_flags_reg);
		if (dev->bus->ecam)
			dev->cfg_size = PCI_CFG_SPACE_EXP_SIZE;
	}
	switch (dev->hdr_type) {
	case PCI_HEADER_TYPE_NORMAL:
		pci_read_config_word(dev, PCI_SUBSYSTEM_VENDOR_ID,
				     &dev->subsystem_vendor);
		pci_read_config_word(dev, PCI_SUBSYSTEM_ID,
				     &dev->subsystem_device);
		read_bars(dev, PCI_STD_NUM_BARS, PCI_ROM_ADDRESS);
		return 0;
	case PCI_HEADER_TYPE_BRIDGE:
		pos = pci_find_capability(dev, PCI_CAP_ID_SSVID);
		if (pos) {
			pci_read_config_word(dev, pos + PCI_SSVID_VENDOR_ID,
					     &dev->subsystem_vendor);
			pci_read_config_word(dev, pos + PCI_SSVID_DEVICE_ID,
					     &dev->subsystem_device);
		}
		read_bars(dev, 2, PCI_ROM_ADDRESS1);
		pci_read_bridge_windows(dev);
		return 0;
	}
	pr_warn("pci: %s has unknown header type %02x\n", pci_name(dev),
		dev->hdr_type);
	return -EIO;
}

static void release_dev(struct device *d)
{
	struct pci_dev *dev = to_pci_dev(d);

	kfree(dev);
}

/* Everything that is known of a function that answers; NULL: nobody does. */
static struct pci_dev *scan_device(struct pci_bus *bus, int devfn)
{
	struct pci_dev *dev;
	u32 id, type;

	if (pci_bus_read_config(bus, devfn, PCI_VENDOR_ID, 4, &id) ||
	    id == ~0u || !(id & 0xffff) || (id & 0xffff) == 0xffff)
		return NULL;
	dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	if (!dev)
		return NULL;
	pci_bus_read_config(bus, devfn, PCI_HEADER_TYPE, 1, &type);
	dev->bus = bus;
	dev->devfn = devfn;
	dev->vendor = id;
	dev->device = id >> 16;
	dev->hdr_type = type & PCI_HEADER_TYPE_MASK;
	dev->multifunction = type & PCI_HEADER_TYPE_MULTI;
	dev->dma_mask = 0xffffffff;
	device_initialize(&dev->dev);
	dev->dev.bus = &pci_bus_type;
	dev->dev.parent = bus->self ? &bus->self->dev : root_device;
	dev->dev.release = release_dev;
	dev_set_name(&dev->dev, "0000:%02x:%02x.%d", bus->number,
		     PCI_SLOT(devfn), PCI_FUNC(devfn));
	if (read_header(dev)) {
		put_device(&dev->dev);
		return NULL;
	}
	pci_msi_init_device(dev);
	pci_assign_irq(dev);
	return dev;
}

static struct pci_dev *find_on_bus(struct pci_bus *bus, int devfn)
{
	struct pci_dev *dev;

	list_for_each_entry(dev, &bus->devices, bus_list)
		if (dev->devfn == (unsigned int)devfn)
			return dev;
	return NULL;
}

static struct pci_dev *scan_function(struct pci_bus *bus, int devfn, int *nr)
{
	struct pci_dev *dev = find_on_bus(bus, devfn);

	if (dev)
		return dev;
	dev = scan_device(bus, devfn);
	if (!dev)
		return NULL;
	down_write(&pci_bus_sem);
	list_add_tail(&dev->bus_list, &bus->devices);
	up_write(&pci_bus_sem);
	pr_info("pci %s: [%04x:%04x] type %02x class %#08x\n", pci_name(dev),
		dev->vendor, dev->device, dev->hdr_type, dev->class);
	(*nr)++;
	return dev;
}

/* A PCI Express link has one device at its end. */
static bool only_one_slot(struct pci_bus *bus)
{
	int type;

	if (!bus->self || !bus->self->pcie_cap)
		return false;
	type = pci_pcie_type(bus->self);
	return type == PCI_EXP_TYPE_ROOT_PORT || type == PCI_EXP_TYPE_DOWNSTREAM;
}

int pci_scan_slot(struct pci_bus *bus, int devfn)
{
	struct pci_dev *dev;
	int nr = 0;

	if (only_one_slot(bus) && devfn > 0)
		return 0;
	dev = scan_function(bus, devfn, &nr);
	if (!dev || !dev->multifunction)
		return nr;
	for (int fn = 1; fn < FUNCTIONS; fn++)
		scan_function(bus, devfn + fn, &nr);
	return nr;
}

/* --- Buses --------------------------------------------------------------- */

static struct pci_bus *alloc_bus(struct pci_bus *parent, struct pci_dev *self,
				 int nr)
{
	struct pci_bus *bus = kzalloc(sizeof(*bus), GFP_KERNEL);

	if (!bus)
		return NULL;
	INIT_LIST_HEAD(&bus->children);
	INIT_LIST_HEAD(&bus->devices);
	bus->parent = parent;
	bus->self = self;
	bus->number = bus->busn_end = nr;
	snprintf(bus->name, sizeof(bus->name), "PCI Bus %04x:%02x", 0, nr);
	pci_access_add_bus(bus);
	if (!self) {
		bus->resource[0] = &ioport_resource;
		bus->resource[1] = &iomem_resource;
	}
	for (int i = 0; self && i < 3; i++) {
		bus->resource[i] = &self->resource[PCI_BRIDGE_RESOURCES + i];
		bus->resource[i]->name = bus->name;
	}
	down_write(&pci_bus_sem);
	list_add_tail(&bus->node, parent ? &parent->children : &pci_root_buses);
	if (self)
		self->subordinate = bus;
	up_write(&pci_bus_sem);
	return bus;
}

/* Off its parent's list, nothing on it any more. */
void pci_free_bus(struct pci_bus *bus)
{
	down_write(&pci_bus_sem);
	list_del(&bus->node);
	if (bus->self)
		bus->self->subordinate = NULL;
	up_write(&pci_bus_sem);
	pci_access_remove_bus(bus);
	kfree(bus);
}

struct pci_bus *pci_find_bus_nr(struct pci_bus *from, int nr)
{
	struct pci_bus *bus, *found;

	if (from->number == nr)
		return from;
	list_for_each_entry(bus, &from->children, node) {
		found = pci_find_bus_nr(bus, nr);
		if (found)
			return found;
	}
	return NULL;
}

/* Numbers that the firmware gave must be new, rising, and in the parent's. */
static bool numbers_usable(struct pci_bus *bus, int secondary, int sub)
{
	return secondary > bus->number && sub >= secondary &&
	       (!bus->self || sub <= bus->busn_end) &&
	       !pci_find_bus_nr(list_first_entry(&pci_root_buses,
						 struct pci_bus, node),
				secondary);
}

static int highest_number(struct pci_bus *bus)
{
	struct pci_bus *child;
	int max = bus->number;

	list_for_each_entry(child, &bus->children, node)
		if (child->busn_end > max)
			max = child->busn_end;
	return max;
}

static void write_numbers(struct pci_dev *dev, int primary, int secondary,
			  int sub)
{
	pci_write_config_byte(dev, PCI_PRIMARY_BUS, primary);
	pci_write_config_byte(dev, PCI_SECONDARY_BUS, secondary);
	pci_write_config_byte(dev, PCI_SUBORDINATE_BUS, sub);
}

/* A bridge that has no number yet: the next one, room behind it if it can. */
static void scan_unnumbered(struct pci_bus *bus, struct pci_dev *dev)
{
	int limit = bus->self ? bus->busn_end : MAX_BUS;
	int nr = highest_number(bus) + 1;
	struct pci_bus *child;

	if (nr > limit) {
		pr_warn("pci %s: no bus number left\n", pci_name(dev));
		return;
	}
	write_numbers(dev, bus->number, nr, limit);
	child = alloc_bus(bus, dev, nr);
	if (!child)
		return;
	child->busn_end = limit;
	pci_scan_child_bus(child);
	child->busn_end = min(limit, highest_number(child) + HOTPLUG_BUSES);
	write_numbers(dev, bus->number, nr, child->busn_end);
}

static void scan_numbered(struct pci_bus *bus, struct pci_dev *dev,
			  int secondary, int sub)
{
	struct pci_bus *child = alloc_bus(bus, dev, secondary);

	if (!child)
		return;
	child->busn_end = sub;
	pci_scan_child_bus(child);
}

/* pass 0: bridges with good numbers, so that pass 1 knows what is taken. */
static void scan_bridge(struct pci_bus *bus, struct pci_dev *dev, int pass)
{
	u32 numbers = read_cfg(dev, PCI_PRIMARY_BUS);
	int secondary = numbers >> 8 & 0xff, sub = numbers >> 16 & 0xff;

	if (dev->subordinate) {
		if (pass == 0)
			pci_scan_child_bus(dev->subordinate);
		return;
	}
	if (numbers_usable(bus, secondary, sub)) {
		if (pass == 0)
			scan_numbered(bus, dev, secondary, sub);
	} else if (pass == 1) {
		scan_unnumbered(bus, dev);
	}
}

void pci_scan_child_bus(struct pci_bus *bus)
{
	struct pci_dev *dev;

	for (int slot = 0; slot < SLOTS; slot++)
		pci_scan_slot(bus, PCI_DEVFN(slot, 0));
	for (int pass = 0; pass < 2; pass++)
		list_for_each_entry(dev, &bus->devices, bus_list)
			if (pci_is_bridge(dev))
				scan_bridge(bus, dev, pass);
}

/* Make the functions known to drivers and to /sys, bridges first. */
void pci_bus_add_devices(struct pci_bus *bus)
{
	struct pci_dev *dev, *next;

	list_for_each_entry_safe(dev, next, &bus->devices, bus_list) {
		if (!dev->is_added) {
			dev->is_added = true;
			if (device_add(&dev->dev))
				pr_warn("pci %s: cannot be shown\n",
					pci_name(dev));
			pci_tell_added(dev);
		}
		if (dev->subordinate)
			pci_bus_add_devices(dev->subordinate);
	}
}

unsigned int pci_rescan_bus(struct pci_bus *bus)
{
	pci_scan_child_bus(bus);
	pci_assign_bus(bus);
	pci_bus_add_devices(bus);
	return highest_number(bus);
}

static int pci_scan_root(void)
{
	struct pci_bus *root;

	root_device = kzalloc(sizeof(*root_device), GFP_KERNEL);
	if (!root_device)
		return -ENOMEM;
	device_initialize(root_device);
	dev_set_name(root_device, "pci0000:00");
	if (device_add(root_device))
		return -ENOMEM;
	root = alloc_bus(NULL, NULL, 0);
	if (!root)
		return -ENOMEM;
	root->busn_end = MAX_BUS;
	pci_scan_child_bus(root);
	pci_irq_route_init();
	pci_assign_bus(root);
	pci_bus_add_devices(root);
	return 0;
}

/* After the bus type, before any driver. */
static int pci_init(void)
{
	int err = pci_access_init();

	if (err)
		return 0;               /* a machine without PCI */
	pci_lock_rescan_remove();
	err = pci_scan_root();
	pci_unlock_rescan_remove();
	return err;
}
fs_initcall(pci_init);
