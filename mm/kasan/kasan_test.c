/* SPDX-License-Identifier: MIT */
/*
 * kasan_test.c -- bugs on purpose: each must be reported, and nothing else
 *
 * A test says that it expects a report, makes its mistake, and looks at what
 * was noted.  The mistakes go through HIDE(), so that the compiler cannot see
 * them and complain, or leave them out.
 */

#include "internal.h"

#include <arch/uaccess.h>
#include <kernel/rcupdate.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <mm/mm.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#define HIDE(p) ({ __typeof__(p) __p = (p);				\
	OPTIMIZER_HIDE_VAR(__p); __p; })

static void expect_report(void)
{
	kasan_expected = (struct kasan_expectation){ .task = current };
	barrier();      /* the compiler does not see that the checks read it */
}

/* Was there exactly one, of this kind? */
static bool reported(const char *kind)
{
	barrier();
	kasan_expected.task = NULL;
	return kasan_expected.reports == 1 &&
	       !strcmp(kasan_expected.kind, kind);
}

static bool silent(void)
{
	barrier();
	kasan_expected.task = NULL;
	return kasan_expected.reports == 0;
}

SELFTEST(kasan_sees_the_byte_behind_a_kmalloc)
{
	volatile char *p = HIDE((char *)kmalloc(13, GFP_KERNEL));

	REQUIRE(p);
	expect_report();
	p[0] = p[12] = 1;
	EXPECT(silent());
	expect_report();
	p[13] = 1;
	EXPECT(reported("slab-out-of-bounds"));
	EXPECT(kasan_expected.write && kasan_expected.size == 1);
	EXPECT(kasan_expected.addr == p + 13);
	expect_report();
	(void)p[16];
	EXPECT(reported("slab-out-of-bounds"));
	EXPECT(!kasan_expected.write);
	kfree((void *)p);
}

SELFTEST(kasan_sees_a_use_after_free)
{
	volatile char *p = HIDE((char *)kmalloc(64, GFP_KERNEL));

	REQUIRE(p);
	kfree((void *)p);
	expect_report();
	(void)p[8];
	EXPECT(reported("slab-use-after-free"));
}

SELFTEST(kasan_sees_a_second_free)
{
	char *p = HIDE((char *)kmalloc(64, GFP_KERNEL | __GFP_ZERO));

	REQUIRE(p);
	kfree(p + 0);
	if (IS_ENABLED(LANTERN_DEBUG))
		return;         /* slab_debug.c has the first word there */
	expect_report();
	kfree(HIDE(p));
	EXPECT(reported("double-free"));
}

SELFTEST(kasan_quarantine_delays_reuse)
{
	void *p = kmalloc(192, GFP_KERNEL), *q;
	bool same = false;

	REQUIRE(p);
	kfree(p);
	for (int i = 0; i < 100; i++) {
		q = kmalloc(192, GFP_KERNEL);
		same |= q == HIDE(p);
		kfree(q);
	}
	EXPECT(!same);
}

SELFTEST(kasan_checks_memcpy_and_memset)
{
	size_t n = HIDE((size_t)33);
	char *p = HIDE((char *)kmalloc(32, GFP_KERNEL));
	char from[40] = { 1 };

	REQUIRE(p);
	expect_report();
	memset(p, 0, n);
	EXPECT(reported("slab-out-of-bounds"));
	expect_report();
	memcpy(p, from, n);
	EXPECT(reported("slab-out-of-bounds"));
	expect_report();
	memmove(from, p, n);
	EXPECT(reported("slab-out-of-bounds") && !kasan_expected.write);
	kfree(p);
}

SELFTEST(kasan_checks_copies_from_user)
{
	char *p = HIDE((char *)kmalloc(24, GFP_KERNEL));
	unsigned long left;

	REQUIRE(p);
	expect_report();
	left = copy_from_user(p, (void __user *)0x1000, HIDE(25UL));
	EXPECT(left == 25);
	barrier();
	kasan_expected.task = NULL;
	EXPECT(kasan_expected.reports >= 1);
	expect_report();
	left = copy_to_user((void __user *)0x1000, p, HIDE(25UL));
	EXPECT(left == 25 && reported("slab-out-of-bounds"));
	kfree(p);
}

SELFTEST(kasan_sees_the_ends_of_a_local_array)
{
	char local[10];
	volatile char *p = HIDE((char *)local);

	expect_report();
	(void)p[10];
	EXPECT(reported("stack-out-of-bounds"));
}

static char some_global[10];

SELFTEST(kasan_sees_the_end_of_a_global)
{
	volatile char *p = HIDE((char *)some_global);

	expect_report();
	(void)p[9];
	EXPECT(silent());
	expect_report();
	(void)p[11];
	EXPECT(reported("global-out-of-bounds"));
}

SELFTEST(kasan_sees_freed_pages)
{
	volatile char *p = HIDE((char *)__get_free_pages(GFP_KERNEL, 1));

	REQUIRE(p);
	p[0] = 1;
	preempt_disable();
	free_pages((unsigned long)p, 1);
	expect_report();
	(void)p[0];
	EXPECT(reported("use-after-free"));
	preempt_enable();
}

SELFTEST(kasan_sees_the_tail_of_large_kmallocs_and_vmallocs)
{
	volatile char *p = HIDE((char *)kmalloc(10000, GFP_KERNEL));
	volatile char *v = HIDE((char *)vmalloc(1000));

	REQUIRE(p && v);
	expect_report();
	p[10000] = 1;
	EXPECT(reported("page-out-of-bounds"));
	expect_report();
	v[999] = 1;
	EXPECT(silent());
	expect_report();
	v[1000] = 1;
	EXPECT(reported("vmalloc-out-of-bounds"));
	kfree((void *)p);
	vfree((void *)v);
}

SELFTEST(kasan_leaves_typesafe_objects_readable)
{
	struct kmem_cache *c = kmem_cache_create("selftest", 64, 0,
						 SLAB_TYPESAFE_BY_RCU, NULL);
	volatile char *p;

	REQUIRE(c);
	p = HIDE((char *)kmem_cache_alloc(c, GFP_KERNEL));
	REQUIRE(p);
	rcu_read_lock();
	kmem_cache_free(c, (void *)p);
	expect_report();
	(void)p[0];
	EXPECT(silent());
	rcu_read_unlock();
	kmem_cache_destroy(c);
}
