/* SPDX-License-Identifier: MIT */
/*
 * filemap.c -- the page cache: pages of files by (mapping, index)
 *
 * PROMISE.  Each page of a file is in memory at most once.  read(), write() and
 * every mapping see that one page, so they agree without being told.
 *
 * IDEA.  An address_space is an xarray of pages.  A page is entered locked and
 * not up to date, before its contents exist; whoever else wants it finds it and
 * waits for the lock.  So a page is read from its store once, however many ask:
 *
 *	first reader                      second reader
 *	enters page, locked
 *	starts the read                   finds the page, not up to date
 *	(contents arrive)                 waits for the lock
 *	up to date, unlock   ---------->  copies
 *
 * INVARIANTS:
 *   I1  A page in i_pages has mapping and index set, and a reference for it.
 *   I2  mapping becomes NULL only with the page locked (truncation): who holds
 *       the lock and sees mapping set knows that the page stays in the file.
 *   I3  Contents may be used only if PG_uptodate.
 *   I4  nrpages is the number of entries.
 *
 * LOCKING.  i_pages' lock to change, RCU to look.  A page found without the
 * lock may be on its way out: get_page_unless_zero(), then look again.  Order:
 * inode lock, mmap_lock, page lock, i_mmap_rwsem, page_table_lock, i_pages
 * lock.
 *
 * SEE docs/15-page-cache.md, docs/76-page-cache.md; reading filemap_read.c,
 * mapping filemap_fault.c, writing filemap_write.c, removing truncate.c.
 *
 * EXERCISES.  1. Which wrong page could find_get_page() return without its
 * second look?  2. Why is i_size read after PG_uptodate was seen?
 */

#include <mm/filemap.h>

#include <kernel/export.h>
#include <kernel/sched.h>
#include <mm/rmap.h>
#include <mm/swap.h>
#include <mm/vmstat.h>

#include "internal.h"

/* All of the page cache; tmpfs pages are file pages too. */
unsigned long nr_file_pages(void)
{
	return global_node_page_state(NR_FILE_PAGES);
}

unsigned long nr_shmem_pages(void)
{
	return global_node_page_state(NR_SHMEM);
}

/* ---- finding ------------------------------------------------------------- */

u64 mapping_new_sequence(void)
{
	static atomic64_t last = ATOMIC64_INIT(0);

	return atomic64_inc_return(&last);
}

struct page *find_get_page(struct address_space *mapping, unsigned long index)
{
	struct page *page;

	rcu_read_lock();
	for (;;) {
		page = xa_load(&mapping->i_pages, index);
		if (!page)
			break;
		if (unlikely(xa_is_value(page))) {     /* a shadow: nothing */
			page = NULL;
			break;
		}
		if (!get_page_unless_zero(page))
			continue;
		if (likely(page == xa_load(&mapping->i_pages, index)))
			break;
		put_page(page);
	}
	rcu_read_unlock();
	return page;
}
EXPORT_SYMBOL(find_get_page);

struct page *find_lock_page(struct address_space *mapping, unsigned long index)
{
	for (;;) {
		struct page *page = find_get_page(mapping, index);

		if (!page && !shmem_swap_in(mapping, index))
			continue;          /* it was in swap */
		if (!page)
			return NULL;
		lock_page(page);
		if (likely(page->mapping == mapping))
			return page;
		unlock_page(page);         /* truncated while we waited */
		put_page(page);
	}
}
EXPORT_SYMBOL(find_lock_page);

unsigned find_get_pages(struct address_space *mapping, unsigned long *index,
			unsigned long end, unsigned nr, struct page **pages)
{
	unsigned long at = *index;
	unsigned n = 0;

	while (n < nr && at <= end) {
		struct page *page;

		rcu_read_lock();
		page = xa_find(&mapping->i_pages, &at, end, XA_PRESENT);
		if (page && !xa_is_value(page) && !get_page_unless_zero(page)) {
			rcu_read_unlock();
			continue;
		}
		rcu_read_unlock();
		if (!page)
			break;
		if (xa_is_value(page)) {       /* in swap */
			if (at++ == ULONG_MAX)
				break;
			continue;
		}
		pages[n++] = page;
		if (at == ULONG_MAX)
			break;
		at++;
	}
	*index = at;
	return n;
}
EXPORT_SYMBOL(find_get_pages);

/* ---- entering and leaving ------------------------------------------------ */

/* Insert and count in one go when a node need not be waited for. */
static int insert_page(struct address_space *mapping, unsigned long index,
		       struct page *page, gfp_t gfp)
{
	int err;

	xa_lock(&mapping->i_pages);
	err = __xa_insert(&mapping->i_pages, index, page,
			  GFP_NOWAIT | __GFP_NOWARN);
	if (!err)
		mapping->nrpages++;                            /* I4 */
	xa_unlock(&mapping->i_pages);
	if (likely(err != -ENOMEM) || !gfpflags_allow_blocking(gfp))
		return err;
	err = xa_insert(&mapping->i_pages, index, page, gfp);
	if (err)
		return err;
	xa_lock(&mapping->i_pages);
	mapping->nrpages++;
	xa_unlock(&mapping->i_pages);
	return 0;
}

int add_to_page_cache(struct page *page, struct address_space *mapping,
		      unsigned long index, gfp_t gfp)
{
	int err;

	__SetPageLocked(page);
	if (test_bit(AS_SWAPBACKED, &mapping->flags))
		__SetPageSwapBacked(page);
	page->mapping = mapping;                               /* I1 */
	page->index = index;
	get_page(page);
	err = insert_page(mapping, index, page, gfp & ~__GFP_ZERO);
	if (unlikely(err))
		goto out_undo;
	inc_node_page_state(page, NR_FILE_PAGES);
	if (PageSwapBacked(page))
		inc_node_page_state(page, NR_SHMEM);
	lru_cache_add(page);
	return 0;

out_undo:
	page->mapping = NULL;
	__ClearPageSwapBacked(page);
	__ClearPageLocked(page);
	put_page(page);
	return err == -EBUSY ? -EEXIST : err;
}
EXPORT_SYMBOL(add_to_page_cache);

/* The page is locked, unmapped and clean, or its contents are to be lost. */
void delete_from_page_cache(struct page *page)
{
	struct address_space *mapping = page->mapping;

	VM_BUG_ON(!PageLocked(page));
	xa_lock(&mapping->i_pages);
	__xa_erase(&mapping->i_pages, page->index);
	mapping->nrpages--;
	xa_unlock(&mapping->i_pages);
	page->mapping = NULL;                                  /* I2 */
	dec_node_page_state(page, NR_FILE_PAGES);
	if (PageSwapBacked(page))
		dec_node_page_state(page, NR_SHMEM);
	if (mapping->a_ops && mapping->a_ops->free_folio)
		mapping->a_ops->free_folio(page);
	put_page(page);
}
EXPORT_SYMBOL(delete_from_page_cache);

struct page *find_or_create_page(struct address_space *mapping,
				 unsigned long index, gfp_t gfp)
{
	for (;;) {
		struct page *page = find_lock_page(mapping, index);
		int err;

		if (page)
			return page;
		if (unlikely(xa_is_value(xa_load(&mapping->i_pages, index))))
			return NULL;       /* in swap, and no way back */
		page = alloc_page(gfp);
		if (!page)
			return NULL;
		err = add_to_page_cache(page, mapping, index, gfp);
		if (!err)
			return page;
		put_page(page);
		if (err != -EEXIST)
			return NULL;
	}
}
EXPORT_SYMBOL(find_or_create_page);

struct page *grab_cache_page_write_begin(struct address_space *mapping,
					 unsigned long index)
{
	struct page *page = find_or_create_page(mapping, index,
						mapping_gfp_mask(mapping));

	if (page)
		wait_on_page_writeback(page);
	return page;
}
EXPORT_SYMBOL(grab_cache_page_write_begin);

/* ---- contents ------------------------------------------------------------ */

/* Fill a locked page that is not up to date; unlocked on return.  0 or -EIO. */
int filemap_read_page(struct file *file, struct page *page)
{
	const struct address_space_operations *ops = page->mapping->a_ops;
	int err;

	if (!ops->read_folio) {
		unlock_page(page);
		return -EINVAL;
	}
	err = ops->read_folio(file, page);
	if (err)
		return err;
	wait_on_page_locked(page);
	return PageUptodate(page) ? 0 : -EIO;
}

struct page *read_mapping_page(struct address_space *mapping,
			       unsigned long index, struct file *file)
{
	struct page *page = find_get_page(mapping, index);
	int err;

	if (page && PageUptodate(page))
		return page;
	if (page)
		put_page(page);
	page = find_or_create_page(mapping, index, mapping_gfp_mask(mapping));
	if (!page)
		return ERR_PTR(-ENOMEM);
	if (PageUptodate(page)) {
		unlock_page(page);
		return page;
	}
	err = filemap_read_page(file, page);
	if (err) {
		put_page(page);
		return ERR_PTR(err);
	}
	return page;
}
EXPORT_SYMBOL(read_mapping_page);
