/* SPDX-License-Identifier: MIT */
/*
 * tun.c -- /dev/net/tun: a network device whose wire is this program
 *
 * Each test makes a device of its own, with addresses of 10.77.0.0/16.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

/* linux/if_tun.h, which not every C library brings. */
#define TUNSETIFF 0x400454ca
#define TUNSETPERSIST 0x400454cb
#define TUNSETOWNER 0x400454cc
#define TUNGETFEATURES 0x800454cf
#define TUNSETOFFLOAD 0x400454d0
#define TUNGETIFF 0x800454d2
#define IFF_TUN 0x0001
#define IFF_TAP 0x0002
#define IFF_NO_PI 0x1000
#define IFF_TUN_EXCL 0x8000
#define TUN_PKT_STRIP 1

struct tun_pi {
	uint16_t flags, proto;
};

#define LOCAL "10.77.0.1"
#define PEER "10.77.0.2"

static int open_tun(void)
{
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENODEV))
		SKIP("no /dev/net/tun");
	CHECK(fd >= 0);
	return fd;
}

static int set_iff(int fd, const char *name, int flags, struct ifreq *ifr)
{
	memset(ifr, 0, sizeof(*ifr));
	strncpy(ifr->ifr_name, name, IFNAMSIZ - 1);
	ifr->ifr_flags = flags;
	return ioctl(fd, TUNSETIFF, ifr);
}

static int make(const char *name, int flags, struct ifreq *ifr)
{
	int fd = open_tun();

	CHECK(set_iff(fd, name, flags, ifr) == 0);
	return fd;
}

static void dev_ioctl(int cmd, struct ifreq *ifr)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	CHECK(ioctl(s, cmd, ifr) == 0);
	close(s);
}

static void up(struct ifreq *ifr)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr->ifr_addr;

	memset(&ifr->ifr_addr, 0, sizeof(ifr->ifr_addr));
	sin->sin_family = AF_INET;
	inet_pton(AF_INET, LOCAL, &sin->sin_addr);
	dev_ioctl(SIOCSIFADDR, ifr);
	inet_pton(AF_INET, "255.255.255.0", &sin->sin_addr);
	dev_ioctl(SIOCSIFNETMASK, ifr);
	dev_ioctl(SIOCGIFFLAGS, ifr);
	ifr->ifr_flags |= IFF_UP;
	dev_ioctl(SIOCSIFFLAGS, ifr);
}

static int udp_to_peer(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(7) };
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, PEER, &sin.sin_addr);
	CHECK(connect(s, (void *)&sin, sizeof(sin)) == 0);
	return s;
}

/* The next IPv4 packet of protocol UDP or ICMP; others are not ours. */
static int next_packet(int fd, uint8_t *buf, int size, int skip)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	do {
		if (poll(&p, 1, 2000) != 1)
			return -1;
		n = read(fd, buf, size);
	} while (n > skip + 20 && (buf[skip] >> 4 != 4 ||
		 (buf[skip + 9] != 17 && buf[skip + 9] != 1)));
	return n;
}

static uint16_t sum(const void *p, int n)
{
	const uint8_t *b = p;
	uint32_t s = 0;

	for (int i = 0; i < n; i++)
		s += i & 1 ? b[i] : b[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return htons(~s);
}

static int child_succeeded(void)
{
	int status;

	return wait(&status) > 0 && status == 0;
}

/* An echo request from the peer to us: its length. */
static int make_ping(uint8_t *b)
{
	static const uint8_t head[] = {
		0x45, 0, 0, 36, 0, 1, 0, 0, 64, 1, 0, 0,
		10, 77, 0, 2, 10, 77, 0, 1,
		8, 0, 0, 0, 0, 9, 0, 1, 'l', 'a', 'n', 't', 'e', 'r', 'n', 0,
	};
	uint16_t s;

	memcpy(b, head, sizeof(head));
	s = sum(b, 20);
	memcpy(b + 10, &s, 2);
	s = sum(b + 20, 16);
	memcpy(b + 22, &s, 2);
	return sizeof(head);
}

TEST(a_packet_goes_out_by_read)
{
	struct ifreq ifr;
	int fd = make("ltun%d", IFF_TUN | IFF_NO_PI, &ifr), s;
	uint8_t buf[2000];
	int n;

	CHECK(!strncmp(ifr.ifr_name, "ltun", 4) && !strchr(ifr.ifr_name, '%'));
	up(&ifr);
	s = udp_to_peer();
	CHECK(send(s, "hello", 5, 0) == 5);
	n = next_packet(fd, buf, sizeof(buf), 0);
	CHECK(n == 20 + 8 + 5);
	CHECK(buf[0] == 0x45 && buf[9] == 17);
	CHECK(!memcmp(buf + 28, "hello", 5));
}

TEST(a_packet_comes_in_by_write)
{
	struct ifreq ifr;
	int fd = make("", IFF_TUN | IFF_NO_PI, &ifr);
	uint8_t buf[2000];
	int n;

	CHECK(!strncmp(ifr.ifr_name, "tun", 3));
	up(&ifr);
	n = make_ping(buf);
	CHECK(write(fd, buf, n) == n);
	CHECK(next_packet(fd, buf, sizeof(buf), 0) == n);
	CHECK(buf[20] == 0 && !memcmp(buf + 28, "lantern", 8));
	CHECK(buf[15] == 1 && buf[19] == 2);
}

TEST(packet_information_goes_in_front)
{
	struct ifreq ifr;
	int fd = make("", IFF_TUN, &ifr), s;
	struct tun_pi pi;
	uint8_t buf[2000];
	struct iovec iov[2] = { { &pi, sizeof(pi) }, { buf, 100 } };
	int n;

	up(&ifr);
	memset(&pi, 0, sizeof(pi));
	pi.proto = htons(0x0800);
	iov[1].iov_len = make_ping(buf);
	CHECK(writev(fd, iov, 2) == 40);
	n = next_packet(fd, buf, sizeof(buf), 4);
	CHECK(n == 40);
	CHECK(buf[0] == 0 && buf[1] == 0 && buf[2] == 8 && buf[3] == 0);
	CHECK(buf[4] == 0x45);
	s = udp_to_peer();
	CHECK(send(s, "12345678", 8, 0) == 8);
	do {
		iov[1].iov_len = 20;
		n = readv(fd, iov, 2);
	} while (n > 13 && buf[9] != 17);
	CHECK(n == 24);
	CHECK(pi.flags & TUN_PKT_STRIP);
}

TEST(a_tap_carries_frames_and_asks_for_addresses)
{
	struct ifreq ifr;
	int fd = make("", IFF_TAP | IFF_NO_PI, &ifr), s;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint8_t buf[2000];
	int n;

	CHECK(!strncmp(ifr.ifr_name, "tap", 3));
	up(&ifr);
	s = udp_to_peer();
	CHECK(send(s, "x", 1, 0) == 1);
	do {
		CHECK(poll(&p, 1, 2000) == 1);
		n = read(fd, buf, sizeof(buf));
	} while (n >= 14 && (buf[12] != 8 || buf[13] != 6));
	CHECK(n == 42);
	CHECK(buf[0] == 0xff && buf[21] == 1);
	CHECK(buf[38] == 10 && buf[41] == 2);
	CHECK(write(fd, buf, 13) == -1 && errno == EINVAL);
}

TEST(a_short_read_cuts_the_packet)
{
	struct ifreq ifr;
	int fd = make("", IFF_TUN | IFF_NO_PI, &ifr), s, n;
	uint8_t buf[30];

	up(&ifr);
	s = udp_to_peer();
	CHECK(send(s, "hello, world", 12, 0) == 12);
	CHECK(send(s, "?", 1, 0) == 1);
	n = next_packet(fd, buf, 29, 0);
	CHECK(n == 29 && buf[28] == 'h');
	CHECK(next_packet(fd, buf, 30, 0) == 29 && buf[28] == '?');
}

TEST(poll_says_what_read_and_write_would_do)
{
	struct ifreq ifr;
	int fd = open_tun(), n;
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
	uint8_t buf[2000];

	CHECK(poll(&p, 1, 0) == 1 && p.revents == POLLERR);
	CHECK(set_iff(fd, "", IFF_TUN | IFF_NO_PI, &ifr) == 0);
	CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	n = make_ping(buf);
	CHECK(write(fd, buf, n) == -1 && errno == EIO);
	up(&ifr);
	while (read(fd, buf, sizeof(buf)) > 0)
		;
	CHECK(errno == EAGAIN);
	n = make_ping(buf);
	CHECK(write(fd, buf, n) == n);
	CHECK(poll(&p, 1, 2000) == 1 && p.revents == (POLLIN | POLLOUT));
	CHECK(write(fd, "\1unk", 4) == -1 && errno == EINVAL);
	CHECK(write(fd, buf, 0) == -1 && errno == EINVAL);
	CHECK(write(fd, (void *)16, 40) == -1 && errno == EFAULT);
}

TEST(its_address_is_ours_before_it_is_up)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct ifreq ifr;
	int fd = make("tundown%d", IFF_TUN, &ifr), a, b;
	socklen_t len = sizeof(sin);
	char text[8];

	inet_pton(AF_INET, "10.77.9.1", &sin.sin_addr);
	memcpy(&ifr.ifr_addr, &sin, sizeof(sin));
	dev_ioctl(SIOCSIFADDR, &ifr);
	a = socket(AF_INET, SOCK_DGRAM, 0);
	b = socket(AF_INET, SOCK_DGRAM, 0);
	CHECK(bind(a, (void *)&sin, sizeof(sin)) == 0);
	CHECK(getsockname(a, (void *)&sin, &len) == 0);
	CHECK(sendto(b, "ours", 5, 0, (void *)&sin, sizeof(sin)) == 5);
	CHECK(recv(a, text, sizeof(text), MSG_DONTWAIT) == 5);
	CHECK(close(a) == 0 && close(b) == 0 && close(fd) == 0);
}

TEST(the_device_goes_with_the_last_descriptor)
{
	struct ifreq ifr;
	int fd = make("ltunx", IFF_TUN | IFF_NO_PI, &ifr);
	int fd2 = dup(fd);

	close(fd);
	CHECK(if_nametoindex("ltunx") != 0);
	up(&ifr);
	close(fd2);
	CHECK(if_nametoindex("ltunx") == 0 && errno == ENODEV);
}

TEST(a_persistent_one_stays_until_told_otherwise)
{
	struct ifreq ifr;
	int fd = make("ltunp", IFF_TAP | IFF_NO_PI, &ifr);

	CHECK(ioctl(fd, TUNSETPERSIST, 1) == 0);
	close(fd);
	CHECK(if_nametoindex("ltunp") != 0);
	fd = open_tun();
	CHECK(set_iff(fd, "ltunp", IFF_TUN | IFF_NO_PI, &ifr) == -1 &&
	      errno == EINVAL);
	CHECK(set_iff(fd, "ltunp", IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL, &ifr)
	      == -1 && errno == EBUSY);
	CHECK(set_iff(fd, "ltunp", IFF_TAP | IFF_NO_PI, &ifr) == 0);
	memset(&ifr, 0, sizeof(ifr));
	CHECK(ioctl(fd, TUNGETIFF, &ifr) == 0);
	CHECK(!strcmp(ifr.ifr_name, "ltunp"));
	CHECK((ifr.ifr_flags & (IFF_TAP | IFF_TUN)) == IFF_TAP);
	CHECK(ioctl(fd, TUNSETPERSIST, 0) == 0);
	close(fd);
	CHECK(if_nametoindex("ltunp") == 0);
}

TEST(bad_requests_are_refused_as_linux_does)
{
	struct ifreq ifr;
	int fd = open_tun(), fd2 = open_tun(), v;
	char c[8] = { 0 };

	CHECK(read(fd, c, 8) == -1 && errno == EBADFD);
	CHECK(write(fd, c, 8) == -1 && errno == EBADFD);
	CHECK(ioctl(fd, TUNGETIFF, &ifr) == -1 && errno == EBADFD);
	CHECK(ioctl(fd, TUNSETPERSIST, 1) == -1 && errno == EBADFD);
	CHECK(ioctl(fd, TUNGETFEATURES, &v) == 0);
	CHECK((v & (IFF_TUN | IFF_TAP | IFF_NO_PI)) ==
	      (IFF_TUN | IFF_TAP | IFF_NO_PI));
	CHECK(ioctl(fd, TUNGETFEATURES, (void *)16) == -1 && errno == EFAULT);
	CHECK(ioctl(fd, TUNSETIFF, (void *)16) == -1 && errno == EFAULT);
	CHECK(set_iff(fd, "", IFF_NO_PI, &ifr) == -1 && errno == EINVAL);
	CHECK(set_iff(fd, "a/b", IFF_TUN, &ifr) == -1 && errno == EINVAL);
	CHECK(set_iff(fd, "lo", IFF_TUN, &ifr) == -1 && errno == EINVAL);
	CHECK(set_iff(fd, "ltunb", IFF_TUN, &ifr) == 0);
	CHECK(set_iff(fd, "ltunc", IFF_TUN, &ifr) == -1 && errno == EEXIST);
	CHECK(set_iff(fd2, "ltunb", IFF_TUN, &ifr) == -1 && errno == EBUSY);
	CHECK(ioctl(fd, TUNSETOFFLOAD, 0) == 0);
	CHECK(ioctl(fd, 0x54fe, 0) == -1 && errno == EINVAL);
	CHECK(lseek(fd, 0, SEEK_SET) <= 0);
}

TEST(only_an_administrator_or_the_owner_may)
{
	struct ifreq ifr;
	int fd = make("ltuno", IFF_TUN | IFF_NO_PI, &ifr);

	CHECK(ioctl(fd, TUNSETPERSIST, 1) == 0);
	CHECK(ioctl(fd, TUNSETOWNER, 1234) == 0);
	close(fd);
	fd = open_tun();
	if (fork() == 0) {
		int ok = setuid(1235) == 0 &&
			 set_iff(fd, "ltuno", IFF_TUN, &ifr) == -1 &&
			 errno == EPERM &&
			 set_iff(fd, "ltunq", IFF_TUN, &ifr) == -1 &&
			 errno == EPERM;

		_exit(!ok);
	}
	CHECK(child_succeeded());
	if (fork() == 0)
		_exit(setuid(1234) != 0 ||
		      set_iff(fd, "ltuno", IFF_TUN | IFF_NO_PI, &ifr) != 0);
	CHECK(child_succeeded());
	CHECK(ioctl(fd, TUNSETPERSIST, 0) == 0);
	close(fd);
	CHECK(if_nametoindex("ltuno") == 0);
}

static void *blocked_reader(void *arg)
{
	char buf[2000];
	ssize_t n;

	do {
		n = read(*(int *)arg, buf, sizeof(buf));
	} while (n > 0);
	return (void *)(long)errno;
}

TEST(a_reader_who_waits_gets_what_comes)
{
	struct ifreq ifr;
	int fd = make("", IFF_TUN | IFF_NO_PI, &ifr), s;
	pthread_t t;

	up(&ifr);
	CHECK(pthread_create(&t, NULL, blocked_reader, &fd) == 0);
	s = udp_to_peer();
	for (int i = 0; i < 50; i++)
		CHECK(send(s, "x", 1, 0) == 1);
	usleep(1000);
	pthread_cancel(t);
	pthread_join(t, NULL);
}

/* Nobody reads: what does not fit is dropped, and the sender goes on. */
TEST(a_wire_that_nobody_reads_drops)
{
	struct ifreq ifr;
	int fd = make("", IFF_TUN | IFF_NO_PI, &ifr), s, n = 0;
	char buf[100];

	ifr.ifr_qlen = 10;
	dev_ioctl(SIOCSIFTXQLEN, &ifr);
	up(&ifr);
	s = udp_to_peer();
	for (int i = 0; i < 100; i++)
		send(s, "x", 1, 0);
	CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
	while (read(fd, buf, sizeof(buf)) > 0)
		n++;
	CHECK(n >= 10 && n <= 12);
}

TAP_MAIN()
