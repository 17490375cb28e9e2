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
/* probe/kprobe.c: was it a probe, and is it dealt with? */
bool kprobe_int3(struct pt_regs *regs);
/* probe/return_trampoline.S, and the C that it calls. */
void return_trampoline(void);
unsigned long return_hooked(unsigned long value, unsigned long at);
/* Somebody wants to know what this CPU does: write it down. */
void nmi_backtrace_check(struct pt_regs *regs);

#endif
