/* SPDX-License-Identifier: MIT */
/*
 * gather.c -- unmapping many pages at the price of one flush
 *
 * PROMISE.  A page or page table given to the gather is freed only after every
 * CPU has forgotten it.
 *
 * IDEA.  The obvious munmap() clears an entry, flushes everywhere, frees the
 * page, and takes the next: an interrupt to all CPUs for each page.  But only
 * the *reuse* of a page must wait for the flush.  So collect pages and tables
 * in batches, remember the range that they covered, and at the end, or when the
 * batches are full: flush once, then free all.
 *
 *	unmap p1, p2, ... pn     flush     put p1, p2, ... pn
 *	-----------------------|----------|------------------
 *	 other CPUs may still   |  nobody can
 *	 use p1 ... pn          |
 *
 * INVARIANTS
 *   I1  Each page in the batches has the reference that its entry held.
 *   I2  [start, end) covers every entry cleared since the last flush.
 *
 * CONTEXT.  Process context, irqs on; the page_table_lock may be held: no
 * allocation sleeps.  A gather lives on one task's stack.
 */

#include <arch/tlb.h>

#include "internal.h"

#include <kernel/atomic.h>
#include <mm/gfp.h>
#include <mm/mm.h>
#include <mm/page-flags.h>
#include <mm/page_ref.h>
#include <mm/swap.h>

enum { BATCH_PAGES = (PAGE_SIZE - sizeof(struct mmu_gather_batch)) /
		     sizeof(struct page *) };

static void reset_range(struct mmu_gather *tlb)
{
	tlb->start = ~0UL;
	tlb->end = 0;
	tlb->freed_tables = false;
}

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm)
{
	tlb->mm = mm;
	tlb->fullmm = false;
	tlb->nr_batches = 0;
	tlb->batches = tlb->active = NULL;
	tlb->tables = NULL;
	tlb->nr_local = 0;
	reset_range(tlb);
}

void tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm_struct *mm)
{
	tlb_gather_mmu(tlb, mm);
	tlb->fullmm = true;
}

static void flush(struct mmu_gather *tlb)
{
	if (tlb->start >= tlb->end && !tlb->fullmm)
		return;
	if (tlb->fullmm || tlb->freed_tables)
		flush_tlb_mm(tlb->mm);
	else
		flush_tlb_mm_range(tlb->mm, tlb->start, tlb->end);
	reset_range(tlb);
}

static void put_pages(struct page **pages, unsigned int *nr)
{
	release_pages(pages, *nr);
	*nr = 0;
}

static void free_tables(struct mmu_gather *tlb)
{
	while (tlb->tables) {
		struct page *page = tlb->tables;

		tlb->tables = (struct page *)page->private;
		page->private = 0;
		page->ptl = 0;
		__ClearPageTable(page);
		__free_page(page);
	}
}

void tlb_flush_mmu(struct mmu_gather *tlb)
{
	flush(tlb);
	put_pages(tlb->local, &tlb->nr_local);
	for (struct mmu_gather_batch *b = tlb->batches; b; b = b->next)
		put_pages(b->pages, &b->nr);
	tlb->active = tlb->batches;
	free_tables(tlb);
}

void tlb_finish_mmu(struct mmu_gather *tlb)
{
	tlb_flush_mmu(tlb);
	while (tlb->batches) {
		struct mmu_gather_batch *b = tlb->batches;

		tlb->batches = b->next;
		free_page((unsigned long)b);
	}
}

/* A batch with room, or NULL: then it is time to flush. */
static struct mmu_gather_batch *batch_with_room(struct mmu_gather *tlb)
{
	struct mmu_gather_batch *b = tlb->active;

	if (b && b->nr == b->max && b->next)
		b = tlb->active = b->next;
	if (b && b->nr < b->max)
		return b;
	if (tlb->nr_batches == MMU_GATHER_MAX_BATCHES)
		return NULL;
	b = (void *)__get_free_page(GFP_NOWAIT | __GFP_NOWARN);
	if (!b)
		return NULL;
	b->next = NULL;
	b->nr = 0;
	b->max = BATCH_PAGES;
	if (tlb->active)
		tlb->active->next = b;
	else
		tlb->batches = b;
	tlb->active = b;
	tlb->nr_batches++;
	return b;
}

bool tlb_remove_page(struct mmu_gather *tlb, struct page *page)
{
	struct mmu_gather_batch *b;

	if (tlb->nr_local < MMU_GATHER_LOCAL) {
		tlb->local[tlb->nr_local++] = page;
		return false;
	}
	b = batch_with_room(tlb);
	if (b) {
		b->pages[b->nr++] = page;
		return false;
	}
	tlb_flush_mmu(tlb);
	tlb->local[tlb->nr_local++] = page;
	/* Its entry was cleared before this flush: nothing is owed for it. */
	return true;
}

/* ---- page tables --------------------------------------------------------- */

static void remove_table(struct mmu_gather *tlb, struct page *table,
			 unsigned long addr)
{
	table->private = (unsigned long)tlb->tables;
	tlb->tables = table;
	tlb->freed_tables = true;
	tlb_track_range(tlb, addr, addr + PAGE_SIZE);
	atomic_long_sub(PAGE_SIZE, &tlb->mm->pgtables_bytes);
}

/* Does the entry of `size` bytes around addr lie wholly in [floor, ceiling)? */
static bool whole(unsigned long addr, unsigned long size, unsigned long floor,
		  unsigned long ceiling)
{
	unsigned long start = addr & ~(size - 1);

	return start >= floor && start + size - 1 <= ceiling - 1;
}

static void free_pmd_range(struct mmu_gather *tlb, pud_t *pud,
			   unsigned long addr, unsigned long end,
			   unsigned long floor, unsigned long ceiling)
{
	unsigned long first = addr;

	for (unsigned long next; addr < end; addr = next) {
		pmd_t *pmd = pmd_offset(pud, addr);

		next = pmd_addr_end(addr, end);
		if (pmd_none_or_clear_bad(pmd) ||
		    !whole(addr, PMD_SIZE, floor, ceiling))
			continue;
		remove_table(tlb, pmd_page(*pmd), addr);
		pmd_clear(pmd);
	}
	if (whole(first, PUD_SIZE, floor, ceiling)) {
		remove_table(tlb, pud_page(*pud), first);
		pud_clear(pud);
	}
}

static void free_pud_range(struct mmu_gather *tlb, p4d_t *p4d,
			   unsigned long addr, unsigned long end,
			   unsigned long floor, unsigned long ceiling)
{
	unsigned long first = addr;

	for (unsigned long next; addr < end; addr = next) {
		pud_t *pud = pud_offset(p4d, addr);

		next = pud_addr_end(addr, end);
		if (!pud_none_or_clear_bad(pud))
			free_pmd_range(tlb, pud, addr, next, floor, ceiling);
	}
	if (whole(first, PGDIR_SIZE, floor, ceiling)) {
		remove_table(tlb, p4d_page(*p4d), first);
		p4d_clear(p4d);
	}
}

void free_pgd_range(struct mmu_gather *tlb, unsigned long addr,
		    unsigned long end, unsigned long floor,
		    unsigned long ceiling)
{
	/* 0 - 1 is the highest address: "no ceiling" needs no special case. */
	for (unsigned long next; addr < end; addr = next) {
		p4d_t *p4d = p4d_offset(pgd_offset(tlb->mm, addr), addr);

		next = pgd_addr_end(addr, end);
		if (!p4d_none_or_clear_bad(p4d))
			free_pud_range(tlb, p4d, addr, next, floor, ceiling);
	}
}
