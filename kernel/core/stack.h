/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_STACK_H
#define KERNEL_CORE_STACK_H
/* stack.h -- private to kernel/core: backtraces for oops, BUG and WARN */

struct pt_regs;

/* "CPU: 0 PID: 1 Comm: init Not tainted 0.1" */
void print_task_line(void);
/* The call chain that regs interrupted. */
void show_stack_regs(struct pt_regs *regs);

#endif
