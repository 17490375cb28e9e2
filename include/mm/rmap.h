/* SPDX-License-Identifier: MIT */
#ifndef MM_RMAP_H
#define MM_RMAP_H
/*
 * rmap.h -- how often, and by whom, a page is mapped
 *
 * page->_mapcount is the number of page-table entries minus one; it changes
 * under the page_table_lock of the mm whose entry changes.
 */

#include <mm/mm.h>
#include <mm/page-flags.h>

/* A new entry for a page that nobody else knows: marks it anonymous. */
void page_add_new_anon_rmap(struct page *page, struct vm_area_struct *vma,
			    unsigned long addr);
void page_add_file_rmap(struct page *page, struct vm_area_struct *vma);
/* One more entry for a page that is mapped already (fork). */
void page_dup_rmap(struct page *page);
void page_remove_rmap(struct page *page);

/* Which counter of the mm a page is counted in. */
static inline int mm_counter(struct page *page)
{
	if (test_bit(PG_anon, &page->flags))
		return MM_ANONPAGES;
	return test_bit(PG_swapbacked, &page->flags) ? MM_SHMEMPAGES
						     : MM_FILEPAGES;
}

#endif
