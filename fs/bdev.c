/* SPDX-License-Identifier: MIT */
/*
 * bdev.c -- opening block devices; whose they are
 *
 * PROMISE.  However many nodes in however many directories name a device, its
 * opened files share one page cache.  A device can be had exclusively: by a
 * mounted file system, or by O_EXCL; the second to ask gets EBUSY.
 *
 * IDEA.  A node of /dev holds only a number.  Behind the number stands a
 * block_device, and behind it, made by the first opener, an inode of our own
 * (of a volume "bdev" that nobody can mount) whose page cache is the device's:
 *
 *	/dev/vda (devtmpfs) --\
 *	                       254:0 -> block_device -> inode, i_mapping
 *	/tmp/mynode (tmpfs) --/
 *
 * The last close writes the cache out and drops it, for the disk may be another
 * one when it is next opened.
 *
 * Claiming has two steps, for opening can fail in between: prepare (others
 * wait) and finish (it is ours) or abort.  Who claims a partition claims the
 * disk in the name of all partitions (bd_may_claim), so that a disk and a
 * partition of it are not had by different holders.
 *
 * LOCKING.  disk->open_mutex: openers, partitions.  bdev_lock: the claims.
 * Order: open_mutex, bdev_lock.
 *
 * RACES.  A disk goes while somebody opens it: del_gendisk() takes it out of
 * the table, then takes open_mutex; the opener, holding a reference, looks at
 * disk_live() under open_mutex.
 *
 * SEE docs/74-block-layer.md; files bdev_fops.c, mounting bdev_super.c, writing
 * the cache out bdev_sync.c.
 */

#include "bdev.h"

#include <fs/buffer_head.h>
#include <fs/namei.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/filemap.h>
#include <mm/writeback.h>

#define BDEVFS_MAGIC 0x62646576   /* "bdev" */

static DEFINE_SPINLOCK(bdev_lock);
static DECLARE_WAIT_QUEUE_HEAD(claim_wait);
static struct super_block *bdev_sb;

struct block_device *I_BDEV(struct inode *inode)
{
	return inode->i_private;
}
EXPORT_SYMBOL(I_BDEV);

/* ---- the cache of a device ---- */

/* Everything cached goes, written or not. */
static void kill_bdev(struct block_device *bdev)
{
	struct address_space *mapping = bdev->bd_inode->i_mapping;

	if (!mapping->nrpages)
		return;
	invalidate_bh_lrus();
	truncate_inode_pages(mapping, 0);
}

int truncate_bdev_range(struct block_device *bdev, fmode_t mode, loff_t start,
			loff_t end)
{
	int err;

	(void)mode;
	err = sync_blockdev_range(bdev, start, end);
	truncate_inode_pages_range(bdev->bd_inode->i_mapping, start, end);
	return err;
}
EXPORT_SYMBOL(truncate_bdev_range);

static void set_init_blocksize(struct block_device *bdev)
{
	unsigned int size = bdev_logical_block_size(bdev);
	loff_t bytes = bdev_nr_bytes(bdev);

	while (size < PAGE_SIZE && !(bytes & size))
		size <<= 1;
	bdev->bd_inode->i_blkbits = ilog2(size);
}

/* 0, or -EINVAL if the device does not do such blocks.  May sleep. */
int set_blocksize(struct block_device *bdev, int size)
{
	if (size > (int)PAGE_SIZE || size < 512 || (size & (size - 1)) ||
	    size < (int)bdev_logical_block_size(bdev))
		return -EINVAL;
	if (bdev->bd_inode->i_blkbits == ilog2(size))
		return 0;
	sync_blockdev(bdev);
	bdev->bd_inode->i_blkbits = ilog2(size);
	kill_bdev(bdev);
	return 0;
}
EXPORT_SYMBOL(set_blocksize);

/* ---- the inode of a device ---- */

/* open_mutex held. */
static int make_inode(struct block_device *bdev)
{
	struct inode *inode;

	if (bdev->bd_inode)
		return 0;
	inode = new_inode(bdev_sb);
	if (!inode)
		return -ENOMEM;
	inode->i_ino = bdev->bd_dev;
	inode->i_mode = S_IFBLK;
	inode->i_rdev = bdev->bd_dev;
	inode->i_private = bdev;
	inode->i_data.a_ops = &def_blk_aops;
	inode->i_data.gfp_mask = GFP_USER;
	inode->i_data.backing_dev_info = bdev->bd_disk->bdi;
	i_size_write(inode, bdev_nr_bytes(bdev));
	bdev->bd_inode = inode;
	set_init_blocksize(bdev);
	return 0;
}

static void cache_sync(struct block_device *bdev)
{
	sync_blockdev(bdev);
}

static void cache_resized(struct block_device *bdev)
{
	i_size_write(bdev->bd_inode, bdev_nr_bytes(bdev));
}

static void cache_release(struct block_device *bdev)
{
	kill_bdev(bdev);
	iput(bdev->bd_inode);
	bdev->bd_inode = NULL;
}

static const struct bdev_cache_ops cache_ops = {
	.sync = cache_sync, .invalidate = kill_bdev,
	.resized = cache_resized, .release = cache_release,
};

/* ---- claiming ---- */

/* The owner of a disk that is claimed for its partitions' sake. */
static char bd_may_claim_cookie;

/* bdev_lock held. */
static bool bd_may_claim(struct block_device *bdev, void *holder)
{
	struct block_device *whole = bdev_whole(bdev);

	if (bdev->bd_holder)
		return bdev->bd_holder == holder;
	if (bdev == whole)
		return true;
	return !whole->bd_holder || whole->bd_holder == &bd_may_claim_cookie;
}

/* Sleeps while another is at it.  0 or -EBUSY. */
int bd_prepare_to_claim(struct block_device *bdev, void *holder)
{
	struct block_device *whole = bdev_whole(bdev);

	for (;;) {
		spin_lock(&bdev_lock);
		if (!bd_may_claim(bdev, holder)) {
			spin_unlock(&bdev_lock);
			return -EBUSY;
		}
		if (!whole->bd_claiming)
			break;
		spin_unlock(&bdev_lock);
		wait_event(claim_wait, !READ_ONCE(whole->bd_claiming));
	}
	whole->bd_claiming = holder;
	spin_unlock(&bdev_lock);
	return 0;
}
EXPORT_SYMBOL(bd_prepare_to_claim);

static void clear_claiming(struct block_device *whole)
{
	WRITE_ONCE(whole->bd_claiming, NULL);
	wake_up_all(&claim_wait);
}

static void bd_finish_claiming(struct block_device *bdev, void *holder)
{
	struct block_device *whole = bdev_whole(bdev);

	spin_lock(&bdev_lock);
	if (whole != bdev) {
		whole->bd_holders++;
		whole->bd_holder = &bd_may_claim_cookie;
	}
	bdev->bd_holders++;
	bdev->bd_holder = holder;
	clear_claiming(whole);
	spin_unlock(&bdev_lock);
}

void bd_abort_claiming(struct block_device *bdev, void *holder)
{
	(void)holder;
	spin_lock(&bdev_lock);
	clear_claiming(bdev_whole(bdev));
	spin_unlock(&bdev_lock);
}
EXPORT_SYMBOL(bd_abort_claiming);

static void bd_end_claim(struct block_device *bdev)
{
	struct block_device *whole = bdev_whole(bdev);

	spin_lock(&bdev_lock);
	if (!--bdev->bd_holders)
		bdev->bd_holder = NULL;
	if (whole != bdev && !--whole->bd_holders)
		whole->bd_holder = NULL;
	spin_unlock(&bdev_lock);
}

/* ---- opening and closing; open_mutex held ---- */

static int get_whole(struct block_device *bdev, fmode_t mode)
{
	struct gendisk *disk = bdev->bd_disk;
	int err = make_inode(bdev);

	if (!err && disk->fops->open)
		err = disk->fops->open(bdev, mode);
	if (err)
		return err;
	if (!atomic_read(&bdev->bd_openers)) {
		i_size_write(bdev->bd_inode, bdev_nr_bytes(bdev));
		set_init_blocksize(bdev);
	}
	if (test_bit(GD_NEED_PART_SCAN, &disk->state))
		bdev_disk_changed(disk, false);
	atomic_inc(&bdev->bd_openers);
	return 0;
}

static void put_whole(struct block_device *bdev, fmode_t mode)
{
	struct gendisk *disk = bdev->bd_disk;

	if (atomic_dec_and_test(&bdev->bd_openers)) {
		sync_blockdev(bdev);
		kill_bdev(bdev);
	}
	if (disk->fops->release)
		disk->fops->release(disk, mode);
}

static int get_part(struct block_device *part, fmode_t mode)
{
	struct gendisk *disk = part->bd_disk;
	int err = get_whole(disk->part0, mode);

	if (err)
		return err;
	err = -ENXIO;
	/* A new look at the table may just have taken it away. */
	if (bdev_nr_sectors(part) &&
	    xa_load(&disk->part_tbl, part->bd_partno) == part)
		err = make_inode(part);
	if (err) {
		put_whole(disk->part0, mode);
		return err;
	}
	if (!atomic_read(&part->bd_openers)) {
		disk->open_partitions++;
		set_init_blocksize(part);
	}
	atomic_inc(&part->bd_openers);
	return 0;
}

static void put_part(struct block_device *part, fmode_t mode)
{
	if (atomic_dec_and_test(&part->bd_openers)) {
		sync_blockdev(part);
		kill_bdev(part);
		part->bd_disk->open_partitions--;
	}
	put_whole(part->bd_disk->part0, mode);
}

static int open_locked(struct block_device *bdev, fmode_t mode)
{
	if (!disk_live(bdev->bd_disk))
		return -ENXIO;
	return bdev_is_partition(bdev) ? get_part(bdev, mode)
				       : get_whole(bdev, mode);
}

/*
 * By number.  With FMODE_EXCL it is the holder's alone.  ERR_PTR: -ENXIO (no
 * such device), -EBUSY, what the driver says.  May sleep.
 */
struct block_device *blkdev_get_by_dev(dev_t dev, fmode_t mode, void *holder)
{
	struct block_device *bdev = blkdev_get_no_open(dev);
	int err = 0;

	if (!bdev)
		return ERR_PTR(-ENXIO);
	if (mode & FMODE_EXCL)
		err = bd_prepare_to_claim(bdev, holder);
	if (err)
		goto out_put;
	mutex_lock(&bdev->bd_disk->open_mutex);
	err = open_locked(bdev, mode);
	mutex_unlock(&bdev->bd_disk->open_mutex);
	if (mode & FMODE_EXCL) {
		if (err)
			bd_abort_claiming(bdev, holder);
		else
			bd_finish_claiming(bdev, holder);
	}
	if (!err)
		return bdev;
out_put:
	blkdev_put_no_open(bdev);
	return ERR_PTR(err);
}
EXPORT_SYMBOL(blkdev_get_by_dev);

void blkdev_put(struct block_device *bdev, fmode_t mode)
{
	struct gendisk *disk = bdev->bd_disk;

	/* The long part without the mutex. */
	if (atomic_read(&bdev->bd_openers) == 1)
		sync_blockdev(bdev);
	mutex_lock(&disk->open_mutex);
	if (mode & FMODE_EXCL)
		bd_end_claim(bdev);
	if (bdev_is_partition(bdev))
		put_part(bdev, mode);
	else
		put_whole(bdev, mode);
	mutex_unlock(&disk->open_mutex);
	blkdev_put_no_open(bdev);
}
EXPORT_SYMBOL(blkdev_put);

/* The number that a path names.  0, -ENOTBLK, -EACCES (nodev), walk errors. */
int lookup_bdev(const char *pathname, dev_t *dev)
{
	struct path path;
	struct inode *inode;
	int err = kern_path(pathname, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	inode = d_inode(path.dentry);
	err = -ENOTBLK;
	if (S_ISBLK(inode->i_mode)) {
		err = -EACCES;
		if (!(path.mnt->mnt_flags & MNT_NODEV)) {
			*dev = inode->i_rdev;
			err = 0;
		}
	}
	path_put(&path);
	return err;
}
EXPORT_SYMBOL(lookup_bdev);

struct block_device *blkdev_get_by_path(const char *path, fmode_t mode,
					void *holder)
{
	struct block_device *bdev;
	dev_t dev;
	int err = lookup_bdev(path, &dev);

	if (err)
		return ERR_PTR(err);
	bdev = blkdev_get_by_dev(dev, mode, holder);
	if (!IS_ERR(bdev) && (mode & FMODE_WRITE) && bdev_read_only(bdev)) {
		blkdev_put(bdev, mode);
		return ERR_PTR(-EACCES);
	}
	return bdev;
}
EXPORT_SYMBOL(blkdev_get_by_path);

/* ---- the volume of their inodes ---- */

static int never_cache(struct inode *inode)
{
	(void)inode;
	return 1;
}

static const struct super_operations bdev_sops = {
	.drop_inode = never_cache,
};

static struct dentry *bdev_mount(struct file_system_type *type, int flags,
				 const char *dev_name, void *data)
{
	(void)flags, (void)dev_name, (void)data;
	return mount_pseudo(type, "bdev:", &bdev_sops, NULL, BDEVFS_MAGIC);
}

static struct file_system_type bdev_fs_type = {
	.name = "bdev", .mount = bdev_mount, .kill_sb = kill_anon_super,
};

static int init_bdev(void)
{
	struct vfsmount *mnt;
	int err = register_filesystem(&bdev_fs_type);

	if (err)
		return err;
	mnt = kern_mount(&bdev_fs_type);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);
	bdev_sb = mnt->mnt_sb;
	bdev_register_cache(&cache_ops);
	return 0;
}
fs_initcall(init_bdev);
