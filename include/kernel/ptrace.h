/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_PTRACE_H
#define KERNEL_PTRACE_H
/*
 * ptrace.h -- a process watches and changes another
 *
 * Theory: kernel/proc/ptrace.c (requests), kernel/proc/ptrace_link.c (who
 * traces whom), kernel/proc/ptrace_stop.c (the traced task's side).
 */

#include <kernel/sched.h>
#include <kernel/signal.h>
#include <uapi/ptrace.h>

/* task->ptrace: options sit PT_OPT_FLAG_SHIFT above their ABI bits. */
#define PT_PTRACED 0x1
#define PT_SEIZED 0x2
#define PT_OPT_FLAG_SHIFT 3
#define PT_EVENT_FLAG(event) (1u << (PT_OPT_FLAG_SHIFT + (event)))
#define PT_TRACESYSGOOD PT_EVENT_FLAG(0)
#define PT_EXITKILL (PTRACE_O_EXITKILL << PT_OPT_FLAG_SHIFT)

static inline bool ptrace_event_enabled(struct task_struct *t, int event)
{
	return t->ptrace & PT_EVENT_FLAG(event);
}

/* Is the tracer another process than the real parent? tasklist_lock. */
static inline bool ptrace_reparented(struct task_struct *t)
{
	return !same_thread_group(t->real_parent, t->parent);
}

static inline bool task_is_traced(struct task_struct *t)
{
	return READ_ONCE(t->state) & __TASK_TRACED;
}

static inline bool task_is_stopped(struct task_struct *t)
{
	return READ_ONCE(t->state) & __TASK_STOPPED;
}

/*
 * kernel/task/may_access.c.  May current look at (or ATTACH to) t?  FSCREDS
 * for /proc, REALCREDS for system calls.  Process context.
 */
#define PTRACE_MODE_READ 0x01
#define PTRACE_MODE_ATTACH 0x02
#define PTRACE_MODE_FSCREDS 0x08
#define PTRACE_MODE_REALCREDS 0x10
bool ptrace_may_access(struct task_struct *t, unsigned int mode);
/* May `parent` become current's tracer by PTRACE_TRACEME?  Any context. */
bool ptrace_may_traceme(struct task_struct *parent);
/* t is not traced, or its tracer had `cap` when it attached.  Any context. */
bool ptracer_capable(struct task_struct *t, int cap);

/* kernel/proc/ptrace_link.c; tasklist_lock held for writing. */
void ptrace_link(struct task_struct *child, struct task_struct *tracer,
		 const struct cred *cred);
void ptrace_unlink(struct task_struct *child);
/* fork: the child is traced as its maker is, if `trace`.  siglock too. */
void ptrace_init_task(struct task_struct *child, bool trace);
/* Ends the tracing of `child`: true if it is dead, to be released. */
bool ptrace_forget(struct task_struct *tracer, struct task_struct *child);
/* The tracer exits: dead tracees are moved to `dead` by their ->sibling. */
void exit_ptrace(struct task_struct *tracer, struct list_head *dead);

/* kernel/proc/ptrace_stop.c: current is traced.  Process context, may sleep. */
int ptrace_stop(int code, int why, unsigned long message, siginfo_t *info);
int ptrace_notify(int code, unsigned long message);
void ptrace_event(int event, unsigned long message);
/* A signal that was taken off the queue: which one to deliver, 0: none. */
int ptrace_signal(int sig, siginfo_t *info);
void do_jobctl_trap(void);

/* kernel/proc/syscall_work.c.  The number to run, or -1: none, ax is set. */
long syscall_trace_enter(struct pt_regs *regs);
void syscall_trace_exit(struct pt_regs *regs);

#endif
