/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_BASE_BASE_H
#define DRIVERS_BASE_BASE_H
/* base.h -- between the files of drivers/base */

#include <drivers/device.h>

/* What a bus or a class keeps for itself.  Field keys as in device.h. */
struct subsys_private {
	struct kset subsys;           /* /sys/bus/X or /sys/class/X */
	struct kset *devices_kset;    /* bus: its devices/ */
	struct kset *drivers_kset;    /* bus: its drivers/ */
	struct klist klist_devices;   /* [k] */
	struct klist klist_drivers;   /* [k] */
	bool autoprobe;               /* drivers_autoprobe, one word */
	struct bus_type *bus;         /* [c] one of the two */
	struct class *class;
};

struct driver_private {
	struct kobject kobj;          /* /sys/bus/X/drivers/Y */
	struct klist klist_devices;   /* [k] bound to it */
	struct klist_node knode_bus;  /* [k] */
	struct device_driver *driver; /* [c] */
};

/* klist members from their nodes, counted or not as the list says */
#define dev_of(n, member) container_of(n, struct device, member)

/* bus.c */
int bus_add_device(struct device *dev);       /* 0 or -errno */
void bus_remove_device(struct device *dev);
void bus_probe_device(struct device *dev);
int buses_init(void);

/* class.c */
int class_add_device(struct device *dev);
void class_remove_device(struct device *dev);
int classes_init(void);

/* dd.c: device's lock held unless said */
static inline int driver_match_device(struct device_driver *drv,
				      struct device *dev)
{
	return drv->bus->match ? drv->bus->match(dev, drv) : 1;
}

void driver_detach(struct device_driver *drv);        /* no lock held */
void driver_deferred_probe_del(struct device *dev);   /* no lock held */
/* Unbind, if drv serves dev (NULL: whoever does); no lock held. */
void device_release_driver_of(struct device *dev, struct device_driver *drv);

/* device.c */
int devices_init(void);
struct kobject *virtual_device_dir(void);     /* /sys/devices/virtual */
extern struct kset *devices_kset;             /* /sys/devices */
extern struct kset *system_kset;              /* /sys/devices/system */

/* uevent text of a device, for its file and its events */
int dev_uevent(struct kobject *kobj, struct kobj_uevent_env *env);

/* devattr.c: uevent, dev */
int device_add_own_files(struct device *dev);

/* cpu.c, node.c, memory.c, platform.c */
int platform_bus_init(void);
int cpu_dev_init(void);
int node_dev_init(void);
int memory_dev_init(void);
struct device *get_cpu_device(unsigned int cpu);

#endif
