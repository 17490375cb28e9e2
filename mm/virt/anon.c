/* SPDX-License-Identifier: MIT */
/*
 * anon.c -- the first touch of memory that has no file behind it
 *
 * A read of untouched memory gets the one page of zeroes, read-only, shared by
 * everybody: no frame is spent.  A write gets a zeroed frame.  If a write comes
 * after a read, the entry with the zero page is broken like any other copy on
 * write (cow.c), with nothing to copy.
 *
 * LOCKING.  As fault.c: mmap_lock held for reading; the entry is filled under
 * page_table_lock, if it is still empty.
 */

#include <kernel/export.h>
#include <mm/rmap.h>
#include <mm/swap.h>

#include "internal.h"

static vm_fault_t map_zero_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	spinlock_t *ptl;
	pte_t entry, *ptep;

	entry = pfn_pte(zero_pfn(), vm_get_page_prot(vma->vm_flags));
	ptep = pte_offset_map_lock(vma->vm_mm, vmf->pmd, vmf->address, &ptl);
	if (pte_none(ptep_get(ptep)))
		set_pte_at(vma->vm_mm, vmf->address, ptep,
			   pte_mkspecial(pte_wrprotect(entry)));
	pte_unmap_unlock(ptep, ptl);
	return 0;
}

vm_fault_t do_anonymous_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page *page;
	spinlock_t *ptl;
	pte_t entry, *ptep;

	if (pte_alloc(vma->vm_mm, vmf->pmd))
		return VM_FAULT_OOM;
	if (!(vmf->flags & FAULT_FLAG_WRITE))
		return map_zero_page(vmf);

	if (anon_vma_prepare(vma))
		return VM_FAULT_OOM;
	page = alloc_page(GFP_HIGHUSER_MOVABLE | __GFP_ZERO);
	if (!page)
		return VM_FAULT_OOM;
	entry = pte_mkdirty(mk_pte(page, vm_get_page_prot(vma->vm_flags)));
	if (vma->vm_flags & VM_WRITE)
		entry = pte_mkwrite(entry);

	ptep = pte_offset_map_lock(vma->vm_mm, vmf->pmd, vmf->address, &ptl);
	if (unlikely(!pte_none(ptep_get(ptep)))) {
		pte_unmap_unlock(ptep, ptl);
		put_page(page);
		return 0;
	}
	inc_mm_counter(vma->vm_mm, MM_ANONPAGES);
	page_add_new_anon_rmap(page, vma, vmf->address);
	lru_cache_add_inactive_or_unevictable(page, vma);
	set_pte_at(vma->vm_mm, vmf->address, ptep, entry);
	pte_unmap_unlock(ptep, ptl);
	return 0;
}
