/* SPDX-License-Identifier: MIT */
/*
 * reclaim_test.c -- lists by age, and what reclaim takes and leaves
 *
 * Mappings of our own are filled with clean pages; then the functions are called
 * that reclaim calls.  The lists are everybody's: what is asked is the fate of
 * these pages, and of totals no more than a bound.
 */

#include <kernel/selftest.h>
#include <kernel/string.h>
#include <mm/filemap.h>
#include <mm/shrinker.h>
#include <mm/slab.h>
#include <mm/vmstat.h>

#include "reclaim.h"

static const struct address_space_operations test_aops = {
	.dirty_folio = noop_dirty_folio,
};

static struct address_space *new_mapping(void)
{
	struct address_space *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return NULL;
	xa_init(&m->i_pages);
	init_rwsem(&m->i_mmap_rwsem);
	m->i_mmap = RB_ROOT;
	m->a_ops = &test_aops;
	return m;
}

/* Pages 0..n-1, up to date and clean, without a reference of ours. */
static bool fill(struct address_space *m, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++) {
		struct page *page = find_or_create_page(m, i, GFP_KERNEL);

		if (!page)
			return false;
		SetPageUptodate(page);
		unlock_page(page);
		put_page(page);
	}
	return true;
}

static void drop(struct address_space *m)
{
	truncate_inode_pages_final(m);
	kfree(m);
}

SELFTEST(lru_second_use_makes_a_page_active)
{
	struct address_space *m = new_mapping();
	struct page *page;

	REQUIRE(m && fill(m, 1));
	page = find_get_page(m, 0);
	EXPECT(PageLRU(page) && page_lru(page) == LRU_INACTIVE_FILE);
	mark_page_accessed(page);
	EXPECT(PageReferenced(page) && !PageActive(page));
	mark_page_accessed(page);
	EXPECT(PageActive(page) && !PageReferenced(page));
	deactivate_page(page);
	EXPECT(!PageActive(page) && PageLRU(page));
	put_page(page);
	drop(m);
}

SELFTEST(lru_isolation_is_for_one)
{
	struct address_space *m = new_mapping();
	struct page *page;

	REQUIRE(m && fill(m, 1));
	page = find_get_page(m, 0);
	EXPECT(!isolate_lru_page(page));
	EXPECT(!PageLRU(page) && page_count(page) == 3);
	EXPECT(isolate_lru_page(page) == -EBUSY);
	putback_lru_page(page);
	EXPECT(PageLRU(page) && page_count(page) == 2);
	put_page(page);
	drop(m);
}

/* Freed while pending on a CPU's list, and after it was sorted in. */
SELFTEST(lru_forgets_a_page_that_is_freed)
{
	struct address_space *m = new_mapping();
	unsigned long before;

	lru_add_drain_all();
	before = READ_ONCE(NODE_DATA(0)->lruvec.nr[LRU_INACTIVE_FILE]);
	REQUIRE(m && fill(m, 5));
	truncate_inode_pages(m, 0);
	REQUIRE(fill(m, 70));
	lru_add_drain_all();
	EXPECT(NODE_DATA(0)->lruvec.nr[LRU_INACTIVE_FILE] >= before + 70);
	drop(m);
	lru_add_drain_all();
	EXPECT(NODE_DATA(0)->lruvec.nr[LRU_INACTIVE_FILE] < before + 70);
}

/* Run pages 0..n-1 through shrink_page_list as one batch. */
static unsigned long reclaim_all(struct address_space *m, unsigned long n)
{
	struct scan_control sc = { .gfp = GFP_KERNEL,
				   .priority = DEF_PRIORITY };
	unsigned long i, freed;
	struct page *page, *next;
	LIST_HEAD(list);

	for (i = 0; i < n; i++) {
		page = find_get_page(m, i);
		if (page && !isolate_lru_page(page))
			list_add(&page->lru, &list);
		if (page)
			put_page(page);
	}
	freed = shrink_page_list(&list, &sc);
	list_for_each_entry_safe(page, next, &list, lru) {
		list_del(&page->lru);
		putback_lru_page(page);
	}
	return freed;
}

SELFTEST_SLOW(reclaim_takes_clean_pages_and_leaves_the_rest)
{
	struct address_space *m = new_mapping();
	struct page *held, *dirty, *locked;

	REQUIRE(m && fill(m, 8));
	held = find_get_page(m, 1);
	dirty = find_get_page(m, 2);
	set_page_dirty(dirty);
	put_page(dirty);
	locked = find_lock_page(m, 3);
	REQUIRE(held && dirty && locked);
	EXPECT(reclaim_all(m, 8) == 5);
	EXPECT(m->nrpages == 3);
	EXPECT(find_get_page(m, 1) == held);
	put_page(held);
	put_page(held);
	unlock_page(locked);
	put_page(locked);
	drop(m);
}

SELFTEST_SLOW(reclaim_spares_a_page_that_was_used)
{
	struct address_space *m = new_mapping();
	struct page *page;

	REQUIRE(m && fill(m, 2));
	page = find_get_page(m, 0);
	mark_page_accessed(page);
	put_page(page);
	/* Noted once and clean: it goes, as one that was read once does. */
	EXPECT(reclaim_all(m, 2) == 2);
	EXPECT(m->nrpages == 0);
	drop(m);
}

SELFTEST_SLOW(direct_reclaim_frees_cached_pages)
{
	struct address_space *m = new_mapping();
	unsigned long stolen = vm_event_count(PGSTEAL_DIRECT);

	REQUIRE(m && fill(m, 256));
	lru_add_drain_all();
	EXPECT(try_to_free_pages(GFP_KERNEL, 0) > 0);
	EXPECT(vm_event_count(PGSTEAL_DIRECT) > stolen);
	EXPECT(!(current->flags & PF_MEMALLOC));
	drop(m);
}

SELFTEST(watermarks_follow_the_formula)
{
	unsigned long least = 0, want = (unsigned long)min_free_kbytes >>
					(PAGE_SHIFT - 10);
	struct zone *z;

	for_each_populated_zone(z) {
		unsigned long managed = zone_managed_pages(z);
		unsigned long gap = managed * watermark_scale_factor / 10000;

		if (gap < min_wmark_pages(z) / 4)
			gap = min_wmark_pages(z) / 4;
		EXPECT(low_wmark_pages(z) == min_wmark_pages(z) + gap);
		EXPECT(high_wmark_pages(z) == min_wmark_pages(z) + 2 * gap);
		least += min_wmark_pages(z);
	}
	EXPECT(least <= want && least + MAX_NR_ZONES >= want);
}

/* ---- shrinkers ----------------------------------------------------------- */

static unsigned long stock, largest_batch;

static unsigned long count_stock(struct shrinker *s, struct shrink_control *sc)
{
	return sc->gfp_mask & __GFP_FS ? stock : 0;
}

static unsigned long scan_stock(struct shrinker *s, struct shrink_control *sc)
{
	unsigned long n = sc->nr_to_scan < stock ? sc->nr_to_scan : stock;

	if (n > largest_batch)
		largest_batch = n;
	stock -= n;
	return n;
}

SELFTEST_SLOW(shrinker_gives_its_share_in_batches)
{
	static struct shrinker s = { .count_objects = count_stock,
				     .scan_objects = scan_stock,
				     .seeks = DEFAULT_SEEKS, .batch = 10 };

	stock = 1000;
	largest_batch = 0;
	EXPECT(!register_shrinker(&s, "test"));
	shrink_slab(GFP_NOFS, 0, 0);
	EXPECT(stock == 1000);
	shrink_slab(GFP_KERNEL, 0, 5);
	EXPECT(stock < 1000 && stock >= 900 && largest_batch == 10);
	shrink_slab(GFP_KERNEL, 0, 0);
	EXPECT(stock == 0);
	unregister_shrinker(&s);
}
