/* SPDX-License-Identifier: MIT */
/*
 * remap_file_pages.c -- other pages of the file in a window of a mapping
 *
 * Once meant for databases that show more of a file than they have addresses
 * for, without an area for each piece.  Linux emulates it since 4.0, and so do
 * we: the window becomes an area of its own, with the same file and rights.
 *
 * LOCKING.  mmap_lock for writing.
 */

#include <fs/file.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <mm/filemap.h>

#include "internal.h"

/* Does one file, with one set of rights, stand behind all of the window? */
static bool window_is_uniform(struct vm_area_struct *vma, unsigned long end)
{
	struct vm_area_struct *next;

	for (; vma->vm_end < end; vma = next) {
		next = vma_next(vma);
		if (!next || next->vm_start != vma->vm_end ||
		    next->vm_file != vma->vm_file ||
		    next->vm_flags != vma->vm_flags)
			return false;
	}
	return true;
}

static long remap_locked(unsigned long start, unsigned long size,
			 unsigned long pgoff, unsigned long flags,
			 unsigned long *populate)
{
	struct vm_area_struct *vma = vma_lookup(current->mm, start);
	unsigned long prot, addr;
	struct file *file;

	if (!vma || !(vma->vm_flags & VM_SHARED) || !vma->vm_file ||
	    !window_is_uniform(vma, start + size))
		return -EINVAL;
	prot = vma->vm_flags & VM_RWX;
	flags = (flags & MAP_NONBLOCK) | MAP_SHARED | MAP_FIXED | MAP_POPULATE;
	if (vma->vm_flags & VM_LOCKED)
		flags |= MAP_LOCKED;
	/* The area goes, and the file must not go with it. */
	file = get_file(vma->vm_file);
	addr = do_mmap(file, start, size, prot, flags, pgoff, populate);
	fput(file);
	return IS_ERR((void *)addr) ? (long)addr : 0;
}

SYSCALL_DEFINE5(remap_file_pages, unsigned long, start, unsigned long, size,
		unsigned long, prot, unsigned long, pgoff,
		unsigned long, flags)
{
	struct mm_struct *mm = current->mm;
	unsigned long populate = 0;
	long err;

	if (prot)
		return -EINVAL;
	start &= PAGE_MASK;
	size &= PAGE_MASK;
	if (start + size <= start)
		return -EINVAL;
	if (pgoff + (size >> PAGE_SHIFT) < pgoff)
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = remap_locked(start, size, pgoff, flags, &populate);
	mmap_write_unlock(mm);
	if (populate)
		mm_populate(start, populate);
	return err;
}
