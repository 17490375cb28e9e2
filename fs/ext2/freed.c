/* SPDX-License-Identifier: MIT */
/*
 * freed.c -- what was freed a moment ago is not used again at once
 *
 * PROBLEM.  File A is removed, B takes its blocks and is synced; the power
 * fails before A's inode has reached the disk.  On the disk both A and B claim
 * the blocks, and e2fsck cannot know who is right.  It is the same with inode
 * numbers, and with a directory's block that becomes another file's data.
 *
 * IDEA.  Freed bits are also noted in a map of their group, which allocation
 * avoids while there is anything else.  Every few seconds, while there are such
 * maps, all metadata is written to the disk; what had been noted before the
 * round before is then free for all:
 *
 *	freed --> [0] now --round--> [1] before --next round--> forgotten
 *	                     |
 *	              metadata is on the disk
 *
 * Two maps, since an inode's bytes are put into its block a little after its
 * blocks are freed: what is noted while a round is writing waits for the next.
 *
 * When nothing else is left such blocks are used, and EXT2_STATE_REUSED has
 * fsync() of the new owner write all metadata first.
 *
 * LOCKING.  The maps: group lock.
 */

#include "ext2.h"

#include <drivers/blkdev.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <mm/slab.h>

#define ROUND (5 * HZ)

/* maps[0] is there afterwards, unless there is no memory: then no note. */
void ext2_prepare_freed(struct super_block *sb, unsigned long **maps)
{
	unsigned long *map;

	if (!READ_ONCE(maps[0])) {
		map = kzalloc(sb->s_blocksize, GFP_NOFS);
		if (map && cmpxchg(&maps[0], NULL, map) != NULL)
			kfree(map);
	}
	if (!delayed_work_pending(&EXT2_SB(sb)->settle))
		schedule_delayed_work(&EXT2_SB(sb)->settle, ROUND);
}

/* A round is over: true if there is something left for the next. */
static bool rotate(spinlock_t *lock, unsigned long **maps)
{
	unsigned long *old;
	bool more;

	if (!READ_ONCE(maps[0]) && !READ_ONCE(maps[1]))
		return false;
	spin_lock(lock);
	old = maps[1];
	maps[1] = maps[0];
	maps[0] = NULL;
	more = maps[1] != NULL;
	spin_unlock(lock);
	kfree(old);
	return more;
}

void ext2_settle_work(struct work_struct *work)
{
	struct ext2_sb_info *sbi = container_of(to_delayed_work(work),
						struct ext2_sb_info, settle);
	bool more = false;

	sync_blockdev(sbi->sb->s_bdev);
	for (u32 i = 0; i < sbi->geo.groups; i++) {
		struct ext2_group_info *info = &sbi->groups[i];

		more |= rotate(&info->lock, info->freed_blocks);
		more |= rotate(&info->lock, info->freed_inodes);
	}
	if (more)
		schedule_delayed_work(&sbi->settle, ROUND);
}

/* Nobody changes the volume any more. */
void ext2_stop_settling(struct super_block *sb)
{
	cancel_delayed_work_sync(&EXT2_SB(sb)->settle);
}
