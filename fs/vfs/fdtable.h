/* SPDX-License-Identifier: MIT */
#ifndef FS_VFS_FDTABLE_H
#define FS_VFS_FDTABLE_H
/* fdtable.h -- between fdtable.c and fdcalls.c */

#include "internal.h"

/*
 * Grow the table so that nr fits.  file_lock is held, and dropped meanwhile.
 * 0 or -EMFILE, -ENOMEM.
 */
int expand_files(struct files_struct *files, unsigned int nr);
/* The lowest free number from `start` on, below `end`; reserved. */
int alloc_fd(unsigned int start, unsigned int end, unsigned int flags);
/* Take fd out of the table; the file with its count, or NULL. */
struct file *take_fd_locked(struct files_struct *files, unsigned int fd);

#endif
