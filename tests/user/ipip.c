/* SPDX-License-Identifier: MIT */
/*
 * ipip.c -- packets in packets: a tunnel between two networks over a cable
 */

#include "rtnl.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>

enum { TUN_LINK = 1, TUN_LOCAL, TUN_REMOTE, TUN_TTL, TUN_TOS,
       TUN_PMTUDISC = 10 };

static int tunnel_add(const char *name, const char *local, const char *remote,
		      int ttl, int pmtudisc)
{
	unsigned char byte = ttl;
	int info, data;
	struct rtnl r;

	rtnl_link(&r, NEWLINK, CREATE | EXCL, 0);
	rtnl_put_str(&r, IFLA_IFNAME, name);
	info = rtnl_nest(&r, IFLA_LINKINFO);
	rtnl_put_str(&r, INFO_KIND, "ipip");
	data = rtnl_nest(&r, INFO_DATA);
	rtnl_put_u32(&r, TUN_LOCAL, inet_addr(local));
	rtnl_put_u32(&r, TUN_REMOTE, inet_addr(remote));
	rtnl_put(&r, TUN_TTL, &byte, 1);
	byte = pmtudisc;
	rtnl_put(&r, TUN_PMTUDISC, &byte, 1);
	rtnl_end(&r, data);
	rtnl_end(&r, info);
	return rtnl_talk(&r);
}

static void tunnel(const char *name, const char *local, const char *remote)
{
	int err = tunnel_add(name, local, remote, 0, 1);

	link_kind_needed(err);
	CHECK_EQ(err, 0);
}

/* A cable of 10.9.0.x, and in it a tunnel with 10.10.0.x. */
static void tunnelled_cable(int *here, int *there)
{
	cable(here, there);
	tunnel("t0", "10.9.0.1", "10.9.0.2");
	CHECK_EQ(addr_add("t0", "10.10.0.1", 24), 0);
	CHECK_EQ(link_up("t0", 1), 0);
	net_enter(*there);
	tunnel("t0", "10.9.0.2", "10.9.0.1");
	CHECK_EQ(addr_add("t0", "10.10.0.2", 24), 0);
	CHECK_EQ(link_up("t0", 1), 0);
	net_enter(*here);
}

static int mtu_of(const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq ifr = { 0 };

	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	CHECK_EQ(ioctl(fd, SIOCGIFMTU, &ifr), 0);
	close(fd);
	return ifr.ifr_mtu;
}

TEST(datagrams_pass_and_wear_two_headers)
{
	int here, there, raw;
	unsigned char p[128];
	ssize_t n;

	tunnelled_cable(&here, &there);
	CHECK_EQ(mtu_of("t0"), 1480);
	net_enter(there);
	raw = socket(AF_INET, SOCK_RAW, 4);
	net_enter(here);
	CHECK(raw >= 0);
	CHECK(udp_reaches(here, there, "10.10.0.2"));
	CHECK(udp_reaches(there, here, "10.10.0.1"));
	n = recv(raw, p, sizeof(p), MSG_DONTWAIT);
	CHECK_EQ(n, 20 + 20 + 8 + 1);
	CHECK(p[0] == 0x45 && p[9] == 4 && p[20] == 0x45 && p[29] == 17);
	CHECK(!memcmp(p + 12, "\x0a\x09\x00\x01\x0a\x09\x00\x02", 8));
	CHECK(!memcmp(p + 32, "\x0a\x0a\x00\x01\x0a\x0a\x00\x02", 8));
	CHECK_EQ(p[8], p[28]);                  /* ttl 0: the inner one's */
	CHECK_EQ(p[6] & 0x40, 0x40);            /* not to be fragmented */
}

TEST(a_stream_passes_whole)
{
	int here, there, c, s;

	tunnelled_cable(&here, &there);
	stream_between(here, there, "10.10.0.2", &c, &s);
	pump(c, s, 1 << 20);
	pump(s, c, 1 << 20);
}

static int udp_to(const char *ip, int discover)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9),
				 .sin_addr = { inet_addr(ip) } };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK_EQ(setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &discover, 4), 0);
	CHECK_EQ(connect(fd, (void *)&a, sizeof(a)), 0);
	return fd;
}

/* Who hears what udp_to() sends. */
static int udp_in(int net, int back)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd;

	net_enter(net);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK_EQ(bind(fd, (void *)&a, sizeof(a)), 0);
	net_enter(back);
	return fd;
}

/* The cable gets narrower than the tunnel knows: its user is told. */
TEST(a_narrow_cable_is_told_to_the_sender)
{
	static char bytes[1400];
	int here, there, fd, mtu = 0;
	socklen_t len = sizeof(mtu);

	tunnelled_cable(&here, &there);
	udp_in(there, here);
	fd = udp_to("10.10.0.2", IP_PMTUDISC_DO);
	CHECK_EQ(send(fd, bytes, 1400, 0), 1400);
	CHECK_EQ(link_set("v0", IFLA_MTU, 1000), 0);
	send(fd, bytes, 1400, 0);
	CHECK_ERR(send(fd, bytes, 1400, 0), EMSGSIZE);
	CHECK_EQ(getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &len), 0);
	CHECK_EQ(mtu, 980);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &mtu, &len);
	CHECK_EQ(send(fd, bytes, 980 - 28, 0), 980 - 28);
}

/* What is larger than the tunnel is cut before it goes in. */
TEST(large_datagrams_are_cut_and_joined)
{
	static char out[9000], in[9001];
	int here, there, from, to;
	struct pollfd p;

	tunnelled_cable(&here, &there);
	to = udp_in(there, here);
	from = udp_to("10.10.0.2", IP_PMTUDISC_DONT);
	for (unsigned i = 0; i < sizeof(out); i++)
		out[i] = i * 7 + i / 256;
	CHECK_EQ(send(from, out, sizeof(out), 0), sizeof(out));
	p = (struct pollfd){ .fd = to, .events = POLLIN };
	CHECK_EQ(poll(&p, 1, 3000), 1);
	CHECK_EQ(recv(to, in, sizeof(in), 0), sizeof(out));
	CHECK(!memcmp(in, out, sizeof(out)));
}

/* Send one packet with these outer and inner marks by hand. */
static void send_marked(unsigned char outer, unsigned char inner)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr = { inet_addr("10.9.0.2") } };
	unsigned char p[28] = { 0x45, inner, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0,
				10, 10, 0, 1, 10, 10, 0, 2,
				0x30, 0x39, 0x1e, 0x61, 0, 8, 0, 0 };
	unsigned sum = 0;
	int raw = socket(AF_INET, SOCK_RAW, 4), tos = outer;

	for (int i = 0; i < 20; i += 2)
		sum += p[i] << 8 | p[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16));
	p[10] = sum >> 8;
	p[11] = sum;
	CHECK_EQ(setsockopt(raw, IPPROTO_IP, IP_TOS, &tos, sizeof(tos)), 0);
	CHECK_EQ(sendto(raw, p, sizeof(p), 0, (void *)&to, sizeof(to)), 28);
	close(raw);
}

/* The mark of a datagram that comes in, or -1. */
static int received_mark(int fd)
{
	char byte, control[64];
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (poll(&p, 1, 200) != 1 || recvmsg(fd, &m, 0) < 0)
		return -1;
	return CMSG_FIRSTHDR(&m) ? *(unsigned char *)CMSG_DATA(
				   CMSG_FIRSTHDR(&m)) & 3 : -2;
}

TEST(congestion_outside_is_told_inside)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons(7777) };
	int here, there, fd, on = 1;

	tunnelled_cable(&here, &there);
	net_enter(there);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK_EQ(bind(fd, (void *)&a, sizeof(a)), 0);
	CHECK_EQ(setsockopt(fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof(on)), 0);
	net_enter(here);
	send_marked(0, 2);
	CHECK_EQ(received_mark(fd), 2);
	send_marked(3, 2);
	CHECK_EQ(received_mark(fd), 3);
	send_marked(3, 0);                      /* cannot be told: dropped */
	CHECK_EQ(received_mark(fd), -1);
	send_marked(0, 0);
	CHECK_EQ(received_mark(fd), 0);
}

TEST(what_makes_no_sense_is_refused)
{
	int here, there;

	cable(&here, &there);
	tunnel("t0", "10.9.0.1", "10.9.0.2");
	CHECK_EQ(tunnel_add("t1", "10.9.0.1", "10.9.0.2", 0, 1), -EEXIST);
	CHECK_EQ(tunnel_add("t1", "10.9.0.1", "10.9.0.3", 9, 0), -EINVAL);
	CHECK_EQ(tunnel_add("t1", "10.9.0.1", "10.9.0.3", 9, 1), 0);
	CHECK_EQ(link_set("t1", IFLA_MTU, 60), -EINVAL);
	CHECK_EQ(link_del("t0"), 0);
	CHECK_EQ(tunnel_add("t0", "10.9.0.1", "10.9.0.2", 0, 1), 0);
}

/* Its far end is reached through itself: nothing goes out, nothing hangs. */
TEST(a_tunnel_into_itself_drops)
{
	int fd;

	net_new();
	tunnel("t0", "10.10.0.1", "10.10.0.2");
	CHECK_EQ(addr_add("t0", "10.10.0.1", 24), 0);
	CHECK_EQ(link_up("t0", 1), 0);
	fd = udp_to("10.10.0.2", IP_PMTUDISC_DONT);
	for (int i = 0; i < 10; i++)
		send(fd, "x", 1, 0);
	tunnel("t1", "10.11.0.1", "10.10.0.2");
	CHECK_EQ(addr_add("t1", "10.11.0.1", 24), 0);
	CHECK_EQ(link_up("t1", 1), 0);
	close(fd);
	fd = udp_to("10.11.0.2", IP_PMTUDISC_DONT);
	for (int i = 0; i < 10; i++)
		send(fd, "x", 1, 0);
}

/* The end of either network, the device's or the cable's, is the tunnel's. */
TEST(tunnels_end_with_their_networks)
{
	int here, there, third;

	tunnelled_cable(&here, &there);
	third = net_new();
	net_enter(here);
	CHECK_EQ(link_set("t0", IFLA_NET_NS_FD, third), 0);
	CHECK_EQ(if_nametoindex("t0"), 0);
	net_enter(third);
	CHECK(if_nametoindex("t0") > 0);
	CHECK_EQ(addr_add("t0", "10.10.0.1", 24), 0);
	CHECK_EQ(link_up("t0", 1), 0);
	CHECK(udp_reaches(third, there, "10.10.0.2"));
	close(here);
	for (int i = 0; i < 400 && if_nametoindex("t0"); i++)
		usleep(5000);
	CHECK_EQ(if_nametoindex("t0"), 0);
}

TAP_MAIN()
