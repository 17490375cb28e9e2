/* SPDX-License-Identifier: MIT */
/*
 * access.c -- reading and writing configuration space
 *
 * Two ways.  Ports: write bus, device, function and offset to 0xcf8, then the
 * data is at 0xcfc; two steps, so under a lock, and only 256 bytes a function.
 * ECAM (PCI Express): all of it in memory, 4 KiB a function, 1 MiB a bus; the
 * firmware's MCFG table says where.  We map a bus when it is first scanned.
 *
 *	0xcf8:  1<<31 | bus<<16 | device<<11 | function<<8 | offset & 0xfc
 *	ECAM:   base  + bus<<20 + device<<15 + function<<12 + offset
 *
 * A function that is not there reads as all ones.
 *
 * LOCKING.  port_lock, irqs off, for the pair of ports.
 *
 * SEE PCI Local Bus 3.0, 3.2.2.3.2; PCI Express 4.0, 7.2.2.
 */

#include "pci_impl.h"

#include <drivers/acpi.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA 0xcfc
#define CONFIG_ENABLE (1u << 31)
#define ECAM_BUS_SIZE (1u << 20)

static DEFINE_RAW_SPINLOCK(port_lock);
static phys_addr_t ecam_base;         /* of bus 0; 0: no ECAM */
static u8 ecam_first, ecam_last;
static bool no_ecam;

/* The boot line's `pci=noecam`: the ports only. */
static int set_pci(char *value)
{
	no_ecam = !strcmp(value, "noecam") || !strcmp(value, "nommconf");
	return no_ecam ? 0 : -EINVAL;
}
__setup("pci=", set_pci);

static void select_port(struct pci_bus *bus, unsigned int devfn, int where)
{
	outl(CONFIG_ENABLE | bus->number << 16 | devfn << 8 | (where & 0xfc),
	     CONFIG_ADDRESS);
}

static int port_read(struct pci_bus *bus, unsigned int devfn, int where,
		     int size, u32 *val)
{
	unsigned long flags;

	*val = ~0u;
	if (where >= PCI_CFG_SPACE_SIZE)
		return -EINVAL;
	raw_spin_lock_irqsave(&port_lock, flags);
	select_port(bus, devfn, where);
	if (size == 1)
		*val = inb(CONFIG_DATA + (where & 3));
	else if (size == 2)
		*val = inw(CONFIG_DATA + (where & 2));
	else
		*val = inl(CONFIG_DATA);
	raw_spin_unlock_irqrestore(&port_lock, flags);
	return 0;
}

static int port_write(struct pci_bus *bus, unsigned int devfn, int where,
		      int size, u32 val)
{
	unsigned long flags;

	if (where >= PCI_CFG_SPACE_SIZE)
		return -EINVAL;
	raw_spin_lock_irqsave(&port_lock, flags);
	select_port(bus, devfn, where);
	if (size == 1)
		outb(val, CONFIG_DATA + (where & 3));
	else if (size == 2)
		outw(val, CONFIG_DATA + (where & 2));
	else
		outl(val, CONFIG_DATA);
	raw_spin_unlock_irqrestore(&port_lock, flags);
	return 0;
}

static const struct pci_ops port_ops = {
	.read = port_read, .write = port_write };

static void __iomem *ecam_address(struct pci_bus *bus, unsigned int devfn,
				  int where)
{
	return bus->ecam + (devfn << 12) + where;
}

static int ecam_read(struct pci_bus *bus, unsigned int devfn, int where,
		     int size, u32 *val)
{
	void __iomem *p = ecam_address(bus, devfn, where);

	if (size == 1)
		*val = readb(p);
	else if (size == 2)
		*val = readw(p);
	else
		*val = readl(p);
	return 0;
}

static int ecam_write(struct pci_bus *bus, unsigned int devfn, int where,
		      int size, u32 val)
{
	void __iomem *p = ecam_address(bus, devfn, where);

	if (size == 1)
		writeb(val, p);
	else if (size == 2)
		writew(val, p);
	else
		writel(val, p);
	return 0;
}

static const struct pci_ops ecam_ops = {
	.read = ecam_read, .write = ecam_write };

static bool misplaced(int where, int size)
{
	return where < 0 || where + size > PCI_CFG_SPACE_EXP_SIZE ||
	       (where & (size - 1));
}

int pci_bus_read_config(struct pci_bus *bus, unsigned int devfn, int where,
			int size, u32 *val)
{
	*val = size == 4 ? ~0u : (1u << size * 8) - 1;
	if (misplaced(where, size))
		return -EINVAL;
	return bus->ops->read(bus, devfn, where, size, val);
}

int pci_bus_write_config(struct pci_bus *bus, unsigned int devfn, int where,
			 int size, u32 val)
{
	if (misplaced(where, size))
		return -EINVAL;
	return bus->ops->write(bus, devfn, where, size, val);
}

#define PCI_CONFIG_ACCESS(name, type, size)				\
int pci_read_config_##name(const struct pci_dev *dev, int where, type *val) \
{									\
	u32 v;								\
	int err = pci_bus_read_config(dev->bus, dev->devfn, where, size, &v); \
									\
	*val = v;							\
	return err;							\
}									\
EXPORT_SYMBOL(pci_read_config_##name);					\
int pci_write_config_##name(const struct pci_dev *dev, int where, type val) \
{									\
	return pci_bus_write_config(dev->bus, dev->devfn, where, size, val); \
}									\
EXPORT_SYMBOL(pci_write_config_##name)

PCI_CONFIG_ACCESS(byte, u8, 1);
PCI_CONFIG_ACCESS(word, u16, 2);
PCI_CONFIG_ACCESS(dword, u32, 4);

static int read_of_dev(const void *ctx, int where, int size, u32 *val)
{
	const struct pci_dev *dev = ctx;

	return pci_bus_read_config(dev->bus, dev->devfn, where, size, val);
}

int pci_find_capability(struct pci_dev *dev, int cap)
{
	u16 status;

	pci_read_config_word(dev, PCI_STATUS, &status);
	if (!(status & PCI_STATUS_CAP_LIST))
		return 0;
	return pci_walk_caps(read_of_dev, dev, PCI_CAPABILITY_LIST, cap);
}
EXPORT_SYMBOL(pci_find_capability);

int pci_find_next_capability(struct pci_dev *dev, u8 pos, int cap)
{
	return pci_walk_caps(read_of_dev, dev, pos + PCI_CAP_LIST_NEXT, cap);
}
EXPORT_SYMBOL(pci_find_next_capability);

int pci_find_ext_capability(struct pci_dev *dev, int cap)
{
	if (dev->cfg_size <= PCI_CFG_SPACE_SIZE)
		return 0;
	return pci_walk_ext_caps(read_of_dev, dev, cap);
}
EXPORT_SYMBOL(pci_find_ext_capability);

int pcie_capability_read_word(struct pci_dev *dev, int pos, u16 *val)
{
	*val = 0;
	if (!dev->pcie_cap)
		return -EINVAL;
	return pci_read_config_word(dev, dev->pcie_cap + pos, val);
}

int pcie_capability_read_dword(struct pci_dev *dev, int pos, u32 *val)
{
	*val = 0;
	if (!dev->pcie_cap)
		return -EINVAL;
	return pci_read_config_dword(dev, dev->pcie_cap + pos, val);
}

int pcie_capability_write_word(struct pci_dev *dev, int pos, u16 val)
{
	if (!dev->pcie_cap)
		return -EINVAL;
	return pci_write_config_word(dev, dev->pcie_cap + pos, val);
}

/* All ones is no vendor: nobody answered. */
bool pci_device_is_present(struct pci_dev *pdev)
{
	u32 v;

	if (READ_ONCE(pdev->removed))
		return false;
	pci_bus_read_config(pdev->bus, pdev->devfn, PCI_VENDOR_ID, 4, &v);
	return (v & 0xffff) == pdev->vendor;
}
EXPORT_SYMBOL(pci_device_is_present);

void pci_access_add_bus(struct pci_bus *bus)
{
	bus->ops = &port_ops;
	if (!ecam_base || bus->number < ecam_first || bus->number > ecam_last)
		return;
	bus->ecam = ioremap(ecam_base + ((u64)bus->number << 20),
			    ECAM_BUS_SIZE);
	if (bus->ecam)
		bus->ops = &ecam_ops;
}

void pci_access_remove_bus(struct pci_bus *bus)
{
	if (bus->ecam)
		iounmap(bus->ecam);
}

/* The address register keeps what a PCI host bridge is given. */
static bool ports_answer(void)
{
	u32 old = inl(CONFIG_ADDRESS);
	bool there;

	outl(CONFIG_ENABLE, CONFIG_ADDRESS);
	there = inl(CONFIG_ADDRESS) == CONFIG_ENABLE;
	outl(old, CONFIG_ADDRESS);
	return there;
}

static struct resource ecam_resource = {
	.name = "PCI ECAM", .flags = IORESOURCE_MEM | IORESOURCE_BUSY };

int pci_access_init(void)
{
	phys_addr_t base;

	if (!no_ecam && acpi_find_ecam(&base, &ecam_first, &ecam_last)) {
		ecam_base = base;
		ecam_resource.start = base + ((u64)ecam_first << 20);
		ecam_resource.end = base + ((u64)(ecam_last + 1) << 20) - 1;
		insert_resource(&iomem_resource, &ecam_resource);
		pr_info("pci: configuration space of buses %02x-%02x at %#llx\n",
			ecam_first, ecam_last, (unsigned long long)base);
		return 0;
	}
	return ports_answer() ? 0 : -ENODEV;
}
