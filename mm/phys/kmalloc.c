/* SPDX-License-Identifier: MIT */
/*
 * kmalloc.c -- memory by the byte: one slab cache for each of a few sizes
 *
 * PROMISE.  kmalloc(n) gives at least n bytes, physically contiguous, aligned
 * to 8, or to n if n is a power of two.  Above 8 KiB it is whole pages, up to
 * 4 MiB; above that NULL.
 *
 * IDEA.  13 caches: the powers of two from 8 to 8192, and 96 and 192 between
 * them, where a power of two would waste most on common sizes.  kfree() finds
 * the cache by the page that the object lies in, so nothing is stored with it.
 *
 * Any context, if the GFP flags do not block; kfree() in any context.
 *
 * SEE docs/11-slab.md
 */

#include "internal.h"
#include "slab_impl.h"

#include <arch/uaccess.h>
#include <kernel/export.h>
#include <kernel/kernel.h>
#include <mm/kasan.h>
#include <mm/page_ref.h>
#include <mm/vmalloc.h>

static const struct {
	u16 size;
	const char *name;
} kmalloc_info[] = {
	{ 8, "kmalloc-8" },       { 16, "kmalloc-16" },
	{ 32, "kmalloc-32" },     { 64, "kmalloc-64" },
	{ 96, "kmalloc-96" },     { 128, "kmalloc-128" },
	{ 192, "kmalloc-192" },   { 256, "kmalloc-256" },
	{ 512, "kmalloc-512" },   { 1024, "kmalloc-1k" },
	{ 2048, "kmalloc-2k" },   { 4096, "kmalloc-4k" },
	{ 8192, "kmalloc-8k" },
};

#define NR_KMALLOC ARRAY_SIZE(kmalloc_info)
#define FIRST_ABOVE_192 7

static struct kmem_cache kmalloc_caches[NR_KMALLOC];
/* For sizes up to 192, in steps of 8: which cache. */
static u8 small_index[192 / 8];

void kmalloc_init(void)
{
	unsigned int k = 0;

	for (unsigned int i = 0; i < NR_KMALLOC; i++) {
		unsigned int size = kmalloc_info[i].size;
		unsigned int align = size & -size;

		slab_create_boot_cache(&kmalloc_caches[i],
				       kmalloc_info[i].name, size, align);
		while (k < ARRAY_SIZE(small_index) && (k + 1) * 8 <= size)
			small_index[k++] = i;
	}
}

/* 1 <= size <= KMALLOC_MAX_CACHE_SIZE. */
static inline struct kmem_cache *kmalloc_cache(size_t size)
{
	if (size <= 192)
		return &kmalloc_caches[small_index[(size - 1) / 8]];
	/* 193..256: 0 bits above bit 7; 257..512: 1; and so on. */
	return &kmalloc_caches[FIRST_ABOVE_192 +
			       (size <= 256 ? 0 : ilog2((size - 1) >> 7))];
}

/* Whole pages, for what is large or must lie low in memory. */
static void *kmalloc_large(size_t size, gfp_t gfp)
{
	struct page *page = NULL;

	if (size <= KMALLOC_MAX_SIZE)
		page = alloc_pages(gfp | __GFP_COMP, get_order(size));
	if (!page)
		return NULL;
	kasan_kmalloc_large(page_address(page), size);
	return page_address(page);
}

void *kmalloc(size_t size, gfp_t gfp)
{
	void *p;

	if (unlikely(size == 0))
		size = 1;
	if (unlikely(size > KMALLOC_MAX_CACHE_SIZE ||
		     (gfp & (__GFP_DMA | __GFP_DMA32))))
		return kmalloc_large(size, gfp);
	p = kmem_cache_alloc(kmalloc_cache(size), gfp);
	if (p)
		kasan_kmalloc(p, size);
	return p;
}
EXPORT_SYMBOL(kmalloc);

void kfree(const void *p)
{
	struct page *page;

	if (!p)
		return;
	page = virt_to_head_page(p);
	if (likely(PageSlab(page)))
		kmem_cache_free(page->slab_cache, (void *)p);
	else
		__free_pages(page, compound_order(page));
}
EXPORT_SYMBOL(kfree);

size_t ksize(const void *p)
{
	struct page *page;
	size_t size;

	if (!p)
		return 0;
	page = virt_to_head_page(p);
	size = PageSlab(page) ? page->slab_cache->object_size
			      : page_size(page);
	kasan_unpoison(p, size);      /* who asks means to use it */
	return size;
}
EXPORT_SYMBOL(ksize);

void kfree_sensitive(const void *p)
{
	if (p) {
		memset((void *)p, 0, ksize(p));
		barrier();
		kfree(p);
	}
}

void *krealloc(const void *p, size_t size, gfp_t gfp)
{
	size_t old = ksize(p);
	void *new;

	if (size == 0) {
		kfree(p);
		return NULL;
	}
	if (p && size <= old)
		return (void *)p;
	new = kmalloc(size, gfp);
	if (new && p) {
		memcpy(new, p, old);
		kfree(p);
	}
	return new;
}
EXPORT_SYMBOL(krealloc);

void *kvmalloc(size_t size, gfp_t gfp)
{
	void *p = NULL;

	if (size <= KMALLOC_MAX_SIZE) {
		gfp_t try = gfp;

		if (size > PAGE_SIZE)
			try |= __GFP_NOWARN | __GFP_NORETRY;
		p = kmalloc(size, try);
	}
	if (p || size <= PAGE_SIZE || !gfpflags_allow_blocking(gfp))
		return p;
	return __vmalloc(size, gfp);
}
EXPORT_SYMBOL(kvmalloc);

void kvfree(const void *p)
{
	if (is_vmalloc_addr(p))
		vfree(p);
	else
		kfree(p);
}
EXPORT_SYMBOL(kvfree);

/* ---- copies -------------------------------------------------------------- */

void *kmemdup(const void *src, size_t len, gfp_t gfp)
{
	void *p = kmalloc(len, gfp);

	return p ? memcpy(p, src, len) : NULL;
}
EXPORT_SYMBOL(kmemdup);

char *kmemdup_nul(const char *s, size_t len, gfp_t gfp)
{
	char *p = kmalloc(len + 1, gfp);

	if (p) {
		memcpy(p, s, len);
		p[len] = '\0';
	}
	return p;
}

char *kstrndup(const char *s, size_t max, gfp_t gfp)
{
	return s ? kmemdup_nul(s, strnlen(s, max), gfp) : NULL;
}

char *kstrdup(const char *s, gfp_t gfp)
{
	return s ? kmemdup(s, strlen(s) + 1, gfp) : NULL;
}
EXPORT_SYMBOL(kstrdup);

char *kvasprintf(gfp_t gfp, const char *fmt, va_list args)
{
	va_list again;
	char *p;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	p = kmalloc(len + 1, gfp);
	if (p)
		vsnprintf(p, len + 1, fmt, args);
	return p;
}

char *kasprintf(gfp_t gfp, const char *fmt, ...)
{
	va_list args;
	char *p;

	va_start(args, fmt);
	p = kvasprintf(gfp, fmt, args);
	va_end(args);
	return p;
}
EXPORT_SYMBOL(kasprintf);

void *memdup_user_nul(const void __user *src, size_t len)
{
	char *p = kmalloc(len + 1, GFP_USER);

	if (!p)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(p, src, len)) {
		kfree(p);
		return ERR_PTR(-EFAULT);
	}
	p[len] = '\0';
	return p;
}

void *memdup_user(const void __user *src, size_t len)
{
	void *p = kmalloc(len, GFP_USER);

	if (!p)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(p, src, len)) {
		kfree(p);
		return ERR_PTR(-EFAULT);
	}
	return p;
}

char *strndup_user(const char __user *s, long max)
{
	long len = strnlen_user(s, max);

	if (len == 0)
		return ERR_PTR(-EFAULT);
	if (len > max)
		return ERR_PTR(-EINVAL);
	return memdup_user_nul(s, len - 1);
}
