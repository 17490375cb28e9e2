/* SPDX-License-Identifier: MIT */
/*
 * slab.c -- objects of one size, kept ready in pages and at each CPU
 *
 * PROMISE.  kmem_cache_alloc() gives an object that nobody else has, aligned as
 * asked, most likely one that this CPU freed a moment ago (and so still in its
 * cache).  A constructor runs once per object of a fresh slab, not per
 * allocation: whoever frees an object returns it in its constructed state.
 *
 * IDEA.  A slab is a block of 2^order pages cut into equal objects, with a list
 * of the numbers of its free ones:
 *
 *	| colour |index: 3 0 4 | 1 2 5 | obj 0 | obj 1 | obj 2 | ...   | left |
 *	                 in use ^ inuse = 3: the next to go is number 1
 *
 * Slabs stand in three lists by how full they are; partial ones serve first,
 * so that full ones fill up and free ones can go back.  Before the slabs stands
 * a stack of objects for each CPU, filled and emptied a batch at a time: most
 * calls touch nothing else, take no lock, and get the object freed last.
 *
 *	kmem_cache_alloc --> cpu[n] stack --(empty: a batch)--> shared stack
 *	                                --> partial, free --> new pages
 *
 * Each new slab of a cache starts its objects `colour` bytes further than the
 * last one, within what is left over, so that equal objects of different slabs
 * do not all compete for the same cache lines.  Small objects have their index
 * in the slab; for big ones (512 bytes and up) it comes from kmalloc, so that
 * a power of two still divides the pages evenly.
 *
 * The CPUs' stacks are themselves objects of one cache that has none, and come
 * into being when a CPU first uses a cache: so there is no bootstrap order.
 *
 * INVARIANTS
 *   I1  In a slab, index[inuse..num) are the numbers of its free objects, each
 *       once; index[0..inuse) is stale.
 *   I2  full: inuse == num.  free: inuse == 0.  partial: between.
 *   I3  An object is in use, in one array, or free in its slab.
 *   I4  node.free_objects is the sum of num - inuse over all slabs.
 *
 * LOCKING.  node.lock (irq-safe, innermost: page allocation and freeing happen
 * outside it); arrays by irqs off on their CPU; slab_lock for the list.  Any
 * context may free, and allocate if its GFP flags do not block.
 *
 * SEE Bonwick 1994; docs/11-slab.md, which has the exercises.
 */

#include "slab_impl.h"
#include "internal.h"

#include <arch/irqflags.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <kernel/list.h>
#include <kernel/panic.h>
#include <kernel/rcupdate.h>
#include <kernel/smp.h>
#include <mm/kasan.h>
#include <mm/page_ref.h>


LIST_HEAD(slab_caches);
DEFINE_SPINLOCK(slab_lock);
unsigned long slab_pages;
static struct kmem_cache cache_cache;   /* of struct kmem_cache */
static struct kmem_cache array_cache_cache;
struct kmem_cache *const slab_array_cache = &array_cache_cache;

/* ---- slabs: from pages, to pages ----------------------------------------- */

static u16 *slab_index(const struct page *slab)
{
	return slab->freelist;
}

static void slab_give_pages_back(struct kmem_cache *c, struct page *slab)
{
	void *index = c->off_slab ? slab->freelist : NULL;

	slab->slab_cache = NULL;
	slab->freelist = NULL;
	slab->s_mem = NULL;
	__ClearPageSlab(slab);
	__atomic_fetch_sub(&slab_pages, 1UL << c->order, __ATOMIC_RELAXED);
	__free_pages(slab, c->order);
	kfree(index);
}

static void slab_free_rcu(struct rcu_head *head)
{
	struct page *slab = container_of(head, struct page, rcu);

	slab_give_pages_back(slab->slab_cache, slab);
}

/* The slab is in no list.  Its readers may still be about: wait for them. */
static void slab_destroy(struct kmem_cache *c, struct page *slab)
{
	if (c->flags & SLAB_TYPESAFE_BY_RCU)
		call_rcu(&slab->rcu, slab_free_rcu);
	else
		slab_give_pages_back(c, slab);
}

static unsigned int next_colour(struct kmem_cache *c)
{
	struct kmem_cache_node *n = &c->node;
	unsigned long flags;
	unsigned int colour;

	spin_lock_irqsave(&n->lock, flags);
	colour = n->colour_next;
	n->colour_next = colour >= c->colours ? 0 : colour + 1;
	spin_unlock_irqrestore(&n->lock, flags);
	return colour * c->colour_off;
}

/* Cut the pages into objects, all free (I1), and construct them. */
static void slab_fill(struct kmem_cache *c, struct page *slab, u16 *index,
		      char *start)
{
	slab->freelist = index;
	slab->s_mem = start;
	slab->slab_cache = c;
	slab->inuse = 0;
	slab->objects = c->num;
	__SetPageSlab(slab);
	kasan_new_slab(c, slab);
	for (unsigned int i = 0; i < c->num; i++) {
		void *obj = index_obj(c, slab, i);

		index[i] = i;
		if (slab_debugged(c))
			slab_debug_new(c, obj);
		if (c->ctor) {
			kasan_unpoison(obj, c->object_size);
			c->ctor(obj);
			kasan_poison(obj, c->object_size, KASAN_SLAB_REDZONE);
		}
	}
}

/* A new slab on the free list; false: no memory.  May sleep as gfp says. */
static bool cache_grow(struct kmem_cache *c, gfp_t gfp)
{
	struct page *slab;
	unsigned long flags;
	u16 *index = NULL;
	char *start;

	gfp &= ~__GFP_ZERO;
	if (c->off_slab) {
		index = kmalloc(c->num * sizeof(u16), gfp);
		if (!index)
			return false;
	}
	slab = alloc_pages(gfp | __GFP_COMP, c->order);
	if (!slab) {
		kfree(index);
		return false;
	}
	start = (char *)page_address(slab) + next_colour(c);
	if (!c->off_slab)
		index = (u16 *)start;
	slab_fill(c, slab, index, start + slab_index_bytes(c, c->num));
	__atomic_fetch_add(&slab_pages, 1UL << c->order, __ATOMIC_RELAXED);

	spin_lock_irqsave(&c->node.lock, flags);
	list_add(&slab->slab_list, &c->node.free);
	c->node.nr_slabs++;
	c->node.nr_free_slabs++;
	c->node.free_objects += c->num;
	spin_unlock_irqrestore(&c->node.lock, flags);
	return true;
}

unsigned long slab_free_empty(struct kmem_cache *c, unsigned long n)
{
	struct kmem_cache_node *node = &c->node;
	unsigned long freed = 0;

	while (freed < n) {
		struct page *slab = NULL;
		unsigned long flags;

		spin_lock_irqsave(&node->lock, flags);
		if (!list_empty(&node->free)) {
			slab = list_last_entry(&node->free, struct page,
					       slab_list);
			list_del(&slab->slab_list);
			node->nr_slabs--;
			node->nr_free_slabs--;
			node->free_objects -= c->num;
		}
		spin_unlock_irqrestore(&node->lock, flags);
		if (!slab)
			break;
		slab_destroy(c, slab);
		freed++;
	}
	return freed << c->order;
}

/* ---- objects: from a slab, to a slab.  node.lock held -------------------- */

/* Put the slab in the list that suits it (I2). */
static void slab_relist(struct kmem_cache *c, struct page *slab,
			unsigned int before)
{
	struct kmem_cache_node *n = &c->node;

	if (before == 0)
		n->nr_free_slabs--;
	if (slab->inuse == 0) {
		n->nr_free_slabs++;
		list_move(&slab->slab_list, &n->free);
	} else if (slab->inuse == c->num) {
		list_move(&slab->slab_list, &n->full);
	} else if (before == 0 || before == c->num) {
		list_move(&slab->slab_list, &n->partial);
	}
}

void put_into_slab(struct kmem_cache *c, void *obj)
{
	struct page *slab = virt_to_head_page(obj);
	unsigned int before = slab->inuse;

	DEBUG_ASSERT(before > 0 && slab->slab_cache == c);
	slab_index(slab)[--slab->inuse] = obj_index(c, slab, obj);  /* I1 */
	c->node.free_objects++;                                      /* I4 */
	if (slab->inuse == 0 || before == c->num)
		slab_relist(c, slab, before);
}

/* Up to n objects into p, from as few slabs as possible; how many. */
static unsigned int take_from_slabs(struct kmem_cache *c, void **p,
				    unsigned int n)
{
	struct kmem_cache_node *node = &c->node;
	unsigned int got = 0;

	while (got < n) {
		struct list_head *from = list_empty(&node->partial) ?
					 &node->free : &node->partial;
		struct page *slab;
		unsigned int before;

		if (list_empty(from))
			break;
		slab = list_first_entry(from, struct page, slab_list);
		before = slab->inuse;
		while (got < n && slab->inuse < c->num) {
			p[got++] = index_obj(c, slab,
					slab_index(slab)[slab->inuse++]);
			node->free_objects--;
		}
		slab_relist(c, slab, before);
	}
	return got;
}

/* ---- the CPUs' stacks.  Irqs off ----------------------------------------- */

/* This CPU's stack, made if there is none yet; NULL: do without. */
static struct array_cache *cpu_array(struct kmem_cache *c)
{
	int cpu = smp_processor_id();
	struct array_cache *ac = c->cpu[cpu];

	if (likely(ac) || c->no_arrays)
		return ac;
	ac = kmem_cache_alloc(&array_cache_cache, GFP_NOWAIT | __GFP_NOWARN);
	if (!ac)
		return NULL;
	memset(ac, 0, sizeof(*ac));
	ac->limit = c->limit;
	ac->batch = c->batch;
	c->cpu[cpu] = ac;
	return ac;
}

/* The stack is empty or missing: an object from the slabs, or NULL. */
static void *alloc_from_node(struct kmem_cache *c)
{
	struct array_cache *ac = cpu_array(c);
	void *obj = NULL;

	spin_lock(&c->node.lock);
	c->node.slow_allocs++;
	if (!ac) {
		take_from_slabs(c, &obj, 1);
	} else {
		ac->avail = shared_take(c, ac->entry, ac->batch);
		if (!ac->avail)
			ac->avail = take_from_slabs(c, ac->entry, ac->batch);
		if (ac->avail) {
			obj = ac->entry[--ac->avail];
			ac->allocs++;
		}
	}
	spin_unlock(&c->node.lock);
	return obj;
}

/* Move the n objects that lie longest in the stack away. */
static void array_flush(struct kmem_cache *c, struct array_cache *ac, u32 n,
			bool to_shared)
{
	u32 i;

	spin_lock(&c->node.lock);
	for (i = to_shared ? shared_give(c, ac->entry, n) : 0; i < n; i++)
		put_into_slab(c, ac->entry[i]);
	spin_unlock(&c->node.lock);
	ac->avail -= n;
	memmove(ac->entry, ac->entry + n, ac->avail * sizeof(void *));
}

/* How many free objects a cache may keep in its slabs. */
static unsigned long free_limit(const struct kmem_cache *c)
{
	return (1 + num_online_cpus()) * c->batch + c->num;
}

static void free_to_node(struct kmem_cache *c, void *obj)
{
	struct array_cache *ac = cpu_array(c);
	unsigned long free, limit;

	if (ac) {
		if (unlikely(slab_wants_shared(c)))
			slab_make_shared(c);
		if (ac->avail >= ac->limit)
			array_flush(c, ac, ac->batch, true);
		ac->entry[ac->avail++] = obj;
		ac->frees++;
	} else {
		spin_lock(&c->node.lock);
		put_into_slab(c, obj);
		spin_unlock(&c->node.lock);
	}
	c->node.slow_frees++;
	limit = free_limit(c);
	free = READ_ONCE(c->node.free_objects);
	if (free > limit)
		slab_free_empty(c, (free - limit) / c->num);
}

void slab_drain_local(struct kmem_cache *c)
{
	struct array_cache *ac = c->cpu[smp_processor_id()];

	if (ac && ac->avail)
		array_flush(c, ac, ac->avail, false);
}

/* ---- the doors ----------------------------------------------------------- */

static __always_inline void *cache_alloc(struct kmem_cache *c, gfp_t gfp,
					 void *caller)
{
	struct array_cache *ac;
	unsigned long flags;
	void *obj;

	do {
		local_irq_save(flags);
		ac = c->cpu[smp_processor_id()];
		if (likely(ac && ac->avail)) {
			obj = ac->entry[--ac->avail];
			ac->touched = 1;
			ac->allocs++;
		} else {
			obj = alloc_from_node(c);
		}
		local_irq_restore(flags);
	} while (unlikely(!obj) && cache_grow(c, gfp));

	if (obj)
		kasan_slab_alloc(c, obj);
	if (slab_debugged(c) && obj)
		slab_debug_alloc(c, obj, caller);
	if ((gfp & __GFP_ZERO) && obj)
		memset(obj, 0, c->object_size);
	return obj;
}

void *kmem_cache_alloc(struct kmem_cache *c, gfp_t gfp)
{
	if (IS_ENABLED(LANTERN_DEBUG) && !(c->flags & SLAB_NOFAIL_INJECT) &&
	    should_failslab(gfp))
		return NULL;
	return cache_alloc(c, gfp, __builtin_return_address(0));
}
EXPORT_SYMBOL(kmem_cache_alloc);

/* The object is nobody's any more: to this CPU's stack. */
static __always_inline void free_now(struct kmem_cache *c, void *obj)
{
	struct array_cache *ac;
	unsigned long flags;

	local_irq_save(flags);
	ac = c->cpu[smp_processor_id()];
	if (likely(ac && ac->avail < ac->limit)) {
		if (unlikely(ac->avail && ac->entry[ac->avail - 1] == obj)) {
			local_irq_restore(flags);
			slab_error(c, obj, "freed twice");
			return;
		}
		ac->entry[ac->avail++] = obj;
		ac->touched = 1;
		ac->frees++;
	} else {
		free_to_node(c, obj);
	}
	local_irq_restore(flags);
}

#ifdef LANTERN_SAN
void slab_free_now(struct kmem_cache *c, void *obj)
{
	free_now(c, obj);
}
#endif

void kmem_cache_free(struct kmem_cache *c, void *obj)
{
	if (!obj)
		return;
	if (slab_debugged(c) &&
	    !slab_debug_free(c, obj, __builtin_return_address(0)))
		return;
	if (kasan_slab_free(c, obj))
		return;
	free_now(c, obj);
}
EXPORT_SYMBOL(kmem_cache_free);

unsigned int kmem_cache_size(const struct kmem_cache *c)
{
	return c->object_size;
}

/* ---- caches -------------------------------------------------------------- */

static void cache_enlist(struct kmem_cache *c)
{
	unsigned long flags;

	spin_lock_irqsave(&slab_lock, flags);
	list_add_tail(&c->list, &slab_caches);
	spin_unlock_irqrestore(&slab_lock, flags);
}

void slab_create_boot_cache(struct kmem_cache *c, const char *name,
			    unsigned int size, unsigned int align)
{
	BUG_ON(slab_cache_init(c, name, size, align, 0, NULL) < 0);
	cache_enlist(c);
}

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned int flags,
				     void (*ctor)(void *))
{
	struct kmem_cache *c = kmem_cache_zalloc(&cache_cache, GFP_KERNEL);

	if (c && (size == 0 ||
		  slab_cache_init(c, name, size, align, flags, ctor))) {
		kmem_cache_free(&cache_cache, c);
		c = NULL;
	}
	if (!c) {
		if (flags & SLAB_PANIC)
			panic("cannot create slab cache %s", name);
		return NULL;
	}
	cache_enlist(c);
	return c;
}
EXPORT_SYMBOL(kmem_cache_create);

static void drain_ipi(void *cache)
{
	unsigned long flags;

	local_irq_save(flags);
	slab_drain_local(cache);
	local_irq_restore(flags);
}

unsigned long kmem_cache_shrink(struct kmem_cache *c)
{
	kasan_flush_quarantine();
	if (num_online_cpus() > 1)
		on_each_cpu(drain_ipi, c, 1);
	else
		drain_ipi(c);
	shared_drain(c, false);
	return slab_free_empty(c, ~0UL);
}
EXPORT_SYMBOL(kmem_cache_shrink);

void kmem_cache_destroy(struct kmem_cache *c)
{
	unsigned long flags;

	if (!c)
		return;
	spin_lock_irqsave(&slab_lock, flags);
	list_del(&c->list);
	spin_unlock_irqrestore(&slab_lock, flags);
	kmem_cache_shrink(c);
	if (c->flags & SLAB_TYPESAFE_BY_RCU)
		rcu_barrier();
	if (c->node.nr_slabs) {
		slab_error(c, NULL, "destroyed with objects in use");
		return;
	}
	for (int cpu = 0; cpu < NR_CPUS; cpu++)
		kmem_cache_free(&array_cache_cache, c->cpu[cpu]);
	kmem_cache_free(&array_cache_cache, c->node.shared);
	kmem_cache_free(&cache_cache, c);
}
EXPORT_SYMBOL(kmem_cache_destroy);

struct kmem_cache *slab_cache_of(const void *p)
{
	struct page *page = virt_to_head_page(p);

	return PageSlab(page) ? page->slab_cache : NULL;
}

void kmem_cache_init(void)
{
	array_cache_cache.no_arrays = true;
	slab_create_boot_cache(&array_cache_cache, "array_cache",
			       ARRAY_CACHE_BYTES, 64);
	slab_create_boot_cache(&cache_cache, "kmem_cache",
			       sizeof(struct kmem_cache), 64);
	kmalloc_init();
}
