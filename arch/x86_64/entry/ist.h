/* SPDX-License-Identifier: MIT */
#ifndef ARCH_X86_64_ENTRY_IST_H
#define ARCH_X86_64_ENTRY_IST_H
/* ist.h -- the stacks of exceptions that cannot rely on the current one */

/* Each, aligned to itself: see traps.S. */
#ifdef LANTERN_SAN
#define IST_SIZE 16384
#else
#define IST_SIZE 4096
#endif

#define IST_NONE 0          /* numbers in an IDT gate: 1-7 */
#define IST_DF 1
#define IST_NMI 2
#define IST_DB 3
#define IST_MCE 4
#define NR_IST 4

#endif
