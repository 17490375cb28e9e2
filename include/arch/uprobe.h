/* SPDX-License-Identifier: MIT */
#ifndef ARCH_UPROBE_H
#define ARCH_UPROBE_H
/*
 * uprobe.h -- an instruction of a program, carried out somewhere else
 *
 * Theory: arch/x86_64/probe/uprobe.c.  All in process context, for current and
 * the registers with which it entered from user mode; they may sleep.
 */

#include <arch/ptrace.h>
#include <kernel/types.h>

#define UPROBE_INSN_MAX 15
#define UPROBE_SLOT 32           /* bytes for a copy */
#define UPROBE_BREAKPOINT 0xcc   /* one byte; ip is behind it when it is met */

/* Constant once it was analysed. */
struct arch_uprobe {
	u8 insn[UPROBE_INSN_MAX];
	u8 length;
	u8 how, condition;           /* enum in uprobe.c; of a branch */
	u8 lent;                     /* offset in pt_regs; 0: no register is */
	s32 distance;                /* of a branch */
};

/* What a step changed and will put back; the task's own. */
struct arch_uprobe_task {
	unsigned long lent_value;
	bool user_steps;             /* somebody had set TF already */
};

/* p->insn is filled: 0, or -EOPNOTSUPP. */
int arch_uprobe_analyze(struct arch_uprobe *p);
/* The copy that is stepped through. */
void arch_uprobe_fill_slot(const struct arch_uprobe *p, u8 *slot);
/* Do what the instruction does, if that is simple: false if it is not. */
bool arch_uprobe_emulate(const struct arch_uprobe *p, struct pt_regs *regs);
/* Make the next thing that the task does the copy at `slot`. */
void arch_uprobe_begin(const struct arch_uprobe *p, struct arch_uprobe_task *t,
		       struct pt_regs *regs, unsigned long slot);
/*
 * The trap after it: true if the copy is done, and all is as if it had been
 * carried out at `at`; false if it is repeated and has not ended.
 */
bool arch_uprobe_end(const struct arch_uprobe *p, struct arch_uprobe_task *t,
		     struct pt_regs *regs, unsigned long slot,
		     unsigned long at);
/* It was not carried out: as before the breakpoint. */
void arch_uprobe_abort(const struct arch_uprobe *p, struct arch_uprobe_task *t,
		       struct pt_regs *regs, unsigned long at);
/*
 * At a function's first instruction: where its return address lies, and what it
 * is; with `hook` not 0, that is put there.  False: the stack is not there.
 */
bool arch_uprobe_return(const struct pt_regs *regs, unsigned long *address,
			unsigned long hook);

#endif
