/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_LOCKING_CROWD_H
#define KERNEL_LOCKING_CROWD_H
/* crowd.h -- several threads at once, for the tests of this folder */

struct task_struct;

/* Run fn(0) ... fn(n - 1) in threads, spread over the CPUs; wait for all. */
void crowd_run(int n, void (*fn)(int me));
/* One thread that runs fn(me); join() waits for its end. */
struct task_struct *crowd_start(void (*fn)(int me), int me);
void crowd_join(struct task_struct *t);
/* Wait until the thread sleeps (or a second has passed). */
void crowd_until_asleep(struct task_struct *t);
/* Make the thread believe that a signal has come, and wake it. */
void crowd_signal(struct task_struct *t);

#endif
