/* SPDX-License-Identifier: MIT */
/*
 * shmem_swap.c -- pages of files that live in memory go to swap and come back
 *
 * tmpfs files and shared anonymous memory have no disk behind them, so their
 * pages go where anonymous pages go.  The swap entry takes the page's place in
 * i_pages, as a value:
 *
 *	i_pages[3] = page  --shmem_swap_out-->  i_pages[3] = value(entry)
 *	                   <--shmem_swap_in---
 *
 * The entry is one user of the slot, as an entry in a page table is.  nrpages
 * counts both, so that a truncation does not take the file for empty.
 *
 * INVARIANTS
 *   I1  A value in the i_pages of an AS_SWAPBACKED mapping is a swap entry that
 *       counts in the slot's map; page and value change places under i_pages'
 *       lock with the page locked.
 *   I2  A mapping with values is on shmem_mappings, for swapoff.
 *
 * LOCKING.  Page lock, then i_pages' lock.  shmem_lock guards the list and
 * `visited`: the mapping that swapoff is in, which may not end meanwhile.
 */

#include <mm/swapops.h>

#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/sched.h>
#include <mm/filemap.h>
#include <mm/vmstat.h>

#include "internal.h"

static LIST_HEAD(shmem_mappings);     /* by private_list */
static DEFINE_SPINLOCK(shmem_lock);
static struct address_space *visited; /* shmem_lock */

static swp_entry_t value_to_entry(void *value)
{
	return (swp_entry_t){ xa_to_value(value) };
}

static void *entry_to_value(swp_entry_t entry)
{
	return xa_mk_value(entry.val);
}

/* The mapping is on the list while it may have values (I2). */
static void enlist(struct address_space *mapping)
{
	spin_lock(&shmem_lock);
	if (list_empty(&mapping->private_list))
		list_add_tail(&mapping->private_list, &shmem_mappings);
	spin_unlock(&shmem_lock);
}

static void count_page(long n)
{
	mod_node_page_state(NULL, NR_FILE_PAGES, n);
	mod_node_page_state(NULL, NR_SHMEM, n);
}

/*
 * Give an unmapped, locked page of a file a slot, and leave the entry in its
 * place.  True: it is in the swap cache, and in no file, and dirty.
 */
bool shmem_swap_out(struct page *page)
{
	struct address_space *mapping = page->mapping;
	unsigned long owner = page->private;
	swp_entry_t entry;

	page->private = 0;
	if (!add_to_swap(page)) {
		page->private = owner;
		return false;
	}
	entry = page_swap_entry(page);
	swap_duplicate(entry);
	enlist(mapping);
	xa_lock(&mapping->i_pages);
	__xa_store(&mapping->i_pages, page->index, entry_to_value(entry),
		   GFP_NOWAIT);                                /* I1 */
	page->mapping = NULL;
	xa_unlock(&mapping->i_pages);
	count_page(-1);
	put_page(page);
	return true;
}

/* The locked page of the entry takes the place of `value`; false: it is
 * gone. */
static bool exchange(struct address_space *mapping, unsigned long index,
		     void *value, struct page *page)
{
	bool same;

	xa_lock(&mapping->i_pages);
	same = xa_load(&mapping->i_pages, index) == value;
	if (same) {
		get_page(page);
		page->mapping = mapping;
		page->index = index;
		__xa_store(&mapping->i_pages, index, page, GFP_NOWAIT);
	}
	xa_unlock(&mapping->i_pages);
	return same;
}

/* The page has come back: out of the swap cache, and in the file's accounts. */
static void settle(struct address_space *mapping, struct page *page,
		   swp_entry_t entry)
{
	delete_from_swap_cache(page);
	swap_free(entry);
	if (mapping->a_ops->swapped_in)
		mapping->a_ops->swapped_in(page);
	SetPageDirty(page);    /* memory is all there is again */
	count_page(1);
}

/*
 * Bring back what `value` stands for.  0: look again; -ENOMEM, -EIO.  May
 * sleep.
 */
static int swap_in(struct address_space *mapping, unsigned long index,
		   void *value)
{
	swp_entry_t entry = value_to_entry(value);
	struct page *page = read_swap_cache(entry, GFP_HIGHUSER_MOVABLE);
	int err = 0;

	if (!page)
		return xa_load(&mapping->i_pages, index) == value ? -ENOMEM
								  : 0;
	lock_page(page);
	wait_on_page_writeback(page);
	if (!PageSwapCache(page) || page_swap_entry(page).val != entry.val)
		goto out;
	if (!PageUptodate(page))
		err = -EIO;
	else if (exchange(mapping, index, value, page))
		settle(mapping, page, entry);
out:
	unlock_page(page);
	put_page(page);
	return err;
}

int shmem_swap_in(struct address_space *mapping, unsigned long index)
{
	void *value;

	if (!test_bit(AS_SWAPBACKED, &mapping->flags))
		return -ENOENT;
	value = xa_load(&mapping->i_pages, index);
	return xa_is_value(value) ? swap_in(mapping, index, value) : -ENOENT;
}

/* All of the mapping, and of one area only if si is not NULL: 0 or -errno. */
static int swap_in_all(struct address_space *mapping,
		       struct swap_info_struct *si)
{
	unsigned long index;
	void *value;

	xa_for_each(&mapping->i_pages, index, value) {
		int err;

		if (!xa_is_value(value) ||
		    (si && swap_info(value_to_entry(value)) != si))
			continue;
		err = swap_in(mapping, index, value);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

int shmem_swap_in_all(struct address_space *mapping)
{
	return swap_in_all(mapping, NULL);
}
EXPORT_SYMBOL(shmem_swap_in_all);

/* ---- the end of entries, and of mappings --------------------------------- */

/* Drop the entries of [first, last]; the pages there have gone already. */
void shmem_free_swap(struct address_space *mapping, unsigned long first,
		     unsigned long last)
{
	unsigned long index;
	void *value, *old;

	if (!test_bit(AS_SWAPBACKED, &mapping->flags))
		return;
	xa_for_each_range(&mapping->i_pages, index, value, first, last) {
		if (!xa_is_value(value))
			continue;
		xa_lock(&mapping->i_pages);
		old = __xa_cmpxchg(&mapping->i_pages, index, value, NULL,
				   GFP_NOWAIT);
		if (old == value)
			mapping->nrpages--;
		xa_unlock(&mapping->i_pages);
		if (old != value)
			continue;
		free_swap_and_cache(value_to_entry(value));
		if (mapping->a_ops->swap_freed)
			mapping->a_ops->swap_freed(mapping);
	}
}

/* The mapping ends: swapoff must not find it, or has to leave it first. */
void shmem_forget(struct address_space *mapping)
{
	if (!test_bit(AS_SWAPBACKED, &mapping->flags) ||
	    list_empty(&mapping->private_list))
		return;
	spin_lock(&shmem_lock);
	list_del_init(&mapping->private_list);
	while (visited == mapping) {
		spin_unlock(&shmem_lock);
		schedule_timeout_uninterruptible(1);
		spin_lock(&shmem_lock);
	}
	spin_unlock(&shmem_lock);
}

/* The next mapping to visit, behind those that were: NULL at the end. */
static struct address_space *visit_next(unsigned int n)
{
	struct address_space *mapping = NULL, *m;

	spin_lock(&shmem_lock);
	list_for_each_entry(m, &shmem_mappings, private_list)
		if (!n--) {
			mapping = m;
			break;
		}
	visited = mapping;
	spin_unlock(&shmem_lock);
	return mapping;
}

/* swapoff: bring back what files have in the area: 0 or -errno. */
int shmem_unuse(struct swap_info_struct *si)
{
	struct address_space *mapping;
	unsigned int n;
	int err = 0;

	for (n = 0; !err && (mapping = visit_next(n)); n++)
		err = swap_in_all(mapping, si);
	spin_lock(&shmem_lock);
	visited = NULL;
	spin_unlock(&shmem_lock);
	return err;
}
