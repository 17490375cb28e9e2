/* SPDX-License-Identifier: MIT */
/*
 * bdev_ioctl.c -- ioctl(2) on block devices
 *
 * Three kinds, asked in this order: values that are only read (get_value), what
 * changes something (do_action), and what the driver alone knows.  What nobody
 * knows is ENOTTY.  Changing needs CAP_SYS_ADMIN, or a file open for writing
 * where the data are at stake (BLKDISCARD, BLKZEROOUT), as Linux has it.
 */

#include "bdev.h"

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <mm/backing-dev.h>
#include <mm/filemap.h>
#include <uapi/blkdev.h>

static int put_long(unsigned long arg, long v)
{
	return put_user(v, (long __user *)arg);
}

static int put_int(unsigned long arg, int v)
{
	return put_user(v, (int __user *)arg);
}

/* ---- ranges ---- */

/* {start, length} in bytes from the user; 0 or -errno. */
static int get_range(struct block_device *bdev, unsigned long arg,
		     u64 range[2])
{
	u64 end;

	if (copy_from_user(range, (void __user *)arg, 2 * sizeof(u64)))
		return -EFAULT;
	if ((range[0] | range[1]) & (bdev_logical_block_size(bdev) - 1))
		return -EINVAL;
	if (__builtin_add_overflow(range[0], range[1], &end) ||
	    end > (u64)bdev_nr_bytes(bdev) || !range[1])
		return -EINVAL;
	return 0;
}

static int ioctl_discard(struct block_device *bdev, fmode_t mode,
			 unsigned long arg, bool zero)
{
	u64 r[2];
	int err;

	if (!(mode & FMODE_WRITE))
		return -EBADF;
	if (!zero && !bdev_max_discard_sectors(bdev))
		return -EOPNOTSUPP;
	err = get_range(bdev, arg, r);
	if (err)
		return err;
	err = truncate_bdev_range(bdev, mode, r[0], r[0] + r[1] - 1);
	if (err)
		return err;
	if (zero)
		return blkdev_issue_zeroout(bdev, r[0] >> 9, r[1] >> 9,
					    GFP_KERNEL, BLKDEV_ZERO_NOUNMAP);
	return blkdev_issue_discard(bdev, r[0] >> 9, r[1] >> 9, GFP_KERNEL);
}

/* ---- partitions ---- */

static int ioctl_blkpg(struct block_device *bdev, unsigned long arg)
{
	struct blkpg_ioctl_arg a;
	struct blkpg_partition p;
	sector_t start, length;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	if (copy_from_user(&a, (void __user *)arg, sizeof(a)) ||
	    copy_from_user(&p, a.data, sizeof(p)))
		return -EFAULT;
	if (bdev_is_partition(bdev))
		return -EINVAL;
	if (p.pno <= 0 || p.pno >= DISK_MAX_PARTS)
		return -EINVAL;
	if (a.op == BLKPG_DEL_PARTITION)
		return bdev_del_partition(bdev->bd_disk, p.pno);
	if (p.start < 0 || p.length <= 0 || p.start + p.length < 0 ||
	    ((p.start | p.length) & (bdev_logical_block_size(bdev) - 1)))
		return -EINVAL;
	start = p.start >> SECTOR_SHIFT;
	length = p.length >> SECTOR_SHIFT;
	switch (a.op) {
	case BLKPG_ADD_PARTITION:
		return bdev_add_partition(bdev->bd_disk, p.pno, start, length);
	case BLKPG_RESIZE_PARTITION:
		return bdev_resize_partition(bdev->bd_disk, p.pno, start,
					     length);
	default:
		return -EINVAL;
	}
}

static int ioctl_rrpart(struct block_device *bdev, fmode_t mode)
{
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	if (bdev_is_partition(bdev))
		return -EINVAL;
	/* The cache of the disk itself may hold the new table. */
	err = sync_blockdev(bdev);
	return err ? err : disk_scan_partitions(bdev->bd_disk, mode);
}

/* ---- values ---- */

static int ioctl_roset(struct block_device *bdev, unsigned long arg)
{
	const struct block_device_operations *fops = bdev->bd_disk->fops;
	int n, err;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	if (get_user(n, (int __user *)arg))
		return -EFAULT;
	if (fops->set_read_only) {
		err = fops->set_read_only(bdev, n);
		if (err)
			return err;
	}
	bdev->bd_read_only = n;
	return 0;
}

static int ioctl_bszset(struct block_device *bdev, unsigned long arg)
{
	int n;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	if (!arg)
		return -EINVAL;
	if (get_user(n, (int __user *)arg))
		return -EFAULT;
	return set_blocksize(bdev, n);
}

static int ioctl_flsbuf(struct block_device *bdev)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	sync_blockdev(bdev);
	invalidate_bdev(bdev);
	return 0;
}

static int ioctl_getgeo(struct block_device *bdev, unsigned long arg)
{
	const struct block_device_operations *fops = bdev->bd_disk->fops;
	struct hd_geometry geo = { 0 };
	int err;

	if (!arg)
		return -EINVAL;
	if (!fops->getgeo)
		return -ENOTTY;
	geo.start = bdev->bd_start_sect;
	err = fops->getgeo(bdev, &geo);
	if (err)
		return err;
	return copy_to_user((void __user *)arg, &geo, sizeof(geo)) ? -EFAULT
								   : 0;
}

static int ioctl_raset(struct block_device *bdev, unsigned long arg)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	bdev->bd_disk->bdi->ra_pages = arg * 512 / PAGE_SIZE;
	return 0;
}

static int get_value(struct block_device *bdev, unsigned int cmd,
		     unsigned long arg)
{
	struct request_queue *q = bdev_get_queue(bdev);

	switch (cmd) {
	case BLKGETSIZE64:
		return put_user((u64)bdev_nr_bytes(bdev),
				(u64 __user *)arg);
	case BLKGETSIZE:
		return put_long(arg, bdev_nr_sectors(bdev));
	case BLKSSZGET:
		return put_int(arg, queue_logical_block_size(q));
	case BLKPBSZGET:
		return put_int(arg, queue_physical_block_size(q));
	case BLKBSZGET:
		return put_int(arg, 1 << bdev->bd_inode->i_blkbits);
	case BLKIOMIN:
		return put_int(arg, queue_io_min(q));
	case BLKIOOPT:
		return put_int(arg, queue_io_opt(q));
	case BLKALIGNOFF:
	case BLKDISCARDZEROES:
		return put_int(arg, 0);
	case BLKROGET:
		return put_int(arg, bdev_read_only(bdev));
	case BLKROTATIONAL:
		return put_user((unsigned short)!blk_queue_nonrot(q),
				(unsigned short __user *)arg);
	case BLKSECTGET:
		return put_user((unsigned short)min(queue_max_sectors(q),
						    65535u),
				(unsigned short __user *)arg);
	case BLKRAGET:
	case BLKFRAGET:
		return put_long(arg, bdev->bd_disk->bdi->ra_pages *
				PAGE_SIZE / 512);
	case BLKGETDISKSEQ:
		return put_user(bdev->bd_disk->diskseq, (u64 __user *)arg);
	default:
		return -ENOIOCTLCMD;
	}
}

static int do_action(struct block_device *bdev, fmode_t mode, unsigned int cmd,
		     unsigned long arg)
{
	switch (cmd) {
	case BLKFLSBUF:
		return ioctl_flsbuf(bdev);
	case BLKROSET:
		return ioctl_roset(bdev, arg);
	case BLKBSZSET:
		return ioctl_bszset(bdev, arg);
	case BLKDISCARD:
		return ioctl_discard(bdev, mode, arg, false);
	case BLKZEROOUT:
		return ioctl_discard(bdev, mode, arg, true);
	case BLKSECDISCARD:
		return -EOPNOTSUPP;
	case BLKRRPART:
		return ioctl_rrpart(bdev, mode);
	case BLKPG:
		return ioctl_blkpg(bdev, arg);
	case BLKRASET:
	case BLKFRASET:
		return ioctl_raset(bdev, arg);
	case HDIO_GETGEO:
		return ioctl_getgeo(bdev, arg);
	default:
		return -ENOIOCTLCMD;
	}
}

long blkdev_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct block_device *bdev = I_BDEV(file->f_mapping->host);
	const struct block_device_operations *fops = bdev->bd_disk->fops;
	long ret = get_value(bdev, cmd, arg);

	if (ret == -ENOIOCTLCMD)
		ret = do_action(bdev, file->f_mode, cmd, arg);
	if (ret == -ENOIOCTLCMD && fops->ioctl)
		ret = fops->ioctl(bdev, file->f_mode, cmd, arg);
	return ret == -ENOIOCTLCMD ? -ENOTTY : ret;
}
