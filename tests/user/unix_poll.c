/* SPDX-License-Identifier: MIT */
/* unix_poll.c -- readiness of UNIX sockets, their options, signals */

#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>

#define IN (POLLIN | POLLRDNORM)
#define OUT (POLLOUT | POLLWRNORM | POLLWRBAND)

static int ready(int fd)
{
	struct pollfd p = { fd, IN | OUT | POLLRDHUP | POLLPRI, 0 };

	poll(&p, 1, 0);
	return p.revents;
}

static int opt(int fd, int name)
{
	int v = -1;
	socklen_t n = sizeof(v);

	CHECK_EQ(getsockopt(fd, SOL_SOCKET, name, &v, &n), 0);
	return v;
}

static int set(int fd, int name, int v)
{
	return setsockopt(fd, SOL_SOCKET, name, &v, sizeof(v));
}

TEST(a_streams_states_in_poll)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	socklen_t len;
	int s[2], l, c, val = 4096;
	char buf[65536];

	c = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_EQ(ready(c), OUT | POLLHUP);
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	CHECK_EQ(ready(s[0]), OUT);
	CHECK_EQ(write(s[0], "x", 1), 1);
	CHECK_EQ(ready(s[1]), OUT | IN);
	shutdown(s[0], SHUT_WR);
	CHECK_EQ(ready(s[1]), OUT | IN | POLLRDHUP);
	CHECK_EQ(ready(s[0]), OUT);
	CHECK_EQ(read(s[1], buf, 8), 1);
	CHECK_EQ(ready(s[1]), OUT | IN | POLLRDHUP);
	shutdown(s[1], SHUT_WR);
	CHECK_EQ(ready(s[1]), OUT | IN | POLLRDHUP | POLLHUP);
	close(s[0]);
	close(s[1]);
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	set(s[0], SO_SNDBUF, val);
	fcntl(s[0], F_SETFL, O_NONBLOCK);
	while (write(s[0], buf, 1024) > 0)
		;
	CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(ready(s[0]), 0);
	while (recv(s[1], buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	CHECK_EQ(ready(s[0]), OUT);
	CHECK_EQ(write(s[0], "left", 4), 4);
	close(s[1]);
	CHECK_EQ(ready(s[0]), OUT | IN | POLLRDHUP | POLLHUP | POLLERR);
	len = offsetof(struct sockaddr_un, sun_path) + 1 +
	      sprintf(a.sun_path + 1, "po-%d", getpid());
	l = socket(AF_UNIX, SOCK_STREAM, 0);
	NEED(bind(l, (void *)&a, len) == 0 && listen(l, 5) == 0);
	CHECK_EQ(ready(l), 0);
	CHECK_EQ(connect(c, (void *)&a, len), 0);
	CHECK_EQ(ready(l), IN);
	CHECK_EQ(ready(c), OUT);
}

TEST(datagrams_are_writable_when_the_receiver_has_room)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct epoll_event e = { .events = EPOLLOUT | EPOLLET };
	socklen_t len = offsetof(struct sockaddr_un, sun_path) + 1 +
			sprintf(a.sun_path + 1, "dg-%d", getpid());
	int r = socket(AF_UNIX, SOCK_DGRAM, 0), ep = epoll_create1(0);
	int w = socket(AF_UNIX, SOCK_DGRAM, 0);
	char c;

	NEED(bind(r, (void *)&a, len) == 0);
	NEED(connect(w, (void *)&a, len) == 0);
	CHECK_EQ(ready(w), OUT);
	fcntl(w, F_SETFL, O_NONBLOCK);
	NEED(epoll_ctl(ep, EPOLL_CTL_ADD, w, &e) == 0);
	CHECK_EQ(epoll_wait(ep, &e, 1, 0), 1);
	while (write(w, "x", 1) == 1)
		;
	CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(ready(w), 0);
	CHECK_EQ(epoll_wait(ep, &e, 1, 0), 0);
	CHECK_EQ(read(r, &c, 1), 1);
	CHECK_EQ(epoll_wait(ep, &e, 1, 1000), 1);
	CHECK_EQ(ready(w), OUT);
	while (write(w, "x", 1) == 1)
		;
	CHECK_EQ(ready(w), 0);
	close(r);
	CHECK_EQ(ready(w), OUT);
	CHECK_ERR(write(w, "x", 1), ECONNREFUSED);
}

TEST(epoll_tells_edges)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET };
	int s[2], ep = epoll_create1(0);
	char c;

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	NEED(epoll_ctl(ep, EPOLL_CTL_ADD, s[0], &e) == 0);
	CHECK_EQ(epoll_wait(ep, &e, 1, 0), 0);
	CHECK_EQ(write(s[1], "a", 1), 1);
	CHECK_EQ(epoll_wait(ep, &e, 1, 0), 1);
	CHECK_EQ(e.events, EPOLLIN);
	CHECK_EQ(epoll_wait(ep, &e, 1, 0), 0);
	CHECK_EQ(write(s[1], "b", 1), 1);
	CHECK_EQ(epoll_wait(ep, &e, 1, 0), 1);
	CHECK_EQ(read(s[0], &c, 1), 1);
	shutdown(s[1], SHUT_WR);
	CHECK_EQ(epoll_wait(ep, &e, 1, 0), 1);
	CHECK_EQ(e.events, EPOLLIN | EPOLLRDHUP);
	close(s[1]);
	CHECK_EQ(epoll_wait(ep, &e, 1, 0), 1);
	CHECK_EQ(e.events, EPOLLIN | EPOLLRDHUP | EPOLLHUP);
}

TEST(numbers_that_every_socket_has)
{
	struct timeval tv = { 1, 500000 };
	struct linger lg = { 1, 7 };
	socklen_t n = sizeof(tv);
	int s[2], v = 0;
	char big[64];

	NEED(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s) == 0);
	CHECK_EQ(opt(s[0], SO_TYPE), SOCK_SEQPACKET);
	CHECK_EQ(opt(s[0], SO_DOMAIN), AF_UNIX);
	CHECK_EQ(opt(s[0], SO_PROTOCOL), 0);
	CHECK_EQ(opt(s[0], SO_ERROR), 0);
	CHECK_EQ(opt(s[0], SO_ACCEPTCONN), 0);
	CHECK_EQ(opt(s[0], SO_SNDLOWAT), 1);
	CHECK_EQ(set(s[0], SO_SNDBUF, 10000), 0);
	CHECK_EQ(opt(s[0], SO_SNDBUF), 20000);
	CHECK_EQ(set(s[0], SO_SNDBUF, 0), 0);
	CHECK_EQ(opt(s[0], SO_SNDBUF), 4608);
	CHECK_EQ(set(s[0], SO_RCVBUF, 0), 0);
	CHECK_EQ(opt(s[0], SO_RCVBUF), 2304);
	CHECK_EQ(set(s[0], SO_RCVLOWAT, 0), 0);
	CHECK_EQ(opt(s[0], SO_RCVLOWAT), 1);
	CHECK_EQ(set(s[0], SO_PRIORITY, 6), 0);
	CHECK_EQ(opt(s[0], SO_PRIORITY), 6);
	CHECK_EQ(set(s[0], SO_KEEPALIVE, 5), 0);
	CHECK_EQ(opt(s[0], SO_KEEPALIVE), 1);
	CHECK_EQ(opt(s[0], SO_PEEK_OFF), -1);
	CHECK_ERR(set(s[0], SO_TYPE, 1), ENOPROTOOPT);
	CHECK_ERR(set(s[0], SO_ERROR, 1), ENOPROTOOPT);
	CHECK_ERR(set(s[0], 9999, 1), ENOPROTOOPT);
	CHECK_ERR(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &v, 3), EINVAL);
	CHECK_ERR(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &v, -1), EINVAL);
	CHECK_ERR(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, (void *)8, 4),
		  EFAULT);
	CHECK_ERR(setsockopt(s[0], 77, 1, &v, 4), EOPNOTSUPP);
	CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)), 0);
	memset(&tv, 0, sizeof(tv));
	CHECK_EQ(getsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, &n), 0);
	CHECK(tv.tv_sec == 1 && tv.tv_usec == 500000);
	tv.tv_usec = 1000000;
	CHECK_ERR(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)),
		  EDOM);
	CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_LINGER, &lg, sizeof(lg)), 0);
	lg.l_linger = 0;
	n = sizeof(lg);
	CHECK_EQ(getsockopt(s[0], SOL_SOCKET, SO_LINGER, &lg, &n), 0);
	CHECK(lg.l_onoff == 1 && lg.l_linger == 7);
	n = 2;
	CHECK_EQ(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &v, &n), 0);
	CHECK_EQ(n, 2);
	n = -1;
	CHECK_ERR(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &v, &n), EINVAL);
	n = sizeof(big);
	CHECK_ERR(getsockopt(s[0], SOL_SOCKET, SO_PEERSEC, big, &n),
		  ENOPROTOOPT);
	CHECK_ERR(getsockopt(s[0], SOL_SOCKET, 9999, big, &n), ENOPROTOOPT);
}

TEST(forced_buffers_need_a_capability)
{
	int s[2], max;
	FILE *f = fopen("/proc/sys/net/core/wmem_max", "r");

	if (geteuid() || !f || fscanf(f, "%d", &max) != 1)
		SKIP("not root, or no wmem_max");
	fclose(f);
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	CHECK_EQ(set(s[0], SO_SNDBUF, 1 << 30), 0);
	CHECK_EQ(opt(s[0], SO_SNDBUF), 2 * max);
	CHECK_EQ(set(s[0], SO_SNDBUFFORCE, 4 * max), 0);
	CHECK_EQ(opt(s[0], SO_SNDBUF), 8 * max);
	CHECK_EQ(set(s[0], SO_PRIORITY, 7), 0);
	CHECK_EQ(set(s[0], SO_MARK, 7), 0);
	CHECK_EQ(opt(s[0], SO_MARK), 7);
	NEED(setresuid(1000, 1000, 1000) == 0);
	CHECK_ERR(set(s[0], SO_SNDBUFFORCE, 4 * max), EPERM);
	CHECK_ERR(set(s[0], SO_PRIORITY, 7), EPERM);
	CHECK_ERR(set(s[0], SO_MARK, 7), EPERM);
}

TEST(time_limits_end_a_wait)
{
	struct timeval tv = { 0, 20000 };
	int s[2];
	char buf[4096];

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	NEED(!setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	CHECK_ERR(read(s[0], buf, 1), EAGAIN);
	NEED(!setsockopt(s[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
	while (write(s[0], buf, sizeof(buf)) > 0)
		;
	CHECK_EQ(errno, EAGAIN);
}

static volatile int signals, last_fd, last_code;

static void on_io(int sig, siginfo_t *si, void *uc)
{
	signals++;
	last_fd = si->si_fd;
	last_code = si->si_code;
}

TEST(o_async_sends_a_signal_when_data_comes)
{
	struct sigaction sa = { .sa_sigaction = on_io, .sa_flags = SA_SIGINFO };
	int s[2];

	sigaction(SIGIO, &sa, NULL);
	sigaction(SIGRTMIN, &sa, NULL);
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	NEED(fcntl(s[0], F_SETOWN, getpid()) == 0);
	NEED(fcntl(s[0], F_SETFL, O_ASYNC) == 0);
	CHECK_EQ(write(s[1], "x", 1), 1);
	CHECK_EQ(signals, 1);
	NEED(fcntl(s[0], F_SETSIG, SIGRTMIN) == 0);
	CHECK_EQ(write(s[1], "x", 1), 1);
	CHECK_EQ(signals, 2);
	CHECK_EQ(last_fd, s[0]);
	CHECK_EQ(last_code, POLL_IN);
	close(s[1]);
	CHECK(signals > 2);
	CHECK_EQ(last_code, POLL_HUP);
}

static void nothing(int sig)
{
}

TEST(a_signal_ends_a_wait)
{
	struct sigaction sa = { .sa_handler = nothing };
	struct itimerval it = { { 0, 5000 }, { 0, 5000 } };
	struct timeval tv = { 10, 0 };
	int s[2];
	char c;

	sigaction(SIGALRM, &sa, NULL);
	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
	setitimer(ITIMER_REAL, &it, NULL);
	CHECK_ERR(read(s[0], &c, 1), EINTR);
	/* With a time limit it is not restarted, whatever sigaction said. */
	sa.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &sa, NULL);
	NEED(!setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	CHECK_ERR(read(s[0], &c, 1), EINTR);
}

TEST(files_and_pipes_go_into_sockets)
{
	static char data[200000], got[200000];
	char path[] = "/tmp/unixsfXXXXXX";
	int s[2], p[2], q[2], f = mkstemp(path), status;
	long n, total = 0;
	pid_t pid;

	NEED(f >= 0 && unlink(path) == 0);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i * 31 >> 3;
	NEED(write(f, data, sizeof(data)) == sizeof(data));
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	/* Two: a splice that waits for the socket holds its pipe. */
	NEED(pipe(p) == 0 && pipe(q) == 0);
	pid = fork();
	if (!pid) {
		off_t off = 0;

		while (off < (off_t)sizeof(data))
			if (sendfile(s[0], f, &off, sizeof(data) - off) <= 0)
				_exit(1);
		_exit(write(p[1], "piped", 5) != 5 ||
		      splice(p[0], NULL, s[0], NULL, 5, 0) != 5);
	}
	while (total < (long)sizeof(got)) {
		n = read(s[1], got + total, sizeof(got) - total);
		NEED(n > 0);
		total += n;
	}
	CHECK(!memcmp(got, data, sizeof(data)));
	CHECK_EQ(splice(s[1], NULL, q[1], NULL, 100, 0), 5);
	CHECK_EQ(read(q[0], got, 100), 5);
	CHECK(!memcmp(got, "piped", 5));
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

TAP_MAIN()
