/* SPDX-License-Identifier: MIT */
/*
 * truncate.c -- taking pages out of the page cache
 *
 * PROMISE.  When truncate_pagecache() returns, no page behind the new end is in
 * the cache or in any address space, and the rest of the last page is zeroes,
 * also for those who map it.
 *
 * The order is what makes it safe against faults (see file_fault.c):
 *
 *	1. the size shrinks: new faults behind it get SIGBUS
 *	2. unmap everywhere: old mappings are gone
 *	3. page by page: lock, unmap once more if a fault was in between,
 *	   take it from the cache
 *
 * LOCKING.  The inode's lock keeps writers out.  Page locks are taken one at a
 * time; i_mmap_rwsem inside a page lock.
 */

#include <mm/filemap.h>

#include <kernel/export.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/rmap.h>
#include <mm/swap.h>
#include <mm/writeback.h>

#include "internal.h"

#define BATCH 16

/* Throw one page away; has a reference, which it loses. */
static void truncate_page(struct address_space *mapping, struct page *page)
{
	lock_page(page);
	if (page->mapping != mapping)
		goto out;
	wait_on_page_writeback(page);
	if (page_mapped(page))
		unmap_mapping_pages(mapping, page->index, 1, false);
	if (mapping->a_ops && mapping->a_ops->invalidate_folio &&
	    PagePrivate(page))
		mapping->a_ops->invalidate_folio(page, 0, PAGE_SIZE);
	cancel_dirty_page(page);
	delete_from_page_cache(page);
out:
	unlock_page(page);
	put_page(page);
}

/* Zero [from, to) of page `index`, if it is in memory. */
static void zero_cached_part(struct address_space *mapping,
			     unsigned long index, size_t from, size_t to)
{
	struct page *page = find_lock_page(mapping, index);

	if (!page)
		return;
	wait_on_page_writeback(page);
	/* Even if the page is not up to date: some of its blocks may be. */
	memset(page_address(page) + from, 0, to - from);
	/* On a disk the file system does that to the block. */
	if (PageUptodate(page) && test_bit(AS_SWAPBACKED, &mapping->flags))
		set_page_dirty(page);
	if (PagePrivate(page) && mapping->a_ops->invalidate_folio)
		mapping->a_ops->invalidate_folio(page, from, to - from);
	unlock_page(page);
	put_page(page);
}

static void truncate_whole_pages(struct address_space *mapping,
				 unsigned long first, unsigned long last)
{
	struct page *pages[BATCH];
	unsigned long index = first;
	unsigned i, n;

	while (first <= last) {
		n = find_get_pages(mapping, &index, last, BATCH, pages);
		if (!n)
			break;
		for (i = 0; i < n; i++)
			truncate_page(mapping, pages[i]);
		cond_resched();
		if (index > last)
			break;
	}
	shmem_free_swap(mapping, first, last);
}

void truncate_inode_pages_range(struct address_space *mapping, loff_t start,
				loff_t end)
{
	unsigned long first = (start + PAGE_SIZE - 1) >> PAGE_SHIFT;
	unsigned long last;              /* the first that is not whole */
	size_t head = offset_in_page(start), tail;

	if (!mapping->nrpages)
		return;
	tail = end == -1 ? 0 : offset_in_page(end + 1);
	last = end == -1 ? ULONG_MAX : (unsigned long)(end + 1) >> PAGE_SHIFT;
	if (head && first > last) {
		/* Both ends in one page. */
		zero_cached_part(mapping, last, head, tail);
		return;
	}
	if (head)
		zero_cached_part(mapping, first - 1, head, PAGE_SIZE);
	if (tail)
		zero_cached_part(mapping, last, 0, tail);
	if (last > first)
		truncate_whole_pages(mapping, first, last - 1);
}
EXPORT_SYMBOL(truncate_inode_pages_range);

void truncate_inode_pages(struct address_space *mapping, loff_t start)
{
	truncate_inode_pages_range(mapping, start, -1);
}
EXPORT_SYMBOL(truncate_inode_pages);

void truncate_inode_pages_final(struct address_space *mapping)
{
	/* Once more if swapoff brought a page back while we were at it. */
	do {
		truncate_inode_pages(mapping, 0);
		shmem_forget(mapping);
	} while (mapping->nrpages && test_bit(AS_SWAPBACKED, &mapping->flags));
	WARN_ON(mapping->nrpages);
	xa_destroy(&mapping->i_pages);
}
EXPORT_SYMBOL(truncate_inode_pages_final);

void truncate_pagecache(struct inode *inode, loff_t newsize)
{
	struct address_space *mapping = inode->i_mapping;
	loff_t hole = (newsize + PAGE_SIZE - 1) & ~(loff_t)(PAGE_SIZE - 1);

	unmap_mapping_range(mapping, hole, 0, 1);
	truncate_inode_pages(mapping, newsize);
	/* Private copies that a fault made while the pages were still there. */
	unmap_mapping_range(mapping, hole, 0, 1);
}
EXPORT_SYMBOL(truncate_pagecache);

/* Drop a page that can be read again: clean, unmapped, nobody else's. */
static bool invalidate_page(struct address_space *mapping, struct page *page)
{
	bool gone = false;

	if (!trylock_page(page))
		return false;
	/* The references: the cache's and ours, after its buffers have gone. */
	if (page->mapping == mapping && !PageDirty(page) &&
	    !PageWriteback(page) && !page_mapped(page) &&
	    filemap_release_folio(page, 0) && !PageDirty(page) &&
	    page_count(page) == 2) {
		delete_from_page_cache(page);
		gone = true;
	}
	unlock_page(page);
	return gone;
}

unsigned long invalidate_mapping_pages(struct address_space *mapping,
				       unsigned long start, unsigned long end)
{
	unsigned long count = 0;
	struct page *page;

	if (test_bit(AS_SWAPBACKED, &mapping->flags))
		return 0;
	while (start <= end &&
	       find_get_pages(mapping, &start, end, 1, &page)) {
		count += invalidate_page(mapping, page);
		put_page(page);
		if (start == ULONG_MAX)
			break;
		cond_resched();
	}
	return count;
}
EXPORT_SYMBOL(invalidate_mapping_pages);

/* One page, mapped or not, written back first: true when it is gone. */
static bool invalidate_page2(struct address_space *mapping, struct page *page)
{
	bool gone = true;

	lock_page(page);
	if (page->mapping != mapping)
		goto out;
	wait_on_page_writeback(page);
	if (page_mapped(page))
		unmap_mapping_pages(mapping, page->index, 1, false);
	gone = !PageDirty(page) && filemap_release_folio(page, GFP_KERNEL) &&
	       !PageDirty(page);
	if (gone)
		delete_from_page_cache(page);
out:
	unlock_page(page);
	return gone;
}

/*
 * For direct I/O: what was written past the cache must not be hidden by it.
 * The caller has written back the range.
 */
int invalidate_inode_pages2_range(struct address_space *mapping,
				  unsigned long first, unsigned long last)
{
	struct page *page;
	int err = 0;

	while (first <= last &&
	       find_get_pages(mapping, &first, last, 1, &page)) {
		if (!invalidate_page2(mapping, page))
			err = -EBUSY;
		put_page(page);
		if (!first)
			break;
		cond_resched();
	}
	return err;
}
EXPORT_SYMBOL(invalidate_inode_pages2_range);

int invalidate_inode_pages2(struct address_space *mapping)
{
	return invalidate_inode_pages2_range(mapping, 0, ULONG_MAX);
}
EXPORT_SYMBOL(invalidate_inode_pages2);

/* ---- sizes --------------------------------------------------------------- */

/* The inode is locked.  To a larger size this is i_size_write() and no more. */
void truncate_setsize(struct inode *inode, loff_t newsize)
{
	loff_t old = inode->i_size;

	i_size_write(inode, newsize);
	if (newsize > old)
		pagecache_isize_extended(inode, old, newsize);
	truncate_pagecache(inode, newsize);
}
EXPORT_SYMBOL(truncate_setsize);

/*
 * The page of the old end holds two things that must not become part of the
 * file.  Its bytes behind the end may have been stored to through a mapping:
 * they are zeroed.  And with blocks smaller than a page, it may be mapped
 * writable while the blocks behind the old end have no place on the disk: the
 * next store must fault, so that page_mkwrite gives them one.
 */
void pagecache_isize_extended(struct inode *inode, loff_t from, loff_t to)
{
	size_t offset = offset_in_page(from), end = PAGE_SIZE;
	struct page *page;

	if (from >= to || !offset)
		return;
	page = find_lock_page(inode->i_mapping, from >> PAGE_SHIFT);
	if (!page)
		return;
	if (page_mapped(page) && page_mkclean(page))
		set_page_dirty(page);
	if (to - page_offset(page) < (loff_t)end)
		end = to - page_offset(page);
	if (PageUptodate(page)) {
		wait_for_stable_page(page);
		memset(page_address(page) + offset, 0, end - offset);
	}
	unlock_page(page);
	put_page(page);
}
EXPORT_SYMBOL(pagecache_isize_extended);
