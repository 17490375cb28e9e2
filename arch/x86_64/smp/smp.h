/* SPDX-License-Identifier: MIT */
#ifndef ARCH_X86_64_SMP_SMP_H
#define ARCH_X86_64_SMP_SMP_H
/* smp.h -- shared by the files of this folder and of time/ */

#include <kernel/types.h>

/* call_function.c: install the vectors; boot CPU. */
void call_function_init(void);

/*
 * time/tsc_sync.c: both run at the same time, with irqs off, and find out
 * whether the TSC of the CPU that comes up is in step with the starter's.
 */
void tsc_sync_source(int cpu);
void tsc_sync_target(void);

#endif
