/* SPDX-License-Identifier: MIT */
#ifndef ARCH_TLB_H
#define ARCH_TLB_H
/*
 * tlb.h -- forgetting translations, here and on other CPUs
 *
 * Theory and races: arch/x86_64/mmu/tlb.c.  All of these wait until every
 * CPU concerned has flushed, so: interrupts on, no spinlock that is taken with
 * interrupts off on another CPU.  The page_table_lock may be held.
 */

#include <kernel/cpumask.h>
#include <kernel/list.h>
#include <kernel/types.h>

struct mm_struct;
struct page;
struct vm_area_struct;

#define TLB_FLUSH_ALL (~0UL)

void flush_tlb_mm(struct mm_struct *mm);
void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start,
			unsigned long end);
void flush_tlb_range(struct vm_area_struct *vma, unsigned long start,
		     unsigned long end);
void flush_tlb_page(struct vm_area_struct *vma, unsigned long addr);
void flush_tlb_kernel_range(unsigned long start, unsigned long end);
/* This CPU only; any context. */
void local_flush_tlb(void);             /* user entries */
void local_flush_tlb_all(void);         /* global ones too */

/*
 * Unmapping pages of many mms with one flush: each mm is added after its entry
 * was cleared, with the entry's lock held; then one interrupt a CPU.
 */
struct arch_tlbflush_unmap_batch {
	struct cpumask cpumask;         /* CPUs that may hold such an entry */
};

void arch_tlbbatch_add_mm(struct arch_tlbflush_unmap_batch *batch,
			  struct mm_struct *mm);
/* Empties the batch; interrupts on. */
void arch_tlbbatch_flush(struct arch_tlbflush_unmap_batch *batch);

/* Counted per CPU, summed here: for /proc/vmstat and the tests. */
enum tlb_event { TLB_CR3_LOAD, TLB_LOCAL_FULL, TLB_LOCAL_RANGE,
		 TLB_REMOTE_SENT, TLB_REMOTE_RECEIVED, TLB_LAZY_LEFT,
		 NR_TLB_EVENTS };
u64 tlb_event_count(enum tlb_event e);

/*
 * struct mmu_gather: unmapping many pages with one flush.
 *
 *	struct mmu_gather tlb;
 *	tlb_gather_mmu(&tlb, mm);
 *	... pte = ptep_get_and_clear(mm, addr, ptep);
 *	    tlb_remove_tlb_entry(&tlb, ptep, addr);
 *	    tlb_remove_page(&tlb, page);          (takes over our reference)
 *	free_pgd_range(&tlb, ...);
 *	tlb_finish_mmu(&tlb);                     flush, then put the pages
 *
 * tlb_remove_page() returns true when it had to flush: drop no lock for that,
 * it is safe under page_table_lock.
 */
#define MMU_GATHER_LOCAL 64
#define MMU_GATHER_MAX_BATCHES 16

struct mmu_gather_batch {
	struct mmu_gather_batch *next;
	unsigned nr, max;
	struct page *pages[];
};

struct mmu_gather {
	struct mm_struct *mm;
	unsigned long start, end;  /* what must be flushed; empty: start > end */
	bool fullmm;               /* the mm dies: nobody runs in it */
	bool freed_tables;
	unsigned nr_batches;
	struct mmu_gather_batch *batches, *active; /* beyond local[] */
	struct page *tables;       /* freed page tables, linked by ->private */
	unsigned nr_local;
	struct page *local[MMU_GATHER_LOCAL];
};

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm);
/* exit_mmap(): mm has no user left, one full flush will do. */
void tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm_struct *mm);
bool tlb_remove_page(struct mmu_gather *tlb, struct page *page);
void tlb_flush_mmu(struct mmu_gather *tlb);
void tlb_finish_mmu(struct mmu_gather *tlb);

static inline void tlb_track_range(struct mmu_gather *tlb, unsigned long start,
				   unsigned long end)
{
	if (start < tlb->start)
		tlb->start = start;
	if (end > tlb->end)
		tlb->end = end;
}

#define tlb_remove_tlb_entry(tlb, ptep, addr) \
	((void)(ptep), tlb_track_range((tlb), (addr), (addr) + PAGE_SIZE))

/*
 * Free the user page tables of [addr, end) that cover nothing outside
 * [floor, ceiling); ceiling 0 is the top.  The entries are empty already.
 */
void free_pgd_range(struct mmu_gather *tlb, unsigned long addr,
		    unsigned long end, unsigned long floor,
		    unsigned long ceiling);

/* The user half of an entry cleared, flushed, returned: COW break. */
#define ptep_clear_flush(vma, addr, ptep) ({				\
	pte_t __p = ptep_get_and_clear((vma)->vm_mm, (addr), (ptep));	\
	if (pte_present(__p))						\
		flush_tlb_page((vma), (addr));				\
	__p; })

#endif
