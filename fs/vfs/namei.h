/* SPDX-License-Identifier: MIT */
#ifndef FS_VFS_NAMEI_H
#define FS_VFS_NAMEI_H
/* namei.h -- a path walk in progress (theory: fs/vfs/namei.c) */

#include "internal.h"

#define MAXSYMLINKS 40

enum last_type { LAST_NORM, LAST_ROOT, LAST_DOT, LAST_DOTDOT };

/* A symlink whose text is being walked, and what comes behind it. */
struct pending_link {
	const char *rest;             /* text that is still to be walked */
	struct path link;             /* keeps that text's owner alive */
	struct delayed_call done;     /* ... or this does */
};

struct nameidata {
	struct path path;             /* where we are; counted */
	struct path root;             /* where ".." stops; counted */
	unsigned int flags;           /* LOOKUP_* */
	enum last_type last_type;     /* of the component not yet taken */
	struct qstr last;
	bool trailing_slash;          /* behind that component */
	int links;                    /* symlinks followed so far */
	int depth;                    /* entries of stack in use */
	struct pending_link *stack;
	struct pending_link inline_stack[2];
	struct filename *name;
	int dfd;
	struct nameidata *saved;      /* the walk that this one interrupts */
};

void nd_begin(struct nameidata *nd, int dfd, struct filename *name,
	      unsigned flags);
void nd_end(struct nameidata *nd);
/* Walk all but the last component: nd->last, nd->last_type.  0 or -errno. */
int walk_start(struct nameidata *nd, const struct path *root,
	       const char **text);
int walk_to_last(struct nameidata *nd, const char *text);
/*
 * Take the last component.  NULL: nd->path is there.  A string: it was a
 * symlink to be followed, go on with that text.  ERR_PTR.
 */
#define STEP_NOFOLLOW 1
const char *walk_step(struct nameidata *nd, unsigned how);
/* The same for a dentry that was looked up already (consumed). */
const char *step_into(struct nameidata *nd, struct dentry *d, unsigned how);
struct dentry *lookup_cached(struct nameidata *nd);
struct dentry *lookup_in_dir(struct dentry *dir, const struct qstr *name,
			     unsigned flags);
/* May something be looked up in nd->path?  0, -ENOTDIR. */
static inline int must_be_dir(struct nameidata *nd)
{
	return d_inode(nd->path.dentry)->i_op->lookup ? 0 : -ENOTDIR;
}

/* The umask counts, unless the directory's default list may say otherwise. */
static inline umode_t mode_by_umask(struct inode *dir, umode_t mode)
{
	return IS_POSIXACL(dir) ? mode : mode & ~current_umask();
}

int may_create_in(struct inode *dir, struct dentry *child);

#endif
