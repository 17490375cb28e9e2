/* SPDX-License-Identifier: MIT */
/*
 * page_writeback.c -- writing the dirty pages of one mapping, and waiting
 *
 * PROMISE.  filemap_fdatawrite() starts the write of all that is dirty now,
 * filemap_fdatawait() waits for it; an error of any of it is told to each open
 * file once, at its next fsync().
 *
 * IDEA.  The marks of i_pages lead to the dirty pages in order of index, which
 * is mostly the order on the disk.  A sync must end although others go on
 * dirtying pages behind its back: so it first marks what is dirty *now* with
 * TOWRITE, in one quick pass, and then writes only that:
 *
 *	dirty    [x][x][ ][x][ ]        a writer dirties 2 and 4 meanwhile
 *	towrite  [x][x][ ][x][ ]   -->  2 and 4 are the next sync's
 *
 * Writing that nobody waits for goes on where it stopped last time
 * (writeback_index), so that the end of a large file gets its turn.
 *
 * ERRORS.  mapping->wb_err (errseq) is what fsync() looks at.  AS_EIO and
 * AS_ENOSPC are the older form, for callers that have no open file.
 *
 * LOCKING.  Page locks, one at a time, in order of index.
 */

#include <mm/filemap.h>

#include <kernel/export.h>
#include <kernel/sched.h>
#include <mm/writeback.h>

#include "internal.h"

#define BATCH 16

/* ---- finding ------------------------------------------------------------- */

/* Like find_get_pages(), those with the mark only. */
unsigned find_get_pages_tag(struct address_space *mapping,
			    unsigned long *index, unsigned long end,
			    xa_mark_t mark, unsigned nr, struct page **pages)
{
	unsigned long at = *index;
	unsigned n = 0;

	while (n < nr && at <= end) {
		struct page *page;

		rcu_read_lock();
		page = xa_find(&mapping->i_pages, &at, end, mark);
		if (page && (xa_is_value(page) ||
			     !get_page_unless_zero(page))) {
			rcu_read_unlock();
			/* A shadow, or on its way out: not dirty any more. */
			if (at++ == ULONG_MAX)
				break;
			continue;
		}
		rcu_read_unlock();
		if (!page)
			break;
		pages[n++] = page;
		if (at++ == ULONG_MAX)
			break;
	}
	*index = at;
	return n;
}
EXPORT_SYMBOL(find_get_pages_tag);

void tag_pages_for_writeback(struct address_space *mapping,
			     unsigned long start, unsigned long end)
{
	unsigned long index = start;
	unsigned n = 0;

	xa_lock(&mapping->i_pages);
	while (index <= end && xa_find(&mapping->i_pages, &index, end,
				       PAGECACHE_TAG_DIRTY)) {
		__xa_set_mark(&mapping->i_pages, index, PAGECACHE_TAG_TOWRITE);
		if (index++ == ULONG_MAX)
			break;
		if (++n % 1024)
			continue;
		xa_unlock(&mapping->i_pages);
		cond_resched();
		xa_lock(&mapping->i_pages);
	}
	xa_unlock(&mapping->i_pages);
}
EXPORT_SYMBOL(tag_pages_for_writeback);

/* ---- writing ------------------------------------------------------------- */

/* One page that was found by its mark, with a reference: 0 or -errno. */
static int write_found_page(struct address_space *mapping, struct page *page,
			    struct writeback_control *wbc,
			    writepage_t writepage, void *data, bool *written)
{
	int err;

	*written = false;
	lock_page(page);
	if (unlikely(page->mapping != mapping))
		goto out_unlock;
	if (!PageDirty(page)) {
		clear_stale_dirty_mark(mapping, page);
		goto out_unlock;
	}
	if (PageWriteback(page)) {
		if (wbc->sync_mode == WB_SYNC_NONE)
			goto out_unlock;
		wait_on_page_writeback(page);
	}
	if (!clear_page_dirty_for_io(page))
		goto out_unlock;
	*written = true;
	err = writepage(page, wbc, data);
	if (err != AOP_WRITEPAGE_ACTIVATE)
		return err;
out_unlock:
	unlock_page(page);
	return 0;
}

/* Write a batch; true when the round is over.  *next: behind the last done. */
static bool write_batch(struct address_space *mapping,
			struct writeback_control *wbc, writepage_t writepage,
			void *data, struct page **pages, unsigned n,
			unsigned long *next, int *ret)
{
	bool over = false, written;
	unsigned i;
	int err;

	for (i = 0; i < n; i++) {
		if (over) {
			put_page(pages[i]);
			continue;
		}
		*next = pages[i]->index + 1;
		err = write_found_page(mapping, pages[i], wbc, writepage, data,
				       &written);
		put_page(pages[i]);
		if (err && !*ret)
			*ret = err;
		/* Who waits for the data wants all the rest nevertheless. */
		if (err && wbc->sync_mode == WB_SYNC_NONE)
			over = true;
		if (written && --wbc->nr_to_write <= 0 &&
		    wbc->sync_mode == WB_SYNC_NONE)
			over = true;
	}
	return over;
}

int write_cache_pages(struct address_space *mapping,
		      struct writeback_control *wbc, writepage_t writepage,
		      void *data)
{
	unsigned long index = wbc->range_start >> PAGE_SHIFT, next;
	unsigned long end = wbc->range_end >> PAGE_SHIFT;
	xa_mark_t mark = PAGECACHE_TAG_DIRTY;
	struct page *pages[BATCH];
	bool over = false;
	int ret = 0;
	unsigned n;

	if (wbc->range_cyclic) {
		index = mapping->writeback_index;
		end = ULONG_MAX;
	}
	if (wbc->sync_mode == WB_SYNC_ALL || wbc->tagged_writepages) {
		tag_pages_for_writeback(mapping, index, end);
		mark = PAGECACHE_TAG_TOWRITE;
	}
	next = index;
	while (!over && index <= end) {
		n = find_get_pages_tag(mapping, &index, end, mark, BATCH,
				       pages);
		if (!n)
			break;
		over = write_batch(mapping, wbc, writepage, data, pages, n,
				   &next, &ret);
		if (!index)
			break;
		cond_resched();
	}
	if (wbc->range_cyclic)
		mapping->writeback_index = over ? next : 0;
	return ret;
}
EXPORT_SYMBOL(write_cache_pages);

static int call_writepage(struct page *page, struct writeback_control *wbc,
			  void *data)
{
	struct address_space *mapping = data;
	int err = mapping->a_ops->writepage(page, wbc);

	if (err && err != AOP_WRITEPAGE_ACTIVATE)
		mapping_set_error(mapping, err);
	return err;
}

int generic_writepages(struct address_space *mapping,
		       struct writeback_control *wbc)
{
	if (!mapping->a_ops->writepage)
		return 0;
	return write_cache_pages(mapping, wbc, call_writepage, mapping);
}
EXPORT_SYMBOL(generic_writepages);

int do_writepages(struct address_space *mapping, struct writeback_control *wbc)
{
	if (wbc->nr_to_write <= 0)
		return 0;
	if (mapping->a_ops->writepages)
		return mapping->a_ops->writepages(mapping, wbc);
	return generic_writepages(mapping, wbc);
}
EXPORT_SYMBOL(do_writepages);

int __filemap_fdatawrite_range(struct address_space *mapping, loff_t start,
			       loff_t end, int sync_mode)
{
	struct writeback_control wbc = {
		.sync_mode = sync_mode, .nr_to_write = LONG_MAX,
		.range_start = start, .range_end = end };

	if (!mapping->a_ops || !mapping->host ||
	    !bdi_cap_writeback(inode_to_bdi(mapping->host)) ||
	    !xa_marked(&mapping->i_pages, PAGECACHE_TAG_DIRTY))
		return 0;
	return do_writepages(mapping, &wbc);
}
EXPORT_SYMBOL(__filemap_fdatawrite_range);

int filemap_fdatawrite_range(struct address_space *mapping, loff_t start,
			     loff_t end)
{
	return __filemap_fdatawrite_range(mapping, start, end, WB_SYNC_ALL);
}
EXPORT_SYMBOL(filemap_fdatawrite_range);

int filemap_fdatawrite(struct address_space *mapping)
{
	return filemap_fdatawrite_range(mapping, 0, S64_MAX);
}
EXPORT_SYMBOL(filemap_fdatawrite);

int filemap_flush(struct address_space *mapping)
{
	return __filemap_fdatawrite_range(mapping, 0, S64_MAX, WB_SYNC_NONE);
}
EXPORT_SYMBOL(filemap_flush);

/* ---- errors -------------------------------------------------------------- */

void mapping_set_error(struct address_space *mapping, int error)
{
	if (likely(!error))
		return;
	errseq_set(&mapping->wb_err, error);
	if (mapping->host)
		errseq_set(&mapping->host->i_sb->s_wb_err, error);
	set_bit(error == -ENOSPC ? AS_ENOSPC : AS_EIO, &mapping->flags);
}
EXPORT_SYMBOL(mapping_set_error);

int filemap_check_errors(struct address_space *mapping)
{
	int err = 0;

	if (test_bit(AS_ENOSPC, &mapping->flags) &&
	    test_and_clear_bit(AS_ENOSPC, &mapping->flags))
		err = -ENOSPC;
	if (test_bit(AS_EIO, &mapping->flags) &&
	    test_and_clear_bit(AS_EIO, &mapping->flags))
		err = -EIO;
	return err;
}
EXPORT_SYMBOL(filemap_check_errors);

int file_check_and_advance_wb_err(struct file *file)
{
	struct address_space *mapping = file->f_mapping;
	int err = 0;

	if (errseq_check(&mapping->wb_err, READ_ONCE(file->f_wb_err))) {
		spin_lock(&file->f_lock);
		err = errseq_check_and_advance(&mapping->wb_err,
					       &file->f_wb_err);
		spin_unlock(&file->f_lock);
	}
	/* Told by errseq: not a second time by the older form. */
	clear_bit(AS_EIO, &mapping->flags);
	clear_bit(AS_ENOSPC, &mapping->flags);
	return err;
}
EXPORT_SYMBOL(file_check_and_advance_wb_err);

/* ---- waiting ------------------------------------------------------------- */

static void wait_for_range(struct address_space *mapping, loff_t start,
			   loff_t end_byte)
{
	unsigned long index = start >> PAGE_SHIFT;
	unsigned long end = end_byte >> PAGE_SHIFT;
	struct page *pages[BATCH];
	unsigned i, n;

	if (end_byte < start)
		return;
	while (index <= end &&
	       (n = find_get_pages_tag(mapping, &index, end,
				       PAGECACHE_TAG_WRITEBACK, BATCH,
				       pages))) {
		for (i = 0; i < n; i++) {
			wait_on_page_writeback(pages[i]);
			clear_stale_writeback_mark(mapping, pages[i]);
			put_page(pages[i]);
		}
		if (!index)
			break;
		cond_resched();
	}
}

int filemap_fdatawait_range(struct address_space *mapping, loff_t start,
			    loff_t end)
{
	wait_for_range(mapping, start, end);
	return filemap_check_errors(mapping);
}
EXPORT_SYMBOL(filemap_fdatawait_range);

/* sync(2) waits, but the errors are for those who ask for the file. */
int filemap_fdatawait_keep_errors(struct address_space *mapping)
{
	wait_for_range(mapping, 0, S64_MAX);
	if (test_bit(AS_EIO, &mapping->flags))
		return -EIO;
	return test_bit(AS_ENOSPC, &mapping->flags) ? -ENOSPC : 0;
}
EXPORT_SYMBOL(filemap_fdatawait_keep_errors);

int filemap_write_and_wait_range(struct address_space *mapping, loff_t start,
				 loff_t end)
{
	int err, err2;

	if (!mapping->nrpages)
		return filemap_check_errors(mapping);
	err = filemap_fdatawrite_range(mapping, start, end);
	err2 = filemap_fdatawait_range(mapping, start, end);
	return err ? err : err2;
}
EXPORT_SYMBOL(filemap_write_and_wait_range);

int file_write_and_wait_range(struct file *file, loff_t start, loff_t end)
{
	struct address_space *mapping = file->f_mapping;
	int err = 0, err2;

	if (mapping->nrpages) {
		err = filemap_fdatawrite_range(mapping, start, end);
		wait_for_range(mapping, start, end);
	}
	err2 = file_check_and_advance_wb_err(file);
	return err ? err : err2;
}
EXPORT_SYMBOL(file_write_and_wait_range);
