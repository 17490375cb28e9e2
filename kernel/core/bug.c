/* SPDX-License-Identifier: MIT */
/*
 * bug.c -- what a false assertion does
 *
 * A BUG kills the task that hit it, since other tasks may still be able to
 * save their work; without a task to kill, it is a panic.  A WARNING only
 * reports.  The self-test runner listens through warn_hook: a warning while a
 * test runs is that test's failure.
 */

#include <kernel/bug.h>

#include <arch/current.h>
#include <arch/irqflags.h>
#include <arch/smp.h>
#include <kernel/export.h>
#include <kernel/lockdep.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/sprintf.h>

#include "stack.h"

#define SIGSEGV_CODE 11          /* the exit code that tells of an oops */
#define CUT "------------[ cut here ]------------\n"

void (*warn_hook)(const char *file, int line, const char *what);

static __noreturn void die_of_bug(void)
{
	struct task_struct *t = current;

	dump_stack();
	debug_show_held_locks(t);
	if (in_interrupt() || !t || t->pid <= 1 || (t->flags & PF_IDLE) ||
	    panic_on_oops || irqs_disabled() || oops_in_progress > 1)
		panic("Fatal BUG");
	oops_exit();
	do_exit(SIGSEGV_CODE);
}

void bug_at(const char *file, int line, const char *func, const char *cond)
{
	oops_enter();
	pr_emerg(CUT);
	pr_emerg("kernel BUG at %s:%d! %s: %s\n", file, line, func, cond);
	die_of_bug();
}
EXPORT_SYMBOL(bug_at);

void assert_cmp_failed(const char *file, int line, const char *expr,
		       unsigned long a, unsigned long b)
{
	oops_enter();
	pr_emerg(CUT);
	pr_emerg("kernel BUG at %s:%d! %s is false: %#lx (%ld), %#lx (%ld)\n",
		 file, line, expr, a, (long)a, b, (long)b);
	die_of_bug();
}
EXPORT_SYMBOL(assert_cmp_failed);

static void report_warning(const char *file, int line, const char *func,
			   const char *what)
{
	void (*hook)(const char *, int, const char *) = READ_ONCE(warn_hook);

	printk(KERN_WARNING CUT);
	printk(KERN_WARNING "WARNING: CPU: %u PID: %d at %s:%d %s: %s\n",
	       raw_smp_processor_id(), current ? current->pid : -1, file, line,
	       func, what);
	dump_stack();
	printk(KERN_WARNING "---[ end trace ]---\n");
	add_taint(TAINT_WARN);
	if (hook)
		hook(file, line, what);
}

void warn_at(const char *file, int line, const char *func, const char *cond)
{
	report_warning(file, line, func, cond);
}
EXPORT_SYMBOL(warn_at);

void warn_fmt_at(const char *file, int line, const char *func,
		 const char *fmt, ...)
{
	char what[160];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	if (n > 0 && what[n - 1] == '\n')
		what[n - 1] = '\0';
	report_warning(file, line, func, what);
}
EXPORT_SYMBOL(warn_fmt_at);
