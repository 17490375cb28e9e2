/* SPDX-License-Identifier: MIT */
/*
 * dirops.c -- making, removing and renaming names
 *
 * PROMISE.  A change of a directory is atomic: other walks see it before or
 * after, never halfway.
 *
 * IDEA.  Each call walks to the parent, locks it (i_rwsem for writing), looks
 * the last component up, checks, and lets the file system do it.  rename locks
 * two directories; see lock_rename().
 *
 * LOCKING.  s_vfs_rename_mutex, then directories: the ancestor first, or, for
 * unrelated ones, the one that is no descendant; then the victim's i_rwsem.
 *
 * RACES.  Two renames may each move a directory below the other's, and cut a
 * loop out of the tree.  s_vfs_rename_mutex lets only one cross-directory
 * rename run on a volume, so the check for "into itself" stays true [a].
 */

#include "namei.h"
#include "mount.h"

#include <arch/uaccess.h>
#include <fs/fsnotify.h>
#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>

/* ---- may we? ---- */

int may_create_in(struct inode *dir, struct dentry *child)
{
	if (d_inode(child))
		return -EEXIST;
	if (IS_DEADDIR(dir))
		return -ENOENT;
	return inode_permission(dir, MAY_WRITE | MAY_EXEC);
}

/* In a sticky directory one removes only one's own. */
static bool sticky_forbids(struct inode *dir, struct inode *inode)
{
	uid_t me = current_fsuid();

	if (!(dir->i_mode & S_ISVTX) || inode->i_uid == me || dir->i_uid == me)
		return false;
	return !capable(CAP_FOWNER);
}

static int may_delete(struct inode *dir, struct dentry *victim, bool isdir)
{
	struct inode *inode = d_inode(victim);
	int err;

	if (!inode)
		return -ENOENT;
	err = inode_permission(dir, MAY_WRITE | MAY_EXEC);
	if (err)
		return err;
	if (IS_APPEND(dir))
		return -EPERM;
	if (sticky_forbids(dir, inode) || IS_APPEND(inode) ||
	    IS_IMMUTABLE(inode))
		return -EPERM;
	if (isdir) {
		if (!S_ISDIR(inode->i_mode))
			return -ENOTDIR;
		if (IS_ROOT(victim))
			return -EBUSY;
	} else if (S_ISDIR(inode->i_mode)) {
		return -EISDIR;
	}
	return IS_DEADDIR(dir) ? -ENOENT : 0;
}

/* ---- the operations; the directory is locked ---- */

/* A name was made, if err is 0: those who watch dir hear of it. */
static int told(struct inode *dir, struct dentry *d, int err)
{
	if (!err)
		fsnotify_name(dir, IN_CREATE | (d_is_dir(d) ? IN_ISDIR : 0), d,
			      0);
	return err;
}

int vfs_create(struct inode *dir, struct dentry *d, umode_t mode, bool excl)
{
	int err = may_create_in(dir, d);

	if (err)
		return err;
	if (!dir->i_op->create)
		return -EACCES;
	return told(dir, d, dir->i_op->create(dir, d, (mode & S_IALLUGO) |
						       S_IFREG, excl));
}

int vfs_mkdir(struct inode *dir, struct dentry *d, umode_t mode)
{
	int err = may_create_in(dir, d);

	if (err)
		return err;
	if (!dir->i_op->mkdir)
		return -EPERM;
	if (dir->i_sb->s_max_links && dir->i_nlink >= dir->i_sb->s_max_links)
		return -EMLINK;
	return told(dir, d, dir->i_op->mkdir(dir, d, mode & (S_IRWXUGO |
							      S_ISVTX)));
}

int vfs_mknod(struct inode *dir, struct dentry *d, umode_t mode, dev_t dev)
{
	int err = may_create_in(dir, d);

	if (err)
		return err;
	/* A whiteout (0:0) is no door to any device. */
	if ((S_ISBLK(mode) || (S_ISCHR(mode) && dev)) && !capable(CAP_MKNOD))
		return -EPERM;
	if (!dir->i_op->mknod)
		return -EPERM;
	return told(dir, d, dir->i_op->mknod(dir, d, mode, dev));
}

int vfs_symlink(struct inode *dir, struct dentry *d, const char *text)
{
	int err = may_create_in(dir, d);

	if (err)
		return err;
	if (!dir->i_op->symlink)
		return -EPERM;
	return told(dir, d, dir->i_op->symlink(dir, d, text));
}

int vfs_link(struct dentry *old, struct inode *dir, struct dentry *d)
{
	struct inode *inode = d_inode(old);
	int err;

	if (!inode)
		return -ENOENT;
	err = may_create_in(dir, d);
	if (err)
		return err;
	if (dir->i_sb != inode->i_sb)
		return -EXDEV;
	if (IS_APPEND(inode) || IS_IMMUTABLE(inode) || !dir->i_op->link ||
	    S_ISDIR(inode->i_mode))
		return -EPERM;
	inode_lock_nested(inode, 2);
	if (inode->i_nlink == 0 && !(inode->i_state & I_LINKABLE))
		err = -ENOENT;
	else if (dir->i_sb->s_max_links &&
		 inode->i_nlink >= dir->i_sb->s_max_links)
		err = -EMLINK;
	else
		err = dir->i_op->link(old, dir, d);
	if (!err && (inode->i_state & I_LINKABLE)) {
		spin_lock(&inode->i_lock);
		inode->i_state &= ~I_LINKABLE;
		spin_unlock(&inode->i_lock);
	}
	inode_unlock(inode);
	if (!err)
		fsnotify_inode(inode, IN_ATTRIB);      /* its link count */
	return told(dir, d, err);
}

/*
 * The file system has removed d's name; so does the dcache, and tells it,
 * in this order: who hears of it finds the name gone.
 */
static void name_gone(struct inode *dir, struct dentry *d, u32 isdir)
{
	struct inode *inode = d_inode(d);

	if (!isdir)
		fsnotify_inode(inode, IN_ATTRIB);
	ihold(inode);
	d_delete(d);
	fsnotify_name(dir, IN_DELETE | isdir, d, 0);
	iput(inode);
}

int vfs_unlink(struct inode *dir, struct dentry *d)
{
	struct inode *inode = d_inode(d);
	int err = may_delete(dir, d, false);

	if (err)
		return err;
	if (!dir->i_op->unlink)
		return -EPERM;
	inode_lock_nested(inode, 2);
	if (is_local_mountpoint(d))
		err = -EBUSY;
	else
		err = dir->i_op->unlink(dir, d);
	if (!err)
		detach_mounts(d);     /* in other namespaces */
	inode_unlock(inode);
	if (!err)
		name_gone(dir, d, 0);
	return err;
}

int vfs_rmdir(struct inode *dir, struct dentry *d)
{
	struct inode *inode = d_inode(d);
	int err = may_delete(dir, d, true);

	if (err)
		return err;
	if (!dir->i_op->rmdir)
		return -EPERM;
	inode_lock_nested(inode, 2);
	if (is_local_mountpoint(d))
		err = -EBUSY;
	else
		err = dir->i_op->rmdir(dir, d);
	if (!err) {
		shrink_dcache_parent(d);
		inode->i_flags |= S_DEAD;
		detach_mounts(d);
	}
	inode_unlock(inode);
	if (!err)
		name_gone(dir, d, IN_ISDIR);
	return err;
}

/* ---- creating by path ---- */

/*
 * Walk to the parent, lock it, and return a negative dentry for the last
 * component: *path is the parent.  done_path_create() undoes it.  flags:
 * LOOKUP_DIRECTORY if what comes is a directory (a trailing slash is right).
 */
struct dentry *filename_create(int dfd, struct filename *name,
			       struct path *path, unsigned int flags)
{
	struct dentry *d = ERR_PTR(-EEXIST);
	struct nameidata nd;
	int err, ro;

	if (IS_ERR(name))
		return ERR_CAST(name);
	err = walk_to_parent(&nd, dfd, name);
	if (err) {
		d = ERR_PTR(err);
		goto out_end;
	}
	if (nd.last_type != LAST_NORM)
		goto out_end;
	err = must_be_dir(&nd);
	if (err) {
		d = ERR_PTR(err);
		goto out_end;
	}
	ro = mnt_want_write(nd.path.mnt);
	inode_lock(d_inode(nd.path.dentry));
	d = lookup_in_dir(nd.path.dentry, &nd.last, LOOKUP_CREATE | LOOKUP_EXCL);
	if (IS_ERR(d))
		err = PTR_ERR(d);
	else if (d_inode(d))
		err = -EEXIST;
	else if (nd.trailing_slash && !(flags & LOOKUP_DIRECTORY))
		err = -ENOENT;
	else
		err = ro;
	if (!err) {
		*path = nd.path;
		nd.path = (struct path){ NULL, NULL };
		nd_end(&nd);
		return d;
	}
	if (!IS_ERR(d))
		dput(d);
	d = ERR_PTR(err);
	inode_unlock(d_inode(nd.path.dentry));
	if (!ro)
		mnt_drop_write(nd.path.mnt);
out_end:
	nd_end(&nd);
	return d;
}

void done_path_create(struct path *path, struct dentry *dentry)
{
	dput(dentry);
	inode_unlock(d_inode(path->dentry));
	mnt_drop_write(path->mnt);
	path_put(path);
}

struct dentry *kern_path_create(int dfd, const char *name, struct path *path,
				unsigned flags)
{
	struct filename *f = getname_kernel(name);
	struct dentry *d = filename_create(dfd, f, path, flags);

	putname(f);
	return d;
}

/* These consume the names that they get. */
int do_mkdirat(int dfd, struct filename *name, umode_t mode)
{
	struct path path;
	struct dentry *d = filename_create(dfd, name, &path, LOOKUP_DIRECTORY);
	int err = PTR_ERR_OR_ZERO(d);

	if (!err) {
		err = vfs_mkdir(d_inode(path.dentry), d,
				mode_by_umask(d_inode(path.dentry), mode));
		done_path_create(&path, d);
	}
	putname(name);
	return err;
}

static int may_mknod(umode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: case S_IFCHR: case S_IFBLK: case S_IFIFO: case S_IFSOCK:
	case 0:
		return 0;
	case S_IFDIR:
		return -EPERM;
	}
	return -EINVAL;
}

int do_mknodat(int dfd, struct filename *name, umode_t mode, unsigned int dev)
{
	struct path path;
	struct dentry *d;
	int err = may_mknod(mode);

	if (err)
		goto out_name;
	d = filename_create(dfd, name, &path, 0);
	err = PTR_ERR_OR_ZERO(d);
	if (err)
		goto out_name;
	mode = mode_by_umask(d_inode(path.dentry), mode);
	if (S_ISREG(mode) || !(mode & S_IFMT))
		err = vfs_create(d_inode(path.dentry), d, mode, true);
	else
		err = vfs_mknod(d_inode(path.dentry), d, mode,
				new_decode_dev(dev));
	done_path_create(&path, d);
out_name:
	putname(name);
	return err;
}

int do_symlinkat(struct filename *from, int dfd, struct filename *to)
{
	struct path path;
	struct dentry *d;
	int err;

	if (IS_ERR(from)) {
		err = PTR_ERR(from);
		goto out_names;
	}
	d = filename_create(dfd, to, &path, 0);
	err = PTR_ERR_OR_ZERO(d);
	if (err)
		goto out_names;
	err = vfs_symlink(d_inode(path.dentry), d, from->name);
	done_path_create(&path, d);
out_names:
	putname(to);
	putname(from);
	return err;
}

int sysctl_protected_hardlinks = 1;

/* A name for somebody else's file, that may outlive it: only if harmless. */
static int may_linkat(struct inode *inode)
{
	umode_t mode = inode->i_mode;

	if (!sysctl_protected_hardlinks || inode_owner_or_capable(inode))
		return 0;
	if (!S_ISREG(mode) || (mode & S_ISUID) ||
	    (mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		return -EPERM;
	return inode_permission(inode, MAY_READ | MAY_WRITE) ? -EPERM : 0;
}

int do_linkat(int odfd, struct filename *old, int ndfd, struct filename *new,
	      int flags)
{
	unsigned how = (flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0) |
		       (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	struct path from, path;
	struct dentry *d;
	int err;

	err = filename_lookup(odfd, old, how, &from, NULL);
	if (err)
		goto out_names;
	d = filename_create(ndfd, new, &path, 0);
	err = PTR_ERR_OR_ZERO(d);
	if (err)
		goto out_from;
	err = from.mnt != path.mnt ? -EXDEV : may_linkat(d_inode(from.dentry));
	if (!err)
		err = vfs_link(from.dentry, d_inode(path.dentry), d);
	done_path_create(&path, d);
out_from:
	path_put(&from);
out_names:
	putname(old);
	putname(new);
	return err;
}

/* ---- removing by path ---- */

/*
 * Walk to the parent of name and look the last component up, the parent
 * locked.  On success *victim is counted, maybe negative; call remove_done().
 */
static int remove_begin(struct nameidata *nd, int dfd, struct filename *name,
			struct dentry **victim)
{
	int err = walk_to_parent(nd, dfd, name);

	if (!err && nd->last_type == LAST_NORM)
		err = must_be_dir(nd);
	if (err || nd->last_type != LAST_NORM)
		return err;
	err = mnt_want_write(nd->path.mnt);
	if (err)
		return err;
	inode_lock(d_inode(nd->path.dentry));
	*victim = lookup_in_dir(nd->path.dentry, &nd->last, 0);
	if (!IS_ERR(*victim))
		return 0;
	err = PTR_ERR(*victim);
	inode_unlock(d_inode(nd->path.dentry));
	mnt_drop_write(nd->path.mnt);
	return err;
}

static void remove_done(struct nameidata *nd, struct dentry *victim)
{
	inode_unlock(d_inode(nd->path.dentry));
	dput(victim);
	mnt_drop_write(nd->path.mnt);
}

int do_unlinkat(int dfd, struct filename *name)
{
	struct inode *inode = NULL;
	struct dentry *victim;
	struct nameidata nd;
	int err = PTR_ERR_OR_ZERO(name);

	if (err)
		return err;
	err = remove_begin(&nd, dfd, name, &victim);
	if (err)
		goto out_end;
	if (nd.last_type != LAST_NORM) {
		err = -EISDIR;
		goto out_end;
	}
	inode = d_inode(victim);
	if (nd.trailing_slash) {
		err = !inode ? -ENOENT
		    : S_ISDIR(inode->i_mode) ? -EISDIR : -ENOTDIR;
		inode = NULL;
	} else {
		if (inode)
			ihold(inode);
		err = vfs_unlink(d_inode(nd.path.dentry), victim);
	}
	remove_done(&nd, victim);
	iput(inode);          /* the file's pages go without the locks */
out_end:
	nd_end(&nd);
	putname(name);
	return err;
}

int do_rmdir(int dfd, struct filename *name)
{
	struct dentry *victim;
	struct nameidata nd;
	int err = PTR_ERR_OR_ZERO(name);

	if (err)
		return err;
	err = remove_begin(&nd, dfd, name, &victim);
	if (err)
		goto out_end;
	switch (nd.last_type) {
	case LAST_ROOT:
		err = -EBUSY;
		goto out_end;
	case LAST_DOT:
		err = -EINVAL;
		goto out_end;
	case LAST_DOTDOT:
		err = -ENOTEMPTY;
		goto out_end;
	case LAST_NORM:
		break;
	}
	err = vfs_rmdir(d_inode(nd.path.dentry), victim);
	remove_done(&nd, victim);
out_end:
	nd_end(&nd);
	putname(name);
	return err;
}

/* ---- system calls ---- */

SYSCALL_DEFINE3(mkdirat, int, dfd, const char __user *, name, umode_t, mode)
{
	return do_mkdirat(dfd, getname(name), mode);
}

SYSCALL_DEFINE2(mkdir, const char __user *, name, umode_t, mode)
{
	return do_mkdirat(AT_FDCWD, getname(name), mode);
}

SYSCALL_DEFINE4(mknodat, int, dfd, const char __user *, name, umode_t, mode,
		unsigned int, dev)
{
	return do_mknodat(dfd, getname(name), mode, dev);
}

SYSCALL_DEFINE3(mknod, const char __user *, name, umode_t, mode,
		unsigned int, dev)
{
	return do_mknodat(AT_FDCWD, getname(name), mode, dev);
}

SYSCALL_DEFINE3(symlinkat, const char __user *, from, int, dfd,
		const char __user *, to)
{
	return do_symlinkat(getname(from), dfd, getname(to));
}

SYSCALL_DEFINE2(symlink, const char __user *, from, const char __user *, to)
{
	return do_symlinkat(getname(from), AT_FDCWD, getname(to));
}

SYSCALL_DEFINE5(linkat, int, odfd, const char __user *, old, int, ndfd,
		const char __user *, new, int, flags)
{
	int empty = flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (empty && !capable(CAP_DAC_READ_SEARCH))
		return -ENOENT;
	return do_linkat(odfd, getname_flags(old, empty), ndfd, getname(new),
			 flags);
}

SYSCALL_DEFINE2(link, const char __user *, old, const char __user *, new)
{
	return do_linkat(AT_FDCWD, getname(old), AT_FDCWD, getname(new), 0);
}

SYSCALL_DEFINE3(unlinkat, int, dfd, const char __user *, name, int, flag)
{
	if (flag & ~AT_REMOVEDIR)
		return -EINVAL;
	if (flag & AT_REMOVEDIR)
		return do_rmdir(dfd, getname(name));
	return do_unlinkat(dfd, getname(name));
}

SYSCALL_DEFINE1(unlink, const char __user *, name)
{
	return do_unlinkat(AT_FDCWD, getname(name));
}

SYSCALL_DEFINE1(rmdir, const char __user *, name)
{
	return do_rmdir(AT_FDCWD, getname(name));
}
