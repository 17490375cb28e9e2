/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_BLOCK_TESTDISK_H
#define DRIVERS_BLOCK_TESTDISK_H
/* testdisk.h -- a disk in memory that does as the self-tests tell it */

#include "blk.h"

#define TD_SECTORS 2048
#define TD_TRACE 64

struct testdisk {
	struct gendisk *disk;
	struct blk_mq_tag_set set;
	u8 *data;
	/* What it is told; changed while it is idle. */
	bool hold;                    /* keep requests until td_release_one() */
	bool hang;                    /* never answer; ->timeout fails them */
	sector_t bad;                 /* a request that touches it fails */
	int busy;                     /* refuse so many times */
	/* What it saw; .lock */
	spinlock_t lock;
	struct list_head held;
	unsigned int seen;
	sector_t sector[TD_TRACE];
	u8 op[TD_TRACE];
	unsigned int timeouts;
	wait_queue_head_t wait;
};

/* A disk with so many queues and slots each; NULL: no memory. */
struct testdisk *td_create(unsigned int queues, unsigned int depth);
void td_destroy(struct testdisk *td);
void td_forget(struct testdisk *td);  /* the trace */
/* Wait until n requests have come; false: a second is over. */
bool td_wait_seen(struct testdisk *td, unsigned int n);
bool td_release_one(struct testdisk *td); /* the oldest held; false: none */
void td_release_all(struct testdisk *td);

/* A bio of n pages (their contents are the caller's), not submitted. */
struct bio *td_bio(struct testdisk *td, blk_opf_t opf, sector_t sector,
		   struct page **pages, int n);
/* Count what has ended; the bio puts itself. */
struct td_ends {
	atomic_t left;
	int errors;
	wait_queue_head_t wait;
};
void td_ends_init(struct td_ends *e);
void td_submit(struct td_ends *e, struct bio *bio);
bool td_wait_ends(struct td_ends *e);

#endif
