/* SPDX-License-Identifier: MIT */
/*
 * stack.c -- printing call chains with names
 *
 * The walk itself is the architecture's (arch/stacktrace.h): frame pointers
 * make a list of frames, which it follows as long as it makes sense.
 */

#include "stack.h"

#include <arch/current.h>
#include <arch/smp.h>
#include <arch/stacktrace.h>
#include <kernel/export.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sched.h>

#define MAX_FRAMES 48

void print_task_line(void)
{
	struct task_struct *t = current;

	pr_emerg("CPU: %u PID: %d Comm: %.16s %s\n", raw_smp_processor_id(),
		 t ? t->pid : -1, t ? t->comm : "?", print_tainted());
}

static bool print_frame(void *cookie, unsigned long addr)
{
	unsigned int *n = cookie;

	pr_emerg(" %pS\n", (void *)addr);
	return ++*n < MAX_FRAMES;
}

static void print_chain(struct pt_regs *regs)
{
	unsigned int n = 0;

	pr_emerg("Call Trace:\n");
	arch_stack_walk(print_frame, &n, current, regs);
}

void show_stack_regs(struct pt_regs *regs)
{
	print_chain(regs);
}

void dump_stack(void)
{
	print_task_line();
	print_chain(NULL);
}
EXPORT_SYMBOL(dump_stack);
