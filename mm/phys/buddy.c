/* SPDX-License-Identifier: MIT */
/*
 * buddy.c -- free frames as blocks of 2^n: split to serve, merge to heal
 *
 * PROMISE.  A request for 2^n frames, n <= MAX_ORDER, gets frames that are
 * contiguous and aligned to 2^n frames, in time proportional to MAX_ORDER; and
 * when everything has been freed, the lists are again as they were at first.
 *
 * IDEA.  Memory is cut into blocks whose size is a power of two and which lie
 * at multiples of their size.  Then each block of order n has exactly one
 * buddy, whose frame number differs in bit n only, and the two make a block of
 * order n + 1.  Where to find the buddy is arithmetic, not search:
 *
 *	pfn of block    ...01100|000      buddy = pfn ^ (1 << n)
 *	pfn of buddy    ...01101|000      merged block = pfn & ~(1 << n)
 *	                       n
 *
 * To serve order 0 from a lone block of order 3, the block is halved three
 * times; the upper halves go to the lists below:
 *
 *	|                3                |
 *	|       2        |       2 (free) |
 *	|   1    | 1 free|                |
 *	| 0 | 0f |                            lists: one each of 0, 1, 2
 *
 * The price is internal waste: 5 frames cost 8.
 *
 * INVARIANTS (buddy_check):
 *   I1  A block in list n is aligned to 2^n frames.
 *   I2  Exactly the heads of free blocks have PG_buddy, and ->private = n.
 *   I3  No two free buddies of one order: they would have been merged.
 *   I4  nr_free counts the list; nr_free_pages is the sum over all.
 *
 * LOCKING.  The caller holds zone->lock.  No other state is touched, which is
 * why this file also runs as a Unix process (tests/host).
 *
 * SEE docs/10-page-frames.md; Knuth, TAOCP vol. 1, 2.5.
 *
 * EXERCISES.  1. Pages 1 and 2 are neighbours and both free.  Why may they not
 * merge?  2. Which invariant breaks if buddy_free() forgets to look whether the
 * buddy's order is its own?
 */

#include "internal.h"

#include <kernel/bug.h>
#include <kernel/list.h>

void buddy_init(struct zone *zone)
{
	for (unsigned int n = 0; n <= MAX_ORDER; n++) {
		INIT_LIST_HEAD(&zone->free_area[n].free_list);
		zone->free_area[n].nr_free = 0;
	}
	zone->nr_free_pages = 0;
}

static void list_in(struct zone *zone, struct page *page, unsigned int order)
{
	page->private = order;
	__SetPageBuddy(page);                                     /* I2 */
	list_add(&page->lru, &zone->free_area[order].free_list);
	zone->free_area[order].nr_free++;                         /* I4 */
}

static void list_out(struct zone *zone, struct page *page, unsigned int order)
{
	list_del(&page->lru);
	__ClearPageBuddy(page);
	page->private = 0;
	zone->free_area[order].nr_free--;
}

/* Halve `page`, a block of order `high`, until one of order `low` is left. */
static void split(struct zone *zone, struct page *page, unsigned int low,
		  unsigned int high)
{
	while (high > low) {
		high--;
		zone->nr_split++;
		list_in(zone, page + (1UL << high), high);
	}
}

struct page *buddy_alloc(struct zone *zone, unsigned int order)
{
	for (unsigned int n = order; n <= MAX_ORDER; n++) {
		struct free_area *area = &zone->free_area[n];
		struct page *page;

		if (list_empty(&area->free_list))
			continue;
		page = list_first_entry(&area->free_list, struct page, lru);
		list_out(zone, page, n);
		split(zone, page, order, n);
		zone->nr_free_pages -= 1UL << order;
		return page;
	}
	return NULL;
}

/* Is this the head of a free block of just this order, in this zone? */
static bool is_free_buddy(const struct zone *zone, pfn_t pfn,
			  const struct page *page, unsigned int order)
{
	return pfn >= zone->zone_start_pfn && pfn < zone_end_pfn(zone) &&
	       PageBuddy(page) && buddy_order(page) == order;
}

void buddy_free(struct zone *zone, struct page *page, unsigned int order)
{
	pfn_t pfn = page_to_pfn(page);

	zone->nr_free_pages += 1UL << order;
	for (; order < MAX_ORDER; order++) {
		pfn_t other = pfn ^ (1UL << order);
		struct page *buddy = page + (long)(other - pfn);

		if (!is_free_buddy(zone, other, buddy, order))
			break;
		list_out(zone, buddy, order);
		zone->nr_merge++;
		page -= pfn & (1UL << order) ? 1UL << order : 0;
		pfn &= ~(1UL << order);
	}
	list_in(zone, page, order);
}

void buddy_check(const struct zone *zone)
{
	unsigned long pages = 0;

	for (unsigned int n = 0; n <= MAX_ORDER; n++) {
		const struct free_area *area = &zone->free_area[n];
		unsigned long len = 0;
		struct page *page;

		list_for_each_entry(page, &area->free_list, lru) {
			pfn_t pfn = page_to_pfn(page);
			pfn_t other = pfn ^ (1UL << n);

			ASSERT((pfn & ((1UL << n) - 1)) == 0);    /* I1 */
			ASSERT(PageBuddy(page) && buddy_order(page) == n);
			ASSERT(n == MAX_ORDER ||                  /* I3 */
			       !is_free_buddy(zone, other,
					page + (long)(other - pfn), n));
			len++;
		}
		ASSERT_CMP(len, ==, area->nr_free);               /* I4 */
		pages += len << n;
	}
	ASSERT_CMP(pages, ==, zone->nr_free_pages);
}
