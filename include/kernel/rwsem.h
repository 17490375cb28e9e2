/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_RWSEM_H
#define KERNEL_RWSEM_H
/*
 * rwsem.h -- a lock that sleeps: many readers or one writer, served in order
 *
 * May sleep; tasks only.  A reader that waits behind a writer keeps its place,
 * so a read lock must not be taken again by the same task.
 * Theory: kernel/locking/rwsem.c.
 */

#include <kernel/atomic.h>
#include <kernel/list.h>
#include <kernel/lockdep.h>
#include <kernel/spinlock.h>

struct task_struct;

/*
 *	count:  63 ... 8  readers | ... | bit 1 waiters | bit 0 writer
 * Field keys: [W] wait_lock; [a] atomic; [o] the writer
 */
struct rw_semaphore {
	atomic_long_t count;           /* [a] */
	struct task_struct *owner;     /* [o] the writer, for debugging */
	raw_spinlock_t wait_lock;
	struct list_head wait_list;    /* [W] oldest first */
	__DEP_MAP
};

#define __RWSEM_INITIALIZER(name) {					\
	.count = ATOMIC_LONG_INIT(0), .owner = NULL,			\
	.wait_lock = __RAW_SPIN_LOCK_UNLOCKED(0),			\
	.wait_list = LIST_HEAD_INIT((name).wait_list),			\
	__DEP_MAP_INIT(#name) }
#define DECLARE_RWSEM(name) \
	struct rw_semaphore name = __RWSEM_INITIALIZER(name)
#define init_rwsem(s) do {						\
	__init_rwsem(s);						\
	__lockdep_init(s, #s);						\
} while (0)

void __init_rwsem(struct rw_semaphore *sem);
void down_read_nested(struct rw_semaphore *sem, unsigned int subclass);
void down_write_nested(struct rw_semaphore *sem, unsigned int subclass);
#define down_read(s) down_read_nested(s, 0)
#define down_write(s) down_write_nested(s, 0)
/* 0, or -EINTR. */
int __must_check down_read_interruptible(struct rw_semaphore *sem);
int __must_check down_read_killable(struct rw_semaphore *sem);
int __must_check down_write_killable(struct rw_semaphore *sem);
/* 1 if taken, 0 if not. */
int down_read_trylock(struct rw_semaphore *sem);
int down_write_trylock(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);
/* The writer becomes a reader, with no gap. */
void downgrade_write(struct rw_semaphore *sem);
bool rwsem_is_locked(const struct rw_semaphore *sem);
bool rwsem_is_contended(const struct rw_semaphore *sem);
#define rwsem_assert_held(s) lockdep_assert_held(s)

#endif
