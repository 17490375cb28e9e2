/* SPDX-License-Identifier: MIT */
#ifndef MM_KASAN_H
#define MM_KASAN_H
/*
 * kasan.h -- what the allocators tell the address checker (mm/kasan)
 *
 * Built by `make SAN=1`; otherwise every call here is nothing.  One shadow byte
 * stands for 8 bytes of kernel memory: 0 all may be touched, 1..7 only the
 * first so many, negative none, and why (docs/92-kasan.md).
 */

#include <kernel/types.h>

struct kmem_cache;
struct page;

#define KASAN_GRANULE 8UL
#define KASAN_FREE_PAGE 0xff
#define KASAN_PAGE_REDZONE 0xfe
#define KASAN_SLAB_REDZONE 0xfc
#define KASAN_SLAB_FREE 0xfb
#define KASAN_GLOBAL_REDZONE 0xf9
#define KASAN_VMALLOC_INVALID 0xf8

#ifdef LANTERN_SAN

/* Boot, arch/x86_64/mmu/kasan_init.c, in this order. */
void kasan_early_init(void);     /* first C code: all shadow is one page */
void kasan_map_shadow(void);     /* before swapper_pg_dir is loaded */
void kasan_init(void);           /* after: from here on bugs are reported */
void kasan_start(void);          /* portable half of kasan_init() */

/* The range may be touched; its end need not be a multiple of 8. */
void kasan_unpoison(const void *addr, size_t size);
/* It may not; addr is a multiple of 8, size is rounded up. */
void kasan_poison(const void *addr, size_t size, u8 why);
/* Report unless all of it may be touched; any context. */
bool kasan_check_read(const volatile void *p, size_t size);
bool kasan_check_write(const volatile void *p, size_t size);

void kasan_alloc_pages(struct page *page, unsigned int order);
void kasan_free_pages(struct page *page, unsigned int order);
/* Of a kmalloc() by whole pages only size bytes are the caller's. */
void kasan_kmalloc_large(void *p, size_t size);

/* The flags and the slot's size of a new cache. */
u32 kasan_cache_size(u32 *flags, u32 object_size, u32 size);
void kasan_new_slab(struct kmem_cache *c, struct page *slab);
void kasan_slab_alloc(struct kmem_cache *c, void *obj);
void kasan_kmalloc(void *obj, size_t size);
/* True: kept in quarantine, or a wrong free: the caller does nothing more. */
bool kasan_slab_free(struct kmem_cache *c, void *obj);
/* All CPUs' quarantines go back to their slabs; may sleep. */
void kasan_flush_quarantine(void);
/* slab.c: what remains of a free when quarantine is over.  Any context. */
void slab_free_now(struct kmem_cache *c, void *obj);

/* Shadow behind a new area of the vmalloc region; may sleep: 0 or -ENOMEM. */
int __must_check kasan_populate_vmalloc(const void *addr, size_t size);
void kasan_unpoison_vmalloc(const void *addr, size_t size);
void kasan_poison_vmalloc(const void *addr, size_t size);
/* kasan_init.c: map zero or more shadow pages; may sleep. */
int __must_check arch_kasan_map(unsigned long start, unsigned long end);

#else

static inline void kasan_early_init(void) {}
static inline void kasan_map_shadow(void) {}
static inline void kasan_init(void) {}
static inline void kasan_unpoison(const void *addr, size_t size) {}
static inline void kasan_poison(const void *addr, size_t size, u8 why) {}
static inline bool kasan_check_read(const volatile void *p, size_t size)
{
	return true;
}
static inline bool kasan_check_write(const volatile void *p, size_t size)
{
	return true;
}
static inline void kasan_alloc_pages(struct page *page, unsigned int order) {}
static inline void kasan_free_pages(struct page *page, unsigned int order) {}
static inline void kasan_kmalloc_large(void *p, size_t size) {}
static inline u32 kasan_cache_size(u32 *flags, u32 object_size, u32 size)
{
	return size;
}
static inline void kasan_new_slab(struct kmem_cache *c, struct page *slab) {}
static inline void kasan_slab_alloc(struct kmem_cache *c, void *obj) {}
static inline void kasan_kmalloc(void *obj, size_t size) {}
static inline bool kasan_slab_free(struct kmem_cache *c, void *obj)
{
	return false;
}
static inline void kasan_flush_quarantine(void) {}
static inline int kasan_populate_vmalloc(const void *addr, size_t size)
{
	return 0;
}
static inline void kasan_unpoison_vmalloc(const void *addr, size_t size) {}
static inline void kasan_poison_vmalloc(const void *addr, size_t size) {}

#endif
#endif
