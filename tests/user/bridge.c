/* SPDX-License-Identifier: MIT */
/*
 * bridge.c -- several cables as one link: flooding, learning, ports, state
 */

#include "rtnl.h"

#include <poll.h>
#include <sys/time.h>

#define NDA_LLADDR_ 2
#define AF_BRIDGE_ 7
#define AF_PACKET_ 17
#define N 3

struct sll {
	unsigned short family, protocol;
	int ifindex;
	unsigned short hatype;
	unsigned char pkttype, halen, addr[8];
};

/* A network with br0, whose ports p0.. lead to e0.. in here too (no addresses:
 * frames only, by packet sockets). */
static void hub(void)
{
	char port[8], end[8];

	int err;

	net_new();
	err = link_add("br0", "bridge");
	link_kind_needed(err);
	CHECK_EQ(err, 0);
	CHECK_EQ(link_up("br0", 1), 0);
	for (int i = 0; i < N; i++) {
		snprintf(port, sizeof(port), "p%d", i);
		snprintf(end, sizeof(end), "e%d", i);
		CHECK_EQ(veth_add(port, end, -1), 0);
		CHECK_EQ(link_set(port, IFLA_MASTER, if_nametoindex("br0")), 0);
		CHECK_EQ(link_up(port, 1), 0);
		CHECK_EQ(link_up(end, 1), 0);
		CHECK(link_runs(end, 1) && link_runs(port, 1));
	}
	CHECK(link_runs("br0", 1));
	/* Linux tells ports of the carrier by a work: until frames pass. */
	usleep(20000);
}

/* A socket that sees frames of an experimental type on a device. */
static int tap(const char *name)
{
	struct sll a = { .family = AF_PACKET_, .protocol = htons(0x88b5),
			 .ifindex = if_nametoindex(name) };
	int fd = socket(AF_PACKET_, SOCK_RAW | SOCK_CLOEXEC, htons(0x88b5));

	CHECK_EQ(bind(fd, (void *)&a, sizeof(a)), 0);
	return fd;
}

/* From station `from` to station `to` (255: all), by a tap. */
static void say(int fd, int from, int to)
{
	unsigned char f[60] = { 0 };

	memset(f, to == 255 ? 255 : 0, 6);
	if (to != 255) {
		f[0] = 2;
		f[5] = to;
	}
	f[6] = 2;
	f[11] = from;
	f[12] = 0x88;
	f[13] = 0xb5;
	f[14] = from;
	CHECK_EQ(send(fd, f, sizeof(f), 0), sizeof(f));
}

/* Who spoke the next frame that comes; -1: none within ms. */
static int heard(int fd, int ms)
{
	struct pollfd p = { fd, POLLIN, 0 };
	unsigned char f[100];

	if (poll(&p, 1, ms) != 1)
		return -1;
	return recv(fd, f, sizeof(f), 0) >= 15 ? f[14] : -1;
}

TEST(frame_is_sent_whatever_family_its_address_names)
{
	struct sll to = { .family = 0 };
	unsigned char f[60] = { [12] = 0x88, [13] = 0xb5 }, got[60];
	int fd;

	net_new();
	fd = tap("lo");
	to.ifindex = if_nametoindex("lo");
	CHECK_EQ(sendto(fd, f, sizeof(f), 0, (void *)&to, sizeof(to)), 60);
	CHECK_EQ(recv(fd, got, sizeof(got), MSG_DONTWAIT), 60);
	CHECK_ERR(sendto(fd, f, sizeof(f), 0, (void *)&to, 12), EINVAL);
	close(fd);
}

TEST(unknown_is_flooded_and_known_is_not)
{
	int e[N];

	hub();
	for (int i = 0; i < N; i++)
		e[i] = tap(i == 0 ? "e0" : i == 1 ? "e1" : "e2");
	say(e[0], 10, 11);            /* nobody knows 11: all but e0 */
	CHECK_EQ(heard(e[1], 2000), 10);
	CHECK_EQ(heard(e[2], 2000), 10);
	say(e[1], 11, 10);            /* 10 is known: e0 only */
	CHECK_EQ(heard(e[0], 2000), 11);
	say(e[0], 10, 11);            /* and so is 11 now */
	CHECK_EQ(heard(e[1], 2000), 10);
	CHECK_EQ(heard(e[2], 20), -1);
	say(e[2], 12, 255);           /* to all */
	CHECK_EQ(heard(e[0], 2000), 12);
	CHECK_EQ(heard(e[1], 2000), 12);
	CHECK_EQ(heard(e[2], 0), -1); /* never back */
	say(e[2], 11, 255);           /* 11 moved */
	CHECK_EQ(heard(e[0], 2000), 11);
	CHECK_EQ(heard(e[1], 2000), 11);
	say(e[0], 10, 11);
	CHECK_EQ(heard(e[2], 2000), 10);
	CHECK_EQ(heard(e[1], 20), -1);
}

TEST(machine_is_on_the_bridge_too)
{
	int here, there, err;

	there = net_new();
	here = net_new();
	err = link_add("br0", "bridge");
	link_kind_needed(err);
	CHECK_EQ(err, 0);
	CHECK_EQ(veth_add("p0", "e0", there), 0);
	CHECK_EQ(link_set("p0", IFLA_MASTER, if_nametoindex("br0")), 0);
	CHECK_EQ(addr_add("br0", "10.8.0.1", 24), 0);
	CHECK_EQ(link_up("p0", 1) | link_up("br0", 1), 0);
	net_enter(there);
	CHECK_EQ(addr_add("e0", "10.8.0.2", 24) | link_up("e0", 1), 0);
	CHECK(link_runs("e0", 1));
	net_enter(here);
	CHECK(link_runs("br0", 1));
	CHECK(udp_reaches(here, there, "10.8.0.2"));
	CHECK(udp_reaches(there, here, "10.8.0.1"));
}

TEST(bridge_that_is_down_forwards_nothing)
{
	int e0, e1;

	hub();
	e0 = tap("e0");
	e1 = tap("e1");
	CHECK_EQ(link_up("br0", 0), 0);
	say(e0, 10, 255);
	CHECK_EQ(heard(e1, 20), -1);
}

TEST(what_cannot_be_a_port_is_refused)
{
	hub();
	CHECK_EQ(link_add("br1", "bridge"), 0);
	CHECK_EQ(link_set("lo", IFLA_MASTER, if_nametoindex("br0")), -EINVAL);
	CHECK_EQ(link_set("br1", IFLA_MASTER, if_nametoindex("br0")), -ELOOP);
	CHECK_EQ(link_set("e0", IFLA_MASTER, if_nametoindex("e1")),
		 -EOPNOTSUPP);
	CHECK_EQ(link_set("e0", IFLA_MASTER, 12345), -EINVAL);
	/* From one bridge to another, and to none. */
	CHECK_EQ(link_set("p0", IFLA_MASTER, if_nametoindex("br1")), 0);
	CHECK_EQ(link_set("p0", IFLA_MASTER, 0), 0);
}

/* The port's end vanishes, or the bridge does: the other goes on. */
TEST(ports_and_bridges_end_in_any_order)
{
	hub();
	CHECK_EQ(link_del("e0"), 0);
	CHECK_EQ(if_nametoindex("p0"), 0);
	CHECK_EQ(link_set("p1", IFLA_MTU, 1400), 0);
	CHECK_EQ(link_del("br0"), 0);
	CHECK(if_nametoindex("p1") && if_nametoindex("p2"));
}

TEST(ioctls_of_brctl_do_the_same)
{
	int fd;
	struct ifreq ifr = { .ifr_name = "br7" };

	net_new();
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (ioctl(fd, 0x89a0, "br7"))
		SKIP("this kernel has no bridges");
	CHECK_ERR(ioctl(fd, 0x89a0, "br7"), EEXIST);
	CHECK_EQ(spare_add("d0"), 0);
	ifr.ifr_ifindex = if_nametoindex("d0");
	CHECK_EQ(ioctl(fd, 0x89a2, &ifr), 0);
	CHECK_ERR(ioctl(fd, 0x89a2, &ifr), EBUSY);
	CHECK_EQ(ioctl(fd, 0x89a3, &ifr), 0);
	CHECK_ERR(ioctl(fd, 0x89a3, &ifr), EINVAL);
	CHECK_ERR(ioctl(fd, 0x89a1, "nope"), ENXIO);
	CHECK_ERR(ioctl(fd, 0x89a1, "d0"), EPERM);
	CHECK_ERR(ioctl(fd, 0x89a0, (char *)8), EFAULT);
	CHECK_EQ(link_up("br7", 1), 0);
	CHECK_ERR(ioctl(fd, 0x89a1, "br7"), EBUSY);
	CHECK_EQ(link_up("br7", 0), 0);
	CHECK_EQ(ioctl(fd, 0x89a1, "br7"), 0);
}

struct ndmsg_ {
	uint8_t family, pad1;
	uint16_t pad2;
	int32_t ifindex;
	uint16_t state;
	uint8_t flags, type;
};

/* Messages of `bridge fdb show` that hold the station's address. */
static int fdb_shows(int station)
{
	const unsigned char addr[6] = { 2, 0, 0, 0, 0, station };
	struct ndmsg_ n = { .family = AF_BRIDGE_ };
	int fd = rtnl_open(), found = 0, done = 0;
	static char buf[32768];
	struct rtnl r;

	rtnl_start(&r, GETNEIGH, DUMP, &n, sizeof(n));
	r.m.flags = REQUEST | DUMP;
	CHECK_EQ(send(fd, &r, r.m.len, 0), r.m.len);
	while (!done) {
		ssize_t len = recv(fd, buf, sizeof(buf), 0), at = 0;

		if (len <= 0)
			break;
		while (at + 16 <= len) {
			struct nlmsg *m = (void *)(buf + at);

			done |= m->type == DONE || m->type == ERROR;
			for (unsigned i = 28; i + 6 <= m->len; i += 4)
				found += m->type == NEWNEIGH &&
					 !memcmp(buf + at + i, addr, 6);
			at += (m->len + 3) & ~3u;
		}
	}
	close(fd);
	return found;
}

static int fdb_change(int type, const char *port, int station, int state)
{
	struct ndmsg_ n = { .family = AF_BRIDGE_, .state = state, .flags = 4,
			    .ifindex = if_nametoindex(port) };
	const unsigned char addr[6] = { 2, 0, 0, 0, 0, station };
	struct rtnl r;

	rtnl_start(&r, type, type == NEWNEIGH ? CREATE | EXCL : 0, &n,
		   sizeof(n));
	rtnl_put(&r, NDA_LLADDR_, addr, sizeof(addr));
	return rtnl_talk(&r);
}

TEST(who_is_where_is_listed_and_set)
{
	int e0, e1, e2;

	hub();
	e0 = tap("e0");
	e1 = tap("e1");
	e2 = tap("e2");
	say(e0, 33, 255);
	CHECK_EQ(heard(e1, 2000), 33);
	CHECK_EQ(heard(e2, 2000), 33);
	CHECK(fdb_shows(33) >= 1);
	CHECK_EQ(fdb_change(NEWNEIGH, "p1", 44, 0x40), 0);
	CHECK_EQ(fdb_change(NEWNEIGH, "p1", 44, 0x40), -EEXIST);
	say(e0, 33, 44);              /* never heard of, and yet known */
	CHECK_EQ(heard(e1, 2000), 33);
	CHECK_EQ(heard(e2, 20), -1);
	CHECK_EQ(fdb_change(DELNEIGH, "p1", 44, 0), 0);
	CHECK_EQ(fdb_change(DELNEIGH, "p1", 44, 0), -ENOENT);
	CHECK_EQ(fdb_change(DELNEIGH, "e1", 44, 0), -EOPNOTSUPP);
}

TAP_MAIN()
