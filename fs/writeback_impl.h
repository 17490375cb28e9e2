/* SPDX-License-Identifier: MIT */
#ifndef FS_WRITEBACK_IMPL_H
#define FS_WRITEBACK_IMPL_H
/* writeback_impl.h -- what fs_writeback.c and flusher.c share */

#include <fs/fs.h>
#include <mm/writeback.h>

/* Pages, then the inode; I_SYNC is the caller's.  0 or -errno. */
int write_with_sync_held(struct inode *inode, struct writeback_control *wbc);
/* Give I_SYNC up; i_lock held. */
void inode_sync_complete(struct inode *inode);
/* Until nobody has it. */
void inode_sleep_on_sync(struct inode *inode);

static inline bool has_dirty_pages(struct inode *inode)
{
	return xa_marked(&inode->i_mapping->i_pages, PAGECACHE_TAG_DIRTY);
}

#endif
