/* SPDX-License-Identifier: MIT */
/*
 * tree.c -- where a file's blocks are
 *
 * PROMISE.  ext2_map_blocks() says where a block of a file is, and makes it
 * one if asked; what the disk says is checked at every step.
 *
 * IDEA.  A path (blockpath.c) is walked from the inode through indirect blocks.
 * Where it breaks off there is a hole.  To fill it, all blocks that are missing
 * on the path are allocated at once, with as many data blocks as the caller
 * wants, one behind the other; the new indirect blocks are filled in memory,
 * and one store hangs the new branch into the tree:
 *
 *	inode [13] -> [..|..]           inode [13] -> [..|o ]
 *	                                                  `-> [new] -> data data
 *
 * Until that store [a] nobody can see the branch, and undoing it is freeing its
 * blocks.
 *
 * LOCKING.  i_tree: shared to look, exclusive to change.
 *
 * SEE docs/81-ext2-allocation.md.
 */

#include "ext2.h"

#include <kernel/kernel.h>
#include <kernel/sched.h>

/* A step of the walk: where the pointer stands, and what it was. */
struct step {
	__le32 *slot;
	u32 block;                    /* 0: the path ends here */
	struct buffer_head *bh;       /* slot's; NULL: the inode */
};

static void release(struct step *steps, u32 depth)
{
	for (u32 i = 0; i < depth; i++)
		brelse(steps[i].bh);
}

static int read_step(struct inode *inode, struct step *step)
{
	step->block = le32_to_cpu(READ_ONCE(*step->slot));
	if (!step->block || ext2_blocks_valid(EXT2_GEO(inode->i_sb),
					      step->block, 1))
		return 0;
	ext2_error(inode->i_sb, __func__, "inode %lu: bad block %u",
		   (unsigned long)inode->i_ino, step->block);
	return -EFSCORRUPTED;
}

/*
 * Walk as far as the path goes; *reached steps have a block.  The caller
 * releases, also after an error.
 */
static int walk(struct inode *inode, const struct ext2_path *path,
		struct step *steps, u32 *reached)
{
	struct buffer_head *bh;
	int err;

	memset(steps, 0, 4 * sizeof(*steps));
	steps[0].slot = &EXT2_I(inode)->i_data[path->index[0]];
	for (*reached = 0; *reached < path->depth; ++*reached) {
		struct step *s = &steps[*reached];

		err = read_step(inode, s);
		if (err || !s->block)
			return err;
		if (*reached + 1 == path->depth)
			continue;
		bh = sb_bread(inode->i_sb, s->block);
		if (!bh)
			return -EIO;
		s[1].bh = bh;
		s[1].slot = (__le32 *)bh->b_data + path->index[*reached + 1];
	}
	return 0;
}

/* Blocks in a row from a leaf's slot on. */
static u32 count_run(const __le32 *slot, u32 first, u32 max)
{
	u32 n = 1;

	while (n < max && le32_to_cpu(slot[n]) == first + n)
		n++;
	return n;
}

/* Holes in a row. */
static u32 count_holes(const __le32 *slot, u32 max)
{
	u32 n = 1;

	while (n < max && !slot[n])
		n++;
	return n;
}

static void describe(struct inode *inode, const struct ext2_path *path,
		     const struct step *steps, u32 reached, u32 max,
		     struct ext2_mapping *map)
{
	u32 bits = EXT2_GEO(inode->i_sb)->block_bits - 2;
	const struct step *last = &steps[path->depth - 1];
	u64 within = 0, span = 1;

	map->fresh = map->boundary = false;
	map->block = 0;
	if (reached == path->depth) {
		map->block = last->block;
		map->count = count_run(last->slot, last->block,
				       min(max, path->to_end + 1));
		map->boundary = map->count == path->to_end + 1;
		return;
	}
	if (reached + 1 == path->depth) {
		map->count = count_holes(last->slot, path->to_end + 1);
		return;
	}
	for (u32 i = path->depth - 1; i > reached; i--) {
		within += path->index[i] * span;
		span <<= bits;
	}
	map->count = span - within;   /* a whole branch is missing */
}

/* ---- allocation ---- */

/* Where a block would best be: behind its neighbour, or near the inode. */
static u32 find_goal(struct inode *inode, u64 iblock,
		     const struct ext2_path *path, const struct step *steps,
		     u32 reached)
{
	const struct ext2_geometry *g = EXT2_GEO(inode->i_sb);
	struct ext2_inode_info *ei = EXT2_I(inode);
	const struct step *s = &steps[reached];
	__le32 *first = s->bh ? (__le32 *)s->bh->b_data : ei->i_data, *p;
	u32 start, colour;

	if (ei->last_physical && iblock == ei->last_logical + 1)
		return ei->last_physical + 1;
	for (p = s->slot - 1; p >= first; p--)
		if (*p)
			return le32_to_cpu(*p) + 1;
	if (s->bh)
		return s->bh->b_blocknr + 1;
	start = ext2_group_first(g, ei->group);
	if (!S_ISREG(inode->i_mode))
		return start;
	/* Writers that start side by side: not all at the same place. */
	colour = (current->pid % 16) * (ext2_group_blocks(g, ei->group) / 16);
	return start + colour;
}

/* The blocks of a branch: levels - 1 indirect ones, then data. */
struct branch {
	u32 levels;
	u32 blocks[4];
	u32 data;                     /* data blocks from blocks[levels - 1] */
};

static void free_branch(struct inode *inode, const struct branch *b, u32 have)
{
	for (u32 i = 0; i < have; i++) {
		u32 count = i + 1 == b->levels ? b->data : 1;

		bforget(sb_find_get_block(inode->i_sb, b->blocks[i]));
		ext2_free_blocks(inode->i_sb, b->blocks[i], count);
	}
}

/* On -ENOSPC nothing is left allocated. */
static int alloc_branch(struct inode *inode, u32 goal, u32 want,
			struct branch *b)
{
	bool window = S_ISREG(inode->i_mode);
	u32 have = 0, got, first;
	int err;

	b->data = 0;
	while (have < b->levels) {
		got = b->levels - have - 1 + want;
		err = ext2_new_blocks(inode, goal, window, &got, &first);
		if (err) {
			free_branch(inode, b, have);
			return err;
		}
		goal = first + got;
		while (got && have < b->levels) {
			b->blocks[have++] = first++;
			got--;
		}
		if (have == b->levels)
			b->data = got + 1;
	}
	return 0;
}

/* Fill the indirect block of level `i`, which points to the next one. */
static int fill_indirect(struct inode *inode, const struct branch *b, u32 i,
			 u32 index)
{
	u32 count = i + 2 == b->levels ? b->data : 1;
	struct buffer_head *bh = sb_getblk(inode->i_sb, b->blocks[i]);
	__le32 *slot;

	if (!bh)
		return -ENOMEM;
	lock_buffer(bh);
	memset(bh->b_data, 0, bh->b_size);
	slot = (__le32 *)bh->b_data + index;
	while (count--)
		slot[count] = cpu_to_le32(b->blocks[i + 1] + count);
	set_buffer_uptodate(bh);
	unlock_buffer(bh);
	mark_buffer_dirty_inode(bh, inode);
	if (IS_SYNC(inode))
		sync_dirty_buffer(bh);
	brelse(bh);
	return 0;
}

static void splice(struct inode *inode, const struct branch *b, struct step *s)
{
	u32 count = b->levels == 1 ? b->data : 1;

	while (count--)                                          /* [a] */
		WRITE_ONCE(s->slot[count], cpu_to_le32(b->blocks[0] + count));
	spin_lock(&inode->i_lock);
	inode->i_blocks += (u64)(b->levels - 1 + b->data) <<
			   (inode->i_sb->s_blocksize_bits - 9);
	spin_unlock(&inode->i_lock);
	if (s->bh)
		mark_buffer_dirty_inode(s->bh, inode);
	inode->i_ctime = current_time(inode);
	mark_inode_dirty(inode);
}

static u32 wanted(const struct ext2_path *path, const struct step *steps,
		  u32 reached, u32 max)
{
	u32 n = min(max, path->to_end + 1);

	if (reached + 1 < path->depth)
		return n;
	return count_holes(steps[reached].slot, n);
}

/* i_tree is held for writing; the path breaks off at steps[reached]. */
static int allocate(struct inode *inode, u64 iblock, u32 max,
		    const struct ext2_path *path, struct step *steps,
		    u32 reached, struct ext2_mapping *map)
{
	struct branch b = { .levels = path->depth - reached };
	struct ext2_inode_info *ei = EXT2_I(inode);
	u32 want = wanted(path, steps, reached, max), i;
	int err;

	err = alloc_branch(inode, find_goal(inode, iblock, path, steps,
					    reached), want, &b);
	for (i = 0; !err && i + 1 < b.levels; i++) {
		err = fill_indirect(inode, &b, i, path->index[reached + i + 1]);
		if (err)
			free_branch(inode, &b, b.levels);
	}
	if (err)
		return err;
	splice(inode, &b, &steps[reached]);
	map->block = b.blocks[b.levels - 1];
	map->count = b.data;
	map->fresh = true;
	map->boundary = b.data == path->to_end + 1;
	ei->last_logical = iblock + b.data - 1;
	ei->last_physical = map->block + b.data - 1;
	return 0;
}

/*
 * Map up to `max` blocks from iblock on.  0; -EFBIG: no file is so long;
 * -ENOSPC, -EIO, -ENOMEM, -EFSCORRUPTED.  May sleep.
 */
int ext2_map_blocks(struct inode *inode, u64 iblock, u32 max, bool create,
		    struct ext2_mapping *map)
{
	struct ext2_inode_info *ei = EXT2_I(inode);
	struct ext2_path path;
	struct step steps[4];
	u32 reached;
	int err;

	if (!ext2_block_path(EXT2_GEO(inode->i_sb), iblock, &path))
		return -EFBIG;
	down_read(&ei->i_tree);
	err = walk(inode, &path, steps, &reached);
	if (!err)
		describe(inode, &path, steps, reached, max, map);
	release(steps, path.depth);
	up_read(&ei->i_tree);
	if (err || map->block || !create)
		return err;
	down_write(&ei->i_tree);
	err = walk(inode, &path, steps, &reached);
	if (!err && reached == path.depth)
		describe(inode, &path, steps, reached, max, map);
	else if (!err)
		err = allocate(inode, iblock, max, &path, steps, reached, map);
	release(steps, path.depth);
	up_write(&ei->i_tree);
	return err;
}

/* get_block_t for the page cache and direct I/O. */
int ext2_get_block(struct inode *inode, sector_t iblock,
		   struct buffer_head *bh, int create)
{
	u32 max = max(bh->b_size >> inode->i_blkbits, (size_t)1);
	struct ext2_mapping map;
	int err = ext2_map_blocks(inode, iblock, max, create, &map);

	if (err || !map.block)
		return err;
	map_bh(bh, inode->i_sb, map.block);
	bh->b_size = (size_t)map.count << inode->i_blkbits;
	if (map.fresh)
		set_buffer_new(bh);
	if (map.boundary)
		set_buffer_boundary(bh);
	return 0;
}
