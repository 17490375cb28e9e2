/* SPDX-License-Identifier: MIT */
/* tcp_memory.c -- what connections may keep together: net.ipv4.tcp_mem */

#define _GNU_SOURCE
#include "tap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>

#define SETTING "/proc/sys/net/ipv4/tcp_mem"
#define PAIRS 48
#define EACH (128 * 1024)

static char buf[EACH];

static void set(const char *text)
{
	int fd = open(SETTING, O_WRONLY);

	NEED(fd >= 0 && write(fd, text, strlen(text)) > 0);
	close(fd);
}

/* Pages that TCP's packets take, by /proc/net/sockstat. */
static long pages(void)
{
	FILE *f = fopen("/proc/net/sockstat", "r");
	char line[200];
	long n = -1;

	NEED(f != NULL);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "TCP:", 4))
			sscanf(strstr(line, " mem ") + 5, "%ld", &n);
	fclose(f);
	return n;
}

/* Both ends of a connection. */
static void pair(int fd[2])
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, SOCK_STREAM, 0);

	NEED(bind(l, (void *)&a, len) == 0 && listen(l, 1) == 0);
	NEED(getsockname(l, (void *)&a, &len) == 0);
	fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	NEED(connect(fd[0], (void *)&a, len) == 0);
	fd[1] = accept(l, NULL, NULL);
	NEED(fd[1] >= 0);
	close(l);
}

static long read_all(int fd, long n)
{
	long got = 0, r = 1;

	while (got < n && (r = read(fd, buf, sizeof(buf))) > 0)
		got += r;
	return r < 0 ? r : got;
}

/* Each CPU may keep 256 pages to itself before the common account knows. */
TEST(idle_connections_hold_no_memory)
{
	long slack = 256 * sysconf(_SC_NPROCESSORS_ONLN) + 2 * PAIRS;
	long before = pages();
	int fd[2];

	for (int i = 0; i < PAIRS; i++) {
		pair(fd);
		CHECK_EQ(write(fd[0], buf, EACH / 2), EACH / 2);
		CHECK_EQ(read_all(fd[1], EACH / 2), EACH / 2);
		CHECK_EQ(write(fd[1], buf, EACH / 2), EACH / 2);
		CHECK_EQ(read_all(fd[0], EACH / 2), EACH / 2);
	}
	CHECK(pages() - before <= slack);
}

/* A sender lets go of its connection while it waits, or no ACK would ever make
 * the room that it waits for. */
TEST(a_sender_waits_while_all_of_tcp_has_no_room)
{
	struct timeval tv = { 8, 0 };
	char old[100] = "";
	int fd[2], f = open(SETTING, O_RDONLY);
	pid_t child;

	if (geteuid() || access(SETTING, W_OK))
		SKIP("must be root");
	NEED(read(f, old, sizeof(old) - 1) > 0);
	pair(fd);
	setsockopt(fd[1], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	set("2 4 8");
	child = fork();
	if (!child) {
		NEED(write(fd[0], buf, EACH) == EACH);
		NEED(write(fd[0], buf, EACH / 2) == EACH / 2);
		_exit(0);
	}
	usleep(30000);
	CHECK_EQ(read_all(fd[1], EACH * 3 / 2), EACH * 3 / 2);
	set(old);
	kill(child, SIGKILL);
}

TAP_MAIN()
