/* SPDX-License-Identifier: MIT */
/*
 * mount.c -- the volume: one for all who mount it
 */

#include "sysfs.h"

#include <arch/page.h>
#include <kernel/errno.h>
#include <kernel/init.h>

static void sysfs_evict_inode(struct inode *inode)
{
	struct knode *kn = sysfs_node(inode);

	clear_inode(inode);
	inode->i_private = NULL;
	knode_put(kn);
}

/* Do not keep inodes of what is gone. */
static int sysfs_drop_inode(struct inode *inode)
{
	return READ_ONCE(sysfs_node(inode)->removed);
}

static const struct super_operations sysfs_sops = {
	.statfs = simple_statfs,
	.drop_inode = sysfs_drop_inode,
	.evict_inode = sysfs_evict_inode,
};

static int sysfs_fill_super(struct super_block *sb, void *data, int silent)
{
	struct inode *root;

	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_magic = SYSFS_SUPER_MAGIC;
	sb->s_op = &sysfs_sops;
	sb->s_d_op = &sysfs_dentry_operations;
	sb->s_time_gran = 1;
	root = sysfs_get_inode(sb, &knode_root);
	if (!root)
		return -ENOMEM;
	sb->s_root = d_make_root(root);
	return sb->s_root ? 0 : -ENOMEM;
}

static struct dentry *sysfs_mount(struct file_system_type *type, int flags,
				  const char *dev, void *data)
{
	return mount_single(type, flags, data, sysfs_fill_super);
}

static struct file_system_type sysfs_type = {
	.name = "sysfs",
	.fs_flags = FS_USERNS_MOUNT,
	.mount = sysfs_mount,
	.kill_sb = kill_anon_super,
};

static int sysfs_init(void)
{
	return register_filesystem(&sysfs_type);
}
fs_initcall(sysfs_init);
