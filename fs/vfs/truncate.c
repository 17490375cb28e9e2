/* SPDX-License-Identifier: MIT */
/*
 * truncate.c -- size, space and times: truncate, fallocate, utimensat
 */

#include "internal.h"
#include "mount.h"

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <kernel/syscall.h>

int do_truncate(struct dentry *dentry, loff_t length, unsigned int time_attrs,
		struct file *file)
{
	struct inode *inode = d_inode(dentry);
	struct iattr attr = {
		.ia_valid = ATTR_SIZE | time_attrs, .ia_size = length,
		.ia_file = file };
	int err;

	if (length < 0)
		return -EINVAL;
	if (file)
		attr.ia_valid |= ATTR_FILE;
	inode_lock(inode);
	if (!capable(CAP_FSETID))
		attr.ia_valid |= ATTR_KILL_SUID | ATTR_KILL_SGID;
	err = notify_change(dentry, &attr);
	inode_unlock(inode);
	return err;
}

long vfs_truncate(const struct path *path, loff_t length)
{
	struct inode *inode = d_inode(path->dentry);
	int err;

	if (S_ISDIR(inode->i_mode))
		return -EISDIR;
	if (!S_ISREG(inode->i_mode))
		return -EINVAL;
	err = mnt_want_write(path->mnt);
	if (err)
		return err;
	err = inode_permission(inode, MAY_WRITE);
	if (!err && IS_APPEND(inode))
		err = -EPERM;
	if (!err)
		err = get_write_access(inode);
	if (!err) {
		err = break_lease(inode, O_WRONLY);
		if (!err)
			err = do_truncate(path->dentry, length, 0, NULL);
		put_write_access(inode);
	}
	mnt_drop_write(path->mnt);
	return err;
}

SYSCALL_DEFINE2(truncate, const char __user *, name, long, length)
{
	struct path path;
	int err;

	if (length < 0)
		return -EINVAL;
	err = user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW, &path);
	if (err)
		return err;
	err = vfs_truncate(&path, length);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE2(ftruncate, unsigned int, fd, long, length)
{
	struct inode *inode;
	struct fd f;
	int err = -EINVAL;

	if (length < 0)
		return -EINVAL;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;
	inode = file_inode(f.file);
	if (!S_ISREG(inode->i_mode) || !(f.file->f_mode & FMODE_WRITE))
		goto out;
	err = -EPERM;
	if (IS_APPEND(inode))
		goto out;
	err = do_truncate(file_dentry(f.file), length, ATTR_MTIME | ATTR_CTIME,
			  f.file);
out:
	fdput(f);
	return err;
}

int vfs_fallocate(struct file *file, int mode, loff_t offset, loff_t len)
{
	struct inode *inode = file_inode(file);
	int err;

	if (offset < 0 || len <= 0)
		return -EINVAL;
	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE |
		     FALLOC_FL_ZERO_RANGE | FALLOC_FL_COLLAPSE_RANGE |
		     FALLOC_FL_INSERT_RANGE))
		return -EOPNOTSUPP;
	if ((mode & FALLOC_FL_PUNCH_HOLE) && !(mode & FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if ((mode & ~FALLOC_FL_KEEP_SIZE) && IS_APPEND(inode))
		return -EPERM;
	if (S_ISFIFO(inode->i_mode))
		return -ESPIPE;
	if (S_ISDIR(inode->i_mode))
		return -EISDIR;
	if (!S_ISREG(inode->i_mode) && !S_ISBLK(inode->i_mode))
		return -ENODEV;
	if (offset + len < 0 || offset + len > inode->i_sb->s_maxbytes)
		return -EFBIG;
	if (!file->f_op->fallocate)
		return -EOPNOTSUPP;
	err = mnt_want_write_file(file);
	if (err)
		return err;
	err = file->f_op->fallocate(file, mode, offset, len);
	mnt_drop_write_file(file);
	return err;
}

SYSCALL_DEFINE4(fallocate, int, fd, int, mode, loff_t, offset, loff_t, len)
{
	struct fd f = fdget(fd);
	int err = -EBADF;

	if (f.file) {
		err = vfs_fallocate(f.file, mode, offset, len);
		fdput(f);
	}
	return err;
}

/* ---- times ---- */

static bool nsec_valid(long nsec)
{
	return nsec == UTIME_NOW || nsec == UTIME_OMIT ||
	       (nsec >= 0 && nsec < NSEC_PER_SEC);
}

/* times[0] for reading, [1] for writing; NULL: both now. */
int vfs_utimes(const struct path *path, struct timespec64 *times)
{
	struct inode *inode = d_inode(path->dentry);
	struct iattr attr = {
		.ia_valid = ATTR_CTIME | ATTR_MTIME | ATTR_ATIME };
	int err;

	if (times && (!nsec_valid(times[0].tv_nsec) ||
		      !nsec_valid(times[1].tv_nsec)))
		return -EINVAL;
	if (times && times[0].tv_nsec == UTIME_NOW &&
	    times[1].tv_nsec == UTIME_NOW)
		times = NULL;
	err = mnt_want_write(path->mnt);
	if (err)
		return err;
	if (times) {
		if (times[0].tv_nsec == UTIME_OMIT) {
			attr.ia_valid &= ~ATTR_ATIME;
		} else if (times[0].tv_nsec != UTIME_NOW) {
			attr.ia_atime = times[0];
			attr.ia_valid |= ATTR_ATIME_SET;
		}
		if (times[1].tv_nsec == UTIME_OMIT) {
			attr.ia_valid &= ~ATTR_MTIME;
		} else if (times[1].tv_nsec != UTIME_NOW) {
			attr.ia_mtime = times[1];
			attr.ia_valid |= ATTR_MTIME_SET;
		}
		attr.ia_valid |= ATTR_TIMES_SET;
	} else {
		attr.ia_valid |= ATTR_TOUCH;
	}
	inode_lock(inode);
	err = notify_change(path->dentry, &attr);
	inode_unlock(inode);
	mnt_drop_write(path->mnt);
	return err;
}

static long do_utimes(int dfd, const char __user *name,
		      struct timespec64 *times, int flags)
{
	unsigned how = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path path;
	long err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (!name && dfd != AT_FDCWD) {
		struct fd f = fdget(dfd);

		if (flags)
			err = -EINVAL;
		else
			err = f.file ? vfs_utimes(&f.file->f_path, times)
				     : -EBADF;
		fdput(f);
		return err;
	}
	if (flags & AT_EMPTY_PATH)
		how |= LOOKUP_EMPTY;
	err = user_path_at(dfd, name, how, &path);
	if (err)
		return err;
	err = vfs_utimes(&path, times);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE4(utimensat, int, dfd, const char __user *, name,
		const struct timespec64 __user *, utimes, int, flags)
{
	struct timespec64 times[2];

	if (utimes) {
		if (copy_from_user(times, utimes, sizeof(times)))
			return -EFAULT;
		if (times[0].tv_nsec == UTIME_OMIT &&
		    times[1].tv_nsec == UTIME_OMIT)
			return 0;
	}
	return do_utimes(dfd, name, utimes ? times : NULL, flags);
}

static long utimes_by_timeval(int dfd, const char __user *name,
			      const struct timeval __user *utv)
{
	struct timespec64 times[2];
	struct timeval tv[2];
	int i;

	if (!utv)
		return do_utimes(dfd, name, NULL, 0);
	if (copy_from_user(tv, utv, sizeof(tv)))
		return -EFAULT;
	for (i = 0; i < 2; i++) {
		if (tv[i].tv_usec < 0 || tv[i].tv_usec >= USEC_PER_SEC)
			return -EINVAL;
		times[i].tv_sec = tv[i].tv_sec;
		times[i].tv_nsec = tv[i].tv_usec * NSEC_PER_USEC;
	}
	return do_utimes(dfd, name, times, 0);
}

SYSCALL_DEFINE3(futimesat, int, dfd, const char __user *, name,
		const struct timeval __user *, utv)
{
	return utimes_by_timeval(dfd, name, utv);
}

SYSCALL_DEFINE2(utimes, const char __user *, name,
		const struct timeval __user *, utv)
{
	return utimes_by_timeval(AT_FDCWD, name, utv);
}

struct utimbuf {
	long actime;
	long modtime;
};

SYSCALL_DEFINE2(utime, const char __user *, name, struct utimbuf __user *, ut)
{
	struct timespec64 times[2] = { };
	struct utimbuf buf;

	if (!ut)
		return do_utimes(AT_FDCWD, name, NULL, 0);
	if (copy_from_user(&buf, ut, sizeof(buf)))
		return -EFAULT;
	times[0].tv_sec = buf.actime;
	times[1].tv_sec = buf.modtime;
	return do_utimes(AT_FDCWD, name, times, 0);
}
