/* SPDX-License-Identifier: MIT */
/*
 * i8259.c -- the PC's first interrupt controllers, two 8259A in cascade
 *
 * Fifteen lines: eight at the master (port 0x20), the slave (0xa0) on its line
 * 2.  The firmware leaves them at vectors 8-15, where they look like
 * exceptions; so they are moved to 0x20 first of all, and masked.  With an I/O
 * APIC that is all.  Without one they are the controller of the machine.
 *
 * A line that drops before it is acknowledged shows up as line 7 (or 15) that
 * is not in service: a spurious interrupt, which must not be acknowledged.
 *
 * SEE Intel 8259A data sheet.
 */

#include "irq.h"

#include <arch/io.h>
#include <kernel/irq.h>
#include <kernel/spinlock.h>

#define PIC_MASTER 0x20
#define PIC_SLAVE 0xa0
#define PIC_DATA 1                  /* offset of the data (mask) port */
#define ICW1_INIT 0x11              /* edge, cascade, ICW4 follows */
#define ICW4_8086 0x01
#define OCW2_SPECIFIC_EOI 0x60
#define OCW3_READ_ISR 0x0b
#define CASCADE_LINE 2

static DEFINE_RAW_SPINLOCK(pic_lock);
static u16 pic_mask = 0xffff & ~(1 << CASCADE_LINE);    /* [pic_lock] */

static void write_mask(unsigned int irq)
{
	if (irq < 8)
		outb(pic_mask, PIC_MASTER + PIC_DATA);
	else
		outb(pic_mask >> 8, PIC_SLAVE + PIC_DATA);
}

static void pic_mask_irq(struct irq_data *d)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pic_lock, flags);
	pic_mask |= 1 << d->irq;
	write_mask(d->irq);
	raw_spin_unlock_irqrestore(&pic_lock, flags);
}

static void pic_unmask_irq(struct irq_data *d)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pic_lock, flags);
	pic_mask &= ~(1 << d->irq);
	write_mask(d->irq);
	raw_spin_unlock_irqrestore(&pic_lock, flags);
}

static void pic_mask_ack_irq(struct irq_data *d)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pic_lock, flags);
	pic_mask |= 1 << d->irq;
	write_mask(d->irq);
	if (d->irq >= 8) {
		outb(OCW2_SPECIFIC_EOI | (d->irq & 7), PIC_SLAVE);
		outb(OCW2_SPECIFIC_EOI | CASCADE_LINE, PIC_MASTER);
	} else {
		outb(OCW2_SPECIFIC_EOI | d->irq, PIC_MASTER);
	}
	raw_spin_unlock_irqrestore(&pic_lock, flags);
}

static const struct irq_chip pic_chip = {
	.name = "XT-PIC",
	.irq_mask = pic_mask_irq,
	.irq_unmask = pic_unmask_irq,
	.irq_mask_ack = pic_mask_ack_irq,
};

bool pic_irq_real(unsigned int irq)
{
	u16 port = irq < 8 ? PIC_MASTER : PIC_SLAVE;
	unsigned long flags;
	u8 isr;

	if (irq != 7 && irq != 15)
		return true;
	raw_spin_lock_irqsave(&pic_lock, flags);
	outb(OCW3_READ_ISR, port);
	isr = inb(port);
	if (irq == 15 && !(isr & 0x80))         /* the master did see one */
		outb(OCW2_SPECIFIC_EOI | CASCADE_LINE, PIC_MASTER);
	raw_spin_unlock_irqrestore(&pic_lock, flags);
	return isr & 0x80;
}

static void program_one(u16 port, u8 vector, u8 cascade)
{
	outb(ICW1_INIT, port);
	io_delay();
	outb(vector, port + PIC_DATA);
	io_delay();
	outb(cascade, port + PIC_DATA);
	io_delay();
	outb(ICW4_8086, port + PIC_DATA);
	io_delay();
}

void pic_init(void)
{
	program_one(PIC_MASTER, FIRST_DEVICE_VECTOR, 1 << CASCADE_LINE);
	program_one(PIC_SLAVE, FIRST_DEVICE_VECTOR + 8, CASCADE_LINE);
	outb(0xff, PIC_MASTER + PIC_DATA);
	outb(0xff, PIC_SLAVE + PIC_DATA);
}

/* The machine has no I/O APIC: these lines are the ISA irqs. */
void pic_setup_lines(void)
{
	write_mask(0);
	write_mask(8);
	for (int i = 0; i < NR_ISA_IRQS; i++) {
		vector_bind(FIRST_DEVICE_VECTOR + i, i);
		irq_set_chip_and_handler_name(i, &pic_chip, handle_level_irq,
					      "level");
	}
}
