/* SPDX-License-Identifier: MIT */
/*
 * shootdown.c -- rights that are taken away are gone on every CPU
 *
 * A thread writes to one page as fast as it can, counting up.  Whoever takes
 * the page from it looks, when the call has returned, twice at what the page
 * holds: a change in between came through a stale translation of another CPU.
 */

#include "faults.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#define ROUNDS 60
#define LOOK_NS 4000000L        /* long enough for the other CPU to run */

static volatile long *volatile page;
static atomic_int stop, writing;

/* The faults are the writer's: it waits until it may go on. */
static void on_writer_fault(int sig)
{
	(void)sig;
	atomic_store(&writing, 0);
	sched_yield();
}

/* Two CPUs, if there are two: on one the writer cannot run while we look. */
static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void *writer(void *unused)
{
	run_on(1);
	for (long n = 1; !atomic_load(&stop); n++) {
		*page = n;
		atomic_store(&writing, 1);
	}
	return unused;
}

static pthread_t start_writer(void)
{
	struct sigaction a = { .sa_handler = on_writer_fault };
	pthread_t t;

	run_on(0);
	sigaction(SIGSEGV, &a, NULL);
	NEED(pthread_create(&t, NULL, writer, NULL) == 0);
	return t;
}

static void wait_for_writer(void)
{
	atomic_store(&writing, 0);
	while (!atomic_load(&writing))
		sched_yield();
}

static long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

/* Does *p keep its value for a while? */
static int stays(volatile long *p)
{
	long first = *p, end = now_ns() + LOOK_NS;

	while (now_ns() < end)
		if (*p != first)
			return 0;
	return 1;
}

static void stop_writer(pthread_t t)
{
	atomic_store(&stop, 1);
	pthread_join(t, NULL);
}

TEST(no_write_lands_after_mprotect_returns)
{
	char *p = map(1, RW, PRIVATE);
	pthread_t t;

	page = (long *)p;
	t = start_writer();
	for (int i = 0; i < ROUNDS; i++) {
		wait_for_writer();
		CHECK_EQ(mprotect(p, PAGE, PROT_READ), 0);
		NEED(stays(page));
		CHECK_EQ(mprotect(p, PAGE, RW), 0);
	}
	stop_writer(t);
}

TEST(no_write_lands_in_a_page_that_was_replaced)
{
	char zeroes[2 * PAGE] = { 0 };
	int fd = temporary(zeroes, sizeof(zeroes));
	char *both = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, fd, 0);
	char *p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	pthread_t t;

	NEED(both != MAP_FAILED && p != MAP_FAILED);
	page = (long *)p;
	t = start_writer();
	for (int i = 0; i < ROUNDS; i++) {
		long now = i % 2 ? 0 : PAGE;

		wait_for_writer();
		NEED(mmap(p, PAGE, RW, MAP_SHARED | MAP_FIXED, fd, now) == p);
		NEED(stays((long *)(both + PAGE - now)));
	}
	stop_writer(t);
}

TEST(no_write_lands_in_a_page_that_was_unmapped)
{
	char zero[PAGE] = { 0 };
	int fd = temporary(zero, sizeof(zero));
	char *alias = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	char *p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	pthread_t t;

	NEED(alias != MAP_FAILED && p != MAP_FAILED);
	page = (long *)p;
	t = start_writer();
	for (int i = 0; i < ROUNDS; i++) {
		wait_for_writer();
		CHECK_EQ(munmap(p, PAGE), 0);
		NEED(stays((long *)alias));
		NEED(mmap(p, PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0) == p);
	}
	stop_writer(t);
}

TEST(a_child_does_not_see_what_the_parent_writes_after_fork)
{
	char *p = map(1, RW, PRIVATE);
	int status, bad = 0;
	pthread_t t;

	page = (long *)p;
	t = start_writer();
	for (int i = 0; i < ROUNDS / 4; i++) {
		pid_t pid;

		wait_for_writer();
		pid = fork();
		if (pid == 0)
			_exit(!stays(page));
		NEED(pid > 0 && waitpid(pid, &status, 0) == pid);
		bad += status != 0;
	}
	CHECK_EQ(bad, 0);
	stop_writer(t);
}

TAP_MAIN()
