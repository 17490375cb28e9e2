/* SPDX-License-Identifier: MIT */
#ifndef ARCH_REGSET_H
#define ARCH_REGSET_H
/*
 * regset.h -- a task's user registers as debuggers and core files see them
 *
 * Of current, or of a task that is stopped and stays so while the call lasts.
 * Process context; may sleep.
 */

#include <kernel/types.h>

/* FXSAVE's image: what PTRACE_GETFPREGS and cores show. */
#define FXSAVE_SIZE 512

struct task_struct;

/* Linux's struct user_regs_struct: pt_regs, then what no entry pushes. */
struct user_regs_struct {
	unsigned long r15, r14, r13, r12, bp, bx;
	unsigned long r11, r10, r9, r8, ax, cx, dx, si, di;
	unsigned long orig_ax;
	unsigned long ip, cs, flags, sp, ss;
	unsigned long fs_base, gs_base;
	unsigned long ds, es, fs, gs;
};

static_assert(sizeof(struct user_regs_struct) == 216, "Linux ABI");

/* arch_prctl's options that are about segment bases. */
#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004

#define NT_PRSTATUS 1
#define NT_PRFPREG 2
#define NT_X86_XSTATE 0x202

void arch_get_regs(struct task_struct *t, struct user_regs_struct *r);
/* 0, or -EIO for a value that no user program may have. */
int arch_set_regs(struct task_struct *t, const struct user_regs_struct *r);
/* A word of struct user; -EIO: no such offset; -EINVAL: a bad breakpoint. */
int arch_peek_user(struct task_struct *t, unsigned long off,
		   unsigned long *value);
int arch_poke_user(struct task_struct *t, unsigned long off,
		   unsigned long value);
/* arch_prctl() for a stopped task; what it reads goes to current's memory. */
long arch_ptrace_prctl(struct task_struct *t, unsigned long option,
		       unsigned long arg);
/* Bytes of the floating-point image: FXSAVE's 512, or all that XSAVE knows. */
size_t arch_xstate_size(void);
/* Copy the image out; `buf` has arch_xstate_size() bytes (NT_X86_XSTATE), of
 * which the first 512 are NT_PRFPREG. */
void arch_get_xstate(struct task_struct *t, void *buf);
/* Replace the first `size` bytes (512 or all); -EINVAL: not an image. */
int arch_set_xstate(struct task_struct *t, const void *buf, size_t size);

/* Make t trap after each user instruction, or no longer. */
void user_enable_single_step(struct task_struct *t);
void user_disable_single_step(struct task_struct *t);

#endif
