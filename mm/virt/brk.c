/* SPDX-License-Identifier: MIT */
/*
 * brk.c -- the heap: one area whose end a program moves
 *
 *	start_brk            brk
 *	   |                  |
 *	   [==================]              the area ends at the next page
 *	   ^ set by exec      ^ moved by brk(2), to any byte
 *
 * PROMISE.  brk(2) never fails as such: it returns the end that holds now.  So
 * brk(0) asks, and a caller sees a failure by the end not having moved.
 *
 * LOCKING.  mmap_lock for writing guards brk and start_brk.
 */

#include <kernel/export.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>

#include "internal.h"

/* Add zeroed memory at [addr, addr + len); page-aligned, in free room. */
static int do_brk(struct mm_struct *mm, unsigned long addr, unsigned long len,
		  unsigned long flags)
{
	unsigned long vm_flags = VM_DATA_FLAGS | mm->def_flags | flags;
	unsigned long pages = len >> PAGE_SHIFT;
	struct vm_area_struct *vma;

	if (len > TASK_SIZE || addr > TASK_SIZE - len || addr < mmap_min_addr)
		return -ENOMEM;
	if (mlock_future_check(mm, vm_flags, len))
		return -EAGAIN;
	if (do_munmap(mm, addr, len))
		return -ENOMEM;
	if (!may_expand_vm(mm, vm_flags, pages) ||
	    mm->map_count > sysctl_max_map_count)
		return -ENOMEM;
	if (vm_enough_memory(pages))
		return -ENOMEM;
	vma = vma_extend(mm, addr, addr + len, vm_flags);
	if (!vma) {
		vma = vm_area_alloc(mm);
		if (!vma) {
			vm_unacct_memory(pages);
			return -ENOMEM;
		}
		vma->vm_start = addr;
		vma->vm_end = addr + len;
		vma->vm_pgoff = addr >> PAGE_SHIFT;
		vma->vm_flags = vm_flags;
		vma_link(mm, vma);
	}
	vm_stat_account(mm, vm_flags, pages);
	if (vm_flags & VM_LOCKED)
		mm->locked_vm += pages;
	return 0;
}

int vm_brk_flags(unsigned long addr, unsigned long request, unsigned long flags)
{
	unsigned long len = PAGE_ALIGN(request);
	struct mm_struct *mm = current->mm;
	bool populate;
	int err;

	if (len < request)
		return -ENOMEM;
	if (!len)
		return 0;
	if (flags & ~VM_EXEC)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = do_brk(mm, addr, len, flags);
	populate = mm->def_flags & VM_LOCKED;
	mmap_write_unlock(mm);
	if (populate && !err)
		mm_populate(addr, len);
	return err;
}

/* Heap and initialised data together stay below RLIMIT_DATA. */
static bool within_data_limit(const struct mm_struct *mm, unsigned long brk)
{
	unsigned long limit = rlimit(RLIMIT_DATA);

	return limit == RLIM_INFINITY ||
	       (brk - mm->start_brk) + (mm->end_data - mm->start_data) <= limit;
}

/* Is there room for the heap up to `end`, and a page to spare? */
static bool heap_has_room(struct mm_struct *mm, unsigned long old,
			  unsigned long end)
{
	struct vm_area_struct *next = find_vma(mm, old);

	return !next || end + PAGE_SIZE <= vm_start_gap(next);
}

/* Move the end; true if it could be moved. */
static bool move_brk(struct mm_struct *mm, unsigned long brk, bool *populate)
{
	unsigned long old = PAGE_ALIGN(mm->brk), new = PAGE_ALIGN(brk);

	/* Beyond the top, PAGE_ALIGN() could wrap to 0: a very small heap. */
	if (brk < mm->start_brk || brk > mm->task_size ||
	    !within_data_limit(mm, brk))
		return false;
	if (new < old) {
		if (do_munmap(mm, new, old - new))
			return false;
	} else if (new > old) {
		if (!heap_has_room(mm, old, new) ||
		    do_brk(mm, old, new - old, 0))
			return false;
		*populate = mm->def_flags & VM_LOCKED;
	}
	mm->brk = brk;
	return true;
}

SYSCALL_DEFINE1(brk, unsigned long, brk)
{
	struct mm_struct *mm = current->mm;
	unsigned long old;
	bool populate = false;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	old = mm->brk;
	if (!move_brk(mm, brk, &populate))
		brk = old;
	mmap_write_unlock(mm);
	if (populate)
		mm_populate(PAGE_ALIGN(old), PAGE_ALIGN(brk) - PAGE_ALIGN(old));
	return brk;
}
