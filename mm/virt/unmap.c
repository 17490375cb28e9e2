/* SPDX-License-Identifier: MIT */
/*
 * unmap.c -- taking pages out of page tables
 *
 * PROMISE.  When zap_page_range() or do_munmap() returns, no CPU can reach the
 * pages any more, and each page has been put exactly once.
 *
 * IDEA.  Clear the entries, then flush the TLBs, then free the frames: in that
 * order, since a CPU may still use a translation that it has cached, and a
 * frame that went to somebody else meanwhile would be written to by a stranger.
 * An mmu_gather collects the frames of many entries, so that one flush serves
 * all of them.
 *
 *	entry --clear--> gathered frame --flush all CPUs--> put_page()
 *	  |                                    ^
 *	  +-- rss and _mapcount go down here   +-- only now may it be reused
 *
 * INVARIANTS:
 *   I1  A frame is put after the flush that follows the clearing of its entry.
 *   I2  rss, _mapcount and the page's reference go down once per entry.
 *   I3  The D bit of a file's page is not lost: it goes to the page first.
 *
 * LOCKING.  mmap_lock for reading suffices to empty entries of an area; the
 * caller must keep the area from going away (mmap_lock or i_mmap_rwsem).  The
 * page_table_lock guards the entries.  Page tables themselves are freed only
 * after the areas have left all lists, under mmap_lock for writing.
 */

#include <kernel/export.h>
#include <kernel/sched.h>
#include <mm/filemap.h>
#include <mm/rmap.h>
#include <mm/swap.h>
#include <mm/swapops.h>

#include "internal.h"

unsigned char empty_zero_page[PAGE_SIZE] __aligned(PAGE_SIZE);

pfn_t zero_pfn(void)
{
	return __pa_symbol(empty_zero_page) >> PAGE_SHIFT;
}

struct page *vm_normal_page(struct vm_area_struct *vma, unsigned long addr,
			    pte_t pte)
{
	(void)addr;
	if (pte_special(pte) || vma->vm_flags & VM_PFNMAP)
		return NULL;
	if (is_zero_pfn(pte_pfn(pte)))
		return NULL;
	return pte_page(pte);
}

/* ---- walking ------------------------------------------------------------- */

pmd_t *walk_to_pmd(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;

	p4d = p4d_offset(pgd, addr);
	if (p4d_none_or_clear_bad(p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (pud_none_or_clear_bad(pud))
		return NULL;
	pmd = pmd_offset(pud, addr);
	return pmd_none_or_clear_bad(pmd) ? NULL : pmd;
}

pmd_t *walk_alloc_pmd(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d = p4d_alloc(mm, pgd, addr);
	pud_t *pud = pud_alloc(mm, p4d, addr);

	return pud ? pmd_alloc(mm, pud, addr) : NULL;
}

pte_t *walk_to_pte_locked(struct mm_struct *mm, unsigned long addr,
			  spinlock_t **ptl)
{
	pmd_t *pmd = walk_to_pmd(mm, addr);

	return pmd ? pte_offset_map_lock(mm, pmd, addr, ptl) : NULL;
}

/* ---- zapping ------------------------------------------------------------- */

/* A file's page leaves a page table: what the CPU noted goes to the page. */
static void transfer_bits(struct page *page, pte_t pte)
{
	if (PageAnon(page))
		return;
	if (pte_dirty(pte))
		set_page_dirty(page);                              /* I3 */
	if (pte_young(pte) && !PageReferenced(page))
		SetPageReferenced(page);
}

static void zap_swapped(struct vm_area_struct *vma, pte_t *ptep,
			unsigned long addr, pte_t pte)
{
	pte_clear(vma->vm_mm, addr, ptep);
	dec_mm_counter(vma->vm_mm, MM_SWAPENTS);
	free_swap_and_cache(pte_to_swp_entry(pte));
}

/* Nobody maps it any more: its copy in swap is not wanted either. */
void drop_swap_copy(struct page *page)
{
	if (!PageSwapCache(page) || page_mapped(page) || !trylock_page(page))
		return;
	if (!page_mapped(page))
		try_to_free_swap(page);
	unlock_page(page);
}

static void zap_present(struct mmu_gather *tlb, struct vm_area_struct *vma,
			pte_t *ptep, unsigned long addr, struct page *page)
{
	pte_t old = ptep_get_and_clear(vma->vm_mm, addr, ptep);

	tlb_remove_tlb_entry(tlb, ptep, addr);
	if (!page)
		return;
	transfer_bits(page, old);
	dec_mm_counter(vma->vm_mm, mm_counter(page));
	page_remove_rmap(page);
	make_evictable(page);
	drop_swap_copy(page);
	tlb_remove_page(tlb, page);                                /* I1 */
}

static void zap_pte_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
			  pmd_t *pmd, unsigned long addr, unsigned long end,
			  const struct zap_details *details)
{
	spinlock_t *ptl;
	pte_t *start = pte_offset_map_lock(vma->vm_mm, pmd, addr, &ptl);
	pte_t *ptep = start;

	flush_tlb_batched_pending(vma->vm_mm);
	for (; addr < end; ptep++, addr += PAGE_SIZE) {
		pte_t pte = ptep_get(ptep);
		struct page *page;

		if (pte_none(pte))
			continue;
		if (unlikely(!pte_present(pte))) {
			if (!details || details->even_cows)
				zap_swapped(vma, ptep, addr, pte);
			continue;
		}
		page = vm_normal_page(vma, addr, pte);
		if (details && !details->even_cows && page && PageAnon(page))
			continue;
		zap_present(tlb, vma, ptep, addr, page);
	}
	pte_unmap_unlock(start, ptl);
}

/* Empty the entries of [addr, end); gathers the pages in tlb. */
void unmap_page_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
		      unsigned long addr, unsigned long end,
		      const struct zap_details *details)
{
	while (addr < end) {
		pgd_t *pgd = pgd_offset(vma->vm_mm, addr);
		p4d_t *p4d = p4d_offset(pgd, addr);
		unsigned long next;
		pud_t *pud;
		pmd_t *pmd;

		/* Where a table is missing, its whole range is skipped. */
		next = pgd_addr_end(addr, end);
		if (p4d_none_or_clear_bad(p4d))
			goto skip;
		pud = pud_offset(p4d, addr);
		next = pud_addr_end(addr, end);
		if (pud_none_or_clear_bad(pud))
			goto skip;
		pmd = pmd_offset(pud, addr);
		next = pmd_addr_end(addr, end);
		if (!pmd_none_or_clear_bad(pmd))
			zap_pte_range(tlb, vma, pmd, addr, next, details);
skip:
		addr = next;
		cond_resched();
	}
}

void zap_page_range(struct vm_area_struct *vma, unsigned long start,
		    unsigned long size)
{
	struct mmu_gather tlb;

	update_hiwater_rss(vma->vm_mm);
	tlb_gather_mmu(&tlb, vma->vm_mm);
	unmap_page_range(&tlb, vma, start, start + size, NULL);
	tlb_finish_mmu(&tlb);
}
EXPORT_SYMBOL(zap_page_range);

/* ---- a file's pages, wherever they are mapped ---------------------------- */

/* The part of vma that shows pages first..last of the file. */
static void unmap_file_part(struct vm_area_struct *vma, unsigned long first,
			    unsigned long last,
			    const struct zap_details *details)
{
	unsigned long vfirst = vma->vm_pgoff;
	unsigned long vlast = vfirst + vma_pages(vma) - 1;
	struct mmu_gather tlb;

	if (first < vfirst)
		first = vfirst;
	if (last > vlast)
		last = vlast;
	if (first > last)
		return;
	tlb_gather_mmu(&tlb, vma->vm_mm);
	unmap_page_range(&tlb, vma,
			 vma->vm_start + ((first - vfirst) << PAGE_SHIFT),
			 vma->vm_start + ((last - vfirst + 1) << PAGE_SHIFT),
			 details);
	tlb_finish_mmu(&tlb);
}

void unmap_mapping_pages(struct address_space *mapping, unsigned long start,
			 unsigned long nr, bool even_cows)
{
	struct zap_details details = { .even_cows = even_cows };
	unsigned long last = nr ? start + nr - 1 : ULONG_MAX;
	struct interval_tree_node *n;

	if (last < start)
		last = ULONG_MAX;
	down_read(&mapping->i_mmap_rwsem);
	interval_tree_for_each(n, &mapping->i_mmap, start, last)
		unmap_file_part(container_of(n, struct vm_area_struct,
					     i_mmap_node),
				start, last, &details);
	up_read(&mapping->i_mmap_rwsem);
}

void unmap_mapping_range(struct address_space *mapping, loff_t start,
			 loff_t len, int even_cows)
{
	unsigned long first = start >> PAGE_SHIFT;
	unsigned long end = (start + len + PAGE_SIZE - 1) >> PAGE_SHIFT;

	unmap_mapping_pages(mapping, first, len ? end - first : 0, even_cows);
}
EXPORT_SYMBOL(unmap_mapping_range);

/* ---- for drivers: frames that are no memory of ours ---------------------- */

/* Install one entry where none is: 0, -EBUSY, -ENOMEM. */
static int insert_entry(struct vm_area_struct *vma, unsigned long addr,
			pte_t entry)
{
	pmd_t *pmd = walk_alloc_pmd(vma->vm_mm, addr);
	spinlock_t *ptl;
	pte_t *ptep;
	int err = 0;

	if (!pmd)
		return -ENOMEM;
	ptep = pte_alloc_map_lock(vma->vm_mm, pmd, addr, &ptl);
	if (!ptep)
		return -ENOMEM;
	if (pte_none(ptep_get(ptep)))
		set_pte_at(vma->vm_mm, addr, ptep, entry);
	else
		err = -EBUSY;
	pte_unmap_unlock(ptep, ptl);
	return err;
}

int remap_pfn_range(struct vm_area_struct *vma, unsigned long addr, pfn_t pfn,
		    unsigned long size, pgprot_t prot)
{
	unsigned long end = addr + PAGE_ALIGN(size);
	int err = 0;

	vma->vm_flags |= VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP;
	for (; addr < end && !err; addr += PAGE_SIZE, pfn++)
		err = insert_entry(vma, addr,
				   pte_mkspecial(pfn_pte(pfn, prot)));
	return err;
}
EXPORT_SYMBOL(remap_pfn_range);

/* The area gets a reference of its own to the page. */
int vm_insert_page(struct vm_area_struct *vma, unsigned long addr,
		   struct page *page)
{
	int err;

	get_page(page);
	page_add_file_rmap(page, vma);
	err = insert_entry(vma, addr,
			   mk_pte(page, vm_get_page_prot(vma->vm_flags)));
	if (err) {
		page_remove_rmap(page);
		put_page(page);
		return err;
	}
	inc_mm_counter(vma->vm_mm, mm_counter(page));
	return 0;
}
EXPORT_SYMBOL(vm_insert_page);
