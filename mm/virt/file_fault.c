/* SPDX-License-Identifier: MIT */
/*
 * file_fault.c -- the first touch of a page that a file (or object) backs
 *
 * The area's backer finds the page (vm_ops->fault); what is entered depends on
 * the access:
 *
 *	read              the backer's page, and its neighbours in memory
 *	write, private    a copy of it, ours alone
 *	write, shared     the backer's page, writable, marked dirty
 *
 * LOCKING.  mmap_lock for reading; the page comes locked from the backer and
 * stays so until its entry is in.  That is what makes truncation safe: it first
 * unmaps, then locks each page and takes it from the file, and unmaps once more
 * if the page is still mapped.  A fault either enters the page before that lock
 * (and is unmapped), or finds the page gone from the file.
 */

#include <kernel/export.h>
#include <mm/filemap.h>
#include <mm/rmap.h>
#include <mm/swap.h>

#include "internal.h"

/* Pages around the fault that a read enters at the same time: 64 KiB. */
#define FAULT_AROUND_PAGES 16UL

/* Ask the backer; on 0, vmf->page is locked and has a reference for us. */
static vm_fault_t get_backing_page(struct vm_fault *vmf)
{
	vm_fault_t ret = vmf->vma->vm_ops->fault(vmf);

	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE | VM_FAULT_RETRY))
		return ret;
	if (!(ret & VM_FAULT_LOCKED))
		lock_page(vmf->page);
	return ret & VM_FAULT_MAJOR;
}

static void enter_new_anon(struct page *page, struct vm_area_struct *vma,
			   unsigned long addr)
{
	page_add_new_anon_rmap(page, vma, addr);
	lru_cache_add_inactive_or_unevictable(page, vma);
}

/* Enter `page` if the entry is still empty; takes over a reference if so. */
static bool enter_page(struct vm_fault *vmf, struct page *page, bool anon)
{
	struct vm_area_struct *vma = vmf->vma;
	bool write = vmf->flags & FAULT_FLAG_WRITE, entered = false;
	spinlock_t *ptl;
	pte_t entry, *ptep;

	entry = mk_pte(page, vma_page_prot(vma));
	if (write) {
		entry = pte_mkdirty(entry);
		if (vma->vm_flags & VM_WRITE)
			entry = pte_mkwrite(entry);
	}
	ptep = pte_offset_map_lock(vma->vm_mm, vmf->pmd, vmf->address, &ptl);
	if (pte_none(ptep_get(ptep))) {
		if (anon)
			enter_new_anon(page, vma, vmf->address);
		else
			page_add_file_rmap(page, vma);
		inc_mm_counter(vma->vm_mm, mm_counter(page));
		set_pte_at(vma->vm_mm, vmf->address, ptep, entry);
		entered = true;
	}
	pte_unmap_unlock(ptep, ptl);
	return entered;
}

/* The aligned window around the fault, cut to the area and the page table. */
static void map_neighbours(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long size = FAULT_AROUND_PAGES << PAGE_SHIFT;
	unsigned long start = vmf->address & ~(size - 1);
	unsigned long end = start + size;

	if (start < vma->vm_start)
		start = vma->vm_start;
	if (end > vma->vm_end)
		end = vma->vm_end;
	if (end - start <= PAGE_SIZE)
		return;
	vma->vm_ops->map_pages(vmf, linear_page_index(vma, start),
			       linear_page_index(vma, end) - 1);
}

static bool entry_is_filled(struct vm_fault *vmf)
{
	return !pte_none(ptep_get(pte_offset_map(vmf->pmd, vmf->address)));
}

static vm_fault_t do_read_fault(struct vm_fault *vmf)
{
	vm_fault_t ret;

	if (vmf->vma->vm_ops->map_pages) {
		map_neighbours(vmf);
		if (entry_is_filled(vmf))
			return 0;
	}
	ret = get_backing_page(vmf);
	if (ret & ~VM_FAULT_MAJOR)
		return ret & VM_FAULT_ERROR;
	if (!enter_page(vmf, vmf->page, false)) {
		unlock_page(vmf->page);
		put_page(vmf->page);
		return ret;
	}
	unlock_page(vmf->page);
	return ret;
}

static vm_fault_t do_cow_fault(struct vm_fault *vmf)
{
	struct page *copy = NULL;
	vm_fault_t ret;

	if (!anon_vma_prepare(vmf->vma))
		copy = alloc_page(GFP_HIGHUSER_MOVABLE);
	if (!copy)
		return VM_FAULT_OOM;
	ret = get_backing_page(vmf);
	if (ret & ~VM_FAULT_MAJOR) {
		put_page(copy);
		return ret & VM_FAULT_ERROR;
	}
	copy_page(page_address(copy), page_address(vmf->page));
	if (!enter_page(vmf, copy, true))
		put_page(copy);
	unlock_page(vmf->page);
	put_page(vmf->page);
	return ret;
}

/* Locked before and, on 0, after; unlocked on any other return. */
static vm_fault_t announce_write(struct vm_fault *vmf)
{
	vm_fault_t ret;

	if (!vmf->vma->vm_ops->page_mkwrite)
		return 0;
	unlock_page(vmf->page);
	ret = vmf->vma->vm_ops->page_mkwrite(vmf);
	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE))
		return ret;
	if (!(ret & VM_FAULT_LOCKED))
		lock_page(vmf->page);
	if (vmf->page->mapping)
		return 0;
	unlock_page(vmf->page);
	return VM_FAULT_NOPAGE;
}

static vm_fault_t do_shared_fault(struct vm_fault *vmf)
{
	vm_fault_t ret = get_backing_page(vmf), asked;
	bool entered;

	if (ret & ~VM_FAULT_MAJOR)
		return ret & VM_FAULT_ERROR;
	asked = announce_write(vmf);
	if (asked) {
		put_page(vmf->page);
		return asked & VM_FAULT_ERROR;
	}
	entered = enter_page(vmf, vmf->page, false);
	if (entered)
		set_page_dirty(vmf->page);
	unlock_page(vmf->page);
	if (!entered)
		put_page(vmf->page);
	/* Stores through mappings pay for their dirt as write() does. */
	if (vmf->vma->vm_file)
		balance_dirty_pages_ratelimited(vmf->vma->vm_file->f_mapping);
	return ret;
}

vm_fault_t do_fault(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;

	if (!vma->vm_ops->fault)
		return VM_FAULT_SIGBUS;
	if (pte_alloc(vma->vm_mm, vmf->pmd))
		return VM_FAULT_OOM;
	if (!(vmf->flags & FAULT_FLAG_WRITE))
		return do_read_fault(vmf);
	if (vma->vm_flags & VM_SHARED)
		return do_shared_fault(vmf);
	return do_cow_fault(vmf);
}
