/* SPDX-License-Identifier: MIT */
/*
 * bitmap.c -- set algebra on bitmaps
 *
 * INVARIANT.  Bits behind nbits in the last word never influence an answer:
 * every function that looks at whole words masks the last one.
 */

#include <kernel/bitmap.h>

#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/math.h>

/* The bits of word i that belong to a map of nbits. */
static inline unsigned long word_mask(unsigned int i, unsigned int nbits)
{
	return (i + 1) * BITS_PER_LONG <= nbits ? ~0UL
						: BITMAP_LAST_WORD_MASK(nbits);
}

#define for_each_word(i, nbits) \
	for (unsigned int i = 0; i < BITS_TO_LONGS(nbits); i++)

/* Set (v = ~0) or clear (v = 0) the bits start..start+len-1. */
static void bitmap_fill_range(unsigned long *map, unsigned int start,
			      unsigned int len, unsigned long v)
{
	unsigned int end = start + len;

	while (start < end) {
		unsigned int bit = start % BITS_PER_LONG;
		unsigned int n = min(end - start, BITS_PER_LONG - bit);
		unsigned long mask = GENMASK(bit + n - 1, bit);
		unsigned long *word = &map[start / BITS_PER_LONG];

		*word = (*word & ~mask) | (v & mask);
		start += n;
	}
}

void bitmap_set(unsigned long *map, unsigned int start, unsigned int len)
{
	bitmap_fill_range(map, start, len, ~0UL);
}
EXPORT_SYMBOL(bitmap_set);

void bitmap_clear(unsigned long *map, unsigned int start, unsigned int len)
{
	bitmap_fill_range(map, start, len, 0);
}
EXPORT_SYMBOL(bitmap_clear);

unsigned int bitmap_weight(const unsigned long *map, unsigned int nbits)
{
	unsigned int w = 0;

	for_each_word(i, nbits)
		w += hweight_long(map[i] & word_mask(i, nbits));
	return w;
}
EXPORT_SYMBOL(bitmap_weight);

unsigned long bitmap_find_next_zero_area(unsigned long *map,
					 unsigned long size,
					 unsigned long start, unsigned int nr,
					 unsigned long align_mask)
{
	unsigned long at, used;

	for (;;) {
		at = find_next_zero_bit(map, size, start);
		at = (at + align_mask) & ~align_mask;
		if (at >= size || nr > size - at)
			return size;
		used = find_next_bit(map, at + nr, at);
		if (used >= at + nr)
			return at;
		start = used + 1;
	}
}
EXPORT_SYMBOL(bitmap_find_next_zero_area);

/* Read digits; -1 if there is none, nbits if the number is that or more. */
static int parse_bit(const char **s, int nbits)
{
	int v = 0;

	if (!isdigit(**s))
		return -1;
	for (; isdigit(**s); (*s)++)
		v = min(v * 10 + (**s - '0'), nbits);
	return v;
}

int bitmap_parselist(const char *buf, unsigned long *map, int nbits)
{
	bitmap_zero(map, nbits);
	while (isspace(*buf))
		buf++;
	while (*buf && *buf != '\n') {
		int from = parse_bit(&buf, nbits), to = from;

		if (from >= 0 && *buf == '-') {
			buf++;
			to = parse_bit(&buf, nbits);
		}
		if (from < 0 || to < from)
			return -EINVAL;
		if (to >= nbits)
			return -ERANGE;
		bitmap_set(map, from, to - from + 1);
		if (*buf == ',')
			buf++;
		else if (*buf && *buf != '\n')
			return -EINVAL;
	}
	return 0;
}
EXPORT_SYMBOL(bitmap_parselist);
