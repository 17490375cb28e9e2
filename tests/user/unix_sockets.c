/* SPDX-License-Identifier: MIT */
/* unix_sockets.c -- UNIX sockets: names, connections, messages, errors */

#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

#ifndef SIOCOUTQ
#define SIOCOUTQ TIOCOUTQ
#endif

static char dir[64];

/* A directory of our own, and we in it. */
static void enter(void)
{
	strcpy(dir, "/tmp/unixXXXXXX");
	NEED(mkdtemp(dir) && chdir(dir) == 0);
}

static void leave(void)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	CHECK(chdir("/") == 0 && system(cmd) == 0);
}

static socklen_t name(struct sockaddr_un *a, const char *path)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	strcpy(a->sun_path, path);
	return offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1;
}

/* "#x" is the abstract name of this test's process. */
static socklen_t abstract(struct sockaddr_un *a, const char *text)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	return offsetof(struct sockaddr_un, sun_path) + 1 +
	       sprintf(a->sun_path + 1, "%s-%d", text, getpid());
}

static int bound(int type, struct sockaddr_un *a, socklen_t len)
{
	int fd = socket(AF_UNIX, type, 0);

	NEED(fd >= 0 && bind(fd, (void *)a, len) == 0);
	return fd;
}

static int listener(int type, struct sockaddr_un *a, socklen_t len, int backlog)
{
	int fd = bound(type, a, len);

	NEED(listen(fd, backlog) == 0);
	return fd;
}

static void nonblock(int fd)
{
	NEED(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
}

TEST(socket_checks_family_type_and_flags)
{
	int fd;

	CHECK_ERR(socket(-1, SOCK_STREAM, 0), EAFNOSUPPORT);
	CHECK_ERR(socket(99, SOCK_STREAM, 0), EAFNOSUPPORT);
	CHECK_ERR(socket(AF_UNIX, 0xf, 0), EINVAL);
	CHECK_ERR(socket(AF_UNIX, SOCK_STREAM | 0x10000, 0), EINVAL);
	CHECK_ERR(socket(AF_UNIX, SOCK_RDM, 0), ESOCKTNOSUPPORT);
	CHECK_ERR(socket(AF_UNIX, SOCK_STREAM, 17), EPROTONOSUPPORT);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 1);
	CHECK(fd >= 0);
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
	close(fd);
	CHECK_ERR(listen(0, 1), ENOTSOCK);
	CHECK_ERR(listen(999, 1), EBADF);
}

TEST(a_pair_is_connected_both_ways)
{
	char buf[16] = "";
	int s[2];

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	CHECK_EQ(write(s[0], "hello", 5), 5);
	CHECK_EQ(write(s[1], "hi", 2), 2);
	CHECK_EQ(read(s[1], buf, sizeof(buf)), 5);
	CHECK(!memcmp(buf, "hello", 5));
	CHECK_EQ(read(s[0], buf, sizeof(buf)), 2);
	close(s[0]);
	CHECK_EQ(read(s[1], buf, sizeof(buf)), 0);
	signal(SIGPIPE, SIG_IGN);
	CHECK_ERR(write(s[1], "x", 1), EPIPE);
	close(s[1]);
}

TEST(a_path_name_is_a_file_with_permissions)
{
	struct sockaddr_un a, got;
	socklen_t len, n = sizeof(got);
	struct stat st;
	int l, c, fd;

	enter();
	umask(022);
	len = name(&a, "s");
	l = listener(SOCK_STREAM, &a, len, 5);
	NEED(stat("s", &st) == 0);
	CHECK(S_ISSOCK(st.st_mode));
	CHECK_EQ(st.st_mode & 0777, 0755);
	CHECK_ERR(open("s", O_RDWR), ENXIO);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_ERR(bind(fd, (void *)&a, len), EADDRINUSE);
	CHECK_ERR(bind(l, (void *)&a, len), EADDRINUSE);
	name(&got, "t");
	CHECK_ERR(bind(l, (void *)&got, len), EINVAL);
	CHECK(access("t", F_OK) != 0);
	CHECK_EQ(getsockname(l, (void *)&got, &n), 0);
	CHECK_EQ(n, len);
	CHECK(!strcmp(got.sun_path, "s"));
	c = socket(AF_UNIX, SOCK_DGRAM, 0);
	CHECK_ERR(connect(c, (void *)&a, len), EPROTOTYPE);
	close(c);
	CHECK_EQ(connect(fd, (void *)&a, len), 0);
	n = sizeof(got);
	CHECK_EQ(getpeername(fd, (void *)&got, &n), 0);
	CHECK(n == len && !strcmp(got.sun_path, "s"));
	close(fd);
	close(l);
	CHECK(access("s", F_OK) == 0);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_ERR(connect(fd, (void *)&a, len), ECONNREFUSED);
	unlink("s");
	CHECK_ERR(connect(fd, (void *)&a, len), ENOENT);
	close(open("s", O_CREAT, 0644));
	CHECK_ERR(connect(fd, (void *)&a, len), ECONNREFUSED);
	leave();
}

TEST(who_may_not_write_the_file_may_not_connect)
{
	struct sockaddr_un a;
	socklen_t len;
	int l, c;

	if (geteuid())
		SKIP("not root");
	enter();
	chmod(".", 0755);
	len = name(&a, "s");
	l = listener(SOCK_STREAM, &a, len, 5);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	chmod("s", 0600);
	NEED(seteuid(65534) == 0);
	CHECK_ERR(connect(c, (void *)&a, len), EACCES);
	NEED(seteuid(0) == 0);
	chmod("s", 0622);
	NEED(seteuid(65534) == 0);
	CHECK_EQ(connect(c, (void *)&a, len), 0);
	NEED(seteuid(0) == 0);
	close(l);
	leave();
}

TEST(abstract_names_live_with_their_socket)
{
	struct sockaddr_un a, got;
	socklen_t len = abstract(&a, "abs"), n = sizeof(got);
	int l = listener(SOCK_STREAM, &a, len, 5), fd;

	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_ERR(bind(fd, (void *)&a, len), EADDRINUSE);
	CHECK_ERR(connect(fd, (void *)&a, len - 1), ECONNREFUSED);
	CHECK_EQ(connect(fd, (void *)&a, len), 0);
	CHECK_EQ(getpeername(fd, (void *)&got, &n), 0);
	CHECK(n == len && !memcmp(&got, &a, len));
	close(fd);
	/* Another type may have the same name. */
	close(bound(SOCK_DGRAM, &a, len));
	close(l);
	close(listener(SOCK_STREAM, &a, len, 5));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_ERR(connect(fd, (void *)&a, len), ECONNREFUSED);
}

TEST(autobind_gives_five_hex_digits)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX }, got;
	socklen_t n = sizeof(got);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	CHECK_EQ(getsockname(fd, (void *)&got, &n), 0);
	CHECK_EQ(n, sizeof(sa_family_t));
	CHECK_EQ(bind(fd, (void *)&a, sizeof(sa_family_t)), 0);
	n = sizeof(got);
	CHECK_EQ(getsockname(fd, (void *)&got, &n), 0);
	CHECK_EQ(n, sizeof(sa_family_t) + 6);
	CHECK(!got.sun_path[0] && strspn(got.sun_path + 1, "0123456789abcdef")
	      >= 5);
	CHECK_EQ(bind(fd, (void *)&a, sizeof(sa_family_t)), 0);
	close(fd);
}

TEST(addresses_are_checked)
{
	struct sockaddr_un a;
	socklen_t len = abstract(&a, "chk"), n;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char big[256] = { AF_UNIX };

	CHECK_ERR(bind(fd, (void *)&a, 0), EINVAL);
	CHECK_ERR(bind(fd, (void *)&a, -1), EINVAL);
	CHECK_ERR(bind(fd, (void *)big, 111), EINVAL);
	CHECK_ERR(bind(fd, (void *)big, 200), EINVAL);
	CHECK_ERR(bind(fd, (void *)8, len), EFAULT);
	a.sun_family = AF_INET;
	CHECK_ERR(bind(fd, (void *)&a, len), EINVAL);
	CHECK_ERR(connect(fd, (void *)&a, len), EINVAL);
	n = -1;
	CHECK_ERR(getsockname(fd, (void *)&a, &n), EINVAL);
	n = sizeof(a);
	CHECK_ERR(getsockname(fd, (void *)8, &n), EFAULT);
	CHECK_ERR(getsockname(fd, (void *)&a, (void *)8), EFAULT);
	CHECK_ERR(getpeername(fd, (void *)&a, &n), ENOTCONN);
	n = 1;
	CHECK_EQ(getsockname(fd, (void *)&a, &n), 0);
	CHECK_EQ(n, 2);
}

TEST(listen_and_connect_states)
{
	struct sockaddr_un a;
	socklen_t len = abstract(&a, "st");
	int l, c, d;

	c = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_ERR(listen(c, 1), EINVAL);
	CHECK_ERR(accept(c, NULL, NULL), EINVAL);
	CHECK_ERR(send(c, "x", 1, 0), ENOTCONN);
	CHECK_ERR(recv(c, &d, 1, 0), EINVAL);
	CHECK_EQ(shutdown(c, SHUT_RD), 0);
	CHECK_ERR(shutdown(c, 3), EINVAL);
	close(c);
	d = bound(SOCK_DGRAM, &a, len);
	CHECK_ERR(listen(d, 1), EOPNOTSUPP);
	CHECK_ERR(accept(d, NULL, NULL), EOPNOTSUPP);
	CHECK_ERR(send(d, "x", 1, 0), ENOTCONN);
	close(d);
	l = bound(SOCK_STREAM, &a, len);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	CHECK_ERR(connect(c, (void *)&a, len), ECONNREFUSED);
	CHECK_EQ(listen(l, 1), 0);
	CHECK_EQ(connect(c, (void *)&a, len), 0);
	CHECK_ERR(connect(c, (void *)&a, len), EISCONN);
	CHECK_ERR(connect(l, (void *)&a, len), EINVAL);
	CHECK_ERR(listen(c, 1), EINVAL);
	CHECK_ERR(syscall(SYS_accept4, l, NULL, NULL, 1), EINVAL);
	CHECK_ERR(sendto(c, "x", 1, 0, (void *)&a, len), EISCONN);
	close(l);
	CHECK_ERR(recv(c, &d, 1, 0), ECONNRESET);
	CHECK_EQ(recv(c, &d, 1, 0), 0);
}

TEST(the_backlog_is_a_limit)
{
	struct sockaddr_un a;
	socklen_t len = abstract(&a, "bl"), n = sizeof(a);
	int l = listener(SOCK_STREAM, &a, len, 1), c[3], s;

	for (int i = 0; i < 3; i++) {
		c[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (i < 2)
			CHECK_EQ(connect(c[i], (void *)&a, len), 0);
		else
			CHECK_ERR(connect(c[i], (void *)&a, len), EAGAIN);
	}
	CHECK_EQ(write(c[0], "early", 5), 5);
	s = accept4(l, (void *)&a, &n, SOCK_CLOEXEC | SOCK_NONBLOCK);
	CHECK(s >= 0);
	CHECK_EQ(n, sizeof(sa_family_t));
	CHECK_EQ(fcntl(s, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(read(s, &a, 10), 5);
	CHECK_ERR(read(s, &a, 10), EAGAIN);
	abstract(&a, "bl");
	CHECK_EQ(connect(c[2], (void *)&a, len), 0);
	nonblock(l);
	close(accept(l, NULL, NULL));
	close(accept(l, NULL, NULL));
	CHECK_ERR(accept(l, NULL, NULL), EAGAIN);
	CHECK_EQ(shutdown(l, SHUT_RD), 0);
	CHECK_ERR(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&a, len),
		  ECONNREFUSED);
}

TEST(a_blocked_connect_goes_on_when_there_is_room)
{
	struct sockaddr_un a;
	socklen_t len = abstract(&a, "bc");
	int l = listener(SOCK_STREAM, &a, len, 0), status;
	pid_t pid;

	CHECK_EQ(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&a, len), 0);
	pid = fork();
	if (!pid)
		_exit(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&a,
			      len) != 0);
	usleep(20000);
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	CHECK(accept(l, NULL, NULL) >= 0);
	CHECK(accept(l, NULL, NULL) >= 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

TEST(shutdown_ends_one_direction)
{
	char buf[8];
	int s[2];

	signal(SIGPIPE, SIG_IGN);
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	CHECK_EQ(write(s[0], "abc", 3), 3);
	CHECK_EQ(shutdown(s[0], SHUT_WR), 0);
	CHECK_ERR(write(s[0], "x", 1), EPIPE);
	CHECK_EQ(read(s[1], buf, 8), 3);
	CHECK_EQ(read(s[1], buf, 8), 0);
	CHECK_EQ(write(s[1], "back", 4), 4);
	CHECK_EQ(read(s[0], buf, 8), 4);
	CHECK_EQ(shutdown(s[0], SHUT_RD), 0);
	CHECK_ERR(write(s[1], "x", 1), EPIPE);
	CHECK_ERR(send(s[1], "x", 1, MSG_NOSIGNAL), EPIPE);
}

static volatile int pipes;

static void on_pipe(int sig)
{
	pipes++;
}

TEST(streams_send_sigpipe_and_messages_do_not)
{
	int s[2];

	signal(SIGPIPE, on_pipe);
	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	close(s[1]);
	CHECK_ERR(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
	CHECK_EQ(pipes, 0);
	CHECK_ERR(send(s[0], "x", 1, 0), EPIPE);
	CHECK_EQ(pipes, 1);
	close(s[0]);
	NEED(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, s) == 0);
	close(s[1]);
	CHECK_ERR(send(s[0], "x", 1, 0), EPIPE);
	CHECK_EQ(pipes, 1);
	close(s[0]);
	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
	close(s[1]);
	CHECK_ERR(send(s[0], "x", 1, 0), ECONNREFUSED);
	CHECK_ERR(send(s[0], "x", 1, 0), ENOTCONN);
	CHECK_EQ(pipes, 1);
}

TEST(unread_bytes_reset_the_connection)
{
	int s[2], e;
	socklen_t n = sizeof(e);

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	CHECK_EQ(write(s[0], "lost", 4), 4);
	close(s[1]);
	CHECK_EQ(getsockopt(s[0], SOL_SOCKET, SO_ERROR, &e, &n), 0);
	CHECK_EQ(e, ECONNRESET);
	CHECK_EQ(getsockopt(s[0], SOL_SOCKET, SO_ERROR, &e, &n), 0);
	CHECK_EQ(e, 0);
	CHECK_EQ(read(s[0], &e, 1), 0);
}

TEST(messages_keep_their_borders)
{
	int types[2] = { SOCK_DGRAM, SOCK_SEQPACKET }, s[2];
	char buf[16];

	for (int t = 0; t < 2; t++) {
		struct iovec iov = { buf, 2 };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

		NEED(socketpair(AF_UNIX, types[t], 0, s) == 0);
		CHECK_EQ(send(s[0], "one", 3, 0), 3);
		CHECK_EQ(send(s[0], "", 0, 0), 0);
		CHECK_EQ(send(s[0], "three", 5, 0), 5);
		CHECK_EQ(recv(s[1], buf, 16, MSG_PEEK), 3);
		CHECK_EQ(recv(s[1], buf, 2, MSG_TRUNC | MSG_PEEK), 3);
		CHECK_EQ(recv(s[1], buf, 16, 0), 3);
		CHECK_EQ(recv(s[1], buf, 16, 0), 0);
		CHECK_EQ(recvmsg(s[1], &m, 0), 2);
		CHECK_EQ(m.msg_flags, MSG_TRUNC);
		CHECK_ERR(recv(s[1], buf, 16, MSG_DONTWAIT), EAGAIN);
		CHECK_EQ(shutdown(s[0], SHUT_WR), 0);
		/* Only a connection has an end that the other sees. */
		if (types[t] == SOCK_SEQPACKET)
			CHECK_EQ(recv(s[1], buf, 16, 0), 0);
		close(s[0]);
		close(s[1]);
	}
}

TEST(datagrams_by_name_say_where_they_are_from)
{
	struct sockaddr_un a, b, from;
	socklen_t la = abstract(&a, "a"), lb = abstract(&b, "b"), n;
	int x = bound(SOCK_DGRAM, &a, la), y = bound(SOCK_DGRAM, &b, lb), z;
	char buf[8];

	CHECK_EQ(sendto(x, "hey", 3, 0, (void *)&b, lb), 3);
	n = sizeof(from);
	CHECK_EQ(recvfrom(y, buf, 8, 0, (void *)&from, &n), 3);
	CHECK(n == la && !memcmp(&from, &a, la));
	z = socket(AF_UNIX, SOCK_DGRAM, 0);
	CHECK_EQ(sendto(z, "who", 3, 0, (void *)&b, lb), 3);
	n = sizeof(from);
	CHECK_EQ(recvfrom(y, buf, 8, 0, (void *)&from, &n), 3);
	CHECK_EQ(n, 0);
	/* Connected: hears only its peer. */
	CHECK_EQ(connect(y, (void *)&a, la), 0);
	CHECK_ERR(sendto(z, "no", 2, 0, (void *)&b, lb), EPERM);
	CHECK_ERR(connect(z, (void *)&b, lb), EPERM);
	CHECK_EQ(sendto(x, "yes", 3, 0, (void *)&b, lb), 3);
	CHECK_EQ(send(y, "re", 2, 0), 2);
	CHECK_EQ(recv(x, buf, 8, 0), 2);
	/* Another peer: what came from the old one is gone. */
	a.sun_family = AF_UNSPEC;
	CHECK_EQ(connect(y, (void *)&a, la), 0);
	CHECK_ERR(recv(y, buf, 8, MSG_DONTWAIT), EAGAIN);
	CHECK_ERR(send(y, "x", 1, 0), ENOTCONN);
}

TEST(a_full_queue_makes_datagrams_wait)
{
	struct sockaddr_un a;
	socklen_t len = abstract(&a, "full");
	int x = bound(SOCK_DGRAM, &a, len), z = socket(AF_UNIX, SOCK_DGRAM, 0);
	int n = 0, status;
	char buf[8];
	pid_t pid;

	nonblock(z);
	while (sendto(z, "x", 1, 0, (void *)&a, len) == 1 && n < 10000)
		n++;
	CHECK_EQ(errno, EAGAIN);
	CHECK(n == 11 || n == 513);       /* by net.unix.max_dgram_qlen */
	fcntl(z, F_SETFL, 0);
	pid = fork();
	if (!pid)
		_exit(sendto(z, "y", 1, 0, (void *)&a, len) != 1);
	usleep(20000);
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	CHECK_EQ(recv(x, buf, 8, 0), 1);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	for (int i = 0; i < n; i++)
		CHECK_EQ(recv(x, buf, 8, 0), 1);
	CHECK(buf[0] == 'y');
}

TEST(a_message_larger_than_the_buffer_is_refused)
{
	static char big[300000];
	int s[2], val = 65536;

	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
	CHECK_EQ(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &val, 4), 0);
	CHECK_ERR(send(s[0], big, 131072, 0), EMSGSIZE);
	memset(big, 'q', 100000);
	CHECK_EQ(send(s[0], big, 100000, 0), 100000);
	memset(big, 0, sizeof(big));
	CHECK_EQ(recv(s[1], big, sizeof(big), 0), 100000);
	CHECK(big[0] == 'q' && big[99999] == 'q' && !big[100000]);
}

/* Odd sizes against each other, more than the buffer holds. */
TEST(two_megabytes_in_odd_pieces_arrive_unchanged)
{
	static unsigned char buf[100003];
	unsigned char want = 0;
	long total = 0, bad = 0;
	int s[2], n, status;
	pid_t pid;

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	pid = fork();
	if (!pid) {
		long left = 2 << 20;
		unsigned char v = 0;

		while (left > 0) {
			int size = 1 + left * 7 % 90001;

			if (size > left)
				size = left;
			for (int i = 0; i < size; i++)
				buf[i] = v++;
			if (write(s[0], buf, size) != size)
				_exit(1);
			left -= size;
		}
		_exit(0);
	}
	close(s[0]);
	while ((n = read(s[1], buf, 1 + total % sizeof(buf))) > 0) {
		for (int i = 0; i < n; i++)
			bad += buf[i] != want++;
		total += n;
	}
	CHECK_EQ(n, 0);
	CHECK_EQ(total, 2 << 20);
	CHECK_EQ(bad, 0);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

TEST(peek_and_waitall)
{
	char buf[16];
	int s[2], off = 2, status;
	pid_t pid;

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	CHECK_EQ(write(s[0], "abc", 3), 3);
	CHECK_EQ(write(s[0], "def", 3), 3);
	CHECK_EQ(recv(s[1], buf, 16, MSG_PEEK), 6);
	CHECK(!memcmp(buf, "abcdef", 6));
	CHECK_EQ(recv(s[1], buf, 4, MSG_PEEK), 4);
	NEED(setsockopt(s[1], SOL_SOCKET, SO_PEEK_OFF, &off, 4) == 0);
	CHECK_EQ(recv(s[1], buf, 2, MSG_PEEK), 2);
	CHECK(!memcmp(buf, "cd", 2));
	CHECK_EQ(recv(s[1], buf, 16, MSG_PEEK), 2);
	CHECK(!memcmp(buf, "ef", 2));
	CHECK_ERR(recv(s[1], buf, 16, MSG_PEEK | MSG_DONTWAIT), EAGAIN);
	CHECK_EQ(recv(s[1], buf, 3, 0), 3);
	CHECK_EQ(recv(s[1], buf, 16, 0), 3);
	pid = fork();
	if (!pid) {
		for (int i = 0; i < 10; i++) {
			usleep(1000);
			if (write(s[0], "0123456789" + i, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	CHECK_EQ(recv(s[1], buf, 10, MSG_WAITALL), 10);
	CHECK(!memcmp(buf, "0123456789", 10));
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

TEST(several_messages_in_one_call)
{
	struct mmsghdr m[4];
	struct iovec iov[4];
	char buf[4][8];
	struct timespec t = { 0, 1000000 };
	int s[2];

	NEED(socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
	memset(m, 0, sizeof(m));
	for (int i = 0; i < 4; i++) {
		iov[i] = (struct iovec){ "abcdefgh", i + 1 };
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	CHECK_EQ(sendmmsg(s[0], m, 4, 0), 4);
	CHECK_EQ(m[3].msg_len, 4);
	for (int i = 0; i < 4; i++)
		iov[i] = (struct iovec){ buf[i], 8 };
	CHECK_EQ(recvmmsg(s[1], m, 3, 0, NULL), 3);
	CHECK(m[0].msg_len == 1 && m[2].msg_len == 3);
	CHECK_EQ(recvmmsg(s[1], m, 4, MSG_WAITFORONE, NULL), 1);
	CHECK_EQ(m[0].msg_len, 4);
	CHECK_ERR(recvmmsg(s[1], m, 4, MSG_DONTWAIT, NULL), EAGAIN);
	CHECK_EQ(send(s[0], "z", 1, 0), 1);
	CHECK_EQ(send(s[0], "z", 1, 0), 1);
	t.tv_nsec = 1;
	CHECK_EQ(recvmmsg(s[1], m, 4, 0, &t), 1);
	t.tv_nsec = -1;
	CHECK_ERR(recvmmsg(s[1], m, 4, 0, &t), EINVAL);
}

TEST(a_pair_as_files)
{
	char link[64], path[64], buf[8];
	struct iovec v[2] = { { "ab", 2 }, { "cd", 2 } };
	struct stat st;
	int s[2], n;

	NEED(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
	CHECK_EQ(fstat(s[0], &st), 0);
	CHECK(S_ISSOCK(st.st_mode) && (st.st_mode & 0777) == 0777);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", s[0]);
	n = readlink(path, link, sizeof(link) - 1);
	NEED(n > 0);
	link[n] = 0;
	snprintf(path, sizeof(path), "socket:[%lu]", (long)st.st_ino);
	CHECK(!strcmp(link, path));
	CHECK_EQ(writev(s[0], v, 2), 4);
	CHECK_EQ(ioctl(s[1], FIONREAD, &n), 0);
	CHECK_EQ(n, 4);
	CHECK_EQ(ioctl(s[0], SIOCOUTQ, &n), 0);
	CHECK(n > 4);
	CHECK_EQ(read(s[1], buf, 3), 3);
	CHECK_EQ(ioctl(s[1], FIONREAD, &n), 0);
	CHECK_EQ(n, 1);
	CHECK_ERR(ioctl(s[1], 0x1234, &n), ENOTTY);
	CHECK_ERR(lseek(s[0], 0, SEEK_SET), ESPIPE);
	CHECK_ERR(pread(s[1], buf, 1, 0), ESPIPE);
	CHECK_ERR(pwrite(s[0], buf, 1, 0), ESPIPE);
	CHECK_ERR(fsync(s[0]), EINVAL);
	CHECK_EQ(read(s[1], buf, 0), 0);
}

TEST(proc_net_unix_shows_names)
{
	struct sockaddr_un a;
	socklen_t len = abstract(&a, "shown");
	int fd = listener(SOCK_STREAM, &a, len, 5), found = 0;
	char line[512], want[128];
	unsigned int flags, type, st;
	struct stat s;
	unsigned long ino;
	FILE *f = fopen("/proc/net/unix", "r");

	NEED(f && fstat(fd, &s) == 0);
	snprintf(want, sizeof(want), " @shown-%d\n", getpid());
	while (fgets(line, sizeof(line), f)) {
		if (!strstr(line, want))
			continue;
		found++;
		CHECK_EQ(sscanf(line, "%*[0-9a-f]: %*x %*x %x %x %x %lu",
				&flags, &type, &st, &ino), 4);
		CHECK(flags == 0x10000 && type == 1 && st == 1 &&
		      ino == s.st_ino);
	}
	fclose(f);
	CHECK_EQ(found, 1);
}

/* ---- one urgent byte (not on every Linux: CONFIG_AF_UNIX_OOB) ---- */

static void urgent_pair(int s[2])
{
	NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	if (send(s[0], "!", 1, MSG_OOB) < 0 && errno == EOPNOTSUPP)
		SKIP("no MSG_OOB");
	close(s[0]);
	close(s[1]);
	NEED(!socketpair(AF_UNIX, SOCK_STREAM, 0, s));
}

TEST(an_urgent_byte_overtakes_and_marks_its_place)
{
	char b[16] = "";
	struct pollfd p;
	int s[2], at, n;

	urgent_pair(s);
	CHECK_ERR(recv(s[1], b, 1, MSG_OOB | MSG_DONTWAIT), EINVAL);
	CHECK_EQ(send(s[0], "hello!", 6, MSG_OOB), 6);
	CHECK_EQ(send(s[0], "world", 5, 0), 5);
	p = (struct pollfd){ .fd = s[1], .events = POLLIN | POLLPRI };
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLIN | POLLPRI);
	CHECK_EQ(recv(s[1], b, sizeof(b), MSG_DONTWAIT), 5); /* to the mark */
	CHECK_EQ(memcmp(b, "hello", 5), 0);
	CHECK(!ioctl(s[1], SIOCATMARK, &at) && at == 1);
	CHECK_EQ(recv(s[1], b, 1, MSG_OOB | MSG_PEEK), 1);
	CHECK_EQ(recv(s[1], b, 1, MSG_OOB), 1);
	CHECK_EQ(b[0], '!');
	CHECK_ERR(recv(s[1], b, 1, MSG_OOB), EINVAL);
	/* Linux 6.1 trips, once, over the byte that was taken. */
	n = recv(s[1], b, sizeof(b), MSG_DONTWAIT);
	if (n < 0)
		n = recv(s[1], b, sizeof(b), MSG_DONTWAIT);
	CHECK_EQ(n, 5);
	CHECK_EQ(memcmp(b, "world", 5), 0);
	CHECK_ERR(recv(s[1], b, sizeof(b), MSG_DONTWAIT), EAGAIN);
	CHECK_ERR(send(s[0], b, 0, MSG_OOB), EOPNOTSUPP);
}

TEST(an_urgent_byte_that_nobody_asks_for_is_skipped)
{
	char b[16] = "";
	int s[2], on = 1, at;

	urgent_pair(s);
	CHECK_EQ(send(s[0], "ab", 2, MSG_OOB), 2);
	CHECK_EQ(send(s[0], "cd", 2, 0), 2);
	CHECK_EQ(recv(s[1], b, sizeof(b), 0), 1);
	CHECK_EQ(recv(s[1], b, sizeof(b), 0), 2);
	CHECK_EQ(memcmp(b, "cd", 2), 0);
	CHECK(!setsockopt(s[1], SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on)));
	CHECK_EQ(send(s[0], "ef", 2, MSG_OOB), 2);
	CHECK_ERR(recv(s[1], b, 1, MSG_OOB | MSG_DONTWAIT), EINVAL);
	CHECK_EQ(recv(s[1], b, sizeof(b), 0), 1);
	CHECK(!ioctl(s[1], SIOCATMARK, &at) && at == 1);
	CHECK_EQ(recv(s[1], b, sizeof(b), 0), 1);
	CHECK_EQ(b[0], 'f');
}

static volatile int urgent;

static void on_urgent(int sig)
{
	urgent = sig;
}

TEST(an_urgent_byte_signals_the_owner)
{
	int s[2];

	urgent_pair(s);
	signal(SIGURG, on_urgent);
	CHECK(!fcntl(s[1], F_SETOWN, getpid()));
	CHECK_EQ(send(s[0], "x", 1, MSG_OOB), 1);
	CHECK_EQ(urgent, SIGURG);
	close(s[1]);                  /* with the byte unread */
}

TAP_MAIN()
