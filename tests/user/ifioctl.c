/* SPDX-License-Identifier: MIT */
/*
 * ifioctl.c -- devices by ioctls, as ifconfig and DHCP clients ask and set them
 *
 * In a network of its own, on lo.
 */

#include "rtnl.h"

static int sock(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0);
	return fd;
}

static struct ifreq lo(void)
{
	struct ifreq r;

	memset(&r, 0, sizeof(r));
	strcpy(r.ifr_name, "lo");
	return r;
}

static void put_ip(struct ifreq *r, const char *ip)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr = { inet_addr(ip) } };

	memcpy(&r->ifr_addr, &a, sizeof(a));
}

static in_addr_t get_ip(const struct ifreq *r)
{
	struct sockaddr_in a;

	memcpy(&a, &r->ifr_addr, sizeof(a));
	return a.sin_addr.s_addr;
}

TEST(questions_are_answered)
{
	struct ifreq r = lo();
	int fd = sock();

	CHECK_EQ(ioctl(fd, SIOCGIFINDEX, &r), 0);
	CHECK_EQ(r.ifr_ifindex, if_nametoindex("lo"));
	CHECK_EQ(ioctl(fd, SIOCGIFNAME, &r), 0);
	CHECK(!strcmp(r.ifr_name, "lo"));
	CHECK_EQ(ioctl(fd, SIOCGIFFLAGS, &r), 0);
	CHECK(r.ifr_flags & IFF_LOOPBACK);
	CHECK_EQ(ioctl(fd, SIOCGIFMTU, &r), 0);
	CHECK(r.ifr_mtu >= 1500);
	CHECK_EQ(ioctl(fd, SIOCGIFHWADDR, &r), 0);
	CHECK_EQ(r.ifr_hwaddr.sa_family, 772);
}

TEST(who_is_not_there_is_ENODEV)
{
	struct ifreq r = lo();
	int fd = sock();

	strcpy(r.ifr_name, "nosuch0");
	CHECK_ERR(ioctl(fd, SIOCGIFINDEX, &r), ENODEV);
	CHECK_ERR(ioctl(fd, SIOCGIFFLAGS, &r), ENODEV);
	CHECK_ERR(ioctl(fd, SIOCGIFADDR, &r), ENODEV);
	r.ifr_ifindex = 123456;
	CHECK_ERR(ioctl(fd, SIOCGIFNAME, &r), ENODEV);
	CHECK_ERR(ioctl(fd, SIOCGIFFLAGS, (void *)8), EFAULT);
	CHECK_ERR(ioctl(fd, SIOCGIFCONF, (void *)8), EFAULT);
}

TEST(address_and_mask_are_set_and_told)
{
	struct ifreq r = lo();
	int fd;

	net_new();
	fd = sock();
	put_ip(&r, "127.5.0.1");
	CHECK_EQ(ioctl(fd, SIOCSIFADDR, &r), 0);
	CHECK_EQ(ioctl(fd, SIOCGIFADDR, &r), 0);
	CHECK_EQ(get_ip(&r), inet_addr("127.5.0.1"));
	put_ip(&r, "255.255.0.0");
	CHECK_EQ(ioctl(fd, SIOCSIFNETMASK, &r), 0);
	CHECK_EQ(ioctl(fd, SIOCGIFNETMASK, &r), 0);
	CHECK_EQ(get_ip(&r), inet_addr("255.255.0.0"));
	put_ip(&r, "255.0.255.0");
	CHECK_ERR(ioctl(fd, SIOCSIFNETMASK, &r), EINVAL);
	CHECK_EQ(get_ip(&r), inet_addr("255.0.255.0"));
}

TEST(list_has_those_with_an_address)
{
	struct ifreq all[8];
	struct ifconf c = { .ifc_len = sizeof(all) };
	int fd;

	net_new();
	fd = sock();
	c.ifc_req = all;
	CHECK_EQ(ioctl(fd, SIOCGIFCONF, &c), 0);
	CHECK_EQ(c.ifc_len, sizeof(all[0]));
	CHECK(!strcmp(all[0].ifr_name, "lo"));
	CHECK_EQ(get_ip(&all[0]), htonl(INADDR_LOOPBACK));
	c.ifc_len = 8;                /* no room for one */
	CHECK_EQ(ioctl(fd, SIOCGIFCONF, &c), 0);
	CHECK_EQ(c.ifc_len, 0);
}

TEST(up_down_and_mtu)
{
	struct ifreq r = lo();
	int fd;

	net_new();
	fd = sock();
	CHECK_EQ(ioctl(fd, SIOCGIFFLAGS, &r), 0);
	CHECK(r.ifr_flags & IFF_UP);
	r.ifr_flags &= ~IFF_UP;
	CHECK_EQ(ioctl(fd, SIOCSIFFLAGS, &r), 0);
	CHECK_EQ(link_flags("lo") & IFF_UP, 0);
	r.ifr_mtu = 1234;
	CHECK_EQ(ioctl(fd, SIOCSIFMTU, &r), 0);
	r.ifr_mtu = 0;
	CHECK_EQ(ioctl(fd, SIOCGIFMTU, &r), 0);
	CHECK_EQ(r.ifr_mtu, 1234);
	r.ifr_mtu = -1;
	CHECK_ERR(ioctl(fd, SIOCSIFMTU, &r), EINVAL);
}

TEST(changes_want_a_privilege)
{
	struct ifreq r = lo();
	int fd;

	net_new();
	fd = sock();
	CHECK_EQ(setgid(65534), 0);
	CHECK_EQ(setuid(65534), 0);
	r.ifr_mtu = 1234;
	CHECK_ERR(ioctl(fd, SIOCSIFMTU, &r), EPERM);
	put_ip(&r, "127.5.0.1");
	CHECK_ERR(ioctl(fd, SIOCSIFADDR, &r), EPERM);
	r.ifr_flags = 0;
	CHECK_ERR(ioctl(fd, SIOCSIFFLAGS, &r), EPERM);
	CHECK_EQ(ioctl(fd, SIOCGIFFLAGS, &r), 0);
}

TAP_MAIN()
