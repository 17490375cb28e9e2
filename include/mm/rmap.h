/* SPDX-License-Identifier: MIT */
#ifndef MM_RMAP_H
#define MM_RMAP_H
/*
 * rmap.h -- from a page to the page-table entries that show it
 *
 * page->_mapcount is the number of entries minus one; it changes under the lock
 * of the page table whose entry changes.  Theory: mm/virt/rmap.c (walking and
 * what is done on the way), mm/virt/anon_vma.c (who may map an anonymous page).
 */

#include <arch/tlb.h>
#include <kernel/interval_tree.h>
#include <kernel/rwsem.h>
#include <mm/mm.h>
#include <mm/page-flags.h>

/*
 * The areas that may map the pages of one family of copies: those of the area
 * in which the pages were first touched, and of what fork, split and mremap
 * made of it.
 *
 * Field keys:  [R] root->rwsem   [a] atomic   [c] constant
 */
struct anon_vma {
	struct anon_vma *root;        /* [c] whose lock is used; itself: oldest */
	struct rw_semaphore rwsem;    /* the root's only */
	atomic_t refcount;            /* [a] the areas together 1, walkers */
	unsigned long num_children;   /* [R] of which this is the parent */
	unsigned long num_active_vmas; /* [R] whose ->anon_vma is this */
	struct anon_vma *parent;      /* [c] */
	struct rb_root rb_root;       /* [R] anon_vma_chain.shared */
};

/*
 * "vma may show pages of anon_vma": one for each such pair.
 *
 * Field keys:  [M] vma->vm_mm->mmap_lock for writing, or page_table_lock
 *              [R] anon_vma->root->rwsem
 */
struct anon_vma_chain {
	struct vm_area_struct *vma;   /* [c] */
	struct anon_vma *anon_vma;    /* [c] */
	struct list_head same_vma;    /* [M] vma->anon_vma_chain */
	struct interval_tree_node shared; /* [R] by page index */
};

/* Before the first anonymous page of vma; mmap_lock held: 0 or -ENOMEM. */
int __must_check __anon_vma_prepare(struct vm_area_struct *vma);
static inline int __must_check anon_vma_prepare(struct vm_area_struct *vma)
{
	return likely(vma->anon_vma) ? 0 : __anon_vma_prepare(vma);
}
/* dst may show all that src may: 0 or -ENOMEM.  Write lock held. */
int __must_check anon_vma_clone(struct vm_area_struct *dst,
				struct vm_area_struct *src);
/* The same for a child's area, which gets a family of its own later. */
int __must_check anon_vma_fork(struct vm_area_struct *dst,
			       struct vm_area_struct *src);
void unlink_anon_vmas(struct vm_area_struct *vma);
/* Around a change of vm_start, vm_end or vm_pgoff. */
void anon_vma_interval_tree_pre_update_vma(struct vm_area_struct *vma);
void anon_vma_interval_tree_post_update_vma(struct vm_area_struct *vma);
void anon_vma_lock_write_vma(struct vm_area_struct *vma);
void anon_vma_unlock_write_vma(struct vm_area_struct *vma);
void anon_vma_init(void);

/* ---- counting ------------------------------------------------------------ */

/* A new entry for a page that nobody else knows: marks it anonymous. */
void page_add_new_anon_rmap(struct page *page, struct vm_area_struct *vma,
			    unsigned long addr);
/* One for a page that comes back from swap; locked. */
void page_add_anon_rmap(struct page *page, struct vm_area_struct *vma,
			unsigned long addr);
void page_add_file_rmap(struct page *page, struct vm_area_struct *vma);
/* One more entry for a page that is mapped already (fork). */
void page_dup_rmap(struct page *page);
void page_remove_rmap(struct page *page);

/* ---- finding the entries: the page is locked; may sleep ------------------ */

/*
 * Called for each area that may show the page, with the address where.  false
 * from rmap_one ends the walk.
 */
struct rmap_walk_control {
	bool (*rmap_one)(struct page *page, struct vm_area_struct *vma,
			 unsigned long addr, void *arg);
	void *arg;
	/* NULL, or: the walk is over when this says so. */
	bool (*done)(struct page *page);
	bool try_lock;                /* give up rather than wait for a lock */
	bool contended;               /* out: it gave up */
};

void rmap_walk(struct page *page, struct rmap_walk_control *rwc);

/*
 * Entries whose A bit was set (it is cleared).  *vm_flags: those of the areas
 * that used it.  is_locked 0: the page is not locked by the caller.
 */
int page_referenced(struct page *page, int is_locked, unsigned long *vm_flags);
/* Make the entries of a shared file page read-only and clean; how many were. */
int page_mkclean(struct page *page);
/*
 * Take all entries away (an anonymous page leaves swap entries: it is in the
 * swap cache).  True if no entry is left.
 */
bool try_to_unmap(struct page *page, unsigned int flags);
#define TTU_IGNORE_MLOCK 0x20
#define TTU_BATCH_FLUSH 0x40    /* no flush now if current->tlb_ubc is set */

/*
 * What try_to_unmap() has not flushed yet.  Until try_to_unmap_flush() the
 * pages are still readable and writable by CPUs that have used them: they stay
 * locked, and are neither written to a disk nor freed.
 */
struct tlbflush_unmap_batch {
	struct arch_tlbflush_unmap_batch arch;
	bool flush_required;
};
void try_to_unmap_flush(void);
/* An entry's lock is held: others' unflushed entries of mm are flushed. */
void flush_tlb_batched_pending(struct mm_struct *mm);

#define folio_referenced page_referenced
#define folio_mkclean page_mkclean

/* Which counter of the mm a page is counted in. */
static inline int mm_counter(struct page *page)
{
	if (test_bit(PG_anon, &page->flags))
		return MM_ANONPAGES;
	return test_bit(PG_swapbacked, &page->flags) ? MM_SHMEMPAGES
						     : MM_FILEPAGES;
}

#endif
