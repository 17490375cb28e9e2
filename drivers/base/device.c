/* SPDX-License-Identifier: MIT */
/*
 * device.c -- devices and their places
 *
 * PROMISE.  When device_add() returns, the device is in /sys, its node is in
 * /dev, and every driver that could serve it has been asked.  When device_del()
 * returns, none of this is so, no driver is bound, and nobody is inside one of
 * its attributes; its memory stays until the last put_device().
 *
 * IDEA.  A device is a kobject with a bus or a class.  Where its directory
 * goes:
 *
 *	it has a parent, no class          parent/NAME
 *	a class, a parent without one      parent/CLASS/NAME      (glue)
 *	a class, and so has the parent     parent/NAME            (sda/sda1)
 *	a class and no parent              virtual/CLASS/NAME     (glue)
 *
 * A glue directory comes with its first device and goes with its last.
 * Everything else about it, /sys/class/CLASS/NAME, /sys/bus/BUS/devices/NAME,
 * /sys/dev/char/MAJ:MIN, is a link to that one directory.
 *
 * INVARIANTS.  I1 A listener hears of each device exactly once, whether the
 * device or the listener came first.  I2 A child in the tree holds its parent.
 *
 * LOCKING.  device_mutex guards the list of devices with numbers and is held
 * while listeners run; glue_mutex the glue directories; the device's own lock,
 * see dd.c.
 *
 * SEE bus.c, dd.c, class.c; docs/70-device-model.md.
 */

#include "base.h"

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <uapi/stat.h>

#define MAX_LOCK_DEPTH 7      /* lock subclasses there are */

struct glue_dir {
	struct kobject kobj;
	const struct class *class;    /* constant */
	unsigned int users;           /* glue_mutex: devices in it */
	struct list_head link;        /* glue_mutex */
};

static DEFINE_MUTEX(device_mutex);
static LIST_HEAD(devices);
static LIST_HEAD(listeners);
static DEFINE_MUTEX(glue_mutex);
static LIST_HEAD(glue_dirs);

struct kset *devices_kset, *system_kset;
static struct kobject *virtual_kobj;

struct kobject *virtual_device_dir(void)
{
	return virtual_kobj;
}

/* ---- memory ---- */

static void device_release(struct kobject *kobj)
{
	struct device *dev = kobj_to_dev(kobj);

	if (dev->release)
		dev->release(dev);
	else if (dev->type && dev->type->release)
		dev->type->release(dev);
	else if (dev->class && dev->class->dev_release)
		dev->class->dev_release(dev);
	else
		pr_warn("device %s has no release(), and leaks\n",
			dev_name(dev));
}

static ssize_t dev_attr_show(struct kobject *kobj, struct attribute *attr,
			     char *buf)
{
	struct device_attribute *a = container_of(attr, struct device_attribute,
						  attr);

	return a->show ? a->show(kobj_to_dev(kobj), a, buf) : -EIO;
}

static ssize_t dev_attr_store(struct kobject *kobj, struct attribute *attr,
			      const char *buf, size_t n)
{
	struct device_attribute *a = container_of(attr, struct device_attribute,
						  attr);

	return a->store ? a->store(kobj_to_dev(kobj), a, buf, n) : -EIO;
}

static const struct sysfs_ops dev_sysfs_ops = {
	.show = dev_attr_show, .store = dev_attr_store,
};

static const struct kobj_type device_ktype = {
	.release = device_release, .sysfs_ops = &dev_sysfs_ops,
};

static void get_child(struct klist_node *n)
{
	get_device(dev_of(n, knode_parent));
}

static void put_child(struct klist_node *n)
{
	put_device(dev_of(n, knode_parent));
}

void device_initialize(struct device *dev)
{
	dev->kobj.kset = devices_kset;
	kobject_init(&dev->kobj, &device_ktype);
	mutex_init(&dev->mutex);
	INIT_LIST_HEAD(&dev->deferred);
	INIT_LIST_HEAD(&dev->link);
	klist_init(&dev->children, get_child, put_child);
	dev->numa_node = -1;
}
EXPORT_SYMBOL(device_initialize);

struct device *get_device(struct device *dev)
{
	if (dev)
		kobject_get(&dev->kobj);
	return dev;
}
EXPORT_SYMBOL(get_device);

void put_device(struct device *dev)
{
	if (dev)
		kobject_put(&dev->kobj);
}
EXPORT_SYMBOL(put_device);

int dev_set_name(struct device *dev, const char *fmt, ...)
{
	va_list args;
	int err;

	va_start(args, fmt);
	err = kobject_set_name_vargs(&dev->kobj, fmt, args);
	va_end(args);
	return err;
}
EXPORT_SYMBOL(dev_set_name);

const char *dev_driver_string(const struct device *dev)
{
	const struct device_driver *drv = READ_ONCE(dev->driver);

	if (drv)
		return drv->name;
	return dev->bus ? dev->bus->name : dev->class ? dev->class->name : "";
}
EXPORT_SYMBOL(dev_driver_string);

/* ---- where it goes ---- */

static void glue_release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct glue_dir, kobj));
}

static const struct kobj_type glue_ktype = { .release = glue_release };

/* The directory for devices of cls below base, one user more; ERR_PTR. */
static struct glue_dir *get_glue(struct kobject *base, const struct class *cls)
{
	struct glue_dir *g;
	int err;

	mutex_lock(&glue_mutex);
	list_for_each_entry(g, &glue_dirs, link)
		if (g->kobj.parent == base && g->class == cls)
			goto found;
	g = kzalloc(sizeof(*g), GFP_KERNEL);
	err = -ENOMEM;
	if (!g)
		goto out_error;
	err = kobject_init_and_add(&g->kobj, &glue_ktype, base, "%s",
				   cls->name);
	if (err) {
		kobject_put(&g->kobj);
		goto out_error;
	}
	g->class = cls;
	list_add(&g->link, &glue_dirs);
found:
	g->users++;
	mutex_unlock(&glue_mutex);
	return g;
out_error:
	mutex_unlock(&glue_mutex);
	return ERR_PTR(err);
}

static void put_glue(struct glue_dir *g)
{
	if (!g)
		return;
	mutex_lock(&glue_mutex);
	if (--g->users == 0) {
		list_del(&g->link);
		kobject_del(&g->kobj);
		kobject_put(&g->kobj);
	}
	mutex_unlock(&glue_mutex);
}

/* Set kobj.parent; NULL is the devices' root. */
static int choose_place(struct device *dev)
{
	struct device *parent = dev->parent;
	struct kobject *base = parent ? &parent->kobj : NULL;
	struct glue_dir *g;

	if (dev->class && !(parent && parent->class)) {
		g = get_glue(base ? base : virtual_kobj, dev->class);
		if (IS_ERR(g))
			return PTR_ERR(g);
		dev->glue = g;
		base = &g->kobj;
	} else if (!base && dev->bus && dev->bus->dev_root) {
		base = &dev->bus->dev_root->kobj;
	}
	if (base)
		dev->kobj.parent = base;
	return 0;
}

static int choose_name(struct device *dev)
{
	int err = 0;

	if (dev->init_name) {
		err = dev_set_name(dev, "%s", dev->init_name);
		dev->init_name = NULL;
	} else if (!kobject_name(&dev->kobj) && dev->bus &&
		   dev->bus->dev_name) {
		err = dev_set_name(dev, "%s%u", dev->bus->dev_name, dev->id);
	}
	if (!err && !kobject_name(&dev->kobj))
		err = -EINVAL;
	return err;
}

/* ---- the node in /dev ---- */

static const char *ask_devnode(const struct device *dev, umode_t *mode)
{
	if (dev->type && dev->type->devnode)
		return dev->type->devnode(dev, mode);
	if (dev->class && dev->class->devnode)
		return dev->class->devnode(dev, mode);
	return NULL;
}

const char *device_node_name(const struct device *dev)
{
	umode_t mode;
	const char *name = ask_devnode(dev, &mode);

	return name ? name : dev_name(dev);
}

static bool is_block(const struct device *dev)
{
	return dev->class && dev->class->dev_kobj == sysfs_dev_block_kobj;
}

static void choose_mode(struct device *dev)
{
	umode_t wanted = 0;

	if (!(dev->mode & S_IFMT))
		dev->mode |= is_block(dev) ? S_IFBLK : S_IFCHR;
	if (dev->mode & 07777)
		return;
	ask_devnode(dev, &wanted);
	dev->mode |= wanted ? wanted : 0600;
}

/* Tell the listeners, who make or remove the node.  I1 */
static void announce(struct device *dev, bool added)
{
	struct device_listener *l;

	mutex_lock(&device_mutex);
	if (added)
		list_add_tail(&dev->link, &devices);
	else
		list_del_init(&dev->link);
	list_for_each_entry(l, &listeners, link) {
		if (added && l->add)
			l->add(dev);
		if (!added && l->remove)
			l->remove(dev);
	}
	mutex_unlock(&device_mutex);
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

/* /sys/dev/char/1:3, and the node. */
static int add_number(struct device *dev)
{
	struct kobject *dir = is_block(dev) ? sysfs_dev_block_kobj
					    : sysfs_dev_char_kobj;
	char name[24];
	int err;

	if (!MAJOR(dev->devt))
		return 0;
	snprintf(name, sizeof(name), "%u:%u", MAJOR(dev->devt),
		 MINOR(dev->devt));
	err = sysfs_create_link(dir, &dev->kobj, name);
	if (err)
		return err;
	choose_mode(dev);
	announce(dev, true);
	return 0;
}

static void remove_number(struct device *dev)
{
	struct kobject *dir = is_block(dev) ? sysfs_dev_block_kobj
					    : sysfs_dev_char_kobj;
	char name[24];

	if (!MAJOR(dev->devt))
		return;
	announce(dev, false);
	snprintf(name, sizeof(name), "%u:%u", MAJOR(dev->devt),
		 MINOR(dev->devt));
	sysfs_remove_link(dir, name);
}

/* ---- into the tree and out ---- */

static int add_files(struct device *dev)
{
	int err = device_add_own_files(dev);

	if (err)
		return err;
	err = class_add_device(dev);
	if (err)
		return err;
	if (dev->type)
		err = device_add_groups(dev, dev->type->groups);
	if (!err)
		err = device_add_groups(dev, dev->groups);
	if (!err)
		err = bus_add_device(dev);
	if (err)
		class_remove_device(dev);
	return err;
}

static int enter_tree(struct device *dev)
{
	int err;

	if (dev->parent) {
		dev->depth = min(dev->parent->depth + 1, MAX_LOCK_DEPTH);
		if (dev->numa_node < 0)
			dev->numa_node = dev->parent->numa_node;
	}
	err = choose_name(dev);
	if (!err)
		err = choose_place(dev);
	if (err)
		return err;
	err = kobject_add(&dev->kobj, dev->kobj.parent, NULL);
	if (err) {
		put_glue(dev->glue);
		dev->glue = NULL;
	}
	return err;
}

static void leave_tree(struct device *dev)
{
	kobject_del(&dev->kobj);
	put_glue(dev->glue);
	dev->glue = NULL;
}

int device_add(struct device *dev)
{
	int err;

	get_device(dev);
	get_device(dev->parent);                               /* I2 */
	err = enter_tree(dev);
	if (err)
		goto out_put;
	err = add_files(dev);
	if (err)
		goto out_tree;
	err = add_number(dev);
	if (err)
		goto out_files;
	kobject_uevent(&dev->kobj, KOBJ_ADD);
	if (dev->parent)
		klist_add_tail(&dev->knode_parent, &dev->parent->children);
	bus_probe_device(dev);
	put_device(dev);
	return 0;

out_files:
	bus_remove_device(dev);
	class_remove_device(dev);
out_tree:
	leave_tree(dev);
out_put:
	put_device(dev->parent);
	put_device(dev);
	return err;
}
EXPORT_SYMBOL(device_add);

int device_register(struct device *dev)
{
	device_initialize(dev);
	return device_add(dev);
}
EXPORT_SYMBOL(device_register);

void device_del(struct device *dev)
{
	struct device *parent = dev->parent;

	device_lock(dev);
	dev->dead = true;
	device_unlock(dev);
	if (parent)
		klist_del(&dev->knode_parent);
	remove_number(dev);
	device_remove_groups(dev, dev->groups);
	if (dev->type)
		device_remove_groups(dev, dev->type->groups);
	bus_remove_device(dev);
	driver_deferred_probe_del(dev);
	kobject_uevent(&dev->kobj, KOBJ_REMOVE);
	class_remove_device(dev);
	leave_tree(dev);
	put_device(parent);
}
EXPORT_SYMBOL(device_del);

void device_unregister(struct device *dev)
{
	device_del(dev);
	put_device(dev);
}
EXPORT_SYMBOL(device_unregister);

int device_rename(struct device *dev, const char *new_name)
{
	int err = 0;

	if (dev->class)
		err = sysfs_rename_link(&dev->class->p->subsys.kobj,
					&dev->kobj, dev_name(dev), new_name);
	return err ? err : kobject_rename(&dev->kobj, new_name);
}
EXPORT_SYMBOL(device_rename);

/* ---- children ---- */

int device_for_each_child(struct device *parent, void *data,
			  int (*fn)(struct device *dev, void *data))
{
	struct klist_iter i;
	struct klist_node *n;
	int ret = 0;

	klist_iter_init(&parent->children, &i);
	while (!ret && (n = klist_next(&i)))
		ret = fn(dev_of(n, knode_parent), data);
	klist_iter_exit(&i);
	return ret;
}
EXPORT_SYMBOL(device_for_each_child);

struct device *device_find_child(struct device *parent, void *data,
				 int (*match)(struct device *dev, void *data))
{
	struct device *dev = NULL;
	struct klist_iter i;
	struct klist_node *n;

	klist_iter_init(&parent->children, &i);
	while (!dev && (n = klist_next(&i)))
		if (match(dev_of(n, knode_parent), data))
			dev = get_device(dev_of(n, knode_parent));
	klist_iter_exit(&i);
	return dev;
}
EXPORT_SYMBOL(device_find_child);

/* ---- news ---- */

static int has_subsystem(struct kobject *kobj)
{
	struct device *dev;

	if (kobj->ktype != &device_ktype)
		return 0;
	dev = kobj_to_dev(kobj);
	return (dev->bus || dev->class) && !dev->no_uevents;
}

static const char *subsystem_name(struct kobject *kobj)
{
	struct device *dev = kobj_to_dev(kobj);

	return dev->bus ? dev->bus->name : dev->class->name;
}

static const struct kset_uevent_ops device_uevent_ops = {
	.filter = has_subsystem, .name = subsystem_name, .uevent = dev_uevent,
};

int devices_init(void)
{
	devices_kset = kset_create_and_add("devices", &device_uevent_ops, NULL);
	if (!devices_kset)
		return -ENOMEM;
	system_kset = kset_create_and_add("system", NULL, &devices_kset->kobj);
	virtual_kobj = kobject_create_and_add("virtual", &devices_kset->kobj);
	return system_kset && virtual_kobj ? 0 : -ENOMEM;
}
