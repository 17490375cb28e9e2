/* SPDX-License-Identifier: MIT */
/*
 * memmap.c -- make the firmware's memory map something to build on
 *
 * PROMISE.  After memmap_sanitize() the ranges are sorted, none overlaps or
 * touches another of its own type, none is empty.
 *
 * IDEA.  Firmware lists RAM in any order, twice, or with holes that another
 * entry contradicts.  Cut the line at every start and end; each piece then lies
 * wholly inside or outside every entry.  Give it the highest type that covers
 * it: of two claims "RAM" and "not RAM" the second is the safe one to believe.
 *
 *	usable    |=====================|
 *	reserved          |=======|
 *	cuts      |       |       |     |
 *	result    |   1   |   2   |  1  |
 *
 * The price is n^2 for n entries, n below 256, once.
 *
 * EXERCISE.  Which input of n ranges gives the longest result?
 */

#include <arch/boot.h>

/* Physical addresses have at most 52 bits; entries beyond are nonsense. */
#define PHYS_LIMIT (1ULL << 52)

static u64 cuts[2 * BOOT_MAX_RANGES];
static struct mem_range pieces[BOOT_MAX_RANGES];

/* Insert v into the sorted set of n cuts; returns the new n. */
static unsigned add_cut(unsigned n, u64 v)
{
	unsigned at = n;

	while (at > 0 && cuts[at - 1] >= v)
		at--;
	if (at < n && cuts[at] == v)
		return n;
	for (unsigned i = n; i > at; i--)
		cuts[i] = cuts[i - 1];
	cuts[at] = v;
	return n + 1;
}

/* The highest type that covers [start, end), 0 if none does. */
static u32 type_of_piece(const struct mem_range *r, unsigned n,
				u64 start, u64 end)
{
	u32 type = 0;

	for (unsigned i = 0; i < n; i++)
		if (r[i].start <= start && r[i].end >= end && r[i].type > type)
			type = r[i].type;
	return type;
}

/* Append a piece, or widen the last one; false if there is no room. */
static bool add_piece(unsigned *n, unsigned max, struct mem_range piece)
{
	struct mem_range *last = *n ? &pieces[*n - 1] : NULL;

	if (last && last->end == piece.start && last->type == piece.type) {
		last->end = piece.end;
		return true;
	}
	if (*n == max)
		return false;
	pieces[(*n)++] = piece;
	return true;
}

unsigned memmap_sanitize(struct mem_range *r, unsigned n, unsigned max)
{
	unsigned nr_cuts = 0, nr_pieces = 0;

	if (max > BOOT_MAX_RANGES)
		max = BOOT_MAX_RANGES;
	if (n > BOOT_MAX_RANGES)
		n = BOOT_MAX_RANGES;
	for (unsigned i = 0; i < n; i++) {
		if (r[i].type < MEM_USABLE || r[i].type > MEM_BAD)
			r[i].type = MEM_RESERVED;
		if (r[i].end > PHYS_LIMIT)
			r[i].end = PHYS_LIMIT;
		if (r[i].start >= r[i].end)
			continue;
		nr_cuts = add_cut(nr_cuts, r[i].start);
		nr_cuts = add_cut(nr_cuts, r[i].end);
	}
	for (unsigned i = 0; i + 1 < nr_cuts; i++) {
		struct mem_range piece = { cuts[i], cuts[i + 1], 0 };

		piece.type = type_of_piece(r, n, piece.start, piece.end);
		if (piece.type && !add_piece(&nr_pieces, max, piece))
			break;
	}
	for (unsigned i = 0; i < nr_pieces; i++)
		r[i] = pieces[i];
	return nr_pieces;
}
