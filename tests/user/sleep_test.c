/* SPDX-License-Identifier: MIT */
/* sleep_test.c -- clocks and sleeping, from outside */

#include "tap.h"

#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

static double now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void on_signal(int sig)
{
}

static void catch(int sig, int flags)
{
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = flags };

	sigaction(sig, &sa, NULL);
}

TEST(nanosleep_takes_as_long_as_asked)
{
	struct timespec ts = { 0, 30000000 };
	double start = now(CLOCK_MONOTONIC), took;

	CHECK_EQ(nanosleep(&ts, NULL), 0);
	took = now(CLOCK_MONOTONIC) - start;
	CHECK(took >= 0.030 && took < 0.5);
}

TEST(nanosleep_refuses_nonsense)
{
	struct timespec bad = { 0, 1000000000 }, neg = { -1, 0 };

	CHECK_ERR(nanosleep(&bad, NULL), EINVAL);
	CHECK_ERR(nanosleep(&neg, NULL), EINVAL);
	CHECK_ERR(syscall(SYS_nanosleep, (void *)8, NULL), EFAULT);
}

TEST(a_signal_ends_a_sleep_and_the_rest_is_told)
{
	struct timespec ts = { 2, 0 }, left = { 0, 0 };
	struct itimerval it = { { 0, 0 }, { 0, 100000 } };

	catch(SIGALRM, SA_RESTART);   /* sleeps are not restarted even so */
	setitimer(ITIMER_REAL, &it, NULL);
	CHECK_ERR(nanosleep(&ts, &left), EINTR);
	CHECK(left.tv_sec == 1 && left.tv_nsec > 300000000);
}

TEST(an_ignored_signal_does_not_end_a_sleep)
{
	struct timespec ts = { 0, 300000000 };
	struct itimerval it = { { 0, 0 }, { 0, 50000 } };
	double start = now(CLOCK_MONOTONIC);

	signal(SIGALRM, SIG_IGN);
	setitimer(ITIMER_REAL, &it, NULL);
	CHECK_EQ(nanosleep(&ts, NULL), 0);
	CHECK(now(CLOCK_MONOTONIC) - start >= 0.3);
}

TEST(stopping_and_continuing_does_not_end_a_sleep)
{
	pid_t pid = fork();
	int status;
	double start;

	if (pid == 0) {
		struct timespec ts = { 0, 400000000 };

		_exit(nanosleep(&ts, NULL) != 0);
	}
	start = now(CLOCK_MONOTONIC);
	usleep(100000);
	kill(pid, SIGSTOP);
	usleep(50000);
	kill(pid, SIGCONT);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK(now(CLOCK_MONOTONIC) - start >= 0.39);
}

TEST(clock_nanosleep_knows_absolute_times)
{
	struct timespec ts;
	double start = now(CLOCK_MONOTONIC);

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += 50000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL), 0);
	CHECK(now(CLOCK_MONOTONIC) - start >= 0.05);
	/* A time that has passed: at once. */
	CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL), 0);
	CHECK_EQ(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &ts, NULL),
		 EINVAL);
	CHECK_EQ(clock_nanosleep(77, 0, &ts, NULL), EINVAL);
}

TEST(clocks_do_not_go_back)
{
	static const clockid_t clocks[] = {
		CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME,
		CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID,
		CLOCK_MONOTONIC_COARSE,
	};

	for (unsigned c = 0; c < sizeof(clocks) / sizeof(*clocks); c++) {
		double last = now(clocks[c]);

		for (int i = 0; i < 2000; i++) {
			double t = now(clocks[c]);

			CHECK(t >= last);
			last = t;
		}
	}
}

TEST(the_clocks_agree_with_each_other)
{
	struct timeval tv;
	double real = now(CLOCK_REALTIME);

	gettimeofday(&tv, NULL);
	CHECK(tv.tv_sec + tv.tv_usec / 1e6 - real < 0.5);
	CHECK(tv.tv_sec + tv.tv_usec / 1e6 - real > -0.001);
	CHECK(time(NULL) - (long)real <= 1);
	CHECK(real > 1.6e9);          /* the battery clock was read */
	CHECK(real - now(CLOCK_REALTIME_COARSE) < 0.05);
}

TEST(clock_getres_and_bad_clocks)
{
	struct timespec ts;

	CHECK_EQ(clock_getres(CLOCK_MONOTONIC, &ts), 0);
	CHECK(ts.tv_sec == 0 && ts.tv_nsec == 1);
	CHECK_EQ(clock_getres(CLOCK_MONOTONIC_COARSE, &ts), 0);
	CHECK(ts.tv_nsec >= 1000000 && ts.tv_nsec <= 10000000);
	CHECK_ERR(syscall(SYS_clock_gettime, 77, &ts), EINVAL);
	CHECK_ERR(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, (void *)8),
		  EFAULT);
}

TEST(sleeping_costs_no_cpu_time_and_spinning_does)
{
	double start = now(CLOCK_PROCESS_CPUTIME_ID), slept, wall;

	usleep(100000);
	slept = now(CLOCK_PROCESS_CPUTIME_ID) - start;
	CHECK(slept < 0.05);
	wall = now(CLOCK_MONOTONIC);
	while (now(CLOCK_PROCESS_CPUTIME_ID) - start < 0.1)
		if (now(CLOCK_MONOTONIC) - wall > 10)
			break;
	CHECK(now(CLOCK_PROCESS_CPUTIME_ID) - start >= 0.1);
}

TEST(a_negative_clock_names_a_process)
{
	clockid_t clock;
	struct timespec ts;

	NEED(clock_getcpuclockid(getpid(), &clock) == 0);
	do                            /* we have just begun to live */
		CHECK_EQ(clock_gettime(clock, &ts), 0);
	while (ts.tv_sec == 0 && ts.tv_nsec == 0);
	CHECK(clock_getcpuclockid(999999, &clock) != 0);
}

TAP_MAIN()
