/* SPDX-License-Identifier: MIT */
#ifndef MM_VIRT_RECLAIM_H
#define MM_VIRT_RECLAIM_H
/* reclaim.h -- what kswapd.c, vmscan.c and pageout.c share */

#include <mm/swap.h>

#include "internal.h"

/* A scan looks at 1/2^priority of a list: gently first. */
#define DEF_PRIORITY 12

/* One round of reclaim: who wants what, what may be done for it, and what came
 * of it.  On the reclaimer's stack. */
struct scan_control {
	gfp_t gfp;                    /* what the allocation allows */
	unsigned int order;
	int priority;                 /* DEF_PRIORITY .. 0 */
	int reclaim_idx;              /* no frame of a higher zone helps */
	unsigned long nr_to_reclaim;
	bool may_swap;
	bool kswapd;                  /* not somebody who waits */

	unsigned long nr_scanned, nr_reclaimed;
	/* Of the batch in hand: */
	unsigned long nr_taken;
	unsigned long nr_dirty;       /* dirty, not on their way to the disk */
	unsigned long nr_writeback;   /* on their way */
	unsigned long nr_rotated;     /* went back to be active */
	unsigned long nr_pageout;     /* written by us */
};

/* pageout.c: free what can be freed of list; the rest stays on it, with
 * PG_active set if it belongs there.  Pages freed. */
unsigned long shrink_page_list(struct list_head *list, struct scan_control *sc);

/* page_wait.c: so many jiffies, or until a page of reclaim's is written. */
void reclaim_wait_for_writeback(long timeout);

/* vmscan.c */
/* Reclaim these isolated pages if it can be done; the rest is put back. */
unsigned long reclaim_pages(struct list_head *list);
void shrink_node(struct pglist_data *node, struct scan_control *sc);

#endif
