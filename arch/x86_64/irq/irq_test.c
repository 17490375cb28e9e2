/* SPDX-License-Identifier: MIT */
/* irq_test.c -- every vector enters, is told apart, and keeps all registers */

#include "irq.h"

#include "../entry/entry.h"

#include <arch/irqflags.h>
#include <arch/smp.h>
#include <kernel/cpumask.h>
#include <kernel/percpu.h>
#include <kernel/preempt.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>

/*
 * Vectors of lines that have a device are left out: a handler may be surprised
 * by an interrupt that its device did not make.
 */
SELFTEST_SLOW(irq_every_vector_keeps_all_registers)
{
	int fired = 0;

	preempt_disable();
	for (int v = FIRST_DEVICE_VECTOR; v < 0xff; v++) {
		u64 changed;
		u8 seen;

		if (v == INT80_VECTOR || vector_to_irq(v) >= 0)
			continue;
		local_irq_disable();
		changed = irq_test_fire(irq_test_stubs +
					4 * (v - FIRST_DEVICE_VECTOR));
		seen = this_cpu_read(irq_last_vector);
		local_irq_enable();
		EXPECT(changed == 0);
		EXPECT(seen == v);
		fired++;
	}
	preempt_enable();
	EXPECT(fired > 100);
}

SELFTEST(irq_vectors_are_allocated_once)
{
	int a = vector_alloc(NR_IRQS - 1), b = vector_alloc(NR_IRQS - 2);

	REQUIRE(a >= FIRST_ALLOC_VECTOR && b >= FIRST_ALLOC_VECTOR);
	EXPECT(a != b && a != INT80_VECTOR && b <= LAST_DEVICE_VECTOR);
	EXPECT(vector_to_irq(a) == NR_IRQS - 1);
	vector_free(a);
	vector_free(b);
	EXPECT(vector_to_irq(a) == -1);
	EXPECT(vector_alloc(NR_IRQS - 1) == a);
	vector_free(a);
}

/* What an interrupt handler saw of its context. */
struct seen {
	bool irq_stack, irqs_off, in_irq;
};

static void look(void *arg)
{
	struct seen *s = arg;

	s->irq_stack = on_irq_stack((unsigned long)__builtin_frame_address(0));
	s->irqs_off = irqs_disabled();
	s->in_irq = in_hardirq();
}

SELFTEST(irq_handlers_run_on_the_irq_stack)
{
	struct seen s = { 0 };
	unsigned cpu;

	preempt_disable();
	cpu = cpumask_any_but(cpu_online_mask, smp_processor_id());
	if (cpu < nr_cpu_ids)
		smp_call_function_single(cpu, look, &s, 1);
	preempt_enable();
	if (cpu >= nr_cpu_ids) {
		selftest_skip("one CPU");
		return;
	}
	EXPECT(s.irq_stack && s.irqs_off && s.in_irq);
	EXPECT(!on_irq_stack((unsigned long)&s));
}
