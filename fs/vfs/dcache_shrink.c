/* SPDX-License-Identifier: MIT */
/*
 * dcache_shrink.c -- giving the memory of unused names back
 *
 * IDEA.  What nobody holds is on its volume's LRU list (dcache.c, I1).  A scan
 * takes from the oldest end; a dentry that was used since the last scan gets
 * another round.  A child holds its parent, so a parent gets onto the list when
 * its last child has gone: several passes eat a tree from its leaves.
 *
 * What is below one directory is found by walking down from there, for the list
 * is the whole volume's: with 10,000 names in it, who removes 10,000 directories
 * would go through it 10,000 times.
 *
 * LOCKING.  The list's lock comes after d_lock; a scan goes the other way round
 * and only tries d_lock.  A walk down locks one directory and one child of it.
 */

#include "dcache_impl.h"

#include <kernel/bug.h>
#include <kernel/kernel.h>
#include <kernel/rcupdate.h>

/*
 * Free up to nr unused dentries of sb; unless it is to be `all`, not those that
 * were used since the last pass.  Returns how many went.  May sleep.
 */
static long shrink_lru(struct super_block *sb, long nr, bool all)
{
	long freed = 0, scan = READ_ONCE(sb->s_nr_dentry_unused);
	struct dentry *d, *parent;

	while (scan-- > 0 && freed < nr) {
		rcu_read_lock();
		spin_lock(&sb->s_dentry_lru_lock);
		if (list_empty(&sb->s_dentry_lru)) {
			spin_unlock(&sb->s_dentry_lru_lock);
			rcu_read_unlock();
			break;
		}
		d = list_first_entry(&sb->s_dentry_lru, struct dentry, d_lru);
		list_move_tail(&d->d_lru, &sb->s_dentry_lru);
		if (!spin_trylock(&d->d_lock)) {
			spin_unlock(&sb->s_dentry_lru_lock);
			rcu_read_unlock();
			continue;
		}
		if (d->d_count) {     /* in use; dput() enters it again */
			__d_lru_del(d);
		} else if (!all && (d->d_flags & DCACHE_REFERENCED)) {
			d->d_flags &= ~DCACHE_REFERENCED;
		} else {
			__d_lru_del(d);
			d->d_count = 1;
			spin_unlock(&sb->s_dentry_lru_lock);
			rcu_read_unlock();
			parent = d_kill(d);
			freed++;
			dput(parent);
			continue;
		}
		spin_unlock(&d->d_lock);
		spin_unlock(&sb->s_dentry_lru_lock);
		rcu_read_unlock();
	}
	return freed;
}

long prune_dcache_sb(struct super_block *sb, long nr)
{
	return shrink_lru(sb, nr, false);
}

/* Does the dentry still hang on dir's list of children?  dir's d_lock held. */
static bool hangs_on(const struct dentry *d, const struct dentry *dir)
{
	return d->d_parent == dir && !(d->d_flags & DCACHE_DENTRY_KILLED);
}

/*
 * Lock a child of dir, which is locked: the one behind pos.  An unused one is
 * made the caller's, *found.  Returns the child to go down into, or NULL.
 */
static struct dentry *look_at_child(struct list_head *pos,
				    struct dentry **found)
{
	struct dentry *d = list_entry(pos, struct dentry, d_child);
	bool has_children;

	spin_lock_nested(&d->d_lock, SINGLE_DEPTH_NESTING);
	if (!d->d_count) {
		d_lru_del(d);
		d->d_count = 1;
		*found = d;
	}
	has_children = !list_empty(&d->d_subdirs);
	spin_unlock(&d->d_lock);
	return has_children ? d : NULL;
}

/*
 * An unused dentry below root, from now on with a count that is the caller's;
 * NULL if there is none.  RCU keeps what we stand on while no lock is held: if
 * it was moved or freed meanwhile, we begin again.
 */
static struct dentry *take_unused(struct dentry *root)
{
	struct dentry *dir = root, *d, *found = NULL;
	struct list_head *pos = &root->d_subdirs;

	rcu_read_lock();
	spin_lock(&dir->d_lock);
	for (;;) {
		pos = pos->next;
		d = pos == &dir->d_subdirs ? NULL : look_at_child(pos, &found);
		if (found || (pos == &dir->d_subdirs &&
			      (dir == root || IS_ROOT(dir))))
			break;
		if (d) {                                 /* down */
			spin_unlock(&dir->d_lock);
			dir = d;
			spin_lock(&dir->d_lock);
			pos = &dir->d_subdirs;
		} else if (pos == &dir->d_subdirs) {     /* up */
			d = dir;
			dir = READ_ONCE(d->d_parent);
			spin_unlock(&d->d_lock);
			spin_lock(&dir->d_lock);
			pos = &d->d_child;
			if (hangs_on(d, dir))
				continue;
			spin_unlock(&dir->d_lock);
			dir = root;
			spin_lock(&dir->d_lock);
			pos = &dir->d_subdirs;
		}
	}
	spin_unlock(&dir->d_lock);
	rcu_read_unlock();
	return found;
}

/* Free d, whose count is ours, and above it what that leaves unused. */
static void kill_upwards(struct dentry *d, const struct dentry *root)
{
	while (d && d != root) {
		spin_lock(&d->d_lock);
		if (d->d_count > 1) {
			d->d_count--;
			spin_unlock(&d->d_lock);
			return;
		}
		d = d_kill(d);
	}
	dput(d);
}

/* Free all unused dentries below parent. */
void shrink_dcache_parent(struct dentry *parent)
{
	struct dentry *d;

	if (IS_ROOT(parent)) {        /* all of the volume */
		while (shrink_lru(parent->d_sb, LONG_MAX, true) > 0)
			;
		return;
	}
	while ((d = take_unused(parent)))
		kill_upwards(d, parent);
}

/* A name that is no longer true: unhash it and what hangs below. */
void d_invalidate(struct dentry *d)
{
	shrink_dcache_parent(d);
	d_drop(d);
}

/* The dentry behind d in a walk over root's whole tree; quiet tree only. */
static struct dentry *d_next(struct dentry *root, struct dentry *d)
{
	if (!list_empty(&d->d_subdirs))
		return list_first_entry(&d->d_subdirs, struct dentry, d_child);
	while (d != root) {
		struct dentry *parent = d->d_parent;

		if (!list_is_last(&d->d_child, &parent->d_subdirs))
			return list_next_entry(d, d_child);
		d = parent;
	}
	return NULL;
}

/*
 * Drop the count by which a file system that lives in the dcache pins each of
 * its files.  The volume is being shut down, nobody walks it.
 */
void d_genocide(struct dentry *root)
{
	struct dentry *d;

	for (d = d_next(root, root); d; d = d_next(root, d)) {
		spin_lock(&d->d_lock);
		if (d->d_inode && !d_unhashed(d) && d->d_count > 0) {
			d->d_count--;
			if (!d->d_count)
				d_lru_add(d);
		}
		spin_unlock(&d->d_lock);
	}
}

void shrink_dcache_for_umount(struct super_block *sb)
{
	struct dentry *root = sb->s_root;

	sb->s_root = NULL;
	shrink_dcache_parent(root);
	d_drop(root);
	if (WARN(root->d_count != 1, "busy dentries after umount of %s\n",
		 sb->s_id))
		return;
	dput(root);
}

