/* SPDX-License-Identifier: MIT */
/*
 * groups.c -- the block groups of a mounted volume: descriptors and bitmaps
 *
 * IDEA.  The descriptors' blocks stay in memory while the volume is mounted.
 * Where a group's bitmaps and inode table are was checked once and is kept
 * apart (place), so that nobody can move them under a mounted volume; only the
 * counts are used, and changed, in the block itself.  Bitmaps are read when
 * they are wanted and live in the block device's cache.
 */

#include "ext2.h"

#include <kernel/err.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

struct ext2_group_desc *ext2_group_desc(struct super_block *sb, u32 group,
					struct buffer_head **bh)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct buffer_head *b = sbi->desc[group / sbi->geo.desc_per_block];

	if (bh)
		*bh = b;
	return (struct ext2_group_desc *)b->b_data +
	       group % sbi->geo.desc_per_block;
}

void ext2_put_groups(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);

	for (u32 i = 0; sbi->desc && i < sbi->geo.desc_blocks; i++)
		brelse(sbi->desc[i]);
	for (u32 i = 0; sbi->groups && i < sbi->geo.groups; i++) {
		kfree(sbi->groups[i].freed_blocks[0]);
		kfree(sbi->groups[i].freed_blocks[1]);
		kfree(sbi->groups[i].freed_inodes[0]);
		kfree(sbi->groups[i].freed_inodes[1]);
	}
	kvfree(sbi->desc);
	kvfree(sbi->groups);
	sbi->desc = NULL;
	sbi->groups = NULL;
}

static int check_groups(struct super_block *sb)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	const char *wrong;
	u32 group;

	for (group = 0; group < sbi->geo.groups; group++) {
		struct ext2_group_info *info = &sbi->groups[group];

		spin_lock_init(&info->lock);
		info->place = *ext2_group_desc(sb, group, NULL);
		wrong = ext2_check_group(&sbi->geo, group, &info->place);
		if (wrong) {
			ext2_msg(sb, KERN_ERR, "group %u: %s", group, wrong);
			return -EINVAL;
		}
	}
	return 0;
}

/* On an error the caller calls ext2_put_groups(). */
int ext2_read_groups(struct super_block *sb, u32 sb_block)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	const struct ext2_geometry *g = &sbi->geo;

	sbi->desc = kvzalloc(g->desc_blocks * sizeof(*sbi->desc), GFP_KERNEL);
	sbi->groups = kvzalloc((size_t)g->groups * sizeof(*sbi->groups),
			       GFP_KERNEL);
	if (!sbi->desc || !sbi->groups)
		return -ENOMEM;
	for (u32 i = 0; i < g->desc_blocks; i++)
		sb_breadahead(sb, ext2_desc_location(g, sb_block, i));
	for (u32 i = 0; i < g->desc_blocks; i++) {
		sbi->desc[i] = sb_bread(sb, ext2_desc_location(g, sb_block, i));
		if (!sbi->desc[i]) {
			ext2_msg(sb, KERN_ERR, "unable to read group descriptors");
			return -EIO;
		}
	}
	return check_groups(sb);
}

/* A block that is read and, when it comes fresh from the disk, checked. */
static struct buffer_head *read_bitmap(struct super_block *sb, u32 group,
				       u32 block, bool of_blocks)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct buffer_head *bh = sb_getblk(sb, block);
	const char *wrong = NULL;
	int err;

	if (!bh)
		return ERR_PTR(-ENOMEM);
	if (buffer_uptodate(bh))
		return bh;
	err = bh_read(bh, 0);
	if (err < 0) {
		ext2_error(sb, __func__, "group %u: cannot read bitmap %u",
			   group, block);
		brelse(bh);
		return ERR_PTR(-EIO);
	}
	if (of_blocks)
		wrong = ext2_check_block_bitmap(&sbi->geo, group,
						&sbi->groups[group].place,
						bh->b_data);
	if (!wrong)
		return bh;
	ext2_error(sb, __func__, "group %u: %s", group, wrong);
	clear_buffer_uptodate(bh);
	brelse(bh);
	return ERR_PTR(-EFSCORRUPTED);
}

struct buffer_head *ext2_block_bitmap(struct super_block *sb, u32 group)
{
	struct ext2_group_desc *place = &EXT2_SB(sb)->groups[group].place;

	return read_bitmap(sb, group, le32_to_cpu(place->bg_block_bitmap),
			   true);
}

struct buffer_head *ext2_inode_bitmap(struct super_block *sb, u32 group)
{
	struct ext2_group_desc *place = &EXT2_SB(sb)->groups[group].place;

	return read_bitmap(sb, group, le32_to_cpu(place->bg_inode_bitmap),
			   false);
}

/* The volume's counts are the sums of its groups'. */
void ext2_sum_groups(struct super_block *sb, u64 *blocks, u64 *inodes,
		     u64 *dirs)
{
	u32 group;

	*blocks = *inodes = *dirs = 0;
	for (group = 0; group < EXT2_GEO(sb)->groups; group++) {
		struct ext2_group_desc *d = ext2_group_desc(sb, group, NULL);

		*blocks += le16_to_cpu(READ_ONCE(d->bg_free_blocks_count));
		*inodes += le16_to_cpu(READ_ONCE(d->bg_free_inodes_count));
		*dirs += le16_to_cpu(READ_ONCE(d->bg_used_dirs_count));
	}
}
