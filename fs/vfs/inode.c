/* SPDX-License-Identifier: MIT */
/*
 * inode.c -- files without their names, in memory
 *
 * PROMISE.  However many names and openers a file has, there is one inode for
 * it; it goes when the last of them lets go.
 *
 * IDEA.  i_count counts holders in memory: each dentry one.  When it drops to
 * zero the inode either waits on its super block's LRU (it has links, and may
 * be wanted again) or is evicted: pages thrown away, the volume told, memory
 * freed after a grace period.
 *
 *	new_inode -> [in use] --iput--> [LRU] --iget--> [in use]
 *	                |                  | pressure
 *	                +--iput, unlinked--+--> I_FREEING -> evict -> freed
 *
 * INVARIANTS
 *   I1  On the LRU implies i_count == 0 and no I_FREEING.
 *   I2  After I_FREEING is set nobody takes a new reference.
 *   I3  The memory of an inode is freed a grace period after the last
 *       reference went: a path walk under RCU reads it without one.
 *
 * LOCKING.  i_lock guards i_state, i_nlink and the alias list.  Order: i_lock,
 * then s_inode_lru_lock; hash bucket lock, then i_lock; s_inode_list_lock is
 * innermost.
 */

#include "internal.h"

#include <fs/posix_acl.h>
#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/rculist.h>
#include <kernel/rcupdate.h>
#include <kernel/timekeeping.h>
#include <mm/filemap.h>
#include <mm/slab.h>
#include <mm/writeback.h>

static struct kmem_cache *inode_cache __ro_after_init;
static atomic_long_t nr_inodes, nr_unused;

static int no_open(struct inode *inode, struct file *file)
{
	return -ENXIO;
}

static const struct inode_operations empty_iops;
static const struct file_operations no_open_fops = { .open = no_open };
static const struct address_space_operations empty_aops;

void address_space_init_once(struct address_space *m)
{
	memset(m, 0, sizeof(*m));
	xa_init(&m->i_pages);
	init_rwsem(&m->invalidate_lock);
	init_rwsem(&m->i_mmap_rwsem);
	spin_lock_init(&m->private_lock);
	INIT_LIST_HEAD(&m->private_list);
	m->i_mmap = RB_ROOT;
}

/* What every inode starts with, whoever allocated its memory. */
void inode_init_always(struct super_block *sb, struct inode *inode)
{
	inode->i_sb = sb;
	inode->i_blkbits = sb->s_blocksize_bits;
	inode->i_nlink = 1;
	atomic_set(&inode->i_count, 1);
	inode->i_op = &empty_iops;
	inode->i_fop = &no_open_fops;
	spin_lock_init(&inode->i_lock);
	init_rwsem(&inode->i_rwsem);
	INIT_HLIST_HEAD(&inode->i_dentry);
	INIT_LIST_HEAD(&inode->i_lru);
	INIT_LIST_HEAD(&inode->i_sb_list);
	INIT_LIST_HEAD(&inode->i_io_list);
	address_space_init_once(&inode->i_data);
	inode->i_data.a_ops = &empty_aops;
	inode->i_data.host = inode;
	inode->i_data.sequence = mapping_new_sequence();
	inode->i_data.gfp_mask = GFP_HIGHUSER_MOVABLE;
	inode->i_mapping = &inode->i_data;
	inode->i_acl = inode->i_default_acl = ACL_NOT_CACHED;
	if (sb->s_xattr)
		inode->i_opflags |= IOP_XATTR;
	atomic_long_inc(&nr_inodes);
}

static struct inode *alloc_inode(struct super_block *sb)
{
	struct inode *inode;

	if (sb->s_op->alloc_inode) {
		inode = sb->s_op->alloc_inode(sb);
	} else {
		inode = kmem_cache_zalloc(inode_cache, GFP_KERNEL);
	}
	if (inode)
		inode_init_always(sb, inode);
	return inode;
}

static void free_plain_inode(struct inode *inode)
{
	kmem_cache_free(inode_cache, inode);
}

static void inode_free_rcu(struct rcu_head *head)
{
	struct inode *inode = container_of(head, struct inode, i_rcu);

	inode->free_inode(inode);
}

static void release_acl(struct posix_acl *acl)
{
	if (acl != ACL_NOT_CACHED)
		posix_acl_release(acl);
}

/* For embedding inodes: nothing survives from one life to the next. */
void inode_init_once(struct inode *inode)
{
	memset(inode, 0, sizeof(*inode));
}

/* A walk under RCU may still read the inode: it is freed after that (I3). */
static void destroy_inode(struct inode *inode)
{
	const struct super_operations *ops = inode->i_sb->s_op;

	atomic_long_dec(&nr_inodes);
	locks_free_inode(inode);
	release_acl(inode->i_acl);
	release_acl(inode->i_default_acl);
	if (ops->destroy_inode) {
		ops->destroy_inode(inode);
		if (!ops->free_inode)
			return;
	}
	/* The volume may be gone by then: remember how. */
	inode->free_inode = ops->free_inode ? ops->free_inode
					    : free_plain_inode;
	call_rcu(&inode->i_rcu, inode_free_rcu);
}

/* Not on any list: pipes, sockets, anonymous files.  NULL: no memory. */
struct inode *new_inode_pseudo(struct super_block *sb)
{
	return alloc_inode(sb);
}

struct inode *new_inode(struct super_block *sb)
{
	struct inode *inode = alloc_inode(sb);

	if (inode) {
		spin_lock(&sb->s_inode_list_lock);
		list_add(&inode->i_sb_list, &sb->s_inodes);
		spin_unlock(&sb->s_inode_list_lock);
	}
	return inode;
}

/* Numbers for volumes that have none of their own; never 0. */
unsigned int get_next_ino(void)
{
	static atomic_t last = ATOMIC_INIT(0);
	unsigned int ino;

	do
		ino = atomic_inc_return(&last);
	while (!ino);
	return ino;
}

/* ---- references ---- */

void ihold(struct inode *inode)
{
	WARN_ON(atomic_inc_return(&inode->i_count) < 2);
}

static void inode_lru_del(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;

	spin_lock(&sb->s_inode_lru_lock);
	if (!list_empty(&inode->i_lru)) {
		list_del_init(&inode->i_lru);
		sb->s_nr_inode_unused--;
		atomic_long_dec(&nr_unused);
	}
	spin_unlock(&sb->s_inode_lru_lock);
}

static void inode_lru_add(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;

	spin_lock(&sb->s_inode_lru_lock);
	if (list_empty(&inode->i_lru)) {
		list_add_tail(&inode->i_lru, &sb->s_inode_lru);
		sb->s_nr_inode_unused++;
		atomic_long_inc(&nr_unused);
	}
	spin_unlock(&sb->s_inode_lru_lock);
}

/* A reference, or NULL if the inode is on its way out.  Any context. */
struct inode *igrab(struct inode *inode)
{
	spin_lock(&inode->i_lock);
	if (inode->i_state & (I_FREEING | I_WILL_FREE)) {        /* I2 */
		spin_unlock(&inode->i_lock);
		return NULL;
	}
	atomic_inc(&inode->i_count);
	spin_unlock(&inode->i_lock);
	return inode;
}

void inode_sb_list_del(struct inode *inode)
{
	spin_lock(&inode->i_sb->s_inode_list_lock);
	list_del_init(&inode->i_sb_list);
	spin_unlock(&inode->i_sb->s_inode_list_lock);
}

void clear_inode(struct inode *inode)
{
	WARN_ON(inode->i_data.nrpages);
	WARN_ON(!list_empty(&inode->i_data.private_list));
	WARN_ON(!list_empty(&inode->i_io_list));
	WRITE_ONCE(inode->i_state, I_FREEING | I_CLEAR);
}

/* Unmake an inode: I_FREEING is set, nobody else can reach it. */
static void evict(struct inode *inode)
{
	inode_io_list_del(inode);
	if (!list_empty(&inode->i_sb_list))
		inode_sb_list_del(inode);
	/* The flusher holds no reference, only I_SYNC. */
	inode_wait_for_writeback(inode);
	if (inode->i_sb->s_op->evict_inode) {
		inode->i_sb->s_op->evict_inode(inode);
	} else {
		truncate_inode_pages_final(&inode->i_data);
		clear_inode(inode);
	}
	remove_inode_hash(inode);
	wake_new_inode_waiters();
	destroy_inode(inode);
}

int generic_delete_inode(struct inode *inode)
{
	return 1;
}

/* The last reference is gone; i_lock held, released here. */
static void iput_final(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;
	bool drop;

	if (sb->s_op->drop_inode)
		drop = sb->s_op->drop_inode(inode);
	else
		drop = !inode->i_nlink || hlist_unhashed(&inode->i_hash);
	if (!drop && (sb->s_flags & SB_ACTIVE)) {
		inode_lru_add(inode);
		spin_unlock(&inode->i_lock);
		return;
	}
	if (!drop && (inode->i_state & I_DIRTY) && sb->s_op->write_inode) {
		inode->i_state |= I_WILL_FREE;
		spin_unlock(&inode->i_lock);
		write_inode_now(inode, 1);
		spin_lock(&inode->i_lock);
		inode->i_state &= ~I_WILL_FREE;
	}
	inode->i_state |= I_FREEING;
	inode_lru_del(inode);
	spin_unlock(&inode->i_lock);
	evict(inode);
}

/* Let go of an inode; may sleep. */
void iput(struct inode *inode)
{
	if (!inode)
		return;
	BUG_ON(inode->i_state & I_CLEAR);
	if (atomic_add_unless(&inode->i_count, -1, 1))
		return;
	spin_lock(&inode->i_lock);
	if (!atomic_dec_and_test(&inode->i_count)) {
		spin_unlock(&inode->i_lock);
		return;
	}
	iput_final(inode);
}

/* Evict inodes that nobody used since the last pass.  Returns how many. */
long prune_icache_sb(struct super_block *sb, long nr)
{
	long freed = 0, scan = nr;

	while (scan-- > 0) {
		struct inode *inode;

		spin_lock(&sb->s_inode_lru_lock);
		if (list_empty(&sb->s_inode_lru)) {
			spin_unlock(&sb->s_inode_lru_lock);
			break;
		}
		inode = list_first_entry(&sb->s_inode_lru, struct inode, i_lru);
		if (!spin_trylock(&inode->i_lock)) {
			list_move_tail(&inode->i_lru, &sb->s_inode_lru);
			spin_unlock(&sb->s_inode_lru_lock);
			continue;
		}
		if (inode->i_state & (I_DIRTY | I_SYNC)) {
			/* Another time, when it has been written. */
			list_move_tail(&inode->i_lru, &sb->s_inode_lru);
			spin_unlock(&sb->s_inode_lru_lock);
			spin_unlock(&inode->i_lock);
			continue;
		}
		list_del_init(&inode->i_lru);
		sb->s_nr_inode_unused--;
		atomic_long_dec(&nr_unused);
		spin_unlock(&sb->s_inode_lru_lock);
		if (atomic_read(&inode->i_count)) {
			spin_unlock(&inode->i_lock);
			continue;
		}
		inode->i_state |= I_FREEING;
		spin_unlock(&inode->i_lock);
		evict(inode);
		freed++;
	}
	return freed;
}

/* Shutdown of a volume: all inodes that nobody holds. */
void evict_inodes(struct super_block *sb)
{
	struct inode *inode, *next;
	LIST_HEAD(dispose);

	spin_lock(&sb->s_inode_list_lock);
	list_for_each_entry_safe(inode, next, &sb->s_inodes, i_sb_list) {
		if (atomic_read(&inode->i_count))
			continue;
		list_move(&inode->i_sb_list, &dispose);
	}
	spin_unlock(&sb->s_inode_list_lock);
	while (!list_empty(&dispose)) {
		inode = list_first_entry(&dispose, struct inode, i_sb_list);
		spin_lock(&inode->i_lock);
		inode->i_state |= I_FREEING;
		inode_lru_del(inode);
		spin_unlock(&inode->i_lock);
		evict(inode);
	}
}

long nr_inodes_total(void)
{
	return atomic_long_read(&nr_inodes);
}

long nr_inodes_unused(void)
{
	return atomic_long_read(&nr_unused);
}

void inode_caches_init(void)
{
	inode_cache = KMEM_CACHE(inode, SLAB_HWCACHE_ALIGN | SLAB_PANIC);
}
