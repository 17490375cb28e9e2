/* SPDX-License-Identifier: MIT */
/*
 * remap_file_pages.c -- other pages of the file in a window of a mapping
 *
 * Once meant for databases that show more of a file than they have addresses
 * for, without an area for each piece.  Linux emulates it since 4.0, and so do
 * we: the window becomes an area of its own, with the same file and rights.
 * Memory that is shared without a file (shmem_anon.c) has nothing that could be
 * mapped anew: its areas in the window are turned as they stand.
 *
 * LOCKING.  mmap_lock for writing.
 */

#include <fs/file.h>
#include <kernel/kernel.h>
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
		    next->vm_private_data != vma->vm_private_data ||
		    next->vm_flags != vma->vm_flags)
			return false;
	}
	return true;
}

/* The window is of shared memory without a file: it shows pgoff and on. */
static long turn_window(struct vm_area_struct *vma, unsigned long start,
			unsigned long end, unsigned long pgoff)
{
	while (start < end) {
		unsigned long stop = min(end, vma->vm_end);

		vma = vma_isolate(vma, start, stop);
		if (IS_ERR(vma))
			return PTR_ERR(vma);
		/* Reclaim finds the old pages by the old offset: they go first. */
		zap_page_range(vma, start, stop - start);
		vma_set_range(vma, start, stop, pgoff);
		vma = vma_merge_neighbours(vma);
		pgoff += (stop - start) >> PAGE_SHIFT;
		start = stop;
		if (vma->vm_end <= start)
			vma = vma_next(vma);
	}
	return 0;
}

static long remap_locked(unsigned long start, unsigned long size,
			 unsigned long pgoff, unsigned long flags,
			 unsigned long *populate)
{
	struct vm_area_struct *vma = vma_lookup(current->mm, start);
	unsigned long prot, addr;
	struct file *file;

	if (!vma || !(vma->vm_flags & VM_SHARED) ||
	    !window_is_uniform(vma, start + size))
		return -EINVAL;
	if (vma_is_shmem_anon(vma)) {
		*populate = flags & MAP_NONBLOCK ? 0 : size;
		return turn_window(vma, start, start + size, pgoff);
	}
	if (!vma->vm_file)
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
