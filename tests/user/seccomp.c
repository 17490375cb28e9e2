/* SPDX-License-Identifier: MIT */
/* seccomp.c -- system calls given up stay given up */

#include "tap.h"
#include "seccomp.h"

#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

static int status_of(void (*body)(void))
{
	pid_t pid = fork();
	int status = 0;

	if (!pid) {
		body();
		_exit(0);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	return status;
}

static void strict_body(void)
{
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
	syscall(SYS_write, -1, "", 0);
	syscall(SYS_exit, 7);
}

static void strict_breach(void)
{
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
	syscall(SYS_getpid);
}

TEST(strict_mode_leaves_four_calls)
{
	int status = status_of(strict_body);

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	status = status_of(strict_breach);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(a_filter_gives_an_errno)
{
	CHECK_EQ(forbid(SYS_getppid, SECCOMP_RET_ERRNO | 99, 0), 0);
	CHECK_ERR(syscall(SYS_getppid), 99);
	CHECK(syscall(SYS_getpid) > 0);
	CHECK_EQ(prctl(PR_GET_SECCOMP, 0, 0, 0, 0), SECCOMP_MODE_FILTER);
	/* The most severe verdict holds, whichever came first. */
	CHECK_EQ(forbid(SYS_getppid, SECCOMP_RET_ALLOW, 0), 0);
	CHECK_ERR(syscall(SYS_getppid), 99);
	/* More than an errno can be is cut. */
	CHECK_EQ(forbid(SYS_getuid, SECCOMP_RET_ERRNO | 0xffff, 0), 0);
	CHECK_EQ(syscall(SYS_getuid) == -1 && errno == 4095, 1);
	CHECK_ERR(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0), EINVAL);
}

TEST(filters_see_arguments)
{
	struct sock_filter code[] = {
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close, 0, 3),
		LOAD(args[0]),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 123, 0, 1),
		RETURN(SECCOMP_RET_ERRNO | 77),
		RETURN(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_LEN(code), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	CHECK_EQ(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0), 0);
	CHECK_ERR(syscall(SYS_close, 123), 77);
	CHECK_ERR(syscall(SYS_close, 124), EBADF);
}

static void inherit_body(void)
{
	char *argv[] = { "sh", "-c", "exit 0", NULL }, *env[] = { NULL };

	forbid(SYS_execve, SECCOMP_RET_ERRNO | 42, 0);
	if (fork() == 0) {
		execve("/bin/sh", argv, env);
		_exit(errno);
	}
	int status;

	wait(&status);
	_exit(WEXITSTATUS(status));
}

TEST(children_inherit_filters)
{
	int status = status_of(inherit_body);

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

static volatile siginfo_t trapped;

static void on_sigsys(int sig, siginfo_t *info, void *ctx)
{
	ucontext_t *uc = ctx;

	trapped = *info;
	((long *)&uc->uc_mcontext)[13] = 1234;      /* rax */
}

TEST(trap_sends_sigsys_with_the_call)
{
	struct sigaction sa = { .sa_sigaction = on_sigsys,
				.sa_flags = SA_SIGINFO };

	sigaction(SIGSYS, &sa, NULL);
	CHECK_EQ(forbid(SYS_getppid, SECCOMP_RET_TRAP | 5, 0), 0);
	CHECK_EQ(syscall(SYS_getppid), 1234);
	CHECK_EQ(trapped.si_signo, SIGSYS);
	CHECK_EQ(trapped.si_code, 1);
	CHECK_EQ(trapped.si_errno, 5);
	CHECK_EQ(trapped.si_syscall, SYS_getppid);
	CHECK_EQ(trapped.si_arch, AUDIT_ARCH_X86_64);
}

static void kill_body(void)
{
	signal(SIGSYS, SIG_IGN);
	forbid(SYS_getppid, SECCOMP_RET_KILL_PROCESS, 0);
	syscall(SYS_getppid);
}

TEST(kill_process_cannot_be_caught)
{
	int status = status_of(kill_body);

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static void *breach(void *arg)
{
	syscall(SYS_getppid);
	return arg;
}

static void kill_thread_body(void)
{
	pthread_t t;

	forbid(SYS_getppid, SECCOMP_RET_KILL_THREAD, 0);
	pthread_create(&t, NULL, breach, NULL);
	usleep(20000);
	_exit(6);
}

TEST(kill_thread_kills_one_thread)
{
	int status = status_of(kill_thread_body);

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 6);
}

TEST(wrong_filters_are_refused)
{
	struct sock_filter no_end[] = { LOAD(nr) };
	struct sock_filter wild_jump[] = {
		BPF_STMT(BPF_JMP | BPF_JA, 1), RETURN(0) };
	struct sock_filter zero_div[] = {
		BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RETURN(0) };
	struct sock_filter unwritten[] = {
		BPF_STMT(BPF_LD | BPF_MEM, 3), RETURN(0) };
	struct sock_filter beyond[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), RETURN(0) };
	struct sock_filter odd[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), RETURN(0) };
	struct sock_filter bytes[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), RETURN(0) };
	struct sock_fprog progs[] = {
		{ ARRAY_LEN(no_end), no_end },
		{ ARRAY_LEN(wild_jump), wild_jump },
		{ ARRAY_LEN(zero_div), zero_div },
		{ ARRAY_LEN(unwritten), unwritten },
		{ ARRAY_LEN(beyond), beyond },
		{ ARRAY_LEN(odd), odd },
		{ ARRAY_LEN(bytes), bytes },
		{ 0, odd },
		{ 4097, odd },
	};
	struct sock_fprog null = { 1, NULL }, wild = { 1, (void *)8 };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	for (unsigned int i = 0; i < ARRAY_LEN(progs); i++)
		CHECK_ERR(seccomp(SECCOMP_SET_MODE_FILTER, 0, &progs[i]),
			  EINVAL);
	CHECK_ERR(seccomp(SECCOMP_SET_MODE_FILTER, 0, &null), EINVAL);
	CHECK_ERR(seccomp(SECCOMP_SET_MODE_FILTER, 0, &wild), EFAULT);
	CHECK_ERR(seccomp(SECCOMP_SET_MODE_FILTER, 0, NULL), EFAULT);
	CHECK_ERR(seccomp(SECCOMP_SET_MODE_FILTER, 1 << 20, &progs[0]), EINVAL);
	CHECK_ERR(seccomp(SECCOMP_SET_MODE_STRICT, 1, NULL), EINVAL);
	CHECK_ERR(seccomp(77, 0, NULL), EINVAL);
	CHECK_EQ(prctl(PR_GET_SECCOMP, 0, 0, 0, 0), 0);
}

static void without_privilege(void)
{
	struct sock_filter allow[] = { RETURN(SECCOMP_RET_ALLOW) };
	struct sock_fprog prog = { 1, allow };

	if (setuid(65534))
		_exit(1);
	if (seccomp(SECCOMP_SET_MODE_FILTER, 0, &prog) != -1 || errno != EACCES)
		_exit(2);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	_exit(seccomp(SECCOMP_SET_MODE_FILTER, 0, &prog) ? 3 : 0);
}

TEST(a_filter_needs_no_new_privs)
{
	if (getuid())
		SKIP("needs root");
	CHECK_EQ(status_of(without_privilege), 0);
}

TEST(actions_can_be_asked_for)
{
	unsigned int action = SECCOMP_RET_TRAP;

	CHECK_EQ(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action), 0);
	action = SECCOMP_RET_KILL_PROCESS;
	CHECK_EQ(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action), 0);
	action = 0x12340000;
	CHECK_ERR(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action), EOPNOTSUPP);
	CHECK_ERR(seccomp(SECCOMP_GET_ACTION_AVAIL, 1, &action), EINVAL);
	CHECK_ERR(seccomp(SECCOMP_GET_ACTION_AVAIL, 0, NULL), EFAULT);
}

static int go_on[2];

static void *wait_and_try(void *arg)
{
	char c;

	read(go_on[0], &c, 1);
	return (void *)(long)(syscall(SYS_getppid) == -1 ? errno : 0);
}

TEST(tsync_takes_all_threads)
{
	pthread_t t;
	void *result;

	CHECK_EQ(pipe(go_on), 0);
	pthread_create(&t, NULL, wait_and_try, NULL);
	CHECK_EQ(forbid(SYS_getppid, SECCOMP_RET_ERRNO | 31,
			SECCOMP_FILTER_FLAG_TSYNC), 0);
	write(go_on[1], "x", 1);
	pthread_join(t, &result);
	CHECK_EQ((long)result, 31);
}

static void *own_filter(void *arg)
{
	forbid(SYS_getuid, SECCOMP_RET_ERRNO | 1, 0);
	write(go_on[1], "x", 1);
	pause();
	return arg;
}

TEST(tsync_names_the_thread_in_the_way)
{
	pthread_t t;
	char c;

	CHECK_EQ(pipe(go_on), 0);
	pthread_create(&t, NULL, own_filter, NULL);
	read(go_on[0], &c, 1);
	CHECK(forbid(SYS_getppid, SECCOMP_RET_ERRNO | 31,
		     SECCOMP_FILTER_FLAG_TSYNC) > 0);
	CHECK(syscall(SYS_getppid) >= 0);
}

TEST(a_tracer_decides)
{
	pid_t pid = fork();
	unsigned long msg = 0;
	int status;

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		forbid(SYS_getppid, SECCOMP_RET_TRACE | 17, 0);
		_exit(syscall(SYS_getppid) == 5);
	}
	waitpid(pid, &status, 0);
	ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESECCOMP);
	ptrace(PTRACE_CONT, pid, 0, 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status >> 8, SIGTRAP | PTRACE_EVENT_SECCOMP << 8);
	ptrace(PTRACE_GETEVENTMSG, pid, 0, &msg);
	CHECK_EQ(msg, 17);
	/* Skip the call, and answer for it. */
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax), -1L);
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rax), 5);
	ptrace(PTRACE_CONT, pid, 0, 0);
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

TEST(without_a_tracer_trace_is_enosys)
{
	CHECK_EQ(forbid(SYS_getppid, SECCOMP_RET_TRACE, 0), 0);
	CHECK_ERR(syscall(SYS_getppid), ENOSYS);
}

TAP_MAIN()
