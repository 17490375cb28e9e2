/* SPDX-License-Identifier: MIT */
/*
 * sigqueue.c -- room for a signal that waits, and what it is charged to
 *
 * PROMISE.  A user has at most RLIMIT_SIGPENDING of them, whoever sends.
 *
 * IDEA.  Most are made when a signal is sent and freed when it is taken.  A
 * timer may find no memory when it fires, in an interrupt, and nobody to tell;
 * so its entry is made with it and kept: taken off a queue it is not freed, and
 * whether it is on one tells whether the timer's last signal was taken.
 *
 * LOCKING.  siglock of the receiver for ->list and ->kept.
 */

#include "signal_internal.h"

#include <kernel/cred.h>
#include <kernel/list.h>
#include <kernel/string.h>
#include <kernel/task.h>
#include <mm/slab.h>

struct sigqueue *sigqueue_alloc(struct task_struct *t, gfp_t gfp,
				bool override_limit)
{
	struct user_struct *user;
	struct sigqueue *q = NULL;
	int count;

	rcu_read_lock();
	user = __task_cred(t)->user;
	refcount_inc(&user->refs);
	rcu_read_unlock();
	count = atomic_inc_return(&user->sigpending);
	if (override_limit || count <= task_rlimit(t, RLIMIT_SIGPENDING))
		q = kmalloc(sizeof(*q), gfp | __GFP_NOWARN);
	if (!q) {
		atomic_dec(&user->sigpending);
		free_uid(user);
		return NULL;
	}
	INIT_LIST_HEAD(&q->list);
	q->user = user;
	q->kept = false;
	return q;
}

void sigqueue_free(struct sigqueue *q)
{
	if (q->kept) {
		INIT_LIST_HEAD(&q->list);
		return;
	}
	atomic_dec(&q->user->sigpending);
	free_uid(q->user);
	kfree(q);
}

struct sigqueue *sigqueue_keep(void)
{
	struct sigqueue *q = sigqueue_alloc(current, GFP_KERNEL, false);

	if (q) {
		memset(&q->info, 0, sizeof(q->info));
		q->kept = true;
	}
	return q;
}

void sigqueue_release(struct sigqueue *q)
{
	bool waits;

	/* Its receiver is of our process, and so is the lock. */
	spin_lock_irq(&current->sighand->siglock);
	q->kept = false;
	waits = !list_empty(&q->list);
	spin_unlock_irq(&current->sighand->siglock);
	if (!waits)
		sigqueue_free(q);
}

/* Throw away the entries of timers; a signal without entries goes with them. */
static void flush_timers_of(struct sigpending *pending)
{
	u64 had = 0, left = 0;
	struct sigqueue *q, *n;

	list_for_each_entry_safe(q, n, &pending->list, list) {
		if (q->info.si_code != SI_TIMER) {
			left |= sigmask(q->info.si_signo);
			continue;
		}
		had |= sigmask(q->info.si_signo);
		list_del(&q->list);
		sigqueue_free(q);
	}
	pending->signal.sig &= ~(had & ~left);
}

void flush_timer_signals(struct task_struct *t)
{
	flush_timers_of(&t->pending);
	flush_timers_of(&t->signal->shared_pending);
}
