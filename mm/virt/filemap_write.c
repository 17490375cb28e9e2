/* SPDX-License-Identifier: MIT */
/*
 * filemap_write.c -- write() into the page cache
 *
 * PROMISE.  A write is in the page cache when the call returns: every reader
 * and every mapping sees it.  It reaches the disk when
 * the flusher comes (docs/77-writeback.md), at fsync() at the latest.
 *
 * IDEA.  For each page: the file system prepares it (write_begin: find or make
 * it, locked, read what the write leaves as it was), the bytes are copied, the
 * file system finishes (write_end: size, dirty, unlock).
 *
 * The bytes are copied with the page locked.  If they come from a mapping of
 * that very page and it is not present, a page fault would wait for the lock
 * that we hold: for ever.  So the source is touched first, without the lock,
 * and the copy runs with page faults off.  If the page went away in between,
 * the copy is short, and the round starts again.
 *
 * LOCKING.  The inode's lock keeps writers apart, so that a write is whole.
 */

#include <mm/filemap.h>

#include <kernel/export.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/writeback.h>

#include "internal.h"

/* ---- write() ------------------------------------------------------------- */

/* One round: at most to the end of a page.  Bytes, 0 to try less, -errno. */
static ssize_t write_round(struct kiocb *iocb, struct iov_iter *from,
			   size_t bytes)
{
	struct file *file = iocb->ki_filp;
	struct address_space *mapping = file->f_mapping;
	const struct address_space_operations *ops = mapping->a_ops;
	struct page *page = NULL;
	void *fsdata = NULL;
	ssize_t written;
	size_t copied;
	int err;

	err = ops->write_begin(file, mapping, iocb->ki_pos, bytes, &page,
			       &fsdata);
	if (err)
		return err;
	copied = copy_page_from_iter_atomic(page, offset_in_page(iocb->ki_pos),
					    bytes, from);
	flush_dcache_page(page);
	written = ops->write_end(file, mapping, iocb->ki_pos, bytes, copied,
				 page, fsdata);
	if (written != (ssize_t)copied)
		iov_iter_revert(from, copied - (written > 0 ? written : 0));
	return written;
}

ssize_t generic_perform_write(struct kiocb *iocb, struct iov_iter *from)
{
	ssize_t done = 0, n = 0;

	while (iov_iter_count(from)) {
		size_t bytes = PAGE_SIZE - offset_in_page(iocb->ki_pos);

		if (bytes > iov_iter_count(from))
			bytes = iov_iter_count(from);
		if (fault_in_iov_iter_readable(from, bytes) == bytes) {
			n = -EFAULT;
			break;
		}
		if (fatal_signal_pending(current)) {
			n = -EINTR;
			break;
		}
		n = write_round(iocb, from, bytes);
		if (n < 0)
			break;
		iocb->ki_pos += n;
		done += n;
		balance_dirty_pages_ratelimited(iocb->ki_filp->f_mapping);
	}
	return done ? done : n;
}
EXPORT_SYMBOL(generic_perform_write);

ssize_t __generic_file_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *file = iocb->ki_filp;
	int err = file_remove_privs(file);

	if (err)
		return err;
	err = file_update_time(file);
	if (err)
		return err;
	if (iocb->ki_flags & IOCB_DIRECT && file->f_mapping->a_ops->direct_IO)
		return file->f_mapping->a_ops->direct_IO(iocb, from);
	return generic_perform_write(iocb, from);
}
EXPORT_SYMBOL(__generic_file_write_iter);

ssize_t generic_file_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct inode *inode = iocb->ki_filp->f_mapping->host;
	ssize_t ret;

	inode_lock(inode);
	ret = generic_write_checks(iocb, from);
	if (ret > 0)
		ret = __generic_file_write_iter(iocb, from);
	inode_unlock(inode);
	if (ret > 0)
		ret = generic_write_sync(iocb, ret);
	return ret;
}
EXPORT_SYMBOL(generic_file_write_iter);

/* ---- file systems that live in the cache --------------------------------- */

int simple_read_folio(struct file *file, struct page *page)
{
	(void)file;
	clear_highpage(page);
	SetPageUptodate(page);
	unlock_page(page);
	return 0;
}
EXPORT_SYMBOL(simple_read_folio);

static void zero_part(struct page *page, size_t from, size_t to)
{
	if (to > from)
		memset(page_address(page) + from, 0, to - from);
}

int simple_write_begin(struct file *file, struct address_space *mapping,
		       loff_t pos, unsigned len, struct page **pagep,
		       void **fsdata)
{
	unsigned long from = offset_in_page(pos);
	struct page *page;

	(void)file, (void)fsdata;
	page = grab_cache_page_write_begin(mapping, pos >> PAGE_SHIFT);
	if (!page)
		return -ENOMEM;
	if (!PageUptodate(page) && len != PAGE_SIZE) {
		zero_part(page, 0, from);
		zero_part(page, from + len, PAGE_SIZE);
	}
	*pagep = page;
	return 0;
}
EXPORT_SYMBOL(simple_write_begin);

int simple_write_end(struct file *file, struct address_space *mapping,
		     loff_t pos, unsigned len, unsigned copied,
		     struct page *page, void *fsdata)
{
	unsigned long from = offset_in_page(pos);
	struct inode *inode = mapping->host;
	loff_t end = pos + copied, old = i_size_read(inode);

	(void)file, (void)fsdata;
	if (!PageUptodate(page)) {
		/* What a short copy left holds another file's old bytes. */
		zero_part(page, from + copied, from + len);
		SetPageUptodate(page);
	}
	if (end > old)
		i_size_write(inode, end);
	set_page_dirty(page);
	unlock_page(page);
	put_page(page);
	if (old < pos)
		pagecache_isize_extended(inode, old, pos);
	return copied;
}
EXPORT_SYMBOL(simple_write_end);
