/* SPDX-License-Identifier: MIT */
/*
 * bench.c -- what small operations cost
 *
 * PROMISE.  One line `NAME NANOSECONDS` for each operation: the least mean of
 * several batches, so that a disturbance counts for nothing.  The same binary
 * runs on Linux; tools/bench divides one by the other.  `bench --disk FOLDER`
 * measures files on a disk instead (disk.c), `bench --peer HOST PORT` TCP to
 * another machine, `bench --idle N` the memory of connections (peer.c).
 *
 * IDEA.  A batch is as many repetitions as fill about 20 ms; the first batch
 * warms up and finds that number.  Least, not average: noise only ever adds.
 */

#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCH_NS 20000000L
#define BATCHES 7
#define PAGE 4096
#define PAGES 256

static int pair_out[2], pair_back[2], data_pipe[2];
static char buffer[65536];

void die(const char *what)
{
	perror(what);
	exit(1);
}

int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void null_syscall(long n)
{
	while (n--)
		syscall(SYS_getppid);
}

static void clock_gettime_(long n)
{
	struct timespec t;

	while (n--)
		clock_gettime(CLOCK_MONOTONIC, &t);
}

static void open_close(long n)
{
	while (n--) {
		int fd = open("/etc/passwd", O_RDONLY);

		if (fd < 0)
			die("open");
		close(fd);
	}
}

static void stat_(long n)
{
	struct stat st;

	while (n--)
		if (stat("/etc/passwd", &st) < 0)
			die("stat");
}

static void read_dev_zero(long n)
{
	int fd = open("/dev/zero", O_RDONLY);

	while (n--)
		if (read(fd, buffer, 1) != 1)
			die("read");
	close(fd);
}

static void file_rw(long n)
{
	int fd = open("/tmp/bench-file", O_RDWR | O_CREAT | O_TRUNC, 0600);

	while (n--) {
		if (pwrite(fd, buffer, PAGE, 0) != PAGE ||
		    pread(fd, buffer, PAGE, 0) != PAGE)
			die("pwrite/pread");
	}
	close(fd);
	unlink("/tmp/bench-file");
}

static void create_unlink(long n)
{
	while (n--) {
		int fd = open("/tmp/bench-new", O_RDWR | O_CREAT | O_EXCL, 0600);

		if (fd < 0)
			die("create");
		close(fd);
		unlink("/tmp/bench-new");
	}
}

static void mmap_munmap(long n)
{
	while (n--) {
		void *p = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			die("mmap");
		munmap(p, 16 * PAGE);
	}
}

/* One repetition is one fault; the mapping is renewed every PAGES. */
static void page_fault(long n)
{
	while (n > 0) {
		char *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			die("mmap");
		for (int i = 0; i < PAGES && n > 0; i++, n--)
			p[i * PAGE] = 1;
		munmap(p, PAGES * PAGE);
	}
}

void wait_for(pid_t pid)
{
	int status;

	if (pid < 0)
		die("fork");
	if (waitpid(pid, &status, 0) != pid || status != 0)
		die("child");
}

static void fork_exit(long n)
{
	while (n--) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		wait_for(pid);
	}
}

static void fork_exec(long n)
{
	while (n--) {
		pid_t pid = fork();

		if (pid == 0) {
			execl("/bin/busybox", "true", (char *)NULL);
			_exit(127);
		}
		wait_for(pid);
	}
}

static void vfork_exec(long n)
{
	while (n--) {
		pid_t pid = vfork();

		if (pid == 0) {
			execl("/bin/busybox", "true", (char *)NULL);
			_exit(127);
		}
		wait_for(pid);
	}
}

static void pipe_pingpong(long n)
{
	char byte = 0;
	pid_t pid = fork();

	if (pid == 0) {
		while (n--)
			if (read(pair_out[0], &byte, 1) != 1 ||
			    write(pair_back[1], &byte, 1) != 1)
				_exit(1);
		_exit(0);
	}
	for (long i = 0; i < n; i++)
		if (write(pair_out[1], &byte, 1) != 1 ||
		    read(pair_back[0], &byte, 1) != 1)
			die("ping");
	wait_for(pid);
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* Both ends on one CPU: each way is one switch of tasks. */
static void context_switch(long n)
{
	cpu_set_t all;

	sched_getaffinity(0, sizeof(all), &all);
	pin(0);
	pipe_pingpong(n);
	sched_setaffinity(0, sizeof(all), &all);
}

static void pipe_64k(long n)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (long left = n * (long)sizeof(buffer); left > 0;) {
			ssize_t got = read(data_pipe[0], buffer, sizeof(buffer));

			if (got <= 0)
				_exit(1);
			left -= got;
		}
		_exit(0);
	}
	for (long i = 0; i < n; i++)
		if (write(data_pipe[1], buffer, sizeof(buffer)) !=
		    (ssize_t)sizeof(buffer))
			die("write");
	wait_for(pid);
}

static void on_usr1(int sig)
{
}

static void signal_self(long n)
{
	pid_t self = getpid();

	signal(SIGUSR1, on_usr1);
	while (n--)
		kill(self, SIGUSR1);
}

static void yield(long n)
{
	while (n--)
		sched_yield();
}

static const struct bench benches[] = {
	{ "null_syscall", null_syscall },
	{ "clock_gettime", clock_gettime_ },
	{ "sched_yield", yield },
	{ "read_zero_1", read_dev_zero },
	{ "stat", stat_ },
	{ "open_close", open_close },
	{ "create_unlink", create_unlink },
	{ "file_rw_4k", file_rw },
	{ "mmap_munmap", mmap_munmap },
	{ "page_fault", page_fault },
	{ "signal_self", signal_self },
	{ "pipe_pingpong", pipe_pingpong },
	{ "context_switch", context_switch },
	{ "pipe_64k", pipe_64k },
	{ "fork_exit", fork_exit },
	{ "fork_exec", fork_exec },
	{ "vfork_exec", vfork_exec },
	{ 0 },
};

void report(const char *name, int64_t ns)
{
	printf("%s %lld\n", name, (long long)ns);
	fflush(stdout);
}

static void measure(const struct bench *b)
{
	long n = 1;
	int64_t spent, best = INT64_MAX;

	for (;;) {
		int64_t start = now();

		b->run(n);
		spent = now() - start;
		if (spent > BATCH_NS / 2 || n > (1L << 30))
			break;
		n *= spent < BATCH_NS / 16 ? 8 : 2;
	}
	for (int i = 0; i < BATCHES; i++) {
		int64_t start = now();

		b->run(n);
		spent = (now() - start) / n;
		if (spent < best)
			best = spent;
	}
	report(b->name, best);
}

static void measure_all(const struct bench *b, const char *only)
{
	for (; b->name; b++)
		if (!only || strstr(b->name, only))
			measure(b);
}

int main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : NULL;

	if (argc > 2 && !strcmp(argv[1], "--disk")) {
		disk_rows(argv[2], argv[3]);
		return 0;
	}
	if (argc > 3 && !strcmp(argv[1], "--peer")) {
		peer_rows(argv[2], atoi(argv[3]));
		return 0;
	}
	if (argc > 2 && !strcmp(argv[1], "--idle")) {
		idle_row(atoi(argv[2]));
		return 0;
	}
	if (pipe(pair_out) < 0 || pipe(pair_back) < 0 || pipe(data_pipe) < 0)
		die("pipe");
	measure_all(benches, only);
	measure_all(event_benches, only);
	measure_all(net_benches, only);
	return 0;
}
