/* SPDX-License-Identifier: MIT */
/*
 * dcache.c -- names in directories, remembered
 *
 * PROMISE.  A name that was looked up once is found again without asking the
 * file system; also that it does *not* exist is remembered.
 *
 * IDEA.  A dentry joins (parent, name) to an inode.  All of them hang in one
 * hash table; each also hangs on its parent's list of children.
 *
 *	hash bucket -> [d "etc"] -> [d "tmp"] -> ...      found by (parent, name)
 *	                  | d_parent
 *	                [d "/"] d_subdirs: etc, tmp, bin   walked by umount
 *
 * A dentry that nobody holds stays in the table, on its super block's LRU
 * list, until memory is wanted or the volume goes.  A child holds its parent,
 * so the LRU is eaten from the leaves.
 *
 * INVARIANTS
 *   I1  d_count == 0 implies: hashed, and on the LRU list.
 *   I2  A dentry with children has d_count >= their number.
 *   I3  In one parent, at most one hashed dentry has a given name.
 *   I4  d_seq is odd while name, parent or inode of a hashed dentry change,
 *       and moves on when it is unhashed.
 *   I5  A dead dentry has a negative count, and nobody gets a reference to it.
 *
 * LOCKING.  rename_lock > i_lock > parent's d_lock > child's d_lock > hash
 * bucket, LRU.  I3 is kept by the directory's i_rwsem, which whoever enters a
 * name holds.  Readers of the table use RCU: a dentry is freed only after a
 * grace period.
 *
 * RACES.  Killing a dentry needs i_lock and the parent's lock, which come
 * *before* the d_lock that showed us that the count is 1.  So we let go of
 * d_lock (our count keeps it alive), take all in order, and look again [a]:
 *
 *	dput                             lookup
 *	d_count is 1; drop d_lock
 *	                                 finds it, d_count = 2
 *	take i_lock, parent, d_lock
 *	[a] d_count is 2: only decrement
 *
 * The parent may have changed by a rename meanwhile, and the inode by who found
 * it: made, or deleted, the file.  RCU keeps the memory of the old ones, and
 * [b] compares: what we unlock must be what we locked.
 *
 * Dentries meet their inodes in dcache_alias.c; renaming is in dcache_move.c,
 * giving memory back in dcache_shrink.c.
 *
 * SEE docs/50-vfs.md, docs/51-path-walk.md.
 *
 * EXERCISES.  1. Why may __d_lookup() miss a name that is being renamed, and
 * who notices?  2. What breaks if shrink_dcache_parent() ran top-down?
 */

#include "dcache_impl.h"

#include <fs/fsnotify.h>

#include <kernel/bug.h>
#include <kernel/hash.h>
#include <kernel/kernel.h>
#include <kernel/rculist.h>
#include <kernel/rcupdate.h>
#include <mm/slab.h>

#define D_HASH_BITS 13
#define D_HASH_LOCKS 128

static struct kmem_cache *dentry_cache __ro_after_init;
static struct hlist_head *d_table __ro_after_init;
static spinlock_t d_table_locks[D_HASH_LOCKS];
static atomic_long_t nr_dentries, nr_unused;

/* One name has one hash: the parent is mixed in by the bucket. */
static u32 d_bucket(const struct dentry *parent, u32 hash)
{
	u64 mixed = ((unsigned long)parent >> 6) + hash;

	return (mixed * 0x9e3779b97f4a7c15ull) >> (64 - D_HASH_BITS);
}

static void d_check(const struct dentry *d)
{
	DEBUG_ASSERT(d->d_count >= 0);
	DEBUG_ASSERT(d->d_count > 0 || (d->d_flags & DCACHE_LRU_LIST)); /* I1 */
}

/* ---- the hash table; caller holds d_lock ---- */

void __d_rehash(struct dentry *d)
{
	u32 b = d_bucket(d->d_parent, d->d_name.hash);
	spinlock_t *lock = &d_table_locks[b % D_HASH_LOCKS];

	spin_lock(lock);
	hlist_add_head_rcu(&d->d_hash, &d_table[b]);
	spin_unlock(lock);
}

/* A walk under RCU that stands on d learns that it has no place any more. */
void __d_drop(struct dentry *d)
{
	u32 b;

	if (d_unhashed(d))
		return;
	write_seqcount_invalidate(&d->d_seq);
	b = d_bucket(d->d_parent, d->d_name.hash);
	spin_lock(&d_table_locks[b % D_HASH_LOCKS]);
	hlist_del_init_rcu(&d->d_hash);
	spin_unlock(&d_table_locks[b % D_HASH_LOCKS]);
}

void d_drop(struct dentry *d)
{
	spin_lock(&d->d_lock);
	__d_drop(d);
	spin_unlock(&d->d_lock);
}

void d_rehash(struct dentry *d)
{
	spin_lock(&d->d_lock);
	__d_rehash(d);
	spin_unlock(&d->d_lock);
}

/* ---- the LRU list; caller holds d_lock ---- */

void d_lru_add(struct dentry *d)
{
	struct super_block *sb = d->d_sb;

	if (d->d_flags & DCACHE_LRU_LIST)
		return;
	d->d_flags |= DCACHE_LRU_LIST;
	spin_lock(&sb->s_dentry_lru_lock);
	list_add_tail(&d->d_lru, &sb->s_dentry_lru);
	sb->s_nr_dentry_unused++;
	spin_unlock(&sb->s_dentry_lru_lock);
	atomic_long_inc(&nr_unused);
}

/* s_dentry_lru_lock is held too. */
void __d_lru_del(struct dentry *d)
{
	d->d_flags &= ~DCACHE_LRU_LIST;
	list_del_init(&d->d_lru);
	d->d_sb->s_nr_dentry_unused--;
	atomic_long_dec(&nr_unused);
}

void d_lru_del(struct dentry *d)
{
	if (!(d->d_flags & DCACHE_LRU_LIST))
		return;
	spin_lock(&d->d_sb->s_dentry_lru_lock);
	__d_lru_del(d);
	spin_unlock(&d->d_sb->s_dentry_lru_lock);
}

/* ---- birth ---- */

/* A dentry that hangs nowhere yet, d_count 1; NULL: no memory. */
static struct dentry *__d_alloc(struct super_block *sb, const struct qstr *name)
{
	struct dentry *d = kmem_cache_zalloc(dentry_cache, GFP_KERNEL);
	unsigned char *text;

	if (!d)
		return NULL;
	text = d->d_iname;
	if (name->len >= DNAME_INLINE_LEN) {
		text = kmalloc(name->len + 1, GFP_KERNEL);
		if (!text) {
			kmem_cache_free(dentry_cache, d);
			return NULL;
		}
	}
	memcpy(text, name->name, name->len);
	text[name->len] = 0;
	d->d_name = (struct qstr){ .hash = name->hash, .len = name->len,
				   .name = text };
	d->d_count = 1;
	spin_lock_init(&d->d_lock);
	seqcount_init(&d->d_seq);
	d->d_parent = d;
	d->d_sb = sb;
	d->d_op = sb->s_d_op;
	INIT_LIST_HEAD(&d->d_lru);
	INIT_LIST_HEAD(&d->d_child);
	INIT_LIST_HEAD(&d->d_subdirs);
	atomic_long_inc(&nr_dentries);
	return d;
}

/* A child of parent, not yet hashed; it holds the parent.  NULL: no memory. */
struct dentry *d_alloc(struct dentry *parent, const struct qstr *name)
{
	struct dentry *d = __d_alloc(parent->d_sb, name);

	if (!d)
		return NULL;
	spin_lock(&parent->d_lock);
	parent->d_count++;
	d->d_parent = parent;
	list_add(&d->d_child, &parent->d_subdirs);
	spin_unlock(&parent->d_lock);
	return d;
}

struct dentry *d_alloc_name(struct dentry *parent, const char *name)
{
	struct qstr q = QSTR_INIT(name, strlen(name));

	q.hash = full_name_hash(NULL, name, q.len);
	return d_alloc(parent, &q);
}

struct dentry *d_alloc_anon(struct super_block *sb)
{
	static const struct qstr slash = QSTR_INIT("/", 1);

	return __d_alloc(sb, &slash);
}

/* For files without a tree (pipes, sockets): never hashed, own parent. */
struct dentry *d_alloc_pseudo(struct super_block *sb, const struct qstr *name)
{
	return __d_alloc(sb, name);
}

/* ---- lookup ---- */

static bool d_same_name(const struct dentry *d, const struct qstr *name)
{
	return d->d_name.len == name->len &&
	       memcmp(d->d_name.name, name->name, name->len) == 0;
}

/*
 * The hashed dentry of that name, with a reference, or NULL; any task context.
 * A rename that runs may hide it: who must be sure uses d_lookup().
 */
struct dentry *__d_lookup(const struct dentry *parent, const struct qstr *name)
{
	struct hlist_head *b = &d_table[d_bucket(parent, name->hash)];
	struct dentry *d, *found = NULL;

	rcu_read_lock();
	hlist_for_each_entry_rcu(d, b, d_hash) {
		if (d->d_name.hash != name->hash ||
		    READ_ONCE(d->d_parent) != parent)
			continue;
		spin_lock(&d->d_lock);
		if (d->d_parent == parent && !d_unhashed(d) &&
		    d_same_name(d, name)) {
			d->d_count++;
			found = d;
		}
		spin_unlock(&d->d_lock);
		if (found)
			break;
	}
	rcu_read_unlock();
	return found;
}

/*
 * The same under RCU, without a reference: *seq is the dentry's d_seq, which
 * the caller compares after each use of what it read.  Takes no lock.
 */
struct dentry *__d_lookup_rcu(const struct dentry *parent,
			      const struct qstr *name, unsigned *seqp)
{
	struct hlist_head *b = &d_table[d_bucket(parent, name->hash)];
	struct dentry *d;

	hlist_for_each_entry_rcu(d, b, d_hash) {
		unsigned seq = raw_seqcount_begin(&d->d_seq);
		const unsigned char *text;
		u32 len;

		if (READ_ONCE(d->d_parent) != parent || d_unhashed(d) ||
		    READ_ONCE(d->d_name.hash) != name->hash)
			continue;
		len = READ_ONCE(d->d_name.len);
		text = READ_ONCE(d->d_name.name);
		/* Only if length and text belong together may we compare. */
		if (len != name->len || read_seqcount_retry(&d->d_seq, seq) ||
		    memcmp(text, name->name, len))
			continue;
		*seqp = seq;
		return d;
	}
	return NULL;
}

/* As above, and a NULL means that no such dentry was there. */
struct dentry *d_lookup(const struct dentry *parent, const struct qstr *name)
{
	struct dentry *d;
	unsigned seq;

	do {
		seq = read_seqbegin(&rename_lock);
		d = __d_lookup(parent, name);
		if (d)
			break;
	} while (read_seqretry(&rename_lock, seq));
	return d;
}

struct dentry *d_hash_and_lookup(struct dentry *dir, struct qstr *name)
{
	name->hash = full_name_hash(NULL, (const char *)name->name,
				    name->len);
	return d_lookup(dir, name);
}

struct dentry *dget_parent(struct dentry *d)
{
	struct dentry *parent;

	rcu_read_lock();
	for (;;) {
		parent = READ_ONCE(d->d_parent);
		spin_lock(&parent->d_lock);
		if (parent == READ_ONCE(d->d_parent)) {
			parent->d_count++;
			spin_unlock(&parent->d_lock);
			break;
		}
		spin_unlock(&parent->d_lock);
	}
	rcu_read_unlock();
	return parent;
}

bool dget_not_dead(struct dentry *d)
{
	bool alive;

	if (d_count_try(d, 1, 0))
		return true;
	spin_lock(&d->d_lock);
	alive = d->d_count >= 0;
	if (alive)
		d->d_count++;
	spin_unlock(&d->d_lock);
	return alive;
}

/* ---- death ---- */

static void d_free_rcu(struct rcu_head *head)
{
	struct dentry *d = container_of(head, struct dentry, d_rcu);

	if (!name_is_inline(d))
		kfree(d->d_name.name);
	kmem_cache_free(dentry_cache, d);
}

/* Part a dentry from its inode; i_lock and d_lock held, both released. */
static void d_unlink_inode(struct dentry *d)
{
	struct inode *inode = d->d_inode;

	write_seqcount_begin(&d->d_seq);
	WRITE_ONCE(d->d_inode, NULL);
	hlist_del_init(&d->d_alias);
	write_seqcount_end(&d->d_seq);
	spin_unlock(&d->d_lock);
	spin_unlock(&inode->i_lock);
	if (!inode->i_nlink)
		fsnotify_inoderemove(inode);
	if (d->d_op && d->d_op->d_iput)
		d->d_op->d_iput(d, inode);
	else
		iput(inode);
}

/*
 * Take every lock that killing needs, in order.  d_lock is held and our count
 * is the only one; on failure somebody else has a count now, ours is gone and
 * no lock is held.
 */
static bool lock_for_kill(struct dentry *d, struct dentry **parentp)
{
	struct inode *inode;
	struct dentry *parent;

	rcu_read_lock();                /* neither is freed while unlocked */
	for (;;) {
		inode = d->d_inode;
		parent = IS_ROOT(d) ? NULL : d->d_parent;
		spin_unlock(&d->d_lock);
		if (inode)
			spin_lock(&inode->i_lock);
		if (parent)
			spin_lock(&parent->d_lock);
		spin_lock_nested(&d->d_lock, SINGLE_DEPTH_NESTING);
		if (d->d_parent == (parent ? parent : d) && d->d_inode == inode)
			break;                                  /* [b] */
		if (parent)
			spin_unlock(&parent->d_lock);
		if (inode)
			spin_unlock(&inode->i_lock);
	}
	rcu_read_unlock();
	*parentp = parent;
	if (d->d_count == 1)                                    /* [a] */
		return true;
	d->d_count--;
	spin_unlock(&d->d_lock);
	if (parent)
		spin_unlock(&parent->d_lock);
	if (inode)
		spin_unlock(&inode->i_lock);
	return false;
}

/* d_lock held, our count the last.  Returns the parent, whose count is ours. */
struct dentry *d_kill(struct dentry *d)
{
	struct dentry *parent;

	if (!lock_for_kill(d, &parent))
		return NULL;
	d->d_count = D_COUNT_DEAD;
	d->d_flags |= DCACHE_DENTRY_KILLED;
	d_lru_del(d);
	__d_drop(d);
	if (parent) {
		list_del_init(&d->d_child);
		spin_unlock(&parent->d_lock);
	}
	if (d->d_inode)
		d_unlink_inode(d);
	else
		spin_unlock(&d->d_lock);
	if (d->d_op && d->d_op->d_release)
		d->d_op->d_release(d);
	atomic_long_dec(&nr_dentries);
	call_rcu(&d->d_rcu, d_free_rcu);
	return parent;
}

/* May a dentry that nobody holds stay in memory?  d_lock held. */
static bool d_retain(struct dentry *d)
{
	if (d_unhashed(d) || (d->d_flags & DCACHE_DONTCACHE))
		return false;
	return !(d->d_op && d->d_op->d_delete && d->d_op->d_delete(d));
}

/*
 * Without the lock: the count stays above 0, or all is as I1 wants it already.
 * The flags are read before the count changes; who changes them holds d_lock,
 * and d_count_try() notices that.
 */
static bool fast_dput(struct dentry *d)
{
	const unsigned kept = DCACHE_REFERENCED | DCACHE_LRU_LIST;
	u64 old = READ_ONCE(d->d_lock_count);

	if (d_count_try(d, -1, 2))
		return true;
	if (sizeof(spinlock_t) != sizeof(u32) ||
	    (u16)old != (u16)(old >> 16) || (int)(old >> 32) != 1)
		return false;
	smp_rmb();
	if ((READ_ONCE(d->d_flags) & (kept | DCACHE_DONTCACHE)) != kept ||
	    d_unhashed(d) || (d->d_op && d->d_op->d_delete))
		return false;
	return try_cmpxchg(&d->d_lock_count, &old, old - (1ULL << 32));
}

/* Let go of a dentry; may sleep (the last name of a file frees the file). */
void dput(struct dentry *d)
{
	while (d) {
		if (fast_dput(d))
			return;
		spin_lock(&d->d_lock);
		DEBUG_ASSERT(d->d_count > 0);
		if (d->d_count > 1) {
			d->d_count--;
			spin_unlock(&d->d_lock);
			return;
		}
		if (d_retain(d)) {
			d->d_flags |= DCACHE_REFERENCED;
			d_lru_add(d);
			d->d_count--;
			d_check(d);
			spin_unlock(&d->d_lock);
			return;
		}
		d = d_kill(d);
	}
}

/*
 * The file is gone.  Alone with the dentry we make it negative, to remember
 * just that; else we unhash it and the others keep the nameless file.
 */
void d_delete(struct dentry *d)
{
	struct inode *inode = d->d_inode;

	spin_lock(&inode->i_lock);
	spin_lock(&d->d_lock);
	if (d->d_count == 1) {
		d->d_flags &= ~DCACHE_CANT_MOUNT;
		d_unlink_inode(d);
		return;
	}
	__d_drop(d);
	spin_unlock(&d->d_lock);
	spin_unlock(&inode->i_lock);
}

/* One more or one less mount on d; mount_lock held for writing. */
void d_count_mount(struct dentry *d, int change)
{
	spin_lock(&d->d_lock);
	d->d_mounts += change;
	if (d->d_mounts)
		d->d_flags |= DCACHE_MOUNTED;
	else
		d->d_flags &= ~DCACHE_MOUNTED;
	spin_unlock(&d->d_lock);
}

long nr_dentry_total(void)
{
	return atomic_long_read(&nr_dentries);
}

long nr_dentry_unused(void)
{
	return atomic_long_read(&nr_unused);
}

/* Boot: the slab must be up. */
void dcache_init(void)
{
	int i;

	dentry_cache = KMEM_CACHE(dentry, SLAB_HWCACHE_ALIGN | SLAB_PANIC);
	d_table = kvmalloc(sizeof(*d_table) << D_HASH_BITS,
			   GFP_KERNEL | __GFP_ZERO);
	BUG_ON(!d_table);
	for (i = 0; i < D_HASH_LOCKS; i++)
		spin_lock_init(&d_table_locks[i]);
}
