/* SPDX-License-Identifier: MIT */
/*
 * bitops.c -- searching for bits, a word at a time
 *
 * A search for a clear bit is a search for a set bit in the inverted words, so
 * one function serves both: `invert` is 0 or ~0.  Any context.
 */

#include <kernel/bitops.h>

#include <kernel/export.h>

static inline unsigned long find_next(const unsigned long *a,
				      const unsigned long *b,
				      unsigned long size, unsigned long from,
				      unsigned long invert)
{
	unsigned long i = from / BITS_PER_LONG, word;
	unsigned long first = ~0UL << (from % BITS_PER_LONG);

	if (from >= size)
		return size;
	for (; i * BITS_PER_LONG < size; i++, first = ~0UL) {
		word = (a[i] ^ invert) & first;
		if (b)
			word &= b[i];
		if (word) {
			unsigned long bit = i * BITS_PER_LONG + __ffs(word);

			return bit < size ? bit : size;
		}
	}
	return size;
}

unsigned long find_next_bit(const unsigned long *addr, unsigned long size,
			    unsigned long from)
{
	return find_next(addr, NULL, size, from, 0);
}
EXPORT_SYMBOL(find_next_bit);

unsigned long find_next_zero_bit(const unsigned long *addr, unsigned long size,
				 unsigned long from)
{
	return find_next(addr, NULL, size, from, ~0UL);
}
EXPORT_SYMBOL(find_next_zero_bit);

unsigned long find_next_and_bit(const unsigned long *a, const unsigned long *b,
				unsigned long size, unsigned long from)
{
	return find_next(a, b, size, from, 0);
}
EXPORT_SYMBOL(find_next_and_bit);

unsigned long find_last_bit(const unsigned long *addr, unsigned long size)
{
	unsigned long i = BITS_TO_LONGS(size);
	unsigned long mask = ~0UL >> (-size & (BITS_PER_LONG - 1));

	while (i-- > 0) {
		if (addr[i] & mask)
			return i * BITS_PER_LONG + __fls(addr[i] & mask);
		mask = ~0UL;
	}
	return size;
}
EXPORT_SYMBOL(find_last_bit);
