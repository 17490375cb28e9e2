/* SPDX-License-Identifier: MIT */
/*
 * vmalloc_test.c -- what vmalloc.c and mempool.c promise
 *
 * What must not be mapped is read by copy_from_kernel_nofault(): an error then,
 * not an oops.
 */

#include "internal.h"

#include <arch/pgtable.h>
#include <arch/uaccess.h>
#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <mm/mempool.h>
#include <mm/page_ref.h>
#include <mm/shrinker.h>
#include <mm/vmalloc.h>

#define AREA (64 * PAGE_SIZE)

SELFTEST(vmalloc_maps_single_frames_at_consecutive_addresses)
{
	unsigned long before = vmalloc_nr_pages();
	u8 *p = vmalloc(AREA);

	REQUIRE(p);
	EXPECT(PAGE_ALIGNED(p) && is_vmalloc_addr(p));
	for (unsigned long off = 0; off < AREA; off += PAGE_SIZE)
		p[off] = off >> PAGE_SHIFT;
	for (unsigned long off = 0; off < AREA; off += PAGE_SIZE) {
		u8 *alias = page_address(vmalloc_to_page(p + off));

		EXPECT(alias[0] == (u8)(off >> PAGE_SHIFT));
	}
	EXPECT(vmalloc_nr_pages() == before + 64);
	vfree(p);
	EXPECT(vmalloc_nr_pages() == before);
}

SELFTEST(vmalloc_guard_pages_are_not_mapped)
{
	u8 *a = vmalloc(PAGE_SIZE), *b = vmalloc(PAGE_SIZE);
	u8 byte;

	REQUIRE(a && b);
	EXPECT(copy_from_kernel_nofault(&byte, a, 1) == 0);
	EXPECT(copy_from_kernel_nofault(&byte, a + PAGE_SIZE, 1) == -EFAULT);
	EXPECT(copy_from_kernel_nofault(&byte, b + PAGE_SIZE, 1) == -EFAULT);
	EXPECT(a > b ? a - b >= 2 * (long)PAGE_SIZE
		     : b - a >= 2 * (long)PAGE_SIZE);
	vfree(a);
	vfree(b);
}

SELFTEST_SLOW(vfree_unmaps_and_a_flush_frees_the_addresses)
{
	u8 *p = vmalloc(AREA), *q, byte;

	REQUIRE(p);
	vfree(p);
	EXPECT(copy_from_kernel_nofault(&byte, p, 1) == -EFAULT);
	EXPECT(find_vm_area(p) == NULL);
	vm_unmap_aliases();
	q = vmalloc(AREA);
	EXPECT(q && q <= p);                 /* the lowest hole */
	vfree(q);
}

SELFTEST(vmalloc_refuses_more_than_there_is)
{
	EXPECT(vmalloc(0) == NULL);
	EXPECT(vmalloc((totalram_pages() + 1) << PAGE_SHIFT) == NULL);
}

SELFTEST(vmap_shows_the_callers_pages)
{
	struct page *pages[3];
	u8 *p;

	for (int i = 0; i < 3; i++) {
		pages[i] = alloc_page(GFP_KERNEL);
		REQUIRE(pages[i]);
		*(u8 *)page_address(pages[i]) = 'a' + i;
	}
	p = vmap(pages, 3, 0, PAGE_KERNEL);
	REQUIRE(p);
	EXPECT(p[0] == 'a' && p[PAGE_SIZE] == 'b' && p[2 * PAGE_SIZE] == 'c');
	vunmap(p);
	for (int i = 0; i < 3; i++)
		__free_page(pages[i]);
}

SELFTEST(kernel_stack_has_a_guard_below)
{
	u8 *stack = alloc_thread_stack(), byte;

	REQUIRE(stack);
	EXPECT(copy_from_kernel_nofault(&byte, stack, 1) == 0);
	EXPECT(copy_from_kernel_nofault(&byte, stack - 1, 1) == -EFAULT);
	free_thread_stack(stack);
}

#define FRAGMENTS 4096

/* Hold every other frame of many: no two free ones are adjacent. */
SELFTEST_SLOW(vmalloc_succeeds_in_memory_fragmented_to_single_frames)
{
	struct page **p = vzalloc(FRAGMENTS * sizeof(*p));
	u8 *v;

	REQUIRE(p);
	for (int i = 0; i < FRAGMENTS; i++)
		p[i] = alloc_page(GFP_KERNEL | __GFP_NOWARN);
	for (int i = 0; i < FRAGMENTS; i++)
		if (p[i] && page_to_pfn(p[i]) % 2) {
			__free_page(p[i]);
			p[i] = NULL;
		}
	v = vmalloc(FRAGMENTS / 2 * PAGE_SIZE);
	EXPECT(v);
	vfree(v);
	for (int i = 0; i < FRAGMENTS; i++)
		if (p[i])
			__free_page(p[i]);
	vfree(p);
}

SELFTEST_SLOW(vmalloc_areas_that_were_freed_go_when_memory_is_short)
{
	unsigned long before;

	vm_unmap_aliases();
	before = vmalloc_lazy_pages();
	for (int i = 0; i < 16; i++)
		vfree(vmalloc(PAGE_SIZE));
	EXPECT(vmalloc_lazy_pages() >= before + 32);
	shrink_slab(GFP_KERNEL, 0, 0);
	EXPECT(vmalloc_lazy_pages() < 32);
}

/* ---- mempool ------------------------------------------------------------- */

static bool dry;       /* the underlying allocator fails */

static void *test_alloc(gfp_t gfp, void *data)
{
	return dry ? NULL : kmalloc(32, gfp);
}

SELFTEST(mempool_serves_its_reserve_when_memory_fails)
{
	mempool_t *pool = mempool_create(4, test_alloc, mempool_kfree, NULL);
	void *e[5];

	REQUIRE(pool);
	EXPECT(pool->curr_nr == 4);
	e[4] = mempool_alloc(pool, GFP_KERNEL);
	EXPECT(e[4] && pool->curr_nr == 4);  /* not from the reserve */
	dry = true;
	for (int i = 0; i < 4; i++) {
		e[i] = mempool_alloc(pool, GFP_ATOMIC);
		EXPECT(e[i]);
	}
	EXPECT(pool->curr_nr == 0);
	EXPECT(mempool_alloc(pool, GFP_ATOMIC) == NULL);
	mempool_free(e[0], pool);
	EXPECT(pool->curr_nr == 1);          /* refilled first */
	e[0] = mempool_alloc(pool, GFP_KERNEL);
	EXPECT(e[0]);
	dry = false;
	for (int i = 0; i < 5; i++)
		mempool_free(e[i], pool);
	EXPECT(pool->curr_nr == 4);
	mempool_destroy(pool);
}
