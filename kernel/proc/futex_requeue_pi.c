/* SPDX-License-Identifier: MIT */
/*
 * futex_requeue_pi.c -- condition variables whose mutex has priority
 * inheritance
 *
 * PROMISE.  FUTEX_WAIT_REQUEUE_PI on the condition's word returns 0 with the
 * mutex's word locked for the caller.
 *
 * IDEA.  As FUTEX_REQUEUE, but the mutex's word must never have waiters without
 * an owner.  So the signaller takes the mutex for the first waiter if it is
 * free, and makes the others wait for it in their sleep: it puts their
 * rt_mutex_waiter, which lies on their stacks, into the rt_mutex for them.
 *
 *	waiter's q, by what has happened      hb   pi_state   waiter.lock
 *	  nothing yet                         1    -          -
 *	  given the free mutex                -    -          -
 *	  moved, waits for the mutex          2    s          set
 *	  moved, got the mutex                2    s          -
 *
 * A waiter says at its start which mutex it will go to; another one is EINVAL.
 *
 * LOCKING.  Both buckets; G inside.
 *
 * SEE futex(2), docs/35-rt-mutex.md.
 */

#include "futex_impl.h"

#include <arch/uaccess.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>

/* Is there anything to wake up for?  No lock: finish looks again. */
static bool moved_and_owns(struct futex_q *q)
{
	if (!smp_load_acquire(&q->hb))
		return true;          /* granted */
	return smp_load_acquire(&q->pi_state) && !READ_ONCE(q->waiter.lock);
}

/* May sleep.  0: uaddr2 is ours. */
int futex_wait_requeue_pi(u32 __user *uaddr, unsigned int flags, u32 val,
			  const ktime_t *time, u32 bitset, u32 __user *uaddr2)
{
	struct futex_key key2;
	struct futex_q q = {
		.task = current, .bitset = bitset, .requeue_key = &key2,
	};
	struct futex_timeout timeout;
	struct futex_bucket *hb;
	int err;

	if (uaddr == uaddr2 || !bitset)
		return -EINVAL;
	err = get_futex_key(uaddr2, flags, &key2);
	if (!err)
		err = get_futex_key(uaddr, flags, &q.key);
	if (!err && futex_same_key(&q.key, &key2))
		err = -EINVAL;
	if (!err)
		err = futex_queue_if_equal(&q, uaddr, val);
	if (err)
		return err;
	futex_timeout_start(&timeout, time, futex_clock(flags));
	err = futex_sleep(&q, &timeout, moved_and_owns);
	futex_timeout_stop(&timeout);
	hb = futex_lock_q(&q);
	if (!hb)
		return 0;             /* granted: nobody else takes us out */
	if (!q.pi_state) {
		list_del(&q.link);
		spin_unlock(&hb->lock);
		return err;
	}
	spin_unlock(&hb->lock);
	/* Too late to start again: the first word has been left behind. */
	if (err == -ERESTARTNOINTR)
		err = -EWOULDBLOCK;
	return futex_pi_finish(&q, uaddr2, err);
}

/* q waits for s from now on; both buckets locked. */
static int move_to_mutex(struct futex_q *q, struct futex_bucket *to,
			 struct futex_pi_state *s)
{
	int err;

	spin_lock(&rt_graph_lock);
	err = rt_mutex_enqueue(&s->mutex, &q->waiter, q->task);
	spin_unlock(&rt_graph_lock);
	if (err)
		return err;
	refcount_inc(&s->refs);
	q->key = s->key;
	smp_store_release(&q->pi_state, s);
	list_del(&q->link);
	futex_enqueue(q, to);
	return 0;
}

/* Move up to nr waiters of k1: how many, or the error that stopped it. */
static int move_waiters(struct futex_bucket *from, const struct futex_key *k1,
			struct futex_bucket *to, struct futex_pi_state *s,
			int nr)
{
	struct futex_q *q, *n;
	int moved = 0, err;

	list_for_each_entry_safe(q, n, &from->waiters, link) {
		if (moved >= nr)
			break;
		if (!futex_same_key(&q->key, k1))
			continue;
		if (!q->requeue_key || !futex_same_key(q->requeue_key, &s->key))
			return -EINVAL;
		err = move_to_mutex(q, to, s);
		if (err)
			return err;
		moved++;
	}
	return moved;
}

/* Both buckets locked; the count, or an error as futex_pi_acquire() has. */
static int requeue_locked(const struct requeue_args *a,
			  const struct futex_key *k1, const struct futex_key *k2)
{
	struct futex_bucket *hb1 = futex_bucket(k1), *hb2 = futex_bucket(k2);
	struct futex_q *top = futex_first_waiter(hb1, k1);
	struct futex_pi_state *s = NULL;
	int ret, granted = 0;

	if (!top)
		return 0;
	if (!top->requeue_key || !futex_same_key(top->requeue_key, k2))
		return -EINVAL;
	ret = futex_pi_acquire(a->to, hb2, k2, top->task, a->nr_requeue > 0, &s);
	if (ret < 0)
		return ret;
	if (ret > 0) {
		granted = 1;
		if (a->nr_requeue) {
			s = futex_pi_state_create(k2, top->task);
			if (IS_ERR(s))
				s = NULL;     /* they wait for the next signal */
		}
		futex_wake_waiter(top);
		if (!s)
			return granted;
	}
	ret = move_waiters(hb1, k1, hb2, s, a->nr_requeue + 1 - granted);
	futex_pi_state_put(s);
	return ret < 0 ? ret : ret + granted;
}

/* May sleep. */
int futex_cmp_requeue_pi(const struct requeue_args *a)
{
	struct futex_key k1, k2;
	int err;
	u32 now;

	if (a->from == a->to || a->nr_wake != 1 || a->nr_requeue < 0)
		return -EINVAL;
	for (;;) {
		u32 __user *touch = a->to;

		err = get_futex_key(a->from, a->flags, &k1);
		if (!err)
			err = get_futex_key(a->to, a->flags, &k2);
		if (!err && futex_same_key(&k1, &k2))
			err = -EINVAL;
		if (err)
			return err;
		futex_lock_two(futex_bucket(&k1), futex_bucket(&k2));
		err = futex_read_nofault(&now, a->from);
		if (err)
			touch = a->from;
		else if (now == *a->expected)
			err = requeue_locked(a, &k1, &k2);
		futex_unlock_two(futex_bucket(&k1), futex_bucket(&k2));
		if (!err && now != *a->expected)
			return -EAGAIN;
		if (err >= 0)
			return err;
		err = futex_pi_again(touch, err);
		if (err)
			return err;
	}
}
