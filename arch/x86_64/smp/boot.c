/* SPDX-License-Identifier: MIT */
/*
 * boot.c -- finding the other CPUs and starting them
 *
 * IDEA.  The firmware starts one CPU and leaves the others in "wait for SIPI".
 * The ACPI table lists their APIC ids.  For each, in turn:
 *
 *	boot CPU (arch_cpu_up)              new CPU
 *	its per-CPU data, stacks, idle task
 *	write stack and entry into the trampoline
 *	INIT, SIPI, and SIPI again          trampoline.S
 *	                                    smp_cpu_entry(): tables, APIC, FPU
 *	wait for `alive`         <-         set alive
 *	TSC check                <->        TSC check
 *	wait for online          <-         set online, timer, kmain_ap()
 *
 * CPU numbers: the boot CPU is 0, the others follow in the table's order.
 *
 * A CPU that does not answer in three seconds is left out, with a message; the
 * machine runs with the others.
 *
 * LOCKING.  Boot: one CPU starts the others one after another, in process
 * context.  cpu_alive is the only word that both sides write.
 */

#include "smp.h"
#include "trampoline.h"

#include "../cpu/cpu.h"
#include "../irq/irq.h"

#include <arch/apic.h>
#include <arch/cpu.h>
#include <arch/cpufeature.h>
#include <arch/fpu.h>
#include <arch/mmu.h>
#include <arch/page.h>
#include <arch/pgtable.h>
#include <arch/processor.h>
#include <arch/smp.h>
#include <arch/time.h>
#include <kernel/cpumask.h>
#include <kernel/delay.h>
#include <kernel/err.h>
#include <kernel/init.h>
#include <kernel/sprintf.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <mm/gfp.h>

#define ANSWER_NS 3000000000ULL

/* What ACPI told, in its order. */
static u32 found_apic_id[NR_CPUS];
static unsigned int nr_found, nr_too_many;
static u32 cpu_apic_id[NR_CPUS];
static unsigned int max_cpus = NR_CPUS;
static int cpu_alive;               /* the CPU that has reached C */

static int __init nosmp_param(char *value)
{
	max_cpus = 1;
	return 0;
}
__setup("nosmp", nosmp_param);

static int __init maxcpus_param(char *value)
{
	unsigned int n;

	if (kstrtouint(value, 0, &n))
		return -EINVAL;
	max_cpus = n ? n : 1;
	return 0;
}
__setup("maxcpus=", maxcpus_param);

void arch_register_lapic(u32 acpi_id, u32 apic_id, bool enabled)
{
	if (!enabled)
		return;
	if (nr_found == NR_CPUS)
		nr_too_many++;
	else
		found_apic_id[nr_found++] = apic_id;
}

void arch_register_lapic_nmi(u32 acpi_id, u16 flags, u8 lint)
{
	/* LINT1 on all CPUs, as wired since the first PC: see
	 * lapic_cpu_init. */
}

u32 cpu_physical_id(int cpu)
{
	return cpu_apic_id[cpu];
}

/*
 * Number the CPUs.  Before setup_per_cpu_areas(), which gives each possible
 * one its copy; reads the boot CPU's id by CPUID, for no APIC is mapped yet.
 */
void smp_prepare_cpus(void)
{
	u32 self = apic_id_self();
	unsigned int n = 1;

	cpu_apic_id[0] = self;
	set_cpu_possible(0);
	set_cpu_present(0);
	set_cpu_online(0, true);
	for (unsigned int i = 0; i < nr_found && n < max_cpus; i++) {
		if (found_apic_id[i] == self)
			continue;
		if (n == NR_CPUS)
			break;
		cpu_apic_id[n] = found_apic_id[i];
		set_cpu_possible(n);
		set_cpu_present(n);
		n++;
	}
	nr_cpu_ids = n;
	if (nr_too_many)
		pr_warn("smp: %u CPUs beyond %d are not used\n", nr_too_many,
			NR_CPUS);
}

/* A variable of the trampoline, where it was copied to. */
static u64 *tr_var(u64 *var)
{
	return __va(TRAMPOLINE_PHYS + ((char *)var - trampoline_start));
}

static int prepare_stacks(int cpu)
{
	unsigned long irq = __get_free_pages(GFP_KERNEL, THREAD_SIZE_ORDER);
	unsigned long ist = __get_free_pages(GFP_KERNEL,
					     get_order(NR_IST * IST_SIZE));

	if (!irq || !ist) {
		if (irq)
			free_pages(irq, THREAD_SIZE_ORDER);
		return -ENOMEM;
	}
	irq_stack_set(cpu, (void *)irq);
	per_cpu(ist_base, cpu) = ist;
	return 0;
}

static void prepare_trampoline(int cpu, struct task_struct *idle)
{
	memcpy(__va(TRAMPOLINE_PHYS), trampoline_start,
	       trampoline_end - trampoline_start);
	*tr_var(&tr_cr3) = trampoline_pgd();
	*tr_var(&tr_stack) = (u64)idle->stack + THREAD_SIZE;
	*tr_var(&tr_gs_base) = per_cpu_offset(cpu);
	*tr_var(&tr_entry) = (u64)smp_cpu_entry;
}

static bool is_alive(int cpu)
{
	return smp_load_acquire(&cpu_alive) == cpu;
}

static bool is_online(int cpu)
{
	return cpu_online(cpu);
}

/* Wait, asleep, until the new CPU has got so far; false after some seconds. */
static bool wait_until(bool (*ready)(int cpu), int cpu)
{
	u64 end = native_sched_clock() + ANSWER_NS;

	while (!ready(cpu)) {
		if (native_sched_clock() > end)
			return false;
		usleep_range(20, 50);
	}
	return true;
}

/*
 * INIT resets the CPU, the SIPI starts it (CPUs since the Pentium 4 need no
 * long pause between them); the second SIPI is for one that missed the first,
 * and is ignored by one that runs.
 */
static void send_init_sipi(u32 apic_id)
{
	u32 sipi = DELIVER_STARTUP | TRAMPOLINE_PHYS >> 12;

	lapic_send_ipi(apic_id, DELIVER_INIT | ICR_LEVEL);
	udelay(10);
	lapic_send_ipi(apic_id, sipi);
	usleep_range(200, 300);
	if (!READ_ONCE(cpu_alive))
		lapic_send_ipi(apic_id, sipi);
}

int arch_cpu_up(int cpu, struct task_struct *idle)
{
	unsigned long flags;
	int err = prepare_stacks(cpu);

	if (err)
		return err;
	per_cpu(cpu_number, cpu) = cpu;
	per_cpu(this_cpu_off, cpu) = per_cpu_offset(cpu);
	per_cpu(current_task, cpu) = idle;
	prepare_trampoline(cpu, idle);
	WRITE_ONCE(cpu_alive, 0);
	send_init_sipi(cpu_apic_id[cpu]);
	if (!wait_until(is_alive, cpu)) {
		pr_err("smp: CPU %d (APIC id %u) does not answer\n", cpu,
		       cpu_apic_id[cpu]);
		return -EIO;
	}
	local_irq_save(flags);
	tsc_sync_source(cpu);
	local_irq_restore(flags);
	if (!wait_until(is_online, cpu)) {
		pr_err("smp: CPU %d is stuck\n", cpu);
		return -EIO;
	}
	return 0;
}

void smp_init(struct task_struct *(*idle_of)(int cpu))
{
	unsigned cpu;

	call_function_init();
	if (!apic_available())
		return;
	for_each_present_cpu(cpu) {
		struct task_struct *idle;

		if (cpu_online(cpu))
			continue;
		idle = idle_of(cpu);
		if (!IS_ERR_OR_NULL(idle))
			arch_cpu_up(cpu, idle);
	}
	pr_info("smp: %u CPUs online\n", num_online_cpus());
}

/* The first C of a new CPU: irqs off, on its idle task's stack. */
void smp_cpu_entry(void)
{
	int cpu = raw_smp_processor_id();

	write_cr3(__pa_symbol(swapper_pg_dir));
	cpu_enable_features();
	cpu_init();
	fpu_cpu_init();
	lapic_cpu_init();
	smp_store_release(&cpu_alive, cpu);
	tsc_sync_target();
	set_cpu_online(cpu, true);
	setup_local_timer();
	kmain_ap(cpu);
}
