/* SPDX-License-Identifier: MIT */
/*
 * pipe_ring.c -- the bytes between the two ends of a pipe
 *
 * IDEA.  A ring of bytes in page-sized slots, 16 of them at first.  head and
 * tail count all bytes ever written and read; a page is there only while a
 * byte of it is.
 *
 *	slot   0        1        2        3
 *	     [......##][########][###.....][        ]
 *	           ^tail            ^head             room = size - (head-tail)
 *
 * A pipe that runs empty starts again in slot 0 with the page that it has, so
 * two processes that play ping-pong use one page, which stays in the caches.
 *
 * INVARIANTS
 *   I1  tail <= head <= tail + size.
 *   I2  Every byte in [tail, head) lies in a page that is there.
 *
 * LOCKING.  The pipe's mutex, held by the caller.  Nothing else is touched, so
 * this file runs as a Unix process as well (tests/host/pipe_ring.c).
 */

#include "pipe_impl.h"

#include <kernel/bug.h>
#include <kernel/kernel.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/uio.h>

static void pipe_check(const struct pipe_inode_info *p)
{
	DEBUG_ASSERT(p->head - p->tail <= pipe_size(p));         /* I1 */
}

static struct page **slot_of(struct pipe_inode_info *p, u64 pos)
{
	return &p->pages[(pos >> PAGE_SHIFT) & (p->nr_slots - 1)];
}

static struct page *get_page_for(struct pipe_inode_info *p)
{
	struct page *page = p->spare;

	p->spare = NULL;
	return page ? page : alloc_page(GFP_HIGHUSER_MOVABLE);
}

static void put_drained(struct pipe_inode_info *p, struct page *page)
{
	if (p->spare)
		__free_page(page);
	else
		p->spare = page;
}

/* The reader has passed `n` bytes: let go of what is drained. */
static void advance_tail(struct pipe_inode_info *p, size_t n)
{
	struct page **slot = slot_of(p, p->tail), *page = *slot;
	bool left_page;

	p->tail += n;
	left_page = (p->tail & ~PAGE_MASK) == 0;
	if (p->tail == p->head) {             /* empty: start again */
		*slot = NULL;
		if (p->pages[0])
			put_drained(p, p->pages[0]);
		p->pages[0] = page;
		p->head = p->tail = 0;
	} else if (left_page &&
		   p->head - p->tail <= pipe_size(p) - PAGE_SIZE) {
		*slot = NULL;         /* head is not in it again */
		put_drained(p, page);
	}
	pipe_check(p);
}

/* Copy out what is there, up to the reader's room.  Bytes or -EFAULT. */
ssize_t pipe_ring_read(struct pipe_inode_info *p, struct iov_iter *to)
{
	size_t done = 0;

	while (p->head != p->tail && iov_iter_count(to)) {
		size_t off = p->tail & ~PAGE_MASK, n;

		n = min(PAGE_SIZE - off, (size_t)(p->head - p->tail));
		n = min(n, iov_iter_count(to));
		n = copy_page_to_iter(*slot_of(p, p->tail), off, n, to);
		if (!n)
			return done ? (ssize_t)done : -EFAULT;
		advance_tail(p, n);
		done += n;
	}
	return done;
}

/* Copy in what fits.  Bytes, 0 if nothing fits, -EFAULT, -ENOMEM. */
ssize_t pipe_ring_write(struct pipe_inode_info *p, struct iov_iter *from)
{
	size_t done = 0;

	while (pipe_room(p) && iov_iter_count(from)) {
		struct page **slot = slot_of(p, p->head);
		size_t off = p->head & ~PAGE_MASK, n;

		if (!*slot)
			*slot = get_page_for(p);
		if (!*slot)
			return done ? (ssize_t)done : -ENOMEM;
		n = min(PAGE_SIZE - off, pipe_room(p));
		n = min(n, iov_iter_count(from));
		n = copy_page_from_iter(*slot, off, n, from);
		if (!n)
			return done ? (ssize_t)done : -EFAULT;
		p->head += n;
		done += n;
	}
	pipe_check(p);
	return done;
}

void pipe_free_pages(struct page **pages, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (pages[i])
			__free_page(pages[i]);
	kfree(pages);
}

/* Copy all bytes to the front of a new ring; mutex held. */
int pipe_ring_resize(struct pipe_inode_info *p, unsigned int slots)
{
	size_t used = p->head - p->tail, pos, n;
	struct page **pages = kcalloc(slots, sizeof(*pages), GFP_KERNEL);
	struct page *page;

	if (!pages)
		return -ENOMEM;
	for (pos = 0; pos < used; pos += n) {
		size_t from = (p->tail + pos) & ~PAGE_MASK;
		size_t to = pos & ~PAGE_MASK;

		if (!to) {
			page = alloc_page(GFP_HIGHUSER_MOVABLE);
			if (!page) {
				pipe_free_pages(pages, slots);
				return -ENOMEM;
			}
			pages[pos >> PAGE_SHIFT] = page;
		}
		n = min(used - pos, PAGE_SIZE - max(from, to));
		memcpy((char *)page_address(pages[pos >> PAGE_SHIFT]) + to,
		       (char *)page_address(*slot_of(p, p->tail + pos)) + from,
		       n);
	}
	pipe_free_pages(p->pages, p->nr_slots);
	p->pages = pages;
	p->nr_slots = slots;
	p->tail = 0;
	p->head = used;
	return 0;
}
