/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_FUTEX_H
#define KERNEL_FUTEX_H
/*
 * futex.h -- what the rest of the kernel asks of futexes
 *
 * Theory: kernel/proc/futex.c and its neighbours.
 */

#include <kernel/types.h>

struct task_struct;

/* task->futex_state, [G]: may it become the owner of a PI futex? */
enum { FUTEX_STATE_OK, FUTEX_STATE_EXITING, FUTEX_STATE_DEAD };

/* The woken count or -errno; may sleep. */
int futex_wake(u32 __user *uaddr, unsigned int flags, int nr_wake, u32 bitset);

/* current lets go of its memory, by exit or execve: locks it held are freed. */
void futex_exit_release(struct task_struct *t);
void futex_exec_release(struct task_struct *t);
void futex_init_task(struct task_struct *t);

#endif
