/* SPDX-License-Identifier: MIT */
/*
 * netlink.c -- AF_NETLINK and rtnetlink as Linux gives them: ports, acks,
 * lists, groups, and requests that make no sense
 *
 * Only lo is touched, and left as it was found.  What changes it wants root.
 */

#include "rtnl.h"

#include <poll.h>

enum { ADD_MEMBERSHIP = 1, DROP_MEMBERSHIP, PKTINFO, LIST_MEMBERSHIPS = 9,
       CAP_ACK, EXT_ACK };

static int nl_socket(int protocol)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	CHECK(fd >= 0);
	return fd;
}

static int nl_bind(int fd, uint32_t pid, uint32_t groups)
{
	struct sa_nl a = { AF_NETLINK, 0, pid, groups };

	return bind(fd, (struct sockaddr *)&a, sizeof(a));
}

static uint32_t port_of(int fd)
{
	struct sa_nl a = { 0 };
	socklen_t n = sizeof(a);

	CHECK_EQ(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	CHECK_EQ(n, sizeof(a));
	return a.pid;
}

/* A request with a body, and what came back into buf. */
static ssize_t ask(int fd, int type, int flags, const void *body, size_t len,
		   void *buf, size_t size)
{
	char out[512] = { 0 };
	struct nlmsg *m = (void *)out;
	struct sa_nl kernel = { AF_NETLINK, 0, 0, 0 };

	*m = (struct nlmsg){ sizeof(*m) + len, type, flags, 77, 0 };
	memcpy(m + 1, body, len);
	CHECK_EQ(sendto(fd, out, m->len, 0, (struct sockaddr *)&kernel,
			sizeof(kernel)), m->len);
	return recv(fd, buf, size, MSG_DONTWAIT);
}

/* The error of an answer that is an ack; 1 if it is none. */
static int ack_error(const void *buf, ssize_t n)
{
	const struct nlmsg *m = buf;

	if (n < (ssize_t)sizeof(*m) + 4 || m->type != ERROR)
		return 1;
	CHECK_EQ(m->seq, 77);
	return *(const int *)(m + 1);
}

static int ask_ack(int fd, int type, int flags, const void *body, size_t len)
{
	char buf[4096];

	return ack_error(buf, ask(fd, type, flags | REQUEST | ACK, body, len,
				  buf, sizeof(buf)));
}

TEST(socket_takes_the_types_and_protocols_that_there_are)
{
	CHECK_ERR(socket(AF_NETLINK, SOCK_STREAM, ROUTE), ESOCKTNOSUPPORT);
	CHECK_ERR(socket(AF_NETLINK, SOCK_SEQPACKET, ROUTE), ESOCKTNOSUPPORT);
	CHECK_ERR(socket(AF_NETLINK, SOCK_RAW, 31), EPROTONOSUPPORT);
	CHECK_ERR(socket(AF_NETLINK, SOCK_RAW, 32), EPROTONOSUPPORT);
	CHECK_ERR(socket(AF_NETLINK, SOCK_RAW, -1), EPROTONOSUPPORT);
	close(nl_socket(ROUTE));
	CHECK(socket(AF_NETLINK, SOCK_DGRAM, ROUTE) >= 0);
}

TEST(first_port_is_the_process_number_and_the_next_is_another)
{
	int a = nl_socket(ROUTE), b = nl_socket(ROUTE);

	CHECK_EQ(port_of(a), 0);
	CHECK_EQ(nl_bind(a, 0, 0), 0);
	CHECK_EQ(port_of(a), getpid());
	CHECK_EQ(nl_bind(b, 0, 0), 0);
	CHECK(port_of(b) != (uint32_t)getpid() && port_of(b) != 0);
	CHECK_ERR(nl_bind(a, getpid() + 1, 0), EINVAL);
	CHECK_EQ(nl_bind(a, getpid(), 0), 0);
	close(a);
	a = nl_socket(ROUTE);
	CHECK_ERR(nl_bind(a, port_of(b), 0), EADDRINUSE);
}

TEST(bad_addresses_are_refused)
{
	struct sa_nl a = { AF_INET, 0, 0, 0 };
	int fd = nl_socket(ROUTE);

	CHECK_ERR(bind(fd, (struct sockaddr *)&a, sizeof(a)), EINVAL);
	a.family = AF_NETLINK;
	CHECK_ERR(bind(fd, (struct sockaddr *)&a, 8), EINVAL);
	CHECK_ERR(connect(fd, (struct sockaddr *)&a, 1), EINVAL);
	CHECK_ERR(listen(fd, 1), EOPNOTSUPP);
	CHECK_ERR(accept(fd, NULL, NULL), EOPNOTSUPP);
	CHECK_ERR(shutdown(fd, SHUT_RD), EOPNOTSUPP);
	CHECK_ERR(send(fd, "x", 0, 0), ENODATA);
	a.family = AF_INET;
	CHECK_ERR(sendto(fd, "x", 1, 0, (void *)&a, sizeof(a)), EINVAL);
	CHECK_ERR(bind(fd, (struct sockaddr *)8, sizeof(a)), EFAULT);
	CHECK_ERR(send(fd, (void *)8, 64, 0), EFAULT);
}

TEST(ack_repeats_the_request)
{
	struct ifinfo body = { .index = 12345678 };
	int fd = nl_socket(ROUTE);
	char buf[1024];
	struct nlmsg *m = (void *)buf;
	ssize_t n = ask(fd, GETLINK, REQUEST | ACK, &body, sizeof(body), buf,
			sizeof(buf));

	CHECK_EQ(ack_error(buf, n), -ENODEV);
	CHECK_EQ(m->len, n);
	CHECK_EQ(n, 16 + 4 + 16 + sizeof(body));
	CHECK_EQ(m->pid, getpid());
	CHECK_EQ(((struct nlmsg *)(buf + 20))->type, GETLINK);
	/* Nothing else is waiting. */
	CHECK_ERR(recv(fd, buf, sizeof(buf), MSG_DONTWAIT), EAGAIN);
}

TEST(capped_ack_has_the_header_only)
{
	struct ifinfo body = { .index = 12345678 };
	int fd = nl_socket(ROUTE), one = 1, got = 0;
	socklen_t len = sizeof(got);
	char buf[1024];

	CHECK_EQ(setsockopt(fd, SOL_NETLINK_, CAP_ACK, &one, sizeof(one)), 0);
	CHECK_EQ(getsockopt(fd, SOL_NETLINK_, CAP_ACK, &got, &len), 0);
	CHECK_EQ(got, 1);
	CHECK_EQ(ask(fd, GETLINK, REQUEST | ACK, &body, sizeof(body), buf,
		     sizeof(buf)), 36);
	CHECK(((struct nlmsg *)buf)->flags & 0x100);
}

TEST(unknown_messages_are_not_supported)
{
	char body[64] = { 0 };
	int fd = nl_socket(ROUTE);

	CHECK_EQ(ask_ack(fd, 1000, 0, body, 16), -EOPNOTSUPP);
	CHECK_EQ(ask_ack(fd, 123, 0, body, 16), -EOPNOTSUPP);
	/* Not a request: acknowledged, and nothing more. */
	CHECK_EQ(ask_ack(fd, NOOP, 0, body, 0), 0);
	/* Too short for its kind. */
	CHECK_EQ(ask_ack(fd, GETLINK, 0, body, 4), -EINVAL);
	CHECK_EQ(ask_ack(fd, GETLINK, 0, body, sizeof(struct ifinfo)), -EINVAL);
}

/* Lengths that lie: no answer, no harm, and the socket works on. */
TEST(lengths_that_lie_are_passed_over)
{
	struct nlmsg m = { 15, GETLINK, REQUEST | ACK, 77, 0 };
	int fd = nl_socket(ROUTE);
	char buf[256];
	static const uint32_t lens[] = { 0, 1, 15, 17, 1000, 0x7fffffff,
					 0xffffffff };

	for (unsigned i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		m.len = lens[i];
		CHECK_EQ(send(fd, &m, sizeof(m), 0), sizeof(m));
		CHECK_ERR(recv(fd, buf, sizeof(buf), MSG_DONTWAIT), EAGAIN);
	}
	CHECK_EQ(send(fd, "abc", 3, 0), 3);
	CHECK_EQ(ask_ack(fd, GETLINK, 0, buf, 4), -EINVAL);
}

static int lo_index(void)
{
	return if_nametoindex("lo");
}

/* Does a list answer show lo with its name?  The messages until DONE. */
static int dump_links(int fd, int *messages, int *done)
{
	struct ifinfo body = { 0 };
	char buf[32768];
	int found = 0;
	ssize_t n = ask(fd, GETLINK, REQUEST | DUMP, &body, sizeof(body), buf,
			sizeof(buf));

	*messages = *done = 0;
	for (int round = 0; n > 0 && !*done && round < 100; round++) {
		for (char *p = buf; p < buf + n; ) {
			struct nlmsg *m = (void *)p;
			struct ifinfo *i = (void *)(m + 1);

			CHECK(m->len >= 16 && p + m->len <= buf + n);
			CHECK(m->flags & MULTI);
			if (m->type == DONE) {
				*done = 1;
				break;
			}
			CHECK_EQ(m->type, NEWLINK);
			++*messages;
			if (i->index == lo_index() && (i->flags & IFF_LOOPBACK))
				found = 1;
			p += (m->len + 3) & ~3u;
		}
		if (!*done)
			n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	}
	return found;
}

TEST(list_of_links_has_lo_and_ends)
{
	int fd = nl_socket(ROUTE), messages, done;

	CHECK(dump_links(fd, &messages, &done));
	CHECK(done && messages >= 1);
	CHECK(dump_links(fd, &messages, &done));
}

TEST(second_list_waits_for_the_first)
{
	struct ifinfo body = { 0 };
	int fd = nl_socket(ROUTE);
	char out[64];
	struct nlmsg *m = (void *)out;
	char buf[32768];
	ssize_t n;

	*m = (struct nlmsg){ sizeof(*m) + sizeof(body), GETLINK,
			     REQUEST | DUMP, 1, 0 };
	memcpy(m + 1, &body, sizeof(body));
	CHECK_EQ(send(fd, out, m->len, 0), m->len);
	m->seq = 77;
	CHECK_EQ(send(fd, out, m->len, 0), m->len);
	/* The first one is read to its end, then the other or EBUSY. */
	for (int i = 0; i < 50; i++) {
		n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (n <= 0)
			break;
	}
	CHECK_EQ(n, -1);
	CHECK_EQ(errno, EAGAIN);
}

TEST(peek_with_trunc_tells_the_length)
{
	struct ifinfo body = { .index = lo_index() };
	int fd = nl_socket(ROUTE);
	char buf[16384];
	ssize_t n, real;

	n = ask(fd, GETLINK, REQUEST, &body, sizeof(body), buf, 1);
	CHECK_EQ(n, 1);
	ask(fd, GETLINK, REQUEST, &body, sizeof(body), NULL, 0);
	ask(fd, GETLINK, REQUEST, &body, sizeof(body), NULL, 0);
	CHECK_EQ(send(fd, buf, 0, 0), -1);
	n = ask(fd, GETLINK, REQUEST, &body, sizeof(body), buf, sizeof(buf));
	CHECK(n > 32);
	CHECK_EQ(((struct nlmsg *)buf)->len, n);
	{
		char out[64];
		struct nlmsg *m = (void *)out;

		*m = (struct nlmsg){ sizeof(*m) + sizeof(body), GETLINK,
				     REQUEST, 77, 0 };
		memcpy(m + 1, &body, sizeof(body));
		CHECK_EQ(send(fd, out, m->len, 0), m->len);
	}
	real = recv(fd, buf, 1, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
	CHECK_EQ(real, n);
	CHECK_EQ(recv(fd, buf, sizeof(buf), MSG_DONTWAIT), real);
}

TEST(groups_are_joined_and_listed)
{
	int fd = nl_socket(ROUTE), group = 1;
	uint32_t list[4] = { 0 };
	socklen_t len = sizeof(list);

	CHECK_EQ(setsockopt(fd, SOL_NETLINK_, ADD_MEMBERSHIP, &group,
			    sizeof(group)), 0);
	CHECK_EQ(getsockopt(fd, SOL_NETLINK_, LIST_MEMBERSHIPS, list, &len),
		 0);
	CHECK_EQ(list[0], 1);
	group = 0;
	CHECK_ERR(setsockopt(fd, SOL_NETLINK_, ADD_MEMBERSHIP, &group,
			     sizeof(group)), EINVAL);
	group = 100000;
	CHECK_ERR(setsockopt(fd, SOL_NETLINK_, ADD_MEMBERSHIP, &group,
			     sizeof(group)), EINVAL);
	group = 1;
	CHECK_EQ(setsockopt(fd, SOL_NETLINK_, DROP_MEMBERSHIP, &group,
			    sizeof(group)), 0);
	CHECK_ERR(setsockopt(fd, SOL_NETLINK_, 999, &group, sizeof(group)),
		  ENOPROTOOPT);
	CHECK_ERR(setsockopt(fd, 1234, 1, &group, sizeof(group)), ENOPROTOOPT);
}

/* Two programs on the bus that has no service. */
TEST(programs_talk_to_each_other)
{
	int a = nl_socket(USERSOCK), b = nl_socket(USERSOCK);
	struct sa_nl to = { AF_NETLINK, 0, 0, 0 }, from = { 0 };
	socklen_t len = sizeof(from);
	char buf[16];

	CHECK_EQ(nl_bind(a, 0, 0), 0);
	CHECK_EQ(nl_bind(b, 0, 0), 0);
	to.pid = port_of(b);
	CHECK_EQ(sendto(a, "hello", 5, 0, (void *)&to, sizeof(to)), 5);
	CHECK_EQ(recvfrom(b, buf, sizeof(buf), 0, (void *)&from, &len), 5);
	CHECK(!memcmp(buf, "hello", 5));
	CHECK_EQ(from.pid, port_of(a));
	to.pid = 0x7fffffff;
	CHECK_ERR(sendto(a, "x", 1, 0, (void *)&to, sizeof(to)), ECONNREFUSED);
	to.pid = 0;
	CHECK_ERR(sendto(a, "x", 1, 0, (void *)&to, sizeof(to)), ECONNREFUSED);
}

/* The receiver's buffer bounds what is queued for him. */
TEST(full_receiver_stops_the_sender)
{
	int a = nl_socket(USERSOCK), b = nl_socket(USERSOCK), size = 4096, n;
	struct sa_nl to = { AF_NETLINK, 0, 0, 0 };
	char msg[1000] = { 0 };

	CHECK_EQ(setsockopt(b, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
	CHECK_EQ(nl_bind(b, 0, 0), 0);
	to.pid = port_of(b);
	for (n = 0; n < 1000; n++)
		if (sendto(a, msg, sizeof(msg), MSG_DONTWAIT, (void *)&to,
			   sizeof(to)) < 0)
			break;
	CHECK(n > 0 && n < 100);
	CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(recv(b, msg, sizeof(msg), 0), sizeof(msg));
}

static int set_mtu(int fd, uint32_t mtu)
{
	struct {
		struct ifinfo i;
		struct rtattr a;
		uint32_t mtu;
	} body = { .i = { .index = lo_index() }, .a = { 8, IFLA_MTU },
		   .mtu = mtu };

	return ask_ack(fd, NEWLINK, 0, &body, sizeof(body));
}

TEST(listeners_hear_of_a_changed_link)
{
	int fd = nl_socket(ROUTE), ear = nl_socket(ROUTE);
	char buf[8192];
	ssize_t n;

	need_root();
	CHECK_EQ(nl_bind(ear, 0, 1), 0);
	CHECK_EQ(set_mtu(fd, 60000), 0);
	n = recv(ear, buf, sizeof(buf), MSG_DONTWAIT);
	CHECK(n > 32);
	CHECK_EQ(((struct nlmsg *)buf)->type, NEWLINK);
	CHECK_EQ(((struct ifinfo *)(buf + 16))->index, lo_index());
	CHECK_EQ(set_mtu(fd, 65536), 0);
}

TEST(changes_want_a_privilege)
{
	int fd = nl_socket(ROUTE);

	need_root();
	CHECK_EQ(setgid(65534), 0);
	CHECK_EQ(setuid(65534), 0);
	CHECK_EQ(set_mtu(fd, 60000), -EPERM);
}

static int change_addr(int fd, int type, int flags, int prefixlen,
		       const char *ip)
{
	struct {
		struct addrmsg i;
		struct rtattr a;
		uint32_t local;
		struct rtattr b;
		uint32_t address;
	} body = { .i = { AF_INET, prefixlen, 0, 0, lo_index() },
		   .a = { 8, 2 }, .b = { 8, 1 } };

	body.local = body.address = inet_addr(ip);
	return ask_ack(fd, type, flags, &body, sizeof(body));
}

TEST(addresses_come_and_go)
{
	int fd = nl_socket(ROUTE);

	need_root();
	CHECK_EQ(change_addr(fd, NEWADDR, CREATE | EXCL, 24, "127.7.7.7"), 0);
	CHECK_EQ(change_addr(fd, NEWADDR, CREATE | EXCL, 24, "127.7.7.7"),
		 -EEXIST);
	CHECK_EQ(change_addr(fd, NEWADDR, CREATE | EXCL, 33, "127.7.7.8"),
		 -EINVAL);
	CHECK_EQ(change_addr(fd, DELADDR, 0, 24, "127.7.7.7"), 0);
	CHECK_EQ(change_addr(fd, DELADDR, 0, 24, "127.7.7.7"),
		 -EADDRNOTAVAIL);
}

TEST(attributes_that_are_too_short_are_refused)
{
	struct {
		struct ifinfo i;
		struct rtattr a;
		uint16_t mtu, pad;
	} body = { .i = { .index = lo_index() }, .a = { 6, IFLA_MTU } };
	int fd = nl_socket(ROUTE);

	need_root();
	CHECK_EQ(ask_ack(fd, NEWLINK, 0, &body, sizeof(body)), -ERANGE);
	body.a.len = 3;               /* no attribute: passed over */
	CHECK_EQ(ask_ack(fd, NEWLINK, 0, &body, sizeof(body)), 0);
}

TEST(devices_of_unknown_kind_are_not_made)
{
	struct {
		struct ifinfo i;
		struct rtattr info, kind;
		char name[8];
	} body = { .info = { 16, IFLA_LINKINFO }, .kind = { 12, 1 },
		   .name = "nosuch7" };
	int fd = nl_socket(ROUTE);

	need_root();
	CHECK_EQ(ask_ack(fd, NEWLINK, CREATE | EXCL, &body, sizeof(body)),
		 -EOPNOTSUPP);
	CHECK_EQ(ask_ack(fd, NEWLINK, 0, &body, sizeof(body)), -ENODEV);
	body.i.index = lo_index();
	CHECK_EQ(ask_ack(fd, DELLINK, 0, &body, sizeof(body.i)), -EOPNOTSUPP);
}

/* Any bytes at all, to every message: the kernel stays, and so does lo. */
TEST(noise_does_no_harm)
{
	static char buf[4096];
	int fd = nl_socket(ROUTE);
	uint32_t x = 12345;

	if (!geteuid()) {
		CHECK_EQ(setgid(65534), 0);
		CHECK_EQ(setuid(65534), 0);
	}
	for (int i = 0; i < 3000; i++) {
		struct nlmsg *m = (void *)buf;
		size_t len = 16 + x % 200;

		for (size_t j = 0; j < len; j++) {
			x = x * 1664525 + 1013904223;
			buf[j] = x >> 24;
		}
		m->len = x % 4 ? len : m->len;
		m->type = 16 + x % 110;
		m->flags = (m->flags & 0x300) | REQUEST;
		send(fd, buf, len, MSG_DONTWAIT);
		while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
			;
	}
	CHECK(lo_index() > 0);
}

TAP_MAIN()
