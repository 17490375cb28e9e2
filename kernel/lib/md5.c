/* SPDX-License-Identifier: MIT */
/* md5.c -- the MD5 message digest; names as in RFC 1321 */

#include <kernel/digest.h>

#include <kernel/bitops.h>
#include <kernel/export.h>
#include <kernel/math.h>
#include <kernel/string.h>

/* floor(2^32 * |sin(i + 1)|). */
static const u32 T[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a,
	0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
	0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
	0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
	0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
	0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
	0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
	0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
	0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
	0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
	0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static const u8 shifts[4][4] = {
	{ 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 },
};

static u32 round_function(int round, u32 b, u32 c, u32 d)
{
	switch (round) {
	case 0: return (b & c) | (~b & d);
	case 1: return (b & d) | (c & ~d);
	case 2: return b ^ c ^ d;
	default: return c ^ (b | ~d);
	}
}

static void md5_block(u32 state[4], const u8 block[64])
{
	static const u8 step[4] = { 1, 5, 3, 7 }, start[4] = { 0, 1, 5, 0 };
	u32 a = state[0], b = state[1], c = state[2], d = state[3], x[16];

	memcpy(x, block, sizeof(x));
	for (int i = 0; i < 64; i++) {
		int round = i / 16;
		int k = (start[round] + step[round] * (i % 16)) % 16;
		u32 sum = a + round_function(round, b, c, d) + x[k] + T[i];

		a = d;
		d = c;
		c = b;
		b += rol32(sum, shifts[round][i % 4]);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
}

void md5_init(struct md5_ctx *c)
{
	*c = (struct md5_ctx){
		.state = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 } };
}
EXPORT_SYMBOL(md5_init);

void md5_update(struct md5_ctx *c, const void *data, size_t len)
{
	const u8 *p = data;

	while (len > 0) {
		size_t at = c->bytes % 64, n = min(len, 64 - at);

		memcpy(c->block + at, p, n);
		c->bytes += n;
		p += n;
		len -= n;
		if (at + n == 64)
			md5_block(c->state, c->block);
	}
}
EXPORT_SYMBOL(md5_update);

void md5_final(struct md5_ctx *c, u8 out[MD5_DIGEST_SIZE])
{
	static const u8 padding[64] = { 0x80 };
	u64 bits = c->bytes * 8;
	size_t at = c->bytes % 64;

	md5_update(c, padding, at < 56 ? 56 - at : 120 - at);
	md5_update(c, &bits, sizeof(bits));
	memcpy(out, c->state, MD5_DIGEST_SIZE);
}
EXPORT_SYMBOL(md5_final);
