/* SPDX-License-Identifier: MIT */
/*
 * mutex.c -- locks that sleep, with one owner
 *
 * PROMISE.  One owner, a task.  Taking a free mutex and releasing one that
 * nobody waits for is one locked instruction each.  A waiter sleeps, unless
 * the owner is running and so likely done soon; the first waiter in line is
 * passed over at most once.
 *
 * IDEA.  The state is one word: the owner's task_struct, whose low bits are
 * free because it is aligned:
 *
 *	[ task_struct * ............ | HANDOFF | WAITERS ]     0: free
 *
 * Three ways to get it, from quick to slow:
 *  1. compare-and-exchange 0 -> current.
 *  2. Spin while the owner executes on some CPU: critical sections are short,
 *     and two context switches cost more than waiting for the end of one.
 *  3. Queue, and sleep.  The unlocker frees the word and wakes the first.
 * Spinners and newcomers may take the freed word before the woken one: that
 * keeps the lock busy (throughput), but would starve the sleeper.  So a first
 * waiter that was woken in vain sets HANDOFF, and the next unlock makes it the
 * owner directly.
 *
 * INVARIANTS, with wait_lock free
 *	I1  WAITERS is set if wait_list is not empty
 *	I2  only the owner clears its pointer; flags change under wait_lock, but
 *	    for the unlocker's, which keeps them
 *	I3  HANDOFF is set only while somebody waits
 *
 * RACES.  Unlock against queueing:
 *
 *	unlocker			waiter (wait_lock)
 *	cmpxchg self -> 0	[a]	set WAITERS		[c]
 *	  fails if WAITERS		set_current_state()
 *	wait_lock, wake first	[b]	try to take		[d]
 *
 * If [a] comes before [c], then [d] sees the free word.  If after, [a] fails
 * and [b] finds the waiter queued, for it queued before it let go of wait_lock.
 *
 * A spinner looks at owner->on_cpu of a task that may exit: task_structs are
 * freed after an RCU grace period, and the spinner is an RCU reader.
 *
 * LOCKING.  wait_lock, then the run-queue locks of wake_up_process().
 */

#include <kernel/mutex.h>

#include <arch/processor.h>
#include <kernel/bug.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/rcupdate.h>
#include <kernel/sched.h>

#define MUTEX_WAITERS 1UL
#define MUTEX_HANDOFF 2UL
#define MUTEX_FLAGS 3UL

struct mutex_waiter {
	struct list_head link;       /* wait_lock */
	struct task_struct *task;    /* constant */
};

static inline struct task_struct *owner_task(unsigned long owner)
{
	return (struct task_struct *)(owner & ~MUTEX_FLAGS);
}

void __mutex_init(struct mutex *m)
{
	m->owner = 0;
	raw_spin_lock_init(&m->wait_lock);
	INIT_LIST_HEAD(&m->wait_list);
}
EXPORT_SYMBOL(__mutex_init);

/* Take it if it is free; flags stay as they are. */
static bool try_take(struct mutex *m)
{
	unsigned long owner = READ_ONCE(m->owner);

	while (!owner_task(owner)) {
		if (try_cmpxchg(&m->owner, &owner,
				(unsigned long)current | owner))
			return true;
	}
	return false;
}

static inline bool take_fast(struct mutex *m)
{
	unsigned long none = 0;

	return try_cmpxchg(&m->owner, &none, (unsigned long)current);
}

/*
 * Spin as long as one owner keeps running.  True if the mutex came free or
 * changed hands, false if spinning makes no sense (any more).
 */
static bool spin_on_owner(struct mutex *m, struct task_struct *owner)
{
	while (owner_task(READ_ONCE(m->owner)) == owner) {
		if (!READ_ONCE(owner->on_cpu) || need_resched())
			return false;
		cpu_relax();
	}
	return true;
}

static bool optimistic_spin(struct mutex *m)
{
	bool taken = false, go_on = true;

	rcu_read_lock();
	while (go_on && !need_resched()) {
		unsigned long owner = READ_ONCE(m->owner);

		if (owner & MUTEX_HANDOFF)
			break;
		if (!owner_task(owner)) {
			taken = try_take(m);
			go_on = !taken;
		} else {
			go_on = spin_on_owner(m, owner_task(owner));
		}
	}
	rcu_read_unlock();
	return taken;
}

static bool is_first(const struct mutex *m, const struct mutex_waiter *w)
{
	return m->wait_list.next == &w->link;
}

/* Off the queue; flags without a waiter mean nothing (I1, I3). */
static void leave_queue(struct mutex *m, struct mutex_waiter *w)
{
	list_del(&w->link);
	if (list_empty(&m->wait_list))
		__atomic_and_fetch(&m->owner, ~MUTEX_FLAGS, __ATOMIC_RELAXED);
}

/* We own it: by the unlocker's hand, or because it is free now. */
static bool take_queued(struct mutex *m)
{
	return owner_task(READ_ONCE(m->owner)) == current || try_take(m);
}

static int lock_slow(struct mutex *m, unsigned int state)
{
	struct mutex_waiter self = { .task = current };
	int err = 0;

	if (optimistic_spin(m))
		return 0;
	raw_spin_lock(&m->wait_lock);
	list_add_tail(&self.link, &m->wait_list);
	__atomic_or_fetch(&m->owner, MUTEX_WAITERS, __ATOMIC_SEQ_CST); /* [c] */
	for (;;) {
		set_current_state(state);
		if (take_queued(m))                                  /* [d] */
			break;
		if (signal_pending_state(state, current)) {
			err = -EINTR;
			break;
		}
		raw_spin_unlock(&m->wait_lock);
		schedule();
		raw_spin_lock(&m->wait_lock);
		if (is_first(m, &self) && !take_queued(m))
			__atomic_or_fetch(&m->owner, MUTEX_HANDOFF,
					  __ATOMIC_SEQ_CST);
	}
	__set_current_state(TASK_RUNNING);
	if (!err)
		__atomic_and_fetch(&m->owner, ~MUTEX_HANDOFF,
				   __ATOMIC_RELAXED);
	leave_queue(m, &self);
	raw_spin_unlock(&m->wait_lock);
	return err;
}

static int lock_common(struct mutex *m, unsigned int state,
		       unsigned int subclass)
{
	int err = 0;

	might_sleep();
	dep_acquire(m, subclass, LOCK_SLEEPS);
	if (!take_fast(m))
		err = lock_slow(m, state);
	if (err)
		dep_release(m);
	return err;
}

void __mutex_lock(struct mutex *m, unsigned int subclass)
{
	int err = lock_common(m, TASK_UNINTERRUPTIBLE, subclass);

	DEBUG_ASSERT(!err);
}
EXPORT_SYMBOL(__mutex_lock);

int __mutex_lock_interruptible(struct mutex *m, unsigned int subclass)
{
	return lock_common(m, TASK_INTERRUPTIBLE, subclass);
}
EXPORT_SYMBOL(__mutex_lock_interruptible);

int __mutex_lock_killable(struct mutex *m, unsigned int subclass)
{
	return lock_common(m, TASK_KILLABLE, subclass);
}
EXPORT_SYMBOL(__mutex_lock_killable);

int mutex_trylock(struct mutex *m)
{
	unsigned long owner = READ_ONCE(m->owner);

	/* A hand-over that is under way is not to be stolen. */
	if ((owner & MUTEX_HANDOFF) || !try_take(m))
		return 0;
	dep_acquire(m, 0, LOCK_SLEEPS | LOCK_TRY);
	return 1;
}
EXPORT_SYMBOL(mutex_trylock);

/* There are waiters: pass the mutex to the first, or let it try. */
static void unlock_slow(struct mutex *m)
{
	struct task_struct *first = NULL;
	unsigned long owner;

	raw_spin_lock(&m->wait_lock);
	if (!list_empty(&m->wait_list))
		first = list_first_entry(&m->wait_list, struct mutex_waiter,
					 link)->task;
	owner = READ_ONCE(m->owner);
	if (first && (owner & MUTEX_HANDOFF))
		__atomic_store_n(&m->owner,
				 (unsigned long)first | MUTEX_WAITERS,
				 __ATOMIC_RELEASE);
	else
		__atomic_and_fetch(&m->owner, MUTEX_FLAGS, __ATOMIC_RELEASE);
	if (first)
		wake_up_process(first);                              /* [b] */
	raw_spin_unlock(&m->wait_lock);
}

void mutex_unlock(struct mutex *m)
{
	unsigned long self = (unsigned long)current;

	DEBUG_ASSERT(owner_task(READ_ONCE(m->owner)) == current);
	dep_release(m);
	if (!__atomic_compare_exchange_n(&m->owner, &self, 0, false,
					 __ATOMIC_RELEASE,
					 __ATOMIC_RELAXED))          /* [a] */
		unlock_slow(m);
}
EXPORT_SYMBOL(mutex_unlock);

bool mutex_is_locked(const struct mutex *m)
{
	return owner_task(READ_ONCE(m->owner)) != NULL;
}
EXPORT_SYMBOL(mutex_is_locked);
