/* SPDX-License-Identifier: MIT */
/* cpu_clocks.c -- the CPU-time clocks of other processes and threads */

#define _GNU_SOURCE
#include "tap.h"

#include <pthread.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#define MS 1000000L
#define PROCESS_CLOCK(pid, kind) ((clockid_t)(~(unsigned)(pid) << 3 | (kind)))
#define THREAD_CLOCK(tid, kind) (PROCESS_CLOCK(tid, kind) | 4)
#define SCHED 2

static volatile sig_atomic_t caught;
static siginfo_t last;

static void note(int sig, siginfo_t *info, void *ctx)
{
	last = *info;
	caught++;
}

static long ns(clockid_t clock)
{
	struct timespec ts = { -1, 0 };

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000 * MS + ts.tv_nsec;
}

static pid_t start(int burn)
{
	pid_t pid = fork();

	if (pid == 0) {
		alarm(TAP_SECONDS);
		while (burn)
			;
		for (;;)
			pause();
	}
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* A timer of ours that sends SIGUSR1. */
static timer_t timer_on(clockid_t clock)
{
	struct sigaction sa = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
			       .sigev_signo = SIGUSR1 };
	timer_t t = 0;

	sigaction(SIGUSR1, &sa, NULL);
	CHECK_EQ(timer_create(clock, &ev, &t), 0);
	return t;
}

TEST(a_strangers_clock_goes_while_it_computes)
{
	clockid_t clock, user;
	pid_t pid = start(1);
	long then;

	CHECK_EQ(clock_getcpuclockid(pid, &clock), 0);
	CHECK_EQ(clock, PROCESS_CLOCK(pid, SCHED));
	user = PROCESS_CLOCK(pid, 1);
	then = ns(clock);
	CHECK(then >= 0);
	while (ns(clock) - then < 20 * MS || ns(user) < 4 * MS)
		usleep(2000);
	kill(pid, SIGKILL);
	CHECK_EQ(waitid(P_PID, pid, NULL, WEXITED | WNOWAIT), 0);
	do {
		then = ns(clock);     /* until a zombie's last word */
		usleep(2000);
	} while (ns(clock) != then);
	CHECK(then >= 20 * MS);
	waitpid(pid, NULL, 0);
	CHECK_ERR(clock_gettime(clock, &(struct timespec){ 0 }), EINVAL);
	CHECK(clock_getcpuclockid(pid, &clock) != 0);
}

TEST(a_timer_on_a_strangers_clock_fires_by_its_time)
{
	struct itimerspec its = { .it_value = { 0, 30 * MS } }, left;
	pid_t pid = start(1);
	clockid_t clock = PROCESS_CLOCK(pid, SCHED);
	timer_t t = timer_on(clock);
	long then = ns(clock);

	CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
	CHECK_EQ(timer_gettime(t, &left), 0);
	CHECK(left.it_value.tv_nsec > 0 && left.it_value.tv_nsec <= 30 * MS);
	while (!caught)
		usleep(1000);
	CHECK(ns(clock) - then >= 30 * MS);
	CHECK_EQ(last.si_code, SI_TIMER);
	CHECK_EQ(timer_gettime(t, &left), 0);
	CHECK_EQ(left.it_value.tv_sec | left.it_value.tv_nsec, 0);
	CHECK_EQ(caught, 1);
	CHECK_EQ(timer_delete(t), 0);
	end(pid);
}

TEST(a_periodic_one_counts_what_it_missed)
{
	struct itimerspec its = { { 0, 2 * MS }, { 0, 2 * MS } };
	pid_t pid = start(1);
	timer_t t = timer_on(PROCESS_CLOCK(pid, SCHED));
	long then = ns(PROCESS_CLOCK(pid, SCHED)), times;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
	while (ns(PROCESS_CLOCK(pid, SCHED)) - then < 40 * MS)
		usleep(1000);
	kill(pid, SIGSTOP);
	waitpid(pid, NULL, WUNTRACED);
	times = (ns(PROCESS_CLOCK(pid, SCHED)) - then) / (2 * MS);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	CHECK_EQ(caught, 1);
	/* Up to two ticks of 4 ms have not been looked at. */
	/* Linux may tell the time of who runs elsewhere a tick late. */
	CHECK(last.si_overrun + 1 <= times + 2);
	CHECK(last.si_overrun + 1 >= times - 8);
	CHECK_EQ(timer_getoverrun(t), last.si_overrun);
	timer_delete(t);
	end(pid);
}

TEST(a_time_gone_by_fires_though_nobody_computes)
{
	struct itimerspec its = { .it_value = { 0, 1 } };
	pid_t pid = start(0);
	timer_t t = timer_on(PROCESS_CLOCK(pid, SCHED));

	while (ns(PROCESS_CLOCK(pid, SCHED)) == 0)
		usleep(1000);
	CHECK_EQ(timer_settime(t, TIMER_ABSTIME, &its, NULL), 0);
	CHECK_EQ(caught, 1);
	its.it_value.tv_sec = 1000;
	CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
	end(pid);                     /* armed on a clock that ends */
	CHECK_EQ(timer_gettime(t, &its), 0);
	CHECK_EQ(its.it_value.tv_sec | its.it_value.tv_nsec, 0);
	its.it_value.tv_sec = 1000;
	CHECK_ERR(timer_settime(t, 0, &its, NULL), ESRCH);
	CHECK_EQ(timer_delete(t), 0);
	CHECK_EQ(caught, 1);
}

TEST(timers_of_many_go_with_the_one_they_watch)
{
	struct itimerspec its = { { 0, MS }, { 0, MS } };
	pid_t pid = start(1), watch[4];
	int i, j, status;

	for (i = 0; i < 4; i++) {
		watch[i] = fork();
		if (watch[i])
			continue;
		for (j = 0; j < 20; j++)
			timer_settime(timer_on(PROCESS_CLOCK(pid, j % 3)), 0,
				      &its, NULL);
		while (caught < 3)
			usleep(500);
		_exit(i & 1 ? 0 : execl("/bin/true", "true", NULL));
	}
	for (i = 0; i < 3; i++) {
		CHECK_EQ(waitpid(watch[i], &status, 0), watch[i]);
		CHECK_EQ(status, 0);
	}
	end(pid);
	end(watch[3]);                /* its timers have gone already */
}

TEST(one_can_sleep_until_another_has_computed)
{
	struct timespec ts = { 0, 20 * MS }, left = { 0 };
	pid_t pid = start(1), idle = start(0);
	clockid_t clock = PROCESS_CLOCK(pid, SCHED);
	struct sigaction sa = { .sa_sigaction = note };
	long then = ns(clock);

	CHECK_EQ(clock_nanosleep(clock, 0, &ts, NULL), 0);
	CHECK(ns(clock) - then >= 20 * MS);
	ts.tv_nsec = 0;
	CHECK_EQ(clock_nanosleep(clock, TIMER_ABSTIME, &ts, NULL), 0);
	sigaction(SIGALRM, &sa, NULL);
	ualarm(5000, 0);
	ts.tv_sec = 5;
	CHECK_EQ(clock_nanosleep(PROCESS_CLOCK(idle, SCHED), 0, &ts, &left),
		 EINTR);
	CHECK(left.tv_sec == 4 || left.tv_sec == 5);
	end(pid);
	end(idle);
}

static pid_t tid;
static volatile int stop;

static void *burn(void *arg)
{
	tid = syscall(SYS_gettid);
	while (!stop)
		;
	return NULL;
}

static void *look(void *arg)
{
	struct timespec ts;
	pid_t me = syscall(SYS_gettid);
	timer_t t;

	/* Its own number names the process's clock: to read, for no more. */
	CHECK_EQ(clock_gettime(PROCESS_CLOCK(me, SCHED), &ts), 0);
	CHECK_ERR(clock_getres(PROCESS_CLOCK(me, SCHED), &ts), EINVAL);
	CHECK_ERR(timer_create(PROCESS_CLOCK(me, SCHED), NULL, &t), EINVAL);
	CHECK_ERR(clock_gettime(PROCESS_CLOCK(tid, SCHED), &ts), EINVAL);
	return NULL;
}

TEST(threads_have_clocks_for_their_own_process)
{
	struct itimerspec its = { .it_value = { 0, 10 * MS } };
	pthread_t thread, other;
	clockid_t clock;
	timer_t t;
	int status;
	pid_t pid;

	pthread_create(&thread, NULL, burn, NULL);
	CHECK_EQ(pthread_getcpuclockid(thread, &clock), 0);
	while (ns(clock) < 10 * MS)
		usleep(1000);
	CHECK(ns(CLOCK_THREAD_CPUTIME_ID) < ns(CLOCK_PROCESS_CPUTIME_ID));
	t = timer_on(clock);
	CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
	while (!caught)
		usleep(1000);
	pid = fork();
	if (pid == 0)
		_exit(clock_gettime(clock, &its.it_value) == 0 ||
		      errno != EINVAL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	pthread_create(&other, NULL, look, NULL);
	pthread_join(other, NULL);
	its.it_value.tv_sec = 1000;
	CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
	stop = 1;
	pthread_join(thread, NULL);
	CHECK_EQ(timer_delete(t), 0);
}

TEST(impossible_clocks_are_refused)
{
	struct timespec ts = { 0, 1 };
	pid_t pid = start(0);
	timer_t t;
	int i;
	clockid_t bad[] = { THREAD_CLOCK(pid, 3), THREAD_CLOCK(pid, SCHED),
			    PROCESS_CLOCK(0x7fffff, 0), THREAD_CLOCK(1, 0),
			    (clockid_t)0x80000000 };
	clockid_t device = PROCESS_CLOCK(100, 3);

	CHECK_ERR(timer_create(device, NULL, &t), EOPNOTSUPP);
	CHECK_EQ(clock_nanosleep(device, 0, &ts, NULL), EOPNOTSUPP);
	CHECK_ERR(clock_gettime(device, &ts), EINVAL);
	CHECK_ERR(timer_create(CLOCK_MONOTONIC_RAW, NULL, &t), EOPNOTSUPP);
	CHECK_ERR(timer_create(99, NULL, &t), EINVAL);
	for (i = 0; i < 5; i++) {
		CHECK_ERR(clock_gettime(bad[i], &ts), EINVAL);
		CHECK_ERR(clock_getres(bad[i], &ts), EINVAL);
		CHECK_ERR(clock_settime(bad[i], &ts), EINVAL);
		CHECK_ERR(timer_create(bad[i], NULL, &t), EINVAL);
		CHECK_EQ(clock_nanosleep(bad[i], 0, &ts, NULL), EINVAL);
	}
	CHECK_EQ(clock_getres(PROCESS_CLOCK(pid, SCHED), &ts), 0);
	CHECK_EQ(ts.tv_nsec, 1);
	CHECK_EQ(clock_getres(PROCESS_CLOCK(pid, 0), &ts), 0);
	CHECK_EQ(ts.tv_nsec, 4 * MS);
	CHECK_ERR(clock_settime(PROCESS_CLOCK(pid, SCHED), &ts), EPERM);
	CHECK_ERR(syscall(SYS_clock_gettime, PROCESS_CLOCK(pid, 2), 8), EFAULT);
	end(pid);
}

static void count(int sig)
{
	caught++;
}

/* Linux counts ticks, so the rate is kept on average: never above the wall's. */
TEST(the_profiling_timer_keeps_its_rate)
{
	struct itimerval it = { { 0, 10000 }, { 0, 10000 } };
	long then = ns(CLOCK_MONOTONIC);

	signal(SIGPROF, count);
	CHECK_EQ(setitimer(ITIMER_PROF, &it, NULL), 0);
	while (caught < 10)
		;
	CHECK(ns(CLOCK_MONOTONIC) - then >= 9 * 10 * MS);
	it.it_value.tv_usec = 0;
	CHECK_EQ(setitimer(ITIMER_PROF, &it, NULL), 0);
}

TAP_MAIN()
