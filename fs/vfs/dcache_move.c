/* SPDX-License-Identifier: MIT */
/*
 * dcache_move.c -- a name takes another's place in the tree
 *
 * IDEA.  rename keeps both dentries and swaps what they say: names, parents
 * and places in the hash.  Who looked the old name up meanwhile sees d_seq
 * change, or rename_lock, and looks again.
 *
 * LOCKING.  rename_lock, both parents (the ancestor first), then both dentries.
 * Nobody else locks two parents or two siblings, so rename_lock makes that
 * order enough.
 */

#include "dcache_impl.h"

#include <kernel/bug.h>
#include <kernel/kernel.h>
#include <kernel/rcupdate.h>

DEFINE_SEQLOCK(rename_lock);

static void swap_inline_names(struct dentry *a, struct dentry *b)
{
	unsigned char tmp[DNAME_INLINE_LEN];

	memcpy(tmp, a->d_iname, sizeof(tmp));
	memcpy(a->d_iname, b->d_iname, sizeof(tmp));
	memcpy(b->d_iname, tmp, sizeof(tmp));
}

static void swap_names(struct dentry *a, struct dentry *b)
{
	bool a_inline = name_is_inline(a), b_inline = name_is_inline(b);
	struct qstr tmp = a->d_name;

	swap_inline_names(a, b);
	a->d_name = b->d_name;
	b->d_name = tmp;
	if (b_inline)
		a->d_name.name = a->d_iname;
	if (a_inline)
		b->d_name.name = b->d_iname;
}

static void swap_parents(struct dentry *a, struct dentry *b)
{
	struct dentry *pa = a->d_parent, *pb = b->d_parent;

	a->d_parent = pb;
	b->d_parent = pa;
	list_move(&a->d_child, &pb->d_subdirs);
	list_move(&b->d_child, &pa->d_subdirs);
}

/* The locks of both parents, ancestor first, then of both dentries. */
static void lock_for_move(struct dentry *a, struct dentry *b)
{
	struct dentry *pa = a->d_parent, *pb = b->d_parent;

	if (pa == pb) {
		spin_lock(&pa->d_lock);
	} else if (d_ancestor(pa, pb)) {
		spin_lock(&pa->d_lock);
		spin_lock_nested(&pb->d_lock, 1);
	} else {
		spin_lock(&pb->d_lock);
		spin_lock_nested(&pa->d_lock, 1);
	}
	spin_lock_nested(&a->d_lock, 2);
	spin_lock_nested(&b->d_lock, 3);
}

static void unlock_after_move(struct dentry *a, struct dentry *b,
			      struct dentry *pa, struct dentry *pb)
{
	spin_unlock(&b->d_lock);
	spin_unlock(&a->d_lock);
	if (pa != pb)
		spin_unlock(&pb->d_lock);
	spin_unlock(&pa->d_lock);
}

/*
 * a gets b's place in the tree and b gets a's; b stays findable only in an
 * exchange.  The caller holds i_rwsem of both directories.
 */
static void __d_move(struct dentry *a, struct dentry *b, bool exchange)
{
	struct dentry *pa = a->d_parent, *pb = b->d_parent;

	write_seqlock(&rename_lock);
	lock_for_move(a, b);
	write_seqcount_begin(&a->d_seq);
	write_seqcount_begin(&b->d_seq);
	__d_drop(a);
	__d_drop(b);
	swap_names(a, b);
	if (pa != pb)
		swap_parents(a, b);
	__d_rehash(a);
	if (exchange)
		__d_rehash(b);
	write_seqcount_end(&b->d_seq);
	write_seqcount_end(&a->d_seq);
	unlock_after_move(a, b, pa, pb);
	write_sequnlock(&rename_lock);
}

void d_move(struct dentry *d, struct dentry *target)
{
	if (d != target)
		__d_move(d, target, false);
}

void d_exchange(struct dentry *a, struct dentry *b)
{
	__d_move(a, b, true);
}

/* Is p1 an ancestor of p2, or p2 itself?  rename_lock held or RCU. */
bool d_ancestor(struct dentry *p1, struct dentry *p2)
{
	struct dentry *d = p2;

	for (;;) {
		if (d == p1)
			return true;
		if (IS_ROOT(d))
			return false;
		d = READ_ONCE(d->d_parent);
	}
}

bool is_subdir(struct dentry *d, struct dentry *ancestor)
{
	unsigned seq;
	bool result;

	if (d == ancestor)
		return true;
	rcu_read_lock();
	do {
		seq = read_seqbegin(&rename_lock);
		result = d_ancestor(ancestor, d);
	} while (read_seqretry(&rename_lock, seq));
	rcu_read_unlock();
	return result;
}
