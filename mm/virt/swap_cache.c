/* SPDX-License-Identifier: MIT */
/*
 * swap_cache.c -- pages that are in memory and have a slot in swap
 *
 * PROMISE.  The contents of a slot are in memory at most once, however many
 * page tables name it; a page is never written and read at once.
 *
 * IDEA.  A page goes out in steps that take a disk's time, and may be wanted
 * back at any of them.  So it is entered under its slot first, before any page
 * table changes; from then on whoever meets the entry finds the page there:
 *
 *	mapped       -> in cache, mapped    -> in cache     -> on disk only
 *	             add_to_swap  try_to_unmap   written, clean:
 *	                                         remove_from_swap_cache
 *	<- mapped    <- do_swap_page        <- read_swap_cache
 *
 * Coming back, the page stays in the cache with its slot: if it goes out again
 * unchanged, nothing is written.  The slot is given up when the page is written
 * to by its only owner, or when swap is more than half full.
 *
 * INVARIANTS
 *   I1  PG_swapcache is set, private is the entry, the area's cache has the page
 *       under it with a reference, and the slot has SWAP_HAS_CACHE: all or none,
 *       seen with the page locked.
 *   I2  A page in the cache is uptodate, or locked and being read, or could not
 *       be read.
 *
 * LOCKING.  The page lock; inside it the cache's xa_lock, then the slots' lock.
 *
 * RACES.  Two faults on one entry: both find no page.  swapcache_prepare() lets
 * one through, and the other looks again until the page is there.
 *
 * SEE docs/58-swap.md.
 */

#include <mm/swapops.h>

#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <mm/filemap.h>
#include <mm/rmap.h>
#include <mm/vmstat.h>

#include "internal.h"

/* ---- in and out --------------------------------------------------------- */

/* The slot is marked already; the page is locked: 0 or -ENOMEM. */
static int enter_cache(struct page *page, swp_entry_t entry)
{
	int err;

	get_page(page);
	page->private = entry.val;
	SetPageSwapCache(page);                                    /* I1 */
	err = xa_insert(&swap_info(entry)->cache, swp_offset(entry), page,
			__GFP_HIGH | __GFP_NOWARN);
	if (err) {
		ClearPageSwapCache(page);
		page->private = 0;
		put_page(page);
		return -ENOMEM;
	}
	inc_node_page_state(page, NR_SWAPCACHE);
	return 0;
}

bool add_to_swap(struct page *page)
{
	swp_entry_t entry = get_swap_slot();

	VM_BUG_ON(!PageLocked(page) || PageSwapCache(page));
	if (!entry.val)
		return false;
	if (enter_cache(page, entry)) {
		swapcache_release(entry);
		return false;
	}
	SetPageDirty(page);    /* the slot holds nothing of it yet */
	return true;
}

/* Erased from the area's cache already. */
static void leave_cache(struct page *page, swp_entry_t entry)
{
	ClearPageSwapCache(page);
	page->private = 0;
	dec_node_page_state(page, NR_SWAPCACHE);
	swapcache_release(entry);
}

void delete_from_swap_cache(struct page *page)
{
	swp_entry_t entry = page_swap_entry(page);

	VM_BUG_ON(!PageLocked(page) || !PageSwapCache(page) ||
		  PageWriteback(page));
	xa_erase(&swap_info(entry)->cache, swp_offset(entry));
	leave_cache(page, entry);
	put_page(page);
}

bool remove_from_swap_cache(struct page *page)
{
	swp_entry_t entry = page_swap_entry(page);
	struct xarray *cache = &swap_info(entry)->cache;

	xa_lock(cache);
	if (!page_ref_freeze(page, 2)) {
		xa_unlock(cache);
		return false;
	}
	if (PageDirty(page)) {
		page_ref_unfreeze(page, 2);
		xa_unlock(cache);
		return false;
	}
	__xa_erase(cache, swp_offset(entry));
	xa_unlock(cache);
	leave_cache(page, entry);
	page_ref_unfreeze(page, 1);
	return true;
}

bool try_to_free_swap(struct page *page)
{
	VM_BUG_ON(!PageLocked(page));
	if (!PageSwapCache(page) || PageWriteback(page) ||
	    swap_users(page_swap_entry(page)))
		return false;
	delete_from_swap_cache(page);
	SetPageDirty(page);    /* it has no copy any more */
	return true;
}

void free_swap_and_cache(swp_entry_t entry)
{
	struct page *page;

	swap_free(entry);
	page = lookup_swap_cache(entry);
	if (!page)
		return;
	if (trylock_page(page)) {
		if (PageSwapCache(page) && !page_mapped(page) &&
		    page_swap_entry(page).val == entry.val)
			try_to_free_swap(page);
		unlock_page(page);
	}
	put_page(page);
}

/* ---- finding ------------------------------------------------------------ */

struct page *lookup_swap_cache(swp_entry_t entry)
{
	struct xarray *cache = &swap_info(entry)->cache;
	struct page *page;

	rcu_read_lock();
	for (;;) {
		page = xa_load(cache, swp_offset(entry));
		if (!page)
			break;
		if (!get_page_unless_zero(page))
			continue;
		if (likely(page == xa_load(cache, swp_offset(entry))))
			break;
		put_page(page);
	}
	rcu_read_unlock();
	return page;
}

/* A new page for a slot, locked and entered; NULL: *err says why. */
static struct page *new_cache_page(swp_entry_t entry, gfp_t gfp, int *err)
{
	struct page *page = alloc_page(gfp);

	*err = page ? swapcache_prepare(entry) : -ENOMEM;
	if (*err)
		goto out_put;
	__SetPageLocked(page);
	__SetPageSwapBacked(page);
	*err = enter_cache(page, entry);
	if (!*err)
		return page;
	swapcache_release(entry);
	__ClearPageLocked(page);
	__ClearPageSwapBacked(page);
out_put:
	if (page)
		put_page(page);
	return NULL;
}

/* A page that new_cache_page() has made: on a list, and on its way. */
static void begin_read(struct page *page, swp_entry_t entry)
{
	lru_cache_add(page);
	count_vm_event(PSWPIN);
	swap_info(entry)->ops->submit(swap_info(entry), page,
				      swp_offset(entry), false);
}

bool read_swap_ahead(swp_entry_t entry, gfp_t gfp)
{
	int err;
	struct page *page = new_cache_page(entry, gfp, &err);

	if (!page)
		return err != -ENOMEM;
	begin_read(page, entry);
	put_page(page);
	return true;
}

struct page *read_swap_cache(swp_entry_t entry, gfp_t gfp)
{
	struct page *page;
	int err;

	for (;;) {
		page = lookup_swap_cache(entry);
		if (page)
			return page;
		page = new_cache_page(entry, gfp, &err);
		if (page)
			break;
		if (err != -EEXIST)
			return NULL;
		/* Its reader, or its writer, is about to enter or erase it. */
		schedule_timeout_uninterruptible(1);
	}
	begin_read(page, entry);
	return page;
}

/* ---- to and from the disk ----------------------------------------------- */

/* The page is locked and clean from now on; unlocked on return. */
int swap_writepage(struct page *page)
{
	swp_entry_t entry = page_swap_entry(page);

	if (try_to_free_swap(page)) {
		unlock_page(page);     /* nobody wants it any more */
		return 0;
	}
	SetPageWriteback(page);
	inc_node_page_state(page, NR_WRITEBACK);
	count_vm_event(PSWPOUT);
	unlock_page(page);
	swap_info(entry)->ops->submit(swap_info(entry), page,
				      swp_offset(entry), true);
	return 0;
}

static void write_done(struct page *page, bool error)
{
	if (error) {
		/* Keep it in memory, and do not try at once again. */
		SetPageDirty(page);
		ClearPageReclaim(page);
		pr_err_ratelimited("swap: a page could not be written\n");
	}
	dec_node_page_state(page, NR_WRITEBACK);
	clear_page_writeback_and_wake(page);
}

void swap_io_done(struct page *page, bool write, bool error)
{
	if (write) {
		write_done(page, error);
		return;
	}
	if (error)
		pr_err_ratelimited("swap: a page could not be read\n");
	else
		SetPageUptodate(page);                             /* I2 */
	unlock_page(page);
}
EXPORT_SYMBOL(swap_io_done);
