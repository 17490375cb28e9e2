/* SPDX-License-Identifier: MIT */
/*
 * system.c -- files of /proc about the whole machine
 *
 * Each shows one thing at the moment of reading; formats as in proc(5).
 */

#include "internal.h"

#include <arch/boot.h>
#include <arch/cpufeature.h>
#include <kernel/cputime.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/irqdesc.h>
#include <kernel/kallsyms.h>
#include <kernel/kernel.h>
#include <kernel/loadavg.h>
#include <kernel/nsproxy.h>
#include <kernel/params.h>
#include <kernel/softirq.h>
#include <kernel/timekeeping.h>
#include <kernel/version.h>
#include <mm/slab.h>

#define NS_PER_SEC 1000000000UL
#define NS_PER_TICK (NS_PER_SEC / 100)
#define INTERRUPTS_ROOM 16384

static int show_version(struct seq_file *m, void *v)
{
	struct new_utsname *u = utsname();

	down_read(&current->nsproxy->uts_ns->sem);
	seq_printf(m, "%s version %s (Lantern) (%s) %s\n", u->sysname,
		   u->release, __VERSION__, u->version);
	up_read(&current->nsproxy->uts_ns->sem);
	return 0;
}

static int show_cmdline(struct seq_file *m, void *v)
{
	seq_printf(m, "%s\n", saved_command_line);
	return 0;
}

static int show_uptime(struct seq_file *m, void *v)
{
	u64 up = ktime_get_boottime_ns(), idle = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		idle += kcpustat_field(cpu, CPUTIME_IDLE);
	seq_printf(m, "%lu.%02lu %lu.%02lu\n", up / NS_PER_SEC,
		   up % NS_PER_SEC / (NS_PER_SEC / 100), idle / NS_PER_SEC,
		   idle % NS_PER_SEC / (NS_PER_SEC / 100));
	return 0;
}

static int show_loadavg(struct seq_file *m, void *v)
{
	unsigned long load[3];

	get_avenrun(load);
	for (int i = 0; i < 3; i++)
		load[i] += FIXED_1 / 200;     /* round to two digits */
	seq_printf(m, "%lu.%02lu %lu.%02lu %lu.%02lu %lu/%d %d\n",
		   LOAD_INT(load[0]), LOAD_FRAC(load[0]), LOAD_INT(load[1]),
		   LOAD_FRAC(load[1]), LOAD_INT(load[2]), LOAD_FRAC(load[2]),
		   nr_running(), nr_threads, init_pid_ns.last_pid);
	return 0;
}

static int show_cpuinfo(struct seq_file *m, void *v)
{
	char *text = kmalloc(4096, GFP_KERNEL);
	int cpu;

	if (!text)
		return -ENOMEM;
	for_each_online_cpu(cpu)
		seq_write(m, text, arch_cpuinfo_text(cpu, text, 4096));
	kfree(text);
	return 0;
}

static int show_interrupts_file(struct seq_file *m, void *v)
{
	char *text = kmalloc(INTERRUPTS_ROOM, GFP_KERNEL);

	if (!text)
		return -ENOMEM;
	seq_write(m, text, show_interrupts(text, INTERRUPTS_ROOM));
	kfree(text);
	return 0;
}

static const char *const softirq_names[NR_SOFTIRQS] = {
	"HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET",
	"SCHED", "HRTIMER", "RCU",
};

static int show_softirqs(struct seq_file *m, void *v)
{
	int cpu;

	seq_puts(m, "                    ");
	for_each_possible_cpu(cpu)
		seq_printf(m, "CPU%-8d", cpu);
	seq_putc(m, '\n');
	for (int i = 0; i < NR_SOFTIRQS; i++) {
		seq_printf(m, "%12s:", softirq_names[i]);
		for_each_possible_cpu(cpu)
			seq_printf(m, " %10u", kstat_softirqs_cpu(i, cpu));
		seq_putc(m, '\n');
	}
	return 0;
}

/* The ten columns of a cpu line, in ticks of 10 ms. */
static void show_cpu_line(struct seq_file *m, const u64 ns[NR_STATS])
{
	static const u8 order[NR_STATS] = {
		CPUTIME_USER, CPUTIME_NICE, CPUTIME_SYSTEM, CPUTIME_IDLE,
		CPUTIME_IOWAIT, CPUTIME_IRQ, CPUTIME_SOFTIRQ, CPUTIME_STEAL,
		CPUTIME_GUEST, CPUTIME_GUEST_NICE,
	};

	for (int i = 0; i < NR_STATS; i++)
		seq_printf(m, " %lu", ns[order[i]] / NS_PER_TICK);
	seq_putc(m, '\n');
}

static void show_cpu_times(struct seq_file *m)
{
	u64 sum[NR_STATS] = { 0 }, one[NR_STATS];
	int cpu;

	for_each_possible_cpu(cpu)
		for (int i = 0; i < NR_STATS; i++)
			sum[i] += kcpustat_field(cpu, i);
	seq_puts(m, "cpu ");
	show_cpu_line(m, sum);
	for_each_online_cpu(cpu) {
		for (int i = 0; i < NR_STATS; i++)
			one[i] = kcpustat_field(cpu, i);
		seq_printf(m, "cpu%d", cpu);
		show_cpu_line(m, one);
	}
}

static void show_irq_sums(struct seq_file *m)
{
	u64 total = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		total += kstat_irqs_sum_cpu(cpu);
	seq_printf(m, "intr %lu", total);
	for (unsigned int irq = 0; irq < NR_IRQS && irq < 24; irq++) {
		u64 n = 0;

		for_each_possible_cpu(cpu)
			n += kstat_irqs_cpu(irq, cpu);
		seq_printf(m, " %lu", n);
	}
	seq_putc(m, '\n');
}

static int show_stat(struct seq_file *m, void *v)
{
	s64 boot = ktime_get_real_seconds() -
		(s64)(ktime_get_boottime_ns() / NS_PER_SEC);
	u64 total = 0;
	int cpu;

	show_cpu_times(m);
	show_irq_sums(m);
	seq_printf(m, "ctxt %lu\nbtime %ld\nprocesses %lu\n",
		   nr_context_switches(), (long)boot, total_forks);
	seq_printf(m, "procs_running %lu\nprocs_blocked %lu\n", nr_running(),
		   nr_iowait());
	seq_puts(m, "softirq ");
	for (int i = 0; i < NR_SOFTIRQS; i++)
		for_each_possible_cpu(cpu)
			total += kstat_softirqs_cpu(i, cpu);
	seq_printf(m, "%lu", total);
	for (int i = 0; i < NR_SOFTIRQS; i++) {
		u64 n = 0;

		for_each_possible_cpu(cpu)
			n += kstat_softirqs_cpu(i, cpu);
		seq_printf(m, " %lu", n);
	}
	seq_putc(m, '\n');
	return 0;
}

static int show_filesystems_file(struct seq_file *m, void *v)
{
	show_filesystems(m);
	return 0;
}

static int show_nothing(struct seq_file *m, void *v)
{
	return 0;
}

static int system_files_init(void)
{
	proc_create_single("version", 0, NULL, show_version);
	proc_create_single("cmdline", 0, NULL, show_cmdline);
	proc_create_single("uptime", 0, NULL, show_uptime);
	proc_create_single("loadavg", 0, NULL, show_loadavg);
	proc_create_single("cpuinfo", 0, NULL, show_cpuinfo);
	proc_create_single("interrupts", 0, NULL, show_interrupts_file);
	proc_create_single("softirqs", 0, NULL, show_softirqs);
	proc_create_single("stat", 0, NULL, show_stat);
	proc_create_single("filesystems", 0, NULL, show_filesystems_file);
	proc_create_single("modules", 0, NULL, show_nothing);
	proc_symlink("mounts", NULL, "self/mounts");
	return 0;
}
fs_initcall(system_files_init);
