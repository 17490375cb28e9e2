/* SPDX-License-Identifier: MIT */
/*
 * futex_pi.c -- FUTEX_LOCK_PI and FUTEX_UNLOCK_PI
 *
 * PROMISE.  The word holds the owner's thread number; uncontended locking and
 * unlocking are a compare-and-swap in user mode.  Who must wait lends the owner
 * its priority.
 *
 * IDEA.  A locker that finds a number in the word sets FUTEX_WAITERS, which
 * makes the owner's own swap fail and brings it here to unlock; finds the task
 * of that number; and waits on an rt_mutex that this task is made to own.
 *
 * The unlocker writes its heir's number into the word, then hands the rt_mutex
 * over: at no time may a third one take it.
 *
 * RACES.  The owner ends while we look for it:
 *
 *	locker                           owner's exit
 *	finds the task              [a]  futex_state = EXITING         [c]
 *	its futex_state is OK?      [b]  hands over all it owns        [d]
 *	make the state, add it           futex_state = DEAD            [e]
 *
 * [b] and the adding are one step under rt_graph_lock: before [c], then [d]
 * finds the state; between [c] and [e] the locker waits a tick and looks again
 * (waking it would need a queue for something that happens once in a blue
 * moon); after [e] the word tells: changed, or its owner is nobody: ESRCH.
 *
 * SEE futex(2), docs/35-rt-mutex.md.
 */

#include "futex_impl.h"

#include <arch/uaccess.h>
#include <kernel/err.h>
#include <kernel/kernel.h>
#include <kernel/pid.h>
#include <kernel/syscall.h>

/* Others wait already: their state says who owns.  Bucket locked. */
static int join_waiters(struct futex_q *top, u32 word,
			struct futex_pi_state **state)
{
	struct futex_pi_state *s = top->pi_state;
	u32 tid = word & FUTEX_TID_MASK;
	bool ok;

	if (!s)
		return -EINVAL;       /* they wait by FUTEX_WAIT */
	spin_lock(&rt_graph_lock);
	/* The user's word and our owner differ only while the heir is on its
	 * way to write it. */
	ok = s->owner_died || !tid || tid == (u32)task_pid_vnr(s->mutex.owner);
	spin_unlock(&rt_graph_lock);
	if (!ok)
		return -EINVAL;
	refcount_inc(&s->refs);
	*state = s;
	return 0;
}

/* The task in the word is gone: really, or did the word change meanwhile? */
static int owner_is_gone(u32 __user *uaddr, u32 word)
{
	u32 now;

	if (futex_read_nofault(&now, uaddr))
		return -EFAULT;
	return now == word ? -ESRCH : -EAGAIN;
}

static int attach_to_owner(u32 __user *uaddr, u32 word,
			   const struct futex_key *key,
			   struct futex_pi_state **state)
{
	struct task_struct *owner = find_get_task_by_vpid(word & FUTEX_TID_MASK);
	struct futex_pi_state *s;

	if (!owner)
		return owner_is_gone(uaddr, word);
	s = owner->flags & PF_KTHREAD ? ERR_PTR(-EPERM)
				      : futex_pi_state_create(key, owner); /* [b] */
	put_task_struct(owner);
	if (PTR_ERR_OR_ZERO(s) == -ESRCH)
		return owner_is_gone(uaddr, word);
	if (IS_ERR(s))
		return PTR_ERR(s);
	*state = s;
	return 0;
}

int futex_pi_acquire(u32 __user *uaddr, struct futex_bucket *hb,
		     const struct futex_key *key, struct task_struct *t,
		     bool set_waiters, struct futex_pi_state **state)
{
	u32 word, new, seen, self = task_pid_vnr(t);
	struct futex_q *top;
	bool free;

	if (futex_read_nofault(&word, uaddr))
		return -EFAULT;
	if ((word & FUTEX_TID_MASK) == self)
		return -EDEADLK;
	top = futex_first_waiter(hb, key);
	if (top)
		return join_waiters(top, word, state);
	free = !(word & FUTEX_TID_MASK);
	if (free)
		new = self | (word & FUTEX_OWNER_DIED) |
		      (set_waiters ? FUTEX_WAITERS : 0);
	else
		new = word | FUTEX_WAITERS;
	if (futex_cmpxchg_nofault(&seen, uaddr, word, new))
		return -EFAULT;
	if (seen != word)
		return -EAGAIN;
	return free ? 1 : attach_to_owner(uaddr, new, key, state);
}

/* No lock held.  0: try again; else what to return. */
int futex_pi_again(u32 __user *uaddr, int err)
{
	switch (err) {
	case -EFAULT:
		return futex_fault_in(uaddr);
	case -EAGAIN:
		cond_resched();
		return 0;
	case -EBUSY:                  /* between [c] and [e] */
		schedule_timeout_uninterruptible(1);
		return 0;
	}
	return err;
}

int futex_sleep(struct futex_q *q, struct futex_timeout *timeout,
		bool (*owns)(struct futex_q *q))
{
	int err = 0;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (owns(q))
			break;
		if (futex_timed_out(timeout))
			err = -ETIMEDOUT;
		else if (signal_pending(current))
			err = -ERESTARTNOINTR;
		if (err)
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return err;
}

static bool mutex_is_ours(struct futex_q *q)
{
	return !READ_ONCE(q->waiter.lock);
}

/* Queue q on s, whose reference it takes over.  Bucket locked. */
static int enqueue_pi(struct futex_q *q, struct futex_bucket *hb,
		      struct futex_pi_state *s)
{
	int err;

	spin_lock(&rt_graph_lock);
	err = rt_mutex_enqueue(&s->mutex, &q->waiter, current);
	spin_unlock(&rt_graph_lock);
	if (err) {
		futex_pi_state_put(s);
		return err;
	}
	q->pi_state = s;
	futex_enqueue_current(q, hb);
	return 0;
}

/* One attempt. */
enum { PI_QUEUED, PI_OURS, PI_HELD };

static int try_lock_pi(struct futex_q *q, u32 __user *uaddr, bool try)
{
	struct futex_bucket *hb = futex_bucket(&q->key);
	struct futex_pi_state *s = NULL;
	int err;

	spin_lock(&hb->lock);
	err = futex_pi_acquire(uaddr, hb, &q->key, current, false, &s);
	if (!err && try) {
		futex_pi_state_put(s);
		err = PI_HELD;
	} else if (!err) {
		err = enqueue_pi(q, hb, s);
	}
	spin_unlock(&hb->lock);
	return err;
}

/* May sleep; timeout absolute or NULL. */
int futex_lock_pi(u32 __user *uaddr, unsigned int flags, const ktime_t *time,
		  clockid_t clock, bool try)
{
	struct futex_q q = { .task = current };
	struct futex_timeout timeout;
	int err;

	for (;;) {
		err = get_futex_key(uaddr, flags, &q.key);
		if (err)
			return err;
		err = try_lock_pi(&q, uaddr, try);
		if (err == PI_OURS || err == PI_HELD)
			return err == PI_OURS ? 0 : -EWOULDBLOCK;
		if (err == PI_QUEUED)
			break;
		err = futex_pi_again(uaddr, err);
		if (err)
			return err;
	}
	futex_timeout_start(&timeout, time, clock);
	err = futex_sleep(&q, &timeout, mutex_is_ours);
	futex_timeout_stop(&timeout);
	return futex_pi_finish(&q, uaddr, err);
}

/* Give the mutex to the first who waits for s.  Bucket locked. */
static int pass_on(struct futex_q *top, u32 __user *uaddr, u32 word)
{
	struct futex_pi_state *s = top->pi_state;
	u32 new, seen;
	int err = -EINVAL;

	if (!s)
		return err;
	spin_lock(&rt_graph_lock);
	if (s->mutex.owner != current)
		goto out;
	new = task_pid_vnr(rt_mutex_top_waiter(&s->mutex)->task) |
	      FUTEX_WAITERS;
	err = futex_cmpxchg_nofault(&seen, uaddr, word, new);
	if (err)
		goto out;
	if (seen == word)
		futex_pi_hand_over(s);
	else
		err = (seen ^ word) & FUTEX_TID_MASK ? -EINVAL : -EAGAIN;
out:
	spin_unlock(&rt_graph_lock);
	return err;
}

static int try_unlock_pi(u32 __user *uaddr, const struct futex_key *key,
			 u32 word)
{
	struct futex_bucket *hb = futex_bucket(key);
	struct futex_q *top;
	u32 seen;
	int err;

	spin_lock(&hb->lock);
	top = futex_first_waiter(hb, key);
	if (top) {
		err = pass_on(top, uaddr, word);
	} else {
		/* They all gave up: the word is the whole mutex again. */
		err = futex_cmpxchg_nofault(&seen, uaddr, word, 0);
		if (!err && seen != word)
			err = -EAGAIN;
	}
	spin_unlock(&hb->lock);
	return err;
}

/* May sleep.  -EPERM: the word is not ours; -EINVAL: it lies. */
int futex_unlock_pi(u32 __user *uaddr, unsigned int flags)
{
	struct futex_key key;
	u32 word;
	int err;

	for (;;) {
		if (get_user(word, uaddr))
			return -EFAULT;
		if ((word & FUTEX_TID_MASK) != (u32)task_pid_vnr(current))
			return -EPERM;
		err = get_futex_key(uaddr, flags, &key);
		if (!err)
			err = try_unlock_pi(uaddr, &key, word);
		if (!err)
			return 0;
		err = futex_pi_again(uaddr, err);
		if (err)
			return err;
	}
}
