/* SPDX-License-Identifier: MIT */
/* pipes.c -- pipes, FIFOs, poll and select, from outside */

#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <time.h>

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

TEST(bytes_arrive_in_order)
{
	enum { TOTAL = 1 << 20 };
	static unsigned char buf[5000];
	unsigned expect = 0;
	int fds[2], status;

	NEED(pipe(fds) == 0);
	pid_t pid = fork();

	if (pid == 0) {
		for (unsigned i = 0; i < TOTAL;) {
			unsigned n = 1 + i % sizeof(buf);

			if (n > TOTAL - i)
				n = TOTAL - i;
			for (unsigned j = 0; j < n; j++)
				buf[j] = (i + j) * 7;
			if (write(fds[1], buf, n) != (ssize_t)n)
				_exit(1);
			i += n;
		}
		_exit(0);
	}
	close(fds[1]);
	for (ssize_t n; (n = read(fds[0], buf, 3001)) > 0;)
		for (ssize_t j = 0; j < n; j++, expect++)
			NEED(buf[j] == (unsigned char)(expect * 7));
	CHECK_EQ(expect, TOTAL);
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
}

TEST(end_of_file_when_no_writer_is_left)
{
	int fds[2];
	char c;

	NEED(pipe(fds) == 0);
	CHECK_EQ(write(fds[1], "x", 1), 1);
	close(fds[1]);
	CHECK_EQ(read(fds[0], &c, 1), 1);
	CHECK_EQ(read(fds[0], &c, 1), 0);
}

TEST(no_reader_is_sigpipe_or_epipe)
{
	int fds[2], status;

	NEED(pipe(fds) == 0);
	close(fds[0]);
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		_exit(write(fds[1], "x", 1) < 0);
	}
	waitpid(pid, &status, 0);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
	signal(SIGPIPE, SIG_IGN);
	CHECK_ERR(write(fds[1], "x", 1), EPIPE);
}

TEST(a_full_pipe_holds_64k)
{
	static char page[4096];
	int fds[2], total = 0, n = 0;

	NEED(pipe2(fds, O_NONBLOCK) == 0);
	CHECK_ERR(read(fds[0], page, 1), EAGAIN);
	while ((n = write(fds[1], page, sizeof(page))) > 0)
		total += n;
	CHECK_EQ(errno, EAGAIN);
	CHECK_EQ(total, 65536);
	CHECK_EQ(ioctl(fds[0], FIONREAD, &n), 0);
	CHECK_EQ(n, 65536);
	CHECK_EQ(read(fds[0], page, sizeof(page)), 4096);
	CHECK_EQ(write(fds[1], page, sizeof(page)), 4096);
}

TEST(a_user_with_many_pipes_gets_small_ones)
{
	int p[2], last = 0, n;
	struct rlimit all = { 4096, 4096 };

	if (geteuid())
		SKIP("needs to be root");
	NEED(pipe(p) == 0);
	CHECK_EQ(fcntl(p[0], F_SETPIPE_SZ, 0), 4096);
	NEED(setrlimit(RLIMIT_NOFILE, &all) == 0);
	NEED(setresuid(4711, 4711, 4711) == 0);
	for (n = 0; n < 1100 && last != 8192; n++) {
		NEED(pipe(p) == 0);
		last = fcntl(p[0], F_GETPIPE_SZ);
	}
	/* 16384 pages, 16 in each. */
	CHECK_EQ(n, 1025);
	CHECK_ERR(fcntl(p[0], F_SETPIPE_SZ, 1 << 16), EPERM);
}

TEST(small_writes_are_atomic)
{
	enum { WRITERS = 4, EACH = 200, SIZE = 512 };
	char buf[SIZE];
	int fds[2], records = 0;

	NEED(pipe(fds) == 0);
	for (int w = 0; w < WRITERS; w++)
		if (fork() == 0) {
			memset(buf, 'a' + w, SIZE);
			for (int i = 0; i < EACH; i++)
				if (write(fds[1], buf, SIZE) != SIZE)
					_exit(1);
			_exit(0);
		}
	close(fds[1]);
	for (;;) {
		size_t got = 0;
		ssize_t n;

		while (got < SIZE && (n = read(fds[0], buf + got, SIZE - got)) > 0)
			got += n;
		if (got == 0)
			break;
		for (int i = 0; i < SIZE; i++)
			NEED(buf[i] == buf[0]);
		records++;
	}
	CHECK_EQ(records, WRITERS * EACH);
}

TEST(poll_reports_what_is_ready)
{
	int fds[2];

	NEED(pipe(fds) == 0);
	struct pollfd p[3] = {
		{ fds[0], POLLIN, 0 }, { fds[1], POLLOUT, 0 }, { -1, POLLIN, 9 },
	};

	CHECK_EQ(poll(p, 3, 0), 1);
	CHECK(p[0].revents == 0 && p[1].revents == POLLOUT && p[2].revents == 0);
	CHECK_EQ(write(fds[1], "x", 1), 1);
	CHECK_EQ(poll(p, 1, -1), 1);
	CHECK_EQ(p[0].revents, POLLIN);
	close(fds[1]);
	CHECK_EQ(poll(p, 1, -1), 1);
	CHECK_EQ(p[0].revents, POLLIN | POLLHUP);
	p[0].fd = 555;
	CHECK_EQ(poll(p, 1, 0), 1);
	CHECK_EQ(p[0].revents, POLLNVAL);
}

TEST(poll_times_out_and_wakes)
{
	int fds[2];
	int64_t start = now_ms();

	NEED(pipe(fds) == 0);
	struct pollfd p = { fds[0], POLLIN, 0 };

	CHECK_EQ(poll(&p, 1, 100), 0);
	int64_t took = now_ms() - start;

	CHECK(took >= 99 && took < 1000);
	if (fork() == 0) {
		usleep(50000);
		_exit(write(fds[1], "x", 1) != 1);
	}
	CHECK_EQ(poll(&p, 1, 10000), 1);
	wait(NULL);
}

TEST(select_agrees_with_poll)
{
	struct timeval zero = { 0, 0 }, soon = { 0, 50000 };
	fd_set in, out;
	int fds[2];

	NEED(pipe(fds) == 0);
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(fds[0], &in);
	FD_SET(fds[1], &out);
	CHECK_EQ(select(fds[1] + 1, &in, &out, NULL, &zero), 1);
	CHECK(!FD_ISSET(fds[0], &in) && FD_ISSET(fds[1], &out));
	FD_SET(fds[0], &in);
	CHECK_EQ(select(fds[0] + 1, &in, NULL, NULL, &soon), 0);
	CHECK_EQ(write(fds[1], "x", 1), 1);
	FD_SET(fds[0], &in);
	CHECK_EQ(select(fds[0] + 1, &in, NULL, NULL, NULL), 1);
	FD_ZERO(&in);
	FD_SET(fds[1] + 1, &in);
	CHECK_ERR(select(fds[1] + 2, &in, NULL, NULL, &zero), EBADF);
}

TEST(a_fifo_joins_strangers)
{
	char name[] = "/tmp/fifo-XXXXXX", got[8] = "";

	NEED(mktemp(name) != NULL);
	NEED(mkfifo(name, 0600) == 0);
	CHECK_ERR(open(name, O_WRONLY | O_NONBLOCK), ENXIO);
	if (fork() == 0) {
		int w = open(name, O_WRONLY);

		_exit(write(w, "hello", 5) != 5);
	}
	int r = open(name, O_RDONLY);

	CHECK_EQ(read(r, got, 8), 5);
	CHECK_EQ(read(r, got, 8), 0);
	CHECK_ERR(lseek(r, 0, SEEK_SET), ESPIPE);
	unlink(name);
	wait(NULL);
}

TAP_MAIN()
