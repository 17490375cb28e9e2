/* SPDX-License-Identifier: MIT */
/*
 * file.c -- a file's data, read and written at the server
 *
 * IDEA.  read() and write() go to the server each time (cache=none).  Only a
 * mapping needs pages: they are read when touched, and a shared mapping's dirty
 * ones are written by msync(), by the flusher, and when the last user of the
 * open file is gone.  So that both see the same:
 *
 *	read()    writes dirty mapped pages of the range first
 *	write()   the same, then drops the pages that it has overtaken
 *	mmap()    drops what an earlier mapping has left
 *
 * Data travel in pages of the kernel's own (P9_MAX_PAGES at a time) and are
 * copied to or from user memory.
 *
 * LOCKING.  i_rwsem for writing in write(), as everywhere.  v9fs_inode.lock for
 * the handle by which mapped pages are written.
 */

#include "v9fs.h"

#include <kernel/err.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>
#include <mm/filemap.h>
#include <mm/slab.h>
#include <mm/writeback.h>
#include <uapi/fcntl.h>

#define DIR_BUFFER 16384
/* What the server must not do again: the VFS has done it. */
#define NOT_FOR_SERVER (O_CREAT | O_EXCL | O_TRUNC | O_NOCTTY | O_APPEND | \
			O_CLOEXEC | O_DIRECT | O_NONBLOCK)

static int v9fs_open(struct inode *inode, struct file *file)
{
	struct p9_fid *name = v9fs_fid(file_dentry(file)), *fid;
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	fid = p9_walk(name, NULL, 0);
	if (IS_ERR(fid))
		return PTR_ERR(fid);
	err = p9_lopen(fid, file->f_flags & ~NOT_FOR_SERVER);
	if (err) {
		p9_clunk(fid);
		return err;
	}
	file->private_data = fid;
	return 0;
}

static int write_mapped(struct file *file)
{
	struct address_space *mapping = file->f_mapping;

	return mapping->nrpages ? filemap_write_and_wait(mapping) : 0;
}

static int v9fs_flush(struct file *file, void *owner)
{
	return file->f_mode & FMODE_WRITE ? write_mapped(file) : 0;
}

static int v9fs_release(struct inode *inode, struct file *file)
{
	if (S_ISREG(inode->i_mode))
		write_mapped(file);
	p9_clunk(file->private_data);
	return 0;
}

static int v9fs_fsync(struct file *file, loff_t start, loff_t end, int datasync)
{
	int err = file_write_and_wait_range(file, start, end);

	return err ? err : p9_fsync(file->private_data, datasync);
}

/* --- Pages to carry data ------------------------------------------------- */

static void free_pages_of(struct page **pages, unsigned int nr)
{
	while (nr > 0)
		put_page(pages[--nr]);
}

/* At least one; fewer than wanted if memory is short. */
static unsigned int get_pages(struct page **pages, unsigned int nr)
{
	unsigned int n;

	for (n = 0; n < nr; n++) {
		pages[n] = alloc_page(n ? GFP_KERNEL | __GFP_NORETRY
					: GFP_KERNEL);
		if (!pages[n])
			break;
	}
	return n;
}

static u32 io_size(struct p9_fid *fid)
{
	u32 most = min(fid->client->msize - P9_IO_HEADER - 16,
		       (u32)(P9_MAX_PAGES * PAGE_SIZE));

	return fid->iounit && fid->iounit < most ? fid->iounit : most;
}

/* Copy len bytes between pages and user memory; what went. */
static size_t copy(struct page **pages, size_t len, struct iov_iter *iter,
		   bool to_user)
{
	size_t done = 0;

	while (done < len) {
		size_t part = min(len - done, (size_t)PAGE_SIZE), n;
		struct page *page = pages[done >> PAGE_SHIFT];

		n = to_user ? copy_page_to_iter(page, 0, part, iter)
			    : copy_page_from_iter(page, 0, part, iter);
		done += n;
		if (n < part)
			break;
	}
	return done;
}

/* One request's worth; bytes moved, which may be fewer than asked for. */
static ssize_t move(struct p9_fid *fid, bool write, loff_t pos,
		    struct iov_iter *iter, struct page **pages, u32 len)
{
	unsigned int nr = DIV_ROUND_UP(len, PAGE_SIZE);
	size_t copied;
	ssize_t n;

	if (write) {
		copied = copy(pages, len, iter, false);
		if (!copied)
			return -EFAULT;
		n = p9_io(fid, true, pos, pages, DIV_ROUND_UP(copied, PAGE_SIZE),
			  0, copied);
		iov_iter_revert(iter, copied - (n > 0 ? n : 0));
		return n;
	}
	n = p9_io(fid, false, pos, pages, nr, 0, len);
	if (n <= 0)
		return n;
	copied = copy(pages, n, iter, true);
	return copied ? (ssize_t)copied : -EFAULT;
}

static ssize_t transfer(struct kiocb *iocb, struct iov_iter *iter, bool write)
{
	struct p9_fid *fid = iocb->ki_filp->private_data;
	size_t most = min(iov_iter_count(iter), (size_t)io_size(fid));
	struct page *pages[P9_MAX_PAGES];
	unsigned int nr = get_pages(pages, DIV_ROUND_UP(most, PAGE_SIZE));
	ssize_t done = 0, n = nr ? 0 : -ENOMEM;

	while (nr && iov_iter_count(iter)) {
		u32 len = min(min(iov_iter_count(iter), most),
			      (size_t)nr * PAGE_SIZE);

		n = move(fid, write, iocb->ki_pos, iter, pages, len);
		if (n <= 0)
			break;
		iocb->ki_pos += n;
		done += n;
		if (n < len && !write)
			break;          /* the end of the file */
	}
	free_pages_of(pages, nr);
	return done ? done : n;
}

static ssize_t v9fs_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	int err = write_mapped(iocb->ki_filp);

	if (err)
		return err;
	return iov_iter_count(to) ? transfer(iocb, to, false) : 0;
}

static ssize_t v9fs_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct file *file = iocb->ki_filp;
	struct inode *inode = file_inode(file);
	loff_t start;
	ssize_t n;

	inode_lock(inode);
	if (iocb->ki_flags & IOCB_APPEND)
		v9fs_refresh(file_dentry(file));
	n = generic_write_checks(iocb, from);
	if (n <= 0)
		goto out;
	n = write_mapped(file);
	if (n)
		goto out;
	start = iocb->ki_pos;
	n = transfer(iocb, from, true);
	if (n > 0) {
		if (iocb->ki_pos > i_size_read(inode))
			i_size_write(inode, iocb->ki_pos);
		if (inode->i_mapping->nrpages)
			invalidate_inode_pages2_range(inode->i_mapping,
				start >> PAGE_SHIFT,
				(iocb->ki_pos - 1) >> PAGE_SHIFT);
	}
out:
	inode_unlock(inode);
	if (n > 0)
		n = generic_write_sync(iocb, n);
	return n;
}

/* --- Mappings ------------------------------------------------------------ */

/* A handle by which mapped pages go back; kept until the inode goes. */
static int open_for_writeback(struct file *file)
{
	struct v9fs_inode *vi = v9fs_i(file_inode(file));
	struct p9_fid *fid;
	int err = 0;

	mutex_lock(&vi->lock);
	if (vi->wb_fid)
		goto out;
	fid = p9_walk(v9fs_fid(file_dentry(file)), NULL, 0);
	err = PTR_ERR_OR_ZERO(fid);
	if (err)
		goto out;
	err = p9_lopen(fid, O_RDWR);
	if (err)
		p9_clunk(fid);
	else
		vi->wb_fid = fid;
out:
	mutex_unlock(&vi->lock);
	return err;
}

static int v9fs_mmap(struct file *file, struct vm_area_struct *vma)
{
	int err = write_mapped(file);

	if (err)
		return err;
	invalidate_inode_pages2(file->f_mapping);
	if ((vma->vm_flags & VM_SHARED) && (file->f_mode & FMODE_WRITE)) {
		err = open_for_writeback(file);
		if (err)
			return err;
	}
	return generic_file_mmap(file, vma);
}

static int v9fs_read_folio(struct file *file, struct page *page)
{
	struct p9_fid *fid = file ? file->private_data
				  : v9fs_i(page->mapping->host)->wb_fid;
	size_t done = 0;
	ssize_t n = -EBADF;

	while (fid && done < PAGE_SIZE) {
		n = p9_io(fid, false, page_offset(page) + done, &page, 1, done,
			  PAGE_SIZE - done);
		if (n <= 0)
			break;
		done += n;
	}
	if (n >= 0) {
		memset(page_address(page) + done, 0, PAGE_SIZE - done);
		SetPageUptodate(page);
		n = 0;
	}
	unlock_page(page);
	return n;
}

static int v9fs_writepage(struct page *page, struct writeback_control *wbc)
{
	struct inode *inode = page->mapping->host;
	loff_t left = i_size_read(inode) - page_offset(page);
	u32 len = clamp(left, (loff_t)0, (loff_t)PAGE_SIZE), done = 0;
	struct p9_fid *fid = v9fs_i(inode)->wb_fid;
	ssize_t n = fid ? 0 : -EIO;

	set_page_writeback(page);
	unlock_page(page);
	while (n >= 0 && done < len) {
		n = p9_io(fid, true, page_offset(page) + done, &page, 1, done,
			  len - done);
		if (n == 0)
			n = -EIO;
		if (n > 0)
			done += n;
	}
	if (n < 0)
		mapping_set_error(inode->i_mapping, n);
	end_page_writeback(page);
	return n < 0 ? n : 0;
}

const struct address_space_operations v9fs_aops = {
	.read_folio = v9fs_read_folio,
	.writepage = v9fs_writepage,
	.dirty_folio = filemap_dirty_folio,
};

const struct file_operations v9fs_file_fops = {
	.llseek = generic_file_llseek,
	.read_iter = v9fs_read_iter,
	.write_iter = v9fs_write_iter,
	.mmap = v9fs_mmap,
	.open = v9fs_open,
	.flush = v9fs_flush,
	.release = v9fs_release,
	.fsync = v9fs_fsync,
};

/* --- Directories --------------------------------------------------------- */

/* Positions are the server's own; what did not fit is asked for again. */
static int v9fs_readdir(struct file *file, struct dir_context *ctx)
{
	u32 len = min((u32)DIR_BUFFER, io_size(file->private_data));
	void *buf = kmalloc(DIR_BUFFER, GFP_KERNEL);
	struct p9_dirent d;
	struct p9_buf b;
	ssize_t n;

	if (!buf)
		return -ENOMEM;
	while ((n = p9_readdir(file->private_data, ctx->pos, buf, len)) > 0) {
		p9_open(&b, buf, n);
		while (p9_get_dirent(&b, &d)) {
			if (!dir_emit(ctx, d.name, d.len, d.qid.path, d.type)) {
				n = 0;
				goto out;
			}
			ctx->pos = d.offset;
		}
		if (b.bad) {
			n = -EIO;
			break;
		}
	}
out:
	kfree(buf);
	return n;
}

static int v9fs_dir_fsync(struct file *file, loff_t start, loff_t end,
			  int datasync)
{
	return p9_fsync(file->private_data, datasync);
}

static int v9fs_dir_release(struct inode *inode, struct file *file)
{
	p9_clunk(file->private_data);
	return 0;
}

const struct file_operations v9fs_dir_fops = {
	.llseek = generic_file_llseek,
	.read = generic_read_dir,
	.iterate_shared = v9fs_readdir,
	.open = v9fs_open,
	.release = v9fs_dir_release,
	.fsync = v9fs_dir_fsync,
};
