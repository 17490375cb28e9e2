/* SPDX-License-Identifier: MIT */
/*
 * pipe_ring_test.c -- the ring of buffers: order, room, whose page it is
 *
 * Rings without a pipe around them, filled and emptied by one thread; the
 * pages are counted, so that one too many or too few is seen.
 */

#include "pipe_impl.h"

#include <fs/splice.h>
#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/uio.h>

static struct pipe_inode_info *ring(void)
{
	struct pipe_inode_info *p = kzalloc(sizeof(*p), GFP_KERNEL);

	p->ring_size = PIPE_DEF_BUFFERS;
	p->bufs = kcalloc(p->ring_size, sizeof(*p->bufs), GFP_KERNEL);
	p->readers = 1;
	return p;
}

static void drop(struct pipe_inode_info *p)
{
	pipe_ring_free(p);
	kfree(p);
}

static ssize_t put(struct pipe_inode_info *p, const void *data, size_t n)
{
	struct kvec vec = { (void *)data, n };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, n);
	return pipe_ring_write(p, &iter, false);
}

static ssize_t take(struct pipe_inode_info *p, void *data, size_t n)
{
	struct kvec vec = { data, n };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, n);
	return pipe_ring_read(p, &iter);
}

/* Enter a page, as a file would; it keeps a reference of ours. */
static ssize_t offer(struct pipe_inode_info *p, struct page *page, unsigned len)
{
	struct partial_page part = { .len = len };
	struct splice_pipe_desc spd = {
		.pages = &page, .partial = &part, .nr_pages = 1,
		.ops = &page_cache_pipe_buf_ops,
		.spd_release = spd_release_page };

	get_page(page);
	return splice_to_pipe(p, &spd);
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
		EXPECT(p->head - p->tail <= p->ring_size);       /* I1 */
	}
	EXPECT(bad == 0);
	kfree(buf);
	drop(p);
}

SELFTEST_SLOW(pipe_ring_is_full_when_its_slots_are)
{
	struct pipe_inode_info *p = ring();
	u8 *buf = kzalloc(65536, GFP_KERNEL);

	EXPECT(put(p, buf, 65536) == 65536);
	EXPECT(put(p, buf, 1) == 0);
	EXPECT(take(p, buf, 100) == 100);
	EXPECT(put(p, buf, 1000) == 0);         /* the slot is not free */
	EXPECT(take(p, buf, 3996) == 3996);
	EXPECT(put(p, buf, 5000) == 4096);
	EXPECT(take(p, buf, 65536) == 65536);
	EXPECT(p->head == p->tail && pipe_ring_bytes(p) == 0);
	kfree(buf);
	drop(p);
}

SELFTEST(pipe_ring_keeps_a_drained_page_for_the_next_write)
{
	struct pipe_inode_info *p = ring();
	struct page *page;
	u8 buf[8];

	EXPECT(put(p, "ping", 4) == 4);
	page = pipe_buf(p, p->tail)->page;
	EXPECT(take(p, buf, 4) == 4 && p->tmp_page[0] == page);
	EXPECT(put(p, "pong", 4) == 4);
	EXPECT(pipe_buf(p, p->tail)->page == page && !p->tmp_page[0]);
	drop(p);
}

SELFTEST(pipe_ring_merges_into_its_own_pages_only)
{
	struct pipe_inode_info *p = ring();
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	char *bytes = page_address(page), buf[16];
	int i;

	/* Each slot was used by a write: its flags said "merge" once. */
	for (i = 0; i < PIPE_DEF_BUFFERS; i++) {
		EXPECT(put(p, "ab", 2) == 2 && put(p, "c", 1) == 1);
		EXPECT(p->head - p->tail == 1 && take(p, buf, 16) == 3);
	}
	EXPECT(offer(p, page, 1) == 1 && page_count(page) == 2);
	EXPECT(put(p, "XYZ", 3) == 3);
	EXPECT(p->head - p->tail == 2 && !memchr_inv(bytes, 0, PAGE_SIZE));
	EXPECT(take(p, buf, 16) == 4 && !memcmp(buf, "\0XYZ", 4));
	EXPECT(page_count(page) == 1);
	put_page(page);
	drop(p);
}

SELFTEST(pipe_ring_without_room_gives_offered_pages_back)
{
	struct pipe_inode_info *p = ring();
	struct page *page = alloc_page(GFP_KERNEL);
	int i;

	for (i = 0; i < PIPE_DEF_BUFFERS; i++)
		EXPECT(offer(p, page, 7) == 7);
	EXPECT(offer(p, page, 7) == -EAGAIN);
	EXPECT(page_count(page) == 1 + PIPE_DEF_BUFFERS);
	EXPECT(pipe_ring_bytes(p) == 7 * PIPE_DEF_BUFFERS);
	drop(p);
	EXPECT(page_count(page) == 1);
	put_page(page);
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
	EXPECT(p->ring_size == 4 && p->head - p->tail == 4);
	EXPECT(take(p, buf, 65536) == 10000);
	for (i = 0; i < 10000; i++)
		bad += buf[i] != (40000 + i) % 251;
	EXPECT(bad == 0);
	kfree(buf);
	drop(p);
}
