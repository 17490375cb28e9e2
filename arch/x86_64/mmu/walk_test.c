/* SPDX-License-Identifier: MIT */
/*
 * walk_test.c -- the tables say what the hardware does, and W^X holds
 *
 * The walk by hand (walk.c) is compared with what the CPU itself does through
 * the same address; then it is trusted to check the rights of the whole kernel.
 */

#include "internal.h"

#include <arch/barrier.h>
#include <arch/cpu.h>
#include <arch/cpufeature.h>
#include <kernel/sections.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <mm/gfp.h>
#include <mm/page-flags.h>
#include <mm/vmalloc.h>

SELFTEST(page_table_indices_split_an_address)
{
	unsigned long a = 0xffff888012345678UL;
	u32 old = 0x08147258;      /* the textbook's: 10 + 10 + 12 bits */

	EXPECT(old >> 22 == 32 && (old >> 12 & 1023) == 327 &&
	       (old & 4095) == 600);
	EXPECT(pgd_index(a) == 273);
	EXPECT(pud_index(a) == 0);
	EXPECT(pmd_index(a) == 145);
	EXPECT(pte_index(a) == 325);
	EXPECT(offset_in_page(a) == 0x678);
	EXPECT(pgd_addr_end(~0UL - 5, 0UL) == 0);
}

SELFTEST(address_conversions_round_trip)
{
	static const pfn_t some[] = { 1, 0x9f, 0x100, 0x12345 };

	for (size_t i = 0; i < ARRAY_SIZE(some); i++) {
		pfn_t pfn = some[i];

		EXPECT(__pa(__va(PFN_PHYS(pfn))) == PFN_PHYS(pfn));
		EXPECT(page_to_pfn(pfn_to_page(pfn)) == pfn);
		EXPECT(virt_to_page(pfn_to_kaddr(pfn)) == pfn_to_page(pfn));
		EXPECT(page_to_virt(pfn_to_page(pfn)) == pfn_to_kaddr(pfn));
		EXPECT(pte_pfn(pfn_pte(pfn, PAGE_KERNEL)) == pfn);
	}
	EXPECT(__pa(_text) == __pa_symbol(_text));
	EXPECT(__pa(_text) == KERNEL_LOAD_PHYS);
}

SELFTEST(entries_keep_frame_and_bits_through_changes)
{
	pte_t p = pte_mkdirty(pfn_pte(0x1234, PAGE_SHARED));
	swp_entry_t e = __swp_entry(3, 0x123456789);

	EXPECT(pte_present(p) && pte_write(p) && !pte_exec(p));
	p = pte_modify(p, PAGE_NONE);
	EXPECT(pte_present(p) && pte_protnone(p) && pte_dirty(p));
	EXPECT(!(pte_val(p) & _PAGE_PRESENT) && pte_pfn(p) == 0x1234);
	p = pte_modify(p, PAGE_READONLY_EXEC);
	EXPECT(pte_present(p) && !pte_write(p) && pte_exec(p) && pte_dirty(p));
	EXPECT(!pte_present(__swp_entry_to_pte(e)));
	EXPECT(__swp_type(e) == 3 && __swp_offset(e) == 0x123456789);
}

SELFTEST(no_kernel_page_is_writable_and_executable)
{
	unsigned long first;

	EXPECT(pt_count_wx(&first) == 0);
}

static bool rights_are(const void *addr, bool writable, bool exec)
{
	struct pt_walk w;

	return pt_walk(swapper_pg_dir, (unsigned long)addr, &w) && !w.user &&
	       w.writable == writable && w.exec == exec;
}

SELFTEST(kernel_sections_have_their_rights)
{
	struct pt_walk w;

	EXPECT(rights_are(_text, false, true));
	EXPECT(rights_are(_rodata, false, false));
	EXPECT(rights_are(_data, true, false));
	EXPECT(rights_are(__init_end, true, false));
	EXPECT(rights_are(__va(__pa_symbol(_text)), false, false));
	EXPECT(rights_are(__va(__pa_symbol(_data)), true, false));
	EXPECT(!pt_walk(swapper_pg_dir, 0, &w));
	EXPECT(!pt_walk(swapper_pg_dir, MMAP_MIN_ADDR, &w));
}

SELFTEST(page_walk_agrees_with_the_hardware)
{
	unsigned long *v = vmalloc(3 * PAGE_SIZE);

	REQUIRE(v);
	for (int i = 0; i < 3; i++) {
		unsigned long *at = v + i * PAGE_SIZE / sizeof(*v) + i;

		*at = 0x1234 + i;
		EXPECT(*(unsigned long *)__va(kernel_virt_to_phys(at)) ==
		       0x1234UL + i);
	}
	EXPECT(kernel_virt_to_phys(_text) == __pa_symbol(_text));
	EXPECT(kernel_virt_to_phys(__va(0x5000)) == 0x5000);
	vfree(v);
}

SELFTEST(cpu_sets_accessed_and_dirty)
{
	volatile char *v = vmalloc(PAGE_SIZE);
	unsigned int level;
	pte_t *pte;

	REQUIRE(v);
	pte = lookup_address((unsigned long)v, &level);
	EXPECT(pte && level == 1);
	set_pte(pte, pte_mkclean(pte_mkold(*pte)));
	invlpg((unsigned long)v);
	(void)*v;
	EXPECT(pte_young(ptep_get(pte)) && !pte_dirty(ptep_get(pte)));
	*v = 1;
	EXPECT(pte_dirty(ptep_get(pte)));
	vfree((void *)v);
}

SELFTEST(set_memory_splits_a_large_page_unnoticed)
{
	struct page *page = alloc_pages(GFP_KERNEL, 2);
	unsigned long *v, a;
	struct pt_walk w;

	REQUIRE(page);
	v = page_address(page);
	a = (unsigned long)v;
	v[0] = 1;
	v[512] = 2;
	EXPECT(set_memory_ro(a, 1) == 0);
	EXPECT(rights_are(v, false, false));
	EXPECT(rights_are(v + 512, true, false));
	EXPECT(v[0] == 1 && v[512] == 2);
	EXPECT(set_memory_np(a, 1) == 0);
	EXPECT(!pt_walk(swapper_pg_dir, a, &w));
	EXPECT(set_memory_p(a, 1) == 0 && set_memory_rw(a, 1) == 0);
	EXPECT(rights_are(v, true, false) && v[0] == 1);
	__free_pages(page, 2);
}

/* Runs on every CPU, irqs off. */
static void compare_control_registers(void *bad)
{
	if (read_cr4() != cpu_cr4_bits() || !(read_cr0() & X86_CR0_WP))
		__atomic_store_n((bool *)bad, true, __ATOMIC_RELAXED);
}

SELFTEST(every_cpu_has_the_same_protections_on)
{
	bool bad = false;

	on_each_cpu(compare_control_registers, &bad, 1);
	EXPECT(!bad);
	EXPECT(boot_cpu_has(X86_FEATURE_NX) && boot_cpu_has(X86_FEATURE_LM));
}
