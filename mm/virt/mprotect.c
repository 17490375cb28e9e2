/* SPDX-License-Identifier: MIT */
/*
 * mprotect.c -- changing what an area allows
 *
 * The range is walked area by area; each is cut to the range, gets its new
 * flags, has its entries rewritten, and melts with its neighbours if they are
 * alike now.  If a later area refuses, the earlier ones keep their new rights:
 * that is how Linux does it, and a program that cares asks for one area.
 *
 * A private page does not become writable here: its first write faults, and
 * the fault decides between reuse and copy (cow.c).
 *
 * LOCKING.  mmap_lock for writing.  Rights are taken away for good only by the
 * TLB flush at the end of change_protection(): another thread that faults right
 * after mprotect() returns must fault.
 */

#include <kernel/export.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <mm/filemap.h>

#include "internal.h"

static void change_ptes(struct vm_area_struct *vma, pmd_t *pmd,
			unsigned long addr, unsigned long end, pgprot_t prot)
{
	spinlock_t *ptl;
	pte_t *start = pte_offset_map_lock(vma->vm_mm, pmd, addr, &ptl);
	pte_t *ptep = start;

	for (; addr < end; ptep++, addr += PAGE_SIZE) {
		pte_t pte;

		/* Empty, or in swap: it gets its rights when it comes. */
		if (!pte_present(ptep_get(ptep)))
			continue;
		/* Cleared first, so that no D bit is set in between. */
		pte = ptep_get_and_clear(vma->vm_mm, addr, ptep);
		set_pte_at(vma->vm_mm, addr, ptep, pte_modify(pte, prot));
	}
	pte_unmap_unlock(start, ptl);
}

/* Rewrite the entries of [start, end) after vm_flags; flushes. */
void change_protection(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end)
{
	pgprot_t prot = vma_page_prot(vma);
	unsigned long addr, next;

	for (addr = start; addr < end; addr = next) {
		p4d_t *p4d = p4d_offset(pgd_offset(vma->vm_mm, addr), addr);
		pud_t *pud;
		pmd_t *pmd;

		next = pgd_addr_end(addr, end);
		if (p4d_none_or_clear_bad(p4d))
			continue;
		pud = pud_offset(p4d, addr);
		next = pud_addr_end(addr, end);
		if (pud_none_or_clear_bad(pud))
			continue;
		pmd = pmd_offset(pud, addr);
		next = pmd_addr_end(addr, end);
		if (!pmd_none_or_clear_bad(pmd))
			change_ptes(vma, pmd, addr, next, prot);
		cond_resched();
	}
	flush_tlb_range(vma, start, end);
}

/* Private memory that becomes writable is promised from now on. */
static int charge_if_writable(struct vm_area_struct *vma, unsigned long pages,
			      unsigned long *flags)
{
	struct mm_struct *mm = vma->vm_mm;

	if (!(*flags & VM_WRITE))
		return 0;
	if (!may_expand_vm(mm, *flags, pages) &&
	    may_expand_vm(mm, vma->vm_flags, pages))
		return -ENOMEM;
	if (vma->vm_flags & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE))
		return 0;
	if (vm_enough_memory(pages))
		return -ENOMEM;
	*flags |= VM_ACCOUNT;
	return 0;
}

/* Give [start, end) of one area new flags; *pvma: the area it is in then. */
static int protect_part(struct vm_area_struct **pvma, unsigned long start,
			unsigned long end, unsigned long flags)
{
	unsigned long pages = (end - start) >> PAGE_SHIFT;
	struct vm_area_struct *vma = *pvma, *part;
	unsigned long old = vma->vm_flags;
	int err;

	if (flags == old)
		return 0;
	err = charge_if_writable(vma, pages, &flags);
	if (err)
		return err;
	part = vma_isolate(vma, start, end);
	if (IS_ERR(part)) {
		if (flags & ~old & VM_ACCOUNT)
			vm_unacct_memory(pages);
		return PTR_ERR(part);
	}
	part->vm_flags = flags;
	change_protection(part, start, end);
	vm_stat_account(part->vm_mm, old, -(long)pages);
	vm_stat_account(part->vm_mm, flags, pages);
	*pvma = vma_merge_neighbours(part);
	return 0;
}

static int protect_range(struct mm_struct *mm, struct vm_area_struct *vma,
			 unsigned long start, unsigned long end,
			 unsigned long prot)
{
	while (start < end) {
		unsigned long flags, stop;
		int err;

		if (!vma || vma->vm_start > start)
			return -ENOMEM;
		flags = (vma->vm_flags & ~VM_RWX) | (prot & VM_RWX);
		/* The VM_MAY bits stand four places above the rights. */
		if ((flags & ~(flags >> 4)) & VM_RWX)
			return -EACCES;
		stop = vma->vm_end < end ? vma->vm_end : end;
		err = protect_part(&vma, start, stop, flags);
		if (err)
			return err;
		start = stop;
		vma = find_vma(mm, start);
	}
	return 0;
}

int mprotect_range(struct mm_struct *mm, unsigned long start,
		   unsigned long end, unsigned long prot)
{
	return protect_range(mm, find_vma(mm, start), start, end, prot);
}

static int mprotect_locked(struct mm_struct *mm, unsigned long start,
			   unsigned long end, unsigned long prot, bool grows)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	if (!vma)
		return -ENOMEM;
	if (grows) {
		if (vma->vm_start >= end)
			return -ENOMEM;
		start = vma->vm_start;
		if (!(vma->vm_flags & VM_GROWSDOWN))
			return -EINVAL;
	}
	return protect_range(mm, vma, start, end, prot);
}

/* pkey: -1, any other is a key that was never given out. */
static int do_mprotect_pkey(unsigned long start, size_t len,
			    unsigned long prot, int pkey)
{
	unsigned long grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
	struct mm_struct *mm = current->mm;
	unsigned long end;
	int err;

	prot &= ~(PROT_GROWSDOWN | PROT_GROWSUP);
	if (grows == (PROT_GROWSDOWN | PROT_GROWSUP))
		return -EINVAL;
	if (offset_in_page(start))
		return -EINVAL;
	if (!len)
		return 0;
	end = start + PAGE_ALIGN(len);
	if (end <= start)
		return -ENOMEM;
	if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM) ||
	    grows == PROT_GROWSUP || pkey != -1)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = mprotect_locked(mm, start, end, prot, grows);
	mmap_write_unlock(mm);
	return err;
}

SYSCALL_DEFINE3(mprotect, unsigned long, start, size_t, len,
		unsigned long, prot)
{
	return do_mprotect_pkey(start, len, prot, -1);
}

/* ---- protection keys: none, as on a CPU without PKU ---------------------- */

#define PKEY_ACCESS_MASK 3UL

SYSCALL_DEFINE4(pkey_mprotect, unsigned long, start, size_t, len,
		unsigned long, prot, int, pkey)
{
	return do_mprotect_pkey(start, len, prot, pkey);
}

SYSCALL_DEFINE2(pkey_alloc, unsigned long, flags, unsigned long, init_val)
{
	if (flags || init_val & ~PKEY_ACCESS_MASK)
		return -EINVAL;
	return -ENOSPC;
}

SYSCALL_DEFINE1(pkey_free, int, pkey)
{
	(void)pkey;
	return -EINVAL;
}
