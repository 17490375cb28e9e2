/* SPDX-License-Identifier: MIT */
#ifndef TAP_H
#define TAP_H
/*
 * tap.h -- how the programs in this folder say what they found
 *
 *	TEST(pipe_carries_bytes_in_order) { ... CHECK(x); ... }
 *	...
 *	TAP_MAIN()
 *
 * Each test runs in its own child, so that one that dies, hangs or leaks takes
 * nothing with it.  A test named after what Linux promises; the same binary
 * runs on Linux, and what fails there is a wrong test.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAP_SKIP_STATUS 77
#define TAP_SECONDS 60          /* SIGALRM ends a test that takes longer */

struct tap_test {
	const char *name;
	void (*run)(void);
};

/* Set in the child by the first failed check; its exit status in the end. */
static int tap_failed;

#define TAP_MAX 64
static struct tap_test tap_tests[TAP_MAX];
static int tap_count;

/* Define a test, and put it on the list before main() starts. */
#define TEST(id)							\
	static void id(void);						\
	__attribute__((constructor)) static void id##_register(void)	\
	{								\
		tap_tests[tap_count++] = (struct tap_test){ #id, id };	\
	}								\
	static void id(void)

#define CHECK(c) do {							\
	if (!(c)) {							\
		int tap_e = errno;					\
		printf("# %s:%d: %s (errno %d: %s)\n", __FILE__,	\
		       __LINE__, #c, tap_e, strerror(tap_e));		\
		tap_failed = 1;						\
	}								\
} while (0)

/* Two long integers must be equal; both are printed if not. */
#define CHECK_EQ(a, b) do {						\
	long tap_a = (long)(a), tap_b = (long)(b);			\
	int tap_e = errno;						\
	if (tap_a != tap_b) {						\
		printf("# %s:%d: %s is %ld, not %s (%ld); errno %d\n",	\
		       __FILE__, __LINE__, #a, tap_a, #b, tap_b, tap_e);	\
		tap_failed = 1;						\
	}								\
} while (0)

/* The call must fail with -1 and this errno. */
#define CHECK_ERR(call, err) do {					\
	errno = 0;							\
	long tap_r = (long)(call);					\
	int tap_e = errno;						\
	if (tap_r != -1 || tap_e != (err)) {				\
		printf("# %s:%d: %s gave %ld, errno %d, not %s\n",	\
		       __FILE__, __LINE__, #call, tap_r, tap_e, #err);	\
		tap_failed = 1;						\
	}								\
} while (0)

/* Give up on a test whose ground is missing. */
#define NEED(c) do {							\
	CHECK(c);							\
	if (tap_failed) {						\
		fflush(stdout);						\
		_exit(1);						\
	}								\
} while (0)

#define SKIP(why) do {							\
	printf("# %s\n", why);						\
	fflush(stdout);							\
	_exit(TAP_SKIP_STATUS);						\
} while (0)

static inline void tap_child(const struct tap_test *t)
{
	alarm(TAP_SECONDS);
	t->run();
	fflush(stdout);
	_exit(tap_failed);
}

/* Run one test in a child; print its line; return 1 if it failed. */
static inline int tap_run(int number, const struct tap_test *t)
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		tap_child(t);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		printf("ok %d - %s\n", number, t->name);
		return 0;
	}
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == TAP_SKIP_STATUS) {
		printf("ok %d - %s # SKIP\n", number, t->name);
		return 0;
	}
	if (pid < 0)
		printf("# fork: %s\n", strerror(errno));
	else if (WIFSIGNALED(status))
		printf("# killed by signal %d\n", WTERMSIG(status));
	printf("not ok %d - %s\n", number, t->name);
	return 1;
}

static inline int tap_main(void)
{
	int failed = 0;

	printf("TAP version 13\n1..%d\n", tap_count);
	for (int i = 0; i < tap_count; i++)
		failed |= tap_run(i + 1, &tap_tests[i]);
	fflush(stdout);
	return failed;
}

#define TAP_MAIN()							\
	int main(void)							\
	{								\
		return tap_main();					\
	}

#endif
