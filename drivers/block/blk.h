/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_BLOCK_BLK_H
#define DRIVERS_BLOCK_BLK_H
/* blk.h -- what the files of the block layer share among themselves */

#include <drivers/elevator.h>

/*
 * The requests of one CPU on their way to the hardware queue.
 * Field keys:  [c] constant   [L] .lock   [o] this CPU's, approximate
 */
struct blk_mq_ctx {
	spinlock_t lock;              /* irqs off */
	struct list_head rq_list;     /* [L] oldest first */
	unsigned int cpu;             /* [c] */
	unsigned int index_hw;        /* [c] its bit in hctx->ctx_map */
	struct blk_mq_hw_ctx *hctx;   /* [c] */
	unsigned long rq_dispatched[2]; /* [o] async, sync */
	unsigned long rq_merged;      /* [o] */
	unsigned long rq_completed[2]; /* [o] */
};

/* One word of a tag map, on a cache line of its own. */
struct tag_word {
	unsigned long used;
} __cacheline_aligned;

/*
 * The numbers that requests in flight bear, and the requests themselves.
 * Field keys:  [c] constant   [a] atomic bits   [L] .lock
 */
struct blk_mq_tags {
	unsigned int nr_tags;         /* [c] reserved ones included */
	unsigned int nr_reserved;     /* [c] the first ones */
	struct tag_word *map;         /* [a] */
	struct request **rqs;         /* [L] by driver tag: who bears it now */
	struct request **static_rqs;  /* [c] by tag: the structures */
	wait_queue_head_t wait;       /* for a tag */
	spinlock_t lock;              /* irqs off */
	struct list_head starved;     /* [L] hctxs that could not dispatch */
	atomic_t nr_starved;
};

/* ---- tags ---- */
struct blk_mq_tags *blk_mq_alloc_rq_map(struct blk_mq_tag_set *set,
					unsigned int hctx_idx,
					unsigned int nr, unsigned int reserved);
void blk_mq_free_rq_map(struct blk_mq_tag_set *set, struct blk_mq_tags *tags,
			unsigned int hctx_idx, struct blk_mq_tags *drv_tags);
int blk_mq_get_tag(struct blk_mq_tags *tags, unsigned int from,
		   unsigned int to);
void blk_mq_put_tag(struct blk_mq_tags *tags, int tag);
bool blk_mq_get_driver_tag(struct request *rq);
void blk_mq_put_driver_tag(struct request *rq);
void blk_mq_wait_starved(struct blk_mq_hw_ctx *hctx);
void blk_mq_tags_iter(struct blk_mq_tags *tags, busy_tag_iter_fn *fn,
		      void *priv);

/* ---- queues ---- */
struct request_queue *blk_alloc_queue(void);
bool blk_try_enter_queue(struct request_queue *q);
int blk_queue_enter(struct request_queue *q, bool nowait);
void blk_queue_exit(struct request_queue *q);
bool blk_freeze_is_idle(struct request_queue *q);

/* ---- from bio to request ---- */
void blk_mq_submit_bio(struct bio *bio);
struct bio *blk_bio_split_to_limits(struct bio *bio, unsigned int *nr_segs);
unsigned int blk_recalc_rq_segments(struct request *rq);
bool blk_mq_sched_bio_merge(struct request_queue *q, struct bio *bio,
			    unsigned int nr_segs);
bool blk_attempt_plug_merge(struct request_queue *q, struct bio *bio,
			    unsigned int nr_segs);
bool blk_rq_merge_ok(struct request *rq, struct bio *bio);
enum elv_merge blk_try_merge(struct request *rq, struct bio *bio);
bool bio_attempt_merge(struct request *rq, struct bio *bio,
		       unsigned int nr_segs, enum elv_merge how);
bool blk_attempt_req_merge(struct request_queue *q, struct request *rq,
			   struct request *next);
bool blk_mq_sched_try_merge(struct request_queue *q, struct bio *bio,
			    unsigned int nr_segs, struct request **merged);
bool blk_mq_sched_try_insert_merge(struct request_queue *q,
				   struct request *rq,
				   struct list_head *free);

/* ---- requests ---- */
struct request *blk_mq_get_request(struct request_queue *q, blk_opf_t opf,
				   bool nowait, bool reserved);
void blk_mq_rq_ctx_init(struct request *rq);
void __blk_mq_free_request(struct request *rq);
void blk_mq_put_rq_ref(struct request *rq);
void blk_mq_insert_request(struct request *rq, bool at_head, bool run,
			   bool async);
void blk_mq_request_bypass_insert(struct request *rq, bool at_head, bool run);
void blk_mq_flush_plug_list(struct blk_plug *plug, bool from_schedule);
void blk_mq_issue_directly(struct blk_mq_hw_ctx *hctx, struct list_head *list);
bool blk_mq_has_free_hctx(struct blk_mq_hw_ctx *hctx);
void blk_mq_clear_inflight(struct request *rq);

/* ---- dispatch ---- */
bool blk_mq_dispatch_rq_list(struct blk_mq_hw_ctx *hctx,
			     struct list_head *list);
void blk_mq_sched_restart(struct blk_mq_hw_ctx *hctx);
void blk_mq_run_work_fn(struct work_struct *work);
void blk_mq_requeue_work(struct work_struct *work);

/* ---- timeouts ---- */
void blk_add_timer(struct request *rq);
void blk_rq_timed_out_timer(struct timer_list *t);
void blk_timeout_work(struct work_struct *work);

/* ---- flush ---- */
struct blk_flush_queue *blk_alloc_flush_queue(struct request_queue *q,
					      struct blk_mq_tag_set *set);
void blk_free_flush_queue(struct blk_flush_queue *fq,
			  struct blk_mq_tag_set *set);
bool blk_insert_flush(struct request *rq);
bool is_flush_rq(const struct request *rq);

/* ---- elevators ---- */
void elevator_init_mq(struct request_queue *q);
int blk_mq_init_sched(struct request_queue *q, const struct elevator_type *e);
void blk_mq_exit_sched(struct request_queue *q);

/* ---- statistics ---- */
void blk_account_io_start(struct request *rq);
void blk_account_io_done(struct request *rq, u64 now);
void blk_account_io_completion(struct request *rq, unsigned int bytes);
void blk_account_io_flush(struct request *flush_rq);
void blk_account_io_merge_bio(struct request *rq);
void blk_account_io_merge_request(struct request *rq);
void bio_start_io_acct(struct bio *bio);
void bio_end_io_acct(struct bio *bio);

/* ---- disks ---- */
int blk_register_queue(struct gendisk *disk);
void blk_unregister_queue(struct gendisk *disk);
void elv_register_dir(struct request_queue *q);    /* sysfs_lock held */
void elv_unregister_dir(struct request_queue *q);
struct block_device *bdev_alloc(struct gendisk *disk, u8 partno);
int bdev_add(struct block_device *bdev, dev_t dev);
void bdev_unhash(struct block_device *bdev);
void blk_drop_partitions(struct gendisk *disk);
void bdev_sync_cache(struct block_device *bdev);
void bdev_drop_cache(struct block_device *bdev);

#endif
