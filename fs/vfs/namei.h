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
	unsigned seq;                 /* [R] its dentry's d_seq */
	struct delayed_call done;     /* ... or this does */
};

/*
 * Field key [R]: of use only while flags has LOOKUP_RCU.  Then no path here is
 * counted, and each has the sequence at which it was right; theory: rcu_walk.c.
 */
struct nameidata {
	struct path path;             /* where we are; counted */
	struct path root;             /* where ".." stops; counted */
	struct inode *inode;          /* [R] path.dentry's, at seq */
	unsigned seq, root_seq;       /* [R] d_seq of path.dentry and root's */
	unsigned next_seq;            /* [R] of what lookup_cached() found */
	unsigned m_seq;               /* [R] mount_lock's, at the start */
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
/* nd_begin() and both of these, up to the parent, counted. */
int walk_to_parent(struct nameidata *nd, int dfd, struct filename *name);
/*
 * Take the last component.  NULL: nd->path is there.  A string: it was a
 * symlink to be followed, go on with that text.  ERR_PTR.
 */
#define STEP_NOFOLLOW 1
#define STEP_TRAILING 2       /* the path ends here */
const char *walk_step(struct nameidata *nd, unsigned how);
/* The same for a dentry that was looked up already (consumed). */
const char *step_into(struct nameidata *nd, struct dentry *d, unsigned how);
struct dentry *lookup_cached(struct nameidata *nd);
struct dentry *lookup_in_dir(struct dentry *dir, const struct qstr *name,
			     unsigned flags);
static inline bool in_rcu_walk(const struct nameidata *nd)
{
	return nd->flags & LOOKUP_RCU;
}

/* The inode where the walk stands: a directory when something is looked up. */
static inline struct inode *nd_inode(const struct nameidata *nd)
{
	return in_rcu_walk(nd) ? nd->inode : d_inode(nd->path.dentry);
}

/* May something be looked up in nd->path?  0, -ENOTDIR. */
static inline int must_be_dir(struct nameidata *nd)
{
	return nd_inode(nd)->i_op->lookup ? 0 : -ENOTDIR;
}

/* A symlink, and the walk goes on with its text; see walk_step(). */
const char *follow_link(struct nameidata *nd, struct path *link,
			struct inode *inode, unsigned seq, unsigned how);

/* rcu_walk.c: the walk without references. */
unsigned rcu_flags(unsigned flags);   /* flags for the first try */
int rcu_walk_failed(unsigned flags);  /* 0: walk again; or -errno */
void rcu_walk_begin(struct nameidata *nd);
void rcu_walk_leave(struct nameidata *nd);
int rcu_start(struct nameidata *nd, const char *text);
int rcu_jump_root(struct nameidata *nd);
int rcu_walk_up(struct nameidata *nd);
struct dentry *rcu_lookup(struct nameidata *nd);
const char *rcu_step_into(struct nameidata *nd, struct dentry *d, unsigned how);
int rcu_may_search(struct nameidata *nd);
/* Count all that the walk stands on and go on like that; or false. */
bool try_to_unlazy(struct nameidata *nd);
/* The walk has arrived: 0, or -ECHILD. */
int complete_walk(struct nameidata *nd);
void count_asked(void);

/*
 * A file for everybody of dir's group is not made setgid by somebody who is not
 * of that group.
 */
umode_t mode_strip_sgid(const struct inode *dir, umode_t mode);

/* The umask counts, unless the directory's default list may say otherwise. */
static inline umode_t mode_by_umask(struct inode *dir, umode_t mode)
{
	mode = mode_strip_sgid(dir, mode);
	return IS_POSIXACL(dir) ? mode : mode & ~current_umask();
}

int may_create_in(struct inode *dir, struct dentry *child);

#endif
