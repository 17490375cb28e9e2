/* SPDX-License-Identifier: MIT */
/*
 * spinlock_test.c -- spinlock.c, rwlock.c, seqlock.h (KT16)
 *
 * Two ways to see a lock fail: a crowd (crowd.h) of threads on all CPUs counts
 * under it, and no count may be lost; and a few threads are led, step by
 * step, into the one order of events that an invariant (I1 ... of
 * spinlock.c) speaks of.  The queue is entered by its own function, whatever
 * the machine's hypervisor makes spin_lock() choose.  That plain increments do
 * lose counts shows that the crowd could tell.
 */

#include "crowd.h"

#include <arch/processor.h>
#include <arch/smp.h>
#include <kernel/atomic.h>
#include <kernel/cpumask.h>
#include <kernel/kernel.h>
#include <kernel/rwlock.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/seqlock.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>

#define THREADS 4
#define ROUNDS 400

static DEFINE_SPINLOCK(lock);
static DEFINE_RWLOCK(rwlock);
static DEFINE_SEQLOCK(seqlock);
static unsigned long counter, twin;
static atomic_t atomic_counter;
static atomic_t torn;

SELFTEST(spinlock_word_tells_its_state)         /* I1 */
{
	arch_spinlock_t l = __ARCH_SPIN_LOCK_UNLOCKED;

	static_assert(sizeof(l) == 4, "no lock grows");
	arch_spin_lock(&l);
	EXPECT(l.val == SPIN_LOCKED && arch_spin_is_locked(&l));
	EXPECT(!arch_spin_trylock(&l) && !arch_spin_is_contended(&l));
	arch_spin_unlock(&l);
	EXPECT(l.val == 0 && !arch_spin_is_locked(&l));
	/* Free of its holder, but somebody waits: a newcomer must not pass. */
	l.val = SPIN_PENDING;
	EXPECT(!arch_spin_trylock(&l) && arch_spin_is_contended(&l));
	l.val = 4U << SPIN_TAIL_SHIFT;
	EXPECT(!arch_spin_trylock(&l) && arch_spin_is_contended(&l));
	l.val = 0;
	preempt_disable();
	queued_lock(&l);
	EXPECT(l.val == SPIN_LOCKED);
	arch_spin_unlock(&l);
	unfair_lock(&l);
	EXPECT(l.val == SPIN_LOCKED);
	preempt_enable();
}

static arch_spinlock_t bare = __ARCH_SPIN_LOCK_UNLOCKED;
static arch_spinlock_t inner = __ARCH_SPIN_LOCK_UNLOCKED;

/* Some threads each way to wait, on the same locks: they exclude each other. */
static void count_both_ways(int me)
{
	for (int i = 0; i < ROUNDS; i++) {
		void (*wait)(arch_spinlock_t *) =
			(i + me) % 4 ? queued_lock : unfair_lock;

		preempt_disable();
		wait(&bare);
		counter++;
		wait(&inner);
		twin++;
		arch_spin_unlock(&inner);
		arch_spin_unlock(&bare);
		preempt_enable();
	}
}

SELFTEST_SLOW(queued_and_lucky_ones_exclude_each_other)
{
	counter = twin = 0;
	crowd_run(THREADS, count_both_ways);
	EXPECT(counter == THREADS * ROUNDS && twin == counter);
	EXPECT(bare.val == 0 && inner.val == 0);
}

static void count_in_the_queue(int me)
{
	for (int i = 0; i < ROUNDS; i++) {
		preempt_disable();
		queued_lock(&bare);
		counter++;
		arch_spin_unlock(&bare);
		preempt_enable();
	}
}

SELFTEST_SLOW(queued_spinlock_loses_no_update)
{
	counter = 0;
	crowd_run(THREADS, count_in_the_queue);
	EXPECT(counter == THREADS * ROUNDS && bare.val == 0);
}

/* The word has changed in these bits, soon: a CPU has come to the lock. */
static bool comes_to(arch_spinlock_t *l, u32 bits, u32 before)
{
	for (long n = 0; n < 2000000000; n++) {
		if ((READ_ONCE(l->val) & bits) != before)
			return true;
		cpu_relax();
	}
	return false;
}

static int order[THREADS], arrived, called;
static atomic_t ready;
static int waiters;

/* Nobody spins without its turn to come: threads of one CPU take turns. */
static void until_called(int me)
{
	atomic_inc(&ready);
	while (READ_ONCE(called) < me)
		cond_resched();
	preempt_disable();
	queued_lock(&bare);
	order[arrived++] = me;
	arch_spin_unlock(&bare);
	preempt_enable();
}

/* Thread 0 holds the lock and calls the others to it, one by one. */
static void hold_or_wait(int me)
{
	u32 before = 0;

	if (me) {
		until_called(me);
		return;
	}
	while (atomic_read(&ready) < waiters)
		cond_resched();
	preempt_disable();
	queued_lock(&bare);
	for (int i = 1; i <= waiters; i++) {
		WRITE_ONCE(called, i);
		EXPECT(comes_to(&bare, ~SPIN_LOCKED, before));
		before = READ_ONCE(bare.val) & ~SPIN_LOCKED;
		EXPECT(i == 1 ? before == SPIN_PENDING :
				before >> SPIN_TAIL_SHIFT != 0);
	}
	arch_spin_unlock(&bare);
	preempt_enable();
}

SELFTEST_SLOW(queued_spinlock_serves_in_order)  /* I2 I3 I4 */
{
	waiters = min_t(int, num_online_cpus(), THREADS) - 1;
	if (waiters < 1) {
		selftest_skip("needs two CPUs");
		return;
	}
	arrived = called = 0;
	atomic_set(&ready, 0);
	crowd_run(waiters + 1, hold_or_wait);
	EXPECT(arrived == waiters && bare.val == 0);
	for (int i = 0; i < arrived; i++)
		EXPECT(order[i] == i + 1);
}

/* Thread 1 is the head of the queue; thread 0 pretends to be all before it. */
static void release_to_pending(int me)
{
	u32 held = SPIN_LOCKED | SPIN_PENDING;

	if (me) {
		until_called(me);
		return;
	}
	bare.val = held;
	while (atomic_read(&ready) < 1)
		cond_resched();
	preempt_disable();
	WRITE_ONCE(called, 1);
	EXPECT(comes_to(&bare, ~held, 0));
	arch_spin_unlock(&bare);
	/* It is the pending CPU's, however long that takes. */
	for (int n = 0; n < 30000 && !READ_ONCE(arrived); n++)
		cpu_relax();
	EXPECT(READ_ONCE(arrived) == 0);
	__atomic_store_n(&bare.pending, 0, __ATOMIC_RELEASE);
	preempt_enable();
}

SELFTEST_SLOW(queued_spinlock_head_waits_for_the_pending)       /* I4 */
{
	if (num_online_cpus() < 2) {
		selftest_skip("needs two CPUs");
		return;
	}
	arrived = called = 0;
	atomic_set(&ready, 0);
	crowd_run(2, release_to_pending);
	EXPECT(arrived == 1 && bare.val == 0);
}

static void lock_inner(void *unused)
{
	queued_lock(&inner);
	counter++;
	arch_spin_unlock(&inner);
}

/*
 * Thread 1 queues for a lock; an interrupt strikes it there and queues for
 * another.  Thread 0 holds both, and pretends to be the pending CPU, too, so
 * that both need a node.
 */
static void queue_in_two_contexts(int me)
{
	u32 held = SPIN_LOCKED | SPIN_PENDING;

	if (me) {
		until_called(me);
		return;
	}
	bare.val = inner.val = held;
	while (atomic_read(&ready) < 1)
		cond_resched();
	preempt_disable();
	WRITE_ONCE(called, 1);
	EXPECT(comes_to(&bare, ~held, 0));
	smp_call_function_single((bare.tail >> 2) - 1, lock_inner, NULL, 0);
	EXPECT(comes_to(&inner, ~held, 0));
	EXPECT(inner.tail == bare.tail + 1);            /* its second node */
	__atomic_store_n(&inner.locked_pending, 0, __ATOMIC_RELEASE);
	while (READ_ONCE(inner.val))
		cpu_relax();
	EXPECT(arrived == 0);
	__atomic_store_n(&bare.locked_pending, 0, __ATOMIC_RELEASE);
	preempt_enable();
}

SELFTEST_SLOW(queued_spinlock_nests_in_an_interrupt)
{
	if (num_online_cpus() < 2) {
		selftest_skip("needs two CPUs");
		return;
	}
	counter = arrived = called = 0;
	atomic_set(&ready, 0);
	crowd_run(2, queue_in_two_contexts);
	EXPECT(counter == 1 && arrived == 1);
	EXPECT(bare.val == 0 && inner.val == 0);
}

SELFTEST(irqsave_leaves_interrupts_as_they_were)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags);
	EXPECT(irqs_disabled() && spin_is_locked(&lock));
	spin_unlock_irqrestore(&lock, flags);
	EXPECT(!irqs_disabled());
	local_irq_disable();
	spin_lock_irqsave(&lock, flags);
	spin_unlock_irqrestore(&lock, flags);
	EXPECT(irqs_disabled());
	local_irq_enable();
}

static void count_by_spinlock(int me)
{
	for (int i = 0; i < ROUNDS; i++) {
		spin_lock(&lock);
		counter++;
		spin_unlock(&lock);
	}
}

static void count_by_trylock(int me)
{
	for (int i = 0; i < ROUNDS / 4; i++) {
		while (!spin_trylock(&lock))
			cpu_relax();
		counter++;
		spin_unlock(&lock);
	}
}

static void count_by_atomic(int me)
{
	for (int i = 0; i < ROUNDS; i++)
		atomic_inc(&atomic_counter);
}

SELFTEST_SLOW(spinlocks_and_atomics_lose_no_update)
{
	counter = 0;
	atomic_set(&atomic_counter, 0);
	crowd_run(THREADS, count_by_spinlock);
	EXPECT(counter == THREADS * ROUNDS);
	counter = 0;
	crowd_run(THREADS, count_by_trylock);
	EXPECT(counter == THREADS * (ROUNDS / 4));
	crowd_run(THREADS, count_by_atomic);
	EXPECT(atomic_read(&atomic_counter) == THREADS * ROUNDS);
}

#define PLAIN_ROUNDS 2000000

static atomic_t at_the_start;

static void count_without_lock(int me)
{
	volatile unsigned long *plain = &counter;

	atomic_inc(&at_the_start);
	while (atomic_read(&at_the_start) < 2)
		cond_resched();
	for (int i = 0; i < PLAIN_ROUNDS; i++)
		(*plain)++;
}

/* The race itself: what the locks are for. */
SELFTEST_SLOW(plain_increments_lose_updates)
{
	counter = 0;
	atomic_set(&at_the_start, 0);
	crowd_run(2, count_without_lock);
	pr_info("# %lu of %d increments were kept\n", counter,
		2 * PLAIN_ROUNDS);
	if (num_online_cpus() < 2 || counter == 2 * PLAIN_ROUNDS)
		selftest_skip("no update was lost this time");
	EXPECT(counter <= 2 * PLAIN_ROUNDS);
}

/* Writers keep the two equal; readers look whether they ever differ. */
static void read_or_write(int me)
{
	for (int i = 0; i < ROUNDS / 2; i++) {
		if ((i + me) % 4 == 0) {
			write_lock(&rwlock);
			counter++;
			twin++;
			write_unlock(&rwlock);
		} else {
			read_lock(&rwlock);
			if (READ_ONCE(counter) != READ_ONCE(twin))
				atomic_inc(&torn);
			read_unlock(&rwlock);
		}
	}
}

SELFTEST_SLOW(rwlock_writers_are_alone)
{
	counter = twin = 0;
	atomic_set(&torn, 0);
	crowd_run(THREADS, read_or_write);
	EXPECT(counter == THREADS * ROUNDS / 8 && counter == twin);
	EXPECT(atomic_read(&torn) == 0 && rwlock.cnts == 0);
}

SELFTEST(rwlock_readers_share_and_exclude_the_writer)
{
	read_lock(&rwlock);
	EXPECT(read_trylock(&rwlock));
	EXPECT(!write_trylock(&rwlock));
	read_unlock(&rwlock);
	read_unlock(&rwlock);
	EXPECT(write_trylock(&rwlock));
	EXPECT(!read_trylock(&rwlock));
	write_unlock(&rwlock);
	EXPECT(!rwlock_is_locked(&rwlock));
}

static void write_once(int me)
{
	write_lock(&rwlock);
	counter = 1;
	write_unlock(&rwlock);
}

SELFTEST_SLOW(rwlock_waiting_writer_stops_new_readers)
{
	struct task_struct *writer;

	if (num_online_cpus() < 2) {
		selftest_skip("needs two CPUs");
		return;
	}
	counter = 0;
	writer = crowd_start(write_once, raw_smp_processor_id() + 1);
	read_lock(&rwlock);
	/* Should we stand on its CPU by now, it cannot wait. */
	for (long n = 0; n < 100000000 && !READ_ONCE(counter) &&
	     task_cpu(writer) != (int)raw_smp_processor_id() &&
	     !(READ_ONCE(rwlock.cnts) & QW_WAITING); n++)
		cpu_relax();
	if (!READ_ONCE(counter) &&
	    task_cpu(writer) != (int)raw_smp_processor_id()) {
		EXPECT(READ_ONCE(rwlock.cnts) & QW_WAITING);
		EXPECT(!read_trylock(&rwlock));
	}
	read_unlock(&rwlock);
	crowd_join(writer);
	EXPECT(counter == 1);
}

static void use_seqlock(int me)
{
	unsigned long a, b;
	unsigned int seq;

	for (int i = 0; i < ROUNDS / 2; i++) {
		if (me == 0) {
			write_seqlock(&seqlock);
			counter++;
			twin++;
			write_sequnlock(&seqlock);
			continue;
		}
		do {
			seq = read_seqbegin(&seqlock);
			a = READ_ONCE(counter);
			b = READ_ONCE(twin);
		} while (read_seqretry(&seqlock, seq));
		if (a != b)
			atomic_inc(&torn);
	}
}

SELFTEST_SLOW(seqlock_readers_never_use_a_torn_copy)
{
	counter = twin = 0;
	atomic_set(&torn, 0);
	crowd_run(THREADS, use_seqlock);
	EXPECT(atomic_read(&torn) == 0 && counter == ROUNDS / 2);
}

SELFTEST(seqlock_reader_sees_that_a_writer_came_between)
{
	unsigned int seq = read_seqbegin(&seqlock);

	EXPECT(!read_seqretry(&seqlock, seq));
	write_seqlock(&seqlock);
	EXPECT(raw_seqcount_begin(&seqlock.seqcount) !=
	       seqlock.seqcount.sequence);
	write_sequnlock(&seqlock);
	EXPECT(read_seqretry(&seqlock, seq));
}
