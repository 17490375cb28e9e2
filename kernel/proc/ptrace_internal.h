/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PROC_PTRACE_INTERNAL_H
#define KERNEL_PROC_PTRACE_INTERNAL_H
/* ptrace_internal.h -- between ptrace.c and ptrace_look.c */

struct task_struct;

/* Requests that read or write what a stopped tracee is; -EIO: no such one. */
long ptrace_look(struct task_struct *t, long request, unsigned long addr,
		 unsigned long data);

#endif
