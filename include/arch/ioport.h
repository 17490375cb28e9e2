/* SPDX-License-Identifier: MIT */
#ifndef ARCH_IOPORT_H
#define ARCH_IOPORT_H
/* ioport.h -- ports that ring 3 may use (arch/x86_64/cpu/ioport.c) */

#include <kernel/types.h>

struct pt_regs;
struct task_struct;

/* t runs next on this CPU, with its ports or with none; irqs off. */
void io_ports_load(struct task_struct *t);
/* The child of current has the same: 0 or -ENOMEM.  May sleep. */
int io_ports_fork(struct task_struct *child);
void io_ports_free(struct task_struct *t);
/* True: a #GP of user mode was a cli or sti that is to do nothing. */
bool io_ports_skip_cli(struct pt_regs *regs);

#endif
