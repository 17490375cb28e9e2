/* SPDX-License-Identifier: MIT */
/* process.c -- fork, exec, exit and wait, seen from outside */

#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

static int shared_word = 1;

TEST(fork_returns_twice_and_copies_memory)
{
	pid_t self = getpid();
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		shared_word += 1;
		_exit(getppid() == self && shared_word == 2 ? 42 : 1);
	}
	CHECK(pid > 0 && pid != self);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);
	CHECK_EQ(shared_word, 1);
}

TEST(vfork_shares_memory_and_blocks_the_parent)
{
	static volatile int word;
	int status;
	pid_t pid = vfork();

	if (pid == 0) {
		word = 7;
		_exit(0);
	}
	CHECK_EQ(word, 7);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
}

TEST(wait_says_how_a_child_ended)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(300);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(WEXITSTATUS(status), 300 & 0xff);
	pid = fork();
	if (pid == 0)
		for (;;)
			pause();
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	CHECK_ERR(waitpid(pid, &status, 0), ECHILD);
	CHECK_ERR(kill(pid, 0), ESRCH);
}

TEST(wait_sees_stop_and_continue)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	kill(pid, SIGSTOP);
	CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	kill(pid, SIGCONT);
	CHECK_EQ(waitpid(pid, &status, WCONTINUED), pid);
	CHECK(WIFCONTINUED(status));
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
}

TEST(waitid_can_look_without_reaping)
{
	siginfo_t info = { 0 };
	pid_t pid = fork();

	if (pid == 0)
		_exit(9);
	CHECK_EQ(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
	CHECK_EQ(info.si_pid, pid);
	CHECK_EQ(info.si_code, CLD_EXITED);
	CHECK_EQ(info.si_status, 9);
	CHECK_EQ(kill(pid, 0), 0);
	CHECK_EQ(waitid(P_PID, pid, &info, WEXITED), 0);
	CHECK_ERR(waitid(P_PID, pid, &info, WEXITED), ECHILD);
	CHECK_ERR(waitid(P_ALL, 0, &info, 0), EINVAL);
}

TEST(wait_selects_by_process_group)
{
	int status;
	pid_t a = fork();

	if (a == 0) {
		setpgid(0, 0);
		_exit(1);
	}
	setpgid(a, a);
	pid_t b = fork();

	if (b == 0)
		_exit(2);
	CHECK_EQ(waitpid(-a, &status, 0), a);
	CHECK_EQ(waitpid(0, &status, 0), b);
	CHECK_ERR(waitpid(-1, &status, 0), ECHILD);
}

TEST(orphans_go_to_the_subreaper)
{
	int status, fds[2];
	pid_t orphan = 0, pid;

	NEED(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	NEED(pipe(fds) == 0);
	pid = fork();
	if (pid == 0) {
		pid_t me = getpid();

		if (fork() == 0) {
			while (getppid() == me)
				sched_yield();
			pid_t self = getpid(), up = getppid();

			if (write(fds[1], &self, sizeof(self)) < 0)
				_exit(3);
			_exit(up == 1 ? 4 : 5);
		}
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(read(fds[0], &orphan, sizeof(orphan)), sizeof(orphan));
	CHECK_EQ(waitpid(-1, &status, 0), orphan);
	CHECK_EQ(WEXITSTATUS(status), 5);
}

TEST(exec_replaces_the_image_and_keeps_the_pid)
{
	char *argv[] = { "sh", "-c", "echo $$ $0 $1 $VAR", "zero", "one", NULL };
	char *envp[] = { "VAR=value", NULL };
	char got[64] = "", want[64];
	int fds[2], status;

	NEED(pipe(fds) == 0);
	pid_t pid = fork();

	if (pid == 0) {
		dup2(fds[1], 1);
		execve("/bin/sh", argv, envp);
		_exit(127);
	}
	close(fds[1]);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	CHECK(read(fds[0], got, sizeof(got) - 1) > 0);
	snprintf(want, sizeof(want), "%d zero one value\n", pid);
	CHECK(strcmp(got, want) == 0);
}

TEST(exec_closes_what_is_marked)
{
	char number[16], *argv[] = { "sh", "-c", "echo x >&$0", number, NULL };
	int status;
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int kept = dup(fd);
	const int fds[] = { fd, kept };

	for (int i = 0; i < 2; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			snprintf(number, sizeof(number), "%d", fds[i]);
			close(2);
			execv("/bin/sh", argv);
			_exit(127);
		}
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK((status == 0) == (i == 1));
	}
}

static int exec_errno(const char *path)
{
	char *argv[] = { "x", NULL };

	execve(path, argv, environ);
	return errno;
}

static void write_program(const char *path, const char *text, int mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	fchmod(fd, mode);
	close(fd);
}

TEST(exec_says_why_it_cannot)
{
	char *argv[] = { "x", NULL };

	CHECK_EQ(exec_errno("/no/such/file"), ENOENT);
	CHECK_EQ(exec_errno("/tmp"), EACCES);
	CHECK_EQ(exec_errno("/dev/null/x"), ENOTDIR);
	write_program("/tmp/not-elf", "hello", 0700);
	CHECK_EQ(exec_errno("/tmp/not-elf"), ENOEXEC);
	write_program("/tmp/not-exec", "#!/bin/sh\n", 0600);
	CHECK_EQ(exec_errno("/tmp/not-exec"), EACCES);
	write_program("/tmp/no-interp", "#!/no/interp\n", 0700);
	CHECK_EQ(exec_errno("/tmp/no-interp"), ENOENT);
	CHECK_ERR(syscall(SYS_execve, 8L, argv, environ), EFAULT);
	CHECK_ERR(syscall(SYS_execve, "/bin/sh", 8L, environ), EFAULT);
	unlink("/tmp/not-elf");
	unlink("/tmp/not-exec");
	unlink("/tmp/no-interp");
}

TEST(exec_runs_a_script_by_its_first_line)
{
	char got[128] = "";
	int fds[2], status;

	write_program("/tmp/script", "#!/bin/echo -n an argument\n", 0700);
	NEED(pipe(fds) == 0);
	pid_t pid = fork();

	if (pid == 0) {
		dup2(fds[1], 1);
		execl("/tmp/script", "ignored", "more", (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(read(fds[0], got, sizeof(got) - 1) > 0);
	CHECK(strcmp(got, "-n an argument /tmp/script more\n") == 0 ||
	      strcmp(got, "an argument /tmp/script more") == 0);
	unlink("/tmp/script");
}

TEST(too_large_arguments_are_e2big)
{
	static char *argv[3] = { "x" };

	argv[1] = malloc(200 * 1024);
	memset(argv[1], 'a', 200 * 1024 - 1);
	argv[1][200 * 1024 - 1] = '\0';
	CHECK_ERR(execve("/bin/sh", argv, environ), E2BIG);
}

TEST(bad_addresses_are_efault)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	CHECK_ERR(syscall(SYS_wait4, pid, (int *)8, 0, NULL), EFAULT);
	CHECK_ERR(syscall(SYS_pipe2, (int *)8, 0), EFAULT);
	CHECK_ERR(syscall(SYS_uname, (void *)-4096L), EFAULT);
}

TEST(fork_bomb_stops_at_rlimit_nproc)
{
	struct rlimit few = { 10, 10 };
	int status, n = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (setgid(4321) < 0 || setuid(4321) < 0 ||
		    setrlimit(RLIMIT_NPROC, &few) < 0)
			_exit(1);
		for (;;) {
			pid_t p = fork();

			if (p == 0)
				for (;;)
					pause();
			if (p < 0)
				break;
			n++;
		}
		int e = errno;

		kill(-1, SIGKILL);      /* all of this user's but ourselves */
		_exit(e == EAGAIN && n == 9 ? 0 : 2);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(a_thousand_forks_leave_nothing)
{
	for (int i = 0; i < 1000; i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			_exit(i & 0x7f);
		NEED(pid > 0 && waitpid(pid, &status, 0) == pid);
		NEED(WEXITSTATUS(status) == (i & 0x7f));
	}
	CHECK_ERR(waitpid(-1, NULL, 0), ECHILD);
}

TEST(sessions_and_groups_follow_posix)
{
	pid_t self = getpid();

	CHECK(getpgid(0) != self);
	CHECK_EQ(setsid(), self);
	CHECK_EQ(getsid(0), self);
	CHECK_EQ(getpgrp(), self);
	CHECK_ERR(setsid(), EPERM);
	CHECK_ERR(setpgid(0, 0), EPERM);
	CHECK_ERR(getpgid(999999), ESRCH);
}

TAP_MAIN()
