/* SPDX-License-Identifier: MIT */
/*
 * class.c -- devices by what they do, not by where they sit
 *
 * IDEA.  A disk is a disk, whether on PCI or in memory: /sys/class/block has a
 * link for each.  A class lends its devices attributes, uevent variables, the
 * rule for the name and mode of their nodes, and lists their numbers in
 * /sys/dev/char or /sys/dev/block.
 *
 * LOCKING.  The devices of a class are a klist.
 */

#include "base.h"

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

static struct kset *class_kset;               /* /sys/class */

#define to_subsys(k) container_of(k, struct subsys_private, subsys.kobj)

static ssize_t class_attr_show(struct kobject *kobj, struct attribute *attr,
			       char *buf)
{
	struct class_attribute *a = container_of(attr, struct class_attribute,
						 attr);

	return a->show ? a->show(to_subsys(kobj)->class, a, buf) : -EIO;
}

static ssize_t class_attr_store(struct kobject *kobj, struct attribute *attr,
				const char *buf, size_t n)
{
	struct class_attribute *a = container_of(attr, struct class_attribute,
						 attr);

	return a->store ? a->store(to_subsys(kobj)->class, a, buf, n) : -EIO;
}

static const struct sysfs_ops class_sysfs_ops = {
	.show = class_attr_show, .store = class_attr_store,
};

static void class_kobj_release(struct kobject *kobj)
{
	struct subsys_private *p = to_subsys(kobj);
	struct class *cls = p->class;

	cls->p = NULL;
	if (cls->class_release)
		cls->class_release(cls);
	kfree(p);
}

static const struct kobj_type class_ktype = {
	.sysfs_ops = &class_sysfs_ops, .release = class_kobj_release,
};

static void list_get_device(struct klist_node *n)
{
	get_device(dev_of(n, knode_class));
}

static void list_put_device(struct klist_node *n)
{
	put_device(dev_of(n, knode_class));
}

int class_register(struct class *cls)
{
	struct subsys_private *p = kzalloc(sizeof(*p), GFP_KERNEL);
	int err;

	if (!p)
		return -ENOMEM;
	p->class = cls;
	klist_init(&p->klist_devices, list_get_device, list_put_device);
	if (!cls->dev_kobj)
		cls->dev_kobj = sysfs_dev_char_kobj;
	p->subsys.kobj.kset = class_kset;
	p->subsys.kobj.ktype = &class_ktype;
	err = kobject_set_name(&p->subsys.kobj, "%s", cls->name);
	if (err) {
		kfree(p);
		return err;
	}
	cls->p = p;
	err = kset_register(&p->subsys);
	if (!err) {
		err = sysfs_create_groups(&p->subsys.kobj, cls->class_groups);
		if (err)
			kobject_del(&p->subsys.kobj);
	}
	if (err) {
		kset_put(&p->subsys);
		return err;
	}
	return 0;
}
EXPORT_SYMBOL(class_register);

void class_unregister(struct class *cls)
{
	if (cls->p)
		kset_unregister(&cls->p->subsys);
}
EXPORT_SYMBOL(class_unregister);

static void free_class(struct class *cls)
{
	kfree(cls);
}

struct class *class_create(const char *name)
{
	struct class *cls = kzalloc(sizeof(*cls), GFP_KERNEL);
	int err;

	if (!cls)
		return ERR_PTR(-ENOMEM);
	cls->name = name;
	err = class_register(cls);
	if (err) {
		kfree(cls);
		return ERR_PTR(err);
	}
	cls->class_release = free_class;
	return cls;
}
EXPORT_SYMBOL(class_create);

void class_destroy(struct class *cls)
{
	if (!IS_ERR_OR_NULL(cls))
		class_unregister(cls);
}
EXPORT_SYMBOL(class_destroy);

/* ---- its devices ---- */

/* A device that stands for another links to it; a partition lies in it. */
static bool links_to_parent(const struct device *dev)
{
	return dev->parent && !(dev->type && dev->type->name &&
				!strcmp(dev->type->name, "partition"));
}

int class_add_device(struct device *dev)
{
	const struct class *cls = dev->class;
	int err;

	if (!cls)
		return 0;
	if (!cls->p)
		return -EINVAL;
	err = device_add_groups(dev, cls->dev_groups);
	if (err)
		return err;
	err = sysfs_create_link(&dev->kobj, &cls->p->subsys.kobj, "subsystem");
	if (err)
		goto out_groups;
	if (links_to_parent(dev)) {
		err = sysfs_create_link(&dev->kobj, &dev->parent->kobj,
					"device");
		if (err)
			goto out_subsystem;
	}
	err = sysfs_create_link(&cls->p->subsys.kobj, &dev->kobj,
				dev_name(dev));
	if (err)
		goto out_device;
	klist_add_tail(&dev->knode_class, &cls->p->klist_devices);
	return 0;

out_device:
	if (links_to_parent(dev))
		sysfs_remove_link(&dev->kobj, "device");
out_subsystem:
	sysfs_remove_link(&dev->kobj, "subsystem");
out_groups:
	device_remove_groups(dev, cls->dev_groups);
	return err;
}

void class_remove_device(struct device *dev)
{
	const struct class *cls = dev->class;

	if (!cls)
		return;
	klist_del(&dev->knode_class);
	if (links_to_parent(dev))
		sysfs_remove_link(&dev->kobj, "device");
	sysfs_remove_link(&dev->kobj, "subsystem");
	sysfs_delete_link(&cls->p->subsys.kobj, &dev->kobj, dev_name(dev));
	device_remove_groups(dev, cls->dev_groups);
}

int class_for_each_device(const struct class *cls, struct device *start,
			  void *data, int (*fn)(struct device *dev,
						void *data))
{
	struct klist_iter i;
	struct klist_node *n;
	int ret = 0;

	if (!cls->p)
		return -EINVAL;
	klist_iter_init_node(&cls->p->klist_devices, &i,
			     start ? &start->knode_class : NULL);
	while (!ret && (n = klist_next(&i)))
		ret = fn(dev_of(n, knode_class), data);
	klist_iter_exit(&i);
	return ret;
}
EXPORT_SYMBOL(class_for_each_device);

struct device *class_find_device(const struct class *cls, struct device *start,
				 const void *data,
				 int (*match)(struct device *dev,
					      const void *data))
{
	struct device *dev = NULL;
	struct klist_iter i;
	struct klist_node *n;

	if (!cls->p)
		return NULL;
	klist_iter_init_node(&cls->p->klist_devices, &i,
			     start ? &start->knode_class : NULL);
	while (!dev && (n = klist_next(&i)))
		if (match(dev_of(n, knode_class), data))
			dev = get_device(dev_of(n, knode_class));
	klist_iter_exit(&i);
	return dev;
}
EXPORT_SYMBOL(class_find_device);

int classes_init(void)
{
	class_kset = kset_create_and_add("class", NULL, NULL);
	return class_kset ? 0 : -ENOMEM;
}
