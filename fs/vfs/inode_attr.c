/* SPDX-License-Identifier: MIT */
/*
 * inode_attr.c -- small changes of what an inode says about its file
 *
 * Names, owner and mode, flags, and the count of bytes on the volume, each
 * under the lock that struct inode's legend names.
 */

#include "internal.h"
#include "namei.h"

#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/wait.h>

void set_nlink(struct inode *inode, unsigned int nlink)
{
	inode->i_nlink = nlink;
}

void clear_nlink(struct inode *inode)
{
	inode->i_nlink = 0;
}

void inc_nlink(struct inode *inode)
{
	inode->i_nlink++;
}

void drop_nlink(struct inode *inode)
{
	WARN_ON(inode->i_nlink == 0);
	inode->i_nlink--;
}

umode_t mode_strip_sgid(const struct inode *dir, umode_t mode)
{
	if ((mode & (S_ISGID | S_IXGRP)) != (S_ISGID | S_IXGRP) ||
	    !(dir->i_mode & S_ISGID) || in_group_p(dir->i_gid) ||
	    capable(CAP_FSETID))
		return mode;
	return mode & ~S_ISGID;
}

/* Owner and mode of a new file in dir; a set-gid directory passes its group. */
void inode_init_owner(struct inode *inode, const struct inode *dir, umode_t mode)
{
	inode->i_uid = current_fsuid();
	if (dir && (dir->i_mode & S_ISGID)) {
		inode->i_gid = dir->i_gid;
		if (S_ISDIR(mode))
			mode |= S_ISGID;
	} else {
		inode->i_gid = current_fsgid();
	}
	inode->i_mode = mode;
}

void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev)
{
	inode->i_mode = mode;
	if (S_ISCHR(mode)) {
		inode->i_fop = &def_chr_fops;
		inode->i_rdev = rdev;
	} else if (S_ISBLK(mode)) {
		inode->i_fop = &def_blk_fops;
		inode->i_rdev = rdev;
	} else if (S_ISFIFO(mode)) {
		inode->i_fop = &pipefifo_fops;
	}
}

bool inode_owner_or_capable(const struct inode *inode)
{
	return inode->i_uid == current_fsuid() || capable(CAP_FOWNER);
}

/* Replace the S_* flags that mask names.  Any context that holds i_rwsem, or
 * has the inode to itself. */
void inode_set_flags(struct inode *inode, unsigned int flags, unsigned mask)
{
	WARN_ON_ONCE(flags & ~mask);
	WRITE_ONCE(inode->i_flags, (inode->i_flags & ~mask) | flags);
}

/* ---- bytes on the volume: i_blocks of 512, and i_bytes below that ---- */

static loff_t bytes_locked(const struct inode *inode)
{
	return ((loff_t)inode->i_blocks << 9) + inode->i_bytes;
}

static void set_bytes_locked(struct inode *inode, loff_t bytes)
{
	inode->i_blocks = bytes >> 9;
	inode->i_bytes = bytes & 511;
}

void inode_add_bytes(struct inode *inode, loff_t bytes)
{
	spin_lock(&inode->i_lock);
	set_bytes_locked(inode, bytes_locked(inode) + bytes);
	spin_unlock(&inode->i_lock);
}

void inode_sub_bytes(struct inode *inode, loff_t bytes)
{
	inode_add_bytes(inode, -bytes);
}

loff_t inode_get_bytes(struct inode *inode)
{
	loff_t bytes;

	spin_lock(&inode->i_lock);
	bytes = bytes_locked(inode);
	spin_unlock(&inode->i_lock);
	return bytes;
}

void inode_set_bytes(struct inode *inode, loff_t bytes)
{
	set_bytes_locked(inode, bytes);
}

/* ---- direct I/O that is on its way ---- */

static DECLARE_WAIT_QUEUE_HEAD(dio_wait);

void inode_dio_end(struct inode *inode)
{
	if (atomic_dec_and_test(&inode->i_dio_count))
		wake_up_all(&dio_wait);
}

/* Until none is left; the caller keeps new ones out.  May sleep. */
void inode_dio_wait(struct inode *inode)
{
	wait_event(dio_wait, !atomic_read(&inode->i_dio_count));
}

/* *block of the file becomes *block of the volume; -EINVAL: cannot say. */
int bmap(struct inode *inode, sector_t *block)
{
	if (!inode->i_mapping->a_ops->bmap)
		return -EINVAL;
	*block = inode->i_mapping->a_ops->bmap(inode->i_mapping, *block);
	return 0;
}
