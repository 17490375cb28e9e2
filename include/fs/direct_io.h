/* SPDX-License-Identifier: MIT */
#ifndef FS_DIRECT_IO_H
#define FS_DIRECT_IO_H
/* direct_io.h -- O_DIRECT for file systems with get_block: fs/direct_io.c */

#include <fs/buffer_head.h>

/* a_ops->direct_IO: bytes, the position moved, or -errno.  May sleep. */
ssize_t blockdev_direct_IO(struct kiocb *iocb, struct inode *inode,
			   struct iov_iter *iter, get_block_t *get_block);

#endif
