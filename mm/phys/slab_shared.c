/* SPDX-License-Identifier: MIT */
/*
 * slab_shared.c -- objects on their way from one CPU's stack to another's
 *
 * One CPU often allocates what another frees: a reader of a pipe, a softirq.
 * Then the one's stack runs dry while the other's overflows, and every batch
 * goes through the slabs: lists to search, indices to write, empty slabs to
 * give back and make anew.  A second stack, shared by the CPUs, stands between:
 * a batch that overflows is laid there as it is, and who runs dry takes it up.
 *
 *	CPU 0's stack --batch--> [ shared ] --batch--> CPU 1's stack
 *	                             | full: the oldest
 *	                             v
 *	                           slabs
 *
 * It exists where there is more than one CPU, for objects up to a page.  Linux
 * has one of these a memory node, and besides "alien" arrays for objects of
 * other nodes: with one node there are no aliens.
 *
 * LOCKING.  node.lock, irqs off.
 */

#include "slab_impl.h"

#include <kernel/kernel.h>
#include <kernel/smp.h>
#include <kernel/string.h>

bool slab_wants_shared(const struct kmem_cache *c)
{
	return !c->no_arrays && !c->node.shared && c->size <= PAGE_SIZE &&
	       num_online_cpus() > 1;
}

static void set_shared(struct kmem_cache *c, struct array_cache *ac)
{
	memset(ac, 0, sizeof(*ac));
	ac->limit = min(8 * c->batch, (u32)ARRAY_CACHE_MAX);
	ac->batch = c->batch;
	c->node.shared = ac;
}

/* The second stack, as soon as one overflows; failure is no harm. */
void slab_make_shared(struct kmem_cache *c)
{
	struct array_cache *ac;

	ac = kmem_cache_alloc(slab_array_cache, GFP_NOWAIT | __GFP_NOWARN);
	if (!ac)
		return;
	spin_lock(&c->node.lock);
	if (!c->node.shared) {
		set_shared(c, ac);
		ac = NULL;
	}
	spin_unlock(&c->node.lock);
	kmem_cache_free(slab_array_cache, ac);
}

/* Up to n objects, the newest, into p; how many. */
u32 shared_take(struct kmem_cache *c, void **p, u32 n)
{
	struct array_cache *ac = c->node.shared;

	if (!ac || !ac->avail)
		return 0;
	n = min(n, ac->avail);
	ac->avail -= n;
	memcpy(p, ac->entry + ac->avail, n * sizeof(void *));
	ac->touched = 1;
	ac->allocs += n;
	return n;
}

/* Lay down as many of the n objects of p as there is room for; how many. */
u32 shared_give(struct kmem_cache *c, void **p, u32 n)
{
	struct array_cache *ac = c->node.shared;

	if (!ac)
		return 0;
	n = min(n, ac->limit - ac->avail);
	memcpy(ac->entry + ac->avail, p, n * sizeof(void *));
	ac->avail += n;
	ac->touched = 1;
	ac->frees += n;
	return n;
}

void shared_drain(struct kmem_cache *c, bool only_idle)
{
	struct array_cache *ac;
	unsigned long flags;

	spin_lock_irqsave(&c->node.lock, flags);
	ac = c->node.shared;
	if (ac && !(only_idle && ac->touched))
		while (ac->avail)
			put_into_slab(c, ac->entry[--ac->avail]);
	if (ac)
		ac->touched = 0;
	spin_unlock_irqrestore(&c->node.lock, flags);
}
