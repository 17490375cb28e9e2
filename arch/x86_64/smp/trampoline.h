/* SPDX-License-Identifier: MIT */
#ifndef ARCH_X86_64_SMP_TRAMPOLINE_H
#define ARCH_X86_64_SMP_TRAMPOLINE_H
/* trampoline.h -- the page where APs wake; within what boot keeps reserved */

#define TRAMPOLINE_PHYS 0x8000

#ifndef __ASSEMBLY__
#include <kernel/types.h>

extern char trampoline_start[], trampoline_end[];
extern u64 tr_cr3, tr_stack, tr_gs_base, tr_entry; /* addresses count, not these */
#endif

#endif
