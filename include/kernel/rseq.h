/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_RSEQ_H
#define KERNEL_RSEQ_H
/*
 * rseq.h -- restartable sequences: hooks of the scheduler, signals and fork
 *
 * Theory: kernel/proc/rseq.c.
 */

#include <kernel/sched.h>

struct ksignal;
struct pt_regs;

void __rseq_handle_notify_resume(struct ksignal *ksig, struct pt_regs *regs);

/* On the way to user mode, or before a signal frame is built. */
static inline void rseq_handle_notify_resume(struct ksignal *ksig,
					     struct pt_regs *regs)
{
	if (current->rseq)
		__rseq_handle_notify_resume(ksig, regs);
}

/*
 * t was taken off its CPU, or gets a signal: look before it goes on.  The event
 * is cleared only by the look itself, so that if it is set, the look is to
 * come.
 */
static inline void rseq_note_event(struct task_struct *t)
{
	if (t->rseq && !t->rseq_event) {
		t->rseq_event = true;
		set_ti_flag(t, TIF_NOTIFY_RESUME);
	}
}

static inline void rseq_execve(struct task_struct *t)
{
	t->rseq = NULL;
	t->rseq_len = t->rseq_sig = 0;
	t->rseq_event = false;
}

/* A thread starts without, a process with its parent's. */
static inline void rseq_fork(struct task_struct *t, bool shares_memory)
{
	t->rseq_event = false;
	if (shares_memory)
		rseq_execve(t);
	else
		rseq_note_event(t);   /* its cpu_id is the parent's */
}

#endif
