/* SPDX-License-Identifier: MIT */
#ifndef FS_PIPE_IMPL_H
#define FS_PIPE_IMPL_H
/* pipe_impl.h -- the pipe's inside, for pipe.c, splice and their tests */

#include <fs/pipe.h>
#include <kernel/compiler.h>

/* pipe.c */
/* Sleep on wq without the mutex; the caller looks again.  0, -ERESTARTSYS. */
int pipe_sleep(struct pipe_inode_info *p, wait_queue_head_t *wq);
void pipe_wake_readers(struct pipe_inode_info *p);
void pipe_wake_writers(struct pipe_inode_info *p);

/* pipe_limits.c */
/* Whose pipe it is and of how many slots; false: the user has too many. */
bool pipe_begin_charge(struct pipe_inode_info *p);
/* .mutex held: so many slots instead of ring_size.  0, -EPERM. */
int pipe_change_charge(struct pipe_inode_info *p, unsigned int slots);
void pipe_end_charge(struct pipe_inode_info *p);

/* pipe_ring.c: .mutex held; may sleep. */

/* Copy out what is there, up to the reader's room.  Bytes or -EFAULT. */
ssize_t pipe_ring_read(struct pipe_inode_info *p, struct iov_iter *to);
/*
 * Copy in what fits; up to PIPE_BUF bytes go whole or not at all.  packets:
 * each page is one message.  Bytes, 0 if nothing fits, -EFAULT, -ENOMEM.
 */
ssize_t pipe_ring_write(struct pipe_inode_info *p, struct iov_iter *from,
			bool packets);
/* The first n bytes of the oldest buffer have been read. */
void pipe_ring_eat(struct pipe_inode_info *p, size_t n);
size_t pipe_ring_bytes(const struct pipe_inode_info *p);
/* Move the buffers to a ring of so many slots; they fit.  0 or -ENOMEM. */
int pipe_ring_resize(struct pipe_inode_info *p, unsigned int slots);
/* Let go of all pages and the ring. */
void pipe_ring_free(struct pipe_inode_info *p);

#endif
