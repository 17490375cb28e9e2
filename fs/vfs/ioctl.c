/* SPDX-License-Identifier: MIT */
/*
 * ioctl.c -- what ioctl(2) asks of files on any file system
 *
 * IDEA.  The number is decoded here, once; the file system sees operations of
 * its inode: ->fiemap and ->bmap (where do the bytes lie), ->fileattr_get and
 * ->fileattr_set (lsattr, chattr).  What is not known here goes to the file's
 * own ->unlocked_ioctl.
 *
 * SEE ioctl_fslinux(2), ioctl_iflags(2), Documentation of FIEMAP in Linux.
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <fs/fiemap.h>
#include <fs/fileattr.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <mm/filemap.h>
#include <uapi/termios.h>

long vfs_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	long err = -ENOTTY;

	if (file->f_op->unlocked_ioctl) {
		err = file->f_op->unlocked_ioctl(file, cmd, arg);
		if (err == -ENOIOCTLCMD)
			err = -ENOTTY;
	}
	return err;
}

/* ---- flags of the open file ---- */

static long set_flag(unsigned int fd, struct file *file, unsigned long arg,
		     int flag)
{
	int on;

	if (get_user(on, (int __user *)arg))
		return -EFAULT;
	if (flag == FASYNC && file->f_op->fasync) {
		int err = file->f_op->fasync(fd, file, on);

		if (err < 0)
			return err;
	} else if (flag == FASYNC && on) {
		return -ENOTTY;
	}
	spin_lock(&file->f_lock);
	if (on)
		file->f_flags |= flag;
	else
		file->f_flags &= ~flag;
	spin_unlock(&file->f_lock);
	return 0;
}

/* ---- where the bytes lie ---- */

static long ioctl_fibmap(struct file *file, int __user *arg)
{
	struct inode *inode = file_inode(file);
	sector_t block;
	int n, err;

	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	if (get_user(n, arg))
		return -EFAULT;
	if (n < 0)
		return -EINVAL;
	block = n;
	err = bmap(inode, &block);
	if (block > INT_MAX) {
		block = 0;
		err = err ? err : -ERANGE;
	}
	n = err ? 0 : block;
	return put_user(n, arg) ? -EFAULT : err;
}

/* One extent for the user.  0: more; 1: that was all there is room for. */
int fiemap_fill_next_extent(struct fiemap_extent_info *info, u64 logical,
			    u64 phys, u64 len, u32 flags)
{
	struct fiemap_extent e = {
		.fe_logical = logical, .fe_physical = phys, .fe_length = len,
		.fe_flags = flags };

	if (!info->fi_extents_max) {
		info->fi_extents_mapped++;
		return flags & FIEMAP_EXTENT_LAST ? 1 : 0;
	}
	if (info->fi_extents_mapped >= info->fi_extents_max)
		return 1;
	if (flags & FIEMAP_EXTENT_DELALLOC)
		e.fe_flags |= FIEMAP_EXTENT_UNKNOWN;
	if (flags & FIEMAP_EXTENT_DATA_ENCRYPTED)
		e.fe_flags |= FIEMAP_EXTENT_ENCODED;
	if (flags & (FIEMAP_EXTENT_DATA_TAIL | FIEMAP_EXTENT_DATA_INLINE))
		e.fe_flags |= FIEMAP_EXTENT_NOT_ALIGNED;
	if (copy_to_user(info->fi_extents_start + info->fi_extents_mapped, &e,
			 sizeof(e)))
		return -EFAULT;
	info->fi_extents_mapped++;
	if (info->fi_extents_mapped == info->fi_extents_max)
		return 1;
	return flags & FIEMAP_EXTENT_LAST ? 1 : 0;
}

int fiemap_prep(struct inode *inode, struct fiemap_extent_info *info,
		u64 start, u64 *len, u32 supported)
{
	u64 most = inode->i_sb->s_maxbytes;
	u32 unknown;

	if (*len == 0)
		return -EINVAL;
	if (start > most)
		return -EFBIG;
	if (*len > most || most - *len < start)
		*len = most - start;
	supported = (supported | FIEMAP_FLAG_SYNC) & FIEMAP_FLAGS_COMPAT;
	unknown = info->fi_flags & ~supported;
	if (unknown) {
		info->fi_flags = unknown;      /* the user learns which */
		return -EBADR;
	}
	if (info->fi_flags & FIEMAP_FLAG_SYNC)
		return filemap_write_and_wait(inode->i_mapping);
	return 0;
}

static long ioctl_fiemap(struct file *file, struct fiemap __user *ufm)
{
	struct inode *inode = file_inode(file);
	struct fiemap_extent_info info = { 0 };
	struct fiemap fm;
	long err;

	if (!inode->i_op->fiemap)
		return -EOPNOTSUPP;
	if (copy_from_user(&fm, ufm, sizeof(fm)))
		return -EFAULT;
	if (fm.fm_extent_count > INT_MAX / sizeof(struct fiemap_extent))
		return -EINVAL;
	info.fi_flags = fm.fm_flags;
	info.fi_extents_max = fm.fm_extent_count;
	info.fi_extents_start = ufm->fm_extents;
	err = inode->i_op->fiemap(inode, &info, fm.fm_start, fm.fm_length);
	fm.fm_flags = info.fi_flags;
	fm.fm_mapped_extents = info.fi_extents_mapped;
	if (copy_to_user(ufm, &fm, sizeof(fm)))
		return -EFAULT;
	return err;
}

/* ---- lsattr and chattr: two dialects of one thing ---- */

static const struct { u32 fl, xfl; } dialects[] = {
	{ FS_SYNC_FL, FS_XFLAG_SYNC },
	{ FS_IMMUTABLE_FL, FS_XFLAG_IMMUTABLE },
	{ FS_APPEND_FL, FS_XFLAG_APPEND },
	{ FS_NODUMP_FL, FS_XFLAG_NODUMP },
	{ FS_NOATIME_FL, FS_XFLAG_NOATIME },
	{ FS_DAX_FL, FS_XFLAG_DAX },
	{ FS_PROJINHERIT_FL, FS_XFLAG_PROJINHERIT },
};

void fileattr_fill_flags(struct fileattr *fa, u32 flags)
{
	size_t i;

	*fa = (struct fileattr){ .flags = flags, .flags_valid = true };
	for (i = 0; i < ARRAY_SIZE(dialects); i++)
		if (flags & dialects[i].fl)
			fa->fsx_xflags |= dialects[i].xfl;
}

void fileattr_fill_xflags(struct fileattr *fa, u32 xflags)
{
	size_t i;

	*fa = (struct fileattr){ .fsx_xflags = xflags, .fsx_valid = true };
	for (i = 0; i < ARRAY_SIZE(dialects); i++)
		if (xflags & dialects[i].xfl)
			fa->flags |= dialects[i].fl;
}

int vfs_fileattr_get(struct dentry *dentry, struct fileattr *fa)
{
	struct inode *inode = d_inode(dentry);

	if (!inode->i_op->fileattr_get)
		return -ENOIOCTLCMD;
	return inode->i_op->fileattr_get(dentry, fa);
}

/* What was not said in the new attributes' dialect stays as it was. */
static void keep_the_rest(struct fileattr *fa, const struct fileattr *old)
{
	if (fa->flags_valid) {
		fa->fsx_xflags |= old->fsx_xflags & FS_XFLAG_HASATTR;
		fa->fsx_extsize = old->fsx_extsize;
		fa->fsx_projid = old->fsx_projid;
		fa->fsx_cowextsize = old->fsx_cowextsize;
	} else {
		fa->flags |= old->flags & ~FS_COMMON_FL;
	}
}

int vfs_fileattr_set(struct dentry *dentry, struct fileattr *fa)
{
	struct inode *inode = d_inode(dentry);
	struct fileattr old = { 0 };
	int err;

	if (!inode->i_op->fileattr_set)
		return -ENOIOCTLCMD;
	if (!inode_owner_or_capable(inode))
		return -EPERM;
	inode_lock(inode);
	err = vfs_fileattr_get(dentry, &old);
	if (!err) {
		keep_the_rest(fa, &old);
		if (((fa->flags ^ old.flags) & (FS_APPEND_FL |
						FS_IMMUTABLE_FL)) &&
		    !capable(CAP_LINUX_IMMUTABLE))
			err = -EPERM;
	}
	if (!err)
		err = inode->i_op->fileattr_set(dentry, fa);
	inode_unlock(inode);
	return err;
}

static long set_fileattr(struct file *file, struct fileattr *fa)
{
	long err = mnt_want_write_file(file);

	if (!err) {
		err = vfs_fileattr_set(file_dentry(file), fa);
		mnt_drop_write_file(file);
	}
	return err;
}

static long ioctl_setflags(struct file *file, const unsigned int __user *arg)
{
	struct fileattr fa;
	unsigned int flags;

	if (!file_inode(file)->i_op->fileattr_set)
		return -ENOIOCTLCMD;
	if (get_user(flags, arg))
		return -EFAULT;
	fileattr_fill_flags(&fa, flags);
	return set_fileattr(file, &fa);
}

static long ioctl_getflags(struct file *file, unsigned int __user *arg)
{
	struct fileattr fa = { .flags_valid = true };
	long err = vfs_fileattr_get(file_dentry(file), &fa);

	return err ? err : put_user(fa.flags, arg);
}

static long ioctl_fsgetxattr(struct file *file, struct fsxattr __user *arg)
{
	struct fileattr fa = { .fsx_valid = true };
	long err = vfs_fileattr_get(file_dentry(file), &fa);
	struct fsxattr x = { 0 };

	if (err)
		return err;
	x.fsx_xflags = fa.fsx_xflags;
	x.fsx_extsize = fa.fsx_extsize;
	x.fsx_nextents = fa.fsx_nextents;
	x.fsx_projid = fa.fsx_projid;
	x.fsx_cowextsize = fa.fsx_cowextsize;
	return copy_to_user(arg, &x, sizeof(x)) ? -EFAULT : 0;
}

static long ioctl_fssetxattr(struct file *file, const struct fsxattr __user *arg)
{
	struct fileattr fa;
	struct fsxattr x;

	if (!file_inode(file)->i_op->fileattr_set)
		return -ENOIOCTLCMD;
	if (copy_from_user(&x, arg, sizeof(x)))
		return -EFAULT;
	fileattr_fill_xflags(&fa, x.fsx_xflags);
	fa.fsx_extsize = x.fsx_extsize;
	fa.fsx_nextents = x.fsx_nextents;
	fa.fsx_projid = x.fsx_projid;
	fa.fsx_cowextsize = x.fsx_cowextsize;
	return set_fileattr(file, &fa);
}

/* ---- the dispatcher ---- */

/* Regular files, before their file system is asked; -ENOIOCTLCMD: not known. */
static long regular_ioctl(struct file *file, unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case FIBMAP:
		return ioctl_fibmap(file, arg);
	case FIONREAD:
		return put_user((int)(i_size_read(file_inode(file)) -
				      file->f_pos), (int __user *)arg);
	}
	return -ENOIOCTLCMD;
}

/* Of any file with an inode of its own; -ENOIOCTLCMD: ask the file's driver. */
static long inode_ioctl(struct file *file, unsigned int cmd, void __user *arg)
{
	struct inode *inode = file_inode(file);

	switch (cmd) {
	case FIOQSIZE:
		if (!S_ISDIR(inode->i_mode) && !S_ISREG(inode->i_mode) &&
		    !S_ISLNK(inode->i_mode))
			return -ENOTTY;
		return put_user(inode_get_bytes(inode), (loff_t __user *)arg);
	case FIGETBSZ:
		if (!inode->i_sb->s_blocksize)
			return -EINVAL;
		return put_user((int)inode->i_sb->s_blocksize,
				(int __user *)arg);
	case FS_IOC_FIEMAP:
		return ioctl_fiemap(file, arg);
	case FS_IOC_GETFLAGS:
		return ioctl_getflags(file, arg);
	case FS_IOC_SETFLAGS:
		return ioctl_setflags(file, arg);
	case FS_IOC_FSGETXATTR:
		return ioctl_fsgetxattr(file, arg);
	case FS_IOC_FSSETXATTR:
		return ioctl_fssetxattr(file, arg);
	case FICLONE: case FICLONERANGE: case FIDEDUPERANGE:
		return -EOPNOTSUPP;   /* no file system shares blocks */
	}
	return S_ISREG(inode->i_mode) ? regular_ioctl(file, cmd, arg)
				      : -ENOIOCTLCMD;
}

/* What every file understands, before its driver is asked. */
long do_vfs_ioctl(struct file *file, unsigned int fd, unsigned int cmd,
		  unsigned long arg)
{
	long err;

	switch (cmd) {
	case FIOCLEX:
		set_close_on_exec(fd, 1);
		return 0;
	case FIONCLEX:
		set_close_on_exec(fd, 0);
		return 0;
	case FIONBIO:
		return set_flag(fd, file, arg, O_NONBLOCK);
	case FIOASYNC:
		return set_flag(fd, file, arg, FASYNC);
	}
	err = inode_ioctl(file, cmd, (void __user *)arg);
	return err == -ENOIOCTLCMD ? vfs_ioctl(file, cmd, arg) : err;
}

SYSCALL_DEFINE3(ioctl, unsigned int, fd, unsigned int, cmd, unsigned long, arg)
{
	struct fd f = fdget(fd);
	long res = -EBADF;

	if (f.file) {
		res = do_vfs_ioctl(f.file, fd, cmd, arg);
		fdput(f);
	}
	return res;
}
