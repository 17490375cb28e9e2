/* SPDX-License-Identifier: MIT */
#ifndef ARCH_KPROBE_H
#define ARCH_KPROBE_H
/*
 * kprobe.h -- stopping at an instruction of the kernel
 * (arch/x86_64/probe/kprobe.c)
 *
 * Arming and disarming: process context, one caller at a time.  The functions
 * given are called with irqs off, in whatever context the instruction was.
 */

#include <arch/ptrace.h>
#include <kernel/types.h>

struct arch_kprobe {
	void *addr;                 /* the instruction */
	/* Before it is carried out. */
	void (*hit)(struct arch_kprobe *p, struct pt_regs *regs);
	u8 *slot;                   /* its copy, and a jump behind the original */
	struct arch_kprobe *next;   /* another one at the same address */
};

/*
 * Find out whether addr can be probed, and make the slot: 0, -EINVAL (the
 * handler or NMIs run through it), -EILSEQ (it is no instruction, or one that
 * cannot be carried out elsewhere), -ENOSPC, -ENOMEM.
 */
int arch_kprobe_prepare(struct arch_kprobe *p);
void arch_kprobe_arm(struct arch_kprobe *p);
/* Nobody is in p->hit() any more when this returns; may sleep. */
void arch_kprobe_disarm(struct arch_kprobe *p);

/* Where pt_regs has the register named so ("di", "ax", "sp"); false: none
 * is. */
bool arch_probe_register(const char *name, unsigned int *offset);

/*
 * At a function's first instruction.  Returns to us already?  Then it was
 * hooked by another probe there, or by that of a function that ended in a jump
 * to here.
 */
bool arch_return_hooked(const struct pt_regs *regs);
/* Let it return to us; the address that it was to return to. */
unsigned long arch_hook_return(struct pt_regs *regs);
/*
 * kernel/trace sets it: a hooked return happened with its stack at `at`; irqs
 * off.  Gives the address to return to.
 */
extern unsigned long (*arch_return_hook)(unsigned long at, unsigned long value);

#endif
