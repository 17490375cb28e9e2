/* SPDX-License-Identifier: MIT */
#ifndef ARCH_SMP_H
#define ARCH_SMP_H
/*
 * smp.h -- which CPU this is, and how to reach the others
 *
 * The function-call half (smp_call_function_many...) is in kernel/smp.h.
 */

#include <arch/percpu.h>
#include <kernel/types.h>

struct cpumask;
struct task_struct;

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
/*
 * Start every present CPU with the idle task that idle_of() gives (NULL: leave
 * it off); boot CPU, process context.  arch_cpu_up: one of them; 0 or -errno.
 */
void smp_init(struct task_struct *(*idle_of)(int cpu));
int arch_cpu_up(int cpu, struct task_struct *idle);
/* Number the CPUs that ACPI registered: before setup_per_cpu_areas(). */
void smp_prepare_cpus(void);
/* Stop all other CPUs for good, even those with irqs off; any context. */
void smp_send_stop(void);
/*
 * Print the call chain of another CPU, got by an NMI; only_irqs_off: unless it
 * turns out to have interrupts on.  Was it printed?  Any context but NMI.
 */
bool arch_cpu_backtrace(int cpu, bool only_irqs_off);
/*
 * A started CPU's first C, from the trampoline; and the upward door at its end
 * (kernel/init): online, timer running, irqs still off, idle task current.
 */
void smp_cpu_entry(void);
void kmain_ap(unsigned int cpu);
/* Local APIC id of a logical CPU. */
u32 cpu_physical_id(int cpu);

#endif
