/* SPDX-License-Identifier: MIT */
#ifndef MM_PAGEWALK_H
#define MM_PAGEWALK_H
/*
 * pagewalk.h -- looking at the page tables of a range (mm/virt/pagewalk.c)
 *
 * Called with mmap_lock held, at least for reading.
 */

#include <mm/mm.h>

struct mm_walk {
	struct mm_struct *mm;
	struct vm_area_struct *vma;   /* where we are; NULL: between areas */
	void *private;
};

/* Non-zero ends the walk, which returns it. */
struct mm_walk_ops {
	/* An entry, its table locked: it must not sleep.  May be empty. */
	int (*pte_entry)(pte_t *pte, unsigned long addr, struct mm_walk *walk);
	/* [addr, next) has no table; NULL: skip.  May sleep. */
	int (*pte_hole)(unsigned long addr, unsigned long next,
			struct mm_walk *walk);
};

int walk_page_range(struct mm_struct *mm, unsigned long start,
		    unsigned long end, const struct mm_walk_ops *ops,
		    void *private);
/* [start, end) lies in vma. */
int walk_page_range_vma(struct vm_area_struct *vma, unsigned long start,
			unsigned long end, const struct mm_walk_ops *ops,
			void *private);
int walk_page_vma(struct vm_area_struct *vma, const struct mm_walk_ops *ops,
		  void *private);

#endif
