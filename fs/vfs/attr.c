/* SPDX-License-Identifier: MIT */
/*
 * attr.c -- changing what a file is: mode, owner, size, times
 *
 * IDEA.  Every change is an iattr; notify_change() is the one gate: it adds
 * what follows (ctime, dropped set-id bits), checks permission, and hands it to
 * the file system's ->setattr.
 *
 * LOCKING.  The caller holds the inode's i_rwsem for writing.
 */

#include "internal.h"
#include "mount.h"

#include <fs/fsnotify.h>

#include <arch/uaccess.h>
#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <mm/filemap.h>

/* May the file be that long?  0, -EFBIG (and SIGXFSZ). */
int inode_newsize_ok(const struct inode *inode, loff_t size)
{
	if (size <= inode->i_size)
		return 0;
	if (size > (loff_t)min(rlimit(RLIMIT_FSIZE), (unsigned long)S64_MAX)) {
		send_sig(SIGXFSZ, current, 0);
		return -EFBIG;
	}
	return size > inode->i_sb->s_maxbytes ? -EFBIG : 0;
}

static bool may_chown(const struct inode *inode, uid_t uid)
{
	return (current_fsuid() == inode->i_uid && uid == inode->i_uid) ||
	       capable(CAP_CHOWN);
}

static bool may_chgrp(const struct inode *inode, gid_t gid)
{
	return (current_fsuid() == inode->i_uid &&
		(gid == inode->i_gid || in_group_p(gid))) ||
	       capable(CAP_CHOWN);
}

/* May current change that?  0, -EPERM, -EFBIG. */
int setattr_prepare(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	unsigned valid = attr->ia_valid;

	if (valid & ATTR_SIZE) {
		int err = inode_newsize_ok(inode, attr->ia_size);

		if (err)
			return err;
	}
	if (valid & ATTR_FORCE)
		return 0;
	if ((valid & ATTR_UID) && !may_chown(inode, attr->ia_uid))
		return -EPERM;
	if ((valid & ATTR_GID) && !may_chgrp(inode, attr->ia_gid))
		return -EPERM;
	if (valid & ATTR_MODE) {
		gid_t gid = valid & ATTR_GID ? attr->ia_gid : inode->i_gid;

		if (!inode_owner_or_capable(inode))
			return -EPERM;
		if (!in_group_p(gid) && !capable(CAP_FSETID))
			attr->ia_mode &= ~S_ISGID;
	}
	if ((valid & (ATTR_MTIME_SET | ATTR_ATIME_SET | ATTR_TIMES_SET)) &&
	    !inode_owner_or_capable(inode))
		return -EPERM;
	return 0;
}

/* Enter everything but the size. */
void setattr_copy(struct inode *inode, const struct iattr *attr)
{
	unsigned valid = attr->ia_valid;

	if (valid & ATTR_UID)
		inode->i_uid = attr->ia_uid;
	if (valid & ATTR_GID)
		inode->i_gid = attr->ia_gid;
	if (valid & ATTR_ATIME)
		inode->i_atime = attr->ia_atime;
	if (valid & ATTR_MTIME)
		inode->i_mtime = attr->ia_mtime;
	if (valid & ATTR_CTIME)
		inode->i_ctime = attr->ia_ctime;
	if (valid & ATTR_MODE) {
		umode_t mode = attr->ia_mode;

		if (!in_group_p(inode->i_gid) && !capable(CAP_FSETID))
			mode &= ~S_ISGID;
		inode->i_mode = mode;
	}
}

static int may_change(struct inode *inode, unsigned valid)
{
	if ((valid & (ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_TIMES_SET)) &&
	    (IS_IMMUTABLE(inode) || IS_APPEND(inode)))
		return -EPERM;
	/* "Now" may be set by whoever may write. */
	if ((valid & ATTR_TOUCH) && !inode_owner_or_capable(inode)) {
		if (IS_IMMUTABLE(inode))
			return -EPERM;
		return inode_permission(inode, MAY_WRITE);
	}
	return 0;
}

/* A write or chown takes the set-id bits away. */
static void drop_set_id(struct inode *inode, struct iattr *attr)
{
	umode_t mode = attr->ia_valid & ATTR_MODE ? attr->ia_mode
						  : inode->i_mode;
	umode_t old = mode;

	if (attr->ia_valid & ATTR_KILL_SUID)
		mode &= ~S_ISUID;
	if ((attr->ia_valid & ATTR_KILL_SGID) &&
	    (mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		mode &= ~S_ISGID;
	attr->ia_valid &= ~(ATTR_KILL_SUID | ATTR_KILL_SGID);
	if (mode != old) {
		attr->ia_valid |= ATTR_MODE;
		attr->ia_mode = mode;
	}
}

/* What inotify calls such a change. */
static u32 events_of_change(unsigned valid)
{
	const unsigned both = ATTR_ATIME | ATTR_MTIME;
	u32 events = 0;

	if (valid & (ATTR_UID | ATTR_GID | ATTR_MODE))
		events |= IN_ATTRIB;
	if (valid & ATTR_SIZE)
		events |= IN_MODIFY;
	if ((valid & both) == both)
		events |= IN_ATTRIB;
	else if (valid & ATTR_ATIME)
		events |= IN_ACCESS;
	else if (valid & ATTR_MTIME)
		events |= IN_MODIFY;
	return events;
}

int notify_change(struct dentry *dentry, struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	struct timespec64 now = current_time(inode);
	int err = may_change(inode, attr->ia_valid);

	if (err)
		return err;
	attr->ia_ctime = now;
	attr->ia_valid |= ATTR_CTIME;
	if (!(attr->ia_valid & ATTR_ATIME_SET))
		attr->ia_atime = now;
	if (!(attr->ia_valid & ATTR_MTIME_SET))
		attr->ia_mtime = now;
	if (attr->ia_valid & ATTR_MODE)
		attr->ia_mode = (attr->ia_mode & S_IALLUGO) |
				(inode->i_mode & S_IFMT);
	drop_set_id(inode, attr);
	if (inode->i_op->setattr)
		err = inode->i_op->setattr(dentry, attr);
	else
		err = simple_setattr(dentry, attr);
	if (!err)
		fsnotify_dentry(dentry, events_of_change(attr->ia_valid));
	return err;
}

/* What a write by others than root takes away; 0 or -errno; locked. */
int file_remove_privs(struct file *file)
{
	struct inode *inode = file_inode(file);
	umode_t mode = inode->i_mode;
	struct iattr attr = { .ia_valid = ATTR_FORCE };

	if (!S_ISREG(mode) || !(mode & (S_ISUID | S_ISGID)))
		return 0;
	if (mode & S_ISUID)
		attr.ia_valid |= ATTR_KILL_SUID;
	if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		attr.ia_valid |= ATTR_KILL_SGID;
	if (attr.ia_valid == ATTR_FORCE || capable(CAP_FSETID))
		return 0;
	return notify_change(file_dentry(file), &attr);
}

/* ---- mode and owner ---- */

int chmod_common(const struct path *path, umode_t mode)
{
	struct inode *inode = d_inode(path->dentry);
	struct iattr attr = { .ia_valid = ATTR_MODE | ATTR_CTIME };
	int err = mnt_want_write(path->mnt);

	if (err)
		return err;
	inode_lock(inode);
	attr.ia_mode = (mode & S_IALLUGO) | (inode->i_mode & ~S_IALLUGO);
	err = notify_change(path->dentry, &attr);
	inode_unlock(inode);
	mnt_drop_write(path->mnt);
	return err;
}

int chown_common(const struct path *path, uid_t uid, gid_t gid)
{
	struct inode *inode = d_inode(path->dentry);
	struct iattr attr = { .ia_valid = ATTR_CTIME };
	int err = mnt_want_write(path->mnt);

	if (err)
		return err;
	if (uid != (uid_t)-1) {
		attr.ia_valid |= ATTR_UID;
		attr.ia_uid = uid;
	}
	if (gid != (gid_t)-1) {
		attr.ia_valid |= ATTR_GID;
		attr.ia_gid = gid;
	}
	if (!S_ISDIR(inode->i_mode))
		attr.ia_valid |= ATTR_KILL_SUID | ATTR_KILL_SGID;
	inode_lock(inode);
	err = notify_change(path->dentry, &attr);
	inode_unlock(inode);
	mnt_drop_write(path->mnt);
	return err;
}

static long do_fchmodat(int dfd, const char __user *name, umode_t mode,
			unsigned flags)
{
	struct path path;
	int err = user_path_at(dfd, name, flags, &path);

	if (err)
		return err;
	err = chmod_common(&path, mode);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE3(fchmodat, int, dfd, const char __user *, name, umode_t, mode)
{
	return do_fchmodat(dfd, name, mode, LOOKUP_FOLLOW);
}

SYSCALL_DEFINE2(chmod, const char __user *, name, umode_t, mode)
{
	return do_fchmodat(AT_FDCWD, name, mode, LOOKUP_FOLLOW);
}

SYSCALL_DEFINE2(fchmod, unsigned int, fd, umode_t, mode)
{
	struct fd f = fdget(fd);
	int err = -EBADF;

	if (f.file) {
		err = chmod_common(&f.file->f_path, mode);
		fdput(f);
	}
	return err;
}

static long do_fchownat(int dfd, const char __user *name, uid_t uid, gid_t gid,
			int flag)
{
	unsigned flags = flag & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path path;
	int err;

	if (flag & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flag & AT_EMPTY_PATH)
		flags |= LOOKUP_EMPTY;
	err = user_path_at(dfd, name, flags, &path);
	if (err)
		return err;
	err = chown_common(&path, uid, gid);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE5(fchownat, int, dfd, const char __user *, name, uid_t, uid,
		gid_t, gid, int, flag)
{
	return do_fchownat(dfd, name, uid, gid, flag);
}

SYSCALL_DEFINE3(chown, const char __user *, name, uid_t, uid, gid_t, gid)
{
	return do_fchownat(AT_FDCWD, name, uid, gid, 0);
}

SYSCALL_DEFINE3(lchown, const char __user *, name, uid_t, uid, gid_t, gid)
{
	return do_fchownat(AT_FDCWD, name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

SYSCALL_DEFINE3(fchown, unsigned int, fd, uid_t, uid, gid_t, gid)
{
	struct fd f = fdget(fd);
	int err = -EBADF;

	if (f.file) {
		err = chown_common(&f.file->f_path, uid, gid);
		fdput(f);
	}
	return err;
}

SYSCALL_DEFINE1(umask, int, mask)
{
	struct fs_struct *fs = current->fs;
	int old;

	spin_lock(&fs->lock);
	old = fs->umask;
	fs->umask = mask & S_IRWXUGO;
	spin_unlock(&fs->lock);
	return old;
}
