/* SPDX-License-Identifier: MIT */
/*
 * file.c -- the bytes of a tmpfs file: pages that are nowhere else
 *
 * IDEA.  A page that is dirty has no place to be written to, so it stays in the
 * page cache, which thus is the store.  A hole is what has no page.
 *
 * INVARIANTS
 *   I1  sbi->used_blocks equals the pages of this volume that have
 *       page->private == sbi.
 *
 * LOCKING.  A page is charged under its lock, when it is new; uncharged when
 * the page cache lets go of it (free_folio).  The counters are atomic.
 *
 * SEE docs/52-tmpfs-and-initramfs.md.
 */

#include "tmpfs.h"

#include <fs/splice.h>
#include <kernel/bug.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <mm/filemap.h>
#include <mm/mm.h>
#include <mm/page_ref.h>
#include <uapi/fcntl.h>

/* Count a page that is new; it is locked.  0 or -ENOSPC. */
static int charge_page(struct page *page)
{
	struct tmpfs_sb_info *sbi = tmpfs_sb(page->mapping->host->i_sb);

	if (page->private)
		return 0;
	if (sbi->max_blocks != TMPFS_UNLIMITED &&
	    atomic_long_inc_return(&sbi->used_blocks) > (long)sbi->max_blocks) {
		atomic_long_dec(&sbi->used_blocks);
		return -ENOSPC;
	}
	if (sbi->max_blocks == TMPFS_UNLIMITED)
		atomic_long_inc(&sbi->used_blocks);
	page->private = (unsigned long)sbi;                      /* I1 */
	return 0;
}

static void tmpfs_free_folio(struct page *page)
{
	struct tmpfs_sb_info *sbi = (struct tmpfs_sb_info *)page->private;

	if (!sbi)
		return;
	page->private = 0;
	atomic_long_dec(&sbi->used_blocks);
}

/* It was counted all the time that it was in swap. */
static void tmpfs_swapped_in(struct page *page)
{
	page->private = (unsigned long)tmpfs_sb(page->mapping->host->i_sb);
}

static void tmpfs_swap_freed(struct address_space *mapping)
{
	atomic_long_dec(&tmpfs_sb(mapping->host->i_sb)->used_blocks);
}

/* A hole is read or mapped: a page of zeroes. */
static int tmpfs_read_folio(struct file *file, struct page *page)
{
	int err = charge_page(page);

	if (err) {
		unlock_page(page);
		return err;
	}
	return simple_read_folio(file, page);
}

static int tmpfs_write_begin(struct file *file, struct address_space *mapping,
			     loff_t pos, unsigned len, struct page **pagep,
			     void **fsdata)
{
	unsigned int seals = tmpfs_info(mapping->host)->seals;
	int err;

	if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	if ((seals & F_SEAL_GROW) && pos + len > mapping->host->i_size)
		return -EPERM;
	err = simple_write_begin(file, mapping, pos, len, pagep, fsdata);
	if (err)
		return err;
	err = charge_page(*pagep);
	if (err) {
		struct page *page = *pagep;

		if (!PageUptodate(page))
			delete_from_page_cache(page);
		unlock_page(page);
		put_page(page);
	}
	return err;
}

const struct address_space_operations tmpfs_aops = {
	.read_folio = tmpfs_read_folio,
	.write_begin = tmpfs_write_begin,
	.write_end = simple_write_end,
	.dirty_folio = noop_dirty_folio,
	.free_folio = tmpfs_free_folio,
	.swapped_in = tmpfs_swapped_in,
	.swap_freed = tmpfs_swap_freed,
};

/* ---- size and space ---- */

/* May the size become that?  0 or -EPERM: it is sealed (memfd.c). */
int tmpfs_may_resize(struct inode *inode, loff_t size)
{
	unsigned int seals = tmpfs_info(inode)->seals;

	if (((seals & F_SEAL_SHRINK) && size < inode->i_size) ||
	    ((seals & F_SEAL_GROW) && size > inode->i_size))
		return -EPERM;
	return 0;
}

static int punch_hole(struct inode *inode, loff_t offset, loff_t len)
{
	if (tmpfs_info(inode)->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	unmap_mapping_range(inode->i_mapping, offset, len, 0);
	truncate_inode_pages_range(inode->i_mapping, offset,
				   offset + len - 1);
	return 0;
}

/* Make the pages of [offset, end) present: a promise of space. */
static int preallocate(struct inode *inode, loff_t offset, loff_t end)
{
	unsigned long index, last = (end - 1) >> PAGE_SHIFT;
	unsigned long most = tmpfs_sb(inode->i_sb)->max_blocks;
	struct page *page;
	int err = 0;

	if (most && last - (offset >> PAGE_SHIFT) >= most)
		return -ENOSPC;
	for (index = offset >> PAGE_SHIFT; index <= last && !err; index++) {
		if (signal_pending(current))
			return -EINTR;
		page = read_mapping_page(inode->i_mapping, index, NULL);
		if (IS_ERR(page))
			return PTR_ERR(page);
		set_page_dirty(page);
		put_page(page);
		cond_resched();
	}
	return err;
}

static int allocate(struct inode *inode, int mode, loff_t offset, loff_t end)
{
	int err = inode_newsize_ok(inode, end);

	if (!err && (tmpfs_info(inode)->seals & F_SEAL_GROW) &&
	    end > inode->i_size)
		err = -EPERM;
	if (!err)
		err = preallocate(inode, offset, end);
	if (!err && !(mode & FALLOC_FL_KEEP_SIZE) && end > inode->i_size) {
		loff_t old = inode->i_size;

		i_size_write(inode, end);
		pagecache_isize_extended(inode, old, end);
	}
	return err;
}

static long tmpfs_fallocate(struct file *file, int mode, loff_t offset,
			    loff_t len)
{
	struct inode *inode = file_inode(file);
	long err;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	inode_lock(inode);
	if (mode & FALLOC_FL_PUNCH_HOLE)
		err = punch_hole(inode, offset, len);
	else
		err = allocate(inode, mode, offset, offset + len);
	if (!err)
		inode->i_mtime = inode->i_ctime = current_time(inode);
	inode_unlock(inode);
	return err;
}

/*
 * SEEK_DATA and SEEK_HOLE see the holes: what has no page.  Steps over pages
 * that exist, never over a hole: a hole can be longer than a life.
 */
static loff_t seek_hole_data(struct inode *inode, loff_t offset, int whence)
{
	loff_t size = i_size_read(inode);
	unsigned long index, next, last;
	struct page *page;

	if (offset < 0 || offset >= size)
		return -ENXIO;
	last = (size - 1) >> PAGE_SHIFT;
	for (index = offset >> PAGE_SHIFT; index <= last; index++) {
		next = index;
		if (!find_get_pages(inode->i_mapping, &next, last, 1, &page))
			return whence == SEEK_HOLE ?
				max(offset, (loff_t)index << PAGE_SHIFT) : -ENXIO;
		next = page->index;
		put_page(page);
		if (whence == SEEK_DATA)
			return max(offset, (loff_t)next << PAGE_SHIFT);
		if (next != index)
			return max(offset, (loff_t)index << PAGE_SHIFT);
		cond_resched();
	}
	return size;
}

static loff_t tmpfs_llseek(struct file *file, loff_t offset, int whence)
{
	struct inode *inode = file_inode(file);

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return generic_file_llseek(file, offset, whence);
	inode_lock_shared(inode);
	shmem_swap_in_all(inode->i_mapping); /* what is in swap is no hole */
	offset = seek_hole_data(inode, offset, whence);
	inode_unlock_shared(inode);
	if (offset >= 0)
		file->f_pos = offset;
	return offset;
}

/* ---- mapping, where seals count ---- */

static struct vm_operations_struct counted_vm_ops __ro_after_init;

static void counted_open(struct vm_area_struct *vma)
{
	atomic_inc(&tmpfs_info(file_inode(vma->vm_file))->writable_maps);
}

static void counted_close(struct vm_area_struct *vma)
{
	atomic_dec(&tmpfs_info(file_inode(vma->vm_file))->writable_maps);
}

/* A file that can still be sealed counts who may write through memory. */
static int tmpfs_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct tmpfs_inode_info *info = tmpfs_info(file_inode(file));
	unsigned int seals = READ_ONCE(info->seals);
	int err;

	if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) {
		if ((vma->vm_flags & (VM_SHARED | VM_WRITE)) ==
		    (VM_SHARED | VM_WRITE))
			return -EPERM;
		if (vma->vm_flags & VM_SHARED)
			vma->vm_flags &= ~VM_MAYWRITE;
	}
	err = generic_file_mmap(file, vma);
	if (err || (seals & (F_SEAL_SEAL | F_SEAL_WRITE)))
		return err;
	if ((vma->vm_flags & (VM_SHARED | VM_MAYWRITE)) ==
	    (VM_SHARED | VM_MAYWRITE)) {
		atomic_inc(&info->writable_maps);
		vma->vm_ops = &counted_vm_ops;
	}
	return 0;
}

const struct file_operations tmpfs_file_fops = {
	.llseek = tmpfs_llseek,
	.read_iter = generic_file_read_iter,
	.splice_read = generic_file_splice_read,
	.write_iter = generic_file_write_iter,
	.mmap = tmpfs_mmap,
	.fsync = noop_fsync,
	.fallocate = tmpfs_fallocate,
};

void tmpfs_files_init(void)
{
	counted_vm_ops = generic_file_vm_ops;
	counted_vm_ops.open = counted_open;
	counted_vm_ops.close = counted_close;
}
