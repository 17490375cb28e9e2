/* SPDX-License-Identifier: MIT */
/*
 * buffer_read.c -- pages of a file from its blocks
 *
 * IDEA.  Ask the file system where each block lives (get_block), zero the
 * holes, and read the rest; the last block that arrives unlocks the page.  This
 * is the general way, block by block; mpage.c is the fast one for pages whose
 * blocks lie together, and comes here when they do not.
 *
 * LOCKING.  The page is locked from the call to the end of the I/O.
 *
 * SEE buffer.c.
 */

#include <fs/buffer_head.h>

#include <drivers/bio.h>
#include <kernel/export.h>
#include <kernel/string.h>
#include <mm/filemap.h>

#include "buffer_impl.h"

struct buffer_head *create_page_buffers(struct page *page, struct inode *inode,
					unsigned long b_state)
{
	if (!page_has_buffers(page))
		create_empty_buffers(page, 1UL << inode->i_blkbits, b_state);
	return page_buffers(page);
}

/*
 * See to it that a block is up to date, or that it can be read: true then.
 * A place that cannot be found is an error of the block, in *err.
 */
static bool prepare_block(struct inode *inode, struct buffer_head *bh,
			  sector_t iblock, get_block_t *get_block, int *err)
{
	int this = 0;

	if (buffer_uptodate(bh))
		return false;
	if (!buffer_mapped(bh)) {
		loff_t pos = (loff_t)iblock << inode->i_blkbits;

		if (pos < i_size_read(inode)) {
			WARN_ON(bh->b_size != 1UL << inode->i_blkbits);
			this = get_block(inode, iblock, bh, 0);
		}
		if (this && !*err)
			*err = this;
		if (!buffer_mapped(bh)) {
			memset(bh->b_data, 0, bh->b_size);
			if (!this)
				set_buffer_uptodate(bh);
			return false;
		}
		/* get_block may have read it already, to look inside. */
		if (buffer_uptodate(bh))
			return false;
	}
	return true;
}

/* a_ops->read_folio: 0; the page is unlocked when it is there, or has
 * failed. */
int block_read_full_folio(struct page *page, get_block_t *get_block)
{
	struct buffer_head *bh, *wanted[MAX_BUF_PER_PAGE];
	struct inode *inode = page->mapping->host;
	sector_t iblock;
	int nr = 0, err = 0, n;

	create_page_buffers(page, inode, 0);
	iblock = (sector_t)page->index << (PAGE_SHIFT - inode->i_blkbits);
	for_each_buffer(bh, page) {
		if (prepare_block(inode, bh, iblock, get_block, &err))
			wanted[nr++] = bh;
		iblock++;
	}
	if (!nr) {
		if (!err)
			SetPageUptodate(page);
		unlock_page(page);
		return 0;
	}
	/* Mark all before the first can end: the last of them unlocks. */
	for (n = 0; n < nr; n++) {
		lock_buffer(wanted[n]);
		mark_buffer_async_read(wanted[n]);
	}
	for (n = 0; n < nr; n++) {
		/* Somebody else may have read it before we had its lock. */
		if (buffer_uptodate(wanted[n]))
			end_buffer_async_read(wanted[n], 1);
		else
			submit_bh(REQ_OP_READ, wanted[n]);
	}
	return 0;
}
EXPORT_SYMBOL(block_read_full_folio);

sector_t generic_block_bmap(struct address_space *mapping, sector_t block,
			    get_block_t *get_block)
{
	struct inode *inode = mapping->host;
	struct buffer_head tmp = { .b_size = 1UL << inode->i_blkbits };

	get_block(inode, block, &tmp, 0);
	return tmp.b_blocknr;
}
EXPORT_SYMBOL(generic_block_bmap);
