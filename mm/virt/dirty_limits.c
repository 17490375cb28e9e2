/* SPDX-License-Identifier: MIT */
/*
 * dirty_limits.c -- how much may be dirty, and who waits when it is more
 *
 * PROBLEM.  Memory takes writes a hundred times as fast as a disk.  Unbounded,
 * one cp fills all memory with dirty pages, and then every allocation of every
 * program waits for the disk.
 *
 * IDEA.  Two limits, in parts of the memory that could be dirty at all:
 *
 *	0        background (10%)       freerun      limit (20%)
 *	|------------|---------------------|------------|
 *	 nobody       the flusher writes    writers are  writers sleep until
 *	 writes       until it is below     slowed down  some is on the disk
 *
 * A writer pays where it makes pages dirty (balance_dirty_pages_ratelimited, in
 * write() and in page faults), each time that its CPU has dirtied 32 pages.
 * Between freerun and limit it sleeps for a part of the time in which the
 * device writes 32 pages, the larger the nearer the limit is: so that the
 * writers' rate falls to the disk's before the wall is hit.
 *
 * Each device has a part of the limit (wb_share.c).  Writers to one that has
 * not used up its part neither slow down nor stop, so that a slow device's dirt
 * does not stall a fast one.  Parts overlap a little: an eighth more than the
 * limit stops everybody.
 *
 * INVARIANT.  NR_FILE_DIRTY + NR_WRITEBACK exceed the limit by no more than an
 * eighth, 32 pages for each CPU, and what the flusher itself and the kernel
 * dirty: those are never made to wait.
 *
 * WHY IT ENDS.  Who waits holds no page lock and no lock of an inode's list.
 * The flusher waits only for the device; a device that fails or is gone ends
 * each write with an error, and the page is clean then.  Each sleep has a time
 * limit, and a fatal signal ends it.
 *
 * LOCKING.  None: sums of per-CPU counters.  May sleep.
 */

#include <mm/filemap.h>

#include <kernel/export.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <mm/mmzone.h>
#include <mm/vmstat.h>
#include <mm/writeback.h>

#include "internal.h"

#define RATELIMIT_PAGES 32
#define MAX_PAUSE (HZ / 5)

int dirty_background_ratio = 10, vm_dirty_ratio = 20;
unsigned long dirty_background_bytes, vm_dirty_bytes;
unsigned int dirty_writeback_interval = 500;  /* centiseconds */
unsigned int dirty_expire_interval = 3000;

static DEFINE_PER_CPU(int, dirtied);

/* Pages that are free or hold files: what could be dirty. */
static unsigned long dirtyable_memory(void)
{
	unsigned long n = nr_free_pages() + nr_file_pages();
	unsigned long shmem = nr_shmem_pages();

	return n > shmem ? n - shmem + 1 : 1;
}

static unsigned long pages_of(unsigned long bytes, int ratio,
			      unsigned long available)
{
	if (bytes)
		return (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
	return available * (unsigned int)ratio / 100;
}

void global_dirty_limits(unsigned long *background, unsigned long *dirty)
{
	unsigned long available = dirtyable_memory();
	unsigned long thresh = pages_of(READ_ONCE(vm_dirty_bytes),
					READ_ONCE(vm_dirty_ratio), available);
	unsigned long bg = pages_of(READ_ONCE(dirty_background_bytes),
				    READ_ONCE(dirty_background_ratio),
				    available);

	/* A batch or two always: or nobody could write at all. */
	if (thresh < 2 * RATELIMIT_PAGES)
		thresh = 2 * RATELIMIT_PAGES;
	if (bg >= thresh)
		bg = thresh / 2;
	*background = bg;
	*dirty = thresh;
}

bool wb_over_bg_thresh(struct bdi_writeback *wb)
{
	unsigned long background, dirty;

	global_dirty_limits(&background, &dirty);
	return global_node_page_state(NR_FILE_DIRTY) > background ||
	       wb_stat(wb, WB_RECLAIMABLE) > wb_calc_thresh(wb, background);
}

/* How things stand for a writer to one device; pages. */
struct balance {
	unsigned long freerun, limit; /* the machine's */
	unsigned long dirty;          /* and what is dirty or on its way */
	unsigned long share;          /* the device's part of the limit */
	unsigned long mine;           /* and what it has of that */
};

static void look(struct bdi_writeback *wb, struct balance *b)
{
	unsigned long background;

	global_dirty_limits(&background, &b->limit);
	b->freerun = (background + b->limit) / 2;
	b->dirty = global_node_page_state(NR_FILE_DIRTY) +
		   global_node_page_state(NR_WRITEBACK);
	b->share = wb_calc_thresh(wb, b->limit);
	b->mine = wb_stat(wb, WB_RECLAIMABLE) + wb_stat(wb, WB_WRITEBACK);
}

/* Stand still: all is full, and with what is ours; or far too full. */
static bool must_wait(struct bdi_writeback *wb, struct balance *b)
{
	look(wb, b);
	if (b->mine > b->share && wb->bdi->max_ratio < 100)
		return true;
	if (b->dirty <= b->limit)
		return false;
	return b->mine > b->share || b->dirty > b->limit + b->limit / 8;
}

/* Jiffies to sleep for having dirtied a batch; dirty in (freerun, limit]. */
static long pause_of(const struct bdi_writeback *wb, const struct balance *b)
{
	unsigned long rate = READ_ONCE(wb->write_bandwidth) + 1;
	unsigned long whole = RATELIMIT_PAGES * HZ / rate;
	unsigned long over = min(b->dirty, b->limit) - b->freerun;

	whole = whole * over / (b->limit - b->freerun + 1);
	return whole > MAX_PAUSE ? MAX_PAUSE : whole;
}

static void balance_dirty_pages(struct bdi_writeback *wb)
{
	struct balance b;
	long pause;

	if (wb_over_bg_thresh(wb))
		wb_start_background_writeback(wb);
	while (must_wait(wb, &b)) {
		wait_event_killable_timeout(wb->progress, !must_wait(wb, &b),
					    MAX_PAUSE);
		if (fatal_signal_pending(current))
			return;
		if (wb_over_bg_thresh(wb))
			wb_start_background_writeback(wb);
	}
	/* Who has little of what is dirty does not pay for the others. */
	if (b.dirty <= b.freerun || b.mine <= b.share / 2)
		return;
	pause = pause_of(wb, &b);
	if (pause)
		schedule_timeout_killable(pause);
}

/*
 * The caller has made a page of the mapping dirty.  It holds no page lock, and
 * nothing that the flusher needs.
 */
void balance_dirty_pages_ratelimited(struct address_space *mapping)
{
	struct backing_dev_info *bdi;

	if (likely(this_cpu_add_return(dirtied, 1) < RATELIMIT_PAGES))
		return;
	this_cpu_write(dirtied, 0);
	if (!mapping->host)
		return;
	bdi = inode_to_bdi(mapping->host);
	if (bdi_cap_writeback(bdi))
		balance_dirty_pages(&bdi->wb);
}
EXPORT_SYMBOL(balance_dirty_pages_ratelimited);
