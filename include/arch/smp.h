/* SPDX-License-Identifier: MIT */
#ifndef ARCH_SMP_H
#define ARCH_SMP_H
/*
 * smp.h -- which CPU this is, and how to reach the others
 *
 * The function-call half (smp_call_function...) is in kernel/smp.h.
 */

#include <arch/percpu.h>
#include <kernel/types.h>

struct cpumask;

extern unsigned int cpu_number;         /* per-CPU */

/* Stable only while preemption is off. */
#define raw_smp_processor_id() this_cpu_read(cpu_number)
#ifndef smp_processor_id
#define smp_processor_id() raw_smp_processor_id()
#endif

/* Make `cpu` pass through its interrupt exit, where it looks for resched. */
void smp_send_reschedule(int cpu);
/* Interrupt `cpu` (each of the mask) to run its queue of function calls. */
void arch_send_call_function_single_ipi(int cpu);
void arch_send_call_function_ipi_mask(const struct cpumask *mask);
/* Start every present CPU; boot CPU, process context.  Sets cpu_online. */
void smp_init(void);
/* Find out which CPUs there are, from what ACPI registered. */
void smp_prepare_cpus(void);
/* Stop all other CPUs for good, even those with irqs off; any context. */
void smp_send_stop(void);
/*
 * The first code of a started CPU in C (from the trampoline), and its second
 * half, called from kmain_ap() with its scheduler data ready.
 */
void smp_cpu_entry(void);
/* Local APIC id of a logical CPU, and back (-1: none). */
u32 cpu_physical_id(int cpu);
int cpu_from_apicid(u32 apicid);

#endif
