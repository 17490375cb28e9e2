/* SPDX-License-Identifier: MIT */
/*
 * blk-mq-done.c -- requests end
 *
 * PROMISE.  Each bio of a request that ends gets its end_io with its own
 * status, in softirq or process context, and the request's tag is free before
 * anybody who waits for the bio can find none.
 *
 * IDEA.  The interrupt only notes that the request is done and where it came
 * from: it goes on a list of the CPU that submitted it, whose caches know the
 * pages, and the BLOCK softirq of that CPU ends it.
 *
 *	interrupt on CPU 1:  rq of CPU 0 -> list of CPU 0, wake its softirq
 *	CPU 0, softirq:      ->complete(rq) -> blk_mq_end_request() -> bio_endio()
 *
 * LOCKING.  done_list: a per-CPU list, pushed to by any CPU without a lock
 * (compare and swap on its head), taken whole by its owner.
 *
 * RACES.  A request that has timed out may be completed by the device at the
 * same moment.  The driver's ->timeout decides who ends it; the scan holds a
 * reference, so that the structure does not turn into another request
 * meanwhile.
 */

#include "blk.h"

#include <kernel/completion.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/interrupt.h>
#include <kernel/kernel.h>
#include <kernel/timekeeping.h>
#include <kernel/trace_events.h>

static DEFINE_PER_CPU(struct request *, done_list);

/* ---- the bytes ---- */

static const char *op_name(const struct request *rq)
{
	switch (req_op(rq)) {
	case REQ_OP_READ: return "READ";
	case REQ_OP_WRITE: return "WRITE";
	case REQ_OP_FLUSH: return "FLUSH";
	case REQ_OP_DISCARD: return "DISCARD";
	case REQ_OP_SECURE_ERASE: return "SECURE_ERASE";
	case REQ_OP_WRITE_ZEROES: return "WRITE_ZEROES";
	case REQ_OP_DRV_IN: return "DRV_IN";
	case REQ_OP_DRV_OUT: return "DRV_OUT";
	default: return "UNKNOWN";
	}
}

static void print_error(struct request *rq, blk_status_t error)
{
	printk_ratelimited(KERN_ERR "%s error, dev %s, sector %lu "
			   "op 0x%x:(%s) flags 0x%x phys_seg %u prio class %u\n",
			   blk_status_to_str(error),
			   rq->q->disk ? rq->q->disk->disk_name : "?",
			   (u64)blk_rq_pos(rq), req_op(rq), op_name(rq),
			   rq->cmd_flags & ~REQ_OP_MASK, rq->nr_phys_segments,
			   rq->ioprio >> 13);
}

/* nbytes of the bio are done; its end, if that is all of it. */
static void end_bio_part(struct request *rq, struct bio *bio,
			 unsigned int nbytes, blk_status_t error)
{
	if (error)
		bio->bi_status = error;
	bio_advance(bio, nbytes);
	/* A bio in the flush machine ends when the machine says so. */
	if (!bio->bi_iter.bi_size && !(rq->rq_flags & RQF_FLUSH_SEQ))
		bio_endio(bio);
}

/*
 * The first nr_bytes are done, with `error`.  True: the request goes on from
 * there.  Any context but hard irq.
 */
bool blk_update_request(struct request *rq, blk_status_t error,
			unsigned int nr_bytes)
{
	unsigned int total = 0;

	if (!rq->bio)
		return false;
	if (unlikely(error && !blk_rq_is_passthrough(rq) &&
		     !(rq->rq_flags & RQF_QUIET) &&
		     !blk_queue_flag(rq->q, QUEUE_FLAG_DEAD)))
		print_error(rq, error);
	blk_account_io_completion(rq, nr_bytes);
	while (rq->bio) {
		struct bio *bio = rq->bio;
		unsigned int n = min(bio->bi_iter.bi_size, nr_bytes);

		if (n == bio->bi_iter.bi_size)
			rq->bio = bio->bi_next;
		end_bio_part(rq, bio, n, error);
		total += n;
		nr_bytes -= n;
		if (!nr_bytes)
			break;
	}
	if (!rq->bio) {
		rq->__data_len = 0;
		return false;
	}
	rq->__data_len -= total;
	rq->__sector += total >> SECTOR_SHIFT;
	rq->nr_phys_segments = blk_recalc_rq_segments(rq);
	return true;
}
EXPORT_SYMBOL(blk_update_request);

/* For tracepoints: the disk that the request's first bio goes to. */
static unsigned int traced_dev(const struct request *rq)
{
	return rq->bio ? rq->bio->bi_bdev->bd_dev : 0;
}

/* ---- the request ---- */

/* Its bios have ended: tell who wants to know, and free it. */
void __blk_mq_end_request(struct request *rq, blk_status_t error)
{
	const struct elevator_queue *e = rq->q->elevator;
	u64 now = 0;

	if (rq->rq_flags & (RQF_IO_STAT | RQF_ELVPRIV))
		now = ktime_get_ns();
	if ((rq->rq_flags & RQF_ELVPRIV) && e->type->ops.completed_request)
		e->type->ops.completed_request(rq, now);
	blk_account_io_done(rq, now);
	rq->mq_ctx->rq_completed[rq_is_sync(rq)]++;
	if (rq->end_io) {
		if (rq->end_io(rq, error) == RQ_END_IO_FREE)
			blk_mq_free_request(rq);
	} else {
		blk_mq_free_request(rq);
	}
}
EXPORT_SYMBOL(__blk_mq_end_request);

void blk_mq_end_request(struct request *rq, blk_status_t error)
{
	trace_block_rq_complete(traced_dev(rq), blk_rq_pos(rq), error);
	if (blk_update_request(rq, error, blk_rq_bytes(rq)))
		BUG();
	__blk_mq_end_request(rq, error);
}
EXPORT_SYMBOL(blk_mq_end_request);

/* The driver takes it over: the clock of its timeout runs from here. */
void blk_mq_start_request(struct request *rq)
{
	if (rq->rq_flags & RQF_IO_STAT)
		rq->io_start_time_ns = ktime_get_ns();
	WARN_ON_ONCE(rq->state != MQ_RQ_IDLE);
	rq->rq_flags &= ~(RQF_TIMED_OUT | RQF_FAILED);
	blk_add_timer(rq);
	WRITE_ONCE(rq->state, MQ_RQ_IN_FLIGHT);
	trace_block_rq_issue(traced_dev(rq), blk_rq_pos(rq), blk_rq_bytes(rq),
			     req_op(rq));
}
EXPORT_SYMBOL(blk_mq_start_request);

/* ---- the softirq ---- */

static void complete_one(struct request *rq)
{
	if (unlikely(rq->rq_flags & RQF_FAILED)) {
		/* blk_mq_cancel_request(): the device will not answer. */
		blk_mq_end_request(rq, BLK_STS_IOERR);
	} else if (rq->q->mq_ops->complete) {
		rq->q->mq_ops->complete(rq);
	} else {
		blk_mq_end_request(rq, BLK_STS_OK);
	}
}

/* Oldest first: the list was built by pushing. */
static void blk_done_softirq(struct softirq_action *action)
{
	struct request *rq, *first = NULL;

	(void)action;
	rq = __atomic_exchange_n(this_cpu_ptr(&done_list), NULL,
				 __ATOMIC_ACQUIRE);
	while (rq) {
		struct request *next = rq->done_next;

		rq->done_next = first;
		first = rq;
		rq = next;
	}
	while (first) {
		rq = first;
		first = rq->done_next;
		complete_one(rq);
	}
}

static void raise_here(void *unused)
{
	(void)unused;
	raise_softirq(BLOCK_SOFTIRQ);
}

/* True if the list was empty: somebody must raise the softirq there. */
static bool push_done(struct request *rq, int cpu)
{
	struct request **head = per_cpu_ptr(&done_list, cpu);
	struct request *old = READ_ONCE(*head);

	do {
		rq->done_next = old;
	} while (!__atomic_compare_exchange_n(head, &old, rq, false,
					      __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
	return old == NULL;
}

/* Any context.  Once for each request; ->complete ends it. */
void blk_mq_complete_request(struct request *rq)
{
	int cpu, target = rq->mq_ctx->cpu;

	WRITE_ONCE(rq->state, MQ_RQ_COMPLETE);
	cpu = get_cpu();
	if (!blk_queue_flag(rq->q, QUEUE_FLAG_SAME_COMP) ||
	    !cpu_online(target))
		target = cpu;
	if (push_done(rq, target)) {
		if (target == cpu) {
			raise_softirq(BLOCK_SOFTIRQ);
		} else {
			rq->csd.func = raise_here;
			rq->csd.info = NULL;
			if (smp_call_function_single_async(target, &rq->csd))
				WARN_ON_ONCE(1);
		}
	}
	put_cpu();
}
EXPORT_SYMBOL(blk_mq_complete_request);

static int init_blk_done(void)
{
	open_softirq(BLOCK_SOFTIRQ, blk_done_softirq);
	return 0;
}
core_initcall(init_blk_done);

/* ---- waiting for a request of one's own ---- */

struct exec_wait {
	struct completion done;
	blk_status_t status;
};

static enum rq_end_io_ret exec_end_io(struct request *rq, blk_status_t st)
{
	struct exec_wait *w = rq->end_io_data;

	w->status = st;
	complete(&w->done);
	return RQ_END_IO_NONE;
}

void blk_execute_rq_nowait(struct request *rq, bool at_head)
{
	blk_account_io_start(rq);
	blk_mq_insert_request(rq, at_head, true, false);
}
EXPORT_SYMBOL(blk_execute_rq_nowait);

/* May sleep.  The request stays the caller's to free. */
blk_status_t blk_execute_rq(struct request *rq, bool at_head)
{
	struct exec_wait w = { .status = BLK_STS_OK };

	init_completion(&w.done);
	rq->end_io = exec_end_io;
	rq->end_io_data = &w;
	blk_execute_rq_nowait(rq, at_head);
	wait_for_completion_io(&w.done);
	return w.status;
}
EXPORT_SYMBOL(blk_execute_rq);

static void map_kern_endio(struct bio *bio)
{
	bio_put(bio);
}

/* Make kbuf (of the direct map) the request's data.  0 or -errno. */
int blk_rq_map_kern(struct request_queue *q, struct request *rq, void *kbuf,
		    unsigned int len, gfp_t gfp)
{
	unsigned long at = (unsigned long)kbuf;
	unsigned int pages = (offset_in_page(at) + len + PAGE_SIZE - 1) >>
			     PAGE_SHIFT;
	struct bio *bio;

	if (!len || len > q->limits.max_hw_sectors << SECTOR_SHIFT ||
	    pages > BIO_MAX_VECS)
		return -EINVAL;
	bio = bio_alloc(q->disk ? q->disk->part0 : NULL, pages,
			rq->cmd_flags & REQ_OP_MASK, gfp);
	if (!bio)
		return -ENOMEM;
	while (len) {
		unsigned int n = min(len,
				     (unsigned)(PAGE_SIZE - offset_in_page(at)));

		bio_add_page(bio, virt_to_page((void *)at), n,
			     offset_in_page(at));
		at += n;
		len -= n;
	}
	bio->bi_end_io = map_kern_endio;
	rq->bio = rq->biotail = bio;
	rq->__data_len = bio->bi_iter.bi_size;
	rq->nr_phys_segments = blk_recalc_rq_segments(rq);
	return 0;
}
EXPORT_SYMBOL(blk_rq_map_kern);
