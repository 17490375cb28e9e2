/* SPDX-License-Identifier: MIT */
/*
 * features.c -- ask the CPU what it can do, and switch on what we use
 *
 * IDEA.  CPUID answers in words of 32 bits.  We keep the words as they come,
 * with what the boot line forbids (nosmep, nosmap, noxsave, ...) or what
 * depends on a missing one cleared, so that every later question is one bit
 * test.
 *
 * What is switched on, on every CPU alike:
 *
 *	CR0  WP   the kernel obeys read-only pages
 *	     NE, MP, no EM, no TS: FPU instructions work and fault properly
 *	CR4  PGE  kernel translations survive a change of address space
 *	     SMEP ring 0 does not execute user pages
 *	     SMAP ring 0 does not read or write them, but between STAC and CLAC
 *	     UMIP ring 3 does not learn where the descriptor tables are
 *	     FSGSBASE ring 3 may move its FS and GS without a system call
 *	     OSFXSR, OSXMMEXCPT, OSXSAVE: SSE and AVX state is ours to save
 *	EFER NXE  bit 63 of an entry forbids execution
 *	PAT  entry 1 (PWT alone) becomes write-combining; see pgtable.h
 *
 * CONTEXT.  cpu_features_init(): boot CPU, first of all; then the boot options,
 * then cpu_enable_features(), which every CPU calls, irqs off.
 */

#include <arch/cpufeature.h>

#include <arch/cpu.h>
#include <arch/msr.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/string.h>

struct cpuinfo_x86 boot_cpu_data __ro_after_init;

/* Words as cleared by boot options: one bit a feature. */
static u32 disabled_caps[NCAPINTS] __ro_after_init;

/* One byte a PAT entry: 6 write-back, 1 write-combining, 7 UC-, 0 UC. */
#define PAT_VALUE 0x0007010600070106ULL

#define FEATURE_NAME(name, text) [X86_FEATURE_##name] = text
static const char *const feature_names[NCAPINTS * 32] = {
	FEATURE_NAME(FPU, "fpu"), FEATURE_NAME(PSE, "pse"),
	FEATURE_NAME(TSC, "tsc"), FEATURE_NAME(MSR, "msr"),
	FEATURE_NAME(PAE, "pae"), FEATURE_NAME(APIC, "apic"),
	FEATURE_NAME(MTRR, "mtrr"), FEATURE_NAME(PGE, "pge"),
	FEATURE_NAME(PAT, "pat"), FEATURE_NAME(FXSR, "fxsr"),
	FEATURE_NAME(XMM, "sse"), FEATURE_NAME(XMM2, "sse2"),
	FEATURE_NAME(HT, "ht"), FEATURE_NAME(SYSCALL, "syscall"),
	FEATURE_NAME(NX, "nx"), FEATURE_NAME(GBPAGES, "pdpe1gb"),
	FEATURE_NAME(RDTSCP, "rdtscp"), FEATURE_NAME(LM, "lm"),
	FEATURE_NAME(CONSTANT_TSC, "nonstop_tsc"), FEATURE_NAME(XMM3, "pni"),
	FEATURE_NAME(MWAIT, "monitor"), FEATURE_NAME(PCID, "pcid"),
	FEATURE_NAME(X2APIC, "x2apic"), FEATURE_NAME(POPCNT, "popcnt"),
	FEATURE_NAME(TSC_DEADLINE_TIMER, "tsc_deadline_timer"),
	FEATURE_NAME(XSAVE, "xsave"), FEATURE_NAME(AVX, "avx"),
	FEATURE_NAME(RDRAND, "rdrand"), FEATURE_NAME(HYPERVISOR, "hypervisor"),
	FEATURE_NAME(FSGSBASE, "fsgsbase"), FEATURE_NAME(SMEP, "smep"),
	FEATURE_NAME(ERMS, "erms"), FEATURE_NAME(INVPCID, "invpcid"),
	FEATURE_NAME(RDSEED, "rdseed"), FEATURE_NAME(SMAP, "smap"),
	FEATURE_NAME(UMIP, "umip"), FEATURE_NAME(LA57, "la57"),
	FEATURE_NAME(RDPID, "rdpid"), FEATURE_NAME(XSAVEOPT, "xsaveopt"),
	FEATURE_NAME(XSAVEC, "xsavec"), FEATURE_NAME(XSAVES, "xsaves"),
	FEATURE_NAME(ARAT, "arat"),
	/* Shown in /proc/cpuinfo only: programs look for them there. */
	[X86_FEATURE(CPUID_1_EDX, 8)] = "cx8",
	[X86_FEATURE(CPUID_1_EDX, 15)] = "cmov",
	[X86_FEATURE(CPUID_1_EDX, 19)] = "clflush",
	[X86_FEATURE(CPUID_1_EDX, 23)] = "mmx",
	[X86_FEATURE(CPUID_1_ECX, 1)] = "pclmulqdq",
	[X86_FEATURE(CPUID_1_ECX, 9)] = "ssse3",
	[X86_FEATURE(CPUID_1_ECX, 12)] = "fma",
	[X86_FEATURE(CPUID_1_ECX, 13)] = "cx16",
	[X86_FEATURE(CPUID_1_ECX, 19)] = "sse4_1",
	[X86_FEATURE(CPUID_1_ECX, 20)] = "sse4_2",
	[X86_FEATURE(CPUID_1_ECX, 22)] = "movbe",
	[X86_FEATURE(CPUID_1_ECX, 25)] = "aes",
	[X86_FEATURE(CPUID_1_ECX, 29)] = "f16c",
	[X86_FEATURE(CPUID_80000001_ECX, 0)] = "lahf_lm",
	[X86_FEATURE(CPUID_80000001_ECX, 5)] = "abm",
	[X86_FEATURE(CPUID_7_EBX, 3)] = "bmi1",
	[X86_FEATURE(CPUID_7_EBX, 5)] = "avx2",
	[X86_FEATURE(CPUID_7_EBX, 8)] = "bmi2",
	[X86_FEATURE(CPUID_7_EBX, 19)] = "adx",
	[X86_FEATURE(CPUID_7_EBX, 23)] = "clflushopt",
	[X86_FEATURE(CPUID_7_EBX, 24)] = "clwb",
	[X86_FEATURE(CPUID_7_EBX, 29)] = "sha_ni",
};

const char *cpu_feature_name(unsigned feature)
{
	return feature < NCAPINTS * 32 ? feature_names[feature] : NULL;
}

/* A feature without the one it builds on is none. */
static void drop_disabled(struct cpuinfo_x86 *c)
{
	for (int i = 0; i < NCAPINTS; i++)
		c->caps[i] &= ~disabled_caps[i];
	if (!cpu_has(c, X86_FEATURE_XSAVE)) {
		c->caps[CPUID_D1_EAX] = 0;
		c->caps[CPUID_1_ECX] &= ~(1U << X86_FEATURE_AVX % 32);
	}
}

static void disable_feature(unsigned feature)
{
	disabled_caps[feature / 32] |= 1U << feature % 32;
	drop_disabled(&boot_cpu_data);
}

#define DISABLE_OPTION(name, feature)					\
static int no_##name(char *value)					\
{									\
	(void)value;							\
	disable_feature(feature);					\
	return 0;							\
}									\
__setup("no" #name, no_##name)

DISABLE_OPTION(smep, X86_FEATURE_SMEP);
DISABLE_OPTION(smap, X86_FEATURE_SMAP);
DISABLE_OPTION(umip, X86_FEATURE_UMIP);
DISABLE_OPTION(fsgsbase, X86_FEATURE_FSGSBASE);
DISABLE_OPTION(xsave, X86_FEATURE_XSAVE);
DISABLE_OPTION(gbpages, X86_FEATURE_GBPAGES);
DISABLE_OPTION(x2apic, X86_FEATURE_X2APIC);

static void read_caps(struct cpuinfo_x86 *c, u32 max_extended)
{
	u32 *w = c->caps, a, b, unused;

	cpuid(1, &unused, &b, &w[CPUID_1_ECX], &w[CPUID_1_EDX]);
	c->initial_apicid = b >> 24;
	c->clflush_size = (b >> 8 & 0xff) * 8;
	if (c->cpuid_level >= 6)
		cpuid(6, &w[CPUID_6_EAX], &a, &b, &unused);
	if (c->cpuid_level >= 7)
		cpuid_count(7, 0, &a, &w[CPUID_7_EBX], &w[CPUID_7_ECX],
			    &unused);
	if (c->cpuid_level >= 0xd)
		cpuid_count(0xd, 1, &w[CPUID_D1_EAX], &a, &b, &unused);
	if (max_extended >= 0x80000001)
		cpuid(0x80000001, &a, &b, &w[CPUID_80000001_ECX],
		      &w[CPUID_80000001_EDX]);
	if (max_extended >= 0x80000007)
		cpuid(0x80000007, &a, &b, &unused, &w[CPUID_80000007_EDX]);
}

static void read_names(struct cpuinfo_x86 *c, u32 max_extended)
{
	u32 *v = (u32 *)c->vendor, brand[12] = { 0 }, a;
	char *from = (char *)brand;

	cpuid(0, &a, &v[0], &v[2], &v[1]);
	c->vendor[12] = '\0';
	for (u32 i = 0; i < 3 && max_extended >= 0x80000004; i++)
		cpuid(0x80000002 + i, &brand[4 * i], &brand[4 * i + 1],
		      &brand[4 * i + 2], &brand[4 * i + 3]);
	while (*from == ' ')
		from++;
	memcpy(c->model_name, from, sizeof(brand) - (from - (char *)brand));
	c->model_name[48] = '\0';
}

/* Family, model and stepping: the extended fields count only at the edges. */
static void read_model(struct cpuinfo_x86 *c)
{
	u32 eax, unused;

	cpuid(1, &eax, &unused, &unused, &unused);
	c->family = eax >> 8 & 0xf;
	c->model = eax >> 4 & 0xf;
	c->stepping = eax & 0xf;
	if (c->family == 0xf)
		c->family += eax >> 20 & 0xff;
	if (c->family == 6 || c->family >= 0xf)
		c->model += (eax >> 16 & 0xf) << 4;
}

/* The biggest cache, from leaf 4 (Intel) or 0x80000006 (AMD). */
static u32 read_cache_kb(const struct cpuinfo_x86 *c, u32 max_extended)
{
	u32 a, b, sets, d, best = 0;

	for (u32 i = 0; i < 8 && c->cpuid_level >= 4; i++) {
		cpuid_count(4, i, &a, &b, &sets, &d);
		if (!(a & 0x1f))
			break;
		d = ((b >> 22) + 1) * ((b >> 12 & 0x3ff) + 1) *
		    ((b & 0xfff) + 1) * (sets + 1) >> 10;
		if (d > best)
			best = d;
	}
	if (!best && max_extended >= 0x80000006) {
		cpuid(0x80000006, &a, &b, &sets, &d);
		best = sets >> 16;
	}
	return best;
}

static u32 read_tsc_khz(const struct cpuinfo_x86 *c)
{
	u32 denominator, numerator, crystal, unused;

	if (c->cpuid_level < 0x15)
		return 0;
	cpuid(0x15, &denominator, &numerator, &crystal, &unused);
	if (!denominator || !numerator || !crystal)
		return 0;
	return (u64)crystal * numerator / denominator / 1000;
}

void cpu_identify(struct cpuinfo_x86 *c)
{
	u32 max_extended, a, b, unused;

	memset(c, 0, sizeof(*c));
	cpuid(0, &c->cpuid_level, &a, &b, &unused);
	cpuid(0x80000000, &max_extended, &a, &b, &unused);
	read_caps(c, max_extended);
	drop_disabled(c);
	read_names(c, max_extended);
	read_model(c);
	c->phys_bits = 36;
	c->virt_bits = 48;
	if (max_extended >= 0x80000008) {
		cpuid(0x80000008, &a, &b, &unused, &unused);
		c->phys_bits = a & 0xff;
		c->virt_bits = a >> 8 & 0xff;
	}
	c->cache_kb = read_cache_kb(c, max_extended);
	c->tsc_khz = read_tsc_khz(c);
}

void cpu_features_init(void)
{
	cpu_identify(&boot_cpu_data);
}

unsigned long cpu_cr4_bits(void)
{
	static const struct {
		unsigned int feature;
		unsigned long bit;
	} optional[] = {
		{ X86_FEATURE_PGE, X86_CR4_PGE },
		{ X86_FEATURE_SMEP, X86_CR4_SMEP },
		{ X86_FEATURE_SMAP, X86_CR4_SMAP },
		{ X86_FEATURE_UMIP, X86_CR4_UMIP },
		{ X86_FEATURE_FSGSBASE, X86_CR4_FSGSBASE },
		{ X86_FEATURE_XSAVE, X86_CR4_OSXSAVE },
	};
	unsigned long cr4 = X86_CR4_PAE | X86_CR4_OSFXSR | X86_CR4_OSXMMEXCPT;

	for (unsigned int i = 0; i < ARRAY_SIZE(optional); i++)
		if (boot_cpu_has(optional[i].feature))
			cr4 |= optional[i].bit;
	return cr4;
}

void cpu_enable_features(void)
{
	write_cr0(X86_CR0_PG | X86_CR0_WP | X86_CR0_NE | X86_CR0_ET |
		  X86_CR0_MP | X86_CR0_PE);
	write_cr4(cpu_cr4_bits());
	wrmsrl(MSR_EFER, rdmsrl(MSR_EFER) | EFER_NX | EFER_SCE);
	if (boot_cpu_has(X86_FEATURE_PAT))
		wrmsrl(MSR_IA32_CR_PAT, PAT_VALUE);
	cpu_store_info();
}
