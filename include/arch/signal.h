/* SPDX-License-Identifier: MIT */
#ifndef ARCH_SIGNAL_H
#define ARCH_SIGNAL_H
/*
 * signal.h -- the frame that a signal handler finds on its stack (Linux ABI)
 *
 *	higher   the FPU image, 64-byte aligned (struct xregs_state + magic)
 *	         struct rt_sigframe:  pretcode   <- rsp at the handler
 *	                              ucontext   <- rdx
 *	lower                         siginfo    <- rsi
 *
 * rsp + 8 is a multiple of 16 at the handler, as after any call.
 */

#include <kernel/types.h>
#include <uapi/signal.h>

#define UC_FP_XSTATE 0x1       /* fpstate has an XSAVE image */
#define UC_SIGCONTEXT_SS 0x2   /* the ss field is real */
#define UC_STRICT_RESTORE_SS 0x4
#define FP_XSTATE_MAGIC1 0x46505853U
#define FP_XSTATE_MAGIC2 0x46505845U

struct sigcontext_64 {
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 di, si, bp, bx, dx, ax, cx, sp, ip, flags;
	u16 cs, gs, fs, ss;
	u64 err, trapno, oldmask, cr2;
	u64 fpstate;               /* user pointer, 0: none */
	u64 reserved1[8];
};

struct ucontext {
	unsigned long uc_flags;
	struct ucontext *uc_link;
	stack_t uc_stack;
	struct sigcontext_64 uc_mcontext;
	u64 uc_sigmask;
};

struct rt_sigframe {
	void *pretcode;            /* return address: SA_RESTORER's function */
	struct ucontext uc;
	siginfo_t info;
};

static_assert(sizeof(struct sigcontext_64) == 256, "Linux ABI");
static_assert(sizeof(struct ucontext) == 304, "Linux ABI");
static_assert(sizeof(struct rt_sigframe) == 440, "Linux ABI");

/* At byte 464 of an FPU image in a frame: says what follows the FXSAVE part. */
struct fpx_sw_bytes {
	u32 magic1;                /* FP_XSTATE_MAGIC1 */
	u32 extended_size;         /* image and magic2 */
	u64 xfeatures;
	u32 xstate_size;           /* image alone */
	u32 padding[7];
};

static_assert(sizeof(struct fpx_sw_bytes) == 48, "Linux ABI");

/* Bytes that a frame may need: AT_MINSIGSTKSZ. */
unsigned long arch_sigframe_size(void);

#endif
