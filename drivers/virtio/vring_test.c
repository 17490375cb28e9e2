/* SPDX-License-Identifier: MIT */
/*
 * vring_test.c -- self-tests of vring.c against a device that is a function
 *
 * The model reads the ring as the standard says, at the physical addresses that
 * it would be told; and it can lie.
 */

#include "vring.h"

#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <mm/slab.h>

#define NUM 8

/* The device's side. */
struct model {
	struct virtio_device vdev;
	struct virtqueue *vq;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	u16 seen;                     /* buffers taken from avail */
	int kicks;
};

static struct model m;
static u8 *buffers;                   /* a page */

static bool count_kick(struct virtqueue *vq)
{
	m.kicks++;
	return true;
}

/* A fresh ring with these transport features. */
static bool start(u64 features)
{
	struct vring_addresses a;

	memset(&m, 0, sizeof(m));
	INIT_LIST_HEAD(&m.vdev.vqs);
	m.vdev.dev.init_name = "virtio-model";
	m.vdev.features = features;
	m.vq = vring_create_virtqueue(0, NUM, &m.vdev, count_kick, NULL, "q");
	buffers = (u8 *)get_zeroed_page(GFP_KERNEL);
	if (!m.vq || !buffers)
		return false;
	vring_get_addresses(m.vq, &a);
	m.desc = __va(a.desc);
	m.avail = __va(a.avail);
	m.used = __va(a.used);
	return true;
}

static void stop(void)
{
	while (virtqueue_detach_unused_buf(m.vq))
		;
	EXPECT(m.vq->num_free == NUM);                           /* V1 */
	vring_del_virtqueue(m.vq);
	free_page((unsigned long)buffers);
}

/* One piece to read and one to write. */
static int offer(void *data, unsigned int in_len)
{
	struct scatterlist out, in, *sgs[2] = { &out, &in };

	sg_init_one(&out, buffers, 16);
	sg_init_one(&in, buffers + 16, in_len);
	return virtqueue_add_sgs(m.vq, sgs, 1, 1, data, GFP_KERNEL);
}

/* The device takes the next buffer: its head; the chain is checked. */
static int take(unsigned int *pieces)
{
	struct vring_desc *d = m.desc;
	u16 head, at;

	if (m.seen == m.avail->idx)
		return -1;
	head = at = m.avail->ring[m.seen++ % NUM];
	*pieces = 1;
	if (d[at].flags & VRING_DESC_F_INDIRECT) {
		*pieces = d[at].len / sizeof(*d);
		return head;
	}
	while (d[at].flags & VRING_DESC_F_NEXT) {
		at = d[at].next;
		(*pieces)++;
	}
	EXPECT(d[at].flags & VRING_DESC_F_WRITE);
	return head;
}

static void give_back(u32 id, u32 len)
{
	m.used->ring[m.used->idx % NUM] = (struct vring_used_elem){ id, len };
	m.used->idx++;
}

SELFTEST(vring_buffers_come_back_in_the_device_s_order)
{
	unsigned int pieces, len;
	int a, b;
	char x, y;

	REQUIRE(start(0));
	EXPECT(offer(&x, 32) == 0 && offer(&y, 64) == 0);
	EXPECT(m.vq->num_free == NUM - 4);
	a = take(&pieces);
	EXPECT(pieces == 2);
	b = take(&pieces);
	give_back(b, 64);
	EXPECT(virtqueue_get_buf(m.vq, &len) == &y && len == 64);
	EXPECT(virtqueue_get_buf(m.vq, &len) == NULL);
	give_back(a, 1);
	EXPECT(virtqueue_get_buf(m.vq, &len) == &x && len == 1);
	stop();
}

/* n buffers through the ring, one at a time. */
static void go_round(unsigned long n)
{
	unsigned int pieces, len;
	unsigned long i;

	REQUIRE(start(0));
	for (i = 1; i <= n; i++) {
		if (offer((void *)i, 8))
			break;
		give_back(take(&pieces), 8);
		if (virtqueue_get_buf(m.vq, &len) != (void *)i)
			break;
	}
	EXPECT(i == n + 1);
	stop();
}

SELFTEST_SLOW(vring_slots_are_used_again)
{
	go_round(10 * NUM);
}

SELFTEST_SLOW(vring_indices_wrap_at_16_bits)
{
	go_round(70000);
}

SELFTEST_SLOW(vring_full_says_so_and_recovers)
{
	unsigned int pieces, len;

	REQUIRE(start(0));
	for (unsigned long i = 0; i < NUM / 2; i++)
		EXPECT(offer((void *)(i + 1), 8) == 0);
	EXPECT(offer(&len, 8) == -ENOSPC);
	give_back(take(&pieces), 0);
	EXPECT(virtqueue_get_buf(m.vq, &len) == (void *)1);
	EXPECT(offer(&len, 8) == 0);
	stop();
}

SELFTEST_SLOW(vring_indirect_takes_one_descriptor)
{
	unsigned int pieces, len;

	REQUIRE(start(1ull << VIRTIO_RING_F_INDIRECT_DESC));
	EXPECT(offer(&pieces, 8) == 0);
	EXPECT(m.vq->num_free == NUM - 1);
	give_back(take(&pieces), 8);
	EXPECT(pieces == 2);
	EXPECT(virtqueue_get_buf(m.vq, &len) == &pieces);
	stop();
}

/* Each lie breaks the queue, and nothing comes out of it any more. */
static void expect_broken(u32 id, u32 len, u16 ahead)
{
	unsigned int pieces, n;

	REQUIRE(start(0));
	EXPECT(offer(&pieces, 8) == 0);
	take(&pieces);
	give_back(id, len);
	m.used->idx += ahead;
	EXPECT(virtqueue_get_buf(m.vq, &n) == NULL);
	EXPECT(virtqueue_is_broken(m.vq));
	EXPECT(offer(&n, 8) == -EIO);
	EXPECT(!virtqueue_notify(m.vq));
	stop();
}

SELFTEST_SLOW(vring_device_that_lies_breaks_only_its_queue)
{
	expect_broken(NUM, 8, 0);       /* no such descriptor */
	expect_broken(5, 8, 0);         /* was never offered */
	expect_broken(0, 9, 0);         /* wrote more than there was room */
	expect_broken(0, 8, NUM);       /* more than were out */
}

SELFTEST_SLOW(vring_event_index_saves_kicks)
{
	EXPECT(vring_need_event(4, 5, 4));
	EXPECT(!vring_need_event(5, 5, 4));
	EXPECT(vring_need_event(0xffff, 1, 0xfffe));
	EXPECT(!vring_need_event(2, 1, 0xfffe));
	REQUIRE(start(1ull << VIRTIO_RING_F_EVENT_IDX));
	/* avail_event behind the used ring: "tell me at the third". */
	*(u16 *)&m.used->ring[NUM] = 2;
	for (unsigned long i = 1; i <= 3; i++) {
		EXPECT(offer((void *)i, 8) == 0);
		virtqueue_kick(m.vq);
	}
	EXPECT(m.kicks == 1);
	stop();
}
