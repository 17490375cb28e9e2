/* SPDX-License-Identifier: MIT */
/*
 * set_memory.c -- changing the rights of kernel pages that are in use
 *
 * PROMISE.  When a set_memory_ function returns, every CPU obeys the new rights
 * of exactly those pages; the contents and the neighbours do not change.
 *
 * IDEA.  Change the last-level entry, then flush everywhere.  If the page lies
 * in a 1 GiB or 2 MiB mapping, that is first split: a table of the next size
 * with the same frames and rights is filled beside it, and one store puts it
 * in the place of the large entry.  At each moment a walk finds the same page.
 *
 *	pmd --> 2 MiB page RW            pmd --> table --> 4 KiB page RW
 *	                         becomes                   4 KiB page R   <- ours
 *	                                                   ... 510 more RW
 *
 * LOCKING.  rights_lock (spin): two changes may split the same page.  The flush
 * is done after it is dropped.  Process context, irqs on.
 *
 * NOT DONE.  Large pages are not put together again.
 */

#include "internal.h"

#include <arch/cpu.h>
#include <arch/irqflags.h>
#include <arch/tlb.h>
#include <kernel/errno.h>
#include <kernel/sections.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include <mm/gfp.h>
#include <mm/page-flags.h>

static DEFINE_SPINLOCK(rights_lock);

/*
 * Replace the large entry by a table of the next smaller size.  `level` is 2
 * for 2 MiB, 3 for 1 GiB.  The new table's page is the caller's, zeroed.
 */
static void split_large(unsigned long *entry, unsigned int level,
			unsigned long *table)
{
	unsigned long step = level == 3 ? PMD_SIZE : PAGE_SIZE;
	unsigned long value = *entry;
	unsigned long bits = value & PTE_FLAGS_MASK;
	unsigned long frame = value & PTE_PFN_MASK & ~(step * 512 - 1);

	/* Bit 7 says "large" in a pmd and selects the PAT in a pte. */
	if (level == 2)
		bits &= ~_PAGE_PSE;
	for (int i = 0; i < 512; i++)
		table[i] = (frame + i * step) | bits;
	WRITE_ONCE(*entry, __pa(table) | _KERNPG_TABLE);
}

/* Change one page's entry; -EAGAIN: a table is needed for a split. */
static int change_one(unsigned long addr, unsigned long set,
		      unsigned long clear, unsigned long **spare)
{
	unsigned int level;
	pte_t *pte = lookup_address(addr, &level);

	if (!pte)
		return -EINVAL;
	while (level > 1) {
		if (!*spare)
			return -EAGAIN;
		split_large(&pte->pte, level, *spare);
		*spare = NULL;
		pte = lookup_address(addr, &level);
	}
	set_pte(pte, __pte((pte_val(*pte) & ~clear) | set));
	return 0;
}

static int change_rights(unsigned long addr, int numpages, unsigned long set,
			 unsigned long clear)
{
	unsigned long start = addr, end = addr + (unsigned long)numpages *
							PAGE_SIZE;
	unsigned long *spare = NULL;
	int err = 0;

	while (addr < end && !err) {
		spin_lock(&rights_lock);
		err = change_one(addr, set, clear, &spare);
		spin_unlock(&rights_lock);
		if (!err) {
			addr += PAGE_SIZE;
		} else if (err == -EAGAIN) {
			spare = (void *)get_zeroed_page(GFP_KERNEL);
			err = spare ? 0 : -ENOMEM;
		}
	}
	if (spare)
		free_page((unsigned long)spare);
	flush_tlb_kernel_range(start, addr);
	return err;
}

int set_memory_ro(unsigned long addr, int numpages)
{
	return change_rights(addr, numpages, 0, _PAGE_RW | _PAGE_DIRTY);
}

int set_memory_rw(unsigned long addr, int numpages)
{
	return change_rights(addr, numpages, _PAGE_RW | _PAGE_DIRTY, 0);
}

/* G without P would read as PROT_NONE; the frame stays in the entry. */
int set_memory_np(unsigned long addr, int numpages)
{
	return change_rights(addr, numpages, 0, _PAGE_PRESENT | _PAGE_GLOBAL);
}

int set_memory_p(unsigned long addr, int numpages)
{
	return change_rights(addr, numpages, _PAGE_PRESENT | _PAGE_GLOBAL, 0);
}

void mark_rodata_ro(void)
{
	int n = (__end_ro_after_init - __start_ro_after_init) >> PAGE_SHIFT;

	if (!n)
		return;
	set_memory_ro((unsigned long)__start_ro_after_init, n);
	set_memory_ro((unsigned long)__va(__pa_symbol(__start_ro_after_init)),
		      n);
}

/*
 * With CR0.WP clear this CPU ignores the R/W bit in ring 0.  Interrupts are
 * off, so that no handler runs without write protection.
 */
void text_poke(void *addr, const void *bytes, size_t n)
{
	unsigned long flags, cr0;

	local_irq_save(flags);
	cr0 = read_cr0();
	write_cr0(cr0 & ~(unsigned long)X86_CR0_WP);
	memcpy(addr, bytes, n);
	write_cr0(cr0);
	local_irq_restore(flags);
}
