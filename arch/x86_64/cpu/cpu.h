/* SPDX-License-Identifier: MIT */
#ifndef ARCH_X86_64_CPU_CPU_H
#define ARCH_X86_64_CPU_CPU_H
/* cpu.h -- the tables that a CPU looks at, and who sets them up */

#include <arch/kernel-layout.h>
#include <kernel/types.h>

#include "../entry/ist.h"

/* 104 bytes in long mode; only the stacks matter to us. */
struct tss {
	u32 reserved0;
	u64 sp0, sp1, sp2;         /* stack for an entry to ring 0, 1, 2 */
	u64 reserved1;
	u64 ist[7];                /* IST stacks 1 to 7 */
	u64 reserved2;
	u16 reserved3;
	u16 io_bitmap_base;        /* >= limit: ring 3 may use no port */
} __packed;

static_assert(sizeof(struct tss) == 104, "Intel SDM 8.7");

/* A gate of the IDT. */
struct idt_gate {
	u16 offset_low;
	u16 selector;
	u8 ist;                    /* 0: the current stack, or TSS.sp0 */
	u8 type;                   /* present, DPL, kind */
	u16 offset_middle;
	u32 offset_high;
	u32 reserved;
} __packed;

static_assert(sizeof(struct idt_gate) == 16, "Intel SDM 6.14.1");

#define GATE_INTERRUPT 0xe         /* clears IF; a trap gate (0xf) would not */
#define GATE_PRESENT 0x80
#define GATE_DPL(n) ((n) << 5)

struct desc_ptr {
	u16 limit;
	u64 base;
} __packed;

/* Per-CPU. */
extern u64 gdt[GDT_ENTRIES];
extern struct tss cpu_tss;
extern unsigned long ist_base;     /* the NR_IST stacks; 0: not yet */
extern struct idt_gate idt[256];   /* one for all CPUs */

/* Load GDT and TSS of the calling CPU, with `top` its ring-0 stack. */
void gdt_init(unsigned long top);
/* Make it this CPU's, `size` bytes with what follows it; irqs off. */
void load_tss(const struct tss *tss, size_t size);
/* Fill the IDT (once), and load it (each CPU). */
void idt_init(void);
void idt_load(void);
void idt_make_gate(struct idt_gate *gate, unsigned long entry, int ist, int dpl);
unsigned long idt_gate_entry(const struct idt_gate *gate);
/* MSRs of the syscall instruction; each CPU. */
void syscall_init(void);

#endif
