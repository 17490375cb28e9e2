/* SPDX-License-Identifier: MIT */
#ifndef PROC_FUTEX_IMPL_H
#define PROC_FUTEX_IMPL_H
/*
 * futex_impl.h -- what the futex_*.c files share
 *
 *	futex.c             keys, buckets, wait, wake
 *	futex_requeue.c     moving waiters to another word
 *	futex_waitv.c       waiting for several words
 *	futex_pi.c          words that are PI mutexes: lock, unlock
 *	futex_pi_state.c    the kernel's half of such a mutex; dead owners
 *	futex_requeue_pi.c  condition variables over PI mutexes
 *	futex_robust.c      lists of locks to free when their owner dies
 *	futex_calls.c       decoding the calls
 *
 * Field keys:  [B] the bucket's lock  [G] rt_graph_lock  [c] constant
 */

#include <kernel/futex.h>

#include <kernel/hrtimer.h>
#include <kernel/list.h>
#include <kernel/refcount.h>
#include <kernel/rtmutex.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <uapi/futex.h>

/* Where a word lies; both halves 0: nowhere. */
struct futex_key {
	unsigned long space;          /* mm, or the mapping's sequence */
	unsigned long offset;         /* byte address there */
};

struct futex_bucket {
	spinlock_t lock;
	struct list_head waiters;     /* [B] struct futex_q, by prio */
} __cacheline_aligned;

/*
 * The kernel's half of a PI mutex, for as long as somebody waits for it: the
 * waiters' futex_q count one reference each.
 */
struct futex_pi_state {
	struct list_head list;        /* [G] in the owner's pi_state_list */
	struct rt_mutex mutex;        /* [G] its owner is the word's */
	refcount_t refs;              /* [B] */
	struct futex_key key;         /* [c] */
	bool owner_died;              /* [B] the new owner has yet to write the
				       * word, for the old one could not */
};

/* A sleeper; on its own stack. */
struct futex_q {
	struct list_head link;        /* [B] */
	struct task_struct *task;     /* [c] */
	struct futex_key key;         /* [B] requeue changes it */
	u32 bitset;                   /* [c] */
	int prio;                     /* [B] its task's when it was queued */
	struct futex_bucket *hb;      /* [B] NULL once taken out */

	struct futex_pi_state *pi_state; /* [B] waits for a PI mutex */
	struct rt_mutex_waiter waiter; /* [G] its place there */
	const struct futex_key *requeue_key; /* [c] WAIT_REQUEUE_PI: goes there */
};

/* ---- futex.c ------------------------------------------------------------- */
struct futex_bucket *futex_bucket(const struct futex_key *key);
int get_futex_key(u32 __user *uaddr, unsigned int flags, struct futex_key *key);
/* Take q out and wake its task; bucket locked. */
void futex_wake_waiter(struct futex_q *q);
/* Queue q behind those of its prio; bucket locked. */
void futex_enqueue(struct futex_q *q, struct futex_bucket *hb);
/* The same for q whose task is current: q->prio is what that has now. */
void futex_enqueue_current(struct futex_q *q, struct futex_bucket *hb);
/* Wake up to nr who wait for key and one of the bits: how many, or -EINVAL. */
int futex_wake_key(const struct futex_key *key, int nr, u32 bitset);
/* Queue if the word is val; 0, -EAGAIN, -EFAULT. */
int futex_queue_if_equal(struct futex_q *q, u32 __user *uaddr, u32 val);
/* False if a waker took q out before. */
bool futex_unqueue(struct futex_q *q);
/* q's bucket, locked, though q be moved meanwhile; NULL: in none. */
struct futex_bucket *futex_lock_q(struct futex_q *q);
/* Under a spinlock: -EFAULT means touch the word and come again. */
int futex_read_nofault(u32 *val, u32 __user *uaddr);
int futex_cmpxchg_nofault(u32 *seen, u32 __user *uaddr, u32 old, u32 new);
/* Make the word's page present and writable; may sleep. */
int futex_fault_in(u32 __user *uaddr);
int futex_wait(u32 __user *uaddr, unsigned int flags, u32 val,
	       const ktime_t *timeout, u32 bitset);
/* An absolute timeout around a sleep; NULL time: for ever. */
struct futex_timeout {
	struct hrtimer_sleeper sleeper;
	bool armed;
};
void futex_timeout_start(struct futex_timeout *t, const ktime_t *time,
			 clockid_t clock);
void futex_timeout_stop(struct futex_timeout *t);
static inline bool futex_timed_out(const struct futex_timeout *t)
{
	return t->armed && !READ_ONCE(t->sleeper.task);
}
static inline clockid_t futex_clock(unsigned int flags)
{
	return flags & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
}
static inline bool futex_same_key(const struct futex_key *a,
				  const struct futex_key *b)
{
	return a->space == b->space && a->offset == b->offset;
}
void futex_lock_two(struct futex_bucket *a, struct futex_bucket *b);
void futex_unlock_two(struct futex_bucket *a, struct futex_bucket *b);
/* The first waiter of key, NULL: none.  Bucket locked. */
struct futex_q *futex_first_waiter(struct futex_bucket *hb,
				   const struct futex_key *key);

/* ---- futex_requeue.c, futex_requeue_pi.c --------------------------------- */
struct requeue_args {
	u32 __user *from, *to;
	unsigned int flags;
	int nr_wake, nr_requeue;
	const u32 *expected;          /* NULL: whatever the word is */
};
int futex_requeue(const struct requeue_args *a);
int futex_cmp_requeue_pi(const struct requeue_args *a);
int futex_wait_requeue_pi(u32 __user *uaddr, unsigned int flags, u32 val,
			  const ktime_t *timeout, u32 bitset,
			  u32 __user *uaddr2);

/* ---- futex_pi.c, futex_pi_state.c ---------------------------------------- */
int futex_lock_pi(u32 __user *uaddr, unsigned int flags, const ktime_t *timeout,
		  clockid_t clock, bool try);
int futex_unlock_pi(u32 __user *uaddr, unsigned int flags);
/*
 * Take the word for t, or find whom to wait for; key's bucket locked.
 * 1: t owns it.  0: *state is what to wait for, with a reference.  -EFAULT,
 * -EAGAIN: unlock, do what futex_pi_again() says, come again.  Else an error.
 */
int futex_pi_acquire(u32 __user *uaddr, struct futex_bucket *hb,
		     const struct futex_key *key, struct task_struct *t,
		     bool set_waiters, struct futex_pi_state **state);
int futex_pi_again(u32 __user *uaddr, int err);
/* Until owns(q); or -ETIMEDOUT, -ERESTARTNOINTR. */
int futex_sleep(struct futex_q *q, struct futex_timeout *timeout,
		bool (*owns)(struct futex_q *q));
/* The object for key with t as its owner; ERR_PTR.  Bucket locked. */
struct futex_pi_state *futex_pi_state_create(const struct futex_key *key,
					     struct task_struct *owner);
void futex_pi_state_put(struct futex_pi_state *s);
/* The first waiter gets the mutex; G and the bucket held. */
void futex_pi_hand_over(struct futex_pi_state *s);
void exit_pi_state_list(struct task_struct *t);
/* After the sleep: out of all queues; 0 if q has the mutex, else err. */
int futex_pi_finish(struct futex_q *q, u32 __user *uaddr, int err);

/* ---- futex_robust.c ------------------------------------------------------ */
void exit_robust_list(struct task_struct *t);

#endif
