/* SPDX-License-Identifier: MIT */
/* udp.c -- datagrams over loopback: who gets them, whole, and what goes
 * wrong */

#include "tap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static struct sockaddr_in at(unsigned int addr, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };

	sin.sin_addr.s_addr = htonl(addr);
	sin.sin_port = htons(port);
	return sin;
}

#define SA(p) ((struct sockaddr *)(p))

/* A socket bound to addr and any port, which *sin tells. */
static int bound(unsigned int addr, struct sockaddr_in *sin)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t n = sizeof(*sin);

	*sin = at(addr, 0);
	CHECK(fd >= 0);
	CHECK_EQ(bind(fd, SA(sin), n), 0);
	CHECK_EQ(getsockname(fd, SA(sin), &n), 0);
	CHECK(sin->sin_port != 0);
	return fd;
}

TEST(a_datagram_comes_whole_with_its_sender)
{
	struct sockaddr_in a, b, from;
	socklen_t n = sizeof(from);
	int s = bound(INADDR_LOOPBACK, &a), r = bound(INADDR_LOOPBACK, &b);
	char buf[64];

	CHECK_EQ(sendto(s, "hello", 5, 0, SA(&b), sizeof(b)), 5);
	CHECK_EQ(recvfrom(r, buf, sizeof(buf), 0, SA(&from), &n), 5);
	CHECK(!memcmp(buf, "hello", 5));
	CHECK_EQ(from.sin_port, a.sin_port);
	CHECK_EQ(from.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
	CHECK_EQ(sendto(s, "", 0, 0, SA(&b), sizeof(b)), 0);
	CHECK_EQ(recv(r, buf, sizeof(buf), 0), 0);
}

TEST(what_does_not_fit_is_cut_and_said)
{
	struct sockaddr_in a, b;
	int s = bound(INADDR_LOOPBACK, &a), r = bound(INADDR_LOOPBACK, &b);
	char buf[4];
	int n = -1;

	CHECK_EQ(sendto(s, "0123456789", 10, 0, SA(&b), sizeof(b)), 10);
	CHECK_EQ(sendto(s, "ab", 2, 0, SA(&b), sizeof(b)), 2);
	CHECK_EQ(ioctl(r, FIONREAD, &n), 0);
	CHECK_EQ(n, 10);
	CHECK_EQ(recv(r, buf, 4, MSG_PEEK), 4);
	CHECK_EQ(recv(r, buf, 4, MSG_TRUNC), 10);
	CHECK_EQ(recv(r, buf, 4, 0), 2);
	CHECK_EQ(recv(r, buf, 4, MSG_DONTWAIT), -1);
	CHECK_EQ(errno, EAGAIN);
}

TEST(the_largest_datagram_is_cut_into_fragments_and_joined)
{
	static char out[65507], in[65536];
	struct sockaddr_in a, b;
	int s = bound(INADDR_LOOPBACK, &a), r = bound(INADDR_LOOPBACK, &b);

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = i * 7;
	CHECK_EQ(sendto(s, out, sizeof(out), 0, SA(&b), sizeof(b)), sizeof(out));
	CHECK_EQ(recv(r, in, sizeof(in), 0), sizeof(out));
	CHECK(!memcmp(in, out, sizeof(out)));
	CHECK_EQ(sendto(s, in, 65508, 0, SA(&b), sizeof(b)), -1);
	CHECK_EQ(errno, EMSGSIZE);
}

TEST(a_connected_socket_hears_its_peer_alone)
{
	struct sockaddr_in a, b, c;
	int s = bound(INADDR_LOOPBACK, &a), r = bound(INADDR_LOOPBACK, &b);
	int other = bound(INADDR_LOOPBACK, &c);
	char buf[8];

	CHECK_EQ(connect(r, SA(&a), sizeof(a)), 0);
	CHECK_EQ(sendto(other, "no", 2, 0, SA(&b), sizeof(b)), 2);
	CHECK_EQ(sendto(s, "yes", 3, 0, SA(&b), sizeof(b)), 3);
	CHECK_EQ(recv(r, buf, sizeof(buf), 0), 3);
	CHECK_EQ(recv(r, buf, sizeof(buf), MSG_DONTWAIT), -1);
	CHECK_EQ(send(r, "back", 4, 0), 4);
	CHECK_EQ(recv(s, buf, sizeof(buf), 0), 4);
}

TEST(a_port_that_nobody_has_refuses)
{
	struct sockaddr_in a, b;
	int s = bound(INADDR_LOOPBACK, &a), gone = bound(INADDR_LOOPBACK, &b);
	char c;

	close(gone);
	CHECK_EQ(connect(s, SA(&b), sizeof(b)), 0);
	CHECK_EQ(send(s, "x", 1, 0), 1);
	CHECK_EQ(recv(s, &c, 1, 0), -1);
	CHECK_EQ(errno, ECONNREFUSED);
}

TEST(the_error_queue_tells_who_refused)
{
	struct sockaddr_in a, b;
	int s = bound(INADDR_LOOPBACK, &a), gone = bound(INADDR_LOOPBACK, &b);
	char data[8], control[256];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	int on = 1;

	close(gone);
	CHECK_EQ(setsockopt(s, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)), 0);
	CHECK_EQ(sendto(s, "abc", 3, 0, SA(&b), sizeof(b)), 3);
	CHECK_EQ(recvmsg(s, &m, MSG_ERRQUEUE), 3);
	CHECK(m.msg_flags & MSG_ERRQUEUE);
	c = CMSG_FIRSTHDR(&m);
	CHECK(c && c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR);
	CHECK(c && *(unsigned int *)CMSG_DATA(c) == ECONNREFUSED);
	CHECK(!memcmp(data, "abc", 3));
}

/* tracepath counts the hops back by it. */
TEST(the_error_queue_tells_the_ttl_of_who_refused)
{
	struct sockaddr_in a, b;
	int s = bound(INADDR_LOOPBACK, &a), gone = bound(INADDR_LOOPBACK, &b);
	char control[256];
	struct msghdr m = { .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	int on = 1;

	close(gone);
	CHECK_EQ(setsockopt(s, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)), 0);
	CHECK_EQ(setsockopt(s, IPPROTO_IP, IP_RECVTTL, &on, sizeof(on)), 0);
	CHECK_EQ(sendto(s, "abc", 3, 0, SA(&b), sizeof(b)), 3);
	CHECK_EQ(recvmsg(s, &m, MSG_ERRQUEUE), 0);
	c = CMSG_FIRSTHDR(&m);
	CHECK(c && c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL);
	CHECK(c && *(int *)CMSG_DATA(c) > 0 && *(int *)CMSG_DATA(c) < 256);
	c = c ? CMSG_NXTHDR(&m, c) : NULL;
	CHECK(c && c->cmsg_type == IP_RECVERR);
}

TEST(a_port_is_taken_once_unless_both_agree)
{
	struct sockaddr_in a;
	int one = bound(INADDR_LOOPBACK, &a);
	int two = socket(AF_INET, SOCK_DGRAM, 0), on = 1;

	CHECK_EQ(bind(two, SA(&a), sizeof(a)), -1);
	CHECK_EQ(errno, EADDRINUSE);
	CHECK_EQ(setsockopt(one, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	CHECK_EQ(bind(two, SA(&a), sizeof(a)), -1);
	CHECK_EQ(setsockopt(two, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	CHECK_EQ(bind(two, SA(&a), sizeof(a)), 0);
	a = at(0x01020304, 0);
	two = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK_EQ(bind(two, SA(&a), sizeof(a)), -1);
	CHECK_EQ(errno, EADDRNOTAVAIL);
}

TEST(pktinfo_and_ttl_come_along)
{
	struct sockaddr_in a, b;
	int s = bound(INADDR_LOOPBACK, &a), r = bound(INADDR_ANY, &b);
	char data[8], control[256];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	int on = 1, ttl = 42, seen = 0;

	CHECK_EQ(setsockopt(r, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)), 0);
	CHECK_EQ(setsockopt(r, IPPROTO_IP, IP_RECVTTL, &on, sizeof(on)), 0);
	CHECK_EQ(setsockopt(s, IPPROTO_IP, IP_TTL, &ttl, sizeof(ttl)), 0);
	b.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK_EQ(sendto(s, "x", 1, 0, SA(&b), sizeof(b)), 1);
	CHECK_EQ(recvmsg(r, &m, 0), 1);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_type == IP_TTL && *(int *)CMSG_DATA(c) == 42)
			seen |= 1;
		if (c->cmsg_type == IP_PKTINFO) {
			unsigned int *info = (unsigned int *)CMSG_DATA(c);

			CHECK_EQ(info[2], htonl(INADDR_LOOPBACK));
			seen |= 2;
		}
	}
	CHECK_EQ(seen, 3);
}

TEST(more_gathers_one_datagram)
{
	struct sockaddr_in a, b;
	int s = bound(INADDR_LOOPBACK, &a), r = bound(INADDR_LOOPBACK, &b);
	char buf[16];

	CHECK_EQ(sendto(s, "one ", 4, MSG_MORE, SA(&b), sizeof(b)), 4);
	CHECK_EQ(recv(r, buf, sizeof(buf), MSG_DONTWAIT), -1);
	CHECK_EQ(sendto(s, "two", 3, 0, SA(&b), sizeof(b)), 3);
	CHECK_EQ(recv(r, buf, sizeof(buf), 0), 7);
	CHECK(!memcmp(buf, "one two", 7));
}

TEST(an_echo_is_answered)
{
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	struct sockaddr_in to = at(INADDR_LOOPBACK, 0);
	unsigned short words[8] = { htons(ICMP_ECHO << 8), 0, htons(0x1234),
				    htons(1), 1, 2, 3, 4 };
	unsigned char in[128];
	unsigned int sum = 0;

	if (fd < 0) {
		CHECK(errno == EPERM);
		return;
	}
	for (int i = 0; i < 8; i++)
		sum += words[i];
	sum = (sum & 0xffff) + (sum >> 16);
	words[1] = ~(sum + (sum >> 16));
	CHECK_EQ(sendto(fd, words, 16, 0, SA(&to), sizeof(to)), 16);
	for (int i = 0; i < 4; i++) {
		CHECK_EQ(recv(fd, in, sizeof(in), 0), 36);
		if (in[20] == ICMP_ECHOREPLY)
			break;
	}
	CHECK_EQ(in[20], ICMP_ECHOREPLY);
	CHECK(!memcmp(in + 24, words + 2, 12));
}

TEST(bad_arguments_say_so)
{
	struct sockaddr_in a = at(INADDR_LOOPBACK, 9);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), v = 256;

	CHECK_EQ(send(fd, "x", 1, 0), -1);
	CHECK_EQ(errno, EDESTADDRREQ);
	CHECK_EQ(sendto(fd, "x", 1, 0, SA(&a), 8), -1);
	CHECK_EQ(errno, EINVAL);
	a.sin_family = AF_UNIX;
	CHECK_EQ(sendto(fd, "x", 1, 0, SA(&a), sizeof(a)), -1);
	CHECK_EQ(errno, EAFNOSUPPORT);
	a = at(INADDR_BROADCAST, 9);
	CHECK_EQ(sendto(fd, "x", 1, 0, SA(&a), sizeof(a)), -1);
	CHECK(errno == EACCES || errno == ENETUNREACH);
	CHECK_EQ(setsockopt(fd, IPPROTO_IP, IP_TTL, &v, sizeof(v)), -1);
	CHECK_EQ(errno, EINVAL);
	CHECK_EQ(listen(fd, 1), -1);
	CHECK_EQ(errno, EOPNOTSUPP);
	CHECK_EQ(socket(AF_INET, SOCK_DGRAM, 300), -1);
	CHECK_EQ(errno, EINVAL);
	CHECK_EQ(socket(AF_INET, SOCK_SEQPACKET, 0), -1);
	CHECK_EQ(errno, ESOCKTNOSUPPORT);
}

TAP_MAIN()
