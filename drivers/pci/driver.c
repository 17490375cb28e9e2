/* SPDX-License-Identifier: MIT */
/*
 * driver.c -- the PCI bus as a bus_type: which driver for which function
 *
 * A driver's table names vendor, device, subsystem and class, any of them
 * PCI_ANY_ID.  The match is by the first entry that fits; it is given to
 * probe().  modalias says the same to user programs:
 *
 *	pci:v00001AF4d00001042sv00001AF4sd00001100bc01sc00i00
 */

#include "pci_impl.h"

#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/string.h>

static bool id_fits(const struct pci_device_id *id, const struct pci_dev *dev)
{
	return (id->vendor == PCI_ANY_ID || id->vendor == dev->vendor) &&
	       (id->device == PCI_ANY_ID || id->device == dev->device) &&
	       (id->subvendor == PCI_ANY_ID ||
		id->subvendor == dev->subsystem_vendor) &&
	       (id->subdevice == PCI_ANY_ID ||
		id->subdevice == dev->subsystem_device) &&
	       !((id->class ^ dev->class) & id->class_mask);
}

const struct pci_device_id *pci_match_id(const struct pci_device_id *ids,
					 struct pci_dev *dev)
{
	for (; ids && (ids->vendor || ids->subvendor || ids->class_mask); ids++)
		if (id_fits(ids, dev))
			return ids;
	return NULL;
}
EXPORT_SYMBOL(pci_match_id);

static int pci_bus_match(struct device *dev, struct device_driver *drv)
{
	return pci_match_id(to_pci_driver(drv)->id_table,
			    to_pci_dev(dev)) != NULL;
}

static int pci_bus_probe(struct device *dev)
{
	struct pci_dev *pdev = to_pci_dev(dev);
	struct pci_driver *drv = to_pci_driver(dev->driver);
	const struct pci_device_id *id = pci_match_id(drv->id_table, pdev);
	int err;

	if (!id || !drv->probe)
		return -ENODEV;
	pdev->driver = drv;
	err = drv->probe(pdev, id);
	if (err)
		pdev->driver = NULL;
	return err < 0 ? err : 0;
}

static void pci_bus_remove(struct device *dev)
{
	struct pci_dev *pdev = to_pci_dev(dev);

	if (pdev->driver && pdev->driver->remove)
		pdev->driver->remove(pdev);
	pdev->driver = NULL;
}

/* Before power off: no device may write to memory that is somebody else's. */
static void pci_bus_shutdown(struct device *dev)
{
	struct pci_dev *pdev = to_pci_dev(dev);

	if (pdev->driver && pdev->driver->shutdown)
		pdev->driver->shutdown(pdev);
}

static int pci_uevent(struct device *dev, struct kobj_uevent_env *env)
{
	struct pci_dev *p = to_pci_dev(dev);

	if (add_uevent_var(env, "PCI_CLASS=%04X", p->class) ||
	    add_uevent_var(env, "PCI_ID=%04X:%04X", p->vendor, p->device) ||
	    add_uevent_var(env, "PCI_SUBSYS_ID=%04X:%04X",
			   p->subsystem_vendor, p->subsystem_device) ||
	    add_uevent_var(env, "PCI_SLOT_NAME=%s", pci_name(p)) ||
	    add_uevent_var(env, "MODALIAS=pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc"
			   "%02Xi%02X", p->vendor, p->device,
			   p->subsystem_vendor, p->subsystem_device,
			   p->class >> 16 & 0xff, p->class >> 8 & 0xff,
			   p->class & 0xff))
		return -ENOMEM;
	return 0;
}

struct bus_type pci_bus_type = {
	.name = "pci",
	.match = pci_bus_match,
	.uevent = pci_uevent,
	.probe = pci_bus_probe,
	.remove = pci_bus_remove,
	.shutdown = pci_bus_shutdown,
	.dev_groups = pci_dev_groups,
	.bus_groups = pci_bus_groups,
};
EXPORT_SYMBOL(pci_bus_type);

int pci_register_driver(struct pci_driver *drv)
{
	drv->driver.name = drv->name;
	drv->driver.bus = &pci_bus_type;
	return driver_register(&drv->driver);
}
EXPORT_SYMBOL(pci_register_driver);

void pci_unregister_driver(struct pci_driver *drv)
{
	driver_unregister(&drv->driver);
}
EXPORT_SYMBOL(pci_unregister_driver);

struct pci_dev *pci_dev_get(struct pci_dev *dev)
{
	if (dev)
		get_device(&dev->dev);
	return dev;
}
EXPORT_SYMBOL(pci_dev_get);

void pci_dev_put(struct pci_dev *dev)
{
	if (dev)
		put_device(&dev->dev);
}
EXPORT_SYMBOL(pci_dev_put);

/* --- Looking for functions ----------------------------------------------- */

struct wanted {
	unsigned int vendor, device, class;
	int bus, devfn;               /* -1: any */
	const struct pci_dev *from;   /* only after this one */
};

static bool is_wanted(struct wanted *w, struct pci_dev *dev)
{
	if (w->from) {
		if (dev == w->from)
			w->from = NULL;
		return false;
	}
	return (w->vendor == PCI_ANY_ID || w->vendor == dev->vendor) &&
	       (w->device == PCI_ANY_ID || w->device == dev->device) &&
	       (w->class == PCI_ANY_ID || w->class == dev->class) &&
	       (w->bus < 0 || w->bus == dev->bus->number) &&
	       (w->devfn < 0 || (unsigned int)w->devfn == dev->devfn);
}

/* Depth first, by slot; pci_bus_sem held. */
static struct pci_dev *search(struct pci_bus *bus, struct wanted *w)
{
	struct pci_dev *dev, *found;

	list_for_each_entry(dev, &bus->devices, bus_list) {
		if (is_wanted(w, dev))
			return dev;
		found = dev->subordinate ? search(dev->subordinate, w) : NULL;
		if (found)
			return found;
	}
	return NULL;
}

static struct pci_dev *find(struct wanted *w, struct pci_dev *from)
{
	struct pci_dev *dev = NULL;
	struct pci_bus *bus;

	w->from = from;
	down_read(&pci_bus_sem);
	list_for_each_entry(bus, &pci_root_buses, node) {
		dev = search(bus, w);
		if (dev)
			break;
	}
	pci_dev_get(dev);
	up_read(&pci_bus_sem);
	pci_dev_put(from);
	return dev;
}

struct pci_dev *pci_get_device(unsigned int vendor, unsigned int device,
			       struct pci_dev *from)
{
	struct wanted w = { vendor, device, PCI_ANY_ID, -1, -1, NULL };

	return find(&w, from);
}
EXPORT_SYMBOL(pci_get_device);

struct pci_dev *pci_get_class(unsigned int class, struct pci_dev *from)
{
	struct wanted w = { PCI_ANY_ID, PCI_ANY_ID, class, -1, -1, NULL };

	return find(&w, from);
}
EXPORT_SYMBOL(pci_get_class);

struct pci_dev *pci_get_domain_bus_and_slot(int domain, unsigned int bus,
					    unsigned int devfn)
{
	struct wanted w = { PCI_ANY_ID, PCI_ANY_ID, PCI_ANY_ID, bus, devfn,
			    NULL };

	return domain ? NULL : find(&w, NULL);
}
EXPORT_SYMBOL(pci_get_domain_bus_and_slot);

static int pci_bus_init(void)
{
	return bus_register(&pci_bus_type);
}
subsys_initcall(pci_bus_init);
