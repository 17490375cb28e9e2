/* SPDX-License-Identifier: MIT */
/*
 * nameindex.c -- which block of a large directory has a name
 *
 * IDEA.  A directory is a list; to look a name up is to read it all, and to
 * create 10,000 files is to read it 10,000 times.  So a directory of several
 * blocks gets a table in memory, made on the first look-up: from a hash of
 * each name to the block that it is in.  That block is then searched as ever,
 * so the table may name too many blocks, but never too few:
 *
 *   I1  For each name in the directory the table has (its hash, its block).
 *
 * The table is an array with open addressing: an entry is in the first free
 * place at or behind its hash's.  Removing one leaves a tombstone.  It grows
 * by being made anew when three quarters are taken.
 *
 * LOCKING.  The directory's i_rwsem: shared to look, exclusive to change.
 *
 * NOT DONE.  The hash trees that ext4 keeps on the disk: they must be split and
 * balanced in place, and a power cut may leave half of one.
 */

#include "pure.h"

#include <kernel/kernel.h>
#include <kernel/string.h>
#include <mm/slab.h>

#define BLOCK_FREE U32_MAX
#define BLOCK_GONE (U32_MAX - 1)

struct place {
	u32 hash, block;
};

struct ext2_nameindex {
	u32 mask;                     /* places - 1 */
	u32 taken;                    /* places that are not BLOCK_FREE */
	u32 live;                     /* ... nor BLOCK_GONE */
	struct place *places;
};

u32 ext2_name_hash(const char *name, u32 len)
{
	u64 h = len;

	while (len--)
		h = (h ^ (u8)*name++) * 0x9e3779b97f4a7c15ull;
	return h >> 32;
}

static struct place *new_places(u32 count)
{
	struct place *p = kvmalloc(count * sizeof(*p), GFP_KERNEL);

	if (p)
		memset(p, 0xff, count * sizeof(*p));
	return p;
}

/* NULL: no memory, and then there is no index. */
struct ext2_nameindex *ext2_nameindex_new(u32 expected)
{
	struct ext2_nameindex *x = kzalloc(sizeof(*x), GFP_KERNEL);
	u32 count = 64;

	if (!x)
		return NULL;
	while (count / 2 < expected && count < 1u << 24)
		count *= 2;
	x->mask = count - 1;
	x->places = new_places(count);
	if (x->places)
		return x;
	kfree(x);
	return NULL;
}

void ext2_nameindex_free(struct ext2_nameindex *x)
{
	if (x)
		kvfree(x->places);
	kfree(x);
}

static void put(struct ext2_nameindex *x, u32 hash, u32 block)
{
	u32 i = hash & x->mask;

	while (x->places[i].block != BLOCK_FREE)
		i = (i + 1) & x->mask;
	x->places[i] = (struct place){ hash, block };
	x->taken++;
	x->live++;
}

/* Double the table, or just sweep the tombstones out. */
static bool rebuild(struct ext2_nameindex *x)
{
	u32 old_count = x->mask + 1, count = old_count, i;
	struct place *old = x->places, *new;

	if (x->live > old_count / 2)
		count *= 2;
	if (count > 1u << 24)
		return false;
	new = new_places(count);
	if (!new)
		return false;
	x->places = new;
	x->mask = count - 1;
	x->taken = x->live = 0;
	for (i = 0; i < old_count; i++)
		if (old[i].block < BLOCK_GONE)
			put(x, old[i].hash, old[i].block);
	kvfree(old);
	return true;
}

/* False: no memory; the index no longer holds I1 and must be freed. */
bool ext2_nameindex_add(struct ext2_nameindex *x, u32 hash, u32 block)
{
	if (x->taken > x->mask / 4 * 3 && !rebuild(x))
		return false;
	put(x, hash, block);
	return true;
}

void ext2_nameindex_del(struct ext2_nameindex *x, u32 hash, u32 block)
{
	u32 i = hash & x->mask;

	for (; x->places[i].block != BLOCK_FREE; i = (i + 1) & x->mask) {
		if (x->places[i].hash != hash || x->places[i].block != block)
			continue;
		x->places[i].block = BLOCK_GONE;
		x->live--;
		return;
	}
}

s64 ext2_nameindex_next(const struct ext2_nameindex *x, u32 hash, u32 *cursor)
{
	for (;;) {
		const struct place *p =
			&x->places[(hash + (*cursor)++) & x->mask];

		if (p->block == BLOCK_FREE)
			return -1;
		if (p->hash == hash && p->block != BLOCK_GONE)
			return p->block;
	}
}
