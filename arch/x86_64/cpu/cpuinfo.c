/* SPDX-License-Identifier: MIT */
/*
 * cpuinfo.c -- what /proc/cpuinfo says of one CPU
 *
 * IDEA.  Each CPU asks CPUID about itself once, when it comes up, into its own
 * per-CPU copy; the text is made from that copy by any CPU at any time.  Lines
 * and their order are Linux's: programs parse them.
 */

#include <arch/cpufeature.h>

#include <arch/time.h>
#include <kernel/cpumask.h>
#include <kernel/percpu.h>
#include <kernel/sprintf.h>

static DEFINE_PER_CPU(struct cpuinfo_x86, cpu_info);

void cpu_store_info(void)
{
	cpu_identify(this_cpu_ptr(&cpu_info));
}

const struct cpuinfo_x86 *cpu_data(int cpu)
{
	const struct cpuinfo_x86 *c = per_cpu_ptr(&cpu_info, cpu);

	return c->caps[CPUID_1_EDX] ? c : &boot_cpu_data;
}

static size_t put_flags(const struct cpuinfo_x86 *c, char *buf, size_t room)
{
	size_t n = scnprintf(buf, room, "flags\t\t:");

	for (unsigned f = 0; f < NCAPINTS * 32; f++)
		if (cpu_has(c, f) && cpu_feature_name(f))
			n += scnprintf(buf + n, room - n, " %s",
				       cpu_feature_name(f));
	return n + scnprintf(buf + n, room - n, "\n");
}

static size_t put_identity(const struct cpuinfo_x86 *c, int cpu, char *buf,
			   size_t room)
{
	return scnprintf(buf, room,
		"processor\t: %d\nvendor_id\t: %s\ncpu family\t: %u\n"
		"model\t\t: %u\nmodel name\t: %s\nstepping\t: %u\n"
		"cpu MHz\t\t: %u.%03u\ncache size\t: %u KB\n"
		"physical id\t: 0\nsiblings\t: %u\ncore id\t\t: %d\n"
		"cpu cores\t: %u\napicid\t\t: %u\ninitial apicid\t: %u\n"
		"fpu\t\t: yes\nfpu_exception\t: yes\ncpuid level\t: %u\n"
		"wp\t\t: yes\n",
		cpu, c->vendor, c->family, c->model, c->model_name,
		c->stepping, tsc_khz / 1000, tsc_khz % 1000, c->cache_kb,
		num_online_cpus(), cpu, num_online_cpus(), c->initial_apicid,
		c->initial_apicid, c->cpuid_level);
}

/* bogomips: two per cycle, as if the old delay loop had been measured. */
static size_t put_sizes(const struct cpuinfo_x86 *c, char *buf, size_t room)
{
	unsigned twice = tsc_khz / 500;

	return scnprintf(buf, room,
		"bugs\t\t:\nbogomips\t: %u.%02u\nclflush size\t: %u\n"
		"cache_alignment\t: %u\n"
		"address sizes\t: %u bits physical, %u bits virtual\n"
		"power management:\n\n",
		twice, tsc_khz / 5 % 100, c->clflush_size, c->clflush_size,
		c->phys_bits, c->virt_bits);
}

size_t arch_cpuinfo_text(int cpu, char *buf, size_t room)
{
	const struct cpuinfo_x86 *c = cpu_data(cpu);
	size_t n = put_identity(c, cpu, buf, room);

	n += put_flags(c, buf + n, room - n);
	return n + put_sizes(c, buf + n, room - n);
}
