/* SPDX-License-Identifier: MIT */
/*
 * sysfs.c -- a function as /sys/bus/pci/devices/0000:00:02.0 shows it
 *
 * Formats are Linux's, which lspci and udev read.  `config` is the raw space:
 * whoever is not privileged sees its first 64 bytes.  Writing `remove` takes
 * the function out; writing `rescan` looks for new ones.
 */

#include "pci_impl.h"

#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/string.h>

#define PUBLIC_CONFIG 64
#define RESOURCE_LINES 13             /* six BARs, ROM, two, four windows */

#define PCI_ATTR_HEX(field, format)					\
static ssize_t field##_show(struct device *dev,				\
			    struct device_attribute *attr, char *buf)	\
{									\
	return sysfs_emit(buf, format "\n", to_pci_dev(dev)->field);	\
}									\
static DEVICE_ATTR_RO(field)

PCI_ATTR_HEX(vendor, "0x%04x");
PCI_ATTR_HEX(device, "0x%04x");
PCI_ATTR_HEX(subsystem_vendor, "0x%04x");
PCI_ATTR_HEX(subsystem_device, "0x%04x");
PCI_ATTR_HEX(revision, "0x%02x");
PCI_ATTR_HEX(class, "0x%06x");
PCI_ATTR_HEX(irq, "%u");

static ssize_t modalias_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct pci_dev *p = to_pci_dev(dev);

	return sysfs_emit(buf, "pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi%02X\n",
			  p->vendor, p->device, p->subsystem_vendor,
			  p->subsystem_device, p->class >> 16 & 0xff,
			  p->class >> 8 & 0xff, p->class & 0xff);
}
static DEVICE_ATTR_RO(modalias);

/* start, end, flags of each region; zeros for one that is not there. */
static ssize_t resource_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct pci_dev *p = to_pci_dev(dev);
	int lines = p->subordinate ? RESOURCE_LINES : PCI_ROM_RESOURCE + 1;
	int n = 0;

	for (int i = 0; i < lines; i++) {
		/* Two slots of Linux's are for what we do not have. */
		int at = i <= PCI_ROM_RESOURCE ? i : i - 2;
		struct resource r = { 0 };

		if (at <= PCI_BRIDGE_RESOURCE_END &&
		    (i <= PCI_ROM_RESOURCE || at >= PCI_BRIDGE_RESOURCES))
			r = p->resource[at];
		if (!r.flags)
			r.end = 0;
		n += sysfs_emit_at(buf, n, "0x%016llx 0x%016llx 0x%016llx\n",
				   (unsigned long long)r.start,
				   (unsigned long long)r.end,
				   (unsigned long long)r.flags);
	}
	return n;
}
static DEVICE_ATTR_RO(resource);

static ssize_t enable_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%d\n", to_pci_dev(dev)->enable_cnt);
}

static ssize_t enable_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t n)
{
	struct pci_dev *p = to_pci_dev(dev);
	unsigned long on;
	int err = kstrtoul(buf, 0, &on);

	if (err)
		return err;
	device_lock(dev);
	if (dev->driver)
		err = -EBUSY;
	else if (on)
		err = pci_enable_device(p);
	else if (pci_is_enabled(p))
		pci_disable_device(p);
	else
		err = -EIO;
	device_unlock(dev);
	return err ? err : (ssize_t)n;
}
static DEVICE_ATTR_RW(enable);

static ssize_t numa_node_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", dev_to_node(dev));
}
static DEVICE_ATTR_RO(numa_node);

static ssize_t local_cpulist_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, nr_cpu_ids > 1 ? "0-%u\n" : "%u\n",
			  nr_cpu_ids - 1);
}
static DEVICE_ATTR_RO(local_cpulist);

static ssize_t remove_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t n)
{
	unsigned long v;
	int err = kstrtoul(buf, 0, &v);

	if (err)
		return err;
	/* The file that is written goes too: only one writer gets it. */
	if (v && device_remove_file_self(dev, attr))
		pci_stop_and_remove_bus_device_locked(to_pci_dev(dev));
	return n;
}
static struct device_attribute dev_attr_remove =
	__ATTR(remove, 0220, NULL, remove_store);

static ssize_t rescan_from(struct pci_bus *bus, const char *buf, size_t n)
{
	unsigned long v;
	int err = kstrtoul(buf, 0, &v);

	if (err)
		return err;
	if (!v)
		return n;
	pci_lock_rescan_remove();
	if (bus)
		pci_rescan_bus(bus);
	else
		list_for_each_entry(bus, &pci_root_buses, node)
			pci_rescan_bus(bus);
	pci_unlock_rescan_remove();
	return n;
}

static ssize_t dev_rescan_store(struct device *dev,
				struct device_attribute *attr, const char *buf,
				size_t n)
{
	return rescan_from(to_pci_dev(dev)->bus, buf, n);
}
static struct device_attribute dev_attr_rescan =
	__ATTR(rescan, 0200, NULL, dev_rescan_store);

static ssize_t rescan_store(struct bus_type *bus, const char *buf, size_t n)
{
	return rescan_from(NULL, buf, n);
}
static BUS_ATTR_WO(rescan);

static struct attribute *bus_attrs[] = {
	&bus_attr_rescan.attr,
	NULL,
};

static const struct attribute_group bus_group = { .attrs = bus_attrs };

const struct attribute_group *pci_bus_groups[] = { &bus_group, NULL };

/* Widest accesses that are aligned, for registers with side effects. */
static ssize_t config_read(struct file *file, struct kobject *kobj,
			   struct bin_attribute *attr, char *buf, loff_t pos,
			   size_t n)
{
	struct pci_dev *p = to_pci_dev(kobj_to_dev(kobj));
	loff_t size = capable(CAP_SYS_ADMIN) ? p->cfg_size : PUBLIC_CONFIG;

	if (pos < 0 || pos >= size)
		return 0;
	n = min(n, (size_t)(size - pos));
	for (size_t i = 0; i < n; ) {
		int width = 4;
		u32 v;

		while (((pos + i) & (width - 1)) || i + width > n)
			width /= 2;
		pci_bus_read_config(p->bus, p->devfn, pos + i, width, &v);
		memcpy(buf + i, &v, width);
		i += width;
	}
	return n;
}

static ssize_t config_write(struct file *file, struct kobject *kobj,
			    struct bin_attribute *attr, char *buf, loff_t pos,
			    size_t n)
{
	struct pci_dev *p = to_pci_dev(kobj_to_dev(kobj));

	if (pos < 0 || pos >= p->cfg_size)
		return 0;
	n = min(n, (size_t)(p->cfg_size - pos));
	for (size_t i = 0; i < n; ) {
		int width = 4;
		u32 v = 0;

		while (((pos + i) & (width - 1)) || i + width > n)
			width /= 2;
		memcpy(&v, buf + i, width);
		pci_bus_write_config(p->bus, p->devfn, pos + i, width, v);
		i += width;
	}
	return n;
}
static BIN_ATTR_RW(config, 0);

static struct attribute *dev_attrs[] = {
	&dev_attr_vendor.attr,
	&dev_attr_device.attr,
	&dev_attr_subsystem_vendor.attr,
	&dev_attr_subsystem_device.attr,
	&dev_attr_revision.attr,
	&dev_attr_class.attr,
	&dev_attr_irq.attr,
	&dev_attr_modalias.attr,
	&dev_attr_resource.attr,
	&dev_attr_enable.attr,
	&dev_attr_numa_node.attr,
	&dev_attr_local_cpulist.attr,
	&dev_attr_remove.attr,
	&dev_attr_rescan.attr,
	NULL,
};

static struct bin_attribute *dev_bin_attrs[] = {
	&bin_attr_config,
	NULL,
};

static const struct attribute_group dev_group = {
	.attrs = dev_attrs, .bin_attrs = dev_bin_attrs };

const struct attribute_group *pci_dev_groups[] = { &dev_group, NULL };
