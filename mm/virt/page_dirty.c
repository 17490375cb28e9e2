/* SPDX-License-Identifier: MIT */
/*
 * page_dirty.c -- a page's way from clean to dirty to the disk and back
 *
 * IDEA.  Two flags, and a mark in i_pages for each so that the pages can be
 * found without looking at all of them:
 *
 *	         set_page_dirty            clear_page_dirty_for_io
 *	 clean ----------------> dirty ---------------------------+
 *	   ^                       ^                              v
 *	   |                       +--- redirty_page...  <-- (locked, neither)
 *	   |                                                      |
 *	   +---- end_page_writeback <--- under writeback <--------+
 *	                                              set_page_writeback
 *
 * A page under writeback may be dirtied again: then it goes out once more.
 *
 * INVARIANTS
 *   I1  PG_dirty set implies its mark, but for the moment in which the setter
 *       is between the two; a mark without the flag is stale, and whoever meets
 *       it takes it away.  The same for PG_writeback.
 *   I2  PG_writeback is set only with the page locked.  It cannot leave the
 *       cache before it is clear.
 *   I3  NR_FILE_DIRTY counts the pages with PG_dirty of mappings that are
 *       written back; NR_WRITEBACK those with PG_writeback.
 *   I4  While PG_dirty is clear, no entry of a shared mapping is writable: the
 *       next store faults, and page_mkwrite hears of it.
 *
 * LOCKING.  Flags are atomic; marks change under i_pages' lock.  The end of a
 * writeback comes from the disk, in softirq: it takes no lock at all, which is
 * why its mark stays, to be cleared by those who wait (I1).
 *
 * RACES.  Clearing a stale mark:
 *
 *	clearer, i_pages' lock held       setter
 *	                                  sets PG_dirty         [a]
 *	PG_dirty is clear?       [b]      takes the lock
 *	clears the mark                   sets the mark         [c]
 *
 * If [a] came before [b], the mark stays; if after, [c] comes after the
 * clearing.
 *
 * SEE docs/77-writeback.md; finding the dirty ones page_writeback.c.
 *
 * EXERCISE.  clear_page_dirty_for_io() write-protects the entries before it
 * clears PG_dirty.  Which store is lost the other way round?
 */

#include <mm/filemap.h>

#include <kernel/export.h>
#include <kernel/sched.h>
#include <mm/rmap.h>
#include <mm/vmstat.h>
#include <mm/writeback.h>

#include "internal.h"

static bool written_back(struct address_space *mapping)
{
	return mapping->host && bdi_cap_writeback(inode_to_bdi(mapping->host));
}

/* ---- becoming dirty ------------------------------------------------------ */

bool noop_dirty_folio(struct address_space *mapping, struct page *page)
{
	(void)mapping;
	return !PageDirty(page) && !TestSetPageDirty(page);
}
EXPORT_SYMBOL(noop_dirty_folio);

/* One page more or less is dirty (I3). */
static void count_dirty(struct address_space *mapping, int n)
{
	mod_node_page_state(NULL, NR_FILE_DIRTY, n);
	wb_stat_mod(inode_to_wb(mapping->host), WB_RECLAIMABLE, n);
}

/* PG_dirty has just been set: count and mark.  Any context but irq. */
void __set_page_dirty(struct page *page, struct address_space *mapping)
{
	xa_lock(&mapping->i_pages);
	if (page->mapping == mapping) {        /* else truncated meanwhile */
		if (written_back(mapping)) {
			count_dirty(mapping, 1);
			inc_node_page_state(page, NR_DIRTIED);
			current->ioac.write_bytes += PAGE_SIZE;
		}
		__xa_set_mark(&mapping->i_pages, page->index,
			      PAGECACHE_TAG_DIRTY);
	}
	xa_unlock(&mapping->i_pages);
}
EXPORT_SYMBOL(__set_page_dirty);

bool filemap_dirty_folio(struct address_space *mapping, struct page *page)
{
	if (TestSetPageDirty(page))
		return false;
	__set_page_dirty(page, mapping);
	if (mapping->host)
		__mark_inode_dirty(mapping->host, I_DIRTY_PAGES);
	return true;
}
EXPORT_SYMBOL(filemap_dirty_folio);

bool set_page_dirty(struct page *page)
{
	struct address_space *mapping = READ_ONCE(page->mapping);

	if (!mapping || PageAnon(page))
		return !TestSetPageDirty(page);
	if (mapping->a_ops->dirty_folio)
		return mapping->a_ops->dirty_folio(mapping, page);
	return filemap_dirty_folio(mapping, page);
}
EXPORT_SYMBOL(set_page_dirty);

int set_page_dirty_lock(struct page *page)
{
	int newly;

	lock_page(page);
	newly = set_page_dirty(page);
	unlock_page(page);
	return newly;
}
EXPORT_SYMBOL(set_page_dirty_lock);

bool redirty_page_for_writepage(struct writeback_control *wbc,
				struct page *page)
{
	struct address_space *mapping = page->mapping;

	wbc->pages_skipped++;
	if (TestSetPageDirty(page))
		return false;
	__set_page_dirty(page, mapping);
	/* It was dirtied once, not twice. */
	if (written_back(mapping))
		dec_node_page_state(page, NR_DIRTIED);
	if (mapping->host)
		__mark_inode_dirty(mapping->host, I_DIRTY_PAGES);
	return true;
}
EXPORT_SYMBOL(redirty_page_for_writepage);

/* ---- and clean ----------------------------------------------------------- */

/* Its contents are void; locked, or the private_lock is held. */
void cancel_dirty_page(struct page *page)
{
	struct address_space *mapping = page->mapping;

	if (TestClearPageDirty(page) && mapping && written_back(mapping))
		count_dirty(mapping, -1);
}
EXPORT_SYMBOL(cancel_dirty_page);

/* Before a locked page is written: true if it was dirty. */
bool clear_page_dirty_for_io(struct page *page)
{
	struct address_space *mapping = page->mapping;

	VM_BUG_ON(!PageLocked(page));
	if (!mapping || !written_back(mapping))
		return TestClearPageDirty(page);
	/* I4; what a mapping wrote until now belongs to this write. */
	if (page_mapped(page) && page_mkclean(page))
		set_page_dirty(page);
	if (!TestClearPageDirty(page))
		return false;
	count_dirty(mapping, -1);
	return true;
}
EXPORT_SYMBOL(clear_page_dirty_for_io);

/* Found by its mark, yet not dirty: take the mark away (I1).  Locked. */
void clear_stale_dirty_mark(struct address_space *mapping, struct page *page)
{
	xa_lock(&mapping->i_pages);
	if (page->mapping == mapping && !PageDirty(page)) {    /* [b] */
		__xa_clear_mark(&mapping->i_pages, page->index,
				PAGECACHE_TAG_DIRTY);
		__xa_clear_mark(&mapping->i_pages, page->index,
				PAGECACHE_TAG_TOWRITE);
	}
	xa_unlock(&mapping->i_pages);
}

/* ---- writeback ----------------------------------------------------------- */

void set_page_writeback(struct page *page)
{
	struct address_space *mapping = page->mapping;

	VM_BUG_ON(!PageLocked(page));                          /* I2 */
	if (TestSetPageWriteback(page))
		return;
	inc_node_page_state(page, NR_WRITEBACK);
	if (!mapping)
		return;
	xa_lock(&mapping->i_pages);
	__xa_set_mark(&mapping->i_pages, page->index, PAGECACHE_TAG_WRITEBACK);
	if (!PageDirty(page))
		__xa_clear_mark(&mapping->i_pages, page->index,
				PAGECACHE_TAG_DIRTY);
	__xa_clear_mark(&mapping->i_pages, page->index, PAGECACHE_TAG_TOWRITE);
	xa_unlock(&mapping->i_pages);
	if (mapping->host)
		wb_stat_mod(inode_to_wb(mapping->host), WB_WRITEBACK, 1);
}
EXPORT_SYMBOL(set_page_writeback);

/* The disk has it.  Any context. */
void end_page_writeback(struct page *page)
{
	struct address_space *mapping = page->mapping; /* I2: still there */
	struct bdi_writeback *wb = NULL;

	if (mapping && !PageAnon(page) && mapping->host)
		wb = inode_to_wb(mapping->host);
	if (wb) {
		wb_stat_mod(wb, WB_WRITEBACK, -1);
		wb_stat_mod(wb, WB_WRITTEN, 1);
		wb_note_completion(wb);
	}
	dec_node_page_state(page, NR_WRITEBACK);
	inc_node_page_state(page, NR_WRITTEN);
	clear_page_writeback_and_wake(page);
	/* From here on page and mapping may go away; a device outlives both. */
	if (wb && waitqueue_active(&wb->progress))
		wake_up_all(&wb->progress);
}
EXPORT_SYMBOL(end_page_writeback);

void clear_stale_writeback_mark(struct address_space *mapping,
				struct page *page)
{
	xa_lock(&mapping->i_pages);
	if (page->mapping == mapping && !PageWriteback(page))
		__xa_clear_mark(&mapping->i_pages, page->index,
				PAGECACHE_TAG_WRITEBACK);
	xa_unlock(&mapping->i_pages);
}

/*
 * A page that is on its way to the disk is not changed: the disk may checksum
 * it, or read it twice.
 */
void wait_for_stable_page(struct page *page)
{
	wait_on_page_writeback(page);
}
EXPORT_SYMBOL(wait_for_stable_page);
