/* SPDX-License-Identifier: MIT */
#ifndef FS_SYSFS_SYSFS_H
#define FS_SYSFS_SYSFS_H
/* sysfs.h -- between the files of fs/sysfs; theory: dir.c, file.c */

#include <drivers/knode.h>
#include <fs/fs.h>

#define SYSFS_SUPER_MAGIC 0x62656572

/* Each inode holds its node. */
static inline struct knode *sysfs_node(const struct inode *inode)
{
	return inode->i_private;
}

/* dir.c */
struct inode *sysfs_get_inode(struct super_block *sb, struct knode *kn);
extern const struct inode_operations sysfs_file_iops;
extern const struct dentry_operations sysfs_dentry_operations;

/* file.c */
extern const struct file_operations sysfs_text_fops, sysfs_bin_fops;

#endif
