/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SELFTEST_H
#define KERNEL_SELFTEST_H
/*
 * selftest.h -- tests that stand beside the code and run inside the kernel
 *
 * SELFTEST(promise_in_words) { ... EXPECT(x); ... } registers a test.  Tests
 * run one after another in a kernel thread which may sleep, before init starts;
 * `selftest=all|quick|stress|shares|off|PREFIX` on the boot line chooses.  All
 * quick ones together take under 100 ms.  Results are KTAP lines on the
 * console.
 */

#include <kernel/types.h>

enum selftest_kind { SELFTEST_IS_QUICK, SELFTEST_IS_SLOW, SELFTEST_IS_SHARES };

struct selftest {
	const char *name;
	void (*run)(void);
	enum selftest_kind kind;
};

#define __SELFTEST(id, kind)						\
	static void id(void);						\
	static const struct selftest id##_entry				\
	__attribute__((used, section(".selftests"), aligned(8))) =	\
	{ #id, id, kind };						\
	static void id(void)

#define SELFTEST(id) __SELFTEST(id, SELFTEST_IS_QUICK)
/* Stress and timing: run by `selftest=all`, not on each boot. */
#define SELFTEST_SLOW(id) __SELFTEST(id, SELFTEST_IS_SLOW)
/* Measures shares of CPUs: wants a host whose cores do nothing else. */
#define SELFTEST_SHARES(id) __SELFTEST(id, SELFTEST_IS_SHARES)

/* Note that the running test failed, and where; any context. */
void selftest_fail(const char *file, int line, const char *what);
/* How long a test that storms is to do so: selftest_seconds=, or 1. */
unsigned int selftest_seconds(void);
/* Note that the running test could not run here, and why. */
void selftest_skip(const char *why);

#define EXPECT(c) ((c) ? (void)0 : selftest_fail(__FILE__, __LINE__, #c))
/* Leave the test when going on makes no sense. */
#define REQUIRE(c) do {							\
	if (!(c)) {							\
		selftest_fail(__FILE__, __LINE__, #c);			\
		return;							\
	}								\
} while (0)

#endif
