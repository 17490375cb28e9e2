/* SPDX-License-Identifier: MIT */
/*
 * device.c -- the list of devices, and those who want to know
 *
 * PROMISE.  A listener hears of each device exactly once, whether the device or
 * the listener came first.
 *
 * IDEA.  One list in order of creation, under one mutex; a new listener is told
 * of what is in it before the mutex is dropped.
 *
 * LOCKING.  device_mutex, held while listeners run.
 */

#include <drivers/device.h>

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/mutex.h>
#include <kernel/sprintf.h>
#include <mm/slab.h>
#include <uapi/stat.h>

static DEFINE_MUTEX(device_mutex);
static LIST_HEAD(devices);
static LIST_HEAD(listeners);
static LIST_HEAD(classes);

int class_register(struct class *cls)
{
	mutex_lock(&device_mutex);
	list_add_tail(&cls->link, &classes);
	mutex_unlock(&device_mutex);
	return 0;
}

struct class *class_create(const char *name)
{
	struct class *cls = kzalloc(sizeof(*cls), GFP_KERNEL);

	if (!cls)
		return ERR_PTR(-ENOMEM);
	cls->name = name;
	class_register(cls);
	return cls;
}
EXPORT_SYMBOL(class_create);

void class_destroy(struct class *cls)
{
	mutex_lock(&device_mutex);
	list_del(&cls->link);
	mutex_unlock(&device_mutex);
	kfree(cls);
}
EXPORT_SYMBOL(class_destroy);

static void announce(struct device *dev, bool added)
{
	struct device_listener *l;

	list_for_each_entry(l, &listeners, link) {
		if (added && l->add)
			l->add(dev);
		if (!added && l->remove)
			l->remove(dev);
	}
}

void device_initialize(struct device *dev)
{
	mutex_init(&dev->mutex);
	INIT_LIST_HEAD(&dev->link);
	INIT_LIST_HEAD(&dev->deferred);
	dev->numa_node = -1;
}

static struct device *create(const struct class *cls, struct device *parent,
			     dev_t devt, umode_t mode, void *drvdata,
			     const char *fmt, va_list args)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	umode_t wanted = 0;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	device_initialize(dev);
	dev->class = cls;
	dev->parent = parent;
	dev->devt = devt;
	dev->driver_data = drvdata;
	dev->kobj.name = kvasprintf(GFP_KERNEL, fmt, args);
	if (!dev->kobj.name) {
		kfree(dev);
		return ERR_PTR(-ENOMEM);
	}
	if (cls && cls->devnode)
		cls->devnode(dev, &wanted);
	if ((mode & 07777) == 0)
		mode |= wanted ? wanted : 0600;
	dev->mode = mode;
	mutex_lock(&device_mutex);
	list_add_tail(&dev->link, &devices);
	announce(dev, true);
	mutex_unlock(&device_mutex);
	return dev;
}

struct device *device_create(const struct class *cls, struct device *parent,
			     dev_t devt, void *drvdata, const char *fmt, ...)
{
	struct device *dev;
	va_list args;

	va_start(args, fmt);
	dev = create(cls, parent, devt, S_IFCHR, drvdata, fmt, args);
	va_end(args);
	return dev;
}
EXPORT_SYMBOL(device_create);

struct device *device_create_mode(const struct class *cls,
				  struct device *parent, dev_t devt,
				  umode_t mode, void *drvdata,
				  const char *fmt, ...)
{
	struct device *dev;
	va_list args;

	va_start(args, fmt);
	dev = create(cls, parent, devt, mode, drvdata, fmt, args);
	va_end(args);
	return dev;
}
EXPORT_SYMBOL(device_create_mode);

void device_destroy(const struct class *cls, dev_t devt)
{
	struct device *dev, *next;

	mutex_lock(&device_mutex);
	list_for_each_entry_safe(dev, next, &devices, link) {
		if (dev->class != cls || dev->devt != devt)
			continue;
		list_del(&dev->link);
		announce(dev, false);
		kfree(dev->kobj.name);
		kfree(dev);
	}
	mutex_unlock(&device_mutex);
}
EXPORT_SYMBOL(device_destroy);

const char *device_node_name(const struct device *dev)
{
	const char *name = NULL;
	umode_t mode;

	if (dev->class && dev->class->devnode)
		name = dev->class->devnode(dev, &mode);
	return name ? name : dev_name(dev);
}

void device_register_listener(struct device_listener *l)
{
	struct device *dev;

	mutex_lock(&device_mutex);
	list_add_tail(&l->link, &listeners);
	list_for_each_entry(dev, &devices, link)
		if (l->add)
			l->add(dev);
	mutex_unlock(&device_mutex);
}

void device_for_each(void (*fn)(struct device *dev, void *arg), void *arg)
{
	struct device *dev;

	mutex_lock(&device_mutex);
	list_for_each_entry(dev, &devices, link)
		fn(dev, arg);
	mutex_unlock(&device_mutex);
}

void class_for_each(void (*fn)(struct class *cls, void *arg), void *arg)
{
	struct class *cls;

	mutex_lock(&device_mutex);
	list_for_each_entry(cls, &classes, link)
		fn(cls, arg);
	mutex_unlock(&device_mutex);
}
