/* SPDX-License-Identifier: MIT */
#ifndef RTNL_H
#define RTNL_H
/*
 * rtnl.h -- rtnetlink messages, written and answered, for the tests of networks
 *
 *	struct rtnl r;
 *	rtnl_begin(&r, NEWLINK, CREATE | EXCL);
 *	rtnl_put_str(&r, IFLA_IFNAME, "v0");
 *	int at = rtnl_nest(&r, IFLA_LINKINFO); ... rtnl_end(&r, at);
 *	err = rtnl_talk(fd, &r);              0 or -errno, as the kernel says
 *
 * With what is common below: links that are made, moved and set, addresses,
 * namespaces.  <linux/...> is not needed, so that musl alone is enough.
 */

#include "tap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifndef AF_NETLINK
#define AF_NETLINK 16
#endif
#ifndef CLONE_NEWNET
#define CLONE_NEWNET 0x40000000
#endif
#define SOL_NETLINK_ 270

/* <linux/netlink.h> and <linux/rtnetlink.h>, as far as it goes here. */
struct sa_nl {
	unsigned short family, pad;
	uint32_t pid, groups;
};
struct nlmsg {
	uint32_t len;
	uint16_t type, flags;
	uint32_t seq, pid;
};
struct ifinfo {
	unsigned char family, pad;
	unsigned short type;
	int index;
	unsigned flags, change;
};
struct addrmsg {
	uint8_t family, prefixlen, flags, scope;
	uint32_t index;
};
struct routemsg {
	uint8_t family, dst_len, src_len, tos, table, protocol, scope, type;
	uint32_t flags;
};
struct rtattr {
	unsigned short len, type;
};

enum { ROUTE = 0, USERSOCK = 2 };
enum { REQUEST = 1, MULTI = 2, ACK = 4, DUMP = 0x300, EXCL = 0x200,
       CREATE = 0x400 };
enum { NOOP = 1, ERROR = 2, DONE = 3 };
enum { NEWLINK = 16, DELLINK, GETLINK, SETLINK, NEWADDR, DELADDR, GETADDR,
       NEWROUTE = 24, DELROUTE, GETROUTE, NEWNEIGH = 28, DELNEIGH, GETNEIGH,
       NEWRULE = 32, DELRULE, GETRULE };
enum { IFLA_ADDRESS = 1, IFLA_IFNAME = 3, IFLA_MTU = 4, IFLA_MASTER = 10,
       IFLA_PROTINFO = 12, IFLA_LINKINFO = 18, IFLA_NET_NS_PID = 19,
       IFLA_NET_NS_FD = 28 };
enum { INFO_KIND = 1, INFO_DATA = 2, VETH_PEER = 1 };

/* A request that grows. */
struct rtnl {
	union {
		struct nlmsg m;
		char bytes[1024];
	};
};

static inline void rtnl_start(struct rtnl *r, int type, int flags,
			      const void *head, size_t len)
{
	memset(r, 0, sizeof(*r));
	r->m = (struct nlmsg){ sizeof(r->m) + len, type, flags | REQUEST | ACK,
			       77, 0 };
	memcpy(r->bytes + sizeof(r->m), head, len);
}

/* About a link: index 0, it is named by an attribute. */
static inline void rtnl_link(struct rtnl *r, int type, int flags, int index)
{
	struct ifinfo i = { .index = index };

	rtnl_start(r, type, flags, &i, sizeof(i));
}

static inline void rtnl_put(struct rtnl *r, int type, const void *data,
			    size_t len)
{
	struct rtattr a = { sizeof(a) + len, type };

	r->m.len = (r->m.len + 3) & ~3u;
	memcpy(r->bytes + r->m.len, &a, sizeof(a));
	memcpy(r->bytes + r->m.len + sizeof(a), data, len);
	r->m.len += sizeof(a) + len;
}

static inline void rtnl_put_u32(struct rtnl *r, int type, uint32_t value)
{
	rtnl_put(r, type, &value, sizeof(value));
}

static inline void rtnl_put_str(struct rtnl *r, int type, const char *s)
{
	rtnl_put(r, type, s, strlen(s) + 1);
}

/* Attributes until rtnl_end() are inside of this one. */
static inline int rtnl_nest(struct rtnl *r, int type)
{
	int at = (r->m.len + 3) & ~3u;

	rtnl_put(r, type, "", 0);
	return at;
}

static inline void rtnl_end(struct rtnl *r, int at)
{
	unsigned short len = r->m.len - at;

	memcpy(r->bytes + at, &len, sizeof(len));
}

static inline int rtnl_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, ROUTE);

	CHECK(fd >= 0);
	return fd;
}

/* What the kernel says: 0 or -errno; 1: something else than an ack. */
static inline int rtnl_talk(struct rtnl *r)
{
	char buf[4096];
	const struct nlmsg *m = (void *)buf;
	int fd = rtnl_open(), err = 1;
	ssize_t n;

	CHECK_EQ(send(fd, r, r->m.len, 0), r->m.len);
	n = recv(fd, buf, sizeof(buf), 0);
	if (n >= (ssize_t)sizeof(*m) + 4 && m->type == ERROR)
		memcpy(&err, m + 1, sizeof(err));
	close(fd);
	return err;
}

/* ---- links ---- */

static inline int link_add(const char *name, const char *kind)
{
	struct rtnl r;
	int at;

	rtnl_link(&r, NEWLINK, CREATE | EXCL, 0);
	rtnl_put_str(&r, IFLA_IFNAME, name);
	at = rtnl_nest(&r, IFLA_LINKINFO);
	rtnl_put_str(&r, INFO_KIND, kind);
	rtnl_end(&r, at);
	return rtnl_talk(&r);
}

static inline void link_kind_needed(int err)
{
	if (err == -EOPNOTSUPP)
		SKIP("this kernel cannot make such a device");
}

/* A pair; the other end in the network of ns if that is a descriptor. */
static inline int veth_add(const char *name, const char *peer, int ns)
{
	struct ifinfo i = { 0 };
	int info, data, other;
	struct rtnl r;

	rtnl_link(&r, NEWLINK, CREATE | EXCL, 0);
	rtnl_put_str(&r, IFLA_IFNAME, name);
	info = rtnl_nest(&r, IFLA_LINKINFO);
	rtnl_put_str(&r, INFO_KIND, "veth");
	data = rtnl_nest(&r, INFO_DATA);
	other = (r.m.len + 3) & ~3;
	rtnl_put(&r, VETH_PEER, &i, sizeof(i));
	rtnl_put_str(&r, IFLA_IFNAME, peer);
	if (ns >= 0)
		rtnl_put_u32(&r, IFLA_NET_NS_FD, ns);
	rtnl_end(&r, other);
	rtnl_end(&r, data);
	rtnl_end(&r, info);
	return rtnl_talk(&r);
}

static inline int link_set(const char *name, int attr, uint32_t value)
{
	struct rtnl r;

	rtnl_link(&r, NEWLINK, 0, if_nametoindex(name));
	rtnl_put_u32(&r, attr, value);
	return rtnl_talk(&r);
}

static inline int link_up(const char *name, int up)
{
	struct ifinfo i = { .index = if_nametoindex(name),
			    .flags = up ? IFF_UP : 0, .change = IFF_UP };
	struct rtnl r;

	rtnl_start(&r, NEWLINK, 0, &i, sizeof(i));
	return rtnl_talk(&r);
}

static inline int link_del(const char *name)
{
	struct rtnl r;

	rtnl_link(&r, DELLINK, 0, if_nametoindex(name));
	return rtnl_talk(&r);
}

static inline int addr_add(const char *name, const char *ip, int prefixlen)
{
	struct addrmsg a = { AF_INET, prefixlen, 0, 0, if_nametoindex(name) };
	struct rtnl r;

	rtnl_start(&r, NEWADDR, CREATE | EXCL, &a, sizeof(a));
	rtnl_put_u32(&r, 2, inet_addr(ip));
	rtnl_put_u32(&r, 1, inet_addr(ip));
	return rtnl_talk(&r);
}

/* Is it up, with a carrier, as SIOCGIFFLAGS has it?  -1: no such device. */
static inline int link_flags(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), err;
	struct ifreq ifr = { 0 };

	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	err = ioctl(fd, SIOCGIFFLAGS, &ifr);
	close(fd);
	return err ? -1 : (unsigned short)ifr.ifr_flags;
}

/* Wait until name runs (a work tells of the carrier): at most 2 s. */
static inline int link_runs(const char *name, int runs)
{
	for (int i = 0; i < 400; i++) {
		if (!!(link_flags(name) & IFF_RUNNING) == runs)
			return 1;
		usleep(5000);
	}
	return 0;
}

/* ---- networks ---- */

static inline void need_root(void)
{
	if (geteuid())
		SKIP("changes networks: root only");
}

/* A device that nothing hangs on, of whatever kind there is. */
static inline int spare_add(const char *name)
{
	char peer[16];
	int err = link_add(name, "dummy");

	if (err == -EOPNOTSUPP) {
		snprintf(peer, sizeof(peer), "%s-x", name);
		err = veth_add(name, peer, -1);
	}
	link_kind_needed(err);
	return err;
}

/* The network that we are in, as a descriptor. */
static inline int net_here(void)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

/* A new one, and we are in it, with lo up. */
static inline int net_new(void)
{
	need_root();
	CHECK_EQ(unshare(CLONE_NEWNET), 0);
	CHECK_EQ(link_up("lo", 1), 0);
	return net_here();
}

static inline void net_enter(int fd)
{
	CHECK_EQ(setns(fd, CLONE_NEWNET), 0);
}

/* Does a datagram to ip arrive at a socket on port that is bound in ns? */
static inline int udp_reaches(int from, int ns, const char *ip)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(7777),
				 .sin_addr = { inet_addr(ip) } };
	struct timeval wait = { 3, 0 };
	int in, out, back = net_here(), ok;
	char c;

	net_enter(ns);
	in = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK_EQ(bind(in, (void *)&a, sizeof(a)), 0);
	setsockopt(in, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	net_enter(from);
	out = socket(AF_INET, SOCK_DGRAM, 0);
	ok = sendto(out, "x", 1, 0, (void *)&a, sizeof(a)) == 1 &&
	     recv(in, &c, 1, 0) == 1;
	close(in);
	close(out);
	net_enter(back);
	close(back);
	return ok;
}

/* Made, or there is no such kind. */
static inline void pair(const char *name, const char *peer, int ns)
{
	int err = veth_add(name, peer, ns);

	link_kind_needed(err);
	CHECK_EQ(err, 0);
}

/* v0 here with 10.9.0.1, v1 there with 10.9.0.2, both up. */
static inline void cable(int *here, int *there)
{
	*there = net_new();
	*here = net_new();
	pair("v0", "v1", *there);
	CHECK_EQ(addr_add("v0", "10.9.0.1", 24), 0);
	CHECK_EQ(link_up("v0", 1), 0);
	net_enter(*there);
	CHECK_EQ(addr_add("v1", "10.9.0.2", 24), 0);
	CHECK_EQ(link_up("v1", 1), 0);
	net_enter(*here);
	CHECK(link_runs("v0", 1));
}

/* So many bytes go from one end of a stream to the other. */
static inline void pump(int from, int to, size_t total)
{
	static char out[65536], in[65536];
	size_t sent = 0, got = 0;

	memset(out, 'x', sizeof(out));
	while (got < total) {
		ssize_t n = 0;

		if (sent < total)
			n = send(from, out, sizeof(out), MSG_DONTWAIT);
		sent += n > 0 ? n : 0;
		n = recv(to, in, sizeof(in), sent < total ? MSG_DONTWAIT : 0);
		if (n > 0)
			got += n;
		else if (n == 0 || errno != EAGAIN)
			break;
	}
	CHECK(got >= total);
}

/* A stream from here to a listener there, at ip: both ends. */
static inline void stream_between(int here, int there, const char *ip, int *c,
				  int *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(99),
				 .sin_addr = { inet_addr(ip) } };
	int l;

	net_enter(there);
	l = socket(AF_INET, SOCK_STREAM, 0);
	CHECK_EQ(bind(l, (void *)&a, sizeof(a)), 0);
	CHECK_EQ(listen(l, 1), 0);
	net_enter(here);
	*c = socket(AF_INET, SOCK_STREAM, 0);
	CHECK_EQ(connect(*c, (void *)&a, sizeof(a)), 0);
	*s = accept(l, NULL, NULL);
	CHECK(*s >= 0);
}

#endif
