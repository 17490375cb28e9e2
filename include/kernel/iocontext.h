/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_IOCONTEXT_H
#define KERNEL_IOCONTEXT_H
/* iocontext.h -- what the tasks that do I/O together share: its priority */

#include <kernel/refcount.h>
#include <kernel/sched.h>

struct io_context {
	refcount_t count;             /* tasks that share it */
	unsigned short ioprio;        /* class << 13 | level; any order */
};

/* The I/O priority of current; 0: none was set.  Any context of a task. */
static inline unsigned short current_ioprio(void)
{
	struct io_context *ioc = current->io_context;

	return ioc ? READ_ONCE(ioc->ioprio) : 0;
}

unsigned short get_task_ioprio(struct task_struct *t);
int set_task_ioprio(struct task_struct *t, unsigned short ioprio);
int copy_io(u64 clone_flags, struct task_struct *t);
void exit_io_context(struct task_struct *t);

#endif
