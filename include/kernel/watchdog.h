/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_WATCHDOG_H
#define KERNEL_WATCHDOG_H
/* watchdog.h -- lockups and hung tasks (kernel/sched/watchdog.c,
 * hung_task.c) */

#include <kernel/types.h>

/* /proc/sys/kernel: seconds of ticks, half the limit; 0: do not look. */
extern int watchdog_thresh;

/* /proc/sys/kernel/hung_task_*. */
extern int hung_task_timeout_secs;  /* 0: do not look */
extern int hung_task_warnings;      /* reports left; -1: any number */
extern int hung_task_panic;
extern int hung_task_check_count;   /* tasks looked at in a round, at most */
/* timeout_secs was changed: begin anew. */
void hung_task_changed(void);

/* A self-test's: reports are counted here, and the limit is `limit` ticks. */
struct watchdog_trap {
	unsigned int limit;         /* 0: no test runs */
	unsigned int soft, hard;    /* reports */
	int pid, cpu;               /* of the last one */
};

extern struct watchdog_trap watchdog_trap;
/* One round with a limit in jiffies; how many tasks hang (they are printed
 * only if `print`).  May sleep. */
int hung_task_round(unsigned long limit, bool print);

#endif
