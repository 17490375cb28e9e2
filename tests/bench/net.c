/* SPDX-License-Identifier: MIT */
/*
 * net.c -- what TCP and UDP cost over loopback
 *
 * Round trips of a byte between two processes, connections made and closed, and
 * streams: a row names what one write() holds, and its time is that of a write
 * and of the reading of it by another process.  A datagram's row is one
 * process's: sent, and received.
 */

#include "bench.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <fcntl.h>
#include <unistd.h>

static char block[65536];

/* Linux boots with lo down. */
static void lo_up(void)
{
	static int done;
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd;

	if (done)
		return;
	done = 1;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &ifr))
		die("lo");
	ifr.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr))
		die("lo up");
	close(fd);
}

/* A socket bound to a port of loopback that was free; its name. */
static int bound(int type, struct sockaddr_in *a)
{
	socklen_t len = sizeof(*a);
	int fd;

	lo_up();
	fd = socket(AF_INET, type, 0);
	memset(a, 0, sizeof(*a));
	a->sin_family = AF_INET;
	a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (void *)a, len) ||
	    getsockname(fd, (void *)a, &len))
		die("bind");
	return fd;
}

static int listener(struct sockaddr_in *a)
{
	int fd = bound(SOCK_STREAM, a);

	if (listen(fd, 128))
		die("listen");
	return fd;
}

static int connected(int type, const struct sockaddr_in *a)
{
	int fd = socket(AF_INET, type, 0);

	if (fd < 0 || connect(fd, (const void *)a, sizeof(*a)))
		die("connect");
	return fd;
}

/* Two ends, each connected to the other. */
static void pair(int type, int s[2])
{
	struct sockaddr_in a, b;
	int l;

	if (type == SOCK_DGRAM) {
		s[0] = bound(type, &a);
		s[1] = bound(type, &b);
		if (connect(s[0], (void *)&b, sizeof(b)) ||
		    connect(s[1], (void *)&a, sizeof(a)))
			die("connect");
		return;
	}
	l = listener(&a);
	s[0] = connected(type, &a);
	s[1] = accept(l, NULL, NULL);
	if (s[1] < 0)
		die("accept");
	close(l);
}

/* ---- round trips ---- */

static void pingpong(long n, int type)
{
	int s[2];
	pid_t pid;
	char c = 0;

	pair(type, s);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		close(s[0]);
		for (long i = 0; i < n; i++)
			if (read(s[1], &c, 1) != 1 || write(s[1], &c, 1) != 1)
				_exit(1);
		_exit(0);
	}
	close(s[1]);
	while (n--)
		if (write(s[0], &c, 1) != 1 || read(s[0], &c, 1) != 1)
			die("pingpong");
	wait_for(pid);
	close(s[0]);
}

static void tcp_pingpong(long n)
{
	pingpong(n, SOCK_STREAM);
}

static void udp_pingpong(long n)
{
	pingpong(n, SOCK_DGRAM);
}

static void tcp_connect(long n)
{
	struct linger hard = { 1, 0 };  /* no port stays in TIME_WAIT */
	struct sockaddr_in a;
	int l = listener(&a), c, s;

	while (n--) {
		c = connected(SOCK_STREAM, &a);
		s = accept(l, NULL, NULL);
		if (s < 0)
			die("accept");
		setsockopt(c, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		close(c);
		close(s);
	}
	close(l);
}

/* ---- streams ---- */

/* Reads all until the end, and says that it has. */
static void drain(int fd)
{
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0)
		;
	_exit(n < 0);
}

static void stream(long n, size_t size, int file)
{
	int s[2];
	pid_t pid;

	pair(SOCK_STREAM, s);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		close(s[0]);
		drain(s[1]);
	}
	close(s[1]);
	while (n--) {
		off_t off = 0;
		ssize_t done = file < 0 ? write(s[0], block, size) :
			       sendfile(s[0], file, &off, size);

		if (done != (ssize_t)size)
			die("stream");
	}
	close(s[0]);
	wait_for(pid);
}

static void tcp_64(long n)
{
	stream(n, 64, -1);
}

static void tcp_1k(long n)
{
	stream(n, 1024, -1);
}

static void tcp_64k(long n)
{
	stream(n, sizeof(block), -1);
}

static void tcp_sendfile_64k(long n)
{
	int fd = open("bench_sendfile", O_RDWR | O_CREAT | O_TRUNC, 0600);

	unlink("bench_sendfile");
	if (fd < 0 || write(fd, block, sizeof(block)) != sizeof(block))
		die("file");
	stream(n, sizeof(block), fd);
	close(fd);
}

/* ---- datagrams ---- */

static void datagrams(long n, size_t size)
{
	int s[2];

	pair(SOCK_DGRAM, s);
	while (n--)
		if (write(s[0], block, size) != (ssize_t)size ||
		    read(s[1], block, sizeof(block)) != (ssize_t)size)
			die("datagram");
	close(s[0]);
	close(s[1]);
}

static void udp_64(long n)
{
	datagrams(n, 64);
}

static void udp_1k(long n)
{
	datagrams(n, 1024);
}

static void udp_60k(long n)
{
	datagrams(n, 60000);
}

const struct bench net_benches[] = {
	{ "tcp_pingpong", tcp_pingpong },
	{ "udp_pingpong", udp_pingpong },
	{ "tcp_connect", tcp_connect },
	{ "tcp_64", tcp_64 },
	{ "tcp_1k", tcp_1k },
	{ "tcp_64k", tcp_64k },
	{ "tcp_sendfile_64k", tcp_sendfile_64k },
	{ "udp_64", udp_64 },
	{ "udp_1k", udp_1k },
	{ "udp_60k", udp_60k },
	{ 0 },
};
