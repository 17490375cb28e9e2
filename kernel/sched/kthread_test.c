/* SPDX-License-Identifier: MIT */
/* kthread_test.c -- kernel threads: their start, their end, their asker's
 * end */

#include <kernel/kthread.h>

#include <kernel/completion.h>
#include <kernel/delay.h>
#include <kernel/kernel.h>
#include <kernel/selftest.h>
#include <kernel/signal.h>

static int runs;

static int count_and_wait(void *data)
{
	runs++;
	while (!kthread_should_stop()) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (!kthread_should_stop())
			schedule();
		__set_current_state(TASK_RUNNING);
	}
	return (int)(long)data;
}

SELFTEST_SLOW(a_created_kthread_waits_for_its_first_wake_up)
{
	struct task_struct *t;

	runs = 0;
	t = kthread_create(count_and_wait, (void *)42L, "kt/%d", 1);
	REQUIRE(!IS_ERR(t));
	EXPECT(!strcmp(t->comm, "kt/1"));
	EXPECT(t->mm == NULL && (t->flags & PF_KTHREAD));
	EXPECT(t->real_parent == kthreadd_task);
	usleep_range(500, 600);
	EXPECT(runs == 0);
	wake_up_process(t);
	while (READ_ONCE(runs) == 0)
		usleep_range(50, 100);
	EXPECT(kthread_stop(t) == 42);
	EXPECT(runs == 1);
}

SELFTEST_SLOW(a_kthread_stopped_before_it_began_never_begins)
{
	struct task_struct *t = kthread_create(count_and_wait, NULL, "kt/2");

	REQUIRE(!IS_ERR(t));
	runs = 0;
	EXPECT(kthread_stop(t) == -EINTR);
	EXPECT(runs == 0);
}

SELFTEST_SLOW(a_killed_creator_gets_eintr_and_nothing_leaks)
{
	unsigned long flags;
	struct task_struct *t;

	/* A SIGKILL for us, as the sender would leave it. */
	spin_lock_irqsave(&current->sighand->siglock, flags);
	sigaddset(&current->pending.signal, SIGKILL);
	set_ti_flag(current, TIF_SIGPENDING);
	spin_unlock_irqrestore(&current->sighand->siglock, flags);
	t = kthread_create(count_and_wait, NULL, "kt/3");
	spin_lock_irqsave(&current->sighand->siglock, flags);
	sigdelset(&current->pending.signal, SIGKILL);
	clear_ti_flag(current, TIF_SIGPENDING);
	spin_unlock_irqrestore(&current->sighand->siglock, flags);
	/* Either it was quicker than the look at the signal, or -EINTR. */
	if (IS_ERR(t))
		EXPECT(PTR_ERR(t) == -EINTR);
	else
		EXPECT(kthread_stop(t) == -EINTR);
}

static int park_loop(void *data)
{
	int *rounds = data;

	while (!kthread_should_stop()) {
		if (kthread_should_park())
			kthread_parkme();
		WRITE_ONCE(*rounds, *rounds + 1);
		usleep_range(50, 100);
	}
	return 0;
}

SELFTEST_SLOW(a_parked_kthread_stands_still)
{
	int rounds = 0, seen;
	struct task_struct *t = kthread_run(park_loop, &rounds, "kt/4");

	REQUIRE(!IS_ERR(t));
	EXPECT(kthread_park(t) == 0);
	seen = READ_ONCE(rounds);
	usleep_range(500, 600);
	EXPECT(READ_ONCE(rounds) == seen);
	kthread_unpark(t);
	for (int i = 0; i < 100 && READ_ONCE(rounds) == seen; i++)
		usleep_range(100, 200);
	EXPECT(READ_ONCE(rounds) > seen);
	EXPECT(kthread_stop(t) == 0);
}
