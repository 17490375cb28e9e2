/* SPDX-License-Identifier: MIT */
#ifndef ARCH_IRQ_H
#define ARCH_IRQ_H
/*
 * irq.h -- interrupt vectors, lines, and what the CPU side counts
 *
 *	0x00-0x1f  exceptions
 *	0x20-0xef  devices: allocated per line; 0x20-0x2f the 8259's own
 *	0x80       int 0x80
 *	0xf0-0xff  the local APIC's and CPUs' own
 */

#include <arch/percpu.h>
#include <arch/ptrace.h>
#include <kernel/types.h>

#define NR_VECTORS 256
#define FIRST_DEVICE_VECTOR 0x20
#define FIRST_ALLOC_VECTOR 0x30
#define INT80_VECTOR 0x80
#define LAST_DEVICE_VECTOR 0xef
#define LOCAL_TIMER_VECTOR 0xf0
#define RESCHEDULE_VECTOR 0xf1
#define CALL_FUNCTION_VECTOR 0xf2
#define CALL_FUNCTION_SINGLE_VECTOR 0xf3
#define ERROR_APIC_VECTOR 0xfe
#define SPURIOUS_APIC_VECTOR 0xff

#define NR_IRQS 256
#define NR_ISA_IRQS 16

/*
 * Upward (kernel/irq): one interrupt of line `irq`; irqs off, on the interrupt
 * stack.  It does irq_enter() and irq_exit() itself.
 */
void do_irq(unsigned int irq, struct pt_regs *regs);

/* Set the controllers up: 8259 off or remapped, local APIC, I/O APICs. */
void arch_irq_init(void);
/* The lines' chips and handlers: after kernel/irq has its descriptors. */
void arch_irq_setup_lines(void);
/* The IRQ number of an I/O APIC input (GSI), set up as told; or -errno. */
int acpi_register_gsi(u32 gsi, bool level, bool active_low);
/* The IRQ number of an ISA line, after overrides. */
int isa_irq_to_irq(unsigned int isa_irq);
struct irq_data;
struct msi_msg;
/*
 * Messages in place of lines: the bus's irq_chip (drivers/pci/msi.c) knows how
 * a device is told its message, these what the message is.  `movable`: the
 * message can be changed as a whole, so a vector on one CPU is enough.
 */
/* A new irq with a vector on `cpu`, and its message; or -errno.  May sleep. */
int arch_alloc_msi(struct msi_msg *msg, unsigned int cpu, bool movable);
void arch_free_msi(int irq);
/* The message that makes irq arrive at `cpu`; 0, -ENOSPC.  desc->lock held. */
int arch_move_msi(unsigned int irq, unsigned int cpu, struct msi_msg *msg);
/* For irq_chip: end of interrupt; raise it once more. */
void arch_msi_ack(struct irq_data *d);
int arch_msi_retrigger(struct irq_data *d);

/* Counts that no irq_desc has; the last rows of /proc/interrupts. */
enum irq_stat {
	IRQ_STAT_NMI, IRQ_STAT_LOC, IRQ_STAT_SPU, IRQ_STAT_RES, IRQ_STAT_CAL,
	IRQ_STAT_TLB, IRQ_STAT_TRM, IRQ_STAT_MCE, IRQ_STAT_ERR, NR_IRQ_STATS
};

struct irq_cpu_stat {
	unsigned long count[NR_IRQ_STATS];
};

extern struct irq_cpu_stat irq_stat;        /* per-CPU */
#define inc_irq_stat(which) this_cpu_inc(irq_stat.count[IRQ_STAT_##which])

/* Row `i` of those: its label and text, NULL past the last; per-CPU count. */
const char *arch_irq_stat_name(int i, const char **text);
unsigned long arch_irq_stat_count(int i, int cpu);

/* The bounds of the running CPU's interrupt stack, if addr is on it. */
bool irq_stack_of(unsigned long addr, unsigned long *low, unsigned long *high);
/* Is this address on the interrupt stack of the running CPU? */
bool on_irq_stack(unsigned long addr);

#endif
