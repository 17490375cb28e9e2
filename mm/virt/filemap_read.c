/* SPDX-License-Identifier: MIT */
/*
 * filemap_read.c -- read() from the page cache
 *
 * PROMISE.  Bytes that are in memory are copied without waiting and without a
 * lock; what is not is read from the disk once, and ahead of the reader if he
 * goes on (readahead.c).
 *
 * IDEA.  Most reads find their pages.  So a run of pages is looked up at once,
 * and all that are ready are copied; the first that is not (absent, not up to
 * date, or carrying the read-ahead marker) goes the slow way alone.
 *
 * A page that was found may leave the cache before we have a reference.  With
 * the reference, its mapping and index say whether it is still ours: they are
 * set before a page enters and cleared before it leaves.
 *
 * The size is read after PG_uptodate was seen.  The writer that lengthens a
 * file fills the page first and moves the size then; the other way round we
 * could copy the zeroes that stood there before.
 *
 * LOCKING.  None, but for the page lock on the slow way.
 */

#include <mm/filemap.h>

#include <kernel/export.h>
#include <kernel/sched.h>
#include <mm/swap.h>
#include <mm/writeback.h>

#include "internal.h"

#define READ_BATCH 15

/* May an absent page be read as zeroes without making it? */
static bool hole_reads_as_zeroes(struct address_space *mapping)
{
	return test_bit(AS_SWAPBACKED, &mapping->flags);
}

/*
 * Up to max pages from index on that can be copied at once, each with a
 * reference; how many.
 */
static unsigned ready_pages(struct address_space *mapping, unsigned long index,
			    unsigned max, struct page **pages)
{
	unsigned i, n;

	rcu_read_lock();
	n = xa_load_run(&mapping->i_pages, index, max, (void **)pages);
	for (i = 0; i < n; i++) {
		struct page *page = pages[i];

		if (xa_is_value(page) || !get_page_unless_zero(page))
			break;
		if (likely(page->mapping == mapping &&
			   page->index == index + i && PageUptodate(page) &&
			   !PageReadahead(page)))
			continue;
		put_page(page);
		break;
	}
	rcu_read_unlock();
	return i;
}

/* See to it that a page is up to date; it has a reference.  0 or -errno. */
static int make_uptodate(struct kiocb *iocb, struct page *page)
{
	struct file *file = iocb->ki_filp;

	if (iocb->ki_flags & IOCB_NOWAIT)
		return -EAGAIN;
	if (lock_page_killable(page))
		return -EINTR;
	if (!page->mapping) {
		unlock_page(page);
		return AOP_TRUNCATED_PAGE;
	}
	if (PageUptodate(page)) {
		unlock_page(page);
		return 0;
	}
	return filemap_read_page(file, page);
}

/* The page at index, made and locked, not up to date; or NULL: no memory. */
static struct page *new_page(struct address_space *mapping, unsigned long index)
{
	struct page *page;

	down_read(&mapping->invalidate_lock);
	page = find_or_create_page(mapping, index, mapping_gfp_mask(mapping));
	up_read(&mapping->invalidate_lock);
	if (page)
		unlock_page(page);
	return page;
}

/* Not in memory: read it, and more if it looks so.  `want`: pages asked for. */
static struct page *absent_page(struct kiocb *iocb, unsigned long index,
				unsigned long want)
{
	struct file *file = iocb->ki_filp;
	struct address_space *mapping = file->f_mapping;
	struct page *page;

	if (iocb->ki_flags & IOCB_NOWAIT)
		return ERR_PTR(-EAGAIN);
	page_cache_sync_readahead(mapping, &file->f_ra, file, index, want);
	page = find_get_page(mapping, index);
	if (!page)
		page = new_page(mapping, index);
	return page ? page : ERR_PTR(-ENOMEM);
}

/* One page, the slow way; NULL for a hole; or ERR_PTR. */
static struct page *page_for_read(struct kiocb *iocb, unsigned long index,
				  unsigned long want)
{
	struct file *file = iocb->ki_filp;
	struct address_space *mapping = file->f_mapping;
	struct page *page;
	int err;

	do {
		page = find_get_page(mapping, index);
		if (!page && hole_reads_as_zeroes(mapping)) {
			err = shmem_swap_in(mapping, index);
			if (err)
				return err == -ENOENT ? NULL : ERR_PTR(err);
			err = AOP_TRUNCATED_PAGE;      /* look again */
			continue;
		}
		if (!page)
			page = absent_page(iocb, index, want);
		else if (PageReadahead(page))
			page_cache_async_readahead(mapping, &file->f_ra, file,
						   page, index, want);
		if (IS_ERR(page))
			return page;
		if (PageUptodate(page))
			return page;
		err = make_uptodate(iocb, page);
		if (!err)
			return page;
		put_page(page);
	} while (err == AOP_TRUNCATED_PAGE);
	return ERR_PTR(err);
}

/*
 * The pages from iocb->ki_pos on that can be had at once, len bytes and max
 * pages at most; or the first alone, which may be a hole.  How many, -errno.
 */
static int get_read_pages(struct kiocb *iocb, size_t len, struct page **pages,
			  unsigned max)
{
	struct address_space *mapping = iocb->ki_filp->f_mapping;
	unsigned long index = iocb->ki_pos >> PAGE_SHIFT, want;
	unsigned n;

	want = ((iocb->ki_pos + len - 1) >> PAGE_SHIFT) - index + 1;
	n = ready_pages(mapping, index, want < max ? want : max, pages);
	if (likely(n))
		return n;
	pages[0] = page_for_read(iocb, index, want);
	return IS_ERR(pages[0]) ? PTR_ERR(pages[0]) : 1;
}

int filemap_get_read_pages(struct kiocb *iocb, size_t len, struct page **pages,
			   unsigned max)
{
	struct file_ra_state *ra = &iocb->ki_filp->f_ra;
	int i, n = get_read_pages(iocb, len, pages, max);

	for (i = 0; i < n; i++)
		if (pages[i])
			mark_page_accessed(pages[i]);
	if (n > 0)
		ra->prev_pos = ((iocb->ki_pos >> PAGE_SHIFT) + n) * PAGE_SIZE
			       - 1;
	return n;
}

/* Copy from the pages (n may be 1 for a hole: *pages NULL) until size. */
static ssize_t copy_pages(struct kiocb *iocb, struct iov_iter *to,
			  struct page **pages, unsigned n, loff_t size)
{
	ssize_t done = 0;
	unsigned i;

	for (i = 0; i < n && iov_iter_count(to); i++) {
		unsigned long offset = offset_in_page(iocb->ki_pos);
		size_t bytes = PAGE_SIZE - offset, copied;

		if (iocb->ki_pos >= size)
			break;
		if (bytes > size - iocb->ki_pos)
			bytes = size - iocb->ki_pos;
		if (bytes > iov_iter_count(to))
			bytes = iov_iter_count(to);
		copied = pages[i] ? copy_page_to_iter(pages[i], offset, bytes,
						      to)
				  : iov_iter_zero(bytes, to);
		iocb->ki_pos += copied;
		done += copied;
		if (copied < bytes)
			return done ? done : -EFAULT;
	}
	return done;
}

/* A page that is read in small pieces counts as used once. */
static void note_use(struct file_ra_state *ra, loff_t pos, struct page **pages,
		     unsigned n)
{
	bool again = ra->prev_pos >> PAGE_SHIFT == pos >> PAGE_SHIFT;
	unsigned i;

	for (i = 0; i < n; i++) {
		if (!pages[i])
			continue;
		if (i || !again)
			mark_page_accessed(pages[i]);
		put_page(pages[i]);
	}
}

/* One round: bytes, 0 at the end of the file, or -errno. */
static ssize_t read_round(struct kiocb *iocb, struct iov_iter *to)
{
	struct address_space *mapping = iocb->ki_filp->f_mapping;
	struct page *pages[READ_BATCH];
	loff_t pos = iocb->ki_pos;
	ssize_t done;
	int n;

	if (pos >= i_size_read(mapping->host))
		return 0;
	n = get_read_pages(iocb, iov_iter_count(to), pages, READ_BATCH);
	if (n < 0)
		return n;
	done = copy_pages(iocb, to, pages, n, i_size_read(mapping->host));
	note_use(&iocb->ki_filp->f_ra, pos, pages, n);
	iocb->ki_filp->f_ra.prev_pos = iocb->ki_pos - 1;
	return done;
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
	if (iocb->ki_flags & IOCB_DIRECT && ops->direct_IO) {
		n = ops->direct_IO(iocb, to);
		file_accessed(iocb->ki_filp);
		return n;
	}
	while (iov_iter_count(to)) {
		if (fatal_signal_pending(current)) {
			n = -EINTR;
			break;
		}
		n = read_round(iocb, to);
		if (n <= 0)
			break;
		done += n;
		cond_resched();
	}
	file_accessed(iocb->ki_filp);
	return done ? done : n;
}
EXPORT_SYMBOL(generic_file_read_iter);
