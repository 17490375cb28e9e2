/* SPDX-License-Identifier: MIT */
/*
 * blk-merge.c -- joining neighbours
 *
 * PROMISE.  Two transfers are joined only if the device can tell no difference:
 * same operation and flags, adjacent sectors, all limits kept.
 *
 * IDEA.  A request is a list of bios over adjacent sectors.  A new bio may hang
 * itself on the end (back merge), which sequential I/O does all the time, or on
 * the front.  A request that has grown may then touch its neighbour, and
 * swallows it.
 *
 *	request   [100..107][108..115]
 *	back merge of 116..123, front merge of 92..99
 *
 * Where it looks: the task's plug (no lock), the elevator (its own trees), or
 * the last few of this CPU's software queue.
 *
 * LOCKING.  Whoever calls owns the request: plug, ctx->lock or the elevator's.
 *
 * SEE docs/74-block-layer.md.
 */

#include "blk.h"

#include <kernel/export.h>
#include <kernel/kernel.h>

#define PLUG_LOOK 32             /* requests of a plug that are looked at */
#define CTX_LOOK 8               /* of a software queue */

/* ---- may they be joined? ---- */

static unsigned int max_sectors_of(const struct request *rq)
{
	if (req_op(rq) == REQ_OP_DISCARD)
		return rq->q->limits.max_discard_sectors;
	if (req_op(rq) == REQ_OP_WRITE_ZEROES)
		return rq->q->limits.max_write_zeroes_sectors;
	return min(rq->q->limits.max_sectors, rq->q->limits.max_hw_sectors);
}

static bool rq_mergeable(const struct request *rq)
{
	return !(rq->cmd_flags & REQ_NOMERGE_FLAGS) &&
	       !blk_rq_is_passthrough(rq) && req_op(rq) != REQ_OP_FLUSH &&
	       !(rq->rq_flags & (RQF_STARTED | RQF_FLUSH_SEQ));
}

#define SAME_FLAGS (REQ_OP_MASK | REQ_FUA | REQ_PREFLUSH | REQ_META | \
		    REQ_PRIO | REQ_FAILFAST_MASK)

bool blk_rq_merge_ok(struct request *rq, struct bio *bio)
{
	if (!rq_mergeable(rq) || (bio->bi_opf & REQ_NOMERGE_FLAGS))
		return false;
	if ((rq->cmd_flags ^ bio->bi_opf) & SAME_FLAGS)
		return false;
	if (rq->part->bd_disk != bio->bi_bdev->bd_disk)
		return false;
	return rq->ioprio == bio->bi_ioprio;
}

/* On which side does the bio touch the request? */
enum elv_merge blk_try_merge(struct request *rq, struct bio *bio)
{
	if (op_is_discard(rq->cmd_flags) &&
	    rq->q->limits.max_discard_segments > 1)
		return ELEVATOR_DISCARD_MERGE;
	if (rq_end_sector(rq) == bio->bi_iter.bi_sector)
		return ELEVATOR_BACK_MERGE;
	if (blk_rq_pos(rq) == bio_end_sector(bio))
		return ELEVATOR_FRONT_MERGE;
	return ELEVATOR_NO_MERGE;
}

/* With a boundary mask, memory must meet at page ends (NVMe). */
static bool gap_between(struct request_queue *q, struct bio *first,
			struct bio *second)
{
	unsigned long mask = q->limits.virt_boundary_mask;
	struct bio_vec *last, *next;

	if (!mask || !bio_has_data(first) || !bio_has_data(second))
		return false;
	last = &first->bi_io_vec[first->bi_vcnt - 1];
	next = &second->bi_io_vec[second->bi_iter.bi_idx];
	return ((last->bv_offset + last->bv_len) & mask) ||
	       ((next->bv_offset + second->bi_iter.bi_bvec_done) & mask);
}

/* Room for so many more segments and sectors? */
static bool room_for(struct request *rq, unsigned int segs,
		     unsigned int sectors)
{
	return rq->nr_phys_segments + segs <= rq->q->limits.max_segments &&
	       blk_rq_sectors(rq) + sectors <= max_sectors_of(rq);
}

/* ---- bio and request ---- */

/* Join as blk_try_merge() said; false: too large. */
bool bio_attempt_merge(struct request *rq, struct bio *bio,
		       unsigned int nr_segs, enum elv_merge how)
{
	if (!room_for(rq, nr_segs, bio_sectors(bio)))
		return false;
	switch (how) {
	case ELEVATOR_BACK_MERGE:
	case ELEVATOR_DISCARD_MERGE:
		if (gap_between(rq->q, rq->biotail, bio))
			return false;
		rq->biotail->bi_next = bio;
		rq->biotail = bio;
		break;
	case ELEVATOR_FRONT_MERGE:
		if (gap_between(rq->q, bio, rq->bio))
			return false;
		bio->bi_next = rq->bio;
		rq->bio = bio;
		rq->__sector = bio->bi_iter.bi_sector;
		break;
	default:
		return false;
	}
	rq->__data_len += bio->bi_iter.bi_size;
	rq->nr_phys_segments += nr_segs;
	if (bio->bi_opf & REQ_SYNC)
		rq->cmd_flags |= REQ_SYNC;
	blk_account_io_merge_bio(rq);
	return true;
}

/* `next` follows rq on the disk: take it in.  next is the caller's to free. */
bool blk_attempt_req_merge(struct request_queue *q, struct request *rq,
			   struct request *next)
{
	if (!rq_mergeable(rq) || !rq_mergeable(next) ||
	    ((rq->cmd_flags ^ next->cmd_flags) & SAME_FLAGS) ||
	    rq->part->bd_disk != next->part->bd_disk ||
	    rq->ioprio != next->ioprio ||
	    rq_end_sector(rq) != blk_rq_pos(next) ||
	    !room_for(rq, next->nr_phys_segments, blk_rq_sectors(next)) ||
	    gap_between(q, rq->biotail, next->bio))
		return false;
	rq->biotail->bi_next = next->bio;
	rq->biotail = next->biotail;
	rq->__data_len += next->__data_len;
	rq->nr_phys_segments += next->nr_phys_segments;
	rq->cmd_flags |= next->cmd_flags & REQ_SYNC;
	if (time_before(next->fifo_time, rq->fifo_time))
		rq->fifo_time = next->fifo_time;
	if (next->start_time_ns < rq->start_time_ns)
		rq->start_time_ns = next->start_time_ns;
	blk_account_io_merge_request(next);
	next->bio = next->biotail = NULL;
	next->__data_len = 0;
	return true;
}

static bool try_bio_merge(struct request *rq, struct bio *bio,
			  unsigned int nr_segs)
{
	if (!blk_rq_merge_ok(rq, bio))
		return false;
	return bio_attempt_merge(rq, bio, nr_segs, blk_try_merge(rq, bio));
}

/* ---- where to look ---- */

/* The requests that current has gathered; newest first. */
bool blk_attempt_plug_merge(struct request_queue *q, struct bio *bio,
			    unsigned int nr_segs)
{
	struct blk_plug *plug = current->plug;
	struct request *rq;
	int look = PLUG_LOOK;

	if (!plug || blk_queue_nomerges(q))
		return false;
	for (rq = plug->mq_list; rq && look--; rq = rq->rq_next) {
		if (rq->q == q && try_bio_merge(rq, bio, nr_segs))
			return true;
		if (blk_queue_noxmerges(q))
			break;
	}
	return false;
}

static bool ctx_merge(struct request_queue *q, struct bio *bio,
		      unsigned int nr_segs)
{
	struct blk_mq_ctx *ctx = get_cpu_ptr(q->queue_ctx);
	struct request *rq;
	bool merged = false;
	int look = CTX_LOOK;

	if (!list_empty_careful(&ctx->rq_list)) {
		spin_lock_irq(&ctx->lock);
		list_for_each_entry_reverse(rq, &ctx->rq_list, queuelist) {
			if (!look-- || merged)
				break;
			merged = try_bio_merge(rq, bio, nr_segs);
		}
		if (merged)
			ctx->rq_merged++;
		spin_unlock_irq(&ctx->lock);
	}
	put_cpu_ptr(q->queue_ctx);
	return merged;
}

/* Into a request that waits in the elevator or software queue? */
bool blk_mq_sched_bio_merge(struct request_queue *q, struct bio *bio,
			    unsigned int nr_segs)
{
	if (blk_queue_nomerges(q) || (bio->bi_opf & REQ_NOMERGE_FLAGS))
		return false;
	if (q->elevator)
		return q->elevator->type->ops.bio_merge &&
		       q->elevator->type->ops.bio_merge(q, bio, nr_segs);
	return ctx_merge(q, bio, nr_segs);
}

/*
 * The elevator's ->bio_merge, under its lock: find a request, join, and see
 * whether it now touches a neighbour.  *merged is a request to be freed when
 * the lock is dropped.
 */
bool blk_mq_sched_try_merge(struct request_queue *q, struct bio *bio,
			    unsigned int nr_segs, struct request **merged)
{
	const struct elevator_mq_ops *ops = &q->elevator->type->ops;
	struct request *rq, *next = NULL;
	enum elv_merge how = elv_merge(q, &rq, bio);

	*merged = NULL;
	if (how == ELEVATOR_NO_MERGE ||
	    (ops->allow_merge && !ops->allow_merge(q, rq, bio)) ||
	    !bio_attempt_merge(rq, bio, nr_segs, how))
		return false;
	if (how == ELEVATOR_BACK_MERGE && ops->next_request)
		next = ops->next_request(q, rq);
	if (how == ELEVATOR_FRONT_MERGE && ops->former_request) {
		next = rq;
		rq = ops->former_request(q, rq);
	}
	if (rq && next && blk_attempt_req_merge(q, rq, next)) {
		if (ops->requests_merged)
			ops->requests_merged(q, rq, next);
		elv_rqhash_reposition(q, rq);
		*merged = next;
		return true;
	}
	/* Not joined: tell of the request that the bio went into. */
	if (how == ELEVATOR_FRONT_MERGE)
		rq = next;
	if (ops->request_merged)
		ops->request_merged(q, rq, how);
	if (how == ELEVATOR_BACK_MERGE)
		elv_rqhash_reposition(q, rq);
	return true;
}

/* A whole request on its way into the elevator: does one end where it
 * begins? */
bool blk_mq_sched_try_insert_merge(struct request_queue *q,
				   struct request *rq, struct list_head *free)
{
	struct request *prev;

	if (blk_queue_nomerges(q) || !rq_mergeable(rq))
		return false;
	prev = elv_rqhash_find(q, blk_rq_pos(rq));
	if (!prev || !blk_attempt_req_merge(q, prev, rq))
		return false;
	elv_rqhash_reposition(q, prev);
	list_add(&rq->queuelist, free);
	return true;
}
