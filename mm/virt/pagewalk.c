/* SPDX-License-Identifier: MIT */
/*
 * pagewalk.c -- looking at the page tables of a range
 *
 * One table of the last level at a time: its lock is held while its entries are
 * shown, and the task may be moved away between two tables.  User memory is
 * mapped by 4 KiB pages alone, so there is no large entry to meet.
 */

#include <mm/pagewalk.h>

#include <kernel/math.h>
#include <kernel/sched.h>

#include "internal.h"

static int hole(const struct mm_walk_ops *ops, unsigned long addr,
		unsigned long next, struct mm_walk *walk)
{
	return ops->pte_hole ? ops->pte_hole(addr, next, walk) : 0;
}

/* [addr, end) lies below one pmd entry. */
static int walk_table(const struct mm_walk_ops *ops, unsigned long addr,
		      unsigned long end, struct mm_walk *walk)
{
	pmd_t *pmd = walk_to_pmd(walk->mm, addr);
	spinlock_t *ptl;
	pte_t *first, *pte;
	int ret = 0;

	if (!pmd)
		return hole(ops, addr, end, walk);
	first = pte = pte_offset_map_lock(walk->mm, pmd, addr, &ptl);
	for (; !ret && addr < end; addr += PAGE_SIZE, pte++)
		ret = ops->pte_entry(pte, addr, walk);
	pte_unmap_unlock(first, ptl);
	cond_resched();
	return ret;
}

static int walk_area(const struct mm_walk_ops *ops, unsigned long addr,
		     unsigned long end, struct mm_walk *walk)
{
	int ret = 0;

	for (unsigned long next; !ret && addr < end; addr = next) {
		next = min(pmd_addr_end(addr, end), end);
		ret = walk_table(ops, addr, next, walk);
	}
	return ret;
}

int walk_page_range(struct mm_struct *mm, unsigned long start,
		    unsigned long end, const struct mm_walk_ops *ops,
		    void *private)
{
	struct mm_walk walk = { .mm = mm, .private = private };
	struct vm_area_struct *vma = find_vma(mm, start);
	int ret = 0;

	for (unsigned long next; !ret && start < end; start = next) {
		if (vma && vma->vm_start <= start) {
			next = min(vma->vm_end, end);
			walk.vma = vma;
			ret = walk_area(ops, start, next, &walk);
			vma = vma_next(vma);
		} else {
			next = vma ? min(vma->vm_start, end) : end;
			walk.vma = NULL;
			ret = hole(ops, start, next, &walk);
		}
	}
	return ret;
}

int walk_page_range_vma(struct vm_area_struct *vma, unsigned long start,
			unsigned long end, const struct mm_walk_ops *ops,
			void *private)
{
	struct mm_walk walk = {
		.mm = vma->vm_mm, .vma = vma, .private = private,
	};

	return walk_area(ops, start, end, &walk);
}

int walk_page_vma(struct vm_area_struct *vma, const struct mm_walk_ops *ops,
		  void *private)
{
	return walk_page_range_vma(vma, vma->vm_start, vma->vm_end, ops,
				   private);
}
