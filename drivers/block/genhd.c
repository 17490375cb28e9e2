/* SPDX-License-Identifier: MIT */
/*
 * genhd.c -- disks come and go
 *
 * PROMISE.  A disk that was added can be found by number and seen in /sys and
 * /dev; after del_gendisk() nobody can open it, and all I/O of those who have
 * it open ends with EIO.
 *
 * IDEA.  A gendisk is a disk; a block_device is what can be opened: the whole
 * (part0) or a partition.  Each block_device embeds a device, whose reference
 * count is its own; those of partitions hold part0, and part0 is the disk:
 *
 *	opener --> block_device (vda2) --> part0 (vda) = gendisk --> queue
 *
 * A number finds its block_device in one xarray.  Removal takes it out of there
 * first, so the openers that exist are all that there will be.
 *
 * LOCKING.  disk->open_mutex: opening, closing, partitions.  disks_mutex: the
 * list of disks; taken inside open_mutex never, outside it.  bdev_table: its
 * own lock to write, RCU to read.
 *
 * RACES.  A lookup finds a block_device whose last holder is just letting go:
 * kobject_get_unless_zero() fails then, and it is freed after a grace period.
 *
 * SEE docs/74-block-layer.md.
 */

#include "blk.h"
#include "genhd.h"

#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/string.h>
#include <mm/backing-dev.h>
#include <mm/slab.h>

static DEFINE_XARRAY(bdev_table);
static LIST_HEAD(disks);
static DEFINE_MUTEX(disks_mutex);
static u64 next_diskseq;
static const struct bdev_cache_ops *cache_ops;

void bdev_register_cache(const struct bdev_cache_ops *ops)
{
	cache_ops = ops;
}

/* Write what the page cache has of it; dirty data stay if that fails. */
void bdev_sync_cache(struct block_device *bdev)
{
	if (cache_ops && bdev->bd_inode)
		cache_ops->sync(bdev);
}

/* Forget what the page cache has of it. */
void bdev_drop_cache(struct block_device *bdev)
{
	if (cache_ops && bdev->bd_inode)
		cache_ops->invalidate(bdev);
}

void disk_name_letters(char name[DISK_NAME_LEN], const char *prefix,
		       unsigned int index)
{
	char *p = name + DISK_NAME_LEN - 1;
	size_t at = strlen(prefix);

	*p = '\0';
	for (long i = index; i >= 0; i = i / 26 - 1)
		*--p = 'a' + i % 26;
	memmove(name + at, p, name + DISK_NAME_LEN - p);
	memcpy(name, prefix, at);
}
EXPORT_SYMBOL(disk_name_letters);

/* ---- block devices ---- */

static void bdev_free_rcu(struct rcu_head *head)
{
	struct block_device *bdev = container_of(head, struct block_device,
						 bd_rcu);

	free_percpu(bdev->bd_stats);
	kfree(bdev);
}

static void disk_release(struct gendisk *disk)
{
	if (disk->fops && disk->fops->free_disk &&
	    test_bit(GD_ADDED, &disk->state))
		disk->fops->free_disk(disk);
	if (test_bit(GD_OWNS_QUEUE, &disk->state))
		blk_mq_destroy_queue(disk->queue);
	xa_destroy(&disk->part_tbl);
	disk->queue->disk = NULL;
	blk_put_queue(disk->queue);
	bdi_put(disk->bdi);
	kfree(disk);
}

/* The last holder is gone. */
static void bdev_release(struct device *dev)
{
	struct block_device *bdev = dev_to_bdev(dev);
	struct gendisk *disk = bdev->bd_disk;
	bool whole = !bdev_is_partition(bdev);

	if (cache_ops && bdev->bd_inode)
		cache_ops->release(bdev);
	if (!whole) {
		part_devt_free(bdev->bd_dev);
		put_disk(disk);
	}
	call_rcu(&bdev->bd_rcu, bdev_free_rcu);
	if (whole)
		disk_release(disk);
}

static int block_uevent(struct device *dev, struct kobj_uevent_env *env)
{
	struct block_device *bdev = dev_to_bdev(dev);

	if (bdev_is_partition(bdev)) {
		if (bdev->bd_volname[0])
			add_uevent_var(env, "PARTNAME=%s", bdev->bd_volname);
		add_uevent_var(env, "PARTN=%u", bdev->bd_partno);
		if (bdev->bd_uuid[0])
			add_uevent_var(env, "PARTUUID=%s", bdev->bd_uuid);
	}
	return add_uevent_var(env, "DISKSEQ=%lu", bdev->bd_disk->diskseq);
}

static const char *block_devnode(const struct device *dev, umode_t *mode)
{
	(void)dev;
	*mode = 0660;
	return NULL;
}

struct class block_class = {
	.name = "block", .dev_uevent = block_uevent,
	.devnode = block_devnode,
};

static const struct device_type disk_type = {
	.name = "disk", .groups = disk_attr_groups, .release = bdev_release,
};

static const struct device_type part_type = {
	.name = "partition", .groups = part_attr_groups,
	.release = bdev_release,
};

/* One holder; NULL.  A partition's holds the disk. */
struct block_device *bdev_alloc(struct gendisk *disk, u8 partno)
{
	struct block_device *bdev = kzalloc(sizeof(*bdev), GFP_KERNEL);

	if (!bdev)
		return NULL;
	bdev->bd_stats = alloc_percpu(struct disk_stats);
	if (!bdev->bd_stats) {
		kfree(bdev);
		return NULL;
	}
	bdev->bd_disk = disk;
	bdev->bd_queue = disk->queue;
	bdev->bd_partno = partno;
	bdev->bd_stamp = jiffies;
	device_initialize(&bdev->bd_device);
	bdev->bd_device.class = &block_class;
	bdev->bd_device.type = partno ? &part_type : &disk_type;
	if (partno)
		get_device(disk_to_dev(disk));
	return bdev;
}

/* From now on it can be found.  0, -EBUSY, -ENOMEM. */
int bdev_add(struct block_device *bdev, dev_t dev)
{
	bdev->bd_dev = dev;
	bdev->bd_device.devt = dev;
	return xa_insert(&bdev_table, dev, bdev, GFP_KERNEL);
}

void bdev_unhash(struct block_device *bdev)
{
	xa_erase(&bdev_table, bdev->bd_dev);
}

static struct block_device *bdev_lookup(dev_t dev)
{
	struct block_device *bdev;

	rcu_read_lock();
	bdev = xa_load(&bdev_table, dev);
	if (bdev && !kobject_get_unless_zero(&bdev->bd_device.kobj))
		bdev = NULL;
	rcu_read_unlock();
	return bdev;
}

struct block_device *blkdev_get_no_open(dev_t dev)
{
	struct block_device *bdev = bdev_lookup(dev);

	if (bdev)
		return bdev;
	blk_request_module(dev);
	return bdev_lookup(dev);
}
EXPORT_SYMBOL(blkdev_get_no_open);

void blkdev_put_no_open(struct block_device *bdev)
{
	put_device(&bdev->bd_device);
}
EXPORT_SYMBOL(blkdev_put_no_open);

void bdev_set_nr_sectors(struct block_device *bdev, sector_t sectors)
{
	WRITE_ONCE(bdev->bd_nr_sectors, sectors);
	if (cache_ops && bdev->bd_inode)
		cache_ops->resized(bdev);
}

/* "vda", "vda2", "nvme0n1p2". */
char *bdev_name_of(const struct block_device *bdev, char buf[DISK_NAME_LEN])
{
	const char *name = bdev->bd_disk->disk_name;
	size_t len = strlen(name);

	if (!bdev->bd_partno)
		snprintf(buf, DISK_NAME_LEN, "%s", name);
	else
		snprintf(buf, DISK_NAME_LEN, "%s%s%u", name,
			 len && name[len - 1] >= '0' && name[len - 1] <= '9'
			 ? "p" : "", bdev->bd_partno);
	return buf;
}
EXPORT_SYMBOL(bdev_name_of);

/* ---- disks ---- */

struct gendisk *__alloc_disk_node(struct request_queue *q, int node)
{
	struct gendisk *disk = kzalloc(sizeof(*disk), GFP_KERNEL);

	if (!disk)
		return NULL;
	disk->queue = q;
	q->disk = disk;
	disk->bdi = bdi_alloc(node);
	if (!disk->bdi)
		goto out_free;
	xa_init(&disk->part_tbl);
	mutex_init(&disk->open_mutex);
	INIT_LIST_HEAD(&disk->disk_list);
	disk->part0 = bdev_alloc(disk, 0);
	if (!disk->part0)
		goto out_bdi;
	if (xa_insert(&disk->part_tbl, 0, disk->part0, GFP_KERNEL))
		goto out_part0;
	disk->diskseq = __atomic_add_fetch(&next_diskseq, 1,
					   __ATOMIC_RELAXED);
	return disk;

out_part0:
	free_percpu(disk->part0->bd_stats);
	kfree(disk->part0);
out_bdi:
	bdi_put(disk->bdi);
out_free:
	q->disk = NULL;
	kfree(disk);
	return NULL;
}

struct gendisk *blk_alloc_disk(int node)
{
	struct request_queue *q = blk_alloc_queue();
	struct gendisk *disk;

	if (!q)
		return NULL;
	disk = __alloc_disk_node(q, node);
	if (!disk)
		blk_put_queue(q);
	return disk;
}
EXPORT_SYMBOL(blk_alloc_disk);

void put_disk(struct gendisk *disk)
{
	if (disk)
		put_device(disk_to_dev(disk));
}
EXPORT_SYMBOL(put_disk);

/* In the list, by number. */
static void list_disk(struct gendisk *disk)
{
	struct gendisk *d;
	struct list_head *behind = &disks;

	mutex_lock(&disks_mutex);
	list_for_each_entry(d, &disks, disk_list)
		if (disk_devt(d) < disk_devt(disk))
			behind = &d->disk_list;
	list_add(&disk->disk_list, behind);
	mutex_unlock(&disks_mutex);
}

static int number_disk(struct gendisk *disk)
{
	if (disk->major) {
		if (WARN_ON(!disk->minors))
			return -EINVAL;
		return 0;
	}
	disk->major = BLOCK_EXT_MAJOR;
	disk->first_minor = part_devt_alloc();
	disk->minors = 1;
	return disk->first_minor < 0 ? disk->first_minor : 0;
}

static int add_to_tree(struct gendisk *disk, struct device *parent,
		       const struct attribute_group **groups)
{
	struct device *dev = disk_to_dev(disk);
	int err;

	dev->parent = parent;
	dev->groups = groups;
	err = dev_set_name(dev, "%s", disk->disk_name);
	if (err)
		return err;
	dev->no_uevents = true;
	err = device_add(dev);
	if (err)
		return err;
	err = blk_register_queue(disk);
	if (err)
		device_del(dev);
	return err;
}

/* With its partitions, when user space hears of it.  0 or -errno. */
int device_add_disk(struct device *parent, struct gendisk *disk,
		    const struct attribute_group **groups)
{
	struct device *dev = disk_to_dev(disk);
	struct block_device *part;
	unsigned long n;
	int err = number_disk(disk);

	if (err)
		return err;
	disk->parent = parent;
	elevator_init_mq(disk->queue);
	disk->bdi->ra_pages = disk->queue->ra_pages;
	disk->bdi->io_pages = queue_max_sectors(disk->queue) >>
			      PAGE_SECTORS_SHIFT;
	disk->bdi->capabilities |= BDI_CAP_WRITEBACK;
	err = bdi_register(disk->bdi, "%u:%u", disk->major,
			   disk->first_minor);
	if (err)
		return err;
	bdi_show(disk->bdi);
	err = bdev_add(disk->part0, disk_devt(disk));
	if (err)
		goto out_bdi;
	err = add_to_tree(disk, parent, groups);
	if (err)
		goto out_hash;
	set_bit(GD_ADDED, &disk->state);
	list_disk(disk);
	disk_scan_partitions(disk, 0);
	dev->no_uevents = false;
	kobject_uevent(&dev->kobj, KOBJ_ADD);
	xa_for_each(&disk->part_tbl, n, part)
		if (n)
			kobject_uevent(&part->bd_device.kobj, KOBJ_ADD);
	return 0;

out_hash:
	bdev_unhash(disk->part0);
out_bdi:
	bdi_hide(disk->bdi);
	bdi_unregister(disk->bdi);
	return err;
}
EXPORT_SYMBOL(device_add_disk);

/* Whoever waits for it gets EIO; the driver must fail what it has. */
void blk_mark_disk_dead(struct gendisk *disk)
{
	struct request_queue *q = disk->queue;

	set_bit(GD_DEAD, &disk->state);
	set_bit(QUEUE_FLAG_DEAD, &q->queue_flags);
	set_bit(QUEUE_FLAG_DYING, &q->queue_flags);
	wake_up_all(&q->mq_freeze_wq);
	if (q->tag_set)
		blk_mq_run_hw_queues(q, true);
	bdev_set_nr_sectors(disk->part0, 0);
}
EXPORT_SYMBOL(blk_mark_disk_dead);

static void sync_all(struct gendisk *disk)
{
	struct block_device *bdev;
	unsigned long n;

	xa_for_each(&disk->part_tbl, n, bdev)
		bdev_sync_cache(bdev);
}

void del_gendisk(struct gendisk *disk)
{
	struct request_queue *q = disk->queue;

	if (WARN_ON_ONCE(!test_bit(GD_ADDED, &disk->state)))
		return;
	if (!blk_queue_flag(q, QUEUE_FLAG_DEAD))
		sync_all(disk);
	mutex_lock(&disk->open_mutex);
	set_bit(GD_DEAD, &disk->state);
	bdev_unhash(disk->part0);
	/* From here on nothing is read: a file system that is still mounted
	 * must not find its blocks as they were before they were dropped. */
	set_bit(QUEUE_FLAG_DYING, &q->queue_flags);
	wake_up_all(&q->mq_freeze_wq);
	blk_drop_partitions(disk);
	mutex_unlock(&disk->open_mutex);
	bdev_drop_cache(disk->part0);
	bdev_set_nr_sectors(disk->part0, 0);
	mutex_lock(&disks_mutex);
	list_del_init(&disk->disk_list);
	mutex_unlock(&disks_mutex);
	bdi_hide(disk->bdi);
	bdi_unregister(disk->bdi);
	blk_unregister_queue(disk);
	device_del(disk_to_dev(disk));
	if (test_bit(GD_OWNS_QUEUE, &disk->state))
		blk_mq_destroy_queue(q);
	else if (q->tag_set)
		blk_mq_freeze_queue(q);
	if (disk->major == BLOCK_EXT_MAJOR)
		part_devt_free(disk_devt(disk));
}
EXPORT_SYMBOL(del_gendisk);

/* ---- size and write protection ---- */

void set_capacity(struct gendisk *disk, sector_t sectors)
{
	bdev_set_nr_sectors(disk->part0, sectors);
}
EXPORT_SYMBOL(set_capacity);

bool set_capacity_and_notify(struct gendisk *disk, sector_t sectors)
{
	sector_t was = get_capacity(disk);
	char *envp[] = { "RESIZE=1", NULL };

	set_capacity(disk, sectors);
	if (was == sectors || !was || !sectors || !disk_live(disk))
		return false;
	pr_info("%s: detected capacity change from %lu to %lu\n",
		disk->disk_name, (u64)was, (u64)sectors);
	kobject_uevent_env(&disk_to_dev(disk)->kobj, KOBJ_CHANGE, envp);
	return true;
}
EXPORT_SYMBOL(set_capacity_and_notify);

void set_disk_ro(struct gendisk *disk, bool read_only)
{
	char event[] = "DISK_RO=1";
	char *envp[] = { event, NULL };

	if (test_bit(GD_READ_ONLY, &disk->state) == read_only)
		return;
	assign_bit(GD_READ_ONLY, &disk->state, read_only);
	if (!read_only)
		event[8] = '0';
	if (disk_live(disk))
		kobject_uevent_env(&disk_to_dev(disk)->kobj, KOBJ_CHANGE,
				   envp);
}
EXPORT_SYMBOL(set_disk_ro);

/* ---- all of them ---- */

/* Disks by number, each with its partitions.  fn may sleep. */
void bdev_for_each(void (*fn)(struct block_device *bdev, void *arg), void *arg)
{
	struct block_device *bdev;
	struct gendisk *disk;
	unsigned long n;

	mutex_lock(&disks_mutex);
	list_for_each_entry(disk, &disks, disk_list) {
		for (n = 0; n < DISK_MAX_PARTS; n++) {
			rcu_read_lock();
			bdev = xa_load(&disk->part_tbl, n);
			if (bdev &&
			    !kobject_get_unless_zero(&bdev->bd_device.kobj))
				bdev = NULL;
			rcu_read_unlock();
			if (!bdev)
				continue;
			fn(bdev, arg);
			put_device(&bdev->bd_device);
		}
	}
	mutex_unlock(&disks_mutex);
}
EXPORT_SYMBOL(bdev_for_each);
