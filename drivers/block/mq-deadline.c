/* SPDX-License-Identifier: MIT */
/*
 * mq-deadline.c -- the deadline scheduler: sweep the disk, but nobody waits
 * long
 *
 * PROMISE.  Requests go in order of sectors, reads before writes; a read that
 * has waited 500 ms, or a write that has waited 5 s, comes next.  Writes are
 * passed over by reads twice at most.
 *
 * IDEA.  Two structures for each direction: a tree by sector, for the sweep,
 * and a list by age, for the deadline.
 *
 *	reads    tree  [ 80 100 104 900 ]     fifo  104 -> 900 -> 80 -> 100
 *	writes   tree  [ 16 500 ]             fifo  500 -> 16
 *
 * Requests are taken in batches of 16 along the sweep, for a change of
 * direction costs a seek.  When a batch ends: reads if there are any, unless
 * writes have been passed over `writes_starved` times; within the direction,
 * the oldest if its time is up, else on from where the last batch ended.
 *
 * LOCKING.  dd->lock, interrupts off.
 *
 * SEE docs/75-io-schedulers.md.
 *
 * EXERCISES.  1. With fifo_batch 1, what becomes of throughput, and of the
 * longest wait?  2. Why do reads come before writes at all?
 */

#include "blk.h"

#include <kernel/init.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

enum { DD_READ, DD_WRITE, DD_DIRS };

/* Field keys:  [L] .lock   [t] tunable, read any time */
struct deadline_data {
	spinlock_t lock;
	struct request_queue *q;
	struct rb_root sort_list[DD_DIRS];   /* [L] */
	struct list_head fifo_list[DD_DIRS]; /* [L] oldest first */
	struct list_head dispatch;    /* [L] ahead of all */
	sector_t next_sector[DD_DIRS]; /* [L] where the sweep goes on */
	int last_dir;                 /* [L] of the batch */
	unsigned int batching;        /* [L] taken of this batch */
	unsigned int starved;         /* [L] times that writes were passed */
	int fifo_expire[DD_DIRS];     /* [t] jiffies */
	int fifo_batch;               /* [t] */
	int writes_starved;           /* [t] */
	int front_merges;             /* [t] */
	int async_depth;              /* [t] tags that async requests may have */
};

static int dir_of(const struct request *rq)
{
	return rq_data_dir(rq) ? DD_WRITE : DD_READ;
}

static struct deadline_data *dd_of(struct request_queue *q)
{
	return q->elevator->elevator_data;
}

/* ---- in and out of the structures; lock held ---- */

static void dd_add(struct deadline_data *dd, struct request *rq)
{
	int dir = dir_of(rq);

	elv_rb_add(&dd->sort_list[dir], rq);
	rq->fifo_time = jiffies + dd->fifo_expire[dir];
	list_add_tail(&rq->queuelist, &dd->fifo_list[dir]);
	if (!(rq->cmd_flags & REQ_NOMERGE_FLAGS))
		elv_rqhash_add(dd->q, rq);
}

static void dd_remove(struct deadline_data *dd, struct request *rq)
{
	list_del_init(&rq->queuelist);
	elv_rb_del(&dd->sort_list[dir_of(rq)], rq);
	elv_rqhash_del(dd->q, rq);
}

/* The first request at or behind the place where the sweep stands; NULL. */
static struct request *next_in_sweep(struct deadline_data *dd, int dir)
{
	struct rb_node *n = dd->sort_list[dir].rb_node;
	struct request *best = NULL;

	while (n) {
		struct request *rq = rb_entry(n, struct request, rb_node);

		if (blk_rq_pos(rq) >= dd->next_sector[dir]) {
			best = rq;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	return best;
}

static struct request *oldest(struct deadline_data *dd, int dir)
{
	return list_first_entry_or_null(&dd->fifo_list[dir], struct request,
					queuelist);
}

/* Which direction has the next batch; -1: nothing to do. */
static int choose_dir(struct deadline_data *dd)
{
	bool reads = !list_empty(&dd->fifo_list[DD_READ]);
	bool writes = !list_empty(&dd->fifo_list[DD_WRITE]);

	if (reads && (!writes || (int)dd->starved < dd->writes_starved)) {
		if (writes)
			dd->starved++;
		return DD_READ;
	}
	if (!writes)
		return -1;
	dd->starved = 0;
	return DD_WRITE;
}

static struct request *pick(struct deadline_data *dd)
{
	struct request *rq = NULL;
	int dir = dd->last_dir;

	rq = list_first_entry_or_null(&dd->dispatch, struct request,
				      queuelist);
	if (rq) {
		list_del_init(&rq->queuelist);
		return rq;
	}
	if ((int)dd->batching < dd->fifo_batch && dd->batching)
		rq = next_in_sweep(dd, dir);
	if (!rq) {
		dir = choose_dir(dd);
		if (dir < 0)
			return NULL;
		rq = oldest(dd, dir);
		if (time_before(jiffies, rq->fifo_time)) {
			struct request *on = next_in_sweep(dd, dir);

			if (on)
				rq = on;
		}
		dd->last_dir = dir;
		dd->batching = 0;
	}
	dd->batching++;
	dd->next_sector[dir] = rq_end_sector(rq);
	dd_remove(dd, rq);
	return rq;
}

/* ---- what the block layer calls ---- */

static struct request *dd_dispatch_request(struct blk_mq_hw_ctx *hctx)
{
	struct deadline_data *dd = dd_of(hctx->queue);
	struct request *rq;
	unsigned long flags;

	spin_lock_irqsave(&dd->lock, flags);
	rq = pick(dd);
	spin_unlock_irqrestore(&dd->lock, flags);
	return rq;
}

static bool dd_has_work(struct blk_mq_hw_ctx *hctx)
{
	struct deadline_data *dd = dd_of(hctx->queue);

	return !list_empty_careful(&dd->dispatch) ||
	       !list_empty_careful(&dd->fifo_list[DD_READ]) ||
	       !list_empty_careful(&dd->fifo_list[DD_WRITE]);
}

static void dd_insert_requests(struct blk_mq_hw_ctx *hctx,
			       struct list_head *list, bool at_head)
{
	struct deadline_data *dd = dd_of(hctx->queue);
	struct request *rq, *next;
	unsigned long flags;
	LIST_HEAD(free);

	spin_lock_irqsave(&dd->lock, flags);
	list_for_each_entry_safe(rq, next, list, queuelist) {
		list_del_init(&rq->queuelist);
		if (at_head)
			list_add(&rq->queuelist, &dd->dispatch);
		else if (!blk_mq_sched_try_insert_merge(dd->q, rq, &free))
			dd_add(dd, rq);
	}
	spin_unlock_irqrestore(&dd->lock, flags);
	list_for_each_entry_safe(rq, next, &free, queuelist) {
		list_del_init(&rq->queuelist);
		blk_mq_free_request(rq);
	}
}

/* A request whose front the bio touches. */
static int dd_request_merge(struct request_queue *q, struct request **rq,
			    struct bio *bio)
{
	struct deadline_data *dd = dd_of(q);
	struct request *r;

	if (!dd->front_merges)
		return ELEVATOR_NO_MERGE;
	r = elv_rb_find(&dd->sort_list[bio_data_dir(bio)],
			bio_end_sector(bio));
	if (!r || !elv_bio_merge_ok(r, bio))
		return ELEVATOR_NO_MERGE;
	*rq = r;
	return ELEVATOR_FRONT_MERGE;
}

static bool dd_bio_merge(struct request_queue *q, struct bio *bio,
			 unsigned int nr_segs)
{
	struct deadline_data *dd = dd_of(q);
	struct request *free = NULL;
	unsigned long flags;
	bool merged;

	spin_lock_irqsave(&dd->lock, flags);
	merged = blk_mq_sched_try_merge(q, bio, nr_segs, &free);
	spin_unlock_irqrestore(&dd->lock, flags);
	if (free)
		blk_mq_free_request(free);
	return merged;
}

/* Its first sector has changed: it stands elsewhere in the tree. */
static void dd_request_merged(struct request_queue *q, struct request *rq,
			      enum elv_merge type)
{
	struct deadline_data *dd = dd_of(q);

	if (type != ELEVATOR_FRONT_MERGE)
		return;
	elv_rb_del(&dd->sort_list[dir_of(rq)], rq);
	elv_rb_add(&dd->sort_list[dir_of(rq)], rq);
}

/* rq has swallowed next, and inherits its place in the line if it is better. */
static void dd_requests_merged(struct request_queue *q, struct request *rq,
			       struct request *next)
{
	struct deadline_data *dd = dd_of(q);

	/* blk_attempt_req_merge() has given rq the earlier deadline. */
	if (!list_empty(&rq->queuelist) && !list_empty(&next->queuelist) &&
	    rq->fifo_time == next->fifo_time)
		list_move(&rq->queuelist, &next->queuelist);
	dd_remove(dd, next);
	/* After a front merge of a bio rq may begin elsewhere. */
	elv_rb_del(&dd->sort_list[dir_of(rq)], rq);
	elv_rb_add(&dd->sort_list[dir_of(rq)], rq);
}

static struct request *dd_former(struct request_queue *q, struct request *rq)
{
	(void)q;
	return elv_rb_former_request(rq);
}

static struct request *dd_latter(struct request_queue *q, struct request *rq)
{
	(void)q;
	return elv_rb_latter_request(rq);
}

/* So that a flood of writes leaves tags for reads. */
static unsigned int dd_limit_depth(struct request_queue *q, blk_opf_t opf)
{
	return op_is_sync(opf) ? 0 : dd_of(q)->async_depth;
}

static int dd_init_sched(struct request_queue *q, struct elevator_queue *eq)
{
	struct deadline_data *dd = kzalloc(sizeof(*dd), GFP_KERNEL);

	if (!dd)
		return -ENOMEM;
	spin_lock_init(&dd->lock);
	dd->q = q;
	INIT_LIST_HEAD(&dd->dispatch);
	for (int dir = 0; dir < DD_DIRS; dir++) {
		dd->sort_list[dir] = RB_ROOT;
		INIT_LIST_HEAD(&dd->fifo_list[dir]);
	}
	dd->fifo_expire[DD_READ] = HZ / 2;
	dd->fifo_expire[DD_WRITE] = 5 * HZ;
	dd->writes_starved = 2;
	dd->fifo_batch = 16;
	dd->front_merges = 1;
	dd->async_depth = max(1u, 3 * q->nr_requests / 4);
	eq->elevator_data = dd;
	return 0;
}

static void dd_exit_sched(struct elevator_queue *eq)
{
	struct deadline_data *dd = eq->elevator_data;

	WARN_ON_ONCE(!list_empty(&dd->fifo_list[DD_READ]) ||
		     !list_empty(&dd->fifo_list[DD_WRITE]));
	kfree(dd);
}

/* ---- iosched/ ---- */

static ssize_t store_int(const char *page, size_t n, int lo, int *v)
{
	long val;

	if (kstrtol(page, 10, &val) || val < lo || val > INT_MAX)
		return -EINVAL;
	*v = val;
	return n;
}

#define DD_VAR(name, field, lo, to_user, to_jiffies)			\
static ssize_t dd_##name##_show(struct elevator_queue *e, char *page)	\
{									\
	struct deadline_data *dd = e->elevator_data;			\
									\
	return sysfs_emit(page, "%d\n", (int)to_user(dd->field));	\
}									\
static ssize_t dd_##name##_store(struct elevator_queue *e,		\
				 const char *page, size_t n)		\
{									\
	struct deadline_data *dd = e->elevator_data;			\
	int v;								\
	ssize_t ret = store_int(page, n, lo, &v);			\
									\
	if (ret > 0)							\
		WRITE_ONCE(dd->field, (int)to_jiffies(v));		\
	return ret;							\
}
#define AS_IS(v) (v)

DD_VAR(read_expire, fifo_expire[DD_READ], 0, jiffies_to_msecs,
       msecs_to_jiffies)
DD_VAR(write_expire, fifo_expire[DD_WRITE], 0, jiffies_to_msecs,
       msecs_to_jiffies)
DD_VAR(writes_starved, writes_starved, 0, AS_IS, AS_IS)
DD_VAR(front_merges, front_merges, 0, AS_IS, AS_IS)
DD_VAR(fifo_batch, fifo_batch, 0, AS_IS, AS_IS)
DD_VAR(async_depth, async_depth, 1, AS_IS, AS_IS)

#define DD_ATTR(n) ELV_ATTR(n, dd_##n##_show, dd_##n##_store)
static const struct elv_fs_entry dd_attrs[] = {
	DD_ATTR(read_expire), DD_ATTR(write_expire),
	DD_ATTR(writes_starved), DD_ATTR(front_merges),
	DD_ATTR(fifo_batch), DD_ATTR(async_depth), { .name = NULL },
};

static struct elevator_type mq_deadline = {
	.ops = {
		.init_sched = dd_init_sched, .exit_sched = dd_exit_sched,
		.insert_requests = dd_insert_requests,
		.dispatch_request = dd_dispatch_request,
		.has_work = dd_has_work, .bio_merge = dd_bio_merge,
		.request_merge = dd_request_merge,
		.request_merged = dd_request_merged,
		.requests_merged = dd_requests_merged,
		.former_request = dd_former, .next_request = dd_latter,
		.limit_depth = dd_limit_depth,
	},
	.elevator_attrs = dd_attrs,
	.elevator_name = "deadline", .elevator_alias = "mq-deadline",
};

static int init_deadline(void)
{
	return elv_register(&mq_deadline);
}
subsys_initcall(init_deadline);
