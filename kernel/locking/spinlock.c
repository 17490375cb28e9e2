/* SPDX-License-Identifier: MIT */
/*
 * spinlock.c -- ticket locks: spinning, in the order of arrival
 *
 * PROMISE.  One holder at a time; who asked first is served first (but see
 * VIRTUAL MACHINES); taking a free lock is one locked instruction, releasing it
 * a plain store.
 *
 * IDEA.  A lock of one bit is won by whoever is luckiest, again and again: on
 * two sockets a CPU can starve.  So draw a ticket, as in a bakery:
 *
 *	 31      16 15       0
 *	[  next    |  owner   ]      free: next == owner
 *
 *	lock:    if it is free, take it: one compare-and-exchange; else
 *	         ticket = next++ (xadd on the whole word gives both halves at
 *	         once), and spin until owner == ticket
 *	unlock:  owner++ (only the holder writes it: no locked instruction)
 *
 * Both halves wrap at 65536; that is fine as long as fewer CPUs wait.
 *
 * VIRTUAL MACHINES.  Order has a price: the CPU whose turn it is must run.  If
 * the host has descheduled it, all behind it wait for the host, and with more
 * virtual CPUs than cores nearly every hand-over hits one that sleeps: sixteen
 * on two cores come to a stand (a lock convoy).  Queued locks (MCS) share that
 * price.  So under a hypervisor nobody draws a ticket: whoever runs and finds
 * the lock free takes it.  Fairness is the host's there anyway.
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

#include <arch/cpufeature.h>
#include <arch/processor.h>
#include <kernel/export.h>

void ticket_lock(arch_spinlock_t *lock)
{
	u32 old = __atomic_fetch_add(&lock->val, TICKET_ONE, __ATOMIC_ACQUIRE);
	u16 ticket = old >> 16;

	while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket)
		cpu_relax();
}

void unfair_lock(arch_spinlock_t *lock)
{
	while (!arch_spin_trylock(lock))
		cpu_relax();
}

void spin_lock_slow(arch_spinlock_t *lock)
{
	if (boot_cpu_has(X86_FEATURE_HYPERVISOR))
		unfair_lock(lock);
	else
		ticket_lock(lock);
}
EXPORT_SYMBOL(spin_lock_slow);
