/* SPDX-License-Identifier: MIT */
#ifndef MM_VIRT_INTERNAL_H
#define MM_VIRT_INTERNAL_H
/* internal.h -- what the files of mm/virt share with nobody else */

#include <arch/tlb.h>
#include <fs/fs.h>
#include <kernel/bug.h>
#include <mm/mm.h>
#include <mm/mmzone.h>

/* What anonymous memory may be given by mprotect(). */
#define VM_MAYRWX (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)
#define VM_RWX (VM_READ | VM_WRITE | VM_EXEC)
/* Heap and stack. */
#define VM_DATA_FLAGS (VM_READ | VM_WRITE | VM_MAYRWX | VM_ACCOUNT)

/* Areas of devices and special mappings: never merged, never grown. */
#define VM_SPECIAL (VM_IO | VM_DONTEXPAND | VM_PFNMAP)
/* A mapping whose writes go to copies of its own. */
static inline bool is_cow_mapping(unsigned long vm_flags)
{
	return (vm_flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE;
}

/* Private memory that may be written is promised memory: it is accounted. */
static inline bool accountable_mapping(unsigned long vm_flags)
{
	return (vm_flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) == VM_WRITE;
}

static inline bool vma_is_accessible(const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_ACCESS_FLAGS;
}

/* vm_start, or for a stack the lowest address that its guard gap keeps free. */
static inline unsigned long vm_start_gap(const struct vm_area_struct *vma)
{
	unsigned long start = vma->vm_start;

	if (!(vma->vm_flags & VM_GROWSDOWN))
		return start;
	return start > STACK_GUARD_GAP ? start - STACK_GUARD_GAP : 0;
}

/* The rights of a page in vma on its way in, before COW or page_mkwrite. */
static inline pgprot_t vma_page_prot(const struct vm_area_struct *vma)
{
	unsigned long flags = vma->vm_flags;

	/* The first write must fault so that page_mkwrite hears of it. */
	if (vma->vm_ops && vma->vm_ops->page_mkwrite)
		flags &= ~VM_SHARED;
	return vm_get_page_prot(flags);
}

#define rb_to_vma(n) rb_entry(n, struct vm_area_struct, vm_rb)

static inline unsigned long subtree_gap(const struct rb_node *n)
{
	return n ? rb_to_vma(n)->rb_subtree_gap : 0;
}

/* ---- vma.c: write lock held ---------------------------------------------- */

extern struct kmem_cache *vm_area_cachep;
struct vm_area_struct *vm_area_dup(struct vm_area_struct *vma,
				   struct mm_struct *mm);
/* Enter into mm's tree and list, and the file's list of mappings. */
void vma_link(struct mm_struct *mm, struct vm_area_struct *vma);
/* Take out of all of these; the structure stays the caller's. */
void vma_unlink(struct vm_area_struct *vma);
/* Release backer and structure of an unlinked area. */
void vma_release(struct vm_area_struct *vma);
/* Drop a copy that is in no structure and was not opened. */
void vm_area_discard(struct vm_area_struct *vma);
void vma_set_range(struct vm_area_struct *vma, unsigned long start,
		   unsigned long end, unsigned long pgoff);
/* Cut at addr; vma keeps the lower part (or, new_below, the upper). */
int __must_check split_vma(struct mm_struct *mm, struct vm_area_struct *vma,
			   unsigned long addr, bool new_below);
/* The same beyond the limit, for munmap(), which frees areas after it. */
int __must_check __split_vma(struct mm_struct *mm, struct vm_area_struct *vma,
			     unsigned long addr, bool new_below);
/* Melt vma into equal neighbours; the survivor that contains it. */
struct vm_area_struct *vma_merge_neighbours(struct vm_area_struct *vma);
/* Grow the area that ends at addr over [addr, end), if it is of that kind. */
struct vm_area_struct *vma_extend(struct mm_struct *mm, unsigned long addr,
				  unsigned long end, unsigned long vm_flags);
/* Make [start, end) of vma an area of its own: it, or ERR_PTR(-ENOMEM). */
struct vm_area_struct *vma_isolate(struct vm_area_struct *vma,
				   unsigned long start, unsigned long end);
unsigned long find_room(struct mm_struct *mm, unsigned long low,
			unsigned long high, unsigned long len, bool highest);
/* Do I1 to I3 of vma.c hold? */
bool vma_tree_ok(struct mm_struct *mm);

/* ---- unmap.c ------------------------------------------------------------- */

/* What zapping spares.  NULL instead of it: nothing. */
struct zap_details {
	bool even_cows;               /* private copies go too */
};

void unmap_page_range(struct mmu_gather *tlb, struct vm_area_struct *vma,
		      unsigned long addr, unsigned long end,
		      const struct zap_details *details);
/* Find the entry of a mapped address, locked; NULL if no table is there. */
pte_t *walk_to_pte_locked(struct mm_struct *mm, unsigned long addr,
			  spinlock_t **ptl);
/* Make the tables down to the pmd entry of addr; NULL: no memory. */
pmd_t *walk_alloc_pmd(struct mm_struct *mm, unsigned long addr);
/* The same without making any; NULL if a level is missing. */
pmd_t *walk_to_pmd(struct mm_struct *mm, unsigned long addr);

/* May some page of the area be private to it (and so lost if not copied)? */
static inline bool vma_has_anon(const struct vm_area_struct *vma)
{
	return !list_empty(&vma->anon_vma_chain);
}

/* ---- anon_vma.c, rmap.c -------------------------------------------------- */

struct anon_vma;
void put_anon_vma(struct anon_vma *a);
struct anon_vma *anon_vma_root(struct vm_area_struct *vma);
bool anon_vma_compatible(struct vm_area_struct *a, struct vm_area_struct *b);
struct anon_vma *page_get_anon_vma(struct page *page);
void anon_vma_absorb(struct vm_area_struct *a, struct vm_area_struct *b);
void anon_vma_moved(struct vm_area_struct *vma);

/* ---- lru.c: lru_lock held ------------------------------------------------ */

void lru_init(void);
void lruvec_add(struct lruvec *l, struct page *page);
void lruvec_del(struct lruvec *l, struct page *page);
void lru_forget(struct page *page);

/* ---- swap_fault.c -------------------------------------------------------- */

/* Put the page's swap entry where it was mapped; false: it has none. */
bool swap_out_entry(struct page *page, struct vm_area_struct *vma,
		    unsigned long addr, pte_t *ptep);
vm_fault_t do_swap_page(struct vm_fault *vmf);
/* If nobody maps the page any more, its slot is given back. */
void drop_swap_copy(struct page *page);

/* ---- shmem_swap.c -------------------------------------------------------- */

struct swap_info_struct;
bool shmem_swap_out(struct page *page);
/* If pages[index] is in swap, bring it back: 0; -ENOENT: it is not there. */
int shmem_swap_in(struct address_space *mapping, unsigned long index);
void shmem_free_swap(struct address_space *mapping, unsigned long first,
		     unsigned long last);
void shmem_forget(struct address_space *mapping);
int shmem_unuse(struct swap_info_struct *si);

/* ---- madvise_cold.c ------------------------------------------------------ */

void madvise_free(struct vm_area_struct *vma, unsigned long start,
		  unsigned long end);
void madvise_cold(struct vm_area_struct *vma, unsigned long start,
		  unsigned long end, bool pageout);
struct swap_info_struct;
int swap_unuse_area(struct swap_info_struct *si);

/* ---- the page cache ------------------------------------------------------ */

/* Is there a page (not a shadow of one) at index?  Any context. */
static inline bool xa_present(struct address_space *mapping,
			      unsigned long index)
{
	void *entry = xa_load(&mapping->i_pages, index);

	return entry && !xa_is_value(entry);
}

struct readahead_control;
/* readahead.c: what lies within the file of nr pages from rac->_index on. */
void do_page_cache_ra(struct readahead_control *rac, unsigned long nr,
		      unsigned long lookahead);
int filemap_read_page(struct file *file, struct page *page);
/* page_dirty.c: see I1 there. */
void clear_stale_dirty_mark(struct address_space *mapping, struct page *page);
void clear_stale_writeback_mark(struct address_space *mapping,
				struct page *page);
/* page_wait.c */
void clear_page_writeback_and_wake(struct page *page);

/* ---- others -------------------------------------------------------------- */

void page_wait_init(void);
int shmem_zero_setup(struct vm_area_struct *vma);
bool vma_is_shmem_anon(const struct vm_area_struct *vma);
struct address_space *shmem_anon_mapping(struct vm_area_struct *vma);
/* The lock of the mapping whose pages vma shows, if any; for writing. */
void i_mmap_lock(struct vm_area_struct *vma);
void i_mmap_unlock(struct vm_area_struct *vma);
int copy_page_range(struct vm_area_struct *dst, struct vm_area_struct *src);
void change_protection(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end);
/* mlock_fixup's arithmetic: may `pages` more be locked? 0 or -EAGAIN. */
int mlock_future_check(struct mm_struct *mm, unsigned long flags,
		       unsigned long len);
bool can_do_mlock(void);
/* Move the entries of [old, old + len) to another place; bytes moved. */
unsigned long move_page_tables(struct vm_area_struct *from, unsigned long old,
			       struct vm_area_struct *to, unsigned long new,
			       unsigned long len);
void unmap_mapping_pages(struct address_space *mapping, unsigned long start,
			 unsigned long nr, bool even_cows);
vm_fault_t do_wp_page(struct vm_fault *vmf, pte_t *ptep, spinlock_t *ptl);
vm_fault_t do_anonymous_page(struct vm_fault *vmf);
vm_fault_t do_fault(struct vm_fault *vmf);

#endif
