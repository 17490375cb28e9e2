/* SPDX-License-Identifier: MIT */
/*
 * sysfs.c -- the firmware's tables and memory map below /sys/firmware
 *
 *	acpi/tables/FACP ...	each table's bytes, for root
 *	memmap/N/start ...	the loader's map, a folder a range
 */

#include "tables.h"

#include <arch/boot.h>
#include <drivers/kobject.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

/* ---- tables ---- */

struct table_file {
	struct bin_attribute attr;
	char name[8];                 /* "SSDT2": the second of its kind */
};

static ssize_t table_read(struct file *file, struct kobject *kobj,
			  struct bin_attribute *attr, char *buf, loff_t pos,
			  size_t n)
{
	memcpy(buf, (const char *)attr->private + pos, n);
	return n;
}

static int add_table(struct kobject *dir, const struct acpi_header *h,
		     unsigned int nth)
{
	struct table_file *t = kzalloc(sizeof(*t), GFP_KERNEL);
	int err;

	if (!t)
		return -ENOMEM;
	snprintf(t->name, sizeof(t->name), nth ? "%.4s%u" : "%.4s",
		 h->signature, nth + 1);
	t->attr.attr.name = t->name;
	t->attr.attr.mode = 0400;
	t->attr.size = h->length;
	t->attr.private = (void *)h;
	t->attr.read = table_read;
	err = sysfs_create_bin_file(dir, &t->attr);
	if (err)
		kfree(t);
	return err;
}

/* How many of the tables before i have its signature. */
static unsigned int same_before(u32 i, const struct acpi_header *h)
{
	const struct acpi_header *other;
	unsigned int n = 0;

	for (u32 j = 0; j < i; j++) {
		other = acpi_table_at(j);
		if (other && !memcmp(other->signature, h->signature, 4))
			n++;
	}
	return n;
}

static int add_tables(struct kobject *dir)
{
	const struct acpi_header *h, *dsdt = acpi_find_dsdt();
	int err = dsdt ? add_table(dir, dsdt, 0) : 0;

	for (u32 i = 0; !err && i < acpi_nr_tables(); i++) {
		h = acpi_table_at(i);
		if (h)
			err = add_table(dir, h, same_before(i, h));
	}
	return err;
}

/* ---- memory map ---- */

struct map_entry {
	struct kobject kobj;
	const struct mem_range *range; /* constant */
};

static const struct mem_range *range_of(struct kobject *kobj)
{
	return container_of(kobj, struct map_entry, kobj)->range;
}

static ssize_t start_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "0x%lx\n", (unsigned long)range_of(kobj)->start);
}

static ssize_t end_show(struct kobject *kobj, struct kobj_attribute *attr,
			char *buf)
{
	return sysfs_emit(buf, "0x%lx\n",
			  (unsigned long)range_of(kobj)->end - 1);
}

static ssize_t type_show(struct kobject *kobj, struct kobj_attribute *attr,
			 char *buf)
{
	static const char *const names[] = {
		[MEM_USABLE] = "System RAM", [MEM_RESERVED] = "Reserved",
		[MEM_ACPI] = "ACPI Tables",
		[MEM_NVS] = "ACPI Non-volatile Storage",
		[MEM_BAD] = "Unusable memory",
	};
	u32 type = range_of(kobj)->type;

	return sysfs_emit(buf, "%s\n", type < ARRAY_SIZE(names) && names[type]
			  ? names[type] : "Unknown E820 type");
}

static struct kobj_attribute start_attr = __ATTR_RO_MODE(start, 0400);
static struct kobj_attribute end_attr = __ATTR_RO_MODE(end, 0400);
static struct kobj_attribute type_attr = __ATTR_RO_MODE(type, 0400);
static struct attribute *map_attrs[] = {
	&start_attr.attr, &end_attr.attr, &type_attr.attr, NULL,
};
ATTRIBUTE_GROUPS(map);

static void free_entry(struct kobject *kobj)
{
	kfree(container_of(kobj, struct map_entry, kobj));
}

static const struct kobj_type map_type = {
	.release = free_entry, .sysfs_ops = &kobj_sysfs_ops,
	.default_groups = map_groups,
};

static int add_map(struct kobject *dir)
{
	for (u32 i = 0; i < boot_info.nr_ranges; i++) {
		struct map_entry *e = kzalloc(sizeof(*e), GFP_KERNEL);
		int err;

		if (!e)
			return -ENOMEM;
		e->range = &boot_info.ranges[i];
		err = kobject_init_and_add(&e->kobj, &map_type, dir, "%u", i);
		if (err) {
			kobject_put(&e->kobj);
			return err;
		}
	}
	return 0;
}

static int firmware_files_init(void)
{
	struct kobject *acpi = kobject_create_and_add("acpi", firmware_kobj);
	struct kobject *tables = kobject_create_and_add("tables", acpi);
	struct kobject *map = kobject_create_and_add("memmap", firmware_kobj);
	int err;

	if (!acpi || !tables || !map)
		return -ENOMEM;
	err = add_tables(tables);
	return err ? err : add_map(map);
}
subsys_initcall(firmware_files_init);
