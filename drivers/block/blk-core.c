/* SPDX-License-Identifier: MIT */
/*
 * blk-core.c -- the way of a bio from submit_bio() to its queue
 *
 * PROMISE.  Every bio submitted ends once, whatever becomes of the disk.  A
 * driver that answers a bio by submitting others (a partition, a mirror, loop)
 * uses no more stack than one that does not.
 *
 * IDEA.  submit_bio() checks the bio (is the disk there, is it inside the
 * partition, does the device know the operation), moves it from the partition
 * to the whole disk, and hands it to the driver (bio drivers) or to blk-mq.
 * What the handing over submits in turn is not handed on at once but put on a
 * list of the task, and the outermost submit_bio() works the list off:
 *
 *	submit_bio(a)            current->bio_list
 *	  driver: submit_bio(a1)     [a1]
 *	          submit_bio(a2)     [a1 a2]
 *	  return
 *	  take a1, its driver: submit_bio(x)   [x a2]   deeper ones first
 *
 * Deeper first, so that at most one bio for each level waits: with a reserve of
 * bios at each level that is what makes stacks free of deadlock.
 *
 * LOCKING.  The list is the task's own.  Entering a queue: blk-freeze.c.
 *
 * SEE docs/74-block-layer.md; requests blk-mq.c.
 *
 * EXERCISES.  1. A driver that submits to itself for ever: what grows, the
 * stack or the list?  2. Why is the partition's offset added only once?
 */

#include "blk.h"

#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/iocontext.h>
#include <kernel/kernel.h>
#include <mm/slab.h>
#include <mm/vmstat.h>

/* ---- queues ---- */

/* A queue that nobody knows yet, limits at their defaults; NULL. */
struct request_queue *blk_alloc_queue(void)
{
	struct request_queue *q = kzalloc(sizeof(*q), GFP_KERNEL);

	if (!q)
		return NULL;
	q->q_usage = __alloc_percpu(sizeof(long), sizeof(long));
	if (!q->q_usage)
		goto out_free;
	if (bioset_init(&q->bio_split, 2, 0, 0))
		goto out_usage;
	spin_lock_init(&q->queue_lock);
	spin_lock_init(&q->requeue_lock);
	mutex_init(&q->sysfs_lock);
	mutex_init(&q->mq_freeze_lock);
	init_waitqueue_head(&q->mq_freeze_wq);
	INIT_LIST_HEAD(&q->requeue_list);
	INIT_LIST_HEAD(&q->tag_set_list);
	refcount_set(&q->refs, 1);
	timer_setup(&q->timeout, blk_rq_timed_out_timer, 0);
	INIT_WORK(&q->timeout_work, blk_timeout_work);
	INIT_DELAYED_WORK(&q->requeue_work, blk_mq_requeue_work);
	blk_set_default_limits(&q->limits);
	q->ra_pages = 128 * 1024 / PAGE_SIZE;
	q->rq_timeout = 30 * HZ;
	set_bit(QUEUE_FLAG_IO_STAT, &q->queue_flags);
	set_bit(QUEUE_FLAG_SAME_COMP, &q->queue_flags);
	return q;

out_usage:
	free_percpu(q->q_usage);
out_free:
	kfree(q);
	return NULL;
}

bool blk_get_queue(struct request_queue *q)
{
	return refcount_inc_not_zero(&q->refs);
}
EXPORT_SYMBOL(blk_get_queue);

/* The last reference frees it: blk_mq_destroy_queue() came before. */
void blk_put_queue(struct request_queue *q)
{
	if (!refcount_dec_and_test(&q->refs))
		return;
	bioset_exit(&q->bio_split);
	free_percpu(q->q_usage);
	kfree(q);
}
EXPORT_SYMBOL(blk_put_queue);

void blk_queue_flag_set(unsigned int flag, struct request_queue *q)
{
	set_bit(flag, &q->queue_flags);
}
EXPORT_SYMBOL(blk_queue_flag_set);

void blk_queue_flag_clear(unsigned int flag, struct request_queue *q)
{
	clear_bit(flag, &q->queue_flags);
}
EXPORT_SYMBOL(blk_queue_flag_clear);

/* No timer and no work of the queue is running, nor will by itself. */
void blk_sync_queue(struct request_queue *q)
{
	del_timer_sync(&q->timeout);
	cancel_work_sync(&q->timeout_work);
	cancel_delayed_work_sync(&q->requeue_work);
}
EXPORT_SYMBOL(blk_sync_queue);

/* ---- checks ---- */

static void handle_bad_sector(struct bio *bio, sector_t max)
{
	char name[DISK_NAME_LEN];

	pr_info_ratelimited("%s: attempt to access beyond end of device\n"
			    "%s: rw=%d, sector=%lu, nr_sectors = %u limit=%lu\n",
			    current->comm, bdev_name_of(bio->bi_bdev, name),
			    bio->bi_opf, (u64)bio->bi_iter.bi_sector,
			    bio_sectors(bio), (u64)max);
}

/* Is it inside its device?  Devices of unknown size take nothing. */
static bool bio_check_eod(struct bio *bio)
{
	sector_t max = bdev_nr_sectors(bio->bi_bdev);
	unsigned int n = bio_sectors(bio);

	if (n && (max < n || bio->bi_iter.bi_sector > max - n)) {
		handle_bad_sector(bio, max);
		return false;
	}
	return true;
}

static bool bio_check_ro(struct bio *bio)
{
	char name[DISK_NAME_LEN];

	if (!op_is_write(bio->bi_opf) || !bdev_read_only(bio->bi_bdev))
		return true;
	if (op_is_flush(bio->bi_opf) && !bio_sectors(bio))
		return true;
	pr_warn_ratelimited("Trying to write to read-only block-device %s\n",
			    bdev_name_of(bio->bi_bdev, name));
	return false;
}

/* From the partition to its disk. */
static void blk_partition_remap(struct bio *bio)
{
	if (bio_sectors(bio))
		bio->bi_iter.bi_sector += bio->bi_bdev->bd_start_sect;
	bio_set_flag(bio, BIO_REMAPPED);
}

/* BLK_STS_OK if the device knows the operation at all. */
static blk_status_t check_op(struct request_queue *q, struct bio *bio)
{
	switch (bio_op(bio)) {
	case REQ_OP_DISCARD:
		return q->limits.max_discard_sectors ? BLK_STS_OK
						     : BLK_STS_NOTSUPP;
	case REQ_OP_WRITE_ZEROES:
		return q->limits.max_write_zeroes_sectors ? BLK_STS_OK
							  : BLK_STS_NOTSUPP;
	case REQ_OP_READ:
	case REQ_OP_WRITE:
	case REQ_OP_FLUSH:
		return BLK_STS_OK;
	default:
		return BLK_STS_NOTSUPP;
	}
}

/*
 * BLK_STS_OK: hand it on.  A flush that the device does not need is taken off;
 * *done says that nothing was left to do.
 */
static blk_status_t check_bio(struct request_queue *q, struct bio *bio,
			      bool *done)
{
	if (!bio_check_ro(bio))
		return BLK_STS_IOERR;
	if (!bio_flagged(bio, BIO_REMAPPED)) {
		if (!bio_check_eod(bio))
			return BLK_STS_IOERR;
		if (bdev_is_partition(bio->bi_bdev))
			blk_partition_remap(bio);
	}
	if (op_is_flush(bio->bi_opf) && !blk_queue_flag(q, QUEUE_FLAG_WC)) {
		bio->bi_opf &= ~(REQ_PREFLUSH | REQ_FUA);
		if (!bio_sectors(bio)) {
			*done = true;
			return BLK_STS_OK;
		}
	}
	return check_op(q, bio);
}

/* ---- handing on ---- */

static void submit_to_bio_driver(struct bio *bio)
{
	struct request_queue *q = bio->bi_bdev->bd_queue;
	int err = blk_queue_enter(q, bio->bi_opf & REQ_NOWAIT);

	if (err) {
		bio->bi_status = err == -EAGAIN ? BLK_STS_AGAIN
						: BLK_STS_IOERR;
		bio_endio(bio);
		return;
	}
	bio->bi_bdev->bd_disk->fops->submit_bio(bio);
	blk_queue_exit(q);
}

static void __submit_bio(struct bio *bio)
{
	if (bio->bi_bdev->bd_disk->fops->submit_bio)
		submit_to_bio_driver(bio);
	else
		blk_mq_submit_bio(bio);
}

/* Sort what one round submitted: for deeper queues first, then the same. */
static void sort_new(struct bio_list *todo, struct bio_list *new,
		     struct request_queue *q)
{
	struct bio_list lower = { NULL, NULL }, same = { NULL, NULL };
	struct bio *bio;

	while ((bio = bio_list_pop(new)))
		bio_list_add(bio->bi_bdev->bd_queue == q ? &same : &lower,
			     bio);
	bio_list_merge(&lower, &same);
	bio_list_merge(&lower, todo);
	*todo = lower;
}

/* To the task's list, or, outermost, work the list off. */
static void submit_iteratively(struct bio *bio)
{
	struct bio_list new = { NULL, NULL }, todo = { NULL, NULL };

	if (current->bio_list) {
		bio_list_add(current->bio_list, bio);
		return;
	}
	current->bio_list = &new;
	do {
		struct request_queue *q = bio->bi_bdev->bd_queue;

		__submit_bio(bio);
		if (!bio_list_empty(&new))
			sort_new(&todo, &new, q);
		bio = bio_list_pop(&todo);
	} while (bio);
	current->bio_list = NULL;
}

/* For bios that come from other bios: not counted as a task's own.  May
 * sleep. */
void submit_bio_noacct(struct bio *bio)
{
	struct request_queue *q = bio->bi_bdev->bd_queue;
	bool done = false;
	blk_status_t st;

	might_sleep();
	st = check_bio(q, bio, &done);
	if (st || done) {
		bio->bi_status = st;
		bio_endio(bio);
		return;
	}
	submit_iteratively(bio);
}
EXPORT_SYMBOL(submit_bio_noacct);

/* bi_end_io will be called, perhaps before this returns.  May sleep. */
void submit_bio(struct bio *bio)
{
	if (!bio->bi_ioprio)
		bio->bi_ioprio = current_ioprio();
	if (bio_has_data(bio))
		count_vm_events(op_is_write(bio->bi_opf) ? PGPGOUT : PGPGIN,
				bio->bi_iter.bi_size >> 10);
	if (bio_has_data(bio) && !op_is_write(bio->bi_opf))
		current->ioac.read_bytes += bio->bi_iter.bi_size;
	submit_bio_noacct(bio);
}
EXPORT_SYMBOL(submit_bio);

/* ---- plugs ---- */

void blk_start_plug(struct blk_plug *plug)
{
	if (current->plug)
		return;
	*plug = (struct blk_plug){ 0 };
	current->plug = plug;
}
EXPORT_SYMBOL(blk_start_plug);

/* Send what was gathered; the task is about to sleep if from_schedule. */
void blk_flush_plug(struct blk_plug *plug, bool from_schedule)
{
	if (plug->mq_list)
		blk_mq_flush_plug_list(plug, from_schedule);
}

void blk_finish_plug(struct blk_plug *plug)
{
	if (current->plug != plug)
		return;
	blk_flush_plug(plug, false);
	current->plug = NULL;
}
EXPORT_SYMBOL(blk_finish_plug);
