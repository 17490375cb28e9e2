/* SPDX-License-Identifier: MIT */
/*
 * slab.c -- the allocators' side: redzones, who had it, and the quarantine
 *
 * IDEA.  A slot of a checked cache:
 *
 *	| object | redzone | who allocated, who freed |  next slot
 *
 * kmalloc(13) from kmalloc-16 makes 13 bytes good and the other 3 a redzone.
 * A freed object is poisoned and waits in its CPU's quarantine, a ring, until
 * so many others have been freed after it: a use after free finds it still
 * poisoned, where a reused object would look innocent.
 *
 * Objects of a TYPESAFE_BY_RCU cache may be read after they were freed, so they
 * are neither poisoned nor kept.
 *
 * LOCKING.  A quarantine: its CPU only, irqs off.
 */

#include "internal.h"

#include "../phys/internal.h"
#include "../phys/slab_impl.h"

#include <arch/irqflags.h>
#include <kernel/kernel.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <mm/mm.h>

#define CHECKED_MAX 1024         /* larger objects have no room for more */
#define REDZONE_MIN 16
#define RING 2048
#define RING_BYTES (1UL << 20)

struct quarantine {
	unsigned int first, n;
	size_t bytes;
	void *obj[RING];
};

static DEFINE_PER_CPU(struct quarantine, quarantine);

/* ---- pages --------------------------------------------------------------- */

void kasan_alloc_pages(struct page *page, unsigned int order)
{
	kasan_unpoison(page_address(page), PAGE_SIZE << order);
}

void kasan_free_pages(struct page *page, unsigned int order)
{
	kasan_poison(page_address(page), PAGE_SIZE << order, KASAN_FREE_PAGE);
}

void kasan_kmalloc_large(void *p, size_t size)
{
	size_t whole = page_size(virt_to_head_page(p));
	size_t used = ALIGN(size, KASAN_GRANULE);

	if (used < whole)
		kasan_poison((char *)p + used, whole - used,
			     KASAN_PAGE_REDZONE);
	kasan_unpoison(p, size);
}

/* ---- caches -------------------------------------------------------------- */

u32 kasan_cache_size(u32 *flags, u32 object_size, u32 size)
{
	if (object_size > CHECKED_MAX)
		return size;
	*flags |= SLAB_KASAN_META;
	size = max(size, (u32)ALIGN(object_size, KASAN_GRANULE) + REDZONE_MIN);
	return ALIGN(size, KASAN_GRANULE) + sizeof(struct kasan_meta);
}

struct kasan_meta *kasan_meta_of(const struct kmem_cache *c, const void *obj)
{
	if (!(c->flags & SLAB_KASAN_META))
		return NULL;
	return (struct kasan_meta *)((char *)obj + c->size) - 1;
}

void kasan_new_slab(struct kmem_cache *c, struct page *slab)
{
	kasan_poison(page_address(slab), PAGE_SIZE << c->order,
		     KASAN_SLAB_REDZONE);
	for (unsigned int i = 0; i < c->num; i++) {
		struct kasan_meta *m = kasan_meta_of(c, index_obj(c, slab, i));

		if (m)
			*m = (struct kasan_meta){ 0 };
	}
}

static int who(void)
{
	return in_interrupt() || !current ? -1 : current->pid;
}

void kasan_slab_alloc(struct kmem_cache *c, void *obj)
{
	struct kasan_meta *m = kasan_meta_of(c, obj);

	kasan_unpoison(obj, c->object_size);
	if (m && kasan_ready) {
		m->alloc_stack = depot_save();
		m->alloc_pid = who();
	}
}

void kasan_kmalloc(void *obj, size_t size)
{
	struct kmem_cache *c = slab_cache_of(obj);
	size_t used = ALIGN(size, KASAN_GRANULE);
	size_t whole = ALIGN(c->object_size, KASAN_GRANULE);

	if (used < whole)
		kasan_poison((char *)obj + used, whole - used,
			     KASAN_SLAB_REDZONE);
	kasan_unpoison(obj, size);
}

/* ---- freeing ------------------------------------------------------------- */

/* Take the oldest if there is more than may be kept; NULL.  Irqs off. */
static void *pop(struct quarantine *q, size_t bytes, unsigned int n)
{
	void *obj;

	if (q->n == 0 || (q->bytes <= bytes && q->n <= n))
		return NULL;
	obj = q->obj[q->first];
	q->first = (q->first + 1) % RING;
	q->n--;
	q->bytes -= slab_cache_of(obj)->size;
	return obj;
}

/* Free what is beyond the limits, one by one, irqs on between. */
static void trim(size_t bytes, unsigned int n)
{
	unsigned long flags;
	void *obj;

	do {
		local_irq_save(flags);
		obj = pop(this_cpu_ptr(&quarantine), bytes, n);
		local_irq_restore(flags);
		if (obj)
			slab_free_now(slab_cache_of(obj), obj);
	} while (obj);
}

static void keep(struct kmem_cache *c, void *obj)
{
	struct quarantine *q;
	unsigned long flags;

	trim(RING_BYTES, RING - 16);
	local_irq_save(flags);
	q = this_cpu_ptr(&quarantine);
	while (q->n >= RING)      /* interrupts have filled it meanwhile */
		slab_free_now(slab_cache_of(q->obj[q->first]), pop(q, 0, 0));
	q->obj[(q->first + q->n++) % RING] = obj;
	q->bytes += c->size;
	local_irq_restore(flags);
}

static bool is_object(struct kmem_cache *c, void *obj)
{
	struct page *slab = virt_to_head_page(obj);

	return slab->slab_cache == c &&
	       index_obj(c, slab, obj_index(c, slab, obj)) == obj;
}

bool kasan_slab_free(struct kmem_cache *c, void *obj)
{
	struct kasan_meta *m;
	s8 shadow = *kasan_shadow(obj);

	if (!kasan_ready || c->no_arrays)
		return false;
	if (!is_object(c, obj) || shadow < 0 || shadow >= 8) {
		kasan_report_free(obj,
				  (unsigned long)__builtin_return_address(0));
		return true;
	}
	m = kasan_meta_of(c, obj);
	if (m) {
		m->free_stack = depot_save();
		m->free_pid = who();
	}
	if (c->flags & SLAB_TYPESAFE_BY_RCU)
		return false;
	kasan_poison(obj, c->object_size, KASAN_SLAB_FREE);
	if (c->flags & SLAB_NO_QUARANTINE)
		return false;
	keep(c, obj);
	return true;
}

static void flush_local(void *unused)
{
	trim(0, 0);
}

void kasan_flush_quarantine(void)
{
	if (num_online_cpus() > 1)
		on_each_cpu(flush_local, NULL, 1);
	else
		flush_local(NULL);
}

/* ---- the vmalloc region -------------------------------------------------- */

int kasan_populate_vmalloc(const void *addr, size_t size)
{
	unsigned long start = (unsigned long)kasan_shadow(addr) & PAGE_MASK;
	unsigned long end = PAGE_ALIGN((unsigned long)
				       kasan_shadow((char *)addr + size));

	return arch_kasan_map(start, end);
}

void kasan_unpoison_vmalloc(const void *addr, size_t size)
{
	kasan_unpoison(addr, size);
}

void kasan_poison_vmalloc(const void *addr, size_t size)
{
	kasan_poison(addr, size, KASAN_VMALLOC_INVALID);
}
