/* SPDX-License-Identifier: MIT */
/*
 * buffer_write.c -- write() into pages that have blocks
 *
 * IDEA.  write_begin prepares the blocks that a write touches: each gets a
 * place on the disk, and those that are overwritten in part are read first,
 * unless they are new.  The bytes are copied.  write_end marks the blocks up to
 * date and dirty.
 *
 *	block     |  0    |  1    |  2    |  3    |
 *	write         [xxxxxxxxxxxxxx]
 *	           read       no      read   as it was
 *
 * INVARIANTS
 *   I1  A new block (BH_New) holds what its former owner wrote: what the write
 *       does not fill is zeroed before the page can be seen.
 *   I2  A block on the page that is not up to date is not dirty.
 *
 * LOCKING.  The page is locked from write_begin to write_end.
 *
 * SEE buffer.c; out to the disk buffer_writepage.c.
 */

#include <fs/buffer_head.h>

#include <drivers/bio.h>
#include <kernel/export.h>
#include <kernel/string.h>
#include <mm/filemap.h>
#include <mm/writeback.h>

#include "buffer_impl.h"

/* The blocks that are new and not yet filled: zero what lies in [from, to). */
void page_zero_new_buffers(struct page *page, unsigned from, unsigned to)
{
	unsigned start = 0, end;
	struct buffer_head *bh;

	if (!page_has_buffers(page))
		return;
	for (bh = page_buffers(page); bh; bh = next_in_page(bh), start = end) {
		unsigned a, b;

		end = start + bh->b_size;
		if (!buffer_new(bh) || end <= from || start >= to)
			continue;
		if (!PageUptodate(page)) {
			a = from > start ? from : start;
			b = to < end ? to : end;
			memset(page_address(page) + a, 0, b - a);
			set_buffer_uptodate(bh);
		}
		clear_buffer_new(bh);
		mark_buffer_dirty(bh);
	}
}
EXPORT_SYMBOL(page_zero_new_buffers);

/* A block that the disk has just been asked for: what lies around is zero. */
static void zero_around(struct page *page, struct buffer_head *bh,
			unsigned from, unsigned to)
{
	unsigned start = bh_offset(bh), end = start + bh->b_size;

	if (end > to)
		memset(page_address(page) + to, 0, end - to);
	if (start < from)
		memset(page_address(page) + start, 0, from - start);
}

/* Give the block a place: 0 or -errno; *ready: nothing is to be read. */
static int map_for_write(struct inode *inode, struct page *page,
			 struct buffer_head *bh, sector_t iblock,
			 unsigned from, unsigned to, get_block_t *get_block,
			 bool *ready)
{
	int err;

	*ready = false;
	if (buffer_mapped(bh))
		return 0;
	WARN_ON(bh->b_size != 1UL << inode->i_blkbits);
	err = get_block(inode, iblock, bh, 1);
	if (err || !buffer_new(bh))
		return err;
	clean_bdev_bh_alias(bh);
	*ready = true;
	if (PageUptodate(page)) {
		clear_buffer_new(bh);
		set_buffer_uptodate(bh);
		mark_buffer_dirty(bh);
	} else {
		zero_around(page, bh, from, to);               /* I1 */
	}
	return 0;
}

/* Prepare bytes [from, to) of the page: reads are started, not waited for. */
static int prepare_blocks(struct inode *inode, struct page *page,
			  unsigned from, unsigned to, get_block_t *get_block)
{
	sector_t iblock = (sector_t)page->index <<
			  (PAGE_SHIFT - inode->i_blkbits);
	unsigned start = 0, end;
	struct buffer_head *bh;
	bool ready;
	int err;

	for (bh = page_buffers(page); bh;
	     bh = next_in_page(bh), start = end, iblock++) {
		end = start + bh->b_size;
		if (end <= from || start >= to) {
			if (PageUptodate(page))
				set_buffer_uptodate(bh);
			continue;
		}
		clear_buffer_new(bh);
		err = map_for_write(inode, page, bh, iblock, from, to,
				    get_block, &ready);
		if (err)
			return err;
		if (ready)
			continue;
		if (PageUptodate(page))
			set_buffer_uptodate(bh);
		else if (!buffer_uptodate(bh) && !buffer_delay(bh) &&
			 !buffer_unwritten(bh) && (start < from || end > to))
			bh_read_nowait(bh, 0);
	}
	return 0;
}

int __block_write_begin(struct page *page, loff_t pos, unsigned len,
			get_block_t *get_block)
{
	unsigned from = offset_in_page(pos), to = from + len, start = 0;
	struct inode *inode = page->mapping->host;
	struct buffer_head *bh;
	int err;

	VM_BUG_ON(!PageLocked(page));
	create_page_buffers(page, inode, 0);
	err = prepare_blocks(inode, page, from, to, get_block);
	for (bh = page_buffers(page); bh; bh = next_in_page(bh)) {
		unsigned end = start + bh->b_size;

		/* Only the ends of the range can have been read. */
		if ((start < from && end > from) || (start < to && end > to)) {
			wait_on_buffer(bh);
			if (!err && buffer_mapped(bh) && !buffer_new(bh) &&
			    !buffer_uptodate(bh))
				err = -EIO;
		}
		start = end;
	}
	if (unlikely(err))
		page_zero_new_buffers(page, from, to);
	return err;
}
EXPORT_SYMBOL(__block_write_begin);

int block_write_begin(struct address_space *mapping, loff_t pos, unsigned len,
		      struct page **pagep, get_block_t *get_block)
{
	struct page *page;
	int err;

	page = grab_cache_page_write_begin(mapping, pos >> PAGE_SHIFT);
	if (!page)
		return -ENOMEM;
	err = __block_write_begin(page, pos, len, get_block);
	if (unlikely(err)) {
		unlock_page(page);
		put_page(page);
		page = NULL;
	}
	*pagep = page;
	return err;
}
EXPORT_SYMBOL(block_write_begin);

int block_commit_write(struct page *page, unsigned from, unsigned to)
{
	struct buffer_head *bh;
	unsigned start = 0, end;
	bool partial = false;

	for (bh = page_buffers(page); bh; bh = next_in_page(bh), start = end) {
		end = start + bh->b_size;
		if (end <= from || start >= to) {
			partial |= !buffer_uptodate(bh);
			continue;
		}
		set_buffer_uptodate(bh);                       /* I2 */
		mark_buffer_dirty(bh);
		if (buffer_new(bh))
			clear_buffer_new(bh);
	}
	if (!partial)
		SetPageUptodate(page);
	return 0;
}
EXPORT_SYMBOL(block_commit_write);

int block_write_end(struct file *file, struct address_space *mapping,
		    loff_t pos, unsigned len, unsigned copied,
		    struct page *page, void *fsdata)
{
	unsigned start = offset_in_page(pos);

	(void)file, (void)mapping, (void)fsdata;
	if (unlikely(copied < len)) {
		/*
		 * The copy stopped half-way.  A block that was to be wholly
		 * overwritten was not read: so nothing was written at all.
		 */
		if (!PageUptodate(page))
			copied = 0;
		page_zero_new_buffers(page, start + copied, start + len);
	}
	block_commit_write(page, start, start + copied);
	return copied;
}
EXPORT_SYMBOL(block_write_end);

int generic_write_end(struct file *file, struct address_space *mapping,
		      loff_t pos, unsigned len, unsigned copied,
		      struct page *page, void *fsdata)
{
	struct inode *inode = mapping->host;
	loff_t old_size = inode->i_size;
	bool grew = false;

	copied = block_write_end(file, mapping, pos, len, copied, page, fsdata);
	/* While the page is locked: what writes it out must see the new
	 * size. */
	if (pos + copied > inode->i_size) {
		i_size_write(inode, pos + copied);
		grew = true;
	}
	unlock_page(page);
	put_page(page);
	if (old_size < pos)
		pagecache_isize_extended(inode, old_size, pos);
	if (grew)
		mark_inode_dirty(inode);
	return copied;
}
EXPORT_SYMBOL(generic_write_end);

/* ---- the first write through a mapping ----------------------------------- */

/* Page locked on 0; else -EFAULT (it has gone), -ENOSPC, -EIO ... */
int block_page_mkwrite(struct vm_area_struct *vma, struct vm_fault *vmf,
		       get_block_t *get_block)
{
	struct inode *inode = file_inode(vma->vm_file);
	struct page *page = vmf->page;
	unsigned long end = PAGE_SIZE;
	loff_t size;
	int err = -EFAULT;

	lock_page(page);
	size = i_size_read(inode);
	if (page->mapping != inode->i_mapping || page_offset(page) >= size)
		goto out_unlock;
	if (size - page_offset(page) < (loff_t)PAGE_SIZE)
		end = size - page_offset(page);
	err = __block_write_begin(page, page_offset(page), end, get_block);
	if (err)
		goto out_unlock;
	block_commit_write(page, 0, end);
	set_page_dirty(page);
	wait_for_stable_page(page);
	return 0;

out_unlock:
	unlock_page(page);
	return err;
}
EXPORT_SYMBOL(block_page_mkwrite);

vm_fault_t block_page_mkwrite_return(int err)
{
	switch (err) {
	case 0:
		return VM_FAULT_LOCKED;
	case -EFAULT:
	case -EAGAIN:
		return VM_FAULT_NOPAGE;
	case -ENOMEM:
		return VM_FAULT_OOM;
	default:               /* -ENOSPC, -EDQUOT, -EIO */
		return VM_FAULT_SIGBUS;
	}
}
EXPORT_SYMBOL(block_page_mkwrite_return);

/* ---- to a smaller size, to a larger one ---------------------------------- */

/* Make a block of a locked page readable: 1, 0 for a hole, -EIO. */
static int read_one_block(struct inode *inode, struct page *page,
			  struct buffer_head *bh, sector_t iblock,
			  get_block_t *get_block)
{
	int err;

	if (!buffer_mapped(bh)) {
		err = get_block(inode, iblock, bh, 0);
		if (err)
			return err;
		if (!buffer_mapped(bh))
			return 0;
	}
	if (PageUptodate(page))
		set_buffer_uptodate(bh);
	if (buffer_uptodate(bh) || buffer_delay(bh) || buffer_unwritten(bh))
		return 1;
	err = bh_read(bh, 0);
	return err < 0 ? err : 1;
}

int block_truncate_page(struct address_space *mapping, loff_t from,
			get_block_t *get_block)
{
	struct inode *inode = mapping->host;
	unsigned blocksize = 1U << inode->i_blkbits;
	unsigned offset = offset_in_page(from), start = 0;
	sector_t iblock = from >> inode->i_blkbits;
	struct buffer_head *bh;
	struct page *page;
	int err;

	if (!(from & (blocksize - 1)))
		return 0;
	page = grab_cache_page(mapping, from >> PAGE_SHIFT);
	if (!page)
		return -ENOMEM;
	wait_on_page_writeback(page);
	bh = create_page_buffers(page, inode, 0);
	while (start + blocksize <= offset) {
		bh = bh->b_this_page;
		start += blocksize;
	}
	err = read_one_block(inode, page, bh, iblock, get_block);
	if (err > 0) {
		memset(page_address(page) + offset, 0,
		       start + blocksize - offset);
		mark_buffer_dirty(bh);
		err = 0;
	}
	unlock_page(page);
	put_page(page);
	return err;
}
EXPORT_SYMBOL(block_truncate_page);

/* A larger size, by writing nothing at its end: the pages there are set up. */
int generic_cont_expand_simple(struct inode *inode, loff_t size)
{
	struct address_space *mapping = inode->i_mapping;
	const struct address_space_operations *aops = mapping->a_ops;
	struct page *page = NULL;
	void *fsdata = NULL;
	int err;

	err = inode_newsize_ok(inode, size);
	if (err)
		return err;
	err = aops->write_begin(NULL, mapping, size, 0, &page, &fsdata);
	if (err)
		return err;
	err = aops->write_end(NULL, mapping, size, 0, 0, page, fsdata);
	return err > 0 ? 0 : err;
}
EXPORT_SYMBOL(generic_cont_expand_simple);
