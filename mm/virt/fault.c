/* SPDX-License-Identifier: MIT */
/*
 * fault.c -- what happens when the CPU finds no translation
 *
 * PROMISE.  A program sees its areas as if all their pages had always been
 * there.  A page is made when it is first touched; an access that no area
 * allows is a signal with the right code and address, never an oops.
 *
 * IDEA.  The areas are the truth, the page tables a cache of it.  The trap
 * asks the areas whether the access is allowed, and if so fills the cache:
 *
 *	no area                        SIGSEGV, SEGV_MAPERR
 *	below a stack area             grow it, within RLIMIT_STACK
 *	area forbids                   SIGSEGV, SEGV_ACCERR
 *	entry empty, anonymous         zeroes        do_anonymous_page (anon.c)
 *	entry empty, file              page cache    do_fault (file_fault.c)
 *	entry names a swap slot        read it       do_swap_page (swap_fault.c)
 *	entry read-only, write         copy          do_wp_page (cow.c)
 *	entry allows it                another CPU was faster: set A, D; go on
 *
 * The entry is read without its lock to choose the case; whoever then acts
 * takes the lock and looks again (pte_same).  If it changed, the fault is over:
 * the instruction runs again and faults again if it must.
 *
 * LOCKING.  mmap_lock for reading, so that areas stay; dropped before a signal
 * is sent.  Growing a stack changes an area, so that takes the lock for writing
 * and downgrades it.  Order: mmap_lock, page lock, page_table_lock.
 *
 * RACES.  Two threads fault on one page:
 *
 *	A: sees an empty entry            B: sees an empty entry
 *	A: allocates a frame              B: allocates a frame
 *	A: locks, still empty, enters it
 *	                                  B: locks, no longer empty: frees its
 *	                                     own frame and returns
 *
 * SEE docs/14-page-faults-and-cow.md.
 *
 * EXERCISES.  1. Why must a handler not hold a spinlock when it reads user
 * memory?  2. What would a program see if B entered its frame after all?
 */

#include <arch/ptrace.h>
#include <kernel/export.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/trace_events.h>
#include <mm/filemap.h>
#include <mm/vmstat.h>

#include "internal.h"

/* ---- a stack grows ------------------------------------------------------- */

static bool stack_may_grow(struct vm_area_struct *vma, unsigned long start)
{
	unsigned long size = vma->vm_end - start;
	unsigned long grow = (vma->vm_start - start) >> PAGE_SHIFT;
	struct mm_struct *mm = vma->vm_mm;

	if (size > rlimit(RLIMIT_STACK))
		return false;
	if (!may_expand_vm(mm, vma->vm_flags, grow))
		return false;
	if (mlock_future_check(mm, vma->vm_flags, grow << PAGE_SHIFT))
		return false;
	return true;
}

int expand_stack(struct vm_area_struct *vma, unsigned long address)
{
	struct vm_area_struct *prev = vma_prev(vma);
	unsigned long start = address & PAGE_MASK, grow;
	struct mm_struct *mm = vma->vm_mm;

	if (start >= vma->vm_start)
		return 0;
	if (!(vma->vm_flags & VM_GROWSDOWN) || start < mmap_min_addr)
		return -EPERM;
	/* Keep the gap, so that no stack runs silently into a mapping. */
	if (prev && !(prev->vm_flags & VM_GROWSDOWN) &&
	    vma_is_accessible(prev) && start - prev->vm_end < STACK_GUARD_GAP)
		return -ENOMEM;
	if (prev && prev->vm_end > start)
		return -ENOMEM;
	if (!stack_may_grow(vma, start))
		return -ENOMEM;
	grow = (vma->vm_start - start) >> PAGE_SHIFT;
	if (vma->vm_flags & VM_ACCOUNT && vm_enough_memory(grow))
		return -ENOMEM;
	if (grow > vma->vm_pgoff) {
		if (vma->vm_flags & VM_ACCOUNT)
			vm_unacct_memory(grow);
		return -ENOMEM;
	}
	vma_set_range(vma, start, vma->vm_end, vma->vm_pgoff - grow);
	vm_stat_account(mm, vma->vm_flags, grow);
	if (vma->vm_flags & VM_LOCKED)
		mm->locked_vm += grow;
	return 0;
}

/* ---- one fault in a known area ------------------------------------------- */

/* The entry allows less than the area: give it what is missing. */
static vm_fault_t fix_present_entry(struct vm_fault *vmf)
{
	struct mm_struct *mm = vmf->vma->vm_mm;
	spinlock_t *ptl = pte_lockptr(mm, vmf->pmd);
	pte_t *ptep = pte_offset_map(vmf->pmd, vmf->address);
	pte_t entry = vmf->orig_pte;

	spin_lock(ptl);
	if (!pte_same(ptep_get(ptep), entry))
		goto out;
	if (vmf->flags & FAULT_FLAG_WRITE) {
		if (!pte_write(entry))
			return do_wp_page(vmf, ptep, ptl);
		entry = pte_mkdirty(entry);
	}
	entry = pte_mkyoung(entry);
	if (!ptep_set_access_flags(vmf->vma, vmf->address, ptep, entry,
				   vmf->flags & FAULT_FLAG_WRITE))
		flush_tlb_fix_spurious_fault(vmf->vma, vmf->address);
out:
	pte_unmap_unlock(ptep, ptl);
	return 0;
}

static vm_fault_t handle_pte_fault(struct vm_fault *vmf)
{
	if (pmd_none(*vmf->pmd))
		vmf->orig_pte = __pte(0);
	else
		vmf->orig_pte = ptep_get(pte_offset_map(vmf->pmd,
							vmf->address));
	if (pte_none(vmf->orig_pte))
		return vma_is_anonymous(vmf->vma) ? do_anonymous_page(vmf)
						  : do_fault(vmf);
	if (!pte_present(vmf->orig_pte))
		return do_swap_page(vmf);
	return fix_present_entry(vmf);
}

vm_fault_t handle_mm_fault(struct vm_area_struct *vma, unsigned long address,
			   unsigned int flags)
{
	struct vm_fault vmf = {
		.vma = vma, .flags = flags, .address = address & PAGE_MASK,
		.pgoff = linear_page_index(vma, address & PAGE_MASK),
	};

	count_vm_event(PGFAULT);
	vmf.pmd = walk_alloc_pmd(vma->vm_mm, address);
	if (!vmf.pmd)
		return VM_FAULT_OOM;
	return handle_pte_fault(&vmf);
}
EXPORT_SYMBOL(handle_mm_fault);

/* ---- from the trap ------------------------------------------------------- */

static bool access_forbidden(const struct vm_area_struct *vma,
			     unsigned int flags)
{
	if (flags & FAULT_FLAG_WRITE)
		return !(vma->vm_flags & VM_WRITE);
	if (flags & FAULT_FLAG_INSTRUCTION)
		return !(vma->vm_flags & VM_EXEC);
	return !(vma->vm_flags & VM_ACCESS_FLAGS);
}

/*
 * The area of an address below a stack, grown; with the lock held for reading
 * again.  NULL if nothing grows there.
 */
static struct vm_area_struct *grow_to(struct mm_struct *mm,
				      unsigned long address)
{
	struct vm_area_struct *vma;

	mmap_read_unlock(mm);
	mmap_write_lock(mm);
	vma = find_vma(mm, address);
	if (vma && vma->vm_start > address && expand_stack(vma, address))
		vma = NULL;
	mmap_write_downgrade(mm);
	return vma;
}

/* All but the signals: mmap_lock is held on entry and on return. */
static vm_fault_t fault_in_mm(struct mm_struct *mm, unsigned long address,
			      unsigned int flags)
{
	struct vm_area_struct *vma = find_vma(mm, address);

	if (vma && vma->vm_start > address)
		vma = vma->vm_flags & VM_GROWSDOWN ? grow_to(mm, address)
						   : NULL;
	if (!vma)
		return VM_FAULT_BADMAP;
	if (access_forbidden(vma, flags))
		return VM_FAULT_BADACCESS;
	return handle_mm_fault(vma, address, flags);
}

static void signal_fault(vm_fault_t fault, unsigned long address)
{
	void __user *addr = (void __user *)address;

	if (fault & VM_FAULT_OOM) {
		/* The allocator has asked the OOM killer already. */
		if (!fatal_signal_pending(current))
			force_sig(SIGKILL);
		return;
	}
	if (fault & VM_FAULT_SIGBUS)
		force_sig_fault(SIGBUS, BUS_ADRERR, addr);
	else if (fault & VM_FAULT_BADACCESS)
		force_sig_fault(SIGSEGV, SEGV_ACCERR, addr);
	else
		force_sig_fault(SIGSEGV, SEGV_MAPERR, addr);
}

int mm_handle_fault(struct pt_regs *regs, unsigned long address,
		    unsigned int flags)
{
	struct mm_struct *mm = current->mm;
	vm_fault_t fault;

	trace_page_fault(address, regs->ip, flags);
	if (!mm)
		return -EFAULT;
	mmap_read_lock(mm);
	fault = fault_in_mm(mm, address, flags);
	mmap_read_unlock(mm);

	if (fault & VM_FAULT_MAJOR) {
		current->maj_flt++;
		count_vm_event(PGMAJFAULT);
	} else if (!(fault & VM_FAULT_ERROR)) {
		current->min_flt++;
	}
	if (likely(!(fault & VM_FAULT_ERROR)))
		return 0;
	if (!(flags & FAULT_FLAG_USER))
		return -EFAULT;
	signal_fault(fault, address);
	return 0;
}
