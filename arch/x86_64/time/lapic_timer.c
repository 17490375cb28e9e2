/* SPDX-License-Identifier: MIT */
/*
 * lapic_timer.c -- each CPU's own timer, interrupting at a time asked for
 *
 * Two ways to ask, both one-shot: "in n ticks" (a count-down register, at the
 * bus clock, whose rate is measured against the TSC), or "when the TSC reaches
 * x" (TSC-deadline mode, where the CPU has it).  A machine without local APIC
 * has the PIT, which is one for all, and one CPU only.
 *
 * LOCKING.  Each CPU its own device, irqs off.
 *
 * SEE Intel SDM vol. 3 10.5.4.
 */

#include "time.h"

#include "../irq/irq.h"

#include <arch/cpufeature.h>
#include <arch/irqflags.h>
#include <arch/msr.h>
#include <arch/smp.h>
#include <arch/time.h>
#include <kernel/clockchips.h>
#include <kernel/cpumask.h>
#include <kernel/irq.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>

#define DIVIDE_BY_16 0x3
#define MIN_TICKS 0xf
#define MAX_TICKS 0x7fffffff
#define CALIBRATION_MS 5
#define CALIBRATIONS 10
#define GOOD_PER_MS 20          /* unsure by 1/20 ms, 1% of the whole, is good */

static DEFINE_PER_CPU(struct clock_event_device, local_timer);
static u32 timer_hz __ro_after_init;    /* of the divided clock */
static bool use_deadline __ro_after_init;

static int lapic_next_event(unsigned long ticks,
			    struct clock_event_device *dev)
{
	lapic_write(LAPIC_TIMER_INIT, ticks);
	return 0;
}

static int deadline_next_event(unsigned long ticks,
			       struct clock_event_device *dev)
{
	wrmsrl(MSR_IA32_TSC_DEADLINE, rdtsc() + ticks);
	return 0;
}

static int lapic_oneshot(struct clock_event_device *dev)
{
	lapic_write(LAPIC_LVT_TIMER, LOCAL_TIMER_VECTOR |
		    (use_deadline ? LVT_TSC_DEADLINE : 0));
	/* The mode must be set before the deadline is: an MSR does not wait. */
	mb();
	return 0;
}

static int lapic_shutdown(struct clock_event_device *dev)
{
	lapic_write(LAPIC_LVT_TIMER, LOCAL_TIMER_VECTOR | LVT_MASKED);
	if (use_deadline)
		wrmsrl(MSR_IA32_TSC_DEADLINE, 0);
	else
		lapic_write(LAPIC_TIMER_INIT, 0);
	return 0;
}

static void timer_interrupt(struct pt_regs *regs)
{
	struct clock_event_device *dev = this_cpu_ptr(&local_timer);

	apic_eoi();
	inc_irq_stat(LOC);
	if (dev->event_handler)
		dev->event_handler(dev);
}

/*
 * Ticks of the divided clock in some milliseconds of the TSC.  Returns by how
 * many TSC ticks the start and the end are uncertain: a virtual CPU may lose
 * its turn for 100 ms between two instructions, and what it then measures is a
 * timer that seems twenty times as fast, and later fires twenty times too late.
 */
static u64 measure(u64 *count, u64 *passed)
{
	u64 t[4];

	t[0] = rdtsc_ordered();
	lapic_write(LAPIC_TIMER_INIT, 0xffffffff);
	t[1] = rdtsc_ordered();
	tsc_spin((u64)tsc_khz * CALIBRATION_MS);
	t[2] = rdtsc_ordered();
	*count = 0xffffffff - lapic_read(LAPIC_TIMER_COUNT);
	t[3] = rdtsc_ordered();
	lapic_write(LAPIC_TIMER_INIT, 0);
	*passed = (t[2] - t[0] + t[3] - t[1]) / 2;
	return t[1] - t[0] + t[3] - t[2];
}

/* The surest of some measurements; the first that is good enough. */
static void calibrate(void)
{
	u64 count, passed, unsure, best = U64_MAX;

	lapic_write(LAPIC_LVT_TIMER, LOCAL_TIMER_VECTOR | LVT_MASKED);
	lapic_write(LAPIC_TIMER_DIV, DIVIDE_BY_16);
	for (int i = 0; i < CALIBRATIONS && best > tsc_khz / GOOD_PER_MS; i++) {
		unsure = measure(&count, &passed);
		if (unsure >= best)
			continue;
		best = unsure;
		timer_hz = count * tsc_khz / passed * 1000 +
			   count * tsc_khz % passed * 1000 / passed;
	}
	pr_info("apic timer: %u kHz\n", timer_hz / 1000);
}

static void first_cpu(void)
{
	set_system_vector(LOCAL_TIMER_VECTOR, timer_interrupt);
	use_deadline = boot_cpu_has(X86_FEATURE_TSC_DEADLINE_TIMER);
	if (use_deadline)
		pr_info("apic timer: TSC deadline\n");
	else
		calibrate();
}

void setup_local_timer(void)
{
	struct clock_event_device *dev = this_cpu_ptr(&local_timer);
	unsigned long flags;

	if (!apic_available()) {
		pit_clockevent_register();
		return;
	}
	local_irq_save(flags);
	if (!timer_hz && !use_deadline)
		first_cpu();
	lapic_write(LAPIC_TIMER_DIV, DIVIDE_BY_16);
	*dev = (struct clock_event_device){
		.name = use_deadline ? "lapic-deadline" : "lapic",
		.features = CLOCK_EVT_FEAT_ONESHOT,
		.rating = use_deadline ? 150 : 100,
		.cpumask = cpumask_of(smp_processor_id()),
		.irq = -1,
		.set_next_event = use_deadline ? deadline_next_event
					       : lapic_next_event,
		.set_state_oneshot = lapic_oneshot,
		.set_state_shutdown = lapic_shutdown,
	};
	clockevents_config_and_register(dev,
					use_deadline ? tsc_khz * 1000 : timer_hz,
					MIN_TICKS, MAX_TICKS);
	local_irq_restore(flags);
}
