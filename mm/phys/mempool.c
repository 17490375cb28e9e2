/* SPDX-License-Identifier: MIT */
/*
 * mempool.c -- elements set aside for those whose progress frees memory
 *
 * PROMISE.  With a pool of n elements, n requests can be under way whatever the
 * state of memory, and a caller that may sleep always gets an element in the
 * end: it waits until somebody returns one.
 *
 * IDEA.  Ask the ordinary allocator first; only if that fails take one of the
 * reserve.  What is freed refills the reserve first and goes to the ordinary
 * allocator only when that is full.
 *
 * INVARIANT  I1  0 <= curr_nr <= min_nr, and elements[0..curr_nr) are whole.
 *
 * LOCKING.  pool->lock, irq-safe.
 *
 * RACES.  The lost wake-up:
 *
 *	allocator                       freer
 *	pool empty
 *	                                put in pool, wake: nobody there
 *	sleep for ever
 *
 * cannot happen: the allocator announces itself [a] before it looks again [b].
 *
 * SEE docs/11-slab.md
 */

#include <mm/mempool.h>

#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/jiffies.h>
#include <kernel/sched.h>

/* An element of the reserve, or NULL. */
static void *take(mempool_t *pool)
{
	void *element = NULL;
	unsigned long flags;

	spin_lock_irqsave(&pool->lock, flags);
	if (pool->curr_nr > 0)
		element = pool->elements[--pool->curr_nr];
	spin_unlock_irqrestore(&pool->lock, flags);
	return element;
}

mempool_t *mempool_create(int min_nr, mempool_alloc_t *alloc_fn,
			  mempool_free_t *free_fn, void *pool_data)
{
	mempool_t *pool = kzalloc(sizeof(*pool), GFP_KERNEL);

	if (!pool)
		return NULL;
	spin_lock_init(&pool->lock);
	init_waitqueue_head(&pool->wait);
	pool->alloc = alloc_fn;
	pool->free = free_fn;
	pool->pool_data = pool_data;
	pool->min_nr = min_nr;
	pool->elements = kcalloc(max(min_nr, 1), sizeof(void *), GFP_KERNEL);
	while (pool->elements && pool->curr_nr < min_nr) {
		void *element = alloc_fn(GFP_KERNEL, pool_data);

		if (!element)
			break;
		pool->elements[pool->curr_nr++] = element;
	}
	if (!pool->elements || pool->curr_nr < min_nr) {
		mempool_destroy(pool);
		return NULL;
	}
	return pool;
}
EXPORT_SYMBOL(mempool_create);

void mempool_destroy(mempool_t *pool)
{
	void *element;

	if (!pool)
		return;
	while ((element = take(pool)))
		pool->free(element, pool->pool_data);
	kfree(pool->elements);
	kfree(pool);
}
EXPORT_SYMBOL(mempool_destroy);

void *mempool_alloc(mempool_t *pool, gfp_t gfp)
{
	/* The first try must not reclaim: the reserve may be at hand. */
	gfp_t first = (gfp & ~(__GFP_DIRECT_RECLAIM | __GFP_IO)) |
		      __GFP_NORETRY | __GFP_NOWARN;
	void *element = pool->alloc(first, pool->pool_data);

	while (!element) {
		DEFINE_WAIT(wait);

		element = take(pool);
		if (element || !gfpflags_allow_blocking(gfp))
			break;
		prepare_to_wait(&pool->wait, &wait, TASK_UNINTERRUPTIBLE); /* [a] */
		element = take(pool);                                      /* [b] */
		if (!element)
			io_schedule_timeout(5 * HZ);
		finish_wait(&pool->wait, &wait);
		if (!element)
			element = pool->alloc(gfp | __GFP_NOWARN,
					      pool->pool_data);
	}
	return element;
}
EXPORT_SYMBOL(mempool_alloc);

void mempool_free(void *element, mempool_t *pool)
{
	unsigned long flags;

	if (!element)
		return;
	spin_lock_irqsave(&pool->lock, flags);
	if (pool->curr_nr < pool->min_nr) {                        /* I1 */
		pool->elements[pool->curr_nr++] = element;
		spin_unlock_irqrestore(&pool->lock, flags);
		wake_up(&pool->wait);
		return;
	}
	spin_unlock_irqrestore(&pool->lock, flags);
	pool->free(element, pool->pool_data);
}
EXPORT_SYMBOL(mempool_free);

void *mempool_alloc_slab(gfp_t gfp, void *cache)
{
	return kmem_cache_alloc(cache, gfp);
}

void mempool_free_slab(void *element, void *cache)
{
	kmem_cache_free(cache, element);
}

void *mempool_kmalloc(gfp_t gfp, void *size)
{
	return kmalloc((size_t)size, gfp);
}

void mempool_kfree(void *element, void *unused)
{
	kfree(element);
}
