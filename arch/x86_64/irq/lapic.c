/* SPDX-License-Identifier: MIT */
/*
 * lapic.c -- the interrupt controller inside each CPU
 *
 * It takes interrupts from the I/O APICs and from other CPUs, hands the one of
 * highest priority (vector / 16) to its core, and wants an EOI when that is
 * done.  It also holds the CPU's own timer (time/lapic_timer.c), and sends:
 * writing the ICR register makes an interrupt in another CPU.
 *
 * Two ways to reach the registers: xAPIC, a page of memory at the same physical
 * address on all CPUs; x2APIC, MSRs, with 32-bit APIC ids.  Register r of the
 * page is MSR 0x800 + r / 16.  x2APIC is used where the CPU has it.
 *
 * LOCKING.  Each CPU its own; the xAPIC's two-part ICR with irqs off.
 *
 * SEE Intel SDM vol. 3 ch. 10.
 */

#include "irq.h"

#include <arch/cpu.h>
#include <arch/cpufeature.h>
#include <arch/io.h>
#include <arch/irqflags.h>
#include <arch/msr.h>
#include <arch/page.h>
#include <arch/processor.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>

#define APICBASE_ENABLE (1 << 11)
#define APICBASE_X2APIC (1 << 10)
#define SPIV_ENABLE (1 << 8)

static phys_addr_t lapic_phys __ro_after_init;
static void __iomem *lapic_base __ro_after_init;
static bool x2apic __ro_after_init;
static bool lapic_found __ro_after_init;
static bool lapic_disabled __initdata;

u32 lapic_read(enum lapic_reg reg)
{
	if (x2apic)
		return rdmsrl(MSR_X2APIC_BASE + (reg >> 4));
	return readl(lapic_base + reg);
}

void lapic_write(enum lapic_reg reg, u32 v)
{
	if (x2apic)
		wrmsrl(MSR_X2APIC_BASE + (reg >> 4), v);
	else
		writel(v, lapic_base + reg);
}

bool apic_available(void)
{
	return lapic_found;
}

/* Without an APIC its vectors can still be named by INT: the self-test does. */
void apic_eoi(void)
{
	if (likely(lapic_found))
		lapic_write(LAPIC_EOI, 0);
}

u32 apic_id_self(void)
{
	u32 a, b, c, d;

	if (lapic_found) {
		a = lapic_read(LAPIC_ID);
		return x2apic ? a : a >> 24;
	}
	cpuid(1, &a, &b, &c, &d);
	return b >> 24;
}

void lapic_send_ipi(u32 apic_id, u32 what)
{
	unsigned long flags;

	if (x2apic) {
		/* An MSR write does not wait for earlier stores: IPIs must. */
		mb();
		wrmsrl(MSR_X2APIC_BASE + (LAPIC_ICR >> 4),
		       (u64)apic_id << 32 | what | ICR_ASSERT);
		return;
	}
	local_irq_save(flags);
	while (lapic_read(LAPIC_ICR) & ICR_BUSY)
		cpu_relax();
	lapic_write(LAPIC_ICR_HIGH, apic_id << 24);
	lapic_write(LAPIC_ICR, what | ICR_ASSERT);
	local_irq_restore(flags);
}

static void error_interrupt(struct pt_regs *regs)
{
	u32 status;

	lapic_write(LAPIC_ESR, 0);      /* latches it */
	status = lapic_read(LAPIC_ESR);
	apic_eoi();
	if (!status)
		return;
	inc_irq_stat(ERR);
	pr_warn_ratelimited("apic: error status %x on CPU %d\n", status,
			    raw_smp_processor_id());
}

/* Delivered when an interrupt vanished while we took it: no EOI. */
static void spurious_interrupt(struct pt_regs *regs)
{
	inc_irq_stat(SPU);
}

void lapic_cpu_init(void)
{
	if (x2apic)
		wrmsrl(MSR_IA32_APICBASE, rdmsrl(MSR_IA32_APICBASE) |
		       APICBASE_ENABLE | APICBASE_X2APIC);
	lapic_write(LAPIC_TPR, 0);
	lapic_write(LAPIC_SPIV, SPIV_ENABLE | SPURIOUS_APIC_VECTOR);
	lapic_write(LAPIC_LVT_TIMER, LVT_MASKED);
	lapic_write(LAPIC_LVT_THERMAL, LVT_MASKED);
	lapic_write(LAPIC_LVT_PERF, LVT_MASKED);
	lapic_write(LAPIC_LVT_LINT0, LVT_MASKED);
	lapic_write(LAPIC_LVT_LINT1, DELIVER_NMI);
	lapic_write(LAPIC_LVT_ERROR, ERROR_APIC_VECTOR);
	lapic_write(LAPIC_ESR, 0);
	/* What the firmware left in service would block all below it. */
	for (int i = 0; i < 256 && lapic_read(LAPIC_ISR + 0x10 * (i / 32)); i++)
		apic_eoi();
}

void lapic_accept_extint(void)
{
	lapic_write(LAPIC_LVT_LINT0, DELIVER_EXTINT);
}

void arch_register_lapic_base(phys_addr_t phys)
{
	lapic_phys = phys;
}

static int __init nolapic_param(char *value)
{
	lapic_disabled = true;
	return 0;
}
__setup("nolapic", nolapic_param);

bool __init lapic_setup(void)
{
	if (lapic_disabled || !boot_cpu_has(X86_FEATURE_APIC))
		return false;
	if (!lapic_phys)
		lapic_phys = rdmsrl(MSR_IA32_APICBASE) & 0xffffff000UL;
	x2apic = boot_cpu_has(X86_FEATURE_X2APIC);
	if (!x2apic) {
		lapic_base = ioremap(lapic_phys, PAGE_SIZE);
		if (!lapic_base)
			return false;
	}
	lapic_found = true;
	set_system_vector(ERROR_APIC_VECTOR, error_interrupt);
	set_system_vector(SPURIOUS_APIC_VECTOR, spurious_interrupt);
	lapic_cpu_init();
	pr_info("apic: %s, id %u, version %x\n", x2apic ? "x2APIC" : "xAPIC",
		apic_id_self(), lapic_read(LAPIC_VERSION) & 0xff);
	return true;
}
