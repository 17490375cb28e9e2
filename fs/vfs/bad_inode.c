/* SPDX-License-Identifier: MIT */
/*
 * bad_inode.c -- an inode that could not be read: every operation is EIO
 *
 * A half-read inode may be in the table already, with sleepers that wait for
 * it.  It gets operations that refuse all, loses its place in the table, and
 * goes with its last holder; whoever asks for the number next reads it afresh.
 */

#include "internal.h"

#include <kernel/kernel.h>

static int bad_open(struct inode *inode, struct file *file)
{
	return -EIO;
}

static const struct file_operations bad_fops = { .open = bad_open };

static struct dentry *bad_lookup(struct inode *dir, struct dentry *d,
				 unsigned int flags)
{
	return ERR_PTR(-EIO);
}

static int bad_permission(struct inode *inode, int mask)
{
	return -EIO;
}

static int bad_getattr(const struct path *path, struct kstat *stat, u32 mask,
		       unsigned int flags)
{
	return -EIO;
}

static int bad_setattr(struct dentry *dentry, struct iattr *attr)
{
	return -EIO;
}

static const char *bad_get_link(struct dentry *dentry, struct inode *inode,
				struct delayed_call *done)
{
	return ERR_PTR(-EIO);
}

static const struct inode_operations bad_iops = {
	.lookup = bad_lookup,
	.permission = bad_permission,
	.getattr = bad_getattr,
	.setattr = bad_setattr,
	.get_link = bad_get_link,
};

void make_bad_inode(struct inode *inode)
{
	remove_inode_hash(inode);
	inode->i_mode = S_IFREG;
	inode->i_atime = inode->i_mtime = inode->i_ctime = current_time(inode);
	inode->i_op = &bad_iops;
	inode->i_opflags &= ~IOP_XATTR;
	inode->i_fop = &bad_fops;
}

bool is_bad_inode(struct inode *inode)
{
	return inode->i_op == &bad_iops;
}
