/* SPDX-License-Identifier: MIT */
/*
 * splice_read.c -- from a file into a pipe
 *
 * IDEA.  A file of the page cache gives references: its pages are read as for
 * read(), and entered instead of copied.  Any other is read into new pages,
 * which the pipe then owns.
 *
 * A page may be truncated from its file while the pipe has it: its bytes stay
 * what they were, or are zeroes, and it is freed when the pipe lets go of it.
 *
 * LOCKING.  The pipe's mutex is held by the caller.
 *
 * SEE splice.c
 */

#include <fs/splice.h>

#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <mm/filemap.h>
#include <mm/mm.h>

#define BATCH 16

const struct pipe_buf_operations page_cache_pipe_buf_ops = {
	.release = generic_pipe_buf_release,
	.get = generic_pipe_buf_get,
};
EXPORT_SYMBOL(page_cache_pipe_buf_ops);

void spd_release_page(struct splice_pipe_desc *spd, unsigned int i)
{
	put_page(spd->pages[i]);
}

/* Every field is set: what the slot's last user left must not stay. */
static void enter(struct pipe_inode_info *pipe, const struct pipe_buffer *buf)
{
	*pipe_buf(pipe, pipe->head) = *buf;
	pipe->head++;
}

ssize_t splice_to_pipe(struct pipe_inode_info *pipe,
		       struct splice_pipe_desc *spd)
{
	ssize_t done = 0;
	int i = 0;

	if (!pipe->readers) {
		send_sig(SIGPIPE, current, 0);
		done = -EPIPE;
	}
	for (; !done || i; i++) {
		if (i == spd->nr_pages || pipe_full(pipe->head, pipe->tail,
						    pipe->ring_size))
			break;
		enter(pipe, &(struct pipe_buffer){
			.page = spd->pages[i], .ops = spd->ops,
			.offset = spd->partial[i].offset,
			.len = spd->partial[i].len,
			.private = spd->partial[i].private });
		done += spd->partial[i].len;
	}
	if (!done && spd->nr_pages)
		done = -EAGAIN;
	for (; i < spd->nr_pages; i++)
		spd->spd_release(spd, i);
	return done;
}
EXPORT_SYMBOL(splice_to_pipe);

ssize_t add_to_pipe(struct pipe_inode_info *pipe, struct pipe_buffer *buf)
{
	if (!pipe->readers) {
		send_sig(SIGPIPE, current, 0);
		pipe_buf_release(pipe, buf);
		return -EPIPE;
	}
	if (pipe_full(pipe->head, pipe->tail, pipe->ring_size)) {
		pipe_buf_release(pipe, buf);
		return -EAGAIN;
	}
	enter(pipe, buf);
	return buf->len;
}
EXPORT_SYMBOL(add_to_pipe);

static unsigned int slots_free(const struct pipe_inode_info *pipe)
{
	return pipe->ring_size - pipe_occupancy(pipe->head, pipe->tail);
}

/* ---- from the page cache ---- */

/* A page of zeroes for each hole; how many pages there are now. */
static int fill_holes(struct page **pages, int nr)
{
	int i;

	for (i = 0; i < nr; i++) {
		if (!pages[i])
			pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!pages[i])
			break;
	}
	return i;
}

/* Which part of each page belongs to [pos, end); how many pages do. */
static int set_parts(struct partial_page *part, int nr, loff_t pos, loff_t end)
{
	int i;

	for (i = 0; i < nr && pos < end; i++) {
		part[i].offset = offset_in_page(pos);
		part[i].len = min_t(loff_t, PAGE_SIZE - part[i].offset,
				    end - pos);
		part[i].private = 0;
		pos += part[i].len;
	}
	return i;
}

/* A few pages from *pos on: bytes, 0 at the end of the file, -errno. */
static ssize_t splice_round(struct kiocb *iocb, struct pipe_inode_info *pipe,
			    size_t len)
{
	struct inode *inode = iocb->ki_filp->f_mapping->host;
	loff_t pos = iocb->ki_pos, size = i_size_read(inode);
	struct partial_page part[BATCH];
	struct page *pages[BATCH];
	struct splice_pipe_desc spd = {
		.pages = pages, .partial = part, .nr_pages_max = BATCH,
		.ops = &page_cache_pipe_buf_ops,
		.spd_release = spd_release_page };
	int nr, used;

	if (pos >= size)
		return 0;
	len = min_t(loff_t, len, size - pos);
	nr = filemap_get_read_pages(iocb, len, pages,
				    min(slots_free(pipe), (unsigned)BATCH));
	if (nr < 0)
		return nr;
	nr = fill_holes(pages, nr);
	if (!nr)
		return -ENOMEM;
	/* The size after the pages: see mm/virt/filemap_read.c. */
	size = min_t(loff_t, i_size_read(inode), pos + len);
	used = set_parts(part, nr, pos, size);
	while (nr > used)
		put_page(pages[--nr]);
	spd.nr_pages = nr;
	return nr ? splice_to_pipe(pipe, &spd) : 0;
}

ssize_t generic_file_splice_read(struct file *in, loff_t *ppos,
				 struct pipe_inode_info *pipe, size_t len,
				 unsigned int flags)
{
	struct kiocb iocb = { .ki_filp = in, .ki_pos = *ppos };
	ssize_t done = 0, n = 0;

	if (in->f_flags & O_DIRECT)
		return copy_splice_read(in, ppos, pipe, len, flags);
	while (len && slots_free(pipe)) {
		if (fatal_signal_pending(current)) {
			n = -EINTR;
			break;
		}
		n = splice_round(&iocb, pipe, len);
		if (n <= 0)
			break;
		iocb.ki_pos += n;
		done += n;
		len -= n;
	}
	file_accessed(in);
	*ppos = iocb.ki_pos;
	return done ? done : n;
}
EXPORT_SYMBOL(generic_file_splice_read);

/* ---- by a copy ---- */

/* Enter the n bytes that were read to the pages; pages without are freed. */
static ssize_t enter_copied(struct pipe_inode_info *pipe, struct page **pages,
			    unsigned int nr, ssize_t n)
{
	struct partial_page part[BATCH];
	struct splice_pipe_desc spd = {
		.pages = pages, .partial = part, .nr_pages_max = BATCH,
		.ops = &default_pipe_buf_ops,
		.spd_release = spd_release_page };

	spd.nr_pages = set_parts(part, nr, 0, max(n, (ssize_t)0));
	while (nr > (unsigned)spd.nr_pages)
		put_page(pages[--nr]);
	return n > 0 ? splice_to_pipe(pipe, &spd) : n;
}

ssize_t copy_splice_read(struct file *in, loff_t *ppos,
			 struct pipe_inode_info *pipe, size_t len,
			 unsigned int flags)
{
	unsigned int want = min(slots_free(pipe), (unsigned)BATCH), nr;
	struct page *pages[BATCH];
	struct kvec vec[BATCH];
	loff_t pos = *ppos;
	struct iov_iter to;
	ssize_t n;

	(void)flags;
	if (!in->f_op->read_iter)
		return -EINVAL;
	want = min_t(size_t, want, DIV_ROUND_UP(len, PAGE_SIZE));
	for (nr = 0; nr < want; nr++) {
		pages[nr] = alloc_page(GFP_KERNEL);
		if (!pages[nr])
			break;
		vec[nr].iov_base = page_address(pages[nr]);
		vec[nr].iov_len = PAGE_SIZE;
	}
	if (!nr)
		return want ? -ENOMEM : 0;
	len = min(len, (size_t)nr << PAGE_SHIFT);
	iov_iter_kvec(&to, ITER_DEST, vec, nr, len);
	n = vfs_iter_read(in, &to, &pos);
	n = enter_copied(pipe, pages, nr, n);
	if (n > 0)
		*ppos += n;
	return n;
}
EXPORT_SYMBOL(copy_splice_read);
