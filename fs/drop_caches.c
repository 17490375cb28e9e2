/* SPDX-License-Identifier: MIT */
/*
 * drop_caches.c -- /proc/sys/vm/drop_caches: forget what can be read again
 *
 * 1 drops clean pages of files, 2 reclaimable objects (dentries, inodes), 3
 * both. Nothing dirty goes: who wants that too says `sync` first.  For
 * measurements and tests; memory shortage has better ways (docs/57-reclaim.md).
 */

#include <fs/buffer_head.h>

#include <kernel/sched.h>
#include <mm/filemap.h>
#include <mm/shrinker.h>
#include <mm/swap.h>
#include <mm/vmstat.h>
#include <mm/writeback.h>

#include "vfs/internal.h"

/* Until it brings nothing more: what goes may let others go. */
static void drop_slab(void)
{
	unsigned long freed;
	int rounds = 0;

	do
		freed = shrink_slab(GFP_KERNEL, 0, 0);
	while (freed >> rounds++ > 1 && rounds < BITS_PER_LONG);
}

static void drop_pagecache_sb(struct super_block *sb, void *unused)
{
	struct inode *inode, *prev = NULL;

	spin_lock(&sb->s_inode_list_lock);
	list_for_each_entry(inode, &sb->s_inodes, i_sb_list) {
		spin_lock(&inode->i_lock);
		if (inode->i_state & (I_FREEING | I_WILL_FREE | I_NEW) ||
		    !inode->i_data.nrpages) {
			spin_unlock(&inode->i_lock);
			continue;
		}
		atomic_inc(&inode->i_count);
		spin_unlock(&inode->i_lock);
		spin_unlock(&sb->s_inode_list_lock);
		invalidate_mapping_pages(inode->i_mapping, 0, ULONG_MAX);
		iput(prev);            /* our place in the list is `inode` */
		prev = inode;
		cond_resched();
		spin_lock(&sb->s_inode_list_lock);
	}
	spin_unlock(&sb->s_inode_list_lock);
	iput(prev);
}

/* what: bit 0 pages, bit 1 objects.  May sleep. */
void drop_caches(int what)
{
	if (what & 1) {
		lru_add_drain_all();
		invalidate_bh_lrus();
		iterate_supers(drop_pagecache_sb, NULL);
		count_vm_event(DROP_PAGECACHE);
	}
	if (what & 2) {
		drop_slab();
		count_vm_event(DROP_SLAB);
	}
}
