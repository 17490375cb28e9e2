/* SPDX-License-Identifier: MIT */
/* itimer_test.c -- alarm, interval timers and POSIX timers, from outside */

#include "tap.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

static volatile sig_atomic_t ticks;
static volatile int last_value;

static void count_tick(int sig)
{
	ticks++;
}

static void note_value(int sig, siginfo_t *info, void *ctx)
{
	ticks++;
	last_value = info->si_value.sival_int;
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void wait_for_ticks(int n, double limit)
{
	double end = seconds() + limit;

	while (ticks < n && seconds() < end)
		usleep(2000);
}

TEST(alarm_comes_after_its_second)
{
	double start = seconds();

	signal(SIGALRM, count_tick);
	CHECK_EQ(alarm(1), TAP_SECONDS);
	pause();
	CHECK_EQ(ticks, 1);
	CHECK(seconds() - start >= 0.99 && seconds() - start < 3);
	CHECK_EQ(alarm(0), 0);
}

TEST(alarm_tells_what_was_left)
{
	alarm(100);
	CHECK_EQ(alarm(50), 100);
	CHECK_EQ(alarm(0), 50);
}

TEST(an_interval_timer_repeats)
{
	struct itimerval it = { { 0, 20000 }, { 0, 20000 } }, old;
	double start = seconds();

	signal(SIGALRM, count_tick);
	CHECK_EQ(setitimer(ITIMER_REAL, &it, NULL), 0);
	wait_for_ticks(5, 10);
	CHECK(ticks >= 5);
	CHECK(seconds() - start >= 0.099);
	CHECK_EQ(getitimer(ITIMER_REAL, &old), 0);
	CHECK_EQ(old.it_interval.tv_usec, 20000);
	CHECK(old.it_value.tv_usec <= 20000);
	it.it_value.tv_usec = 0;
	CHECK_EQ(setitimer(ITIMER_REAL, &it, &old), 0);
	ticks = 0;
	usleep(60000);
	CHECK_EQ(ticks, 0);
}

TEST(bad_timers_are_refused)
{
	struct itimerval it = { { 0, 0 }, { 0, 1000000 } };

	CHECK_ERR(setitimer(ITIMER_REAL, &it, NULL), EINVAL);
	it.it_value.tv_usec = 1;
	CHECK_ERR(setitimer(17, &it, NULL), EINVAL);
	CHECK_ERR(getitimer(-1, &it), EINVAL);
}

TEST(the_virtual_timer_counts_running_only)
{
	struct itimerval it = { { 0, 0 }, { 0, 50000 } };
	double start;

	signal(SIGVTALRM, count_tick);
	CHECK_EQ(setitimer(ITIMER_VIRTUAL, &it, NULL), 0);
	usleep(150000);               /* asleep: it stands still */
	CHECK_EQ(ticks, 0);
	start = seconds();
	while (!ticks && seconds() - start < 10)
		;
	CHECK_EQ(ticks, 1);
}

TEST(the_profiling_timer_counts_the_kernel_too)
{
	struct itimerval it = { { 0, 0 }, { 0, 50000 } };
	double start = seconds();

	signal(SIGPROF, count_tick);
	CHECK_EQ(setitimer(ITIMER_PROF, &it, NULL), 0);
	while (!ticks && seconds() - start < 10)
		getppid();
	CHECK_EQ(ticks, 1);
}

TEST(fork_does_not_inherit_a_timer)
{
	struct itimerval it;
	int status;
	pid_t pid;

	alarm(100);
	pid = fork();
	if (pid == 0) {
		getitimer(ITIMER_REAL, &it);
		_exit(it.it_value.tv_sec != 0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	alarm(0);
}

TEST(a_posix_timer_sends_its_value)
{
	struct sigaction sa = { .sa_sigaction = note_value,
				.sa_flags = SA_SIGINFO };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
			       .sigev_signo = SIGUSR1 };
	struct itimerspec its = { { 0, 10000000 }, { 0, 10000000 } }, got;
	timer_t t;

	ev.sigev_value.sival_int = 4711;
	sigaction(SIGUSR1, &sa, NULL);
	NEED(timer_create(CLOCK_MONOTONIC, &ev, &t) == 0);
	CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
	wait_for_ticks(3, 10);
	CHECK(ticks >= 3);
	CHECK_EQ(last_value, 4711);
	CHECK_EQ(timer_gettime(t, &got), 0);
	CHECK_EQ(got.it_interval.tv_nsec, 10000000);
	CHECK_EQ(timer_delete(t), 0);
	CHECK(timer_delete(t) != 0);
}

TEST(a_blocked_posix_timer_counts_its_overruns)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
			       .sigev_signo = SIGUSR1 };
	struct itimerspec its = { { 0, 5000000 }, { 0, 5000000 } };
	sigset_t set;
	timer_t t;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	NEED(timer_create(CLOCK_MONOTONIC, &ev, &t) == 0);
	CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
	usleep(100000);
	int sig;

	CHECK_EQ(sigwait(&set, &sig), 0);
	CHECK_EQ(sig, SIGUSR1);
	CHECK(timer_getoverrun(t) >= 5);
	timer_delete(t);
}

static timer_t make_timer(int notify, int signo, int value)
{
	struct sigevent ev = { .sigev_notify = notify, .sigev_signo = signo };
	timer_t t;

	ev.sigev_value.sival_int = value;
	NEED(timer_create(CLOCK_MONOTONIC, &ev, &t) == 0);
	return t;
}

/* The queue of one signal holds one of each timer. */
TEST(timers_with_one_number_each_send_theirs)
{
	struct itimerspec soon = { .it_value.tv_nsec = 1000000 };
	int seen = 0;
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < 3; i++)
		timer_settime(make_timer(SIGEV_SIGNAL, SIGUSR1, 1 << i), 0,
			      &soon, NULL);
	usleep(50000);
	for (int i = 0; i < 3; i++) {
		struct timespec now = { 0, 0 };

		CHECK_EQ(sigtimedwait(&set, &info, &now), SIGUSR1);
		CHECK_EQ(info.si_code, SI_TIMER);
		CHECK_EQ(info.si_overrun, 0);
		seen |= info.si_value.sival_int;
	}
	CHECK_EQ(seen, 7);
}

TEST(an_interval_of_a_nanosecond_is_counted_not_run)
{
	struct itimerspec its = { { 0, 1 }, { 0, 1 } }, off = { 0 };
	timer_t t = make_timer(SIGEV_SIGNAL, SIGUSR1, 0);
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
	for (int i = 0; i < 10; i++) {
		usleep(2000);
		CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
		CHECK(info.si_overrun >= 1000000);
		CHECK_EQ(timer_getoverrun(t), info.si_overrun);
	}
	CHECK_EQ(timer_settime(t, 0, &off, NULL), 0);
	signal(SIGUSR1, SIG_IGN);       /* nobody wants it: it goes on alone */
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
	usleep(20000);
	timer_delete(t);
}

TEST(a_timer_without_a_signal_shows_its_time)
{
	struct itimerspec its = { .it_value.tv_sec = 1000 }, got;
	struct itimerspec beat = { { 0, 7000000 }, { 0, 7000000 } };
	timer_t t = make_timer(SIGEV_NONE, 0, 0);

	CHECK_EQ(timer_settime(t, 0, &its, NULL), 0);
	CHECK_EQ(timer_gettime(t, &got), 0);
	CHECK(got.it_value.tv_sec >= 990 && got.it_value.tv_sec < 1000);
	CHECK_EQ(timer_settime(t, 0, &beat, &got), 0);
	CHECK(got.it_value.tv_sec >= 990);
	usleep(30000);
	CHECK_EQ(timer_gettime(t, &got), 0);
	CHECK(got.it_value.tv_nsec > 0 && got.it_value.tv_nsec <= 7000000);
	timer_delete(t);
}

TEST(timers_are_limited_like_signals)
{
	struct rlimit lim = { 20, 20 };
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
			       .sigev_signo = SIGUSR1 };
	timer_t t;
	int n = 0;

	if (geteuid() == 0)
		NEED(setuid(4321) == 0);
	NEED(setrlimit(RLIMIT_SIGPENDING, &lim) == 0);
	while (n < 100 && timer_create(CLOCK_MONOTONIC, &ev, &t) == 0)
		n++;
	CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(n, 20);
	CHECK_ERR(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, 8), EAGAIN);
}

TEST(a_timer_whose_number_cannot_be_told_is_none)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL,
			       .sigev_signo = SIGUSR1 };
	struct itimerspec got;
	timer_t t;

	CHECK_ERR(syscall(SYS_timer_create, CLOCK_MONOTONIC, &ev, 8), EFAULT);
	NEED(timer_create(CLOCK_MONOTONIC, &ev, &t) == 0);
	CHECK_EQ(timer_gettime(t, &got), 0);
	CHECK_EQ(timer_delete(t), 0);
}

TAP_MAIN()
