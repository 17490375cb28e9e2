/* SPDX-License-Identifier: MIT */
/*
 * net.c -- the network: lo, and eth0 if tools/vm --net gave the machine one
 *
 * The file `net` of this boot's tasks says how eth0 gets its address:
 *
 *	dhcp                  busybox udhcpc asks, tools/udhcpc.script acts
 *	static 10.0.3.7       two machines on one wire, nobody to ask
 *
 * Without that file nothing is run: lo costs four ioctls.
 *
 * IDEA.  A person shall not wait for an answer from the wire, so a child does
 * the asking while the shells start; a command (run.c) is started only when the
 * child is done, because nobody would tell it.  The child works on the last
 * root file system, where there may be no busybox: the first root's is copied
 * to memory before that root goes, and deleted after its use.  Behind the
 * network it starts the server that people reach the machine by.
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
#define BUSYBOX TASKS "/busybox"
#define RESOLV TASKS "/resolv.conf"
#define DROPBEAR "/usr/sbin/dropbear"

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

/* Run a program to its end, its output in `log`; its wait status. */
static int run_program(const char *path, char *const argv[], const char *log)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		reset_signals();
		setsid();
		if (!freopen(log, "w", stderr) ||
		    dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
			_exit(126);
		execve(path, argv, login_environment);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid < 0 ? -1 : status;
}

/* Five questions, a second apart: QEMU answers the first one. */
static void ask_dhcp(void)
{
	static char *const argv[] = {
		"udhcpc", "-i", "eth0", "-q", "-n", "-t", "5", "-T", "1", "-s",
		SCRIPT, NULL };

	chmod(SCRIPT, 0755);
	interface_up("eth0", NULL, NULL);
	if (run_program(BUSYBOX, argv, TASKS "/udhcpc.log"))
		say("eth0: no answer from DHCP (%s)", TASKS "/udhcpc.log");
	unlink(BUSYBOX);
	if (access(RESOLV, R_OK) == 0 && !copy_file(RESOLV, "/etc/resolv.conf"))
		say("/etc/resolv.conf: %s", strerror(errno));
}

static void configure(const char *line)
{
	char address[32];

	if (!strcmp(line, "dhcp"))
		ask_dhcp();
	else if (sscanf(line, "static %31s", address) == 1)
		interface_up("eth0", address, "255.255.255.0");
}

/* Debian's ssh server, where there is one.  It makes its keys when the first
 * client comes (-R), and lets in whose password is empty (-B). */
static void start_servers(void)
{
	static char *const argv[] = { "dropbear", "-R", "-B", NULL };

	if (access(DROPBEAR, X_OK) < 0)
		return;
	mkdir("/etc/dropbear", 0700);
	if (run_program(DROPBEAR, argv, TASKS "/dropbear.log"))
		say("dropbear does not start (%s)", TASKS "/dropbear.log");
}

/* While the first root file system is there. */
void network_prepare(void)
{
	interface_up("lo", "127.0.0.1", "255.0.0.0");
	if (access(NET, R_OK) == 0)
		copy_file("/bin/busybox", BUSYBOX);
}

void network_start(bool wait_for_it)
{
	pid_t pid;

	if (access(NET, R_OK) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		for_each_line(NET, configure);
		start_servers();
		_exit(0);
	}
	if (pid < 0)
		say("fork: %s", strerror(errno));
	while (wait_for_it && pid > 0 && waitpid(pid, NULL, 0) < 0 &&
	       errno == EINTR)
		;
}
