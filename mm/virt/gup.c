/* SPDX-License-Identifier: MIT */
/*
 * gup.c -- reaching the pages of an address space from outside
 *
 * get_user_pages_remote() finds the frames behind user addresses and pins them
 * with a reference; what is not there is faulted in first.  access_remote_vm()
 * (ptrace, /proc/PID/mem) and copy_to_mm() (exec) copy through such pins.
 *
 * A pin for writing is given only on a page that the process may itself write
 * to now: otherwise COW is broken first.  FOLL_FORCE, for a debugger that sets
 * a breakpoint in read-only text, settles for a private copy that is the
 * process's alone, although its entry stays read-only.
 *
 * LOCKING.  mmap_lock for reading.  Look and pin happen under the
 * page_table_lock, so the page cannot leave in between.
 */

#include <kernel/export.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/swap.h>
#include <mm/filemap.h>

#include "internal.h"

/* A page that keeps being taken away again is given up. */
#define MAX_FAULT_TRIES 16

/* May the frame behind this entry be written to by us? */
static bool writable_for(pte_t pte, struct page *page, unsigned int flags)
{
	if (pte_write(pte))
		return true;
	return flags & FOLL_FORCE && PageAnon(page) && pte_dirty(pte) &&
	       page_count(page) == 1;
}

/* The page, pinned, if it is there and allows it; else NULL. */
static struct page *follow_page(struct vm_area_struct *vma, unsigned long addr,
				unsigned int flags)
{
	struct page *page = NULL;
	spinlock_t *ptl;
	pte_t *ptep, pte;

	ptep = walk_to_pte_locked(vma->vm_mm, addr, &ptl);
	if (!ptep)
		return NULL;
	pte = ptep_get(ptep);
	if (!pte_present(pte))
		goto out;
	page = vm_normal_page(vma, addr, pte);
	if (!page && is_zero_pfn(pte_pfn(pte)))
		page = pfn_to_page(zero_pfn());
	if (!page)
		goto out;
	if (flags & FOLL_WRITE && !writable_for(pte, page, flags))
		page = NULL;
	else
		get_page(page);
	/* No D bit will tell of what is written through a pin. */
	if (page && flags & FOLL_WRITE &&
	    (!PageAnon(page) || page_is_lazyfree(page)))
		set_page_dirty(page);
out:
	pte_unmap_unlock(ptep, ptl);
	return page;
}

/* Do the area's rights allow this?  With FOLL_FORCE: could they ever? */
static bool area_allows(const struct vm_area_struct *vma, unsigned int flags)
{
	if (vma->vm_flags & (VM_IO | VM_PFNMAP))
		return false;
	if (flags & FOLL_WRITE) {
		if (vma->vm_flags & VM_WRITE)
			return true;
		return flags & FOLL_FORCE && is_cow_mapping(vma->vm_flags);
	}
	if (vma->vm_flags & VM_READ)
		return true;
	return flags & FOLL_FORCE && vma->vm_flags & VM_MAYREAD;
}

static struct page *get_one_page(struct vm_area_struct *vma,
				 unsigned long addr, unsigned int flags)
{
	unsigned int fault_flags = FAULT_FLAG_REMOTE;
	int tries;

	if (flags & FOLL_WRITE)
		fault_flags |= FAULT_FLAG_WRITE;
	for (tries = 0; tries < MAX_FAULT_TRIES; tries++) {
		struct page *page = follow_page(vma, addr, flags);
		vm_fault_t fault;

		if (page)
			return page;
		fault = handle_mm_fault(vma, addr, fault_flags);
		if (fault & VM_FAULT_OOM)
			return ERR_PTR(-ENOMEM);
		if (fault & VM_FAULT_ERROR || fatal_signal_pending(current))
			return ERR_PTR(-EFAULT);
		if (fault & VM_FAULT_MAJOR)
			current->maj_flt++;
		else
			current->min_flt++;
	}
	return ERR_PTR(-EFAULT);
}

long get_user_pages_remote(struct mm_struct *mm, unsigned long start,
			   unsigned long nr_pages, unsigned int flags,
			   struct page **pages)
{
	unsigned long addr = start & PAGE_MASK;
	long n;

	for (n = 0; n < (long)nr_pages; n++, addr += PAGE_SIZE) {
		struct vm_area_struct *vma = vma_lookup(mm, addr);
		struct page *page;

		if (!vma || !area_allows(vma, flags))
			return n ? n : -EFAULT;
		page = get_one_page(vma, addr, flags);
		if (IS_ERR(page))
			return n ? n : PTR_ERR(page);
		pages[n] = page;
	}
	return n;
}
EXPORT_SYMBOL(get_user_pages_remote);

int get_user_pages_fast(unsigned long start, int nr_pages, unsigned int flags,
			struct page **pages)
{
	struct mm_struct *mm = current->mm;
	long n;

	if (!mm || start >= TASK_SIZE)
		return -EFAULT;
	mmap_read_lock(mm);
	n = get_user_pages_remote(mm, start, nr_pages, flags, pages);
	mmap_read_unlock(mm);
	return n;
}
EXPORT_SYMBOL(get_user_pages_fast);

int access_remote_vm(struct mm_struct *mm, unsigned long addr, void *buf,
		     int len, unsigned int flags)
{
	int done = 0;

	if (mmap_read_lock_killable(mm))
		return 0;
	while (done < len) {
		unsigned long offset = offset_in_page(addr);
		int n = PAGE_SIZE - offset;
		struct page *page;

		if (n > len - done)
			n = len - done;
		if (addr >= TASK_SIZE ||
		    get_user_pages_remote(mm, addr, 1, flags, &page) != 1)
			break;
		if (flags & FOLL_WRITE)
			memcpy(page_address(page) + offset, buf + done, n);
		else
			memcpy(buf + done, page_address(page) + offset, n);
		put_page(page);
		done += n;
		addr += n;
	}
	mmap_read_unlock(mm);
	return done;
}
EXPORT_SYMBOL(access_remote_vm);

int access_process_vm(struct task_struct *tsk, unsigned long addr, void *buf,
		      int len, unsigned int flags)
{
	struct mm_struct *mm = get_task_mm(tsk);
	int done;

	if (!mm)
		return 0;
	done = access_remote_vm(mm, addr, buf, len, flags);
	mmput(mm);
	return done;
}
EXPORT_SYMBOL(access_process_vm);
