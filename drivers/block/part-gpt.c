/* SPDX-License-Identifier: MIT */
/*
 * part-gpt.c -- the GUID partition table
 *
 * IDEA.  A header in block 1 and its copy in the last block; each names a table
 * of entries and carries two checksums, its own and the table's.  If the first
 * does not hold good the copy is taken.
 *
 *	| MBR shell | header | entries ... | partitions ... | entries | header |
 *	  block 0      1        2..33                                   last
 *
 * Checks: signature, size, both checksums, that the header says where it lies
 * itself, that usable blocks are on the disk, entries of 128 bytes or a
 * multiple, 1024 entries at most.
 *
 * SEE UEFI specification, chapter 5.
 */

#include "partitions.h"

#include <kernel/crc32.h>
#include <kernel/errno.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>

#define GPT_SIGNATURE 0x5452415020494645ULL      /* "EFI PART" */
#define GPT_MIN_HEADER 92
#define GPT_MAX_ENTRIES 1024
#define GPT_ENTRY_SIZE 128

struct gpt_header {
	u64 my_lba, first_usable, last_usable, entries_lba;
	u32 nr_entries, entry_size, entries_crc;
};

static u32 get32(const u8 *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (u32)p[3] << 24;
}

static u64 get64(const u8 *p)
{
	return get32(p) | (u64)get32(p + 4) << 32;
}

static u32 crc_of(u32 crc, const void *data, size_t n)
{
	return crc32_le(crc, data, n);
}

/* Does block `lba` hold a good header?  1, 0, -EIO. */
static int read_header(struct part_table *t, u64 lba, struct gpt_header *h)
{
	u8 *b = t->block;
	u32 size, crc;

	if (t->read_block(t->ctx, lba, b))
		return -EIO;
	size = get32(b + 12);
	if (get64(b) != GPT_SIGNATURE || size < GPT_MIN_HEADER ||
	    size > t->block_size)
		return 0;
	crc = get32(b + 16);
	memset(b + 16, 0, 4);
	if ((crc_of(~0u, b, size) ^ ~0u) != crc)
		return 0;
	*h = (struct gpt_header){
		.my_lba = get64(b + 24), .first_usable = get64(b + 40),
		.last_usable = get64(b + 48), .entries_lba = get64(b + 72),
		.nr_entries = get32(b + 80), .entry_size = get32(b + 84),
		.entries_crc = get32(b + 88),
	};
	if (h->my_lba != lba || h->entry_size != GPT_ENTRY_SIZE ||
	    !h->nr_entries || h->nr_entries > GPT_MAX_ENTRIES ||
	    h->first_usable > h->last_usable ||
	    h->last_usable >= t->nr_blocks)
		return 0;
	return 1;
}

/* fn for each entry, block by block; checks the table's sum.  1, 0, -EIO. */
static int walk_entries(struct part_table *t, const struct gpt_header *h,
			void (*fn)(struct part_table *, const u8 *entry,
				   const struct gpt_header *, u32 n))
{
	u32 left = h->nr_entries, n = 0, per = t->block_size / GPT_ENTRY_SIZE;
	u64 lba = h->entries_lba;
	u32 crc = ~0u;

	while (left) {
		u32 here = left < per ? left : per;

		if (lba >= t->nr_blocks)
			return 0;
		if (t->read_block(t->ctx, lba++, t->block2))
			return -EIO;
		crc = crc_of(crc, t->block2, here * GPT_ENTRY_SIZE);
		for (u32 i = 0; fn && i < here; i++)
			fn(t, (u8 *)t->block2 + i * GPT_ENTRY_SIZE, h, n + i);
		n += here;
		left -= here;
	}
	return (crc ^ ~0u) == h->entries_crc;
}

/* Mixed-endian, as the UEFI writes it. */
static void print_guid(char *to, size_t n, const u8 *g)
{
	snprintf(to, n, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 get32(g), g[4] | g[5] << 8, g[6] | g[7] << 8, g[8], g[9],
		 g[10], g[11], g[12], g[13], g[14], g[15]);
}

/* UTF-16LE to UTF-8; surrogates and control characters become '!'. */
static void copy_name(char *to, size_t room, const u8 *from)
{
	size_t at = 0;

	for (int i = 0; i < 36; i++) {
		u32 c = from[2 * i] | from[2 * i + 1] << 8;

		if (!c)
			break;
		if (c < 0x20 || (c >= 0xd800 && c < 0xe000))
			c = '!';
		if (c < 0x80 && at + 1 < room) {
			to[at++] = c;
		} else if (c >= 0x80 && c < 0x800 && at + 2 < room) {
			to[at++] = 0xc0 | c >> 6;
			to[at++] = 0x80 | (c & 0x3f);
		} else if (c >= 0x800 && at + 3 < room) {
			to[at++] = 0xe0 | c >> 12;
			to[at++] = 0x80 | (c >> 6 & 0x3f);
			to[at++] = 0x80 | (c & 0x3f);
		}
	}
	to[at] = '\0';
}

static void take_entry(struct part_table *t, const u8 *e,
		       const struct gpt_header *h, u32 n)
{
	static const u8 unused[16];
	unsigned int mult = t->block_size / PART_SECTOR;
	u64 first = get64(e + 32), last = get64(e + 40);
	struct part_found *p;

	(void)h;
	if (n + 1 >= PART_MAX || !memcmp(e, unused, 16))
		return;
	if (first > last || last >= t->nr_blocks)
		return;
	p = &t->parts[n + 1];
	p->from = first * mult;
	p->size = (last - first + 1) * mult;
	print_guid(p->uuid, sizeof(p->uuid), e + 16);
	copy_name(p->volname, sizeof(p->volname), e + 56);
}

/* A whole good table whose header is at lba?  1, 0, -EIO. */
static int try_at(struct part_table *t, u64 lba)
{
	struct gpt_header h;
	int ret = read_header(t, lba, &h);

	if (ret == 1)
		ret = walk_entries(t, &h, NULL);
	if (ret == 1)
		walk_entries(t, &h, take_entry);
	return ret;
}

int part_read_gpt(struct part_table *t)
{
	u8 *b = t->block;
	bool shell = false;
	int ret;

	if (t->nr_blocks < 6)
		return 0;
	/* Without the protective entry a stale GPT is not to be believed. */
	if (t->read_block(t->ctx, 0, b))
		return -EIO;
	for (int i = 0; i < 4; i++)
		shell |= b[446 + 16 * i + 4] == 0xee;
	if (!shell || b[510] != 0x55 || b[511] != 0xaa)
		return 0;
	ret = try_at(t, 1);
	if (ret == 1)
		return 1;
	ret = try_at(t, t->nr_blocks - 1);
	if (ret == 1)
		snprintf(t->notes, sizeof(t->notes),
			 "Primary header not valid, using the alternate");
	return ret;
}
