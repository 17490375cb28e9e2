/* SPDX-License-Identifier: MIT */
/*
 * loop-ioctl.c -- binding a file to a loop device, and its settings
 *
 * The theory is in loop.c.  Everything that requests look at is changed with
 * the queue frozen; the state under lo_mutex.
 */

#include "loop.h"

#include "blk.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/string.h>
#include <mm/pagemap.h>
#include <mm/slab.h>

#define CONFIGURE_FLAGS (LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR | \
			 LO_FLAGS_PARTSCAN | LO_FLAGS_DIRECT_IO)
#define STATUS_SETTABLE (LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN)
#define STATUS_CLEARABLE LO_FLAGS_AUTOCLEAR

/* ---- /sys/block/loopN/loop/ ---- */

static struct loop_device *lo_of(struct device *dev)
{
	return dev_to_disk(dev)->private_data;
}

static ssize_t backing_file_show(struct device *dev,
				 struct device_attribute *a, char *buf)
{
	struct loop_device *lo = lo_of(dev);
	ssize_t n = 0;
	char *p;

	(void)a;
	mutex_lock(&lo->lo_mutex);
	if (lo->file) {
		p = d_path(&lo->file->f_path, buf, PAGE_SIZE - 1);
		if (IS_ERR(p)) {
			n = PTR_ERR(p);
		} else {
			n = strlen(p);
			memmove(buf, p, n);
			buf[n++] = '\n';
		}
	}
	mutex_unlock(&lo->lo_mutex);
	return n;
}

#define LOOP_SHOW(name, expr)						\
static ssize_t name##_show(struct device *dev,				\
			   struct device_attribute *a, char *buf)	\
{									\
	struct loop_device *lo = lo_of(dev);				\
									\
	(void)a;							\
	return sysfs_emit(buf, "%lu\n", (u64)(expr));			\
}									\
static DEVICE_ATTR_RO(name)

LOOP_SHOW(offset, lo->offset);
LOOP_SHOW(sizelimit, lo->sizelimit);
LOOP_SHOW(autoclear, !!(lo->flags & LO_FLAGS_AUTOCLEAR));
LOOP_SHOW(partscan, !!(lo->flags & LO_FLAGS_PARTSCAN));
LOOP_SHOW(dio, lo->use_dio);
static DEVICE_ATTR_RO(backing_file);

static struct attribute *loop_attrs[] = {
	&dev_attr_backing_file.attr, &dev_attr_offset.attr,
	&dev_attr_sizelimit.attr, &dev_attr_autoclear.attr,
	&dev_attr_partscan.attr, &dev_attr_dio.attr, NULL,
};
const struct attribute_group loop_attr_group = {
	.name = "loop", .attrs = loop_attrs,
};

/* ---- binding ---- */

static struct loop_device *loop_below(struct file *file)
{
	struct inode *inode = file->f_mapping->host;
	struct block_device *bdev;

	if (!S_ISBLK(inode->i_mode))
		return NULL;
	bdev = I_BDEV(inode);
	return bdev->bd_disk->major == LOOP_MAJOR
		? bdev->bd_disk->private_data : NULL;
}

/* May the file stand below lo?  0, -EINVAL, -EBADF (a ring). */
static int check_file(struct file *file, struct loop_device *lo)
{
	struct inode *inode = file->f_mapping->host;
	struct loop_device *l;

	if (!S_ISREG(inode->i_mode) && !S_ISBLK(inode->i_mode))
		return -EINVAL;
	if (!file->f_op->read_iter)
		return -EINVAL;
	for (l = loop_below(file); l; l = loop_below(l->file)) {
		if (l == lo)
			return -EBADF;
		if (READ_ONCE(l->state) != LO_BOUND)
			return -EINVAL;
	}
	return 0;
}

static int check_info(const struct loop_info64 *info)
{
	if (info->lo_encrypt_type || info->lo_encrypt_key_size)
		return -EINVAL;
	if (info->lo_offset > S64_MAX || info->lo_sizelimit > S64_MAX)
		return -EOVERFLOW;
	return 0;
}

static bool good_block_size(u32 size)
{
	return size >= 512 && size <= PAGE_SIZE && !(size & (size - 1));
}

static void set_info(struct loop_device *lo, const struct loop_info64 *info)
{
	lo->offset = info->lo_offset;
	lo->sizelimit = info->lo_sizelimit;
	memcpy(lo->file_name, info->lo_file_name, sizeof(lo->file_name));
	lo->file_name[sizeof(lo->file_name) - 1] = '\0';
}

static void scan_if_wanted(struct loop_device *lo)
{
	if (!(lo->flags & LO_FLAGS_PARTSCAN))
		return;
	clear_bit(GD_SUPPRESS_PART_SCAN, &lo->disk->state);
	disk_scan_partitions(lo->disk, FMODE_READ);
}

/* Everything is checked: the device gets its file.  lo_mutex held. */
static void bind(struct loop_device *lo, struct file *file,
		 const struct loop_config *c)
{
	struct request_queue *q = lo->disk->queue;
	u32 bs = c->block_size ? c->block_size : 512;

	blk_mq_freeze_queue(q);
	lo->file = file;
	set_info(lo, &c->info);
	lo->flags = c->info.lo_flags;
	lo->old_gfp = file->f_mapping->gfp_mask;
	file->f_mapping->gfp_mask &= ~(__GFP_IO | __GFP_FS);
	blk_queue_logical_block_size(q, bs);
	blk_queue_write_cache(q, !(lo->flags & LO_FLAGS_READ_ONLY) &&
			      file->f_op->fsync, false);
	loop_apply_dio(lo, (lo->flags & LO_FLAGS_DIRECT_IO) ||
		       (file->f_flags & O_DIRECT));
	set_disk_ro(lo->disk, lo->flags & LO_FLAGS_READ_ONLY);
	set_capacity(lo->disk, loop_size(lo->offset, lo->sizelimit, file));
	lo->state = LO_BOUND;
	blk_mq_unfreeze_queue(q);
}

static int check_config(struct loop_config *c, struct loop_device *lo,
			struct file *file, fmode_t mode)
{
	int err = check_file(file, lo);

	if (!err)
		err = check_info(&c->info);
	if (err)
		return err;
	if ((c->info.lo_flags & ~CONFIGURE_FLAGS) ||
	    (c->block_size && !good_block_size(c->block_size)))
		return -EINVAL;
	if (!(file->f_mode & FMODE_WRITE) || !(mode & FMODE_WRITE) ||
	    !file->f_op->write_iter)
		c->info.lo_flags |= LO_FLAGS_READ_ONLY;
	return 0;
}

static int configure(struct loop_device *lo, fmode_t mode,
		     struct block_device *bdev, struct loop_config *c)
{
	struct file *file = fget(c->fd);
	bool claim = !(mode & FMODE_EXCL);
	int err;

	if (!file)
		return -EBADF;
	/* Nobody else may be about to mount what is there now. */
	err = claim ? bd_prepare_to_claim(bdev, configure) : 0;
	if (err)
		goto out_put;
	mutex_lock(&lo->lo_mutex);
	err = lo->state == LO_UNBOUND ? check_config(c, lo, file, mode)
				      : -EBUSY;
	if (!err) {
		lo->wq = alloc_workqueue("loop%d", WQ_UNBOUND |
					 WQ_MEM_RECLAIM, 0, lo->number);
		err = lo->wq ? 0 : -ENOMEM;
	}
	if (!err)
		bind(lo, file, c);
	mutex_unlock(&lo->lo_mutex);
	if (claim)
		bd_abort_claiming(bdev, configure);
	if (err)
		goto out_put;
	if (sysfs_create_group(&disk_to_dev(lo->disk)->kobj,
			       &loop_attr_group))
		pr_warn("%s: no loop/ directory\n", lo->disk->disk_name);
	kobject_uevent(&disk_to_dev(lo->disk)->kobj, KOBJ_CHANGE);
	scan_if_wanted(lo);
	return 0;

out_put:
	fput(file);
	return err;
}

/* ---- settings of one that is bound; lo_mutex held ---- */

static int set_status(struct loop_device *lo, const struct loop_info64 *info)
{
	struct request_queue *q = lo->disk->queue;
	int err = check_info(info);

	if (err)
		return err;
	if (lo->offset != info->lo_offset ||
	    lo->sizelimit != info->lo_sizelimit) {
		/* What is cached belongs to other places of the file. */
		sync_blockdev(lo->disk->part0);
		invalidate_bdev(lo->disk->part0);
	}
	blk_mq_freeze_queue(q);
	set_info(lo, info);
	lo->flags &= ~STATUS_CLEARABLE;
	lo->flags |= info->lo_flags & STATUS_SETTABLE;
	set_capacity(lo->disk,
		     loop_size(lo->offset, lo->sizelimit, lo->file));
	blk_mq_unfreeze_queue(q);
	return 0;
}

static int set_status_old(struct loop_device *lo, unsigned long arg)
{
	struct loop_info64 info = { 0 };
	struct loop_info old;

	if (copy_from_user(&old, (void __user *)arg, sizeof(old)))
		return -EFAULT;
	info.lo_offset = old.lo_offset;
	info.lo_flags = old.lo_flags;
	info.lo_encrypt_type = old.lo_encrypt_type;
	info.lo_encrypt_key_size = old.lo_encrypt_key_size;
	memcpy(info.lo_file_name, old.lo_name, sizeof(info.lo_file_name));
	return set_status(lo, &info);
}

static struct loop_info64 status_of(struct loop_device *lo)
{
	struct inode *inode = lo->file->f_mapping->host;
	struct loop_info64 info = {
		.lo_device = inode->i_sb->s_dev, .lo_inode = inode->i_ino,
		.lo_rdevice = inode->i_rdev, .lo_offset = lo->offset,
		.lo_sizelimit = lo->sizelimit, .lo_number = lo->number,
		.lo_flags = lo->flags,
	};

	memcpy(info.lo_file_name, lo->file_name, sizeof(info.lo_file_name));
	return info;
}

static int get_status(struct loop_device *lo, unsigned long arg)
{
	struct loop_info64 info = status_of(lo);

	return copy_to_user((void __user *)arg, &info, sizeof(info)) ? -EFAULT
								     : 0;
}

/* The old structure counts the offset in an int. */
static int get_status_old(struct loop_device *lo, unsigned long arg)
{
	struct loop_info64 info = status_of(lo);
	struct loop_info old = {
		.lo_number = info.lo_number, .lo_device = info.lo_device,
		.lo_inode = info.lo_inode, .lo_rdevice = info.lo_rdevice,
		.lo_offset = info.lo_offset, .lo_flags = info.lo_flags,
	};

	memcpy(old.lo_name, info.lo_file_name, sizeof(old.lo_name));
	if (info.lo_offset > INT_MAX)
		return -EOVERFLOW;
	return copy_to_user((void __user *)arg, &old, sizeof(old)) ? -EFAULT
								   : 0;
}

static int clear_fd(struct loop_device *lo)
{
	/* Others have it open: when the last of them closes. */
	if (atomic_read(&lo->disk->part0->bd_openers) > 1)
		lo->flags |= LO_FLAGS_AUTOCLEAR;
	else
		lo->state = LO_RUNDOWN;
	return 0;
}

static int set_block_size(struct loop_device *lo, unsigned long size)
{
	struct request_queue *q = lo->disk->queue;

	if (size > UINT_MAX || !good_block_size(size))
		return -EINVAL;
	sync_blockdev(lo->disk->part0);
	invalidate_bdev(lo->disk->part0);
	blk_mq_freeze_queue(q);
	q->limits.physical_block_size = q->limits.io_min = size;
	blk_queue_logical_block_size(q, size);
	blk_mq_unfreeze_queue(q);
	return 0;
}

/*
 * Another file of the same kind and size, under a disk that nobody writes to:
 * how a live system goes over to a copy of its image.
 */
static int change_fd(struct loop_device *lo, unsigned int fd)
{
	struct file *file = fget(fd), *old = lo->file;
	int err = -EINVAL;

	if (!file)
		return -EBADF;
	if (!(lo->flags & LO_FLAGS_READ_ONLY) || check_file(file, lo) ||
	    (file_inode(file)->i_mode ^ file_inode(old)->i_mode) & S_IFMT ||
	    loop_size(lo->offset, lo->sizelimit, file) !=
	    loop_size(lo->offset, lo->sizelimit, old))
		goto out;
	err = 0;
	blk_mq_freeze_queue(lo->disk->queue);
	old->f_mapping->gfp_mask = lo->old_gfp;
	lo->old_gfp = file->f_mapping->gfp_mask;
	file->f_mapping->gfp_mask &= ~(__GFP_IO | __GFP_FS);
	lo->file = file;
	loop_apply_dio(lo, lo->use_dio);
	blk_mq_unfreeze_queue(lo->disk->queue);
	file = old;
out:
	fput(file);
	return err;
}

static int bound_ioctl(struct loop_device *lo, unsigned int cmd,
		       unsigned long arg)
{
	struct request_queue *q = lo->disk->queue;
	struct loop_info64 info;

	switch (cmd) {
	case LOOP_CLR_FD:
		return clear_fd(lo);
	case LOOP_CHANGE_FD:
		return change_fd(lo, arg);
	case LOOP_GET_STATUS:
		return get_status_old(lo, arg);
	case LOOP_SET_STATUS:
		return set_status_old(lo, arg);
	case LOOP_GET_STATUS64:
		return get_status(lo, arg);
	case LOOP_SET_STATUS64:
		if (copy_from_user(&info, (void __user *)arg, sizeof(info)))
			return -EFAULT;
		return set_status(lo, &info);
	case LOOP_SET_CAPACITY:
		set_capacity_and_notify(lo->disk,
			loop_size(lo->offset, lo->sizelimit, lo->file));
		return 0;
	case LOOP_SET_DIRECT_IO:
		blk_mq_freeze_queue(q);
		loop_apply_dio(lo, arg);
		blk_mq_unfreeze_queue(q);
		return lo->use_dio == !!arg ? 0 : -EINVAL;
	case LOOP_SET_BLOCK_SIZE:
		return set_block_size(lo, arg);
	default:
		return -EINVAL;
	}
}

int loop_ioctl(struct block_device *bdev, fmode_t mode, unsigned int cmd,
	       unsigned long arg)
{
	struct loop_device *lo = bdev->bd_disk->private_data;
	struct loop_config *c;
	bool scan;
	int err;

	if (cmd == LOOP_CONFIGURE || cmd == LOOP_SET_FD) {
		c = kzalloc(sizeof(*c), GFP_KERNEL);
		if (!c)
			return -ENOMEM;
		c->fd = arg;
		err = 0;
		if (cmd == LOOP_CONFIGURE &&
		    copy_from_user(c, (void __user *)arg, sizeof(*c)))
			err = -EFAULT;
		if (!err)
			err = configure(lo, mode, bdev, c);
		kfree(c);
		return err;
	}
	if ((cmd & ~0xffu) != (LOOP_SET_FD & ~0xffu))
		return -ENOIOCTLCMD;
	if (cmd != LOOP_GET_STATUS64 && cmd != LOOP_GET_STATUS &&
	    !(mode & FMODE_WRITE) && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	mutex_lock(&lo->lo_mutex);
	err = lo->state == LO_BOUND ? bound_ioctl(lo, cmd, arg) : -ENXIO;
	scan = !err && (cmd == LOOP_SET_STATUS64 || cmd == LOOP_SET_STATUS) &&
	       test_bit(GD_SUPPRESS_PART_SCAN, &lo->disk->state);
	mutex_unlock(&lo->lo_mutex);
	if (scan)
		scan_if_wanted(lo);
	return err;
}
