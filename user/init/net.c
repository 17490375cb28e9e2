/* SPDX-License-Identifier: MIT */
/*
 * net.c -- the network: lo, and eth0 if tools/vm --net gave the machine one
 *
 * The file `net` of this boot's tasks says how eth0 gets its address:
 *
 *	dhcp                  busybox udhcpc asks, tools/udhcpc.script acts
 *	static 10.0.3.7       two machines on one wire, nobody to ask
 *
 * Without that file nothing is run: lo costs four ioctls.  It is done in the
 * first root file system, where busybox is; what it learns about names is
 * carried to the root on disk afterwards.
 */

#include "init.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NET TASKS "/net"
#define SCRIPT TASKS "/udhcpc"
#define RESOLV TASKS "/resolv.conf"

static bool set_address(int fd, struct ifreq *ifr, unsigned long request,
			const char *address)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };

	inet_pton(AF_INET, address, &sin.sin_addr);
	memcpy(&ifr->ifr_addr, &sin, sizeof(sin));
	return ioctl(fd, request, ifr) == 0;
}

/* address NULL: up is all that is wanted. */
static void interface_up(const char *name, const char *address,
			 const char *mask)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { 0 };

	if (fd < 0)
		return;             /* a kernel without IP */
	snprintf(ifr.ifr_name, IFNAMSIZ, "%s", name);
	if (address && (!set_address(fd, &ifr, SIOCSIFADDR, address) ||
			!set_address(fd, &ifr, SIOCSIFNETMASK, mask)))
		say("%s: address %s: %s", name, address, strerror(errno));
	if (ioctl(fd, SIOCGIFFLAGS, &ifr) == 0) {
		ifr.ifr_flags |= IFF_UP;
		ioctl(fd, SIOCSIFFLAGS, &ifr);
	}
	close(fd);
}

/* Five questions, a second apart: QEMU answers the first one. */
static void ask_dhcp(void)
{
	pid_t pid;
	int status = 0;

	chmod(SCRIPT, 0755);
	interface_up("eth0", NULL, NULL);
	pid = fork();
	if (pid == 0) {
		static char *const argv[] = {
			"udhcpc", "-i", "eth0", "-q", "-n", "-t", "5", "-T",
			"1", "-s", SCRIPT, NULL };

		reset_signals();
		if (!freopen(TASKS "/udhcpc.log", "w", stderr) ||
		    dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
			_exit(126);
		execve("/bin/busybox", argv, login_environment);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (pid < 0 || status)
		say("eth0: no answer from DHCP (%s)", TASKS "/udhcpc.log");
}

static void configure(const char *line)
{
	char address[32];

	if (!strcmp(line, "dhcp"))
		ask_dhcp();
	else if (sscanf(line, "static %31s", address) == 1)
		interface_up("eth0", address, "255.255.255.0");
}

void network_start(void)
{
	interface_up("lo", "127.0.0.1", "255.0.0.0");
	for_each_line(NET, configure);
}

/* Behind switch_root(): whom to ask for names. */
void network_names(void)
{
	if (access(RESOLV, R_OK) == 0 && !copy_file(RESOLV, "/etc/resolv.conf"))
		say("/etc/resolv.conf: %s", strerror(errno));
}
