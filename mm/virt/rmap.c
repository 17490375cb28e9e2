/* SPDX-License-Identifier: MIT */
/*
 * rmap.c -- from a page to the page-table entries that show it
 *
 * PROMISE.  rmap_walk() visits every area that may show a locked page, each
 * once.  try_to_unmap() takes all entries away, page_mkclean() makes them
 * read-only, page_referenced() asks whether the page was used.
 *
 * IDEA.  Every entry for an ordinary page holds one reference and one
 * _mapcount: the reference keeps the frame alive; _mapcount tells "mapped by
 * someone" from "held by the cache or by I/O".  But neither says *who*.  To
 * keep a list of entries in each page would cost memory and time at each fault.
 * Instead the page knows what it belongs to, that knows its areas, and an area
 * says at which address the page would be:
 *
 *	file's page  --mapping-->  address_space  --i_mmap-->  areas
 *	anonymous    --anon_vma->  anon_vma       --rb_root->  areas
 *	                                                         |
 *	       vm_start + (page->index - vm_pgoff) * 4096  <-----+
 *	         look there: is this the page?
 *
 * The price is a look at areas that do not show the page (any more).
 *
 * INVARIANTS
 *   I1  _mapcount + 1 is the number of entries that show the page.
 *   I2  The D bit of an entry goes to the page before the entry goes.
 *   I3  An entry whose A bit is cleared is flushed at once if cow.c could replace
 *       it: it relies on that.  One that may be written, or of a shared area, is
 *       not: what makes it read-only flushes.  There a CPU that has it in its
 *       TLB may use the page unseen for a while: that is only a worse guess at
 *       the page's age, and an interrupt for each page scanned costs more.
 *
 *   I4  A page whose entries were cleared without a flush (TTU_BATCH_FLUSH) stays
 *       locked until the flush: so no fault brings it, or a copy, back meanwhile,
 *       and nobody writes it out while a CPU can still write to it.
 *
 * LOCKING.  The page is locked: so it stays in its file, and no fault enters it
 * anew.  i_mmap_rwsem or the anon_vma root's lock, for reading, keeps the areas
 * and their page tables; the page table's lock guards the entry.  _mapcount
 * changes under that; two mms may change one page at a time, and so the count
 * is atomic; it starts at -1, so that first and last are found by the sign.
 *
 * SEE docs/56-reverse-mapping.md.
 *
 * EXERCISES.  1. A file is mapped by 1000 processes.  How many entries does
 * page_mkclean() look at?  2. Why does fork copy the child's area into the tree
 * *behind* the parent's?
 */

#include <mm/rmap.h>

#include <kernel/atomic.h>
#include <kernel/export.h>
#include <mm/filemap.h>
#include <mm/swap.h>
#include <mm/vmstat.h>

#include "internal.h"

/* ---- counting (I1) ------------------------------------------------------- */

unsigned long nr_anon_pages(void)
{
	return global_node_page_state(NR_ANON_MAPPED);
}

unsigned long nr_mapped_pages(void)
{
	return global_node_page_state(NR_FILE_MAPPED);
}

void page_add_new_anon_rmap(struct page *page, struct vm_area_struct *vma,
			    unsigned long addr)
{
	VM_BUG_ON(!vma->anon_vma);
	page->index = linear_page_index(vma, addr);
	page->anon_vma = vma->anon_vma;
	atomic_set(&page->_mapcount, 0);
	__atomic_fetch_or(&page->flags, 1UL << PG_anon | 1UL << PG_swapbacked |
			  1UL << PG_uptodate, __ATOMIC_SEQ_CST);
	inc_node_page_state(page, NR_ANON_MAPPED);
}

void page_add_anon_rmap(struct page *page, struct vm_area_struct *vma,
			unsigned long addr)
{
	VM_BUG_ON(!PageLocked(page));
	if (!atomic_inc_and_test(&page->_mapcount))
		return;
	/* Nobody maps it: whoever did may be gone, with his anon_vma. */
	page->index = linear_page_index(vma, addr);
	page->anon_vma = anon_vma_root(vma);
	SetPageAnon(page);
	inc_node_page_state(page, NR_ANON_MAPPED);
}

void page_add_file_rmap(struct page *page, struct vm_area_struct *vma)
{
	(void)vma;
	if (atomic_inc_and_test(&page->_mapcount))
		inc_node_page_state(page, NR_FILE_MAPPED);
}

void page_dup_rmap(struct page *page)
{
	atomic_inc(&page->_mapcount);
}

void page_remove_rmap(struct page *page)
{
	if (atomic_add_negative(-1, &page->_mapcount))
		dec_node_page_state(page, PageAnon(page) ? NR_ANON_MAPPED
							 : NR_FILE_MAPPED);
}

/* ---- walking ------------------------------------------------------------- */

/* Where vma shows page `index`, if it does: else -EFAULT. */
static unsigned long address_in(struct vm_area_struct *vma, unsigned long index)
{
	unsigned long start = READ_ONCE(vma->vm_start), addr;

	addr = start + ((index - READ_ONCE(vma->vm_pgoff)) << PAGE_SHIFT);
	if (addr < start || addr >= READ_ONCE(vma->vm_end))
		return -EFAULT;
	return addr;
}

static bool visit(struct page *page, struct vm_area_struct *vma,
		  struct rmap_walk_control *rwc)
{
	unsigned long addr = address_in(vma, page->index);

	if (addr == (unsigned long)-EFAULT)
		return true;
	return rwc->rmap_one(page, vma, addr, rwc->arg) &&
	       !(rwc->done && rwc->done(page));
}

static bool lock_for_walk(struct rw_semaphore *sem,
			  struct rmap_walk_control *rwc)
{
	if (down_read_trylock(sem))
		return true;
	rwc->contended = rwc->try_lock;
	if (!rwc->try_lock)
		down_read(sem);
	return !rwc->try_lock;
}

static void walk_anon(struct page *page, struct rmap_walk_control *rwc)
{
	struct anon_vma *a = page_get_anon_vma(page);
	struct interval_tree_node *n;

	if (!a)
		return;
	if (lock_for_walk(&a->root->rwsem, rwc)) {
		interval_tree_for_each(n, &a->rb_root, page->index,
				       page->index) {
			struct anon_vma_chain *avc;

			avc = container_of(n, struct anon_vma_chain, shared);
			if (!visit(page, avc->vma, rwc))
				break;
		}
		up_read(&a->root->rwsem);
	}
	put_anon_vma(a);
}

static void walk_file(struct page *page, struct rmap_walk_control *rwc)
{
	struct address_space *mapping = page->mapping;
	struct interval_tree_node *n;

	if (!mapping || !lock_for_walk(&mapping->i_mmap_rwsem, rwc))
		return;
	interval_tree_for_each(n, &mapping->i_mmap, page->index, page->index)
		if (!visit(page, container_of(n, struct vm_area_struct,
					      i_mmap_node), rwc))
			break;
	up_read(&mapping->i_mmap_rwsem);
}

void rmap_walk(struct page *page, struct rmap_walk_control *rwc)
{
	VM_BUG_ON(!PageLocked(page));
	rwc->contended = false;
	if (PageAnon(page))
		walk_anon(page, rwc);
	else
		walk_file(page, rwc);
}

/* vma's entry for the page, locked; NULL if it does not show it. */
static pte_t *find_entry(struct page *page, struct vm_area_struct *vma,
			 unsigned long addr, spinlock_t **ptl)
{
	pte_t *ptep = walk_to_pte_locked(vma->vm_mm, addr, ptl);
	pte_t pte;

	if (!ptep)
		return NULL;
	pte = ptep_get(ptep);
	if (pte_present(pte) && pte_pfn(pte) == page_to_pfn(page) &&
	    !pte_special(pte))
		return ptep;
	pte_unmap_unlock(ptep, *ptl);
	return NULL;
}

/* ---- was it used? -------------------------------------------------------- */

struct referenced {
	int count;
	unsigned long vm_flags;
};

static bool referenced_one(struct page *page, struct vm_area_struct *vma,
			   unsigned long addr, void *arg)
{
	struct referenced *r = arg;
	spinlock_t *ptl;
	pte_t *ptep = find_entry(page, vma, addr, &ptl);

	if (!ptep)
		return true;
	if (vma->vm_flags & VM_LOCKED)
		r->vm_flags |= VM_LOCKED;
	if (ptep_test_and_clear_young(vma, addr, ptep)) {
		if (!pte_write(ptep_get(ptep)) &&
		    !(vma->vm_flags & VM_SHARED))
			flush_tlb_page(vma, addr);                 /* I3 */
		/* Who reads a file from end to end does not come back. */
		if (!(vma->vm_flags & VM_SEQ_READ)) {
			r->count++;
			r->vm_flags |= vma->vm_flags;
		}
	}
	pte_unmap_unlock(ptep, ptl);
	return true;
}

int page_referenced(struct page *page, int is_locked, unsigned long *vm_flags)
{
	struct referenced r = { 0, 0 };
	struct rmap_walk_control rwc = { .rmap_one = referenced_one, .arg = &r,
					 .try_lock = true };

	*vm_flags = 0;
	if (!page_mapped(page))
		return 0;
	if (!is_locked && !trylock_page(page))
		return 1;
	rmap_walk(page, &rwc);
	if (!is_locked)
		unlock_page(page);
	*vm_flags = r.vm_flags;
	return rwc.contended ? 1 : r.count;
}
EXPORT_SYMBOL(page_referenced);

/* ---- write-protect ------------------------------------------------------- */

static bool mkclean_one(struct page *page, struct vm_area_struct *vma,
			unsigned long addr, void *arg)
{
	spinlock_t *ptl;
	pte_t *ptep, pte;

	if (!(vma->vm_flags & VM_SHARED))
		return true;
	ptep = find_entry(page, vma, addr, &ptl);
	if (!ptep)
		return true;
	pte = ptep_get(ptep);
	if (pte_dirty(pte) || pte_write(pte)) {
		/* Cleared and flushed first, so that no D bit comes after. */
		pte = ptep_clear_flush(vma, addr, ptep);
		set_pte_at(vma->vm_mm, addr, ptep,
			   pte_mkclean(pte_wrprotect(pte)));
		++*(int *)arg;
	}
	pte_unmap_unlock(ptep, ptl);
	return true;
}

int page_mkclean(struct page *page)
{
	int cleaned = 0;
	struct rmap_walk_control rwc = { .rmap_one = mkclean_one,
					 .arg = &cleaned };

	if (PageAnon(page) || !page_mapped(page))
		return 0;
	rmap_walk(page, &rwc);
	return cleaned;
}
EXPORT_SYMBOL(page_mkclean);

/* ---- unmap --------------------------------------------------------------- */

/* Take a file's page out of an entry that is cleared already. */
static void leave_entry(struct page *page, struct vm_area_struct *vma)
{
	dec_mm_counter(vma->vm_mm, mm_counter(page));
	page_remove_rmap(page);
	put_page(page);        /* the caller holds another */
}

/*
 * One flush for many pages: the entry is gone, but a CPU may go on using it.
 * Whoever finds no entry (munmap, mremap) must not take that for "not
 * reachable": so the mm remembers that it has such, in two counters.
 */
static void set_tlb_ubc_flush_pending(struct mm_struct *mm)
{
	arch_tlbbatch_add_mm(&current->tlb_ubc->arch, mm);
	current->tlb_ubc->flush_required = true;
	atomic_inc(&mm->tlb_batch_pending);
}

void try_to_unmap_flush(void)
{
	struct tlbflush_unmap_batch *ubc = current->tlb_ubc;

	if (!ubc || !ubc->flush_required)
		return;
	ubc->flush_required = false;
	arch_tlbbatch_flush(&ubc->arch);
}

void flush_tlb_batched_pending(struct mm_struct *mm)
{
	int pending = atomic_read(&mm->tlb_batch_pending);
	int flushed = atomic_read(&mm->tlb_batch_flushed);

	if (likely(pending == flushed))
		return;
	flush_tlb_mm(mm);
	/* If another did the same, or more came: there is nothing to note. */
	atomic_cmpxchg(&mm->tlb_batch_flushed, flushed, pending);
}

static pte_t clear_entry(struct vm_area_struct *vma, unsigned long addr,
			 pte_t *ptep, unsigned int flags)
{
	pte_t pte;

	if (!(flags & TTU_BATCH_FLUSH) || !current->tlb_ubc)
		return ptep_clear_flush(vma, addr, ptep);
	pte = ptep_get_and_clear(vma->vm_mm, addr, ptep);
	set_tlb_ubc_flush_pending(vma->vm_mm);
	return pte;
}

/*
 * MADV_FREE's page may be dropped if nobody has written to it since, here or by
 * a reference that he still holds.  The entry is cleared: none can be taken.
 */
static bool may_drop(struct page *page, pte_t pte)
{
	smp_mb();
	return !pte_dirty(pte) && !PageDirty(page) &&
	       page_count(page) == page_mapcount(page) + 1;
}

static bool unmap_one(struct page *page, struct vm_area_struct *vma,
		      unsigned long addr, void *arg)
{
	unsigned int flags = *(unsigned int *)arg;
	spinlock_t *ptl;
	pte_t *ptep = find_entry(page, vma, addr, &ptl), pte;
	bool go_on = true;

	if (!ptep)
		return true;
	if (vma->vm_flags & VM_LOCKED && !(flags & TTU_IGNORE_MLOCK)) {
		go_on = false;
		goto out;
	}
	update_hiwater_rss(vma->vm_mm);
	pte = clear_entry(vma, addr, ptep, flags);
	if (page_is_lazyfree(page)) {
		if (may_drop(page, pte)) {
			leave_entry(page, vma);
			goto out;
		}
		SetPageSwapBacked(page);
		set_pte_at(vma->vm_mm, addr, ptep, pte);
		go_on = false;
		goto out;
	}
	if (pte_dirty(pte))
		set_page_dirty(page);                              /* I2 */
	if (PageAnon(page) && !swap_out_entry(page, vma, addr, ptep)) {
		set_pte_at(vma->vm_mm, addr, ptep, pte);
		go_on = false;
		goto out;
	}
	leave_entry(page, vma);
out:
	pte_unmap_unlock(ptep, ptl);
	return go_on;
}

static bool not_mapped(struct page *page)
{
	return !page_mapped(page);
}

bool try_to_unmap(struct page *page, unsigned int flags)
{
	struct rmap_walk_control rwc = { .rmap_one = unmap_one, .arg = &flags,
					 .done = not_mapped };

	rmap_walk(page, &rwc);
	return !page_mapped(page);
}
EXPORT_SYMBOL(try_to_unmap);
