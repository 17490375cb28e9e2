/* SPDX-License-Identifier: MIT */
/*
 * gdt.c -- segments and the task-state segment of each CPU
 *
 * IDEA.  Long mode has no segmentation: base 0, no limit.  What is left of a
 * segment is one number that matters, the ring (DPL), and so there are four:
 * code and data for ring 0 and for ring 3.  Their order is fixed by syscall
 * and sysret, which compute selectors from MSR_STAR, their place by programs:
 * gdb takes a task for 64-bit only if its cs is 0x33, as it is on Linux.
 *
 *	0x00 null   0x08 kernel code   0x10 kernel data
 *	0x18 empty   0x20 empty (sysret's 32-bit code)
 *	0x28 user data   0x30 user code   0x38 empty
 *	0x40 TSS, two slots, for its base has 64 bits
 *
 * The TSS switches no task.  It holds the stack that the CPU loads when it
 * enters ring 0 from ring 3 (sp0: top of the running task's kernel stack, set
 * at each switch) and those of the exceptions that must have one of their own.
 * Each CPU has its own GDT, for the TSS descriptor in it differs, and the CPU
 * writes to it (the busy bit).
 *
 * LOCKING.  Written by the owning CPU only, irqs off.
 */

#include "cpu.h"

#include <arch/cpu.h>
#include <arch/cpufeature.h>
#include <arch/msr.h>
#include <arch/ptrace.h>
#include <arch/smp.h>
#include <kernel/percpu.h>

/* Descriptor bits, Intel SDM 3.4.5. */
#define SEG_TYPE_DATA_RW (0x2ULL << 40)
#define SEG_TYPE_CODE_RX (0xaULL << 40)
#define SEG_ACCESSED (0x1ULL << 40)
#define SEG_TYPE_TSS (0x9ULL << 40)
#define SEG_S (1ULL << 44)          /* code or data, not a system segment */
#define SEG_DPL(n) ((u64)(n) << 45)
#define SEG_P (1ULL << 47)
#define SEG_L (1ULL << 53)          /* 64-bit code */
#define SEG_DB (1ULL << 54)
#define SEG_G (1ULL << 55)          /* limit counts pages */
#define SEG_LIMIT_4G (0xffffULL | (0xfULL << 48))
#define SEG_COMMON (SEG_S | SEG_P | SEG_G | SEG_ACCESSED | SEG_LIMIT_4G)

DEFINE_PER_CPU_ALIGNED(u64, gdt[GDT_ENTRIES]) = {
	[__KERNEL_CS / 8] = SEG_COMMON | SEG_TYPE_CODE_RX | SEG_L,
	[__KERNEL_DS / 8] = SEG_COMMON | SEG_TYPE_DATA_RW | SEG_DB,
	[__USER_DS / 8] = SEG_COMMON | SEG_TYPE_DATA_RW | SEG_DB | SEG_DPL(3),
	[__USER_CS / 8] = SEG_COMMON | SEG_TYPE_CODE_RX | SEG_L | SEG_DPL(3),
};

DEFINE_PER_CPU_ALIGNED(struct tss, cpu_tss) = {
	.io_bitmap_base = sizeof(struct tss),
};

/* The boot CPU's IST stacks: needed before memory can be allocated. */
struct ist_stacks {
	u8 stack[NR_IST][IST_SIZE];
};

DEFINE_PER_CPU(unsigned long, ist_base);
static struct ist_stacks boot_ist __aligned(IST_SIZE);

/*
 * Name the IST stacks in the TSS and leave our per-CPU offset in the top word
 * of each, for the paranoid entry (traps.S).
 */
static void ist_init(struct tss *tss)
{
	unsigned long base = this_cpu_read(ist_base);

	if (!base)
		base = (unsigned long)&boot_ist;
	this_cpu_write(ist_base, base);
	for (int i = 0; i < NR_IST; i++) {
		unsigned long top = base + (i + 1) * IST_SIZE;

		((unsigned long *)top)[-1] = this_cpu_read(this_cpu_off);
		tss->ist[i] = top - 16;
	}
}

/* The 16-byte descriptor of the TSS, not busy. */
static void set_tss_descriptor(u64 *slot, const struct tss *tss, size_t size)
{
	u64 base = (u64)tss;

	slot[0] = (size - 1) | (base & 0xffffff) << 16 | SEG_TYPE_TSS |
		  SEG_P | (base >> 24 & 0xff) << 56;
	slot[1] = base >> 32;
}

void load_tss(const struct tss *tss, size_t size)
{
	set_tss_descriptor(this_cpu_ptr(&gdt[GDT_ENTRY_TSS]), tss, size);
	__asm__ __volatile__("ltr %w0" :: "r"(GDT_TSS_SEL));
}

/* CS can only be loaded by a far transfer: return to the next line. */
static void load_segments(void)
{
	__asm__ __volatile__(
		"pushq %0\n"
		"leaq 1f(%%rip), %%rax\n"
		"pushq %%rax\n"
		"lretq\n"
		"1:\n"
		"movl %1, %%ss\n"
		"movl %2, %%ds\n"
		"movl %2, %%es\n"
		:: "i"(__KERNEL_CS), "r"(__KERNEL_DS), "r"(0)
		: "rax", "memory");
}

/* Loading FS or GS clears its base: put GS's, our per-CPU data, back. */
static void load_null_fs_gs(void)
{
	unsigned long offset = this_cpu_read(this_cpu_off);

	__asm__ __volatile__("movl %0, %%fs; movl %0, %%gs" :: "r"(0));
	wrmsrl(MSR_GS_BASE, offset);
	wrmsrl(MSR_KERNEL_GS_BASE, 0);
}

void gdt_init(unsigned long top)
{
	u64 *table = this_cpu_ptr(&gdt[0]);
	struct tss *tss = this_cpu_ptr(&cpu_tss);
	struct desc_ptr ptr = { GDT_ENTRIES * 8 - 1, (u64)table };

	ist_init(tss);
	tss->sp0 = top;
	tss->io_bitmap_base = sizeof(*tss);
	set_tss_descriptor(&table[GDT_ENTRY_TSS], tss, sizeof(*tss));
	__asm__ __volatile__("lgdt %0" :: "m"(ptr));
	load_segments();
	load_null_fs_gs();
	__asm__ __volatile__("ltr %w0" :: "r"(GDT_TSS_SEL));
}

/*
 * The new copy holds what the old one held.  Tables that the CPU knows by
 * address, and the IST stacks, must follow.
 */
void arch_set_percpu_offset(unsigned long offset)
{
	wrmsrl(MSR_GS_BASE, offset);
	this_cpu_write(this_cpu_off, offset);
	if (this_cpu_read(ist_base))
		gdt_init(this_cpu_ptr(&cpu_tss)->sp0);
}
