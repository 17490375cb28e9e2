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
 *
 * LOCKING.  i_lock guards i_state, i_nlink and the alias list.  Order: i_lock,
 * then s_inode_lru_lock; hash bucket lock, then i_lock; s_inode_list_lock is
 * innermost.
 */

#include "internal.h"

#include <kernel/bug.h>
#include <kernel/cred.h>
#include <kernel/kernel.h>
#include <kernel/rculist.h>
#include <kernel/rcupdate.h>
#include <kernel/timekeeping.h>
#include <mm/filemap.h>
#include <mm/slab.h>
#include <mm/writeback.h>

#define I_HASH_BITS 10

static struct kmem_cache *inode_cache __ro_after_init;
static struct hlist_head i_table[1 << I_HASH_BITS];
static DEFINE_SPINLOCK(i_table_lock);
static DECLARE_WAIT_QUEUE_HEAD(new_inode_wait);
static atomic_long_t nr_inodes, nr_unused;

static const struct inode_operations empty_iops;
static const struct file_operations no_open_fops;
static const struct address_space_operations empty_aops;

static struct hlist_head *i_bucket(struct super_block *sb, unsigned long ino)
{
	u64 mixed = ((unsigned long)sb >> 6) + ino;

	return &i_table[(mixed * 0x9e3779b97f4a7c15ull) >> (64 - I_HASH_BITS)];
}

void address_space_init_once(struct address_space *m)
{
	memset(m, 0, sizeof(*m));
	xa_init(&m->i_pages);
	init_rwsem(&m->invalidate_lock);
	init_rwsem(&m->i_mmap_rwsem);
	INIT_LIST_HEAD(&m->i_mmap);
	spin_lock_init(&m->private_lock);
	INIT_LIST_HEAD(&m->private_list);
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
	inode->i_data.gfp_mask = GFP_HIGHUSER_MOVABLE;
	inode->i_mapping = &inode->i_data;
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

static void inode_free_rcu(struct rcu_head *head)
{
	struct inode *inode = container_of(head, struct inode, i_rcu);

	if (inode->i_sb->s_op->free_inode)
		inode->i_sb->s_op->free_inode(inode);
	else
		kmem_cache_free(inode_cache, inode);
}

/* For embedding inodes: nothing survives from one life to the next. */
void inode_init_once(struct inode *inode)
{
	memset(inode, 0, sizeof(*inode));
}

static void destroy_inode(struct inode *inode)
{
	atomic_long_dec(&nr_inodes);
	locks_free_inode(inode);
	if (inode->i_sb->s_op->destroy_inode)
		inode->i_sb->s_op->destroy_inode(inode);
	else
		inode_free_rcu(&inode->i_rcu);
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
	WRITE_ONCE(inode->i_state, I_FREEING | I_CLEAR);
}

/* Unmake an inode: I_FREEING is set, nobody else can reach it. */
static void evict(struct inode *inode)
{
	if (!list_empty(&inode->i_sb_list))
		inode_sb_list_del(inode);
	if (inode->i_sb->s_op->evict_inode) {
		inode->i_sb->s_op->evict_inode(inode);
	} else {
		truncate_inode_pages_final(&inode->i_data);
		clear_inode(inode);
	}
	remove_inode_hash(inode);
	wake_up_all(&new_inode_wait);
	destroy_inode(inode);
}

int generic_delete_inode(struct inode *inode)
{
	return 1;
}

static bool inode_unhashed(struct inode *inode)
{
	return hlist_unhashed(&inode->i_hash);
}

/* The last reference is gone; i_lock held, released here. */
static void iput_final(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;
	bool drop;

	if (sb->s_op->drop_inode)
		drop = sb->s_op->drop_inode(inode);
	else
		drop = !inode->i_nlink || inode_unhashed(inode);
	if (!drop && (sb->s_flags & SB_ACTIVE)) {
		inode_lru_add(inode);
		spin_unlock(&inode->i_lock);
		return;
	}
	if (!drop && (inode->i_state & I_DIRTY) && sb->s_op->write_inode) {
		struct writeback_control wbc = { .sync_mode = WB_SYNC_ALL };

		inode->i_state |= I_WILL_FREE;
		spin_unlock(&inode->i_lock);
		filemap_write_and_wait(inode->i_mapping);
		sb->s_op->write_inode(inode, &wbc);
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
		list_del_init(&inode->i_lru);
		atomic_long_dec(&nr_unused);
		spin_unlock(&sb->s_inode_lru_lock);
		if (atomic_read(&inode->i_count) || (inode->i_state & I_DIRTY)) {
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

/* ---- the table of numbered inodes ---- */

void insert_inode_hash(struct inode *inode)
{
	spin_lock(&i_table_lock);
	hlist_add_head(&inode->i_hash, i_bucket(inode->i_sb, inode->i_ino));
	spin_unlock(&i_table_lock);
}

void remove_inode_hash(struct inode *inode)
{
	if (inode_unhashed(inode))
		return;
	spin_lock(&i_table_lock);
	hlist_del_init(&inode->i_hash);
	spin_unlock(&i_table_lock);
}

/* With a reference; i_table_lock held.  *busy: it is being freed, wait. */
static struct inode *find_inode(struct super_block *sb, unsigned long ino,
				bool *busy)
{
	struct inode *inode;

	*busy = false;
	hlist_for_each_entry(inode, i_bucket(sb, ino), i_hash) {
		if (inode->i_ino != ino || inode->i_sb != sb)
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

static bool inode_is_gone(struct super_block *sb, unsigned long ino)
{
	struct inode *inode;
	bool busy;

	spin_lock(&i_table_lock);
	inode = find_inode(sb, ino, &busy);
	spin_unlock(&i_table_lock);
	if (inode)
		iput(inode);
	return !busy;
}

/* The inode if it is in memory, ready for use; may sleep. */
struct inode *ilookup(struct super_block *sb, unsigned long ino)
{
	struct inode *inode;
	bool busy;

	for (;;) {
		spin_lock(&i_table_lock);
		inode = find_inode(sb, ino, &busy);
		spin_unlock(&i_table_lock);
		if (!busy)
			break;
		wait_event(new_inode_wait, inode_is_gone(sb, ino));
	}
	if (inode)
		wait_event(new_inode_wait, !(READ_ONCE(inode->i_state) & I_NEW));
	return inode;
}

/*
 * The inode of that number.  If I_NEW is set in its state, the caller fills it
 * from the disk and calls unlock_new_inode() or iget_failed().
 */
struct inode *iget_locked(struct super_block *sb, unsigned long ino)
{
	struct inode *inode = ilookup(sb, ino), *old;
	bool busy;

	if (inode)
		return inode;
	inode = new_inode(sb);
	if (!inode)
		return NULL;
	inode->i_ino = ino;
	inode->i_state = I_NEW;
	spin_lock(&i_table_lock);
	old = find_inode(sb, ino, &busy);
	if (!old && !busy) {
		hlist_add_head(&inode->i_hash, i_bucket(sb, ino));
		spin_unlock(&i_table_lock);
		return inode;
	}
	spin_unlock(&i_table_lock);
	inode->i_state = 0;
	iput(inode);
	if (old)
		wait_event(new_inode_wait, !(READ_ONCE(old->i_state) & I_NEW));
	return old ? old : iget_locked(sb, ino);
}

void unlock_new_inode(struct inode *inode)
{
	spin_lock(&inode->i_lock);
	inode->i_state &= ~(I_NEW | I_CREATING);
	spin_unlock(&inode->i_lock);
	wake_up_all(&new_inode_wait);
}

void iget_failed(struct inode *inode)
{
	clear_nlink(inode);
	remove_inode_hash(inode);
	unlock_new_inode(inode);
	iput(inode);
}

/* ---- attributes ---- */

void set_nlink(struct inode *inode, unsigned int nlink)
{
	inode->i_nlink = nlink;
}

void clear_nlink(struct inode *inode)
{
	inode->i_nlink = 0;
}

void inc_nlink(struct inode *inode)
{
	inode->i_nlink++;
}

void drop_nlink(struct inode *inode)
{
	WARN_ON(inode->i_nlink == 0);
	inode->i_nlink--;
}

/* Owner and mode of a new file in dir; a set-gid directory passes its group. */
void inode_init_owner(struct inode *inode, const struct inode *dir, umode_t mode)
{
	inode->i_uid = current_fsuid();
	if (dir && (dir->i_mode & S_ISGID)) {
		inode->i_gid = dir->i_gid;
		if (S_ISDIR(mode))
			mode |= S_ISGID;
	} else {
		inode->i_gid = current_fsgid();
	}
	inode->i_mode = mode;
}

static int no_open(struct inode *inode, struct file *file)
{
	return -ENXIO;
}

static const struct file_operations no_open_fops = { .open = no_open };

void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev)
{
	inode->i_mode = mode;
	if (S_ISCHR(mode)) {
		inode->i_fop = &def_chr_fops;
		inode->i_rdev = rdev;
	} else if (S_ISBLK(mode)) {
		inode->i_rdev = rdev;
	} else if (S_ISFIFO(mode)) {
		inode->i_fop = &pipefifo_fops;
	}
}

void __mark_inode_dirty(struct inode *inode, int flags)
{
	struct super_block *sb = inode->i_sb;

	if ((flags & (I_DIRTY_SYNC | I_DIRTY_DATASYNC)) && sb->s_op->dirty_inode)
		sb->s_op->dirty_inode(inode, flags);
	if ((READ_ONCE(inode->i_state) & flags) == (unsigned)flags)
		return;
	spin_lock(&inode->i_lock);
	inode->i_state |= flags;
	spin_unlock(&inode->i_lock);
}

bool inode_owner_or_capable(const struct inode *inode)
{
	return inode->i_uid == current_fsuid() || capable(CAP_FOWNER);
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
