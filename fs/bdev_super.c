/* SPDX-License-Identifier: MIT */
/*
 * bdev_super.c -- volumes that live on a block device
 *
 * PROMISE.  A device that is mounted belongs to its volume: nobody else mounts
 * something else from it, and mounting it again shows the same volume.
 *
 * IDEA.  The holder of the exclusive claim is the file system type, so that the
 * second mount by the same type is let in, finds the super block by its device,
 * and drops its own opening.
 */

#include "bdev.h"

#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/string.h>
#include <mm/backing-dev.h>

static int same_bdev(struct super_block *sb, void *bdev)
{
	return sb->s_bdev == bdev;
}

/* sb_lock held. */
static int set_bdev(struct super_block *sb, void *data)
{
	struct block_device *bdev = data;

	sb->s_bdev = bdev;
	sb->s_dev = bdev->bd_dev;
	sb->s_bdi = bdi_get(bdev->bd_disk->bdi);
	return 0;
}

static fmode_t mode_of(int flags)
{
	return FMODE_READ | FMODE_EXCL | (flags & SB_RDONLY ? 0 : FMODE_WRITE);
}

/* A new volume: s_umount is held. */
static struct dentry *fill_new(struct super_block *sb, int flags, void *data,
			       int (*fill)(struct super_block *, void *, int))
{
	char name[DISK_NAME_LEN];
	int err;

	strscpy(sb->s_id, bdev_name_of(sb->s_bdev, name), sizeof(sb->s_id));
	sb_set_blocksize(sb, 1 << sb->s_bdev->bd_inode->i_blkbits);
	err = fill(sb, data, flags & SB_SILENT);
	if (err) {
		deactivate_locked_super(sb);
		return ERR_PTR(err);
	}
	sb->s_flags |= SB_ACTIVE;
	sb->s_bdev->bd_super = sb;
	return dget(sb->s_root);
}

/* file_system_type.mount.  ERR_PTR: -EBUSY, -EACCES (device read-only), ... */
struct dentry *mount_bdev(struct file_system_type *type, int flags,
			  const char *dev_name, void *data,
			  int (*fill)(struct super_block *, void *, int))
{
	struct block_device *bdev;
	struct super_block *sb;

	if (!dev_name || !*dev_name)
		return ERR_PTR(-EINVAL);
	bdev = blkdev_get_by_path(dev_name, mode_of(flags), type);
	if (IS_ERR(bdev))
		return ERR_CAST(bdev);
	sb = sget(type, same_bdev, set_bdev, flags, bdev);
	if (IS_ERR(sb)) {
		blkdev_put(bdev, mode_of(flags));
		return ERR_CAST(sb);
	}
	if (!sb->s_root)
		return fill_new(sb, flags, data, fill);
	blkdev_put(bdev, mode_of(flags));
	if ((flags ^ sb->s_flags) & SB_RDONLY) {
		deactivate_locked_super(sb);
		return ERR_PTR(-EBUSY);
	}
	return dget(sb->s_root);
}
EXPORT_SYMBOL(mount_bdev);

/* file_system_type.kill_sb; s_umount is held, released here. */
void kill_block_super(struct super_block *sb)
{
	struct block_device *bdev = sb->s_bdev;
	struct backing_dev_info *bdi = sb->s_bdi;
	fmode_t mode = mode_of(sb->s_flags);

	bdev->bd_super = NULL;
	generic_shutdown_super(sb);
	sync_blockdev(bdev);
	sb->s_bdi = &noop_backing_dev_info;
	blkdev_put(bdev, mode);
	bdi_put(bdi);
}
EXPORT_SYMBOL(kill_block_super);

/* The size if the device and a page can have such blocks; else 0. */
int sb_set_blocksize(struct super_block *sb, int size)
{
	if (set_blocksize(sb->s_bdev, size))
		return 0;
	sb->s_blocksize = size;
	sb->s_blocksize_bits = ilog2(size);
	return size;
}
EXPORT_SYMBOL(sb_set_blocksize);

int sb_min_blocksize(struct super_block *sb, int size)
{
	int least = bdev_logical_block_size(sb->s_bdev);

	return sb_set_blocksize(sb, size < least ? least : size);
}
EXPORT_SYMBOL(sb_min_blocksize);

/* Write what is cached of the device, of the volume on it too; 0 or -errno. */
int fsync_bdev(struct block_device *bdev)
{
	struct super_block *sb = bdev->bd_super;

	if (sb && sb->s_op->sync_fs)
		sb->s_op->sync_fs(sb, 1);
	return sync_blockdev(bdev);
}
EXPORT_SYMBOL(fsync_bdev);
