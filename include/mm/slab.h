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
#define SLAB_RECLAIM_ACCOUNT 0x40u
#define SLAB_STORE_USER 0x80u    /* remember who freed or allocated last */
#define SLAB_NOFAIL_INJECT 0x100u /* failslab= spares it */

#define SLAB_NO_QUARANTINE 0x200u /* SAN=1: a freed object is reused at once */
#define SLAB_KASAN_META 0x400u   /* SAN=1: its slot says who had it */

#define KMALLOC_MIN_SIZE 8
#define KMALLOC_MAX_CACHE_SIZE 8192
#define KMALLOC_MAX_SIZE (PAGE_SIZE << MAX_ORDER)
#define ARCH_KMALLOC_MINALIGN 8

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
/* Up to n objects into p: all of them (n) or none (0). */
int kmem_cache_alloc_bulk(struct kmem_cache *cache, gfp_t gfp, size_t n,
			  void **p);
void kmem_cache_free_bulk(struct kmem_cache *cache, size_t n, void **p);
#define kmem_cache_alloc_node(c, gfp, nid) ((void)(nid), kmem_cache_alloc(c, gfp))
/* Give all empty slabs back to the buddy; may sleep.  Pages freed. */
unsigned long kmem_cache_shrink(struct kmem_cache *cache);
/* The same for every cache: under memory pressure. */
unsigned long slab_shrink_all(void);
/*
 * Every 2 s on each CPU, which the caller stays on: drain its arrays that
 * nobody used; nodes_too: the shared ones also, and give some empty slabs back.
 */
void slab_reap(bool nodes_too);

static inline void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t gfp)
{
	return kmem_cache_alloc(cache, gfp | __GFP_ZERO);
}

/* Physically contiguous; aligned to 8, or to the size if a power of two. */
void *kmalloc(size_t size, gfp_t gfp);
void *krealloc(const void *p, size_t size, gfp_t gfp);
void kfree(const void *p);
size_t ksize(const void *p);
#define kmalloc_node(size, gfp, nid) ((void)(nid), kmalloc(size, gfp))
#define kzalloc_node(size, gfp, nid) ((void)(nid), kzalloc(size, gfp))
/* kfree after wiping: keys and passwords. */
void kfree_sensitive(const void *p);
#define kzfree(p) kfree_sensitive(p)
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

static inline void *kvzalloc(size_t size, gfp_t gfp)
{
	return kvmalloc(size, gfp | __GFP_ZERO);
}

static inline void *kvmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return kvmalloc(bytes, gfp);
}

#define kvcalloc(n, size, gfp) kvmalloc_array(n, size, (gfp) | __GFP_ZERO)

static inline void *krealloc_array(void *p, size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return krealloc(p, bytes, gfp);
}

char *kstrdup(const char *s, gfp_t gfp);
char *kstrndup(const char *s, size_t max, gfp_t gfp);
void *kmemdup(const void *src, size_t len, gfp_t gfp);
char *kmemdup_nul(const char *s, size_t len, gfp_t gfp);
char *kasprintf(gfp_t gfp, const char *fmt, ...) __printf(2, 3);
char *kvasprintf(gfp_t gfp, const char *fmt, va_list args);
/* Copies of user memory: ERR_PTR(-EFAULT, -ENOMEM, -EINVAL); may sleep. */
void *memdup_user(const void __user *src, size_t len);
void *memdup_user_nul(const void __user *src, size_t len);
char *strndup_user(const char __user *s, long max);

/* One line of /proc/slabinfo. */
struct slabinfo {
	char name[32];
	unsigned long active_objs, num_objs, active_slabs, num_slabs;
	unsigned long shared_avail;
	unsigned int objsize, objperslab, pagesperslab;
	unsigned int limit, batchcount, shared;
	unsigned long allocs, frees, errors;
};

/* Call fn for each cache, oldest first; may sleep.  Stops if it returns !=
 * 0. */
int slabinfo_for_each(int (*fn)(const struct slabinfo *si, void *arg),
		      void *arg);
/* Pages in slabs. */
unsigned long slab_nr_pages(void);
unsigned long slab_nr_reclaimable_pages(void);

/* Up: kmalloc works from here on.  Boot CPU, page allocator up. */
void kmem_cache_init(void);

/* Debug builds: should this allocation fail on purpose (failslab=)? */
bool should_failslab(gfp_t gfp);

#endif
