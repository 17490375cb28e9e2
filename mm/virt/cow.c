/* SPDX-License-Identifier: MIT */
/*
 * cow.c -- copy on write: the write to a page that is mapped read-only
 *
 * PROMISE.  After fork, each side sees its own memory.  A page is copied when
 * one of those who share it writes to it, and only then; the last one left
 * writes to the page itself.
 *
 * IDEA.  fork (fork.c) copies entries, not pages, and makes both sides
 * read-only:
 *
 *	before        parent [rw]--> F
 *	after fork    parent [r-]--> F <--[r-] child        references: 2
 *	child writes  parent [r-]--> F     F'<--[rw] child  references: 1 and 1
 *	parent writes parent [rw]--> F                      no copy: sole owner
 *
 * "Sole owner" is a reference count of one: the entry itself holds it, and with
 * the entry locked nobody can find the page to take another.
 *
 * INVARIANTS:
 *   I1  A private anonymous page is writable through an entry only if that
 *       entry holds its only reference, or held it when it was made writable.
 *   I2  What a shared mapping writes to is the file's page, never a copy.
 *   I3  A copy is complete before any CPU can see its entry.
 *   I4  A read-only entry of a private area whose A bit is clear is in no TLB:
 *       whoever clears A, or takes W from an entry, flushes before the mmap_lock
 *       is dropped.
 *
 * LOCKING.  do_wp_page() is entered with the entry's lock held and returns with
 * it dropped.  The copying itself is done without it, on a page that an extra
 * reference keeps: so the entry is compared again before the copy goes in.
 *
 * RACES.  The entry is cleared and flushed before the new one is set, or:
 *
 *	CPU 0 breaks COW                  CPU 1, a thread of the same process
 *	sets the entry to the copy        still has F in its TLB
 *	writes x to the copy              reads the old x from F
 *	                                  writes never reach it: lost for good
 *
 * The flush interrupts every CPU that runs a thread of the process.  By I4 it
 * can be left out when the cleared entry had no A bit, which after a fork is so
 * for all pages that nobody has read since: most of them.
 *
 * SEE docs/14-page-faults-and-cow.md.
 *
 * EXERCISES.  1. Let reuse ignore the count.  Which test names the damage?
 * 2. Why does a page that get_user_pages() holds have to be copied?
 */

#include <kernel/export.h>
#include <mm/filemap.h>
#include <mm/rmap.h>
#include <mm/swapops.h>
#include <mm/vmstat.h>

#include "internal.h"

static pte_t maybe_mkwrite(pte_t pte, const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_WRITE ? pte_mkwrite(pte) : pte;
}

/* The page is ours alone: open the entry for writing.  Drops the lock. */
static vm_fault_t wp_reuse(struct vm_fault *vmf, pte_t *ptep, spinlock_t *ptl)
{
	pte_t entry = pte_mkyoung(pte_mkdirty(vmf->orig_pte));

	ptep_set_access_flags(vmf->vma, vmf->address, ptep,
			      maybe_mkwrite(entry, vmf->vma), 1);
	pte_unmap_unlock(ptep, ptl);
	count_vm_event(PGCOW_REUSE);
	return 0;
}

/* Put the finished copy in the entry, if that is still what it was. */
static bool install_copy(struct vm_fault *vmf, struct page *old,
			 struct page *new)
{
	struct vm_area_struct *vma = vmf->vma;
	struct mm_struct *mm = vma->vm_mm;
	spinlock_t *ptl;
	pte_t entry, *ptep;

	ptep = pte_offset_map_lock(mm, vmf->pmd, vmf->address, &ptl);
	if (!pte_same(ptep_get(ptep), vmf->orig_pte)) {
		pte_unmap_unlock(ptep, ptl);
		return false;
	}
	if (!old || !PageAnon(old))
		inc_mm_counter(mm, MM_ANONPAGES);
	if (old && !PageAnon(old))
		dec_mm_counter(mm, mm_counter(old));
	entry = pte_mkdirty(mk_pte(new, vm_get_page_prot(vma->vm_flags)));
	if (pte_young(ptep_get_and_clear(mm, vmf->address, ptep)))
		flush_tlb_page(vma, vmf->address);                 /* I4 */
	page_add_new_anon_rmap(new, vma, vmf->address);
	lru_cache_add_inactive_or_unevictable(new, vma);
	set_pte_at(mm, vmf->address, ptep, maybe_mkwrite(entry, vma)); /* I3 */
	if (old)
		page_remove_rmap(old);
	pte_unmap_unlock(ptep, ptl);
	return true;
}

/*
 * Copy `old` (NULL: the page of zeroes), on which we hold an extra reference.
 * No lock is held.
 */
static vm_fault_t wp_copy(struct vm_fault *vmf, struct page *old)
{
	struct page *new = NULL;

	if (!anon_vma_prepare(vmf->vma))
		new = alloc_page(GFP_HIGHUSER_MOVABLE |
				 (old ? 0 : __GFP_ZERO));
	if (!new) {
		if (old)
			put_page(old);
		return VM_FAULT_OOM;
	}
	if (old)
		copy_page(page_address(new), page_address(old));
	if (!install_copy(vmf, old, new)) {
		put_page(new);
		goto out;
	}
	count_vm_event(PGCOW_COPY);
	if (old) {
		drop_swap_copy(old);
		put_page(old);     /* the reference of the entry */
	}
out:
	if (old)
		put_page(old);     /* ours */
	return 0;
}

/* Tell the file system that its page becomes writable; page locked on 0. */
static vm_fault_t ask_mkwrite(struct vm_fault *vmf, struct page *page)
{
	vm_fault_t ret;

	vmf->page = page;
	ret = vmf->vma->vm_ops->page_mkwrite(vmf);
	if (ret & (VM_FAULT_ERROR | VM_FAULT_NOPAGE))
		return ret;
	if (!(ret & VM_FAULT_LOCKED))
		lock_page(page);
	if (page->mapping)
		return 0;
	unlock_page(page);         /* truncated meanwhile: fault again */
	return VM_FAULT_NOPAGE;
}

/* A shared mapping whose writes were to be announced. */
static vm_fault_t wp_shared_announced(struct vm_fault *vmf, struct page *page)
{
	struct vm_area_struct *vma = vmf->vma;
	spinlock_t *ptl;
	vm_fault_t ret;
	pte_t *ptep;

	ret = ask_mkwrite(vmf, page);
	if (ret)
		goto out;
	ptep = pte_offset_map_lock(vma->vm_mm, vmf->pmd, vmf->address, &ptl);
	if (pte_same(ptep_get(ptep), vmf->orig_pte))
		wp_reuse(vmf, ptep, ptl);
	else
		pte_unmap_unlock(ptep, ptl);
	set_page_dirty(page);
	unlock_page(page);
	if (vma->vm_file)
		balance_dirty_pages_ratelimited(vma->vm_file->f_mapping);
out:
	put_page(page);
	return ret & VM_FAULT_ERROR;
}

static vm_fault_t wp_shared(struct vm_fault *vmf, struct page *page,
			    pte_t *ptep, spinlock_t *ptl)
{
	if (!page || !vmf->vma->vm_ops || !vmf->vma->vm_ops->page_mkwrite)
		return wp_reuse(vmf, ptep, ptl);               /* I2 */
	get_page(page);
	pte_unmap_unlock(ptep, ptl);
	return wp_shared_announced(vmf, page);
}

/*
 * Does the entry, whose lock we have, hold the only reference?  The swap
 * cache's does not count if no other entry names the slot: then both go.
 */
static bool is_sole_owner(struct page *page)
{
	if (unlikely(PageSwapCache(page)) && page_count(page) == 2 &&
	    trylock_page(page)) {
		try_to_free_swap(page);
		unlock_page(page);
	}
	return page_count(page) == 1;
}

vm_fault_t do_wp_page(struct vm_fault *vmf, pte_t *ptep, spinlock_t *ptl)
{
	struct page *page;

	page = vm_normal_page(vmf->vma, vmf->address, vmf->orig_pte);
	if (vmf->vma->vm_flags & VM_SHARED)
		return wp_shared(vmf, page, ptep, ptl);
	if (!page) {
		pte_unmap_unlock(ptep, ptl);
		if (!is_zero_pfn(pte_pfn(vmf->orig_pte)))
			return VM_FAULT_SIGBUS;
		return wp_copy(vmf, NULL);
	}
	if (PageAnon(page) && is_sole_owner(page))
		return wp_reuse(vmf, ptep, ptl);               /* I1 */
	get_page(page);
	pte_unmap_unlock(ptep, ptl);
	return wp_copy(vmf, page);
}
