/* SPDX-License-Identifier: MIT */
/*
 * misc.c -- devices too small for a major number of their own
 *
 * All share major 10.  The node's open() finds the device by its minor and puts
 * its operations into the file, once more as chrdev.c did.  misc_lock guards
 * the list; a misc device stays registered while files are open on it.
 */

#include <drivers/cdev.h>

#include <drivers/device.h>
#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/mutex.h>
#include <uapi/stat.h>

static DEFINE_MUTEX(misc_lock);
static LIST_HEAD(misc_list);

static const char *misc_devnode(const struct device *dev, umode_t *mode)
{
	const struct miscdevice *misc = dev->driver_data;

	if (misc->mode)
		*mode = misc->mode;
	return misc->nodename;
}

static struct class misc_class = { .name = "misc", .devnode = misc_devnode };

static struct miscdevice *find_minor(int minor)
{
	struct miscdevice *m;

	list_for_each_entry(m, &misc_list, list)
		if (m->minor == minor)
			return m;
	return NULL;
}

static int misc_open(struct inode *inode, struct file *file)
{
	struct miscdevice *m;

	mutex_lock(&misc_lock);
	m = find_minor(iminor(inode));
	mutex_unlock(&misc_lock);
	if (!m)
		return -ENODEV;
	file->private_data = m;
	file->f_op = m->fops;
	return m->fops->open ? m->fops->open(inode, file) : 0;
}

static const struct file_operations misc_fops = {
	.open = misc_open,
	.llseek = noop_llseek,
};

static int choose_minor(int wanted)
{
	if (wanted != MISC_DYNAMIC_MINOR)
		return find_minor(wanted) ? -EBUSY : wanted;
	for (int minor = 127; minor > 63; minor--)
		if (!find_minor(minor))
			return minor;
	return -EBUSY;
}

int misc_register(struct miscdevice *misc)
{
	int minor;

	mutex_lock(&misc_lock);
	minor = choose_minor(misc->minor);
	if (minor >= 0) {
		misc->minor = minor;
		list_add_tail(&misc->list, &misc_list);
	}
	mutex_unlock(&misc_lock);
	if (minor < 0)
		return minor;
	misc->this_device = device_create(&misc_class, NULL,
					  MKDEV(MISC_MAJOR, minor), misc,
					  "%s", misc->name);
	return 0;
}
EXPORT_SYMBOL(misc_register);

void misc_deregister(struct miscdevice *misc)
{
	device_destroy(&misc_class, MKDEV(MISC_MAJOR, misc->minor));
	mutex_lock(&misc_lock);
	list_del(&misc->list);
	mutex_unlock(&misc_lock);
}
EXPORT_SYMBOL(misc_deregister);

void misc_for_each(void (*fn)(const struct miscdevice *misc, void *arg),
		   void *arg)
{
	struct miscdevice *m;

	mutex_lock(&misc_lock);
	list_for_each_entry(m, &misc_list, list)
		fn(m, arg);
	mutex_unlock(&misc_lock);
}

static int misc_init(void)
{
	class_register(&misc_class);
	return register_chrdev(MISC_MAJOR, "misc", &misc_fops);
}
core_initcall(misc_init);
