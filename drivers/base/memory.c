/* SPDX-License-Identifier: MIT */
/*
 * memory.c -- RAM in blocks of 128 MiB: /sys/devices/system/memory
 *
 * What lsmem reads.  All of it is there from the start and stays: the files say
 * so, and cannot be written.
 */

#include "base.h"

#include <arch/boot.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

#define BLOCK_SHIFT 27
#define BLOCK_SIZE (1UL << BLOCK_SHIFT)

static struct bus_type memory_subsys = {
	.name = "memory", .dev_name = "memory",
};

static ssize_t block_size_bytes_show(struct device *dev,
				     struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lx\n", BLOCK_SIZE);
}

static DEVICE_ATTR_RO(block_size_bytes);

static struct attribute *memory_root_attrs[] = {
	&dev_attr_block_size_bytes.attr, NULL,
};
ATTRIBUTE_GROUPS(memory_root);

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "online\n");
}

static ssize_t online_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "1\n");
}

static ssize_t removable_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return sysfs_emit(buf, "0\n");
}

static ssize_t phys_index_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%08x\n", dev->id);
}

static DEVICE_ATTR_RO(state);
static DEVICE_ATTR_RO(online);
static DEVICE_ATTR_RO(removable);
static DEVICE_ATTR_RO(phys_index);

static struct attribute *memory_attrs[] = {
	&dev_attr_state.attr, &dev_attr_online.attr, &dev_attr_removable.attr,
	&dev_attr_phys_index.attr, NULL,
};
ATTRIBUTE_GROUPS(memory);

static void memory_release(struct device *dev)
{
	kfree(dev);
}

static bool has_ram(u64 start, u64 end)
{
	for (u32 i = 0; i < boot_info.nr_ranges; i++) {
		const struct mem_range *r = &boot_info.ranges[i];

		if (r->type == MEM_USABLE && r->start < end && start < r->end)
			return true;
	}
	return false;
}

static u64 end_of_ram(void)
{
	u64 end = 0;

	for (u32 i = 0; i < boot_info.nr_ranges; i++)
		if (boot_info.ranges[i].type == MEM_USABLE)
			end = max(end, boot_info.ranges[i].end);
	return end;
}

static int add_block(u32 id)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	int err;

	if (!dev)
		return -ENOMEM;
	device_initialize(dev);
	dev->bus = &memory_subsys;
	dev->id = id;
	dev->numa_node = 0;
	dev->groups = memory_groups;
	dev->release = memory_release;
	err = device_add(dev);
	if (err)
		put_device(dev);
	return err;
}

int memory_dev_init(void)
{
	int err = subsys_system_register(&memory_subsys, memory_root_groups);
	u64 end = end_of_ram();

	for (u64 at = 0; !err && at < end; at += BLOCK_SIZE)
		if (has_ram(at, at + BLOCK_SIZE))
			err = add_block(at >> BLOCK_SHIFT);
	return err;
}
