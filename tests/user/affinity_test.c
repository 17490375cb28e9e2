/* SPDX-License-Identifier: MIT */
/* affinity_test.c -- which CPUs a task may use, from outside */

#include "tap.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

static int set_mask(pid_t pid, unsigned long mask)
{
	return syscall(SYS_sched_setaffinity, pid, sizeof(mask), &mask);
}

static unsigned long get_mask(pid_t pid)
{
	unsigned long mask[16] = { 0 };

	if (syscall(SYS_sched_getaffinity, pid, sizeof(mask), mask) < 0)
		return 0;
	return mask[0];
}

static unsigned this_cpu(void)
{
	unsigned cpu = -1;

	syscall(SYS_getcpu, &cpu, NULL, NULL);
	return cpu;
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

TEST(a_task_runs_only_where_its_mask_allows)
{
	unsigned long all = get_mask(0);

	NEED(all);
	for (unsigned cpu = 0; cpu < 64; cpu++) {
		if (!(all >> cpu & 1))
			continue;
		CHECK_EQ(set_mask(0, 1UL << cpu), 0);
		CHECK_EQ(this_cpu(), cpu);    /* moved before it returned */
		CHECK_EQ(get_mask(0), 1UL << cpu);
		for (int i = 0; i < 50; i++) {
			sched_yield();
			CHECK_EQ(this_cpu(), cpu);
		}
	}
}

TEST(an_empty_or_absent_cpu_set_is_refused)
{
	CHECK_ERR(set_mask(0, 0), EINVAL);
	CHECK_ERR(set_mask(999999, 1), ESRCH);
	CHECK_ERR(syscall(SYS_sched_setaffinity, 0, 8, (void *)8), EFAULT);
	CHECK_ERR(syscall(SYS_sched_getaffinity, 0, 0, NULL), EINVAL);
	CHECK_ERR(syscall(SYS_sched_getaffinity, 0, 9, NULL), EINVAL);
}

TEST(a_running_task_is_moved_at_once)
{
	unsigned long all = get_mask(0);
	unsigned first = __builtin_ctzl(all);
	unsigned long rest = all & (all - 1);
	unsigned second;
	int ready[2];
	pid_t pid;
	char c;

	if (!rest)
		SKIP("one CPU");
	second = __builtin_ctzl(rest);
	NEED(pipe(ready) == 0);
	pid = fork();
	if (pid == 0) {
		double end = seconds() + 5;

		set_mask(0, 1UL << first);
		if (write(ready[1], "x", 1) != 1)
			_exit(2);
		while (this_cpu() != second)
			if (seconds() > end)
				_exit(1);
		_exit(0);
	}
	CHECK_EQ(read(ready[0], &c, 1), 1);
	CHECK_EQ(set_mask(pid, 1UL << second), 0);
	int status;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

/*
 * A task that moves to the CPU of a real-time task waits there, but nobody else
 * who wants another CPU or policy meanwhile.
 */
TEST(who_waits_for_a_cpu_holds_up_nobody)
{
	unsigned long all = get_mask(0), rest = all & (all - 1);
	struct sched_param one = { .sched_priority = 1 }, none = { 0 };
	volatile int *flag = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t hog, mover;
	int status;

	if (!rest)
		SKIP("one CPU");
	NEED(flag != MAP_FAILED && set_mask(0, all & -all) == 0);
	hog = fork();
	if (hog == 0) {
		if (set_mask(0, rest & -rest) ||
		    syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &one))
			_exit(2);
		flag[0] = 1;
		while (!flag[1] && clock() < CLOCKS_PER_SEC / 2)
			;
		_exit(!flag[1]);
	}
	while (!flag[0] && waitpid(hog, &status, WNOHANG) == 0)
		usleep(1000);
	NEED(flag[0]);
	mover = fork();
	if (mover == 0)
		_exit(set_mask(0, rest & -rest) != 0);
	usleep(20000);
	CHECK_EQ(set_mask(0, all & -all), 0);
	CHECK_EQ(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &none), 0);
	flag[1] = 1;
	CHECK_EQ(waitpid(hog, &status, 0), hog);
	CHECK_EQ(status, 0);
	CHECK_EQ(waitpid(mover, &status, 0), mover);
	CHECK_EQ(status, 0);
	set_mask(0, all);
}

TEST(the_mask_is_inherited_by_fork)
{
	unsigned long all = get_mask(0), one = all & -all;
	int status;
	pid_t pid;

	NEED(set_mask(0, one) == 0);
	pid = fork();
	if (pid == 0)
		_exit(get_mask(0) != one);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

TEST(as_many_spinners_as_cpus_spread_over_them)
{
	int cpus = __builtin_popcountl(get_mask(0)), spread = 0;
	volatile unsigned *where = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	double end = seconds() + 10;
	pid_t pids[64];

	NEED(where != MAP_FAILED);
	for (int i = 0; i < cpus; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			for (;;)
				where[i] = this_cpu() + 1;
	}
	/* Others may disturb them, but at some moment each has a CPU. */
	while (!spread && seconds() < end) {
		unsigned long seen = 0;

		usleep(10000);
		for (int i = 0; i < cpus; i++)
			seen |= where[i] ? 1UL << (where[i] - 1) : 0;
		spread = __builtin_popcountl(seen) == cpus;
	}
	CHECK(spread);
	for (int i = 0; i < cpus; i++) {
		kill(pids[i], SIGKILL);
		CHECK_EQ(waitpid(pids[i], NULL, 0), pids[i]);
	}
}

TAP_MAIN()
