/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SPINLOCK_H
#define KERNEL_SPINLOCK_H
/*
 * spinlock.h -- locks for what is held briefly, by spinning
 *
 * A holder does not sleep and is not preempted.  Which kind:
 *	spin_lock		data touched by tasks only
 *	spin_lock_bh		... and by softirqs
 *	spin_lock_irqsave	... and by interrupt handlers
 *	spin_lock_irq		the same, where interrupts are surely on
 *	raw_spin_...		not validated: for the validator, the log
 * Theory: kernel/locking/spinlock.c; docs/30-spinlocks.md.
 */

#include <arch/atomic.h>
#include <arch/irqflags.h>
#include <kernel/bottom_half.h>
#include <kernel/lockdep.h>
#include <kernel/preempt.h>
#include <kernel/types.h>

/* Who holds it, who is next, who waits behind: kernel/locking/spinlock.c. */
typedef struct {
	union {
		u32 val;
		struct {
			u8 locked;    /* cleared by the holder only */
			u8 pending;   /* the second in line waits */
			u16 tail;     /* the last of the queue behind it */
		};
		u16 locked_pending;
	};
} arch_spinlock_t;

#define SPIN_LOCKED 1U
#define SPIN_PENDING 0x100U
#define SPIN_TAIL_SHIFT 16
#define __ARCH_SPIN_LOCK_UNLOCKED { { 0 } }

/* Take a lock that others hold; kernel/locking/spinlock.c. */
void spin_lock_slow(arch_spinlock_t *lock);
/* The two ways to wait, for the tests. */
void queued_lock(arch_spinlock_t *lock);
void unfair_lock(arch_spinlock_t *lock);

/* Only a lock that nobody waits for: a newcomer passes no one. */
static __always_inline bool arch_spin_trylock(arch_spinlock_t *lock)
{
	return READ_ONCE(lock->val) == 0 &&
	       cmpxchg(&lock->val, 0, SPIN_LOCKED) == 0;
}

static __always_inline void arch_spin_lock(arch_spinlock_t *lock)
{
	if (unlikely(!arch_spin_trylock(lock)))
		spin_lock_slow(lock);
	barrier();
}

static __always_inline void arch_spin_unlock(arch_spinlock_t *lock)
{
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}

static __always_inline bool arch_spin_is_locked(const arch_spinlock_t *lock)
{
	return READ_ONCE(lock->val) != 0;
}

/* Does anybody wait behind the holder? */
static __always_inline bool arch_spin_is_contended(const arch_spinlock_t *lock)
{
	return READ_ONCE(lock->val) & ~SPIN_LOCKED;
}

typedef struct raw_spinlock {
	arch_spinlock_t raw_lock;
} raw_spinlock_t;

typedef struct spinlock {
	arch_spinlock_t raw_lock;
	__DEP_MAP
} spinlock_t;

#define __RAW_SPIN_LOCK_UNLOCKED(name) \
	{ .raw_lock = __ARCH_SPIN_LOCK_UNLOCKED }
#define __SPIN_LOCK_UNLOCKED(name) \
	{ .raw_lock = __ARCH_SPIN_LOCK_UNLOCKED, __DEP_MAP_INIT(#name) }
#define DEFINE_RAW_SPINLOCK(x) raw_spinlock_t x = __RAW_SPIN_LOCK_UNLOCKED(x)
#define DEFINE_SPINLOCK(x) spinlock_t x = __SPIN_LOCK_UNLOCKED(x)
#define raw_spin_lock_init(lock) ((void)((lock)->raw_lock.val = 0))
#define spin_lock_init(lock) do {					\
	(lock)->raw_lock.val = 0;					\
	__lockdep_init(lock, #lock);					\
} while (0)

static __always_inline void raw_spin_lock(raw_spinlock_t *lock)
{
	preempt_disable();
	arch_spin_lock(&lock->raw_lock);
}

static __always_inline void raw_spin_unlock(raw_spinlock_t *lock)
{
	arch_spin_unlock(&lock->raw_lock);
	preempt_enable();
}

static __always_inline bool raw_spin_trylock(raw_spinlock_t *lock)
{
	preempt_disable();
	if (arch_spin_trylock(&lock->raw_lock))
		return true;
	preempt_enable();
	return false;
}

static __always_inline unsigned long __raw_spin_lock_irqsave(raw_spinlock_t *l)
{
	unsigned long flags = arch_local_irq_save();

	raw_spin_lock(l);
	return flags;
}

static __always_inline void raw_spin_unlock_irqrestore(raw_spinlock_t *lock,
						       unsigned long flags)
{
	arch_spin_unlock(&lock->raw_lock);
	local_irq_restore(flags);
	preempt_enable();
}

static __always_inline void raw_spin_lock_irq(raw_spinlock_t *lock)
{
	local_irq_disable();
	raw_spin_lock(lock);
}

static __always_inline void raw_spin_unlock_irq(raw_spinlock_t *lock)
{
	arch_spin_unlock(&lock->raw_lock);
	local_irq_enable();
	preempt_enable();
}

#define raw_spin_lock_irqsave(lock, flags) \
	((flags) = __raw_spin_lock_irqsave(lock))
#define raw_spin_is_locked(lock) arch_spin_is_locked(&(lock)->raw_lock)
#define raw_spin_lock_nested(lock, sub) ((void)(sub), raw_spin_lock(lock))

static __always_inline void __spin_lock(spinlock_t *lock, unsigned int sub)
{
	preempt_disable();
	dep_acquire(lock, sub, 0);
	arch_spin_lock(&lock->raw_lock);
}

static __always_inline void spin_lock(spinlock_t *lock)
{
	__spin_lock(lock, 0);
}

static __always_inline void spin_unlock(spinlock_t *lock)
{
	dep_release(lock);
	arch_spin_unlock(&lock->raw_lock);
	preempt_enable();
}

/* Not preempt_enable(): for the scheduler's own last steps. */
static __always_inline void spin_unlock_no_resched(spinlock_t *lock)
{
	dep_release(lock);
	arch_spin_unlock(&lock->raw_lock);
	preempt_enable_no_resched();
}

static __always_inline bool spin_trylock(spinlock_t *lock)
{
	preempt_disable();
	if (arch_spin_trylock(&lock->raw_lock)) {
		dep_acquire(lock, 0, LOCK_TRY);
		return true;
	}
	preempt_enable();
	return false;
}

static __always_inline void spin_lock_irq(spinlock_t *lock)
{
	local_irq_disable();
	spin_lock(lock);
}

static __always_inline void spin_unlock_irq(spinlock_t *lock)
{
	dep_release(lock);
	arch_spin_unlock(&lock->raw_lock);
	local_irq_enable();
	preempt_enable();
}

static __always_inline unsigned long __spin_lock_irqsave(spinlock_t *lock,
							 unsigned int sub)
{
	unsigned long flags = arch_local_irq_save();

	__spin_lock(lock, sub);
	return flags;
}

#define spin_lock_irqsave(lock, flags) ((flags) = __spin_lock_irqsave(lock, 0))
#define spin_lock_irqsave_nested(lock, flags, sub) \
	((flags) = __spin_lock_irqsave(lock, sub))

static __always_inline void spin_unlock_irqrestore(spinlock_t *lock,
						   unsigned long flags)
{
	dep_release(lock);
	arch_spin_unlock(&lock->raw_lock);
	local_irq_restore(flags);
	preempt_enable();
}

#define spin_trylock_irqsave(lock, flags) ({				\
	(flags) = arch_local_irq_save();				\
	bool __got = spin_trylock(lock);				\
	if (!__got)							\
		local_irq_restore(flags);				\
	__got; })

static __always_inline bool spin_trylock_irq(spinlock_t *lock)
{
	local_irq_disable();
	if (spin_trylock(lock))
		return true;
	local_irq_enable();
	return false;
}

static __always_inline void spin_lock_bh(spinlock_t *lock)
{
	local_bh_disable();
	spin_lock(lock);
}

static __always_inline void spin_unlock_bh(spinlock_t *lock)
{
	spin_unlock(lock);
	local_bh_enable();
}

static __always_inline bool spin_trylock_bh(spinlock_t *lock)
{
	local_bh_disable();
	if (spin_trylock(lock))
		return true;
	local_bh_enable();
	return false;
}

/* Locks of one class, nested on purpose: say how deep this one is. */
#define spin_lock_nested(lock, sub) __spin_lock(lock, sub)
#define spin_is_locked(lock) arch_spin_is_locked(&(lock)->raw_lock)
#define spin_is_contended(lock) arch_spin_is_contended(&(lock)->raw_lock)
#define assert_spin_locked(lock) DEBUG_ASSERT(spin_is_locked(lock))
#define spin_needbreak(lock) spin_is_contended(lock)

/* Drop one count; if it was the last, return true with the lock held. */
#define atomic_dec_and_lock(a, lock) ({					\
	bool __last = false;						\
	if (!atomic_add_unless((a), -1, 1)) {				\
		spin_lock(lock);					\
		__last = atomic_dec_and_test(a);			\
		if (!__last)						\
			spin_unlock(lock);				\
	}								\
	__last; })

/* asserts need bug.h, and its printing needs nothing of this file */
#include <kernel/bug.h>
#include <kernel/rwlock.h>

#endif
