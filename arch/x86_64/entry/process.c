/* SPDX-License-Identifier: MIT */
/*
 * process.c -- the C half of a context switch, and how tasks begin
 *
 * IDEA.  switch.S has changed the stack; what remains is everything that is
 * the task's but lies neither on its stack nor in memory: FPU, FS and GS
 * bases, debug registers, and three pointers of the CPU to the task: current,
 * the top of its kernel stack for `syscall`, and the same in TSS.sp0 for
 * interrupts.
 *
 * A new task is given a stack that looks as if it had been switched away from:
 *
 *	stack + THREAD_SIZE  +-----------------+
 *	                     | struct pt_regs  |  copy of the parent's, ax = 0
 *	                     | ret_from_fork   |  struct fork_frame: what
 *	                     | bp bx r12..r15  |  __switch_to_asm() pops
 *	thread.sp            +-----------------+
 *
 * LOCKING.  __switch_to(): irqs off, the run queue locked by the caller.
 * `current` changes in the middle of it: use prev and next.
 *
 * SEE docs/08-context-switch.md.
 */

#include "entry.h"

#include "../cpu/cpu.h"
#include "../cpu/debugreg.h"

#include <arch/cpufeature.h>
#include <arch/fpu.h>
#include <arch/ioport.h>
#include <arch/msr.h>
#include <arch/regset.h>
#include <arch/stacktrace.h>
#include <arch/switch_to.h>
#include <arch/uaccess.h>
#include <kernel/percpu.h>
#include <kernel/preempt.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/syscall.h>
#include <uapi/sched.h>

#define ARCH_GET_CPUID 0x1011
#define ARCH_SET_CPUID 0x1012

DEFINE_PER_CPU(struct task_struct *, current_task) = &init_task;
DEFINE_PER_CPU(unsigned long, cpu_current_top_of_stack);

/* What __switch_to_asm() finds on the stack of a task that never ran. */
struct fork_frame {
	unsigned long r15, r14, r13, r12, bx, bp;
	unsigned long ret_addr;
	struct pt_regs regs;
};

/*
 * The FS and GS bases.  With FSGSBASE ring 3 can change them by itself, so
 * they are read back at each switch.  In the kernel the user's GS base waits in
 * the other register of swapgs; irqs are off, and NMIs trust no GS.
 */
static unsigned long read_user_gsbase(void)
{
	unsigned long base;

	__asm__ __volatile__("swapgs; rdgsbase %0; swapgs" : "=r"(base)
			     :: "memory");
	return base;
}

static void write_user_gsbase(unsigned long base)
{
	if (boot_cpu_has(X86_FEATURE_FSGSBASE))
		__asm__ __volatile__("swapgs; wrgsbase %0; swapgs" :: "r"(base)
				     : "memory");
	else
		wrmsrl(MSR_KERNEL_GS_BASE, base);
}

static void write_user_fsbase(unsigned long base)
{
	if (boot_cpu_has(X86_FEATURE_FSGSBASE))
		__asm__ __volatile__("wrfsbase %0" :: "r"(base) : "memory");
	else
		wrmsrl(MSR_FS_BASE, base);
}

static void save_bases(struct thread_struct *t)
{
	if (!boot_cpu_has(X86_FEATURE_FSGSBASE))
		return;         /* changed by arch_prctl only, which noted it */
	__asm__ __volatile__("rdfsbase %0" : "=r"(t->fsbase));
	t->gsbase = read_user_gsbase();
}

/* Segment registers: a user may load any of the few selectors there are. */
static void save_selectors(struct thread_struct *t)
{
	__asm__ __volatile__("movw %%ds, %0" : "=rm"(t->dsindex));
	__asm__ __volatile__("movw %%es, %0" : "=rm"(t->esindex));
	__asm__ __volatile__("movw %%fs, %0" : "=rm"(t->fsindex));
	__asm__ __volatile__("movw %%gs, %0" : "=rm"(t->gsindex));
}

/* Bring current's thread_struct up to date: a core dump will read it. */
void save_current_segments(void)
{
	local_irq_disable();
	save_bases(&current->thread);
	save_selectors(&current->thread);
	local_irq_enable();
}

/* Loading FS or GS changes its base: the bases are written afterwards. */
static void load_selectors(const struct thread_struct *prev,
			   const struct thread_struct *next)
{
	if (unlikely(prev->dsindex | next->dsindex))
		__asm__ __volatile__("movw %w0, %%ds" :: "r"(next->dsindex));
	if (unlikely(prev->esindex | next->esindex))
		__asm__ __volatile__("movw %w0, %%es" :: "r"(next->esindex));
	if (unlikely(prev->fsindex | next->fsindex))
		__asm__ __volatile__("movw %w0, %%fs" :: "r"(next->fsindex));
	if (unlikely(prev->gsindex | next->gsindex))
		__asm__ __volatile__("swapgs; movw %w0, %%gs; swapgs"
				     :: "r"(next->gsindex) : "memory");
}

/* All four to 0; irqs off, for the user's GS is behind a swapgs. */
static void clear_selectors(void)
{
	__asm__ __volatile__("movl %0, %%ds; movl %0, %%es; movl %0, %%fs\n"
			     "swapgs; movl %0, %%gs; swapgs" :: "r"(0)
			     : "memory");
}

/* Kernel tasks leave the bases of whoever ran before alone. */
static void switch_segments(struct task_struct *prev, struct task_struct *next)
{
	if (!(prev->flags & PF_KTHREAD))
		save_bases(&prev->thread);
	save_selectors(&prev->thread);
	load_selectors(&prev->thread, &next->thread);
	if (!(next->flags & PF_KTHREAD)) {
		write_user_fsbase(next->thread.fsbase);
		write_user_gsbase(next->thread.gsbase);
	}
}

struct task_struct *__switch_to(struct task_struct *prev,
				struct task_struct *next)
{
	unsigned long top = (unsigned long)next->stack + THREAD_SIZE;

	fpu_switch(prev, next);
	switch_segments(prev, next);
	if (unlikely(prev->thread.debugctl | next->thread.debugctl))
		debugreg_load(&next->thread);
	this_cpu_write(current_task, next);
	this_cpu_write(cpu_current_top_of_stack, top);
	this_cpu_write(cpu_tss.sp0, top);
	if (unlikely((unsigned long)prev->thread.io_ports |
		     (unsigned long)next->thread.io_ports))
		io_ports_load(next);
	return prev;
}

/* Lay the first frame of p; returns its pt_regs, zeroed. */
static struct pt_regs *make_fork_frame(struct task_struct *p,
				       unsigned long fn, unsigned long arg)
{
	struct fork_frame *frame = (struct fork_frame *)
		((unsigned long)p->stack + THREAD_SIZE) - 1;

	memset(frame, 0, sizeof(*frame));
	frame->ret_addr = (unsigned long)ret_from_fork;
	frame->bx = fn;
	frame->r12 = arg;
	frame->bp = (unsigned long)&frame->regs + 1;    /* as MARK_FRAME */
	p->thread.sp = (unsigned long)frame;
	return &frame->regs;
}

int copy_thread(struct task_struct *p, unsigned long clone_flags,
		unsigned long usp, unsigned long tls)
{
	struct thread_struct *t = &p->thread;
	struct pt_regs *regs = make_fork_frame(p, 0, 0);
	int err;

	*regs = *current_pt_regs();
	regs->ax = 0;
	/* A debugger steps the parent, not the child. */
	if (test_ti_flag(current, TIF_FORCED_TF))
		regs->flags &= ~X86_EFLAGS_TF;
	if (usp)
		regs->sp = usp;

	local_irq_disable();
	*t = current->thread;
	save_bases(t);
	save_selectors(t);
	local_irq_enable();
	t->sp = (unsigned long)regs - offsetof(struct fork_frame, regs);
	t->debugctl = t->tracer_dr7 = t->debug_status = 0;
	memset(t->debugreg, 0, sizeof(t->debugreg));
	if (clone_flags & CLONE_SETTLS)
		t->fsbase = tls;
	err = io_ports_fork(p);
	if (err)
		return err;
	err = fpu_clone(p);
	if (err)
		io_ports_free(p);
	return err;
}

int copy_thread_kernel(struct task_struct *p, int (*fn)(void *), void *arg)
{
	memset(&p->thread, 0, sizeof(p->thread));
	p->thread.fpu_cpu = -1;
	make_fork_frame(p, (unsigned long)fn, (unsigned long)arg);
	return 0;
}

void exit_thread(struct task_struct *task)
{
	io_ports_free(task);
	fpu_free(task);
}

void start_thread(struct pt_regs *regs, unsigned long ip, unsigned long sp)
{
	memset(regs, 0, sizeof(*regs));
	regs->orig_ax = -1;
	regs->ip = ip;
	regs->sp = sp;
	regs->cs = __USER_CS;
	regs->ss = __USER_DS;
	regs->flags = X86_EFLAGS_IF | X86_EFLAGS_FIXED;
}

void flush_thread(void)
{
	struct thread_struct *t = &current->thread;

	local_irq_disable();
	clear_selectors();
	write_user_fsbase(0);
	write_user_gsbase(0);
	t->dsindex = t->esindex = t->fsindex = t->gsindex = 0;
	t->fsbase = t->gsbase = 0;
	t->debugctl = t->tracer_dr7 = t->debug_status = 0;
	memset(t->debugreg, 0, sizeof(t->debugreg));
	debugreg_load(t);
	local_irq_enable();
	fpu_flush_thread();
}

/* Set a base of current at once; preemption must not save the old one. */
static long set_base(bool gs, unsigned long base)
{
	if (base >= TASK_SIZE_MAX)
		return -EPERM;
	local_irq_disable();
	if (gs) {
		current->thread.gsbase = base;
		write_user_gsbase(base);
	} else {
		current->thread.fsbase = base;
		write_user_fsbase(base);
	}
	local_irq_enable();
	return 0;
}

static long get_base(bool gs, unsigned long __user *out)
{
	unsigned long base;

	local_irq_disable();
	save_bases(&current->thread);
	base = gs ? current->thread.gsbase : current->thread.fsbase;
	local_irq_enable();
	return put_user(base, out);
}

long arch_do_prctl(int option, unsigned long arg2)
{
	switch (option) {
	case ARCH_SET_FS:
	case ARCH_SET_GS:
		return set_base(option == ARCH_SET_GS, arg2);
	case ARCH_GET_FS:
	case ARCH_GET_GS:
		return get_base(option == ARCH_GET_GS,
				(unsigned long __user *)arg2);
	case ARCH_GET_CPUID:
		return 1;
	case ARCH_SET_CPUID:            /* cpuid never faults here */
		return -ENODEV;
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE2(arch_prctl, int, option, unsigned long, arg2)
{
	return arch_do_prctl(option, arg2);
}

/* The third caller out: schedule() and the wait function are the first two. */
unsigned long get_wchan(struct task_struct *task)
{
	unsigned long addr[4];

	if (task == current || READ_ONCE(task->state) == TASK_RUNNING)
		return 0;
	if (stack_trace_save_tsk(task, addr, 4, 0) < 3)
		return 0;
	return addr[2];
}
