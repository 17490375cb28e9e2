/* SPDX-License-Identifier: MIT */
/*
 * direct_io.c -- O_DIRECT: between the user's pages and the disk, no cache
 *
 * PROMISE.  A direct read sees what was written before, by whatever way; what a
 * direct write has written is what every later read sees.
 *
 * IDEA.  The user's pages are pinned and go to the device in bios of up to 1 MiB;
 * the caller sleeps until the last has ended.  The page cache is told: before,
 * what is dirty in the range is written; after a write, what is cached of the
 * range is thrown away.
 *
 * For files the question "where is block n" goes to the file system's get_block,
 * extent by extent.  A hole reads as zeroes.  A write into a hole, or one that is
 * not of whole blocks, goes through the page cache and is written out at once:
 * no block that nobody has initialised is ever part of a file.
 *
 * LOCKING.  Files: the inode's lock, held by the caller for writing, taken here
 * for reading; so truncation stays out.  Devices need none: they do not shrink.
 *
 * SEE open(2), O_DIRECT; docs/74-block-layer.md.
 */

#include "bdev.h"

#include <fs/buffer_head.h>
#include <fs/direct_io.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <mm/filemap.h>
#include <mm/uio.h>
#include <mm/writeback.h>

/* One direct transfer.  Field keys: [a] atomic  [c] constant */
struct dio {
	atomic_t refs;                /* [a] bios under way, and the caller */
	int error;                    /* [a] the first */
	struct bio *ended;            /* [a] by bi_next, for the waiter to free */
	struct task_struct *waiter;   /* [c] */
	bool read;                    /* [c] */
	bool sync;                    /* [c] on the medium when it ends */
};

static void dio_init(struct dio *dio, struct kiocb *iocb,
		     struct iov_iter *iter)
{
	*dio = (struct dio){
		.waiter = current, .read = iov_iter_rw(iter) == READ,
		.sync = iocb->ki_flags & IOCB_DSYNC,
	};
	atomic_set(&dio->refs, 1);
}

/* Softirq: the pages are left to the waiter, who may sleep on their locks. */
static void dio_bio_end(struct bio *bio)
{
	struct dio *dio = bio->bi_private;
	struct task_struct *waiter = dio->waiter;
	struct bio *old = READ_ONCE(dio->ended);
	int none = 0, err = blk_status_to_errno(bio->bi_status);

	if (err)
		__atomic_compare_exchange_n(&dio->error, &none, err, false,
					    __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED);
	do {
		bio->bi_next = old;
	} while (!__atomic_compare_exchange_n(&dio->ended, &old, bio, false,
					      __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
	/* With the last reference dio, on the waiter's stack, may go. */
	get_task_struct(waiter);
	if (atomic_dec_and_test(&dio->refs))
		wake_up_process(waiter);
	put_task_struct(waiter);
}

/* Until all bios have ended; 0 or the first error. */
static int dio_wait(struct dio *dio)
{
	if (!atomic_dec_and_test(&dio->refs)) {
		for (;;) {
			set_current_state(TASK_UNINTERRUPTIBLE);
			if (!atomic_read(&dio->refs))
				break;
			io_schedule();
		}
		__set_current_state(TASK_RUNNING);
	}
	while (dio->ended) {
		struct bio *bio = dio->ended;

		dio->ended = bio->bi_next;
		/* Marked before; write-back may have cleaned them since. */
		bio_release_pages(bio, dio->read);
		bio_put(bio);
	}
	return dio->error;
}

/*
 * Send `len` bytes under the cursor to (or from) the device at byte `pos`.
 * How many were sent, or -errno if none were.
 */
static ssize_t dio_send(struct dio *dio, struct block_device *bdev,
			struct iov_iter *iter, loff_t pos, size_t len)
{
	blk_opf_t opf = dio->read ? REQ_OP_READ
				  : REQ_OP_WRITE | REQ_SYNC | REQ_IDLE;
	size_t rest = iov_iter_count(iter) - len, sent = 0;
	int err = 0;

	if (!dio->read && dio->sync)
		opf |= REQ_FUA;
	iov_iter_truncate(iter, len);
	while (iov_iter_count(iter)) {
		size_t pages = iov_iter_count(iter) / PAGE_SIZE + 2;
		struct bio *bio = bio_alloc(bdev,
			min_t(size_t, pages, BIO_MAX_VECS), opf, GFP_KERNEL);
		size_t n;

		bio->bi_iter.bi_sector = (pos + sent) >> SECTOR_SHIFT;
		bio->bi_private = dio;
		bio->bi_end_io = dio_bio_end;
		err = bio_iov_iter_get_pages(bio, iter);
		n = bio->bi_iter.bi_size;
		if (err || (n & (bdev_logical_block_size(bdev) - 1))) {
			bio_release_pages(bio, false);
			bio_put(bio);
			err = err ? err : -EINVAL;
			break;
		}
		if (dio->read)
			bio_set_pages_dirty(bio);
		atomic_inc(&dio->refs);
		submit_bio(bio);
		sent += n;
	}
	iov_iter_reexpand(iter, iov_iter_count(iter) + rest);
	return sent ? (ssize_t)sent : err;
}

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
	struct blk_plug plug;
	struct dio dio;
	ssize_t ret;
	int err;

	if (!len)
		return 0;
	if (!aligned(iocb, iter, bdev_logical_block_size(bdev)))
		return -EINVAL;
	dio_init(&dio, iocb, iter);
	err = settle_cache(mapping, pos, len, !dio.read);
	if (err)
		return err;
	blk_start_plug(&plug);
	ret = dio_send(&dio, bdev, iter, pos, len);
	blk_finish_plug(&plug);
	err = dio_wait(&dio);
	if (!dio.read && ret > 0)
		invalidate_inode_pages2_range(mapping, pos >> PAGE_SHIFT,
					      (pos + ret - 1) >> PAGE_SHIFT);
	if (err)
		return err;
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
		/* Behind the end new blocks are nobody's yet: they may be had. */
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
	size_t len = iov_iter_count(iter), cut;
	loff_t pos = iocb->ki_pos, size;
	struct dio dio;
	ssize_t ret;
	int err;

	dio_init(&dio, iocb, iter);
	err = settle_cache(iocb->ki_filp->f_mapping, pos, len, false);
	if (err)
		return err;
	inode_lock_shared(inode);
	size = i_size_read(inode);
	ret = 0;
	if (pos < size) {
		/* Whole blocks are read; what is behind the end is not told. */
		loff_t end = round_up(size, 1u << inode->i_blkbits);

		cut = pos + (loff_t)len > end ? len - (end - pos) : 0;
		iov_iter_truncate(iter, len - cut);
		ret = file_transfer(&dio, inode, iter, pos, len - cut,
				    get_block);
		iov_iter_reexpand(iter, iov_iter_count(iter) + cut);
	}
	err = dio_wait(&dio);
	inode_unlock_shared(inode);
	if (err)
		return err;
	if (ret > 0 && pos + ret > size)
		ret = size - pos;
	if (ret > 0)
		iocb->ki_pos += ret;
	return ret;
}

/* The inode's lock is held. */
static ssize_t direct_write(struct kiocb *iocb, struct inode *inode,
			    struct iov_iter *iter, get_block_t *get_block)
{
	struct address_space *mapping = iocb->ki_filp->f_mapping;
	size_t len = iov_iter_count(iter);
	loff_t pos = iocb->ki_pos;
	struct dio dio;
	ssize_t ret, more;
	int err;

	if (!aligned(iocb, iter, 1u << inode->i_blkbits))
		return write_buffered(iocb, iter);
	dio_init(&dio, iocb, iter);
	err = settle_cache(mapping, pos, len, true);
	if (err)
		return err;
	ret = file_transfer(&dio, inode, iter, pos, len, get_block);
	err = dio_wait(&dio);
	if (ret > 0)
		invalidate_inode_pages2_range(mapping, pos >> PAGE_SHIFT,
					      (pos + ret - 1) >> PAGE_SHIFT);
	if (err || ret < 0)
		return err ? err : ret;
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
 * on by as many), or -errno; -EINVAL: not aligned to the disk's blocks.
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
