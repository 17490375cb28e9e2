/* SPDX-License-Identifier: MIT */
/*
 * filemap_fault.c -- mappings of files: the page cache as memory
 *
 * PROMISE.  A mapping shows the pages that read() and write() use, not copies.
 * A page behind the end of the file, or one that the disk cannot give, is
 * SIGBUS.
 *
 * IDEA.  A fault finds the page, or reads it with what lies around: programs
 * jump about in their text, but stay near.  A mapping that keeps missing (more
 * than 100 times without a hit) is read page by page.
 *
 *	         pgoff
 *	|--------x--------|----|
 *	start    half     size, the last quarter with the marker
 *
 * LOCKING.  mmap_lock for reading; invalidate_lock, for reading, while a page
 * is made, so that a hole that is being punched stays one; then the page lock,
 * with which the page is given to the caller.
 *
 * SEE file_fault.c for what happens to the page; readahead.c.
 */

#include <mm/filemap.h>

#include <kernel/export.h>
#include <kernel/sched.h>
#include <mm/rmap.h>
#include <mm/swap.h>
#include <mm/writeback.h>

#include "internal.h"

#define MMAP_MISS_MAX 100

static inline unsigned long vma_address(const struct vm_area_struct *vma,
					unsigned long index)
{
	return vma->vm_start + ((index - vma->vm_pgoff) << PAGE_SHIFT);
}

/* Pages that the file has, the last of them perhaps in part. */
static unsigned long pages_in_file(struct address_space *mapping)
{
	return (i_size_read(mapping->host) + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

/* The page is absent: read it, and its surroundings as the area is used. */
static void read_around(struct vm_fault *vmf)
{
	struct file *file = vmf->vma->vm_file;
	struct address_space *mapping = file->f_mapping;
	struct file_ra_state *ra = &file->f_ra;
	unsigned long start, half = ra->ra_pages / 2;
	DEFINE_READAHEAD(rac, file, ra, mapping, vmf->pgoff);

	if (vmf->vma->vm_flags & VM_RAND_READ || !ra->ra_pages)
		return;
	if (vmf->vma->vm_flags & VM_SEQ_READ) {
		page_cache_sync_readahead(mapping, ra, file, vmf->pgoff,
					  ra->ra_pages);
		return;
	}
	if (ra->mmap_miss < 10 * MMAP_MISS_MAX)
		ra->mmap_miss++;
	if (ra->mmap_miss > MMAP_MISS_MAX)
		return;
	start = vmf->pgoff > half ? vmf->pgoff - half : 0;
	ra->start = start;
	ra->size = ra->ra_pages;
	ra->async_size = ra->ra_pages / 4;
	rac._index = start;
	do_page_cache_ra(&rac, ra->size, ra->async_size);
}

/* It is there: a hit, and perhaps the sign to read on. */
static void note_hit(struct vm_fault *vmf, struct page *page)
{
	struct file *file = vmf->vma->vm_file;
	struct file_ra_state *ra = &file->f_ra;

	if (vmf->vma->vm_flags & VM_RAND_READ || !ra->ra_pages)
		return;
	if (ra->mmap_miss)
		ra->mmap_miss--;
	if (PageReadahead(page))
		page_cache_async_readahead(file->f_mapping, ra, file, page,
					   vmf->pgoff, ra->ra_pages);
}

/* Find or make the page and fill it: locked, with a reference; or ERR_PTR. */
static struct page *page_for_fault(struct vm_fault *vmf, vm_fault_t *major)
{
	struct file *file = vmf->vma->vm_file;
	struct address_space *mapping = file->f_mapping;
	bool disk = !test_bit(AS_SWAPBACKED, &mapping->flags);
	struct page *page = find_get_page(mapping, vmf->pgoff);

	if (page && disk) {
		note_hit(vmf, page);
	} else if (!page && disk) {
		*major = VM_FAULT_MAJOR;
		read_around(vmf);
	}
	if (page)
		put_page(page);
	for (;;) {
		int err;

		down_read(&mapping->invalidate_lock);
		page = find_or_create_page(mapping, vmf->pgoff,
					   mapping_gfp_mask(mapping));
		up_read(&mapping->invalidate_lock);
		if (!page)
			return ERR_PTR(-ENOMEM);
		if (likely(PageUptodate(page)))
			return page;
		if (disk)
			*major = VM_FAULT_MAJOR;
		err = filemap_read_page(file, page);
		put_page(page);
		if (err)
			return ERR_PTR(err);
	}
}

vm_fault_t filemap_fault(struct vm_fault *vmf)
{
	struct address_space *mapping = vmf->vma->vm_file->f_mapping;
	vm_fault_t major = 0;
	struct page *page;

	if (vmf->pgoff >= pages_in_file(mapping))
		return VM_FAULT_SIGBUS;
	page = page_for_fault(vmf, &major);
	if (IS_ERR(page))
		return PTR_ERR(page) == -ENOMEM ? VM_FAULT_OOM
						: VM_FAULT_SIGBUS;
	/* With the page locked the size cannot shrink past it unseen. */
	if (vmf->pgoff >= pages_in_file(mapping)) {
		unlock_page(page);
		put_page(page);
		return VM_FAULT_SIGBUS;
	}
	vmf->page = page;
	return VM_FAULT_LOCKED | major;
}
EXPORT_SYMBOL(filemap_fault);

/* Enter a page if nobody works on it; takes over the reference if so. */
static bool map_if_ready(struct vm_area_struct *vma, struct page *page,
			 unsigned long index, unsigned long in_file,
			 unsigned long addr, pte_t *ptep)
{
	bool ready;

	if (!pte_none(ptep_get(ptep)) || !PageUptodate(page) ||
	    PageReadahead(page) || !trylock_page(page))
		return false;
	ready = page->mapping == vma->vm_file->f_mapping &&
		page->index == index && index < in_file;
	if (ready) {
		page_add_file_rmap(page, vma);
		inc_mm_counter(vma->vm_mm, mm_counter(page));
		set_pte_at(vma->vm_mm, addr, ptep,
			   mk_pte(page, vma_page_prot(vma)));
	}
	unlock_page(page);
	return ready;
}

#define MAP_BATCH 16

/* vm_ops->map_pages: what is in memory of pages first..last is entered too. */
static void filemap_map_pages(struct vm_fault *vmf, unsigned long first,
			      unsigned long last)
{
	struct vm_area_struct *vma = vmf->vma;
	struct address_space *mapping = vma->vm_file->f_mapping;
	unsigned long in_file = pages_in_file(mapping), index;
	struct page *pages[MAP_BATCH];
	spinlock_t *ptl;
	pte_t *start;
	unsigned i, n;

	start = pte_offset_map_lock(vma->vm_mm, vmf->pmd,
				    vma_address(vma, first), &ptl);
	for (index = first; index <= last;) {
		n = find_get_pages(mapping, &index, last, MAP_BATCH, pages);
		if (!n)
			break;
		for (i = 0; i < n; i++) {
			unsigned long at = READ_ONCE(pages[i]->index);

			if (at < first || at > last ||
			    !map_if_ready(vma, pages[i], at, in_file,
					  vma_address(vma, at),
					  start + (at - first)))
				put_page(pages[i]);
		}
	}
	pte_unmap_unlock(start, ptl);
}

/* Write-back file systems: the time moves and the page is dirty from now on. */
vm_fault_t filemap_page_mkwrite(struct vm_fault *vmf)
{
	struct page *page = vmf->page;

	file_update_time(vmf->vma->vm_file);
	lock_page(page);
	if (page->mapping != vmf->vma->vm_file->f_mapping) {
		unlock_page(page);
		return VM_FAULT_NOPAGE;
	}
	set_page_dirty(page);
	wait_for_stable_page(page);
	return VM_FAULT_LOCKED;
}
EXPORT_SYMBOL(filemap_page_mkwrite);

const struct vm_operations_struct generic_file_vm_ops = {
	.fault = filemap_fault,
	.map_pages = filemap_map_pages,
	.page_mkwrite = filemap_page_mkwrite,
};

/* Nothing is written back, so no write need be announced. */
static const struct vm_operations_struct memory_file_vm_ops = {
	.fault = filemap_fault,
	.map_pages = filemap_map_pages,
};

int generic_file_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct address_space *mapping = file->f_mapping;

	if (!mapping->a_ops->read_folio)
		return -ENOEXEC;
	file_accessed(file);
	vma->vm_ops = test_bit(AS_SWAPBACKED, &mapping->flags)
		? &memory_file_vm_ops : &generic_file_vm_ops;
	return 0;
}
EXPORT_SYMBOL(generic_file_mmap);

int generic_file_readonly_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_SHARED && vma->vm_flags & VM_MAYWRITE)
		return -EINVAL;
	return generic_file_mmap(file, vma);
}
EXPORT_SYMBOL(generic_file_readonly_mmap);
