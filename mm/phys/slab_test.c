/* SPDX-License-Identifier: MIT */
/*
 * slab_test.c -- what slab.c, kmalloc.c and slab_debug.c promise
 *
 * no_arrays, set on a new cache, takes the CPUs' stacks out of the way, so that
 * each object comes from its slab and the lists can be foretold.
 */

#include "internal.h"
#include "slab_impl.h"

#include <arch/irqflags.h>
#include <kernel/kernel.h>
#include <kernel/preempt.h>
#include <kernel/selftest.h>
#include <mm/page_ref.h>

#define MANY 600

static int constructed;

static void count_ctor(void *obj)
{
	constructed++;
	*(int *)obj = 0x600d;
}

static struct kmem_cache *new_cache(unsigned int size, unsigned int flags,
				    void (*ctor)(void *))
{
	return kmem_cache_create("selftest", size, 0,
				 flags | SLAB_NO_QUARANTINE, ctor);
}

SELFTEST(slab_objects_are_distinct_and_aligned)
{
	struct kmem_cache *c = kmem_cache_create("selftest", 40, 32,
						 SLAB_NO_QUARANTINE, NULL);
	char **p = kcalloc(MANY, sizeof(*p), GFP_KERNEL);
	int wrong = 0;

	REQUIRE(c && p);
	for (int i = 0; i < MANY; i++) {
		p[i] = kmem_cache_alloc(c, GFP_KERNEL);
		REQUIRE(p[i]);
		EXPECT((unsigned long)p[i] % 32 == 0);
		memset(p[i], i, 40);
	}
	for (int i = 0; i < MANY; i++)
		for (int k = 0; k < 40; k++)
			wrong += p[i][k] != (char)i;
	EXPECT(wrong == 0);
	for (int i = 0; i < MANY; i++)
		kmem_cache_free(c, p[i]);
	kmem_cache_shrink(c);
	EXPECT(c->node.nr_slabs == 0);
	kfree(p);
	kmem_cache_destroy(c);
}

SELFTEST(slab_gives_back_the_object_freed_last)
{
	struct kmem_cache *c = new_cache(100, 0, NULL);
	void *a, *b;

	REQUIRE(c);
	preempt_disable();
	a = kmem_cache_alloc(c, GFP_ATOMIC);
	b = kmem_cache_alloc(c, GFP_ATOMIC);
	kmem_cache_free(c, a);
	kmem_cache_free(c, b);
	EXPECT(kmem_cache_alloc(c, GFP_ATOMIC) == b);
	EXPECT(kmem_cache_alloc(c, GFP_ATOMIC) == a);
	preempt_enable();
	kmem_cache_free(c, a);
	kmem_cache_free(c, b);
	kmem_cache_destroy(c);
}

SELFTEST(slab_constructs_each_object_once)
{
	struct kmem_cache *c;
	int *p;

	constructed = 0;
	c = new_cache(64, 0, count_ctor);
	REQUIRE(c);
	for (int i = 0; i < 100; i++) {
		p = kmem_cache_alloc(c, GFP_KERNEL);
		REQUIRE(p);
		EXPECT(*p == 0x600d);
		kmem_cache_free(c, p);
	}
	/* A slab's worth on each CPU that we visited, not a hundred. */
	EXPECT(constructed % (int)c->num == 0);
	EXPECT(constructed == (int)(c->num * c->node.nr_slabs));
	kmem_cache_destroy(c);
}

SELFTEST(slab_lists_follow_how_full_a_slab_is)
{
	struct kmem_cache *c = new_cache(1024, 0, NULL);
	struct kmem_cache_node *n;
	void *p[64];
	unsigned int num;

	REQUIRE(c && c->num < 64);
	n = &c->node;
	num = c->num;
	/* Without arrays each object comes from, and goes to, its slab. */
	c->no_arrays = true;
	for (unsigned int i = 0; i < num; i++)
		p[i] = kmem_cache_alloc(c, GFP_KERNEL);
	EXPECT(n->nr_slabs == 1 && list_is_singular(&n->full));
	kmem_cache_free(c, p[0]);
	EXPECT(list_empty(&n->full) && list_is_singular(&n->partial));
	EXPECT(n->free_objects == 1);
	for (unsigned int i = 1; i < num; i++)
		kmem_cache_free(c, p[i]);
	EXPECT(list_empty(&n->partial) && list_is_singular(&n->free));
	EXPECT(n->nr_free_slabs == 1 && n->free_objects == num);
	EXPECT(kmem_cache_shrink(c) == 1UL << c->order);
	EXPECT(n->nr_slabs == 0 && n->free_objects == 0);
	kmem_cache_destroy(c);
}

SELFTEST(slab_of_another_colour_starts_elsewhere)
{
	struct kmem_cache *c = new_cache(1360, 0, NULL);
	void *p[16];
	unsigned long first = 0;
	bool differ = false;

	REQUIRE(c && c->num * 2 <= 16);
	c->no_arrays = true;
	for (unsigned int i = 0; i < 2 * c->num; i++) {
		p[i] = kmem_cache_alloc(c, GFP_KERNEL);
		REQUIRE(p[i]);
		if (i % c->num == 0) {
			struct page *slab = virt_to_head_page(p[i]);
			unsigned long at = (unsigned long)slab->s_mem -
				(unsigned long)page_address(slab);

			differ |= i && at != first;
			first = at;
		}
	}
	EXPECT(c->colours == 0 || differ);
	for (unsigned int i = 0; i < 2 * c->num; i++)
		kmem_cache_free(c, p[i]);
	kmem_cache_destroy(c);
}

SELFTEST_SLOW(slab_wastes_at_most_an_eighth)
{
	for (unsigned int size = 8; size <= 8192; size = size * 5 / 4 + 8) {
		struct kmem_cache *c = new_cache(size, 0, NULL);
		size_t bytes, used;

		REQUIRE(c);
		bytes = PAGE_SIZE << c->order;
		used = (size_t)c->num * c->size;
		EXPECT(c->order >= 3 || bytes - used <= bytes / 8 +
		       c->num * sizeof(u16) + c->align);
		kmem_cache_destroy(c);
	}
}

SELFTEST_SLOW(slab_reports_an_overrun_and_a_second_free)
{
	struct kmem_cache *c = new_cache(48, SLAB_RED_ZONE | SLAB_STORE_USER |
					 SLAB_POISON, NULL);
	unsigned long before = slab_errors;
	u8 *p;

	REQUIRE(c);
	slab_errors_expected = true;
	p = kmem_cache_alloc(c, GFP_KERNEL);
	p[48] = 1;
	kmem_cache_free(c, p);
	EXPECT(slab_errors == before + 1);
	kmem_cache_free(c, p);
	EXPECT(slab_errors == before + 2);
	preempt_disable();
	p = kmem_cache_alloc(c, GFP_ATOMIC);
	kmem_cache_free(c, p);
	p[4] = 1;                            /* after it was freed */
	EXPECT(kmem_cache_alloc(c, GFP_ATOMIC) == p);
	preempt_enable();
	EXPECT(slab_errors == before + 3);
	kmem_cache_free(c, p);
	slab_errors_expected = false;
	kmem_cache_destroy(c);
}

SELFTEST_SLOW(slab_reports_a_second_free_without_debugging)
{
	struct kmem_cache *c = new_cache(48, 0, NULL);
	unsigned long before = slab_errors;
	void *p, *a, *b;

	REQUIRE(c);
	preempt_disable();
	p = kmem_cache_alloc(c, GFP_ATOMIC);
	kmem_cache_free(c, p);
	slab_errors_expected = true;
	kmem_cache_free(c, p);
	slab_errors_expected = false;
	EXPECT(slab_errors == before + 1);
	a = kmem_cache_alloc(c, GFP_ATOMIC);
	b = kmem_cache_alloc(c, GFP_ATOMIC);
	preempt_enable();
	EXPECT(a && b && a != b);
	kmem_cache_free(c, a);
	kmem_cache_free(c, b);
	kmem_cache_destroy(c);
}

SELFTEST_SLOW(slab_million_allocations_return_every_slab)
{
	struct kmem_cache *c = new_cache(72, 0, NULL);
	void **p = kcalloc(MANY, sizeof(*p), GFP_KERNEL);

	REQUIRE(c && p);
	for (int i = 0; i < 1000000; i++) {
		unsigned long k = i * 7919UL % MANY;

		if (p[k]) {
			kmem_cache_free(c, p[k]);
			p[k] = NULL;
		} else {
			p[k] = kmem_cache_alloc(c, GFP_KERNEL);
		}
	}
	for (int k = 0; k < MANY; k++)
		kmem_cache_free(c, p[k]);
	kmem_cache_shrink(c);
	EXPECT(c->node.nr_slabs == 0);
	kfree(p);
	kmem_cache_destroy(c);
}

/* ---- kmalloc ------------------------------------------------------------- */

SELFTEST_SLOW(kmalloc_keeps_patterns_from_8_bytes_to_1_mib)
{
	for (size_t n = 8; n <= 1UL << 20; n *= 4) {
		u8 *p = kmalloc(n, GFP_KERNEL | __GFP_NOWARN);

		REQUIRE(p);
		EXPECT(ksize(p) >= n);
		EXPECT((unsigned long)p % min(n, PAGE_SIZE) == 0);
		memset(p, 0xa7, n);
		EXPECT(p[0] == 0xa7 && p[n / 2] == 0xa7 && p[n - 1] == 0xa7);
		/* Contiguous: the direct map has no gaps. */
		EXPECT(__pa(p + n - 1) == __pa(p) + n - 1);
		kfree(p);
	}
}

SELFTEST(kmalloc_chooses_the_smallest_cache_that_fits)
{
	static const struct {
		size_t ask, get;
	} t[] = {
		{ 1, 8 }, { 8, 8 }, { 9, 16 }, { 33, 64 }, { 65, 96 },
		{ 97, 128 }, { 129, 192 }, { 193, 256 }, { 256, 256 },
		{ 257, 512 }, { 1025, 2048 }, { 4097, 8192 }, { 8192, 8192 },
		{ 8193, 16384 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(t); i++) {
		void *p = kmalloc(t[i].ask, GFP_KERNEL);

		EXPECT(p && ksize(p) == t[i].get);
		kfree(p);
	}
}

SELFTEST(kmalloc_edge_cases)
{
	char *p;

	kfree(NULL);
	EXPECT(kmalloc(KMALLOC_MAX_SIZE + 1, GFP_KERNEL | __GFP_NOWARN) ==
	       NULL);
	EXPECT(kmalloc_array(SIZE_MAX / 4, 8, GFP_KERNEL) == NULL);
	p = kzalloc(100, GFP_KERNEL);
	REQUIRE(p);
	strscpy(p, "kept", 100);
	p = krealloc(p, 5000, GFP_KERNEL);
	EXPECT(p && !strcmp(p, "kept"));
	kfree(p);
	p = kasprintf(GFP_KERNEL, "%d+%s", 4, "two");
	EXPECT(p && !strcmp(p, "4+two"));
	kfree(p);
}

SELFTEST_SLOW(slab_shared_array_passes_a_batch_on)
{
	struct kmem_cache *c = new_cache(64, 0, NULL);
	void *p[ARRAY_CACHE_MAX], *q[4];
	struct array_cache *ac;
	u32 n;

	REQUIRE(c);
	p[0] = kmem_cache_alloc(c, GFP_KERNEL);
	kmem_cache_free(c, p[0]);
	local_irq_disable();
	slab_make_shared(c);
	local_irq_enable();
	ac = c->node.shared;
	REQUIRE(ac);
	for (n = 0; n < ac->limit; n++)
		p[n] = kmem_cache_alloc(c, GFP_KERNEL);
	local_irq_disable();
	spin_lock(&c->node.lock);
	EXPECT(shared_give(c, p, ac->limit + 3) == ac->limit);
	EXPECT(shared_give(c, p, 1) == 0);
	EXPECT(shared_take(c, q, 4) == 4 && q[3] == p[ac->limit - 1]);
	EXPECT(shared_give(c, q, 4) == 4);
	spin_unlock(&c->node.lock);
	local_irq_enable();
	EXPECT(kmem_cache_shrink(c) > 0);
	EXPECT(ac->avail == 0 && c->node.nr_slabs == 0);
	kmem_cache_destroy(c);
}
