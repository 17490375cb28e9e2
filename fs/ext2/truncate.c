/* SPDX-License-Identifier: MIT */
/*
 * truncate.c -- giving back the blocks behind a file's end
 *
 * IDEA.  The tree is cut from the left edge: what lies wholly behind the new
 * end is freed, the branch that the end runs through is entered.
 *
 *	[o o o x x]        the end is in the third block's branch
 *	     |
 *	   [o o x x]       ... and in its second block's
 *
 * A damaged tree may name a block a million times.  So a cut stops at the first
 * block that is free already, and at as many blocks as the volume has.
 *
 * LOCKING.  i_tree exclusive.  The pages are gone already.
 */

#include "ext2.h"

#include <kernel/kernel.h>
#include <mm/filemap.h>
#include <mm/writeback.h>

/* Blocks to be freed, gathered into runs. */
struct cut {
	struct inode *inode;
	u32 start, count;             /* the run so far */
	u64 freed;
	int err;                      /* the first; then nothing is freed */
};

static void flush_run(struct cut *c)
{
	if (c->count && !c->err)
		c->err = ext2_free_blocks(c->inode->i_sb, c->start, c->count);
	c->freed += c->count;
	if (c->freed > EXT2_GEO(c->inode->i_sb)->blocks_count && !c->err) {
		ext2_error(c->inode->i_sb, __func__,
			   "inode %lu has more blocks than the volume",
			   (unsigned long)c->inode->i_ino);
		c->err = -EFSCORRUPTED;
	}
	c->count = 0;
}

static void free_one(struct cut *c, u32 block)
{
	if (c->count && c->start + c->count == block) {
		c->count++;
		return;
	}
	flush_run(c);
	c->start = block;
	c->count = 1;
}

/* A directory's blocks are buffers, which must not be written any more. */
static void free_data(struct cut *c, u32 block)
{
	if (!S_ISREG(c->inode->i_mode))
		bforget(sb_find_get_block(c->inode->i_sb, block));
	free_one(c, block);
}

static bool cut_slots(struct cut *c, __le32 *slots, u32 count, u32 level,
		      u64 from);

/* Free what an indirect block names from `from` on; all: and itself. */
static void cut_indirect(struct cut *c, u32 block, u32 level, u64 from,
			 bool all)
{
	struct super_block *sb = c->inode->i_sb;
	struct buffer_head *bh;

	if (!ext2_blocks_valid(EXT2_GEO(sb), block, 1)) {
		ext2_error(sb, __func__, "inode %lu: bad indirect block %u",
			   (unsigned long)c->inode->i_ino, block);
		c->err = -EFSCORRUPTED;
		return;
	}
	bh = sb_bread(sb, block);
	if (!bh) {
		ext2_error(sb, __func__, "inode %lu: cannot read block %u",
			   (unsigned long)c->inode->i_ino, block);
		return;
	}
	if (cut_slots(c, (__le32 *)bh->b_data, sb->s_blocksize / 4, level - 1,
		      from) && !all)
		mark_buffer_dirty_inode(bh, c->inode);
	if (!all) {
		brelse(bh);
		return;
	}
	bforget(bh);
	free_one(c, block);
}

/*
 * Slots of `level` (0: data) that stand for blocks 0, 1, ... of this part of
 * the file; from: the first to go.  True: a slot has changed.
 */
static bool cut_slots(struct cut *c, __le32 *slots, u32 count, u32 level,
		      u64 from)
{
	u32 bits = EXT2_GEO(c->inode->i_sb)->block_bits - 2;
	u64 span = 1ull << bits * level;
	bool changed = false;

	for (u32 i = from / span; i < count && !c->err; i++) {
		u32 block = le32_to_cpu(slots[i]);
		bool all = from <= i * span;

		if (!block)
			continue;
		if (all) {
			slots[i] = 0;
			changed = true;
		}
		if (level)
			cut_indirect(c, block, level, all ? 0 : from - i * span,
				     all);
		else
			free_data(c, block);
	}
	return changed;
}

/* Cut the tree so that `keep` blocks stay. */
static void cut_tree(struct inode *inode, u64 keep)
{
	u32 bits = EXT2_GEO(inode->i_sb)->block_bits - 2;
	struct ext2_inode_info *ei = EXT2_I(inode);
	struct cut c = { .inode = inode };
	u64 start = EXT2_NDIR_BLOCKS;

	if (keep < EXT2_NDIR_BLOCKS)
		cut_slots(&c, ei->i_data, EXT2_NDIR_BLOCKS, 0, keep);
	for (u32 level = 1; level <= 3; level++) {
		u64 span = 1ull << bits * level;
		__le32 *slot = &ei->i_data[EXT2_IND_BLOCK + level - 1];

		if (keep < start + span)
			cut_slots(&c, slot, 1, level,
				  keep > start ? keep - start : 0);
		start += span;
	}
	flush_run(&c);
	spin_lock(&inode->i_lock);
	c.freed <<= inode->i_sb->s_blocksize_bits - 9;
	inode->i_blocks -= min((u64)inode->i_blocks, c.freed);
	spin_unlock(&inode->i_lock);
}

/* Has the inode a tree?  A fast symlink has its text there. */
static bool has_blocks(struct inode *inode)
{
	if (S_ISLNK(inode->i_mode))
		return inode->i_link != (char *)EXT2_I(inode)->i_data;
	return S_ISREG(inode->i_mode) || S_ISDIR(inode->i_mode);
}

/* Free the blocks wholly behind `size`.  May sleep. */
void ext2_truncate_blocks(struct inode *inode, loff_t size)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	u32 bits = inode->i_sb->s_blocksize_bits;

	if (!has_blocks(inode))
		return;
	down_write(&ei->i_tree);
	ext2_drop_window(inode);
	ei->last_physical = 0;
	cut_tree(inode, ((u64)size + (1u << bits) - 1) >> bits);
	up_write(&ei->i_tree);
}

/* Change a regular file's size; i_rwsem is held for writing. */
int ext2_setsize(struct inode *inode, loff_t size)
{
	int err;

	inode_dio_wait(inode);
	down_write(&inode->i_mapping->invalidate_lock);
	err = block_truncate_page(inode->i_mapping, size, ext2_get_block);
	if (!err) {
		loff_t old = inode->i_size;

		i_size_write(inode, size);
		if (size < old)
			truncate_pagecache(inode, size);
		else
			pagecache_isize_extended(inode, old, size);
		ext2_truncate_blocks(inode, size);
	}
	up_write(&inode->i_mapping->invalidate_lock);
	if (err)
		return err;
	inode->i_mtime = inode->i_ctime = current_time(inode);
	if (IS_SYNC(inode)) {
		sync_mapping_buffers(inode->i_mapping);
		return sync_inode_metadata(inode, 1);
	}
	mark_inode_dirty(inode);
	return 0;
}
