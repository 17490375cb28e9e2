/* SPDX-License-Identifier: MIT */
/*
 * qdisc.c -- queueing disciplines by rtnetlink, and what they do to packets
 *
 * In a network of its own, so that nobody else's lo is touched.  Wants root; a
 * Linux that has no netem or fq_codel skips those.
 */

#define _GNU_SOURCE
#include "tap.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

enum { NEWQDISC = 36, DELQDISC = 37, GETQDISC = 38 };
enum { REQUEST = 1, ACK = 4, DUMP = 0x300, REPLACE = 0x100, EXCL = 0x200,
       CREATE = 0x400 };
enum { KIND = 1, OPTIONS = 2, STATS2 = 7, STATS_BASIC = 1, STATS_QUEUE = 3 };
enum { NETEM_REORDER = 3, NETEM_CORRUPT = 4 };
#define ROOT_HANDLE 0xffffffffu
#define LO 1

struct nlmsg {
	uint32_t len;
	uint16_t type, flags;
	uint32_t seq, pid;
};
struct tcmsg {
	uint8_t family, pad1;
	uint16_t pad2;
	int ifindex;
	uint32_t handle, parent, info;
};
struct attr {
	uint16_t len, type;
};
struct netem {
	uint32_t latency, limit, loss, gap, duplicate, jitter;
};
struct netem_options {
	struct netem q;
	struct attr reorder_head;
	uint32_t reorder, reorder_cor;
	struct attr corrupt_head;
	uint32_t corrupt, corrupt_cor;
};
struct queue_stats {
	uint32_t qlen, backlog, drops, requeues, overlimits;
};

static char answer[16384];
static int answer_len;

/* A network with lo up; skips where there can be none. */
static void own_network(void)
{
	struct ifreq ifr = { 0 };
	int fd;

	if (unshare(CLONE_NEWNET))
		SKIP("no network of one's own");
	strcpy(ifr.ifr_name, "lo");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ifr.ifr_flags = IFF_UP;
	CHECK(!ioctl(fd, SIOCSIFFLAGS, &ifr));
	close(fd);
}

/* About lo's root: 0 or -errno; answers to a GET in answer. */
static int ask(int type, int flags, uint32_t handle, const char *kind,
	       const void *opt, int opt_len)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0), n;
	static uint32_t words[1024];
	char *buf = (char *)words;
	struct nlmsg *h = (struct nlmsg *)buf;
	struct tcmsg *t = (struct tcmsg *)(h + 1);
	char *p = (char *)(t + 1);

	*h = (struct nlmsg){ .type = type, .flags = REQUEST | flags, .seq = 9 };
	*t = (struct tcmsg){ .ifindex = LO, .handle = handle,
			     .parent = ROOT_HANDLE };
	if (kind) {
		*(struct attr *)p = (struct attr){ 4 + strlen(kind) + 1, KIND };
		strcpy(p + 4, kind);
		p += (4 + strlen(kind) + 1 + 3) & ~3;
	}
	if (opt_len) {
		*(struct attr *)p = (struct attr){ 4 + opt_len, OPTIONS };
		memcpy(p + 4, opt, opt_len);
		p += (4 + opt_len + 3) & ~3;
	}
	h->len = p - buf;
	CHECK_EQ(send(fd, buf, h->len, 0), h->len);
	n = recv(fd, answer, sizeof(answer), 0);
	close(fd);
	answer_len = n;
	h = (struct nlmsg *)answer;
	return n < 20 ? -EIO : h->type == 2 ? *(int *)(h + 1) : 0;
}

static int add(const char *kind, const void *opt, int len)
{
	return ask(NEWQDISC, ACK | CREATE | EXCL, 0, kind, opt, len);
}

static struct attr *find(char *from, char *end, int type)
{
	for (char *p = from; p + 4 <= end;) {
		struct attr *a = (struct attr *)p;

		if (a->len < 4)
			break;
		if ((a->type & 0x3fff) == type)
			return a;
		p += (a->len + 3) & ~3;
	}
	return NULL;
}

/* An attribute of lo's root in the list of all; NULL. */
static struct attr *root_attr(int type)
{
	char *p = answer;

	if (ask(GETQDISC, DUMP, 0, NULL, NULL, 0))
		return NULL;
	while (p + sizeof(struct nlmsg) + sizeof(struct tcmsg) <=
	       answer + answer_len) {
		struct nlmsg *h = (struct nlmsg *)p;
		struct tcmsg *t = (struct tcmsg *)(h + 1);

		if (h->type == NEWQDISC && t->ifindex == LO)
			return find((char *)(t + 1), p + h->len, type);
		p += (h->len + 3) & ~3;
	}
	return NULL;
}

/* What lo's root is; "" if nothing is told. */
static const char *root_kind(void)
{
	struct attr *a = root_attr(KIND);

	return a ? (char *)(a + 1) : "";
}

static struct queue_stats root_stats(void)
{
	struct queue_stats st = { 0 };
	struct attr *a = root_attr(STATS2), *q;

	q = a ? find((char *)(a + 1), (char *)a + a->len, STATS_QUEUE) : NULL;
	CHECK(q != NULL);
	if (q)
		memcpy(&st, q + 1, sizeof(st));
	return st;
}

static int udp_pair(int *to)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval tv = { .tv_usec = 200000 };
	socklen_t len = sizeof(a);
	int big = 1 << 20;

	*to = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(*to, SOL_SOCKET, SO_RCVBUF, &big, sizeof(big));
	setsockopt(*to, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	CHECK(!bind(*to, (struct sockaddr *)&a, len));
	CHECK(!getsockname(*to, (struct sockaddr *)&a, &len));
	int from = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(!connect(from, (struct sockaddr *)&a, len));
	return from;
}

/* Send n numbered datagrams; how many came, and how many out of order. */
static int flow(int n, int *disorder, int *twice)
{
	static char seen[4096];
	int to, from = udp_pair(&to), got = 0, last = -1, i;

	memset(seen, 0, sizeof(seen));
	*disorder = *twice = 0;
	for (i = 0; i < n; i++)
		CHECK_EQ(send(from, &i, sizeof(i), 0), sizeof(i));
	while (got < 2 * n && recv(to, &i, sizeof(i), 0) == sizeof(i)) {
		if (i < 0 || i >= n)
			continue;
		got++;
		*twice += seen[i]++ > 0;
		*disorder += i < last;
		last = i;
		if (i == n - 1 && got == n)
			break;
	}
	close(to);
	close(from);
	return got;
}

#define PERCENT(p) ((uint32_t)((p) / 100.0 * 4294967295u))

static struct netem_options netem(uint32_t latency_us)
{
	return (struct netem_options){
		.q = { .latency = latency_us * 1000 / 64, .limit = 1000 },
		.reorder_head = { 12, NETEM_REORDER },
		.corrupt_head = { 12, NETEM_CORRUPT } };
}

static void add_netem(const struct netem_options *o)
{
	int err = add("netem", o, sizeof(*o));

	if (err == -ENOENT)
		SKIP("no netem");
	CHECK_EQ(err, 0);
}

TEST(lo_has_no_queue_and_takes_one)
{
	own_network();
	CHECK(!strcmp(root_kind(), "noqueue"));
	CHECK_EQ(add("pfifo", NULL, 0), 0);
	CHECK(!strcmp(root_kind(), "pfifo"));
	CHECK_EQ(ask(NEWQDISC, ACK | CREATE | REPLACE, 0, "bfifo", NULL, 0), 0);
	CHECK(!strcmp(root_kind(), "bfifo"));
	CHECK_EQ(ask(DELQDISC, ACK, 0, NULL, NULL, 0), 0);
	CHECK(!strcmp(root_kind(), "noqueue"));
}

TEST(what_cannot_be_done_says_so)
{
	own_network();
	CHECK_EQ(add("nosuchkind", NULL, 0), -ENOENT);
	CHECK_EQ(ask(DELQDISC, ACK, 0, NULL, NULL, 0), -ENOENT);
	CHECK_EQ(add("pfifo", "ab", 2), -EINVAL);
	CHECK_EQ(add("pfifo", NULL, 0), 0);
	CHECK_EQ(ask(NEWQDISC, ACK, 0x12345, "pfifo", NULL, 0), -EEXIST);
	CHECK_EQ(ask(DELQDISC, ACK, 0x50000, NULL, NULL, 0), -EINVAL);
	CHECK_EQ(ask(DELQDISC, ACK, 0, "bfifo", NULL, 0), -EINVAL);
	CHECK_EQ(ask(DELQDISC, ACK, 0, NULL, NULL, 0), 0);
}

TEST(packets_pass_a_fifo_in_order_and_are_counted)
{
	int disorder, twice;

	own_network();
	CHECK_EQ(add("pfifo", NULL, 0), 0);
	CHECK_EQ(flow(100, &disorder, &twice), 100);
	CHECK_EQ(disorder + twice, 0);
	CHECK_EQ(root_stats().drops, 0);
}

TEST(fq_codel_passes_what_is_little)
{
	int disorder, twice, err;

	own_network();
	err = add("fq_codel", NULL, 0);
	if (err == -ENOENT)
		SKIP("no fq_codel");
	CHECK_EQ(err, 0);
	CHECK_EQ(flow(200, &disorder, &twice), 200);
	CHECK_EQ(disorder + twice, 0);
}

TEST(netem_delays)
{
	struct netem_options o = netem(20000);
	struct timespec a, b;
	int disorder, twice;
	long us;

	own_network();
	add_netem(&o);
	clock_gettime(CLOCK_MONOTONIC, &a);
	CHECK_EQ(flow(10, &disorder, &twice), 10);
	clock_gettime(CLOCK_MONOTONIC, &b);
	us = (b.tv_sec - a.tv_sec) * 1000000 + (b.tv_nsec - a.tv_nsec) / 1000;
	CHECK(us >= 19900);
	CHECK_EQ(disorder + twice, 0);
}

TEST(netem_loses_and_doubles)
{
	struct netem_options o = netem(0);
	int disorder, twice, got;

	own_network();
	o.q.loss = PERCENT(50);
	add_netem(&o);
	got = flow(200, &disorder, &twice);
	CHECK(got > 40 && got < 160);
	CHECK_EQ(root_stats().drops, 200 - got);
	o = netem(0);
	o.q.duplicate = PERCENT(50);
	CHECK_EQ(ask(NEWQDISC, ACK, 0, "netem", &o, sizeof(o)), 0);
	got = flow(200, &disorder, &twice);
	CHECK(twice > 40 && twice < 160);
	CHECK_EQ(got, 200 + twice);
}

TEST(netem_reorders_and_breaks)
{
	struct netem_options o = netem(5000);
	int disorder, twice, got;

	own_network();
	o.q.gap = 1;
	o.reorder = PERCENT(25);
	add_netem(&o);
	CHECK_EQ(flow(100, &disorder, &twice), 100);
	CHECK(disorder > 0);
	o = netem(0);
	o.corrupt = PERCENT(100);
	CHECK_EQ(ask(NEWQDISC, ACK, 0, "netem", &o, sizeof(o)), 0);
	got = flow(50, &disorder, &twice);
	CHECK(got < 40);              /* checksums find them */
}

enum { WHOLE = 128 << 10 };

static unsigned char byte_at(int i)
{
	return (i * 2654435761u) >> 13;
}

/* In a child: WHOLE bytes into fd. */
static void write_all(int fd)
{
	static unsigned char buf[WHOLE];

	if (fork())
		return;
	for (int i = 0; i < WHOLE; i++)
		buf[i] = byte_at(i);
	for (int at = 0, n; at < WHOLE; at += n) {
		n = write(fd, buf + at, WHOLE - at);
		if (n <= 0)
			_exit(1);
	}
	_exit(0);
}

/* How many of WHOLE bytes come right. */
static int read_right(int fd)
{
	static unsigned char buf[65536];
	int right = 0;

	while (right < WHOLE) {
		int n = read(fd, buf, sizeof(buf));

		if (n <= 0)
			break;
		for (int i = 0; i < n; i++)
			if (buf[i] != byte_at(right++))
				return right - 1;
	}
	return right;
}

TEST(tcp_is_whole_over_a_bad_wire)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	struct netem_options o = netem(500);
	int l, c, s;

	own_network();
	l = socket(AF_INET, SOCK_STREAM, 0);
	c = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(!bind(l, (struct sockaddr *)&a, len) && !listen(l, 1));
	CHECK(!getsockname(l, (struct sockaddr *)&a, &len));
	CHECK(!connect(c, (struct sockaddr *)&a, len));
	s = accept(l, NULL, NULL);
	CHECK(s >= 0);
	o.q.loss = o.q.duplicate = PERCENT(5);
	o.q.gap = 1;
	o.reorder = PERCENT(25);
	o.corrupt = PERCENT(1);
	add_netem(&o);
	write_all(c);
	write_all(s);
	CHECK_EQ(read_right(c), WHOLE);
	CHECK_EQ(read_right(s), WHOLE);
}

TEST(options_out_of_range_are_refused)
{
	struct netem_options o = netem(0);
	struct { struct attr h; uint32_t v; } flows = { { 8, 5 }, 0 };

	own_network();
	CHECK(add("netem", &o, 4) < 0);
	CHECK(add("fq_codel", &flows, sizeof(flows)) < 0);
	flows.v = 1000000;
	CHECK(add("fq_codel", &flows, sizeof(flows)) < 0);
	CHECK(!strcmp(root_kind(), "noqueue"));
}

TAP_MAIN()
