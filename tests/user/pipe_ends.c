/* SPDX-License-Identifier: MIT */
/* pipe_ends.c -- pipes and FIFOs at their edges (AP080-AP083), readiness */

#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

TEST(a_command_is_captured_to_its_last_byte)
{
	char buf[65536];
	int p[2], n, total = 0, status;
	pid_t pid;

	NEED(pipe(p) == 0);
	pid = fork();
	if (pid == 0) {
		dup2(p[1], 1);
		close(p[0]);
		close(p[1]);
		execl("/bin/sh", "sh", "-c",
		      "i=0; while [ $i -lt 300 ]; do echo line $i; "
		      "i=$((i+1)); done", NULL);
		_exit(127);
	}
	close(p[1]);
	while ((n = read(p[0], buf, sizeof(buf))) > 0)
		total += n;
	CHECK_EQ(n, 0);
	CHECK_EQ(total, 10 * 7 + 90 * 8 + 200 * 9);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

/* Odd sizes against each other: the ring wraps at every offset. */
TEST(a_megabyte_in_odd_pieces_arrives_unchanged)
{
	unsigned char buf[7919];
	unsigned char want = 0;
	long total = 0, bad = 0;
	int p[2], n, i, status;
	pid_t pid;

	NEED(pipe(p) == 0);
	pid = fork();
	if (pid == 0) {
		long left = 1 << 20;
		unsigned char v = 0;

		close(p[0]);
		while (left > 0) {
			int size = 1 + left % 6007;

			if (size > left)
				size = left;
			for (i = 0; i < size; i++)
				buf[i] = v++;
			if (write(p[1], buf, size) != size)
				_exit(1);
			left -= size;
		}
		_exit(0);
	}
	close(p[1]);
	while ((n = read(p[0], buf, 1 + total % sizeof(buf))) > 0) {
		for (i = 0; i < n; i++)
			bad += buf[i] != want++;
		total += n;
	}
	CHECK_EQ(total, 1 << 20);
	CHECK_EQ(bad, 0);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

TEST(the_size_can_be_changed)
{
	char buf[70000];
	int p[2];

	NEED(pipe2(p, O_NONBLOCK) == 0);
	CHECK_EQ(fcntl(p[0], F_GETPIPE_SZ), 65536);
	memset(buf, 'p', sizeof(buf));
	CHECK_EQ(write(p[1], buf, 5000), 5000);
	CHECK_EQ(fcntl(p[1], F_SETPIPE_SZ, 100000), 131072);
	CHECK_EQ(write(p[1], buf, 70000), 70000);
	CHECK_ERR(fcntl(p[1], F_SETPIPE_SZ, 4096), EBUSY);
	CHECK_EQ(read(p[0], buf, 70000), 70000);
	CHECK_EQ(read(p[0], buf, 70000), 5000);
	CHECK_EQ(fcntl(p[1], F_SETPIPE_SZ, 1), 4096);
	CHECK_EQ(write(p[1], buf, 5000), 4096);
	CHECK_ERR(write(p[1], buf, 1), EAGAIN);
	CHECK_ERR(fcntl(0, F_SETPIPE_SZ, 4096), EBADF);
}

TEST(a_small_write_fits_whole_or_not_at_all)
{
	static char buf[65536];
	int p[2];

	NEED(pipe2(p, O_NONBLOCK) == 0);
	CHECK_EQ(write(p[1], buf, 65536 - 100), 65536 - 100);
	CHECK_ERR(write(p[1], buf, 4096), EAGAIN);
	CHECK_EQ(read(p[0], buf, 65536), 65436);
	CHECK_ERR(read(p[0], buf, 1), EAGAIN);
	CHECK_EQ(write(p[1], buf, 65536), 65536);
	CHECK_ERR(write(p[1], buf, 1), EAGAIN);
}

TEST(a_pipe_can_be_opened_again_through_proc)
{
	char path[32], c;
	int p[2], w;

	NEED(pipe(p) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", p[0]);
	w = open(path, O_WRONLY);
	CHECK(w >= 0);
	CHECK_EQ(write(w, "z", 1), 1);
	CHECK(read(p[0], &c, 1) == 1 && c == 'z');
	close(p[1]);
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	CHECK_ERR(read(p[0], &c, 1), EAGAIN);  /* w is a writer still */
	close(w);
	CHECK_EQ(read(p[0], &c, 1), 0);
}

TEST(fifo_opens_wait_for_each_other_or_do_not)
{
	char name[64], c;
	int r, w, status;
	pid_t pid;

	snprintf(name, sizeof(name), "/tmp/fifo.%d", getpid());
	NEED(mkfifo(name, 0600) == 0);
	CHECK_ERR(open(name, O_WRONLY | O_NONBLOCK), ENXIO);
	r = open(name, O_RDONLY | O_NONBLOCK);
	CHECK(r >= 0);
	CHECK_EQ(read(r, &c, 1), 0);
	w = open(name, O_WRONLY | O_NONBLOCK);
	CHECK(w >= 0);
	CHECK_ERR(read(r, &c, 1), EAGAIN);
	close(w);
	CHECK_EQ(read(r, &c, 1), 0);
	close(r);
	pid = fork();
	if (pid == 0) {
		w = open(name, O_WRONLY);
		_exit(write(w, "q", 1) != 1);
	}
	usleep(10000);
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	r = open(name, O_RDONLY);
	CHECK(read(r, &c, 1) == 1 && c == 'q');
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	CHECK_EQ(read(r, &c, 1), 0);
	unlink(name);
}

static int ready(int fd, int events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	return poll(&pfd, 1, 0) < 0 ? -1 : pfd.revents;
}

TEST(readiness_of_both_ends)
{
	static char buf[65536];
	int p[2];

	NEED(pipe(p) == 0);
	CHECK_EQ(ready(p[0], POLLIN), 0);
	CHECK_EQ(ready(p[1], POLLOUT), POLLOUT);
	NEED(write(p[1], buf, 65536) == 65536);
	CHECK_EQ(ready(p[0], POLLIN), POLLIN);
	CHECK_EQ(ready(p[1], POLLOUT), 0);
	NEED(read(p[0], buf, 4096) == 4096);
	CHECK_EQ(ready(p[1], POLLOUT), POLLOUT);
	close(p[1]);
	CHECK_EQ(ready(p[0], POLLIN), POLLIN | POLLHUP);
	NEED(pipe(p) == 0);
	close(p[0]);
	CHECK_EQ(ready(p[1], POLLOUT), POLLOUT | POLLERR);
	CHECK_EQ(ready(999, POLLIN), POLLNVAL);
	CHECK_EQ(ready(-1, POLLIN), 0);
}

static void nothing(int sig)
{
}

TEST(waiting_ends_by_time_signal_or_data)
{
	struct sigaction sa = { .sa_handler = nothing, .sa_flags = SA_RESTART };
	struct timespec a, b, ts = { 0, 30000000 };
	struct pollfd pfd;
	int p[2];
	pid_t pid;

	NEED(pipe(p) == 0);
	pfd = (struct pollfd){ .fd = p[0], .events = POLLIN };
	clock_gettime(CLOCK_MONOTONIC, &a);
	CHECK_EQ(ppoll(&pfd, 1, &ts, NULL), 0);
	clock_gettime(CLOCK_MONOTONIC, &b);
	CHECK((b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec >=
	      30000000);
	sigaction(SIGALRM, &sa, NULL);
	ualarm(20000, 0);
	CHECK_ERR(poll(&pfd, 1, 5000), EINTR);
	pid = fork();
	if (pid == 0) {
		usleep(20000);
		_exit(write(p[1], "!", 1) != 1);
	}
	CHECK_EQ(poll(&pfd, 1, 5000), 1);
	waitpid(pid, NULL, 0);
	alarm(TAP_SECONDS);
}

/* The mask of ppoll lets a signal in that is blocked otherwise. */
TEST(ppoll_opens_a_window_for_a_signal)
{
	struct sigaction sa = { .sa_handler = nothing };
	struct timespec ts = { 5, 0 };
	sigset_t block, open_set;

	sigaction(SIGUSR1, &sa, NULL);
	sigemptyset(&open_set);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	raise(SIGUSR1);
	CHECK_ERR(ppoll(NULL, 0, &ts, &open_set), EINTR);
	sigprocmask(SIG_SETMASK, NULL, &open_set);
	CHECK(sigismember(&open_set, SIGUSR1) == 1);
}

TEST(select_rewrites_sets_and_time)
{
	struct timeval tv = { 1, 0 };
	fd_set r, w;
	int p[2];

	NEED(pipe(p) == 0);
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(p[0], &r);
	FD_SET(p[1], &w);
	CHECK_EQ(select(p[1] + 1, &r, &w, NULL, &tv), 1);
	CHECK(!FD_ISSET(p[0], &r) && FD_ISSET(p[1], &w));
	FD_ZERO(&r);
	FD_SET(p[0], &r);
	tv = (struct timeval){ 0, 20000 };
	/* The call itself: musl makes it another one. */
	CHECK_EQ(syscall(SYS_select, p[0] + 1, &r, NULL, NULL, &tv), 0);
	CHECK(tv.tv_sec == 0 && tv.tv_usec == 0);
	close(p[0]);
	FD_SET(p[0], &r);
	CHECK_ERR(select(p[0] + 1, &r, NULL, NULL, &tv), EBADF);
	CHECK_ERR(select(-1, NULL, NULL, NULL, &tv), EINVAL);
}

TAP_MAIN()
