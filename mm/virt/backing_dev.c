/* SPDX-License-Identifier: MIT */
/*
 * backing_dev.c -- the device behind a volume, and its flusher thread
 *
 * IDEA.  Two partitions of one disk share one head, one queue and so one
 * backing_dev_info with one flusher: two threads would only make the disk go
 * back and forth.  Volumes without a disk share noop_backing_dev_info, whose
 * pages are never written back and not counted as dirty.
 *
 * The flusher is a kernel thread that sleeps until somebody kicks it or its
 * time has come, and then does what fs/ has registered: mm/ knows pages, but
 * not what an inode's dirtiness means.
 *
 *	writers, sync, memory shortage --wb_wakeup--> flush-254:0 -> flush(wb)
 *	                                                 ^ every 5 s while dirty
 *
 * LOCKING.  bdi_lock: the list.  A wake-up is a bit in wb->state and a wake_up:
 * the bit is cleared before the flusher looks, so none is lost.
 *
 * RACES.  bdi_unregister() clears WB_registered under work_lock: who queues
 * work looks at the bit under the same lock, so nobody waits for a thread that
 * has ended.
 */

#include <mm/backing-dev.h>

#include <fs/fs.h>
#include <kernel/export.h>
#include <kernel/jiffies.h>
#include <kernel/kthread.h>
#include <kernel/mutex.h>
#include <kernel/sched.h>
#include <kernel/sprintf.h>
#include <mm/slab.h>

static LIST_HEAD(bdi_list);
static DEFINE_MUTEX(bdi_lock);
static wb_flush_t flush;

struct backing_dev_info noop_backing_dev_info = {
	.bdi_list = LIST_HEAD_INIT(noop_backing_dev_info.bdi_list),
	.refcnt = REFCOUNT_INIT(1),
	.max_ratio = 100,
	.name = "none",
	.wb = {
		.bdi = &noop_backing_dev_info,
		.list_lock = __SPIN_LOCK_UNLOCKED(noop_backing_dev_info.wb.list_lock),
		.b_dirty = LIST_HEAD_INIT(noop_backing_dev_info.wb.b_dirty),
		.b_io = LIST_HEAD_INIT(noop_backing_dev_info.wb.b_io),
		.b_more_io = LIST_HEAD_INIT(noop_backing_dev_info.wb.b_more_io),
		.work_lock = __SPIN_LOCK_UNLOCKED(noop_backing_dev_info.wb.work_lock),
		.work_list = LIST_HEAD_INIT(noop_backing_dev_info.wb.work_list),
		.wait = __WAIT_QUEUE_HEAD_INITIALIZER(noop_backing_dev_info.wb.wait),
		.progress = __WAIT_QUEUE_HEAD_INITIALIZER(noop_backing_dev_info.wb.progress),
	},
};
EXPORT_SYMBOL(noop_backing_dev_info);

struct backing_dev_info *inode_to_bdi(struct inode *inode)
{
	struct backing_dev_info *bdi = inode->i_data.backing_dev_info;

	return bdi ? bdi : inode->i_sb->s_bdi;
}
EXPORT_SYMBOL(inode_to_bdi);

/* ---- counters ------------------------------------------------------------ */

void wb_stat_mod(struct bdi_writeback *wb, enum wb_stat_item item, long n)
{
	atomic_long_add(n, &wb->stat[item]);
}

unsigned long wb_stat(struct bdi_writeback *wb, enum wb_stat_item item)
{
	long n = atomic_long_read(&wb->stat[item]);

	return n < 0 ? 0 : n;
}

/* ---- the flusher --------------------------------------------------------- */

void bdi_set_flusher(wb_flush_t fn)
{
	flush = fn;
}

static int flusher_main(void *data)
{
	struct bdi_writeback *wb = data;
	unsigned long delay = MAX_SCHEDULE_TIMEOUT;

	for (;;) {
		wait_event_interruptible_timeout(wb->wait,
			test_bit(WB_kick, &wb->state) || kthread_should_stop(),
			delay);
		clear_bit(WB_kick, &wb->state);
		smp_mb__after_atomic();
		if (kthread_should_stop())
			break;
		delay = flush ? flush(wb) : MAX_SCHEDULE_TIMEOUT;
	}
	return 0;
}

void wb_wakeup(struct bdi_writeback *wb)
{
	if (test_bit(WB_kick, &wb->state))
		return;
	set_bit(WB_kick, &wb->state);
	smp_mb__after_atomic();
	wake_up(&wb->wait);
}
EXPORT_SYMBOL(wb_wakeup);

void wb_start_background_writeback(struct bdi_writeback *wb)
{
	if (!test_bit(WB_start_background, &wb->state))
		set_bit(WB_start_background, &wb->state);
	wb_wakeup(wb);
}

/* ---- life ---------------------------------------------------------------- */

struct backing_dev_info *bdi_alloc(int node)
{
	struct backing_dev_info *bdi = kzalloc(sizeof(*bdi), GFP_KERNEL);
	struct bdi_writeback *wb;

	(void)node;
	if (!bdi)
		return NULL;
	INIT_LIST_HEAD(&bdi->bdi_list);
	refcount_set(&bdi->refcnt, 1);
	bdi->ra_pages = VM_READAHEAD_PAGES;
	bdi->io_pages = VM_READAHEAD_PAGES;
	bdi->capabilities = BDI_CAP_WRITEBACK;
	bdi->max_ratio = 100;
	wb = &bdi->wb;
	wb->bdi = bdi;
	spin_lock_init(&wb->list_lock);
	spin_lock_init(&wb->work_lock);
	INIT_LIST_HEAD(&wb->b_dirty);
	INIT_LIST_HEAD(&wb->b_io);
	INIT_LIST_HEAD(&wb->b_more_io);
	INIT_LIST_HEAD(&wb->work_list);
	init_waitqueue_head(&wb->wait);
	init_waitqueue_head(&wb->progress);
	wb->last_old_flush = jiffies;
	/* 100 MiB a second, until it is measured. */
	wb->write_bandwidth = (100UL << 20) >> PAGE_SHIFT;
	return bdi;
}
EXPORT_SYMBOL(bdi_alloc);

int bdi_register(struct backing_dev_info *bdi, const char *fmt, ...)
{
	struct bdi_writeback *wb = &bdi->wb;
	struct task_struct *thread;
	va_list args;

	va_start(args, fmt);
	vsnprintf(bdi->name, sizeof(bdi->name), fmt, args);
	va_end(args);
	thread = kthread_create(flusher_main, wb, "flush-%s", bdi->name);
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	wb->flusher = thread;
	set_bit(WB_registered, &wb->state);
	mutex_lock(&bdi_lock);
	list_add_tail(&bdi->bdi_list, &bdi_list);
	mutex_unlock(&bdi_lock);
	wake_up_process(thread);
	return 0;
}
EXPORT_SYMBOL(bdi_register);

void bdi_unregister(struct backing_dev_info *bdi)
{
	struct bdi_writeback *wb = &bdi->wb;

	bdi_set_min_ratio(bdi, 0);
	mutex_lock(&bdi_lock);
	list_del_init(&bdi->bdi_list);
	mutex_unlock(&bdi_lock);
	spin_lock(&wb->work_lock);
	if (!test_and_clear_bit(WB_registered, &wb->state)) {
		spin_unlock(&wb->work_lock);
		return;
	}
	spin_unlock(&wb->work_lock);
	/* What was asked before is still done; nothing new can come. */
	if (flush)
		flush(wb);
	kthread_stop(wb->flusher);
	wake_up_all(&wb->progress);
}
EXPORT_SYMBOL(bdi_unregister);

void bdi_put(struct backing_dev_info *bdi)
{
	if (!refcount_dec_and_test(&bdi->refcnt))
		return;
	WARN_ON(test_bit(WB_registered, &bdi->wb.state));
	kfree(bdi);
}
EXPORT_SYMBOL(bdi_put);

void bdi_for_each(void (*fn)(struct backing_dev_info *bdi, void *arg),
		  void *arg)
{
	struct backing_dev_info *bdi;

	/* fn only kicks: it does not wait for a disk. */
	mutex_lock(&bdi_lock);
	list_for_each_entry(bdi, &bdi_list, bdi_list)
		fn(bdi, arg);
	mutex_unlock(&bdi_lock);
}
