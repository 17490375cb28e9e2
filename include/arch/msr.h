/* SPDX-License-Identifier: MIT */
#ifndef ARCH_MSR_H
#define ARCH_MSR_H
/* msr.h -- model-specific registers: numbers, bits, access */

#define MSR_IA32_TSC            0x00000010
#define MSR_IA32_APICBASE       0x0000001b
#define MSR_IA32_TSC_ADJUST     0x0000003b
#define MSR_IA32_MTRRCAP        0x000000fe
#define MSR_IA32_SYSENTER_CS    0x00000174
#define MSR_IA32_SYSENTER_ESP   0x00000175
#define MSR_IA32_SYSENTER_EIP   0x00000176
#define MSR_IA32_MISC_ENABLE    0x000001a0
#define MSR_IA32_CR_PAT         0x00000277
#define MSR_IA32_TSC_DEADLINE   0x000006e0
#define MSR_X2APIC_BASE         0x00000800
#define MSR_IA32_XSS            0x00000da0
#define MSR_EFER                0xc0000080
#define MSR_STAR                0xc0000081
#define MSR_LSTAR               0xc0000082
#define MSR_CSTAR               0xc0000083
#define MSR_SYSCALL_MASK        0xc0000084
#define MSR_FS_BASE             0xc0000100
#define MSR_GS_BASE             0xc0000101
#define MSR_KERNEL_GS_BASE      0xc0000102
#define MSR_TSC_AUX             0xc0000103

#define EFER_SCE                (1 << 0)    /* syscall/sysret */
#define EFER_LME                (1 << 8)    /* long mode enable */
#define EFER_LMA                (1 << 10)   /* long mode active */
#define EFER_NX                 (1 << 11)   /* bit 63 of a PTE means no-exec */

#ifndef __ASSEMBLY__
#include <kernel/types.h>

static inline u64 rdmsrl(u32 msr)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return low | (u64)high << 32;
}

static inline void wrmsrl(u32 msr, u64 v)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((u32)v),
			 "d"((u32)(v >> 32)) : "memory");
}

/* Counts at a constant rate on every CPU we care for; not serialising. */
static inline u64 rdtsc(void)
{
	u32 low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return low | (u64)high << 32;
}

/* The same, but not before the loads that precede it in program order. */
static inline u64 rdtsc_ordered(void)
{
	u32 low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return low | (u64)high << 32;
}
#endif

#endif
