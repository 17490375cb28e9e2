/* SPDX-License-Identifier: MIT */
#ifndef MM_SWAP_H
#define MM_SWAP_H
/*
 * swap.h -- pages by age, getting rid of them, and where they go
 *
 * Theory: ages mm/virt/lru.c, reclaim mm/virt/vmscan.c, swap mm/virt/swap.c.
 */

#include <mm/mmzone.h>
#include <mm/page-flags.h>

struct address_space;
struct vm_area_struct;

/* ---- ages (mm/virt/lru.c) ------------------------------------------------ */

/* Put a new page on an inactive list; it has a reference.  Any context. */
void lru_cache_add(struct page *page);
/* The same for a new anonymous page of vma. */
void lru_cache_add_inactive_or_unevictable(struct page *page,
					   struct vm_area_struct *vma);
/* It was used: referenced, then active.  Any context. */
void mark_page_accessed(struct page *page);
void activate_page(struct page *page);
/* It will not be used again soon. */
void deactivate_page(struct page *page);
/* Nobody locks it in memory any more, or perhaps: the next scan will see. */
void make_evictable(struct page *page);
/* Its owner does not want it (MADV_FREE): among the files, to be dropped. */
void mark_page_lazyfree(struct page *page);
/* An anonymous page that is to be dropped, unless it is written to again. */
static inline bool page_is_lazyfree(const struct page *page)
{
	return PageAnon(page) && !PageSwapBacked(page);
}
/* To the old end of its list: reclaim it next.  Any context. */
void rotate_reclaimable_page(struct page *page);
/* Move what this CPU (each CPU) has pending to the lists.  Any context. */
void lru_add_drain(void);
void lru_add_drain_all(void);
/*
 * Take a page off its list, with a reference for us: 0, or -EBUSY if it is on
 * none.  putback_lru_page() puts it on again and drops that reference.
 */
int isolate_lru_page(struct page *page);
void putback_lru_page(struct page *page);
/* Drop one reference of each; dead ones leave their lists under one lock. */
void release_pages(struct page **pages, int nr);

#define folio_isolate_lru(page) (isolate_lru_page(page) == 0)
#define folio_putback_lru putback_lru_page
#define folio_add_lru lru_cache_add
#define folio_mark_accessed mark_page_accessed
#define folio_activate activate_page
#define folio_deactivate deactivate_page

/* The list that a page belongs on. */
static inline enum lru_list page_lru(const struct page *page)
{
	if (PageUnevictable(page))
		return LRU_UNEVICTABLE;
	return (PageSwapBacked(page) ? LRU_INACTIVE_ANON : LRU_INACTIVE_FILE) +
	       PageActive(page);
}

static inline bool page_is_file_lru(const struct page *page)
{
	return !PageSwapBacked(page);
}

/* ---- reclaim (mm/virt/vmscan.c) ------------------------------------------ */

#define SWAP_CLUSTER_MAX 32UL

extern int page_cluster;              /* swap_readahead.c: log2 of the window */
extern int vm_swappiness;             /* sysctl vm.swappiness, 0..200 */
extern int sysctl_vfs_cache_pressure; /* sysctl vm.vfs_cache_pressure */

/* Objects freed so far by inode eviction within this reclaim. */
static inline unsigned long vfs_pressure_ratio(unsigned long n)
{
	return n * (unsigned long)READ_ONCE(sysctl_vfs_cache_pressure) / 100;
}

/* Pages freed; 0: no progress.  May sleep. */
unsigned long try_to_free_pages(gfp_t gfp, unsigned int order);
/* Let kswapd look after the zones.  Any context. */
void wakeup_kswapd(gfp_t gfp, unsigned int order);
/* Take a clean unmapped locked page out of its mapping; the caller holds the
 * only other reference.  False if somebody uses it. */
bool remove_mapping(struct address_space *mapping, struct page *page);

/* What reclaim asks of the file systems (above us): fs/vfs/shrink.c. */
struct reclaim_fs_ops {
	void (*wake_flushers)(void);          /* write dirty pages, soon */
	bool (*free_buffers)(struct page *page); /* drop page->private; locked */
};

void register_reclaim_fs(const struct reclaim_fs_ops *ops);
void reclaim_wake_flushers(void);
/* Drop what a file system keeps in page->private; page locked. */
bool filemap_release_folio(struct page *page, gfp_t gfp);
#define try_to_release_page filemap_release_folio

/* ---- swap (mm/virt/swap.c) ----------------------------------------------- */

/* Free places in all swap areas. */
long get_nr_swap_pages(void);
extern long total_swap_pages;
/* Give a locked anonymous page a place; false: there is none. */
bool add_to_swap(struct page *page);
/* It is clean and unmapped: forget its copy here.  False: somebody uses it. */
bool remove_from_swap_cache(struct page *page);

#endif
