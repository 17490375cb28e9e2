/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_BLK_TYPES_H
#define DRIVERS_BLK_TYPES_H
/*
 * blk_types.h -- a piece of block I/O (bio), and what it is aimed at
 *
 * Theory: drivers/block/bio.c, drivers/block/blk-core.c.
 */

#include <drivers/device.h>
#include <kernel/atomic.h>
#include <kernel/mutex.h>
#include <kernel/percpu.h>
#include <kernel/rcupdate.h>
#include <kernel/refcount.h>
#include <kernel/spinlock.h>
#include <kernel/types.h>

struct bio;
struct bio_set;
struct block_device;
struct gendisk;
struct hd_geometry;
struct inode;
struct page;
struct request_queue;
struct super_block;

#define SECTOR_SHIFT 9
#define SECTOR_SIZE (1 << SECTOR_SHIFT)
#define PAGE_SECTORS_SHIFT (PAGE_SHIFT - SECTOR_SHIFT)
#define PAGE_SECTORS (1 << PAGE_SECTORS_SHIFT)

/* How a request ended.  blk_status_to_errno() translates for user space. */
typedef u8 blk_status_t;
#define BLK_STS_OK 0
#define BLK_STS_NOTSUPP 1
#define BLK_STS_TIMEOUT 2
#define BLK_STS_NOSPC 3
#define BLK_STS_TRANSPORT 4
#define BLK_STS_TARGET 5
#define BLK_STS_NEXUS 6
#define BLK_STS_MEDIUM 7
#define BLK_STS_PROTECTION 8
#define BLK_STS_RESOURCE 9       /* from queue_rq: try again, nobody calls */
#define BLK_STS_IOERR 10
#define BLK_STS_AGAIN 12         /* REQ_NOWAIT would have to wait */
#define BLK_STS_DEV_RESOURCE 13  /* from queue_rq: a completion will rerun */
#define BLK_STS_OFFLINE 16

int blk_status_to_errno(blk_status_t status);
blk_status_t errno_to_blk_status(int err);
const char *blk_status_to_str(blk_status_t status);

/* What to do: the low 8 bits; odd operations carry data to the device. */
typedef u32 blk_opf_t;
#define REQ_OP_BITS 8
#define REQ_OP_MASK ((1u << REQ_OP_BITS) - 1)

enum req_op {
	REQ_OP_READ = 0,
	REQ_OP_WRITE = 1,
	REQ_OP_FLUSH = 2,
	REQ_OP_DISCARD = 3,
	REQ_OP_SECURE_ERASE = 5,
	REQ_OP_WRITE_ZEROES = 9,
	REQ_OP_DRV_IN = 34,
	REQ_OP_DRV_OUT = 35,
	REQ_OP_LAST = 36,
};

/* How to do it. */
#define __REQ_FLAG(n) (1u << (REQ_OP_BITS + (n)))
#define REQ_FAILFAST_DEV __REQ_FLAG(0)
#define REQ_FAILFAST_TRANSPORT __REQ_FLAG(1)
#define REQ_FAILFAST_DRIVER __REQ_FLAG(2)
#define REQ_SYNC __REQ_FLAG(3)        /* somebody waits for it */
#define REQ_META __REQ_FLAG(4)
#define REQ_PRIO __REQ_FLAG(5)
#define REQ_NOMERGE __REQ_FLAG(6)
#define REQ_IDLE __REQ_FLAG(7)        /* more will follow */
#define REQ_FUA __REQ_FLAG(9)         /* on the medium before it ends */
#define REQ_PREFLUSH __REQ_FLAG(10)   /* the cache first */
#define REQ_RAHEAD __REQ_FLAG(11)
#define REQ_BACKGROUND __REQ_FLAG(12)
#define REQ_NOWAIT __REQ_FLAG(13)
#define REQ_NOUNMAP __REQ_FLAG(16)
#define REQ_FAILFAST_MASK \
	(REQ_FAILFAST_DEV | REQ_FAILFAST_TRANSPORT | REQ_FAILFAST_DRIVER)
#define REQ_NOMERGE_FLAGS (REQ_NOMERGE | REQ_PREFLUSH | REQ_FUA)

enum stat_group { STAT_READ, STAT_WRITE, STAT_DISCARD, STAT_FLUSH,
		  NR_STAT_GROUPS };

static inline bool op_is_write(blk_opf_t opf)
{
	return opf & 1;
}

static inline bool op_is_flush(blk_opf_t opf)
{
	return opf & (REQ_FUA | REQ_PREFLUSH);
}

static inline bool op_is_discard(blk_opf_t opf)
{
	return (opf & REQ_OP_MASK) == REQ_OP_DISCARD;
}

/* Reads are waited for; writes only if they say so. */
static inline bool op_is_sync(blk_opf_t opf)
{
	return (opf & REQ_OP_MASK) == REQ_OP_READ ||
	       (opf & (REQ_SYNC | REQ_FUA | REQ_PREFLUSH));
}

static inline enum stat_group op_stat_group(blk_opf_t opf)
{
	return op_is_discard(opf) ? STAT_DISCARD
				  : op_is_write(opf) ? STAT_WRITE : STAT_READ;
}

/* A piece of memory; may run over page ends if the pages are contiguous. */
struct bio_vec {
	struct page *bv_page;
	unsigned int bv_len;          /* bytes */
	unsigned int bv_offset;       /* bytes from the page's start */
};

/* How far a bio has come: a cursor over its bio_vecs. */
struct bvec_iter {
	sector_t bi_sector;           /* of 512 bytes, on bi_bdev */
	unsigned int bi_size;         /* bytes left */
	unsigned int bi_idx;          /* current bio_vec */
	unsigned int bi_bvec_done;    /* bytes done of it */
};

typedef void (bio_end_io_t)(struct bio *bio);

/* bi_flags bits */
enum {
	BIO_NO_PAGE_REF,              /* pages are not ours to put */
	BIO_CLONED,                   /* bi_io_vec is another bio's */
	BIO_QUIET,                    /* say nothing of errors */
	BIO_CHAIN,                    /* its parent waits for it */
	BIO_REMAPPED,                 /* partition offset was added */
	BIO_TRACKED,                  /* holds the queue open (bio drivers) */
	BIO_ACCT,                     /* counted in the disk's statistics */
};

/*
 * One transfer between contiguous sectors and pieces of memory.  Owned by the
 * submitter until submit_bio(), by the block layer until bi_end_io is called
 * (any context but hard irq), which says who puts it.
 *
 * Field keys:  [s] the submitter before submit_bio, the block layer then
 *              [c] constant after bio_alloc    [a] atomic
 */
struct bio {
	struct bio *bi_next;          /* [s] in a request, or a list */
	struct block_device *bi_bdev; /* [s] */
	blk_opf_t bi_opf;             /* [s] enum req_op and REQ_* */
	unsigned short bi_flags;      /* [s] BIO_* bits */
	unsigned short bi_ioprio;     /* [s] */
	blk_status_t bi_status;       /* [s] set before bi_end_io */
	atomic_t __bi_remaining;      /* [a] itself and its chained parts */
	struct bvec_iter bi_iter;     /* [s] */
	bio_end_io_t *bi_end_io;      /* [s] */
	void *bi_private;             /* [s] bi_end_io's */
	u64 bi_start_ns;              /* [s] for bio drivers' statistics */
	unsigned short bi_vcnt;       /* [s] bio_vecs filled */
	unsigned short bi_max_vecs;   /* [c] */
	atomic_t __bi_cnt;            /* [a] holders */
	struct bio_vec *bi_io_vec;    /* [c] */
	struct bio_set *bi_pool;      /* [c] where it goes; NULL: kfree */
	struct bio_vec bi_inline_vecs[];
};

typedef unsigned int blk_qc_t;

/* Counts of one CPU; /proc/diskstats adds them up. */
struct disk_stats {
	u64 nsecs[NR_STAT_GROUPS];
	unsigned long sectors[NR_STAT_GROUPS];
	unsigned long ios[NR_STAT_GROUPS];
	unsigned long merges[NR_STAT_GROUPS];
	unsigned long io_ticks;       /* jiffies with something in flight */
	long in_flight[2];            /* read, write; the sum is meant */
};

/*
 * A disk (partno 0) or a partition of one.  Field keys:
 *   [c] constant   [O] bd_disk->open_mutex   [L] bdev_lock (blkdev core)
 *   [p] per CPU    [a] atomic
 */
struct block_device {
	sector_t bd_start_sect;       /* [c] on the disk */
	sector_t bd_nr_sectors;       /* [O] read any time */
	struct disk_stats __percpu *bd_stats; /* [p] */
	unsigned long bd_stamp;       /* [a] jiffies: io_ticks counted till */
	bool bd_read_only;
	u8 bd_partno;                 /* [c] */
	dev_t bd_dev;                 /* [c] */
	atomic_t bd_openers;          /* [O] */
	struct inode *bd_inode;       /* [O] made by the first opener */
	struct super_block *bd_super; /* mounted here */
	void *bd_claiming;            /* [L] */
	void *bd_holder;              /* [L] who has it exclusively */
	int bd_holders;               /* [L] */
	bool bd_write_holder;         /* [L] */
	struct gendisk *bd_disk;      /* [c] */
	struct request_queue *bd_queue; /* [c] */
	struct device bd_device;      /* its place in the tree; counts holders */
	struct rcu_head bd_rcu;
	char bd_uuid[37];             /* [c] of its partition-table entry */
	char bd_volname[73];          /* [c] */
};

#define bdev_whole(bdev) ((bdev)->bd_disk->part0)

#endif
