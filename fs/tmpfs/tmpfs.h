/* SPDX-License-Identifier: MIT */
#ifndef FS_TMPFS_TMPFS_H
#define FS_TMPFS_TMPFS_H
/* tmpfs.h -- for file systems that are a tmpfs with something added */

#include <fs/fs.h>

int tmpfs_fill_super(struct super_block *sb, void *data, int silent);

#endif
