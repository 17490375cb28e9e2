/* SPDX-License-Identifier: MIT */
/*
 * rwlock.c -- queued reader-writer spinlocks
 *
 * PROMISE.  Many readers or one writer; a writer that waits gets in after the
 * readers that were inside when it came, so it does not starve.
 *
 * IDEA.  A plain rwlock is a counter of readers and a bit: two readers that
 * take turns keep the count above zero for ever, and the writer out.  So those
 * who cannot get in at once stand in one queue, a spinlock's; only its holder
 * looks at the counter.  A writer at the head of the queue sets WAITING, which
 * sends new readers to the queue behind it.
 *
 *	cnts:  [ readers | WAITING | writer byte ]     wait_lock: the queue
 *
 * An interrupt may strike a reader and read as well; if it queued behind a
 * waiting writer, which waits for that reader, all three would hang.  So
 * readers in interrupts do not queue: they only wait for a writer inside.
 *
 * INVARIANTS
 *	I1  writer byte is 0xff or 0; if 0xff, every reader counted is one that
 *	    has not got in and is about to take its count back or to wait
 *	I2  WAITING is set by the head of the queue only
 */

#include <kernel/rwlock.h>

#include <arch/processor.h>
#include <kernel/export.h>

/* The caller has counted itself as a reader already. */
void queued_read_lock_wait(rwlock_t *lock)
{
	if (unlikely(in_interrupt())) {
		while (__atomic_load_n(&lock->cnts, __ATOMIC_ACQUIRE) &
		       QW_LOCKED)
			cpu_relax();
		return;
	}
	__atomic_sub_fetch(&lock->cnts, QR_BIAS, __ATOMIC_RELAXED);
	arch_spin_lock(&lock->wait_lock);
	__atomic_add_fetch(&lock->cnts, QR_BIAS, __ATOMIC_RELAXED);
	while (__atomic_load_n(&lock->cnts, __ATOMIC_ACQUIRE) & QW_LOCKED)
		cpu_relax();
	arch_spin_unlock(&lock->wait_lock);
}
EXPORT_SYMBOL(queued_read_lock_wait);

void queued_write_lock_wait(rwlock_t *lock)
{
	u32 only_me = QW_WAITING;

	arch_spin_lock(&lock->wait_lock);
	__atomic_or_fetch(&lock->cnts, QW_WAITING, __ATOMIC_RELAXED); /* I2 */
	while (!__atomic_compare_exchange_n(&lock->cnts, &only_me, QW_LOCKED,
					    false, __ATOMIC_ACQUIRE,
					    __ATOMIC_RELAXED)) {
		only_me = QW_WAITING;
		cpu_relax();
	}
	arch_spin_unlock(&lock->wait_lock);
}
EXPORT_SYMBOL(queued_write_lock_wait);
