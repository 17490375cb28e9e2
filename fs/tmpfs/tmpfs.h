/* SPDX-License-Identifier: MIT */
#ifndef FS_TMPFS_TMPFS_H
#define FS_TMPFS_TMPFS_H
/* tmpfs.h -- for file systems that are a tmpfs with something added */

#include <fs/fs.h>
#include <fs/xattr.h>

/* Field keys: [X] xattrs.lock   [I] the inode's i_rwsem */
struct tmpfs_inode_info {
	struct simple_xattrs xattrs;  /* [X] */
	unsigned int seals;           /* [I] F_SEAL_*, of a memfd */
	struct inode vfs_inode;
};

static inline struct tmpfs_inode_info *tmpfs_info(struct inode *inode)
{
	return container_of(inode, struct tmpfs_inode_info, vfs_inode);
}

int tmpfs_fill_super(struct super_block *sb, void *data, int silent);

#endif
