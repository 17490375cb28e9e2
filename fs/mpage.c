/* SPDX-License-Identifier: MIT */
/*
 * mpage.c -- many pages, few bios
 *
 * PROMISE.  Pages whose blocks lie together on the disk go there and back in
 * one bio, as large as the device takes.
 *
 * IDEA.  A page is "simple" if its blocks follow each other on the disk
 * (perhaps with a hole at its end).  Simple pages that follow each other, in
 * the file and on the disk, are added to one open bio; anything else closes it
 * and goes the slow way, block by block (buffer_read.c, buffer_writepage.c).  A
 * simple page needs no buffer heads at all: that is less memory, and less to
 * do.
 *
 *	file pages    | 7 | 8 | 9 | 10 |
 *	disk blocks    40  41  42   90
 *	               '---bio---'  '-- next bio
 *
 * get_block may map more than one block at once: what it said of the following
 * ones is remembered, so that it is asked once an extent, not once a page.
 *
 * INVARIANTS
 *   I1  A page in a bio is locked (read) or under writeback (write) until its end.
 *   I2  A page that has buffer heads is written here only if each of them agrees
 *       with what is written: dirty, up to date, mapped, in a row.
 *
 * LOCKING.  That of the pages.  The ends run in any context but hard
 * interrupts.
 *
 * EXERCISES.  1. Why is a page with a hole in its middle not simple?  2. What
 * would happen if the bio were kept open across a call of the slow way?
 */

#include <fs/buffer_head.h>

#include <drivers/bio.h>
#include <drivers/blkdev.h>
#include <kernel/export.h>
#include <kernel/string.h>
#include <mm/filemap.h>
#include <mm/writeback.h>

#include "buffer_impl.h"

/* ---- the ends ------------------------------------------------------------ */

static void end_read(struct bio *bio)
{
	struct bvec_iter_all all;
	struct bio_vec *bv;

	bio_for_each_segment_all(bv, bio, all) {
		if (bio->bi_status == BLK_STS_OK)
			SetPageUptodate(bv->bv_page);
		unlock_page(bv->bv_page);
	}
	bio_put(bio);
}

static void end_write(struct bio *bio)
{
	int err = blk_status_to_errno(bio->bi_status);
	struct bvec_iter_all all;
	struct bio_vec *bv;

	bio_for_each_segment_all(bv, bio, all) {
		if (err && bv->bv_page->mapping)
			mapping_set_error(bv->bv_page->mapping, err);
		end_page_writeback(bv->bv_page);
	}
	bio_put(bio);
}

/* ---- an open bio, and what get_block has said ---------------------------- */

struct mpage_state {
	struct bio *bio;              /* open, or NULL */
	sector_t last_block;          /* on the disk: behind what the bio has */
	struct buffer_head map;       /* get_block's last answer ... */
	sector_t map_first;           /* ... from this block of the file on */
	get_block_t *get_block;
	unsigned int opf;
};

static void send(struct mpage_state *ms)
{
	if (!ms->bio)
		return;
	ms->bio->bi_end_io = op_is_write(ms->opf) ? end_write : end_read;
	guard_bio_eod(ms->bio);
	submit_bio(ms->bio);
	ms->bio = NULL;
}

/* Each page of a bio must be one vector of its own, for the ends. */
static bool add_page(struct mpage_state *ms, struct page *page, unsigned len)
{
	if (bio_full(ms->bio, len))
		return false;
	__bio_add_page(ms->bio, page, len, 0);
	return true;
}

/* Put a page that starts at `block` of the disk into the open bio, or a new
 * one. */
static void queue_page(struct mpage_state *ms, struct page *page,
		       struct block_device *bdev, sector_t block,
		       unsigned blkbits, unsigned len, unsigned nr_vecs)
{
	if (ms->bio && (ms->last_block != block || ms->bio->bi_bdev != bdev ||
			!add_page(ms, page, len)))
		send(ms);
	else if (ms->bio)
		goto added;
	ms->bio = bio_alloc(bdev, nr_vecs, ms->opf, GFP_NOFS);
	ms->bio->bi_iter.bi_sector = block << (blkbits - SECTOR_SHIFT);
	__bio_add_page(ms->bio, page, len, 0);
added:
	ms->last_block = block + (len >> blkbits);
}

/*
 * Where does block `at` of the file live?  Sets ms->map, unmapped for a hole.
 * want: blocks that could be used from here on.
 */
static int map_block(struct mpage_state *ms, struct inode *inode, sector_t at,
		     sector_t want, int create)
{
	sector_t have = ms->map.b_size >> inode->i_blkbits;

	if (buffer_mapped(&ms->map) && at >= ms->map_first &&
	    at < ms->map_first + have)
		return 0;
	ms->map.b_state = 0;
	ms->map.b_size = want << inode->i_blkbits;
	ms->map_first = at;
	return ms->get_block(inode, at, &ms->map, create);
}

static sector_t mapped_to(const struct mpage_state *ms, sector_t at)
{
	return ms->map.b_blocknr + (at - ms->map_first);
}

/* ---- reading ------------------------------------------------------------- */

/* Blocks of a page that are there, from its start on, in a row; the rest a
 * hole. */
struct layout {
	sector_t first;               /* on the disk */
	unsigned blocks;
	bool simple;
};

static struct layout read_layout(struct mpage_state *ms, struct inode *inode,
				 struct page *page, unsigned pages_left)
{
	unsigned per_page = 1U << (PAGE_SHIFT - inode->i_blkbits), n;
	sector_t at = (sector_t)page->index * per_page;
	sector_t end = (i_size_read(inode) + (1UL << inode->i_blkbits) - 1) >>
		       inode->i_blkbits;
	struct layout l = { .simple = true };
	bool hole = false;

	for (n = 0; n < per_page; n++, at++) {
		bool mapped = at < end;

		if (mapped) {
			sector_t want = (sector_t)pages_left * per_page - n;

			if (want > end - at)
				want = end - at;
			if (map_block(ms, inode, at, want, 0))
				break;
			mapped = buffer_mapped(&ms->map);
		}
		if (!mapped) {
			hole = true;
			continue;
		}
		if (hole || (n && mapped_to(ms, at) != l.first + n))
			break;
		if (!n)
			l.first = mapped_to(ms, at);
		l.blocks = n + 1;
	}
	l.simple = n == per_page;
	return l;
}

/* Read one locked page; it is unlocked when it is there. */
static void read_one(struct mpage_state *ms, struct page *page,
		     unsigned pages_left)
{
	struct inode *inode = page->mapping->host;
	struct layout l = { 0 };
	size_t bytes;

	if (!page_has_buffers(page))
		l = read_layout(ms, inode, page, pages_left);
	if (!l.simple) {
		send(ms);
		if (PageUptodate(page))
			unlock_page(page);
		else
			block_read_full_folio(page, ms->get_block);
		return;
	}
	bytes = (size_t)l.blocks << inode->i_blkbits;
	if (bytes < PAGE_SIZE)
		memset(page_address(page) + bytes, 0, PAGE_SIZE - bytes);
	if (!bytes) {
		SetPageUptodate(page);
		unlock_page(page);
		return;
	}
	queue_page(ms, page, ms->map.b_bdev, l.first, inode->i_blkbits, bytes,
		   pages_left < BIO_MAX_VECS ? pages_left : BIO_MAX_VECS);
	/* The block behind it says where the next ones are: let it come
	 * first. */
	if (buffer_boundary(&ms->map) && ms->last_block ==
	    ms->map.b_blocknr + (ms->map.b_size >> inode->i_blkbits))
		send(ms);
}

void mpage_readahead(struct readahead_control *rac, get_block_t *get_block)
{
	struct mpage_state ms = { .get_block = get_block,
				  .opf = REQ_OP_READ | REQ_RAHEAD };
	struct page *page;

	while ((page = readahead_page(rac))) {
		read_one(&ms, page, readahead_count(rac) + 1);
		put_page(page);
	}
	send(&ms);
}
EXPORT_SYMBOL(mpage_readahead);

int mpage_read_folio(struct page *page, get_block_t *get_block)
{
	struct mpage_state ms = { .get_block = get_block, .opf = REQ_OP_READ };

	read_one(&ms, page, 1);
	send(&ms);
	return 0;
}
EXPORT_SYMBOL(mpage_read_folio);

/* ---- writing ------------------------------------------------------------- */

/* A page with heads: its dirty blocks must be the first ones, in a row (I2). */
static bool heads_layout(struct page *page, struct layout *l,
			 struct block_device **bdev)
{
	struct buffer_head *bh;
	bool ended = false;

	l->blocks = 0;
	for_each_buffer(bh, page) {
		if (buffer_locked(bh))
			return false;
		if (!buffer_mapped(bh)) {
			if (buffer_dirty(bh))
				return false;
			ended = true;
			continue;
		}
		if (ended || !buffer_dirty(bh) || !buffer_uptodate(bh) ||
		    buffer_delay(bh))
			return false;
		if (!l->blocks)
			l->first = bh->b_blocknr;
		else if (bh->b_blocknr != l->first + l->blocks)
			return false;
		*bdev = bh->b_bdev;
		l->blocks++;
	}
	return l->blocks != 0;
}

/* A page without heads, written through a mapping: find or make its places. */
static bool bare_layout(struct mpage_state *ms, struct inode *inode,
			struct page *page, struct layout *l,
			struct block_device **bdev)
{
	unsigned per_page = 1U << (PAGE_SHIFT - inode->i_blkbits), n;
	sector_t at = (sector_t)page->index * per_page;
	sector_t last = (i_size_read(inode) - 1) >> inode->i_blkbits;

	if (!PageUptodate(page))
		return false;
	for (n = 0; n < per_page && at <= last; n++, at++) {
		sector_t want = min((sector_t)per_page - n, last + 1 - at);

		/* None behind the end: nobody would give those back. */
		if (map_block(ms, inode, at, want, 1) ||
		    !buffer_mapped(&ms->map))
			return false;
		if (buffer_new(&ms->map)) {
			clean_bdev_aliases(ms->map.b_bdev, ms->map.b_blocknr,
					   ms->map.b_size >> inode->i_blkbits);
			clear_buffer_new(&ms->map);
		}
		if (!n)
			l->first = mapped_to(ms, at);
		else if (mapped_to(ms, at) != l->first + n)
			return false;
		*bdev = ms->map.b_bdev;
		l->blocks = n + 1;
	}
	return l->blocks != 0;
}

static void clean_heads(struct page *page, unsigned blocks)
{
	struct buffer_head *bh;

	if (!page_has_buffers(page))
		return;
	for_each_buffer(bh, page) {
		if (!blocks--)
			break;
		clear_buffer_dirty(bh);
	}
}

/* writepage_t of write_cache_pages(): a locked page, its dirty flag cleared. */
static int write_one(struct page *page, struct writeback_control *wbc,
		     void *data)
{
	struct address_space *mapping = page->mapping;
	struct inode *inode = mapping->host;
	struct block_device *bdev = NULL;
	loff_t size = i_size_read(inode);
	struct mpage_state *ms = data;
	struct layout l = { 0 };
	unsigned offset;
	bool simple;

	if (page_offset(page) >= size)
		simple = false;
	else if (page_has_buffers(page))
		simple = heads_layout(page, &l, &bdev);
	else
		simple = bare_layout(ms, inode, page, &l, &bdev);
	if (!simple) {
		send(ms);
		return block_write_full_page(page, ms->get_block, wbc);
	}
	offset = offset_in_page(size);
	if (page->index == (unsigned long)(size >> PAGE_SHIFT) && offset)
		memset(page_address(page) + offset, 0, PAGE_SIZE - offset);
	clean_heads(page, l.blocks);
	set_page_writeback(page);                              /* I1 */
	unlock_page(page);
	queue_page(ms, page, bdev, l.first, inode->i_blkbits,
		   l.blocks << inode->i_blkbits, BIO_MAX_VECS);
	return 0;
}

int mpage_writepages(struct address_space *mapping,
		     struct writeback_control *wbc, get_block_t *get_block)
{
	struct mpage_state ms = { .get_block = get_block,
		.opf = REQ_OP_WRITE | wbc_to_write_flags(wbc) };
	struct blk_plug plug;
	int err;

	blk_start_plug(&plug);
	err = write_cache_pages(mapping, wbc, write_one, &ms);
	send(&ms);
	blk_finish_plug(&plug);
	return err;
}
EXPORT_SYMBOL(mpage_writepages);
