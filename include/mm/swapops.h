/* SPDX-License-Identifier: MIT */
#ifndef MM_SWAPOPS_H
#define MM_SWAPOPS_H
/*
 * swapops.h -- swap areas, their slots, and the entries that name them
 *
 * An entry (swp_entry_t) is an area's number and a slot in it; it stands in
 * page tables where a page was, in page->private while the page is in the swap
 * cache, and, for tmpfs, in the file's i_pages.  Theory: mm/virt/swap_area.c
 * (slots), swap_cache.c (pages that have one), swap_fault.c (coming back).
 */

#include <arch/pgtable.h>
#include <kernel/xarray.h>
#include <mm/swap.h>

#define MAX_SWAPFILES 16
/* In swap_map[]: the slot has a page in the cache; below: who names it. */
#define SWAP_HAS_CACHE 0x80000000u
#define SWAP_MAP_BAD 0x7fffffffu

struct mm_struct;
struct swap_info_struct;
struct vm_area_struct;

/* What moves pages.  Both are asynchronous, and end in swap_io_done(). */
struct swap_io_ops {
	void (*submit)(struct swap_info_struct *si, struct page *page,
		       unsigned long slot, bool write);
};

/*
 * One swap area.
 *
 * Field keys:  [c] constant while it is in use   [L] .lock   [S] swap_lock
 */
struct swap_info_struct {
	spinlock_t lock;
	bool used;                    /* [S] this number is taken */
	bool writeok;                 /* [L] new slots may be given out */
	int type;                     /* [c] its number */
	short prio;                   /* [S] the highest serves first */
	unsigned long max;            /* [c] slots, the header's too */
	unsigned long pages;          /* [c] usable ones */
	unsigned long inuse_pages;    /* [L] */
	unsigned long next;           /* [L] where to look for a free slot */
	unsigned long ra_slot, ra_size, ra_hits; /* guesses: swap_readahead.c */
	u32 *swap_map;                /* [L] users of each slot */
	struct xarray cache;          /* pages by slot; its own lock */
	const struct swap_io_ops *ops;/* [c] */
	void *private;                /* [c] of ops' owner */
};

static inline swp_entry_t swp_entry(unsigned int type, unsigned long offset)
{
	return __swp_entry(type, offset);
}

#define swp_type(e) __swp_type(e)
#define swp_offset(e) __swp_offset(e)
#define pte_to_swp_entry(pte) __pte_to_swp_entry(pte)
#define swp_entry_to_pte(e) __swp_entry_to_pte(e)

static inline bool is_swap_pte(pte_t pte)
{
	return !pte_none(pte) && !pte_present(pte);
}

static inline swp_entry_t page_swap_entry(const struct page *page)
{
	return (swp_entry_t){ page->private };
}

/* ---- slots (mm/virt/swap_area.c): any task context, spinlocks held ------- */

/* A free slot, marked as having a page in the cache; .val 0: there is none. */
swp_entry_t get_swap_slot(void);
/* One user more; the slot has one.  False: it has none (a stale entry). */
bool swap_duplicate(swp_entry_t entry);
/* One user less; a slot without users and cache is free. */
void swap_free(swp_entry_t entry);
/* For who will read it: 0, -EEXIST (it is in the cache), -ENOENT (unused). */
int swapcache_prepare(swp_entry_t entry);
/* Is it in use and not in the cache?  A hint: any entry may be asked for. */
bool swap_to_be_read(swp_entry_t entry);
/* The cache's mark goes. */
void swapcache_release(swp_entry_t entry);
/* Users, without the cache. */
unsigned int swap_users(swp_entry_t entry);
struct swap_info_struct *swap_info(swp_entry_t entry);
/* More than half of swap is in use: do not keep slots for what is in memory. */
bool vm_swap_full(void);

/* ---- areas: for fs/swapfile.c -------------------------------------------- */

/* A number for a new area; NULL: all are taken. */
struct swap_info_struct *swap_area_alloc(void);
/* map: vmalloc'ed, `max` slots, 0 or SWAP_MAP_BAD; prio < 0: below all
 * others. */
void swap_area_enable(struct swap_info_struct *si, u32 *map, unsigned long max,
		      unsigned long pages, int prio);
/* Bring everything back into memory: 0, -EINTR, -ENOMEM (it stays in use). */
int swap_area_disable(struct swap_info_struct *si);
/* The number is free again.  Not enabled, or disabled. */
void swap_area_release(struct swap_info_struct *si);
/* The n-th area in use; NULL behind the last. */
struct swap_info_struct *swap_area_nth(int n);
/* A transfer has ended.  Any context. */
void swap_io_done(struct page *page, bool write, bool error);

/* ---- the cache (mm/virt/swap_cache.c) ------------------------------------ */

/* The page of a slot, with a reference; NULL. */
struct page *lookup_swap_cache(swp_entry_t entry);
/* The same, or begin to read it; NULL: no memory, or the slot is unused. */
struct page *read_swap_cache(swp_entry_t entry, gfp_t gfp);
/* Begin to read a slot that nobody waits for; false: no memory. */
bool read_swap_ahead(swp_entry_t entry, gfp_t gfp);
/* read_swap_cache(), and some neighbours (mm/virt/swap_readahead.c). */
struct page *swapin_readahead(swp_entry_t entry, gfp_t gfp);
void swap_readahead_hit(swp_entry_t entry);
void delete_from_swap_cache(struct page *page);
/* No user is left but the page: give the slot back; locked.  True: done. */
bool try_to_free_swap(struct page *page);
/* An entry is dropped: the slot and a page that only waits for it go too. */
void free_swap_and_cache(swp_entry_t entry);
int swap_writepage(struct page *page);

#endif
