/* SPDX-License-Identifier: MIT */
/*
 * bdi-sysfs.c -- /sys/class/bdi: each disk as something to write back to
 *
 *	read_ahead_kb	largest read-ahead window
 *	min_ratio	per cent of the dirty limit that is the disk's in any case
 *	max_ratio	per cent of it that the disk may have at most
 *
 * SEE mm/virt/wb_share.c.
 */

#include "genhd.h"

#include <drivers/device.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/sprintf.h>
#include <mm/backing-dev.h>

static struct class bdi_class = { .name = "bdi" };

static struct backing_dev_info *bdi_of(struct device *dev)
{
	return dev_get_drvdata(dev);
}

static ssize_t min_ratio_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return sysfs_emit(buf, "%u\n", bdi_of(dev)->min_ratio);
}

static ssize_t max_ratio_show(struct device *dev, struct device_attribute *attr,
			      char *buf)
{
	return sysfs_emit(buf, "%u\n", bdi_of(dev)->max_ratio);
}

/* The number that was written, to one of the setters. */
static ssize_t store_ratio(struct device *dev, const char *buf, size_t count,
			   int (*set)(struct backing_dev_info *, unsigned int))
{
	unsigned int ratio;
	int err = kstrtouint(buf, 10, &ratio);

	if (!err)
		err = set(bdi_of(dev), ratio);
	return err ? err : (ssize_t)count;
}

static ssize_t min_ratio_store(struct device *dev,
			       struct device_attribute *attr, const char *buf,
			       size_t count)
{
	return store_ratio(dev, buf, count, bdi_set_min_ratio);
}

static ssize_t max_ratio_store(struct device *dev,
			       struct device_attribute *attr, const char *buf,
			       size_t count)
{
	return store_ratio(dev, buf, count, bdi_set_max_ratio);
}

static ssize_t read_ahead_kb_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%lu\n",
			  bdi_of(dev)->ra_pages << (PAGE_SHIFT - 10));
}

static DEVICE_ATTR_RW(min_ratio);
static DEVICE_ATTR_RW(max_ratio);
static DEVICE_ATTR_RO(read_ahead_kb);

static struct attribute *bdi_attrs[] = {
	&dev_attr_min_ratio.attr, &dev_attr_max_ratio.attr,
	&dev_attr_read_ahead_kb.attr, NULL,
};
ATTRIBUTE_GROUPS(bdi);

/* Show a registered one; without memory it is just not seen. */
void bdi_show(struct backing_dev_info *bdi)
{
	struct device *dev;

	dev = device_create_with_groups(&bdi_class, NULL, 0, bdi, bdi_groups,
					"%s", bdi->name);
	bdi->dev = IS_ERR(dev) ? NULL : dev;
}

/* Files that are open answer -ENODEV from now on. */
void bdi_hide(struct backing_dev_info *bdi)
{
	if (bdi->dev)
		device_unregister(bdi->dev);
	bdi->dev = NULL;
}

static int __init bdi_class_init(void)
{
	return class_register(&bdi_class);
}
subsys_initcall(bdi_class_init);
