/* SPDX-License-Identifier: MIT */
/*
 * stat.c -- what a file is: stat, statx, readlink
 *
 * One question, vfs_getattr(), and four shapes of answer: struct stat by path,
 * by link, by descriptor, and struct statx.  A file system that knows better
 * than the inode in memory answers by i_op->getattr.
 *
 * SEE stat(2), statx(2), readlink(2).
 */

#include "internal.h"
#include "mount.h"

#include <arch/uaccess.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>

void generic_fillattr(struct inode *inode, struct kstat *stat)
{
	stat->dev = inode->i_sb->s_dev;
	stat->ino = inode->i_ino;
	stat->mode = inode->i_mode;
	stat->nlink = inode->i_nlink;
	stat->uid = inode->i_uid;
	stat->gid = inode->i_gid;
	stat->rdev = inode->i_rdev;
	stat->size = i_size_read(inode);
	stat->atime = inode->i_atime;
	stat->mtime = inode->i_mtime;
	stat->ctime = inode->i_ctime;
	stat->blksize = 1u << inode->i_blkbits;
	stat->blocks = inode->i_blocks;
}

int vfs_getattr(const struct path *path, struct kstat *stat, u32 mask,
		unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);

	memset(stat, 0, sizeof(*stat));
	stat->result_mask = STATX_BASIC_STATS | STATX_MNT_ID;
	stat->attributes_mask = STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND |
				STATX_ATTR_MOUNT_ROOT;
	if (IS_IMMUTABLE(inode))
		stat->attributes |= STATX_ATTR_IMMUTABLE;
	if (IS_APPEND(inode))
		stat->attributes |= STATX_ATTR_APPEND;
	if (path->mnt->mnt_root == path->dentry)
		stat->attributes |= STATX_ATTR_MOUNT_ROOT;
	stat->mnt_id = real_mount(path->mnt)->mnt_id;
	if (inode->i_op->getattr)
		return inode->i_op->getattr(path, stat, mask, flags);
	generic_fillattr(inode, stat);
	return 0;
}

/* By descriptor if the name is "" and AT_EMPTY_PATH stands; else by path. */
static int vfs_statx(int dfd, const char __user *name, int flags,
		     struct kstat *stat, u32 mask)
{
	unsigned how = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path path;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
		      AT_STATX_SYNC_TYPE))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH)
		how |= LOOKUP_EMPTY;
	err = user_path_at(dfd, name, how, &path);
	if (err)
		return err;
	err = vfs_getattr(&path, stat, mask, flags);
	path_put(&path);
	return err;
}

static int vfs_fstat(unsigned int fd, struct kstat *stat)
{
	struct fd f = fdget_raw(fd);
	int err = -EBADF;

	if (f.file) {
		err = vfs_getattr(&f.file->f_path, stat, STATX_BASIC_STATS, 0);
		fdput(f);
	}
	return err;
}

static long put_stat(const struct kstat *k, struct stat __user *u)
{
	struct stat s = {
		.st_dev = new_encode_dev(k->dev), .st_ino = k->ino,
		.st_nlink = k->nlink, .st_mode = k->mode,
		.st_uid = k->uid, .st_gid = k->gid,
		.st_rdev = new_encode_dev(k->rdev), .st_size = k->size,
		.st_blksize = k->blksize, .st_blocks = k->blocks,
		.st_atime = k->atime.tv_sec, .st_atime_nsec = k->atime.tv_nsec,
		.st_mtime = k->mtime.tv_sec, .st_mtime_nsec = k->mtime.tv_nsec,
		.st_ctime = k->ctime.tv_sec, .st_ctime_nsec = k->ctime.tv_nsec,
	};

	return copy_to_user(u, &s, sizeof(s)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(stat, const char __user *, name, struct stat __user *, st)
{
	struct kstat k;
	int err = vfs_statx(AT_FDCWD, name, 0, &k, STATX_BASIC_STATS);

	return err ? err : put_stat(&k, st);
}

SYSCALL_DEFINE2(lstat, const char __user *, name, struct stat __user *, st)
{
	struct kstat k;
	int err = vfs_statx(AT_FDCWD, name, AT_SYMLINK_NOFOLLOW, &k,
			    STATX_BASIC_STATS);

	return err ? err : put_stat(&k, st);
}

SYSCALL_DEFINE4(newfstatat, int, dfd, const char __user *, name,
		struct stat __user *, st, int, flag)
{
	struct kstat k;
	int err = vfs_statx(dfd, name, flag, &k, STATX_BASIC_STATS);

	return err ? err : put_stat(&k, st);
}

SYSCALL_DEFINE2(fstat, unsigned int, fd, struct stat __user *, st)
{
	struct kstat k;
	int err = vfs_fstat(fd, &k);

	return err ? err : put_stat(&k, st);
}

static struct statx_timestamp statx_time(struct timespec64 t)
{
	return (struct statx_timestamp){ .tv_sec = t.tv_sec,
					 .tv_nsec = t.tv_nsec };
}

static long put_statx(const struct kstat *k, struct statx __user *u)
{
	struct statx s = {
		.stx_mask = k->result_mask, .stx_blksize = k->blksize,
		.stx_attributes = k->attributes,
		.stx_attributes_mask = k->attributes_mask,
		.stx_nlink = k->nlink, .stx_uid = k->uid, .stx_gid = k->gid,
		.stx_mode = k->mode, .stx_ino = k->ino, .stx_size = k->size,
		.stx_blocks = k->blocks,
		.stx_atime = statx_time(k->atime),
		.stx_btime = statx_time(k->btime),
		.stx_ctime = statx_time(k->ctime),
		.stx_mtime = statx_time(k->mtime),
		.stx_rdev_major = MAJOR(k->rdev),
		.stx_rdev_minor = MINOR(k->rdev),
		.stx_dev_major = MAJOR(k->dev), .stx_dev_minor = MINOR(k->dev),
		.stx_mnt_id = k->mnt_id,
	};

	return copy_to_user(u, &s, sizeof(s)) ? -EFAULT : 0;
}

SYSCALL_DEFINE5(statx, int, dfd, const char __user *, name, unsigned, flags,
		unsigned int, mask, struct statx __user *, buf)
{
	struct kstat k;
	int err;

	if (mask & STATX__RESERVED)
		return -EINVAL;
	if ((flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	err = vfs_statx(dfd, name, flags, &k, mask);
	return err ? err : put_statx(&k, buf);
}

/* ---- readlink ---- */

static int put_link_text(char __user *buf, int len, const char *text)
{
	int n;

	if (IS_ERR(text))
		return PTR_ERR(text);
	n = min((size_t)len, strlen(text));
	return copy_to_user(buf, text, n) ? -EFAULT : n;
}

int vfs_readlink(struct dentry *dentry, char __user *buf, int len)
{
	struct inode *inode = d_inode(dentry);
	struct delayed_call done = { NULL, NULL };
	const char *text = inode->i_link;
	int n;

	if (inode->i_op->readlink)
		return inode->i_op->readlink(dentry, buf, len);
	if (!S_ISLNK(inode->i_mode))
		return -EINVAL;
	if (!text) {
		text = inode->i_op->get_link(dentry, inode, &done);
		if (IS_ERR(text))
			return PTR_ERR(text);
	}
	n = put_link_text(buf, len, text);
	do_delayed_call(&done);
	return n;
}

static long do_readlinkat(int dfd, const char __user *name, char __user *buf,
			  int len)
{
	struct filename *f;
	struct path path;
	bool empty;
	int err;

	if (len <= 0)
		return -EINVAL;
	f = getname_flags(name, LOOKUP_EMPTY);
	if (IS_ERR(f))
		return PTR_ERR(f);
	empty = !*f->name;
	err = filename_lookup(dfd, f, LOOKUP_EMPTY, &path, NULL);
	putname(f);
	if (err)
		return err;
	if (S_ISLNK(d_inode(path.dentry)->i_mode) ||
	    d_inode(path.dentry)->i_op->readlink) {
		touch_atime(&path);
		err = vfs_readlink(path.dentry, buf, len);
	} else {
		err = empty ? -ENOENT : -EINVAL;
	}
	path_put(&path);
	return err;
}

SYSCALL_DEFINE4(readlinkat, int, dfd, const char __user *, name,
		char __user *, buf, int, len)
{
	return do_readlinkat(dfd, name, buf, len);
}

SYSCALL_DEFINE3(readlink, const char __user *, name, char __user *, buf,
		int, len)
{
	return do_readlinkat(AT_FDCWD, name, buf, len);
}
