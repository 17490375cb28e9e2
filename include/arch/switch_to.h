/* SPDX-License-Identifier: MIT */
#ifndef ARCH_SWITCH_TO_H
#define ARCH_SWITCH_TO_H
/*
 * switch_to.h -- from one task's kernel stack to another's
 *
 * switch_to(prev, next, last): called on prev's stack by the scheduler with
 * irqs off and the run queue's lock held; returns when prev is resumed, which
 * may be on another CPU.  `last` is then the task that ran before the return:
 * not next, but whoever was switched away from here in the end.
 * Address spaces are switched by the caller, before.
 */

#include <kernel/sched.h>

struct task_struct *__switch_to_asm(unsigned long *prev_sp,
				    unsigned long next_sp,
				    struct task_struct *prev,
				    struct task_struct *next);

#define switch_to(prev, next, last)					\
	((last) = __switch_to_asm(&(prev)->thread.sp, (next)->thread.sp, \
				  (prev), (next)))

#endif
