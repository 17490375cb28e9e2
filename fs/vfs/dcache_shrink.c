/* SPDX-License-Identifier: MIT */
/*
 * dcache_shrink.c -- giving the memory of unused names back
 *
 * IDEA.  What nobody holds is on its volume's LRU list (dcache.c, I1).  A scan
 * takes from the oldest end; a dentry that was used since the last scan gets
 * another round.  A child holds its parent, so a parent gets onto the list when
 * its last child has gone: several passes eat a tree from its leaves.
 *
 * LOCKING.  The list's lock comes after d_lock; a scan goes the other way round
 * and only tries d_lock.
 */

#include "dcache_impl.h"

#include <kernel/bug.h>
#include <kernel/kernel.h>
#include <kernel/rcupdate.h>

/*
 * Free up to nr unused dentries of sb: those below `under`, or, if that is
 * NULL, those not used since the last pass.  Returns how many went.  May sleep.
 * A rename may mislead d_ancestor() here: then we free one more or less.
 */
static long shrink_lru(struct super_block *sb, long nr, struct dentry *under)
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
		} else if (!under && (d->d_flags & DCACHE_REFERENCED)) {
			d->d_flags &= ~DCACHE_REFERENCED;
		} else if (!under || d_ancestor(under, d)) {
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
	return shrink_lru(sb, nr, NULL);
}

/* Free all unused dentries below parent; leaves first, so several passes. */
void shrink_dcache_parent(struct dentry *parent)
{
	bool empty;

	do {
		spin_lock(&parent->d_lock);
		empty = list_empty(&parent->d_subdirs);
		spin_unlock(&parent->d_lock);
	} while (!empty && shrink_lru(parent->d_sb, LONG_MAX, parent) > 0);
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

