/* SPDX-License-Identifier: MIT */
/*
 * slab_layout.c -- how many objects go into a slab of how many pages
 *
 * IDEA.  The smallest order whose rest is at most an eighth.  Small objects
 * have their index list in front of them, in the slab; that of large ones lies
 * elsewhere, or one page could not hold four of 1024 bytes.  What is over is
 * used for colours: slabs begin at different offsets, so that first objects of
 * many slabs do not meet in the same cache lines.
 *
 * SEE slab.c, docs/11-slab.md.
 */

#include "slab_impl.h"

#include <kernel/kernel.h>
#include <kernel/string.h>
#include <mm/kasan.h>

#define OFF_SLAB_FROM 512        /* bytes: index kept elsewhere */
#define MAX_SLAB_ORDER 3         /* larger only if one object needs it */
#define WASTE_SHIFT 3            /* at most 1/8 of a slab may be left over */

size_t slab_index_bytes(const struct kmem_cache *c, unsigned int n)
{
	return c->off_slab ? 0 : ALIGN(n * sizeof(u16), c->align);
}

static unsigned int objects_that_fit(const struct kmem_cache *c, size_t bytes)
{
	unsigned int n = bytes / c->size;

	while (n && slab_index_bytes(c, n) + (size_t)n * c->size > bytes)
		n--;
	return n;
}

/* The smallest order that wastes little. */
static void choose_order(struct kmem_cache *c)
{
	for (c->order = 0; c->order <= MAX_ORDER; c->order++) {
		size_t bytes = PAGE_SIZE << c->order, left;

		c->num = min(objects_that_fit(c, bytes), (unsigned)U16_MAX);
		if (c->num == 0)
			continue;
		left = bytes - slab_index_bytes(c, c->num) -
		       (size_t)c->num * c->size;
		c->colours = left / c->colour_off;
		if (c->order >= MAX_SLAB_ORDER ||
		    left << WASTE_SHIFT <= bytes)
			return;
	}
}

static u32 array_limit(const struct kmem_cache *c)
{
	if (c->size > 4096)
		return 8;
	if (c->size > 1024)
		return 24;
	return c->size > 256 ? 40 : ARRAY_CACHE_MAX;
}

int slab_cache_init(struct kmem_cache *c, const char *name, u32 size,
		      u32 align, u32 flags, void (*ctor)(void *))
{
	strscpy(c->name, name, sizeof(c->name));
	if (flags & SLAB_HWCACHE_ALIGN)
		align = max(align, size > 32 ? 64U : 32U);
	c->align = max(align, (u32)sizeof(void *));
	c->flags = slab_debug_flags(flags, size, c->align, ctor != NULL);
	c->object_size = size;
	c->size = kasan_cache_size(&c->flags, size,
				   slab_debug_size(c->flags, size));
	c->size = ALIGN(c->size, c->align);
	c->recip = (u32)DIV_ROUND_UP(1ULL << 32, c->size);
	c->ctor = ctor;
	c->off_slab = c->size >= OFF_SLAB_FROM && !c->no_arrays;
	c->colour_off = max(c->align, 64U);
	choose_order(c);
	c->limit = array_limit(c);
	c->batch = (c->limit + 1) / 2;
	spin_lock_init(&c->node.lock);
	INIT_LIST_HEAD(&c->node.partial);
	INIT_LIST_HEAD(&c->node.full);
	INIT_LIST_HEAD(&c->node.free);
	return c->num ? 0 : -EINVAL;
}
