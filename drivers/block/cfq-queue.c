/* SPDX-License-Identifier: MIT */
/*
 * cfq-queue.c -- whose turn it is: the queues of the fair scheduler
 *
 * The theory is in cfq-iosched.c; this is its decisions: which queue a request
 * belongs to, when a turn ends, whether the disk idles, which request is next.
 * All with cfqd->lock held.
 */

#include "cfq.h"

#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/timekeeping.h>
#include <mm/slab.h>
#include <uapi/ioprio.h>

#define CFQ_MAX_IDLE_QUEUES 64   /* kept though nobody uses them */
#define CFQ_SLICE_SCALE 5
#define THINK_SAMPLES 4          /* before a process is judged */

/* ---- queues ---- */

void cfq_init_queue(struct cfq_queue *cfqq, int key, bool sync,
		       unsigned short ioprio)
{
	*cfqq = (struct cfq_queue){ .key = key, .sync = sync };
	INIT_LIST_HEAD(&cfqq->rr);
	INIT_LIST_HEAD(&cfqq->fifo);
	INIT_HLIST_NODE(&cfqq->hash);
	cfqq->sort_list = RB_ROOT;
	cfqq->class = IOPRIO_PRIO_CLASS(ioprio);
	cfqq->level = IOPRIO_PRIO_LEVEL(ioprio);
	if (cfqq->class == IOPRIO_CLASS_NONE) {
		cfqq->class = IOPRIO_CLASS_BE;
		cfqq->level = IOPRIO_NORM;
	}
	if (cfqq->class == IOPRIO_CLASS_IDLE)
		cfqq->level = IOPRIO_NR_LEVELS - 1;
}

/* Which queue a request of current with such flags belongs to. */
int cfq_key_for(bool sync, unsigned short ioprio)
{
	return sync ? current->pid : -1 - (int)ioprio;
}

struct cfq_queue *cfq_find_queue(struct cfq_data *cfqd, int key)
{
	struct cfq_queue *cfqq;

	hash_for_each_possible(cfqd->queues, cfqq, hash, key)
		if (cfqq->key == key)
			return cfqq;
	return NULL;
}

/* Nobody uses it: forget it when there are many such. */
void cfq_maybe_free(struct cfq_data *cfqd, struct cfq_queue *cfqq)
{
	if (cfqq->refs || cfqq == &cfqd->oom || cfqq == cfqd->active ||
	    cfqd->nr_queues <= CFQ_MAX_IDLE_QUEUES)
		return;
	hash_del(&cfqq->hash);
	cfqd->nr_queues--;
	kfree(cfqq);
}

struct cfq_queue *cfq_get_queue(struct cfq_data *cfqd, bool sync,
				   unsigned short ioprio)
{
	int key = cfq_key_for(sync, ioprio);
	struct cfq_queue *cfqq = cfq_find_queue(cfqd, key);

	if (cfqq) {
		/* It may have been given another priority meanwhile. */
		if (sync && !cfqq->queued && ioprio) {
			cfqq->class = IOPRIO_PRIO_CLASS(ioprio);
			cfqq->level = IOPRIO_PRIO_LEVEL(ioprio);
		}
		return cfqq;
	}
	cfqq = kmalloc(sizeof(*cfqq), GFP_ATOMIC | __GFP_NOWARN);
	if (!cfqq)
		return &cfqd->oom;
	cfq_init_queue(cfqq, key, sync, ioprio);
	hash_add(cfqd->queues, &cfqq->hash, key);
	cfqd->nr_queues++;
	return cfqq;
}

/* ---- turns; lock held ---- */

static u64 slice_of(struct cfq_data *cfqd, const struct cfq_queue *cfqq)
{
	unsigned int base = cfqq->sync ? cfqd->slice_sync : cfqd->slice_async;
	int bonus = (int)base / CFQ_SLICE_SCALE * (IOPRIO_NORM - cfqq->level);

	return ((int)base + bonus) * NS_PER_MS;
}

void cfq_wait_in_line(struct cfq_data *cfqd, struct cfq_queue *cfqq)
{
	if (list_empty(&cfqq->rr))
		list_add_tail(&cfqq->rr, &cfqd->rr[cfqq->class]);
}

void cfq_stop_idling(struct cfq_data *cfqd)
{
	cfqd->idling = false;
	del_timer(&cfqd->idle_timer);
}

/* The turn ends. */
void cfq_expire_active(struct cfq_data *cfqd)
{
	struct cfq_queue *cfqq = cfqd->active;

	if (!cfqq)
		return;
	cfq_stop_idling(cfqd);
	cfqd->active = NULL;
	if (cfqq->queued)
		cfq_wait_in_line(cfqd, cfqq);                      /* I1 */
	cfq_maybe_free(cfqd, cfqq);
}

static struct cfq_queue *first_in_line(struct cfq_data *cfqd)
{
	static const int order[] = { IOPRIO_CLASS_RT, IOPRIO_CLASS_BE,
				     IOPRIO_CLASS_IDLE };

	for (unsigned int i = 0; i < ARRAY_SIZE(order); i++)
		if (!list_empty(&cfqd->rr[order[i]]))
			return list_first_entry(&cfqd->rr[order[i]],
						struct cfq_queue, rr);
	return NULL;
}

/* Is it worth waiting for this process's next request? */
bool cfq_worth_idling(struct cfq_data *cfqd, const struct cfq_queue *cfqq)
{
	if (!cfqd->slice_idle || !cfqq->sync || blk_queue_nonrot(cfqd->q) ||
	    cfqq->class == IOPRIO_CLASS_IDLE || cfqq == &cfqd->oom)
		return false;
	return cfqq->samples < THINK_SAMPLES ||
	       cfqq->think <= cfqd->slice_idle * NS_PER_MS;
}

/* Whose request goes next; NULL: nobody's, or we wait for the active one. */
static struct cfq_queue *select_queue(struct cfq_data *cfqd, u64 now)
{
	struct cfq_queue *cfqq = cfqd->active;

	if (cfqq) {
		bool over = now >= cfqd->slice_end;

		if (cfqq->queued && !over)
			return cfqq;
		/* Alone, a queue goes on. */
		if (cfqq->queued && !first_in_line(cfqd)) {
			cfqd->slice_end = now + slice_of(cfqd, cfqq);
			return cfqq;
		}
		if (!cfqq->queued && !over &&
		    (cfqd->idling ||
		     (cfqq->in_driver && cfq_worth_idling(cfqd, cfqq))))
			return NULL;
		cfq_expire_active(cfqd);
	}
	cfqq = first_in_line(cfqd);
	if (!cfqq)
		return NULL;
	list_del_init(&cfqq->rr);
	cfqd->active = cfqq;
	cfqd->slice_end = now + slice_of(cfqd, cfqq);
	return cfqq;
}

/* The request at or behind the head; from the lowest sector if none is. */
static struct request *next_by_sector(struct cfq_data *cfqd,
				      struct cfq_queue *cfqq)
{
	struct rb_node *n = cfqq->sort_list.rb_node, *first;
	struct request *best = NULL;

	while (n) {
		struct request *rq = rb_entry(n, struct request, rb_node);

		if (blk_rq_pos(rq) >= cfqd->head) {
			best = rq;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	if (best)
		return best;
	first = rb_first(&cfqq->sort_list);
	return rb_entry(first, struct request, rb_node);
}

void cfq_take_out(struct cfq_data *cfqd, struct request *rq)
{
	struct cfq_queue *cfqq = cfqq_of(rq);

	list_del_init(&rq->queuelist);
	elv_rb_del(&cfqq->sort_list, rq);
	elv_rqhash_del(cfqd->q, rq);
	cfqq->queued--;
	cfqd->queued--;
	if (!cfqq->queued)
		list_del_init(&cfqq->rr);
}

struct request *cfq_pick(struct cfq_data *cfqd)
{
	struct cfq_queue *cfqq;
	struct request *rq;

	rq = list_first_entry_or_null(&cfqd->dispatch, struct request,
				      queuelist);
	if (rq) {
		list_del_init(&rq->queuelist);
		return rq;
	}
	cfqq = select_queue(cfqd, ktime_get_ns());
	if (!cfqq)
		return NULL;
	/* Enough of one queue's in the device: others would have no turn. */
	if (cfqq->in_driver >= cfqd->quantum && first_in_line(cfqd))
		return NULL;
	rq = list_first_entry(&cfqq->fifo, struct request, queuelist);
	if (time_before(jiffies, rq->fifo_time))
		rq = next_by_sector(cfqd, cfqq);
	cfq_take_out(cfqd, rq);
	cfqq->in_driver++;
	rq->elv.priv[1] = cfqq;          /* counted in in_driver */
	cfqd->head = rq_end_sector(rq);
	return rq;
}
