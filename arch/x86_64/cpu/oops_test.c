/* SPDX-License-Identifier: MIT */
/*
 * oops_test.c -- a bug in the kernel kills the task that ran it, and no other
 *
 * Slow, for each leaves a report in the log and the kernel tainted.
 */

#include <kernel/completion.h>
#include <kernel/err.h>
#include <kernel/kthread.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <uapi/signal.h>

static DECLARE_COMPLETION(began);

/* 100 of these frames do not fit into 16 KiB. */
static noinline int recurse(int depth)
{
	volatile char frame[512];

	frame[0] = depth;
	return depth ? recurse(depth - 1) + frame[0] : 0;
}

static int overflow_stack(void *arg)
{
	complete(&began);
	return recurse(100);
}

static int follow_null(void *arg)
{
	complete(&began);
	return *(volatile int *)arg;
}

static int jump_into_user_half(void *arg)
{
	complete(&began);
	((void (*)(void))arg)();
	return 0;
}

/* Run fn in a thread and see it die by SIGSEGV. */
static void expect_death(int (*fn)(void *), void *arg)
{
	struct task_struct *t;

	if (panic_on_oops) {
		selftest_skip("panic_on_oops is set");
		return;
	}
	reinit_completion(&began);
	t = kthread_create(fn, arg, "doomed");
	REQUIRE(!IS_ERR(t));
	get_task_struct(t);
	wake_up_process(t);
	wait_for_completion(&began);
	EXPECT(kthread_stop(t) == SIGSEGV);
	put_task_struct(t);
}

SELFTEST_SLOW(oops_stack_overflow_kills_its_task_alone)
{
	expect_death(overflow_stack, NULL);
}

SELFTEST_SLOW(oops_null_pointer_kills_its_task_alone)
{
	expect_death(follow_null, (void *)8);
}

SELFTEST_SLOW(oops_jump_into_user_half_kills_its_task_alone)
{
	expect_death(jump_into_user_half, (void *)0x1000);
}
