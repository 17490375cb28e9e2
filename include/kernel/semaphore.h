/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SEMAPHORE_H
#define KERNEL_SEMAPHORE_H
/*
 * semaphore.h -- a box of tickets, given out in the order of asking
 *
 * No owner: any task, and any interrupt, may up().  Theory:
 * kernel/locking/semaphore.c.
 */

#include <kernel/list.h>
#include <kernel/spinlock.h>

/* Field keys: [S] .lock */
struct semaphore {
	raw_spinlock_t lock;
	unsigned int count;            /* [S] tickets in the box */
	struct list_head wait_list;    /* [S] oldest first */
};

#define __SEMAPHORE_INITIALIZER(name, n) {				\
	.lock = __RAW_SPIN_LOCK_UNLOCKED((name).lock), .count = (n),	\
	.wait_list = LIST_HEAD_INIT((name).wait_list) }
#define DEFINE_SEMAPHORE(name, n) \
	struct semaphore name = __SEMAPHORE_INITIALIZER(name, n)

void sema_init(struct semaphore *sem, int tickets);
void down(struct semaphore *sem);                             /* may sleep */
int __must_check down_interruptible(struct semaphore *sem);   /* 0, -EINTR */
int __must_check down_killable(struct semaphore *sem);        /* 0, -EINTR */
int __must_check down_timeout(struct semaphore *sem, long jiffies); /* -ETIME */
/* Linux's odd answer: 0 if taken, 1 if not.  Any context. */
int __must_check down_trylock(struct semaphore *sem);
void up(struct semaphore *sem);                               /* any context */

#endif
