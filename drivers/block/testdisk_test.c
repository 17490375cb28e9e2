/* SPDX-License-Identifier: MIT */
/*
 * testdisk_test.c -- a disk that fails, hangs, refuses or waits as it is told
 *
 * One megabyte of memory behind the same interfaces as a real driver's, with a
 * trace of the requests as they came.  Used by the tests beside it only.
 */

#include "testdisk.h"

#include <kernel/kernel.h>
#include <kernel/string.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

static blk_status_t perform(struct testdisk *td, struct request *rq)
{
	sector_t at = blk_rq_pos(rq);
	struct req_iterator it;
	struct bio_vec bv;

	if (td->bad >= at && td->bad < rq_end_sector(rq))
		return BLK_STS_IOERR;
	rq_for_each_segment(bv, rq, it) {
		u8 *place = td->data + (at << SECTOR_SHIFT);

		if (rq_data_dir(rq))
			memcpy(place, bvec_virt(&bv), bv.bv_len);
		else
			memcpy(bvec_virt(&bv), place, bv.bv_len);
		at += bv.bv_len >> SECTOR_SHIFT;
	}
	return BLK_STS_OK;
}

static void td_complete(struct request *rq)
{
	blk_mq_end_request(rq, perform(rq->q->queuedata, rq));
}

static blk_status_t td_queue_rq(struct blk_mq_hw_ctx *hctx,
				const struct blk_mq_queue_data *bd)
{
	struct testdisk *td = hctx->queue->queuedata;
	struct request *rq = bd->rq;
	unsigned long flags;
	bool keep;

	spin_lock_irqsave(&td->lock, flags);
	if (td->busy > 0) {
		td->busy--;
		spin_unlock_irqrestore(&td->lock, flags);
		return BLK_STS_RESOURCE;
	}
	if (td->seen < TD_TRACE) {
		td->sector[td->seen] = blk_rq_pos(rq);
		td->op[td->seen] = req_op(rq);
	}
	td->seen++;
	keep = td->hold || td->hang;
	blk_mq_start_request(rq);
	if (keep)
		list_add_tail(&rq->queuelist, &td->held);
	spin_unlock_irqrestore(&td->lock, flags);
	wake_up(&td->wait);
	if (!keep)
		blk_mq_complete_request(rq);
	return BLK_STS_OK;
}

static enum blk_eh_timer_return td_timeout(struct request *rq)
{
	struct testdisk *td = rq->q->queuedata;

	td->timeouts++;
	spin_lock_irq(&td->lock);
	list_del_init(&rq->queuelist);
	spin_unlock_irq(&td->lock);
	blk_mq_end_request(rq, BLK_STS_TIMEOUT);
	return BLK_EH_DONE;
}

static const struct blk_mq_ops td_ops = {
	.queue_rq = td_queue_rq, .complete = td_complete,
	.timeout = td_timeout,
};
static const struct block_device_operations td_fops;

struct testdisk *td_create(unsigned int queues, unsigned int depth)
{
	struct testdisk *td = kzalloc(sizeof(*td), GFP_KERNEL);
	struct gendisk *disk;

	if (!td)
		return NULL;
	spin_lock_init(&td->lock);
	INIT_LIST_HEAD(&td->held);
	init_waitqueue_head(&td->wait);
	td->bad = ~0ULL;
	td->data = vzalloc(TD_SECTORS << SECTOR_SHIFT);
	td->set = (struct blk_mq_tag_set){
		.ops = &td_ops, .nr_hw_queues = queues, .queue_depth = depth,
		.numa_node = -1, .flags = BLK_MQ_F_NO_SCHED_BY_DEFAULT,
	};
	if (!td->data || blk_mq_alloc_tag_set(&td->set))
		goto out_free;
	disk = blk_mq_alloc_disk(&td->set, td);
	if (IS_ERR(disk))
		goto out_set;
	td->disk = disk;
	disk->fops = &td_fops;
	disk->private_data = td;
	disk->flags = GENHD_FL_NO_PART;  /* no reads but the tests' */
	snprintf(disk->disk_name, DISK_NAME_LEN, "selftest");
	blk_queue_max_hw_sectors(disk->queue, 256);
	set_capacity(disk, TD_SECTORS);
	if (!add_disk(disk))
		return td;
	put_disk(disk);
out_set:
	blk_mq_free_tag_set(&td->set);
out_free:
	vfree(td->data);
	kfree(td);
	return NULL;
}

void td_destroy(struct testdisk *td)
{
	td->hold = td->hang = false;
	td_release_all(td);
	del_gendisk(td->disk);
	put_disk(td->disk);
	blk_mq_free_tag_set(&td->set);
	vfree(td->data);
	kfree(td);
}

void td_forget(struct testdisk *td)
{
	spin_lock_irq(&td->lock);
	td->seen = 0;
	spin_unlock_irq(&td->lock);
}

bool td_wait_seen(struct testdisk *td, unsigned int n)
{
	return wait_event_timeout(td->wait, READ_ONCE(td->seen) >= n, HZ) > 0;
}

bool td_release_one(struct testdisk *td)
{
	struct request *rq;

	spin_lock_irq(&td->lock);
	rq = list_first_entry_or_null(&td->held, struct request, queuelist);
	if (rq)
		list_del_init(&rq->queuelist);
	spin_unlock_irq(&td->lock);
	if (rq)
		blk_mq_complete_request(rq);
	return rq != NULL;
}

void td_release_all(struct testdisk *td)
{
	while (td_release_one(td))
		;
}

struct bio *td_bio(struct testdisk *td, blk_opf_t opf, sector_t sector,
		   struct page **pages, int n)
{
	struct bio *bio = bio_alloc(td->disk->part0, n, opf, GFP_KERNEL);

	bio->bi_iter.bi_sector = sector;
	for (int i = 0; i < n; i++)
		__bio_add_page(bio, pages[i], PAGE_SIZE, 0);
	return bio;
}

void td_ends_init(struct td_ends *e)
{
	*e = (struct td_ends){ 0 };
	init_waitqueue_head(&e->wait);
}

static void count_end(struct bio *bio)
{
	struct td_ends *e = bio->bi_private;

	if (bio->bi_status)
		e->errors++;
	bio_put(bio);
	if (atomic_dec_and_test(&e->left))
		wake_up(&e->wait);
}

void td_submit(struct td_ends *e, struct bio *bio)
{
	bio->bi_private = e;
	bio->bi_end_io = count_end;
	atomic_inc(&e->left);
	submit_bio(bio);
}

bool td_wait_ends(struct td_ends *e)
{
	return wait_event_timeout(e->wait, !atomic_read(&e->left), 5 * HZ) > 0;
}
