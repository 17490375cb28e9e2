/* SPDX-License-Identifier: MIT */
#ifndef MM_MEMPOOL_H
#define MM_MEMPOOL_H
/* mempool.h -- a reserve for those who must go on (mm/phys/mempool.c) */

#include <kernel/spinlock.h>
#include <kernel/wait.h>
#include <mm/slab.h>

typedef void *mempool_alloc_t(gfp_t gfp, void *pool_data);
typedef void mempool_free_t(void *element, void *pool_data);

/* Field keys:  [c] constant   [L] .lock */
typedef struct mempool {
	spinlock_t lock;               /* irq-safe */
	int min_nr;                    /* [c] elements that the pool keeps */
	int curr_nr;                   /* [L] elements in it now */
	void **elements;               /* [L] */
	void *pool_data;               /* [c] */
	mempool_alloc_t *alloc;        /* [c] */
	mempool_free_t *free;          /* [c] */
	wait_queue_head_t wait;        /* allocators that found nothing */
} mempool_t;

/* NULL if even the reserve cannot be had; may sleep. */
mempool_t *mempool_create(int min_nr, mempool_alloc_t *alloc_fn,
			  mempool_free_t *free_fn, void *pool_data);
/* All elements must be back; may sleep. */
void mempool_destroy(mempool_t *pool);
/* Never NULL if gfp may sleep; else NULL when underlying and pool are dry. */
void *mempool_alloc(mempool_t *pool, gfp_t gfp);
/* Any context. */
void mempool_free(void *element, mempool_t *pool);

mempool_alloc_t mempool_alloc_slab, mempool_kmalloc;
mempool_free_t mempool_free_slab, mempool_kfree;

static inline mempool_t *mempool_create_slab_pool(int n, struct kmem_cache *c)
{
	return mempool_create(n, mempool_alloc_slab, mempool_free_slab, c);
}

static inline mempool_t *mempool_create_kmalloc_pool(int n, size_t size)
{
	return mempool_create(n, mempool_kmalloc, mempool_kfree,
			      (void *)size);
}

#endif
