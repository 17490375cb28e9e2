/* SPDX-License-Identifier: MIT */
/*
 * dio.c -- a direct transfer: the bios it is made of, and how it ends
 *
 * PROMISE.  dio_begin, some dio_send, dio_finish: when it has ended the bytes
 * are there, the user's pages are free again, and the page cache has nothing
 * old.
 *
 * IDEA.  A count of what is out: one for each bio and one for the caller, so
 * that the end cannot come while the caller is still sending.
 *
 *	refs   caller --send--> +1 +1 +1        bio ends: -1, pages kept in .ended
 *	       caller --finish-> -1             who makes it 0 does the rest
 *
 * A transfer that somebody waits for lives on the waiter's stack.  One whose
 * kiocb has ki_complete lives in the heap, and dio_finish() may leave it
 * behind: then the last bio's end does the rest, in softirq, or in a worker if
 * something in it must sleep (pages that write-back has cleaned since, a cache
 * to be emptied).
 *
 * RACES.  In the heap nobody may touch a dio after its own decrement, neither
 * to see whether the caller waits.  So a caller that must wait after all (a
 * hole, an error half-way) keeps its reference and waits for refs == 1, on a
 * queue that is everybody's: such waits are rare, and a wrong wake-up costs a
 * look.
 *
 * SEE direct_io.c; docs/66-aio.md.
 */

#include "dio.h"

#include <drivers/bio.h>
#include <drivers/blkdev.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <kernel/wait.h>
#include <mm/filemap.h>
#include <mm/slab.h>
#include <mm/uio.h>

static DECLARE_WAIT_QUEUE_HEAD(callers);
static struct workqueue_struct *dio_wq __ro_after_init;

struct dio *dio_begin(struct dio *on_stack, struct kiocb *iocb,
		      struct iov_iter *iter, bool may_queue)
{
	bool sync = iocb->ki_flags & IOCB_DSYNC;
	struct dio *dio = NULL;

	if (may_queue && !is_sync_kiocb(iocb) && !sync)
		dio = kmalloc(sizeof(*dio), GFP_KERNEL);
	if (!dio)
		dio = on_stack;
	*dio = (struct dio){
		.waiter = dio == on_stack ? current : NULL, .iocb = iocb,
		.pos = iocb->ki_pos, .read = iov_iter_rw(iter) == READ,
		.sync = sync,
	};
	atomic_set(&dio->refs, 1);
	return dio;
}

void dio_count_in(struct dio *dio, struct inode *inode)
{
	if (dio->waiter)
		return;
	dio->inode = inode;
	inode_dio_begin(inode);
}

/* ---- the end ---- */

/* May sleep if may_sleep() says so. */
static void release_bios(struct dio *dio)
{
	while (dio->ended) {
		struct bio *bio = dio->ended;

		dio->ended = bio->bi_next;
		/* Marked before; write-back may have cleaned them since. */
		bio_release_pages(bio, dio->read);
		bio_put(bio);
	}
}

/* Nothing is out any more.  What the transfer gives; dio is gone. */
static ssize_t conclude(struct dio *dio)
{
	struct address_space *mapping = dio->iocb->ki_filp->f_mapping;
	ssize_t ret = dio->result;

	release_bios(dio);
	if (!dio->read && ret > 0)
		invalidate_inode_pages2_range(mapping, dio->pos >> PAGE_SHIFT,
				(dio->pos + ret - 1) >> PAGE_SHIFT);
	if (dio->error)
		ret = dio->error;
	if (dio->inode)
		inode_dio_end(dio->inode);
	if (!dio->waiter)
		kfree(dio);
	return ret;
}

static void conclude_and_tell(struct dio *dio)
{
	struct kiocb *iocb = dio->iocb;

	iocb->ki_complete(iocb, conclude(dio));
}

static void conclude_work(struct work_struct *work)
{
	conclude_and_tell(container_of(work, struct dio, work));
}

/* Is there something in the end that softirqs may not do? */
static bool end_may_sleep(const struct dio *dio)
{
	struct bio_vec *bv;
	struct bio *bio;
	int i;

	if (!dio->read)
		return READ_ONCE(dio->iocb->ki_filp->f_mapping->nrpages);
	for (bio = dio->ended; bio; bio = bio->bi_next)
		bio_for_each_bvec_all(bv, bio, i)
			if (!PageDirty(bv->bv_page))
				return true;
	return false;
}

/* The last bio of a transfer that was left behind; any context. */
static void end_left_behind(struct dio *dio)
{
	if (!end_may_sleep(dio)) {
		conclude_and_tell(dio);
		return;
	}
	INIT_WORK(&dio->work, conclude_work);
	queue_work(dio_wq, &dio->work);
}

/* Any context; dio may be gone afterwards. */
static void put_ref(struct dio *dio)
{
	struct task_struct *waiter = dio->waiter;
	int left;

	if (!waiter) {
		left = atomic_dec_return(&dio->refs);
		if (!left)
			end_left_behind(dio);
		else if (left == 1 && wq_has_sleeper(&callers))
			wake_up_all(&callers);
		return;
	}
	/* With the last reference dio, on the waiter's stack, may go. */
	get_task_struct(waiter);
	if (atomic_dec_and_test(&dio->refs))
		wake_up_process(waiter);
	put_task_struct(waiter);
}

/* The pages are kept for conclude(), which may sleep on their locks. */
static void dio_bio_end(struct bio *bio)
{
	struct dio *dio = bio->bi_private;
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
	put_ref(dio);
}

/* ---- sending ---- */

/*
 * Send `len` bytes under the cursor to (or from) the device at byte `pos`.
 * How many were sent, or -errno if none were.
 */
ssize_t dio_send(struct dio *dio, struct block_device *bdev,
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

/* Until all bios have ended. */
static void wait_for_bios(struct dio *dio)
{
	if (!dio->waiter) {
		io_wait_event(callers, atomic_read(&dio->refs) == 1);
		return;
	}
	if (atomic_dec_and_test(&dio->refs))
		return;
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (!atomic_read(&dio->refs))
			break;
		io_schedule();
	}
	__set_current_state(TASK_RUNNING);
}

ssize_t dio_finish(struct dio *dio, ssize_t result, bool complete)
{
	dio->result = result;
	if (complete && !dio->waiter) {
		if (!atomic_dec_and_test(&dio->refs))
			return -EIOCBQUEUED;
	} else {
		wait_for_bios(dio);
	}
	smp_rmb();                    /* their ends, then what they left */
	return conclude(dio);
}

static int dio_init(void)
{
	dio_wq = alloc_workqueue("dio", WQ_MEM_RECLAIM, 0);
	return dio_wq ? 0 : -ENOMEM;
}
fs_initcall(dio_init);
