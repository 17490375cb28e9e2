/* SPDX-License-Identifier: MIT */
/*
 * trap.c -- exceptions before there is an IDT proper
 *
 * Without this a fault in the first thousand instructions is a triple fault:
 * the machine resets and says nothing.  With it, it says vector, error code,
 * rip and cr2, and stops.  cpu/idt.c replaces the table later.
 */

#include "internal.h"

#include <arch/cpu.h>
#include <arch/kernel-layout.h>

enum { NR_EXCEPTIONS = 32, STUB_SIZE = 16, GATE_INTERRUPT = 0x8e00 };

struct idt_gate {
	u16 offset_low;
	u16 selector;
	u16 type;
	u16 offset_middle;
	u32 offset_high;
	u32 zero;
} __packed;

static_assert(sizeof(struct idt_gate) == 16, "SDM vol. 3, 6.14.1");

struct table_register {
	u16 limit;
	u64 base;
} __packed;

static struct idt_gate early_idt[NR_EXCEPTIONS];

void early_idt_load(void)
{
	struct table_register idtr = { sizeof(early_idt) - 1, (u64)early_idt };

	for (int i = 0; i < NR_EXCEPTIONS; i++) {
		u64 stub = (u64)early_trap_stubs + i * STUB_SIZE;

		early_idt[i] = (struct idt_gate){
			.offset_low = (u16)stub,
			.selector = __KERNEL_CS,
			.type = GATE_INTERRUPT,
			.offset_middle = (u16)(stub >> 16),
			.offset_high = (u32)(stub >> 32),
		};
	}
	__asm__ volatile("lidt %0" : : "m"(idtr));
}

static void say(const char *name, u64 value)
{
	early_puts(name);
	early_puthex(value);
}

void early_trap(struct early_frame *f)
{
	early_puts("\nLantern: exception before the kernel was up\n");
	say("vector ", f->vector);
	say(" error ", f->error);
	say("\nrip ", f->rip);
	say(" rsp ", f->rsp);
	say("\ncr2 ", read_cr2());
	say(" cr3 ", read_cr3());
	say("\nrax ", f->rax);
	say(" rdi ", f->rdi);
	early_puts("\ncalled from\n");
	for (u64 *bp = (u64 *)f->rbp; bp && bp[1]; bp = (u64 *)bp[0]) {
		say("  ", bp[1]);
		early_putc('\n');
	}
}
