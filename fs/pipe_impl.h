/* SPDX-License-Identifier: MIT */
#ifndef FS_PIPE_IMPL_H
#define FS_PIPE_IMPL_H
/* pipe_impl.h -- the pipe's inside, for pipe.c and its test */

#include <arch/page.h>
#include <fs/fs.h>
#include <kernel/mutex.h>
#include <kernel/wait.h>

#define PIPE_BUF 4096                 /* POSIX: such a write is atomic */
#define PIPE_DEF_SLOTS 16

/*
 * Field keys:  [M] .mutex   [I] the inode's i_lock
 */
struct pipe_inode_info {
	struct mutex mutex;
	u64 head;                     /* [M] bytes written so far */
	u64 tail;                     /* [M] bytes read so far */
	unsigned int nr_slots;        /* [M] a power of two */
	unsigned int readers, writers;/* [M] open files of each kind */
	unsigned int r_counter, w_counter; /* [M] opens so far */
	unsigned int files;           /* [I] open files */
	bool poll_usage;              /* somebody polls: tell of each write */
	struct user_struct *user;     /* constant: its maker, counted */
	struct page **pages;          /* [M] nr_slots of them */
	struct page *spare;           /* [M] drained, for the next write */
	wait_queue_head_t rd_wait, wr_wait;
	struct fasync_struct *fasync_readers, *fasync_writers;
};

static inline size_t pipe_size(const struct pipe_inode_info *p)
{
	return (size_t)p->nr_slots << PAGE_SHIFT;
}

static inline size_t pipe_room(const struct pipe_inode_info *p)
{
	return pipe_size(p) - (p->head - p->tail);
}

/* No room for a whole atomic write: a poller must not be told "writable". */
static inline bool pipe_full(const struct pipe_inode_info *p)
{
	return pipe_room(p) < PIPE_BUF;
}

/* pipe.c */
/* Sleep on wq without the mutex; the caller looks again.  0, -ERESTARTSYS. */
int pipe_sleep(struct pipe_inode_info *p, wait_queue_head_t *wq);
void pipe_wake_readers(struct pipe_inode_info *p);
void pipe_wake_writers(struct pipe_inode_info *p);

/* pipe_limits.c */
/* Whose pipe it is and of how many slots; false: the user has too many. */
bool pipe_begin_charge(struct pipe_inode_info *p);
/* .mutex held: so many slots instead of nr_slots.  0, -EPERM. */
int pipe_change_charge(struct pipe_inode_info *p, unsigned int slots);
void pipe_end_charge(struct pipe_inode_info *p);

/* pipe_ring.c: .mutex held; may sleep. */

/* Copy out what is there, up to the reader's room.  Bytes or -EFAULT. */
ssize_t pipe_ring_read(struct pipe_inode_info *p, struct iov_iter *to);
/* Copy in what fits.  Bytes, 0 if nothing fits, -EFAULT, -ENOMEM. */
ssize_t pipe_ring_write(struct pipe_inode_info *p, struct iov_iter *from);
/* Move the bytes to a ring of so many slots; they fit.  0 or -ENOMEM. */
int pipe_ring_resize(struct pipe_inode_info *p, unsigned int slots);
void pipe_free_pages(struct page **pages, unsigned int nr);

#endif
