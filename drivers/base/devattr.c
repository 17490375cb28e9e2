/* SPDX-License-Identifier: MIT */
/*
 * devattr.c -- files in a device's directory; devices made of nothing else
 *
 * Every device has `uevent` (what an event about it says; writing "add" or
 * "change" repeats one), and `dev` if it has a number.
 */

#include "base.h"

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <uapi/stat.h>

#define DEFAULT_NODE_MODE 0600

int device_create_file(struct device *dev, const struct device_attribute *attr)
{
	return sysfs_create_file(&dev->kobj, &attr->attr);
}
EXPORT_SYMBOL(device_create_file);

void device_remove_file(struct device *dev, const struct device_attribute *attr)
{
	sysfs_remove_file(&dev->kobj, &attr->attr);
}
EXPORT_SYMBOL(device_remove_file);

bool device_remove_file_self(struct device *dev,
			     const struct device_attribute *attr)
{
	return sysfs_remove_file_self(&dev->kobj, &attr->attr);
}
EXPORT_SYMBOL(device_remove_file_self);

int device_create_bin_file(struct device *dev, const struct bin_attribute *attr)
{
	return sysfs_create_bin_file(&dev->kobj, attr);
}
EXPORT_SYMBOL(device_create_bin_file);

void device_remove_bin_file(struct device *dev,
			    const struct bin_attribute *attr)
{
	sysfs_remove_bin_file(&dev->kobj, attr);
}
EXPORT_SYMBOL(device_remove_bin_file);

int device_add_groups(struct device *dev, const struct attribute_group **groups)
{
	return sysfs_create_groups(&dev->kobj, groups);
}
EXPORT_SYMBOL(device_add_groups);

void device_remove_groups(struct device *dev,
			  const struct attribute_group **groups)
{
	sysfs_remove_groups(&dev->kobj, groups);
}
EXPORT_SYMBOL(device_remove_groups);

/* ---- what an event says of a device ---- */

static int add_node_vars(struct device *dev, struct kobj_uevent_env *env)
{
	umode_t perms = dev->mode & 07777;
	int err;

	if (!MAJOR(dev->devt))
		return 0;
	err = add_uevent_var(env, "MAJOR=%u", MAJOR(dev->devt));
	if (!err)
		err = add_uevent_var(env, "MINOR=%u", MINOR(dev->devt));
	if (!err)
		err = add_uevent_var(env, "DEVNAME=%s", device_node_name(dev));
	if (!err && perms && perms != DEFAULT_NODE_MODE)
		err = add_uevent_var(env, "DEVMODE=%#o", perms);
	return err;
}

int dev_uevent(struct kobject *kobj, struct kobj_uevent_env *env)
{
	struct device *dev = kobj_to_dev(kobj);
	const struct device_driver *drv = READ_ONCE(dev->driver);
	int err = add_node_vars(dev, env);

	if (!err && dev->type && dev->type->name)
		err = add_uevent_var(env, "DEVTYPE=%s", dev->type->name);
	if (!err && drv)
		err = add_uevent_var(env, "DRIVER=%s", drv->name);
	if (!err && dev->bus && dev->bus->uevent)
		err = dev->bus->uevent(dev, env);
	if (!err && dev->class && dev->class->dev_uevent)
		err = dev->class->dev_uevent(dev, env);
	if (!err && dev->type && dev->type->uevent)
		err = dev->type->uevent(dev, env);
	return err;
}

static ssize_t uevent_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct kobj_uevent_env *env = kzalloc(sizeof(*env), GFP_KERNEL);
	int len = 0, err;

	if (!env)
		return -ENOMEM;
	err = dev_uevent(&dev->kobj, env);
	for (int i = 0; !err && i < env->envp_idx; i++)
		len += sysfs_emit_at(buf, len, "%s\n", env->envp[i]);
	kfree(env);
	return err ? err : len;
}

static ssize_t uevent_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t n)
{
	int err = kobject_synth_uevent(&dev->kobj, buf, n);

	return err ? err : (ssize_t)n;
}

static ssize_t dev_show(struct device *dev, struct device_attribute *attr,
			char *buf)
{
	return sysfs_emit(buf, "%u:%u\n", MAJOR(dev->devt), MINOR(dev->devt));
}

static DEVICE_ATTR_RW(uevent);
static DEVICE_ATTR_RO(dev);

/* They go with the directory. */
int device_add_own_files(struct device *dev)
{
	int err = device_create_file(dev, &dev_attr_uevent);

	if (!err && MAJOR(dev->devt))
		err = device_create_file(dev, &dev_attr_dev);
	return err;
}

/* ---- devices that are a number and a class ---- */

static void free_device(struct device *dev)
{
	kfree(dev);
}

static struct device *create(const struct class *cls, struct device *parent,
			     dev_t devt, umode_t mode, void *drvdata,
			     const struct attribute_group **groups,
			     const char *fmt, va_list args)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	int err;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	device_initialize(dev);
	dev->class = cls;
	dev->parent = parent;
	dev->devt = devt;
	dev->mode = mode;
	dev->groups = groups;
	dev->release = free_device;
	dev_set_drvdata(dev, drvdata);
	err = kobject_set_name_vargs(&dev->kobj, fmt, args);
	if (!err)
		err = device_add(dev);
	if (err) {
		put_device(dev);
		return ERR_PTR(err);
	}
	return dev;
}

struct device *device_create(const struct class *cls, struct device *parent,
			     dev_t devt, void *drvdata, const char *fmt, ...)
{
	struct device *dev;
	va_list args;

	va_start(args, fmt);
	dev = create(cls, parent, devt, 0, drvdata, NULL, fmt, args);
	va_end(args);
	return dev;
}
EXPORT_SYMBOL(device_create);

struct device *device_create_with_groups(const struct class *cls,
					 struct device *parent, dev_t devt,
					 void *drvdata,
					 const struct attribute_group **groups,
					 const char *fmt, ...)
{
	struct device *dev;
	va_list args;

	va_start(args, fmt);
	dev = create(cls, parent, devt, 0, drvdata, groups, fmt, args);
	va_end(args);
	return dev;
}
EXPORT_SYMBOL(device_create_with_groups);

struct device *device_create_mode(const struct class *cls,
				  struct device *parent, dev_t devt,
				  umode_t mode, void *drvdata,
				  const char *fmt, ...)
{
	struct device *dev;
	va_list args;

	va_start(args, fmt);
	dev = create(cls, parent, devt, mode, drvdata, NULL, fmt, args);
	va_end(args);
	return dev;
}
EXPORT_SYMBOL(device_create_mode);

static int has_number(struct device *dev, const void *data)
{
	return dev->devt == *(const dev_t *)data;
}

void device_destroy(const struct class *cls, dev_t devt)
{
	struct device *dev = class_find_device(cls, NULL, &devt, has_number);

	if (dev) {
		device_unregister(dev);
		put_device(dev);
	}
}
EXPORT_SYMBOL(device_destroy);
