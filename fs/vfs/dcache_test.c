/* SPDX-License-Identifier: MIT */
/* dcache_test.c -- counts that change without the lock, and death */

#include "dcache_impl.h"

#include <kernel/kernel.h>
#include <kernel/rcupdate.h>
#include <kernel/selftest.h>
#include <mm/slab.h>

SELFTEST_SLOW(dentry_count_changes_only_while_nobody_holds_the_lock)
{
	struct dentry *d = dget(current->fs->root.dentry);
	bool changed;
	int before;

	spin_lock(&d->d_lock);
	before = d->d_count;
	changed = d_count_try(d, 1, 0);
	EXPECT(!changed && d->d_count == before);
	spin_unlock(&d->d_lock);
	dput(d);
}

SELFTEST(dentry_that_is_dead_is_not_revived)
{
	struct dentry *d = d_alloc_anon(current->fs->root.dentry->d_sb);

	EXPECT(d != NULL);
	EXPECT(dget_not_dead(d));
	dput(d);
	rcu_read_lock();
	dput(d);                      /* the last: it is not hashed */
	EXPECT(!dget_not_dead(d));
	EXPECT(d->d_count == D_COUNT_DEAD);
	rcu_read_unlock();
}

SELFTEST_SLOW(rcu_lookup_tells_the_number_and_takes_nothing)
{
	struct dentry *root = current->fs->root.dentry, *d;
	struct qstr name = QSTR_INIT("selftest-rcu", 12);
	struct dentry *made, *found;
	unsigned seq;
	int count;

	inode_lock(d_inode(root));
	made = lookup_one_len("selftest-rcu", root, 12);
	EXPECT(!IS_ERR(made));
	EXPECT(vfs_create(d_inode(root), made, 0600, true) == 0);
	name.hash = made->d_name.hash;
	count = made->d_count;
	rcu_read_lock();
	found = __d_lookup_rcu(root, &name, &seq);
	EXPECT(found == made && made->d_count == count);
	EXPECT(!read_seqcount_retry(&made->d_seq, seq));
	rcu_read_unlock();
	EXPECT(vfs_unlink(d_inode(root), made) == 0);
	EXPECT(read_seqcount_retry(&made->d_seq, seq));   /* I4 */
	rcu_read_lock();
	d = __d_lookup_rcu(root, &name, &seq);
	EXPECT(!d || !d_inode(d));
	rcu_read_unlock();
	inode_unlock(d_inode(root));
	dput(made);
}

/* An unused, negative name in dir. */
static struct dentry *name_in(struct dentry *dir, const char *name)
{
	struct dentry *d = d_alloc_name(dir, name);

	if (d) {
		d_add(d, NULL);
		dput(d);
	}
	return d;
}

SELFTEST(names_below_a_directory_go_and_no_others_are_looked_at)
{
	struct super_block *sb = kzalloc(sizeof(*sb), GFP_KERNEL);
	struct dentry *root, *dir, *deep, *held, *first;

	EXPECT(sb != NULL);
	spin_lock_init(&sb->s_dentry_lru_lock);
	INIT_LIST_HEAD(&sb->s_dentry_lru);
	root = d_alloc_anon(sb);
	first = name_in(root, "first");
	name_in(root, "second");
	dir = dget(name_in(root, "dir"));
	held = dget(name_in(dir, "held"));    /* passed, and gone down into */
	deep = name_in(held, "deep");
	name_in(deep, "deepest");
	name_in(dir, "beside");
	shrink_dcache_parent(dir);
	EXPECT(sb->s_nr_dentry_unused == 4);  /* dir and held leave it later */
	EXPECT(list_first_entry(&sb->s_dentry_lru, struct dentry, d_lru) ==
	       first);                        /* no scan came by */
	EXPECT(list_empty(&held->d_subdirs) && held->d_parent == dir);
	dput(held);
	dput(dir);
	shrink_dcache_parent(root);
	EXPECT(list_empty(&root->d_subdirs) && list_empty(&sb->s_dentry_lru));
	dput(root);
	kfree(sb);
}
