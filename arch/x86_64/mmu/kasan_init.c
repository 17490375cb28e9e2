/* SPDX-License-Identifier: MIT */
/*
 * kasan_init.c -- memory behind the checker's shadow
 *
 * PROMISE.  From the first C function on, the shadow of every kernel address
 * can be read; from kasan_init() on it is true.
 *
 * IDEA.  16 TiB of shadow, of which little is real.  Three steps:
 *
 *	early   all of it is one zero page, through three shared tables;
 *	        redzones of stacks are scribbled into it, so nothing is reported
 *	map     for swapper_pg_dir: RAM and the image get real shadow; all else
 *	        the zero page, again shared, but for the vmalloc region's
 *	ready   the zero page is cleared and read-only; globals get redzones
 *
 * The vmalloc region's shadow is absent until an area is made there.  It could
 * not be the zero page first and another later: another CPU might still have
 * the zero page in its TLB, and an absent entry is never cached.
 *
 * INVARIANTS
 *   I1  After kasan_map_shadow() no pgd entry of the shadow changes: processes
 *       have copies of them (pgalloc.c).
 *
 * CONTEXT.  Boot CPU; arch_kasan_map(): may sleep.  This file is built without
 * checks, for it runs where there is no shadow yet.
 *
 * SEE docs/92-kasan.md
 */

#include "internal.h"

#include <arch/boot.h>
#include <arch/page.h>
#include <kernel/errno.h>
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <kernel/sections.h>
#include <kernel/string.h>
#include <mm/gfp.h>
#include <mm/kasan.h>
#include <mm/memblock.h>
#include <mm/mm.h>

#define SHADOW_OFFSET 0xdffffc0000000000UL
#define TABLE_ENTRIES 512
/* Not global: the early one must leave the TLB with the early tables. */
#define ZERO_PAGE_RW (pgprot_val(PAGE_KERNEL) & ~_PAGE_GLOBAL)
#define ZERO_PAGE_RO (pgprot_val(PAGE_KERNEL_RO) & ~_PAGE_GLOBAL)

static u8 zero_page[PAGE_SIZE] __aligned(4096);
static unsigned long zero_pte[TABLE_ENTRIES] __aligned(4096);
static unsigned long zero_pmd[TABLE_ENTRIES] __aligned(4096);
static unsigned long zero_pud[TABLE_ENTRIES] __aligned(4096);

static unsigned long shadow_of(unsigned long addr)
{
	return (addr >> 3) + SHADOW_OFFSET;
}

static void fill(unsigned long *table, unsigned long value)
{
	for (int i = 0; i < TABLE_ENTRIES; i++)
		table[i] = value;
}

void kasan_early_init(void)
{
	fill(zero_pte, __pa_symbol(zero_page) | ZERO_PAGE_RW);
	fill(zero_pmd, __pa_symbol(zero_pte) | _KERNPG_TABLE);
	fill(zero_pud, __pa_symbol(zero_pmd) | _KERNPG_TABLE);
	for (unsigned long a = KASAN_SHADOW_START; a < KASAN_SHADOW_END;
	     a += PGDIR_SIZE)
		early_pgd[pgd_index(a)] = __pa_symbol(zero_pud) |
					  _KERNPG_TABLE;
}

static __init void must(int err)
{
	if (err)
		panic("KASAN: no memory for the shadow");
}

/* Real, zeroed shadow of [start, end), in pages as large as fit. */
static __init void map_real(unsigned long start, unsigned long end)
{
	start = shadow_of(start) & PAGE_MASK;
	end = PAGE_ALIGN(shadow_of(end));
	while (start < end) {
		bool large = (start & ~PMD_MASK) == 0 &&
			     end - start >= PMD_SIZE;
		unsigned long size = large ? PMD_SIZE : PAGE_SIZE;
		phys_addr_t phys;

		/* Two ranges of memory may share a page of shadow. */
		if (large || !lookup_address(start, &(unsigned int){ 0 })) {
			phys = memblock_phys_alloc(size, size);
			must(phys ? 0 : -ENOMEM);
			__memset(__va(phys), 0, size);
			must(early_map(start, phys, size, PAGE_KERNEL, size));
		}
		start += size;
	}
}

/* The zero page wherever [start, end) has nothing; both multiples of 1 GiB. */
static __init void fill_holes(unsigned long start, unsigned long end)
{
	for (unsigned long a = start; a < end; a += PUD_SIZE) {
		unsigned long *pgd = &pgd_offset_k(a)->pgd, *pud, *pmd, *pte;

		if (!*pgd && !(a & ~PGDIR_MASK) && end - a >= PGDIR_SIZE) {
			*pgd = __pa_symbol(zero_pud) | _KERNPG_TABLE;
			a += PGDIR_SIZE - PUD_SIZE;
			continue;
		}
		must(early_populate_pgd(a));
		pud = (unsigned long *)__va(*pgd & PTE_PFN_MASK) + pud_index(a);
		if (!*pud)
			*pud = __pa_symbol(zero_pmd) | _KERNPG_TABLE;
		if ((*pud & PTE_PFN_MASK) == __pa_symbol(zero_pmd))
			continue;
		pmd = __va(*pud & PTE_PFN_MASK);
		for (int i = 0; i < TABLE_ENTRIES; i++, pmd++) {
			if (!*pmd)
				*pmd = __pa_symbol(zero_pte) | _KERNPG_TABLE;
			if ((*pmd & _PAGE_PSE) ||
			    (*pmd & PTE_PFN_MASK) == __pa_symbol(zero_pte))
				continue;
			pte = __va(*pmd & PTE_PFN_MASK);
			for (int k = 0; k < TABLE_ENTRIES; k++)
				if (!pte[k])
					pte[k] = __pa_symbol(zero_page) |
						 ZERO_PAGE_RO;
		}
	}
}

__init void kasan_map_shadow(void)
{
	struct boot_info *b = &boot_info;

	for (unsigned int i = 0; i < b->nr_ranges; i++) {
		const struct mem_range *r = &b->ranges[i];

		if (r->type == MEM_USABLE || r->type == MEM_ACPI ||
		    r->type == MEM_NVS)
			map_real((unsigned long)__va(r->start & PAGE_MASK),
				 (unsigned long)__va(PAGE_ALIGN(r->end)));
	}
	map_real((unsigned long)_text & PAGE_MASK,
		 PAGE_ALIGN((unsigned long)_end));
	fill_holes(KASAN_SHADOW_START, shadow_of(VMALLOC_START));
	for (unsigned long a = shadow_of(VMALLOC_START);
	     a < shadow_of(VMALLOC_END); a += PUD_SIZE)
		must(early_populate_pgd(a));                          /* I1 */
	fill_holes(shadow_of(VMALLOC_END + 1), KASAN_SHADOW_END);
}

__init void kasan_init(void)
{
	__memset(zero_page, 0, PAGE_SIZE);
	fill(zero_pte, __pa_symbol(zero_page) | ZERO_PAGE_RO);
	load_pgd(swapper_pg_dir);
	kasan_start();
}

/* Back one page of shadow, all of it "nobody's"; map_lock held. */
static int map_one(unsigned long at)
{
	struct page *page;

	if (lookup_address(at, &(unsigned int){ 0 }))
		return 0;
	page = alloc_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	__memset(page_address(page), KASAN_VMALLOC_INVALID, PAGE_SIZE);
	if (map_kernel_pages(at, PAGE_SIZE, PAGE_KERNEL, &page)) {
		__free_page(page);
		return -ENOMEM;
	}
	return 0;
}

int arch_kasan_map(unsigned long start, unsigned long end)
{
	static DEFINE_MUTEX(map_lock);
	int err = 0;

	mutex_lock(&map_lock);
	for (; start < end && !err; start += PAGE_SIZE)
		err = map_one(start);
	mutex_unlock(&map_lock);
	return err;
}
