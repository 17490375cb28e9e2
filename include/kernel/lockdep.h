/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_LOCKDEP_H
#define KERNEL_LOCKDEP_H
/*
 * lockdep.h -- the hooks by which locks tell the lock-order validator
 *
 * DEBUG=1 only: elsewhere all of this is empty.  A lock belongs to a class:
 * the place in the source where it is initialised.  The validator learns the
 * order in which classes are nested, and reports the first inversion, even if
 * the deadlock itself does not strike.  Theory: kernel/locking/lockdep.c.
 */

#include <kernel/compiler.h>
#include <kernel/types.h>

struct lock_class;
struct task_struct;

#define MAX_LOCKDEP_SUBCLASSES 8
#define SINGLE_DEPTH_NESTING 1

#if IS_ENABLED(LANTERN_DEBUG)

struct lock_class_key {
	char subkeys[MAX_LOCKDEP_SUBCLASSES]; /* only addresses are used */
};

struct lockdep_map {
	struct lock_class_key *key;  /* NULL: the lock itself is its class */
	const char *name;
	struct lock_class *class_cache;  /* of subclass 0 */
};

/* What a task holds, oldest first; its own, but for interrupts on its stack. */
#define MAX_HELD_LOCKS 24

struct held_lock {
	const struct lockdep_map *map;
	unsigned long ip;            /* who took it */
	u16 class;                   /* index of its class */
	u16 how;                     /* LOCK_... */
};

struct lockdep_task {
	int depth;
	struct held_lock held[MAX_HELD_LOCKS];
};

/* How a lock is taken. */
#define LOCK_READ 1U       /* shared, and may nest in itself (rwlock) */
#define LOCK_TRY 2U        /* cannot deadlock by waiting: adds no order */
#define LOCK_SLEEPS 4U     /* mutex, rwsem: not from interrupts */

void lockdep_init_map(struct lockdep_map *map, const char *name,
		      struct lock_class_key *key);
void lock_acquire(struct lockdep_map *map, unsigned int subclass,
		  unsigned int how, unsigned long ip);
void lock_release(struct lockdep_map *map, unsigned long ip);
bool lock_is_held(const struct lockdep_map *map);
/* A new task holds nothing, whatever its parent's copy says. */
void lockdep_init_task(struct task_struct *t);
void debug_show_held_locks(struct task_struct *t);
void debug_check_no_locks_held(void);
/* Stop validating: after the first report, and in a panic. */
void debug_locks_off(void);
/* For the tests: reports until off() are counted, not printed. */
void lockdep_test_begin(void);
unsigned int lockdep_test_end(void);
/* False once something was reported. */
bool lockdep_is_on(void);

#define __DEP_MAP struct lockdep_map dep_map;
#define __DEP_MAP_INIT(n) .dep_map = { .name = (n) },
#define __lockdep_init(lock, n) do {					\
	static struct lock_class_key __key;				\
	lockdep_init_map(&(lock)->dep_map, n, &__key);			\
} while (0)
#define lockdep_set_class(lock, k) \
	lockdep_init_map(&(lock)->dep_map, #k, k)
#define lockdep_set_class_and_name(lock, k, n) \
	lockdep_init_map(&(lock)->dep_map, n, k)
#define dep_acquire(lock, sub, how) \
	lock_acquire(&(lock)->dep_map, sub, how, \
		     (unsigned long)__builtin_return_address(0))
#define dep_release(lock) \
	lock_release(&(lock)->dep_map, \
		     (unsigned long)__builtin_return_address(0))
#define lockdep_assert_held(lock) do {					\
	if (unlikely(!lock_is_held(&(lock)->dep_map)))			\
		bug_at(__FILE__, __LINE__, __func__,			\
		       "lock is held: " #lock);				\
} while (0)
#define lockdep_is_held(lock) lock_is_held(&(lock)->dep_map)

#else

struct lock_class_key {
};
struct lockdep_map {
};
struct lockdep_task {
};

#define __DEP_MAP
#define __DEP_MAP_INIT(n)
#define LOCK_READ 1U
#define LOCK_TRY 2U
#define LOCK_SLEEPS 4U
#define __lockdep_init(lock, n) do { } while (0)
#define lockdep_set_class(lock, k) ((void)(k))
#define lockdep_set_class_and_name(lock, k, n) ((void)(k))
#define dep_acquire(lock, sub, how) ((void)(sub))
#define dep_release(lock) do { } while (0)
#define lockdep_assert_held(lock) do { } while (0)
#define lockdep_is_held(lock) 1
#define lockdep_init_task(t) ((void)(t))
#define debug_show_held_locks(t) ((void)(t))
#define debug_check_no_locks_held() do { } while (0)
#define debug_locks_off() do { } while (0)

#endif

#define lockdep_assert_held_write(l) lockdep_assert_held(l)
#define lockdep_assert_held_read(l) lockdep_assert_held(l)

#endif
