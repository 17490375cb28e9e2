/* SPDX-License-Identifier: MIT */
/*
 * net_splice.c -- sendfile and splice, to sockets and from them
 *
 * A stream that files' pages go into is as whole as one that was written; a
 * page is sent as it is when it is taken, for it was never copied.
 */
#define _GNU_SOURCE
#include "tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define K 1024
#define BIG (700 * K + 123)

static unsigned char data[BIG], back[BIG];

/* s[0] and s[1], connected over loopback: 0 or -1. */
static int tcp_pair(int s[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, SOCK_STREAM, 0);

	if (l < 0 || bind(l, (void *)&a, sizeof(a)) || listen(l, 1) ||
	    getsockname(l, (void *)&a, &len))
		return -1;
	s[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (s[0] < 0 || connect(s[0], (void *)&a, sizeof(a)))
		return -1;
	s[1] = accept(l, NULL, NULL);
	close(l);
	return s[1] < 0 ? -1 : 0;
}

static int filled(const char *name, size_t n)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i * 7 + i / 4096;
	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		return -1;
	return fd;
}

static size_t read_all(int fd, unsigned char *to, size_t n)
{
	size_t done = 0;
	ssize_t r;

	while (done < n && (r = read(fd, to + done, n - done)) > 0)
		done += r;
	return done;
}

TEST(a_file_goes_through_a_stream_whole)
{
	int s[2], f = filled("ns_f", BIG), st;
	off_t off = 3;
	pid_t pid;

	NEED(f >= 0 && tcp_pair(s) == 0);
	pid = fork();
	if (pid == 0) {
		size_t n;

		close(s[0]);
		n = read_all(s[1], back, BIG);
		_exit(n != BIG - 3 || memcmp(back, data + 3, BIG - 3));
	}
	close(s[1]);
	while (off < BIG)
		if (sendfile(s[0], f, &off, BIG - off) <= 0)
			break;
	CHECK_EQ(off, BIG);
	close(s[0]);
	CHECK_EQ(waitpid(pid, &st, 0), pid);
	CHECK_EQ(st, 0);
	close(f);
}

TEST(what_is_sent_is_the_page_and_no_copy)
{
	int s[2], f = filled("ns_f", 4096);
	off_t off = 0;

	NEED(f >= 0 && tcp_pair(s) == 0);
	CHECK_EQ(sendfile(s[0], f, &off, 4096), 4096);
	CHECK_EQ(pwrite(f, "NEW", 3, 100), 3);
	CHECK_EQ(read_all(s[1], back, 4096), 4096);
	CHECK(!memcmp(back + 100, "NEW", 3));
	CHECK(!memcmp(back, data, 100));
	close(s[0]);
	close(s[1]);
	close(f);
}

TEST(writes_and_pages_keep_their_order)
{
	int s[2], f = filled("ns_f", 10000);
	size_t n = 0;

	NEED(f >= 0 && tcp_pair(s) == 0);
	for (int i = 0; i < 20; i++) {
		off_t off = i * 37;

		CHECK_EQ(write(s[0], "head", 4), 4);
		CHECK_EQ(sendfile(s[0], f, &off, 100 + i), 100 + i);
	}
	shutdown(s[0], SHUT_WR);
	for (int i = 0; i < 20; i++) {
		CHECK_EQ(read_all(s[1], back, 104 + i), 104 + i);
		n += memcmp(back, "head", 4) ||
		     memcmp(back + 4, data + i * 37, 100 + i);
	}
	CHECK_EQ(n, 0);
	CHECK_EQ(read(s[1], back, 1), 0);
	close(s[0]);
	close(s[1]);
	close(f);
}

TEST(a_full_stream_takes_what_fits_and_says_so)
{
	int s[2], f = filled("ns_f", BIG), small = 32 * K, full = 0;
	off_t off = 0, got = 0;
	ssize_t n;

	NEED(f >= 0 && tcp_pair(s) == 0);
	setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	fcntl(s[0], F_SETFL, O_NONBLOCK);
	fcntl(s[1], F_SETFL, O_NONBLOCK);
	while (got < BIG) {
		struct pollfd pfd[2] = { { .fd = s[1], .events = POLLIN },
					 { .fd = s[0] } };
		off_t before = off;

		while (off < BIG && (n = sendfile(s[0], f, &off,
						  BIG - off)) > 0) {
			CHECK_EQ(off, before + n);
			before = off;
		}
		if (off < BIG) {
			CHECK_EQ(errno, EAGAIN);
			CHECK_EQ(off, before);
			full++;
			pfd[1].events = POLLOUT;
		}
		NEED(poll(pfd, 2, 5000) > 0);
		n = read(s[1], back + got, BIG - got);
		if (n > 0)
			got += n;
	}
	CHECK_EQ(got, BIG);
	CHECK(full > 0);
	CHECK(!memcmp(back, data, BIG));
	close(s[0]);
	close(s[1]);
	close(f);
}

TEST(a_stream_goes_through_a_pipe_into_a_file)
{
	int s[2], p[2], f = filled("ns_f", BIG), st;
	int out = open("ns_out", O_RDWR | O_CREAT | O_TRUNC, 0600);
	size_t done = 0;
	ssize_t n, m;
	pid_t pid;

	NEED(f >= 0 && out >= 0 && tcp_pair(s) == 0 && pipe(p) == 0);
	pid = fork();
	if (pid == 0) {
		size_t at = 0;

		for (; at < BIG; at += n) {
			size_t want = BIG - at < 5000 ? BIG - at : 5000;

			n = write(s[0], data + at, want);
			if (n <= 0)
				_exit(1);
		}
		_exit(0);
	}
	close(s[0]);
	while ((n = splice(s[1], NULL, p[1], NULL, 60000, 0)) > 0) {
		for (; n > 0; n -= m) {
			m = splice(p[0], NULL, out, NULL, n, 0);
			if (m <= 0)
				break;
			done += m;
		}
	}
	CHECK_EQ(n, 0);                 /* the end */
	CHECK_EQ(done, BIG);
	CHECK_EQ(pread(out, back, BIG, 0), BIG);
	CHECK(!memcmp(back, data, BIG));
	waitpid(pid, &st, 0);
	CHECK_EQ(st, 0);
	close(s[1]);
	close(p[0]);
	close(p[1]);
	close(out);
	close(f);
}

TEST(splice_from_a_stream_says_what_is_wrong)
{
	int s[2], p[2], l = socket(AF_INET, SOCK_STREAM, 0);

	NEED(tcp_pair(s) == 0 && pipe(p) == 0 && l >= 0);
	CHECK_ERR(splice(s[1], NULL, s[0], NULL, 10, 0), EINVAL);
	fcntl(s[1], F_SETFL, O_NONBLOCK);
	CHECK_ERR(splice(s[1], NULL, p[1], NULL, 10, 0), EAGAIN);
	CHECK_EQ(write(s[0], "abc", 3), 3);
	CHECK_EQ(splice(s[1], NULL, p[1], NULL, 2, 0), 2);
	CHECK_EQ(splice(s[1], NULL, p[1], NULL, 10, 0), 1);
	CHECK_EQ(read(p[0], back, 10), 3);
	CHECK(!memcmp(back, "abc", 3));
	CHECK_ERR(splice(l, NULL, p[1], NULL, 10, 0), ENOTCONN);
	close(p[0]);
	signal(SIGPIPE, SIG_IGN);
	CHECK_EQ(write(s[0], "d", 1), 1);
	fcntl(s[1], F_SETFL, 0);
	CHECK_ERR(splice(s[1], NULL, p[1], NULL, 10, 0), EPIPE);
	close(s[0]);
	close(s[1]);
	close(p[1]);
	close(l);
}

TEST(sendfile_to_a_peer_that_is_gone_is_a_broken_pipe)
{
	int s[2], f = filled("ns_f", 4096);
	struct linger hard = { 1, 0 };
	off_t off = 0;

	NEED(f >= 0 && tcp_pair(s) == 0);
	signal(SIGPIPE, SIG_IGN);
	shutdown(s[0], SHUT_WR);
	CHECK_ERR(sendfile(s[0], f, &off, 100), EPIPE);
	CHECK_EQ(off, 0);
	close(s[0]);
	close(s[1]);
	NEED(tcp_pair(s) == 0);
	setsockopt(s[0], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(s[0]);
	CHECK_ERR(sendfile(s[1], f, &off, 100), ECONNRESET);
	close(s[1]);
	close(f);
}

TEST(other_families_get_the_bytes)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int u[2], r = socket(AF_INET, SOCK_DGRAM, 0), f = filled("ns_f", 9000);
	int w = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = sizeof(a);
	off_t off = 0;

	NEED(f >= 0 && r >= 0 && w >= 0 &&
	     socketpair(AF_UNIX, SOCK_STREAM, 0, u) == 0);
	NEED(!bind(r, (void *)&a, len) && !getsockname(r, (void *)&a, &len) &&
	     !connect(w, (void *)&a, sizeof(a)));
	CHECK_EQ(sendfile(u[0], f, &off, 9000), 9000);
	CHECK_EQ(read_all(u[1], back, 9000), 9000);
	CHECK(!memcmp(back, data, 9000));
	off = 0;
	CHECK_EQ(sendfile(w, f, &off, 6000), 6000);
	CHECK_EQ(recv(r, back, BIG, 0), 6000); /* one datagram */
	CHECK(!memcmp(back, data, 6000));
	close(u[0]);
	close(u[1]);
	close(r);
	close(w);
	close(f);
}

TAP_MAIN()
