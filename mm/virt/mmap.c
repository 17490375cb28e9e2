/* SPDX-License-Identifier: MIT */
/*
 * mmap.c -- making and removing mappings, and the heap
 *
 * PROMISE.  mmap(2), munmap(2) and brk(2) with Linux's checks in Linux's order,
 * so that every mistake gets the errno that it gets there.
 *
 * IDEA.  Mapping is bookkeeping: an area enters the tree, no page is touched.
 * Unmapping cuts areas at the borders of the range, empties their page tables,
 * and frees what lies inside:
 *
 *	areas     [ a         ][ b ]   [ c        ]
 *	munmap            [===============]
 *	after     [ a ]                    [ c'   ]     b gone, two cuts
 *
 * INVARIANTS:
 *   I1  After munmap no area and no entry is left in the range.
 *   I2  total_vm and its parts equal the sums over the areas.
 *   I3  What is promised (VM_ACCOUNT) is given back once.
 *
 * LOCKING.  mmap_lock for writing.  A mapping's file is released (fput) under
 * it: releasing is deferred to the return to user mode, so no file system code
 * runs here.
 *
 * SEE docs/13-address-spaces.md.
 */

#include <kernel/export.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/uprobes.h>
#include <mm/filemap.h>

#include "internal.h"

/* ---- accounting ---------------------------------------------------------- */

static bool is_data_mapping(unsigned long vm_flags)
{
	return (vm_flags & (VM_WRITE | VM_SHARED | VM_STACK)) == VM_WRITE;
}

bool may_expand_vm(struct mm_struct *mm, unsigned long vm_flags,
		   unsigned long pages)
{
	if (mm->total_vm + pages > rlimit(RLIMIT_AS) >> PAGE_SHIFT)
		return false;
	return !is_data_mapping(vm_flags) ||
	       mm->data_vm + pages <= rlimit(RLIMIT_DATA) >> PAGE_SHIFT;
}

void vm_stat_account(struct mm_struct *mm, unsigned long vm_flags, long pages)
{
	mm->total_vm += pages;
	if ((vm_flags & (VM_EXEC | VM_WRITE | VM_STACK)) == VM_EXEC)
		mm->exec_vm += pages;
	else if (vm_flags & VM_STACK)
		mm->stack_vm += pages;
	else if (is_data_mapping(vm_flags))
		mm->data_vm += pages;
	if (mm->hiwater_vm < mm->total_vm)
		mm->hiwater_vm = mm->total_vm;
}

/* ---- removing ------------------------------------------------------------ */

/* Cut the areas at both ends of the range, which intersects `first`. */
static int cut_at_borders(struct mm_struct *mm, struct vm_area_struct *first,
			  unsigned long start, unsigned long end)
{
	struct vm_area_struct *last;
	int err;

	if (start > first->vm_start) {
		/* A hole in the middle costs one area more than it frees. */
		if (end < first->vm_end &&
		    mm->map_count >= sysctl_max_map_count)
			return -ENOMEM;
		err = __split_vma(mm, first, start, true);
		if (err)
			return err;
	}
	last = vma_lookup(mm, end - 1);
	if (last && last->vm_end > end)
		return __split_vma(mm, last, end, true);
	return 0;
}

static void account_removal(struct mm_struct *mm, struct vm_area_struct *vma)
{
	unsigned long pages = vma_pages(vma);

	vm_stat_account(mm, vma->vm_flags, -(long)pages);
	if (vma->vm_flags & VM_LOCKED)
		mm->locked_vm -= pages;
	if (vma->vm_flags & VM_ACCOUNT)
		vm_unacct_memory(pages);                           /* I3 */
}

/* Take the whole areas inside [start, end) out; their pages are zapped. */
static void detach_areas(struct mm_struct *mm, unsigned long start,
			 unsigned long end, struct list_head *gone)
{
	struct vm_area_struct *vma = find_vma(mm, start), *next;

	for (; vma && vma->vm_start < end; vma = next) {
		next = vma_next(vma);
		account_removal(mm, vma);
		vma_unlink(vma);
		list_add_tail(&vma->vm_list, gone);
	}
}

/*
 * Zap, detach, free tables, flush: in this order.  While the areas are on their
 * files' lists, a truncation can still find the entries; tables go only when
 * nobody can walk them any more.
 */
static void unmap_region(struct mm_struct *mm, unsigned long start,
			 unsigned long end)
{
	struct vm_area_struct *vma, *next, *prev;
	struct mmu_gather tlb;
	LIST_HEAD(gone);

	update_hiwater_rss(mm);
	tlb_gather_mmu(&tlb, mm);
	for (vma = find_vma(mm, start); vma && vma->vm_start < end;
	     vma = vma_next(vma))
		unmap_page_range(&tlb, vma, vma->vm_start, vma->vm_end, NULL);
	detach_areas(mm, start, end, &gone);

	next = find_vma(mm, start);
	prev = next ? vma_prev(next) :
	       list_empty(&mm->mmap) ? NULL :
	       list_last_entry(&mm->mmap, struct vm_area_struct, vm_list);
	free_pgd_range(&tlb, start, end, prev ? prev->vm_end : 0,
		       next ? next->vm_start : 0);
	tlb_finish_mmu(&tlb);
	list_for_each_entry_safe(vma, next, &gone, vm_list)
		vma_release(vma);
}

int do_munmap(struct mm_struct *mm, unsigned long start, size_t len)
{
	struct vm_area_struct *vma;
	unsigned long end;
	int err;

	if (offset_in_page(start) || start > TASK_SIZE ||
	    len > TASK_SIZE - start)
		return -EINVAL;
	len = PAGE_ALIGN(len);
	end = start + len;
	if (!len)
		return -EINVAL;
	vma = find_vma_intersection(mm, start, end);
	if (!vma)
		return 0;
	err = cut_at_borders(mm, vma, start, end);
	if (err)
		return err;
	unmap_region(mm, start, end);
	return 0;
}

int vm_munmap(unsigned long start, size_t len)
{
	struct mm_struct *mm = current->mm;
	int err;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	err = do_munmap(mm, start, len);
	mmap_write_unlock(mm);
	return err;
}
EXPORT_SYMBOL(vm_munmap);

SYSCALL_DEFINE2(munmap, unsigned long, addr, size_t, len)
{
	return vm_munmap(addr, len);
}

/* ---- making -------------------------------------------------------------- */

static unsigned long count_overlap(struct mm_struct *mm, unsigned long addr,
				   unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, addr);
	unsigned long bytes = 0;

	for (; vma && vma->vm_start < end; vma = vma_next(vma)) {
		unsigned long from = vma->vm_start > addr ? vma->vm_start : addr;
		unsigned long to = vma->vm_end < end ? vma->vm_end : end;

		bytes += to - from;
	}
	return bytes >> PAGE_SHIFT;
}

/* Connect a filled-in area with what backs it. */
static int attach_backer(struct vm_area_struct *vma, struct file *file)
{
	int err;

	if (!file)
		return vma->vm_flags & VM_SHARED ? shmem_zero_setup(vma) : 0;
	vma->vm_file = get_file(file);
	err = file->f_op->mmap(file, vma);
	if (err) {
		vma->vm_file = NULL;
		fput(file);
	}
	return err;
}

/* The range is free and the limits allow it: make the area. */
static int create_area(struct mm_struct *mm, struct file *file,
		       unsigned long addr, unsigned long len,
		       unsigned long vm_flags, unsigned long pgoff)
{
	struct vm_area_struct *vma;
	int err;

	if (!file && !(vm_flags & VM_SHARED) &&
	    vma_extend(mm, addr, addr + len, vm_flags))
		return 0;
	vma = vm_area_alloc(mm);
	if (!vma)
		return -ENOMEM;
	vma->vm_start = addr;
	vma->vm_end = addr + len;
	vma->vm_flags = vm_flags;
	vma->vm_pgoff = pgoff;
	err = attach_backer(vma, file);
	if (err) {
		/* A driver may have entered pages before it failed. */
		if (file)
			zap_page_range(vma, addr, len);
		vm_area_free(vma);
		return err;
	}
	vma_link(mm, vma);
	vma_merge_neighbours(vma);
	return 0;
}

static unsigned long mmap_region(struct file *file, unsigned long addr,
				 unsigned long len, unsigned long vm_flags,
				 unsigned long pgoff)
{
	unsigned long pages = len >> PAGE_SHIFT;
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int err;

	if (!may_expand_vm(mm, vm_flags, pages) &&
	    !may_expand_vm(mm, vm_flags,
			   pages - count_overlap(mm, addr, addr + len)))
		return -ENOMEM;
	if (do_munmap(mm, addr, len))
		return -ENOMEM;
	if (accountable_mapping(vm_flags)) {
		if (vm_enough_memory(pages))
			return -ENOMEM;
		vm_flags |= VM_ACCOUNT;
	}
	err = create_area(mm, file, addr, len, vm_flags, pgoff);
	if (err) {
		if (vm_flags & VM_ACCOUNT)
			vm_unacct_memory(pages);
		return err;
	}
	vma = vma_lookup(mm, addr);
	vm_stat_account(mm, vma->vm_flags, pages);                 /* I2 */
	if (vma->vm_flags & VM_LOCKED) {
		if (vma->vm_flags & VM_SPECIAL)
			vma->vm_flags &= ~VM_LOCKED;
		else
			mm->locked_vm += pages;
	}
	if (file)
		uprobe_mmap(vma);
	return addr;
}

/* Rights and kind of a file mapping, as open mode and mount allow them. */
static int check_file_mapping(struct file *file, unsigned long prot,
			      unsigned long flags, unsigned long *vm_flags)
{
	switch (flags & MAP_TYPE) {
	case MAP_SHARED:
		flags &= LEGACY_MAP_MASK;
		fallthrough;
	case MAP_SHARED_VALIDATE:
		if (flags & ~LEGACY_MAP_MASK)
			return -EOPNOTSUPP;
		if (prot & PROT_WRITE && !(file->f_mode & FMODE_WRITE))
			return -EACCES;
		if (IS_APPEND(file_inode(file)) && file->f_mode & FMODE_WRITE)
			return -EACCES;
		*vm_flags |= VM_SHARED | VM_MAYSHARE;
		if (!(file->f_mode & FMODE_WRITE))
			*vm_flags &= ~(VM_MAYWRITE | VM_SHARED);
		fallthrough;
	case MAP_PRIVATE:
		break;
	default:
		return -EINVAL;
	}
	if (!(file->f_mode & FMODE_READ))
		return -EACCES;
	if (file->f_path.mnt && file->f_path.mnt->mnt_flags & MNT_NOEXEC) {
		if (*vm_flags & VM_EXEC)
			return -EPERM;
		*vm_flags &= ~VM_MAYEXEC;
	}
	if (!file->f_op->mmap)
		return -ENODEV;
	return *vm_flags & VM_GROWSDOWN ? -EINVAL : 0;
}

static int check_anon_mapping(unsigned long addr, unsigned long flags,
			      unsigned long *vm_flags, unsigned long *pgoff)
{
	switch (flags & MAP_TYPE) {
	case MAP_SHARED:
		if (*vm_flags & VM_GROWSDOWN)
			return -EINVAL;
		*pgoff = 0;
		*vm_flags |= VM_SHARED | VM_MAYSHARE;
		return 0;
	case MAP_PRIVATE:
		*pgoff = addr >> PAGE_SHIFT;
		return 0;
	default:
		return -EINVAL;
	}
}

/* mmap's prot and flags as VM_* (the low three are the same bits). */
static unsigned long calc_vm_flags(struct mm_struct *mm, unsigned long prot,
				   unsigned long flags)
{
	unsigned long vm_flags = prot & VM_RWX;

	if (flags & MAP_GROWSDOWN)
		vm_flags |= VM_GROWSDOWN;
	if (flags & MAP_LOCKED)
		vm_flags |= VM_LOCKED;
	if (flags & MAP_NORESERVE)
		vm_flags |= VM_NORESERVE;
	return vm_flags | mm->def_flags | VM_MAYRWX;
}

/* Offsets must stay representable, as bytes too: loff_t is signed. */
static bool offset_fits(unsigned long pgoff, unsigned long len)
{
	unsigned long max = (unsigned long)S64_MAX >> PAGE_SHIFT;
	unsigned long pages = len >> PAGE_SHIFT;

	return pages <= max && pgoff <= max - pages;
}

static unsigned long check_and_map(struct file *file, unsigned long addr,
				   unsigned long len, unsigned long prot,
				   unsigned long flags, unsigned long pgoff)
{
	struct mm_struct *mm = current->mm;
	unsigned long vm_flags = calc_vm_flags(mm, prot, flags);
	int err;

	if (flags & MAP_LOCKED && !can_do_mlock())
		return -EPERM;
	if (mlock_future_check(mm, vm_flags, len))
		return -EAGAIN;
	if (file && !offset_fits(pgoff, len))
		return -EOVERFLOW;
	err = file ? check_file_mapping(file, prot, flags, &vm_flags)
		   : check_anon_mapping(addr, flags, &vm_flags, &pgoff);
	if (err)
		return err;
	return mmap_region(file, addr, len, vm_flags, pgoff);
}

unsigned long do_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags,
		      unsigned long pgoff, unsigned long *populate)
{
	struct mm_struct *mm = current->mm;

	*populate = 0;
	if (!len)
		return -EINVAL;
	if (flags & MAP_FIXED_NOREPLACE)
		flags |= MAP_FIXED;
	if (!(flags & MAP_FIXED) && addr && (addr & PAGE_MASK) < mmap_min_addr)
		addr = PAGE_ALIGN(mmap_min_addr);
	len = PAGE_ALIGN(len);
	if (!len)
		return -ENOMEM;
	if (pgoff + (len >> PAGE_SHIFT) < pgoff)
		return -EOVERFLOW;
	if (mm->map_count > sysctl_max_map_count)
		return -ENOMEM;
	addr = get_unmapped_area(file, addr, len, pgoff, flags);
	if (IS_ERR((void *)addr))
		return addr;
	if (flags & MAP_FIXED_NOREPLACE &&
	    find_vma_intersection(mm, addr, addr + len))
		return -EEXIST;
	addr = check_and_map(file, addr, len, prot, flags, pgoff);
	if (!IS_ERR((void *)addr) &&
	    (vma_lookup(mm, addr)->vm_flags & VM_LOCKED ||
	     (flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE))
		*populate = len;
	return addr;
}

unsigned long vm_mmap_pgoff(struct file *file, unsigned long addr,
			    unsigned long len, unsigned long prot,
			    unsigned long flags, unsigned long pgoff)
{
	struct mm_struct *mm = current->mm;
	unsigned long populate;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	addr = do_mmap(file, addr, len, prot, flags, pgoff, &populate);
	mmap_write_unlock(mm);
	if (populate)
		mm_populate(addr, populate);
	return addr;
}
EXPORT_SYMBOL(vm_mmap_pgoff);

unsigned long vm_mmap(struct file *file, unsigned long addr, unsigned long len,
		      unsigned long prot, unsigned long flags,
		      unsigned long offset)
{
	if (offset + PAGE_ALIGN(len) < offset || offset_in_page(offset))
		return -EINVAL;
	return vm_mmap_pgoff(file, addr, len, prot, flags,
			     offset >> PAGE_SHIFT);
}
EXPORT_SYMBOL(vm_mmap);
