/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_MUTEX_H
#define KERNEL_MUTEX_H
/*
 * mutex.h -- a lock that sleeps: one owner, a task, which alone may release it
 *
 * May sleep: never from interrupts or with preemption off (not trylock and
 * unlock either: the mutex's users rely on there being an owner).
 * Theory: kernel/locking/mutex.c; docs/31-sleeping-locks.md.
 */

#include <kernel/atomic.h>
#include <kernel/list.h>
#include <kernel/lockdep.h>
#include <kernel/spinlock.h>

/*
 * Field keys: [W] wait_lock; [a] atomic
 */
struct mutex {
	unsigned long owner;           /* [a] task_struct *, low bits: flags */
	raw_spinlock_t wait_lock;
	struct list_head wait_list;    /* [W] struct mutex_waiter, oldest first */
	__DEP_MAP
};

#define __MUTEX_INITIALIZER(name) {					\
	.owner = 0, .wait_lock = __RAW_SPIN_LOCK_UNLOCKED(0),		\
	.wait_list = LIST_HEAD_INIT((name).wait_list),			\
	__DEP_MAP_INIT(#name) }
#define DEFINE_MUTEX(name) struct mutex name = __MUTEX_INITIALIZER(name)
#define mutex_init(m) do {						\
	__mutex_init(m);						\
	__lockdep_init(m, #m);						\
} while (0)

void __mutex_init(struct mutex *m);
void __mutex_lock(struct mutex *m, unsigned int subclass);
int __must_check __mutex_lock_interruptible(struct mutex *m,
					    unsigned int subclass);
int __must_check __mutex_lock_killable(struct mutex *m,
				       unsigned int subclass);
#define mutex_lock(m) __mutex_lock(m, 0)
#define mutex_lock_nested(m, sub) __mutex_lock(m, sub)
/* 0, or -EINTR for any signal (interruptible) or a fatal one (killable). */
#define mutex_lock_interruptible(m) __mutex_lock_interruptible(m, 0)
#define mutex_lock_interruptible_nested(m, s) __mutex_lock_interruptible(m, s)
#define mutex_lock_killable(m) __mutex_lock_killable(m, 0)
#define mutex_lock_killable_nested(m, s) __mutex_lock_killable(m, s)
#define mutex_lock_io(m) mutex_lock(m)
/* 1 if taken, 0 if not. */
int mutex_trylock(struct mutex *m);
void mutex_unlock(struct mutex *m);
bool mutex_is_locked(const struct mutex *m);
#define mutex_destroy(m) ((void)(m))

#endif
