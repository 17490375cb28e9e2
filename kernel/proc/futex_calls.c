/* SPDX-License-Identifier: MIT */
/*
 * futex_calls.c -- the door: what futex(2)'s six words mean for each operation
 *
 * SEE futex(2).
 */

#include "futex_impl.h"

#include <arch/uaccess.h>
#include <kernel/errno.h>
#include <kernel/kernel.h>
#include <kernel/ktime.h>
#include <kernel/syscall.h>
#include <kernel/timekeeping.h>

/* FUTEX_WAKE_OP's little program: change *uaddr, compare its old value. */
static int futex_atomic_op(u32 encoded, u32 __user *uaddr, bool *hit)
{
	int op = encoded >> 28 & 7, cmp = encoded >> 24 & 15;
	int oparg = (int)(encoded << 8) >> 20, cmparg = (int)(encoded << 20) >> 20;
	int old, err;

	if (encoded & (8u << 28))
		oparg = 1 << (oparg & 31);
	err = arch_futex_atomic_op(op, oparg, &old, uaddr);
	if (err)
		return err;
	switch (cmp) {
	case 0: *hit = old == cmparg; return 0;
	case 1: *hit = old != cmparg; return 0;
	case 2: *hit = old < cmparg; return 0;
	case 3: *hit = old <= cmparg; return 0;
	case 4: *hit = old > cmparg; return 0;
	case 5: *hit = old >= cmparg; return 0;
	}
	return -ENOSYS;
}

static int futex_wake_op(u32 __user *uaddr1, unsigned int flags,
			 u32 __user *uaddr2, int nr1, int nr2, u32 op)
{
	struct futex_key key1, key2;
	bool hit = false;
	int err, woken;

	err = get_futex_key(uaddr1, flags, &key1);
	if (!err)
		err = get_futex_key(uaddr2, flags, &key2);
	/* The change comes first: a waiter who looks later does not sleep. */
	if (!err)
		err = futex_atomic_op(op, uaddr2, &hit);
	if (err)
		return err;
	woken = futex_wake_key(&key1, nr1, FUTEX_BITSET_MATCH_ANY);
	if (woken < 0 || !hit)
		return woken;
	err = futex_wake_key(&key2, nr2, FUTEX_BITSET_MATCH_ANY);
	return err < 0 ? err : woken + err;
}

static bool has_timeout(int cmd)
{
	return cmd == FUTEX_WAIT || cmd == FUTEX_WAIT_BITSET ||
	       cmd == FUTEX_LOCK_PI || cmd == FUTEX_LOCK_PI2 ||
	       cmd == FUTEX_WAIT_REQUEUE_PI;
}

static int decode_timeout(int cmd, const struct timespec64 __user *uts,
			  ktime_t *t)
{
	struct timespec64 ts;

	if (copy_from_user(&ts, uts, sizeof(ts)))
		return -EFAULT;
	if (!timespec64_valid(&ts))
		return -EINVAL;
	*t = timespec64_to_ktime(ts);
	if (cmd == FUTEX_WAIT)
		*t = ktime_add_safe(ktime_get(), *t); /* it is relative */
	return 0;
}

/* The operations on plain words. */
static long perform_plain(int cmd, const struct requeue_args *rq, u32 val,
			  const ktime_t *tp, u32 val3)
{
	switch (cmd) {
	case FUTEX_WAIT:
		return futex_wait(rq->from, rq->flags, val, tp,
				  FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAIT_BITSET:
		return futex_wait(rq->from, rq->flags, val, tp, val3);
	case FUTEX_WAKE:
		return futex_wake(rq->from, rq->flags, val,
				  FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return futex_wake(rq->from, rq->flags, val, val3);
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(rq);
	case FUTEX_WAKE_OP:
		return futex_wake_op(rq->from, rq->flags, rq->to, val,
				     rq->nr_requeue, val3);
	}
	return -ENOSYS;
}

/* The operations on words that are mutexes with priority inheritance. */
static long perform_pi(int cmd, const struct requeue_args *rq, u32 val,
		       const ktime_t *tp)
{
	switch (cmd) {
	case FUTEX_LOCK_PI:           /* by real time, always */
		return futex_lock_pi(rq->from, rq->flags, tp, CLOCK_REALTIME,
				     false);
	case FUTEX_LOCK_PI2:
		return futex_lock_pi(rq->from, rq->flags, tp,
				     futex_clock(rq->flags), false);
	case FUTEX_TRYLOCK_PI:
		return futex_lock_pi(rq->from, rq->flags, NULL, CLOCK_REALTIME,
				     true);
	case FUTEX_UNLOCK_PI:
		return futex_unlock_pi(rq->from, rq->flags);
	case FUTEX_WAIT_REQUEUE_PI:
		return futex_wait_requeue_pi(rq->from, rq->flags, val, tp,
					     FUTEX_BITSET_MATCH_ANY, rq->to);
	case FUTEX_CMP_REQUEUE_PI:
		return futex_cmp_requeue_pi(rq);
	}
	return -ENOSYS;
}

static bool is_pi(int cmd)
{
	return (cmd >= FUTEX_LOCK_PI && cmd <= FUTEX_TRYLOCK_PI) ||
	       (cmd >= FUTEX_WAIT_REQUEUE_PI && cmd <= FUTEX_LOCK_PI2);
}

SYSCALL_DEFINE6(futex, u32 __user *, uaddr, int, op, u32, val,
		const struct timespec64 __user *, uts, u32 __user *, uaddr2,
		u32, val3)
{
	int cmd = op & FUTEX_CMD_MASK;
	unsigned int flags = op & (FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
	struct requeue_args rq = {
		.from = uaddr, .to = uaddr2, .flags = flags, .nr_wake = val,
		.nr_requeue = (int)(long)uts,
		.expected = cmd == FUTEX_REQUEUE ? NULL : &val3,
	};
	ktime_t t, *tp = NULL;
	int err;

	if ((flags & FUTEX_CLOCK_REALTIME) && cmd != FUTEX_WAIT_BITSET &&
	    cmd != FUTEX_WAIT_REQUEUE_PI && cmd != FUTEX_LOCK_PI2)
		return -ENOSYS;
	if (uts && has_timeout(cmd)) {
		err = decode_timeout(cmd, uts, &t);
		if (err)
			return err;
		tp = &t;
	}
	return is_pi(cmd) ? perform_pi(cmd, &rq, val, tp)
			  : perform_plain(cmd, &rq, val, tp, val3);
}
