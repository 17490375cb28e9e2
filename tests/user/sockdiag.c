/* SPDX-License-Identifier: MIT */
/*
 * sockdiag.c -- NETLINK_SOCK_DIAG as `ss` uses it: lists, filters, one socket
 * by its numbers and cookie, and its end
 *
 * A Linux whose sock_diag is a module that is not there skips.
 */

#include "tap.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* <linux/sock_diag.h> and its kind, as far as it goes here. */
enum { SOCK_DIAG = 4, BY_FAMILY = 20, DESTROY = 21, DUMP = 0x301 };
enum { ST_ESTABLISHED = 1, ST_CLOSE = 7, ST_LISTEN = 10 };
enum { REQ_BYTECODE = 1, BC_S_COND = 7, BC_S_EQ = 11, BC_D_EQ = 12 };
enum { DIAG_MEMINFO = 1, DIAG_INFO, DIAG_CONG = 4, DIAG_SKMEMINFO = 7 };
enum { UD_NAME, UD_VFS, UD_PEER, UD_ICONS, UD_RQLEN };

struct nlmsg {
	uint32_t len;
	uint16_t type, flags;
	uint32_t seq, pid;
};
struct sockid {
	uint16_t sport, dport;
	uint32_t src[4], dst[4], iface, cookie[2];
};
struct inet_req {
	uint8_t family, protocol, ext, pad;
	uint32_t states;
	struct sockid id;
};
struct inet_msg {
	uint8_t family, state, timer, retrans;
	struct sockid id;
	uint32_t expires, rqueue, wqueue, uid, inode;
};
struct unix_req {
	uint8_t family, protocol;
	uint16_t pad;
	uint32_t states, ino, show, cookie[2];
};
struct unix_msg {
	uint8_t family, type, state, pad;
	uint32_t ino, cookie[2];
};
struct netlink_req {
	uint8_t family, protocol;
	uint16_t pad;
	uint32_t ino, show, cookie[2];
};
struct netlink_msg {
	uint8_t family, type, protocol, state;
	uint32_t portid, dst_portid, dst_group, ino, cookie[2];
};
struct attr {
	uint16_t len, type;
};
struct bc_op {
	uint8_t code, yes;
	uint16_t no;
};

static char answer[65536];
static int answer_len;

static void skip(const char *why)
{
	printf("# skip: %s\n", why);
	exit(TAP_SKIP_STATUS);
}

/* Everything that comes to a request, in answer; 0 or -errno. */
static int ask(int type, int flags, const void *req, int len, const void *more,
	       int more_len)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, SOCK_DIAG);
	char buf[4096];
	struct nlmsg *h = (struct nlmsg *)buf;

	if (fd < 0)
		skip("no sock_diag");
	*h = (struct nlmsg){ .len = sizeof(*h) + len + more_len, .type = type,
			     .flags = flags, .seq = 7 };
	memcpy(buf + sizeof(*h), req, len);
	if (more_len)
		memcpy(buf + sizeof(*h) + len, more, more_len);
	if (send(fd, buf, h->len, 0) < 0) {
		close(fd);
		return -errno;
	}
	answer_len = 0;
	for (;;) {
		int n = recv(fd, answer + answer_len,
			     sizeof(answer) - answer_len, 0);

		if (n <= 0) {
			close(fd);
			return n ? -errno : -EIO;
		}
		h = (struct nlmsg *)(answer + answer_len);
		if (h->type == 2) {
			close(fd);
			return *(int *)(h + 1);
		}
		for (int at = 0; at + (int)sizeof(*h) <= n;) {
			h = (struct nlmsg *)(answer + answer_len + at);
			if (h->type == 3) {
				answer_len += at;
				close(fd);
				return 0;
			}
			at += (h->len + 3) & ~3;
		}
		answer_len += n;
		if (!(flags & 0x300)) {
			close(fd);
			return 0;
		}
	}
}

/* The n-th answer's payload; NULL. */
static void *nth(int n, struct nlmsg **hdr)
{
	int at = 0;

	while (at + (int)sizeof(struct nlmsg) <= answer_len) {
		struct nlmsg *h = (struct nlmsg *)(answer + at);

		if (!n--) {
			if (hdr)
				*hdr = h;
			return h + 1;
		}
		at += (h->len + 3) & ~3;
	}
	return NULL;
}

static struct attr *find_attr(struct nlmsg *h, int head, int type)
{
	for (int at = sizeof(*h) + head; at + 4 <= (int)h->len;) {
		struct attr *a = (struct attr *)((char *)h + at);

		if ((a->type & 0x3fff) == type)
			return a;
		at += (a->len + 3) & ~3;
	}
	return NULL;
}

static int dump_inet(int protocol, uint32_t states, int ext, const void *bc,
		     int bc_len)
{
	struct inet_req req = { .family = AF_INET, .protocol = protocol,
				.ext = ext, .states = states };
	char more[256] = { 0 };
	int err;

	if (bc_len) {
		*(struct attr *)more = (struct attr){ bc_len + 4, REQ_BYTECODE };
		memcpy(more + 4, bc, bc_len);
	}
	err = ask(BY_FAMILY, DUMP, &req, sizeof(req), more,
		  bc_len ? bc_len + 4 : 0);
	if (err == -ENOENT && !bc_len)
		skip("no inet_diag");
	return err;
}

/* Among the answers, the socket of our port; with its header. */
static struct inet_msg *by_sport(uint16_t port, struct nlmsg **h)
{
	struct inet_msg *m;

	for (int i = 0; (m = nth(i, h)); i++)
		if (m->id.sport == port)
			return m;
	return NULL;
}

static uint32_t inode_of(int fd)
{
	struct stat st;

	CHECK(!fstat(fd, &st));
	return st.st_ino;
}

static int listener(struct sockaddr_in *a, int backlog)
{
	socklen_t len = sizeof(*a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*a = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	CHECK(!bind(fd, (struct sockaddr *)a, len));
	CHECK(!listen(fd, backlog));
	CHECK(!getsockname(fd, (struct sockaddr *)a, &len));
	return fd;
}

static int connected(const struct sockaddr_in *a)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(!connect(fd, (const struct sockaddr *)a, sizeof(*a)));
	return fd;
}

TEST(a_listener_shows_how_many_wait_and_may)
{
	struct sockaddr_in a;
	int l = listener(&a, 3);
	struct inet_msg *m;

	connected(&a);
	connected(&a);
	CHECK_EQ(dump_inet(IPPROTO_TCP, 1 << ST_LISTEN, 0, NULL, 0), 0);
	m = by_sport(a.sin_port, NULL);
	CHECK(m != NULL);
	if (!m)
		return;
	CHECK_EQ(m->family, AF_INET);
	CHECK_EQ(m->state, ST_LISTEN);
	CHECK_EQ(m->rqueue, 2);
	CHECK_EQ(m->wqueue, 3);
	CHECK_EQ(m->inode, inode_of(l));
	CHECK_EQ(m->uid, getuid());
	CHECK_EQ(m->id.src[0], htonl(INADDR_LOOPBACK));
}

TEST(a_connection_shows_its_queues_and_what_is_asked_for)
{
	struct sockaddr_in a;
	int l = listener(&a, 3), c = connected(&a);
	struct nlmsg *h = NULL;
	struct inet_msg *m;
	struct attr *info;

	CHECK_EQ(write(c, "12345", 5), 5);
	CHECK_EQ(dump_inet(IPPROTO_TCP, 1 << ST_ESTABLISHED,
			   1 << (DIAG_INFO - 1) | 1 << (DIAG_CONG - 1) |
			   1 << (DIAG_MEMINFO - 1) |
			   1 << (DIAG_SKMEMINFO - 1), NULL, 0), 0);
	m = by_sport(a.sin_port, &h);
	CHECK(m != NULL);
	if (!m)
		return;
	CHECK_EQ(m->rqueue, 5);
	CHECK_EQ(m->state, ST_ESTABLISHED);
	info = find_attr(h, sizeof(*m), DIAG_INFO);
	CHECK(info && info->len >= 4 + 104);
	if (info)
		CHECK_EQ(((uint8_t *)(info + 1))[0], ST_ESTABLISHED);
	CHECK(find_attr(h, sizeof(*m), DIAG_CONG) != NULL);
	CHECK(find_attr(h, sizeof(*m), DIAG_MEMINFO) != NULL);
	CHECK(find_attr(h, sizeof(*m), DIAG_SKMEMINFO) != NULL);
	close(l);
}

TEST(a_filter_chooses_by_port_and_address)
{
	struct sockaddr_in a, b;
	int la = listener(&a, 3), lb = listener(&b, 3);
	struct bc_op eq[2] = { { BC_S_EQ, 8, 12 },
			       { 0, 0, ntohs(a.sin_port) } };
	struct {
		struct bc_op op;
		uint8_t family, prefix, pad[2];
		int port;
		uint32_t addr;
	} cond = { { BC_S_COND, 16, 20 }, AF_INET, 8, { 0 }, -1,
		   htonl(0x0a000000) };

	dump_inet(IPPROTO_TCP, 1 << ST_LISTEN, 0, NULL, 0);
	CHECK_EQ(dump_inet(IPPROTO_TCP, 1 << ST_LISTEN, 0, eq, sizeof(eq)), 0);
	CHECK(by_sport(a.sin_port, NULL) != NULL);
	CHECK(by_sport(b.sin_port, NULL) == NULL);
	CHECK_EQ(dump_inet(IPPROTO_TCP, 1 << ST_LISTEN, 0, &cond,
			   sizeof(cond)), 0);
	CHECK(by_sport(a.sin_port, NULL) == NULL);
	cond.addr = htonl(INADDR_LOOPBACK);
	CHECK_EQ(dump_inet(IPPROTO_TCP, 1 << ST_LISTEN, 0, &cond,
			   sizeof(cond)), 0);
	CHECK(by_sport(a.sin_port, NULL) && by_sport(b.sin_port, NULL));
	close(la);
	close(lb);
}

TEST(filters_that_lead_nowhere_are_refused)
{
	static const struct bc_op bad[][2] = {
		{ { 99, 8, 12 }, { 0, 0, 0 } },        /* no such code */
		{ { BC_S_EQ, 4, 8 }, { 0, 0, 80 } },   /* into its operand */
		{ { BC_S_EQ, 8, 6 }, { 0, 0, 80 } },   /* odd */
		{ { BC_S_EQ, 8, 16 }, { 0, 0, 80 } },  /* too far */
		{ { BC_S_EQ, 0, 8 }, { 0, 0, 80 } },   /* for ever */
	};

	dump_inet(IPPROTO_TCP, 1 << ST_LISTEN, 0, NULL, 0);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK_EQ(dump_inet(IPPROTO_TCP, 1 << ST_LISTEN, 0, bad[i],
				   sizeof(bad[i])), -EINVAL);
}

TEST(who_is_unknown_is_not_found)
{
	struct inet_req req = { .family = 44, .protocol = IPPROTO_TCP };

	dump_inet(IPPROTO_TCP, 1 << ST_LISTEN, 0, NULL, 0);
	CHECK_EQ(ask(BY_FAMILY, DUMP, &req, sizeof(req), NULL, 0), -ENOENT);
	req.family = 200;
	CHECK_EQ(ask(BY_FAMILY, DUMP, &req, sizeof(req), NULL, 0), -EINVAL);
	req.family = AF_INET;
	CHECK_EQ(ask(BY_FAMILY, DUMP, &req, 8, NULL, 0), -EINVAL);
	CHECK_EQ(ask(BY_FAMILY, DUMP, &req, 1, NULL, 0), -EINVAL);
}

/* The listener of a alone, by its numbers, with this cookie. */
static int ask_one(int type, const struct sockaddr_in *a, uint32_t lo,
		   uint32_t hi)
{
	struct inet_req req = { .family = AF_INET, .protocol = IPPROTO_TCP,
		.id = { .sport = a->sin_port, .src = { a->sin_addr.s_addr },
			.cookie = { lo, hi } } };

	return ask(type, type == DESTROY ? 5 : 1, &req, sizeof(req), NULL, 0);
}

TEST(one_socket_is_found_by_numbers_and_cookie)
{
	struct sockaddr_in a;
	int l = listener(&a, 3);
	struct inet_msg *m;
	uint32_t lo, hi;

	dump_inet(IPPROTO_TCP, 1 << ST_LISTEN, 0, NULL, 0);
	m = by_sport(a.sin_port, NULL);
	CHECK(m != NULL);
	if (!m)
		return;
	lo = m->id.cookie[0];
	hi = m->id.cookie[1];
	CHECK(lo || hi);
	CHECK_EQ(ask_one(BY_FAMILY, &a, lo, hi), 0);
	m = nth(0, NULL);
	CHECK(m && m->inode == inode_of(l));
	CHECK_EQ(ask_one(BY_FAMILY, &a, ~0u, ~0u), 0);
	CHECK_EQ(ask_one(BY_FAMILY, &a, lo + 1, hi), -ENOENT);
	close(l);
	CHECK_EQ(ask_one(BY_FAMILY, &a, lo, hi), -ENOENT);
}

TEST(a_destroyed_connection_is_aborted)
{
	struct sockaddr_in a, me;
	socklen_t len = sizeof(me);
	int l = listener(&a, 3), c = connected(&a), err;
	struct inet_req req = { .family = AF_INET, .protocol = IPPROTO_TCP };
	char byte;

	if (getuid())
		skip("not root");
	dump_inet(IPPROTO_TCP, 1 << ST_LISTEN, 0, NULL, 0);
	CHECK(!getsockname(c, (struct sockaddr *)&me, &len));
	req.id = (struct sockid){ .sport = me.sin_port, .dport = a.sin_port,
		.src = { htonl(INADDR_LOOPBACK) },
		.dst = { htonl(INADDR_LOOPBACK) }, .cookie = { ~0u, ~0u } };
	err = ask(DESTROY, 5, &req, sizeof(req), NULL, 0);
	if (err == -EOPNOTSUPP)
		skip("no SOCK_DESTROY");
	CHECK_EQ(err, 0);
	CHECK_EQ(read(c, &byte, 1), -1);
	CHECK_EQ(errno, ECONNABORTED);
	close(l);
}

TEST(a_bound_udp_socket_is_listed)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM, 0), err;
	struct inet_req req = { .family = AF_INET, .protocol = IPPROTO_UDP,
				.states = 1 << ST_CLOSE };
	struct inet_msg *m;

	CHECK(!bind(fd, (struct sockaddr *)&a, len));
	CHECK(!getsockname(fd, (struct sockaddr *)&a, &len));
	err = ask(BY_FAMILY, DUMP, &req, sizeof(req), NULL, 0);
	if (err == -ENOENT)
		skip("no udp_diag");
	CHECK_EQ(err, 0);
	m = by_sport(a.sin_port, NULL);
	CHECK(m && m->inode == inode_of(fd));
}

static struct unix_msg *unix_by_ino(uint32_t ino, struct nlmsg **h)
{
	struct unix_msg *m;

	for (int i = 0; (m = nth(i, h)); i++)
		if (m->ino == ino)
			return m;
	return NULL;
}

TEST(unix_sockets_show_names_peers_and_queues)
{
	struct unix_req req = { .family = AF_UNIX, .states = ~0u,
				.show = 1 | 4 | 0x10 };
	struct sockaddr_un un = { .sun_family = AF_UNIX,
				  .sun_path = "\0sockdiag-test" };
	int sv[2], fd = socket(AF_UNIX, SOCK_DGRAM, 0), err;
	struct nlmsg *h = NULL;
	struct attr *at;

	CHECK(!socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	CHECK_EQ(write(sv[0], "abc", 3), 3);
	CHECK(!bind(fd, (struct sockaddr *)&un, 2 + 14));
	err = ask(BY_FAMILY, DUMP, &req, sizeof(req), NULL, 0);
	if (err == -ENOENT)
		skip("no unix_diag");
	CHECK_EQ(err, 0);
	CHECK(unix_by_ino(inode_of(sv[1]), &h) != NULL);
	at = h ? find_attr(h, sizeof(struct unix_msg), UD_PEER) : NULL;
	CHECK(at && *(uint32_t *)(at + 1) == inode_of(sv[0]));
	at = h ? find_attr(h, sizeof(struct unix_msg), UD_RQLEN) : NULL;
	CHECK(at && *(uint32_t *)(at + 1) == 3);
	CHECK(unix_by_ino(inode_of(fd), &h) != NULL);
	at = h ? find_attr(h, sizeof(struct unix_msg), UD_NAME) : NULL;
	CHECK(at && at->len == 4 + 14 && !memcmp(at + 1, un.sun_path, 14));
	req.ino = inode_of(fd);
	req.cookie[0] = req.cookie[1] = ~0u;
	CHECK_EQ(ask(BY_FAMILY, 1, &req, sizeof(req), NULL, 0), 0);
	CHECK(unix_by_ino(req.ino, NULL) != NULL);
}

TEST(netlink_sockets_show_their_ports)
{
	struct netlink_req req = { .family = AF_NETLINK, .protocol = 255 };
	struct { unsigned short family, pad; uint32_t pid, groups; } nl;
	socklen_t len = sizeof(nl);
	int fd = socket(AF_NETLINK, SOCK_RAW, 0), err, found = 0;
	struct netlink_msg *m;

	memset(&nl, 0, sizeof(nl));
	nl.family = AF_NETLINK;
	CHECK(!bind(fd, (struct sockaddr *)&nl, sizeof(nl)));
	CHECK(!getsockname(fd, (struct sockaddr *)&nl, &len));
	err = ask(BY_FAMILY, DUMP, &req, sizeof(req), NULL, 0);
	if (err == -ENOENT)
		skip("no netlink_diag");
	CHECK_EQ(err, 0);
	for (int i = 0; (m = nth(i, NULL)); i++)
		found += m->protocol == 0 && m->portid == nl.pid &&
			 m->ino == inode_of(fd);
	CHECK_EQ(found, 1);
}

TAP_MAIN()
