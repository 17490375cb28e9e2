/* SPDX-License-Identifier: MIT */
/*
 * tlb.c -- which address space a CPU has loaded, and making it forget
 *
 * PROMISE.  When flush_tlb_mm_range() returns, no CPU will use a translation
 * of that range, or a page table that led to it, as it was before the call.
 *
 * IDEA.  A CPU keeps translations (TLB) and upper-level entries (paging-
 * structure caches) of the tables that CR3 points to, and no other CPU's store
 * changes what it keeps.  So whoever takes rights away must reach each CPU that
 * may hold them.  mm->cpu_bitmap names these CPUs: a CPU sets its bit *before*
 * it loads CR3, and clears it *after* it has loaded another, which (without
 * PCID) drops everything that is not global.  The flusher interrupts the named
 * ones and waits until each has flushed.
 *
 * LAZY MODE.  A kernel thread needs no user half, so it runs on the tables that
 * are loaded: from a user task to the idle task and back costs no CR3 load.
 * Its CPU stays in the bitmap; the first flush that reaches it there makes it
 * change to init_mm's tables and leave, so that an idle CPU is interrupted once
 * per mm, not once per flush.
 *
 *	             switch_mm(next)              flush IPI
 *	  init_mm -----------------> active(mm) ----------> flush, stay
 *	     ^                        |      ^
 *	     |         enter_lazy_tlb |      | switch_mm(same mm): no CR3 load
 *	     |                        v      |
 *	     +---- flush IPI ------- lazy(mm)
 *
 * INVARIANTS
 *   I1  If this CPU's CR3 holds mm's tables, its bit in mm's bitmap is set.
 *   I2  loaded_mm says what CR3 holds, whenever interrupts are on.
 *
 * LOCKING.  loaded_mm and lazy belong to their CPU and change with interrupts
 * off.  The bitmap is atomic.
 *
 * RACES.  A flush against a switch to the same mm.  Wrong would be:
 *
 *	CPU 0 (unmaps a page)              CPU 1 (switches to mm)
 *	                                   load CR3, walk: reads the old entry
 *	clear the entry
 *	read bitmap: CPU 1 is not in it
 *	free the page                      set bit; uses the freed page
 *
 * It cannot be, for each side writes first and then reads:
 *
 *	clear the entry                    set bit                     [a]
 *	full barrier             [b]       (locked: full barrier)
 *	read bitmap              [c]       load CR3, read entries      [d]
 *
 * If [c] does not see the bit of [a], then [a] comes after [c] in the order
 * that the barriers make, so [d] comes after the clearing and reads the new
 * entry.
 *
 * A flush against a switch away: the bit is cleared after the CR3 load [e], so
 * either the flusher sees it and sends an IPI that finds another mm loaded and
 * does nothing, or the old translations are gone already.
 *
 * NOT DONE.  PCID (the CPU would keep several spaces' entries): the machine we
 * measure on has none.  Leaving lazy CPUs alone until they come back needs a
 * generation count per mm; Linux has it.
 *
 * SEE.  SDM vol. 3, 4.10.  docs/04-tlb.md.
 *
 * EXERCISES.  1. Swap the two lines at [e].  What may a CPU's page walker read?
 * 2. Why does flush_tlb_mm() of a dying mm still have work to do?
 */

#include <arch/tlb.h>

#include "internal.h"

#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/irqflags.h>
#include <kernel/percpu.h>
#include <kernel/preempt.h>
#include <kernel/smp.h>
#include <mm/mm.h>

/* Beyond so many pages one full flush is cheaper than single ones. */
enum { FULL_FLUSH_PAGES = 33 };

static DEFINE_PER_CPU(struct mm_struct *, loaded_mm) = &init_mm;
static DEFINE_PER_CPU(bool, lazy_mode);
static DEFINE_PER_CPU(u64, tlb_events[NR_TLB_EVENTS]);

/* What to forget: [start, end) of mm, or of the kernel's half if mm is NULL. */
struct flush_request {
	struct mm_struct *mm;
	unsigned long start, end;   /* end TLB_FLUSH_ALL: everything */
};

static void count(enum tlb_event e)
{
	this_cpu_inc(tlb_events[e]);
}

u64 tlb_event_count(enum tlb_event e)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu(tlb_events[e], cpu);
	return sum;
}

struct mm_struct *tlb_loaded_mm(void)
{
	return this_cpu_read(loaded_mm);
}

void load_pgd(pgd_t *pgd)
{
	write_cr3(__pa(pgd));
}

/* ---- switching ----------------------------------------------------------- */

/* Load next instead of whatever is loaded; irqs off. */
static void load_mm(struct mm_struct *next)
{
	struct mm_struct *old = this_cpu_read(loaded_mm);
	unsigned int cpu = smp_processor_id();

	if (next != &init_mm)
		cpumask_set_cpu(cpu, &next->cpu_bitmap);             /* [a] */
	this_cpu_write(loaded_mm, next);
	load_pgd(next->pgd);                                     /* [d] [e] */
	count(TLB_CR3_LOAD);
	if (old != &init_mm)
		cpumask_clear_cpu(cpu, &old->cpu_bitmap);            /* [e] */
}

void switch_mm_irqs_off(struct mm_struct *prev, struct mm_struct *next,
			struct task_struct *tsk)
{
	(void)prev;             /* what is loaded counts, not who ran */
	(void)tsk;
	this_cpu_write(lazy_mode, false);
	if (this_cpu_read(loaded_mm) != next)
		load_mm(next);
}

void switch_mm(struct mm_struct *prev, struct mm_struct *next,
	       struct task_struct *tsk)
{
	unsigned long flags;

	local_irq_save(flags);
	switch_mm_irqs_off(prev, next, tsk);
	local_irq_restore(flags);
}

void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *tsk)
{
	(void)mm;
	(void)tsk;
	if (this_cpu_read(loaded_mm) != &init_mm)
		this_cpu_write(lazy_mode, true);
}

/* loaded_mm is &init_mm in a fresh per-CPU area: only CR3 is to be set. */
void mmu_init_cpu(void)
{
	load_pgd(swapper_pg_dir);
	local_flush_tlb_all();
}

/* ---- flushing this CPU --------------------------------------------------- */

void local_flush_tlb(void)
{
	write_cr3(read_cr3());
	count(TLB_LOCAL_FULL);
}

/* Changing CR4.PGE drops everything, global entries too (SDM 4.10.4.1). */
void local_flush_tlb_all(void)
{
	unsigned long flags, cr4;

	local_irq_save(flags);
	cr4 = read_cr4();
	write_cr4(cr4 ^ X86_CR4_PGE);
	write_cr4(cr4);
	count(TLB_LOCAL_FULL);
	local_irq_restore(flags);
}

static bool is_large(const struct flush_request *r)
{
	return r->end == TLB_FLUSH_ALL ||
	       (r->end - r->start) >> PAGE_SHIFT > FULL_FLUSH_PAGES;
}

static void flush_pages(unsigned long start, unsigned long end)
{
	for (unsigned long a = start & PAGE_MASK; a < end; a += PAGE_SIZE)
		invlpg(a);
	count(TLB_LOCAL_RANGE);
}

/* The user half, if it is r->mm's that is loaded here; irqs off. */
static void flush_user_here(const struct flush_request *r)
{
	if (this_cpu_read(loaded_mm) != r->mm)
		return;         /* switched away meanwhile: see [e] */
	if (this_cpu_read(lazy_mode)) {
		this_cpu_write(lazy_mode, false);
		load_mm(&init_mm);
		count(TLB_LAZY_LEFT);
	} else if (is_large(r)) {
		local_flush_tlb();
	} else {
		flush_pages(r->start, r->end);
	}
}

static void flush_user_ipi(void *info)
{
	count(TLB_REMOTE_RECEIVED);
	inc_irq_stat(TLB);      /* /proc/interrupts */
	flush_user_here(info);
}

static void flush_kernel_here(void *info)
{
	const struct flush_request *r = info;

	if (is_large(r))
		local_flush_tlb_all();
	else
		flush_pages(r->start, r->end);
}

/* ---- flushing everywhere ------------------------------------------------- */

static void flush_user(const struct flush_request *r)
{
	unsigned int cpu = get_cpu();
	struct cpumask others;
	unsigned long flags;

	smp_mb();                                                    /* [b] */
	local_irq_save(flags);
	flush_user_here(r);
	local_irq_restore(flags);
	cpumask_copy(&others, &r->mm->cpu_bitmap);                   /* [c] */
	__cpumask_clear_cpu(cpu, &others);
	if (!cpumask_empty(&others)) {
		count(TLB_REMOTE_SENT);
		smp_call_function_many(&others, flush_user_ipi, (void *)r,
				       true);
	}
	put_cpu();
}

/* ---- many mms at once ---------------------------------------------------- */

/* [b] and [c] for one mm; its CPUs are interrupted later. */
void arch_tlbbatch_add_mm(struct arch_tlbflush_unmap_batch *batch,
			  struct mm_struct *mm)
{
	smp_mb();                                                    /* [b] */
	cpumask_or(&batch->cpumask, &batch->cpumask, &mm->cpu_bitmap); /* [c] */
}

/* Whatever user half is loaded: one of the batch's, or a newer one. */
static void flush_any_here(void)
{
	struct flush_request r = { this_cpu_read(loaded_mm), 0, TLB_FLUSH_ALL };

	if (r.mm != &init_mm)
		flush_user_here(&r);
}

static void flush_any_ipi(void *unused)
{
	(void)unused;
	count(TLB_REMOTE_RECEIVED);
	inc_irq_stat(TLB);
	flush_any_here();
}

void arch_tlbbatch_flush(struct arch_tlbflush_unmap_batch *batch)
{
	unsigned int cpu = get_cpu();
	unsigned long flags;

	if (cpumask_test_cpu(cpu, &batch->cpumask)) {
		local_irq_save(flags);
		flush_any_here();
		local_irq_restore(flags);
	}
	__cpumask_clear_cpu(cpu, &batch->cpumask);
	if (!cpumask_empty(&batch->cpumask)) {
		count(TLB_REMOTE_SENT);
		smp_call_function_many(&batch->cpumask, flush_any_ipi, NULL,
				       true);
	}
	cpumask_clear(&batch->cpumask);
	put_cpu();
}

void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start,
			unsigned long end)
{
	struct flush_request r = { mm, start, end };

	flush_user(&r);
}

void flush_tlb_mm(struct mm_struct *mm)
{
	flush_tlb_mm_range(mm, 0, TLB_FLUSH_ALL);
}

void flush_tlb_range(struct vm_area_struct *vma, unsigned long start,
		     unsigned long end)
{
	flush_tlb_mm_range(vma->vm_mm, start, end);
}

void flush_tlb_page(struct vm_area_struct *vma, unsigned long addr)
{
	flush_tlb_mm_range(vma->vm_mm, addr, addr + PAGE_SIZE);
}

void flush_tlb_kernel_range(unsigned long start, unsigned long end)
{
	struct flush_request r = { NULL, start, end };

	smp_mb();
	on_each_cpu(flush_kernel_here, &r, 1);
}
