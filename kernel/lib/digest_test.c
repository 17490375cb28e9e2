/* SPDX-License-Identifier: MIT */
/*
 * digest_test.c -- known answers (KT23): crc32, md5, sha1, chacha20, math
 *
 * A digest is right if it gives the standard's answers, whole and when the
 * input comes in pieces that end anywhere.  Sorting is compared with the
 * definition: in order, and the same elements.
 */

#include <kernel/digest.h>
#include <kernel/list.h>
#include <kernel/math.h>
#include <kernel/random.h>
#include <kernel/selftest.h>
#include <kernel/sort.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>

static bool hex_is(const u8 *p, int n, const char *want)
{
	char text[65];

	snprintf(text, sizeof(text), "%*phN", n, p);
	return strcmp(text, want) == 0;
}

SELFTEST(crc32_known_answers)
{
	EXPECT(crc32_ieee("123456789", 9) == 0xcbf43926);
	EXPECT(crc32_ieee("", 0) == 0);
	EXPECT((u32)~crc32c(~0U, "123456789", 9) == 0xe3069283);
	EXPECT(crc16(0, (const u8 *)"123456789", 9) == 0xbb3d);
}

static bool md5_is(const char *text, const char *want)
{
	struct md5_ctx c;
	u8 out[16];

	md5_init(&c);
	for (const char *p = text; *p; p++)     /* a byte at a time */
		md5_update(&c, p, 1);
	md5_final(&c, out);
	return hex_is(out, 16, want);
}

SELFTEST(md5_known_answers)             /* RFC 1321, A.5 */
{
	EXPECT(md5_is("", "d41d8cd98f00b204e9800998ecf8427e"));
	EXPECT(md5_is("abc", "900150983cd24fb0d6963f7d28e17f72"));
	EXPECT(md5_is("1234567890123456789012345678901234567890"
		      "1234567890123456789012345678901234567890",
		      "57edf4a22be3c955ac49da2e2107b67a"));
}

SELFTEST(sha1_known_answers)            /* RFC 3174, 7.3 */
{
	struct sha1_ctx c;
	u8 out[20];

	sha1_init(&c);
	sha1_update(&c, "abc", 3);
	sha1_final(&c, out);
	EXPECT(hex_is(out, 20, "a9993e364706816aba3e25717850c26c9cd0d89d"));
	sha1_init(&c);
	for (int i = 0; i < 80; i++)
		sha1_update(&c, "0123456701234567", 8);
	sha1_final(&c, out);
	EXPECT(hex_is(out, 20, "dea356a2cddd90c7a7ecedc5ebb563934f460452"));
}

SELFTEST(chacha20_known_answer)         /* RFC 8439, 2.3.2 */
{
	u32 state[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	u8 out[64], *key = (u8 *)&state[4];

	for (int i = 0; i < 32; i++)
		key[i] = i;
	state[12] = 1;
	state[13] = 0x09000000;
	state[14] = 0x4a000000;
	chacha20_block(state, out);
	EXPECT(hex_is(out, 16, "10f1e7e4d13b5915500fdd1fa32071c4"));
	EXPECT(hex_is(out + 48, 16, "b5129cd1de164eb9cbd083e8a2503c4e"));
	EXPECT(state[12] == 2);
}

SELFTEST(wide_products_are_exact)
{
	EXPECT(mul_u64_u64_shr(U64_MAX, U64_MAX, 64) == U64_MAX - 1);
	EXPECT(mul_u64_u64_div_u64(U64_MAX, 1000, 1000) == U64_MAX);
	EXPECT(mul_u64_u64_div_u64(1UL << 63, 6, 4) == 3UL << 62);
	EXPECT(mul_u64_u64_div_u64(7, 9, 10) == 6);
	EXPECT(int_sqrt(0) == 0 && int_sqrt(15) == 3 && int_sqrt(16) == 4);
	EXPECT(int_sqrt(~0UL) == 0xffffffffUL && gcd(12, 18) == 6);
}

static int compare_ints(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

SELFTEST_SLOW(sort_sorts_and_bsearch_finds)
{
	struct rnd_state rnd;
	int v[257], absent = -1;

	prandom_seed_state(&rnd, 1);
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		v[i] = prandom_u32_state(&rnd) % 1000;
	sort(v, ARRAY_SIZE(v), sizeof(v[0]), compare_ints, NULL);
	for (size_t i = 1; i < ARRAY_SIZE(v); i++)
		EXPECT(v[i - 1] <= v[i]);
	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		int *p = bsearch(&v[i], v, ARRAY_SIZE(v), sizeof(v[0]),
				 compare_ints);

		EXPECT(p && *p == v[i]);
	}
	EXPECT(!bsearch(&absent, v, ARRAY_SIZE(v), sizeof(v[0]), compare_ints));
}

struct pair {
	int key, place;
	struct list_head link;
};

static int compare_pairs(void *priv, const struct list_head *a,
			 const struct list_head *b)
{
	return list_entry(a, struct pair, link)->key -
	       list_entry(b, struct pair, link)->key;
}

SELFTEST(list_sort_is_stable)
{
	static struct pair p[100];
	struct pair *i, *last = NULL;
	LIST_HEAD(head);
	int n = 0;

	for (int k = 0; k < 100; k++) {
		p[k] = (struct pair){ .key = k * 37 % 10, .place = k };
		list_add_tail(&p[k].link, &head);
	}
	list_sort(NULL, &head, compare_pairs);
	list_for_each_entry(i, &head, link) {
		EXPECT(!last || last->key < i->key ||
		       (last->key == i->key && last->place < i->place));
		EXPECT(i->link.next->prev == &i->link);
		last = i;
		n++;
	}
	EXPECT(n == 100);
}
