/* SPDX-License-Identifier: MIT */
/*
 * swap_readahead.c -- what lies beside a page in swap comes with it
 *
 * IDEA.  Slots are given out in order, so pages that went out together lie
 * together, and are wanted together again: a program that wakes up touches its
 * memory in runs.  A disk reads eight pages in hardly more time than one.  So a
 * fault that has to read begins to read the slots around its own too:
 *
 *	slots    | 8  9 10 11 12 13 14 15 |      an aligned window of 2^n
 *	                  ^ the fault waits for this one only
 *
 * Whether that helps, only the past can tell.  The window grows when pages that
 * were read ahead are found (hits) or faults go on where the last one was, and
 * shrinks by halves to one page when they are not.  vm.page-cluster is the
 * largest, as a power of two; 0: no read-ahead.
 *
 * Reading ahead must not drive out what is in use: it takes free memory only,
 * and stops where there is none.
 *
 * LOCKING.  None of its own.  The window's fields are guesses that races may
 * spoil; whether a slot may be read, swapcache_prepare() decides.
 *
 * RACES.  Once our own page is being read, swapoff may bring all others back
 * and take the area away: nothing here holds it.  So its map is looked at under
 * its lock only (swap_to_be_read), and who reads a slot first makes it one that
 * is held (swap_area.c, I2).  An area that was added meanwhile under the same
 * number has its own slots read ahead: for nothing, but rightly.
 *
 * SEE docs/58-swap.md.
 *
 * EXERCISE.  With swap on flash there is no head that moves.  Why does the
 * window still pay, and for what access pattern does it cost?
 */

#include <mm/swapops.h>

#include <drivers/blkdev.h>
#include <kernel/kernel.h>
#include <mm/vmstat.h>

#include "internal.h"

#define MAX_CLUSTER 5           /* 32 pages */
#define READ_AHEAD_GFP ((GFP_HIGHUSER_MOVABLE & ~__GFP_RECLAIM) | \
			__GFP_NORETRY | __GFP_NOWARN)

int page_cluster = 3;

/* A fault found its page in the cache: somebody has read it ahead. */
void swap_readahead_hit(swp_entry_t entry)
{
	struct swap_info_struct *si = swap_info(entry);

	WRITE_ONCE(si->ra_hits, READ_ONCE(si->ra_hits) + 1);
	count_vm_event(SWAP_RA_HIT);
}

static unsigned long power_of_two(unsigned long n)
{
	unsigned long p = 1;

	while (p < n)
		p *= 2;
	return p;
}

/* How many slots to read for a fault at `slot`, itself among them. */
static unsigned long window_size(struct swap_info_struct *si,
				 unsigned long slot)
{
	unsigned long most = 1UL << clamp(READ_ONCE(page_cluster), 0,
					  MAX_CLUSTER);
	unsigned long hits = READ_ONCE(si->ra_hits), size = 1;
	unsigned long before = READ_ONCE(si->ra_slot);

	if (hits)
		size = power_of_two(hits + 2);
	else if (slot == before + 1 || slot + 1 == before)
		size = 2;
	size = max(size, READ_ONCE(si->ra_size) / 2);
	size = min(size, most);
	WRITE_ONCE(si->ra_hits, 0);
	WRITE_ONCE(si->ra_slot, slot);
	WRITE_ONCE(si->ra_size, size);
	return size;
}

struct page *swapin_readahead(swp_entry_t entry, gfp_t gfp)
{
	struct swap_info_struct *si = swap_info(entry);
	unsigned long slot = swp_offset(entry);
	unsigned long size = window_size(si, slot), at, end;
	struct blk_plug plug;
	struct page *page;

	blk_start_plug(&plug);          /* one request for all of them */
	page = read_swap_cache(entry, gfp);
	if (!page || size == 1)
		goto out;
	at = max(slot & ~(size - 1), 1UL);      /* slot 0 is the header */
	end = (slot & ~(size - 1)) + size;
	for (; at < end; at++) {
		swp_entry_t beside = swp_entry(swp_type(entry), at);

		if (at == slot || !swap_to_be_read(beside))
			continue;
		if (!read_swap_ahead(beside, READ_AHEAD_GFP))
			break;
		count_vm_event(SWAP_RA);
	}
out:
	blk_finish_plug(&plug);
	return page;
}
