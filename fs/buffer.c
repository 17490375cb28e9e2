/* SPDX-License-Identifier: MIT */
/*
 * buffer.c -- buffer heads: the blocks of a page, and their state
 *
 * PROMISE.  Each block of a page knows where it lives on the disk and whether
 * memory or disk is newer; it is read once, and written whole.
 *
 * IDEA.  The page is the unit of memory, the block that of the disk.  Where
 * they differ (1 KiB blocks), and where a file system works with single blocks
 * (all metadata), a ring of buffer heads hangs on the page:
 *
 *	page->private --> bh0 --> bh1 --> bh2 --> bh3 --+
 *	 PG_private        ^     b_this_page            |
 *	                   +----------------------------+
 *
 * The page's own flags sum the blocks' up: a dirty block makes the page dirty
 * and the flusher finds it; the page is up to date when all blocks are.  Who
 * changes one of these flags changes the other in the order below, so that
 * nothing dirty is ever lost, though a clean page may be looked at for nothing.
 *
 * INVARIANTS
 *   I1  A dirty block's page is dirty, or is being written with the page locked.
 *   I2  BH_Lock is held while a block is read or written; who holds it may
 *       submit it, and b_end_io lets it go.
 *   I3  The ring is taken off only with the page locked, no block used (b_count),
 *       dirty or locked.
 *   I4  A page with a ring has one more reference, for the ring.
 *
 * LOCKING.  The page lock: making and removing the ring, mapping blocks of a
 * file.  mapping->private_lock: finding blocks without the page lock (the
 * device's cache), and dirtying all blocks at once.  b_uptodate_lock of a
 * ring's first: which I/O of the page ends last.  Order: page lock,
 * private_lock, i_pages' lock.  b_end_io runs in any context but hard
 * interrupts.
 *
 * RACES.  set_page_dirty() against the ring being freed:
 *
 *	try_to_free_buffers()             block_dirty_folio()
 *	all blocks are clean      [a]
 *	                                  marks the blocks dirty
 *	frees the ring            [b]     marks the page dirty
 *	clears the page's dirt    [c]     ... lost
 *
 * Both hold private_lock from [a] to [c], so one comes wholly first.
 *
 * SEE docs/78-buffer-heads.md; blocks of devices buffer_dev.c, of files
 * buffer_read.c and buffer_write.c.
 *
 * EXERCISES.  1. Why does the last block to end unlock the page, and not the
 * last in the ring?  2. What breaks if mark_buffer_dirty() tests the page
 * first?
 */

#include <fs/buffer_head.h>

#include <drivers/bio.h>
#include <kernel/bug.h>
#include <kernel/export.h>
#include <kernel/hash.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/wait.h>
#include <mm/filemap.h>
#include <mm/slab.h>
#include <mm/writeback.h>

#include "buffer_impl.h"

#define WAIT_TABLE_BITS 6

static struct kmem_cache *bh_cache __ro_after_init;
static struct wait_queue_head wait_table[1 << WAIT_TABLE_BITS];

/* ---- the lock of a block ------------------------------------------------- */

static struct wait_queue_head *queue_of(const struct buffer_head *bh)
{
	return &wait_table[hash_64((unsigned long)bh >> 6, WAIT_TABLE_BITS)];
}

void __lock_buffer(struct buffer_head *bh)
{
	might_sleep();
	io_wait_event(*queue_of(bh), trylock_buffer(bh));
}
EXPORT_SYMBOL(__lock_buffer);

void unlock_buffer(struct buffer_head *bh)
{
	struct wait_queue_head *wq = queue_of(bh);

	clear_bit_unlock(BH_Lock, &bh->b_state);
	smp_mb();
	if (waitqueue_active(wq))
		wake_up_all(wq);
}
EXPORT_SYMBOL(unlock_buffer);

void __wait_on_buffer(struct buffer_head *bh)
{
	might_sleep();
	io_wait_event(*queue_of(bh), !buffer_locked(bh));
}
EXPORT_SYMBOL(__wait_on_buffer);

/* ---- making and freeing rings -------------------------------------------- */

struct buffer_head *alloc_buffer_head(gfp_t gfp)
{
	struct buffer_head *bh = kmem_cache_zalloc(bh_cache, gfp);

	if (bh) {
		INIT_LIST_HEAD(&bh->b_assoc_buffers);
		spin_lock_init(&bh->b_uptodate_lock);
	}
	return bh;
}
EXPORT_SYMBOL(alloc_buffer_head);

void free_buffer_head(struct buffer_head *bh)
{
	BUG_ON(!list_empty(&bh->b_assoc_buffers));
	kmem_cache_free(bh_cache, bh);
}
EXPORT_SYMBOL(free_buffer_head);

/* Heads for a whole page, in a line, the last one's b_this_page NULL. */
struct buffer_head *alloc_page_buffers(struct page *page, unsigned long size,
				       bool retry)
{
	gfp_t gfp = GFP_NOFS | __GFP_ACCOUNT | (retry ? __GFP_NOFAIL : 0);
	struct buffer_head *head = NULL;
	long offset = PAGE_SIZE;

	while ((offset -= size) >= 0) {
		struct buffer_head *bh = alloc_buffer_head(gfp);

		if (!bh)
			goto out_free;
		bh->b_this_page = head;
		bh->b_blocknr = -1;
		bh->b_size = size;
		bh->b_page = page;
		bh->b_data = (char *)page_address(page) + offset;
		head = bh;
	}
	return head;

out_free:
	while (head) {
		struct buffer_head *bh = head;

		head = bh->b_this_page;
		free_buffer_head(bh);
	}
	return NULL;
}
EXPORT_SYMBOL(alloc_page_buffers);

/* Close the line to a ring and hang it on the page; locked. */
void link_page_buffers(struct page *page, struct buffer_head *head)
{
	struct buffer_head *tail = head;

	while (tail->b_this_page)
		tail = tail->b_this_page;
	tail->b_this_page = head;
	get_page(page);                                        /* I4 */
	page->private = (unsigned long)head;
	SetPagePrivate(page);
}

void create_empty_buffers(struct page *page, unsigned long blocksize,
			  unsigned long b_state)
{
	struct buffer_head *head, *bh;

	head = alloc_page_buffers(page, blocksize, true);
	for (bh = head; bh; bh = bh->b_this_page)
		bh->b_state |= b_state;
	spin_lock(&page->mapping->private_lock);
	link_page_buffers(page, head);
	bh = head;
	do {
		if (PageDirty(page))
			set_buffer_dirty(bh);
		if (PageUptodate(page))
			set_buffer_uptodate(bh);
		bh = bh->b_this_page;
	} while (bh != head);
	spin_unlock(&page->mapping->private_lock);
}
EXPORT_SYMBOL(create_empty_buffers);

static bool buffer_busy(const struct buffer_head *bh)
{
	return atomic_read(&bh->b_count) ||
	       (READ_ONCE(bh->b_state) & (BIT(BH_Dirty) | BIT(BH_Lock)));
}

/* The block is no longer one of an inode's metadata; private_lock held. */
void __remove_assoc_queue(struct buffer_head *bh)
{
	list_del_init(&bh->b_assoc_buffers);
	WARN_ON(!bh->b_assoc_map);
	bh->b_assoc_map = NULL;
}

/* Take the ring off if no block is busy: *ring is then the caller's. */
static bool drop_buffers(struct page *page, struct buffer_head **ring)
{
	struct buffer_head *head = page_buffers(page), *bh = head;

	do {
		if (buffer_busy(bh))                           /* [a] */
			return false;
		bh = bh->b_this_page;
	} while (bh != head);
	do {
		if (bh->b_assoc_map)
			__remove_assoc_queue(bh);
		bh = bh->b_this_page;
	} while (bh != head);
	page->private = 0;                                     /* [b] */
	ClearPagePrivate(page);
	*ring = head;
	return true;
}

static void free_ring(struct buffer_head *head)
{
	struct buffer_head *bh = head;

	do {
		struct buffer_head *next = bh->b_this_page;

		free_buffer_head(bh);
		bh = next;
	} while (bh != head);
}

/* True if the page has no ring now.  The page is locked; does not sleep. */
bool try_to_free_buffers(struct page *page)
{
	struct address_space *mapping = page->mapping;
	struct buffer_head *ring = NULL;
	bool freed;

	VM_BUG_ON(!PageLocked(page));
	if (PageWriteback(page))
		return false;
	if (!page_has_buffers(page))
		return true;
	if (!mapping) {
		/* Truncated while somebody used a block; he is the last. */
		freed = drop_buffers(page, &ring);
	} else {
		spin_lock(&mapping->private_lock);
		freed = drop_buffers(page, &ring);
		/* Its blocks were written one by one: the page is clean. */
		if (freed)
			cancel_dirty_page(page);               /* [c] */
		spin_unlock(&mapping->private_lock);
	}
	if (freed) {
		free_ring(ring);
		put_page(page);                                /* I4 */
	}
	return freed;
}
EXPORT_SYMBOL(try_to_free_buffers);

/* ---- dirt ---------------------------------------------------------------- */

void mark_buffer_dirty(struct buffer_head *bh)
{
	struct address_space *mapping = NULL;
	struct page *page = bh->b_page;

	WARN_ON_ONCE(!buffer_uptodate(bh));
	/* What was written before must be seen by who finds it dirty. */
	smp_mb();
	if (buffer_dirty(bh) || test_set_buffer_dirty(bh))
		return;
	if (!TestSetPageDirty(page)) {                         /* I1 */
		mapping = READ_ONCE(page->mapping);
		if (mapping)
			__set_page_dirty(page, mapping);
	}
	if (mapping)
		__mark_inode_dirty(mapping->host, I_DIRTY_PAGES);
}
EXPORT_SYMBOL(mark_buffer_dirty);

/* a_ops->dirty_folio: the whole page was changed, through a mapping. */
bool block_dirty_folio(struct address_space *mapping, struct page *page)
{
	bool newly;

	spin_lock(&mapping->private_lock);
	if (page_has_buffers(page)) {
		struct buffer_head *head = page_buffers(page), *bh = head;

		do {
			set_buffer_dirty(bh);
			bh = bh->b_this_page;
		} while (bh != head);
	}
	newly = !TestSetPageDirty(page);
	if (newly)
		__set_page_dirty(page, mapping);
	spin_unlock(&mapping->private_lock);
	if (newly)
		__mark_inode_dirty(mapping->host, I_DIRTY_PAGES);
	return newly;
}
EXPORT_SYMBOL(block_dirty_folio);

void mark_buffer_write_io_error(struct buffer_head *bh)
{
	struct address_space *mapping = READ_ONCE(bh->b_page->mapping);
	struct address_space *assoc = READ_ONCE(bh->b_assoc_map);

	set_buffer_write_io_error(bh);
	if (mapping)
		mapping_set_error(mapping, -EIO);
	if (assoc)
		mapping_set_error(assoc, -EIO);
}
EXPORT_SYMBOL(mark_buffer_write_io_error);

/* ---- one block to or from the disk --------------------------------------- */

static void log_io_error(struct buffer_head *bh, const char *what)
{
	if (!test_bit(BH_Quiet, &bh->b_state))
		pr_err_ratelimited("Buffer I/O error on dev %u:%u, logical "
				   "block %llu, %s\n",
				   MAJOR(bh->b_bdev->bd_dev),
				   MINOR(bh->b_bdev->bd_dev),
				   (unsigned long long)bh->b_blocknr, what);
}

/* A read that somebody waits for, or nobody: the block's own affair. */
void end_buffer_read_sync(struct buffer_head *bh, int uptodate)
{
	if (uptodate)
		set_buffer_uptodate(bh);
	else
		clear_buffer_uptodate(bh);
	unlock_buffer(bh);
	put_bh(bh);
}
EXPORT_SYMBOL(end_buffer_read_sync);

void end_buffer_write_sync(struct buffer_head *bh, int uptodate)
{
	if (uptodate) {
		set_buffer_uptodate(bh);
	} else {
		log_io_error(bh, "lost sync page write");
		mark_buffer_write_io_error(bh);
		clear_buffer_uptodate(bh);
	}
	unlock_buffer(bh);
	put_bh(bh);
}
EXPORT_SYMBOL(end_buffer_write_sync);

/*
 * One block of the page's I/O has ended: is it the last with that flag?  Tells
 * in *all_uptodate whether the whole page is.
 */
static bool last_of_page(struct buffer_head *bh, enum bh_state_bits flag,
			 bool *all_uptodate)
{
	struct buffer_head *first = page_buffers(bh->b_page), *tmp;
	unsigned long irq;
	bool last = true;

	*all_uptodate = true;
	spin_lock_irqsave(&first->b_uptodate_lock, irq);
	clear_bit(flag, &bh->b_state);
	unlock_buffer(bh);
	tmp = bh;
	do {
		if (!buffer_uptodate(tmp))
			*all_uptodate = false;
		if (test_bit(flag, &tmp->b_state))
			last = false;
		tmp = tmp->b_this_page;
	} while (tmp != bh);
	spin_unlock_irqrestore(&first->b_uptodate_lock, irq);
	return last;
}

void end_buffer_async_read(struct buffer_head *bh, int uptodate)
{
	struct page *page = bh->b_page;
	bool whole;

	if (uptodate) {
		set_buffer_uptodate(bh);
	} else {
		clear_buffer_uptodate(bh);
		log_io_error(bh, "async page read");
	}
	if (!last_of_page(bh, BH_Async_Read, &whole))
		return;
	if (whole)
		SetPageUptodate(page);
	unlock_page(page);
}

void end_buffer_async_write(struct buffer_head *bh, int uptodate)
{
	bool whole;

	if (uptodate) {
		set_buffer_uptodate(bh);
	} else {
		log_io_error(bh, "lost async page write");
		mark_buffer_write_io_error(bh);
		clear_buffer_uptodate(bh);
	}
	if (last_of_page(bh, BH_Async_Write, &whole))
		end_page_writeback(bh->b_page);
}

void mark_buffer_async_read(struct buffer_head *bh)
{
	bh->b_end_io = end_buffer_async_read;
	set_buffer_async_read(bh);
}

void mark_buffer_async_write(struct buffer_head *bh)
{
	bh->b_end_io = end_buffer_async_write;
	set_buffer_async_write(bh);
}
EXPORT_SYMBOL(mark_buffer_async_write);

static void end_bio_bh(struct bio *bio)
{
	struct buffer_head *bh = bio->bi_private;

	if (bio_flagged(bio, BIO_QUIET))
		set_bit(BH_Quiet, &bh->b_state);
	bh->b_end_io(bh, bio->bi_status == BLK_STS_OK);
	bio_put(bio);
}

void submit_bh(unsigned int opf, struct buffer_head *bh)
{
	struct bio *bio;

	BUG_ON(!buffer_locked(bh));                            /* I2 */
	BUG_ON(!buffer_mapped(bh));
	BUG_ON(!bh->b_end_io);
	if (test_set_buffer_req(bh) && op_is_write(opf))
		clear_buffer_write_io_error(bh);
	if (buffer_meta(bh))
		opf |= REQ_META;
	if (buffer_prio(bh))
		opf |= REQ_PRIO;
	bio = bio_alloc(bh->b_bdev, 1, opf, GFP_NOIO);
	bio->bi_iter.bi_sector = bh->b_blocknr * (bh->b_size >> SECTOR_SHIFT);
	__bio_add_page(bio, bh->b_page, bh->b_size, bh_offset(bh));
	bio->bi_end_io = end_bio_bh;
	bio->bi_private = bh;
	guard_bio_eod(bio);
	submit_bio(bio);
}
EXPORT_SYMBOL(submit_bh);

int bh_uptodate_or_lock(struct buffer_head *bh)
{
	if (buffer_uptodate(bh))
		return 1;
	lock_buffer(bh);
	if (!buffer_uptodate(bh))
		return 0;
	unlock_buffer(bh);
	return 1;
}
EXPORT_SYMBOL(bh_uptodate_or_lock);

/* The buffer is locked.  0, or -EIO: also if the device has gone meanwhile, and
 * taken the mapping with it (discard_buffer has the lock for that). */
int __bh_read(struct buffer_head *bh, unsigned int opf, bool wait)
{
	if (!buffer_mapped(bh)) {
		unlock_buffer(bh);
		return -EIO;
	}
	get_bh(bh);
	bh->b_end_io = end_buffer_read_sync;
	submit_bh(REQ_OP_READ | opf, bh);
	if (!wait)
		return 0;
	wait_on_buffer(bh);
	return buffer_uptodate(bh) ? 0 : -EIO;
}
EXPORT_SYMBOL(__bh_read);

void __bh_read_batch(int nr, struct buffer_head *bhs[], unsigned int opf,
		     bool force_lock)
{
	int n;

	for (n = 0; n < nr; n++) {
		struct buffer_head *bh = bhs[n];

		if (buffer_uptodate(bh))
			continue;
		if (force_lock)
			lock_buffer(bh);
		else if (!trylock_buffer(bh))
			continue;
		if (buffer_uptodate(bh))
			unlock_buffer(bh);
		else
			__bh_read(bh, opf, false);
	}
}
EXPORT_SYMBOL(__bh_read_batch);

void write_dirty_buffer(struct buffer_head *bh, unsigned int opf)
{
	lock_buffer(bh);
	if (!test_clear_buffer_dirty(bh) || !buffer_mapped(bh)) {
		unlock_buffer(bh);
		return;
	}
	bh->b_end_io = end_buffer_write_sync;
	get_bh(bh);
	submit_bh(REQ_OP_WRITE | opf, bh);
}
EXPORT_SYMBOL(write_dirty_buffer);

int __sync_dirty_buffer(struct buffer_head *bh, unsigned int opf)
{
	WARN_ON(atomic_read(&bh->b_count) < 1);
	lock_buffer(bh);
	if (!test_clear_buffer_dirty(bh)) {
		unlock_buffer(bh);
		return 0;
	}
	/* The device may have gone, and taken its mapping with it. */
	if (!buffer_mapped(bh)) {
		unlock_buffer(bh);
		return -EIO;
	}
	get_bh(bh);
	bh->b_end_io = end_buffer_write_sync;
	submit_bh(REQ_OP_WRITE | opf, bh);
	wait_on_buffer(bh);
	return buffer_uptodate(bh) ? 0 : -EIO;
}
EXPORT_SYMBOL(__sync_dirty_buffer);

int sync_dirty_buffer(struct buffer_head *bh)
{
	return __sync_dirty_buffer(bh, REQ_SYNC);
}
EXPORT_SYMBOL(sync_dirty_buffer);

static int buffer_init(void)
{
	unsigned n;

	for (n = 0; n < ARRAY_SIZE(wait_table); n++)
		init_waitqueue_head(&wait_table[n]);
	bh_cache = KMEM_CACHE(buffer_head, SLAB_RECLAIM_ACCOUNT | SLAB_PANIC);
	return 0;
}
core_initcall(buffer_init);
