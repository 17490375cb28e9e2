/* SPDX-License-Identifier: MIT */
/*
 * bdev_fops.c -- reading, writing and mapping a block device as a file
 *
 * PROMISE.  A device reads like a file whose size is the device's: a read at
 * its end gives 0, a write there ENOSPC.  fsync() returns when the data are on
 * the medium, the disk's own cache flushed.
 *
 * IDEA.  The page cache does the work: the device's blocks are the blocks of
 * its inode, at their own numbers, so "where is block n of this file" has the
 * answer n.  The node's inode (permissions, times) and the device's inode
 * (size, pages) are different ones: f_inode and f_mapping->host.
 *
 * LOCKING.  As Linux: writes to a device take no inode lock; two that overlap
 * mix page by page.
 */

#include "bdev.h"

#include <fs/buffer_head.h>
#include <fs/libfs.h>
#include <fs/splice.h>
#include <kernel/errseq.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <mm/filemap.h>
#include <mm/uio.h>
#include <mm/writeback.h>

/* ---- the page cache ---- */

static int blkdev_get_block(struct inode *inode, sector_t iblock,
			    struct buffer_head *bh, int create)
{
	(void)create;
	bh->b_bdev = I_BDEV(inode);
	bh->b_blocknr = iblock;
	set_buffer_mapped(bh);
	return 0;
}

static int blkdev_read_folio(struct file *file, struct page *page)
{
	(void)file;
	return block_read_full_folio(page, blkdev_get_block);
}

static void blkdev_readahead(struct readahead_control *rac)
{
	mpage_readahead(rac, blkdev_get_block);
}

static int blkdev_writepage(struct page *page, struct writeback_control *wbc)
{
	return block_write_full_page(page, blkdev_get_block, wbc);
}

static int blkdev_writepages(struct address_space *mapping,
			     struct writeback_control *wbc)
{
	struct blk_plug plug;
	int err;

	blk_start_plug(&plug);
	err = generic_writepages(mapping, wbc);
	blk_finish_plug(&plug);
	return err;
}

static int blkdev_write_begin(struct file *file, struct address_space *mapping,
			      loff_t pos, unsigned len, struct page **pagep,
			      void **fsdata)
{
	(void)file, (void)fsdata;
	return block_write_begin(mapping, pos, len, pagep, blkdev_get_block);
}

static int blkdev_write_end(struct file *file, struct address_space *mapping,
			    loff_t pos, unsigned len, unsigned copied,
			    struct page *page, void *fsdata)
{
	int ret = block_write_end(file, mapping, pos, len, copied, page,
				  fsdata);

	unlock_page(page);
	put_page(page);
	return ret;
}

const struct address_space_operations def_blk_aops = {
	.read_folio = blkdev_read_folio, .readahead = blkdev_readahead,
	.writepage = blkdev_writepage, .writepages = blkdev_writepages,
	.dirty_folio = block_dirty_folio,
	.invalidate_folio = block_invalidate_folio,
	.write_begin = blkdev_write_begin, .write_end = blkdev_write_end,
	.direct_IO = blkdev_direct_IO,
};

/* ---- open and close ---- */

static int blkdev_open(struct inode *inode, struct file *file)
{
	struct block_device *bdev;

	if (file->f_flags & O_NDELAY)
		file->f_mode |= FMODE_NDELAY;
	if (file->f_flags & O_EXCL)
		file->f_mode |= FMODE_EXCL;
	bdev = blkdev_get_by_dev(inode->i_rdev, file->f_mode, file);
	if (IS_ERR(bdev))
		return PTR_ERR(bdev);
	file->f_mapping = bdev->bd_inode->i_mapping;
	file->f_wb_err = errseq_sample(&file->f_mapping->wb_err);
	return 0;
}

static int blkdev_close(struct inode *inode, struct file *file)
{
	(void)inode;
	blkdev_put(I_BDEV(file->f_mapping->host), file->f_mode);
	return 0;
}

/* ---- read, write, seek ---- */

static struct block_device *bdev_of(const struct file *file)
{
	return I_BDEV(file->f_mapping->host);
}

static loff_t blkdev_llseek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence,
				 i_size_read(file->f_mapping->host));
}

static ssize_t blkdev_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	loff_t size = bdev_nr_bytes(bdev_of(iocb->ki_filp));
	size_t count = iov_iter_count(to), cut;
	ssize_t ret;

	if (iocb->ki_pos >= size)
		return 0;
	if (size - iocb->ki_pos < (loff_t)count)
		iov_iter_truncate(to, size - iocb->ki_pos);
	cut = count - iov_iter_count(to);
	ret = generic_file_read_iter(iocb, to);
	iov_iter_reexpand(to, iov_iter_count(to) + cut);
	return ret;
}

static ssize_t blkdev_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct block_device *bdev = bdev_of(iocb->ki_filp);
	loff_t size = bdev_nr_bytes(bdev);
	size_t count = iov_iter_count(from), cut;
	struct blk_plug plug;
	ssize_t ret;

	if (bdev_read_only(bdev))
		return -EPERM;
	if (!count)
		return 0;
	if (iocb->ki_flags & IOCB_APPEND)
		iocb->ki_pos = size;
	if (iocb->ki_pos >= size)
		return -ENOSPC;
	if (size - iocb->ki_pos < (loff_t)count)
		iov_iter_truncate(from, size - iocb->ki_pos);
	cut = count - iov_iter_count(from);
	blk_start_plug(&plug);
	ret = __generic_file_write_iter(iocb, from);
	blk_finish_plug(&plug);
	if (ret > 0)
		ret = generic_write_sync(iocb, ret);
	iov_iter_reexpand(from, iov_iter_count(from) + cut);
	return ret;
}

static int blkdev_fsync(struct file *file, loff_t start, loff_t end,
			int datasync)
{
	int err = file_write_and_wait_range(file, start, end);

	(void)datasync;
	if (err)
		return err;
	err = blkdev_issue_flush(bdev_of(file));
	return err == -EOPNOTSUPP ? 0 : err;
}

/* mode of fallocate(2) */
enum { KEEP_SIZE = 1, PUNCH_HOLE = 2, NO_HIDE_STALE = 4, ZERO_RANGE = 0x10 };

static long blkdev_fallocate(struct file *file, int mode, loff_t start,
			     loff_t len)
{
	struct block_device *bdev = bdev_of(file);
	loff_t size = bdev_nr_bytes(bdev), end = start + len - 1;
	sector_t sector = start >> SECTOR_SHIFT, n;
	int err;

	if (mode & ~(KEEP_SIZE | PUNCH_HOLE | NO_HIDE_STALE | ZERO_RANGE))
		return -EOPNOTSUPP;
	if (start >= size)
		return -EINVAL;
	if (end >= size) {
		if (!(mode & KEEP_SIZE))
			return -EINVAL;
		len = size - start;
		end = start + len - 1;
	}
	if ((start | len) & (bdev_logical_block_size(bdev) - 1))
		return -EINVAL;
	err = truncate_bdev_range(bdev, file->f_mode, start, end);
	if (err)
		return err;
	n = len >> SECTOR_SHIFT;
	switch (mode) {
	case ZERO_RANGE:
	case ZERO_RANGE | KEEP_SIZE:
		return blkdev_issue_zeroout(bdev, sector, n, GFP_KERNEL,
					    BLKDEV_ZERO_NOUNMAP);
	case PUNCH_HOLE | KEEP_SIZE:
		return blkdev_issue_zeroout(bdev, sector, n, GFP_KERNEL,
					    BLKDEV_ZERO_NOFALLBACK);
	case PUNCH_HOLE | KEEP_SIZE | NO_HIDE_STALE:
		return blkdev_issue_discard(bdev, sector, n, GFP_KERNEL);
	default:
		return -EOPNOTSUPP;
	}
}

const struct file_operations def_blk_fops = {
	.open = blkdev_open, .release = blkdev_close,
	.llseek = blkdev_llseek, .read_iter = blkdev_read_iter,
	.write_iter = blkdev_write_iter, .mmap = generic_file_mmap,
	.splice_read = generic_file_splice_read,
	.fsync = blkdev_fsync, .unlocked_ioctl = blkdev_ioctl,
	.fallocate = blkdev_fallocate,
};
