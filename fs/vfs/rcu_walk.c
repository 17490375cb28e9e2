/* SPDX-License-Identifier: MIT */
/*
 * rcu_walk.c -- a path walk that writes nothing
 *
 * PROMISE.  A path whose names are all cached is walked without a lock and
 * without a reference; only where it ends one is taken.  What it finds is what
 * a walk with locks could have found.
 *
 * IDEA.  Every walk passes "/" and "usr".  If each counted its steps, all CPUs
 * would fight for those two cache lines.  So the walk only reads, under RCU
 * (nothing that it sees is freed), and takes for each place a sequence number
 * that changes when the place does:
 *
 *	at "usr", seq 8          look "bin" up: dentry, its d_seq 4   [a]
 *	                         read its inode, its flags            [b]
 *	                         d_seq still 4?  and usr's still 8?   [c]
 *	at "bin", seq 4 ...      (else: -ECHILD)
 *
 * Mounts have one number for all, m_seq.  When something must be slept for (a
 * name that is not cached, a link's text on disk), or at the end, try_to_unlazy
 * takes references to all that the walk stands on, and compares the numbers
 * once more: then they were right when the references were taken, and the walk
 * goes on, or ends, as any other.  If not, -ECHILD: it begins anew, with
 * references from the start.  That happens when someone renames what we walk.
 *
 * INVARIANTS, while LOOKUP_RCU is set
 *   I1  rcu_read_lock is held; nothing in nd is counted.
 *   I2  nd->inode was path.dentry's inode at d_seq == nd->seq, and path was in
 *       the tree of mounts at m_seq.
 *   I3  Nothing is decided by what was read before its number was compared:
 *       also an error is only told after [c].
 *
 * RACES.
 *	walk                            rename("usr/bin", "x/y")
 *	[a] finds bin below usr
 *	                                d_seq of bin odd; parent, name; even
 *	[c] bin's number is another: -ECHILD
 *
 *	walk                            rmdir, and the last dput
 *	stands on bin, seq 4
 *	                                unhashed: seq moves on; killed: count < 0
 *	unlazy: dget_not_dead fails, or the number is another: -ECHILD
 *
 * LOCKING.  None; preemption is off.  fs->seq for the start, mount_lock's
 * sequence for mounts, d_seq for each dentry.
 *
 * NOT DONE.  ->d_revalidate, ->permission and links without their text in
 * memory leave this mode.  Scoped walks (openat2) never enter it.
 *
 * SEE docs/84-rcu-path-walk.md.  EXERCISES.  1. Why does follow_link() push the
 * link before it leaves the mode?  2. Take [c]'s second half away: which rename
 * goes unnoticed?
 */

#include "namei.h"
#include "mount.h"

#include <fs/file.h>
#include <kernel/kernel.h>
#include <kernel/percpu.h>
#include <kernel/rcupdate.h>

static DEFINE_PER_CPU(struct walk_stat, walk_stat);

/* Walks that must check more than a name take the careful way at once. */
unsigned rcu_flags(unsigned flags)
{
	if (flags & (LOOKUP_IS_SCOPED | LOOKUP_NO_XDEV))
		return flags & ~LOOKUP_RCU;
	return flags | LOOKUP_RCU;
}

/* The first try ended in -ECHILD: may there be another? */
int rcu_walk_failed(unsigned flags)
{
	this_cpu_inc(walk_stat.again);
	return flags & LOOKUP_CACHED ? -EAGAIN : 0;
}

void count_asked(void)
{
	this_cpu_inc(walk_stat.asked);
}

void walk_stat_sum(struct walk_stat *sum)
{
	int cpu;

	*sum = (struct walk_stat){ 0 };
	for_each_possible_cpu(cpu) {
		const struct walk_stat *w = per_cpu_ptr(&walk_stat, cpu);

		sum->rcu += READ_ONCE(w->rcu);
		sum->unlazied += READ_ONCE(w->unlazied);
		sum->again += READ_ONCE(w->again);
		sum->asked += READ_ONCE(w->asked);
	}
}

void rcu_walk_begin(struct nameidata *nd)
{
	rcu_read_lock();
	nd->m_seq = read_seqbegin(&mount_lock);
}

/* Nothing is counted: forget it. */
void rcu_walk_leave(struct nameidata *nd)
{
	nd->flags &= ~LOOKUP_RCU;
	nd->depth = 0;
	nd->path = nd->root = (struct path){ NULL, NULL };
	rcu_read_unlock();
}

/* ---- where it starts ---- */

static void rcu_set_root(struct nameidata *nd)
{
	struct fs_struct *fs = current->fs;
	unsigned seq;

	if (nd->root.mnt)
		return;
	do {
		seq = read_seqcount_begin(&fs->seq);
		nd->root = fs->root;
		nd->root_seq = read_seqcount_begin(&nd->root.dentry->d_seq);
	} while (read_seqcount_retry(&fs->seq, seq));
}

/* path and seq are set: take the inode with them (I2). */
static int rcu_arrive(struct nameidata *nd)
{
	nd->inode = d_inode(nd->path.dentry);
	if (read_seqcount_retry(&nd->path.dentry->d_seq, nd->seq) || !nd->inode)
		return -ECHILD;
	return 0;
}

int rcu_jump_root(struct nameidata *nd)
{
	rcu_set_root(nd);
	nd->path = nd->root;
	nd->seq = nd->root_seq;
	return rcu_arrive(nd);
}

static int start_at_pwd(struct nameidata *nd)
{
	struct fs_struct *fs = current->fs;
	unsigned seq;

	do {
		seq = read_seqcount_begin(&fs->seq);
		nd->path = fs->pwd;
		nd->seq = read_seqcount_begin(&nd->path.dentry->d_seq);
	} while (read_seqcount_retry(&fs->seq, seq));
	return rcu_arrive(nd);
}

int rcu_start(struct nameidata *nd, const char *text)
{
	struct fd f;

	if (*text == '/')
		return rcu_jump_root(nd);
	if (nd->dfd == AT_FDCWD)
		return start_at_pwd(nd);
	f = fdget_raw(nd->dfd);
	if (!f.file)
		return -EBADF;
	if (*text && !S_ISDIR(file_inode(f.file)->i_mode)) {
		fdput(f);
		return -ENOTDIR;
	}
	nd->path = f.file->f_path;
	nd->seq = read_seqcount_begin(&nd->path.dentry->d_seq);
	fdput(f);
	return rcu_arrive(nd);
}

/* ---- out of the mode ---- */

/* 0: counted, and in its place; > 0: counted only; < 0: not even that. */
static int legitimize_mnt(struct vfsmount *mnt, unsigned m_seq)
{
	if (!atomic_inc_not_zero(&real_mount(mnt)->mnt_count))
		return -1;
	smp_mb();
	return read_seqretry(&mount_lock, m_seq);
}

/* Count path; what could not be counted is NULL afterwards. */
static bool legitimize_path(struct nameidata *nd, struct path *path,
			    unsigned seq)
{
	int res = legitimize_mnt(path->mnt, nd->m_seq);

	if (res) {
		if (res < 0)
			path->mnt = NULL;
		path->dentry = NULL;
		return false;
	}
	if (!dget_not_dead(path->dentry)) {
		path->dentry = NULL;
		return false;
	}
	return !read_seqcount_retry(&path->dentry->d_seq, seq);
}

static bool legitimize_links(struct nameidata *nd)
{
	int i;

	if (nd->flags & LOOKUP_CACHED) {
		nd->depth = 0;
		return false;
	}
	for (i = 0; i < nd->depth; i++) {
		struct pending_link *p = &nd->stack[i];

		if (!legitimize_path(nd, &p->link, p->seq)) {
			nd->depth = i + 1;     /* those behind hold nothing */
			return false;
		}
	}
	return true;
}

static bool legitimize_root(struct nameidata *nd)
{
	return !nd->root.mnt || legitimize_path(nd, &nd->root, nd->root_seq);
}

/* On failure what was counted stays in nd, for nd_end() to drop. */
static bool legitimize_all(struct nameidata *nd)
{
	static const struct path none;

	if (!legitimize_links(nd)) {
		nd->path = nd->root = none;
		return false;
	}
	if (!legitimize_path(nd, &nd->path, nd->seq)) {
		nd->root = none;
		return false;
	}
	return legitimize_root(nd);
}

bool try_to_unlazy(struct nameidata *nd)
{
	bool ok = legitimize_all(nd);

	nd->flags &= ~LOOKUP_RCU;
	rcu_read_unlock();
	this_cpu_inc(walk_stat.unlazied);
	return ok;
}

/*
 * The links on the way are of no more use; the root neither.  What remains is
 * one place to be counted.
 */
int complete_walk(struct nameidata *nd)
{
	bool ok;

	if (!in_rcu_walk(nd))
		return 0;
	nd->depth = 0;
	nd->root = (struct path){ NULL, NULL };
	ok = legitimize_path(nd, &nd->path, nd->seq);
	nd->flags &= ~LOOKUP_RCU;
	rcu_read_unlock();
	if (!ok)
		return -ECHILD;
	this_cpu_inc(walk_stat.rcu);
	return 0;
}

/* ---- steps ---- */

/* May we look names up here?  What says no, says so with references (I3). */
int rcu_may_search(struct nameidata *nd)
{
	struct inode *inode = nd->inode;
	int err = -ECHILD;

	if (!inode->i_op->permission)
		err = inode_permission(inode, MAY_EXEC | MAY_NOT_BLOCK);
	if (!err)
		return 0;
	if (!try_to_unlazy(nd))
		return -ECHILD;
	return err == -ECHILD ? inode_permission(d_inode(nd->path.dentry),
						 MAY_EXEC) : err;
}

/*
 * The cached dentry for nd->last, its number in next_seq.  NULL: it is not
 * cached, and the walk counts from here on.  ERR_PTR(-ECHILD).
 */
struct dentry *rcu_lookup(struct nameidata *nd)
{
	struct dentry *parent = nd->path.dentry, *d;

	d = __d_lookup_rcu(parent, &nd->last, &nd->next_seq);    /* [a] */
	if (d && !(d->d_op && d->d_op->d_revalidate)) {
		if (read_seqcount_retry(&parent->d_seq, nd->seq)) /* [c] */
			return ERR_PTR(-ECHILD);
		return d;
	}
	return try_to_unlazy(nd) ? NULL : ERR_PTR(-ECHILD);
}

/* Cross into what is mounted at path; *seq goes along.  0, -ECHILD. */
static int rcu_cross_mounts(struct nameidata *nd, struct path *path,
			    unsigned *seq)
{
	struct mount *mounted;

	while (d_mountpoint(path->dentry)) {
		mounted = __lookup_mnt(path->mnt, path->dentry);
		if (read_seqretry(&mount_lock, nd->m_seq))
			return -ECHILD;
		if (!mounted)
			break;
		path->mnt = &mounted->mnt;
		path->dentry = mounted->mnt.mnt_root;
		*seq = read_seqcount_begin(&path->dentry->d_seq);
	}
	return 0;
}

/* Go to d, whose number is next_seq; as step_into(). */
const char *rcu_step_into(struct nameidata *nd, struct dentry *d, unsigned how)
{
	struct path path = { .mnt = nd->path.mnt, .dentry = d };
	unsigned seq = nd->next_seq;
	struct inode *inode;

	if (rcu_cross_mounts(nd, &path, &seq))
		return ERR_PTR(-ECHILD);
	inode = d_inode(path.dentry);                            /* [b] */
	if (read_seqcount_retry(&path.dentry->d_seq, seq))       /* [c] */
		return ERR_PTR(-ECHILD);
	if (!inode)
		return ERR_PTR(-ENOENT);
	if (S_ISLNK(inode->i_mode) && !(how & STEP_NOFOLLOW))
		return follow_link(nd, &path, inode, seq, how);
	nd->path = path;
	nd->inode = inode;
	nd->seq = seq;
	return NULL;
}

/* From a mount's root to where it hangs; false: at the very top. */
static bool rcu_follow_up(struct path *path, unsigned *seq)
{
	struct mount *m = real_mount(path->mnt), *parent;

	parent = READ_ONCE(m->mnt_parent);
	if (parent == m)
		return false;
	path->dentry = READ_ONCE(m->mnt_mountpoint);
	path->mnt = &parent->mnt;
	*seq = read_seqcount_begin(&path->dentry->d_seq);
	return true;
}

static int rcu_to_parent(struct nameidata *nd)
{
	struct dentry *d = nd->path.dentry, *parent = READ_ONCE(d->d_parent);
	unsigned seq = read_seqcount_begin(&parent->d_seq);

	if (read_seqcount_retry(&d->d_seq, nd->seq))
		return -ECHILD;
	nd->path.dentry = parent;
	nd->seq = seq;
	return 0;
}

/* "..", as walk_up() in namei.c. */
int rcu_walk_up(struct nameidata *nd)
{
	int err = 0;

	rcu_set_root(nd);
	for (;;) {
		if (path_equal(&nd->path, &nd->root))
			break;
		if (nd->path.dentry != nd->path.mnt->mnt_root) {
			err = rcu_to_parent(nd);
			break;
		}
		if (!rcu_follow_up(&nd->path, &nd->seq))
			break;
	}
	if (err || read_seqretry(&mount_lock, nd->m_seq))
		return -ECHILD;
	if (rcu_cross_mounts(nd, &nd->path, &nd->seq))
		return -ECHILD;
	return rcu_arrive(nd);
}
