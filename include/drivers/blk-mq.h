/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_BLK_MQ_H
#define DRIVERS_BLK_MQ_H
/*
 * blk-mq.h -- from per-CPU software queues to a device's hardware queues
 *
 *	CPU 0   CPU 1   CPU 2   CPU 3       blk_mq_ctx, or one elevator
 *	   \     /         \     /
 *	  hctx 0           hctx 1           blk_mq_hw_ctx, each with tags
 *	     |                |
 *	        the driver's queue_rq()
 *
 * Theory: drivers/block/blk-mq.c; tags blk-mq-tag.c.
 */

#include <drivers/blkdev.h>
#include <kernel/rbtree.h>
#include <kernel/scatterlist.h>
#include <kernel/smp.h>

struct blk_mq_tags;

enum mq_rq_state { MQ_RQ_IDLE, MQ_RQ_IN_FLIGHT, MQ_RQ_COMPLETE };

/* rq_flags */
#define RQF_STARTED (1u << 1)
#define RQF_FLUSH_SEQ (1u << 4)       /* in the flush machine */
#define RQF_MIXED_MERGE (1u << 5)
#define RQF_DONTPREP (1u << 7)
#define RQF_RETRIED (1u << 8)        /* a reset has thrown it back once */
#define RQF_FAILED (1u << 10)
#define RQF_QUIET (1u << 11)
#define RQF_ELVPRIV (1u << 12)        /* the elevator has state for it */
#define RQF_IO_STAT (1u << 13)
#define RQF_HASHED (1u << 16)         /* in the elevator's merge hash */
#define RQF_STATS (1u << 17)
#define RQF_TIMED_OUT (1u << 21)
#define RQF_ELV (1u << 22)            /* came by the elevator's tags */

typedef u32 req_flags_t;

enum rq_end_io_ret { RQ_END_IO_NONE, RQ_END_IO_FREE };
typedef enum rq_end_io_ret (rq_end_io_fn)(struct request *rq, blk_status_t st);

/*
 * One transfer as the device sees it: one or more merged bios.  The driver's
 * own data (tag_set->cmd_size bytes) follow.  Owner: whoever has it on his
 * list; the driver from queue_rq to blk_mq_end_request.
 */
struct request {
	struct request_queue *q;      /* constant */
	struct blk_mq_ctx *mq_ctx;    /* the submitting CPU's */
	struct blk_mq_hw_ctx *mq_hctx;
	blk_opf_t cmd_flags;          /* enum req_op and REQ_* */
	req_flags_t rq_flags;
	int tag;                      /* of the driver's set; -1: none yet */
	int internal_tag;             /* of the elevator's; -1 without one */
	unsigned int timeout;         /* jiffies; 0: the queue's */
	unsigned int __data_len;      /* bytes left */
	sector_t __sector;
	struct bio *bio, *biotail;
	struct list_head queuelist;   /* of whoever has it */
	struct request *rq_next;      /* in a plug */
	struct block_device *part;    /* for the statistics */
	u64 start_time_ns, io_start_time_ns;
	unsigned short nr_phys_segments;
	unsigned short ioprio;
	enum mq_rq_state state;       /* atomic */
	atomic_t ref;                 /* users: the owner and a timeout scan */
	unsigned long deadline;       /* jiffies */
	unsigned long fifo_time;      /* the elevator's deadline, jiffies */
	struct hlist_node hash;       /* elevator: by end sector */
	struct rb_node rb_node;       /* elevator: by start sector */
	struct { void *priv[2]; } elv;
	struct {
		unsigned int seq;
		struct list_head list;
		rq_end_io_fn *saved_end_io;
	} flush;
	call_single_data_t csd;       /* to complete elsewhere */
	struct request *done_next;    /* completed, waiting for the softirq */
	rq_end_io_fn *end_io;
	void *end_io_data;
};

#define req_op(rq) ((enum req_op)((rq)->cmd_flags & REQ_OP_MASK))
#define rq_data_dir(rq) (op_is_write((rq)->cmd_flags) ? 1 : 0)
#define rq_is_sync(rq) op_is_sync((rq)->cmd_flags)
#define blk_rq_pos(rq) ((rq)->__sector)
#define blk_rq_bytes(rq) ((rq)->__data_len)
#define blk_rq_sectors(rq) ((rq)->__data_len >> SECTOR_SHIFT)
#define rq_end_sector(rq) (blk_rq_pos(rq) + blk_rq_sectors(rq))
#define rq_list_empty(list) (!(list))

static inline bool blk_rq_is_passthrough(const struct request *rq)
{
	return req_op(rq) >= REQ_OP_DRV_IN;
}

static inline void *blk_mq_rq_to_pdu(struct request *rq)
{
	return rq + 1;
}

static inline struct request *blk_mq_rq_from_pdu(void *pdu)
{
	return (struct request *)pdu - 1;
}

#define BLK_MQ_NO_TAG (-1)
#define BLK_MQ_MAX_DEPTH 10240
#define BLK_MQ_CPU_WORK_BATCH 8

/* hctx.state bits */
enum { BLK_MQ_S_STOPPED, BLK_MQ_S_TAG_WAIT, BLK_MQ_S_SCHED_RESTART };

/* A hardware queue.  Field keys: [c] constant  [L] .lock  [a] atomic */
struct blk_mq_hw_ctx {
	spinlock_t lock;              /* irqs off */
	struct list_head dispatch;    /* [L] what the driver had no room for */
	unsigned long state;          /* [a] BLK_MQ_S_* */
	struct delayed_work run_work;
	struct cpumask cpumask;       /* [c] whose CPUs' requests come here */
	int next_cpu;                 /* where run_work runs next */
	struct request_queue *queue;  /* [c] */
	void *sched_data;             /* the elevator's */
	void *driver_data;            /* [c] */
	unsigned long ctx_map;        /* [a] software queues with something */
	unsigned int nr_ctx;          /* [c] */
	struct blk_mq_ctx *ctxs[NR_CPUS]; /* [c] */
	struct blk_mq_tags *tags;     /* [c] the driver's */
	struct blk_mq_tags *sched_tags; /* the elevator's */
	unsigned int queue_num;       /* [c] */
	atomic_t nr_active;
	unsigned long dispatched;     /* requests handed to the driver */
	struct list_head starve_node; /* tags->starved */
	struct kobject *kobj;
};

/* Which hardware queue serves each CPU. */
struct blk_mq_queue_map {
	unsigned int mq_map[NR_CPUS];
	unsigned int nr_queues;
	unsigned int queue_offset;
};

enum hctx_type { HCTX_TYPE_DEFAULT, HCTX_MAX_TYPES };

/* What disks with the same driver data and tags share. */
struct blk_mq_tag_set {
	const struct blk_mq_ops *ops; /* the driver fills from here ... */
	struct blk_mq_queue_map map[HCTX_MAX_TYPES];
	unsigned int nr_maps;
	unsigned int nr_hw_queues;
	unsigned int queue_depth;
	unsigned int reserved_tags;
	unsigned int cmd_size;        /* the driver's bytes per request */
	int numa_node;
	unsigned int timeout;         /* jiffies; 0: 30 s */
	unsigned int flags;           /* BLK_MQ_F_* */
	void *driver_data;            /* ... to here */
	struct blk_mq_tags **tags;
	struct mutex tag_list_lock;
	struct list_head tag_list;    /* its queues */
};

#define BLK_MQ_F_SHOULD_MERGE (1u << 0)
#define BLK_MQ_F_TAG_QUEUE_SHARED (1u << 1)
#define BLK_MQ_F_STACKING (1u << 2)
#define BLK_MQ_F_BLOCKING (1u << 5)   /* queue_rq may sleep: it is called in
				       * a worker then */
#define BLK_MQ_F_NO_SCHED (1u << 6)
#define BLK_MQ_F_NO_SCHED_BY_DEFAULT (1u << 7)

struct blk_mq_queue_data {
	struct request *rq;
	bool last;                    /* none follows at once: ring the bell */
};

enum blk_eh_timer_return { BLK_EH_DONE, BLK_EH_RESET_TIMER };
typedef bool (busy_tag_iter_fn)(struct request *rq, void *data);

struct blk_mq_ops {
	/* Start it: any context that does not sleep, unless BLK_MQ_F_BLOCKING;
	 * calls blk_mq_start_request() first.  BLK_STS_OK, _RESOURCE (try
	 * again later), _DEV_RESOURCE (a completion will), or the error. */
	blk_status_t (*queue_rq)(struct blk_mq_hw_ctx *hctx,
				 const struct blk_mq_queue_data *bd);
	/* Ring the bell for those queued without `last`. */
	void (*commit_rqs)(struct blk_mq_hw_ctx *hctx);
	int (*get_budget)(struct request_queue *q);   /* a token, or < 0 */
	void (*put_budget)(struct request_queue *q, int token);
	/* Too long in the device: process context, may sleep. */
	enum blk_eh_timer_return (*timeout)(struct request *rq);
	int (*poll)(struct blk_mq_hw_ctx *hctx);
	/* After blk_mq_complete_request(), in softirq; ends the request. */
	void (*complete)(struct request *rq);
	int (*init_hctx)(struct blk_mq_hw_ctx *hctx, void *driver_data,
			 unsigned int hctx_idx);
	void (*exit_hctx)(struct blk_mq_hw_ctx *hctx, unsigned int hctx_idx);
	/* Once for each request structure: its cmd_size bytes. */
	int (*init_request)(struct blk_mq_tag_set *set, struct request *rq,
			    unsigned int hctx_idx, unsigned int numa_node);
	void (*exit_request)(struct blk_mq_tag_set *set, struct request *rq,
			     unsigned int hctx_idx);
	void (*map_queues)(struct blk_mq_tag_set *set);
};

/* ---- set-up; may sleep ---- */

int blk_mq_alloc_tag_set(struct blk_mq_tag_set *set);   /* 0 or -errno */
void blk_mq_free_tag_set(struct blk_mq_tag_set *set);
struct gendisk *__blk_mq_alloc_disk(struct blk_mq_tag_set *set,
				    void *queuedata);
/* ERR_PTR. */
#define blk_mq_alloc_disk(set, queuedata) __blk_mq_alloc_disk(set, queuedata)
struct request_queue *blk_mq_init_queue(struct blk_mq_tag_set *set);
void blk_mq_destroy_queue(struct request_queue *q);
/* CPUs spread evenly; what a map_queues without wishes does. */
void blk_mq_map_queues(struct blk_mq_queue_map *qmap);
int blk_mq_update_nr_requests(struct request_queue *q, unsigned int nr);

/* ---- for drivers: any context that does not sleep ---- */

void blk_mq_start_request(struct request *rq);
/* From the interrupt: ->complete will run in the submitter's softirq. */
void blk_mq_complete_request(struct request *rq);
void blk_mq_end_request(struct request *rq, blk_status_t error);
void __blk_mq_end_request(struct request *rq, blk_status_t error);
/* nr_bytes are done; true: there is more in it. */
bool blk_update_request(struct request *rq, blk_status_t error,
			unsigned int nr_bytes);
void blk_mq_requeue_request(struct request *rq, bool kick_requeue_list);
void blk_mq_kick_requeue_list(struct request_queue *q);
/* The scatter list of its data; how many entries. */
int blk_rq_map_sg(struct request_queue *q, struct request *rq,
		  struct scatterlist *sg);
static inline unsigned short blk_rq_nr_phys_segments(const struct request *rq)
{
	return rq->nr_phys_segments;
}
unsigned short blk_rq_nr_discard_segments(const struct request *rq);
struct request *blk_mq_tag_to_rq(struct blk_mq_tags *tags, unsigned int tag);
void blk_mq_stop_hw_queue(struct blk_mq_hw_ctx *hctx);
void blk_mq_start_hw_queue(struct blk_mq_hw_ctx *hctx);
void blk_mq_start_stopped_hw_queues(struct request_queue *q, bool async);
void blk_mq_run_hw_queue(struct blk_mq_hw_ctx *hctx, bool async);
void blk_mq_run_hw_queues(struct request_queue *q, bool async);
void blk_mq_delay_run_hw_queue(struct blk_mq_hw_ctx *hctx,
			       unsigned long msecs);
/* fn for each request that the driver has; may sleep unless it says so. */
void blk_mq_tagset_busy_iter(struct blk_mq_tag_set *set, busy_tag_iter_fn *fn,
			     void *priv);
static inline bool blk_mq_request_started(const struct request *rq)
{
	return READ_ONCE(rq->state) != MQ_RQ_IDLE;
}

static inline bool blk_mq_request_completed(const struct request *rq)
{
	return READ_ONCE(rq->state) == MQ_RQ_COMPLETE;
}

/* Fail whatever is in the driver: for a device that is gone. */
bool blk_mq_cancel_request(struct request *rq, void *data);

/* ---- a silent device; blk-recover.c has the theory; may sleep ---- */

enum blk_verdict {
	BLK_AGAIN,                    /* start it again */
	BLK_ONCE_MORE,                /* the same, but only once */
	BLK_FAILS,                    /* an I/O error */
	BLK_REFUSED,                  /* the device itself said: bad medium */
};
typedef enum blk_verdict (blk_verdict_fn)(struct request *rq, void *data);

void blk_mq_quiesce_tagset(struct blk_mq_tag_set *set);
void blk_mq_take_back(struct blk_mq_tag_set *set, blk_verdict_fn *verdict,
		      void *data);
void blk_mq_go_on_tagset(struct blk_mq_tag_set *set);

/* ---- requests of the driver's own; may sleep ---- */

#define BLK_MQ_REQ_NOWAIT (1u << 0)
#define BLK_MQ_REQ_RESERVED (1u << 1)
typedef unsigned int blk_mq_req_flags_t;

struct request *blk_mq_alloc_request(struct request_queue *q, blk_opf_t opf,
				     blk_mq_req_flags_t flags); /* ERR_PTR */
void blk_mq_free_request(struct request *rq);
int blk_rq_map_kern(struct request_queue *q, struct request *rq, void *kbuf,
		    unsigned int len, gfp_t gfp);
blk_status_t blk_execute_rq(struct request *rq, bool at_head);
void blk_execute_rq_nowait(struct request *rq, bool at_head);

#define queue_for_each_hw_ctx(q, hctx, i)				\
	for ((i) = 0; (i) < (q)->nr_hw_queues &&			\
	     ((hctx) = (q)->queue_hw_ctx[i], 1); (i)++)
#define hctx_for_each_ctx(hctx, ctx, i)					\
	for ((i) = 0; (i) < (hctx)->nr_ctx &&				\
	     ((ctx) = (hctx)->ctxs[i], 1); (i)++)

#define __rq_for_each_bio(_bio, rq) \
	for ((_bio) = (rq)->bio; (_bio); (_bio) = (_bio)->bi_next)

struct req_iterator {
	struct bvec_iter iter;
	struct bio *bio;
};
#define rq_for_each_segment(bvl, rq, it)				\
	for ((it).bio = (rq)->bio; (it).bio; (it).bio = (it).bio->bi_next) \
		if (bio_has_data((it).bio))				\
			bio_for_each_segment(bvl, (it).bio, (it).iter)
#define rq_for_each_bvec(bvl, rq, it)					\
	for ((it).bio = (rq)->bio; (it).bio; (it).bio = (it).bio->bi_next) \
		if (bio_has_data((it).bio))				\
			bio_for_each_bvec(bvl, (it).bio, (it).iter)

#endif
