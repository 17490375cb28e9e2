/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_TASK_WORK_H
#define KERNEL_TASK_WORK_H
/*
 * task_work.h -- work that a task does for itself before it next sees user mode
 *
 * The last fput() of a file, for one: it may sleep, its caller may not.
 * Theory: kernel/task/task_work.c.
 */

#include <kernel/types.h>

struct task_struct;

struct callback_head {
	struct callback_head *next;
	void (*func)(struct callback_head *work);
};

/* Any context.  0, or -ESRCH if t has passed its last run (it is exiting). */
int task_work_add(struct task_struct *t, struct callback_head *work);
/* current runs what is queued, oldest first; may sleep. */
void task_work_run(void);
/* The last run, from do_exit(): nothing can be queued afterwards. */
void exit_task_work(struct task_struct *t);

#endif
