/* SPDX-License-Identifier: MIT */
/*
 * slab_info.c -- telling what the caches hold, and making them hold less
 *
 * slab_reap(), called every two seconds from above, gives back what nobody has
 * used since its last visit.
 *
 * LOCKING.  slab_lock for the list of caches.  May sleep unless said.
 */

#include "slab_impl.h"

#include <arch/irqflags.h>
#include <arch/processor.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/list.h>
#include <kernel/smp.h>
#include <mm/kasan.h>

unsigned long slab_nr_pages(void)
{
	return READ_ONCE(slab_pages);
}

unsigned long slab_nr_reclaimable_pages(void)
{
	struct kmem_cache *c;
	unsigned long flags, n = 0;

	spin_lock_irqsave(&slab_lock, flags);
	list_for_each_entry(c, &slab_caches, list)
		if (c->flags & SLAB_RECLAIM_ACCOUNT)
			n += READ_ONCE(c->node.nr_slabs) << c->order;
	spin_unlock_irqrestore(&slab_lock, flags);
	return n;
}

/* Objects in arrays count as active for their slab; here as free. */
static void fill_info(struct kmem_cache *c, struct slabinfo *si)
{
	unsigned long in_arrays = 0;
	unsigned long flags;

	memset(si, 0, sizeof(*si));
	for (int cpu = 0; cpu < NR_CPUS; cpu++) {
		struct array_cache *ac = READ_ONCE(c->cpu[cpu]);

		if (ac) {
			in_arrays += READ_ONCE(ac->avail);
			si->allocs += ac->allocs;
			si->frees += ac->frees;
		}
	}
	spin_lock_irqsave(&c->node.lock, flags);
	si->num_slabs = c->node.nr_slabs;
	si->active_slabs = c->node.nr_slabs - c->node.nr_free_slabs;
	si->num_objs = c->node.nr_slabs * c->num;
	si->active_objs = si->num_objs - c->node.free_objects;
	spin_unlock_irqrestore(&c->node.lock, flags);
	si->active_objs -= min(in_arrays, si->active_objs);
	strscpy(si->name, c->name, sizeof(si->name));
	si->objsize = c->size;
	si->objperslab = c->num;
	si->pagesperslab = 1U << c->order;
	si->limit = c->limit;
	si->batchcount = c->batch;
	si->errors = READ_ONCE(c->errors);
	si->shared = c->node.shared ? 8 : 0;
	si->shared_avail = c->node.shared ? READ_ONCE(c->node.shared->avail) : 0;
	si->active_objs -= min(si->shared_avail, si->active_objs);
}

/* The index-th cache; false behind the last. */
static bool slabinfo_get(unsigned int index, struct slabinfo *si)
{
	struct kmem_cache *c;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&slab_lock, flags);
	list_for_each_entry(c, &slab_caches, list) {
		if (index-- == 0) {
			fill_info(c, si);
			found = true;
			break;
		}
	}
	spin_unlock_irqrestore(&slab_lock, flags);
	return found;
}

int slabinfo_for_each(int (*fn)(const struct slabinfo *si, void *arg),
		      void *arg)
{
	struct slabinfo si;

	kasan_flush_quarantine();       /* what waits there is nobody's */
	for (unsigned int i = 0; slabinfo_get(i, &si); i++) {
		int err = fn(&si, arg);

		if (err)
			return err;
	}
	return 0;
}

/* ---- giving back --------------------------------------------------------- */

/* Empty this CPU's arrays, or only those not used since the last time. */
static void drain_all_caches(void *only_idle)
{
	struct kmem_cache *c;
	unsigned long flags;

	spin_lock_irqsave(&slab_lock, flags);
	list_for_each_entry(c, &slab_caches, list) {
		struct array_cache *ac = c->cpu[smp_processor_id()];

		if (!ac || !ac->avail)
			continue;
		if (!only_idle || !ac->touched)
			slab_drain_local(c);
		ac->touched = 0;
	}
	spin_unlock_irqrestore(&slab_lock, flags);
}

/* Drain the shared arrays, then give up to n empty slabs of each cache back. */
static unsigned long free_empty_of_all(unsigned long n, bool only_idle)
{
	struct kmem_cache *c;
	unsigned long flags, pages = 0;

	spin_lock_irqsave(&slab_lock, flags);
	list_for_each_entry(c, &slab_caches, list) {
		shared_drain(c, only_idle);
		pages += slab_free_empty(c, n);
	}
	spin_unlock_irqrestore(&slab_lock, flags);
	return pages;
}

unsigned long slab_shrink_all(void)
{
	if (num_online_cpus() > 1)
		on_each_cpu(drain_all_caches, NULL, 1);
	else
		drain_all_caches(NULL);
	return free_empty_of_all(~0UL, false);
}

void slab_reap(bool nodes_too)
{
	drain_all_caches((void *)1L);
	if (nodes_too)
		free_empty_of_all(4, true);
}

/* ---- many at once -------------------------------------------------------- */

int kmem_cache_alloc_bulk(struct kmem_cache *c, gfp_t gfp, size_t n, void **p)
{
	for (size_t i = 0; i < n; i++) {
		p[i] = kmem_cache_alloc(c, gfp);
		if (!p[i]) {
			kmem_cache_free_bulk(c, i, p);
			return 0;
		}
	}
	return n;
}

void kmem_cache_free_bulk(struct kmem_cache *c, size_t n, void **p)
{
	for (size_t i = 0; i < n; i++)
		kmem_cache_free(c, p[i]);
}
