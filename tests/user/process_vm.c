/* SPDX-License-Identifier: MIT */
/* process_vm.c -- another process's memory, and what two share */

#define _GNU_SOURCE
#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

enum { K_FILE, K_VM, K_FILES, K_FS, K_SIGHAND, K_IO };

#define PAGES 40
#define SIZE (PAGES * 4096)

/* A child that waits to be killed; its memory is a copy of ours. */
static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (!pid) {
		/* Whoever cannot kill it any more is not waited for either. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(5);
		close(1);
		close(2);
		for (;;)
			pause();
	}
	NEED(pid > 0);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static char *area(void)
{
	char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	NEED(p != MAP_FAILED);
	return p;
}

TEST(bytes_go_both_ways_across_pages_and_segments)
{
	char *p = area(), *q = area();
	struct iovec mine[2] = { { q, 5000 }, { q + 5000, SIZE - 5000 } };
	struct iovec its[3] = { { p + 1, 1 }, { p + 2, 100000 },
				{ p + 100002, SIZE - 100002 } };
	pid_t pid;
	int i;

	for (i = 0; i < SIZE; i++)
		p[i] = i * 7 + i / 4096;
	pid = sleeper();
	memset(p, 0, SIZE);           /* ours; the child's stays */
	CHECK_EQ(process_vm_readv(pid, mine, 2, its, 3, 0), SIZE - 1);
	for (i = 0; i < SIZE - 1 && q[i] == (char)((i + 1) * 7 + (i + 1) / 4096);)
		i++;
	CHECK_EQ(i, SIZE - 1);
	memset(q, 'w', SIZE);
	CHECK_EQ(process_vm_writev(pid, mine, 2, its, 3, 0), SIZE - 1);
	CHECK_EQ(p[1], 0);            /* ours is another page */
	memset(q, 0, SIZE);
	CHECK_EQ(process_vm_readv(pid, mine, 2, its, 3, 0), SIZE - 1);
	for (i = 0; i < SIZE - 1 && q[i] == 'w';)
		i++;
	CHECK_EQ(i, SIZE - 1);
	end(pid);
}

TEST(a_hole_ends_a_transfer_where_it_is)
{
	char *p = area(), *q = area();
	struct iovec mine = { q, SIZE }, its = { p, SIZE };
	pid_t pid;

	memset(p, 'h', SIZE);
	munmap(p + 20 * 4096, 4096);
	mprotect(p + 30 * 4096, 4096, PROT_READ);
	pid = sleeper();
	CHECK_EQ(process_vm_readv(pid, &mine, 1, &its, 1, 0), 20 * 4096);
	its.iov_base = p + 20 * 4096;
	CHECK_ERR(process_vm_readv(pid, &mine, 1, &its, 1, 0), EFAULT);
	its.iov_base = p + 21 * 4096;
	its.iov_len = 19 * 4096;
	CHECK_EQ(process_vm_writev(pid, &mine, 1, &its, 1, 0), 9 * 4096);
	CHECK_EQ(process_vm_readv(pid, &mine, 1, &its, 1, 0), 19 * 4096);
	mine.iov_base = (void *)8;
	CHECK_ERR(process_vm_readv(pid, &mine, 1, &its, 1, 0), EFAULT);
	end(pid);
}

TEST(wild_arguments_are_refused)
{
	char buf[8];
	struct iovec v = { buf, 8 }, bad = { buf, -1 };
	pid_t pid;

	CHECK_EQ(process_vm_readv(getpid(), &v, 1, &v, 1, 0), 8);
	CHECK_ERR(process_vm_readv(getpid(), &v, 1, &v, 1, 1), EINVAL);
	CHECK_ERR(process_vm_readv(getpid(), &v, 1, &bad, 1, 0), EINVAL);
	CHECK_ERR(process_vm_readv(getpid(), &bad, 1, &v, 1, 0), EINVAL);
	CHECK_ERR(process_vm_readv(getpid(), &v, 1, &v, 1025, 0), EINVAL);
	CHECK_ERR(process_vm_readv(getpid(), &v, 1, (void *)8, 1, 0), EFAULT);
	CHECK_ERR(process_vm_readv(0x3fffff, &v, 1, &v, 1, 0), ESRCH);
	CHECK_EQ(process_vm_readv(getpid(), &v, 0, &v, 1, 0), 0);
	CHECK_EQ(process_vm_readv(getpid(), &v, 1, &v, 0, 0), 0);
	if (getuid())
		SKIP("not root");
	pid = sleeper();
	NEED(!setresuid(65534, 65534, 65534));
	CHECK_ERR(process_vm_readv(pid, &v, 1, &v, 1, 0), EPERM);
	CHECK_ERR(syscall(SYS_kcmp, getpid(), pid, K_VM, 0, 0), EPERM);
}

static long kcmp(pid_t a, pid_t b, int type, long x, long y)
{
	return syscall(SYS_kcmp, a, b, type, x, y);
}

TEST(kcmp_knows_what_is_shared)
{
	int fd = open("/", O_RDONLY), same = dup(fd), other = open("/", O_RDONLY);
	pid_t me = getpid(), pid = sleeper();

	if (kcmp(me, me, K_VM, 0, 0) && errno == ENOSYS)
		SKIP("a kernel without kcmp");
	CHECK_EQ(kcmp(me, me, K_VM, 0, 0), 0);
	CHECK_EQ(kcmp(me, me, K_FILE, fd, same), 0);
	CHECK_EQ(kcmp(me, pid, K_FILE, fd, same), 0);
	CHECK(kcmp(me, me, K_FILE, fd, other) > 0);
	CHECK_EQ(kcmp(me, me, K_FILE, fd, other) +
		 kcmp(me, me, K_FILE, other, fd), 3);
	for (int type = K_VM; type <= K_SIGHAND; type++) {
		CHECK(kcmp(me, pid, type, 0, 0) > 0);
		CHECK_EQ(kcmp(me, pid, type, 0, 0) + kcmp(pid, me, type, 0, 0),
			 3);
	}
	NEED(syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 3) == 0);
	CHECK(kcmp(me, pid, K_IO, 0, 0) > 0);
	CHECK_EQ(kcmp(me, me, K_IO, 0, 0), 0);
	CHECK_ERR(kcmp(me, pid, K_FILE, fd, 999), EBADF);
	CHECK_ERR(kcmp(me, pid, 99, 0, 0), EINVAL);
	CHECK_ERR(kcmp(me, 0x3fffff, K_VM, 0, 0), ESRCH);
	end(pid);
}

#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif
#ifndef SYS_process_mrelease
#define SYS_process_mrelease 448
#endif
#define A_COLD 20
#define A_PAGEOUT 21

TEST(process_madvise_takes_advice_that_keeps_contents)
{
	char *m = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec v[2] = { { m, SIZE / 2 }, { m + SIZE / 2, SIZE / 2 } };
	struct iovec hole = { (void *)4096, 4096 };
	pid_t pid;
	int fd;

	NEED(m != MAP_FAILED);
	memset(m, 7, SIZE);
	pid = sleeper();
	fd = syscall(SYS_pidfd_open, pid, 0);
	NEED(fd >= 0);
	CHECK_EQ(syscall(SYS_process_madvise, fd, v, 2, A_COLD, 0), SIZE);
	CHECK_EQ(syscall(SYS_process_madvise, fd, v, 1, A_PAGEOUT, 0), SIZE / 2);
	CHECK_ERR(syscall(SYS_process_madvise, fd, v, 1, MADV_DONTNEED, 0),
		  EINVAL);
	CHECK_ERR(syscall(SYS_process_madvise, fd, v, 1, A_COLD, 1), EINVAL);
	CHECK_ERR(syscall(SYS_process_madvise, fd, v, 5000, A_COLD, 0), EINVAL);
	CHECK_ERR(syscall(SYS_process_madvise, fd, 8, 1, A_COLD, 0), EFAULT);
	CHECK_ERR(syscall(SYS_process_madvise, fd, &hole, 1, A_COLD, 0), ENOMEM);
	CHECK_ERR(syscall(SYS_process_madvise, -1, v, 1, A_COLD, 0), EBADF);
	CHECK(m[0] == 7 && m[SIZE - 1] == 7);
	end(pid);
	CHECK_ERR(syscall(SYS_process_madvise, fd, v, 1, A_COLD, 0), ESRCH);
	close(fd);
}

TEST(process_mrelease_is_for_the_dying_only)
{
	pid_t pid = sleeper();
	int fd = syscall(SYS_pidfd_open, pid, 0);
	long n;

	NEED(fd >= 0);
	CHECK_ERR(syscall(SYS_process_mrelease, fd, 0), EINVAL);
	CHECK_ERR(syscall(SYS_process_mrelease, fd, 1), EINVAL);
	CHECK_ERR(syscall(SYS_process_mrelease, -1, 0), EBADF);
	kill(pid, SIGKILL);
	n = syscall(SYS_process_mrelease, fd, 0);
	CHECK(n == 0 || errno == ESRCH);        /* it may be through already */
	waitpid(pid, NULL, 0);
	CHECK_ERR(syscall(SYS_process_mrelease, fd, 0), ESRCH);
	close(fd);
}

TAP_MAIN()
