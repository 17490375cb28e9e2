/* SPDX-License-Identifier: MIT */
#ifndef MM_BACKING_DEV_H
#define MM_BACKING_DEV_H
/*
 * backing-dev.h -- the device behind a volume, as the page cache sees it
 *
 * Theory: mm/virt/backing_dev.c.  A disk has one backing_dev_info, shared by
 * its partitions and volumes, with one flusher thread.
 */

#include <kernel/atomic.h>
#include <kernel/list.h>
#include <kernel/refcount.h>
#include <kernel/spinlock.h>
#include <kernel/types.h>
#include <kernel/wait.h>

struct backing_dev_info;
struct device;
struct inode;
struct task_struct;

enum wb_stat_item { WB_RECLAIMABLE, WB_WRITEBACK, WB_DIRTIED, WB_WRITTEN,
		    NR_WB_STAT_ITEMS };

/*
 * The dirty inodes of a device, and the thread that writes them.
 *
 * Field keys:  [c] constant   [L] .list_lock   [a] atomic   [W] .work_lock
 */
struct bdi_writeback {
	struct backing_dev_info *bdi;      /* [c] */
	unsigned long state;               /* [a] WB_* bits */
	spinlock_t list_lock;              /* after i_lock never: before it */
	struct list_head b_dirty;          /* [L] youngest first */
	struct list_head b_io;             /* [L] this round's */
	struct list_head b_more_io;        /* [L] had more than one turn's worth */
	unsigned long last_old_flush;      /* flusher: jiffies */
	atomic_long_t stat[NR_WB_STAT_ITEMS]; /* [a] pages */
	spinlock_t work_lock;
	struct list_head work_list;        /* [W] sync's requests */
	struct task_struct *flusher;       /* [c] while registered */
	struct wait_queue_head wait;       /* the flusher sleeps here */
	struct wait_queue_head progress;   /* throttled writers sleep here */
	unsigned long write_bandwidth;     /* pages a second, smoothed */
	atomic_long_t completions;         /* [a] written of late: wb_share.c */
	unsigned long period;              /* [a] in which that was last aged */
	unsigned long bw_stamp, bw_written;/* flusher: last measurement */
};

#define WB_registered 0                /* takes new work */
#define WB_kick 1                      /* look now */
#define WB_start_background 2          /* too much is dirty */
#define WB_start_all 3                 /* memory is short: write anything */
#define WB_timer 4                     /* the periodic look is due later */

#define BDI_CAP_WRITEBACK 1            /* pages are counted and written back */
#define BDI_CAP_STABLE_WRITES 2        /* no change while on the way out */

#define VM_READAHEAD_PAGES 32          /* 128 KiB */

/*
 * Field keys:  [c] constant once registered   [B] bdi_lock   [a] atomic
 */
struct backing_dev_info {
	struct list_head bdi_list;         /* [B] all registered */
	refcount_t refcnt;                 /* the disk's and the volumes' */
	unsigned long ra_pages;            /* largest read-ahead window */
	unsigned long io_pages;            /* a request's useful size, pages */
	unsigned int capabilities;         /* [c] BDI_CAP_* */
	unsigned int min_ratio, max_ratio; /* [B] of the dirty limit, per cent */
	char name[32];                     /* [c] "254:0" */
	struct device *dev;                /* its owner's: /sys/class/bdi */
	struct bdi_writeback wb;
};

extern struct backing_dev_info noop_backing_dev_info;

/* All may sleep. */
struct backing_dev_info *bdi_alloc(int node);  /* NULL: no memory */
/* From now on it has a flusher.  name is a format.  0, -ENOMEM. */
int bdi_register(struct backing_dev_info *bdi, const char *fmt, ...)
	__printf(2, 3);
/* The device is gone: what is dirty stays so; the flusher ends. */
void bdi_unregister(struct backing_dev_info *bdi);
void bdi_put(struct backing_dev_info *bdi);    /* any context but irq */

static inline struct backing_dev_info *bdi_get(struct backing_dev_info *bdi)
{
	refcount_inc(&bdi->refcnt);
	return bdi;
}

/* The device that an inode's pages go to. */
struct backing_dev_info *inode_to_bdi(struct inode *inode);

static inline struct bdi_writeback *inode_to_wb(struct inode *inode)
{
	return &inode_to_bdi(inode)->wb;
}

/* Any context. */
void wb_stat_mod(struct bdi_writeback *wb, enum wb_stat_item item, long n);
unsigned long wb_stat(struct bdi_writeback *wb, enum wb_stat_item item);
/* A page has been written; any context (mm/virt/wb_share.c). */
void wb_note_completion(struct bdi_writeback *wb);
/* The device's part of a limit of `pages`. */
unsigned long wb_calc_thresh(struct bdi_writeback *wb, unsigned long pages);
/* 0, or -EINVAL: over 100, min above max, or all minimums over 100. */
int bdi_set_min_ratio(struct backing_dev_info *bdi, unsigned int ratio);
int bdi_set_max_ratio(struct backing_dev_info *bdi, unsigned int ratio);
/* The flusher looks at its lists now. */
void wb_wakeup(struct bdi_writeback *wb);
void wb_start_background_writeback(struct bdi_writeback *wb);
/* For each registered device; fn must not wait for a disk.  May sleep. */
void bdi_for_each(void (*fn)(struct backing_dev_info *bdi, void *arg),
		  void *arg);
/* fs/ says what a flusher does: returns the jiffies until the next look. */
typedef unsigned long (*wb_flush_t)(struct bdi_writeback *wb);
void bdi_set_flusher(wb_flush_t fn);

static inline bool bdi_cap_writeback(const struct backing_dev_info *bdi)
{
	return bdi->capabilities & BDI_CAP_WRITEBACK;
}

static inline bool wb_has_dirty_io(const struct bdi_writeback *wb)
{
	return !list_empty(&wb->b_dirty) || !list_empty(&wb->b_io) ||
	       !list_empty(&wb->b_more_io);
}

#endif
