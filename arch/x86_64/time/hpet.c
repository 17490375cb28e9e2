/* SPDX-License-Identifier: MIT */
/*
 * hpet.c -- the high-precision event timer as a clock
 *
 * One counter for the whole machine, at 10 MHz or more, at an address that
 * ACPI tells.  Slow to read (a device access), but the same for all CPUs: the
 * clock where their TSCs differ.  Its comparators are not used.
 *
 * SEE IA-PC HPET specification 1.0a.
 */

#include "time.h"

#include <arch/io.h>
#include <arch/page.h>
#include <arch/time.h>
#include <kernel/clocksource.h>
#include <kernel/printk.h>

#define HPET_PERIOD 0x004       /* femtoseconds a tick */
#define HPET_CONFIG 0x010
#define HPET_COUNTER 0x0f0
#define HPET_ENABLE 1
#define HPET_LEGACY_ROUTE 2
#define FS_PER_SECOND 1000000000000000ULL
#define MAX_PERIOD 100000000u   /* 100 ns, by the specification */

static phys_addr_t hpet_phys;
static void __iomem *hpet_base;

void arch_register_hpet(phys_addr_t phys)
{
	hpet_phys = phys;
}

static u64 hpet_read(struct clocksource *cs)
{
	return readl(hpet_base + HPET_COUNTER);
}

static struct clocksource hpet_clocksource = {
	.name = "hpet",
	.read = hpet_read,
	.mask = CLOCKSOURCE_MASK(32),
	.rating = 250,
	.flags = CLOCK_SOURCE_IS_CONTINUOUS,
};

bool hpet_init(void)
{
	u32 period;

	if (!hpet_phys)
		return false;
	hpet_base = ioremap(hpet_phys, PAGE_SIZE);
	if (!hpet_base)
		return false;
	period = readl(hpet_base + HPET_PERIOD);
	if (!period || period > MAX_PERIOD) {
		pr_warn("hpet: impossible period %u fs\n", period);
		iounmap(hpet_base);
		return false;
	}
	writel((readl(hpet_base + HPET_CONFIG) & ~HPET_LEGACY_ROUTE) |
	       HPET_ENABLE, hpet_base + HPET_CONFIG);
	clocksource_register_hz(&hpet_clocksource, FS_PER_SECOND / period);
	pr_info("hpet: %llu kHz\n",
		(unsigned long long)(FS_PER_SECOND / period / 1000));
	return true;
}
