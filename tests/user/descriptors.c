/* SPDX-License-Identifier: MIT */
/* descriptors.c -- numbers for open files: dup, limits, flags (AP092) */

#include "tap.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static int temp_file(void)
{
	char name[] = "/tmp/fd.XXXXXX";
	int fd = mkstemp(name);

	NEED(fd >= 0);
	unlink(name);
	return fd;
}

TEST(dup_shares_the_position_and_not_the_flag)
{
	int fd = temp_file(), other;

	NEED(write(fd, "abcdef", 6) == 6);
	other = fcntl(fd, F_DUPFD_CLOEXEC, 10);
	CHECK(other >= 10);
	CHECK_EQ(lseek(other, 2, SEEK_SET), 2);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 2);
	CHECK_EQ(fcntl(fd, F_GETFD), 0);
	CHECK_EQ(fcntl(other, F_GETFD), FD_CLOEXEC);
	CHECK(fcntl(fd, F_SETFL, O_APPEND) == 0);
	CHECK(fcntl(other, F_GETFL) & O_APPEND);
	CHECK_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
}

TEST(dup2_replaces_and_dup3_refuses_itself)
{
	int fd = temp_file(), victim = temp_file();
	struct stat a, b;

	CHECK_EQ(dup2(fd, victim), victim);
	fstat(fd, &a);
	fstat(victim, &b);
	CHECK(a.st_ino == b.st_ino);
	CHECK_EQ(dup2(fd, fd), fd);
	CHECK_ERR(dup2(999, victim), EBADF);
	CHECK(fcntl(victim, F_GETFD) >= 0);
	CHECK_ERR(dup3(fd, fd, 0), EINVAL);
	CHECK_ERR(syscall(SYS_dup3, fd, victim, O_APPEND), EINVAL);
	CHECK_ERR(dup2(fd, 1 << 30), EBADF);
	CHECK_ERR(dup2(fd, -1), EBADF);
	CHECK_ERR(fcntl(fd, F_DUPFD, -1), EINVAL);
}

TEST(the_lowest_free_number_is_next)
{
	int a = dup(0), b = dup(0), c = dup(0);

	CHECK(a < b && b < c);
	close(a);
	close(b);
	CHECK_EQ(dup(0), a);
	CHECK_EQ(fcntl(0, F_DUPFD, c), c + 1);
	CHECK_EQ(dup(0), b);
}

TEST(the_table_grows_to_the_limit_and_not_beyond)
{
	struct rlimit lim = { 200, 200 };
	int fd, last = 0, opened = 0;

	NEED(setrlimit(RLIMIT_NOFILE, &lim) == 0);
	while ((fd = dup(0)) >= 0) {
		last = fd;
		opened++;
	}
	CHECK_EQ(errno, EMFILE);
	CHECK_EQ(last, 199);
	CHECK(opened > 180);
	CHECK_ERR(open("/", O_RDONLY), EMFILE);
	CHECK_ERR(dup2(0, 200), EBADF);
	close(100);
	CHECK_EQ(dup(0), 100);
}

TEST(close_range_closes_a_range)
{
	int i;

	for (i = 10; i < 80; i++)
		NEED(dup2(0, i) == i);
	CHECK(syscall(SYS_close_range, 20, 69, 0) == 0);
	CHECK(fcntl(19, F_GETFD) == 0 && fcntl(70, F_GETFD) == 0);
	CHECK_ERR(fcntl(20, F_GETFD), EBADF);
	CHECK_ERR(fcntl(69, F_GETFD), EBADF);
	CHECK(syscall(SYS_close_range, 70, ~0u, 4) == 0); /* CLOEXEC */
	CHECK_EQ(fcntl(79, F_GETFD), FD_CLOEXEC);
	CHECK_ERR(syscall(SYS_close_range, 5, 4, 0), EINVAL);
}

TEST(fork_shares_the_position_and_copies_the_table)
{
	int fd = temp_file(), status;
	pid_t pid = fork();

	if (pid == 0) {
		if (write(fd, "1234", 4) != 4)
			_exit(1);
		close(fd);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 4);
}

TEST(an_unlinked_file_lives_while_it_is_open)
{
	int fd = temp_file(), again;
	struct stat st;
	char path[64], text[64], buf[4];

	NEED(write(fd, "live", 4) == 4);
	CHECK(fstat(fd, &st) == 0 && st.st_nlink == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY);
	CHECK(again >= 0 && read(again, buf, 4) == 4 && !memcmp(buf, "live", 4));
	CHECK(readlink(path, text, sizeof(text)) > 10);
}

TEST(access_modes_are_kept)
{
	char byte;
	int r = open("/dev/null", O_RDONLY), w = open("/dev/null", O_WRONLY);

	CHECK_ERR(write(r, "x", 1), EBADF);
	CHECK_ERR(read(w, &byte, 1), EBADF);
	CHECK_ERR(read(999, &byte, 1), EBADF);
	r = open("/", O_RDONLY);
	CHECK_ERR(read(r, &byte, 1), EISDIR);
	CHECK_ERR(write(r, "x", 1), EBADF);
	CHECK_ERR(ftruncate(r, 0), EINVAL);
}

TEST(positions_and_their_errors)
{
	int fd = temp_file(), p[2];
	char buf[8];

	NEED(write(fd, "0123456789", 10) == 10);
	CHECK_EQ(lseek(fd, -3, SEEK_END), 7);
	CHECK_EQ(lseek(fd, 100, SEEK_CUR), 107);
	CHECK_EQ(read(fd, buf, 8), 0);
	CHECK_ERR(lseek(fd, -1, SEEK_SET), EINVAL);
	CHECK_ERR(lseek(fd, 0, 99), EINVAL);
	CHECK_EQ(pread(fd, buf, 3, 4), 3);
	CHECK(!memcmp(buf, "456", 3));
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 107);
	CHECK_EQ(pwrite(fd, "X", 1, 0), 1);
	CHECK_ERR(pread(fd, buf, 1, -1), EINVAL);
	NEED(pipe(p) == 0);
	CHECK_ERR(lseek(p[0], 0, SEEK_CUR), ESPIPE);
	CHECK_ERR(pread(p[0], buf, 1, 0), ESPIPE);
}

TEST(appends_of_two_writers_do_not_collide)
{
	char name[] = "/tmp/app.XXXXXX";
	int fd = mkstemp(name), i, a, status;
	struct stat st;
	pid_t pid;

	NEED(fd >= 0);
	pid = fork();
	a = open(name, O_WRONLY | O_APPEND);
	for (i = 0; i < 1000; i++)
		if (write(a, "0123456789", 10) != 10)
			tap_failed = 1;
	if (pid == 0)
		_exit(tap_failed);
	waitpid(pid, &status, 0);
	CHECK_EQ(status, 0);
	CHECK(fstat(fd, &st) == 0);
	CHECK_EQ(st.st_size, 20000);
	unlink(name);
}

TEST(ioctls_that_every_file_knows)
{
	int fd = temp_file(), on = 1, n = -1, p[2];

	CHECK(ioctl(fd, FIOCLEX) == 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	CHECK(ioctl(fd, FIONCLEX) == 0 && fcntl(fd, F_GETFD) == 0);
	NEED(pipe(p) == 0 && write(p[1], "abc", 3) == 3);
	CHECK(ioctl(p[0], FIONREAD, &n) == 0 && n == 3);
	CHECK(ioctl(p[0], FIONBIO, &on) == 0);
	CHECK(fcntl(p[0], F_GETFL) & O_NONBLOCK);
	CHECK_ERR(ioctl(fd, 0x1234), ENOTTY);
	CHECK_ERR(ioctl(999, FIONREAD, &n), EBADF);
}

TEST(the_size_limit_is_a_signal_and_an_error)
{
	struct rlimit lim = { 4096, 4096 };
	int fd = temp_file();
	char buf[4000] = "";

	signal(SIGXFSZ, SIG_IGN);
	NEED(setrlimit(RLIMIT_FSIZE, &lim) == 0);
	CHECK_EQ(write(fd, buf, 4000), 4000);
	CHECK_EQ(write(fd, buf, 4000), 96);
	CHECK_ERR(write(fd, buf, 1), EFBIG);
	CHECK_ERR(ftruncate(fd, 5000), EFBIG);
}

TEST(eventfd_counts)
{
	int fd = syscall(SYS_eventfd2, 0, O_NONBLOCK);
	unsigned long long v = 3, big = -2ull;

	NEED(fd >= 0);
	CHECK_ERR(read(fd, &v, 8), EAGAIN);
	v = 3;
	CHECK_EQ(write(fd, &v, 8), 8);
	v = 4;
	CHECK_EQ(write(fd, &v, 8), 8);
	CHECK_EQ(read(fd, &v, 8), 8);
	CHECK_EQ(v, 7);
	CHECK_ERR(read(fd, &v, 8), EAGAIN);
	CHECK_EQ(write(fd, &big, 8), 8);
	v = 1;
	CHECK_ERR(write(fd, &v, 8), EAGAIN);
	CHECK_ERR(read(fd, &v, 4), EINVAL);
	fd = syscall(SYS_eventfd2, 2, O_NONBLOCK | 1);
	CHECK(read(fd, &v, 8) == 8 && v == 1);
	CHECK(read(fd, &v, 8) == 8 && v == 1);
	CHECK_ERR(read(fd, &v, 8), EAGAIN);
}

TEST(sendfile_and_copy_file_range_copy)
{
	int in = temp_file(), out = temp_file();
	char buf[32] = "";
	long off = 2;

	NEED(write(in, "abcdefgh", 8) == 8);
	CHECK_EQ(syscall(SYS_sendfile, out, in, &off, 3), 3);
	CHECK_EQ(off, 5);
	CHECK_EQ(lseek(in, 0, SEEK_SET), 0);
	CHECK_EQ(syscall(SYS_copy_file_range, in, NULL, out, NULL, 100, 0), 8);
	CHECK_EQ(pread(out, buf, sizeof(buf), 0), 11);
	CHECK(!strcmp(buf, "cdeabcdefgh"));
	CHECK_ERR(syscall(SYS_sendfile, out, 999, NULL, 1), EBADF);
}

static long sysctl_file(const char *name, long set)
{
	FILE *f = fopen(name, set ? "w" : "r");
	long n = -1;

	if (!f)
		return -1;
	if (set)
		fprintf(f, "%ld\n", set);
	else if (fscanf(f, "%ld", &n) != 1)
		n = -1;
	fclose(f);
	return n;
}

/* AP092: the whole system has a limit, too; administrators are above it. */
TEST(the_systems_limit_is_enfile)
{
	const char *max_file = "/proc/sys/fs/file-max";
	long max = sysctl_file(max_file, 0), now;
	int i, fd, status = 0;

	now = sysctl_file("/proc/sys/fs/file-nr", 0);
	if (geteuid() || max < 0 || now < 0)
		SKIP("needs to be root");
	sysctl_file(max_file, now + 40);
	if (fork() == 0) {
		NEED(setuid(1000) == 0);
		for (i = 0; i < 1000; i++) {
			fd = open("/dev/null", O_RDONLY);
			if (fd < 0)
				break;
		}
		_exit(fd < 0 && errno == ENFILE ? 0 : 1);
	}
	wait(&status);
	for (i = 0; i < 100; i++)
		NEED(open("/dev/null", O_RDONLY) >= 0);
	sysctl_file(max_file, max);
	CHECK_EQ(status, 0);
}

TAP_MAIN()
