/* SPDX-License-Identifier: MIT */
/*
 * tsc_sync.c -- do two CPUs' time-stamp counters agree?
 *
 * IDEA.  If they do, then whoever reads later reads more.  Two CPUs take turns
 * under a lock: read the TSC, compare it with what the last holder read.  A
 * value that is smaller is a warp: time would run backwards for a task that
 * moves between them, and the TSC cannot be the clock.  Half a
 * millisecond holds some thousand turns.
 *
 * The two meet at a barrier before and after, for the one that came first must
 * not measure alone.
 *
 * LOCKING.  warp_lock, a bare test-and-set: nothing else runs here.
 */

#include "time.h"

#include "../smp/smp.h"

#include <arch/atomic.h>
#include <arch/msr.h>
#include <arch/processor.h>
#include <arch/time.h>
#include <kernel/printk.h>

static int warp_lock;
static atomic_t at_start, at_end;
static u64 last_tsc, worst_warp;                /* [warp_lock] */
static unsigned long turns;                     /* [warp_lock] */

static void look_for_warps(void)
{
	u64 start = rdtsc_ordered(), length = tsc_khz / 2, now;

	do {
		while (xchg(&warp_lock, 1))
			cpu_relax();
		now = rdtsc_ordered();
		if (now < last_tsc && last_tsc - now > worst_warp)
			worst_warp = last_tsc - now;
		last_tsc = now;
		turns++;
		smp_store_release(&warp_lock, 0);
	} while (now - start < length);
}

/*
 * Wait until both CPUs have come to this point.  The count is never set back:
 * the slower one may not have seen yet that it was reached.
 */
static void meet(atomic_t *at)
{
	int both = (atomic_inc_return(at) + 1) & ~1;

	while (atomic_read(at) - both < 0)
		cpu_relax();
}

void tsc_sync_target(void)
{
	meet(&at_start);
	look_for_warps();
	meet(&at_end);
}

void tsc_sync_source(int cpu)
{
	last_tsc = worst_warp = turns = 0;
	meet(&at_start);
	look_for_warps();
	meet(&at_end);
	if (worst_warp) {
		pr_warn("tsc: CPU %d is %llu ticks behind\n", cpu,
			(unsigned long long)worst_warp);
		tsc_mark_unstable("not in step on all CPUs");
	}
}
