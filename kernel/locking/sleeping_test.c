/* SPDX-License-Identifier: MIT */
/* sleeping_test.c -- self-tests for mutex, rwsem and semaphore (KT16) */

#include "crowd.h"

#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/jiffies.h>
#include <kernel/mutex.h>
#include <kernel/rwsem.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/semaphore.h>

#define THREADS 4
#define ROUNDS 100

static DEFINE_MUTEX(mutex);
static DECLARE_RWSEM(rwsem);
static DEFINE_SEMAPHORE(sem, 0);
static unsigned long counter, twin;
static atomic_t torn, inside, most_inside;
static int result[8], order[8], served;

static void count_by_mutex(int me)
{
	for (int i = 0; i < ROUNDS; i++) {
		mutex_lock(&mutex);
		counter++;
		if (i % 100 == 0)
			schedule_timeout_uninterruptible(0);
		mutex_unlock(&mutex);
	}
}

SELFTEST_SLOW(mutex_loses_no_update)
{
	counter = 0;
	crowd_run(THREADS, count_by_mutex);
	EXPECT(counter == THREADS * ROUNDS);
	EXPECT(mutex.owner == 0 && list_empty(&mutex.wait_list)); /* I1 */
}

static void take_in_order(int me)
{
	mutex_lock(&mutex);
	order[served++] = me;
	mutex_unlock(&mutex);
}

SELFTEST_SLOW(mutex_serves_sleepers_in_order)
{
	struct task_struct *t[3];

	served = 0;
	mutex_lock(&mutex);
	for (int i = 0; i < 3; i++) {
		t[i] = crowd_start(take_in_order, i);
		crowd_until_asleep(t[i]);
	}
	EXPECT(!mutex_trylock(&mutex) && mutex_is_locked(&mutex));
	mutex_unlock(&mutex);
	for (int i = 0; i < 3; i++)
		crowd_join(t[i]);
	EXPECT(served == 3 && order[0] == 0 && order[1] == 1 && order[2] == 2);
}

static void lock_interruptibly(int me)
{
	result[me] = mutex_lock_interruptible(&mutex);
	if (!result[me])
		mutex_unlock(&mutex);
}

SELFTEST_SLOW(mutex_interruptible_gives_up_on_a_signal)
{
	struct task_struct *t;

	mutex_lock(&mutex);
	t = crowd_start(lock_interruptibly, 0);
	crowd_until_asleep(t);
	crowd_signal(t);
	crowd_join(t);
	EXPECT(result[0] == -EINTR);
	EXPECT(list_empty(&mutex.wait_list));
	mutex_unlock(&mutex);
	EXPECT(mutex.owner == 0);
}

static void share_rwsem(int me)
{
	for (int i = 0; i < ROUNDS / 2; i++) {
		if ((i + me) % 4 == 0) {
			down_write(&rwsem);
			counter++;
			twin++;
			up_write(&rwsem);
		} else {
			down_read(&rwsem);
			if (READ_ONCE(counter) != READ_ONCE(twin))
				atomic_inc(&torn);
			up_read(&rwsem);
		}
	}
}

SELFTEST_SLOW(rwsem_writers_are_alone)
{
	counter = twin = 0;
	atomic_set(&torn, 0);
	crowd_run(THREADS, share_rwsem);
	EXPECT(counter == THREADS * ROUNDS / 8 && atomic_read(&torn) == 0);
	EXPECT(atomic_long_read(&rwsem.count) == 0);            /* I1, I2 */
}

static void read_rwsem(int me)
{
	down_read(&rwsem);
	order[served++] = me;
	up_read(&rwsem);
}

SELFTEST_SLOW(rwsem_downgrade_lets_readers_in_and_no_writer)
{
	struct task_struct *t;

	served = 0;
	down_write(&rwsem);
	EXPECT(!down_read_trylock(&rwsem) && !down_write_trylock(&rwsem));
	t = crowd_start(read_rwsem, 5);
	crowd_until_asleep(t);
	EXPECT(served == 0 && rwsem_is_contended(&rwsem));
	downgrade_write(&rwsem);
	crowd_join(t);
	EXPECT(served == 1 && order[0] == 5);
	EXPECT(!down_write_trylock(&rwsem));
	up_read(&rwsem);
	EXPECT(!rwsem_is_locked(&rwsem));
}

static void take_ticket(int me)
{
	down(&sem);
	order[served++] = me;
}

SELFTEST_SLOW(semaphore_serves_in_order_and_cannot_be_robbed)
{
	struct task_struct *t[3];

	served = 0;
	for (int i = 0; i < 3; i++) {
		t[i] = crowd_start(take_ticket, i);
		crowd_until_asleep(t[i]);
	}
	for (int i = 0; i < 3; i++) {
		up(&sem);
		EXPECT(down_trylock(&sem) == 1);        /* I1 */
		crowd_join(t[i]);
		EXPECT(order[i] == i);
	}
}

SELFTEST_SLOW(semaphore_timeout_takes_no_ticket)
{
	EXPECT(down_timeout(&sem, 2) == -ETIME);
	up(&sem);
	EXPECT(down_trylock(&sem) == 0);                /* I3 */
	EXPECT(down_trylock(&sem) == 1);
}

static void park(int me)
{
	for (int i = 0; i < 6; i++) {
		int n;

		down(&sem);
		n = atomic_inc_return(&inside);
		if (n > atomic_read(&most_inside))
			atomic_set(&most_inside, n);
		yield();
		atomic_dec(&inside);
		up(&sem);
	}
}

/* Three places, five cars. */
SELFTEST_SLOW(semaphore_admits_as_many_as_it_has_tickets)
{
	atomic_set(&inside, 0);
	atomic_set(&most_inside, 0);
	for (int i = 0; i < 3; i++)
		up(&sem);
	crowd_run(5, park);
	EXPECT(atomic_read(&most_inside) <= 3 && atomic_read(&inside) == 0);
	EXPECT(sem.count == 3);
	while (!down_trylock(&sem))
		;
}
