/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_ITIMER_H
#define KERNEL_ITIMER_H
/* itimer.h -- a process's own timers, and when it ends */

#include <uapi/signal.h>

struct rb_root_cached;
struct task_struct;

/* The last thread of the group exits, before its signal state goes: free the
 * interval timers and the POSIX timers.  execve: the POSIX timers only. */
void exit_itimers(struct task_struct *t);
void exit_posix_timers(struct task_struct *t);
/* A task is reaped: nothing fires any more that others armed on its clocks
 * (one queue a kind); siglock held. */
void cpu_timers_drop(struct rb_root_cached *queues);
/* A signal with SI_TIMER is taken by current; siglock held. */
void posix_timer_taken(siginfo_t *info);

#endif
