/* SPDX-License-Identifier: MIT */
/*
 * task_pages.c -- a process's pages: /proc/PID/{mem,pagemap,clear_refs}
 *
 * mem is its memory as a file: the offset is the address.  pagemap has eight
 * bytes a page: where it is.  Writing to clear_refs makes all pages look
 * unused, so that `Referenced` in smaps says what was used since.
 *
 * The address space is that of the opening: a later exec() does not change what
 * an open file shows, and it shows nothing once the process has left it.
 *
 * SEE proc(5); Linux's admin-guide/mm/pagemap.rst.
 */

#include "internal.h"

#include <arch/tlb.h>
#include <arch/uaccess.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/pagewalk.h>
#include <mm/slab.h>
#include <mm/swapops.h>

#define PM_EXCLUSIVE (1UL << 56)
#define PM_FILE (1UL << 61)
#define PM_SWAP (1UL << 62)
#define PM_PRESENT (1UL << 63)
#define PM_SWAP_TYPE_BITS 5

/* file->private_data: the mm_struct, held (mmgrab), or NULL. */
static int open_mm(struct inode *inode, struct file *file)
{
	struct task_struct *task = get_proc_task(inode);
	struct mm_struct *mm = NULL;
	int err = 0;

	if (!task)
		return -ESRCH;
	if (proc_may_access(task))
		mm = get_task_mm(task);
	else
		err = -EACCES;
	put_task_struct(task);
	if (mm) {
		mmgrab(mm);
		mmput(mm);
	}
	file->private_data = mm;
	return err;
}

static int release_mm(struct inode *inode, struct file *file)
{
	if (file->private_data)
		mmdrop(file->private_data);
	return 0;
}

static struct mm_struct *use_mm(struct file *file)
{
	struct mm_struct *mm = file->private_data;

	return mm && mmget_not_zero(mm) ? mm : NULL;
}

/* ---- mem ---- */

/* One page at a time through a buffer; what was moved, or -EIO, -EFAULT. */
static ssize_t mem_rw(struct file *file, char __user *buf, size_t count,
		      loff_t *pos, bool write)
{
	struct mm_struct *mm = use_mm(file);
	unsigned int flags = FOLL_FORCE | (write ? FOLL_WRITE : 0);
	ssize_t done = 0, err = 0;
	char *page;

	if (!mm)
		return 0;
	page = (char *)__get_free_page(GFP_KERNEL);
	if (!page)
		err = -ENOMEM;
	while (!err && count) {
		int n = min(count, PAGE_SIZE), got;

		if (write && copy_from_user(page, buf + done, n)) {
			err = -EFAULT;
			break;
		}
		got = access_remote_vm(mm, *pos, page, n, flags);
		if (got <= 0)
			err = -EIO;
		else if (!write && copy_to_user(buf + done, page, got))
			err = -EFAULT;
		if (err)
			break;
		*pos += got;
		done += got;
		count -= got;
	}
	free_page((unsigned long)page);
	mmput(mm);
	return done ? done : err;
}

static ssize_t mem_read(struct file *file, char __user *buf, size_t n,
			loff_t *pos)
{
	return mem_rw(file, buf, n, pos, false);
}

static ssize_t mem_write(struct file *file, const char __user *buf, size_t n,
			 loff_t *pos)
{
	return mem_rw(file, (char __user *)buf, n, pos, true);
}

static loff_t mem_lseek(struct file *file, loff_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	return file->f_pos = offset;
}

const struct file_operations proc_pid_mem_operations = {
	.open = open_mm,
	.release = release_mm,
	.read = mem_read,
	.write = mem_write,
	.llseek = mem_lseek,
};

/* ---- pagemap ---- */

struct pagemap_read {
	u64 *entry;                   /* one a page */
	unsigned long n, room;
	bool show_frames;
};

static int add_entry(struct pagemap_read *r, u64 e)
{
	if (r->n == r->room)
		return 1;
	r->entry[r->n++] = e;
	return 0;
}

static int pagemap_pte(pte_t *ptep, unsigned long addr, struct mm_walk *walk)
{
	struct pagemap_read *r = walk->private;
	pte_t pte = ptep_get(ptep);
	u64 e = 0;

	if (pte_present(pte)) {
		e = PM_PRESENT;
		if (r->show_frames)
			e |= pte_pfn(pte);
		if (!pte_special(pte) && !is_zero_pfn(pte_pfn(pte))) {
			if (!PageAnon(pte_page(pte)))
				e |= PM_FILE;
			if (page_mapcount(pte_page(pte)) == 1)
				e |= PM_EXCLUSIVE;
		}
	} else if (is_swap_pte(pte)) {
		swp_entry_t s = __pte_to_swp_entry(pte);

		e = PM_SWAP;
		if (r->show_frames)
			e |= __swp_type(s) |
			     (u64)__swp_offset(s) << PM_SWAP_TYPE_BITS;
	}
	return add_entry(r, e);
}

static int pagemap_hole(unsigned long addr, unsigned long next,
			struct mm_walk *walk)
{
	int full = 0;

	for (; !full && addr < next; addr += PAGE_SIZE)
		full = add_entry(walk->private, 0);
	return full;
}

static const struct mm_walk_ops pagemap_ops = {
	.pte_entry = pagemap_pte, .pte_hole = pagemap_hole,
};

/* A page of entries from the address on; bytes, or -errno. */
static ssize_t pagemap_chunk(struct mm_struct *mm, unsigned long addr,
			     struct pagemap_read *r, char __user *buf)
{
	unsigned long end = min(addr + r->room * PAGE_SIZE, TASK_SIZE_MAX);

	r->n = 0;
	mmap_read_lock(mm);
	walk_page_range(mm, addr, end, &pagemap_ops, r);
	mmap_read_unlock(mm);
	if (copy_to_user(buf, r->entry, r->n * sizeof(u64)))
		return -EFAULT;
	return r->n * sizeof(u64);
}

static ssize_t pagemap_read(struct file *file, char __user *buf, size_t count,
			    loff_t *pos)
{
	struct pagemap_read r = {
		.show_frames = proc_opener_capable(file, CAP_SYS_ADMIN),
	};
	struct mm_struct *mm;
	ssize_t done = 0, n = 0;

	if (*pos < 0 || *pos % sizeof(u64) || count % sizeof(u64))
		return -EINVAL;
	mm = use_mm(file);
	if (!mm)
		return 0;
	r.entry = (u64 *)__get_free_page(GFP_KERNEL);
	if (!r.entry)
		n = -ENOMEM;
	while (n >= 0 && count) {
		unsigned long nr = *pos / sizeof(u64);

		if (nr >= TASK_SIZE_MAX / PAGE_SIZE)
			break;
		r.room = min(count, PAGE_SIZE) / sizeof(u64);
		n = pagemap_chunk(mm, nr * PAGE_SIZE, &r, buf + done);
		if (n <= 0)
			break;
		*pos += n;
		done += n;
		count -= n;
	}
	free_page((unsigned long)r.entry);
	mmput(mm);
	return done ? done : n;
}

const struct file_operations proc_pid_pagemap_operations = {
	.open = open_mm,
	.release = release_mm,
	.read = pagemap_read,
	.llseek = mem_lseek,
};

/* ---- clear_refs ---- */

enum { CLEAR_ALL = 1, CLEAR_ANON, CLEAR_MAPPED, CLEAR_PEAK_RSS = 5 };

static int clear_pte(pte_t *ptep, unsigned long addr, struct mm_walk *walk)
{
	pte_t pte = ptep_get(ptep);

	if (!pte_present(pte) || pte_special(pte) || is_zero_pfn(pte_pfn(pte)))
		return 0;
	/* At once: who breaks COW meanwhile flushes young entries only. */
	if (ptep_test_and_clear_young(walk->vma, addr, ptep))
		flush_tlb_page(walk->vma, addr);
	ClearPageReferenced(pte_page(pte));
	return 0;
}

static const struct mm_walk_ops clear_ops = { .pte_entry = clear_pte };

static void clear_young(struct mm_struct *mm, int type)
{
	struct vm_area_struct *vma;

	mmap_read_lock(mm);
	for (vma = find_vma(mm, 0); vma; vma = vma_next(vma)) {
		if ((vma->vm_flags & VM_PFNMAP) ||
		    (type == CLEAR_ANON && vma->vm_file) ||
		    (type == CLEAR_MAPPED && !vma->vm_file))
			continue;
		walk_page_vma(vma, &clear_ops, NULL);
	}
	mmap_read_unlock(mm);
}

static ssize_t clear_refs_write(struct file *file, const char __user *buf,
				size_t count, loff_t *pos)
{
	struct mm_struct *mm;
	char text[8] = { 0 };
	int type;

	if (copy_from_user(text, buf, min(count, sizeof(text) - 1)))
		return -EFAULT;
	if (kstrtoint(strim(text), 10, &type) ||
	    (type != CLEAR_PEAK_RSS && (type < CLEAR_ALL ||
					type > CLEAR_MAPPED)))
		return -EINVAL;
	mm = use_mm(file);
	if (!mm)
		return -ESRCH;
	if (type == CLEAR_PEAK_RSS)
		mm->hiwater_rss = get_mm_rss(mm);
	else
		clear_young(mm, type);
	mmput(mm);
	return count;
}

const struct file_operations proc_pid_clear_refs_operations = {
	.open = open_mm,
	.release = release_mm,
	.write = clear_refs_write,
	.llseek = noop_llseek,
};
