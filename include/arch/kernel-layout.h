/* SPDX-License-Identifier: MIT */
#ifndef ARCH_KERNEL_LAYOUT_H
#define ARCH_KERNEL_LAYOUT_H
/*
 * kernel-layout.h -- where everything lies in the 48-bit address space
 *
 *	0000000000000000 - 00007fffffffefff  user (the first 64 KiB never map)
 *	   ... non-canonical hole: bits 63..47 must all be equal ...
 *	ffff888000000000 + 64 TiB            direct map of all RAM
 *	ffffc90000000000 + 2 TiB             vmalloc: stacks, ioremap
 *	ffffea0000000000 + 512 GiB           struct page array
 *	ffffec0000000000 - fffffbffffffffff  KASAN shadow (SAN=1)
 *	ffffffff80000000 + 512 MiB           kernel image, from physical 0
 *	ffffffffa0000000 + 1 GiB             modules
 *	ffffffffff000000 + 2 MiB             early_ioremap window
 *
 * Included by assembly too: only plain constants here.  linker.ld repeats
 * KERNEL_IMAGE_BASE and KERNEL_LOAD_PHYS; its ASSERTs hold the two together.
 */

#ifdef __ASSEMBLY__
#define _UL(x) x
#else
#define _UL(x) x##UL
#endif

#define TASK_SIZE_MAX        _UL(0x00007ffffffff000)
#define TASK_SIZE            TASK_SIZE_MAX
#define STACK_TOP            TASK_SIZE_MAX
#define MMAP_MIN_ADDR        _UL(0x10000)
#define TASK_UNMAPPED_BASE   _UL(0x2aaaaaaaa000)

#define PAGE_OFFSET          _UL(0xffff888000000000)
#define PAGE_OFFSET_END      _UL(0xffffc88000000000)
#define VMALLOC_START        _UL(0xffffc90000000000)
/* 4 pgd entries, made at boot: every process shares them from its birth. */
#define VMALLOC_END          _UL(0xffffcaffffffffff)
#define VMEMMAP_START        _UL(0xffffea0000000000)
#define VMEMMAP_END          _UL(0xffffea7fffffffff)
#define KASAN_SHADOW_START   _UL(0xffffec0000000000)
#define KASAN_SHADOW_END     _UL(0xfffffc0000000000)

#define KERNEL_IMAGE_BASE    _UL(0xffffffff80000000) /* of physical 0 */
#define KERNEL_IMAGE_SIZE    _UL(0x20000000)
#define KERNEL_LOAD_PHYS     _UL(0x100000)
#define MODULES_VADDR        _UL(0xffffffffa0000000)
#define MODULES_END          _UL(0xffffffffe0000000)
#define EARLY_IOREMAP_START  _UL(0xffffffffff000000)
#define EARLY_IOREMAP_SIZE   _UL(0x200000)

/* A kernel stack: 4 pages, an unmapped guard page below. */
#ifdef LANTERN_SAN             /* redzones around local variables: twice that */
#define THREAD_SIZE_ORDER    3
#define THREAD_SIZE 32768
#else
#define THREAD_SIZE_ORDER    2
#define THREAD_SIZE 16384
#endif

/*
 * The only segment selectors there are; cpu/gdt.c builds the table. Those of
 * user mode are Linux's: a debugger tells 64-bit code by cs being 0x33.
 */
#define __KERNEL_CS 0x08
#define __KERNEL_DS 0x10
#define __USER32_CS 0x23     /* for sysret's arithmetic: never used */
#define __USER_DS   0x2b
#define __USER_CS   0x33
#define GDT_ENTRY_TSS 8      /* two slots: a TSS descriptor has 16 bytes */
#define GDT_TSS_SEL (GDT_ENTRY_TSS * 8)
#define GDT_ENTRY_LDT 10     /* two slots too; empty without an LDT */
#define GDT_LDT_SEL (GDT_ENTRY_LDT * 8)
#define GDT_ENTRIES 12

#endif
