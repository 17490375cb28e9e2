/* SPDX-License-Identifier: MIT */
/*
 * panic.c -- saying what is broken, and stopping
 *
 * PROMISE.  panic() ends with everything that is known on the consoles, the
 * other CPUs halted, and the machine stopped or rebooting as `panic=` says.
 * An oops tells the same and costs only the task, if it hit a plain task.
 *
 * IDEA.  Trust as little as possible: no allocation, no sleeping, no lock that
 * another CPU may hold.  The first CPU to panic wins; others that panic or
 * oops meanwhile halt, so that reports do not mix.
 *
 * SEE docs/21-log-and-panic.md.
 */

#include <kernel/panic.h>

#include <arch/current.h>
#include <arch/delay.h>
#include <arch/irqflags.h>
#include <arch/processor.h>
#include <arch/reboot.h>
#include <arch/smp.h>
#include <arch/stacktrace.h>
#include <kernel/atomic.h>
#include <kernel/bug.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/init.h>
#include <kernel/kmsg.h>
#include <kernel/lockdep.h>
#include <kernel/notifier.h>
#include <kernel/preempt.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>

#include "console.h"
#include "stack.h"

#define NO_CPU (-1)
#define TAIL_RECORDS 40

int panic_timeout;
int panic_on_oops;
int oops_in_progress;
EXPORT_SYMBOL(oops_in_progress);

ATOMIC_NOTIFIER_HEAD(panic_notifier_list);
EXPORT_SYMBOL(panic_notifier_list);

static int panic_cpu = NO_CPU;   /* atomic: the CPU that panics */
static int oops_cpu = NO_CPU;    /* atomic: the CPU that reports an oops */
static int oops_depth;           /* oops_cpu: an oops within an oops */
static int oops_count;
static unsigned long tainted;

void add_taint(unsigned int flag)
{
	__atomic_fetch_or(&tainted, 1UL << flag, __ATOMIC_RELAXED);
}

unsigned long get_taint(void)
{
	return READ_ONCE(tainted);
}

const char *print_tainted(void)
{
	static const char *const text[] = { "Not tainted", "Tainted: W",
					    "Tainted: D", "Tainted: DW" };
	bool warn = tainted & (1UL << TAINT_WARN);
	bool died = tainted & (1UL << TAINT_DIE);

	return text[warn + 2 * died];
}

/* True for the one CPU that may go on; any CPU may ask again. */
static bool become(int *cpu)
{
	int none = NO_CPU, me = raw_smp_processor_id();

	return __atomic_compare_exchange_n(cpu, &none, me, false,
					   __ATOMIC_ACQUIRE,
					   __ATOMIC_ACQUIRE) || none == me;
}

static void wait_and_restart(void)
{
	if (panic_timeout > 0) {
		pr_emerg("Rebooting in %d seconds..\n", panic_timeout);
		for (int s = 0; s < panic_timeout; s++)
			mdelay(1000);
	}
	if (panic_timeout != 0)
		machine_restart();
}

void panic(const char *fmt, ...)
{
	static char why[256];
	static int again;
	int hidden = console_loglevel;
	va_list args;

	local_irq_disable();
	preempt_disable();
	if (!become(&panic_cpu))
		stop_this_cpu();
	if (again++)            /* a fault while panicking: give up talking */
		stop_this_cpu();
	oops_in_progress++;
	debug_locks_off();
	va_start(args, fmt);
	vscnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	for (char *p = why; *p; p++)
		if (*p == '\n' && !p[1])
			*p = '\0';

	console_show_tail(hidden, TAIL_RECORDS);
	console_verbose();
	pr_emerg("Kernel panic - not syncing: %s\n", why);
	if (oops_depth == 0)
		dump_stack();
	smp_send_stop();
	console_flush_on_panic();
	atomic_notifier_call_chain(&panic_notifier_list, 0, why);
	wait_and_restart();
	pr_emerg("---[ end Kernel panic - not syncing: %s ]---\n", why);
	stop_this_cpu();
}
EXPORT_SYMBOL(panic);

void oops_enter(void)
{
	preempt_disable();
	while (!become(&oops_cpu))
		cpu_relax();
	oops_depth++;
	oops_in_progress++;
	console_verbose();
}

void oops_exit(void)
{
	add_taint(TAINT_DIE);
	oops_in_progress--;
	if (--oops_depth == 0)
		__atomic_store_n(&oops_cpu, NO_CPU, __ATOMIC_RELEASE);
	preempt_enable_no_resched();
}

/* Is there no task here that could be killed instead of the machine? */
static bool must_panic(void)
{
	return in_interrupt() || panic_on_oops || !current ||
	       current->pid <= 1 || (current->flags & PF_IDLE);
}

void die(const char *what, struct pt_regs *regs, long err)
{
	oops_enter();
	if (oops_depth > 2)
		panic("recursive oops: %s", what);
	pr_emerg("%s: %04lx [#%d] PREEMPT SMP\n", what, err & 0xffff,
		 ++oops_count);
	print_task_line();
	show_regs(regs);
	show_stack_regs(regs);
	debug_show_held_locks(current);
	pr_emerg("---[ end trace %016lx ]---\n", (unsigned long)oops_count);
	if (must_panic())
		panic("Fatal exception%s",
		      in_interrupt() ? " in interrupt" : "");
	oops_exit();
}
EXPORT_SYMBOL(die);

static int set_panic_timeout(char *value)
{
	return kstrtoint(value, 0, &panic_timeout) ? -EINVAL : 0;
}
__setup("panic=", set_panic_timeout);

static int set_oops(char *value)
{
	if (strcmp(value, "panic") != 0)
		return -EINVAL;
	panic_on_oops = 1;
	return 0;
}
__setup("oops=", set_oops);
