/* SPDX-License-Identifier: MIT */
/*
 * ioremap.c -- device registers and firmware tables in the address space
 *
 * IDEA.  Registers must be read and written each time the program says so: they
 * are mapped uncached, in the vmalloc region.  Firmware tables are memory, and
 * where the direct map shows them that is used.  Before vmalloc is up (ACPI is
 * needed to find the interrupt controllers) a window of 2 MiB with a static
 * table serves, taken from page by page and never given back.
 *
 * LOCKING.  The window: boot CPU only.  Afterwards vmalloc's own.
 */

#include <arch/io.h>

#include "internal.h"

#include <kernel/printk.h>
#include <mm/mmzone.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

static pmd_t window_pmd[PTRS_PER_PMD] __aligned(4096);
static pte_t window_pte[PTRS_PER_PTE] __aligned(4096);
static unsigned int window_used;

__init void early_ioremap_init(void)
{
	unsigned long a = EARLY_IOREMAP_START;
	pud_t *pud = pud_offset(p4d_offset(pgd_offset_k(a), a), a);

	window_pmd[pmd_index(a)] = __pmd(__pa_symbol(window_pte) |
					 _KERNPG_TABLE);
	set_pud(pud, __pud(__pa_symbol(window_pmd) | _KERNPG_TABLE));
}

static bool in_window(unsigned long addr)
{
	return addr >= EARLY_IOREMAP_START &&
	       addr < EARLY_IOREMAP_START + EARLY_IOREMAP_SIZE;
}

/* Map whole pages at the next free place of the window; NULL if it is full. */
static void *map_in_window(phys_addr_t phys, unsigned long size, pgprot_t prot)
{
	unsigned int first = window_used, n = size >> PAGE_SHIFT;

	if (n > PTRS_PER_PTE - first)
		return NULL;
	for (unsigned int i = 0; i < n; i++)
		set_pte(&window_pte[first + i],
			pfn_pte(PHYS_PFN(phys) + i, prot));
	window_used += n;
	return (void *)(EARLY_IOREMAP_START + first * PAGE_SIZE);
}

static void *map_in_vmalloc(phys_addr_t phys, unsigned long size,
			    pgprot_t prot)
{
	struct vm_struct *area = get_vm_area(size, VM_IOREMAP);

	if (!area)
		return NULL;
	area->phys_addr = phys;
	if (map_kernel_phys((unsigned long)area->addr, size, phys, prot)) {
		free_vm_area(area);
		return NULL;
	}
	return area->addr;
}

/* Before the first page is in the buddy there is no vmalloc either. */
static void *map_device(phys_addr_t phys, size_t size, pgprot_t prot)
{
	unsigned long offset = phys & ~PAGE_MASK;
	void *addr;

	if (!size || phys + size - 1 < phys)
		return NULL;
	size = PAGE_ALIGN(offset + size);
	phys &= PAGE_MASK;
	if (totalram_pages())
		addr = map_in_vmalloc(phys, size, prot);
	else
		addr = map_in_window(phys, size, prot);
	if (!addr)
		pr_err("ioremap: no room for %zu bytes at %#llx\n", size,
		       (unsigned long long)phys);
	return addr ? addr + offset : NULL;
}

void __iomem *ioremap(phys_addr_t phys, size_t size)
{
	return map_device(phys, size, PAGE_KERNEL_NOCACHE);
}

void __iomem *ioremap_wc(phys_addr_t phys, size_t size)
{
	return map_device(phys, size, PAGE_KERNEL_WC);
}

void __iomem *ioremap_cache(phys_addr_t phys, size_t size)
{
	return map_device(phys, size, PAGE_KERNEL);
}

void iounmap(volatile void __iomem *addr)
{
	unsigned long page = (unsigned long)addr & PAGE_MASK;
	struct vm_struct *area;

	if (!is_vmalloc_addr((void *)page) || in_window(page))
		return;
	area = find_vm_area((void *)page);
	if (area)
		free_vm_area(area);
}

void *memremap(phys_addr_t phys, size_t size)
{
	if (phys_is_direct_mapped(phys, size))
		return __va(phys);
	return ioremap_cache(phys, size);
}

void memunmap(void *addr)
{
	iounmap(addr);
}
