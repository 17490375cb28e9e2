/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_COMPLETION_H
#define KERNEL_COMPLETION_H
/*
 * completion.h -- "it is done", told once to each that waits for it
 *
 * complete() before wait_for_completion() is remembered; N completes let N
 * waiters go.  The waiter may free the completion as soon as it returns, so
 * one on the stack is fine.  Theory: kernel/locking/completion.c.
 */

#include <kernel/wait.h>

/* Field keys: [W] wait.lock */
struct completion {
	unsigned int done;             /* [W] completes not yet consumed */
	struct wait_queue_head wait;
};

#define COMPLETION_INITIALIZER(work) \
	{ .done = 0, .wait = __WAIT_QUEUE_HEAD_INITIALIZER((work).wait) }
#define DECLARE_COMPLETION(work) \
	struct completion work = COMPLETION_INITIALIZER(work)
#define DECLARE_COMPLETION_ONSTACK(work) DECLARE_COMPLETION(work)
#define init_completion(x) do {						\
	(x)->done = 0;							\
	init_waitqueue_head(&(x)->wait);				\
} while (0)

static inline void reinit_completion(struct completion *x)
{
	x->done = 0;
}

void complete(struct completion *x);               /* any context */
void complete_all(struct completion *x);           /* for ever; any context */
/* These sleep. */
void wait_for_completion(struct completion *x);
void wait_for_completion_io(struct completion *x);
int __must_check wait_for_completion_interruptible(struct completion *x);
int __must_check wait_for_completion_killable(struct completion *x);
int wait_for_completion_state(struct completion *x, unsigned int state);
/* Jiffies left, at least 1; 0: time is up; -ERESTARTSYS for the others. */
unsigned long wait_for_completion_timeout(struct completion *x,
					  unsigned long timeout);
long __must_check wait_for_completion_interruptible_timeout(
	struct completion *x, unsigned long timeout);
long __must_check wait_for_completion_killable_timeout(
	struct completion *x, unsigned long timeout);
/* Any context. */
bool try_wait_for_completion(struct completion *x);
bool completion_done(struct completion *x);

#endif
