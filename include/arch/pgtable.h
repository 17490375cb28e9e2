/* SPDX-License-Identifier: MIT */
#ifndef ARCH_PGTABLE_H
#define ARCH_PGTABLE_H
/*
 * pgtable.h -- the page tables: levels, entries, and what is done to them
 *
 *	 63          48 47    39 38    30 29    21 20    12 11          0
 *	+--------------+--------+--------+--------+--------+-------------+
 *	| sign of 47   |  pgd   |  pud   |  pmd   |  pte   |   offset    |
 *	+--------------+--------+--------+--------+--------+-------------+
 *	                 512 entries of 8 bytes a table, one page each
 *
 * A walk: pgd_offset(mm, a), p4d_offset(pgd, a), pud_offset, pmd_offset,
 * pte_offset_map.  The _alloc forms make the missing table.  A pud or pmd whose
 * PSE bit is set maps 1 GiB or 2 MiB itself (pud_leaf, pmd_leaf).
 *
 * An entry, as the hardware reads it (SDM vol. 3, 4.5):
 *
 *	63 62......52 51.........12 11..9  8 7 6 5  4   3   2 1 0
 *	NX   unused    frame number  ours  G S D A PCD PWT  U W P
 *
 * Not present: all of 63..1 is ours, see __swp_entry below.  PROT_NONE pages
 * keep frame and bits but have P clear and G set (pte_present says yes).
 *
 * LOCKING.  Entries of a user table change under the table's pte_lockptr(); the
 * CPU itself sets A and D at any moment, so what reads an entry in order to
 * replace it uses ptep_get_and_clear().  New tables are installed by
 * compare-and-swap: the loser of a race frees its own.
 */

#include <arch/page.h>
#include <kernel/types.h>

#define PGDIR_SHIFT 39
#define P4D_SHIFT   39
#define PUD_SHIFT   30
#define PMD_SHIFT   21
#define PGDIR_SIZE  (1UL << PGDIR_SHIFT)
#define PGDIR_MASK  (~(PGDIR_SIZE - 1))
#define P4D_SIZE    (1UL << P4D_SHIFT)
#define P4D_MASK    (~(P4D_SIZE - 1))
#define PUD_SIZE    (1UL << PUD_SHIFT)
#define PUD_MASK    (~(PUD_SIZE - 1))
#define PMD_SIZE    (1UL << PMD_SHIFT)
#define PMD_MASK    (~(PMD_SIZE - 1))
#define PTRS_PER_PGD 512
#define PTRS_PER_P4D 1
#define PTRS_PER_PUD 512
#define PTRS_PER_PMD 512
#define PTRS_PER_PTE 512
/* The first pgd entry of the kernel's half. */
#define KERNEL_PGD_BOUNDARY 256

#define _PAGE_PRESENT  (1UL << 0)
#define _PAGE_RW       (1UL << 1)
#define _PAGE_USER     (1UL << 2)
#define _PAGE_PWT      (1UL << 3)
#define _PAGE_PCD      (1UL << 4)
#define _PAGE_ACCESSED (1UL << 5)
#define _PAGE_DIRTY    (1UL << 6)
#define _PAGE_PSE      (1UL << 7)    /* pud, pmd: maps a large page */
#define _PAGE_PAT      (1UL << 7)    /* pte only */
#define _PAGE_GLOBAL   (1UL << 8)
#define _PAGE_SPECIAL  (1UL << 9)    /* ours: no struct page duties */
#define _PAGE_PAT_LARGE (1UL << 12)  /* pud, pmd */
#define _PAGE_NX       (1UL << 63)
#define _PAGE_PROTNONE _PAGE_GLOBAL  /* if P is clear */

#define PTE_PFN_MASK   0x000ffffffffff000UL
#define PTE_FLAGS_MASK (~PTE_PFN_MASK)
/* What mprotect() must not lose: frame, caching, A, D and our own bits. */
#define _PAGE_CHG_MASK (PTE_PFN_MASK | _PAGE_PCD | _PAGE_PWT | _PAGE_PAT | \
			_PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_SPECIAL)
/* What a table entry of a user mapping carries: the leaf decides the rights. */
#define _PAGE_TABLE (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | \
		     _PAGE_ACCESSED | _PAGE_DIRTY)
#define _KERNPG_TABLE (_PAGE_TABLE & ~_PAGE_USER)

#define __pgprot(x) ((pgprot_t){ (x) })
#define pgprot_val(x) ((x).pgprot)
#define __pgd(x) ((pgd_t){ (x) })
#define __p4d(x) ((p4d_t){ __pgd(x) })
#define __pud(x) ((pud_t){ (x) })
#define __pmd(x) ((pmd_t){ (x) })
#define __pte(x) ((pte_t){ (x) })
#define pgd_val(x) ((x).pgd)
#define p4d_val(x) ((x).pgd.pgd)
#define pud_val(x) ((x).pud)
#define pmd_val(x) ((x).pmd)
#define pte_val(x) ((x).pte)

/* User rights.  COPY: writes to it must fault first. */
#define __USER_PAGE  (_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED)
#define PAGE_NONE          __pgprot(_PAGE_PROTNONE | _PAGE_ACCESSED)
#define PAGE_READONLY      __pgprot(__USER_PAGE | _PAGE_NX)
#define PAGE_READONLY_EXEC __pgprot(__USER_PAGE)
#define PAGE_COPY          PAGE_READONLY
#define PAGE_COPY_EXEC     PAGE_READONLY_EXEC
#define PAGE_SHARED        __pgprot(__USER_PAGE | _PAGE_RW | _PAGE_NX)
#define PAGE_SHARED_EXEC   __pgprot(__USER_PAGE | _PAGE_RW)

/* Kernel rights: A and D set, so that the CPU need not write the tables. */
#define __KERNEL_PAGE (_PAGE_PRESENT | _PAGE_ACCESSED | _PAGE_DIRTY | \
		       _PAGE_GLOBAL)
#define PAGE_KERNEL         __pgprot(__KERNEL_PAGE | _PAGE_RW | _PAGE_NX)
#define PAGE_KERNEL_RO      __pgprot(__KERNEL_PAGE | _PAGE_NX)
#define PAGE_KERNEL_ROX     __pgprot(__KERNEL_PAGE)
#define PAGE_KERNEL_NOCACHE __pgprot(pgprot_val(PAGE_KERNEL) | _PAGE_PCD | \
				     _PAGE_PWT)
#define PAGE_KERNEL_WC      __pgprot(pgprot_val(PAGE_KERNEL) | _PAGE_PWT)

/*
 * Caching, through the PAT as cpu_enable_features() sets it:
 *	PWT=0 PCD=0 write-back   PWT=1 PCD=0 write-combining
 *	PWT=0 PCD=1 uncached-    PWT=1 PCD=1 uncached
 */
static inline pgprot_t pgprot_noncached(pgprot_t p)
{
	return __pgprot(pgprot_val(p) | _PAGE_PCD | _PAGE_PWT);
}

static inline pgprot_t pgprot_writecombine(pgprot_t p)
{
	return __pgprot((pgprot_val(p) & ~_PAGE_PCD) | _PAGE_PWT);
}

/* The rights of an area's pages before COW: from VM_READ|WRITE|EXEC|SHARED. */
pgprot_t vm_get_page_prot(unsigned long vm_flags);

/* ---- entries of the last level ------------------------------------------ */

static inline pte_t ptep_get(const pte_t *ptep)
{
	return __pte(READ_ONCE(ptep->pte));
}

static inline bool pte_none(pte_t p)
{
	return pte_val(p) == 0;
}

static inline bool pte_present(pte_t p)
{
	return pte_val(p) & (_PAGE_PRESENT | _PAGE_PROTNONE);
}

static inline bool pte_protnone(pte_t p)
{
	return (pte_val(p) & (_PAGE_PRESENT | _PAGE_PROTNONE)) ==
	       _PAGE_PROTNONE;
}

#define __PTE_TEST(name, bits)						\
static inline bool pte_##name(pte_t p)					\
{									\
	return pte_val(p) & (bits);					\
}
#define __PTE_SET(name, bits)						\
static inline pte_t pte_##name(pte_t p)					\
{									\
	return __pte(pte_val(p) | (bits));				\
}
#define __PTE_CLEAR(name, bits)						\
static inline pte_t pte_##name(pte_t p)					\
{									\
	return __pte(pte_val(p) & ~(bits));				\
}

__PTE_TEST(write, _PAGE_RW)
__PTE_TEST(dirty, _PAGE_DIRTY)
__PTE_TEST(young, _PAGE_ACCESSED)
__PTE_TEST(special, _PAGE_SPECIAL)
__PTE_TEST(user, _PAGE_USER)
__PTE_SET(mkwrite, _PAGE_RW)
__PTE_CLEAR(wrprotect, _PAGE_RW)
__PTE_SET(mkdirty, _PAGE_DIRTY)
__PTE_CLEAR(mkclean, _PAGE_DIRTY)
__PTE_SET(mkyoung, _PAGE_ACCESSED)
__PTE_CLEAR(mkold, _PAGE_ACCESSED)
__PTE_SET(mkspecial, _PAGE_SPECIAL)
__PTE_CLEAR(mkexec, _PAGE_NX)

static inline bool pte_exec(pte_t p)
{
	return !(pte_val(p) & _PAGE_NX);
}

static inline bool pte_same(pte_t a, pte_t b)
{
	return pte_val(a) == pte_val(b);
}

static inline pfn_t pte_pfn(pte_t p)
{
	return (pte_val(p) & PTE_PFN_MASK) >> PAGE_SHIFT;
}

#define pte_page(p) pfn_to_page(pte_pfn(p))

static inline pte_t pfn_pte(pfn_t pfn, pgprot_t prot)
{
	return __pte(PFN_PHYS(pfn) | pgprot_val(prot));
}

#define mk_pte(page, prot) pfn_pte(page_to_pfn(page), (prot))

/* The same frame, A and D, with the rights of `prot`. */
static inline pte_t pte_modify(pte_t p, pgprot_t prot)
{
	return __pte((pte_val(p) & _PAGE_CHG_MASK) |
		     (pgprot_val(prot) & ~_PAGE_CHG_MASK) |
		     (pgprot_val(prot) & _PAGE_ACCESSED));
}

static inline void set_pte(pte_t *ptep, pte_t p)
{
	WRITE_ONCE(ptep->pte, pte_val(p));
}

#define set_pte_at(mm, addr, ptep, p) \
	((void)(mm), (void)(addr), set_pte((ptep), (p)))
#define pte_clear(mm, addr, ptep) set_pte_at(mm, addr, ptep, __pte(0))

/* Take the entry away and get its last A and D.  Flush before the frame
 * goes. */
#define ptep_get_and_clear(mm, addr, ptep) \
	((void)(mm), (void)(addr), __ptep_xchg((ptep), __pte(0)))

static inline pte_t __ptep_xchg(pte_t *ptep, pte_t p)
{
	return __pte(__atomic_exchange_n(&ptep->pte, pte_val(p),
					 __ATOMIC_SEQ_CST));
}

/* Atomic, for the CPU may set D meanwhile on another processor. */
#define ptep_set_wrprotect(mm, addr, ptep) \
	((void)(mm), (void)(addr), __ptep_clear_bits((ptep), _PAGE_RW))

/*
 * The same, and A too.  After a flush, A still clear means that no TLB holds
 * the entry: a CPU caches no translation without setting A (SDM vol. 3,
 * 4.10.2.3).
 */
#define ptep_set_wrprotect_old(mm, addr, ptep) \
	((void)(mm), (void)(addr), \
	 __ptep_clear_bits((ptep), _PAGE_RW | _PAGE_ACCESSED))

static inline unsigned long __ptep_clear_bits(pte_t *ptep, unsigned long bits)
{
	return __atomic_fetch_and(&ptep->pte, ~bits, __ATOMIC_SEQ_CST) & bits;
}

#define ptep_test_and_clear_young(vma, addr, ptep) \
	((void)(vma), (void)(addr), \
	 __ptep_clear_bits((ptep), _PAGE_ACCESSED) != 0)
#define ptep_test_and_clear_dirty(vma, addr, ptep) \
	((void)(vma), (void)(addr), \
	 __ptep_clear_bits((ptep), _PAGE_DIRTY) != 0)

/*
 * Give a present entry more rights or set A, D: never fewer rights, so that
 * nothing is flushed.  Here the fault that brought us has dropped the old
 * translation (SDM 4.10.4.1); another CPU that holds it faults once more and
 * finds the new entry.  True if it changed.
 */
#define ptep_set_access_flags(vma, addr, ptep, entry, dirty) \
	((void)(vma), (void)(addr), (void)(dirty), \
	 __ptep_set_access((ptep), (entry)))

static inline bool __ptep_set_access(pte_t *ptep, pte_t p)
{
	if (pte_same(ptep_get(ptep), p))
		return false;
	set_pte(ptep, p);
	return true;
}

/* Other CPUs' caches of entries fill themselves on x86: nothing to prime. */
#define update_mmu_cache(vma, addr, ptep) \
	((void)(vma), (void)(addr), (void)(ptep))
#define flush_tlb_fix_spurious_fault(vma, addr) \
	((void)(vma), (void)(addr))
#define flush_cache_range(vma, s, e) ((void)0)
#define flush_dcache_page(page) ((void)(page))
#define flush_icache_range(s, e) ((void)0)

/*
 * Swapped out: P and PROTNONE are 0, so bits 9..57 hold the slot's offset and
 * 58..62 the swap area's number.
 */
typedef struct { unsigned long val; } swp_entry_t;
#define SWP_TYPE_SHIFT 58
#define __swp_type(e) ((unsigned)((e).val >> SWP_TYPE_SHIFT) & 0x1f)
#define __swp_offset(e) (((e).val & ((1UL << SWP_TYPE_SHIFT) - 1)) >> 9)
#define __swp_entry(type, offset) ((swp_entry_t){ \
	(unsigned long)(type) << SWP_TYPE_SHIFT | (unsigned long)(offset) << 9 })
#define __pte_to_swp_entry(p) ((swp_entry_t){ pte_val(p) })
#define __swp_entry_to_pte(e) __pte((e).val)

/* ---- the upper levels ---------------------------------------------------- */

#define pgd_index(a) (((unsigned long)(a) >> PGDIR_SHIFT) & 511)
#define pud_index(a) (((unsigned long)(a) >> PUD_SHIFT) & 511)
#define pmd_index(a) (((unsigned long)(a) >> PMD_SHIFT) & 511)
#define pte_index(a) (((unsigned long)(a) >> PAGE_SHIFT) & 511)

/* Tables proper: P with no PSE.  Leaves: P and PSE. */
#define __LEVEL_OPS(lv, val_of)						\
static inline bool lv##_none(lv##_t e)					\
{									\
	return val_of(e) == 0;						\
}									\
static inline bool lv##_present(lv##_t e)				\
{									\
	return val_of(e) & _PAGE_PRESENT;				\
}									\
static inline bool lv##_leaf(lv##_t e)					\
{									\
	return (val_of(e) & (_PAGE_PRESENT | _PAGE_PSE)) ==		\
	       (_PAGE_PRESENT | _PAGE_PSE);				\
}									\
/* Neither empty nor a pointer to a table: the tables are damaged. */	\
static inline bool lv##_bad(lv##_t e)					\
{									\
	return !lv##_present(e) || lv##_leaf(e);			\
}									\
static inline pfn_t lv##_pfn(lv##_t e)					\
{									\
	return (val_of(e) & PTE_PFN_MASK) >> PAGE_SHIFT;		\
}									\
static inline unsigned long lv##_page_vaddr(lv##_t e)			\
{									\
	return (unsigned long)__va(val_of(e) & PTE_PFN_MASK);		\
}

__LEVEL_OPS(pud, pud_val)
__LEVEL_OPS(pmd, pmd_val)
__LEVEL_OPS(p4d, p4d_val)

#define pud_page(e) pfn_to_page(pud_pfn(e))
#define pmd_page(e) pfn_to_page(pmd_pfn(e))
#define p4d_page(e) pfn_to_page(p4d_pfn(e))

/* p4d is folded into pgd: the pgd answers "all is well", the p4d tells. */
#define pgd_none(e) ((void)(e), false)
#define pgd_bad(e) ((void)(e), false)
#define pgd_present(e) ((void)(e), true)
#define pgd_leaf(e) ((void)(e), false)

static inline void set_pgd(pgd_t *p, pgd_t v)
{
	WRITE_ONCE(p->pgd, v.pgd);
}

static inline void set_p4d(p4d_t *p, p4d_t v)
{
	WRITE_ONCE(p->pgd.pgd, v.pgd.pgd);
}

static inline void set_pud(pud_t *p, pud_t v)
{
	WRITE_ONCE(p->pud, v.pud);
}

static inline void set_pmd(pmd_t *p, pmd_t v)
{
	WRITE_ONCE(p->pmd, v.pmd);
}

#define p4d_clear(p) set_p4d((p), __p4d(0))
#define pud_clear(p) set_pud((p), __pud(0))
#define pmd_clear(p) set_pmd((p), __pmd(0))

#define pgd_offset_pgd(pgd, a) ((pgd) + pgd_index(a))
#define pgd_offset(mm, a) pgd_offset_pgd((mm)->pgd, (a))
#define pgd_offset_k(a) pgd_offset_pgd(swapper_pg_dir, (a))

static inline p4d_t *p4d_offset(pgd_t *pgd, unsigned long a)
{
	(void)a;
	return (p4d_t *)pgd;
}

static inline pud_t *pud_offset(p4d_t *p4d, unsigned long a)
{
	return (pud_t *)p4d_page_vaddr(*p4d) + pud_index(a);
}

static inline pmd_t *pmd_offset(pud_t *pud, unsigned long a)
{
	return (pmd_t *)pud_page_vaddr(*pud) + pmd_index(a);
}

static inline pte_t *pte_offset_kernel(pmd_t *pmd, unsigned long a)
{
	return (pte_t *)pmd_page_vaddr(*pmd) + pte_index(a);
}

#define pte_offset_map(pmd, a) pte_offset_kernel((pmd), (a))
#define pte_unmap(pte) ((void)(pte))
/*
 * Each table of the last level has its own lock, in its struct page, so that
 * threads that fault in different places do not wait for each other.  A debug
 * build's locks do not fit there: it has one for all tables.
 */
#define pte_lockptr(mm, pmd)						\
	(sizeof(spinlock_t) > sizeof(unsigned long) ?			\
	 &(mm)->page_table_lock : (spinlock_t *)&pmd_page(*(pmd))->ptl)
#define pte_offset_map_lock(mm, pmd, a, ptlp) ({			\
	*(ptlp) = pte_lockptr(mm, pmd);					\
	spin_lock(*(ptlp));						\
	pte_offset_map(pmd, a); })
#define pte_unmap_unlock(pte, ptl) ((void)(pte), spin_unlock(ptl))

/* The end of this entry's range, or `end` if that comes first (wrap-safe). */
#define __addr_end(a, end, SIZE, MASK) ({				\
	unsigned long __b = ((a) + (SIZE)) & (MASK);			\
	__b - 1 < (end) - 1 ? __b : (end); })
#define pgd_addr_end(a, end) __addr_end(a, end, PGDIR_SIZE, PGDIR_MASK)
#define p4d_addr_end(a, end) (end)
#define pud_addr_end(a, end) __addr_end(a, end, PUD_SIZE, PUD_MASK)
#define pmd_addr_end(a, end) __addr_end(a, end, PMD_SIZE, PMD_MASK)

#define pgd_none_or_clear_bad(p) ((void)(p), false)
#define __NONE_OR_BAD(lv)						\
static inline bool lv##_none_or_clear_bad(lv##_t *p)			\
{									\
	if (lv##_none(*p))						\
		return true;						\
	if (unlikely(lv##_bad(*p))) {					\
		pgtable_report_bad(#lv, p);				\
		lv##_clear(p);						\
		return true;						\
	}								\
	return false;							\
}

/* Log a damaged entry; any context. */
void pgtable_report_bad(const char *level, const void *entry);
__NONE_OR_BAD(p4d)
__NONE_OR_BAD(pud)
__NONE_OR_BAD(pmd)

/* ---- making and freeing tables (arch/x86_64/mmu/pgalloc.c) --------------- */

struct mm_struct;
extern pgd_t swapper_pg_dir[PTRS_PER_PGD];
extern struct mm_struct init_mm;

/* A pgd with the kernel's half in it, NULL for no memory; may sleep. */
pgd_t *pgd_alloc(struct mm_struct *mm);
/* The user tables below it are gone already. */
void pgd_free(struct mm_struct *mm, pgd_t *pgd);

/*
 * Fill an empty entry with a new, zeroed table: 0, also if another CPU was
 * faster, or -ENOMEM.  User tables may sleep; kernel ones (mm == &init_mm)
 * sleep only when mm is up and the context allows it.
 */
int __must_check __pud_alloc(struct mm_struct *mm, p4d_t *p4d, unsigned long a);
int __must_check __pmd_alloc(struct mm_struct *mm, pud_t *pud, unsigned long a);
int __must_check __pte_alloc(struct mm_struct *mm, pmd_t *pmd);

#define p4d_alloc(mm, pgd, a) ((void)(mm), p4d_offset((pgd), (a)))

static inline pud_t *pud_alloc(struct mm_struct *mm, p4d_t *p4d,
			       unsigned long a)
{
	if (unlikely(p4d_none(*p4d)) && __pud_alloc(mm, p4d, a))
		return NULL;
	return pud_offset(p4d, a);
}

static inline pmd_t *pmd_alloc(struct mm_struct *mm, pud_t *pud,
			       unsigned long a)
{
	if (unlikely(pud_none(*pud)) && __pmd_alloc(mm, pud, a))
		return NULL;
	return pmd_offset(pud, a);
}

#define pte_alloc(mm, pmd) \
	(unlikely(pmd_none(*(pmd))) && __pte_alloc((mm), (pmd)))
#define pte_alloc_map(mm, pmd, a) \
	(pte_alloc(mm, pmd) ? NULL : pte_offset_map(pmd, a))
#define pte_alloc_map_lock(mm, pmd, a, ptlp) \
	(pte_alloc(mm, pmd) ? NULL : pte_offset_map_lock(mm, pmd, a, ptlp))

static inline pte_t *pte_alloc_kernel(pmd_t *pmd, unsigned long a)
{
	if (unlikely(pmd_none(*pmd)) && __pte_alloc(&init_mm, pmd))
		return NULL;
	return pte_offset_kernel(pmd, a);
}

/* ---- looking (arch/x86_64/mmu/walk.c) ------------------------------------ */

/* Where a walk ended: the entry, its level (1 pte .. 4 pgd), its range. */
struct pt_walk {
	unsigned long entry;   /* value; 0 if a level was empty */
	int level;             /* of that entry */
	unsigned long size;    /* bytes that an entry of that level covers */
	bool writable, user, exec; /* the AND of all levels on the way */
};

/* Walk the tables of pgd for addr by hand, as the hardware would. */
bool pt_walk(pgd_t *pgd, unsigned long addr, struct pt_walk *w);
/* The kernel's leaf entry for addr and its level (1 4K, 2 2M, 3 1G), or
 * NULL. */
pte_t *lookup_address(unsigned long addr, unsigned int *level);
/* Physical address behind a mapped kernel address; 0 if unmapped. */
phys_addr_t kernel_virt_to_phys(const void *addr);
/* Log the ranges of the kernel's tables by rights, as a table; may be long. */
void pt_dump_kernel(void);
/* Pages (4 KiB units) of the kernel half that are writable and executable. */
unsigned long pt_count_wx(unsigned long *first);
unsigned long vmalloc_to_pfn(const void *addr);
#define vmalloc_to_page(addr) pfn_to_page(vmalloc_to_pfn(addr))

#endif
