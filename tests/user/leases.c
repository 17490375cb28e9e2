/* SPDX-License-Identifier: MIT */
/* leases.c -- F_SETLEASE: to be told before somebody else opens a file */

#include "tap.h"

#include <fcntl.h>
#include <sys/stat.h>

#ifndef F_SETLEASE
#define F_SETLEASE 1024
#define F_GETLEASE 1025
#endif
#ifndef F_SETSIG
#define F_SETSIG 10
#endif

static volatile sig_atomic_t told, told_fd;

static void on_break(int sig, siginfo_t *info, void *context)
{
	told++;
	told_fd = info->si_fd;
}

/* A file with one word in it, open for reading. */
static int begin(void)
{
	struct sigaction a = { .sa_sigaction = on_break, .sa_flags = SA_SIGINFO };
	char name[] = "/tmp/leases-XXXXXX";
	int fd;

	NEED(mkdtemp(name) != NULL && chdir(name) == 0);
	fd = open("f", O_CREAT | O_RDWR, 0666);
	NEED(fd >= 0 && write(fd, "word", 4) == 4);
	close(fd);
	NEED(sigaction(SIGIO, &a, NULL) == 0);
	NEED(sigaction(SIGRTMIN, &a, NULL) == 0);
	fd = open("f", O_RDONLY);
	NEED(fd >= 0);
	return fd;
}

/* What a child's open gives: 0 or errno.  It may wait for us. */
static pid_t opener(int flags)
{
	pid_t pid = fork();

	if (pid == 0) {
		/* Our own copies of descriptors share the parent's files. */
		int fd = open("f", flags);

		_exit(fd < 0 ? errno : 0);
	}
	return pid;
}

static int result(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Until the signal comes. */
static void wait_until_told(int times)
{
	for (int i = 0; told < times && i < 1000; i++)
		usleep(2000);
	CHECK_EQ(told, times);
}

TEST(a_read_lease_is_broken_by_a_writer_only)
{
	int fd = begin();
	pid_t pid;

	CHECK_EQ(fcntl(fd, F_GETLEASE), F_UNLCK);
	CHECK_EQ(fcntl(fd, F_SETLEASE, F_RDLCK), 0);
	CHECK_EQ(fcntl(fd, F_GETLEASE), F_RDLCK);
	CHECK_EQ(result(opener(O_RDONLY)), 0);
	CHECK_EQ(told, 0);
	CHECK_EQ(result(opener(O_WRONLY | O_NONBLOCK)), EWOULDBLOCK);
	wait_until_told(1);
	CHECK_EQ(fcntl(fd, F_GETLEASE), F_UNLCK);
	pid = opener(O_WRONLY);
	usleep(20000);
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	CHECK_EQ(fcntl(fd, F_SETLEASE, F_UNLCK), 0);
	CHECK_EQ(result(pid), 0);
	CHECK_ERR(fcntl(fd, F_SETLEASE, F_UNLCK), EAGAIN);
	CHECK_EQ(told, 1);
}

TEST(a_write_lease_becomes_a_read_lease)
{
	int fd = begin(), other;
	pid_t pid;

	CHECK_EQ(fcntl(fd, F_SETSIG, SIGRTMIN), 0);
	CHECK_EQ(fcntl(fd, F_SETLEASE, F_WRLCK), 0);
	CHECK_EQ(fcntl(fd, F_GETLEASE), F_WRLCK);
	pid = opener(O_RDONLY);
	wait_until_told(1);
	CHECK_EQ(told_fd, fd);
	CHECK_EQ(fcntl(fd, F_GETLEASE), F_RDLCK);
	CHECK_EQ(fcntl(fd, F_SETLEASE, F_RDLCK), 0);
	CHECK_EQ(result(pid), 0);
	CHECK_EQ(fcntl(fd, F_GETLEASE), F_RDLCK);
	other = open("f", O_RDONLY);
	CHECK(other >= 0);
	CHECK_EQ(fcntl(other, F_SETLEASE, F_RDLCK), 0);
	CHECK_EQ(fcntl(other, F_GETLEASE), F_RDLCK);
	CHECK_ERR(fcntl(other, F_SETLEASE, F_WRLCK), EAGAIN);
}

TEST(who_is_there_first_keeps_leases_out)
{
	int fd = begin(), writer;

	writer = open("f", O_WRONLY);
	CHECK(writer >= 0);
	CHECK_ERR(fcntl(fd, F_SETLEASE, F_RDLCK), EAGAIN);
	CHECK_ERR(fcntl(fd, F_SETLEASE, F_WRLCK), EAGAIN);
	close(writer);
	writer = open("f", O_RDONLY);
	CHECK_ERR(fcntl(fd, F_SETLEASE, F_WRLCK), EAGAIN);
	CHECK_EQ(fcntl(fd, F_SETLEASE, F_RDLCK), 0);
	close(writer);
	CHECK_EQ(fcntl(fd, F_SETLEASE, F_WRLCK), 0);
}

TEST(closing_gives_a_lease_back)
{
	int fd = begin();
	pid_t pid;

	CHECK_EQ(fcntl(fd, F_SETLEASE, F_RDLCK), 0);
	pid = fork();
	if (pid == 0) {
		close(fd);            /* the only file is still the parent's */
		_exit(truncate("f", 0) ? errno : 0);
	}
	wait_until_told(1);
	CHECK_EQ(close(fd), 0);
	CHECK_EQ(result(pid), 0);
	CHECK_EQ(result(opener(O_RDWR)), 0);
}

TEST(what_cannot_be_leased)
{
	int fd = begin(), ends[2], dir = open(".", O_RDONLY);

	CHECK_ERR(fcntl(fd, F_SETLEASE, 7), EINVAL);
	CHECK_ERR(fcntl(dir, F_SETLEASE, F_RDLCK), EINVAL);
	NEED(pipe(ends) == 0);
	CHECK_ERR(fcntl(ends[0], F_SETLEASE, F_RDLCK), EINVAL);
	CHECK_ERR(fcntl(999, F_SETLEASE, F_RDLCK), EBADF);
	CHECK_EQ(fcntl(ends[0], F_GETLEASE), F_UNLCK);
	if (geteuid() == 0) {
		NEED(setuid(1000) == 0);
		CHECK_ERR(fcntl(fd, F_SETLEASE, F_RDLCK), EACCES);
	}
}

TAP_MAIN()
