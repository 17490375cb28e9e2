/* SPDX-License-Identifier: MIT */
/*
 * init.c -- the roots of the tree, before the first driver comes
 *
 * Called once by kernel/init, when tasks may sleep and all CPUs are up.
 */

#include "base.h"

#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/panic.h>

struct kobject *kernel_kobj, *mm_kobj, *power_kobj, *firmware_kobj, *fs_kobj;
struct kobject *sysfs_dev_char_kobj, *sysfs_dev_block_kobj;
EXPORT_SYMBOL(kernel_kobj);
EXPORT_SYMBOL(mm_kobj);
EXPORT_SYMBOL(firmware_kobj);
EXPORT_SYMBOL(fs_kobj);
EXPORT_SYMBOL(sysfs_dev_char_kobj);
EXPORT_SYMBOL(sysfs_dev_block_kobj);

static ssize_t uevent_seqnum_show(struct kobject *kobj,
				  struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n", (unsigned long)uevent_seqnum_now());
}

static ssize_t cpu_byteorder_show(struct kobject *kobj,
				  struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "little\n");
}

static ssize_t address_bits_show(struct kobject *kobj,
				 struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%zu\n", sizeof(void *) * 8);
}

static struct kobj_attribute uevent_seqnum_attr = __ATTR_RO(uevent_seqnum);
static struct kobj_attribute cpu_byteorder_attr = __ATTR_RO(cpu_byteorder);
static struct kobj_attribute address_bits_attr = __ATTR_RO(address_bits);
static const struct attribute *const kernel_attrs[] = {
	&uevent_seqnum_attr.attr, &cpu_byteorder_attr.attr,
	&address_bits_attr.attr, NULL,
};

static bool make_roots(void)
{
	struct kobject *dev;

	kernel_kobj = kobject_create_and_add("kernel", NULL);
	firmware_kobj = kobject_create_and_add("firmware", NULL);
	fs_kobj = kobject_create_and_add("fs", NULL);
	power_kobj = kobject_create_and_add("power", NULL);
	dev = kobject_create_and_add("dev", NULL);
	if (!kernel_kobj || !firmware_kobj || !fs_kobj || !power_kobj || !dev)
		return false;
	mm_kobj = kobject_create_and_add("mm", kernel_kobj);
	sysfs_dev_char_kobj = kobject_create_and_add("char", dev);
	sysfs_dev_block_kobj = kobject_create_and_add("block", dev);
	return mm_kobj && sysfs_dev_char_kobj && sysfs_dev_block_kobj &&
	       !sysfs_create_files(kernel_kobj, kernel_attrs);
}

void driver_init(void)
{
	if (!make_roots() || devices_init() || buses_init() || classes_init())
		panic("no memory for the tree of devices");
	if (platform_bus_init() || cpu_dev_init() || node_dev_init() ||
	    memory_dev_init())
		pr_warn("devices: some of the machine is not shown\n");
}
