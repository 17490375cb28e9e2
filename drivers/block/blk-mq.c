/* SPDX-License-Identifier: MIT */
/*
 * blk-mq.c -- bios become requests, and wait their turn
 *
 * PROMISE.  A bio becomes (part of) a request as soon as a tag is to be had; a
 * request that is in a queue is sent without anybody's further help.
 *
 * IDEA.  Where CPUs submit, nothing is shared: each has a software queue.  A
 * hardware queue of the device serves one or more CPUs and draws from their
 * software queues, or from the elevator if there is one, which sees them all.
 *
 *	bio -> merged into the plug, the elevator or the software queue?
 *	 |no
 *	request (waits for a tag)
 *	 |-- flush or FUA?  the flush machine             blk-flush.c
 *	 |-- the task has a plug?  gather                  blk_start_plug()
 *	 |-- elevator, or others wait already?  insert, run the queue
 *	 `-- else straight to the driver                   blk-mq-dispatch.c
 *
 * INVARIANTS.
 *   I1  A request holds its queue (blk_queue_enter) from get to free.
 *   I2  A request is in one place: a plug, a list of a ctx, hctx or elevator,
 *       the requeue list, the flush machine, or the driver.
 *
 * LOCKING.  ctx->lock for a software queue, hctx->lock for its overflow
 * (dispatch).  Both with interrupts off, for completions requeue.  Order: the
 * elevator's lock, ctx->lock, hctx->lock; none is held while the driver is
 * called.
 *
 * SEE docs/74-block-layer.md.
 *
 * EXERCISES.  1. A task that waits for a tag has requests in its plug: who
 * sends them?  2. Why may a request be inserted on another CPU's queue than
 * the one that runs now?
 */

#include "blk.h"

#include <kernel/export.h>
#include <kernel/hardirq.h>
#include <kernel/kernel.h>
#include <kernel/timekeeping.h>

/* ---- requests ---- */

void blk_mq_rq_ctx_init(struct request *rq)
{
	rq->cmd_flags = 0;
	rq->rq_flags = 0;
	rq->timeout = 0;
	rq->__data_len = 0;
	rq->__sector = 0;
	rq->bio = rq->biotail = NULL;
	rq->part = NULL;
	rq->nr_phys_segments = 0;
	rq->ioprio = 0;
	rq->start_time_ns = ktime_get_ns();
	rq->io_start_time_ns = 0;
	rq->fifo_time = 0;
	rq->end_io = NULL;
	rq->end_io_data = NULL;
	rq->elv.priv[0] = rq->elv.priv[1] = NULL;
	rq->rq_next = NULL;
	rq->flush.seq = 0;
	INIT_LIST_HEAD(&rq->queuelist);
	INIT_HLIST_NODE(&rq->hash);
	RB_CLEAR_NODE(&rq->rb_node);
	WRITE_ONCE(rq->state, MQ_RQ_IDLE);
	atomic_set(&rq->ref, 1);
}

/* Tags that a request of this kind may take: [*from, *to). */
static void tag_window(struct request_queue *q, struct blk_mq_tags *tags,
		       blk_opf_t opf, bool reserved, unsigned int *from,
		       unsigned int *to)
{
	unsigned int limit = 0;

	if (reserved && tags->nr_reserved) {
		*from = 0;
		*to = tags->nr_reserved;
		return;
	}
	*from = tags->nr_reserved;
	*to = min(tags->nr_tags, tags->nr_reserved + q->nr_requests);
	if (q->elevator && q->elevator->type->ops.limit_depth)
		limit = q->elevator->type->ops.limit_depth(q, opf);
	if (limit && *from + limit < *to)
		*to = *from + limit;
}

/* One attempt on this CPU; NULL: no tag, *tags says of whom. */
static struct request *try_get_request(struct request_queue *q, blk_opf_t opf,
				       bool reserved,
				       struct blk_mq_tags **tagsp)
{
	struct blk_mq_ctx *ctx = get_cpu_ptr(q->queue_ctx);
	struct blk_mq_hw_ctx *hctx = ctx->hctx;
	bool elv = q->elevator != NULL;
	struct blk_mq_tags *tags = elv ? hctx->sched_tags : hctx->tags;
	struct request *rq = NULL;
	unsigned int from, to;
	int tag;

	*tagsp = tags;
	tag_window(q, tags, opf, reserved, &from, &to);
	tag = blk_mq_get_tag(tags, from, to);
	if (tag >= 0) {
		rq = tags->static_rqs[tag];
		rq->q = q;
		rq->mq_ctx = ctx;
		rq->mq_hctx = hctx;
		rq->tag = elv ? BLK_MQ_NO_TAG : tag;
		rq->internal_tag = elv ? tag : BLK_MQ_NO_TAG;
		blk_mq_rq_ctx_init(rq);
		rq->cmd_flags = opf;
		if (elv)
			rq->rq_flags |= RQF_ELV;
		else
			WRITE_ONCE(tags->rqs[tag], rq);
	}
	put_cpu_ptr(q->queue_ctx);
	return rq;
}

/*
 * The caller is inside the queue (blk_queue_enter) and hands its hold over to
 * the request.  Sleeps for a tag unless nowait; then NULL.
 */
struct request *blk_mq_get_request(struct request_queue *q, blk_opf_t opf,
				   bool nowait, bool reserved)
{
	struct blk_mq_tags *tags, *waited;
	struct request *rq = try_get_request(q, opf, reserved, &tags);

	while (!rq && !nowait) {
		DEFINE_WAIT(wait);

		/* Whoever has the tags may need a push, we among them. */
		if (current->plug)
			blk_flush_plug(current->plug, false);
		blk_mq_run_hw_queues(q, true);
		waited = tags;
		prepare_to_wait(&waited->wait, &wait, TASK_UNINTERRUPTIBLE);
		rq = try_get_request(q, opf, reserved, &tags);
		/* On another CPU by now, it is other tags that we want. */
		if (!rq && tags == waited)
			io_schedule();
		finish_wait(&waited->wait, &wait);
		if (!rq)
			rq = try_get_request(q, opf, reserved, &tags);
	}
	return rq;
}

/* The driver has it no more. */
void blk_mq_clear_inflight(struct request *rq)
{
	if (!(rq->rq_flags & RQF_STARTED))
		return;
	rq->rq_flags &= ~RQF_STARTED;
	atomic_dec(&rq->mq_hctx->nr_active);
}

/* All users are gone: give back its tags and leave the queue. */
void __blk_mq_free_request(struct request *rq)
{
	struct request_queue *q = rq->q;
	struct blk_mq_hw_ctx *hctx = rq->mq_hctx;
	int tag = rq->tag, itag = rq->internal_tag;

	rq->mq_hctx = NULL;
	if (tag >= 0) {
		rq->tag = BLK_MQ_NO_TAG;
		blk_mq_put_tag(hctx->tags, tag);
	}
	if (itag >= 0)
		blk_mq_put_tag(hctx->sched_tags, itag);
	blk_mq_sched_restart(hctx);
	blk_queue_exit(q);
}

/* Done with it, or never sent.  Any context. */
void blk_mq_free_request(struct request *rq)
{
	const struct elevator_queue *e = rq->q->elevator;

	if ((rq->rq_flags & RQF_ELVPRIV) && e->type->ops.finish_request)
		e->type->ops.finish_request(rq);
	blk_mq_clear_inflight(rq);
	WRITE_ONCE(rq->state, MQ_RQ_IDLE);
	if (atomic_dec_and_test(&rq->ref))
		__blk_mq_free_request(rq);
}
EXPORT_SYMBOL(blk_mq_free_request);

void blk_mq_put_rq_ref(struct request *rq)
{
	if (is_flush_rq(rq)) {
		if (rq->end_io(rq, BLK_STS_OK) == RQ_END_IO_FREE)
			blk_mq_free_request(rq);
	} else if (atomic_dec_and_test(&rq->ref)) {
		__blk_mq_free_request(rq);
	}
}

/* ---- inserting ---- */

bool blk_mq_has_free_hctx(struct blk_mq_hw_ctx *hctx)
{
	return list_empty_careful(&hctx->dispatch) &&
	       !READ_ONCE(hctx->ctx_map);
}

/* Ahead of the elevator and all queues: it was there before, or may not
 * wait. */
void blk_mq_request_bypass_insert(struct request *rq, bool at_head, bool run)
{
	struct blk_mq_hw_ctx *hctx = rq->mq_hctx;
	unsigned long flags;

	spin_lock_irqsave(&hctx->lock, flags);
	if (at_head)
		list_add(&rq->queuelist, &hctx->dispatch);
	else
		list_add_tail(&rq->queuelist, &hctx->dispatch);
	spin_unlock_irqrestore(&hctx->lock, flags);
	if (run)
		blk_mq_run_hw_queue(hctx, true);
}

static void insert_in_ctx(struct request *rq, bool at_head)
{
	struct blk_mq_ctx *ctx = rq->mq_ctx;
	unsigned long flags;

	spin_lock_irqsave(&ctx->lock, flags);
	if (at_head)
		list_add(&rq->queuelist, &ctx->rq_list);
	else
		list_add_tail(&rq->queuelist, &ctx->rq_list);
	set_bit(ctx->index_hw, &rq->mq_hctx->ctx_map);
	spin_unlock_irqrestore(&ctx->lock, flags);
}

/* Into the elevator or the software queue.  Any context. */
void blk_mq_insert_request(struct request *rq, bool at_head, bool run,
			   bool async)
{
	struct blk_mq_hw_ctx *hctx = rq->mq_hctx;
	struct elevator_queue *e = rq->q->elevator;

	if (blk_rq_is_passthrough(rq) || (rq->rq_flags & RQF_FLUSH_SEQ)) {
		blk_mq_request_bypass_insert(rq, at_head, false);
	} else if (e) {
		LIST_HEAD(one);

		list_add(&rq->queuelist, &one);
		e->type->ops.insert_requests(hctx, &one, at_head);
	} else {
		insert_in_ctx(rq, at_head);
	}
	if (run)
		blk_mq_run_hw_queue(hctx, async);
}

/* ---- the plug ---- */

/* The bio list of a plug is newest first: turn it round. */
static struct request *reverse(struct request *rq)
{
	struct request *first = NULL;

	while (rq) {
		struct request *next = rq->rq_next;

		rq->rq_next = first;
		first = rq;
		rq = next;
	}
	return first;
}

/* Requests of one hardware queue, oldest first, straight to the driver. */
static void issue_plug_direct(struct request *rq)
{
	struct blk_mq_hw_ctx *hctx = rq->mq_hctx;
	LIST_HEAD(list);

	for (; rq; rq = rq->rq_next)
		list_add_tail(&rq->queuelist, &list);
	blk_mq_issue_directly(hctx, &list);
}

/* All that go to the hctx of the first, in one insertion; the rest. */
static struct request *insert_plug_round(struct request *list,
					 bool from_schedule)
{
	struct blk_mq_hw_ctx *hctx = list->mq_hctx;
	struct elevator_queue *e = list->q->elevator;
	struct request *rest = NULL, **tail = &rest;
	LIST_HEAD(mine);

	while (list) {
		struct request *rq = list;

		list = rq->rq_next;
		rq->rq_next = NULL;
		if (rq->mq_hctx != hctx) {
			*tail = rq;
			tail = &rq->rq_next;
		} else if (blk_rq_is_passthrough(rq) || !e) {
			blk_mq_insert_request(rq, false, false, false);
		} else {
			list_add_tail(&rq->queuelist, &mine);
		}
	}
	if (!list_empty(&mine))
		e->type->ops.insert_requests(hctx, &mine, false);
	blk_mq_run_hw_queue(hctx, from_schedule);
	return rest;
}

/* Any context that does not hold a lock of ours. */
void blk_mq_flush_plug_list(struct blk_plug *plug, bool from_schedule)
{
	struct request *list = reverse(plug->mq_list);
	bool direct = !plug->multiple_queues && !plug->has_elevator &&
		      !from_schedule;

	plug->mq_list = NULL;
	plug->rq_count = 0;
	plug->multiple_queues = plug->has_elevator = false;
	if (direct && blk_mq_has_free_hctx(list->mq_hctx)) {
		issue_plug_direct(list);
		return;
	}
	while (list)
		list = insert_plug_round(list, from_schedule);
}

static void add_to_plug(struct blk_plug *plug, struct request *rq)
{
	struct request *last = plug->mq_list;

	if (last && (plug->rq_count >= BLK_MAX_REQUEST_COUNT ||
		     (!blk_queue_nomerges(last->q) &&
		      blk_rq_bytes(last) >= BLK_PLUG_FLUSH_SIZE))) {
		blk_mq_flush_plug_list(plug, false);
		last = NULL;
	}
	if (last && last->mq_hctx != rq->mq_hctx)
		plug->multiple_queues = true;
	if (rq->rq_flags & RQF_ELV)
		plug->has_elevator = true;
	rq->rq_next = plug->mq_list;
	plug->mq_list = rq;
	plug->rq_count++;
}

/* ---- from bio to request ---- */

static void bio_to_request(struct request *rq, struct bio *bio,
			   unsigned int nr_segs)
{
	const struct elevator_queue *e = rq->q->elevator;

	rq->__sector = bio->bi_iter.bi_sector;
	rq->__data_len = bio->bi_iter.bi_size;
	rq->nr_phys_segments = nr_segs;
	rq->ioprio = bio->bi_ioprio;
	rq->bio = rq->biotail = bio;
	bio->bi_next = NULL;
	rq->part = bio->bi_bdev;
	blk_account_io_start(rq);
	if (e && !op_is_flush(rq->cmd_flags)) {
		rq->rq_flags |= RQF_ELVPRIV;
		if (e->type->ops.prepare_request)
			e->type->ops.prepare_request(rq, bio);
	}
}

/* Where a new request goes first. */
static void send_request(struct request *rq)
{
	struct blk_mq_hw_ctx *hctx = rq->mq_hctx;
	struct blk_plug *plug = current->plug;
	LIST_HEAD(one);

	if (op_is_flush(rq->cmd_flags) && blk_insert_flush(rq))
		return;
	if (plug && !in_interrupt()) {
		add_to_plug(plug, rq);
		return;
	}
	if ((rq->rq_flags & RQF_ELV) || !blk_mq_has_free_hctx(hctx) ||
	    (rq->q->nr_hw_queues == 1 && !rq_is_sync(rq))) {
		blk_mq_insert_request(rq, false, true, !rq_is_sync(rq));
		return;
	}
	list_add(&rq->queuelist, &one);
	blk_mq_issue_directly(hctx, &one);
}

/* BLK_STS_OK with the queue entered, or why not. */
static blk_status_t enter_for(struct request_queue *q, struct bio *bio)
{
	int err = blk_queue_enter(q, bio->bi_opf & REQ_NOWAIT);

	if (!err)
		return BLK_STS_OK;
	return err == -EAGAIN ? BLK_STS_AGAIN : BLK_STS_IOERR;
}

/* A bio whose checks are done, on the whole disk.  May sleep. */
void blk_mq_submit_bio(struct bio *bio)
{
	struct request_queue *q = bio->bi_bdev->bd_queue;
	unsigned int nr_segs;
	struct request *rq;
	blk_status_t st;

	bio = blk_bio_split_to_limits(bio, &nr_segs);
	if (!bio)
		return;
	if (!(bio->bi_opf & REQ_NOMERGE_FLAGS) &&
	    blk_attempt_plug_merge(q, bio, nr_segs))
		return;
	st = enter_for(q, bio);
	if (st) {
		bio->bi_status = st;
		bio_endio(bio);
		return;
	}
	if (blk_mq_sched_bio_merge(q, bio, nr_segs)) {
		blk_queue_exit(q);
		return;
	}
	rq = blk_mq_get_request(q, bio->bi_opf, bio->bi_opf & REQ_NOWAIT,
				false);
	if (!rq) {
		blk_queue_exit(q);
		bio->bi_status = BLK_STS_AGAIN;
		bio_endio(bio);
		return;
	}
	bio_to_request(rq, bio, nr_segs);
	send_request(rq);
}

/* ---- requests that no bio asked for ---- */

struct request *blk_mq_alloc_request(struct request_queue *q, blk_opf_t opf,
				     blk_mq_req_flags_t flags)
{
	bool nowait = flags & BLK_MQ_REQ_NOWAIT;
	struct request *rq;
	int err = blk_queue_enter(q, nowait);

	if (err)
		return ERR_PTR(err);
	rq = blk_mq_get_request(q, opf, nowait, flags & BLK_MQ_REQ_RESERVED);
	if (rq)
		return rq;
	blk_queue_exit(q);
	return ERR_PTR(-EWOULDBLOCK);
}
EXPORT_SYMBOL(blk_mq_alloc_request);
