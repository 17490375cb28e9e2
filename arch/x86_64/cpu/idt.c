/* SPDX-License-Identifier: MIT */
/*
 * idt.c -- the table that says where each of the 256 vectors enters the kernel
 *
 * All gates are interrupt gates (IF is cleared on the way in), and all but
 * int3, into and int 0x80 have DPL 0: an INT n by a user program with another
 * number is a general-protection fault.  Hardware interrupts ignore the DPL.
 * One table for all CPUs; constant once the boot CPU has filled it.
 */

#include "cpu.h"

#include "../entry/entry.h"

#include <arch/irq.h>

struct idt_gate idt[NR_VECTORS] __aligned(4096);

/* Compose a gate; pure. */
void idt_make_gate(struct idt_gate *gate, unsigned long entry, int ist, int dpl)
{
	*gate = (struct idt_gate){
		.offset_low = entry,
		.selector = __KERNEL_CS,
		.ist = ist,
		.type = GATE_PRESENT | GATE_DPL(dpl) | GATE_INTERRUPT,
		.offset_middle = entry >> 16,
		.offset_high = entry >> 32,
	};
}

/* The inverse of its address part. */
unsigned long idt_gate_entry(const struct idt_gate *gate)
{
	return gate->offset_low | (unsigned long)gate->offset_middle << 16 |
	       (unsigned long)gate->offset_high << 32;
}

void idt_init(void)
{
	for (int v = 0; v < FIRST_DEVICE_VECTOR; v++)
		idt_make_gate(&idt[v], (unsigned long)trap_reserved, 0, 0);
#define SET_TRAP(name, vector, ist, dpl) \
	idt_make_gate(&idt[vector], (unsigned long)trap_##name, ist, dpl);
	FOR_EACH_TRAP(SET_TRAP)

	for (int v = FIRST_DEVICE_VECTOR; v < NR_VECTORS; v++)
		idt_make_gate(&idt[v], (unsigned long)irq_stubs +
			      (v - FIRST_DEVICE_VECTOR) * 8, 0, 0);
	idt_make_gate(&idt[INT80_VECTOR], (unsigned long)entry_int80, 0, 3);
}

void idt_load(void)
{
	struct desc_ptr ptr = { sizeof(idt) - 1, (u64)idt };

	__asm__ __volatile__("lidt %0" :: "m"(ptr));
}
