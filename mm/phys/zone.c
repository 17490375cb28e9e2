/* SPDX-License-Identifier: MIT */
/*
 * zone.c -- sorting frames into zones, and how much of each is kept back
 *
 * PROMISE.  After free_area_init() each frame of RAM has a struct page, belongs
 * to one zone, and is either free in that zone's buddy lists or reserved.
 *
 * IDEA.  Some devices reach only the low 16 MiB or 4 GiB, so the frames there
 * are worth more.  A request names the highest zone it can use and is served
 * from there downwards:
 *
 *	0       16 MiB               4 GiB                       end
 *	|--DMA--|-------DMA32--------|----------NORMAL----------|
 *	GFP_KERNEL looks here third, second,              first
 *
 * and each zone keeps lowmem_reserve[] pages from those who could have gone
 * higher.  On top of it each zone has three watermarks:
 *
 *	high  reclaim in the background stops
 *	low   it starts
 *	min   callers must reclaim themselves; below is for emergencies
 *
 *	min_free_kbytes = 4 * sqrt(KiB of RAM), shared by size of zone;
 *	low and high lie max(min / 4, managed * scale / 10000) apart.
 *
 * The page array is mapped only where there is RAM, in sections of 128 MiB
 * (2 MiB of struct page), so holes in the address space cost nothing.
 *
 * INVARIANTS
 *   I1  spanned >= present >= managed for each zone.
 *   I2  A frame without RAM, or taken before the hand-over, has PG_reserved.
 *
 * LOCKING.  Boot only, but for setup_per_zone_wmarks(), which sysctl calls
 * (serialised there) while readers see old or new values, either of which is
 * fine.
 *
 * SEE docs/10-page-frames.md
 */

#include "internal.h"

#include <arch/mmu.h>
#include <kernel/bitmap.h>
#include <kernel/init.h>
#include <kernel/kernel.h>
#include <kernel/panic.h>
#include <mm/memblock.h>
#include <mm/page_ref.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#define SECTION_SHIFT 15                       /* 32768 frames, 128 MiB */
#define PAGES_PER_SECTION (1UL << SECTION_SHIFT)
#define NR_SECTIONS 8192                       /* 1 TiB of RAM at most */
#define MAX_DMA_PFN (16UL << 20 >> PAGE_SHIFT)
#define MAX_DMA32_PFN (1UL << 32 >> PAGE_SHIFT)

struct pglist_data contig_page_data;
int min_free_kbytes;
int watermark_scale_factor = 10;
int sysctl_lowmem_reserve_ratio[MAX_NR_ZONES] = { 256, 256, 32 };

static DECLARE_BITMAP(section_present, NR_SECTIONS) __ro_after_init;

bool pfn_valid(pfn_t pfn)
{
	return pfn >> SECTION_SHIFT < NR_SECTIONS &&
	       test_bit(pfn >> SECTION_SHIFT, section_present);
}

static enum zone_type zone_of_pfn(pfn_t pfn)
{
	if (pfn < MAX_DMA_PFN)
		return ZONE_DMA;
	return pfn < MAX_DMA32_PFN ? ZONE_DMA32 : ZONE_NORMAL;
}

/* Back the page array for all sections that hold RAM. */
static void populate_page_array(void)
{
	for (unsigned int i = 0; i < memblock.memory.cnt; i++) {
		const struct memblock_region *r = &memblock.memory.regions[i];
		pfn_t s = PFN_DOWN(r->start) >> SECTION_SHIFT;
		pfn_t last = PFN_DOWN(r->end - 1) >> SECTION_SHIFT;

		for (; s <= last; s++) {
			struct page *first = pfn_to_page(s << SECTION_SHIFT);

			if (test_bit(s, section_present))
				continue;
			if (vmemmap_populate((unsigned long)first,
				(unsigned long)(first + PAGES_PER_SECTION)))
				panic("no memory for the page array");
			__set_bit(s, section_present);
		}
	}
}

/* Frames of RAM in [start, end); partial ones do not count. */
static unsigned long ram_pages_between(pfn_t start, pfn_t end)
{
	unsigned long n = 0;

	for (unsigned int i = 0; i < memblock.memory.cnt; i++) {
		pfn_t s = PFN_UP(memblock.memory.regions[i].start);
		pfn_t e = PFN_DOWN(memblock.memory.regions[i].end);

		s = max(s, start);
		e = min(e, end);
		if (s < e)
			n += e - s;
	}
	return n;
}

static void zone_init(struct zone *z, enum zone_type type, pfn_t start,
		      pfn_t end)
{
	static const char *const names[] = { "DMA", "DMA32", "Normal" };

	z->name = names[type];
	z->index = type;
	z->zone_start_pfn = start;
	z->present_pages = ram_pages_between(start, end);
	z->spanned_pages = z->present_pages ? end - start : 0;
	spin_lock_init(&z->lock);
	buddy_init(z);
	init_per_cpu_pages(z);
}

static void zones_init(struct pglist_data *node, pfn_t end)
{
	const pfn_t edge[] = { 0, MAX_DMA_PFN, MAX_DMA32_PFN, ~0UL };

	node->node_start_pfn = PFN_DOWN(memblock_start_of_DRAM());
	node->node_spanned_pages = end - node->node_start_pfn;
	for (int t = 0; t < MAX_NR_ZONES; t++) {
		zone_init(&node->node_zones[t], t, min(edge[t], end),
			  min(edge[t + 1], end));
		node->node_present_pages += node->node_zones[t].present_pages;
	}
}

/* For each highest zone allowed: the populated zones from there down. */
static void build_zonelists(struct pglist_data *node)
{
	for (int top = 0; top < MAX_NR_ZONES; top++) {
		int n = 0;

		for (int t = top; t >= 0; t--)
			if (populated_zone(&node->node_zones[t]))
				node->node_zonelist[top][n++] =
					&node->node_zones[t];
		node->node_zonelist[top][n] = NULL;
	}
}

static inline void init_page(struct page *page, pfn_t pfn, unsigned long flags)
{
	page->flags = (unsigned long)zone_of_pfn(pfn) << PG_ZONE_SHIFT | flags;
	atomic_set(&page->_mapcount, -1);
}

/* No RAM, or taken (I2): one reference that nobody drops. */
static void init_reserved(pfn_t pfn, pfn_t end)
{
	for (; pfn < end; pfn++) {
		if (!pfn_valid(pfn)) {
			pfn |= PAGES_PER_SECTION - 1;
			continue;
		}
		init_page(pfn_to_page(pfn), pfn, 1UL << PG_reserved);
		init_page_count(pfn_to_page(pfn));
	}
}

/* Free RAM: into the buddy, in the largest blocks that alignment allows. */
static unsigned long init_free(pfn_t pfn, pfn_t end)
{
	unsigned long n = end - pfn;

	while (pfn < end) {
		unsigned int order = MAX_ORDER;

		if (pfn)
			order = min(order, (unsigned)__builtin_ctzl(pfn));
		while (pfn + (1UL << order) > end)
			order--;
		for (unsigned long i = 0; i < 1UL << order; i++)
			init_page(pfn_to_page(pfn + i), pfn + i, 0);
		page_zone(pfn_to_page(pfn))->managed_pages += 1UL << order;
		__free_pages_boot(pfn_to_page(pfn), order);
		pfn += 1UL << order;
	}
	return n;
}

/* Where the page array ends: a frame number in whole sections. */
static pfn_t array_end(void)
{
	pfn_t end = PFN_UP(memblock_end_of_DRAM());

	return (end + PAGES_PER_SECTION - 1) & ~(PAGES_PER_SECTION - 1);
}

unsigned long memblock_free_all(void)
{
	phys_addr_t cur, start, end;
	unsigned long n = 0;
	pfn_t done = 0;

	for_each_free_mem_range(cur, start, end) {
		pfn_t s = max(PFN_UP(start), done), e = PFN_DOWN(end);

		if (s >= e)
			continue;
		init_reserved(done, s);
		n += init_free(s, e);
		done = e;
	}
	init_reserved(done, array_end());
	return n;
}

/* lowmem_reserve[j]: what zone i keeps from requests that may use up to j. */
static void setup_lowmem_reserve(struct pglist_data *node)
{
	for (int i = 0; i < MAX_NR_ZONES; i++) {
		unsigned long above = 0;

		for (int j = i + 1; j < MAX_NR_ZONES; j++) {
			above += node->node_zones[j].managed_pages;
			node->node_zones[i].lowmem_reserve[j] =
				above / max(sysctl_lowmem_reserve_ratio[i], 1);
		}
	}
}

void setup_per_zone_wmarks(void)
{
	unsigned long all = max(totalram_pages(), 1UL);
	unsigned long want = (unsigned long)min_free_kbytes >> (PAGE_SHIFT - 10);
	struct zone *z;

	for_each_zone(z) {
		unsigned long managed = zone_managed_pages(z);
		unsigned long least = want * managed / all;
		unsigned long gap = max(least / 4, managed *
				(unsigned long)watermark_scale_factor / 10000);

		z->watermark[WMARK_MIN] = least;
		z->watermark[WMARK_LOW] = least + gap;
		z->watermark[WMARK_HIGH] = least + 2 * gap;
	}
	setup_lowmem_reserve(&contig_page_data);
}

static void init_min_free(void)
{
	unsigned long kb = totalram_pages() << (PAGE_SHIFT - 10);

	if (min_free_kbytes == 0)
		min_free_kbytes = clamp(4 * int_sqrt(kb), 128UL, 262144UL);
	setup_per_zone_wmarks();
}

void free_area_init(void)
{
	const phys_addr_t limit = (phys_addr_t)NR_SECTIONS * PAGES_PER_SECTION
				  << PAGE_SHIFT;
	unsigned long present, freed;

	if (memblock_end_of_DRAM() > limit) {
		pr_warn("memory above 1 TiB is not used\n");
		memblock_remove(limit, memblock_end_of_DRAM() - limit);
	}
	populate_page_array();
	zones_init(&contig_page_data, PFN_DOWN(memblock_end_of_DRAM()));
	build_zonelists(&contig_page_data);
	freed = memblock_free_all();
	init_min_free();
	present = contig_page_data.node_present_pages;
	pr_info("Memory: %luK/%luK available (%luK reserved)\n",
		freed << (PAGE_SHIFT - 10), present << (PAGE_SHIFT - 10),
		(present - freed) << (PAGE_SHIFT - 10));
}

unsigned long totalram_pages(void)
{
	unsigned long n = 0;
	struct zone *z;

	for_each_zone(z)
		n += zone_managed_pages(z);
	return n;
}

unsigned long nr_free_pages(void)
{
	unsigned long n = 0;
	struct zone *z;

	for_each_zone(z)
		n += READ_ONCE(z->nr_free_pages);
	return n;
}

unsigned long nr_free_buffer_pages(void)
{
	unsigned long n = 0;
	struct zone *z;

	for_each_zone(z) {
		unsigned long high = high_wmark_pages(z);

		if (zone_managed_pages(z) > high)
			n += zone_managed_pages(z) - high;
	}
	return n;
}

void show_free_areas(void)
{
	struct zone *z;

	for_each_populated_zone(z) {
		pr_info("%s: free %lu min %lu low %lu high %lu managed %lu\n",
			z->name, z->nr_free_pages, min_wmark_pages(z),
			low_wmark_pages(z), high_wmark_pages(z),
			z->managed_pages);
		for (int n = 0; n <= MAX_ORDER; n++)
			pr_info("  order %2d (%4lu KiB): %lu\n", n, 4UL << n,
				z->free_area[n].nr_free);
	}
}

void mm_core_init(void)
{
	free_area_init();
	kmem_cache_init();
	vmalloc_init();
}
