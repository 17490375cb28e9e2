/* SPDX-License-Identifier: MIT */
/*
 * init.c -- the kernel's own address space, built once
 *
 * PROMISE.  After paging_init(): all RAM is readable through __va() and no
 * page of the kernel's half is both writable and executable; text and
 * constants are read-only in both places where they can be seen.
 *
 * IDEA.  The early tables map 4 GiB, all writable.  New ones are built beside
 * them from memblock, and one CR3 load goes over:
 *
 *	direct map   RAM and the firmware's tables, the largest pages possible,
 *	             but 4 KiB around the kernel's text, whose alias is read-only
 *	image        4 KiB pages, by section (linker.ld)
 *	vmalloc, vmemmap   the pgd entries only, with empty tables behind them
 *
 * The last line matters: a pgd is copied from swapper_pg_dir when a process is
 * born (pgalloc.c), so pgd entries of the kernel's half must never change
 * afterwards.  Below them all processes share the tables themselves, and what
 * vmalloc() maps is in every address space at once.
 *
 * CONTEXT.  Boot CPU, irqs off, but for the freeing at the end.
 *
 * EXERCISES.  1. What would a process see of a vmalloc() done after its fork,
 * if the pgd entries were not made here?  2. Why is .init.text's alias in the
 * direct map left writable?
 */

#include "internal.h"

#include <arch/boot.h>
#include <arch/cpufeature.h>
#include <arch/page.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sections.h>
#include <mm/kasan.h>
#include <mm/memblock.h>
#include <mm/mmzone.h>

pfn_t max_pfn __ro_after_init;

/* Page 0 and what BIOSes use behind it are never handed out. */
enum { LOW_RESERVED = 0x10000 };
/* The early tables reach this far. */
#define EARLY_LIMIT (4ULL << 30)

/* Low 2 MiB one to one, and the kernel's half: what an AP starts with. */
static pgd_t trampoline_table[PTRS_PER_PGD] __aligned(4096);
static pud_t trampoline_pud[PTRS_PER_PUD] __aligned(4096);
static pmd_t trampoline_pmd[PTRS_PER_PMD] __aligned(4096);

/* Is the range memory of some kind, which the direct map is to show? */
static bool is_mapped_type(u32 type)
{
	return type == MEM_USABLE || type == MEM_ACPI || type == MEM_NVS;
}

__init void boot_memory_init(void)
{
	struct boot_info *b = &boot_info;

	for (unsigned i = 0; i < b->nr_ranges; i++) {
		u64 start = PAGE_ALIGN(b->ranges[i].start);
		u64 end = b->ranges[i].end & PAGE_MASK;

		if (b->ranges[i].type == MEM_USABLE && start < end)
			memblock_add(start, end - start);
	}
	memblock_reserve(0, LOW_RESERVED);
	memblock_reserve(b->kernel_start, b->kernel_end - b->kernel_start);
	for (unsigned i = 0; i < b->nr_modules; i++)
		memblock_reserve(b->modules[i].start & PAGE_MASK,
				 PAGE_ALIGN(b->modules[i].end) -
				 (b->modules[i].start & PAGE_MASK));
	max_pfn = PHYS_PFN(memblock_end_of_DRAM());
	memblock_set_current_limit(EARLY_LIMIT);
}

static const char *type_name(u32 type)
{
	static const char *const names[] = { "?", "usable", "reserved",
		"ACPI data", "ACPI NVS", "unusable" };

	return names[type <= MEM_BAD ? type : 0];
}

void boot_memory_report(void)
{
	for (unsigned i = 0; i < boot_info.nr_ranges; i++) {
		const struct mem_range *r = &boot_info.ranges[i];

		pr_info("memory: [0x%012llx-0x%012llx] %s\n",
			(unsigned long long)r->start,
			(unsigned long long)r->end - 1, type_name(r->type));
	}
	for (unsigned i = 0; i < boot_info.nr_modules; i++)
		pr_info("memory: module \"%s\" at %#llx, %llu KiB\n",
			boot_info.modules[i].name,
			(unsigned long long)boot_info.modules[i].start,
			(unsigned long long)(boot_info.modules[i].end -
			 boot_info.modules[i].start) >> 10);
}

static __init void must(int err)
{
	if (err)
		panic("paging: no memory for the kernel's page tables");
}

/* The direct map's rights for the page at phys: text's alias is read-only. */
static __init pgprot_t direct_prot(phys_addr_t phys)
{
	bool constant = phys >= __pa_symbol(_text) &&
			phys < __pa_symbol(_erodata);

	return constant ? PAGE_KERNEL_RO : PAGE_KERNEL;
}

/*
 * Map [start, end) into the direct map.  Around the image page by page, so
 * that the rights can differ; elsewhere with the largest pages.
 */
static __init void map_direct(phys_addr_t start, phys_addr_t end)
{
	unsigned long largest = boot_cpu_has(X86_FEATURE_GBPAGES) ? PUD_SIZE
								  : PMD_SIZE;
	phys_addr_t image_start = __pa_symbol(_text) & PMD_MASK;
	phys_addr_t image_end = (__pa_symbol(_erodata) + PMD_SIZE - 1) &
				PMD_MASK;

	while (start < end) {
		unsigned long va = (unsigned long)__va(start);
		phys_addr_t stop = end;

		if (start >= image_start && start < image_end) {
			must(early_map(va, start, PAGE_SIZE,
				       direct_prot(start), PAGE_SIZE));
			start += PAGE_SIZE;
			continue;
		}
		if (start < image_start && stop > image_start)
			stop = image_start;
		must(early_map(va, start, stop - start, PAGE_KERNEL, largest));
		start = stop;
	}
}

static __init void map_all_ram(void)
{
	struct boot_info *b = &boot_info;
	u64 start = 0, end = 0;

	/* Join neighbours of different types: larger pages fit. */
	for (unsigned i = 0; i < b->nr_ranges; i++) {
		const struct mem_range *r = &b->ranges[i];
		u64 from = r->start & PAGE_MASK, to = PAGE_ALIGN(r->end);

		if (!is_mapped_type(r->type))
			continue;
		if (from > end) {
			map_direct(start, end);
			start = from;
		}
		end = to;
	}
	map_direct(start, end);
}

static __init void map_image_part(char *from, char *to, pgprot_t prot)
{
	must(early_map((unsigned long)from, __pa_symbol(from), to - from, prot,
		       PAGE_SIZE));
}

static __init void map_image(void)
{
	char *data_end = (char *)((unsigned long)_einittext & PAGE_MASK);

	if (data_end < _einittext)
		data_end += PAGE_SIZE;
	map_image_part(_text, _etext, PAGE_KERNEL_ROX);
	map_image_part(_rodata, _erodata, PAGE_KERNEL_RO);
	map_image_part(_data, _edata, PAGE_KERNEL);
	map_image_part(_sinittext, data_end, PAGE_KERNEL_ROX);
	map_image_part(data_end, init_stack_guard, PAGE_KERNEL);
	map_image_part(init_stack_guard + PAGE_SIZE, _end, PAGE_KERNEL);
}

/* Fix the pgd entries of every region that gets mappings later. */
static __init void populate_shared_entries(void)
{
	for (unsigned long a = VMALLOC_START; a < VMALLOC_END; a += PGDIR_SIZE)
		must(early_populate_pgd(a));
	must(early_populate_pgd(VMEMMAP_START));
}

static __init void make_trampoline_tables(void)
{
	for (int i = KERNEL_PGD_BOUNDARY; i < PTRS_PER_PGD; i++)
		trampoline_table[i] = swapper_pg_dir[i];
	trampoline_table[0] = __pgd(__pa_symbol(trampoline_pud) |
				    _KERNPG_TABLE);
	trampoline_pud[0] = __pud(__pa_symbol(trampoline_pmd) | _KERNPG_TABLE);
	trampoline_pmd[0] = __pmd(_PAGE_PRESENT | _PAGE_RW | _PAGE_PSE |
				  _PAGE_ACCESSED | _PAGE_DIRTY);
}

phys_addr_t trampoline_pgd(void)
{
	return __pa_symbol(trampoline_table);
}

__init void paging_init(void)
{
	map_all_ram();
	map_image();
	populate_shared_entries();
	early_ioremap_init();
	kasan_map_shadow();
	make_trampoline_tables();
	load_pgd(swapper_pg_dir);
	memblock_set_current_limit(MEMBLOCK_ALLOC_ANYWHERE);
	kasan_init();
}

bool phys_is_direct_mapped(phys_addr_t phys, size_t size)
{
	phys_addr_t end = phys + size;

	for (unsigned i = 0; i < boot_info.nr_ranges; i++) {
		const struct mem_range *r = &boot_info.ranges[i];

		if (!is_mapped_type(r->type) || phys < r->start ||
		    phys >= r->end)
			continue;
		if (end <= r->end)
			return true;
		phys = r->end;     /* goes on in the next range, or fails */
	}
	return false;
}

void free_initmem(void)
{
	int pages = (__init_end - __init_begin) >> PAGE_SHIFT;

	/* Whoever still calls an __init function faults at once. */
	set_memory_np((unsigned long)__init_begin, pages);
	free_reserved_area(__va(__pa_symbol(__init_begin)),
			   __va(__pa_symbol(__init_end)), 0xcc, "init");
}

void free_boot_module(struct boot_module *m)
{
	u64 start = PAGE_ALIGN(m->start), end = m->end & PAGE_MASK;

	if (start < end)
		free_reserved_area(__va(start), __va(end), -1,
				   m->name[0] ? m->name : "module");
	m->start = m->end = 0;
}
