/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_BITMAP_H
#define KERNEL_BITMAP_H
/*
 * bitmap.h -- sets of small numbers, one bit each
 *
 * All functions are plain memory accesses (the caller guards the map) and
 * take sizes in bits.  Bits behind the size in the last word are never read
 * as part of the answer; they may be written.
 */

#include <kernel/bitops.h>
#include <kernel/string.h>

#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]
#define BITMAP_LAST_WORD_MASK(n) (~0UL >> (-(n) & (BITS_PER_LONG - 1)))
#define BITMAP_FIRST_WORD_MASK(start) (~0UL << ((start) & (BITS_PER_LONG - 1)))

static inline void bitmap_zero(unsigned long *dst, unsigned int nbits)
{
	memset(dst, 0, BITS_TO_LONGS(nbits) * sizeof(long));
}

static inline void bitmap_fill(unsigned long *dst, unsigned int nbits)
{
	memset(dst, 0xff, BITS_TO_LONGS(nbits) * sizeof(long));
}

void bitmap_set(unsigned long *map, unsigned int start, unsigned int len);
void bitmap_clear(unsigned long *map, unsigned int start, unsigned int len);
unsigned int bitmap_weight(const unsigned long *map, unsigned int nbits);
/* First run of nr clear bits at or behind start whose place & mask == 0. */
unsigned long bitmap_find_next_zero_area(unsigned long *map,
					 unsigned long size,
					 unsigned long start, unsigned int nr,
					 unsigned long align_mask);
/* "0-3,8" into a map; -EINVAL, or -ERANGE for a number >= nbits. */
int bitmap_parselist(const char *buf, unsigned long *map, int nbits);

static inline bool bitmap_empty(const unsigned long *map, unsigned int nbits)
{
	return find_first_bit(map, nbits) >= nbits;
}

static inline bool bitmap_full(const unsigned long *map, unsigned int nbits)
{
	return find_first_zero_bit(map, nbits) >= nbits;
}

#endif
