/* SPDX-License-Identifier: MIT */
/*
 * vmscan.c -- how much of which list to look at
 *
 * IDEA.  Reclaim takes pages from the old ends of the inactive lists, in
 * batches, and refills those from the active lists when they grow short.  Two
 * questions decide everything:
 *
 * How hard?  At priority p, 1/2^p of a list is looked at.  A round begins with
 * p = 12 and goes down only when too little came back: so the pressure on a
 * page grows with the need.
 *
 * Files or anonymous memory?  A file's clean page is dropped for nothing and
 * costs a read if it was wrong; an anonymous page costs a write and a read.
 * The user weighs them (vm.swappiness); experience corrects: each page that
 * reclaim looked at in vain, because it was in use, is a cost of its kind, and
 * the kind that costs more is looked at less.
 *
 * Pages are isolated under lru_lock and judged without it:
 *
 *	list (locked)  --32 pages, a reference each-->  private list
 *	   ^                                               | pageout.c
 *	   +----- back, active or not <---- kept ----------+--> freed
 *
 * INVARIANTS
 *   I1  A page on a private list has a reference of reclaim's, and PG_lru clear.
 *
 * LOCKING.  lru.c's.  Process context; the caller has PF_MEMALLOC set.
 *
 * SEE docs/57-reclaim.md.
 *
 * EXERCISES.  1. Why does a page come back with PG_lru set before the reference
 * is dropped?  2. What would a scan do to a `cp` of a file larger than memory
 * if every page began on the active list?
 */

#include <mm/rmap.h>

#include <kernel/kernel.h>
#include <kernel/jiffies.h>
#include <kernel/math.h>
#include <kernel/sched.h>
#include <mm/shrinker.h>
#include <mm/slab.h>
#include <mm/vmstat.h>

#include "reclaim.h"

int vm_swappiness = 60;
int sysctl_vfs_cache_pressure = 100;

static bool is_active(enum lru_list lru)
{
	return lru == LRU_ACTIVE_ANON || lru == LRU_ACTIVE_FILE;
}

static bool is_file(enum lru_list lru)
{
	return lru == LRU_INACTIVE_FILE || lru == LRU_ACTIVE_FILE;
}

/* ---- to a private list and back (I1) ------------------------------------- */

/* Up to nr from the old end of lru; *scanned: looked at.  lru_lock held. */
static unsigned long isolate_pages(struct lruvec *l, enum lru_list lru,
				   unsigned long nr, struct list_head *dst,
				   struct scan_control *sc,
				   unsigned long *scanned)
{
	unsigned long taken = 0, n;

	for (n = 0; n < nr && !list_empty(&l->lists[lru]); n++) {
		struct page *page = list_last_entry(&l->lists[lru],
						    struct page, lru);

		/* Of no use, or being freed: out of our way. */
		if ((int)page_zonenum(page) > sc->reclaim_idx ||
		    !get_page_unless_zero(page)) {
			list_move(&page->lru, &l->lists[lru]);
			continue;
		}
		lruvec_del(l, page);
		ClearPageLRU(page);
		list_add(&page->lru, dst);
		taken++;
	}
	*scanned = n;
	return taken;
}

/* Who has lost all other holders meanwhile is freed. */
static void put_back(struct lruvec *l, struct list_head *list)
{
	struct page *page, *next;
	LIST_HEAD(dead);

	spin_lock_irq(&l->lru_lock);
	list_for_each_entry_safe_reverse(page, next, list, lru) {
		list_del(&page->lru);
		SetPageLRU(page);
		if (put_page_testzero(page)) {
			ClearPageLRU(page);
			ClearPageActive(page);
			ClearPageUnevictable(page);
			list_add(&page->lru, &dead);
		} else {
			lruvec_add(l, page);
		}
	}
	spin_unlock_irq(&l->lru_lock);
	list_for_each_entry_safe(page, next, &dead, lru)
		__put_page(page);
}

static void note_cost(struct lruvec *l, bool file, unsigned long n)
{
	unsigned long size = l->nr[LRU_INACTIVE_ANON] + l->nr[LRU_ACTIVE_ANON] +
			     l->nr[LRU_INACTIVE_FILE] + l->nr[LRU_ACTIVE_FILE];

	spin_lock_irq(&l->lru_lock);
	*(file ? &l->file_cost : &l->anon_cost) += n;
	/* What was long ago counts less. */
	if (l->anon_cost + l->file_cost > size / 4) {
		l->anon_cost /= 2;
		l->file_cost /= 2;
	}
	spin_unlock_irq(&l->lru_lock);
}

static void count_isolated(bool file, long n)
{
	mod_node_page_state(NULL, file ? NR_ISOLATED_FILE : NR_ISOLATED_ANON,
			    n);
}

/* ---- the inactive lists -------------------------------------------------- */

static void count_scan(const struct scan_control *sc, bool file,
		       unsigned long scanned, unsigned long freed)
{
	count_vm_events(sc->kswapd ? PGSCAN_KSWAPD : PGSCAN_DIRECT, scanned);
	count_vm_events(sc->kswapd ? PGSTEAL_KSWAPD : PGSTEAL_DIRECT, freed);
	count_vm_events(file ? PGSCAN_FILE : PGSCAN_ANON, scanned);
	count_vm_events(file ? PGSTEAL_FILE : PGSTEAL_ANON, freed);
}

/*
 * Nothing but pages that are being written, or should be: do not scan in
 * circles.  The first page of reclaim's to be written ends the wait.
 */
static void wait_for_disk(struct scan_control *sc)
{
	if (sc->nr_dirty)
		reclaim_wake_flushers();
	if (sc->nr_dirty + sc->nr_writeback < sc->nr_taken)
		return;
	if (sc->gfp & __GFP_IO)
		reclaim_wait_for_writeback(msecs_to_jiffies(20));
}

static unsigned long shrink_inactive_list(struct lruvec *l, enum lru_list lru,
					  unsigned long nr,
					  struct scan_control *sc)
{
	bool file = is_file(lru);
	unsigned long scanned, freed;
	LIST_HEAD(list);

	lru_add_drain();
	spin_lock_irq(&l->lru_lock);
	sc->nr_taken = isolate_pages(l, lru, nr, &list, sc, &scanned);
	spin_unlock_irq(&l->lru_lock);
	sc->nr_scanned += scanned;
	if (!sc->nr_taken) {
		count_scan(sc, file, scanned, 0);
		return 0;
	}
	sc->nr_dirty = sc->nr_writeback = sc->nr_rotated = sc->nr_pageout = 0;
	count_isolated(file, sc->nr_taken);
	freed = shrink_page_list(&list, sc);
	put_back(l, &list);
	count_isolated(file, -(long)sc->nr_taken);
	count_scan(sc, file, scanned, freed);
	count_vm_events(PGACTIVATE, sc->nr_rotated);
	note_cost(l, file, sc->nr_rotated + sc->nr_pageout);
	wait_for_disk(sc);
	return freed;
}

unsigned long reclaim_pages(struct list_head *list)
{
	struct scan_control sc = { .gfp = GFP_KERNEL, .may_swap = true,
				   .kswapd = true };
	unsigned int nested = current->flags & PF_MEMALLOC;
	unsigned long freed;

	if (list_empty(list))
		return 0;
	current->flags |= PF_MEMALLOC;
	freed = shrink_page_list(list, &sc);
	put_back(&NODE_DATA(0)->lruvec, list);
	INIT_LIST_HEAD(list);
	current->flags = (current->flags & ~PF_MEMALLOC) | nested;
	return freed;
}

/* ---- the active lists ---------------------------------------------------- */

/* Programs' text stays while it runs; everything else has to prove itself. */
static bool stays_active(struct page *page)
{
	unsigned long vm_flags;

	if (!page_referenced(page, 0, &vm_flags))
		return false;
	/* A locked one goes the way of all, to where it is set aside. */
	return !(vm_flags & VM_LOCKED) && vm_flags & VM_EXEC &&
	       page_is_file_lru(page);
}

static void shrink_active_list(struct lruvec *l, enum lru_list lru,
			       unsigned long nr, struct scan_control *sc)
{
	unsigned long scanned, taken, moved = 0;
	struct page *page;
	LIST_HEAD(list);

	lru_add_drain();
	spin_lock_irq(&l->lru_lock);
	taken = isolate_pages(l, lru, nr, &list, sc, &scanned);
	spin_unlock_irq(&l->lru_lock);
	count_isolated(is_file(lru), taken);
	list_for_each_entry(page, &list, lru) {
		cond_resched();
		if (stays_active(page))
			continue;
		ClearPageActive(page);
		moved++;
	}
	put_back(l, &list);
	count_isolated(is_file(lru), -(long)taken);
	count_vm_events(PGREFILL, scanned);
	count_vm_events(PGDEACTIVATE, moved);
	note_cost(l, is_file(lru), taken - moved);
}

/*
 * Is the inactive list too short for its pages to be seen used?  With much
 * memory a smaller share is enough: sqrt(10 * GiB).
 */
static bool inactive_is_low(const struct lruvec *l, enum lru_list inactive)
{
	unsigned long in = READ_ONCE(l->nr[inactive]);
	unsigned long active = READ_ONCE(l->nr[inactive + 1]);
	unsigned long gb = (in + active) >> (30 - PAGE_SHIFT);

	return in * (gb ? int_sqrt(10 * gb) : 1) < active;
}

static unsigned long shrink_list(struct lruvec *l, enum lru_list lru,
				 unsigned long nr, struct scan_control *sc)
{
	if (!is_active(lru))
		return shrink_inactive_list(l, lru, nr, sc);
	if (inactive_is_low(l, lru - 1))
		shrink_active_list(l, lru, nr, sc);
	return 0;
}

/* ---- how much of each ---------------------------------------------------- */

/* The weights of anonymous memory and files. */
static void weigh(const struct lruvec *l, unsigned long *anon,
		  unsigned long *file)
{
	unsigned long a = READ_ONCE(l->anon_cost), f = READ_ONCE(l->file_cost);
	unsigned long total = a + f;
	unsigned long swappiness = clamp(vm_swappiness, 0, 200);

	a += total;
	f += total;
	*anon = swappiness * (a + f + 1) / (a + 1);
	*file = (200 - swappiness) * (a + f + 1) / (f + 1);
}

/* So few files are left that taking them would stop all programs. */
static bool files_are_scarce(const struct lruvec *l)
{
	unsigned long high = 0;
	struct zone *z;

	for_each_zone(z)
		high += high_wmark_pages(z);
	return l->nr[LRU_INACTIVE_FILE] + l->nr[LRU_ACTIVE_FILE] +
	       nr_free_pages() <= high;
}

static void scan_counts(const struct lruvec *l, const struct scan_control *sc,
			unsigned long nr[NR_LRU_LISTS])
{
	bool swap = sc->may_swap && get_nr_swap_pages() > 0;
	unsigned long anon, file;
	int lru;

	weigh(l, &anon, &file);
	if (!swap)
		anon = 0;
	else if (files_are_scarce(l))
		file = 0;
	for_each_evictable_lru(lru) {
		unsigned long weight = is_file(lru) ? file : anon;
		unsigned long n = READ_ONCE(l->nr[lru]) >> sc->priority;

		if (!n && sc->priority < DEF_PRIORITY)
			n = min(READ_ONCE(l->nr[lru]), SWAP_CLUSTER_MAX);
		nr[lru] = weight ? n * weight / (anon + file) : 0;
		if (n && weight && !nr[lru])
			nr[lru] = min(n, SWAP_CLUSTER_MAX);
	}
}

static void shrink_lruvec(struct lruvec *l, struct scan_control *sc)
{
	unsigned long nr[NR_LRU_LISTS];
	int lru;

	scan_counts(l, sc, nr);
	while (nr[LRU_INACTIVE_ANON] || nr[LRU_ACTIVE_FILE] ||
	       nr[LRU_INACTIVE_FILE]) {
		for_each_evictable_lru(lru) {
			unsigned long n = min(nr[lru], SWAP_CLUSTER_MAX);

			nr[lru] -= n;
			if (n)
				sc->nr_reclaimed += shrink_list(l, lru, n, sc);
		}
		cond_resched();
		if (sc->nr_reclaimed >= sc->nr_to_reclaim)
			break;
	}
	/* Even where anonymous pages are not taken, age them. */
	if (get_nr_swap_pages() > 0 && inactive_is_low(l, LRU_INACTIVE_ANON))
		shrink_active_list(l, LRU_ACTIVE_ANON, SWAP_CLUSTER_MAX, sc);
}

void shrink_node(struct pglist_data *node, struct scan_control *sc)
{
	shrink_lruvec(&node->lruvec, sc);
	shrink_slab(sc->gfp, node->node_id, sc->priority);
	/* What shrinkers freed lies in slabs that others may fill, or not. */
	if (sc->priority <= DEF_PRIORITY / 2)
		sc->nr_reclaimed += slab_shrink_all();
}
