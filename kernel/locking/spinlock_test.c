/* SPDX-License-Identifier: MIT */
/* spinlock_test.c -- self-tests for spinlock.c, rwlock.c, seqlock.h (KT16) */

#include "crowd.h"

#include <arch/processor.h>
#include <arch/smp.h>
#include <kernel/atomic.h>
#include <kernel/cpumask.h>
#include <kernel/rwlock.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/seqlock.h>
#include <kernel/spinlock.h>

#define THREADS 4
#define ROUNDS 400

static DEFINE_SPINLOCK(lock);
static DEFINE_RWLOCK(rwlock);
static DEFINE_SEQLOCK(seqlock);
static unsigned long counter, twin;
static atomic_t atomic_counter;
static atomic_t torn;

SELFTEST(tickets_wrap_around)                   /* I1 */
{
	arch_spinlock_t l = { .val = 0xffffffff };

	EXPECT(!arch_spin_is_locked(&l));
	arch_spin_lock(&l);
	EXPECT(l.next == 0 && l.owner == 0xffff && arch_spin_is_locked(&l));
	EXPECT(!arch_spin_trylock(&l));
	arch_spin_unlock(&l);
	EXPECT(l.val == 0);
	EXPECT(arch_spin_trylock(&l));
	arch_spin_unlock(&l);
}

static arch_spinlock_t bare = __ARCH_SPIN_LOCK_UNLOCKED;

/* One thread each way to wait, on the same lock: they exclude each other. */
static void count_both_ways(int me)
{
	for (int i = 0; i < ROUNDS * 50; i++) {
		preempt_disable();
		if (me & 1)
			ticket_lock(&bare);
		else
			unfair_lock(&bare);
		counter++;
		arch_spin_unlock(&bare);
		preempt_enable();
	}
}

SELFTEST_SLOW(ticket_holders_and_lucky_ones_exclude_each_other)
{
	counter = 0;
	crowd_run(2, count_both_ways);
	EXPECT(counter == 2 * (ROUNDS * 50));
	EXPECT(!arch_spin_is_locked(&bare));
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
