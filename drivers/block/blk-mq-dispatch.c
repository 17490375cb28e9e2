/* SPDX-License-Identifier: MIT */
/*
 * blk-mq-dispatch.c -- from the queues to the driver
 *
 * PROMISE.  A request that the driver refused for want of room is sent again
 * when there is room; nobody has to ask.
 *
 * IDEA.  Running a hardware queue: first what was refused before (dispatch),
 * then what the elevator picks, or all that the software queues hold.  It ends
 * when the driver is full or nothing is left:
 *
 *	BLK_STS_OK            next
 *	BLK_STS_DEV_RESOURCE  full; our own completions will make room
 *	BLK_STS_RESOURCE      no memory or the like: nobody will tell us,
 *	                      so look again in 3 ms
 *	anything else         the request has failed
 *
 * RACES.  The completion that makes room comes before the refused request is
 * back in a list, and finds nothing to run:
 *
 *	dispatcher				completion
 *	driver refuses
 *						nr_active--       [c]
 *						RESTART set? no   [d]
 *	request to hctx->dispatch   [a]
 *	set RESTART, look at nr_active [b]
 *
 * [b] sees that nothing is active (or less than it must be), and looks again by
 * timer.  If [d] comes after [b] it sees RESTART and runs the queue.
 *
 * CONTEXTS.  The driver is called with preemption off (rcu_read_lock), or, if
 * it may sleep (BLK_MQ_F_BLOCKING), only by run_work in a worker.
 *
 * EXERCISES.  1. Why does running in an interrupt go by the worker?  2. Where
 * would requests pass each other if dispatch were not emptied first?
 */

#include "blk.h"

#include <kernel/export.h>
#include <kernel/hardirq.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/timekeeping.h>

#define RESOURCE_RETRY_MS 3
#define ELEVATOR_BATCH 16        /* picked before the driver is called */

static struct workqueue_struct *kblockd;

/* ---- one list to the driver ---- */

/* Budget and tag; false: no room. */
static bool prep_dispatch(struct request *rq, int *token)
{
	const struct blk_mq_ops *ops = rq->q->mq_ops;

	*token = ops->get_budget ? ops->get_budget(rq->q) : 0;
	if (*token < 0)
		return false;
	if (blk_mq_get_driver_tag(rq))
		return true;
	blk_mq_wait_starved(rq->mq_hctx);
	if (blk_mq_get_driver_tag(rq))     /* one came free meanwhile */
		return true;
	if (ops->put_budget)
		ops->put_budget(rq->q, *token);
	return false;
}

/* The driver did not take it: as it was before. */
static void unstart(struct request *rq)
{
	blk_mq_clear_inflight(rq);
	WRITE_ONCE(rq->state, MQ_RQ_IDLE);
	blk_mq_put_driver_tag(rq);
}

static blk_status_t call_driver(struct request *rq, bool last)
{
	struct blk_mq_queue_data bd = { .rq = rq, .last = last };
	struct request_queue *q = rq->q;
	struct blk_mq_hw_ctx *hctx = rq->mq_hctx;

	if (unlikely(blk_queue_flag(q, QUEUE_FLAG_DEAD)))
		return BLK_STS_IOERR;
	rq->rq_flags |= RQF_STARTED;
	atomic_inc(&hctx->nr_active);
	hctx->dispatched++;
	return q->mq_ops->queue_rq(hctx, &bd);
}

/* What could not be sent goes back; who will try again? */
static void put_back(struct blk_mq_hw_ctx *hctx, struct list_head *list,
		     bool no_memory)
{
	unsigned long flags;

	spin_lock_irqsave(&hctx->lock, flags);
	/* Behind what was refused before: that may be what must go first. */
	list_splice_tail_init(list, &hctx->dispatch);          /* [a] */
	spin_unlock_irqrestore(&hctx->lock, flags);
	set_bit(BLK_MQ_S_SCHED_RESTART, &hctx->state);
	smp_mb();
	if (no_memory || !atomic_read(&hctx->nr_active))       /* [b] */
		blk_mq_delay_run_hw_queue(hctx, RESOURCE_RETRY_MS);
}

/*
 * Send the list in order.  True if all of it went (or failed for good); else
 * the rest is in hctx->dispatch, and will be tried again.
 */
bool blk_mq_dispatch_rq_list(struct blk_mq_hw_ctx *hctx,
			     struct list_head *list)
{
	const struct blk_mq_ops *ops = hctx->queue->mq_ops;
	blk_status_t st = BLK_STS_OK;
	bool sent = false;

	while (!list_empty(list)) {
		struct request *rq = list_first_entry(list, struct request,
						      queuelist);
		int token;

		if (!prep_dispatch(rq, &token)) {
			st = BLK_STS_DEV_RESOURCE;
			break;
		}
		list_del_init(&rq->queuelist);
		st = call_driver(rq, list_empty(list));
		if (st == BLK_STS_OK) {
			sent = true;
			continue;
		}
		if (ops->put_budget)
			ops->put_budget(hctx->queue, token);
		if (st != BLK_STS_RESOURCE && st != BLK_STS_DEV_RESOURCE) {
			blk_mq_end_request(rq, st);
			continue;
		}
		unstart(rq);
		list_add(&rq->queuelist, list);
		break;
	}
	/* The one marked `last` may not have been the last that was sent. */
	if (sent && ops->commit_rqs && st != BLK_STS_OK)
		ops->commit_rqs(hctx);
	if (list_empty(list))
		return true;
	put_back(hctx, list, st == BLK_STS_RESOURCE);
	return false;
}

/* ---- where the next ones come from ---- */

/* A tag first: what is picked without one could be merged with no more. */
static struct request *pick_with_tag(struct blk_mq_hw_ctx *hctx)
{
	const struct elevator_mq_ops *ops =
		&hctx->queue->elevator->type->ops;
	struct blk_mq_tags *tags = hctx->tags;
	struct request *rq;
	int tag;

	if (ops->has_work && !ops->has_work(hctx))
		return NULL;
	tag = blk_mq_get_tag(tags, tags->nr_reserved, tags->nr_tags);
	if (tag < 0) {
		blk_mq_wait_starved(hctx);
		tag = blk_mq_get_tag(tags, tags->nr_reserved, tags->nr_tags);
		if (tag < 0)
			return NULL;
	}
	rq = ops->dispatch_request(hctx);
	if (!rq) {
		blk_mq_put_tag(tags, tag);
		return NULL;
	}
	rq->tag = tag;
	WRITE_ONCE(tags->rqs[tag], rq);
	return rq;
}

/* Up to a batch of what the elevator picks, each with its tag. */
static bool dispatch_elevator(struct blk_mq_hw_ctx *hctx)
{
	struct request *rq;

	do {
		LIST_HEAD(batch);

		for (int n = 0; n < ELEVATOR_BATCH; n++) {
			rq = pick_with_tag(hctx);
			if (!rq)
				break;
			list_add_tail(&rq->queuelist, &batch);
		}
		if (!list_empty(&batch) &&
		    !blk_mq_dispatch_rq_list(hctx, &batch))
			return false;
	} while (rq);
	return true;
}

/* All that the software queues of this hardware queue hold. */
static void take_from_ctxs(struct blk_mq_hw_ctx *hctx, struct list_head *list)
{
	struct blk_mq_ctx *ctx;
	unsigned long flags;
	unsigned int i;

	hctx_for_each_ctx(hctx, ctx, i) {
		if (!test_bit(i, &hctx->ctx_map))
			continue;
		spin_lock_irqsave(&ctx->lock, flags);
		list_splice_tail_init(&ctx->rq_list, list);
		clear_bit(i, &hctx->ctx_map);
		spin_unlock_irqrestore(&ctx->lock, flags);
	}
}

static void dispatch_requests(struct blk_mq_hw_ctx *hctx)
{
	LIST_HEAD(list);

	if (!list_empty_careful(&hctx->dispatch)) {
		spin_lock_irq(&hctx->lock);
		list_splice_init(&hctx->dispatch, &list);
		spin_unlock_irq(&hctx->lock);
		if (!list_empty(&list) &&
		    !blk_mq_dispatch_rq_list(hctx, &list))
			return;
	}
	if (hctx->queue->elevator) {
		dispatch_elevator(hctx);
		return;
	}
	take_from_ctxs(hctx, &list);
	if (!list_empty(&list))
		blk_mq_dispatch_rq_list(hctx, &list);
}

/* ---- running a queue ---- */

static bool has_pending(struct blk_mq_hw_ctx *hctx)
{
	struct elevator_queue *e = hctx->queue->elevator;

	return !list_empty_careful(&hctx->dispatch) ||
	       READ_ONCE(hctx->ctx_map) ||
	       (e && e->type->ops.has_work && e->type->ops.has_work(hctx));
}

static bool may_run(struct blk_mq_hw_ctx *hctx)
{
	return !test_bit(BLK_MQ_S_STOPPED, &hctx->state) &&
	       !blk_queue_quiesced(hctx->queue);
}

static bool is_blocking(const struct blk_mq_hw_ctx *hctx)
{
	return hctx->queue->tag_set->flags & BLK_MQ_F_BLOCKING;
}

/* Process context; preemption goes off unless the driver may sleep. */
static void run_now(struct blk_mq_hw_ctx *hctx)
{
	if (is_blocking(hctx)) {
		if (may_run(hctx))
			dispatch_requests(hctx);
		return;
	}
	rcu_read_lock();
	if (may_run(hctx) && has_pending(hctx))
		dispatch_requests(hctx);
	rcu_read_unlock();
}

void blk_mq_run_work_fn(struct work_struct *work)
{
	run_now(container_of(work, struct blk_mq_hw_ctx, run_work.work));
}

/* The CPU of the mask whose turn it is. */
static int hctx_next_cpu(struct blk_mq_hw_ctx *hctx)
{
	unsigned int cpu = cpumask_next_and(hctx->next_cpu, &hctx->cpumask,
					    cpu_online_mask);

	if (cpu >= nr_cpu_ids)
		cpu = cpumask_first_and(&hctx->cpumask, cpu_online_mask);
	if (cpu >= nr_cpu_ids)
		return WORK_CPU_UNBOUND;
	hctx->next_cpu = cpu;
	return cpu;
}

void blk_mq_delay_run_hw_queue(struct blk_mq_hw_ctx *hctx, unsigned long msecs)
{
	if (test_bit(BLK_MQ_S_STOPPED, &hctx->state))
		return;
	if (msecs)
		queue_delayed_work_on(hctx_next_cpu(hctx), kblockd,
				      &hctx->run_work,
				      msecs_to_jiffies(msecs));
	else
		mod_delayed_work(kblockd, &hctx->run_work, 0);
}
EXPORT_SYMBOL(blk_mq_delay_run_hw_queue);

/* Any context.  async: in a worker, not here. */
void blk_mq_run_hw_queue(struct blk_mq_hw_ctx *hctx, bool async)
{
	bool pending;

	/* An elevator that is being taken down is not looked at. */
	rcu_read_lock();
	pending = may_run(hctx) && has_pending(hctx);
	rcu_read_unlock();
	if (!pending)
		return;
	if (!async && !in_interrupt() && !irqs_disabled() &&
	    !is_blocking(hctx) &&
	    cpumask_test_cpu(raw_smp_processor_id(), &hctx->cpumask))
		run_now(hctx);
	else
		blk_mq_delay_run_hw_queue(hctx, 0);
}
EXPORT_SYMBOL(blk_mq_run_hw_queue);

void blk_mq_run_hw_queues(struct request_queue *q, bool async)
{
	struct blk_mq_hw_ctx *hctx;
	unsigned int i;

	queue_for_each_hw_ctx(q, hctx, i)
		blk_mq_run_hw_queue(hctx, async);
}
EXPORT_SYMBOL(blk_mq_run_hw_queues);

/* A request of it has ended: who waits for room? */
void blk_mq_sched_restart(struct blk_mq_hw_ctx *hctx)
{
	smp_mb();                                              /* [c] [d] */
	if (!test_bit(BLK_MQ_S_SCHED_RESTART, &hctx->state))
		return;
	clear_bit(BLK_MQ_S_SCHED_RESTART, &hctx->state);
	blk_mq_run_hw_queue(hctx, true);
}

/*
 * Past all queues: nobody is there to be overtaken.  What cannot be sent queues
 * up, and the queue will be run.  All of one hctx; without an elevator.
 */
void blk_mq_issue_directly(struct blk_mq_hw_ctx *hctx, struct list_head *list)
{
	struct request *rq, *next;

	rcu_read_lock();
	if (may_run(hctx) && !is_blocking(hctx)) {
		blk_mq_dispatch_rq_list(hctx, list);
		rcu_read_unlock();
		return;
	}
	rcu_read_unlock();
	list_for_each_entry_safe(rq, next, list, queuelist) {
		list_del_init(&rq->queuelist);
		blk_mq_insert_request(rq, false, false, true);
	}
	blk_mq_run_hw_queue(hctx, true);
}

/* ---- stopping and starting, for drivers ---- */

void blk_mq_stop_hw_queue(struct blk_mq_hw_ctx *hctx)
{
	set_bit(BLK_MQ_S_STOPPED, &hctx->state);
	cancel_delayed_work(&hctx->run_work);
}
EXPORT_SYMBOL(blk_mq_stop_hw_queue);

void blk_mq_start_hw_queue(struct blk_mq_hw_ctx *hctx)
{
	clear_bit(BLK_MQ_S_STOPPED, &hctx->state);
	blk_mq_run_hw_queue(hctx, false);
}
EXPORT_SYMBOL(blk_mq_start_hw_queue);

void blk_mq_start_stopped_hw_queues(struct request_queue *q, bool async)
{
	struct blk_mq_hw_ctx *hctx;
	unsigned int i;

	queue_for_each_hw_ctx(q, hctx, i) {
		if (!test_and_clear_bit(BLK_MQ_S_STOPPED, &hctx->state))
			continue;
		blk_mq_run_hw_queue(hctx, async);
	}
}
EXPORT_SYMBOL(blk_mq_start_stopped_hw_queues);

/* ---- requests that the driver gives back to be sent again ---- */

void blk_mq_requeue_work(struct work_struct *work)
{
	struct request_queue *q = container_of(work, struct request_queue,
					       requeue_work.work);
	struct request *rq, *next;
	LIST_HEAD(list);

	spin_lock_irq(&q->requeue_lock);
	list_splice_init(&q->requeue_list, &list);
	spin_unlock_irq(&q->requeue_lock);
	list_for_each_entry_safe(rq, next, &list, queuelist) {
		list_del_init(&rq->queuelist);
		if (rq->rq_flags & RQF_DONTPREP)
			blk_mq_request_bypass_insert(rq, false, false);
		else
			blk_mq_insert_request(rq, true, false, false);
	}
	blk_mq_run_hw_queues(q, false);
}

/* The driver has it and could not; any context. */
void blk_mq_requeue_request(struct request *rq, bool kick)
{
	struct request_queue *q = rq->q;
	const struct elevator_queue *e = q->elevator;
	unsigned long flags;

	unstart(rq);
	if ((rq->rq_flags & RQF_ELVPRIV) && e->type->ops.requeue_request)
		e->type->ops.requeue_request(rq);
	spin_lock_irqsave(&q->requeue_lock, flags);
	list_add_tail(&rq->queuelist, &q->requeue_list);
	spin_unlock_irqrestore(&q->requeue_lock, flags);
	if (kick)
		blk_mq_kick_requeue_list(q);
}
EXPORT_SYMBOL(blk_mq_requeue_request);

void blk_mq_kick_requeue_list(struct request_queue *q)
{
	mod_delayed_work(kblockd, &q->requeue_work, 0);
}
EXPORT_SYMBOL(blk_mq_kick_requeue_list);

/* Its own workers, and a rescuer: memory may be freed only by I/O. */
static int init_kblockd(void)
{
	kblockd = alloc_workqueue("kblockd", WQ_MEM_RECLAIM | WQ_HIGHPRI, 0);
	return kblockd ? 0 : -ENOMEM;
}
core_initcall(init_kblockd);
