/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_RTMUTEX_H
#define KERNEL_RTMUTEX_H
/*
 * rtmutex.h -- a mutex whose owner runs as urgently as its most urgent waiter
 *
 * Theory: kernel/locking/rt_mutex.c.
 *
 * Field keys:  [G] rt_graph_lock   [c] constant while queued
 */

#include <kernel/rbtree.h>
#include <kernel/spinlock.h>
#include <kernel/types.h>

struct task_struct;

struct rt_mutex {
	struct rb_root_cached waiters; /* [G] the most urgent first */
	struct task_struct *owner;    /* [G] */
};

/* One who waits; on its stack, or in what outlives its wait. */
struct rt_mutex_waiter {
	struct rb_node tree;          /* [G] in lock->waiters */
	struct rb_node pi_tree;       /* [G] in the owner's pi_waiters, if first */
	struct task_struct *task;     /* [c] */
	struct rt_mutex *lock;        /* [G] NULL: not (any more) waiting */
	int prio;                     /* [G] the task's, when last looked at */
	u64 deadline;                 /* [G] likewise */
};

/* Guards every rt_mutex and what tasks know of them; inside irqs-on locks. */
extern spinlock_t rt_graph_lock;

static inline void rt_mutex_init(struct rt_mutex *m)
{
	m->waiters = RB_ROOT_CACHED;
	m->owner = NULL;
}

/* All with rt_graph_lock held, but for the last two. */

/* t waits for m from now on; -EDEADLK if its owner waits for t. */
int rt_mutex_enqueue(struct rt_mutex *m, struct rt_mutex_waiter *w,
		     struct task_struct *t);
/* w gives up. */
void rt_mutex_dequeue(struct rt_mutex_waiter *w);
struct rt_mutex_waiter *rt_mutex_top_waiter(struct rt_mutex *m);
/* The owner lets go: the first waiter owns it and is woken.  NULL: free. */
struct task_struct *rt_mutex_hand_over(struct rt_mutex *m);
/* t owns a free m, whoever asked. */
void rt_mutex_set_owner(struct rt_mutex *m, struct task_struct *t);

/* t's own priority was changed: what it waits for hears of it. */
void rt_mutex_adjust_pi(struct task_struct *t);
/* fork. */
void rt_mutex_init_task(struct task_struct *t);

#endif
