/* SPDX-License-Identifier: MIT */
/*
 * rwsem.c -- sleeping locks for many readers or one writer, in order
 *
 * PROMISE.  Readers share, a writer is alone.  Who waits is served in order of
 * coming, readers that stand together at once; nobody starves.
 *
 * IDEA.  One counter tells everything that the fast paths need:
 *
 *	[ readers ............ | 6 bits unused | WAITERS | WRITER ]
 *
 * Nobody takes the lock in passing while WAITERS is set; whoever releases it
 * then hands it to the head of the queue, under wait_lock (grant).  Handing
 * over instead of waking and racing costs throughput under contention, and
 * buys order: the address-space lock, the chief user, needs no more.
 *
 * INVARIANTS, with wait_lock free
 *	I1  WAITERS is set exactly if wait_list is not empty
 *	I2  WRITER and readers > 0 exclude each other
 *	I3  the head of the queue could not have the lock now
 *
 * RACES.  A release against queueing: the waiter sets WAITERS and then looks
 * at the count (grant) [a]; the releaser changes the count and then looks at
 * WAITERS [b], both by one atomic operation on the same word.  Whichever comes
 * second sees the other.
 *
 * LOCKING.  wait_lock, interrupts may be on: tasks only.
 */

#include <kernel/rwsem.h>

#include <kernel/bug.h>
#include <kernel/errno.h>
#include <kernel/export.h>
#include <kernel/sched.h>

#define WRITER 1L
#define WAITERS 2L
#define READER 256L
#define READERS (~(READER - 1))

struct rwsem_waiter {
	struct list_head link;       /* wait_lock */
	struct task_struct *task;    /* constant */
	bool writer;                 /* constant */
	bool granted;                /* wait_lock */
};

void __init_rwsem(struct rw_semaphore *sem)
{
	atomic_long_set(&sem->count, 0);
	sem->owner = NULL;
	raw_spin_lock_init(&sem->wait_lock);
	INIT_LIST_HEAD(&sem->wait_list);
}
EXPORT_SYMBOL(__init_rwsem);

static bool read_fast(struct rw_semaphore *sem)
{
	long count = atomic_long_read(&sem->count);

	while (!(count & (WRITER | WAITERS)))
		if (atomic_long_try_cmpxchg(&sem->count, &count,
					    count + READER))
			return true;
	return false;
}

static bool write_fast(struct rw_semaphore *sem)
{
	long free = 0;

	return atomic_long_try_cmpxchg(&sem->count, &free, WRITER);
}

/* Take w off the queue as a holder; it may be gone right after the wake-up. */
static void grant_one(struct rwsem_waiter *w)
{
	struct task_struct *t = w->task;

	list_del(&w->link);
	get_task_struct(t);
	__atomic_store_n(&w->granted, true, __ATOMIC_RELEASE);
	wake_up_process(t);
	put_task_struct(t);
}

/*
 * Give the lock to the head of the queue if it can have it: to one writer, or
 * to all readers up to the next writer (I3).  wait_lock held; as WAITERS is
 * set, nobody else raises the count meanwhile.
 */
static void grant(struct rw_semaphore *sem)
{
	struct rwsem_waiter *w, *next;

	list_for_each_entry_safe(w, next, &sem->wait_list, link) {
		long count = atomic_long_read(&sem->count);      /* [a] */

		if (count & (w->writer ? WRITER | READERS : WRITER))
			break;
		atomic_long_add(w->writer ? WRITER : READER, &sem->count);
		if (w->writer)
			WRITE_ONCE(sem->owner, w->task);
		grant_one(w);
	}
	if (list_empty(&sem->wait_list))
		atomic_long_andnot(WAITERS, &sem->count);        /* I1 */
}

static int lock_slow(struct rw_semaphore *sem, bool writer, unsigned int state)
{
	struct rwsem_waiter self = { .task = current, .writer = writer };
	int err = 0;

	raw_spin_lock(&sem->wait_lock);
	list_add_tail(&self.link, &sem->wait_list);
	atomic_long_or(WAITERS, &sem->count);
	grant(sem);
	raw_spin_unlock(&sem->wait_lock);
	for (;;) {
		set_current_state(state);
		if (__atomic_load_n(&self.granted, __ATOMIC_ACQUIRE))
			break;
		if (signal_pending_state(state, current)) {
			raw_spin_lock(&sem->wait_lock);
			if (!self.granted) {
				list_del(&self.link);
				grant(sem);       /* those behind us may fit */
				err = -EINTR;
			}
			raw_spin_unlock(&sem->wait_lock);
			break;
		}
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return err;
}

/* The count fell; if somebody waits, let it have the lock. */
static void released(struct rw_semaphore *sem, long count)
{
	if (likely(!(count & WAITERS)))                          /* [b] */
		return;
	raw_spin_lock(&sem->wait_lock);
	grant(sem);
	raw_spin_unlock(&sem->wait_lock);
}

static int read_common(struct rw_semaphore *sem, unsigned int state,
		       unsigned int subclass)
{
	int err = 0;

	might_sleep();
	dep_acquire(sem, subclass, LOCK_SLEEPS | LOCK_READ);
	if (!read_fast(sem))
		err = lock_slow(sem, false, state);
	if (err)
		dep_release(sem);
	return err;
}

static int write_common(struct rw_semaphore *sem, unsigned int state,
			unsigned int subclass)
{
	int err = 0;

	might_sleep();
	dep_acquire(sem, subclass, LOCK_SLEEPS);
	if (!write_fast(sem))
		err = lock_slow(sem, true, state);
	if (err)
		dep_release(sem);
	else
		WRITE_ONCE(sem->owner, current);
	return err;
}

void down_read_nested(struct rw_semaphore *sem, unsigned int subclass)
{
	int err = read_common(sem, TASK_UNINTERRUPTIBLE, subclass);

	DEBUG_ASSERT(!err);
}
EXPORT_SYMBOL(down_read_nested);

void down_write_nested(struct rw_semaphore *sem, unsigned int subclass)
{
	int err = write_common(sem, TASK_UNINTERRUPTIBLE, subclass);

	DEBUG_ASSERT(!err);
}
EXPORT_SYMBOL(down_write_nested);

int down_read_interruptible(struct rw_semaphore *sem)
{
	return read_common(sem, TASK_INTERRUPTIBLE, 0);
}
EXPORT_SYMBOL(down_read_interruptible);

int down_read_killable(struct rw_semaphore *sem)
{
	return read_common(sem, TASK_KILLABLE, 0);
}
EXPORT_SYMBOL(down_read_killable);

int down_write_killable(struct rw_semaphore *sem)
{
	return write_common(sem, TASK_KILLABLE, 0);
}
EXPORT_SYMBOL(down_write_killable);

int down_read_trylock(struct rw_semaphore *sem)
{
	if (!read_fast(sem))
		return 0;
	dep_acquire(sem, 0, LOCK_SLEEPS | LOCK_READ | LOCK_TRY);
	return 1;
}
EXPORT_SYMBOL(down_read_trylock);

int down_write_trylock(struct rw_semaphore *sem)
{
	if (!write_fast(sem))
		return 0;
	dep_acquire(sem, 0, LOCK_SLEEPS | LOCK_TRY);
	WRITE_ONCE(sem->owner, current);
	return 1;
}
EXPORT_SYMBOL(down_write_trylock);

void up_read(struct rw_semaphore *sem)
{
	long count;

	dep_release(sem);
	DEBUG_ASSERT(atomic_long_read(&sem->count) & READERS);
	count = atomic_long_sub_return(READER, &sem->count);
	if (!(count & READERS))
		released(sem, count);
}
EXPORT_SYMBOL(up_read);

void up_write(struct rw_semaphore *sem)
{
	dep_release(sem);
	DEBUG_ASSERT(sem->owner == current);
	WRITE_ONCE(sem->owner, NULL);
	released(sem, atomic_long_sub_return(WRITER, &sem->count));
}
EXPORT_SYMBOL(up_write);

void downgrade_write(struct rw_semaphore *sem)
{
	WRITE_ONCE(sem->owner, NULL);
	released(sem, atomic_long_add_return(READER - WRITER, &sem->count));
}
EXPORT_SYMBOL(downgrade_write);

bool rwsem_is_locked(const struct rw_semaphore *sem)
{
	return atomic_long_read(&sem->count) & (WRITER | READERS);
}
EXPORT_SYMBOL(rwsem_is_locked);

bool rwsem_is_contended(const struct rw_semaphore *sem)
{
	return atomic_long_read(&sem->count) & WAITERS;
}
EXPORT_SYMBOL(rwsem_is_contended);
