/* SPDX-License-Identifier: MIT */
/*
 * readahead.c -- reading what will be asked for next
 *
 * PROMISE.  A program that reads a file from front to back waits for the disk
 * at the start only; one that jumps about does not make the disk read what
 * nobody wants.
 *
 * IDEA.  Each open file remembers the window that was read last.  Reading goes
 * on when the reader is still some way before its end: the first page of the
 * tail (async_size pages) carries PG_readahead, and who touches it starts the
 * next window, twice as large, up to ra_pages (128 KiB).
 *
 *	|<------------- size ------------->|
 *	|            |<--- async_size ---->|<----- next window ----->|
 *	start        ^ PG_readahead: touched, the next window starts
 *
 * What a reader does is guessed from where it is:
 *
 *	start of the file, or a long read           a new window, small
 *	at the marker or behind the window          sequential: the next window
 *	right behind what is in memory (a second    sequential, two streams in one
 *	  reader moved the window away)             file: a window from the history
 *	anything else                               random: just what was asked
 *
 * Interleaved streams share one file_ra_state, so the window is often the other
 * stream's.  Then the marker says it: a marker that is hit where the window is
 * not belongs to a stream of its own, which reaches to the next page that is
 * not in memory.
 *
 * LOCKING.  file_ra_state belongs to the open file and is used without a lock:
 * two readers can only spoil each other's guess.  The new pages are locked from
 * their entry until they are read.  invalidate_lock, for reading, keeps
 * truncation and punching of holes away meanwhile.
 *
 * EXERCISES.  1. Why is the marker on the first page of the tail, and not on
 * the last page of the window?  2. What does a reader of every second page get?
 */

#include <mm/filemap.h>

#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/sched.h>
#include <mm/writeback.h>

#include "internal.h"

/* How far to look back for the trace of a stream. */
#define HISTORY_MAX VM_READAHEAD_PAGES

void file_ra_state_init(struct file_ra_state *ra,
			struct address_space *mapping)
{
	ra->ra_pages = inode_to_bdi(mapping->host)->ra_pages;
	ra->prev_pos = -1;
}
EXPORT_SYMBOL(file_ra_state_init);

/* ---- doing it ------------------------------------------------------------ */

/* Hand the consecutive new pages to the file system; they are locked. */
static void read_pages(struct readahead_control *rac)
{
	const struct address_space_operations *ops = rac->mapping->a_ops;
	struct page *page;

	if (!rac->_nr_pages)
		return;
	if (ops->readahead)
		ops->readahead(rac);
	/* What it did not want, or all if it cannot read many at once. */
	while ((page = readahead_page(rac))) {
		if (!ops->readahead && ops->read_folio)
			ops->read_folio(rac->file, page);
		else
			unlock_page(page);
		put_page(page);
	}
}

/* A new page at index, locked in the cache: 0, -EEXIST, -ENOMEM. */
static int add_new_page(struct readahead_control *rac, unsigned long index,
			bool mark)
{
	struct address_space *mapping = rac->mapping;
	struct page *page;
	int err;

	page = alloc_page(mapping_gfp_mask(mapping) | __GFP_NORETRY |
			  __GFP_NOWARN);
	if (!page)
		return -ENOMEM;
	if (mark)
		__SetPageReadahead(page);
	err = add_to_page_cache_lru(page, mapping, index,
				    mapping_gfp_mask(mapping));
	/* The cache has a reference; the lock keeps the page in it. */
	put_page(page);
	return err;
}

void page_cache_ra_unbounded(struct readahead_control *rac, unsigned long nr,
			     unsigned long lookahead)
{
	struct address_space *mapping = rac->mapping;
	unsigned long index = rac->_index, end = index + nr, i;

	down_read(&mapping->invalidate_lock);
	for (i = index; i < end; i++) {
		bool mark = lookahead && i == end - lookahead;

		if (!xa_present(mapping, i) && !add_new_page(rac, i, mark)) {
			rac->_nr_pages++;
			continue;
		}
		/* There already: what came before it goes out now. */
		read_pages(rac);
		rac->_index = i + 1;
		if (!xa_present(mapping, i))
			break;                 /* no memory */
	}
	read_pages(rac);
	up_read(&mapping->invalidate_lock);
}
EXPORT_SYMBOL(page_cache_ra_unbounded);

/* The same, not behind the end of the file. */
void do_page_cache_ra(struct readahead_control *rac, unsigned long nr,
			     unsigned long lookahead)
{
	loff_t size = i_size_read(rac->mapping->host);
	unsigned long last;

	if (!size)
		return;
	last = (size - 1) >> PAGE_SHIFT;
	if (rac->_index > last)
		return;
	if (nr > last - rac->_index + 1) {
		nr = last - rac->_index + 1;
		/* Nothing comes behind: no marker either. */
		if (lookahead > nr)
			lookahead = 0;
	}
	page_cache_ra_unbounded(rac, nr, lookahead);
}

void force_page_cache_readahead(struct address_space *mapping,
				struct file *file, unsigned long index,
				unsigned long nr)
{
	struct backing_dev_info *bdi = inode_to_bdi(mapping->host);
	unsigned long chunk = 2UL << (20 - PAGE_SHIFT), most = bdi->io_pages;

	if (!mapping->a_ops->read_folio && !mapping->a_ops->readahead)
		return;
	if (file && file->f_ra.ra_pages > most)
		most = file->f_ra.ra_pages;
	if (nr > most)
		nr = most;
	while (nr) {
		unsigned long n = nr < chunk ? nr : chunk;
		DEFINE_READAHEAD(rac, file, file ? &file->f_ra : NULL, mapping,
				 index);

		do_page_cache_ra(&rac, n, 0);
		index += n;
		nr -= n;
	}
}
EXPORT_SYMBOL(force_page_cache_readahead);

/* ---- guessing ------------------------------------------------------------ */

static unsigned long power_of_two_above(unsigned long n)
{
	unsigned long p = 1;

	while (p < n)
		p <<= 1;
	return p;
}

/* The first window of a stream: a few times what was asked. */
static unsigned long first_window(unsigned long asked, unsigned long max)
{
	unsigned long n = power_of_two_above(asked);

	if (n <= max / 32)
		n *= 4;
	else if (n <= max / 4)
		n *= 2;
	return n < max ? n : max;
}

static unsigned long next_window(unsigned long cur, unsigned long max)
{
	if (cur < max / 16)
		return 4 * cur;
	return cur <= max / 2 ? 2 * cur : max;
}

/* Pages in memory right before index, at most max. */
static unsigned long history(struct address_space *mapping,
			     unsigned long index, unsigned long max)
{
	unsigned long n = 0;

	while (n < max && n < index && xa_present(mapping, index - 1 - n))
		n++;
	return n;
}

/* First index >= `index` that is not in memory, within max. */
static unsigned long next_miss(struct address_space *mapping,
			       unsigned long index, unsigned long max)
{
	unsigned long end = index + max;

	while (index < end && xa_present(mapping, index))
		index++;
	return index;
}

static void submit_window(struct readahead_control *rac)
{
	struct file_ra_state *ra = rac->ra;

	rac->_index = ra->start;
	do_page_cache_ra(rac, ra->size, ra->async_size);
}

/*
 * Set ra's window for a read of `asked` pages at index that is not in memory
 * (or whose page has the marker): true; false: read just what was asked.
 */
static bool guess_window(struct readahead_control *rac, unsigned long index,
			 unsigned long asked, unsigned long max, bool marker)
{
	struct address_space *mapping = rac->mapping;
	struct file_ra_state *ra = rac->ra;
	unsigned long before, prev;

	/* Sequential, where we thought that it would be. */
	if (index && (index == ra->start + ra->size - ra->async_size ||
		      index == ra->start + ra->size)) {
		ra->start += ra->size;
		ra->size = next_window(ra->size, max);
		ra->async_size = ra->size;
		return true;
	}
	if (marker) {
		/* Another stream's window: its end is the next page missing. */
		unsigned long start = next_miss(mapping, index + 1, max);

		if (start >= index + 1 + max)
			return false;
		ra->start = start;
		ra->size = next_window(start - index + asked, max);
		ra->async_size = ra->size;
		return true;
	}
	prev = ra->prev_pos < 0 ? ULONG_MAX - 1
				: (unsigned long)ra->prev_pos >> PAGE_SHIFT;
	if (!index || asked > max || index - prev <= 1) {
		ra->start = index;
		ra->size = first_window(asked, max);
		ra->async_size = ra->size > asked ? ra->size - asked : ra->size;
		return true;
	}
	/* A stream of which the window knows nothing leaves a trace. */
	before = history(mapping, index, max < HISTORY_MAX ? max : HISTORY_MAX);
	if (before <= asked)
		return false;
	/* It began at the start of the file: it has been going for long. */
	if (before >= index)
		before *= 2;
	ra->start = index;
	ra->size = before + asked < max ? before + asked : max;
	ra->async_size = 1;
	return true;
}

static void ondemand_readahead(struct readahead_control *rac,
			       unsigned long asked, bool marker)
{
	unsigned long index = rac->_index, max = rac->ra->ra_pages;
	unsigned long io = inode_to_bdi(rac->mapping->host)->io_pages;
	struct file_ra_state *ra = rac->ra;

	/* A longer read than the window: in requests as the device likes
	 * them. */
	if (asked > max && io > max)
		max = asked < io ? asked : io;
	if (!guess_window(rac, index, asked, max, marker)) {
		if (!marker)
			do_page_cache_ra(rac, asked, 0);
		return;
	}
	/* The marker would be hit at once by this very read: do both now. */
	if (index == ra->start && ra->size == ra->async_size) {
		unsigned long add = next_window(ra->size, max);

		if (ra->size + add <= max) {
			ra->async_size = add;
			ra->size += add;
		} else {
			ra->size = max;
			ra->async_size = max >> 1;
		}
	}
	submit_window(rac);
}

void page_cache_sync_readahead(struct address_space *mapping,
			       struct file_ra_state *ra, struct file *file,
			       unsigned long index, unsigned long req_count)
{
	DEFINE_READAHEAD(rac, file, ra, mapping, index);

	if (!ra->ra_pages || (file && file->f_mode & FMODE_RANDOM)) {
		if (!ra->ra_pages)
			req_count = 1;
		do_page_cache_ra(&rac, req_count, 0);
		return;
	}
	ondemand_readahead(&rac, req_count, false);
}
EXPORT_SYMBOL(page_cache_sync_readahead);

void page_cache_async_readahead(struct address_space *mapping,
				struct file_ra_state *ra, struct file *file,
				struct page *page, unsigned long index,
				unsigned long req_count)
{
	DEFINE_READAHEAD(rac, file, ra, mapping, index);

	if (!ra->ra_pages || PageWriteback(page))
		return;
	ClearPageReadahead(page);
	ondemand_readahead(&rac, req_count, true);
}
EXPORT_SYMBOL(page_cache_async_readahead);
