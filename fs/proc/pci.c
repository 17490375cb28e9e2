/* SPDX-License-Identifier: MIT */
/*
 * pci.c -- /proc/bus/pci: the functions as older programs read them
 *
 * `devices` has a line for each: bus and devfn, ids, irq, addresses with their
 * flags, sizes, driver.  BUS/SLOT.FN is the configuration space, of which only
 * the administrator reads more than the header, and writes.
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <drivers/pci.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/string.h>

#define PUBLIC_CONFIG 64
#define ENTRY(bus, devfn) ((void *)(unsigned long)((bus) << 8 | (devfn)))

static struct proc_dir_entry *pci_dir, *bus_dirs[256];

static int show_devices(struct seq_file *m, void *v)
{
	struct pci_dev *dev = NULL;

	for_each_pci_dev(dev) {
		seq_printf(m, "%02x%02x\t%04x%04x\t%x", dev->bus->number,
			   dev->devfn, dev->vendor, dev->device, dev->irq);
		for (int i = 0; i <= PCI_ROM_RESOURCE; i++)
			seq_printf(m, "\t%16llx", (unsigned long long)
				   (pci_resource_start(dev, i) |
				    (pci_resource_flags(dev, i) & 0xf)));
		for (int i = 0; i <= PCI_ROM_RESOURCE; i++)
			seq_printf(m, "\t%16llx", (unsigned long long)
				   (pci_resource_flags(dev, i)
					    ? pci_resource_len(dev, i) : 0));
		seq_printf(m, "\t%s\n", dev->driver ? dev->driver->name : "");
	}
	return 0;
}

static struct pci_dev *dev_of(struct file *file)
{
	unsigned long at = (unsigned long)pde_data(file_inode(file));

	return pci_get_domain_bus_and_slot(0, at >> 8, at & 0xff);
}

static unsigned int width_at(loff_t pos, size_t n)
{
	unsigned int width = 4;

	while ((pos & (width - 1)) || width > n)
		width /= 2;
	return width;
}

static ssize_t read_config(struct file *file, char __user *buf, size_t n,
			   loff_t *pos)
{
	struct pci_dev *dev = dev_of(file);
	size_t done = 0, size;

	if (!dev)
		return -ENODEV;
	size = proc_opener_capable(file, CAP_SYS_ADMIN) ? dev->cfg_size
							: PUBLIC_CONFIG;
	n = *pos < (loff_t)size ? min(n, (size_t)(size - *pos)) : 0;
	while (done < n) {
		unsigned int w = width_at(*pos, n - done);
		u32 v;

		pci_bus_read_config(dev->bus, dev->devfn, *pos, w, &v);
		if (copy_to_user(buf + done, &v, w))
			break;
		*pos += w;
		done += w;
	}
	pci_dev_put(dev);
	return n && !done ? -EFAULT : (ssize_t)done;
}

static ssize_t write_config(struct file *file, const char __user *buf, size_t n,
			    loff_t *pos)
{
	struct pci_dev *dev;
	size_t done = 0;

	if (!proc_opener_capable(file, CAP_SYS_ADMIN))
		return -EPERM;
	dev = dev_of(file);
	if (!dev)
		return -ENODEV;
	n = *pos < dev->cfg_size ? min(n, (size_t)(dev->cfg_size - *pos)) : 0;
	while (done < n) {
		unsigned int w = width_at(*pos, n - done);
		u32 v = 0;

		if (copy_from_user(&v, buf + done, w))
			break;
		pci_bus_write_config(dev->bus, dev->devfn, *pos, w, v);
		*pos += w;
		done += w;
	}
	pci_dev_put(dev);
	return n && !done ? -EFAULT : (ssize_t)done;
}

static loff_t seek_config(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, PCI_CFG_SPACE_EXP_SIZE);
}

static const struct file_operations config_fops = {
	.llseek = seek_config,
	.read = read_config,
	.write = write_config,
};

static void entry_name(char *buf, size_t size, const struct pci_dev *dev)
{
	snprintf(buf, size, "%02x.%x", PCI_SLOT(dev->devfn),
		 PCI_FUNC(dev->devfn));
}

static void added(struct pci_dev *dev)
{
	unsigned int nr = dev->bus->number;
	char name[8];

	if (!bus_dirs[nr]) {
		snprintf(name, sizeof(name), "%02x", nr);
		bus_dirs[nr] = proc_mkdir(name, pci_dir);
	}
	entry_name(name, sizeof(name), dev);
	if (bus_dirs[nr])
		proc_create_data(name, 0644, bus_dirs[nr], &config_fops,
				 ENTRY(nr, dev->devfn));
}

static void removed(struct pci_dev *dev)
{
	char name[8];

	entry_name(name, sizeof(name), dev);
	if (bus_dirs[dev->bus->number])
		remove_proc_entry(name, bus_dirs[dev->bus->number]);
}

static const struct pci_observer observer = { added, removed };

static int proc_pci_init(void)
{
	struct proc_dir_entry *bus = proc_mkdir("bus", NULL);

	pci_dir = bus ? proc_mkdir("pci", bus) : NULL;
	if (!pci_dir)
		return -ENOMEM;
	proc_create_single("devices", 0444, pci_dir, show_devices);
	pci_set_observer(&observer);
	return 0;
}
late_initcall(proc_pci_init);
