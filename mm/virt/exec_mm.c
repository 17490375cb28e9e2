/* SPDX-License-Identifier: MIT */
/*
 * exec_mm.c -- an address space that nobody runs in yet
 *
 * execve() fills the new address space while the old one is still in use: the
 * strings of argv and envp are on their way from one to the other.  So the
 * stack's first area is made in the new mm, and written through its pages, not
 * through the MMU:
 *
 *	mm_create_stack()      [p]                     one page below the top
 *	copy_to_mm() downwards [ppp]                   it grows like any stack
 *	setup_arg_pages()      [      ppp]             rights, 128 KiB of room
 *
 * LOCKING.  The new mm has one user, so nobody waits for its lock; it is taken
 * all the same, for the helpers assert it.
 */

#include <kernel/export.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/string.h>
#include <mm/filemap.h>
#include <mm/slab.h>

#include "internal.h"

#define STACK_ROOM (128UL << 10)
#define STACK_FLAGS (VM_DATA_FLAGS | VM_GROWSDOWN)

int mm_create_stack(struct mm_struct *mm, bool random)
{
	unsigned long top = random ? randomize_stack_top(STACK_TOP) : STACK_TOP;
	struct vm_area_struct *vma = vm_area_alloc(mm);
	int err;

	if (!vma)
		return -ENOMEM;
	vma->vm_end = top;
	vma->vm_start = top - PAGE_SIZE;
	vma->vm_flags = STACK_FLAGS;
	mmap_write_lock(mm);
	err = vm_enough_memory(1);
	if (err)
		goto out_free;
	err = insert_vm_struct(mm, vma);
	if (err)
		goto out_unacct;
	vm_stat_account(mm, vma->vm_flags, 1);
	mm->start_stack = top;
	mm->mmap_base = mmap_base_for(rlimit(RLIMIT_STACK), random);
	mmap_write_unlock(mm);
	return 0;

out_unacct:
	vm_unacct_memory(1);
out_free:
	mmap_write_unlock(mm);
	vm_area_free(vma);
	return err;
}
EXPORT_SYMBOL(mm_create_stack);

/* Let the stack reach down to addr, if addr is below it: 0 or -EFAULT. */
static int reach_down(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma;
	int err = 0;

	mmap_write_lock(mm);
	vma = find_vma(mm, addr);
	if (!vma || (vma->vm_start > addr && expand_stack(vma, addr)))
		err = -EFAULT;
	mmap_write_unlock(mm);
	return err;
}

int copy_to_mm(struct mm_struct *mm, unsigned long addr, const void *src,
	       size_t len)
{
	int err = reach_down(mm, addr);

	if (err)
		return err;
	if (access_remote_vm(mm, addr, (void *)src, len,
			     FOLL_WRITE | FOLL_FORCE) != (int)len)
		return fatal_signal_pending(current) ? -EINTR : -ENOMEM;
	return 0;
}
EXPORT_SYMBOL(copy_to_mm);

int setup_arg_pages(struct mm_struct *mm, unsigned long vm_flags)
{
	unsigned long size, limit = rlimit(RLIMIT_STACK) & PAGE_MASK;
	struct vm_area_struct *vma;
	int err = -EFAULT;

	mmap_write_lock(mm);
	vma = find_vma(mm, mm->start_stack - 1);
	if (!vma)
		goto out;
	vma->vm_flags |= vm_flags;
	size = vma->vm_end - vma->vm_start + STACK_ROOM;
	if (size > limit)
		size = limit;
	err = expand_stack(vma, vma->vm_end - size);
out:
	mmap_write_unlock(mm);
	return err ? -EFAULT : 0;
}
EXPORT_SYMBOL(setup_arg_pages);

/* ---- pages that the kernel gives to every process ------------------------ */

static vm_fault_t special_fault(struct vm_fault *vmf)
{
	const struct vm_special_mapping *spec = vmf->vma->vm_private_data;
	struct page **pages = spec->pages;
	unsigned long n = vmf->pgoff;

	while (n && *pages) {
		pages++;
		n--;
	}
	if (!*pages)
		return VM_FAULT_SIGBUS;
	get_page(*pages);
	vmf->page = *pages;
	return 0;
}

static const char *special_name(struct vm_area_struct *vma)
{
	const struct vm_special_mapping *spec = vma->vm_private_data;

	return spec->name;
}

static const struct vm_operations_struct special_ops = {
	.fault = special_fault,
	.name = special_name,
};

/* The area, or ERR_PTR(-ENOMEM); write lock held. */
struct vm_area_struct *_install_special_mapping(struct mm_struct *mm,
		unsigned long addr, unsigned long len, unsigned long flags,
		const struct vm_special_mapping *spec)
{
	struct vm_area_struct *vma = vm_area_alloc(mm);
	int err;

	if (!vma)
		return ERR_PTR(-ENOMEM);
	vma->vm_start = addr;
	vma->vm_end = addr + len;
	vma->vm_flags = flags | VM_DONTEXPAND;
	vma->vm_ops = &special_ops;
	vma->vm_private_data = (void *)spec;
	err = insert_vm_struct(mm, vma);
	if (err) {
		vm_area_free(vma);
		return ERR_PTR(err);
	}
	vm_stat_account(mm, vma->vm_flags, len >> PAGE_SHIFT);
	return vma;
}
EXPORT_SYMBOL(_install_special_mapping);
