/* SPDX-License-Identifier: MIT */
/* nice_test.c -- shares of the CPU by nice value and policy, from outside */

#include "tap.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

/* musl's own sched_* wrappers say ENOSYS: these are the kernel's. */
static int set_policy(pid_t pid, int policy, int priority)
{
	struct { int sched_priority; } param = { priority };

	return syscall(SYS_sched_setscheduler, pid, policy, &param);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	NEED(sched_setaffinity(0, sizeof(set), &set) == 0);
}

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* A child on CPU 0 that spins until *stop, then leaves its CPU time. */
static pid_t spinner(int nice_value, int policy, volatile int *stop,
		     volatile double *used)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	pin(0);
	if (policy && set_policy(0, policy, 0))
		_exit(2);
	if (setpriority(PRIO_PROCESS, 0, nice_value))
		_exit(1);
	while (!*stop)
		;
	*used = cpu_seconds();
	_exit(0);
}

struct shared {
	volatile int stop;
	volatile double used[2];
};

/*
 * CPU time of A over B after a while on one CPU.  What a virtual CPU's host
 * takes away is charged to whoever seems to run, and the scheduler makes up for
 * it later: only a pause near the end shows, so the while is long.
 */
static double ratio(int nice_a, int policy_a, int nice_b, int policy_b)
{
	struct shared *s = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t a, b;

	NEED(s != MAP_FAILED);
	a = spinner(nice_a, policy_a, &s->stop, &s->used[0]);
	b = spinner(nice_b, policy_b, &s->stop, &s->used[1]);
	NEED(a > 0 && b > 0);
	sleep(3);
	s->stop = 1;
	waitpid(a, NULL, 0);
	waitpid(b, NULL, 0);
	return s->used[1] > 0 ? s->used[0] / s->used[1] : 1e9;
}

TEST(equal_nice_values_share_equally)
{
	double r = ratio(0, 0, 0, 0);

	printf("# ratio %.3f\n", r);
	CHECK(r > 0.9 && r < 1.1);
}

TEST(only_the_difference_of_nice_values_counts)
{
	double low = ratio(0, 0, 5, 0), high = ratio(10, 0, 15, 0);

	printf("# 0/5 %.3f, 10/15 %.3f\n", low, high);
	/* 3.05 each; a virtual CPU that loses its host for 0.1 s shows. */
	CHECK(low > 2.4 && low < 3.8);
	CHECK(high > 2.4 && high < 3.8);
}

TEST(sched_idle_gets_next_to_nothing_beside_a_normal_task)
{
	double r = ratio(0, 0, 0, SCHED_IDLE);

	printf("# ratio %.1f\n", r);
	/* By weight 341, less what one pause of 0.1 s costs. */
	CHECK(r > 20);
}

TEST(getpriority_returns_what_setpriority_set)
{
	errno = 0;
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 0);
	CHECK_EQ(setpriority(PRIO_PROCESS, 0, 7), 0);
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 7);
	CHECK_EQ(setpriority(PRIO_PROCESS, 0, 100), 0);
	CHECK_EQ(getpriority(PRIO_PROCESS, 0), 19);
	CHECK_ERR(setpriority(17, 0, 1), EINVAL);
	CHECK_ERR(setpriority(PRIO_PROCESS, 999999, 1), ESRCH);
}

TEST(realtime_priorities_are_1_to_99)
{
	if (geteuid() != 0)
		SKIP("needs root");
	CHECK_ERR(set_policy(0, SCHED_FIFO, 0), EINVAL);
	CHECK_ERR(set_policy(0, SCHED_FIFO, 100), EINVAL);
	CHECK_ERR(set_policy(0, SCHED_OTHER, 1), EINVAL);
	CHECK_ERR(set_policy(0, 77, 0), EINVAL);
	if (set_policy(0, SCHED_FIFO, 1) && errno == EPERM)
		SKIP("no right to real-time priorities here");
	CHECK_EQ(syscall(SYS_sched_getscheduler, 0), SCHED_FIFO);
	CHECK_EQ(set_policy(0, SCHED_RR, 99), 0);
	CHECK_EQ(syscall(SYS_sched_getscheduler, 0), SCHED_RR);
	CHECK_EQ(set_policy(0, SCHED_OTHER, 0), 0);
	CHECK_EQ(syscall(SYS_sched_get_priority_max, SCHED_RR), 99);
	CHECK_EQ(syscall(SYS_sched_get_priority_min, SCHED_FIFO), 1);
	CHECK_ERR(syscall(SYS_sched_get_priority_max, 99), EINVAL);
}

TAP_MAIN()
