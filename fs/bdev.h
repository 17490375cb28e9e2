/* SPDX-License-Identifier: MIT */
#ifndef FS_BDEV_H
#define FS_BDEV_H
/* bdev.h -- block devices as files: shared by fs/bdev*.c */

#include <drivers/blkdev.h>
#include <fs/fs.h>

extern const struct file_operations def_blk_fops;
extern const struct address_space_operations def_blk_aops;

long blkdev_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
ssize_t blkdev_direct_IO(struct kiocb *iocb, struct iov_iter *iter);

#endif
