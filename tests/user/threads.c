/* SPDX-License-Identifier: MIT */
/* threads.c -- clone, futex, thread-local storage, scheduling, from outside */

#include "tap.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>

/* The kernel's own headers are not in musl's path. */
enum { FUTEX_WAIT, FUTEX_WAKE };

static long futex(volatile int *word, int op, int value,
		  const struct timespec *timeout)
{
	return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

static void *return_argument(void *arg)
{
	return arg;
}

TEST(threads_start_and_join)
{
	for (long i = 0; i < 200; i++) {
		pthread_t t;
		void *got = NULL;

		NEED(pthread_create(&t, NULL, return_argument, (void *)i) == 0);
		NEED(pthread_join(t, &got) == 0);
		NEED(got == (void *)i);
	}
}

static __thread int own = 5;
static pid_t thread_pid, thread_tid;

static void *look_around(void *arg)
{
	thread_pid = getpid();
	thread_tid = syscall(SYS_gettid);
	return (void *)(long)own++;
}

TEST(threads_share_the_pid_and_own_a_tid)
{
	pthread_t t;
	void *got;

	own = 7;
	NEED(pthread_create(&t, NULL, look_around, NULL) == 0);
	pthread_join(t, &got);
	CHECK_EQ(thread_pid, getpid());
	CHECK(thread_tid != thread_pid);
	CHECK_EQ(got, 5);
	CHECK_EQ(own, 7);
	CHECK_EQ(syscall(SYS_gettid), getpid());
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long guarded;

static void *add_many(void *arg)
{
	for (int i = 0; i < 50000; i++) {
		pthread_mutex_lock(&mutex);
		guarded++;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

TEST(a_mutex_loses_no_update)
{
	pthread_t t[4];

	for (int i = 0; i < 4; i++)
		NEED(pthread_create(&t[i], NULL, add_many, NULL) == 0);
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	CHECK_EQ(guarded, 200000);
}

static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static int turn;

static void *take_turns(void *arg)
{
	int me = (long)arg;

	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 2000; i++) {
		while (turn != me)
			pthread_cond_wait(&turn_changed, &mutex);
		turn = !me;
		pthread_cond_signal(&turn_changed);
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

TEST(a_condition_loses_no_wakeup)
{
	pthread_t t[2];

	for (long i = 0; i < 2; i++)
		NEED(pthread_create(&t[i], NULL, take_turns, (void *)i) == 0);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	CHECK_EQ(turn, 0);
}

TEST(futex_wait_looks_before_it_sleeps)
{
	struct timespec short_time = { 0, 20000000 };
	volatile int word = 1;

	CHECK_ERR(futex(&word, FUTEX_WAIT, 2, NULL), EAGAIN);
	CHECK_ERR(futex(&word, FUTEX_WAIT, 1, &short_time), ETIMEDOUT);
	CHECK_EQ(futex(&word, FUTEX_WAKE, 1, NULL), 0);
	CHECK_ERR(futex((int *)((char *)&word + 1), FUTEX_WAIT, 1, NULL), EINVAL);
	CHECK_ERR(futex((int *)8, FUTEX_WAIT, 1, NULL), EFAULT);
	CHECK_ERR(futex(&word, 99, 1, NULL), ENOSYS);
}

TEST(futex_works_between_processes)
{
	volatile int *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	NEED(word != MAP_FAILED);
	pid_t pid = fork();

	if (pid == 0) {
		while (*word == 0)
			futex(word, FUTEX_WAIT, 0, NULL);
		_exit(*word);
	}
	usleep(30000);
	*word = 9;
	futex(word, FUTEX_WAKE, INT_MAX, NULL);
	waitpid(pid, &status, 0);
	CHECK_EQ(WEXITSTATUS(status), 9);
}

static void *sleep_for_ever(void *arg)
{
	for (;;)
		pause();
	return NULL;
}

TEST(exit_group_takes_all_threads)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		pthread_t t;

		for (int i = 0; i < 8; i++)
			pthread_create(&t, NULL, sleep_for_ever, NULL);
		_exit(3);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WEXITSTATUS(status), 3);
}

TEST(a_fatal_signal_takes_all_threads)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		pthread_t t;

		for (int i = 0; i < 8; i++)
			pthread_create(&t, NULL, sleep_for_ever, NULL);
		for (;;)
			pause();
	}
	usleep(50000);
	kill(pid, SIGTERM);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WTERMSIG(status), SIGTERM);
}

static void *exec_true(void *arg)
{
	execl("/bin/busybox", "sh", "-c", "exit 4", (char *)NULL);
	return NULL;
}

TEST(exec_from_a_thread_leaves_one)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		pthread_t t;

		pthread_create(&t, NULL, sleep_for_ever, NULL);
		pthread_create(&t, NULL, exec_true, NULL);
		for (;;)
			pause();
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 4);
}

static int clone_body(void *arg)
{
	*(volatile int *)arg = 42;
	return 0;
}

TEST(clone_shares_what_it_is_told)
{
	static char stack[65536] __attribute__((aligned(16)));
	volatile int word = 0;
	int status;
	pid_t pid = clone(clone_body, stack + sizeof(stack), SIGCHLD,
			  (void *)&word);

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(word, 0);
	pid = clone(clone_body, stack + sizeof(stack), CLONE_VM | SIGCHLD,
		    (void *)&word);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(word, 42);
	CHECK_ERR(syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0), EINVAL);
	CHECK_ERR(syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0), EINVAL);
}

TEST(affinity_is_obeyed)
{
	cpu_set_t all, one;
	int n = 0, online = sysconf(_SC_NPROCESSORS_ONLN);

	CHECK_EQ(sched_getaffinity(0, sizeof(all), &all), 0);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		CHECK_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
		CHECK_EQ(sched_getcpu(), cpu);
		n++;
	}
	CHECK_EQ(n, online);
	CPU_ZERO(&one);
	CHECK_ERR(sched_setaffinity(0, sizeof(one), &one), EINVAL);
}

static double cpu_seconds(pid_t pid)
{
	struct rusage r;

	wait4(pid, NULL, 0, &r);
	return r.ru_utime.tv_sec + r.ru_utime.tv_usec / 1e6 +
	       r.ru_stime.tv_sec + r.ru_stime.tv_usec / 1e6;
}

static pid_t spin_at(int nice_value)
{
	pid_t pid = fork();
	cpu_set_t one;

	if (pid != 0)
		return pid;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	setpriority(PRIO_PROCESS, 0, nice_value);
	for (;;)
		;
}

static double share_ratio(void)
{
	pid_t a = spin_at(0), b = spin_at(5);

	sleep(2);
	kill(a, SIGKILL);
	kill(b, SIGKILL);
	double ta = cpu_seconds(a), tb = cpu_seconds(b);

	printf("# %.2f s and %.2f s\n", ta, tb);
	return ta / (tb + 0.001);
}

TEST(nice_shares_follow_the_weights)
{
	double ratio = 0;

	/* 1024 : 335 = 3.06.  A busy host steals from either: try again. */
	for (int i = 0; i < 4 && (ratio < 2.2 || ratio > 4.2); i++)
		ratio = share_ratio();
	CHECK(ratio >= 2.2 && ratio <= 4.2);
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

TEST(clocks_move_forward_on_all_cpus)
{
	int64_t last = now_ns();
	int cpus = sysconf(_SC_NPROCESSORS_ONLN);

	for (int i = 0; i < 400; i++) {
		cpu_set_t one;

		CPU_ZERO(&one);
		CPU_SET(i % cpus, &one);
		sched_setaffinity(0, sizeof(one), &one);
		for (int j = 0; j < 50; j++) {
			int64_t t = now_ns();

			NEED(t >= last);
			last = t;
		}
	}
}

TEST(nanosleep_sleeps_long_enough)
{
	struct timespec t = { 0, 30000000 }, bad = { 0, 1000000000 };
	int64_t start = now_ns();

	CHECK_EQ(nanosleep(&t, NULL), 0);
	int64_t took = now_ns() - start;

	CHECK(took >= 30000000 && took < 1000000000);
	CHECK_ERR(nanosleep(&bad, NULL), EINVAL);
	CHECK_ERR(syscall(SYS_nanosleep, 8L, 0L), EFAULT);
}

static void *wait_for_every_signal(void *unused)
{
	sigset_t all;

	sigfillset(&all);
	for (;;)
		sigwaitinfo(&all, NULL);
	return unused;
}

/* glibc's timers keep such a thread. */
TEST(a_thread_that_waits_for_every_signal_ends_with_its_process)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		pthread_t thread;

		pthread_create(&thread, NULL, wait_for_every_signal, NULL);
		usleep(100000);
		_exit(7);
	}
	for (int i = 0; i < 50 && waitpid(pid, &status, WNOHANG) == 0; i++)
		usleep(100000);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

TAP_MAIN()
