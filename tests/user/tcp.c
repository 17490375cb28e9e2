/* SPDX-License-Identifier: MIT */
/* tcp.c -- TCP over loopback: connections, data, ends, options, readiness */

#define _GNU_SOURCE
#include "tap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

static struct sockaddr_in local(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return a;
}

static int stream(int flags)
{
	int fd = socket(AF_INET, SOCK_STREAM | flags, 0);

	NEED(fd >= 0);
	return fd;
}

/* A listener on a port that was free: *a is its name. */
static int listener(struct sockaddr_in *a, int backlog)
{
	socklen_t len = sizeof(*a);
	int fd = stream(0);

	*a = local(0);
	NEED(bind(fd, (void *)a, len) == 0 && listen(fd, backlog) == 0);
	NEED(getsockname(fd, (void *)a, &len) == 0);
	return fd;
}

/* Both ends of a connection: fd[0] connected, fd[1] accepted. */
static void pair(int fd[2])
{
	struct sockaddr_in a;
	int l = listener(&a, 5);

	fd[0] = stream(0);
	NEED(connect(fd[0], (void *)&a, sizeof(a)) == 0);
	fd[1] = accept(l, NULL, NULL);
	NEED(fd[1] >= 0);
	close(l);
}

static int ready(int fd, short events)
{
	struct pollfd p = { fd, events, 0 };

	poll(&p, 1, 2000);
	return p.revents;
}

static int ready_now(int fd, short events)
{
	struct pollfd p = { fd, events, 0 };

	poll(&p, 1, 0);
	return p.revents;
}

static int state(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	NEED(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0);
	return info.tcpi_state;
}

TEST(bytes_cross_both_ways)
{
	char buf[16];
	int fd[2];

	pair(fd);
	CHECK_EQ(write(fd[0], "hello", 5), 5);
	CHECK_EQ(read(fd[1], buf, sizeof(buf)), 5);
	CHECK(!memcmp(buf, "hello", 5));
	CHECK_EQ(write(fd[1], "world!", 6), 6);
	CHECK_EQ(read(fd[0], buf, sizeof(buf)), 6);
	CHECK_EQ(state(fd[0]), TCP_ESTABLISHED);
}

TEST(names_of_both_ends_agree)
{
	struct sockaddr_in a, b;
	socklen_t len = sizeof(a);
	int fd[2];

	pair(fd);
	CHECK(getsockname(fd[0], (void *)&a, &len) == 0);
	CHECK(getpeername(fd[1], (void *)&b, &len) == 0);
	CHECK(a.sin_port == b.sin_port &&
	      a.sin_addr.s_addr == b.sin_addr.s_addr);
	CHECK_EQ(len, sizeof(a));
}

TEST(nobody_listens_is_refused)
{
	struct sockaddr_in a;
	int l = listener(&a, 1), fd = stream(0);

	close(l);
	CHECK_ERR(connect(fd, (void *)&a, sizeof(a)), ECONNREFUSED);
	/* The same socket may try again. */
	CHECK_ERR(connect(fd, (void *)&a, sizeof(a)), ECONNREFUSED);
}

TEST(close_is_an_end_of_file_and_then_a_reset)
{
	char c;
	int fd[2];

	pair(fd);
	signal(SIGPIPE, SIG_IGN);
	close(fd[1]);
	CHECK_EQ(read(fd[0], &c, 1), 0);
	CHECK_EQ(state(fd[0]), TCP_CLOSE_WAIT);
	CHECK_EQ(write(fd[0], "x", 1), 1);
	ready(fd[0], POLLIN | POLLHUP);
	while (!(ready_now(fd[0], 0) & POLLHUP))
		usleep(1000);
	CHECK_ERR(write(fd[0], "x", 1), EPIPE);
}

TEST(half_a_close_leaves_the_other_half)
{
	char buf[8];
	int fd[2];

	pair(fd);
	CHECK(shutdown(fd[0], SHUT_WR) == 0);
	CHECK_EQ(read(fd[1], buf, 8), 0);
	CHECK(ready(fd[1], POLLIN | POLLRDHUP) & POLLRDHUP);
	CHECK_EQ(write(fd[1], "still", 5), 5);
	CHECK_EQ(read(fd[0], buf, 8), 5);
	CHECK_EQ(state(fd[0]), TCP_FIN_WAIT2);
	close(fd[1]);
	CHECK_EQ(read(fd[0], buf, 8), 0);
}

TEST(linger_of_zero_resets)
{
	struct linger l = { 1, 0 };
	char c;
	int fd[2];

	pair(fd);
	CHECK(setsockopt(fd[0], SOL_SOCKET, SO_LINGER, &l, sizeof(l)) == 0);
	close(fd[0]);
	CHECK(ready(fd[1], POLLIN) & POLLHUP);
	CHECK_ERR(read(fd[1], &c, 1), ECONNRESET);
	CHECK_EQ(read(fd[1], &c, 1), 0);
}

TEST(close_with_unread_data_resets)
{
	char c;
	int fd[2];

	pair(fd);
	CHECK_EQ(write(fd[0], "unread", 6), 6);
	CHECK(ready(fd[1], POLLIN) & POLLIN);
	close(fd[1]);
	ready(fd[0], POLLIN);
	CHECK_ERR(read(fd[0], &c, 1), ECONNRESET);
}

TEST(nonblocking_connect_is_told_by_poll)
{
	struct sockaddr_in a;
	int l = listener(&a, 5), fd = stream(SOCK_NONBLOCK), err = -1;
	socklen_t len = sizeof(err);

	if (connect(fd, (void *)&a, sizeof(a)) != 0)
		CHECK_EQ(errno, EINPROGRESS);
	CHECK(ready(fd, POLLOUT) & POLLOUT);
	CHECK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0);
	CHECK_EQ(err, 0);
	close(l);
	close(fd);
	fd = stream(SOCK_NONBLOCK);
	if (connect(fd, (void *)&a, sizeof(a)) != 0 && errno == EINPROGRESS) {
		CHECK(ready(fd, POLLOUT) & POLLERR);
		CHECK(getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0);
		CHECK_EQ(err, ECONNREFUSED);
	}
}

TEST(accept_without_blocking_says_again)
{
	struct sockaddr_in a;
	int l = listener(&a, 5);

	fcntl(l, F_SETFL, O_NONBLOCK);
	CHECK_ERR(accept(l, NULL, NULL), EAGAIN);
	CHECK_EQ(ready_now(l, POLLIN), 0);
}

TEST(accept_queue_is_in_order_and_readable)
{
	struct sockaddr_in a, b, c;
	socklen_t len = sizeof(b);
	int l = listener(&a, 8), fd[3];

	for (int i = 0; i < 3; i++) {
		fd[i] = stream(0);
		CHECK(connect(fd[i], (void *)&a, sizeof(a)) == 0);
	}
	CHECK(ready(l, POLLIN) & POLLIN);
	for (int i = 0; i < 3; i++) {
		CHECK(accept(l, (void *)&b, &len) >= 0);
		CHECK(getsockname(fd[i], (void *)&c, &len) == 0);
		CHECK_EQ(b.sin_port, c.sin_port);
	}
}

TEST(a_listener_that_closes_resets_whom_it_has)
{
	struct sockaddr_in a;
	int l = listener(&a, 5), fd = stream(0);
	char c;

	CHECK(connect(fd, (void *)&a, sizeof(a)) == 0);
	close(l);
	CHECK_ERR(read(fd, &c, 1), ECONNRESET);
}

TEST(peek_leaves_waitall_waits_dontwait_does_not)
{
	char buf[16];
	int fd[2];

	pair(fd);
	CHECK_ERR(recv(fd[1], buf, 4, MSG_DONTWAIT), EAGAIN);
	CHECK_EQ(write(fd[0], "abcd", 4), 4);
	CHECK_EQ(recv(fd[1], buf, 4, MSG_PEEK), 4);
	CHECK_EQ(recv(fd[1], buf, 2, MSG_WAITALL), 2);
	if (fork() == 0) {
		usleep(20000);
		_exit(write(fd[0], "efgh", 4) != 4);
	}
	CHECK_EQ(recv(fd[1], buf, 6, MSG_WAITALL), 6);
	CHECK(!memcmp(buf, "cdefgh", 6));
	CHECK_EQ(write(fd[0], "trash", 5), 5);
	CHECK_EQ(recv(fd[1], NULL, 5, MSG_TRUNC), 5);
	wait(NULL);
}

TEST(one_urgent_byte_out_of_the_stream)
{
	char buf[8];
	int fd[2], mark;

	pair(fd);
	CHECK_EQ(send(fd[0], "ab", 2, 0), 2);
	CHECK_EQ(send(fd[0], "U", 1, MSG_OOB), 1);
	CHECK_EQ(send(fd[0], "cd", 2, 0), 2);
	CHECK(ready(fd[1], POLLPRI) & POLLPRI);
	CHECK_EQ(recv(fd[1], buf, 1, MSG_OOB), 1);
	CHECK_EQ(buf[0], 'U');
	CHECK_ERR(recv(fd[1], buf, 1, MSG_OOB), EINVAL);
	CHECK_EQ(read(fd[1], buf, 8), 2);     /* stops before it */
	CHECK(ioctl(fd[1], SIOCATMARK, &mark) == 0 && mark == 1);
	CHECK_EQ(recv(fd[1], buf, 2, MSG_WAITALL), 2);
	CHECK(!memcmp(buf, "cd", 2));
}

TEST(ports_are_shared_by_consent_only)
{
	struct sockaddr_in a;
	int l = listener(&a, 1), fd = stream(0), on = 1, x, y;

	CHECK_ERR(bind(fd, (void *)&a, sizeof(a)), EADDRINUSE);
	CHECK(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, 4) == 0);
	CHECK_ERR(bind(fd, (void *)&a, sizeof(a)), EADDRINUSE);
	close(l);
	x = stream(0);
	y = stream(0);
	a = local(0);
	CHECK(setsockopt(x, SOL_SOCKET, SO_REUSEPORT, &on, 4) == 0);
	CHECK(setsockopt(y, SOL_SOCKET, SO_REUSEPORT, &on, 4) == 0);
	CHECK(bind(x, (void *)&a, sizeof(a)) == 0);
	socklen_t len = sizeof(a);
	CHECK(getsockname(x, (void *)&a, &len) == 0);
	CHECK(bind(y, (void *)&a, sizeof(a)) == 0);
	CHECK(listen(x, 1) == 0 && listen(y, 1) == 0);
}

TEST(time_wait_holds_the_port_of_who_closed_first)
{
	struct sockaddr_in a;
	int l = listener(&a, 5), fd = stream(0), s, again, on = 1;
	char c;

	CHECK(connect(fd, (void *)&a, sizeof(a)) == 0);
	s = accept(l, NULL, NULL);
	close(s);                             /* the server's side waits */
	CHECK_EQ(read(fd, &c, 1), 0);
	close(fd);
	close(l);
	usleep(10000);
	again = stream(0);
	CHECK_ERR(bind(again, (void *)&a, sizeof(a)), EADDRINUSE);
	close(again);
	again = stream(0);
	CHECK(setsockopt(again, SOL_SOCKET, SO_REUSEADDR, &on, 4) == 0);
	l = stream(0);
	CHECK(setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &on, 4) == 0);
	CHECK_EQ(bind(again, (void *)&a, sizeof(a)), -1);
}

#define MANY (4 << 20)

static unsigned int next(unsigned int *seed)
{
	return *seed = *seed * 1664525u + 1013904223u;
}

/* Write MANY bytes in pieces of odd sizes. */
static void pour(int fd)
{
	static unsigned char buf[70000];
	unsigned int seed = 1, at = 0, done = 0;

	while (done < MANY) {
		unsigned int n = 1 + (done * 7) % 65000;

		if (n > MANY - done)
			n = MANY - done;
		for (unsigned int i = 0; i < n; i++)
			buf[i] = next(&seed) >> 24;
		for (at = 0; at < n; ) {
			ssize_t w = write(fd, buf + at, n - at);

			if (w <= 0)
				_exit(1);
			at += w;
		}
		done += n;
	}
}

TEST(four_megabytes_arrive_whole)
{
	static unsigned char buf[50000];
	unsigned int seed = 1, done = 0, wrong = 0;
	int fd[2], status;
	ssize_t n;

	pair(fd);
	if (fork() == 0) {
		close(fd[1]);
		pour(fd[0]);
		_exit(0);
	}
	close(fd[0]);
	while ((n = read(fd[1], buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			wrong += buf[i] != next(&seed) >> 24;
		done += n;
	}
	CHECK_EQ(done, MANY);
	CHECK_EQ(wrong, 0);
	CHECK(wait(&status) > 0 && status == 0);
}

TEST(a_full_pipe_is_not_writable_until_read)
{
	static char buf[65536];
	int fd[2];
	long in = 0, out = 0, n;

	pair(fd);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	fcntl(fd[1], F_SETFL, O_NONBLOCK);
	for (;;) {
		n = write(fd[0], buf, sizeof(buf));
		if (n > 0)
			in += n;
		else if (!(ready_now(fd[0], POLLOUT) & POLLOUT))
			break;
	}
	CHECK(in > 65536);
	while (out < in) {
		n = read(fd[1], buf, sizeof(buf));
		if (n > 0)
			out += n;
		else
			ready(fd[1], POLLIN);
	}
	CHECK_EQ(out, in);
	CHECK(ready(fd[0], POLLOUT) & POLLOUT);
}

TEST(epoll_tells_edges)
{
	struct epoll_event e = { EPOLLIN | EPOLLET, { 0 } };
	int fd[2], ep = epoll_create1(0);
	char buf[4];

	pair(fd);
	CHECK(epoll_ctl(ep, EPOLL_CTL_ADD, fd[1], &e) == 0);
	CHECK_EQ(epoll_wait(ep, &e, 1, 0), 0);
	CHECK_EQ(write(fd[0], "a", 1), 1);
	CHECK_EQ(epoll_wait(ep, &e, 1, 1000), 1);
	CHECK_EQ(epoll_wait(ep, &e, 1, 0), 0);
	CHECK_EQ(write(fd[0], "b", 1), 1);
	CHECK_EQ(epoll_wait(ep, &e, 1, 1000), 1);
	CHECK_EQ(read(fd[1], buf, 4), 2);
	close(fd[0]);
	CHECK_EQ(epoll_wait(ep, &e, 1, 1000), 1);
	CHECK_EQ(read(fd[1], buf, 4), 0);
}

TEST(receive_low_water_mark_delays_poll)
{
	int fd[2], low = 4;

	pair(fd);
	CHECK(setsockopt(fd[1], SOL_SOCKET, SO_RCVLOWAT, &low, 4) == 0);
	CHECK_EQ(write(fd[0], "abc", 3), 3);
	usleep(10000);
	CHECK_EQ(ready_now(fd[1], POLLIN), 0);
	CHECK_EQ(write(fd[0], "d", 1), 1);
	CHECK(ready(fd[1], POLLIN) & POLLIN);
}

static int option(int fd, int name)
{
	int val = -1;
	socklen_t len = sizeof(val);

	CHECK(getsockopt(fd, IPPROTO_TCP, name, &val, &len) == 0);
	return val;
}

TEST(options_have_their_defaults_and_limits)
{
	int fd = stream(0), v;
	char name[16] = "";
	socklen_t len = sizeof(name);

	CHECK_EQ(option(fd, TCP_NODELAY), 0);
	v = 1;
	CHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &v, 4) == 0);
	CHECK_EQ(option(fd, TCP_NODELAY), 1);
	CHECK_EQ(option(fd, TCP_KEEPIDLE), 7200);
	CHECK_EQ(option(fd, TCP_KEEPINTVL), 75);
	CHECK_EQ(option(fd, TCP_KEEPCNT), 9);
	v = 0;
	CHECK_ERR(setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &v, 4), EINVAL);
	v = 32768;
	CHECK_ERR(setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &v, 4), EINVAL);
	v = 100;
	CHECK(setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &v, 4) == 0);
	CHECK_EQ(option(fd, TCP_KEEPIDLE), 100);
	v = -1;
	CHECK_ERR(setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &v, 4),
		  EINVAL);
	CHECK_ERR(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &v, 3), EINVAL);
	CHECK_ERR(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, (void *)8, 4),
		  EFAULT);
	CHECK_ERR(setsockopt(fd, IPPROTO_TCP, 999, &v, 4), ENOPROTOOPT);
	CHECK(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4) == 0);
	CHECK(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len) == 0);
	CHECK(!strcmp(name, "reno"));
	CHECK_ERR(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "none", 4),
		  ENOENT);
}

TEST(cork_holds_back_until_it_is_pulled)
{
	char buf[8];
	int fd[2], on = 1;

	pair(fd);
	CHECK(setsockopt(fd[0], IPPROTO_TCP, TCP_CORK, &on, 4) == 0);
	CHECK_EQ(write(fd[0], "abc", 3), 3);
	CHECK_ERR(recv(fd[1], buf, 8, MSG_DONTWAIT), EAGAIN);
	on = 0;
	CHECK(setsockopt(fd[0], IPPROTO_TCP, TCP_CORK, &on, 4) == 0);
	CHECK_EQ(read(fd[1], buf, 8), 3);
}

TEST(info_counts_what_was_sent)
{
	struct tcp_info i = { 0 };
	socklen_t len = sizeof(i);
	char buf[100];
	int fd[2];

	pair(fd);
	CHECK_EQ(write(fd[0], buf, 100), 100);
	CHECK_EQ(recv(fd[1], buf, 100, MSG_WAITALL), 100);
	CHECK(getsockopt(fd[1], IPPROTO_TCP, TCP_INFO, &i, &len) == 0);
	CHECK_EQ(i.tcpi_state, TCP_ESTABLISHED);
	CHECK(i.tcpi_options & TCPI_OPT_TIMESTAMPS);
	CHECK(i.tcpi_options & TCPI_OPT_SACK);
	CHECK(i.tcpi_options & TCPI_OPT_WSCALE);
	CHECK(i.tcpi_snd_mss > 1000 && i.tcpi_snd_cwnd >= 10);
	CHECK_EQ(i.tcpi_bytes_received, 100);
}

TEST(calls_in_the_wrong_state_say_so)
{
	struct sockaddr_in a, short_one = local(1);
	int l = listener(&a, 1), fd = stream(0);
	char c;

	signal(SIGPIPE, SIG_IGN);
	CHECK_ERR(read(fd, &c, 1), ENOTCONN);
	CHECK_ERR(write(fd, &c, 1), EPIPE);
	CHECK_ERR(shutdown(fd, SHUT_WR), ENOTCONN);
	CHECK_ERR(accept(fd, NULL, NULL), EINVAL);
	CHECK_ERR(getpeername(fd, (void *)&a, &(socklen_t){ 16 }), ENOTCONN);
	CHECK_ERR(connect(fd, (void *)&short_one, 8), EINVAL);
	CHECK_ERR(setsockopt(fd, IPPROTO_TCP, 31, "none", 5), ENOENT);
	CHECK_ERR(read(l, &c, 1), ENOTCONN);
	CHECK_EQ(ready_now(fd, POLLIN | POLLOUT) & (POLLHUP | POLLOUT),
		 POLLHUP | POLLOUT);
	CHECK(connect(fd, (void *)&a, sizeof(a)) == 0);
	CHECK_ERR(connect(fd, (void *)&a, sizeof(a)), EISCONN);
	CHECK_ERR(listen(fd, 1), EINVAL);
}

TEST(a_socket_connects_to_itself)
{
	struct sockaddr_in a = local(0);
	socklen_t len = sizeof(a);
	int fd = stream(0);
	char c = 0;

	CHECK(bind(fd, (void *)&a, len) == 0);
	CHECK(getsockname(fd, (void *)&a, &len) == 0);
	CHECK(connect(fd, (void *)&a, len) == 0);
	CHECK_EQ(write(fd, "s", 1), 1);
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(c, 's');
}

TEST(bytes_waiting_are_counted)
{
	int fd[2], n = -1;

	pair(fd);
	CHECK_EQ(write(fd[0], "12345", 5), 5);
	CHECK(ready(fd[1], POLLIN) & POLLIN);
	CHECK(ioctl(fd[1], FIONREAD, &n) == 0 && n == 5);
	shutdown(fd[0], SHUT_WR);
	ready(fd[1], POLLRDHUP);
	CHECK(ioctl(fd[1], FIONREAD, &n) == 0 && n == 5);
}

TEST(disconnect_and_connect_elsewhere)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	struct sockaddr_in a;
	int l = listener(&a, 5), fd = stream(0), s;
	char c;

	CHECK(connect(fd, (void *)&a, sizeof(a)) == 0);
	s = accept(l, NULL, NULL);
	CHECK(connect(fd, &unspec, sizeof(unspec)) == 0);
	CHECK_ERR(read(s, &c, 1), ECONNRESET);
	CHECK(connect(fd, (void *)&a, sizeof(a)) == 0);
	s = accept(l, NULL, NULL);
	CHECK_EQ(write(s, "y", 1), 1);
	CHECK_EQ(read(fd, &c, 1), 1);
}

TEST(a_receiver_waits_no_longer_than_its_timeout)
{
	struct timeval tv = { 0, 20000 };
	char c;
	int fd[2];

	pair(fd);
	CHECK(setsockopt(fd[0], SOL_SOCKET, SO_RCVTIMEO, &tv,
			 sizeof(tv)) == 0);
	CHECK_ERR(read(fd[0], &c, 1), EAGAIN);
}

/* The type of service is part of what a route is looked up by. */
TEST(a_new_type_of_service_amid_a_connection)
{
	int fd[2], tos = 0x10;
	char c;

	pair(fd);
	CHECK(setsockopt(fd[0], IPPROTO_IP, IP_TOS, &tos, sizeof(tos)) == 0);
	CHECK_EQ(write(fd[0], "x", 1), 1);
	CHECK_EQ(read(fd[1], &c, 1), 1);
	CHECK_EQ(write(fd[1], "y", 1), 1);
	CHECK_EQ(read(fd[0], &c, 1), 1);
}

TAP_MAIN()
