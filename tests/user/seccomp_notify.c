/* SPDX-License-Identifier: MIT */
/*
 * seccomp_notify.c -- a filter that asks another process
 *
 * The parent takes on the filter and holds the listener; it never makes the
 * calls in question itself, its children do.
 */

#include "tap.h"
#include "seccomp.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define SECCOMP_GET_NOTIF_SIZES 3
#define NEW_LISTENER 8
#define TSYNC_ESRCH 0x10
#define WAIT_KILLABLE 0x20
#define CONTINUE 1
#define SETFD 1
#define SEND_TOO 2

struct notif {
	uint64_t id;
	uint32_t pid, flags;
	struct seccomp_data data;
};

struct resp {
	uint64_t id;
	int64_t val;
	int32_t error;
	uint32_t flags;
};

struct addfd {
	uint64_t id;
	uint32_t flags, srcfd, newfd, newfd_flags;
};

#define RECV _IOWR('!', 0, struct notif)
#define SEND _IOWR('!', 1, struct resp)
#define ID_VALID _IOW('!', 2, uint64_t)
#define ADDFD _IOW('!', 3, struct addfd)

#define ASKED SYS_getpriority

static int listen_to(long nr, unsigned int flags)
{
	int fd = forbid(nr, SECCOMP_RET_USER_NOTIF, NEW_LISTENER | flags);

	if (fd < 0 && errno == EINVAL)
		SKIP("no listeners here");
	NEED(fd >= 0);
	return fd;
}

static long ask(long a, long b)
{
	return syscall(ASKED, a, b);
}

/* A child that makes one call; what it got is its exit status. */
static pid_t asker(long want, int want_errno)
{
	pid_t pid = fork();

	if (!pid) {
		errno = 0;
		_exit(ask(11, 22) == want && errno == want_errno ? 0 : 1);
	}
	return pid;
}

static struct notif receive(int fd)
{
	struct notif n = { 0 };

	NEED(ioctl(fd, RECV, &n) == 0);
	return n;
}

static int reply(int fd, uint64_t id, long val, int error, unsigned int flags)
{
	struct resp r = { id, val, error, flags };

	return ioctl(fd, SEND, &r);
}

static int status_of(pid_t pid)
{
	int status = -1;

	CHECK_EQ(waitpid(pid, &status, 0), pid);
	return status;
}

TEST(the_sizes_are_told)
{
	unsigned short sizes[3] = { 0 };
	unsigned int action = SECCOMP_RET_USER_NOTIF;

	CHECK_EQ(seccomp(SECCOMP_GET_NOTIF_SIZES, 0, sizes), 0);
	CHECK_EQ(sizes[0], sizeof(struct notif));
	CHECK_EQ(sizes[1], sizeof(struct resp));
	CHECK_EQ(sizes[2], sizeof(struct seccomp_data));
	CHECK_ERR(seccomp(SECCOMP_GET_NOTIF_SIZES, 1, sizes), EINVAL);
	CHECK_ERR(seccomp(SECCOMP_GET_NOTIF_SIZES, 0, (void *)8), EFAULT);
	CHECK_EQ(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action), 0);
}

TEST(the_answer_is_the_result_of_the_call)
{
	int fd = listen_to(ASKED, 0);
	pid_t pid = asker(1234, 0);
	struct notif n = receive(fd);

	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK_EQ(n.pid, pid);
	CHECK_EQ(n.data.nr, ASKED);
	CHECK_EQ(n.data.args[0], 11);
	CHECK_EQ(n.data.args[1], 22);
	CHECK_EQ(ioctl(fd, ID_VALID, &n.id), 0);
	CHECK_EQ(reply(fd, n.id, 1234, 0, 0), 0);
	CHECK_EQ(status_of(pid), 0);
	CHECK_ERR(ioctl(fd, ID_VALID, &n.id), ENOENT);
	CHECK_ERR(reply(fd, n.id, 0, 0, 0), ENOENT);

	pid = asker(-1, EXDEV);
	n = receive(fd);
	CHECK_EQ(reply(fd, n.id, 0, -EXDEV, 0), 0);
	CHECK_EQ(status_of(pid), 0);

	/* It runs: there is no kind 11 of priorities. */
	pid = asker(-1, EINVAL);
	n = receive(fd);
	CHECK_EQ(reply(fd, n.id, 0, 0, CONTINUE), 0);
	CHECK_EQ(status_of(pid), 0);
}

TEST(questions_come_in_order_and_ids_are_new)
{
	int fd = listen_to(ASKED, 0);
	struct notif n[3];
	pid_t pid[3];

	for (int i = 0; i < 3; i++) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		pid[i] = asker(100 + i, 0);
		CHECK_EQ(poll(&p, 1, 5000), 1);
		n[i] = receive(fd);
		CHECK_EQ(n[i].pid, pid[i]);
	}
	CHECK(n[0].id != n[1].id && n[1].id != n[2].id);
	for (int i = 2; i >= 0; i--)
		CHECK_EQ(reply(fd, n[i].id, 100 + i, 0, 0), 0);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(status_of(pid[i]), 0);
}

TEST(what_nobody_saw_is_asked_again)
{
	void *zeros = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	int fd = listen_to(ASKED, 0);
	pid_t pid = asker(5, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct notif n;
	int again;

	CHECK_EQ(poll(&p, 1, 5000), 1);
	CHECK_ERR(ioctl(fd, RECV, zeros), EFAULT); /* it cannot be written */
	again = poll(&p, 1, 1000);
	if (again != 1)
		kill(pid, SIGKILL);   /* it would wait for ever */
	NEED(again == 1);
	n = receive(fd);
	CHECK_EQ(n.pid, pid);
	CHECK_EQ(reply(fd, n.id, 5, 0, 0), 0);
	CHECK_EQ(status_of(pid), 0);
	munmap(zeros, 4096);
}

TEST(poll_tells_what_can_be_done)
{
	int fd = listen_to(ASKED, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
	struct notif n;
	pid_t pid;

	CHECK_EQ(poll(&p, 1, 0), 0);
	pid = asker(5, 0);
	CHECK_EQ(poll(&p, 1, 5000), 1);
	CHECK_EQ(p.revents, POLLIN);
	n = receive(fd);
	CHECK_EQ(poll(&p, 1, 0), 1);
	CHECK_EQ(p.revents, POLLOUT);
	CHECK_EQ(reply(fd, n.id, 5, 0, 0), 0);
	CHECK_EQ(status_of(pid), 0);
	CHECK_EQ(poll(&p, 1, 0), 0);
}

TEST(the_listener_learns_that_nobody_is_left)
{
	int ready[2], pidfd, fd, listener = 0;
	struct pollfd p = { .events = POLLIN };
	pid_t pid;

	NEED(pipe(ready) == 0);
	pid = fork();
	if (!pid) {
		listener = forbid(ASKED, SECCOMP_RET_USER_NOTIF, NEW_LISTENER);
		if (write(ready[1], &listener, sizeof(listener)) < 0)
			_exit(1);
		pause();
	}
	NEED(read(ready[0], &listener, sizeof(listener)) == sizeof(listener));
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	fd = syscall(SYS_pidfd_getfd, pidfd, listener, 0);
	NEED(fd >= 0);
	p.fd = fd;
	CHECK_EQ(poll(&p, 1, 0), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CHECK_EQ(poll(&p, 1, 5000), 1);
	CHECK_EQ(p.revents, POLLHUP);
}

TEST(without_a_listener_the_call_is_missing)
{
	close(listen_to(ASKED, 0));
	CHECK_ERR(ask(1, 2), ENOSYS);
	/* Now there is room for another one. */
	CHECK(forbid(ASKED, SECCOMP_RET_USER_NOTIF, NEW_LISTENER) >= 0);
}

TEST(closing_the_listener_answers_who_waits)
{
	int fd = listen_to(ASKED, 0);
	pid_t pid = fork();

	if (!pid) {
		close(fd);
		errno = 0;
		_exit(ask(1, 2) == -1 && errno == ENOSYS ? 0 : 1);
	}
	receive(fd);
	close(fd);
	CHECK_EQ(status_of(pid), 0);
}

static void nothing(int sig)
{
	(void)sig;
}

TEST(a_signal_breaks_the_wait)
{
	struct sigaction sa = { .sa_handler = nothing };
	int fd = listen_to(ASKED, 0);
	struct notif n, again;
	pid_t pid;

	sigaction(SIGUSR1, &sa, NULL);
	pid = asker(-1, EINTR);
	n = receive(fd);
	kill(pid, SIGUSR1);
	CHECK_EQ(status_of(pid), 0);
	CHECK_ERR(reply(fd, n.id, 1, 0, 0), ENOENT);

	sa.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &sa, NULL);
	pid = asker(77, 0);
	n = receive(fd);
	kill(pid, SIGUSR1);
	again = receive(fd);
	CHECK(again.id != n.id);
	CHECK_EQ(again.pid, pid);
	CHECK_EQ(reply(fd, again.id, 77, 0, 0), 0);
	CHECK_EQ(status_of(pid), 0);
}

TEST(a_received_question_can_be_safe_from_signals)
{
	int fd = listen_to(ASKED, WAIT_KILLABLE);
	struct notif n;
	pid_t pid;

	signal(SIGUSR1, nothing);
	pid = asker(78, 0);
	n = receive(fd);
	kill(pid, SIGUSR1);
	usleep(2000);
	CHECK_EQ(ioctl(fd, ID_VALID, &n.id), 0);
	CHECK_EQ(reply(fd, n.id, 78, 0, 0), 0);
	CHECK_EQ(status_of(pid), 0);
	pid = asker(79, 0);
	n = receive(fd);
	kill(pid, SIGKILL);
	CHECK_EQ(status_of(pid), SIGKILL);
	CHECK_ERR(ioctl(fd, ID_VALID, &n.id), ENOENT);
}

/* The child reads a byte from the descriptor that it was given as the
 * answer. */
static pid_t reader(void)
{
	pid_t pid = fork();
	char c = 0;

	if (!pid) {
		long fd = ask(1, 2);

		_exit(fd >= 0 && read(fd, &c, 1) == 1 && c == 'x' ? fd : 255);
	}
	return pid;
}

TEST(descriptors_can_be_given)
{
	int fd = listen_to(ASKED, 0), ends[2], given;
	struct addfd a = { 0 };
	struct notif n;
	pid_t pid;

	NEED(pipe(ends) == 0);
	NEED(write(ends[1], "xxx", 3) == 3);
	pid = reader();
	n = receive(fd);
	a.id = n.id;
	a.srcfd = ends[0];
	given = ioctl(fd, ADDFD, &a);
	CHECK(given > ends[1]);
	CHECK_EQ(reply(fd, n.id, given, 0, 0), 0);
	CHECK_EQ(status_of(pid), given << 8);

	pid = reader();
	n = receive(fd);
	a.id = n.id;
	a.flags = SETFD;
	a.newfd = 99;
	CHECK_EQ(ioctl(fd, ADDFD, &a), 99);
	CHECK_EQ(reply(fd, n.id, 99, 0, 0), 0);
	CHECK_EQ(status_of(pid), 99 << 8);

	pid = reader();
	n = receive(fd);
	a.id = n.id;
	a.flags = SEND_TOO;
	a.newfd = 0;
	given = ioctl(fd, ADDFD, &a);
	CHECK(given > ends[1]);
	CHECK_EQ(status_of(pid), given << 8);
	CHECK_ERR(ioctl(fd, ADDFD, &a), ENOENT);
}

TEST(what_makes_no_sense_is_refused)
{
	struct resp r = { 0 };
	struct notif n = { .flags = 1 };
	struct addfd a = { 0 };
	uint64_t id = 1;
	int fd;
	pid_t pid;

	CHECK_ERR(forbid(ASKED, SECCOMP_RET_USER_NOTIF, WAIT_KILLABLE), EINVAL);
	CHECK_ERR(forbid(ASKED, SECCOMP_RET_USER_NOTIF,
			 NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC), EINVAL);
	fd = listen_to(ASKED, SECCOMP_FILTER_FLAG_TSYNC | TSYNC_ESRCH);
	CHECK_ERR(forbid(ASKED, SECCOMP_RET_USER_NOTIF, NEW_LISTENER), EBUSY);
	CHECK_ERR(ioctl(fd, RECV, &n), EINVAL);
	CHECK_ERR(ioctl(fd, RECV, (void *)8), EFAULT);
	CHECK_ERR(ioctl(fd, SEND, (void *)8), EFAULT);
	CHECK_ERR(ioctl(fd, SEND, &r), ENOENT);
	CHECK_ERR(ioctl(fd, ID_VALID, &id), ENOENT);
	CHECK_ERR(ioctl(fd, _IOW('!', 9, int), &id), EINVAL);
	CHECK_ERR(ioctl(fd, _IOW('!', 3, int), &a), EINVAL);
	pid = asker(3, 0);
	n = receive(fd);
	CHECK_ERR(reply(fd, n.id, 0, 0, 2), EINVAL);
	CHECK_ERR(reply(fd, n.id, 1, 0, CONTINUE), EINVAL);
	a.id = n.id;
	a.srcfd = 1000;
	CHECK_ERR(ioctl(fd, ADDFD, &a), EBADF);
	a.srcfd = 1;
	a.newfd = 5;
	CHECK_ERR(ioctl(fd, ADDFD, &a), EINVAL);
	a.newfd = 0;
	a.flags = 4;
	CHECK_ERR(ioctl(fd, ADDFD, &a), EINVAL);
	a.flags = 0;
	a.newfd_flags = 1;
	CHECK_ERR(ioctl(fd, ADDFD, &a), EINVAL);
	CHECK_EQ(reply(fd, n.id, 3, 0, 0), 0);
	CHECK_EQ(status_of(pid), 0);
}

TAP_MAIN()
