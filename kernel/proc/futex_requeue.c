/* SPDX-License-Identifier: MIT */
/*
 * futex_requeue.c -- FUTEX_REQUEUE: let waiters of one word wait for another
 *
 * IDEA.  A condition variable's broadcast would wake everybody, and all but one
 * would at once sleep again for the mutex.  So one is woken, and the others are
 * moved in their sleep to the mutex's word.
 *
 * LOCKING.  Both buckets, lower address first.
 *
 * SEE futex(2), docs/34-futex.md.
 */

#include "futex_impl.h"

#include <arch/uaccess.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>

/* Both buckets locked and the word as expected; else an error, unlocked. */
static int lock_if_equal(const struct requeue_args *a, struct futex_bucket *hb1,
			 struct futex_bucket *hb2)
{
	u32 now;

	for (;;) {
		futex_lock_two(hb1, hb2);
		if (!a->expected)
			return 0;
		if (!futex_read_nofault(&now, a->from))
			break;
		futex_unlock_two(hb1, hb2);
		if (get_user(now, a->from))
			return -EFAULT;
	}
	if (now == *a->expected)
		return 0;
	futex_unlock_two(hb1, hb2);
	return -EAGAIN;
}

static void move_waiter(struct futex_q *q, struct futex_bucket *to,
			const struct futex_key *key)
{
	q->key = *key;
	list_del(&q->link);
	futex_enqueue(q, to);
}

/* Wake some waiters of `from`, move some more: how many of both. */
int futex_requeue(const struct requeue_args *a)
{
	struct futex_bucket *hb1, *hb2;
	struct futex_key k1, k2;
	struct futex_q *q, *n;
	int err, done = 0;

	if (a->nr_wake < 0 || a->nr_requeue < 0)
		return -EINVAL;
	err = get_futex_key(a->from, a->flags, &k1);
	if (!err)
		err = get_futex_key(a->to, a->flags, &k2);
	if (err)
		return err;
	hb1 = futex_bucket(&k1);
	hb2 = futex_bucket(&k2);
	err = lock_if_equal(a, hb1, hb2);
	if (err)
		return err;
	list_for_each_entry_safe(q, n, &hb1->waiters, link) {
		if (!futex_same_key(&q->key, &k1))
			continue;
		if (done - a->nr_wake >= a->nr_requeue)
			break;
		if (q->pi_state || q->requeue_key) {
			err = -EINVAL;
			break;
		}
		if (done++ < a->nr_wake)
			futex_wake_waiter(q);
		else if (!futex_same_key(&k1, &k2))
			move_waiter(q, hb2, &k2);
	}
	futex_unlock_two(hb1, hb2);
	return err ? err : done;
}
