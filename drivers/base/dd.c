/* SPDX-License-Identifier: MIT */
/*
 * dd.c -- a driver takes a device, and gives it back
 *
 * PROMISE.  probe() and remove() of one device never overlap; each successful
 * probe() is followed by exactly one remove(), before driver or device is gone.
 *
 * IDEA.  All of it happens under the device's lock.  A probe that lacks
 * something says -EPROBE_DEFER; its device waits on a list, and each success
 * anywhere sends all who wait to a worker that tries them again, in the order
 * in which they came: what they lacked may be there now.
 *
 *	device_attach / driver_attach
 *	   -> match() -> probe() -> 0              bound: wake the deferred
 *	                         -> -EPROBE_DEFER  onto the list
 *	                         -> other          next driver
 *
 * INVARIANTS.  I1 dev->driver != NULL exactly while its lock is held for a
 * probe, or bound.  I2 a device that device_del() has marked dead gets no
 * driver any more.
 *
 * LOCKING.  dev->mutex, from parent to child (its depth in the tree is the
 * lock's subclass); deferred_lock guards the list and is the innermost.
 *
 * EXERCISES.  1. Two drivers defer for each other.  What happens, and how would
 * you show it to the user?  2. Why is device_del()'s mark set under the lock?
 */

#include "base.h"

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/spinlock.h>
#include <kernel/workqueue.h>

static DEFINE_SPINLOCK(deferred_lock);
static LIST_HEAD(deferred_devices);           /* deferred_lock */
static void retry_deferred(struct work_struct *work);
static DECLARE_WORK(deferred_work, retry_deferred);

/* ---- those who wait for something ---- */

static void defer(struct device *dev)
{
	spin_lock(&deferred_lock);
	if (list_empty(&dev->deferred)) {
		get_device(dev);
		list_add_tail(&dev->deferred, &deferred_devices);
	}
	spin_unlock(&deferred_lock);
}

void driver_deferred_probe_del(struct device *dev)
{
	bool was;

	spin_lock(&deferred_lock);
	was = !list_empty(&dev->deferred);
	list_del_init(&dev->deferred);
	spin_unlock(&deferred_lock);
	if (was)
		put_device(dev);
}

/* Each once: who defers again goes to a new list. */
static void retry_deferred(struct work_struct *work)
{
	LIST_HEAD(todo);

	spin_lock(&deferred_lock);
	list_splice_init(&deferred_devices, &todo);
	while (!list_empty(&todo)) {
		struct device *dev = list_first_entry(&todo, struct device,
						      deferred);

		list_del_init(&dev->deferred);
		spin_unlock(&deferred_lock);
		if (device_attach(dev) < 0)
			pr_warn("%s: no driver could be tried\n",
				dev_name(dev));
		put_device(dev);
		spin_lock(&deferred_lock);
	}
	spin_unlock(&deferred_lock);
}

static void trigger_deferred(void)
{
	if (!list_empty_careful(&deferred_devices))
		schedule_work(&deferred_work);
}

void wait_for_device_probe(void)
{
	flush_work(&deferred_work);
}
EXPORT_SYMBOL(wait_for_device_probe);

/* ---- binding.  The device's lock is held. ---- */

static int add_links(struct device *dev)
{
	struct driver_private *p = dev->driver->p;
	int err = sysfs_create_link(&p->kobj, &dev->kobj, dev_name(dev));

	if (err)
		return err;
	err = sysfs_create_link(&dev->kobj, &p->kobj, "driver");
	if (err)
		sysfs_remove_link(&p->kobj, dev_name(dev));
	return err;
}

static void remove_links(struct device *dev)
{
	sysfs_remove_link(&dev->kobj, "driver");
	sysfs_remove_link(&dev->driver->p->kobj, dev_name(dev));
}

static void driver_bound(struct device *dev)
{
	klist_add_tail(&dev->knode_driver, &dev->driver->p->klist_devices);
	driver_deferred_probe_del(dev);
	trigger_deferred();
	kobject_uevent(&dev->kobj, KOBJ_BIND);
}

int device_bind_driver(struct device *dev)
{
	int err = add_links(dev);

	if (!err)
		driver_bound(dev);
	return err;
}
EXPORT_SYMBOL(device_bind_driver);

static int call_probe(struct device *dev, struct device_driver *drv)
{
	if (dev->bus->probe)
		return dev->bus->probe(dev);
	return drv->probe ? drv->probe(dev) : 0;
}

static void call_remove(struct device *dev, struct device_driver *drv)
{
	if (dev->bus && dev->bus->remove)
		dev->bus->remove(dev);
	else if (drv->remove)
		drv->remove(dev);
}

static int really_probe(struct device *dev, struct device_driver *drv)
{
	int err;

	dev->driver = drv;                                     /* I1 */
	err = add_links(dev);
	if (err)
		goto out_driver;
	err = call_probe(dev, drv);
	if (err)
		goto out_links;
	err = device_add_groups(dev, drv->dev_groups);
	if (err)
		goto out_probe;
	driver_bound(dev);
	return 0;

out_probe:
	call_remove(dev, drv);
out_links:
	remove_links(dev);
out_driver:
	dev->driver = NULL;
	dev_set_drvdata(dev, NULL);
	return err;
}

/* 0: bound. */
static int probe_device(struct device *dev, struct device_driver *drv)
{
	int err;

	if (dev->dead || !device_is_registered(dev))           /* I2 */
		return -ENODEV;
	err = really_probe(dev, drv);
	if (err == -EPROBE_DEFER)
		defer(dev);
	else if (err && err != -ENODEV && err != -ENXIO)
		pr_warn("%s: probe of %s failed with error %d\n", drv->name,
			dev_name(dev), err);
	return err;
}

static int try_driver(struct device_driver *drv, void *data)
{
	struct device *dev = data;

	return driver_match_device(drv, dev) && probe_device(dev, drv) == 0;
}

int device_attach(struct device *dev)
{
	int ret;

	device_lock(dev);
	if (dev->dead)
		ret = 0;
	else if (dev->driver)
		ret = device_is_bound(dev) ? 1 :
			device_bind_driver(dev) == 0;
	else
		ret = bus_for_each_drv(dev->bus, NULL, dev, try_driver);
	device_unlock(dev);
	return ret;
}
EXPORT_SYMBOL(device_attach);

static int try_device(struct device *dev, void *data)
{
	struct device_driver *drv = data;

	if (!driver_match_device(drv, dev))
		return 0;
	device_lock(dev);
	if (!dev->driver)
		probe_device(dev, drv);
	device_unlock(dev);
	return 0;
}

int driver_attach(struct device_driver *drv)
{
	return bus_for_each_dev(drv->bus, NULL, drv, try_device);
}
EXPORT_SYMBOL(driver_attach);

int device_driver_attach(struct device_driver *drv, struct device *dev)
{
	int err = -EBUSY;

	device_lock(dev);
	if (!dev->driver)
		err = probe_device(dev, drv);
	device_unlock(dev);
	return err == -EPROBE_DEFER ? -EAGAIN : err;
}
EXPORT_SYMBOL(device_driver_attach);

/* ---- parting ---- */

static void release_locked(struct device *dev)
{
	struct device_driver *drv = dev->driver;

	if (!drv)
		return;
	device_remove_groups(dev, drv->dev_groups);
	call_remove(dev, drv);
	remove_links(dev);
	klist_remove(&dev->knode_driver);
	dev->driver = NULL;
	dev_set_drvdata(dev, NULL);
	kobject_uevent(&dev->kobj, KOBJ_UNBIND);
}

void device_release_driver_of(struct device *dev, struct device_driver *drv)
{
	device_lock(dev);
	if (!drv || dev->driver == drv)
		release_locked(dev);
	device_unlock(dev);
}

void device_release_driver(struct device *dev)
{
	device_release_driver_of(dev, NULL);
}
EXPORT_SYMBOL(device_release_driver);

/* A bound device of drv, counted: it may part on its own meanwhile. */
static struct device *any_bound(struct device_driver *drv)
{
	struct klist *k = &drv->p->klist_devices;
	struct device *dev = NULL;

	spin_lock(&k->k_lock);
	if (!list_empty(&k->k_list))
		dev = get_device(dev_of(list_last_entry(&k->k_list,
							struct klist_node,
							n_node),
					knode_driver));
	spin_unlock(&k->k_lock);
	return dev;
}

void driver_detach(struct device_driver *drv)
{
	struct device *dev;

	while ((dev = any_bound(drv))) {
		device_release_driver_of(dev, drv);
		put_device(dev);
	}
}

int driver_for_each_device(struct device_driver *drv, struct device *start,
			   void *data, int (*fn)(struct device *dev,
						 void *data))
{
	struct klist_iter i;
	struct klist_node *n;
	int ret = 0;

	klist_iter_init_node(&drv->p->klist_devices, &i,
			     start ? &start->knode_driver : NULL);
	while (!ret && (n = klist_next(&i)))
		ret = fn(dev_of(n, knode_driver), data);
	klist_iter_exit(&i);
	return ret;
}
EXPORT_SYMBOL(driver_for_each_device);
