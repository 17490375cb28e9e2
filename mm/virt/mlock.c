/* SPDX-License-Identifier: MIT */
/*
 * mlock.c -- memory that is present and stays so
 *
 * A locked area is marked (VM_LOCKED), counted against RLIMIT_MEMLOCK in
 * locked_vm, and made present before the call returns (unless VM_LOCKONFAULT
 * leaves that to the first touch).  Reclaim does not unmap from it
 * (rmap.c:unmap_one).  Its pages begin on the ordinary lists; the first scan
 * that meets one sets it aside (pageout.c:set_aside), or scans would do nothing
 * else when much is locked.  Unlocking brings them back, whoever else may have
 * locked them: the next scan finds that out.  A child of fork inherits no
 * locks.
 *
 * LOCKING.  mmap_lock for writing while areas are marked; populating takes it
 * for reading, page by page, since it may have to wait for a disk.
 */

#include <kernel/cred.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <mm/filemap.h>
#include <mm/pagewalk.h>
#include <mm/swap.h>

#include "internal.h"

bool can_do_mlock(void)
{
	return rlimit(RLIMIT_MEMLOCK) != 0 || capable(CAP_IPC_LOCK);
}

int mlock_future_check(struct mm_struct *mm, unsigned long flags,
		       unsigned long len)
{
	unsigned long locked = mm->locked_vm + (len >> PAGE_SHIFT);

	if (!(flags & VM_LOCKED))
		return 0;
	if (locked > rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT &&
	    !capable(CAP_IPC_LOCK))
		return -EAGAIN;
	return 0;
}

/* ---- making present ------------------------------------------------------ */

/* Touch one page as the area allows: 0 or -errno. */
static int populate_page(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma;
	struct page *page;
	long n;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	if (!vma) {
		n = -ENOMEM;
	} else if (vma->vm_flags & (VM_IO | VM_PFNMAP) ||
		   !vma_is_accessible(vma) || vma->vm_flags & VM_LOCKONFAULT) {
		n = 0;
	} else {
		/* Break COW now: a locked page must not fault later. */
		bool write = (vma->vm_flags & (VM_WRITE | VM_SHARED)) ==
			     VM_WRITE;

		n = get_user_pages_remote(mm, addr, 1,
					  FOLL_FORCE | (write ? FOLL_WRITE : 0),
					  &page);
		if (n == 1)
			put_page(page);
	}
	mmap_read_unlock(mm);
	return n < 0 ? n : 0;
}

int mm_populate_range(unsigned long start, unsigned long len,
		      bool ignore_errors)
{
	struct mm_struct *mm = current->mm;
	unsigned long addr;

	for (addr = start; addr < start + len; addr += PAGE_SIZE) {
		int err = populate_page(mm, addr);

		if (fatal_signal_pending(current))
			return -EINTR;
		if (err && !ignore_errors)
			return err;
	}
	return 0;
}

/* The table's lock orders us with set_aside(). */
static int release_entry(pte_t *ptep, unsigned long addr, struct mm_walk *walk)
{
	pte_t pte = ptep_get(ptep);
	struct page *page = pte_present(pte)
		? vm_normal_page(walk->vma, addr, pte) : NULL;

	if (page)
		make_evictable(page);
	return 0;
}

/* The pages of [start, end) are not locked by vma any more: its flag is
 * clear. */
static void release_locked(struct vm_area_struct *vma, unsigned long start,
			   unsigned long end)
{
	static const struct mm_walk_ops ops = { .pte_entry = release_entry };

	walk_page_range_vma(vma, start, end, &ops, NULL);
}

/* ---- marking ------------------------------------------------------------- */

static int lock_part(struct vm_area_struct **pvma, unsigned long start,
		     unsigned long end, unsigned long flags)
{
	struct vm_area_struct *vma = *pvma;
	long pages = (end - start) >> PAGE_SHIFT;
	bool was_locked = vma->vm_flags & VM_LOCKED;

	if (flags == vma->vm_flags || vma->vm_flags & VM_SPECIAL)
		return 0;
	vma = vma_isolate(vma, start, end);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	/* It may have been locked in the other way before. */
	pages *= !!(flags & VM_LOCKED) - was_locked;
	vma->vm_mm->locked_vm += pages;
	vma->vm_flags = flags;
	if (was_locked && !(flags & VM_LOCKED))
		release_locked(vma, start, end);
	*pvma = vma_merge_neighbours(vma);
	return 0;
}

#define LOCK_FLAGS (VM_LOCKED | VM_LOCKONFAULT)

/*
 * Lock or unlock all of [start, start + len): -ENOMEM at a hole.  lock: what of
 * LOCK_FLAGS the areas get.
 */
static int apply_lock(struct mm_struct *mm, unsigned long start,
		      unsigned long len, unsigned long lock)
{
	unsigned long end = start + len;
	struct vm_area_struct *vma;

	if (end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	vma = find_vma(mm, start);
	if (!vma || vma->vm_start > start)
		return -ENOMEM;
	while (start < end) {
		unsigned long stop, flags;
		int err;

		if (!vma || vma->vm_start > start)
			return -ENOMEM;
		stop = vma->vm_end < end ? vma->vm_end : end;
		flags = (vma->vm_flags & ~LOCK_FLAGS) | lock;
		err = lock_part(&vma, start, stop, flags);
		if (err)
			return err;
		start = stop;
		vma = find_vma(mm, start);
	}
	return 0;
}

/* Pages of the range that count as locked already. */
static unsigned long count_locked(struct mm_struct *mm, unsigned long start,
				  unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	unsigned long bytes = 0;

	for (; vma && vma->vm_start < end; vma = vma_next(vma)) {
		unsigned long from = vma->vm_start > start ? vma->vm_start
							   : start;
		unsigned long to = vma->vm_end < end ? vma->vm_end : end;

		if (vma->vm_flags & VM_LOCKED)
			bytes += to - from;
	}
	return bytes >> PAGE_SHIFT;
}

static int lock_range(struct mm_struct *mm, unsigned long start,
		      unsigned long len, unsigned long lock)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	unsigned long locked = mm->locked_vm + (len >> PAGE_SHIFT);

	if (locked > limit && !capable(CAP_IPC_LOCK)) {
		locked -= count_locked(mm, start, start + len);
		if (locked > limit)
			return -ENOMEM;
	}
	return apply_lock(mm, start, len, lock);
}

static int do_mlock(unsigned long start, size_t len, unsigned long lock)
{
	struct mm_struct *mm = current->mm;
	int err;

	if (!can_do_mlock())
		return -EPERM;
	len = PAGE_ALIGN(len + offset_in_page(start));
	start &= PAGE_MASK;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = lock_range(mm, start, len, lock);
	mmap_write_unlock(mm);
	if (err)
		return err;
	err = mm_populate_range(start, len, false);
	if (err == -EFAULT)
		return -ENOMEM;
	return err == -ENOMEM ? -EAGAIN : err;
}

SYSCALL_DEFINE2(mlock, unsigned long, start, size_t, len)
{
	return do_mlock(start, len, VM_LOCKED);
}

SYSCALL_DEFINE3(mlock2, unsigned long, start, size_t, len, int, flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return do_mlock(start, len, flags & MLOCK_ONFAULT ? LOCK_FLAGS
							  : VM_LOCKED);
}

SYSCALL_DEFINE2(munlock, unsigned long, start, size_t, len)
{
	struct mm_struct *mm = current->mm;
	int err;

	len = PAGE_ALIGN(len + offset_in_page(start));
	start &= PAGE_MASK;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = apply_lock(mm, start, len, 0);
	mmap_write_unlock(mm);
	return err;
}

static void lock_all_areas(struct mm_struct *mm, unsigned long lock)
{
	struct vm_area_struct *vma = find_vma(mm, 0);

	for (; vma; vma = vma_next(vma)) {
		unsigned long flags = (vma->vm_flags & ~LOCK_FLAGS) | lock;

		/* No cut is needed for a whole area, so this cannot fail. */
		lock_part(&vma, vma->vm_start, vma->vm_end, flags);
	}
}

SYSCALL_DEFINE1(mlockall, int, flags)
{
	struct mm_struct *mm = current->mm;
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	unsigned long lock = flags & MCL_ONFAULT ? LOCK_FLAGS : VM_LOCKED;

	if (!flags || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) ||
	    flags == MCL_ONFAULT)
		return -EINVAL;
	if (!can_do_mlock())
		return -EPERM;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	if (flags & MCL_CURRENT && mm->total_vm > limit &&
	    !capable(CAP_IPC_LOCK)) {
		mmap_write_unlock(mm);
		return -ENOMEM;
	}
	mm->def_flags = flags & MCL_FUTURE ? lock : 0;
	if (flags & MCL_CURRENT)
		lock_all_areas(mm, lock);
	mmap_write_unlock(mm);
	if (flags & MCL_CURRENT) {
		struct vm_area_struct *vma;
		unsigned long addr = 0, len = 0;

		/* Area by area: the lock is dropped while each is touched. */
		for (;;) {
			mmap_read_lock(mm);
			vma = find_vma(mm, addr + len);
			addr = vma ? vma->vm_start : 0;
			len = vma ? vma->vm_end - addr : 0;
			mmap_read_unlock(mm);
			if (!vma || fatal_signal_pending(current))
				break;
			mm_populate(addr, len);
		}
	}
	return 0;
}

SYSCALL_DEFINE0(munlockall)
{
	struct mm_struct *mm = current->mm;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	mm->def_flags = 0;
	lock_all_areas(mm, 0);
	mmap_write_unlock(mm);
	return 0;
}
