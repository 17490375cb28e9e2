/* SPDX-License-Identifier: MIT */
/*
 * blk-recover.c -- a device that is silent: its requests are taken back
 *
 * PROMISE.  Of the requests that the device had, each either goes to it once
 * more or ends with an error; none twice, none never.
 *
 * IDEA.  Three drivers meet the same trouble, and the block layer knows most of
 * the way out.  The driver brings what only it can: making the device let go of
 * memory, and setting it up anew.
 *
 *	driver                                   here
 *	                                         blk_mq_quiesce_tagset()     [a]
 *	reset: the device touches nothing
 *	of ours, its interrupt has ended         [b]
 *	                                         blk_mq_take_back(verdict)   [c]
 *	queues set up anew (or: dead)
 *	                                         blk_mq_go_on_tagset()       [d]
 *
 * The verdict on each request is the driver's: AGAIN (it is innocent),
 * ONCE_MORE (it may be what the device choked on: the second time it fails), or
 * its end.
 *
 * RACES.  After [a] nobody is in queue_rq; after [b] nobody completes: so [c]
 * meets every started request that no one else will end.  Those that the
 * interrupt had completed before [b] are left to their softirq.
 *
 * CONTEXT.  A worker or remove(); all may sleep.  One recovery of a set at a
 * time: the driver's mutex.
 */

#include "blk.h"

#include <kernel/export.h>
#include <kernel/kernel.h>

/* No driver of the set's disks is called until blk_mq_go_on_tagset(). */
void blk_mq_quiesce_tagset(struct blk_mq_tag_set *set)
{
	struct request_queue *q;

	mutex_lock(&set->tag_list_lock);
	list_for_each_entry(q, &set->tag_list, tag_set_list)
		blk_mq_quiesce_queue(q);
	mutex_unlock(&set->tag_list_lock);
}
EXPORT_SYMBOL(blk_mq_quiesce_tagset);

/* What was taken back goes on its way, before what came since. */
void blk_mq_go_on_tagset(struct blk_mq_tag_set *set)
{
	struct request_queue *q;

	mutex_lock(&set->tag_list_lock);
	list_for_each_entry(q, &set->tag_list, tag_set_list) {
		blk_mq_unquiesce_queue(q);
		blk_mq_start_stopped_hw_queues(q, true);
		blk_mq_kick_requeue_list(q);
	}
	mutex_unlock(&set->tag_list_lock);
}
EXPORT_SYMBOL(blk_mq_go_on_tagset);

struct take_back {
	blk_verdict_fn *verdict;
	void *data;
};

static bool take_back(struct request *rq, void *data)
{
	struct take_back *tb = data;
	enum blk_verdict v;

	if (blk_mq_request_completed(rq))
		return true;
	v = tb->verdict(rq, tb->data);
	if (v == BLK_ONCE_MORE && rq->rq_flags & RQF_RETRIED)
		v = BLK_FAILS;
	switch (v) {
	case BLK_ONCE_MORE:
		rq->rq_flags |= RQF_RETRIED;
		fallthrough;
	case BLK_AGAIN:
		blk_mq_requeue_request(rq, false);
		break;
	case BLK_FAILS:
		blk_mq_end_request(rq, BLK_STS_IOERR);
		break;
	case BLK_REFUSED:
		blk_mq_end_request(rq, BLK_STS_MEDIUM);
		break;
	}
	return true;
}

/* Quiesced, and the device has let go. */
void blk_mq_take_back(struct blk_mq_tag_set *set, blk_verdict_fn *verdict,
		      void *data)
{
	struct take_back tb = { .verdict = verdict, .data = data };

	blk_mq_tagset_busy_iter(set, take_back, &tb);
}
EXPORT_SYMBOL(blk_mq_take_back);
