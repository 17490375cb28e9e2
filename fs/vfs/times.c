/* SPDX-License-Identifier: MIT */
/* times.c -- when a file was read, written and changed */

#include "internal.h"

#include <kernel/kernel.h>
#include <kernel/timekeeping.h>

struct timespec64 current_time(struct inode *inode)
{
	struct timespec64 now;

	ktime_get_coarse_real_ts64(&now);
	return now;
}

static int update_time(struct inode *inode, struct timespec64 *t, int flags)
{
	if (inode->i_op->update_time)
		return inode->i_op->update_time(inode, t, flags);
	if (flags & ATTR_ATIME)
		inode->i_atime = *t;
	if (flags & ATTR_MTIME)
		inode->i_mtime = *t;
	if (flags & ATTR_CTIME)
		inode->i_ctime = *t;
	__mark_inode_dirty(inode, I_DIRTY_SYNC);
	return 0;
}

/* relatime: only if it would tell something new, or is a day old. */
static bool relatime_need_update(struct inode *inode, struct timespec64 now)
{
	return timespec64_compare(&inode->i_mtime, &inode->i_atime) >= 0 ||
	       timespec64_compare(&inode->i_ctime, &inode->i_atime) >= 0 ||
	       now.tv_sec - inode->i_atime.tv_sec >= 24 * 60 * 60;
}

/* Any context, also under RCU with the inode that path had. */
bool atime_needs_update(const struct path *path, struct inode *inode)
{
	int flags = path->mnt->mnt_flags;
	struct timespec64 now;

	if (IS_NOATIME(inode) || (inode->i_sb->s_flags & SB_NOATIME) ||
	    (flags & MNT_NOATIME) || __mnt_is_readonly(path->mnt))
		return false;
	if (S_ISDIR(inode->i_mode) && ((flags & MNT_NODIRATIME) ||
				       (inode->i_sb->s_flags & SB_NODIRATIME)))
		return false;
	now = current_time(inode);
	if ((flags & MNT_RELATIME) && !relatime_need_update(inode, now))
		return false;
	return timespec64_compare(&inode->i_atime, &now) != 0;
}

/* The file at path was read. */
void touch_atime(const struct path *path)
{
	struct inode *inode = d_inode(path->dentry);
	struct timespec64 now;

	if (!atime_needs_update(path, inode))
		return;
	if (mnt_want_write(path->mnt))
		return;
	now = current_time(inode);
	update_time(inode, &now, ATTR_ATIME);
	mnt_drop_write(path->mnt);
}

void file_accessed(struct file *file)
{
	if (!(file->f_flags & O_NOATIME))
		touch_atime(&file->f_path);
}

/* A write moves mtime and ctime; 0 or -errno; the inode is locked. */
int file_update_time(struct file *file)
{
	struct inode *inode = file_inode(file);
	struct timespec64 now = current_time(inode);
	int flags = 0;

	if (inode->i_flags & S_NOCMTIME)
		return 0;
	if (timespec64_compare(&inode->i_mtime, &now))
		flags |= ATTR_MTIME;
	if (timespec64_compare(&inode->i_ctime, &now))
		flags |= ATTR_CTIME;
	return flags ? update_time(inode, &now, flags) : 0;
}
