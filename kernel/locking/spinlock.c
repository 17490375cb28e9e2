/* SPDX-License-Identifier: MIT */
/*
 * spinlock.c -- ticket locks: spinning in the order of arrival
 *
 * PROMISE.  One holder at a time; who asked first is served first; taking a
 * free lock is one locked instruction, releasing it a plain store.
 *
 * IDEA.  A lock of one bit is won by whoever is luckiest, again and again: on
 * two sockets a CPU can starve.  So draw a ticket, as in a bakery:
 *
 *	 31      16 15       0
 *	[  next    |  owner   ]      free: next == owner
 *
 *	lock:    ticket = next++ (xadd on the whole word gives both halves at
 *	         once); spin until owner == ticket
 *	unlock:  owner++ (only the holder writes it: no locked instruction)
 *
 * Both halves wrap at 65536; that is fine as long as fewer CPUs wait.
 *
 * The price: the CPU whose turn it is must run.  A holder or waiter of a
 * virtual machine that the host has descheduled stops all behind it; queued
 * locks (MCS) share that price, but let each waiter spin on its own line.
 * With 16 CPUs at most, one shared line is good enough, and simpler.
 *
 * INVARIANTS
 *	I1  next - owner (mod 2^16) is the number of holders and waiters
 *	I2  owner changes only by the holder's unlock
 *
 * CONTEXT.  The holder is not preempted and does not sleep.  If an interrupt
 * handler takes the lock too, everybody else takes it with interrupts off, or
 * the handler may spin for a lock that the code under it holds.
 *
 * The fast paths are in include/kernel/spinlock.h; the tests in
 * spinlock_test.c; docs/30-spinlocks.md.
 *
 * EXERCISES.  1. Make unlock a `lock inc`: what is measurably slower, and why
 * is it not more right?  2. Why is arch_spin_trylock() a compare-and-exchange
 * of the whole word, and not a look followed by an xadd?
 */

#include <kernel/spinlock.h>

#include <arch/processor.h>
#include <kernel/export.h>

void ticket_lock_wait(arch_spinlock_t *lock, u16 ticket)
{
	while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket)
		cpu_relax();
}
EXPORT_SYMBOL(ticket_lock_wait);
