/* SPDX-License-Identifier: MIT */
#ifndef ARCH_X86_64_CPU_DEBUGREG_H
#define ARCH_X86_64_CPU_DEBUGREG_H
/* debugreg.h -- hardware breakpoints: DR0-DR3 addresses, DR7 what to watch */

#include <arch/processor.h>

/* Load a task's breakpoints; DR7 is off while the addresses change. */
static inline void debugreg_load(const struct thread_struct *t)
{
	__asm__ __volatile__("mov %0, %%db7" :: "r"(0UL));
	if (!t->debugctl)
		return;
	__asm__ __volatile__("mov %0, %%db0" :: "r"(t->debugreg[0]));
	__asm__ __volatile__("mov %0, %%db1" :: "r"(t->debugreg[1]));
	__asm__ __volatile__("mov %0, %%db2" :: "r"(t->debugreg[2]));
	__asm__ __volatile__("mov %0, %%db3" :: "r"(t->debugreg[3]));
	__asm__ __volatile__("mov %0, %%db7" :: "r"(t->debugctl));
}

#endif
