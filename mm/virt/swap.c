/* SPDX-License-Identifier: MIT */
/* swap.c -- placeholder: no page has a swap entry yet */

#include <mm/rmap.h>

#include "internal.h"

bool swap_out_entry(struct page *page, struct vm_area_struct *vma,
		    unsigned long addr, pte_t *ptep)
{
	(void)page, (void)vma, (void)addr, (void)ptep;
	return false;
}
