/* SPDX-License-Identifier: MIT */
#ifndef MM_VMALLOC_H
#define MM_VMALLOC_H
/*
 * vmalloc.h -- memory that is contiguous in addresses only (mm/phys/vmalloc.c)
 */

#include <arch/pgtable.h>
#include <kernel/list.h>
#include <kernel/rbtree.h>
#include <mm/gfp.h>

#define VM_IOREMAP 0x00000001u   /* device memory */
#define VM_ALLOC 0x00000002u     /* pages are ours: vfree gives them back */
#define VM_MAP 0x00000004u       /* pages are the caller's */
#define VM_STACK_AREA 0x00000008u /* a kernel stack */

/*
 * One area; behind it lies a guard page that is never mapped.
 * Field keys:  [V] vmap_lock   [c] constant while the area exists
 */
struct vm_struct {
	struct rb_node node;          /* [V] by address */
	struct list_head purge;       /* [V] freed, waiting for the flush */
	void *addr;                   /* [c] */
	unsigned long size;           /* [c] bytes, with the guard page */
	unsigned int flags;           /* [c] */
	unsigned int nr_pages;        /* [c] */
	struct page **pages;          /* [c] */
	phys_addr_t phys_addr;        /* [c] ioremap */
	const void *caller;           /* [c] */
};

/* Page-aligned, zeroed or not; NULL.  May sleep. */
void *vmalloc(unsigned long size);
void *vzalloc(unsigned long size);
void *__vmalloc(unsigned long size, gfp_t gfp);
void *__vmalloc_prot(unsigned long size, gfp_t gfp, pgprot_t prot);
#define vmalloc_node(size, nid) ((void)(nid), vmalloc(size))
#define vmalloc_user(size) vzalloc(size)
/* NULL is fine; any context. */
void vfree(const void *addr);

/* The caller's pages at consecutive addresses; may sleep. */
void *vmap(struct page **pages, unsigned int count, unsigned long flags,
	   pgprot_t prot);
void vunmap(const void *addr);

/* Address space without anything mapped: for ioremap.  May sleep. */
struct vm_struct *get_vm_area(unsigned long size, unsigned long flags);
struct vm_struct *__get_vm_area(unsigned long size, unsigned long align,
				unsigned long flags, gfp_t gfp,
				const void *caller);
/* The area that begins at addr, or that covers it; NULL. */
struct vm_struct *find_vm_area(const void *addr);
/* Unmap the area and forget it; the vm_struct goes too.  Any context. */
void free_vm_area(struct vm_struct *area);

/* A kernel stack of THREAD_SIZE bytes, lowest address; NULL.  May sleep. */
void *alloc_thread_stack(void);
/* Any context; not the stack we stand on. */
void free_thread_stack(void *stack);

/* Flush the TLBs and reuse the addresses of what was freed.  Irqs on. */
void vm_unmap_aliases(void);

/* For /proc: areas in order of address under the lock; fn must not sleep. */
void vmalloc_for_each(void (*fn)(const struct vm_struct *vm, void *arg),
		      void *arg);
unsigned long vmalloc_nr_pages(void);
/* Pages of addresses that wait, unmapped, for the next flush. */
unsigned long vmalloc_lazy_pages(void);

void vmalloc_init(void);

#endif
