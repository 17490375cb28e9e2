/* SPDX-License-Identifier: MIT */
#ifndef ARCH_MMU_INTERNAL_H
#define ARCH_MMU_INTERNAL_H
/* internal.h -- what the files of mmu/ share among themselves */

#include <arch/mmu.h>
#include <arch/pgtable.h>
#include <kernel/types.h>

/*
 * early_map.c: write kernel mappings with tables from memblock; boot CPU only.
 * Pages as large as alignment and max_size (PAGE_SIZE, PMD_SIZE, PUD_SIZE)
 * allow.  0 or -ENOMEM.
 */
int early_map(unsigned long virt, phys_addr_t phys, unsigned long size,
	      pgprot_t prot, unsigned long max_size);
/* Make the tables of the pgd entry of virt, if there are none. */
int early_populate_pgd(unsigned long virt);
/* A zeroed page from memblock by its virtual address, or NULL. */
void *early_table(void);

/* boot/entry.S: the tables until paging_init(), gone after boot. */
extern unsigned long early_pgd[PTRS_PER_PGD];

/* tlb.c: whose tables CR3 of this CPU holds; preemption off. */
struct mm_struct *tlb_loaded_mm(void);
/* Write CR3: also forgets this CPU's user translations. */
void load_pgd(pgd_t *pgd);
/* ioremap.c: tables for the window that early_ioremap takes from. */
void early_ioremap_init(void);

#endif
