/* SPDX-License-Identifier: MIT */
/*
 * blk-freeze.c -- keeping everybody out of a queue
 *
 * PROMISE.  When blk_mq_freeze_queue() returns, no request of the queue exists
 * and none can be made until it is thawed; so limits, elevator and depth can be
 * changed as if nobody else were there.  Entering costs one per-CPU increment.
 *
 * IDEA.  Each request holds the queue by +1 in a per-CPU counter; it may leave
 * on another CPU, so only the sum means something.  Freezing:
 *
 *	freezer				enterer (preemption off)
 *	freeze_depth = 1	[a]	look at freeze_depth	[c]
 *	synchronize_rcu()	[b]	counter++		[d]
 *	wait until the sum is 0
 *
 * RACES.  [c] before [a] and [d] after the sum was read?  [c]..[d] runs with
 * preemption off, which is what [b] waits for.  After [b] no counter grows
 * (except by those who see the freeze and take back what they added), so a sum
 * of 0, read one CPU after the other, is a true 0.
 *
 * Quiescing is weaker: requests may exist and come, but the driver is not
 * called; its callers run under rcu_read_lock() and look at the flag first.
 *
 * LOCKING.  mq_freeze_lock guards freeze_depth.
 */

#include "blk.h"

#include <kernel/export.h>
#include <kernel/kernel.h>

bool blk_try_enter_queue(struct request_queue *q)
{
	bool in = false;

	rcu_read_lock();
	if (likely(!READ_ONCE(q->freeze_depth))) {             /* [c] */
		this_cpu_inc(*q->q_usage);                     /* [d] */
		in = true;
	}
	rcu_read_unlock();
	return in;
}

/* May sleep unless nowait.  0, -ENODEV (dying), -EAGAIN. */
int blk_queue_enter(struct request_queue *q, bool nowait)
{
	for (;;) {
		if (unlikely(blk_queue_dying(q)))
			return -ENODEV;
		if (likely(blk_try_enter_queue(q)))
			return 0;
		if (nowait)
			return -EAGAIN;
		wait_event(q->mq_freeze_wq,
			   !READ_ONCE(q->freeze_depth) || blk_queue_dying(q));
	}
}

static bool nobody_inside(struct request_queue *q)
{
	long sum = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(q->q_usage, cpu));
	return sum == 0;
}

void blk_queue_exit(struct request_queue *q)
{
	/* The queue may be freed once the count is down: hold it for the
	 * look. */
	rcu_read_lock();
	this_cpu_dec(*q->q_usage);
	smp_mb();
	if (unlikely(READ_ONCE(q->freeze_depth)) && nobody_inside(q))
		wake_up(&q->mq_freeze_wq);
	rcu_read_unlock();
}

void blk_freeze_queue_start(struct request_queue *q)
{
	bool first;

	mutex_lock(&q->mq_freeze_lock);
	first = q->freeze_depth == 0;
	WRITE_ONCE(q->freeze_depth, q->freeze_depth + 1);      /* [a] */
	mutex_unlock(&q->mq_freeze_lock);
	if (first && q->mq_ops)
		blk_mq_run_hw_queues(q, false);
}
EXPORT_SYMBOL(blk_freeze_queue_start);

void blk_mq_freeze_queue_wait(struct request_queue *q)
{
	/* Our own plug must not be what we wait for. */
	if (current->plug)
		blk_flush_plug(current->plug, false);
	synchronize_rcu();                                     /* [b] */
	wait_event(q->mq_freeze_wq, nobody_inside(q));
	synchronize_rcu();       /* the last one out has left blk_queue_exit() */
}
EXPORT_SYMBOL(blk_mq_freeze_queue_wait);

void blk_mq_freeze_queue(struct request_queue *q)
{
	blk_freeze_queue_start(q);
	blk_mq_freeze_queue_wait(q);
}
EXPORT_SYMBOL(blk_mq_freeze_queue);

void blk_mq_unfreeze_queue(struct request_queue *q)
{
	mutex_lock(&q->mq_freeze_lock);
	WARN_ON_ONCE(q->freeze_depth <= 0);
	WRITE_ONCE(q->freeze_depth, q->freeze_depth - 1);
	mutex_unlock(&q->mq_freeze_lock);
	wake_up_all(&q->mq_freeze_wq);
}
EXPORT_SYMBOL(blk_mq_unfreeze_queue);

/* ---- quiescing ---- */

void blk_mq_quiesce_queue(struct request_queue *q)
{
	struct blk_mq_hw_ctx *hctx;
	unsigned int i;

	atomic_inc(&q->quiesce_depth);
	set_bit(QUEUE_FLAG_QUIESCED, &q->queue_flags);
	synchronize_rcu();
	if (!(q->tag_set->flags & BLK_MQ_F_BLOCKING))
		return;
	queue_for_each_hw_ctx(q, hctx, i)
		flush_delayed_work(&hctx->run_work);
}
EXPORT_SYMBOL(blk_mq_quiesce_queue);

void blk_mq_unquiesce_queue(struct request_queue *q)
{
	if (WARN_ON_ONCE(atomic_read(&q->quiesce_depth) <= 0))
		return;
	if (!atomic_dec_and_test(&q->quiesce_depth))
		return;
	clear_bit(QUEUE_FLAG_QUIESCED, &q->queue_flags);
	blk_mq_run_hw_queues(q, true);
}
EXPORT_SYMBOL(blk_mq_unquiesce_queue);
