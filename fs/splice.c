/* SPDX-License-Identifier: MIT */
/*
 * splice.c -- bytes between a pipe and something else, inside the kernel
 *
 * PROMISE.  What could not be delivered stays where it was: nothing is lost.
 *
 * IDEA.  With the pipe's mutex held, its ring is a kernel buffer like any
 * other.  From a file: read as much as there is room for, then enter it.  To a
 * file: write from the ring's pages, then pass as many bytes as were taken.
 * tee() enters what it sees without passing it; vmsplice() is a write or read
 * with an array of user memory.
 *
 * LOCKING.  One pipe's mutex; two pipes: the lower address first.  Inside it
 * the file's own locks.
 *
 * NOT DONE.  Linux hands references to pages over; here bytes are copied, once.
 *
 * SEE splice(2), tee(2), vmsplice(2).
 */

#include "pipe_impl.h"

#include <arch/uaccess.h>
#include <fs/file.h>
#include <fs/pipe.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/uio.h>

#define SPLICE_F_MOVE 1
#define SPLICE_F_NONBLOCK 2
#define SPLICE_F_MORE 4
#define SPLICE_F_GIFT 8
#define SPLICE_F_ALL 15

#define CHUNK (4 * PAGE_SIZE)
#define CHUNK_ORDER 2

static bool no_wait(struct file *pipe_file, unsigned flags)
{
	return (flags & SPLICE_F_NONBLOCK) ||
	       (pipe_file->f_flags & O_NONBLOCK);
}

/* Until the pipe has bytes: 1, 0 at its end, -EAGAIN, -ERESTARTSYS. */
static int wait_for_bytes(struct pipe_inode_info *p, bool nowait)
{
	while (p->head == p->tail) {
		int err;

		if (!p->writers)
			return 0;
		if (nowait)
			return -EAGAIN;
		err = pipe_sleep(p, &p->rd_wait);
		if (err)
			return err;
	}
	return 1;
}

/* Until it has room for bytes: 0, -EPIPE (and SIGPIPE), -EAGAIN, ... */
static int wait_for_room(struct pipe_inode_info *p, bool nowait)
{
	for (;;) {
		int err;

		if (!p->readers) {
			send_sig(SIGPIPE, current, 0);
			return -EPIPE;
		}
		if (pipe_room(p))
			return 0;
		if (nowait)
			return -EAGAIN;
		err = pipe_sleep(p, &p->wr_wait);
		if (err)
			return err;
	}
}

/* Enter n bytes from buf; there is room.  Bytes or -ENOMEM. */
static ssize_t enter(struct pipe_inode_info *p, void *buf, size_t n)
{
	struct kvec vec = { .iov_base = buf, .iov_len = n };
	struct iov_iter from;
	ssize_t done;

	iov_iter_kvec(&from, ITER_SOURCE, &vec, 1, n);
	done = pipe_ring_write(p, &from);
	if (done > 0)
		pipe_wake_readers(p);
	return done;
}

/* Copy up to n of the oldest bytes to buf; they stay.  How many. */
static size_t peek(struct pipe_inode_info *p, char *buf, size_t n)
{
	size_t done = 0;

	n = min(n, (size_t)(p->head - p->tail));
	while (done < n) {
		u64 pos = p->tail + done;
		size_t off = pos & ~PAGE_MASK;
		size_t part = min(n - done, PAGE_SIZE - off);
		struct page *page = p->pages[(pos >> PAGE_SHIFT) &
					     (p->nr_slots - 1)];

		memcpy(buf + done, (char *)page_address(page) + off, part);
		done += part;
	}
	return done;
}

/* Pass n bytes: they have arrived elsewhere. */
static void pass(struct pipe_inode_info *p, char *scratch, size_t n)
{
	struct kvec vec = { .iov_base = scratch, .iov_len = n };
	struct iov_iter to;

	iov_iter_kvec(&to, ITER_DEST, &vec, 1, n);
	pipe_ring_read(p, &to);
	pipe_wake_writers(p);
}

static ssize_t file_to_pipe(struct file *in, loff_t *pos, struct file *out,
			    char *buf, size_t len, unsigned flags)
{
	struct pipe_inode_info *p = get_pipe_info(out);
	ssize_t n;

	mutex_lock(&p->mutex);
	n = wait_for_room(p, no_wait(out, flags));
	if (!n) {
		loff_t at = *pos;

		n = min3(len, pipe_room(p), (size_t)CHUNK);
		n = kernel_read(in, buf, n, &at);
		if (n > 0)
			n = enter(p, buf, n);
		if (n > 0)
			*pos += n;
	}
	mutex_unlock(&p->mutex);
	return n;
}

static ssize_t pipe_to_file(struct file *in, struct file *out, loff_t *pos,
			    char *buf, size_t len, unsigned flags)
{
	struct pipe_inode_info *p = get_pipe_info(in);
	ssize_t n;

	mutex_lock(&p->mutex);
	n = wait_for_bytes(p, no_wait(in, flags));
	if (n > 0) {
		n = peek(p, buf, min(len, (size_t)CHUNK));
		n = kernel_write(out, buf, n, pos);
		if (n > 0)
			pass(p, buf, n);
	}
	mutex_unlock(&p->mutex);
	return n;
}

static void lock_two(struct pipe_inode_info *a, struct pipe_inode_info *b)
{
	if (a > b)
		swap(a, b);
	mutex_lock(&a->mutex);
	mutex_lock_nested(&b->mutex, SINGLE_DEPTH_NESTING);
}

static void unlock_two(struct pipe_inode_info *a, struct pipe_inode_info *b)
{
	mutex_unlock(&a->mutex);
	mutex_unlock(&b->mutex);
}

/*
 * From one pipe to another, or, with keep, a copy (tee).  One waits for each
 * alone, without the other's mutex, and looks again with both.
 */
static ssize_t pipe_to_pipe(struct file *in, struct file *out, char *buf,
			    size_t len, unsigned flags, bool keep)
{
	struct pipe_inode_info *from = get_pipe_info(in);
	struct pipe_inode_info *to = get_pipe_info(out);
	bool nowait = no_wait(in, flags) || no_wait(out, flags);
	ssize_t n;

	if (from == to)
		return -EINVAL;
	for (;;) {
		mutex_lock(&from->mutex);
		n = wait_for_bytes(from, nowait);
		mutex_unlock(&from->mutex);
		if (n <= 0)
			return n;
		mutex_lock(&to->mutex);
		n = wait_for_room(to, nowait);
		mutex_unlock(&to->mutex);
		if (n)
			return n;
		lock_two(from, to);
		n = peek(from, buf, min3(len, pipe_room(to), (size_t)CHUNK));
		if (n && to->readers)
			n = enter(to, buf, n);
		if (n > 0 && !keep)
			pass(from, buf, n);
		unlock_two(from, to);
		if (n)
			return n;
	}
}

/* One step of splice(2); bytes, 0 at the end, -errno. */
static ssize_t splice_step(struct file *in, loff_t *ipos, struct file *out,
			   loff_t *opos, char *buf, size_t len, unsigned flags)
{
	bool ip = get_pipe_info(in), op = get_pipe_info(out);

	if (ip && op)
		return pipe_to_pipe(in, out, buf, len, flags, false);
	return ip ? pipe_to_file(in, out, opos, buf, len, flags)
		  : file_to_pipe(in, ipos, out, buf, len, flags);
}

static ssize_t splice_all(struct file *in, loff_t *ipos, struct file *out,
			  loff_t *opos, size_t len, unsigned flags)
{
	char *buf = (char *)__get_free_pages(GFP_KERNEL, CHUNK_ORDER);
	ssize_t done = 0, n = 0;

	if (!buf)
		return -ENOMEM;
	while (len) {
		n = splice_step(in, ipos, out, opos, buf, len, flags);
		if (n <= 0)
			break;
		done += n;
		len -= n;
		flags |= SPLICE_F_NONBLOCK;   /* something is done: no waiting */
		/* A socket or a terminal would wait nevertheless. */
		if (signal_pending(current) ||
		    (!get_pipe_info(in) && (in->f_mode & FMODE_STREAM)))
			break;
	}
	free_pages((unsigned long)buf, CHUNK_ORDER);
	return done ? done : n;
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
	if ((!ip && !in->f_op->read_iter) || (!op && !out->f_op->write_iter))
		return -EINVAL;
	return 0;
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
	n = splice_all(in, &ipos, out, &opos, min(len, MAX_RW_COUNT), flags);
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

static ssize_t do_tee(struct file *in, struct file *out, size_t len,
		      unsigned flags)
{
	char *buf;
	ssize_t n;

	if (!(in->f_mode & FMODE_READ) || !(out->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!get_pipe_info(in) || !get_pipe_info(out))
		return -EINVAL;
	buf = (char *)__get_free_pages(GFP_KERNEL, CHUNK_ORDER);
	if (!buf)
		return -ENOMEM;
	n = pipe_to_pipe(in, out, buf, len, flags, true);
	free_pages((unsigned long)buf, CHUNK_ORDER);
	return n;
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

/*
 * What fits, once anything does: unlike write(2) it does not wait for more room.
 * A few bytes go as a whole.
 */
static ssize_t user_to_pipe(struct file *file, struct iov_iter *from,
			    unsigned flags)
{
	struct pipe_inode_info *p = get_pipe_info(file);
	struct kiocb iocb = { .ki_filp = file };
	ssize_t n = 0;

	if (iov_iter_count(from) > PIPE_BUF || no_wait(file, flags))
		iocb.ki_flags = IOCB_NOWAIT;
	do {
		if (iocb.ki_flags) {
			mutex_lock(&p->mutex);
			n = wait_for_room(p, no_wait(file, flags));
			mutex_unlock(&p->mutex);
		}
		if (!n)
			n = file->f_op->write_iter(&iocb, from);
	} while (n == -EAGAIN && !no_wait(file, flags));
	return n;
}

/* User memory into a pipe, or a pipe's bytes into user memory. */
static ssize_t do_vmsplice(struct file *file, const struct iovec __user *uvec,
			   unsigned long nr, unsigned flags)
{
	struct iovec fast[UIO_FASTIOV], *vec = fast;
	bool out = file->f_mode & FMODE_WRITE;
	struct kiocb iocb = {
		.ki_filp = file,
		.ki_flags = flags & SPLICE_F_NONBLOCK ? IOCB_NOWAIT : 0 };
	struct iov_iter iter;
	ssize_t n;

	if (!get_pipe_info(file))
		return -EBADF;
	n = import_iovec(out ? ITER_SOURCE : ITER_DEST, uvec, nr, UIO_FASTIOV,
			 &vec, &iter);
	if (n < 0)
		return n;
	if (iov_iter_count(&iter))
		n = out ? user_to_pipe(file, &iter, flags)
			: file->f_op->read_iter(&iocb, &iter);
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
