/* SPDX-License-Identifier: MIT */
#ifndef ARCH_CURRENT_H
#define ARCH_CURRENT_H
/* current.h -- the task that runs here: a per-CPU pointer, see context
 * switch */

#include <arch/percpu.h>

struct task_struct;

extern struct task_struct *current_task;    /* per-CPU */
extern unsigned long cpu_current_top_of_stack; /* per-CPU: end of its kernel stack */

/* A task never sees its own `current` change, so the value may be cached. */
#define current get_current()

static __always_inline struct task_struct *get_current(void)
{
	return this_cpu_read_stable(current_task);
}

#endif
