/* SPDX-License-Identifier: MIT */
#ifndef ARCH_KPROBE_H
#define ARCH_KPROBE_H
/*
 * kprobe.h -- stopping at an instruction of the kernel (arch/x86_64/probe/kprobe.c)
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
 * Find out whether addr can be probed, and make the slot: 0, -EILSEQ (this
 * instruction cannot be carried out elsewhere), -ENOSPC.
 */
int arch_kprobe_prepare(struct arch_kprobe *p);
void arch_kprobe_arm(struct arch_kprobe *p);
/* Nobody is in p->hit() any more when this returns; may sleep. */
void arch_kprobe_disarm(struct arch_kprobe *p);

/* The argument registers in order, 0..5; the returned value. */
unsigned long arch_probe_argument(const struct pt_regs *regs, unsigned int n);
/* The value of the register named so ("di", "ax", "sp"); false: none is. */
bool arch_probe_register(const char *name, unsigned int *offset);

/*
 * At a function's first instruction: let it return to us.  found() is called
 * with the address it was to return to, and tells that address again at the
 * return, with the value in *value.
 */
void arch_hook_return(struct pt_regs *regs, unsigned long *real,
		      unsigned long *at);
/* kernel/trace sets it: a hooked return happened with its stack at `at`. */
extern unsigned long (*arch_return_hook)(unsigned long at, unsigned long value);

#endif
