/* SPDX-License-Identifier: MIT */
/* rlimits.c -- each limit has its error, and its signal (AP016) */

#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static void limit(int what, rlim_t soft)
{
	struct rlimit r;

	NEED(getrlimit(what, &r) == 0);
	r.rlim_cur = soft;
	if (r.rlim_max < soft)
		r.rlim_max = soft;
	NEED(setrlimit(what, &r) == 0);
}

/* How a child ended that ran body(). */
static int status_of(void (*body)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		body();
		fflush(stdout);
		_exit(tap_failed);
	}
	NEED(waitpid(pid, &status, 0) == pid);
	return status;
}

TEST(nofile_is_emfile_for_every_way_to_a_descriptor)
{
	int ends[2], fd = open("/", O_RDONLY);

	limit(RLIMIT_NOFILE, 8);
	while (dup(fd) >= 0)
		;
	CHECK_EQ(errno, EMFILE);
	CHECK_ERR(open("/", O_RDONLY), EMFILE);
	CHECK_ERR(pipe(ends), EMFILE);
	CHECK_ERR(dup2(fd, 8), EBADF);
	CHECK_ERR(fcntl(fd, F_DUPFD, 8), EINVAL);
	CHECK_EQ(dup2(fd, 7), 7);
}

static void spin(void)
{
	struct rlimit r = { 1, 2 };

	signal(SIGXCPU, SIG_DFL);
	setrlimit(RLIMIT_CPU, &r);
	for (;;)
		;
}

/* The clock of the limit has whole seconds; this is the slow one here. */
TEST(cpu_is_sigxcpu_at_the_soft_limit)
{
	int status = status_of(spin);

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU);
}

static void write_beyond(void)
{
	char two[2] = "xy";
	int fd = open("fsize", O_RDWR | O_CREAT | O_TRUNC, 0600);

	signal(SIGXFSZ, SIG_IGN);
	limit(RLIMIT_FSIZE, 10);
	CHECK_EQ(pwrite(fd, two, 2, 9), 1);
	CHECK_ERR(pwrite(fd, two, 2, 10), EFBIG);
	CHECK_ERR(ftruncate(fd, 11), EFBIG);
	CHECK_EQ(ftruncate(fd, 10), 0);
	signal(SIGXFSZ, SIG_DFL);
	if (pwrite(fd, two, 1, 10))
		_exit(9);
}

TEST(fsize_is_efbig_or_sigxfsz)
{
	int status = status_of(write_beyond);

	unlink("fsize");
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
}

TEST(address_space_is_enomem)
{
	limit(RLIMIT_AS, 64 << 20);
	CHECK(mmap(NULL, 128 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		   0) == MAP_FAILED && errno == ENOMEM);
	CHECK(mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		   0) != MAP_FAILED);
}

TEST(nproc_is_eagain_and_not_for_root)
{
	int status;
	pid_t pid;

	limit(RLIMIT_NPROC, 0);
	pid = fork();
	if (pid == 0)
		_exit(0);
	CHECK(pid > 0 && waitpid(pid, NULL, 0) == pid);
	pid = fork();
	if (pid == 0) {
		/* setuid itself may pass the limit; the next fork does not. */
		NEED(setresgid(4321, 4321, 4321) == 0);
		NEED(setresuid(4321, 4321, 4321) == 0);
		CHECK_ERR(fork(), EAGAIN);
		fflush(stdout);
		_exit(tap_failed);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

static void die(void)
{
	limit(RLIMIT_CORE, 0);
	abort();
}

TEST(core_of_zero_is_no_core)
{
	int status = status_of(die);

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	CHECK(!WCOREDUMP(status));
	CHECK_ERR(access("core", F_OK), ENOENT);
}

static void recurse(int depth)
{
	volatile char room[4096];

	room[0] = 1;
	if (depth)
		recurse(depth - 1);
	room[1] = room[0];
}

static void overflow(void)
{
	limit(RLIMIT_STACK, 128 << 10);
	recurse(1000);
}

TEST(stack_is_sigsegv_at_that_depth)
{
	int status = status_of(overflow);

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

TEST(memlock_is_enomem_and_eperm_without_any)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	limit(RLIMIT_MEMLOCK, 4096);
	NEED(setresuid(4321, 4321, 4321) == 0);
	CHECK_EQ(mlock(page, 4096), 0);
	CHECK_ERR(mlock(page, 8192), ENOMEM);
	munlock(page, 4096);
	limit(RLIMIT_MEMLOCK, 0);
	CHECK_ERR(mlock(page, 4096), EPERM);
}

TEST(nice_and_rtprio_let_users_go_so_far)
{
	struct sched_param param = { .sched_priority = 5 };

	limit(RLIMIT_NICE, 25);
	limit(RLIMIT_RTPRIO, 4);
	NEED(setresuid(4321, 4321, 4321) == 0);
	CHECK_EQ(setpriority(PRIO_PROCESS, 0, -5), 0);
	CHECK_ERR(setpriority(PRIO_PROCESS, 0, -6), EACCES);
	CHECK_ERR(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param), EPERM);
	param.sched_priority = 4;
	CHECK_EQ(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param), 0);
}

TEST(soft_is_not_above_hard_and_hard_does_not_rise)
{
	struct rlimit r = { 20, 10 }, old;

	CHECK_ERR(setrlimit(RLIMIT_NOFILE, &r), EINVAL);
	CHECK_ERR(setrlimit(99, &r), EINVAL);
	CHECK_ERR(getrlimit(-1, &r), EINVAL);
	CHECK_ERR(syscall(SYS_setrlimit, RLIMIT_NOFILE, 8), EFAULT);
	r = (struct rlimit){ 10, 20 };
	CHECK_EQ(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &r, &old), 0);
	CHECK(old.rlim_cur >= 10);
	CHECK_EQ(getrlimit(RLIMIT_NOFILE, &old), 0);
	CHECK(old.rlim_cur == 10 && old.rlim_max == 20);
	NEED(setresuid(4321, 4321, 4321) == 0);
	r.rlim_max = 21;
	CHECK_ERR(setrlimit(RLIMIT_NOFILE, &r), EPERM);
	CHECK_ERR(syscall(SYS_prlimit64, 1, RLIMIT_NOFILE, NULL, &old), EPERM);
	CHECK_ERR(syscall(SYS_prlimit64, 4194303, RLIMIT_NOFILE, NULL, &old),
		  ESRCH);
}

TEST(limits_go_on_through_fork_and_exec)
{
	int status;
	pid_t pid;

	limit(RLIMIT_NOFILE, 77);
	pid = fork();
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", "[ $(ulimit -n) = 77 ]", NULL);
		_exit(127);
	}
	CHECK_EQ(waitpid(pid, &status, 0), pid);
	CHECK_EQ(status, 0);
}

TAP_MAIN()
