/* SPDX-License-Identifier: MIT */
#ifndef ARCH_PAGE_H
#define ARCH_PAGE_H
/*
 * page.h -- page size, and the ways between physical, virtual, frame and page
 *
 *	physical --__va()--> direct map     kernel image: __pa_symbol()
 *	pfn = physical >> PAGE_SHIFT        struct page = vmemmap + pfn
 *
 * __pa() takes addresses of the direct map *and* of the kernel image.  It does
 * not take vmalloc addresses: those have no linear relation to memory.
 */

#include <arch/kernel-layout.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE  (_UL(1) << PAGE_SHIFT)
#define PAGE_MASK  (~(PAGE_SIZE - 1))

#ifndef __ASSEMBLY__
#include <kernel/types.h>

#define PAGE_ALIGN(x)      (((x) + PAGE_SIZE - 1) & PAGE_MASK)
#define PAGE_ALIGNED(x)    (((unsigned long)(x) & ~PAGE_MASK) == 0)
#define offset_in_page(x)  ((unsigned long)(x) & ~PAGE_MASK)
#define PFN_UP(x)          (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x)        ((x) >> PAGE_SHIFT)
#define PFN_PHYS(pfn)      ((phys_addr_t)(pfn) << PAGE_SHIFT)
#define PHYS_PFN(phys)     ((pfn_t)((phys) >> PAGE_SHIFT))

struct page;
typedef struct page *pgtable_t;

/*
 * An entry of each level of the page tables, and the bits of one.  Distinct
 * types, so that a table of one level cannot be taken for another; the
 * operations are in arch/pgtable.h.  The p4d level is folded away: its only
 * entry is the pgd's.
 */
typedef struct { unsigned long pgd; } pgd_t;
typedef struct { pgd_t pgd; } p4d_t;
typedef struct { unsigned long pud; } pud_t;
typedef struct { unsigned long pmd; } pmd_t;
typedef struct { unsigned long pte; } pte_t;
typedef struct { unsigned long pgprot; } pgprot_t;

static inline phys_addr_t __phys_addr(unsigned long v)
{
	return v >= KERNEL_IMAGE_BASE ? v - KERNEL_IMAGE_BASE
				      : v - PAGE_OFFSET;
}

#define __pa(x)            __phys_addr((unsigned long)(x))
#define __pa_symbol(sym)   ((phys_addr_t)(unsigned long)(sym) - \
			    KERNEL_IMAGE_BASE)
#define __va(x)            ((void *)((unsigned long)(x) + PAGE_OFFSET))
#define virt_to_phys(x)    __pa(x)
#define phys_to_virt(x)    __va(x)
#define virt_to_pfn(x)     ((pfn_t)(__pa(x) >> PAGE_SHIFT))
#define pfn_to_kaddr(pfn)  __va(PFN_PHYS(pfn))
#define pfn_to_virt(pfn)   pfn_to_kaddr(pfn)

/* The page array is addressed as if it covered every frame there may be. */
#define vmemmap            ((struct page *)VMEMMAP_START)
#define pfn_to_page(pfn)   (vmemmap + (pfn))
#define page_to_pfn(p)     ((pfn_t)((p) - vmemmap))
#define virt_to_page(v)    pfn_to_page(virt_to_pfn(v))
#define page_to_phys(p)    PFN_PHYS(page_to_pfn(p))
#define phys_to_page(ph)   pfn_to_page(PHYS_PFN(ph))
#define page_to_virt(p)    __va(page_to_phys(p))

static inline bool is_vmalloc_addr(const void *p)
{
	return (unsigned long)p >= VMALLOC_START &&
	       (unsigned long)p <= VMALLOC_END;
}

/* Zero or copy one page through the direct map; `page` is page-aligned. */
static inline void clear_page(void *page)
{
	unsigned long n = PAGE_SIZE / 8;

	__asm__ volatile("rep stosq" : "+D"(page), "+c"(n) : "a"(0UL)
			 : "memory");
}

static inline void copy_page(void *to, const void *from)
{
	unsigned long n = PAGE_SIZE / 8;

	__asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(n) : :
			 "memory");
}
#endif /* __ASSEMBLY__ */

#endif
