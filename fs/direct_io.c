/* SPDX-License-Identifier: MIT */
/*
 * direct_io.c -- O_DIRECT: between the user's pages and the disk, no cache
 *
 * PROMISE.  A direct read sees what was written before, by whatever way; what a
 * direct write has written is what every later read sees.
 *
 * IDEA.  The user's pages are pinned and go to the device in bios (dio.c); the
 * caller sleeps until the last has ended, or goes on if its kiocb has somebody
 * to call then (fs/aio).  The page cache is told: before, what is dirty in the
 * range is written; after a write, what is cached of the range is thrown away.
 *
 * For files the question "where is block n" goes to the file system's
 * get_block, extent by extent.  A hole reads as zeroes.  A write into a hole,
 * or one that is not of whole blocks, goes through the page cache and is
 * written out at once: no block that nobody has initialised is ever part of a
 * file.
 *
 * A transfer may outlive the call if nothing is left to do after it: all went
 * to blocks that exist, below the file's end, without O_DSYNC.  Others are
 * waited for.
 *
 * LOCKING.  Files: the inode's lock, held by the caller for writing, taken here
 * for reading; so truncation stays out.  What outlives the call, and the lock,
 * is counted in i_dio_count, for which truncation waits.  Devices need none of
 * it: they do not shrink.
 *
 * SEE open(2), O_DIRECT; docs/74-block-layer.md.
 */

#include "bdev.h"
#include "dio.h"

#include <fs/buffer_head.h>
#include <fs/direct_io.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <mm/filemap.h>
#include <mm/uio.h>
#include <mm/writeback.h>

/* Is everything a multiple of the unit? */
static bool aligned(struct kiocb *iocb, struct iov_iter *iter,
		    unsigned int unit)
{
	return !((iocb->ki_pos | iov_iter_alignment(iter)) & (unit - 1));
}

/* Write out what the cache has of the range; before a write drop it too. */
static int settle_cache(struct address_space *mapping, loff_t pos, size_t len,
			bool drop)
{
	int err = filemap_write_and_wait_range(mapping, pos, pos + len - 1);

	if (!err && drop)
		invalidate_inode_pages2_range(mapping, pos >> PAGE_SHIFT,
					      (pos + len - 1) >> PAGE_SHIFT);
	return err;
}

/* ---- devices ---- */

/* a_ops->direct_IO of block devices.  Bytes or -errno. */
ssize_t blkdev_direct_IO(struct kiocb *iocb, struct iov_iter *iter)
{
	struct address_space *mapping = iocb->ki_filp->f_mapping;
	struct block_device *bdev = I_BDEV(mapping->host);
	size_t len = iov_iter_count(iter);
	loff_t pos = iocb->ki_pos;
	struct dio on_stack, *dio;
	struct blk_plug plug;
	ssize_t ret;
	int err;

	if (!len)
		return 0;
	if (!aligned(iocb, iter, bdev_logical_block_size(bdev)))
		return -EINVAL;
	err = settle_cache(mapping, pos, len, iov_iter_rw(iter) == WRITE);
	if (err)
		return err;
	dio = dio_begin(&on_stack, iocb, iter, true);
	blk_start_plug(&plug);
	ret = dio_send(dio, bdev, iter, pos, len);
	blk_finish_plug(&plug);
	ret = dio_finish(dio, ret, ret == (ssize_t)len);
	if (ret > 0)
		iocb->ki_pos += ret;
	return ret;
}

/* ---- files ---- */

/*
 * The blocks from byte `pos` on: how many bytes of at most len lie together;
 * *where is their first byte on the device, or -1 for a hole.
 */
static ssize_t find_extent(struct inode *inode, loff_t pos, size_t len,
			   get_block_t *get_block, bool create, loff_t *where,
			   struct block_device **bdev)
{
	unsigned int bits = inode->i_blkbits;
	unsigned int off = pos & ((1u << bits) - 1);
	struct buffer_head bh = { .b_size = round_up(len + off, 1u << bits) };
	size_t n;
	int err;

	if (bh.b_size > (1u << 30))
		bh.b_size = 1u << 30;
	err = get_block(inode, pos >> bits, &bh, create);
	if (err)
		return err;
	n = min(bh.b_size, (size_t)1 << 30);
	if (n < (1u << bits))
		n = 1u << bits;
	n = min(n - off, len);
	*where = -1;
	if (buffer_mapped(&bh) && !buffer_unwritten(&bh)) {
		*where = ((loff_t)bh.b_blocknr << bits) + off;
		*bdev = bh.b_bdev;
	} else {
		n = min(n, (size_t)(1u << bits) - off);   /* one at a time */
	}
	return n;
}

/* Bytes done directly; less than all where a write met a hole.  -errno. */
static ssize_t file_transfer(struct dio *dio, struct inode *inode,
			     struct iov_iter *iter, loff_t pos, size_t len,
			     get_block_t *get_block)
{
	struct block_device *bdev = NULL;
	size_t done = 0;
	ssize_t n = 0;

	while (done < len) {
		/* Behind the end new blocks are nobody's yet: they may be
		 * had. */
		bool create = !dio->read && pos + (loff_t)done >=
			round_up(i_size_read(inode), 1u << inode->i_blkbits);
		loff_t where = -1;

		n = find_extent(inode, pos + done, len - done, get_block,
				create, &where, &bdev);
		if (n < 0)
			break;
		if (where >= 0)
			n = dio_send(dio, bdev, iter, where, n);
		else if (dio->read)
			n = iov_iter_zero(n, iter);
		else
			break;           /* a hole: by the cache */
		if (n <= 0)
			break;
		done += n;
	}
	return done ? (ssize_t)done : (n < 0 ? n : 0);
}

/* What could not be written directly: by the cache, and out of it at once. */
static ssize_t write_buffered(struct kiocb *iocb, struct iov_iter *iter)
{
	struct address_space *mapping = iocb->ki_filp->f_mapping;
	loff_t pos = iocb->ki_pos;
	ssize_t ret = generic_perform_write(iocb, iter);
	int err;

	if (ret <= 0)
		return ret;
	if (iocb->ki_pos == pos)         /* it left the moving to us */
		iocb->ki_pos += ret;
	err = settle_cache(mapping, pos, ret, true);
	return err ? err : ret;
}

static ssize_t direct_read(struct kiocb *iocb, struct inode *inode,
			   struct iov_iter *iter, get_block_t *get_block)
{
	size_t len = iov_iter_count(iter), cut = 0;
	loff_t pos = iocb->ki_pos, size, end;
	struct dio on_stack, *dio;
	ssize_t ret;
	int err;

	err = settle_cache(iocb->ki_filp->f_mapping, pos, len, false);
	if (err)
		return err;
	inode_lock_shared(inode);
	size = i_size_read(inode);
	if (pos >= size) {
		inode_unlock_shared(inode);
		return 0;
	}
	/* Whole blocks are read; what is behind the end is not told. */
	end = round_up(size, 1u << inode->i_blkbits);
	if (pos + (loff_t)len > end)
		cut = len - (end - pos);
	iov_iter_truncate(iter, len - cut);
	dio = dio_begin(&on_stack, iocb, iter, true);
	dio_count_in(dio, inode);
	ret = file_transfer(dio, inode, iter, pos, len - cut, get_block);
	iov_iter_reexpand(iter, iov_iter_count(iter) + cut);
	ret = dio_finish(dio, min(ret, (ssize_t)(size - pos)),
			 ret == (ssize_t)(len - cut));
	inode_unlock_shared(inode);
	if (ret > 0)
		iocb->ki_pos += ret;
	return ret;
}

/* The inode's lock is held. */
static ssize_t direct_write(struct kiocb *iocb, struct inode *inode,
			    struct iov_iter *iter, get_block_t *get_block)
{
	size_t len = iov_iter_count(iter);
	loff_t pos = iocb->ki_pos;
	struct dio on_stack, *dio;
	ssize_t ret, more;
	int err;

	if (!aligned(iocb, iter, 1u << inode->i_blkbits))
		return write_buffered(iocb, iter);
	err = settle_cache(iocb->ki_filp->f_mapping, pos, len, true);
	if (err)
		return err;
	/* A longer file has its new length when all is there: we wait. */
	dio = dio_begin(&on_stack, iocb, iter,
			pos + (loff_t)len <= i_size_read(inode));
	dio_count_in(dio, inode);
	ret = file_transfer(dio, inode, iter, pos, len, get_block);
	ret = dio_finish(dio, ret, ret == (ssize_t)len);
	if (ret < 0)
		return ret;
	iocb->ki_pos += ret;
	if (iocb->ki_pos > i_size_read(inode)) {
		i_size_write(inode, iocb->ki_pos);
		mark_inode_dirty(inode);
	}
	if (!iov_iter_count(iter))
		return ret;
	more = write_buffered(iocb, iter);
	return more > 0 ? ret + more : (ret ? ret : more);
}

/*
 * a_ops->direct_IO of a file system with get_block: bytes (the position moves
 * on by as many), or -errno; -EINVAL: not aligned to the disk's blocks;
 * -EIOCBQUEUED: iocb->ki_complete will be called.
 */
ssize_t blockdev_direct_IO(struct kiocb *iocb, struct inode *inode,
			   struct iov_iter *iter, get_block_t *get_block)
{
	struct block_device *bdev = inode->i_sb->s_bdev;
	struct blk_plug plug;
	ssize_t ret;

	if (!iov_iter_count(iter))
		return 0;
	if (!aligned(iocb, iter, bdev_logical_block_size(bdev)))
		return -EINVAL;
	blk_start_plug(&plug);
	if (iov_iter_rw(iter) == READ)
		ret = direct_read(iocb, inode, iter, get_block);
	else
		ret = direct_write(iocb, inode, iter, get_block);
	blk_finish_plug(&plug);
	return ret;
}
EXPORT_SYMBOL(blockdev_direct_IO);
