/* SPDX-License-Identifier: MIT */
#ifndef FS_9P_V9FS_H
#define FS_9P_V9FS_H
/* v9fs.h -- the file system's own parts among themselves */

#include "client.h"

#include <fs/fs.h>
#include <fs/xattr.h>

/* A mounted server.  Constant once mounted. */
struct v9fs_sb {
	struct p9_client *client;
	char *options;                /* as mount said them */
};

/*
 * Field keys:  [c] constant   [L] .lock
 */
struct v9fs_inode {
	struct inode vfs_inode;
	u64 path;                     /* [c] qid.path */
	u8 type;                      /* [c] qid.type */
	struct mutex lock;
	struct p9_fid *wb_fid;        /* [L] open, for dirty mapped pages */
};

#define v9fs_i(inode) container_of(inode, struct v9fs_inode, vfs_inode)
#define v9fs_sb_of(sb) ((struct v9fs_sb *)(sb)->s_fs_info)

/* The handle of a name; it belongs to the dentry.  ERR_PTR.  May sleep. */
struct p9_fid *v9fs_fid(struct dentry *dentry);
/* The inode of what fid names, its attributes fresh.  ERR_PTR. */
struct inode *v9fs_iget(struct super_block *sb, struct p9_fid *fid);
/* What the server says goes into the inode. */
void v9fs_set_attr(struct inode *inode, const struct p9_attr *a);
int v9fs_refresh(struct dentry *dentry);

extern const struct dentry_operations v9fs_dentry_ops;
extern const struct inode_operations v9fs_dir_iops, v9fs_file_iops,
	v9fs_symlink_iops;
extern const struct file_operations v9fs_file_fops, v9fs_dir_fops;
extern const struct address_space_operations v9fs_aops;
extern const struct xattr_handler *v9fs_xattr_handlers[];
ssize_t v9fs_listxattr(struct dentry *dentry, char *buf, size_t size);

#endif
