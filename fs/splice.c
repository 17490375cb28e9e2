/* SPDX-License-Identifier: MIT */
/*
 * splice.c -- pages that pass through a pipe without being copied
 *
 * PROMISE.  What could not be delivered stays in the pipe: nothing is lost.
 *
 * IDEA.  A pipe is a row of references to pages (pipe_ring.c).  A file puts
 * references to its page cache in (splice_read.c); here they come out:
 *
 *	page cache --ref--> [ pipe ] --ref--> socket (->sendpages)
 *	                             --copy-> file (->write_iter), user memory
 *
 * sendfile() is both at once, through a pipe that the task keeps for it.  So
 * from disk to network no byte is copied, from file to file each once.
 *
 * What is in the pipe is the page, not a snapshot of it: who writes to the file
 * meanwhile changes what will come out, as on Linux.
 *
 * LOCKING.  The pipe's mutex, inside it the file's own locks.  It is not held
 * between a sleep for bytes and the next look at them.
 *
 * NOT DONE.  Stealing: SPLICE_F_MOVE and SPLICE_F_GIFT are hints, which no file
 * system here takes (on Linux only fuse does).
 *
 * SEE splice(2), sendfile(2), docs/53-pipes.md.
 */

#include <fs/splice.h>

#include "pipe_impl.h"

#include <drivers/blk_types.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <mm/mm.h>
#include <mm/uio.h>
#include <uapi/socket.h>

#define NR_VECS 16

/* ---- out of a pipe ---- */

static void tell_writers(struct pipe_inode_info *pipe, struct splice_desc *sd)
{
	if (sd->need_wakeup)
		pipe_wake_writers(pipe);
	sd->need_wakeup = false;
}

/* Until the pipe has bytes: 1, 0 at its end or if some are done, -errno. */
static int splice_from_pipe_next(struct pipe_inode_info *pipe,
				 struct splice_desc *sd)
{
	int err;

	if (signal_pending(current))
		return -ERESTARTSYS;
	while (pipe_empty(pipe->head, pipe->tail)) {
		if (!pipe->writers || sd->num_spliced)
			return 0;
		if (sd->flags & SPLICE_F_NONBLOCK)
			return -EAGAIN;
		tell_writers(pipe, sd);
		err = pipe_sleep(pipe, &pipe->rd_wait);
		if (err)
			return err;
	}
	return 1;
}

/* n bytes of the oldest buffers have arrived. */
static void eat(struct pipe_inode_info *pipe, struct splice_desc *sd, size_t n)
{
	sd->num_spliced += n;
	sd->total_len -= n;
	while (n) {
		size_t part = min(n, (size_t)pipe_buf(pipe, pipe->tail)->len);
		unsigned int tail = pipe->tail;

		pipe_ring_eat(pipe, part);
		n -= part;
		sd->need_wakeup |= pipe->tail != tail;
	}
}

ssize_t __splice_from_pipe(struct pipe_inode_info *pipe, struct splice_desc *sd,
			   splice_actor *actor)
{
	int n = 0;

	while (sd->total_len) {
		struct pipe_buffer *buf;

		n = splice_from_pipe_next(pipe, sd);
		if (n <= 0)
			break;
		buf = pipe_buf(pipe, pipe->tail);
		sd->len = min((size_t)buf->len, sd->total_len);
		n = actor(pipe, buf, sd);
		if (n <= 0)
			break;
		sd->pos += n;
		eat(pipe, sd, n);
	}
	tell_writers(pipe, sd);
	return sd->num_spliced ? (ssize_t)sd->num_spliced : n;
}
EXPORT_SYMBOL(__splice_from_pipe);

ssize_t splice_from_pipe(struct pipe_inode_info *pipe, struct file *out,
			 loff_t *ppos, size_t len, unsigned int flags,
			 splice_actor *actor)
{
	struct splice_desc sd = { .total_len = len, .flags = flags,
				  .pos = *ppos, .u.file = out };
	ssize_t n;

	pipe_lock(pipe);
	n = __splice_from_pipe(pipe, &sd, actor);
	pipe_unlock(pipe);
	return n;
}
EXPORT_SYMBOL(splice_from_pipe);

/* The oldest buffers, up to *len bytes of them, which go from it: how many. */
static unsigned int gather(struct pipe_inode_info *pipe, size_t *len,
			   struct bio_vec *vec)
{
	unsigned int slot = pipe->tail, n = 0;

	for (; slot != pipe->head && n < NR_VECS && *len; slot++, n++) {
		struct pipe_buffer *buf = pipe_buf(pipe, slot);

		vec[n].bv_page = buf->page;
		vec[n].bv_offset = buf->offset;
		vec[n].bv_len = min((size_t)buf->len, *len);
		*len -= vec[n].bv_len;
	}
	return n;
}

/* Some of the oldest buffers to out: bytes or -errno. */
typedef ssize_t deliver_fn(struct pipe_inode_info *pipe, struct file *out,
			   loff_t *ppos, const struct splice_desc *sd);

static ssize_t splice_batches(struct pipe_inode_info *pipe, struct file *out,
			      loff_t *ppos, size_t len, unsigned int flags,
			      deliver_fn *deliver)
{
	struct splice_desc sd = { .total_len = len, .flags = flags };
	ssize_t n = 0;

	pipe_lock(pipe);
	while (sd.total_len) {
		n = splice_from_pipe_next(pipe, &sd);
		if (n <= 0)
			break;
		n = deliver(pipe, out, ppos, &sd);
		if (n <= 0)
			break;
		eat(pipe, &sd, n);
	}
	tell_writers(pipe, &sd);
	pipe_unlock(pipe);
	return sd.num_spliced ? (ssize_t)sd.num_spliced : n;
}

static ssize_t deliver_bytes(struct pipe_inode_info *pipe, struct file *out,
			     loff_t *ppos, const struct splice_desc *sd)
{
	size_t left = sd->total_len;
	struct bio_vec pieces[NR_VECS];
	unsigned int nr = gather(pipe, &left, pieces);
	struct kvec vec[NR_VECS];
	struct iov_iter from;

	for (unsigned int i = 0; i < nr; i++) {
		vec[i].iov_base = (char *)page_address(pieces[i].bv_page) +
				  pieces[i].bv_offset;
		vec[i].iov_len = pieces[i].bv_len;
	}
	iov_iter_kvec(&from, ITER_SOURCE, vec, nr, sd->total_len - left);
	return vfs_iter_write(out, &from, ppos);
}

ssize_t iter_file_splice_write(struct pipe_inode_info *pipe, struct file *out,
			       loff_t *ppos, size_t len, unsigned int flags)
{
	return splice_batches(pipe, out, ppos, len, flags, deliver_bytes);
}
EXPORT_SYMBOL(iter_file_splice_write);

/* All at once: the socket is locked, and packets are made, for the batch. */
static ssize_t deliver_pages(struct pipe_inode_info *pipe, struct file *out,
			     loff_t *ppos, const struct splice_desc *sd)
{
	struct bio_vec vec[NR_VECS];
	size_t left = sd->total_len;
	unsigned int nr = gather(pipe, &left, vec);
	int more = 0;

	if ((sd->flags & SPLICE_F_MORE) ||
	    (left && pipe_occupancy(pipe->head, pipe->tail) > nr))
		more = MSG_MORE;
	return out->f_op->sendpages(out, vec, nr, more);
}

ssize_t generic_splice_sendpages(struct pipe_inode_info *pipe, struct file *out,
				 loff_t *ppos, size_t len, unsigned int flags)
{
	return splice_batches(pipe, out, ppos, len, flags, deliver_pages);
}
EXPORT_SYMBOL(generic_splice_sendpages);

ssize_t do_splice_from(struct pipe_inode_info *pipe, struct file *out,
		       loff_t *ppos, size_t len, unsigned int flags)
{
	if (out->f_op->splice_write)
		return out->f_op->splice_write(pipe, out, ppos, len, flags);
	return iter_file_splice_write(pipe, out, ppos, len, flags);
}

/* ---- into a pipe ---- */

int splice_wait_for_space(struct pipe_inode_info *pipe, unsigned int flags)
{
	for (;;) {
		int err;

		if (!pipe->readers) {
			send_sig(SIGPIPE, current, 0);
			return -EPIPE;
		}
		if (!pipe_full(pipe->head, pipe->tail, pipe->ring_size))
			return 0;
		if (flags & SPLICE_F_NONBLOCK)
			return -EAGAIN;
		err = pipe_sleep(pipe, &pipe->wr_wait);
		if (err)
			return err;
	}
}

ssize_t do_splice_to(struct file *in, loff_t *ppos,
		     struct pipe_inode_info *pipe, size_t len,
		     unsigned int flags)
{
	size_t slots = pipe->ring_size - (pipe->head - pipe->tail);
	int err;

	if (!(in->f_mode & FMODE_READ))
		return -EBADF;
	len = min3(len, slots << PAGE_SHIFT, MAX_RW_COUNT);
	err = rw_verify_area(READ, in, ppos, len);
	if (err)
		return err;
	if (in->f_op->splice_read)
		return in->f_op->splice_read(in, ppos, pipe, len, flags);
	return copy_splice_read(in, ppos, pipe, len, flags);
}

ssize_t splice_file_to_pipe(struct file *in, struct pipe_inode_info *opipe,
			    loff_t *ppos, size_t len, unsigned int flags)
{
	ssize_t n;

	pipe_lock(opipe);
	n = splice_wait_for_space(opipe, flags);
	if (!n)
		n = do_splice_to(in, ppos, opipe, len, flags);
	if (n > 0)
		pipe_wake_readers(opipe);
	pipe_unlock(opipe);
	return n;
}

/* ---- file to file ---- */

static struct pipe_inode_info *own_pipe(void)
{
	struct pipe_inode_info *pipe = current->splice_pipe;

	if (!pipe) {
		pipe = alloc_pipe_info();
		if (!pipe)
			return NULL;
		pipe->readers = 1;      /* we */
		current->splice_pipe = pipe;
	}
	return pipe;
}

void exit_splice(struct task_struct *t)
{
	if (t->splice_pipe)
		free_pipe_info(t->splice_pipe);
	t->splice_pipe = NULL;
}

/* Will there be more after len bytes until pos, of `left` that were asked? */
static bool more_follows(struct file *in, loff_t pos, size_t len, size_t left)
{
	return len < left && pos < i_size_read(in->f_mapping->host);
}

static void drain(struct pipe_inode_info *pipe)
{
	for (; pipe->tail != pipe->head; pipe->tail++)
		pipe_buf_release(pipe, pipe_buf(pipe, pipe->tail));
}

ssize_t splice_direct_to_actor(struct file *in, struct splice_desc *sd,
			       splice_direct_actor *actor)
{
	unsigned int hint = sd->flags & SPLICE_F_MORE;
	struct pipe_inode_info *pipe = own_pipe();
	size_t left = sd->total_len, done = 0;
	ssize_t n = 0, in_pipe;

	if (!pipe)
		return -ENOMEM;
	sd->flags &= ~SPLICE_F_NONBLOCK;
	while (left) {
		loff_t pos = sd->pos;

		in_pipe = n = do_splice_to(in, &pos, pipe, left, sd->flags);
		if (n <= 0)
			break;
		sd->flags &= ~SPLICE_F_MORE;
		sd->flags |= more_follows(in, pos, n, left) ? SPLICE_F_MORE
							    : hint;
		sd->total_len = n;
		n = actor(pipe, sd);
		if (n <= 0)
			break;
		sd->pos += n;
		done += n;
		left -= n;
		if (n < in_pipe)
			break;
		cond_resched();
	}
	drain(pipe);                    /* it was not taken: still in the file */
	file_accessed(in);
	return done ? (ssize_t)done : n;
}
EXPORT_SYMBOL(splice_direct_to_actor);

static int direct_splice_actor(struct pipe_inode_info *pipe,
			       struct splice_desc *sd)
{
	return do_splice_from(pipe, sd->u.file, sd->opos, sd->total_len,
			      sd->flags);
}

ssize_t do_splice_direct(struct file *in, loff_t *ppos, struct file *out,
			 loff_t *opos, size_t len, unsigned int flags)
{
	struct splice_desc sd = { .total_len = len, .flags = flags,
				  .pos = *ppos, .u.file = out, .opos = opos };
	ssize_t n;

	if (!(out->f_mode & FMODE_WRITE))
		return -EBADF;
	if (out->f_flags & O_APPEND)
		return -EINVAL;
	n = splice_direct_to_actor(in, &sd, direct_splice_actor);
	if (n > 0)
		*ppos = sd.pos;
	return n;
}
EXPORT_SYMBOL(do_splice_direct);
