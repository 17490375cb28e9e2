/* SPDX-License-Identifier: MIT */
/*
 * geometry.c -- the sizes of an ext2 volume, and where its parts must be
 *
 * PROMISE.  After ext2_read_geometry() has accepted a super block, no sum or
 * product of the numbers in struct ext2_geometry overflows 64 bits, and each
 * index that the other functions compute from them is in range.
 *
 * IDEA.  Everything is derived from a dozen numbers of the super block.  Each
 * is checked against those before it; a volume that fails is refused as a
 * whole, with the sentence that the log shows.  The descriptors of the groups
 * are checked one by one, and the bitmaps when they are read.
 *
 * SEE docs/80-ext2-on-disk.md.
 */

#include "pure.h"

#include <kernel/bitops.h>
#include <kernel/kernel.h>
#include <kernel/string.h>

struct feature_name {
	u32 bit;
	const char *name;
};

static const struct feature_name incompat_names[] = {
	{ 0x1, "compression" }, { 0x4, "needs_recovery" },
	{ 0x8, "journal_dev" }, { 0x40, "extents" }, { 0x80, "64bit" },
	{ 0x100, "mmp" }, { 0x200, "flex_bg" }, { 0x400, "ea_inode" },
	{ 0x1000, "dirdata" }, { 0x2000, "metadata_csum_seed" },
	{ 0x4000, "large_dir" }, { 0x8000, "inline_data" },
	{ 0x10000, "encrypt" }, { 0x20000, "casefold" }, { 0, NULL },
};

static const struct feature_name ro_compat_names[] = {
	{ 0x8, "huge_file" }, { 0x10, "uninit_bg" }, { 0x20, "dir_nlink" },
	{ 0x40, "extra_isize" }, { 0x80, "has_snapshot" }, { 0x100, "quota" },
	{ 0x200, "bigalloc" }, { 0x400, "metadata_csum" },
	{ 0x1000, "read-only" }, { 0x2000, "project" }, { 0x8000, "verity" },
	{ 0x10000, "orphan_present" }, { 0, NULL },
};

static u32 name_bits(u32 bits, const struct feature_name *table, char *buf,
		     u32 size, u32 at)
{
	for (; table->name; table++) {
		u32 len = strlen(table->name);

		if (!(bits & table->bit) || at + len + 2 > size)
			continue;
		if (at)
			buf[at++] = ' ';
		memcpy(buf + at, table->name, len);
		at += len;
		bits &= ~table->bit;
	}
	if (bits && at + 9 < size) {
		if (at)
			buf[at++] = ' ';
		memcpy(buf + at, "unknown", 7);
		at += 7;
	}
	return at;
}

void ext2_name_features(u32 incompat, u32 ro_compat, char *buf, u32 size)
{
	u32 at = name_bits(incompat & ~EXT2_INCOMPAT_SUPPORTED, incompat_names,
			   buf, size, 0);

	at = name_bits(ro_compat & ~EXT2_RO_COMPAT_SUPPORTED, ro_compat_names,
		       buf, size, at);
	buf[min(at, size - 1)] = 0;
}

static bool is_power_of_2_in(u32 n, u32 low, u32 high)
{
	return n >= low && n <= high && !(n & (n - 1));
}

static const char *read_block_size(const struct ext2_super_block *es,
				   struct ext2_geometry *g)
{
	u32 log = le32_to_cpu(es->s_log_block_size);

	if (le16_to_cpu(es->s_magic) != EXT2_SUPER_MAGIC)
		return "no ext2 super block";
	if (log > EXT2_MAX_BLOCK_LOG - EXT2_MIN_BLOCK_LOG)
		return "blocks are larger than a page";
	g->block_bits = log + EXT2_MIN_BLOCK_LOG;
	g->block_size = 1u << g->block_bits;
	return NULL;
}

static const char *read_inode_sizes(const struct ext2_super_block *es,
				    struct ext2_geometry *g)
{
	g->inode_size = EXT2_GOOD_OLD_INODE_SIZE;
	g->first_ino = EXT2_GOOD_OLD_FIRST_INO;
	if (le32_to_cpu(es->s_rev_level) != EXT2_GOOD_OLD_REV) {
		g->inode_size = le16_to_cpu(es->s_inode_size);
		g->first_ino = le32_to_cpu(es->s_first_ino);
		g->compat = le32_to_cpu(es->s_feature_compat);
		g->incompat = le32_to_cpu(es->s_feature_incompat);
		g->ro_compat = le32_to_cpu(es->s_feature_ro_compat);
	}
	if (!is_power_of_2_in(g->inode_size, EXT2_GOOD_OLD_INODE_SIZE,
			      g->block_size))
		return "unsupported inode size";
	g->inodes_per_block = g->block_size / g->inode_size;
	g->inodes_per_group = le32_to_cpu(es->s_inodes_per_group);
	if (g->inodes_per_group < g->inodes_per_block ||
	    g->inodes_per_group > g->block_size * 8 ||
	    g->inodes_per_group % 8)
		return "bad number of inodes per group";
	g->itable_blocks = (g->inodes_per_group + g->inodes_per_block - 1) /
			   g->inodes_per_block;
	if (g->first_ino < EXT2_GOOD_OLD_FIRST_INO ||
	    g->first_ino > g->inodes_per_group)
		return "bad first inode";
	return NULL;
}

static const char *read_groups(const struct ext2_super_block *es,
			       struct ext2_geometry *g)
{
	u64 groups;

	g->blocks_count = le32_to_cpu(es->s_blocks_count);
	g->first_data_block = le32_to_cpu(es->s_first_data_block);
	g->blocks_per_group = le32_to_cpu(es->s_blocks_per_group);
	g->inodes_count = le32_to_cpu(es->s_inodes_count);
	if (g->first_data_block != (g->block_bits == EXT2_MIN_BLOCK_LOG))
		return "bad first data block";
	if (g->blocks_per_group > g->block_size * 8 ||
	    g->blocks_per_group % 8 ||
	    g->blocks_per_group <= g->itable_blocks + 3)
		return "bad number of blocks per group";
	if (g->blocks_count <= g->first_data_block)
		return "bad number of blocks";
	groups = ((u64)g->blocks_count - g->first_data_block +
		  g->blocks_per_group - 1) / g->blocks_per_group;
	g->groups = groups;
	if (groups * g->inodes_per_group != g->inodes_count)
		return "inode count does not fit the groups";
	g->desc_per_block = g->block_size / sizeof(struct ext2_group_desc);
	g->desc_blocks = (g->groups + g->desc_per_block - 1) /
			 g->desc_per_block;
	g->first_meta_bg = g->incompat & EXT2_INCOMPAT_META_BG ?
			   le32_to_cpu(es->s_first_meta_bg) : U32_MAX;
	if (g->compat & EXT2_COMPAT_RESIZE_INODE)
		g->reserved_gdt = le16_to_cpu(es->s_reserved_gdt_blocks);
	if (g->first_meta_bg != U32_MAX && g->first_meta_bg > g->desc_blocks)
		return "bad first meta group";
	return NULL;
}

/*
 * Read and check the sizes.  device_bytes 0: do not compare with the device.
 * Features are only noted: which of them are fatal depends on the mount.
 */
const char *ext2_read_geometry(const struct ext2_super_block *es,
			       u64 device_bytes, struct ext2_geometry *g)
{
	const char *wrong;

	memset(g, 0, sizeof(*g));
	wrong = read_block_size(es, g);
	if (!wrong)
		wrong = read_inode_sizes(es, g);
	if (!wrong)
		wrong = read_groups(es, g);
	if (wrong)
		return wrong;
	if (device_bytes && (u64)g->blocks_count << g->block_bits > device_bytes)
		return "the device is smaller than the file system";
	if (le32_to_cpu(es->s_log_frag_size) !=
	    le32_to_cpu(es->s_log_block_size))
		return "fragments are not supported";
	return NULL;
}

static bool is_power_of(u32 n, u32 base)
{
	while (n > base && n % base == 0)
		n /= base;
	return n == base;
}

/* With sparse_super, copies are in groups 0, 1 and powers of 3, 5 and 7. */
bool ext2_group_has_super(const struct ext2_geometry *g, u32 group)
{
	if (!(g->ro_compat & EXT2_RO_COMPAT_SPARSE_SUPER) || group <= 1)
		return true;
	return is_power_of(group, 3) || is_power_of(group, 5) ||
	       is_power_of(group, 7);
}

u32 ext2_group_first(const struct ext2_geometry *g, u32 group)
{
	return g->first_data_block + group * g->blocks_per_group;
}

/* The last group may be shorter. */
u32 ext2_group_blocks(const struct ext2_geometry *g, u32 group)
{
	return min(g->blocks_count - ext2_group_first(g, group),
		   g->blocks_per_group);
}

u32 ext2_desc_location(const struct ext2_geometry *g, u32 sb_block, u32 nr)
{
	u32 group = nr * g->desc_per_block;

	if (nr < g->first_meta_bg)
		return sb_block + 1 + nr;
	return ext2_group_first(g, group) + ext2_group_has_super(g, group);
}

/* Blocks at the start of a group for the super block and the descriptors. */
static u32 group_head(const struct ext2_geometry *g, u32 group)
{
	u32 super = ext2_group_has_super(g, group);
	u32 meta, within;

	if (group / g->desc_per_block < g->first_meta_bg)
		return super ? 1 + min(g->desc_blocks, g->first_meta_bg) : 0;
	meta = group / g->desc_per_block * g->desc_per_block;
	within = group - meta;
	return super + (within <= 1 || within == g->desc_per_block - 1);
}

static bool in_range(u32 block, u32 count, u32 first, u32 blocks)
{
	return block >= first && block - first < blocks &&
	       count <= blocks - (block - first);
}

static bool overlap(u32 a, u32 a_count, u32 b, u32 b_count)
{
	return (u64)a < (u64)b + b_count && (u64)b < (u64)a + a_count;
}

const char *ext2_check_group(const struct ext2_geometry *g, u32 group,
			     const struct ext2_group_desc *d)
{
	u32 head = group_head(g, group), all = ext2_group_blocks(g, group);
	u32 first = ext2_group_first(g, group);
	u32 bb = le32_to_cpu(d->bg_block_bitmap);
	u32 ib = le32_to_cpu(d->bg_inode_bitmap);
	u32 table = le32_to_cpu(d->bg_inode_table);

	if (head >= all)
		return "no room behind the descriptors";
	first += head;
	all -= head;
	if (!in_range(bb, 1, first, all))
		return "block bitmap is not in its group";
	if (!in_range(ib, 1, first, all))
		return "inode bitmap is not in its group";
	if (!in_range(table, g->itable_blocks, first, all))
		return "inode table is not in its group";
	if (bb == ib || overlap(bb, 1, table, g->itable_blocks) ||
	    overlap(ib, 1, table, g->itable_blocks))
		return "bitmaps and inode table overlap";
	if (le16_to_cpu(d->bg_free_blocks_count) > all ||
	    le16_to_cpu(d->bg_free_inodes_count) > g->inodes_per_group ||
	    le16_to_cpu(d->bg_used_dirs_count) > g->inodes_per_group)
		return "counts are larger than the group";
	return NULL;
}

bool ext2_is_metadata(const struct ext2_geometry *g, u32 group,
		      const struct ext2_group_desc *d, u32 block, u32 count)
{
	return overlap(block, count, ext2_group_first(g, group),
		       group_head(g, group)) ||
	       overlap(block, count, le32_to_cpu(d->bg_block_bitmap), 1) ||
	       overlap(block, count, le32_to_cpu(d->bg_inode_bitmap), 1) ||
	       overlap(block, count, le32_to_cpu(d->bg_inode_table),
		       g->itable_blocks);
}

static bool bit_is_set(const void *bits, u32 n)
{
	return ((const u8 *)bits)[n / 8] >> n % 8 & 1;
}

/* A bitmap that calls its own group's tables free is a wrong one. */
const char *ext2_check_block_bitmap(const struct ext2_geometry *g, u32 group,
				    const struct ext2_group_desc *d,
				    const void *bits)
{
	u32 first = ext2_group_first(g, group), i;
	u32 table = le32_to_cpu(d->bg_inode_table) - first;

	for (i = 0; i < group_head(g, group); i++)
		if (!bit_is_set(bits, i))
			return "block bitmap: descriptors are marked free";
	if (!bit_is_set(bits, le32_to_cpu(d->bg_block_bitmap) - first) ||
	    !bit_is_set(bits, le32_to_cpu(d->bg_inode_bitmap) - first))
		return "block bitmap: bitmaps are marked free";
	for (i = 0; i < g->itable_blocks; i++)
		if (!bit_is_set(bits, table + i))
			return "block bitmap: inode table is marked free";
	return NULL;
}

bool ext2_blocks_valid(const struct ext2_geometry *g, u32 block, u32 count)
{
	return block > g->first_data_block && block < g->blocks_count &&
	       count <= g->blocks_count - block;
}

/* A number that a directory may name. */
bool ext2_ino_valid(const struct ext2_geometry *g, u32 ino)
{
	return ino == EXT2_ROOT_INO ||
	       (ino >= g->first_ino && ino <= g->inodes_count);
}

/* group = (ino - 1) / inodes_per_group; 1 <= ino <= inodes_count. */
void ext2_locate_inode(const struct ext2_geometry *g,
		       const struct ext2_group_desc *d, u32 ino,
		       struct ext2_inode_place *place)
{
	u32 index = (ino - 1) % g->inodes_per_group;

	place->group = (ino - 1) / g->inodes_per_group;
	place->block = le32_to_cpu(d->bg_inode_table) +
		       index / g->inodes_per_block;
	place->offset = index % g->inodes_per_block * g->inode_size;
}

/*
 * The longest file: as many blocks as the tree reaches, and no more than
 * i_blocks can count (2^32 - 1 of 512 bytes, indirect blocks included).
 */
u64 ext2_max_bytes(const struct ext2_geometry *g)
{
	u64 per = g->block_size / 4, tree, most, indirect;

	tree = EXT2_NDIR_BLOCKS + per + per * per + per * per * per;
	most = U32_MAX >> (g->block_bits - 9);
	/* An indirect block for each `per` blocks, and so on upward. */
	indirect = 1 + (1 + per) + (1 + per + per * per);
	if (tree + indirect <= most)
		return min(tree << g->block_bits, (u64)S64_MAX);
	indirect = most / per + most / per / per + 3;
	return (most - indirect) << g->block_bits;
}

u32 ext2_overhead(const struct ext2_geometry *g)
{
	u32 group, sum = g->first_data_block;

	for (group = 0; group < g->groups; group++) {
		sum += group_head(g, group) + 2 + g->itable_blocks;
		if (ext2_group_has_super(g, group))
			sum += g->reserved_gdt;
	}
	sum = min(sum, g->blocks_count);
	return sum;
}
