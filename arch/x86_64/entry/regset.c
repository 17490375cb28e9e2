/* SPDX-License-Identifier: MIT */
/*
 * regset.c -- a debugger reads and writes a stopped task's registers
 *
 * The general ones lie in the pt_regs at the top of its kernel stack, the
 * segments and debug registers in its thread_struct, where the context switch
 * left them. What a debugger writes is checked as strictly as what a signal
 * frame brings: nothing of it may make ring 0 fault or weaken.
 *
 * TF has two owners, the program and the debugger: TIF_FORCED_TF says that it
 * is the debugger's, and then it is hidden from whoever reads the flags.
 *
 * DR7, two bits to enable and four to describe each of DR0-DR3:
 *
 *	 31         24         16                       8 7 6 5 4 3 2 1 0
 *	|L3 R3|L2 R2|L1 R1|L0 R0| .................... |GE LE|G L|G L|G L|G L|
 *	 R: 0 execute, 1 write, 3 read or write     L: bytes - 1 (2: eight)
 *
 * SEE Intel SDM vol. 3 ch. 17.2; docs/67-ptrace.md.
 */

#include <arch/regset.h>

#include "entry.h"

#include <arch/irqflags.h>
#include <arch/processor.h>
#include <arch/uaccess.h>
#include <kernel/errno.h>
#include <kernel/sched.h>
#include <kernel/string.h>

/* Offsets in Linux's struct user. */
#define USER_SIZE 912
#define USER_DEBUGREG 848

#define DR6_RESERVED 0xffff0ff0UL
#define DR7_RESERVED 0xffffffff0000fc00UL
#define DR7_ENABLE(dr7, n) ((dr7) >> (2 * (n)) & 3)
#define DR7_ENABLE_ALL 0xff
#define DR7_TYPE(dr7, n) ((dr7) >> (16 + 4 * (n)) & 3)
#define DR7_LEN(dr7, n) ((dr7) >> (18 + 4 * (n)) & 3)
#define DR7_TYPE_IO 2

/* The flags that are the program's, and so a debugger's. */
#define USER_FLAGS							\
	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | \
	 X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_OF | \
	 X86_EFLAGS_RF | X86_EFLAGS_AC)

void arch_get_regs(struct task_struct *t, struct user_regs_struct *r)
{
	const struct pt_regs *regs = task_pt_regs(t);

	if (t == current)
		save_current_segments();
	static_assert(offsetof(struct user_regs_struct, fs_base) ==
		      sizeof(struct pt_regs), "the same order");
	memcpy(r, regs, sizeof(*regs));
	if (test_ti_flag(t, TIF_FORCED_TF))
		r->flags &= ~X86_EFLAGS_TF;
	r->fs_base = t->thread.fsbase;
	r->gs_base = t->thread.gsbase;
	r->ds = t->thread.dsindex;
	r->es = t->thread.esindex;
	r->fs = t->thread.fsindex;
	r->gs = t->thread.gsindex;
}

/* A null selector or the one data segment: the switch loads it in ring 0. */
static bool data_ok(unsigned long sel)
{
	return sel <= 3 || sel == __USER_DS;
}

/* Any that asks for ring 3: what iretq refuses becomes a SIGSEGV. */
static bool return_ok(unsigned long sel)
{
	return sel <= 0xffff && (sel & 3) == 3;
}

static bool regs_ok(const struct user_regs_struct *r)
{
	if (!return_ok(r->cs) || !return_ok(r->ss))
		return false;
	if (!data_ok(r->ds) || !data_ok(r->es) || !data_ok(r->fs) ||
	    !data_ok(r->gs))
		return false;
	return r->fs_base < TASK_SIZE_MAX && r->gs_base < TASK_SIZE_MAX;
}

static unsigned long merge_flags(struct task_struct *t, unsigned long old,
				 unsigned long flags)
{
	if (flags & X86_EFLAGS_TF)
		clear_ti_flag(t, TIF_FORCED_TF);
	else if (test_ti_flag(t, TIF_FORCED_TF))
		flags |= X86_EFLAGS_TF;
	return (old & ~(unsigned long)USER_FLAGS) | (flags & USER_FLAGS);
}

int arch_set_regs(struct task_struct *t, const struct user_regs_struct *r)
{
	struct pt_regs *regs = task_pt_regs(t);
	unsigned long flags = regs->flags;

	if (!regs_ok(r))
		return -EIO;
	memcpy(regs, r, sizeof(*regs));
	regs->flags = merge_flags(t, flags, r->flags);
	t->thread.fsbase = r->fs_base;
	t->thread.gsbase = r->gs_base;
	t->thread.dsindex = r->ds;
	t->thread.esindex = r->es;
	t->thread.fsindex = r->fs;
	t->thread.gsindex = r->gs;
	return 0;
}

/* ---- struct user --------------------------------------------------------- */

static unsigned long get_debugreg(const struct thread_struct *t, int n)
{
	if (n < 4)
		return t->debugreg[n];
	if (n == 6)
		return t->debug_status ^ DR6_RESERVED;
	return n == 7 ? t->tracer_dr7 : 0;
}

/* May DR0-DR3 and this DR7 stand together? */
static bool breakpoints_ok(const unsigned long addr[4], unsigned long dr7)
{
	static const u8 bytes[] = { 1, 2, 8, 4 };

	for (int n = 0; n < 4; n++) {
		unsigned long len = bytes[DR7_LEN(dr7, n)];

		if (!DR7_ENABLE(dr7, n))
			continue;
		if (DR7_TYPE(dr7, n) == DR7_TYPE_IO ||
		    (!DR7_TYPE(dr7, n) && len != 1) || (addr[n] & (len - 1)) ||
		    addr[n] >= TASK_SIZE_MAX)
			return false;
	}
	return true;
}

static int set_debugreg(struct thread_struct *t, int n, unsigned long value)
{
	unsigned long addr[4];

	if (n == 6) {
		t->debug_status = value ^ DR6_RESERVED;
		return 0;
	}
	if (n == 7) {
		value &= ~DR7_RESERVED;
		if (!breakpoints_ok(t->debugreg, value))
			return -EINVAL;
		t->tracer_dr7 = value;
		t->debugctl = value & DR7_ENABLE_ALL ? value : 0;
		return 0;
	}
	if (n > 3)
		return -EIO;
	memcpy(addr, t->debugreg, sizeof(addr));
	addr[n] = value;
	if (value >= TASK_SIZE_MAX || !breakpoints_ok(addr, t->tracer_dr7))
		return -EINVAL;
	t->debugreg[n] = value;
	return 0;
}

int arch_peek_user(struct task_struct *t, unsigned long off,
		   unsigned long *value)
{
	struct user_regs_struct r;

	if ((off & 7) || off >= USER_SIZE)
		return -EIO;
	*value = 0;
	if (off < sizeof(r)) {
		arch_get_regs(t, &r);
		*value = ((unsigned long *)&r)[off / 8];
	} else if (off >= USER_DEBUGREG) {
		*value = get_debugreg(&t->thread, (off - USER_DEBUGREG) / 8);
	}
	return 0;
}

int arch_poke_user(struct task_struct *t, unsigned long off,
		   unsigned long value)
{
	struct user_regs_struct r;

	if ((off & 7) || off >= USER_SIZE)
		return -EIO;
	if (off < sizeof(r)) {
		arch_get_regs(t, &r);
		((unsigned long *)&r)[off / 8] = value;
		return arch_set_regs(t, &r);
	}
	if (off >= USER_DEBUGREG)
		return set_debugreg(&t->thread, (off - USER_DEBUGREG) / 8,
				    value);
	return -EIO;
}

/* GET_FS and GET_GS, which libthread_db finds threads by, and SET. */
long arch_ptrace_prctl(struct task_struct *t, unsigned long option,
		       unsigned long arg)
{
	bool gs = option == ARCH_GET_GS || option == ARCH_SET_GS;

	switch (option) {
	case ARCH_GET_FS:
	case ARCH_GET_GS:
		return put_user(gs ? t->thread.gsbase : t->thread.fsbase,
				(unsigned long __user *)arg);
	case ARCH_SET_FS:
	case ARCH_SET_GS:
		if (arg >= TASK_SIZE_MAX)
			return -EPERM;
		*(gs ? &t->thread.gsbase : &t->thread.fsbase) = arg;
		return 0;
	}
	return -EINVAL;
}

/* ---- single steps -------------------------------------------------------- */

void user_enable_single_step(struct task_struct *t)
{
	struct pt_regs *regs = task_pt_regs(t);

	set_ti_flag(t, TIF_SINGLESTEP);
	if (!(regs->flags & X86_EFLAGS_TF))
		set_ti_flag(t, TIF_FORCED_TF);
	regs->flags |= X86_EFLAGS_TF;
}

void user_disable_single_step(struct task_struct *t)
{
	clear_ti_flag(t, TIF_SINGLESTEP);
	if (test_ti_flag(t, TIF_FORCED_TF)) {
		clear_ti_flag(t, TIF_FORCED_TF);
		task_pt_regs(t)->flags &= ~X86_EFLAGS_TF;
	}
}
