/* SPDX-License-Identifier: MIT */
/*
 * chdir.c -- where a task stands, what it may reach: chdir, chroot, access
 *
 * A task's root and working directory are counted paths in its fs_struct, which
 * threads share; they are looked up first and swapped last, so that a failed
 * call changes nothing.  access(2) asks with the real ids: it walks under
 * credentials made for the question.
 *
 * SEE chdir(2), chroot(2), access(2).
 */

#include "internal.h"
#include "mount.h"

#include <arch/uaccess.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>

SYSCALL_DEFINE1(chdir, const char __user *, name)
{
	struct path path;
	int err = user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY,
			       &path);

	if (err)
		return err;
	err = inode_permission(d_inode(path.dentry), MAY_EXEC | MAY_CHDIR);
	if (!err)
		set_fs_pwd(current->fs, &path);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE1(fchdir, unsigned int, fd)
{
	struct fd f = fdget_raw(fd);
	int err = -EBADF;

	if (!f.file)
		return err;
	err = -ENOTDIR;
	if (S_ISDIR(file_inode(f.file)->i_mode)) {
		err = file_permission(f.file, MAY_EXEC | MAY_CHDIR);
		if (!err)
			set_fs_pwd(current->fs, &f.file->f_path);
	}
	fdput(f);
	return err;
}

SYSCALL_DEFINE1(chroot, const char __user *, name)
{
	struct path path;
	int err = user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY,
			       &path);

	if (err)
		return err;
	err = inode_permission(d_inode(path.dentry), MAY_EXEC | MAY_CHDIR);
	if (!err && !capable(CAP_SYS_CHROOT))
		err = -EPERM;
	if (!err)
		set_fs_root(current->fs, &path);
	path_put(&path);
	return err;
}

/*
 * access(2) asks for the real ids: a copy of our credentials with those as the
 * file system ids, and with root's rights only if the real user is root.
 */
static const struct cred *access_creds(void)
{
	struct cred *new = prepare_creds();

	if (!new)
		return NULL;
	new->fsuid = new->uid;
	new->fsgid = new->gid;
	new->cap_effective = new->uid ? 0 : new->cap_permitted;
	return new;
}

static int check_access(const struct path *path, int mode)
{
	struct inode *inode = d_inode(path->dentry);
	int err;

	if ((mode & MAY_EXEC) && S_ISREG(inode->i_mode) &&
	    (path->mnt->mnt_flags & MNT_NOEXEC))
		return -EACCES;
	err = inode_permission(inode, mode | MAY_ACCESS);
	if (err || !(mode & MAY_WRITE) || S_ISCHR(inode->i_mode) ||
	    S_ISBLK(inode->i_mode) || S_ISFIFO(inode->i_mode) ||
	    S_ISSOCK(inode->i_mode))
		return err;
	return __mnt_is_readonly(path->mnt) ? -EROFS : 0;
}

static long do_faccessat(int dfd, const char __user *name, int mode, int flags)
{
	unsigned how = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	const struct cred *old = NULL, *new = NULL;
	struct path path;
	long err;

	if (mode & ~(MAY_READ | MAY_WRITE | MAY_EXEC))
		return -EINVAL;
	if (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH)
		how |= LOOKUP_EMPTY;
	if (!(flags & AT_EACCESS)) {
		new = access_creds();
		if (!new)
			return -ENOMEM;
		old = override_creds(new);
	}
	err = user_path_at(dfd, name, how, &path);
	if (!err) {
		err = check_access(&path, mode);
		path_put(&path);
	}
	if (old) {
		revert_creds(old);
		put_cred(new);
	}
	return err;
}

SYSCALL_DEFINE3(faccessat, int, dfd, const char __user *, name, int, mode)
{
	return do_faccessat(dfd, name, mode, 0);
}

SYSCALL_DEFINE4(faccessat2, int, dfd, const char __user *, name, int, mode,
		int, flags)
{
	return do_faccessat(dfd, name, mode, flags);
}

SYSCALL_DEFINE2(access, const char __user *, name, int, mode)
{
	return do_faccessat(AT_FDCWD, name, mode, 0);
}

/* ---- statfs ---- */

static long mount_flags(struct vfsmount *mnt)
{
	static const struct { int mnt, st; } map[] = {
		{ MNT_NOSUID, MS_NOSUID }, { MNT_NODEV, MS_NODEV },
		{ MNT_NOEXEC, MS_NOEXEC }, { MNT_NOATIME, MS_NOATIME },
		{ MNT_NODIRATIME, MS_NODIRATIME }, { MNT_RELATIME, 0x1000 },
		{ MNT_NOSYMFOLLOW, 0x2000 },
	};
	long flags = ST_VALID;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(map); i++)
		if (mnt->mnt_flags & map[i].mnt)
			flags |= map[i].st;
	if (__mnt_is_readonly(mnt))
		flags |= MS_RDONLY;
	return flags;
}

int vfs_statfs(const struct path *path, struct kstatfs *buf)
{
	struct super_block *sb = path->dentry->d_sb;
	int err;

	memset(buf, 0, sizeof(*buf));
	err = sb->s_op->statfs ? sb->s_op->statfs(path->dentry, buf)
			       : simple_statfs(path->dentry, buf);
	if (err)
		return err;
	if (!buf->f_frsize)
		buf->f_frsize = buf->f_bsize;
	buf->f_flags = mount_flags(path->mnt);
	return 0;
}

static long put_statfs(const struct path *path, struct statfs __user *u)
{
	struct kstatfs k;
	struct statfs s;
	int err = vfs_statfs(path, &k);

	if (err)
		return err;
	s = (struct statfs){
		.f_type = k.f_type, .f_bsize = k.f_bsize,
		.f_blocks = k.f_blocks, .f_bfree = k.f_bfree,
		.f_bavail = k.f_bavail, .f_files = k.f_files,
		.f_ffree = k.f_ffree,
		.f_fsid = { k.f_fsid[0], k.f_fsid[1] },
		.f_namelen = k.f_namelen, .f_frsize = k.f_frsize,
		.f_flags = k.f_flags };
	return copy_to_user(u, &s, sizeof(s)) ? -EFAULT : 0;
}

SYSCALL_DEFINE2(statfs, const char __user *, name, struct statfs __user *, buf)
{
	struct path path;
	int err = user_path_at(AT_FDCWD, name, LOOKUP_FOLLOW, &path);

	if (err)
		return err;
	err = put_statfs(&path, buf);
	path_put(&path);
	return err;
}

SYSCALL_DEFINE2(fstatfs, unsigned int, fd, struct statfs __user *, buf)
{
	struct fd f = fdget_raw(fd);
	int err = -EBADF;

	if (f.file) {
		err = put_statfs(&f.file->f_path, buf);
		fdput(f);
	}
	return err;
}
