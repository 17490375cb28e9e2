/* SPDX-License-Identifier: MIT */
#ifndef ARCH_X86_64_CPU_TRAPS_H
#define ARCH_X86_64_CPU_TRAPS_H
/* traps.h -- shared by traps.c and fault.c */

#include <arch/msr.h>
#include <arch/page.h>
#include <arch/ptrace.h>

/*
 * The kernel faulted at regs->ip: go to its fixup, or report and kill the
 * task.  Returns in the first case only.
 */
void kernel_oops(const char *what, struct pt_regs *regs, unsigned long err);
/* Turn irqs on if the interrupted code had them on. */
void trap_irqs_on(struct pt_regs *regs);
/* smp/stop.c: an NMI that means "stop for ever" does not return. */
void nmi_stop_check(void);

#endif
