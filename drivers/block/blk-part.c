/* SPDX-License-Identifier: MIT */
/*
 * blk-part.c -- partitions: found in a table, or told by ioctl
 *
 * PROMISE.  A partition that is open is never taken away by a new look at the
 * table (EBUSY); partitions do not overlap.
 *
 * IDEA.  A partition is a block_device with an offset.  The table is read with
 * bios of our own, not by the page cache, which belongs to the layer above;
 * what that has of the disk is written out and dropped first.
 *
 * LOCKING.  disk->open_mutex, held by the callers that say so.
 */

#include "blk.h"
#include "genhd.h"
#include "partitions.h"

#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/string.h>
#include <mm/slab.h>

/* ---- adding and removing; open_mutex held ---- */

static dev_t number_of(struct gendisk *disk, int partno)
{
	int minor;

	if (partno < disk->minors)
		return MKDEV(disk->major, disk->first_minor + partno);
	minor = part_devt_alloc();
	return minor < 0 ? 0 : MKDEV(BLOCK_EXT_MAJOR, minor);
}

static int enter_partition(struct block_device *bdev, struct gendisk *disk)
{
	struct device *dev = &bdev->bd_device;
	char name[DISK_NAME_LEN];
	dev_t devt = number_of(disk, bdev->bd_partno);
	int err;

	if (!devt)
		return -EBUSY;
	bdev->bd_dev = devt;
	dev->parent = disk_to_dev(disk);
	dev->devt = devt;
	dev->no_uevents = disk_to_dev(disk)->no_uevents;
	err = dev_set_name(dev, "%s", bdev_name_of(bdev, name));
	if (err)
		return err;
	err = device_add(dev);
	if (err)
		return err;
	err = xa_insert(&disk->part_tbl, bdev->bd_partno, bdev, GFP_KERNEL);
	if (err)
		goto out_del;
	err = bdev_add(bdev, devt);
	if (err)
		goto out_tbl;
	dev->no_uevents = false;
	return 0;

out_tbl:
	xa_erase(&disk->part_tbl, bdev->bd_partno);
out_del:
	device_del(dev);
	return err;
}

static int add_partition(struct gendisk *disk, int partno, sector_t start,
			 sector_t len, const struct part_found *info)
{
	struct block_device *bdev;
	int err;

	if (xa_load(&disk->part_tbl, partno))
		return -EBUSY;
	bdev = bdev_alloc(disk, partno);
	if (!bdev)
		return -ENOMEM;
	bdev->bd_start_sect = start;
	bdev->bd_nr_sectors = len;
	bdev->bd_read_only = disk->part0->bd_read_only;
	if (info) {
		strscpy(bdev->bd_uuid, info->uuid, sizeof(bdev->bd_uuid));
		strscpy(bdev->bd_volname, info->volname,
			sizeof(bdev->bd_volname));
	}
	err = enter_partition(bdev, disk);
	if (err) {
		put_device(&bdev->bd_device);
		return err;
	}
	/* While the disk itself is not announced, this is told with it. */
	if (!disk_to_dev(disk)->no_uevents)
		kobject_uevent(&bdev->bd_device.kobj, KOBJ_ADD);
	return 0;
}

static void delete_partition(struct block_device *bdev)
{
	bdev_unhash(bdev);
	xa_erase(&bdev->bd_disk->part_tbl, bdev->bd_partno);
	bdev_drop_cache(bdev);
	device_del(&bdev->bd_device);
	put_device(&bdev->bd_device);
}

void blk_drop_partitions(struct gendisk *disk)
{
	struct block_device *bdev;
	unsigned long n;

	xa_for_each(&disk->part_tbl, n, bdev)
		if (n)
			delete_partition(bdev);
}

static bool overlaps(struct gendisk *disk, int except, sector_t start,
		     sector_t len)
{
	struct block_device *bdev;
	unsigned long n;

	xa_for_each(&disk->part_tbl, n, bdev) {
		if (!n || (int)n == except)
			continue;
		if (start < bdev->bd_start_sect + bdev_nr_sectors(bdev) &&
		    bdev->bd_start_sect < start + len)
			return true;
	}
	return false;
}

/* ---- by ioctl ---- */

int bdev_add_partition(struct gendisk *disk, int partno, sector_t start,
		       sector_t length)
{
	int err = -ENXIO;

	mutex_lock(&disk->open_mutex);
	if (!disk_live(disk))
		goto out;
	err = -EINVAL;
	if (start >= get_capacity(disk) ||
	    length > get_capacity(disk) - start)
		goto out;
	err = -EBUSY;
	if (!overlaps(disk, -1, start, length))
		err = add_partition(disk, partno, start, length, NULL);
out:
	mutex_unlock(&disk->open_mutex);
	return err;
}

int bdev_del_partition(struct gendisk *disk, int partno)
{
	struct block_device *bdev;
	int err = -ENXIO;

	mutex_lock(&disk->open_mutex);
	bdev = xa_load(&disk->part_tbl, partno);
	if (bdev) {
		err = -EBUSY;
		if (!atomic_read(&bdev->bd_openers)) {
			delete_partition(bdev);
			err = 0;
		}
	}
	mutex_unlock(&disk->open_mutex);
	return err;
}

int bdev_resize_partition(struct gendisk *disk, int partno, sector_t start,
			  sector_t length)
{
	struct block_device *bdev;
	int err = -ENXIO;

	mutex_lock(&disk->open_mutex);
	bdev = xa_load(&disk->part_tbl, partno);
	if (!bdev)
		goto out;
	err = -EINVAL;
	if (start != bdev->bd_start_sect)
		goto out;
	err = -EBUSY;
	if (overlaps(disk, partno, start, length))
		goto out;
	bdev_set_nr_sectors(bdev, length);
	err = 0;
out:
	mutex_unlock(&disk->open_mutex);
	return err;
}

/* ---- from the table ---- */

/* One logical block of the disk, past every cache. */
static int read_block(void *ctx, u64 lba, void *block)
{
	struct gendisk *disk = ctx;
	unsigned int size = queue_logical_block_size(disk->queue);
	struct bio *bio = bio_alloc(disk->part0, 1, REQ_OP_READ, GFP_KERNEL);
	int err;

	bio->bi_iter.bi_sector = lba * (size >> SECTOR_SHIFT);
	__bio_add_page(bio, virt_to_page(block), size, offset_in_page(block));
	err = submit_bio_wait(bio);
	bio_put(bio);
	return err ? -EIO : 0;
}

static int read_table(struct part_table *t)
{
	static int (*const readers[])(struct part_table *) = {
		part_read_gpt, part_read_msdos,
	};
	int ret = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(readers) && !ret; i++) {
		memset(t->parts, 0, PART_MAX * sizeof(*t->parts));
		ret = readers[i](t);
	}
	return ret;
}

/* " vda: vda1 vda2", as Linux logs it. */
static void add_found(struct gendisk *disk, struct part_table *t)
{
	char line[200];
	size_t at = snprintf(line, sizeof(line), " %s:", disk->disk_name);

	for (int n = 1; n < PART_MAX; n++) {
		struct part_found *p = &t->parts[n];
		char name[DISK_NAME_LEN];
		int err;

		if (!p->size)
			continue;
		err = add_partition(disk, n, p->from, p->size, p);
		if (err) {
			pr_err("%s: p%d could not be added: error %d\n",
			       disk->disk_name, n, err);
			continue;
		}
		bdev_name_of(xa_load(&disk->part_tbl, n), name);
		if (at < sizeof(line) - DISK_NAME_LEN - 2)
			at += snprintf(line + at, sizeof(line) - at, " %s",
				       name);
	}
	pr_info("%s\n", line);
	if (t->notes[0])
		pr_warn("%s: %s\n", disk->disk_name, t->notes);
}

static int scan_table(struct gendisk *disk)
{
	unsigned int bs = queue_logical_block_size(disk->queue);
	struct part_table t = {
		.read_block = read_block, .ctx = disk, .block_size = bs,
		.nr_blocks = get_capacity(disk) / (bs >> SECTOR_SHIFT),
	};
	int ret = -ENOMEM;

	if (bs > PAGE_SIZE)
		return 0;
	t.block = (void *)__get_free_page(GFP_KERNEL);
	t.block2 = (void *)__get_free_page(GFP_KERNEL);
	t.parts = kvcalloc(PART_MAX, sizeof(*t.parts), GFP_KERNEL);
	if (t.block && t.block2 && t.parts) {
		ret = read_table(&t);
		if (ret == 1)
			add_found(disk, &t);
		if (ret == -EIO)
			pr_err("%s: unable to read partition table\n",
			       disk->disk_name);
	}
	kvfree(t.parts);
	free_page((unsigned long)t.block2);
	free_page((unsigned long)t.block);
	return ret < 0 ? ret : 0;
}

/* Forget the partitions and look anew.  open_mutex held.  0, -EBUSY, -EIO. */
int bdev_disk_changed(struct gendisk *disk, bool invalidate)
{
	if (!disk_live(disk))
		return -ENXIO;
	if (disk->open_partitions)
		return -EBUSY;
	if (disk->part0->bd_inode)
		bdev_sync_cache(disk->part0);
	blk_drop_partitions(disk);
	clear_bit(GD_NEED_PART_SCAN, &disk->state);
	if (invalidate && !atomic_read(&disk->part0->bd_openers))
		bdev_drop_cache(disk->part0);
	if (!get_capacity(disk) || (disk->flags & GENHD_FL_NO_PART) ||
	    test_bit(GD_SUPPRESS_PART_SCAN, &disk->state))
		return 0;
	return scan_table(disk);
}
EXPORT_SYMBOL(bdev_disk_changed);

/* 0, or why not; -EINVAL if the disk has none by its nature.  May sleep. */
int disk_scan_partitions(struct gendisk *disk, fmode_t mode)
{
	int err;

	(void)mode;
	if (disk->flags & GENHD_FL_NO_PART)
		return -EINVAL;
	mutex_lock(&disk->open_mutex);
	err = bdev_disk_changed(disk, false);
	mutex_unlock(&disk->open_mutex);
	return err;
}
EXPORT_SYMBOL(disk_scan_partitions);
