/* SPDX-License-Identifier: MIT */
/*
 * wb_share.c -- how much of the dirty limit is whose
 *
 * PROBLEM.  With one limit for the machine, a slow stick that somebody copies a
 * film to fills it, and then whoever writes to the fast disk waits for the
 * stick.
 *
 * IDEA.  A device may hold as large a part of the limit dirty as it does of the
 * writing: then each needs the same time to write all it has.  So completed
 * writes are counted for each device and for all, and the quotient is the part.
 * Old news must fade: every three seconds both counts are halved, by whoever
 * comes first; a device that nobody looks at for a minute has missed twenty
 * halvings, and they are made up at once.
 *
 *	completions   stick  #            1/8 at least, or it could never begin
 *	              disk   #########    the rest
 *
 * min_ratio and max_ratio of a device (per cent of the limit) bound its part:
 * what one is promised is not there to be shared by the others.
 *
 * LOCKING.  Counts are atomic; ageing is done by the one whose cmpxchg moves
 * the period on.  Ratios: ratio_lock.
 *
 * SEE dirty_limits.c, docs/77-writeback.md.
 *
 * EXERCISE.  What would parts by measured bandwidth do to a device that is fast
 * but has had nothing to do?
 */

#include <mm/backing-dev.h>

#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/mutex.h>

#define PERIOD (3 * HZ)
#define LEAST_PART 8            /* an eighth */

static atomic_long_t all_completions;
static unsigned long all_period;
static DEFINE_MUTEX(ratio_lock);
static unsigned int promised;   /* sum of min_ratio: ratio_lock */

/* Halve the count once for each period since it was last done. */
static void age(atomic_long_t *count, unsigned long *period)
{
	unsigned long now = jiffies / PERIOD, then = READ_ONCE(*period);
	long n;

	if (now == then || cmpxchg(period, then, now) != then)
		return;
	n = atomic_long_read(count);
	if (now - then < BITS_PER_LONG - 1)
		n -= n >> (now - then);
	atomic_long_sub(n, count);
}

void wb_note_completion(struct bdi_writeback *wb)
{
	age(&wb->completions, &wb->period);
	age(&all_completions, &all_period);
	atomic_long_inc(&wb->completions);
	atomic_long_inc(&all_completions);
}

unsigned long wb_calc_thresh(struct bdi_writeback *wb, unsigned long pages)
{
	struct backing_dev_info *bdi = wb->bdi;
	unsigned long n = pages;
	long own, all;

	age(&wb->completions, &wb->period);
	age(&all_completions, &all_period);
	own = atomic_long_read(&wb->completions);
	all = atomic_long_read(&all_completions);
	if (all > 0 && own >= 0 && own < all)
		n = pages * (100 - READ_ONCE(promised)) / 100 * own / all;
	n += pages * READ_ONCE(bdi->min_ratio) / 100;
	n = max(n, pages / LEAST_PART);
	return min(n, pages * READ_ONCE(bdi->max_ratio) / 100);
}

int bdi_set_min_ratio(struct backing_dev_info *bdi, unsigned int ratio)
{
	int err = 0;

	mutex_lock(&ratio_lock);
	if (ratio > bdi->max_ratio ||
	    promised - bdi->min_ratio + ratio > 100) {
		err = -EINVAL;
	} else {
		promised += ratio - bdi->min_ratio;
		bdi->min_ratio = ratio;
	}
	mutex_unlock(&ratio_lock);
	return err;
}
EXPORT_SYMBOL(bdi_set_min_ratio);

int bdi_set_max_ratio(struct backing_dev_info *bdi, unsigned int ratio)
{
	int err = 0;

	mutex_lock(&ratio_lock);
	if (ratio > 100 || ratio < bdi->min_ratio)
		err = -EINVAL;
	else
		bdi->max_ratio = ratio;
	mutex_unlock(&ratio_lock);
	return err;
}
EXPORT_SYMBOL(bdi_set_max_ratio);
