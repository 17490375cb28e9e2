/* SPDX-License-Identifier: MIT */
/*
 * madvise_cold.c -- "I shall not need this soon": MADV_COLD and MADV_PAGEOUT
 *
 * COLD moves pages to the inactive list, as if they had not been used; PAGEOUT
 * reclaims them at once, as if memory were short: a clean page of a file goes,
 * an anonymous one goes to swap if there is any.  The contents stay in either
 * case.  Pages that others map too are left alone: we speak for ourselves.
 *
 * LOCKING.  mmap_lock for reading.
 */

#include <kernel/sched.h>
#include <mm/rmap.h>

#include "reclaim.h"

/* The page at addr if it is ours alone, with a reference; no longer young. */
static struct page *cool_page(struct vm_area_struct *vma, unsigned long addr)
{
	struct page *page = NULL;
	spinlock_t *ptl;
	pte_t *ptep = walk_to_pte_locked(vma->vm_mm, addr, &ptl);

	if (!ptep)
		return NULL;
	if (pte_present(ptep_get(ptep)))
		page = vm_normal_page(vma, addr, ptep_get(ptep));
	if (page && page_mapcount(page) != 1)
		page = NULL;
	if (page) {
		get_page(page);
		if (ptep_test_and_clear_young(vma, addr, ptep))
			flush_tlb_page(vma, addr);             /* cow.c, I4 */
	}
	pte_unmap_unlock(ptep, ptl);
	return page;
}

/* Collect for reclaim_pages(); the page's reference goes over. */
static void collect(struct page *page, struct list_head *list)
{
	lru_add_drain();
	if (!isolate_lru_page(page)) {
		ClearPageReferenced(page);
		ClearPageActive(page);
		list_add(&page->lru, list);
	}
	put_page(page);
}

void madvise_cold(struct vm_area_struct *vma, unsigned long start,
		  unsigned long end, bool pageout)
{
	unsigned int collected = 0;
	LIST_HEAD(list);

	for (; start < end; start += PAGE_SIZE) {
		struct page *page = cool_page(vma, start);

		if (!page)
			continue;
		if (pageout) {
			collect(page, &list);
			collected++;
		} else {
			deactivate_page(page);
			put_page(page);
		}
		if (collected == SWAP_CLUSTER_MAX || need_resched()) {
			reclaim_pages(&list);
			collected = 0;
			cond_resched();
		}
		if (fatal_signal_pending(current))
			break;
	}
	reclaim_pages(&list);
}
