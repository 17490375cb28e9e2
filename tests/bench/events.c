/* SPDX-License-Identifier: MIT */
/*
 * events.c -- what waiting, waking and switching cost
 *
 * In the manner of lmbench: select over 10, 100 and 500 descriptors, epoll with
 * idle ones beside the one that is ready, signals, UNIX sockets, semaphores,
 * futexes, threads, and rings of tasks that pass a token.
 */

#include "bench.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <fcntl.h>
#include <unistd.h>

static char block[65536];

/* ---- select and epoll ---- */

/* That many eventfds below FD_SETSIZE, none ready; then select, not waiting. */
static void select_of(long n, int count)
{
	static int fds[500];
	struct timeval zero;
	fd_set set;
	int top = 0;

	for (int i = 0; i < count; i++) {
		fds[i] = eventfd(0, 0);
		if (fds[i] < 0 || fds[i] >= FD_SETSIZE)
			die("eventfd");
		top = fds[i];
	}
	while (n--) {
		FD_ZERO(&set);
		for (int i = 0; i < count; i++)
			FD_SET(fds[i], &set);
		zero = (struct timeval){ 0, 0 };
		if (select(top + 1, &set, NULL, NULL, &zero))
			die("select");
	}
	for (int i = 0; i < count; i++)
		close(fds[i]);
}

static void select_10(long n)
{
	select_of(n, 10);
}

static void select_100(long n)
{
	select_of(n, 100);
}

static void select_500(long n)
{
	select_of(n, 500);
}

static void eventfd_rw(long n)
{
	int fd = eventfd(0, 0);
	uint64_t v = 1;

	while (n--)
		if (write(fd, &v, 8) != 8 || read(fd, &v, 8) != 8)
			die("eventfd");
	close(fd);
}

/*
 * epoll_wait with one descriptor ready and `idle` that are not.  The set stays
 * from call to call: making it is not what is measured.
 */
static void epoll_of(long n, int idle)
{
	static int ep, count = -1;
	struct epoll_event ev = { .events = EPOLLIN }, out[4];

	if (count != idle) {
		if (count >= 0)
			close(ep);
		ep = epoll_create1(0);
		for (int i = 0; i <= idle; i++) {
			int fd = eventfd(!i, 0);

			if (fd < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev))
				die("epoll_ctl");
		}
		count = idle;
	}
	while (n--)
		if (epoll_wait(ep, out, 4, -1) != 1)
			die("epoll_wait");
}

static void epoll_1(long n)
{
	epoll_of(n, 1);
}

static void epoll_100(long n)
{
	epoll_of(n, 100);
}

static void epoll_10000(long n)
{
	struct rlimit r = { 20000, 20000 };

	if (setrlimit(RLIMIT_NOFILE, &r))
		return;
	epoll_of(n, 10000);
}

/* ---- signals ---- */

static void handler(int sig)
{
}

static void signal_install(long n)
{
	struct sigaction sa = { .sa_handler = handler };

	while (n--)
		sigaction(SIGUSR2, &sa, NULL);
}

/* A write to a page that may not be written, until the handler allows it. */
static char *forbidden;

static void allow(int sig)
{
	mprotect(forbidden, 4096, PROT_READ | PROT_WRITE);
}

static void prot_fault(long n)
{
	struct sigaction sa = { .sa_handler = allow }, old;

	forbidden = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	sigaction(SIGSEGV, &sa, &old);
	while (n--) {
		*(volatile char *)forbidden = 1;
		mprotect(forbidden, 4096, PROT_READ);
	}
	sigaction(SIGSEGV, &old, NULL);
	munmap(forbidden, 4096);
}

/* ---- sockets, semaphores, futexes, threads ---- */

static void unix_pingpong(long n)
{
	int s[2];
	char c = 0;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		die("socketpair");
	pid = fork();
	if (!pid) {
		while (n--)
			if (read(s[1], &c, 1) != 1 || write(s[1], &c, 1) != 1)
				_exit(1);
		_exit(0);
	}
	while (n--)
		if (write(s[0], &c, 1) != 1 || read(s[0], &c, 1) != 1)
			die("unix");
	wait_for(pid);
	close(s[0]);
	close(s[1]);
}

static void unix_64k(long n)
{
	long left = n * (long)sizeof(block);
	int s[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		die("socketpair");
	pid = fork();
	if (!pid) {
		while (left > 0) {
			ssize_t got = read(s[1], block, sizeof(block));

			if (got <= 0)
				_exit(1);
			left -= got;
		}
		_exit(0);
	}
	while (n--)
		if (write(s[0], block, sizeof(block)) != sizeof(block))
			die("unix write");
	wait_for(pid);
	close(s[0]);
	close(s[1]);
}

static void sem_step(int id, int num, int by)
{
	struct sembuf op = { num, by, 0 };

	if (semop(id, &op, 1))
		die("semop");
}

static void sysv_semaphore(long n)
{
	int id = semget(IPC_PRIVATE, 2, 0600);
	pid_t pid = fork();

	if (!pid) {
		while (n--) {
			sem_step(id, 0, -1);
			sem_step(id, 1, 1);
		}
		_exit(0);
	}
	while (n--) {
		sem_step(id, 0, 1);
		sem_step(id, 1, -1);
	}
	wait_for(pid);
	semctl(id, 0, IPC_RMID);
}

static void futex_wake_none(long n)
{
	static int word;

	while (n--)
		syscall(SYS_futex, &word, 1 /* FUTEX_WAKE */, 1, NULL, NULL, 0);
}

static void *nothing(void *arg)
{
	return arg;
}

static void thread_join(long n)
{
	pthread_t t;

	while (n--)
		if (pthread_create(&t, NULL, nothing, NULL) ||
		    pthread_join(t, NULL))
			die("thread");
}

/* ---- tasks that pass a token round, each with a working set ---- */

static unsigned long touch(const char *area, int bytes)
{
	unsigned long sum = 0;

	for (int i = 0; i < bytes; i += 64)
		sum += area[i];
	return sum;
}

/* Member i reads from pipe i, writes to pipe i + 1; we are member 0. */
static void ring(long n, int tasks, int bytes)
{
	int p[17][2];
	pid_t pids[17];
	char c = 0;

	for (int i = 0; i < tasks; i++)
		if (pipe(p[i]))
			die("pipe");
	for (int i = 1; i < tasks; i++) {
		pids[i] = fork();
		if (pids[i])
			continue;
		for (long k = 0; k < n; k++) {
			if (read(p[i][0], &c, 1) != 1)
				_exit(1);
			c += touch(block, bytes);
			if (write(p[(i + 1) % tasks][1], &c, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	for (long k = 0; k < n; k++) {
		c += touch(block, bytes);
		if (write(p[1][1], &c, 1) != 1 || read(p[0][0], &c, 1) != 1)
			die("ring");
	}
	for (int i = 1; i < tasks; i++)
		wait_for(pids[i]);
	for (int i = 0; i < tasks; i++) {
		close(p[i][0]);
		close(p[i][1]);
	}
}

#define RING(tasks, kb)							\
	static void ring_##tasks##_##kb##k(long n)			\
	{								\
		ring(n, tasks, (kb) * 1024);				\
	}
RING(2, 0)
RING(2, 16)
RING(2, 64)
RING(8, 0)
RING(8, 16)
RING(8, 64)
RING(16, 0)
RING(16, 16)
RING(16, 64)

/* ---- small calls ---- */

static void fstat_(long n)
{
	struct stat st;

	while (n--)
		fstat(0, &st);
}

static void write_null(long n)
{
	int fd = open("/dev/null", O_WRONLY);

	while (n--)
		if (write(fd, "x", 1) != 1)
			die("/dev/null");
	close(fd);
}

static void fork_sh(long n)
{
	while (n--) {
		pid_t pid = fork();

		if (!pid) {
			execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL);
			_exit(127);
		}
		wait_for(pid);
	}
}

const struct bench event_benches[] = {
	{ "write_null_1", write_null },
	{ "fstat", fstat_ },
	{ "select_10", select_10 },
	{ "select_100", select_100 },
	{ "select_500", select_500 },
	{ "eventfd_rw", eventfd_rw },
	{ "epoll_1", epoll_1 },
	{ "epoll_100", epoll_100 },
	{ "epoll_10000", epoll_10000 },
	{ "signal_install", signal_install },
	{ "prot_fault", prot_fault },
	{ "unix_pingpong", unix_pingpong },
	{ "unix_64k", unix_64k },
	{ "sysv_semaphore", sysv_semaphore },
	{ "futex_wake_none", futex_wake_none },
	{ "thread_join", thread_join },
	{ "ring_2_0k", ring_2_0k },
	{ "ring_2_16k", ring_2_16k },
	{ "ring_2_64k", ring_2_64k },
	{ "ring_8_0k", ring_8_0k },
	{ "ring_8_16k", ring_8_16k },
	{ "ring_8_64k", ring_8_64k },
	{ "ring_16_0k", ring_16_0k },
	{ "ring_16_16k", ring_16_16k },
	{ "ring_16_64k", ring_16_64k },
	{ "fork_sh", fork_sh },
	{ 0 },
};
