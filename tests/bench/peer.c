/* SPDX-License-Identifier: MIT */
/*
 * peer.c -- TCP to another machine, and connections that do nothing
 *
 * The peer (tools/bench, on the host) reads a letter and a number of bytes from
 * each connection: `s` it takes that many and answers one byte, `r` it sends
 * that many, `p` it sends each byte back.
 */

#include "bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define MIB (1 << 20)
#define STREAM (16L * MIB)
#define TRIPS 500
#define TIMES 5

static char block[65536];

static int reach(const char *host, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (inet_pton(AF_INET, host, &a.sin_addr) != 1 || fd < 0 ||
	    connect(fd, (void *)&a, sizeof(a)))
		die(host);
	return fd;
}

static void ask(int fd, char what, long bytes)
{
	char line[32];
	int len = snprintf(line, sizeof(line), "%c%ld\n", what, bytes);

	if (write(fd, line, len) != len)
		die("peer");
}

static void take(int fd, long left)
{
	while (left > 0) {
		ssize_t got = read(fd, block, sizeof(block));

		if (got <= 0)
			die("peer: read");
		left -= got;
	}
}

static void give(int fd, long left)
{
	for (; left > 0; left -= sizeof(block))
		if (write(fd, block, sizeof(block)) != sizeof(block))
			die("peer: write");
}

static int64_t once(const char *host, int port, char what)
{
	int fd = reach(host, port);
	int64_t start = now();

	ask(fd, what, what == 'p' ? TRIPS : STREAM);
	if (what == 's') {
		give(fd, STREAM);
		take(fd, 1);
	} else if (what == 'r') {
		take(fd, STREAM);
	} else {
		for (int i = 0; i < TRIPS; i++) {
			if (write(fd, block, 1) != 1)
				die("peer: write");
			take(fd, 1);
		}
	}
	close(fd);
	return now() - start;
}

static void peer_row(const char *name, const char *host, int port, char what,
		     long per)
{
	int64_t best = INT64_MAX;

	for (int i = 0; i < TIMES; i++) {
		int64_t spent = once(host, port, what);

		if (spent < best)
			best = spent;
	}
	report(name, best / per);
}

void peer_rows(const char *host, int port)
{
	peer_row("virtio_send_mib", host, port, 's', STREAM / MIB);
	peer_row("virtio_receive_mib", host, port, 'r', STREAM / MIB);
	peer_row("virtio_pingpong", host, port, 'p', TRIPS);
}

/* ---- what an idle connection takes ---- */

static long available_kib(void)
{
	char line[128];
	FILE *f = fopen("/proc/meminfo", "r");
	long kib = -1;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemAvailable: %ld", &kib) == 1)
			break;
	if (kib < 0)
		die("/proc/meminfo");
	fclose(f);
	return kib;
}

void idle_row(int count)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct rlimit lim = { 2 * count + 100, 2 * count + 100 };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, SOCK_STREAM, 0);
	long before;

	if (setrlimit(RLIMIT_NOFILE, &lim) || bind(l, (void *)&a, len) ||
	    listen(l, 128) || getsockname(l, (void *)&a, &len))
		die("listen");
	before = available_kib();
	for (int i = 0; i < count; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (fd < 0 || connect(fd, (void *)&a, len) ||
		    accept(l, NULL, NULL) < 0)
			die("connection");
	}
	sleep(1);               /* what RCU frees late is not the connections' */
	report("idle_pair_bytes", (before - available_kib()) * 1024 / count);
}
