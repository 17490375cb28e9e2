/* SPDX-License-Identifier: MIT */
/* vma.c -- the area tree as a Unix process, under ASan */

/* host-test: mm/virt/vma.c mm/virt/place.c mm/virt/vma_test.c
 * kernel/lib/rbtree.c kernel/lib/interval_tree.c -- */

#include <stddef.h>

/* Areas are the only slab objects here: give each its own heap block. */
void *kmem_cache_alloc(void *cache, unsigned int gfp);
void kmem_cache_free(void *cache, void *object);
void *calloc(size_t n, size_t size);
void free(void *p);

enum { AREA_BYTES = 512 };

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

/* Nothing is placed by chance here. */
unsigned long stack_random_size(void);
unsigned long arch_mmap_rnd(void);

unsigned long stack_random_size(void)
{
	return 0;
}

unsigned long arch_mmap_rnd(void)
{
	return 0;
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

/* No area has pages of its own, so none has a tree of those who share them. */
int anon_vma_clone(void *dst, void *src);
void unlink_anon_vmas(void *vma);
_Bool anon_vma_compatible(void *a, void *b);
void anon_vma_absorb(void *a, void *b);
void anon_vma_moved(void *vma);

_Bool vma_is_shmem_anon(void *vma);
void *shmem_anon_mapping(void *vma);

_Bool vma_is_shmem_anon(void *vma)
{
	(void)vma;
	return 0;
}

void *shmem_anon_mapping(void *vma)
{
	(void)vma;
	return 0;
}

int anon_vma_clone(void *dst, void *src)
{
	(void)dst, (void)src;
	return 0;
}

void unlink_anon_vmas(void *vma)
{
	(void)vma;
}

_Bool anon_vma_compatible(void *a, void *b)
{
	(void)a, (void)b;
	return 1;
}

void anon_vma_absorb(void *a, void *b)
{
	(void)a, (void)b;
}

void anon_vma_moved(void *vma)
{
	(void)vma;
}

unsigned long this_cpu_off;
void *current_task;
