/* SPDX-License-Identifier: MIT */
/* pidfds.c -- clone3, pidfds, and calls that need them */

#include "tap.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define SYS_PIDFD_SEND_SIGNAL 424
#define SYS_CLONE3 435
#define SYS_PIDFD_OPEN 434
#define SYS_PIDFD_GETFD 438
#define P_PIDFD_ 3
#define CLONE_PIDFD_ 0x1000
#define CLONE_CLEAR_SIGHAND_ 0x100000000ULL
#define CLONE_INTO_CGROUP_ 0x200000000ULL

struct clone_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack,
		 stack_size, tls, set_tid, set_tid_size, cgroup;
};

static long clone3(struct clone_args *a, size_t size)
{
	return syscall(SYS_CLONE3, a, size);
}

static int readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLIN);
}

static int until_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 20000);
}

TEST(clone3_refuses_what_makes_no_sense)
{
	struct clone_args a = { 0 };
	struct { struct clone_args a; uint64_t more; } big = { { 0 }, 1 };
	int tid = 1;

	CHECK_ERR(clone3(&a, 63), EINVAL);
	CHECK_ERR(clone3(&a, 4097), E2BIG);
	CHECK_ERR(clone3(&big.a, sizeof(big)), E2BIG);
	CHECK_ERR(clone3((void *)8, sizeof(a)), EFAULT);
	a.flags = 0x400000;           /* CLONE_DETACHED */
	CHECK_ERR(clone3(&a, sizeof(a)), EINVAL);
	a.flags = 1ULL << 40;
	CHECK_ERR(clone3(&a, sizeof(a)), EINVAL);
	a.flags = CLONE_CLEAR_SIGHAND_ | CLONE_SIGHAND | CLONE_VM;
	CHECK_ERR(clone3(&a, sizeof(a)), EINVAL);
	a = (struct clone_args){ .exit_signal = 65 };
	CHECK_ERR(clone3(&a, sizeof(a)), EINVAL);
	a = (struct clone_args){ .exit_signal = SIGCHLD, .flags = CLONE_PARENT };
	CHECK_ERR(clone3(&a, sizeof(a)), EINVAL);
	a = (struct clone_args){ .stack = 4096 };
	CHECK_ERR(clone3(&a, sizeof(a)), EINVAL);
	a = (struct clone_args){ .stack_size = 4096 };
	CHECK_ERR(clone3(&a, sizeof(a)), EINVAL);
	a = (struct clone_args){ .flags = CLONE_THREAD };
	CHECK_ERR(clone3(&a, sizeof(a)), EINVAL);
	a = (struct clone_args){ .flags = CLONE_SIGHAND };
	CHECK_ERR(clone3(&a, sizeof(a)), EINVAL);
	a = (struct clone_args){ .flags = CLONE_NEWNS | CLONE_FS };
	CHECK_ERR(clone3(&a, sizeof(a)), EINVAL);
	a = (struct clone_args){ .set_tid = (uintptr_t)&tid };
	CHECK_ERR(clone3(&a, sizeof(a)), EINVAL);
	a = (struct clone_args){ .set_tid_size = 1 };
	CHECK_ERR(clone3(&a, sizeof(a)), EINVAL);
	a = (struct clone_args){ .set_tid = 8, .set_tid_size = 1 };
	CHECK_ERR(clone3(&a, sizeof(a)), EFAULT);
	a = (struct clone_args){ .set_tid = (uintptr_t)&tid, .set_tid_size = 33 };
	CHECK_ERR(clone3(&a, sizeof(a)), EINVAL);
	a = (struct clone_args){ .flags = CLONE_INTO_CGROUP_, .cgroup = 999 };
	CHECK_ERR(clone3(&a, sizeof(a)), EBADF);
}

TEST(clone3_chooses_the_number)
{
	struct clone_args a = { .exit_signal = SIGCHLD, .set_tid_size = 1 };
	int tid = getpid(), status;

	if (geteuid())
		SKIP("not root");
	a.set_tid = (uintptr_t)&tid;
	CHECK_ERR(clone3(&a, sizeof(a)), EEXIST);
	tid = 0;
	CHECK_ERR(clone3(&a, sizeof(a)), EINVAL);
	tid = 1 << 30;
	CHECK_ERR(clone3(&a, sizeof(a)), EINVAL);
	for (tid = 31000; tid < 31100; tid++) {
		long pid = clone3(&a, sizeof(a));

		if (pid == 0)
			_exit(getpid() == tid ? 0 : 1);
		if (pid < 0 && errno == EEXIST)
			continue;
		CHECK_EQ(pid, tid);
		CHECK_EQ(waitpid(tid, &status, 0), tid);
		CHECK_EQ(status, 0);
		return;
	}
	CHECK(!"none of a hundred numbers was free");
}

static void nothing(int sig)
{
}

TEST(clone3_clears_handlers_and_gives_a_pidfd)
{
	int fd = -1, tid = 0, status;
	struct clone_args a = {
		.flags = CLONE_PIDFD_ | CLONE_CLEAR_SIGHAND_ |
			 CLONE_PARENT_SETTID,
		.pidfd = (uintptr_t)&fd, .parent_tid = (uintptr_t)&tid,
		.exit_signal = SIGCHLD,
	};
	long pid;

	signal(SIGUSR1, nothing);
	signal(SIGUSR2, SIG_IGN);
	pid = clone3(&a, sizeof(a));
	if (pid == 0) {
		struct sigaction u1, u2;

		sigaction(SIGUSR1, NULL, &u1);
		sigaction(SIGUSR2, NULL, &u2);
		_exit(u1.sa_handler == SIG_DFL && u2.sa_handler == SIG_IGN ? 3
									  : 4);
	}
	NEED(pid > 0);
	CHECK_EQ(tid, pid);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK_EQ(until_readable(fd), 1);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WEXITSTATUS(status), 3);
	CHECK(readable(fd));
	CHECK_ERR(syscall(SYS_PIDFD_SEND_SIGNAL, fd, 0, NULL, 0), ESRCH);
	/* The old call: one word for both numbers. */
	CHECK_ERR(syscall(SYS_clone, CLONE_PIDFD_ | CLONE_PARENT_SETTID, 0, &fd,
			  NULL, 0), EINVAL);
	a.pidfd = 8;
	a.flags = CLONE_PIDFD_;
	CHECK_ERR(clone3(&a, sizeof(a)), EFAULT);
}

TEST(pidfd_open_send_wait)
{
	int fd, nb;
	char text[400] = "", name[60], want[40];
	siginfo_t info = { 0 };
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	CHECK_ERR(syscall(SYS_PIDFD_OPEN, -1, 0), EINVAL);
	CHECK_ERR(syscall(SYS_PIDFD_OPEN, 0, 0), EINVAL);
	CHECK_ERR(syscall(SYS_PIDFD_OPEN, pid, 1), EINVAL);
	CHECK_ERR(syscall(SYS_PIDFD_OPEN, 0x3fffffff, 0), ESRCH);
	fd = syscall(SYS_PIDFD_OPEN, pid, 0);
	NEED(fd >= 0);
	nb = syscall(SYS_PIDFD_OPEN, pid, O_NONBLOCK);
	NEED(nb >= 0);
	CHECK(!readable(fd));
	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
	int f = open(name, O_RDONLY);
	CHECK(read(f, text, sizeof(text) - 1) > 0);
	close(f);
	snprintf(want, sizeof(want), "Pid:\t%d\n", pid);
	CHECK(strstr(text, want));

	CHECK_ERR(syscall(SYS_PIDFD_SEND_SIGNAL, fd, 0, NULL, 1 << 20), EINVAL);
	CHECK_ERR(syscall(SYS_PIDFD_SEND_SIGNAL, fd, 65, NULL, 0), EINVAL);
	CHECK_ERR(syscall(SYS_PIDFD_SEND_SIGNAL, 0x7000, 0, NULL, 0), EBADF);
	CHECK_ERR(syscall(SYS_PIDFD_SEND_SIGNAL, fd, SIGTERM, (void *)8, 0),
		  EFAULT);
	info.si_signo = SIGUSR1;
	CHECK_ERR(syscall(SYS_PIDFD_SEND_SIGNAL, fd, SIGTERM, &info, 0), EINVAL);
	info.si_signo = SIGTERM;
	info.si_code = SI_USER;
	CHECK_ERR(syscall(SYS_PIDFD_SEND_SIGNAL, fd, SIGTERM, &info, 0), EPERM);
	CHECK_EQ(syscall(SYS_PIDFD_SEND_SIGNAL, fd, 0, NULL, 0), 0);

	CHECK_ERR(syscall(SYS_waitid, P_PIDFD_, nb, &info, WEXITED, NULL),
		  EAGAIN);
	CHECK_EQ(syscall(SYS_PIDFD_SEND_SIGNAL, fd, SIGTERM, NULL, 0), 0);
	CHECK_EQ(until_readable(fd), 1);
	CHECK_EQ(syscall(SYS_waitid, P_PIDFD_, fd, &info, WEXITED, NULL), 0);
	CHECK_EQ(info.si_pid, pid);
	CHECK_EQ(info.si_status, SIGTERM);
	CHECK_ERR(syscall(SYS_waitid, P_PIDFD_, fd, &info, WEXITED, NULL),
		  ECHILD);
	CHECK_ERR(syscall(SYS_waitid, P_PIDFD_, 0x7000, &info, WEXITED, NULL),
		  EBADF);
	CHECK_ERR(syscall(SYS_waitid, P_PIDFD_, -1, &info, WEXITED, NULL),
		  EINVAL);
}

TEST(an_open_directory_of_proc_is_a_pidfd_for_signals)
{
	int fd = open("/proc/self", O_RDONLY | O_DIRECTORY);
	int none = open("/proc", O_RDONLY | O_DIRECTORY);

	NEED(fd >= 0 && none >= 0);
	CHECK_EQ(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0), 0);
	CHECK_ERR(syscall(SYS_pidfd_send_signal, none, 0, NULL, 0), EBADF);
}

TEST(pidfd_getfd_takes_a_file)
{
	int p[2], fd, got;
	char c = 0;
	pid_t pid;

	NEED(pipe(p) == 0);
	pid = fork();
	if (pid == 0) {
		dup2(p[1], 77);
		write(77, "r", 1);
		pause();
		_exit(0);
	}
	close(p[1]);
	CHECK_EQ(read(p[0], &c, 1), 1);
	fd = syscall(SYS_PIDFD_OPEN, pid, 0);
	NEED(fd >= 0);
	CHECK_ERR(syscall(SYS_PIDFD_GETFD, fd, 77, 1), EINVAL);
	CHECK_ERR(syscall(SYS_PIDFD_GETFD, p[0], 77, 0), EBADF);
	CHECK_ERR(syscall(SYS_PIDFD_GETFD, fd, 78, 0), EBADF);
	got = syscall(SYS_PIDFD_GETFD, fd, 77, 0);
	NEED(got >= 0);
	CHECK(fcntl(got, F_GETFD) & FD_CLOEXEC);
	CHECK_EQ(write(got, "x", 1), 1);
	CHECK_EQ(read(p[0], &c, 1), 1);
	CHECK_EQ(c, 'x');
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CHECK_ERR(syscall(SYS_PIDFD_GETFD, fd, 77, 0), ESRCH);
}

TAP_MAIN()
