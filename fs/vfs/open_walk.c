/* SPDX-License-Identifier: MIT */
/*
 * open_walk.c -- the last component of open(2): look up, create, open
 *
 * IDEA.  The walk stops before the last component.  Without O_CREAT it is
 * taken like any other.  With O_CREAT the directory is locked, so that "look,
 * and create if it is not there" is one step; O_EXCL says who came first.
 */

#include "namei.h"
#include "mount.h"

#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>

/* Is a device node on this mount usable at all? */
int may_open_dev(const struct path *path)
{
	return path->mnt->mnt_flags & MNT_NODEV ? -EACCES : 0;
}

/* May what the walk found be opened like that?  0 or -errno. */
static int may_open(const struct path *path, int acc_mode, int flag)
{
	struct inode *inode = d_inode(path->dentry);
	int err;

	switch (inode->i_mode & S_IFMT) {
	case S_IFLNK:
		return -ELOOP;
	case S_IFDIR:
		if (acc_mode & MAY_WRITE)
			return -EISDIR;
		if (acc_mode & MAY_EXEC)
			return -EACCES;
		break;
	case S_IFBLK:
	case S_IFCHR:
		err = may_open_dev(path);
		if (err)
			return err;
		if (acc_mode & MAY_EXEC)
			return -EACCES;
		break;
	case S_IFIFO:
	case S_IFSOCK:
		if (acc_mode & MAY_EXEC)
			return -EACCES;
		break;
	case S_IFREG:
		if ((acc_mode & MAY_EXEC) &&
		    (path->mnt->mnt_flags & MNT_NOEXEC))
			return -EACCES;
		break;
	}
	err = inode_permission(inode, MAY_OPEN | acc_mode);
	if (err)
		return err;
	if (IS_APPEND(inode)) {
		if ((flag & O_ACCMODE) != O_RDONLY && !(flag & O_APPEND))
			return -EPERM;
		if (flag & O_TRUNC)
			return -EPERM;
	}
	if ((flag & O_NOATIME) && !inode_owner_or_capable(inode))
		return -EPERM;
	return 0;
}

static int handle_truncate(struct file *file)
{
	struct inode *inode = d_inode(file->f_path.dentry);
	int err = get_write_access(inode);

	if (err)
		return err;
	err = do_truncate(file->f_path.dentry, 0,
			  ATTR_MTIME | ATTR_CTIME | ATTR_OPEN, file);
	put_write_access(inode);
	return err;
}

/* nd->path is the file: check, open, truncate. */
static int open_found(struct nameidata *nd, struct file *file,
		      const struct open_flags *op, bool created)
{
	struct inode *inode = d_inode(nd->path.dentry);
	int flag = op->open_flag, acc_mode = op->acc_mode, err;
	bool truncate = false;

	if (!created) {
		if ((flag & O_CREAT) && (flag & O_EXCL))
			return -EEXIST;
		if ((flag & O_CREAT) && S_ISDIR(inode->i_mode))
			return -EISDIR;
	}
	if ((nd->flags & LOOKUP_DIRECTORY) && !S_ISDIR(inode->i_mode))
		return -ENOTDIR;
	if (created) {
		acc_mode = 0;         /* one may always open what one made */
	} else if (S_ISREG(inode->i_mode) && (flag & O_TRUNC)) {
		err = mnt_want_write(nd->path.mnt);
		if (err)
			return err;
		truncate = true;
	}
	err = may_open(&nd->path, acc_mode, flag);
	if (!err)
		err = vfs_open(&nd->path, file);
	if (!err && truncate)
		err = handle_truncate(file);
	if (truncate)
		mnt_drop_write(nd->path.mnt);
	return err;
}

/* O_CREAT: look up or create in the locked directory.  The dentry, counted. */
static struct dentry *lookup_or_create(struct nameidata *nd,
				       const struct open_flags *op,
				       bool *created)
{
	struct dentry *dir = nd->path.dentry, *d;
	int ro = mnt_want_write(nd->path.mnt), err = 0;

	inode_lock(d_inode(dir));
	d = lookup_in_dir(dir, &nd->last, nd->flags | LOOKUP_CREATE);
	if (!IS_ERR(d) && !d_inode(d)) {
		err = ro;
		if (!err)
			err = vfs_create(d_inode(dir), d,
					 mode_by_umask(d_inode(dir), op->mode),
					 op->open_flag & O_EXCL);
		*created = !err;
	}
	inode_unlock(d_inode(dir));
	if (!ro)
		mnt_drop_write(nd->path.mnt);
	if (err) {
		dput(d);
		return ERR_PTR(err);
	}
	return d;
}

/* Take the last component.  As walk_step(): NULL, a text, ERR_PTR. */
static const char *take_last(struct nameidata *nd, const struct open_flags *op,
			     bool *created)
{
	unsigned how = STEP_TRAILING |
		       (nd->flags & LOOKUP_FOLLOW ? 0 : STEP_NOFOLLOW);
	struct dentry *d;

	if (!(op->open_flag & O_CREAT)) {
		if (nd->trailing_slash) {
			nd->flags |= LOOKUP_FOLLOW | LOOKUP_DIRECTORY;
			how = STEP_TRAILING;
		}
		return walk_step(nd, how);
	}
	if (nd->trailing_slash)
		return ERR_PTR(-EISDIR);
	if (nd->last_type != LAST_NORM)       /* or a magic link has jumped */
		return walk_step(nd, how);
	if (must_be_dir(nd))
		return ERR_PTR(complete_walk(nd) ? -ECHILD : -ENOTDIR);
	d = lookup_cached(nd);
	if (!IS_ERR_OR_NULL(d) && !d_inode(d)) {
		if (!in_rcu_walk(nd))
			dput(d);
		else if (!try_to_unlazy(nd))
			return ERR_PTR(-ECHILD);
		d = NULL;
	}
	if (!d)
		d = lookup_or_create(nd, op, created);
	if (IS_ERR(d))
		return ERR_CAST(d);
	return step_into(nd, d, how);
}

/* Make a nameless file in the directory and open it. */
static int vfs_tmpfile(const struct path *parent, struct file *file,
		       const struct open_flags *op)
{
	static const struct qstr slash = QSTR_INIT("/", 1);
	struct inode *dir = d_inode(parent->dentry), *inode;
	struct dentry *child;
	int err = inode_permission(dir, MAY_WRITE | MAY_EXEC);

	if (err)
		return err;
	if (!dir->i_op->tmpfile)
		return -EOPNOTSUPP;
	child = d_alloc(parent->dentry, &slash);
	if (!child)
		return -ENOMEM;
	file->f_path = (struct path){ .mnt = parent->mnt, .dentry = child };
	err = dir->i_op->tmpfile(dir, file, mode_by_umask(dir, op->mode));
	dput(child);                  /* the open file holds it */
	if (err) {
		/* Opened, then refused (O_DIRECT): fput() lets go of the
		 * path. */
		if (!(file->f_mode & FMODE_OPENED))
			file->f_path = (struct path){ NULL, NULL };
		return err;
	}
	inode = file_inode(file);
	if (!(op->open_flag & O_EXCL)) {
		spin_lock(&inode->i_lock);
		inode->i_state |= I_LINKABLE;
		spin_unlock(&inode->i_lock);
	}
	return 0;
}

/* O_TMPFILE: the path names the directory. */
static int open_tmpfile(int dfd, struct filename *name, struct file *file,
			const struct open_flags *op, const struct path *root)
{
	struct path path;
	int err;

	err = filename_lookup(dfd, name, op->lookup_flags | LOOKUP_DIRECTORY,
			      &path, root);
	if (err)
		return err;
	err = mnt_want_write(path.mnt);
	if (!err) {
		err = vfs_tmpfile(&path, file, op);
		mnt_drop_write(path.mnt);
	}
	path_put(&path);
	return err;
}

static int open_path_only(int dfd, struct filename *name, struct file *file,
			  const struct path *root, unsigned flags)
{
	struct path path;
	int err = filename_lookup(dfd, name, flags, &path, root);

	if (err)
		return err;
	err = vfs_open(&path, file);
	path_put(&path);
	return err;
}

static int open_by_walk(struct nameidata *nd, struct file *file,
			const struct open_flags *op, const struct path *root)
{
	bool created = false;
	const char *text;
	int err = walk_start(nd, root, &text);

	while (!err && text) {
		err = walk_to_last(nd, text);
		if (err)
			return err;
		text = take_last(nd, op, &created);
		if (IS_ERR(text))
			return PTR_ERR(text);
	}
	if (!err)
		err = complete_walk(nd);
	return err ? err : open_found(nd, file, op, created);
}

static int open_once(int dfd, struct filename *name, unsigned lookup,
		     struct file *file, const struct open_flags *op,
		     const struct path *root)
{
	struct nameidata nd;
	int err;

	nd_begin(&nd, dfd, name, lookup);
	err = open_by_walk(&nd, file, op, root);
	nd_end(&nd);
	return err;
}

/* First without references, then, if that does not do, with them. */
static int open_by_name(int dfd, struct filename *name, struct file *file,
			const struct open_flags *op, const struct path *root)
{
	unsigned lookup = op->lookup_flags;
	int err;

	if (!root && (rcu_flags(lookup) & LOOKUP_RCU)) {
		err = open_once(dfd, name, lookup | LOOKUP_RCU, file, op, NULL);
		if (err != -ECHILD)
			return err;
		err = rcu_walk_failed(lookup);
		if (err)
			return err;
	}
	return open_once(dfd, name, lookup, file, op, root);
}

static struct file *path_openat(int dfd, struct filename *name,
				const struct open_flags *op,
				const struct path *root)
{
	struct file *file = alloc_empty_file(op->open_flag, current_cred());
	int err;

	if (IS_ERR(file))
		return file;
	if (op->open_flag & __O_TMPFILE)
		err = open_tmpfile(dfd, name, file, op, root);
	else if (op->open_flag & O_PATH)
		err = open_path_only(dfd, name, file, root, op->lookup_flags);
	else
		err = open_by_name(dfd, name, file, op, root);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

/* Open by path; ERR_PTR.  The name is not consumed. */
struct file *do_filp_open(int dfd, struct filename *name,
			  const struct open_flags *op)
{
	return path_openat(dfd, name, op, NULL);
}

struct file *do_file_open_root(const struct path *root, const char *name,
			       const struct open_flags *op)
{
	struct filename *f = getname_kernel(name);
	struct file *file;

	if (IS_ERR(f))
		return ERR_CAST(f);
	file = path_openat(AT_FDCWD, f, op, root);
	putname(f);
	return file;
}
