/* SPDX-License-Identifier: MIT */
/*
 * mincore.c -- which pages are in memory, and writing mappings back
 *
 * mincore(2) reports what is mapped or, for a file, in the page cache.  The
 * vector is filled through a page of the kernel's own, for the lock must not be
 * held while user memory is written: the fault would take it again.
 *
 * msync(2) asks the file to write a range.  Stores through a shared mapping are
 * in the page cache at once; whether they are on a disk is the file's affair.
 */

#include <arch/uaccess.h>
#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <mm/filemap.h>
#include <mm/slab.h>

#include "internal.h"

static bool page_in_cache(struct vm_area_struct *vma, unsigned long addr)
{
	struct page *page;
	bool uptodate;

	if (!vma->vm_file)
		return false;
	page = find_get_page(vma->vm_file->f_mapping,
			     linear_page_index(vma, addr));
	if (!page)
		return false;
	uptodate = PageUptodate(page);
	put_page(page);
	return uptodate;
}

static bool page_is_present(struct vm_area_struct *vma, unsigned long addr)
{
	spinlock_t *ptl;
	pte_t *ptep = walk_to_pte_locked(vma->vm_mm, addr, &ptl);
	bool present = false;

	if (ptep) {
		present = pte_present(ptep_get(ptep));
		pte_unmap_unlock(ptep, ptl);
	}
	return present || page_in_cache(vma, addr);
}

/*
 * Whether others' pages are cached is a secret that a cache attack could use:
 * only who may write to the file is told; the rest hear that all is there.
 */
static bool may_look_into(struct vm_area_struct *vma)
{
	struct file *file = vma->vm_file;

	if (!file || file->f_mode & FMODE_WRITE)
		return true;
	return inode_owner_or_capable(file_inode(file)) ||
	       !file_permission(file, MAY_WRITE);
}

/* Fill vec for up to `pages` pages; how many, or -ENOMEM at a hole. */
static long do_mincore(unsigned long addr, unsigned long pages,
		       unsigned char *vec)
{
	struct vm_area_struct *vma = vma_lookup(current->mm, addr);
	bool may = vma && may_look_into(vma);
	unsigned long n;

	if (!vma)
		return -ENOMEM;
	for (n = 0; n < pages && addr < vma->vm_end; n++, addr += PAGE_SIZE)
		vec[n] = !may || page_is_present(vma, addr);
	return n;
}

SYSCALL_DEFINE3(mincore, unsigned long, start, size_t, len,
		unsigned char __user *, vec)
{
	struct mm_struct *mm = current->mm;
	unsigned long pages = PAGE_ALIGN(len) >> PAGE_SHIFT;
	unsigned char *buf;
	long n = 0;

	if (offset_in_page(start))
		return -EINVAL;
	if (!access_ok((void __user *)start, len))
		return -ENOMEM;
	if (!access_ok(vec, pages))
		return -EFAULT;
	buf = (unsigned char *)__get_free_page(GFP_USER);
	if (!buf)
		return -EAGAIN;
	while (pages && n >= 0) {
		mmap_read_lock(mm);
		n = do_mincore(start, pages < PAGE_SIZE ? pages : PAGE_SIZE,
			       buf);
		mmap_read_unlock(mm);
		if (n <= 0)
			break;
		if (copy_to_user(vec, buf, n)) {
			n = -EFAULT;
			break;
		}
		pages -= n;
		vec += n;
		start += (unsigned long)n << PAGE_SHIFT;
	}
	free_page((unsigned long)buf);
	return n < 0 ? n : 0;
}

/* Ask the file behind [start, end) of vma; the lock is dropped meanwhile. */
static int sync_part(struct mm_struct *mm, struct vm_area_struct *vma,
		     unsigned long start, unsigned long end)
{
	struct file *file = get_file(vma->vm_file);
	loff_t from = (loff_t)linear_page_index(vma, start) << PAGE_SHIFT;
	int err = 0;

	mmap_read_unlock(mm);
	if (file->f_op->fsync)
		err = file->f_op->fsync(file, from, from + (end - start) - 1, 1);
	fput(file);
	mmap_read_lock(mm);
	return err;
}

static int msync_range(struct mm_struct *mm, unsigned long start,
		       unsigned long end, int flags)
{
	int err, hole = 0;

	while (start < end) {
		struct vm_area_struct *vma = find_vma(mm, start);
		unsigned long stop;

		if (!vma || vma->vm_start >= end)
			return -ENOMEM;
		if (vma->vm_start > start) {
			if (flags == MS_ASYNC)
				return -ENOMEM;
			start = vma->vm_start;
			hole = -ENOMEM;
		}
		if (flags & MS_INVALIDATE && vma->vm_flags & VM_LOCKED)
			return -EBUSY;
		stop = vma->vm_end < end ? vma->vm_end : end;
		if (flags & MS_SYNC && vma->vm_file &&
		    vma->vm_flags & VM_SHARED) {
			err = sync_part(mm, vma, start, stop);
			if (err)
				return err;
		}
		start = stop;
	}
	return hole;
}

SYSCALL_DEFINE3(msync, unsigned long, start, size_t, len, int, flags)
{
	struct mm_struct *mm = current->mm;
	unsigned long end;
	int err;

	if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) ||
	    offset_in_page(start))
		return -EINVAL;
	if (flags & MS_ASYNC && flags & MS_SYNC)
		return -EINVAL;
	end = start + PAGE_ALIGN(len);
	if (end < start)
		return -ENOMEM;
	if (end == start)
		return 0;
	mmap_read_lock(mm);
	err = msync_range(mm, start, end, flags);
	mmap_read_unlock(mm);
	return err;
}
