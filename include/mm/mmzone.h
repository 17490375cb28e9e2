/* SPDX-License-Identifier: MIT */
#ifndef MM_MMZONE_H
#define MM_MMZONE_H
/*
 * mmzone.h -- nodes and zones: frames by where they lie
 *
 * Theory: mm/phys/zone.c (layout, watermarks), buddy.c (free lists),
 * page_alloc.c (allocation).
 */

#include <kernel/spinlock.h>
#include <kernel/threads.h>
#include <mm/gfp.h>
#include <mm/page-flags.h>

enum zone_type {
	ZONE_DMA,       /* below 16 MiB: the reach of ISA devices */
	ZONE_DMA32,     /* below 4 GiB: 32-bit devices */
	ZONE_NORMAL,
	MAX_NR_ZONES,
};

/* Pages by kind and age; theory: mm/virt/lru.c. */
enum lru_list {
	LRU_INACTIVE_ANON,
	LRU_ACTIVE_ANON,
	LRU_INACTIVE_FILE,
	LRU_ACTIVE_FILE,
	LRU_UNEVICTABLE,
	NR_LRU_LISTS
};

#define for_each_evictable_lru(lru) \
	for ((lru) = 0; (lru) <= LRU_ACTIVE_FILE; (lru)++)

/* Field keys:  [L] .lru_lock */
struct lruvec {
	spinlock_t lru_lock __cacheline_aligned; /* irq-safe */
	struct list_head lists[NR_LRU_LISTS];    /* [L] newest first */
	unsigned long nr[NR_LRU_LISTS];          /* [L] */
	/* Pages that were reclaimed in vain, halved as they grow. */
	unsigned long anon_cost, file_cost;      /* [L] */
};

enum zone_watermarks { WMARK_MIN, WMARK_LOW, WMARK_HIGH, NR_WMARK };

#define MAX_NUMNODES 1
#define NR_PAGE_ORDERS (MAX_ORDER + 1)
#define MAX_ORDER_NR_PAGES (1UL << MAX_ORDER)

/* Free blocks of one order: heads, linked by page->lru. */
struct free_area {
	struct list_head free_list;
	unsigned long nr_free;
};

/*
 * Single pages kept by one CPU: the most recently freed (cache-hot) first.
 * Touched only by that CPU, with interrupts off.
 */
struct per_cpu_pages {
	struct list_head list;
	int count;            /* pages in the list */
	int high;             /* beyond it, batch pages go to the buddy */
	int batch;
	unsigned long allocs, frees, refills; /* since boot */
} __cacheline_aligned;

/*
 * Field keys:  [c] constant after boot   [L] .lock   [p] see per_cpu_pages
 *              [r] set at boot and by sysctl, read without a lock
 */
struct zone {
	const char *name;                     /* [c] */
	int node;                             /* [c] */
	enum zone_type index;                 /* [c] */
	pfn_t zone_start_pfn;                 /* [c] */
	unsigned long spanned_pages;          /* [c] end - start, with holes */
	unsigned long present_pages;          /* [c] without holes */
	unsigned long managed_pages;          /* [L] given to the buddy */
	unsigned long watermark[NR_WMARK];    /* [r] pages */
	/* Pages kept back from callers that could have used a higher zone. */
	unsigned long lowmem_reserve[MAX_NR_ZONES]; /* [r] */

	spinlock_t lock __cacheline_aligned;  /* irq-safe */
	unsigned long nr_free_pages;          /* [L] in free_area */
	struct free_area free_area[NR_PAGE_ORDERS]; /* [L] */
	unsigned long nr_split, nr_merge;     /* [L] since boot */

	struct per_cpu_pages pcp[NR_CPUS];    /* [p] */
};

/* A bank of memory with its own distance to each CPU. */
typedef struct pglist_data {
	int node_id;
	struct zone node_zones[MAX_NR_ZONES];
	/* By highest zone allowed: where to look, best first, NULL at the
	 * end. */
	struct zone *node_zonelist[MAX_NR_ZONES][MAX_NR_ZONES + 1];
	pfn_t node_start_pfn;
	unsigned long node_spanned_pages, node_present_pages;
	struct lruvec lruvec;
	int kswapd_failures;          /* rounds of kswapd without a page */
} pg_data_t;

extern struct pglist_data contig_page_data;

#define NODE_DATA(nid) ((void)(nid), &contig_page_data)
#define for_each_online_pgdat(pgdat) \
	for ((pgdat) = &contig_page_data; (pgdat); (pgdat) = NULL)
#define for_each_zone(zone)						\
	for ((zone) = contig_page_data.node_zones;			\
	     (zone) < contig_page_data.node_zones + MAX_NR_ZONES; (zone)++)
#define populated_zone(zone) ((zone)->present_pages != 0)
#define for_each_populated_zone(zone) \
	for_each_zone(zone) if (populated_zone(zone))

static inline struct zone *page_zone(const struct page *page)
{
	return &NODE_DATA(0)->node_zones[page_zonenum(page)];
}

static inline pfn_t zone_end_pfn(const struct zone *zone)
{
	return zone->zone_start_pfn + zone->spanned_pages;
}

#define min_wmark_pages(z) ((z)->watermark[WMARK_MIN])
#define low_wmark_pages(z) ((z)->watermark[WMARK_LOW])
#define high_wmark_pages(z) ((z)->watermark[WMARK_HIGH])

static inline unsigned long zone_managed_pages(const struct zone *z)
{
	return READ_ONCE(z->managed_pages);
}

/* Is there a struct page for this frame? */
bool pfn_valid(pfn_t pfn);

/* Pages given to the allocator, and those free now (all zones). */
unsigned long totalram_pages(void);
unsigned long nr_free_pages(void);
unsigned long nr_free_buffer_pages(void);

/* sysctl vm.min_free_kbytes and vm.watermark_scale_factor; then recompute. */
extern int min_free_kbytes, watermark_scale_factor;
extern int sysctl_lowmem_reserve_ratio[MAX_NR_ZONES];
void setup_per_zone_wmarks(void);

/*
 * May an allocation of this order leave the zone at `mark` and keep what is
 * reserved from callers whose best zone is highest_idx?
 */
bool zone_watermark_ok(struct zone *z, unsigned int order, unsigned long mark,
		       enum zone_type highest_idx, unsigned int alloc_flags);

/*
 * Bring page frames, slab and vmalloc up, in that order: boot CPU, irqs off,
 * after paging_init() and the last memblock allocation.
 */
void mm_core_init(void);
/* The first step of it: page array, zones, and all free RAM into the buddy. */
void free_area_init(void);
/* Log the free blocks of each zone. Any context. */
void show_free_areas(void);

/* Give [start, end) of the direct map or image back; returns pages. */
unsigned long free_reserved_area(void *start, void *end, int poison,
				 const char *what);

#endif
