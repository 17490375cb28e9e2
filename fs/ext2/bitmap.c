/* SPDX-License-Identifier: MIT */
/*
 * bitmap.c -- runs of free blocks and inodes in a group's bitmap
 *
 * IDEA.  Bit n of a bitmap is bit n % 8 of byte n / 8: on a little-endian
 * machine also bit n % 64 of word n / 64, so that kernel/lib finds bits a word
 * at a time.  A bitmap is a block of a buffer: aligned, and long enough for
 * each bit below blocks_per_group.
 */

#include "pure.h"

#include <kernel/bitmap.h>
#include <kernel/kernel.h>

u32 ext2_bits_find(const struct ext2_bits *b, u32 from, u32 end)
{
	u32 bit = from, before;

	while (bit < end) {
		before = bit;
		bit = find_next_zero_bit(b->used, end, bit);
		for (u32 i = 0; i < 2 && bit < end; i++)
			if (b->avoid[i])
				bit = find_next_zero_bit(b->avoid[i], end, bit);
		if (bit == before || bit >= end)
			break;
	}
	return min(bit, end);
}

static bool may_take(const struct ext2_bits *b, u32 bit)
{
	return !test_bit(bit, b->used) &&
	       !(b->avoid[0] && test_bit(bit, b->avoid[0])) &&
	       !(b->avoid[1] && test_bit(bit, b->avoid[1]));
}

u32 ext2_bits_take(const struct ext2_bits *b, u32 bit, u32 end, u32 want)
{
	u32 n = 0;

	while (n < want && bit + n < end && may_take(b, bit + n))
		__set_bit(bit + n++, b->used);
	return n;
}

u32 ext2_bitmap_free(void *bits, u32 bit, u32 count)
{
	u32 freed = 0, i;

	for (i = bit; i < bit + count; i++)
		freed += __test_and_clear_bit(i, bits);
	return freed;
}

u32 ext2_bitmap_count_free(const void *bits, u32 nbits)
{
	return nbits - bitmap_weight(bits, nbits);
}
