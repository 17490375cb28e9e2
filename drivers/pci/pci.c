/* SPDX-License-Identifier: MIT */
/*
 * pci.c -- what a driver does with its function: enable, claim, map
 *
 * A function decodes nothing and may not write to memory until its driver says
 * so: decoding is pci_enable_device(), memory access pci_set_master().  Claims
 * (pci_request_regions) keep two drivers off one BAR and show in /proc/iomem.
 *
 * CONTEXT.  Process context; a device has one driver, so no lock is needed.
 */

#include "pci_impl.h"

#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/printk.h>

static void set_command(struct pci_dev *dev, u16 clear, u16 set)
{
	u16 old, new;

	pci_read_config_word(dev, PCI_COMMAND, &old);
	new = (old & ~clear) | set;
	if (new != old)
		pci_write_config_word(dev, PCI_COMMAND, new);
}

/* Out of a sleep state: D0. */
static void wake(struct pci_dev *dev)
{
	int pm = pci_find_capability(dev, PCI_CAP_ID_PM);
	u16 v;

	if (!pm)
		return;
	pci_read_config_word(dev, pm + PCI_PM_CTRL, &v);
	if (v & PCI_PM_CTRL_STATE_MASK)
		pci_write_config_word(dev, pm + PCI_PM_CTRL,
				      v & ~PCI_PM_CTRL_STATE_MASK);
}

static int enable(struct pci_dev *dev, unsigned long types)
{
	u16 command = 0;

	if (dev->enable_cnt++)
		return 0;
	for (int i = 0; i < PCI_NUM_RESOURCES; i++) {
		struct resource *r = &dev->resource[i];

		if (i == PCI_ROM_RESOURCE || !(r->flags & types))
			continue;
		if (!r->parent) {
			pci_err(dev, "region %d has no address\n", i);
			dev->enable_cnt--;
			return -EINVAL;
		}
		if (r->flags & IORESOURCE_IO)
			command |= PCI_COMMAND_IO;
		if (r->flags & IORESOURCE_MEM)
			command |= PCI_COMMAND_MEMORY;
	}
	wake(dev);
	set_command(dev, 0, command);
	return 0;
}

int pci_enable_device(struct pci_dev *dev)
{
	return enable(dev, IORESOURCE_IO | IORESOURCE_MEM);
}
EXPORT_SYMBOL(pci_enable_device);

int pci_enable_device_mem(struct pci_dev *dev)
{
	return enable(dev, IORESOURCE_MEM);
}
EXPORT_SYMBOL(pci_enable_device_mem);

/* The last user's: it may not write to memory any more. */
void pci_disable_device(struct pci_dev *dev)
{
	if (WARN_ON(dev->enable_cnt <= 0) || --dev->enable_cnt)
		return;
	pci_clear_master(dev);
}
EXPORT_SYMBOL(pci_disable_device);

int pci_is_enabled(struct pci_dev *pdev)
{
	return pdev->enable_cnt > 0;
}

void pci_set_master(struct pci_dev *dev)
{
	set_command(dev, 0, PCI_COMMAND_MASTER);
	dev->is_busmaster = true;
}
EXPORT_SYMBOL(pci_set_master);

void pci_clear_master(struct pci_dev *dev)
{
	set_command(dev, PCI_COMMAND_MASTER, 0);
	dev->is_busmaster = false;
}
EXPORT_SYMBOL(pci_clear_master);

void pci_intx(struct pci_dev *dev, int on)
{
	set_command(dev, on ? PCI_COMMAND_INTX_DISABLE : 0,
		    on ? 0 : PCI_COMMAND_INTX_DISABLE);
}
EXPORT_SYMBOL(pci_intx);

static struct resource *tree_of(struct pci_dev *dev, int bar)
{
	return dev->resource[bar].flags & IORESOURCE_IO ? &ioport_resource
							: &iomem_resource;
}

int pci_request_region(struct pci_dev *pdev, int bar, const char *name)
{
	resource_size_t len = pci_resource_len(pdev, bar);

	if (!pdev->resource[bar].flags)
		return 0;
	if (!pdev->resource[bar].parent ||
	    !__request_region(tree_of(pdev, bar),
			      pci_resource_start(pdev, bar), len, name, 0)) {
		pci_warn(pdev, "BAR %d cannot be had\n", bar);
		return -EBUSY;
	}
	return 0;
}
EXPORT_SYMBOL(pci_request_region);

void pci_release_region(struct pci_dev *pdev, int bar)
{
	if (pdev->resource[bar].flags && pdev->resource[bar].parent)
		__release_region(tree_of(pdev, bar),
				 pci_resource_start(pdev, bar),
				 pci_resource_len(pdev, bar));
}
EXPORT_SYMBOL(pci_release_region);

int pci_request_selected_regions(struct pci_dev *pdev, int bars,
				 const char *name)
{
	int err;

	for (int i = 0; i < PCI_STD_NUM_BARS; i++) {
		if (!(bars & 1 << i))
			continue;
		err = pci_request_region(pdev, i, name);
		if (!err)
			continue;
		while (i-- > 0)
			if (bars & 1 << i)
				pci_release_region(pdev, i);
		return err;
	}
	return 0;
}
EXPORT_SYMBOL(pci_request_selected_regions);

void pci_release_selected_regions(struct pci_dev *pdev, int bars)
{
	for (int i = 0; i < PCI_STD_NUM_BARS; i++)
		if (bars & 1 << i)
			pci_release_region(pdev, i);
}
EXPORT_SYMBOL(pci_release_selected_regions);

#define ALL_BARS ((1 << PCI_STD_NUM_BARS) - 1)

int pci_request_regions(struct pci_dev *pdev, const char *name)
{
	return pci_request_selected_regions(pdev, ALL_BARS, name);
}
EXPORT_SYMBOL(pci_request_regions);

void pci_release_regions(struct pci_dev *pdev)
{
	pci_release_selected_regions(pdev, ALL_BARS);
}
EXPORT_SYMBOL(pci_release_regions);

/* The BARs, as bits, of any of these IORESOURCE_* kinds. */
int pci_select_bars(struct pci_dev *dev, unsigned long flags)
{
	int bars = 0;

	for (int i = 0; i < PCI_STD_NUM_BARS; i++)
		if (dev->resource[i].flags & flags)
			bars |= 1 << i;
	return bars;
}
EXPORT_SYMBOL(pci_select_bars);

void __iomem *pci_iomap_range(struct pci_dev *dev, int bar,
			      unsigned long offset, unsigned long maxlen)
{
	unsigned long len;

	if (bar < 0 || bar >= PCI_STD_NUM_BARS || !dev->resource[bar].parent ||
	    !(dev->resource[bar].flags & IORESOURCE_MEM))
		return NULL;
	len = pci_resource_len(dev, bar);
	if (offset >= len)
		return NULL;
	len -= offset;
	if (maxlen && len > maxlen)
		len = maxlen;
	return ioremap(pci_resource_start(dev, bar) + offset, len);
}
EXPORT_SYMBOL(pci_iomap_range);

void __iomem *pci_iomap(struct pci_dev *dev, int bar, unsigned long maxlen)
{
	return pci_iomap_range(dev, bar, 0, maxlen);
}
EXPORT_SYMBOL(pci_iomap);

void __iomem *pci_ioremap_bar(struct pci_dev *pdev, int bar)
{
	return pci_iomap(pdev, bar, 0);
}
EXPORT_SYMBOL(pci_ioremap_bar);

void pci_iounmap(struct pci_dev *dev, void __iomem *addr)
{
	if (addr)
		iounmap(addr);
}
EXPORT_SYMBOL(pci_iounmap);
