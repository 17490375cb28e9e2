/* SPDX-License-Identifier: MIT */
/*
 * flusher.c -- many inodes, one after the other: what a flusher thread does
 *
 * IDEA.  Three reasons to write, in this order: somebody waits (sync), dirt is
 * old (every 5 s, what is older than 30 s), there is too much of it (more than
 * the background limit).  Each is a wb_work, done in rounds: take what is due
 * from b_dirty to b_io, give each inode of b_io a turn, look whether it is
 * still wanted.
 *
 * WHY SYNC ENDS.  It takes what was dirtied before it began; of each inode's
 * pages those that are dirty when its turn comes (TOWRITE).  An inode that is
 * dirtied again gets a new dirtied_when and is not taken a second time.
 *
 * LOCKING.  wb->list_lock is held between turns; wb->work_lock: the requests,
 * which lie on the stack of who waits for them.
 *
 * SEE fs_writeback.c for the lists and their invariants; mm/virt/backing_dev.c
 * for the thread.
 */

#include <fs/buffer_head.h>

#include <kernel/completion.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/jiffies.h>
#include <kernel/sched.h>
#include <mm/filemap.h>
#include <mm/swap.h>
#include <mm/writeback.h>

#include "writeback_impl.h"

/* Pages of one inode's turn. */
#define TURN_PAGES (4L << (20 - PAGE_SHIFT))

/* What a flusher is asked to do; on the stack of who waits for it. */
struct wb_work {
	struct list_head link;        /* in wb->work_list */
	struct super_block *sb;       /* only its inodes, or NULL */
	enum writeback_sync_modes sync_mode;
	long nr_pages;                /* left */
	bool for_kupdate, for_background, for_sync;
	struct completion *done;
};

/* ---- the lists; list_lock and i_lock held -------------------------------- */

static struct inode *oldest(struct list_head *list)
{
	return list_last_entry(list, struct inode, i_io_list);
}

/* To the front of b_dirty; the order of time is kept (I4). */
static void redirty_tail(struct inode *inode, struct bdi_writeback *wb)
{
	if (!list_empty(&wb->b_dirty)) {
		struct inode *youngest = list_first_entry(&wb->b_dirty,
						struct inode, i_io_list);

		if (time_before(inode->dirtied_when, youngest->dirtied_when))
			inode->dirtied_when = jiffies;
	}
	list_move(&inode->i_io_list, &wb->b_dirty);
}

static void requeue_io(struct inode *inode, struct bdi_writeback *wb)
{
	list_move(&inode->i_io_list, &wb->b_more_io);
}

/* Those dirtied until `before` get a turn, and those whose last was too
 * short. */
static void queue_io(struct bdi_writeback *wb, unsigned long before)
{
	list_splice_init(&wb->b_more_io, &wb->b_io);
	while (!list_empty(&wb->b_dirty)) {
		struct inode *inode = oldest(&wb->b_dirty);

		if (time_after(inode->dirtied_when, before))
			break;
		list_move(&inode->i_io_list, &wb->b_io);
	}
}

/* ---- one turn ------------------------------------------------------------ */

/* Its turn is over; both locks held.  Where does it go? */
static void requeue_inode(struct inode *inode, struct bdi_writeback *wb,
			  struct writeback_control *wbc)
{
	if (inode->i_state & I_FREEING)
		return;
	/* What was asked for has been written; what is dirty now is new. */
	if (inode->i_state & I_DIRTY &&
	    (wbc->sync_mode == WB_SYNC_ALL || wbc->tagged_writepages))
		inode->dirtied_when = jiffies;
	if (wbc->pages_skipped)
		redirty_tail(inode, wb);
	else if (has_dirty_pages(inode) && wbc->nr_to_write <= 0)
		requeue_io(inode, wb);
	else if (has_dirty_pages(inode) || inode->i_state & I_DIRTY)
		redirty_tail(inode, wb);
	else
		list_del_init(&inode->i_io_list);
}

/*
 * Make sure that the oldest inode of b_io is to be written, and take I_SYNC.
 * list_lock is held on entry, and on return only if false.
 */
static bool claim_inode(struct inode *inode, struct bdi_writeback *wb,
			const struct wb_work *work)
{
	if (work->sb && inode->i_sb != work->sb) {
		redirty_tail(inode, wb);
		return false;
	}
	spin_lock(&inode->i_lock);
	if (inode->i_state & (I_NEW | I_FREEING | I_WILL_FREE)) {
		redirty_tail(inode, wb);
		spin_unlock(&inode->i_lock);
		return false;
	}
	if (inode->i_state & I_SYNC) {
		if (work->sync_mode != WB_SYNC_ALL) {
			requeue_io(inode, wb);
			spin_unlock(&inode->i_lock);
			return false;
		}
		/* It may be freed as soon as the locks are dropped. */
		atomic_inc(&inode->i_count);
		spin_unlock(&inode->i_lock);
		spin_unlock(&wb->list_lock);
		inode_sleep_on_sync(inode);
		iput(inode);
		spin_lock(&wb->list_lock);
		return false;
	}
	inode->i_state |= I_SYNC;                              /* I2 */
	spin_unlock(&wb->list_lock);
	spin_unlock(&inode->i_lock);
	return true;
}

/* One turn: pages written.  list_lock is dropped, and held again on return. */
static long give_turn(struct inode *inode, struct bdi_writeback *wb,
		      struct wb_work *work)
{
	bool all = work->sync_mode == WB_SYNC_ALL;
	long turn = all || work->nr_pages > TURN_PAGES ?
		(all ? LONG_MAX : TURN_PAGES) : work->nr_pages;
	struct writeback_control wbc = {
		.sync_mode = work->sync_mode, .nr_to_write = turn,
		.tagged_writepages = all, .for_kupdate = work->for_kupdate,
		.for_background = work->for_background,
		.for_sync = work->for_sync, .range_cyclic = !all,
		.range_end = S64_MAX };
	long wrote;

	write_with_sync_held(inode, &wbc);
	wrote = turn - wbc.nr_to_write;
	work->nr_pages -= wrote;
	cond_resched();
	spin_lock(&wb->list_lock);
	spin_lock(&inode->i_lock);
	/* An inode that is clean now is progress, pages or not. */
	if (!(inode->i_state & I_DIRTY))
		wrote++;
	requeue_inode(inode, wb, &wbc);
	inode_sync_complete(inode);
	spin_unlock(&inode->i_lock);
	return wrote;
}

/* Through b_io; list_lock held.  Returns the progress made. */
static long write_io_list(struct bdi_writeback *wb, struct wb_work *work)
{
	unsigned long start = jiffies;
	long wrote = 0;

	while (!list_empty(&wb->b_io)) {
		struct inode *inode = oldest(&wb->b_io);

		if (!claim_inode(inode, wb, work))
			continue;
		wrote += give_turn(inode, wb, work);
		if (work->nr_pages <= 0)
			break;
		/* Look now and then whether it is still wanted. */
		if (wrote && time_after(jiffies, start + HZ / 10))
			break;
	}
	return wrote;
}

static bool still_wanted(struct bdi_writeback *wb, const struct wb_work *work)
{
	if (work->nr_pages <= 0)
		return false;
	if ((work->for_kupdate || work->for_background) &&
	    !list_empty(&wb->work_list))
		return false;
	return !work->for_background || wb_over_bg_thresh(wb);
}

static void measure_bandwidth(struct bdi_writeback *wb)
{
	unsigned long now = jiffies, written = wb_stat(wb, WB_WRITTEN);
	unsigned long passed = now - wb->bw_stamp, rate;

	if (passed < HZ / 5)
		return;
	if (passed < 2 * HZ && written - wb->bw_written > 64) {
		rate = (written - wb->bw_written) * HZ / passed;
		wb->write_bandwidth = (wb->write_bandwidth * 3 + rate) / 4;
	}
	wb->bw_stamp = now;
	wb->bw_written = written;
}

static void do_work(struct bdi_writeback *wb, struct wb_work *work)
{
	unsigned long before = jiffies;       /* later ones are not our affair */
	long progress;

	spin_lock(&wb->list_lock);
	while (still_wanted(wb, work)) {
		if (work->for_kupdate)
			before = jiffies - msecs_to_jiffies(
				READ_ONCE(dirty_expire_interval) * 10);
		else if (work->for_background)
			before = jiffies;
		if (list_empty(&wb->b_io))
			queue_io(wb, before);
		progress = write_io_list(wb, work);
		measure_bandwidth(wb);
		if (progress)
			continue;
		if (list_empty(&wb->b_more_io))
			break;
		/* All that is left is being written by somebody else. */
		spin_unlock(&wb->list_lock);
		schedule_timeout_uninterruptible(1);
		spin_lock(&wb->list_lock);
	}
	spin_unlock(&wb->list_lock);
}

static struct wb_work *next_work(struct bdi_writeback *wb)
{
	struct wb_work *work = NULL;

	spin_lock(&wb->work_lock);
	if (!list_empty(&wb->work_list)) {
		work = list_first_entry(&wb->work_list, struct wb_work, link);
		list_del_init(&work->link);
	}
	spin_unlock(&wb->work_lock);
	return work;
}

static void write_old(struct bdi_writeback *wb)
{
	unsigned int interval = READ_ONCE(dirty_writeback_interval);
	struct wb_work work = { .nr_pages = LONG_MAX, .for_kupdate = true };

	if (!interval || time_before(jiffies, wb->last_old_flush +
				     msecs_to_jiffies(interval * 10)))
		return;
	wb->last_old_flush = jiffies;
	do_work(wb, &work);
}

/* The flusher's round; see mm/virt/backing_dev.c.  Jiffies to the next. */
static unsigned long flush(struct bdi_writeback *wb)
{
	unsigned int interval = READ_ONCE(dirty_writeback_interval);
	struct wb_work *work;

	while ((work = next_work(wb))) {
		struct completion *done = work->done;

		do_work(wb, work);
		/* It lies on the waiter's stack. */
		if (done)
			complete(done);
	}
	if (test_and_clear_bit(WB_start_all, &wb->state)) {
		struct wb_work all = { .nr_pages = LONG_MAX };

		do_work(wb, &all);
	}
	write_old(wb);
	if (test_and_clear_bit(WB_start_background, &wb->state) &&
	    wb_over_bg_thresh(wb)) {
		struct wb_work bg = { .nr_pages = LONG_MAX,
				      .for_background = true };

		do_work(wb, &bg);
	}
	if (!wb_has_dirty_io(wb) || !interval)
		return MAX_SCHEDULE_TIMEOUT;
	return msecs_to_jiffies(interval * 10);
}

/* ---- asking it ----------------------------------------------------------- */

/* False: the device has no flusher. */
static bool queue_work_on_wb(struct bdi_writeback *wb, struct wb_work *work)
{
	bool queued;

	spin_lock(&wb->work_lock);
	queued = test_bit(WB_registered, &wb->state);
	if (queued)
		list_add_tail(&work->link, &wb->work_list);
	spin_unlock(&wb->work_lock);
	if (queued)
		wb_wakeup(wb);
	return queued;
}

static void write_sb(struct super_block *sb, enum writeback_sync_modes mode)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct wb_work work = { .sb = sb, .sync_mode = mode,
				.nr_pages = LONG_MAX, .done = &done,
				.for_sync = mode == WB_SYNC_ALL };

	if (!bdi_cap_writeback(sb->s_bdi))
		return;
	if (queue_work_on_wb(&sb->s_bdi->wb, &work))
		wait_for_completion(&done);
}

void writeback_inodes_sb(struct super_block *sb)
{
	write_sb(sb, WB_SYNC_NONE);
}
EXPORT_SYMBOL(writeback_inodes_sb);

/* Wait for the data of all inodes: also what others had started. */
static void wait_sb_inodes(struct super_block *sb)
{
	struct inode *inode, *prev = NULL;

	mutex_lock(&sb->s_sync_lock);
	spin_lock(&sb->s_inode_list_lock);
	list_for_each_entry(inode, &sb->s_inodes, i_sb_list) {
		struct address_space *mapping = inode->i_mapping;

		if (!xa_marked(&mapping->i_pages, PAGECACHE_TAG_WRITEBACK))
			continue;
		spin_lock(&inode->i_lock);
		if (inode->i_state & (I_FREEING | I_WILL_FREE | I_NEW)) {
			spin_unlock(&inode->i_lock);
			continue;
		}
		atomic_inc(&inode->i_count);
		spin_unlock(&inode->i_lock);
		spin_unlock(&sb->s_inode_list_lock);
		/* Our place in the list: put the one before only now. */
		iput(prev);
		prev = inode;
		filemap_fdatawait_keep_errors(mapping);
		cond_resched();
		spin_lock(&sb->s_inode_list_lock);
	}
	spin_unlock(&sb->s_inode_list_lock);
	mutex_unlock(&sb->s_sync_lock);
	iput(prev);
}

void sync_inodes_sb(struct super_block *sb)
{
	if (!bdi_cap_writeback(sb->s_bdi))
		return;
	write_sb(sb, WB_SYNC_ALL);
	wait_sb_inodes(sb);
}
EXPORT_SYMBOL(sync_inodes_sb);

static void kick_all(struct backing_dev_info *bdi, void *unused)
{
	(void)unused;
	if (!wb_has_dirty_io(&bdi->wb))
		return;
	set_bit(WB_start_all, &bdi->wb.state);
	wb_wakeup(&bdi->wb);
}

void wakeup_flusher_threads(void)
{
	bdi_for_each(kick_all, NULL);
}
EXPORT_SYMBOL(wakeup_flusher_threads);

static void kick(struct backing_dev_info *bdi, void *unused)
{
	(void)unused;
	wb_wakeup(&bdi->wb);
}

void wakeup_flushers_now(void)
{
	bdi_for_each(kick, NULL);
}

static const struct reclaim_fs_ops reclaim_ops = {
	.wake_flushers = wakeup_flusher_threads,
	.free_buffers = try_to_free_buffers,
};

static int writeback_init(void)
{
	bdi_set_flusher(flush);
	register_reclaim_fs(&reclaim_ops);
	return 0;
}
core_initcall(writeback_init);
