/* SPDX-License-Identifier: MIT */
/*
 * cpu.c -- processors as devices: /sys/devices/system/cpu
 *
 * What lscpu reads.  There is no `online` file in a CPU's directory: CPUs are
 * started at boot and never stopped, and a file that did nothing would lie.
 * The topology is the one that /proc/cpuinfo tells: one package, a core a CPU.
 */

#include "base.h"

#include <kernel/cpumask.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/percpu.h>
#include <mm/slab.h>

static struct bus_type cpu_subsys = { .name = "cpu", .dev_name = "cpu" };

/* ---- which there are ---- */

static ssize_t show_list(char *buf, const struct cpumask *m)
{
	return sysfs_emit(buf, "%*pbl\n", nr_cpu_ids, cpumask_bits(m));
}

static ssize_t show_map(char *buf, const struct cpumask *m)
{
	return sysfs_emit(buf, "%lx\n", *cpumask_bits(m));
}

static ssize_t online_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return show_list(buf, cpu_online_mask);
}

static ssize_t possible_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return show_list(buf, cpu_possible_mask);
}

static ssize_t present_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return show_list(buf, cpu_present_mask);
}

static ssize_t offline_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct cpumask offline;

	cpumask_andnot(&offline, cpu_possible_mask, cpu_online_mask);
	return show_list(buf, &offline);
}

static ssize_t kernel_max_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", NR_CPUS - 1);
}

static DEVICE_ATTR_RO(online);
static DEVICE_ATTR_RO(possible);
static DEVICE_ATTR_RO(present);
static DEVICE_ATTR_RO(offline);
static DEVICE_ATTR_RO(kernel_max);

static struct attribute *cpu_root_attrs[] = {
	&dev_attr_online.attr, &dev_attr_possible.attr, &dev_attr_present.attr,
	&dev_attr_offline.attr, &dev_attr_kernel_max.attr, NULL,
};
ATTRIBUTE_GROUPS(cpu_root);

/* ---- how they lie together ---- */

static ssize_t core_id_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%u\n", dev->id);
}

static ssize_t zero_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "0\n");
}

static ssize_t self_map_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct cpumask m = CPU_MASK_NONE;

	cpumask_set_cpu(dev->id, &m);
	return show_map(buf, &m);
}

static ssize_t self_list_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	struct cpumask m = CPU_MASK_NONE;

	cpumask_set_cpu(dev->id, &m);
	return show_list(buf, &m);
}

static ssize_t all_map_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return show_map(buf, cpu_online_mask);
}

static ssize_t all_list_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return show_list(buf, cpu_online_mask);
}

static DEVICE_ATTR_RO(core_id);
static DEVICE_ATTR(physical_package_id, 0444, zero_show, NULL);
static DEVICE_ATTR(die_id, 0444, zero_show, NULL);
static DEVICE_ATTR(thread_siblings, 0444, self_map_show, NULL);
static DEVICE_ATTR(thread_siblings_list, 0444, self_list_show, NULL);
static DEVICE_ATTR(core_cpus, 0444, self_map_show, NULL);
static DEVICE_ATTR(core_cpus_list, 0444, self_list_show, NULL);
static DEVICE_ATTR(core_siblings, 0444, all_map_show, NULL);
static DEVICE_ATTR(core_siblings_list, 0444, all_list_show, NULL);
static DEVICE_ATTR(die_cpus, 0444, all_map_show, NULL);
static DEVICE_ATTR(die_cpus_list, 0444, all_list_show, NULL);
static DEVICE_ATTR(package_cpus, 0444, all_map_show, NULL);
static DEVICE_ATTR(package_cpus_list, 0444, all_list_show, NULL);

static struct attribute *topology_attrs[] = {
	&dev_attr_core_id.attr, &dev_attr_physical_package_id.attr,
	&dev_attr_die_id.attr, &dev_attr_thread_siblings.attr,
	&dev_attr_thread_siblings_list.attr, &dev_attr_core_cpus.attr,
	&dev_attr_core_cpus_list.attr, &dev_attr_core_siblings.attr,
	&dev_attr_core_siblings_list.attr, &dev_attr_die_cpus.attr,
	&dev_attr_die_cpus_list.attr, &dev_attr_package_cpus.attr,
	&dev_attr_package_cpus_list.attr, NULL,
};

static const struct attribute_group topology_group = {
	.name = "topology", .attrs = topology_attrs,
};

static const struct attribute_group *cpu_groups[] = { &topology_group, NULL };

/* ---- making them ---- */

static DEFINE_PER_CPU(struct device, cpu_devices);

struct device *get_cpu_device(unsigned int cpu)
{
	return cpu < nr_cpu_ids && cpu_possible(cpu)
		? &per_cpu(cpu_devices, cpu) : NULL;
}

static void cpu_release(struct device *dev)
{
	/* Per-CPU memory is never freed. */
}

static int add_cpu(unsigned int cpu)
{
	struct device *dev = &per_cpu(cpu_devices, cpu);

	device_initialize(dev);
	dev->bus = &cpu_subsys;
	dev->id = cpu;
	dev->numa_node = 0;
	dev->groups = cpu_groups;
	dev->release = cpu_release;
	return device_add(dev);
}

int cpu_dev_init(void)
{
	int err = subsys_system_register(&cpu_subsys, cpu_root_groups), cpu;

	for_each_possible_cpu(cpu)
		if (!err)
			err = add_cpu(cpu);
	return err;
}
