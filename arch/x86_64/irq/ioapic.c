/* SPDX-License-Identifier: MIT */
/*
 * ioapic.c -- where the devices' interrupt lines end
 *
 * An I/O APIC has some 24 inputs and for each a 64-bit redirection entry:
 * which vector, to which CPU, edge or level, high or low, masked.  Inputs of
 * all I/O APICs are numbered through as GSIs.  The firmware tells where ISA
 * lines arrive if not at the GSI of their own number (the timer: line 0 at
 * input 2 nearly always).
 *
 * Our irq numbers: an ISA line keeps its number 0-15, whatever its input; any
 * other input is irq = GSI.
 *
 *	edge   handle_edge_irq:    ack = EOI at once, then the handlers
 *	level  handle_fasteoi_irq: the handlers, then EOI, which also tells the
 *	       I/O APIC that it may raise the line again
 *
 * LOCKING.  ioapic_lock: index and data register are two accesses.  A line's
 * entry is written under its irq_desc lock, taken before ioapic_lock.
 *
 * SEE Intel 82093AA data sheet; ACPI 6.4, 5.2.12.
 */

#include "irq.h"

#include <arch/bitops.h>
#include <arch/io.h>
#include <arch/page.h>
#include <arch/smp.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>

#define MAX_IOAPICS 8
#define IOREGSEL 0x00
#define IOWIN 0x10
#define IOAPIC_VERSION 1
#define IOAPIC_REDIR(pin) (0x10 + 2 * (pin))
#define REDIR_LOW_ACTIVE (1 << 13)
#define REDIR_LEVEL (1 << 15)
#define REDIR_MASKED (1 << 16)
#define MADT_LOW_ACTIVE(flags) (((flags) & 3) == 3)
#define MADT_LEVEL(flags) (((flags) >> 2 & 3) == 3)

struct ioapic {
	void __iomem *base;
	phys_addr_t phys;
	u32 id, gsi_base, nr_pins;
};

/* A line of ours: its input, and what its entry says. */
struct line {
	struct ioapic *apic;        /* NULL: not set up */
	u32 pin;
	u32 low;                    /* entry bits 0-31, the mask bit as is */
	u32 dest;                   /* APIC id */
};

static struct ioapic ioapics[MAX_IOAPICS];
static int nr_ioapics;
static struct line lines[NR_IRQS];
static DEFINE_RAW_SPINLOCK(ioapic_lock);

/* ISA line -> GSI and MADT flags; identity where the firmware is silent. */
static u32 isa_gsi[NR_ISA_IRQS] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
				    13, 14, 15 };
static u16 isa_flags[NR_ISA_IRQS];

static u32 ioapic_read(struct ioapic *a, u32 reg)
{
	writel(reg, a->base + IOREGSEL);
	return readl(a->base + IOWIN);
}

static void ioapic_write(struct ioapic *a, u32 reg, u32 v)
{
	writel(reg, a->base + IOREGSEL);
	writel(v, a->base + IOWIN);
}

/* Masked while the halves differ; then as line->low says. */
static void write_entry(const struct line *l)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ioapic_lock, flags);
	ioapic_write(l->apic, IOAPIC_REDIR(l->pin), l->low | REDIR_MASKED);
	ioapic_write(l->apic, IOAPIC_REDIR(l->pin) + 1, l->dest << 24);
	if (!(l->low & REDIR_MASKED))
		ioapic_write(l->apic, IOAPIC_REDIR(l->pin), l->low);
	raw_spin_unlock_irqrestore(&ioapic_lock, flags);
}

static void write_low(const struct line *l)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ioapic_lock, flags);
	ioapic_write(l->apic, IOAPIC_REDIR(l->pin), l->low);
	raw_spin_unlock_irqrestore(&ioapic_lock, flags);
}

static void ioapic_mask(struct irq_data *d)
{
	struct line *l = d->chip_data;

	l->low |= REDIR_MASKED;
	write_low(l);
}

static void ioapic_unmask(struct irq_data *d)
{
	struct line *l = d->chip_data;

	l->low &= ~REDIR_MASKED;
	write_low(l);
}

static void ioapic_ack(struct irq_data *d)
{
	apic_eoi();
}

static int ioapic_set_affinity(struct irq_data *d, const struct cpumask *m,
			       bool force)
{
	struct line *l = d->chip_data;
	unsigned cpu = cpumask_first_and(m, cpu_online_mask);

	if (cpu >= nr_cpu_ids)
		return -EINVAL;
	l->dest = cpu_physical_id(cpu);
	write_entry(l);
	d->affinity = *m;
	return 0;
}

/* Ask the local APIC to deliver the vector once more, to ourselves. */
static int ioapic_retrigger(struct irq_data *d)
{
	struct line *l = d->chip_data;

	lapic_send_ipi(l->dest, DELIVER_FIXED | (l->low & 0xff));
	return 1;
}

static const struct irq_chip ioapic_chip = {
	.name = "IO-APIC",
	.irq_mask = ioapic_mask,
	.irq_unmask = ioapic_unmask,
	.irq_ack = ioapic_ack,
	.irq_eoi = ioapic_ack,
	.irq_set_affinity = ioapic_set_affinity,
	.irq_retrigger = ioapic_retrigger,
};

static struct ioapic *ioapic_of_gsi(u32 gsi)
{
	for (int i = 0; i < nr_ioapics; i++) {
		struct ioapic *a = &ioapics[i];

		if (a->base && gsi >= a->gsi_base &&
		    gsi < a->gsi_base + a->nr_pins)
			return a;
	}
	return NULL;
}

/* Bind irq to an input; the vector is kept if it has one already. */
static int setup_line(unsigned int irq, u32 gsi, bool level, bool active_low)
{
	struct ioapic *a = ioapic_of_gsi(gsi);
	struct line *l = &lines[irq];
	int vector = l->low & 0xff;

	if (!a)
		return -ENODEV;
	if (!l->apic)
		vector = vector_alloc(irq);
	if (vector < 0)
		return vector;
	l->apic = a;
	l->pin = gsi - a->gsi_base;
	l->dest = apic_id_self();
	l->low = vector | DELIVER_FIXED | REDIR_MASKED |
		 (level ? REDIR_LEVEL : 0) |
		 (active_low ? REDIR_LOW_ACTIVE : 0);
	write_entry(l);
	irq_set_chip_data(irq, l);
	irq_set_chip_and_handler_name(irq, &ioapic_chip,
				      level ? handle_fasteoi_irq
					    : handle_edge_irq,
				      level ? "fasteoi" : "edge");
	return irq;
}

void arch_register_ioapic(u32 id, phys_addr_t phys, u32 gsi_base)
{
	if (nr_ioapics == MAX_IOAPICS) {
		pr_warn("ioapic: more than %d, one ignored\n", MAX_IOAPICS);
		return;
	}
	ioapics[nr_ioapics++] = (struct ioapic){
		.phys = phys, .id = id, .gsi_base = gsi_base };
}

void arch_register_irq_override(u32 isa_irq, u32 gsi, u16 flags)
{
	if (isa_irq >= NR_ISA_IRQS)
		return;
	isa_gsi[isa_irq] = gsi;
	isa_flags[isa_irq] = flags;
}

int isa_irq_to_irq(unsigned int isa_irq)
{
	return isa_irq;
}

/* The ISA line that arrives at a GSI; -1: none does. */
static int gsi_to_isa(u32 gsi)
{
	for (int i = 0; i < NR_ISA_IRQS; i++)
		if (isa_gsi[i] == gsi && lines[i].apic)
			return i;
	return -1;
}

int acpi_register_gsi(u32 gsi, bool level, bool active_low)
{
	int irq = gsi_to_isa(gsi);

	if (!nr_ioapics)
		return gsi < NR_ISA_IRQS ? (int)gsi : -ENODEV;
	if (irq < 0)
		irq = gsi;
	if (irq >= NR_IRQS)
		return -ENODEV;
	if (lines[irq].apic && !!(lines[irq].low & REDIR_LEVEL) == level &&
	    !!(lines[irq].low & REDIR_LOW_ACTIVE) == active_low)
		return irq;             /* shared: as it is */
	return setup_line(irq, gsi, level, active_low);
}

/* Map the controllers and mask every input. */
bool ioapic_setup(void)
{
	for (int i = 0; i < nr_ioapics; i++) {
		struct ioapic *a = &ioapics[i];

		a->base = ioremap(a->phys, PAGE_SIZE);
		if (!a->base)
			continue;
		a->nr_pins = (ioapic_read(a, IOAPIC_VERSION) >> 16 & 0xff) + 1;
		for (u32 pin = 0; pin < a->nr_pins; pin++)
			ioapic_write(a, IOAPIC_REDIR(pin), REDIR_MASKED);
		pr_info("ioapic: id %u at %llx, GSI %u-%u\n", a->id,
			(unsigned long long)a->phys, a->gsi_base,
			a->gsi_base + a->nr_pins - 1);
	}
	return nr_ioapics > 0;
}

void ioapic_setup_lines(void)
{
	for (int i = 0; i < NR_ISA_IRQS; i++) {
		bool moved_over = false;

		/* An input that an override took is not line i's any more. */
		for (int j = 0; j < NR_ISA_IRQS; j++)
			moved_over |= j != i && isa_gsi[j] == isa_gsi[i] &&
				      isa_gsi[i] == (u32)i;
		if (!moved_over)
			setup_line(i, isa_gsi[i], MADT_LEVEL(isa_flags[i]),
				   MADT_LOW_ACTIVE(isa_flags[i]));
	}
}
