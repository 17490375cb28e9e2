/* SPDX-License-Identifier: MIT */
/*
 * swap_fault.c -- a page comes back from swap; all of them do at swapoff
 *
 * The entry in the page table names a slot.  Its page is found in the swap
 * cache or read into it (a major fault); then it is mapped and the entry's use
 * of the slot ends.  The page is mapped read-only: a write goes on to
 * do_wp_page(), which knows whether others share it.
 *
 * The page may have been shared, by fork, with areas that do not know our own
 * anon_vma: so it is put under the family's root, which all of them know
 * (anon_vma.c, I1).
 *
 * LOCKING.  mmap_lock for reading; the page lock until the entry is in, which
 * keeps reclaim from taking the page out of the cache.
 */

#include <mm/swapops.h>

#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <mm/filemap.h>
#include <mm/rmap.h>
#include <mm/vmstat.h>

#include "internal.h"

/* The entry is still what it was: put the page there.  Locked, ptl held. */
static void enter(struct vm_fault *vmf, pte_t *ptep, struct page *page,
		  swp_entry_t entry)
{
	struct vm_area_struct *vma = vmf->vma;
	pte_t pte = mk_pte(page, vm_get_page_prot(vma->vm_flags));

	inc_mm_counter(vma->vm_mm, MM_ANONPAGES);
	dec_mm_counter(vma->vm_mm, MM_SWAPENTS);
	get_page(page);
	page_add_anon_rmap(page, vma, vmf->address);
	set_pte_at(vma->vm_mm, vmf->address, ptep, pte);
	vmf->orig_pte = pte;
	swap_free(entry);
}

/* A write follows: let it go on without another fault. */
static vm_fault_t then_write(struct vm_fault *vmf)
{
	spinlock_t *ptl = pte_lockptr(vmf->vma->vm_mm, vmf->pmd);
	pte_t *ptep = pte_offset_map(vmf->pmd, vmf->address);

	spin_lock(ptl);
	if (pte_same(ptep_get(ptep), vmf->orig_pte))
		return do_wp_page(vmf, ptep, ptl);
	pte_unmap_unlock(ptep, ptl);
	return 0;
}

/* The page, locked and certainly that of the entry; NULL: try again, or
 * *ret. */
static struct page *get_swap_page(struct vm_fault *vmf, swp_entry_t entry,
				  vm_fault_t *ret)
{
	struct page *page = lookup_swap_cache(entry);

	*ret = 0;
	if (!page) {
		page = swapin_readahead(entry, GFP_HIGHUSER_MOVABLE);
		*ret = VM_FAULT_MAJOR;
	} else {
		swap_readahead_hit(entry);
	}
	if (!page) {
		/* No memory; or the entry has changed: then all is well. */
		bool same = pte_same(ptep_get(pte_offset_map(vmf->pmd,
							     vmf->address)),
				     vmf->orig_pte);

		*ret = same ? VM_FAULT_OOM : 0;
		return NULL;
	}
	lock_page(page);
	if (PageSwapCache(page) && page_swap_entry(page).val == entry.val)
		return page;
	unlock_page(page);
	put_page(page);
	return NULL;
}

vm_fault_t do_swap_page(struct vm_fault *vmf)
{
	swp_entry_t entry = pte_to_swp_entry(vmf->orig_pte);
	struct mm_struct *mm = vmf->vma->vm_mm;
	bool entered = false;
	struct page *page;
	spinlock_t *ptl;
	vm_fault_t ret;
	pte_t *ptep;

	page = get_swap_page(vmf, entry, &ret);
	if (!page)
		return ret;
	if (!PageUptodate(page)) {
		ret = VM_FAULT_SIGBUS;
		goto out;
	}
	ptep = pte_offset_map_lock(mm, vmf->pmd, vmf->address, &ptl);
	if (pte_same(ptep_get(ptep), vmf->orig_pte)) {
		enter(vmf, ptep, page, entry);
		entered = true;
	}
	pte_unmap_unlock(ptep, ptl);
	if (entered && (vm_swap_full() || vmf->vma->vm_flags & VM_LOCKED))
		try_to_free_swap(page);
out:
	unlock_page(page);
	put_page(page);
	if (entered && vmf->flags & FAULT_FLAG_WRITE)
		ret |= then_write(vmf);
	return ret;
}

/* The other way: rmap.c has cleared the entry of a page in the cache. */
bool swap_out_entry(struct page *page, struct vm_area_struct *vma,
		    unsigned long addr, pte_t *ptep)
{
	swp_entry_t entry = page_swap_entry(page);

	if (!PageSwapCache(page) || !swap_duplicate(entry))
		return false;
	inc_mm_counter(vma->vm_mm, MM_SWAPENTS);
	set_pte_at(vma->vm_mm, addr, ptep, swp_entry_to_pte(entry));
	return true;
}

/* ---- swapoff ------------------------------------------------------------- */

static bool is_entry_of(struct swap_info_struct *si, pte_t pte)
{
	return is_swap_pte(pte) &&
	       (int)swp_type(pte_to_swp_entry(pte)) == si->type;
}

/* Bring back what vma has in the area: 0 or -ENOMEM. */
static int unuse_area(struct swap_info_struct *si, struct vm_area_struct *vma)
{
	unsigned long addr, next;

	for (addr = vma->vm_start; addr < vma->vm_end; addr = next) {
		pmd_t *pmd = walk_to_pmd(vma->vm_mm, addr);

		next = addr + PAGE_SIZE;
		if (!pmd) {
			next = pmd_addr_end(addr, vma->vm_end);
			continue;
		}
		while (is_entry_of(si, ptep_get(pte_offset_map(pmd, addr)))) {
			vm_fault_t fault = handle_mm_fault(vma, addr, 0);

			if (fault & VM_FAULT_OOM)
				return -ENOMEM;
			if (fault & VM_FAULT_ERROR)
				break;
		}
		cond_resched();
	}
	return 0;
}

static int unuse_mm(struct swap_info_struct *si, struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	int err = 0;

	mmap_read_lock(mm);
	for_each_vma(mm, vma) {
		if (vma_has_anon(vma))
			err = unuse_area(si, vma);
		if (err || signal_pending(current))
			break;
	}
	mmap_read_unlock(mm);
	return err;
}

/* The mm of the first process with pid >= *pid, with a reference; *pid: its. */
static struct mm_struct *next_mm(pid_t *pid)
{
	struct mm_struct *mm = NULL;
	struct task_struct *p, *best = NULL;

	rcu_read_lock();
	for_each_process(p)
		if (p->pid >= *pid && (!best || p->pid < best->pid))
			best = p;
	if (best) {
		*pid = best->pid;
		get_task_struct(best);
	} else {
		*pid = 0;
	}
	rcu_read_unlock();
	if (best) {
		mm = get_task_mm(best);
		put_task_struct(best);
	}
	return mm;
}

/* Pages that nobody maps but the cache still has. */
static void drop_cached(struct swap_info_struct *si)
{
	unsigned long slot;
	struct page *page;

	xa_for_each(&si->cache, slot, page) {
		page = lookup_swap_cache(swp_entry(si->type, slot));
		if (!page)
			continue;
		lock_page(page);
		wait_on_page_writeback(page);
		if (PageSwapCache(page))
			try_to_free_swap(page);
		unlock_page(page);
		put_page(page);
	}
}

/* Empty the area, which gives out no slots any more: 0, -EINTR, -ENOMEM. */
int swap_unuse_area(struct swap_info_struct *si)
{
	int err = 0;
	pid_t pid;

	while (READ_ONCE(si->inuse_pages) && !err) {
		err = shmem_unuse(si);
		for (pid = 1; !err; pid++) {
			struct mm_struct *mm = next_mm(&pid);

			if (!pid)
				break;
			if (!mm)
				continue;
			err = unuse_mm(si, mm);
			mmput(mm);
			if (signal_pending(current))
				err = -EINTR;
		}
		drop_cached(si);
		/* A process in the middle of fork or exec: look again. */
		if (READ_ONCE(si->inuse_pages) && !err)
			schedule_timeout_uninterruptible(1);
	}
	return err;
}
