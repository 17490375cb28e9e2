/* SPDX-License-Identifier: MIT */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H
/* cpu.h -- control registers, CPUID and the few instructions around them */

#define X86_CR0_PE  (1 << 0)    /* protected mode */
#define X86_CR0_MP  (1 << 1)    /* wait/fwait obey TS */
#define X86_CR0_EM  (1 << 2)    /* no FPU: every FPU instruction traps */
#define X86_CR0_TS  (1 << 3)    /* task switched: FPU instructions trap */
#define X86_CR0_ET  (1 << 4)
#define X86_CR0_NE  (1 << 5)    /* FPU errors are #MF, not IRQ 13 */
#define X86_CR0_WP  (1 << 16)   /* the kernel too obeys read-only pages */
#define X86_CR0_AM  (1 << 18)   /* user alignment checks, if EFLAGS.AC */
#define X86_CR0_NW  (1 << 29)
#define X86_CR0_CD  (1 << 30)   /* cache disable */
#define X86_CR0_PG  0x80000000  /* paging */

#define X86_CR4_TSD        (1 << 2)   /* rdtsc only in ring 0 */
#define X86_CR4_DE         (1 << 3)
#define X86_CR4_PSE        (1 << 4)
#define X86_CR4_PAE        (1 << 5)   /* 64-bit page-table entries */
#define X86_CR4_MCE        (1 << 6)
#define X86_CR4_PGE        (1 << 7)   /* global pages survive a CR3 load */
#define X86_CR4_OSFXSR     (1 << 9)   /* SSE is saved by the system */
#define X86_CR4_OSXMMEXCPT (1 << 10)  /* SSE errors are #XM */
#define X86_CR4_UMIP       (1 << 11)  /* sgdt, sidt, str, ... only in ring 0 */
#define X86_CR4_LA57       (1 << 12)
#define X86_CR4_FSGSBASE   (1 << 16)  /* rdfsbase and its kind in ring 3 */
#define X86_CR4_PCIDE      (1 << 17)
#define X86_CR4_OSXSAVE    (1 << 18)  /* xsave and xgetbv */
#define X86_CR4_SMEP       (1 << 20)  /* ring 0 executes no user page */
#define X86_CR4_SMAP       (1 << 21)  /* ring 0 reads no user page, unless AC */
#define X86_CR4_PKE        (1 << 22)

#ifndef __ASSEMBLY__
#include <kernel/types.h>

#define __CR(n)								\
static inline unsigned long read_cr##n(void)				\
{									\
	unsigned long v;						\
									\
	__asm__ volatile("mov %%cr" #n ", %0" : "=r"(v) : : "memory");	\
	return v;							\
}									\
static inline void write_cr##n(unsigned long v)				\
{									\
	__asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory");	\
}

__CR(0)
__CR(2)
__CR(3)
__CR(4)

static inline void cpuid_count(u32 leaf, u32 sub, u32 *a, u32 *b, u32 *c,
			       u32 *d)
{
	__asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d)
			 : "a"(leaf), "c"(sub));
}

static inline void cpuid(u32 leaf, u32 *a, u32 *b, u32 *c, u32 *d)
{
	cpuid_count(leaf, 0, a, b, c, d);
}

static inline void invlpg(unsigned long addr)
{
	__asm__ volatile("invlpg (%0)" : : "r"(addr) : "memory");
}

static inline void wbinvd(void)
{
	__asm__ volatile("wbinvd" : : : "memory");
}

static inline void xsetbv(u32 index, u64 v)
{
	__asm__ volatile("xsetbv" : : "c"(index), "a"((u32)v),
			 "d"((u32)(v >> 32)));
}

#endif

#endif
