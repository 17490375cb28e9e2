/* SPDX-License-Identifier: MIT */
/*
 * blk-flush.c -- what fsync stands on: flushes and forced unit access
 *
 * PROMISE.  REQ_PREFLUSH: everything that had ended before the request was
 * submitted is on the medium when it ends.  REQ_FUA: so are its own data.
 *
 * IDEA.  A disk with a write-back cache knows the command "flush", and perhaps
 * "write through" (FUA).  A request that asks for more than it knows is taken
 * through steps:
 *
 *	PREFLUSH -> DATA -> POSTFLUSH -> done
 *	(flush)    (write)  (flush, if the disk has no FUA)
 *
 * Flushes are costly, and one serves all who wait for one when it begins.  So
 * there are two lists: one collects, the other is being served.
 *
 *	flush_queue[pending]   rq7 rq8 ...          waits for the next
 *	flush_queue[running]   rq3 rq5   <- flush_rq in the device
 *
 * A flush begins when none is running, and data of the machine are not on their
 * way (they would have to wait for the one after), or have been for 5 s.
 *
 * Without an elevator the flush request borrows the tag of the first one that
 * waits, which is not in the device at that time: so a flush never waits for a
 * tag that only a flush can free.
 *
 * LOCKING.  fq->lock, interrupts off; hctx->lock may be taken inside.
 *
 * SEE docs/74-block-layer.md.
 *
 * EXERCISES.  1. Why must the data step go past the elevator?  2. A disk
 * without a cache: which steps are left, and who drops them?
 */

#include "blk.h"

#include <kernel/export.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

enum {
	FSEQ_PREFLUSH = 1,
	FSEQ_DATA = 2,
	FSEQ_POSTFLUSH = 4,
	FSEQ_DONE = 8,
	FSEQ_ALL = FSEQ_PREFLUSH | FSEQ_DATA | FSEQ_POSTFLUSH,
};
#define FLUSH_PENDING_TIMEOUT (5 * HZ)

/* Field keys: [L] .lock */
struct blk_flush_queue {
	spinlock_t lock;
	unsigned int pending_idx : 1; /* [L] the list that collects */
	unsigned int running_idx : 1; /* [L] equal: no flush is running */
	blk_status_t rq_status;       /* [L] kept while a scan holds flush_rq */
	unsigned long pending_since;  /* [L] jiffies */
	struct list_head flush_queue[2]; /* [L] by request.flush.list */
	unsigned long in_flight;      /* [L] data steps in the device */
	struct request *flush_rq;
};

static unsigned int steps_of(struct request_queue *q, const struct request *rq)
{
	bool fua = blk_queue_flag(q, QUEUE_FLAG_FUA);
	unsigned int steps = 0;

	if (blk_rq_sectors(rq))
		steps |= FSEQ_DATA;
	if (blk_queue_flag(q, QUEUE_FLAG_WC)) {
		if (rq->cmd_flags & REQ_PREFLUSH)
			steps |= FSEQ_PREFLUSH;
		if (!fua && (rq->cmd_flags & REQ_FUA))
			steps |= FSEQ_POSTFLUSH;
	}
	return steps;
}

static unsigned int current_step(const struct request *rq)
{
	return 1u << __builtin_ctz(~rq->flush.seq);
}

static enum rq_end_io_ret flush_end_io(struct request *flush_rq,
				       blk_status_t error);

bool is_flush_rq(const struct request *rq)
{
	return rq->end_io == flush_end_io;
}

/* The machine's own request, on behalf of the first that waits. */
static void send_flush(struct request_queue *q, struct blk_flush_queue *fq,
		       struct request *first)
{
	struct request *f = fq->flush_rq;

	f->q = q;
	f->mq_ctx = first->mq_ctx;
	f->mq_hctx = first->mq_hctx;
	blk_mq_rq_ctx_init(f);
	f->tag = f->internal_tag = BLK_MQ_NO_TAG;
	if (first->internal_tag < 0) {
		f->tag = first->tag;
		WRITE_ONCE(f->mq_hctx->tags->rqs[f->tag], f);
	} else {
		/* Says "give the driver's tag back at the end". */
		f->internal_tag = first->internal_tag;
	}
	f->cmd_flags = REQ_OP_FLUSH | REQ_SYNC |
		       (first->cmd_flags & REQ_FAILFAST_MASK);
	f->rq_flags |= RQF_FLUSH_SEQ;
	f->part = first->part;
	f->end_io = flush_end_io;
	blk_mq_request_bypass_insert(f, false, false);
}

/*
 * A request was put into its hardware queue.  The caller runs `mine` when he
 * has dropped fq->lock; another CPU's queue needs a push of its own.
 */
static void push_other(const struct blk_mq_hw_ctx *mine,
		       struct blk_mq_hw_ctx *its)
{
	if (its != mine)
		blk_mq_run_hw_queue(its, true);
}

/* Begin a flush if one is wanted and may begin.  fq->lock held; the caller
 * runs `mine` when he has dropped it. */
static void kick_flush(struct request_queue *q, struct blk_flush_queue *fq,
		       const struct blk_mq_hw_ctx *mine)
{
	struct list_head *pending = &fq->flush_queue[fq->pending_idx];
	struct request *first;

	if (fq->pending_idx != fq->running_idx || list_empty(pending))
		return;
	if (fq->in_flight &&
	    time_before(jiffies, fq->pending_since + FLUSH_PENDING_TIMEOUT))
		return;
	first = list_first_entry(pending, struct request, flush.list);
	fq->pending_idx ^= 1;
	send_flush(q, fq, first);
	push_other(mine, first->mq_hctx);
}

static void flush_done(struct request *rq, blk_status_t error)
{
	struct bio *bio;

	/* An ordinary request again: its bio was kept back. */
	rq->rq_flags &= ~RQF_FLUSH_SEQ;
	rq->end_io = rq->flush.saved_end_io;
	rq->bio = rq->biotail;
	if (rq->bio && rq->bio->bi_iter.bi_size == 0) {
		bio = rq->bio;
		rq->bio = NULL;
		if (error)
			bio->bi_status = error;
		bio_endio(bio);
	}
	blk_mq_end_request(rq, error);
}

/*
 * The steps in `seq` are done: take the next.  Returns true if the request
 * itself is done, and must be ended without fq->lock.  `mine`: as kick_flush().
 */
static bool next_step(struct request *rq, struct blk_flush_queue *fq,
		      unsigned int seq, blk_status_t error,
		      const struct blk_mq_hw_ctx *mine)
{
	struct request_queue *q = rq->q;
	struct list_head *pending = &fq->flush_queue[fq->pending_idx];
	bool done = false;

	rq->flush.seq |= seq;
	switch (error ? FSEQ_DONE : current_step(rq)) {
	case FSEQ_PREFLUSH:
	case FSEQ_POSTFLUSH:
		if (list_empty(pending))
			fq->pending_since = jiffies;
		list_move_tail(&rq->flush.list, pending);
		break;
	case FSEQ_DATA:
		fq->in_flight++;
		list_del_init(&rq->flush.list);
		blk_mq_request_bypass_insert(rq, false, false);
		push_other(mine, rq->mq_hctx);
		break;
	default:
		list_del_init(&rq->flush.list);
		done = true;
	}
	kick_flush(q, fq, mine);
	return done;
}

/* The machine's flush has ended: all who waited for it go on. */
static enum rq_end_io_ret flush_end_io(struct request *f, blk_status_t error)
{
	struct request_queue *q = f->q;
	struct blk_flush_queue *fq = q->fq;
	struct blk_mq_hw_ctx *hctx = f->mq_hctx;
	struct request *rq, *next;
	struct list_head *running;
	unsigned long flags;
	LIST_HEAD(done);

	spin_lock_irqsave(&fq->lock, flags);
	if (!atomic_dec_and_test(&f->ref)) {
		fq->rq_status = error;   /* the scan calls us again */
		spin_unlock_irqrestore(&fq->lock, flags);
		return RQ_END_IO_NONE;
	}
	if (fq->rq_status) {
		error = fq->rq_status;
		fq->rq_status = BLK_STS_OK;
	}
	blk_mq_clear_inflight(f);
	blk_account_io_flush(f);
	WRITE_ONCE(f->state, MQ_RQ_IDLE);
	running = &fq->flush_queue[fq->running_idx];
	if (f->internal_tag >= 0) {
		blk_mq_put_driver_tag(f);
	} else {
		rq = list_first_entry(running, struct request, flush.list);
		WRITE_ONCE(f->mq_hctx->tags->rqs[f->tag], rq);
	}
	f->tag = f->internal_tag = BLK_MQ_NO_TAG;
	fq->running_idx ^= 1;
	list_for_each_entry_safe(rq, next, running, flush.list)
		if (next_step(rq, fq, current_step(rq), error, hctx))
			list_add_tail(&rq->flush.list, &done);
	spin_unlock_irqrestore(&fq->lock, flags);
	list_for_each_entry_safe(rq, next, &done, flush.list) {
		list_del_init(&rq->flush.list);
		flush_done(rq, error);
	}
	blk_mq_run_hw_queue(hctx, true);
	return RQ_END_IO_NONE;
}

/* The data step has ended. */
static enum rq_end_io_ret data_end_io(struct request *rq, blk_status_t error)
{
	struct blk_flush_queue *fq = rq->q->fq;
	struct blk_mq_hw_ctx *hctx = rq->mq_hctx;
	unsigned long flags;
	bool done;

	blk_mq_clear_inflight(rq);
	WRITE_ONCE(rq->state, MQ_RQ_IDLE);
	blk_mq_put_driver_tag(rq);
	spin_lock_irqsave(&fq->lock, flags);
	fq->in_flight--;
	done = next_step(rq, fq, FSEQ_DATA, error, hctx);
	spin_unlock_irqrestore(&fq->lock, flags);
	blk_mq_run_hw_queue(hctx, true);
	if (done)
		flush_done(rq, error);
	return RQ_END_IO_NONE;
}

/*
 * A new request with PREFLUSH or FUA.  True: the machine has it.  False: it is
 * an ordinary request for this disk, to be sent as such.
 */
bool blk_insert_flush(struct request *rq)
{
	struct request_queue *q = rq->q;
	struct blk_flush_queue *fq = q->fq;
	struct blk_mq_hw_ctx *hctx = rq->mq_hctx;
	unsigned int steps = steps_of(q, rq);
	bool done;

	rq->cmd_flags &= ~REQ_PREFLUSH;
	if (!blk_queue_flag(q, QUEUE_FLAG_FUA))
		rq->cmd_flags &= ~REQ_FUA;
	if (!steps) {
		blk_mq_end_request(rq, BLK_STS_OK);
		return true;
	}
	if (steps == FSEQ_DATA)
		return false;
	rq->rq_flags |= RQF_FLUSH_SEQ;
	rq->flush.seq = 0;
	INIT_LIST_HEAD(&rq->flush.list);
	rq->flush.saved_end_io = rq->end_io;
	rq->end_io = data_end_io;
	spin_lock_irq(&fq->lock);
	done = next_step(rq, fq, FSEQ_ALL & ~steps, BLK_STS_OK, hctx);
	spin_unlock_irq(&fq->lock);
	if (done)
		flush_done(rq, BLK_STS_OK);
	blk_mq_run_hw_queue(hctx, false);
	return true;
}

struct blk_flush_queue *blk_alloc_flush_queue(struct request_queue *q,
					      struct blk_mq_tag_set *set)
{
	struct blk_flush_queue *fq = kzalloc(sizeof(*fq), GFP_KERNEL);

	if (!fq)
		return NULL;
	fq->flush_rq = kzalloc(sizeof(struct request) + set->cmd_size,
			       GFP_KERNEL);
	if (!fq->flush_rq || (set->ops->init_request &&
	    set->ops->init_request(set, fq->flush_rq, 0, set->numa_node))) {
		kfree(fq->flush_rq);
		kfree(fq);
		return NULL;
	}
	fq->flush_rq->q = q;
	spin_lock_init(&fq->lock);
	INIT_LIST_HEAD(&fq->flush_queue[0]);
	INIT_LIST_HEAD(&fq->flush_queue[1]);
	return fq;
}

void blk_free_flush_queue(struct blk_flush_queue *fq,
			  struct blk_mq_tag_set *set)
{
	if (!fq)
		return;
	if (set->ops->exit_request)
		set->ops->exit_request(set, fq->flush_rq, 0);
	kfree(fq->flush_rq);
	kfree(fq);
}
