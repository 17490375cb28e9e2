/* SPDX-License-Identifier: MIT */
/* unix_rights.c -- what messages carry: descriptors, credentials; the
 * collector */

#include "tap.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

union control {
	struct cmsghdr h;
	char buf[CMSG_SPACE(sizeof(int) * 300)];
};

/* Send text with n descriptors; the result of sendmsg. */
static ssize_t send_fds(int s, const char *text, const int *fds, int n)
{
	union control c;
	struct iovec iov = { (void *)text, strlen(text) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = &c, .msg_controllen =
			    CMSG_SPACE(n * sizeof(int)) };

	memset(&c, 0, sizeof(c));
	c.h = (struct cmsghdr){ .cmsg_len = CMSG_LEN(n * sizeof(int)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&c.h), fds, n * sizeof(int));
	return syscall(SYS_sendmsg, s, &m, MSG_NOSIGNAL);
}

/* Receive with room for `room` descriptors; *n: how many came. */
static ssize_t recv_fds(int s, char *buf, size_t len, int *fds, int room,
			int *n, int flags, int *mflags)
{
	union control c;
	struct iovec iov = { buf, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = room ? &c : NULL,
			    .msg_controllen = room ?
			    CMSG_LEN(room * sizeof(int)) : 0 };
	ssize_t got = recvmsg(s, &m, flags);

	*n = 0;
	if (mflags)
		*mflags = m.msg_flags;
	if (got >= 0 && m.msg_controllen >= sizeof(c.h) &&
	    c.h.cmsg_type == SCM_RIGHTS) {
		*n = (c.h.cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(&c.h), *n * sizeof(int));
	}
	return got;
}

TEST(a_descriptor_arrives_as_the_same_open_file)
{
	int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET }, p[2], s[2];
	char buf[8];
	int fd, n;

	for (int t = 0; t < 3; t++) {
		NEED(socketpair(AF_UNIX, types[t], 0, s) == 0 && pipe(p) == 0);
		CHECK_EQ(send_fds(s[0], "x", &p[1], 1), 1);
		close(p[1]);
		CHECK_EQ(recv_fds(s[1], buf, 8, &fd, 1, &n, MSG_CMSG_CLOEXEC,
				  NULL), 1);
		NEED(n == 1);
		CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
		CHECK_EQ(write(fd, "data", 4), 4);
		close(fd);
		CHECK_EQ(read(p[0], buf, 8), 4);
		CHECK_EQ(read(p[0], buf, 8), 0);
		close(p[0]);
		close(s[0]);
		close(s[1]);
	}
}

TEST(a_read_of_no_byte_takes_the_descriptors)
{
	int s[2], p[2], fd, n;
	char buf[8];

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0 && pipe(p) == 0);
	CHECK_ERR(recv_fds(s[1], buf, 0, &fd, 1, &n, MSG_DONTWAIT, NULL),
		  EAGAIN);
	CHECK_EQ(send_fds(s[0], "x", &p[1], 1), 1);
	CHECK_EQ(recv_fds(s[1], buf, 0, &fd, 1, &n, 0, NULL), 0);
	CHECK_EQ(n, 1);
	CHECK_EQ(write(fd, "y", 1), 1);
	CHECK_EQ(recv_fds(s[1], buf, 8, &fd, 1, &n, 0, NULL), 1);
	CHECK_EQ(n, 0);
}

TEST(descriptors_without_room_are_closed)
{
	int s[2], p[2], fds[4], n, mf;
	char buf[8];

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0 && pipe(p) == 0);
	fds[0] = fds[1] = fds[2] = p[1];
	CHECK_EQ(send_fds(s[0], "x", fds, 3), 1);
	close(p[1]);
	CHECK_EQ(recv_fds(s[1], buf, 8, fds, 2, &n, 0, &mf), 1);
	CHECK_EQ(n, 2);
	CHECK_EQ(mf, MSG_CTRUNC);
	close(fds[0]);
	close(fds[1]);
	CHECK_EQ(read(p[0], buf, 8), 0);
	NEED(pipe(p) == 0);
	CHECK_EQ(send_fds(s[0], "x", &p[1], 1), 1);
	close(p[1]);
	CHECK_EQ(recv_fds(s[1], buf, 8, fds, 0, &n, 0, &mf), 1);
	CHECK_EQ(mf, MSG_CTRUNC);
	CHECK_EQ(read(p[0], buf, 8), 0);
	/* Read by read(2), and thrown away with the queue. */
	NEED(pipe(p) == 0);
	CHECK_EQ(send_fds(s[0], "x", &p[1], 1), 1);
	CHECK_EQ(read(s[1], buf, 8), 1);
	CHECK_EQ(send_fds(s[0], "x", &p[1], 1), 1);
	close(p[1]);
	close(s[0]);
	close(s[1]);
	CHECK_EQ(read(p[0], buf, 8), 0);
}

TEST(a_read_stops_where_descriptors_are)
{
	int s[2], p[2], fd, n;
	char buf[32];

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0 && pipe(p) == 0);
	CHECK_EQ(write(s[0], "before", 6), 6);
	CHECK_EQ(send_fds(s[0], "with", p, 1), 4);
	CHECK_EQ(write(s[0], "after", 5), 5);
	CHECK_EQ(recv_fds(s[1], buf, 32, &fd, 1, &n, 0, NULL), 10);
	CHECK_EQ(n, 1);
	close(fd);
	CHECK_EQ(recv_fds(s[1], buf, 32, &fd, 1, &n, 0, NULL), 5);
	CHECK_EQ(n, 0);
	/* The descriptors come with the first byte, once. */
	CHECK_EQ(send_fds(s[0], "12", p, 1), 2);
	CHECK_EQ(recv_fds(s[1], buf, 1, &fd, 1, &n, MSG_PEEK, NULL), 1);
	CHECK_EQ(n, 1);
	close(fd);
	CHECK_EQ(recv_fds(s[1], buf, 1, &fd, 1, &n, 0, NULL), 1);
	CHECK_EQ(n, 1);
	close(fd);
	CHECK_EQ(recv_fds(s[1], buf, 1, &fd, 1, &n, 0, NULL), 1);
	CHECK_EQ(n, 0);
}

TEST(bad_control_messages_are_refused)
{
	int s[2], u, fds[300], n;
	char buf[8];
	union control c;
	struct iovec iov = { "x", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = &c };

	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
	fds[0] = 999;
	CHECK_ERR(send_fds(s[0], "x", fds, 1), EBADF);
	fds[0] = -1;
	CHECK_ERR(send_fds(s[0], "x", fds, 1), EBADF);
	for (int i = 0; i < 300; i++)
		fds[i] = 0;
	CHECK_ERR(send_fds(s[0], "x", fds, 254), EINVAL);
	CHECK_EQ(send_fds(s[0], "x", fds, 253), 1);
	CHECK_EQ(recv_fds(s[1], buf, 8, fds, 253, &n, 0, NULL), 1);
	CHECK_EQ(n, 253);
	memset(&c, 0, sizeof(c));
	m.msg_controllen = CMSG_SPACE(4);
	c.h = (struct cmsghdr){ .cmsg_len = 3, .cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS };
	CHECK_ERR(syscall(SYS_sendmsg, s[0], &m, 0), EINVAL);
	c.h.cmsg_len = CMSG_SPACE(4) + 1;
	CHECK_ERR(syscall(SYS_sendmsg, s[0], &m, 0), EINVAL);
	c.h.cmsg_len = -1u;
	CHECK_ERR(syscall(SYS_sendmsg, s[0], &m, 0), EINVAL);
	c.h.cmsg_len = CMSG_LEN(4);
	c.h.cmsg_type = 77;
	CHECK_ERR(syscall(SYS_sendmsg, s[0], &m, 0), EINVAL);
	c.h.cmsg_level = 77;
	CHECK_EQ(syscall(SYS_sendmsg, s[0], &m, 0), 1);
	m.msg_controllen = 1 << 20;
	CHECK_ERR(syscall(SYS_sendmsg, s[0], &m, 0), ENOBUFS);
	m.msg_controllen = 100;
	m.msg_control = (void *)8;
	CHECK_ERR(syscall(SYS_sendmsg, s[0], &m, 0), EFAULT);
	m.msg_control = NULL;
	m.msg_controllen = 0;
	m.msg_iovlen = 1025;
	CHECK_ERR(syscall(SYS_sendmsg, s[0], &m, 0), EMSGSIZE);
	u = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_ERR(send_fds(u, "x", fds, 1), ENOTCONN);
}

/* Credentials that came with a message; 0 if none did. */
static int recv_creds(int s, struct ucred *uc)
{
	union control c;
	char b[8];
	struct iovec iov = { b, 8 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = &c, .msg_controllen = sizeof(c) };

	if (recvmsg(s, &m, 0) < 0 || m.msg_controllen < CMSG_LEN(sizeof(*uc)) ||
	    c.h.cmsg_type != SCM_CREDENTIALS)
		return 0;
	memcpy(uc, CMSG_DATA(&c.h), sizeof(*uc));
	return 1;
}

static ssize_t send_creds(int s, struct ucred uc)
{
	union control c;
	struct iovec iov = { "c", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = &c,
			    .msg_controllen = CMSG_SPACE(sizeof(uc)) };

	c.h = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(uc)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_CREDENTIALS };
	memcpy(CMSG_DATA(&c.h), &uc, sizeof(uc));
	return sendmsg(s, &m, 0);
}

TEST(credentials_are_the_senders)
{
	struct ucred me = { getpid(), getuid(), getgid() }, uc;
	socklen_t n = sizeof(uc);
	int s[2], on = 1, status;
	pid_t pid;

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	CHECK_EQ(getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &uc, &n), 0);
	CHECK(uc.pid == me.pid && uc.uid == me.uid && n == sizeof(uc));
	CHECK_EQ(write(s[0], "x", 1), 1);
	CHECK(!recv_creds(s[1], &uc));
	NEED(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, 4) == 0);
	pid = fork();
	if (!pid)
		_exit(write(s[0], "x", 1) != 1);
	CHECK(recv_creds(s[1], &uc));
	CHECK(uc.pid == pid && uc.uid == me.uid && uc.gid == me.gid);
	waitpid(pid, &status, 0);
	CHECK_EQ(send_creds(s[0], me), 1);
	CHECK(recv_creds(s[1], &uc) && uc.pid == me.pid);
	if (geteuid())
		return;
	me.uid = 4711;
	CHECK_EQ(send_creds(s[0], me), 1);
	CHECK(recv_creds(s[1], &uc) && uc.uid == 4711);
	me.pid = 4000000;
	CHECK_ERR(send_creds(s[0], me), ESRCH);
	NEED(setresuid(1000, 1000, 1000) == 0);
	me.pid = getpid();
	CHECK_ERR(send_creds(s[0], me), EPERM);
	me.uid = 1000;
	CHECK_EQ(send_creds(s[0], me), 1);
	me.pid = 1;
	CHECK_ERR(send_creds(s[0], me), EPERM);
}

TEST(a_stream_read_does_not_mix_senders)
{
	struct ucred uc;
	char b[8];
	int s[2], on = 1, status;
	pid_t pid;

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	NEED(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, 4) == 0);
	CHECK_EQ(write(s[0], "aa", 2), 2);
	pid = fork();
	if (!pid)
		_exit(write(s[0], "bb", 2) != 2);
	waitpid(pid, &status, 0);
	CHECK(recv_creds(s[1], &uc) && uc.pid == getpid());
	CHECK_EQ(recv(s[1], b, 8, MSG_DONTWAIT), 2);
	CHECK(!memcmp(b, "bb", 2));
}

TEST(peercred_is_who_listened_and_who_connected)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	socklen_t len, n = sizeof(struct ucred);
	int l, c, status;
	struct ucred uc;
	pid_t pid;

	len = offsetof(struct sockaddr_un, sun_path) + 1 +
	      sprintf(a.sun_path + 1, "pc-%d", getpid());
	l = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	CHECK_EQ(getsockopt(l, SOL_SOCKET, SO_PEERCRED, &uc, &n), 0);
	CHECK(uc.pid == 0 && uc.uid == -1u && uc.gid == -1u);
	NEED(bind(l, (void *)&a, len) == 0 && listen(l, 5) == 0);
	pid = fork();
	if (!pid) {
		int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

		if (connect(fd, (void *)&a, len) ||
		    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &uc, &n))
			_exit(1);
		_exit(uc.pid != getppid());
	}
	c = accept(l, NULL, NULL);
	CHECK_EQ(getsockopt(c, SOL_SOCKET, SO_PEERCRED, &uc, &n), 0);
	CHECK_EQ(uc.pid, pid);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

/*
 * The other end of a pipe tells when the last descriptor of ours is gone: put
 * one into a ring of sockets, and drop the ring.
 */
static void ring(int n)
{
	int s[16][2], p[2];
	char c;

	NEED(pipe(p) == 0);
	for (int i = 0; i < n; i++)
		NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, s[i]) == 0);
	/* i's queue carries the next one's reading end; one has the pipe. */
	for (int i = 0; i < n; i++)
		CHECK_EQ(send_fds(s[i][0], "r", &s[(i + 1) % n][1], 1), 1);
	CHECK_EQ(send_fds(s[n / 2][0], "p", &p[1], 1), 1);
	close(p[1]);
	for (int i = 0; i < n; i++) {
		close(s[i][0]);
		close(s[i][1]);
	}
	/* Some socket's end starts the collector. */
	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, s[0]) == 0);
	close(s[0][0]);
	close(s[0][1]);
	CHECK_EQ(read(p[0], &c, 1), 0);
	close(p[0]);
}

TEST(rings_of_sockets_are_collected)
{
	alarm(20);
	ring(1);
	ring(2);
	ring(15);
}

TEST(what_can_be_reached_is_not_collected)
{
	int a[2], b[2], fd, n;
	char buf[8];

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, a) == 0 &&
	     socketpair(AF_UNIX, SOCK_STREAM, 0, b) == 0);
	CHECK_EQ(send_fds(b[0], "self", &b[1], 1), 4);
	CHECK_EQ(send_fds(a[0], "b", &b[1], 1), 1);
	CHECK_EQ(write(b[0], "alive", 5), 5);
	close(b[1]);
	for (int i = 0; i < 3; i++) {
		int x[2];

		NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, x) == 0);
		close(x[0]);
		close(x[1]);
	}
	CHECK_EQ(recv_fds(a[1], buf, 8, &fd, 1, &n, 0, NULL), 1);
	NEED(n == 1);
	CHECK_EQ(read(fd, buf, 4), 4);
	CHECK_EQ(read(fd, buf, 8), 5);
	CHECK(!memcmp(buf, "alive", 5));
}

/* A listener in its own backlog, by a connection that nobody accepts. */
TEST(a_ring_through_a_backlog_is_collected)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	socklen_t len;
	int l, c, p[2], x[2];
	char b;

	alarm(20);
	len = offsetof(struct sockaddr_un, sun_path) + 1 +
	      sprintf(a.sun_path + 1, "gl-%d", getpid());
	NEED(pipe(p) == 0);
	l = socket(AF_UNIX, SOCK_STREAM, 0);
	NEED(bind(l, (void *)&a, len) == 0 && listen(l, 5) == 0);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	NEED(connect(c, (void *)&a, len) == 0);
	x[0] = l;
	x[1] = p[1];
	CHECK_EQ(send_fds(c, "l", x, 2), 1);
	close(p[1]);
	close(l);
	close(c);
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, x) == 0);
	close(x[0]);
	close(x[1]);
	CHECK_EQ(read(p[0], &b, 1), 0);
}

TEST(descriptors_in_flight_are_limited)
{
	struct rlimit lim = { 20, 20 };
	int s[2], fd, n = 0;

	if (geteuid())
		SKIP("not root");
	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
	fd = 40000000;
	NEED(setsockopt(s[0], SOL_SOCKET, SO_SNDBUFFORCE, &fd, 4) == 0);
	fd = 0;
	NEED(setresuid(12321, 12321, 12321) == 0);
	NEED(setrlimit(RLIMIT_NOFILE, &lim) == 0);
	fcntl(s[0], F_SETFL, O_NONBLOCK);
	while (n < 100 && send_fds(s[0], "x", &fd, 1) == 1)
		n++;
	CHECK_EQ(errno, ETOOMANYREFS);
	CHECK_EQ(n, 21);
	while (recv(s[1], &fd, 1, MSG_DONTWAIT) > 0)
		;
	fd = 0;
	CHECK_EQ(send_fds(s[0], "x", &fd, 1), 1);
}

TAP_MAIN()
