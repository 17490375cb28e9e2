/* SPDX-License-Identifier: MIT */
/*
 * filemap.c -- the page cache: pages of files by (mapping, index)
 *
 * PROMISE.  Each page of a file is in memory at most once.  read(), write() and
 * every mapping see that one page, so they agree without being told.
 *
 * IDEA.  An address_space is an xarray of pages.  A page is entered locked and
 * not up to date, before its contents exist; whoever else wants it finds it and
 * waits for the lock.  So a page is read from its store once, however many ask:
 *
 *	first reader                      second reader
 *	enters page, locked
 *	starts the read                   finds the page, not up to date
 *	(contents arrive)                 waits for the lock
 *	up to date, unlock   ---------->  copies
 *
 * INVARIANTS:
 *   I1  A page in i_pages has mapping and index set, and a reference for it.
 *   I2  mapping becomes NULL only with the page locked (truncation): who holds
 *       the lock and sees mapping set knows that the page stays in the file.
 *   I3  Contents may be used only if PG_uptodate.
 *   I4  nrpages is the number of entries.
 *
 * LOCKING.  i_pages' lock to change, RCU to look.  A page found without the lock
 * may be on its way out: get_page_unless_zero(), then look again.  Order: inode
 * lock, mmap_lock, page lock, i_mmap_rwsem, page_table_lock, i_pages lock.
 *
 * SEE docs/15-page-cache.md; writing filemap_write.c, removing truncate.c.
 *
 * EXERCISES.  1. Which wrong page could find_get_page() return without its
 * second look?  2. Why is i_size read after PG_uptodate was seen?
 */

#include <mm/filemap.h>

#include <kernel/export.h>
#include <kernel/sched.h>
#include <mm/rmap.h>
#include <mm/swap.h>
#include <mm/vmstat.h>

#include "internal.h"

/* All of the page cache; tmpfs pages are file pages too. */
unsigned long nr_file_pages(void)
{
	return global_node_page_state(NR_FILE_PAGES);
}

unsigned long nr_shmem_pages(void)
{
	return global_node_page_state(NR_SHMEM);
}

/* ---- finding -------------------------------------------------------------- */

struct page *find_get_page(struct address_space *mapping, unsigned long index)
{
	struct page *page;

	rcu_read_lock();
	for (;;) {
		page = xa_load(&mapping->i_pages, index);
		if (!page)
			break;
		if (!get_page_unless_zero(page))
			continue;
		if (likely(page == xa_load(&mapping->i_pages, index)))
			break;
		put_page(page);
	}
	rcu_read_unlock();
	return page;
}
EXPORT_SYMBOL(find_get_page);

struct page *find_lock_page(struct address_space *mapping, unsigned long index)
{
	for (;;) {
		struct page *page = find_get_page(mapping, index);

		if (!page)
			return NULL;
		lock_page(page);
		if (likely(page->mapping == mapping))
			return page;
		unlock_page(page);         /* truncated while we waited */
		put_page(page);
	}
}
EXPORT_SYMBOL(find_lock_page);

unsigned find_get_pages(struct address_space *mapping, unsigned long *index,
			unsigned long end, unsigned nr, struct page **pages)
{
	unsigned long at = *index;
	unsigned n = 0;

	while (n < nr && at <= end) {
		struct page *page;

		rcu_read_lock();
		page = xa_find(&mapping->i_pages, &at, end, XA_PRESENT);
		if (page && !get_page_unless_zero(page)) {
			rcu_read_unlock();
			continue;
		}
		rcu_read_unlock();
		if (!page)
			break;
		pages[n++] = page;
		if (at == ULONG_MAX)
			break;
		at++;
	}
	*index = at;
	return n;
}
EXPORT_SYMBOL(find_get_pages);

/* ---- entering and leaving ------------------------------------------------- */

int add_to_page_cache(struct page *page, struct address_space *mapping,
		      unsigned long index, gfp_t gfp)
{
	int err;

	__SetPageLocked(page);
	if (test_bit(AS_SWAPBACKED, &mapping->flags))
		__SetPageSwapBacked(page);
	page->mapping = mapping;                               /* I1 */
	page->index = index;
	get_page(page);
	err = xa_insert(&mapping->i_pages, index, page, gfp & ~__GFP_ZERO);
	if (unlikely(err))
		goto out_undo;
	xa_lock(&mapping->i_pages);
	mapping->nrpages++;                                    /* I4 */
	xa_unlock(&mapping->i_pages);
	inc_node_page_state(page, NR_FILE_PAGES);
	if (PageSwapBacked(page))
		inc_node_page_state(page, NR_SHMEM);
	lru_cache_add(page);
	return 0;

out_undo:
	page->mapping = NULL;
	__ClearPageSwapBacked(page);
	__ClearPageLocked(page);
	put_page(page);
	return err == -EBUSY ? -EEXIST : err;
}
EXPORT_SYMBOL(add_to_page_cache);

/* The page is locked, unmapped and clean, or its contents are to be lost. */
void delete_from_page_cache(struct page *page)
{
	struct address_space *mapping = page->mapping;

	VM_BUG_ON(!PageLocked(page));
	xa_lock(&mapping->i_pages);
	__xa_erase(&mapping->i_pages, page->index);
	mapping->nrpages--;
	xa_unlock(&mapping->i_pages);
	page->mapping = NULL;                                  /* I2 */
	dec_node_page_state(page, NR_FILE_PAGES);
	if (PageSwapBacked(page))
		dec_node_page_state(page, NR_SHMEM);
	if (mapping->a_ops && mapping->a_ops->free_folio)
		mapping->a_ops->free_folio(page);
	put_page(page);
}
EXPORT_SYMBOL(delete_from_page_cache);

struct page *find_or_create_page(struct address_space *mapping,
				 unsigned long index, gfp_t gfp)
{
	for (;;) {
		struct page *page = find_lock_page(mapping, index);
		int err;

		if (page)
			return page;
		page = alloc_page(gfp);
		if (!page)
			return NULL;
		err = add_to_page_cache(page, mapping, index, gfp);
		if (!err)
			return page;
		put_page(page);
		if (err != -EEXIST)
			return NULL;
	}
}
EXPORT_SYMBOL(find_or_create_page);

struct page *grab_cache_page_write_begin(struct address_space *mapping,
					 unsigned long index)
{
	struct page *page = find_or_create_page(mapping, index,
						mapping_gfp_mask(mapping));

	if (page)
		wait_on_page_writeback(page);
	return page;
}
EXPORT_SYMBOL(grab_cache_page_write_begin);

/* ---- contents ------------------------------------------------------------- */

/* Fill a locked page that is not up to date; unlocked on return.  0 or -EIO. */
static int read_page(struct file *file, struct page *page)
{
	const struct address_space_operations *ops = page->mapping->a_ops;
	int err;

	if (!ops->read_folio) {
		unlock_page(page);
		return -EINVAL;
	}
	err = ops->read_folio(file, page);
	if (err)
		return err;
	wait_on_page_locked(page);
	return PageUptodate(page) ? 0 : -EIO;
}

struct page *read_mapping_page(struct address_space *mapping,
			       unsigned long index, struct file *file)
{
	struct page *page = find_get_page(mapping, index);
	int err;

	if (page && PageUptodate(page))
		return page;
	if (page)
		put_page(page);
	page = find_or_create_page(mapping, index, mapping_gfp_mask(mapping));
	if (!page)
		return ERR_PTR(-ENOMEM);
	if (PageUptodate(page)) {
		unlock_page(page);
		return page;
	}
	err = read_page(file, page);
	if (err) {
		put_page(page);
		return ERR_PTR(err);
	}
	return page;
}
EXPORT_SYMBOL(read_mapping_page);

/* ---- read() --------------------------------------------------------------- */

/* May an absent page be read as zeroes without making it? */
static bool hole_reads_as_zeroes(struct address_space *mapping)
{
	return test_bit(AS_SWAPBACKED, &mapping->flags);
}

/* The page to copy from, NULL for a hole, or ERR_PTR. */
static struct page *page_for_read(struct file *file, unsigned long index)
{
	struct address_space *mapping = file->f_mapping;
	struct page *page = find_get_page(mapping, index);

	if (page && likely(PageUptodate(page)))
		return page;
	if (page)
		put_page(page);
	else if (hole_reads_as_zeroes(mapping))
		return NULL;
	return read_mapping_page(mapping, index, file);
}

/* Copy what is left of one page; bytes, 0 at the end of file, or -errno. */
static ssize_t read_one_page(struct kiocb *iocb, struct iov_iter *to)
{
	struct inode *inode = iocb->ki_filp->f_mapping->host;
	unsigned long offset = offset_in_page(iocb->ki_pos);
	size_t n = PAGE_SIZE - offset, copied;
	struct page *page;
	loff_t size;

	if (iocb->ki_pos >= i_size_read(inode))
		return 0;
	page = page_for_read(iocb->ki_filp, iocb->ki_pos >> PAGE_SHIFT);
	if (IS_ERR(page))
		return PTR_ERR(page);
	/* After the contents: a page of a file that grew must be whole. */
	size = i_size_read(inode);
	if (iocb->ki_pos >= size) {
		copied = n = 0;
		goto out;
	}
	if (n > size - iocb->ki_pos)
		n = size - iocb->ki_pos;
	if (n > iov_iter_count(to))
		n = iov_iter_count(to);
	copied = page ? copy_page_to_iter(page, offset, n, to)
		      : iov_iter_zero(n, to);
out:
	if (page) {
		mark_page_accessed(page);
		put_page(page);
	}
	iocb->ki_pos += copied;
	return copied || !n ? (ssize_t)copied : -EFAULT;
}

ssize_t generic_file_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	const struct address_space_operations *ops;
	ssize_t done = 0, n = 0;

	if (!iov_iter_count(to))
		return 0;
	if (iocb->ki_pos < 0)
		return -EINVAL;
	ops = iocb->ki_filp->f_mapping->a_ops;
	if (iocb->ki_flags & IOCB_DIRECT && ops->direct_IO)
		return ops->direct_IO(iocb, to);
	while (iov_iter_count(to)) {
		if (fatal_signal_pending(current)) {
			n = -EINTR;
			break;
		}
		n = read_one_page(iocb, to);
		if (n <= 0)
			break;
		done += n;
		cond_resched();
	}
	file_accessed(iocb->ki_filp);
	return done ? done : n;
}
EXPORT_SYMBOL(generic_file_read_iter);

/* ---- mappings ------------------------------------------------------------- */

/* Pages that the file has, the last of them perhaps in part. */
static unsigned long pages_in_file(struct address_space *mapping)
{
	return (i_size_read(mapping->host) + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

/* Find or make the page and fill it: locked, with a reference; or ERR_PTR. */
static struct page *page_for_fault(struct file *file, unsigned long index,
				   vm_fault_t *major)
{
	struct address_space *mapping = file->f_mapping;
	struct page *page;

	for (;;) {
		int err;

		page = find_or_create_page(mapping, index,
					   mapping_gfp_mask(mapping));
		if (!page)
			return ERR_PTR(-ENOMEM);
		if (likely(PageUptodate(page)))
			return page;
		if (!test_bit(AS_SWAPBACKED, &mapping->flags))
			*major = VM_FAULT_MAJOR;
		err = read_page(file, page);
		put_page(page);
		if (err)
			return ERR_PTR(err);
	}
}

vm_fault_t filemap_fault(struct vm_fault *vmf)
{
	struct file *file = vmf->vma->vm_file;
	struct address_space *mapping = file->f_mapping;
	vm_fault_t major = 0;
	struct page *page;

	if (vmf->pgoff >= pages_in_file(mapping))
		return VM_FAULT_SIGBUS;
	page = page_for_fault(file, vmf->pgoff, &major);
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

/* Enter page `index` at addr if it is in memory and nobody works on it. */
static void map_if_ready(struct vm_fault *vmf, unsigned long index,
			 unsigned long addr, pte_t *ptep)
{
	struct vm_area_struct *vma = vmf->vma;
	struct address_space *mapping = vma->vm_file->f_mapping;
	struct page *page;

	if (!pte_none(ptep_get(ptep)))
		return;
	page = find_get_page(mapping, index);
	if (!page)
		return;
	if (!PageUptodate(page) || !trylock_page(page)) {
		put_page(page);
		return;
	}
	if (page->mapping != mapping || index >= pages_in_file(mapping)) {
		unlock_page(page);
		put_page(page);
		return;
	}
	page_add_file_rmap(page, vma);
	inc_mm_counter(vma->vm_mm, mm_counter(page));
	set_pte_at(vma->vm_mm, addr, ptep, mk_pte(page, vma_page_prot(vma)));
	unlock_page(page);
}

static void filemap_map_pages(struct vm_fault *vmf, unsigned long first,
			      unsigned long last)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long addr, index;
	spinlock_t *ptl;
	pte_t *start, *ptep;

	addr = vma->vm_start + ((first - vma->vm_pgoff) << PAGE_SHIFT);
	start = pte_offset_map_lock(vma->vm_mm, vmf->pmd, addr, &ptl);
	ptep = start;
	for (index = first; index <= last; index++, ptep++, addr += PAGE_SIZE)
		map_if_ready(vmf, index, addr, ptep);
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
	wait_on_page_writeback(page);
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
