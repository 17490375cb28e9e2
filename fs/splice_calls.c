/* SPDX-License-Identifier: MIT */
/*
 * splice_calls.c -- splice(2), tee(2), vmsplice(2)
 *
 * IDEA.  splice.c moves between a pipe and a file.  Between two pipes a buffer
 * changes its ring, or (tee) gets a second reference.  vmsplice() enters the
 * caller's own pages: what it writes there later, the reader may see.
 *
 * LOCKING.  One pipe's mutex; two pipes: the lower address first.
 *
 * RACES.  One waits for each of two pipes alone, without the other's mutex, and
 * looks again with both: another may have been quicker.
 *
 * SEE splice(2), tee(2), vmsplice(2).
 */

#include <fs/splice.h>

#include "pipe_impl.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/uio.h>

#define GUP_BATCH 16

/* ---- between two pipes ---- */

/* Until there is something to take, or nobody who would bring it. */
static int ipipe_prep(struct pipe_inode_info *pipe, unsigned int flags)
{
	int err = 0;

	pipe_lock(pipe);
	while (!err && pipe_empty(pipe->head, pipe->tail) && pipe->writers) {
		if (flags & SPLICE_F_NONBLOCK)
			err = -EAGAIN;
		else
			err = pipe_sleep(pipe, &pipe->rd_wait);
	}
	pipe_unlock(pipe);
	return err;
}

static int opipe_prep(struct pipe_inode_info *pipe, unsigned int flags)
{
	int err;

	pipe_lock(pipe);
	err = splice_wait_for_space(pipe, flags);
	pipe_unlock(pipe);
	return err;
}

static void lock_two(struct pipe_inode_info *a, struct pipe_inode_info *b)
{
	if (a > b)
		swap(a, b);
	mutex_lock(&a->mutex);
	mutex_lock_nested(&b->mutex, SINGLE_DEPTH_NESTING);
}

/* A second reference to the first len bytes of a buffer; false: impossible. */
static bool copy_buffer(struct pipe_inode_info *in, struct pipe_buffer *ibuf,
			struct pipe_inode_info *out, size_t len)
{
	struct pipe_buffer *obuf = pipe_buf(out, out->head);

	if (!pipe_buf_get(in, ibuf))
		return false;
	*obuf = *ibuf;
	/* Two refer to the page now: neither gift nor room behind. */
	obuf->flags &= ~(PIPE_BUF_FLAG_GIFT | PIPE_BUF_FLAG_CAN_MERGE);
	obuf->len = min(len, (size_t)ibuf->len);
	out->head++;
	return true;
}

/* Both locked: up to len bytes change pipes; bytes or -EFAULT. */
static ssize_t move_buffers(struct pipe_inode_info *in,
			    struct pipe_inode_info *out, size_t len)
{
	ssize_t done = 0;

	while (len && in->head != in->tail &&
	       !pipe_full(out->head, out->tail, out->ring_size)) {
		struct pipe_buffer *ibuf = pipe_buf(in, in->tail);
		size_t n = min(len, (size_t)ibuf->len);

		if (n == ibuf->len) {
			*pipe_buf(out, out->head++) = *ibuf;
			ibuf->ops = NULL;
			in->tail++;
		} else {
			if (!copy_buffer(in, ibuf, out, n))
				return done ? done : -EFAULT;
			pipe_ring_eat(in, n);
		}
		done += n;
		len -= n;
	}
	return done;
}

/* The same, and they stay. */
static ssize_t link_buffers(struct pipe_inode_info *in,
			    struct pipe_inode_info *out, size_t len)
{
	unsigned int slot = in->tail;
	ssize_t done = 0;

	for (; len && slot != in->head; slot++) {
		struct pipe_buffer *ibuf = pipe_buf(in, slot);
		size_t n = min(len, (size_t)ibuf->len);

		if (pipe_full(out->head, out->tail, out->ring_size))
			break;
		if (!copy_buffer(in, ibuf, out, n))
			return done ? done : -EFAULT;
		done += n;
		len -= n;
	}
	return done;
}

static ssize_t both_ready(struct pipe_inode_info *in,
			  struct pipe_inode_info *out, size_t len, bool keep)
{
	ssize_t n;

	if (!out->readers) {
		send_sig(SIGPIPE, current, 0);
		return -EPIPE;
	}
	n = keep ? link_buffers(in, out, len) : move_buffers(in, out, len);
	if (n > 0)
		pipe_wake_readers(out);
	if (n > 0 && !keep)
		pipe_wake_writers(in);
	return n;
}

static ssize_t pipe_to_pipe(struct pipe_inode_info *in,
			    struct pipe_inode_info *out, size_t len,
			    unsigned int flags, bool keep)
{
	bool at_end = false;
	ssize_t n;

	if (in == out)
		return -EINVAL;
	do {
		n = ipipe_prep(in, flags);
		if (!n)
			n = opipe_prep(out, flags);
		if (n)
			return n;
		lock_two(in, out);
		n = both_ready(in, out, len, keep);
		at_end = pipe_empty(in->head, in->tail) && !in->writers;
		mutex_unlock(&in->mutex);
		mutex_unlock(&out->mutex);
	} while (!n && !at_end);
	return n;
}

/* ---- splice ---- */

static unsigned int nonblock(const struct file *pipe_file)
{
	return pipe_file->f_flags & O_NONBLOCK ? SPLICE_F_NONBLOCK : 0;
}

static int check_splice(struct file *in, bool ioff, struct file *out, bool ooff)
{
	bool ip = get_pipe_info(in), op = get_pipe_info(out);

	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!ip && !op)
		return -EINVAL;
	if ((ip && ioff) || (op && ooff))
		return -ESPIPE;
	if ((ioff && !(in->f_mode & FMODE_PREAD)) ||
	    (ooff && !(out->f_mode & FMODE_PWRITE)))
		return -EINVAL;
	if (!op && (out->f_flags & O_APPEND))
		return -EINVAL;
	if ((!ip && !in->f_op->read_iter && !in->f_op->splice_read) ||
	    (!op && !out->f_op->write_iter && !out->f_op->splice_write))
		return -EINVAL;
	return 0;
}

static ssize_t splice_any(struct file *in, loff_t *ipos, struct file *out,
			  loff_t *opos, size_t len, unsigned int flags)
{
	struct pipe_inode_info *ipipe = get_pipe_info(in);
	struct pipe_inode_info *opipe = get_pipe_info(out);

	if (ipipe)
		flags |= nonblock(in);
	if (opipe)
		flags |= nonblock(out);
	if (ipipe && opipe)
		return pipe_to_pipe(ipipe, opipe, len, flags, false);
	if (ipipe)
		return do_splice_from(ipipe, out, opos, len, flags);
	return splice_file_to_pipe(in, opipe, ipos, len, flags);
}

static ssize_t do_splice(struct file *in, loff_t __user *off_in,
			 struct file *out, loff_t __user *off_out, size_t len,
			 unsigned flags)
{
	loff_t ipos = in->f_pos, opos = out->f_pos;
	ssize_t n = check_splice(in, off_in, out, off_out);

	if (n)
		return n;
	if ((off_in && get_user(ipos, off_in)) ||
	    (off_out && get_user(opos, off_out)))
		return -EFAULT;
	if (ipos < 0 || opos < 0)
		return -EINVAL;
	n = splice_any(in, &ipos, out, &opos, min(len, MAX_RW_COUNT), flags);
	if (n <= 0)
		return n;
	if (off_in && put_user(ipos, off_in))
		return -EFAULT;
	if (off_out && put_user(opos, off_out))
		return -EFAULT;
	if (!off_in && !get_pipe_info(in))
		in->f_pos = ipos;
	if (!off_out && !get_pipe_info(out))
		out->f_pos = opos;
	return n;
}

SYSCALL_DEFINE6(splice, int, fd_in, loff_t __user *, off_in, int, fd_out,
		loff_t __user *, off_out, size_t, len, unsigned int, flags)
{
	struct fd in, out;
	ssize_t n = -EBADF;

	if (!len)
		return 0;
	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	in = fdget(fd_in);
	out = fdget(fd_out);
	if (in.file && out.file)
		n = do_splice(in.file, off_in, out.file, off_out, len, flags);
	fdput(out);
	fdput(in);
	return n;
}

/* ---- tee ---- */

static ssize_t do_tee(struct file *in, struct file *out, size_t len,
		      unsigned flags)
{
	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!get_pipe_info(in) || !get_pipe_info(out))
		return -EINVAL;
	return pipe_to_pipe(get_pipe_info(in), get_pipe_info(out), len,
			    flags | nonblock(in) | nonblock(out), true);
}

SYSCALL_DEFINE4(tee, int, fdin, int, fdout, size_t, len, unsigned int, flags)
{
	struct fd in, out;
	ssize_t n = -EBADF;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!len)
		return 0;
	in = fdget(fdin);
	out = fdget(fdout);
	if (in.file && out.file)
		n = do_tee(in.file, out.file, len, flags);
	fdput(out);
	fdput(in);
	return n;
}

/* ---- vmsplice ---- */

static const struct pipe_buf_operations user_page_pipe_buf_ops = {
	.release = generic_pipe_buf_release,
	.get = generic_pipe_buf_get,
};

/* Enter the pages under [addr, addr + len): bytes, -EAGAIN, -EFAULT, -EPIPE. */
static ssize_t enter_user_range(struct pipe_inode_info *pipe,
				unsigned long addr, size_t len, bool gift)
{
	unsigned long first = offset_in_page(addr);
	struct page *pages[GUP_BATCH];
	ssize_t done = 0, n = 0;
	int nr, i;

	nr = min_t(size_t, GUP_BATCH, DIV_ROUND_UP(first + len, PAGE_SIZE));
	nr = get_user_pages_fast(addr & PAGE_MASK, nr, 0, pages);
	if (nr <= 0)
		return nr ? nr : -EFAULT;
	for (i = 0; i < nr; i++) {
		struct pipe_buffer buf = {
			.page = pages[i], .ops = &user_page_pipe_buf_ops,
			.offset = first,
			.len = min_t(size_t, PAGE_SIZE - first, len),
			.flags = gift ? PIPE_BUF_FLAG_GIFT : 0 };

		if (n < 0) {
			put_page(pages[i]);
			continue;
		}
		n = add_to_pipe(pipe, &buf);    /* it has the reference now */
		if (n < 0)
			continue;
		done += n;
		len -= n;
		first = 0;
	}
	return done ? done : n;
}

/* Unlike write(2) it does not wait for more room, once something went in. */
static ssize_t vmsplice_to_pipe(struct file *file, struct iov_iter *from,
				unsigned int flags)
{
	struct pipe_inode_info *pipe = get_pipe_info(file);
	ssize_t done = 0, n;

	pipe_lock(pipe);
	n = splice_wait_for_space(pipe, flags | nonblock(file));
	while (!n && iov_iter_count(from)) {
		unsigned long addr;
		size_t len = iov_iter_single_seg(from, &addr);

		n = enter_user_range(pipe, addr, len,
				     flags & SPLICE_F_GIFT);
		if (n <= 0)
			break;
		iov_iter_advance(from, n);
		done += n;
		n = 0;
	}
	if (done)
		pipe_wake_readers(pipe);
	pipe_unlock(pipe);
	return done ? done : n;
}

static int pipe_to_user(struct pipe_inode_info *pipe, struct pipe_buffer *buf,
			struct splice_desc *sd)
{
	size_t n;

	(void)pipe;
	n = copy_page_to_iter(buf->page, buf->offset, sd->len, sd->u.iter);
	return n == sd->len ? (int)n : -EFAULT;
}

static ssize_t vmsplice_to_user(struct file *file, struct iov_iter *to,
				unsigned int flags)
{
	struct pipe_inode_info *pipe = get_pipe_info(file);
	struct splice_desc sd = { .total_len = iov_iter_count(to),
				  .flags = flags | nonblock(file),
				  .u.iter = to };
	ssize_t n;

	pipe_lock(pipe);
	n = __splice_from_pipe(pipe, &sd, pipe_to_user);
	pipe_unlock(pipe);
	return n;
}

static ssize_t do_vmsplice(struct file *file, const struct iovec __user *uvec,
			   unsigned long nr, unsigned flags)
{
	struct iovec fast[UIO_FASTIOV], *vec = fast;
	bool out = file->f_mode & FMODE_WRITE;
	struct iov_iter iter;
	ssize_t n;

	if (!get_pipe_info(file))
		return -EBADF;
	n = import_iovec(out ? ITER_SOURCE : ITER_DEST, uvec, nr, UIO_FASTIOV,
			 &vec, &iter);
	if (n < 0)
		return n;
	if (iov_iter_count(&iter))
		n = out ? vmsplice_to_pipe(file, &iter, flags)
			: vmsplice_to_user(file, &iter, flags);
	kfree(vec);
	return n;
}

SYSCALL_DEFINE4(vmsplice, int, fd, const struct iovec __user *, uvec,
		unsigned long, nr, unsigned int, flags)
{
	ssize_t n = -EBADF;
	struct fd f;

	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	f = fdget(fd);
	if (f.file)
		n = do_vmsplice(f.file, uvec, nr, flags);
	fdput(f);
	return n;
}
