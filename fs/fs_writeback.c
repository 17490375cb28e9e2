/* SPDX-License-Identifier: MIT */
/*
 * fs_writeback.c -- dirty inodes
 *
 * PROMISE.  What is dirty is on the disk half a minute later, without anybody
 * asking; sync() returns when all that was dirty at its call is there, even if
 * others go on writing.
 *
 * IDEA.  An inode is dirty in up to three ways: its pages, its attributes in a
 * way that matters to the data (DATASYNC: the size), or its times only (SYNC).
 * The first dirt puts it on its device's b_dirty, with the time; the flusher
 * takes the old ones to b_io and writes them one after the other, a turn of
 * 4 MiB each, so that one huge file does not keep all others waiting:
 *
 *	        dirtied                old, or asked for
 *	clean ----------> b_dirty -----------------------> b_io --> written
 *	                     ^                               |        |
 *	                     | dirtied meanwhile             |        v
 *	                     +-------------------------------+      clean
 *	                                                     | turn is over
 *	                        b_more_io <------------------+
 *
 * b_dirty is in order of time: new ones at the front, so the old are found from
 * the end without a search.
 *
 * INVARIANTS
 *   I1  An inode with I_DIRTY is on one of the lists, if its device writes back,
 *       unless it has I_SYNC and its writer will put it there, or it is
 *       new or on its way out.
 *   I2  While I_SYNC is set, one task writes the inode, and it cannot be freed:
 *       evict() waits for it (inode_wait_for_writeback).
 *   I3  The dirty bits are cleared before the inode is copied out, so that what
 *       changes during the copy makes it dirty anew.
 *   I4  b_dirty is sorted by dirtied_when, the oldest last.
 *
 * LOCKING.  wb->list_lock: the lists; then i_lock: i_state.  No lock is held
 * while an inode is written, only I_SYNC.
 *
 * SEE docs/77-writeback.md; the flusher flusher.c; pages
 * mm/virt/page_writeback.c; sync(2) fs/vfs/sync.c.
 *
 * EXERCISES.  1. What does sync() miss if I3's order is turned round?  2. A
 * sync looks at inodes dirtied before it began.  Which loop would not end
 * without that?
 */

#include <fs/fs.h>

#include <kernel/bug.h>
#include <kernel/export.h>
#include <kernel/jiffies.h>
#include <kernel/sched.h>
#include <mm/filemap.h>
#include <mm/writeback.h>

#include "writeback_impl.h"

static DECLARE_WAIT_QUEUE_HEAD(sync_wait);    /* for I_SYNC to go */

/* ---- becoming dirty ------------------------------------------------------ */

/* May it be written back at all, and is nobody else in charge of it? */
static bool wants_list(const struct inode *inode)
{
	if (!(inode->i_state & I_DIRTY) || !list_empty(&inode->i_io_list))
		return false;
	if (inode->i_state & (I_SYNC | I_FREEING | I_WILL_FREE | I_CLEAR))
		return false;
	return !hlist_unhashed(&inode->i_hash) || S_ISBLK(inode->i_mode);
}

static void enter_dirty_list(struct inode *inode, struct bdi_writeback *wb)
{
	bool first = false;

	spin_lock(&wb->list_lock);
	spin_lock(&inode->i_lock);
	if (wants_list(inode)) {
		first = !wb_has_dirty_io(wb);
		inode->dirtied_when = jiffies;
		list_move(&inode->i_io_list, &wb->b_dirty);    /* I1 */
	}
	spin_unlock(&inode->i_lock);
	spin_unlock(&wb->list_lock);
	if (first)
		wb_wakeup(wb);         /* it sets its clock */
}

/* Any context but irq; may sleep if the file system's dirty_inode does. */
void __mark_inode_dirty(struct inode *inode, int flags)
{
	struct backing_dev_info *bdi = inode_to_bdi(inode);
	struct super_block *sb = inode->i_sb;

	if ((flags & I_DIRTY_INODE) && sb->s_op->dirty_inode)
		sb->s_op->dirty_inode(inode, flags & I_DIRTY_INODE);
	/* The change itself before the look at the flags; see I3. */
	smp_mb();
	if ((READ_ONCE(inode->i_state) & flags) == (unsigned)flags)
		return;
	spin_lock(&inode->i_lock);
	inode->i_state |= flags;
	spin_unlock(&inode->i_lock);
	if (list_empty(&inode->i_io_list) && bdi_cap_writeback(bdi))
		enter_dirty_list(inode, &bdi->wb);
}
EXPORT_SYMBOL(__mark_inode_dirty);

/* It goes, or was never to be written. */
void inode_io_list_del(struct inode *inode)
{
	struct bdi_writeback *wb = inode_to_wb(inode);

	if (list_empty_careful(&inode->i_io_list))
		return;
	spin_lock(&wb->list_lock);
	list_del_init(&inode->i_io_list);
	spin_unlock(&wb->list_lock);
}

void inode_sync_complete(struct inode *inode)
{
	inode->i_state &= ~I_SYNC;
	smp_mb();
	if (waitqueue_active(&sync_wait))
		wake_up_all(&sync_wait);
}

void inode_sleep_on_sync(struct inode *inode)
{
	io_wait_event(sync_wait, !(READ_ONCE(inode->i_state) & I_SYNC));
}

/* I2: nobody writes it any more.  The caller keeps it from being freed. */
void inode_wait_for_writeback(struct inode *inode)
{
	inode_sleep_on_sync(inode);
	/* Who cleared it may still be inside the lock. */
	spin_lock(&inode->i_lock);
	spin_unlock(&inode->i_lock);
}

/* ---- one inode ----------------------------------------------------------- */

static int write_inode(struct inode *inode, struct writeback_control *wbc)
{
	if (!inode->i_sb->s_op->write_inode || inode->i_state & I_CLEAR)
		return 0;
	return inode->i_sb->s_op->write_inode(inode, wbc);
}

/* Pages, then the inode itself; I_SYNC is ours. */
int write_with_sync_held(struct inode *inode, struct writeback_control *wbc)
{
	struct address_space *mapping = inode->i_mapping;
	int err = do_writepages(mapping, wbc), err2;
	unsigned dirty;

	/*
	 * The data first: the inode must not tell of blocks that hold nothing
	 * yet.  sync(2) starts all before it waits for any.
	 */
	if (wbc->sync_mode == WB_SYNC_ALL && !wbc->for_sync) {
		err2 = filemap_fdatawait(mapping);
		if (!err)
			err = err2;
	}
	spin_lock(&inode->i_lock);
	dirty = inode->i_state & I_DIRTY;
	inode->i_state &= ~dirty;                              /* I3 */
	smp_mb();
	if (has_dirty_pages(inode))
		inode->i_state |= I_DIRTY_PAGES;
	spin_unlock(&inode->i_lock);
	if (dirty & ~I_DIRTY_PAGES) {
		err2 = write_inode(inode, wbc);
		if (!err)
			err = err2;
	}
	return err;
}

/* I_SYNC for us: false if there is nothing to do, or somebody else is at it. */
static bool begin_sync(struct inode *inode, struct writeback_control *wbc)
{
	bool wait = wbc->sync_mode == WB_SYNC_ALL;

	spin_lock(&inode->i_lock);
	while (inode->i_state & I_SYNC) {
		spin_unlock(&inode->i_lock);
		if (!wait)
			return false;
		inode_sleep_on_sync(inode);
		spin_lock(&inode->i_lock);
	}
	if (!(inode->i_state & I_DIRTY) &&
	    (!wait || !xa_marked(&inode->i_mapping->i_pages,
				 PAGECACHE_TAG_WRITEBACK))) {
		spin_unlock(&inode->i_lock);
		return false;
	}
	inode->i_state |= I_SYNC;
	spin_unlock(&inode->i_lock);
	return true;
}

/* The caller holds a reference, or has set I_WILL_FREE. */
static int write_single_inode(struct inode *inode,
			      struct writeback_control *wbc)
{
	struct bdi_writeback *wb = inode_to_wb(inode);
	int err;

	if (!begin_sync(inode, wbc))
		return 0;
	err = write_with_sync_held(inode, wbc);
	spin_lock(&wb->list_lock);
	spin_lock(&inode->i_lock);
	inode->i_state &= ~I_SYNC;
	if (!(inode->i_state & I_DIRTY)) {
		list_del_init(&inode->i_io_list);
	} else if (wants_list(inode) && bdi_cap_writeback(wb->bdi)) {
		inode->dirtied_when = jiffies;
		list_move(&inode->i_io_list, &wb->b_dirty);    /* I1 */
	}
	spin_unlock(&wb->list_lock);
	inode_sync_complete(inode);
	spin_unlock(&inode->i_lock);
	return err;
}

int write_inode_now(struct inode *inode, int sync)
{
	struct writeback_control wbc = {
		.nr_to_write = LONG_MAX, .range_end = S64_MAX,
		.sync_mode = sync ? WB_SYNC_ALL : WB_SYNC_NONE };

	if (!bdi_cap_writeback(inode_to_bdi(inode)))
		wbc.nr_to_write = 0;
	might_sleep();
	return write_single_inode(inode, &wbc);
}
EXPORT_SYMBOL(write_inode_now);

/* The inode without its pages. */
int sync_inode_metadata(struct inode *inode, int wait)
{
	struct writeback_control wbc = {
		.sync_mode = wait ? WB_SYNC_ALL : WB_SYNC_NONE };

	return write_single_inode(inode, &wbc);
}
EXPORT_SYMBOL(sync_inode_metadata);
