/* SPDX-License-Identifier: MIT */
/*
 * fork.c -- a second address space that looks like the first
 *
 * PROMISE.  dup_mm() gives the child all areas of its parent and the same
 * contents, without copying a page: both sides are write-protected, and who
 * writes first copies (cow.c).  If memory runs out half-way, the parent is as
 * before and nothing is left of the child.
 *
 * IDEA.  Areas are copied one by one.  Page-table entries are copied only where
 * a fault could not rebuild them: in areas that may hold private copies.  A
 * file's pages come back from the page cache when the child touches them, which
 * most children never do, for they call execve().
 *
 * The parent's entries lose their A bits too, which costs nothing more: so the
 * breaking of COW knows which pages no CPU has looked at since, and need not
 * interrupt anybody for those (cow.c).
 *
 * INVARIANTS:
 *   I1  When dup_mm() returns, no entry of a private page that both share is
 *       writable on either side, in tables or in any TLB.
 *   I2  VM_DONTCOPY areas are missing from the child, VM_WIPEONFORK areas are
 *       there and empty.
 *   I3  Each copied entry holds a reference and a mapcount of its own.
 *
 * LOCKING.  The parent's mmap_lock for writing: its threads may not fault while
 * their entries are copied.  The child's is taken inside it (nested class).
 * Both page_table_locks, the child's first.
 *
 * RACES.  Why the parent's TLB is flushed before its lock is dropped:
 *
 *	CPU 0 forks                       CPU 1, a thread of the parent
 *	write-protects the entry of F
 *	child's entry points to F
 *	                                  writes to F through its old TLB entry:
 *	                                  the child sees it.  I1 broken.
 *
 * SEE docs/14-page-faults-and-cow.md.
 */

#include <kernel/export.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/rmap.h>
#include <mm/swapops.h>

#include "internal.h"

/* The child names the slot too; the parent's entry keeps it in use. */
static void copy_swap_entry(struct vm_area_struct *dst, pte_t *dst_pte,
			    unsigned long addr, pte_t pte)
{
	if (!swap_duplicate(pte_to_swp_entry(pte)))
		return;
	inc_mm_counter(dst->vm_mm, MM_SWAPENTS);
	set_pte_at(dst->vm_mm, addr, dst_pte, pte);
}

/* Give dst the entry that src has at addr. */
static void copy_entry(struct vm_area_struct *dst, struct vm_area_struct *src,
		       pte_t *dst_pte, pte_t *src_pte, unsigned long addr)
{
	pte_t pte = ptep_get(src_pte);
	struct page *page;

	if (unlikely(!pte_present(pte))) {
		copy_swap_entry(dst, dst_pte, addr, pte);
		return;
	}
	if (is_cow_mapping(src->vm_flags) &&
	    (pte_write(pte) || pte_young(pte))) {
		ptep_set_wrprotect_old(src->vm_mm, addr, src_pte); /* I1 */
		pte = pte_wrprotect(ptep_get(src_pte));
	}
	if (src->vm_flags & VM_SHARED)
		pte = pte_mkclean(pte);
	page = vm_normal_page(src, addr, pte);
	if (page) {
		get_page(page);                                    /* I3 */
		page_dup_rmap(page);
		inc_mm_counter(dst->vm_mm, mm_counter(page));
	}
	set_pte_at(dst->vm_mm, addr, dst_pte, pte_mkold(pte));
}

static int copy_pte_range(struct vm_area_struct *dst,
			  struct vm_area_struct *src, pmd_t *src_pmd,
			  unsigned long addr, unsigned long end)
{
	pmd_t *dst_pmd = walk_alloc_pmd(dst->vm_mm, addr);
	spinlock_t *dst_ptl, *src_ptl;
	pte_t *dst_pte, *src_pte;

	if (!dst_pmd)
		return -ENOMEM;
	dst_pte = pte_alloc_map_lock(dst->vm_mm, dst_pmd, addr, &dst_ptl);
	if (!dst_pte)
		return -ENOMEM;
	src_pte = pte_offset_map(src_pmd, addr);
	src_ptl = pte_lockptr(src->vm_mm, src_pmd);
	spin_lock_nested(src_ptl, 1);
	for (; addr < end; addr += PAGE_SIZE, dst_pte++, src_pte++)
		if (!pte_none(ptep_get(src_pte)))
			copy_entry(dst, src, dst_pte, src_pte, addr);
	spin_unlock(src_ptl);
	spin_unlock(dst_ptl);
	cond_resched();
	return 0;
}

/* Would the child lose something if its tables began empty? */
static bool must_copy_entries(const struct vm_area_struct *vma)
{
	return vma_has_anon(vma) || vma->vm_flags & VM_PFNMAP;
}

/* Copy the entries of a whole area; dst is the child's.  0 or -ENOMEM. */
int copy_page_range(struct vm_area_struct *dst, struct vm_area_struct *src)
{
	unsigned long addr = src->vm_start, next;

	if (!must_copy_entries(src))
		return 0;
	for (; addr < src->vm_end; addr = next) {
		p4d_t *p4d = p4d_offset(pgd_offset(src->vm_mm, addr), addr);
		pud_t *pud;
		pmd_t *pmd;
		int err;

		next = pgd_addr_end(addr, src->vm_end);
		if (p4d_none_or_clear_bad(p4d))
			continue;
		pud = pud_offset(p4d, addr);
		next = pud_addr_end(addr, src->vm_end);
		if (pud_none_or_clear_bad(pud))
			continue;
		pmd = pmd_offset(pud, addr);
		next = pmd_addr_end(addr, src->vm_end);
		if (pmd_none_or_clear_bad(pmd))
			continue;
		err = copy_pte_range(dst, src, pmd, addr, next);
		if (err)
			return err;
	}
	return 0;
}

/* One area, its promise of memory and its entries. */
static int dup_area(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct *new;

	if (vma->vm_flags & VM_ACCOUNT && vm_enough_memory(vma_pages(vma)))
		return -ENOMEM;
	new = vm_area_dup(vma, mm);
	if (!new) {
		if (vma->vm_flags & VM_ACCOUNT)
			vm_unacct_memory(vma_pages(vma));
		return -ENOMEM;
	}
	if (!(vma->vm_flags & VM_WIPEONFORK) && anon_vma_fork(new, vma)) { /* I2 */
		vm_area_discard(new);
		if (vma->vm_flags & VM_ACCOUNT)
			vm_unacct_memory(vma_pages(vma));
		return -ENOMEM;
	}
	new->vm_flags &= ~(VM_LOCKED | VM_LOCKONFAULT);
	if (new->vm_ops && new->vm_ops->open)
		new->vm_ops->open(new);
	vma_link(mm, new);
	vm_stat_account(mm, new->vm_flags, vma_pages(new));
	/* From here on exit_mmap() undoes it. */
	if (vma->vm_flags & VM_WIPEONFORK)
		return 0;
	return copy_page_range(new, vma);
}

static int dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm)
{
	struct vm_area_struct *vma;
	int err = 0;

	mmap_write_lock(oldmm);
	down_write_nested(&mm->mmap_lock, 1);
	mm->has_uprobes = oldmm->has_uprobes;
	mm->uprobe_slots = oldmm->uprobe_slots;
	for_each_vma(oldmm, vma) {
		if (vma->vm_flags & VM_DONTCOPY)
			continue;                                  /* I2 */
		if (fatal_signal_pending(current))
			err = -EINTR;
		if (!err)
			err = dup_area(mm, vma);
		if (err)
			break;
	}
	flush_tlb_mm(oldmm);                                       /* I1 */
	up_write(&mm->mmap_lock);
	mmap_write_unlock(oldmm);
	return err;
}

/* What a program knows of its memory, apart from the areas. */
static void copy_layout(struct mm_struct *mm, const struct mm_struct *old)
{
	mm->mmap_base = old->mmap_base;
	mm->task_size = old->task_size;
	mm->start_code = old->start_code;
	mm->end_code = old->end_code;
	mm->start_data = old->start_data;
	mm->end_data = old->end_data;
	mm->start_brk = old->start_brk;
	mm->brk = old->brk;
	mm->start_stack = old->start_stack;
	mm->arg_start = old->arg_start;
	mm->arg_end = old->arg_end;
	mm->env_start = old->env_start;
	mm->env_end = old->env_end;
	memcpy(mm->saved_auxv, old->saved_auxv, sizeof(mm->saved_auxv));
	mm->dumpable = old->dumpable;
	mm->dump_filter = old->dump_filter;
	mm->thp_disabled = old->thp_disabled;
}

struct mm_struct *dup_mm(struct task_struct *tsk, struct mm_struct *oldmm)
{
	struct mm_struct *mm = mm_alloc();

	(void)tsk;
	if (!mm)
		return NULL;
	copy_layout(mm, oldmm);
	if (oldmm->exe_file) {
		deny_write_access(oldmm->exe_file);
		mm->exe_file = get_file(oldmm->exe_file);
	}
	if (dup_mmap(mm, oldmm)) {
		mmput(mm);
		return NULL;
	}
	mm->hiwater_rss = get_mm_rss(mm);
	mm->hiwater_vm = mm->total_vm;
	return mm;
}
EXPORT_SYMBOL(dup_mm);
