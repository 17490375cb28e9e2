/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SECCOMP_H
#define KERNEL_SECCOMP_H
/* seccomp.h -- a task gives up system calls; theory: kernel/proc/seccomp.c */

#include <kernel/sched.h>

#define SECCOMP_MODE_DISABLED 0
#define SECCOMP_MODE_STRICT 1
#define SECCOMP_MODE_FILTER 2

struct pt_regs;

/* Before system call regs->orig_ax: 0, or -1 if it must not run (ax is set). */
int secure_computing(struct pt_regs *regs);
/* fork: the child gets current's mode and filters; siglock held. */
void seccomp_fork(struct task_struct *child);
void seccomp_exit(struct task_struct *t);
/* prctl(PR_SET_SECCOMP). */
long prctl_set_seccomp(unsigned long mode, void __user *filter);

#endif
