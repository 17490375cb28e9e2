/* SPDX-License-Identifier: MIT */
/*
 * pageout.c -- the fate of one page that reclaim has chosen
 *
 * PROMISE.  A page is freed only if its contents are zeroes that nobody wants,
 * or stand on a disk; nobody can find it when its frame goes.
 *
 * IDEA.  A page at the old end of an inactive list has had its chance.  What is
 * between it and the free list is removed step by step, and any step may end
 * the attempt:
 *
 *	locked by somebody          keep
 *	being written               keep; freed first when that is done
 *	used since the last look    keep, or back among the active
 *	anonymous, no place in swap get one (swap.c), or keep
 *	mapped                      unmap everywhere (rmap.c)
 *	dirty                       write it, or leave it to the flusher
 *	has buffers                 their owner drops them
 *	referenced by the cache     frozen and erased in one step [a]
 *	--> free
 *
 * "Unmap everywhere" ends with an interrupt to each CPU that may have used the
 * page.  So pages are unmapped in batches, one flush is made for all of them,
 * and then each goes on; until then they stay locked (rmap.c, I4).
 *
 * INVARIANTS
 *   I1  A dirty page never leaves its mapping.
 *   I2  With the i_pages lock held and the count frozen at zero, no lookup can
 *       take a reference: get_page_unless_zero() fails.
 *
 * RACES.  Why freezing comes before looking at PG_dirty:
 *
 *	reclaim                           writer with a reference
 *	sees it clean
 *	                                  writes, sets PG_dirty, puts
 *	sees that nobody else has it
 *	frees it: the write is lost
 *
 * With the order turned round [a], a writer either still has his reference
 * (the freezing fails) or has set PG_dirty before.
 *
 * CONTEXT.  Process; PF_MEMALLOC.  Whoever allocates without __GFP_FS may hold
 * a file system's locks: no writepage, no release_folio for it; without
 * __GFP_IO no swapping either.
 *
 * SEE docs/57-reclaim.md.
 */

#include <mm/rmap.h>

#include <drivers/blkdev.h>
#include <kernel/export.h>
#include <kernel/sched.h>
#include <kernel/rcupdate.h>
#include <mm/filemap.h>
#include <mm/vmstat.h>
#include <mm/swapops.h>
#include <mm/writeback.h>

#include "reclaim.h"

enum fate { KEEP, ACTIVATE, FREE, LOCKED };

/* ---- out of the mapping -------------------------------------------------- */

/* Erase a frozen page from its mapping; i_pages' lock is held. */
static void erase(struct address_space *mapping, struct page *page)
{
	__xa_erase(&mapping->i_pages, page->index);
	mapping->nrpages--;
	page->mapping = NULL;
}

bool remove_mapping(struct address_space *mapping, struct page *page)
{
	void (*free_folio)(struct page *) = mapping->a_ops->free_folio;
	unsigned long flags;

	VM_BUG_ON(!PageLocked(page));
	rcu_read_lock();       /* the inode may go with its last page */
	xa_lock_irqsave(&mapping->i_pages, flags);
	/* The cache's reference and ours. */
	if (!page_ref_freeze(page, 2))                             /* [a] */
		goto out_busy;
	if (PageDirty(page)) {                                     /* I1 */
		page_ref_unfreeze(page, 2);
		goto out_busy;
	}
	erase(mapping, page);
	xa_unlock_irqrestore(&mapping->i_pages, flags);
	rcu_read_unlock();
	dec_node_page_state(page, NR_FILE_PAGES);
	if (PageSwapBacked(page))
		dec_node_page_state(page, NR_SHMEM);
	if (free_folio)
		free_folio(page);
	page_ref_unfreeze(page, 1);    /* ours is left */
	return true;

out_busy:
	xa_unlock_irqrestore(&mapping->i_pages, flags);
	rcu_read_unlock();
	return false;
}
EXPORT_SYMBOL(remove_mapping);

/* ---- what file systems are asked ----------------------------------------- */

static const struct reclaim_fs_ops *fs_ops;   /* set once */

void register_reclaim_fs(const struct reclaim_fs_ops *ops)
{
	smp_store_release(&fs_ops, ops);
}

void reclaim_wake_flushers(void)
{
	const struct reclaim_fs_ops *ops = smp_load_acquire(&fs_ops);

	if (ops && ops->wake_flushers)
		ops->wake_flushers();
}

/* Get rid of what a file system keeps in page->private; page locked. */
bool filemap_release_folio(struct page *page, gfp_t gfp)
{
	const struct reclaim_fs_ops *ops = smp_load_acquire(&fs_ops);
	struct address_space *mapping = page->mapping;

	if (!PagePrivate(page))
		return true;
	if (PageWriteback(page))
		return false;
	if (mapping && mapping->a_ops->release_folio)
		return mapping->a_ops->release_folio(page, gfp);
	return ops && ops->free_buffers && ops->free_buffers(page);
}
EXPORT_SYMBOL(filemap_release_folio);

/* ---- the steps ----------------------------------------------------------- */

static bool may_enter_fs(const struct page *page, const struct scan_control *sc)
{
	if (sc->gfp & __GFP_FS)
		return true;
	return PageSwapCache(page) && sc->gfp & __GFP_IO;
}

/* Its file is kept in memory as a whole (SHM_LOCK). */
static bool is_unevictable(struct page *page)
{
	struct address_space *mapping = page_mapping(page);

	return mapping && test_bit(AS_UNEVICTABLE, &mapping->flags);
}

/*
 * To the list of pages that no scan looks at: munlock(), or the end of the
 * mapping, brings it back.  Either may have come before it could see the flag.
 *
 *	here				munlock
 *	set the flag	 [b]		clear VM_LOCKED
 *	look again (entry's lock) [c]	look for the flag (entry's lock)
 */
static bool set_aside(struct page *page)
{
	unsigned long vm_flags;

	SetPageUnevictable(page);                                  /* [b] */
	page_referenced(page, 1, &vm_flags);                       /* [c] */
	if (vm_flags & VM_LOCKED)
		return true;
	ClearPageUnevictable(page);
	return false;
}

/* Has it been used?  FREE: no; *only_clean: a little. */
static enum fate check_references(struct page *page, bool *only_clean)
{
	unsigned long vm_flags;
	int entries = page_referenced(page, 1, &vm_flags);
	bool noted = TestClearPageReferenced(page);

	*only_clean = false;
	if (vm_flags & VM_LOCKED)
		return set_aside(page) ? LOCKED : ACTIVATE;
	if (is_unevictable(page))
		return ACTIVATE;
	if (entries) {
		/* The first use keeps it for a round, the second activates. */
		SetPageReferenced(page);
		if (noted || entries > 1)
			return ACTIVATE;
		if (vm_flags & VM_EXEC && page_is_file_lru(page))
			return ACTIVATE;
		return KEEP;
	}
	*only_clean = noted && page_is_file_lru(page);
	return FREE;
}

/* Write a dirty page out ourselves.  FREE: clean now and locked still; else it
 * is unlocked. */
static enum fate pageout(struct page *page, struct address_space *mapping,
			 struct scan_control *sc)
{
	struct writeback_control wbc = { .nr_to_write = SWAP_CLUSTER_MAX,
					 .range_end = S64_MAX,
					 .for_reclaim = 1 };
	int err;

	if (!mapping || !mapping->a_ops->writepage ||
	    !clear_page_dirty_for_io(page)) {
		unlock_page(page);
		return ACTIVATE;
	}
	SetPageReclaim(page);
	err = mapping->a_ops->writepage(page, &wbc);
	if (err == AOP_WRITEPAGE_ACTIVATE) {
		ClearPageReclaim(page);
		unlock_page(page);
		return ACTIVATE;
	}
	if (!PageWriteback(page))
		ClearPageReclaim(page);
	inc_node_page_state(page, NR_VMSCAN_WRITE);
	sc->nr_pageout++;
	/* Without a disk in between it may be clean already. */
	if (PageWriteback(page) || PageDirty(page) || !trylock_page(page))
		return KEEP;
	if (!PageDirty(page) && !PageWriteback(page))
		return FREE;
	unlock_page(page);
	return KEEP;
}

/* A dirty page: FREE if it is clean now, and locked; else unlocked. */
static enum fate clean_page(struct page *page, struct scan_control *sc,
			    bool only_clean)
{
	bool file = page_is_file_lru(page);

	/*
	 * The flusher writes neighbours together, we would write at random: so
	 * files' pages are its affair until kswapd is in earnest.
	 */
	if (file && (!sc->kswapd || sc->priority > DEF_PRIORITY - 4)) {
		sc->nr_dirty++;
		SetPageReclaim(page);
		unlock_page(page);
		return ACTIVATE;
	}
	/* A file's that lives in memory gets a slot in its file's place. */
	if (!file && !PageSwapCache(page) && sc->may_swap &&
	    sc->gfp & __GFP_IO && page_mapping(page))
		shmem_swap_out(page);
	if (only_clean || !may_enter_fs(page, sc)) {
		unlock_page(page);
		return KEEP;
	}
	if (!PageSwapCache(page))
		return pageout(page, page_mapping(page), sc);
	ClearPageDirty(page);
	SetPageReclaim(page);
	swap_writepage(page);
	inc_node_page_state(page, NR_VMSCAN_WRITE);
	sc->nr_pageout++;
	return KEEP;
}

/* An anonymous page needs a place in swap before it can be unmapped. */
static bool has_backing(struct page *page, struct scan_control *sc)
{
	if (!PageAnon(page) || PageSwapCache(page) || page_is_lazyfree(page))
		return true;
	return sc->may_swap && sc->gfp & __GFP_IO && add_to_swap(page);
}

static bool take_out(struct page *page)
{
	struct address_space *mapping = page_mapping(page);

	if (PageSwapCache(page))
		return remove_from_swap_cache(page);
	/* In no cache, and in no entry: the reference left is ours. */
	if (page_is_lazyfree(page))
		return !page_mapped(page) && page_count(page) == 1;
	return mapping && remove_mapping(mapping, page);
}

/* Unmapped, flushed, locked: what is left to do.  Unlocked on return. */
static enum fate finish(struct page *page, struct scan_control *sc,
			bool only_clean)
{
	enum fate fate;

	if (PageDirty(page)) {
		fate = clean_page(page, sc, only_clean);
		if (fate != FREE)
			return fate;
	}
	fate = ACTIVATE;
	if (!PagePrivate(page) ||
	    (may_enter_fs(page, sc) && filemap_release_folio(page, sc->gfp)))
		fate = take_out(page) ? FREE : KEEP;
	unlock_page(page);
	return fate;
}

/* All until it is unmapped, page locked.  FREE: go on, locked; else
 * unlocked. */
static enum fate unmap(struct page *page, struct scan_control *sc,
		       bool *only_clean)
{
	enum fate fate = check_references(page, only_clean);

	if (fate != FREE)
		goto out_unlock;
	fate = ACTIVATE;
	if (!has_backing(page, sc))
		goto out_unlock;
	if (!page_mapped(page) || try_to_unmap(page, TTU_BATCH_FLUSH))
		return FREE;
	try_to_unmap_flush();           /* of some entries */
out_unlock:
	if (fate == ACTIVATE && PageSwapCache(page) && vm_swap_full())
		try_to_free_swap(page);
	unlock_page(page);
	return fate;
}

static enum fate decide(struct page *page, struct scan_control *sc,
			bool *only_clean)
{
	if (!trylock_page(page))
		return KEEP;
	if (PageWriteback(page)) {
		/* Freed first when it is written: see end_page_writeback(). */
		SetPageReclaim(page);
		sc->nr_writeback++;
		unlock_page(page);
		return ACTIVATE;
	}
	return unmap(page, sc, only_clean);
}

/* ---- a list of them ------------------------------------------------------ */

/*
 * unmapped: locked, their entries cleared and perhaps not flushed (at most one
 * batch).  What is done with a file's dirty page may wait for another page of
 * the disk's, and that might be one of these: so it never meets them locked.
 */
struct shrink {
	struct scan_control *sc;
	struct list_head unmapped, kept;
	unsigned long freed;
};

static void settle(struct shrink *s, struct page *page, enum fate fate)
{
	if (fate == FREE) {
		put_page(page);
		s->freed++;
		return;
	}
	if (fate == ACTIVATE) {
		SetPageActive(page);
		s->sc->nr_rotated++;
	}
	/* LOCKED: PG_unevictable chooses its list. */
	list_add(&page->lru, &s->kept);
}

static void finish_all(struct shrink *s)
{
	struct page *page;

	try_to_unmap_flush();
	while (!list_empty(&s->unmapped)) {
		page = list_last_entry(&s->unmapped, struct page, lru);
		list_del(&page->lru);
		settle(s, page, finish(page, s->sc, false));
	}
}

static void shrink_one(struct shrink *s, struct page *page)
{
	bool only_clean = false;
	enum fate fate = decide(page, s->sc, &only_clean);

	if (fate != FREE) {
		settle(s, page, fate);
	} else if (PageDirty(page) && (only_clean || page_is_file_lru(page))) {
		finish_all(s);
		settle(s, page, finish(page, s->sc, only_clean));
	} else {
		list_add(&page->lru, &s->unmapped);
	}
}

unsigned long shrink_page_list(struct list_head *list, struct scan_control *sc)
{
	struct tlbflush_unmap_batch ubc = { .flush_required = false };
	struct shrink s = { .sc = sc };
	unsigned int batch = 0;
	struct blk_plug plug;
	struct page *page;

	VM_BUG_ON(current->tlb_ubc);
	INIT_LIST_HEAD(&s.unmapped);
	INIT_LIST_HEAD(&s.kept);
	current->tlb_ubc = &ubc;
	blk_start_plug(&plug);          /* neighbours in swap go together */
	while (!list_empty(list)) {
		cond_resched();
		page = list_last_entry(list, struct page, lru);
		list_del(&page->lru);
		shrink_one(&s, page);
		if (++batch % SWAP_CLUSTER_MAX == 0)
			finish_all(&s);
	}
	finish_all(&s);
	blk_finish_plug(&plug);
	current->tlb_ubc = NULL;
	list_splice(&s.kept, list);
	return s.freed;
}
