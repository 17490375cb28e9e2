/* SPDX-License-Identifier: MIT */
/* events.c -- epoll, timerfd and signalfd, and that all ask alike (AP111) */

#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>

static int watch(int ep, int fd, unsigned events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

/* Events of the first ready file; 0: none. */
static unsigned ready(int ep)
{
	struct epoll_event ev = { 0 };
	int n = epoll_wait(ep, &ev, 1, 0);

	return n < 0 ? -1u : n == 0 ? 0 : ev.events;
}

TEST(level_reports_as_long_as_it_is_so)
{
	int ep = epoll_create1(0), p[2];
	char c;

	NEED(pipe(p) == 0 && watch(ep, p[0], EPOLLIN) == 0);
	CHECK_EQ(ready(ep), 0);
	NEED(write(p[1], "ab", 2) == 2);
	CHECK_EQ(ready(ep), EPOLLIN);
	CHECK_EQ(ready(ep), EPOLLIN);
	NEED(read(p[0], &c, 1) == 1);
	CHECK_EQ(ready(ep), EPOLLIN);
	NEED(read(p[0], &c, 1) == 1);
	CHECK_EQ(ready(ep), 0);
	close(p[1]);
	CHECK_EQ(ready(ep), EPOLLHUP);
}

TEST(edge_reports_news_once)
{
	int ep = epoll_create1(0), p[2];

	NEED(pipe(p) == 0 && watch(ep, p[0], EPOLLIN | EPOLLET) == 0);
	NEED(write(p[1], "a", 1) == 1);
	CHECK_EQ(ready(ep), EPOLLIN);
	CHECK_EQ(ready(ep), 0);
	NEED(write(p[1], "b", 1) == 1);
	CHECK_EQ(ready(ep), EPOLLIN);
	CHECK_EQ(ready(ep), 0);
}

TEST(one_shot_needs_to_be_set_again)
{
	struct epoll_event ev;
	int ep = epoll_create1(0), p[2];

	NEED(pipe(p) == 0 && watch(ep, p[0], EPOLLIN | EPOLLONESHOT) == 0);
	NEED(write(p[1], "a", 1) == 1);
	CHECK_EQ(ready(ep), EPOLLIN);
	NEED(write(p[1], "b", 1) == 1);
	CHECK_EQ(ready(ep), 0);
	ev = (struct epoll_event){ .events = EPOLLIN | EPOLLONESHOT };
	CHECK(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &ev) == 0);
	CHECK_EQ(ready(ep), EPOLLIN);
}

TEST(errors_of_epoll_ctl)
{
	struct epoll_event ev = { .events = EPOLLIN };
	int ep = epoll_create1(0), other = epoll_create1(0), p[2], f;

	NEED(pipe(p) == 0);
	f = open("/proc/self/exe", O_RDONLY);
	CHECK_ERR(watch(ep, f, EPOLLIN), EPERM);
	CHECK_ERR(watch(ep, 999, EPOLLIN), EBADF);
	CHECK_ERR(watch(p[0], p[1], EPOLLIN), EINVAL);
	CHECK_ERR(watch(ep, ep, EPOLLIN), EINVAL);
	CHECK(watch(ep, p[0], EPOLLIN) == 0);
	CHECK_ERR(watch(ep, p[0], EPOLLIN), EEXIST);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_MOD, p[1], &ev), ENOENT);
	CHECK(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL) == 0);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL), ENOENT);
	CHECK(watch(ep, other, EPOLLIN) == 0);
	CHECK_ERR(watch(other, ep, EPOLLIN), ELOOP);
	CHECK_ERR(epoll_wait(ep, &ev, 0, 0), EINVAL);
	CHECK_ERR(epoll_wait(p[0], &ev, 1, 0), EINVAL);
}

TEST(a_closed_file_is_forgotten_when_the_last_copy_goes)
{
	int ep = epoll_create1(0), p[2], copy;

	NEED(pipe(p) == 0 && watch(ep, p[0], EPOLLIN) == 0);
	NEED(write(p[1], "x", 1) == 1);
	copy = dup(p[0]);
	close(p[0]);
	CHECK_EQ(ready(ep), EPOLLIN);
	close(copy);
	CHECK_EQ(ready(ep), 0);
}

TEST(waiting_sleeps_and_wakes)
{
	struct epoll_event ev;
	struct timespec a, b;
	int ep = epoll_create1(0), p[2];
	pid_t pid;

	NEED(pipe(p) == 0 && watch(ep, p[0], EPOLLIN) == 0);
	clock_gettime(CLOCK_MONOTONIC, &a);
	CHECK_EQ(epoll_wait(ep, &ev, 1, 30), 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	CHECK((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000
	      >= 29);
	pid = fork();
	if (pid == 0) {
		usleep(20000);
		_exit(write(p[1], "w", 1) != 1);
	}
	CHECK_EQ(epoll_wait(ep, &ev, 1, 5000), 1);
	CHECK_EQ(ev.data.fd, p[0]);
	waitpid(pid, NULL, 0);
}

static void wait_exclusively(int fd)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int ep = epoll_create1(0);

	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e))
		_exit(1);
	_exit(epoll_wait(ep, &e, 1, 500) == 1 ? 42 : 0);
}

TEST(an_exclusive_event_wakes_one)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int p[2], status, woken = 0, ep = epoll_create1(0);

	NEED(pipe(p) == 0);
	for (int i = 0; i < 4; i++)
		if (fork() == 0)
			wait_exclusively(p[0]);
	usleep(100000);
	NEED(write(p[1], "x", 1) == 1);
	while (wait(&status) > 0)
		woken += status == 42 << 8;
	/* One that came late, on a busy machine, finds it ready. */
	CHECK(woken >= 1 && woken < 4);
	CHECK_EQ(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e), 0);
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_MOD, p[0], &e), EINVAL);
	e.events |= EPOLLONESHOT;
	CHECK_ERR(epoll_ctl(ep, EPOLL_CTL_ADD, p[1], &e), EINVAL);
}

TEST(many_files_are_reported_in_turn)
{
	struct epoll_event ev[4];
	int ep = epoll_create1(0), i, seen = 0, round;

	for (i = 0; i < 10; i++) {
		struct epoll_event add = { .events = EPOLLIN, .data.u32 = i };
		int fd = eventfd(1, 0);

		NEED(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &add) == 0);
	}
	for (round = 0; round < 5; round++) {
		int n = epoll_wait(ep, ev, 4, 0);

		CHECK_EQ(n, 4);
		for (i = 0; i < n; i++)
			seen |= 1 << ev[i].data.u32;
	}
	CHECK_EQ(seen, 0x3ff);
}

TEST(an_epoll_can_be_polled_itself)
{
	int ep = epoll_create1(0), outer = epoll_create1(0), p[2];
	struct pollfd pfd = { .fd = ep, .events = POLLIN };

	NEED(pipe(p) == 0 && watch(ep, p[0], EPOLLIN) == 0);
	NEED(watch(outer, ep, EPOLLIN) == 0);
	CHECK_EQ(poll(&pfd, 1, 0), 0);
	CHECK_EQ(ready(outer), 0);
	NEED(write(p[1], "x", 1) == 1);
	CHECK_EQ(poll(&pfd, 1, 0), 1);
	CHECK_EQ(ready(outer), EPOLLIN);
}

TEST(select_poll_and_epoll_say_the_same)
{
	struct timeval now = { 0, 0 };
	int ep = epoll_create1(0), p[2], i;
	struct pollfd pfd;
	fd_set r;

	NEED(pipe(p) == 0 && watch(ep, p[0], EPOLLIN) == 0);
	pfd = (struct pollfd){ .fd = p[0], .events = POLLIN };
	for (i = 0; i < 2; i++) {
		FD_ZERO(&r);
		FD_SET(p[0], &r);
		CHECK_EQ(poll(&pfd, 1, 0), i);
		CHECK_EQ(select(p[0] + 1, &r, NULL, NULL, &now), i);
		CHECK_EQ(ready(ep), i ? EPOLLIN : 0);
		NEED(write(p[1], "x", 1) == 1);
	}
}

TEST(timerfd_counts_its_periods)
{
	struct itimerspec its = { { 0, 10000000 }, { 0, 10000000 } }, now;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	unsigned long long n = 0;

	NEED(fd >= 0);
	CHECK_ERR(read(fd, &n, 8), EAGAIN);
	CHECK(timerfd_settime(fd, 0, &its, NULL) == 0);
	CHECK_EQ(poll(&pfd, 1, 1000), 1);
	usleep(35000);
	CHECK(read(fd, &n, 8) == 8 && n >= 3 && n < 100);
	CHECK(timerfd_gettime(fd, &now) == 0);
	CHECK(now.it_interval.tv_nsec == 10000000);
	CHECK(now.it_value.tv_nsec > 0 && now.it_value.tv_nsec <= 10000000);
	its = (struct itimerspec){ { 0, 0 }, { 0, 0 } };
	CHECK(timerfd_settime(fd, 0, &its, NULL) == 0);
	usleep(15000);
	CHECK_ERR(read(fd, &n, 8), EAGAIN);
	CHECK_ERR(timerfd_create(99, 0), EINVAL);
	CHECK_ERR(timerfd_settime(0, 0, &its, NULL), EINVAL);
}

TEST(signalfd_reads_signals)
{
	struct signalfd_siginfo info;
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK);
	if (fd < 0 && errno == ENOSYS)
		SKIP("no signalfd");
	CHECK_ERR(read(fd, &info, sizeof(info)), EAGAIN);
	kill(getpid(), SIGUSR1);
	CHECK_EQ(read(fd, &info, sizeof(info)), sizeof(info));
	CHECK(info.ssi_signo == SIGUSR1 && info.ssi_pid == (unsigned)getpid());
	CHECK_ERR(read(fd, &info, sizeof(info)), EAGAIN);
}

TAP_MAIN()
