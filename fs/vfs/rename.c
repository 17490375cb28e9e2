/* SPDX-License-Identifier: MIT */
/*
 * rename.c -- moving a name, within a directory or between two
 *
 * PROMISE.  If the new name exists, it refers to the old or to the new file at
 * any time, never to nothing.  A directory never becomes its own descendant.
 *
 * LOCKING.  See dirops.c; lock_rename() takes the two directories.
 */

#include "namei.h"
#include "mount.h"

#include <fs/fsnotify.h>
#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/syscall.h>
#include <mm/slab.h>

/*
 * Lock two directories of one volume, the ancestor first.  Returns the child
 * of the ancestor on the way to the other, or NULL: moving that one would make
 * a loop.
 */
static struct dentry *lock_rename(struct dentry *p1, struct dentry *p2)
{
	struct dentry *d;

	if (p1 == p2) {
		inode_lock(d_inode(p1));
		return NULL;
	}
	mutex_lock(&p1->d_sb->s_vfs_rename_mutex);
	for (d = p1; !IS_ROOT(d); d = d->d_parent) {
		if (d->d_parent != p2)
			continue;
		inode_lock(d_inode(p2));
		inode_lock_nested(d_inode(p1), 1);
		return d;
	}
	for (d = p2; !IS_ROOT(d); d = d->d_parent) {
		if (d->d_parent == p1)
			break;
	}
	inode_lock(d_inode(p1));
	inode_lock_nested(d_inode(p2), 1);
	return IS_ROOT(d) ? NULL : d;
}

static void unlock_rename(struct dentry *p1, struct dentry *p2)
{
	inode_unlock(d_inode(p1));
	if (p1 != p2) {
		inode_unlock(d_inode(p2));
		mutex_unlock(&p1->d_sb->s_vfs_rename_mutex);
	}
}

static bool sticky_forbids(struct inode *dir, struct inode *inode)
{
	uid_t me = current_fsuid();

	return (dir->i_mode & S_ISVTX) && inode->i_uid != me &&
	       dir->i_uid != me && !capable(CAP_FOWNER);
}

/* May `d` be taken out of dir, where a directory is wanted or not? */
static int may_take(struct inode *dir, struct dentry *d)
{
	int err = inode_permission(dir, MAY_WRITE | MAY_EXEC);
	struct inode *inode = d_inode(d);

	if (err)
		return err;
	if (IS_APPEND(dir) || sticky_forbids(dir, inode) ||
	    IS_APPEND(inode) || IS_IMMUTABLE(inode))
		return -EPERM;
	return 0;
}

static int may_replace(struct dentry *old, struct inode *ndir,
		       struct dentry *new, unsigned int flags)
{
	bool old_is_dir = S_ISDIR(d_inode(old)->i_mode);
	int err;

	if (!d_inode(new))
		return may_create_in(ndir, new);
	err = may_take(ndir, new);
	if (err || (flags & RENAME_EXCHANGE))
		return err;
	if (old_is_dir && !S_ISDIR(d_inode(new)->i_mode))
		return -ENOTDIR;
	if (!old_is_dir && S_ISDIR(d_inode(new)->i_mode))
		return -EISDIR;
	return 0;
}

/* Those who watch either directory, or the file; a cookie joins both ends. */
static void tell_move(struct inode *odir, const struct qstr *was,
		      struct inode *ndir, struct dentry *moved,
		      struct dentry *exchanged)
{
	u32 isdir = d_is_dir(moved) ? IN_ISDIR : 0, cookie = fsnotify_cookie();

	__fsnotify(odir, IN_MOVED_FROM | isdir, was, cookie);
	__fsnotify(ndir, IN_MOVED_TO | isdir, &moved->d_name, cookie);
	__fsnotify(d_inode(moved), IN_MOVE_SELF, NULL, 0);
	if (odir == ndir)
		dnotify_tell(odir, FS_DN_RENAME);
	if (!exchanged)
		return;
	isdir = d_is_dir(exchanged) ? IN_ISDIR : 0;
	cookie = fsnotify_cookie();
	__fsnotify(ndir, IN_MOVED_FROM | isdir, &moved->d_name, cookie);
	__fsnotify(odir, IN_MOVED_TO | isdir, &exchanged->d_name, cookie);
	__fsnotify(d_inode(exchanged), IN_MOVE_SELF, NULL, 0);
}

/* Both directories are locked.  0 or -errno. */
int vfs_rename(struct inode *odir, struct dentry *old, struct inode *ndir,
	       struct dentry *new, unsigned int flags)
{
	struct inode *source = d_inode(old), *target = d_inode(new);
	struct qstr was = { .name = NULL };
	int err;

	if (source == target)
		return 0;     /* two names of one file: POSIX says do nothing */
	err = may_take(odir, old);
	if (!err)
		err = may_replace(old, ndir, new, flags);
	if (err)
		return err;
	if (!odir->i_op->rename)
		return -EPERM;
	/* A directory that gets another ".." is itself written to. */
	if (S_ISDIR(source->i_mode) && odir != ndir) {
		err = inode_permission(source, MAY_WRITE);
		if (err)
			return err;
	}
	if (is_local_mountpoint(old) || is_local_mountpoint(new))
		return -EBUSY;
	if (ndir->i_sb->s_max_links && S_ISDIR(source->i_mode) && odir != ndir &&
	    !target && ndir->i_nlink >= ndir->i_sb->s_max_links)
		return -EMLINK;
	dget(new);
	if (!fsnotify_idle())
		was = take_dentry_name(old);
	if (target)
		inode_lock_nested(target, 3);
	err = odir->i_op->rename(odir, old, ndir, new, flags);
	if (!err && target && !(flags & RENAME_EXCHANGE)) {
		if (S_ISDIR(target->i_mode)) {
			shrink_dcache_parent(new);
			target->i_flags |= S_DEAD;
		}
		detach_mounts(new);   /* in other namespaces */
	}
	if (!err) {
		if (flags & RENAME_EXCHANGE)
			d_exchange(old, new);
		else
			d_move(old, new);
	}
	if (target)
		up_write(&target->i_rwsem);
	if (!err && was.name)
		tell_move(odir, &was, ndir, old, flags & RENAME_EXCHANGE ? new
								: NULL);
	if (!err && target && !(flags & RENAME_EXCHANGE))
		fsnotify_inode(target, IN_ATTRIB);
	kfree(was.name);
	dput(new);
	return err;
}

/* Look both names up, the directories being locked, and rename. */
static int rename_locked(struct nameidata *o, struct nameidata *n,
			 struct dentry *trap, unsigned int flags)
{
	struct dentry *old, *new;
	int err;

	old = lookup_in_dir(o->path.dentry, &o->last, 0);
	if (IS_ERR(old))
		return PTR_ERR(old);
	new = lookup_in_dir(n->path.dentry, &n->last, LOOKUP_RENAME_TARGET);
	err = PTR_ERR_OR_ZERO(new);
	if (err)
		goto out_old;
	err = -ENOENT;
	if (!d_inode(old) || ((flags & RENAME_EXCHANGE) && !d_inode(new)))
		goto out_new;
	err = -EEXIST;
	if ((flags & RENAME_NOREPLACE) && d_inode(new))
		goto out_new;
	err = -ENOTDIR;
	if (!S_ISDIR(d_inode(old)->i_mode) &&
	    (o->trailing_slash ||
	     (n->trailing_slash && !(flags & RENAME_EXCHANGE))))
		goto out_new;
	err = -EINVAL;        /* into itself */
	if (old == trap)
		goto out_new;
	err = flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
	if (new == trap)
		goto out_new;
	err = vfs_rename(d_inode(o->path.dentry), old,
			 d_inode(n->path.dentry), new, flags);
out_new:
	dput(new);
out_old:
	dput(old);
	return err;
}

/* Consumes both names. */
int do_renameat2(int odfd, struct filename *from, int ndfd,
		 struct filename *to, unsigned int flags)
{
	struct nameidata o, n;
	struct dentry *trap;
	int err = -EINVAL;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT))
		goto out_names;
	if ((flags & (RENAME_NOREPLACE | RENAME_WHITEOUT)) &&
	    (flags & RENAME_EXCHANGE))
		goto out_names;
	err = IS_ERR(from) ? PTR_ERR(from) : PTR_ERR_OR_ZERO(to);
	if (err)
		goto out_names;
	err = walk_to_parent(&o, odfd, from);
	if (!err)
		err = must_be_dir(&o);
	if (err)
		goto out_old;
	err = walk_to_parent(&n, ndfd, to);
	if (!err)
		err = must_be_dir(&n);
	if (err)
		goto out_both;
	err = -EXDEV;
	if (o.path.mnt != n.path.mnt)
		goto out_both;
	err = -EBUSY;
	if (o.last_type != LAST_NORM)
		goto out_both;
	if (flags & RENAME_NOREPLACE)
		err = -EEXIST;
	if (n.last_type != LAST_NORM)
		goto out_both;
	err = mnt_want_write(o.path.mnt);
	if (err)
		goto out_both;
	trap = lock_rename(o.path.dentry, n.path.dentry);       /* [a] */
	err = rename_locked(&o, &n, trap, flags);
	unlock_rename(o.path.dentry, n.path.dentry);
	mnt_drop_write(o.path.mnt);
out_both:
	nd_end(&n);
out_old:
	nd_end(&o);
out_names:
	putname(from);
	putname(to);
	return err;
}

SYSCALL_DEFINE5(renameat2, int, odfd, const char __user *, old, int, ndfd,
		const char __user *, new, unsigned int, flags)
{
	return do_renameat2(odfd, getname(old), ndfd, getname(new), flags);
}

SYSCALL_DEFINE4(renameat, int, odfd, const char __user *, old, int, ndfd,
		const char __user *, new)
{
	return do_renameat2(odfd, getname(old), ndfd, getname(new), 0);
}

SYSCALL_DEFINE2(rename, const char __user *, old, const char __user *, new)
{
	return do_renameat2(AT_FDCWD, getname(old), AT_FDCWD, getname(new), 0);
}
