/* SPDX-License-Identifier: MIT */
/*
 * walk.c -- reading the page tables: one address, or all of the kernel's
 *
 * PROMISE.  pt_walk() finds what the hardware finds.  The rights of a page are
 * the AND over all levels: one table entry without W or U takes the right from
 * everything below it, one with NX forbids execution.
 *
 * IDEA.  A table of any level is 512 words, a level consumes 9 bits of the
 * address, and an entry has the same layout everywhere but for the large bit;
 * so one loop over levels serves, where the typed names of pgtable.h would need
 * four copies.
 *
 * CONTEXT.  Any; kernel tables below the pgd are never freed, so a walk of the
 * kernel's half needs no lock.  Of a user half: hold mmap_lock.
 */

#include "internal.h"

#include <arch/page.h>
#include <kernel/init.h>
#include <kernel/printk.h>

enum { LEVELS = 4 };

static unsigned int level_shift(int level)
{
	return PAGE_SHIFT + 9 * (level - 1);
}

static bool is_leaf(unsigned long entry, int level)
{
	return level == 1 || (entry & _PAGE_PSE);
}

/* The address of the entry where the walk for addr ends, and its level. */
static unsigned long *walk_to_entry(pgd_t *pgd, unsigned long addr, int *level,
				    unsigned long *rights)
{
	unsigned long *table = (unsigned long *)pgd;
	unsigned long allowed = _PAGE_RW | _PAGE_USER, nx = 0;

	for (int l = LEVELS;; l--) {
		unsigned long *entry = &table[addr >> level_shift(l) & 511];
		unsigned long value = READ_ONCE(*entry);

		allowed &= value;
		nx |= value & _PAGE_NX;
		*level = l;
		*rights = allowed | nx;
		if (!(value & _PAGE_PRESENT) || is_leaf(value, l))
			return entry;
		table = __va(value & PTE_PFN_MASK);
	}
}

bool pt_walk(pgd_t *pgd, unsigned long addr, struct pt_walk *w)
{
	unsigned long rights;

	w->entry = READ_ONCE(*walk_to_entry(pgd, addr, &w->level, &rights));
	w->size = 1UL << level_shift(w->level);
	w->writable = rights & _PAGE_RW;
	w->user = rights & _PAGE_USER;
	w->exec = !(rights & _PAGE_NX);
	return w->entry & _PAGE_PRESENT;
}

pte_t *lookup_address(unsigned long addr, unsigned int *level)
{
	unsigned long rights, *entry;
	int l;

	entry = walk_to_entry(swapper_pg_dir, addr, &l, &rights);
	*level = l;
	return READ_ONCE(*entry) ? (pte_t *)entry : NULL;
}

phys_addr_t kernel_virt_to_phys(const void *addr)
{
	struct pt_walk w;

	if (!pt_walk(swapper_pg_dir, (unsigned long)addr, &w))
		return 0;
	return (w.entry & PTE_PFN_MASK & ~(w.size - 1)) |
	       ((unsigned long)addr & (w.size - 1));
}

unsigned long vmalloc_to_pfn(const void *addr)
{
	return PHYS_PFN(kernel_virt_to_phys(addr));
}

/* One run of pages with equal rights, while the tables are walked in order. */
struct pt_run {
	unsigned long start, end;
	unsigned long rights;      /* PRESENT | RW | USER | NX, all levels */
	int level;
	void (*emit)(const struct pt_run *run, void *arg);
	void *arg;
};

static void run_add(struct pt_run *run, unsigned long addr, unsigned long size,
		    unsigned long rights, int level)
{
	if (run->rights == rights && run->level == level && run->end == addr) {
		run->end += size;
		return;
	}
	if (run->rights & _PAGE_PRESENT)
		run->emit(run, run->arg);
	run->start = addr;
	run->end = addr + size;
	run->rights = rights;
	run->level = level;
}

/* Visit [from, 512) of a table of `level` that covers addresses from base. */
static void walk_table(struct pt_run *run, unsigned long *table, int level,
		       unsigned long base, unsigned long inherited)
{
	unsigned long size = 1UL << level_shift(level);
	int from = level == LEVELS ? KERNEL_PGD_BOUNDARY : 0;

	for (int i = from; i < 512; i++) {
		unsigned long value = READ_ONCE(table[i]);
		unsigned long addr = base + i * size;
		unsigned long rights = (inherited & value &
			(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER)) |
			((inherited | value) & _PAGE_NX);

		if (!(value & _PAGE_PRESENT))
			continue;
		/* 16 TiB of one page, mapped by tables that all share. */
		if (addr >= KASAN_SHADOW_START && addr < KASAN_SHADOW_END)
			continue;
		if (is_leaf(value, level))
			run_add(run, addr, size, rights, level);
		else
			walk_table(run, __va(value & PTE_PFN_MASK), level - 1,
				   addr, rights);
	}
}

static void walk_kernel(void (*emit)(const struct pt_run *, void *), void *arg)
{
	struct pt_run run = { .emit = emit, .arg = arg };

	walk_table(&run, (unsigned long *)swapper_pg_dir, LEVELS,
		   0xffff000000000000UL,
		   _PAGE_PRESENT | _PAGE_RW | _PAGE_USER);
	if (run.rights & _PAGE_PRESENT)
		emit(&run, arg);
}

static const char *region_of(unsigned long addr)
{
	if (addr >= MODULES_VADDR)
		return addr >= EARLY_IOREMAP_START ? "early_ioremap"
						   : "modules";
	if (addr >= KERNEL_IMAGE_BASE)
		return "image";
	if (addr >= VMEMMAP_START)
		return "page array";
	if (addr >= VMALLOC_START)
		return "vmalloc";
	return "direct map";
}

static void print_run(const struct pt_run *run, void *arg)
{
	static const char *const sizes[] = { "", "4K", "2M", "1G" };

	(void)arg;
	pr_info("pt: %016lx-%016lx %s %c%c%c%c %s\n", run->start, run->end,
		sizes[run->level], run->rights & _PAGE_USER ? 'u' : '-', 'r',
		run->rights & _PAGE_RW ? 'w' : '-',
		run->rights & _PAGE_NX ? '-' : 'x', region_of(run->start));
}

void pt_dump_kernel(void)
{
	walk_kernel(print_run, NULL);
}

/* The boot option `ptdump`: show the tables once everything is up. */
static bool dump_wanted;

static int want_dump(char *value)
{
	(void)value;
	dump_wanted = true;
	return 0;
}
__setup("ptdump", want_dump);

static int dump_if_wanted(void)
{
	if (dump_wanted)
		pt_dump_kernel();
	return 0;
}
late_initcall(dump_if_wanted);

struct wx_count {
	unsigned long pages, first;
};

static void count_wx(const struct pt_run *run, void *arg)
{
	struct wx_count *count = arg;

	if (!(run->rights & _PAGE_RW) || (run->rights & _PAGE_NX))
		return;
	if (!count->pages)
		count->first = run->start;
	count->pages += (run->end - run->start) >> PAGE_SHIFT;
}

unsigned long pt_count_wx(unsigned long *first)
{
	struct wx_count count = { 0, 0 };

	walk_kernel(count_wx, &count);
	if (first)
		*first = count.first;
	return count.pages;
}
