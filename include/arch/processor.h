/* SPDX-License-Identifier: MIT */
#ifndef ARCH_PROCESSOR_H
#define ARCH_PROCESSOR_H
/*
 * processor.h -- what the CPU keeps for a task while the task is not running
 *
 * Field keys:  [o] the owning task, or the switch that parks or resumes it
 *              [t] the owner, or a tracer while the owner is stopped
 */

#include <arch/ptrace.h>
#include <kernel/types.h>

#define STACK_TOP_MAX STACK_TOP

struct io_ports;
struct xregs_state;
struct task_struct;

struct thread_struct {
	unsigned long sp;           /* [o] kernel stack pointer when parked */
	unsigned long fsbase;       /* [t] user FS base: thread-local storage */
	unsigned long gsbase;       /* [t] user GS base */
	u16 fsindex, gsindex;       /* [o] user selectors: 0, or a user segment */
	u16 dsindex, esindex;       /* [o] */
	struct xregs_state *fpu;    /* [t] XSAVE image; NULL: never had one */
	int fpu_cpu;                /* [o] where it was last loaded; -1: nowhere */
	bool fpu_in_memory;         /* [o] the image, not the CPU, is current */
	struct io_ports *io_ports;  /* [o] that ring 3 may use; NULL: none */
	u32 debug_status;           /* [o] DR6 of the last #DB */
	unsigned long debugreg[4];  /* [t] DR0-DR3 */
	unsigned long debugctl;     /* [t] DR7; 0 most of the time */
	unsigned long tracer_dr7;   /* [t] DR7 as the debugger wrote it */
	unsigned long cr2;          /* [o] address of the last user fault */
	unsigned long trap_nr;      /* [o] vector of the last user fault */
	unsigned long error_code;   /* [o] and its error code */
};

/* Tell the CPU that this is a spin loop. */
static __always_inline void cpu_relax(void)
{
	__asm__ __volatile__("pause" ::: "memory");
}

static __always_inline void prefetch(const void *p)
{
	__builtin_prefetch(p, 0);
}

static __always_inline void prefetchw(const void *p)
{
	__builtin_prefetch(p, 1);
}

/*
 * Boot CPU, first thing: descriptor tables, traps, the system-call entry.  It
 * needs no memory and no lock.  cpu_init() does the per-CPU half for an AP.
 */
void trap_init(void);
void cpu_init(void);

/*
 * Give the new task `p` its first kernel stack frame.  copy_thread: a user
 * task that returns 0 from its parent's system call, on stack `usp` (0: the
 * parent's) and with thread pointer `tls` if CLONE_SETTLS.  For a kernel task:
 * it runs fn(arg), and if fn returns, goes to the user mode that start_thread
 * prepared.  0 or -ENOMEM.  Process context, may sleep.
 */
int copy_thread(struct task_struct *p, unsigned long clone_flags,
		unsigned long usp, unsigned long tls);
int copy_thread_kernel(struct task_struct *p, int (*fn)(void *), void *arg);
/* Begin user code: registers zero but ip and sp.  Owner only (exec). */
void start_thread(struct pt_regs *regs, unsigned long ip, unsigned long sp);
/* Forget the old program's TLS, FPU contents and debug registers (exec). */
void flush_thread(void);
/* Free what copy_thread() allocated; the task will not run again. */
void exit_thread(struct task_struct *task);
/* prctl ARCH_SET_FS and kin on the current task; 0 or -errno. */
long arch_do_prctl(int option, unsigned long arg2);
/* Where a sleeping task sleeps: the caller of the scheduler; 0: unknown. */
unsigned long get_wchan(struct task_struct *task);
/* A task's user stack pointer and instruction, for /proc/PID/stat. */
#define KSTK_EIP(task) (task_pt_regs(task)->ip)
#define KSTK_ESP(task) (task_pt_regs(task)->sp)

#endif
