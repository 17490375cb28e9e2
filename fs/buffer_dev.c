/* SPDX-License-Identifier: MIT */
/*
 * buffer_dev.c -- single blocks of a device: how file systems see metadata
 *
 * PROMISE.  __bread() gives the one copy in memory of a block of a device; what
 * is marked dirty in it reaches the disk, at fsync() of the file whose metadata
 * it is, or when the flusher comes.
 *
 * IDEA.  A block device is a file, and its blocks are the blocks of that file's
 * pages: so metadata is cached, aged, written and reclaimed by what does that
 * for files.  Lookups repeat (a bitmap, an inode table block): each CPU
 * remembers the last 8, with a reference, most recent first.
 *
 *	__bread(dev, 100, 1024) -> page 25 of the device -> its block 0
 *
 * Which blocks belong to which file?  An indirect block is the device's, yet
 * fsync() of the file must write it.  So mark_buffer_dirty_inode() also puts it
 * on the file's mapping->private_list.
 *
 * INVARIANTS
 *   I1  b_assoc_map set = on that mapping's private_list; both change under the
 *       private_lock of the *device's* mapping.
 *   I2  A block is dirty or being written while fsync() may still find it on a
 *       list: it goes from private_list to a local one, and back if it got dirty.
 *   I3  A file's block and the device's cache of the same block never both have
 *       dirt: clean_bdev_aliases() voids the latter when the file takes it.
 *
 * LOCKING.  private_lock of the device's mapping; the memory of lookups belongs
 * to one CPU, with preemption off, and only tasks use it.
 */

#include <fs/buffer_head.h>

#include <drivers/blkdev.h>
#include <kernel/export.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/workqueue.h>
#include <mm/filemap.h>
#include <mm/writeback.h>

#include "buffer_impl.h"

#define LRU_SIZE 8

struct bh_lru {
	struct buffer_head *bhs[LRU_SIZE];     /* each with a reference */
};

static DEFINE_PER_CPU(struct bh_lru, bh_lrus);

static struct address_space *mapping_of(struct block_device *bdev)
{
	return bdev->bd_inode->i_mapping;
}

/* ---- what this CPU looked up last ---------------------------------------- */

static bool is_block(const struct buffer_head *bh, struct block_device *bdev,
		     sector_t block, unsigned size)
{
	return bh && bh->b_blocknr == block && bh->b_bdev == bdev &&
	       bh->b_size == size;
}

/* The remembered block, moved to the front, with a new reference; or NULL. */
static struct buffer_head *lru_find(struct block_device *bdev, sector_t block,
				    unsigned size)
{
	struct bh_lru *lru = get_cpu_ptr(&bh_lrus);
	struct buffer_head *bh = NULL;
	int n;

	for (n = 0; n < LRU_SIZE; n++) {
		if (!is_block(lru->bhs[n], bdev, block, size))
			continue;
		bh = lru->bhs[n];
		for (; n; n--)
			lru->bhs[n] = lru->bhs[n - 1];
		lru->bhs[0] = bh;
		get_bh(bh);
		break;
	}
	put_cpu_ptr(&bh_lrus);
	return bh;
}

/* Remember it at the front; the oldest is forgotten. */
static void lru_add(struct buffer_head *bh)
{
	struct bh_lru *lru = get_cpu_ptr(&bh_lrus);
	struct buffer_head *carry = bh;
	int n;

	get_bh(bh);
	for (n = 0; n < LRU_SIZE && carry; n++) {
		struct buffer_head *was = lru->bhs[n];

		lru->bhs[n] = carry;
		carry = was;
		/* It was further back: its reference is the new one's. */
		if (carry == bh)
			break;
	}
	put_cpu_ptr(&bh_lrus);
	brelse(carry);
}

static void forget_lru(struct work_struct *unused)
{
	struct bh_lru *lru = get_cpu_ptr(&bh_lrus);
	int n;

	(void)unused;
	for (n = 0; n < LRU_SIZE; n++) {
		brelse(lru->bhs[n]);
		lru->bhs[n] = NULL;
	}
	put_cpu_ptr(&bh_lrus);
}

/* May sleep. */
void invalidate_bh_lrus(void)
{
	int cpu, n;

	for_each_online_cpu(cpu)
		for (n = 0; n < LRU_SIZE; n++)
			if (READ_ONCE(per_cpu(bh_lrus, cpu).bhs[n])) {
				schedule_on_each_cpu(forget_lru);
				return;
			}
}
EXPORT_SYMBOL(invalidate_bh_lrus);

static void add_pages(struct block_device *bdev, void *sum)
{
	struct inode *inode = READ_ONCE(bdev->bd_inode);

	if (inode)
		*(long *)sum += READ_ONCE(inode->i_data.nrpages);
}

/* Pages of all devices' own caches.  May sleep. */
long nr_blockdev_pages(void)
{
	long sum = 0;

	bdev_for_each(add_pages, &sum);
	return sum;
}

/* ---- finding and making -------------------------------------------------- */

static struct buffer_head *find_slow(struct block_device *bdev, sector_t block,
				     unsigned size)
{
	struct address_space *mapping = mapping_of(bdev);
	unsigned shift = PAGE_SHIFT - __builtin_ctz(size);
	struct buffer_head *bh = NULL, *at;
	struct page *page;

	page = find_get_page(mapping, block >> shift);
	if (!page)
		return NULL;
	spin_lock(&mapping->private_lock);
	if (page_has_buffers(page) && page->mapping == mapping)
		for_each_buffer(at, page)
			if (buffer_mapped(at) &&
			    is_block(at, bdev, block, size)) {
				get_bh(at);
				bh = at;
				break;
			}
	spin_unlock(&mapping->private_lock);
	put_page(page);
	return bh;
}

struct buffer_head *__find_get_block(struct block_device *bdev, sector_t block,
				     unsigned size)
{
	struct buffer_head *bh = lru_find(bdev, block, size);

	if (!bh) {
		bh = find_slow(bdev, block, size);
		if (bh)
			lru_add(bh);
	}
	return bh;
}
EXPORT_SYMBOL(__find_get_block);

/* Say where the blocks of a device's page live: at their own number. */
static void map_device_blocks(struct page *page, struct block_device *bdev,
			      sector_t block, unsigned size)
{
	sector_t end = bdev_nr_bytes(bdev) / size;
	struct buffer_head *bh;

	for_each_buffer(bh, page) {
		if (!buffer_mapped(bh)) {
			bh->b_end_io = NULL;
			bh->b_private = NULL;
			bh->b_bdev = bdev;
			bh->b_blocknr = block;
			if (PageUptodate(page))
				set_buffer_uptodate(bh);
			if (block < end)
				set_buffer_mapped(bh);
		}
		block++;
	}
}

/* See to it that the block's page has a ring: 0, -ENOMEM, -EIO (behind the
 * end). */
static int grow_dev_page(struct block_device *bdev, sector_t block,
			 unsigned size, gfp_t gfp)
{
	struct address_space *mapping = mapping_of(bdev);
	unsigned shift = PAGE_SHIFT - __builtin_ctz(size);
	struct buffer_head *head;
	struct page *page;
	int err = 0;

	if (block >= bdev_nr_bytes(bdev) / size)
		return -EIO;
	page = find_or_create_page(mapping, block >> shift, gfp);
	if (!page)
		return -ENOMEM;
	if (page_has_buffers(page) && page_buffers(page)->b_size != size &&
	    !try_to_free_buffers(page)) {
		err = -EBUSY;
		goto out;
	}
	head = page_has_buffers(page) ? NULL
				      : alloc_page_buffers(page, size, true);
	spin_lock(&mapping->private_lock);
	if (head)
		link_page_buffers(page, head);
	map_device_blocks(page, bdev, block >> shift << shift, size);
	spin_unlock(&mapping->private_lock);
out:
	unlock_page(page);
	put_page(page);
	return err;
}

static bool block_size_fits(struct block_device *bdev, unsigned size)
{
	return size >= bdev_logical_block_size(bdev) && size <= PAGE_SIZE &&
	       !(size & (size - 1));
}

struct buffer_head *__getblk_gfp(struct block_device *bdev, sector_t block,
				 unsigned size, gfp_t gfp)
{
	struct buffer_head *bh;
	int err = 0;

	might_sleep();
	bh = __find_get_block(bdev, block, size);
	if (bh)
		return bh;
	if (!block_size_fits(bdev, size)) {
		WARN_ONCE(1, "getblk: block size %u\n", size);
		return NULL;
	}
	gfp |= mapping_gfp_constraint(mapping_of(bdev), ~__GFP_FS) |
	       __GFP_NOFAIL;
	while (!bh && !err) {
		err = grow_dev_page(bdev, block, size, gfp);
		bh = __find_get_block(bdev, block, size);
	}
	return bh;
}
EXPORT_SYMBOL(__getblk_gfp);

struct buffer_head *__bread_gfp(struct block_device *bdev, sector_t block,
				unsigned size, gfp_t gfp)
{
	struct buffer_head *bh = __getblk_gfp(bdev, block, size, gfp);

	if (!bh || buffer_uptodate(bh))
		return bh;
	if (bh_read(bh, REQ_META) >= 0)
		return bh;
	brelse(bh);
	return NULL;
}
EXPORT_SYMBOL(__bread_gfp);

void __breadahead(struct block_device *bdev, sector_t block, unsigned size)
{
	struct buffer_head *bh = __getblk(bdev, block, size);

	if (bh) {
		bh_readahead(bh, REQ_RAHEAD | REQ_META);
		brelse(bh);
	}
}
EXPORT_SYMBOL(__breadahead);

void __brelse(struct buffer_head *bh)
{
	if (atomic_read(&bh->b_count)) {
		put_bh(bh);
		return;
	}
	WARN(1, "brelse: a block that nobody holds\n");
}
EXPORT_SYMBOL(__brelse);

void __bforget(struct buffer_head *bh)
{
	clear_buffer_dirty(bh);
	if (READ_ONCE(bh->b_assoc_map)) {
		struct address_space *mapping = bh->b_page->mapping;

		spin_lock(&mapping->private_lock);
		if (bh->b_assoc_map)
			__remove_assoc_queue(bh);
		spin_unlock(&mapping->private_lock);
	}
	__brelse(bh);
}
EXPORT_SYMBOL(__bforget);

/* ---- a file takes blocks that were metadata ------------------------------ */

static void void_page_blocks(struct page *page, sector_t block, sector_t end)
{
	struct buffer_head *bh;

	lock_page(page);
	/* The ring may have gone since. */
	if (!page_has_buffers(page))
		goto out;
	for_each_buffer(bh, page) {
		if (!buffer_mapped(bh) || bh->b_blocknr < block ||
		    bh->b_blocknr >= end)
			continue;
		clear_buffer_dirty(bh);                        /* I3 */
		wait_on_buffer(bh);
		clear_buffer_req(bh);
	}
out:
	unlock_page(page);
}

void clean_bdev_aliases(struct block_device *bdev, sector_t block, sector_t len)
{
	struct inode *inode = bdev->bd_inode;
	unsigned shift = PAGE_SHIFT - inode->i_blkbits;
	unsigned long index = block >> shift;
	unsigned long last = (block + len - 1) >> shift;
	struct page *page;

	while (index <= last &&
	       find_get_pages(inode->i_mapping, &index, last, 1, &page)) {
		if (page_has_buffers(page))
			void_page_blocks(page, block, block + len);
		put_page(page);
		cond_resched();
	}
}
EXPORT_SYMBOL(clean_bdev_aliases);

/* ---- blocks that are one file's metadata --------------------------------- */

void mark_buffer_dirty_inode(struct buffer_head *bh, struct inode *inode)
{
	struct address_space *mapping = inode->i_mapping;
	struct address_space *device = bh->b_page->mapping;

	mark_buffer_dirty(bh);
	if (!mapping->private_data)
		mapping->private_data = device;
	else
		WARN_ON_ONCE(mapping->private_data != device);
	if (READ_ONCE(bh->b_assoc_map))
		return;
	spin_lock(&device->private_lock);
	if (!bh->b_assoc_map) {
		list_add_tail(&bh->b_assoc_buffers, &mapping->private_list);
		bh->b_assoc_map = mapping;                     /* I1 */
	}
	spin_unlock(&device->private_lock);
}
EXPORT_SYMBOL(mark_buffer_dirty_inode);

/* Start the writes of a file's metadata; what was started goes to `started`. */
static void write_assoc(spinlock_t *lock, struct list_head *list,
			struct list_head *started)
{
	struct blk_plug plug;

	blk_start_plug(&plug);
	spin_lock(lock);
	while (!list_empty(list)) {
		struct buffer_head *bh = list_first_entry(list,
				struct buffer_head, b_assoc_buffers);
		struct address_space *mapping = bh->b_assoc_map;

		__remove_assoc_queue(bh);
		/* Dirtied again from now on, it goes back to the file's
		 * list. */
		smp_mb();
		if (!buffer_dirty(bh) && !buffer_locked(bh))
			continue;
		list_add(&bh->b_assoc_buffers, started);       /* I2 */
		bh->b_assoc_map = mapping;
		if (!buffer_dirty(bh))
			continue;
		get_bh(bh);
		spin_unlock(lock);
		write_dirty_buffer(bh, REQ_SYNC);
		brelse(bh);
		spin_lock(lock);
	}
	spin_unlock(lock);
	blk_finish_plug(&plug);
}

static int wait_assoc(spinlock_t *lock, struct list_head *started)
{
	int err = 0;

	spin_lock(lock);
	while (!list_empty(started)) {
		struct buffer_head *bh = list_last_entry(started,
				struct buffer_head, b_assoc_buffers);
		struct address_space *mapping = bh->b_assoc_map;

		get_bh(bh);
		__remove_assoc_queue(bh);
		smp_mb();
		if (buffer_dirty(bh)) {
			list_add(&bh->b_assoc_buffers, &mapping->private_list);
			bh->b_assoc_map = mapping;
		}
		spin_unlock(lock);
		wait_on_buffer(bh);
		if (!buffer_uptodate(bh))
			err = -EIO;
		brelse(bh);
		spin_lock(lock);
	}
	spin_unlock(lock);
	return err;
}

int sync_mapping_buffers(struct address_space *mapping)
{
	struct address_space *device = mapping->private_data;
	LIST_HEAD(started);

	if (!device || list_empty(&mapping->private_list))
		return 0;
	write_assoc(&device->private_lock, &mapping->private_list, &started);
	return wait_assoc(&device->private_lock, &started);
}
EXPORT_SYMBOL(sync_mapping_buffers);

int inode_has_buffers(struct inode *inode)
{
	return !list_empty(&inode->i_data.private_list);
}
EXPORT_SYMBOL(inode_has_buffers);

void invalidate_inode_buffers(struct inode *inode)
{
	struct address_space *mapping = &inode->i_data;
	struct address_space *device = mapping->private_data;

	if (!inode_has_buffers(inode))
		return;
	spin_lock(&device->private_lock);
	while (!list_empty(&mapping->private_list))
		__remove_assoc_queue(list_first_entry(&mapping->private_list,
				struct buffer_head, b_assoc_buffers));
	spin_unlock(&device->private_lock);
}
EXPORT_SYMBOL(invalidate_inode_buffers);

int remove_inode_buffers(struct inode *inode)
{
	struct address_space *mapping = &inode->i_data;
	struct address_space *device = mapping->private_data;
	int clean = 1;

	if (!inode_has_buffers(inode))
		return 1;
	spin_lock(&device->private_lock);
	while (!list_empty(&mapping->private_list)) {
		struct buffer_head *bh =
			list_first_entry(&mapping->private_list,
				struct buffer_head, b_assoc_buffers);

		if (buffer_dirty(bh)) {
			clean = 0;
			break;
		}
		__remove_assoc_queue(bh);
	}
	spin_unlock(&device->private_lock);
	return clean;
}
EXPORT_SYMBOL(remove_inode_buffers);
