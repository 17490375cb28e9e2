/* SPDX-License-Identifier: MIT */
/* udplite.c -- datagrams whose checksum covers a part: RFC 3828 */

#include "tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

#ifndef IPPROTO_UDPLITE
#define IPPROTO_UDPLITE 136
#endif
#define SEND_CSCOV 10
#define RECV_CSCOV 11
#define SA(p) ((struct sockaddr *)(p))

static struct sockaddr_in local(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return a;
}

static int lite(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);

	if (fd < 0)
		SKIP("no UDP-Lite");
	return fd;
}

static int set(int fd, int opt, int v)
{
	return setsockopt(fd, IPPROTO_UDPLITE, opt, &v, sizeof(v));
}

static int get(int fd, int opt)
{
	socklen_t len = sizeof(int);
	int v = -1;

	getsockopt(fd, IPPROTO_UDPLITE, opt, &v, &len);
	return v;
}

/* A reader at *a, and a sender that is connected to it. */
static void pair(int fd[2], struct sockaddr_in *a)
{
	socklen_t len = sizeof(*a);

	*a = local(0);
	fd[0] = lite();
	fd[1] = lite();
	NEED(bind(fd[0], SA(a), len) == 0);
	NEED(getsockname(fd[0], SA(a), &len) == 0);
	NEED(connect(fd[1], SA(a), len) == 0);
}

TEST(a_datagram_comes_whole_with_its_sender)
{
	struct sockaddr_in a, from, me;
	socklen_t len = sizeof(from);
	char buf[100];
	int fd[2];

	pair(fd, &a);
	CHECK_EQ(send(fd[1], "0123456789", 10, 0), 10);
	CHECK_EQ(recvfrom(fd[0], buf, sizeof(buf), 0, SA(&from), &len), 10);
	CHECK(!memcmp(buf, "0123456789", 10));
	CHECK(getsockname(fd[1], SA(&me), &len) == 0);
	CHECK_EQ(from.sin_port, me.sin_port);
}

TEST(coverage_is_an_option_with_limits)
{
	int fd = lite(), udp = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK_EQ(get(fd, SEND_CSCOV), 0);
	CHECK(set(fd, SEND_CSCOV, 3) == 0 && get(fd, SEND_CSCOV) == 8);
	CHECK(set(fd, RECV_CSCOV, 70000) == 0 && get(fd, RECV_CSCOV) == 65535);
	CHECK(set(fd, RECV_CSCOV, 20) == 0 && get(fd, RECV_CSCOV) == 20);
	CHECK_ERR(set(udp, SEND_CSCOV, 20), ENOPROTOOPT);
}

TEST(a_reader_takes_no_less_cover_than_it_wants)
{
	struct sockaddr_in a;
	char buf[100] = "";
	int fd[2];

	pair(fd, &a);
	CHECK(set(fd[0], RECV_CSCOV, 20) == 0);
	CHECK(set(fd[1], SEND_CSCOV, 8) == 0);
	CHECK_EQ(send(fd[1], buf, 50, 0), 50);
	CHECK_ERR(recv(fd[0], buf, sizeof(buf), MSG_DONTWAIT), EAGAIN);
	CHECK(set(fd[1], SEND_CSCOV, 20) == 0);
	CHECK_EQ(send(fd[1], buf, 51, 0), 51);
	CHECK_EQ(recv(fd[0], buf, sizeof(buf), MSG_DONTWAIT), 51);
	CHECK(set(fd[1], SEND_CSCOV, 0) == 0);
	CHECK_EQ(send(fd[1], buf, 52, 0), 52);
	CHECK_EQ(recv(fd[0], buf, sizeof(buf), MSG_DONTWAIT), 52);
}

TEST(its_ports_are_not_udps)
{
	int fd[2], udp = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in a;
	char c;

	pair(fd, &a);
	CHECK(bind(udp, SA(&a), sizeof(a)) == 0);
	CHECK_EQ(send(fd[1], "x", 1, 0), 1);
	CHECK_EQ(recv(fd[0], &c, 1, MSG_DONTWAIT), 1);
	CHECK_ERR(recv(udp, &c, 1, MSG_DONTWAIT), EAGAIN);
}

static uint16_t sum(const uint8_t *p, int n, uint32_t s)
{
	for (int i = 0; i < n; i++)
		s += i & 1 ? p[i] : p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

/* Both addresses are 127.0.0.1. */
static uint32_t pseudo(int len)
{
	return 2 * (0x7f00 + 1) + IPPROTO_UDPLITE + len;
}

static int raw(void)
{
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_UDPLITE);

	if (fd < 0)
		SKIP("must be root");
	return fd;
}

TEST(the_header_says_what_is_covered)
{
	struct sockaddr_in a;
	int fd[2], r = raw();
	uint8_t p[200];

	pair(fd, &a);
	CHECK(set(fd[1], SEND_CSCOV, 12) == 0);
	CHECK_EQ(send(fd[1], "abcdefghij", 10, 0), 10);
	CHECK_EQ(recv(r, p, sizeof(p), 0), 20 + 18);
	CHECK_EQ(p[20 + 4] << 8 | p[20 + 5], 12);
	CHECK_EQ(sum(p + 20, 12, pseudo(18)), 0xffff);
}

/* A datagram of 10 bytes, 4 of them covered, with a wrong byte at `wrong`. */
static int damaged_arrives(int wrong)
{
	struct sockaddr_in a, to = local(0);
	int fd[2], r = raw(), check;
	uint8_t p[18] = { 4, 0, 0, 0, 0, 12 };
	char buf[20];

	pair(fd, &a);
	memcpy(p + 2, &a.sin_port, 2);
	memcpy(p + 8, "abcdefghij", 10);
	check = ~sum(p, 12, pseudo(18)) & 0xffff;
	p[6] = check >> 8;
	p[7] = check;
	p[8 + wrong] ^= 1;
	CHECK_EQ(sendto(r, p, sizeof(p), 0, SA(&to), sizeof(to)), 18);
	return recv(fd[0], buf, sizeof(buf), MSG_DONTWAIT) == 10;
}

TEST(damage_behind_the_cover_is_delivered)
{
	CHECK(damaged_arrives(4));
	CHECK(damaged_arrives(9));
	CHECK(!damaged_arrives(0));
	CHECK(!damaged_arrives(3));
}

TAP_MAIN()
