/* SPDX-License-Identifier: MIT */
/*
 * main.c -- the order in which the kernel comes alive
 *
 * IDEA.  The boot CPU runs kmain() with interrupts off, one stack and no memory
 * but the image.  Each step needs only what the steps above it made; each
 * stage's end is one timed line in the log, so that a boot that stalls says
 * where:
 *
 *	CPU features -> traps -> memory map -> page tables -> per-CPU areas -> frames, slab
 *	  -> scheduler, RCU, interrupts, clocks -> tasks -> file system
 *	  -> pid 1 (kernel_init) and pid 2 (kthreadd)
 *	pid 1: other CPUs -> initcalls -> initramfs -> self-tests -> /init
 *
 * What must call upward is registered here, for here is the only place that
 * knows all layers.
 *
 * LOCKING.  Up to rest_init() there is one task; then all rules hold.
 *
 * SEE docs/02-boot.md.
 */

#include <kernel/main.h>

#include <arch/boot.h>
#include <arch/cpufeature.h>
#include <arch/fpu.h>
#include <arch/irq.h>
#include <arch/mmu.h>
#include <arch/processor.h>
#include <arch/smp.h>
#include <arch/time.h>
#include <arch/uaccess.h>
#include <drivers/acpi.h>
#include <drivers/device.h>
#include <fs/file.h>
#include <fs/fs.h>
#include <kernel/completion.h>
#include <kernel/cred.h>
#include <kernel/hrtimer.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/kthread.h>
#include <kernel/panic.h>
#include <kernel/params.h>
#include <kernel/percpu.h>
#include <kernel/pid.h>
#include <kernel/printk.h>
#include <kernel/proc.h>
#include <kernel/random.h>
#include <kernel/rcupdate.h>
#include <kernel/sched.h>
#include <kernel/sections.h>
#include <kernel/softirq.h>
#include <kernel/syscall_table.h>
#include <kernel/task.h>
#include <kernel/tick.h>
#include <kernel/timekeeping.h>
#include <kernel/timer.h>
#include <kernel/version.h>
#include <kernel/xarray.h>
#include <kernel/workqueue.h>
#include <mm/mm.h>
#include <mm/mmzone.h>
#include <uapi/sched.h>

static DECLARE_COMPLETION(kthreadd_done);

/* The boot line's `init=`: a path to try instead of the usual ones. */
static char *init_path;

static int set_init_path(char *value)
{
	init_path = value;
	return 0;
}
__setup("init=", set_init_path);

/* Page tables, frames, slab: from the loader's map to kmalloc(). */
static void bring_up_memory(void)
{
	boot_memory_init();
	paging_init();
	boot_memory_report();
	acpi_early_init();
	smp_prepare_cpus();             /* how many: for the next line */
	setup_per_cpu_areas();
	mm_core_init();
	xarray_init();
	pr_info("boot: memory is up\n");
}

/* Everything that lets a second task exist, and wait. */
static void bring_up_scheduling(void)
{
	random_init();
	fpu_init();
	sched_init();
	rcu_init();
	irq_init();
	softirq_init();
	tasklet_subsys_init();
	timers_init();
	hrtimers_init();
	timekeeping_init();
	tick_init();
	arch_irq_init();
	arch_irq_setup_lines();
	time_init();
	setup_local_timer();
	local_irq_enable();
	pr_info("boot: interrupts and clocks are up\n");
}

static void bring_up_processes(void)
{
	cred_init();
	task_init();
	pid_init();
	mm_cache_init();
	syscall_table_init();
	workqueue_init();
	vfs_caches_init();
	current->fs = &init_fs;         /* what lies below fs cannot name */
	current->files = &init_files;
	mnt_init();
	pr_info("boot: tasks and files are up\n");
}

static void run_initcalls(const struct initcall *from, const struct initcall *to)
{
	for (; from < to; from++) {
		int err = from->fn();

		if (err)
			pr_warn("init: %s failed: %d\n", from->name, err);
	}
}

static void do_initcalls(void)
{
	run_initcalls(__initcall1_start, __initcall2_start);
	run_initcalls(__initcall2_start, __initcall3_start);
	run_initcalls(__initcall3_start, __initcall4_start);
	run_initcalls(__initcall4_start, __initcall5_start);
	run_initcalls(__initcall5_start, __initcall_end);
}

static int try_init(const char *path)
{
	int err;

	argv_init[0] = path;
	err = kernel_execve(path, argv_init, envp_init);
	if (err && err != -ENOENT)
		pr_err("init: %s exists but cannot be run: %d\n", path, err);
	return err;
}

/* Returns only to become the user program. */
static int run_init(void)
{
	static const char *const usual[] = {
		"/init", "/sbin/init", "/etc/init", "/bin/init", "/bin/sh",
	};

	if (init_path) {
		if (!try_init(init_path))
			return 0;
		panic("Requested init %s failed", init_path);
	}
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (!try_init(usual[i]))
			return 0;
	panic("No working init found. Try passing init= to the kernel.");
}

/* The first root: the initramfs, unpacked into the empty rootfs. */
static void unpack_root(void)
{
	for (u32 i = 0; i < boot_info.nr_modules; i++) {
		struct boot_module *m = &boot_info.modules[i];
		const char *err = unpack_to_rootfs(__va(m->start),
						   m->end - m->start);

		if (err)
			pr_err("initramfs: %s\n", err);
		free_boot_module(m);
	}
	pr_info("boot: root is up\n");
}

/* pid 1, until it becomes the init program. */
static int kernel_init(void *unused)
{
	wait_for_completion(&kthreadd_done);
	smp_init(fork_idle);
	/* The boot task's mask, its own CPU, is no heritage for others. */
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	set_cpus_allowed_ptr(kthreadd_task, cpu_possible_mask);
	pr_info("boot: %u CPUs are up\n", num_online_cpus());
	driver_init();
	do_initcalls();
	unpack_root();
	mark_rodata_ro();
	free_initmem();
	setup_per_zone_wmarks();        /* of all that is managed now */
	selftest_run();
	pr_info("boot: starting init\n");
	return run_init();
}

/* The boot task makes pids 1 and 2 and becomes this CPU's idle task. */
static __noreturn void rest_init(void)
{
	pid_t pid;

	kthread_set_spawn(kernel_thread);
	/* pid 1 first, for its number; it waits until kthreadd exists. */
	kernel_thread(kernel_init, NULL, CLONE_FS);
	pid = kernel_thread(kthreadd, NULL, CLONE_FS | CLONE_FILES);
	rcu_read_lock();
	kthreadd_task = find_task_by_pid_ns(pid, &init_pid_ns);
	rcu_read_unlock();
	complete(&kthreadd_done);
	cpu_startup_entry();
}

void kmain(struct boot_info *info)
{
	/* trap_init() patches user access to fit SMAP: it must know of it. */
	cpu_features_init();
	parse_early_params(info->cmdline);
	cpu_enable_features();
	trap_init();
	early_console_init();
	tsc_early_init();
	pr_notice("Lantern version %s (%s) %s\n", LANTERN_RELEASE,
		  __VERSION__, LANTERN_VERSION);
	pr_info("boot: loaded by %s, %s\n", info->loader,
		info->efi ? "UEFI" : "BIOS");
	pr_info("Command line: %s\n", info->cmdline);
	bring_up_memory();
	bring_up_scheduling();
	bring_up_processes();
	rest_init();
}

void kmain_ap(unsigned int cpu)
{
	cpu_startup_entry();
}
