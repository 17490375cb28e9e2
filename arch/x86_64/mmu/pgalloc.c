/* SPDX-License-Identifier: MIT */
/*
 * pgalloc.c -- making page tables, and the pgd that every process starts with
 *
 * PROMISE.  An empty entry is filled once: of two CPUs that find it empty at
 * the same time, one installs its table and the other uses that one.
 *
 * IDEA.  Allocate first, then compare-and-swap the entry from empty to ours;
 * the loser frees its page, which nobody has seen.  So a table can be made
 * without a lock, by a page fault that holds mmap_lock only for reading.
 *
 *	CPU 0  sees empty, allocates A          CPU 1  sees empty, allocates B
 *	CPU 0  cmpxchg(empty -> A) done         CPU 1  cmpxchg fails, frees B
 *
 * The zeroes of the new table are visible before the entry that leads to them:
 * the compare-and-swap is a full barrier, and a page walk starts at the entry.
 *
 * INVARIANTS
 *   I1  The kernel's half (entries 256..511) of every pgd equals
 *       swapper_pg_dir's, for ever: init.c made all of its entries.
 */

#include "internal.h"

#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <mm/gfp.h>
#include <mm/mm.h>
#include <mm/page-flags.h>

pgd_t swapper_pg_dir[PTRS_PER_PGD] __aligned(4096);

pgd_t *pgd_alloc(struct mm_struct *mm)
{
	pgd_t *pgd = (pgd_t *)get_zeroed_page(GFP_KERNEL);

	if (!pgd)
		return NULL;
	for (int i = KERNEL_PGD_BOUNDARY; i < PTRS_PER_PGD; i++)
		pgd[i] = swapper_pg_dir[i];                            /* I1 */
	atomic_long_add(PAGE_SIZE, &mm->pgtables_bytes);
	return pgd;
}

void pgd_free(struct mm_struct *mm, pgd_t *pgd)
{
	atomic_long_sub(PAGE_SIZE, &mm->pgtables_bytes);
	free_page((unsigned long)pgd);
}

/* Fill *entry with a new table unless it has one: 0 or -ENOMEM. */
static int install_table(struct mm_struct *mm, unsigned long *entry)
{
	unsigned long bits = mm == &init_mm ? _KERNPG_TABLE : _PAGE_TABLE;
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	unsigned long empty = 0;

	if (!page)
		return -ENOMEM;
	__SetPageTable(page);
	if (!try_cmpxchg(entry, &empty, page_to_phys(page) | bits)) {
		__ClearPageTable(page);
		__free_page(page);
		return 0;
	}
	if (mm != &init_mm)
		atomic_long_add(PAGE_SIZE, &mm->pgtables_bytes);
	return 0;
}

int __pud_alloc(struct mm_struct *mm, p4d_t *p4d, unsigned long a)
{
	(void)a;
	return install_table(mm, &p4d->pgd.pgd);
}

int __pmd_alloc(struct mm_struct *mm, pud_t *pud, unsigned long a)
{
	(void)a;
	return install_table(mm, &pud->pud);
}

int __pte_alloc(struct mm_struct *mm, pmd_t *pmd)
{
	return install_table(mm, &pmd->pmd);
}

void pgtable_report_bad(const char *level, const void *entry)
{
	pr_alert("page tables: bad %s entry at %p: %#lx\n", level, entry,
		 *(const unsigned long *)entry);
}

/* Rights by VM_SHARED|VM_EXEC|VM_WRITE|VM_READ; private pages copy on write. */
pgprot_t vm_get_page_prot(unsigned long vm_flags)
{
	bool shared = vm_flags & VM_SHARED;
	bool exec = vm_flags & VM_EXEC;

	if (!(vm_flags & VM_ACCESS_FLAGS))
		return PAGE_NONE;
	if ((vm_flags & VM_WRITE) && shared)
		return exec ? PAGE_SHARED_EXEC : PAGE_SHARED;
	return exec ? PAGE_READONLY_EXEC : PAGE_READONLY;
}
