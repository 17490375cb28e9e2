/* SPDX-License-Identifier: MIT */
#ifndef MM_SLAB_H
#define MM_SLAB_H
/* slab.h -- objects of one size, and kmalloc (mm/phys/slab.c, kmalloc.c) */

#include <mm/gfp.h>

#define SLAB_HWCACHE_ALIGN 0x1u  /* objects start on a cache line */
#define SLAB_PANIC 0x2u          /* creation must not fail */
#define SLAB_POISON 0x4u
#define SLAB_RED_ZONE 0x8u
#define SLAB_TYPESAFE_BY_RCU 0x10u
#define SLAB_ACCOUNT 0x20u

/* May sleep.  NULL if there is no memory or the name exists. */
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned int flags,
				     void (*ctor)(void *));
#define KMEM_CACHE(s, flags)						\
	kmem_cache_create(#s, sizeof(struct s), __alignof__(struct s), flags, NULL)
void kmem_cache_destroy(struct kmem_cache *cache);
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);
void kmem_cache_free(struct kmem_cache *cache, void *obj);
unsigned int kmem_cache_size(const struct kmem_cache *cache);

static inline void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
{
	return kmem_cache_alloc(cache, gfp | __GFP_ZERO);
}

/* Physically contiguous; aligned to 8, or to the size if a power of two. */
void *kmalloc(size_t size, gfp_t gfp);
void *krealloc(const void *p, size_t size, gfp_t gfp);
void kfree(const void *p);
size_t ksize(const void *p);
/* kmalloc, or vmalloc when that fails; may sleep.  Freed by kvfree. */
void *kvmalloc(size_t size, gfp_t gfp);
void kvfree(const void *p);

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

static inline void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kmalloc(bytes, gfp);
}

static inline void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc_array(n, size, gfp | __GFP_ZERO);
}

char *kstrdup(const char *s, gfp_t gfp);
char *kstrndup(const char *s, size_t max, gfp_t gfp);
void *kmemdup(const void *src, size_t len, gfp_t gfp);

#endif
