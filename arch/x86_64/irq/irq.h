/* SPDX-License-Identifier: MIT */
#ifndef ARCH_X86_64_IRQ_IRQ_H
#define ARCH_X86_64_IRQ_IRQ_H
/* irq.h -- the interrupt controllers among themselves */

#include <arch/apic.h>
#include <arch/irq.h>
#include <arch/ptrace.h>
#include <kernel/types.h>

struct cpumask;

/* --- lapic.c -------------------------------------------------------------- */

enum lapic_reg {
	LAPIC_ID = 0x020, LAPIC_VERSION = 0x030, LAPIC_TPR = 0x080,
	LAPIC_EOI = 0x0b0, LAPIC_LDR = 0x0d0, LAPIC_DFR = 0x0e0,
	LAPIC_SPIV = 0x0f0, LAPIC_ISR = 0x100, LAPIC_IRR = 0x200,
	LAPIC_ESR = 0x280, LAPIC_ICR = 0x300, LAPIC_ICR_HIGH = 0x310,
	LAPIC_LVT_TIMER = 0x320, LAPIC_LVT_THERMAL = 0x330,
	LAPIC_LVT_PERF = 0x340, LAPIC_LVT_LINT0 = 0x350,
	LAPIC_LVT_LINT1 = 0x360, LAPIC_LVT_ERROR = 0x370,
	LAPIC_TIMER_INIT = 0x380, LAPIC_TIMER_COUNT = 0x390,
	LAPIC_TIMER_DIV = 0x3e0,
};

#define LVT_MASKED (1 << 16)
#define LVT_PERIODIC (1 << 17)
#define LVT_TSC_DEADLINE (2 << 17)
#define DELIVER_FIXED (0 << 8)
#define DELIVER_NMI (4 << 8)
#define DELIVER_INIT (5 << 8)
#define DELIVER_STARTUP (6 << 8)
#define DELIVER_EXTINT (7 << 8)
#define ICR_BUSY (1 << 12)
#define ICR_ASSERT (1 << 14)
#define ICR_LEVEL (1 << 15)

u32 lapic_read(enum lapic_reg reg);
void lapic_write(enum lapic_reg reg, u32 v);
/* Send an interrupt to the local APIC `apic_id`; any context. */
void lapic_send_ipi(u32 apic_id, u32 what);
/* Enable the calling CPU's local APIC; irqs off. */
void lapic_cpu_init(void);
/* Find and map it; boot CPU.  False: there is none. */
bool lapic_setup(void);
/* Let the 8259's interrupts through LINT0 of this CPU (no I/O APIC). */
void lapic_accept_extint(void);

/* --- i8259.c -------------------------------------------------------------- */
void pic_init(void);                    /* remapped to 0x20, all masked */
void pic_setup_lines(void);
/* Is the interrupt that the pair signals on this line a real one? */
bool pic_irq_real(unsigned int irq);

/* --- ioapic.c ------------------------------------------------------------- */
bool ioapic_setup(void);                /* false: there is none */
void ioapic_setup_lines(void);

/* --- vector.c ------------------------------------------------------------- */
/* Reserve a vector for irq on all CPUs; or -ENOSPC. */
int vector_alloc(unsigned int irq);
void vector_free(int vector);
/* The same on these CPUs only. */
int vector_alloc_on(unsigned int irq, const struct cpumask *cpus);
void vector_free_on(int vector, const struct cpumask *cpus);
/* Bind a fixed vector (the 8259's). */
void vector_bind(int vector, unsigned int irq);
/* The irq behind it on this CPU; -1: none. */
int vector_to_irq(u8 vector);

/* --- entry.c -------------------------------------------------------------- */
/* The functions of the vectors from 0xf0 on; set before irqs are on. */
void set_system_vector(u8 vector, void (*fn)(struct pt_regs *regs));
/* Give `cpu` a stack for its interrupts; boot CPU: a static one. */
void irq_stack_set(int cpu, void *stack);

/* For the self-test: the last vector (per-CPU); fire.S. */
extern u8 irq_last_vector;
extern char irq_test_stubs[];
u64 irq_test_fire(void *stub);

#endif
