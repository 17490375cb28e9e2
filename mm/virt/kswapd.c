/* SPDX-License-Identifier: MIT */
/*
 * kswapd.c -- who reclaims, and when
 *
 * PROMISE.  While memory can be reclaimed, most allocations find a free page at
 * once; no allocation fails for want of one that could have been freed.
 *
 * IDEA.  Three watermarks in each zone (mm/phys/zone.c):
 *
 *	free pages
 *	  high  ...........................  kswapd goes to sleep
 *	  low   ...........................  an allocation wakes kswapd
 *	  min   ...........................  allocations reclaim themselves
 *	        emergency: who reclaims (PF_MEMALLOC) may take these
 *
 * kswapd works in the background between low and high.  If it cannot keep up,
 * each allocator frees some pages before it takes one (direct reclaim): so the
 * one who eats memory pays.  When a direct reclaim frees nothing at all, again
 * and again, the OOM killer is next (mm/phys/page_alloc.c).
 *
 * INVARIANTS
 *   I1  Reclaim does not reclaim: PF_MEMALLOC is set in it, and an allocation
 *       under that flag takes from the reserve or fails.
 *
 * LOCKING.  kswapd_wait's lock guards what is wanted of kswapd.
 * wakeup_kswapd() from any context; the rest may sleep.
 *
 * SEE docs/57-reclaim.md.
 */

#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/kthread.h>
#include <kernel/sched.h>
#include <kernel/wait.h>
#include <mm/slab.h>
#include <mm/vmstat.h>

#include "reclaim.h"

/* So many fruitless rounds, and kswapd waits until somebody else succeeds. */
#define MAX_FAILURES 16

static DECLARE_WAIT_QUEUE_HEAD(kswapd_wait);
static bool kswapd_wanted;            /* kswapd_wait.lock */
static unsigned int kswapd_order;     /* kswapd_wait.lock: largest asked for */
static int kswapd_zone;               /* kswapd_wait.lock: highest zone asked */
static struct task_struct *kswapd_task;

static int gfp_zone_idx(gfp_t gfp)
{
	if (gfp & __GFP_DMA)
		return ZONE_DMA;
	return gfp & __GFP_DMA32 ? ZONE_DMA32 : ZONE_NORMAL;
}

/* Does some zone that can serve the request have enough? */
static bool balanced(struct pglist_data *node, unsigned int order, int top)
{
	int i;

	for (i = 0; i <= top; i++) {
		struct zone *z = &node->node_zones[i];

		if (populated_zone(z) && zone_managed_pages(z) &&
		    zone_watermark_ok(z, order, high_wmark_pages(z), top, 0))
			return true;
	}
	return false;
}

/* ---- in the background --------------------------------------------------- */

static unsigned long background_goal(struct pglist_data *node, int top)
{
	unsigned long n = 0;
	int i;

	for (i = 0; i <= top; i++)
		if (populated_zone(&node->node_zones[i]))
			n += max(high_wmark_pages(&node->node_zones[i]),
				 SWAP_CLUSTER_MAX);
	return n;
}

/* Reclaim until the high watermark is reached, or nothing helps. */
static void balance_pgdat(struct pglist_data *node, unsigned int order, int top)
{
	struct scan_control sc = { .gfp = GFP_KERNEL, .order = order,
				   .priority = DEF_PRIORITY,
				   .reclaim_idx = top, .may_swap = true,
				   .kswapd = true };
	unsigned long before;

	count_vm_event(PAGEOUTRUN);
	while (sc.priority >= 1 && !balanced(node, sc.order, top)) {
		before = sc.nr_reclaimed;
		sc.nr_scanned = 0;
		sc.nr_to_reclaim = before + background_goal(node, top);
		shrink_node(node, &sc);
		/* Enough single frames will not make a block: leave it. */
		if (sc.order && sc.nr_reclaimed - before >= 2UL << sc.order)
			sc.order = 0;
		if (sc.nr_reclaimed < sc.nr_to_reclaim)
			sc.priority--;
		if (kthread_should_stop())
			break;
	}
	if (sc.nr_reclaimed || balanced(node, 0, top))
		node->kswapd_failures = 0;
	else
		node->kswapd_failures++;
}

/* Take the order; false: to stop. */
static bool wait_for_work(unsigned int *order, int *top)
{
	wait_event_interruptible(kswapd_wait, READ_ONCE(kswapd_wanted) ||
				 kthread_should_stop());
	spin_lock_irq(&kswapd_wait.lock);
	*order = kswapd_order;
	*top = kswapd_zone;
	kswapd_order = 0;
	kswapd_zone = 0;
	kswapd_wanted = false;
	spin_unlock_irq(&kswapd_wait.lock);
	return !kthread_should_stop();
}

static int kswapd(void *data)
{
	struct pglist_data *node = data;
	unsigned int order;
	int top;

	current->flags |= PF_MEMALLOC;                             /* I1 */
	while (wait_for_work(&order, &top))
		balance_pgdat(node, order, top);
	return 0;
}

void wakeup_kswapd(gfp_t gfp, unsigned int order)
{
	struct pglist_data *node = NODE_DATA(0);
	unsigned long flags;

	if (!READ_ONCE(kswapd_task) || READ_ONCE(kswapd_wanted) ||
	    node->kswapd_failures >= MAX_FAILURES)
		return;
	/* GFP_ATOMIC and large blocks: nobody compacts memory for them. */
	if (order > 3)
		order = 0;
	spin_lock_irqsave(&kswapd_wait.lock, flags);
	kswapd_order = max(kswapd_order, order);
	kswapd_zone = max(kswapd_zone, gfp_zone_idx(gfp));
	kswapd_wanted = true;
	spin_unlock_irqrestore(&kswapd_wait.lock, flags);
	wake_up(&kswapd_wait);
}
EXPORT_SYMBOL(wakeup_kswapd);

/* ---- by who needs it ----------------------------------------------------- */

static unsigned long direct_reclaim(gfp_t gfp, unsigned int order)
{
	struct scan_control sc = { .gfp = gfp, .order = order,
				   .priority = DEF_PRIORITY,
				   .reclaim_idx = gfp_zone_idx(gfp),
				   .nr_to_reclaim = SWAP_CLUSTER_MAX,
				   .may_swap = true };

	count_vm_event(ALLOCSTALL);
	while (sc.priority >= 0 && sc.nr_reclaimed < sc.nr_to_reclaim) {
		if (fatal_signal_pending(current) && sc.nr_reclaimed)
			break;
		shrink_node(NODE_DATA(0), &sc);
		sc.priority--;
	}
	return sc.nr_reclaimed;
}

unsigned long try_to_free_pages(gfp_t gfp, unsigned int order)
{
	unsigned int nested = current->flags & PF_MEMALLOC;
	unsigned long freed;

	might_sleep();
	current->flags |= PF_MEMALLOC;                             /* I1 */
	freed = direct_reclaim(gfp, order);
	current->flags = (current->flags & ~PF_MEMALLOC) | nested;
	if (freed)
		NODE_DATA(0)->kswapd_failures = 0;
	return freed;
}
EXPORT_SYMBOL(try_to_free_pages);

/* Pages that reclaim could take if all went well. */
static unsigned long reclaimable_pages(void)
{
	unsigned long n = global_node_page_state(NR_INACTIVE_FILE) +
			  global_node_page_state(NR_ACTIVE_FILE);

	if (get_nr_swap_pages() > 0)
		n += global_node_page_state(NR_INACTIVE_ANON) +
		     global_node_page_state(NR_ACTIVE_ANON);
	return n;
}

static const struct page_reclaim_ops ops = {
	.try_to_free_pages = try_to_free_pages,
	.wake_kswapd = wakeup_kswapd,
	.reclaimable = reclaimable_pages,
};

static int __init kswapd_init(void)
{
	struct task_struct *t;

	register_page_reclaim(&ops);
	t = kthread_run(kswapd, NODE_DATA(0), "kswapd%d", 0);
	if (IS_ERR(t))
		return PTR_ERR(t);
	WRITE_ONCE(kswapd_task, t);
	return 0;
}
subsys_initcall(kswapd_init);
