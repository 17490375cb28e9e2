/* SPDX-License-Identifier: MIT */
/*
 * hash.c -- hashing names and tuples
 *
 * full_name_hash is on the path of every file look-up, so it takes eight bytes
 * in a step: xor them in, multiply, rotate.  Two lanes would be quicker for
 * long names; names are short.  jhash is Bob Jenkins' lookup3 (public domain
 * description, burtleburtle.net/bob/hash/doobs.html), for keys of words.
 */

#include <kernel/hash.h>

#include <kernel/bitops.h>
#include <kernel/export.h>
#include <kernel/string.h>

#define MIX 0x9E3779B97F4A7C15ull

static inline u64 mix_word(u64 h, u64 word)
{
	return rol64((h ^ word) * MIX, 23);
}

/* Fold to 32 bits, the high half of a product being the well mixed one. */
static inline u32 fold(u64 h)
{
	return (u32)((h * GOLDEN_RATIO_64) >> 32);
}

u32 full_name_hash(const void *salt, const char *name, unsigned int len)
{
	u64 h = (u64)(uintptr_t)salt ^ ((u64)len << 56), word;

	for (; len >= sizeof(word); len -= sizeof(word)) {
		memcpy(&word, name, sizeof(word));
		h = mix_word(h, word);
		name += sizeof(word);
	}
	word = 0;
	for (unsigned int i = 0; i < len; i++)
		word |= (u64)(u8)name[i] << (8 * i);
	return fold(mix_word(h, word));
}
EXPORT_SYMBOL(full_name_hash);

u64 hashlen_string(const void *salt, const char *name)
{
	unsigned int len = 0;

	while (name[len] && name[len] != '/')
		len++;
	return ((u64)len << 32) | full_name_hash(salt, name, len);
}
EXPORT_SYMBOL(hashlen_string);

struct jh {
	u32 a, b, c;
};

static inline void jh_mix(struct jh *h)
{
	h->a -= h->c; h->a ^= rol32(h->c, 4); h->c += h->b;
	h->b -= h->a; h->b ^= rol32(h->a, 6); h->a += h->c;
	h->c -= h->b; h->c ^= rol32(h->b, 8); h->b += h->a;
	h->a -= h->c; h->a ^= rol32(h->c, 16); h->c += h->b;
	h->b -= h->a; h->b ^= rol32(h->a, 19); h->a += h->c;
	h->c -= h->b; h->c ^= rol32(h->b, 4); h->b += h->a;
}

static inline u32 jh_final(struct jh *h)
{
	h->c ^= h->b; h->c -= rol32(h->b, 14);
	h->a ^= h->c; h->a -= rol32(h->c, 11);
	h->b ^= h->a; h->b -= rol32(h->a, 25);
	h->c ^= h->b; h->c -= rol32(h->b, 16);
	h->a ^= h->c; h->a -= rol32(h->c, 4);
	h->b ^= h->a; h->b -= rol32(h->a, 14);
	h->c ^= h->b; h->c -= rol32(h->b, 24);
	return h->c;
}

u32 jhash2(const u32 *key, u32 words, u32 initval)
{
	u32 start = 0xdeadbeef + (words << 2) + initval;
	struct jh h = { start, start, start };

	for (; words > 3; words -= 3, key += 3) {
		h.a += key[0];
		h.b += key[1];
		h.c += key[2];
		jh_mix(&h);
	}
	if (words == 0)
		return h.c;
	h.a += key[0];
	h.b += words > 1 ? key[1] : 0;
	h.c += words > 2 ? key[2] : 0;
	return jh_final(&h);
}
EXPORT_SYMBOL(jhash2);

u32 jhash_3words(u32 a, u32 b, u32 c, u32 initval)
{
	u32 key[3] = { a, b, c };

	return jhash2(key, 3, initval);
}
EXPORT_SYMBOL(jhash_3words);

u32 jhash(const void *key, u32 len, u32 initval)
{
	u32 start = 0xdeadbeef + len + initval, w[3];
	struct jh h = { start, start, start };
	const u8 *p = key;

	while (len > 12) {
		memcpy(w, p, 12);
		h.a += w[0];
		h.b += w[1];
		h.c += w[2];
		jh_mix(&h);
		p += 12;
		len -= 12;
	}
	if (len == 0)
		return h.c;
	memset(w, 0, sizeof(w));
	memcpy(w, p, len);
	h.a += w[0];
	h.b += w[1];
	h.c += w[2];
	return jh_final(&h);
}
EXPORT_SYMBOL(jhash);
