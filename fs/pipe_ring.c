/* SPDX-License-Identifier: MIT */
/*
 * pipe_ring.c -- what lies between the two ends of a pipe
 *
 * IDEA.  A ring of buffers, 16 at first.  A buffer is a reference to a part of
 * a page; head and tail count all buffers ever entered and passed.
 *
 *	slot   0        1          2          3
 *	     [      ][page, 6..9][page, 0..4096][page, 0..50 M][      ]
 *	              ^tail                                    ^head
 *
 * write() fills pages that the pipe itself made (M: may be merged with what is
 * written next); splice() enters pages that others own (fs/splice_read.c).
 * Only M lets a write append to a page: a page of the page cache in a pipe
 * would otherwise be written by whoever may read the file.
 *
 * Drained pages of the pipe's own are kept, two of them, so that processes
 * which play ping-pong never call the page allocator.
 *
 * INVARIANTS
 *   I1  tail <= head <= tail + ring_size, modulo 2^32.
 *   I2  Each buffer of [tail, head) has ops, a page with a reference, len > 0.
 *   I3  CAN_MERGE is on buffers whose page this file allocated, and not on two
 *       that share one.
 *
 * LOCKING.  The pipe's mutex, held by the caller.
 *
 * EXERCISES.  1. Let splice_to_pipe() leave `flags` as the slot's last user set
 * it.  Who can now write to /etc/passwd?  (tests/user/splice_pages.c tries.)
 */

#include "pipe_impl.h"

#include <kernel/bug.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/uio.h>

static void pipe_check(const struct pipe_inode_info *p)
{
	DEBUG_ASSERT(p->head - p->tail <= p->ring_size);         /* I1 */
}

/* ---- whose page ---- */

bool generic_pipe_buf_get(struct pipe_inode_info *p, struct pipe_buffer *buf)
{
	(void)p;
	return try_get_page(buf->page);
}
EXPORT_SYMBOL(generic_pipe_buf_get);

void generic_pipe_buf_release(struct pipe_inode_info *p,
			      struct pipe_buffer *buf)
{
	(void)p;
	put_page(buf->page);
}
EXPORT_SYMBOL(generic_pipe_buf_release);

const struct pipe_buf_operations default_pipe_buf_ops = {
	.release = generic_pipe_buf_release,
	.get = generic_pipe_buf_get,
};

/* The pipe's own page: kept for the next write if nobody else has it. */
static void anon_pipe_buf_release(struct pipe_inode_info *p,
				  struct pipe_buffer *buf)
{
	struct page *page = buf->page;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(p->tmp_page); i++)
		if (!p->tmp_page[i] && page_count(page) == 1) {
			p->tmp_page[i] = page;
			return;
		}
	put_page(page);
}

static const struct pipe_buf_operations anon_pipe_buf_ops = {
	.release = anon_pipe_buf_release,
	.get = generic_pipe_buf_get,
};

static struct page *get_page_for(struct pipe_inode_info *p)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(p->tmp_page); i++) {
		struct page *page = p->tmp_page[i];

		if (page) {
			p->tmp_page[i] = NULL;
			return page;
		}
	}
	return alloc_page(GFP_HIGHUSER_MOVABLE);
}

static void keep_page(struct pipe_inode_info *p, struct page *page)
{
	struct pipe_buffer buf = { .page = page };

	anon_pipe_buf_release(p, &buf);
}

/* ---- reading ---- */

void pipe_ring_eat(struct pipe_inode_info *p, size_t n)
{
	struct pipe_buffer *buf = pipe_buf(p, p->tail);

	DEBUG_ASSERT(n <= buf->len);
	buf->offset += n;
	buf->len -= n;
	if (!buf->len) {
		pipe_buf_release(p, buf);
		p->tail++;
	}
	pipe_check(p);
}

size_t pipe_ring_bytes(const struct pipe_inode_info *p)
{
	size_t sum = 0;
	unsigned int i;

	for (i = p->tail; i != p->head; i++)
		sum += pipe_buf(p, i)->len;
	return sum;
}

ssize_t pipe_ring_read(struct pipe_inode_info *p, struct iov_iter *to)
{
	size_t done = 0;

	while (p->head != p->tail && iov_iter_count(to)) {
		struct pipe_buffer *buf = pipe_buf(p, p->tail);
		size_t n = min((size_t)buf->len, iov_iter_count(to)), got;
		bool packet = buf->flags & PIPE_BUF_FLAG_PACKET;

		got = copy_page_to_iter(buf->page, buf->offset, n, to);
		if (!got || (packet && got < n))
			return done ? (ssize_t)done : -EFAULT;
		pipe_ring_eat(p, packet ? buf->len : got);
		done += got;
		if (packet)
			break;
	}
	return done;
}

/* ---- writing ---- */

/* Append the odd bytes of a write to the youngest page, if all fit there. */
static ssize_t merge(struct pipe_inode_info *p, struct iov_iter *from)
{
	size_t odd = iov_iter_count(from) & ~PAGE_MASK, n;
	struct pipe_buffer *buf;

	if (!odd || p->head == p->tail)
		return 0;
	buf = pipe_buf(p, p->head - 1);
	if (!(buf->flags & PIPE_BUF_FLAG_CAN_MERGE) ||           /* I3 */
	    buf->offset + buf->len + odd > PAGE_SIZE)
		return 0;
	n = copy_page_from_iter(buf->page, buf->offset + buf->len, odd, from);
	if (!n)
		return -EFAULT;
	buf->len += n;
	return n;
}

/* A page of its own for the next bytes: how many, -EFAULT, -ENOMEM. */
static ssize_t enter_page(struct pipe_inode_info *p, struct iov_iter *from,
			  bool packet)
{
	struct page *page = get_page_for(p);
	size_t n;

	if (!page)
		return -ENOMEM;
	n = copy_page_from_iter(page, 0, PAGE_SIZE, from);
	if (!n) {
		keep_page(p, page);
		return -EFAULT;
	}
	*pipe_buf(p, p->head) = (struct pipe_buffer){
		.page = page, .len = n, .ops = &anon_pipe_buf_ops,
		.flags = packet ? PIPE_BUF_FLAG_PACKET
				: PIPE_BUF_FLAG_CAN_MERGE,
	};
	p->head++;
	pipe_check(p);
	return n;
}

ssize_t pipe_ring_write(struct pipe_inode_info *p, struct iov_iter *from,
			bool packets)
{
	ssize_t done = packets ? 0 : merge(p, from), n;

	if (done < 0)
		return done;
	while (!pipe_full(p->head, p->tail, p->ring_size) &&
	       iov_iter_count(from)) {
		n = enter_page(p, from, packets);
		if (n < 0)
			return done ? done : n;
		done += n;
	}
	return done;
}

/* ---- its size, its end ---- */

int pipe_ring_resize(struct pipe_inode_info *p, unsigned int slots)
{
	unsigned int n = p->head - p->tail, i;
	struct pipe_buffer *bufs;

	bufs = kcalloc(slots, sizeof(*bufs), GFP_KERNEL | __GFP_NOWARN);
	if (!bufs)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		bufs[i] = *pipe_buf(p, p->tail + i);
	kfree(p->bufs);
	p->bufs = bufs;
	p->ring_size = slots;
	p->tail = 0;
	p->head = n;
	return 0;
}

void pipe_ring_free(struct pipe_inode_info *p)
{
	unsigned int i;

	for (; p->tail != p->head; p->tail++)
		pipe_buf_release(p, pipe_buf(p, p->tail));
	for (i = 0; i < ARRAY_SIZE(p->tmp_page); i++)
		if (p->tmp_page[i])
			__free_page(p->tmp_page[i]);
	kfree(p->bufs);
}
