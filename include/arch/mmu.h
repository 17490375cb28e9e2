/* SPDX-License-Identifier: MIT */
#ifndef ARCH_MMU_H
#define ARCH_MMU_H
/*
 * mmu.h -- switching address spaces, and mapping things into the kernel's
 *
 * Theory: arch/x86_64/mmu/tlb.c (switching, lazy mode), kmap.c (mappings).
 */

#include <arch/page.h>
#include <arch/pgtable.h>
#include <kernel/types.h>

struct mm_struct;
struct page;
struct task_struct;

/*
 * Load next's page tables on this CPU, if they are not loaded.  switch_mm():
 * any context; the _irqs_off form: interrupts are off (context switch).
 * tsk may be NULL.
 */
void switch_mm(struct mm_struct *prev, struct mm_struct *next,
	       struct task_struct *tsk);
void switch_mm_irqs_off(struct mm_struct *prev, struct mm_struct *next,
			struct task_struct *tsk);
#define activate_mm(prev, next) switch_mm((prev), (next), NULL)
/*
 * A kernel thread or the idle task goes on with mm's tables without using its
 * user half: no CR3 load, and the next flush of mm lets go of it.  Irqs off.
 */
void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *tsk);

/* Load the kernel's own tables on an AP that comes from the trampoline. */
void mmu_init_cpu(void);

/*
 * Map [addr, addr + size) of the vmalloc region, page-aligned: to pages, or to
 * physical memory from phys on.  0 or -ENOMEM (nothing stays mapped).  May
 * sleep for page tables.  The range must be empty.
 */
int __must_check map_kernel_pages(unsigned long addr, unsigned long size,
				  pgprot_t prot, struct page **pages);
int __must_check map_kernel_phys(unsigned long addr, unsigned long size,
				 phys_addr_t phys, pgprot_t prot);
/* Empty the range; the second form flushes all CPUs too (irqs on). */
void unmap_kernel_range_noflush(unsigned long addr, unsigned long size);
void unmap_kernel_range(unsigned long addr, unsigned long size);
/* Linux's names for the same. */
#define vmap_pages_range(start, end, prot, pages) \
	map_kernel_pages((start), (end) - (start), (prot), (pages))
#define ioremap_page_range(start, end, phys, prot) \
	map_kernel_phys((start), (end) - (start), (phys), (prot))
#define vunmap_range(start, end) unmap_kernel_range((start), (end) - (start))
#define vunmap_range_noflush(start, end) \
	unmap_kernel_range_noflush((start), (end) - (start))

/*
 * Back [start, end) of the page array with zeroed memory from memblock (2 MiB
 * pages where they fit); before the buddy is up.  0 or -ENOMEM.
 */
int __must_check vmemmap_populate(unsigned long start, unsigned long end);

/* Change rights of kernel pages; splits large pages.  Process context. */
int set_memory_ro(unsigned long addr, int numpages);
int set_memory_rw(unsigned long addr, int numpages);
/* Take pages out of the direct map and back (guards, freed init text). */
int set_memory_np(unsigned long addr, int numpages);
int set_memory_p(unsigned long addr, int numpages);
/* Make .data..ro_after_init read-only: after the last initcall. */
void mark_rodata_ro(void);

/*
 * Overwrite read-only kernel text or tables: n bytes at addr, one CPU writes,
 * the others do not execute there meanwhile (boot).
 */
void text_poke(void *addr, const void *bytes, size_t n);

/* Physical address of tables with the low 2 MiB mapped one to one, for APs. */
phys_addr_t trampoline_pgd(void);
/* The first frame behind all RAM that the direct map covers. */
extern pfn_t max_pfn;
/* Is [phys, phys + size) reachable through __va()? */
bool phys_is_direct_mapped(phys_addr_t phys, size_t size);

#endif
