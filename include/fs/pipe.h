/* SPDX-License-Identifier: MIT */
#ifndef FS_PIPE_H
#define FS_PIPE_H
/* pipe.h -- the buffer between two ends (theory: fs/pipe.c) */

#include <fs/fs.h>

int create_pipe_files(struct file **res, int flags);
long pipe_fcntl(struct file *file, unsigned int cmd, unsigned long arg);
struct pipe_inode_info *get_pipe_info(struct file *file);

extern int pipe_user_pages_soft;
extern int pipe_user_pages_hard;
extern unsigned int pipe_max_size;    /* /proc/sys/fs/pipe-max-size */

#endif
