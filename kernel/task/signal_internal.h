/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_TASK_SIGNAL_INTERNAL_H
#define KERNEL_TASK_SIGNAL_INTERNAL_H
/* signal_internal.h -- between signal.c, signal_take.c and signal_parent.c */

#include <kernel/signal.h>
#include <mm/gfp.h>

#define SIG_KERNEL_ONLY_MASK (sigmask(SIGKILL) | sigmask(SIGSTOP))
/* Faults: taken before the others, so that si_addr meets its instruction. */
#define SYNCHRONOUS_MASK (sigmask(SIGSEGV) | sigmask(SIGBUS) | \
			  sigmask(SIGILL) | sigmask(SIGTRAP) | \
			  sigmask(SIGFPE) | sigmask(SIGSYS))

/* The caller holds t's siglock in all of these. */
void flush_group_mask(struct task_struct *p, u64 mask);
void sigqueue_free(struct sigqueue *q); /* it is on no list */

/* Charged to t's user; NULL: no memory, or over his limit.  Any context. */
struct sigqueue *sigqueue_alloc(struct task_struct *t, gfp_t gfp,
				bool override_limit);

#endif
