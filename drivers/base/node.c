/* SPDX-License-Identifier: MIT */
/*
 * node.c -- memory nodes as devices: /sys/devices/system/node
 *
 * All memory is as near as all other: there is node 0, with everything in it.
 */

#include "base.h"

#include <kernel/cpumask.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <mm/mmzone.h>

static struct bus_type node_subsys = { .name = "node", .dev_name = "node" };

static ssize_t node_zero_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return sysfs_emit(buf, "0\n");
}

static DEVICE_ATTR(online, 0444, node_zero_show, NULL);
static DEVICE_ATTR(possible, 0444, node_zero_show, NULL);
static DEVICE_ATTR(has_cpu, 0444, node_zero_show, NULL);
static DEVICE_ATTR(has_memory, 0444, node_zero_show, NULL);
static DEVICE_ATTR(has_normal_memory, 0444, node_zero_show, NULL);

static struct attribute *node_root_attrs[] = {
	&dev_attr_online.attr, &dev_attr_possible.attr, &dev_attr_has_cpu.attr,
	&dev_attr_has_memory.attr, &dev_attr_has_normal_memory.attr, NULL,
};
ATTRIBUTE_GROUPS(node_root);

static ssize_t cpumap_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%lx\n", *cpumask_bits(cpu_online_mask));
}

static ssize_t cpulist_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%*pbl\n", nr_cpu_ids,
			  cpumask_bits(cpu_online_mask));
}

/* To itself, as ACPI's SLIT says it. */
static ssize_t distance_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "10\n");
}

static DEVICE_ATTR_RO(cpumap);
static DEVICE_ATTR_RO(cpulist);
static DEVICE_ATTR_RO(distance);

static struct attribute *node_attrs[] = {
	&dev_attr_cpumap.attr, &dev_attr_cpulist.attr, &dev_attr_distance.attr,
	NULL,
};
ATTRIBUTE_GROUPS(node);

static void node_release(struct device *dev)
{
	/* Static. */
}

static struct device node0 = {
	.bus = &node_subsys, .groups = node_groups, .release = node_release,
};

static int link_cpu(unsigned int cpu)
{
	struct device *dev = get_cpu_device(cpu);
	int err = sysfs_create_link(&node0.kobj, &dev->kobj, dev_name(dev));

	if (!err)
		err = sysfs_create_link(&dev->kobj, &node0.kobj, "node0");
	return err;
}

int node_dev_init(void)
{
	int err = subsys_system_register(&node_subsys, node_root_groups), cpu;

	if (err)
		return err;
	err = device_register(&node0);
	for_each_possible_cpu(cpu)
		if (!err)
			err = link_cpu(cpu);
	return err;
}
