/* SPDX-License-Identifier: MIT */
/*
 * futex_waitv.c -- waiting for any of several words
 *
 * PROMISE.  Sleeps only if every word has the value expected; returns the place
 * in the list of one that was woken.
 *
 * IDEA.  One futex_q per word, all of the same task.  Who finds one unequal, or
 * already woken while still queueing, takes all of them out again.
 *
 * SEE futex_waitv(2), docs/34-futex.md.
 */

#include "futex_impl.h"

#include <arch/uaccess.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <mm/slab.h>

/* One word and its sleeper. */
struct waitv {
	struct futex_q q;
	u32 __user *uaddr;
	u32 val;
	unsigned int flags;
};

static int decode_waitv(struct waitv *w, unsigned int nr,
			const struct futex_waitv __user *user)
{
	for (unsigned int i = 0; i < nr; i++) {
		struct futex_waitv f;

		if (copy_from_user(&f, &user[i], sizeof(f)))
			return -EFAULT;
		if (f.flags & ~(FUTEX_32 | FUTEX_PRIVATE_FLAG) || f.reserved ||
		    !(f.flags & FUTEX_32))
			return -EINVAL;
		w[i].uaddr = (u32 __user *)f.uaddr;
		w[i].val = f.val;
		w[i].flags = f.flags & FUTEX_PRIVATE_FLAG;
		w[i].q.task = current;
		w[i].q.bitset = FUTEX_BITSET_MATCH_ANY;
	}
	return 0;
}

/* Take out the first nr; the last that was woken before, or -1. */
static int unqueue_all(struct waitv *w, unsigned int nr)
{
	int woken = -1;

	for (unsigned int i = 0; i < nr; i++)
		if (!futex_unqueue(&w[i].q))
			woken = i;
	return woken;
}

/* 0 all queued; 1 and *woken: one was woken meanwhile; or -errno. */
static int queue_all(struct waitv *w, unsigned int nr, int *woken)
{
	for (unsigned int i = 0; i < nr; i++) {
		int err = get_futex_key(w[i].uaddr, w[i].flags, &w[i].q.key);

		if (!err)
			err = futex_queue_if_equal(&w[i].q, w[i].uaddr,
						   w[i].val);
		if (!err)
			continue;
		*woken = unqueue_all(w, i);
		return *woken >= 0 ? 1 : err;
	}
	return 0;
}

static bool any_woken(struct waitv *w, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		if (!smp_load_acquire(&w[i].q.hb))
			return true;
	return false;
}

static int wait_multiple(struct waitv *w, unsigned int nr,
			 struct futex_timeout *timeout)
{
	int woken, err = queue_all(w, nr, &woken);

	if (err)
		return err > 0 ? woken : err;
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (any_woken(w, nr) || signal_pending(current) ||
		    futex_timed_out(timeout))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	woken = unqueue_all(w, nr);
	if (woken >= 0)
		return woken;
	return futex_timed_out(timeout) ? -ETIMEDOUT : -ERESTARTSYS;
}

SYSCALL_DEFINE5(futex_waitv, struct futex_waitv __user *, waiters,
		unsigned int, nr, unsigned int, flags,
		struct timespec64 __user *, uts, clockid_t, clock)
{
	struct futex_timeout timeout = { .armed = false };
	struct timespec64 ts;
	struct waitv *w;
	ktime_t until;
	int err;

	if (flags || !nr || nr > FUTEX_WAITV_MAX || !waiters)
		return -EINVAL;
	if (uts) {
		if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
			return -EINVAL;
		if (copy_from_user(&ts, uts, sizeof(ts)))
			return -EFAULT;
		if (!timespec64_valid(&ts))
			return -EINVAL;
		until = timespec64_to_ktime(ts);
	}
	w = kcalloc(nr, sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	err = decode_waitv(w, nr, waiters);
	if (!err) {
		futex_timeout_start(&timeout, uts ? &until : NULL, clock);
		err = wait_multiple(w, nr, &timeout);
		futex_timeout_stop(&timeout);
	}
	kfree(w);
	return err;
}
