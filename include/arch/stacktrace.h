/* SPDX-License-Identifier: MIT */
#ifndef ARCH_STACKTRACE_H
#define ARCH_STACKTRACE_H
/*
 * stacktrace.h -- the chain of return addresses, by frame pointers
 *
 * Goes across interrupts and exceptions; never faults, whatever the stack
 * holds.  Any context.  `task` must be current or not running.
 */

#include <arch/ptrace.h>
#include <kernel/types.h>

struct task_struct;

/* Called for each address, innermost first; false stops the walk. */
typedef bool (*stack_trace_consume_fn)(void *cookie, unsigned long addr);

/* From `regs` if given, else from the caller (task current) or its switch. */
void arch_stack_walk(stack_trace_consume_fn consume, void *cookie,
		     struct task_struct *task, struct pt_regs *regs);

/* Up to `size` addresses into `store`, the first `skip` left out. */
unsigned int stack_trace_save(unsigned long *store, unsigned int size,
			      unsigned int skip);
unsigned int stack_trace_save_tsk(struct task_struct *task,
				  unsigned long *store, unsigned int size,
				  unsigned int skip);
unsigned int stack_trace_save_regs(struct pt_regs *regs, unsigned long *store,
				   unsigned int size, unsigned int skip);

/* Print the registers as an oops shows them. */
void show_regs(struct pt_regs *regs);

#endif
