/* SPDX-License-Identifier: MIT */
/* wait_test.c -- self-tests for wait.c and completion.c (KT15, KT24) */

#include "crowd.h"

#include <kernel/atomic.h>
#include <kernel/completion.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/wait.h>

static DECLARE_WAIT_QUEUE_HEAD(wq);
static atomic_t woken;
static int ready, result;

static void wait_plain(int me)
{
	wait_event(wq, READ_ONCE(ready) > 0);
	atomic_inc(&woken);
}

static int order[8];

/* One round only: what a wake-up does, whatever the condition. */
static void wait_exclusively(int me)
{
	DEFINE_WAIT(self);

	prepare_to_wait_exclusive(&wq, &self, TASK_UNINTERRUPTIBLE);
	schedule();
	finish_wait(&wq, &self);
	order[atomic_inc_return(&woken) - 1] = me;
}

static void settle(void)
{
	schedule_timeout_uninterruptible(2);
}

SELFTEST_SLOW(wait_one_exclusive_sleeper_is_woken_in_order)
{
	struct task_struct *t[3];

	atomic_set(&woken, 0);
	for (int i = 0; i < 3; i++) {
		t[i] = crowd_start(wait_exclusively, i);
		crowd_until_asleep(t[i]);
	}
	for (int i = 0; i < 3; i++) {
		wake_up(&wq);
		crowd_join(t[i]);
		EXPECT(atomic_read(&woken) == i + 1 && order[i] == i);
	}
	EXPECT(!waitqueue_active(&wq));
}

SELFTEST_SLOW(wait_all_plain_and_one_exclusive_are_woken)
{
	struct task_struct *plain[2], *exclusive[2];

	atomic_set(&woken, 0);
	ready = 0;
	for (int i = 0; i < 2; i++) {
		exclusive[i] = crowd_start(wait_exclusively, i);
		crowd_until_asleep(exclusive[i]);
		plain[i] = crowd_start(wait_plain, i);
		crowd_until_asleep(plain[i]);
	}
	ready = 1;
	wake_up(&wq);
	crowd_join(plain[0]);
	crowd_join(plain[1]);
	crowd_join(exclusive[0]);
	settle();
	EXPECT(atomic_read(&woken) == 3);
	wake_up_all(&wq);
	crowd_join(exclusive[1]);
	EXPECT(atomic_read(&woken) == 4 && !waitqueue_active(&wq));
}

static void wait_interruptibly(int me)
{
	result = wait_event_interruptible(wq, READ_ONCE(ready) > 0);
}

SELFTEST_SLOW(wait_signal_ends_it_and_leaves_the_queue)
{
	struct task_struct *t;

	ready = 0;
	t = crowd_start(wait_interruptibly, 0);
	crowd_until_asleep(t);
	crowd_signal(t);
	crowd_join(t);
	EXPECT(result == -ERESTARTSYS && !waitqueue_active(&wq));
}

SELFTEST_SLOW(wait_timeout_tells_what_is_left)
{
	ready = 0;
	EXPECT(wait_event_timeout(wq, ready, 2) == 0);
	ready = 1;
	EXPECT(wait_event_timeout(wq, ready, 100) > 0);
	EXPECT(!waitqueue_active(&wq));
}

static struct completion done;

static void wait_done(int me)
{
	wait_for_completion(&done);
	atomic_inc(&woken);
}

SELFTEST_SLOW(completion_before_the_wait_is_remembered)
{
	init_completion(&done);
	complete(&done);
	wait_for_completion(&done);
	EXPECT(!completion_done(&done) && !try_wait_for_completion(&done));
	EXPECT(wait_for_completion_timeout(&done, 1) == 0);
}

SELFTEST_SLOW(completion_n_completes_let_n_waiters_go)
{
	struct task_struct *t[3];

	atomic_set(&woken, 0);
	init_completion(&done);
	for (int i = 0; i < 3; i++) {
		t[i] = crowd_start(wait_done, i);
		crowd_until_asleep(t[i]);
	}
	complete(&done);
	complete(&done);
	settle();
	EXPECT(atomic_read(&woken) == 2);
	complete_all(&done);
	for (int i = 0; i < 3; i++)
		crowd_join(t[i]);
	EXPECT(atomic_read(&woken) == 3 && completion_done(&done));
}

static void wait_done_interruptibly(int me)
{
	result = wait_for_completion_interruptible(&done);
}

SELFTEST_SLOW(completion_interruptible_ends_with_a_signal)
{
	struct task_struct *t;

	init_completion(&done);
	t = crowd_start(wait_done_interruptibly, 0);
	crowd_until_asleep(t);
	crowd_signal(t);
	crowd_join(t);
	EXPECT(result == -ERESTARTSYS);
}
