/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_RWLOCK_H
#define KERNEL_RWLOCK_H
/*
 * rwlock.h -- spinning locks that many readers or one writer hold
 *
 * Worth it only when reading is long or very common: each reader still writes
 * the lock's cache line.  A waiting writer stops new readers, except those in
 * interrupts, which may nest in a reader they interrupted; so a lock that
 * interrupts read is written with interrupts off, but read with them on.
 * Theory: kernel/locking/rwlock.c.
 */

#include <kernel/spinlock.h>

/*
 *	 31            9   8   7      0
 *	[ readers        | W | writer  ]   writer: 0xff while one holds it
 *					   W: one waits, new readers queue
 */
typedef struct {
	union {
		u32 cnts;
		u8 wlocked;
	};
	arch_spinlock_t wait_lock;     /* the queue: its holder is first */
	__DEP_MAP
} rwlock_t;

#define QW_LOCKED 0xffU
#define QW_WAITING 0x100U
#define QW_MASK 0x1ffU
#define QR_BIAS 0x200U

#define __RW_LOCK_UNLOCKED(name) {					\
	{ .cnts = 0 }, .wait_lock = __ARCH_SPIN_LOCK_UNLOCKED,		\
	__DEP_MAP_INIT(#name) }
#define DEFINE_RWLOCK(x) rwlock_t x = __RW_LOCK_UNLOCKED(x)
#define rwlock_init(lock) do {						\
	(lock)->cnts = 0;						\
	(lock)->wait_lock.val = 0;					\
	__lockdep_init(lock, #lock);					\
} while (0)

void queued_read_lock_wait(rwlock_t *lock);
void queued_write_lock_wait(rwlock_t *lock);

static __always_inline void read_lock(rwlock_t *lock)
{
	preempt_disable();
	dep_acquire(lock, 0, LOCK_READ);
	if (unlikely(__atomic_fetch_add(&lock->cnts, QR_BIAS,
					__ATOMIC_ACQUIRE) & QW_MASK))
		queued_read_lock_wait(lock);
}

static __always_inline bool read_trylock(rwlock_t *lock)
{
	preempt_disable();
	if (!(READ_ONCE(lock->cnts) & QW_MASK)) {
		if (!(__atomic_fetch_add(&lock->cnts, QR_BIAS,
					 __ATOMIC_ACQUIRE) & QW_MASK)) {
			dep_acquire(lock, 0, LOCK_READ | LOCK_TRY);
			return true;
		}
		__atomic_sub_fetch(&lock->cnts, QR_BIAS, __ATOMIC_RELEASE);
	}
	preempt_enable();
	return false;
}

static __always_inline void __read_unlock(rwlock_t *lock)
{
	dep_release(lock);
	__atomic_sub_fetch(&lock->cnts, QR_BIAS, __ATOMIC_RELEASE);
}

static __always_inline void read_unlock(rwlock_t *lock)
{
	__read_unlock(lock);
	preempt_enable();
}

static __always_inline void write_lock(rwlock_t *lock)
{
	u32 free = 0;

	preempt_disable();
	dep_acquire(lock, 0, 0);
	if (unlikely(!__atomic_compare_exchange_n(&lock->cnts, &free, QW_LOCKED,
						  false, __ATOMIC_ACQUIRE,
						  __ATOMIC_RELAXED)))
		queued_write_lock_wait(lock);
}

static __always_inline bool write_trylock(rwlock_t *lock)
{
	u32 free = 0;

	preempt_disable();
	if (__atomic_compare_exchange_n(&lock->cnts, &free, QW_LOCKED, false,
					__ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		dep_acquire(lock, 0, LOCK_TRY);
		return true;
	}
	preempt_enable();
	return false;
}

static __always_inline void __write_unlock(rwlock_t *lock)
{
	dep_release(lock);
	__atomic_store_n(&lock->wlocked, 0, __ATOMIC_RELEASE);
}

static __always_inline void write_unlock(rwlock_t *lock)
{
	__write_unlock(lock);
	preempt_enable();
}

static __always_inline void read_lock_irq(rwlock_t *lock)
{
	local_irq_disable();
	read_lock(lock);
}

static __always_inline void read_unlock_irq(rwlock_t *lock)
{
	__read_unlock(lock);
	local_irq_enable();
	preempt_enable();
}

static __always_inline void write_lock_irq(rwlock_t *lock)
{
	local_irq_disable();
	write_lock(lock);
}

static __always_inline void write_unlock_irq(rwlock_t *lock)
{
	__write_unlock(lock);
	local_irq_enable();
	preempt_enable();
}

static __always_inline void read_unlock_irqrestore(rwlock_t *lock,
						   unsigned long flags)
{
	__read_unlock(lock);
	local_irq_restore(flags);
	preempt_enable();
}

static __always_inline void write_unlock_irqrestore(rwlock_t *lock,
						    unsigned long flags)
{
	__write_unlock(lock);
	local_irq_restore(flags);
	preempt_enable();
}

#define read_lock_irqsave(lock, flags) do {				\
	local_irq_save(flags);						\
	read_lock(lock);						\
} while (0)
#define write_lock_irqsave(lock, flags) do {				\
	local_irq_save(flags);						\
	write_lock(lock);						\
} while (0)
#define read_lock_bh(lock) do { local_bh_disable(); read_lock(lock); } while (0)
#define read_unlock_bh(lock) \
	do { read_unlock(lock); local_bh_enable(); } while (0)
#define write_lock_bh(lock) \
	do { local_bh_disable(); write_lock(lock); } while (0)
#define write_unlock_bh(lock) \
	do { write_unlock(lock); local_bh_enable(); } while (0)
#define rwlock_is_locked(lock) (READ_ONCE((lock)->cnts) != 0)

#endif
