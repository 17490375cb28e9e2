/* SPDX-License-Identifier: MIT */
/*
 * buddy_test.c -- the free lists, alone in a zone of their own and as a whole
 *
 * The first tests put one block of order 10, taken from the machine's memory,
 * into a zone that nobody else knows: so each list's length can be foretold.
 */

#include "internal.h"

#include <kernel/kernel.h>
#include <kernel/random.h>
#include <kernel/selftest.h>
#include <mm/page_ref.h>
#include <mm/slab.h>

struct lab {
	struct zone zone;
	struct page *block;           /* its only 1024 frames */
};

static struct lab *lab_open(void)
{
	struct lab *lab = kvzalloc(sizeof(*lab), GFP_KERNEL);

	if (!lab)
		return NULL;
	lab->block = alloc_pages(GFP_KERNEL | __GFP_NOWARN, MAX_ORDER);
	if (!lab->block) {
		selftest_skip("no free block of 4 MiB");
		kvfree(lab);
		return NULL;
	}
	buddy_init(&lab->zone);
	lab->zone.zone_start_pfn = page_to_pfn(lab->block);
	lab->zone.spanned_pages = MAX_ORDER_NR_PAGES;
	buddy_free(&lab->zone, lab->block, MAX_ORDER);
	return lab;
}

static unsigned long nr_free(const struct lab *lab, unsigned int order)
{
	return lab->zone.free_area[order].nr_free;
}

/* Is the zone as lab_open() left it: one block, and nothing else? */
static bool is_whole(const struct lab *lab)
{
	buddy_check(&lab->zone);
	for (unsigned int n = 0; n < MAX_ORDER; n++)
		if (nr_free(lab, n))
			return false;
	return nr_free(lab, MAX_ORDER) == 1;
}

static void lab_close(struct lab *lab)
{
	struct page *block = buddy_alloc(&lab->zone, MAX_ORDER);

	EXPECT(block == lab->block);
	if (block)
		__free_pages(block, MAX_ORDER);
	kvfree(lab);
}

SELFTEST(buddy_order_0_leaves_one_free_block_of_each_order_below_10)
{
	struct lab *lab = lab_open();
	struct page *page;

	if (!lab)
		return;
	page = buddy_alloc(&lab->zone, 0);
	EXPECT(page == lab->block);
	for (unsigned int n = 0; n < MAX_ORDER; n++)
		EXPECT(nr_free(lab, n) == 1);
	EXPECT(nr_free(lab, MAX_ORDER) == 0);
	EXPECT(lab->zone.nr_free_pages == MAX_ORDER_NR_PAGES - 1);
	buddy_check(&lab->zone);
	buddy_free(&lab->zone, page, 0);
	EXPECT(is_whole(lab));
	lab_close(lab);
}

SELFTEST(buddy_order_8_leaves_one_block_of_8_and_one_of_9)
{
	struct lab *lab = lab_open();
	struct page *page;

	if (!lab)
		return;
	page = buddy_alloc(&lab->zone, 8);
	for (unsigned int n = 0; n <= MAX_ORDER; n++)
		EXPECT(nr_free(lab, n) == (n == 8 || n == 9));
	buddy_free(&lab->zone, page, 8);
	EXPECT(is_whole(lab));
	lab_close(lab);
}

SELFTEST(buddy_pages_1_and_2_are_neighbours_but_no_buddies)
{
	struct lab *lab = lab_open();
	struct page *p[4];

	if (!lab)
		return;
	for (int i = 0; i < 4; i++)
		p[i] = buddy_alloc(&lab->zone, 0);
	EXPECT(p[1] == lab->block + 1 && p[2] == lab->block + 2);
	buddy_free(&lab->zone, p[1], 0);
	buddy_free(&lab->zone, p[2], 0);
	EXPECT(nr_free(lab, 0) == 2 && nr_free(lab, 1) == 0);
	buddy_free(&lab->zone, p[3], 0);
	EXPECT(nr_free(lab, 0) == 1 && nr_free(lab, 1) == 1);
	buddy_free(&lab->zone, p[0], 0);
	EXPECT(is_whole(lab));
	lab_close(lab);
}

/* The block of order 1 behind it is free, but its head is not of order 0. */
SELFTEST(buddy_merges_only_with_a_block_of_its_own_order)
{
	struct lab *lab = lab_open();
	struct page *two, *one, *other;

	if (!lab)
		return;
	two = buddy_alloc(&lab->zone, 1);
	one = buddy_alloc(&lab->zone, 0);
	other = buddy_alloc(&lab->zone, 0);
	buddy_free(&lab->zone, two, 1);
	buddy_free(&lab->zone, one, 0);
	EXPECT(nr_free(lab, 1) == 1 && nr_free(lab, 0) == 1);
	buddy_free(&lab->zone, other, 0);
	EXPECT(is_whole(lab));
	lab_close(lab);
}

#define STORM 128

struct held {
	struct page *page;
	unsigned int order;
};

static void storm(struct lab *lab, struct held *held, int rounds)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 42);
	for (int i = 0; i < rounds; i++) {
		struct held *h = &held[prandom_u32_state(&rnd) % STORM];

		if (h->page) {
			buddy_free(&lab->zone, h->page, h->order);
			h->page = NULL;
		} else {
			h->order = prandom_u32_state(&rnd) % 5;
			h->page = buddy_alloc(&lab->zone, h->order);
			EXPECT(!h->page || (page_to_pfn(h->page) &
					    ((1UL << h->order) - 1)) == 0);
		}
	}
}

SELFTEST_SLOW(buddy_storm_restores_the_block)
{
	struct lab *lab = lab_open();
	struct held *held = kcalloc(STORM, sizeof(*held), GFP_KERNEL);

	if (lab && held) {
		for (int i = 0; i < 10; i++) {
			storm(lab, held, 300);
			buddy_check(&lab->zone);
		}
		for (int i = 0; i < STORM; i++)
			if (held[i].page)
				buddy_free(&lab->zone, held[i].page,
					   held[i].order);
		EXPECT(is_whole(lab));
	}
	if (lab)
		lab_close(lab);
	kfree(held);
}

/* ---- the machine's own zones --------------------------------------------- */

SELFTEST(alloc_pages_order_11_fails)
{
	EXPECT(alloc_pages(GFP_KERNEL | __GFP_NOWARN, MAX_ORDER + 1) == NULL);
}

SELFTEST(alloc_pages_gives_aligned_blocks_with_one_reference)
{
	for (unsigned int n = 0; n <= 6; n++) {
		struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, n);

		REQUIRE(page);
		EXPECT((page_to_pfn(page) & ((1UL << n) - 1)) == 0);
		EXPECT(page_count(page) == 1);
		EXPECT(compound_order(page) == n);
		EXPECT(n == 0 || compound_head(page + 1) == page);
		__free_pages(page, n);
		EXPECT(page_count(page) == 0);
	}
}

SELFTEST(alloc_pages_serves_each_zone_within_its_reach)
{
	struct page *dma = alloc_page(GFP_KERNEL | GFP_DMA);
	struct page *dma32 = alloc_page(GFP_KERNEL | GFP_DMA32);

	EXPECT(dma && page_to_phys(dma) < 16UL << 20);
	EXPECT(dma32 && page_to_phys(dma32) < 1UL << 32);
	if (dma)
		__free_page(dma);
	if (dma32)
		__free_page(dma32);
}

SELFTEST(pfn_page_and_address_round_trip)
{
	struct page *page = alloc_page(GFP_KERNEL);
	void *addr;

	REQUIRE(page);
	addr = page_address(page);
	EXPECT(virt_to_page(addr) == page);
	EXPECT(pfn_to_page(page_to_pfn(page)) == page);
	EXPECT(__va(__pa(addr)) == addr);
	EXPECT(page_to_phys(page) == __pa(addr));
	EXPECT(pfn_valid(page_to_pfn(page)));
	EXPECT(page_zone(page)->zone_start_pfn <= page_to_pfn(page));
	EXPECT(page_to_pfn(page) < zone_end_pfn(page_zone(page)));
	__free_page(page);
}

SELFTEST(page_freed_twice_is_reported_and_not_given_out_twice)
{
	struct page *page = alloc_page(GFP_KERNEL), *a, *b;
	unsigned long before = nr_bad_pages;

	REQUIRE(page);
	__free_page(page);
	bad_pages_expected = true;
	__free_page(page);
	bad_pages_expected = false;
	EXPECT(nr_bad_pages == before + 1);
	a = alloc_page(GFP_KERNEL);
	b = alloc_page(GFP_KERNEL);
	EXPECT(a && b && a != b);
	__free_page(a);
	__free_page(b);
}

SELFTEST(page_freed_while_locked_is_reported_and_kept_back)
{
	struct page *page = alloc_page(GFP_KERNEL);
	unsigned long before = nr_bad_pages;

	REQUIRE(page);
	SetPageLocked(page);
	bad_pages_expected = true;
	__free_page(page);
	bad_pages_expected = false;
	EXPECT(nr_bad_pages == before + 1);
	/* It is still ours: undo the harm. */
	ClearPageLocked(page);
	init_page_count(page);
	__free_page(page);
}

SELFTEST(last_reference_frees_the_page)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 2);

	REQUIRE(page);
	get_page(page + 3);
	EXPECT(page_count(page) == 2);
	put_page(page + 1);
	EXPECT(page_count(page) == 1);
	put_page(page);
	EXPECT(page_count(page) == 0 && !PageHead(page) && !PageTail(page + 3));
}

/* Frames of a block may be mapped one by one (a packet ring). */
SELFTEST(a_tail_that_was_used_comes_back_clean)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_COMP, 2);

	REQUIRE(page);
	SetPageReferenced(page + 3);
	__free_pages(page, 2);
	EXPECT(!PageReferenced(page + 3));
}

SELFTEST(zeroed_pages_are_zero)
{
	unsigned long *p = (unsigned long *)get_zeroed_page(GFP_KERNEL);

	REQUIRE(p);
	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(*p); i++)
		if (p[i])
			EXPECT(p[i] == 0);
	free_page((unsigned long)p);
}

SELFTEST(zones_span_at_least_what_they_hold)
{
	struct zone *z;

	for_each_zone(z) {
		unsigned long flags;

		EXPECT(z->spanned_pages >= z->present_pages);
		EXPECT(z->present_pages >= z->managed_pages);
		spin_lock_irqsave(&z->lock, flags);
		if (populated_zone(z))
			buddy_check(z);
		spin_unlock_irqrestore(&z->lock, flags);
	}
}

SELFTEST(watermarks_follow_the_formula)
{
	unsigned long kb = totalram_pages() * 4, root = 0, sum = 0;
	struct zone *z;

	while ((root + 1) * (root + 1) <= kb)
		root++;
	/* Memory that came back since boot moves the root by little. */
	EXPECT(abs((long)min_free_kbytes -
		   (long)clamp(4 * root, 128UL, 262144UL)) <= 64);
	for_each_zone(z) {
		unsigned long gap = low_wmark_pages(z) - min_wmark_pages(z);

		EXPECT(high_wmark_pages(z) == low_wmark_pages(z) + gap);
		EXPECT(gap >= min_wmark_pages(z) / 4);
		sum += min_wmark_pages(z);
	}
	EXPECT(sum <= (unsigned long)min_free_kbytes / 4);
}

SELFTEST(a_zone_keeps_its_reserve_from_those_who_could_go_higher)
{
	struct zone *z = &contig_page_data.node_zones[ZONE_DMA];
	unsigned long free = z->nr_free_pages;

	if (!populated_zone(z) || z->lowmem_reserve[ZONE_DMA32] == 0) {
		selftest_skip("one zone only");
		return;
	}
	/* A mark that leaves exactly one page for ZONE_DMA's own users. */
	EXPECT(zone_watermark_ok(z, 0, free - 1, ZONE_DMA, 0));
	EXPECT(!zone_watermark_ok(z, 0, free - 1, ZONE_DMA32, 0));
	EXPECT(zone_watermark_ok(z, 0, free, ZONE_DMA, ALLOC_HIGH));
}
