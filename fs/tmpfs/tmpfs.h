/* SPDX-License-Identifier: MIT */
#ifndef FS_TMPFS_TMPFS_H
#define FS_TMPFS_TMPFS_H
/* tmpfs.h -- for file systems that are a tmpfs with something added */

#include <fs/fs.h>
#include <fs/xattr.h>

#define TMPFS_UNLIMITED 0

/* Field keys: [a] atomic   [M] the volume's s_umount to write */
struct tmpfs_sb_info {
	atomic_long_t used_blocks;    /* [a] pages */
	unsigned long max_blocks;     /* [M] 0: no limit */
	atomic_long_t used_inodes;    /* [a] and names beyond each first */
	unsigned long max_inodes;     /* [M] 0: no limit */
	umode_t mode;                 /* of the root, at first */
	uid_t uid;
	gid_t gid;
};

/* Field keys: [c] constant   [X] xattrs.lock   [I] the inode's i_rwsem */
struct tmpfs_inode_info {
	struct simple_xattrs xattrs;  /* [X] */
	struct timespec64 created;    /* [c] */
	unsigned int fsflags;         /* [I] what chattr set */
	unsigned int seals;           /* [I] F_SEAL_* */
	unsigned long promised;       /* [c] pages that Committed_AS counts */
	atomic_t writable_maps;       /* areas through which it may be written */
	struct inode vfs_inode;
};

static inline struct tmpfs_inode_info *tmpfs_info(struct inode *inode)
{
	return container_of(inode, struct tmpfs_inode_info, vfs_inode);
}

static inline struct tmpfs_sb_info *tmpfs_sb(struct super_block *sb)
{
	return sb->s_fs_info;
}

/* file.c */
extern const struct file_operations tmpfs_file_fops;
extern const struct address_space_operations tmpfs_aops;
int tmpfs_may_resize(struct inode *inode, loff_t size); /* by its seals */
void tmpfs_files_init(void);

/* inode.c; ERR_PTR(-ENOSPC, -ENOMEM) */
struct inode *tmpfs_get_inode(struct super_block *sb, const struct inode *dir,
			      umode_t mode, dev_t dev);
extern const struct super_operations tmpfs_ops;
extern const struct xattr_handler *tmpfs_xattr_handlers[];
extern const struct export_operations tmpfs_export_ops;
void tmpfs_inodes_init(void);

/* super.c */
int tmpfs_fill_super(struct super_block *sb, void *data, int silent);
int tmpfs_statfs(struct dentry *dentry, struct kstatfs *buf);
int tmpfs_show_options(struct seq_file *m, struct dentry *root);
int tmpfs_remount(struct super_block *sb, int *flags, char *data);
void tmpfs_put_super(struct super_block *sb);

#endif
