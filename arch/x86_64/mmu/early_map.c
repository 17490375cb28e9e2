/* SPDX-License-Identifier: MIT */
/*
 * early_map.c -- kernel mappings before there is a page allocator
 *
 * PROMISE.  After early_map() the range is mapped in swapper_pg_dir; nothing
 * is flushed, for either the tables are not loaded yet or nothing was there.
 *
 * IDEA.  Walk down, making tables from memblock on the way, and stop at the
 * highest level whose page size divides what is left: 1 GiB, 2 MiB, 4 KiB.
 * Fewer, larger entries mean fewer TLB misses and less memory for tables: the
 * direct map of 8 GiB takes 2 pages of tables, or 16 MiB of them if all was
 * mapped by 4 KiB.
 *
 * CONTEXT.  Boot CPU, irqs off, memblock in use.  Entries made here are never
 * freed; set_memory.c may split them.
 */

#include "internal.h"

#include <arch/page.h>
#include <kernel/errno.h>
#include <mm/memblock.h>

__init void *early_table(void)
{
	phys_addr_t phys = memblock_phys_alloc(PAGE_SIZE, PAGE_SIZE);

	if (!phys)
		return NULL;
	clear_page(__va(phys));
	return __va(phys);
}

/* The table behind an entry's value, made if it is empty; NULL: no memory. */
static __init void *table_of(unsigned long *entry)
{
	if (!(*entry & _PAGE_PRESENT)) {
		void *table = early_table();

		if (!table)
			return NULL;
		*entry = __pa(table) | _KERNPG_TABLE;
	}
	return __va(*entry & PTE_PFN_MASK);
}

__init int early_populate_pgd(unsigned long virt)
{
	return table_of(&pgd_offset_k(virt)->pgd) ? 0 : -ENOMEM;
}

static bool fits(unsigned long virt, phys_addr_t phys, unsigned long size,
		 unsigned long page)
{
	return ((virt | phys) & (page - 1)) == 0 && size >= page;
}

/* Map one page at virt, as large as may be; its size, or 0: no memory. */
static __init unsigned long map_one(unsigned long virt, phys_addr_t phys,
				    unsigned long size, pgprot_t prot,
				    unsigned long max_size)
{
	unsigned long *table = table_of(&pgd_offset_k(virt)->pgd);
	unsigned long leaf = phys | pgprot_val(prot);

	if (!table)
		return 0;
	if (max_size >= PUD_SIZE && fits(virt, phys, size, PUD_SIZE)) {
		table[pud_index(virt)] = leaf | _PAGE_PSE;
		return PUD_SIZE;
	}
	table = table_of(&table[pud_index(virt)]);
	if (!table)
		return 0;
	if (max_size >= PMD_SIZE && fits(virt, phys, size, PMD_SIZE)) {
		table[pmd_index(virt)] = leaf | _PAGE_PSE;
		return PMD_SIZE;
	}
	table = table_of(&table[pmd_index(virt)]);
	if (!table)
		return 0;
	table[pte_index(virt)] = leaf;
	return PAGE_SIZE;
}

__init int early_map(unsigned long virt, phys_addr_t phys, unsigned long size,
		     pgprot_t prot, unsigned long max_size)
{
	while (size) {
		unsigned long done = map_one(virt, phys, size, prot, max_size);

		if (!done)
			return -ENOMEM;
		virt += done;
		phys += done;
		size -= done;
	}
	return 0;
}
