/* SPDX-License-Identifier: MIT */
/* sha1.c -- the SHA-1 message digest; names as in RFC 3174 */

#include <kernel/digest.h>

#include <kernel/bitops.h>
#include <kernel/export.h>
#include <kernel/math.h>
#include <kernel/string.h>

static u32 load_be32(const u8 *p)
{
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static u32 sha1_f(int t, u32 b, u32 c, u32 d)
{
	if (t < 20)
		return ((b & c) | (~b & d)) + 0x5a827999;
	if (t < 40)
		return (b ^ c ^ d) + 0x6ed9eba1;
	if (t < 60)
		return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
	return (b ^ c ^ d) + 0xca62c1d6;
}

static void sha1_block(u32 h[5], const u8 block[64])
{
	u32 a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], w[80];

	for (int t = 0; t < 16; t++)
		w[t] = load_be32(block + 4 * t);
	for (int t = 16; t < 80; t++)
		w[t] = rol32(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
	for (int t = 0; t < 80; t++) {
		u32 sum = rol32(a, 5) + sha1_f(t, b, c, d) + e + w[t];

		e = d;
		d = c;
		c = rol32(b, 30);
		b = a;
		a = sum;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

void sha1_init(struct sha1_ctx *c)
{
	*c = (struct sha1_ctx){
		.state = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
			   0xc3d2e1f0 } };
}
EXPORT_SYMBOL(sha1_init);

void sha1_update(struct sha1_ctx *c, const void *data, size_t len)
{
	const u8 *p = data;

	while (len > 0) {
		size_t at = c->bytes % 64, n = min(len, 64 - at);

		memcpy(c->block + at, p, n);
		c->bytes += n;
		p += n;
		len -= n;
		if (at + n == 64)
			sha1_block(c->state, c->block);
	}
}
EXPORT_SYMBOL(sha1_update);

void sha1_final(struct sha1_ctx *c, u8 out[SHA1_DIGEST_SIZE])
{
	static const u8 padding[64] = { 0x80 };
	u64 bits = __builtin_bswap64(c->bytes * 8);
	size_t at = c->bytes % 64;

	sha1_update(c, padding, at < 56 ? 56 - at : 120 - at);
	sha1_update(c, &bits, sizeof(bits));
	for (int i = 0; i < 5; i++) {
		u32 be = __builtin_bswap32(c->state[i]);

		memcpy(out + 4 * i, &be, 4);
	}
}
EXPORT_SYMBOL(sha1_final);
