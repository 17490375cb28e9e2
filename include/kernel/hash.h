/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_HASH_H
#define KERNEL_HASH_H
/*
 * hash.h -- spreading keys over 2^bits buckets
 *
 * Multiplying by a number whose bits look random mixes every low bit of the
 * key into the *high* bits of the product, so those are the ones to keep.
 * 2^64 divided by the golden ratio is such a number (Knuth, TAOCP 6.4).
 */

#include <kernel/types.h>

#define GOLDEN_RATIO_32 0x61C88647
#define GOLDEN_RATIO_64 0x61C8864680B583EBull

static inline u32 hash_32(u32 val, unsigned int bits)
{
	return (val * GOLDEN_RATIO_32) >> (32 - bits);
}

static inline u32 hash_64(u64 val, unsigned int bits)
{
	return (u32)((val * GOLDEN_RATIO_64) >> (64 - bits));
}

#define hash_long(val, bits) hash_64(val, bits)

static inline u32 hash_ptr(const void *ptr, unsigned int bits)
{
	return hash_64((u64)(uintptr_t)ptr, bits);
}

/* 32 bits of a name; the salt (a parent's address) tells equal names apart. */
u32 full_name_hash(const void *salt, const char *name, unsigned int len);
/* The same, up to a NUL or '/'; the length in the high 32 bits. */
u64 hashlen_string(const void *salt, const char *name);
#define hashlen_hash(hl) ((u32)(hl))
#define hashlen_len(hl) ((u32)((hl) >> 32))
#define hash_str(s, bits) \
	hash_32(full_name_hash(NULL, (s), strlen(s)), bits)

/* Bob Jenkins' mixing of words and of bytes, for connection tables. */
u32 jhash(const void *key, u32 len, u32 initval);
u32 jhash2(const u32 *key, u32 words, u32 initval);
u32 jhash_3words(u32 a, u32 b, u32 c, u32 initval);
#define jhash_2words(a, b, init) jhash_3words((a), (b), 0, (init))
#define jhash_1word(a, init) jhash_3words((a), 0, 0, (init))

#endif
