/* SPDX-License-Identifier: MIT */
/*
 * balloc.c -- taking and freeing blocks
 *
 * PROMISE.  A block is given to one owner until it is freed; files that grow
 * side by side do not lie in crumbs; the counts are exact.
 *
 * IDEA.  The caller names a goal: the block behind the file's last one, or a
 * place in the group of its inode.  We look in the goal's group first, then in
 * the others in turn.  A growing file takes from its window (window.c), and
 * nobody takes from the windows of others: first pass.  When nothing is free
 * outside windows, they do not count: second pass.  What was freed a moment ago
 * (freed.c) is taken in a third one only.
 *
 *	goal -> [its group, from the goal] -> next group ... -> [its group again]
 *
 * INVARIANTS
 *   I1  bg_free_blocks_count is the number of clear bits, under the group lock.
 *   I2  free_blocks is the sum of all, when nobody holds a group lock.
 *
 * LOCKING.  Group lock for bits and counts; window_lock for the tree.  A
 * window itself belongs to its inode: the caller holds i_tree for writing.
 */

#include "ext2.h"

#include <kernel/bitmap.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/kernel.h>

/* One allocation on its way. */
struct request {
	struct super_block *sb;
	struct ext2_window *window;   /* NULL: none */
	bool respect;                 /* leave others' windows alone */
	bool avoid;                   /* leave what was freed lately alone */
	u32 goal, want;
	u32 block, got;               /* the answer */
};

static void count_blocks(struct super_block *sb, u32 group, long change)
{
	struct ext2_group_desc *d = ext2_group_desc(sb, group, NULL);

	le16_add_cpu(&d->bg_free_blocks_count, change);          /* I1 */
	atomic_long_add(change, &EXT2_SB(sb)->free_blocks);      /* I2 */
}

/* What may be taken in a group; its lock is held. */
static struct ext2_bits bits_of(struct request *r, u32 group,
				struct buffer_head *bitmap)
{
	struct ext2_group_info *info = &EXT2_SB(r->sb)->groups[group];
	struct ext2_bits bits = { .used = bitmap->b_data };

	if (r->avoid) {
		bits.avoid[0] = info->freed_blocks[0];
		bits.avoid[1] = info->freed_blocks[1];
	}
	return bits;
}

/* Take free bits of [from, end), the first run; false: there are none. */
static bool take_bits(struct request *r, u32 group, struct buffer_head *bitmap,
		      u32 from, u32 end)
{
	struct ext2_sb_info *sbi = EXT2_SB(r->sb);
	u32 bit, first = ext2_group_first(&sbi->geo, group);
	struct ext2_bits bits;

	spin_lock(&sbi->groups[group].lock);
	bits = bits_of(r, group, bitmap);
	bit = ext2_bits_find(&bits, from, end);
	r->got = bit < end ? ext2_bits_take(&bits, bit, end, r->want) : 0;
	if (r->got)
		count_blocks(r->sb, group, -(long)r->got);
	spin_unlock(&sbi->groups[group].lock);
	r->block = first + bit;
	return r->got != 0;
}

static bool place_window(struct request *r, u32 group,
			 struct buffer_head *bitmap, u32 goal)
{
	struct ext2_sb_info *sbi = EXT2_SB(r->sb);
	struct ext2_bits bits;
	bool placed;

	spin_lock(&sbi->groups[group].lock);
	bits = bits_of(r, group, bitmap);
	spin_lock(&sbi->window_lock);
	placed = ext2_window_place(&sbi->windows, r->window, &bits,
				   ext2_group_first(&sbi->geo, group),
				   ext2_group_blocks(&sbi->geo, group), goal);
	spin_unlock(&sbi->window_lock);
	spin_unlock(&sbi->groups[group].lock);
	return placed;
}

/* From the file's window, or a new one that begins at or behind the goal. */
static bool take_from_window(struct request *r, u32 group,
			     struct buffer_head *bitmap, u32 goal)
{
	u32 first = ext2_group_first(EXT2_GEO(r->sb), group);
	struct ext2_window *w = r->window;

	if (!ext2_window_exists(w) || goal < w->start || goal > w->end)
		if (!place_window(r, group, bitmap, goal))
			return false;
	for (;;) {
		u32 from = max(goal, w->start);

		if (take_bits(r, group, bitmap, from - first,
			      w->end + 1 - first))
			break;
		goal = w->end + 1;
		if (!place_window(r, group, bitmap, goal))
			return false;
	}
	w->hits += r->got;
	return true;
}

/* One block outside all windows. */
static bool take_outside(struct request *r, u32 group,
			 struct buffer_head *bitmap, u32 goal)
{
	struct ext2_sb_info *sbi = EXT2_SB(r->sb);
	u32 first = ext2_group_first(&sbi->geo, group), behind;
	u32 end = ext2_group_blocks(&sbi->geo, group);
	u32 bit = goal - first;
	struct ext2_bits bits;
	bool is_free = true;

	while (bit < end) {
		spin_lock(&sbi->groups[group].lock);
		bits = bits_of(r, group, bitmap);
		bit = ext2_bits_find(&bits, bit, end);
		spin_unlock(&sbi->groups[group].lock);
		if (bit >= end)
			break;
		spin_lock(&sbi->window_lock);
		is_free = ext2_window_is_free(&sbi->windows, NULL, first + bit,
					      1, &behind);
		spin_unlock(&sbi->window_lock);
		if (!is_free)
			bit = behind - first;
		else if (take_bits(r, group, bitmap, bit, bit + 1))
			return true;
	}
	return false;
}

/* 1: taken; 0: nothing here; -errno: the group cannot be used. */
static int try_group(struct request *r, u32 group, u32 goal)
{
	struct ext2_sb_info *sbi = EXT2_SB(r->sb);
	struct buffer_head *bitmap, *desc;
	bool taken;

	if (!READ_ONCE(ext2_group_desc(r->sb, group, &desc)->
		       bg_free_blocks_count))
		return 0;
	bitmap = ext2_block_bitmap(r->sb, group);
	if (IS_ERR(bitmap))
		return PTR_ERR(bitmap);
	if (r->respect && r->window)
		taken = take_from_window(r, group, bitmap, goal);
	else if (r->respect)
		taken = take_outside(r, group, bitmap, goal);
	else
		taken = take_bits(r, group, bitmap,
				  goal - ext2_group_first(&sbi->geo, group),
				  ext2_group_blocks(&sbi->geo, group));
	if (taken) {
		mark_buffer_dirty(bitmap);
		mark_buffer_dirty(desc);
		if (r->sb->s_flags & SB_SYNCHRONOUS)
			sync_dirty_buffer(bitmap);
	}
	brelse(bitmap);
	return taken;
}

/* All groups once, the goal's twice: behind the goal, and at last whole. */
static int try_groups(struct request *r)
{
	const struct ext2_geometry *g = EXT2_GEO(r->sb);
	u32 home = (r->goal - g->first_data_block) / g->blocks_per_group;
	int found, err = -ENOSPC;

	for (u32 n = 0; n <= g->groups; n++) {
		u32 group = (home + n) % g->groups;

		found = try_group(r, group, n ? ext2_group_first(g, group) :
						r->goal);
		if (found > 0)
			return 0;
		if (found < 0)
			err = found == -EFSCORRUPTED ? err : found;
	}
	return err;
}

/* Blocks that the caller may have: the last ones are root's. */
static long available(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	long have = atomic_long_read(&sbi->free_blocks);

	if (have > (long)sbi->reserved)
		return have - sbi->reserved;
	if (current_fsuid() == sbi->opts.resuid ||
	    (sbi->opts.resgid && in_group_p(sbi->opts.resgid)) ||
	    capable(CAP_SYS_RESOURCE))
		return have;
	return 0;
}

/* A bitmap that calls tables free is damaged: those bits stay set for ever. */
static bool is_usable(struct request *r)
{
	struct ext2_sb_info *sbi = EXT2_SB(r->sb);
	const struct ext2_geometry *g = &sbi->geo;
	u32 group = (r->block - g->first_data_block) / g->blocks_per_group;

	if (ext2_blocks_valid(g, r->block, r->got) &&
	    !ext2_is_metadata(g, group, &sbi->groups[group].place, r->block,
			      r->got))
		return true;
	ext2_error(r->sb, __func__, "allocating blocks %u+%u of the system zone",
		   r->block, r->got);
	return false;
}

/* The best places, then others' windows, then what was freed just now. */
static int three_passes(struct inode *inode, struct request *r)
{
	int err;

	r->respect = r->avoid = true;
	err = try_groups(r);
	if (err != -ENOSPC)
		return err;
	r->respect = false;
	err = try_groups(r);
	if (err != -ENOSPC)
		return err;
	r->avoid = false;
	err = try_groups(r);
	if (!err)
		set_bit(EXT2_STATE_REUSED, &EXT2_I(inode)->state);
	return err;
}

int ext2_new_blocks(struct inode *inode, u32 goal, bool use_window, u32 *count,
		    u32 *block)
{
	struct super_block *sb = inode->i_sb;
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct request r = { .sb = sb, .goal = goal };
	long have = available(sb);
	int err;

	if (have <= 0)
		return -ENOSPC;
	r.want = min((long)*count, have);
	if (use_window && !sbi->opts.noreservation)
		r.window = &EXT2_I(inode)->window;
	if (goal <= sbi->geo.first_data_block || goal >= sbi->geo.blocks_count)
		r.goal = sbi->geo.first_data_block + 1;
	do
		err = three_passes(inode, &r);
	while (!err && !is_usable(&r));
	*block = r.block;
	*count = r.got;
	return err;
}

/* The part of a run that lies in one group. */
static int free_in_group(struct super_block *sb, u32 group, u32 block,
			 u32 count)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_group_info *info = &sbi->groups[group];
	struct buffer_head *bitmap, *desc;
	u32 freed;

	if (ext2_is_metadata(&sbi->geo, group, &sbi->groups[group].place,
			     block, count)) {
		ext2_error(sb, __func__, "freeing blocks %u+%u of the system zone",
			   block, count);
		return -EFSCORRUPTED;
	}
	bitmap = ext2_block_bitmap(sb, group);
	if (IS_ERR(bitmap))
		return PTR_ERR(bitmap);
	ext2_group_desc(sb, group, &desc);
	ext2_prepare_freed(sb, info->freed_blocks);
	block -= ext2_group_first(&sbi->geo, group);
	spin_lock(&info->lock);
	freed = ext2_bitmap_free(bitmap->b_data, block, count);
	if (info->freed_blocks[0])
		bitmap_set(info->freed_blocks[0], block, count);
	count_blocks(sb, group, freed);
	spin_unlock(&info->lock);
	block += ext2_group_first(&sbi->geo, group);
	mark_buffer_dirty(bitmap);
	mark_buffer_dirty(desc);
	if (sb->s_flags & SB_SYNCHRONOUS)
		sync_dirty_buffer(bitmap);
	brelse(bitmap);
	if (freed == count)
		return 0;
	ext2_error(sb, __func__, "blocks %u+%u: %u were free already", block,
		   count, count - freed);
	return -EFSCORRUPTED;
}

/* 0, or -errno after the error was logged; the rest is freed all the same. */
int ext2_free_blocks(struct super_block *sb, u32 block, u32 count)
{
	const struct ext2_geometry *g = EXT2_GEO(sb);
	int err = 0, one;

	if (!ext2_blocks_valid(g, block, count)) {
		ext2_error(sb, __func__, "freeing blocks %u+%u outside the volume",
			   block, count);
		return -EFSCORRUPTED;
	}
	while (count) {
		u32 group = (block - g->first_data_block) / g->blocks_per_group;
		u32 end = ext2_group_first(g, group) +
			  ext2_group_blocks(g, group);
		u32 n = min(count, end - block);

		one = free_in_group(sb, group, block, n);
		err = err ? err : one;
		block += n;
		count -= n;
	}
	return err;
}

/* The file will not grow for now. */
void ext2_drop_window(struct inode *inode)
{
	struct ext2_sb_info *sbi = EXT2_SB(inode->i_sb);
	struct ext2_window *w = &EXT2_I(inode)->window;

	if (!ext2_window_exists(w))
		return;
	spin_lock(&sbi->window_lock);
	ext2_window_drop(&sbi->windows, w);
	spin_unlock(&sbi->window_lock);
}
