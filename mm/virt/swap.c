/* SPDX-License-Identifier: MIT */
/* swap.c -- placeholder: no page has a swap entry yet */

#include <mm/rmap.h>
#include <mm/swap.h>

#include "internal.h"

long total_swap_pages;

long get_nr_swap_pages(void)
{
	return 0;
}

bool add_to_swap(struct page *page)
{
	(void)page;
	return false;
}

bool remove_from_swap_cache(struct page *page)
{
	(void)page;
	return false;
}

bool swap_out_entry(struct page *page, struct vm_area_struct *vma,
		    unsigned long addr, pte_t *ptep)
{
	(void)page, (void)vma, (void)addr, (void)ptep;
	return false;
}
