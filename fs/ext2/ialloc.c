/* SPDX-License-Identifier: MIT */
/*
 * ialloc.c -- taking and freeing inodes
 *
 * IDEA.  Files of one directory are used together: a file's inode is looked for
 * in its directory's group first.  Directories of the root are unrelated, and
 * spread over the volume; the others stay near their parent unless its group is
 * fuller than most (the rule is Orlov's):
 *
 *	parent is the root:  a group with more free inodes and blocks than the
 *	                     average and the fewest directories, from a random
 *	                     start
 *	else:                from the parent's group on, the first with enough of
 *	                     both, and not too many directories made lately
 *
 * The number: group * inodes_per_group + bit + 1.
 *
 * INVARIANTS
 *   I1  bg_free_inodes_count is the number of clear bits, under the group lock.
 *   I2  Numbers below first_ino are never given to a file.
 *
 * LOCKING.  Group lock for bits and counts.
 */

#include "ext2.h"

#include <kernel/bitops.h>
#include <kernel/cred.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/random.h>
#include <fs/posix_acl.h>

#define INODE_COST 64                 /* Orlov: a directory's share of debt */
#define MAX_DEBT 255

static u32 free_inodes_of(struct super_block *sb, u32 group)
{
	return le16_to_cpu(READ_ONCE(ext2_group_desc(sb, group, NULL)->
				     bg_free_inodes_count));
}

static u32 free_blocks_of(struct super_block *sb, u32 group)
{
	return le16_to_cpu(READ_ONCE(ext2_group_desc(sb, group, NULL)->
				     bg_free_blocks_count));
}

static u32 dirs_of(struct super_block *sb, u32 group)
{
	return le16_to_cpu(READ_ONCE(ext2_group_desc(sb, group, NULL)->
				     bg_used_dirs_count));
}

/* A top directory: away from all others.  -1: no group is good. */
static s64 group_for_top_dir(struct super_block *sb, u32 inodes, u32 blocks)
{
	u32 groups = EXT2_GEO(sb)->groups, start = get_random_u32_below(groups);
	u32 fewest = U32_MAX;
	s64 best = -1;

	for (u32 n = 0; n < groups; n++) {
		u32 group = (start + n) % groups;

		if (!free_inodes_of(sb, group) || dirs_of(sb, group) >= fewest ||
		    free_inodes_of(sb, group) < inodes ||
		    free_blocks_of(sb, group) < blocks)
			continue;
		best = group;
		fewest = dirs_of(sb, group);
	}
	return best;
}

static s64 group_for_sub_dir(struct super_block *sb, u32 parent, u32 inodes,
			     u32 blocks)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	const struct ext2_geometry *g = &sbi->geo;
	u32 dirs = atomic_long_read(&sbi->dirs) / g->groups;
	u32 max_dirs = dirs + g->inodes_per_group / 16;
	u32 min_inodes = inodes > g->inodes_per_group / 4 ?
			 inodes - g->inodes_per_group / 4 : 1;
	u32 min_blocks = blocks > g->blocks_per_group / 4 ?
			 blocks - g->blocks_per_group / 4 : 0;
	u32 max_debt = min(max(g->inodes_per_group / INODE_COST, 1u),
			   (u32)MAX_DEBT);

	for (u32 n = 0; n < g->groups; n++) {
		u32 group = (parent + n) % g->groups;

		if (free_inodes_of(sb, group) && dirs_of(sb, group) < max_dirs &&
		    READ_ONCE(sbi->groups[group].debt) < max_debt &&
		    free_inodes_of(sb, group) >= min_inodes &&
		    free_blocks_of(sb, group) >= min_blocks)
			return group;
	}
	return -1;
}

static s64 group_for_dir(struct inode *parent)
{
	struct super_block *sb = parent->i_sb;
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u32 groups = sbi->geo.groups;
	u32 inodes = atomic_long_read(&sbi->free_inodes) / groups;
	u32 blocks = atomic_long_read(&sbi->free_blocks) / groups;
	s64 group = -1;

	if (parent->i_ino == EXT2_ROOT_INO ||
	    EXT2_I(parent)->flags & EXT2_TOPDIR_FL)
		group = group_for_top_dir(sb, inodes, blocks);
	if (group < 0)
		group = group_for_sub_dir(sb, EXT2_I(parent)->group, inodes,
					  blocks);
	for (u32 n = 0; group < 0 && n < groups; n++)
		if (free_inodes_of(sb, (EXT2_I(parent)->group + n) % groups))
			group = (EXT2_I(parent)->group + n) % groups;
	return group;
}

/* The parent's group; else spread by hashing, so that neighbours differ. */
static s64 group_for_file(struct inode *parent)
{
	struct super_block *sb = parent->i_sb;
	u32 groups = EXT2_GEO(sb)->groups, home = EXT2_I(parent)->group;
	u32 group = home, n;

	if (free_inodes_of(sb, group) && free_blocks_of(sb, group))
		return group;
	group = (home + parent->i_ino) % groups;
	for (n = 1; n < groups; n <<= 1) {
		group = (group + n) % groups;
		if (free_inodes_of(sb, group) && free_blocks_of(sb, group))
			return group;
	}
	for (n = 0; n < groups; n++)
		if (free_inodes_of(sb, (home + n) % groups))
			return (home + n) % groups;
	return -1;
}

static void note_debt(struct ext2_group_info *info, bool dir)
{
	if (dir && info->debt < MAX_DEBT)
		info->debt++;
	else if (!dir && info->debt)
		info->debt--;
}

/* A free bit of the group, taken; 0: it has none. */
static u32 take_bit(struct super_block *sb, u32 group, void *map, bool dir)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	struct ext2_group_info *info = &sbi->groups[group];
	struct ext2_group_desc *d = ext2_group_desc(sb, group, NULL);
	u32 end = sbi->geo.inodes_per_group, bit;
	u32 from = group ? 0 : sbi->geo.first_ino - 1;           /* I2 */
	struct ext2_bits bits = { .used = map };

	spin_lock(&info->lock);
	bits.avoid[0] = info->freed_inodes[0];
	bits.avoid[1] = info->freed_inodes[1];
	bit = ext2_bits_find(&bits, from, end);
	if (bit >= end) {             /* then one that was freed just now */
		bits.avoid[0] = bits.avoid[1] = NULL;
		bit = ext2_bits_find(&bits, from, end);
	}
	if (bit < end) {
		ext2_bits_take(&bits, bit, end, 1);
		le16_add_cpu(&d->bg_free_inodes_count, -1);      /* I1 */
		if (dir)
			le16_add_cpu(&d->bg_used_dirs_count, 1);
		note_debt(info, dir);
	}
	spin_unlock(&info->lock);
	if (bit >= end)
		return 0;
	atomic_long_dec(&sbi->free_inodes);
	if (dir)
		atomic_long_inc(&sbi->dirs);
	return group * end + bit + 1;
}

/* The number, 0: group is full, or -errno: it cannot be used. */
static s64 take_from_group(struct super_block *sb, u32 group, bool dir)
{
	struct buffer_head *bitmap, *desc;
	u32 ino;

	ext2_group_desc(sb, group, &desc);
	if (!free_inodes_of(sb, group))
		return 0;
	bitmap = ext2_inode_bitmap(sb, group);
	if (IS_ERR(bitmap))
		return PTR_ERR(bitmap);
	ino = take_bit(sb, group, bitmap->b_data, dir);
	if (ino) {
		mark_buffer_dirty(bitmap);
		mark_buffer_dirty(desc);
		if (sb->s_flags & SB_SYNCHRONOUS)
			sync_dirty_buffer(bitmap);
	}
	brelse(bitmap);
	return ino;
}

/* A number of a good group, or of any.  -ENOSPC, -EIO. */
static s64 take_inode(struct inode *dir, umode_t mode)
{
	struct super_block *sb = dir->i_sb;
	s64 group, ino, err = -ENOSPC;

	group = S_ISDIR(mode) ? group_for_dir(dir) : group_for_file(dir);
	if (group < 0)
		return -ENOSPC;
	for (u32 n = 0; n < EXT2_GEO(sb)->groups; n++) {
		ino = take_from_group(sb, (group + n) % EXT2_GEO(sb)->groups,
				      S_ISDIR(mode));
		if (ino > 0)
			return ino;
		if (ino < 0 && ino != -EFSCORRUPTED)
			err = ino;
	}
	return err;
}

static void give_back(struct super_block *sb, u32 ino, bool dir)
{
	struct ext2_sb_info *sbi = EXT2_SB(sb);
	u32 group = (ino - 1) / sbi->geo.inodes_per_group;
	struct buffer_head *bitmap = ext2_inode_bitmap(sb, group), *desc;
	struct ext2_group_desc *d = ext2_group_desc(sb, group, &desc);
	u32 bit = (ino - 1) % sbi->geo.inodes_per_group, was_set;

	if (IS_ERR(bitmap))
		return;
	ext2_prepare_freed(sb, sbi->groups[group].freed_inodes);
	spin_lock(&sbi->groups[group].lock);
	was_set = ext2_bitmap_free(bitmap->b_data, bit, 1);
	if (sbi->groups[group].freed_inodes[0])
		__set_bit(bit, sbi->groups[group].freed_inodes[0]);
	if (was_set) {
		le16_add_cpu(&d->bg_free_inodes_count, 1);
		if (dir && d->bg_used_dirs_count)
			le16_add_cpu(&d->bg_used_dirs_count, -1);
	}
	spin_unlock(&sbi->groups[group].lock);
	if (!was_set) {
		ext2_error(sb, __func__, "inode %u was free already", ino);
	} else {
		atomic_long_inc(&sbi->free_inodes);
		if (dir)
			atomic_long_dec(&sbi->dirs);
	}
	mark_buffer_dirty(bitmap);
	mark_buffer_dirty(desc);
	if (sb->s_flags & SB_SYNCHRONOUS)
		sync_dirty_buffer(bitmap);
	brelse(bitmap);
}

static u32 inherited_flags(const struct inode *dir, umode_t mode)
{
	u32 flags = EXT2_I(dir)->flags & EXT2_FL_INHERITED;

	if (S_ISDIR(mode))
		return flags;
	return flags & (S_ISREG(mode) ? EXT2_REG_FLMASK : EXT2_OTHER_FLMASK);
}

static void init_inode(struct inode *inode, struct inode *dir, umode_t mode)
{
	struct ext2_sb_info *sbi = EXT2_SB(inode->i_sb);
	struct ext2_inode_info *ei = EXT2_I(inode);
	struct timespec64 now;

	if (sbi->opts.grpid) {
		inode->i_mode = mode;
		inode->i_uid = current_fsuid();
		inode->i_gid = dir->i_gid;
	} else {
		inode_init_owner(inode, dir, mode);
	}
	now = current_time(inode);
	inode->i_atime = inode->i_mtime = inode->i_ctime = now;
	ei->crtime = (struct ext2_time){ now.tv_sec, now.tv_nsec };
	ei->flags = inherited_flags(dir, mode);
	ei->extra_isize = 0;
	if (sbi->geo.inode_size > EXT2_GOOD_OLD_INODE_SIZE)
		ei->extra_isize = sizeof(struct ext2_inode_disk) -
				  EXT2_GOOD_OLD_INODE_SIZE;
	ei->group = (inode->i_ino - 1) / sbi->geo.inodes_per_group;
	inode->i_generation = atomic_inc_return(&sbi->next_generation);
	set_bit(EXT2_STATE_NEW, &ei->state);
	set_bit(EXT2_STATE_NEW_ENTRY, &ei->state);
	ext2_set_inode_flags(inode);
}

/*
 * A new inode of that type, in the table and locked (I_NEW), with one link.
 * ERR_PTR(-ENOSPC, -ENOMEM, -EIO).
 */
struct inode *ext2_new_inode(struct inode *dir, umode_t mode)
{
	struct super_block *sb = dir->i_sb;
	struct inode *inode = new_inode(sb);
	s64 ino;
	int err;

	if (!inode)
		return ERR_PTR(-ENOMEM);
	ino = take_inode(dir, mode);
	if (ino < 0) {
		make_bad_inode(inode);
		iput(inode);
		return ERR_PTR(ino);
	}
	inode->i_ino = ino;
	if (insert_inode_locked(inode) < 0) {
		/* In memory, and so in use: the bitmap was wrong. */
		ext2_error(sb, __func__, "inode %ld is in use, and marked free",
			   (long)ino);
		make_bad_inode(inode);
		iput(inode);
		return ERR_PTR(-EIO);
	}
	init_inode(inode, dir, mode);
	err = ext2_init_acl(inode, dir);
	if (err) {
		clear_nlink(inode);
		discard_new_inode(inode);
		return ERR_PTR(err);
	}
	mark_inode_dirty(inode);
	return inode;
}

/* The inode's last moment: its number is free again. */
void ext2_free_inode(struct inode *inode)
{
	if (inode->i_ino < EXT2_GEO(inode->i_sb)->first_ino ||
	    inode->i_ino > EXT2_GEO(inode->i_sb)->inodes_count) {
		ext2_error(inode->i_sb, __func__, "reserved inode %lu",
			   (unsigned long)inode->i_ino);
		return;
	}
	give_back(inode->i_sb, inode->i_ino, S_ISDIR(inode->i_mode));
}
