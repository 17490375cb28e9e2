/* SPDX-License-Identifier: MIT */
/*
 * selftest.c -- runs the tests that stand beside the code
 *
 * PROMISE.  Each test's result is one KTAP line; what failed is named by file
 * and line before it.  `selftest=quick` (the default) takes under 100 ms.
 *
 * IDEA.  The linker gathers every SELFTEST into one table; a kernel thread runs
 * those that selftest= chooses, one after another, before init starts:
 *
 *	all       every test      quick   the plain SELFTESTs
 *	shares    SELFTEST_SHARES stress  all but those
 *	off       none            WORD    those whose name begins with it
 *
 * `selftest_exit` on the boot line powers off afterwards; `selftest_seconds=N`
 * lets the tests that storm do so for N seconds each (1 when nobody says).
 *
 * INVARIANTS.  I1 One test runs at a time; `failures` and `skip_reason` are
 * its.
 *
 * SEE docs/90-testing.md; KTAP: the kernel's documentation of version 1.
 */

#include <kernel/selftest.h>

#include <kernel/atomic.h>
#include <kernel/bug.h>
#include <kernel/completion.h>
#include <kernel/init.h>
#include <kernel/kthread.h>
#include <kernel/ktime.h>
#include <kernel/main.h>
#include <kernel/printk.h>
#include <kernel/reboot.h>
#include <kernel/sections.h>
#include <kernel/sprintf.h>
#include <kernel/string.h>
#include <kernel/timekeeping.h>

static char *selection = "quick";
static bool power_off_after;
static unsigned int storm_seconds = 1;
static atomic_t failures;             /* of the running test (I1) */
static const char *skip_reason;
static DECLARE_COMPLETION(all_done);

static int select_tests(char *value)
{
	selection = value;
	return 0;
}
__setup("selftest=", select_tests);

static int set_power_off(char *value)
{
	power_off_after = true;
	return 0;
}
__setup("selftest_exit", set_power_off);

static int set_seconds(char *value)
{
	if (kstrtouint(value, 0, &storm_seconds) || !storm_seconds)
		storm_seconds = 1;
	return 0;
}
__setup("selftest_seconds=", set_seconds);

unsigned int selftest_seconds(void)
{
	return storm_seconds;
}

void selftest_fail(const char *file, int line, const char *what)
{
	atomic_inc(&failures);
	pr_err("# %s:%d: expected %s\n", file, line, what);
}

void selftest_skip(const char *why)
{
	skip_reason = why;
}

static bool chosen(const struct selftest *t)
{
	if (!strcmp(selection, "all"))
		return true;
	if (!strcmp(selection, "quick"))
		return t->kind == SELFTEST_IS_QUICK;
	if (!strcmp(selection, "shares"))
		return t->kind == SELFTEST_IS_SHARES;
	if (!strcmp(selection, "stress"))
		return t->kind != SELFTEST_IS_SHARES;
	return !strncmp(t->name, selection, strlen(selection));
}

/* 0 pass, 1 fail, 2 skipped; prints the test's KTAP line. */
static int run_one(const struct selftest *t, int nr)
{
	u64 start = ktime_get_ns(), us;

	atomic_set(&failures, 0);
	skip_reason = NULL;
	t->run();
	us = (ktime_get_ns() - start) / 1000;
	if (atomic_read(&failures)) {
		pr_err("not ok %d %s\n", nr, t->name);
		return 1;
	}
	if (skip_reason) {
		pr_info("ok %d %s # SKIP %s\n", nr, t->name, skip_reason);
		return 2;
	}
	/* On an ordinary boot what passes is for dmesg, not for the screen. */
	if (!strcmp(selection, "quick"))
		printk(KERN_DEBUG "ok %d %s # %lu us\n", nr, t->name, us);
	else
		pr_info("ok %d %s # %lu us\n", nr, t->name, us);
	return 0;
}

static int run_chosen(void *unused)
{
	int counts[3] = { 0 }, nr = 0, planned = 0;
	u64 start = ktime_get_ns();

	for (const struct selftest *t = __selftests_start;
	     t < __selftests_end; t++)
		planned += chosen(t);
	pr_info("KTAP version 1\n");
	pr_info("1..%d\n", planned);
	WRITE_ONCE(warn_hook, selftest_fail);   /* a warning is a failure */
	for (const struct selftest *t = __selftests_start;
	     t < __selftests_end; t++)
		if (chosen(t))
			counts[run_one(t, ++nr)]++;
	WRITE_ONCE(warn_hook, NULL);
	pr_info("# selftest: %d passed, %d failed, %d skipped in %lu us\n",
		counts[0], counts[1], counts[2],
		(ktime_get_ns() - start) / 1000);
	complete(&all_done);
	return counts[1];
}

void selftest_run(void)
{
	struct task_struct *t;

	if (strcmp(selection, "off")) {
		t = kthread_create(run_chosen, NULL, "selftest");
		if (IS_ERR(t)) {
			pr_err("selftest: no thread: %ld\n", PTR_ERR(t));
		} else {
			/* Stopping it could come before it begins. */
			wake_up_process(t);
			wait_for_completion(&all_done);
		}
	}
	if (power_off_after)
		kernel_power_off();
}
