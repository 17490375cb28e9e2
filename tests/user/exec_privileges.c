/* SPDX-License-Identifier: MIT */
/*
 * exec_privileges.c -- what a program gains by execve, and what keeps it from
 * it
 *
 * A copy of this program with the set-user-ID bit of root is executed by
 * somebody who is not root.  Called with "report" it says on standard output
 * who it is.
 */

#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define SOMEBODY 1234
#define SECBIT_NOROOT 1

static char copy[64];             /* not in /tmp, which may be nosuid */

struct caps {
	struct { unsigned int version; int pid; } head;
	struct { unsigned int effective, permitted, inheritable; } data[2];
};

static void drop_caps(void)
{
	struct caps c;

	memset(&c, 0, sizeof(c));
	c.head.version = 0x20080522;
	NEED(syscall(SYS_capset, &c.head, c.data) == 0);
}

/* euid, are there permitted capabilities, the dumpable flag. */
static int report(void)
{
	struct caps c;

	memset(&c, 0, sizeof(c));
	c.head.version = 0x20080522;
	syscall(SYS_capget, &c.head, c.data);
	printf("%d %d %d\n", (int)geteuid(), c.data[0].permitted != 0,
	       prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	return 0;
}

static void make_copy(mode_t mode)
{
	char buf[65536];
	int in = open("/proc/self/exe", O_RDONLY), out;
	long n;

	snprintf(copy, sizeof(copy), "/privileged.%d", (int)getpid());
	out = open(copy, O_CREAT | O_TRUNC | O_WRONLY, 0700);
	NEED(in >= 0 && out >= 0);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		NEED(write(out, buf, n) == n);
	NEED(fchmod(out, mode) == 0);
	close(in);
	close(out);
}

struct answer {
	int euid, caps, dumpable;
};

/* Run `prepare` in a child, then the copy; what that says of itself. */
static struct answer ask(void (*prepare)(void))
{
	struct answer a = { -1, -1, -1 };
	char text[64] = "";
	int pipes[2], status;
	pid_t pid;

	NEED(pipe(pipes) == 0);
	pid = fork();
	if (pid == 0) {
		prepare();
		dup2(pipes[1], 1);
		execl(copy, copy, "report", (char *)NULL);
		_exit(127);
	}
	close(pipes[1]);
	CHECK(read(pipes[0], text, sizeof(text) - 1) > 0);
	close(pipes[0]);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	sscanf(text, "%d %d %d", &a.euid, &a.caps, &a.dumpable);
	return a;
}

static void be_somebody(void)
{
	NEED(setgid(SOMEBODY) == 0 && setuid(SOMEBODY) == 0);
}

static void need_root(void)
{
	if (geteuid() != 0)
		SKIP("only root makes set-user-ID programs");
}

TEST(a_set_user_id_program_has_its_owners_rights)
{
	struct answer a;

	need_root();
	make_copy(04755);
	a = ask(be_somebody);
	unlink(copy);
	CHECK_EQ(a.euid, 0);
	CHECK_EQ(a.caps, 1);
	CHECK(a.dumpable != 1);
}

static void promise_nothing_new(void)
{
	be_somebody();
	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
}

TEST(no_new_privs_leaves_the_caller_what_he_is)
{
	struct answer a;

	need_root();
	make_copy(04755);
	a = ask(promise_nothing_new);
	unlink(copy);
	CHECK_EQ(a.euid, SOMEBODY);
	CHECK_EQ(a.caps, 0);
}

static void be_root_without_rights(void)
{
	drop_caps();
	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
}

TEST(no_new_privs_keeps_roots_capabilities_away)
{
	struct answer a;

	need_root();
	make_copy(0755);
	a = ask(be_root_without_rights);
	CHECK_EQ(a.euid, 0);
	CHECK_EQ(a.caps, 0);
	a = ask(drop_caps);
	unlink(copy);
	CHECK_EQ(a.caps, 1);            /* without the promise they come back */
}

static void root_is_nobody(void)
{
	NEED(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT, 0, 0, 0) == 0);
}

TEST(noroot_makes_root_an_ordinary_user)
{
	struct answer a;

	need_root();
	make_copy(0755);
	a = ask(root_is_nobody);
	unlink(copy);
	CHECK_EQ(a.euid, 0);
	CHECK_EQ(a.caps, 0);
}

/* Somebody else has our directory: he could move it under a root program. */
static void share_the_directory(void)
{
	pid_t sharer;

	be_somebody();
	sharer = syscall(SYS_clone, CLONE_FS | SIGCHLD, NULL, NULL, NULL, 0);
	if (sharer == 0) {
		close(1);
		for (int i = 3; i < 16; i++)
			close(i);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sleep(1);
		_exit(0);
	}
	NEED(sharer > 0);
}

TEST(who_shares_his_directory_gains_nothing)
{
	struct answer a;

	need_root();
	make_copy(04755);
	a = ask(share_the_directory);
	unlink(copy);
	CHECK_EQ(a.euid, SOMEBODY);
	CHECK_EQ(a.caps, 0);
}

static void be_traced(void)
{
	be_somebody();
	NEED(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
}

/* The tracer is not root: the copy is not, either. */
static int trace_as_somebody(void)
{
	int status;
	pid_t pid;

	be_somebody();
	pid = fork();
	if (pid == 0) {
		be_traced();
		execl(copy, copy, "report", (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return 1;
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : 2;
}

TEST(a_traced_program_gains_nothing)
{
	char text[64] = "";
	int pipes[2], status, euid = -1;
	pid_t pid;

	need_root();
	make_copy(04755);
	NEED(pipe(pipes) == 0);
	pid = fork();
	if (pid == 0) {
		dup2(pipes[1], 1);
		_exit(trace_as_somebody());
	}
	close(pipes[1]);
	CHECK(read(pipes[0], text, sizeof(text) - 1) > 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
	unlink(copy);
	CHECK_EQ(sscanf(text, "%d", &euid), 1);
	CHECK_EQ(euid, SOMEBODY);
}

/* 0: a word of an unreadable program was had; else the errno. */
static int peek_unreadable(void)
{
	int status, err;
	long word;
	pid_t pid;

	be_somebody();
	pid = fork();
	if (pid == 0) {
		be_traced();
		execl(copy, copy, "report", (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return 100;
	word = 0;
	err = syscall(SYS_ptrace, PTRACE_PEEKTEXT, pid,
		      (void *)&report, &word) ? errno : 0;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return err;
}

TEST(a_program_that_may_only_be_run_is_not_read)
{
	int status;
	pid_t pid;

	need_root();
	make_copy(0711);
	pid = fork();
	if (pid == 0)
		_exit(peek_unreadable());
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	unlink(copy);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), EIO);
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "report"))
		return report();
	return tap_main();
}
