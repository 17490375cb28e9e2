/* SPDX-License-Identifier: MIT */
#ifndef MM_PHYS_INTERNAL_H
#define MM_PHYS_INTERNAL_H
/* internal.h -- what the files of mm/phys tell each other and nobody else */

#include <mm/mmzone.h>

/*
 * buddy.c.  The caller holds zone->lock, or is the only one to know the zone.
 * Frames that come in or go out have no meaning beyond their number: reference
 * counts and checks are page_alloc.c's business.
 */
void buddy_init(struct zone *zone);
/* 2^order frames aligned to their size, or NULL. */
struct page *buddy_alloc(struct zone *zone, unsigned int order);
void buddy_free(struct zone *zone, struct page *page, unsigned int order);
/* Panic unless the free lists are as buddy.c promises (I1-I4). */
void buddy_check(const struct zone *zone);

static inline unsigned int buddy_order(const struct page *page)
{
	return page->private;
}

/* page_alloc.c: a frame from memblock enters the allocator. */
void __free_pages_boot(struct page *page, unsigned int order);
void init_per_cpu_pages(struct zone *zone);
extern unsigned long nr_bad_pages;   /* reports since boot */
extern bool bad_pages_expected;      /* a self-test provokes them: be quiet */

/* Alloc flags: how deep below the watermark a request may go. */
#define ALLOC_HARDER 0x1u         /* cannot sleep: a quarter below */
#define ALLOC_HIGH 0x2u           /* __GFP_HIGH: half below */
#define ALLOC_NO_WATERMARKS 0x4u  /* frees memory if it gets some: all */

/* slab.c for kmalloc.c: a cache in storage of the caller. */
void slab_create_boot_cache(struct kmem_cache *cache, const char *name,
			    unsigned int size, unsigned int align);
size_t kmem_cache_alloc_size(void);
/* The cache and its object that p points into; NULL if p is no slab's. */
struct kmem_cache *slab_cache_of(const void *p);
void kmalloc_init(void);
/* Report a caller's bug about a slab object: logged and counted. */
extern unsigned long slab_errors;
extern bool slab_errors_expected;   /* a self-test provokes them */

/* Debug builds: should these frames fail by /proc/fail-nth? (slab_debug.c) */
bool should_fail_alloc_page(gfp_t gfp);

#endif
