/* SPDX-License-Identifier: MIT */
/*
 * inode_hash.c -- the inode of that number, if it is in memory
 *
 * PROMISE.  On one volume there is one inode in memory for one number, whoever
 * asks at once; who gets it, gets it filled.
 *
 * IDEA.  One hash table by (volume, number).  iget_locked() enters an empty
 * inode with I_NEW and returns it to its first caller, who reads it from the
 * disk and calls unlock_new_inode(); all others find it in the table and sleep
 * until then.
 *
 * RACES.  A number is wanted while its old inode is being evicted: the finder
 * sees I_FREEING and waits until it has left the table, then looks again, so
 * that the disk is read only after the old inode was written.
 *
 * LOCKING.  i_table_lock guards the table; inside it i_lock.  One queue for all
 * sleepers: both events are rare.
 */

#include "internal.h"

#include <kernel/bug.h>
#include <kernel/kernel.h>
#include <kernel/wait.h>

#define I_HASH_BITS 10

static struct hlist_head i_table[1 << I_HASH_BITS];
static DEFINE_SPINLOCK(i_table_lock);
static DECLARE_WAIT_QUEUE_HEAD(new_inode_wait);

/* What tells an inode from others; NULL test: the number alone. */
struct inode_key {
	struct super_block *sb;
	unsigned long hashval;
	int (*test)(struct inode *inode, void *data);
	void *data;
};

static struct hlist_head *i_bucket(struct super_block *sb, unsigned long ino)
{
	u64 mixed = ((unsigned long)sb >> 6) + ino;

	return &i_table[(mixed * 0x9e3779b97f4a7c15ull) >> (64 - I_HASH_BITS)];
}

void wake_new_inode_waiters(void)
{
	wake_up_all(&new_inode_wait);
}

static void wait_until_read(struct inode *inode)
{
	wait_event(new_inode_wait, !(READ_ONCE(inode->i_state) & I_NEW));
}

void __insert_inode_hash(struct inode *inode, unsigned long hashval)
{
	spin_lock(&i_table_lock);
	hlist_add_head(&inode->i_hash, i_bucket(inode->i_sb, hashval));
	spin_unlock(&i_table_lock);
}

void remove_inode_hash(struct inode *inode)
{
	if (hlist_unhashed(&inode->i_hash))
		return;
	spin_lock(&i_table_lock);
	hlist_del_init(&inode->i_hash);
	spin_unlock(&i_table_lock);
}

static bool is_wanted(struct inode *inode, const struct inode_key *key)
{
	if (inode->i_sb != key->sb)
		return false;
	return key->test ? key->test(inode, key->data)
			 : inode->i_ino == key->hashval;
}

/* With a reference; i_table_lock held.  *busy: it is being freed, wait. */
static struct inode *find_inode(const struct inode_key *key, bool *busy)
{
	struct inode *inode;

	*busy = false;
	hlist_for_each_entry(inode, i_bucket(key->sb, key->hashval), i_hash) {
		if (!is_wanted(inode, key))
			continue;
		spin_lock(&inode->i_lock);
		if (inode->i_state & (I_FREEING | I_WILL_FREE)) {
			*busy = true;
			spin_unlock(&inode->i_lock);
			return NULL;
		}
		atomic_inc(&inode->i_count);
		spin_unlock(&inode->i_lock);
		return inode;
	}
	return NULL;
}

static bool inode_is_gone(const struct inode_key *key)
{
	struct inode *inode;
	bool busy;

	spin_lock(&i_table_lock);
	inode = find_inode(key, &busy);
	spin_unlock(&i_table_lock);
	if (inode)
		iput(inode);
	return !busy;
}

/* In the table, ready for use or not; NULL: there is none, nor a dying one. */
static struct inode *lookup_key(const struct inode_key *key)
{
	struct inode *inode;
	bool busy;

	for (;;) {
		spin_lock(&i_table_lock);
		inode = find_inode(key, &busy);
		spin_unlock(&i_table_lock);
		if (!busy)
			return inode;
		wait_event(new_inode_wait, inode_is_gone(key));
	}
}

/* Wait for the first caller to fill it; NULL if that failed. */
static struct inode *when_ready(struct inode *inode)
{
	if (!inode)
		return NULL;
	wait_until_read(inode);
	if (!hlist_unhashed(&inode->i_hash))
		return inode;
	iput(inode);
	return NULL;
}

/* Enter new under key if nobody was quicker; else the other, with a count. */
static struct inode *enter_or_find(struct inode *new,
				   const struct inode_key *key, bool *busy)
{
	struct inode *old;

	spin_lock(&i_table_lock);
	old = find_inode(key, busy);
	if (!old && !*busy) {
		new->i_state |= I_NEW;
		hlist_add_head(&new->i_hash, i_bucket(key->sb, key->hashval));
	}
	spin_unlock(&i_table_lock);
	return old;
}

static struct inode *get_by_key(const struct inode_key *key,
				int (*set)(struct inode *, void *))
{
	struct inode *inode, *new, *old;
	bool busy;

	for (;;) {
		inode = lookup_key(key);
		if (inode) {
			inode = when_ready(inode);
			if (inode)
				return inode;
			continue;     /* could not be read: our turn to try */
		}
		new = new_inode(key->sb);
		if (!new)
			return NULL;
		new->i_ino = key->hashval;
		if (set && set(new, key->data)) {
			iput(new);
			return NULL;
		}
		old = enter_or_find(new, key, &busy);
		if (!old && !busy)
			return new;
		iput(new);
		if (old)
			iput(old);
	}
}

/*
 * The inode of that number; NULL: no memory.  If I_NEW is set in its state, the
 * caller fills it from the disk and calls unlock_new_inode() or iget_failed().
 */
struct inode *iget_locked(struct super_block *sb, unsigned long ino)
{
	struct inode_key key = { .sb = sb, .hashval = ino };

	return get_by_key(&key, NULL);
}

struct inode *iget5_locked(struct super_block *sb, unsigned long hashval,
			   int (*test)(struct inode *, void *),
			   int (*set)(struct inode *, void *), void *data)
{
	struct inode_key key = { sb, hashval, test, data };

	return get_by_key(&key, set);
}

/*
 * A new file's inode, its number chosen: 0 with I_NEW set, or -EBUSY if another
 * inode has that number, which only a corrupt volume makes happen.
 */
int insert_inode_locked(struct inode *inode)
{
	struct inode_key key = { .sb = inode->i_sb, .hashval = inode->i_ino };
	struct inode *old;
	bool busy;

	for (;;) {
		old = enter_or_find(inode, &key, &busy);
		if (busy) {
			wait_event(new_inode_wait, inode_is_gone(&key));
			continue;
		}
		if (!old) {
			inode->i_state |= I_CREATING;
			return 0;
		}
		iput(old);
		return -EBUSY;
	}
}

void unlock_new_inode(struct inode *inode)
{
	spin_lock(&inode->i_lock);
	inode->i_state &= ~(I_NEW | I_CREATING);
	spin_unlock(&inode->i_lock);
	wake_new_inode_waiters();
}

/* A new file that did not come to be; consumes the inode. */
void discard_new_inode(struct inode *inode)
{
	remove_inode_hash(inode);
	unlock_new_inode(inode);
	iput(inode);
}

/* It could not be read; consumes the inode.  The next iget tries again. */
void iget_failed(struct inode *inode)
{
	make_bad_inode(inode);
	unlock_new_inode(inode);
	iput(inode);
}
