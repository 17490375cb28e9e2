/* SPDX-License-Identifier: MIT */
/*
 * disk-attr.c -- /sys/block/X/{size,ro,stat,...} and the same of partitions
 *
 * Formats are Linux's: sizes in sectors of 512 bytes; `stat` is a line of
 * /proc/diskstats without the name.  An attribute is shown by a function of its
 * own name; the groups at the end say which kind of device has which.
 */

#include "blk.h"
#include "genhd.h"

#include <kernel/init.h>
#include <kernel/kernel.h>

static ssize_t size_show(struct device *dev, struct device_attribute *a,
			 char *buf)
{
	(void)a;
	return sysfs_emit(buf, "%lu\n", (u64)bdev_nr_sectors(dev_to_bdev(dev)));
}

static ssize_t ro_show(struct device *dev, struct device_attribute *a,
		       char *buf)
{
	(void)a;
	return sysfs_emit(buf, "%d\n", bdev_read_only(dev_to_bdev(dev)));
}

static ssize_t stat_show(struct device *dev, struct device_attribute *a,
			 char *buf)
{
	struct block_device *bdev = dev_to_bdev(dev);
	struct disk_stats s;

	(void)a;
	part_stat_sum(bdev, &s);
	return sysfs_emit(buf, "%8lu %8lu %8lu %8u %8lu %8lu %8lu %8u %8u %8u "
		"%8u %8lu %8lu %8lu %8u %8lu %8u\n",
		s.ios[0], s.merges[0], s.sectors[0],
		(unsigned)(s.nsecs[0] / 1000000),
		s.ios[1], s.merges[1], s.sectors[1],
		(unsigned)(s.nsecs[1] / 1000000),
		(unsigned)(s.in_flight[0] + s.in_flight[1]),
		jiffies_to_msecs(s.io_ticks),
		(unsigned)((s.nsecs[0] + s.nsecs[1] + s.nsecs[2] +
			    s.nsecs[3]) / 1000000),
		s.ios[2], s.merges[2], s.sectors[2],
		(unsigned)(s.nsecs[2] / 1000000),
		s.ios[3], (unsigned)(s.nsecs[3] / 1000000));
}

static ssize_t inflight_show(struct device *dev, struct device_attribute *a,
			     char *buf)
{
	struct disk_stats s;

	(void)a;
	part_stat_sum(dev_to_bdev(dev), &s);
	return sysfs_emit(buf, "%8u %8u\n", (unsigned)s.in_flight[0],
			  (unsigned)s.in_flight[1]);
}

static ssize_t removable_show(struct device *dev, struct device_attribute *a,
			      char *buf)
{
	(void)a;
	return sysfs_emit(buf, "%d\n",
			  !!(dev_to_disk(dev)->flags & GENHD_FL_REMOVABLE));
}

static ssize_t hidden_show(struct device *dev, struct device_attribute *a,
			   char *buf)
{
	(void)a;
	return sysfs_emit(buf, "%d\n",
			  !!(dev_to_disk(dev)->flags & GENHD_FL_HIDDEN));
}

static ssize_t range_show(struct device *dev, struct device_attribute *a,
			  char *buf)
{
	(void)a;
	return sysfs_emit(buf, "%d\n", dev_to_disk(dev)->minors);
}

static ssize_t ext_range_show(struct device *dev, struct device_attribute *a,
			      char *buf)
{
	struct gendisk *disk = dev_to_disk(dev);

	(void)a;
	return sysfs_emit(buf, "%d\n", disk->flags & GENHD_FL_NO_PART
				       ? 1 : DISK_MAX_PARTS);
}

static ssize_t capability_show(struct device *dev, struct device_attribute *a,
			       char *buf)
{
	(void)dev, (void)a;
	return sysfs_emit(buf, "0\n");
}

static ssize_t diskseq_show(struct device *dev, struct device_attribute *a,
			    char *buf)
{
	(void)a;
	return sysfs_emit(buf, "%lu\n", dev_to_disk(dev)->diskseq);
}

static ssize_t discard_alignment_show(struct device *dev,
				      struct device_attribute *a, char *buf)
{
	(void)a;
	return sysfs_emit(buf, "%u\n",
		dev_to_disk(dev)->queue->limits.discard_alignment);
}

static ssize_t alignment_offset_show(struct device *dev,
				     struct device_attribute *a, char *buf)
{
	(void)dev, (void)a;
	return sysfs_emit(buf, "0\n");
}

static ssize_t partition_show(struct device *dev, struct device_attribute *a,
			      char *buf)
{
	(void)a;
	return sysfs_emit(buf, "%d\n", dev_to_bdev(dev)->bd_partno);
}

static ssize_t start_show(struct device *dev, struct device_attribute *a,
			  char *buf)
{
	(void)a;
	return sysfs_emit(buf, "%lu\n", (u64)dev_to_bdev(dev)->bd_start_sect);
}

static DEVICE_ATTR_RO(size);
static DEVICE_ATTR_RO(ro);
static DEVICE_ATTR_RO(stat);
static DEVICE_ATTR_RO(inflight);
static DEVICE_ATTR_RO(removable);
static DEVICE_ATTR_RO(hidden);
static DEVICE_ATTR_RO(range);
static DEVICE_ATTR_RO(ext_range);
static DEVICE_ATTR_RO(capability);
static DEVICE_ATTR_RO(diskseq);
static DEVICE_ATTR_RO(discard_alignment);
static DEVICE_ATTR_RO(alignment_offset);
static DEVICE_ATTR_RO(partition);
static DEVICE_ATTR_RO(start);

static struct attribute *disk_attrs[] = {
	&dev_attr_range.attr, &dev_attr_ext_range.attr,
	&dev_attr_removable.attr, &dev_attr_hidden.attr, &dev_attr_ro.attr,
	&dev_attr_size.attr, &dev_attr_alignment_offset.attr,
	&dev_attr_discard_alignment.attr, &dev_attr_capability.attr,
	&dev_attr_stat.attr, &dev_attr_inflight.attr,
	&dev_attr_diskseq.attr, NULL,
};
static const struct attribute_group disk_attr_group = { .attrs = disk_attrs };
const struct attribute_group *disk_attr_groups[] = { &disk_attr_group, NULL };

static struct attribute *part_attrs[] = {
	&dev_attr_partition.attr, &dev_attr_start.attr, &dev_attr_size.attr,
	&dev_attr_ro.attr, &dev_attr_alignment_offset.attr,
	&dev_attr_discard_alignment.attr, &dev_attr_stat.attr,
	&dev_attr_inflight.attr, NULL,
};
static const struct attribute_group part_attr_group = { .attrs = part_attrs };
const struct attribute_group *part_attr_groups[] = { &part_attr_group, NULL };
