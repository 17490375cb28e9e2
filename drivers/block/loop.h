/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_BLOCK_LOOP_H
#define DRIVERS_BLOCK_LOOP_H
/* loop.h -- loop.c (requests, life), loop-ioctl.c (what users ask for) */

#include <drivers/blk-mq.h>
#include <fs/fs.h>
#include <kernel/workqueue.h>
#include <uapi/loop.h>

#define LOOP_MAJOR 7

enum lo_state { LO_UNBOUND, LO_BOUND, LO_RUNDOWN, LO_DELETING };

/* Field keys: [M] .lo_mutex   [F] the queue frozen to change   [c] constant */
struct loop_device {
	int number;                   /* [c] */
	struct mutex lo_mutex;
	enum lo_state state;          /* [M] */
	struct file *file;            /* [F] the backing file, counted */
	u64 offset, sizelimit;        /* [F] bytes */
	u32 flags;                    /* [F] LO_FLAGS_* */
	u8 file_name[64];             /* [M] as the user called it */
	gfp_t old_gfp;                /* [M] of the backing mapping */
	bool use_dio;                 /* [F] */
	struct gendisk *disk;         /* [c] */
	struct blk_mq_tag_set tag_set;
	struct workqueue_struct *wq;  /* [F] does the requests while bound */
};

int loop_ioctl(struct block_device *bdev, fmode_t mode, unsigned int cmd,
	       unsigned long arg);
/* Let go of the file; the state is LO_RUNDOWN.  May sleep. */
void loop_clear(struct loop_device *lo);
/* Sectors that the device shows of the file. */
sector_t loop_size(u64 offset, u64 sizelimit, struct file *file);
void loop_apply_dio(struct loop_device *lo, bool dio);
extern const struct attribute_group loop_attr_group;

#endif
