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

/* First address that no user mapping reaches: one page below the hole. */
#ifndef TASK_SIZE_MAX
#define TASK_SIZE_MAX 0x00007ffffffff000UL
#endif
#ifndef TASK_SIZE
#define TASK_SIZE TASK_SIZE_MAX
#endif
#define STACK_TOP TASK_SIZE_MAX
#define STACK_TOP_MAX TASK_SIZE_MAX

struct xregs_state;
struct task_struct;

struct thread_struct {
	unsigned long sp;           /* [o] kernel stack pointer when parked */
	unsigned long fsbase;       /* [t] user FS base: thread-local storage */
	unsigned long gsbase;       /* [t] user GS base */
	struct xregs_state *fpu;    /* [t] XSAVE image; NULL: never had one */
	unsigned fpu_size;          /* [o] bytes in it */
	u32 debug_status;           /* [o] DR6 of the last #DB */
	unsigned long debugreg[4];  /* [t] DR0-DR3 */
	unsigned long debugctl;     /* [t] DR7; 0 most of the time */
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

/* Begin user code: registers zero but ip and sp.  Owner only (exec). */
void start_thread(struct pt_regs *regs, unsigned long ip, unsigned long sp);
/* Forget the old program's TLS, FPU contents and debug registers (exec). */
void flush_thread(void);
/* Free what copy_thread() allocated; the task will not run again. */
void exit_thread(struct task_struct *task);
/* prctl ARCH_SET_FS and kin on the current task; 0 or -errno. */
long arch_do_prctl(int option, unsigned long arg2);
/* Return addresses of a sleeping task down to schedule()'s caller; 0: none. */
unsigned long get_wchan(struct task_struct *task);

#endif
