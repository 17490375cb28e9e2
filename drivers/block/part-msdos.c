/* SPDX-License-Identifier: MIT */
/*
 * part-msdos.c -- the master boot record's partition table
 *
 * IDEA.  Four entries at the end of the first block.  One of them may be an
 * extended partition: a region that begins with a table of two entries, a
 * logical partition and a link to the next such table.
 *
 *	block 0        entries 1-4
 *	               3 is extended --> table: 5, next --> table: 6, next ...
 *
 * Starts of logical partitions count from their own table, links from the
 * beginning of the extended partition.  Numbers 5 and up are given in order of
 * the links.
 *
 * A table is a stranger's bytes: every place is checked against the disk, and
 * the walk along the links ends after PART_MAX, for they may form a ring.
 *
 * SEE docs/74-block-layer.md.
 */

#include "partitions.h"

#include <kernel/errno.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>

#define MBR_ENTRIES 446
#define MBR_SIGNATURE 510
#define DISK_SIGNATURE 440

enum { TYPE_EMPTY = 0, TYPE_EXT_CHS = 5, TYPE_EXT_LBA = 0xf,
       TYPE_EXT_LINUX = 0x85, TYPE_GPT = 0xee };

struct mbr_entry {
	u8 active, type;
	u32 start, size;              /* logical blocks */
};

static u32 get32(const u8 *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (u32)p[3] << 24;
}

static struct mbr_entry get_entry(const u8 *block, int n)
{
	const u8 *p = block + MBR_ENTRIES + 16 * n;

	return (struct mbr_entry){ .active = p[0], .type = p[4],
				   .start = get32(p + 8),
				   .size = get32(p + 12) };
}

static bool is_extended(u8 type)
{
	return type == TYPE_EXT_CHS || type == TYPE_EXT_LBA ||
	       type == TYPE_EXT_LINUX;
}

static bool has_signature(const u8 *block)
{
	return block[MBR_SIGNATURE] == 0x55 && block[MBR_SIGNATURE + 1] == 0xaa;
}

/* Enter number n if it lies on the disk; it is cut at the disk's end. */
static bool put(struct part_table *t, int n, u64 start, u64 size, u32 sig)
{
	struct part_found *p = &t->parts[n];
	unsigned int mult = t->block_size / PART_SECTOR;

	if (start >= t->nr_blocks)
		return false;
	if (size > t->nr_blocks - start)
		size = t->nr_blocks - start;
	p->from = start * mult;
	p->size = size * mult;
	snprintf(p->uuid, sizeof(p->uuid), "%08x-%02x", sig, n);
	return true;
}

/* The chain of tables inside [first, first + size).  0 or -EIO. */
static int read_extended(struct part_table *t, u64 first, u64 size, u32 sig)
{
	u64 at = first;
	int n = 5;

	for (int links = 0; links < PART_MAX && n < PART_MAX; links++) {
		struct mbr_entry e, next = { 0 };
		int i;

		if (at >= t->nr_blocks)
			return 0;
		if (t->read_block(t->ctx, at, t->block2))
			return -EIO;
		if (!has_signature(t->block2))
			return 0;
		for (i = 0; i < 4 && n < PART_MAX; i++) {
			e = get_entry(t->block2, i);
			if (!e.size)
				continue;
			if (is_extended(e.type)) {
				if (!next.size)
					next = e;
				continue;
			}
			/* Entries 3 and 4 are often rubbish. */
			if (i >= 2 && (at + e.start + e.size > first + size ||
				       at + e.start < first))
				continue;
			if (put(t, n, at + e.start, e.size, sig))
				n++;
		}
		if (!next.size)
			return 0;
		at = first + next.start;
	}
	return 0;
}

/* Is the boot sector that of a file system, with no table in it? */
static bool looks_like_fat(const u8 *block)
{
	for (int i = 0; i < 4; i++) {
		u8 active = get_entry(block, i).active;

		if (active != 0 && active != 0x80)
			return true;
	}
	return false;
}

int part_read_msdos(struct part_table *t)
{
	u8 *block = t->block;
	u32 sig;

	if (!t->nr_blocks)
		return 0;
	if (t->read_block(t->ctx, 0, block))
		return -EIO;
	if (!has_signature(block) || looks_like_fat(block))
		return 0;
	/* A GPT behind it was looked for first: what is left is its shell. */
	for (int i = 0; i < 4; i++)
		if (get_entry(block, i).type == TYPE_GPT)
			return 0;
	sig = get32(block + DISK_SIGNATURE);
	for (int i = 0; i < 4; i++) {
		struct mbr_entry e = get_entry(block, i);
		struct part_found *p = &t->parts[i + 1];

		if (!e.size || !put(t, i + 1, e.start, e.size, sig))
			continue;
		if (!is_extended(e.type))
			continue;
		/* Only its table may be touched: two blocks, for boot
		 * loaders. */
		if (p->size > 2)
			p->size = 2;
		if (read_extended(t, e.start, e.size, sig))
			return -EIO;
	}
	return 1;
}
