/* SPDX-License-Identifier: MIT */
/*
 * path_lookup.c -- whole walks, for those who want the place that a path names
 *
 * Each walk is tried without references first, and again with them if that was
 * disturbed (rcu_walk.c).  The steps are in namei.c; open(2) has its own last
 * step in open_walk.c.
 */

#include "namei.h"

#include <kernel/hash.h>
#include <kernel/kernel.h>

/* Is this what the last step was to find? */
static int check_result(struct nameidata *nd)
{
	if ((nd->flags & LOOKUP_DIRECTORY) &&
	    !S_ISDIR(d_inode(nd->path.dentry)->i_mode))
		return -ENOTDIR;
	return 0;
}

static int walk_all(struct nameidata *nd, const struct path *root)
{
	const char *text;
	int err = walk_start(nd, root, &text);

	while (!err && text) {
		err = walk_to_last(nd, text);
		if (err)
			return err;
		if (nd->flags & LOOKUP_PARENT)
			return complete_walk(nd);
		if (nd->trailing_slash)
			nd->flags |= LOOKUP_FOLLOW | LOOKUP_DIRECTORY;
		text = walk_step(nd, STEP_TRAILING |
				     (nd->flags & LOOKUP_FOLLOW ? 0
							: STEP_NOFOLLOW));
		if (IS_ERR(text))
			return PTR_ERR(text);
	}
	if (!err)
		err = complete_walk(nd);
	return err ? err : check_result(nd);
}

/* To the directory that has the last component, counted. */
static int walk_to_parent_once(struct nameidata *nd, int dfd,
			       struct filename *name, unsigned flags)
{
	const char *text;
	int err;

	nd_begin(nd, dfd, name, flags | LOOKUP_PARENT);
	err = walk_start(nd, NULL, &text);
	if (!err)
		err = walk_to_last(nd, text);
	return err ? err : complete_walk(nd);
}

/* For who changes directories: nd_end() in any case.  0 or -errno. */
int walk_to_parent(struct nameidata *nd, int dfd, struct filename *name)
{
	int err = walk_to_parent_once(nd, dfd, name, LOOKUP_RCU);

	if (err != -ECHILD)
		return err;
	nd_end(nd);
	rcu_walk_failed(0);
	return walk_to_parent_once(nd, dfd, name, 0);
}

static int lookup_once(int dfd, struct filename *name, unsigned flags,
		       struct path *path, const struct path *root)
{
	struct nameidata nd;
	int err;

	nd_begin(&nd, dfd, name, flags);
	err = walk_all(&nd, root);
	if (!err) {
		*path = nd.path;
		nd.path = (struct path){ NULL, NULL };
	}
	nd_end(&nd);
	return err;
}

/* Resolve name (not consumed) into *path, counted.  0 or -errno. */
int filename_lookup(int dfd, struct filename *name, unsigned flags,
		    struct path *path, const struct path *root)
{
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	if (!root && (rcu_flags(flags) & LOOKUP_RCU)) {
		err = lookup_once(dfd, name, flags | LOOKUP_RCU, path, NULL);
		if (err != -ECHILD)
			return err;
		err = rcu_walk_failed(flags);
		if (err)
			return err;
	}
	return lookup_once(dfd, name, flags & ~LOOKUP_RCU, path, root);
}

int kern_path(const char *name, unsigned flags, struct path *path)
{
	struct filename *f = getname_kernel(name);
	int err = filename_lookup(AT_FDCWD, f, flags, path, NULL);

	putname(f);
	return err;
}

int user_path_at(int dfd, const char __user *name, unsigned flags,
		 struct path *path)
{
	struct filename *f = getname_flags(name, flags);
	int err = filename_lookup(dfd, f, flags, path, NULL);

	putname(f);
	return err;
}

/* One name in a directory that the caller has locked; ERR_PTR. */
struct dentry *lookup_one_len(const char *name, struct dentry *base, int len)
{
	struct qstr q = QSTR_INIT(name, len);
	int err;

	if (!len || (len <= 2 && !memcmp(name, "..", len)) ||
	    memchr(name, '/', len))
		return ERR_PTR(-EACCES);
	err = inode_permission(d_inode(base), MAY_EXEC);
	if (err)
		return ERR_PTR(err);
	q.hash = full_name_hash(NULL, name, len);
	return lookup_in_dir(base, &q, 0);
}
