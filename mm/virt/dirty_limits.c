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
 * INVARIANT.  NR_FILE_DIRTY + NR_WRITEBACK exceed the limit by no more than 32
 * pages for each CPU, and what the flusher itself and the kernel dirty: those
 * are never made to wait.
 *
 * WHY IT ENDS.  Who waits holds no page lock and no lock of an inode's list.  The
 * flusher waits only for the device; a device that fails or is gone ends each
 * write with an error, and the page is clean then.  Each sleep has a time limit,
 * and a fatal signal ends it.
 *
 * LOCKING.  None: sums of per-CPU counters.  May sleep.
 */

#include <mm/filemap.h>

#include <kernel/export.h>
#include <kernel/jiffies.h>
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

	(void)wb;
	global_dirty_limits(&background, &dirty);
	return global_node_page_state(NR_FILE_DIRTY) > background;
}

/* Jiffies to sleep for having dirtied a batch; in (freerun, limit]. */
static long pause_of(const struct bdi_writeback *wb, unsigned long dirty,
		     unsigned long freerun, unsigned long limit)
{
	unsigned long rate = READ_ONCE(wb->write_bandwidth) + 1;
	unsigned long whole = RATELIMIT_PAGES * HZ / rate;

	whole = whole * (dirty - freerun) / (limit - freerun + 1);
	return whole > MAX_PAUSE ? MAX_PAUSE : whole;
}

static void sleep_for_progress(struct bdi_writeback *wb, unsigned long limit)
{
	wait_event_killable_timeout(wb->progress,
		global_node_page_state(NR_FILE_DIRTY) +
		global_node_page_state(NR_WRITEBACK) <= limit, MAX_PAUSE);
}

static void balance_dirty_pages(struct bdi_writeback *wb)
{
	unsigned long background, limit, freerun, dirty;

	for (;;) {
		long pause;

		global_dirty_limits(&background, &limit);
		freerun = (background + limit) / 2;
		dirty = global_node_page_state(NR_FILE_DIRTY);
		if (dirty > background)
			wb_start_background_writeback(wb);
		dirty += global_node_page_state(NR_WRITEBACK);
		if (dirty <= freerun)
			return;
		if (dirty > limit) {
			sleep_for_progress(wb, limit);
			if (fatal_signal_pending(current))
				return;
			continue;
		}
		pause = pause_of(wb, dirty, freerun, limit);
		if (pause)
			schedule_timeout_killable(pause);
		return;
	}
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
