/* SPDX-License-Identifier: MIT */
/* record_locks.c -- flock, fcntl and open-file-description locks */

#include "tap.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>

static char name[64];

static int own_file(void)
{
	int fd;

	snprintf(name, sizeof(name), "/tmp/lock.%d", getpid());
	fd = open(name, O_CREAT | O_RDWR, 0600);
	NEED(fd >= 0);
	return fd;
}

static int lock(int fd, int cmd, short type, long start, long len)
{
	struct flock fl = { .l_type = type, .l_whence = SEEK_SET,
			    .l_start = start, .l_len = len };

	return fcntl(fd, cmd, &fl);
}

/* What a child sees there: the type of the lock in its way. */
static int seen_by_child(long start, long len)
{
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET,
			    .l_start = start, .l_len = len };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int fd = open(name, O_RDWR);

		if (fcntl(fd, F_GETLK, &fl))
			_exit(99);
		if (fl.l_type != F_UNLCK && fl.l_pid != getppid())
			_exit(98);
		_exit(fl.l_type);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

TEST(ranges_are_cut_and_joined)
{
	int fd = own_file();

	CHECK(lock(fd, F_SETLK, F_RDLCK, 0, 100) == 0);
	CHECK(lock(fd, F_SETLK, F_WRLCK, 40, 20) == 0);
	CHECK_EQ(seen_by_child(0, 40), F_RDLCK);
	CHECK_EQ(seen_by_child(40, 20), F_WRLCK);
	CHECK_EQ(seen_by_child(60, 40), F_RDLCK);
	CHECK_EQ(seen_by_child(100, 1), F_UNLCK);
	CHECK(lock(fd, F_SETLK, F_UNLCK, 45, 5) == 0);
	CHECK_EQ(seen_by_child(45, 5), F_UNLCK);
	CHECK_EQ(seen_by_child(44, 1), F_WRLCK);
	CHECK(lock(fd, F_SETLK, F_UNLCK, 0, 0) == 0);
	CHECK_EQ(seen_by_child(0, 0), F_UNLCK);
	unlink(name);
}

TEST(getlk_tells_the_first_in_the_file)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = own_file(), status;

	NEED(lock(fd, F_SETLK, F_WRLCK, 20, 5) == 0);
	NEED(lock(fd, F_SETLK, F_RDLCK, 1, 5) == 0);
	NEED(lock(fd, F_SETLK, F_WRLCK, 10, 5) == 0);
	if (fork() == 0)
		_exit(fcntl(fd, F_GETLK, &l) || l.l_type != F_RDLCK ||
		      l.l_start != 1);
	CHECK(wait(&status) > 0 && status == 0);
}

TEST(any_close_drops_the_processs_locks)
{
	int fd = own_file(), other = open(name, O_RDONLY);

	CHECK(lock(fd, F_SETLK, F_WRLCK, 0, 0) == 0);
	CHECK_EQ(seen_by_child(5, 1), F_WRLCK);
	close(other);
	CHECK_EQ(seen_by_child(5, 1), F_UNLCK);
	unlink(name);
}

TEST(a_lock_in_the_way_is_eagain_or_a_wait)
{
	int fd = own_file(), p[2], status;
	char c;
	pid_t pid;

	NEED(pipe(p) == 0);
	CHECK(lock(fd, F_SETLK, F_WRLCK, 0, 10) == 0);
	pid = fork();
	if (pid == 0) {
		fd = open(name, O_RDWR);
		if (lock(fd, F_SETLK, F_WRLCK, 5, 1) != -1 || errno != EAGAIN)
			_exit(1);
		if (write(p[1], "r", 1) != 1)
			_exit(2);
		_exit(lock(fd, F_SETLKW, F_WRLCK, 5, 1) ? 3 : 0);
	}
	CHECK(read(p[0], &c, 1) == 1);
	usleep(20000);
	CHECK_EQ(waitpid(pid, &status, WNOHANG), 0);
	CHECK(lock(fd, F_SETLK, F_UNLCK, 0, 0) == 0);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	unlink(name);
}

static void on_alarm(int sig)
{
}

TEST(a_signal_ends_the_wait)
{
	struct sigaction sa = { .sa_handler = on_alarm };
	int fd = own_file();
	pid_t pid;
	int status;

	CHECK(lock(fd, F_SETLK, F_WRLCK, 0, 0) == 0);
	pid = fork();
	if (pid == 0) {
		sigaction(SIGALRM, &sa, NULL);
		ualarm(30000, 0);
		_exit(lock(fd, F_SETLKW, F_WRLCK, 0, 0) == -1 &&
		      errno == EINTR ? 0 : 1);
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	unlink(name);
}

TEST(two_that_wait_for_each_other_are_edeadlk)
{
	int fd = own_file(), p[2], status, res;
	char c;
	pid_t pid;

	NEED(pipe(p) == 0);
	CHECK(lock(fd, F_SETLK, F_WRLCK, 0, 1) == 0);
	pid = fork();
	if (pid == 0) {
		if (lock(fd, F_SETLK, F_WRLCK, 1, 1))
			_exit(1);
		if (write(p[1], "r", 1) != 1)
			_exit(2);
		_exit(lock(fd, F_SETLKW, F_WRLCK, 0, 1) ? 3 : 0);
	}
	CHECK(read(p[0], &c, 1) == 1);
	usleep(50000);
	res = lock(fd, F_SETLKW, F_WRLCK, 1, 1);
	CHECK(res == -1 && errno == EDEADLK);
	lock(fd, F_SETLK, F_UNLCK, 0, 0);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	unlink(name);
}

TEST(flock_belongs_to_the_open_file)
{
	int fd = own_file(), other = open(name, O_RDWR), copy = dup(fd);

	CHECK(flock(fd, LOCK_EX) == 0);
	CHECK_ERR(flock(other, LOCK_SH | LOCK_NB), EAGAIN);
	CHECK(flock(copy, LOCK_EX | LOCK_NB) == 0);
	close(fd);
	CHECK_ERR(flock(other, LOCK_SH | LOCK_NB), EAGAIN);
	close(copy);
	CHECK(flock(other, LOCK_SH | LOCK_NB) == 0);
	fd = open(name, O_RDWR);
	CHECK(flock(fd, LOCK_SH | LOCK_NB) == 0);
	CHECK_ERR(flock(fd, LOCK_EX | LOCK_NB), EAGAIN);
	CHECK_ERR(flock(fd, 77), EINVAL);
	unlink(name);
}

TEST(ofd_locks_belong_to_the_open_file_too)
{
	int fd = own_file(), other = open(name, O_RDWR);

	CHECK(lock(fd, F_OFD_SETLK, F_WRLCK, 0, 10) == 0);
	CHECK(lock(other, F_OFD_SETLK, F_WRLCK, 5, 10) == -1 && errno == EAGAIN);
	close(open(name, O_RDONLY));
	CHECK(lock(other, F_OFD_SETLK, F_WRLCK, 5, 10) == -1);
	close(fd);
	CHECK(lock(other, F_OFD_SETLK, F_WRLCK, 5, 10) == 0);
	unlink(name);
}

TAP_MAIN()
