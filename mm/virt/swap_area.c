/* SPDX-License-Identifier: MIT */
/*
 * swap_area.c -- slots on disks for pages without a file
 *
 * PROMISE.  A slot belongs to one page's contents until the last entry that
 * names it is gone.
 *
 * IDEA.  An area is an array of page-sized slots; swap_map[] counts for each
 * slot who names it:
 *
 *	entries in page tables and tmpfs files    1 each (fork makes it 2)
 *	the swap cache (swap_cache.c)             SWAP_HAS_CACHE
 *	0                                         free
 *
 * Free slots are looked for from where the last one was found, so that pages
 * that go out together lie together.
 *
 * INVARIANTS
 *   I1  inuse_pages is the number of slots whose map entry is neither 0 nor
 *       SWAP_MAP_BAD.
 *   I2  Whoever holds an entry that is counted may use swap_info(entry): the area
 *       is not released before inuse_pages is 0.
 *       Whoever does not (a fault that lost against swapoff, read-ahead) asks
 *       swapcache_prepare(): it finds no map, or from then on holds a slot.
 *   I3  free_slots is the sum of pages - inuse_pages over the areas that give
 *       slots out.
 *
 * LOCKING.  swap_lock for the table of areas, then si->lock for a map, its size
 * and whether it is there.  Both under page table locks; nothing is taken
 * inside.  A lock outlives its area: a late reader may just be trying it.
 *
 * SEE docs/58-swap.md.
 */

#include <mm/swapops.h>

#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <mm/vmalloc.h>

#include "internal.h"

static DEFINE_SPINLOCK(swap_lock);
static struct swap_info_struct areas[MAX_SWAPFILES] = {
	[0 ... MAX_SWAPFILES - 1] = { .lock = __SPIN_LOCK_UNLOCKED(swap_area) },
};
static int lowest_prio = -1;          /* swap_lock: of those that said none */
long total_swap_pages;                /* swap_lock */
static atomic_long_t free_slots;

long get_nr_swap_pages(void)
{
	return atomic_long_read(&free_slots);
}

bool vm_swap_full(void)
{
	return get_nr_swap_pages() * 2 < total_swap_pages;
}

struct swap_info_struct *swap_info(swp_entry_t entry)
{
	return &areas[swp_type(entry)];
}

/* ---- slots -------------------------------------------------------------- */

/* The first free slot from `from` on, below `to`; 0: none.  Locked. */
static unsigned long find_free(const struct swap_info_struct *si,
			       unsigned long from, unsigned long to)
{
	for (; from < to; from++)
		if (!si->swap_map[from])
			return from;
	return 0;
}

static unsigned long take_slot(struct swap_info_struct *si)
{
	unsigned long slot = 0;

	spin_lock(&si->lock);
	if (si->writeok && si->inuse_pages < si->pages) {
		slot = find_free(si, si->next, si->max);
		if (!slot)
			slot = find_free(si, 1, si->next);
	}
	if (slot) {
		si->swap_map[slot] = SWAP_HAS_CACHE;
		si->inuse_pages++;                                 /* I1 */
		si->next = slot + 1 < si->max ? slot + 1 : 1;
		atomic_long_dec(&free_slots);
	}
	spin_unlock(&si->lock);
	return slot;
}

/* The area with room that has the highest priority; swap_lock held. */
static struct swap_info_struct *best_area(void)
{
	struct swap_info_struct *best = NULL, *si;

	for (si = areas; si < areas + MAX_SWAPFILES; si++)
		if (READ_ONCE(si->writeok) &&
		    READ_ONCE(si->inuse_pages) < si->pages &&
		    (!best || si->prio > best->prio))
			best = si;
	return best;
}

swp_entry_t get_swap_slot(void)
{
	swp_entry_t none = { 0 };
	struct swap_info_struct *si;
	unsigned long slot;

	do {
		spin_lock(&swap_lock);
		si = best_area();
		slot = si ? take_slot(si) : 0;
		spin_unlock(&swap_lock);
		if (slot)
			return swp_entry(si->type, slot);
	} while (si);
	return none;
}

/* What is behind an entry, locked; NULL, unlocked: no such slot. */
static u32 *try_lock_slot(swp_entry_t entry)
{
	struct swap_info_struct *si = swap_info(entry);

	if (swp_type(entry) >= MAX_SWAPFILES)
		return NULL;
	spin_lock(&si->lock);
	if (si->swap_map && swp_offset(entry) < si->max)
		return &si->swap_map[swp_offset(entry)];
	spin_unlock(&si->lock);
	return NULL;
}

/* The same for who holds a counted entry (I2): without a slot it is damaged. */
static u32 *lock_slot(swp_entry_t entry)
{
	u32 *map = try_lock_slot(entry);

	if (!map)
		pr_err("swap: bad entry %#lx\n", entry.val);
	return map;
}

static void unlock_slot(swp_entry_t entry)
{
	spin_unlock(&swap_info(entry)->lock);
}

bool swap_duplicate(swp_entry_t entry)
{
	u32 *map = lock_slot(entry);
	bool ok;

	if (!map)
		return false;
	ok = *map && *map != SWAP_MAP_BAD;
	if (ok)
		++*map;
	unlock_slot(entry);
	return ok;
}

/* The slot lost something: free it if it was the last.  Locked. */
static void slot_dropped(swp_entry_t entry, u32 *map)
{
	if (*map)
		return;
	swap_info(entry)->inuse_pages--;                           /* I1 */
	if (swap_info(entry)->writeok)
		atomic_long_inc(&free_slots);                      /* I3 */
}

void swap_free(swp_entry_t entry)
{
	u32 *map = lock_slot(entry);

	if (!map)
		return;
	if (!WARN_ON_ONCE(!(*map & ~SWAP_HAS_CACHE))) {
		--*map;
		slot_dropped(entry, map);
	}
	unlock_slot(entry);
}

int swapcache_prepare(swp_entry_t entry)
{
	u32 *map = try_lock_slot(entry);
	int err = 0;

	if (!map)
		return -ENOENT;
	if (*map & SWAP_HAS_CACHE)
		err = -EEXIST;
	else if (!*map || *map == SWAP_MAP_BAD)
		err = -ENOENT;
	else
		*map |= SWAP_HAS_CACHE;
	unlock_slot(entry);
	return err;
}

void swapcache_release(swp_entry_t entry)
{
	u32 *map = lock_slot(entry);

	if (!map)
		return;
	*map &= ~SWAP_HAS_CACHE;
	slot_dropped(entry, map);
	unlock_slot(entry);
}

bool swap_to_be_read(swp_entry_t entry)
{
	u32 *map = try_lock_slot(entry);
	bool yes;

	if (!map)
		return false;
	yes = *map && *map != SWAP_MAP_BAD && !(*map & SWAP_HAS_CACHE);
	unlock_slot(entry);
	return yes;
}

unsigned int swap_users(swp_entry_t entry)
{
	u32 *map = lock_slot(entry), n;

	if (!map)
		return 0;
	n = *map & ~SWAP_HAS_CACHE;
	unlock_slot(entry);
	return n;
}

/* ---- areas -------------------------------------------------------------- */

struct swap_info_struct *swap_area_alloc(void)
{
	struct swap_info_struct *si, *found = NULL;

	spin_lock(&swap_lock);
	for (si = areas; si < areas + MAX_SWAPFILES && !found; si++)
		if (!si->used)
			found = si;
	if (found) {
		found->used = true;
		found->type = found - areas;
		found->inuse_pages = 0;
		found->next = 1;
		found->private = NULL;
	}
	spin_unlock(&swap_lock);
	if (found)
		xa_init(&found->cache);
	return found;
}

void swap_area_enable(struct swap_info_struct *si, u32 *map, unsigned long max,
		      unsigned long pages, int prio)
{
	spin_lock(&swap_lock);
	si->prio = prio >= 0 ? prio : --lowest_prio;
	spin_lock(&si->lock);
	si->max = max;
	si->pages = pages;
	si->swap_map = map;
	spin_unlock(&si->lock);
	total_swap_pages += pages;
	atomic_long_add(pages, &free_slots);
	WRITE_ONCE(si->writeok, true);
	spin_unlock(&swap_lock);
}

/* No new slots from here (or again). */
static void set_writeok(struct swap_info_struct *si, bool ok)
{
	long unused;

	spin_lock(&swap_lock);
	spin_lock(&si->lock);
	unused = si->pages - si->inuse_pages;
	WRITE_ONCE(si->writeok, ok);
	atomic_long_add(ok ? unused : -unused, &free_slots);       /* I3 */
	spin_unlock(&si->lock);
	total_swap_pages += ok ? (long)si->pages : -(long)si->pages;
	spin_unlock(&swap_lock);
}

int swap_area_disable(struct swap_info_struct *si)
{
	int err;

	set_writeok(si, false);
	err = swap_unuse_area(si);
	if (err)
		set_writeok(si, true);
	return err;
}

void swap_area_release(struct swap_info_struct *si)
{
	u32 *map = si->swap_map;

	xa_destroy(&si->cache);
	spin_lock(&swap_lock);
	/* The last one below the others gives its place back. */
	if (map && si->prio == lowest_prio)
		lowest_prio++;
	spin_lock(&si->lock);
	si->swap_map = NULL;
	spin_unlock(&si->lock);
	si->used = false;
	spin_unlock(&swap_lock);
	vfree(map);
}

struct swap_info_struct *swap_area_nth(int n)
{
	struct swap_info_struct *si, *found = NULL;

	spin_lock(&swap_lock);
	for (si = areas; si < areas + MAX_SWAPFILES && !found; si++)
		if (si->used && si->swap_map && n-- == 0)
			found = si;
	spin_unlock(&swap_lock);
	return found;
}
