/* SPDX-License-Identifier: MIT */
/*
 * blockpath.c -- the way from the inode to a block of the file
 *
 * IDEA.  Twelve blocks are named in the inode; the next ones by an indirect
 * block, then by a tree of two levels, then of three:
 *
 *	inode [0 .. 11] [12] [13] [14]          p = block_size / 4 pointers
 *	                 |    |    `-> p of -> p of -> p blocks
 *	                 |    `-> p of -> p blocks
 *	                 `-> p blocks
 *
 * A path is the index to follow at each level.
 */

#include "pure.h"

bool ext2_block_path(const struct ext2_geometry *g, u64 block,
		     struct ext2_path *path)
{
	u32 bits = g->block_bits - 2, per = 1u << bits, level;

	if (block < EXT2_NDIR_BLOCKS) {
		path->depth = 1;
		path->index[0] = block;
		path->to_end = EXT2_NDIR_BLOCKS - 1 - block;
		return true;
	}
	block -= EXT2_NDIR_BLOCKS;
	for (level = 1; level <= 3; level++) {
		if (block < 1ull << bits * level)
			break;
		block -= 1ull << bits * level;
	}
	if (level > 3)
		return false;
	path->depth = level + 1;
	path->index[0] = EXT2_IND_BLOCK + level - 1;
	for (u32 i = 1; i <= level; i++)
		path->index[i] = block >> bits * (level - i) & (per - 1);
	path->to_end = per - 1 - path->index[level];
	return true;
}
