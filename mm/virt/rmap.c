/* SPDX-License-Identifier: MIT */
/*
 * rmap.c -- how many page-table entries show a page
 *
 * Every entry for an ordinary page holds one reference and one _mapcount.  Two
 * numbers are needed: the reference keeps the frame alive; _mapcount tells
 * "mapped by someone" from "held by the cache or by I/O", which reclaim and
 * truncation ask.
 *
 * _mapcount counts from -1, so that the first and the last entry are found by
 * the sign of one atomic operation.  Changes happen under the page_table_lock
 * of the mm whose entry changes; two mms may change one page at a time.
 */

#include <mm/rmap.h>

#include <kernel/atomic.h>
#include <mm/filemap.h>

#include "internal.h"

static atomic_long_t anon_pages, mapped_pages;

unsigned long nr_anon_pages(void)
{
	long n = atomic_long_read(&anon_pages);

	return n < 0 ? 0 : n;
}

unsigned long nr_mapped_pages(void)
{
	long n = atomic_long_read(&mapped_pages);

	return n < 0 ? 0 : n;
}

void page_add_new_anon_rmap(struct page *page, struct vm_area_struct *vma,
			    unsigned long addr)
{
	SetPageAnon(page);
	SetPageSwapBacked(page);
	SetPageUptodate(page);
	page->index = linear_page_index(vma, addr);
	atomic_set(&page->_mapcount, 0);
	atomic_long_inc(&anon_pages);
	vma->has_anon = true;
}

void page_add_file_rmap(struct page *page, struct vm_area_struct *vma)
{
	(void)vma;
	if (atomic_inc_and_test(&page->_mapcount))
		atomic_long_inc(&mapped_pages);
}

void page_dup_rmap(struct page *page)
{
	atomic_inc(&page->_mapcount);
}

void page_remove_rmap(struct page *page)
{
	if (!atomic_add_negative(-1, &page->_mapcount))
		return;
	atomic_long_dec(PageAnon(page) ? &anon_pages : &mapped_pages);
}
