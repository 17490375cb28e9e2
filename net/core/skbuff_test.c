/* SPDX-License-Identifier: MIT */
/* skbuff_test.c -- packets keep their bytes, whoever shares or cuts them */

#include <net/skbuff.h>

#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <mm/uio.h>

/* 100 bytes linear, then two pages with 3000 and 1001: byte i is (u8)(i *
 * 7). */
static struct sk_buff *sample(void)
{
	struct sk_buff *skb = alloc_skb(256, GFP_KERNEL);
	int sizes[2] = { 3000, 1001 }, at = 100;

	if (!skb)
		return NULL;
	skb_reserve(skb, 64);
	for (int i = 0; i < 100; i++)
		skb_put_u8(skb, i * 7);
	for (int f = 0; f < 2; f++) {
		struct page *page = alloc_page(GFP_KERNEL);

		if (!page) {
			kfree_skb(skb);
			return NULL;
		}
		for (int i = 0; i < sizes[f]; i++)
			((u8 *)page_address(page))[i + 8] = (at + i) * 7;
		skb_add_rx_frag(skb, f, page, 8, sizes[f], PAGE_SIZE);
		at += sizes[f];
	}
	return skb;
}

#define SAMPLE_LEN 4101

/* Do skb's bytes go on as the sample's from byte `from` on? */
static bool same(const struct sk_buff *skb, int from, int len)
{
	u8 buf[64];

	if ((int)skb->len != len)
		return false;
	for (int at = 0; at < len; at += sizeof(buf)) {
		int n = min(len - at, (int)sizeof(buf));

		if (skb_copy_bits(skb, at, buf, n))
			return false;
		for (int i = 0; i < n; i++)
			if (buf[i] != (u8)((from + at + i) * 7))
				return false;
	}
	return true;
}

SELFTEST(skb_borders_move_without_moving_bytes)
{
	struct sk_buff *skb = sample();

	REQUIRE(skb);
	EXPECT(same(skb, 0, SAMPLE_LEN));
	EXPECT(skb_headroom(skb) == 64);
	memset(skb_push(skb, 14), 0xee, 14);
	EXPECT(skb->len == SAMPLE_LEN + 14 && skb_headroom(skb) == 50);
	EXPECT(skb_pull(skb, 14) && same(skb, 0, SAMPLE_LEN));
	EXPECT(!skb_pull(skb, SAMPLE_LEN + 1));
	EXPECT(skb_copy_bits(skb, SAMPLE_LEN, skb, 1) == -EFAULT);
	kfree_skb(skb);
}

SELFTEST_SLOW(skb_clone_and_copy_leave_the_original_alone)
{
	struct sk_buff *skb = sample(), *clone, *copy, *half;

	REQUIRE(skb);
	clone = skb_clone(skb, GFP_KERNEL);
	copy = skb_copy(skb, GFP_KERNEL);
	half = __pskb_copy(skb, 32, GFP_KERNEL);
	EXPECT(clone && copy && half);
	if (clone && copy && half) {
		EXPECT(skb_cloned(skb) && skb_cloned(clone));
		EXPECT(!skb_cloned(copy) && !skb_is_nonlinear(copy));
		EXPECT(same(copy, 0, SAMPLE_LEN) && same(half, 0, SAMPLE_LEN));
		EXPECT(skb_pull(clone, 50) && same(clone, 50, SAMPLE_LEN - 50));
		EXPECT(pskb_expand_head(clone, 100, 0, GFP_KERNEL) == 0);
		memset(clone->data, 0xff, 10);
		EXPECT(same(skb, 0, SAMPLE_LEN) && !skb_cloned(skb));
	}
	kfree_skb(skb);
	EXPECT(!half || same(half, 0, SAMPLE_LEN));
	kfree_skb(half);
	kfree_skb(copy);
	kfree_skb(clone);
}

SELFTEST(skb_pull_leaves_a_shared_list_member_whole)
{
	struct sk_buff *skb = alloc_skb(64, GFP_KERNEL), *clone;
	struct sk_buff *one = alloc_skb(64, GFP_KERNEL);
	struct sk_buff *two = alloc_skb(64, GFP_KERNEL);
	u8 got[5] = { 0 };

	REQUIRE(skb && one && two);
	skb_put_data(one, "ab", 2);
	skb_put_data(two, "cde", 3);
	skb_shinfo(skb)->frag_list = one;
	one->next = two;
	skb->len = skb->data_len = 5;
	clone = skb_clone(skb, GFP_KERNEL);
	REQUIRE(clone);
	EXPECT(pskb_may_pull(clone, 3) && !memcmp(clone->data, "abc", 3));
	EXPECT(skb_linearize(clone) == 0 && !memcmp(clone->data, "abcde", 5));
	EXPECT(!skb_copy_bits(skb, 0, got, 5) && !memcmp(got, "abcde", 5));
	kfree_skb(clone);
	EXPECT(!skb_copy_bits(skb, 0, got, 5) && !memcmp(got, "abcde", 5));
	kfree_skb(skb);
}

SELFTEST_SLOW(skb_pad_of_pages_stays_inside)
{
	struct sk_buff *skb = alloc_skb(64, GFP_KERNEL);
	struct sk_buff *member = alloc_skb(256, GFP_KERNEL), *empty;
	int delta;
	bool stolen;

	REQUIRE(skb && member);
	skb_put(member, 256);
	skb_shinfo(skb)->frag_list = member;
	skb->len = skb->data_len = 256;
	empty = alloc_skb(16, GFP_KERNEL);
	REQUIRE(empty);
	EXPECT(skb_pad(skb, 60) == 0);
	EXPECT(skb_headlen(skb) == 256 && skb_tailroom(skb) >= 60);
	EXPECT(skb_try_coalesce(skb, empty, &stolen, &delta) && !delta);
	kfree_skb(empty);
	kfree_skb(skb);
}

SELFTEST(skb_foreseen_clone_lives_beside_its_original)
{
	struct sk_buff *skb = alloc_skb_fclone(100, GFP_KERNEL), *a, *b;

	REQUIRE(skb);
	a = skb_clone(skb, GFP_KERNEL);
	b = skb_clone(skb, GFP_KERNEL);
	EXPECT(a && a == skb + 1);
	EXPECT(b && b->fclone == SKB_FCLONE_UNAVAILABLE);
	kfree_skb(skb);
	kfree_skb(a);
	kfree_skb(b);
}

SELFTEST_SLOW(skb_pull_trim_and_split_cross_the_parts)
{
	struct sk_buff *skb = sample(), *rest = alloc_skb(256, GFP_KERNEL);

	if (!skb || !rest)
		goto out;
	EXPECT(pskb_may_pull(skb, 100 + 1500));
	EXPECT(skb_headlen(skb) >= 1600 && same(skb, 0, SAMPLE_LEN));
	EXPECT(!pskb_may_pull(skb, SAMPLE_LEN + 1));
	skb_split(skb, rest, 3500);
	EXPECT(same(skb, 0, 3500) && same(rest, 3500, SAMPLE_LEN - 3500));
	EXPECT(pskb_trim(skb, 3000) == 0 && same(skb, 0, 3000));
	EXPECT(pskb_trim(skb, 30) == 0 && same(skb, 0, 30));
	EXPECT(!skb_is_nonlinear(skb));
	EXPECT(skb_linearize(rest) == 0);
	EXPECT(same(rest, 3500, SAMPLE_LEN - 3500));
out:
	kfree_skb(skb);
	kfree_skb(rest);
}

SELFTEST_SLOW(skb_checksum_is_that_of_the_bytes_in_a_row)
{
	struct sk_buff *skb = sample(), *flat;
	u32 a, b;

	REQUIRE(skb);
	flat = skb_copy(skb, GFP_KERNEL);
	for (int off = 0; flat && off < 3200; off += 533) {
		a = skb_checksum(skb, off, SAMPLE_LEN - off, 0);
		b = csum_partial(flat->data + off, SAMPLE_LEN - off, 0);
		for (int i = 0; i < 2; i++) {
			a = (a & 0xffff) + (a >> 16);
			b = (b & 0xffff) + (b >> 16);
		}
		EXPECT(a == b);
	}
	kfree_skb(flat);
	kfree_skb(skb);
}

SELFTEST_SLOW(skb_bytes_go_through_iterators)
{
	static u8 in[5000], out[5000];
	struct kvec vec = { .iov_base = in, .iov_len = sizeof(in) };
	struct iov_iter iter;
	struct sk_buff *skb;
	int err;

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = i * 13;
	skb = alloc_skb_with_frags(100, 4900, 3, &err, GFP_KERNEL);
	REQUIRE(skb);
	skb_put(skb, 100);
	skb->data_len = 4900;
	skb->len += 4900;
	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, sizeof(in));
	EXPECT(!skb_copy_datagram_from_iter(skb, 0, &iter, 5000));
	vec.iov_base = out;
	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, sizeof(out));
	EXPECT(!skb_copy_datagram_iter(skb, 0, &iter, 5000));
	EXPECT(memcmp(in, out, sizeof(in)) == 0);
	kfree_skb(skb);
	EXPECT(!alloc_skb_with_frags(10, 1 << 30, 3, &err, GFP_KERNEL));
	EXPECT(err == -EMSGSIZE);
}

SELFTEST_SLOW(skb_queue_keeps_order_and_count)
{
	struct sk_buff *skb[4], *s;
	struct sk_buff_head q, other;
	int i;

	skb_queue_head_init(&q);
	skb_queue_head_init(&other);
	for (i = 0; i < 4; i++) {
		skb[i] = alloc_skb(16, GFP_KERNEL);
		REQUIRE(skb[i]);
	}
	skb_queue_tail(&q, skb[1]);
	skb_queue_head(&q, skb[0]);
	skb_append(skb[1], skb[3], &q);
	skb_append(skb[1], skb[2], &q);
	i = 0;
	skb_queue_walk(&q, s)
		EXPECT(s == skb[i++]);
	EXPECT(i == 4 && skb_queue_len(&q) == 4);
	skb_unlink(skb[2], &q);
	skb_queue_tail(&other, skb[2]);
	skb_queue_splice_tail_init(&q, &other);
	EXPECT(skb_queue_empty(&q) && skb_queue_len(&other) == 4);
	EXPECT(skb_peek(&other) == skb[2] && skb_peek_tail(&other) == skb[3]);
	EXPECT(skb_dequeue(&other) == skb[2]);
	kfree_skb(skb[2]);
	skb_queue_purge(&other);
	EXPECT(!skb_dequeue(&other) && other.qlen == 0);
}
