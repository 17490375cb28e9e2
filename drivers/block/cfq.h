/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_BLOCK_CFQ_H
#define DRIVERS_BLOCK_CFQ_H
/* cfq.h -- the fair scheduler's queues: cfq-queue.c (turns), cfq-iosched.c */

#include "blk.h"

#include <kernel/timer.h>

#define CFQ_HASH_BITS 6
#define NS_PER_MS 1000000ULL

/* A process's queue, or an asynchronous one.  All fields: cfqd->lock. */
struct cfq_queue {
	struct hlist_node hash;
	struct list_head rr;          /* I1 */
	int key;                      /* thread's pid; negative: asynchronous */
	int class, level;
	bool sync;
	struct rb_root sort_list;
	struct list_head fifo;        /* oldest first */
	unsigned int queued;          /* requests in it */
	unsigned int in_driver;       /* dispatched, not ended */
	unsigned int refs;            /* requests that point to it */
	u64 last_end;                 /* ns: its last request ended */
	u64 think;                    /* ns, smoothed: from an end to the next */
	unsigned int samples;
};

/* Field keys:  [L] .lock   [t] tunable */
struct cfq_data {
	spinlock_t lock;
	struct request_queue *q;
	DECLARE_HASHTABLE(queues, CFQ_HASH_BITS); /* [L] by key */
	unsigned int nr_queues;       /* [L] in the hash */
	struct list_head rr[4];       /* [L] waiting queues of each class */
	struct list_head dispatch;    /* [L] ahead of all */
	struct cfq_queue *active;     /* [L] whose turn it is; NULL */
	u64 slice_end;                /* [L] ns */
	bool idling;                  /* [L] I2 */
	struct timer_list idle_timer;
	sector_t head;                /* [L] where the disk's head should be */
	unsigned int queued;          /* [L] in all queues */
	struct cfq_queue oom;         /* [L] when there is no memory for one */
	unsigned int slice_sync, slice_async, slice_idle; /* [t] ms */
	unsigned int fifo_expire_sync, fifo_expire_async; /* [t] ms */
	unsigned int quantum;         /* [t] in the driver for one queue */
};

static inline struct cfq_data *cfqd_of(struct request_queue *q)
{
	return q->elevator->elevator_data;
}

static inline struct cfq_queue *cfqq_of(struct request *rq)
{
	return rq->elv.priv[0];
}

/* cfq-queue.c; cfqd->lock is held. */
void cfq_init_queue(struct cfq_queue *cfqq, int key, bool sync,
		    unsigned short ioprio);
int cfq_key_for(bool sync, unsigned short ioprio);
struct cfq_queue *cfq_find_queue(struct cfq_data *cfqd, int key);
struct cfq_queue *cfq_get_queue(struct cfq_data *cfqd, bool sync,
				unsigned short ioprio);
void cfq_maybe_free(struct cfq_data *cfqd, struct cfq_queue *cfqq);
void cfq_wait_in_line(struct cfq_data *cfqd, struct cfq_queue *cfqq);
void cfq_stop_idling(struct cfq_data *cfqd);
void cfq_expire_active(struct cfq_data *cfqd);
bool cfq_worth_idling(struct cfq_data *cfqd, const struct cfq_queue *cfqq);
void cfq_take_out(struct cfq_data *cfqd, struct request *rq);
struct request *cfq_pick(struct cfq_data *cfqd);

#endif
