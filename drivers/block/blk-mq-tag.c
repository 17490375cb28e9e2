/* SPDX-License-Identifier: MIT */
/*
 * blk-mq-tag.c -- the numbers of the requests in flight
 *
 * PROMISE.  A number (tag) is borne by one request at a time, and while the
 * driver has a request, its tag finds it.
 *
 * IDEA.  A device knows its commands by small numbers, and there are only as
 * many as it has slots.  So the free slots are bits in a map, and the map is
 * also what limits the number of requests: who finds no bit waits.  The words
 * of the map lie in cache lines of their own, and each CPU begins its search at
 * a different one, so that CPUs seldom touch the same line.
 *
 *	map     [1101....]  [0010....]  [........]
 *	CPU 0 begins ^      CPU 1 ^      CPU 2 ^
 *
 * With an elevator a request first bears a tag of the elevator's (there may be
 * more of them than slots: something to sort), and one of the driver's only
 * when it is dispatched.  A tag of the driver's set that is not to be had then
 * puts the hardware queue on the list of the starved, which the next free tag
 * wakes.
 *
 * LOCKING.  Bits are atomic.  .lock guards rqs[] against a scan that would
 * meet a request of an elevator that is being taken down, and the starved list.
 *
 * RACES.  A tag becomes free between the failed search and the entry in the
 * list of the starved: so search once more after entering (blk-mq-dispatch.c).
 * Waiters for tags: prepare_to_wait() comes before their last search.
 */

#include "blk.h"

#include <kernel/export.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

#define WORD_TAGS BITS_PER_LONG

/* A free bit of one word among [lo, hi); -1. */
static int get_in_word(struct tag_word *word, unsigned int lo,
		       unsigned int hi)
{
	unsigned long window = ~0UL << lo;

	if (hi < WORD_TAGS)
		window &= ~(~0UL << hi);
	for (;;) {
		unsigned long free = ~READ_ONCE(word->used) & window;
		int bit;

		if (!free)
			return -1;
		bit = __ffs(free);
		if (!test_and_set_bit(bit, &word->used))
			return bit;
	}
}

/* A free tag among [from, to), or -1.  Any context. */
int blk_mq_get_tag(struct blk_mq_tags *tags, unsigned int from,
		   unsigned int to)
{
	unsigned int first = from / WORD_TAGS;
	unsigned int words = DIV_ROUND_UP(to, WORD_TAGS) - first;
	unsigned int start = raw_smp_processor_id() % words;

	for (unsigned int n = 0; n < words; n++) {
		unsigned int w = first + (start + n) % words;
		unsigned int base = w * WORD_TAGS;
		int bit = get_in_word(&tags->map[w],
				      from > base ? from - base : 0,
				      min(to - base, (unsigned)WORD_TAGS));

		if (bit >= 0)
			return base + bit;
	}
	return -1;
}

/* Wake the hardware queues that found no tag. */
static void wake_starved(struct blk_mq_tags *tags)
{
	struct blk_mq_hw_ctx *hctx;
	unsigned long flags;

	spin_lock_irqsave(&tags->lock, flags);
	while (!list_empty(&tags->starved)) {
		hctx = list_first_entry(&tags->starved, struct blk_mq_hw_ctx,
					starve_node);
		list_del_init(&hctx->starve_node);
		atomic_dec(&tags->nr_starved);
		blk_mq_run_hw_queue(hctx, true);
	}
	spin_unlock_irqrestore(&tags->lock, flags);
}

/* Any context. */
void blk_mq_put_tag(struct blk_mq_tags *tags, int tag)
{
	clear_bit(tag % WORD_TAGS, &tags->map[tag / WORD_TAGS].used);
	smp_mb();
	if (atomic_read(&tags->nr_starved))
		wake_starved(tags);
	if (waitqueue_active(&tags->wait))
		wake_up(&tags->wait);
}

/* The hardware queue has work and no tag: run it when there is one. */
void blk_mq_wait_starved(struct blk_mq_hw_ctx *hctx)
{
	struct blk_mq_tags *tags = hctx->tags;
	unsigned long flags;

	spin_lock_irqsave(&tags->lock, flags);
	if (list_empty(&hctx->starve_node)) {
		list_add_tail(&hctx->starve_node, &tags->starved);
		atomic_inc(&tags->nr_starved);
	}
	spin_unlock_irqrestore(&tags->lock, flags);
	smp_mb();
}

/* ---- the driver's tag of a request ---- */

bool blk_mq_get_driver_tag(struct request *rq)
{
	struct blk_mq_tags *tags = rq->mq_hctx->tags;
	unsigned int depth = tags->nr_tags;

	if (rq->tag >= 0)
		return true;
	rq->tag = blk_mq_get_tag(tags, tags->nr_reserved, depth);
	if (rq->tag < 0)
		return false;
	WRITE_ONCE(tags->rqs[rq->tag], rq);
	return true;
}

/* With an elevator only: without one the tag is the request's for life. */
void blk_mq_put_driver_tag(struct request *rq)
{
	int tag = rq->tag;

	if (tag < 0 || rq->internal_tag < 0)
		return;
	rq->tag = BLK_MQ_NO_TAG;
	blk_mq_put_tag(rq->mq_hctx->tags, tag);
}

struct request *blk_mq_tag_to_rq(struct blk_mq_tags *tags, unsigned int tag)
{
	return tag < tags->nr_tags ? READ_ONCE(tags->rqs[tag]) : NULL;
}
EXPORT_SYMBOL(blk_mq_tag_to_rq);

/* ---- scanning ---- */

/* The bearer of a tag, held so that it does not end under us; NULL. */
static struct request *hold_bearer(struct blk_mq_tags *tags, unsigned int tag)
{
	struct request *rq;
	unsigned long flags;

	spin_lock_irqsave(&tags->lock, flags);
	rq = tags->rqs[tag];
	if (rq && (rq->tag != (int)tag || !atomic_inc_not_zero(&rq->ref)))
		rq = NULL;
	spin_unlock_irqrestore(&tags->lock, flags);
	return rq;
}

/* fn for each request that bears a driver tag, until it says false. */
void blk_mq_tags_iter(struct blk_mq_tags *tags, busy_tag_iter_fn *fn,
		      void *priv)
{
	bool more = true;

	for (unsigned int t = 0; t < tags->nr_tags && more; t++) {
		struct request *rq;

		if (!test_bit(t % WORD_TAGS, &tags->map[t / WORD_TAGS].used))
			continue;
		rq = hold_bearer(tags, t);
		if (!rq)
			continue;
		more = fn(rq, priv);
		blk_mq_put_rq_ref(rq);
	}
}

struct busy_iter {
	busy_tag_iter_fn *fn;
	void *priv;
};

static bool started_only(struct request *rq, void *data)
{
	struct busy_iter *bi = data;

	return blk_mq_request_started(rq) ? bi->fn(rq, bi->priv) : true;
}

void blk_mq_tagset_busy_iter(struct blk_mq_tag_set *set, busy_tag_iter_fn *fn,
			     void *priv)
{
	struct busy_iter bi = { fn, priv };

	for (unsigned int i = 0; i < set->nr_hw_queues; i++)
		if (set->tags[i])
			blk_mq_tags_iter(set->tags[i], started_only, &bi);
}
EXPORT_SYMBOL(blk_mq_tagset_busy_iter);

bool blk_mq_cancel_request(struct request *rq, void *data)
{
	(void)data;
	if (!blk_mq_request_completed(rq)) {
		rq->rq_flags |= RQF_FAILED;
		blk_mq_complete_request(rq);
	}
	return true;
}
EXPORT_SYMBOL(blk_mq_cancel_request);

/* ---- making and freeing ---- */

static struct request *alloc_rq(struct blk_mq_tag_set *set, unsigned int hctx)
{
	struct request *rq = kzalloc(sizeof(*rq) + set->cmd_size, GFP_KERNEL);
	int err = 0;

	if (!rq)
		return NULL;
	if (set->ops->init_request)
		err = set->ops->init_request(set, rq, hctx, set->numa_node);
	if (!err)
		return rq;
	kfree(rq);
	return NULL;
}

/* A request that the elevator's tags own leaves no trace in the driver's. */
static void forget_rqs(struct blk_mq_tags *tags, struct blk_mq_tags *drv)
{
	unsigned long flags;

	if (!drv || drv == tags)
		return;
	spin_lock_irqsave(&drv->lock, flags);
	for (unsigned int t = 0; t < drv->nr_tags; t++)
		for (unsigned int i = 0; drv->rqs[t] && i < tags->nr_tags; i++)
			if (drv->rqs[t] == tags->static_rqs[i])
				drv->rqs[t] = NULL;
	spin_unlock_irqrestore(&drv->lock, flags);
}

/* No request of these is in use.  NULL is fine. */
void blk_mq_free_rq_map(struct blk_mq_tag_set *set, struct blk_mq_tags *tags,
			unsigned int hctx_idx, struct blk_mq_tags *drv_tags)
{
	if (!tags)
		return;
	if (tags->static_rqs)
		forget_rqs(tags, drv_tags);
	for (unsigned int i = 0; tags->static_rqs && i < tags->nr_tags; i++) {
		struct request *rq = tags->static_rqs[i];

		if (rq && set->ops->exit_request)
			set->ops->exit_request(set, rq, hctx_idx);
		kfree(rq);
	}
	kvfree(tags->static_rqs);
	kvfree(tags->rqs);
	kfree(tags->map);
	kfree(tags);
}

/* nr tags with their requests, the driver's data initialised; NULL. */
struct blk_mq_tags *blk_mq_alloc_rq_map(struct blk_mq_tag_set *set,
					unsigned int hctx_idx,
					unsigned int nr, unsigned int reserved)
{
	struct blk_mq_tags *tags = kzalloc(sizeof(*tags), GFP_KERNEL);

	if (!tags)
		return NULL;
	tags->nr_tags = nr;
	tags->nr_reserved = reserved;
	spin_lock_init(&tags->lock);
	INIT_LIST_HEAD(&tags->starved);
	init_waitqueue_head(&tags->wait);
	tags->map = kcalloc(DIV_ROUND_UP(nr, WORD_TAGS),
			    sizeof(struct tag_word), GFP_KERNEL);
	tags->rqs = kvcalloc(nr, sizeof(*tags->rqs), GFP_KERNEL);
	tags->static_rqs = kvcalloc(nr, sizeof(*tags->rqs), GFP_KERNEL);
	if (!tags->map || !tags->rqs || !tags->static_rqs)
		goto out_free;
	for (unsigned int i = 0; i < nr; i++) {
		tags->static_rqs[i] = alloc_rq(set, hctx_idx);
		if (!tags->static_rqs[i])
			goto out_free;
	}
	return tags;

out_free:
	blk_mq_free_rq_map(set, tags, hctx_idx, NULL);
	return NULL;
}
