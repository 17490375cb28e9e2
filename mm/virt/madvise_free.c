/* SPDX-License-Identifier: MIT */
/*
 * madvise_free.c -- "whoever needs the memory may have it": MADV_FREE
 *
 * PROMISE.  Until memory is short nothing is freed, and a page that is written
 * to again is kept as if nothing had been said.  A read before that sees the
 * old contents or zeroes.
 *
 * IDEA.  An allocator that frees and soon needs the memory again pays neither
 * fault nor clearing.  The entry loses its D bit, the page PG_swapbacked: so it
 * stands among the files' pages, and like a clean one of those it is dropped
 * without being written.  If the D bit is back by then, it becomes an ordinary
 * anonymous page again (rmap.c:may_drop).
 *
 * LOCKING.  mmap_lock for reading; the entry's lock.  The TLBs are flushed
 * before it returns: a CPU that remembers "dirty" would not set the bit again.
 *
 * SEE madvise(2), docs/57-reclaim.md.
 */

#include <kernel/sched.h>
#include <mm/pagemap.h>
#include <mm/rmap.h>
#include <mm/swap.h>
#include <mm/swapops.h>

#include "internal.h"

/*
 * Is it ours alone, with no copy in swap that would bring it back, and no pin
 * through which somebody may still write?
 */
static bool can_be_dropped(struct page *page)
{
	bool ok = false;

	if (!PageAnon(page) || page_mapcount(page) != 1 || !trylock_page(page))
		return false;
	if (!PageSwapCache(page) || try_to_free_swap(page))
		ok = page_count(page) == 1;
	if (ok)
		ClearPageDirty(page);
	unlock_page(page);
	return ok;
}

static void free_entry(struct mmu_gather *tlb, struct vm_area_struct *vma,
		       unsigned long addr, pte_t *ptep)
{
	pte_t pte = ptep_get(ptep);
	struct page *page;

	if (pte_none(pte))
		return;
	if (!pte_present(pte)) {
		if (is_swap_pte(pte)) {
			pte_clear(vma->vm_mm, addr, ptep);
			dec_mm_counter(vma->vm_mm, MM_SWAPENTS);
			free_swap_and_cache(pte_to_swp_entry(pte));
		}
		return;
	}
	page = vm_normal_page(vma, addr, pte);
	if (!page || !can_be_dropped(page))
		return;
	pte = ptep_get_and_clear(vma->vm_mm, addr, ptep);
	set_pte_at(vma->vm_mm, addr, ptep, pte_mkold(pte_mkclean(pte)));
	tlb_remove_tlb_entry(tlb, ptep, addr);
	mark_page_lazyfree(page);
}

void madvise_free(struct vm_area_struct *vma, unsigned long start,
		  unsigned long end)
{
	struct mmu_gather tlb;
	unsigned long next;

	tlb_gather_mmu(&tlb, vma->vm_mm);
	for (; start < end; start = next) {
		pmd_t *pmd = walk_to_pmd(vma->vm_mm, start);
		spinlock_t *ptl;
		pte_t *first, *ptep;

		next = pmd_addr_end(start, end);
		if (!pmd)
			continue;
		first = ptep = pte_offset_map_lock(vma->vm_mm, pmd, start, &ptl);
		flush_tlb_batched_pending(vma->vm_mm);
		for (; start < next; start += PAGE_SIZE, ptep++)
			free_entry(&tlb, vma, start, ptep);
		pte_unmap_unlock(first, ptl);
		cond_resched();
	}
	tlb_finish_mmu(&tlb);
}
