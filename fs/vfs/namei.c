/* SPDX-License-Identifier: MIT */
/*
 * namei.c -- from a path to a file: the walk
 *
 * PROMISE.  A path is walked component by component from the root, the working
 * directory or a directory descriptor; symlinks, "..", mounts and permissions
 * count on the way as POSIX says.  No path, however nested its symlinks, uses
 * more kernel stack than another.
 *
 * IDEA.  A symlink in the middle of a path means: walk its text, then what is
 * left of ours.  Recursion would say that in one line, and 40 nested links
 * would overflow the stack.  So what is left is pushed on a small stack:
 *
 *	"a/lnk/b"      at a, lnk -> "x/y"     push "b",  walk "x/y"
 *	"x/y"          at a/x/y, text ends    pop        walk "b"
 *
 * The walk stops *before* the last component (walk_to_last), for open, unlink
 * and mkdir each do something else with it.  If it turns out to be a symlink
 * that must be followed, its text is walked in the same way: a loop.
 *
 * INVARIANTS
 *   I1  nd->path is counted (but in the RCU mode), and its inode was positive and a directory when
 *       a component is looked up in it.
 *   I2  The texts in the stack stay valid until nd_end(): the link's dentry
 *       is held.
 *   I3  At most MAXSYMLINKS links are followed in one walk.
 *
 * LOCKING.  The dcache is asked first, without the directory's lock; on a miss
 * the directory is locked (i_rwsem) and asked again, so that two walks never
 * make two dentries of one name.
 *
 * TWO MODES.  The first try counts nothing and locks nothing (rcu_walk.c,
 * LOOKUP_RCU); where that does not do, it goes over into the one described
 * here, or the walk begins anew in it.
 *
 * SEE POSIX 4.13 "Pathname Resolution"; docs/51-path-walk.md and
 * docs/84-rcu-path-walk.md.
 *
 * EXERCISES.  1. chroot, keep a descriptor of a directory outside, fchdir to
 * it: why does ".." now reach the real root?  2. Where would the 41st link of
 * a chain be refused, and with which errno?
 */

#include "namei.h"
#include "mount.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <kernel/bug.h>
#include <kernel/hash.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <mm/gfp.h>
#include <mm/slab.h>

/* ---- the life of a walk ---- */

void nd_begin(struct nameidata *nd, int dfd, struct filename *name,
	      unsigned flags)
{
	*nd = (struct nameidata){ .dfd = dfd, .name = name, .flags = flags };
	nd->stack = nd->inline_stack;
	nd->saved = current->nameidata;
	current->nameidata = nd;
	if (flags & LOOKUP_RCU)
		rcu_walk_begin(nd);
}

static void drop_link(struct pending_link *p)
{
	do_delayed_call(&p->done);
	path_put(&p->link);
}

static void drop_links(struct nameidata *nd)
{
	while (nd->depth)
		drop_link(&nd->stack[--nd->depth]);
}

/* Give back all that the walk holds; nd->path too, if it was not taken. */
void nd_end(struct nameidata *nd)
{
	if (in_rcu_walk(nd))
		rcu_walk_leave(nd);
	drop_links(nd);
	if (nd->stack != nd->inline_stack)
		kfree(nd->stack);
	path_put(&nd->path);
	path_put(&nd->root);
	current->nameidata = nd->saved;
}

/* The entry for a link, its counts (if any) now the stack's; NULL: no room. */
static struct pending_link *push_link(struct nameidata *nd,
				      const struct path *link, unsigned seq)
{
	struct pending_link *big;

	if (nd->depth == ARRAY_SIZE(nd->inline_stack) &&
	    nd->stack == nd->inline_stack) {
		/* The link too many is pushed before it is refused. */
		big = kmalloc_array(MAXSYMLINKS + 1, sizeof(*big),
				    in_rcu_walk(nd) ? GFP_ATOMIC : GFP_KERNEL);
		if (!big)
			return NULL;
		memcpy(big, nd->inline_stack, sizeof(nd->inline_stack));
		nd->stack = big;
	}
	nd->stack[nd->depth] = (struct pending_link){
		.rest = "", .link = *link, .seq = seq };
	return &nd->stack[nd->depth++];
}

static void nd_set_root(struct nameidata *nd)
{
	if (!nd->root.mnt)
		get_fs_root(current->fs, &nd->root);
}

static int nd_jump_root(struct nameidata *nd)
{
	if (in_rcu_walk(nd))
		return rcu_jump_root(nd);
	if (nd->flags & LOOKUP_BENEATH)
		return -EXDEV;
	nd_set_root(nd);
	if ((nd->flags & LOOKUP_NO_XDEV) && nd->path.mnt &&
	    nd->path.mnt != nd->root.mnt)
		return -EXDEV;
	path_get(&nd->root);
	path_put(&nd->path);
	nd->path = nd->root;
	return 0;
}

/* A magic link (/proc/PID/exe) knows its target itself; takes path's counts. */
int nd_jump_link(const struct path *path)
{
	struct nameidata *nd = current->nameidata;

	if (nd->flags & (LOOKUP_NO_MAGICLINKS | LOOKUP_BENEATH |
			 LOOKUP_IN_ROOT)) {
		path_put(path);
		return nd->flags & LOOKUP_NO_MAGICLINKS ? -ELOOP : -EXDEV;
	}
	path_put(&nd->path);
	nd->path = *path;
	return 0;
}

/* Where the walk starts: a given root, "/", the working directory, a dfd. */
static int start_at_dfd(struct nameidata *nd, const char *text)
{
	struct dentry *d;
	struct fd f;

	if (nd->dfd == AT_FDCWD) {
		get_fs_pwd(current->fs, &nd->path);
		return 0;
	}
	f = fdget_raw(nd->dfd);
	if (!f.file)
		return -EBADF;
	d = f.file->f_path.dentry;
	if (*text && !S_ISDIR(d_inode(d)->i_mode)) {
		fdput(f);
		return -ENOTDIR;
	}
	nd->path = f.file->f_path;
	path_get(&nd->path);
	fdput(f);
	return 0;
}

int walk_start(struct nameidata *nd, const struct path *root, const char **text)
{
	const char *s = nd->name->name;
	int err;

	if (in_rcu_walk(nd)) {
		*text = s;
		return rcu_start(nd, s);
	}
	if (root) {
		nd->root = nd->path = *root;
		path_get(root);
		path_get(root);
		while (*s == '/')
			s++;
		*text = s;
		return 0;
	}
	if (*s == '/' && !(nd->flags & LOOKUP_IN_ROOT)) {
		*text = s;
		return nd_jump_root(nd);
	}
	err = start_at_dfd(nd, s);
	if (!err && (nd->flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT))) {
		nd->root = nd->path;
		path_get(&nd->root);
	}
	*text = s;
	return err;
}

/* ---- single steps ---- */

/* Cross into whatever is mounted at nd->path. */
static int cross_mounts(struct nameidata *nd)
{
	struct vfsmount *before = nd->path.mnt;

	follow_down(&nd->path);
	if ((nd->flags & LOOKUP_NO_XDEV) && nd->path.mnt != before)
		return -EXDEV;
	return 0;
}

/* ".." -- up one directory, out of mounts, but never above the root. */
static int walk_up(struct nameidata *nd)
{
	struct dentry *parent;

	nd_set_root(nd);
	for (;;) {
		if (path_equal(&nd->path, &nd->root)) {
			if (nd->flags & LOOKUP_BENEATH)
				return -EXDEV;
			break;
		}
		if (nd->path.dentry != nd->path.mnt->mnt_root) {
			parent = dget_parent(nd->path.dentry);
			dput(nd->path.dentry);
			nd->path.dentry = parent;
			break;
		}
		if (nd->flags & LOOKUP_NO_XDEV)
			return -EXDEV;
		if (!follow_up(&nd->path))
			break;
	}
	if ((nd->flags & (LOOKUP_BENEATH | LOOKUP_IN_ROOT)) &&
	    !path_is_under(&nd->path, &nd->root))
		return -EAGAIN;
	return cross_mounts(nd);
}

/* The dcache's answer for nd->last, counted; NULL: ask the file system. */
struct dentry *lookup_cached(struct nameidata *nd)
{
	struct dentry *d;
	int ok;

	if (in_rcu_walk(nd)) {
		d = rcu_lookup(nd);
		if (d)
			return d;
	}
	d = __d_lookup(nd->path.dentry, &nd->last);
	if (!d || !d->d_op || !d->d_op->d_revalidate)
		return d;
	ok = d->d_op->d_revalidate(d, nd->flags);
	if (ok > 0)
		return d;
	if (!ok)
		d_invalidate(d);
	dput(d);
	return ok ? ERR_PTR(ok) : NULL;
}

/* The dentry of name in dir, asking the file system if need be; dir locked. */
struct dentry *lookup_in_dir(struct dentry *dir, const struct qstr *name,
			     unsigned flags)
{
	struct inode *inode = d_inode(dir);
	struct dentry *d = d_lookup(dir, name), *other;

	if (d && d->d_op && d->d_op->d_revalidate &&
	    d->d_op->d_revalidate(d, flags) <= 0) {
		d_invalidate(d);
		dput(d);
		d = NULL;
	}
	if (d)
		return d;
	if (IS_DEADDIR(inode))
		return ERR_PTR(-ENOENT);
	d = d_alloc(dir, name);
	if (!d)
		return ERR_PTR(-ENOMEM);
	count_asked();
	other = inode->i_op->lookup(inode, d, flags);
	if (other) {
		dput(d);
		d = other;
	}
	return d;
}

static struct dentry *lookup_slow(struct nameidata *nd)
{
	struct inode *dir = d_inode(nd->path.dentry);
	struct dentry *d;

	inode_lock(dir);
	d = lookup_in_dir(nd->path.dentry, &nd->last, nd->flags);
	inode_unlock(dir);
	return d;
}

int sysctl_protected_symlinks = 1;

/*
 * Somebody else's link in a directory where all may create, such as /tmp, at
 * the end of a path: whoever made it may want us to write where we should not.
 */
static bool is_a_trap(struct nameidata *nd, const struct inode *link)
{
	const struct inode *dir = nd_inode(nd);

	return sysctl_protected_symlinks && link->i_uid != current_fsuid() &&
	       (dir->i_mode & (S_ISVTX | S_IWOTH)) == (S_ISVTX | S_IWOTH) &&
	       dir->i_uid != link->i_uid;
}

/*
 * The text of the symlink at link, which goes onto the stack with its counts;
 * "" if the walk is at its target already.  In RCU mode, link and inode at seq.
 */
const char *follow_link(struct nameidata *nd, struct path *link,
			struct inode *inode, unsigned seq, unsigned how)
{
	struct pending_link *p = push_link(nd, link, seq);       /* I2 */
	const char *text;
	int err = 0;

	if (!p && in_rcu_walk(nd))
		return ERR_PTR(-ECHILD);
	if (!p) {
		path_put(link);
		return ERR_PTR(-ENOMEM);
	}
	if (nd->links++ >= MAXSYMLINKS || (nd->flags & LOOKUP_NO_SYMLINKS) ||
	    (link->mnt->mnt_flags & MNT_NOSYMFOLLOW))
		return ERR_PTR(-ELOOP);                          /* I3 */
	if ((how & STEP_TRAILING) && is_a_trap(nd, inode))
		return ERR_PTR(in_rcu_walk(nd) ? -ECHILD : -EACCES);
	text = READ_ONCE(inode->i_link);
	if (in_rcu_walk(nd) && (!text || atime_needs_update(link, inode)) &&
	    !try_to_unlazy(nd))
		return ERR_PTR(-ECHILD);
	if (!in_rcu_walk(nd))
		touch_atime(link);
	if (!text)
		text = inode->i_op->get_link(link->dentry, inode, &p->done);
	if (IS_ERR_OR_NULL(text))     /* a magic link: nd->path is there */
		return text ? text : "";
	if (*text == '/')
		err = nd_jump_root(nd);
	return err ? ERR_PTR(err) : text;
}

/* Go to d (consumed), or hand back the text of the symlink that it is. */
const char *step_into(struct nameidata *nd, struct dentry *d, unsigned how)
{
	struct path old = nd->path, link;
	struct inode *inode;
	int err;

	if (in_rcu_walk(nd))
		return rcu_step_into(nd, d, how);
	nd->path.dentry = d;
	mntget(nd->path.mnt);
	err = cross_mounts(nd);
	inode = d_inode(nd->path.dentry);
	if (!err && !inode)
		err = -ENOENT;
	if (err) {
		path_put(&nd->path);
		nd->path = old;
		return ERR_PTR(err);
	}
	if (!S_ISLNK(inode->i_mode) || (how & STEP_NOFOLLOW)) {
		path_put(&old);
		return NULL;
	}
	link = nd->path;
	nd->path = old;
	return follow_link(nd, &link, inode, 0, how);
}

const char *walk_step(struct nameidata *nd, unsigned how)
{
	struct dentry *d;
	int err;

	switch (nd->last_type) {
	case LAST_ROOT:
	case LAST_DOT:
		return NULL;
	case LAST_DOTDOT:
		err = in_rcu_walk(nd) ? rcu_walk_up(nd) : walk_up(nd);
		return err ? ERR_PTR(err) : NULL;
	case LAST_NORM:
		break;
	}
	d = lookup_cached(nd);
	if (!d)
		d = lookup_slow(nd);
	if (IS_ERR(d))
		return ERR_CAST(d);
	return step_into(nd, d, how);
}

/* ---- the walk ---- */

/* Cut the next component off *s into nd->last, with its hash. */
static int take_component(struct nameidata *nd, const char **s)
{
	const unsigned char *start = (const unsigned char *)*s, *p = start;

	while (*p && *p != '/')
		p++;
	nd->last = (struct qstr){ .len = p - start, .name = start };
	nd->last.hash = full_name_hash(NULL, *s, nd->last.len);
	*s = (const char *)p;
	nd->last_type = LAST_NORM;
	if (start[0] == '.') {
		if (nd->last.len == 1)
			nd->last_type = LAST_DOT;
		else if (nd->last.len == 2 && start[1] == '.')
			nd->last_type = LAST_DOTDOT;
	}
	return nd->last.len > NAME_MAX ? -ENAMETOOLONG : 0;
}

static const char *skip_slashes(const char *s)
{
	while (*s == '/')
		s++;
	return s;
}

/* The text still to be walked behind the current one; NULL: nothing. */
static const char *pop_rest(struct nameidata *nd)
{
	int i;

	for (i = nd->depth - 1; i >= 0; i--) {
		const char *rest = skip_slashes(nd->stack[i].rest);

		if (*rest) {
			nd->stack[i].rest = "";
			return rest;
		}
		if (*nd->stack[i].rest)
			nd->trailing_slash = true;
	}
	return NULL;
}

static bool rest_is_empty(struct nameidata *nd)
{
	int i;

	for (i = 0; i < nd->depth; i++) {
		if (*skip_slashes(nd->stack[i].rest))
			return false;
		if (*nd->stack[i].rest)
			nd->trailing_slash = true;
	}
	return true;
}

static int must_be_searchable(struct nameidata *nd)
{
	struct inode *inode = nd_inode(nd);

	if (!inode->i_op->lookup)
		return in_rcu_walk(nd) && complete_walk(nd) ? -ECHILD
							    : -ENOTDIR;
	return in_rcu_walk(nd) ? rcu_may_search(nd)
			       : inode_permission(inode, MAY_EXEC);
}

int walk_to_last(struct nameidata *nd, const char *text)
{
	const char *link, *s = text;
	int err;

	nd->last_type = LAST_ROOT;
	nd->trailing_slash = false;
	for (;;) {
		s = skip_slashes(s);
		if (!*s) {
			s = pop_rest(nd);
			if (!s)
				return 0;      /* only slashes: stay here */
		}
		err = must_be_searchable(nd);
		if (!err)
			err = take_component(nd, &s);
		if (err)
			return err;
		if (!*skip_slashes(s)) {
			nd->trailing_slash = *s == '/';
			if (rest_is_empty(nd))
				return 0;
		}
		link = walk_step(nd, 0);
		if (IS_ERR(link))
			return PTR_ERR(link);
		if (link) {
			nd->stack[nd->depth - 1].rest = s;
			s = link;
		}
		nd->last_type = LAST_ROOT;
	}
}
