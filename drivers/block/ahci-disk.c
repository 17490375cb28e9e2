/* SPDX-License-Identifier: MIT */
/*
 * ahci-disk.c -- what is on a SATA port as a disk: name, limits, /sys
 *
 * Disks are sda, sdb, ... with the numbers of major 8 as far as they go, CD
 * drives sr0, sr1, ...; a port is freed with the last who has its disk open.
 */

#include "ahci.h"

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/idr.h>
#include <kernel/kernel.h>
#include <kernel/sprintf.h>
#include <mm/slab.h>

#define REQUEST_TIMEOUT (30 * HZ)
#define SD_MINORS 16
#define SD_DISKS 16                     /* that have numbers of major 8 */

static DEFINE_IDA(sd_index);
static DEFINE_IDA(sr_index);
static DEFINE_SPINLOCK(users_lock);     /* port->users */

struct ida *ahci_index_of(const struct ahci_port *p)
{
	return p->atapi ? &sr_index : &sd_index;
}

void ahci_port_put(struct ahci_port *p)
{
	bool last;

	spin_lock(&users_lock);
	last = --p->users == 0;
	spin_unlock(&users_lock);
	if (!last)
		return;
	if (p->index >= 0)
		ida_free(ahci_index_of(p), p->index);
	kfree(p);
}

static void ahci_free_disk(struct gendisk *disk)
{
	ahci_port_put(disk->private_data);
}

static const struct block_device_operations ahci_fops = {
	.free_disk = ahci_free_disk,
};

static ssize_t serial_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct ahci_port *p = dev_to_disk(dev)->private_data;

	return sysfs_emit(buf, "%s\n", p->serial);
}
static DEVICE_ATTR_RO(serial);

static ssize_t model_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct ahci_port *p = dev_to_disk(dev)->private_data;

	return sysfs_emit(buf, "%s\n", p->model);
}
static DEVICE_ATTR_RO(model);

static struct attribute *ahci_attrs[] = {
	&dev_attr_serial.attr, &dev_attr_model.attr, NULL,
};
static const struct attribute_group ahci_group = { .attrs = ahci_attrs };
const struct attribute_group *ahci_groups[] = { &ahci_group, NULL };

static void set_limits(struct ahci_port *p)
{
	struct request_queue *q = p->disk->queue;
	u32 block = 1u << p->block_shift;

	blk_queue_logical_block_size(q, block);
	blk_queue_physical_block_size(q, block << p->phys_exp);
	blk_queue_max_hw_sectors(q, 0xffff);
	blk_queue_max_segments(q, AHCI_MAX_PRDS);
	blk_queue_max_segment_size(q, 64u << 10);
	/* Not every device heeds FUA in queued writes: a flush is sure. */
	blk_queue_write_cache(q, p->write_cache, p->fua && !p->queue_depth);
	if (!p->rotates)
		blk_queue_flag_set(QUEUE_FLAG_NONROT, q);
	if (p->trim && p->block_shift == SECTOR_SHIFT) {
		q->limits.discard_granularity = block;
		/* 64 ranges of 65535 blocks fill one sector. */
		blk_queue_max_discard_sectors(q, 64 * 0xffff);
		blk_queue_max_discard_segments(q, 1);
	}
}

static void name_the_disk(struct ahci_port *p)
{
	struct gendisk *d = p->disk;

	if (p->atapi) {
		snprintf(d->disk_name, sizeof(d->disk_name), "sr%d", p->index);
		d->major = SR_MAJOR;
		d->first_minor = p->index;
		d->minors = 1;
		d->flags |= GENHD_FL_REMOVABLE | GENHD_FL_NO_PART;
		return;
	}
	disk_name_letters(d->disk_name, "sd", p->index);
	if (p->index >= SD_DISKS)
		return;                 /* numbers are found for it */
	d->major = SD_MAJOR;
	d->first_minor = p->index * SD_MINORS;
	d->minors = SD_MINORS;
}

int ahci_make_disk(struct ahci_port *p)
{
	struct blk_mq_tag_set *set = &p->tag_set;
	int err;

	set->ops = &ahci_mq_ops;
	set->nr_hw_queues = set->map[0].nr_queues = 1;
	set->nr_maps = 1;
	set->queue_depth = p->host->nr_slots;
	if (p->queue_depth)
		set->queue_depth = min(p->host->nr_slots,
				       (unsigned)p->queue_depth);
	set->flags = BLK_MQ_F_SHOULD_MERGE;
	set->timeout = REQUEST_TIMEOUT;
	set->numa_node = -1;
	set->driver_data = p;
	err = blk_mq_alloc_tag_set(set);
	if (err)
		return err;
	p->disk = blk_mq_alloc_disk(set, p);
	if (IS_ERR(p->disk)) {
		blk_mq_free_tag_set(set);
		return PTR_ERR(p->disk);
	}
	p->users++;
	p->disk->private_data = p;
	p->disk->fops = &ahci_fops;
	name_the_disk(p);
	set_limits(p);
	set_capacity(p->disk, p->blocks << (p->block_shift - SECTOR_SHIFT));
	if (p->atapi)
		set_disk_ro(p->disk, true);
	return 0;
}
