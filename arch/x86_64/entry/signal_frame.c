/* SPDX-License-Identifier: MIT */
/*
 * signal_frame.c -- making a user program run its handler, and go back after
 *
 * IDEA.  A signal handler is a function call that the program did not make.
 * Everything it interrupted is written to the user's stack, where the handler
 * may look at it and change it; the return address leads to a stub of the C
 * library that calls rt_sigreturn, which reads it all back:
 *
 *	interrupted rsp ->  | ...                |
 *	                    | red zone, 128 B    |  the ABI lets leaf functions
 *	                    +--------------------+  use it below rsp: skip it
 *	                    | FPU image          |  64-byte aligned
 *	                    | siginfo            |  <- rsi
 *	                    | ucontext           |  <- rdx
 *	handler's rsp   ->  | SA_RESTORER's stub |  rsp + 8 is 16-byte aligned
 *
 * The kernel keeps nothing, so frames nest, and longjmp out of a handler is
 * fine.  It also means that rt_sigreturn believes nothing: selectors get RPL 3,
 * of rflags only the arithmetic bits are taken, the FPU image is checked; what
 * iretq still refuses becomes a SIGSEGV (see fixup_bad_iret).
 *
 * LOCKING.  Process context, on the way to user mode; may sleep.
 *
 * SEE System V psABI 3.2.2, 3.4.1; sigreturn(2), sigaltstack(2).
 */

#include <arch/signal.h>

#include <arch/fpu.h>
#include <arch/ptrace.h>
#include <arch/syscall.h>
#include <arch/uaccess.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/string.h>
#include <kernel/syscall.h>

#define RED_ZONE 128
#define MXCSR_BITS 0xffff
#define FRAME_MAGIC2_SIZE 4
#define SW_BYTES_OFFSET 464

/* The rflags that a frame may change. */
#define FRAME_FLAGS							\
	(X86_EFLAGS_AC | X86_EFLAGS_OF | X86_EFLAGS_DF | X86_EFLAGS_TF | \
	 X86_EFLAGS_SF | X86_EFLAGS_ZF | X86_EFLAGS_AF | X86_EFLAGS_PF | \
	 X86_EFLAGS_CF | X86_EFLAGS_RF)

static_assert(offsetof(struct fxregs_state, sw_reserved) == SW_BYTES_OFFSET,
	      "Linux ABI");

static unsigned long fpu_frame_size(void)
{
	return fpu_xstate_size + (fpu_xfeatures ? FRAME_MAGIC2_SIZE : 0);
}

unsigned long arch_sigframe_size(void)
{
	return RED_ZONE + sizeof(struct rt_sigframe) + fpu_frame_size() + 64;
}

static bool on_altstack(unsigned long sp)
{
	struct task_struct *t = current;

	return !(t->sas_ss_flags & SS_AUTODISARM) && t->sas_ss_size &&
	       sp > t->sas_ss_sp && sp - t->sas_ss_sp <= t->sas_ss_size;
}

/* Where the frame goes, and *fpstate above it; 0 if it cannot fit. */
static unsigned long frame_address(const struct ksignal *ksig,
				   const struct pt_regs *regs,
				   unsigned long *fpstate)
{
	unsigned long sp = regs->sp - RED_ZONE;
	bool nested = on_altstack(regs->sp);
	struct task_struct *t = current;

	if ((ksig->ka.sa.sa_flags & SA_ONSTACK) && !nested && t->sas_ss_size)
		sp = t->sas_ss_sp + t->sas_ss_size;
	*fpstate = (sp - fpu_frame_size()) & ~63UL;
	sp = ((*fpstate - sizeof(struct rt_sigframe)) & ~15UL) - 8;
	/* Running off the alternate stack must not look like success. */
	if (nested && !on_altstack(sp))
		return 0;
	return access_ok(sp, arch_sigframe_size()) ? sp : 0;
}

/* Write the FPU image behind the frame, marked with what is in it. */
static int save_fpu(unsigned long to)
{
	struct xregs_state *x = fpu_sync_current();
	struct fpx_sw_bytes sw = {
		.magic1 = FP_XSTATE_MAGIC1,
		.extended_size = fpu_xstate_size + FRAME_MAGIC2_SIZE,
		.xfeatures = fpu_xfeatures,
		.xstate_size = fpu_xstate_size,
	};
	char __user *p = (char __user *)to;
	int err;

	memset(x->fx.sw_reserved, 0, sizeof(x->fx.sw_reserved));
	if (fpu_xfeatures)
		memcpy(x->fx.sw_reserved, &sw, sizeof(sw));
	err = copy_to_user(p, x, fpu_xstate_size) ? -EFAULT : 0;
	if (!err && fpu_xfeatures)
		err = put_user(FP_XSTATE_MAGIC2,
			       (u32 __user *)(p + fpu_xstate_size));
	fpu_load_current();
	return err;
}

static void fill_sigcontext(struct sigcontext_64 *sc,
			    const struct pt_regs *regs, unsigned long fpstate)
{
	*sc = (struct sigcontext_64){
		.r8 = regs->r8, .r9 = regs->r9, .r10 = regs->r10,
		.r11 = regs->r11, .r12 = regs->r12, .r13 = regs->r13,
		.r14 = regs->r14, .r15 = regs->r15, .di = regs->di,
		.si = regs->si, .bp = regs->bp, .bx = regs->bx,
		.dx = regs->dx, .ax = regs->ax, .cx = regs->cx,
		.sp = regs->sp, .ip = regs->ip, .flags = regs->flags,
		.cs = regs->cs, .ss = regs->ss,
		.err = current->thread.error_code,
		.trapno = current->thread.trap_nr,
		.cr2 = current->thread.cr2, .fpstate = fpstate,
	};
}

static void fill_ucontext(struct ucontext *uc, const struct pt_regs *regs,
			  unsigned long fpstate)
{
	struct task_struct *t = current;
	u64 mask = t->restore_sigmask ? t->saved_sigmask.sig : t->blocked.sig;
	unsigned ss_flags = t->sas_ss_flags & SS_AUTODISARM;

	if (!t->sas_ss_size)
		ss_flags |= SS_DISABLE;
	else if (on_altstack(regs->sp))
		ss_flags |= SS_ONSTACK;
	memset(uc, 0, sizeof(*uc));
	uc->uc_flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS |
		       (fpu_xfeatures ? UC_FP_XSTATE : 0);
	uc->uc_stack = (stack_t){ (void *)t->sas_ss_sp, ss_flags,
				  t->sas_ss_size };
	fill_sigcontext(&uc->uc_mcontext, regs, fpstate);
	uc->uc_mcontext.oldmask = mask;
	uc->uc_sigmask = mask;
}

/* What the handler starts with. */
static void enter_handler(const struct ksignal *ksig, struct pt_regs *regs,
			  unsigned long sp)
{
	regs->di = ksig->sig;
	regs->si = sp + offsetof(struct rt_sigframe, info);
	regs->dx = sp + offsetof(struct rt_sigframe, uc);
	regs->ax = 0;
	regs->orig_ax = -1;
	regs->ip = (unsigned long)ksig->ka.sa.sa_handler;
	regs->sp = sp;
	regs->cs = __USER_CS;
	regs->ss = __USER_DS;
	regs->flags &= ~(X86_EFLAGS_DF | X86_EFLAGS_RF | X86_EFLAGS_TF);
}

int arch_setup_rt_frame(struct ksignal *ksig, struct pt_regs *regs)
{
	struct rt_sigframe frame;
	struct task_struct *t = current;
	unsigned long fpstate, sp = frame_address(ksig, regs, &fpstate);

	if (!sp || !(ksig->ka.sa.sa_flags & SA_RESTORER))
		return -EFAULT;
	if (save_fpu(fpstate))
		return -EFAULT;
	frame.pretcode = ksig->ka.sa.sa_restorer;
	fill_ucontext(&frame.uc, regs, fpstate);
	frame.info = ksig->info;
	if (copy_to_user((void __user *)sp, &frame, sizeof(frame)))
		return -EFAULT;
	if (t->sas_ss_flags & SS_AUTODISARM) {
		t->sas_ss_sp = 0;
		t->sas_ss_size = 0;
		t->sas_ss_flags = SS_DISABLE;
	}
	fpu_flush_thread();
	enter_handler(ksig, regs, sp);
	return 0;
}

/* Does an XSAVE image of our size stand at p, and not an old FXSAVE one? */
static bool frame_has_xstate(const struct fpx_sw_bytes *sw,
			     const char __user *p)
{
	u32 magic2;

	if (!fpu_xfeatures || sw->magic1 != FP_XSTATE_MAGIC1 ||
	    sw->xstate_size != fpu_xstate_size)
		return false;
	return !get_user(magic2, (const u32 __user *)(p + sw->xstate_size)) &&
	       magic2 == FP_XSTATE_MAGIC2;
}

static int restore_fpu(unsigned long from)
{
	const char __user *p = (const char __user *)from;
	struct xregs_state *x;
	struct fpx_sw_bytes sw;
	int err = 0;

	if (!from) {
		fpu_flush_thread();
		return 0;
	}
	if (copy_from_user(&sw, p + SW_BYTES_OFFSET, sizeof(sw)))
		return -EFAULT;
	x = fpu_sync_current();
	if (frame_has_xstate(&sw, p)) {
		if (copy_from_user(x, p, fpu_xstate_size))
			err = -EFAULT;
	} else {
		if (copy_from_user(x, p, sizeof(struct fxregs_state)))
			err = -EFAULT;
		/* Without XSAVE the image ends here: no header behind it. */
		if (fpu_xfeatures)
			x->xfeatures = 3;       /* x87 and SSE */
	}
	if (!err && (x->fx.mxcsr & ~MXCSR_BITS))
		err = -EINVAL;          /* the CPU would refuse it */
	if (err)
		fpu_flush_thread();
	else
		fpu_load_current();
	return err;
}

static void restore_sigcontext(struct pt_regs *regs,
			       const struct sigcontext_64 *sc,
			       unsigned long uc_flags)
{
	regs->r8 = sc->r8;
	regs->r9 = sc->r9;
	regs->r10 = sc->r10;
	regs->r11 = sc->r11;
	regs->r12 = sc->r12;
	regs->r13 = sc->r13;
	regs->r14 = sc->r14;
	regs->r15 = sc->r15;
	regs->di = sc->di;
	regs->si = sc->si;
	regs->bp = sc->bp;
	regs->bx = sc->bx;
	regs->dx = sc->dx;
	regs->ax = sc->ax;
	regs->cx = sc->cx;
	regs->sp = sc->sp;
	regs->ip = sc->ip;
	regs->flags = (regs->flags & ~FRAME_FLAGS) | (sc->flags & FRAME_FLAGS);
	regs->cs = sc->cs | 3;
	regs->ss = uc_flags & UC_STRICT_RESTORE_SS ? sc->ss | 3 : __USER_DS;
	regs->orig_ax = -1;             /* no restart of the old call */
}

/* A bad stack in a frame is ignored, as Linux does. */
static void restore_altstack_from(const stack_t *ss)
{
	struct task_struct *t = current;

	if (on_altstack(current_pt_regs()->sp))
		return;
	if (ss->ss_flags & SS_DISABLE) {
		t->sas_ss_sp = t->sas_ss_size = 0;
		t->sas_ss_flags = SS_DISABLE;
	} else if (ss->ss_size >= MINSIGSTKSZ) {
		t->sas_ss_sp = (unsigned long)ss->ss_sp;
		t->sas_ss_size = ss->ss_size;
		t->sas_ss_flags = ss->ss_flags & SS_AUTODISARM;
	}
}

SYSCALL_DEFINE0(rt_sigreturn)
{
	struct pt_regs *regs = current_pt_regs();
	struct rt_sigframe __user *frame = (void __user *)(regs->sp - 8);
	struct ucontext uc;
	sigset_t set;

	current->restart_block.fn = NULL;
	if (copy_from_user(&uc, &frame->uc, sizeof(uc)))
		goto bad;
	set.sig = uc.uc_sigmask & ~(sigmask(SIGKILL) | sigmask(SIGSTOP));
	set_current_blocked(&set);
	restore_sigcontext(regs, &uc.uc_mcontext, uc.uc_flags);
	if (restore_fpu(uc.uc_mcontext.fpstate))
		goto bad;
	restore_altstack_from(&uc.uc_stack);
	return regs->ax;
bad:
	force_sig(SIGSEGV);
	return 0;
}
