/* SPDX-License-Identifier: MIT */
/* pipe_ring_test.c -- the ring of bytes: order, room, pages */

#include "pipe_impl.h"

#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <mm/slab.h>
#include <mm/uio.h>

static struct pipe_inode_info *ring(void)
{
	struct pipe_inode_info *p = kzalloc(sizeof(*p), GFP_KERNEL);

	p->nr_slots = PIPE_DEF_SLOTS;
	p->pages = kcalloc(p->nr_slots, sizeof(*p->pages), GFP_KERNEL);
	return p;
}

static void drop(struct pipe_inode_info *p)
{
	pipe_free_pages(p->pages, p->nr_slots);
	if (p->spare)
		__free_page(p->spare);
	kfree(p);
}

static ssize_t put(struct pipe_inode_info *p, const void *data, size_t n)
{
	struct kvec vec = { (void *)data, n };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, n);
	return pipe_ring_write(p, &iter);
}

static ssize_t take(struct pipe_inode_info *p, void *data, size_t n)
{
	struct kvec vec = { data, n };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, n);
	return pipe_ring_read(p, &iter);
}

static unsigned int pages_held(const struct pipe_inode_info *p)
{
	unsigned int i, n = 0;

	for (i = 0; i < p->nr_slots; i++)
		n += p->pages[i] != NULL;
	return n;
}

SELFTEST_SLOW(pipe_ring_keeps_the_order_across_the_wrap)
{
	struct pipe_inode_info *p = ring();
	u8 *buf = kmalloc(8192, GFP_KERNEL), in = 0, out = 0;
	int round, i, bad = 0;

	for (round = 0; round < 60; round++) {
		size_t n = 1000 + round * 113 % 6000, got;

		for (i = 0; i < (int)n; i++)
			buf[i] = in++;
		EXPECT(put(p, buf, n) == (ssize_t)n);
		got = take(p, buf, n - (round % 3) * 7);
		for (i = 0; i < (int)got; i++)
			bad += buf[i] != out++;
		EXPECT(p->head - p->tail <= pipe_size(p));       /* I1 */
	}
	EXPECT(bad == 0);
	kfree(buf);
	drop(p);
}

SELFTEST_SLOW(pipe_ring_holds_65536_bytes_wherever_it_begins)
{
	struct pipe_inode_info *p = ring();
	u8 *buf = kzalloc(65536, GFP_KERNEL);

	EXPECT(put(p, buf, 65536) == 65536);
	EXPECT(put(p, buf, 1) == 0);
	EXPECT(take(p, buf, 100) == 100);
	EXPECT(pipe_room(p) == 100 && pipe_full(p));
	EXPECT(put(p, buf, 1000) == 100);       /* head is in tail's page */
	EXPECT(take(p, buf, 65536) == 65536);
	EXPECT(p->head == p->tail);
	kfree(buf);
	drop(p);
}

SELFTEST_SLOW(pipe_ring_gives_drained_pages_back)
{
	struct pipe_inode_info *p = ring();
	u8 *buf = kzalloc(65536, GFP_KERNEL);

	put(p, buf, 40000);
	EXPECT(pages_held(p) == 10);
	take(p, buf, 20000);
	EXPECT(pages_held(p) == 6);             /* I2 and no more */
	take(p, buf, 20000);
	EXPECT(pages_held(p) == 1 && p->head == 0);
	put(p, "ping", 4);
	take(p, buf, 4);
	EXPECT(pages_held(p) == 1 && p->pages[0]);
	kfree(buf);
	drop(p);
}

SELFTEST_SLOW(pipe_ring_survives_a_change_of_size)
{
	struct pipe_inode_info *p = ring();
	u8 *buf = kmalloc(65536, GFP_KERNEL);
	int i, bad = 0;

	for (i = 0; i < 50000; i++)
		buf[i] = i % 251;
	put(p, buf, 50000);
	take(p, buf, 40000);
	EXPECT(pipe_ring_resize(p, 4) == 0);
	EXPECT(p->nr_slots == 4 && pipe_room(p) == 16384 - 10000);
	EXPECT(take(p, buf, 65536) == 10000);
	for (i = 0; i < 10000; i++)
		bad += buf[i] != (40000 + i) % 251;
	EXPECT(bad == 0);
	kfree(buf);
	drop(p);
}
