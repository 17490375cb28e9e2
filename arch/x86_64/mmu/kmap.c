/* SPDX-License-Identifier: MIT */
/*
 * kmap.c -- entries in the kernel's own tables: vmalloc, ioremap, page array
 *
 * PROMISE.  What map_kernel_pages() maps is visible to every CPU and in every
 * address space when it returns, without any flush: the CPU does not cache
 * entries that are not present, and the tables below the pgd are shared.
 *
 * IDEA.  vmalloc hands out address ranges that do not overlap, so each last-
 * level entry has one writer; only tables are raced for, and those are
 * installed by compare-and-swap (pgalloc.c).  Tables are never freed: the next
 * area there will want them, and no walker need fear for them.
 *
 * CONTEXT.  map_*: process context, may sleep for tables.  unmap_*_noflush:
 * any context.  After it the addresses must not be reused before a
 * flush_tlb_kernel_range(), lest a CPU go on with the old page.
 */

#include "internal.h"

#include <arch/tlb.h>
#include <kernel/bug.h>
#include <kernel/errno.h>
#include <mm/memblock.h>
#include <mm/mm.h>

/* The last-level entry of a kernel address, tables made; NULL: no memory. */
static pte_t *kernel_pte_alloc(unsigned long addr)
{
	p4d_t *p4d = p4d_offset(pgd_offset_k(addr), addr);
	pud_t *pud;
	pmd_t *pmd;

	if (WARN_ON_ONCE(p4d_none(*p4d)))
		return NULL;            /* see init.c: I1 of pgalloc.c */
	pud = pud_offset(p4d, addr);
	pmd = pmd_alloc(&init_mm, pud, addr);
	return pmd ? pte_alloc_kernel(pmd, addr) : NULL;
}

/* The entry, NULL if a table is missing: nothing can be mapped there. */
static pte_t *kernel_pte(unsigned long addr)
{
	p4d_t *p4d = p4d_offset(pgd_offset_k(addr), addr);
	pud_t *pud;
	pmd_t *pmd;

	if (p4d_none(*p4d))
		return NULL;
	pud = pud_offset(p4d, addr);
	if (pud_none(*pud) || pud_leaf(*pud))
		return NULL;
	pmd = pmd_offset(pud, addr);
	if (pmd_none(*pmd) || pmd_leaf(*pmd))
		return NULL;
	return pte_offset_kernel(pmd, addr);
}

/*
 * Map page by page: frame i is pages[i], or, without pages, phys onwards.  The
 * entry pointer is good for the 512 entries of its table.
 */
static int map_range(unsigned long addr, unsigned long size, pgprot_t prot,
		     struct page **pages, phys_addr_t phys)
{
	unsigned long start = addr, n = size >> PAGE_SHIFT;
	pte_t *pte = NULL;

	for (unsigned long i = 0; i < n; i++, addr += PAGE_SIZE) {
		pfn_t pfn = pages ? page_to_pfn(pages[i])
				  : PHYS_PFN(phys) + i;

		if (!pte || pte_index(addr) == 0)
			pte = kernel_pte_alloc(addr);
		else
			pte++;
		if (!pte) {
			unmap_kernel_range_noflush(start, addr - start);
			return -ENOMEM;
		}
		WARN_ON_ONCE(!pte_none(*pte));
		set_pte(pte, pfn_pte(pfn, prot));
	}
	return 0;
}

int map_kernel_pages(unsigned long addr, unsigned long size, pgprot_t prot,
		     struct page **pages)
{
	return map_range(addr, size, prot, pages, 0);
}

int map_kernel_phys(unsigned long addr, unsigned long size, phys_addr_t phys,
		    pgprot_t prot)
{
	return map_range(addr, size, prot, NULL, phys);
}

void unmap_kernel_range_noflush(unsigned long addr, unsigned long size)
{
	unsigned long end = addr + size;

	while (addr < end) {
		unsigned long next = pmd_addr_end(addr, end);
		pte_t *pte = kernel_pte(addr);

		for (; pte && addr < next; addr += PAGE_SIZE, pte++)
			pte_clear(&init_mm, addr, pte);
		addr = next;
	}
}

void unmap_kernel_range(unsigned long addr, unsigned long size)
{
	unmap_kernel_range_noflush(addr, size);
	flush_tlb_kernel_range(addr, addr + size);
}

/* Back one page-sized or larger piece of the page array. */
static __init int vmemmap_piece(unsigned long addr, unsigned long size)
{
	phys_addr_t phys = memblock_phys_alloc(size, size);

	if (!phys)
		return -ENOMEM;
	__builtin_memset(__va(phys), 0, size);
	return early_map(addr, phys, size, PAGE_KERNEL, size);
}

__init int vmemmap_populate(unsigned long start, unsigned long end)
{
	start &= PAGE_MASK;
	end = PAGE_ALIGN(end);
	while (start < end) {
		bool large = (start & ~PMD_MASK) == 0 &&
			     end - start >= PMD_SIZE;
		unsigned long size = large ? PMD_SIZE : PAGE_SIZE;
		int err = 0;

		/* Two banks of RAM may share a page of the array. */
		if (large || !lookup_address(start, &(unsigned int){ 0 }))
			err = vmemmap_piece(start, size);
		if (err)
			return err;
		start += size;
	}
	return 0;
}
