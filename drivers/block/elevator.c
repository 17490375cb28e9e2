/* SPDX-License-Identifier: MIT */
/*
 * elevator.c -- choosing and changing the I/O scheduler of a queue
 *
 * PROMISE.  The scheduler can be changed while the disk is in use; no request
 * is lost, none is sent twice.
 *
 * IDEA.  A scheduler keeps requests that the device has no room for, and picks
 * the next.  "none" is the absence of one: software queues in order of arrival,
 * right for devices without seeks.  To change it, the queue is frozen: then no
 * request exists, and nothing need be moved.
 *
 * With a scheduler the queue has more requests than the device has slots (twice
 * as many, 256 at most), or there would be nothing to choose from.
 *
 * LOCKING.  elv_list_lock for the list of types; q->elevator changes only with
 * the queue frozen and quiesced.
 *
 * SEE docs/75-io-schedulers.md.
 */

#include "blk.h"

#include <kernel/ctype.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <kernel/string.h>
#include <mm/slab.h>

#define ELV_MAX_REQUESTS 256u

static LIST_HEAD(elv_list);
static DEFINE_MUTEX(elv_list_lock);

int elv_register(struct elevator_type *e)
{
	mutex_lock(&elv_list_lock);
	list_add_tail(&e->list, &elv_list);
	mutex_unlock(&elv_list_lock);
	return 0;
}
EXPORT_SYMBOL(elv_register);

static const struct elevator_type *elv_find(const char *name)
{
	const struct elevator_type *e, *found = NULL;

	mutex_lock(&elv_list_lock);
	list_for_each_entry(e, &elv_list, list)
		if (!strcmp(e->elevator_name, name) ||
		    (e->elevator_alias && !strcmp(e->elevator_alias, name)))
			found = e;
	mutex_unlock(&elv_list_lock);
	return found;
}

/* ---- starting and stopping one; the queue is frozen ---- */

static void free_sched_tags(struct request_queue *q)
{
	struct blk_mq_hw_ctx *hctx;
	unsigned int i;

	queue_for_each_hw_ctx(q, hctx, i) {
		blk_mq_free_rq_map(q->tag_set, hctx->sched_tags, i,
				   hctx->tags);
		hctx->sched_tags = NULL;
	}
}

static int alloc_sched_tags(struct request_queue *q)
{
	struct blk_mq_hw_ctx *hctx;
	unsigned int i;

	queue_for_each_hw_ctx(q, hctx, i) {
		hctx->sched_tags = blk_mq_alloc_rq_map(q->tag_set, i,
						       q->nr_requests, 0);
		if (hctx->sched_tags)
			continue;
		free_sched_tags(q);
		return -ENOMEM;
	}
	return 0;
}

/* q->nr_requests is set.  0 or -ENOMEM, and there is none then. */
int blk_mq_init_sched(struct request_queue *q, const struct elevator_type *e)
{
	struct elevator_queue *eq = kzalloc(sizeof(*eq), GFP_KERNEL);
	int err = -ENOMEM;

	if (!eq)
		return err;
	eq->type = e;
	hash_init(eq->hash);
	err = alloc_sched_tags(q);
	if (err)
		goto out_free;
	err = e->ops.init_sched(q, eq);
	if (err)
		goto out_tags;
	q->elevator = eq;
	return 0;

out_tags:
	free_sched_tags(q);
out_free:
	kfree(eq);
	return err;
}

void blk_mq_exit_sched(struct request_queue *q)
{
	struct elevator_queue *eq = q->elevator;

	if (!eq)
		return;
	q->elevator = NULL;
	eq->type->ops.exit_sched(eq);
	free_sched_tags(q);
	kfree(eq);
}

static int switch_to(struct request_queue *q, const struct elevator_type *e)
{
	unsigned int depth = q->tag_set->queue_depth -
			     q->tag_set->reserved_tags;
	int err = 0;

	blk_mq_freeze_queue(q);
	blk_mq_quiesce_queue(q);
	blk_mq_exit_sched(q);
	q->nr_requests = depth;
	if (e) {
		q->nr_requests = 2 * min(depth, ELV_MAX_REQUESTS / 2);
		err = blk_mq_init_sched(q, e);
		if (err)
			q->nr_requests = depth;
	}
	blk_mq_unquiesce_queue(q);
	blk_mq_unfreeze_queue(q);
	return err;
}

/* Its directory in sysfs first and last: nobody is inside its attributes. */
static int change(struct request_queue *q, const struct elevator_type *e)
{
	int err;

	elv_unregister_dir(q);
	err = switch_to(q, e);
	elv_register_dir(q);
	return err;
}

int elevator_switch_name(struct request_queue *q, const char *name)
{
	const struct elevator_type *e = NULL;
	int err;

	if (!q->mq_ops)
		return strcmp(name, "none") ? -EINVAL : 0;
	if (strcmp(name, "none")) {
		e = elv_find(name);
		if (!e)
			return -EINVAL;
	}
	mutex_lock(&q->sysfs_lock);
	err = -ENODEV;
	if (!blk_queue_dying(q)) {
		err = 0;
		if ((q->elevator ? q->elevator->type : NULL) != e)
			err = change(q, e);
	}
	mutex_unlock(&q->sysfs_lock);
	return err;
}
EXPORT_SYMBOL(elevator_switch_name);

/* A new disk's: a single queue profits from sorting, several do not. */
void elevator_init_mq(struct request_queue *q)
{
	if (!q->mq_ops || q->nr_hw_queues > 1 ||
	    (q->tag_set->flags & (BLK_MQ_F_NO_SCHED |
				  BLK_MQ_F_NO_SCHED_BY_DEFAULT)))
		return;
	if (elevator_switch_name(q, "deadline"))
		pr_warn("%s: no I/O scheduler\n",
			q->disk ? q->disk->disk_name : "block");
}

/* ---- /sys/block/X/queue/scheduler ---- */

ssize_t elv_iosched_show(struct request_queue *q, char *page)
{
	const struct elevator_type *e, *cur = NULL;
	ssize_t n;

	if (!q->mq_ops)
		return snprintf(page, PAGE_SIZE, "none\n");
	mutex_lock(&q->sysfs_lock);
	if (q->elevator)
		cur = q->elevator->type;
	n = snprintf(page, PAGE_SIZE, cur ? "none" : "[none]");
	mutex_lock(&elv_list_lock);
	list_for_each_entry(e, &elv_list, list)
		n += snprintf(page + n, PAGE_SIZE - n,
			      e == cur ? " [%s]" : " %s", e->elevator_name);
	mutex_unlock(&elv_list_lock);
	mutex_unlock(&q->sysfs_lock);
	n += snprintf(page + n, PAGE_SIZE - n, "\n");
	return n;
}

ssize_t elv_iosched_store(struct request_queue *q, const char *page,
			  size_t count)
{
	char name[ELV_NAME_MAX];
	char *end;
	int err;

	strscpy(name, page, sizeof(name));
	for (end = name + strlen(name);
	     end > name && isspace((unsigned char)end[-1]); end--)
		end[-1] = '\0';
	err = elevator_switch_name(q, name);
	return err ? err : (ssize_t)count;
}

/* ---- tools for schedulers: the merge hash and the sector tree ---- */

void elv_rqhash_add(struct request_queue *q, struct request *rq)
{
	hash_add(q->elevator->hash, &rq->hash, rq_end_sector(rq));
	rq->rq_flags |= RQF_HASHED;
}

void elv_rqhash_del(struct request_queue *q, struct request *rq)
{
	(void)q;
	if (!(rq->rq_flags & RQF_HASHED))
		return;
	hash_del(&rq->hash);
	rq->rq_flags &= ~RQF_HASHED;
}

void elv_rqhash_reposition(struct request_queue *q, struct request *rq)
{
	if (!(rq->rq_flags & RQF_HASHED))
		return;
	elv_rqhash_del(q, rq);
	elv_rqhash_add(q, rq);
}

/* The request that ends where `end` begins; NULL. */
struct request *elv_rqhash_find(struct request_queue *q, sector_t end)
{
	struct request *rq;

	hash_for_each_possible(q->elevator->hash, rq, hash, end)
		if (rq_end_sector(rq) == end)
			return rq;
	return NULL;
}

void elv_rb_add(struct rb_root *root, struct request *rq)
{
	struct rb_node **p = &root->rb_node, *parent = NULL;

	while (*p) {
		struct request *at = rb_entry(*p, struct request, rb_node);

		parent = *p;
		p = blk_rq_pos(rq) < blk_rq_pos(at) ? &parent->rb_left
						    : &parent->rb_right;
	}
	rb_link_node(&rq->rb_node, parent, p);
	rb_insert_color(&rq->rb_node, root);
}

void elv_rb_del(struct rb_root *root, struct request *rq)
{
	if (RB_EMPTY_NODE(&rq->rb_node))
		return;
	rb_erase(&rq->rb_node, root);
	RB_CLEAR_NODE(&rq->rb_node);
}

/* The request that begins there; NULL. */
struct request *elv_rb_find(struct rb_root *root, sector_t sector)
{
	struct rb_node *n = root->rb_node;

	while (n) {
		struct request *rq = rb_entry(n, struct request, rb_node);

		if (sector == blk_rq_pos(rq))
			return rq;
		n = sector < blk_rq_pos(rq) ? n->rb_left : n->rb_right;
	}
	return NULL;
}

struct request *elv_rb_latter_request(struct request *rq)
{
	struct rb_node *n = rb_next(&rq->rb_node);

	return n ? rb_entry(n, struct request, rb_node) : NULL;
}

struct request *elv_rb_former_request(struct request *rq)
{
	struct rb_node *n = rb_prev(&rq->rb_node);

	return n ? rb_entry(n, struct request, rb_node) : NULL;
}

bool elv_bio_merge_ok(struct request *rq, struct bio *bio)
{
	const struct elevator_mq_ops *ops = &rq->q->elevator->type->ops;

	return blk_rq_merge_ok(rq, bio) &&
	       (!ops->allow_merge || ops->allow_merge(rq->q, rq, bio));
}

/* Which request could take the bio, and on which side? */
enum elv_merge elv_merge(struct request_queue *q, struct request **rq,
			 struct bio *bio)
{
	const struct elevator_mq_ops *ops = &q->elevator->type->ops;
	struct request *r;

	if (blk_queue_nomerges(q))
		return ELEVATOR_NO_MERGE;
	r = elv_rqhash_find(q, bio->bi_iter.bi_sector);
	if (r && elv_bio_merge_ok(r, bio)) {
		*rq = r;
		return ELEVATOR_BACK_MERGE;
	}
	if (blk_queue_noxmerges(q) || !ops->request_merge)
		return ELEVATOR_NO_MERGE;
	return ops->request_merge(q, rq, bio);
}
