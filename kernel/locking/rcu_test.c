/* SPDX-License-Identifier: MIT */
/* rcu_test.c -- self-tests for rcu.c (KT17) */

#include "crowd.h"

#include <arch/delay.h>
#include <arch/smp.h>
#include <kernel/atomic.h>
#include <kernel/cpumask.h>
#include <kernel/jiffies.h>
#include <kernel/rcupdate.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/spinlock.h>
#include <mm/slab.h>

#define POISON 0xdead0000deadUL

struct pair {
	unsigned long a, b;             /* equal, until poisoned */
	struct rcu_head rcu;
};

static struct pair *shared;             /* pair_lock to write, RCU to read */
static DEFINE_SPINLOCK(pair_lock);
static atomic_t bad_reads, frees, stop;

static void poison_and_free(struct rcu_head *head)
{
	struct pair *p = container_of(head, struct pair, rcu);

	p->a = POISON;
	p->b = ~POISON;
	kfree(p);
	atomic_inc(&frees);
}

static void update(unsigned long value)
{
	struct pair *new = kzalloc(sizeof(*new), GFP_KERNEL), *old;

	if (!new)
		return;
	new->a = new->b = value;
	spin_lock(&pair_lock);
	old = rcu_dereference_protected(shared, lockdep_is_held(&pair_lock));
	rcu_assign_pointer(shared, new);
	spin_unlock(&pair_lock);
	if (old)
		call_rcu(&old->rcu, poison_and_free);
}

static void read_or_update(int me)
{
	for (unsigned long n = 0; !atomic_read(&stop); n++) {
		struct pair *p;

		if (me < 2 && n % 64 == 0) {
			update(n);
			cond_resched();
			continue;
		}
		rcu_read_lock();
		p = rcu_dereference(shared);
		if (p && READ_ONCE(p->a) != READ_ONCE(p->b))
			atomic_inc(&bad_reads);
		rcu_read_unlock();
		if (n % 256 == 0)
			cond_resched();
	}
}

static void run_readers(int threads, int ticks)
{
	struct task_struct *t[8];

	atomic_set(&bad_reads, 0);
	atomic_set(&frees, 0);
	atomic_set(&stop, 0);
	for (int i = 0; i < threads; i++)
		t[i] = crowd_start(read_or_update, i);
	schedule_timeout_uninterruptible(ticks);
	atomic_set(&stop, 1);
	for (int i = 0; i < threads; i++)
		crowd_join(t[i]);
	rcu_barrier();
	EXPECT(atomic_read(&bad_reads) == 0);
	EXPECT(atomic_read(&frees) > 0);
}

SELFTEST_SLOW(rcu_readers_never_see_poison)
{
	run_readers(3, 1);
}

SELFTEST_SLOW(rcu_readers_never_see_poison_in_a_storm)
{
	run_readers(8, selftest_seconds() * HZ);
}

static atomic_t reader_in, reader_out;

static void hold_reader(int me)
{
	rcu_read_lock();
	atomic_set(&reader_in, 1);
	mdelay(12);
	atomic_set(&reader_out, 1);
	rcu_read_unlock();
}

SELFTEST_SLOW(rcu_grace_period_waits_for_a_reader)
{
	struct task_struct *t;

	atomic_set(&reader_in, 0);
	atomic_set(&reader_out, 0);
	t = crowd_start(hold_reader, raw_smp_processor_id() + 1);
	while (!atomic_read(&reader_in))
		cond_resched();
	synchronize_rcu();
	EXPECT(atomic_read(&reader_out) == 1);
	crowd_join(t);
}

static atomic_t called;

static void count_call(struct rcu_head *head)
{
	atomic_inc(&called);
}

SELFTEST_SLOW(rcu_barrier_waits_for_callbacks)
{
	static struct rcu_head heads[20];

	atomic_set(&called, 0);
	for (int i = 0; i < 20; i++)
		call_rcu(&heads[i], count_call);
	rcu_barrier();
	EXPECT(atomic_read(&called) == 20);
}

SELFTEST(rcu_read_lock_nests)
{
	unsigned int before = preempt_count();

	rcu_read_lock();
	rcu_read_lock();
	rcu_read_unlock();
	EXPECT(preempt_count() == before + 1);
	rcu_read_unlock();
	EXPECT(preempt_count() == before);
}
