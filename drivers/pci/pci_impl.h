/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_PCI_PCI_IMPL_H
#define DRIVERS_PCI_PCI_IMPL_H
/* pci_impl.h -- drivers/pci among its own files */

#include "cap.h"

#include <drivers/pci.h>

#include <kernel/rwsem.h>

/* --- access.c ------------------------------------------------------------- */
/* ECAM or ports?  Then any bus can be read.  -ENODEV: no PCI here. */
int pci_access_init(void);
void pci_access_add_bus(struct pci_bus *bus);
void pci_access_remove_bus(struct pci_bus *bus);

/* --- probe.c -------------------------------------------------------------- */
extern struct rw_semaphore pci_bus_sem;     /* the tree of buses and devices */
extern struct list_head pci_root_buses;
/* Find what is new in a slot / on a bus and below; nothing is bound yet. */
int pci_scan_slot(struct pci_bus *bus, int devfn);
void pci_scan_child_bus(struct pci_bus *bus);
void pci_bus_add_devices(struct pci_bus *bus);
struct pci_bus *pci_find_bus_nr(struct pci_bus *from, int nr);
void pci_free_bus(struct pci_bus *bus);
/* Tell the observer, if there is one; pci_lock_rescan_remove held. */
void pci_tell_added(struct pci_dev *dev);
void pci_tell_removed(struct pci_dev *dev);

/* --- setup.c -------------------------------------------------------------- */
/* Claim what the firmware has placed, then place the rest. */
void pci_assign_bus(struct pci_bus *bus);
void pci_read_bridge_windows(struct pci_dev *bridge);
void pci_release_device_resources(struct pci_dev *dev);

/* --- irq.c, msi.c, sysfs.c, pciehp.c -------------------------------------- */
void pci_irq_route_init(void);
void pci_assign_irq(struct pci_dev *dev);
void pci_msi_init_device(struct pci_dev *dev);
extern const struct attribute_group *pci_dev_groups[];
extern const struct attribute_group *pci_bus_groups[];

#endif
