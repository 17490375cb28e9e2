/* SPDX-License-Identifier: MIT */
/*
 * torture_test.c -- locks, RCU, timers and tasks under as much disorder as fits
 *
 * Each takes a small part of a second; `torture=N` on the boot line makes them
 * N times as long, for an hour of it:
 *
 *	tools/vm --smp 4 --append 'selftest=torture torture=5000'
 *
 * Threads on every CPU do the same things with random delays; what must hold is
 * said at each.
 */

#include "crowd.h"

#include <kernel/atomic.h>
#include <kernel/completion.h>
#include <kernel/cpumask.h>
#include <kernel/delay.h>
#include <kernel/err.h>
#include <kernel/hrtimer.h>
#include <kernel/init.h>
#include <kernel/jiffies.h>
#include <kernel/kernel.h>
#include <kernel/kthread.h>
#include <kernel/mutex.h>
#include <kernel/rcupdate.h>
#include <kernel/rwsem.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/seqlock.h>
#include <kernel/spinlock.h>
#include <kernel/timer.h>
#include <mm/slab.h>

#define CROWD 6

static int torture = 1;

static int set_torture(char *value)
{
	return kstrtoint(value, 0, &torture) || torture < 1 ? -EINVAL : 0;
}
__setup("torture=", set_torture);

/* Each thread's own dice. */
static u32 roll(u32 *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void dawdle(u32 *seed)
{
	u32 r = roll(seed) % 64;

	if (r == 0)
		schedule_timeout_uninterruptible(1);
	else if (r < 8)
		cond_resched();
	else if (r < 20)
		udelay(r);
}

/* ---- locks: what they guard is whole, and a count is exact --------------- */

static DEFINE_SPINLOCK(t_spin);
static DEFINE_MUTEX(t_mutex);
static DECLARE_RWSEM(t_rwsem);
static DEFINE_SEQLOCK(t_seq);
static unsigned long spin_count, mutex_count, rwsem_count[2], seq_count[2];
static atomic_t broken, inside;

#define LOCK_ROUNDS (300 * torture)

static void torture_locks_once(u32 *seed)
{
	unsigned long flags;
	unsigned int seq;

	spin_lock_irqsave(&t_spin, flags);
	spin_count++;
	spin_unlock_irqrestore(&t_spin, flags);

	mutex_lock(&t_mutex);
	if (atomic_inc_return(&inside) != 1)
		atomic_inc(&broken);
	mutex_count++;
	dawdle(seed);
	atomic_dec(&inside);
	mutex_unlock(&t_mutex);

	if (roll(seed) % 4 == 0) {
		down_write(&t_rwsem);
		rwsem_count[0]++;
		dawdle(seed);
		rwsem_count[1]++;
		up_write(&t_rwsem);
		write_seqlock(&t_seq);
		seq_count[0]++;
		seq_count[1]++;
		write_sequnlock(&t_seq);
	} else {
		unsigned long a, b;

		down_read(&t_rwsem);
		if (rwsem_count[0] != rwsem_count[1])
			atomic_inc(&broken);
		up_read(&t_rwsem);
		do {
			seq = read_seqbegin(&t_seq);
			a = READ_ONCE(seq_count[0]);
			b = READ_ONCE(seq_count[1]);
		} while (read_seqretry(&t_seq, seq));
		if (a != b)
			atomic_inc(&broken);
	}
}

static void torture_locks(int me)
{
	u32 seed = me + 1;

	for (int i = 0; i < LOCK_ROUNDS; i++)
		torture_locks_once(&seed);
}

SELFTEST_SLOW(torture_locks_keep_what_they_guard)
{
	spin_count = mutex_count = 0;
	atomic_set(&broken, 0);
	crowd_run(CROWD, torture_locks);
	EXPECT(atomic_read(&broken) == 0);
	EXPECT(spin_count == (unsigned long)CROWD * LOCK_ROUNDS);
	EXPECT(mutex_count == spin_count);
	EXPECT(rwsem_count[0] == rwsem_count[1]);
}

/* ---- RCU: no reader sees what was freed ---------------------------------- */

#define ALIVE 0x600dUL
#define DEAD 0xdeadUL
#define RCU_ROUNDS (400 * torture)

struct version {
	struct rcu_head rcu;
	unsigned long state;
	unsigned long twice;            /* state, once more */
};

static struct version *t_version;
static DEFINE_SPINLOCK(version_lock);
static atomic_t versions;

static void bury(struct rcu_head *head)
{
	struct version *v = container_of(head, struct version, rcu);

	v->state = v->twice = DEAD;
	atomic_dec(&versions);
	kfree(v);
}

static void replace_version(u32 *seed)
{
	struct version *new = kmalloc(sizeof(*new), GFP_KERNEL), *old;

	if (!new)
		return;
	atomic_inc(&versions);
	new->state = new->twice = ALIVE;
	spin_lock(&version_lock);
	old = t_version;
	rcu_assign_pointer(t_version, new);
	spin_unlock(&version_lock);
	if (!old)
		return;
	if (roll(seed) % 16 == 0) {
		synchronize_rcu();
		bury(&old->rcu);
	} else {
		call_rcu(&old->rcu, bury);
	}
}

static void read_version(u32 *seed)
{
	struct version *v;

	rcu_read_lock();
	v = rcu_dereference(t_version);
	if (v && v->state != ALIVE)
		atomic_inc(&broken);
	if (roll(seed) % 8 == 0)
		udelay(roll(seed) % 40);
	if (v && (v->state != ALIVE || v->twice != ALIVE))
		atomic_inc(&broken);
	rcu_read_unlock();
}

static void torture_rcu(int me)
{
	u32 seed = me + 77;

	for (int i = 0; i < RCU_ROUNDS; i++) {
		if (me % 3 == 0)
			replace_version(&seed);
		else
			read_version(&seed);
		if (i % 16 == 0)
			dawdle(&seed);
	}
}

SELFTEST_SLOW(torture_rcu_readers_never_see_the_dead)
{
	atomic_set(&broken, 0);
	atomic_set(&versions, 0);
	crowd_run(CROWD, torture_rcu);
	EXPECT(atomic_read(&broken) == 0);
	if (t_version)
		call_rcu(&t_version->rcu, bury);
	t_version = NULL;
	rcu_barrier();
	EXPECT(atomic_read(&versions) == 0);
}

/* ---- timers: each firing is accounted for, none after its cancelling ----- */

#define TIMERS 8
#define TIMER_ROUNDS (120 * torture)

static struct t_timer {
	struct hrtimer hr;
	struct timer_list wheel;
	bool allowed;                   /* its owner has not cancelled it */
} timers[TIMERS];

static enum hrtimer_restart hr_fired(struct hrtimer *hr)
{
	struct t_timer *t = container_of(hr, struct t_timer, hr);

	if (!READ_ONCE(t->allowed))
		atomic_inc(&broken);
	return HRTIMER_NORESTART;
}

static void wheel_fired(struct timer_list *wheel)
{
	struct t_timer *t = container_of(wheel, struct t_timer, wheel);

	if (!READ_ONCE(t->allowed))
		atomic_inc(&broken);
}

/* One thread owns timer `me`, arms and cancels it from any CPU. */
static void torture_timers(int me)
{
	struct t_timer *t = &timers[me];
	u32 seed = me + 1234;

	for (int i = 0; i < TIMER_ROUNDS; i++) {
		WRITE_ONCE(t->allowed, true);
		hrtimer_start(&t->hr, ns_to_ktime(roll(&seed) % 300000),
			      HRTIMER_MODE_REL);
		mod_timer(&t->wheel, jiffies + roll(&seed) % 3);
		dawdle(&seed);
		if (roll(&seed) % 2)
			mod_timer(&t->wheel, jiffies + 1000);
		hrtimer_cancel(&t->hr);
		del_timer_sync(&t->wheel);
		WRITE_ONCE(t->allowed, false);
		if (hrtimer_active(&t->hr) || timer_pending(&t->wheel))
			atomic_inc(&broken);
	}
}

SELFTEST_SLOW(torture_timers_do_not_fire_once_cancelled)
{
	atomic_set(&broken, 0);
	for (int i = 0; i < TIMERS; i++) {
		hrtimer_setup(&timers[i].hr, hr_fired, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL);
		timer_setup(&timers[i].wheel, wheel_fired, 0);
	}
	crowd_run(CROWD, torture_timers);
	EXPECT(atomic_read(&broken) == 0);
}

/* ---- tasks: all that were made have ended, and are gone ------------------ */

#define TASK_ROUNDS (12 * torture)

static atomic_t born, ended;

static int short_life(void *seed)
{
	u32 s = (unsigned long)seed;

	atomic_inc(&born);
	dawdle(&s);
	atomic_inc(&ended);
	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return s & 0xff;
}

static void torture_tasks(int me)
{
	u32 seed = me + 4321;

	for (int i = 0; i < TASK_ROUNDS; i++) {
		struct task_struct *t[4];

		for (int k = 0; k < 4; k++)
			t[k] = kthread_run(short_life,
					   (void *)(unsigned long)roll(&seed),
					   "torture/%d", me);
		for (int k = 0; k < 4; k++) {
			if (IS_ERR(t[k]))
				atomic_inc(&broken);
			else
				kthread_stop(t[k]);
		}
	}
}

SELFTEST_SLOW(torture_tasks_all_end)
{
	atomic_set(&broken, 0);
	atomic_set(&born, 0);
	atomic_set(&ended, 0);
	crowd_run(CROWD, torture_tasks);
	EXPECT(atomic_read(&broken) == 0);
	EXPECT(atomic_read(&born) == atomic_read(&ended));
}
