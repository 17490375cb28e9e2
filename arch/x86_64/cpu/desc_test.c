/* SPDX-License-Identifier: MIT */
/* desc_test.c -- the descriptor tables, as the CPU itself reports them */

#include "cpu.h"

#include "../entry/entry.h"

#include <arch/irq.h>
#include <arch/ptrace.h>
#include <kernel/percpu.h>
#include <kernel/preempt.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>

/* The 64-bit base of a system descriptor (TSS): four pieces. */
static unsigned long descriptor_base(const u64 *d)
{
	return (d[0] >> 16 & 0xffffff) | (d[0] >> 56) << 24 | d[1] << 32;
}

SELFTEST(gdt_and_tss_are_this_cpus_own)
{
	struct desc_ptr ptr;
	u16 tr;

	preempt_disable();
	__asm__ __volatile__("sgdt %0" : "=m"(ptr));
	__asm__ __volatile__("str %0" : "=m"(tr));
	EXPECT(ptr.base == (u64)this_cpu_ptr(&gdt[0]));
	EXPECT(ptr.limit == GDT_ENTRIES * 8 - 1);
	EXPECT(tr == GDT_TSS_SEL);
	EXPECT(descriptor_base((u64 *)ptr.base + GDT_ENTRY_TSS) ==
	       (unsigned long)this_cpu_ptr(&cpu_tss));
	EXPECT(this_cpu_ptr(&cpu_tss)->io_bitmap_base >= sizeof(struct tss));
	preempt_enable();
}

/* Of each segment: present, ring, code or data, and 64-bit for code. */
SELFTEST(gdt_segments_are_flat_with_the_right_rings)
{
	const u64 *g;

	preempt_disable();
	g = this_cpu_ptr(&gdt[0]);
	EXPECT(g[0] == 0);
	EXPECT((g[__KERNEL_CS / 8] >> 40 & 0xff) == 0x9b);
	EXPECT((g[__KERNEL_DS / 8] >> 40 & 0xff) == 0x93);
	EXPECT((g[__USER_DS / 8] >> 40 & 0xfe) == 0xf2);
	EXPECT((g[__USER_CS / 8] >> 40 & 0xfe) == 0xfa);
	EXPECT(g[__KERNEL_CS / 8] >> 53 & 1);
	EXPECT(g[__USER_CS / 8] >> 53 & 1);
	EXPECT(g[__USER32_CS / 8] == 0);
	preempt_enable();
}

SELFTEST(tss_sp0_follows_the_running_task)
{
	for (int i = 0; i < 20; i++) {
		unsigned long top = (unsigned long)current->stack + THREAD_SIZE;

		preempt_disable();
		EXPECT(this_cpu_ptr(&cpu_tss)->sp0 == top);
		EXPECT(this_cpu_read(cpu_current_top_of_stack) == top);
		preempt_enable();
		yield();
	}
}

SELFTEST(ist_stacks_carry_the_percpu_offset)
{
	preempt_disable();
	for (int i = 0; i < NR_IST; i++) {
		u64 top = this_cpu_ptr(&cpu_tss)->ist[i] + 16;

		EXPECT(top % IST_SIZE == 0);
		EXPECT(((u64 *)top)[-1] == this_cpu_read(this_cpu_off));
	}
	preempt_enable();
}

SELFTEST(idt_gate_round_trip)
{
	struct idt_gate g;
	const unsigned long entry = 0xffffffff81234567;

	idt_make_gate(&g, entry, 3, 0);
	EXPECT(idt_gate_entry(&g) == entry);
	EXPECT(g.ist == 3);
	EXPECT(g.type == (GATE_PRESENT | GATE_INTERRUPT));
	EXPECT(g.selector == __KERNEL_CS);
	idt_make_gate(&g, entry, 0, 3);
	EXPECT((g.type >> 5 & 3) == 3);
}

SELFTEST(idt_opens_three_gates_to_ring_3)
{
	struct desc_ptr ptr;

	__asm__ __volatile__("sidt %0" : "=m"(ptr));
	EXPECT(ptr.base == (u64)idt);
	EXPECT(ptr.limit == 4095);
	for (int v = 0; v < NR_VECTORS; v++) {
		bool open = v == 3 || v == 4 || v == INT80_VECTOR;

		EXPECT((idt[v].type & 0x8f) ==
		       (GATE_PRESENT | GATE_INTERRUPT));
		EXPECT((idt[v].type >> 5 & 3) == (open ? 3 : 0));
	}
	EXPECT(idt[2].ist == IST_NMI && idt[8].ist == IST_DF);
	EXPECT(idt[14].ist == IST_NONE);
}
