/* SPDX-License-Identifier: MIT */
#ifndef ARCH_CPUFEATURE_H
#define ARCH_CPUFEATURE_H
/*
 * cpufeature.h -- what this CPU can do, asked once and kept
 *
 * A feature is word * 32 + bit of one of the CPUID words below, numbered and
 * named as in Linux, so that AT_HWCAP and /proc/cpuinfo come straight from it.
 * cpu_has() is the question for one CPU; boot_cpu_has() is the one that kernel
 * code asks: the other CPUs are taken to be like the boot CPU.
 */

#include <kernel/types.h>

enum cpuid_word {
	CPUID_1_EDX, CPUID_80000001_EDX, CPUID_1_ECX, CPUID_80000001_ECX,
	CPUID_7_EBX, CPUID_7_ECX, CPUID_D1_EAX, CPUID_80000007_EDX,
	CPUID_6_EAX, NCAPINTS
};

#define X86_FEATURE(word, bit) ((word) * 32 + (bit))
#define X86_FEATURE_FPU      X86_FEATURE(CPUID_1_EDX, 0)
#define X86_FEATURE_PSE      X86_FEATURE(CPUID_1_EDX, 3)
#define X86_FEATURE_TSC      X86_FEATURE(CPUID_1_EDX, 4)
#define X86_FEATURE_MSR      X86_FEATURE(CPUID_1_EDX, 5)
#define X86_FEATURE_PAE      X86_FEATURE(CPUID_1_EDX, 6)
#define X86_FEATURE_APIC     X86_FEATURE(CPUID_1_EDX, 9)
#define X86_FEATURE_MTRR     X86_FEATURE(CPUID_1_EDX, 12)
#define X86_FEATURE_PGE      X86_FEATURE(CPUID_1_EDX, 13)
#define X86_FEATURE_PAT      X86_FEATURE(CPUID_1_EDX, 16)
#define X86_FEATURE_FXSR     X86_FEATURE(CPUID_1_EDX, 24)
#define X86_FEATURE_XMM      X86_FEATURE(CPUID_1_EDX, 25)
#define X86_FEATURE_XMM2     X86_FEATURE(CPUID_1_EDX, 26)
#define X86_FEATURE_HT       X86_FEATURE(CPUID_1_EDX, 28)
#define X86_FEATURE_SYSCALL  X86_FEATURE(CPUID_80000001_EDX, 11)
#define X86_FEATURE_NX       X86_FEATURE(CPUID_80000001_EDX, 20)
#define X86_FEATURE_GBPAGES  X86_FEATURE(CPUID_80000001_EDX, 26)
#define X86_FEATURE_RDTSCP   X86_FEATURE(CPUID_80000001_EDX, 27)
#define X86_FEATURE_LM       X86_FEATURE(CPUID_80000001_EDX, 29)
#define X86_FEATURE_XMM3     X86_FEATURE(CPUID_1_ECX, 0)
#define X86_FEATURE_MWAIT    X86_FEATURE(CPUID_1_ECX, 3)
#define X86_FEATURE_PCID     X86_FEATURE(CPUID_1_ECX, 17)
#define X86_FEATURE_X2APIC   X86_FEATURE(CPUID_1_ECX, 21)
#define X86_FEATURE_POPCNT   X86_FEATURE(CPUID_1_ECX, 23)
#define X86_FEATURE_TSC_DEADLINE_TIMER X86_FEATURE(CPUID_1_ECX, 24)
#define X86_FEATURE_XSAVE    X86_FEATURE(CPUID_1_ECX, 26)
#define X86_FEATURE_AVX      X86_FEATURE(CPUID_1_ECX, 28)
#define X86_FEATURE_RDRAND   X86_FEATURE(CPUID_1_ECX, 30)
#define X86_FEATURE_HYPERVISOR X86_FEATURE(CPUID_1_ECX, 31)
#define X86_FEATURE_FSGSBASE X86_FEATURE(CPUID_7_EBX, 0)
#define X86_FEATURE_SMEP     X86_FEATURE(CPUID_7_EBX, 7)
#define X86_FEATURE_ERMS     X86_FEATURE(CPUID_7_EBX, 9)
#define X86_FEATURE_INVPCID  X86_FEATURE(CPUID_7_EBX, 10)
#define X86_FEATURE_RDSEED   X86_FEATURE(CPUID_7_EBX, 18)
#define X86_FEATURE_SMAP     X86_FEATURE(CPUID_7_EBX, 20)
#define X86_FEATURE_UMIP     X86_FEATURE(CPUID_7_ECX, 2)
#define X86_FEATURE_LA57     X86_FEATURE(CPUID_7_ECX, 16)
#define X86_FEATURE_RDPID    X86_FEATURE(CPUID_7_ECX, 22)
#define X86_FEATURE_XSAVEOPT X86_FEATURE(CPUID_D1_EAX, 0)
#define X86_FEATURE_XSAVEC   X86_FEATURE(CPUID_D1_EAX, 1)
#define X86_FEATURE_XSAVES   X86_FEATURE(CPUID_D1_EAX, 3)
#define X86_FEATURE_CONSTANT_TSC X86_FEATURE(CPUID_80000007_EDX, 8)
#define X86_FEATURE_ARAT     X86_FEATURE(CPUID_6_EAX, 2)

struct cpuinfo_x86 {
	u32 caps[NCAPINTS];        /* [c] the CPUID words, cleared if disabled */
	char vendor[13];           /* [c] "GenuineIntel", "AuthenticAMD", ... */
	char model_name[49];       /* [c] brand string, blanks trimmed */
	u8 family, model, stepping;/* [c] extended fields folded in */
	u8 phys_bits, virt_bits;   /* [c] of addresses */
	u16 clflush_size;          /* [c] bytes in a cache line */
	u32 cpuid_level;           /* [c] highest basic leaf */
	u32 cache_kb;              /* [c] of the biggest level, 0 = unknown */
	u32 initial_apicid;        /* [c] */
	u32 tsc_khz;               /* [c] from CPUID 15h/16h, 0 = unknown */
};

extern struct cpuinfo_x86 boot_cpu_data;

/* AT_HWCAP: what CPUID 1 says in EDX; AT_HWCAP2: bit 1, ring 3 has FSGSBASE. */
static inline unsigned long arch_elf_hwcap(void)
{
	return boot_cpu_data.caps[CPUID_1_EDX];
}

static inline unsigned long arch_elf_hwcap2(void)
{
	unsigned f = X86_FEATURE_FSGSBASE;

	return (boot_cpu_data.caps[f / 32] >> f % 32 & 1) << 1;
}

static inline bool cpu_has(const struct cpuinfo_x86 *c, unsigned feature)
{
	return c->caps[feature / 32] >> (feature % 32) & 1;
}

static inline bool boot_cpu_has(unsigned feature)
{
	return cpu_has(&boot_cpu_data, feature);
}

/* Ask the boot CPU; before paging_init(), with boot options parsed or not. */
void cpu_features_init(void);
/* Set CR0, CR4, EFER and PAT of the calling CPU; every CPU, irqs off. */
void cpu_enable_features(void);
/* Fill *c for the calling CPU. */
void cpu_identify(struct cpuinfo_x86 *c);
/* Keep what the calling CPU says of itself; cpu_enable_features() does it. */
void cpu_store_info(void);
/* What that CPU said (the boot CPU's, if it did not). */
const struct cpuinfo_x86 *cpu_data(int cpu);
/* The block of /proc/cpuinfo for one CPU; bytes written; 2 KiB will do. */
size_t arch_cpuinfo_text(int cpu, char *buf, size_t room);
/* The name of one feature as in /proc/cpuinfo's flags, NULL if it has none. */
const char *cpu_feature_name(unsigned feature);
/* CR4 as cpu_enable_features() leaves it: what an AP's trampoline may load. */
unsigned long cpu_cr4_bits(void);

#endif
