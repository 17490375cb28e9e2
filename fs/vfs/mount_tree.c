/* SPDX-License-Identifier: MIT */
/*
 * mount_tree.c -- trees of mounts: copied, hung, moved, taken down
 *
 * PROMISE.  A change is made everywhere or nowhere: with a mount come or go its
 * copies at all places that hear of it (pnode.c).
 *
 * IDEA.  What can fail (memory, limits) is done first, on mounts that are in no
 * tree; then, inside one write of mount_lock, all of them get their places,
 * which cannot fail.  What is taken down is put on a list of what is gone, and
 * its counts are dropped when namespace_sem has been released: the last one
 * shuts a volume down, and that may take its time.
 *
 * INVARIANTS
 *   I1  A mount on the list of gone ones has no place and no namespace.
 *
 * LOCKING.  As namespace.c; the list of gone mounts is under namespace_sem.
 *
 * SEE docs/85-mounts.md.
 */

#include "internal.h"
#include "namespace.h"

#include <kernel/bug.h>
#include <kernel/kernel.h>
#include <kernel/rculist.h>

unsigned int sysctl_mount_max = 100000; /* fs.mount-max, a namespace */

static LIST_HEAD(gone_mounts);

/* ---- taking down ---- */

/* No namespace any more, by itself; mount_lock held. */
static void mark_gone(struct mount *m, struct list_head *gone)
{
	struct mnt_namespace *ns = m->mnt_ns;

	if (ns) {
		ns->mounts--;
		touch_mnt_namespace(ns);
	}
	m->mnt_ns = NULL;
	list_move_tail(&m->mnt_list, gone);
}

static bool children_are_gone(const struct mount *m)
{
	struct mount *child;

	list_for_each_entry(child, &m->mnt_mounts, mnt_child) {
		if (child->mnt_ns)
			return false;
	}
	return true;
}

/* The twins of what is gone, at all places that hear of it; mount_lock held. */
static void mark_twins_gone(struct list_head *gone)
{
	struct mount *m, *r, *twin;
	LIST_HEAD(twins);

	/* From the leaves up: a twin goes only if nothing is on it. */
	list_for_each_entry_reverse(m, gone, mnt_list) {
		if (!mnt_has_parent(m))
			continue;
		for (r = next_receiver(m->mnt_parent, NULL); r;
		     r = next_receiver(m->mnt_parent, r)) {
			twin = __lookup_mnt(&r->mnt, m->mnt_mountpoint);
			if (twin && twin->mnt_ns && children_are_gone(twin))
				mark_gone(twin, &twins);
		}
	}
	list_splice_tail(&twins, gone);
}

/* Take a tree out, and its twins; unlock_mounts() does the rest. */
static void detach_tree(struct mount *tree, bool twins)
{
	struct mount *m;
	LIST_HEAD(gone);

	write_seqlock(&mount_lock);
	for (m = tree; m; m = next_mount(m, tree))
		mark_gone(m, &gone);
	if (twins)
		mark_twins_gone(&gone);
	list_for_each_entry_reverse(m, &gone, mnt_list)
		if (mnt_has_parent(m))
			detach_mount(m, &m->mnt_old_place);      /* I1 */
	write_sequnlock(&mount_lock);
	list_for_each_entry(m, &gone, mnt_list)
		change_propagation(m, MS_PRIVATE);
	list_splice_tail(&gone, &gone_mounts);
}

void drop_tree(struct mount *tree)
{
	detach_tree(tree, false);
}

/* Let go of namespace_sem, then of what has gone. */
void unlock_mounts(void)
{
	struct mount *m;
	LIST_HEAD(gone);

	list_splice_init(&gone_mounts, &gone);
	up_write(&namespace_sem);
	while (!list_empty(&gone)) {
		m = list_first_entry(&gone, struct mount, mnt_list);
		list_del_init(&m->mnt_list);
		path_put(&m->mnt_old_place);
		mntput(&m->mnt);
	}
}

/* Does anybody use the mount, beyond its place and `extra` known holders? */
static bool mount_is_busy(struct mount *m, int extra)
{
	return !list_empty(&m->mnt_mounts) ||
	       atomic_read(&m->mnt_count) > 1 + extra;
}

/* Is a twin that would go along used?  One with mounts on it stays anyway. */
static bool twin_is_busy(struct mount *m)
{
	struct mount *r, *twin;

	for (r = next_receiver(m->mnt_parent, NULL); r;
	     r = next_receiver(m->mnt_parent, r)) {
		twin = __lookup_mnt(&r->mnt, m->mnt_mountpoint);
		if (twin && list_empty(&twin->mnt_mounts) &&
		    mount_is_busy(twin, 0))
			return true;
	}
	return false;
}

/*
 * Take m out if nobody uses it (the caller's path holds one count).  A walk
 * that finds it between the look and the detaching sees mount_lock change.
 */
int umount_if_idle(struct mount *m, bool lazy)
{
	bool busy = false;

	if (!lazy) {
		write_seqlock(&mount_lock);
		busy = mount_is_busy(m, 1) || twin_is_busy(m);
		write_sequnlock(&mount_lock);
	}
	if (busy)
		return -EBUSY;
	detach_tree(m, true);
	return 0;
}

/* ---- copying ---- */

/* Not to be seen from root, or not meant to be copied. */
static bool leave_out(const struct mount *from, const struct mount *src,
		      struct dentry *root, bool all)
{
	if (!all && (src->mnt.mnt_flags & MNT_UNBINDABLE))
		return true;
	return src->mnt_parent == from &&
	       !is_subdir(src->mnt_mountpoint, root);
}

/* As next_mount(), without what is below m. */
static struct mount *skip_below(struct mount *m, struct mount *root)
{
	while (m != root) {
		if (!list_is_last(&m->mnt_child, &m->mnt_parent->mnt_mounts))
			return list_next_entry(m, mnt_child);
		m = m->mnt_parent;
	}
	return NULL;
}

/*
 * Copy src below the copy of its parent.  While the walk goes on, each source
 * remembers its copy in mnt_copy.
 */
static struct mount *copy_child(struct mount *src, enum clone_how how)
{
	struct mount *copy = clone_mount(src, src->mnt.mnt_root, how);

	if (!copy)
		return NULL;
	write_seqlock(&mount_lock);
	attach_mount(copy, src->mnt_parent->mnt_copy, src->mnt_mountpoint);
	write_sequnlock(&mount_lock);
	src->mnt_copy = copy;
	return copy;
}

/* A copy of the mounts below `from` as seen from dentry `root`; ERR_PTR. */
struct mount *copy_tree(struct mount *from, struct dentry *root,
			enum clone_how how, bool recurse, bool all)
{
	struct mount *top = clone_mount(from, root, how), *src, *next;

	if (!top)
		return ERR_PTR(-ENOMEM);
	from->mnt_copy = top;
	for (src = recurse ? next_mount(from, from) : NULL; src; src = next) {
		if (leave_out(from, src, root, all)) {
			next = skip_below(src, from);
			continue;
		}
		if (!copy_child(src, how)) {
			drop_tree(top);
			return ERR_PTR(-ENOMEM);
		}
		next = next_mount(src, from);
	}
	return top;
}

/* ---- hanging ---- */

static unsigned int count_tree(struct mount *tree)
{
	struct mount *m;
	unsigned int n = 0;

	for (m = tree; m; m = next_mount(m, tree))
		n++;
	return n;
}

/* What is mounted below a shared mount is shared. */
static void share_tree(struct mount *tree)
{
	struct mount *m;

	for (m = tree; m; m = next_mount(m, tree))
		if (!is_shared(m))
			change_propagation(m, MS_SHARED);
}

static void drop_copies(struct list_head *copies)
{
	struct mount *m;

	while (!list_empty(copies)) {
		m = list_first_entry(copies, struct mount, mnt_list);
		m->mnt_parent = m;
		list_del_init(&m->mnt_list);
		drop_tree(m);
	}
}

/* A count of d which is not the last one; any context. */
static void put_other(struct dentry *d)
{
	if (d_count_try(d, -1, 2))
		return;
	spin_lock(&d->d_lock);
	WARN_ON(d->d_count-- < 2);
	spin_unlock(&d->d_lock);
}

/* Hang a copy; what is at its place already comes to lie on top of it. */
static void place_copy(struct mount *copy, struct dentry *place)
{
	struct mount *parent = copy->mnt_parent, *above;
	struct path old;

	list_del_init(&copy->mnt_list);
	copy->mnt_parent = copy;
	above = __lookup_mnt(&parent->mnt, place);
	attach_mount(copy, parent, place);
	enter_namespace(copy, parent->mnt_ns);
	if (!above)
		return;
	detach_mount(above, &old);
	attach_mount(above, copy, copy->mnt.mnt_root);
	/* Not the last ones: the copy has the same place. */
	atomic_dec(&real_mount(old.mnt)->mnt_count);
	put_other(old.dentry);
}

/* Make the copies that `at` asks for, then all places at once. */
static int hang(struct mount *tree, const struct path *at, struct path *from)
{
	struct mount *parent = real_mount(at->mnt), *m, *next;
	LIST_HEAD(copies);
	int err = 0;

	if (is_shared(parent)) {
		share_tree(tree);
		err = propagate_mount(tree, at, &copies);
	}
	if (err) {
		drop_copies(&copies);
		return err;
	}
	write_seqlock(&mount_lock);
	if (mnt_has_parent(tree))
		detach_mount(tree, from);
	attach_mount(tree, parent, at->dentry);
	if (!tree->mnt_ns)
		enter_namespace(tree, parent->mnt_ns);
	list_for_each_entry_safe(m, next, &copies, mnt_list)
		place_copy(m, at->dentry);
	touch_mnt_namespace(parent->mnt_ns);
	write_sequnlock(&mount_lock);
	return 0;
}

/* Hang a tree at path, in the path's namespace. */
int graft_tree(struct mount *tree, const struct path *path)
{
	struct mount *parent = real_mount(path->mnt);

	if (d_inode(tree->mnt.mnt_root) == NULL || !d_inode(path->dentry))
		return -ENOENT;
	if (S_ISDIR(d_inode(path->dentry)->i_mode) !=
	    S_ISDIR(d_inode(tree->mnt.mnt_root)->i_mode))
		return -ENOTDIR;
	if (!parent->mnt_ns)
		return -EINVAL;
	if (d_unlinked(path->dentry))
		return -ENOENT;
	if (parent->mnt_ns->mounts + count_tree(tree) > sysctl_mount_max)
		return -ENOSPC;
	return hang(tree, path, NULL);
}

/* Move a mount, with all that is on it, from its place to path. */
int move_mount_to(struct mount *m, const struct path *path)
{
	struct path old = { NULL, NULL };
	int err = hang(m, path, &old);

	path_put(&old);
	return err;
}

/*
 * pivot_root's exchange: the present root goes to `put_old`, new_root becomes
 * the root.  root->mnt_mountpoint's counts move along.
 */
void swap_roots(struct mount *root, struct mount *new_root,
		const struct path *put_old, struct mnt_namespace *ns)
{
	struct path old_place = { NULL, NULL }, root_place = { NULL, NULL };

	write_seqlock(&mount_lock);
	detach_mount(new_root, &old_place);
	if (mnt_has_parent(root)) {
		detach_mount(root, &root_place);
		attach_mount(new_root, real_mount(root_place.mnt),
			     root_place.dentry);
	}
	attach_mount(root, real_mount(put_old->mnt), put_old->dentry);
	if (ns->root == root)
		ns->root = new_root;
	touch_mnt_namespace(ns);
	write_sequnlock(&mount_lock);
	path_put(&old_place);
	path_put(&root_place);
}

/* ---- names that go under mounts ---- */

static struct mount *mount_on(struct dentry *d, struct mnt_namespace *ns)
{
	struct mount *m, *on;

	list_for_each_entry(m, &d->d_sb->s_mounts, mnt_instance) {
		on = __lookup_mnt(&m->mnt, d);
		if (on && on->mnt_ns && (!ns || on->mnt_ns == ns))
			return on;
	}
	return NULL;
}

/* Is something mounted on d that current can see?  May sleep. */
bool is_local_mountpoint(struct dentry *d)
{
	bool found;

	if (!d_mountpoint(d))
		return false;
	read_seqlock_excl(&mount_lock);
	found = mount_on(d, current_mnt_ns()) != NULL;
	read_sequnlock_excl(&mount_lock);
	return found;
}

/*
 * d has lost its name: nothing stays mounted on it, in no namespace, and
 * nothing will be.  Its inode is locked; may sleep.
 */
void detach_mounts(struct dentry *d)
{
	struct mount *m;

	spin_lock(&d->d_lock);
	d->d_flags |= DCACHE_CANT_MOUNT;
	spin_unlock(&d->d_lock);
	if (!d_mountpoint(d))
		return;
	lock_mounts();
	for (;;) {
		read_seqlock_excl(&mount_lock);
		m = mount_on(d, NULL);
		read_sequnlock_excl(&mount_lock);
		if (!m)
			break;
		detach_tree(m, false);
	}
	unlock_mounts();
}
