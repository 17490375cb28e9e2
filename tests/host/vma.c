/* SPDX-License-Identifier: MIT */
/* vma.c -- the area tree as a Unix process, under ASan */

/* host-test: mm/virt/vma.c mm/virt/place.c mm/virt/vma_test.c
 * kernel/lib/rbtree.c -- */

#include <stddef.h>

/* Areas are the only slab objects here: give each its own heap block. */
void *kmem_cache_alloc(void *cache, unsigned int gfp);
void kmem_cache_free(void *cache, void *object);
void *calloc(size_t n, size_t size);
void free(void *p);

enum { AREA_BYTES = 256 };

void *kmem_cache_alloc(void *cache, unsigned int gfp)
{
	(void)cache, (void)gfp;
	return calloc(1, AREA_BYTES);
}

void kmem_cache_free(void *cache, void *object)
{
	(void)cache;
	free(object);
}

/* Nobody else runs, and no area has a file. */
void down_write_nested(void *sem, unsigned int subclass);
void up_write(void *sem);
void fput(void *file);

void down_write_nested(void *sem, unsigned int subclass)
{
	(void)sem, (void)subclass;
}

void up_write(void *sem)
{
	(void)sem;
}

void fput(void *file)
{
	(void)file;
}

unsigned long this_cpu_off;
void *current_task;
