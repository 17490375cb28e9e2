/* SPDX-License-Identifier: MIT */
/*
 * remove.c -- taking functions out of the system
 *
 * (And telling the one who observes that they come and go.)
 *
 * First everything is stopped, from the leaves up: drivers let go.  Then it is
 * taken apart: off the lists, its addresses given back.  The structure itself
 * goes with the last reference.  The function may be gone physically; drivers
 * must bear reading all ones.
 *
 * CONTEXT.  pci_lock_rescan_remove held; may sleep.
 */

#include "pci_impl.h"

#include <kernel/export.h>

static const struct pci_observer *observer;

void pci_tell_added(struct pci_dev *dev)
{
	if (observer)
		observer->added(dev);
}

void pci_tell_removed(struct pci_dev *dev)
{
	if (observer)
		observer->removed(dev);
}

void pci_set_observer(const struct pci_observer *o)
{
	struct pci_dev *dev = NULL;

	pci_lock_rescan_remove();
	observer = o;
	for_each_pci_dev(dev)
		o->added(dev);
	pci_unlock_rescan_remove();
}

static void stop(struct pci_dev *dev)
{
	struct pci_dev *child, *next;

	if (dev->subordinate)
		list_for_each_entry_safe_reverse(child, next,
						 &dev->subordinate->devices,
						 bus_list)
			stop(child);
	WRITE_ONCE(dev->removed, !pci_device_is_present(dev));
	if (dev->is_added)
		device_release_driver(&dev->dev);
}

static void take_apart(struct pci_dev *dev)
{
	struct pci_bus *bus = dev->subordinate;
	struct pci_dev *child, *next;

	if (bus) {
		list_for_each_entry_safe(child, next, &bus->devices, bus_list)
			take_apart(child);
		pci_free_bus(bus);
	}
	down_write(&pci_bus_sem);
	list_del_init(&dev->bus_list);
	up_write(&pci_bus_sem);
	if (dev->is_added) {
		pci_tell_removed(dev);
		device_del(&dev->dev);
	}
	WRITE_ONCE(dev->removed, true);
	pci_release_device_resources(dev);
	put_device(&dev->dev);
}

void pci_stop_and_remove_bus_device(struct pci_dev *dev)
{
	stop(dev);
	take_apart(dev);
}
EXPORT_SYMBOL(pci_stop_and_remove_bus_device);

void pci_stop_and_remove_bus_device_locked(struct pci_dev *dev)
{
	pci_lock_rescan_remove();
	if (!list_empty(&dev->bus_list))
		pci_stop_and_remove_bus_device(dev);
	pci_unlock_rescan_remove();
}
EXPORT_SYMBOL(pci_stop_and_remove_bus_device_locked);
