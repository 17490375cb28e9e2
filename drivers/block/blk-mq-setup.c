/* SPDX-License-Identifier: MIT */
/*
 * blk-mq-setup.c -- tag sets, and the map from CPUs to hardware queues
 *
 * IDEA.  A tag set is what a controller offers: so many queues, so many slots
 * each.  The disks behind it (namespaces, units) share its tags and have
 * request queues of their own.  The map says for each possible CPU which
 * hardware queue it uses; a CPU that goes offline leaves its software queue
 * mapped, and the queue is run on another CPU of the same hardware queue.
 */

#include "blk.h"

#include <kernel/export.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

#define MIN_QUEUE_DEPTH 1u

/* CPUs spread evenly over the queues, neighbours together. */
void blk_mq_map_queues(struct blk_mq_queue_map *qmap)
{
	unsigned int cpus = num_possible_cpus(), cpu, n = 0;

	for_each_possible_cpu(cpu) {
		qmap->mq_map[cpu] = qmap->queue_offset +
			(qmap->nr_queues >= cpus ? n
			 : n * qmap->nr_queues / cpus);
		n++;
	}
}
EXPORT_SYMBOL(blk_mq_map_queues);

/* ---- tag sets ---- */

static void free_tags(struct blk_mq_tag_set *set)
{
	for (unsigned int i = 0; set->tags && i < set->nr_hw_queues; i++)
		blk_mq_free_rq_map(set, set->tags[i], i, NULL);
	kfree(set->tags);
	set->tags = NULL;
}

static int alloc_tags(struct blk_mq_tag_set *set)
{
	set->tags = kcalloc(set->nr_hw_queues, sizeof(*set->tags), GFP_KERNEL);
	if (!set->tags)
		return -ENOMEM;
	for (unsigned int i = 0; i < set->nr_hw_queues; i++) {
		set->tags[i] = blk_mq_alloc_rq_map(set, i, set->queue_depth,
						   set->reserved_tags);
		if (set->tags[i])
			continue;
		free_tags(set);
		return -ENOMEM;
	}
	return 0;
}

int blk_mq_alloc_tag_set(struct blk_mq_tag_set *set)
{
	int err = -ENOMEM;

	if (!set->nr_hw_queues || !set->ops || !set->ops->queue_rq ||
	    set->queue_depth < set->reserved_tags + MIN_QUEUE_DEPTH)
		return -EINVAL;
	set->queue_depth = min(set->queue_depth, (unsigned)BLK_MQ_MAX_DEPTH);
	set->nr_hw_queues = min(set->nr_hw_queues, (unsigned)nr_cpu_ids);
	mutex_init(&set->tag_list_lock);
	INIT_LIST_HEAD(&set->tag_list);
	set->map[0].nr_queues = set->nr_hw_queues;
	if (set->ops->map_queues)
		set->ops->map_queues(set);
	else
		blk_mq_map_queues(&set->map[0]);
	/* Little memory: fewer tags are better than none. */
	while (set->queue_depth > set->reserved_tags) {
		err = alloc_tags(set);
		if (err != -ENOMEM)
			break;
		set->queue_depth >>= 1;
	}
	return err;
}
EXPORT_SYMBOL(blk_mq_alloc_tag_set);

void blk_mq_free_tag_set(struct blk_mq_tag_set *set)
{
	free_tags(set);
}
EXPORT_SYMBOL(blk_mq_free_tag_set);

/* ---- queues ---- */

static void free_hctx(struct blk_mq_hw_ctx *hctx)
{
	struct request_queue *q = hctx->queue;

	cancel_delayed_work_sync(&hctx->run_work);
	if (q->mq_ops->exit_hctx)
		q->mq_ops->exit_hctx(hctx, hctx->queue_num);
	kfree(hctx);
}

static struct blk_mq_hw_ctx *alloc_hctx(struct request_queue *q,
					unsigned int i)
{
	struct blk_mq_tag_set *set = q->tag_set;
	struct blk_mq_hw_ctx *hctx = kzalloc(sizeof(*hctx), GFP_KERNEL);

	if (!hctx)
		return NULL;
	spin_lock_init(&hctx->lock);
	INIT_LIST_HEAD(&hctx->dispatch);
	INIT_LIST_HEAD(&hctx->starve_node);
	INIT_DELAYED_WORK(&hctx->run_work, blk_mq_run_work_fn);
	hctx->queue = q;
	hctx->queue_num = i;
	hctx->next_cpu = -1;
	hctx->tags = set->tags[i];
	if (q->mq_ops->init_hctx &&
	    q->mq_ops->init_hctx(hctx, set->driver_data, i)) {
		kfree(hctx);
		return NULL;
	}
	return hctx;
}

/* Each CPU's software queue, tied to its hardware queue. */
static void map_ctxs(struct request_queue *q)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		struct blk_mq_ctx *ctx = per_cpu_ptr(q->queue_ctx, cpu);
		unsigned int n = q->tag_set->map[0].mq_map[cpu];
		struct blk_mq_hw_ctx *hctx =
			q->queue_hw_ctx[n < q->nr_hw_queues ? n : 0];

		spin_lock_init(&ctx->lock);
		INIT_LIST_HEAD(&ctx->rq_list);
		ctx->cpu = cpu;
		ctx->hctx = hctx;
		ctx->index_hw = hctx->nr_ctx;
		hctx->ctxs[hctx->nr_ctx++] = ctx;
		cpumask_set_cpu(cpu, &hctx->cpumask);
	}
}

static void free_hctxs(struct request_queue *q)
{
	for (unsigned int i = 0; q->queue_hw_ctx && i < q->nr_hw_queues; i++)
		if (q->queue_hw_ctx[i])
			free_hctx(q->queue_hw_ctx[i]);
	kfree(q->queue_hw_ctx);
	q->queue_hw_ctx = NULL;
	q->nr_hw_queues = 0;
}

static int alloc_hctxs(struct request_queue *q)
{
	struct blk_mq_tag_set *set = q->tag_set;

	q->queue_hw_ctx = kcalloc(set->nr_hw_queues, sizeof(void *),
				  GFP_KERNEL);
	if (!q->queue_hw_ctx)
		return -ENOMEM;
	q->nr_hw_queues = set->nr_hw_queues;
	for (unsigned int i = 0; i < set->nr_hw_queues; i++) {
		q->queue_hw_ctx[i] = alloc_hctx(q, i);
		if (!q->queue_hw_ctx[i])
			return -ENOMEM;
	}
	return 0;
}

/* ERR_PTR(-ENOMEM). */
struct request_queue *blk_mq_init_queue(struct blk_mq_tag_set *set)
{
	struct request_queue *q = blk_alloc_queue();

	if (!q)
		return ERR_PTR(-ENOMEM);
	q->tag_set = set;
	q->mq_ops = set->ops;
	q->rq_timeout = set->timeout ? set->timeout : 30 * HZ;
	q->nr_requests = set->queue_depth - set->reserved_tags;
	q->queue_ctx = alloc_percpu(struct blk_mq_ctx);
	q->fq = blk_alloc_flush_queue(q, set);
	if (!q->queue_ctx || !q->fq || alloc_hctxs(q)) {
		free_hctxs(q);
		blk_free_flush_queue(q->fq, set);
		if (q->queue_ctx)
			free_percpu(q->queue_ctx);
		blk_put_queue(q);
		return ERR_PTR(-ENOMEM);
	}
	map_ctxs(q);
	mutex_lock(&set->tag_list_lock);
	list_add_tail(&q->tag_set_list, &set->tag_list);
	mutex_unlock(&set->tag_list_lock);
	return q;
}
EXPORT_SYMBOL(blk_mq_init_queue);

/* No more I/O: waits for what is under way.  The structure stays. */
void blk_mq_destroy_queue(struct request_queue *q)
{
	struct blk_mq_tag_set *set = q->tag_set;

	if (!set)
		return;
	set_bit(QUEUE_FLAG_DYING, &q->queue_flags);
	wake_up_all(&q->mq_freeze_wq);
	blk_mq_freeze_queue(q);
	blk_mq_quiesce_queue(q);
	blk_sync_queue(q);
	blk_mq_exit_sched(q);
	mutex_lock(&set->tag_list_lock);
	list_del_init(&q->tag_set_list);
	mutex_unlock(&set->tag_list_lock);
	free_hctxs(q);
	blk_free_flush_queue(q->fq, set);
	free_percpu(q->queue_ctx);
	q->fq = NULL;
	q->queue_ctx = NULL;
	q->tag_set = NULL;
}
EXPORT_SYMBOL(blk_mq_destroy_queue);

struct gendisk *__blk_mq_alloc_disk(struct blk_mq_tag_set *set,
				    void *queuedata)
{
	struct request_queue *q = blk_mq_init_queue(set);
	struct gendisk *disk;

	if (IS_ERR(q))
		return ERR_CAST(q);
	q->queuedata = queuedata;
	disk = __alloc_disk_node(q, -1);
	if (!disk) {
		blk_mq_destroy_queue(q);
		blk_put_queue(q);
		return ERR_PTR(-ENOMEM);
	}
	set_bit(GD_OWNS_QUEUE, &disk->state);
	return disk;
}
EXPORT_SYMBOL(__blk_mq_alloc_disk);

/* The elevator's tags, or how many of the driver's are used.  Frozen inside. */
int blk_mq_update_nr_requests(struct request_queue *q, unsigned int nr)
{
	unsigned int max = q->tag_set->queue_depth - q->tag_set->reserved_tags;
	struct kobject *dir;
	int err = 0;

	if (!nr || nr > BLK_MQ_MAX_DEPTH || (!q->elevator && nr > max))
		return -EINVAL;
	blk_mq_freeze_queue(q);
	blk_mq_quiesce_queue(q);
	q->nr_requests = nr;
	if (q->elevator) {
		const struct elevator_type *e = q->elevator->type;

		/* Its tags are made anew, of the new size. */
		dir = q->elevator->kobj;
		blk_mq_exit_sched(q);
		q->nr_requests = nr;
		err = blk_mq_init_sched(q, e);
		if (!err)
			q->elevator->kobj = dir;
	}
	blk_mq_unquiesce_queue(q);
	blk_mq_unfreeze_queue(q);
	return err;
}
