/* SPDX-License-Identifier: MIT */
#ifndef MM_GFP_H
#define MM_GFP_H
/* gfp.h -- asking for page frames (mm/phys/page_alloc.c) */

#include <mm/mm_types.h>

#define __GFP_DMA 0x01u       /* below 16 MiB */
#define __GFP_DMA32 0x02u     /* below 4 GiB */
#define __GFP_HIGH 0x04u      /* may use the reserve */
#define __GFP_ZERO 0x08u
#define __GFP_NOWARN 0x10u
#define __GFP_COMP 0x20u      /* one object of 2^order pages */
#define __GFP_IO 0x40u
#define __GFP_FS 0x80u
#define __GFP_DIRECT_RECLAIM 0x100u /* may sleep */
#define __GFP_NOFAIL 0x200u
#define __GFP_NORETRY 0x400u
#define __GFP_ACCOUNT 0x800u
#define __GFP_MOVABLE 0x1000u
#define __GFP_RECLAIM __GFP_DIRECT_RECLAIM

#define GFP_KERNEL (__GFP_RECLAIM | __GFP_IO | __GFP_FS) /* may sleep */
#define GFP_ATOMIC __GFP_HIGH                             /* any context */
#define GFP_NOWAIT 0u
#define GFP_NOIO __GFP_RECLAIM
#define GFP_NOFS (__GFP_RECLAIM | __GFP_IO)
#define GFP_USER GFP_KERNEL
#define GFP_HIGHUSER_MOVABLE (GFP_USER | __GFP_MOVABLE)
#define GFP_DMA __GFP_DMA
#define GFP_DMA32 __GFP_DMA32

#define MAX_ORDER 10          /* the largest block: 1024 pages, 4 MiB */

static inline bool gfpflags_allow_blocking(gfp_t gfp)
{
	return gfp & __GFP_DIRECT_RECLAIM;
}

/* 2^order contiguous frames, aligned to their size, refcount 1; or NULL. */
struct page *alloc_pages(gfp_t gfp, unsigned int order);
#define alloc_page(gfp) alloc_pages(gfp, 0)
/* Drop one reference; the block is freed with the last one. */
void __free_pages(struct page *page, unsigned int order);
#define __free_page(page) __free_pages(page, 0)
/* The same by direct-map address; 0 if there is none. */
unsigned long __get_free_pages(gfp_t gfp, unsigned int order);
#define __get_free_page(gfp) __get_free_pages(gfp, 0)
unsigned long get_zeroed_page(gfp_t gfp);
/* Exactly enough pages for size bytes, not 2^order; NULL. */
void *alloc_pages_exact(size_t size, gfp_t gfp);
void free_pages_exact(void *addr, size_t size);
/* Give the tail pages of a non-compound block their own references. */
void split_page(struct page *page, unsigned int order);
void free_pages(unsigned long addr, unsigned int order);
#define free_page(addr) free_pages(addr, 0)

/* The order whose blocks hold `size` bytes. */
static inline unsigned int get_order(unsigned long size)
{
	return size <= PAGE_SIZE ? 0
		: BITS_PER_LONG - __builtin_clzl((size - 1) >> PAGE_SHIFT);
}

/* Move this CPU's (all CPUs') kept single pages to the buddy lists. */
void drain_local_pages(void);   /* any context */
void drain_all_pages(void);     /* irqs on */

/*
 * What a failing allocation may ask those above to do (they register, once):
 * reclaim frees pages and says how many (0: no progress); oom is asked when
 * that is over, and says whether to try again; wake_kswapd must not sleep.
 */
struct page_reclaim_ops {
	unsigned long (*try_to_free_pages)(gfp_t gfp, unsigned int order);
	void (*wake_kswapd)(gfp_t gfp, unsigned int order);
	/* Pages that could be freed if all went well. */
	unsigned long (*reclaimable)(void);
};

/* The last reference of a page on an LRU list has gone: unlink it. */
void register_lru_forget(void (*forget)(struct page *page));
void register_page_reclaim(const struct page_reclaim_ops *ops);
void register_oom_handler(bool (*handler)(gfp_t gfp, unsigned int order));

#endif
