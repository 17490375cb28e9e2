/* SPDX-License-Identifier: MIT */
#ifndef FS_DIO_IMPL_H
#define FS_DIO_IMPL_H
/* dio.h -- a direct transfer from its beginning to its end; theory: fs/dio.c */

#include <fs/fs.h>
#include <kernel/workqueue.h>

/* One direct transfer.  Field keys: [a] atomic  [c] constant while bios are out */
struct dio {
	atomic_t refs;                /* [a] bios under way, and the caller */
	int error;                    /* [a] the first */
	struct bio *ended;            /* [a] by bi_next: their pages are held */
	struct task_struct *waiter;   /* [c] NULL: lives in the heap */
	struct kiocb *iocb;           /* [c] */
	struct inode *inode;          /* [c] counted in i_dio_count, or NULL */
	loff_t pos;                   /* [c] where it begins */
	ssize_t result;               /* set before the caller's reference goes */
	bool read;                    /* [c] */
	bool sync;                    /* [c] on the medium when it ends */
	struct work_struct work;      /* the end, if it must sleep */
};

/* may_queue: nothing is left to do when the last bio has ended. */
struct dio *dio_begin(struct dio *on_stack, struct kiocb *iocb,
		      struct iov_iter *iter, bool may_queue);
/* Truncation waits for it if it outlives the inode's lock, now held. */
void dio_count_in(struct dio *dio, struct inode *inode);
ssize_t dio_send(struct dio *dio, struct block_device *bdev,
		 struct iov_iter *iter, loff_t pos, size_t len);
/*
 * dio is gone afterwards.  result if no bio failed; -EIOCBQUEUED: it will be
 * told to ki_complete (only if `complete`: all that was asked for is out).
 */
ssize_t dio_finish(struct dio *dio, ssize_t result, bool complete);

#endif
