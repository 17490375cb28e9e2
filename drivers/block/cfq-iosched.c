/* SPDX-License-Identifier: MIT */
/*
 * cfq-iosched.c -- the fair scheduler: the disk's time is shared by processes
 *
 * PROMISE.  Processes that read get equal shares of the disk's time, however
 * many requests each has; one with a better I/O priority gets a longer share.
 * A flood of writes does not shut readers out.
 *
 * IDEA.  A queue for each process (its synchronous requests), and one for each
 * priority that holds the asynchronous requests of all.  Queues take turns; a
 * turn (slice) lasts 100 ms for a process, 40 ms for an asynchronous queue,
 * more or less by its level:
 *
 *	rr list   [A: 3 requests] [async 4: 200] [B: 1]     turn: A
 *
 * A process that reads waits for the answer before it asks for the next, which
 * usually lies right behind.  Its queue is empty then, but if the turn went on
 * to B at once, the disk would seek to and fro for every single request.  So
 * when the last request of a turn ends, the disk idles for 8 ms: mostly the
 * next one comes.  A process that has shown to think for longer is not waited
 * for.
 *
 * Within a queue requests go by sector, the oldest first once its time is up
 * (125 ms, 250 ms).  Classes: real-time before best-effort, idle after both.
 *
 * INVARIANTS (cfqd->lock free).
 *   I1  A queue is on its class's list if and only if it has requests and is
 *       not the active one.
 *   I2  The timer is armed only if the active queue is empty.
 *
 * LOCKING.  cfqd->lock, interrupts off.
 *
 * SEE docs/75-io-schedulers.md.
 *
 * EXERCISES.  1. Two readers on a disk without seeks: what does idling cost
 * there, and which line saves it?  2. Why do asynchronous requests of all
 * processes share a queue?
 */

#include "cfq.h"

#include <kernel/init.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>
#include <uapi/ioprio.h>

/* ---- what the block layer calls ---- */

static struct request *cfq_dispatch_request(struct blk_mq_hw_ctx *hctx)
{
	struct cfq_data *cfqd = cfqd_of(hctx->queue);
	struct request *rq;
	unsigned long flags;

	spin_lock_irqsave(&cfqd->lock, flags);
	rq = cfq_pick(cfqd);
	spin_unlock_irqrestore(&cfqd->lock, flags);
	return rq;
}

static bool cfq_has_work(struct blk_mq_hw_ctx *hctx)
{
	struct cfq_data *cfqd = cfqd_of(hctx->queue);

	return READ_ONCE(cfqd->queued) ||
	       !list_empty_careful(&cfqd->dispatch);
}

/* In the submitter's context: whose is it? */
static void cfq_prepare_request(struct request *rq, struct bio *bio)
{
	struct cfq_data *cfqd = cfqd_of(rq->q);
	struct cfq_queue *cfqq;
	unsigned long flags;

	(void)bio;
	spin_lock_irqsave(&cfqd->lock, flags);
	cfqq = cfq_get_queue(cfqd, rq_is_sync(rq), rq->ioprio);
	cfqq->refs++;
	rq->elv.priv[0] = cfqq;
	spin_unlock_irqrestore(&cfqd->lock, flags);
}

static void cfq_finish_request(struct request *rq)
{
	struct cfq_data *cfqd = cfqd_of(rq->q);
	struct cfq_queue *cfqq = cfqq_of(rq);
	unsigned long flags;

	spin_lock_irqsave(&cfqd->lock, flags);
	if (rq->elv.priv[1])             /* failed before it was sent */
		cfqq->in_driver--;
	rq->elv.priv[0] = rq->elv.priv[1] = NULL;
	cfqq->refs--;
	cfq_maybe_free(cfqd, cfqq);
	spin_unlock_irqrestore(&cfqd->lock, flags);
}

static void note_think_time(struct cfq_data *cfqd, struct cfq_queue *cfqq)
{
	u64 cap = 2 * cfqd->slice_idle * NS_PER_MS, t;

	if (!cfqq->sync || !cfqq->last_end || cfqq->in_driver)
		return;
	t = min(ktime_get_ns() - cfqq->last_end, cap);
	cfqq->think = cfqq->samples ? (7 * cfqq->think + t) / 8 : t;
	cfqq->samples++;
}

/* Must the turn go to the newcomer at once? */
static bool preempts(const struct cfq_queue *new, const struct cfq_queue *cur)
{
	if (new->class != cur->class)
		return new->class == IOPRIO_CLASS_RT ||
		       cur->class == IOPRIO_CLASS_IDLE;
	return new->sync && !cur->sync;
}

static void add_request(struct cfq_data *cfqd, struct request *rq)
{
	struct cfq_queue *cfqq = cfqq_of(rq);
	unsigned int ms = cfqq->sync ? cfqd->fifo_expire_sync
				     : cfqd->fifo_expire_async;

	if (!cfqq->queued)
		note_think_time(cfqd, cfqq);
	rq->fifo_time = jiffies + msecs_to_jiffies(ms);
	list_add_tail(&rq->queuelist, &cfqq->fifo);
	elv_rb_add(&cfqq->sort_list, rq);
	if (!(rq->cmd_flags & REQ_NOMERGE_FLAGS))
		elv_rqhash_add(cfqd->q, rq);
	cfqq->queued++;
	cfqd->queued++;
	if (cfqq == cfqd->active) {
		cfq_stop_idling(cfqd);       /* what we waited for */
		return;
	}
	cfq_wait_in_line(cfqd, cfqq);
	if (cfqd->active && preempts(cfqq, cfqd->active)) {
		cfq_expire_active(cfqd);
		list_move(&cfqq->rr, &cfqd->rr[cfqq->class]);
	}
}

static void cfq_insert_requests(struct blk_mq_hw_ctx *hctx,
				struct list_head *list, bool at_head)
{
	struct cfq_data *cfqd = cfqd_of(hctx->queue);
	struct request *rq, *next;
	unsigned long flags;

	spin_lock_irqsave(&cfqd->lock, flags);
	list_for_each_entry_safe(rq, next, list, queuelist) {
		list_del_init(&rq->queuelist);
		if (at_head || !cfqq_of(rq))
			list_add(&rq->queuelist, &cfqd->dispatch);
		else
			add_request(cfqd, rq);
	}
	spin_unlock_irqrestore(&cfqd->lock, flags);
}

/* Its queue's last one?  Then wait for the next, or pass the turn on. */
static void cfq_completed_request(struct request *rq, u64 now)
{
	struct cfq_data *cfqd = cfqd_of(rq->q);
	struct cfq_queue *cfqq = cfqq_of(rq);
	unsigned long flags;
	bool run;

	spin_lock_irqsave(&cfqd->lock, flags);
	if (rq->elv.priv[1]) {
		cfqq->in_driver--;
		rq->elv.priv[1] = NULL;
	}
	cfqq->last_end = now;
	if (cfqq == cfqd->active && !cfqq->queued && !cfqq->in_driver) {
		if (now < cfqd->slice_end && cfq_worth_idling(cfqd, cfqq)) {
			cfqd->idling = true;                   /* I2 */
			mod_timer(&cfqd->idle_timer, jiffies +
				  msecs_to_jiffies(cfqd->slice_idle));
		} else {
			cfq_expire_active(cfqd);
		}
	}
	run = cfqd->queued && !cfqd->idling;
	spin_unlock_irqrestore(&cfqd->lock, flags);
	if (run)
		blk_mq_run_hw_queues(cfqd->q, true);
}

static void cfq_idle_timer(struct timer_list *t)
{
	struct cfq_data *cfqd = from_timer(cfqd, t, idle_timer);
	unsigned long flags;

	spin_lock_irqsave(&cfqd->lock, flags);
	if (cfqd->idling)
		cfq_expire_active(cfqd);
	spin_unlock_irqrestore(&cfqd->lock, flags);
	blk_mq_run_hw_queues(cfqd->q, true);
}

static void cfq_requeue_request(struct request *rq)
{
	struct cfq_data *cfqd = cfqd_of(rq->q);
	unsigned long flags;

	spin_lock_irqsave(&cfqd->lock, flags);
	if (rq->elv.priv[1]) {
		cfqq_of(rq)->in_driver--;
		rq->elv.priv[1] = NULL;
	}
	spin_unlock_irqrestore(&cfqd->lock, flags);
}

/* ---- merging: within one queue only ---- */

static bool cfq_allow_merge(struct request_queue *q, struct request *rq,
			    struct bio *bio)
{
	bool sync = op_is_sync(bio->bi_opf);

	if (sync != rq_is_sync(rq) || !cfqq_of(rq))
		return false;
	return cfqq_of(rq) == cfq_find_queue(cfqd_of(q),
					 cfq_key_for(sync, bio->bi_ioprio));
}

static int cfq_request_merge(struct request_queue *q, struct request **rq,
			     struct bio *bio)
{
	struct cfq_queue *cfqq = cfq_find_queue(cfqd_of(q),
		cfq_key_for(op_is_sync(bio->bi_opf), bio->bi_ioprio));
	struct request *r = NULL;

	if (cfqq)
		r = elv_rb_find(&cfqq->sort_list, bio_end_sector(bio));
	if (!r || !elv_bio_merge_ok(r, bio))
		return ELEVATOR_NO_MERGE;
	*rq = r;
	return ELEVATOR_FRONT_MERGE;
}

static bool cfq_bio_merge(struct request_queue *q, struct bio *bio,
			  unsigned int nr_segs)
{
	struct cfq_data *cfqd = cfqd_of(q);
	struct request *free = NULL;
	unsigned long flags;
	bool merged;

	spin_lock_irqsave(&cfqd->lock, flags);
	merged = blk_mq_sched_try_merge(q, bio, nr_segs, &free);
	spin_unlock_irqrestore(&cfqd->lock, flags);
	if (free)
		blk_mq_free_request(free);
	return merged;
}

static void reposition(struct request *rq)
{
	struct cfq_queue *cfqq = cfqq_of(rq);

	elv_rb_del(&cfqq->sort_list, rq);
	elv_rb_add(&cfqq->sort_list, rq);
}

static void cfq_request_merged(struct request_queue *q, struct request *rq,
			       enum elv_merge type)
{
	(void)q;
	if (type == ELEVATOR_FRONT_MERGE)
		reposition(rq);
}

static void cfq_requests_merged(struct request_queue *q, struct request *rq,
				struct request *next)
{
	cfq_take_out(cfqd_of(q), next);
	reposition(rq);
}

static struct request *cfq_former(struct request_queue *q, struct request *rq)
{
	(void)q;
	return elv_rb_former_request(rq);
}

static struct request *cfq_latter(struct request_queue *q, struct request *rq)
{
	(void)q;
	return elv_rb_latter_request(rq);
}

static unsigned int cfq_limit_depth(struct request_queue *q, blk_opf_t opf)
{
	return op_is_sync(opf) ? 0 : max(1u, 3 * q->nr_requests / 4);
}

/* ---- life ---- */

static int cfq_init_sched(struct request_queue *q, struct elevator_queue *eq)
{
	struct cfq_data *cfqd = kzalloc(sizeof(*cfqd), GFP_KERNEL);

	if (!cfqd)
		return -ENOMEM;
	spin_lock_init(&cfqd->lock);
	cfqd->q = q;
	hash_init(cfqd->queues);
	for (unsigned int c = 0; c < ARRAY_SIZE(cfqd->rr); c++)
		INIT_LIST_HEAD(&cfqd->rr[c]);
	INIT_LIST_HEAD(&cfqd->dispatch);
	cfq_init_queue(&cfqd->oom, INT_MIN, true, IOPRIO_DEFAULT);
	timer_setup(&cfqd->idle_timer, cfq_idle_timer, 0);
	cfqd->slice_sync = 100;
	cfqd->slice_async = 40;
	cfqd->slice_idle = 8;
	cfqd->fifo_expire_sync = 125;
	cfqd->fifo_expire_async = 250;
	cfqd->quantum = 8;
	eq->elevator_data = cfqd;
	return 0;
}

/* The queue is frozen: no request is left. */
static void cfq_exit_sched(struct elevator_queue *eq)
{
	struct cfq_data *cfqd = eq->elevator_data;
	struct cfq_queue *cfqq;
	struct hlist_node *tmp;
	unsigned int b;

	del_timer_sync(&cfqd->idle_timer);
	WARN_ON_ONCE(cfqd->queued);
	hash_for_each_safe(cfqd->queues, b, tmp, cfqq, hash)
		kfree(cfqq);
	kfree(cfqd);
}

#define CFQ_VAR(name, lo)						\
static ssize_t cfq_##name##_show(struct elevator_queue *e, char *page)	\
{									\
	struct cfq_data *cfqd = e->elevator_data;			\
									\
	return sysfs_emit(page, "%u\n", cfqd->name);			\
}									\
static ssize_t cfq_##name##_store(struct elevator_queue *e,		\
				  const char *page, size_t n)		\
{									\
	struct cfq_data *cfqd = e->elevator_data;			\
	unsigned long v;						\
									\
	if (kstrtoul(page, 10, &v) || (long)v < (lo) || v > 1000000)		\
		return -EINVAL;						\
	WRITE_ONCE(cfqd->name, (unsigned int)v);			\
	return n;							\
}

CFQ_VAR(slice_sync, 1)
CFQ_VAR(slice_async, 1)
CFQ_VAR(slice_idle, 0)
CFQ_VAR(fifo_expire_sync, 1)
CFQ_VAR(fifo_expire_async, 1)
CFQ_VAR(quantum, 1)

#define CFQ_ATTR(n) ELV_ATTR(n, cfq_##n##_show, cfq_##n##_store)
static const struct elv_fs_entry cfq_attrs[] = {
	CFQ_ATTR(slice_sync), CFQ_ATTR(slice_async), CFQ_ATTR(slice_idle),
	CFQ_ATTR(fifo_expire_sync), CFQ_ATTR(fifo_expire_async),
	CFQ_ATTR(quantum), { .name = NULL },
};

static struct elevator_type cfq = {
	.ops = {
		.init_sched = cfq_init_sched, .exit_sched = cfq_exit_sched,
		.allow_merge = cfq_allow_merge, .bio_merge = cfq_bio_merge,
		.request_merge = cfq_request_merge,
		.request_merged = cfq_request_merged,
		.requests_merged = cfq_requests_merged,
		.limit_depth = cfq_limit_depth,
		.prepare_request = cfq_prepare_request,
		.finish_request = cfq_finish_request,
		.insert_requests = cfq_insert_requests,
		.dispatch_request = cfq_dispatch_request,
		.has_work = cfq_has_work,
		.completed_request = cfq_completed_request,
		.requeue_request = cfq_requeue_request,
		.former_request = cfq_former, .next_request = cfq_latter,
	},
	.elevator_attrs = cfq_attrs, .elevator_name = "cfq",
};

static int init_cfq(void)
{
	return elv_register(&cfq);
}
fs_initcall(init_cfq);
