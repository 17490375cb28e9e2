/* SPDX-License-Identifier: MIT */
/*
 * ipi.c -- interrupting another CPU, and stopping all of them
 *
 * IDEA.  Every IPI goes to one APIC id by physical destination: with at most
 * 16 CPUs a loop costs less than keeping logical ids right.
 *
 * Stopping uses an NMI, which a CPU that spins with irqs off takes as well: a
 * panic must not be overwritten by CPUs that go on.
 */

#include "smp.h"

#include "../cpu/traps.h"
#include "../irq/irq.h"

#include <arch/reboot.h>
#include <arch/smp.h>
#include <kernel/cpumask.h>
#include <kernel/irq.h>

/* CPU that stops the others, plus one. */
static int stopper;

void smp_send_reschedule(int cpu)
{
	lapic_send_ipi(cpu_physical_id(cpu), RESCHEDULE_VECTOR);
}

void arch_send_call_function_single_ipi(int cpu)
{
	lapic_send_ipi(cpu_physical_id(cpu), CALL_FUNCTION_SINGLE_VECTOR);
}

void arch_send_call_function_ipi_mask(const struct cpumask *mask)
{
	unsigned cpu;

	for_each_cpu(cpu, mask)
		lapic_send_ipi(cpu_physical_id(cpu), CALL_FUNCTION_VECTOR);
}

void nmi_stop_check(void)
{
	int by = READ_ONCE(stopper);

	if (by && by != raw_smp_processor_id() + 1)
		stop_this_cpu();
}

void smp_send_stop(void)
{
	int self = raw_smp_processor_id(), expected = 0;
	unsigned cpu;

	if (!apic_available() ||
	    !try_cmpxchg(&stopper, &expected, self + 1))
		return;
	for_each_online_cpu(cpu)
		if (cpu != self)
			lapic_send_ipi(cpu_physical_id(cpu), DELIVER_NMI);
}
