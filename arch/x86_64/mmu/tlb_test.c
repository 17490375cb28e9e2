/* SPDX-License-Identifier: MIT */
/*
 * tlb_test.c -- flushes reach who must forget, and lazy mode saves reloads
 *
 * The tests guard I1 of tlb.c, I1 of gather.c and I1 of pgalloc.c.  They use an
 * address space of their own, which no task runs in, so that the event
 * counters move only by what a test does.
 */

#include <arch/tlb.h>

#include "internal.h"

#include <kernel/cpumask.h>
#include <kernel/preempt.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <mm/gfp.h>
#include <mm/mm.h>
#include <mm/page_ref.h>
#include <mm/vmalloc.h>

/* An address space that only these tests know; one test runs at a time. */
static struct mm_struct test_mm;

static bool make_test_mm(void)
{
	cpumask_clear(&test_mm.cpu_bitmap);
	atomic_long_set(&test_mm.pgtables_bytes, 0);
	test_mm.pgd = pgd_alloc(&test_mm);
	return test_mm.pgd;
}

SELFTEST(lazy_mode_reloads_nothing_and_leaves_on_flush)
{
	struct mm_struct *before;
	u64 loads, left;

	REQUIRE(make_test_mm());
	preempt_disable();
	before = tlb_loaded_mm();
	switch_mm(before, &test_mm, NULL);
	EXPECT(cpumask_test_cpu(smp_processor_id(), &test_mm.cpu_bitmap));

	loads = tlb_event_count(TLB_CR3_LOAD);
	left = tlb_event_count(TLB_LAZY_LEFT);
	enter_lazy_tlb(&test_mm, NULL);
	switch_mm(&test_mm, &test_mm, NULL);
	EXPECT(tlb_event_count(TLB_LAZY_LEFT) == left);
	enter_lazy_tlb(&test_mm, NULL);
	flush_tlb_mm(&test_mm);
	EXPECT(tlb_event_count(TLB_LAZY_LEFT) == left + 1);
	EXPECT(tlb_event_count(TLB_CR3_LOAD) > loads);
	EXPECT(tlb_loaded_mm() == &init_mm);
	EXPECT(cpumask_empty(&test_mm.cpu_bitmap));

	switch_mm(&init_mm, before, NULL);
	preempt_enable();
	pgd_free(&test_mm, test_mm.pgd);
}

struct remote_read {
	volatile int *from;
	int value;
};

static void read_there(void *info)
{
	struct remote_read *r = info;

	r->value = *r->from;
}

/* Some other online CPU, or -1. */
static int other_cpu(void)
{
	int cpu, self = smp_processor_id();

	for_each_online_cpu(cpu)
		if (cpu != self)
			return cpu;
	return -1;
}

SELFTEST(kernel_range_flush_reaches_other_cpus)
{
	struct page *p[2] = { alloc_page(GFP_KERNEL), alloc_page(GFP_KERNEL) };
	struct remote_read r;
	int cpu = other_cpu();
	unsigned long a;
	void *v;

	REQUIRE(p[0] && p[1]);
	*(int *)page_address(p[0]) = 10;
	*(int *)page_address(p[1]) = 11;
	v = vmap(p, 1, VM_MAP, PAGE_KERNEL);
	REQUIRE(v);
	a = (unsigned long)v;
	r.from = v;
	if (cpu >= 0) {
		smp_call_function_single(cpu, read_there, &r, 1);
		EXPECT(r.value == 10);
	}
	unmap_kernel_range(a, PAGE_SIZE);
	EXPECT(map_kernel_pages(a, PAGE_SIZE, PAGE_KERNEL, &p[1]) == 0);
	EXPECT(*(volatile int *)v == 11);
	if (cpu >= 0) {
		smp_call_function_single(cpu, read_there, &r, 1);
		EXPECT(r.value == 11);
	}
	vunmap(v);
	__free_page(p[0]);
	__free_page(p[1]);
	if (cpu < 0)
		selftest_skip("one CPU only");
}

SELFTEST(gather_keeps_pages_until_the_flush)
{
	enum { N = MMU_GATHER_LOCAL + 20 };
	static struct page *pages[N];
	struct mmu_gather tlb;

	REQUIRE(make_test_mm());
	tlb_gather_mmu(&tlb, &test_mm);
	for (int i = 0; i < N; i++) {
		pages[i] = alloc_page(GFP_KERNEL);
		REQUIRE(pages[i]);
		get_page(pages[i]);
		tlb_track_range(&tlb, i * PAGE_SIZE, (i + 1) * PAGE_SIZE);
		tlb_remove_page(&tlb, pages[i]);
	}
	EXPECT(page_count(pages[0]) == 2 && page_count(pages[N - 1]) == 2);
	tlb_finish_mmu(&tlb);
	for (int i = 0; i < N; i++) {
		EXPECT(page_count(pages[i]) == 1);
		put_page(pages[i]);
	}
	pgd_free(&test_mm, test_mm.pgd);
}

/* Make the tables down to the last level for one user address. */
static pte_t *tables_for(unsigned long a)
{
	p4d_t *p4d = p4d_alloc(&test_mm, pgd_offset(&test_mm, a), a);
	pud_t *pud = pud_alloc(&test_mm, p4d, a);
	pmd_t *pmd = pud ? pmd_alloc(&test_mm, pud, a) : NULL;

	return pmd ? pte_alloc_map(&test_mm, pmd, a) : NULL;
}

SELFTEST_SLOW(free_pgd_range_keeps_what_neighbours_need)
{
	unsigned long a = 0x40000000UL, b = a + PMD_SIZE;
	struct mmu_gather tlb;
	long all;

	REQUIRE(make_test_mm());
	REQUIRE(tables_for(a) && tables_for(b));
	all = atomic_long_read(&test_mm.pgtables_bytes);
	EXPECT(all == 5 * (long)PAGE_SIZE); /* pgd, pud, pmd, two last ones */

	tlb_gather_mmu(&tlb, &test_mm);
	free_pgd_range(&tlb, a, a + PAGE_SIZE, 0, b); /* b's area stays */
	tlb_finish_mmu(&tlb);
	EXPECT(atomic_long_read(&test_mm.pgtables_bytes) ==
	       all - (long)PAGE_SIZE);

	tlb_gather_mmu(&tlb, &test_mm);
	free_pgd_range(&tlb, b, b + PAGE_SIZE, 0, 0);
	tlb_finish_mmu(&tlb);
	EXPECT(atomic_long_read(&test_mm.pgtables_bytes) == (long)PAGE_SIZE);
	pgd_free(&test_mm, test_mm.pgd);
}

SELFTEST(kernel_half_is_the_same_in_every_address_space)
{
	REQUIRE(make_test_mm());
	for (int i = KERNEL_PGD_BOUNDARY; i < PTRS_PER_PGD; i++)
		EXPECT(test_mm.pgd[i].pgd == swapper_pg_dir[i].pgd);
	for (int i = 0; i < KERNEL_PGD_BOUNDARY; i++)
		EXPECT(test_mm.pgd[i].pgd == 0);
	pgd_free(&test_mm, test_mm.pgd);
}
