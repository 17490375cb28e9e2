/* SPDX-License-Identifier: MIT */
/*
 * buffer_writepage.c -- a page's dirty blocks to the disk, and to nowhere
 *
 * PROMISE.  Of a dirty page each dirty block is written; blocks behind the end
 * of the file are not, and what a mapping wrote behind the end is zeroed on the
 * way, so that nobody finds it there when the file grows.
 *
 * IDEA.  Places first, since finding them may fail or sleep; then lock and mark
 * the blocks; then the page goes to writeback and is unlocked, so that readers
 * go on; then the blocks are submitted.  The last to end ends the writeback.
 *
 * LOCKING.  Comes with the page locked and its dirty flag cleared; returns with
 * it unlocked.  PG_writeback keeps the ring on the page meanwhile.
 *
 * RACES.  A write that comes after the dirty flag was cleared finds the page
 * locked (write()) or write-protected (a mapping, clear_page_dirty_for_io), and
 * then marks it dirty anew: it goes out once more.
 *
 * SEE buffer.c; many pages in one bio mpage.c.
 */

#include <fs/buffer_head.h>

#include <drivers/bio.h>
#include <kernel/export.h>
#include <kernel/string.h>
#include <mm/filemap.h>
#include <mm/swap.h>
#include <mm/writeback.h>

#include "buffer_impl.h"

unsigned int wbc_to_write_flags(const struct writeback_control *wbc)
{
	if (wbc->sync_mode == WB_SYNC_ALL)
		return REQ_SYNC;
	return wbc->for_kupdate || wbc->for_background ? REQ_BACKGROUND : 0;
}
EXPORT_SYMBOL(wbc_to_write_flags);

/* Give each dirty block a place; 0 or get_block's error. */
static int map_dirty_blocks(struct inode *inode, struct page *page,
			    get_block_t *get_block)
{
	sector_t block = (sector_t)page->index <<
			 (PAGE_SHIFT - inode->i_blkbits);
	sector_t last = (i_size_read(inode) - 1) >> inode->i_blkbits;
	struct buffer_head *bh;
	int err;

	for (bh = page_buffers(page); bh; bh = next_in_page(bh), block++) {
		if (block > last) {
			/* A mapping may have written behind the end. */
			clear_buffer_dirty(bh);
			set_buffer_uptodate(bh);
			continue;
		}
		if ((buffer_mapped(bh) && !buffer_delay(bh)) ||
		    !buffer_dirty(bh))
			continue;
		WARN_ON(bh->b_size != 1UL << inode->i_blkbits);
		err = get_block(inode, block, bh, 1);
		if (err)
			return err;
		clear_buffer_delay(bh);
		if (buffer_new(bh)) {
			clear_buffer_new(bh);
			clean_bdev_bh_alias(bh);
		}
	}
	return 0;
}

/* Lock the dirty blocks and mark them for the write. */
static void mark_dirty_blocks(struct page *page, struct writeback_control *wbc,
			      bh_end_io_t *handler)
{
	struct buffer_head *bh;

	for_each_buffer(bh, page) {
		if (!buffer_mapped(bh))
			continue;
		if (wbc->sync_mode != WB_SYNC_NONE) {
			lock_buffer(bh);
		} else if (!trylock_buffer(bh)) {
			/* Somebody reads or writes it: at the next round. */
			redirty_page_for_writepage(wbc, page);
			continue;
		}
		if (test_clear_buffer_dirty(bh)) {
			mark_buffer_async_write(bh);
			bh->b_end_io = handler;
		} else {
			unlock_buffer(bh);
		}
	}
}

/* Submit what was marked; page locked before, unlocked after. */
static void submit_marked_blocks(struct page *page,
				 struct writeback_control *wbc)
{
	unsigned int opf = REQ_OP_WRITE | wbc_to_write_flags(wbc);
	struct buffer_head *bh, *next, *head = page_buffers(page);
	bool underway = false;

	set_page_writeback(page);
	/* The ring may only be walked while a block of it is not yet sent. */
	bh = head;
	do {
		next = bh->b_this_page;
		if (buffer_async_write(bh)) {
			underway = true;
			submit_bh(opf, bh);
		}
		bh = next;
	} while (bh != head);
	unlock_page(page);
	if (!underway)
		end_page_writeback(page);
}

int __block_write_full_page(struct inode *inode, struct page *page,
			    get_block_t *get_block,
			    struct writeback_control *wbc, bh_end_io_t *handler)
{
	int err;

	create_page_buffers(page, inode, BIT(BH_Dirty) | BIT(BH_Uptodate));
	err = map_dirty_blocks(inode, page, get_block);
	if (unlikely(err)) {
		struct buffer_head *bh;

		/*
		 * No place (ENOSPC) or none to be found (EIO).  What has one
		 * still goes out; the rest is lost, and fsync() says so.
		 */
		mapping_set_error(page->mapping, err);
		for_each_buffer(bh, page)
			if (!buffer_mapped(bh) || buffer_delay(bh))
				clear_buffer_dirty(bh);
	}
	mark_dirty_blocks(page, wbc, handler);
	submit_marked_blocks(page, wbc);
	return err;
}
EXPORT_SYMBOL(__block_write_full_page);

int block_write_full_page(struct page *page, get_block_t *get_block,
			  struct writeback_control *wbc)
{
	struct inode *inode = page->mapping->host;
	loff_t size = i_size_read(inode);
	unsigned long end = size >> PAGE_SHIFT;
	unsigned offset = offset_in_page(size);

	if (page->index > end || (page->index == end && !offset)) {
		/* Truncation is on its way to it. */
		unlock_page(page);
		return 0;
	}
	if (page->index == end)
		memset(page_address(page) + offset, 0, PAGE_SIZE - offset);
	return __block_write_full_page(inode, page, get_block, wbc,
				       end_buffer_async_write);
}
EXPORT_SYMBOL(block_write_full_page);

/* ---- to nowhere: truncation ---------------------------------------------- */

/* The block's place is gone: it is dirty no more, and maps to nothing. */
static void discard_buffer(struct buffer_head *bh)
{
	lock_buffer(bh);
	clear_buffer_dirty(bh);
	bh->b_bdev = NULL;
	clear_buffer_mapped(bh);
	clear_buffer_req(bh);
	clear_buffer_new(bh);
	clear_buffer_delay(bh);
	clear_buffer_unwritten(bh);
	unlock_buffer(bh);
}

/* a_ops->invalidate_folio: whole blocks of [offset, offset + length);
 * locked. */
void block_invalidate_folio(struct page *page, size_t offset, size_t length)
{
	size_t start = 0, stop = offset + length;
	struct buffer_head *bh;

	VM_BUG_ON(!PageLocked(page));
	if (!page_has_buffers(page))
		return;
	for (bh = page_buffers(page); bh; bh = next_in_page(bh)) {
		if (start + bh->b_size > stop)
			break;
		if (start >= offset)
			discard_buffer(bh);
		start += bh->b_size;
	}
	if (!offset && length == PAGE_SIZE)
		filemap_release_folio(page, 0);
}
EXPORT_SYMBOL(block_invalidate_folio);
