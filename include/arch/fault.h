/* SPDX-License-Identifier: MIT */
#ifndef ARCH_FAULT_H
#define ARCH_FAULT_H
/*
 * fault.h -- page faults: what the CPU says, and who resolves them
 *
 * arch/x86_64/cpu/fault.c decodes the fault; mm_handle_fault() (mm/mm.h) makes
 * the page present or signals the user; a failed kernel access becomes a fixup
 * or an oops.
 */

#define X86_PF_PROT 0x01    /* the page was there, the right was not */
#define X86_PF_WRITE 0x02
#define X86_PF_USER 0x04    /* the access was made in ring 3 */
#define X86_PF_RSVD 0x08    /* a reserved bit in a table: corruption */
#define X86_PF_INSTR 0x10   /* an instruction fetch */

/*
 * Between these two a user access never sleeps: what is not mapped in the page
 * tables is -EFAULT.  Nest; process context or above.
 */
void pagefault_disable(void);
void pagefault_enable(void);

#endif
