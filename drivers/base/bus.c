/* SPDX-License-Identifier: MIT */
/*
 * bus.c -- who may serve whom
 *
 * PROMISE.  Whichever comes first, a device or its driver, they find each
 * other; and root may part them and join them by hand:
 *
 *	echo 0000:00:02.0 > /sys/bus/pci/drivers/virtio-pci/unbind
 *	echo 0000:00:02.0 > /sys/bus/pci/drivers/virtio-pci/bind
 *
 * IDEA.  A bus has a list of devices and a list of drivers, and match(), which
 * knows what an identity is on this bus.  A new device is tried with all
 * drivers, a new driver with all devices (dd.c does the trying):
 *
 *	          bus.match()?
 *	devices   a  b  c          <- device_add(c): c with x, y
 *	drivers   x  y             <- driver_register(y): y with a, b, c
 *
 * LOCKING.  The lists are klists: walked while they change.  A device is put on
 * its list before it is tried, and a driver likewise, so that of two that
 * arrive at once at least one sees the other; the device's lock decides.
 */

#include "base.h"

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

static struct kset *bus_kset;                 /* /sys/bus */

/* ---- attributes of drivers and buses ---- */

#define to_driver(k) container_of(k, struct driver_private, kobj)

static ssize_t drv_attr_show(struct kobject *kobj, struct attribute *attr,
			     char *buf)
{
	struct driver_attribute *a = container_of(attr, struct driver_attribute,
						  attr);

	return a->show ? a->show(to_driver(kobj)->driver, buf) : -EIO;
}

static ssize_t drv_attr_store(struct kobject *kobj, struct attribute *attr,
			      const char *buf, size_t n)
{
	struct driver_attribute *a = container_of(attr, struct driver_attribute,
						  attr);

	return a->store ? a->store(to_driver(kobj)->driver, buf, n) : -EIO;
}

static const struct sysfs_ops driver_sysfs_ops = {
	.show = drv_attr_show, .store = drv_attr_store,
};

static void driver_release(struct kobject *kobj)
{
	kfree(to_driver(kobj));
}

static const struct kobj_type driver_ktype = {
	.sysfs_ops = &driver_sysfs_ops, .release = driver_release,
};

int driver_create_file(struct device_driver *drv,
		       const struct driver_attribute *attr)
{
	return sysfs_create_file(&drv->p->kobj, &attr->attr);
}
EXPORT_SYMBOL(driver_create_file);

void driver_remove_file(struct device_driver *drv,
			const struct driver_attribute *attr)
{
	sysfs_remove_file(&drv->p->kobj, &attr->attr);
}
EXPORT_SYMBOL(driver_remove_file);

#define to_subsys(k) container_of(k, struct subsys_private, subsys.kobj)

static ssize_t bus_attr_show(struct kobject *kobj, struct attribute *attr,
			     char *buf)
{
	struct bus_attribute *a = container_of(attr, struct bus_attribute,
					       attr);

	return a->show ? a->show(to_subsys(kobj)->bus, buf) : -EIO;
}

static ssize_t bus_attr_store(struct kobject *kobj, struct attribute *attr,
			      const char *buf, size_t n)
{
	struct bus_attribute *a = container_of(attr, struct bus_attribute,
					       attr);

	return a->store ? a->store(to_subsys(kobj)->bus, buf, n) : -EIO;
}

static const struct sysfs_ops bus_sysfs_ops = {
	.show = bus_attr_show, .store = bus_attr_store,
};

static void bus_release(struct kobject *kobj)
{
	struct subsys_private *p = to_subsys(kobj);

	p->bus->p = NULL;
	kfree(p);
}

static const struct kobj_type bus_ktype = {
	.sysfs_ops = &bus_sysfs_ops, .release = bus_release,
};

int bus_create_file(struct bus_type *bus, struct bus_attribute *attr)
{
	return sysfs_create_file(&bus->p->subsys.kobj, &attr->attr);
}
EXPORT_SYMBOL(bus_create_file);

void bus_remove_file(struct bus_type *bus, struct bus_attribute *attr)
{
	sysfs_remove_file(&bus->p->subsys.kobj, &attr->attr);
}
EXPORT_SYMBOL(bus_remove_file);

/* ---- walking ---- */

int bus_for_each_dev(const struct bus_type *bus, struct device *start,
		     void *data, int (*fn)(struct device *dev, void *data))
{
	struct klist_iter i;
	struct klist_node *n;
	int ret = 0;

	if (!bus->p)
		return -EINVAL;
	klist_iter_init_node(&bus->p->klist_devices, &i,
			     start ? &start->knode_bus : NULL);
	while (!ret && (n = klist_next(&i)))
		ret = fn(dev_of(n, knode_bus), data);
	klist_iter_exit(&i);
	return ret;
}
EXPORT_SYMBOL(bus_for_each_dev);

struct device *bus_find_device(const struct bus_type *bus,
			       struct device *start, const void *data,
			       int (*match)(struct device *dev,
					    const void *data))
{
	struct device *dev = NULL;
	struct klist_iter i;
	struct klist_node *n;

	if (!bus->p)
		return NULL;
	klist_iter_init_node(&bus->p->klist_devices, &i,
			     start ? &start->knode_bus : NULL);
	while (!dev && (n = klist_next(&i)))
		if (match(dev_of(n, knode_bus), data))
			dev = get_device(dev_of(n, knode_bus));
	klist_iter_exit(&i);
	return dev;
}
EXPORT_SYMBOL(bus_find_device);

static int has_name(struct device *dev, const void *name)
{
	return sysfs_streq(dev_name(dev), name);
}

struct device *bus_find_device_by_name(const struct bus_type *bus,
				       struct device *start, const char *name)
{
	return bus_find_device(bus, start, name, has_name);
}
EXPORT_SYMBOL(bus_find_device_by_name);

int bus_for_each_drv(const struct bus_type *bus, struct device_driver *start,
		     void *data, int (*fn)(struct device_driver *drv,
					   void *data))
{
	struct klist_iter i;
	struct klist_node *n;
	int ret = 0;

	if (!bus->p)
		return -EINVAL;
	klist_iter_init_node(&bus->p->klist_drivers, &i,
			     start ? &start->p->knode_bus : NULL);
	while (!ret && (n = klist_next(&i)))
		ret = fn(container_of(n, struct driver_private,
				      knode_bus)->driver, data);
	klist_iter_exit(&i);
	return ret;
}
EXPORT_SYMBOL(bus_for_each_drv);

struct device_driver *driver_find(const char *name, struct bus_type *bus)
{
	struct kobject *k = kset_find_obj(bus->p->drivers_kset, name);

	if (!k)
		return NULL;
	kobject_put(k);         /* the driver says how long it stays */
	return to_driver(k)->driver;
}
EXPORT_SYMBOL(driver_find);

static int rescan_one(struct device *dev, void *data)
{
	int ret = 0;

	if (!dev->driver)
		ret = device_attach(dev);
	return ret < 0 ? ret : 0;
}

int bus_rescan_devices(const struct bus_type *bus)
{
	return bus_for_each_dev(bus, NULL, NULL, rescan_one);
}
EXPORT_SYMBOL(bus_rescan_devices);

/* ---- joining and parting by hand ---- */

static ssize_t bind_store(struct device_driver *drv, const char *buf, size_t n)
{
	struct device *dev = bus_find_device_by_name(drv->bus, NULL, buf);
	int err = -ENODEV;

	if (dev && driver_match_device(drv, dev))
		err = device_driver_attach(drv, dev);
	put_device(dev);
	return err ? err : (ssize_t)n;
}

static ssize_t unbind_store(struct device_driver *drv, const char *buf,
			    size_t n)
{
	struct device *dev = bus_find_device_by_name(drv->bus, NULL, buf);
	ssize_t ret = -ENODEV;

	if (dev && READ_ONCE(dev->driver) == drv) {
		device_release_driver_of(dev, drv);
		ret = n;
	}
	put_device(dev);
	return ret;
}

static ssize_t uevent_store(struct device_driver *drv, const char *buf,
			    size_t n)
{
	int err = kobject_synth_uevent(&drv->p->kobj, buf, n);

	return err ? err : (ssize_t)n;
}

static DRIVER_ATTR_WO(bind);
static DRIVER_ATTR_WO(unbind);
static DRIVER_ATTR_WO(uevent);

static ssize_t drivers_autoprobe_show(struct bus_type *bus, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(bus->p->autoprobe));
}

static ssize_t drivers_autoprobe_store(struct bus_type *bus, const char *buf,
				       size_t n)
{
	WRITE_ONCE(bus->p->autoprobe, buf[0] != '0');
	return n;
}

static ssize_t drivers_probe_store(struct bus_type *bus, const char *buf,
				   size_t n)
{
	struct device *dev = bus_find_device_by_name(bus, NULL, buf);
	int err;

	if (!dev)
		return -ENODEV;
	err = rescan_one(dev, NULL);
	put_device(dev);
	return err ? err : (ssize_t)n;
}

static BUS_ATTR_RW(drivers_autoprobe);
static BUS_ATTR_WO(drivers_probe);

/* ---- devices come and go ---- */

int bus_add_device(struct device *dev)
{
	struct bus_type *bus = dev->bus;
	int err;

	if (!bus)
		return 0;
	if (!bus->p)
		return -EINVAL;
	err = device_add_groups(dev, bus->dev_groups);
	if (err)
		return err;
	err = sysfs_create_link(&bus->p->devices_kset->kobj, &dev->kobj,
				dev_name(dev));
	if (err)
		goto out_groups;
	err = sysfs_create_link(&dev->kobj, &bus->p->subsys.kobj, "subsystem");
	if (err)
		goto out_link;
	klist_add_tail(&dev->knode_bus, &bus->p->klist_devices);
	return 0;

out_link:
	sysfs_remove_link(&bus->p->devices_kset->kobj, dev_name(dev));
out_groups:
	device_remove_groups(dev, bus->dev_groups);
	return err;
}

void bus_probe_device(struct device *dev)
{
	if (dev->bus && READ_ONCE(dev->bus->p->autoprobe))
		WARN_ON(device_attach(dev) < 0);
}

void bus_remove_device(struct device *dev)
{
	struct bus_type *bus = dev->bus;

	if (!bus)
		return;
	sysfs_remove_link(&dev->kobj, "subsystem");
	sysfs_remove_link(&bus->p->devices_kset->kobj, dev_name(dev));
	device_remove_groups(dev, bus->dev_groups);
	klist_del(&dev->knode_bus);
	device_release_driver(dev);
}

/* ---- drivers come and go ---- */

static int add_driver_files(struct device_driver *drv)
{
	int err = driver_create_file(drv, &driver_attr_uevent);

	if (!err)
		err = sysfs_create_groups(&drv->p->kobj, drv->bus->drv_groups);
	if (!err)
		err = sysfs_create_groups(&drv->p->kobj, drv->groups);
	if (!err && !drv->suppress_bind_attrs) {
		err = driver_create_file(drv, &driver_attr_unbind);
		if (!err)
			err = driver_create_file(drv, &driver_attr_bind);
	}
	return err;
}

int driver_register(struct device_driver *drv)
{
	struct driver_private *p;
	int err;

	if (!drv->bus || !drv->bus->p)
		return -EINVAL;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	klist_init(&p->klist_devices, NULL, NULL);
	p->driver = drv;
	p->kobj.kset = drv->bus->p->drivers_kset;
	drv->p = p;
	err = kobject_init_and_add(&p->kobj, &driver_ktype, NULL, "%s",
				   drv->name);
	if (!err)
		err = add_driver_files(drv);
	if (err) {
		drv->p = NULL;
		kobject_put(&p->kobj);
		return err;
	}
	klist_add_tail(&p->knode_bus, &drv->bus->p->klist_drivers);
	if (READ_ONCE(drv->bus->p->autoprobe))
		err = driver_attach(drv);
	kobject_uevent(&p->kobj, KOBJ_ADD);
	return err;
}
EXPORT_SYMBOL(driver_register);

void driver_unregister(struct device_driver *drv)
{
	struct driver_private *p = drv->p;

	if (WARN_ON(!p))
		return;
	/* No hand and no newcomer binds to it any more; then part. */
	sysfs_remove_file(&p->kobj, &driver_attr_bind.attr);
	klist_remove(&p->knode_bus);
	driver_detach(drv);
	kobject_del(&p->kobj);
	drv->p = NULL;
	kobject_put(&p->kobj);
}
EXPORT_SYMBOL(driver_unregister);

/* ---- buses ---- */

static void list_get_device(struct klist_node *n)
{
	get_device(dev_of(n, knode_bus));
}

static void list_put_device(struct klist_node *n)
{
	put_device(dev_of(n, knode_bus));
}

static int add_bus_dirs(struct bus_type *bus, struct subsys_private *p)
{
	int err;

	p->devices_kset = kset_create_and_add("devices", NULL,
					      &p->subsys.kobj);
	p->drivers_kset = kset_create_and_add("drivers", NULL,
					      &p->subsys.kobj);
	if (!p->devices_kset || !p->drivers_kset)
		return -ENOMEM;
	err = bus_create_file(bus, &bus_attr_drivers_probe);
	if (!err)
		err = bus_create_file(bus, &bus_attr_drivers_autoprobe);
	if (!err)
		err = sysfs_create_groups(&p->subsys.kobj, bus->bus_groups);
	return err;
}

int bus_register(struct bus_type *bus)
{
	struct subsys_private *p = kzalloc(sizeof(*p), GFP_KERNEL);
	int err;

	if (!p)
		return -ENOMEM;
	p->bus = bus;
	p->autoprobe = true;
	klist_init(&p->klist_devices, list_get_device, list_put_device);
	klist_init(&p->klist_drivers, NULL, NULL);
	p->subsys.kobj.kset = bus_kset;
	p->subsys.kobj.ktype = &bus_ktype;
	err = kobject_set_name(&p->subsys.kobj, "%s", bus->name);
	if (err) {
		kfree(p);
		return err;
	}
	bus->p = p;
	err = kset_register(&p->subsys);
	if (!err)
		err = add_bus_dirs(bus, p);
	if (err)
		bus_unregister(bus);
	return err;
}
EXPORT_SYMBOL(bus_register);

void bus_unregister(struct bus_type *bus)
{
	struct subsys_private *p = bus->p;

	if (!p)
		return;
	if (bus->dev_root)
		device_unregister(bus->dev_root);
	kset_unregister(p->drivers_kset);
	kset_unregister(p->devices_kset);
	kset_unregister(&p->subsys);
}
EXPORT_SYMBOL(bus_unregister);

static void root_release(struct device *dev)
{
	kfree(dev);
}

int subsys_system_register(struct bus_type *subsys,
			   const struct attribute_group **groups)
{
	struct device *root;
	int err = bus_register(subsys);

	if (err)
		return err;
	root = kzalloc(sizeof(*root), GFP_KERNEL);
	if (!root) {
		bus_unregister(subsys);
		return -ENOMEM;
	}
	device_initialize(root);
	root->kobj.parent = &system_kset->kobj;
	root->groups = groups;
	root->release = root_release;
	err = dev_set_name(root, "%s", subsys->name);
	if (!err)
		err = device_add(root);
	if (err) {
		put_device(root);
		bus_unregister(subsys);
		return err;
	}
	subsys->dev_root = root;
	return 0;
}
EXPORT_SYMBOL(subsys_system_register);

int buses_init(void)
{
	bus_kset = kset_create_and_add("bus", NULL, NULL);
	return bus_kset ? 0 : -ENOMEM;
}
