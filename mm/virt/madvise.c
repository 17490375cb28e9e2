/* SPDX-License-Identifier: MIT */
/*
 * madvise.c -- what a program tells us about its future use of memory
 *
 * Three kinds of advice: hints that change no contents (accepted, some kept as
 * flags), orders that do (DONTNEED, FREE, POPULATE), and what fork and core
 * dumps shall do with an area.  A hole in the range does not stop the walk: the
 * areas behind it are advised too, and the call then returns -ENOMEM.
 *
 * MADV_FREE is lazy (madvise_free.c): the pages stay until memory is short.
 *
 * LOCKING.  mmap_lock for writing where flags change, else for reading.
 */

#include <kernel/sched.h>
#include <kernel/syscall.h>
#include <mm/filemap.h>

#include "internal.h"

static bool advice_is_known(int advice)
{
	switch (advice) {
	case MADV_NORMAL: case MADV_RANDOM: case MADV_SEQUENTIAL:
	case MADV_WILLNEED: case MADV_DONTNEED: case MADV_FREE:
	case MADV_DONTFORK: case MADV_DOFORK:
	case MADV_DONTDUMP: case MADV_DODUMP:
	case MADV_WIPEONFORK: case MADV_KEEPONFORK:
	case MADV_COLD: case MADV_PAGEOUT:
	case MADV_POPULATE_READ: case MADV_POPULATE_WRITE:
	case MADV_REMOVE: case MADV_DONTNEED_LOCKED:
		return true;
	default:
		return false;
	}
}

static bool advice_changes_flags(int advice)
{
	switch (advice) {
	case MADV_WILLNEED: case MADV_DONTNEED: case MADV_FREE:
	case MADV_COLD: case MADV_PAGEOUT:
	case MADV_REMOVE: case MADV_DONTNEED_LOCKED:
		return false;
	default:
		return true;
	}
}

/* The flags that vma shall have: 0, or -EINVAL if that cannot be. */
static int advised_flags(const struct vm_area_struct *vma, int advice,
			 unsigned long *flags)
{
	unsigned long f = vma->vm_flags;

	switch (advice) {
	case MADV_NORMAL:
		f &= ~(VM_SEQ_READ | VM_RAND_READ);
		break;
	case MADV_SEQUENTIAL:
		f = (f & ~VM_RAND_READ) | VM_SEQ_READ;
		break;
	case MADV_RANDOM:
		f = (f & ~VM_SEQ_READ) | VM_RAND_READ;
		break;
	case MADV_DONTFORK:
		f |= VM_DONTCOPY;
		break;
	case MADV_DOFORK:
		if (f & VM_IO)
			return -EINVAL;
		f &= ~VM_DONTCOPY;
		break;
	case MADV_WIPEONFORK:
		if (vma->vm_file || f & VM_SHARED)
			return -EINVAL;
		f |= VM_WIPEONFORK;
		break;
	case MADV_KEEPONFORK:
		f &= ~VM_WIPEONFORK;
		break;
	case MADV_DONTDUMP:
		f |= VM_DONTDUMP;
		break;
	case MADV_DODUMP:
		if (f & VM_SPECIAL)
			return -EINVAL;
		f &= ~VM_DONTDUMP;
		break;
	}
	*flags = f;
	return 0;
}

static int advise_flags(struct vm_area_struct *vma, unsigned long start,
			unsigned long end, int advice)
{
	unsigned long flags;
	int err = advised_flags(vma, advice, &flags);

	if (err || flags == vma->vm_flags)
		return err;
	vma = vma_isolate(vma, start, end);
	/* Linux: memory for a split is "try again", not "no such area". */
	if (IS_ERR(vma))
		return -EAGAIN;
	vma->vm_flags = flags;
	vma_merge_neighbours(vma);
	return 0;
}

/* Start to read [start, end); nobody waits.  Memory has nothing to read. */
static int will_need(struct vm_area_struct *vma, unsigned long start,
		     unsigned long end)
{
	struct file *file = vma->vm_file;

	if (!file || test_bit(AS_SWAPBACKED, &file->f_mapping->flags))
		return 0;
	force_page_cache_readahead(file->f_mapping, file,
				   linear_page_index(vma, start),
				   (end - start) >> PAGE_SHIFT);
	return 0;
}

/*
 * Punch a hole into the file, where [start, end) shows it.  mmap_lock is
 * dropped meanwhile: the file's own lock comes before it.
 */
static int remove_part(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end)
{
	struct mm_struct *mm = vma->vm_mm;
	struct file *file = vma->vm_file;
	loff_t offset;
	int err;

	if (vma->vm_flags & VM_LOCKED || !file || !file->f_mapping ||
	    !file->f_mapping->host)
		return -EINVAL;
	if ((vma->vm_flags & (VM_SHARED | VM_WRITE)) != (VM_SHARED | VM_WRITE))
		return -EACCES;
	offset = (loff_t)linear_page_index(vma, start) << PAGE_SHIFT;
	get_file(file);
	mmap_read_unlock(mm);
	err = vfs_fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			    offset, end - start);
	fput(file);
	mmap_read_lock(mm);
	return err;
}

static int advise_part(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end, int advice)
{
	switch (advice) {
	case MADV_FREE:
		if (!vma_is_anonymous(vma) || vma->vm_flags & VM_LOCKED)
			return -EINVAL;
		madvise_free(vma, start, end);
		return 0;
	case MADV_DONTNEED:
		if (vma->vm_flags & VM_LOCKED)
			return -EINVAL;
		fallthrough;
	case MADV_DONTNEED_LOCKED:
		if (vma->vm_flags & VM_PFNMAP)
			return -EINVAL;
		zap_page_range(vma, start, end - start);
		return 0;
	case MADV_COLD:
	case MADV_PAGEOUT:
		if (vma->vm_flags & (VM_LOCKED | VM_PFNMAP))
			return -EINVAL;
		madvise_cold(vma, start, end, advice == MADV_PAGEOUT);
		return 0;
	case MADV_REMOVE:
		return remove_part(vma, start, end);
	case MADV_WILLNEED:
		return will_need(vma, start, end);
	default:
		return advise_flags(vma, start, end, advice);
	}
}

static int advise_range(struct mm_struct *mm, unsigned long start,
			unsigned long end, int advice)
{
	struct vm_area_struct *vma;
	int err, hole = 0;

	while (start < end) {
		unsigned long stop;

		vma = find_vma(mm, start);
		if (!vma || vma->vm_start >= end)
			return -ENOMEM;
		if (vma->vm_start > start) {
			hole = -ENOMEM;
			start = vma->vm_start;
		}
		stop = vma->vm_end < end ? vma->vm_end : end;
		err = advise_part(vma, start, stop, advice);
		if (err)
			return err;
		start = stop;
	}
	return hole;
}

static int populate_range(struct mm_struct *mm, unsigned long start,
			  unsigned long end, int advice)
{
	bool write = advice == MADV_POPULATE_WRITE;
	struct page *page;

	for (; start < end; start += PAGE_SIZE) {
		struct vm_area_struct *vma;
		long n;

		if (fatal_signal_pending(current))
			return -EINTR;
		mmap_read_lock(mm);
		vma = vma_lookup(mm, start);
		if (!vma)
			n = -ENOMEM;
		else if (vma->vm_flags & (VM_IO | VM_PFNMAP) ||
			 !(vma->vm_flags & (write ? VM_WRITE : VM_READ)))
			n = -EINVAL;
		else
			n = get_user_pages_remote(mm, start, 1,
						  write ? FOLL_WRITE : 0,
						  &page);
		mmap_read_unlock(mm);
		if (n < 0)
			return n;
		put_page(page);
	}
	return 0;
}

int do_madvise(struct mm_struct *mm, unsigned long start, size_t len,
	       int advice)
{
	unsigned long end;
	int err;

	if (!advice_is_known(advice) || offset_in_page(start))
		return -EINVAL;
	if (len && !PAGE_ALIGN(len))
		return -EINVAL;
	end = start + PAGE_ALIGN(len);
	if (end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	if (advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE)
		return populate_range(mm, start, end, advice);
	if (!advice_changes_flags(advice)) {
		mmap_read_lock(mm);
		err = advise_range(mm, start, end, advice);
		mmap_read_unlock(mm);
		return err;
	}
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = advise_range(mm, start, end, advice);
	mmap_write_unlock(mm);
	return err;
}

SYSCALL_DEFINE3(madvise, unsigned long, start, size_t, len, int, advice)
{
	return do_madvise(current->mm, start, len, advice);
}
