/* SPDX-License-Identifier: MIT */
/*
 * blk-timeout.c -- requests that the device does not answer
 *
 * PROMISE.  A request that has been with the driver for longer than its timeout
 * is brought to the driver's attention, at most a second late.
 *
 * IDEA.  One timer for the queue, set to the earliest deadline, rounded up to
 * whole seconds so that most requests never touch it.  When it fires, a worker
 * scans the tags: who is past his deadline is given to ->timeout, which either
 * ends the request (BLK_EH_DONE) or asks for more time (BLK_EH_RESET_TIMER).
 *
 * RACES.  The request ends while it is being looked at: the scan holds a
 * reference (blk-mq-tag.c), so it is still the same request; the driver must
 * not end it twice.
 */

#include "blk.h"

#include <kernel/export.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>

void blk_rq_timed_out_timer(struct timer_list *t)
{
	struct request_queue *q = from_timer(q, t, timeout);

	schedule_work(&q->timeout_work);
}

/* Its deadline, and the queue's timer no later than that.  Any context. */
void blk_add_timer(struct request *rq)
{
	struct request_queue *q = rq->q;
	unsigned long expires;

	if (!rq->timeout)
		rq->timeout = q->rq_timeout;
	WRITE_ONCE(rq->deadline, jiffies + rq->timeout);
	expires = round_jiffies(rq->deadline);
	if (!timer_pending(&q->timeout) ||
	    time_before(expires, READ_ONCE(q->timeout.expires)))
		mod_timer(&q->timeout, expires);
}

struct expired_scan {
	struct request_queue *q;
	unsigned long next;           /* the earliest deadline left */
	bool have_next;
};

static void note_deadline(struct expired_scan *scan, unsigned long deadline)
{
	if (!scan->have_next || time_before(deadline, scan->next))
		scan->next = deadline;
	scan->have_next = true;
}

static bool check_expired(struct request *rq, void *data)
{
	struct expired_scan *scan = data;
	unsigned long deadline = READ_ONCE(rq->deadline);

	if (rq->q != scan->q || READ_ONCE(rq->state) != MQ_RQ_IN_FLIGHT)
		return true;
	if (rq->rq_flags & RQF_TIMED_OUT)
		return true;             /* the driver is at it */
	if (time_before(jiffies, deadline)) {
		note_deadline(scan, deadline);
		return true;
	}
	rq->rq_flags |= RQF_TIMED_OUT;
	if (rq->q->mq_ops->timeout &&
	    rq->q->mq_ops->timeout(rq) == BLK_EH_DONE)
		return true;
	rq->rq_flags &= ~RQF_TIMED_OUT;
	blk_add_timer(rq);
	note_deadline(scan, rq->deadline);
	return true;
}

/* A worker: ->timeout may sleep. */
void blk_timeout_work(struct work_struct *work)
{
	struct request_queue *q = container_of(work, struct request_queue,
					       timeout_work);
	struct expired_scan scan = { .q = q };
	struct blk_mq_hw_ctx *hctx;
	unsigned int i;

	queue_for_each_hw_ctx(q, hctx, i)
		blk_mq_tags_iter(hctx->tags, check_expired, &scan);
	if (scan.have_next)
		mod_timer(&q->timeout, round_jiffies(scan.next));
}
