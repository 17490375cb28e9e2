/* SPDX-License-Identifier: MIT */
#ifndef FS_FIEMAP_H
#define FS_FIEMAP_H
/* fiemap.h -- where a file's bytes lie: what ->fiemap fills (fs/vfs/ioctl.c) */

#include <fs/types.h>
#include <uapi/fs_ioctl.h>

struct fiemap_extent_info {
	unsigned int fi_flags;        /* FIEMAP_FLAG_* */
	unsigned int fi_extents_mapped;
	unsigned int fi_extents_max;  /* 0: count only */
	struct fiemap_extent __user *fi_extents_start;
};

/* Check the flags, cut *len to the file's limits, write the file out. */
int fiemap_prep(struct inode *inode, struct fiemap_extent_info *info,
		u64 start, u64 *len, u32 supported_flags);
/* 0: go on; 1: enough; -errno. */
int fiemap_fill_next_extent(struct fiemap_extent_info *info, u64 logical,
			    u64 phys, u64 len, u32 flags);

#endif
